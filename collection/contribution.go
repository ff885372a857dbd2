package collection

import (
	"fmt"
	"io"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme"
)

// ArithmeticError is every reason why a contribution or surcharge cannot be computed. Nothing was computed. Get it with errors.As.
type ArithmeticError struct {
	Of     string // contribution, limits or surcharge
	Faults []string
}

func (e *ArithmeticError) Error() string {
	return "collection: " + e.Of + ": " + strings.Join(e.Faults, "; ")
}

// BaseLimits are the least and the greatest contribution base of a month (缴费基数上下限), in minor units: multiples of the average wage.
type BaseLimits struct {
	Floor   money.Amount        `json:"floor"`
	Cap     money.Amount        `json:"cap"`
	Average scheme.Provenance   `json:"average"`
	Factors []scheme.Provenance `json:"factors"` // of floor and cap
}

// Limits computes the limits from the average wage and the two factors, each rounded by the locality's rule. The errors are *ArithmeticError and those of
// package money.
func Limits(average, floorFactor, capFactor scheme.Value, currency money.Currency, rounding money.Rounding) (BaseLimits, error) {
	if floorFactor.Number.GreaterThan(capFactor.Number) {
		return BaseLimits{}, &ArithmeticError{Of: "limits", Faults: []string{fmt.Sprintf("the floor factor %s is above the cap factor %s: exchange them",
			floorFactor.Number, capFactor.Number)}}
	}
	floor, err := roundTo(average.Number.Mul(floorFactor.Number), currency, rounding)
	if err != nil {
		return BaseLimits{}, err
	}
	limit, err := roundTo(average.Number.Mul(capFactor.Number), currency, rounding)
	if err != nil {
		return BaseLimits{}, err
	}
	return BaseLimits{Floor: floor, Cap: limit, Average: average.Provenance, Factors: []scheme.Provenance{floorFactor.Provenance, capFactor.Provenance}}, nil
}

// LimitHit says which limit a wage met.
type LimitHit string

// The limits.
const (
	NoLimit LimitHit = "none"
	AtFloor LimitHit = "floor"
	AtCap   LimitHit = "cap"
)

// Contribution is the contribution of one person for one month and one rate (应缴费额), with its trace: base within the limits × rate, rounded once.
type Contribution struct {
	Declared  money.Amount      `json:"declared"` // wage declared, minor units
	Limits    BaseLimits        `json:"limits"`
	Limit     LimitHit          `json:"limit"`
	Base      money.Amount      `json:"base"` // min(cap, max(floor, declared))
	Rate      decimal.Decimal   `json:"rate"`
	Source    scheme.Provenance `json:"source"`    // of the rate
	Unrounded decimal.Decimal   `json:"unrounded"` // Base × Rate, exact, in major units
	Rounding  money.Rounding    `json:"rounding"`
	Amount    money.Amount      `json:"amount"` // minor units
}

// Contribute computes a contribution of a declared wage. The errors are *ArithmeticError and those of package money.
func Contribute(declared money.Amount, limits BaseLimits, rate scheme.Value, currency money.Currency, rounding money.Rounding) (Contribution, error) {
	var faults []string
	if declared < 0 {
		faults = append(faults, fmt.Sprintf("the declared wage of %s is negative: give zero or more", currency.Text(declared)))
	}
	if limits.Floor < 0 || limits.Cap < limits.Floor {
		faults = append(faults, fmt.Sprintf("the limits %s and %s are no range: give floor and cap", currency.Text(limits.Floor), currency.Text(limits.Cap)))
	}
	if rate.Number.IsNegative() || rate.Number.GreaterThan(decimal.New(1, 0)) {
		faults = append(faults, fmt.Sprintf("the rate %s is outside 0 to 1: write 0.16 for 16 %%", rate.Number))
	}
	if len(faults) > 0 {
		return Contribution{}, &ArithmeticError{Of: "contribution", Faults: faults}
	}
	c := Contribution{Declared: declared, Limits: limits, Limit: NoLimit, Base: declared, Rate: rate.Number, Source: rate.Provenance, Rounding: rounding}
	switch {
	case declared < limits.Floor:
		c.Base, c.Limit = limits.Floor, AtFloor
	case declared > limits.Cap:
		c.Base, c.Limit = limits.Cap, AtCap
	}
	c.Unrounded = currency.Decimal(c.Base).Mul(rate.Number)
	var err error
	c.Amount, err = roundTo(c.Unrounded, currency, rounding)
	return c, err
}

func roundTo(d decimal.Decimal, currency money.Currency, rounding money.Rounding) (money.Amount, error) {
	rounded, err := rounding.Apply(d)
	if err != nil {
		return 0, err
	}
	return currency.FromDecimal(rounded)
}

// WriteTrace writes base, rate and rounding for a reader.
func (c Contribution) WriteTrace(w io.Writer, currency money.Currency) error {
	_, err := fmt.Fprintf(w, " 1  base = min(%s, max(%s, %s)) = %s (limit met: %s)\n    %s: %s\n 2  base × rate = %s × %s = %s, %s: %s\n    %s: %s\n",
		currency.Text(c.Limits.Cap), currency.Text(c.Limits.Floor), currency.Text(c.Declared), currency.Text(c.Base), c.Limit,
		c.Limits.Average.Parameter, c.Limits.Average.Source,
		currency.Text(c.Base), c.Rate, c.Unrounded, c.Rounding, currency.Text(c.Amount), c.Source.Parameter, c.Source.Source)
	return err
}
