package rules_test

import (
	"testing"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

func tagged(line ledger.Line, tag string) ledger.Line {
	line.Tag = tag
	return line
}

// runL13 audits as of a day.
func runL13(t *testing.T, f *fund, e audit.Engagement) *audit.Run {
	t.Helper()
	a, err := audit.New(append(f.books.Sources(), supplied()...), allRules(t, "L13")...)
	must(t, err)
	run, err := a.Run(t.Context(), e)
	must(t, err)
	return run
}

func TestL13LeadsToItemsThatNobodySettled(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	f.post(t, pension, "first", 20260302, tagged(dr("1101-01", 7000), "A"), cr("1003", 7000))
	f.post(t, pension, "second", 20260320, tagged(dr("1101-01", 2000), "A"), cr("1003", 2000))
	f.post(t, pension, "part", 20260401, dr("1003", 6500), tagged(cr("1101-01", 6500), "A"))
	f.post(t, pension, "receipt", 20260303, dr("1003", 4000), tagged(cr("2001-01", 4000), "B"))
	e := engagement()
	e.Scope.AsOf = 20270303
	run := runL13(t, f, e)
	finding := wantFinding(t, run, "L13", 500, "1101-01 其他暂付款, booked on 2026-03-02: on 2027-03-03 5.00 CNY is left, after 12 months (at most 12)")
	if finding.Kind != audit.Heuristic || finding.Evidence[0].Seq != f.seqOf(t, pension, "first") || finding.Evidence[0].Source != "test first" {
		t.Errorf("%+v", finding)
	}
	if len(run.Findings) != 1 {
		t.Errorf("an item of exactly twelve months, and younger ones, are no leads: %+v", run.Findings)
	}
	e.Scope.AsOf = 20270304
	run = runL13(t, f, e)
	wantFinding(t, run, "L13", 4000, "2001-01 待核实款项, booked on 2026-03-03")
	e.Settings = map[string]map[string]int64{"L13": {"months": 24}}
	if run = runL13(t, f, e); !run.Outcomes[0].Clean() {
		t.Errorf("%+v", run.Findings)
	}
}

func TestL13KeepsTagsApartAndFollowsReversals(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	f.post(t, pension, "old", 20260302, tagged(dr("1101-01", 7000), "A"), cr("1003", 7000))
	f.post(t, pension, "other", 20260302, tagged(dr("1101-01", 7000), "B"), cr("1003", 7000))
	wrong := f.post(t, pension, "wrong", 20260303, tagged(dr("1101-01", 7000), "A"), cr("1003", 7000))
	_, err := f.ledger.Reverse(t.Context(), pension, wrong.Seq, ledger.Reversal{Key: "undo", Effective: 20260304, Reason: "twice", EnteredBy: "clerk", ApprovedBy: "chief"})
	must(t, err)
	f.post(t, pension, "settled", 20260401, dr("1003", 7000), tagged(cr("1101-01", 7000), "B"))
	e := engagement()
	e.Scope.AsOf = 20270401
	run := runL13(t, f, e)
	if len(run.Findings) != 1 || run.Findings[0].Subjects[1].Value != "A" || run.Findings[0].Evidence[0].Seq != f.seqOf(t, pension, "old") {
		t.Errorf("first in, first out would take the reversal off the older item: %+v", run.Findings)
	}
}

// foreignL13 runs the rule on a foreign copy that was changed.
func foreignL13(t *testing.T, change func(b *audit.ForeignBook)) *audit.Run {
	t.Helper()
	f := newFund(t, storetest.SQLite)
	books := f.foreignCopy(t)
	change(&books[0])
	foreign, err := audit.NewForeign(books...)
	must(t, err)
	return runRules(t, append(foreign.Sources(), supplied()...), "L13")
}

func TestL13HitsAForeignItemThatNothingSettles(t *testing.T) {
	run := foreignL13(t, func(b *audit.ForeignBook) { entryOf(b, "unidentified 2025-02").Lines[1].Tag = "somebody" })
	wantFinding(t, run, "L13", 5000, "2001-01 待核实款项, booked on 2025-02-22")
}

func TestL13TakesWhatIsSettledOffTheOldestItem(t *testing.T) {
	// What February 2025 left open was settled by March's money, and so on: the last item, of February 2026, is the one that is short.
	run := foreignL13(t, func(b *audit.ForeignBook) { entryOf(b, "identified 2025-02").Lines[0].Amount = 4000 })
	if o := run.Outcomes[0]; !o.Clean() {
		t.Errorf("%+v", run.Findings)
	}
}

func TestL13HitsATamperedRecord(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	f.tamper(t, pension, f.seqOf(t, pension, "unidentified 2025-02"), func(_ *seal.Assigned, _ *seal.Draft, l *seal.Lines) { l.Tags[1] = "hidden" })
	wantFinding(t, runRules(t, append(f.books.Sources(), supplied()...)), "L13", 5000, "2001-01 待核实款项, booked on 2025-02-22")
}
