package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/seal"
)

// OutcomeStatus says what became of a rule in a run.
type OutcomeStatus string

// The statuses.
const (
	Ran        OutcomeStatus = "ran"        // it saw everything
	Incomplete OutcomeStatus = "incomplete" // it ran, but some records could not be read
	NotRun     OutcomeStatus = "not_run"    // a source that it needs was not given
	Failed     OutcomeStatus = "failed"     // an error ended it
)

// Count is how many of something a rule looked at.
type Count struct {
	What Text  `json:"what"`
	N    int64 `json:"n"`
}

// Setting is a parameter of a rule with the value it had in the run.
type Setting struct {
	Name    string `json:"name"`
	Title   Text   `json:"title"`
	Unit    Text   `json:"unit"`
	Value   int64  `json:"value"`
	Default int64  `json:"default"`
	Source  string `json:"source"`
}

// Outcome is what became of one rule, with the description it had in the run, so that a run can be read without the program that made it.
type Outcome struct {
	Rule     string        `json:"rule"`
	Version  int           `json:"version"`
	Title    Text          `json:"title"`
	Why      Text          `json:"why"`
	How      Text          `json:"how"`
	Do       Text          `json:"do"`
	Kind     Kind          `json:"kind"`
	Severity Severity      `json:"severity"`
	Basis    []string      `json:"basis"`
	Settings []Setting     `json:"settings"`
	Status   OutcomeStatus `json:"status"`
	Missing  []Text        `json:"missing"`  // sources that it needs and that were not given
	Without  []Text        `json:"without"`  // sources that it would have used
	Failure  string        `json:"failure"`  // the error that ended it
	Examined []Count       `json:"examined"` // what it looked at
	Found    int64         `json:"found"`    // all findings
	Kept     int           `json:"kept"`     // those that the run lists
	AtRisk   []Sum         `json:"at_risk"`  // of all findings, by currency
	Notes    []Text        `json:"notes"`
}

// Clean reports whether the rule saw everything and found nothing.
func (o *Outcome) Clean() bool { return o.Status == Ran && o.Found == 0 }

// addRisk adds to the amounts at risk. A currency whose sum would leave the range of an amount stays at the highest one.
func (o *Outcome) addRisk(sum Sum) {
	if sum.Amount == 0 {
		return
	}
	for i := range o.AtRisk {
		if o.AtRisk[i].Currency == sum.Currency {
			total, err := o.AtRisk[i].Amount.Add(sum.Amount)
			if err != nil {
				total = maxAmount
			}
			o.AtRisk[i].Amount = total
			return
		}
	}
	o.AtRisk = append(o.AtRisk, sum)
}

// BookPoint is a book at the checkpoint of a run.
type BookPoint struct {
	Book     BookRef    `json:"book"`
	Code     string     `json:"code"`
	Name     string     `json:"name"`
	Currency string     `json:"currency"`
	Seq      ledger.Seq `json:"seq"`
	Root     string     `json:"root"`           // Merkle root over its entries at Seq, as the book states it, in hexadecimal; empty where an earlier Seq was asked for without one
	Read     string     `json:"read"`           // the same root from the entries as they were read; empty if no rule read them
	Entries  int64      `json:"entries"`        // entries that were read
	Agrees   bool       `json:"agrees"`         // Root and Read are equal, or one of them is not known
	Closed   string     `json:"closed_through"` // last closed period, or empty
}

// SourceUse is a source of a run.
type SourceUse struct {
	Name     string `json:"name"`
	Title    Text   `json:"title"`
	Identity string `json:"identity,omitempty"` // version or hash that the source gave
}

// Run is one execution of an audit (审计运行记录) with everything needed to repeat and to judge it.
type Run struct {
	Format     string       `json:"format"`
	By         string       `json:"by"`
	At         time.Time    `json:"at"` // UTC, whole seconds
	Title      string       `json:"title"`
	Scope      Scope        `json:"scope"`
	Seed       uint64       `json:"seed"`
	Sources    []SourceUse  `json:"sources"`
	Checkpoint []BookPoint  `json:"checkpoint"`
	Unreadable []Unreadable `json:"unreadable"`
	Outcomes   []Outcome    `json:"outcomes"`
	Findings   []Finding    `json:"findings"`
	Result     string       `json:"result"` // see Hash
}

// runFormat names the form of a run.
const runFormat = "fundledger audit run 1"

// Hash returns the SHA-256, in hexadecimal, of the JSON of the run without By, At, Title and Result and without what was answered to findings: of what was
// examined, how, and what was found. Two runs of the same rules, settings, scope and seed over the same checkpoint have the same Hash.
func (r *Run) Hash() string {
	bare := *r
	bare.By, bare.At, bare.Title, bare.Result = "", time.Time{}, "", ""
	bare.Findings = make([]Finding, len(r.Findings))
	for i, f := range r.Findings {
		f.Status, f.Response = Open, nil
		bare.Findings[i] = f
	}
	encoded, err := json.Marshal(&bare)
	if err != nil {
		panic(err) // texts, numbers and times always encode
	}
	hash := sha256.Sum256(encoded)
	return hex.EncodeToString(hash[:])
}

// Finding returns a finding by its id, or nil.
func (r *Run) Finding(id string) *Finding {
	for i := range r.Findings {
		if r.Findings[i].ID == id {
			return &r.Findings[i]
		}
	}
	return nil
}

// Respond records an answer to a finding. It returns ErrFindingUnknown, or ErrResponseInvalid when author, time or text is missing or the status unknown.
func (r *Run) Respond(id string, status Status, response Response) error {
	f := r.Finding(id)
	if f == nil {
		return &Error{Code: ErrFindingUnknown, Subject: "finding " + id, Detail: "not in this run", Hint: "take the id from Run.Findings"}
	}
	if response.By == "" || response.At.IsZero() || strings.TrimSpace(response.Text) == "" {
		return &Error{Code: ErrResponseInvalid, Subject: "finding " + id, Detail: "author, time or text is missing", Hint: "say who answers, when and what"}
	}
	if _, ok := statusNames[status]; !ok {
		return &Error{Code: ErrResponseInvalid, Subject: "finding " + id, Detail: "status " + string(status), Hint: "use one of the Status constants"}
	}
	f.Status, f.Response = status, &response
	return nil
}

// CarryOver takes over what an earlier run answered to findings that have not changed since, and returns how many. A finding whose text, amount or evidence
// is another one stays open.
func (r *Run) CarryOver(earlier *Run) int {
	n := 0
	for i := range r.Findings {
		f := &r.Findings[i]
		before := earlier.Finding(f.ID)
		if before != nil && f.Response == nil && before.Response != nil && before.content() == f.content() {
			answer := *before.Response
			f.Status, f.Response = before.Status, &answer
			n++
		}
	}
	return n
}

// frontierRoot is the root of a tree in hexadecimal.
func frontierRoot(f *seal.Frontier) string {
	root := f.Root()
	return hex.EncodeToString(root[:])
}
