package fund

import (
	"context"
	"fmt"
	"slices"

	"github.com/fundledger/fundledger/accounts/statement"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
)

// Figures are the totals of a fund's book by account and period, as package statement reads them, with the state of the book they were read from. They do
// not change when the book does, and are safe for concurrent use. A period after the last one that was read is an *Error of code ErrNotRead.
type Figures struct {
	Book    ledger.Book // as it stood when this was read
	State   State       // the state that stands on every statement made from them
	Through calendar.Period

	totals      map[string][]ledger.PeriodTotal // by the chart's account id, in the order of periods
	names       map[ledger.AccountNo]string     // the chart's account ids
	adjustments map[yearOf]money.Amount         // of opening balances, debit less credit
	adjusting   map[ledger.Seq]bool             // the entries they come from
}

var _ statement.Balances = (*Figures)(nil)

// Figures reads the totals of all periods up to one, included, of the book as it stands. Use FiguresAt for statements that are to be made again.
func (f *Fund) Figures(ctx context.Context, through calendar.Period) (*Figures, error) {
	return f.figuresNow(ctx, book{f.ledger, nil}, through)
}

// FiguresTx is Figures in the host's transaction.
func (f *Fund) FiguresTx(ctx context.Context, tx store.Handle, through calendar.Period) (*Figures, error) {
	return f.figuresNow(ctx, book{f.ledger, tx}, through)
}

func (f *Fund) figuresNow(ctx context.Context, from book, through calendar.Period) (*Figures, error) {
	totals, err := from.periodTotals(ctx, f.book, through)
	if err != nil {
		return nil, err
	}
	figures, err := f.figures(totals, State{Book: f.book, Seq: totals.Book.Seq, Root: totals.Book.Root})
	if err == nil {
		figures.Through = through
	}
	return figures, err
}

func (f *Fund) figures(totals ledger.PeriodTotals, state State) (*Figures, error) {
	// Accounts that the chart has no longer, or not yet, have figures as well.
	ids := make(map[string]string)
	for _, id := range f.chart.Chart().Subtree(f.chart.Fund, "") {
		ids[f.chart.Chart().Code(f.chart.Fund, id)] = id
	}
	codes, names := make(map[ledger.AccountNo]string, len(totals.Accounts)), make(map[ledger.AccountNo]string, len(totals.Accounts))
	for _, account := range totals.Accounts {
		codes[account.No], names[account.No] = account.Code, ids[account.Code]
	}
	figures := &Figures{Book: totals.Book, State: state, Through: state.Period, names: names, totals: make(map[string][]ledger.PeriodTotal)}
	for _, t := range totals.Totals {
		id, ok := ids[codes[t.Account]]
		if !ok {
			return nil, f.refuse(ErrNotInChart, t.Period.String(), fmt.Sprintf("account %s of the ledger has figures, and no account of the chart has that number", codes[t.Account]),
				"load the chart with the overlay that has it", nil)
		}
		figures.totals[id] = append(figures.totals[id], t)
	}
	return figures, nil
}

// read refuses a period after the last one that was read, whose figures would be those of an earlier one.
func (f *Figures) read(at calendar.Period) error {
	if at <= f.Through {
		return nil
	}
	return &Error{Code: ErrNotRead, Book: f.Book.ID, Key: at.String(), Detail: fmt.Sprintf("figures were read through %s", f.Through), Hint: "read them through the period asked for"}
}

// Closing is the balance at the end of a period, debit less credit.
func (f *Figures) Closing(accountID string, at calendar.Period) (money.Amount, error) {
	if err := f.read(at); err != nil {
		return 0, err
	}
	sum := f.adjustmentsBefore(accountID, at)
	for _, t := range f.totals[accountID] {
		if t.Period <= at {
			sum += t.Debit + t.ClosingDebit - t.Credit - t.ClosingCredit // the ledger's gross turnover fits an amount, so this does
		}
	}
	return sum, nil
}

// Turnover is the debit and the credit turnover of the periods from and to, both inside.
func (f *Figures) Turnover(accountID string, from, to calendar.Period, closings statement.Closings) (debit, credit money.Amount, err error) {
	if err := f.read(to); err != nil {
		return 0, 0, err
	}
	for _, t := range f.totals[accountID] {
		if t.Period < from || t.Period > to {
			continue
		}
		debit, credit = debit+t.Debit, credit+t.Credit
		if closings == statement.WithClosing {
			debit, credit = debit+t.ClosingDebit, credit+t.ClosingCredit
		}
	}
	return debit, credit, nil
}

// Moved reports whether an account has lines in a period, even where they add up to nothing.
func (f *Figures) Moved(accountID string, period calendar.Period) bool {
	return slices.ContainsFunc(f.totals[accountID], func(t ledger.PeriodTotal) bool { return t.Period == period })
}
