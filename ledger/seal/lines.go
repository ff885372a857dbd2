package seal

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fundledger/fundledger/ledger/calendar"
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

// maxLineCount is the most lines an entry of this format can have; the ledger allows fewer.
const maxLineCount = math.MaxInt32

// Lines holds the lines of one entry as columns of equal length.
type Lines struct {
	Accounts []int32  // account numbers, above zero
	Sides    []int16  // SideDebit or SideCredit
	Amounts  []int64  // minor units, signed within the side; any value that has a negative, so not −2⁶³
	Months   []int32  // attribution months as yyyymm, 0 for none
	Tags     []string // at most MaxTagBytes of UTF-8 without NUL each, usually empty
}

// Len returns the number of lines.
func (l *Lines) Len() int { return len(l.Accounts) }

// Grow makes room for n more lines.
func (l *Lines) Grow(n int) {
	l.Accounts = slices.Grow(l.Accounts, n)
	l.Sides = slices.Grow(l.Sides, n)
	l.Amounts = slices.Grow(l.Amounts, n)
	l.Months = slices.Grow(l.Months, n)
	l.Tags = slices.Grow(l.Tags, n)
}

// Append adds one line.
func (l *Lines) Append(account int32, side int16, amount int64, month int32, tag string) {
	l.Accounts = append(l.Accounts, account)
	l.Sides = append(l.Sides, side)
	l.Amounts = append(l.Amounts, amount)
	l.Months = append(l.Months, month)
	l.Tags = append(l.Tags, tag)
}

// Check returns a *FormatError that names the first line the format cannot hold, counted from 1. The bytes and hashes of lines that pass it are
// different whenever the lines are; EncodeColumns and LinesRoot take no others, and DecodeColumns gives no others.
func (l *Lines) Check() error {
	n := l.Len()
	if n > maxLineCount || len(l.Sides) != n || len(l.Amounts) != n || len(l.Months) != n || len(l.Tags) != n {
		return &FormatError{Part: "lines", Reason: fmt.Sprintf("columns of %d accounts, %d sides, %d amounts, %d months and %d tags",
			n, len(l.Sides), len(l.Amounts), len(l.Months), len(l.Tags))}
	}
	month, tag := int32(0), ""
	for i, account := range l.Accounts {
		// Months and tags come in long runs of equal ones, each of which needs one look.
		known := l.Months[i] == month && l.Tags[i] == tag
		month, tag = l.Months[i], l.Tags[i]
		if !known || account <= 0 || l.Sides[i] != SideDebit && l.Sides[i] != SideCredit || l.Amounts[i] == math.MinInt64 {
			if reason := lineFault(account, l.Sides[i], l.Amounts[i], month, tag); reason != "" {
				return &FormatError{Part: "lines", Reason: fmt.Sprintf("line %d: %s", i+1, reason)}
			}
		}
	}
	return nil
}

// lineFault says why a line cannot be held; it returns nothing for one that can.
func lineFault(account int32, side int16, amount int64, month int32, tag string) string {
	switch {
	case account <= 0:
		return fmt.Sprintf("account number %d is not above zero", account)
	case side != SideDebit && side != SideCredit:
		return fmt.Sprintf("side %d is neither debit (1) nor credit (-1)", side)
	case amount == math.MinInt64:
		return fmt.Sprintf("amount %d has no negative", amount)
	case !monthFits(month):
		return fmt.Sprintf("%d is no month", month)
	case len(tag) > MaxTagBytes:
		return fmt.Sprintf("tag of %d bytes, at most %d are kept", len(tag), MaxTagBytes)
	}
	if fault := textFault(tag); fault != "" {
		return "tag " + fault
	}
	return ""
}

func monthFits(month int32) bool { return month == 0 || calendar.Month(month).Valid() }

// textFault says why a text cannot be sealed. Texts are kept byte for byte: nothing is normalised.
func textFault(text string) string {
	switch {
	case !utf8.ValidString(text):
		return "is not valid UTF-8"
	case strings.IndexByte(text, 0) >= 0:
		return "holds a NUL character"
	}
	return ""
}

// LineSalt is what hides a line's content in its hash: SHA-256(seed ‖ ordinal as 8 bytes, big-endian).
func LineSalt(seed Seed, ordinal int64) Hash {
	var buffer [SeedSize + 8]byte
	copy(buffer[:], seed[:])
	binary.BigEndian.PutUint64(buffer[SeedSize:], uint64(ordinal))
	return sha256.Sum256(buffer[:])
}

// LineHash is the leaf of one line in its entry's tree: SHA-256(0x00 ‖ salt ‖ account ‖ side ‖ amount ‖ month ‖ tag length ‖ tag), numbers big-endian,
// side 0 for debit and 1 for credit. It refuses with a *FormatError what Lines.Check refuses, so that no two lines share a hash: a proof that shows a
// line no record can hold must not hold either.
func LineHash(salt Hash, account int32, side int16, amount int64, month int32, tag string) (Hash, error) {
	if reason := lineFault(account, side, amount, month, tag); reason != "" {
		return Hash{}, &FormatError{Part: "lines", Reason: reason}
	}
	var buffer lineBuffer
	copy(buffer[1:], salt[:])
	return sha256.Sum256(buffer[:buffer.set(account, side, amount, month, tag)]), nil
}

// lineBuffer is what a line's hash is taken of: 0x00, the salt, the line.
type lineBuffer [lineAt + 4 + 1 + 8 + 4 + 1 + MaxTagBytes]byte

const lineAt = 1 + sha256.Size

// set writes the line behind the salt and returns the length of the whole.
func (b *lineBuffer) set(account int32, side int16, amount int64, month int32, tag string) int {
	binary.BigEndian.PutUint32(b[lineAt:], uint32(account))
	b[lineAt+4] = 0
	if side == SideCredit {
		b[lineAt+4] = 1
	}
	binary.BigEndian.PutUint64(b[lineAt+5:], uint64(amount))
	binary.BigEndian.PutUint32(b[lineAt+13:], uint32(month))
	b[lineAt+17] = byte(len(tag))
	return lineAt + 18 + copy(b[lineAt+18:], tag)
}

// LinesRoot is the Merkle root over the lines of one entry, in order. It allocates nothing per line. It panics on lines that fail Check: those that
// EncodeColumns took or DecodeColumns gave do not.
func LinesRoot(seed Seed, firstOrdinal int64, lines *Lines) Hash {
	if err := lines.Check(); err != nil {
		panic(err)
	}
	var (
		tree Frontier
		line lineBuffer
		salt [SeedSize + 8]byte
	)
	copy(salt[:], seed[:])
	for i, account := range lines.Accounts {
		binary.BigEndian.PutUint64(salt[SeedSize:], uint64(firstOrdinal)+uint64(i))
		digest := sha256.Sum256(salt[:])
		copy(line[1:], digest[:])
		tree.Append(sha256.Sum256(line[:line.set(account, lines.Sides[i], lines.Amounts[i], lines.Months[i], lines.Tags[i])]), nil)
	}
	return tree.Root()
}
