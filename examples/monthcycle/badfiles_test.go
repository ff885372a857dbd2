//go:build !race

package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store"
)

// held is what a run left of one book: how many entries, and the root over them as Verify computes it from the records.
type held struct {
	entries int64
	root    seal.Hash
}

var fundBook = ledger.BookID{Realm: 1, Number: 1}

func openBooks(t *testing.T, out string) *ledger.Ledger {
	t.Helper()
	db, err := openDatabase(t.Context(), filepath.Join(out, "fund.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	led, err := ledger.New(db, ledger.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return led
}

// verify returns what is in the fund's book; nothing where it was never opened.
func verify(t *testing.T, led *ledger.Ledger) held {
	t.Helper()
	report, err := led.Verify(t.Context(), fundBook, ledger.VerifyOptions{Deep: true})
	if errors.Is(err, ledger.ErrBookUnknown) || errors.Is(err, ledger.ErrRealmUnknown) {
		return held{root: seal.EmptyRoot()}
	}
	if err != nil || !report.Sound() {
		t.Fatalf("%v: %v", err, report)
	}
	return held{report.Entries, report.Root}
}

// bad is a file that must be refused.
type bad struct {
	file   string
	spoil  func(text string) string
	says   []string
	months int // run until the file is read; none is opened where the list is checked before
	// next is the key of the entry that the good year has behind all that a refused run leaves: the first that the file would have given.
	next string
}

func replace(old, new string) func(string) string {
	return func(text string) string { return strings.Replace(text, old, new, 1) }
}

var firstBase = regexp.MustCompile(`,[0-9]+\.[0-9]{2}\n`)

// base puts another base into the first row of a declaration, or into several rows.
func base(bases ...string) func(string) string {
	return func(text string) string {
		done := 0
		return firstBase.ReplaceAllStringFunc(text, func(was string) string {
			if done++; done <= len(bases) {
				return "," + bases[done-1] + "\n"
			}
			return was
		})
	}
}

var badFiles = map[string]bad{
	"a base in words":          {"declarations/2025-03.csv", base("五千元"), []string{"declarations/2025-03.csv:2", "五千元", "digits"}, 3, "declaration 2025-03"},
	"bases wrong in two ways":  {"declarations/2025-03.csv", base("五千元", "5000.005"), []string{"2025-03.csv:2", "2025-03.csv:3", "not_digits", "precision"}, 3, "declaration 2025-03"},
	"a base of three decimals": {"declarations/2025-02.csv", base("5000.005"), []string{"declarations/2025-02.csv:2", "decimals"}, 2, "declaration 2025-02"},
	"an unknown employer":      {"declarations/2025-04.csv", replace("\n91590000T", "\n91590900T"), []string{"declarations/2025-04.csv:2", "credit_code"}, 4, "declaration 2025-04"},
	"a declaration in GB18030": {"declarations/2025-02.csv", func(s string) string { return "\xb5\xa5\xce\xbb" + s }, []string{"declarations/2025-02.csv", "utf-8", "encoding"}, 2, "declaration 2025-02"},
	"opening balances that do not add up": {"opening_balances.csv", replace("expenditure_account,20000.00", "expenditure_account,20000.01"),
		[]string{"opening_balances.csv", "0.01", "add up to zero"}, 1, "opening fiscal_account"},
	"a wrong check digit": {"members.csv", replace("\n590000", "\n590001"), []string{"members.csv:2", "check", "card"}, 1, ""},
	"two wrong check digits": {"members.csv", func(s string) string { return strings.Replace(s, "\n590000", "\n590001", 2) },
		[]string{"members.csv:2", "members.csv:3", "check"}, 1, ""},
	"a truncated statement":          {"bank/income-2025-02.xml", func(s string) string { return s[:len(s)/2] }, []string{"bank/income-2025-02.xml:", "truncated", "fetch it from the bank again"}, 2, "claims 2025-02"},
	"a statement that does not foot": {"bank/income-2025-02.xml", replace("<Amt Ccy=\"CNY\">2", "<Amt Ccy=\"CNY\">3"), []string{"income-2025-02.xml:", "0.00 + 10,000.00", "does_not_foot"}, 2, "claims 2025-02"},
	"a line in a closed month":       {"bank/fiscal-2025-03.csv", replace("2025-03-08", "2025-02-08"), []string{"fiscal, line F2025-", "of 2025-02-08", "period_closed", "closed through 2025-02"}, 3, "bank F2025-00005"},
}

// A bad file is refused with its place, what is wrong, and what to do, all its faults together. The books are those of the good year up to there, nothing more.
// When the file is put right the year goes on and ends as if nothing had been.
func TestABadFileIsRefusedAndTheYearGoesOnWhenItIsPutRight(t *testing.T) {
	goodOut := t.TempDir()
	good := mustRun(t, options{out: goodOut})
	goodBooks := openBooks(t, goodOut)
	for name, b := range badFiles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder, out := copyAgency(t), t.TempDir()
			path := filepath.Join(folder, b.file)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			spoilt := b.spoil(string(text))
			if spoilt == string(text) {
				t.Fatal("the file is as it was")
			}
			if err := os.WriteFile(path, []byte(spoilt), 0o666); err != nil {
				t.Fatal(err)
			}
			var before held
			for i := range 2 { // refused again, it leaves again nothing
				_, err = runYear(t, options{in: folder, out: out, months: b.months})
				if err == nil {
					t.Fatal("the file was taken")
				}
				for _, part := range b.says {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("the error does not say %q: %v", part, err)
					}
				}
				left := verify(t, openBooks(t, out))
				if i == 1 && left != before {
					t.Errorf("the books had %v, and %v when the file was refused again", before, left)
				}
				before = left
			}
			t.Log(err)
			upTo(t, goodBooks, before, b.next)
			if strings.HasPrefix(name, "an unknown") || strings.HasPrefix(name, "opening") || strings.HasPrefix(name, "a truncated") {
				same(t, good, mustRun(t, options{out: out}))
			}
		})
	}
}

// upTo checks that a book is the beginning of the good year's, up to the entry of a key.
func upTo(t *testing.T, good *ledger.Ledger, left held, next string) {
	t.Helper()
	root, err := good.RootAt(t.Context(), fundBook, ledger.Seq(left.entries))
	if err != nil || root != left.root {
		t.Errorf("%d entries with root %x; the good year had %x then (%v)", left.entries, left.root, root, err)
	}
	if next == "" {
		if left.entries != 0 {
			t.Errorf("the book has %d entries", left.entries)
		}
		return
	}
	entry, err := good.Entry(t.Context(), fundBook, ledger.Seq(left.entries+1))
	if err != nil || !strings.Contains(entry.Key, next) {
		t.Errorf("next in the good year is %q (%v), not %q", entry.Key, err, next)
	}
}

// A full disk stops the year with an error that says so. Nothing is half booked, and the year goes on when there is space.
func TestAFullDiskStopsTheYearAndItGoesOnWhenThereIsSpace(t *testing.T) {
	good, out := wholeYear(t), t.TempDir()
	said := runOnAFullDisk(t, out)
	if !strings.Contains(said, string(store.StorageFull)) && !strings.Contains(said, "storage") {
		t.Errorf("the error does not say that there is no space: %s", said)
	}
	t.Log(said)
	if left := verify(t, openBooks(t, out)); left.entries == 0 {
		t.Error("the disk was full before anything was booked: that proves little")
	}
	same(t, good, mustRun(t, options{out: out}))
}

func copyAgency(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("agency")); err != nil {
		t.Fatal(err)
	}
	return folder
}
