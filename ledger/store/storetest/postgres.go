package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/postgres"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// server is a PostgreSQL server where databases may be created.
type server struct {
	dsn string // of its maintenance database

	mutex     sync.Mutex
	templates map[string]string // key of the schemas → template database
}

// servers are the servers of this process: the plain one and the durable one, each had once.
var servers struct {
	sync.Mutex
	plain, durable *server
	err            error // why there is none
	warned         bool
}

// theServer gives the server of the environment, or starts one.
func theServer(durable bool) (*server, error) {
	servers.Lock()
	defer servers.Unlock()
	if servers.err != nil {
		return nil, servers.err
	}
	slot := &servers.plain
	dsn, err := keywords(os.Getenv(EnvPostgres))
	if err != nil {
		servers.err = fmt.Errorf("%s: %w", EnvPostgres, err)
		return nil, servers.err
	}
	if durable && dsn == "" {
		slot = &servers.durable
	}
	if *slot != nil {
		return *slot, nil
	}
	if dsn == "" {
		dsn, err = startServer(durable)
	} else {
		err = reach(dsn)
	}
	if err != nil {
		servers.err = err
		return nil, err
	}
	*slot = &server{dsn: dsn, templates: map[string]string{}}
	return *slot, nil
}

// reach proves that the server answers.
func reach(dsn string) error {
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return err
	}
	return errors.Join(db.Ping(), db.Close())
}

// havePostgres reports whether there is a server and says loudly when there is none.
func havePostgres(tb testing.TB) bool {
	tb.Helper()
	_, err := theServer(false)
	if err == nil {
		return true
	}
	if os.Getenv(EnvRequirePostgres) == "1" {
		tb.Fatalf("storetest: %s=1 and there is no PostgreSQL: %v", EnvRequirePostgres, err)
	}
	text := fmt.Sprintf("storetest: NOT TESTED ON POSTGRESQL: %v (set %s to the DSN of a server, or install one)", err, EnvPostgres)
	tb.Log(text)
	servers.Lock()
	defer servers.Unlock()
	if !servers.warned {
		servers.warned = true
		fmt.Fprintln(os.Stderr, text)
	}
	return false
}

// postgresClone makes a database from the template of the schemas and drops it when the test ends.
func postgresClone(tb testing.TB, schemas []store.Schema, o options) string {
	tb.Helper()
	s, err := theServer(o.durable)
	if err != nil {
		tb.Fatalf("storetest: no PostgreSQL: %v", err)
	}
	template, err := s.template(tb.Context(), schemas)
	if err != nil {
		tb.Fatalf("storetest: make PostgreSQL template: %v", err)
	}
	name := "fundledger_test_" + randomName()
	if err := s.run(tb.Context(), "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		tb.Fatalf("storetest: clone %s: %v", template, err)
	}
	tb.Cleanup(func() {
		if err := s.run(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			tb.Errorf("storetest: %v", err)
		}
	})
	return withDatabase(s.dsn, name)
}

func openDatabase(tb testing.TB, dsn string, o options) *store.DB {
	tb.Helper()
	db, err := postgres.Open(tb.Context(), dsn, postgres.WithStore(o.store...), postgres.WithConnector(o.fault.wrap()))
	if err != nil {
		tb.Fatalf("storetest: %v", err)
	}
	closeAtEnd(tb, db)
	return db
}

// template gives the migrated database of the schemas. Its name is made of their contents, so that a server that outlives the process migrates
// each set once; it gets the name only when it is complete.
func (s *server) template(ctx context.Context, schemas []store.Schema) (string, error) {
	key, err := schemaKey(Postgres, schemas)
	if err != nil {
		return "", err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if name, ok := s.templates[key]; ok {
		return name, nil
	}
	name := "fundledger_template_" + key
	draft := "fundledger_draft_" + randomName()
	if err := s.run(ctx, "CREATE DATABASE "+draft+" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"); err != nil {
		return "", err
	}
	db, err := postgres.Open(ctx, withDatabase(s.dsn, draft))
	if err != nil {
		return "", err
	}
	if err := errors.Join(db.Migrate(ctx, schemas...), db.Close()); err != nil {
		return "", errors.Join(err, s.run(ctx, "DROP DATABASE "+draft))
	}
	err = s.run(ctx, "ALTER DATABASE "+draft+" RENAME TO "+name)
	if e, ok := errors.AsType[*pq.Error](err); ok && e.Code == "42P04" { // another process was first
		err = s.run(ctx, "DROP DATABASE "+draft)
	}
	if err != nil {
		return "", err
	}
	s.templates[key] = name
	return name, nil
}

// run runs one statement in the maintenance database.
func (s *server) run(ctx context.Context, statement string) error {
	db, err := sqlx.Open("postgres", s.dsn)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, statement)
	return errors.Join(err, db.Close())
}

// withDatabase is the DSN with another database.
func withDatabase(dsn, name string) string { return dsn + " dbname=" + name }

// keywords is a DSN in key=value form, of which the last value of a key counts, so that settings can be added at its end.
func keywords(dsn string) (string, error) {
	if !strings.HasPrefix(dsn, "postgres://") && !strings.HasPrefix(dsn, "postgresql://") {
		return dsn, nil
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return "", err
	}
	var words []string
	add := func(key, value string) {
		if value != "" {
			words = append(words, key+"='"+strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value)+"'")
		}
	}
	add("host", u.Hostname())
	add("port", u.Port())
	if u.User != nil {
		password, _ := u.User.Password()
		add("user", u.User.Username())
		add("password", password)
	}
	add("dbname", strings.TrimPrefix(u.Path, "/"))
	for key, values := range u.Query() {
		add(key, values[len(values)-1])
	}
	return strings.Join(words, " "), nil
}

func randomName() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return hex.EncodeToString(b[:])
}
