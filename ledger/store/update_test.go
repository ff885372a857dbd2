package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
	"github.com/ncruces/go-sqlite3"
)

var errOurs = errors.New("refused by the caller")

func add(id int64) func(ctx context.Context, tx *store.Tx) error {
	return func(ctx context.Context, tx *store.Tx) error { return tx.Insert(ctx, "item", store.Fixed("id", id)) }
}

func count(t *testing.T, db *store.DB) int64 {
	t.Helper()
	return number(t, db, "SELECT count(*) FROM item")
}

func TestUpdateRollsBackOnError(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			if err := add(1)(ctx, tx); err != nil {
				return err
			}
			return errOurs
		})
		if err != errOurs {
			t.Errorf("got %v, want the caller's own error unchanged", err)
		}
		if n := count(t, db); n != 0 {
			t.Errorf("%d rows were kept", n)
		}
	})
}

func TestUpdateRollsBackOnPanic(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		func() {
			defer func() {
				if r := recover(); r != "boom" {
					t.Errorf("recovered %v, want the panic passed on", r)
				}
			}()
			_ = db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				if err := add(1)(ctx, tx); err != nil {
					return err
				}
				panic("boom")
			})
		}()
		if n := count(t, db); n != 0 {
			t.Errorf("%d rows were kept", n)
		}
		update(t, db, add(1)) // the only write connection is free again
	})
}

func TestUpdateInsideUpdateIsRefusedAndDoesNotHang(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error { return db.Update(ctx, add(1)) })
		want(t, err, store.Other, store.ErrNested)
		update(t, db, add(1))
	})
}

func TestUpdateDoesNotCommitAfterASwallowedError(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		update(t, db, add(1))
		err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			if err := add(2)(ctx, tx); err != nil {
				return err
			}
			want(t, add(1)(ctx, tx), store.Duplicate, store.ErrDuplicate)
			want(t, add(3)(ctx, tx), store.Duplicate, store.ErrDuplicate) // the first error again
			_, err := tx.Query(ctx, "SELECT 1")
			want(t, err, store.Duplicate, store.ErrDuplicate)
			return nil
		})
		want(t, err, store.Duplicate, store.ErrDuplicate)
		if n := count(t, db); n != 1 {
			t.Errorf("%d rows, want only the first", n)
		}
	})
}

func TestAMissingRowIsNotAFailureOfTheTransaction(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		update(t, db, func(ctx context.Context, tx *store.Tx) error {
			var id int64
			err := tx.QueryRow(ctx, "SELECT id FROM item WHERE id = ?", 1).Scan(&id)
			if !errors.Is(err, sql.ErrNoRows) {
				t.Errorf("got %v, want sql.ErrNoRows", err)
			}
			return add(1)(ctx, tx)
		})
		if n := count(t, db); n != 1 {
			t.Errorf("%d rows, want 1", n)
		}
	})
}

// engineError makes an error of the kind's driver with the class.
func engineError(kind string, class store.Class) error {
	if kind == storetest.Postgres {
		return &pq.Error{Code: map[store.Class]pqerror.Code{
			store.Serialization: "40001", store.Deadlock: "40P01", store.Busy: "55P03", store.Integrity: "23514", store.StorageFull: "53100",
		}[class]}
	}
	return map[store.Class]error{
		store.Serialization: sqlite3.BUSY_SNAPSHOT, store.Busy: sqlite3.BUSY, store.Integrity: sqlite3.CONSTRAINT_CHECK, store.StorageFull: sqlite3.FULL,
	}[class]
}

func TestUpdateIsRepeatedWithinBounds(t *testing.T) {
	cases := []struct {
		class    store.Class
		faults   int // how many attempts meet the error
		attempts int
		good     bool
	}{
		{store.Serialization, 3, 4, true},
		{store.Serialization, 100, 5, false},
		{store.Deadlock, 4, 5, true},
		{store.Deadlock, 100, 5, false},
		{store.Busy, 2, 3, true},
		{store.Busy, 100, 3, false},
		{store.Integrity, 1, 1, false},
		{store.StorageFull, 1, 1, false},
	}
	for _, kind := range storetest.Kinds(t) {
		for _, c := range cases {
			fault := engineError(kind, c.class)
			if fault == nil {
				continue // SQLite has no deadlocks: there is one writer
			}
			for _, op := range []string{"begin", "exec"} {
				t.Run(fmt.Sprint(kind, " ", c.class, " ", c.faults, " times at ", op), func(t *testing.T) {
					var pauses []time.Duration
					retry := store.Retry{Attempts: 5, BusyAttempts: 3, Base: 4 * time.Millisecond, Max: 20 * time.Millisecond,
						Jitter: func(n int64) int64 { return n - 1 },
						Sleep:  func(_ context.Context, d time.Duration) error { pauses = append(pauses, d+1); return nil }}
					armed, attempts := false, 0
					db := storetest.Open(t, shop(), kind, storetest.WithStore(store.WithRetry(retry)), storetest.WithFault(func(at storetest.Point) error {
						if !armed || at.Op != op || at.After {
							return nil
						}
						if attempts++; attempts > c.faults {
							return nil
						}
						return fault
					}))
					armed = true
					err := db.Update(t.Context(), add(1))
					armed = false
					if attempts != c.attempts {
						t.Errorf("%d attempts, want %d", attempts, c.attempts)
					}
					if c.good && err != nil {
						t.Fatal(err)
					}
					if !c.good {
						want(t, err, c.class, nil)
					}
					full := []time.Duration{4 * time.Millisecond, 8 * time.Millisecond, 16 * time.Millisecond, 20 * time.Millisecond}
					if !slices.Equal(pauses, full[:c.attempts-1]) {
						t.Errorf("pauses %v, want %v", pauses, full[:c.attempts-1])
					}
					if n := count(t, db); (n == 1) != c.good {
						t.Errorf("%d rows", n)
					}
				})
			}
		}
	}
}

func TestUpdateStopsWaitingWhenTheContextEnds(t *testing.T) {
	for _, kind := range storetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			fault := engineError(kind, store.Serialization)
			runs := 0
			db := storetest.Open(t, shop(), kind, storetest.WithStore(store.WithRetry(store.Retry{Base: time.Hour, Max: time.Hour, Jitter: func(n int64) int64 { return n - 1 }})))
			err := db.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
				runs++
				time.AfterFunc(10*time.Millisecond, cancel)
				return fault
			})
			want(t, err, store.Canceled, store.ErrCanceled)
			if !errors.Is(err, context.Canceled) || !errors.Is(err, store.ErrSerialization) || runs != 1 {
				t.Errorf("after %d runs got %v, want both reasons after one run", runs, err)
			}
		})
	}
}

func TestACancelledContextLeavesNoOpenTransaction(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		err := db.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
			if err := add(1)(ctx, tx); err != nil {
				return err
			}
			cancel()
			return add(2)(ctx, tx)
		})
		want(t, err, store.Canceled, context.Canceled)

		ctx, cancel = context.WithCancel(t.Context())
		err = db.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
			defer cancel()
			return add(1)(ctx, tx)
		})
		want(t, err, store.Canceled, context.Canceled) // and not CommitUnknown: COMMIT was not sent

		write, read := db.Pools()
		if n := write.Stats().InUse + read.Stats().InUse; n != 0 {
			t.Errorf("%d connections are still in use", n)
		}
		update(t, db, add(1))
		if n := count(t, db); n != 1 {
			t.Errorf("%d rows, want 1", n)
		}
		if db.Dialect().Name() == storetest.Postgres {
			n := number(t, db, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'")
			if n != 0 {
				t.Errorf("%d transactions are still open on the server", n)
			}
		}
	})
}

func TestACancelledStatementStopsInTheEngine(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		query := "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < CAST(? AS bigint)) SELECT count(*) FROM n"
		for name, run := range map[string]func(context.Context, func(context.Context, *store.Tx) error) error{"update": db.Update, "view": db.View} {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
			began := time.Now()
			err := run(ctx, func(ctx context.Context, tx *store.Tx) error {
				var n int64
				return tx.QueryRow(ctx, query, int64(1)<<40).Scan(&n)
			})
			cancel()
			want(t, err, store.Canceled, context.DeadlineExceeded)
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("%s took %v", name, took)
			}
		}
		update(t, db, add(1))
	})
}
