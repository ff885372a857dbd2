package rules_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

// damage is one thing that is wrong in a foreign book that is right otherwise, and what the rules must say.
type damage struct {
	name   string
	do     func(b *audit.ForeignBook)
	rule   string
	says   []string // parts of the English text of one finding of the rule
	risk   money.Amount
	others []string // rules that the same damage must hit too
}

// hitForeign applies each damage to a copy of the pension book and wants exactly the rules it names to hit.
func hitForeign(t *testing.T, damages []damage) {
	t.Helper()
	f := newFund(t, storetest.SQLite)
	for _, d := range damages {
		t.Run(d.name, func(t *testing.T) {
			books := f.foreignCopy(t)
			d.do(&books[0])
			foreign, err := audit.NewForeign(books...)
			must(t, err)
			run := runRules(t, append(foreign.Sources(), supplied()...))
			wantFinding(t, run, d.rule, d.risk, d.says...)
			wantHits(t, run, append([]string{d.rule}, d.others...)...)
		})
	}
}

func findingsOf(run *audit.Run, rule string) []audit.Finding {
	return slices.DeleteFunc(slices.Clone(run.Findings), func(f audit.Finding) bool { return f.Rule != rule })
}

// wantFinding wants one finding of the rule whose text has all the parts and whose amount at risk is that.
func wantFinding(t *testing.T, run *audit.Run, rule string, risk money.Amount, parts ...string) audit.Finding {
	t.Helper()
	found := findingsOf(run, rule)
	for _, f := range found {
		all := !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(f.Text.EN, part) })
		if all && f.AtRisk.Amount == risk {
			if len(f.Evidence) == 0 && rule != "L00" {
				t.Errorf("%s refers to no record: %s", rule, f.Text.EN)
			}
			if !strings.ContainsFunc(f.Text.ZH, func(r rune) bool { return r >= 0x4e00 && r <= 0x9fff }) {
				t.Errorf("%s has no Chinese text: %q", rule, f.Text.ZH)
			}
			return f
		}
	}
	t.Errorf("no finding of %s says %q with %d at risk", rule, parts, risk)
	for _, f := range found {
		t.Logf("%s: %d: %s", rule, f.AtRisk.Amount, f.Text.EN)
	}
	for _, o := range run.Outcomes {
		if o.Status != audit.Ran {
			t.Logf("%s %s %s", o.Rule, o.Status, o.Failure)
		}
	}
	return audit.Finding{}
}

// wantHits wants exactly these rules to have found something. L00 is left out: it has seals to read in a ledger only.
func wantHits(t *testing.T, run *audit.Run, rules ...string) {
	t.Helper()
	var hit []string
	for _, o := range run.Outcomes {
		if o.Found > 0 && o.Rule != "L00" {
			hit = append(hit, o.Rule)
		}
	}
	slices.Sort(rules)
	if !slices.Equal(hit, rules) {
		t.Errorf("rules %v hit, want %v", hit, rules)
		for _, f := range run.Findings {
			t.Logf("%s: %d: %s", f.Rule, f.AtRisk.Amount, f.Text.EN)
		}
	}
}

// entryOf returns the entry of a foreign book with a key.
func entryOf(b *audit.ForeignBook, key string) *audit.ForeignEntry {
	i := slices.IndexFunc(b.Entries, func(e audit.ForeignEntry) bool { return e.Key == key })
	e := &b.Entries[i]
	e.Lines = slices.Clone(e.Lines)
	return e
}

// rowOf returns the stated row of an account in a month.
func rowOf(b *audit.ForeignBook, month calendar.Month, code string) *ledger.TrialRow {
	i := slices.IndexFunc(b.Stated, func(s audit.StatedMonth) bool { return s.Month == month })
	b.Stated[i].Rows = slices.Clone(b.Stated[i].Rows)
	at := slices.IndexFunc(b.Stated[i].Rows, func(row ledger.TrialRow) bool { return row.Account.Code == code })
	return &b.Stated[i].Rows[at]
}

// moveBalance changes a stated balance from a month on, so that the table follows on by itself.
func moveBalance(b *audit.ForeignBook, from calendar.Month, code string, debit, credit money.Amount) {
	for month := from; month <= lastMonth; month = month.Add(1) {
		row := rowOf(b, month, code)
		if month == from {
			row.Debit += debit
			row.Credit += credit
		} else {
			row.Opening += debit - credit
		}
		row.Closing += debit - credit
	}
}
