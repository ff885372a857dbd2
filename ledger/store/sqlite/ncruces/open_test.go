package ncruces_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/sqlite/ncruces"
	"github.com/ncruces/go-sqlite3"
)

func open(t *testing.T, path string, opts ...ncruces.Option) *store.DB {
	t.Helper()
	db, err := ncruces.Open(t.Context(), path, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // most tests have closed it
	return db
}

func write(t *testing.T, db *store.DB, query string, args ...any) {
	t.Helper()
	err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, db *store.DB, query string, args ...any) (value string, err error) {
	t.Helper()
	err = db.View(t.Context(), func(ctx context.Context, tx *store.Tx) error { return tx.QueryRow(ctx, query, args...).Scan(&value) })
	return value, err
}

func pragma(t *testing.T, db *store.DB, name string) (writer, reader string) {
	t.Helper()
	err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error { return tx.QueryRow(ctx, "PRAGMA "+name).Scan(&writer) })
	if err != nil {
		t.Fatal(err)
	}
	if reader, err = read(t, db, "PRAGMA "+name); err != nil {
		t.Fatal(err)
	}
	return writer, reader
}

func TestOpenSetsUpWriterAndReaders(t *testing.T) {
	db := open(t, filepath.Join(t.TempDir(), "a.sqlite"), ncruces.WithBusyTimeout(1234*time.Millisecond), ncruces.WithReaders(2))
	write(t, db, "CREATE TABLE thing (n INTEGER)")
	for name, want := range map[string][2]string{
		"journal_mode": {"wal", "wal"}, "synchronous": {"2", "2"}, "foreign_keys": {"1", "1"}, "recursive_triggers": {"1", "1"},
		"trusted_schema": {"0", "0"}, "cell_size_check": {"1", "1"}, "busy_timeout": {"1234", "1234"}, "checksum_verification": {"1", "1"},
		"cache_size": {"-32768", "-32768"}, "query_only": {"0", "1"}, "temp_store": {"2", "2"},
	} {
		if writer, reader := pragma(t, db, name); writer != want[0] || reader != want[1] {
			t.Errorf("%s is %s for the writer and %s for readers, want %s and %s", name, writer, reader, want[0], want[1])
		}
	}
	w, r := db.Pools()
	if w.Stats().MaxOpenConnections != 1 || r.Stats().MaxOpenConnections != 2 {
		t.Errorf("%d writers, %d readers", w.Stats().MaxOpenConnections, r.Stats().MaxOpenConnections)
	}
}

func TestANewFileIsItsOwnersOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.sqlite")
	db := open(t, path)
	write(t, db, "CREATE TABLE thing (n INTEGER)")
	names, err := filepath.Glob(path + "*")
	if err != nil || len(names) < 2 {
		t.Fatalf("files %v, error %v, want the file and its log", names, err)
	}
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "-shm") {
			continue // an index of the log, without contents of rows
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", filepath.Base(name), info.Mode())
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if names, _ := filepath.Glob(path + "-*"); len(names) != 0 { // the pattern is valid
		t.Errorf("closing left %v", names)
	}
}

func TestThePathIsTakenLiterally(t *testing.T) {
	for _, name := range []string{"a b.sqlite", "a?mode=memory", "a#b", "100%25", "账簿.db", "a&vfs=x", "a'b", "a+b", "file.db"} {
		path := filepath.Join(t.TempDir(), name)
		db := open(t, path)
		write(t, db, "CREATE TABLE thing (n INTEGER)")
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%q: the file was not written: %v", name, err)
		}
	}
	for _, path := range []string{"", ":memory:", "file:x?mode=memory"} {
		if _, err := ncruces.Open(t.Context(), path); !errors.Is(err, store.ErrConnection) {
			t.Errorf("%q: %v", path, err)
		}
	}
	if _, err := ncruces.Open(t.Context(), filepath.Join(t.TempDir(), "no", "folder")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing folder: %v", err)
	}
}

func TestReadOnlyReadsAndRefusesToWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.sqlite")
	if _, err := ncruces.Open(t.Context(), path, ncruces.ReadOnly()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	db := open(t, path)
	write(t, db, "CREATE TABLE thing (n INTEGER)")
	write(t, db, "INSERT INTO thing VALUES (?)", 7)
	for name, close := range map[string]bool{"while a writer has it open": false, "when nobody has": true} {
		t.Run(name, func(t *testing.T) {
			if close {
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
			}
			audit := open(t, path, ncruces.ReadOnly())
			if n, err := read(t, audit, "SELECT n FROM thing"); err != nil || n != "7" {
				t.Errorf("read %q, %v", n, err)
			}
			err := audit.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.Exec(ctx, "INSERT INTO thing VALUES (8)")
				return err
			})
			if !errors.Is(err, store.ErrPermission) {
				t.Errorf("got %v, want ErrPermission", err)
			}
			if err := audit.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTwoProgramsMayWriteOneFileInTurn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.sqlite")
	first := open(t, path)
	write(t, first, "CREATE TABLE thing (n INTEGER, body BLOB)")
	second := open(t, path)
	body := make([]byte, 100_000) // enough pages that each program meets a checkpoint after the other wrote
	for i := range 60 {
		write(t, []*store.DB{first, second}[i%2], "INSERT INTO thing VALUES (?, ?)", i, body)
	}
	for _, db := range []*store.DB{first, second} {
		if n, err := read(t, db, "SELECT count(*) || ' ' || sum(n) FROM thing"); err != nil || n != "60 1770" {
			t.Errorf("read %q, %v", n, err)
		}
	}
	if err := errors.Join(second.Close(), first.Close()); err != nil {
		t.Error(err)
	}
}

func TestAChangedByteIsNoticedWhenItsPageIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.sqlite")
	db := open(t, path)
	write(t, db, "CREATE TABLE thing (n INTEGER PRIMARY KEY, amount INTEGER)")
	write(t, db, "WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < 5000) INSERT INTO thing SELECT n, n * 1000003 FROM i")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	for at := page + 50; at < len(whole); at += 3001 { // page 1 is the header's; its damage shows at opening or in the schema
		damaged := bytes.Clone(whole)
		damaged[at] ^= 0x04
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		audit := open(t, path, ncruces.ReadOnly())
		if sum, err := read(t, audit, "SELECT sum(amount) FROM thing"); !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("byte %d: read %s, %v, want ErrCorrupt", at, sum, err)
		}
		if err := audit.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestAFileOfAnotherProgramStaysWithoutChecksums(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.sqlite")
	c, err := sqlite3.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Exec("CREATE TABLE theirs (n INTEGER); INSERT INTO theirs VALUES (1)"), c.Close()); err != nil {
		t.Fatal(err)
	}
	db := open(t, path)
	write(t, db, "CREATE TABLE ours (n INTEGER)")
	if writer, _ := pragma(t, db, "checksum_verification"); writer != "0" {
		t.Errorf("checksum_verification is %s", writer)
	}
	if n, err := read(t, db, "SELECT n FROM theirs"); err != nil || n != "1" {
		t.Errorf("read %q, %v", n, err)
	}
}

func TestAFileThatIsNoDatabaseIsCorrupt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.sqlite")
	if err := os.WriteFile(path, bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ncruces.Open(t.Context(), path); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("got %v, want ErrCorrupt", err)
	}
}

func TestEachConnectionRunsTheCallersSetup(t *testing.T) {
	wrong := errors.New("not this one")
	if _, err := ncruces.Open(t.Context(), filepath.Join(t.TempDir(), "a.sqlite"), ncruces.WithEach(func(*sqlite3.Conn) error { return wrong })); !errors.Is(err, wrong) {
		t.Errorf("got %v", err)
	}
}

// childPath tells the child process which file to fill.
const childPath = "STORE_TEST_CHILD_PATH"

func TestAWriteBeyondTheSystemsFileSizeLimitIsStorageFull(t *testing.T) {
	if path := os.Getenv(childPath); path != "" {
		fillUntilFull(t, path)
		return
	}
	path := filepath.Join(t.TempDir(), "a.sqlite")
	db := open(t, path)
	write(t, db, "CREATE TABLE thing (n INTEGER PRIMARY KEY, body BLOB)")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1")
	child.Env = append(os.Environ(), childPath+"="+path)
	out, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("child: %v\n%s", err, out)
	}
	_, printed, _ := strings.Cut(string(out), "acknowledged ")
	acknowledged, _, _ := strings.Cut(printed, "\n")
	db = open(t, path)
	if n, err := read(t, db, "SELECT max(n) FROM thing"); err != nil || n != acknowledged {
		t.Errorf("rows up to %s, %v; acknowledged were %s", n, err, acknowledged)
	}
	if check, err := read(t, db, "PRAGMA integrity_check"); err != nil || check != "ok" {
		t.Errorf("integrity check: %s, %v", check, err)
	}
	write(t, db, "INSERT INTO thing VALUES (1000000, ?)", make([]byte, 1<<20)) // there is room again
}
