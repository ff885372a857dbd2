package rules_test

import (
	"slices"
	"testing"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

func TestL03HitsForeignVouchersInTheWrongPeriod(t *testing.T) {
	late := func(b *audit.ForeignBook) *audit.ForeignEntry {
		e := *entryOf(b, "interest 2025-03")
		at := slices.IndexFunc(b.Entries, func(e audit.ForeignEntry) bool { return e.Key == "interest 2025-03" })
		b.Entries = append(slices.Delete(slices.Clone(b.Entries), at, at+1), e)
		for i := range b.Entries { // the places have moved
			if b.Entries[i].Reverses > ledger.Seq(at) {
				b.Entries[i].Reverses--
			}
		}
		return &b.Entries[len(b.Entries)-1]
	}
	hitForeign(t, []damage{
		{
			name: "posted after the closing", rule: "L03", risk: 1234, says: []string{"voucher 2025-03 general 2", "was posted into period 2025-03 after that was closed (entry ", "12.34 CNY"},
			do: func(b *audit.ForeignBook) { late(b) },
		},
		{
			name: "dated in another month than its period", rule: "L03", risk: 1234, says: []string{"its date 2025-04-21 lies outside its period 2025-03"},
			do: func(b *audit.ForeignBook) { entryOf(b, "interest 2025-03").Effective = 20250421 }, others: []string{"L04"},
		},
		{
			name: "a day that does not exist", rule: "L03", risk: 1234, says: []string{"date 20250230 does not exist"},
			do: func(b *audit.ForeignBook) { entryOf(b, "interest 2025-02").Effective = 20250230 },
		},
		{
			name: "before the book began", rule: "L03", risk: 1234, says: []string{"period 2024-12 lies before the book's first one, 2025-01"},
			do: func(b *audit.ForeignBook) {
				e := entryOf(b, "interest 2025-01")
				e.Effective, e.Period = 20241221, 202412
			},
			others: []string{"L02", "L04"},
		},
	})
}

func TestL03FollowsReopenings(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	act := ledger.Act{Key: "reopen", Effective: 20260301, Description: "late invoice", EnteredBy: "clerk", ApprovedBy: "chief"}
	_, err := f.ledger.ReopenPeriod(t.Context(), pension, act, 202602)
	must(t, err)
	f.post(t, pension, "late", 20260228, dr("1003", 10), cr("4501", 10))
	act.Key = "close again"
	_, err = f.ledger.ClosePeriod(t.Context(), pension, act, 202602)
	must(t, err)
	if run := runRules(t, f.books.Sources(), "L03"); !run.Outcomes[0].Clean() {
		t.Errorf("%v", run.Findings)
	}
}

func TestL03HitsARecordWhosePeriodWasRewritten(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	f.tamper(t, pension, f.seqOf(t, pension, "interest 2025-03"), func(_ *seal.Assigned, d *seal.Draft, _ *seal.Lines) { d.Effective, d.Period = 20250221, 202502 })
	wantFinding(t, runRules(t, f.books.Sources()), "L03", 1234, "was posted into period 2025-02 after that was closed")
}
