package main

import (
	"os"
	"strings"
	"testing"
)

const policiesFile = "testdata/policies.yaml"

func TestEveryRuleOfAPolicyComesOutAsOnPaper(t *testing.T) {
	code, out, errs := call(policiesFile)
	if code != allPassed || errs != "" || lastLine(out) != "44 passed, 0 failed, 0 skipped" {
		t.Fatalf("ended with %d and %q\n%s%s", code, lastLine(out), out, errs)
	}
	if n := strings.Count(out, "note: "); n != 1 || !strings.Contains(out, "the inputs print 31.42 years and their 377 months make 377/12 by the policy") {
		t.Errorf("%d notes instead of the one on printed years\n%s", n, out)
	}
	// Nothing that a policy can say may be missing from the file.
	content, err := os.ReadFile(policiesFile)
	if err != nil {
		t.Fatal(err)
	}
	says(t, string(content),
		"basic_form: same", "basic_form: prov_plus_local_indexed", "basic_form: local_plus_prov_indexed", "basic_form: low_index_factor", "low_index: {threshold",
		"indexed_wage: {scale", "indexed_wage: printed", "years: {scale", "mode: exact_months", "years: exact_months", "mode: whole_years_plus_month_pct", "month_pct:",
		"transitional_years: {", "transitional_form: none", "transitional_form: indexed,", "transitional_form: averaged", "transitional_form: indexed_parts",
		"transitional_form: parts", "transitional_wage: {", "kind: quotient", "kind: product", "kind: per_whole_year", "component: {", "kind: fixed", "kind: pct_of_sum",
		"kind: rate_per_year_indexed", "kind: pct_of_indexed_wage", "kind: amount_plus_index_years", "kind: index_years_plus", "kind: phased_difference",
		"kind: seniority_brackets", "to_year: null", "each: {", "round: {", "total: {", "mode: half_up", "mode: ceil", "mode: floor")
}

func TestAFenBesideThePaperFails(t *testing.T) {
	content, err := os.ReadFile(policiesFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range [][2]string{{"transitional: '574.59'", "transitional: '574.60'"}, {"seniority: '213.75'", "seniority: '213.74'"}, {"total: '4025'", "total: '4024'"},
		{"expected: {basic: '2827.79', total: '3827.81'}", "expected: {basic: '2827.78', total: '3827.81'}"}, {"total: {total: '0.1'}", "total: {total: '0.09'}"},
		{"{error: three_bases}", "{error: four_bases}"}, {"expected_error: bonus", "expected_error: malus"}, {"policy: {rounding: half_up}", "policy: {}"}} {
		wrong := strings.Replace(string(content), change[0], change[1], 1)
		if change[0] == "total: {total: '0.1'}" {
			wrong = strings.Replace(string(content), "tolerance: {total: '0.1'}", "tolerance: {total: '0.09'}", 1)
		}
		if wrong == string(content) {
			t.Fatalf("the file lacks %q", change[0])
		}
		_, cases, _ := strings.Cut(wrong, "oracles:\n")
		if code, out := runText(t, cases); code != someFailed || lastLine(out) != "43 passed, 1 failed, 0 skipped" {
			t.Errorf("%s: ended with %d and %s", change[1], code, lastLine(out))
		}
	}
}

// TestCasesMayBeWrittenInOtherWays runs one figure in each of the ways that files write it.
func TestCasesMayBeWrittenInOtherWays(t *testing.T) {
	for name, text := range map[string]string{
		"one age by numbers":         "kind: cn.divisor_interpolated, inputs: {age_years: 60, age_months: '1'}, expected: {divisor: '138.4'}", // 139 − (139 − 132) ÷ 12 = 138.41…
		"one age by a text":          "kind: cn.divisor_interpolated, inputs: {age: 50y6m}, expected: {divisor_months: 192.5}",                // (195 + 190) ÷ 2
		"ages as a mapping":          "kind: cn.divisor_interpolated, expected: {points: {60y1m: '138.4', 50y0m: 195}}",
		"before interpolation":       "kind: cn.divisor_interpolated, inputs: {date: '2024-06-01'}, expected: {points: [{age: 60y1m, divisor: 139}]}", // 国发〔2005〕38号: the row of the whole years
		"a day for each point":       "kind: cn.divisor_interpolated, expected: {points: [{age: 60y1m, date: 2024-12-31, divisor: 139}, {age: 60y1m, date: 2025-01-01, divisor: 138.4}]}",
		"a birthday":                 "kind: cn.statutory_retirement, inputs: {cls: M60, birth: '1965-01-15'}, expected: {delay_months: 1, retire: '2025-02'}",
		"a class in words":           "kind: cn.statutory_retirement, inputs: {class: female_worker, birth_month: 1975-05}, expected: {delay_months: '3', retire: 2025-08}", // 4 ÷ 2 + 1
		"births in the inputs":       "kind: cn.statutory_retirement, inputs: {cases: [{cls: F55, birth: 1981-09}]}, expected: {cases: [{delay_months: 36, retire: 2039-09}]}",
		"a class for all":            "kind: cn.statutory_retirement, inputs: {cls: M60}, expected: {cases: [{birth: 1964-12, delay_months: 0}, {birth: 1976-09, delay_months: 36}]}",
		"one year's minimum":         "kind: cn.min_contribution_years, inputs: {year: 2031}, expected: {min_years: '16'}", // 15 + 2 × 0.5
		"a day's minimum":            "kind: cn.min_contribution_years, inputs: {date: 2029-12-31}, expected: {years: 15.0}",
		"one year's rate":            "kind: cn.account_interest_rates, inputs: {year: 2023}, expected: {rate_pct: 3.97, rate: 0.0397}",
		"a rate at a day":            "kind: cn.dated_rate, inputs: {date: 2011-06-30}, expected: {rate_per_day: '0.002'}",
		"interest in per cent":       "kind: cn.account_interest, inputs: {c_n: '560.00', r_pct: '3.97'}, expected: {interest: '144.51'}",                                 // 560 × 78 × 0.0397 ÷ 12 = 144.508
		"interest of a year":         "kind: cn.account_interest, inputs: {c_n: 560, year: 2023}, expected: {interest: 144.51}",                                           // the national rate of 2023
		"interest by annual method":  "kind: cn.account_interest, inputs: {c_n: {'1': 6720}, r: 0.0397, method: annual}, expected: {interest_y: 144.51}",                  // 6720 × 0.0397 × 13/12 ÷ 2, whatever the month
		"a posting by its month":     "kind: cn.account_interest, inputs: {c_n: {'7': 1200}, r: 0.06}, expected: {interest_y: 36, closing: 1236}",                         // 1200 × 6 ÷ 12 × 6 %
		"interest from next month":   "kind: cn.account_interest, inputs: {opening: 1000, c_n: {'7': 1200}, r: 0.06, method: prev_month_close}, expected: {interest: 90}", // 60 + 1200 × 5 ÷ 12 × 6 %
		"interest cut off":           "kind: cn.account_interest, rounding: cut off to 0.01, inputs: {c_n: 560, r: 0.0397}, expected: {interest: 144.50}",
		"a late fee in per cent":     "kind: cn.late_fee, inputs: {arrears: 1000, daily_rate_pct: '0.05', days: 30}, expected: {surcharge: 15}",
		"a late fee cut off":         "kind: cn.late_fee, rounding: truncated to 0.01, inputs: {principal: 12345.67, daily_rate: 0.0005, days: 17}, expected: {late_fee: '104.93'}", // 104.938…
		"a place by itself":          "kind: cn.pension_place, inputs: {home: A, current: C, months: {B: 130, C: 60}}, expected: {place: B}",
		"unemployment by itself":     "kind: cn.unemployment_duration, inputs: {years: 9.9}, expected: {max_months: 18}",
		"a list called cases, empty": "kind: cn.min_contribution_years, inputs: , expected: {years: {2039: 20}}",
	} {
		if code, out := runText(t, "- {id: V, title: t, "+text+"}\n"); code != allPassed || lastLine(out) != "1 passed, 0 failed, 0 skipped" || strings.Contains(out, "note:") {
			t.Errorf("%s ended with %d\n%s", name, code, out)
		}
	}
	for name, text := range map[string]string{
		"a divisor of another day":  "kind: cn.divisor_interpolated, inputs: {age: 60y1m, date: 2024-06}, expected: {divisor: '138.4'}",
		"a month before":            "kind: cn.statutory_retirement, inputs: {cls: M60, birth: '1964-12-31'}, expected: {delay_months: 1}",
		"a class that is none":      "kind: cn.statutory_retirement, inputs: {cls: M65, birth: '1964-12'}, expected: {delay_months: 0}",
		"no birth":                  "kind: cn.statutory_retirement, inputs: {cls: M60}, expected: {delay_months: 0}",
		"no year":                   "kind: cn.min_contribution_years, expected: {min_years: 15}",
		"a method that is none":     "kind: cn.account_interest, inputs: {c_n: 560, r: 0.0397, method: daily}, expected: {interest: 144.51}",
		"neither rate nor year":     "kind: cn.account_interest, inputs: {c_n: 560}, expected: {interest: 144.51}",
		"a thirteenth month":        "kind: cn.account_interest, inputs: {c_n: {'13': 560}, r: 0.0397}, expected: {interest_y: 0}",
		"a policy nobody reads":     "kind: cn.late_fee, inputs: {principal: 1000, daily_rate: 0.0005, days: 30, policy: {round_each: true}}, expected: {late_fee: 15}",
		"a tolerance that is none":  "kind: cn.late_fee, tolerance: some, inputs: {principal: 1000, daily_rate: 0.0005, days: 30}, expected: {late_fee: 15}",
		"one below zero":            "kind: cn.late_fee, tolerance: -1, inputs: {principal: 1000, daily_rate: 0.0005, days: 30}, expected: {late_fee: 15}",
		"an error beside figures":   "kind: cn.late_fee, inputs: {principal: 1000, daily_rate: 0.0005, days: 30}, expected: {late_fee: 15, error: true}",
		"an error that never comes": "kind: cn.late_fee, inputs: {principal: 1000, daily_rate: 0.0005, days: 30}, expected: {error: true}",
	} {
		if code, out := runText(t, "- {id: V, title: t, "+text+"}\n"); code != someFailed || lastLine(out) != "0 passed, 1 failed, 0 skipped" {
			t.Errorf("%s ended with %d\n%s", name, code, out)
		}
	}
}

func TestTwoPoliciesForOneCaseAreRefused(t *testing.T) {
	code, out := runText(t, theCase(printedYears+"\n    policy: {transitional_form: none}", rightAmounts, "  policy: {transitional_form: none}"))
	if code != someFailed || !strings.Contains(out, "stands beside the inputs and among them") {
		t.Errorf("ended with %d\n%s", code, out)
	}
}

func TestInputsWithinInputsThatNothingReadsAreRemarked(t *testing.T) {
	inputs := strings.Replace(printedYears, "coefficient_pct: 1.3,", "coefficient_pct: 1.3, indx: 1,", 1)
	code, out := runText(t, theCase(inputs, rightAmounts, "  origin: a friend"))
	says(t, out, "note: input transitional.indx is not used", "note: field origin of the case is not used")
	if code != allPassed {
		t.Errorf("ended with %d", code)
	}
}

func TestABrokenCaseFailsAloneWithAllItsFaults(t *testing.T) {
	code, out := runText(t, `- {kind: cn.late_fee, inputs: {principal: 1000, daily_rate: 0.0005, days: 30}, expected: {late_fee: 15}}
- {id: B2, inputs: 5}
- {id: B3, kind: fund.rollforward}
- {id: B2, kind: cn.late_fee, inputs: {}, expected: {late_fee: 1}}
- nothing
`)
	if code != someFailed || lastLine(out) != "1 passed, 3 failed, 1 skipped" {
		t.Errorf("ended with %d\n%s", code, out)
	}
	says(t, out, "PASS  case 1", "FAIL  B2", "oracles[1]: has no kind; give it", "oracles[1].inputs: is no mapping", "oracles[1]: has no mapping expected", "SKIP  B3",
		"oracles[3]: the id B2 stands twice, first at ", "FAIL  case 5", "oracles[4]: is no case")
	t.Chdir(t.TempDir())
	write(t, "list.yaml", "- {id: L, kind: cn.late_fee, inputs: {principal: 1000, daily_rate: 0.0005, days: 30}, expected: {late_fee: 15}}\n")
	write(t, "other.yaml", "cases:\n- {id: L, kind: cn.late_fee, inputs: {principal: 1000, daily_rate: 0.0005, days: 30}, expected: {late_fee: 15}}\n")
	if code, out, errs := call("list.yaml", "other.yaml"); code != allPassed || lastLine(out) != "2 passed, 0 failed, 0 skipped" {
		t.Errorf("ended with %d\n%s%s", code, out, errs)
	}
}

// TestRulesOfOtherCountriesThatTheEngineHas compares published figures whose rule is one of China's under another name. Sources: the accountant general's GPF table
// (saiindia.gov.in), cpf.gov.sg, nssf.or.ke, ZUS 2025, openfisca country template and openfisca-france.
func TestRulesOfOtherCountriesThatTheEngineHas(t *testing.T) {
	for name, text := range map[string]string{
		"GPF from May":         "kind: in.gpf_interest, inputs: {subscription: 20, start: May, rate_pct: 4}, expected: {principal_units: 1320, interest_exact: 4.40, interest: 4}", // 20 × 66
		"GPF in October":       "kind: in.gpf_interest, inputs: {amount: 20, months_remaining_inclusive: 6, rate_pct: 4}, expected: {principal_units: 120, interest_exact: 0.40}",
		"GPF with opening":     "kind: in.gpf_interest, inputs: {opening: 1000, amount: 120, start: March, rate: 0.08}, expected: {interest_exact: 80.8, interest: 81, closing: 1201}", // 80 + 120 × 8 % ÷ 12
		"GPF by a fraction":    "kind: in.gpf_interest, inputs: {amount: 1, start: Mar, rate: 0.04}, expected: {interest_exact: 1/300, interest: 0}",
		"CPF by quarters":      "kind: sg.cpf_interest, inputs: {rate: 0.04, quarter_balances: [100000, 125000, 150000, 200000]}, expected: {year_interest: 5750, by_quarter: [1000, 1250, 1500, 2000]}",
		"CPF above ceiling":    "kind: sg.cpf_contribution, inputs: {ceiling: 8000, employee_rate: 0.20, employer_rate: 0.17}, expected: {vectors: [{wage: 4000, employee: 800, employer: 680, total: 1480}, {wage: 10000, total: 2960}]}",
		"CPF to whole dollars": "kind: sg.cpf_rounding, inputs: {wage: 3333.33, total_rate: 0.37, employee_rate: 0.20}, expected: {total: 1233, employee: 666, employer: 567}",
		"NSSF tiers":           "kind: ke.nssf_tiers, inputs: {lel: 6000, uel: 18000, rate_each: 0.06}, expected: {vectors: [{wage: 4500, tier1_each: 270, tier2_each: 0, total: 540}, {wage: 10000, tier2_each: 240, total: 1200}, {wage: 100000, total: 2160}]}",
		"ZUS":                  "kind: ndc.annuity, inputs: {balance: 100000, life_months: {60: 266.4, 65: 220.8}}, expected: {monthly: {60: '375.38', 65: '452.90'}}",
		"premium pension":      "kind: ndc.annuity, inputs: {balance: 100000, divisor: 13.85}, expected: {year: '7220', month: '602'}",
		"dated brackets":       "kind: marginal_scale_dated, inputs: {brackets_by_date: {2013-01-01: [[0, 0.03], [12000, 0.10]], 2017-01-01: [[0, 0.02], [6000, 0.06], [12400, 0.12]]}}, expected: {vectors: [{period: 2016-12, salary: 15000, contribution: 660}, {period: 2017-01, salary: 15000, contribution: 816}]}",
		"French ceiling":       "kind: fr.unemployment_cap, inputs: {pss_month: 3311, rate: 0.0095, cap_multiple: 4}, expected: {vectors: [{wage: 1500, contribution: 14.25}, {wage: 15000, contribution: 125.82}]}",
	} {
		if code, out := runText(t, "- {id: F, title: t, "+text+"}\n"); code != allPassed || lastLine(out) != "1 passed, 0 failed, 0 skipped" || strings.Contains(out, "note:") {
			t.Errorf("%s ended with %d\n%s", name, code, out)
		}
		if _, _, multiple := strings.Cut(text, "expected: {vectors"); !multiple {
			continue
		}
		if code, out := runText(t, "- {id: F, title: t, "+strings.ReplaceAll(text, "total: 1", "total: 9")+"}\n"); strings.Contains(text, "total: 1") && code != someFailed {
			t.Errorf("%s with a wrong total ended with %d\n%s", name, code, out)
		}
	}
	for _, text := range []string{
		"kind: in.gpf_interest, inputs: {withdrawal: 20}, expected: {interest: 4}",
		"kind: sg.cpf_interest, inputs: {rate: 0.04, balances: [1]}, expected: {year_interest: 1}",
		"kind: sg.cpf_contribution, inputs: {age: 60}, expected: {total: 1}",
		"kind: ke.nssf_tiers, inputs: {wage: 1}, expected: {total: 1}",
		"kind: fr.unemployment_cap, inputs: {wage: 1}, expected: {contribution: 1}",
		"kind: marginal_scale_dated, inputs: {wage: 1}, expected: {contribution: 1}",
		"kind: ndc.annuity, inputs: {balance: 1}, expected: {year: 1}",
	} {
		if code, out := runText(t, "- {id: F, title: t, "+text+"}\n"); code != allPassed || lastLine(out) != "0 passed, 0 failed, 1 skipped" ||
			!strings.Contains(out, "in a shape that the rule of this kind does not read") {
			t.Errorf("%s ended with %d\n%s", text, code, out)
		}
	}
}
