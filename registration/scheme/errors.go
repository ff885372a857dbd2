package scheme

import (
	"fmt"
	"strings"

	"github.com/fundledger/fundledger/ledger/calendar"
)

// UnknownParameterError says that a catalogue has no parameter of an id. Get it with errors.As.
type UnknownParameterError struct {
	ID      ID
	Similar []ID // parameters whose id has the same last word
}

func (e *UnknownParameterError) Error() string {
	hint := "add a file that declares it"
	if len(e.Similar) > 0 {
		hint = fmt.Sprintf("perhaps %q is meant", e.Similar)
	}
	return fmt.Sprintf("scheme: no parameter %q is loaded; %s", e.ID, hint)
}

// NoValueError says that a parameter says nothing for a day, or did not yet on the day of knowledge. Get it with errors.As.
type NoValueError struct {
	ID          ID
	Day         calendar.Date
	Known       calendar.Date // the day of knowledge; zero is now
	First, Last calendar.Date // the stretch the parameter covers; Last is zero when open
	Unpublished bool          // a value exists but was published after Known
}

func (e *NoValueError) Error() string {
	if e.Unpublished {
		return fmt.Sprintf("scheme: %s has a value for %s, but none that was known on %s; add the provisional value in use then", e.ID, e.Day, e.Known)
	}
	covered := "from " + e.First.String()
	if e.Last != 0 {
		covered += " to " + e.Last.String()
	}
	return fmt.Sprintf("scheme: %s has no value for %s: it is known %s only; add a file that extends it, with its source", e.ID, e.Day, covered)
}

// UnitError says that a parameter was asked for as something it is not. Get it with errors.As.
type UnitError struct {
	ID   ID
	Unit Unit   // what it is
	Want string // what it was asked for as
}

func (e *UnitError) Error() string {
	return fmt.Sprintf("scheme: %s has the unit %q and is no %s; ask for it by its own kind", e.ID, e.Unit, e.Want)
}

// PolicyError is every fault of a PensionPolicy that was not read from a file. Get it with errors.As.
type PolicyError struct {
	Faults []string // each says where, what and what to do
}

func (e *PolicyError) Error() string {
	return "scheme: pension policy: " + strings.Join(e.Faults, "\n")
}

// DivisorError says that the divisor table has no row for an age. Get it with errors.As.
type DivisorError struct {
	Years, Months int
	Reason        string
}

func (e *DivisorError) Error() string {
	return fmt.Sprintf("scheme: no divisor for the age of %d years and %d months: %s; extend the table by a file of your own", e.Years, e.Months, e.Reason)
}
