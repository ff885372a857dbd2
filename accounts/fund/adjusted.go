package fund

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
)

// openingAdjustment is the event whose entries adjust the opening balance sheet of a year: they are no movement of it (SUP 4.2).
const openingAdjustment = "E49"

// Adjusted returns figures in which entries of event E49 adjust the opening balances of their year (年初余额调整) instead of being movements of its first month, as the
// statements of that year have them. An entry that is none, or lies outside the first month of a year, or after the figures' state, is an *Error of code
// ErrNoAdjustment.
func (f *Fund) Adjusted(ctx context.Context, figures *Figures, entries ...ledger.Seq) (*Figures, error) {
	return f.adjusted(ctx, book{f.ledger, nil}, figures, entries)
}

// AdjustedTx is Adjusted in the host's transaction.
func (f *Fund) AdjustedTx(ctx context.Context, tx store.Handle, figures *Figures, entries ...ledger.Seq) (*Figures, error) {
	return f.adjusted(ctx, book{f.ledger, tx}, figures, entries)
}

func (f *Fund) adjusted(ctx context.Context, from book, figures *Figures, entries []ledger.Seq) (*Figures, error) {
	out := *figures
	out.totals, out.adjustments, out.adjusting = maps.Clone(figures.totals), maps.Clone(figures.adjustments), maps.Clone(figures.adjusting)
	if out.adjustments == nil {
		out.adjustments, out.adjusting = map[yearOf]money.Amount{}, map[ledger.Seq]bool{}
	}
	for _, seq := range entries {
		e, err := from.entry(ctx, f.book, seq)
		if err != nil {
			return nil, err
		}
		if e.Metadata[metaEvent] != openingAdjustment || e.Period.Number() != 1 || e.Period > figures.Through || seq > figures.State.Seq {
			return nil, f.refuse(ErrNoAdjustment, e.Key, fmt.Sprintf("entry %d is of event %q in %s; the figures are of entry %d through %s", seq, e.Metadata[metaEvent], e.Period,
				figures.State.Seq, figures.Through), "name entries of event "+openingAdjustment+" in the first month of a year", nil)
		}
		if out.adjusting[seq] {
			continue
		}
		out.adjusting[seq] = true
		for _, line := range e.Lines {
			id := out.names[line.Account]
			totals := slices.Clone(out.totals[id])
			i := slices.IndexFunc(totals, func(t ledger.PeriodTotal) bool { return t.Period == e.Period })
			if i < 0 {
				return nil, f.refuse(ErrNoAdjustment, e.Key, fmt.Sprintf("account number %d of entry %d has no figures in %s", line.Account, seq, e.Period), "run Verify", nil)
			}
			amount := line.Amount * money.Amount(line.Side) // an entry's amounts fit the totals they are in
			if line.Side == ledger.Debit {
				totals[i].Debit -= line.Amount
			} else {
				totals[i].Credit -= line.Amount
			}
			out.totals[id] = totals
			out.adjustments[yearOf{id, e.Period.Year()}] += amount
		}
	}
	return &out, nil
}

// yearOf is an account in a year.
type yearOf struct {
	account string
	year    int
}

// Opening is the balance carried into a year, debit less credit, with the adjustments of Adjusted in it.
func (f *Figures) Opening(accountID string, year int) (money.Amount, error) {
	before, err := f.Closing(accountID, calendar.Period((year-1)*100+calendar.ClosingPeriod))
	return before + f.adjustments[yearOf{accountID, year}], err
}

// Adjustment is what Adjusted took into the opening balance of a year; zero in other figures, where every entry counts as movement.
func (f *Figures) Adjustment(accountID string, year int) (money.Amount, error) {
	return f.adjustments[yearOf{accountID, year}], nil
}

// adjustmentsBefore adds up the adjustments that are in the balance at the end of a period.
func (f *Figures) adjustmentsBefore(accountID string, at calendar.Period) (sum money.Amount) {
	for of, amount := range f.adjustments {
		if of.account == accountID && of.year <= at.Year() {
			sum += amount
		}
	}
	return sum
}
