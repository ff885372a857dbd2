package storetest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"testing"

	"github.com/fundledger/fundledger/ledger/store"
)

// schemaKey is a hash over the lines, names and contents of the dialect's files.
func schemaKey(dialect string, schemas []store.Schema) (string, error) {
	hash := sha256.New()
	for _, schema := range schemas {
		names, err := fs.Glob(schema.Files, dialect+"/*.sql")
		if err != nil {
			return "", err
		}
		fmt.Fprintf(hash, "%q %d\n", schema.Line, len(names))
		for _, name := range names {
			content, err := fs.ReadFile(schema.Files, name)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(hash, "%q %x\n", name, sha256.Sum256(content))
		}
	}
	return hex.EncodeToString(hash.Sum(nil))[:16], nil
}

// Pinned proves that the released files of a schema are unchanged and complete: sums maps each file, such as postgres/00001_book.sql, to the
// SHA-256 of its bytes in hexadecimal. Add a file's sum in the commit that releases it, and never change one.
func Pinned(t testing.TB, schema store.Schema, sums map[string]string) {
	t.Helper()
	found := make(map[string]bool)
	for _, dialect := range []string{SQLite, Postgres} {
		names, err := fs.Glob(schema.Files, dialect+"/*.sql")
		if err != nil {
			t.Fatalf("schema %s: %v", schema.Line, err)
		}
		for _, name := range names {
			content, err := fs.ReadFile(schema.Files, name)
			if err != nil {
				t.Fatalf("schema %s: %v", schema.Line, err)
			}
			found[name] = true
			sum := sha256.Sum256(content)
			if got, want := hex.EncodeToString(sum[:]), sums[name]; want == "" {
				t.Errorf("schema %s: file %s is not pinned; its SHA-256 is %s", schema.Line, name, got)
			} else if got != want {
				t.Errorf("schema %s: file %s has SHA-256 %s, released was %s; a released file never changes, add a new one", schema.Line, name, got, want)
			}
		}
	}
	for name := range sums {
		if !found[name] {
			t.Errorf("schema %s: released file %s is missing", schema.Line, name)
		}
	}
}
