package rules_test

import (
	"testing"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

func runCells(t *testing.T, f *fund, cells ...audit.Cell) *audit.Run {
	t.Helper()
	return runRules(t, append(f.books.Sources(), audit.StatementsSource.Given(issued(cells))), "L22")
}

func TestL22ComputesEveryMeasure(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	premiums := map[int]money.Amount{1: 1_001_000 + 5000, 2: 1_002_000 + 5000}
	const lastYear = 12*(1_000_000+5000) + 39*1000
	for measure, want := range map[audit.Measure]money.Amount{
		audit.MonthCredit: premiums[2], audit.MonthDebit: 0, audit.MonthNet: premiums[2], audit.YearCredit: premiums[1] + premiums[2], audit.YearDebit: 0,
		audit.YearNet: premiums[1] + premiums[2], audit.Closing: 0, audit.OpeningOfYear: 0,
		audit.LastYearCredit: lastYear, audit.LastYearDebit: 0, audit.LastYearNet: lastYear,
	} {
		cell := audit.Cell{Book: pension, Month: lastMonth, Statement: "会社保02表", Row: "社会保险费收入", Column: string(measure), Amount: want,
			Terms: []audit.Term{{Account: "4001", Measure: measure}}}
		if run := runCells(t, f, cell); !run.Outcomes[0].Clean() {
			t.Errorf("%s: %v", measure, run.Findings)
		}
		cell.Amount++
		if run := runCells(t, f, cell); run.Outcomes[0].Found != 1 {
			t.Errorf("%s: a cent too much was not found", measure)
		}
	}
}

func TestL22HitsAFigureThatNoAccountsAddUpTo(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	opening := audit.Cell{Book: pension, Month: lastMonth, Statement: "会社保01表", Row: "资产总计", Column: "年初余额", Amount: 7_323_708,
		Terms: []audit.Term{{Account: "1002", Measure: audit.OpeningOfYear}, {Account: "1003", Measure: audit.OpeningOfYear}, {Account: "2001", Measure: audit.OpeningOfYear, Minus: true},
			{Account: "1201", Measure: audit.OpeningOfYear}}}
	closing := opening
	closing.Column, closing.Amount = "期末余额", 8_539_000
	closing.Terms = []audit.Term{{Account: "1003", Measure: audit.Closing}, {Account: "2001", Measure: audit.Closing, Minus: true}}
	run := runCells(t, f, opening, closing)
	finding := wantFinding(t, run, "L22", 176, "2026-02, 会社保01表, 资产总计, 期末余额: issued as 85,390.00; its accounts give 1003 closing 85,391.76 − 2001 closing 0.00 = 85,391.76; difference -1.76 CNY")
	if len(run.Findings) != 1 || len(finding.Evidence) != 2 {
		t.Errorf("%+v", run.Findings)
	}
}

func TestL22CountsAnExplainedOpening(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	cell := audit.Cell{Book: pension, Month: lastMonth, Statement: "会社保01表", Row: "暂收款", Column: "年初余额", Amount: 300, Adjusted: 300, Seq: 7,
		Terms: []audit.Term{{Account: "4001", Measure: audit.OpeningOfYear}}}
	if run := runCells(t, f, cell); !run.Outcomes[0].Clean() {
		t.Errorf("%v", run.Findings)
	}
	cell.Adjusted = 200
	finding := wantFinding(t, runCells(t, f, cell), "L22", 100, "4001 opening of the year 0.00 + adjustments of the opening 2.00 = 2.00; difference 1.00 CNY")
	if finding.Evidence[0].Seq != 7 {
		t.Errorf("%+v", finding.Evidence)
	}
}

func TestL22HitsATamperedStore(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	account, err := f.ledger.Account(t.Context(), pension, "4001")
	must(t, err)
	f.execute(t, `UPDATE ledger_account_day SET credit = credit + 1 WHERE realm_id = 330100 AND book_no = 1 AND account_no = ? AND day = 20260105`, int32(account.No))
	wantFinding(t, runCells(t, f, rightCell()), "L22", 1, "difference -0.01 CNY")
}

func TestL22SaysWhatItCouldNotCheck(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	books := f.foreignCopy(t)
	books[0].Stated = books[0].Stated[1:]
	foreign, err := audit.NewForeign(books...)
	must(t, err)
	cell := rightCell()
	cell.Month = 202503
	run := runRules(t, append(foreign.Sources(), audit.StatementsSource.Given(issued{cell})), "L22")
	if o := run.Outcomes[0]; o.Found != 0 || len(o.Notes) != 1 {
		t.Errorf("%+v", o)
	}
	cell.Terms = []audit.Term{{Account: "4001", Measure: "guess"}}
	cell.Month = lastMonth
	run = runRules(t, append(foreign.Sources(), audit.StatementsSource.Given(issued{cell})), "L22")
	if o := run.Outcomes[0]; o.Status != audit.Failed {
		t.Errorf("an unknown measure: %+v", o)
	}
}

func TestL22LeavesCellsOfOtherBooksAlone(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	cell := rightCell()
	cell.Book, cell.Amount = ledger.BookID{Realm: 1, Number: 1}, 0
	if run := runCells(t, f, cell); run.Outcomes[0].Found != 0 {
		t.Errorf("%+v", run.Findings)
	}
}
