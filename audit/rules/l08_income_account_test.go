package rules_test

import (
	"testing"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

func TestL08HitsMoneyThatStayedInTheIncomeAccount(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	f.post(t, pension, "premium 2026-03", 20260304, dr("1002", 70000), cr("4001", 70000))
	f.post(t, pension, "sweep 2026-03", 20260331, dr("1003", 65000), cr("1002", 65000))
	a, err := audit.New(append(f.books.Sources(), supplied()...), allRules(t, "L08")...)
	must(t, err)
	e := engagement()
	run, err := a.Run(t.Context(), e)
	must(t, err)
	if !run.Outcomes[0].Clean() {
		t.Errorf("March has not ended on the day of the audit: %v", run.Findings)
	}
	e.Scope.AsOf = 20260331
	run, err = a.Run(t.Context(), e)
	must(t, err)
	finding := wantFinding(t, run, "L08", 5000, "end of 2026-03: 1002 收入户存款 stands at 50.00 CNY and should be empty")
	if len(finding.Evidence) != 2 || finding.Evidence[1].Seq != f.seqOf(t, pension, "sweep 2026-03") {
		t.Errorf("evidence %+v", finding.Evidence)
	}
	e.Settings = map[string]map[string]int64{"L08": {"tolerance": 5000}}
	run, err = a.Run(t.Context(), e)
	must(t, err)
	if !run.Outcomes[0].Clean() {
		t.Errorf("within the tolerance: %v", run.Findings)
	}
}

func TestL08HitsUseWhereTheTaxAuthorityCollects(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	table := roles()
	book := table[pension]
	book.TaxCollectsFrom = 20260101
	table[pension] = book
	run := runRules(t, append(f.books.Sources(), audit.RolesSource.Given(table)), "L08")
	wantFinding(t, run, "L08", 1_010_234, "the tax authority collects since 2026-01-01, yet in 2026-01", "was put into 1002 收入户存款")
	if len(run.Findings) != 2 {
		t.Errorf("January and February: %+v", run.Findings)
	}
}

func TestL08HitsForeignBalances(t *testing.T) {
	hitForeign(t, []damage{{
		name: "never swept", rule: "L08", risk: 10, others: []string{"L04"}, says: []string{"end of 2025-07: 1002 收入户存款 stands at 0.10 CNY"},
		do: func(b *audit.ForeignBook) {
			moveBalance(b, 202507, "1002", 10, 0)
			moveBalance(b, 202507, "1003", 0, 10)
		},
	}})
}

func TestL08FailsOnTurnoversBeyondTheRange(t *testing.T) {
	books := newFund(t, storetest.SQLite).foreignCopy(t)
	for i := range books[0].Stated {
		for j := range books[0].Stated[i].Rows {
			row := &books[0].Stated[i].Rows[j]
			row.Debit, row.ClosingDebit = money.MaxAmount, money.MaxAmount
		}
	}
	foreign, err := audit.NewForeign(books...)
	must(t, err)
	if o := runRules(t, append(foreign.Sources(), supplied()...), "L08").Outcomes[0]; o.Status != audit.Failed || o.Clean() {
		t.Errorf("%+v", o)
	}
}

func TestL08HitsATamperedStore(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	account, err := f.ledger.Account(t.Context(), pension, "1002")
	must(t, err)
	f.execute(t, `UPDATE ledger_account_day SET credit = credit - 900 WHERE realm_id = 330100 AND book_no = 1 AND account_no = ? AND day = 20250531`, int32(account.No))
	wantFinding(t, runRules(t, append(f.books.Sources(), supplied()...)), "L08", 900, "end of 2025-05", "stands at 9.00 CNY")
}

func TestL08IsNotRunWithoutRoles(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	if o := runRules(t, f.books.Sources(), "L08").Outcomes[0]; o.Status != audit.NotRun || o.Clean() || o.Missing[0].ZH != "科目用途" {
		t.Errorf("%+v", o)
	}
}
