package store_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/sqlite/ncruces"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/ncruces/go-sqlite3"
)

func TestAnErrorFromCommitIsUnknownAndNotRepeated(t *testing.T) {
	cases := []struct {
		name  string
		after bool // the engine commits and its answer is lost
		rows  int64
	}{{"before the engine saw it", false, 0}, {"after the engine did it", true, 1}}
	for _, kind := range storetest.Kinds(t) {
		for _, c := range cases {
			for name, fault := range map[string]error{"connection": driver.ErrBadConn, "serialization": engineError(kind, store.Serialization)} {
				t.Run(kind+"/"+c.name+"/"+name, func(t *testing.T) {
					var armed atomic.Bool
					db := storetest.Open(t, shop(), kind, storetest.WithFault(func(at storetest.Point) error {
						if at.Op == "commit" && at.After == c.after && armed.Load() {
							return fault
						}
						return nil
					}))
					armed.Store(true)
					runs := 0
					err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
						runs++
						return add(1)(ctx, tx)
					})
					armed.Store(false)
					want(t, err, store.CommitUnknown, store.ErrCommitUnknown)
					if !errors.Is(err, fault) || runs != 1 {
						t.Errorf("after %d runs got %v, want the cause in the chain after one run", runs, err)
					}
					if n := count(t, db); n != c.rows {
						t.Errorf("%d rows, want %d", n, c.rows)
					}
					update(t, db, add(2)) // the pool recovers
				})
			}
		}
	}
}

func TestACommitOnATerminatedPostgresSessionIsUnknown(t *testing.T) {
	if !slices.Contains(storetest.Kinds(t), storetest.Postgres) {
		return
	}
	db := storetest.Open(t, shop(), storetest.Postgres)
	err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		if err := add(1)(ctx, tx); err != nil {
			return err
		}
		var pid int64
		if err := tx.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&pid); err != nil {
			return err
		}
		if number(t, db, "SELECT CASE WHEN pg_terminate_backend(CAST(? AS integer), 5000) THEN 1 ELSE 0 END", pid) != 1 {
			t.Fatal("the session was not ended")
		}
		return nil
	})
	want(t, err, store.CommitUnknown, store.ErrCommitUnknown)
	if !errors.Is(err, store.ErrConnection) {
		t.Errorf("got %v, want the lost connection as its cause", err)
	}
	if n := count(t, db); n != 0 {
		t.Errorf("%d rows, want none", n)
	}
	update(t, db, add(1))
}

func TestAStatementOnATerminatedPostgresSessionIsAConnectionErrorAndThePoolRecovers(t *testing.T) {
	if !slices.Contains(storetest.Kinds(t), storetest.Postgres) {
		return
	}
	db := storetest.Open(t, shop(), storetest.Postgres)
	err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		var pid int64
		if err := tx.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&pid); err != nil {
			return err
		}
		number(t, db, "SELECT CASE WHEN pg_terminate_backend(CAST(? AS integer), 5000) THEN 1 ELSE 0 END", pid)
		return add(1)(ctx, tx)
	})
	want(t, err, store.Connection, store.ErrConnection)
	// Every other session of the pool dies while idle; the next transaction must not notice.
	number(t, db, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	for i := range int64(4) {
		update(t, db, add(10+i))
	}
}

func TestADeferredRuleThatCommitFindsIsUnknownWithItsCause(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		run(t, db, "CREATE TABLE child (id bigint, item bigint REFERENCES item DEFERRABLE INITIALLY DEFERRED)")
		err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO child VALUES (1, 99)")
			return err
		})
		want(t, err, store.CommitUnknown, store.ErrCommitUnknown)
		if !errors.Is(err, store.ErrIntegrity) {
			t.Errorf("got %v, want the broken rule as its cause", err)
		}
		if n := number(t, db, "SELECT count(*) FROM child"); n != 0 {
			t.Errorf("%d rows, want none", n)
		}
		update(t, db, add(1)) // nothing is left open
	})
}

func TestACommitThatSQLiteRefusesIsUnknown(t *testing.T) {
	var refuse atomic.Bool
	path := storetest.Fresh(t, shop(), storetest.SQLite)
	db, err := ncruces.Open(t.Context(), path, ncruces.WithEach(func(c *sqlite3.Conn) error {
		c.CommitHook(func() bool { return !refuse.Load() })
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	refuse.Store(true)
	err = db.Update(t.Context(), add(1))
	refuse.Store(false)
	want(t, err, store.CommitUnknown, store.ErrCommitUnknown)
	if n := count(t, db); n != 0 {
		t.Errorf("%d rows, want none", n)
	}
	update(t, db, add(1))
	if !strings.HasPrefix(err.Error(), "store: commit: commit outcome unknown") {
		t.Errorf("message: %v", err)
	}
}
