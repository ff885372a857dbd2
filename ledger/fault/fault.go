// Package fault is how a command or a file is refused: with every reason together, each with its place, what is wrong and what to do. A package gives it the type
// of its own codes, and names the results:
//
//	type Code string
//
//	func (c Code) Error() string { return "collection: " + string(c) }
//
//	type Fault = fault.Fault[Code]
//	type Faults = fault.List[Code]
package fault

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Code names one reason for which a package refuses something. It is stable, and the target of errors.Is. Its Error is the package's name, a colon and the code.
type Code interface {
	~string
	error
}

// Fault is one reason. It holds no name of a person and no whole identity number. Get it with errors.As, test it with errors.Is(err, code).
type Fault[C Code] struct {
	Code   C
	File   string // name of the file, where rows come from one
	Line   int    // line of the file from 1, or 0
	Column int    // character in the line from 1, or 0
	Row    int    // row of the command from 1; 0 when the command as a whole is meant
	Field  string // the field, where one is meant
	Detail string // what is wrong
	Hint   string // what to do
	Err    error  // the cause, when another package found it
}

func (f *Fault[C]) Error() string {
	var where []string
	if place := f.place(); place != "" {
		where = append(where, place)
	}
	if f.Row > 0 {
		where = append(where, fmt.Sprintf("row %d", f.Row))
	}
	if f.Field != "" {
		where = append(where, f.Field)
	}
	text := owner[C]() + ": "
	if len(where) > 0 {
		text += strings.Join(where, ", ") + ": "
	}
	text += f.Detail
	if f.Hint != "" {
		text += "; " + f.Hint
	}
	return text + " [" + string(f.Code) + "]"
}

// place is file, line and column as compilers write them.
func (f *Fault[C]) place() string {
	place := f.File
	if f.Line > 0 {
		place += fmt.Sprintf(":%d", f.Line)
	}
	if f.Line > 0 && f.Column > 0 {
		place += fmt.Sprintf(":%d", f.Column)
	}
	return strings.TrimPrefix(place, ":")
}

// owner is the package that the codes belong to.
func owner[C Code]() string {
	var none C
	name, _, _ := strings.Cut(none.Error(), ":")
	return name
}

// Unwrap returns the code and the cause.
func (f *Fault[C]) Unwrap() []error {
	if f.Err == nil {
		return []error{f.Code}
	}
	return []error{f.Code, f.Err}
}

// Most is how many faults of one command or file are kept; the rest is counted.
const Most = 10_000

// List is every fault of one command or file. When it is an error, nothing of what was asked has been done. Its zero value is empty; it is not safe for concurrent
// use while faults are added.
type List[C Code] struct {
	List    []*Fault[C]
	Omitted int // faults beyond Most
}

// Add adds a fault, or counts it when there are too many.
func (l *List[C]) Add(fault *Fault[C]) {
	if len(l.List) >= Most {
		l.Omitted++
		return
	}
	l.List = append(l.List, fault)
}

// Addf adds a fault of the command as a whole.
func (l *List[C]) Addf(code C, field, hint, format string, args ...any) {
	l.Rowf(0, code, field, hint, format, args...)
}

// Rowf adds a fault of a row, from 1; 0 is the command as a whole.
func (l *List[C]) Rowf(row int, code C, field, hint, format string, args ...any) {
	l.Add(&Fault[C]{Code: code, Row: row, Field: field, Detail: fmt.Sprintf(format, args...), Hint: hint})
}

// Err returns l in the order of lines and rows, or nil when there is no fault.
func (l *List[C]) Err() error {
	if len(l.List) == 0 {
		return nil
	}
	slices.SortStableFunc(l.List, func(a, b *Fault[C]) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Row, b.Row)) })
	return l
}

// Error writes a line for each fault.
func (l *List[C]) Error() string {
	lines := make([]string, 0, len(l.List)+1)
	for _, fault := range l.List {
		lines = append(lines, fault.Error())
	}
	if l.Omitted > 0 {
		lines = append(lines, fmt.Sprintf("%s: and %d more faults", owner[C](), l.Omitted))
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the faults.
func (l *List[C]) Unwrap() []error {
	all := make([]error, len(l.List))
	for i, fault := range l.List {
		all[i] = fault
	}
	return all
}

// One is the error of a single fault.
func One[C Code](code C, field, hint, format string, args ...any) error {
	var l List[C]
	l.Addf(code, field, hint, format, args...)
	return l.Err()
}
