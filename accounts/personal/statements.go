package personal

import (
	"context"
	"iter"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// Statements streams the statements of a year of all members, by the numbers of their accounts, read in sets of members and all of one state of the book. A loop
// may post while it reads. Stop at the first error.
func (r *Rights) Statements(ctx context.Context, year int) iter.Seq2[*Statement, error] {
	return func(yield func(*Statement, error) bool) {
		book, err := r.fund.Ledger().Book(ctx, r.fund.Book())
		if err != nil {
			yield(nil, err)
			return
		}
		span := ledger.Range{From: calendar.MustDate(year, 1, 1), To: calendar.MustDate(year, 12, 31), Seq: book.Seq}
		for m, err := range r.fund.Ledger().MemberAccounts(ctx, r.fund.Book(), r.control.No, span) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(r.statementOf(&m, year, book), nil) {
				return
			}
		}
	}
}

func (r *Rights) statementOf(m *ledger.MemberAccount, year int, book ledger.Book) *Statement {
	s := &Statement{Member: r.Member(m.Account.Code), Account: m.Account, Year: year, Opening: -m.Opening, Closing: -m.Opening, Book: book.ID, Seq: book.Seq, Root: book.Root}
	s.Lines = make([]StatementLine, 0, len(m.Lines))
	for _, line := range m.Lines {
		s.add(line.Effective, line.Month, line.Tag, -line.Net(), line.Seq)
	}
	return s
}

// add puts a change of the rights on the statement; above zero is a credit.
func (s *Statement) add(day calendar.Date, month calendar.Month, tag string, amount money.Amount, entry ledger.Seq) {
	s.Closing += amount
	if tag == InterestTag(s.Year) {
		s.Interest += amount
	}
	s.Lines = append(s.Lines, StatementLine{Date: day, Month: month, Tag: tag, Amount: amount, Balance: s.Closing, Entry: entry})
}
