package fund

import (
	"errors"
	"fmt"

	"github.com/fundledger/fundledger/ledger"
)

// Code names one reason for which this package refuses something; it is stable, and errors.Is(err, fund.ErrOneHand) tests for it.
type Code string

// The codes.
const (
	ErrOneHand       Code = "one_hand"        // entered and approved by the same person, or approved by nobody
	ErrNoSource      Code = "no_source"       // an entry that comes from nowhere
	ErrNoAttachment  Code = "no_attachment"   // a voucher without originals that needs them
	ErrFlow          Code = "flow"            // money moves where the matrix does not allow it
	ErrChecklist     Code = "checklist"       // a month cannot be closed before its checklist is signed
	ErrUnknownItem   Code = "unknown_item"    // no such item on the book's checklist
	ErrNoRights      Code = "no_rights"       // the fund keeps no personal accounts
	ErrUnequal       Code = "unequal"         // two amounts that must agree do not
	ErrNothingToPost Code = "nothing_to_post" // an event without amounts
	ErrNotClosed     Code = "not_closed"      // a state that is not the one in which a period was closed
	ErrNotRead       Code = "not_read"        // figures of a period after the last one that was read
	ErrNotInChart    Code = "not_in_chart"    // the ledger has an account with figures that the fund's chart never has
	ErrNoAdjustment  Code = "no_adjustment"   // an entry that does not adjust an opening balance
	ErrRelation      Code = "relation"        // statements whose figures contradict each other are not sent out
	ErrDiffers       Code = "differs"         // what is to be sent out is not what the book gives
	ErrAltered       Code = "altered"         // a file is not the one that was sent out
	ErrNoLines       Code = "no_lines"        // an account that takes no lines has no detail ledger
)

// Error makes a Code usable as the target of errors.Is.
func (c Code) Error() string { return "fund: " + string(c) }

// Error is one refusal; nothing has been written.
type Error struct {
	Code   Code
	Book   ledger.BookID
	Key    string // of the event, where there is one
	Detail string
	Hint   string
	Cause  error // the violation of the matrix, the fault of the chart
}

func (e *Error) Error() string {
	where := "book " + e.Book.String()
	if e.Key != "" {
		where += fmt.Sprintf(", %q", e.Key)
	}
	return fmt.Sprintf("fund: %s: %s: %s; %s", e.Code, where, e.Detail, e.Hint)
}

// Is matches the error's Code.
func (e *Error) Is(target error) bool { return target == error(e.Code) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// isUnknown reports whether an entry was looked for in vain.
func isUnknown(err error) bool { return errors.Is(err, ledger.ErrEntryUnknown) }
