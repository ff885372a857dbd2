package scheme

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/money"
)

// everything names every field a policy can have.
const everything = `
basic_form: low_index_factor
low_index: {threshold: '0.6', scale: 4, mode: half_up}
indexed_wage: {scale: 2, mode: half_up}
years: {mode: whole_years_plus_month_pct, month_pct: '0.083'}
transitional_years: {scale: 4, mode: ceil}
transitional_form: parts
transitional_wage: printed
transitional_parts:
  - {name: a, kind: fixed, amount: '1'}
  - {name: b, kind: quotient, amount: '2', divisor: '120'}
  - {name: c, kind: product, amount: '3', factor: '0.065'}
  - {name: d, kind: per_whole_year, amount: '4', months: 335}
component: {scale: 1, mode: ceil}
extras:
  - {name: e, kind: fixed, amount: '5'}
  - {name: f, kind: pct_of_sum, pct: '5', of: [basic, a, e]}
  - {name: g, kind: rate_per_year_indexed, pct: '0.1', round: {scale: 2, mode: floor}}
  - {name: h, kind: pct_of_indexed_wage, pct: '10'}
  - {name: i, kind: amount_plus_index_years, amount: '480', factor: '3'}
  - {name: j, kind: index_years_plus, months: 68, factor: '18.5', plus: '20'}
  - {name: k, kind: phased_difference, base: '9307', index_months: '53.0214', coefficient_pct: '1.2', less: [b, d], pct: '100'}
  - name: l
    kind: seniority_brackets
    brackets: [{from_year: 21, to_year: 25, pct: '0.15'}, {from_year: 26, to_year: null, pct: '0.20', years: '5.58'}]
    each: {scale: 2, mode: half_up}
    round: {scale: 2, mode: half_up}
total: {scale: 0, mode: ceil}
`

func sameThroughJSON(t *testing.T, p *PensionPolicy) {
	t.Helper()
	encoded, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var decoded PensionPolicy
	if err := json.Unmarshal(encoded, &decoded); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*p, decoded, cmp.Comparer(decimal.Decimal.Equal), cmp.Comparer(sameOptional)); diff != "" {
		t.Errorf("JSON changes the policy: %s", diff)
	}
	again, err := ParsePolicy("policy.json", encoded, Strict)
	if err != nil {
		t.Fatalf("its own JSON is refused: %v\n%s", err, encoded)
	}
	if diff := cmp.Diff(p, again, cmp.Comparer(decimal.Decimal.Equal), cmp.Comparer(sameOptional)); diff != "" {
		t.Errorf("reading its JSON changes the policy: %s", diff)
	}
}

func sameOptional(a, b decimal.NullDecimal) bool {
	return a.Valid == b.Valid && a.Decimal.Equal(b.Decimal)
}

func TestEveryFieldOfAPolicyIsRead(t *testing.T) {
	p, err := ParsePolicy("policy.yaml", []byte(everything), Strict)
	if err != nil {
		t.Fatal(err)
	}
	sameThroughJSON(t, p)
	if p.Years.Mode != WholePlusMonth || !p.Years.MonthPct.Equal(money.MustDecimal("0.083")) || p.TransitionalYears.Scale != 4 || !p.TransitionalWage.Printed ||
		p.Total.Mode != money.Ceil || *p.TransitionalParts[3].Months != 335 || p.Extras[7].Brackets[1].ToYear != nil {
		t.Errorf("got %+v", p)
	}
}

func TestFaultyPoliciesAreRefusedAtTheirPlace(t *testing.T) {
	for _, c := range []struct{ change, to, want string }{
		{"basic_form: low_index_factor", "basic_form: other", `basic_form: "other" is no form`},
		{"basic_form: low_index_factor", "", "has no basic_form"},
		{"low_index: {threshold: '0.6'", "low_index: {threshold: '0'", "low_index.threshold: 0 is not above zero"},
		{"low_index: {threshold: '0.6', scale: 4, mode: half_up}", "", "give low_index with the form low_index_factor"},
		{"indexed_wage: {scale: 2, mode: half_up}", "indexed_wage: exact", `"exact" is no way to take a wage`},
		{"indexed_wage: {scale: 2", "indexed_wage: {digits: 2", "digits: is no field"},
		{"month_pct: '0.083'", "month_pct: 0.083", "is no quoted number"},
		{", month_pct: '0.083'", "", "month_pct: is missing"},
		{"transitional_years: {scale: 4, mode: ceil}", "transitional_years: {scale: 4, mode: up}", "is no rounding mode"},
		{"transitional_years: {scale: 4, mode: ceil}", "transitional_years: rounded", "is no way to count years"},
		{"transitional_form: parts", "transitional_form: indexed", "give transitional_parts with the form parts"},
		{"transitional_form: parts", "transitional_form: slices", `"slices" is no form`},
		{"name: b, kind", "name: a, kind", `"a" is blank or taken`},
		{"{name: a, kind: fixed, amount: '1'}", "{name: basic, kind: fixed, amount: '1'}", `"basic" is blank or taken`},
		{", divisor: '120'", "", "has no divisor"},
		{"divisor: '120'", "divisor: '0'", "0 is not above zero"},
		{", factor: '0.065'", "", "has no factor"},
		{"kind: product", "kind: power", `"power" is no kind`},
		{"months: 335", "months: -1", "months: is negative"},
		{"months: 335", "months: many", `"many" is no whole number`},
		{"of: [basic, a, e]", "of: [basic, z]", `"z" names nothing computed before`},
		{"of: [basic, a, e]", "of: [basic, l]", `"l" names nothing computed before`},
		{"kind: pct_of_sum, pct: '5'", "kind: pct_of_sum", "has no pct"},
		{"kind: amount_plus_index_years, amount: '480'", "kind: amount_plus_index_years", "has no amount"},
		{"coefficient_pct: '1.2', ", "", "has no coefficient_pct"},
		{"kind: rate_per_year_indexed", "kind: rate_per_moon", `"rate_per_moon" is no kind`},
		{"to_year: 25", "to_year: 20", "20 is before 21"},
		{"from_year: 26", "from_year: 25", "25 is not after 25"},
		{"to_year: 25, ", "", "is open before the last bracket"},
		{"from_year: 21, ", "", "has no from_year"},
		{"pct: '0.15'", "pct: 'x'", `"x" is no decimal number`},
		{"component: {scale: 1, mode: ceil}", "component: {scale: 1}", "is no rounding mode"},
		{"total: {scale: 0, mode: ceil}", "total: {mode: ceil}", "has no scale"},
		{"total: {scale: 0, mode: ceil}", "totals: {scale: 0, mode: ceil}", "totals: is no field"},
		{"extras:\n", "extras: {}\nmore:\n", "is no list"},
	} {
		if !strings.Contains(everything, c.change) {
			t.Fatalf("the example lacks %q", c.change)
		}
		_, err := ParsePolicy("policy.yaml", []byte(strings.Replace(everything, c.change, c.to, 1)), Strict)
		var fault *Fault
		if !errors.As(err, &fault) || !strings.Contains(err.Error(), c.want) || fault.Line == 0 {
			t.Errorf("%q for %q: got %v, want it to say %s", c.to, c.change, err, c.want)
		}
	}
}

func TestAPublishedPolicyMayLeaveThingsOut(t *testing.T) {
	p, err := ParsePolicy("policy.yaml", []byte("years: exact_months\nextras: [{name: a, kind: fixed, amount: 10.50}]\n"), Lenient)
	if err != nil {
		t.Fatal(err)
	}
	if p.BasicForm != Same || p.Years.Mode != ExactMonths || p.TransitionalForm != Indexed || p.Component != (money.Rounding{Scale: 2, Mode: money.HalfUp}) || p.Total != nil {
		t.Errorf("defaults are %+v", p)
	}
	if got := p.Extras[0].Amount.Decimal; got.Exponent() != -2 || got.String() != "10.5" {
		t.Errorf("a bare number is read as %s", got)
	}
	if p, err = ParsePolicy("policy.yaml", []byte("transitional_parts: [{name: a, kind: fixed, amount: 1}]\n"), Lenient); err != nil || p.TransitionalForm != Parts {
		t.Errorf("parts without a form: %+v, %v", p, err)
	}
}

func TestCheckReportsEveryFaultOfAPolicyMadeInCode(t *testing.T) {
	p := PensionPolicy{BasicForm: "x", TransitionalForm: "y", Years: YearsRule{Mode: "z"}}
	var all *PolicyError
	if err := p.Check(); !errors.As(err, &all) || len(all.Faults) != 4 {
		t.Errorf("got %v, want four faults: form, years, component, transitional form", all)
	}
}
