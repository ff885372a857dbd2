package rules_test

import (
	"testing"
	"time"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

// unclosed is a book whose December was not closed to zero, with its periods closed through the one given.
func unclosed(t *testing.T, closed calendar.Period) *fund {
	t.Helper()
	f := &fund{db: storetest.Open(t, []store.Schema{ledger.Schema()}, storetest.SQLite)}
	l, err := ledger.New(f.db, ledger.Config{Seeds: ledger.DerivedSeeds(nil), Clock: func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }})
	must(t, err)
	f.ledger, f.books = l, audit.ReadLedger(l, pension)
	f.open(t)
	f.post(t, pension, "december", 20251220, dr("1003", 4200), cr("4001", 4200))
	f.post(t, pension, "benefit", 20251221, dr("5001-01", 200), cr("1003", 200))
	f.postDraft(t, pension, ledger.Draft{Key: "closing", Kind: ledger.KindClosing, Effective: 20251231, Lines: []ledger.Line{dr("4001", 4000), cr("5001-01", 200), cr("3001", 3800)}})
	for p := firstMonth.Period(); p <= closed; p = p.Next() {
		f.closePeriod(t, pension, p)
	}
	return f
}

func TestL18HitsWhatWasNotClosedAtYearEnd(t *testing.T) {
	run := runRules(t, unclosed(t, 202513).books.Sources(), "L18")
	finding := wantFinding(t, run, "L18", 200, "end of 2025: 4001 社会保险费收入 stands at -2.00 CNY (debit positive)")
	if len(run.Findings) != 1 || finding.Period != 202513 {
		t.Errorf("%+v", run.Findings)
	}
}

func TestL18WaitsForAYearThatIsNotClosedYet(t *testing.T) {
	f := unclosed(t, 202512)
	run := runRules(t, f.books.Sources(), "L18")
	if o := run.Outcomes[0]; o.Found != 0 || len(o.Notes) != 1 || o.Notes[0].EN != "book 330100/1: the year 2025 is not closed yet and was not judged" {
		t.Errorf("%+v", o)
	}
	a, err := audit.New(f.books.Sources(), allRules(t, "L18")...)
	must(t, err)
	e := engagement()
	e.Settings = map[string]map[string]int64{"L18": {"days": 68}} // 31 December to 10 March are 69
	run, err = a.Run(t.Context(), e)
	must(t, err)
	if run.Outcomes[0].Found != 1 {
		t.Errorf("%+v", run.Outcomes[0])
	}
}

func TestL18HitsForeignBalances(t *testing.T) {
	hitForeign(t, []damage{{
		name: "interest left open", rule: "L18", risk: 1234, others: []string{"L04", "L05", "L06"}, says: []string{"end of 2025: 4201 利息收入 stands at -12.34 CNY"},
		do: func(b *audit.ForeignBook) {
			row := rowOf(b, 202512, "4201")
			row.ClosingDebit, row.Closing = 0, -1234
		},
	}})
}

func TestL18HitsATamperedStore(t *testing.T) {
	f := newFund(t, storetest.SQLite)
	account, err := f.ledger.Account(t.Context(), pension, "4201")
	must(t, err)
	f.execute(t, `UPDATE ledger_account_day SET closing_debit = 0 WHERE realm_id = 330100 AND book_no = 1 AND account_no = ? AND day = 20251231`, int32(account.No))
	wantFinding(t, runRules(t, f.books.Sources()), "L18", 1234, "4201 利息收入 stands at -12.34 CNY")
}
