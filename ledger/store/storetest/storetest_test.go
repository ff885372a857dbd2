package storetest_test

import (
	"context"
	"testing"
	"testing/fstest"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

func toy() []store.Schema {
	return []store.Schema{{Line: "toy", Files: fstest.MapFS{
		"postgres/00001_toy.sql": {Data: []byte("-- +goose Up\nCREATE TABLE toy (id bigint PRIMARY KEY, name text NOT NULL, UNIQUE (name));\n")},
		"sqlite/00001_toy.sql":   {Data: []byte("-- +goose Up\nCREATE TABLE toy (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, UNIQUE (name)) STRICT;\n")},
	}}}
}

func TestEachGivesAFreshMigratedDatabase(t *testing.T) {
	for range 3 {
		storetest.Each(t, toy(), func(t *testing.T, db *store.DB) {
			err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				return tx.Insert(ctx, "toy", store.Int64s("id", []int64{1, 2, 3}), store.Texts("name", []string{"a", "b", "c"}))
			})
			if err != nil {
				t.Fatal(err)
			}
			err = db.View(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				var n int
				if err := tx.QueryRow(ctx, "SELECT count(*) FROM toy WHERE "+tx.Dialect().Among("id"), tx.Dialect().Ints([]int64{2, 3, 4})).Scan(&n); err != nil {
					return err
				}
				if n != 2 {
					t.Errorf("got %d rows, want 2", n)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
