package rules_test

import (
	"testing"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

func TestL04HitsStatedBalancesThatDoNotFollow(t *testing.T) {
	hitForeign(t, []damage{
		{
			name: "a closing that its turnovers do not reach", rule: "L04", risk: 5, says: []string{"2026-02 1003 财政专户存款: opening", "the stated closing is 85,391.81 (debit positive)"},
			do: func(b *audit.ForeignBook) { rowOf(b, 202602, "1003").Closing += 5 }, others: []string{"L05"},
		},
		{
			name: "an opening that is not the last closing", rule: "L04", risk: 300, says: []string{"2025-07 1003 财政专户存款: opening", "closing of the month before", "difference 3.00"},
			do: func(b *audit.ForeignBook) {
				moveBalance(b, 202507, "1003", 300, 0)
				row := rowOf(b, 202507, "1003")
				row.Debit, row.Opening = row.Debit-300, row.Opening+300
			},
			others: []string{"L05"},
		},
		{
			name: "turnovers that no voucher supports", rule: "L04", risk: 1400, says: []string{"2025-07 1003 财政专户存款: stated debits", "vouchers add up to debits"},
			do: func(b *audit.ForeignBook) {
				moveBalance(b, 202507, "1003", 700, 0)
				moveBalance(b, 202507, "1003", 0, 700)
			},
		},
		{
			name: "a control that is not its members", rule: "L04", risk: 2, says: []string{"2025-03 9002 个人账户权益: stated debits 0.00 and credits 2,512.48, vouchers add up to debits 0.00 and credits 2,512.50"},
			do: func(b *audit.ForeignBook) { moveBalance(b, 202503, "9002", 0, -2) },
		},
		{
			name: "an account that the table leaves out", rule: "L04", risk: 2468, says: []string{"2026-02 4201 利息收入: vouchers debit 12.34 and credit 12.34, the trial balance does not list it"},
			do: func(b *audit.ForeignBook) {
				stated := &b.Stated[len(b.Stated)-1]
				for i := range stated.Rows {
					if stated.Rows[i].Account.Code == "4201" {
						stated.Rows = append(append([]ledger.TrialRow(nil), stated.Rows[:i]...), stated.Rows[i+1:]...)
						return
					}
				}
			},
			others: []string{"L06"}, // its income is missing from the result
		},
	})
}

func TestL04TakesAHeadingForWhatIsBelowIt(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	books := f.foreignCopy(t)
	for i := range books[0].Stated {
		var headings []ledger.TrialRow
		for _, row := range books[0].Stated[i].Rows {
			if row.Account.Parent == 0 {
				headings = append(headings, row)
			}
		}
		books[0].Stated[i].Rows = headings
	}
	foreign, err := audit.NewForeign(books...)
	must(t, err)
	if run := runRules(t, foreign.Sources(), "L04", "L05", "L06", "L18"); len(run.Findings) > 0 || run.Outcomes[0].Status != audit.Ran {
		t.Errorf("%v", run.Findings)
	}
}

func TestL04HitsADailyTotalThatWasChanged(t *testing.T) {
	for _, kind := range storetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			f := newFund(t, kind)
			account, err := f.ledger.Account(t.Context(), pension, "5001-01")
			must(t, err)
			f.execute(t, `UPDATE ledger_account_day SET debit = debit - 100000 WHERE realm_id = 330100 AND book_no = 1 AND account_no = ? AND day = 20250615`, int32(account.No))
			run := runRules(t, f.books.Sources(), "L04")
			wantFinding(t, run, "L04", 100000, "2025-06 5001-01 基础养老金: stated debits 3,000.00", "vouchers add up to debits 4,000.00")
			wantFinding(t, run, "L04", 100000, "2025-06 5001 社会保险待遇支出: stated debits 3,000.00")
		})
	}
}

func TestL04SaysWhichMonthsWereNotStated(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	books := f.foreignCopy(t)
	books[0].Stated = append(books[0].Stated[:4:4], books[0].Stated[5:]...)
	foreign, err := audit.NewForeign(books...)
	must(t, err)
	o := runRules(t, foreign.Sources(), "L04").Outcomes[0]
	if o.Found != 0 || len(o.Notes) != 1 || o.Notes[0].EN != "book 330100/1: no trial balance of 2025-05 was stated" {
		t.Errorf("%+v", o)
	}
}
