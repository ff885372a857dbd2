// Package export holds what the export formats share: a book read once in its order, with the names its accounts have now.
//
// The formats are in the packages below, one each, so that a program links what it uses. An export is whole or it is refused: a record that cannot be read ends it
// with an error. What a foreign book holds that a format has no room for, such as a date that does not exist, is an *Error too.
package export

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// Error says why a book, or an entry of it, cannot be written.
type Error struct {
	Book   ledger.BookID
	Seq    ledger.Seq // zero where the book as a whole is meant
	Detail string
	Hint   string
}

func (e *Error) Error() string {
	where := "book " + e.Book.String()
	if e.Seq != 0 {
		where += fmt.Sprintf(", entry %d", e.Seq)
	}
	return fmt.Sprintf("export: %s: %s; %s", where, e.Detail, e.Hint)
}

// Totals counts what was written, so that the receiver can be told and can count again.
type Totals struct {
	Entries int64 // with lines
	Acts    int64 // without
	Lines   int64
	Debit   money.Amount // of all lines, red ones with their sign
	Credit  money.Amount
}

func (t *Totals) add(e *audit.Entry) error {
	if len(e.Lines) == 0 {
		t.Acts++
		return nil
	}
	t.Entries++
	t.Lines += int64(len(e.Lines))
	var err error
	for _, line := range e.Lines {
		if line.Side == ledger.Debit {
			t.Debit, err = t.Debit.Add(line.Amount)
		} else {
			t.Credit, err = t.Credit.Add(line.Amount)
		}
		if err != nil {
			return &Error{Book: e.Book, Seq: e.Seq, Detail: "the sum of all lines leaves the range of an amount", Hint: "export a shorter stretch"}
		}
	}
	return nil
}

// Journal is one book on its way out.
type Journal struct {
	Book     ledger.Book // as it stood when the journal was opened; entries that are posted later are not exported
	Totals   Totals      // of what Entries has given so far
	Last     calendar.Date
	books    audit.Books
	balances audit.Balances
	names    map[string]string
	listed   []ledger.Account
}

// Open opens a book. balances may be nil: then nothing can be asserted of the balances.
func Open(ctx context.Context, books audit.Books, balances audit.Balances, book ledger.BookID) (*Journal, error) {
	list, err := books.Books(ctx)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(list, func(b ledger.Book) bool { return b.ID == book })
	if at < 0 {
		return nil, &Error{Book: book, Detail: "not among the books given", Hint: "name it in audit.ReadLedger or audit.NewForeign"}
	}
	j := &Journal{Book: list[at], books: books, balances: balances, names: map[string]string{}}
	if j.listed, err = books.Accounts(ctx, book); err != nil {
		return nil, err
	}
	for _, a := range j.listed {
		j.names[a.Code] = a.Name
	}
	return j, nil
}

// Accounts returns the accounts of the chart, members not among them, by number.
func (j *Journal) Accounts() []ledger.Account { return j.listed }

// Name returns the name of an account as it is now, whatever it was called when an entry was posted: a file has one name for an account.
func (j *Journal) Name(account *ledger.Account) string {
	if name, ok := j.names[account.Code]; ok {
		return name
	}
	return account.Name
}

// path returns an account with those above it, the top one first.
func path(chart *audit.Chart, account *ledger.Account) []*ledger.Account {
	up := []*ledger.Account{account}
	for above := chart.Account(account.Parent); above != nil && len(up) <= 100; above = chart.Account(above.Parent) { // a damaged chart may go round
		up = append(up, above)
	}
	slices.Reverse(up)
	return up
}

// Entries streams the book's entries in order, counts them, and refuses dates that do not exist. Stop at the first error.
func (j *Journal) Entries(ctx context.Context) iter.Seq2[*audit.Entry, error] {
	return func(yield func(*audit.Entry, error) bool) {
		for e, err := range j.books.Entries(ctx, j.Book.ID, j.Book.Seq) {
			if unreadable, ok := errors.AsType[*audit.Unreadable](err); ok {
				err = &Error{Book: j.Book.ID, Seq: unreadable.Seq, Detail: unreadable.Error(), Hint: "an export is whole or none: verify the book first"}
			}
			if err == nil && !e.Effective.Valid() {
				err = &Error{Book: j.Book.ID, Seq: e.Seq, Detail: fmt.Sprintf("its date %d does not exist", int32(e.Effective)), Hint: "such a book can be audited, but not exported"}
			}
			if err == nil {
				err = j.Totals.add(e)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if len(e.Lines) > 0 {
				j.Last = max(j.Last, e.Effective)
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

// Closing returns the stated balances at the end of the month of the last entry, which hold everything that Entries gave. It returns false where none are
// stated, and for a book without entries.
func (j *Journal) Closing(ctx context.Context) (ledger.TrialBalance, bool, error) {
	if j.balances == nil || j.Last.IsZero() {
		return ledger.TrialBalance{}, false, nil
	}
	trial, err := j.balances.Month(ctx, j.Book.ID, j.Last.Month(), j.Book.Seq)
	if errors.Is(err, audit.ErrNotStated) {
		return ledger.TrialBalance{}, false, nil
	}
	return trial, err == nil, err
}

// Signed returns a line's amount as debit less credit.
func Signed(line ledger.Line) money.Amount { return line.Amount * money.Amount(line.Side) }
