package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
)

// At is a point of reading: the effective dates up to Date, included, as they were known after entry Seq. Zero Date means every date, zero Seq the book as
// it stands.
type At struct {
	Date calendar.Date
	Seq  Seq
}

// Balance is what an account has been debited and credited in all, in minor units of the book's currency. Red-letter lines lower their own side.
type Balance struct{ Debit, Credit money.Amount }

// Net returns the balance as debit less credit.
func (b Balance) Net() money.Amount { return b.Debit - b.Credit }

// On returns the balance as seen from a side: a positive amount stands on that side.
func (b Balance) On(side Side) money.Amount { return b.Net() * money.Amount(side) }

// Balance returns the balance of an account at a point of reading. A heading has the sum of the accounts below it, a control that of its members.
func (l *Ledger) Balance(ctx context.Context, book BookID, account AccountNo, at At) (Balance, error) {
	var balance Balance
	err := l.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		balance, err = l.balance(ctx, tx, book, account, at)
		return err
	})
	return balance, err
}

// BalanceTx is Balance in the host's transaction.
func (l *Ledger) BalanceTx(ctx context.Context, tx store.Handle, book BookID, account AccountNo, at At) (Balance, error) {
	return l.balance(ctx, l.db.Join(tx), book, account, at)
}

func (l *Ledger) balance(ctx context.Context, tx *store.Tx, book BookID, no AccountNo, at At) (Balance, error) {
	h, err := readHead(ctx, tx, book, "")
	if err != nil {
		return Balance{}, err
	}
	if err := checkAt(h, at); err != nil {
		return Balance{}, err
	}
	found, err := accountsByNumber(ctx, tx, book, []int64{int64(no)})
	if err != nil {
		return Balance{}, err
	}
	account, ok := found[no]
	if !ok {
		return Balance{}, unknownAccount(book, "", no)
	}
	return l.balanceOf(ctx, tx, h, account, at)
}

func checkAt(h *head, at At) error {
	if !at.Date.IsZero() && !at.Date.Valid() {
		return fault(ErrFieldInvalid, h.id, fmt.Sprintf("date %d is no day", int32(at.Date)), "make dates with calendar.NewDate")
	}
	if at.Seq < 0 || at.Seq > Seq(h.seq) {
		return fault(ErrEntryUnknown, h.id, fmt.Sprintf("no entry %d, the book has %d", at.Seq, h.seq), "read at an entry that exists, or at 0 for now")
	}
	return nil
}

// endOfTime is later than every effective date.
const endOfTime = 99991231

func (at At) day() int32 {
	if at.Date.IsZero() {
		return endOfTime
	}
	return int32(at.Date)
}

func (l *Ledger) balanceOf(ctx context.Context, tx *store.Tx, h *head, account *Account, at At) (Balance, error) {
	switch account.Class {
	case Member:
		return memberBalance(ctx, tx, h, account.No, at)
	case Heading:
		return l.headingBalance(ctx, tx, h, account, at)
	}
	var b Balance
	err := tx.QueryRow(ctx, `SELECT CAST(coalesce(sum(debit + closing_debit), 0) AS bigint), CAST(coalesce(sum(credit + closing_credit), 0) AS bigint)
		FROM ledger_account_day WHERE realm_id = ? AND book_no = ? AND account_no = ? AND day <= ?`,
		h.id.Realm, h.id.Number, int32(account.No), at.day()).Scan(&b.Debit, &b.Credit)
	if err != nil || at.Seq == 0 || at.Seq == Seq(h.seq) {
		return b, err
	}
	later, err := laterTurnover(ctx, tx, h, account, at)
	return Balance{Debit: b.Debit - later.Debit, Credit: b.Credit - later.Credit}, err
}

// memberBalance adds up the lines of an account, segment by segment through the key.
func memberBalance(ctx context.Context, tx *store.Tx, h *head, no AccountNo, at At) (Balance, error) {
	last := int64(h.seq)
	if at.Seq != 0 {
		last = int64(at.Seq)
	}
	var b Balance
	err := tx.QueryRow(ctx, `SELECT CAST(coalesce(sum(CASE WHEN side = 1 THEN amount ELSE 0 END), 0) AS bigint),
		CAST(coalesce(sum(CASE WHEN side = 1 THEN 0 ELSE amount END), 0) AS bigint) FROM ledger_line
		WHERE realm_id = ? AND book_no = ? AND `+tx.Dialect().Among("segment")+` AND account_no = ? AND effective_day <= ? AND seq <= ?`,
		h.id.Realm, h.id.Number, tx.Dialect().Ints(segments(0, h.lines)), int32(no), at.day(), last).Scan(&b.Debit, &b.Credit)
	return b, err
}

// segments lists the segments that hold the ordinals from first up to, but without, end.
func segments(first, end int64) []int64 {
	var list []int64
	for s := first >> segmentBits; s<<segmentBits < end; s++ {
		list = append(list, s)
	}
	return list
}

// laterTurnover adds up what entries after at.Seq brought to an account of the chart, or to the members of a control.
func laterTurnover(ctx context.Context, tx *store.Tx, h *head, account *Account, at At) (Balance, error) {
	first, err := ordinalAfter(ctx, tx, h, at.Seq)
	if err != nil {
		return Balance{}, err
	}
	which := `l.account_no = ?`
	if account.Class == Control {
		which = `l.account_no IN (SELECT account_no FROM ledger_account a WHERE a.realm_id = l.realm_id AND a.book_no = l.book_no AND a.parent_no = ? AND a.parent_no > 0)`
	}
	var b Balance
	err = tx.QueryRow(ctx, `SELECT CAST(coalesce(sum(CASE WHEN side = 1 THEN amount ELSE 0 END), 0) AS bigint),
		CAST(coalesce(sum(CASE WHEN side = 1 THEN 0 ELSE amount END), 0) AS bigint) FROM ledger_line l
		WHERE l.realm_id = ? AND l.book_no = ? AND `+tx.Dialect().Among("l.segment")+` AND `+which+` AND l.ordinal >= ? AND l.effective_day <= ?`,
		h.id.Realm, h.id.Number, tx.Dialect().Ints(segments(first, h.lines)), int32(account.No), first, at.day()).Scan(&b.Debit, &b.Credit)
	return b, err
}

// ordinalAfter returns the ordinal of the first line that was posted after entry seq.
func ordinalAfter(ctx context.Context, tx *store.Tx, h *head, seq Seq) (int64, error) {
	var ordinal int64
	err := tx.QueryRow(ctx, `SELECT first_ordinal + line_count FROM ledger_entry WHERE realm_id = ? AND book_no = ? AND seq = ?`,
		h.id.Realm, h.id.Number, int64(seq)).Scan(&ordinal)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, fault(ErrCorrupt, h.id, fmt.Sprintf("entry %d is missing", seq), "run Verify")
	}
	return ordinal, err
}

func (l *Ledger) headingBalance(ctx context.Context, tx *store.Tx, h *head, account *Account, at At) (Balance, error) {
	below, err := accountsBelow(ctx, tx, h.id, account.No)
	if err != nil {
		return Balance{}, err
	}
	var sum Balance
	for _, child := range below {
		b, err := l.balanceOf(ctx, tx, h, child, at)
		if err != nil {
			return Balance{}, err
		}
		sum.Debit += b.Debit
		sum.Credit += b.Credit
	}
	return sum, nil
}

// currentBalances returns the balances of limited accounts on their normal sides, over all dates, set-wise.
func (l *Ledger) currentBalances(ctx context.Context, tx *store.Tx, h *head, accounts map[AccountNo]*Account, wanted map[AccountNo]bool,
) (map[AccountNo]money.Amount, error) {
	balances := make(map[AccountNo]money.Amount, len(wanted))
	collect := func(query string, args ...any) error {
		rows, err := tx.Query(ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var no AccountNo
			var net money.Amount
			if err := rows.Scan(&no, &net); err != nil {
				return err
			}
			if wanted[no] {
				balances[no] += net * money.Amount(accounts[no].Type.Normal())
			}
		}
		return rows.Err()
	}
	var members, details []int64
	for no := range wanted {
		if accounts[no].Class == Member {
			members = append(members, int64(no))
		} else {
			details = append(details, int64(no))
		}
	}
	slices.Sort(members)
	if len(details) > 0 {
		query := tx.Dialect().Lookup("ledger_account_day", `ledger_account_day.account_no, ledger_account_day.debit +
			ledger_account_day.closing_debit - ledger_account_day.credit - ledger_account_day.closing_credit AS net`, `ledger_account_day.realm_id = ?
			AND ledger_account_day.book_no = ? AND ledger_account_day.account_no = wanted.value`)
		if err := collect(`SELECT account_no, CAST(sum(net) AS bigint) FROM (`+query+`) AS days GROUP BY account_no`,
			tx.Dialect().Ints(details), h.id.Realm, h.id.Number); err != nil {
			return nil, err
		}
	}
	if len(members) == 0 {
		return balances, nil
	}
	lookup := tx.Dialect().Lookup("ledger_line", `ledger_line.account_no, ledger_line.side * ledger_line.amount AS net`,
		`ledger_line.realm_id = ? AND ledger_line.book_no = ? AND ledger_line.segment = ? AND ledger_line.account_no = wanted.value`)
	first, last, together := dense(members)
	for _, segment := range segments(0, h.lines) {
		var err error
		if together {
			err = collect(`SELECT account_no, CAST(sum(side * amount) AS bigint) FROM ledger_line WHERE realm_id = ? AND book_no = ? AND segment = ?
				AND account_no BETWEEN ? AND ? GROUP BY account_no`, h.id.Realm, h.id.Number, segment, first, last)
		} else {
			err = collect(`SELECT account_no, CAST(sum(net) AS bigint) FROM (`+lookup+`) AS lines GROUP BY account_no`,
				tx.Dialect().Ints(members), h.id.Realm, h.id.Number, segment)
		}
		if err != nil {
			return nil, err
		}
	}
	return balances, nil
}
