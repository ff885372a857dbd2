package rules_test

import (
	"testing"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

func TestL01HitsForeignVouchersThatDoNotBalance(t *testing.T) {
	hitForeign(t, []damage{
		{
			name: "a line of another amount", rule: "L01", risk: 1, says: []string{"2025-03 general 2", "12.34 − 12.33 = 0.01 CNY", "general accounts"},
			do: func(b *audit.ForeignBook) {
				entryOf(b, "interest 2025-03").Lines[1].Amount--
				moveBalance(b, 202503, "4201", 0, -1)
			},
			others: []string{"L05", "L18"}, // the closing was not changed, so that a cent stays on the account
		},
		{
			name: "memorandum accounts apart from the others", rule: "L01", risk: 7, says: []string{"memorandum accounts", "= -0.07 CNY"},
			do: func(b *audit.ForeignBook) {
				entryOf(b, "premium 2025-03").Lines[3].Amount += 7
				moveBalance(b, 202503, "9002", 0, 7)
			},
		},
		{
			name: "one section makes up for the other", rule: "L01", risk: 9, says: []string{"general accounts", "= 0.09 CNY"},
			do: func(b *audit.ForeignBook) {
				lines := entryOf(b, "premium 2025-03").Lines
				lines[0].Amount, lines[3].Amount = lines[0].Amount+9, lines[3].Amount+9
				moveBalance(b, 202503, "9002", 0, 9)
				moveBalance(b, 202503, "1002", 9, 0)
			},
			others: []string{"L05", "L08"},
		},
		{
			name: "an account that does not exist", rule: "L01", risk: 1234, says: []string{"line 2", "account 4999 is not in the book"},
			do: func(b *audit.ForeignBook) {
				line := &entryOf(b, "interest 2025-03").Lines[1]
				line.Account, line.Code = 0, "4999"
			},
			others: []string{"L04"},
		},
		{
			name: "half of a movement between funds", rule: "L01", risk: 9900, says: []string{"transfer T-2025-06-26 (99.00 CNY)", "booked in book 330100/2 only"},
			do: func(b *audit.ForeignBook) { entryOf(b, "transfer 2025-06").Transfer = "" },
		},
	})
}

func TestL01NotesHalvesThatItCannotFollow(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	run := runRules(t, audit.ReadLedger(f.ledger, pension).Sources(), "L01")
	if o := run.Outcomes[0]; o.Found != 0 || len(o.Notes) != 1 || o.Notes[0].EN != "only one book is audited: the other halves of 1 movements between funds could not be looked for" {
		t.Errorf("%+v", o)
	}
}

func TestL01HitsARecordWhoseAmountWasRewritten(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	f.tamper(t, pension, f.seqOf(t, pension, "interest 2025-03"), func(_ *seal.Assigned, _ *seal.Draft, l *seal.Lines) { l.Amounts[0] += 100 })
	finding := wantFinding(t, runRules(t, f.books.Sources()), "L01", 100, "13.34 − 12.34 = 1.00 CNY")
	if ev := finding.Evidence[0]; ev.Seq == 0 || len(ev.Ordinals) != 2 || ev.Hash == "" || ev.Source != "test interest 2025-03" {
		t.Errorf("evidence %+v", ev)
	}
}

func TestL01FailsRatherThanAddUpWhatDoesNotFit(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	books := f.foreignCopy(t)
	lines := entryOf(&books[0], "premium 2025-03").Lines
	lines[0].Amount, lines[2].Amount = 1<<62, 1<<62
	foreign, err := audit.NewForeign(books...)
	must(t, err)
	run := runRules(t, foreign.Sources(), "L01")
	if o := run.Outcomes[0]; o.Status != audit.Failed || o.Clean() || o.Failure == "" {
		t.Errorf("%+v", o)
	}
}
