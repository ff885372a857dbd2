package statement_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/statement"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (−) and result (+) differ:\n%s", path, diff)
	}
}

// entry is a line of a test's journal: period, debit account, credit account, amount in yuan.
type entry struct {
	period        calendar.Period
	debit, credit string
	yuan          money.Amount
}

func figures(t *testing.T, entries ...entry) *statement.Figures {
	t.Helper()
	f := &statement.Figures{}
	for _, e := range entries {
		kind := statement.Ordinary
		if strings.HasPrefix(e.debit, "general_balance") != strings.HasPrefix(e.credit, "general_balance") {
			kind = statement.Close
		}
		lines := []accounts.Line{{AccountID: e.debit, Side: accounts.Debit, Amount: e.yuan * 100}, {AccountID: e.credit, Side: accounts.Credit, Amount: e.yuan * 100}}
		if err := f.Add(e.period, kind, lines); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func bookOf(t *testing.T, fund accounts.FundID, conditions accounts.Conditions) *accounts.BookChart {
	t.Helper()
	b, err := standard(t).For(fund, conditions, lastDay)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Three months of employee medical. January: 100 split 60 to 40, 30 unsplit, 10 paid. February: 20 of the unsplit are split 15 to 5, 50 more come unsplit. March:
// nothing but a benefit of 7 from the personal-account fund.
func employeeMedical(t *testing.T) *statement.Figures {
	return figures(t,
		entry{202601, "treasury", "contributions.pooled", 60}, entry{202601, "treasury", "contributions.personal", 40}, entry{202601, "treasury", "contributions_unsplit", 30},
		entry{202601, "benefits.pooled.inpatient", "expenditure_account", 10},
		entry{202601, "contributions.pooled", "general_balance.pooled", 60}, entry{202601, "contributions.personal", "general_balance.personal", 40},
		entry{202601, "general_balance.pooled", "benefits.pooled.inpatient", 10},
		entry{202602, "contributions_unsplit", "contributions.pooled", 15}, entry{202602, "contributions_unsplit", "contributions.personal", 5}, entry{202602, "treasury", "contributions_unsplit", 50},
		entry{202602, "contributions.pooled", "general_balance.pooled", 15}, entry{202602, "contributions.personal", "general_balance.personal", 5},
		entry{202603, "benefits.personal.pharmacy", "expenditure_account", 7}, entry{202603, "general_balance.personal", "benefits.personal.pharmacy", 7})
}

func amountsOf(s *statement.Statement, row string) string {
	r := s.Row(row)
	if r == nil {
		return "not shown"
	}
	var out []string
	for _, c := range r.Cells {
		out = append(out, s.Money.Text(c.Amount))
	}
	return strings.Join(out, " ")
}

func TestUnsplitMoneyOfEmployeeMedicalIsReadInThreeWays(t *testing.T) {
	f := employeeMedical(t)
	book := bookOf(t, accounts.EmployeeMedical, county)
	cases := []struct {
		kind    accounts.FormKind
		reading statement.Reading
		row     string
		want    string
	}{
		{accounts.IncomeExpenditure, statement.ReadAdvised, "em_unsplit", "60.00 60.00"}, // the text's balance in both columns
		{accounts.IncomeExpenditure, statement.ReadConsistent, "em_unsplit", "30.00 60.00"},
		{accounts.IncomeExpenditure, statement.ReadLiteral, "em_unsplit", "60.00 60.00"},
		{accounts.IncomeExpenditure, statement.ReadAdvised, "em_surplus", "80.00 170.00"},
		{accounts.IncomeExpenditure, statement.ReadConsistent, "em_surplus", "50.00 170.00"},
		{accounts.IncomeExpenditure, statement.ReadConsistent, "em_pooled_surplus", "15.00 65.00"},
		{accounts.BalanceSheet, statement.ReadAdvised, "bs_general_balance_em", "0.00 170.00"},
		{accounts.BalanceSheet, statement.ReadLiteral, "bs_general_balance_em", "0.00 110.00"}, // out of balance by what is unsplit
		{accounts.BalanceSheet, statement.ReadAdvised, "bs_total_assets", "0.00 170.00"},
		{accounts.BalanceSheet, statement.ReadAdvised, "bs_total_liabilities_net_assets", "0.00 170.00"},
	}
	for _, x := range cases {
		s, err := statement.Make(book, f, statement.Request{Kind: x.kind, Month: 202602, Reading: x.reading})
		if err != nil {
			t.Fatal(err)
		}
		if got := amountsOf(s, x.row); got != x.want {
			t.Errorf("%s, reading %q: %s, want %s", x.row, x.reading, got, x.want)
		}
	}
	for _, reading := range []statement.Reading{statement.ReadAdvised, statement.ReadConsistent, statement.ReadLiteral} {
		found, err := statement.Check(book, f, statement.Request{Month: 202602, Reading: reading})
		if err != nil {
			t.Fatal(err)
		}
		var v1 int
		for _, v := range found {
			switch {
			case v.Relation == statement.V1 && v.Difference == 6000:
				v1++
			case v.Relation == statement.V8 && v.Difference == -6000 && reading == statement.ReadLiteral: // （三）待转基金 is a sub-row all the same
			case !v.Lead:
				t.Errorf("reading %q: %v", reading, v)
			}
		}
		if (v1 > 0) != (reading == statement.ReadLiteral) {
			t.Errorf("reading %q: %d times out of balance", reading, v1)
		}
	}
}

func TestTheLiteralReadingMissesWhatIsBookedOnTheOtherSide(t *testing.T) {
	// A subsidy of 9 taken back by a debit, against the rule to write it in red, and a surplus of 4 returned by the insurer.
	f := figures(t, entry{202501, "fiscal_account", "fiscal_subsidy", 100}, entry{202501, "fiscal_subsidy", "fiscal_account", 9}, entry{202501, "major_illness", "fiscal_account", 30},
		entry{202501, "fiscal_account", "major_illness", 4})
	book := bookOf(t, accounts.ResidentMedical, county)
	for reading, want := range map[statement.Reading]string{statement.ReadAdvised: "91.00 91.00;26.00 26.00", statement.ReadLiteral: "100.00 100.00;30.00 30.00"} {
		s, err := statement.Make(book, f, statement.Request{Kind: accounts.IncomeExpenditure, Month: 202501, Reading: reading})
		if err != nil {
			t.Fatal(err)
		}
		if got := amountsOf(s, "is_fiscal_subsidy") + ";" + amountsOf(s, "is_major_illness"); got != want {
			t.Errorf("reading %q: %s, want %s", reading, got, want)
		}
	}
}

func TestEveryCellKnowsItsAccounts(t *testing.T) {
	f := employeeMedical(t)
	s, err := statement.Make(bookOf(t, accounts.EmployeeMedical, county), f, statement.Request{Kind: accounts.IncomeExpenditure, Month: 202601})
	if err != nil {
		t.Fatal(err)
	}
	got := s.Row("em_p_benefits").Cells[1]
	want := statement.Cell{Amount: 1000, Terms: []statement.Term{{Term: accounts.Term{Function: accounts.NetDebit, Of: "benefits.pooled"}, Amount: 1000,
		Accounts: []statement.Contribution{{AccountID: "benefits.pooled.inpatient", Amount: 1000}}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	surplus := s.Row("em_pooled_surplus").Cells[0]
	if len(surplus.Terms) != 2 || surplus.Terms[1].Of != "em_pooled_expenditure" || surplus.Terms[1].Amount != -1000 || surplus.Amount != 5000 {
		t.Errorf("%+v", surplus)
	}
}

func TestDetailsOfADeployerCountInTheRowsAboveThem(t *testing.T) {
	c, err := accounts.Standard(accounts.Overlay{Name: "town.yaml", Data: []byte(`
id: "town"
accounts:
  - {id: "fiscal_account.term", zh: "定期", en: "term deposit", parent: "fiscal_account", source: "SYS 1003"}
  - {id: "benefits.wi_town", zh: "地方补贴", en: "local supplement", parent: "benefits", funds: ["work_injury"], source: "SYS 5001"}
`)})
	if err != nil {
		t.Fatal(err)
	}
	book, err := c.For(accounts.WorkInjury, county, lastDay)
	if err != nil {
		t.Fatal(err)
	}
	f := figures(t, entry{202601, "fiscal_account.term", "contributions", 10}, entry{202601, "benefits.wi_town", "fiscal_account.term", 3}, entry{202601, "contributions", "general_balance", 10},
		entry{202601, "general_balance", "benefits.wi_town", 3})
	s, err := statement.Make(book, f, statement.Request{Kind: accounts.BalanceSheet, Month: 202601})
	if err != nil || amountsOf(s, "bs_fiscal_account") != "0.00 7.00" {
		t.Errorf("%s, %v", amountsOf(s, "bs_fiscal_account"), err)
	}
	// Its benefit is in the row of benefits and in no sub-row; that is no fault (V8).
	found, err := statement.Check(book, f, statement.Request{Month: 202601})
	if len(found) > 0 || err != nil {
		t.Error(found, err)
	}
}

func TestTheColumnOfLastYearIsBlankWhereTheRulesDoNotAskForIt(t *testing.T) {
	f := figures(t, entry{202503, "fiscal_account", "contributions", 5}, entry{202603, "fiscal_account", "contributions", 9})
	for _, x := range []struct {
		conditions accounts.Conditions
		month      calendar.Month
		blank      bool
	}{{county, 202612, false}, {province, 202612, true}, {province, 202712, false}} {
		s, err := statement.Make(bookOf(t, accounts.ResidentMedical, x.conditions), f, statement.Request{Kind: accounts.IncomeExpenditure, Month: x.month, Annual: true})
		if err != nil {
			t.Fatal(err)
		}
		if cell := s.Row("is_contributions").Cells[1]; cell.Blank != x.blank {
			t.Errorf("%v: %+v", x, cell)
		}
	}
}

func TestBrokenRelationsAreReportedWithTheirArithmetic(t *testing.T) {
	book := bookOf(t, accounts.WorkInjury, county)
	relations := func(f *statement.Figures, r statement.Request) string {
		t.Helper()
		found, err := statement.Check(book, f, r)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, v := range found {
			name := fmt.Sprintf("%s %d", v.Relation, v.Difference)
			if v.Left-v.Right != v.Difference || v.Text == "" || v.Where == "" {
				t.Errorf("%+v", v)
			}
			if v.Lead {
				name += " lead"
			}
			out = append(out, name)
		}
		return strings.Join(out, ", ")
	}
	income := entry{202601, "treasury", "contributions", 10}
	closing := entry{202601, "contributions", "general_balance", 10}
	swept := entry{202601, "fiscal_account", "treasury", 10}
	january := statement.Request{Month: 202601}
	for name, x := range map[string]struct {
		f    *statement.Figures
		want string
	}{
		"a month that holds":            {figures(t, income, closing, swept), ""},
		"money left in the treasury":    {figures(t, income, closing), "V11 1000 lead"},
		"a month that was not closed":   {figures(t, income, swept), "V1 1000, V4 1000, V4 1000"},
		"a month closed for too little": {figures(t, income, swept, entry{202601, "contributions", "general_balance", 7}), "V1 300, V4 300, V4 300"},
	} {
		if got := relations(x.f, january); got != x.want {
			t.Errorf("%s: %q, want %q", name, got, x.want)
		}
	}
}

func TestFiguresThatLeaveTheRangeAreTypedErrors(t *testing.T) {
	f := &statement.Figures{}
	huge := func(period calendar.Period, debit, credit string) {
		t.Helper()
		if err := f.Add(period, statement.Ordinary, []accounts.Line{{AccountID: debit, Side: accounts.Debit, Amount: money.MaxAmount}, {AccountID: credit, Side: accounts.Credit, Amount: money.MaxAmount}}); err != nil {
			t.Fatal(err)
		}
	}
	huge(202601, "fiscal_account", "contributions")
	huge(202602, "expenditure_account", "fiscal_subsidy")
	for _, kind := range []accounts.FormKind{accounts.BalanceSheet, accounts.IncomeExpenditure} {
		_, err := statement.Make(bookOf(t, accounts.WorkInjury, county), f, statement.Request{Kind: kind, Month: 202602})
		var typed *statement.Error
		if !errors.As(err, &typed) || !errors.Is(err, money.ErrOverflow) || typed.Where == "" {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if _, err := statement.Check(bookOf(t, accounts.WorkInjury, county), f, statement.Request{Month: 202602}); !errors.Is(err, money.ErrOverflow) {
		t.Error(err)
	}
	if _, err := statement.Trial(bookOf(t, accounts.WorkInjury, county), f, accounts.General, 202601, 202602); !errors.Is(err, money.ErrOverflow) {
		t.Error(err)
	}
	err := f.Add(202601, statement.Ordinary, []accounts.Line{{AccountID: "fiscal_account", Side: accounts.Debit, Amount: 1}, {AccountID: "contributions", Side: accounts.Credit, Amount: 1}})
	if !errors.Is(err, money.ErrOverflow) {
		t.Errorf("one fen more: %v", err)
	}
	if err := f.Add(202601, statement.Ordinary, []accounts.Line{{AccountID: "fiscal_account", Side: accounts.Debit, Amount: 1}}); err == nil {
		t.Error("an entry with one side was added")
	}
	if err := f.Add(202614, statement.Ordinary, nil); err == nil {
		t.Error("period 14 was added")
	}
}

type failing struct{ statement.Figures }

var errDown = errors.New("the database is down")

func (f *failing) Closing(string, calendar.Period) (money.Amount, error) { return 0, errDown }

func TestErrorsOfTheBalancesArePassedOn(t *testing.T) {
	book := bookOf(t, accounts.WorkInjury, county)
	if _, err := statement.Make(book, &failing{}, statement.Request{Kind: accounts.BalanceSheet, Month: 202601}); !errors.Is(err, errDown) {
		t.Error(err)
	}
	if _, err := statement.Check(book, &failing{}, statement.Request{Month: 202601}); !errors.Is(err, errDown) {
		t.Error(err)
	}
	if _, err := statement.Trial(book, &failing{}, accounts.General, 202601, 202601); !errors.Is(err, errDown) {
		t.Error(err)
	}
	var typed *statement.Error
	if _, err := statement.Make(book, &failing{}, statement.Request{Kind: accounts.BalanceSheet}); !errors.As(err, &typed) {
		t.Error(err)
	}
	var unknown *accounts.Error
	if _, err := statement.Make(bookOf(t, accounts.OccupationalAnnuity, county), &failing{}, statement.Request{Kind: accounts.BalanceSheet, Month: 202101}); !errors.As(err, &unknown) {
		t.Error(err)
	}
}

// The golden file lists the rows of all twelve forms, and of the funds that share one, as a book in the province prints them.
func TestRowsOfEveryForm(t *testing.T) {
	c := standard(t)
	var out strings.Builder
	for _, fund := range c.Funds {
		for _, request := range []statement.Request{{Kind: accounts.BalanceSheet, Month: 202606}, {Kind: accounts.IncomeExpenditure, Month: 202606}, {Kind: accounts.IncomeExpenditure, Month: 202612, Annual: true},
			{Kind: accounts.IncomeExpenditure, Month: 202406}} {
			if _, err := c.For(fund.ID, province, request.Month.Last()); err != nil {
				continue
			}
			s, err := statement.Make(bookOf(t, fund.ID, province), &statement.Figures{}, request)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&out, "# %s %s, %s, %s\n", s.Number, s.ZH, fund.ZH, s.Day)
			for _, r := range s.Rows {
				fmt.Fprintf(&out, "%s%s\n", strings.Repeat("  ", r.Indent), r.ZH)
			}
		}
	}
	golden(t, "rows.golden", out.String())
}

func TestStatementsRenderToTheSameBytes(t *testing.T) {
	f := employeeMedical(t)
	book := bookOf(t, accounts.EmployeeMedical, county)
	for name, x := range map[string]struct {
		request  statement.Request
		language statement.Language
	}{
		"balance_sheet_zh": {statement.Request{Kind: accounts.BalanceSheet, Month: 202602}, statement.Chinese},
		"income_both":      {statement.Request{Kind: accounts.IncomeExpenditure, Month: 202602}, statement.Both},
		"income_year_en":   {statement.Request{Kind: accounts.IncomeExpenditure, Month: 202612, Annual: true}, statement.English},
	} {
		var first string
		for range 3 {
			s, err := statement.Make(book, f, x.request)
			if err != nil {
				t.Fatal(err)
			}
			table := s.Table(statement.Heading{Language: x.language, Agency: "某市医疗保障<中心>"})
			var html, csv bytes.Buffer
			if err := errors.Join(table.HTML(&html), table.CSV(&csv)); err != nil {
				t.Fatal(err)
			}
			if first == "" {
				first = html.String() + csv.String()
				golden(t, name+".html", html.String())
				golden(t, name+".csv", csv.String())
			}
			if html.String()+csv.String() != first {
				t.Errorf("%s renders differently", name)
			}
		}
	}
}

func TestCSVNeverHandsASpreadsheetAFormula(t *testing.T) {
	table := statement.Table{Columns: []statement.TableColumn{{Label: "=cmd"}, {Label: "amount", Numeric: true}}, Rows: []statement.TableRow{
		{Cells: []string{"=1+1", "1,234.50"}}, {Cells: []string{"+1", "-5.00"}}, {Cells: []string{"-1", ""}}, {Cells: []string{"@SUM(A1)", "0.00"}}, {Cells: []string{"\t=1", "1.00"}}, {Cells: []string{"a,\"b\"\nc", "1.00"}}}}
	var out bytes.Buffer
	if err := table.CSV(&out); err != nil {
		t.Fatal(err)
	}
	want := "'=cmd,amount\n'=1+1,1234.50\n'+1,-5.00\n'-1,\n'@SUM(A1),0.00\n'\t=1,1.00\n\"a,\"\"b\"\"\nc\",1.00\n"
	if out.String() != want {
		t.Errorf("got %q\nwant %q", out.String(), want)
	}
}

// A row that had a balance and that the form of the next year has no longer is a violation of its own.
func TestABalanceDoesNotVanishWithItsRow(t *testing.T) {
	chart := ownChart(t)
	for i := range chart.Forms() {
		for j := range chart.Forms()[i].Rows {
			if row := &chart.Forms()[i].Rows[j]; row.ID == "bs_bonds" {
				row.ValidTo = calendar.MustDate(2025, 12, 31)
			}
		}
	}
	book, err := chart.For(accounts.WorkInjury, county, lastDay)
	if err != nil {
		t.Fatal(err)
	}
	f := figures(t, entry{202503, "fiscal_account", "contributions", 5}, entry{202503, "contributions", "general_balance", 5}, entry{202504, "bonds", "fiscal_account", 4})
	found, err := statement.Check(book, f, statement.Request{Month: 202601})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range found {
		if v.Relation == statement.V3 && strings.Contains(v.Where, "bs_bonds") {
			if v.Left != 0 || v.Right != 400 || !strings.Contains(v.Error(), "0.00 − 4.00 = -4.00 CNY") {
				t.Errorf("%v", v)
			}
			return
		}
	}
	t.Errorf("nothing says that the bonds have vanished: %v", found)
}
