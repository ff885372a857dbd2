package store

import (
	"context"
	"database/sql"
)

// Dialect holds every difference between the engines. The implementations are postgres.Dialect and sqlite.Dialect; the interface may grow with
// any release and is not meant to be implemented elsewhere.
type Dialect interface {
	// Name is "postgres" or "sqlite". It is also the folder of the dialect's files in a Schema.
	Name() string
	// Rebind turns a query with ? marks into the engine's form. A ? inside a quoted text, a quoted name or a comment is left alone.
	Rebind(query string) string
	// ForUpdate is the suffix that locks the selected rows until the end of the transaction. Empty on SQLite, where a write transaction
	// already holds the only write lock.
	ForUpdate() string
	// Among is a condition with one mark: column is one of the list given as one argument made by Ints or Texts.
	Among(column string) string
	// Ints is the argument for Among over an integer column.
	Ints(values []int64) any
	// Texts is the argument for Among over a text column. Text with NUL or invalid UTF-8 makes the statement fail.
	Texts(values []string) any
	// Lookup is a query that looks each number of a list up by itself, whatever the planner believes about the table; it is for tables with one index that
	// fits, between several the planner may choose badly a thousand times. Its first mark is the list, made by Ints, and those of where follow. where names
	// the number wanted.value, and both columns and where write the table's name before each column.
	Lookup(table, columns, where string) string
	// Insert adds n rows to a table; n is at least 1, names are checked and lengths are equal.
	Insert(ctx context.Context, to Statements, addition Addition, n int) error
	// Together is one statement that adds the rows and runs last, which has ? marks, with the arguments of all; ok is false where the engine gains nothing
	// by it, or the rows are too many.
	Together(additions []Addition, rows []int, last string, args []any) (query string, all []any, ok bool)
	// Classify reads the driver's error anywhere in err's chain; ok is false when there is none.
	Classify(err error) (problem Problem, ok bool)
	// UpdateOptions and ViewOptions begin the write transaction and the read-only snapshot.
	UpdateOptions() *sql.TxOptions
	ViewOptions() *sql.TxOptions
	// TableExists is a query with one mark, a table's name, whose first row says whether the table can be seen.
	TableExists() string
	// LockSchema keeps other processes from migrating until UnlockSchema on the same connection. It does nothing on SQLite, where the version
	// row's primary key decides.
	LockSchema(ctx context.Context, conn *sql.Conn) error
	UnlockSchema(ctx context.Context, conn *sql.Conn) error
}

// Statements is what Dialect.Insert may do. Queries are in the engine's own form.
type Statements interface {
	// Exec runs the query once.
	Exec(ctx context.Context, query string, args ...any) error
	// Repeat prepares the query once and runs it for rows 0 … n-1; bind fills the width arguments of a row.
	Repeat(ctx context.Context, query string, n, width int, bind func(row int, args []any)) error
	// Raw hands the driver's own connection to fn, which must leave the transaction as it is. ok is false, and fn was not run, when the
	// transaction cannot reach it: over a host's *sql.Tx.
	Raw(fn func(driverConn any) error) (ok bool, err error)
}
