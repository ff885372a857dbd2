package ledger

import (
	"context"
	"errors"
	"iter"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
)

// MemberMovement is what a member's account moved in one month of effective dates, in minor units, credits less debits and each by itself.
type MemberMovement struct {
	Account       AccountNo
	Month         calendar.Month // of the effective dates, not of attribution
	Tag           string
	Debit, Credit money.Amount
}

// MemberMovements streams, for all members under a control account, the turnovers of a range by account, month and tag, in that order, from one query: the
// way to compute interest for a million accounts, or to agree rights with what was allocated. It holds one read transaction while it runs. A control that the
// book does not have is ErrAccountUnknown, an account of another class ErrAccountClass.
func (l *Ledger) MemberMovements(ctx context.Context, book BookID, control AccountNo, r Range) iter.Seq2[MemberMovement, error] {
	return func(yield func(MemberMovement, error) bool) {
		err := l.db.View(ctx, func(ctx context.Context, tx *store.Tx) error {
			return memberMovements(ctx, tx, book, control, r, yield)
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(MemberMovement{}, err)
		}
	}
}

// errStopped ends a streaming read whose reader has had enough.
var errStopped = errors.New("stopped")

// checkControl makes sure that members can stand under the account.
func checkControl(ctx context.Context, tx *store.Tx, book BookID, control AccountNo) error {
	found, err := accountsByNumber(ctx, tx, book, []int64{int64(control)})
	if err != nil {
		return err
	}
	account, ok := found[control]
	if !ok {
		return unknownAccount(book, "", control)
	}
	if account.Class != Control {
		e := fault(ErrAccountClass, book, "a "+account.Class.String()+" has no members", "name the control account")
		e.Field = "account " + account.Code
		return e
	}
	return nil
}

func memberMovements(ctx context.Context, tx *store.Tx, book BookID, control AccountNo, r Range, yield func(MemberMovement, error) bool) error {
	h, err := readHead(ctx, tx, book, "")
	if err != nil {
		return err
	}
	if err := checkRange(h, r); err != nil {
		return err
	}
	if err := checkControl(ctx, tx, book, control); err != nil {
		return err
	}
	last := int64(h.seq)
	if r.Seq != 0 {
		last = int64(r.Seq)
	}
	members, err := membersOf(ctx, tx, book, control)
	if err != nil {
		return err
	}
	// Lines are added up without a join: where PostgreSQL has no statistics of a young book, it goes through all accounts for every line.
	rows, err := tx.Query(ctx, `SELECT account_no, effective_day / 100, tag, CAST(sum(CASE WHEN side = 1 THEN amount ELSE 0 END) AS bigint),
		CAST(sum(CASE WHEN side = 1 THEN 0 ELSE amount END) AS bigint)
		FROM ledger_line WHERE realm_id = ? AND book_no = ? AND seq <= ? AND effective_day BETWEEN ? AND ?
		GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`, book.Realm, book.Number, last, int32(r.From), int32(r.To))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var m MemberMovement
		if err := rows.Scan(&m.Account, &m.Month, &m.Tag, &m.Debit, &m.Credit); err != nil {
			return err
		}
		for len(members) > 0 && members[0] < m.Account { // both come by number
			members = members[1:]
		}
		if len(members) > 0 && members[0] == m.Account && !yield(m, nil) {
			return errStopped
		}
	}
	return rows.Err()
}

// membersOf returns the numbers of the members under a control account, in their order: four bytes for each.
func membersOf(ctx context.Context, tx *store.Tx, book BookID, control AccountNo) ([]AccountNo, error) {
	rows, err := tx.Query(ctx, `SELECT account_no FROM ledger_account WHERE realm_id = ? AND book_no = ? AND parent_no = ? AND class = 'member' ORDER BY account_no`,
		book.Realm, book.Number, int32(control))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var members []AccountNo
	for rows.Next() {
		var no AccountNo
		if err := rows.Scan(&no); err != nil {
			return nil, err
		}
		members = append(members, no)
	}
	return members, rows.Err()
}
