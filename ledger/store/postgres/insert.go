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
func (Dialect) Insert(ctx context.Context, to store.Statements, addition store.Addition, n int) error {
	if n <= fewRows {
		query, args := insertValues(addition, n, nil)
		return to.Exec(ctx, query, args...)
	}
	return insertArrays(ctx, to, addition, n)
}

// executor is the part of store.Statements that PostgreSQL needs.
type executor interface {
	Exec(ctx context.Context, query string, args ...any) error
}

func insertArrays(ctx context.Context, to executor, addition store.Addition, n int) error {
	query := unnestQuery(addition, 0)
	for from := 0; from < n; {
		end := chunkEnd(addition.Columns, from, n)
		if err := to.Exec(ctx, query, arrays(addition.Columns, from, end, nil)...); err != nil {
			return err
		}
		from = end
	}
	return nil
}

// arrays appends the arguments of unnestQuery for rows from … end-1.
func arrays(columns []store.Column, from, end int, args []any) []any {
	for _, column := range columns {
		if column.Fixed() {
			args = append(args, column.Value(0))
		} else {
			args = append(args, array(column, from, end))
		}
	}
	return args
}

// insertInto is INSERT INTO t (a, b).
func insertInto(table string, columns []store.Column) string {
	names := make([]string, len(columns))
	for i, column := range columns {
		names[i] = column.Name()
	}
	return "INSERT INTO " + table + " (" + strings.Join(names, ", ") + ") "
}

// insertValues is INSERT INTO t (a, b) VALUES ($1, $2), with marks that follow the arguments there are, and the arguments with its own.
func insertValues(addition store.Addition, n int, args []any) (string, []any) {
	rows := make([]string, n)
	for row := range n {
		marks := make([]string, len(addition.Columns))
		for i, column := range addition.Columns {
			args = append(args, column.Value(row))
			marks[i] = "$" + strconv.Itoa(len(args))
		}
		rows[row] = "(" + strings.Join(marks, ", ") + ")"
	}
	return insertInto(addition.Table, addition.Columns) + "VALUES " + strings.Join(rows, ", ") + " " + addition.Conflict, args
}

// unnestQuery is INSERT INTO t (a, b) SELECT unnest($1::bigint[]), $2::text, with marks after the first ones.
func unnestQuery(addition store.Addition, marks int) string {
	values := make([]string, len(addition.Columns))
	for i, column := range addition.Columns {
		values[i] = "$" + strconv.Itoa(marks+i+1) + "::" + types[column.Kind()]
		if !column.Fixed() {
			values[i] = "unnest(" + values[i] + "[])"
		}
	}
	return insertInto(addition.Table, addition.Columns) + "SELECT " + strings.Join(values, ", ") + " " + addition.Conflict
}

// togetherRows and togetherBytes bound what goes into one statement with others.
const (
	togetherRows  = 512
	togetherBytes = 1 << 20
)

// Together is WITH a0 AS (INSERT …), a1 AS (INSERT …) UPDATE …: one round trip instead of one a table. Several rows are arrays, so that few different
// statements are to be prepared.
func (d Dialect) Together(additions []store.Addition, rows []int, last string, args []any) (string, []any, bool) {
	total := 0
	for i, addition := range additions {
		if total += rows[i]; total > togetherRows || size(addition.Columns, rows[i]) > togetherBytes {
			return "", nil, false
		}
	}
	if len(additions) == 0 {
		return d.Rebind(last), args, true
	}
	all := append([]any(nil), args...) // last's own marks count from 1
	parts := make([]string, len(additions))
	for i, addition := range additions {
		var query string
		if rows[i] == 1 {
			query, all = insertValues(addition, 1, all)
		} else {
			query = unnestQuery(addition, len(all))
			all = arrays(addition.Columns, 0, rows[i], all)
		}
		parts[i] = "a" + strconv.Itoa(i) + " AS (" + query + ")"
	}
	return "WITH " + strings.Join(parts, ", ") + " " + d.Rebind(last), all, true
}

// size is the number of bytes of the texts and blobs of n rows.
func size(columns []store.Column, n int) int {
	total := 0
	for row := range n {
		total += rowSize(columns, row)
	}
	return total
}

// chunkEnd is the row before which a statement that begins at row from ends.
func chunkEnd(columns []store.Column, from, n int) int {
	end := min(n, from+chunkRows)
	size := 0
	for row := from; row < end; row++ {
		if size += rowSize(columns, row); size > chunkBytes && row > from {
			return row
		}
	}
	return end
}

// rowSize is the number of bytes of the texts and blobs of a row.
func rowSize(columns []store.Column, row int) int {
	size := 0
	for _, column := range columns {
		if column.Fixed() {
			continue
		}
		switch values := column.Values().(type) {
		case []string:
			size += len(values[row])
		case [][]byte:
			size += len(values[row])
		}
	}
	return size
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
