package store_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"testing/fstest"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

// shop is the schema of these tests: every column type, named and unnamed rules, an append-only table.
func shop() []store.Schema {
	return []store.Schema{{Line: "shop", Files: fstest.MapFS{
		"postgres/00001_shop.sql": {Data: []byte(`-- +goose Up
CREATE TABLE item (id bigint PRIMARY KEY, small smallint, medium integer, big bigint, name text, body bytea, flag boolean);
CREATE TABLE shelf (realm integer, code text, room integer, PRIMARY KEY (realm, code), UNIQUE (realm, room));
CREATE TABLE stock (shelf integer NOT NULL, count bigint NOT NULL CONSTRAINT stock_never_below_zero CHECK (count >= 0), realm integer, code text,
	FOREIGN KEY (realm, code) REFERENCES shelf);
CREATE TABLE record (id bigint PRIMARY KEY, text text NOT NULL);
-- +goose StatementBegin
CREATE FUNCTION record_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'append-only: table %', TG_TABLE_NAME; END $$;
-- +goose StatementEnd
CREATE TRIGGER record_append_only BEFORE UPDATE OR DELETE ON record FOR EACH ROW EXECUTE FUNCTION record_refuse();
CREATE TRIGGER record_no_truncate BEFORE TRUNCATE ON record FOR EACH STATEMENT EXECUTE FUNCTION record_refuse();
`)},
		"sqlite/00001_shop.sql": {Data: []byte(`-- +goose Up
CREATE TABLE item (id INTEGER NOT NULL PRIMARY KEY, small INTEGER, medium INTEGER, big INTEGER, name TEXT, body BLOB, flag INTEGER) STRICT;
CREATE TABLE shelf (realm INTEGER NOT NULL, code TEXT NOT NULL, room INTEGER, PRIMARY KEY (realm, code), UNIQUE (realm, room)) STRICT, WITHOUT ROWID;
CREATE TABLE stock (shelf INTEGER NOT NULL, count INTEGER NOT NULL CONSTRAINT stock_never_below_zero CHECK (count >= 0), realm INTEGER, code TEXT,
	FOREIGN KEY (realm, code) REFERENCES shelf) STRICT;
CREATE TABLE record (id INTEGER NOT NULL PRIMARY KEY, text TEXT NOT NULL) STRICT;
-- +goose StatementBegin
CREATE TRIGGER record_no_update BEFORE UPDATE ON record BEGIN SELECT RAISE(ABORT, 'append-only: table record'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER record_no_delete BEFORE DELETE ON record BEGIN SELECT RAISE(ABORT, 'append-only: table record'); END;
-- +goose StatementEnd
`)},
	}}}
}

// each runs fn on both engines over a fresh shop.
func each(t *testing.T, fn func(t *testing.T, db *store.DB)) {
	t.Helper()
	storetest.Each(t, shop(), fn)
}

// eachWith is each with an option of the databases.
func eachWith(t *testing.T, option storetest.Option, fn func(t *testing.T, db *store.DB)) {
	t.Helper()
	for _, kind := range storetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) { fn(t, storetest.Open(t, shop(), kind, option)) })
	}
}

// update must commit.
func update(t *testing.T, db *store.DB, fn func(ctx context.Context, tx *store.Tx) error) {
	t.Helper()
	if err := db.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// run runs one statement in a transaction of its own.
func run(t *testing.T, db *store.DB, query string, args ...any) {
	t.Helper()
	update(t, db, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	})
}

// number reads one number outside any other transaction.
func number(t *testing.T, db *store.DB, query string, args ...any) (n int64) {
	t.Helper()
	err := db.View(t.Context(), func(ctx context.Context, tx *store.Tx) error { return tx.QueryRow(ctx, query, args...).Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// want checks the class of an error, by its sentinel and by its field.
func want(t *testing.T, err error, class store.Class, sentinel error) *store.Error {
	t.Helper()
	e, ok := errors.AsType[*store.Error](err)
	if !ok {
		t.Fatalf("got %T %v, want a *store.Error", err, err)
	}
	if e.Class != class {
		t.Errorf("got class %v, want %v: %v", e.Class, class, err)
	}
	if sentinel != nil && !errors.Is(err, sentinel) {
		t.Errorf("errors.Is(%v, %v) is false", err, sentinel)
	}
	return e
}

func itoa(n int) string { return strconv.Itoa(n) }
