package money

import (
	"fmt"
	"math/big"

	"github.com/shopspring/decimal"
)

// Mode says which neighbour a number is rounded to.
type Mode string

// The modes. Halves and directions count from zero where the name does not say otherwise.
const (
	HalfUp   Mode = "half_up"   // to the nearest, a half away from zero (四舍五入)
	HalfEven Mode = "half_even" // to the nearest, a half to the even neighbour
	Ceil     Mode = "ceil"      // towards plus infinity (见分进角 at scale 1)
	Floor    Mode = "floor"     // towards minus infinity
	Truncate Mode = "truncate"  // towards zero
)

// Rounding is one rounding rule: to Scale decimal places by Mode. Scale may be negative (−3 rounds to thousands). It is always data: a formula names
// the stage, a policy file gives the Rounding. The zero value is not usable.
type Rounding struct {
	Scale int32 `json:"scale" yaml:"scale"`
	Mode  Mode  `json:"mode"  yaml:"mode"`
}

// maxRoundingScale bounds the scale both ways.
const maxRoundingScale = 40

// Check returns an *Error when the mode is unknown or the scale is outside −40 to 40.
func (r Rounding) Check() error {
	switch r.Mode {
	case HalfUp, HalfEven, Ceil, Floor, Truncate:
	default:
		return &Error{Text: string(r.Mode), Reason: "is no rounding mode", Hint: "use half_up, half_even, ceil, floor or truncate"}
	}
	if r.Scale < -maxRoundingScale || r.Scale > maxRoundingScale {
		return &Error{Text: fmt.Sprint(r.Scale), Reason: "is no rounding scale", Hint: "give −40 to 40 decimal places"}
	}
	return nil
}

// String writes the rule as "half_up 0.01".
func (r Rounding) String() string {
	return string(r.Mode) + " " + decimal.New(1, -r.Scale).String()
}

// Apply rounds a decimal. The only error is that of Check.
func (r Rounding) Apply(d decimal.Decimal) (decimal.Decimal, error) {
	if err := r.Check(); err != nil {
		return decimal.Decimal{}, err
	}
	switch r.Mode {
	case HalfUp:
		return d.Round(r.Scale), nil
	case HalfEven:
		return d.RoundBank(r.Scale), nil
	case Ceil:
		return d.RoundCeil(r.Scale), nil
	case Floor:
		return d.RoundFloor(r.Scale), nil
	default:
		return d.RoundDown(r.Scale), nil
	}
}

// ApplyRat rounds an exact fraction, so that a quotient such as months ÷ 12 is rounded once, at the end. The only error is that of Check.
func (r Rounding) ApplyRat(x *big.Rat) (decimal.Decimal, error) {
	if err := r.Check(); err != nil {
		return decimal.Decimal{}, err
	}
	numerator := new(big.Int).Set(x.Num())
	denominator := new(big.Int).Set(x.Denom())
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(r.Scale, -r.Scale))), nil)
	if r.Scale >= 0 {
		numerator.Mul(numerator, power)
	} else {
		denominator.Mul(denominator, power)
	}
	quotient, remainder := new(big.Int).QuoRem(numerator, denominator, new(big.Int))
	if r.awayFromZero(quotient, remainder, denominator) {
		quotient.Add(quotient, big.NewInt(int64(remainder.Sign())))
	}
	return decimal.NewFromBigInt(quotient, -r.Scale), nil
}

// awayFromZero decides whether the truncated quotient moves one unit away from zero. The denominator is positive, the remainder has the number's sign.
func (r Rounding) awayFromZero(quotient, remainder, denominator *big.Int) bool {
	sign := remainder.Sign()
	if sign == 0 {
		return false
	}
	half := new(big.Int).Abs(remainder)
	half.Lsh(half, 1)
	order := half.Cmp(denominator)
	switch r.Mode {
	case HalfUp:
		return order >= 0
	case HalfEven:
		return order > 0 || (order == 0 && quotient.Bit(0) == 1)
	case Ceil:
		return sign > 0
	case Floor:
		return sign < 0
	default:
		return false
	}
}

// Divide returns numerator ÷ denominator rounded once. Division by zero is an *Error.
func Divide(numerator, denominator decimal.Decimal, r Rounding) (decimal.Decimal, error) {
	if denominator.IsZero() {
		return decimal.Decimal{}, &Error{Text: numerator.String(), Reason: "was to be divided by zero", Hint: "check the divisor"}
	}
	return r.ApplyRat(new(big.Rat).Quo(numerator.Rat(), denominator.Rat()))
}
