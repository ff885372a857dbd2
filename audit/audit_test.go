package audit_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/money"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var (
	cny  = money.MustCurrency("CNY")
	both = audit.Text{ZH: "文", EN: "text"}
)

// rule is a rule that reads books and reports what report says of each entry.
func rule(id string, check func(ctx context.Context, t *audit.Task) error) audit.Rule {
	return audit.Rule{
		ID: id, Version: 1, Title: both, Why: both, How: both, Do: both, Kind: audit.Exact, Severity: audit.Medium, Basis: []string{"BAS 51"},
		Reads: []audit.Declared{audit.BooksSource}, Check: check,
	}
}

// everyEntry reports each entry that has lines.
func everyEntry(_ context.Context, t *audit.Task) error {
	t.EachBook(func(_ context.Context, book *audit.Book) (audit.Hooks, error) {
		return audit.Hooks{Entry: func(_ context.Context, e *audit.Entry) error {
			if len(e.Lines) > 0 {
				t.Report(audit.Finding{Book: book.Ref(), Period: e.Period, Subjects: []audit.Subject{{Name: "entry", Value: fmt.Sprint(e.Seq)}}, AtRisk: book.Sum(e.Lines[0].Amount),
					Text: both, Evidence: []audit.Evidence{audit.EntryEvidence(e, 0)}})
			}
			return nil
		}}, nil
	})
	return nil
}

func engagement() audit.Engagement {
	return audit.Engagement{By: "auditor", Clock: func() time.Time { return time.Date(2026, 3, 10, 8, 30, 0, 5, time.UTC) }}
}

// foreignBook is a book of another system with n entries.
func foreignBook(number int16, n int) audit.ForeignBook {
	b := audit.ForeignBook{
		Book:     ledger.Book{ID: ledger.BookID{Realm: 1, Number: number}, Code: fmt.Sprint("book ", number), Currency: cny, First: 202601},
		Accounts: []ledger.Account{{Code: "1002", Name: "bank", Type: ledger.Asset}, {Code: "4001", Name: "income", Type: ledger.Income}},
	}
	for i := range n {
		b.Entries = append(b.Entries, audit.ForeignEntry{Entry: ledger.Entry{
			Key: fmt.Sprint("e", i), Effective: 20260105, Period: 202601, Voucher: ledger.Voucher{Type: "general", Number: int64(i + 1)},
			Lines: []ledger.Line{ledger.DebitLine("1002", money.Amount(i+1)), ledger.CreditLine("4001", money.Amount(i+1))},
		}})
	}
	return b
}

func foreign(t *testing.T, books ...audit.ForeignBook) *audit.Foreign {
	t.Helper()
	f, err := audit.NewForeign(books...)
	must(t, err)
	return f
}

func run(t *testing.T, sources []audit.Source, e audit.Engagement, rules ...audit.Rule) *audit.Run {
	t.Helper()
	a, err := audit.New(sources, rules...)
	must(t, err)
	r, err := a.Run(t.Context(), e)
	must(t, err)
	return r
}

func TestEveryFaultOfRulesAndSourcesIsReportedTogether(t *testing.T) {
	f := foreign(t, foreignBook(1, 1))
	bad := audit.Rule{ID: "l1", Parameters: []audit.Parameter{{Name: "Days", Default: 5, Least: 6, Most: 7}, {Name: "Days"}}}
	_, err := audit.New([]audit.Source{audit.BooksSource.Given(f), audit.BooksSource.Given(f), {}}, bad, rule("X01", everyEntry), rule("X01", everyEntry))
	for _, part := range []string{
		`source books: given twice`, `source : there is nothing behind it`, `rule l1: id "l1"`, `version 0`, `title is missing`, `why is missing`, `how is missing`, `do is missing`,
		`kind ""`, `severity 0`, `no basis`, `reads no source`, `no check`, `parameter "Days"`, `default 5 outside 6 to 7`, `lacks title, unit or source`, `rule X01: comes twice`,
	} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not say %q:\n%v", part, err)
		}
	}
	if !errors.Is(err, audit.ErrRuleInvalid) || !errors.Is(err, audit.ErrSourceInvalid) {
		t.Errorf("codes: %v", err)
	}
	if typed, ok := errors.AsType[*audit.Error](err); !ok || typed.Hint == "" {
		t.Errorf("%v", err)
	}
}

func TestEveryFaultOfAnEngagementIsReportedTogether(t *testing.T) {
	withDays := rule("X01", everyEntry)
	withDays.Parameters = []audit.Parameter{{Name: "days", Title: both, Unit: both, Default: 5, Least: 1, Most: 9, Source: "test"}}
	a, err := audit.New(foreign(t, foreignBook(1, 1)).Sources(), withDays)
	must(t, err)
	_, err = a.Run(t.Context(), audit.Engagement{MostFindings: -1, Scope: audit.Scope{From: 202603, To: 202602, AsOf: 20260230},
		Settings: map[string]map[string]int64{"X01": {"days": 10, "months": 1}, "X02": {}}})
	for _, part := range []string{"nobody runs it", "no clock", "-1 findings at most", "scope 2026-03 to 2026-02 as of", "X01.days = 10; give 1 to 9", "X01.months is no parameter", "settings of rule X02"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not say %q:\n%v", part, err)
		}
	}
	if !errors.Is(err, audit.ErrEngagementInvalid) {
		t.Errorf("%v", err)
	}
}

// A run is repeated over all that the earlier one had before it, or not at all.
func TestACheckpointIsMetOrNothingIsClean(t *testing.T) {
	first := run(t, foreign(t, foreignBook(1, 3), foreignBook(2, 3)).Sources(), engagement(), rule("X01", everyEntry))
	e := engagement()
	e.Checkpoint = first.Checkpoint
	a, err := audit.New(foreign(t, foreignBook(1, 3)).Sources(), rule("X01", everyEntry))
	must(t, err)
	if _, err := a.Run(t.Context(), e); !errors.Is(err, audit.ErrCheckpoint) || !strings.Contains(err.Error(), "book 1/2") {
		t.Errorf("a book is gone: %v", err)
	}
	e.Checkpoint = append(e.Checkpoint, audit.BookPoint{Book: audit.BookRef{Realm: 1, Number: 1}, Seq: -1})
	if _, err := a.Run(t.Context(), e); !errors.Is(err, audit.ErrEngagementInvalid) || !strings.Contains(err.Error(), "book 1/1 at entry -1") || !strings.Contains(err.Error(), "book 1/1 twice") {
		t.Errorf("a checkpoint of nothing: %v", err)
	}
	e.Checkpoint = []audit.BookPoint{{Book: audit.BookRef{Realm: 1, Number: 1}, Seq: 3}} // without a root: nothing else tells the difference
	shorter := run(t, foreign(t, foreignBook(1, 2)).Sources(), e, rule("X01", everyEntry))
	if o := shorter.Outcomes[0]; o.Status != audit.Failed || !strings.Contains(o.Failure, "has 2 entries, the checkpoint is of entry 3") {
		t.Errorf("a book was cut: %+v", o)
	}
	if o := run(t, foreign(t, foreignBook(1, 3)).Sources(), e, rule("X01", everyEntry)).Outcomes[0]; o.Status != audit.Ran || o.Found != 3 {
		t.Errorf("the book as it was: %+v", o)
	}
}

func TestOnlyTheNamedRulesRun(t *testing.T) {
	a, err := audit.New(foreign(t, foreignBook(1, 2)).Sources(), rule("X01", everyEntry), rule("X02", everyEntry), rule("X03", everyEntry))
	must(t, err)
	narrow, err := a.Only("X03", "X01")
	must(t, err)
	r, err := narrow.Run(t.Context(), engagement())
	must(t, err)
	if len(r.Outcomes) != 2 || r.Outcomes[0].Rule != "X01" || r.Outcomes[1].Rule != "X03" || len(r.Findings) != 4 {
		t.Errorf("%+v", r.Outcomes)
	}
	if _, err := a.Only("X09", "X08"); !errors.Is(err, audit.ErrRuleUnknown) || !strings.Contains(err.Error(), "X09") || !strings.Contains(err.Error(), "X08") {
		t.Errorf("%v", err)
	}
	if len(a.Rules()) != 3 {
		t.Error("Only changed the audit it came from")
	}
}

func TestARuleWhoseSourceIsAbsentIsNotClean(t *testing.T) {
	r := rule("X01", everyEntry)
	r.Reads = append(r.Reads, audit.RolesSource, audit.SealsSource)
	r.Uses = []audit.Declared{audit.AdjustmentsSource}
	o := run(t, foreign(t, foreignBook(1, 1)).Sources(), engagement(), r).Outcomes[0]
	if o.Status != audit.NotRun || o.Clean() || len(o.Missing) != 2 || o.Missing[0] != audit.RolesSource.Title() || len(o.Without) != 1 {
		t.Errorf("%+v", o)
	}
}

func TestARuleThatFailsDoesNotEndTheOthers(t *testing.T) {
	failing := func(at string) audit.Rule {
		return rule("F01", func(_ context.Context, t *audit.Task) error {
			fail := func(here string) error {
				if here == at {
					return errors.New("broken " + at)
				}
				return nil
			}
			t.EachBook(func(context.Context, *audit.Book) (audit.Hooks, error) {
				return audit.Hooks{
					Entry: func(context.Context, *audit.Entry) error { return fail("entry") }, End: func(context.Context) error { return fail("end") },
				}, fail("begin")
			})
			t.AtEnd(func(context.Context) error { return fail("finish") })
			return fail("check")
		})
	}
	for _, at := range []string{"check", "begin", "entry", "end", "finish"} {
		r := run(t, foreign(t, foreignBook(1, 3), foreignBook(2, 3)).Sources(), engagement(), failing(at), rule("X01", everyEntry))
		if o := r.Outcomes[0]; o.Status != audit.Failed || o.Failure != "broken "+at || o.Clean() {
			t.Errorf("%s: %+v", at, o)
		}
		if o := r.Outcomes[1]; o.Status != audit.Ran || o.Found != 6 {
			t.Errorf("%s: the other rule: %+v", at, o)
		}
	}
}

func TestARuleThatReadsWhatItDoesNotDeclarePanics(t *testing.T) {
	for name, check := range map[string]func(context.Context, *audit.Task) error{
		"a source":  func(_ context.Context, t *audit.Task) error { audit.RolesSource.In(t); return nil },
		"a setting": func(_ context.Context, t *audit.Task) error { t.Parameter("days"); return nil },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			run(t, foreign(t, foreignBook(1, 1)).Sources(), engagement(), rule("X01", check))
		}()
	}
}

func TestTheSameEngagementGivesTheSameBytes(t *testing.T) {
	sources := foreign(t, foreignBook(1, 20), foreignBook(2, 20)).Sources()
	encode := func(r *audit.Run) string {
		encoded, err := json.Marshal(r)
		must(t, err)
		return string(encoded)
	}
	drawing := rule("X02", func(_ context.Context, t *audit.Task) error {
		n := t.Rand().Int64()
		t.AtEnd(func(context.Context) error { t.Note(audit.Text{ZH: fmt.Sprint(n), EN: fmt.Sprint(n)}); return nil })
		return nil
	})
	e := engagement()
	first, second := run(t, sources, e, rule("X01", everyEntry), drawing), run(t, sources, e, rule("X01", everyEntry), drawing)
	if encode(first) != encode(second) || first.Result != first.Hash() {
		t.Error("two runs of one engagement differ")
	}
	e.By, e.Title, e.Clock = "another", "again", func() time.Time { return time.Date(2026, 3, 10, 23, 0, 0, 0, time.UTC) }
	third := run(t, sources, e, rule("X01", everyEntry), drawing)
	if third.Result != first.Result {
		t.Error("who and when change the result")
	}
	e.Seed = 7
	if run(t, sources, e, rule("X01", everyEntry), drawing).Result == first.Result {
		t.Error("another seed gives the same result")
	}
	other := foreign(t, foreignBook(1, 20), foreignBook(2, 21)).Sources()
	if run(t, other, engagement(), rule("X01", everyEntry), drawing).Result == first.Result {
		t.Error("other books give the same result")
	}
}

func TestARunReadsBackFromItsJSON(t *testing.T) {
	r := run(t, foreign(t, foreignBook(1, 3)).Sources(), engagement(), rule("X01", everyEntry))
	must(t, r.Respond(r.Findings[0].ID, audit.Explained, audit.Response{By: "agency", At: time.Date(2026, 3, 11, 0, 0, 0, 0, time.UTC), Text: "see attachment"}))
	encoded, err := json.Marshal(r)
	must(t, err)
	var back audit.Run
	must(t, json.Unmarshal(encoded, &back))
	again, err := json.Marshal(&back)
	must(t, err)
	if string(again) != string(encoded) || back.Hash() != r.Result {
		t.Errorf("reads back as\n%s\nwas\n%s", again, encoded)
	}
}

func TestFindingsAreInOrderNumberedAndBounded(t *testing.T) {
	backwards := rule("X02", func(ctx context.Context, t *audit.Task) error {
		t.AtEnd(func(context.Context) error {
			for _, period := range []int32{3, 1, 2, 1} {
				t.Report(audit.Finding{Book: audit.BookRef{Realm: 1, Number: 1}, Period: 202600 + 0, Subjects: []audit.Subject{{Name: "n", Value: fmt.Sprint(period)}}, Text: both})
			}
			return nil
		})
		return nil
	})
	e := engagement()
	e.MostFindings = 3
	r := run(t, foreign(t, foreignBook(2, 2), foreignBook(1, 2)).Sources(), e, rule("X01", everyEntry), backwards)
	var names []string
	for _, f := range r.Findings {
		names = append(names, f.Rule+" "+f.Book.String()+" "+f.Name())
	}
	want := []string{"X01 1/1 entry 1", "X01 1/1 entry 2", "X01 1/2 entry 1", "X02 1/1 n 1", "X02 1/1 n 2", "X02 1/1 n 3"}
	if !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
	if o := r.Outcomes[0]; o.Found != 4 || o.Kept != 3 || o.AtRisk[0].String() != "0.06 CNY" {
		t.Errorf("%+v", o)
	}
	ids := map[string]bool{}
	for _, f := range r.Findings {
		if ids[f.ID] || !strings.HasPrefix(f.ID, f.Rule+"-") {
			t.Errorf("id %q", f.ID)
		}
		ids[f.ID] = true
	}
}

func TestAnswersAreCarriedOverToFindingsThatHaveNotChanged(t *testing.T) {
	e := engagement()
	first := run(t, foreign(t, foreignBook(1, 3)).Sources(), e, rule("X01", everyEntry))
	answer := audit.Response{By: "agency", At: e.Clock(), Text: "done"}
	for _, f := range first.Findings {
		must(t, first.Respond(f.ID, audit.Remedied, answer))
	}
	if first.Hash() != first.Result {
		t.Error("answers change the result")
	}
	changed := foreignBook(1, 3)
	changed.Entries[1].Lines[0].Amount = 99
	second := run(t, foreign(t, changed).Sources(), e, rule("X01", everyEntry))
	if n := second.CarryOver(first); n != 2 {
		t.Errorf("%d answers were carried over", n)
	}
	if f := second.Findings[1]; f.Status != audit.Open || f.Response != nil {
		t.Errorf("an answer to 0.02 stands under 0.99: %+v", f)
	}
	if f := second.Findings[0]; f.Status != audit.Remedied || f.Response.Text != "done" {
		t.Errorf("%+v", f)
	}
}

func TestAnAnswerNeedsAuthorTimeAndText(t *testing.T) {
	r := run(t, foreign(t, foreignBook(1, 1)).Sources(), engagement(), rule("X01", everyEntry))
	at := time.Date(2026, 3, 11, 0, 0, 0, 0, time.UTC)
	for _, response := range []audit.Response{{At: at, Text: "x"}, {By: "x", Text: "x"}, {By: "x", At: at, Text: " "}} {
		if err := r.Respond(r.Findings[0].ID, audit.Explained, response); !errors.Is(err, audit.ErrResponseInvalid) {
			t.Errorf("%+v: %v", response, err)
		}
	}
	whole := audit.Response{By: "x", At: at, Text: "x"}
	if err := r.Respond(r.Findings[0].ID, "done", whole); !errors.Is(err, audit.ErrResponseInvalid) {
		t.Errorf("%v", err)
	}
	if err := r.Respond("X01-000", audit.Explained, whole); !errors.Is(err, audit.ErrFindingUnknown) {
		t.Errorf("%v", err)
	}
}

func TestAnEndedContextEndsTheRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	stopping := rule("X01", func(_ context.Context, t *audit.Task) error {
		t.EachBook(func(context.Context, *audit.Book) (audit.Hooks, error) {
			return audit.Hooks{Entry: func(context.Context, *audit.Entry) error { cancel(); return nil }}, nil
		})
		return nil
	})
	a, err := audit.New(foreign(t, foreignBook(1, 3)).Sources(), stopping)
	must(t, err)
	if _, err := a.Run(ctx, engagement()); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
