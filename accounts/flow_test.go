package accounts_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts"
)

var moneyAccounts = []string{"cash", "income_account", "fiscal_account", "expenditure_account", "treasury", "collection_account"}

// namedElsewhere reports whether a template names the account, or one between it and the account above, more exactly.
func namedElsewhere(c *accounts.Chart, id, above string) bool {
	return slices.ContainsFunc(c.Templates(), func(e accounts.Template) bool {
		return slices.ContainsFunc(e.Lines, func(l accounts.TemplateLine) bool {
			return slices.ContainsFunc(l.Accounts, func(named string) bool { return named != above && c.Below(named, above) && c.Below(id, named) })
		})
	})
}

// Every combination that a template lists must pass: the matrix and the entries are two readings of the same instructions. Details with instructions of their
// own, such as 委托上级投资 below 暂付款, are held against those only.
func TestTheMatrixAllowsWhatTheEntriesList(t *testing.T) {
	c := standard(t)
	checked := 0
	for _, b := range booksOf(t, c) {
		for _, e := range c.Templates() {
			if template, err := b.Template(e.Event); err != nil || template.Source != e.Source {
				continue
			}
			options := choices(b, &e)
			for i, line := range e.Lines {
				options[i] = slices.DeleteFunc(options[i], func(id string) bool {
					return !slices.ContainsFunc(line.Accounts, func(above string) bool { return c.Below(id, above) && !namedElsewhere(c, id, above) }) ||
						(b.Chart().Below(id, "temporary_receipts") && (id == "temporary_receipts.later_premiums") != (e.Event == "E6d" || e.Event == "E6e")) // SUP 2.4(3)
				})
			}
			if !usable(&e, options) {
				continue
			}
			for i, line := range e.Lines {
				for _, id := range options[i] {
					for j, other := range e.Lines {
						if strings.HasPrefix(string(line.Side), "debit") && strings.HasPrefix(string(other.Side), "credit") {
							for _, counter := range options[j] {
								lines := []accounts.Line{side(accounts.Debit, id, 1, ""), side(accounts.Credit, counter, 1, "")}
								if v := b.Flows().Check(lines, e.Event); len(v) > 0 {
									t.Fatalf("%s of %s: %v", e.Event, b.Fund, v)
								}
								checked++
							}
						}
					}
				}
			}
		}
	}
	if checked < 3000 {
		t.Errorf("only %d pairs were checked", checked)
	}
}

// The golden file is the matrix of the enterprise pension and of employee medical as a reader may hold it against the tables of the rules: every account
// against every account of money, without an event.
func TestTheWholeMatrix(t *testing.T) {
	c := standard(t)
	var out strings.Builder
	for _, fund := range []accounts.FundID{accounts.EnterprisePension, accounts.EmployeeMedical, accounts.ResidentMedical, accounts.OccupationalAnnuity} {
		b := book(t, c, fund, province, day2026)
		for _, a := range b.Accounts() {
			if a.Heading || a.Section == accounts.Memorandum {
				continue
			}
			for _, direction := range []accounts.Direction{accounts.MoneyIn, accounts.MoneyOut} {
				fmt.Fprintf(&out, "%s %s %s:", fund, a.ID, direction)
				for _, bank := range moneyAccounts {
					if bank == a.ID || !b.Has(bank) {
						continue
					}
					s := accounts.Debit
					if direction == accounts.MoneyOut {
						s = accounts.Credit
					}
					v := b.Flows().Check([]accounts.Line{side(s, bank, 1, ""), side(s.Other(), a.ID, 1, "")}, "")
					mark := "yes"
					if len(v) > 0 {
						mark = v[0].Source
					}
					fmt.Fprintf(&out, " %s=%s;", bank, mark)
				}
				out.WriteByte('\n')
			}
		}
	}
	golden(t, "flows.golden", out.String())
}

func TestFlowsThatTheRulesForbid(t *testing.T) {
	c := standard(t)
	dr, cr := accounts.Debit, accounts.Credit
	cases := []struct {
		name       string
		fund       accounts.FundID
		conditions accounts.Conditions
		event      string
		lines      []accounts.Line
		want       []string // code and paragraph
	}{
		{"a benefit out of the income account", accounts.WorkInjury, city, "", []accounts.Line{side(dr, "benefits.wi_death", 1, ""), side(cr, "income_account", 1, "")},
			[]string{"flow_not_allowed SYS 5001 三(一); SYS 1001 三(二)"}},
		{"a benefit out of the fiscal account is direct settlement only", accounts.WorkInjury, city, "", []accounts.Line{side(dr, "benefits.wi_death", 1, ""), side(cr, "fiscal_account", 1, "")},
			[]string{"flow_not_allowed SYS 5001 三(一); SYS 1001 三(二)"}},
		{"direct settlement", accounts.WorkInjury, city, "E10d", []accounts.Line{side(dr, "benefits.wi_death", 1, ""), side(cr, "fiscal_account", 1, "")}, nil},
		{"other income into the expenditure account", accounts.WorkInjury, city, "E13", []accounts.Line{side(dr, "expenditure_account", 1, ""), side(cr, "other_income", 1, "")},
			[]string{"closed_list_of_finance_rules FIN 39–42; SYS 1004"}},
		{"a transfer in into the expenditure account", accounts.Unemployment, city, "E14a", []accounts.Line{side(dr, "expenditure_account", 1, ""), side(cr, "transfers_in", 1, "")},
			[]string{"closed_list_of_finance_rules FIN 39–42; SYS 1004"}},
		{"a transfer in into the fiscal account is covered by 等", accounts.Unemployment, city, "E14a", []accounts.Line{side(dr, "fiscal_account", 1, ""), side(cr, "transfers_in", 1, "")}, nil},
		{"other expenditure out of the income account", accounts.WorkInjury, city, "E45", []accounts.Line{side(dr, "other_expenditure", 1, ""), side(cr, "income_account", 1, "")},
			[]string{"closed_list_of_finance_rules FIN 39–42; SYS 1002"}},
		{"an earlier year's refund out of the income account", accounts.WorkInjury, city, "E15b", []accounts.Line{side(dr, "other_expenditure", 1, ""), side(cr, "income_account", 1, "")},
			[]string{"line_not_in_event SYS 5401 三(三)", "flow_not_allowed SYS 5401 三(二)(三)"}},
		{"the income account straight to the expenditure account", accounts.WorkInjury, city, "", []accounts.Line{side(dr, "expenditure_account", 1, ""), side(cr, "income_account", 1, "")},
			[]string{"move_not_allowed FIN 39–42"}},
		{"money back from the expenditure account as a sweep", accounts.WorkInjury, city, "E2", []accounts.Line{side(dr, "fiscal_account", 1, ""), side(cr, "expenditure_account", 1, "")},
			[]string{"line_not_in_event SYS 1002 三(二); SYS 1003 四(一)", "move_not_allowed SYS 1004 三(二)"}},
		{"the interest of the expenditure account goes back", accounts.WorkInjury, city, "E8b", []accounts.Line{side(dr, "fiscal_account", 1, ""), side(cr, "expenditure_account", 1, "")}, nil},
		{"the income account where tax collects", accounts.WorkInjury, county, "", []accounts.Line{side(dr, "income_account", 1, ""), side(cr, "contributions", 1, "")},
			[]string{"account_of_money_not_in_book SYS 1002"}},
		{"the treasury where the agency collects", accounts.WorkInjury, city, "", []accounts.Line{side(dr, "treasury", 1, ""), side(cr, "contributions", 1, "")},
			[]string{"account_of_money_not_in_book SYS 1005; ANN 3.3"}},
		{"bonds out of the expenditure account", accounts.WorkInjury, city, "", []accounts.Line{side(dr, "bonds", 1, ""), side(cr, "expenditure_account", 1, "")},
			[]string{"flow_not_allowed SYS 1201 三(一)"}},
		{"a subsidy into the income account", accounts.WorkInjury, city, "", []accounts.Line{side(dr, "income_account", 1, ""), side(cr, "fiscal_subsidy", 1, "")},
			[]string{"flow_not_allowed SYS 4101 三(一)"}},
		{"a subsidy paid out", accounts.WorkInjury, city, "", []accounts.Line{side(dr, "fiscal_subsidy", 1, ""), side(cr, "fiscal_account", 1, "")},
			[]string{"flow_not_listed SYS 4101"}},
		{"a subsidy taken back in red", accounts.WorkInjury, city, "E7a", accounts.Red([]accounts.Line{side(dr, "fiscal_account", 1, ""), side(cr, "fiscal_subsidy", 1, "")}), nil},
		{"an investment return paid in money", accounts.EnterprisePension, province, "", []accounts.Line{side(dr, "fiscal_account", 1, ""), side(cr, "entrusted_return", 1, "")},
			[]string{"flow_not_allowed SYS 4202 二; ANN 3.5"}},
		{"the surplus of an insurer before the supplement's account", accounts.ResidentMedical, province, "", []accounts.Line{side(dr, "income_account", 1, ""), side(cr, "major_illness.insurer.surplus_return", 1, "")},
			nil},
		{"contributions booked with a benefit's event", accounts.WorkInjury, city, "E10a", []accounts.Line{side(dr, "income_account", 1, ""), side(cr, "contributions", 1, "")},
			[]string{"line_not_in_event SYS 5001 三(一)", "line_not_in_event SYS 5001 三(一)"}},
		{"entries without money", accounts.WorkInjury, city, "", []accounts.Line{side(dr, "general_balance", 1, ""), side(cr, "reserve", 1, "")}, nil},
	}
	for _, x := range cases {
		var got []string
		for _, v := range book(t, c, x.fund, x.conditions, day2026).Flows().Check(x.lines, x.event) {
			got = append(got, string(v.Code)+" "+v.Source)
			if v.Text == "" || v.Error() == "" {
				t.Errorf("%s: a violation without words", x.name)
			}
		}
		if !slices.Equal(got, x.want) {
			t.Errorf("%s: got %q, want %q", x.name, got, x.want)
		}
	}
}

func TestTheSurplusOfAnInsurerChangesItsBankIn2026(t *testing.T) {
	c := standard(t)
	flow := func(fund accounts.FundID, at int, bank, counter string) int {
		day := day2025
		if at == 2026 {
			day = day2026
		}
		lines := []accounts.Line{side(accounts.Debit, bank, 1, ""), side(accounts.Credit, counter, 1, "")}
		return len(book(t, c, fund, province, day).Flows().Check(lines, ""))
	}
	for _, x := range []struct {
		fund          accounts.FundID
		year          int
		bank, counter string
		violations    int
	}{
		{accounts.ResidentMedical, 2025, "income_account", "major_illness", 0},
		{accounts.ResidentMedical, 2025, "expenditure_account", "major_illness", 1},
		{accounts.ResidentMedical, 2026, "expenditure_account", "major_illness.insurer.surplus_return", 0},
		{accounts.RuralCooperativeMedical, 2026, "income_account", "major_illness", 0},
		{accounts.RuralCooperativeMedical, 2026, "expenditure_account", "major_illness", 1},
	} {
		if got := flow(x.fund, x.year, x.bank, x.counter); got != x.violations {
			t.Errorf("%+v: %d violations", x, got)
		}
	}
}
