package folder_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/examples/monthcycle/folder"
)

// spoil copies the shipped folder and changes one of its files.
func spoil(t *testing.T, file string, change func(text string) string) string {
	t.Helper()
	path := t.TempDir()
	if err := os.CopyFS(path, os.DirFS(filepath.Join("..", "agency"))); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(path, file)
	text, err := os.ReadFile(name)
	if err == nil {
		err = os.WriteFile(name, []byte(change(string(text))), 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheShippedFolderHasNoFault(t *testing.T) {
	f, err := folder.Open(filepath.Join("..", "agency"))
	if err != nil {
		t.Fatal(err)
	}
	rows, january := 0, 0
	for r, err := range f.Rows("enrolments") {
		if err != nil || r.Date("day") == 0 || r.Month("month") == 0 {
			t.Fatal(r.At(), err)
		}
		rows++
	}
	for range f.In("enrolments", "day", 202501) {
		january++
	}
	if rows < 50 || january < 50 || january >= rows {
		t.Errorf("%d rows, %d of January", rows, january)
	}
}

// Each fault says where it is, what it is, and what to do.
func TestFaultsOfListsAreNamedWithTheirPlace(t *testing.T) {
	line := func(n int, change func(fields []string) []string) func(string) string {
		return func(text string) string {
			lines := strings.Split(text, "\n")
			lines[n-1] = strings.Join(change(strings.Split(lines[n-1], ",")), ",")
			return strings.Join(lines, "\n")
		}
	}
	field := func(n, i int, value string) func(string) string {
		return line(n, func(fields []string) []string { fields[i] = value; return fields })
	}
	for name, bad := range map[string]struct {
		file   string
		change func(string) string
		says   []string
	}{
		"a wrong check digit":        {"members.csv", field(3, 0, "590000197501130047"), []string{"members.csv:3: identity_number", "check", "compare it with the identity card"}},
		"a person twice":             {"members.csv", func(s string) string { return s + strings.Split(s, "\n")[1] + "\n" }, []string{"stands twice", "keep one"}},
		"a stranger":                 {"opening_rights.csv", field(2, 0, "11010519491231002X"), []string{"opening_rights.csv:2", "is not in members.csv", "add it there"}},
		"an unknown employer":        {"enrolments.csv", field(5, 4, "91590000T00000011A"), []string{"enrolments.csv:5", "credit_code"}},
		"an amount with 3 decimals":  {"opening_rights.csv", field(4, 1, "1.005"), []string{"opening_rights.csv:4: amount", "two decimals"}},
		"an amount in words":         {"opening_balances.csv", field(2, 1, "六百万"), []string{"opening_balances.csv:2: amount"}},
		"a day that is none":         {"enrolments.csv", field(2, 0, "2025-02-30"), []string{"enrolments.csv:2: day", "2025-01-31"}},
		"an empty name":              {"members.csv", field(2, 1, ""), []string{"members.csv:2: name", "is empty"}},
		"a field too many":           {"members.csv", line(4, func(f []string) []string { return append(f, "x") }), []string{"members.csv:4", "has 5 fields", "give 4"}},
		"an open quote":              {"members.csv", field(6, 1, "\"abc"), []string{"members.csv", "quote"}},
		"another heading":            {"claims.csv", field(1, 0, "number"), []string{"claims.csv:1", "names the columns claim,"}},
		"an empty file":              {"employers.csv", func(string) string { return "" }, []string{"employers.csv:1", "the file is empty"}},
		"another encoding":           {"members.csv", field(2, 1, "\xb5\xa5\xce\xbb"), []string{"members.csv:2: name", "is not UTF-8"}},
		"a setting that nobody asks": {"agency.yaml", func(s string) string { return s + "colour: blue\n" }, []string{"agency.yaml", "colour"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := folder.Open(spoil(t, bad.file, bad.change))
			if err == nil {
				t.Fatal("was taken")
			}
			for _, part := range bad.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("does not say %q: %v", part, err)
				}
			}
		})
	}
}

func TestAllFaultsOfAFolderComeTogether(t *testing.T) {
	path := spoil(t, "members.csv", func(s string) string { return strings.ReplaceAll(s, "虚构参保人", "") })
	if err := os.WriteFile(filepath.Join(path, "opening_balances.csv"), []byte("role,amount\nfiscal_account,x\ngeneral_balance,y\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := folder.Open(path)
	if err == nil {
		t.Fatal("was taken")
	}
	for _, part := range []string{"opening_balances.csv:2", "opening_balances.csv:3"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("does not say %q: %v", part, err)
		}
	}
	path = spoil(t, "enrolments.csv", func(s string) string { return s + strings.Repeat("x,y,z\n", 2_000) })
	if _, err := folder.Open(path); err == nil || strings.Count(err.Error(), "\n") > 1_001 {
		t.Errorf("a file of nothing but faults: %v", err)
	}
}

func TestAListOfEventsThatIsNotThereIsEmpty(t *testing.T) {
	path := spoil(t, "deaths.csv", func(s string) string { return s })
	if err := os.Remove(filepath.Join(path, "deaths.csv")); err != nil {
		t.Fatal(err)
	}
	f, err := folder.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for r, err := range f.Rows("deaths") {
		t.Error(r, err)
	}
	if err := os.Remove(filepath.Join(path, "members.csv")); err != nil {
		t.Fatal(err)
	}
	if _, err := folder.Open(path); err == nil {
		t.Error("a folder without members was taken")
	}
}
