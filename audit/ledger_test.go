package audit_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/ledgertest"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

// kept is a book of 300 entries with accounts of every class, a closed and a renamed account, and closed and reopened periods.
func kept(t *testing.T, kind string) *ledgertest.Fixture {
	t.Helper()
	f := ledgertest.New(t, storetest.Open(t, []store.Schema{ledger.Schema()}, kind))
	ctx := t.Context()
	_, err := f.Ledger.OpenAccounts(ctx, f.Book, act("more"), []ledger.AccountSpec{
		{Code: "M", Name: "rights", Type: ledger.Liability, Section: ledger.Memorandum, Class: ledger.Control},
		{Code: "M0", Name: "contra", Type: ledger.Asset, Section: ledger.Memorandum},
		{Code: "M/1", Type: ledger.Liability, Section: ledger.Memorandum, Class: ledger.Member, Parent: "M", NeverBelowZero: true},
		{Code: "A", Name: "banks", Type: ledger.Asset, Class: ledger.Heading}, {Code: "A1", Name: "bank", Type: ledger.Asset, Parent: "A"},
		{Code: "I1", Name: "income", Type: ledger.Income}, {Code: "gone", Name: "gone", Type: ledger.Asset},
	})
	must(t, err)
	gone, err := f.Ledger.Account(ctx, f.Book, "gone")
	must(t, err)
	must(t, f.Ledger.CloseAccount(ctx, f.Book, act("close"), gone.No))
	must(t, f.Ledger.NameAccount(ctx, f.Book, act("name"), gone.No, "renamed"))
	var drafts []ledger.Draft
	for i := range 300 {
		drafts = append(drafts, ledger.Draft{Key: "d" + string(rune('0'+i%10)) + "-" + string(rune('A'+i/10)), Effective: ledgertest.Opened.AddDays(i % 20), EnteredBy: "clerk",
			Lines: []ledger.Line{ledger.DebitLine("A1", 100), ledger.CreditLine("I1", 100), ledger.DebitLine("M0", 7), ledger.CreditLine("M/1", 7)}})
	}
	_, err = f.Ledger.PostAll(ctx, f.Book, drafts)
	must(t, err)
	_, err = f.Ledger.ClosePeriod(ctx, f.Book, act("p1"), 202601)
	must(t, err)
	_, err = f.Ledger.ReopenPeriod(ctx, f.Book, act("r1"), 202601)
	must(t, err)
	_, err = f.Ledger.ClosePeriod(ctx, f.Book, act("p2"), 202601)
	must(t, err)
	return f
}

func act(key string) ledger.Act {
	return ledger.Act{Key: key, Effective: ledgertest.Opened, Description: "because", EnteredBy: "clerk", ApprovedBy: "chief"}
}

func TestTheChartThatEntriesBringIsTheLedgersOwn(t *testing.T) {
	for _, kind := range storetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			f := kept(t, kind)
			books := audit.ReadLedger(f.Ledger, f.Book)
			list, err := books.Books(t.Context())
			must(t, err)
			var chart []ledger.Account
			var periods []ledger.PeriodAct
			seen := readAll(t, books, list[0], func(e *audit.Entry) {
				for i := range e.Lines {
					if e.Account(i).No != e.Lines[i].Account || !audit.Known(e.Account(i)) {
						t.Fatalf("entry %d line %d: %+v", e.Seq, i, e.Account(i))
					}
				}
				if e.PeriodAct != nil {
					periods = append(periods, *e.PeriodAct)
				}
			})
			for _, a := range seen.Accounts() {
				chart = append(chart, *a)
			}
			var stored []ledger.Account
			for a, err := range f.Ledger.Accounts(t.Context(), f.Book) {
				must(t, err)
				stored = append(stored, a)
			}
			if !slices.Equal(chart, stored) {
				t.Errorf("the chart is\n%+v\nthe ledger's\n%+v", chart, stored)
			}
			acts, err := f.Ledger.PeriodActs(t.Context(), f.Book)
			must(t, err)
			if !slices.Equal(periods, acts) {
				t.Errorf("acts on periods are %+v, the ledger's %+v", periods, acts)
			}
			accounts, err := books.Accounts(t.Context(), f.Book)
			must(t, err)
			if !slices.Equal(accounts, slices.DeleteFunc(stored, func(a ledger.Account) bool { return a.Class == ledger.Member })) {
				t.Errorf("accounts of the chart: %+v", accounts)
			}
		})
	}
}

// readAll reads all entries of a book and returns the chart they brought.
func readAll(t *testing.T, books *audit.LedgerBooks, book ledger.Book, see func(*audit.Entry)) (chart *audit.Chart) {
	t.Helper()
	a, err := audit.New(books.Sources(), rule("X01", func(_ context.Context, task *audit.Task) error {
		task.EachBook(func(_ context.Context, b *audit.Book) (audit.Hooks, error) {
			return audit.Hooks{Entry: func(_ context.Context, e *audit.Entry) error { see(e); return nil }, End: func(context.Context) error {
				chart = b.Chart
				return nil
			}}, nil
		})
		return nil
	}))
	must(t, err)
	run, err := a.Run(t.Context(), engagement())
	must(t, err)
	if p := run.Checkpoint[0]; p.Entries != int64(book.Seq) || !p.Agrees || p.Root != p.Read {
		t.Errorf("%+v", p)
	}
	return chart
}

func TestARunCanBeRepeatedAtItsCheckpointAfterTheBookHasGrown(t *testing.T) {
	f := kept(t, storetest.SQLite)
	books := audit.ReadLedger(f.Ledger, f.Book)
	a, err := audit.New(books.Sources(), rule("X01", everyEntry), monthly())
	must(t, err)
	first, err := a.Run(t.Context(), engagement())
	must(t, err)
	_, err = f.Ledger.Post(t.Context(), f.Book, ledger.Draft{Key: "later", Effective: 20260301, EnteredBy: "clerk", Lines: []ledger.Line{ledger.DebitLine("A1", 9), ledger.CreditLine("I1", 9)}})
	must(t, err)
	grown, err := a.Run(t.Context(), engagement())
	must(t, err)
	if grown.Result == first.Result || grown.Outcomes[0].Found != first.Outcomes[0].Found+1 {
		t.Error("the entry was not seen")
	}
	e := engagement()
	e.Checkpoint = first.Checkpoint
	again, err := a.Run(t.Context(), e)
	must(t, err)
	if again.Result != first.Result || !again.Checkpoint[0].Agrees {
		t.Errorf("%+v became %+v", first.Checkpoint, again.Checkpoint)
	}
}

// monthly notes the closing balance of every month.
func monthly() audit.Rule {
	r := rule("X02", func(_ context.Context, task *audit.Task) error {
		task.EachBook(func(context.Context, *audit.Book) (audit.Hooks, error) {
			return audit.Hooks{Month: func(_ context.Context, m *audit.MonthBalances) error {
				for _, row := range m.Trial.Rows {
					if row.Account.Code == "A1" {
						task.Note(audit.Text{ZH: cny.Format(row.Closing), EN: m.Month.String() + " " + cny.Format(row.Closing)})
					}
				}
				return nil
			}}, nil
		})
		return nil
	})
	r.Reads = append(r.Reads, audit.BalancesSource)
	return r
}

func TestMonthsRunFromTheBooksFirstOneToThatOfItsLastEntry(t *testing.T) {
	f := kept(t, storetest.SQLite)
	_, err := f.Ledger.Post(t.Context(), f.Book, ledger.Draft{Key: "later", Effective: 20260301, EnteredBy: "clerk", Lines: []ledger.Line{ledger.DebitLine("A1", 9), ledger.CreditLine("I1", 9)}})
	must(t, err)
	_, err = f.Ledger.Post(t.Context(), f.Book, ledger.Draft{Key: "far", Effective: 20290301, EnteredBy: "clerk", Lines: []ledger.Line{ledger.DebitLine("A1", 9), ledger.CreditLine("I1", 9)}})
	must(t, err)
	r := run(t, audit.ReadLedger(f.Ledger, f.Book).Sources(), engagement(), monthly())
	var notes []string
	for _, n := range r.Outcomes[0].Notes {
		notes = append(notes, n.EN)
	}
	if want := []string{"2026-01 300.00", "2026-02 300.00", "2026-03 300.09"}; !slices.Equal(notes, want) {
		t.Errorf("%q, want %q: months after the audit's day are not read", notes, want)
	}
}

func TestWhoRewritesHistoryIsFoundByTheCheckpointOfAnEarlierRun(t *testing.T) {
	f := kept(t, storetest.SQLite)
	books := audit.ReadLedger(f.Ledger, f.Book)
	first := run(t, books.Sources(), engagement(), rule("X01", everyEntry))
	behindTheBack(t, f.DB, `UPDATE ledger_entry SET leaf = (SELECT leaf FROM ledger_entry WHERE realm_id = 1 AND book_no = 1 AND seq = 20) WHERE realm_id = 1 AND book_no = 1 AND seq = 21`)
	e := engagement()
	e.Checkpoint = first.Checkpoint
	if p := run(t, books.Sources(), e, rule("X01", everyEntry)).Checkpoint[0]; p.Agrees || p.Read == p.Root {
		t.Errorf("%+v", p)
	}
}

func TestRecordsThatCannotBeReadAreNamedAndTheOthersAreRead(t *testing.T) {
	for _, kind := range storetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			for name, c := range map[string]struct {
				sql    string
				unread map[ledger.Seq]int64
			}{
				"damaged header":     {`UPDATE ledger_entry SET header = BLOB WHERE realm_id = 1 AND book_no = 1 AND seq = 100`, map[ledger.Seq]int64{100: 1}},
				"damaged columns":    {`UPDATE ledger_entry SET columns = BLOB WHERE realm_id = 1 AND book_no = 1 AND seq IN (100, 290)`, map[ledger.Seq]int64{100: 1, 290: 1}},
				"three cut out":      {`DELETE FROM ledger_entry WHERE realm_id = 1 AND book_no = 1 AND seq BETWEEN 50 AND 52`, map[ledger.Seq]int64{50: 3}},
				"the last cut off":   {`DELETE FROM ledger_entry WHERE realm_id = 1 AND book_no = 1 AND seq > 305`, map[ledger.Seq]int64{306: 3}},
				"a whole page lost":  {`DELETE FROM ledger_entry WHERE realm_id = 1 AND book_no = 1 AND seq BETWEEN 1 AND 2`, map[ledger.Seq]int64{1: 2}},
				"moved to the end":   {`UPDATE ledger_entry SET seq = 9999 WHERE realm_id = 1 AND book_no = 1 AND seq = 100`, map[ledger.Seq]int64{100: 1}},
				"wrong act of chart": {`UPDATE ledger_entry SET header = BLOB WHERE realm_id = 1 AND book_no = 1 AND seq = 2`, map[ledger.Seq]int64{2: 1}},
			} {
				t.Run(name, func(t *testing.T) { unreadable(t, kind, c.sql, c.unread) })
			}
		})
	}
}

func unreadable(t *testing.T, kind, sql string, unread map[ledger.Seq]int64) {
	f := kept(t, kind)
	blob := "x'00'"
	if kind == storetest.Postgres {
		blob = `'\x00'`
	}
	behindTheBack(t, f.DB, strings.ReplaceAll(sql, "BLOB", blob))
	books := audit.ReadLedger(f.Ledger, f.Book)
	list, err := books.Books(t.Context())
	must(t, err)
	seen := map[ledger.Seq]int{}
	missing := map[ledger.Seq]int64{}
	for e, err := range books.Entries(t.Context(), f.Book, list[0].Seq) {
		if u, ok := errors.AsType[*audit.Unreadable](err); ok {
			missing[u.Seq] = u.Count
			continue
		}
		must(t, err)
		seen[e.Seq]++
		for i := range e.Lines {
			if a := e.Account(i); audit.Known(a) && a.No != e.Lines[i].Account {
				t.Fatalf("entry %d: line on account %d is taken for one on %d", e.Seq, e.Lines[i].Account, a.No)
			}
		}
	}
	var lost int64
	for seq, count := range unread {
		if missing[seq] != count {
			t.Errorf("unreadable are %v, want %v", missing, unread)
		}
		lost += count
	}
	for seq, n := range seen {
		if n != 1 {
			t.Errorf("entry %d was given %d times", seq, n)
		}
	}
	if int64(len(seen)) != int64(list[0].Seq)-lost {
		t.Errorf("%d entries were read of %d, %d lost", len(seen), list[0].Seq, lost)
	}
	quiet := rule("X01", func(_ context.Context, task *audit.Task) error {
		task.EachBook(func(context.Context, *audit.Book) (audit.Hooks, error) { return audit.Hooks{}, nil })
		return nil
	})
	r := run(t, books.Sources(), engagement(), quiet)
	if o := r.Outcomes[0]; o.Status != audit.Incomplete || o.Clean() || len(r.Unreadable) != len(unread) || r.Checkpoint[0].Agrees {
		t.Errorf("%+v %+v %+v", o, r.Unreadable, r.Checkpoint)
	}
}

func TestABookThatIsNotThereFailsTheRulesThatReadBooks(t *testing.T) {
	f := kept(t, storetest.SQLite)
	other := rule("X02", func(_ context.Context, task *audit.Task) error { return nil })
	r := run(t, audit.ReadLedger(f.Ledger, ledger.BookID{Realm: 1, Number: 9}).Sources(), engagement(), rule("X01", everyEntry), other)
	if r.Outcomes[0].Status != audit.Failed || !strings.Contains(r.Outcomes[0].Failure, "book_unknown") || r.Outcomes[1].Status != audit.Ran {
		t.Errorf("%+v", r.Outcomes)
	}
}

func behindTheBack(t *testing.T, db *store.DB, query string) {
	t.Helper()
	must(t, db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		if db.Dialect().Name() == storetest.Postgres {
			_, err := tx.Exec(ctx, "ALTER TABLE ledger_entry DISABLE TRIGGER USER")
			must(t, err)
		} else {
			for _, trigger := range []string{"ledger_entry_no_update", "ledger_entry_no_delete"} {
				_, err := tx.Exec(ctx, "DROP TRIGGER "+trigger)
				must(t, err)
			}
		}
		result, err := tx.Exec(ctx, query)
		must(t, err)
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			t.Fatalf("%d rows changed: %v", n, err)
		}
		return nil
	}))
}

func TestScopesAreInclusiveAndJudgeEndedMonthsOnly(t *testing.T) {
	s := audit.Scope{From: 202602, To: 202603, AsOf: 20260331}
	for period, want := range map[calendar.Period]bool{202601: false, 202602: true, 202603: true, 202604: false, 0: true} {
		if s.HasPeriod(period) != want {
			t.Errorf("period %v", period)
		}
	}
	if !s.HasMonth(202603) || (audit.Scope{AsOf: 20260330}).HasMonth(202603) || s.HasMonth(202604) {
		t.Error("a month counts from its last day on")
	}
	act := &audit.Entry{Entry: ledger.Entry{Effective: 20260115}}
	if s.HasEntry(act) || !(audit.Scope{}).HasEntry(act) {
		t.Error("an act lies in the month of its date")
	}
}
