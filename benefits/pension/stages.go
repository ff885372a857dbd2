package pension

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/money"
)

// Retroactive is what a formal determination (正式核定) changes of the provisional one (预核) paid before it. Positive amounts are owed to the member,
// negative ones by the member (多退少补).
type Retroactive struct {
	Differences []Component     `json:"differences"` // formal − provisional by component and extra, those of zero too
	Monthly     decimal.Decimal `json:"monthly"`     // of the totals
	Months      int             `json:"months"`      // for which the provisional amount was paid
	Total       decimal.Decimal `json:"total"`       // Monthly × Months
}

// Retroact compares two determinations of one member. A component or extra that only one of them has counts as zero in the other. months is zero or more.
func Retroact(provisional, formal *Determination, months int) (Retroactive, error) {
	if months < 0 {
		return Retroactive{}, &InputError{Faults: []InputFault{{"months", fmt.Sprintf("%d is negative", months), "give the months that were paid"}}}
	}
	out := Retroactive{Months: months, Monthly: formal.Total.Sub(provisional.Total)}
	before := map[string]decimal.Decimal{}
	for _, c := range provisional.Amounts() {
		before[c.Name] = c.Amount
	}
	for _, c := range formal.Amounts() {
		out.Differences = append(out.Differences, Component{c.Name, c.Amount.Sub(before[c.Name])})
		delete(before, c.Name)
	}
	for _, c := range provisional.Amounts() {
		if amount, left := before[c.Name]; left {
			out.Differences = append(out.Differences, Component{c.Name, amount.Neg()})
		}
	}
	out.Total = out.Monthly.Mul(decimal.NewFromInt(int64(months)))
	return out, nil
}

// PhasedIn is a pension between an old and a new way of computing it (过渡期待遇).
type PhasedIn struct {
	Old     decimal.Decimal `json:"old"` // also the least that is paid
	New     decimal.Decimal `json:"new"`
	Pct     decimal.Decimal `json:"pct"` // of the excess that is paid in this year of the transition
	Payable decimal.Decimal `json:"payable"`
	Trace   []Step          `json:"trace"`
}

// PhaseIn pays the old amount and a share of what the new one has above it. It returns an *InputError for a percentage outside 0 to 100 and a *money.Error
// for a rounding that is none.
func PhaseIn(old, new, pct decimal.Decimal, r money.Rounding) (PhasedIn, error) {
	if err := r.Check(); err != nil {
		return PhasedIn{}, err
	}
	if pct.IsNegative() || pct.GreaterThan(decimal.New(100, 0)) {
		return PhasedIn{}, &InputError{Faults: []InputFault{{"phase_in_pct", pct.String() + " is no share", "give 0 to 100"}}}
	}
	c := calculation{in: &Inputs{}}
	c.figure("new_method_total", whole(new))
	c.figure("old_method_total", whole(old))
	excess := c.step("excess", "max(0, new_method_total − old_method_total)", whole(decimal.Max(decimal.Decimal{}, new.Sub(old))), nil)
	c.figure("old_method_total", whole(old))
	c.figure("excess", excess)
	c.figure("phase_in_pct", whole(pct))
	payable := c.step("payable", "old_method_total + excess × phase_in_pct %", whole(old).plus(excess.times(whole(pct)).percent()), &r)
	return PhasedIn{Old: old, New: new, Pct: pct, Payable: payable.num, Trace: c.steps}, nil
}
