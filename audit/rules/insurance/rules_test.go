package insurance_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/audit/rules"
	"github.com/fundledger/fundledger/audit/rules/insurance"
)

func TestEveryRuleHasAFileATestAndAPlaceInTheList(t *testing.T) {
	list := insurance.Rules()
	if _, err := audit.New(nil, append(rules.Default(), list...)...); err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`^([a-z]\d{2})_[a-z_]+\.go$`)
	files, err := filepath.Glob("*.go")
	must(t, err)
	found := 0
	for _, file := range files {
		match := named.FindStringSubmatch(file)
		if match == nil || strings.HasSuffix(file, "_test.go") {
			continue
		}
		found++
		if !slices.ContainsFunc(list, func(r audit.Rule) bool { return r.ID == strings.ToUpper(match[1]) }) {
			t.Errorf("%s holds a rule that Rules leaves out", file)
		}
		if _, err := os.Stat(strings.TrimSuffix(file, ".go") + "_test.go"); err != nil {
			t.Errorf("%s has no test of its own: %v", file, err)
		}
	}
	if found != len(list) {
		t.Errorf("%d files, %d rules", found, len(list))
	}
}

func TestNoRuleHitsRecordsThatWereKeptAsTheyShouldBeAndARunRepeats(t *testing.T) {
	a, err := audit.New(append(kept().Sources(), books(t, nil)...), insurance.Rules()...)
	must(t, err)
	e := engagement()
	run, err := a.Run(t.Context(), e)
	must(t, err)
	for _, o := range run.Outcomes {
		if !o.Clean() || len(o.Examined) == 0 || o.Examined[0].N == 0 || len(o.Notes) > 0 {
			t.Errorf("%s: %s, %d found, %s %v %v", o.Rule, o.Status, o.Found, o.Failure, o.Examined, o.Notes)
		}
	}
	for _, f := range run.Findings {
		t.Errorf("%s: %s", f.Rule, f.Text.EN)
	}
	again, err := a.Run(t.Context(), e)
	must(t, err)
	if run.Result == "" || run.Result != again.Result {
		t.Errorf("the same run gave %s, then %s", run.Result, again.Result)
	}
}

func TestARuleWithoutItsSourceIsNotRun(t *testing.T) {
	a, err := audit.New((&audit.Records{}).Sources(), insurance.Rules()...)
	must(t, err)
	run, err := a.Run(t.Context(), engagement())
	must(t, err)
	for _, o := range run.Outcomes {
		if o.Status != audit.NotRun || len(o.Missing) == 0 {
			t.Errorf("%s: %s", o.Rule, o.Status)
		}
	}
}
