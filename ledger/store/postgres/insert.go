package postgres

import (
	"context"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/ledger/store"
)

const (
	// fewRows is the number of rows up to which INSERT … VALUES is used; above it arrays are unnested, which wins from about five rows (BenchmarkInsert).
	fewRows = 4
	// chunkRows and chunkBytes bound one statement of unnested arrays.
	chunkRows  = 20_000
	chunkBytes = 8 << 20
)

// types are the element types of the kinds.
var types = [...]string{
	store.KindInt64: "bigint", store.KindInt32: "integer", store.KindInt16: "smallint",
	store.KindText: "text", store.KindBlob: "bytea", store.KindBool: "boolean",
}

// Insert uses INSERT … VALUES for a few rows and INSERT … SELECT unnest(array), … for more, in statements of bounded size. The arrays stand in the
// select list, where PostgreSQL (10 and later) takes them in step row by row; in FROM it would first write each into a store of its own, which
// costs a sixth of the speed. COPY is a quarter faster still, and refused under row-level security and, by its errors, blind on Citus.
func (Dialect) Insert(ctx context.Context, to store.Statements, table string, columns []store.Column, n int) error {
	if n <= fewRows {
		return insertValues(ctx, to, table, columns, n)
	}
	return insertArrays(ctx, to, table, columns, n)
}

// executor is the part of store.Statements that PostgreSQL needs.
type executor interface {
	Exec(ctx context.Context, query string, args ...any) error
}

func insertArrays(ctx context.Context, to executor, table string, columns []store.Column, n int) error {
	query := unnestQuery(table, columns)
	args := make([]any, len(columns))
	for from := 0; from < n; {
		end := chunkEnd(columns, from, n)
		for i, column := range columns {
			if column.Fixed() {
				args[i] = column.Value(0)
			} else {
				args[i] = array(column, from, end)
			}
		}
		if err := to.Exec(ctx, query, args...); err != nil {
			return err
		}
		from = end
	}
	return nil
}

// insertInto is INSERT INTO t (a, b).
func insertInto(table string, columns []store.Column) string {
	names := make([]string, len(columns))
	for i, column := range columns {
		names[i] = column.Name()
	}
	return "INSERT INTO " + table + " (" + strings.Join(names, ", ") + ") "
}

func insertValues(ctx context.Context, to executor, table string, columns []store.Column, n int) error {
	args := make([]any, 0, n*len(columns))
	rows := make([]string, n)
	for row := range n {
		marks := make([]string, len(columns))
		for i, column := range columns {
			args = append(args, column.Value(row))
			marks[i] = "$" + strconv.Itoa(len(args))
		}
		rows[row] = "(" + strings.Join(marks, ", ") + ")"
	}
	return to.Exec(ctx, insertInto(table, columns)+"VALUES "+strings.Join(rows, ", "), args...)
}

// unnestQuery is INSERT INTO t (a, b) SELECT unnest($1::bigint[]), $2::text.
func unnestQuery(table string, columns []store.Column) string {
	values := make([]string, len(columns))
	for i, column := range columns {
		values[i] = "$" + strconv.Itoa(i+1) + "::" + types[column.Kind()]
		if !column.Fixed() {
			values[i] = "unnest(" + values[i] + "[])"
		}
	}
	return insertInto(table, columns) + "SELECT " + strings.Join(values, ", ")
}

// chunkEnd is the row before which a statement that begins at row from ends.
func chunkEnd(columns []store.Column, from, n int) int {
	end := min(n, from+chunkRows)
	size := 0
	for row := from; row < end; row++ {
		for _, column := range columns {
			switch values := column.Values().(type) {
			case []string:
				if !column.Fixed() {
					size += len(values[row])
				}
			case [][]byte:
				if !column.Fixed() {
					size += len(values[row])
				}
			}
		}
		if size > chunkBytes && row > from {
			return row
		}
	}
	return end
}

// array is rows from … end-1 of the column.
func array(column store.Column, from, end int) any {
	valid := column.Valid()
	if valid != nil {
		valid = valid[from:end]
	}
	switch values := column.Values().(type) {
	case []int64:
		return int64Array{values[from:end], valid}
	case []int32:
		return int32Array{values[from:end], valid}
	case []int16:
		return int16Array{values[from:end], valid}
	case []string:
		return textArray{values[from:end], valid}
	case [][]byte:
		return blobArray{values[from:end], valid}
	default:
		return boolArray{values.([]bool)[from:end], valid}
	}
}
