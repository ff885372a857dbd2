package fund

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
)

// CloseOrder says who closes a period, and when.
type CloseOrder struct {
	Period    calendar.Period
	Closed    calendar.Date // the day of closing, for the record; the closing vouchers bear the last day of the period
	EnteredBy string
	Approved  string // by whom: another person
}

// Closed is what closing a period left in the book.
type Closed struct {
	Income      ledger.Receipt // the voucher that closes incomes (收入结转); zero if there was nothing to close, or the method is yearly
	Expenditure ledger.Receipt // the voucher that closes expenditures (支出结转); likewise
	Period      ledger.Receipt // the act that closes the period
}

// ClosePeriod closes a month, or period 13, in the host's transaction: it refuses with ErrChecklist until every item is signed, checks that the trial balance adds up
// and that rights equal their contra account, posts the closing vouchers, and closes the period. Period 13 needs no checklist: it holds closing entries only.
// Asking again for a period that is closed returns what was done. Whoever posts at the same time makes it end with ErrUnequal, or waits until the transaction ends.
// After any error roll the transaction back.
func (f *Fund) ClosePeriod(ctx context.Context, tx store.Handle, order CloseOrder) (Closed, error) {
	key := "closing/" + order.Period.String()
	if order.Approved == "" || order.Approved == order.EnteredBy {
		return Closed{}, f.refuse(ErrOneHand, key, fmt.Sprintf("entered by %q, approved by %q", order.EnteredBy, order.Approved), "have another person approve the closing", nil)
	}
	acts, err := f.ledger.PeriodActsTx(ctx, tx, f.book)
	if err != nil {
		return Closed{}, err
	}
	n := attempt(acts, order.Period)
	book, err := f.ledger.BookTx(ctx, tx, f.book)
	if err != nil {
		return Closed{}, err
	}
	var closed Closed
	if book.ClosedThrough < order.Period {
		if err := f.ready(ctx, tx, order.Period, n); err != nil {
			return Closed{}, err
		}
		if f.closes(order.Period) {
			if closed.Income, closed.Expenditure, err = f.closeAccounts(ctx, tx, order, n); err != nil {
				return Closed{}, err
			}
		}
	} else if closed.Income, closed.Expenditure, err = f.closedBefore(ctx, tx, order.Period, n); err != nil {
		return Closed{}, err
	}
	closed.Period, err = f.ledger.ClosePeriodTx(ctx, tx, f.book, ledger.Act{
		Key: fmt.Sprintf("close/%s/%d", order.Period, n), Effective: order.Closed, Description: "结账 " + order.Period.String(),
		EnteredBy: order.EnteredBy, ApprovedBy: order.Approved,
	}, order.Period)
	if err == nil && f.closes(order.Period) && !closed.Period.Replayed {
		err = f.nothingLeft(ctx, tx, order.Period)
	}
	if err != nil {
		return Closed{}, err
	}
	return closed, nil
}

// closes reports whether a period ends with closing vouchers.
func (f *Fund) closes(period calendar.Period) bool {
	return f.closing != CloseYearly || period.IsClosing()
}

// nothingLeft looks, now that the act of closing has locked the book, whether somebody posted into the period after the balances were read that the closing vouchers
// took.
func (f *Fund) nothingLeft(ctx context.Context, tx store.Handle, period calendar.Period) error {
	left, err := f.unclosed(ctx, tx, period)
	if err != nil {
		return err
	}
	if lines := slices.Concat(left.Income, left.Expenditure); len(lines) > 0 {
		return f.refuse(ErrUnequal, "closing/"+period.String(), fmt.Sprintf("account %s has %s more than was closed: somebody posted meanwhile", lines[0].AccountID,
			Currency().Format(lines[0].Amount)), "roll back and close again", nil)
	}
	return nil
}

// ready refuses a period that must not be closed yet.
func (f *Fund) ready(ctx context.Context, tx store.Handle, period calendar.Period, attempt int) error {
	key := "closing/" + period.String()
	if !period.IsClosing() {
		missing, err := f.missing(ctx, tx, period, attempt)
		if err != nil {
			return err
		}
		if len(missing) > 0 {
			return f.refuse(ErrChecklist, key, fmt.Sprintf("%d of %d items are not signed: %s", len(missing), len(f.Checklist()), listed(missing)),
				"do and sign them first", nil)
		}
	}
	trial, err := f.trial(ctx, tx, period)
	if err != nil {
		return err
	}
	var general, memorandum ledger.Balance
	for _, row := range trial.Rows {
		if row.Account.Class == ledger.Heading {
			continue
		}
		total := &general
		if row.Account.Section == ledger.Memorandum {
			total = &memorandum
		}
		if row.Closing > 0 {
			total.Debit += row.Closing
		} else {
			total.Credit -= row.Closing
		}
	}
	var faults []error
	for _, of := range []struct {
		section ledger.Section
		total   ledger.Balance
	}{{ledger.General, general}, {ledger.Memorandum, memorandum}} {
		if of.total.Debit != of.total.Credit {
			faults = append(faults, f.refuse(ErrUnequal, key, fmt.Sprintf("%s balances: debit %s, credit %s", of.section, Currency().Format(of.total.Debit),
				Currency().Format(of.total.Credit)), "run Verify", nil))
		}
	}
	return errors.Join(faults...)
}

func (f *Fund) trial(ctx context.Context, tx store.Handle, period calendar.Period) (ledger.TrialBalance, error) {
	month := period.Month()
	return f.ledger.TrialBalanceTx(ctx, tx, f.book, ledger.Range{From: month.First(), To: month.Last()})
}

// unclosed makes the lines that close the balances of income and expense accounts at the end of a period, which are what has not been closed yet.
func (f *Fund) unclosed(ctx context.Context, tx store.Handle, period calendar.Period) (accounts.Closing, error) {
	trial, err := f.trial(ctx, tx, period)
	if err != nil {
		return accounts.Closing{}, err
	}
	ids := map[string]string{}
	for _, a := range f.chart.Accounts() {
		ids[a.Code] = a.ID
	}
	var open []accounts.Movement
	for _, row := range trial.Rows {
		temporary := row.Account.Type == ledger.Income || row.Account.Type == ledger.Expense
		if !temporary || row.Account.Section != ledger.General || row.Account.Class != ledger.Detail || row.Closing == 0 {
			continue
		}
		id, ok := ids[row.Account.Code]
		if !ok {
			return accounts.Closing{}, f.refuse(ErrUnequal, "closing/"+period.String(), "account "+row.Account.Code+" has a balance and is not in the chart",
				"give the chart that has it", nil)
		}
		movement := accounts.Movement{AccountID: id}
		if row.Closing > 0 {
			movement.Debit = row.Closing
		} else {
			movement.Credit = -row.Closing
		}
		open = append(open, movement)
	}
	return f.chart.Close(open, period.Number() >= 12)
}

// closeAccounts posts the two closing vouchers of a period.
func (f *Fund) closeAccounts(ctx context.Context, tx store.Handle, order CloseOrder, attempt int) (income, expenditure ledger.Receipt, err error) {
	closing, err := f.unclosed(ctx, tx, order.Period)
	if err != nil {
		return income, expenditure, err
	}
	if income, err = f.postClosing(ctx, tx, order, closingKey(order.Period, "income", attempt), "收入结转", closing.Income); err != nil {
		return income, expenditure, err
	}
	expenditure, err = f.postClosing(ctx, tx, order, closingKey(order.Period, "expenditure", attempt), "支出结转", closing.Expenditure)
	return income, expenditure, err
}

func closingKey(period calendar.Period, which string, attempt int) string {
	return fmt.Sprintf("closing/%s/%s/%d", period, which, attempt)
}

func (f *Fund) postClosing(ctx context.Context, tx store.Handle, order CloseOrder, key, description string, lines []accounts.Line) (ledger.Receipt, error) {
	if len(lines) == 0 {
		return ledger.Receipt{}, nil
	}
	out := make([]ledger.Line, len(lines))
	for i, line := range lines {
		code, err := f.AccountCode(line.AccountID)
		if err != nil {
			return ledger.Receipt{}, err
		}
		out[i] = ledger.Line{Code: code, Side: sides[line.Side], Amount: line.Amount}
	}
	return f.ledger.PostTx(ctx, tx, f.book, ledger.Draft{
		Key: key, Kind: ledger.KindClosing, Effective: order.Period.Month().Last(), Period: order.Period, Description: description + " " + order.Period.String(),
		EnteredBy: order.EnteredBy, ApprovedBy: order.Approved, Source: ledger.Source{Kind: "closing", ID: order.Period.String()},
		Metadata: map[string]string{metaEvent: "E23"}, Lines: out,
	})
}

// closedBefore finds the closing vouchers of a period that is closed.
func (f *Fund) closedBefore(ctx context.Context, tx store.Handle, period calendar.Period, attempt int) (income, expenditure ledger.Receipt, err error) {
	for which, receipt := range map[string]*ledger.Receipt{"income": &income, "expenditure": &expenditure} {
		entry, err := f.ledger.EntryByKeyTx(ctx, tx, f.book, closingKey(period, which, attempt))
		switch {
		case err == nil:
			*receipt = ledger.Receipt{Seq: entry.Seq, Recorded: entry.Recorded, Period: entry.Period, Voucher: entry.Voucher, FirstOrdinal: entry.FirstOrdinal,
				Leaf: entry.Leaf, Replayed: true}
		case !isUnknown(err):
			return income, expenditure, err
		}
	}
	return income, expenditure, nil
}
