package sqlite

import (
	"errors"
	"regexp"
	"strings"
	"syscall"

	"github.com/fundledger/fundledger/ledger/store"
)

// Result codes of SQLite, sqlite.org/rescode.html.
const (
	codePerm       = 3
	codeAbort      = 4
	codeBusy       = 5
	codeLocked     = 6
	codeReadOnly   = 8
	codeInterrupt  = 9
	codeIOErr      = 10
	codeCorrupt    = 11
	codeFull       = 13
	codeCantOpen   = 14
	codeTooBig     = 18
	codeConstraint = 19
	codeMismatch   = 20
	codeAuth       = 23
	codeNotADB     = 26

	codeBusySnapshot   = 517
	codeConstraintPK   = 1555
	codeConstraintUniq = 2067
	codeConstraintRow  = 2579
	codeConstraintTrig = 1811
	codeIOErrData      = 8202 // a page checksum does not hold
	codeIOErrCorruptFS = 8458
)

// Classify reads the extended result code. A unique constraint gets the name that PostgreSQL would give it by default (line_pkey,
// entry_realm_book_key), because SQLite names only its columns.
func (d Dialect) Classify(err error) (store.Problem, bool) {
	if d.ErrorCode == nil || err == nil {
		return store.Problem{}, false
	}
	code, ok := d.ErrorCode(err)
	if !ok {
		return store.Problem{}, false
	}
	problem := store.Problem{Class: classOf(code, err)}
	if code&0xff == codeConstraint {
		problem.Constraint, problem.Table = constraint(code, err.Error())
	}
	return problem, true
}

func classOf(code int, err error) store.Class {
	switch code {
	case codeBusySnapshot:
		return store.Serialization
	case codeConstraintPK, codeConstraintUniq, codeConstraintRow:
		return store.Duplicate
	case codeConstraintTrig:
		if strings.Contains(err.Error(), store.AppendOnlyMark) {
			return store.AppendOnly
		}
		return store.Integrity
	case codeIOErrData, codeIOErrCorruptFS:
		return store.Corrupt
	}
	switch code & 0xff {
	case codeBusy, codeLocked:
		return store.Busy
	case codeConstraint, codeTooBig, codeMismatch:
		return store.Integrity
	case codeFull:
		return store.StorageFull
	case codeIOErr:
		if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EFBIG) || errors.Is(err, syscall.EDQUOT) {
			return store.StorageFull
		}
		return store.Other
	case codeCorrupt, codeNotADB:
		return store.Corrupt
	case codeReadOnly, codePerm, codeAuth:
		return store.Permission
	case codeCantOpen:
		return store.Connection
	case codeInterrupt, codeAbort:
		return store.Canceled
	}
	return store.Other
}

var (
	failedColumns = regexp.MustCompile(`(?:UNIQUE|NOT NULL) constraint failed: ([^:]+)$`)
	failedCheck   = regexp.MustCompile(`CHECK constraint failed: (.+)$`)
	failedIndex   = regexp.MustCompile(`UNIQUE constraint failed: index '([^']+)'`)
)

// constraint reads names from "UNIQUE constraint failed: line.realm, line.book".
func constraint(code int, message string) (name, table string) {
	if found := failedIndex.FindStringSubmatch(message); found != nil {
		return found[1], ""
	}
	if found := failedCheck.FindStringSubmatch(message); found != nil {
		return found[1], ""
	}
	found := failedColumns.FindStringSubmatch(message)
	if found == nil {
		return "", ""
	}
	var columns []string
	for part := range strings.SplitSeq(found[1], ", ") {
		t, column, _ := strings.Cut(part, ".")
		table, columns = t, append(columns, column)
	}
	switch code {
	case codeConstraintPK, codeConstraintRow:
		return table + "_pkey", table
	case codeConstraintUniq:
		return table + "_" + strings.Join(columns, "_") + "_key", table
	}
	return "", table
}
