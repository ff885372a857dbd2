// Package folder reads the folder of an agency's year: agency.yaml and the lists beside it, CSV files in UTF-8 with named columns.
//
// Open looks at every field of every list and at what lists say of each other, and reports all faults together, so that nothing is booked from a folder that
// has any. After that rows are streamed: a list of a million members needs no more memory than one of sixty.
package folder

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/fundledger/fundledger/ledger/calendar"
)

// Settings are agency.yaml: the place, its scheme and its bank accounts.
type Settings struct {
	Realm       int32             `yaml:"realm"`
	Code        string            `yaml:"code"`
	Name        string            `yaml:"name"`
	Year        int               `yaml:"year"`
	Scheme      string            `yaml:"scheme"`
	AverageWage string            `yaml:"average_wage"` // the parameter in registration/scheme
	Accounts    map[string]string `yaml:"accounts"`     // numbers of the bank accounts: income, fiscal, expenditure
	PaymentText []string          `yaml:"payment_text"` // months whose payment file is the bank's own CSV and not pain.001
}

// Folder is the folder of one agency's year. It is safe for concurrent use.
type Folder struct {
	Settings
	path string
}

// Open reads the settings and checks all lists. The error joins every *Fault, up to a thousand.
func Open(path string) (*Folder, error) {
	f := &Folder{path: path}
	text, err := os.ReadFile(f.File("agency.yaml"))
	if err != nil {
		return nil, fmt.Errorf("the folder of the agency: %w; give one with -in", err)
	}
	if err := yaml.UnmarshalWithOptions(text, &f.Settings, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("agency.yaml: %w", err)
	}
	return f, f.check()
}

// File is the path of a file of the folder.
func (f *Folder) File(name string) string { return filepath.Join(f.path, name) }

// PaysByText reports whether the payment file of a month is the bank's own CSV.
func (f *Folder) PaysByText(month calendar.Month) bool {
	return slices.Contains(f.PaymentText, month.String())
}

// Rows streams a list, each row checked. A list of events that is not there is empty.
func (f *Folder) Rows(name string) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for r, err := range f.read(name) {
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

// In streams the rows of a list whose column, a day or a month, lies in a month.
func (f *Folder) In(name, column string, month calendar.Month) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for r, err := range f.Rows(name) {
			if err != nil {
				yield(r, err)
				return
			}
			if strings.HasPrefix(r.Text(column), month.String()) && !yield(r, nil) {
				return
			}
		}
	}
}

// mostFaults are kept of a folder; the rest follows when those are put right.
const mostFaults = 1_000

// check goes through all lists and notes what is wrong in them and between them.
func (f *Folder) check() error {
	var faults []error
	known := map[kind]map[[18]byte]struct{}{identityNumber: {}, creditCode: {}}
	for _, l := range lists {
		for r, err := range f.read(l.name) {
			if len(faults) >= mostFaults {
				return errors.Join(append(faults, fmt.Errorf("%s: more than %d faults; put these right first", f.path, mostFaults))...)
			}
			if err != nil {
				faults = append(faults, err)
				continue
			}
			for i, c := range l.columns {
				members, ok := known[c.kind]
				if !ok || r.fields[i] == "" {
					continue
				}
				key := [18]byte([]byte(fmt.Sprintf("%-18s", strings.ToUpper(r.fields[i]))))
				_, there := members[key]
				switch {
				case l.defines(c.kind) && there:
					faults = append(faults, r.fault(i, "stands twice in the list", "keep one of the two"))
				case l.defines(c.kind):
					members[key] = struct{}{}
				case !there:
					faults = append(faults, r.fault(i, "is not in "+definedIn[c.kind]+".csv", "add it there, or correct it here"))
				}
			}
		}
	}
	return errors.Join(faults...)
}
