package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
)

// SeedSize is the length in bytes of an entry's seed.
const SeedSize = 16

// Seed is the secret of an entry from which the salts of its lines come. Who knows it can test guesses about every line of the entry, so it is kept with
// the lines and never shown in a proof of one of them.
type Seed [SeedSize]byte

// The two sides of a line.
const (
	SideDebit  int16 = 1
	SideCredit int16 = -1
)

// MaxTagBytes is the longest tag of a line.
const MaxTagBytes = 64

// Lines holds the lines of one entry as columns of equal length.
type Lines struct {
	Accounts []int32  // account numbers, above zero
	Sides    []int16  // SideDebit or SideCredit
	Amounts  []int64  // minor units, signed within the side
	Months   []int32  // attribution months as yyyymm, 0 for none
	Tags     []string // at most MaxTagBytes each, usually empty
}

// Len returns the number of lines.
func (l *Lines) Len() int { return len(l.Accounts) }

// Grow makes room for n more lines.
func (l *Lines) Grow(n int) {
	l.Accounts = append(make([]int32, 0, len(l.Accounts)+n), l.Accounts...)
	l.Sides = append(make([]int16, 0, len(l.Sides)+n), l.Sides...)
	l.Amounts = append(make([]int64, 0, len(l.Amounts)+n), l.Amounts...)
	l.Months = append(make([]int32, 0, len(l.Months)+n), l.Months...)
	l.Tags = append(make([]string, 0, len(l.Tags)+n), l.Tags...)
}

// Append adds one line.
func (l *Lines) Append(account int32, side int16, amount int64, month int32, tag string) {
	l.Accounts = append(l.Accounts, account)
	l.Sides = append(l.Sides, side)
	l.Amounts = append(l.Amounts, amount)
	l.Months = append(l.Months, month)
	l.Tags = append(l.Tags, tag)
}

// EncodeColumns writes the seed and the lines, column by column, about five to seven bytes a line. An entry without lines has no columns and no seed.
func EncodeColumns(seed Seed, lines *Lines) []byte {
	n := lines.Len()
	if n == 0 {
		return nil
	}
	out := make([]byte, 0, SeedSize+8*n+8)
	out = append(out, seed[:]...)
	previous := int64(0)
	for _, account := range lines.Accounts {
		out = binary.AppendVarint(out, int64(account)-previous)
		previous = int64(account)
	}
	out = appendSides(out, lines.Sides)
	previous = 0
	for _, amount := range lines.Amounts {
		out = binary.AppendVarint(out, amount-previous) // wraps around by design
		previous = amount
	}
	out = appendMonths(out, lines.Months)
	return appendTags(out, lines.Tags)
}

func appendSides(out []byte, sides []int16) []byte {
	start := len(out)
	out = append(out, make([]byte, (len(sides)+7)/8)...)
	for i, side := range sides {
		if side == SideCredit {
			out[start+i/8] |= 1 << (i % 8)
		}
	}
	return out
}

func appendMonths(out []byte, months []int32) []byte {
	previous := int64(0)
	for i := 0; i < len(months); {
		run := i + 1
		for run < len(months) && months[run] == months[i] {
			run++
		}
		out = binary.AppendVarint(out, int64(months[i])-previous)
		out = binary.AppendUvarint(out, uint64(run-i))
		previous, i = int64(months[i]), run
	}
	return out
}

func appendTags(out []byte, tags []string) []byte {
	for i := 0; i < len(tags); {
		run := i + 1
		for run < len(tags) && tags[run] == tags[i] {
			run++
		}
		out = binary.AppendUvarint(out, uint64(len(tags[i])))
		out = append(out, tags[i]...)
		out = binary.AppendUvarint(out, uint64(run-i))
		i = run
	}
	return out
}

// DecodeColumns reads n lines and their seed. It returns a *FormatError when the bytes are anything but the canonical form of n lines.
func DecodeColumns(encoded []byte, n int64) (Seed, *Lines, error) {
	var seed Seed
	if n == 0 {
		if len(encoded) != 0 {
			return seed, nil, &FormatError{Part: "columns", Reason: "an entry without lines has columns"}
		}
		return seed, &Lines{}, nil
	}
	// Every line takes two bytes at least, so this bounds what a damaged count can make us allocate.
	if n < 0 || n > maxLineCount || n > int64(len(encoded)) || len(encoded) < SeedSize {
		return seed, nil, &FormatError{Part: "columns", Reason: "shorter than the line count says"}
	}
	copy(seed[:], encoded)
	r := columnReader{rest: encoded[SeedSize:]}
	lines := r.lines(int(n))
	if r.failed || len(r.rest) != 0 {
		return seed, nil, &FormatError{Part: "columns", Reason: "cut, overlong or out of range"}
	}
	if !bytes.Equal(EncodeColumns(seed, lines), encoded) {
		return seed, nil, &FormatError{Part: "columns", Reason: "not in canonical form"}
	}
	return seed, lines, nil
}

type columnReader struct {
	rest   []byte
	failed bool
}

func (r *columnReader) lines(n int) *Lines {
	lines := &Lines{Accounts: make([]int32, n), Sides: make([]int16, n), Amounts: make([]int64, n), Months: make([]int32, n), Tags: make([]string, n)}
	previous := int64(0)
	for i := range n {
		previous += r.varint()
		lines.Accounts[i] = int32(previous)
		r.failed = r.failed || previous != int64(int32(previous))
	}
	r.sides(lines.Sides)
	previous = 0
	for i := range n {
		previous += r.varint()
		lines.Amounts[i] = previous
	}
	previous = 0
	for i := 0; i < n && !r.failed; {
		previous += r.varint()
		r.failed = r.failed || previous != int64(int32(previous))
		for end := r.run(i, n); i < end; i++ {
			lines.Months[i] = int32(previous)
		}
	}
	for i := 0; i < n && !r.failed; {
		tag := r.text()
		for end := r.run(i, n); i < end; i++ {
			lines.Tags[i] = tag
		}
	}
	return lines
}

func (r *columnReader) sides(sides []int16) {
	size := (len(sides) + 7) / 8
	if len(r.rest) < size {
		r.failed = true
		return
	}
	for i := range sides {
		sides[i] = SideDebit
		if r.rest[i/8]>>(i%8)&1 == 1 {
			sides[i] = SideCredit
		}
	}
	r.rest = r.rest[size:]
}

func (r *columnReader) run(start, n int) int {
	length := r.uvarint()
	if length == 0 || length > uint64(n-start) {
		r.failed = true
		return start
	}
	return start + int(length)
}

func (r *columnReader) text() string {
	length := r.uvarint()
	if length > MaxTagBytes || length > uint64(len(r.rest)) {
		r.failed = true
		return ""
	}
	text := string(r.rest[:length])
	r.rest = r.rest[length:]
	return text
}

func (r *columnReader) varint() int64 {
	value, size := binary.Varint(r.rest)
	return consume(r, value, size)
}

func (r *columnReader) uvarint() uint64 {
	value, size := binary.Uvarint(r.rest)
	return consume(r, value, size)
}

func consume[T int64 | uint64](r *columnReader, value T, size int) T {
	if size <= 0 {
		r.failed = true
		r.rest = nil
		return 0
	}
	r.rest = r.rest[size:]
	return value
}

// LineHash is the leaf of one line in its entry's tree: SHA-256(0x00 ‖ salt ‖ account ‖ side ‖ amount ‖ month ‖ tag length ‖ tag), numbers big-endian.
func LineHash(salt Hash, account int32, side int16, amount int64, month int32, tag string) Hash {
	var buffer [1 + sha256.Size + 4 + 1 + 8 + 4 + 1 + MaxTagBytes]byte
	at := 1 + copy(buffer[1:], salt[:])
	binary.BigEndian.PutUint32(buffer[at:], uint32(account))
	if side == SideCredit {
		buffer[at+4] = 1
	}
	binary.BigEndian.PutUint64(buffer[at+5:], uint64(amount))
	binary.BigEndian.PutUint32(buffer[at+13:], uint32(month))
	buffer[at+17] = byte(len(tag))
	at += 18 + copy(buffer[at+18:], tag)
	return sha256.Sum256(buffer[:at])
}

// LineSalt is what hides a line's content in its hash: SHA-256(seed ‖ ordinal as 8 bytes, big-endian).
func LineSalt(seed Seed, ordinal int64) Hash {
	var buffer [SeedSize + 8]byte
	copy(buffer[:], seed[:])
	binary.BigEndian.PutUint64(buffer[SeedSize:], uint64(ordinal))
	return sha256.Sum256(buffer[:])
}

// LinesRoot is the Merkle root over the lines of one entry, in order. It allocates nothing per line.
func LinesRoot(seed Seed, firstOrdinal int64, lines *Lines) Hash {
	var tree Frontier
	for i, account := range lines.Accounts {
		salt := LineSalt(seed, firstOrdinal+int64(i))
		tree.Append(LineHash(salt, account, lines.Sides[i], lines.Amounts[i], lines.Months[i], lines.Tags[i]), nil)
	}
	return tree.Root()
}
