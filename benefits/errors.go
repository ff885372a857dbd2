package benefits

import (
	"fmt"
	"slices"
	"strings"
)

// Code names one reason for which benefits refuses something. It is stable: programs may store and compare it, and test for it with
// errors.Is(err, benefits.ErrFourEyes).
type Code string

// The codes. Reasons of package eligibility come with Err set to *NotEligible and the code ErrNotEligible.
const (
	ErrMissing       Code = "missing"        // a field that must be given is empty
	ErrInvalid       Code = "invalid"        // a field holds what it may not
	ErrTooLong       Code = "too_long"       // a text, or the number of rows, is over its limit
	ErrApproval      Code = "approval"       // a second person must approve, and be another one than the first
	ErrFourEyes      Code = "four_eyes"      // who does this did an earlier step that must be another person's
	ErrKeyReused     Code = "key_reused"     // the idempotency key belongs to a command with other content
	ErrRepeated      Code = "repeated"       // two rows speak of the same thing
	ErrUnknown       Code = "unknown"        // no such member, claim, run, payment, recovery
	ErrClaimed       Code = "claimed"        // the member has an open claim or an award already
	ErrNotEligible   Code = "not_eligible"   // the law does not give the pension: see NotEligible
	ErrStatus        Code = "status"         // the thing is not in the status that the command needs
	ErrProvisional   Code = "provisional"    // a formal determination on a figure that is provisional
	ErrInputs        Code = "inputs"         // the figures of a determination are missing or impossible
	ErrRunOpen       Code = "run_open"       // an earlier run is neither posted nor cancelled
	ErrNothing       Code = "nothing"        // there is nothing to pay, stop or recover
	ErrTooMuch       Code = "too_much"       // more than is owed
	ErrNotDead       Code = "not_dead"       // no death is registered
	ErrPayeeUnknown  Code = "payee_unknown"  // the host knows no account of a payee
	ErrMoved         Code = "moved"          // another transaction changed what the command had read: ask again
	ErrOriginMissing Code = "origin_missing" // a row that must exist does not: run Verify
)

// Error makes a Code usable as the target of errors.Is.
func (c Code) Error() string { return "benefits: " + string(c) }

// Fault is one reason why something was refused. It holds no name and no identity number. Get it with errors.As, test it with errors.Is(err, code).
type Fault struct {
	Code   Code
	Row    int    // row of the command from 1; 0 when the command as a whole is meant
	Field  string // the field, where one is meant
	Detail string // what is wrong
	Hint   string // what to do
	Err    error  // the cause, when another package found it
}

func (f *Fault) Error() string {
	var where []string
	if f.Row > 0 {
		where = append(where, fmt.Sprintf("row %d", f.Row))
	}
	if f.Field != "" {
		where = append(where, f.Field)
	}
	text := "benefits: "
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

// maxFaults bounds the faults kept of one command; the rest is counted.
const maxFaults = 10_000

// Faults is every fault of one command, in the order of rows. At most 10,000 are kept; Omitted counts the rest. Nothing was written.
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

// row adds a fault of a row, from 1; 0 is the command as a whole.
func (f *Faults) row(row int, code Code, field, hint, format string, args ...any) {
	f.add(&Fault{Code: code, Row: row, Field: field, Detail: fmt.Sprintf(format, args...), Hint: hint})
}

// err returns f in order, or nil when there is no fault.
func (f *Faults) err() error {
	if len(f.List) == 0 {
		return nil
	}
	slices.SortStableFunc(f.List, func(a, b *Fault) int { return a.Row - b.Row })
	return f
}

func (f *Faults) Error() string {
	lines := make([]string, 0, len(f.List)+1)
	for _, fault := range f.List {
		lines = append(lines, fault.Error())
	}
	if f.Omitted > 0 {
		lines = append(lines, fmt.Sprintf("benefits: and %d more faults", f.Omitted))
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
	f.row(0, code, field, hint, format, args...)
	return f.err()
}
