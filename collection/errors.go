package collection

import (
	"fmt"
	"slices"
	"strings"
)

// Code names one reason for which collection refuses something. It is stable: programs may store and compare it, and test for it with
// errors.Is(err, collection.ErrNotEnrolled).
type Code string

// The codes.
const (
	ErrMissing         Code = "missing"          // a field that must be given is empty
	ErrInvalid         Code = "invalid"          // a field holds what it may not
	ErrTooLong         Code = "too_long"         // a text, a file, or the number of rows, is over its limit
	ErrApproval        Code = "approval"         // a second person must approve, and be another one than the first
	ErrKeyReused       Code = "key_reused"       // the idempotency key belongs to a command with other content
	ErrEncoding        Code = "encoding"         // a file is not in the encoding that was named
	ErrSyntax          Code = "syntax"           // a file is no CSV, or a row has too many or too few fields
	ErrHeader          Code = "header"           // the first line of a file does not name the columns
	ErrNotDigits       Code = "not_digits"       // an amount or number in words, full-width or grouped characters
	ErrPrecision       Code = "precision"        // an amount has more decimals than the currency
	ErrIdentity        Code = "identity"         // a credit code or identity number is not right
	ErrEmployerUnknown Code = "employer_unknown" // no such employer in the realm
	ErrMemberUnknown   Code = "member_unknown"   // nobody, or more than one member, has the identity number
	ErrNotEnrolled     Code = "not_enrolled"     // the member is not enrolled by the employer in the scheme for the month
	ErrRepeated        Code = "repeated"         // two rows speak of the same thing
	ErrAssessed        Code = "assessed"         // the month is assessed and partly paid, and the new assessment lowers it
	ErrUnknown         Code = "unknown"          // no such demand, item, receipt
	ErrMismatch        Code = "mismatch"         // an item belongs to another employer; a payee is not the payer
	ErrNotSettled      Code = "not_settled"      // the demand is not paid in full
	ErrRefunded        Code = "refunded"         // the money went back before
	ErrTooMuch         Code = "too_much"         // more than there is
	ErrNothing         Code = "nothing"          // there is nothing to do
	ErrRefused         Code = "refused"          // the fund's chart or book refuses the entry of a row; the cause says why
)

// Error makes a Code usable as the target of errors.Is.
func (c Code) Error() string { return "collection: " + string(c) }

// Fault is one reason why something was refused. It holds no name and no whole identity number. Get it with errors.As, test it with errors.Is(err, code).
type Fault struct {
	Code   Code
	File   string // name of the file, where rows come from one
	Line   int    // line of the file from 1, or 0
	Column int    // character in the line from 1, or 0
	Row    int    // row of the command from 1; 0 when the command as a whole is meant
	Field  string // the field, where one is meant
	Detail string // what is wrong
	Hint   string // what to do
	Err    error  // the cause, when another package found it
}

func (f *Fault) Error() string {
	var where []string
	switch {
	case f.Line > 0 && f.Column > 0:
		where = append(where, fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column))
	case f.Line > 0:
		where = append(where, fmt.Sprintf("%s:%d", f.File, f.Line))
	case f.File != "":
		where = append(where, f.File)
	case f.Row > 0:
		where = append(where, fmt.Sprintf("row %d", f.Row))
	}
	if f.Field != "" {
		where = append(where, f.Field)
	}
	text := "collection: "
	if len(where) > 0 {
		text += strings.Join(where, ", ") + ": "
	}
	text += f.Detail
	if f.Hint != "" {
		text += "; " + f.Hint
	}
	return text + " [" + string(f.Code) + "]"
}

// Unwrap returns the code and the cause.
func (f *Fault) Unwrap() []error {
	if f.Err == nil {
		return []error{f.Code}
	}
	return []error{f.Code, f.Err}
}

// maxFaults bounds the faults kept of one command or file; the rest is counted.
const maxFaults = 10_000

// Faults is every fault of one command or file, in the order of lines and rows. At most 10,000 are kept; Omitted counts the rest. Nothing was written.
type Faults struct {
	List    []*Fault
	Omitted int
}

func (f *Faults) add(fault *Fault) {
	if len(f.List) >= maxFaults {
		f.Omitted++
		return
	}
	f.List = append(f.List, fault)
}

func (f *Faults) addf(code Code, field, hint, format string, args ...any) {
	f.add(&Fault{Code: code, Field: field, Detail: fmt.Sprintf(format, args...), Hint: hint})
}

// err returns f in order, or nil when there is no fault.
func (f *Faults) err() error {
	if len(f.List) == 0 {
		return nil
	}
	slices.SortStableFunc(f.List, func(a, b *Fault) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Row - b.Row
	})
	return f
}

func (f *Faults) Error() string {
	lines := make([]string, 0, len(f.List)+1)
	for _, fault := range f.List {
		lines = append(lines, fault.Error())
	}
	if f.Omitted > 0 {
		lines = append(lines, fmt.Sprintf("collection: and %d more faults", f.Omitted))
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the faults.
func (f *Faults) Unwrap() []error {
	all := make([]error, len(f.List))
	for i, fault := range f.List {
		all[i] = fault
	}
	return all
}

// one is the error of a single fault.
func one(code Code, field, hint, format string, args ...any) error {
	var f Faults
	f.addf(code, field, hint, format, args...)
	return f.err()
}

// clip shortens a text for a message.
func clip(text string) string {
	const most = 40
	runes := []rune(strings.ToValidUTF8(text, "?"))
	if len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return string(runes)
}
