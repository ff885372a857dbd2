package storetest

import (
	"context"
	"database/sql/driver"
)

// Point is a call on its way to the database.
type Point struct {
	Op    string // begin, prepare, exec, query, commit or rollback
	Query string // the statement in the engine's form; empty for begin, commit and rollback
	After bool   // the database has done it; otherwise it is about to
}

// Fault is asked at every point. An error takes the place of the outcome: before the call the database never sees it, after the call its answer
// is lost. It may be called by several goroutines.
type Fault func(at Point) error

// WithFault puts a Fault between database/sql and the driver.
func WithFault(fault Fault) Option { return func(o *options) { o.fault = fault } }

// wrap is nil when there is no fault to inject.
func (f Fault) wrap() func(driver.Connector) driver.Connector {
	return func(c driver.Connector) driver.Connector {
		if f == nil {
			return c
		}
		return faultyConnector{c, f}
	}
}

// around asks before the call and after a good one.
func (f Fault) around(op, query string, call func() error) error {
	if err := f(Point{Op: op, Query: query}); err != nil {
		return err
	}
	if err := call(); err != nil {
		return err
	}
	return f(Point{Op: op, Query: query, After: true})
}

type faultyConnector struct {
	driver.Connector
	fault Fault
}

func (c faultyConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &faultyConn{conn, c.fault}, nil
}

// faultyConn forwards every optional interface of the drivers we use; driver.ErrSkip means that the driver has none.
type faultyConn struct {
	driver.Conn
	fault Fault
}

func (c *faultyConn) BeginTx(ctx context.Context, options driver.TxOptions) (tx driver.Tx, err error) {
	err = c.fault.around("begin", "", func() (err error) {
		tx, err = c.Conn.(driver.ConnBeginTx).BeginTx(ctx, options)
		return err
	})
	if err != nil {
		if tx != nil {
			return nil, driver.ErrBadConn // begun, and its answer lost: the connection cannot be used again
		}
		return nil, err
	}
	return faultyTx{tx, c.fault}, nil
}

func (c *faultyConn) PrepareContext(ctx context.Context, query string) (stmt driver.Stmt, err error) {
	err = c.fault.around("prepare", query, func() (err error) {
		stmt, err = c.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, query)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &faultyStmt{stmt, c, query}, nil
}

func (c *faultyConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (result driver.Result, err error) {
	inner, ok := c.Conn.(driver.ExecerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	err = c.fault.around("exec", query, func() (err error) {
		result, err = inner.ExecContext(ctx, query, args)
		return err
	})
	return result, err
}

func (c *faultyConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (rows driver.Rows, err error) {
	inner, ok := c.Conn.(driver.QueryerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	err = c.fault.around("query", query, func() (err error) {
		rows, err = inner.QueryContext(ctx, query, args)
		return err
	})
	if err != nil && rows != nil {
		_ = rows.Close() // the injected error is the one to report
		return nil, err
	}
	return rows, err
}

func (c *faultyConn) CheckNamedValue(value *driver.NamedValue) error {
	if checker, ok := c.Conn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(value)
	}
	return driver.ErrSkip
}

func (c *faultyConn) ResetSession(ctx context.Context) error {
	if resetter, ok := c.Conn.(driver.SessionResetter); ok {
		return resetter.ResetSession(ctx)
	}
	return nil
}

func (c *faultyConn) IsValid() bool {
	validator, ok := c.Conn.(driver.Validator)
	return !ok || validator.IsValid()
}

type faultyTx struct {
	driver.Tx
	fault Fault
}

func (t faultyTx) Commit() error   { return t.end("commit", t.Tx.Commit) }
func (t faultyTx) Rollback() error { return t.end("rollback", t.Tx.Rollback) }

// end rolls back what an error before the call leaves open, as a server does with a session that it loses.
func (t faultyTx) end(op string, call func() error) error {
	reached := false
	err := t.fault.around(op, "", func() error {
		reached = true
		return call()
	})
	if err != nil && !reached {
		_ = t.Tx.Rollback() // the injected error is the one to report
	}
	return err
}

type faultyStmt struct {
	driver.Stmt
	conn  *faultyConn
	query string
}

func (s *faultyStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (result driver.Result, err error) {
	err = s.conn.fault.around("exec", s.query, func() (err error) {
		result, err = s.Stmt.(driver.StmtExecContext).ExecContext(ctx, args)
		return err
	})
	return result, err
}

func (s *faultyStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (rows driver.Rows, err error) {
	err = s.conn.fault.around("query", s.query, func() (err error) {
		rows, err = s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
		return err
	})
	if err != nil && rows != nil {
		_ = rows.Close() // the injected error is the one to report
		return nil, err
	}
	return rows, err
}

func (s *faultyStmt) CheckNamedValue(value *driver.NamedValue) error {
	if checker, ok := s.Stmt.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(value)
	}
	return s.conn.CheckNamedValue(value)
}
