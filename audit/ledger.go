package audit

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/seal"
)

// LedgerReader is what an audit reads of a *ledger.Ledger. It has no method that writes, so that nothing of an audit can.
type LedgerReader interface {
	Book(ctx context.Context, id ledger.BookID) (ledger.Book, error)
	Account(ctx context.Context, book ledger.BookID, code string) (ledger.Account, error)
	Entry(ctx context.Context, book ledger.BookID, seq ledger.Seq) (ledger.Entry, error)
	Entries(ctx context.Context, book ledger.BookID, first, last ledger.Seq) iter.Seq2[ledger.Entry, error]
	TrialBalance(ctx context.Context, book ledger.BookID, r ledger.Range) (ledger.TrialBalance, error)
	Verify(ctx context.Context, book ledger.BookID, options ledger.VerifyOptions) (*ledger.VerifyReport, error)
}

// LedgerBooks gives books of a ledger to rules and exports, as Books, Balances and Seals. Entries, accounts and closings come from the sealed records, trial
// balances from the rows beside them: where the two differ, somebody changed one of them.
type LedgerBooks struct {
	ledger LedgerReader
	books  []ledger.BookID
	deep   bool
}

// ReadLedger returns the named books of a ledger.
func ReadLedger(l LedgerReader, books ...ledger.BookID) *LedgerBooks {
	return &LedgerBooks{ledger: l, books: slices.Clone(books)}
}

// Deep returns the same books with Verify recomputing the trees over the lines of every entry too.
func (b *LedgerBooks) Deep() *LedgerBooks {
	deep := *b
	deep.deep = true
	return &deep
}

// Sources returns the books as sources for New.
func (b *LedgerBooks) Sources() []Source {
	return []Source{BooksSource.Given(b), BalancesSource.Given(b), SealsSource.Given(b)}
}

// Books implements Books.
func (b *LedgerBooks) Books(ctx context.Context) ([]ledger.Book, error) {
	list := make([]ledger.Book, 0, len(b.books))
	for _, id := range b.books {
		book, err := b.ledger.Book(ctx, id)
		if err != nil {
			return nil, err
		}
		list = append(list, book)
	}
	slices.SortFunc(list, func(x, y ledger.Book) int { return compareBooks(x.ID, y.ID) })
	return list, nil
}

// Entry implements Books.
func (b *LedgerBooks) Entry(ctx context.Context, book ledger.BookID, seq ledger.Seq) (ledger.Entry, error) {
	return b.ledger.Entry(ctx, book, seq)
}

// allDates is every effective date there can be.
var allDates = ledger.Range{From: calendar.MustDate(1, 1, 1), To: calendar.MustDate(9999, 12, 31)}

// Accounts implements Books.
func (b *LedgerBooks) Accounts(ctx context.Context, book ledger.BookID) ([]ledger.Account, error) {
	trial, err := b.ledger.TrialBalance(ctx, book, allDates)
	if err != nil {
		return nil, err
	}
	accounts := make([]ledger.Account, len(trial.Rows))
	for i := range trial.Rows {
		accounts[i] = trial.Rows[i].Account
	}
	return accounts, nil
}

// Month implements Balances.
func (b *LedgerBooks) Month(ctx context.Context, book ledger.BookID, month calendar.Month, seq ledger.Seq) (ledger.TrialBalance, error) {
	return b.ledger.TrialBalance(ctx, book, ledger.Range{From: month.First(), To: month.Last(), Seq: seq})
}

// Verify implements Seals.
func (b *LedgerBooks) Verify(ctx context.Context, book ledger.BookID) (*ledger.VerifyReport, error) {
	return b.ledger.Verify(ctx, book, ledger.VerifyOptions{Deep: b.deep})
}

// Entries implements Books. Records that are missing or damaged come as *Unreadable; the others are read one by one around them.
func (b *LedgerBooks) Entries(ctx context.Context, book ledger.BookID, last ledger.Seq) iter.Seq2[*Entry, error] {
	return func(yield func(*Entry, error) bool) {
		r := &recordReader{ledger: b.ledger, book: book, last: last, next: 1, chart: NewChart(nil), yield: yield}
		for r.next <= r.last && !r.stopped {
			r.stream(ctx)
			if !r.stopped && r.next <= r.last {
				r.oneByOne(ctx)
			}
		}
		r.tellMissing()
	}
}

// entriesOneByOne is how far a damaged page of records is read record by record before streaming is tried again.
const entriesOneByOne = 256

// recordReader reads a book and builds its chart from the acts in it.
type recordReader struct {
	ledger  LedgerReader
	book    ledger.BookID
	next    ledger.Seq
	last    ledger.Seq
	chart   *Chart
	opened  ledger.AccountNo // number of accounts opened so far
	damaged bool             // an act may have been missed, so that opened cannot be relied upon
	unread  *Unreadable      // records that cannot be read and have not been told yet
	stopped bool
	yield   func(*Entry, error) bool
}

// stream reads until the end, an error, or a damaged record.
func (r *recordReader) stream(ctx context.Context) {
	for e, err := range r.ledger.Entries(ctx, r.book, r.next, r.last) {
		if errors.Is(err, ledger.ErrCorrupt) {
			return
		}
		if err != nil {
			r.stop(err)
			return
		}
		if e.Seq < r.next {
			continue
		}
		if e.Seq > r.next {
			r.missing(r.next, int64(e.Seq-r.next), "there is no record")
		}
		r.give(ctx, e)
		if r.stopped {
			return
		}
	}
}

func (r *recordReader) oneByOne(ctx context.Context) {
	for end := min(r.last, r.next+entriesOneByOne-1); r.next <= end && !r.stopped; {
		e, err := r.ledger.Entry(ctx, r.book, r.next)
		switch {
		case errors.Is(err, ledger.ErrEntryUnknown):
			r.missing(r.next, 1, "there is no record")
		case errors.Is(err, ledger.ErrCorrupt):
			r.missing(r.next, 1, err.Error())
		case err != nil:
			r.stop(err)
		case e.Seq != r.next:
			r.missing(r.next, 1, fmt.Sprintf("the record in its place says that it is entry %d", e.Seq))
		default:
			r.give(ctx, e)
		}
	}
}

func (r *recordReader) stop(err error) {
	r.tellMissing()
	if !r.stopped {
		r.stopped = true
		r.yield(nil, err)
	}
}

// missing notes records that cannot be read; neighbours with one reason are told together.
func (r *recordReader) missing(from ledger.Seq, count int64, reason string) {
	r.damaged = true
	r.next = from + ledger.Seq(count)
	if u := r.unread; u != nil && u.Reason == reason && u.Seq+ledger.Seq(u.Count) == from {
		u.Count += count
		return
	}
	r.tellMissing()
	r.unread = &Unreadable{Book: BookRef(r.book), Seq: from, Count: count, Reason: reason}
}

func (r *recordReader) tellMissing() {
	if r.unread != nil && !r.stopped {
		r.stopped = !r.yield(nil, r.unread)
	}
	r.unread = nil
}

func (r *recordReader) give(ctx context.Context, e ledger.Entry) {
	r.next = e.Seq + 1
	r.tellMissing()
	if r.stopped {
		return
	}
	entry := &Entry{Entry: e, chart: r.chart}
	if err := r.act(ctx, entry); err != nil {
		r.stop(err)
	}
	if r.stopped {
		return
	}
	r.stopped = !r.yield(entry, nil)
}

// The ledger's own acts that say what an audit needs to know, and the content of their records.
const (
	accountsOpened = "ledger.accounts.open"
	accountClosed  = "ledger.account.close"
	accountNamed   = "ledger.account.name"
)

type openedAccount struct {
	_              struct{} `cbor:",toarray"`
	Code, Name     string
	Type           ledger.AccountType
	Section        ledger.Section
	Class          ledger.Class
	Parent         ledger.AccountNo
	NeverBelowZero bool
}

type closedAccount struct {
	_       struct{} `cbor:",toarray"`
	Account ledger.AccountNo
}

type namedAccount struct {
	_       struct{} `cbor:",toarray"`
	Account ledger.AccountNo
	Name    string
}

type actedPeriod struct {
	_      struct{} `cbor:",toarray"`
	Period int32
}

// act carries an act of the ledger into the chart, or into the entry.
func (r *recordReader) act(ctx context.Context, e *Entry) error {
	switch e.Kind {
	case accountsOpened:
		return r.open(ctx, e)
	case accountClosed:
		var act closedAccount
		if err := seal.DecodeAct(e.Act, &act); err != nil {
			return r.badAct(e, err)
		}
		if a := r.chart.Account(act.Account); a != nil {
			a.Closed = e.Effective
		}
	case accountNamed:
		var act namedAccount
		if err := seal.DecodeAct(e.Act, &act); err != nil {
			return r.badAct(e, err)
		}
		if a := r.chart.Account(act.Account); a != nil {
			a.Name = act.Name
		}
	case string(ledger.PeriodClosed), string(ledger.PeriodReopened), string(ledger.PeriodIssued), string(ledger.YearFinalised):
		var act actedPeriod
		if err := seal.DecodeAct(e.Act, &act); err != nil {
			return r.badAct(e, err)
		}
		e.PeriodAct = &ledger.PeriodAct{Seq: e.Seq, Kind: ledger.PeriodActKind(e.Kind), Period: calendar.Period(act.Period)}
	}
	return nil
}

// badAct marks an act whose content cannot be read; what it did is missing from then on.
func (r *recordReader) badAct(e *Entry, err error) error {
	r.damaged = true
	if !r.yield(nil, &Unreadable{Book: BookRef(r.book), Seq: e.Seq, Count: 1, Reason: err.Error()}) {
		r.stopped = true
	}
	return nil
}

func (r *recordReader) open(ctx context.Context, e *Entry) error {
	var acts []openedAccount
	if err := seal.DecodeAct(e.Act, &acts); err != nil {
		return r.badAct(e, err)
	}
	for _, act := range acts {
		r.opened++
		no := r.opened
		if r.damaged {
			stored, err := r.ledger.Account(ctx, r.book, act.Code)
			if err != nil && !errors.Is(err, ledger.ErrAccountUnknown) {
				return err
			}
			if err == nil {
				no = stored.No
			}
			r.opened = no
		}
		r.chart.add(ledger.Account{
			No: no, Code: act.Code, Name: act.Name, Type: act.Type, Section: act.Section, Class: act.Class, Parent: act.Parent,
			NeverBelowZero: act.NeverBelowZero, Opened: e.Effective,
		})
	}
	return nil
}

func compareBooks(x, y ledger.BookID) int {
	if x.Realm != y.Realm {
		return int(x.Realm) - int(y.Realm)
	}
	return int(x.Number) - int(y.Number)
}
