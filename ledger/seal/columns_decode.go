package seal

import (
	"encoding/binary"
	"math"
)

// DecodeColumns reads n lines and their seed. It returns a *FormatError when the bytes are anything but the canonical form of n lines: whatever it
// accepts, EncodeColumns writes back byte for byte.
func DecodeColumns(encoded []byte, n int64) (Seed, *Lines, error) {
	var seed Seed
	if n == 0 {
		if len(encoded) != 0 {
			return seed, nil, &FormatError{Part: "columns", Reason: "an entry without lines has columns"}
		}
		return seed, &Lines{}, nil
	}
	// Every line takes more than two bytes, so this bounds what a damaged count can make us allocate.
	if n < 0 || n > maxLineCount || int64(len(encoded)) < SeedSize+2*n {
		return seed, nil, &FormatError{Part: "columns", Reason: "shorter than the line count says"}
	}
	r := columnReader{rest: encoded[copy(seed[:], encoded):]}
	lines := r.lines(int(n))
	if len(r.rest) != 0 {
		r.fail("bytes after the last line")
	}
	if r.reason != "" {
		return seed, nil, &FormatError{Part: "columns", Reason: r.reason}
	}
	return seed, lines, nil
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

func (r *columnReader) lines(n int) *Lines {
	lines := &Lines{Accounts: make([]int32, n), Sides: make([]int16, n), Amounts: make([]int64, n), Months: make([]int32, n), Tags: make([]string, n)}
	r.accounts(lines.Accounts)
	r.sides(lines.Sides)
	r.amounts(lines.Amounts)
	r.months(lines.Months)
	r.tags(lines.Tags)
	return lines
}

func (r *columnReader) accounts(accounts []int32) {
	account := int64(0)
	for i := range accounts {
		account += r.varint()
		if account <= 0 || account > math.MaxInt32 {
			r.fail("an account number that is not above zero or too large")
			return
		}
		accounts[i] = int32(account)
	}
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
	amount := int64(0)
	for i := range amounts {
		amount += r.varint() // wraps around by design
		if amount == math.MinInt64 {
			r.fail("an amount that has no negative")
			return
		}
		amounts[i] = amount
	}
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

// varint reads a zigzag varint.
func (r *columnReader) varint() int64 {
	value := r.uvarint()
	return int64(value>>1) ^ -int64(value&1)
}

// uvarint reads a varint in its shortest form: the last of several bytes is not zero.
func (r *columnReader) uvarint() uint64 {
	if len(r.rest) > 0 && r.rest[0] < 0x80 {
		value := uint64(r.rest[0])
		r.rest = r.rest[1:]
		return value
	}
	return r.longUvarint()
}

func (r *columnReader) longUvarint() uint64 {
	value, size := binary.Uvarint(r.rest)
	if size <= 0 || size > 1 && r.rest[size-1] == 0 {
		r.fail("a number that is cut, overlong or too large")
		return 0
	}
	r.rest = r.rest[size:]
	return value
}
