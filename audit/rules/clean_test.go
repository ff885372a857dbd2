package rules_test

import (
	"testing"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

func TestNoRuleHitsBooksThatWereKeptAsTheyShouldBe(t *testing.T) {
	for _, kind := range storetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			f := newFund(t, kind)
			before, err := f.books.Books(t.Context())
			must(t, err)
			run := runRules(t, append(f.books.Sources(), supplied()...))
			for _, o := range run.Outcomes {
				if !o.Clean() {
					t.Errorf("%s: %s, %d found, %s", o.Rule, o.Status, o.Found, o.Failure)
				}
				if len(o.Examined) == 0 || o.Examined[0].N == 0 {
					t.Errorf("%s is clean without having looked at anything: %+v", o.Rule, o.Examined)
				}
			}
			for _, finding := range run.Findings {
				t.Errorf("%s: %s", finding.Rule, finding.Text.EN)
			}
			for _, p := range run.Checkpoint {
				if !p.Agrees || p.Root != p.Read || p.Entries != int64(p.Seq) {
					t.Errorf("checkpoint of book %v: %+v", p.Book, p)
				}
			}
			after, err := f.books.Books(t.Context())
			must(t, err)
			for i := range before {
				if before[i] != after[i] {
					t.Errorf("the audit changed book %v: %+v became %+v", before[i].ID, before[i], after[i])
				}
			}
		})
	}
}

func TestNoRuleHitsTheSameBooksTakenInFromAnotherSystem(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	foreign, err := audit.NewForeign(f.foreignCopy(t)...)
	must(t, err)
	run := runRules(t, append(foreign.Sources(), supplied()...))
	for _, o := range run.Outcomes {
		if o.Rule == "L00" {
			if o.Status != audit.NotRun || o.Clean() || len(o.Missing) != 1 {
				t.Errorf("a book that has no seals was verified: %+v", o)
			}
			continue
		}
		if !o.Clean() {
			t.Errorf("%s: %s, %d found, %s", o.Rule, o.Status, o.Found, o.Failure)
		}
	}
	for _, finding := range run.Findings {
		t.Errorf("%s: %s", finding.Rule, finding.Text.EN)
	}
}
