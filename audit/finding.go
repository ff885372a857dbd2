package audit

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
)

// Status is where the work on a finding stands (整改状态).
type Status string

// The statuses.
const (
	Open      Status = "open"      // 未处理
	Explained Status = "explained" // 已说明, the audited side explained it
	Remedied  Status = "remedied"  // 已整改
	Accepted  Status = "accepted"  // 已认可, the auditor accepts it as it is
	Refuted   Status = "refuted"   // 已排除, it is none
)

var statusNames = map[Status]Text{
	Open: {ZH: "未处理", EN: "open"}, Explained: {ZH: "已说明", EN: "explained"}, Remedied: {ZH: "已整改", EN: "remedied"},
	Accepted: {ZH: "已认可", EN: "accepted"}, Refuted: {ZH: "已排除", EN: "refuted"},
}

// Name returns the status's name.
func (s Status) Name() Text { return statusNames[s] }

// Response is what was answered to a finding.
type Response struct {
	By   string    `json:"by"`
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// Subject names one thing that a finding is about: {"account", "1002"}.
type Subject struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Evidence refers to one record (审计证据).
type Evidence struct {
	Kind      string          `json:"kind"` // "entry" for an entry of a book; else what the source calls it
	Book      BookRef         `json:"book"`
	Seq       ledger.Seq      `json:"seq,omitempty"`
	Ordinals  []int64         `json:"ordinals,omitempty"` // lines, by their ordinals in the book
	Voucher   string          `json:"voucher,omitempty"`  // period, type and number
	Effective calendar.Date   `json:"effective,omitzero"`
	Reference string          `json:"reference,omitempty"` // of a record outside the books: its id; of an entry: its key
	Source    string          `json:"source,omitempty"`    // kind and id of what the record comes from
	Hash      string          `json:"hash,omitempty"`      // leaf of the entry, or SHA-256 of the record, in hexadecimal
	Amounts   []Sum           `json:"amounts,omitempty"`
	Period    calendar.Period `json:"period,omitzero"`
}

// mostOrdinals bounds how many lines one Evidence names.
const mostOrdinals = 100

// EntryEvidence refers to an entry and to some of its lines, given by their places in it from 0. Of very many lines the first hundred are named.
func EntryEvidence(e *Entry, lines ...int) Evidence {
	ev := Evidence{
		Kind: "entry", Book: BookRef(e.Book), Seq: e.Seq, Voucher: VoucherText(&e.Entry), Effective: e.Effective, Period: e.Period, Reference: e.Key,
	}
	if e.Source.Kind != "" || e.Source.ID != "" {
		ev.Source = strings.TrimSpace(e.Source.Kind + " " + e.Source.ID)
	}
	if e.Leaf != [32]byte{} {
		ev.Hash = hex.EncodeToString(e.Leaf[:])
	}
	for _, i := range lines[:min(len(lines), mostOrdinals)] {
		ev.Ordinals = append(ev.Ordinals, e.FirstOrdinal+int64(i))
	}
	return ev
}

// Finding is one hit of a rule (审计发现). A rule fills in what it knows; Task.Report fills in rule, version, kind, id and status.
type Finding struct {
	ID       string          `json:"id"` // rule and a hash of rule, book, period and subjects: the same finding of another run has the same id
	Rule     string          `json:"rule"`
	Version  int             `json:"version"`
	Kind     Kind            `json:"kind"`
	Severity Severity        `json:"severity"` // that of the rule if zero
	Book     BookRef         `json:"book"`
	Period   calendar.Period `json:"period,omitzero"`
	Subjects []Subject       `json:"subjects"`
	AtRisk   Sum             `json:"at_risk"` // amount at risk (涉及金额), never negative; zero where none can be named
	Text     Text            `json:"text"`    // what is wrong, with the arithmetic
	Evidence []Evidence      `json:"evidence"`
	Status   Status          `json:"status"`
	Response *Response       `json:"response,omitempty"`
}

// Name writes the subjects in one line: account 1002, voucher general 17.
func (f *Finding) Name() string {
	parts := make([]string, len(f.Subjects))
	for i, s := range f.Subjects {
		parts[i] = s.Name + " " + s.Value
	}
	return strings.Join(parts, ", ")
}

// identity is what a finding of another run must share to be the same one.
func (f *Finding) identity() string {
	encoded, err := json.Marshal([]any{f.Rule, f.Book, f.Period, f.Subjects})
	if err != nil {
		panic(err) // texts and numbers always encode
	}
	hash := sha256.Sum256(encoded)
	return f.Rule + "-" + hex.EncodeToString(hash[:6])
}

// content is what a finding says, apart from what was answered to it.
func (f *Finding) content() string {
	bare := *f
	bare.Status, bare.Response = "", nil
	encoded, err := json.Marshal(&bare)
	if err != nil {
		panic(err) // texts and numbers always encode
	}
	return string(encoded)
}

// sortFindings orders findings by the place of their rules, book, period and subjects.
func sortFindings(findings []Finding, place map[string]int) {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(place[a.Rule], place[b.Rule]), cmp.Compare(a.Book.Realm, b.Book.Realm), cmp.Compare(a.Book.Number, b.Book.Number),
			cmp.Compare(a.Period, b.Period), cmp.Compare(firstSeq(&a), firstSeq(&b)), cmp.Compare(a.Name(), b.Name()))
	})
}

func firstSeq(f *Finding) ledger.Seq {
	if len(f.Evidence) == 0 {
		return 0
	}
	return f.Evidence[0].Seq
}
