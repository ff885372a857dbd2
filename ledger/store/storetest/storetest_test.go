package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

func toy() []store.Schema {
	return []store.Schema{{Line: "toy", Files: fstest.MapFS{
		"postgres/00001_toy.sql": {Data: []byte("-- +goose Up\nCREATE TABLE toy (id bigint PRIMARY KEY, name text NOT NULL, UNIQUE (name));\n")},
		"sqlite/00001_toy.sql":   {Data: []byte("-- +goose Up\nCREATE TABLE toy (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, UNIQUE (name)) STRICT;\n")},
	}}}
}

func add(tb testing.TB, db *store.DB, id int64) {
	tb.Helper()
	err := db.Update(tb.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.Insert(ctx, "toy", store.Fixed("id", id), store.Fixed("name", fmt.Sprint("toy ", id)))
	})
	if err != nil {
		tb.Fatal(err)
	}
}

func count(tb testing.TB, db *store.DB) (n int) {
	tb.Helper()
	err := db.View(tb.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, "SELECT count(*) FROM toy").Scan(&n)
	})
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

func TestEachGivesAFreshMigratedDatabaseOfEveryKind(t *testing.T) {
	var seen []string
	for range 3 {
		storetest.Each(t, toy(), func(t *testing.T, db *store.DB) {
			seen = append(seen, db.Dialect().Name())
			if n := count(t, db); n != 0 {
				t.Errorf("%d rows of another test", n)
			}
			add(t, db, 1)
		})
	}
	slices.Sort(seen)
	if kinds := storetest.Kinds(t); len(seen) != 3*len(kinds) || !slices.Equal(slices.Compact(seen), slices.Sorted(slices.Values(kinds))) {
		t.Errorf("ran on %v, want each of %v three times", seen, kinds)
	}
}

func TestTestsInParallelDoNotMeet(t *testing.T) {
	for i := range 6 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, toy(), func(t *testing.T, db *store.DB) {
				t.Parallel()
				for id := range int64(5) {
					add(t, db, id)
				}
				if n := count(t, db); n != 5 {
					t.Errorf("%d rows, want 5", n)
				}
			})
		})
	}
}

func TestPairGivesOneOfEachKind(t *testing.T) {
	sqlite, postgres := storetest.Pair(t, toy())
	if sqlite.Dialect().Name() != storetest.SQLite {
		t.Errorf("first is %s", sqlite.Dialect().Name())
	}
	if slices.Contains(storetest.Kinds(t), storetest.Postgres) != (postgres != nil) {
		t.Error("the second must be there exactly when there is a server")
	}
	if postgres != nil && postgres.Dialect().Name() != storetest.Postgres {
		t.Errorf("second is %s", postgres.Dialect().Name())
	}
}

func TestFreshCanBeOpenedTwiceAndIsRemoved(t *testing.T) {
	for _, kind := range storetest.Kinds(t) {
		var at string
		t.Run(kind, func(t *testing.T) {
			at = storetest.Fresh(t, toy(), kind)
			first, second := storetest.OpenAt(t, kind, at), storetest.OpenAt(t, kind, at)
			add(t, first, 1)
			if n := count(t, second); n != 1 {
				t.Errorf("%d rows, want 1", n)
			}
		})
		if kind == storetest.SQLite {
			if names, _ := filepath.Glob(at + "*"); len(names) != 0 { // the pattern is valid
				t.Errorf("%v is still there", names)
			}
			continue
		}
		// Its name is the last word of the DSN.
		_, name, _ := strings.Cut(at, "fundledger_test_")
		other := storetest.Open(t, toy(), kind)
		var n int
		err := other.View(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			return tx.QueryRow(ctx, "SELECT count(*) FROM pg_database WHERE datname = ?", "fundledger_test_"+name).Scan(&n)
		})
		if err != nil || n != 0 {
			t.Errorf("%d databases named fundledger_test_%s, error %v", n, name, err)
		}
	}
}

func TestDurableSetsTheEnginesToWaitForTheDisk(t *testing.T) {
	queries := map[string]string{storetest.SQLite: "PRAGMA synchronous", storetest.Postgres: "SELECT current_setting('fsync') || current_setting('synchronous_commit')"}
	for _, kind := range storetest.Kinds(t) {
		read := func(db *store.DB) (value string) {
			err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error { return tx.QueryRow(ctx, queries[kind]).Scan(&value) })
			if err != nil {
				t.Fatal(err)
			}
			return value
		}
		want := map[string]string{storetest.SQLite: "2", storetest.Postgres: "onon"}[kind]
		if got := read(storetest.Open(t, toy(), kind, storetest.Durable())); got != want && os.Getenv(storetest.EnvPostgres) == "" {
			t.Errorf("%s: durable is %s, want %s", kind, got, want)
		}
	}
}

func TestAFaultIsMetBeforeAndAfterEveryStep(t *testing.T) {
	lost := errors.New("lost")
	for _, kind := range storetest.Kinds(t) {
		for _, op := range []string{"begin", "exec", "query", "commit"} {
			for _, after := range []bool{false, true} {
				t.Run(fmt.Sprint(kind, " ", op, " after ", after), func(t *testing.T) {
					var mutex sync.Mutex
					armed, hits := false, 0
					db := storetest.Open(t, toy(), kind, storetest.WithFault(func(at storetest.Point) error {
						mutex.Lock()
						defer mutex.Unlock()
						if armed && at.Op == op && at.After == after {
							hits++
							return lost
						}
						return nil
					}))
					armed = true
					err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
						var one int
						if err := tx.QueryRow(ctx, "SELECT count(*) FROM toy WHERE id > ?", 0).Scan(&one); err != nil {
							return err
						}
						return tx.Insert(ctx, "toy", store.Fixed("id", int64(1)), store.Fixed("name", "x"))
					})
					mutex.Lock()
					armed = false
					mutex.Unlock()
					if err == nil || hits == 0 || op != "begin" && !errors.Is(err, lost) {
						t.Errorf("%d hits, error %v", hits, err)
					}
					want := 0
					if op == "commit" && after {
						want = 1
					}
					if n := count(t, db); n != want {
						t.Errorf("%d rows, want %d", n, want)
					}
					add(t, db, 2)
				})
			}
		}
	}
}

// recorder is a testing.TB that remembers failures instead of failing.
type recorder struct {
	testing.TB
	failures []string
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func TestPinnedFindsChangedMissingAndUnpinnedFiles(t *testing.T) {
	schema := store.Schema{Line: "x", Files: fstest.MapFS{"postgres/00001_a.sql": {Data: []byte("a")}, "sqlite/00001_a.sql": {Data: []byte("b")}}}
	const sumA = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
	const sumB = "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"
	cases := []struct {
		name string
		sums map[string]string
		want []string
	}{
		{"all as released", map[string]string{"postgres/00001_a.sql": sumA, "sqlite/00001_a.sql": sumB}, nil},
		{"a changed file", map[string]string{"postgres/00001_a.sql": sumB, "sqlite/00001_a.sql": sumB}, []string{"postgres/00001_a.sql has SHA-256 " + sumA}},
		{"a file that is not pinned", map[string]string{"postgres/00001_a.sql": sumA}, []string{"sqlite/00001_a.sql is not pinned; its SHA-256 is " + sumB}},
		{"a missing file", map[string]string{"postgres/00001_a.sql": sumA, "sqlite/00001_a.sql": sumB, "sqlite/00002_b.sql": sumB},
			[]string{"released file sqlite/00002_b.sql is missing"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := &recorder{TB: t}
			storetest.Pinned(r, schema, c.sums)
			if len(r.failures) != len(c.want) {
				t.Fatalf("failures %q, want %q", r.failures, c.want)
			}
			for i, failure := range r.failures {
				if !strings.Contains(failure, c.want[i]) {
					t.Errorf("failure %q lacks %q", failure, c.want[i])
				}
			}
		})
	}
}

// childEnd tells a child process how to end.
const childEnd = "STORETEST_CHILD_END"

// again is this test binary for one test, with more variables.
func again(t *testing.T, test string, env ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+test+"$", "-test.count=1", "-test.v")
	cmd.Env = append(os.Environ(), env...)
	return cmd
}

func TestWithoutAServerTheLogSaysSoAndCIFails(t *testing.T) {
	if os.Getenv(childEnd) == "no server" {
		storetest.Each(t, toy(), func(t *testing.T, db *store.DB) { add(t, db, 1) })
		return
	}
	nowhere := storetest.EnvPostgres + "=host=" + t.TempDir() + " user=nobody dbname=nothing sslmode=disable"
	out, err := again(t, t.Name(), childEnd+"=no server", nowhere, storetest.EnvRequirePostgres+"=").CombinedOutput()
	if err != nil || strings.Count(string(out), "NOT TESTED ON POSTGRESQL") < 2 || !strings.Contains(string(out), "/sqlite") {
		t.Errorf("without a server: %v\n%s", err, out)
	}
	out, err = again(t, t.Name(), childEnd+"=no server", nowhere, storetest.EnvRequirePostgres+"=1").CombinedOutput()
	if err == nil || !strings.Contains(string(out), storetest.EnvRequirePostgres+"=1 and there is no PostgreSQL") {
		t.Errorf("without a server that is required: %v\n%s", err, out)
	}
}

func TestTheServerEndsWithTheProcessHoweverThatEnds(t *testing.T) {
	if end := os.Getenv(childEnd); end != "" {
		startAndEnd(t, end)
		return
	}
	if !slices.Contains(storetest.Kinds(t), storetest.Postgres) || os.Getenv(storetest.EnvPostgres) != "" {
		return // there is no server of our own
	}
	for _, end := range []string{"return", "fail", "panic", "exit", "kill"} {
		t.Run(end, func(t *testing.T) {
			out, err := again(t, "TestTheServerEndsWithTheProcessHoweverThatEnds", childEnd+"="+end).CombinedOutput()
			if (err == nil) != (end == "return") {
				t.Fatalf("%v\n%s", err, out)
			}
			_, rest, found := strings.Cut(string(out), "server in ")
			dir, _, _ := strings.Cut(rest, "\n")
			if !found || !strings.Contains(dir, "fundledger-pg-") {
				t.Fatalf("the child named no folder:\n%s", out)
			}
			deadline := time.Now().Add(20 * time.Second)
			for {
				if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
					break
				}
				if time.Now().After(deadline) {
					t.Fatalf("%s is still there", dir)
				}
				time.Sleep(20 * time.Millisecond)
			}
		})
	}
}

// startAndEnd is the child: it starts a server, names its folder and ends.
func startAndEnd(t *testing.T, end string) {
	dsn := storetest.Fresh(t, toy(), storetest.Postgres)
	db := storetest.OpenAt(t, storetest.Postgres, dsn)
	add(t, db, 1)
	_, rest, _ := strings.Cut(dsn, "host=")
	dir, _, _ := strings.Cut(rest, " ")
	fmt.Printf("server in %s\n", dir)
	switch end {
	case "fail":
		t.Fatal("as asked")
	case "panic":
		panic("as asked")
	case "exit":
		os.Exit(3)
	case "kill":
		self, _ := os.FindProcess(os.Getpid()) // it never fails
		_ = self.Kill()
		select {}
	}
}
