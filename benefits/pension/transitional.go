package pension

import (
	"fmt"
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme"
)

// transitional is the transitional pension (过渡性养老金), zero when the policy or the member has none.
func (c *calculation) transitional() exact {
	switch c.p.TransitionalForm {
	case scheme.NoTransitional:
		return exact{}
	case scheme.Parts:
		c.transitionalParts()
	default:
		c.stretches()
	}
	if len(c.parts) == 0 || len(c.faults) > 0 {
		return exact{}
	}
	if len(c.parts) == 1 && c.p.TransitionalForm != scheme.Parts {
		c.componentsN[2] = whole(c.parts[0].Amount)
		c.parts = nil
		return c.componentsN[2]
	}
	sum := exact{}
	for _, p := range c.parts {
		c.figure(p.Name, whole(p.Amount))
		sum = sum.plus(whole(p.Amount))
	}
	rounding := c.p.Component
	c.componentsN[2] = c.step(scheme.Transitional, "sum of the parts", sum, &rounding)
	return c.componentsN[2]
}

// stretches computes wage × years × coefficient for every stretch; a single one is the transitional pension itself.
func (c *calculation) stretches() {
	for i := range c.in.Transitional {
		s := &c.in.Transitional[i]
		name, suffix := scheme.Transitional, ""
		if len(c.in.Transitional) > 1 {
			suffix = "_" + strconv.Itoa(i+1)
			if s.Name != "" {
				suffix = "_" + s.Name
			}
			name += suffix
		}
		input := fmt.Sprintf("transitional[%d].", i)
		wage, ok := c.transitionalWage(s, suffix, input)
		rule := c.p.Years
		if c.p.TransitionalYears != nil {
			rule = *c.p.TransitionalYears
		}
		years, ok2 := c.years("transitional_years"+suffix, rule, s.Years, input+"years", s.Months, input+"months")
		if !s.CoefficientPct.Valid {
			c.missing(input+"coefficient_pct", "is missing", "give the locality's coefficient in per cent")
		}
		if !ok || !ok2 || !s.CoefficientPct.Valid {
			continue
		}
		c.figure("transitional_wage"+suffix, wage)
		c.figure("transitional_years"+suffix, years)
		c.figure("coefficient_pct", whole(s.CoefficientPct.Decimal))
		rounding := c.p.Component
		value := c.step(name, "transitional_wage"+suffix+" × transitional_years"+suffix+" × coefficient_pct %",
			wage.times(years).times(whole(s.CoefficientPct.Decimal)).percent(), &rounding)
		c.parts = append(c.parts, Component{Name: name, Amount: value.num})
	}
}

// transitionalWage is the wage of one stretch: base × index, or its average with the base.
func (c *calculation) transitionalWage(s *Stretch, suffix, input string) (exact, bool) {
	rule := c.p.TransitionalWage
	printed := rule != nil && rule.Printed
	if rule == nil && c.p.IndexedWage != nil {
		printed = c.p.IndexedWage.Printed
	}
	index := s.Index
	if !index.Valid {
		index = c.index
	}
	name := "transitional_wage" + suffix
	averaged := c.p.TransitionalForm == scheme.Averaged
	if averaged {
		name = "transitional_indexed_wage" + suffix
	}
	var wage exact
	switch {
	case s.IndexedWage.Valid && (printed || !index.Valid):
		c.figure(input+"indexed_wage", whole(s.IndexedWage.Decimal))
		wage = c.step(name, "as printed", whole(s.IndexedWage.Decimal), nil)
	case !index.Valid && c.in.IndexedWage.Valid && !s.Base.Valid:
		c.figure("indexed_wage", whole(c.in.IndexedWage.Decimal))
		wage = c.step(name, "indexed_wage as printed", whole(c.in.IndexedWage.Decimal), nil)
	case !index.Valid:
		c.missing(input+"index", "is missing, and there is no average index", "give the index of the stretch")
		return exact{}, false
	default:
		base, baseName, ok := c.stretchBase(s, input)
		if !ok {
			return exact{}, false
		}
		c.figure(baseName, base)
		c.figure(stretchIndexName(s, input), whole(index.Decimal))
		wage = c.step(name, baseName+" × "+stretchIndexName(s, input), base.times(whole(index.Decimal)), wageRounding(rule))
	}
	if !averaged {
		return wage, true
	}
	base, baseName, ok := c.stretchBase(s, input)
	if !ok {
		return exact{}, false
	}
	c.figure(baseName, base)
	c.figure(name, wage)
	return c.step("transitional_wage"+suffix, "("+baseName+" + "+name+") ÷ 2", base.plus(wage).times(whole(half)), nil), true
}

func stretchIndexName(s *Stretch, input string) string {
	if s.Index.Valid {
		return input + "index"
	}
	return "avg_index"
}

func (c *calculation) stretchBase(s *Stretch, input string) (exact, string, bool) {
	if s.Base.Valid {
		return whole(s.Base.Decimal), input + "base", true
	}
	return c.indexedBase()
}

// transitionalParts computes the policy's own parts, each rounded as a component.
func (c *calculation) transitionalParts() {
	for i := range c.p.TransitionalParts {
		p := &c.p.TransitionalParts[i]
		amount, months := c.memberFigure(c.in.Parts, p.Name, p.Amount, p.Months)
		if !amount.Valid {
			c.missing("parts."+p.Name+".amount", "is missing", "the policy leaves it to the member")
			continue
		}
		c.figure("amount", whole(amount.Decimal))
		value, formula := whole(amount.Decimal), "amount"
		switch p.Kind {
		case scheme.QuotientPart:
			c.figure("divisor", whole(p.Divisor.Decimal))
			value, formula = value.dividedBy(p.Divisor.Decimal), "amount ÷ divisor"
		case scheme.ProductPart:
			c.figure("factor", whole(p.Factor.Decimal))
			value, formula = value.times(whole(p.Factor.Decimal)), "amount × factor"
		case scheme.PerWholeYearPart:
			count, ok := c.monthsOf(months, "parts."+p.Name)
			if !ok {
				continue
			}
			c.figure("months", whole(decimal.NewFromInt(count)))
			value, formula = value.times(whole(decimal.NewFromInt(count/12))), "amount × whole years of months"
		}
		rounding := c.p.Component
		c.parts = append(c.parts, Component{Name: p.Name, Amount: c.step(p.Name, formula, value, &rounding).num})
	}
}

// memberFigure takes amount and months from the policy, and from the member what the policy leaves open.
func (c *calculation) memberFigure(given []MemberFigure, name string, amount decimal.NullDecimal, months *int) (decimal.NullDecimal, *int) {
	for i := range given {
		if given[i].Name != name {
			continue
		}
		if !amount.Valid {
			amount = given[i].Amount
		}
		if months == nil {
			months = given[i].Months
		}
	}
	return amount, months
}

// monthsOf falls back to all contribution months, and to the printed years when only those are known.
func (c *calculation) monthsOf(own *int, where string) (int64, bool) {
	switch {
	case own != nil:
		return int64(*own), true
	case c.in.Months != nil:
		return int64(*c.in.Months), true
	case c.in.Years.Valid:
		return whole(c.in.Years.Decimal.Mul(twelve)).round(money.Rounding{Scale: 0, Mode: money.HalfUp}).num.IntPart(), true
	default:
		c.missing(where+".months", "is missing, and so is months_total", "give the months contributed")
		return 0, false
	}
}
