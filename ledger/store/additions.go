package store

import (
	"context"
)

// Addition is rows for one table: columns of equal length, as Tx.Insert takes them, and what to do about rows that are there already.
type Addition struct {
	Table    string
	Columns  []Column
	Conflict string // a whole ON CONFLICT clause, which comes from code; none if empty
}

// InsertAll adds rows to several tables and then runs last, a statement with ? marks that writes as well. On PostgreSQL few rows travel with it in one
// statement: no table may be added to twice, and last must not depend on what was added, nor one addition on another. Additions without rows are left out.
func (tx *Tx) InsertAll(ctx context.Context, additions []Addition, last string, args ...any) error {
	if err := tx.mayWrite(); err != nil {
		return err
	}
	filled, rows := make([]Addition, 0, len(additions)), make([]int, 0, len(additions))
	for _, addition := range additions {
		n, err := checkInsert(addition.Table, addition.Columns)
		if err != nil {
			return &Error{Op: "insert " + addition.Table, Class: Other, Err: err}
		}
		if n > 0 {
			filled, rows = append(filled, addition), append(rows, n)
		}
	}
	if query, all, ok := tx.dialect.Together(filled, rows, last, args); ok {
		if _, err := tx.exec(ctx, query, all); err != nil {
			return tx.fail(ctx, "insert into "+names(filled)+", and "+excerpt(last), err)
		}
		return nil
	}
	for i, addition := range filled {
		if err := tx.dialect.Insert(ctx, statements{tx}, addition, rows[i]); err != nil {
			return tx.fail(ctx, "insert "+addition.Table, err)
		}
	}
	_, err := tx.Exec(ctx, last, args...)
	return err
}

func names(additions []Addition) string {
	text := ""
	for i, addition := range additions {
		if i > 0 {
			text += ", "
		}
		text += addition.Table
	}
	return text
}
