package rules_test

import (
	"testing"

	"github.com/fundledger/fundledger/accounts/voucher"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

func TestL14HitsRedThatNamesNoOriginal(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	f.post(t, pension, "red", 20260302, dr("1003", -600), cr("4001", -600))
	run := runRules(t, f.books.Sources(), "L14")
	wantFinding(t, run, "L14", 600, "voucher 2026-03 general 1 has red lines of 6.00 CNY and names no original")
	wantHits(t, run, "L14")
}

func TestL14AcceptsADifferenceThatNamesWhatItCorrects(t *testing.T) {
	for link, found := range map[string]int64{"9": 0, "0": 1, "999": 1, "": 1, "nine": 1, "1": 1} { // entry 1 opened the book and is no voucher
		f := newFund(t, storetest.SQLite)
		f.postDraft(t, pension, ledger.Draft{
			Key: "difference", Effective: 20260302, Metadata: map[string]string{voucher.MetaCorrects: link}, Lines: []ledger.Line{dr("1003", -600), cr("4001", -600)},
		})
		if o := runRules(t, f.books.Sources(), "L14").Outcomes[0]; o.Found != found || o.Status != audit.Ran {
			t.Errorf("corrects %q: %+v", link, o)
		}
	}
}

// Red on one side alone moves money between two accounts of it, as a voucher of differences does: what is at risk is the red amount.
func TestL14WeighsRedOfEitherSide(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	f.post(t, pension, "to another income", 20260302, cr("4001", -600), cr("4501", 600))
	f.post(t, pension, "to another bank account", 20260303, dr("1003", -500), dr("1002", 500))
	run := runRules(t, f.books.Sources(), "L14")
	wantFinding(t, run, "L14", 600, "voucher 2026-03 general 1 has red lines of 6.00 CNY and names no original")
	wantFinding(t, run, "L14", 500, "voucher 2026-03 general 2 has red lines of 5.00 CNY and names no original")
}

func TestL14HitsForeignReversals(t *testing.T) {
	hitForeign(t, []damage{
		{
			name: "of another amount", rule: "L14", risk: 776, others: []string{"L04", "L05", "L08"},
			says: []string{"line 1: debit 1002 收入户存款 -7.76 CNY; by its original (entry ", "it should be debit 1002 收入户存款 -7.77 CNY"},
			do: func(b *audit.ForeignBook) {
				lines := entryOf(b, "right 2025-03").Lines
				lines[0].Amount, lines[1].Amount = lines[0].Amount+1, lines[1].Amount+1
				moveBalance(b, 202503, "1002", 1, 0)
			},
		},
		{
			name: "on another account", rule: "L14", risk: 777, says: []string{"line 2: credit 4001 社会保险费收入 -7.77 CNY", "it should be credit 4501 其他收入 -7.77 CNY"},
			do: func(b *audit.ForeignBook) {
				account := b.Accounts[9]
				entryOf(b, "right 2025-03").Lines[1].Account = account.No
				moveBalance(b, 202503, "4501", 0, 777)
				moveBalance(b, 202503, account.Code, 0, -777)
			},
			others: []string{"L18"},
		},
		{
			name: "of fewer lines", rule: "L14", risk: 777, others: []string{"L01", "L04"}, says: []string{"has 1 lines, its original", "has 2"},
			do: func(b *audit.ForeignBook) {
				e := entryOf(b, "right 2025-03")
				e.Lines = e.Lines[:1]
			},
		},
		{
			name: "that lost its link", rule: "L14", risk: 777, says: []string{"names no original"},
			do: func(b *audit.ForeignBook) { entryOf(b, "right 2025-03").Reverses = 0 },
		},
		{
			name: "of what comes later", rule: "L14", risk: 777, says: []string{"points to entry 9999, which is no earlier one"},
			do: func(b *audit.ForeignBook) { entryOf(b, "right 2025-03").Reverses = 9999 },
		},
		{
			name: "made twice", rule: "L14", risk: 777, says: []string{"was reversed by entry", "reverses it again"},
			do: func(b *audit.ForeignBook) {
				entryOf(b, "right 2025-04").Reverses = entryOf(b, "right 2025-03").Reverses
			},
		},
	})
}

func TestL14HitsARewrittenReversal(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	f.tamper(t, pension, f.seqOf(t, pension, "right 2025-03"), func(_ *seal.Assigned, _ *seal.Draft, l *seal.Lines) { l.Amounts[0], l.Amounts[1] = -500, -500 })
	run := runRules(t, f.books.Sources())
	wantFinding(t, run, "L14", 500, "it should be debit 1002 收入户存款 -7.77 CNY")
}
