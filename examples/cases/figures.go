package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme/yamltext"
)

// figures reads the fields of one mapping and remembers which it was asked for.
type figures struct {
	node   *yamltext.Node
	where  string
	asked  map[string]bool
	faults *[]string
	within []*figures // mappings inside that were opened
}

func newFigures(n *yamltext.Node) *figures {
	return &figures{node: n, asked: map[string]bool{}, faults: new([]string)}
}

func (f *figures) fault(format string, args ...any) {
	*f.faults = append(*f.faults, f.where+fmt.Sprintf(format, args...))
}

// field returns the first of several names that the mapping has.
func (f *figures) field(names ...string) (*yamltext.Node, string) {
	for _, name := range names {
		f.asked[name] = true
	}
	for _, name := range names {
		if v := f.node.Field(name); !v.IsNull() {
			return v, name
		}
	}
	return nil, ""
}

func (f *figures) text(names ...string) string {
	v, name := f.field(names...)
	if v == nil {
		return ""
	}
	if v.Kind != yamltext.Scalar {
		f.fault("%s is no single text", name)
	}
	return v.Text
}

func (f *figures) number(names ...string) decimal.NullDecimal {
	v, name := f.field(names...)
	if v == nil {
		return decimal.NullDecimal{}
	}
	d, err := money.ParseDecimal(v.Text)
	if v.Kind != yamltext.Scalar || err != nil {
		f.fault("%s is %q, no exact decimal", name, v.Text)
	}
	return decimal.NewNullDecimal(d)
}

func (f *figures) count(names ...string) *int {
	d := f.number(names...)
	if !d.Valid {
		return nil
	}
	if !d.Decimal.IsInteger() || d.Decimal.Abs().GreaterThan(decimal.New(1, 6)) {
		f.fault("%s is %s, no whole number", names[0], d.Decimal)
	}
	n := int(d.Decimal.IntPart())
	return &n
}

// inner opens a mapping inside, with the same faults.
func (f *figures) inner(n *yamltext.Node, where string) *figures {
	inside := &figures{node: n, where: f.where + where + ".", asked: map[string]bool{}, faults: f.faults}
	f.within = append(f.within, inside)
	return inside
}

// unread lists the fields that nothing asked for, those of opened mappings too.
func (f *figures) unread() []string {
	var out []string
	for _, field := range f.node.Fields {
		if !f.asked[field.Name] {
			out = append(out, f.where+field.Name)
		}
	}
	for _, inside := range f.within {
		out = append(out, inside.unread()...)
	}
	return out
}

// noteUnread remarks every field that nothing asked for.
func (f *figures) noteUnread(a *answer) {
	for _, field := range f.unread() {
		a.note("input %s is not used", field)
	}
}

// err joins the faults into one error, one a line.
func (f *figures) err() error { return errFaults(*f.faults) }

func errFaults(faults []string) error {
	if len(faults) == 0 {
		return nil
	}
	return errors.New(strings.Join(faults, "\n"))
}

// day reads a date; a month alone is its first day.
func (f *figures) day(names ...string) calendar.Date {
	text := f.text(names...)
	if text == "" {
		return 0
	}
	day, err := calendar.ParseDate(text)
	if month, monthErr := calendar.ParseMonth(text); err != nil && monthErr == nil {
		return month.First()
	}
	if err != nil {
		f.fault("%v", err)
	}
	return day
}

// lawDay is the day whose law a case asks for. A case that names none is compared with the law after the reform of the retirement age.
func (f *figures) lawDay() calendar.Date {
	if day := f.day("date", "as_of", "on", "day"); day != 0 {
		return day
	}
	return inForce
}

// month reads a month, or the month of a date.
func (f *figures) month(names ...string) calendar.Month {
	text := f.text(names...)
	if month, err := calendar.ParseMonth(text); err == nil {
		return month
	}
	day, err := calendar.ParseDate(text)
	if err != nil {
		f.fault("%s is %q, neither a month nor a date", names[0], text)
		return 0
	}
	return day.Month()
}

// rate reads a fraction, or a percentage under the name that ends in _pct.
func (f *figures) rate(names ...string) decimal.NullDecimal {
	if rate := f.number(names...); rate.Valid {
		return rate
	}
	for _, name := range names {
		if pct := f.number(name + "_pct"); pct.Valid {
			return decimal.NewNullDecimal(pct.Decimal.Shift(-2))
		}
	}
	return decimal.NullDecimal{}
}
