package main

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/ledger"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

// volatile is what differs from run to run: the root (random seeds) and the folder of the report.
var volatile = regexp.MustCompile(`(root|根) [0-9a-f]{16}|(The report lies in) .*`)

func TestTheShippedMonthIsExplained(t *testing.T) {
	for _, lang := range []string{"en", "zh"} {
		t.Run(lang, func(t *testing.T) {
			page := filepath.Join(t.TempDir(), "paper.html")
			var out bytes.Buffer
			if err := run(t.Context(), settings{account: "1002", realm: 1, book: 1, days: 3, out: page, lang: lang}, &out); err != nil {
				t.Fatal(err)
			}
			html, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "text."+lang+".golden", out.Bytes())
			golden(t, "paper."+lang+".golden.html", html)
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	got = volatile.ReplaceAll(got, []byte("$1$2 …"))
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s: −want +got\n%s", name, diff)
	}
}

func TestAnAuditorReadsAnExistingFileAndChangesNothing(t *testing.T) {
	folder := t.TempDir()
	db := filepath.Join(folder, "fund.db")
	prepareBook(t, db)
	before, err := os.ReadFile(db)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	s := settings{db: db, account: "1002", realm: 1, book: 1, days: 3, out: filepath.Join(folder, "p.html"), lang: "en"}
	if err := run(t.Context(), s, &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "explain the whole difference") {
		t.Error(out.String())
	}
	after, err := os.ReadFile(db)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file was changed: %v", err)
	}
	s.account = "9999"
	if err := run(t.Context(), s, &out); !errors.Is(err, ledger.ErrAccountUnknown) {
		t.Errorf("an account that is not there: %v", err)
	}
}

func TestATruncatedStatementIsRefusedWithItsPlace(t *testing.T) {
	whole, err := os.ReadFile(filepath.Join("testdata", "income-account-2026-04.camt053.xml"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "cut.xml")
	if err := os.WriteFile(path, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	err = run(t.Context(), settings{account: "1002", realm: 1, book: 1, lang: "en", statement: path}, &bytes.Buffer{})
	var faults *bank.Faults
	if !errors.As(err, &faults) || !strings.Contains(err.Error(), "cut.xml:") {
		t.Errorf("%v", err)
	}
}

func TestWhatNoBookAndNoLanguageIsIsRefused(t *testing.T) {
	for name, s := range map[string]settings{"the next book after the last": {book: 1<<16 + 1, realm: 1, lang: "en"}, "no book": {realm: 1, lang: "en"},
		"no realm": {book: 1, realm: -1, lang: "en"}, "no language": {book: 1, realm: 1, lang: "de"}} {
		s.account, s.out = "1002", filepath.Join(t.TempDir(), "paper.html")
		if err := run(t.Context(), s, new(bytes.Buffer)); err == nil {
			t.Errorf("%s: a paper was written", name)
		}
	}
	if err := run(t.Context(), settings{lang: "de"}, new(bytes.Buffer)); err == nil || !strings.Contains(err.Error(), "book 0 of realm 0") || !strings.Contains(err.Error(), `"de"`) {
		t.Errorf("not all of it: %v", err)
	}
}
