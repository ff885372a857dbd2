package main

import (
	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/collection"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme"
)

// noFloor are limits of a base that has a cap only.
func noFloor(limit money.Amount) collection.BaseLimits { return collection.BaseLimits{Cap: limit} }

// share is a contribution of a base within limits at a rate of the case.
func share(base money.Amount, limits collection.BaseLimits, rate decimal.Decimal, currency money.Currency, r money.Rounding) (money.Amount, error) {
	contribution, err := collection.Contribute(base, limits, scheme.Value{Number: rate}, currency, r)
	return contribution.Amount, err
}

// unlimited is the cap of a base that has none.
const unlimited money.Amount = 1 << 52

// solveSharedContribution computes contributions of the Central Provident Fund: the total to the nearest dollar, the employee's share cut off to the dollar,
// the employer's the rest.
func solveSharedContribution(_ *scheme.Catalogue, c *publishedCase) (*answer, error) {
	a, shared, dollar := newAnswer(), newFigures(c.Inputs), money.MustCurrency("SGD")
	employee, employer, total := shared.rate("employee_rate"), shared.rate("employer_rate"), shared.rate("total_rate")
	limit, hasLimit := shared.decimalAmount(dollar, "ceiling", "ordinary_wage_ceiling")
	if !hasLimit {
		limit = unlimited
	}
	if !total.Valid && employee.Valid && employer.Valid {
		total = decimal.NewNullDecimal(employee.Decimal.Add(employer.Decimal))
	}
	if err := shared.err(); err != nil {
		return nil, err
	}
	if !total.Valid || !employee.Valid {
		return nil, otherShape("the rates of employee and of employer or total are needed")
	}
	for _, one := range c.items("vectors") {
		wage, ok := one.decimalAmount(dollar, "wage")
		if !ok {
			one.fault("wage is missing")
		}
		if err := one.err(); err != nil {
			return nil, err
		}
		all, err := share(wage, noFloor(limit), total.Decimal, dollar, money.Rounding{Mode: money.HalfUp})
		if err != nil {
			return nil, err
		}
		own, err := share(wage, noFloor(limit), employee.Decimal, dollar, money.Rounding{Mode: money.Truncate})
		if err != nil {
			return nil, err
		}
		a.echo(one, "wage")
		a.set(one.path+"total", dollar.Text(all))
		a.set(one.path+"employee", dollar.Text(own))
		a.set(one.path+"employer", dollar.Text(all-own))
	}
	return a, nil
}

// decimalAmount reads an amount of a currency; false: it is not there.
func (f *figures) decimalAmount(currency money.Currency, names ...string) (money.Amount, bool) {
	d := f.number(names...)
	if !d.Valid {
		return 0, false
	}
	amount, err := currency.FromDecimal(d.Decimal)
	if err != nil {
		f.fault("%v", err)
	}
	return amount, true
}

// bracket is a stretch of a wage with its own rate: above From, up to To.
type bracket struct {
	from, to money.Amount
	rate     decimal.Decimal
}

// ofBrackets computes each bracket's contribution: what of the wage lies in it, at its rate.
func ofBrackets(wage money.Amount, brackets []bracket, currency money.Currency, r money.Rounding) ([]money.Amount, error) {
	out := make([]money.Amount, len(brackets))
	for i, b := range brackets {
		amount, err := share(max(0, wage-b.from), noFloor(b.to-b.from), b.rate, currency, r)
		if err != nil {
			return nil, err
		}
		out[i] = amount
	}
	return out, nil
}

// solveTiers computes the two tiers of a pension contribution (National Social Security Fund), the same from employer and employee.
func solveTiers(_ *scheme.Catalogue, c *publishedCase) (*answer, error) {
	a, shared, shilling := newAnswer(), newFigures(c.Inputs), money.MustCurrency("KES")
	lower, ok := shared.decimalAmount(shilling, "lel")
	upper, ok2 := shared.decimalAmount(shilling, "uel")
	rate := shared.rate("rate_each")
	if err := shared.err(); err != nil {
		return nil, err
	}
	if !ok || !ok2 || !rate.Valid {
		return nil, otherShape("lel, uel and rate_each are needed")
	}
	tiers := []bracket{{0, lower, rate.Decimal}, {lower, upper, rate.Decimal}}
	for _, one := range c.items("vectors") {
		wage, given := one.decimalAmount(shilling, "wage")
		if !given {
			one.fault("wage is missing")
		}
		if err := one.err(); err != nil {
			return nil, err
		}
		each, err := ofBrackets(wage, tiers, shilling, c.roundingOr(money.Rounding{Scale: 2, Mode: money.HalfUp}))
		if err != nil {
			return nil, err
		}
		a.echo(one, "wage")
		a.set(one.path+"tier1_each", shilling.Text(each[0]))
		a.set(one.path+"tier2_each", shilling.Text(each[1]))
		a.set(one.path+"total", shilling.Text(2*(each[0]+each[1])))
	}
	return a, nil
}

// solveCappedContribution computes a contribution up to a multiple of a ceiling (plafond de la sécurité sociale).
func solveCappedContribution(_ *scheme.Catalogue, c *publishedCase) (*answer, error) {
	a, shared, euro := newAnswer(), newFigures(c.Inputs), money.MustCurrency("EUR")
	ceiling, ok := shared.decimalAmount(euro, "pss_month", "ceiling")
	rate, multiple := shared.rate("rate"), shared.count("cap_multiple")
	if err := shared.err(); err != nil {
		return nil, err
	}
	if !ok || !rate.Valid || multiple == nil {
		return nil, otherShape("pss_month, rate and cap_multiple are needed")
	}
	for _, one := range c.items("vectors") {
		wage, given := one.decimalAmount(euro, "wage")
		if !given {
			one.fault("wage is missing")
		}
		if err := one.err(); err != nil {
			return nil, err
		}
		amount, err := share(wage, noFloor(ceiling*money.Amount(*multiple)), rate.Decimal, euro, c.roundingOr(money.Rounding{Scale: 2, Mode: money.HalfUp}))
		if err != nil {
			return nil, err
		}
		a.echo(one, "wage")
		a.set(one.path+"contribution", euro.Text(amount))
	}
	return a, nil
}

// solveMarginalScale computes contributions by brackets that are valid from dates on: the latest date not after the period counts.
func solveMarginalScale(_ *scheme.Catalogue, c *publishedCase) (*answer, error) {
	a, shared, currency := newAnswer(), newFigures(c.Inputs), money.MustCurrency("EUR")
	dated, _ := shared.field("brackets_by_date")
	if dated == nil {
		return nil, otherShape("brackets_by_date is needed")
	}
	scales := map[calendar.Date][]bracket{}
	for _, field := range dated.Fields {
		day, err := calendar.ParseDate(field.Name)
		if err != nil {
			return nil, err
		}
		for i, n := range field.Value.Items {
			if len(n.Items) != 2 {
				return nil, otherShape("a bracket is a threshold and a rate")
			}
			threshold, err := money.ParseDecimal(n.Items[0].Text)
			if err != nil {
				return nil, err
			}
			rate, err := money.ParseDecimal(n.Items[1].Text)
			if err != nil {
				return nil, err
			}
			from, err := currency.FromDecimal(threshold)
			if err != nil {
				return nil, err
			}
			if i > 0 {
				scales[day][i-1].to = from
			}
			scales[day] = append(scales[day], bracket{from, unlimited, rate})
		}
	}
	for _, one := range c.items("vectors") {
		salary, ok := one.decimalAmount(currency, "salary", "wage")
		if !ok {
			one.fault("salary is missing")
		}
		at := one.day("period")
		if err := one.err(); err != nil {
			return nil, err
		}
		var latest calendar.Date
		for day := range scales {
			if day <= at && day > latest {
				latest = day
			}
		}
		amounts, err := ofBrackets(salary, scales[latest], currency, c.roundingOr(money.Rounding{Scale: 2, Mode: money.HalfUp}))
		if err != nil {
			return nil, err
		}
		var sum money.Amount
		for _, amount := range amounts {
			sum += amount
		}
		a.echo(one, "period", "salary", "wage")
		a.set(one.path+"contribution", currency.Text(sum))
	}
	return a, nil
}
