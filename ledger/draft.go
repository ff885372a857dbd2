package ledger

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
)

// Side is the side of a line: debit (借) or credit (贷).
type Side int16

// The sides. Their values add up: the balance of an account on its debit side is the sum of side × amount.
const (
	Debit  Side = Side(seal.SideDebit)
	Credit Side = Side(seal.SideCredit)
)

// String writes debit or credit.
func (s Side) String() string {
	switch s {
	case Debit:
		return "debit"
	case Credit:
		return "credit"
	}
	return fmt.Sprintf("side(%d)", int16(s))
}

// Kinds that the ledger knows. A host may use any other lower-case name that does not begin with "ledger.".
const (
	KindEntry   = "entry"   // the default of drafts with lines
	KindClosing = "closing" // closes accounts at the end of a period; the movements of statements leave it out
)

// VoucherGeneral (记账凭证) is the voucher type of drafts that name none.
const VoucherGeneral = "general"

// The limits of a draft. All lengths are in bytes of UTF-8.
const (
	MaxLines       = 1_000_000
	MaxAttachments = 1_000
	MaxMetadata    = 64
	MaxKey         = 128
	MaxKind        = 64
	MaxVoucherType = 16
	MaxText        = 1_024 // description, metadata values
	MaxName        = 256   // actors, source ids, attachment names, metadata keys, transfer ids, account names
	MaxTag         = seal.MaxTagBytes
	MaxAct         = 16 << 20
)

// Line is one line (分录行) of a draft or entry. The account is given by Account or, where that is zero, by its Code; an entry that is read back carries
// the number only.
type Line struct {
	Account AccountNo
	Code    string
	Side    Side
	Amount  money.Amount   // minor units of the book's currency; a negative amount is a red-letter line (红字) on its own side
	Month   calendar.Month // attribution month (wage or benefit month); zero for none
	Tag     string         // optional, at most MaxTag bytes
}

// DebitLine returns a debit line on the account of that code.
func DebitLine(code string, amount money.Amount) Line {
	return Line{Code: code, Side: Debit, Amount: amount}
}

// CreditLine returns a credit line on the account of that code.
func CreditLine(code string, amount money.Amount) Line {
	return Line{Code: code, Side: Credit, Amount: amount}
}

// Source names what an entry comes from, in the host's words. Hash is the SHA-256 of its content, or empty.
type Source struct {
	Kind, ID string
	Hash     []byte
}

// Attachment is a document attached to a voucher (附件), by name and SHA-256.
type Attachment struct {
	Name string
	Hash []byte
}

// Draft is an entry before it is posted. Records are kept for decades and shown to auditors: names, identity numbers and bank account numbers of persons
// do not belong into any field.
type Draft struct {
	Key         string          // idempotency key, unique in the book, not beginning with "ledger."; required
	Kind        string          // KindEntry if empty and there are lines; required for an act
	Effective   calendar.Date   // the day to which the entry belongs; required
	Period      calendar.Period // the month of Effective if zero; 13 for closing entries of a year. Acts take none
	Voucher     string          // voucher type; VoucherGeneral if empty and a line is in the general section
	Description string          // summary (摘要)
	EnteredBy   string          // who prepared it (填制); required
	ApprovedBy  string          // who reviewed it (稽核)
	Source      Source
	Attachments []Attachment
	Transfer    string            // links the two halves of a movement between books
	Metadata    map[string]string // the host's own facts
	Act         []byte            // the content of an act: an entry without lines
	Lines       []Line            // their order is kept
}

// Check returns every fault that a draft shows without looking at a book: texts, dates, sides, sizes. The error is an *Error or Faults.
func (d *Draft) Check() error {
	return (&draftCheck{draft: d}).all().err()
}

type draftCheck struct {
	draft  *Draft
	own    bool // the ledger's own act, which may bear a reserved kind
	faults Faults
}

func (c *draftCheck) all() Faults {
	c.texts()
	c.times()
	c.contents()
	c.lines()
	return c.faults
}

func (c *draftCheck) add(code Code, line int, field, detail, hint string) {
	c.faults = append(c.faults, &Error{Code: code, Key: clipped(c.draft.Key), Draft: -1, Line: line, Field: field, Detail: detail, Hint: hint})
}

func (c *draftCheck) text(field, text string, limit int) {
	c.lineText(-1, field, text, limit)
}

func (c *draftCheck) lineText(line int, field, text string, limit int) {
	switch {
	case len(text) > limit:
		c.add(ErrFieldTooLong, line, field, fmt.Sprintf("%d bytes, at most %d are kept", len(text), limit), "shorten it")
	case !utf8.ValidString(text):
		c.add(ErrFieldInvalid, line, field, "not valid UTF-8", "convert the text before posting")
	case strings.ContainsRune(text, 0):
		c.add(ErrFieldInvalid, line, field, "holds a NUL character", "remove it")
	}
}

func (c *draftCheck) required(field, text string) {
	if text == "" {
		c.add(ErrFieldMissing, -1, field, "empty", "give it")
	}
}

func (c *draftCheck) texts() {
	d := c.draft
	c.required("key", d.Key)
	c.text("key", d.Key, MaxKey)
	if strings.HasPrefix(d.Key, reservedKind) && !(c.own && ownKeys[d.Kind]) {
		c.add(ErrFieldInvalid, -1, "key", "is the ledger's own", "choose a key that does not begin with "+reservedKind)
	}
	c.required("entered by", d.EnteredBy)
	c.text("entered by", d.EnteredBy, MaxName)
	c.text("approved by", d.ApprovedBy, MaxName)
	c.text("description", d.Description, MaxText)
	c.text("transfer", d.Transfer, MaxName)
	c.text("source kind", d.Source.Kind, MaxKind)
	c.text("source id", d.Source.ID, MaxName)
	c.hash("source hash", d.Source.Hash)
	c.text("voucher", d.Voucher, MaxVoucherType)
	c.kind()
}

func (c *draftCheck) kind() {
	kind := c.draft.Kind
	if kind == "" {
		if len(c.draft.Lines) == 0 {
			c.add(ErrFieldMissing, -1, "kind", "empty, and there are no lines", "name the kind of act, or add the lines")
		}
		return
	}
	if len(kind) > MaxKind {
		c.text("kind", kind, MaxKind)
		return
	}
	if strings.Trim(kind, "abcdefghijklmnopqrstuvwxyz0123456789._-") != "" {
		c.add(ErrFieldInvalid, -1, "kind", fmt.Sprintf("%q", kind), "use lower-case letters, digits, dots, dashes and underscores")
	}
	if strings.HasPrefix(kind, reservedKind) && !c.own {
		c.add(ErrFieldInvalid, -1, "kind", fmt.Sprintf("%q is the ledger's own", kind), "choose a name that does not begin with "+reservedKind)
	}
}

func (c *draftCheck) hash(field string, hash []byte) {
	if n := len(hash); n != 0 && n != len(seal.Hash{}) {
		c.add(ErrFieldInvalid, -1, field, fmt.Sprintf("%d bytes", n), "give a SHA-256 of 32 bytes, or nothing")
	}
}

func (c *draftCheck) times() {
	d := c.draft
	if d.Effective.IsZero() {
		c.add(ErrFieldMissing, -1, "effective date", "none", "give the day to which the entry belongs")
	} else if !d.Effective.Valid() {
		c.add(ErrFieldInvalid, -1, "effective date", fmt.Sprintf("%d is no day", int32(d.Effective)), "make dates with calendar.NewDate")
	}
	if !d.Period.IsZero() && !d.Period.Valid() {
		c.add(ErrFieldInvalid, -1, "period", fmt.Sprintf("%d is no period", int32(d.Period)), "make periods with calendar.NewPeriod")
	}
}

func (c *draftCheck) contents() {
	d := c.draft
	if n := len(d.Attachments); n > MaxAttachments {
		c.add(ErrFieldTooLong, -1, "attachments", fmt.Sprintf("%d, at most %d are kept", n, MaxAttachments), "attach one list of them")
	}
	for i, a := range d.Attachments {
		c.required(fmt.Sprintf("attachment %d", i+1), a.Name)
		c.text(fmt.Sprintf("attachment %d", i+1), a.Name, MaxName)
		c.hash(fmt.Sprintf("attachment %d hash", i+1), a.Hash)
	}
	if n := len(d.Metadata); n > MaxMetadata {
		c.add(ErrFieldTooLong, -1, "metadata", fmt.Sprintf("%d pairs, at most %d are kept", n, MaxMetadata), "keep them in the source")
	}
	for _, key := range slices.Sorted(maps.Keys(d.Metadata)) {
		c.text("metadata key", key, MaxName)
		c.text("metadata "+clipped(key), d.Metadata[key], MaxText)
	}
	if len(d.Act) > MaxAct {
		c.add(ErrFieldTooLong, -1, "act", fmt.Sprintf("%d bytes, at most %d are kept", len(d.Act), MaxAct), "seal a hash of it as source instead")
	}
	if len(d.Act) > 0 && len(d.Lines) > 0 {
		c.add(ErrLinesRefused, -1, "act", "an act has no lines", "post act and entry separately")
	}
}

func (c *draftCheck) lines() {
	d := c.draft
	if len(d.Lines) > MaxLines {
		c.add(ErrFieldTooLong, -1, "lines", fmt.Sprintf("%d, at most %d fit one entry", len(d.Lines), MaxLines), "post several entries")
		return
	}
	for i := range d.Lines {
		c.line(i, &d.Lines[i])
	}
}

func (c *draftCheck) line(i int, line *Line) {
	if line.Account == 0 && line.Code == "" {
		c.add(ErrFieldMissing, i, "account", "neither number nor code", "give one")
	}
	if line.Account < 0 {
		c.add(ErrFieldInvalid, i, "account", fmt.Sprintf("number %d", line.Account), "account numbers begin at 1")
	}
	if line.Side != Debit && line.Side != Credit {
		c.add(ErrFieldInvalid, i, "side", fmt.Sprintf("%d", int16(line.Side)), "use ledger.Debit or ledger.Credit")
	}
	if line.Amount == 0 {
		c.add(ErrAmountZero, i, "amount", "0", "leave the line out")
	}
	if line.Amount < money.MinAmount {
		c.add(ErrOverflow, i, "amount", "below the range of an amount", "split it")
	}
	if !line.Month.IsZero() && !line.Month.Valid() {
		c.add(ErrFieldInvalid, i, "month", fmt.Sprintf("%d is no month", int32(line.Month)), "make months with calendar.NewMonth")
	}
	c.lineText(i, "code", line.Code, MaxName)
	c.lineText(i, "tag", line.Tag, MaxTag)
}

// clipped bounds what an error message repeats of its input.
func clipped(text string) string {
	const limit = 80
	if len(text) <= limit && utf8.ValidString(text) {
		return text
	}
	return strings.ToValidUTF8(text[:min(len(text), limit)], "?") + "…"
}
