package sqlite_test

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/sqlite"
)

// coded is an error of some driver.
type coded struct {
	code    int
	message string
	system  error
}

func (e *coded) Error() string { return "sqlite: " + e.message }
func (e *coded) Unwrap() error { return e.system }

func errorCode(err error) (int, bool) {
	if e, ok := errors.AsType[*coded](err); ok {
		return e.code, true
	}
	return 0, false
}

func TestClassifyReadsTheExtendedResultCode(t *testing.T) {
	cases := []struct {
		name string
		err  coded
		want store.Problem
	}{
		{"busy", coded{5, "database is locked", nil}, store.Problem{Class: store.Busy}},
		{"busy while recovering", coded{261, "database is locked", nil}, store.Problem{Class: store.Busy}},
		{"table locked", coded{6, "database table is locked", nil}, store.Problem{Class: store.Busy}},
		{"old snapshot", coded{517, "database is locked", nil}, store.Problem{Class: store.Serialization}},
		{"primary key", coded{1555, "constraint failed: UNIQUE constraint failed: line.realm, line.book", nil},
			store.Problem{Class: store.Duplicate, Constraint: "line_pkey", Table: "line"}},
		{"row id", coded{2579, "UNIQUE constraint failed: line.rowid", nil}, store.Problem{Class: store.Duplicate, Constraint: "line_pkey", Table: "line"}},
		{"unique columns", coded{2067, "UNIQUE constraint failed: entry.realm, entry.key", nil},
			store.Problem{Class: store.Duplicate, Constraint: "entry_realm_key_key", Table: "entry"}},
		{"unique index over an expression", coded{2067, "UNIQUE constraint failed: index 'entry_lower_key'", nil},
			store.Problem{Class: store.Duplicate, Constraint: "entry_lower_key"}},
		{"check", coded{275, "CHECK constraint failed: line_amount_check", nil}, store.Problem{Class: store.Integrity, Constraint: "line_amount_check"}},
		{"not null", coded{1299, "NOT NULL constraint failed: line.amount", nil}, store.Problem{Class: store.Integrity, Table: "line"}},
		{"foreign key", coded{787, "FOREIGN KEY constraint failed", nil}, store.Problem{Class: store.Integrity}},
		{"datatype", coded{3091, "cannot store TEXT value in INTEGER column line.amount", nil}, store.Problem{Class: store.Integrity}},
		{"trigger", coded{1811, "entry does not balance", nil}, store.Problem{Class: store.Integrity}},
		{"append-only trigger", coded{1811, "append-only: table line", nil}, store.Problem{Class: store.AppendOnly}},
		{"full", coded{13, "database or disk is full", nil}, store.Problem{Class: store.StorageFull}},
		{"no space in a write", coded{778, "disk I/O error", syscall.ENOSPC}, store.Problem{Class: store.StorageFull}},
		{"size limit in a write", coded{778, "disk I/O error", syscall.EFBIG}, store.Problem{Class: store.StorageFull}},
		{"quota in a write", coded{778, "disk I/O error", fmt.Errorf("write: %w", syscall.EDQUOT)}, store.Problem{Class: store.StorageFull}},
		{"another fault in a write", coded{778, "disk I/O error", syscall.EIO}, store.Problem{Class: store.Other}},
		{"page checksum", coded{8202, "disk I/O error", nil}, store.Problem{Class: store.Corrupt}},
		{"malformed", coded{11, "database disk image is malformed", nil}, store.Problem{Class: store.Corrupt}},
		{"malformed index", coded{779, "database disk image is malformed", nil}, store.Problem{Class: store.Corrupt}},
		{"not a database", coded{26, "file is not a database", nil}, store.Problem{Class: store.Corrupt}},
		{"read-only", coded{8, "attempt to write a readonly database", nil}, store.Problem{Class: store.Permission}},
		{"cannot open", coded{14, "unable to open database file", nil}, store.Problem{Class: store.Connection}},
		{"interrupted", coded{9, "interrupted", nil}, store.Problem{Class: store.Canceled}},
		{"syntax", coded{1, `near "SELEKT": syntax error`, nil}, store.Problem{Class: store.Other}},
	}
	dialect := sqlite.Dialect{ErrorCode: errorCode}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, err := range []error{&c.err, fmt.Errorf("while posting: %w", &c.err)} {
				got, ok := dialect.Classify(err)
				if !ok || got != c.want {
					t.Errorf("got %+v %v, want %+v", got, ok, c.want)
				}
			}
		})
	}
	if problem, ok := dialect.Classify(errors.New("other")); ok {
		t.Errorf("a foreign error was read as %+v", problem)
	}
	if problem, ok := (sqlite.Dialect{}).Classify(&coded{code: 5}); ok {
		t.Errorf("without ErrorCode an error was read as %+v", problem)
	}
}

func TestListsAreJSONArrays(t *testing.T) {
	dialect := sqlite.Dialect{}
	cases := []struct {
		list any
		want string
	}{
		{dialect.Ints(nil), "[]"},
		{dialect.Ints([]int64{}), "[]"},
		{dialect.Ints([]int64{-9223372036854775808, 0, 9223372036854775807}), "[-9223372036854775808,0,9223372036854775807]"},
		{dialect.Texts(nil), "[]"},
		{dialect.Texts([]string{"a", `"`, "社"}), `["a","\"","社"]`},
	}
	for _, c := range cases {
		got, err := c.list.(driver.Valuer).Value()
		if err != nil || got != c.want {
			t.Errorf("got %v, %v, want %s", got, err, c.want)
		}
	}
}

func TestPragmasKeepCommitsAndTriggers(t *testing.T) {
	text := sqlite.Pragmas(1500*time.Millisecond, false)
	for _, want := range []string{"busy_timeout = 1500;", "synchronous = FULL;", "foreign_keys = ON;", "recursive_triggers = ON;"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q lacks %q", text, want)
		}
	}
	if strings.Contains(text, "query_only") || !strings.Contains(sqlite.Pragmas(0, true), "query_only = ON;") {
		t.Error("query_only must be set for readers and for them only")
	}
}
