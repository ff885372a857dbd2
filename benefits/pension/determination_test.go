package pension

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme"
)

// plain is the rule of most sheets.
func plain() scheme.PensionPolicy {
	return scheme.PensionPolicy{
		BasicForm: scheme.Same, Years: scheme.YearsRule{Mode: "half_up", Scale: 2}, TransitionalForm: scheme.Indexed,
		Component: money.Rounding{Scale: 2, Mode: money.HalfUp}, Total: &money.Rounding{Scale: 2, Mode: money.HalfUp},
	}
}

// member is a sheet of Hunan of 2026-03: github:liubigfatty/pension-calculator@dba9b78b:cases/hunan/1.json.
func member() Inputs {
	return Inputs{
		BaseProvince: given("7694"), AverageIndex: given("1.0324"), Months: count(376), AccountBalance: given("85298.25"), DivisorMonths: given("139"),
		Transitional: []Stretch{{CoefficientPct: given("1.3"), Months: count(98)}},
	}
}

func TestAPublishedSheetComesOutToTheFen(t *testing.T) {
	d, err := Determine(plain(), member())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []Component{
		{scheme.Basic, money.MustDecimal("2449.58")}, {scheme.AccountPension, money.MustDecimal("613.66")}, {scheme.Transitional, money.MustDecimal("843.66")},
		{"subtotal", money.MustDecimal("3906.90")}, {"rounding_topup", money.MustDecimal("0")}, {"total", money.MustDecimal("3906.90")},
	} {
		i := slices.IndexFunc(d.Amounts(), func(c Component) bool { return c.Name == want.Name })
		if i < 0 || !d.Amounts()[i].Amount.Equal(want.Amount) {
			t.Errorf("%s: %v, want %s", want.Name, d.Amounts(), want.Amount)
		}
	}
}

func TestTheTraceShowsEveryStepWithItsRounding(t *testing.T) {
	d, err := Determine(plain(), member())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range d.Trace {
		names = append(names, s.Name)
	}
	want := []string{"indexed_wage", "averaged_wage", "years", "basic", "account_pension", "transitional_wage", "transitional_years", "transitional", "subtotal", "total"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Fatal(diff)
	}
	years, _ := d.Step("years")
	wantYears := Step{
		Name: "years", Formula: "months_total ÷ 12", Inputs: []Figure{{Name: "months_total", Value: "376"}}, Unrounded: "31.333333333333…",
		Rounding: &money.Rounding{Scale: 2, Mode: money.HalfUp}, Result: "31.33",
	}
	if diff := cmp.Diff(wantYears, years); diff != "" {
		t.Error(diff)
	}
	var text strings.Builder
	if err := d.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"basic                                   2449.58", "averaged_wage × years × 1 %", "2449.58078924, half_up 0.01: 2449.58"} {
		if !strings.Contains(text.String(), line) {
			t.Errorf("the text lacks %q:\n%s", line, text.String())
		}
	}
}

func TestParametersAreNamedWhereTheyGoIn(t *testing.T) {
	law, err := scheme.China()
	if err != nil {
		t.Fatal(err)
	}
	policy, err := law.Policy("cn.hunan.pension.policy", 20260301)
	if err != nil {
		t.Fatal(err)
	}
	base, err := law.At("cn.hunan.pension.calculation_base", 20260301)
	if err != nil {
		t.Fatal(err)
	}
	formula, err := NewFormula(*policy.Policy, &policy.Provenance)
	if err != nil {
		t.Fatal(err)
	}
	in := member()
	in.Sources = []InputSource{{Input: "base_province", Provenance: base.Provenance}}
	d, err := formula.Determine(in)
	if err != nil {
		t.Fatal(err)
	}
	step, _ := d.Step("indexed_wage")
	if step.Inputs[0].Parameter != "cn.hunan.pension.calculation_base" {
		t.Errorf("the base is not named as law: %+v", step.Inputs)
	}
	stored, err := formula.AppendJSON(nil, &d)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Reperform(stored)
	if err != nil {
		t.Fatal(err)
	}
	if again.PolicySource.SHA256 != policy.SHA256 || again.Inputs.Sources[0].Provenance != base.Provenance {
		t.Error("provenance is lost in storage")
	}
	var text strings.Builder
	if err := d.WriteText(&text); err != nil || !strings.Contains(text.String(), "policy: cn.hunan.pension.policy, valid from 2024-01-01") {
		t.Errorf("%v\n%s", err, text.String())
	}
}

func TestStoredDeterminationsAreReperformedByteForByte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		formula, err := NewFormula(drawPolicy(t), nil)
		if err != nil {
			t.Fatal(err)
		}
		d, err := formula.Determine(drawInputs(t))
		if err != nil {
			t.Fatal(err)
		}
		stored, err := formula.AppendJSON(nil, &d)
		if err != nil {
			t.Fatal(err)
		}
		marshalled, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(stored, marshalled) {
			t.Fatalf("two encodings:\n%s\n%s", stored, marshalled)
		}
		if _, err := Reperform(stored); err != nil {
			t.Fatal(err)
		}
	})
}

// asEncodingJSON has the fields of a determination and none of its methods.
type asEncodingJSON Determination

func TestTheHandWrittenJSONIsThatOfTheTypes(t *testing.T) {
	in := member()
	in.Extras = []MemberFigure{{Name: `quoted "name" <&> ‧ 补贴`, Amount: given("1.50"), Months: count(3)}}
	in.Parts = []MemberFigure{{Name: "old_method", Amount: given("2")}}
	in.History, in.IndexRule = thirtyYears(), &IndexRule{Each: &money.Rounding{Scale: 4, Mode: money.HalfUp}, Mean: money.Rounding{Scale: 4, Mode: money.HalfUp}}
	in.Transitional[0].Name, in.Transitional[0].Base, in.Transitional[0].Years = "deemed", given("7000"), given("8.17")
	in.Sources = []InputSource{{Input: "base_province", Provenance: scheme.Provenance{Parameter: "a.b", From: 20240101, To: 20241231, KnownFrom: 20240601, Status: "confirmed", Source: "公告 <1>"}}}
	formula, err := NewFormula(plain(), &scheme.Provenance{Parameter: "a.c", From: 20240101, Source: "x & y"})
	if err != nil {
		t.Fatal(err)
	}
	for name, determine := range map[string]func() (Determination, error){
		"all":  func() (Determination, error) { return formula.Determine(in) },
		"some": func() (Determination, error) { return formula.DetermineOnly(in, scheme.Transitional) },
		"none": func() (Determination, error) { return formula.DetermineOnly(Inputs{}) },
	} {
		d, err := determine()
		if err != nil {
			t.Fatal(err)
		}
		ours, err := formula.AppendJSON(nil, &d)
		if err != nil {
			t.Fatal(err)
		}
		var buffer bytes.Buffer
		encoder := json.NewEncoder(&buffer)
		encoder.SetEscapeHTML(true)
		if err := encoder.Encode(asEncodingJSON(d)); err != nil {
			t.Fatal(err)
		}
		theirs := bytes.TrimSpace(buffer.Bytes())
		if name == "none" { // an empty list is a list for a determination of no component
			theirs = bytes.Replace(theirs, []byte(`"inputs":{}`), []byte(`"inputs":{},"only":[]`), 1)
		}
		if !bytes.Equal(ours, theirs) {
			t.Errorf("%s:\nours   %s\ntheirs %s", name, ours, theirs)
		}
		if _, err := Reperform(ours); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestATamperedDeterminationIsFound(t *testing.T) {
	formula, err := NewFormula(plain(), nil)
	if err != nil {
		t.Fatal(err)
	}
	d, err := formula.Determine(member())
	if err != nil {
		t.Fatal(err)
	}
	stored, err := formula.AppendJSON(nil, &d)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, name string }{
		{`"total":"3906.9"`, `"total":"4906.9"`, "total"},
		{`"avg_index":"1.0324"`, `"avg_index":"1.0325"`, scheme.Basic},
		{`"months_total":376`, `"months_total":388`, "step years"},
		{`"unrounded":"31.333333333333…"`, `"unrounded":"31.34"`, "step years"},
		{`"scale":2,"mode":"half_up"`, `"scale":1,"mode":"ceil"`, "trace"},
		{`"basic":"2449.58"`, `"basic":"2449.580"`, "encoding"},
	} {
		changed := bytes.Replace(stored, []byte(c.old), []byte(c.new), 1)
		if bytes.Equal(changed, stored) {
			t.Fatalf("%s is not in %s", c.old, stored)
		}
		_, err := Reperform(changed)
		var difference *DifferenceError
		if !errors.As(err, &difference) {
			t.Errorf("%s: %v", c.new, err)
			continue
		}
		if c.name != "trace" && !slices.ContainsFunc(difference.Differences, func(d Difference) bool { return d.Name == c.name }) {
			t.Errorf("%s: %v does not name %s", c.new, err, c.name)
		}
	}
	for _, broken := range []string{"", "{}", `{"policy":{}}`, string(stored[:len(stored)-2]), strings.Replace(string(stored), `"basic"`, `"basis"`, 1)} {
		if _, err := Reperform([]byte(broken)); err == nil {
			t.Errorf("reperformed %.40q", broken)
		}
	}
}

func TestEverythingMissingIsNamedAtOnce(t *testing.T) {
	policy := plain()
	policy.Extras = []scheme.Extra{{Name: "own", Kind: scheme.FixedExtra}, {Name: "fund", Kind: scheme.AmountPlusIndexYears, Amount: given("480"), Factor: given("3")}}
	_, err := Determine(policy, Inputs{Transitional: []Stretch{{}}})
	var missing *InputError
	if !errors.As(err, &missing) {
		t.Fatal(err)
	}
	for _, name := range []string{"base_province", "avg_index", "months_total", "account_balance", "divisor_months", "transitional[0].coefficient_pct", "transitional[0].months", "extras.own.amount"} {
		if !slices.ContainsFunc(missing.Faults, func(f InputFault) bool { return f.Input == name && f.Hint != "" }) {
			t.Errorf("%s is not named in\n%v", name, err)
		}
	}
}

func TestImpossibleInputsAreRefused(t *testing.T) {
	for name, change := range map[string]func(*Inputs){
		"base_province":                   func(in *Inputs) { in.BaseProvince = given("-1") },
		"base_local":                      func(in *Inputs) { in.BaseLocal = given("-1") },
		"avg_index":                       func(in *Inputs) { in.AverageIndex = given("-0.1") },
		"months_total":                    func(in *Inputs) { in.Months = count(-1) },
		"years_total":                     func(in *Inputs) { in.Years = given("-1") },
		"account_balance":                 func(in *Inputs) { in.AccountBalance = given("-0.01") },
		"divisor_months":                  func(in *Inputs) { in.DivisorMonths = given("0") },
		"transitional[0].years":           func(in *Inputs) { in.Transitional[0].Years = given("-1") },
		"transitional[0].months":          func(in *Inputs) { in.Transitional[0].Months = count(-1) },
		"transitional[0].coefficient_pct": func(in *Inputs) { in.Transitional[0].CoefficientPct = given("-1") },
		"history[0]": func(in *Inputs) {
			in.AverageIndex, in.History, in.IndexRule = decimal.NullDecimal{}, []ContributionYear{{Year: 2000, Months: 13}}, &IndexRule{Mean: money.Rounding{Scale: 4, Mode: money.HalfUp}}
		},
		"index_rule.mean": func(in *Inputs) {
			in.AverageIndex, in.History, in.IndexRule = decimal.NullDecimal{}, thirtyYears(), &IndexRule{}
		},
		"index_rule.each": func(in *Inputs) {
			in.AverageIndex, in.History = decimal.NullDecimal{}, thirtyYears()
			in.IndexRule = &IndexRule{Each: &money.Rounding{Scale: 10, Mode: money.HalfUp}, Mean: money.Rounding{Scale: 4, Mode: money.HalfUp}}
		},
		"index_rule": func(in *Inputs) { in.AverageIndex, in.History = decimal.NullDecimal{}, thirtyYears() },
	} {
		in := member()
		change(&in)
		_, err := Determine(plain(), in)
		var refused *InputError
		if !errors.As(err, &refused) || !slices.ContainsFunc(refused.Faults, func(f InputFault) bool { return f.Input == name }) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Determine(scheme.PensionPolicy{}, member()); err == nil {
		t.Error("a policy without rules determines a pension")
	}
}

func TestNumbersOfAMillionDigitsCostNothing(t *testing.T) {
	huge := decimal.NewNullDecimal(decimal.New(1, 1_000_000_000))
	tiny := decimal.NewNullDecimal(decimal.New(1, -1_000_000_000))
	for _, number := range []decimal.NullDecimal{huge, tiny} {
		in := member()
		in.AccountBalance, in.DivisorMonths = number, number
		in.Extras = []MemberFigure{{Name: "x", Amount: number}}
		var refused *InputError
		if _, err := Determine(plain(), in); !errors.As(err, &refused) || len(refused.Faults) != 3 {
			t.Errorf("inputs: %v", err)
		}
		policy := plain()
		policy.Extras = []scheme.Extra{{Name: "x", Kind: scheme.FixedExtra, Amount: number}}
		var faulty *scheme.PolicyError
		if _, err := Determine(policy, member()); !errors.As(err, &faulty) {
			t.Errorf("policy: %v", err)
		}
	}
}

func TestPrintedFiguresStandInForWhatIsNotKnown(t *testing.T) {
	in := member()
	in.AverageIndex, in.IndexedWage = decimal.NullDecimal{}, given("7943.29")
	in.Months, in.Years = nil, given("31.33")
	in.Transitional = []Stretch{{CoefficientPct: given("1.3"), Years: given("8.17")}}
	d, err := Determine(plain(), in)
	if err != nil {
		t.Fatal(err)
	}
	if d.Total.String() != "3906.9" {
		t.Errorf("total %s", d.Total)
	}
	in.BaseLocal, in.BaseProvince = in.BaseProvince, decimal.NullDecimal{}
	if other, err := Determine(plain(), in); err != nil || !other.Total.Equal(d.Total) {
		t.Errorf("with the local base alone: %s, %v", other.Total, err)
	}
}

func TestPrintedYearsAreReadBackIntoMonths(t *testing.T) {
	policy := plain()
	policy.Years = scheme.YearsRule{Mode: scheme.WholePlusMonth, MonthPct: money.MustDecimal("0.083")}
	in := member()
	in.Transitional = nil
	for years, want := range map[string]string{"23.92": "23.913", "23.9167": "23.913", "30.75": "30.747", "30": "30"} {
		in.Months, in.Years = nil, given(years)
		d, err := Determine(policy, in)
		if err != nil {
			t.Fatal(err)
		}
		if step, _ := d.Step("years"); step.Result != want {
			t.Errorf("%s years count as %s, want %s", years, step.Result, want)
		}
	}
}

func TestMembersGiveWhatAPolicyLeavesToThem(t *testing.T) {
	policy := plain()
	policy.TransitionalForm = scheme.Parts
	policy.TransitionalParts = []scheme.TransitionalPart{
		{Name: "old_method", Kind: scheme.QuotientPart, Divisor: given("120")}, {Name: "seniority", Kind: scheme.PerWholeYearPart, Amount: given("4")},
	}
	policy.Extras = []scheme.Extra{{Name: "local_supplement", Kind: scheme.FixedExtra}}
	in := member()
	in.Transitional, in.Parts = nil, []MemberFigure{{Name: "old_method", Amount: given("13615.08")}}
	in.Extras = []MemberFigure{{Name: "local_supplement", Amount: given("95.30")}, {Name: "heating", Amount: given("120")}}
	d, err := Determine(policy, in)
	if err != nil {
		t.Fatal(err)
	}
	want := []Component{{"old_method", money.MustDecimal("113.46")}, {"seniority", money.MustDecimal("124")}}
	if diff := cmp.Diff(want, d.Parts, cmp.Comparer(decimal.Decimal.Equal)); diff != "" {
		t.Error(diff)
	}
	want = []Component{{"local_supplement", money.MustDecimal("95.3")}, {"heating", money.MustDecimal("120")}}
	if diff := cmp.Diff(want, d.Extras, cmp.Comparer(decimal.Decimal.Equal)); diff != "" {
		t.Error(diff)
	}
	if d.Transitional.String() != "237.46" || !d.Subtotal.Equal(money.MustDecimal("2449.58").Add(money.MustDecimal("613.66")).Add(money.MustDecimal("237.46")).Add(money.MustDecimal("215.30"))) {
		t.Errorf("transitional %s, subtotal %s", d.Transitional, d.Subtotal)
	}
}

func TestTheAverageIndexIsMadeOfTheHistory(t *testing.T) {
	in := member()
	in.AverageIndex, in.Transitional = decimal.NullDecimal{}, nil
	in.History = []ContributionYear{
		{Year: 2023, BaseSum: 6000_00 * 12, AverageWage: 6906_00, Months: 12}, // 0.86881…
		{Year: 2024, BaseSum: 7000_00 * 6, AverageWage: 7177_00, Months: 6},   // 0.97533…
	}
	for name, c := range map[string]struct {
		rule IndexRule
		want string
	}{
		"each year rounded":  {IndexRule{Each: &money.Rounding{Scale: 4, Mode: money.HalfUp}, Mean: money.Rounding{Scale: 4, Mode: money.HalfUp}}, "0.9043"}, // (0.8688×12 + 0.9753×6) ÷ 18 = 0.9043
		"not rounded":        {IndexRule{Mean: money.Rounding{Scale: 7, Mode: money.HalfUp}}, "0.9043191"},                                                   // (6000/6906×12 + 7000/7177×6) ÷ 18
		"each cut to tenths": {IndexRule{Each: &money.Rounding{Scale: 1, Mode: money.Truncate}, Mean: money.Rounding{Scale: 4, Mode: money.HalfUp}}, "0.8333"},
	} {
		in.IndexRule = &c.rule
		d, err := Determine(plain(), in)
		if err != nil {
			t.Fatal(err)
		}
		step, _ := d.Step("avg_index")
		if step.Result != c.want || len(step.Inputs) != 2 {
			t.Errorf("%s: %s of %v, want %s", name, step.Result, step.Inputs, c.want)
		}
	}
}

// Both stages of a Jilin sheet: github:liubigfatty/pension-engine@f2ca8d2e:cases/extracted/.
func TestTheFormalDeterminationPaysTheDifferenceBack(t *testing.T) {
	policy := scheme.PensionPolicy{
		BasicForm: scheme.LocalProvinceIndexed, Years: scheme.YearsRule{Mode: scheme.YearsPrinted}, TransitionalForm: scheme.Indexed, Component: money.Rounding{Scale: 2, Mode: money.HalfUp},
	}
	in := Inputs{
		BaseLocal: given("7726.67"), BaseProvince: given("6709.83"), AverageIndex: given("0.88"), Years: given("30.58"), AccountBalance: given("99189.60"), DivisorMonths: given("195"),
		Transitional: []Stretch{{CoefficientPct: given("1.4"), Years: given("2")}}, Extras: []MemberFigure{{Name: "addition", Amount: given("127.18")}},
	}
	provisional, err := Determine(policy, in)
	if err != nil {
		t.Fatal(err)
	}
	in.BaseLocal, in.BaseProvince = given("7852.58"), given("7178.50")
	in.Extras = []MemberFigure{{Name: "addition", Amount: given("132.20")}, {Name: "new_addition", Amount: given("1")}}
	formal, err := Determine(policy, in)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Retroact(&provisional, &formal, 11)
	if err != nil {
		t.Fatal(err)
	}
	if r.Monthly.String() != "99.88" || r.Total.String() != "1098.68" {
		t.Errorf("monthly %s, total %s", r.Monthly, r.Total)
	}
	for name, want := range map[string]string{"basic": "82.31", "account_pension": "0", "transitional": "11.55", "addition": "5.02", "new_addition": "1"} {
		i := slices.IndexFunc(r.Differences, func(c Component) bool { return c.Name == name })
		if i < 0 || r.Differences[i].Amount.String() != want {
			t.Errorf("%s: %v, want %s", name, r.Differences, want)
		}
	}
	back, err := Retroact(&formal, &provisional, 11)
	if err != nil || !back.Total.Equal(r.Total.Neg()) || !back.Monthly.Equal(r.Monthly.Neg()) {
		t.Errorf("the other way round: %+v, %v", back, err)
	}
	if _, err := Retroact(&provisional, &formal, -1); err == nil {
		t.Error("negative months are paid")
	}
}

func TestPhasingInPaysTheOldAmountAndAShareOfTheExcess(t *testing.T) {
	fen := money.Rounding{Scale: 2, Mode: money.HalfUp}
	for _, c := range []struct{ old, new, pct, want string }{
		{"4982.24", "8290.34", "80", "7628.72"}, // a published sheet: 4982.24 + 80 % × 3308.10
		{"4982.24", "8290.34", "0", "4982.24"},
		{"4982.24", "8290.34", "100", "8290.34"},
		{"5000", "4000", "80", "5000"}, // the old amount is the least
	} {
		p, err := PhaseIn(money.MustDecimal(c.old), money.MustDecimal(c.new), money.MustDecimal(c.pct), fen)
		if err != nil || p.Payable.String() != c.want || len(p.Trace) != 2 {
			t.Errorf("%s to %s at %s %%: %s, %v, want %s", c.old, c.new, c.pct, p.Payable, err, c.want)
		}
	}
	for _, pct := range []string{"-1", "101"} {
		if _, err := PhaseIn(one, one, money.MustDecimal(pct), fen); err == nil {
			t.Errorf("%s %% is a share", pct)
		}
	}
	if _, err := PhaseIn(one, one, one, money.Rounding{}); err == nil {
		t.Error("no rounding is a rounding")
	}
}

func TestIndicesAreWeighedByTheirMonths(t *testing.T) {
	four := money.Rounding{Scale: 4, Mode: money.HalfUp}
	mean, step, err := WeightedIndex([]IndexSpan{{money.MustDecimal("1.1869"), 417}, {money.MustDecimal("1.1231"), 107}}, four)
	if err != nil || mean.String() != "1.1739" || step.Result != "1.1739" {
		t.Errorf("%s, %v", mean, err)
	}
	for _, spans := range [][]IndexSpan{nil, {{one, 0}}, {{one, -1}, {one, 2}}, {{one.Neg(), 3}}} {
		if _, _, err := WeightedIndex(spans, four); err == nil {
			t.Errorf("%v have a mean", spans)
		}
	}
}

func TestComponentsCanBeComputedAlone(t *testing.T) {
	d, err := DetermineOnly(plain(), Inputs{AccountBalance: given("85298.25"), DivisorMonths: given("139")}, scheme.AccountPension)
	if err != nil || d.Total.String() != "613.66" || len(d.Trace) != 3 {
		t.Errorf("%s, %v", d.Total, err)
	}
}

func FuzzReperform(f *testing.F) {
	formula, err := NewFormula(plain(), nil)
	if err != nil {
		f.Fatal(err)
	}
	d, err := formula.Determine(member())
	if err != nil {
		f.Fatal(err)
	}
	stored, err := formula.AppendJSON(nil, &d)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(stored)
	f.Add([]byte(`{"policy":{"basic_form":"same","years":{"mode":"exact_months"},"transitional_form":"none","component":{"scale":2,"mode":"half_up"}},"inputs":{}}`))
	f.Fuzz(func(t *testing.T, stored []byte) {
		again, err := Reperform(stored)
		if err != nil {
			return
		}
		bytesAgain, err := again.AppendJSON(nil)
		if err != nil || !bytes.Equal(bytesAgain, bytes.TrimSpace(stored)) {
			t.Fatalf("reperformed without a difference and is different: %v\n%s\n%s", err, stored, bytesAgain)
		}
	})
}
