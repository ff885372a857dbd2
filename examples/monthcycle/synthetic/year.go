package synthetic

import (
	"context"
	"fmt"

	"github.com/fundledger/fundledger/ledger/calendar"
)

// Fault is a fault that can be planted in a year.
type Fault string

// The faults.
const (
	UnderpayingEmployer Fault = "underpaying employer" // one employer pays a share of what it owes, from some month on
	UnidentifiedReceipt Fault = "unidentified receipt" // money whose payer nobody ever finds
	BouncedPension      Fault = "bounced pension"      // a pension comes back and is not issued again
	DeathReportedLate   Fault = "death reported late"  // pensions are paid for months after a death; the heirs return them
	DuplicateEnrolment  Fault = "duplicate enrolment"  // a member is insured in the residents' scheme besides
	MislaidBankLine     Fault = "mislaid bank line"    // the bank's interest of a quarter never reaches the books
)

// AllFaults are all that can be planted, in the order of the constants. Nobody changes it.
var AllFaults = []Fault{UnderpayingEmployer, UnidentifiedReceipt, BouncedPension, DeathReportedLate, DuplicateEnrolment, MislaidBankLine}

// MostMembers is the greatest number of members beyond the cast.
const MostMembers = 4_000_000

// Year is an invented agency's year 2025. The seed decides on everything: people, wages, employers, who plays which part in which month, and the whereabouts of
// the faults. Who stands in the year and what happens to them does not depend on the faults, so that two years of one seed differ by their faults alone.
type Year struct {
	Seed    uint64
	Members int     // beyond the cast of some sixty persons: four contribute for one who draws a pension; from 0 to MostMembers
	Faults  []Fault // none for a clean year, of which an audit finds nothing
}

// Write writes the files of the year into a folder, which is made if it is not there; files of the same names are replaced. Equal years give equal bytes. Memory
// does not grow with the members. progress, if not nil, is told after each of a few steps how many are done, and of how many. When the context ends or a file
// cannot be written, the folder holds a part of the files.
func (y Year) Write(ctx context.Context, folder string, progress func(done, total int)) error {
	if y.Members < 0 || y.Members > MostMembers {
		return fmt.Errorf("synthetic: %d members beyond the cast; give 0 to %d", y.Members, MostMembers)
	}
	known := map[Fault]bool{}
	for _, f := range AllFaults {
		known[f] = true
	}
	for _, f := range y.Faults {
		if !known[f] {
			return fmt.Errorf("synthetic: %q is no fault; the faults are %q", f, AllFaults)
		}
	}
	a, err := newAgency(ctx, y, folder)
	if err != nil {
		return err
	}
	const steps = 14
	step := func(n int) error {
		if progress != nil {
			progress(n, steps)
		}
		return ctx.Err()
	}
	if err := a.begin(); err != nil {
		return err
	}
	if err := step(1); err != nil {
		return err
	}
	for i := range 12 {
		if err := a.month(firstMonth.Add(i)); err != nil {
			return fmt.Errorf("synthetic: %s: %w", firstMonth.Add(i), err)
		}
		if err := step(i + 2); err != nil {
			return err
		}
	}
	if err := a.end(); err != nil {
		return err
	}
	return step(steps)
}

const (
	firstMonth = calendar.Month(202501)
	lastDay    = calendar.Date(20251231) // of the year, and of the audit
)
