package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/benefits/pension"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme"
)

const publishedFile = "testdata/published.yaml"

// call runs the command as a shell would.
func call(arguments ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = runCommand(arguments, &out, &errs)
	return code, out.String(), errs.String()
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	return lines[len(lines)-1]
}

func says(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(text, line) {
			t.Errorf("lacks %q:\n%s", line, text)
		}
	}
}

func TestEveryPublishedCaseAgrees(t *testing.T) {
	code, out, errs := call(publishedFile)
	if code != allPassed || errs != "" || lastLine(out) != "20 passed, 0 failed, 1 skipped" {
		t.Fatalf("ended with %d and %q\n%s%s", code, lastLine(out), out, errs)
	}
	says(t, out, "PASS  PUB-P01  Hunan 2026-03, man\n", "      basic             2449.58   2449.58\n", "SKIP  PUB-F01", "the engine has no rule for the kind fund.rollforward")
	if strings.Contains(out, "averaged_wage") {
		t.Error("the trace is printed without being asked for")
	}
	_, verbose, _ := call("-v", publishedFile)
	says(t, verbose, "averaged_wage × years × 1 %", "cn.surcharge.daily_rate", "20 passed, 0 failed, 1 skipped\n")
}

// wrongCase is a page that prints a tenth of the surcharge.
const wrongCase = "oracles:\n  - id: W1\n    kind: cn.late_fee\n    inputs: {principal: '1000.00', daily_rate: '0.0005', days: 30}\n    expected: {late_fee: '1.50'}\n"

func TestADifferenceIsShownWithItsPlaceAndSize(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "wrong.yaml", wrongCase)
	code, out, _ := call("wrong.yaml")
	if code != someFailed || lastLine(out) != "0 passed, 1 failed, 0 skipped" {
		t.Errorf("ended with %d\n%s", code, out)
	}
	says(t, out, "FAIL  W1", "wrong.yaml:2, cn.late_fee", "      late_fee      1.50     15.00  differs by 13.5\n")
}

func TestUnreadableFilesEndWithAllFaultsAndNothingIsRun(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "wrong.yaml", wrongCase)
	write(t, "broken.yaml", "version: 1\n# three faults\noracles:\n  - id: B1\n    inputs: {}\n  - {id: B1, kind: cn.late_fee, inputs: {}, expected: {late_fee: 1}}\n")
	write(t, "law.yaml", "parameters: []\n")
	code, out, errs := call("broken.yaml", "missing.yaml", "law.yaml", "wrong.yaml")
	if code != unreadable || out != "" {
		t.Errorf("ended with %d\n%s", code, out)
	}
	says(t, errs, "broken.yaml:4:5: oracles[0]: has no kind; give it", "broken.yaml:4:5: oracles[0]: has no mapping expected; write the figures under their names",
		"broken.yaml:6:5: oracles[1]: the id B1 stands twice, first at broken.yaml:4; give each case an id of its own", "missing.yaml: open missing.yaml: ",
		"law.yaml:1:1: has no list of cases")
	for _, arguments := range [][]string{{}, {"-x", "wrong.yaml"}, {"-law", "missing.yaml", "wrong.yaml"}, {"-law", "wrong.yaml", "wrong.yaml"}} {
		if code, out, errs := call(arguments...); code != unreadable || out != "" || errs == "" {
			t.Errorf("%v ended with %d\n%s%s", arguments, code, out, errs)
		}
	}
}

func TestADeployersParametersAreLaidOverTheEmbeddedOnes(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "local.yaml", "jurisdiction: cn.city\nversion: '1'\nparameters:\n  - id: cn.surcharge.daily_rate\n    override: extend\n    reason: a pilot\n    values:\n      - {from: 2025-01-01, value: '0.001', source: city notice, status: confirmed}\n")
	write(t, "case.yaml", "oracles:\n  - {id: C1, kind: cn.late_fee, inputs: {principal: '1000.00', from: '2024-12-31', to: '2025-01-02'}, expected: {late_fee: '1.50'}}\n")
	if code, out, _ := call("-law", "local.yaml", "case.yaml"); code != allPassed {
		t.Errorf("ended with %d\n%s", code, out)
	}
	if code, out, _ := call("case.yaml"); code != someFailed {
		t.Errorf("without the local law it ended with %d\n%s", code, out)
	}
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// runText runs cases given as YAML and returns the exit code and what was printed.
func runText(t *testing.T, cases string, arguments ...string) (int, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "cases.yaml")
	if err := os.WriteFile(file, []byte("oracles:\n"+cases), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	code := runCommand(append(arguments, file), &out, &errs)
	return code, out.String() + errs.String()
}

// theCase is a sheet of Hunan of 2026-03, in the shape of the file; %s are further inputs, the expectations and further fields.
func theCase(inputs, expected, more string) string {
	return fmt.Sprintf(`- id: X
  kind: cn.pension.determination
  title: Hunan 2026-03
  inputs:
    base_local: 7694
    avg_index: 1.0324
    account_balance: '85298.25'
    divisor_months: 139
%s
  expected:
%s
%s
`, inputs, expected, more)
}

const (
	printedYears = "    years_total: 31.33\n    transitional: {coefficient_pct: 1.3, years: '8.17'}"
	rightAmounts = "    basic: 2449.58\n    account_pension: '613.660'\n    transitional: 843.66\n    total: 3906.9"
)

func TestBareScalarsAreReadByTheirCharacters(t *testing.T) {
	if code, out := runText(t, theCase(printedYears, rightAmounts, "")); code != allPassed {
		t.Errorf("ended with %d\n%s", code, out)
	}
}

func TestADifferenceOfOneFenFails(t *testing.T) {
	for _, change := range [][2]string{{"2449.58", "2449.57"}, {"843.66", "843.660001"}, {"3906.9", "3906.91"}, {"'613.660'", "'613.6599999999999999'"}, {"3906.9", "null"}, {"3906.9", "about 3906.9"}} {
		code, out := runText(t, theCase(printedYears, strings.Replace(rightAmounts, change[0], change[1], 1), ""))
		if code != someFailed || !strings.Contains(out, "differs") || !strings.HasSuffix(out, "0 passed, 1 failed, 0 skipped\n") {
			t.Errorf("%s for %s ended with %d\n%s", change[1], change[0], code, out)
		}
	}
}

func TestAFigureThatIsNotComputedFails(t *testing.T) {
	for _, more := range []string{"\n    bonus: 1", "\n    extras: [{name: bonus, amount: 1}]", "\n    deep: {figure: [1]}"} {
		code, out := runText(t, theCase(printedYears, rightAmounts+more, ""))
		if code != someFailed || !strings.Contains(out, "not computed  differs") {
			t.Errorf("%s ended with %d\n%s", more, code, out)
		}
	}
}

func TestACaseThatExpectsNothingFails(t *testing.T) {
	for _, kind := range []string{"cn.pension.determination", "cn.divisor_table"} {
		cases := strings.Replace(theCase(printedYears, "", ""), "  expected:\n", "  expected: {}\n", 1)
		if code, out := runText(t, strings.Replace(cases, "cn.pension.determination", kind, 1)); code != someFailed {
			t.Errorf("%s ended with %d\n%s", kind, code, out)
		}
	}
}

func TestWhatIsMissingOrStrangeIsSaid(t *testing.T) {
	for name, c := range map[string]struct{ inputs, want string }{
		"no years":         {"    transitional: {coefficient_pct: 1.3, years: '8.17'}", "months_total is missing, and so is years_total"},
		"no decimal":       {"    years_total: 3e1", `years_total is "3e1", no exact decimal`},
		"half a month":     {"    months_total: 376.5", "months_total is 376.5, no whole number"},
		"unknown rule":     {"    years_total: 30\n    policy: {basic_form: other}", "basic_form"},
		"unknown field":    {"    years_total: 30\n    policy: {rounding: all}", "rounding: is no field"},
		"extra w/o amount": {"    years_total: 30\n    extras: [{name: bonus}]", "extras.bonus.amount is missing"},
		"extras no list":   {"    years_total: 30\n    extras: 5", "extras is no list"},
		"strange stretch":  {"    years_total: 30\n    transitional: some", "transitional is no mapping"},
	} {
		code, out := runText(t, theCase(c.inputs, rightAmounts, ""))
		if code != someFailed || !strings.Contains(out, c.want) {
			t.Errorf("%s ended with %d\n%s", name, code, out)
		}
	}
}

func TestInputsThatNothingReadsAreRemarked(t *testing.T) {
	code, out := runText(t, theCase(printedYears+"\n    weather: fine", rightAmounts, ""))
	if code != allPassed || !strings.Contains(out, "note: input weather is not used") {
		t.Errorf("ended with %d\n%s", code, out)
	}
}

func TestAMissingCoefficientIsThatOfTheProvince(t *testing.T) {
	inputs := strings.Replace(printedYears, "coefficient_pct: 1.3, ", "", 1)
	code, out := runText(t, theCase(inputs, rightAmounts, ""))
	if code != allPassed || !strings.Contains(out, "taken from cn.hunan.pension.transitional_coefficient at 2026-03-01") {
		t.Errorf("ended with %d\n%s", code, out)
	}
	elsewhere := strings.Replace(theCase(inputs, rightAmounts, ""), "Hunan 2026-03", "Atlantis 2026-03", 1)
	if code, out = runText(t, elsewhere); code != someFailed || !strings.Contains(out, "coefficient_pct is missing") {
		t.Errorf("elsewhere ended with %d\n%s", code, out)
	}
}

func TestTheTextOnRoundingIsReadWhereThereIsNoPolicy(t *testing.T) {
	for name, c := range map[string]struct{ inputs, expected, rounding string }{
		"total up to a jiao":     {printedYears, strings.Replace(rightAmounts, "3906.9", "3907.0", 1), "each component half-up to 0.01; total ceil to 1"},
		"components up":          {printedYears, "    basic: 2449.6\n    account_pension: 613.7\n    transitional: 843.7\n    total: 3907.0", "each component rounded up to 0.1; total = sum of rounded components"},
		"见分进角":                   {printedYears, "    basic: 2449.6\n    account_pension: 613.7\n    transitional: 843.7\n    total: 3907.0", "components 见分进角; total = sum"},
		"components cut":         {printedYears, "    basic: 2449\n    account_pension: 613\n    transitional: 843\n    total: 3905", "components cut off to whole yuan; total = sum"},
		"months half-up":         {"    months_total: 376\n    transitional: {coefficient_pct: 1.3, months: 98}", rightAmounts, "years = months/12 half-up to 2 decimals; total = sum"},
		"months up to one":       {"    months_total: 376\n    transitional: {coefficient_pct: 1.3, months: 98}", "    basic: 2455.05\n    transitional: 846.75", "years = months/12 rounded up to 1 decimal"}, // 31.4 and 8.2: 7818.6428×31.4 % = 2455.0538, 7943.2856×8.2×1.3 % = 846.7542
		"exact months":           {"    months_total: 376\n    transitional: {coefficient_pct: 1.3, months: 98}", "    basic: 2449.84\n    transitional: 843.31", "total years = months/12 unrounded"},         // ×31⅓ = 2449.8414, ×8⅙ = 843.3121
		"months in years_rule":   {"    months_total: 376\n    years_rule: 2 decimals half-up\n    transitional: {coefficient_pct: 1.3, years: 8.17}", rightAmounts, ""},
		"printed years stand":    {"    months_total: 388\n    years_total: 31.33\n    transitional: {coefficient_pct: 1.3, years: 8.17}", rightAmounts, "years = months/12 half-up to 2 decimals"},
		"whole years at 1 %":     {"    years: 31\n    months: 4", "    basic: 2449.8", "whole years at 1 %, further months at 0.083 % each; each component rounded up to 0.1"}, // 7818.6428 × 31.332 % = 2449.7372
		"printed indexed wage":   {printedYears + "\n    indexed_wage: 7943", "    basic: 2449.54\n    transitional: 843.66", ""},                                               // as above; the transitional part prints none
		"indexed wage to a yuan": {printedYears, "    basic: 2449.54", "indexed wage half-up to whole yuan before averaging"},                                                   // (7694 + 7943) ÷ 2 × 31.33 % = 2449.53605
	} {
		code, out := runText(t, theCase(c.inputs, c.expected, "  rounding: '"+c.rounding+"'"))
		if code != allPassed || strings.Contains(out, "not understood") {
			t.Errorf("%s ended with %d\n%s", name, code, out)
		}
	}
	if _, out := runText(t, theCase(printedYears, rightAmounts, "  rounding: 'as the wind blows'")); !strings.Contains(out, "not understood in the text on rounding: as the wind blows") {
		t.Errorf("a clause nobody knows is not remarked\n%s", out)
	}
}

func TestSheetsComeOutByTheRulesOfTheirProvince(t *testing.T) {
	law, err := scheme.China()
	if err != nil {
		t.Fatal(err)
	}
	cases, err := readCases([]string{"testdata/published.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for i := range cases {
		c := &cases[i]
		place, day, ok := placeAndDay(c.Title)
		if c.Kind != "cn.pension.determination" || !ok {
			continue
		}
		id := scheme.ID("cn." + place + ".pension.policy")
		if c.Expected.Field("monthly_addition") != nil && c.ID == "PUB-P06" {
			id += ".monthly_addition"
		}
		value, err := law.Policy(id, day)
		if err != nil || c.ID == "PUB-P07" { // an addition of a rate of its own
			continue
		}
		s, err := readSubject(law, c, c.Inputs)
		if err != nil {
			t.Fatal(err)
		}
		formula, err := pension.NewFormula(*value.Policy, &value.Provenance)
		if err != nil {
			t.Fatal(err)
		}
		determined, err := formula.Determine(s.in)
		if err != nil {
			t.Fatal(err)
		}
		d := determined.Total
		want := money.MustDecimal(c.Expected.Field("total").Text)
		if !d.Equal(want) {
			t.Errorf("%s by %s: %s, the sheet has %s", c.ID, id, d, want)
		}
		compared++
	}
	if compared < 7 {
		t.Errorf("only %d sheets have a province with rules", compared)
	}
}

func TestLateFeesAreReadInEveryForm(t *testing.T) {
	for name, c := range map[string]struct{ inputs, expected string }{
		"days and rate":      {"{principal: 1000, daily_rate: 0.0005, days: 30}", "{late_fee: 15}"},
		"from and to":        {"{principal: '1000.00', from: '2024-01-16', to: '2024-02-15'}", "{late_fee: 15.00, days: 30}"},
		"due and paid":       {"{principal: '1000.00', due_date: '2024-01-15', paid_date: '2024-02-15'}", "{late_fee: 15.00, days: 30}"},
		"across the change":  {"{principal: 1000, from: '2011-06-21', to: '2011-07-21'}", "{late_fee: 30}"},
		"first day and days": {"{principal: 1000, from: '2011-06-21', days: 30}", "{late_fee: 30}"},
		"segments":           {"{principal: 1000, segments: [{days: 10, daily_rate: 0.002}, {from: '2011-07-01', to: '2011-07-20'}]}", "{late_fee: 30, segments: [{days: 10, amount: 20}, {days: 20, daily_rate: 0.0005, amount: 10}]}"},
		"its own rate":       {"{principal: 1000, daily_rate: 0.001, from: '2011-06-21', to: '2011-07-21'}", "{late_fee: 30}"},
	} {
		code, out := runText(t, "- {id: L, kind: cn.late_fee, title: t, inputs: "+c.inputs+", expected: "+c.expected+"}\n")
		if code != allPassed {
			t.Errorf("%s ended with %d\n%s", name, code, out)
		}
	}
	for _, inputs := range []string{"{principal: 1000}", "{days: 30, daily_rate: 0.0005}", "{principal: 1000.001, days: 30, daily_rate: 0.0005}", "{principal: 1, from: yesterday, to: '2024-01-01'}"} {
		if code, out := runText(t, "- {id: L, kind: cn.late_fee, title: t, inputs: "+inputs+", expected: {late_fee: 15}}\n"); code != someFailed {
			t.Errorf("%s ended with %d\n%s", inputs, code, out)
		}
	}
}

func TestOtherKindsAreComputedFromTheLaw(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		code int
	}{
		"maternity":             {"{id: M, kind: cn.maternity_allowance, inputs: {employer_avg_monthly_wage: 5800, days: 98}, expected: {allowance: 18946.67}}", allPassed},
		"maternity of 365 days": {"{id: M, kind: cn.maternity_allowance, inputs: {employer_avg_monthly_wage: 5800, days: 98, formula: wage*12/365*days}, expected: {allowance: 18687.12}}", allPassed},
		"misprinted maternity":  {"{id: M, kind: cn.maternity_allowance, inputs: {employer_avg_monthly_wage: 5800, days: 98}, expected: {allowance: 19331.5}}", someFailed},
		"wrong divisor":         {"{id: D, kind: cn.divisor_table, expected: {table: {47: 207}}}", someFailed},
		"age outside":           {"{id: D, kind: cn.divisor_interpolated, expected: {points: [{age: 71y1m, divisor: 55}]}}", someFailed},
		"no age":                {"{id: D, kind: cn.divisor_interpolated, expected: {points: [{age: old, divisor: 55}]}}", someFailed},
		"first cohort at none":  {"{id: R, kind: cn.statutory_retirement, expected: {cases: [{cls: M60, birth: '1965-01', delay_months: 0, retire: '2025-01'}]}}", someFailed},
		"a year without a rate": {"{id: I, kind: cn.account_interest_rates, expected: {rates_pct: {2015: 5}}}", someFailed},
		"2022 as 2020":          {"{id: I, kind: cn.account_interest_rates, expected: {rates_pct: {2022: 6.04}}}", someFailed},
		"postings by month":     {"{id: I, kind: cn.account_interest_identity, inputs: {example: {c_n: [1200, 0, 0], r: 0.06}}, expected: {interest_on_year_postings: 72, closing: 1272}}", allPassed},
		"part of a year":        {"{id: I, kind: cn.account_interest_identity, inputs: {opening: 1000, c_n: [100, 100, 100], r: 0.12, months: 3}, expected: {interest_on_opening: 30, interest_on_year_postings: 6}}", allPassed},
		"misprinted interest":   {"{id: I, kind: cn.account_interest_identity, inputs: {example: {c_n: 560, r: 0.0397}}, expected: {interest_on_year_postings: 702.22}}", someFailed},
		"place":                 {"{id: X, kind: cn.pension_place, expected: {cases: [{home: A, current: C, months: {B: 119, C: 60}, place: A}]}}", allPassed},
		"unemployment":          {"{id: U, kind: cn.unemployment_duration, expected: {cases: [{years: 9.9, max_months: 18}], carry_over_cap_months: 24}}", allPassed},
		"injury":                {"{id: W, kind: cn.work_injury_table, expected: {one_off_months: {1: 27, 10: 7}, allowance_pct: {6: 60}, nursing_pct_of_regional_wage: {full: 50}}}", allPassed},
		"named parameter":       {"{id: L, kind: cn.dated_rate, inputs: {parameter: cn.pension.employee.employer_rate}, expected: {rate: {'2019-04-30': 0.2, '2019-05-01': 0.16}}}", allPassed},
		"unnamed parameter":     {"{id: L, kind: cn.dated_rate, expected: {rate: {'2019-05-01': 0.16}}}", someFailed},
		"no list":               {"{id: R, kind: cn.statutory_retirement, expected: {cases: 1}}", someFailed},
	} {
		if code, out := runText(t, "- "+c.text+"\n"); code != c.code {
			t.Errorf("%s ended with %d\n%s", name, code, out)
		}
	}
}

func TestStagesAndPhasesAreComputed(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		code int
	}{
		"brackets rounded once": {`{id: T, kind: cn.pension.two_stage, title: t, inputs: {avg_index: 0.88, years_total: 30.58, deemed_years: 2, account_balance: 99189.60, divisor_months: 195,
  transitional_coefficient_pct: 1.4, basic_form: local_plus_prov_indexed, seniority_brackets: [{from_year: 21, to_year: 25, pct: 0.15, years: 5}, {from_year: 26, to_year: 30, pct: 0.20, years: 5.58}],
  provisional: {base_local: 7726.67, base_province: 6709.83}, formal: {base_local: 7852.58, base_province: 7178.50}, months_paid: 11},
  expected: {provisional: {addition: 127.18, total: 2885.40}, formal: {addition: 132.20, total: 2984.28}, monthly_difference: 98.88, retroactive: 1087.68, differences: {basic: 82.31}}}`, allPassed},
		"new below old":       {"{id: F, kind: cn.pension.phase_in, inputs: {old_method_total: 5000, new_method_total: 4000, phase_in_pct: 80}, expected: {payable: 5000}}", allPassed},
		"forty per cent":      {"{id: F, kind: cn.pension.phase_in, inputs: {old_method_total: 100, new_method_total: 200.01, phase_in_pct: 40}, expected: {payable: 140}}", allPassed},
		"no old total":        {"{id: F, kind: cn.pension.phase_in, inputs: {new_method_total: 4000, phase_in_pct: 80}, expected: {payable: 5000}}", someFailed},
		"one component":       {"{id: C, kind: cn.pension.component, inputs: {account_balance: 1390, divisor_months: 139}, expected: {account_pension: 10, total: 10}}", allPassed},
		"an absent component": {"{id: C, kind: cn.pension.component, inputs: {account_balance: 1390, divisor_months: 139}, expected: {basic: 0}}", someFailed},
	} {
		if code, out := runText(t, "- "+c.text+"\n"); code != c.code {
			t.Errorf("%s ended with %d\n%s", name, code, out)
		}
	}
}

func FuzzCases(f *testing.F) {
	published, err := os.ReadFile(publishedFile)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(published)
	for _, one := range strings.Split(string(published), "\n- ")[1:] {
		f.Add([]byte("oracles:\n- " + one))
	}
	f.Add([]byte(wrongCase))
	law, err := scheme.China()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		cases, faults := casesOf("fuzz.yaml", content)
		var out bytes.Buffer
		code := report(&out, law, cases, true)
		var passed, failed, skipped int
		if _, err := fmt.Sscanf(lastLine(out.String()), "%d passed, %d failed, %d skipped", &passed, &failed, &skipped); err != nil {
			t.Fatalf("%v in %q", err, lastLine(out.String()))
		}
		if passed+failed+skipped != len(cases) || (failed > 0) != (code == someFailed) {
			t.Fatalf("%d cases, ended with %d: %s", len(cases), code, lastLine(out.String()))
		}
		if len(faults) == 0 && len(cases) == 0 && len(content) > 0 && bytes.HasPrefix(content, []byte("oracles:\n- id")) {
			t.Fatalf("neither cases nor faults in %q", content)
		}
	})
}
