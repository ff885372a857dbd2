package seal

import (
	"encoding/binary"
	"math"
)

// DecodeColumns reads n lines and their seed. It returns a *FormatError when the bytes are anything but the canonical form of n lines: whatever it
// accepts, EncodeColumns writes back byte for byte.
func DecodeColumns(encoded []byte, n int64) (Seed, *Lines, error) {
	lines := &Lines{}
	seed, err := DecodeColumnsInto(lines, encoded, n)
	if err != nil {
		return Seed{}, nil, err
	}
	return seed, lines, nil
}

// DecodeColumnsInto is DecodeColumns into lines that the caller has, in place of what they held: a reader of many entries makes room once. After an error
// they hold nothing.
func DecodeColumnsInto(lines *Lines, encoded []byte, n int64) (Seed, error) {
	var seed Seed
	lines.resize(0)
	if n == 0 {
		if len(encoded) != 0 {
			return seed, &FormatError{Part: "columns", Reason: "an entry without lines has columns"}
		}
		return seed, nil
	}
	// Every line takes more than two bytes, so this bounds what a damaged count can make us allocate.
	if n < 0 || n > maxLineCount || int64(len(encoded)) < SeedSize+2*n {
		return seed, &FormatError{Part: "columns", Reason: "shorter than the line count says"}
	}
	lines.resize(int(n))
	r := columnReader{rest: encoded[copy(seed[:], encoded):]}
	r.accounts(lines.Accounts)
	r.sides(lines.Sides)
	r.amounts(lines.Amounts)
	r.months(lines.Months)
	r.tags(lines.Tags)
	if len(r.rest) != 0 {
		r.fail("bytes after the last line")
	}
	if r.reason != "" {
		lines.resize(0)
		return Seed{}, &FormatError{Part: "columns", Reason: r.reason}
	}
	return seed, nil
}

// resize gives every column the length n, keeping its room. The contents are whatever they were.
func (l *Lines) resize(n int) {
	l.Accounts = resized(l.Accounts, n)
	l.Sides = resized(l.Sides, n)
	l.Amounts = resized(l.Amounts, n)
	l.Months = resized(l.Months, n)
	l.Tags = resized(l.Tags, n)
}

func resized[T any](column []T, n int) []T {
	if cap(column) < n {
		return make([]T, n)
	}
	return column[:n]
}

// columnReader takes each value in the one form that the writer gives it, so that what it has read need not be written again to be compared.
type columnReader struct {
	rest   []byte
	reason string // the first fault
}

func (r *columnReader) fail(reason string) {
	if r.reason == "" {
		r.reason = reason
	}
	r.rest = nil
}

func (r *columnReader) accounts(accounts []int32) {
	rest, account := r.rest, int64(0)
	for i := range accounts {
		value, size := uvarint(rest)
		account += signed(value)
		if size == 0 || account <= 0 || account > math.MaxInt32 {
			r.fail("an account number that is malformed, not above zero or too large")
			return
		}
		accounts[i], rest = int32(account), rest[size:]
	}
	r.rest = rest
}

func (r *columnReader) sides(sides []int16) {
	size := (len(sides) + 7) / 8
	if len(r.rest) < size {
		r.fail("cut in the sides")
		return
	}
	for i := range sides {
		sides[i] = SideDebit - 2*int16(r.rest[i/8]>>(i%8)&1)
	}
	if used := len(sides) % 8; used != 0 && r.rest[size-1]>>used != 0 {
		r.fail("side bits beyond the last line")
		return
	}
	r.rest = r.rest[size:]
}

func (r *columnReader) amounts(amounts []int64) {
	rest, amount := r.rest, int64(0)
	for i := range amounts {
		value, size := uvarint(rest)
		amount += signed(value) // wraps around by design
		if size == 0 || amount == math.MinInt64 {
			r.fail("an amount that is malformed or has no negative")
			return
		}
		amounts[i], rest = amount, rest[size:]
	}
	r.rest = rest
}

func (r *columnReader) months(months []int32) {
	month := int64(0)
	for i := 0; i < len(months); {
		delta := r.varint()
		month += delta
		switch {
		case delta == 0 && i > 0:
			r.fail("a run of months cut in two")
		case month != int64(int32(month)) || !monthFits(int32(month)):
			r.fail("no month")
		}
		end := r.run(i, len(months))
		if r.reason != "" {
			return
		}
		for ; i < end; i++ {
			months[i] = int32(month)
		}
	}
}

func (r *columnReader) tags(tags []string) {
	for i := 0; i < len(tags); {
		tag := r.tag()
		if i > 0 && tag == tags[i-1] {
			r.fail("a run of tags cut in two")
		}
		end := r.run(i, len(tags))
		if r.reason != "" {
			return
		}
		for ; i < end; i++ {
			tags[i] = tag
		}
	}
}

func (r *columnReader) tag() string {
	length := r.uvarint()
	if length > MaxTagBytes || length > uint64(len(r.rest)) {
		r.fail("a tag that is cut or too long")
		return ""
	}
	tag := string(r.rest[:length])
	if fault := textFault(tag); fault != "" {
		r.fail("a tag " + fault)
		return ""
	}
	r.rest = r.rest[length:]
	return tag
}

func (r *columnReader) run(start, n int) int {
	length := r.uvarint()
	if length == 0 || length > uint64(n-start) {
		r.fail("a run of no lines or of more than there are")
		return start
	}
	return start + int(length)
}

func (r *columnReader) varint() int64 { return signed(r.uvarint()) }

func (r *columnReader) uvarint() uint64 {
	value, size := uvarint(r.rest)
	if size == 0 {
		r.fail("a number that is cut, overlong or too large")
		return 0
	}
	r.rest = r.rest[size:]
	return value
}

// signed undoes the zigzag of signed numbers.
func signed(value uint64) int64 { return int64(value>>1) ^ -int64(value&1) }

// uvarint reads the varint at the start of p and returns how many bytes it takes, none when there is no varint in its shortest form: the last of several
// bytes is not zero.
func uvarint(p []byte) (value uint64, size int) {
	// Differences of accounts and amounts take one to four bytes nearly always.
	if len(p) >= 4 {
		b0, b1, b2, b3 := uint64(p[0]), uint64(p[1]), uint64(p[2]), uint64(p[3])
		switch {
		case b0 < 0x80:
			return b0, 1
		case b1 < 0x80 && b1 > 0:
			return b0&0x7f | b1<<7, 2
		case b1 >= 0x80 && b2 < 0x80 && b2 > 0:
			return b0&0x7f | b1&0x7f<<7 | b2<<14, 3
		case b1 >= 0x80 && b2 >= 0x80 && b3 < 0x80 && b3 > 0:
			return b0&0x7f | b1&0x7f<<7 | b2&0x7f<<14 | b3<<21, 4
		}
	}
	value, size = binary.Uvarint(p)
	if size <= 0 || size > 1 && p[size-1] == 0 {
		return 0, 0
	}
	return value, size
}
