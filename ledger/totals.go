package ledger

import (
	"context"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
)

// PeriodTotal is what an account of the chart was debited and credited in one period, in minor units; closing entries are given apart. A control has the sums of
// its members, a heading has none of its own.
type PeriodTotal struct {
	Account                     AccountNo
	Period                      calendar.Period
	Debit, Credit               money.Amount
	ClosingDebit, ClosingCredit money.Amount
}

// PeriodTotals is every PeriodTotal of a book, by account and period, with the accounts of the chart and the book as it stood: all that statements and general
// ledgers are made from. There are as many as accounts times periods, however many lines the book has.
type PeriodTotals struct {
	Book     Book
	Accounts []Account // of the chart, by number; members are not among them
	Totals   []PeriodTotal
}

// PeriodTotals returns the totals of all periods up to one, included.
func (l *Ledger) PeriodTotals(ctx context.Context, book BookID, through calendar.Period) (PeriodTotals, error) {
	var totals PeriodTotals
	err := l.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		totals, err = readPeriodTotals(ctx, tx, book, through)
		return err
	})
	return totals, err
}

// PeriodTotalsTx is PeriodTotals in the host's transaction.
func (l *Ledger) PeriodTotalsTx(ctx context.Context, tx store.Handle, book BookID, through calendar.Period) (PeriodTotals, error) {
	return readPeriodTotals(ctx, l.db.Join(tx), book, through)
}

func readPeriodTotals(ctx context.Context, tx *store.Tx, book BookID, through calendar.Period) (PeriodTotals, error) {
	var all PeriodTotals
	var err error
	if all.Book, err = readBook(ctx, tx, book); err != nil {
		return all, err
	}
	if err := queryAccounts(ctx, tx, func(a *Account) { all.Accounts = append(all.Accounts, *a) },
		` WHERE realm_id = ? AND book_no = ? AND class <> 'member' ORDER BY account_no`, book.Realm, book.Number); err != nil {
		return all, err
	}
	rows, err := tx.Query(ctx, `SELECT account_no, period, CAST(sum(debit) AS bigint), CAST(sum(credit) AS bigint), CAST(sum(closing_debit) AS bigint),
		CAST(sum(closing_credit) AS bigint) FROM ledger_account_day WHERE realm_id = ? AND book_no = ? AND period <= ? GROUP BY account_no, period
		ORDER BY account_no, period`, book.Realm, book.Number, int32(through))
	if err != nil {
		return all, err
	}
	defer rows.Close()
	for rows.Next() {
		var t PeriodTotal
		if err := rows.Scan(&t.Account, &t.Period, &t.Debit, &t.Credit, &t.ClosingDebit, &t.ClosingCredit); err != nil {
			return all, err
		}
		all.Totals = append(all.Totals, t)
	}
	return all, rows.Err()
}
