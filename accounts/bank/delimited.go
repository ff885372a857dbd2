package bank

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"
)

// TextLimits bound what ReadText takes; going over one is a FaultLimit. A zero field means its default.
type TextLimits struct {
	Bytes      int64 // of the whole file in UTF-8; default 1 GiB
	FieldBytes int   // of one field in UTF-8; default 32 KiB
	Fields     int   // of one record; default 500
	Records    int   // of the file; default 2 million
}

func (l TextLimits) withDefaults() TextLimits {
	return TextLimits{Bytes: cmp.Or(l.Bytes, 1<<30), FieldBytes: cmp.Or(l.FieldBytes, 32<<10), Fields: cmp.Or(l.Fields, 500),
		Records: cmp.Or(l.Records, 2_000_000)}
}

// record is one record of delimited text; it may span lines when a quoted field does.
type record struct {
	line   int
	fields []field
	raw    []byte // its text in UTF-8 without the line end
}

// field is one field with the place of its first character.
type field struct {
	text         string
	line, column int
}

// blank reports whether the record says nothing.
func (r *record) blank() bool {
	for _, f := range r.fields {
		if f.text != "" {
			return false
		}
	}
	return true
}

// delimited reads records strictly: RFC 4180 quotes, LF or CRLF line ends, no NUL or other control character, no byte that the encoding does not know.
// Every violation is a fault with line and column; reading goes on at the next line so that all of them are found.
type delimited struct {
	source       *bufio.Reader
	file         string
	delimiter    rune
	quotes       bool
	limits       TextLimits
	faults       *Faults
	line, column int // of the next character, 1-based
	read         int64
	records      int
	current      record
	text         []byte // of the current field
	bad          bool   // the current record has a fault
	last         rune   // the character returned last, for unread
	lastLine     int
	lastColumn   int
	pushed       bool
}

// errLimit ends reading after a fault that makes going on pointless.
var errLimit = errors.New("bank: reading ended")

const endOfFile rune = -1

func newDelimited(r io.Reader, file, encoding string, delimiter rune, quotes bool, limits TextLimits, faults *Faults) (*delimited, error) {
	d := &delimited{source: bufio.NewReader(r), file: file, delimiter: delimiter, quotes: quotes, limits: limits.withDefaults(), faults: faults,
		line: 1, column: 1}
	head, err := d.source.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, d.readError(err)
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")), len(head) == 4 && head[0] == 0, len(head) == 4 && head[1] == 0:
		d.fault(FaultEncoding, 1, 1, "the file is UTF-16 or UTF-32, which is not read", `save it as UTF-8 ("CSV UTF-8" in a spreadsheet)`)
		return nil, errLimit
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		if encoding != EncodingUTF8 {
			d.fault(FaultEncoding, 1, 1, "the file starts with the mark of UTF-8, but the mapping says "+encoding, "set encoding: utf-8 in the mapping")
			return nil, errLimit
		}
		_, _ = d.source.Discard(3) // already in the buffer
	}
	if encoding == EncodingGB18030 {
		d.source = bufio.NewReader(transform.NewReader(d.source, simplifiedchinese.GB18030.NewDecoder()))
	}
	return d, nil
}

func (d *delimited) fault(code FaultCode, line, column int, reason, hint string) {
	d.bad = true
	d.faults.Add(&Fault{Code: code, File: d.file, Line: line, Column: column, Reason: reason, Hint: hint})
}

func (d *delimited) readError(err error) error {
	d.faults.Add(&Fault{Code: FaultRead, File: d.file, Line: d.line, Reason: "the file could not be read", Hint: "read it again", Err: err})
	return errLimit
}

// char returns the next character, with CRLF as one '\n', or endOfFile. Characters that text must not hold are faults and are passed over.
func (d *delimited) char() (rune, error) {
	for {
		if d.pushed {
			d.pushed = false
			return d.last, nil
		}
		r, size, err := d.source.ReadRune()
		d.lastLine, d.lastColumn = d.line, d.column
		if errors.Is(err, io.EOF) {
			d.last = endOfFile
			return endOfFile, nil
		}
		if err != nil {
			return 0, d.readError(err)
		}
		if d.read += int64(size); d.read > d.limits.Bytes {
			d.fault(FaultLimit, d.line, d.column, fmt.Sprintf("the file is larger than %d bytes", d.limits.Bytes),
				"raise the limit if this is the right file")
			return 0, errLimit
		}
		d.column++
		d.last = r
		switch {
		case r == '\r':
			if next, _ := d.source.Peek(1); len(next) == 1 && next[0] == '\n' {
				continue
			}
			d.fault(FaultSyntax, d.lastLine, d.lastColumn, "a carriage return without line feed", "save the file with line ends LF or CRLF")
		case r == '\n':
			d.line, d.column = d.line+1, 1
			return r, nil
		case r == utf8.RuneError:
			d.fault(FaultEncoding, d.lastLine, d.lastColumn, "a byte that is not text in the encoding of the mapping",
				"check encoding in the mapping: Chinese banks write gb18030 or utf-8")
		case r < 0x20 && r != '\t', r == 0x7f:
			d.fault(FaultSyntax, d.lastLine, d.lastColumn, fmt.Sprintf("the control character %U", r), "ask the bank for a clean file")
		default:
			return r, nil
		}
	}
}

func (d *delimited) unread() { d.pushed = true }

// skipLine passes over one physical line; more is false at the end of the file.
func (d *delimited) skipLine() (more bool, err error) {
	for {
		r, err := d.char()
		if err != nil || r == endOfFile {
			return false, err
		}
		if r == '\n' {
			return true, nil
		}
	}
}

// next returns the next record without fault, or io.EOF. A record with a fault is passed over; its faults are in d.faults, so the file will be refused.
func (d *delimited) next() (*record, error) {
	for {
		more, err := d.readRecord()
		switch {
		case err != nil:
			return nil, err
		case !d.bad && (more || len(d.current.raw) > 0):
			if d.records++; d.records > d.limits.Records {
				d.fault(FaultLimit, d.current.line, 1, fmt.Sprintf("the file has more than %d records", d.limits.Records),
					"raise the limit if this is the right file")
				return nil, errLimit
			}
			out := d.current
			return &out, nil
		case !more:
			return nil, io.EOF
		}
	}
}

// readRecord reads one record into d.current; more is false when the file ended with it.
func (d *delimited) readRecord() (more bool, err error) {
	d.current, d.bad = record{line: d.line}, false
	for {
		if len(d.current.fields) == d.limits.Fields {
			d.fault(FaultLimit, d.line, d.column, fmt.Sprintf("a record has more than %d fields", d.limits.Fields), "check the delimiter in the mapping")
			return false, errLimit
		}
		end, err := d.readField()
		if err != nil {
			return false, err
		}
		switch end {
		case d.delimiter:
			d.keep(end)
		case '\n':
			return true, nil
		default:
			return false, nil
		}
	}
}

// readField reads one field and returns the character that ended it: the delimiter, '\n' or endOfFile.
func (d *delimited) readField() (rune, error) {
	d.text = d.text[:0]
	r, err := d.char()
	if err != nil {
		return 0, err
	}
	line, column := d.lastLine, d.lastColumn
	if r == '"' && d.quotes {
		d.keep(r)
		return d.readQuoted(line, column)
	}
	for ; ; r, err = d.char() {
		if err != nil {
			return 0, err
		}
		if r == d.delimiter || r == '\n' || r == endOfFile {
			d.current.fields = append(d.current.fields, field{string(d.text), line, column})
			return r, nil
		}
		if r == '"' && d.quotes {
			d.fault(FaultSyntax, d.lastLine, d.lastColumn, "a quote inside a field that does not start with one",
				`double the quotes and quote the whole field, or set quote: "none"`)
		}
		if err := d.add(r); err != nil {
			return 0, err
		}
	}
}

// readQuoted reads a field behind its opening quote, which stands at line and column.
func (d *delimited) readQuoted(line, column int) (rune, error) {
	for {
		r, err := d.char()
		if err != nil {
			return 0, err
		}
		switch r {
		case endOfFile:
			d.fault(FaultSyntax, line, column, "a quote is opened here and never closed", "close it, or set quote: \"none\" in the mapping")
			return endOfFile, nil
		case '"':
			d.keep(r)
			after, err := d.char()
			if err != nil {
				return 0, err
			}
			switch after {
			case '"':
			case d.delimiter, '\n', endOfFile:
				d.current.fields = append(d.current.fields, field{string(d.text), line, column})
				return after, nil
			default:
				d.fault(FaultSyntax, d.lastLine, d.lastColumn, fmt.Sprintf("text behind the closing quote of a field that starts at %d:%d", line,
					column), "double quotes inside a quoted field")
				d.unread()
				return d.toLineEnd()
			}
			r = after
		}
		if err := d.add(r); err != nil {
			return 0, err
		}
	}
}

// toLineEnd gives up a record and moves to the end of its line.
func (d *delimited) toLineEnd() (rune, error) {
	more, err := d.skipLine()
	if err != nil || !more {
		return endOfFile, err
	}
	return '\n', nil
}

// add appends a character to the field within the limit.
func (d *delimited) add(r rune) error {
	d.text = utf8.AppendRune(d.text, r)
	d.keep(r)
	if len(d.text) > d.limits.FieldBytes {
		at := d.current.line
		d.fault(FaultLimit, at, 1, fmt.Sprintf("a field of the record that starts here is longer than %d bytes", d.limits.FieldBytes),
			"look for a quote that is not closed; raise the limit if the text is meant")
		return errLimit
	}
	return nil
}

func (d *delimited) keep(r rune) { d.current.raw = utf8.AppendRune(d.current.raw, r) }
