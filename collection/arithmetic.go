package collection

import (
	"fmt"
	"io"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/calendar"
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

// SurchargeRate is the parameter of the daily rate (滞纳金日加收率).
const SurchargeRate scheme.ID = "cn.surcharge.daily_rate"

// SurchargePolicy says how the surcharge on arrears (滞纳金) is counted where the law leaves it open. The rate itself is a dated parameter.
type SurchargePolicy struct {
	FromDueDay  bool                `json:"from_due_day"`     // the last day for payment counts already; else the day after it is the first (自欠缴之日起)
	ToPaidDay   bool                `json:"to_paid_day"`      // the day of payment counts; else the day before it is the last
	Rounding    money.Rounding      `json:"rounding"`         // to at most the decimals of the currency
	RoundEach   bool                `json:"round_each"`       // every stretch of one rate is rounded; else their sum is, once
	CeilingPart decimal.NullDecimal `json:"ceiling,omitzero"` // the surcharge is at most this multiple of the principal; absent: no ceiling
}

// SurchargeStretch is the part of a surcharge that falls under one rate. From and To are the first and last day counted.
type SurchargeStretch struct {
	From      calendar.Date      `json:"from,omitempty"`
	To        calendar.Date      `json:"to,omitempty"`
	Days      int                `json:"days"`
	Rate      decimal.Decimal    `json:"rate"`
	Unrounded decimal.Decimal    `json:"unrounded"` // principal × rate × days, exact, in major units
	Amount    decimal.Decimal    `json:"amount"`    // rounded when the policy rounds every stretch, else Unrounded
	Source    *scheme.Provenance `json:"source,omitempty"`
}

// Surcharge is a computed surcharge with its trace: principal × rate × days for every stretch.
type Surcharge struct {
	Principal money.Amount       `json:"principal"` // minor units
	Days      int                `json:"days"`
	Stretches []SurchargeStretch `json:"stretches"`
	Sum       decimal.Decimal    `json:"sum"`    // of the stretches, in major units
	Capped    bool               `json:"capped"` // the ceiling was lower
	Policy    SurchargePolicy    `json:"policy"`
	Amount    money.Amount       `json:"amount"` // minor units
}

// RateSpans gives the stretches of days with one rate; *scheme.Catalogue does.
type RateSpans interface {
	Spans(id scheme.ID, first, last calendar.Date) ([]scheme.Span, error)
}

// ComputeSurcharge computes the surcharge on a principal that was to be paid on due at the latest and was paid on paid, at the rates in force on each
// day. A payment in time has none. The errors are *ArithmeticError and those of rates.
func ComputeSurcharge(principal money.Amount, currency money.Currency, due, paid calendar.Date, rates RateSpans, policy SurchargePolicy) (Surcharge, error) {
	var faults []string
	if !due.Valid() || !paid.Valid() {
		faults = append(faults, fmt.Sprintf("due %s and paid %s are not two days: give both", due, paid))
	}
	if faults = append(faults, policy.faults(principal, currency)...); len(faults) > 0 {
		return Surcharge{}, &ArithmeticError{Of: "surcharge", Faults: faults}
	}
	first, last := due, paid
	if !policy.FromDueDay {
		first = first.AddDays(1)
	}
	if !policy.ToPaidDay {
		last = last.AddDays(-1)
	}
	out := Surcharge{Principal: principal, Policy: policy}
	if paid <= due || last < first {
		return out, nil
	}
	spans, err := rates.Spans(SurchargeRate, first, last)
	if err != nil {
		return Surcharge{}, err
	}
	for _, s := range spans {
		source := s.Value.Provenance
		out.Stretches = append(out.Stretches, SurchargeStretch{From: s.From, To: s.To, Days: s.To.Sub(s.From) + 1, Rate: s.Value.Number, Source: &source})
	}
	return out.finish(currency)
}

// SurchargeForDays computes the surcharge of whole numbers of days at known rates, where the days were counted elsewhere. Only Days and Rate of a stretch
// are read. The error is an *ArithmeticError.
func SurchargeForDays(principal money.Amount, currency money.Currency, stretches []SurchargeStretch, policy SurchargePolicy) (Surcharge, error) {
	faults := policy.faults(principal, currency)
	for i, s := range stretches {
		if s.Days < 0 || s.Rate.IsNegative() {
			faults = append(faults, fmt.Sprintf("stretch %d has %d days at %s: give zero or more", i+1, s.Days, s.Rate))
		}
	}
	if len(faults) > 0 {
		return Surcharge{}, &ArithmeticError{Of: "surcharge", Faults: faults}
	}
	out := Surcharge{Principal: principal, Policy: policy, Stretches: append([]SurchargeStretch(nil), stretches...)}
	return out.finish(currency)
}

func (p SurchargePolicy) faults(principal money.Amount, currency money.Currency) []string {
	var faults []string
	if principal < 0 {
		faults = append(faults, fmt.Sprintf("the principal of %s is negative: arrears are zero or more", currency.Text(principal)))
	}
	if err := p.Rounding.Check(); err != nil {
		faults = append(faults, err.Error())
	} else if p.Rounding.Scale > currency.Scale() {
		faults = append(faults, fmt.Sprintf("rounding to %d decimals leaves more than %s has", p.Rounding.Scale, currency))
	}
	if p.CeilingPart.Valid && p.CeilingPart.Decimal.IsNegative() {
		faults = append(faults, "the ceiling is negative: give a multiple of the principal")
	}
	return faults
}

// finish multiplies, adds, caps and rounds. The policy is checked.
func (s *Surcharge) finish(currency money.Currency) (Surcharge, error) {
	principal := currency.Decimal(s.Principal)
	for i := range s.Stretches {
		part := &s.Stretches[i]
		part.Unrounded = principal.Mul(part.Rate).Mul(decimal.NewFromInt(int64(part.Days)))
		part.Amount = part.Unrounded
		if s.Policy.RoundEach {
			rounded, err := s.Policy.Rounding.Apply(part.Unrounded)
			if err != nil {
				return Surcharge{}, err
			}
			part.Amount = rounded
		}
		s.Days += part.Days
		s.Sum = s.Sum.Add(part.Amount)
	}
	payable := s.Sum
	if s.Policy.CeilingPart.Valid {
		if ceiling := principal.Mul(s.Policy.CeilingPart.Decimal); ceiling.LessThan(payable) {
			payable, s.Capped = ceiling, true
		}
	}
	rounded, err := s.Policy.Rounding.Apply(payable)
	if err != nil {
		return Surcharge{}, err
	}
	s.Amount, err = currency.FromDecimal(rounded)
	return *s, err
}

// WriteTrace writes the stretches, their sum and the amount for a reader.
func (s Surcharge) WriteTrace(w io.Writer, currency money.Currency) error {
	var out strings.Builder
	for i, part := range s.Stretches {
		fmt.Fprintf(&out, "%2d  principal × rate × days = %s × %s × %d = %s", i+1, currency.Text(s.Principal), part.Rate, part.Days, part.Unrounded)
		if part.From != 0 {
			fmt.Fprintf(&out, " (%s to %s)", part.From, part.To)
		}
		if s.Policy.RoundEach {
			fmt.Fprintf(&out, ", %s: %s", s.Policy.Rounding, part.Amount)
		}
		if part.Source != nil {
			fmt.Fprintf(&out, "\n    %s: %s", part.Source.Parameter, part.Source.Source)
		}
		out.WriteString("\n")
	}
	fmt.Fprintf(&out, "    sum %s", s.Sum)
	if s.Capped {
		fmt.Fprintf(&out, ", at most %s times the principal", s.Policy.CeilingPart.Decimal)
	}
	fmt.Fprintf(&out, ", %s: %s\n", s.Policy.Rounding, currency.Text(s.Amount))
	_, err := io.WriteString(w, out.String())
	return err
}
