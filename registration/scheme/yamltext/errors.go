package yamltext

import (
	"fmt"
	"strings"
)

// Fault is one thing wrong at one place of a file. Line and Column count from 1; zero means that the place is the whole file.
type Fault struct {
	File   string // as it was named to Parse
	Line   int
	Column int
	Where  string // path inside the document, such as parameters[2].values[0].from; may be empty
	Reason string // what is wrong
	Hint   string // what to do; may be empty
}

// Error writes file:line:column: where: reason; hint.
func (f *Fault) Error() string {
	var out strings.Builder
	out.WriteString(f.File)
	if f.Line > 0 {
		fmt.Fprintf(&out, ":%d:%d", f.Line, f.Column)
	}
	if f.Where != "" {
		out.WriteString(": " + f.Where)
	}
	out.WriteString(": " + f.Reason)
	if f.Hint != "" {
		out.WriteString("; " + f.Hint)
	}
	return out.String()
}

// Faults are all faults of one or several files, in the order found. It is an error only when it is not empty: return it through Err.
type Faults []*Fault

// Error writes one fault a line.
func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.As find a *Fault.
func (fs Faults) Unwrap() []error {
	errs := make([]error, len(fs))
	for i, f := range fs {
		errs[i] = f
	}
	return errs
}

// Err returns the faults as an error, or nil when there are none.
func (fs Faults) Err() error {
	if len(fs) == 0 {
		return nil
	}
	return fs
}
