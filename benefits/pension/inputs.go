package pension

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme"
)

// Inputs are one member's figures at a determination. Amounts are in major units a month (元/月); what a policy does not use may be left out.
type Inputs struct {
	BaseProvince   decimal.NullDecimal `json:"base_province,omitzero"` // average-wage base of the province (计发基数); absent: BaseLocal
	BaseLocal      decimal.NullDecimal `json:"base_local,omitzero"`    // of the locality; absent: BaseProvince
	AverageIndex   decimal.NullDecimal `json:"avg_index,omitzero"`     // mean contribution index (平均缴费工资指数); absent: from History
	IndexedWage    decimal.NullDecimal `json:"indexed_wage,omitzero"`  // base × index as the sheet prints it
	Years          decimal.NullDecimal `json:"years_total,omitzero"`   // contribution years as printed; Months count first where a policy rounds them
	Months         *int                `json:"months_total,omitempty"`
	AccountBalance decimal.NullDecimal `json:"account_balance,omitzero"` // principal and interest of the personal account
	DivisorMonths  decimal.NullDecimal `json:"divisor_months,omitzero"`  // see scheme.Catalogue.Divisor
	Transitional   []Stretch           `json:"transitional,omitempty"`
	Parts          []MemberFigure      `json:"parts,omitempty"`  // what the policy's transitional parts leave to the member, by name
	Extras         []MemberFigure      `json:"extras,omitempty"` // likewise for its extras; one the policy does not know is added as a fixed amount
	History        []ContributionYear  `json:"history,omitempty"`
	IndexRule      *IndexRule          `json:"index_rule,omitempty"` // how History becomes AverageIndex
	Sources        []InputSource       `json:"sources,omitempty"`    // where figures that are law come from
}

// Stretch is a time that a transitional pension counts: years before personal accounts, deemed (视同) or actual.
type Stretch struct {
	Base           decimal.NullDecimal `json:"base,omitzero"`         // absent: the base that the basic pension indexes
	Index          decimal.NullDecimal `json:"index,omitzero"`        // absent: AverageIndex
	IndexedWage    decimal.NullDecimal `json:"indexed_wage,omitzero"` // Base × Index as printed
	CoefficientPct decimal.NullDecimal `json:"coefficient_pct,omitzero"`
	Years          decimal.NullDecimal `json:"years,omitzero"`
	Months         *int                `json:"months,omitempty"`
	Name           string              `json:"name,omitempty"`
}

// MemberFigure is a member's own amount or months for a named part or extra.
type MemberFigure struct {
	Name   string              `json:"name"`
	Amount decimal.NullDecimal `json:"amount,omitzero"`
	Months *int                `json:"months,omitempty"`
}

// InputSource says that an input, by its JSON name, is a parameter of the law.
type InputSource struct {
	Input      string            `json:"input"`
	Provenance scheme.Provenance `json:"provenance"`
}

// ContributionYear is one calendar year of a member's contributions. Amounts are in minor units.
type ContributionYear struct {
	Year        int          `json:"year"`
	BaseSum     money.Amount `json:"base_sum"`     // sum of the monthly contribution bases
	AverageWage money.Amount `json:"average_wage"` // monthly average wage that the year is measured by
	Months      int          `json:"months"`       // months contributed, 1 to 12
}

// InputError is everything wrong with the inputs of one determination. Nothing was computed. Get it with errors.As.
type InputError struct {
	Faults []InputFault
}

// InputFault is one missing or impossible input.
type InputFault struct {
	Input  string // JSON name
	Reason string
	Hint   string
}

func (e *InputError) Error() string {
	lines := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		lines[i] = fmt.Sprintf("pension: %s %s; %s", f.Input, f.Reason, f.Hint)
	}
	return strings.Join(lines, "\n")
}

// check finds figures that no determination can have, whatever the policy.
func (in *Inputs) check() []InputFault {
	var faults []InputFault
	notNegative := func(name string, value decimal.NullDecimal) {
		switch {
		case !value.Valid:
		case !sane(value.Decimal):
			faults = append(faults, InputFault{name, "has more digits than a figure of a pension", "give at most 20 before and after the point"})
		case value.Decimal.IsNegative():
			faults = append(faults, InputFault{name, value.Decimal.String() + " is negative", "give zero or more"})
		}
	}
	months := func(name string, value *int) {
		if value != nil && *value < 0 {
			faults = append(faults, InputFault{name, fmt.Sprintf("%d is negative", *value), "give a number of months"})
		}
	}
	notNegative("base_province", in.BaseProvince)
	notNegative("base_local", in.BaseLocal)
	notNegative("avg_index", in.AverageIndex)
	notNegative("indexed_wage", in.IndexedWage)
	notNegative("years_total", in.Years)
	months("months_total", in.Months)
	notNegative("account_balance", in.AccountBalance)
	notNegative("divisor_months", in.DivisorMonths)
	if in.DivisorMonths.Valid && in.DivisorMonths.Decimal.IsZero() {
		faults = append(faults, InputFault{"divisor_months", "is zero", "take it from the divisor table"})
	}
	for i := range in.Transitional {
		s := &in.Transitional[i]
		at := fmt.Sprintf("transitional[%d].", i)
		notNegative(at+"base", s.Base)
		notNegative(at+"index", s.Index)
		notNegative(at+"indexed_wage", s.IndexedWage)
		notNegative(at+"coefficient_pct", s.CoefficientPct)
		notNegative(at+"years", s.Years)
		months(at+"months", s.Months)
	}
	figures := func(list string, figures []MemberFigure) {
		for _, f := range figures {
			if f.Amount.Valid && !sane(f.Amount.Decimal) { // an amount may be negative: a deduction
				faults = append(faults, InputFault{list + f.Name, "has more digits than an amount", "give at most 20 before and after the point"})
			}
			months(list+f.Name+".months", f.Months)
		}
	}
	figures("parts.", in.Parts)
	figures("extras.", in.Extras)
	return faults
}

// sane bounds digits, so that a stored or foreign record with an exponent of millions costs nothing.
func sane(d decimal.Decimal) bool {
	const most = 20
	return d.Exponent() >= -most && d.Exponent() <= most && d.NumDigits() <= 2*most
}
