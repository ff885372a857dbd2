// Package roster reads the files in which employers, persons and enrolments come to an agency (参保登记名册): CSV in UTF-8, with or without a byte-order mark.
//
// The first line names the columns, in any order; an unknown, repeated or missing name is a fault. Days are written yyyy-mm-dd and months yyyy-mm. Nothing
// is guessed or repaired. Every fault of a file is reported together, each with file, line and column; what the registry then finds wrong with the rows in the
// state of the realm gets its place in the file from File.Locate.
//
//	file, err := roster.ReadMembers(input, "members.csv", roster.Options{})
//	…
//	receipt, err := registry.RegisterMembers(ctx, order, file.Rows...)
//	err = file.Locate(err)
package roster

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/identity"
)

// DefaultMaxBytes is the size of a file up to which it is read.
const DefaultMaxBytes = 256 << 20

// Options change how a file is read. The zero value is usable.
type Options struct {
	// Admit takes numbers and codes that are not right as they are, where it holds FlagIdentityInvalid and FlagCreditCodeInvalid. The order must admit them
	// too.
	Admit registration.Flags

	MaxBytes int64 // DefaultMaxBytes if zero
}

// File is what a file holds.
type File[T any] struct {
	Name  string
	Rows  []T
	lines []int
}

// Line returns the line of a row; rows count from 1, like those of faults.
func (f *File[T]) Line(row int) int {
	if row < 1 || row > len(f.lines) {
		return 0
	}
	return f.lines[row-1]
}

// Locate puts file and line into the faults of a command that was given the file's rows, and returns any other error as it is. It returns the same error.
func (f *File[T]) Locate(err error) error {
	var faults *registration.Faults
	if errors.As(err, &faults) {
		for _, fault := range faults.List {
			if fault.Row > 0 && fault.Line == 0 {
				fault.File, fault.Line = f.Name, f.Line(fault.Row)
			}
		}
	}
	return err
}

// field is a column of a kind of file. read puts its text into a row; it is not called for an empty text.
type field[T any] struct {
	name     string
	required bool
	read     func(c *cell, row *T)
}

// cell is one field of one line on its way into a row.
type cell struct {
	text   string
	admit  registration.Flags
	faults []*registration.Fault // without their place
}

func (c *cell) fault(code registration.Code, detail, hint string, cause error) {
	c.faults = append(c.faults, &registration.Fault{Code: code, Detail: detail, Hint: hint, Err: cause})
}

// wrong adds what package identity finds wrong.
func (c *cell) wrong(code registration.Code, err error) {
	detail, hint := err.Error(), ""
	if e, ok := errors.AsType[*identity.Error](err); ok {
		detail, hint = e.Explain()
	}
	c.fault(code, detail, hint, err)
}

func (c *cell) date() calendar.Date {
	day, err := calendar.ParseDate(c.text)
	if err != nil {
		c.fault(registration.ErrInvalid, fmt.Sprintf("%q is no day", short(c.text)), "write it as 2026-01-31", err)
	}
	return day
}

func (c *cell) month() calendar.Month {
	month, err := calendar.ParseMonth(c.text)
	if err != nil {
		c.fault(registration.ErrInvalid, fmt.Sprintf("%q is no month", short(c.text)), "write it as 2026-01", err)
	}
	return month
}

func short(text string) string {
	const most = 32
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// read reads a file of one kind.
func read[T any](input io.Reader, name string, options Options, fields []field[T]) (*File[T], error) {
	r := &reader[T]{file: &File[T]{Name: name}, admit: options.Admit, fields: fields}
	limit := options.MaxBytes
	if limit == 0 {
		limit = DefaultMaxBytes
	}
	content, err := io.ReadAll(io.LimitReader(input, limit+1))
	if err != nil {
		return nil, fmt.Errorf("roster: read %s: %w", name, err)
	}
	if int64(len(content)) > limit {
		r.fault(0, 0, registration.ErrTooLong, "", fmt.Sprintf("the file has more than %d bytes", limit), "split it, or raise Options.MaxBytes")
		return nil, r.faults.Err()
	}
	if r.text(content) {
		r.records()
	}
	if err := r.faults.Err(); err != nil {
		return nil, err
	}
	return r.file, nil
}

// reader is the reading of one file.
type reader[T any] struct {
	file    *File[T]
	admit   registration.Flags
	fields  []field[T]
	content []byte
	starts  []int // where each line begins
	order   []int // by column of the file its place in fields
	faults  registration.Faults
}

func (r *reader[T]) fault(line, column int, code registration.Code, field, detail, hint string) {
	r.faults.Add(&registration.Fault{Code: code, File: r.file.Name, Line: line, Column: column, Field: field, Detail: detail, Hint: hint})
}

// text checks that the bytes are UTF-8 and finds the lines.
func (r *reader[T]) text(content []byte) bool {
	if bytes.HasPrefix(content, []byte{0xff, 0xfe}) || bytes.HasPrefix(content, []byte{0xfe, 0xff}) {
		r.fault(1, 1, registration.ErrEncoding, "", "the file is UTF-16", "save it as CSV UTF-8")
		return false
	}
	r.content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	r.starts = []int{0}
	for i, b := range r.content {
		if b == '\n' {
			r.starts = append(r.starts, i+1)
		}
	}
	bad := bytes.IndexByte(r.content, 0)
	detail, hint := "a NUL character", "the file is no text, or is UTF-16; save it as CSV UTF-8"
	if !utf8.Valid(r.content) {
		for bad = 0; bad < len(r.content); {
			if char, size := utf8.DecodeRune(r.content[bad:]); char != utf8.RuneError || size != 1 {
				bad += size
				continue
			}
			break
		}
		detail, hint = fmt.Sprintf("byte %#x is not UTF-8", r.content[bad]),
			"the file may be GBK or GB18030, as spreadsheets save it in China; save it as CSV UTF-8"
	}
	if bad < 0 {
		return true
	}
	line, _ := slices.BinarySearch(r.starts, bad+1)
	r.fault(line, r.character(line, bad-r.starts[line-1]+1), registration.ErrEncoding, "", detail, hint)
	return false
}

// character turns a byte of a line, from 1, into a character, from 1.
func (r *reader[T]) character(line, column int) int {
	start := r.starts[min(max(line, 1), len(r.starts))-1]
	return utf8.RuneCount(r.content[start:min(start+column-1, len(r.content))]) + 1
}

// records reads the header and the rows.
func (r *reader[T]) records() {
	records := csv.NewReader(bytes.NewReader(r.content))
	records.FieldsPerRecord = -1
	records.ReuseRecord = true
	for header := true; ; header = false {
		record, err := records.Read()
		if errors.Is(err, io.EOF) {
			if header {
				r.fault(1, 1, registration.ErrHeader, "", "the file is empty", "begin it with the names of the columns: "+r.names())
			} else if len(r.file.Rows) == 0 && len(r.faults.List) == 0 {
				r.fault(1, 1, registration.ErrMissing, "rows", "there are none below the header", "give at least one")
			}
			return
		}
		if err != nil { // what follows a broken quote cannot be told apart
			var broken *csv.ParseError
			line, column := 0, 0
			if errors.As(err, &broken) {
				line, column, err = min(broken.Line, len(r.starts)), r.character(broken.Line, broken.Column), broken.Err
			}
			r.fault(line, column, registration.ErrSyntax, "", err.Error(),
				"put fields with quotes, commas or line breaks into quotes, and double the quotes inside")
			return
		}
		if header {
			if !r.header(records, record) {
				return
			}
			continue
		}
		r.row(records, record)
	}
}

func (r *reader[T]) names() string {
	names := make([]string, len(r.fields))
	for i, f := range r.fields {
		names[i] = f.name
	}
	return strings.Join(names, ",")
}

// header finds the columns.
func (r *reader[T]) header(records *csv.Reader, record []string) bool {
	seen := make(map[int]bool)
	for i, name := range record[:min(len(record), 2*len(r.fields))] { // beyond that nothing new is wrong
		line, column := records.FieldPos(i)
		at := slices.IndexFunc(r.fields, func(f field[T]) bool { return f.name == name })
		switch {
		case at < 0:
			r.fault(line, r.character(line, column), registration.ErrHeader, short(name), "is no column of this file", "the columns are "+r.names())
		case seen[at]:
			r.fault(line, r.character(line, column), registration.ErrHeader, name, "stands twice", "keep one")
		}
		seen[at] = true
		r.order = append(r.order, at)
	}
	for at, f := range r.fields {
		if f.required && !seen[at] {
			r.fault(1, 1, registration.ErrHeader, f.name, "is missing", "add the column")
		}
	}
	return len(r.faults.List) == 0
}

// row reads one line.
func (r *reader[T]) row(records *csv.Reader, record []string) {
	line, _ := records.FieldPos(0)
	if len(record) != len(r.order) {
		r.fault(line, 1, registration.ErrSyntax, "", fmt.Sprintf("%d fields, the header has %d", len(record), len(r.order)),
			"put fields with commas into quotes, and leave no field out")
		return
	}
	var row T
	for i, text := range record {
		f := &r.fields[r.order[i]]
		c := cell{text: text, admit: r.admit}
		switch {
		case text != strings.TrimSpace(text):
			c.fault(registration.ErrInvalid, "begins or ends with a blank", "remove it", nil)
		case text == "" && f.required:
			c.fault(registration.ErrMissing, "is empty", "give it", nil)
		case text != "":
			f.read(&c, &row)
		}
		for _, fault := range c.faults {
			at, column := records.FieldPos(i)
			fault.File, fault.Line, fault.Column, fault.Field = r.file.Name, at, r.character(at, column), f.name
			r.faults.Add(fault)
		}
	}
	r.file.Rows, r.file.lines = append(r.file.Rows, row), append(r.file.lines, line)
}
