package audit

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// Scope is the stretch of time under audit. Zero From and To leave it open. Rules read all entries, because balances need them, and report what lies within.
type Scope struct {
	From calendar.Period `json:"from,omitzero"`
	To   calendar.Period `json:"to,omitzero"`

	// AsOf is the day as of which ages are counted; a month or year that ends after it is not judged as ended.
	AsOf calendar.Date `json:"as_of"`
}

// HasPeriod reports whether a period lies within the scope. Entries that name no period are always within.
func (s Scope) HasPeriod(p calendar.Period) bool {
	return p.IsZero() || (s.From.IsZero() || p >= s.From) && (s.To.IsZero() || p <= s.To)
}

// HasMonth reports whether a month lies within the scope and has ended by AsOf.
func (s Scope) HasMonth(m calendar.Month) bool { return s.HasPeriod(m.Period()) && m.Last() <= s.AsOf }

// HasEntry reports whether an entry lies within the scope, by its period, or by the month of its date where it has none.
func (s Scope) HasEntry(e *Entry) bool {
	if e.Period.IsZero() && !e.Effective.IsZero() {
		return s.HasPeriod(e.Effective.Month().Period())
	}
	return s.HasPeriod(e.Period)
}

// Book is a book in a run.
type Book struct {
	ledger.Book        // as it stood at the checkpoint
	Chart       *Chart // the accounts that the entries read so far brought; nil before the first entry
}

// Ref returns the book's id as it stands in findings.
func (b *Book) Ref() BookRef { return BookRef(b.ID) }

// Sum returns an amount in the book's currency.
func (b *Book) Sum(amount money.Amount) Sum { return Sum{Amount: amount, Currency: b.Currency} }

// MonthBalances is a stated trial balance of one month.
type MonthBalances struct {
	Month calendar.Month
	Trial ledger.TrialBalance
	Chart *Chart // of the rows
}

// Hooks are what a rule wants to see of one book. Each may be nil.
type Hooks struct {
	// Entry is called for each entry, in the order of the book.
	Entry func(ctx context.Context, e *Entry) error

	// Month is called after the last entry for each month that the source of balances states, in order, from the book's first one to that of its last entry.
	// A rule that sets it reads BalancesSource.
	Month func(ctx context.Context, m *MonthBalances) error

	// End is called after the last entry and month.
	End func(ctx context.Context) error
}

// Task is the work of one rule in one run.
type Task struct {
	rule     *Rule
	sources  map[string]Source
	scope    Scope
	seed     uint64
	settings map[string]int64
	most     int
	outcome  *Outcome

	begins   []func(ctx context.Context, book *Book) (Hooks, error)
	ends     []func(ctx context.Context) error
	findings []Finding
	ids      map[string]int
	err      error
}

func (t *Task) declared(source string) bool {
	same := func(d Declared) bool { return d.Name() == source }
	return slices.ContainsFunc(t.rule.Reads, same) || slices.ContainsFunc(t.rule.Uses, same)
}

// EachBook registers what the rule wants to see of each book. begin is called when the reading of a book begins, so that what it makes serves that book
// alone. One reading of a book serves all rules.
func (t *Task) EachBook(begin func(ctx context.Context, book *Book) (Hooks, error)) {
	t.begins = append(t.begins, begin)
}

// AtEnd registers what is to be done after the last book, or, for a rule that reads no book, at once.
func (t *Task) AtEnd(end func(ctx context.Context) error) { t.ends = append(t.ends, end) }

func (t *Task) end(ctx context.Context) {
	for _, end := range t.ends {
		if t.err == nil {
			t.err = end(ctx)
		}
	}
}

// Scope returns the stretch of time under audit.
func (t *Task) Scope() Scope { return t.scope }

// Parameter returns the setting in force; asking for one that the rule does not have is a mistake in the rule and panics.
func (t *Task) Parameter(name string) int64 {
	value, ok := t.settings[name]
	if !ok {
		panic(fmt.Sprintf("audit: rule %s has no parameter %q", t.rule.ID, name))
	}
	return value
}

// Rand returns random numbers that follow from the engagement's seed and the rule's id alone.
func (t *Task) Rand() *rand.Rand {
	var seed [8]byte
	binary.BigEndian.PutUint64(seed[:], t.seed)
	return rand.New(rand.NewChaCha8(sha256.Sum256(append(seed[:], t.rule.ID...)))) //nolint:gosec // it must be repeatable
}

// Report adds a finding. The rule gives Book, Period, Subjects, AtRisk, Text and Evidence, in an order that is the same in every run.
func (t *Task) Report(f Finding) {
	t.outcome.Found++
	t.outcome.addRisk(f.AtRisk)
	if len(t.findings) >= t.most {
		return
	}
	f.Rule, f.Version, f.Kind, f.Status, f.Response = t.rule.ID, t.rule.Version, t.rule.Kind, Open, nil
	if f.Severity == 0 {
		f.Severity = t.rule.Severity
	}
	id := f.identity()
	t.ids[id]++
	if n := t.ids[id]; n > 1 {
		id = fmt.Sprintf("%s-%d", id, n)
	}
	f.ID = id
	t.findings = append(t.findings, f)
	t.outcome.Kept++
}

// Note adds a remark to the rule's outcome: what it could not look at, and why. The same remark is kept once.
func (t *Task) Note(note Text) {
	if !slices.Contains(t.outcome.Notes, note) {
		t.outcome.Notes = append(t.outcome.Notes, note)
	}
}

// Examined adds to the count of what the rule looked at.
func (t *Task) Examined(what Text, n int64) {
	for i := range t.outcome.Examined {
		if t.outcome.Examined[i].What == what {
			t.outcome.Examined[i].N += n
			return
		}
	}
	t.outcome.Examined = append(t.outcome.Examined, Count{What: what, N: n})
}
