//go:build !race

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/fundledger/fundledger/examples/monthcycle/synthetic"
)

// finding is one of expected.yaml or of an audit's findings.yaml.
type finding struct {
	Rule     string   `yaml:"rule"`
	Period   string   `yaml:"period"`
	Amount   string   `yaml:"amount"`
	Subjects []string `yaml:"subjects"`
}

func (f finding) String() string {
	return fmt.Sprintf("%s %s %s %s", f.Rule, f.Period, f.Amount, strings.Join(f.Subjects, ", "))
}

// is reports whether a finding is the one that was expected, which names only such subjects as do not depend on the numbers that the engine gives.
func (f finding) is(expected finding) bool {
	for _, s := range expected.Subjects {
		if !slices.Contains(f.Subjects, s) {
			return false
		}
	}
	return f.Rule == expected.Rule && f.Period == expected.Period && f.Amount == expected.Amount
}

func parseFindings(t *testing.T, text string) (list []finding) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(text), &list); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return list
}

// oneToOne says which expected findings were not made, and which were made and not expected.
func oneToOne(expected, made []finding) (differences []string) {
	left := slices.Clone(made)
	for _, e := range expected {
		i := slices.IndexFunc(left, func(f finding) bool { return f.is(e) })
		if i < 0 {
			differences = append(differences, "not found: "+e.String())
			continue
		}
		left = slices.Delete(left, i, i+1)
	}
	for _, f := range left {
		differences = append(differences, "not planted: "+f.String())
	}
	return differences
}

// compareFindings holds what the audit of a run found against what the folder of its year says.
func compareFindings(t *testing.T, folder string, r result) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "expected.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, difference := range oneToOne(parseFindings(t, string(text)), parseFindings(t, r.files["audit/findings.yaml"])) {
		t.Error(difference)
	}
}

// plantedRules are the rules that report a fault. That each of them is there guards against a generator that expects what it did not plant.
var plantedRules = map[synthetic.Fault][]string{
	synthetic.UnderpayingEmployer: {"C06"}, synthetic.UnidentifiedReceipt: {"C09"}, synthetic.BouncedPension: {"B14"}, synthetic.DeathReportedLate: {"B01"},
	synthetic.DuplicateEnrolment: {"R01"}, synthetic.MislaidBankLine: {"L10"},
}

func TestTheAuditFindsWhatWasPlantedAndNothingElse(t *testing.T) {
	compareFindings(t, "agency", wholeYear(t))
	check := func(name string, faults ...synthetic.Fault) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := writeYear(t, synthetic.Year{Seed: shippedSeed, Faults: faults})
			r := mustRun(t, options{in: folder})
			compareFindings(t, folder, r)
			made := parseFindings(t, r.files["audit/findings.yaml"])
			if len(faults) == 0 && len(made) != 0 {
				t.Errorf("a clean year has findings: %v", made)
			}
			for _, fault := range faults {
				for _, rule := range plantedRules[fault] {
					if !slices.ContainsFunc(made, func(f finding) bool { return f.Rule == rule }) {
						t.Errorf("%s is planted and rule %s found nothing", fault, rule)
					}
				}
			}
		})
	}
	check("none")
	for _, fault := range synthetic.AllFaults {
		check("only "+string(fault), fault)
	}
}

// The comparison itself: a finding too many, one too few, one of another amount, and one of another subject are all seen.
func TestFindingsAreComparedOneToOne(t *testing.T) {
	a := finding{"C06", "2025-10", "1.00", []string{"employer 1"}}
	more := finding{"C06", "2025-10", "1.00", []string{"employer 1", "demand 7"}}
	for name, c := range map[string]struct {
		expected, made []finding
		differences    int
	}{
		"equal":           {[]finding{a}, []finding{a}, 0},
		"more subjects":   {[]finding{a}, []finding{more}, 0},
		"fewer subjects":  {[]finding{more}, []finding{a}, 2},
		"one too many":    {[]finding{a}, []finding{more, a}, 1},
		"one too few":     {[]finding{a, a}, []finding{a}, 1},
		"another amount":  {[]finding{a}, []finding{{"C06", "2025-10", "1.01", a.Subjects}}, 2},
		"another period":  {[]finding{a}, []finding{{"C06", "2025-11", "1.00", a.Subjects}}, 2},
		"another rule":    {[]finding{a}, []finding{{"C09", "2025-10", "1.00", a.Subjects}}, 2},
		"another subject": {[]finding{a}, []finding{{"C06", "2025-10", "1.00", []string{"employer 2"}}}, 2},
	} {
		if got := oneToOne(c.expected, c.made); len(got) != c.differences {
			t.Errorf("%s: %q", name, got)
		}
	}
}
