package ledger

import (
	"context"
	"iter"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
)

// MemberAccount is a member's account in a range of effective dates: what stood on it before, and its lines in the order of posting.
type MemberAccount struct {
	Account Account
	Opening money.Amount // before From, debit less credit
	Lines   []MemberLine
}

// MemberLine is a line of a member's account.
type MemberLine struct {
	Seq       Seq
	Ordinal   int64
	Effective calendar.Date
	Side      Side
	Amount    money.Amount   // minor units, signed within its side
	Month     calendar.Month // of attribution
	Tag       string
}

// Net is debit less credit.
func (l MemberLine) Net() money.Amount { return l.Amount * money.Amount(l.Side) }

// membersPerPage bounds how many members one short read transaction of MemberAccounts fetches.
const membersPerPage = 500

// MemberAccounts streams the accounts of all members under a control account by number, with their lines of a range, read in sets of members: the way to print
// the statements of a million of them. What is given is the book after entry r.Seq, or as it stands when the reading begins. Each page is a short transaction of its own,
// so a loop may post while it reads. Stop at the first error; a control that the book does not have is ErrAccountUnknown.
func (l *Ledger) MemberAccounts(ctx context.Context, book BookID, control AccountNo, r Range) iter.Seq2[MemberAccount, error] {
	return func(yield func(MemberAccount, error) bool) {
		end, err := l.memberRange(ctx, book, control, &r)
		for after := AccountNo(0); err == nil; {
			var page []MemberAccount
			err = l.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
				page, err = readMemberPage(ctx, tx, book, control, r, end, after)
				return err
			})
			if err != nil {
				break
			}
			for _, m := range page {
				if !yield(m, nil) {
					return
				}
				after = m.Account.No
			}
			if len(page) < membersPerPage {
				return
			}
		}
		yield(MemberAccount{}, err)
	}
}

// memberRange fixes the entry number of a range and says how many lines the book has.
func (l *Ledger) memberRange(ctx context.Context, book BookID, control AccountNo, r *Range) (lines int64, err error) {
	err = l.db.View(ctx, func(ctx context.Context, tx *store.Tx) error {
		h, err := readHead(ctx, tx, book, "")
		if err == nil {
			err = checkRange(h, *r)
		}
		if err != nil {
			return err
		}
		found, err := accountsByNumber(ctx, tx, book, []int64{int64(control)})
		if err != nil {
			return err
		}
		if found[control] == nil {
			return unknownAccount(book, "", control)
		}
		if lines = h.lines; r.Seq == 0 {
			r.Seq = Seq(h.seq)
		}
		return nil
	})
	return lines, err
}

// readMemberPage reads the next members and all their lines up to the end of the range, segment by segment, as the index holds them.
func readMemberPage(ctx context.Context, tx *store.Tx, book BookID, control AccountNo, r Range, lines int64, after AccountNo) ([]MemberAccount, error) {
	var page []MemberAccount
	if err := queryAccounts(ctx, tx, func(a *Account) { page = append(page, MemberAccount{Account: *a}) },
		` WHERE realm_id = ? AND book_no = ? AND parent_no = ? AND parent_no > 0 AND account_no > ? AND class = 'member' ORDER BY account_no LIMIT ?`,
		book.Realm, book.Number, int32(control), int32(after), membersPerPage); err != nil || len(page) == 0 {
		return nil, err
	}
	at := make(map[AccountNo]*MemberAccount, len(page))
	for i := range page {
		at[page[i].Account.No] = &page[i]
	}
	for _, segment := range segments(0, lines) {
		if err := readMemberLines(ctx, tx, book, r, segment, page[0].Account.No, page[len(page)-1].Account.No, at); err != nil {
			return nil, err
		}
	}
	return page, nil
}

func readMemberLines(ctx context.Context, tx *store.Tx, book BookID, r Range, segment int64, first, last AccountNo, at map[AccountNo]*MemberAccount) error {
	rows, err := tx.Query(ctx, `SELECT account_no, seq, ordinal, effective_day, side, amount, month, tag FROM ledger_line
		WHERE realm_id = ? AND book_no = ? AND segment = ? AND account_no BETWEEN ? AND ? AND seq <= ? AND effective_day <= ? ORDER BY account_no, ordinal`,
		book.Realm, book.Number, segment, int32(first), int32(last), int64(r.Seq), int32(r.To))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var no AccountNo
		var line MemberLine
		if err := rows.Scan(&no, &line.Seq, &line.Ordinal, &line.Effective, &line.Side, &line.Amount, &line.Month, &line.Tag); err != nil {
			return err
		}
		m := at[no]
		switch {
		case m == nil: // an account of the chart between two members
		case line.Effective < r.From:
			m.Opening += line.Net() // no sum of lines leaves the range: the book's turnover is bounded
		default:
			m.Lines = append(m.Lines, line)
		}
	}
	return rows.Err()
}
