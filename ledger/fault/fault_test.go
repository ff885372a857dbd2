package fault_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/ledger/fault"
)

type code string

func (c code) Error() string { return "office: " + string(c) }

const (
	errMissing code = "missing"
	errUnknown code = "unknown"
)

type (
	one  = fault.Fault[code]
	many = fault.List[code]
)

func TestAFaultSaysWhereWhatAndWhatToDo(t *testing.T) {
	for want, f := range map[string]*one{
		"office: no such member [unknown]":                                                 {Code: errUnknown, Detail: "no such member"},
		"office: row 3, base: is empty; fill it in [missing]":                              {Code: errMissing, Row: 3, Field: "base", Detail: "is empty", Hint: "fill it in"},
		"office: july.csv:12:5, base: is empty; fill it in [missing]":                      {Code: errMissing, File: "july.csv", Line: 12, Column: 5, Field: "base", Detail: "is empty", Hint: "fill it in"},
		"office: july.csv: is not UTF-8 [unknown]":                                         {Code: errUnknown, File: "july.csv", Detail: "is not UTF-8"},
		"office: 7: a line of something without a name [unknown]":                          {Code: errUnknown, Line: 7, Detail: "a line of something without a name"},
		"office: july.csv:2, row 1, member: belongs to another; use that number [unknown]": {Code: errUnknown, File: "july.csv", Line: 2, Row: 1, Field: "member", Detail: "belongs to another", Hint: "use that number"},
	} {
		if got := f.Error(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestAListIsFoundByItsCodesItsFaultsAndTheirCauses(t *testing.T) {
	var l many
	if l.Err() != nil {
		t.Error("nothing is wrong, and there is an error")
	}
	l.Rowf(9, errUnknown, "member", "", "member %d", 7)
	l.Add(&one{Code: errMissing, Row: 2, Err: io.ErrUnexpectedEOF})
	l.Addf(errMissing, "key", "give one", "no key")
	err := l.Err()
	found, ok := errors.AsType[*one](err)
	if !errors.Is(err, errUnknown) || !errors.Is(err, errMissing) || !errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, code("other")) || !ok || found.Field != "key" {
		t.Errorf("%v, first %+v", err, found)
	}
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 3 || !strings.HasPrefix(lines[1], "office: row 2") || !strings.HasPrefix(lines[2], "office: row 9") {
		t.Errorf("not in the order of rows: %q", lines)
	}
	if err := fault.One(errMissing, "key", "give one", "no key"); !errors.Is(err, errMissing) || err.Error() != "office: key: no key; give one [missing]" {
		t.Error(err)
	}
}

func TestFaultsBeyondTheMostAreCounted(t *testing.T) {
	var l many
	for i := range fault.Most + 3 {
		l.Rowf(i+1, errUnknown, "", "", "row")
	}
	if len(l.List) != fault.Most || l.Omitted != 3 || !strings.HasSuffix(l.Error(), "\noffice: and 3 more faults") {
		t.Errorf("%d kept, %d omitted, ends %q", len(l.List), l.Omitted, l.Error()[len(l.Error())-40:])
	}
}
