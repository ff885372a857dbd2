package rules_test

import (
	"slices"
	"testing"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

func TestL02HitsForeignNumbersThatAreNoSeries(t *testing.T) {
	hitForeign(t, []damage{
		{
			name: "a number given twice leaves a gap", rule: "L02", says: []string{"period 2025-03", "numbers 2 are missing (1 vouchers)", "number 3 is there"},
			do: func(b *audit.ForeignBook) { entryOf(b, "interest 2025-03").Voucher.Number = 1 },
		},
		{
			name: "and is named itself", rule: "L02", risk: 1234, says: []string{"voucher number 2025-03 general 1 is borne by entries"},
			do: func(b *audit.ForeignBook) { entryOf(b, "interest 2025-03").Voucher.Number = 1 },
		},
		{
			name: "a long gap", rule: "L02", says: []string{"numbers 13–899 are missing (887 vouchers)", "number 900 is there"},
			do: func(b *audit.ForeignBook) { entryOf(b, "interest 2025-03").Voucher.Number = 900 },
		},
		{
			name: "a series that does not begin at 1", rule: "L02", says: []string{"type special", "numbers 1–6 are missing"},
			do: func(b *audit.ForeignBook) {
				entryOf(b, "close 2026-02").Voucher = ledger.Voucher{Type: "special", Number: 7}
			},
		},
		{
			name: "a voucher without a number", rule: "L02", risk: 1234, says: []string{"(2025-03-21, 12.34 CNY) has no voucher number"},
			do: func(b *audit.ForeignBook) {
				entryOf(b, "interest 2025-03").Voucher = ledger.Voucher{}
			},
		},
	})
}

func TestL02DoesNotMindTheOrderOfNumbers(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	books := f.foreignCopy(t)
	slices.Reverse(books[0].Entries[2:]) // reversals now come before their originals, closings before postings
	foreign, err := audit.NewForeign(books...)
	must(t, err)
	run := runRules(t, foreign.Sources(), "L02")
	if o := run.Outcomes[0]; !o.Clean() {
		t.Errorf("%+v %v", o, run.Findings)
	}
}

func TestL02HitsARecordWhoseNumberWasRewritten(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	f.tamper(t, pension, f.seqOf(t, pension, "interest 2025-03"), func(a *seal.Assigned, _ *seal.Draft, _ *seal.Lines) { a.VoucherNumber = 40 })
	run := runRules(t, f.books.Sources(), "L02")
	wantFinding(t, run, "L02", 0, "numbers 2 are missing")
	wantFinding(t, run, "L02", 0, "numbers 13–39 are missing")
}

func TestL02LooksAtTheScopeOnly(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	f.tamper(t, pension, f.seqOf(t, pension, "interest 2025-03"), func(a *seal.Assigned, _ *seal.Draft, _ *seal.Lines) { a.VoucherNumber = 40 })
	for scope, found := range map[audit.Scope]bool{{From: 202504}: false, {To: 202502}: false, {From: 202503, To: 202503}: true} {
		a, err := audit.New(f.books.Sources(), allRules(t, "L02")...)
		must(t, err)
		e := engagement()
		e.Scope = scope
		run, err := a.Run(t.Context(), e)
		must(t, err)
		if got := len(run.Findings) > 0; got != found || run.Outcomes[0].Status != audit.Ran {
			t.Errorf("scope %+v: %d findings", scope, len(run.Findings))
		}
	}
}
