package ledger_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/ledgertest"
)

func TestVouchersAreNumberedByPeriodAndTypeWithoutGapsWhateverIsRolledBack(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		numbers := map[string]int64{}
		for i := range 40 {
			draft := ledgertest.Transfer(fmt.Sprint("entry ", i), calendar.MustDate(2026, 1+i%3, 10), "1002", "4001", 100)
			draft.Voucher = []string{"", "receipt", "payment"}[i%5%3]
			if i%7 == 3 { // refused
				draft.Lines[0].Amount++
				if _, err := f.Ledger.Post(t.Context(), f.Book, draft); err == nil {
					t.Fatal("an unbalanced draft was posted")
				}
				continue
			}
			tx := begin(t, f, "sql")
			receipt, err := f.Ledger.PostTx(t.Context(), tx, f.Book, draft)
			must(t, err)
			if i%4 == 1 { // the host changes its mind
				must(t, tx.Rollback())
				continue
			}
			must(t, tx.Commit())
			series := fmt.Sprint(receipt.Period, receipt.Voucher.Type)
			numbers[series]++
			if receipt.Voucher.Number != numbers[series] {
				t.Errorf("voucher %+v of %v, want number %d", receipt.Voucher, receipt.Period, numbers[series])
			}
		}
		if len(numbers) != 9 {
			t.Errorf("series %v", numbers)
		}
		dense(t, f, f.Book)
		f.Verify(t, f.Book)
	})
}

func TestMemorandumEntriesTakeNoVoucherAndMixedOnesTakeOne(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		memorandum := f.Post(t, ledgertest.Transfer("rights", 20260105, "R0", "R/1", 100))
		mixed := ledgertest.Transfer("both", 20260105, "R0", "R/2", 100)
		mixed.Lines = append(mixed.Lines, ledgertest.Transfer("", 0, "1002", "4001", 50).Lines...)
		both := f.Post(t, mixed)
		closing := ledgertest.Transfer("closing", 20261231, "4001", "3001", 50)
		closing.Kind, closing.Period = ledger.KindClosing, 202613
		last := f.Post(t, closing)
		if memorandum.Voucher != (ledger.Voucher{}) || both.Voucher != (ledger.Voucher{Type: "general", Number: 1}) || last.Voucher.Number != 1 || last.Period != 202613 {
			t.Errorf("%+v, %+v, %+v", memorandum.Voucher, both.Voucher, last)
		}
	})
}

func TestTheRecordedTimeStandsStillWhileTheClockGoesBack(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		var want time.Time
		for i, move := range []time.Duration{0, time.Hour, -24 * time.Hour, time.Hour, -100 * 365 * 24 * time.Hour, 500 * time.Nanosecond, 200 * 365 * 24 * time.Hour} {
			f.Clock.Move(move)
			receipt := f.Post(t, ledgertest.Transfer(fmt.Sprint("entry ", i), 20260105, "1002", "4001", 100))
			if now := f.Clock.Now().UTC().Truncate(time.Microsecond); now.After(want) {
				want = now
			}
			entry, err := f.Ledger.Entry(t.Context(), f.Book, receipt.Seq)
			must(t, err)
			if !receipt.Recorded.Equal(want) || !entry.Recorded.Equal(want) || entry.Recorded.Location() != time.UTC {
				t.Errorf("after %v: recorded %v and %v, want %v", move, receipt.Recorded, entry.Recorded, want)
			}
		}
		f.Verify(t, f.Book)
	})
}

func TestEachBookHasAClockOfItsOwn(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		second := ledger.BookID{Realm: 1, Number: 2}
		f.Clock.Move(time.Hour)
		f.Post(t, ledgertest.Transfer("later", 20260105, "1002", "4001", 100))
		f.Clock.Move(-30 * time.Minute)
		f.OpenBook(t, second)
		receipt, err := f.Ledger.Post(t.Context(), second, ledgertest.Transfer("earlier", 20260105, "1002", "4001", 100))
		must(t, err)
		if !receipt.Recorded.Equal(f.Clock.Now()) {
			t.Errorf("recorded %v, want %v", receipt.Recorded, f.Clock.Now())
		}
	})
}

func TestAccountsAreNumberedInTheOrderOfOpeningAndCodesAreNoNumbers(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		last := ledger.AccountNo(len(ledgertest.Chart()))
		for i, codes := range [][]string{{"3"}, {"2", "1"}, {"01", "1.0", "１"}} { // codes that look like the numbers of others
			var specs []ledger.AccountSpec
			for _, code := range codes {
				specs = append(specs, ledger.AccountSpec{Code: code, Type: ledger.Asset})
			}
			numbers, err := f.Ledger.OpenAccounts(t.Context(), f.Book, ledgertest.Act(fmt.Sprint("more ", i), 20260105), specs)
			must(t, err)
			for j, no := range numbers {
				last++
				if account := f.Account(t, codes[j]); no != last || account.No != last {
					t.Errorf("account %q has number %d and %d, want %d", codes[j], no, account.No, last)
				}
			}
		}
		f.Post(t, ledgertest.Transfer("by code", 20260105, "3", "2", 100))
		byNumber := ledgertest.Draft("by number", 20260105, ledger.Line{Account: 3, Side: ledger.Debit, Amount: 7}, ledger.Line{Account: 2, Code: "3", Side: ledger.Debit, Amount: 5},
			ledger.CreditLine("4001", 12)) // where both are given, the number counts
		f.Post(t, byNumber)
		for code, want := range map[string]int64{"3": 100, "2": -100, "1002": 5, "1003": 7, "1": 0} {
			if got := f.Balance(t, code); int64(got) != want {
				t.Errorf("account %q stands at %d, want %d", code, got, want)
			}
		}
		f.Verify(t, f.Book)
	})
}
