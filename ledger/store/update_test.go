package store_test

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/sqlite/ncruces"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/lib/pq"
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
		return &pq.Error{Code: map[store.Class]pq.ErrorCode{
			store.Serialization: "40001", store.Deadlock: "40P01", store.Busy: "55P03", store.Integrity: "23514", store.StorageFull: "53100",
		}[class]}
	}
	return map[store.Class]error{
		store.Serialization: sqlite3.BUSY_SNAPSHOT, store.Busy: sqlite3.BUSY, store.Integrity: sqlite3.CONSTRAINT_CHECK, store.StorageFull: sqlite3.FULL,
	}[class]
}

func TestUpdateIsRepeatedWithinBounds(t *testing.T) {
	cases := []struct {
		class store.Class
		fails int // how many attempts meet the error
		runs  int
		good  bool
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
				t.Run(kind+"/"+c.class.String()+"/"+op, func(t *testing.T) {
					failed := 0
					inject := storetest.WithFault(func(at storetest.Point) error {
						ours := op == "begin" || strings.HasPrefix(at.Query, "INSERT INTO item")
						if at.Op == op && ours && !at.After && failed < c.fails {
							failed++
							return fault
						}
						return nil
					})
					var pauses []time.Duration
					retry := store.Retry{Attempts: 5, BusyAttempts: 3, Base: 4 * time.Millisecond, Max: 20 * time.Millisecond,
						Jitter: func(n int64) int64 { return n - 1 },
						Sleep:  func(_ context.Context, d time.Duration) error { pauses = append(pauses, d+1); return nil }}
					if op == "begin" {
						failed = -1 // opening the pool begins no Update; the reading ping of PostgreSQL does begin once
						if kind == storetest.SQLite {
							failed = 0
						}
					}
					db := openQuiet(t, kind, inject, retry, &failed)
					runs := 0
					err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
						runs++
						return add(1)(ctx, tx)
					})
					if op == "begin" {
						runs = failed
						if c.good {
							runs++
						}
					}
					if runs != c.runs {
						t.Errorf("%d runs, want %d", runs, c.runs)
					}
					if c.good && err != nil {
						t.Fatal(err)
					}
					if !c.good {
						want(t, err, c.class, nil)
					}
					full := []time.Duration{4 * time.Millisecond, 8 * time.Millisecond, 16 * time.Millisecond, 20 * time.Millisecond, 20 * time.Millisecond}
					if !slices.Equal(pauses, full[:c.runs-1]) {
						t.Errorf("pauses %v, want %v", pauses, full[:c.runs-1])
					}
				})
			}
		}
	}
}

// openQuiet opens a fresh shop with faults that begin only when it is open.
func openQuiet(t *testing.T, kind string, inject storetest.Option, retry store.Retry, failed *int) *store.DB {
	t.Helper()
	before := *failed
	*failed = 1 << 30
	db := storetest.Open(t, shop(), kind, inject, storetest.WithStore(store.WithRetry(retry)))
	*failed = max(before, 0)
	return db
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

func TestViewSeesOneStateWhileOthersWrite(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		update(t, db, add(1))
		err := db.View(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			var before, after int64
			if err := tx.QueryRow(ctx, "SELECT count(*) FROM item").Scan(&before); err != nil {
				return err
			}
			update(t, db, add(2))
			if err := tx.QueryRow(ctx, "SELECT count(*) FROM item").Scan(&after); err != nil {
				return err
			}
			if before != 1 || after != 1 {
				t.Errorf("saw %d, then %d rows, want 1 and 1", before, after)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := count(t, db); n != 2 {
			t.Errorf("%d rows, want 2", n)
		}
	})
}

func TestViewCannotWrite(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		for _, statement := range []string{"INSERT INTO item (id) VALUES (1)", "DELETE FROM item", "CREATE TABLE other (id bigint)"} {
			err := db.View(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.Exec(ctx, statement)
				return err
			})
			want(t, err, store.Permission, store.ErrPermission)
		}
	})
}

func TestManyWritersCountEveryStep(t *testing.T) {
	const writers, steps = 8, 25
	each(t, func(t *testing.T, db *store.DB) {
		update(t, db, func(ctx context.Context, tx *store.Tx) error {
			return tx.Insert(ctx, "item", store.Fixed("id", int64(0)), store.Fixed("big", int64(0)))
		})
		errs := make(chan error, writers*steps)
		var group sync.WaitGroup
		for w := range writers {
			group.Go(func() {
				for s := range steps {
					errs <- db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
						var big int64
						if err := tx.QueryRow(ctx, "SELECT big FROM item WHERE id = 0"+tx.Dialect().ForUpdate()).Scan(&big); err != nil {
							return err
						}
						if err := add(int64(1+w*steps+s))(ctx, tx); err != nil {
							return err
						}
						_, err := tx.Exec(ctx, "UPDATE item SET big = ? WHERE id = 0", big+1)
						return err
					})
				}
			})
		}
		group.Wait()
		for range writers * steps {
			if err := <-errs; err != nil {
				t.Fatal(err)
			}
		}
		if n := number(t, db, "SELECT big FROM item WHERE id = 0"); n != writers*steps {
			t.Errorf("counted %d, want %d", n, writers*steps)
		}
		if n := count(t, db); n != writers*steps+1 {
			t.Errorf("%d rows, want %d", n, writers*steps+1)
		}
	})
}

func TestWritersThatLockInOppositeOrderAllEndAfterRepetition(t *testing.T) {
	const writers, steps = 6, 15
	each(t, func(t *testing.T, db *store.DB) {
		for id := range int64(2) {
			update(t, db, func(ctx context.Context, tx *store.Tx) error {
				return tx.Insert(ctx, "item", store.Fixed("id", id), store.Fixed("big", int64(0)))
			})
		}
		// A deadlock takes a second to be noticed by default; the test notices at once.
		write, _ := db.Pools()
		if db.Dialect().Name() == storetest.Postgres {
			name := ""
			if err := write.GetContext(t.Context(), &name, "SELECT current_database()"); err != nil {
				t.Fatal(err)
			}
			write.MustExecContext(t.Context(), "ALTER DATABASE "+name+" SET deadlock_timeout = '5ms'")
			write.SetMaxIdleConns(0)
			write.SetMaxIdleConns(writers)
		}
		errs := make(chan error, writers*steps)
		var group sync.WaitGroup
		for w := range writers {
			group.Go(func() {
				for range steps {
					errs <- db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
						for i := range int64(2) {
							if _, err := tx.Exec(ctx, "UPDATE item SET big = big + 1 WHERE id = ?", (i+int64(w))%2); err != nil {
								return err
							}
						}
						return nil
					})
				}
			})
		}
		group.Wait()
		for range writers * steps {
			if err := <-errs; err != nil {
				t.Fatal(err)
			}
		}
		if n := number(t, db, "SELECT sum(big) FROM item"); n != 2*writers*steps {
			t.Errorf("counted %d, want %d", n, 2*writers*steps)
		}
	})
}

func TestAWriterThatWaitsTooLongIsBusy(t *testing.T) {
	once := store.WithRetry(store.Retry{BusyAttempts: 1})
	t.Run(storetest.SQLite, func(t *testing.T) {
		path := storetest.Fresh(t, shop(), storetest.SQLite)
		first := storetest.OpenAt(t, storetest.SQLite, path)
		second, err := ncruces.Open(t.Context(), path, ncruces.WithBusyTimeout(20*time.Millisecond), ncruces.WithStore(once))
		if err != nil {
			t.Fatal(err)
		}
		defer second.Close()
		update(t, first, func(context.Context, *store.Tx) error {
			want(t, second.Update(t.Context(), add(1)), store.Busy, store.ErrBusy)
			return nil
		})
		update(t, second, add(1))
	})
	if !slices.Contains(storetest.Kinds(t), storetest.Postgres) {
		return
	}
	t.Run(storetest.Postgres, func(t *testing.T) {
		dsn := storetest.Fresh(t, shop(), storetest.Postgres)
		first := storetest.OpenAt(t, storetest.Postgres, dsn)
		second := storetest.OpenAt(t, storetest.Postgres, dsn+" lock_timeout=20", storetest.WithStore(once))
		update(t, first, add(1))
		lock := func(ctx context.Context, tx *store.Tx) error {
			var id int64
			return tx.QueryRow(ctx, "SELECT id FROM item WHERE id = 1"+tx.Dialect().ForUpdate()).Scan(&id)
		}
		update(t, first, func(ctx context.Context, tx *store.Tx) error {
			if err := lock(ctx, tx); err != nil {
				return err
			}
			want(t, second.Update(t.Context(), lock), store.Busy, store.ErrBusy)
			return nil
		})
	})
}
