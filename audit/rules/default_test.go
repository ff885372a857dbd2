package rules_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/audit/rules"
)

func TestTheCatalogueIsWholeAndInOrder(t *testing.T) {
	all := rules.Default()
	if _, err := audit.New(nil, all...); err != nil {
		t.Fatal(err)
	}
	if !slices.IsSortedFunc(all, func(a, b audit.Rule) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("the rules are not in the order of their ids")
	}
	named := regexp.MustCompile(`^([a-z]\d{2,3})_[a-z_]+\.go$`)
	files, err := filepath.Glob("*.go")
	must(t, err)
	found := map[string]bool{}
	for _, file := range files {
		match := named.FindStringSubmatch(file)
		if match == nil || strings.HasSuffix(file, "_test.go") {
			continue
		}
		id := strings.ToUpper(match[1])
		found[id] = true
		if !slices.ContainsFunc(all, func(r audit.Rule) bool { return r.ID == id }) {
			t.Errorf("%s holds rule %s, which Default leaves out", file, id)
		}
		if _, err := os.Stat(strings.TrimSuffix(file, ".go") + "_test.go"); err != nil {
			t.Errorf("rule %s has no test of its own: %v", id, err)
		}
	}
	for _, r := range all {
		if !found[r.ID] {
			t.Errorf("rule %s has no file of its own", r.ID)
		}
	}
}

func TestNoSourceAtAllMeansThatNothingRan(t *testing.T) {
	for _, o := range runRules(t, nil).Outcomes {
		if o.Status != audit.NotRun || o.Clean() || len(o.Missing) == 0 {
			t.Errorf("%s: %s", o.Rule, o.Status)
		}
	}
}
