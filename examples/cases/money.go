package main

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/benefits"
	"github.com/fundledger/fundledger/collection"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme"
)

var (
	yuan    = money.MustCurrency("CNY")
	halfFen = money.Rounding{Scale: 2, Mode: money.HalfUp}
)

// roundingOr is the rounding that the case's text names, or that of the kind.
func (c *publishedCase) roundingOr(otherwise money.Rounding) money.Rounding {
	for clause := range strings.SplitSeq(strings.ToLower(c.Rounding), ";") {
		if r, ok := roundingOf(clause); ok {
			return r
		}
	}
	return otherwise
}

// amount converts a decimal of yuan, which must not have more than two decimals.
func (f *figures) amount(names ...string) (money.Amount, bool) {
	d := f.number(names...)
	if !d.Valid {
		return 0, false
	}
	a, err := yuan.FromDecimal(d.Decimal)
	if err != nil {
		f.fault("%v", err)
	}
	return a, true
}

func solveLateFee(law *scheme.Catalogue, c *publishedCase) (*answer, error) {
	a, f := newAnswer(), newFigures(c.Inputs)
	principal, ok := f.amount("principal", "arrears")
	if !ok {
		f.fault("principal is missing")
	}
	rate, days := f.rate("daily_rate", "rate_per_day"), f.count("days")
	first, last := f.day("due", "due_date", "from", "start", "arrears_from"), f.day("paid", "paid_on", "paid_date", "to", "end", "until")
	stretches := f.stretches(law)
	if err := errFaults(*f.faults); err != nil {
		return nil, err
	}
	policy := collection.SurchargePolicy{Rounding: c.roundingOr(halfFen), FromDueDay: f.node.Field("due") == nil && f.node.Field("due_date") == nil}
	var s collection.Surcharge
	var err error
	switch {
	case len(stretches) > 0:
		s, err = collection.SurchargeForDays(principal, yuan, stretches, policy)
	case rate.Valid && days != nil:
		s, err = collection.SurchargeForDays(principal, yuan, []collection.SurchargeStretch{{Days: *days, Rate: rate.Decimal}}, policy)
	case rate.Valid && first != 0 && last != 0:
		s, err = collection.ComputeSurcharge(principal, yuan, first, last, oneRate{rate.Decimal}, policy)
	case first != 0 && last != 0:
		s, err = collection.ComputeSurcharge(principal, yuan, first, last, law, policy)
	case days != nil && first != 0:
		s, err = collection.ComputeSurcharge(principal, yuan, first, first.AddDays(*days), law, policy)
	default:
		return nil, fmt.Errorf("days and daily_rate are needed, or the first day and the day of payment")
	}
	if err != nil {
		return nil, err
	}
	f.noteUnread(a)
	a.set("late_fee", yuan.Text(s.Amount))
	a.set("surcharge", yuan.Text(s.Amount))
	a.set("days", fmt.Sprint(s.Days))
	for i, part := range s.Stretches {
		path := fmt.Sprintf("segments[%d].", i)
		a.set(path+"days", fmt.Sprint(part.Days))
		a.set(path+"daily_rate", part.Rate.String())
		a.set(path+"late_fee", part.Amount.String())
		a.set(path+"amount", part.Amount.String())
	}
	return a, s.WriteTrace(&a.trace, yuan)
}

// stretches reads days at a rate each, listed as segments; a segment without a rate has that of the law on its first day.
func (f *figures) stretches(law *scheme.Catalogue) []collection.SurchargeStretch {
	list, name := f.field("segments", "stretches", "periods")
	if list == nil {
		return nil
	}
	var out []collection.SurchargeStretch
	for i, item := range list.Items {
		inner := f.inner(item, fmt.Sprintf("%s[%d]", name, i))
		rate, days, from, to := inner.rate("daily_rate", "rate_per_day", "rate"), inner.count("days"), inner.day("from", "start"), inner.day("to", "end")
		part := collection.SurchargeStretch{Rate: rate.Decimal}
		switch {
		case days != nil:
			part.Days = *days
		case from != 0 && to != 0:
			part.Days = to.Sub(from) + 1
		default:
			inner.fault("has neither days nor from and to")
		}
		if !rate.Valid {
			value, err := law.Rate(collection.SurchargeRate, from)
			if err != nil {
				inner.fault("%v", err)
			}
			part.Rate = value.Number
		}
		out = append(out, part)
	}
	return out
}

// oneRate is the rate of a case that gives dates and its own rate.
type oneRate struct{ rate decimal.Decimal }

func (o oneRate) Spans(_ scheme.ID, first, last calendar.Date) ([]scheme.Span, error) {
	return []scheme.Span{{From: first, To: last, Value: scheme.Value{Number: o.rate, Text: o.rate.String()}}}, nil
}

// solveMaternity computes the allowance with a thirtieth of the month a day, or with twelve months over 365 days where the case says so.
func solveMaternity(law *scheme.Catalogue, c *publishedCase) (*answer, error) {
	a, f := newAnswer(), newFigures(c.Inputs)
	wage, days := f.number("employer_avg_monthly_wage", "avg_monthly_wage", "monthly_wage"), f.count("days")
	if !wage.Valid || days == nil {
		f.fault("employer_avg_monthly_wage and days are needed")
	}
	if err := errFaults(*f.faults); err != nil {
		return nil, err
	}
	basis, err := law.Table(benefits.MaternityDaysBasis, f.lawDay())
	if err != nil {
		return nil, err
	}
	if says365(c) {
		basis.Table = scheme.Table{{Key: "months", Text: "12"}, {Key: "days", Text: "365"}}
		a.note("the case says 365 days: twelve months over 365 days")
	}
	allowance, err := benefits.MaternityAllowance(wage.Decimal, *days, basis, c.roundingOr(halfFen))
	if err != nil {
		return nil, err
	}
	a.set("allowance", allowance.String())
	fmt.Fprintf(&a.trace, "allowance = %s × months ÷ days × %d = %s\n", wage.Decimal, *days, allowance)
	a.source(basis.Provenance)
	return a, nil
}

// says365 reports whether a text of the case speaks of a year of 365 days.
func says365(c *publishedCase) bool {
	texts := c.Title + " " + c.Rounding
	for _, f := range c.Inputs.Fields {
		if _, isNumber := exactNumber(f.Value.Text); !isNumber {
			texts += " " + f.Value.Text
		}
	}
	return strings.Contains(texts, "365")
}
