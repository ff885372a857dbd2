package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/google/go-cmp/cmp"
)

// Few rows travel in one statement on PostgreSQL, many do not; either way every table has its rows and last has run.
func TestInsertAllFillsSeveralTablesAndRunsTheLastStatement(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		run(t, db, "CREATE TABLE tally (id bigint PRIMARY KEY, n bigint NOT NULL)")
		run(t, db, "CREATE TABLE state (n bigint NOT NULL)")
		run(t, db, "INSERT INTO state (n) VALUES (0)")
		sum := int64(0)
		for round, n := range []int{1, 2, 0, 3, 600, 5000, 2} {
			ids, big, tallies, ones := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
			for i := range ids {
				ids[i], big[i] = int64(round*10_000+i), int64(i)
				tallies[i], ones[i] = int64(i), 1
			}
			sum += int64(n)
			update(t, db, func(ctx context.Context, tx *store.Tx) error {
				return tx.InsertAll(ctx, []store.Addition{
					{Table: "item", Columns: []store.Column{store.Int64s("id", ids), store.Int64s("big", big), store.Fixed("name", "who? ' $1")}},
					{Table: "tally", Columns: []store.Column{store.Int64s("id", tallies), store.Int64s("n", ones)},
						Conflict: "ON CONFLICT (id) DO UPDATE SET n = tally.n + excluded.n"},
				}, "UPDATE state SET n = n + ? WHERE '?' = '?' AND n >= ?", n, 0)
			})
			got := []int64{number(t, db, "SELECT count(*) FROM item WHERE name = ?", "who? ' $1"), number(t, db, "SELECT coalesce(sum(n), 0) FROM tally"), number(t, db, "SELECT n FROM state")}
			if diff := cmp.Diff([]int64{sum, sum, sum}, got); diff != "" {
				t.Fatalf("after %d rows: rows of item, sum of tally, state: (-want +got)\n%s", n, diff)
			}
		}
		if most := number(t, db, "SELECT n FROM tally WHERE id = 0"); most != 6 {
			t.Errorf("the first tally was raised %d times, want 6", most)
		}
	})
}

func TestInsertAllIsRefusedAsAWhole(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		run(t, db, "CREATE TABLE state (n bigint NOT NULL)")
		run(t, db, "INSERT INTO state (n) VALUES (0)")
		one := []store.Column{store.Fixed("id", int64(1))}
		for name, c := range map[string]struct {
			additions []store.Addition
			last      string
			want      error
		}{
			"a bad name":       {[]store.Addition{{Table: "item", Columns: one}, {Table: "it em", Columns: one}}, "UPDATE state SET n = 1", store.ErrName},
			"bad text":         {[]store.Addition{{Table: "item", Columns: []store.Column{store.Fixed("id", int64(1)), store.Texts("name", []string{"\x00"})}}}, "UPDATE state SET n = 1", store.ErrText},
			"the second table": {[]store.Addition{{Table: "item", Columns: one}, {Table: "state", Columns: []store.Column{store.Nullable(store.Int64s("n", []int64{1}), []bool{false})}}}, "UPDATE state SET n = 1", store.ErrIntegrity},
			"the last":         {[]store.Addition{{Table: "item", Columns: one}}, "UPDATE state SET n = NULL", store.ErrIntegrity},
		} {
			err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error { return tx.InsertAll(ctx, c.additions, c.last) })
			if !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		if n := count(t, db) + number(t, db, "SELECT max(n) FROM state"); n != 0 {
			t.Errorf("%d rows were left", n)
		}
		err := db.View(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			return tx.InsertAll(ctx, []store.Addition{{Table: "item", Columns: one}}, "UPDATE state SET n = 1")
		})
		want(t, err, store.Permission, store.ErrPermission)
	})
}
