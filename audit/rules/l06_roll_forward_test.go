package rules_test

import (
	"context"
	"testing"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

type adjustments map[ledger.BookID][]audit.Adjustment

func (a adjustments) Adjustments(_ context.Context, book ledger.BookID) ([]audit.Adjustment, error) {
	return a[book], nil
}

// touchNetAssets posts what moves net assets beside income and expenditure: money received straight into the balance, and an appropriation that moves nothing.
func touchNetAssets(t *testing.T) *fund {
	t.Helper()
	f := newFund(t, storetest.SQLite)
	f.post(t, pension, "direct", 20260305, dr("1003", 88800), cr("3001", 88800))
	f.post(t, pension, "appropriation", 20260306, dr("3001", 5000), cr("3201", 5000))
	return f
}

func TestL06HitsWhatWasAddedToTheBalanceDirectly(t *testing.T) {
	f := touchNetAssets(t)
	run := runRules(t, f.books.Sources(), "L06")
	finding := wantFinding(t, run, "L06", 88800, "2026-03: closing balance", "explained adjustments 0.00) = 888.00 CNY")
	if len(run.Findings) != 1 || len(finding.Evidence) != 2 || finding.Evidence[1].Seq != f.seqOf(t, pension, "direct") {
		t.Errorf("%+v", run.Findings)
	}
	if o := run.Outcomes[0]; len(o.Without) != 1 || o.Status != audit.Ran {
		t.Errorf("the run does not say that no adjustments were given: %+v", o)
	}
}

func TestL06AcceptsAnExplainedAdjustment(t *testing.T) {
	f := touchNetAssets(t)
	for amount, want := range map[money.Amount]int64{88800: 0, 88801: 1, -88800: 1} {
		given := adjustments{pension: {{Month: 202603, Amount: amount, Reason: "cut-over", Reference: "2026-17"}}}
		run := runRules(t, append(f.books.Sources(), audit.AdjustmentsSource.Given(given)), "L06")
		if o := run.Outcomes[0]; o.Found != want || len(o.Without) != 0 {
			t.Errorf("adjustment of %d: %+v", amount, o)
		}
	}
}

func TestL06HitsForeignBalancesThatDoNotRollForward(t *testing.T) {
	hitForeign(t, []damage{{
		name: "the balance was lifted", rule: "L06", risk: 600, others: []string{"L04"}, says: []string{"2025-07: closing balance 42,751.38 − (opening 36,663.04 + income 10,082.34 − expenditure 4,000.00"},
		do: func(b *audit.ForeignBook) {
			moveBalance(b, 202507, "1003", 600, 0)
			moveBalance(b, 202507, "3001", 0, 600)
		},
	}})
}

// published is a fund as its published figures state it: one account of each element, the year's movements in December.
func published(t *testing.T, opening, income, expenditure, closing money.Amount) *audit.Run {
	t.Helper()
	currency, err := money.NewCurrency("CNY", 0)
	must(t, err)
	account := func(no ledger.AccountNo, of ledger.AccountType) ledger.Account {
		return ledger.Account{No: no, Code: of.String(), Type: of, Section: ledger.General, Class: ledger.Detail}
	}
	asset, balance, in, out := account(1, ledger.Asset), account(2, ledger.NetAssets), account(3, ledger.Income), account(4, ledger.Expense)
	book := audit.ForeignBook{
		Book: ledger.Book{ID: pension, Code: "published", Currency: currency, First: 201212}, Accounts: []ledger.Account{asset, balance, in, out},
		Stated: []audit.StatedMonth{{Month: calendar.Month(201212), Rows: []ledger.TrialRow{
			{Account: asset, Opening: opening, Debit: income, Credit: expenditure, Closing: closing},
			{Account: balance, Opening: -opening, ClosingDebit: expenditure, ClosingCredit: income, Closing: -closing},
			{Account: in, Credit: income, ClosingDebit: income}, {Account: out, Debit: expenditure, ClosingCredit: expenditure},
		}}},
	}
	foreign, err := audit.NewForeign(book)
	must(t, err)
	return runRules(t, foreign.Sources(), "L06")
}

// MOHRSS bulletins of 2011 and 2012, in 100m yuan: 19,497 + 20,001 − 15,562 = 23,936, and 23,941 was published.
func TestL06FindsTheKnownBreakInPublishedPensionFigures(t *testing.T) {
	run := published(t, 19497, 20001, 15562, 23941)
	wantFinding(t, run, "L06", 5, "closing balance 23,941 − (opening 19,497 + income 20,001 − expenditure 15,562 + explained adjustments 0) = 5 CNY")
}

// Audit bulletin no. 4 of 2011 of Changzhou, in 10k yuan: 133,877 + 346,158 − 336,642 = 143,393.
func TestL06FindsNothingInPublishedFiguresThatTie(t *testing.T) {
	if run := published(t, 133877, 346158, 336642, 143393); !run.Outcomes[0].Clean() {
		t.Errorf("%v", run.Findings)
	}
}
