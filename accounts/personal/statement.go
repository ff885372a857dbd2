package personal

import (
	"context"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
)

// Statement is a member's statement of rights for a year (个人权益记录单). Amounts are in minor units.
type Statement struct {
	Member   string
	Account  ledger.Account
	Year     int
	Opening  money.Amount
	Lines    []StatementLine
	Interest money.Amount // credited for the year
	Closing  money.Amount
	Book     ledger.BookID
	Seq      ledger.Seq // the book as it stood
	Root     seal.Hash  // its root
}

// StatementLine is one change of the rights.
type StatementLine struct {
	Date    calendar.Date
	Month   calendar.Month // contribution or benefit month, if any
	Tag     string
	Amount  money.Amount // above zero is a credit
	Balance money.Amount
	Entry   ledger.Seq
}

// Statement returns a member's statement for a year, its lines in the order of posting. It returns ledger.ErrAccountUnknown for a member without an account.
func (r *Rights) Statement(ctx context.Context, member string, year int) (*Statement, error) {
	account, err := r.fund.Ledger().Account(ctx, r.fund.Book(), r.Code(member))
	if err != nil {
		return nil, err
	}
	from, to := calendar.MustDate(year, 1, 1), calendar.MustDate(year, 12, 31)
	read, err := r.fund.Ledger().Statement(ctx, r.fund.Book(), account.No, ledger.Range{From: from, To: to})
	if err != nil {
		return nil, err
	}
	s := &Statement{
		Member: member, Account: account, Year: year, Opening: -read.Opening, Closing: -read.Opening, Book: r.fund.Book(), Seq: read.Range.Seq, Root: read.Root,
	}
	for line, err := range read.Lines() {
		if err != nil {
			return nil, err
		}
		s.add(line.Effective, line.Month, line.Tag, -line.Amount*money.Amount(line.Side), line.Seq)
	}
	return s, nil
}
