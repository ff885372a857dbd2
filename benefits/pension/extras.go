package pension

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme"
)

// extras computes the policy's additions in its order, then adds those of the inputs that the policy does not know.
func (c *calculation) extras(ofPolicy bool) []Component {
	var out []Component
	if ofPolicy {
		for i := range c.p.Extras {
			x := &c.p.Extras[i]
			value, formula, ok := c.extra(x, out)
			if !ok {
				continue
			}
			rounding := x.Round
			if rounding == nil {
				rounding = &c.p.Component
			}
			rule := *rounding
			out = append(out, Component{Name: x.Name, Amount: c.step(x.Name, formula, value, &rule).num})
		}
	}
	for _, given := range c.in.Extras {
		if slices.ContainsFunc(c.p.Extras, func(x scheme.Extra) bool { return ofPolicy && x.Name == given.Name }) {
			continue
		}
		if !given.Amount.Valid {
			c.missing("extras."+given.Name+".amount", "is missing", "give the amount as printed")
			continue
		}
		c.figure("amount", whole(given.Amount.Decimal))
		out = append(out, Component{Name: given.Name, Amount: c.step(given.Name, "amount as printed", whole(given.Amount.Decimal), nil).num})
	}
	return out
}

// extra computes one addition before rounding, with the figures of its step noted.
func (c *calculation) extra(x *scheme.Extra, before []Component) (value exact, formula string, ok bool) {
	switch x.Kind {
	case scheme.FixedExtra:
		amount, _ := c.memberFigure(c.in.Extras, x.Name, x.Amount, nil)
		if !amount.Valid {
			c.missing("extras."+x.Name+".amount", "is missing", "the policy leaves it to the member")
			return exact{}, "", false
		}
		c.figure("amount", whole(amount.Decimal))
		return whole(amount.Decimal), "amount", true
	case scheme.PctOfSum:
		return c.pctOfSum(x, before), "sum × pct %", true
	case scheme.RatePerYearIndexed:
		wage, ok1 := c.indexedWage()
		years, ok2 := c.allYears()
		c.figure("indexed_wage", wage)
		c.figure("pct", whole(x.Pct.Decimal))
		c.figure("years", years)
		return wage.times(whole(x.Pct.Decimal)).percent().times(years), "indexed_wage × pct % × years", ok1 && ok2
	case scheme.PctOfIndexedWage:
		wage, ok := c.indexedWage()
		c.figure("indexed_wage", wage)
		c.figure("pct", whole(x.Pct.Decimal))
		return wage.times(whole(x.Pct.Decimal)).percent(), "indexed_wage × pct %", ok
	case scheme.AmountPlusIndexYears:
		years, ok := c.allYears()
		index, ok2 := c.indexFor(x)
		c.figure("amount", whole(x.Amount.Decimal))
		c.figure("avg_index", index)
		c.figure("years", years)
		c.figure("factor", whole(x.Factor.Decimal))
		return whole(x.Amount.Decimal).plus(index.times(years).times(whole(x.Factor.Decimal))), "amount + avg_index × years × factor", ok && ok2
	case scheme.IndexYearsPlus:
		return c.indexYearsPlus(x)
	case scheme.PhasedDifference:
		return c.phasedDifference(x, before)
	default: // the policy check lets nothing else pass
		return c.seniorityBrackets(x)
	}
}

func (c *calculation) indexFor(x *scheme.Extra) (exact, bool) {
	if !c.index.Valid {
		c.missing("avg_index", "is missing", "the addition "+x.Name+" needs it")
		return exact{}, false
	}
	return whole(c.index.Decimal), true
}

// named returns the amount of a component, part or earlier extra. The policy check knows every name; what was not computed counts as nothing.
func (c *calculation) named(name string, before []Component) exact {
	for i, component := range [...]string{scheme.Basic, scheme.AccountPension, scheme.Transitional} {
		if name == component {
			return c.componentsN[i]
		}
	}
	for _, list := range [][]Component{c.parts, before} {
		for _, item := range list {
			if item.Name == name {
				return whole(item.Amount)
			}
		}
	}
	return exact{}
}

func (c *calculation) pctOfSum(x *scheme.Extra, before []Component) exact {
	names := x.Of
	if len(names) == 0 {
		names = []string{scheme.Basic, scheme.AccountPension, scheme.Transitional}
	}
	sum := exact{}
	for _, name := range names {
		amount := c.named(name, before)
		c.figure(name, amount)
		sum = sum.plus(amount)
	}
	c.figure("pct", whole(x.Pct.Decimal))
	return sum.times(whole(x.Pct.Decimal)).percent()
}

func (c *calculation) indexYearsPlus(x *scheme.Extra) (exact, string, bool) {
	index, ok := c.indexFor(x)
	_, own := c.memberFigure(c.in.Extras, x.Name, x.Amount, x.Months)
	months, ok2 := c.monthsOf(own, "extras."+x.Name)
	if !ok || !ok2 {
		return exact{}, "", false
	}
	c.figure("avg_index", index)
	c.figure("months", whole(decimal.NewFromInt(months)))
	c.figure("factor", whole(x.Factor.Decimal))
	c.figure("plus", whole(x.Plus.Decimal))
	value := index.times(whole(decimal.NewFromInt(months))).times(whole(x.Factor.Decimal)).dividedBy(twelve).plus(whole(x.Plus.Decimal))
	return value, "avg_index × months ÷ 12 × factor + plus", true
}

// phasedDifference is what the new way of computing gives above the old one, of which a share is paid while it is phased in.
func (c *calculation) phasedDifference(x *scheme.Extra, before []Component) (exact, string, bool) {
	base, name := whole(x.Base.Decimal), "base"
	if !x.Base.Valid {
		var ok bool
		if base, name, ok = c.indexedBase(); !ok {
			return exact{}, "", false
		}
	}
	if !x.IndexMonths.Valid {
		c.missing("extras."+x.Name+".index_months", "is missing", "give Σ index × months of the stretch")
		return exact{}, "", false
	}
	c.figure(name, base)
	c.figure("index_months", whole(x.IndexMonths.Decimal))
	c.figure("coefficient_pct", whole(x.CoefficientPct.Decimal))
	rounding := c.p.Component
	if x.Round != nil {
		rounding = *x.Round
	}
	value := base.times(whole(x.IndexMonths.Decimal)).times(whole(x.CoefficientPct.Decimal)).percent().dividedBy(twelve)
	newMethod := x.Name + "_new_method"
	value = c.step(newMethod, name+" × index_months ÷ 12 × coefficient_pct %", value, &rounding)
	c.figure(newMethod, value)
	for _, less := range x.Less {
		amount := c.named(less, before)
		c.figure(less, amount)
		value = value.minus(amount)
	}
	c.figure("pct", whole(x.Pct.Decimal))
	return value.times(whole(x.Pct.Decimal)).percent(), "(" + newMethod + " less what is paid already) × pct %", true
}

// seniorityBrackets adds averaged wage × years in the bracket × pct % over the brackets.
func (c *calculation) seniorityBrackets(x *scheme.Extra) (exact, string, bool) {
	wage, ok := c.averagedWage()
	if !ok {
		return exact{}, "", false
	}
	amounts := make([]exact, len(x.Brackets))
	names := make([]string, len(x.Brackets))
	for i, b := range x.Brackets {
		years, ok := c.bracketYears(b)
		if !ok {
			return exact{}, "", false
		}
		c.figure("averaged_wage", wage)
		c.figure("years_in_bracket", years)
		c.figure("pct", whole(b.Pct))
		names[i] = fmt.Sprintf("%s_from_%d", x.Name, b.FromYear)
		var each *money.Rounding
		if x.Each != nil {
			rule := *x.Each
			each = &rule
		}
		amounts[i] = c.step(names[i], "averaged_wage × years_in_bracket × pct %", wage.times(years).times(whole(b.Pct)).percent(), each)
	}
	sum := exact{}
	for i, amount := range amounts {
		c.figure(names[i], amount)
		sum = sum.plus(amount)
	}
	return sum, "sum of the brackets", true
}

// bracketYears are the years that fall into a bracket: at most its width, at least none.
func (c *calculation) bracketYears(b scheme.SeniorityBracket) (exact, bool) {
	if b.Years.Valid {
		return whole(b.Years.Decimal), true
	}
	years, ok := c.allYears()
	if !ok {
		return exact{}, false
	}
	if b.ToYear != nil {
		years = lesser(years, whole(decimal.NewFromInt(int64(*b.ToYear))))
	}
	years = years.minus(whole(decimal.NewFromInt(int64(b.FromYear - 1))))
	if years.num.IsNegative() {
		return exact{}, true
	}
	return years, true
}
