package sheet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"iter"
)

// magic begins every header.
const magic = "fundledger sheet 1\n"

// Parts yields the encoded header and then the parts.
func (s *Sheet) Parts() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		if !yield(s.header()) {
			return
		}
		for from := 0; from < s.rows; from += PartRows {
			if !yield(s.part(from, min(from+PartRows, s.rows))) {
				return
			}
		}
	}
}

func (s *Sheet) header() []byte {
	out := appendText([]byte(magic), s.title)
	out = binary.AppendUvarint(out, uint64(s.rows))
	out = binary.AppendUvarint(out, uint64(len(s.columns)))
	for i := range s.columns {
		out = appendText(append(out, byte(s.columns[i].kind)), s.columns[i].name)
	}
	return out
}

func appendText(out []byte, text string) []byte {
	return append(binary.AppendUvarint(out, uint64(len(text))), text...)
}

// part encodes the rows from … to-1.
func (s *Sheet) part(from, to int) []byte {
	out := make([]byte, 0, 4*len(s.columns)*(to-from))
	for i := range s.columns {
		switch c := &s.columns[i]; c.kind {
		case ints:
			previous := int64(0)
			for _, value := range c.ints[from:to] {
				out = binary.AppendVarint(out, value-previous) // wraps around by design
				previous = value
			}
		case texts:
			out = appendRuns(out, c.texts[from:to])
		case digests:
			for row := range c.digests[from:to] {
				out = append(out, c.digests[from+row][:]...)
			}
		}
	}
	return out
}

func appendRuns(out []byte, texts []string) []byte {
	for i := 0; i < len(texts); {
		run := i + 1
		for run < len(texts) && texts[run] == texts[i] {
			run++
		}
		out = binary.AppendUvarint(appendText(out, texts[i]), uint64(run-i))
		i = run
	}
	return out
}

// Read reads a sheet from its header and parts, in their order. The error is the first that the parts come with, or a *FormatError when the bytes are
// anything but what Parts yields for what they hold.
func Read(parts iter.Seq2[[]byte, error]) (*Sheet, error) {
	var s *Sheet
	done, place := 0, 0
	for part, err := range parts {
		if err != nil {
			return nil, err
		}
		switch {
		case s == nil:
			s, err = readHeader(part)
		case done == s.rows:
			err = &FormatError{Part: place, Reason: "stands after the last row"}
		default:
			n := min(PartRows, s.rows-done)
			err = s.readPart(place, part, done, n)
			done += n
		}
		if err != nil {
			return nil, err
		}
		place++
	}
	if s == nil || done != s.rows {
		return nil, &FormatError{Part: place, Reason: "is missing"}
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	return s, nil
}

func readHeader(encoded []byte) (*Sheet, error) {
	malformed := &FormatError{Reason: "malformed header"}
	rest, ok := bytes.CutPrefix(encoded, []byte(magic))
	if !ok {
		return nil, malformed
	}
	r := reader{rest: rest}
	s := &Sheet{title: r.text(MaxName)}
	rows, columns := r.count(MaxRows), r.count(MaxColumns)
	s.rows = rows
	for range columns {
		c := Column{kind: kind(r.byte()), name: r.text(MaxName)}
		if c.kind < ints || c.kind > digests {
			return nil, malformed
		}
		s.columns = append(s.columns, c)
	}
	if r.failed || len(s.columns) == 0 || !bytes.Equal(s.header(), encoded) {
		return nil, malformed
	}
	return s, nil
}

// readPart appends n rows to the columns. What was read is encoded again: so an overlong number or a run cut in two is noticed.
func (s *Sheet) readPart(place int, encoded []byte, done, n int) error {
	// A run of texts may stand for many rows, any other value takes a byte at least: this bounds what a damaged header can make us allocate.
	for i := range s.columns {
		if s.columns[i].kind != texts && len(encoded) < n {
			return &FormatError{Part: place, Reason: fmt.Sprintf("%d bytes are too few for %d rows", len(encoded), n)}
		}
	}
	r := reader{rest: encoded}
	for i := range s.columns {
		switch c := &s.columns[i]; c.kind {
		case ints:
			c.ints = r.ints(c.ints, n)
		case texts:
			c.texts = r.runs(c.texts, n)
		case digests:
			c.digests = r.digests(c.digests, n)
		}
		if r.failed {
			return &FormatError{Part: place, Reason: "column " + s.columns[i].name + " is cut or malformed"}
		}
	}
	if !bytes.Equal(s.part(done, done+n), encoded) {
		return &FormatError{Part: place, Reason: "is not in canonical form"}
	}
	return nil
}

// reader takes values from the front of bytes; after the first failure it gives zeros.
type reader struct {
	rest   []byte
	failed bool
}

func (r *reader) fail() {
	r.failed = true
	r.rest = nil
}

func (r *reader) take(n int) []byte {
	if n > len(r.rest) {
		r.fail()
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) byte() byte {
	if taken := r.take(1); taken != nil {
		return taken[0]
	}
	return 0
}

func (r *reader) uvarint() uint64 {
	value, size := binary.Uvarint(r.rest)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.rest = r.rest[size:]
	return value
}

func (r *reader) count(most int) int {
	value := r.uvarint()
	if value > uint64(most) {
		r.fail()
		return 0
	}
	return int(value)
}

func (r *reader) text(most int) string { return string(r.take(r.count(most))) }

func (r *reader) ints(column []int64, n int) []int64 {
	value := int64(0)
	for range n {
		delta, size := binary.Varint(r.rest)
		if size <= 0 {
			r.fail()
			return column
		}
		r.rest = r.rest[size:]
		value += delta
		column = append(column, value)
	}
	return column
}

func (r *reader) runs(column []string, n int) []string {
	for n > 0 {
		text := r.text(MaxText)
		run := r.count(n)
		if run == 0 {
			r.fail()
			return column
		}
		for range run {
			column = append(column, text)
		}
		n -= run
	}
	return column
}

func (r *reader) digests(column []Digest, n int) []Digest {
	for range n {
		taken := r.take(len(Digest{}))
		if taken == nil {
			return column
		}
		column = append(column, Digest(taken))
	}
	return column
}
