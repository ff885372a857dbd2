package storetest

import (
	"testing"

	"github.com/fundledger/fundledger/ledger/store"
)

// The kinds of database.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Environment variables.
const (
	EnvPostgres        = "FUNDLEDGER_TEST_POSTGRES"    // DSN of a server where databases may be created
	EnvRequirePostgres = "FUNDLEDGER_REQUIRE_POSTGRES" // 1: a test without PostgreSQL fails
)

// Option changes a database that Open gives.
type Option func(*options)

type options struct {
	durable bool
	fault   Fault
	store   []store.Option
}

// Durable makes commits wait for the disk, as benchmarks of commits need: a PostgreSQL server of its own with fsync on, and
// synchronous=FULL on SQLite. Without it an operating system's crash may lose the test's data, which no test minds.
func Durable() Option { return func(o *options) { o.durable = true } }

// WithStore passes options to store.New.
func WithStore(opts ...store.Option) Option {
	return func(o *options) { o.store = append(o.store, opts...) }
}

func collect(opts []Option) options {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// Each runs fn as the subtests "sqlite" and "postgres", each with a fresh migrated database that is removed afterwards.
func Each(t *testing.T, schemas []store.Schema, fn func(t *testing.T, db *store.DB)) {
	t.Helper()
	for _, kind := range Kinds(t) {
		t.Run(kind, func(t *testing.T) { fn(t, Open(t, schemas, kind)) })
	}
}

// Kinds is what can be had here: SQLite always, Postgres when there is a server. See the package comment for what happens otherwise.
func Kinds(tb testing.TB) []string {
	tb.Helper()
	if !havePostgres(tb) {
		return []string{SQLite}
	}
	return []string{SQLite, Postgres}
}

// Open gives a fresh migrated database of the kind. It is closed and removed when the test ends.
func Open(tb testing.TB, schemas []store.Schema, kind string, opts ...Option) *store.DB {
	tb.Helper()
	return OpenAt(tb, kind, Fresh(tb, schemas, kind, opts...), opts...)
}

// Fresh makes a migrated database of the kind that nobody has open, for tests that run a program or open it twice. It gives the path of the SQLite
// file, or the DSN of the PostgreSQL database in key=value form (a setting may be added at its end). Both are removed when the test ends.
func Fresh(tb testing.TB, schemas []store.Schema, kind string, opts ...Option) (at string) {
	tb.Helper()
	switch kind {
	case SQLite:
		return sqliteCopy(tb, schemas)
	case Postgres:
		return postgresClone(tb, schemas, collect(opts))
	}
	tb.Fatalf("storetest: kind %q is neither %q nor %q", kind, SQLite, Postgres)
	return ""
}

// OpenAt opens what Fresh made, as often as needed; each DB is closed when the test ends.
func OpenAt(tb testing.TB, kind, at string, opts ...Option) *store.DB {
	tb.Helper()
	if kind == SQLite {
		return openFile(tb, at, collect(opts))
	}
	return openDatabase(tb, at, collect(opts))
}

// Pair gives one fresh database of each kind with the same schemas, for tests that compare the engines. postgres is nil when there is no server,
// which the log says.
func Pair(t *testing.T, schemas []store.Schema) (sqlite, postgres *store.DB) {
	t.Helper()
	sqlite = Open(t, schemas, SQLite)
	if havePostgres(t) {
		postgres = Open(t, schemas, Postgres)
	}
	return sqlite, postgres
}
