package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/fundledger/fundledger/ledger/store"
)

// Dialect is SQLite's. Its write pool must hold one connection whose transactions begin IMMEDIATE, its read pool query_only connections.
type Dialect struct {
	// ErrorCode gives SQLite's extended result code of a driver's error, found anywhere in the chain; ok is false for another error. The
	// opener of the driver supplies it. Without it every error has class store.Other.
	ErrorCode func(err error) (code int, ok bool)
	// InsertRows, if the opener of the driver supplies it, runs the INSERT once for each of n rows on the driver's own connection, past
	// database/sql. ok is false, and nothing was done, for a connection that it does not know.
	InsertRows func(ctx context.Context, driverConn any, query string, columns []store.Column, n int) (ok bool, err error)
}

var _ store.Dialect = Dialect{}

// Name is "sqlite".
func (Dialect) Name() string { return "sqlite" }

// Rebind gives the query back: SQLite takes ? marks.
func (Dialect) Rebind(query string) string { return query }

// ForUpdate is empty: a write transaction holds the only write lock of the file from its beginning.
func (Dialect) ForUpdate() string { return "" }

// Among is column IN (SELECT value FROM json_each(?)).
func (Dialect) Among(column string) string { return column + " IN (SELECT value FROM json_each(?))" }

// Ints is a JSON array of integers.
func (Dialect) Ints(values []int64) any { return list[int64](values) }

// Texts is a JSON array of strings.
func (Dialect) Texts(values []string) any { return list[string](values) }

// Lookup joins the list from the left: SQLite keeps the order of a CROSS JOIN.
func (Dialect) Lookup(table, columns, where string) string {
	return "SELECT " + columns + " FROM json_each(?) AS wanted CROSS JOIN " + table + " WHERE " + where
}

// UpdateOptions asks for what SQLite has; with ncruces it also means BEGIN IMMEDIATE.
func (Dialect) UpdateOptions() *sql.TxOptions {
	return &sql.TxOptions{Isolation: sql.LevelSerializable}
}

// ViewOptions is a read-only transaction; its snapshot is the state at its first statement.
func (Dialect) ViewOptions() *sql.TxOptions { return &sql.TxOptions{ReadOnly: true} }

// TableExists looks in sqlite_schema.
func (Dialect) TableExists() string {
	return "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?)"
}

// LockSchema does nothing: a file's version row is written in the file's transaction, and its primary key lets only one process do it.
func (Dialect) LockSchema(context.Context, *sql.Conn) error { return nil }

// UnlockSchema does nothing.
func (Dialect) UnlockSchema(context.Context, *sql.Conn) error { return nil }

// list is a JSON array as one argument.
type list[T int64 | string] []T

// Value implements driver.Valuer.
func (l list[T]) Value() (driver.Value, error) {
	if l == nil {
		return "[]", nil
	}
	if texts, ok := any([]T(l)).([]string); ok {
		for _, text := range texts {
			if !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
				return nil, store.ErrText
			}
		}
	}
	out, err := json.Marshal([]T(l))
	return string(out), err
}
