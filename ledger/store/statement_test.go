package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

func TestAQueryIsPreparedOnceAndNotWhenToldSo(t *testing.T) {
	for name, c := range map[string]struct {
		options []storetest.Option
		most    int64
		least   int64
	}{
		"as by default": {nil, 3, 1},
		"without":       {[]storetest.Option{storetest.WithStore(store.WithoutPreparedStatements())}, 20, 20},
	} {
		t.Run(name, func(t *testing.T) {
			// SQLite's driver prepares each query with arguments that is not prepared already, so its count shows both.
			var prepares atomic.Int64
			options := append(c.options, storetest.WithFault(func(at storetest.Point) error {
				if at.Op == "prepare" && !at.After && strings.HasPrefix(at.Query, "INSERT INTO item") {
					prepares.Add(1)
				}
				return nil
			}))
			db := storetest.Open(t, shop(), storetest.SQLite, options...)
			for id := range int64(20) {
				run(t, db, "INSERT INTO item (id) VALUES (?)", id)
			}
			if n := prepares.Load(); n < c.least || n > c.most {
				t.Errorf("prepared %d times, want %d to %d", n, c.least, c.most)
			}
			if n := count(t, db); n != 20 {
				t.Errorf("%d rows, want 20", n)
			}
		})
	}
}

// A plan made for any list would compare each row with every value of it.
func TestAQueryWithALongListIsPlannedEachTimeOnPostgreSQL(t *testing.T) {
	if !slices.Contains(storetest.Kinds(t), storetest.Postgres) {
		return
	}
	db := storetest.Open(t, shop(), storetest.Postgres)
	write, _ := db.Pools()
	write.SetMaxOpenConns(1)
	for length, want := range map[int]int{3: 2, 1000: 0} {
		ids, names := make([]int64, length), make([]string, length)
		for range 5 {
			update(t, db, func(ctx context.Context, tx *store.Tx) error {
				var n int
				err := tx.QueryRow(ctx, fmt.Sprintf("SELECT count(*) + %d FROM item WHERE ", length)+tx.Dialect().Among("id"), tx.Dialect().Ints(ids)).Scan(&n)
				if err != nil {
					return err
				}
				return tx.QueryRow(ctx, fmt.Sprintf("SELECT count(*) + %d FROM item WHERE ", length)+tx.Dialect().Among("name"), tx.Dialect().Texts(names)).Scan(&n)
			})
		}
		update(t, db, func(ctx context.Context, tx *store.Tx) error {
			var n int
			query := fmt.Sprintf("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT count(*) + %d FROM item%%'", length)
			if err := tx.QueryRow(ctx, query).Scan(&n); err != nil {
				return err
			}
			if n != want {
				t.Errorf("%d statements with lists of %d are prepared, want %d", n, length, want)
			}
			return nil
		})
	}
}

func TestPreparedStatementsAreBounded(t *testing.T) {
	if !slices.Contains(storetest.Kinds(t), storetest.Postgres) {
		return
	}
	db := storetest.Open(t, shop(), storetest.Postgres)
	write, _ := db.Pools()
	write.SetMaxOpenConns(1)
	for range 3 {
		update(t, db, func(ctx context.Context, tx *store.Tx) error {
			for i := range 400 {
				var n int
				if err := tx.QueryRow(ctx, fmt.Sprintf("SELECT count(*) + %d FROM item WHERE id > ?", i), 0).Scan(&n); err != nil {
					return err
				}
			}
			return nil
		})
	}
	var n int
	if err := write.GetContext(t.Context(), &n, "SELECT count(*) FROM pg_prepared_statements"); err != nil {
		t.Fatal(err)
	}
	if n < 200 || n > 256 {
		t.Errorf("%d statements are prepared, want up to 256", n)
	}
}

func TestManyTransactionsShareStatements(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		const many, steps = 12, 20
		var group sync.WaitGroup
		errs := make(chan error, many*steps)
		for w := range many {
			group.Go(func() {
				for s := range steps {
					id := int64(w*steps + s)
					err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
						_, err := tx.Exec(ctx, "INSERT INTO item (id, big) VALUES (?, ?)", id, id*id)
						return err
					})
					if err == nil {
						err = db.View(t.Context(), func(ctx context.Context, tx *store.Tx) error {
							var big int64
							if err := tx.QueryRow(ctx, "SELECT big FROM item WHERE id = ?", id).Scan(&big); err != nil {
								return err
							}
							if big != id*id {
								return fmt.Errorf("item %d has %d", id, big)
							}
							return nil
						})
					}
					errs <- err
				}
			})
		}
		group.Wait()
		for range many * steps {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
	})
}

func TestAStatementIsPreparedLaterWhenItsContextEnded(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		query := "INSERT INTO item (id) VALUES (?)"
		run(t, db, query, 1)
		run(t, db, query, 2) // now it is due
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := db.Update(ctx, func(context.Context, *store.Tx) error {
			t.Error("a transaction began with an ended context")
			return nil
		})
		want(t, err, store.Canceled, context.Canceled)
		for id := range int64(3) {
			run(t, db, query, 10+id)
		}
		if n := count(t, db); n != 5 {
			t.Errorf("%d rows, want 5", n)
		}
	})
}
