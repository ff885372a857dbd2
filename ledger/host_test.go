package ledger_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/ledgertest"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"
)

// hostTx is a transaction of a host, of either kind.
type hostTx interface {
	store.Handle
	Commit() error
	Rollback() error
}

var (
	_ hostTx = (*sql.Tx)(nil)
	_ hostTx = (*sqlx.Tx)(nil)
)

// begin begins a transaction of the host, as one of database/sql or of sqlx.
func begin(t *testing.T, f *ledgertest.Fixture, kind string) hostTx {
	t.Helper()
	write, _ := f.DB.Pools()
	ctx := context.WithoutCancel(t.Context())
	if kind == "sqlx" {
		tx, err := write.BeginTxx(ctx, f.DB.Dialect().UpdateOptions())
		must(t, err)
		return tx
	}
	tx, err := write.BeginTx(ctx, f.DB.Dialect().UpdateOptions())
	must(t, err)
	return tx
}

// host makes a table of the host's own.
func host(t *testing.T, f *ledgertest.Fixture) {
	t.Helper()
	write, _ := f.DB.Pools()
	_, err := write.ExecContext(t.Context(), "CREATE TABLE host_case (id integer PRIMARY KEY, state text NOT NULL)")
	must(t, err)
}

func insertCase(t *testing.T, tx hostTx, id int) {
	t.Helper()
	_, err := tx.ExecContext(t.Context(), fmt.Sprintf("INSERT INTO host_case (id, state) VALUES (%d, 'paid')", id))
	must(t, err)
}

func cases(t *testing.T, f *ledgertest.Fixture) (n int) {
	t.Helper()
	_, read := f.DB.Pools()
	must(t, read.QueryRowContext(t.Context(), "SELECT count(*) FROM host_case").Scan(&n))
	return n
}

func TestAnEntryAndTheHostsRowsCommitOrVanishTogether(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		host(t, f)
		for i, kind := range []string{"sql", "sqlx"} {
			draft := ledgertest.Transfer("in the host's transaction, "+kind, 20260105, "1002", "4001", 100)
			before := allRows(t, f.DB, f.Book.Realm)
			tx := begin(t, f, kind)
			insertCase(t, tx, i)
			lost, err := f.Ledger.PostTx(t.Context(), tx, f.Book, draft)
			must(t, err)
			must(t, tx.Rollback())
			if diff := cmp.Diff(before, allRows(t, f.DB, f.Book.Realm)); diff != "" || cases(t, f) != i {
				t.Fatalf("%s: a rollback left %d cases and\n%s", kind, cases(t, f), diff)
			}
			tx = begin(t, f, kind)
			insertCase(t, tx, i)
			kept, err := f.Ledger.PostTx(t.Context(), tx, f.Book, draft)
			must(t, err)
			must(t, tx.Commit())
			if kept.Seq != lost.Seq || kept.Voucher != lost.Voucher || kept.Leaf != lost.Leaf || kept.Replayed {
				t.Errorf("%s: receipt %+v after the rollback of %+v", kind, kept, lost)
			}
			entry, err := f.Ledger.Entry(t.Context(), f.Book, kept.Seq)
			if err != nil || entry.Key != draft.Key || cases(t, f) != i+1 {
				t.Errorf("%s: %+v, %d cases, %v", kind, entry, cases(t, f), err)
			}
		}
		f.Verify(t, f.Book, f.Book.Register())
	})
}

// refusedInTransactions are operations that must be refused, and must not have written anything by then.
func refusedInTransactions(f *ledgertest.Fixture) map[string]func(context.Context, store.Handle) error {
	l, act, unknown := f.Ledger, ledgertest.Act("refused", 20260105), ledger.BookID{Realm: 1, Number: 9}
	post := func(draft ledger.Draft) func(context.Context, store.Handle) error {
		return func(ctx context.Context, tx store.Handle) error {
			_, err := l.PostTx(ctx, tx, f.Book, draft)
			return err
		}
	}
	open := func(change func(*ledger.BookSpec)) func(context.Context, store.Handle) error {
		spec := ledgertest.BookSpec(unknown)
		change(&spec)
		return func(ctx context.Context, tx store.Handle) error { return l.OpenBookTx(ctx, tx, spec) }
	}
	return map[string]func(context.Context, store.Handle) error{
		"unbalanced":      post(ledgertest.Draft("refused", 20260105, ledger.DebitLine("1003", 1))),
		"unknown account": post(ledgertest.Transfer("refused", 20260105, "1003", "nowhere", 1)),
		"closed period":   post(ledgertest.Transfer("refused", 20251231, "1003", "4001", 1)),
		"below zero":      post(ledgertest.Transfer("refused", 20260105, "4001", "1002", 1_000_000)),
		"bad field":       post(ledger.Draft{Key: "refused", Kind: "x"}),
		"used key":        post(ledgertest.Transfer("chart", 20260105, "1003", "4001", 1)),
		"bad in a batch": func(ctx context.Context, tx store.Handle) error {
			_, err := l.PostAllTx(ctx, tx, f.Book, []ledger.Draft{
				ledgertest.Transfer("good", 20260105, "1003", "4001", 1), ledgertest.Transfer("bad", 20260105, "1003", "nowhere", 1),
			})
			return err
		},
		"unknown book": func(ctx context.Context, tx store.Handle) error {
			_, err := l.PostTx(ctx, tx, unknown, ledgertest.Transfer("refused", 20260105, "1003", "4001", 1))
			return err
		},
		"reversal of an act": func(ctx context.Context, tx store.Handle) error {
			_, err := l.ReverseTx(ctx, tx, f.Book, 1, ledgertest.Reversal("refused", 20260105))
			return err
		},
		"period out of order": func(ctx context.Context, tx store.Handle) error {
			_, err := l.ClosePeriodTx(ctx, tx, f.Book, act, 202612)
			return err
		},
		"accounts that are there": func(ctx context.Context, tx store.Handle) error {
			_, err := l.OpenAccountsTx(ctx, tx, f.Book, act, ledgertest.Chart())
			return err
		},
		"account in use": func(ctx context.Context, tx store.Handle) error { return l.CloseAccountTx(ctx, tx, f.Book, act, 1) },
		"unknown account's name": func(ctx context.Context, tx store.Handle) error {
			return l.NameAccountTx(ctx, tx, f.Book, act, 99, "x")
		},
		"book without currency": open(func(s *ledger.BookSpec) { s.Currency = ledger.BookSpec{}.Currency }),
		"book by nobody":        open(func(s *ledger.BookSpec) { s.EnteredBy = "" }),
		"book of no date":       open(func(s *ledger.BookSpec) { s.Opened = 20260230 }),
		"book in no realm":      open(func(s *ledger.BookSpec) { s.ID.Realm = 9 }),
		"another book":          open(func(s *ledger.BookSpec) { s.ID, s.Name = f.Book, "another" }),
		"register book":         open(func(s *ledger.BookSpec) { s.ID.Number = 0 }),
		"realm by nobody": func(ctx context.Context, tx store.Handle) error {
			return l.OpenRealmTx(ctx, tx, ledger.RealmSpec{ID: 9, Code: "x", Name: "x", Opened: 20260101})
		},
		"realm of NUL": func(ctx context.Context, tx store.Handle) error {
			return l.OpenRealmTx(ctx, tx, ledger.RealmSpec{ID: 9, Code: "\x00", Name: "x", Opened: 20260101, EnteredBy: "x"})
		},
	}
}

func TestARefusalLeavesTheHostsTransactionAsItWas(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		host(t, f)
		before := rowsOfAllRealms(t, f)
		id := 0
		for name, do := range refusedInTransactions(f) {
			tx := begin(t, f, "sql")
			err := do(t.Context(), tx)
			if _, ok := errors.AsType[*ledger.Error](err); !ok {
				t.Errorf("%s: %v", name, err)
			}
			id++
			insertCase(t, tx, id)
			must(t, tx.Commit())
			if diff := cmp.Diff(before, rowsOfAllRealms(t, f)); diff != "" || cases(t, f) != id {
				t.Fatalf("%s: %d cases, and the host committed half of it:\n%s", name, cases(t, f), diff)
			}
		}
	})
}

func rowsOfAllRealms(t *testing.T, f *ledgertest.Fixture) []map[string][]string {
	t.Helper()
	return []map[string][]string{allRows(t, f.DB, 1), allRows(t, f.DB, 9)}
}

func TestATransactionReadsWhatItWrote(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		ctx, l := t.Context(), f.Ledger
		tx := begin(t, f, "sqlx")
		other := ledger.BookID{Realm: 1, Number: 2}
		must(t, l.OpenBookTx(ctx, tx, ledgertest.BookSpec(other)))
		numbers, err := l.OpenAccountsTx(ctx, tx, other, ledgertest.Act("chart", ledgertest.Opened), ledgertest.Chart())
		must(t, err)
		receipts, err := l.PostAllTx(ctx, tx, other, []ledger.Draft{
			ledgertest.Transfer("a", 20260105, "1002", "4001", 300), ledgertest.Transfer("b", 20260106, "4001", "1002", 100),
		})
		must(t, err)
		_, err = l.ReverseTx(ctx, tx, other, receipts[1].Seq, ledgertest.Reversal("c", 20260107))
		must(t, err)
		must(t, l.NameAccountTx(ctx, tx, other, ledgertest.Act("name", 20260107), numbers[1], "Renamed"))
		_, err = l.ClosePeriodTx(ctx, tx, other, ledgertest.Act("close", 20260131), 202601)
		must(t, err)

		book, err := l.BookTx(ctx, tx, other)
		must(t, err)
		account, err := l.AccountTx(ctx, tx, other, "1002")
		must(t, err)
		balance, err := l.BalanceTx(ctx, tx, other, account.No, ledger.At{})
		must(t, err)
		trial, err := l.TrialBalanceTx(ctx, tx, other, ledger.Range{From: 20260101, To: 20260131})
		must(t, err)
		entry, err := l.EntryTx(ctx, tx, other, receipts[0].Seq)
		must(t, err)
		byKey, err := l.EntryByKeyTx(ctx, tx, other, "a")
		must(t, err)
		report, err := l.VerifyTx(ctx, tx, other, ledger.VerifyOptions{Deep: true})
		must(t, err)
		if book.Seq != 7 || book.ClosedThrough != 202601 || account.Name != "Renamed" || balance.Net() != 300 || trial.Rows[1].Closing != 300 ||
			trial.Rows[1].Credit != 0 || !cmp.Equal(entry, byKey) || !report.Sound() {
			t.Errorf("%+v\n%+v\n%+v\n%+v\n%+v\n%+v", book, account, balance, trial.Rows[1], entry, report)
		}
		must(t, tx.Rollback())
		if _, err := l.Book(ctx, other); !errors.Is(err, ledger.ErrBookUnknown) {
			t.Errorf("after the rollback: %v", err)
		}
		f.Verify(t, f.Book, f.Book.Register())
	})
}
