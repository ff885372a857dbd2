package main

import (
	"fmt"
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme"
	"github.com/fundledger/fundledger/registration/scheme/yamltext"
)

const (
	notionalRate  scheme.ID = "cn.pension.account.notional_rate"
	annualFactors scheme.ID = "cn.pension.account.annual_method"
)

// interestMethods are the words that cases use for the ways to compute the interest of a year.
var interestMethods = map[string]personal.InterestMethod{
	"": personal.MonthProduct, "month_product": personal.MonthProduct, "monthly": personal.MonthProduct, "月积数法": personal.MonthProduct,
	"annual": personal.Annual, "yearly": personal.Annual, "年度计算法": personal.Annual, "prev_month_close": personal.PreviousMonthClose,
	string(personal.MonthProduct): personal.MonthProduct, string(personal.Annual): personal.Annual,
}

// solveInterestIdentity computes the interest of a year by month products and by the annual method. Where every month has the same posting both must give
// the same; the case fails when they do not. The figures without a method in their name are those of the method that the case names, month products
// where it names none.
func solveInterestIdentity(law *scheme.Catalogue, c *publishedCase) (*answer, error) {
	a, f := newAnswer(), newFigures(c.Inputs)
	if n, _ := f.field("example"); n != nil {
		f = f.inner(n, "example")
	}
	year, equal := f.year()
	rate, source := f.interestRate(law)
	method, known := interestMethods[f.text("method")]
	if !known {
		f.fault("method %q is not known: use month_product, annual or prev_month_close", f.text("method"))
	}
	months := 12
	if m := f.count("months", "through_month"); m != nil {
		months = *m
	}
	if f.where != "" || c.Kind == "cn.account_interest" {
		f.noteUnread(a) // the identity's own inputs are formulas in words
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	rule := personal.InterestRule{Method: method, Rate: rate, RateSource: source, Months: months, Rounding: c.roundingOr(halfFen)}
	return a, a.interestOfYear(law, year, rule, equal)
}

func (a *answer) interestOfYear(law *scheme.Catalogue, year personal.Year, rule personal.InterestRule, equal bool) error {
	by := map[personal.InterestMethod]personal.Credit{}
	for _, method := range [...]personal.InterestMethod{personal.MonthProduct, personal.Annual, personal.PreviousMonthClose} {
		if method == personal.Annual && rule.Months != 12 && rule.Method != personal.Annual {
			continue // that method knows whole years only
		}
		if method == personal.PreviousMonthClose && rule.Method != method {
			continue
		}
		own := rule
		own.Method = method
		credit, steps, err := computeInterest(law, year, own)
		if err != nil {
			return err
		}
		by[method] = credit
		for _, s := range steps {
			if method == rule.Method {
				fmt.Fprintf(&a.trace, "%s = %s\n    %s %s: %s\n", s.Name, s.Formula, s.Unrounded, s.Rounding, s.Result)
			}
		}
	}
	product, annual := by[personal.MonthProduct], by[personal.Annual]
	a.set("interest_month_product", yuan.Text(product.OnPostings))
	if rule.Months == 12 {
		a.set("interest_annual", yuan.Text(annual.OnPostings))
		if equal && annual != product {
			return fmt.Errorf("month products give %s and the annual method %s for equal postings", yuan.Text(product.OnPostings), yuan.Text(annual.OnPostings))
		}
	}
	credit := by[rule.Method]
	for name, amount := range map[string]money.Amount{
		"interest_on_year_postings": credit.OnPostings, "interest_y": credit.OnPostings, "interest_on_opening": credit.OnOpening,
		"closing": credit.Closing, "closing_balance": credit.Closing, "interest": credit.OnOpening + credit.OnPostings,
	} {
		a.set(name, yuan.Text(amount))
		a.set("example_"+name, yuan.Text(amount))
	}
	return nil
}

// interestRate is the rate of the case, or the national one of its year.
func (f *figures) interestRate(law *scheme.Catalogue) (decimal.Decimal, string) {
	if rate := f.rate("r", "rate"); rate.Valid {
		return rate.Decimal, "the case"
	}
	year := f.text("year")
	if year == "" {
		f.fault("the rate r is missing, and so is the year that the national one could be taken for")
		return decimal.Decimal{}, ""
	}
	day, err := firstOfYear(year)
	if err == nil {
		var value scheme.Value
		if value, err = law.Rate(notionalRate, day); err == nil {
			return value.Number, string(value.Parameter) + " of " + year
		}
	}
	f.fault("%v", err)
	return decimal.Decimal{}, ""
}

// computeInterest computes one account's year; the annual method takes its factor from the law.
func computeInterest(law *scheme.Catalogue, year personal.Year, rule personal.InterestRule) (personal.Credit, []personal.InterestStep, error) {
	if rule.Method == personal.Annual {
		value, err := law.Table(annualFactors, inForce)
		if err != nil {
			return personal.Credit{}, nil, err
		}
		factor := func(key string) int64 {
			text, _ := value.Table.Text(key)
			d, err := money.ParseDecimal(text)
			if err != nil {
				return 0 // the rule's own check refuses it
			}
			return d.IntPart()
		}
		rule.AnnualFactor = personal.Fraction{Numerator: factor("numerator"), Denominator: factor("denominator")}
	}
	return personal.ComputeInterest(year, rule, yuan)
}

// year reads opening balance and postings: one amount for every month, a list by month, or a mapping from the month's number.
func (f *figures) year() (year personal.Year, equal bool) {
	year.Opening, _ = f.amount("opening", "B", "B_y_minus_1", "opening_balance")
	n, name := f.field("c_n", "postings", "c")
	switch {
	case n == nil:
		f.fault("the postings c_n are missing")
	case n.Kind == yamltext.List && len(n.Items) > 12:
		f.fault("%s has %d months", name, len(n.Items))
	case n.Kind == yamltext.List:
		for i, item := range n.Items {
			year.Postings[i] = f.posting(fmt.Sprintf("%s[%d]", name, i), item)
		}
	case n.Kind == yamltext.Map:
		for _, field := range n.Fields {
			month, err := strconv.Atoi(field.Name)
			if err != nil || month < 1 || month > 12 {
				f.fault("%s.%s is no month from 1 to 12", name, field.Name)
				continue
			}
			year.Postings[month-1] = f.posting(name+"."+field.Name, field.Value)
		}
	default:
		each, _ := f.amount(name)
		for i := range year.Postings {
			year.Postings[i] = each
		}
	}
	equal = true
	for _, p := range year.Postings {
		equal = equal && p == year.Postings[0]
	}
	return year, equal
}

func (f *figures) posting(where string, n *yamltext.Node) money.Amount {
	d, err := money.ParseDecimal(n.Text)
	var amount money.Amount
	if err == nil {
		amount, err = yuan.FromDecimal(d)
	}
	if err != nil || n.Kind != yamltext.Scalar {
		f.fault("%s is %q, no amount: %v", where, n.Text, err)
	}
	return amount
}
