package scheme

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/money"
)

// policyFault is one fault of a policy with the path of its field.
type policyFault struct{ path, reason, hint string }

type policyChecker struct {
	faults []policyFault
	names  []string // what Of and Less may name so far
}

func (c *policyChecker) fault(path, reason, hint string) {
	c.faults = append(c.faults, policyFault{path, reason, hint})
}

// Check returns every fault of the policy in one *PolicyError, or nil.
func (p *PensionPolicy) Check() error {
	faults := p.faults()
	if len(faults) == 0 {
		return nil
	}
	out := &PolicyError{}
	for _, f := range faults {
		out.Faults = append(out.Faults, fmt.Sprintf("%s: %s; %s", f.path, f.reason, f.hint))
	}
	return out
}

func (p *PensionPolicy) faults() []policyFault {
	c := &policyChecker{names: []string{Basic, AccountPension, Transitional}}
	switch p.BasicForm {
	case Same, ProvinceLocalIndexed, LocalProvinceIndexed, LowIndexFactorOnFirst:
	default:
		c.fault("basic_form", fmt.Sprintf("%q is no form", p.BasicForm),
			"use same, prov_plus_local_indexed, local_plus_prov_indexed or low_index_factor")
	}
	c.lowIndex(p)
	c.wage("indexed_wage", p.IndexedWage)
	c.wage("transitional_wage", p.TransitionalWage)
	c.years("years", p.Years)
	if p.TransitionalYears != nil {
		c.years("transitional_years", *p.TransitionalYears)
	}
	c.rounding("component", p.Component)
	if p.Total != nil {
		c.rounding("total", *p.Total)
	}
	switch p.TransitionalForm {
	case NoTransitional, Indexed, Averaged, IndexedParts, Parts:
	default:
		c.fault("transitional_form", fmt.Sprintf("%q is no form", p.TransitionalForm), "use none, indexed, averaged, indexed_parts or parts")
	}
	if (p.TransitionalForm == Parts) != (len(p.TransitionalParts) > 0) {
		c.fault("transitional_parts", fmt.Sprintf("there are %d parts for the form %q", len(p.TransitionalParts), p.TransitionalForm),
			"give transitional_parts with the form parts, and only with it")
	}
	for i := range p.TransitionalParts {
		c.part(fmt.Sprintf("transitional_parts[%d]", i), &p.TransitionalParts[i])
	}
	for i := range p.Extras {
		c.extra(fmt.Sprintf("extras[%d]", i), &p.Extras[i])
	}
	return c.faults
}

func (c *policyChecker) lowIndex(p *PensionPolicy) {
	switch {
	case (p.BasicForm == LowIndexFactorOnFirst) != (p.LowIndex != nil):
		c.fault("low_index", fmt.Sprintf("the form is %q and low_index is given: %t", p.BasicForm, p.LowIndex != nil),
			"give low_index with the form low_index_factor, and only with it")
	case p.LowIndex != nil:
		if c.sane("low_index.threshold", decimal.NewNullDecimal(p.LowIndex.Threshold)) && !p.LowIndex.Threshold.IsPositive() {
			c.fault("low_index.threshold", p.LowIndex.Threshold.String()+" is not above zero", "give a threshold such as '0.6'")
		}
		c.rounding("low_index", p.LowIndex.Rounding)
	}
}

func (c *policyChecker) rounding(path string, r money.Rounding) {
	if err := r.Check(); err != nil {
		c.fault(path, err.Error(), "give {scale: N, mode: half_up}")
	}
}

func (c *policyChecker) wage(path string, w *WageRule) {
	if w != nil && !w.Printed {
		c.rounding(path, w.Rounding)
	}
}

func (c *policyChecker) years(path string, y YearsRule) {
	if r, rounds := y.Rounding(); rounds {
		c.rounding(path, r)
	}
	if c.sane(path, decimal.NewNullDecimal(y.MonthPct)) && y.Mode == WholePlusMonth && !y.MonthPct.IsPositive() {
		c.fault(path+".month_pct", "is missing or not above zero", "give the percentage of a month, such as '0.083'")
	}
}

// name refuses a blank name and one that is taken, and lets later entries refer to it.
func (c *policyChecker) name(path, name string) {
	if name == "" || slices.Contains(c.names, name) || name == "subtotal" || name == "total" {
		c.fault(path+".name", fmt.Sprintf("%q is blank or taken", name), "give each part and extra a name of its own")
		return
	}
	c.names = append(c.names, name)
}

// sane refuses numbers with more digits than any rule has: they would cost time and mean nothing.
func (c *policyChecker) sane(path string, numbers ...decimal.NullDecimal) bool {
	const most = 20
	for _, n := range numbers {
		if n.Valid && (n.Decimal.Exponent() < -most || n.Decimal.Exponent() > most || n.Decimal.NumDigits() > 2*most) {
			c.fault(path, "has a number of too many digits", fmt.Sprintf("give at most %d before and after the point", most))
			return false
		}
	}
	return true
}

func (c *policyChecker) need(path, field string, value decimal.NullDecimal) {
	if !value.Valid {
		c.fault(path, "has no "+field, "give "+field+" as a quoted number")
	}
}

func (c *policyChecker) part(path string, p *TransitionalPart) {
	c.name(path, p.Name)
	if !c.sane(path, p.Amount, p.Divisor, p.Factor) {
		return
	}
	switch p.Kind {
	case FixedPart:
	case QuotientPart:
		c.need(path, "divisor", p.Divisor)
		if p.Divisor.Valid && !p.Divisor.Decimal.IsPositive() {
			c.fault(path+".divisor", p.Divisor.Decimal.String()+" is not above zero", "give the number of months")
		}
	case ProductPart:
		c.need(path, "factor", p.Factor)
	case PerWholeYearPart:
		c.need(path, "amount", p.Amount)
	default:
		c.fault(path+".kind", fmt.Sprintf("%q is no kind", p.Kind), "use fixed, quotient, product or per_whole_year")
	}
	if p.Months != nil && *p.Months < 0 {
		c.fault(path+".months", "is negative", "give a number of months")
	}
}

func (c *policyChecker) extra(path string, x *Extra) {
	c.references(path+".of", x.Of)
	c.references(path+".less", x.Less)
	c.name(path, x.Name)
	c.sane(path, x.Amount, x.Pct, x.Factor, x.Plus, x.Base, x.IndexMonths, x.CoefficientPct)
	switch x.Kind {
	case FixedExtra:
	case PctOfSum, RatePerYearIndexed, PctOfIndexedWage:
		c.need(path, "pct", x.Pct)
	case AmountPlusIndexYears:
		c.need(path, "amount", x.Amount)
		c.need(path, "factor", x.Factor)
	case IndexYearsPlus:
		c.need(path, "factor", x.Factor)
	case PhasedDifference:
		c.need(path, "coefficient_pct", x.CoefficientPct)
		c.need(path, "pct", x.Pct)
	case SeniorityBracketsSum:
		c.brackets(path, x.Brackets)
	default:
		c.fault(path+".kind", fmt.Sprintf("%q is no kind", x.Kind), "use one of the kinds of scheme.ExtraKind")
	}
	if x.Months != nil && *x.Months < 0 {
		c.fault(path+".months", "is negative", "give a number of months")
	}
	if x.Each != nil {
		c.rounding(path+".each", *x.Each)
	}
	if x.Round != nil {
		c.rounding(path+".round", *x.Round)
	}
}

func (c *policyChecker) references(path string, names []string) {
	for _, name := range names {
		if !slices.Contains(c.names, name) {
			c.fault(path, fmt.Sprintf("%q names nothing computed before", name), fmt.Sprintf("name one of %q", c.names))
		}
	}
}

func (c *policyChecker) brackets(path string, brackets []SeniorityBracket) {
	if len(brackets) == 0 {
		c.fault(path, "has no brackets", "give brackets with from_year, to_year and pct")
	}
	last := 0
	for i, b := range brackets {
		at := fmt.Sprintf("%s.brackets[%d]", path, i)
		c.sane(at, decimal.NewNullDecimal(b.Pct), b.Years)
		switch {
		case b.FromYear <= last:
			c.fault(at+".from_year", fmt.Sprintf("%d is not after %d, the end of the bracket before", b.FromYear, last), "write brackets in order, from year 1 on")
		case b.ToYear != nil && *b.ToYear < b.FromYear:
			c.fault(at+".to_year", fmt.Sprintf("%d is before %d", *b.ToYear, b.FromYear), "end the bracket at its first year or later")
		case b.ToYear == nil && i < len(brackets)-1:
			c.fault(at+".to_year", "is open before the last bracket", "give it an end")
		}
		if b.ToYear != nil {
			last = *b.ToYear
		}
	}
}
