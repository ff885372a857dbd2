package postgres

import (
	"database/sql/driver"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/fundledger/fundledger/ledger/store"
)

// Arrays go to the server in its binary form when the connection has binary_parameters (postgres.Open sets it), and as text otherwise: lib/pq asks
// for BinaryValue in the first case and for Value in the second.

// Object identifiers of the element types, fixed by PostgreSQL's catalogue pg_type.
const (
	oidBool  = 16
	oidBytea = 17
	oidInt8  = 20
	oidInt2  = 21
	oidInt4  = 23
	oidText  = 25
)

// element writes element i of an array. ok is false for NULL.
type element interface {
	oid() uint32
	size() int
	null(i int) bool
	binary(out []byte, i int) []byte
	text(out []byte, i int) []byte
}

// binaryArray is the wire form: dimensions, has-null flag, element type, length, lower bound, then each element with its length.
func binaryArray(e element) ([]byte, error) {
	n := e.size()
	out := make([]byte, 0, 20+12*n)
	dimensions := uint32(1)
	if n == 0 {
		dimensions = 0
	}
	out = binary.BigEndian.AppendUint32(out, dimensions)
	flags := len(out)
	out = binary.BigEndian.AppendUint32(out, 0)
	out = binary.BigEndian.AppendUint32(out, e.oid())
	if n == 0 {
		return out, nil
	}
	out = binary.BigEndian.AppendUint32(out, uint32(n))
	out = binary.BigEndian.AppendUint32(out, 1)
	for i := range n {
		if e.null(i) {
			out[flags+3] = 1
			out = binary.BigEndian.AppendUint32(out, 0xffffffff)
			continue
		}
		at := len(out)
		out = e.binary(append(out, 0, 0, 0, 0), i)
		binary.BigEndian.PutUint32(out[at:], uint32(len(out)-at-4))
	}
	return out, nil
}

func textForm(e element) (driver.Value, error) {
	out := []byte{'{'}
	for i := range e.size() {
		if i > 0 {
			out = append(out, ',')
		}
		if e.null(i) {
			out = append(out, "NULL"...)
		} else {
			out = e.text(out, i)
		}
	}
	return string(append(out, '}')), nil
}

type int64Array struct {
	values []int64
	valid  []bool
}

func (a int64Array) oid() uint32     { return oidInt8 }
func (a int64Array) size() int       { return len(a.values) }
func (a int64Array) null(i int) bool { return a.valid != nil && !a.valid[i] }
func (a int64Array) binary(out []byte, i int) []byte {
	return binary.BigEndian.AppendUint64(out, uint64(a.values[i]))
}
func (a int64Array) text(out []byte, i int) []byte { return strconv.AppendInt(out, a.values[i], 10) }
func (a int64Array) BinaryValue() ([]byte, error)  { return binaryArray(a) }
func (a int64Array) Value() (driver.Value, error)  { return textForm(a) }

type int32Array struct {
	values []int32
	valid  []bool
}

func (a int32Array) oid() uint32     { return oidInt4 }
func (a int32Array) size() int       { return len(a.values) }
func (a int32Array) null(i int) bool { return a.valid != nil && !a.valid[i] }
func (a int32Array) binary(out []byte, i int) []byte {
	return binary.BigEndian.AppendUint32(out, uint32(a.values[i]))
}
func (a int32Array) text(out []byte, i int) []byte {
	return strconv.AppendInt(out, int64(a.values[i]), 10)
}
func (a int32Array) BinaryValue() ([]byte, error) { return binaryArray(a) }
func (a int32Array) Value() (driver.Value, error) { return textForm(a) }

type int16Array struct {
	values []int16
	valid  []bool
}

func (a int16Array) oid() uint32     { return oidInt2 }
func (a int16Array) size() int       { return len(a.values) }
func (a int16Array) null(i int) bool { return a.valid != nil && !a.valid[i] }
func (a int16Array) binary(out []byte, i int) []byte {
	return binary.BigEndian.AppendUint16(out, uint16(a.values[i]))
}
func (a int16Array) text(out []byte, i int) []byte {
	return strconv.AppendInt(out, int64(a.values[i]), 10)
}
func (a int16Array) BinaryValue() ([]byte, error) { return binaryArray(a) }
func (a int16Array) Value() (driver.Value, error) { return textForm(a) }

type boolArray struct {
	values []bool
	valid  []bool
}

func (a boolArray) oid() uint32     { return oidBool }
func (a boolArray) size() int       { return len(a.values) }
func (a boolArray) null(i int) bool { return a.valid != nil && !a.valid[i] }
func (a boolArray) binary(out []byte, i int) []byte {
	if a.values[i] {
		return append(out, 1)
	}
	return append(out, 0)
}
func (a boolArray) text(out []byte, i int) []byte { return strconv.AppendBool(out, a.values[i]) }
func (a boolArray) BinaryValue() ([]byte, error)  { return binaryArray(a) }
func (a boolArray) Value() (driver.Value, error)  { return textForm(a) }

type blobArray struct {
	values [][]byte
	valid  []bool
}

func (a blobArray) oid() uint32                     { return oidBytea }
func (a blobArray) size() int                       { return len(a.values) }
func (a blobArray) null(i int) bool                 { return a.values[i] == nil || a.valid != nil && !a.valid[i] }
func (a blobArray) binary(out []byte, i int) []byte { return append(out, a.values[i]...) }
func (a blobArray) text(out []byte, i int) []byte {
	out = append(out, `"\\x`...)
	return append(hex.AppendEncode(out, a.values[i]), '"')
}
func (a blobArray) BinaryValue() ([]byte, error) { return binaryArray(a) }
func (a blobArray) Value() (driver.Value, error) { return textForm(a) }

type textArray struct {
	values []string
	valid  []bool
}

func (a textArray) oid() uint32                     { return oidText }
func (a textArray) size() int                       { return len(a.values) }
func (a textArray) null(i int) bool                 { return a.valid != nil && !a.valid[i] }
func (a textArray) binary(out []byte, i int) []byte { return append(out, a.values[i]...) }
func (a textArray) text(out []byte, i int) []byte {
	out = append(out, '"')
	for j := range len(a.values[i]) {
		c := a.values[i][j]
		if c == '"' || c == '\\' {
			out = append(out, '\\')
		}
		out = append(out, c)
	}
	return append(out, '"')
}

func (a textArray) BinaryValue() ([]byte, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	return binaryArray(a)
}

func (a textArray) Value() (driver.Value, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	return textForm(a)
}

func (a textArray) check() error {
	for _, text := range a.values {
		if !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
			return errors.Join(store.ErrText)
		}
	}
	return nil
}
