package store_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

// line makes a schema line of files with the same text for both engines.
func line(name string, files map[string]string) store.Schema {
	all := fstest.MapFS{}
	for file, text := range files {
		for _, dialect := range []string{"postgres", "sqlite"} {
			all[dialect+"/"+file] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + text)}
		}
	}
	return store.Schema{Line: name, Files: all}
}

// with is the line with more files, or other texts for some.
func with(schema store.Schema, files map[string]string) store.Schema {
	all := maps.Clone(schema.Files.(fstest.MapFS))
	maps.Copy(all, line("", files).Files.(fstest.MapFS))
	return store.Schema{Line: schema.Line, Files: all}
}

// bare runs fn on both engines with the place of a database without any schema.
func bare(t *testing.T, fn func(t *testing.T, kind, at string)) {
	t.Helper()
	for _, kind := range storetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) { fn(t, kind, storetest.Fresh(t, nil, kind)) })
	}
}

var garden = line("garden", map[string]string{
	"00001_bed.sql":   "CREATE TABLE bed (id bigint PRIMARY KEY);\nINSERT INTO bed VALUES (1);\nCREATE TABLE tally (n bigint);\n",
	"00002_plant.sql": "CREATE TABLE plant (id bigint PRIMARY KEY, bed bigint REFERENCES bed);\nINSERT INTO plant VALUES (1, 1);\nINSERT INTO plant VALUES (2, 1);\n",
	"00003_tally.sql": "INSERT INTO tally VALUES (1);\n", // nothing in the file itself keeps it from being applied twice
})

func migrate(t *testing.T, db *store.DB, schemas ...store.Schema) {
	t.Helper()
	if err := db.Migrate(t.Context(), schemas...); err != nil {
		t.Fatal(err)
	}
}

func TestMigrateTwiceAppliesEachFileOnce(t *testing.T) {
	bare(t, func(t *testing.T, kind, at string) {
		db := storetest.OpenAt(t, kind, at)
		tools := line("tools", map[string]string{"00001_tool.sql": "CREATE TABLE tool (id bigint PRIMARY KEY);\n"})
		for range 3 {
			migrate(t, db, garden, tools)
		}
		if n := number(t, db, "SELECT count(*) FROM plant"); n != 2 {
			t.Errorf("%d plants, want 2", n)
		}
		if n := number(t, db, "SELECT count(*) FROM fundledger_schema_garden WHERE version > 0 AND length(sha256) = 64 AND name LIKE '0000%'"); n != 3 {
			t.Errorf("%d files recorded for garden, want 3", n)
		}
		if n := number(t, db, "SELECT count(*) FROM fundledger_schema_tools WHERE version > 0"); n != 1 {
			t.Errorf("%d files recorded for tools, want 1", n)
		}
	})
}

func TestMigrateByManyAtOnceAppliesEachFileOnce(t *testing.T) {
	const many = 6
	bare(t, func(t *testing.T, kind, at string) {
		dbs := make([]*store.DB, many) // each as another process would have it
		for i := range dbs {
			dbs[i] = storetest.OpenAt(t, kind, at)
		}
		var group sync.WaitGroup
		errs := make([]error, many)
		start := make(chan struct{})
		for i, db := range dbs {
			group.Go(func() {
				<-start
				errs[i] = db.Migrate(t.Context(), garden)
			})
		}
		close(start)
		group.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if n := number(t, dbs[0], "SELECT (SELECT count(*) FROM plant) + 10 * (SELECT count(*) FROM tally)"); n != 12 {
			t.Errorf("%d, want 2 plants and ten times one tally", n)
		}
	})
}

func TestAFileThatTwoProcessesSawMissingIsAppliedOnce(t *testing.T) {
	// On PostgreSQL the schema lock lets only one look at a time. On SQLite both may have looked before either writes.
	at := storetest.Fresh(t, nil, storetest.SQLite)
	before := line("field", map[string]string{"00001_tally.sql": "CREATE TABLE tally (n bigint);\n"})
	after := with(before, map[string]string{"00002_one.sql": "INSERT INTO tally VALUES (1);\n"})
	migrate(t, storetest.OpenAt(t, storetest.SQLite, at), before)

	firstWrites, secondBegins := make(chan struct{}), make(chan struct{})
	var once [2]sync.Once
	first := storetest.OpenAt(t, storetest.SQLite, at, storetest.WithFault(func(at storetest.Point) error {
		if strings.HasPrefix(at.Query, "INSERT INTO tally") && !at.After {
			once[0].Do(func() { close(firstWrites) })
			<-secondBegins
		}
		return nil
	}))
	second := storetest.OpenAt(t, storetest.SQLite, at, storetest.WithFault(func(at storetest.Point) error {
		if at.Op == "begin" && !at.After {
			once[1].Do(func() { close(secondBegins) })
		}
		return nil
	}))
	done := make(chan error)
	go func() { done <- first.Migrate(t.Context(), after) }()
	<-firstWrites
	if err := errors.Join(second.Migrate(t.Context(), after), <-done); err != nil {
		t.Fatal(err)
	}
	if n := number(t, first, "SELECT count(*) FROM tally"); n != 1 {
		t.Errorf("applied %d times", n)
	}
}

func TestMigrateRefusesADatabaseOfANewerRelease(t *testing.T) {
	bare(t, func(t *testing.T, kind, at string) {
		db := storetest.OpenAt(t, kind, at)
		migrate(t, db, with(garden, map[string]string{"00004_pond.sql": "CREATE TABLE pond (id bigint PRIMARY KEY);\n"}))
		err := db.Migrate(t.Context(), garden)
		want(t, err, store.Other, store.ErrNewerSchema)
		if !strings.Contains(err.Error(), "00004_pond.sql") || !strings.Contains(err.Error(), "migrate garden") {
			t.Errorf("the message names neither file nor line: %v", err)
		}
	})
}

func TestMigrateRefusesAChangedFile(t *testing.T) {
	bare(t, func(t *testing.T, kind, at string) {
		db := storetest.OpenAt(t, kind, at)
		migrate(t, db, garden)
		changed := with(garden, map[string]string{
			"00001_bed.sql":  "CREATE TABLE bed (id bigint PRIMARY KEY, name text);\n",
			"00004_pond.sql": "CREATE TABLE pond (id bigint PRIMARY KEY);\n",
		})
		want(t, db.Migrate(t.Context(), changed), store.Other, store.ErrChangedSchema)
		missing := with(garden, map[string]string{"00004_pond.sql": "CREATE TABLE pond (id bigint PRIMARY KEY);\n"})
		files := missing.Files.(fstest.MapFS)
		delete(files, "postgres/00001_bed.sql")
		delete(files, "sqlite/00001_bed.sql")
		want(t, db.Migrate(t.Context(), missing), store.Other, store.ErrChangedSchema)
		err := db.View(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, "SELECT id FROM pond")
			return err
		})
		want(t, err, store.Other, nil) // the new file was not applied either
	})
}

func TestMigrateKeepsWholeFilesOnlyAndGoesOnAfterAFault(t *testing.T) {
	bare(t, func(t *testing.T, kind, at string) {
		db := storetest.OpenAt(t, kind, at)
		broken := with(garden, map[string]string{
			"00002_plant.sql": "CREATE TABLE plant (id bigint PRIMARY KEY, bed bigint REFERENCES bed);\nINSERT INTO plant VALUES (1, 1);\nINSERT INTO plant VALUES (1, 1);\n",
		})
		err := db.Migrate(t.Context(), broken)
		e := want(t, err, store.Duplicate, store.ErrDuplicate)
		if e.Constraint != "plant_pkey" {
			t.Errorf("constraint %q", e.Constraint)
		}
		if n := number(t, db, "SELECT max(version) FROM fundledger_schema_garden"); n != 1 {
			t.Errorf("recorded version %d, want 1", n)
		}
		migrate(t, db, garden)
		if n := number(t, db, "SELECT count(*) FROM plant"); n != 2 {
			t.Errorf("%d plants, want 2", n)
		}
	})
}

func TestMigrateCutAtAnyStepIsFinishedByTheNextCall(t *testing.T) {
	lost := errors.New("the connection was cut here")
	for _, kind := range storetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			steps, cut := 0, 0
			fault := storetest.WithFault(func(at storetest.Point) error {
				if at.Op == "rollback" || at.After {
					return nil
				}
				if steps++; steps == cut {
					return lost
				}
				return nil
			})
			total := 0
			for cut = 0; cut <= total; cut++ { // the first round counts
				place := storetest.Fresh(t, nil, kind)
				steps = -1 << 30 // opening is not cut
				db := storetest.OpenAt(t, kind, place, fault)
				steps = 0
				err := db.Migrate(t.Context(), garden)
				if cut == 0 {
					total = steps
				}
				steps = -1 << 30
				if err != nil && !errors.Is(err, lost) {
					t.Fatalf("cut at step %d: %v", cut, err)
				}
				checkGarden(t, db, cut)
			}
			if total < 10 {
				t.Errorf("only %d steps were seen", total)
			}
			t.Logf("cut at each of %d steps", total)
		})
	}
}

// checkGarden migrates once more and looks for what was done twice or not at all.
func checkGarden(t *testing.T, db *store.DB, cut int) {
	t.Helper()
	migrate(t, db, garden)
	if n := number(t, db, "SELECT (SELECT count(*) FROM plant) + 10 * (SELECT count(*) FROM tally)"); n != 12 {
		t.Errorf("cut at step %d: %d, want 2 plants and ten times one tally", cut, n)
	}
	if n := number(t, db, "SELECT count(*) FROM fundledger_schema_garden"); n != 4 {
		t.Errorf("cut at step %d: %d versions with the zeroth, want 4", cut, n)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// The variables of a child process that migrates and kills itself.
const (
	childKind = "STORE_TEST_CHILD_KIND"
	childAt   = "STORE_TEST_CHILD_AT"
	childStep = "STORE_TEST_CHILD_STEP"
)

func TestMigrateKilledAtAnyStepIsFinishedByTheNextProcess(t *testing.T) {
	if os.Getenv(childKind) != "" {
		migrateAndDie(t)
		return
	}
	for _, kind := range storetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			kills, step := 0, 1
			for ; ; step++ {
				place := storetest.Fresh(t, nil, kind)
				child := again(t, "^TestMigrateKilledAtAnyStepIsFinishedByTheNextProcess$", childKind+"="+kind, childAt+"="+place, childStep+"="+itoa(step))
				out, err := child.CombinedOutput()
				checkGarden(t, storetest.OpenAt(t, kind, place), step)
				if err == nil {
					break
				}
				if kills++; !strings.Contains(err.Error(), "killed") {
					t.Fatalf("step %d: %v\n%s", step, err, out)
				}
			}
			if kills < 10 {
				t.Errorf("only %d kills", kills)
			}
			t.Logf("%d kills", kills)
		})
	}
}

// migrateAndDie is the child: it ends at the step given, as a power cut would end it, after the engine did the step.
func migrateAndDie(t *testing.T) {
	last, err := strconv.Atoi(os.Getenv(childStep))
	if err != nil {
		t.Fatal(err)
	}
	steps := -1 << 30
	db := storetest.OpenAt(t, os.Getenv(childKind), os.Getenv(childAt), storetest.WithFault(func(at storetest.Point) error {
		if at.After {
			if steps++; steps == last {
				self, _ := os.FindProcess(os.Getpid()) // it never fails
				_ = self.Kill()
				select {}
			}
		}
		return nil
	}))
	steps = 0
	migrate(t, db, garden)
}

// again is this test binary again, for one test, with more variables.
func again(t *testing.T, test string, env ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run="+test, "-test.count=1")
	cmd.Env = append(os.Environ(), env...)
	return cmd
}

func TestMigrateWaitsForALongOneBeyondTheLockTimeout(t *testing.T) {
	if !slices.Contains(storetest.Kinds(t), storetest.Postgres) {
		return
	}
	at := storetest.Fresh(t, nil, storetest.Postgres) + " lock_timeout=30"
	long := store.Schema{Line: "long", Files: fstest.MapFS{"postgres/00001_long.sql": {Data: []byte(
		"-- +goose Up\nSELECT pg_sleep(0.4);\nCREATE TABLE long (n bigint);\n")}}}
	var group sync.WaitGroup
	errs := make([]error, 2)
	for i := range errs {
		db := storetest.OpenAt(t, storetest.Postgres, at)
		group.Go(func() { errs[i] = db.Migrate(t.Context(), long) })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
}

func TestMigrateRefusesABadLine(t *testing.T) {
	db := storetest.Open(t, nil, storetest.SQLite)
	for _, schemas := range [][]store.Schema{
		{line("", nil)}, {line("Garden", nil)}, {line("a b", nil)}, {line("x;", nil)}, {line(strings.Repeat("x", 41), nil)}, {garden, garden},
	} {
		want(t, db.Migrate(t.Context(), schemas...), store.Other, store.ErrSchemaLine)
	}
	want(t, db.Migrate(t.Context(), line("empty", nil)), store.Other, store.ErrNoFiles)
	bad := store.Schema{Line: "bad", Files: fstest.MapFS{"sqlite/first.sql": {Data: []byte("-- +goose Up\nSELECT 1;\n")}}}
	want(t, db.Migrate(t.Context(), bad), store.Other, nil)
}

func TestMigrateStopsWithItsContext(t *testing.T) {
	bare(t, func(t *testing.T, kind, at string) {
		db := storetest.OpenAt(t, kind, at)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		want(t, db.Migrate(ctx, garden), store.Canceled, context.Canceled)
		migrate(t, db, garden)
	})
}
