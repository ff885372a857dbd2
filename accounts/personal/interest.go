package personal

import (
	"fmt"
	"math/big"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/money"
)

// Year is what stood and moved on one personal account in a calendar year, in minor units. A refund or payment out of the account is a negative posting.
type Year struct {
	Opening  money.Amount
	Postings [12]money.Amount // by month; none after the months that earn
}

// Credit is the interest of one account for one year, in minor units.
type Credit struct {
	OnOpening  money.Amount
	OnPostings money.Amount
	Closing    money.Amount // opening + postings + interest
}

// InterestStep is one line of the trace of a Credit. Amounts are in major units.
type InterestStep struct {
	Name      string
	Formula   string
	Principal decimal.Decimal // the sum that the weight multiplies
	Weight    string          // months, or the annual factor, as numerator/denominator of a year
	Unrounded string          // the exact fraction
	Rounding  string          // empty when the step does not round
	Result    decimal.Decimal
}

// AccountError says that one account of a set cannot be credited. Nothing was credited. Get it with errors.As.
type AccountError struct {
	Index  int // in the slice given
	Reason string
	Hint   string
}

func (e *AccountError) Error() string {
	return fmt.Sprintf("personal: account %d of the set %s; %s", e.Index, e.Reason, e.Hint)
}

// maxPrincipal bounds every amount, so that products by months cannot overflow: 4.5 × 10^15 minor units.
const maxPrincipal money.Amount = 1 << 52

// check finds what cannot be credited, whatever the method.
func (y *Year) check(index, months int) error {
	if y.Opening.Abs() > maxPrincipal {
		return &AccountError{index, fmt.Sprintf("opens with %d minor units, beyond ±%d", y.Opening, maxPrincipal), "check the amount"}
	}
	for i, c := range y.Postings {
		if c.Abs() > maxPrincipal {
			return &AccountError{index, fmt.Sprintf("has %d minor units in month %d, beyond ±%d", c, i+1, maxPrincipal), "check the amount"}
		}
		if c != 0 && i >= months {
			return &AccountError{index, fmt.Sprintf("has a posting in month %d and earns for %d months only", i+1, months), "give the months up to the last posting"}
		}
	}
	return nil
}

// product returns Σ postings × months each earns, and the months that divide it: the interest is product × rate ÷ per.
func (r *InterestRule) product(y *Year) (product, numerator, denominator int64) {
	switch r.Method {
	case Annual:
		for _, c := range y.Postings {
			product += int64(c)
		}
		return product, r.AnnualFactor.Numerator, 2 * r.AnnualFactor.Denominator
	case PreviousMonthClose:
		for i, c := range y.Postings[:r.Months] {
			product += int64(c) * int64(r.Months-i-1)
		}
	default:
		for i, c := range y.Postings[:r.Months] {
			product += int64(c) * int64(r.Months-i)
		}
	}
	return product, 1, 12
}

// ComputeInterest computes the interest of one account with its steps. The errors are *RuleError, *AccountError and *money.OverflowError.
func ComputeInterest(y Year, rule InterestRule, currency money.Currency) (Credit, []InterestStep, error) {
	if err := rule.Check(currency); err != nil {
		return Credit{}, nil, err
	}
	if err := y.check(0, rule.Months); err != nil {
		return Credit{}, nil, err
	}
	product, numerator, denominator := rule.product(&y)
	opening := interest(currency.Decimal(y.Opening), rule.Rate, int64(rule.Months), 12)
	postings := interest(currency.Decimal(money.Amount(product)), rule.Rate, numerator, denominator)
	steps := []InterestStep{
		{Name: "interest on the opening balance", Formula: fmt.Sprintf("opening × %s × %d/12", rule.Rate, rule.Months), Principal: currency.Decimal(y.Opening),
			Weight: fmt.Sprintf("%d/12", rule.Months), Unrounded: opening.RatString(), Rounding: rule.Rounding.String()},
		{Name: "interest on the year's postings", Formula: rule.formula(), Principal: currency.Decimal(money.Amount(product)),
			Weight: fmt.Sprintf("%d/%d", numerator, denominator), Unrounded: postings.RatString(), Rounding: rule.Rounding.String()},
	}
	roundedOpening, err := rule.Rounding.ApplyRat(opening)
	if err != nil {
		return Credit{}, nil, err
	}
	toRound := postings
	if rule.RoundSum {
		toRound = new(big.Rat).Add(opening, postings)
	}
	roundedPostings, err := rule.Rounding.ApplyRat(toRound)
	if err != nil {
		return Credit{}, nil, err
	}
	if rule.RoundSum {
		steps[1].Rounding = rule.Rounding.String() + " of the sum, less the interest on the opening balance"
		roundedPostings = roundedPostings.Sub(roundedOpening)
	}
	steps[0].Result, steps[1].Result = roundedOpening, roundedPostings
	credit, err := newCredit(&y, currency, roundedOpening, roundedPostings)
	if err != nil {
		return Credit{}, nil, err
	}
	steps = append(steps, InterestStep{
		Name: "closing balance", Formula: "opening + postings + interest, at the rate of " + rule.RateSource, Principal: currency.Decimal(y.Opening),
		Weight: "1", Unrounded: currency.Decimal(credit.Closing).String(), Result: currency.Decimal(credit.Closing),
	})
	return credit, steps, nil
}

func interest(principal, rate decimal.Decimal, numerator, denominator int64) *big.Rat {
	return new(big.Rat).Mul(principal.Mul(rate).Rat(), big.NewRat(numerator, denominator))
}

func (r *InterestRule) formula() string {
	switch r.Method {
	case Annual:
		return fmt.Sprintf("Σ c_n × %s × %d/%d × 1/2", r.Rate, r.AnnualFactor.Numerator, r.AnnualFactor.Denominator)
	case PreviousMonthClose:
		return fmt.Sprintf("Σ c_n × (%d − n) × %s ÷ 12", r.Months, r.Rate)
	default:
		return fmt.Sprintf("Σ c_n × (%d − n + 1) × %s ÷ 12", r.Months, r.Rate)
	}
}

func newCredit(y *Year, currency money.Currency, opening, postings decimal.Decimal) (Credit, error) {
	onOpening, err := currency.FromDecimal(opening)
	if err != nil {
		return Credit{}, err
	}
	onPostings, err := currency.FromDecimal(postings)
	if err != nil {
		return Credit{}, err
	}
	closing, err := money.Sum(append([]money.Amount{y.Opening, onOpening, onPostings}, y.Postings[:]...)...)
	return Credit{OnOpening: onOpening, OnPostings: onPostings, Closing: closing}, err
}
