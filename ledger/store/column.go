package store

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Column is one named column of a bulk insert. Make it with Int64s, Texts and their sisters, with Fixed, and with Nullable.
type Column struct {
	name   string
	kind   Kind
	values any    // []int64, []int32, []int16, []string, [][]byte, []bool; for a fixed column one element
	fixed  bool   // the one value stands in every row
	valid  []bool // nil: no row is NULL
}

// Kind is the element type of a Column.
type Kind uint8

// The kinds, with their PostgreSQL types.
const (
	KindInt64 Kind = iota // bigint
	KindInt32             // integer
	KindInt16             // smallint
	KindText              // text
	KindBlob              // bytea
	KindBool              // boolean
)

// Int64s is a column of 64-bit integers.
func Int64s(name string, values []int64) Column {
	return Column{name: name, kind: KindInt64, values: values}
}

// Int32s is a column of 32-bit integers.
func Int32s(name string, values []int32) Column {
	return Column{name: name, kind: KindInt32, values: values}
}

// Int16s is a column of 16-bit integers.
func Int16s(name string, values []int16) Column {
	return Column{name: name, kind: KindInt16, values: values}
}

// Texts is a column of text: valid UTF-8 without NUL, or the insert is refused with ErrText on both engines.
func Texts(name string, values []string) Column {
	return Column{name: name, kind: KindText, values: values}
}

// Blobs is a column of bytes. A nil element is NULL, an empty one is not.
func Blobs(name string, values [][]byte) Column {
	return Column{name: name, kind: KindBlob, values: values}
}

// Bools is a column of truth values; SQLite keeps them as 0 and 1.
func Bools(name string, values []bool) Column {
	return Column{name: name, kind: KindBool, values: values}
}

// Fixed is a column with the same value in every row, sent once a statement. An insert of fixed columns only adds one row.
func Fixed[T int64 | int32 | int16 | string | bool](name string, value T) Column {
	column := Column{name: name, fixed: true}
	switch v := any(value).(type) {
	case int64:
		column.kind, column.values = KindInt64, []int64{v}
	case int32:
		column.kind, column.values = KindInt32, []int32{v}
	case int16:
		column.kind, column.values = KindInt16, []int16{v}
	case string:
		column.kind, column.values = KindText, []string{v}
	case bool:
		column.kind, column.values = KindBool, []bool{v}
	}
	return column
}

// FixedBlob is Fixed for bytes; nil is NULL.
func FixedBlob(name string, value []byte) Column {
	return Column{name: name, kind: KindBlob, values: [][]byte{value}, fixed: true}
}

// Nullable makes row i of the column NULL where valid[i] is false. valid has the column's length.
func Nullable(column Column, valid []bool) Column {
	column.valid = valid
	return column
}

// Name is the column's name in the table.
func (c Column) Name() string { return c.name }

// Kind is the element type.
func (c Column) Kind() Kind { return c.kind }

// Fixed reports whether one value stands in every row.
func (c Column) Fixed() bool { return c.fixed }

// Valid marks the rows that are not NULL; nil when none is by the mark (a nil element of a blob column is NULL all the same).
func (c Column) Valid() []bool { return c.valid }

// Values is the typed slice: []int64, []int32, []int16, []string, [][]byte or []bool; one element when the column is fixed.
func (c Column) Values() any { return c.values }

// Value is row i as a driver takes it: int64, string, []byte, bool or nil.
func (c Column) Value(i int) any {
	if c.fixed {
		i = 0
	}
	if c.valid != nil && !c.valid[i] {
		return nil
	}
	switch c.kind {
	case KindInt64:
		return c.values.([]int64)[i]
	case KindInt32:
		return int64(c.values.([]int32)[i])
	case KindInt16:
		return int64(c.values.([]int16)[i])
	case KindText:
		return c.values.([]string)[i]
	case KindBlob:
		if b := c.values.([][]byte)[i]; b != nil {
			return b
		}
		return nil
	default:
		return c.values.([]bool)[i]
	}
}

// Len is the number of values held: 1 for a fixed column.
func (c Column) Len() int {
	switch values := c.values.(type) {
	case []int64:
		return len(values)
	case []int32:
		return len(values)
	case []int16:
		return len(values)
	case []string:
		return len(values)
	case [][]byte:
		return len(values)
	case []bool:
		return len(values)
	}
	return 0
}

var namePattern = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// checkInsert finds every fault of an insert before the engine is asked and counts its rows.
func checkInsert(table string, columns []Column) (n int, err error) {
	if !namePattern.MatchString(table) {
		return 0, fmt.Errorf("table %q: %w", table, ErrName)
	}
	if len(columns) == 0 {
		return 0, fmt.Errorf("table %s: %w", table, ErrColumns)
	}
	n = -1
	for _, column := range columns {
		if !namePattern.MatchString(column.name) {
			return 0, fmt.Errorf("table %s, column %q: %w", table, column.name, ErrName)
		}
		if column.valid != nil && len(column.valid) != column.Len() {
			return 0, fmt.Errorf("column %s has %d values and %d marks of validity: %w", column.name, column.Len(), len(column.valid), ErrColumns)
		}
		if texts, ok := column.values.([]string); ok {
			if row := firstBadText(texts); row >= 0 {
				return 0, fmt.Errorf("column %s, row %d: %w", column.name, row, ErrText)
			}
		}
		if column.fixed {
			continue
		}
		if n >= 0 && column.Len() != n {
			return 0, fmt.Errorf("column %s has %d rows, those before it have %d: %w", column.name, column.Len(), n, ErrColumns)
		}
		n = column.Len()
	}
	if n < 0 {
		n = 1
	}
	return n, nil
}

// firstBadText is the first row that is no valid UTF-8 or holds NUL, or -1. PostgreSQL would refuse such text and SQLite would keep it.
func firstBadText(texts []string) int {
	for i, text := range texts {
		if !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
			return i
		}
	}
	return -1
}
