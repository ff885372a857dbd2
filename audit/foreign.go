package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"slices"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/seal"
)

// ForeignBook is a book of another system as it was taken in (外部账套): entries may be unbalanced, numbered twice, dated outside their period, or on accounts
// that do not exist. Nothing is put right; that is what rules are for.
type ForeignBook struct {
	// Book says what the book is. ID, Code, Name and Currency are needed, First where months are to be judged; the rest is filled in.
	Book ledger.Book

	// Accounts is the chart. Those without a number get one by their place, from 1; Parent refers to numbers. Section is General where none is given, Class
	// Heading or Detail by whether others stand below.
	Accounts []ledger.Account

	// Entries are in the order of the other system's journal. Seq, Book, FirstOrdinal and Leaf are filled in: Seq by place, from 1. The other system's own number
	// goes into Voucher, Key or Source. Lines name accounts by number or code. Reverses refers to places.
	Entries []ForeignEntry

	// Stated are the balance tables that the other system printed, by month. Rows name their accounts by number or code.
	Stated []StatedMonth
}

// ForeignEntry is an entry of another system, or the closing or reopening of a period there.
type ForeignEntry struct {
	ledger.Entry
	PeriodAct *ledger.PeriodAct // Kind and Period are needed; ledger.PeriodClosed and ledger.PeriodReopened are the kinds that rules follow
}

// StatedMonth is a balance table of another system (科目余额表).
type StatedMonth struct {
	Month calendar.Month
	Rows  []ledger.TrialRow
}

// Foreign gives books of other systems to rules and exports. It is read only once it is made.
type Foreign struct {
	books  []*foreignBook
	stated bool
}

type foreignBook struct {
	ledger.Book
	accounts []ledger.Account
	entries  []ForeignEntry
	stated   map[calendar.Month]ledger.TrialBalance
	chart    *Chart
}

// NewForeign takes books in. It refuses, with ErrBookInvalid for each fault, only what would leave nothing to refer to: a book without id or currency, two
// books of one id, two accounts of one code or number, a stated row on an unknown account.
func NewForeign(books ...ForeignBook) (*Foreign, error) {
	var wrong faults
	f := &Foreign{stated: len(books) > 0}
	seen := map[ledger.BookID]bool{}
	for i := range books {
		id := books[i].Book.ID
		if id.Realm <= 0 || id.Number <= 0 || seen[id] || books[i].Book.Currency.IsZero() {
			wrong.add(ErrBookInvalid, "book "+id.String(), "it has no id or currency, or another book has its id", "number realms and books from 1 and give each a currency")
		}
		seen[id] = true
		f.books = append(f.books, takeIn(&books[i], &wrong))
		f.stated = f.stated && len(books[i].Stated) > 0
	}
	slices.SortFunc(f.books, func(x, y *foreignBook) int { return compareBooks(x.ID, y.ID) })
	if err := wrong.err(); err != nil {
		return nil, err
	}
	return f, nil
}

func takeIn(given *ForeignBook, wrong *faults) *foreignBook {
	b := &foreignBook{Book: given.Book, accounts: slices.Clone(given.Accounts), entries: slices.Clone(given.Entries), stated: map[calendar.Month]ledger.TrialBalance{}}
	subject := "book " + given.Book.ID.String()
	numbers, codes := map[ledger.AccountNo]bool{}, map[string]bool{}
	for i := range b.accounts {
		a := &b.accounts[i]
		if a.No == 0 {
			a.No = ledger.AccountNo(i + 1)
		}
		if a.Section == 0 {
			a.Section = ledger.General
		}
		if numbers[a.No] || codes[a.Code] {
			wrong.add(ErrBookInvalid, subject, fmt.Sprintf("account %q, number %d, is there twice", a.Code, a.No), "give each account its own code and number")
		}
		numbers[a.No], codes[a.Code] = true, true
	}
	b.classify()
	b.chart = NewChart(b.accounts)
	b.number()
	b.state(given.Stated, subject, wrong)
	return b
}

// classify makes an account without a class a heading where another one stands below it, and a detail account otherwise.
func (b *foreignBook) classify() {
	above := map[ledger.AccountNo]bool{}
	for i := range b.accounts {
		above[b.accounts[i].Parent] = true
	}
	for i := range b.accounts {
		a := &b.accounts[i]
		switch {
		case a.Class != 0:
		case above[a.No]:
			a.Class = ledger.Heading
		default:
			a.Class = ledger.Detail
		}
	}
}

// number gives entries their places, and the tree that names this state of the book in a checkpoint.
func (b *foreignBook) number() {
	var tree seal.Frontier
	var ordinal int64
	for i := range b.entries {
		e := &b.entries[i].Entry
		e.Book, e.Seq, e.FirstOrdinal, e.Leaf = b.ID, ledger.Seq(i+1), ordinal, seal.Hash{}
		if act := b.entries[i].PeriodAct; act != nil {
			b.entries[i].PeriodAct = &ledger.PeriodAct{Seq: e.Seq, Kind: act.Kind, Period: act.Period}
		}
		ordinal += int64(len(e.Lines))
		encoded, err := json.Marshal(&b.entries[i])
		if err != nil {
			encoded = fmt.Appendf(nil, "%+v", b.entries[i]) // a time no JSON can hold
		}
		e.Leaf = sha256.Sum256(encoded)
		tree.Append(e.Leaf, nil)
		b.close(b.entries[i].PeriodAct)
	}
	b.Seq, b.Lines, b.Book.Accounts, b.Root = ledger.Seq(len(b.entries)), ordinal, int64(len(b.accounts)), tree.Root()
}

// close keeps the highest period that stands closed.
func (b *foreignBook) close(act *ledger.PeriodAct) {
	switch {
	case act == nil:
	case act.Kind == ledger.PeriodClosed:
		b.ClosedThrough = max(b.ClosedThrough, act.Period)
	case act.Kind == ledger.PeriodReopened && act.Period == b.ClosedThrough:
		b.ClosedThrough = act.Period.Previous()
	}
}

func (b *foreignBook) state(stated []StatedMonth, subject string, wrong *faults) {
	for _, s := range stated {
		trial := ledger.TrialBalance{Book: b.Book, Range: ledger.Range{From: s.Month.First(), To: s.Month.Last(), Seq: b.Seq}, Rows: slices.Clone(s.Rows)}
		if _, twice := b.stated[s.Month]; twice || !s.Month.Valid() {
			wrong.add(ErrBookInvalid, subject, fmt.Sprintf("the balances of month %v are there twice, or it is no month", s.Month), "give each month once")
		}
		for i := range trial.Rows {
			row := &trial.Rows[i]
			account := b.chart.Account(row.Account.No)
			if account == nil {
				account = b.chart.Code(row.Account.Code)
			}
			if account == nil {
				wrong.add(ErrBookInvalid, subject, fmt.Sprintf("balances of %v state account %q, which is not in the chart", s.Month, row.Account.Code), "add it to the chart")
				continue
			}
			row.Account = *account
		}
		b.stated[s.Month] = trial
	}
}

// Sources returns the books as sources for New: entries, and balances where every book has stated some.
func (f *Foreign) Sources() []Source {
	sources := []Source{BooksSource.Given(f)}
	if f.stated {
		sources = append(sources, BalancesSource.Given(f))
	}
	return sources
}

// Identity is the SHA-256 over the books' ids and roots, for the run.
func (f *Foreign) Identity(context.Context) (string, error) {
	hash := sha256.New()
	for _, b := range f.books {
		fmt.Fprintf(hash, "%s %s %x\n", b.ID, b.Currency, b.Root)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

func (f *Foreign) book(id ledger.BookID) (*foreignBook, error) {
	for _, b := range f.books {
		if b.ID == id {
			return b, nil
		}
	}
	return nil, &ledger.Error{Code: ledger.ErrBookUnknown, Book: id, Draft: -1, Line: -1, Detail: "no such book was taken in", Hint: "check its id"}
}

// Books implements Books.
func (f *Foreign) Books(context.Context) ([]ledger.Book, error) {
	list := make([]ledger.Book, len(f.books))
	for i, b := range f.books {
		list[i] = b.Book
	}
	return list, nil
}

// Entries implements Books.
func (f *Foreign) Entries(ctx context.Context, book ledger.BookID, last ledger.Seq) iter.Seq2[*Entry, error] {
	return func(yield func(*Entry, error) bool) {
		b, err := f.book(book)
		if err != nil {
			yield(nil, err)
			return
		}
		for i := range b.entries[:min(int(max(last, 0)), len(b.entries))] {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			if !yield(&Entry{Entry: b.entries[i].Entry, PeriodAct: b.entries[i].PeriodAct, chart: b.chart}, nil) {
				return
			}
		}
	}
}

// Entry implements Books.
func (f *Foreign) Entry(_ context.Context, book ledger.BookID, seq ledger.Seq) (ledger.Entry, error) {
	b, err := f.book(book)
	if err != nil {
		return ledger.Entry{}, err
	}
	if seq < 1 || int(seq) > len(b.entries) {
		return ledger.Entry{}, &ledger.Error{Code: ledger.ErrEntryUnknown, Book: book, Draft: -1, Line: -1, Detail: fmt.Sprintf("no entry %d", seq), Hint: "check its number"}
	}
	return b.entries[seq-1].Entry, nil
}

// Accounts implements Books.
func (f *Foreign) Accounts(_ context.Context, book ledger.BookID) ([]ledger.Account, error) {
	b, err := f.book(book)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(b.accounts), func(a ledger.Account) bool { return a.Class == ledger.Member }), nil
}

// Month implements Balances.
func (f *Foreign) Month(_ context.Context, book ledger.BookID, month calendar.Month, _ ledger.Seq) (ledger.TrialBalance, error) {
	b, err := f.book(book)
	if err != nil {
		return ledger.TrialBalance{}, err
	}
	trial, ok := b.stated[month]
	if !ok {
		return ledger.TrialBalance{}, &Error{Code: ErrNotStated, Subject: fmt.Sprintf("book %v, %v", book, month), Detail: "no balances were taken in", Hint: "take them in"}
	}
	return trial, nil
}
