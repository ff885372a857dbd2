package statement_test

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/statement"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestTrialBalancesOfRandomBooksBalanceAndRollForward(t *testing.T) {
	c := standard(t)
	for _, f := range c.Funds {
		b := newRandomBook(t, c, f.ID, province, statement.CloseMonthly, 11)
		first := firstYear(f.ID)
		for _, year := range []int{first, first + 1} {
			b.year(year, 15, func(r statement.Request) {
				for _, section := range []accounts.Section{accounts.General, accounts.Memorandum} {
					checkTrial(t, b, section, r.Month.Period())
				}
				roll, err := statement.Roll(b.today, b.figures, r)
				if err != nil {
					t.Fatal(err)
				}
				for _, s := range roll.Spans {
					if s.Unexplained != 0 || s.Direct != 0 || s.NotPrinted != 0 && f.ID != accounts.EmployeeMedical {
						t.Errorf("%s %s: %+v", f.ID, s.To, s)
					}
				}
			})
		}
	}
}

func checkTrial(t *testing.T, b *randomBook, section accounts.Section, period calendar.Period) {
	t.Helper()
	trial, err := statement.Trial(b.today, b.figures, section, period, period)
	if err != nil {
		t.Fatal(err)
	}
	sum := statement.TrialFigures{}
	below := map[string]money.Amount{}
	for _, r := range trial.Rows {
		if r.Section != section {
			t.Fatalf("%s is in the section %s", r.ID, r.Section)
		}
		if r.OpeningDebit-r.OpeningCredit+r.Debit-r.Credit != r.ClosingDebit-r.ClosingCredit {
			t.Fatalf("%s does not roll forward: %+v", r.ID, r.TrialFigures)
		}
		below[r.ParentID] += r.ClosingDebit - r.ClosingCredit
		if !r.Heading {
			sum.ClosingDebit += r.ClosingDebit
			sum.ClosingCredit += r.ClosingCredit
			sum.Debit += r.Debit
			sum.Credit += r.Credit
		}
	}
	for _, r := range trial.Rows {
		if r.Heading && below[r.ID] != r.ClosingDebit-r.ClosingCredit {
			t.Fatalf("%s is not the sum of its details", r.ID)
		}
	}
	if sum.ClosingDebit != trial.Total.ClosingDebit || sum.ClosingCredit != trial.Total.ClosingCredit || sum.Debit != trial.Total.Debit || sum.Credit != trial.Total.Credit ||
		sum.ClosingDebit != sum.ClosingCredit || sum.Debit != sum.Credit {
		t.Fatalf("the leaves add up to %+v, the total is %+v", sum, trial.Total)
	}
}

func TestATrialBalanceKeepsAccountsThatTheBookNoLongerHas(t *testing.T) {
	f := figures(t, entry{202601, "income_account", "contributions", 5})
	trial, err := statement.Trial(bookOf(t, accounts.WorkInjury, county), f, accounts.General, 202601, 202603) // tax collects now
	if err != nil {
		t.Fatal(err)
	}
	last := trial.Rows[len(trial.Rows)-1]
	if last.ID != "income_account" || last.ClosingDebit != 500 || trial.Total.ClosingDebit != 500 {
		t.Errorf("%+v", last)
	}
	for _, span := range [][2]calendar.Period{{202603, 202601}, {202512, 202601}, {202600, 202601}, {202601, 202614}} {
		var typed *statement.Error
		if _, err := statement.Trial(bookOf(t, accounts.WorkInjury, county), f, accounts.General, span[0], span[1]); !errors.As(err, &typed) {
			t.Errorf("%v: %v", span, err)
		}
	}
}

func TestTrialBalanceAndLedgersRender(t *testing.T) {
	f := employeeMedical(t)
	book := bookOf(t, accounts.EmployeeMedical, county)
	trial, err := statement.Trial(book, f, accounts.General, 202602, 202602)
	if err != nil {
		t.Fatal(err)
	}
	var csv, html bytes.Buffer
	h := statement.Heading{Language: statement.Both, Agency: "某市"}
	if err := errors.Join(trial.Table(h).CSV(&csv), trial.Table(h).HTML(&html)); err != nil {
		t.Fatal(err)
	}
	golden(t, "trial.csv", csv.String())
	golden(t, "trial.html", html.String())
	general, err := statement.GeneralLedger(book, f, "contributions", 202612)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := statement.GeneralLedger(book, f, "contributions", 202613); err == nil {
		t.Error("a general ledger through month 13")
	}
	csv.Reset()
	if err := general.Table(general.Pages[0], trial.Money, h).CSV(&csv); err != nil {
		t.Fatal(err)
	}
	golden(t, "general_ledger.csv", csv.String())
}

func posted(day calendar.Date, voucher int, debit, credit money.Amount) statement.Posted {
	return statement.Posted{Date: day, Voucher: fmt.Sprintf("记-%d", voucher), Summary: "摘要", Debit: debit, Credit: credit}
}

// streamed gives lines one by one, as a book does.
func streamed(lines []statement.Posted) iter.Seq2[statement.Posted, error] {
	return func(yield func(statement.Posted, error) bool) {
		for _, p := range lines {
			if !yield(p, nil) {
				return
			}
		}
	}
}

func TestADetailLedgerTurnsPagesWithTheMonthsTotals(t *testing.T) {
	account, err := bookOf(t, accounts.WorkInjury, county).Account("fiscal_account")
	if err != nil {
		t.Fatal(err)
	}
	lines := []statement.Posted{posted(20260105, 1, 100, 0), posted(20260107, 2, 0, 30), posted(20260131, 3, -10, 0), posted(20260302, 1, 0, 60)}
	g, err := (&statement.Detail{Account: account, Year: 2026, Opening: 500, Lines: streamed(lines), Complete: true, LinesAPage: 5}).Ledger()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, page := range g.Pages {
		fmt.Fprintf(&out, "page %d\n", page.Number)
		for _, x := range page.Lines {
			fmt.Fprintf(&out, "%s %s %s %d %d %s %d\n", x.Date, x.Voucher, x.Kind, x.Debit, x.Credit, statement.Direction(x.Balance), x.Balance.Abs())
		}
	}
	want := `page 1
-  上年结转 0 0 借 500
2026-01-05 记-1  100 0 借 600
2026-01-07 记-2  0 30 借 570
2026-01-31 记-3  -10 0 借 560
-  过次页 90 30 借 560
page 2
-  承前页 90 30 借 560
2026-01-31  本月合计 90 30 借 560
2026-01-31  本年累计 90 30 借 560
2026-03-02 记-1  0 60 借 500
-  过次页 0 60 借 500
page 3
-  承前页 0 60 借 500
2026-03-31  本月合计 0 60 借 500
2026-03-31  本年累计 90 90 借 500
-  结转下年 0 0 借 500
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	for name, bad := range map[string]struct {
		lines []statement.Posted
		room  int
	}{"another year": {[]statement.Posted{posted(20250105, 1, 1, 0)}, 0}, "out of order": {[]statement.Posted{lines[1], lines[0]}, 0}, "a page without room": {lines, 2},
		"a sum out of range": {[]statement.Posted{posted(20260105, 1, money.MaxAmount, 0), posted(20260105, 2, 1, 0)}, 0}} {
		var typed *statement.Error
		if _, err := (&statement.Detail{Account: account, Year: 2026, Lines: streamed(bad.lines), Complete: true, LinesAPage: bad.room}).Ledger(); !errors.As(err, &typed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPagesCarryWhatTheLinesSay(t *testing.T) {
	account, err := bookOf(t, accounts.WorkInjury, county).Account("fiscal_account")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		day := calendar.MustDate(2026, 1, 1)
		var lines []statement.Posted
		balance := money.Amount(rapid.Int64Range(-1e6, 1e6).Draw(t, "opening"))
		opening := balance
		for day.Year() == 2026 {
			lines = append(lines, posted(day, len(lines), money.Amount(rapid.Int64Range(-50, 1000).Draw(t, "debit")), money.Amount(rapid.Int64Range(0, 1000).Draw(t, "credit"))))
			day = day.AddDays(rapid.IntRange(0, 60).Draw(t, "days"))
		}
		room := rapid.IntRange(3, 12).Draw(t, "lines a page")
		g, err := (&statement.Detail{Account: account, Year: 2026, Opening: opening, Lines: streamed(lines), Complete: true, LinesAPage: room}).Ledger()
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		var year statement.LedgerLine
		for i, page := range g.Pages {
			if len(page.Lines) > room || page.Number != i+1 {
				t.Fatalf("page %d of %d lines", page.Number, len(page.Lines))
			}
			if last := page.Lines[len(page.Lines)-1]; i < len(g.Pages)-1 {
				next := g.Pages[i+1].Lines[0]
				if last.Kind != statement.CarriedOver || next.Kind != statement.BroughtOver || last.Posted != next.Posted || last.Balance != next.Balance || last.Balance != balance+pageSum(page) {
					t.Fatalf("page %d ends with %+v, the next begins with %+v", page.Number, last, next)
				}
			}
			balance += pageSum(page)
			for _, x := range page.Lines {
				if x.Kind == statement.PostedLine {
					if x.Posted != lines[seen] {
						t.Fatalf("line %d is %+v", seen, x)
					}
					seen++
				}
				if x.Kind == statement.YearTotal {
					year = x
				}
			}
		}
		if seen != len(lines) || year.Balance != balance || opening+year.Debit-year.Credit != balance {
			t.Fatalf("%d of %d lines, %+v, balance %d", seen, len(lines), year, balance)
		}
	})
}

func pageSum(page statement.LedgerPage) money.Amount {
	var sum money.Amount
	for _, x := range page.Lines {
		if x.Kind == statement.PostedLine {
			sum += x.Debit - x.Credit
		}
	}
	return sum
}

func TestLevelsAgree(t *testing.T) {
	upper := figures(t, entry{202601, "fiscal_account", "lower_remittance", 30}, entry{202602, "lower_allotment", "fiscal_account", 12}, entry{202602, "fiscal_account", "temporary_receipts.pooled_from_lower.principal", 8})
	one := figures(t, entry{202601, "upward_remittance", "fiscal_account", 10}, entry{202602, "fiscal_account", "upper_allotment", 12})
	two := figures(t, entry{202601, "upward_remittance", "fiscal_account", 20}, entry{202602, "advances.invested_upward.principal", "fiscal_account", 9})
	above := statement.LevelBook{Book: bookOf(t, accounts.EnterprisePension, province), Balances: upper}
	below := func(f *statement.Figures) statement.LevelBook {
		return statement.LevelBook{Book: bookOf(t, accounts.EnterprisePension, county), Balances: f}
	}
	found, err := statement.CheckLevels(above, []statement.LevelBook{below(one), below(two)}, 202601, 202602)
	if err != nil || len(found) != 1 || found[0].Difference != 100 || !found[0].Lead || found[0].Relation != statement.V10 {
		t.Errorf("%v, %v; want one lead of 1.00 on its way", found, err)
	}
	found, err = statement.CheckLevels(above, []statement.LevelBook{below(one)}, 202601, 202602)
	if err != nil || len(found) != 2 {
		t.Errorf("%v, %v; want a missing remittance and a missing investment", found, err)
	}
	most := below(figures(t, entry{202601, "upward_remittance", "fiscal_account", money.MaxAmount / 100}))
	var overflow *money.OverflowError
	if _, err = statement.CheckLevels(above, []statement.LevelBook{most, most}, 202601, 202602); !errors.As(err, &overflow) || !strings.Contains(err.Error(), "2026-02") {
		t.Errorf("remittances beyond the range: %v", err)
	}
}

// An account of the general section that the chart gave up stands in no other section's trial balance.
func TestAnAccountThatTheChartGaveUpStaysInItsSection(t *testing.T) {
	chart, err := accounts.Standard(accounts.Overlay{Name: "town.yaml", Data: []byte(`
id: "town"
accounts:
  - {id: "fiscal_account.term", zh: "定期", en: "term deposit", parent: "fiscal_account", valid_to: "2025-12-31", source: "SYS 1003"}
`)})
	if err != nil {
		t.Fatal(err)
	}
	book, err := chart.For(accounts.WorkInjury, county, lastDay)
	if err != nil {
		t.Fatal(err)
	}
	f := figures(t, entry{202503, "fiscal_account.term", "contributions", 5})
	for section, want := range map[accounts.Section]money.Amount{accounts.General: 500, accounts.Memorandum: 0} {
		trial, err := statement.Trial(book, f, section, 202601, 202601)
		if err != nil || trial.Total.ClosingDebit != want {
			t.Errorf("%s: %+v, %v", section, trial.Total, err)
		}
	}
}
