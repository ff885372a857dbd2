package folder

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/identity"
)

// kind says what a field must hold.
type kind int

const (
	text kind = iota
	date
	month
	amount // in yuan, two decimals at most
	number
	rate // a decimal of any length
	identityNumber
	creditCode
)

// column is a column of a list. What is optional may be empty.
type column struct {
	name     string
	kind     kind
	optional bool
}

// list is the form of one file. Lists of events are not there when nothing happened.
type list struct {
	name    string
	columns []column
	events  bool
}

// definedIn names the lists that say who there is; they stand before those that speak of them.
var definedIn = map[kind]string{identityNumber: "members", creditCode: "employers"}

func (l *list) defines(k kind) bool { return definedIn[k] == l.name }

// lists are the files of a folder, with their columns in order.
var lists = []*list{
	{"employers", []column{{"credit_code", creditCode, false}, {"name", text, false}, {"account", text, false}, {"registered", date, false}}, false},
	{"members", []column{{"identity_number", identityNumber, false}, {"name", text, false}, {"class", text, true}, {"payee_account", text, true}}, false},
	{"enrolments", []column{{"day", date, false}, {"action", text, false}, {"identity_number", identityNumber, false}, {"scheme", text, false}, {"credit_code", creditCode, true},
		{"month", month, false}, {"admit", text, true}}, false},
	{"opening_balances", []column{{"role", text, false}, {"amount", amount, false}}, false},
	{"opening_rights", []column{{"identity_number", identityNumber, false}, {"amount", amount, false}}, false},
	{"prior_service", []column{{"identity_number", identityNumber, false}, {"months", number, false}, {"index_sum", rate, false}, {"months_before", number, false},
		{"before_index", rate, true}, {"until", month, false}, {"reference", text, false}}, true},
	{"claims", []column{{"claim", text, false}, {"identity_number", identityNumber, false}, {"place", text, false}, {"retired", date, false}, {"ground", text, false},
		{"first_month", month, false}, {"base", rate, true}, {"average_index", rate, true}, {"months_total", number, true}, {"months_before", number, true},
		{"coefficient_pct", rate, true}, {"divisor_months", rate, true}, {"account_balance", amount, true}, {"extra", text, true}, {"extra_amount", amount, true}, {"published", text, true}}, false},
	{"deaths", []column{{"identity_number", identityNumber, false}, {"day", date, false}, {"reported", date, false}, {"heirs_paid", date, false}}, true},
	{"payee_changes", []column{{"day", date, false}, {"identity_number", identityNumber, false}, {"account", text, false}}, true},
	{"identified", []column{{"bank_reference", text, false}, {"day", date, false}, {"credit_code", creditCode, false}}, true},
	{"refunds", []column{{"day", date, false}, {"credit_code", creditCode, false}, {"month", month, false}, {"identity_number", identityNumber, false}, {"reason", text, false}}, true},
	{"recovery_terms", []column{{"day", date, false}, {"claim", text, false}, {"instalment", amount, false}, {"first_due", month, false}, {"monthly_offset", amount, false}}, true},
	{"mislaid", []column{{"bank_reference", text, false}, {"account", text, false}, {"why", text, false}}, true},
}

func listOf(name string) *list {
	for _, l := range lists {
		if l.name == name {
			return l
		}
	}
	panic("folder: there is no list " + name)
}

// Fault is something wrong in a list. Get it with errors.As.
type Fault struct {
	File   string // relative to the folder
	Line   int
	Column string // empty where the line as a whole is meant
	Value  string
	Reason string
	Hint   string // what to do
}

func (e *Fault) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("%s:%d: %s; %s", e.File, e.Line, e.Reason, e.Hint)
	}
	return fmt.Sprintf("%s:%d: %s: %q %s; %s", e.File, e.Line, e.Column, e.Value, e.Reason, e.Hint)
}

// Row is a line of a list whose fields are what their columns ask for.
type Row struct {
	Line   int
	list   *list
	fields []string
}

// At names the row for messages.
func (r Row) At() string { return fmt.Sprintf("%s.csv:%d", r.list.name, r.Line) }

// Text is a field as it stands. A column that the list does not have is a mistake of the program.
func (r Row) Text(name string) string {
	for i, c := range r.list.columns {
		if c.name == name {
			return r.fields[i]
		}
	}
	panic("folder: list " + r.list.name + " has no column " + name)
}

// Date, Month, Amount, Number and Rate read fields of those kinds, which were checked when the row was read; an empty one is zero.
func (r Row) Date(name string) calendar.Date { return read(r, name, calendar.ParseDate) }

// Month is a field YYYY-MM.
func (r Row) Month(name string) calendar.Month { return read(r, name, calendar.ParseMonth) }

// Amount is a field in yuan, in minor units.
func (r Row) Amount(name string) money.Amount { return read(r, name, cny.Parse) }

// Number is a whole number.
func (r Row) Number(name string) int { return read(r, name, strconv.Atoi) }

// Identity is a member's identity number.
func (r Row) Identity(name string) identity.Number { return read(r, name, identity.ParseNumber) }

// Rate is a decimal; not valid where the field is empty.
func (r Row) Rate(name string) decimal.NullDecimal {
	if r.Text(name) == "" {
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(read(r, name, money.ParseDecimal))
}

var cny = money.MustCurrency("CNY")

func read[T any](r Row, name string, parse func(string) (T, error)) (value T) {
	if field := r.Text(name); field != "" {
		value, _ = parse(field)
	}
	return value
}

func (r Row) fault(i int, reason, hint string) *Fault {
	value := r.fields[i]
	if n := len(value); r.list.columns[i].kind == identityNumber && n > 4 {
		value = value[:2] + strings.Repeat("*", n-4) + value[n-2:] // nobody's number goes into a log
	}
	return &Fault{File: r.list.name + ".csv", Line: r.Line, Column: r.list.columns[i].name, Value: value, Reason: reason, Hint: hint}
}

// faults are what is wrong in the fields of a row.
func (r Row) faults() (faults []error) {
	for i, c := range r.list.columns {
		field := r.fields[i]
		var err error
		switch {
		case !utf8.ValidString(field):
			faults = append(faults, r.fault(i, "is not UTF-8", "save the file as UTF-8"))
			continue
		case field == "" && !c.optional:
			faults = append(faults, r.fault(i, "is empty", "fill it in"))
			continue
		case field == "":
			continue
		}
		hint := ""
		switch c.kind {
		case date:
			_, err = calendar.ParseDate(field)
			hint = "write a day as 2025-01-31"
		case month:
			_, err = calendar.ParseMonth(field)
			hint = "write a month as 2025-01"
		case amount:
			_, err = cny.Parse(field)
			hint = "write yuan with two decimals at most, as 1234.50"
		case number:
			_, err = strconv.Atoi(field)
			hint = "write a whole number"
		case rate:
			_, err = money.ParseDecimal(field)
			hint = "write a plain decimal, as 0.8183"
		case identityNumber:
			_, err = identity.ParseNumber(field)
			hint = "compare it with the identity card"
		case creditCode:
			_, err = identity.ParseCreditCode(field)
			hint = "compare it with the business licence"
		}
		if err != nil {
			faults = append(faults, r.fault(i, "cannot be read: "+err.Error(), hint))
		}
	}
	return faults
}

// read streams the rows of a list, with the faults of bad ones in their place: it goes on after a fault, so that all of them are seen.
func (f *Folder) read(name string) iter.Seq2[Row, error] {
	l := listOf(name)
	return func(yield func(Row, error) bool) {
		file, err := os.Open(f.File(name + ".csv"))
		if l.events && errors.Is(err, fs.ErrNotExist) {
			return
		}
		if err != nil {
			yield(Row{}, err)
			return
		}
		defer file.Close()
		in := bufio.NewReaderSize(file, 1<<16)
		if mark, err := in.Peek(3); err == nil && string(mark) == "\xef\xbb\xbf" {
			_, _ = in.Discard(3)
		}
		lines := csv.NewReader(in)
		lines.FieldsPerRecord = -1
		for first := true; ; first = false {
			fields, err := lines.Read()
			if err == io.EOF {
				if first {
					yield(Row{}, &Fault{File: name + ".csv", Line: 1, Reason: "the file is empty", Hint: "its first line names the columns " + l.names()})
				}
				return
			}
			line := 0
			if err == nil {
				line, _ = lines.FieldPos(0)
			}
			r, fault := l.row(line, fields, err, first)
			if first && fault == nil {
				continue
			}
			broken := &csv.ParseError{}
			if !yield(r, fault) || first || err != nil && !errors.As(err, &broken) {
				return // without its heading a list means nothing, and a file that cannot be read has no next line
			}
		}
	}
}

// row makes a row of a record, or says what is wrong with it.
func (l *list) row(line int, fields []string, err error, heading bool) (Row, error) {
	r := Row{Line: line, list: l, fields: fields}
	broken := &csv.ParseError{}
	switch {
	case errors.As(err, &broken):
		return r, &Fault{File: l.name + ".csv", Line: broken.Line, Reason: broken.Err.Error(), Hint: "quote fields that hold commas, quotes or line ends"}
	case err != nil:
		return r, err
	case heading && strings.Join(fields, ",") != l.names():
		return r, &Fault{File: l.name + ".csv", Line: line, Reason: fmt.Sprintf("the columns are %q", strings.Join(fields, ",")), Hint: "the first line names the columns " + l.names()}
	case heading:
		return r, nil
	case len(fields) != len(l.columns):
		return r, &Fault{File: l.name + ".csv", Line: line, Reason: fmt.Sprintf("has %d fields", len(fields)), Hint: fmt.Sprintf("give %d: %s", len(l.columns), l.names())}
	}
	return r, errors.Join(r.faults()...)
}

func (l *list) names() string {
	names := make([]string, len(l.columns))
	for i, c := range l.columns {
		names[i] = c.name
	}
	return strings.Join(names, ",")
}
