package personal

import (
	"errors"
	"math/bits"
	"slices"

	"github.com/fundledger/fundledger/ledger/money"
)

// ComputeInterests computes a year for many accounts at once and appends a Credit for each to dst. It gives what ComputeInterest gives, in machine words
// and without allocating for an account. The errors are a *RuleError, or every *AccountError of the set joined; dst is then returned as it was.
func ComputeInterests(dst []Credit, years []Year, rule InterestRule, currency money.Currency) ([]Credit, error) {
	if err := rule.Check(currency); err != nil {
		return dst, err
	}
	q := newWordRule(rule, currency)
	out := slices.Grow(dst, len(years))
	var faults []error
	for i := range years {
		y := &years[i]
		if err := y.check(i, rule.Months); err != nil {
			faults = append(faults, err)
			continue
		}
		credit, ok := q.credit(y)
		if !ok {
			faults = append(faults, &AccountError{i, "earns more than an amount can hold", "check the amounts"})
			continue
		}
		out = append(out, credit)
	}
	if len(faults) > 0 {
		return dst, errors.Join(faults...)
	}
	return out, nil
}

// wordRule holds a rule as whole numbers: interest in units of the rounding is product × rate × numerator ÷ denominator.
type wordRule struct {
	rule     InterestRule
	rate     uint64 // as rateScale decimals
	perYear  uint64 // 10^decimals of the rate × minor units in one unit of the rounding
	unitSize money.Amount
}

func newWordRule(rule InterestRule, currency money.Currency) wordRule {
	q := wordRule{rule: rule, rate: uint64(rule.Rate.CoefficientInt64()), perYear: 1, unitSize: 1}
	for range max(-rule.Rate.Exponent(), 0) {
		q.perYear *= 10
	}
	for range max(rule.Rate.Exponent(), 0) {
		q.rate *= 10
	}
	for range currency.Scale() - rule.Rounding.Scale {
		q.perYear *= 10
		q.unitSize *= 10
	}
	return q
}

func (q *wordRule) credit(y *Year) (Credit, bool) {
	product, numerator, denominator := q.rule.product(y)
	opening := fraction{int64(y.Opening), q.rate * uint64(q.rule.Months), q.perYear * 12}
	postings := fraction{product, q.rate * uint64(numerator), q.perYear * uint64(denominator)}
	onOpening, ok := opening.round(q.rule.Rounding.Mode)
	onPostings, ok2 := postings.round(q.rule.Rounding.Mode)
	if q.rule.RoundSum {
		var sum money.Amount
		sum, ok2 = roundSum(opening, postings, q.rule.Rounding.Mode)
		onPostings = sum - onOpening
	}
	if !ok || !ok2 {
		return Credit{}, false
	}
	c := Credit{OnOpening: onOpening * q.unitSize, OnPostings: onPostings * q.unitSize}
	c.Closing = y.Opening + c.OnOpening + c.OnPostings // no sum of 15 amounts below 2^56 leaves the range
	for _, posting := range y.Postings {
		c.Closing += posting
	}
	return c, true
}

// fraction is a × factor ÷ divisor, with the sign of a.
type fraction struct {
	a               int64
	factor, divisor uint64
}

// parts splits the size of the fraction into a whole number and a remainder.
func (f fraction) parts() (whole, remainder uint64, ok bool) {
	high, low := bits.Mul64(magnitude(f.a), f.factor)
	if high >= f.divisor {
		return 0, 0, false
	}
	whole, remainder = bits.Div64(high, low, f.divisor)
	return whole, remainder, whole < uint64(maxPrincipal)<<3
}

func (f fraction) round(mode money.Mode) (money.Amount, bool) {
	whole, remainder, ok := f.parts()
	if !ok {
		return 0, false
	}
	return rounded(f.a < 0, whole, remainder, f.divisor, mode), true
}

// roundSum rounds the sum of two fractions once. Their divisors differ by a small factor, so that both fit one common divisor.
func roundSum(x, y fraction, mode money.Mode) (money.Amount, bool) {
	common := x.divisor / gcd(x.divisor, y.divisor) * y.divisor
	wholeX, restX, ok := x.parts()
	wholeY, restY, ok2 := y.parts()
	if !ok || !ok2 {
		return 0, false
	}
	restX, restY = restX*(common/x.divisor), restY*(common/y.divisor)
	whole, rest := signed(x.a, wholeX)+signed(y.a, wholeY), signed(x.a, restX)+signed(y.a, restY)
	// carry until the remainder has the sign of the sum and is smaller than the divisor
	for rest >= int64(common) {
		whole, rest = whole+1, rest-int64(common)
	}
	for rest <= -int64(common) {
		whole, rest = whole-1, rest+int64(common)
	}
	if whole > 0 && rest < 0 {
		whole, rest = whole-1, rest+int64(common)
	} else if whole < 0 && rest > 0 {
		whole, rest = whole+1, rest-int64(common)
	}
	return rounded(whole < 0 || rest < 0, magnitude(whole), magnitude(rest), common, mode), true
}

// rounded is the whole number, moved one away from zero where the mode says so.
func rounded(negative bool, whole, remainder, divisor uint64, mode money.Mode) money.Amount {
	away := false
	switch mode {
	case money.HalfUp:
		away = remainder >= divisor-remainder
	case money.HalfEven:
		away = remainder > divisor-remainder || (remainder == divisor-remainder && whole&1 == 1)
	case money.Ceil:
		away = remainder > 0 && !negative
	case money.Floor:
		away = remainder > 0 && negative
	}
	if away {
		whole++
	}
	if negative {
		return -money.Amount(whole)
	}
	return money.Amount(whole)
}

func signed(sign int64, size uint64) int64 {
	if sign < 0 {
		return -int64(size)
	}
	return int64(size)
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return uint64(-n)
	}
	return uint64(n)
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
