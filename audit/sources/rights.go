package sources

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
)

// Rights gives the personal accounts that stand in books as accounts of class Member (个人账户), from the sealed entries and not from the rows beside them. The books
// may be those of a ledger (audit.ReadLedger) or of another system (audit.Foreign). Entries that cannot be read end the rules that read it as failed.
type Rights struct {
	Books audit.Books

	// Through is the last entry that is read of a book, where it is not the last that there is.
	Through map[ledger.BookID]ledger.Seq

	// Person returns the internal number of the person whose account has a code; what follows the last slash, as accounts/personal writes it, if nil.
	Person func(code string) string
}

// Sources returns the source for audit.New.
func (r Rights) Sources() []audit.Source { return []audit.Source{audit.RightsSource.Given(r)} }

// Identity names the books that are read and how far.
func (r Rights) Identity(ctx context.Context) (string, error) {
	list, err := r.Books.Books(ctx)
	names := make([]string, len(list))
	for i := range list {
		names[i] = fmt.Sprintf("book %v after entry %d", list[i].ID, r.last(&list[i]))
	}
	return strings.Join(names, ", "), err
}

func (r Rights) last(book *ledger.Book) ledger.Seq {
	if last, ok := r.Through[book.ID]; ok {
		return last
	}
	return book.Seq
}

func (r Rights) person(code string) string {
	if r.Person != nil {
		return r.Person(code)
	}
	return code[strings.LastIndexByte(code, '/')+1:]
}

// Accounts implements audit.Rights.
func (r Rights) Accounts(ctx context.Context) iter.Seq2[audit.RightsAccount, error] {
	return func(yield func(audit.RightsAccount, error) bool) {
		list, err := r.Books.Books(ctx)
		if err != nil {
			yield(audit.RightsAccount{}, err)
			return
		}
		for i := range list {
			book := &list[i]
			var chart *audit.Chart
			for e, err := range r.Books.Entries(ctx, book.ID, r.last(book)) {
				if err != nil {
					yield(audit.RightsAccount{}, err)
					return
				}
				chart = e.Chart()
			}
			if chart == nil {
				continue
			}
			for _, a := range chart.Accounts() {
				if a.Class != ledger.Member {
					continue
				}
				account := audit.RightsAccount{
					Origin:  audit.Origin{Book: book.ID, ID: fmt.Sprintf("account %s", a.Code), Currency: book.Currency},
					Account: a.Code, Person: r.person(a.Code), Opened: a.Opened, Settled: a.Closed,
				}
				if !yield(account, nil) {
					return
				}
			}
		}
	}
}

// Movements implements audit.Rights: the lines of members' accounts in the order of the book.
func (r Rights) Movements(ctx context.Context) iter.Seq2[audit.RightsMovement, error] {
	return func(yield func(audit.RightsMovement, error) bool) {
		list, err := r.Books.Books(ctx)
		if err != nil {
			yield(audit.RightsMovement{}, err)
			return
		}
		for i := range list {
			book := &list[i]
			for e, err := range r.Books.Entries(ctx, book.ID, r.last(book)) {
				if err != nil {
					yield(audit.RightsMovement{}, err)
					return
				}
				if !r.lines(book, e, yield) {
					return
				}
			}
		}
	}
}

func (r Rights) lines(book *ledger.Book, e *audit.Entry, yield func(audit.RightsMovement, error) bool) bool {
	for i := range e.Lines {
		line, account := &e.Lines[i], e.Account(i)
		if account.Class != ledger.Member {
			continue
		}
		amount := line.Amount
		if line.Side == ledger.Debit {
			amount = -amount
		}
		m := audit.RightsMovement{
			Origin:  audit.Origin{Book: book.ID, ID: e.Key, Seq: e.Seq, Hash: e.Leaf[:], Currency: book.Currency},
			Ordinal: e.FirstOrdinal + int64(i), Account: account.Code, Person: r.person(account.Code), Day: e.Effective, Month: line.Month, Tag: line.Tag, Amount: amount,
		}
		if !yield(m, nil) {
			return false
		}
	}
	return true
}
