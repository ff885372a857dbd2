package synthetic_test

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/fundledger/fundledger/examples/monthcycle/synthetic"
	"github.com/fundledger/fundledger/registration/identity"
)

func write(t *testing.T, y synthetic.Year) string {
	t.Helper()
	folder := t.TempDir()
	if err := y.Write(t.Context(), folder, nil); err != nil {
		t.Fatal(err)
	}
	return folder
}

// digests are the SHA-256 of every file of a folder.
func digests(t *testing.T, folder string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		hash := sha256.Sum256(text)
		name, _ := filepath.Rel(folder, path)
		found[name] = hex.EncodeToString(hash[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestEqualYearsGiveEqualBytesAndOtherSeedsOthers(t *testing.T) {
	year := synthetic.Year{Seed: 7, Members: 500, Faults: synthetic.AllFaults}
	first, again := digests(t, write(t, year)), digests(t, write(t, year))
	year.Seed = 8
	other := digests(t, write(t, year))
	for name, hash := range first {
		if again[name] != hash {
			t.Errorf("%s differs from run to run", name)
		}
		switch filepath.Base(name) {
		case "agency.yaml", "mapping.yaml", "payment-mapping.yaml":
		default:
			if other[name] == hash {
				t.Errorf("%s is the same with another seed", name)
			}
		}
	}
	if len(first) != len(again) || len(first) != len(other) || len(first) < 12+36+12 {
		t.Errorf("%d, %d and %d files", len(first), len(again), len(other))
	}
}

func TestIdentityNumbersAreRightAndUnique(t *testing.T) {
	const members = 20_000
	file, err := os.Open(filepath.Join(write(t, synthetic.Year{Seed: 3, Members: members}), "members.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, row := range rows[1:] {
		number, err := identity.ParseNumber(row[0])
		if err != nil || number.Area() < "590000" || number.Area() > "599999" {
			t.Fatalf("%v: %v", number, err)
		}
		if woman := row[2] != "M60"; woman != (number.Sex() == identity.Female) {
			t.Errorf("%v of class %s", number, row[2])
		}
		if seen[row[0]] {
			t.Errorf("%v stands twice", number)
		}
		seen[row[0]] = true
	}
	if len(seen) < members+40 {
		t.Errorf("%d members", len(seen))
	}
}

func TestProgressIsToldAndImpossibleYearsAreRefused(t *testing.T) {
	var told []int
	year := synthetic.Year{Seed: 1}
	if err := year.Write(t.Context(), t.TempDir(), func(done, total int) { told = append(told, done*100/total) }); err != nil {
		t.Fatal(err)
	}
	if len(told) != 14 || told[13] != 100 {
		t.Errorf("told %v", told)
	}
	for name, bad := range map[string]synthetic.Year{"a fault": {Faults: []synthetic.Fault{"sunshine"}}, "less than none": {Members: -1}, "too many": {Members: synthetic.MostMembers + 1}} {
		folder := filepath.Join(t.TempDir(), "folder")
		if err := bad.Write(t.Context(), folder, nil); err == nil {
			t.Errorf("%s: written", name)
		}
		if _, err := os.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: there is a folder: %v", name, err)
		}
	}
}
