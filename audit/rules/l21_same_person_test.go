package rules_test

import (
	"testing"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

func TestL21HitsWhoApprovesHisOwnVoucher(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	f.postDraft(t, pension, ledger.Draft{Key: "own", Effective: 20260302, EnteredBy: "Clerk", ApprovedBy: " clerk", Lines: []ledger.Line{dr("1003", 600), cr("4001", 600)}})
	f.postDraft(t, pension, ledger.Draft{Key: "unapproved", Effective: 20260302, EnteredBy: "clerk", Lines: []ledger.Line{dr("1003", 600), cr("4001", 600)}})
	f.postDraft(t, pension, ledger.Draft{Key: "act", Kind: "approval", Effective: 20260302, EnteredBy: "boss", ApprovedBy: "boss"})
	run := runRules(t, f.books.Sources(), "L21")
	wantFinding(t, run, "L21", 600, "voucher 2026-03 general 1 (6.00 CNY) was prepared and approved by Clerk")
	wantFinding(t, run, "L21", 0, "(approval) was prepared and approved by boss")
	if o := run.Outcomes[0]; o.Found != 2 || len(o.Notes) != 1 || o.Notes[0].EN != "book 330100/1 has 1 vouchers without an approver" {
		t.Errorf("%+v", o)
	}
}

func TestL21HitsForeignVouchers(t *testing.T) {
	hitForeign(t, []damage{{
		name: "one person", rule: "L21", risk: 1234, says: []string{"voucher 2025-03 general 2 (12.34 CNY)"},
		do: func(b *audit.ForeignBook) {
			e := entryOf(b, "interest 2025-03")
			e.EnteredBy = e.ApprovedBy
		},
	}})
}

func TestL21HitsARecordWhosePersonsWereRewritten(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	f.tamper(t, pension, f.seqOf(t, pension, "interest 2025-03"), func(_ *seal.Assigned, d *seal.Draft, _ *seal.Lines) { d.EnteredBy = d.ApprovedBy })
	wantHits(t, runRules(t, f.books.Sources()), "L21")
}
