package store_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/fundledger/fundledger/ledger/store"
)

// hostBegins are the ways in which a host may hold a transaction.
var hostBegins = map[string]func(context.Context, *store.DB) (handle store.Handle, commit, rollback func() error, err error){
	"sql.Tx": func(ctx context.Context, db *store.DB) (store.Handle, func() error, func() error, error) {
		write, _ := db.Pools()
		tx, err := write.DB.BeginTx(ctx, nil)
		return tx, tx.Commit, tx.Rollback, err
	},
	"sqlx.Tx": func(ctx context.Context, db *store.DB) (store.Handle, func() error, func() error, error) {
		write, _ := db.Pools()
		tx, err := write.BeginTxx(ctx, nil)
		return tx, tx.Commit, tx.Rollback, err
	},
	"sql.Conn": func(ctx context.Context, db *store.DB) (store.Handle, func() error, func() error, error) {
		write, _ := db.Pools()
		conn, err := write.DB.Conn(ctx)
		if err != nil {
			return nil, nil, nil, err
		}
		end := func(word string) func() error {
			return func() error {
				_, err := conn.ExecContext(ctx, word)
				if err == nil {
					err = conn.Close()
				}
				return err
			}
		}
		_, err = conn.ExecContext(ctx, "BEGIN")
		return conn, end("COMMIT"), end("ROLLBACK"), err
	},
	"a handle with Exec and Query only": func(ctx context.Context, db *store.DB) (store.Handle, func() error, func() error, error) {
		write, _ := db.Pools()
		tx, err := write.DB.BeginTx(ctx, nil)
		return narrow{tx}, tx.Commit, tx.Rollback, err
	},
}

func TestJoinWritesInTheHostsTransaction(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		for name, begin := range hostBegins {
			t.Run(name, func(t *testing.T) {
				run(t, db, "DELETE FROM item")
				for _, keep := range []bool{false, true} {
					handle, commit, rollback, err := begin(t.Context(), db)
					if err != nil {
						t.Fatal(err)
					}
					joined := db.Join(handle)
					if err := joined.Insert(t.Context(), "item", store.Int64s("id", []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10})); err != nil {
						t.Fatal(err)
					}
					if _, err := joined.Exec(t.Context(), "UPDATE item SET big = ? WHERE id = ?", 7, 10); err != nil {
						t.Fatal(err)
					}
					var sum int64
					if err := joined.QueryRow(t.Context(), "SELECT sum(id) + max(big) FROM item WHERE id > ?", 1).Scan(&sum); err != nil || sum != 61 {
						t.Fatalf("sum %d, error %v, want 61", sum, err)
					}
					end, rows := rollback, int64(0)
					if keep {
						end, rows = commit, 10
					}
					if err := end(); err != nil {
						t.Fatal(err)
					}
					if n := count(t, db); n != rows {
						t.Errorf("kept %v: %d rows, want %d", keep, n, rows)
					}
				}
			})
		}
	})
}

// narrow hides everything of a transaction but what Handle asks for.
type narrow struct{ tx *sql.Tx }

func (n narrow) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return n.tx.ExecContext(ctx, query, args...)
}

func (n narrow) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return n.tx.QueryContext(ctx, query, args...)
}

func TestAHostMayRollBackToItsSavepointAndJoinAgain(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		write, _ := db.Pools()
		tx, err := write.BeginTxx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := add(1)(t.Context(), db.Join(tx)); err != nil {
			t.Fatal(err)
		}
		tx.MustExec("SAVEPOINT host")
		joined := db.Join(tx)
		want(t, add(1)(t.Context(), joined), store.Duplicate, store.ErrDuplicate)
		want(t, add(2)(t.Context(), joined), store.Duplicate, store.ErrDuplicate)
		tx.MustExec("ROLLBACK TO SAVEPOINT host")
		if err := add(2)(t.Context(), db.Join(tx)); err != nil {
			t.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		if n := count(t, db); n != 2 {
			t.Errorf("%d rows, want 2", n)
		}
	})
}
