package storetest

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/sqlite/ncruces"
)

// sqliteTemplates holds the bytes of each migrated template file by the key of its schemas; one process migrates each set once.
var sqliteTemplates = struct {
	sync.Mutex
	files map[string][]byte
}{files: map[string][]byte{}}

// sqliteCopy writes a fresh migrated file in the test's temporary folder.
func sqliteCopy(tb testing.TB, schemas []store.Schema) string {
	tb.Helper()
	content := sqliteTemplate(tb, schemas)
	path := filepath.Join(tb.TempDir(), "ledger.sqlite")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		tb.Fatalf("storetest: copy SQLite template: %v", err)
	}
	return path
}

func sqliteTemplate(tb testing.TB, schemas []store.Schema) []byte {
	tb.Helper()
	key, err := schemaKey(SQLite, schemas)
	if err != nil {
		tb.Fatalf("storetest: read schemas: %v", err)
	}
	sqliteTemplates.Lock()
	defer sqliteTemplates.Unlock()
	if content, ok := sqliteTemplates.files[key]; ok {
		return content
	}
	path := filepath.Join(tb.TempDir(), "template.sqlite")
	db, err := ncruces.Open(tb.Context(), path)
	if err != nil {
		tb.Fatalf("storetest: make SQLite template: %v", err)
	}
	if err := db.Migrate(tb.Context(), schemas...); err != nil {
		tb.Fatalf("storetest: migrate SQLite template: %v", err)
	}
	if err := db.Close(); err != nil { // the last connection moves the log into the file
		tb.Fatalf("storetest: close SQLite template: %v", err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		tb.Fatalf("storetest: read SQLite template: %v", err)
	}
	sqliteTemplates.files[key] = content
	return content
}

func openFile(tb testing.TB, path string, o options) *store.DB {
	tb.Helper()
	db, err := ncruces.Open(tb.Context(), path, ncruces.WithStore(o.store...), ncruces.WithConnector(o.fault.wrap()))
	if err != nil {
		tb.Fatalf("storetest: %v", err)
	}
	if !o.durable {
		write, _ := db.Pools()
		if _, err := write.ExecContext(tb.Context(), "PRAGMA synchronous = OFF"); err != nil {
			tb.Fatalf("storetest: %v", err)
		}
	}
	closeAtEnd(tb, db)
	return db
}

func closeAtEnd(tb testing.TB, db *store.DB) {
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Errorf("storetest: close: %v", err)
		}
	})
}
