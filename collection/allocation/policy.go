// Package allocation shares a receipt (分配) among an employer's demands, and a demand's payments among its members. It is pure: amounts are minor units of one
// currency, and the same payments always give the same shares.
package allocation

import (
	"fmt"
	"strings"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// Sequence says in which order money meets principal and surcharge.
type Sequence string

// The sequences. Demands are always met in the order of Policy.Order.
const (
	PrincipalThenSurcharge Sequence = "principal_then_surcharge" // demand by demand: the principal, then its surcharge; the default
	SurchargeThenPrincipal Sequence = "surcharge_then_principal" // demand by demand: no principal without the surcharge on it
	AllPrincipalFirst      Sequence = "all_principal_first"      // the principal of all demands, then the surcharges
)

// Order says which demand money meets first.
type Order string

// The orders. Demands of one month follow their numbers.
const (
	OldestMonth Order = "oldest_month" // the default
	NewestMonth Order = "newest_month"
)

// Credit says what members have of a demand that is paid in part.
type Credit string

// The ways. Whatever is allocated to a member's own part is credited to his account by the same entry, and nothing else is.
const (
	CreditNone         Credit = "none"         // nothing is allocated to members before the demand's principal is paid in full; the default
	CreditPersonShare  Credit = "person_share" // the members' own parts first, each in full, in the order of their numbers; then the employer's parts
	CreditProportional Credit = "proportional" // all parts of all members in proportion, by largest remainder
)

// Policy says how a receipt is allocated (分配规则). It is data of the place.
type Policy struct {
	Order           Order        `json:"order"`
	Sequence        Sequence     `json:"sequence"`
	CreditOnPartial Credit       `json:"credit_on_partial"`
	Tolerance       money.Amount `json:"tolerance"` // arrears up to this are not pursued by notices; they stay due
}

// Filled returns the policy with its defaults.
func (p Policy) Filled() Policy {
	if p.Order == "" {
		p.Order = OldestMonth
	}
	if p.Sequence == "" {
		p.Sequence = PrincipalThenSurcharge
	}
	if p.CreditOnPartial == "" {
		p.CreditOnPartial = CreditNone
	}
	return p
}

// Check returns everything that is wrong with a filled policy, as *PolicyError, or nil.
func (p Policy) Check() error {
	var faults []string
	if p.Order != OldestMonth && p.Order != NewestMonth {
		faults = append(faults, fmt.Sprintf("order %q: use oldest_month or newest_month", p.Order))
	}
	switch p.Sequence {
	case PrincipalThenSurcharge, SurchargeThenPrincipal, AllPrincipalFirst:
	default:
		faults = append(faults, fmt.Sprintf("sequence %q: use principal_then_surcharge, surcharge_then_principal or all_principal_first", p.Sequence))
	}
	switch p.CreditOnPartial {
	case CreditNone, CreditPersonShare, CreditProportional:
	default:
		faults = append(faults, fmt.Sprintf("credit on partial %q: use none, person_share or proportional", p.CreditOnPartial))
	}
	if p.Tolerance < 0 {
		faults = append(faults, fmt.Sprintf("tolerance %d: give zero or more", p.Tolerance))
	}
	if len(faults) > 0 {
		return &PolicyError{Faults: faults}
	}
	return nil
}

// PolicyError is every reason why a policy cannot be used. Get it with errors.As.
type PolicyError struct{ Faults []string }

func (e *PolicyError) Error() string { return "allocation: " + strings.Join(e.Faults, "; ") }

// Owed is what stands open of one demand when money arrives. Principal is minor units not yet paid; Surcharge is what earlier late payments left unpaid.
type Owed struct {
	Due                  calendar.Date
	Principal, Surcharge money.Amount
}

// Portion is what one demand gets of a receipt. SurchargeDue is the surcharge that falls due with this principal, paid or not.
type Portion struct {
	Principal, SurchargeDue, SurchargePaid money.Amount
}

// SurchargeOn computes the surcharge on a principal due on one day and paid on another.
type SurchargeOn func(principal money.Amount, due, paid calendar.Date) (money.Amount, error)

// Spread shares money that was paid on a day among demands in the given order, and returns a portion for each and what is left. A surcharge falls due with the
// principal that is paid late (社会保险法 art. 86), so that the surcharge of each portion can be computed again from it alone. Money never waits: where the
// sequence asks for the surcharge first and less than a whole step is left, the rest goes to the principal.
func (p Policy) Spread(amount money.Amount, paid calendar.Date, owed []Owed, surcharge SurchargeOn) (portions []Portion, left money.Amount, err error) {
	portions = make([]Portion, len(owed))
	left = amount
	settle := func(i int) {
		part := min(left, owed[i].Surcharge+portions[i].SurchargeDue-portions[i].SurchargePaid)
		portions[i].SurchargePaid += part
		left -= part
	}
	for i := range owed {
		portion := &portions[i]
		if p.Sequence == SurchargeThenPrincipal {
			part := min(left, owed[i].Surcharge)
			portion.SurchargePaid, left = part, left-part
			if portion.Principal, err = affordable(left, paid, owed[i], surcharge); err != nil {
				return nil, 0, err
			}
		} else {
			portion.Principal = min(left, owed[i].Principal)
		}
		if portion.SurchargeDue, err = late(portion.Principal, paid, owed[i], surcharge); err != nil {
			return nil, 0, err
		}
		left -= portion.Principal
		if p.Sequence != AllPrincipalFirst {
			settle(i)
		}
	}
	for i := range owed {
		settle(i) // what AllPrincipalFirst left for the end; nothing in the other sequences
	}
	return portions, left, nil
}

func late(principal money.Amount, paid calendar.Date, owed Owed, surcharge SurchargeOn) (money.Amount, error) {
	if principal == 0 || paid <= owed.Due {
		return 0, nil
	}
	return surcharge(principal, owed.Due, paid)
}

// affordable is the greatest principal that can be paid together with its surcharge; when not all of it can, the odd units go to the principal too.
func affordable(available money.Amount, paid calendar.Date, owed Owed, surcharge SurchargeOn) (money.Amount, error) {
	least, most := money.Amount(0), min(available, owed.Principal)
	for least < most {
		middle := least + (most-least+1)/2
		extra, err := late(middle, paid, owed, surcharge)
		if err != nil {
			return 0, err
		}
		if middle+extra <= available {
			least = middle
		} else {
			most = middle - 1
		}
	}
	extra, err := late(least, paid, owed, surcharge)
	if err != nil || least == owed.Principal {
		return least, err
	}
	return min(owed.Principal, least+max(0, available-least-extra)), nil
}

// MemberShare is a member's two parts of a demand, or of an allocation, in minor units.
type MemberShare struct {
	Member           int64
	Employer, Person money.Amount
}

// Distribute says what the last of the payments of a demand's principal gives to members, when the payments came in their order and add up to at most what is
// due. Members follow the order of due; those who get nothing are left out. It needs no memory of earlier distributions: they are computed again.
func (c Credit) Distribute(due []MemberShare, payments []money.Amount) ([]MemberShare, error) {
	if len(payments) == 0 {
		return nil, nil
	}
	if c == CreditProportional {
		return proportional(due, payments)
	}
	after, err := money.Sum(payments...)
	if err != nil {
		return nil, err
	}
	before := after - payments[len(payments)-1]
	out := make([]MemberShare, len(due))
	var reached money.Amount // due parts up to here
	if c == CreditPersonShare {
		for i := range due {
			out[i].Member = due[i].Member
			reached += due[i].Person
			out[i].Person = within(due[i].Person, reached, before, after)
		}
		for i := range due {
			reached += due[i].Employer
			out[i].Employer = within(due[i].Employer, reached, before, after)
		}
		return without(out), nil
	}
	for i := range due {
		reached += due[i].Employer + due[i].Person
	}
	if before < reached && reached <= after {
		return without(append(out[:0], due...)), nil
	}
	return nil, nil
}

// within gives a part to the payment that completes it.
func within(part, reached, before, after money.Amount) money.Amount {
	if before < reached && reached <= after {
		return part
	}
	return 0
}

func without(shares []MemberShare) []MemberShare {
	kept := shares[:0]
	for _, share := range shares {
		if share.Employer != 0 || share.Person != 0 {
			kept = append(kept, share)
		}
	}
	return kept
}

// proportional shares each payment in proportion to what the payments before it left open.
func proportional(due []MemberShare, payments []money.Amount) ([]MemberShare, error) {
	open := make([]money.Amount, 2*len(due))
	for i := range due {
		open[2*i], open[2*i+1] = due[i].Employer, due[i].Person
	}
	var parts []money.Amount
	for _, payment := range payments {
		if payment == 0 {
			parts = make([]money.Amount, len(open))
			continue
		}
		var err error
		if parts, err = money.Allocate(payment, open, money.ResidualLargest); err != nil {
			return nil, err
		}
		for i := range open {
			open[i] -= parts[i]
		}
	}
	out := make([]MemberShare, len(due))
	for i := range due {
		out[i] = MemberShare{Member: due[i].Member, Employer: parts[2*i], Person: parts[2*i+1]}
	}
	return without(out), nil
}
