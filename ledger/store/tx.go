package store

import (
	"context"
	"database/sql"
	"strings"
)

// Handle is a transaction, or a connection with an open one: *sql.Tx, *sqlx.Tx, *sql.Conn and *sqlx.Conn have these methods.
type Handle interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// preparer is the part of a Handle that a bulk insert on SQLite gains by. Every standard Handle has it.
type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// Tx is a running transaction. It is for one goroutine. After a failed statement every further one returns the first error again, on both
// engines.
type Tx struct {
	dialect Dialect
	handle  Handle
	failed  error // the first error of the engine
	looking bool  // DB.Look: no transaction, only queries

	conn       *sql.Conn       // the connection that DB took for this transaction; nil over a host's
	own        *sql.Tx         // the transaction that DB began on it; nil over a host's
	cache      *statementCache // of own's pool; nil over a host's
	statements []txStatement   // those of the cache that this transaction used
}

// Dialect is the engine's dialect.
func (tx *Tx) Dialect() Dialect { return tx.dialect }

// Handle is the transaction underneath, for calling the …Tx twins of other packages inside the same transaction.
func (tx *Tx) Handle() Handle { return tx.handle }

// Exec runs a statement with ? marks.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := tx.mayWrite(); err != nil {
		return nil, err
	}
	result, err := tx.exec(ctx, tx.dialect.Rebind(query), args)
	if err != nil {
		return nil, tx.fail(ctx, "exec "+excerpt(query), err)
	}
	return result, nil
}

// mayWrite gives the error of an earlier statement, and refuses what DB.Look does not do.
func (tx *Tx) mayWrite() error {
	if tx.failed == nil && tx.looking {
		return errLooking
	}
	return tx.failed
}

// errLooking is what DB.Look answers to a statement that may write.
var errLooking error = &Error{Op: "write", Class: Permission, Err: ErrLook}

// onlyQueries is the Handle of DB.Look: a pool, on which every statement would be a transaction of its own.
type onlyQueries struct{ pool *sql.DB }

// ExecContext refuses.
func (onlyQueries) ExecContext(context.Context, string, ...any) (sql.Result, error) {
	return nil, errLooking
}

// QueryContext queries on any connection of the pool.
func (q onlyQueries) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return q.pool.QueryContext(ctx, query, args...)
}

// exec sends a statement in the engine's form. Without arguments the drivers have a shorter way than a prepared statement.
func (tx *Tx) exec(ctx context.Context, bound string, args []any) (result sql.Result, err error) {
	stmt := tx.preparedFor(ctx, bound, args)
	if stmt == nil {
		return tx.handle.ExecContext(ctx, bound, args...)
	}
	if result, err = stmt.ExecContext(ctx, args...); err != nil {
		tx.outdated(bound, err)
	}
	return result, err
}

func (tx *Tx) query(ctx context.Context, bound string, args []any) (rows *sql.Rows, err error) {
	stmt := tx.preparedFor(ctx, bound, args)
	if stmt == nil {
		return tx.handle.QueryContext(ctx, bound, args...)
	}
	if rows, err = stmt.QueryContext(ctx, args...); err != nil {
		tx.outdated(bound, err)
	}
	return rows, err
}

// Query runs a query with ? marks. Close the rows before the next statement: one connection carries one result at a time.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*Rows, error) {
	if tx.failed != nil {
		return nil, tx.failed
	}
	rows, err := tx.query(ctx, tx.dialect.Rebind(query), args)
	if err != nil {
		return nil, tx.fail(ctx, "query "+excerpt(query), err)
	}
	return &Rows{Rows: rows, tx: tx, ctx: ctx, query: query}, nil
}

// QueryRow runs a query of which the first row matters. Its error comes from Row.Scan.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *Row {
	rows, err := tx.Query(ctx, query, args...)
	return &Row{rows: rows, err: err}
}

// Insert adds rows to a table from columns of equal length; no rows is no statement. See Dialect.Insert for the ways of the engines. Table and
// column names must come from code; they are checked against [a-z_][a-z0-9_]*.
func (tx *Tx) Insert(ctx context.Context, table string, columns ...Column) error {
	if err := tx.mayWrite(); err != nil {
		return err
	}
	n, err := checkInsert(table, columns)
	if err != nil {
		return &Error{Op: "insert " + table, Class: Other, Err: err}
	}
	if n == 0 {
		return nil
	}
	if err := tx.dialect.Insert(ctx, statements{tx}, Addition{Table: table, Columns: columns}, n); err != nil {
		return tx.fail(ctx, "insert "+table, err)
	}
	return nil
}

// fail remembers the engine's first error, because the transaction cannot go on after it.
func (tx *Tx) fail(ctx context.Context, op string, err error) error {
	err = wrap(ctx, tx.dialect, op, err)
	if tx.failed == nil && !tx.looking {
		tx.failed = err
	}
	return err
}

// excerpt shortens a query for an error message. Queries hold marks, not values.
func excerpt(query string) string {
	const longest = 80
	text := strings.Join(strings.Fields(query), " ")
	if len(text) > longest {
		text = text[:longest] + "…"
	}
	return "\"" + text + "\""
}

// Rows is *sql.Rows whose errors have a class.
type Rows struct {
	*sql.Rows
	tx    *Tx
	ctx   context.Context //nolint:containedctx // the context of the query, needed to tell a cancellation from a fault
	query string
}

// Err is the error that ended the iteration, if any.
func (r *Rows) Err() error {
	if err := r.Rows.Err(); err != nil {
		return r.tx.fail(r.ctx, "read rows of "+excerpt(r.query), err)
	}
	return nil
}

// Scan copies the columns of the current row.
func (r *Rows) Scan(dest ...any) error {
	if err := r.Rows.Scan(dest...); err != nil {
		return wrap(r.ctx, r.tx.dialect, "scan row of "+excerpt(r.query), err)
	}
	return nil
}

// Close ends the iteration. It may be called again.
func (r *Rows) Close() error {
	if err := r.Rows.Close(); err != nil {
		return r.tx.fail(r.ctx, "close rows of "+excerpt(r.query), err)
	}
	return nil
}

// Row is the first row of a query.
type Row struct {
	rows *Rows
	err  error
}

// Scan copies the columns of the row and ends the query. Without a row the error matches sql.ErrNoRows and the transaction goes on.
func (r *Row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Rows.Close() //nolint:errcheck // Close below reports; this one is for the early returns
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return &Error{Op: "query " + excerpt(r.rows.query), Class: Other, Err: sql.ErrNoRows}
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	return r.rows.Close()
}

// statements carries a bulk insert to the transaction.
type statements struct{ tx *Tx }

func (s statements) Exec(ctx context.Context, query string, args ...any) error {
	_, err := s.tx.exec(ctx, query, args)
	return err
}

func (s statements) Repeat(ctx context.Context, query string, n, width int, bind func(row int, args []any)) error {
	args := make([]any, width)
	stmt := s.tx.prepared(ctx, query)
	if p, ok := s.tx.handle.(preparer); ok && stmt == nil && n > 1 {
		var err error
		if stmt, err = p.PrepareContext(ctx, query); err != nil {
			return err
		}
		defer stmt.Close() //nolint:errcheck // the rows are in; a statement that does not close is closed with the transaction
	}
	for row := range n {
		bind(row, args)
		var err error
		if stmt != nil {
			_, err = stmt.ExecContext(ctx, args...)
		} else {
			_, err = s.tx.handle.ExecContext(ctx, query, args...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// rawConn is the part of *sql.Conn that reaches the driver.
type rawConn interface {
	Raw(fn func(driverConn any) error) error
}

func (s statements) Raw(fn func(driverConn any) error) (bool, error) {
	if s.tx.conn != nil {
		return true, s.tx.conn.Raw(fn)
	}
	if conn, ok := s.tx.handle.(rawConn); ok {
		return true, conn.Raw(fn)
	}
	return false, nil
}
