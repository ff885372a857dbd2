package rules_test

import (
	"testing"

	"github.com/fundledger/fundledger/audit"
)

func reconciled(items ...audit.OpenItem) []audit.Source {
	return []audit.Source{audit.ReconciliationSource.Given(openItems(items))}
}

func TestL10HitsItemsThatStayedUnmatched(t *testing.T) {
	item := audit.OpenItem{Book: pension, BankAccount: "B1", Side: audit.AtBankOnly, Date: 20260206, Amount: -12000, Currency: cny, Statement: "stmt 7, line 3", Hash: []byte{0xab}}
	young := item
	young.Date, young.Statement = 20260207, "stmt 7, line 4" // 31 days on 10 March
	inBooks := audit.OpenItem{Book: pension, BankAccount: "B1", Side: audit.InBooksOnly, Date: 20251201, Amount: 500, Currency: cny, Seq: 12, Ordinal: 40, Explanation: "支票未兑付"}
	run := runRules(t, reconciled(item, young, inBooks), "L10")
	finding := wantFinding(t, run, "L10", 12000, "bank account B1, 2026-02-06, -120.00 CNY, at the bank, not in the books: unmatched for 32 days on 2026-03-10 (at most 31); no explanation")
	if ev := finding.Evidence[0]; ev.Kind != "bank statement line" || ev.Hash != "ab" || ev.Reference != "stmt 7, line 3" {
		t.Errorf("%+v", ev)
	}
	finding = wantFinding(t, run, "L10", 500, "in the books, not at the bank: unmatched for 99 days", "explanation: 支票未兑付")
	if ev := finding.Evidence[0]; ev.Seq != 12 || ev.Ordinals[0] != 40 || ev.Kind != "entry" {
		t.Errorf("%+v", ev)
	}
	if o := run.Outcomes[0]; o.Found != 2 || o.Examined[0].N != 3 {
		t.Errorf("%+v", o)
	}
}

func TestL10TakesItsDaysFromTheEngagement(t *testing.T) {
	item := audit.OpenItem{Book: pension, BankAccount: "B1", Side: audit.AtBankOnly, Date: 20260306, Amount: 1, Currency: cny, Statement: "s"}
	a, err := audit.New(reconciled(item), allRules(t, "L10")...)
	must(t, err)
	for days, want := range map[int64]int64{3: 1, 4: 0} {
		e := engagement()
		e.Settings = map[string]map[string]int64{"L10": {"days": days}}
		run, err := a.Run(t.Context(), e)
		must(t, err)
		if run.Outcomes[0].Found != want {
			t.Errorf("%d days: %+v", days, run.Findings)
		}
	}
}

func TestL10FailsOnAnItemWithoutADate(t *testing.T) {
	run := runRules(t, reconciled(audit.OpenItem{Book: pension, BankAccount: "B1", Amount: 1, Currency: cny, Statement: "s"}), "L10")
	if o := run.Outcomes[0]; o.Status != audit.Failed || o.Failure != "rules: open item s of bank account B1 has no date" {
		t.Errorf("%+v", o)
	}
}
