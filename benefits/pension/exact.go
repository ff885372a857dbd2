package pension

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/money"
)

// exact is a fraction of two decimals, not reduced, so that nothing is lost before a stage rounds. den is positive; it counts only when over is set.
type exact struct {
	num, den decimal.Decimal
	over     bool
}

func whole(d decimal.Decimal) exact { return exact{num: d} }

func (x exact) denominator() decimal.Decimal {
	if x.over {
		return x.den
	}
	return one
}

var (
	one    = decimal.New(1, 0)
	half   = decimal.New(5, -1)
	twelve = decimal.New(12, 0)
)

func (x exact) times(y exact) exact {
	out := exact{num: x.num.Mul(y.num), over: x.over || y.over}
	switch {
	case x.over && y.over:
		out.den = x.den.Mul(y.den)
	case x.over:
		out.den = x.den
	case y.over:
		out.den = y.den
	}
	return out
}

// percent returns x ÷ 100.
func (x exact) percent() exact {
	x.num = x.num.Shift(-2)
	return x
}

// dividedBy needs a positive divisor.
func (x exact) dividedBy(d decimal.Decimal) exact {
	if x.over {
		return exact{num: x.num, den: x.den.Mul(d), over: true}
	}
	return exact{num: x.num, den: d, over: true}
}

func (x exact) plus(y exact) exact {
	if !x.over && !y.over {
		return whole(x.num.Add(y.num))
	}
	return exact{num: x.num.Mul(y.denominator()).Add(y.num.Mul(x.denominator())), den: x.denominator().Mul(y.denominator()), over: true}
}

func (x exact) minus(y exact) exact {
	y.num = y.num.Neg()
	return x.plus(y)
}

func (x exact) compare(y exact) int {
	return x.num.Mul(y.denominator()).Cmp(y.num.Mul(x.denominator()))
}

func lesser(x, y exact) exact {
	if x.compare(y) <= 0 {
		return x
	}
	return y
}

// round is the one place where digits are dropped. The rule was checked with the policy.
func (x exact) round(r money.Rounding) exact {
	if units, ok := x.small(r); ok {
		return whole(decimal.New(int64(units), -r.Scale))
	}
	var rounded decimal.Decimal
	var err error
	if x.over {
		rounded, err = r.ApplyRat(x.rat())
	} else {
		rounded, err = r.Apply(x.num)
	}
	if err != nil {
		panic("pension: a rounding that the policy check let pass: " + err.Error())
	}
	return whole(rounded)
}

// small rounds in machine words, which nearly every figure of a pension fits. It reports false for the rest and for negative numbers.
func (x exact) small(r money.Rounding) (uint64, bool) {
	den := x.denominator()
	if x.num.IsNegative() || x.num.NumDigits() > maxDigits || den.NumDigits() > maxDigits || r.Check() != nil {
		return 0, false
	}
	shift := int64(x.num.Exponent()) - int64(den.Exponent()) + int64(r.Scale)
	n, d := uint64(x.num.CoefficientInt64()), uint64(den.CoefficientInt64())
	if shift < -maxDigits || shift > maxDigits {
		return 0, false
	}
	if shift < 0 {
		high, low := bits.Mul64(d, powers[-shift])
		if high != 0 || low > math.MaxInt64 {
			return 0, false
		}
		return quotient(n, low, 0, r.Mode)
	}
	return quotient(n, d, int(shift), r.Mode)
}

// maxDigits is how many digits surely fit an int64.
const maxDigits = 18

var powers = func() (out [maxDigits + 1]uint64) {
	out[0] = 1
	for i := 1; i < len(out); i++ {
		out[i] = out[i-1] * 10
	}
	return out
}()

// quotient returns n × 10^shift ÷ d rounded to a whole number; false when that does not fit an int64. d is above zero and at most an int64.
func quotient(n, d uint64, shift int, mode money.Mode) (uint64, bool) {
	high, low := bits.Mul64(n, powers[shift])
	if high >= d {
		return 0, false
	}
	q, rest := bits.Div64(high, low, d)
	up := false
	switch mode {
	case money.HalfUp:
		up = rest >= d-rest
	case money.HalfEven:
		up = rest > d-rest || (rest == d-rest && q&1 == 1)
	case money.Ceil:
		up = rest > 0
	}
	if up {
		q++
	}
	return q, q <= math.MaxInt64
}

// rat returns the fraction as a big.Rat.
func (x exact) rat() *big.Rat {
	num, den := x.num.Coefficient(), x.denominator().Coefficient()
	if shift := int64(x.num.Exponent()) - int64(x.denominator().Exponent()); shift >= 0 {
		num.Mul(num, powerOfTen(shift))
	} else {
		den.Mul(den, powerOfTen(-shift))
	}
	return new(big.Rat).SetFrac(num, den)
}

func powerOfTen(n int64) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(n), nil) }

// text writes a decimal, or numerator/denominator.
func (x exact) text() string {
	if !x.over {
		return decimalText(x.num)
	}
	return decimalText(x.num) + "/" + decimalText(x.den)
}

// shownDecimals is how many decimals of an endless fraction a trace shows.
const shownDecimals = 12

// shown writes the value with all its decimals, or with the first twelve and an ellipsis.
func (x exact) shown() string {
	if !x.over {
		return decimalText(x.num)
	}
	cut := x.round(money.Rounding{Scale: shownDecimals, Mode: money.Truncate})
	if cut.compare(x) == 0 {
		return decimalText(cut.num)
	}
	return cut.num.StringFixed(shownDecimals) + "…"
}

func decimalText(d decimal.Decimal) string { return string(appendDecimal(make([]byte, 0, 24), d)) }

// appendDecimal writes d as its String method does, without big numbers where none are needed.
func appendDecimal(out []byte, d decimal.Decimal) []byte {
	exponent := int(d.Exponent())
	if exponent > 0 || exponent < -maxDigits || d.NumDigits() > maxDigits {
		return append(out, d.String()...)
	}
	units := d.CoefficientInt64()
	for exponent < 0 && units%10 == 0 {
		units, exponent = units/10, exponent+1
	}
	if units < 0 {
		out, units = append(out, '-'), -units
	}
	if exponent == 0 {
		return strconv.AppendInt(out, units, 10)
	}
	out = append(strconv.AppendInt(out, units/int64(powers[-exponent]), 10), '.')
	for place := -exponent - 1; place >= 0; place-- {
		out = append(out, byte('0'+units/int64(powers[place])%10))
	}
	return out
}
