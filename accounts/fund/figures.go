package fund

import (
	"context"

	"github.com/fundledger/fundledger/accounts/statement"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
)

// Figures are the totals of a fund's book by account and period, as package statement reads them, with the state of the book they were read from. They do
// not change when the book does.
type Figures struct {
	Book ledger.Book // entry number and root stand on every statement made from them

	totals map[string][]ledger.PeriodTotal // by the chart's account id, in the order of periods
}

var _ statement.Balances = (*Figures)(nil)

// Figures reads the totals of all periods up to one, included.
func (f *Fund) Figures(ctx context.Context, through calendar.Period) (*Figures, error) {
	totals, err := f.ledger.PeriodTotals(ctx, f.book, through)
	if err != nil {
		return nil, err
	}
	return f.figures(totals), nil
}

// FiguresTx is Figures in the host's transaction.
func (f *Fund) FiguresTx(ctx context.Context, tx store.Handle, through calendar.Period) (*Figures, error) {
	totals, err := f.ledger.PeriodTotalsTx(ctx, tx, f.book, through)
	if err != nil {
		return nil, err
	}
	return f.figures(totals), nil
}

func (f *Fund) figures(totals ledger.PeriodTotals) *Figures {
	ids := make(map[string]string)
	for _, a := range f.chart.Accounts() {
		ids[a.Code] = a.ID
	}
	names := make(map[ledger.AccountNo]string, len(totals.Accounts))
	for _, account := range totals.Accounts {
		names[account.No] = ids[account.Code]
	}
	figures := &Figures{Book: totals.Book, totals: make(map[string][]ledger.PeriodTotal)}
	for _, t := range totals.Totals {
		id := names[t.Account]
		figures.totals[id] = append(figures.totals[id], t)
	}
	return figures
}

// Opening is the balance carried into a year, debit less credit.
func (f *Figures) Opening(accountID string, year int) (money.Amount, error) {
	return f.Closing(accountID, calendar.Period((year-1)*100+calendar.ClosingPeriod))
}

// Adjustment is zero: an adjustment of the opening balance sheet is an ordinary entry of the ledger, and counts as movement.
func (f *Figures) Adjustment(string, int) (money.Amount, error) { return 0, nil }

// Closing is the balance at the end of a period, debit less credit.
func (f *Figures) Closing(accountID string, at calendar.Period) (money.Amount, error) {
	var sum money.Amount
	for _, t := range f.totals[accountID] {
		if t.Period <= at {
			sum += t.Debit + t.ClosingDebit - t.Credit - t.ClosingCredit // the ledger's gross turnover fits an amount, so this does
		}
	}
	return sum, nil
}

// Turnover is the debit and the credit turnover of the periods from and to, both inside.
func (f *Figures) Turnover(accountID string, from, to calendar.Period, closings statement.Closings) (debit, credit money.Amount, err error) {
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
