package statement

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// Closings says whether closing entries (期末结转分录) count.
type Closings bool

// The two ways.
const (
	WithoutClosing Closings = false
	WithClosing    Closings = true
)

// Balances gives the figures of one book, account by account: the lines on the account itself, without its details; a control account gives the sum of the members'
// accounts below it. An account that the book never had gives zero. Errors are passed on unchanged.
type Balances interface {
	// Opening is the balance carried into a year, debit less credit, with the adjustments of the opening balance sheet (such as E49) in it.
	Opening(accountID string, year int) (money.Amount, error)
	// Adjustment is the part of Opening that is not the closing balance of the year before.
	Adjustment(accountID string, year int) (money.Amount, error)
	// Closing is the balance at the end of a period, debit less credit, with the closing entries of that period in it.
	Closing(accountID string, at calendar.Period) (money.Amount, error)
	// Turnover is the debit and the credit turnover of the periods from and to, both inside, each signed within its side. Adjustments of the opening balance
	// sheet do not count.
	Turnover(accountID string, from, to calendar.Period, closings Closings) (debit, credit money.Amount, err error)
}

// Kind is the kind of an entry in Figures.
type Kind int

// The kinds.
const (
	Ordinary   Kind = iota
	Close           // closing entry, E23
	Adjustment      // adjustment of the opening balance sheet of the year; period is its first
)

// Figures is a book in memory: entries added up by account and period. It is a Balances for tests, for examples and for foreign books that are read from files.
// Its zero value is an empty book. It is not safe for concurrent writing.
type Figures struct {
	accounts map[string][]periodFigures // in the order of periods
}

// periodFigures are the figures of one account in one period.
type periodFigures struct {
	period     calendar.Period
	adjustment money.Amount // of the opening balance sheet, debit less credit
	ordinary   sides
	closing    sides
}

type sides struct{ debit, credit money.Amount }

// Add adds an entry to a period. It returns an *Error, and adds nothing, when the lines do not balance, the period does not exist, or a sum leaves the range.
func (f *Figures) Add(period calendar.Period, kind Kind, lines []accounts.Line) error {
	if difference, err := accounts.Difference(lines); err != nil || difference != 0 {
		return &Error{Where: period.String(), Reason: fmt.Sprintf("an entry has debits less credits of %d minor units", difference), Cause: err}
	}
	if !period.Valid() {
		return &Error{Where: period.String(), Reason: "is no period"}
	}
	sums := map[string]periodFigures{}
	for _, x := range lines {
		sum, ok := sums[x.AccountID]
		if !ok {
			sum = f.at(x.AccountID, period)
		}
		var err error
		side := &sum.ordinary
		if kind == Close {
			side = &sum.closing
		}
		switch {
		case kind == Adjustment && x.Side == accounts.Debit:
			sum.adjustment, err = sum.adjustment.Add(x.Amount)
		case kind == Adjustment:
			sum.adjustment, err = sum.adjustment.Sub(x.Amount)
		case x.Side == accounts.Debit:
			side.debit, err = side.debit.Add(x.Amount)
		default:
			side.credit, err = side.credit.Add(x.Amount)
		}
		if err != nil {
			return &Error{Where: x.AccountID, Reason: "leaves the range", Cause: err}
		}
		sums[x.AccountID] = sum
	}
	if f.accounts == nil {
		f.accounts = map[string][]periodFigures{}
	}
	for id, sum := range sums {
		i, found := f.find(id, period)
		if !found {
			f.accounts[id] = slices.Insert(f.accounts[id], i, sum)
		}
		f.accounts[id][i] = sum
	}
	return nil
}

func (f *Figures) find(id string, period calendar.Period) (int, bool) {
	return slices.BinarySearchFunc(f.accounts[id], period, func(p periodFigures, at calendar.Period) int { return cmp.Compare(p.period, at) })
}

func (f *Figures) at(id string, period calendar.Period) periodFigures {
	if i, found := f.find(id, period); found {
		return f.accounts[id][i]
	}
	return periodFigures{period: period}
}

// Opening implements Balances.
func (f *Figures) Opening(accountID string, year int) (money.Amount, error) {
	before, err := f.Closing(accountID, calendar.Period(year*100))
	if err != nil {
		return 0, err
	}
	adjustment, err := f.Adjustment(accountID, year)
	if err != nil {
		return 0, err
	}
	return before.Add(adjustment)
}

// Adjustment implements Balances.
func (f *Figures) Adjustment(accountID string, year int) (sum money.Amount, err error) {
	for _, p := range f.accounts[accountID] {
		if p.period.Year() == year {
			if sum, err = sum.Add(p.adjustment); err != nil {
				return 0, err
			}
		}
	}
	return sum, nil
}

// Closing implements Balances. Adjustments count from the start of their year.
func (f *Figures) Closing(accountID string, at calendar.Period) (sum money.Amount, err error) {
	for _, p := range f.accounts[accountID] {
		if p.period > at && (p.period.Year() != at.Year() || at.Number() == 0) {
			break
		}
		parts := []money.Amount{p.adjustment}
		if p.period <= at {
			parts = append(parts, p.ordinary.debit, -p.ordinary.credit, p.closing.debit, -p.closing.credit)
		}
		for _, part := range parts {
			if sum, err = sum.Add(part); err != nil {
				return 0, err
			}
		}
	}
	return sum, nil
}

// Turnover implements Balances.
func (f *Figures) Turnover(accountID string, from, to calendar.Period, closings Closings) (debit, credit money.Amount, err error) {
	for _, p := range f.accounts[accountID] {
		if p.period < from || p.period > to {
			continue
		}
		all := []sides{p.ordinary}
		if closings == WithClosing {
			all = append(all, p.closing)
		}
		for _, s := range all {
			if debit, err = debit.Add(s.debit); err != nil {
				return 0, 0, err
			}
			if credit, err = credit.Add(s.credit); err != nil {
				return 0, 0, err
			}
		}
	}
	return debit, credit, nil
}
