package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/fundledger/fundledger/ledger/store"
)

// Dialect is PostgreSQL's, over github.com/lib/pq. The zero value is ready.
type Dialect struct{}

var _ store.Dialect = Dialect{}

// Name is "postgres".
func (Dialect) Name() string { return "postgres" }

// ForUpdate is " FOR UPDATE".
func (Dialect) ForUpdate() string { return " FOR UPDATE" }

// Among is column = ANY(?).
func (Dialect) Among(column string) string { return column + " = ANY(?)" }

// Ints goes as text, so that the server reads it as an array of the column's own type: a binary bigint[] would not fit an integer column, and a cast of
// either side would keep the planner from the index.
func (Dialect) Ints(values []int64) any { return inferredInts{values} }

type inferredInts struct{ values []int64 }

// longList is the number of values from which a list has each statement planned anew: the planner then sees the list and looks rows up in a hash of it. A
// plan made for any list compares each row with every value, wherever it does not use an index.
const longList = 32

// Planned tells package store not to keep a statement with a long list prepared.
func (a inferredInts) Planned() bool { return len(a.values) >= longList }

type textList struct{ textArray }

// Planned is as for integers.
func (a textList) Planned() bool { return len(a.values) >= longList }

// Value is the text form of the array.
func (a inferredInts) Value() (driver.Value, error) { return textForm(int64Array{values: a.values}) }

// Texts is a text[].
func (Dialect) Texts(values []string) any { return textList{textArray{values: values}} }

// Lookup joins the list laterally; OFFSET 0 keeps the planner from making another join of it.
func (Dialect) Lookup(table, columns, where string) string {
	return "SELECT found.* FROM unnest(?::bigint[]) AS wanted(value) CROSS JOIN LATERAL (SELECT " + columns + " FROM " + table + " WHERE " + where +
		" OFFSET 0) AS found"
}

// UpdateOptions is READ COMMITTED: the caller locks the rows it decides by.
func (Dialect) UpdateOptions() *sql.TxOptions {
	return &sql.TxOptions{Isolation: sql.LevelReadCommitted}
}

// ViewOptions is REPEATABLE READ READ ONLY.
func (Dialect) ViewOptions() *sql.TxOptions {
	return &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
}

// TableExists looks the table up through the search path.
func (Dialect) TableExists() string { return "SELECT to_regclass(?) IS NOT NULL" }

// schemaLockKey is the advisory lock under which schemas change: the bytes "fundledg".
const schemaLockKey int64 = 0x66756e646c656467

// LockSchema takes a session-level advisory lock. Another process's migration may take longer than lock_timeout, so it asks until the context
// ends.
func (d Dialect) LockSchema(ctx context.Context, conn *sql.Conn) error {
	for {
		_, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", schemaLockKey)
		if problem, _ := d.Classify(err); err == nil || problem.Class != store.Busy {
			return err
		}
	}
}

// UnlockSchema gives the lock back.
func (Dialect) UnlockSchema(ctx context.Context, conn *sql.Conn) error {
	var held bool
	if err := conn.QueryRowContext(ctx, "SELECT pg_advisory_unlock($1)", schemaLockKey).Scan(&held); err != nil {
		return err
	}
	if !held {
		return errors.New("the schema lock was not held any more")
	}
	return nil
}
