package pension

import (
	"fmt"
	"math/big"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme"
)

// The reference computes a pension a second time, straight from the wording of the rules, with nothing but big.Rat and a rounding of its own. It shares
// no code with the package beyond the types of policy and inputs.

type reference struct {
	p   scheme.PensionPolicy
	in  Inputs
	out map[string]*big.Rat
}

func rat(text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		panic(text)
	}
	return r
}

func ratOf(d decimal.NullDecimal) *big.Rat { return rat(d.Decimal.String()) }

func times(xs ...*big.Rat) *big.Rat {
	out := rat("1")
	for _, x := range xs {
		out.Mul(out, x)
	}
	return out
}

func over(x, y *big.Rat) *big.Rat { return new(big.Rat).Quo(x, y) }
func sum(xs ...*big.Rat) *big.Rat {
	out := new(big.Rat)
	for _, x := range xs {
		out.Add(out, x)
	}
	return out
}

// roundRat rounds by moving the point, taking the floor, and looking at what is left.
func roundRat(x *big.Rat, r money.Rounding) *big.Rat {
	scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(r.Scale)), nil))
	moved := times(x, scale)
	floor := new(big.Int).Div(moved.Num(), moved.Denom()) // Euclidean: the floor, as the denominator is positive
	left := new(big.Rat).Sub(moved, new(big.Rat).SetInt(floor))
	up := false
	switch r.Mode {
	case money.HalfUp: // a half goes away from zero
		up = left.Cmp(rat("1/2")) > 0 || left.Cmp(rat("1/2")) == 0 && x.Sign() > 0
	case money.Ceil:
		up = left.Sign() > 0
	case money.Floor:
	case money.Truncate:
		up = left.Sign() > 0 && x.Sign() < 0
	case money.HalfEven:
		up = left.Cmp(rat("1/2")) > 0 || left.Cmp(rat("1/2")) == 0 && floor.Bit(0) == 1
	}
	if up {
		floor.Add(floor, big.NewInt(1))
	}
	return over(new(big.Rat).SetInt(floor), scale)
}

func (r *reference) years(rule scheme.YearsRule, printed decimal.NullDecimal, months *int) *big.Rat {
	if rule.Mode == scheme.YearsPrinted && printed.Valid || months == nil {
		return ratOf(printed)
	}
	n := *months
	exact := big.NewRat(int64(n), 12)
	switch rule.Mode {
	case scheme.ExactMonths, scheme.YearsPrinted:
		return exact
	case scheme.WholePlusMonth:
		return sum(big.NewRat(int64(n/12), 1), times(big.NewRat(int64(n%12), 1), rat(rule.MonthPct.String())))
	}
	return roundRat(exact, money.Rounding{Scale: rule.Scale, Mode: money.Mode(rule.Mode)})
}

func (r *reference) compute() map[string]*big.Rat {
	p, in := r.p, r.in
	r.out = map[string]*big.Rat{}
	province, local, index := ratOf(in.BaseProvince), ratOf(in.BaseLocal), ratOf(in.AverageIndex)
	first, indexedBase := province, province
	switch p.BasicForm {
	case scheme.ProvinceLocalIndexed:
		indexedBase = local
	case scheme.LocalProvinceIndexed:
		first = local
	case scheme.LowIndexFactorOnFirst:
		factor := roundRat(over(index, rat(p.LowIndex.Threshold.String())), p.LowIndex.Rounding)
		if factor.Cmp(rat("1")) < 0 {
			first = times(province, factor)
		}
	}
	indexed := times(indexedBase, index)
	if p.IndexedWage != nil {
		if p.IndexedWage.Printed {
			indexed = ratOf(in.IndexedWage)
		} else {
			indexed = roundRat(indexed, p.IndexedWage.Rounding)
		}
	}
	averaged := over(sum(first, indexed), rat("2"))
	years := r.years(p.Years, in.Years, in.Months)
	r.out[scheme.Basic] = roundRat(times(averaged, years, rat("1/100")), p.Component)
	r.out[scheme.AccountPension] = roundRat(over(ratOf(in.AccountBalance), ratOf(in.DivisorMonths)), p.Component)
	r.out[scheme.Transitional] = r.transitional(index)
	total := sum(r.out[scheme.Basic], r.out[scheme.AccountPension], r.out[scheme.Transitional])
	for i := range p.Extras {
		x := &p.Extras[i]
		value := r.extra(x, indexed, averaged, years, index)
		rounding := p.Component
		if x.Round != nil {
			rounding = *x.Round
		}
		r.out[x.Name] = roundRat(value, rounding)
		total = sum(total, r.out[x.Name])
	}
	r.out["subtotal"] = total
	if p.Total != nil {
		total = roundRat(total, *p.Total)
	}
	r.out["total"] = total
	return r.out
}

func (r *reference) transitional(averageIndex *big.Rat) *big.Rat {
	p := r.p
	result := new(big.Rat)
	if p.TransitionalForm == scheme.Parts {
		for _, part := range p.TransitionalParts {
			value := ratOf(part.Amount)
			switch part.Kind {
			case scheme.QuotientPart:
				value = over(value, ratOf(part.Divisor))
			case scheme.ProductPart:
				value = times(value, ratOf(part.Factor))
			case scheme.PerWholeYearPart:
				value = times(value, big.NewRat(int64(*part.Months/12), 1))
			}
			r.out[part.Name] = roundRat(value, p.Component)
			result = sum(result, r.out[part.Name])
		}
		return result
	}
	if p.TransitionalForm == scheme.NoTransitional {
		return result
	}
	rule := p.Years
	if p.TransitionalYears != nil {
		rule = *p.TransitionalYears
	}
	for _, s := range r.in.Transitional {
		base, index := ratOf(s.Base), averageIndex
		if s.Index.Valid {
			index = ratOf(s.Index)
		}
		wage := times(base, index)
		printed := p.TransitionalWage == nil && p.IndexedWage != nil && p.IndexedWage.Printed || p.TransitionalWage != nil && p.TransitionalWage.Printed
		if printed && s.IndexedWage.Valid {
			wage = ratOf(s.IndexedWage)
		} else if p.TransitionalWage != nil && !p.TransitionalWage.Printed {
			wage = roundRat(wage, p.TransitionalWage.Rounding)
		}
		if p.TransitionalForm == scheme.Averaged {
			wage = over(sum(base, wage), rat("2"))
		}
		result = sum(result, roundRat(times(wage, r.years(rule, s.Years, s.Months), ratOf(s.CoefficientPct), rat("1/100")), p.Component))
	}
	return result
}

func (r *reference) extra(x *scheme.Extra, indexed, averaged, years, index *big.Rat) *big.Rat {
	hundredth := rat("1/100")
	switch x.Kind {
	case scheme.FixedExtra:
		return ratOf(x.Amount)
	case scheme.PctOfSum:
		value := new(big.Rat)
		for _, name := range x.Of {
			value = sum(value, r.out[name])
		}
		return times(value, ratOf(x.Pct), hundredth)
	case scheme.RatePerYearIndexed:
		return times(indexed, ratOf(x.Pct), hundredth, years)
	case scheme.PctOfIndexedWage:
		return times(indexed, ratOf(x.Pct), hundredth)
	case scheme.AmountPlusIndexYears:
		return sum(ratOf(x.Amount), times(index, years, ratOf(x.Factor)))
	case scheme.IndexYearsPlus:
		return sum(times(index, big.NewRat(int64(*x.Months), 12), ratOf(x.Factor)), ratOf(x.Plus))
	case scheme.PhasedDifference:
		rounding := r.p.Component
		if x.Round != nil {
			rounding = *x.Round
		}
		value := roundRat(times(ratOf(x.Base), ratOf(x.IndexMonths), rat("1/12"), ratOf(x.CoefficientPct), hundredth), rounding)
		for _, name := range x.Less {
			value = new(big.Rat).Sub(value, r.out[name])
		}
		return times(value, ratOf(x.Pct), hundredth)
	default:
		value := new(big.Rat)
		for _, b := range x.Brackets {
			inside := new(big.Rat).Sub(years, big.NewRat(int64(b.FromYear-1), 1))
			if b.ToYear != nil {
				if width := big.NewRat(int64(*b.ToYear-b.FromYear+1), 1); inside.Cmp(width) > 0 {
					inside = width
				}
			}
			if inside.Sign() < 0 {
				inside = new(big.Rat)
			}
			part := times(averaged, inside, rat(b.Pct.String()), hundredth)
			if x.Each != nil {
				part = roundRat(part, *x.Each)
			}
			value = sum(value, part)
		}
		return value
	}
}

// drawDecimal draws a decimal with some decimals, not below low.
func drawDecimal(t *rapid.T, name string, low, high int64, decimals int32) decimal.NullDecimal {
	scale := int64(1)
	for range decimals {
		scale *= 10
	}
	return decimal.NewNullDecimal(decimal.New(rapid.Int64Range(low*scale, high*scale).Draw(t, name), -decimals))
}

func drawRounding(t *rapid.T, name string) money.Rounding {
	return money.Rounding{
		Scale: rapid.Int32Range(0, 5).Draw(t, name+" scale"),
		Mode:  rapid.SampledFrom([]money.Mode{money.HalfUp, money.Ceil, money.Floor, money.HalfEven, money.Truncate}).Draw(t, name+" mode"),
	}
}

func drawYearsRule(t *rapid.T, name string) scheme.YearsRule {
	switch rapid.IntRange(0, 4).Draw(t, name) {
	case 0:
		return scheme.YearsRule{Mode: scheme.YearsPrinted}
	case 1:
		return scheme.YearsRule{Mode: scheme.ExactMonths}
	case 2:
		return scheme.YearsRule{Mode: scheme.WholePlusMonth, MonthPct: decimal.New(83, -3)}
	default:
		r := drawRounding(t, name)
		return scheme.YearsRule{Mode: scheme.YearsMode(r.Mode), Scale: r.Scale}
	}
}

func drawWageRule(t *rapid.T, name string) *scheme.WageRule {
	switch rapid.IntRange(0, 2).Draw(t, name) {
	case 0:
		return nil
	case 1:
		return &scheme.WageRule{Printed: true}
	default:
		return &scheme.WageRule{Rounding: drawRounding(t, name)}
	}
}

func drawPolicy(t *rapid.T) scheme.PensionPolicy {
	p := scheme.PensionPolicy{
		BasicForm: rapid.SampledFrom([]scheme.BasicForm{scheme.Same, scheme.ProvinceLocalIndexed, scheme.LocalProvinceIndexed, scheme.LowIndexFactorOnFirst}).Draw(t, "form"),
		Years:     drawYearsRule(t, "years"), IndexedWage: drawWageRule(t, "indexed wage"), TransitionalWage: drawWageRule(t, "transitional wage"),
		TransitionalForm: rapid.SampledFrom([]scheme.TransitionalForm{scheme.NoTransitional, scheme.Indexed, scheme.Averaged, scheme.IndexedParts, scheme.Parts}).Draw(t, "transitional"),
		Component:        drawRounding(t, "component"),
	}
	if p.BasicForm == scheme.LowIndexFactorOnFirst {
		p.LowIndex = &scheme.LowIndexRule{Threshold: decimal.New(6, -1), Rounding: drawRounding(t, "low index")}
	}
	if rapid.Bool().Draw(t, "own transitional years") {
		rule := drawYearsRule(t, "transitional years")
		p.TransitionalYears = &rule
	}
	if rapid.Bool().Draw(t, "total rounds") {
		r := drawRounding(t, "total")
		p.Total = &r
	}
	names := []string{scheme.Basic, scheme.AccountPension, scheme.Transitional}
	if p.TransitionalForm == scheme.Parts {
		for i, kind := range []scheme.PartKind{scheme.FixedPart, scheme.QuotientPart, scheme.ProductPart, scheme.PerWholeYearPart} {
			months := rapid.IntRange(0, 500).Draw(t, "part months")
			name := fmt.Sprintf("part_%d", i)
			p.TransitionalParts = append(p.TransitionalParts, scheme.TransitionalPart{
				Name: name, Kind: kind, Amount: drawDecimal(t, "amount", 0, 20000, 2), Divisor: drawDecimal(t, "divisor", 1, 300, 1),
				Factor: drawDecimal(t, "factor", 0, 1, 3), Months: &months,
			})
			names = append(names, name)
		}
	}
	kinds := []scheme.ExtraKind{
		scheme.FixedExtra, scheme.PctOfSum, scheme.RatePerYearIndexed, scheme.PctOfIndexedWage, scheme.AmountPlusIndexYears, scheme.IndexYearsPlus,
		scheme.PhasedDifference, scheme.SeniorityBracketsSum,
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "extras") {
		x := drawExtra(t, rapid.SampledFrom(kinds).Draw(t, "kind"), names)
		x.Name = fmt.Sprintf("extra_%d", i)
		p.Extras = append(p.Extras, x)
		names = append(names, x.Name)
	}
	return p
}

func drawExtra(t *rapid.T, kind scheme.ExtraKind, names []string) scheme.Extra {
	months, last := rapid.IntRange(0, 500).Draw(t, "extra months"), 25
	x := scheme.Extra{
		Kind: kind, Amount: drawDecimal(t, "amount", 0, 500, 2), Pct: drawDecimal(t, "pct", 0, 100, 1), Factor: drawDecimal(t, "factor", 0, 20, 1),
		Plus: drawDecimal(t, "plus", 0, 50, 2), Months: &months, Base: drawDecimal(t, "base", 1000, 20000, 2),
		IndexMonths: drawDecimal(t, "index months", 0, 300, 4), CoefficientPct: drawDecimal(t, "coefficient", 0, 2, 2),
		Of: []string{rapid.SampledFrom(names).Draw(t, "of"), scheme.Basic}, Less: []string{rapid.SampledFrom(names).Draw(t, "less")},
	}
	if kind == scheme.SeniorityBracketsSum {
		x.Brackets = []scheme.SeniorityBracket{{FromYear: 21, ToYear: &last, Pct: decimal.New(15, -2)}, {FromYear: 26, Pct: decimal.New(2, -1)}}
	}
	if rapid.Bool().Draw(t, "each") {
		r := drawRounding(t, "each")
		x.Each = &r
	}
	if rapid.Bool().Draw(t, "own rounding") {
		r := drawRounding(t, "own")
		x.Round = &r
	}
	return x
}

func drawInputs(t *rapid.T) Inputs {
	months := rapid.IntRange(1, 600).Draw(t, "months")
	in := Inputs{
		BaseProvince: drawDecimal(t, "province", 1000, 20000, 2), BaseLocal: drawDecimal(t, "local", 1000, 20000, 2), AverageIndex: drawDecimal(t, "index", 0, 3, 4),
		IndexedWage: drawDecimal(t, "indexed", 1000, 60000, 5), Years: drawDecimal(t, "years", 0, 50, 2), Months: &months,
		AccountBalance: drawDecimal(t, "balance", 0, 900000, 2), DivisorMonths: drawDecimal(t, "divisor", 56, 233, 1),
	}
	if rapid.Bool().Draw(t, "printed years only") {
		in.Months = nil
	}
	for range rapid.IntRange(0, 3).Draw(t, "stretches") {
		before := rapid.IntRange(0, 300).Draw(t, "months before")
		s := Stretch{
			Base: drawDecimal(t, "stretch base", 1000, 20000, 2), Index: drawDecimal(t, "stretch index", 0, 3, 4), IndexedWage: drawDecimal(t, "stretch wage", 1000, 60000, 5),
			CoefficientPct: drawDecimal(t, "k", 1, 2, 2), Years: drawDecimal(t, "stretch years", 0, 30, 4), Months: &before,
		}
		if rapid.Bool().Draw(t, "average index") {
			s.Index = decimal.NullDecimal{}
		}
		in.Transitional = append(in.Transitional, s)
	}
	return in
}

func TestEveryPolicyGivesWhatItsWordingGives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		policy, in := drawPolicy(t), drawInputs(t)
		if in.Months == nil && (policy.Years.Mode == scheme.WholePlusMonth) {
			months := 345
			in.Months = &months // printed years read back into months have a test of their own
		}
		d, err := Determine(policy, in)
		if err != nil {
			t.Fatal(err)
		}
		want := (&reference{p: policy, in: in}).compute()
		for _, c := range d.Amounts() {
			expected, ok := want[c.Name]
			if !ok {
				continue // single stretches and the top-up are not named by the reference
			}
			if rat(c.Amount.String()).Cmp(expected) != 0 {
				t.Fatalf("%s is %s, the reference makes it %s", c.Name, c.Amount, expected.FloatString(12))
			}
			delete(want, c.Name)
		}
		if len(want) > 0 {
			t.Fatalf("not computed: %v", want)
		}
		if !d.RoundingTopUp.Equal(d.Total.Sub(d.Subtotal)) {
			t.Fatalf("top-up %s, total %s, subtotal %s", d.RoundingTopUp, d.Total, d.Subtotal)
		}
	})
}

func TestRoundingInMachineWordsIsThatOfBigNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		numerator := decimal.New(rapid.Int64().Draw(t, "numerator"), rapid.Int32Range(-9, 2).Draw(t, "places"))
		denominator := decimal.New(rapid.Int64Range(1, 1<<62).Draw(t, "denominator"), rapid.Int32Range(-4, 0).Draw(t, "places below"))
		x := whole(numerator)
		if rapid.Bool().Draw(t, "fraction") {
			x = x.dividedBy(denominator)
		}
		r := drawRounding(t, "rule")
		if got, want := x.round(r).num, roundRat(x.rat(), r); rat(got.String()).Cmp(want) != 0 {
			t.Fatalf("%s by %s is %s, want %s", x.text(), r, got, want.FloatString(9))
		}
		if text := decimalText(numerator); text != numerator.String() {
			t.Fatalf("%s is written %s", numerator, text)
		}
	})
}
