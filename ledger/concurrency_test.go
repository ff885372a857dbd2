package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/ledgertest"
	"github.com/fundledger/fundledger/ledger/money"
)

func TestManyWritersOfOneBookLeaveNoGap(t *testing.T) {
	const writers, each1 = 16, 20
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		f.Post(t, ledgertest.Transfer("first", 20260105, "1002", "4001", 1_000_000))
		before, err := f.Ledger.Book(t.Context(), f.Book)
		must(t, err)
		together(writers, func(writer int) {
			for i := range each1 {
				key := fmt.Sprintf("writer %d entry %d", writer, i)
				day := calendar.MustDate(2026, 1+i%3, 5)
				if _, err := f.Ledger.Post(t.Context(), f.Book, ledgertest.Transfer(key, day, "5001", "1002", money.Amount(writer+1))); err != nil {
					t.Error(err)
				}
			}
		})
		book, err := f.Ledger.Book(t.Context(), f.Book)
		must(t, err)
		if want := before.Seq + writers*each1; book.Seq != want {
			t.Errorf("%d entries, want %d", book.Seq, want)
		}
		if want := money.Amount(1_000_000 - each1*writers*(writers+1)/2); f.Balance(t, "1002") != want {
			t.Errorf("balance %d, want %d", f.Balance(t, "1002"), want)
		}
		dense(t, f, f.Book)
		f.Verify(t, f.Book)
	})
}

// dense checks by itself what numbers a book has given, and that every entry adds up to zero.
func dense(t *testing.T, f *ledgertest.Fixture, id ledger.BookID) {
	t.Helper()
	vouchers := map[string]int64{}
	var seq ledger.Seq
	var ordinal int64
	sections := map[ledger.AccountNo]ledger.Section{}
	for account, err := range f.Ledger.Accounts(t.Context(), id) {
		must(t, err)
		sections[account.No] = account.Section
	}
	for entry, err := range f.Ledger.Entries(t.Context(), id, 1, 0) {
		must(t, err)
		seq++
		series := fmt.Sprint(entry.Period, entry.Voucher.Type)
		if entry.Voucher.Number > 0 {
			vouchers[series]++
		}
		if entry.Seq != seq || entry.FirstOrdinal != ordinal || entry.Voucher.Number != 0 && entry.Voucher.Number != vouchers[series] {
			t.Fatalf("entry %d, first ordinal %d, voucher %d; want %d, %d, %d", entry.Seq, entry.FirstOrdinal, entry.Voucher.Number, seq, ordinal, vouchers[series])
		}
		ordinal += int64(len(entry.Lines))
		sums := map[ledger.Section]money.Amount{}
		for _, line := range entry.Lines {
			sums[sections[line.Account]] += line.Amount * money.Amount(line.Side)
		}
		if sums[ledger.General] != 0 || sums[ledger.Memorandum] != 0 {
			t.Fatalf("entry %d adds up to %v", seq, sums)
		}
	}
}

func TestWritersOfSeveralBooksDoNotMix(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		books := []ledger.BookID{f.Book, {Realm: 1, Number: 2}, {Realm: 2, Number: 1}}
		for _, id := range books[1:] {
			f.OpenBook(t, id)
		}
		together(12, func(writer int) {
			id := books[writer%len(books)]
			for i := range 20 {
				key := fmt.Sprintf("writer %d entry %d", writer, i)
				if _, err := f.Ledger.Post(t.Context(), id, ledgertest.Transfer(key, 20260105, "1002", "4001", money.Amount(id.Realm)*1000)); err != nil {
					t.Error(err)
				}
			}
		})
		for _, id := range books {
			book, err := f.Ledger.Book(t.Context(), id)
			must(t, err)
			balance, err := f.Ledger.Balance(t.Context(), id, 2, ledger.At{})
			must(t, err)
			if book.Seq != 82 || balance.Debit != money.Amount(id.Realm)*80_000 {
				t.Errorf("book %v: %d entries, balance %+v", id, book.Seq, balance)
			}
			dense(t, f, id)
			f.Verify(t, id, id.Register())
		}
	})
}

func TestReadersBesideWritersSeeWholeEntriesOnly(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		var done atomic.Bool
		together(4, func(i int) {
			if i == 0 {
				defer done.Store(true)
				for n := range 60 {
					if _, err := f.Ledger.Post(t.Context(), f.Book, ledgertest.Transfer(fmt.Sprint("entry ", n), 20260105, "1002", "4001", 100)); err != nil {
						t.Error(err)
					}
				}
				return
			}
			for last := ledger.Seq(0); !done.Load(); {
				trial, err := f.Ledger.TrialBalance(t.Context(), f.Book, ledger.Range{From: ledgertest.Opened, To: 20261231})
				if err != nil {
					t.Error(err)
					return
				}
				entries := money.Amount(trial.Book.Seq - 2)
				if trial.Rows[1].Debit != 100*entries || trial.Rows[5].Credit != 100*entries || trial.Book.Seq < last {
					t.Errorf("at entry %d, after %d: debit %d, credit %d", trial.Book.Seq, last, trial.Rows[1].Debit, trial.Rows[5].Credit)
					return
				}
				last = trial.Book.Seq
			}
		})
	})
}

// Every transaction locks its books in the order of their numbers, as package ledger asks for; opening a book locks the register first.
func TestTransactionsOverSeveralBooksDoNotLockEachOtherOut(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		second := ledger.BookID{Realm: 1, Number: 2}
		f.OpenBook(t, second)
		together(8, func(writer int) {
			for i := range 8 {
				if err := movement(t, f, second, writer, i); err != nil {
					t.Errorf("writer %d, movement %d: %v", writer, i, err)
				}
			}
		})
		if f.Balance(t, "1003") != -64_00 {
			t.Error(f.Balance(t, "1003"))
		}
		f.Verify(t, f.Book, second, f.Book.Register())
	})
}

// movement moves money from one book to another in the host's transaction and notes it in the register book; every fourth opens a book instead.
func movement(t *testing.T, f *ledgertest.Fixture, second ledger.BookID, writer, i int) error {
	key := fmt.Sprintf("writer %d movement %d", writer, i)
	write, _ := f.DB.Pools()
	tx, err := write.BeginTx(context.WithoutCancel(t.Context()), f.DB.Dialect().UpdateOptions())
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // it was committed, or an error is reported already
	if i%4 == 3 {
		if err := f.Ledger.OpenBookTx(t.Context(), tx, ledgertest.BookSpec(ledger.BookID{Realm: 1, Number: int16(3 + i)})); err != nil {
			return err
		}
	} else {
		act := ledger.Draft{Key: key, Kind: "movement", Effective: 20260105, EnteredBy: "clerk"}
		if _, err := f.Ledger.PostTx(t.Context(), tx, f.Book.Register(), act); err != nil {
			return err
		}
	}
	if _, err := f.Ledger.PostTx(t.Context(), tx, f.Book, ledgertest.Transfer(key, 20260105, "2001", "1003", 100)); err != nil {
		return err
	}
	if _, err := f.Ledger.PostTx(t.Context(), tx, second, ledgertest.Transfer(key, 20260105, "1003", "2001", 100)); err != nil {
		return err
	}
	return tx.Commit()
}

func TestARealmAndABookOpenedByManyAtOnceAreOpenedOnce(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		for realm := int32(2); realm < 6; realm++ { // several rounds: the moment that matters is short
			id := ledger.BookID{Realm: realm, Number: 1}
			together(16, func(int) {
				if err := f.Ledger.OpenRealm(t.Context(), ledgertest.RealmSpec(realm)); err != nil {
					t.Error(err)
				}
				if err := f.Ledger.OpenBook(t.Context(), ledgertest.BookSpec(id)); err != nil {
					t.Error(err)
				}
				if _, err := f.Ledger.OpenAccounts(t.Context(), id, ledgertest.Act("chart", ledgertest.Opened), ledgertest.Chart()); err != nil {
					t.Error(err)
				}
			})
			book, err := f.Ledger.Book(t.Context(), id)
			must(t, err)
			register, err := f.Ledger.Book(t.Context(), id.Register())
			must(t, err)
			if book.Seq != 2 || book.Accounts != int64(len(ledgertest.Chart())) || register.Seq != 2 {
				t.Errorf("realm %d: book %+v, register %+v", realm, book, register)
			}
			f.Verify(t, id, id.Register())
		}
	})
}

func TestNothingIsPostedIntoAPeriodAfterItsCloseReturned(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		var closed atomic.Int64
		together(8, func(writer int) {
			for i := range 12 {
				if writer == 0 && i == 6 {
					receipt, err := f.Ledger.ClosePeriod(t.Context(), f.Book, ledgertest.Act("close", 20260131), 202601)
					if err != nil {
						t.Error(err)
					}
					closed.Store(int64(receipt.Seq))
				}
				before := closed.Load()
				receipt, err := f.Ledger.Post(t.Context(), f.Book, ledgertest.Transfer(fmt.Sprintf("%d/%d", writer, i), 20260105, "1002", "4001", 100))
				switch {
				case err != nil && !errors.Is(err, ledger.ErrPeriodClosed):
					t.Error(err)
				case err == nil && before != 0:
					t.Errorf("entry %d was posted after entry %d had closed the period", receipt.Seq, before)
				}
			}
		})
		for entry, err := range f.Ledger.Entries(t.Context(), f.Book, ledger.Seq(closed.Load()), 0) {
			must(t, err)
			if entry.Period == 202601 {
				t.Errorf("entry %d lies in the period that entry %d closed", entry.Seq, closed.Load())
			}
		}
		f.Verify(t, f.Book)
	})
}
