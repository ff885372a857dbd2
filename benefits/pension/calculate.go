package pension

import (
	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme"
)

// calculation is the work on one determination.
type calculation struct {
	f       *Formula
	p       *scheme.PensionPolicy
	in      *Inputs
	faults  []InputFault
	steps   []Step
	figures []Figure // backing of the steps' inputs
	used    int      // how many of them belong to a step

	index       decimal.NullDecimal // average index, given or computed
	indexed     *exact              // indexed wage of the basic pension, once computed
	averaged    *exact
	yearsOfAll  *exact
	parts       []Component
	componentsN [3]exact // basic, account pension, transitional
}

func (c *calculation) missing(input, reason, hint string) {
	c.faults = append(c.faults, InputFault{Input: input, Reason: reason, Hint: hint})
}

// figure notes an input of the step being built.
func (c *calculation) figure(name string, value exact) {
	f := Figure{Name: name, Value: value.text()}
	for i := range c.in.Sources {
		if c.in.Sources[i].Input == name {
			f.Parameter = c.in.Sources[i].Provenance.Parameter
		}
	}
	c.figures = append(c.figures, f)
}

// step closes a step whose inputs are the figures noted since the last one, and rounds when there is a rule.
func (c *calculation) step(name, formula string, value exact, r *money.Rounding) exact {
	end := len(c.figures)
	s := Step{Name: name, Formula: formula, Inputs: c.figures[c.used:end:end], Unrounded: value.shown(), Rounding: r}
	c.used = end
	if r != nil {
		value = value.round(*r)
		s.Result = decimalText(value.num)
	} else {
		s.Result = value.text()
	}
	c.steps = append(c.steps, s)
	return value
}

// provincial and local each stand in for the other: most localities know one base only.
func (c *calculation) provincial() (exact, string, bool) {
	return c.base(c.in.BaseProvince, "base_province", c.in.BaseLocal, "base_local")
}

func (c *calculation) local() (exact, string, bool) {
	return c.base(c.in.BaseLocal, "base_local", c.in.BaseProvince, "base_province")
}

func (c *calculation) base(first decimal.NullDecimal, firstName string, second decimal.NullDecimal, secondName string) (exact, string, bool) {
	switch {
	case first.Valid:
		return whole(first.Decimal), firstName, true
	case second.Valid:
		return whole(second.Decimal), secondName, true
	default:
		c.missing(firstName, "is missing, and so is "+secondName, "give the average-wage base in force")
		return exact{}, firstName, false
	}
}

// indexedBase is the base that the basic form multiplies by the index.
func (c *calculation) indexedBase() (exact, string, bool) {
	if c.p.BasicForm == scheme.ProvinceLocalIndexed {
		return c.local()
	}
	return c.provincial()
}

// indexedWage is base × index of the basic pension, computed once.
func (c *calculation) indexedWage() (exact, bool) {
	if c.indexed != nil {
		return *c.indexed, true
	}
	rule := c.p.IndexedWage
	var value exact
	switch {
	case c.in.IndexedWage.Valid && (!c.index.Valid || (rule != nil && rule.Printed)):
		c.figure("indexed_wage", whole(c.in.IndexedWage.Decimal))
		value = c.step("indexed_wage", "as printed", whole(c.in.IndexedWage.Decimal), nil)
	case !c.index.Valid:
		c.missing("avg_index", "is missing", "give the average index, the printed indexed wage, or the history with its rule")
		return exact{}, false
	default:
		base, name, ok := c.indexedBase()
		if !ok {
			return exact{}, false
		}
		c.figure(name, base)
		c.figure("avg_index", whole(c.index.Decimal))
		value = c.step("indexed_wage", name+" × avg_index", base.times(whole(c.index.Decimal)), wageRounding(rule))
	}
	c.indexed = &value
	return value, true
}

func wageRounding(rule *scheme.WageRule) *money.Rounding {
	if rule == nil || rule.Printed {
		return nil
	}
	return &rule.Rounding
}

// firstWage is the wage that is averaged with the indexed one.
func (c *calculation) firstWage() (exact, string, bool) {
	switch c.p.BasicForm {
	case scheme.LocalProvinceIndexed:
		return c.local()
	case scheme.LowIndexFactorOnFirst:
		base, name, ok := c.provincial()
		if !ok {
			return exact{}, name, false
		}
		if !c.index.Valid {
			c.missing("avg_index", "is missing", "the low-index factor needs it")
			return exact{}, name, false
		}
		c.figure("avg_index", whole(c.index.Decimal))
		c.figure("threshold", whole(c.p.LowIndex.Threshold))
		rounding := c.p.LowIndex.Rounding
		ratio := c.step("index_to_threshold", "avg_index ÷ threshold", whole(c.index.Decimal).dividedBy(c.p.LowIndex.Threshold), &rounding)
		c.figure(name, base)
		c.figure("index_to_threshold", ratio)
		return c.step("first_wage", name+" × min(1, index_to_threshold)", base.times(lesser(whole(one), ratio)), nil), "first_wage", true
	default:
		return c.provincial()
	}
}

// averagedWage is (first + indexed) ÷ 2, computed once.
func (c *calculation) averagedWage() (exact, bool) {
	if c.averaged != nil {
		return *c.averaged, true
	}
	first, name, ok := c.firstWage()
	indexed, ok2 := c.indexedWage()
	if !ok || !ok2 {
		return exact{}, false
	}
	c.figure(name, first)
	c.figure("indexed_wage", indexed)
	value := c.step("averaged_wage", "("+name+" + indexed_wage) ÷ 2", first.plus(indexed).times(whole(half)), nil)
	c.averaged = &value
	return value, true
}

func (c *calculation) basic() exact {
	wage, ok := c.averagedWage()
	years, ok2 := c.allYears()
	if !ok || !ok2 {
		return exact{}
	}
	c.figure("averaged_wage", wage)
	c.figure("years", years)
	rounding := c.p.Component
	c.componentsN[0] = c.step(scheme.Basic, "averaged_wage × years × 1 %", wage.times(years).percent(), &rounding)
	return c.componentsN[0]
}

func (c *calculation) accountPension() exact {
	if !c.in.AccountBalance.Valid {
		c.missing("account_balance", "is missing", "give principal and interest of the personal account")
	}
	if !c.in.DivisorMonths.Valid {
		c.missing("divisor_months", "is missing", "take it from the divisor table")
	}
	if !c.in.AccountBalance.Valid || !c.in.DivisorMonths.Valid {
		return exact{}
	}
	c.figure("account_balance", whole(c.in.AccountBalance.Decimal))
	c.figure("divisor_months", whole(c.in.DivisorMonths.Decimal))
	value := whole(c.in.AccountBalance.Decimal).dividedBy(c.in.DivisorMonths.Decimal)
	rounding := c.p.Component
	c.componentsN[1] = c.step(scheme.AccountPension, "account_balance ÷ divisor_months", value, &rounding)
	return c.componentsN[1]
}

func (c *calculation) total(d *Determination) {
	sum := d.Basic.Add(d.AccountPension).Add(d.Transitional)
	for i, name := range [...]string{scheme.Basic, scheme.AccountPension, scheme.Transitional} {
		c.figure(name, c.componentsN[i])
	}
	for _, x := range d.Extras {
		sum = sum.Add(x.Amount)
		c.figure(x.Name, whole(x.Amount))
	}
	d.Subtotal = c.step("subtotal", "sum of components and extras", whole(sum), nil).num
	d.Total = d.Subtotal
	if c.p.Total != nil {
		c.figure("subtotal", whole(d.Subtotal))
		d.Total = c.step("total", "subtotal", whole(d.Subtotal), c.p.Total).num
	}
	d.RoundingTopUp = d.Total.Sub(d.Subtotal)
}

// allYears are the contribution years (缴费年限) of the basic pension, counted once.
func (c *calculation) allYears() (exact, bool) {
	if c.yearsOfAll != nil {
		return *c.yearsOfAll, true
	}
	value, ok := c.years("years", c.p.Years, c.in.Years, "years_total", c.in.Months, "months_total")
	if ok {
		c.yearsOfAll = &value
	}
	return value, ok
}

// years counts years by a rule. Months come first where the rule counts them; printed years stand in where months are not known.
func (c *calculation) years(step string, rule scheme.YearsRule, printed decimal.NullDecimal, printedName string, months *int, monthsName string) (exact, bool) {
	usePrinted := printed.Valid && (rule.Mode == scheme.YearsPrinted || months == nil)
	switch {
	case !printed.Valid && months == nil:
		c.missing(monthsName, "is missing, and so is "+printedName, "give the months contributed, or the years as printed")
		return exact{}, false
	case rule.Mode == scheme.WholePlusMonth:
		return c.wholeYearsAndMonths(step, rule, printed, printedName, months, monthsName), true
	case usePrinted:
		c.figure(printedName, whole(printed.Decimal))
		return c.step(step, printedName+" as printed", whole(printed.Decimal), nil), true
	default:
		count := whole(decimal.NewFromInt(int64(*months)))
		c.figure(monthsName, count)
		var rounding *money.Rounding
		if r, rounds := rule.Rounding(); rounds {
			rounding = &r
		}
		return c.step(step, monthsName+" ÷ 12", count.dividedBy(twelve), rounding), true
	}
}

// wholeYearsAndMonths counts a whole year as 1 and each further month as the rule's percentage, so that years × 1 % is the rate of the locality. Printed
// years are read back into months.
func (c *calculation) wholeYearsAndMonths(step string, rule scheme.YearsRule, printed decimal.NullDecimal, printedName string, months *int,
	monthsName string,
) exact {
	var count int64
	if months != nil {
		count = int64(*months)
	} else {
		c.figure(printedName, whole(printed.Decimal))
		nearest := money.Rounding{Scale: 0, Mode: money.HalfUp}
		count = c.step(step+"_months", printedName+" × 12", whole(printed.Decimal.Mul(twelve)), &nearest).num.IntPart()
		monthsName = step + "_months"
	}
	c.figure(monthsName, whole(decimal.NewFromInt(count)))
	c.figure("month_pct", whole(rule.MonthPct))
	value := decimal.NewFromInt(count / 12).Add(decimal.NewFromInt(count % 12).Mul(rule.MonthPct))
	return c.step(step, "whole years of "+monthsName+" + further months × month_pct", whole(value), nil)
}
