package benefits

import "github.com/fundledger/fundledger/ledger/fault"

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

// Fault is one reason why something was refused; Faults is every one of a command or file, and nothing of it was done. See package ledger/fault.
type (
	Fault  = fault.Fault[Code]
	Faults = fault.List[Code]
)
