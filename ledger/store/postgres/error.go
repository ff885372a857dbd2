package postgres

import (
	"errors"
	"regexp"
	"strings"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/lib/pq"
)

// classes maps SQLSTATE, or its first two characters, to a class. The longer one wins.
var classes = map[string]store.Class{
	"40001": store.Serialization,
	"40P01": store.Deadlock,
	"55P03": store.Busy, // lock_not_available: lock_timeout
	"55006": store.Busy, // object_in_use
	"23505": store.Duplicate,
	"23":    store.Integrity, // integrity constraint violation
	"22":    store.Integrity, // data exception: out of range, invalid text
	"44":    store.Integrity, // with check option
	"P0001": store.Integrity, // raise_exception of a trigger
	"53100": store.StorageFull,
	"53300": store.Connection, // too_many_connections
	"08":    store.Connection,
	"57P01": store.Connection, // admin_shutdown
	"57P02": store.Connection, // crash_shutdown
	"57P03": store.Connection, // cannot_connect_now
	"57P04": store.Connection, // database_dropped
	"57P05": store.Connection, // idle_session_timeout
	"25P03": store.Connection, // idle_in_transaction_session_timeout
	"42501": store.Permission,
	"28":    store.Permission, // invalid authorization
	"25006": store.Permission, // read_only_sql_transaction
	"XX001": store.Corrupt,    // data_corrupted
	"XX002": store.Corrupt,    // index_corrupted
	"57014": store.Canceled,   // query_canceled
}

// hidden finds, in the message of an XX000, the error that a worker of a distributed engine reported without its SQLSTATE.
var hidden = []struct {
	text  string
	class store.Class
}{
	{"duplicate key value violates unique constraint", store.Duplicate},
	{"violates check constraint", store.Integrity},
	{"violates foreign key constraint", store.Integrity},
	{"violates not-null constraint", store.Integrity},
	{"violates exclusion constraint", store.Integrity},
	{"could not serialize access", store.Serialization},
	{"deadlock detected", store.Deadlock},
	{"lock timeout", store.Busy},
	{"No space left on device", store.StorageFull},
	{"connection to the remote node", store.Connection},
}

var (
	quotedConstraint = regexp.MustCompile(`constraint "([^"]+)"`)
	shardSuffix      = regexp.MustCompile(`_[0-9]+$`)
)

// Classify reads the SQLSTATE, and for XX000 the message. Constraint and table names lose the shard number that Citus appends to them.
func (Dialect) Classify(err error) (store.Problem, bool) {
	e, ok := errors.AsType[*pq.Error](err)
	if !ok {
		if errors.Is(err, pq.ErrInFailedTransaction) {
			return store.Problem{Class: store.Other}, true
		}
		return store.Problem{}, false
	}
	state := string(e.Code)
	problem := store.Problem{Constraint: e.Constraint, Table: e.Table}
	class, known := classes[state]
	if !known && len(state) == 5 {
		class = classes[state[:2]]
	}
	problem.Class = class
	if state == "26000" || state == "0A000" && e.Routine == "RevalidateCachedQuery" {
		return store.Problem{Class: store.Serialization, Outdated: true}, true // the statement was prepared before its table changed
	}
	if state == "XX000" {
		for _, h := range hidden {
			if strings.Contains(e.Message, h.text) {
				problem.Class = h.class
				break
			}
		}
	}
	if problem.Class == store.Integrity && strings.Contains(e.Message, store.AppendOnlyMark) || state == "XX000" && strings.Contains(e.Message, store.AppendOnlyMark) {
		problem.Class = store.AppendOnly
	}
	if problem.Constraint == "" {
		if found := quotedConstraint.FindStringSubmatch(e.Message); found != nil {
			problem.Constraint = found[1]
		}
	}
	problem.Constraint = shardSuffix.ReplaceAllString(problem.Constraint, "")
	problem.Table = shardSuffix.ReplaceAllString(problem.Table, "")
	return problem, true
}
