package rules_test

import (
	"testing"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

func TestL05HitsStatedBalancesThatDoNotComeOutEven(t *testing.T) {
	hitForeign(t, []damage{
		{
			name: "an asset on one side only", rule: "L05", risk: 5, others: []string{"L04"},
			says: []string{"end of 2025-07: assets 42,745.43 + expenditure 0.00 − (liabilities 0.00 + net assets 42,745.38 + income 0.00) = 0.05 CNY, of which 0.05 CNY is new"},
			do:   func(b *audit.ForeignBook) { moveBalance(b, 202507, "1003", 5, 0) },
		},
		{
			name: "a further one later", rule: "L05", risk: 3, others: []string{"L04"}, says: []string{"end of 2025-09", "= 0.08 CNY, of which 0.03 CNY is new"},
			do: func(b *audit.ForeignBook) {
				moveBalance(b, 202507, "1003", 5, 0)
				moveBalance(b, 202509, "1003", 3, 0)
			},
		},
	})
}

func TestL05ReportsADifferenceOnceAndAgainOnlyWhenItChanges(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	books := f.foreignCopy(t)
	moveBalance(&books[0], 202507, "1003", 5, 0)
	foreign, err := audit.NewForeign(books...)
	must(t, err)
	a, err := audit.New(foreign.Sources(), allRules(t, "L05")...)
	must(t, err)
	e := engagement()
	for from, month := range map[audit.Scope]string{{}: "2025-07", {From: 202510}: "2025-10"} {
		e.Scope = from
		run, err := a.Run(t.Context(), e)
		must(t, err)
		if len(run.Findings) != 1 || run.Findings[0].Period.String() != month {
			t.Errorf("scope from %v: %+v", from.From, run.Findings)
		}
	}
	e.Scope, e.Settings = audit.Scope{}, map[string]map[string]int64{"L05": {"tolerance": 5}}
	run, err := a.Run(t.Context(), e)
	must(t, err)
	if !run.Outcomes[0].Clean() || run.Outcomes[0].Settings[0].Value != 5 {
		t.Errorf("within the tolerance: %+v", run.Outcomes[0])
	}
}

func TestL05HitsADailyTotalThatWasChangedOnOneSide(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	account, err := f.ledger.Account(t.Context(), pension, "1003")
	must(t, err)
	f.execute(t, `UPDATE ledger_account_day SET debit = debit + 250 WHERE realm_id = 330100 AND book_no = 1 AND account_no = ? AND day = 20250430`, int32(account.No))
	run := runRules(t, f.books.Sources())
	wantFinding(t, run, "L05", 250, "end of 2025-04", "= 2.50 CNY")
	wantHits(t, run, "L04", "L05")
}

func TestL05HitsAnAccountThatHasNoType(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	books := f.foreignCopy(t)
	books[0].Accounts[1].Type = 0
	foreign, err := audit.NewForeign(books...)
	must(t, err)
	run := runRules(t, foreign.Sources(), "L05")
	wantFinding(t, run, "L05", 609234, "2025-01: account 1003 财政专户存款 has no type; its balance of 6,092.34 CNY cannot be placed")
	if n := run.Outcomes[0].Found; n != 1 {
		t.Errorf("%d findings: the account is named once, and everything still adds up", n)
	}
}
