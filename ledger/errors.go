package ledger

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Code names one reason for which the ledger refuses something. It is stable: programs may store and compare it, and test for it with
// errors.Is(err, ledger.ErrUnbalanced). testdata/errors holds the exact message of each.
type Code string

// The codes, in the order in which they are reported: of several faults in one draft, the first in this list comes first.
const (
	ErrRealmUnknown     Code = "realm_unknown"      // no realm of that number
	ErrRealmExists      Code = "realm_exists"       // the realm number is taken by another realm
	ErrBookUnknown      Code = "book_unknown"       // no book of that number in the realm
	ErrBookExists       Code = "book_exists"        // the book number is taken by another book
	ErrBookBusy         Code = "book_busy"          // another writer held the book for longer than the lock time-out
	ErrFieldMissing     Code = "field_missing"      // a field that must be given is empty
	ErrFieldInvalid     Code = "field_invalid"      // a field holds what it may not: bad text, an unknown side, a date that does not exist
	ErrFieldTooLong     Code = "field_too_long"     // a field, or the number of lines or attachments, is over its limit
	ErrKeyReused        Code = "key_reused"         // the idempotency key belongs to another draft
	ErrLinesRefused     Code = "lines_refused"      // a register book takes neither lines nor accounts, an act no lines
	ErrPeriodMismatch   Code = "period_mismatch"    // the effective date lies outside the period
	ErrPeriodBeforeBook Code = "period_before_book" // the book begins later
	ErrPeriodClosed     Code = "period_closed"      // the period is closed
	ErrPeriodOrder      Code = "period_order"       // months close in order and reopen in reverse
	ErrPeriodFinal      Code = "period_final"       // issued statements, or a finalised year, keep a period closed for good
	ErrAccountUnknown   Code = "account_unknown"    // no such account in the book
	ErrAccountExists    Code = "account_exists"     // the code is taken by another account
	ErrAccountClass     Code = "account_class"      // headings and controls take no lines; only some classes may stand under others
	ErrAccountClosed    Code = "account_closed"     // the account was not open on the effective date
	ErrAccountInUse     Code = "account_in_use"     // the account cannot be closed: it has a balance or open accounts below it
	ErrVoucherRefused   Code = "voucher_refused"    // memorandum entries and acts take no voucher
	ErrAmountZero       Code = "amount_zero"        // a line of nothing
	ErrOverflow         Code = "overflow"           // the book's turnover would leave the range of an amount
	ErrUnbalanced       Code = "unbalanced"         // debits and credits of a section differ
	ErrBelowZero        Code = "below_zero"         // an account with the rule "never below zero" would be
	ErrEntryUnknown     Code = "entry_unknown"      // no entry of that number in the book
	ErrNotReversible    Code = "not_reversible"     // acts and reversals cannot be reversed
	ErrAlreadyReversed  Code = "already_reversed"   // the entry was reversed before
	ErrCorrupt          Code = "corrupt"            // stored bytes are no canonical record; run Verify
)

// precedence lists every code in the order of the block above. A test compares it with the block and with testdata/errors.
var precedence = []Code{
	ErrRealmUnknown, ErrRealmExists, ErrBookUnknown, ErrBookExists, ErrBookBusy, ErrFieldMissing, ErrFieldInvalid, ErrFieldTooLong, ErrKeyReused,
	ErrLinesRefused, ErrPeriodMismatch, ErrPeriodBeforeBook, ErrPeriodClosed, ErrPeriodOrder, ErrPeriodFinal, ErrAccountUnknown, ErrAccountExists,
	ErrAccountClass, ErrAccountClosed, ErrAccountInUse, ErrVoucherRefused, ErrAmountZero, ErrOverflow, ErrUnbalanced, ErrBelowZero, ErrEntryUnknown,
	ErrNotReversible, ErrAlreadyReversed, ErrCorrupt,
}

// Codes returns every code in order of precedence.
func Codes() []Code { return slices.Clone(precedence) }

// Error makes a Code usable as the target of errors.Is.
func (c Code) Error() string { return "ledger: " + string(c) }

func (c Code) rank() int { return slices.Index(precedence, c) }

// Error is one reason why something was refused; nothing of what was asked has been written. Get it with errors.As, or test errors.Is(err, code).
type Error struct {
	Code   Code
	Book   BookID
	Key    string // idempotency key of the draft, where there is one
	Draft  int    // place of the draft in its batch, or of the account in its list, from 0; −1 outside of them
	Line   int    // place of the line in its draft, from 0; −1 where no line is meant
	Field  string // the field, where one is meant
	Detail string // what is wrong, with the arithmetic
	Hint   string // what to do

	listed string // what Draft counts, if it is not drafts
}

// Error writes code, place, reason and remedy. Lines and drafts are counted from 1 in the text.
func (e *Error) Error() string {
	var where []string
	if e.Book != (BookID{}) {
		where = append(where, "book "+e.Book.String())
	}
	if e.Draft >= 0 {
		where = append(where, fmt.Sprintf("%s %d", cmp.Or(e.listed, "draft"), e.Draft+1))
	}
	if e.Key != "" {
		where = append(where, fmt.Sprintf("%q", e.Key))
	}
	if e.Line >= 0 {
		where = append(where, fmt.Sprintf("line %d", e.Line+1))
	}
	if e.Field != "" {
		where = append(where, e.Field)
	}
	text := "ledger: " + string(e.Code)
	if len(where) > 0 {
		text += ": " + strings.Join(where, ", ")
	}
	return text + ": " + e.Detail + "; " + e.Hint
}

// Is matches the error's Code.
func (e *Error) Is(target error) bool { return target == error(e.Code) }

// Faults holds every fault found in what was asked, in the order of drafts, then of precedence, then of lines. errors.Is and errors.As look through it.
type Faults []*Error

// Error writes the faults, one a line.
func (f Faults) Error() string {
	texts := make([]string, len(f))
	for i, e := range f {
		texts[i] = e.Error()
	}
	return strings.Join(texts, "\n")
}

// Unwrap returns the faults.
func (f Faults) Unwrap() []error {
	all := make([]error, len(f))
	for i, e := range f {
		all[i] = e
	}
	return all
}

// err returns nil, the only fault, or all of them in order.
func (f Faults) err() error {
	switch len(f) {
	case 0:
		return nil
	case 1:
		return f[0]
	}
	slices.SortStableFunc(f, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Draft, b.Draft), cmp.Compare(a.Code.rank(), b.Code.rank()), cmp.Compare(a.Line, b.Line))
	})
	return f
}

// fault starts an error that concerns no draft and no line.
func fault(code Code, book BookID, detail, hint string) *Error {
	return &Error{Code: code, Book: book, Draft: -1, Line: -1, Detail: detail, Hint: hint}
}

// isCode reports whether err is, or holds, the code.
func isCode(err error, code Code) bool { return errors.Is(err, code) }
