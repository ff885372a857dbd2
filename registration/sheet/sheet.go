package sheet

import (
	"crypto/sha256"
	"fmt"
	"iter"
	"strings"
	"unicode/utf8"
)

// The limits of a sheet.
const (
	PartRows   = 1 << 16 // rows of a part; the last may have fewer
	MaxRows    = 1 << 24
	MaxColumns = 64
	MaxName    = 64      // bytes of a title or of a column's name
	MaxText    = 1 << 16 // bytes of a text in a column
)

// Digest is a hash of 16 bytes, in place of a text that must not stand in a sheet.
type Digest = [16]byte

// kind is the type of a column's values.
type kind byte

const (
	ints    kind = 1
	texts   kind = 2
	digests kind = 3
)

// Column is a named column. Make it with Ints, Texts or Digests.
type Column struct {
	name    string
	kind    kind
	ints    []int64
	texts   []string
	digests []Digest
}

// Ints is a column of whole numbers: numbers, dates as yyyymmdd, months as yyyymm, amounts in minor units.
func Ints(name string, values []int64) Column { return Column{name: name, kind: ints, ints: values} }

// Texts is a column of texts, best of few different ones: codes. Text is valid UTF-8 without NUL.
func Texts(name string, values []string) Column {
	return Column{name: name, kind: texts, texts: values}
}

// Digests is a column of hashes.
func Digests(name string, values []Digest) Column {
	return Column{name: name, kind: digests, digests: values}
}

func (c *Column) rows() int {
	switch c.kind {
	case ints:
		return len(c.ints)
	case texts:
		return len(c.texts)
	}
	return len(c.digests)
}

// Sheet holds rows of one kind of fact. It is not changed after it was made; any number of goroutines may read it.
type Sheet struct {
	title   string
	rows    int
	columns []Column
}

// New makes a sheet of columns of equal length; it keeps their slices. The error is a *FormatError.
func New(title string, columns ...Column) (*Sheet, error) {
	s := &Sheet{title: title, columns: columns}
	if len(columns) > 0 {
		s.rows = columns[0].rows()
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Sheet) check() error {
	if reason := nameFault(s.title); reason != "" {
		return &FormatError{Reason: "title " + reason}
	}
	if len(s.columns) == 0 || len(s.columns) > MaxColumns || s.rows > MaxRows {
		return &FormatError{Reason: fmt.Sprintf("%d columns of %d rows; a sheet has 1 to %d and at most %d", len(s.columns), s.rows, MaxColumns, MaxRows)}
	}
	seen := make(map[string]bool, len(s.columns))
	for i := range s.columns {
		c := &s.columns[i]
		if reason := nameFault(c.name); reason != "" || seen[c.name] {
			return &FormatError{Reason: fmt.Sprintf("column %d: name %q stands twice or %s", i+1, c.name, reason)}
		}
		seen[c.name] = true
		if c.rows() != s.rows {
			return &FormatError{Reason: fmt.Sprintf("column %s has %d rows, %s has %d", c.name, c.rows(), s.columns[0].name, s.rows)}
		}
		for row, text := range c.texts {
			if len(text) > MaxText || !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
				return &FormatError{Reason: fmt.Sprintf("column %s, row %d: text that is too long, not valid UTF-8 or holds NUL", c.name, row+1)}
			}
		}
	}
	return nil
}

// nameFault says why a title or name cannot be one.
func nameFault(name string) string {
	if name == "" || len(name) > MaxName || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789._") != "" {
		return fmt.Sprintf("is not 1 to %d small letters, digits, dots and underscores", MaxName)
	}
	return ""
}

// Title says what kind of fact the rows are.
func (s *Sheet) Title() string { return s.title }

// Rows returns the number of rows.
func (s *Sheet) Rows() int { return s.rows }

// Columns lists the names of the columns in their order.
func (s *Sheet) Columns() []string {
	names := make([]string, len(s.columns))
	for i := range s.columns {
		names[i] = s.columns[i].name
	}
	return names
}

// Ints returns the values of a column of whole numbers, and nil if there is none of that name. They are shared and must not be changed.
func (s *Sheet) Ints(name string) []int64 { return s.column(name, ints).ints }

// Texts returns the values of a column of texts, and nil if there is none of that name. They are shared and must not be changed.
func (s *Sheet) Texts(name string) []string { return s.column(name, texts).texts }

// Digests returns the values of a column of hashes, and nil if there is none of that name. They are shared and must not be changed.
func (s *Sheet) Digests(name string) []Digest { return s.column(name, digests).digests }

func (s *Sheet) column(name string, kind kind) *Column {
	for i := range s.columns {
		if s.columns[i].name == name && s.columns[i].kind == kind {
			return &s.columns[i]
		}
	}
	return &Column{}
}

// Like reports whether another sheet has the same title, and columns of the same names and kinds in the same order.
func (s *Sheet) Like(other *Sheet) bool {
	if s == nil || other == nil || s.title != other.title || len(s.columns) != len(other.columns) {
		return false
	}
	for i := range s.columns {
		if s.columns[i].name != other.columns[i].name || s.columns[i].kind != other.columns[i].kind {
			return false
		}
	}
	return true
}

// Hash returns the SHA-256 of the header and the parts.
func (s *Sheet) Hash() [sha256.Size]byte { return HashOf(s.Parts()) }

// HashOf returns the hash of a sheet from its encoded header and parts, in their order.
func HashOf(parts iter.Seq[[]byte]) [sha256.Size]byte {
	hash := sha256.New()
	for part := range parts {
		hash.Write(part)
	}
	return [sha256.Size]byte(hash.Sum(nil))
}

// FormatError says that columns make no sheet, or that bytes are not the encoding of one. Get it with errors.As.
type FormatError struct {
	Part   int // 0 for the header and for columns, then the parts from 1
	Reason string
}

func (e *FormatError) Error() string {
	if e.Part > 0 {
		return fmt.Sprintf("sheet: part %d: %s", e.Part, e.Reason)
	}
	return "sheet: " + e.Reason
}
