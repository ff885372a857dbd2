package rules_test

import (
	"testing"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

func TestL00NamesWhatWasChangedBehindTheLedgersBack(t *testing.T) {
	for _, kind := range storetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			f := newFund(t, kind)
			f.execute(t, `UPDATE ledger_line SET amount = amount + 1 WHERE realm_id = 330100 AND book_no = 1 AND ordinal = 0`)
			run := runRules(t, f.books.Deep().Sources(), "L00")
			wantFinding(t, run, "L00", 0, "ledger_line")
			if run.Findings[0].Severity != audit.Critical || run.Findings[0].Kind != audit.Exact {
				t.Errorf("%+v", run.Findings[0])
			}
		})
	}
}

func TestL00FindsARecordThatWasRewritten(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	f.tamper(t, pension, f.seqOf(t, pension, "premium 2025-03"), func(_ *seal.Assigned, d *seal.Draft, _ *seal.Lines) { d.Description = "other" })
	wantFinding(t, runRules(t, f.books.Sources(), "L00"), "L00", 0, "ledger_entry", "leaf")
}

func TestL00CannotRunWithoutSeals(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	run := runRules(t, []audit.Source{audit.BooksSource.Given(f.books)}, "L00")
	if o := run.Outcomes[0]; o.Status != audit.NotRun || o.Clean() || o.Missing[0].EN != audit.SealsSource.Title().EN {
		t.Errorf("%+v", o)
	}
}
