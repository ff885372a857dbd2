package fund

import (
	"context"
	"fmt"

	"github.com/fundledger/fundledger/accounts/statement"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store"
)

// State is a state of the book (账簿状态): the first Seq records and the Merkle root over them. ClosingState gives the one in which a period was closed. Nothing is
// posted into a closed period, so that its figures in that state are its figures ever after, unless it is reopened.
type State struct {
	Book   ledger.BookID
	Seq    ledger.Seq
	Root   seal.Hash
	Period calendar.Period // the period that entry Seq closed; zero for the book as it stood
	Closed calendar.Date   // the day of the closing, as the act says it
	// EnteredBy and Approved closed the period.
	EnteredBy, Approved string
}

// Printed returns the state as statements print it.
func (s State) Printed() statement.State {
	return statement.State{Book: s.Book.String(), Seq: int64(s.Seq), Root: s.Root, Period: s.Period, Closed: s.Closed}
}

// ClosingState returns the state in which a period, 1 to 12 or 13, was closed: that of its last closing act. The statements of a month are of this state, those of
// a year of the state of period 13. A period that is open, or open again, is an *Error of code ErrNotClosed.
func (f *Fund) ClosingState(ctx context.Context, period calendar.Period) (State, error) {
	return f.closingState(ctx, book{f.ledger, nil}, period)
}

// ClosingStateTx is ClosingState in the host's transaction.
func (f *Fund) ClosingStateTx(ctx context.Context, tx store.Handle, period calendar.Period) (State, error) {
	return f.closingState(ctx, book{f.ledger, tx}, period)
}

// book reads the ledger in the host's transaction, or without one where tx is nil.
type book struct {
	*ledger.Ledger
	tx store.Handle
}

func (r book) periodActs(ctx context.Context, id ledger.BookID) ([]ledger.PeriodAct, error) {
	if r.tx == nil {
		return r.PeriodActs(ctx, id)
	}
	return r.PeriodActsTx(ctx, r.tx, id)
}

func (r book) entry(ctx context.Context, id ledger.BookID, seq ledger.Seq) (ledger.Entry, error) {
	if r.tx == nil {
		return r.Entry(ctx, id, seq)
	}
	return r.EntryTx(ctx, r.tx, id, seq)
}

func (r book) rootAt(ctx context.Context, id ledger.BookID, seq ledger.Seq) (seal.Hash, error) {
	if r.tx == nil {
		return r.RootAt(ctx, id, seq)
	}
	return r.RootAtTx(ctx, r.tx, id, seq)
}

func (r book) periodTotals(ctx context.Context, id ledger.BookID, through calendar.Period) (ledger.PeriodTotals, error) {
	if r.tx == nil {
		return r.PeriodTotals(ctx, id, through)
	}
	return r.PeriodTotalsTx(ctx, r.tx, id, through)
}

func (f *Fund) closingState(ctx context.Context, from book, period calendar.Period) (State, error) {
	seq, err := f.closedBy(ctx, from, period)
	if err != nil {
		return State{}, err
	}
	act, err := from.entry(ctx, f.book, seq)
	if err != nil {
		return State{}, err
	}
	root, err := from.rootAt(ctx, f.book, seq)
	return State{Book: f.book, Seq: seq, Root: root, Period: period, Closed: act.Effective, EnteredBy: act.EnteredBy, Approved: act.ApprovedBy}, err
}

// closedBy returns the number of the act that closed a period and was not undone.
func (f *Fund) closedBy(ctx context.Context, from book, period calendar.Period) (ledger.Seq, error) {
	acts, err := from.periodActs(ctx, f.book)
	if err != nil {
		return 0, err
	}
	var closed, reopened ledger.Seq
	for _, act := range acts {
		switch {
		case act.Period != period:
		case act.Kind == ledger.PeriodClosed:
			closed, reopened = act.Seq, 0
		case act.Kind == ledger.PeriodReopened:
			closed, reopened = 0, act.Seq
		}
	}
	if closed != 0 {
		return closed, nil
	}
	detail := "the period is not closed"
	if reopened != 0 {
		detail = fmt.Sprintf("the period was reopened by entry %d", reopened)
	}
	return 0, f.refuse(ErrNotClosed, period.String(), detail, "close it first: statements are of the state at a closing", nil)
}

// FiguresAt reads the totals of all periods up to one in the state in which it was closed. They are the same however long ago that was and whatever was posted into
// later periods. A state that a reopening has overtaken is an *Error of code ErrNotClosed, one of no closing likewise.
func (f *Fund) FiguresAt(ctx context.Context, state State) (*Figures, error) {
	return f.figuresAt(ctx, book{f.ledger, nil}, state)
}

// FiguresAtTx is FiguresAt in the host's transaction.
func (f *Fund) FiguresAtTx(ctx context.Context, tx store.Handle, state State) (*Figures, error) {
	return f.figuresAt(ctx, book{f.ledger, tx}, state)
}

func (f *Fund) figuresAt(ctx context.Context, from book, state State) (*Figures, error) {
	// The closing must stand before the totals are read and still after: then nothing was posted into the periods in between.
	if err := f.stands(ctx, from, state); err != nil {
		return nil, err
	}
	totals, err := from.periodTotals(ctx, f.book, state.Period)
	if err != nil {
		return nil, err
	}
	if err := f.stands(ctx, from, state); err != nil {
		return nil, err
	}
	return f.figures(totals, state)
}

// stands refuses a state that is not the one in which its period was closed last.
func (f *Fund) stands(ctx context.Context, from book, state State) error {
	seq, err := f.closedBy(ctx, from, state.Period)
	if err != nil {
		return err
	}
	root, err := from.rootAt(ctx, f.book, seq)
	if err != nil {
		return err
	}
	if state.Book != f.book || state.Seq != seq || state.Root != root {
		return f.refuse(ErrNotClosed, state.Period.String(), fmt.Sprintf("the state is entry %d of book %s, root %x…; the period is closed by entry %d, root %x…", state.Seq,
			state.Book, state.Root[:4], seq, root[:4]), "ask ClosingState again", nil)
	}
	return nil
}
