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

func insertArrays(ctx context.Context, to store.Statements, table string, columns []store.Column, n int) error {
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

func insertInto(query *strings.Builder, table string, columns []store.Column) {
	query.WriteString("INSERT INTO ")
	query.WriteString(table)
	for i, column := range columns {
		query.WriteString([...]string{" (", ", "}[min(i, 1)])
		query.WriteString(column.Name())
	}
	query.WriteString(") ")
}

func insertValues(ctx context.Context, to store.Statements, table string, columns []store.Column, n int) error {
	var query strings.Builder
	insertInto(&query, table, columns)
	query.WriteString("VALUES ")
	args := make([]any, 0, n*len(columns))
	for row := range n {
		if row > 0 {
			query.WriteString(", ")
		}
		for i, column := range columns {
			query.WriteString([...]string{"($", ", $"}[min(i, 1)])
			args = append(args, column.Value(row))
			query.WriteString(strconv.Itoa(len(args)))
		}
		query.WriteString(")")
	}
	return to.Exec(ctx, query.String(), args...)
}

// unnestQuery is INSERT INTO t (a, b) SELECT unnest($1::bigint[]), $2::text.
func unnestQuery(table string, columns []store.Column) string {
	var query strings.Builder
	insertInto(&query, table, columns)
	for i, column := range columns {
		query.WriteString([...]string{"SELECT ", ", "}[min(i, 1)])
		placeholder := "$" + strconv.Itoa(i+1) + "::" + types[column.Kind()]
		if column.Fixed() {
			query.WriteString(placeholder)
		} else {
			query.WriteString("unnest(" + placeholder + "[])")
		}
	}
	return query.String()
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
