package ncruces

import (
	"context"
	"errors"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/ncruces/go-sqlite3"
	sqlitedriver "github.com/ncruces/go-sqlite3/driver"
)

// insertRows runs the INSERT for each row on the driver's own connection: without database/sql a row costs a third less.
func insertRows(ctx context.Context, driverConn any, query string, columns []store.Column, n int) (ok bool, err error) {
	conn, ok := driverConn.(sqlitedriver.Conn)
	if !ok {
		return false, nil
	}
	c := conn.Raw()
	old := c.SetInterrupt(ctx)
	defer c.SetInterrupt(old)
	stmt, _, err := c.Prepare(query)
	if err != nil {
		return true, err
	}
	defer func() { err = errors.Join(err, stmt.Close()) }()
	var binders []func(row int) error
	for i, column := range columns {
		bind := binder(stmt, i+1, column)
		if column.Fixed() { // a binding stays for all rows
			if err := bind(0); err != nil {
				return true, err
			}
			continue
		}
		binders = append(binders, bind)
	}
	for row := range n {
		for _, bind := range binders {
			if err := bind(row); err != nil {
				return true, err
			}
		}
		if err := stmt.Exec(); err != nil {
			return true, err
		}
	}
	return true, nil
}

// binder binds a row of the column to the parameter.
func binder(stmt *sqlite3.Stmt, parameter int, column store.Column) func(row int) error {
	bind := valueBinder(stmt, parameter, column)
	valid := column.Valid()
	if valid == nil {
		return bind
	}
	return func(row int) error {
		if !valid[row] {
			return stmt.BindNull(parameter)
		}
		return bind(row)
	}
}

func valueBinder(stmt *sqlite3.Stmt, parameter int, column store.Column) func(row int) error {
	switch values := column.Values().(type) {
	case []int64:
		return func(row int) error { return stmt.BindInt64(parameter, values[row]) }
	case []int32:
		return func(row int) error { return stmt.BindInt64(parameter, int64(values[row])) }
	case []int16:
		return func(row int) error { return stmt.BindInt64(parameter, int64(values[row])) }
	case []string:
		return func(row int) error { return stmt.BindText(parameter, values[row]) }
	case [][]byte:
		return func(row int) error { return stmt.BindBlob(parameter, values[row]) }
	default:
		bools := values.([]bool)
		return func(row int) error { return stmt.BindBool(parameter, bools[row]) }
	}
}
