package ledger_test

import (
	"errors"
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/ledgertest"
)

func TestAccountsThatAnotherProcessChangedAreSeenAtOnce(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		f.Post(t, ledgertest.Transfer("first", 20260105, "1003", "4001", 100)) // f.Ledger knows the accounts now
		other := ledgertest.Ledger(t, f.DB, f.Clock)
		_, err := other.Post(t.Context(), f.Book, ledgertest.Transfer("back", 20260105, "4001", "1003", 100))
		must(t, err)
		must(t, other.CloseAccount(t.Context(), f.Book, ledgertest.Act("close", 20260106), f.Account(t, "1003").No))
		if _, err := f.Ledger.Post(t.Context(), f.Book, ledgertest.Transfer("late", 20260107, "1003", "4001", 1)); !errors.Is(err, ledger.ErrAccountClosed) {
			t.Errorf("posting to an account that another process closed: %v", err)
		}
		_, err = other.OpenAccounts(t.Context(), f.Book, ledgertest.Act("open", 20260106), []ledger.AccountSpec{{Code: "1004", Type: ledger.Asset}})
		must(t, err)
		f.Post(t, ledgertest.Transfer("new account", 20260107, "1004", "4001", 1))
		f.Verify(t, f.Book)
	})
}

// What a transaction that was rolled back had read must not come back, even where the clock stands still and numbers and keys are used again.
func TestAccountsThatWereRolledBackAreForgotten(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		open := func(code string) []ledger.AccountSpec {
			return []ledger.AccountSpec{{Code: code, Type: ledger.Asset, NeverBelowZero: true}}
		}
		tx := begin(t, f, "sql")
		numbers, err := f.Ledger.OpenAccountsTx(t.Context(), tx, f.Book, ledgertest.Act("open", 20260105), open("1004"))
		must(t, err)
		_, err = f.Ledger.PostTx(t.Context(), tx, f.Book, ledgertest.Transfer("in it", 20260105, "1004", "4001", 1))
		must(t, err)
		must(t, tx.Rollback())
		again, err := f.Ledger.OpenAccounts(t.Context(), f.Book, ledgertest.Act("open", 20260105), open("1005"))
		must(t, err)
		if again[0] != numbers[0] {
			t.Fatalf("account number %d, then %d", numbers[0], again[0])
		}
		if _, err := f.Ledger.Post(t.Context(), f.Book, ledgertest.Transfer("gone", 20260105, "1004", "4001", 1)); !errors.Is(err, ledger.ErrAccountUnknown) {
			t.Errorf("posting to an account that was rolled back: %v", err)
		}
		f.Post(t, ledgertest.Transfer("there", 20260105, "1005", "4001", 1))
		f.Verify(t, f.Book)
	})
}
