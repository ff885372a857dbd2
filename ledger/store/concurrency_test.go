package store_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/sqlite/ncruces"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

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

func TestLookReadsWithoutATransactionAndCannotWrite(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		for i := range int64(5) {
			update(t, db, add(i))
			err := db.Look(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				var n int64
				if err := tx.QueryRow(ctx, "SELECT count(*) FROM item WHERE id >= ?", 0).Scan(&n); err != nil {
					return err
				}
				if n != i+1 {
					t.Errorf("%d rows, want %d", n, i+1)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, write := range []func(context.Context, *store.Tx) error{add(9), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, "DELETE FROM item")
			return err
		}, func(ctx context.Context, tx *store.Tx) error { return add(9)(ctx, db.Join(tx.Handle())) }} {
			want(t, db.Look(t.Context(), write), store.Permission, store.ErrPermission)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		want(t, db.Look(ctx, func(ctx context.Context, tx *store.Tx) error {
			var n int64
			return tx.QueryRow(ctx, "SELECT count(*) FROM item WHERE id >= ?", 0).Scan(&n)
		}), store.Canceled, context.Canceled)
		if n := count(t, db); n != 5 {
			t.Errorf("%d rows, want 5", n)
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
	var pauses atomic.Int64
	patient := storetest.WithStore(store.WithRetry(store.Retry{Attempts: 100, Sleep: func(_ context.Context, d time.Duration) error {
		pauses.Add(1)
		time.Sleep(d)
		return nil
	}}))
	eachWith(t, patient, func(t *testing.T, db *store.DB) {
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
		if db.Dialect().Name() == storetest.Postgres && pauses.Load() == 0 {
			t.Error("no deadlock happened, so nothing was repeated")
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
