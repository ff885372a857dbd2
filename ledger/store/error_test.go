package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

func TestErrorsNameTheirClassConstraintAndTable(t *testing.T) {
	cases := []struct {
		name       string
		statements []string
		class      store.Class
		sentinel   error
		constraint string
		table      string
	}{
		{"the same primary key twice", []string{"INSERT INTO item (id) VALUES (1)", "INSERT INTO item (id) VALUES (1)"},
			store.Duplicate, store.ErrDuplicate, "item_pkey", "item"},
		{"the same primary key of two columns", []string{"INSERT INTO shelf VALUES (1, 'a', 1)", "INSERT INTO shelf VALUES (1, 'a', 2)"},
			store.Duplicate, store.ErrDuplicate, "shelf_pkey", "shelf"},
		{"the same unique key of two columns", []string{"INSERT INTO shelf VALUES (1, 'a', 1)", "INSERT INTO shelf VALUES (1, 'b', 1)"},
			store.Duplicate, store.ErrDuplicate, "shelf_realm_room_key", "shelf"},
		{"a value below a named check", []string{"INSERT INTO stock VALUES (1, -1, NULL, NULL)"},
			store.Integrity, store.ErrIntegrity, "stock_never_below_zero", ""},
		{"a missing value", []string{"INSERT INTO stock VALUES (NULL, 1, NULL, NULL)"}, store.Integrity, store.ErrIntegrity, "", "stock"},
		{"a reference to nothing", []string{"INSERT INTO stock VALUES (1, 1, 9, 'z')"}, store.Integrity, store.ErrIntegrity, "", ""},
		{"text where a number belongs", []string{"INSERT INTO stock (shelf, count) VALUES ('x', 1)"}, store.Integrity, store.ErrIntegrity, "", ""},
		{"an update of an append-only table", []string{"INSERT INTO record VALUES (1, 'a')", "UPDATE record SET text = 'b'"},
			store.AppendOnly, store.ErrAppendOnly, "", ""},
		{"a deletion from an append-only table", []string{"INSERT INTO record VALUES (1, 'a')", "DELETE FROM record"},
			store.AppendOnly, store.ErrAppendOnly, "", ""},
		{"a statement that is none", []string{"SELEKT 1"}, store.Other, nil, "", ""},
		{"a table that is none", []string{"DELETE FROM nowhere"}, store.Other, nil, "", ""},
	}
	each(t, func(t *testing.T, db *store.DB) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
					for i, statement := range c.statements {
						if _, err := tx.Exec(ctx, statement); err != nil {
							if i != len(c.statements)-1 {
								t.Fatal(err)
							}
							return err
						}
					}
					return nil
				})
				e := want(t, err, c.class, c.sentinel)
				if c.constraint != "" && e.Constraint != c.constraint {
					t.Errorf("constraint %q, want %q: %v", e.Constraint, c.constraint, err)
				}
				if c.table != "" && e.Table != c.table {
					t.Errorf("table %q, want %q: %v", e.Table, c.table, err)
				}
				if !strings.HasPrefix(e.Op, "exec \"") || !strings.Contains(err.Error(), c.class.String()) {
					t.Errorf("the message says neither statement nor class: %v", err)
				}
			})
		}
	})
}

func TestAnAppendOnlyTableRefusesTruncateAndReplace(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		run(t, db, "INSERT INTO record VALUES (1, 'a')")
		statement := "TRUNCATE record"
		if db.Dialect().Name() == storetest.SQLite {
			statement = "REPLACE INTO record VALUES (1, 'b')" // it deletes first, and fires the trigger only with recursive_triggers
		}
		err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, statement)
			return err
		})
		want(t, err, store.AppendOnly, store.ErrAppendOnly)
		if n := number(t, db, "SELECT count(*) FROM record WHERE text = 'a'"); n != 1 {
			t.Error("the record was changed")
		}
	})
}

func TestAFullSQLiteFileIsStorageFullAndWorksAgainWithRoom(t *testing.T) {
	db := storetest.Open(t, shop(), storetest.SQLite)
	update(t, db, add(1))
	write, _ := db.Pools()
	var pages int
	if err := write.GetContext(t.Context(), &pages, "PRAGMA page_count"); err != nil {
		t.Fatal(err)
	}
	limit := func(pages int) {
		t.Helper()
		var now int
		if err := write.GetContext(t.Context(), &now, "PRAGMA max_page_count = "+itoa(pages)); err != nil || now != pages {
			t.Fatalf("limit %d, want %d: %v", now, pages, err)
		}
	}
	limit(pages + 2)
	big := make([][]byte, 50)
	id := make([]int64, len(big))
	for i := range big {
		id[i], big[i] = int64(10+i), make([]byte, 4000)
	}
	fill := func(ctx context.Context, tx *store.Tx) error {
		return tx.Insert(ctx, "item", store.Int64s("id", id), store.Blobs("body", big))
	}
	want(t, db.Update(t.Context(), fill), store.StorageFull, store.ErrStorageFull)
	if n := count(t, db); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
	err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		want(t, fill(ctx, tx), store.StorageFull, store.ErrStorageFull)
		// SQLite has rolled back by itself. Without the Tx's memory this row would be written outside a transaction.
		want(t, add(2)(ctx, tx), store.StorageFull, store.ErrStorageFull)
		return nil
	})
	want(t, err, store.StorageFull, store.ErrStorageFull)
	if n := count(t, db); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
	limit(pages + 1000)
	update(t, db, fill)
	if n := count(t, db); n != 51 {
		t.Errorf("%d rows, want 51", n)
	}
}

func TestAnErrorOfRowsHasAClass(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		// The overflow happens in a later row, after the query has begun to answer.
		query := "SELECT 9223372036854775806 + x FROM (SELECT 0 AS x UNION ALL SELECT 1 UNION ALL SELECT 2) AS t ORDER BY x"
		overflow := store.Integrity
		if db.Dialect().Name() == storetest.SQLite {
			query = "SELECT abs(-9223372036854775806 - x) FROM (SELECT 0 AS x UNION ALL SELECT 1 UNION ALL SELECT 2) AS t"
			overflow = store.Other
		}
		err := db.View(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			rows, err := tx.Query(ctx, query)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var n int64
				if err := rows.Scan(&n); err != nil {
					return err
				}
			}
			return rows.Err()
		})
		want(t, err, overflow, nil)
	})
}

func TestAScanErrorDoesNotEndTheTransaction(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		update(t, db, func(ctx context.Context, tx *store.Tx) error {
			var n int64
			want(t, tx.QueryRow(ctx, "SELECT 'x'").Scan(&n), store.Other, nil)
			return add(1)(ctx, tx)
		})
		if n := count(t, db); n != 1 {
			t.Errorf("%d rows, want 1", n)
		}
	})
}

func TestClassesAndSentinelsAgree(t *testing.T) {
	sentinels := map[store.Class]error{
		store.Busy: store.ErrBusy, store.Serialization: store.ErrSerialization, store.Deadlock: store.ErrDeadlock, store.Duplicate: store.ErrDuplicate,
		store.Integrity: store.ErrIntegrity, store.AppendOnly: store.ErrAppendOnly, store.StorageFull: store.ErrStorageFull,
		store.Connection: store.ErrConnection, store.Permission: store.ErrPermission, store.Corrupt: store.ErrCorrupt, store.Canceled: store.ErrCanceled,
		store.CommitUnknown: store.ErrCommitUnknown,
	}
	texts := map[string]bool{}
	for class := store.Other; class <= store.CommitUnknown; class++ {
		err := &store.Error{Op: "test", Class: class, Err: errOurs}
		for other, sentinel := range sentinels {
			if got := errors.Is(err, sentinel); got != (class == other) {
				t.Errorf("errors.Is(%v, %v) is %v", class, sentinel, got)
			}
		}
		if !errors.Is(err, errOurs) || store.ClassOf(err) != class {
			t.Errorf("class %v hides its cause or is read as %v", class, store.ClassOf(err))
		}
		if texts[class.String()] || class.String() == "" {
			t.Errorf("class %d has no text of its own", class)
		}
		texts[class.String()] = true
	}
	if got := store.ClassOf(errOurs); got != store.Other {
		t.Errorf("a foreign error has class %v", got)
	}
}
