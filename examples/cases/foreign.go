package main

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/benefits/pension"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme"
)

// Cases of other countries whose rule is one that the engine has for China: a base within limits times a rate, month products, an account over a divisor.
// They are published in many shapes; one that is not read here is skipped with errOtherShape, never guessed.

// otherShape says what a case of a known kind lacks.
func otherShape(what string) error { return fmt.Errorf("%w: %s", errOtherShape, what) }

// financialYear is the months of an Indian account year by their places in it.
var financialYear = [...]string{"Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb", "Mar"}

// solveGPF computes the interest of an Indian provident fund (General Provident Fund), which is the method of month products from April on, the interest
// of the year rounded to whole rupees. Source: the accountant general's published table of factors, 12 + 11 + … + 1 = 78.
func solveGPF(_ *scheme.Catalogue, c *publishedCase) (*answer, error) {
	a, f := newAnswer(), newFigures(c.Inputs)
	rupee := money.MustCurrency("INR")
	amount, uniform := f.number("subscription"), true
	if !amount.Valid {
		amount, uniform = f.number("amount", "deposit"), false
	}
	rate, start, left := f.rate("rate", "r"), f.text("start", "month"), f.count("months_remaining_inclusive")
	opening := f.number("opening", "opening_balance")
	if err := f.err(); err != nil {
		return nil, err
	}
	first := -1
	for i, name := range financialYear {
		if start != "" && strings.HasPrefix(strings.ToLower(start), strings.ToLower(name)) {
			first = i
		}
	}
	if left != nil && *left >= 1 && *left <= 12 {
		first = 12 - *left
	}
	if !amount.Valid || !rate.Valid || first < 0 {
		return nil, otherShape("an amount, its month and a rate are needed")
	}
	posting, err := rupee.FromDecimal(amount.Decimal)
	if err != nil {
		return nil, err
	}
	var year personal.Year
	if year.Opening, err = rupee.FromDecimal(opening.Decimal); err != nil {
		return nil, err
	}
	for i := first; i < 12; i++ {
		year.Postings[i] = posting
		if !uniform {
			break
		}
	}
	rule := personal.InterestRule{Method: personal.MonthProduct, Rate: rate.Decimal, RateSource: "the case", Months: 12, RoundSum: true,
		Rounding: c.roundingOr(money.Rounding{Mode: money.HalfUp})}
	credit, steps, err := personal.ComputeInterest(year, rule, rupee)
	if err != nil {
		return nil, err
	}
	f.field("factor_from_month") // the published table: what its factors amount to is computed
	f.noteUnread(a)
	units := rupee.Decimal(year.Opening).Mul(decimal.NewFromInt(12)).Add(steps[1].Principal)
	a.set("principal_units", units.String())
	a.set("interest_exact", fractionText(new(big.Rat).Quo(units.Mul(rate.Decimal).Rat(), big.NewRat(12, 1))))
	a.set("interest", rupee.Text(credit.OnOpening+credit.OnPostings))
	a.set("closing", rupee.Text(credit.Closing))
	return a, nil
}

// fractionText writes a fraction as a decimal where it is one, and as a fraction of two numbers where not.
func fractionText(x *big.Rat) string {
	if text := x.FloatString(12); strings.TrimRight(text, "0") != "" {
		if back, ok := new(big.Rat).SetString(text); ok && back.Cmp(x) == 0 {
			return strings.TrimRight(strings.TrimRight(text, "0"), ".")
		}
	}
	return x.RatString()
}

// solveQuarterBalances computes interest that every month earns on the balance before it and that is credited once a year (Central Provident Fund), from
// the balances of the four quarters.
func solveQuarterBalances(_ *scheme.Catalogue, c *publishedCase) (*answer, error) {
	a, f := newAnswer(), newFigures(c.Inputs)
	list, _ := f.field("quarter_balances")
	rate := f.rate("rate", "r")
	if list == nil || len(list.Items) != 4 || !rate.Valid {
		return nil, otherShape("a rate and four quarter_balances are needed")
	}
	dollar := money.MustCurrency("SGD")
	var balances [4]money.Amount
	for i, n := range list.Items {
		d, err := money.ParseDecimal(n.Text)
		if err == nil {
			balances[i], err = dollar.FromDecimal(d)
		}
		if err != nil {
			f.fault("quarter_balances[%d]: %v", i, err)
		}
	}
	f.noteUnread(a)
	if err := f.err(); err != nil {
		return nil, err
	}
	year := personal.Year{Opening: balances[0]}
	var before money.Amount
	for quarter := range balances {
		if quarter > 0 { // what a quarter has more was posted at the end of the one before and earns from the next month on
			year.Postings[3*quarter-1] = balances[quarter] - balances[quarter-1]
		}
		rule := personal.InterestRule{Method: personal.PreviousMonthClose, Rate: rate.Decimal, RateSource: "the case", Months: 3 * (quarter + 1),
			Rounding: c.roundingOr(money.Rounding{Scale: 2, Mode: money.HalfUp}), RoundSum: true}
		credit, _, err := personal.ComputeInterest(year, rule, dollar)
		if err != nil {
			return nil, err
		}
		soFar := credit.OnOpening + credit.OnPostings
		a.set(fmt.Sprintf("by_quarter[%d]", quarter), dollar.Text(soFar-before))
		a.set("year_interest", dollar.Text(soFar))
		before = soFar
	}
	return a, nil
}

// solveAnnuity computes an account over a divisor, as the account pension: months of life by age, or one divisor in years. Figures are rounded to the
// decimals that the case prints.
func solveAnnuity(_ *scheme.Catalogue, c *publishedCase) (*answer, error) {
	a, f := newAnswer(), newFigures(c.Inputs)
	balance, years := f.number("balance"), f.number("divisor")
	months, _ := f.field("life_months")
	if err := f.err(); err != nil {
		return nil, err
	}
	if !balance.Valid || (!years.Valid && months == nil) {
		return nil, otherShape("balance and life_months or divisor are needed")
	}
	f.noteUnread(a)
	divisors := map[string]decimal.NullDecimal{}
	if years.Valid {
		divisors["year"], divisors["month"] = years, decimal.NewNullDecimal(years.Decimal.Mul(decimal.NewFromInt(12)))
	}
	if months != nil {
		inner := f.inner(months, "life_months")
		for _, field := range months.Fields {
			divisors[joined("monthly", field.Name)] = inner.number(field.Name)
		}
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	for _, l := range leaves(c.Expected, "") {
		divisor, known := divisors[l.path]
		if !known {
			continue // reported as not computed
		}
		_, decimals, _ := strings.Cut(l.text, ".")
		policy := scheme.PensionPolicy{BasicForm: scheme.Same, Years: scheme.YearsRule{Mode: scheme.YearsPrinted}, TransitionalForm: scheme.NoTransitional,
			Component: c.roundingOr(money.Rounding{Scale: int32(len(decimals)), Mode: money.HalfUp})}
		d, err := pension.DetermineOnly(policy, pension.Inputs{AccountBalance: balance, DivisorMonths: divisor}, scheme.AccountPension)
		if err != nil {
			return nil, err
		}
		a.set(l.path, d.AccountPension.String())
		if err := a.traceSteps(l.path, d.Trace); err != nil {
			return nil, err
		}
	}
	return a, nil
}
