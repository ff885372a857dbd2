package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// cny is the currency of every amount here.
var cny = money.MustCurrency("CNY")

// settings are agency.yaml: the place, its scheme and its bank accounts.
type settings struct {
	Realm       int32             `yaml:"realm"`
	Code        string            `yaml:"code"`
	Name        string            `yaml:"name"`
	Year        int               `yaml:"year"`
	Scheme      string            `yaml:"scheme"`
	AverageWage string            `yaml:"average_wage"`
	Accounts    map[string]string `yaml:"accounts"`
}

// agency is the folder of one agency's year.
type agency struct {
	settings
	folder  string
	lists   map[string][]row
	mislaid map[string]string
}

// row is a line of a list. Fields are read by their names; what cannot be read is collected in its file's faults.
type row struct {
	file   string
	line   int
	fields map[string]string
	faults *[]error
}

// lists are the files read; each must be there, with these columns at least.
var lists = map[string][]string{
	"employers":        {"credit_code", "name", "account", "registered"},
	"members":          {"identity_number", "name", "class", "payee_account"},
	"enrolments":       {"day", "action", "identity_number", "scheme", "credit_code", "month", "admit"},
	"opening_balances": {"role", "amount"},
	"opening_rights":   {"identity_number", "amount"},
	"claims": {"claim", "identity_number", "place", "retired", "ground", "first_month", "base", "average_index", "months_total", "months_before", "coefficient_pct", "divisor_months",
		"account_balance", "extra", "extra_amount", "published"},
	"deaths":        {"identity_number", "day", "reported", "heirs_paid"},
	"payee_changes": {"day", "identity_number", "account"},
	"identified":    {"bank_reference", "day", "credit_code"},
	"mislaid":       {"bank_reference", "account", "why"},
}

// readAgency reads the lists of a folder. Declarations and statements are read month by month.
func readAgency(folder string) (*agency, error) {
	a := &agency{folder: folder, lists: map[string][]row{}, mislaid: map[string]string{}}
	text, err := os.ReadFile(filepath.Join(folder, "agency.yaml"))
	if err != nil {
		return nil, fmt.Errorf("the folder of the agency: %w; give one with -in", err)
	}
	if err := yaml.UnmarshalWithOptions(text, &a.settings, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("agency.yaml: %w", err)
	}
	var faults []error
	for name, columns := range lists {
		if a.lists[name], err = readList(filepath.Join(folder, name+".csv"), columns, &faults); err != nil {
			faults = append(faults, err)
		}
	}
	for _, r := range a.lists["mislaid"] {
		a.mislaid[r.text("bank_reference")] = r.text("why")
	}
	return a, errors.Join(faults...)
}

func readList(path string, columns []string, faults *[]error) ([]row, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	records, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(records) == 0 || strings.Join(records[0], ",") != strings.Join(columns, ",") {
		return nil, fmt.Errorf("%s:1: the first line must name the columns %s", path, strings.Join(columns, ","))
	}
	var rows []row
	for i, record := range records[1:] {
		r := row{file: path, line: i + 2, fields: map[string]string{}, faults: faults}
		for j, field := range record {
			r.fields[columns[j]] = field
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func (r row) text(field string) string { return r.fields[field] }

func (r row) fault(field string, err error) {
	*r.faults = append(*r.faults, fmt.Errorf("%s:%d: %s: %q: %w", r.file, r.line, field, r.fields[field], err))
}

func (r row) date(field string) calendar.Date {
	day, err := calendar.ParseDate(r.fields[field])
	if err != nil {
		r.fault(field, err)
	}
	return day
}

func (r row) month(field string) calendar.Month {
	month, err := calendar.ParseMonth(r.fields[field])
	if err != nil {
		r.fault(field, err)
	}
	return month
}

func (r row) amount(field string) money.Amount {
	amount, err := cny.Parse(r.fields[field])
	if err != nil {
		r.fault(field, err)
	}
	return amount
}

func (r row) number(field string) int {
	n, err := strconv.Atoi(r.fields[field])
	if err != nil {
		r.fault(field, err)
	}
	return n
}

// err returns what could not be read so far of any list.
func (a *agency) err() error {
	for _, rows := range a.lists {
		if len(rows) > 0 {
			return errors.Join(*rows[0].faults...)
		}
	}
	return nil
}

// in returns the rows of a list whose day lies in a month.
func (a *agency) in(list, field string, month calendar.Month) []row {
	var rows []row
	for _, r := range a.lists[list] {
		if r.date(field).Month() == month {
			rows = append(rows, r)
		}
	}
	return rows
}
