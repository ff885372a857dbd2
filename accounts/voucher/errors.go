package voucher

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/ledger"
)

// Code names one reason for which this package refuses something. It is stable; errors.Is(err, voucher.ErrOneHand) tests for it.
type Code string

// The codes.
const (
	ErrMissing      Code = "missing"       // a field that must be given is empty
	ErrInvalid      Code = "invalid"       // a field holds what it may not
	ErrTooMany      Code = "too_many"      // more vouchers than one command takes
	ErrPolicy       Code = "policy"        // a policy is not right
	ErrDraft        Code = "draft"         // the ledger's own check refuses the draft; Err says why
	ErrNoLines      Code = "no_lines"      // an act is no voucher
	ErrNoSource     Code = "no_source"     // it does not say what it comes from
	ErrNoAttachment Code = "no_attachment" // originals, or their hashes, are missing
	ErrSigned       Code = "signed"        // the draft names a reviewer already, or another preparer
	ErrReserved     Code = "reserved"      // the draft's metadata use a name that posting fills
	ErrAccount      Code = "account"       // an account is not in the book, takes no lines, or is not open that day
	ErrUnbalanced   Code = "unbalanced"    // debits and credits of a section differ
	ErrPeriodClosed Code = "period_closed" // the period is closed, or before the book
	ErrVoucherType  Code = "voucher_type"  // the voucher type, or the kind of draft, does not fit the accounts
	ErrOneHand      Code = "one_hand"      // one person in two duties that must be two
	ErrNotAllowed   Code = "not_allowed"   // the policy or the host does not let the person do it
	ErrNotPreparer  Code = "not_preparer"  // only the preparer revises and withdraws
	ErrState        Code = "state"         // the step is not for vouchers in that state
	ErrChanged      Code = "changed"       // the voucher changed since the person saw it
	ErrUnsigned     Code = "unsigned"      // cashier or head must sign before posting
	ErrKeyReused    Code = "key_reused"    // the idempotency key belongs to something else
	ErrUnknown      Code = "unknown"       // no such voucher in the book
	ErrRepeated     Code = "repeated"      // the same voucher, or key, twice in one command
	ErrLedger       Code = "ledger"        // the ledger refuses to post it; Err says why
	ErrCorrupt      Code = "corrupt"       // stored content does not have its hash; run Verify
)

// Error makes a Code usable as the target of errors.Is.
func (c Code) Error() string { return "voucher: " + string(c) }

// Fault is one reason why something was refused; nothing has been written. Get it with errors.As, or test errors.Is(err, code).
type Fault struct {
	Code   Code
	File   string // of a policy
	Line   int    // of the file from 1, or 0
	Book   ledger.BookID
	Row    int    // place in the command from 1; 0 when the command as a whole is meant
	No     int64  // 制单号, where the voucher has one
	Key    string // of the draft, where there is no number yet
	Field  string
	Detail string // what is wrong
	Hint   string // what to do
	Err    error  // the cause, when another package found it
}

func (f *Fault) Error() string {
	var where []string
	if f.File != "" {
		where = append(where, fmt.Sprintf("%s:%d", f.File, f.Line))
	}
	if f.Book != (ledger.BookID{}) {
		where = append(where, "book "+f.Book.String())
	}
	if f.Row > 0 {
		where = append(where, fmt.Sprintf("row %d", f.Row))
	}
	if f.No > 0 {
		where = append(where, fmt.Sprintf("voucher %d", f.No))
	}
	if f.Key != "" {
		where = append(where, fmt.Sprintf("%q", clipped(f.Key)))
	}
	if f.Field != "" {
		where = append(where, f.Field)
	}
	text := "voucher: " + string(f.Code)
	if len(where) > 0 {
		text += ": " + strings.Join(where, ", ")
	}
	text += ": " + f.Detail
	if f.Hint != "" {
		text += "; " + f.Hint
	}
	return text
}

// Unwrap returns the code and the cause.
func (f *Fault) Unwrap() []error {
	if f.Err == nil {
		return []error{f.Code}
	}
	return []error{f.Code, f.Err}
}

// Faults are all faults of a command or a file, in the order of rows.
type Faults []*Fault

func (f *Faults) add(fault *Fault) { *f = append(*f, fault) }

func (f Faults) Error() string {
	texts := make([]string, len(f))
	for i, fault := range f {
		texts[i] = fault.Error()
	}
	return strings.Join(texts, "\n")
}

// Unwrap returns the faults.
func (f Faults) Unwrap() []error {
	all := make([]error, len(f))
	for i, fault := range f {
		all[i] = fault
	}
	return all
}

// err returns the faults in the order of lines and rows, or nil when there is none.
func (f Faults) err() error {
	if len(f) == 0 {
		return nil
	}
	slices.SortStableFunc(f, func(a, b *Fault) int { return a.Line + a.Row - b.Line - b.Row }) // a fault has a line or a row, never both
	return f
}

// fromLedger turns the ledger's refusal of a batch into faults of the vouchers that it holds; other errors stay as they are.
func fromLedger(err error, vouchers []*placed) error {
	var list ledger.Faults
	if one, ok := errors.AsType[*ledger.Error](err); ok {
		list = ledger.Faults{one}
	}
	if several, ok := errors.AsType[ledger.Faults](err); ok {
		list = several
	}
	if len(list) == 0 || errors.Is(err, ledger.ErrBookBusy) {
		return err
	}
	var faults Faults
	for _, e := range list {
		fault := &Fault{Code: ErrLedger, Book: e.Book, Detail: e.Error(), Hint: "mend what the ledger names, or send the voucher back", Err: e}
		if e.Draft >= 0 && e.Draft < len(vouchers) {
			fault.Row, fault.No = vouchers[e.Draft].row, vouchers[e.Draft].No
		}
		faults.add(fault)
	}
	return faults.err()
}

// clipped shortens a text for an error message.
func clipped(text string) string {
	const most = 80
	runes := []rune(strings.ToValidUTF8(text, "?"))
	if len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return string(runes)
}
