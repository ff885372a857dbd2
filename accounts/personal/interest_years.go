package personal

import (
	"context"
	"strings"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// lastDay is after every day of a book.
var lastDay = calendar.MustDate(9999, 12, 31)

// years reads, in one stream, what every account opened with and moved in each month of a year since it was settled last. An account that was settled and has
// moved since is read by itself, line by line: such a line is an exception, which audit rule P03 reports.
func (r *Rights) years(ctx context.Context, year int) ([]ledger.AccountNo, []Year, error) {
	reading := yearReading{year: year, first: calendar.MustMonth(year, 1), last: calendar.MustMonth(year, 12), own: InterestTag(year)}
	for m, err := range r.fund.Ledger().MemberMovements(ctx, r.fund.Book(), r.control.No, r.wholeTime(lastDay)) {
		if err != nil {
			return nil, nil, err
		}
		reading.add(&m)
	}
	reading.finish()
	for _, i := range reading.closer {
		y, err := r.sinceSettled(ctx, reading.numbers[i], year)
		if err != nil {
			return nil, nil, err
		}
		reading.years[i] = y
	}
	return reading.numbers, reading.years, nil
}

// yearReading takes movements by account, month and tag, in that order.
type yearReading struct {
	year        int
	first, last calendar.Month
	own         string // the tag of the year's interest
	numbers     []ledger.AccountNo
	years       []Year
	closer      []int // places of accounts to be read line by line
	now         accountReading
}

// accountReading is what matters for the settlement of the account that the stream is at.
type accountReading struct {
	balance    money.Amount
	month      calendar.Month // of the last movement
	paid       calendar.Month // the last month from the year on in which heirs were paid
	paidInYear bool
	ownInYear  bool // the year's interest was credited within the year
}

func (a *yearReading) add(m *ledger.MemberMovement) {
	if n := len(a.numbers); n == 0 || a.numbers[n-1] != m.Account {
		a.finish()
		a.numbers, a.years, a.now = append(a.numbers, m.Account), append(a.years, Year{}), accountReading{}
	}
	net := m.Credit - m.Debit
	now := &a.now
	now.balance, now.month = now.balance+net, m.Month
	if m.Month >= a.first && m.Tag == TagHeirs && m.Debit > 0 {
		now.paid, now.paidInYear = m.Month, now.paidInYear || m.Month <= a.last
	}
	y := &a.years[len(a.years)-1]
	switch {
	case m.Month > a.last:
	case m.Tag == a.own:
		now.ownInYear = true
	case m.Month < a.first:
		y.Opening += net
	default:
		y.Postings[m.Month.OfYear()-1] += net
	}
}

// finish judges the account that the stream has left.
func (a *yearReading) finish() {
	now := &a.now
	switch n := len(a.years) - 1; {
	case now.paid == 0, !now.paidInYear && now.ownInYear: // nobody was paid, or only after the year was credited
	case now.balance == 0 && now.month == now.paid:
		a.years[n] = Year{} // settled, and nothing came after
	default:
		a.closer = append(a.closer, n)
	}
}

// sinceSettled reads one account line by line, in the order of posting: what the last settlement paid out is left out, and so is what was posted before it.
func (r *Rights) sinceSettled(ctx context.Context, account ledger.AccountNo, year int) (Year, error) {
	s, err := r.fund.Ledger().Statement(ctx, r.fund.Book(), account, r.wholeTime(lastDay))
	if err != nil {
		return Year{}, err
	}
	var y Year
	credited := false
	for line, err := range s.Lines() {
		if err != nil {
			return Year{}, err
		}
		amount := -line.Amount * money.Amount(line.Side)
		switch {
		case strings.HasPrefix(line.Key, interestRunKey(year)):
			credited = true
		case line.Tag == InterestTag(year) || line.Effective.Year() > year:
		case line.Effective.Year() < year:
			y.Opening += amount
		default:
			y.Postings[line.Effective.MonthOfYear()-1] += amount
		}
		// What is settled after the year was credited changes nothing in what was credited.
		if line.Tag == TagHeirs && amount < 0 && line.Balance == 0 && !credited {
			y = Year{}
		}
	}
	return y, nil
}
