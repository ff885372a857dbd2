package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fundledger/fundledger/benefits"
	"github.com/fundledger/fundledger/examples/monthcycle/folder"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

// The environment that makes the test binary a run of the year in a folder, to be killed or measured by its parent.
const (
	childFolder   = "MONTHCYCLE_CHILD_FOLDER"
	childMembers  = "MONTHCYCLE_CHILD_MEMBERS"
	childDatabase = "MONTHCYCLE_CHILD_DATABASE"
)

func TestMain(m *testing.M) {
	folder := os.Getenv(childFolder)
	if folder == "" {
		os.Exit(m.Run())
	}
	if err := limitFiles(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	debug.SetMemoryLimit(memoryGoal)                    // as main does
	members, _ := strconv.Atoi(os.Getenv(childMembers)) // none where it is not set
	if err := run(context.Background(), options{out: folder, db: os.Getenv(childDatabase), members: members, months: 12, language: "zh"}, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// result is a finished run: what it printed, and every file it left but the database.
type result struct {
	printed string
	files   map[string]string
}

var roots = regexp.MustCompile(`(?m)^book .*$`)

func runYear(t *testing.T, o options) (result, error) {
	t.Helper()
	if o.out == "" {
		o.out = t.TempDir()
	}
	if o.months == 0 {
		o.months = 12
	}
	o.language = "zh"
	var printed bytes.Buffer
	err := run(t.Context(), o, &printed)
	return result{strings.ReplaceAll(printed.String(), o.out, "OUT"), readTree(t, o.out)}, err
}

func mustRun(t *testing.T, o options) result {
	t.Helper()
	r, err := runYear(t, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// whole is the year as shipped, run once for all tests that only read it.
var whole struct {
	sync.Once
	result
}

func wholeYear(t *testing.T) result {
	t.Helper()
	whole.Do(func() { whole.result = mustRun(t, options{}) })
	return whole.result
}

func readTree(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(entry.Name(), "fund.db") {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(folder, path)
		files[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// same holds a run against the first: the roots of all books, and every file, byte for byte.
func same(t *testing.T, first, other result) {
	t.Helper()
	if a, b := roots.FindAllString(first.printed, -1), roots.FindAllString(other.printed, -1); len(a) != 2 || !slices.Equal(a, b) {
		t.Errorf("the books end with %q, and with %q", a, b)
	}
	if len(first.files) < 200 || len(first.files) != len(other.files) {
		t.Errorf("%d files and %d files", len(first.files), len(other.files))
	}
	for name, text := range first.files {
		if other.files[name] != text {
			t.Errorf("%s differs", name)
		}
	}
}

func TestTheYearEndsTheSameHoweverItWasRun(t *testing.T) {
	first := wholeYear(t)
	t.Run("run again", func(t *testing.T) {
		t.Parallel()
		folder := t.TempDir()
		mustRun(t, options{out: folder})
		same(t, first, mustRun(t, options{out: folder}))
	})
	t.Run("half a year, then all of it", func(t *testing.T) {
		t.Parallel()
		folder := t.TempDir()
		mustRun(t, options{out: folder, months: 6})
		same(t, first, mustRun(t, options{out: folder}))
	})
	t.Run("killed again and again", func(t *testing.T) {
		t.Parallel()
		folder, killed := t.TempDir(), 0
		for i := range 8 {
			child := exec.Command(os.Args[0])
			child.Env = append(os.Environ(), childFolder+"="+folder)
			if err := child.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(150+120*i) * time.Millisecond)
			_ = child.Process.Kill()
			if err := child.Wait(); err != nil {
				killed++
			}
		}
		if killed == 0 {
			t.Error("no run was killed: the time is too long to prove anything")
		}
		t.Logf("%d of 8 runs were killed", killed)
		same(t, first, mustRun(t, options{out: folder}))
	})
	t.Run("on PostgreSQL", func(t *testing.T) {
		t.Parallel()
		for _, kind := range storetest.Kinds(t) {
			if kind == storetest.Postgres {
				dsn := storetest.Fresh(t, schemas(), kind)
				same(t, first, mustRun(t, options{db: dsn}))
			}
		}
	})
}

// The claims that carry the figures of published determination sheets come out equal to the cent, component by component.
func TestPublishedDeterminationsComeOutEqualToTheCent(t *testing.T) {
	published := map[string][5]string{ // basic, account pension, transitional, supplements, total
		"CN-P03":  {"5019.25", "2214.97", "1979.40", "0.00", "9213.62"},
		"CN-P07":  {"2587.34", "433.59", "678.30", "0.00", "3699.23"},
		"CN-P13":  {"4847.21", "1609.98", "3096.84", "0.00", "9554.03"},
		"PUB-P04": {"3087.42", "736.87", "1073.61", "171.55", "5069.45"},
		"PUB-P05": {"2481.40", "603.93", "726.01", "177.65", "3988.99"},
	}
	out := t.TempDir()
	mustRun(t, options{out: out})
	agency, err := folder.Open("agency")
	if err != nil {
		t.Fatal(err)
	}
	db, err := openDatabase(t.Context(), filepath.Join(out, "fund.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	area, err := openArea(t.Context(), agency, db, out, "zh", &bytes.Buffer{})
	if err != nil {
		t.Fatal(err)
	}
	amounts := map[string]benefits.Amounts{}
	for award, err := range area.benefits.Awards(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		for claim, err := range area.benefits.Claims(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if claim.No == award.Claim {
				amounts[claim.Reference] = award.Monthly
			}
		}
	}
	seen := 0
	for r, err := range agency.Rows("claims") {
		if err != nil {
			t.Fatal(err)
		}
		name := r.Text("published")
		if name == "" {
			continue
		}
		seen++
		w := amounts["claim "+r.Text("claim")]
		if got := [5]string{cny.Text(w.Basic), cny.Text(w.AccountPension), cny.Text(w.Transitional), cny.Text(w.Supplement), cny.Text(w.Total())}; got != published[name] {
			t.Errorf("%s, %s: %v, published %v", r.Text("claim"), name, got, published[name])
		}
	}
	if seen != len(published) {
		t.Errorf("%d of %d published determinations were claimed", seen, len(published))
	}
}

// The journals are read by the programs they are written for, which add them up again, where those are installed: .ci/run installs both.
func TestHledgerAndBeancountAgreeWithTheTrialBalance(t *testing.T) {
	out := t.TempDir()
	for _, name := range []string{"fund.journal", "fund.beancount"} {
		if err := os.WriteFile(filepath.Join(out, name), []byte(wholeYear(t).files["journals/"+name]), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, command := range [][]string{{"hledger", "-f", filepath.Join(out, "fund.journal"), "check"}, {"bean-check", filepath.Join(out, "fund.beancount")}} {
		answer, err := exec.Command(command[0], command[1:]...).CombinedOutput()
		if errors.Is(err, exec.ErrNotFound) {
			t.Logf("%s is not installed: its journal was written and not read", command[0])
		} else if err != nil {
			t.Errorf("%s: %v\n%s", command[0], err, answer)
		}
	}
}

func TestStatementsAndTheLinesOfTheYearAreAsTheyWere(t *testing.T) {
	r := wholeYear(t)
	got := map[string]string{"year.txt": r.printed}
	for _, name := range []string{"statements/2025-balance_sheet.csv", "statements/2025-income_expenditure.csv", "books/trial-balance-2025-12.csv", "rights/all.csv"} {
		got[filepath.Base(name)] = r.files[name]
	}
	for name, text := range got {
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.MkdirAll("testdata", 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(path); err != nil || string(want) != text {
			t.Errorf("%s differs from %s (%v):\n%s", name, path, err, text)
		}
	}
}
