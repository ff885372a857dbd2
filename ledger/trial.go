package ledger

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store"
)

// Range is a stretch of effective dates, both included, as known after entry Seq; zero Seq means the book as it stands.
type Range struct {
	From, To calendar.Date
	Seq      Seq
}

// TrialRow is an account in a trial balance. The turnovers of entries of kind KindClosing are given apart.
type TrialRow struct {
	Account                     Account
	Opening                     money.Amount // before From, debit less credit
	Debit, Credit               money.Amount // from From to To, without closing entries
	ClosingDebit, ClosingCredit money.Amount // closing entries from From to To
	Closing                     money.Amount // after To, debit less credit
}

// TrialBalance lists every account of the chart of a book, headings and controls with the sums of what is below them; members are not listed.
type TrialBalance struct {
	Book  Book // as it stood when this was read
	Range Range
	Rows  []TrialRow // by account number
}

// TrialBalance returns the trial balance (科目余额表) of a stretch of dates. Openings, turnovers and closings of the accounts that take lines add up to zero in
// each section, at every date.
func (l *Ledger) TrialBalance(ctx context.Context, book BookID, r Range) (TrialBalance, error) {
	var trial TrialBalance
	err := l.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		trial, err = l.trialBalance(ctx, tx, book, r)
		return err
	})
	return trial, err
}

// TrialBalanceTx is TrialBalance in the host's transaction.
func (l *Ledger) TrialBalanceTx(ctx context.Context, tx store.Handle, book BookID, r Range) (TrialBalance, error) {
	return l.trialBalance(ctx, l.db.Join(tx), book, r)
}

func (l *Ledger) trialBalance(ctx context.Context, tx *store.Tx, book BookID, r Range) (TrialBalance, error) {
	h, err := readHead(ctx, tx, book, "")
	if err != nil {
		return TrialBalance{}, err
	}
	if err := checkRange(h, r); err != nil {
		return TrialBalance{}, err
	}
	rows := map[AccountNo]*TrialRow{}
	var order []AccountNo
	err = queryAccounts(ctx, tx, func(a *Account) {
		rows[a.No] = &TrialRow{Account: *a}
		order = append(order, a.No)
	}, ` WHERE realm_id = ? AND book_no = ? AND class <> 'member' ORDER BY account_no`, book.Realm, book.Number)
	if err != nil {
		return TrialBalance{}, err
	}
	if err := addDays(ctx, tx, h, r, rows); err != nil {
		return TrialBalance{}, err
	}
	if r.Seq != 0 && r.Seq < Seq(h.seq) {
		if err := subtractLater(ctx, tx, h, r, rows); err != nil {
			return TrialBalance{}, err
		}
	}
	trial := TrialBalance{Range: r}
	if trial.Book, err = readBook(ctx, tx, book); err != nil {
		return TrialBalance{}, err
	}
	rollUp(rows, order)
	for _, no := range order {
		row := rows[no]
		row.Closing = row.Opening + row.Debit - row.Credit + row.ClosingDebit - row.ClosingCredit
		trial.Rows = append(trial.Rows, *row)
	}
	return trial, nil
}

func checkRange(h *head, r Range) error {
	if !r.From.Valid() || !r.To.Valid() || r.From > r.To {
		return fault(ErrFieldInvalid, h.id, fmt.Sprintf("range %v to %v", r.From, r.To), "give two days in order")
	}
	return checkAt(h, At{Seq: r.Seq})
}

func addDays(ctx context.Context, tx *store.Tx, h *head, r Range, rows map[AccountNo]*TrialRow) error {
	from := int32(r.From)
	found, err := tx.Query(ctx, `SELECT account_no,
		CAST(sum(CASE WHEN day < ? THEN debit + closing_debit - credit - closing_credit ELSE 0 END) AS bigint),
		CAST(sum(CASE WHEN day < ? THEN 0 ELSE debit END) AS bigint), CAST(sum(CASE WHEN day < ? THEN 0 ELSE credit END) AS bigint),
		CAST(sum(CASE WHEN day < ? THEN 0 ELSE closing_debit END) AS bigint), CAST(sum(CASE WHEN day < ? THEN 0 ELSE closing_credit END) AS bigint)
		FROM ledger_account_day WHERE realm_id = ? AND book_no = ? AND day <= ? GROUP BY account_no`,
		from, from, from, from, from, h.id.Realm, h.id.Number, int32(r.To))
	if err != nil {
		return err
	}
	defer found.Close()
	for found.Next() {
		var no AccountNo
		var row TrialRow
		if err := found.Scan(&no, &row.Opening, &row.Debit, &row.Credit, &row.ClosingDebit, &row.ClosingCredit); err != nil {
			return err
		}
		known, ok := rows[no]
		if !ok {
			return fault(ErrCorrupt, h.id, fmt.Sprintf("daily totals of account number %d, which is not of the chart", no), "run Verify")
		}
		row.Account = known.Account
		*known = row
	}
	return found.Err()
}

// subtractLater takes out of the totals what entries after r.Seq brought.
func subtractLater(ctx context.Context, tx *store.Tx, h *head, r Range, rows map[AccountNo]*TrialRow) error {
	first, err := ordinalAfter(ctx, tx, h, r.Seq)
	if err != nil {
		return err
	}
	found, err := tx.Query(ctx, `SELECT CASE WHEN a.class = 'member' THEN a.parent_no ELSE a.account_no END, l.side,
		CASE WHEN l.effective_day < ? THEN 1 ELSE 0 END, CASE WHEN e.kind = '`+KindClosing+`' THEN 1 ELSE 0 END, CAST(sum(l.amount) AS bigint)
		FROM ledger_line l JOIN ledger_account a ON a.realm_id = l.realm_id AND a.book_no = l.book_no AND a.account_no = l.account_no
		JOIN ledger_entry e ON e.realm_id = l.realm_id AND e.book_no = l.book_no AND e.seq = l.seq
		WHERE l.realm_id = ? AND l.book_no = ? AND `+tx.Dialect().Among("l.segment")+` AND l.ordinal >= ? AND l.effective_day <= ? GROUP BY 1, 2, 3, 4`,
		int32(r.From), h.id.Realm, h.id.Number, tx.Dialect().Ints(segments(first, h.lines)), first, int32(r.To))
	if err != nil {
		return err
	}
	defer found.Close()
	for found.Next() {
		var no AccountNo
		var side, before, closing int
		var amount money.Amount
		if err := found.Scan(&no, &side, &before, &closing, &amount); err != nil {
			return err
		}
		row := rows[no]
		switch {
		case before == 1:
			row.Opening -= amount * money.Amount(side)
		case Side(side) == Debit && closing == 1:
			row.ClosingDebit -= amount
		case Side(side) == Debit:
			row.Debit -= amount
		case closing == 1:
			row.ClosingCredit -= amount
		default:
			row.Credit -= amount
		}
	}
	return found.Err()
}

// rollUp adds each account to the headings above it, deepest accounts first: an account's number is above its parent's.
func rollUp(rows map[AccountNo]*TrialRow, order []AccountNo) {
	for _, no := range slices.Backward(order) {
		row := rows[no]
		above, ok := rows[row.Account.Parent]
		if !ok {
			continue
		}
		above.Opening += row.Opening
		above.Debit += row.Debit
		above.Credit += row.Credit
		above.ClosingDebit += row.ClosingDebit
		above.ClosingCredit += row.ClosingCredit
	}
}

// StatementLine is a line in an account statement, with the balance after it.
type StatementLine struct {
	Seq         Seq
	Ordinal     int64
	Effective   calendar.Date
	Period      calendar.Period
	Voucher     Voucher
	Kind        string
	Key         string // the entry's idempotency key
	SourceKind  string
	SourceID    string
	Transfer    string
	Description string
	Side        Side
	Amount      money.Amount
	Month       calendar.Month
	Tag         string
	Balance     money.Amount // debit less credit, all lines of the statement before this one and those before From included
}

// AccountStatement is the opening balance of an account and its lines (明细账), in the order of posting.
type AccountStatement struct {
	Book    Book // as it stood when the reading began; Range.Seq is fixed at its Seq if it was zero
	Account Account
	Range   Range
	Opening money.Amount // before From, debit less credit
	Root    seal.Hash    // of the book as it stood
	lines   iter.Seq2[StatementLine, error]
}

// Lines streams the lines whose effective dates lie in the range. Each page is a short transaction of its own at the fixed entry number, so a loop may post while
// it reads. Stop at the first error.
func (s *AccountStatement) Lines() iter.Seq2[StatementLine, error] { return s.lines }

// Statement returns the statement of a detail or member account.
func (l *Ledger) Statement(ctx context.Context, book BookID, account AccountNo, r Range) (*AccountStatement, error) {
	s := &AccountStatement{Range: r}
	err := l.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		h, err := readHead(ctx, tx, book, "")
		if err != nil {
			return err
		}
		if err := checkRange(h, r); err != nil {
			return err
		}
		if s.Book, err = readBook(ctx, tx, book); err != nil {
			return err
		}
		if s.Range.Seq == 0 {
			s.Range.Seq = Seq(h.seq)
		}
		found, err := accountsByNumber(ctx, tx, book, []int64{int64(account)})
		if err != nil {
			return err
		}
		if found[account] == nil {
			return unknownAccount(book, "", account)
		}
		s.Account, s.Root = *found[account], s.Book.Root
		if s.Account.Class == Heading || s.Account.Class == Control {
			e := fault(ErrAccountClass, book, "a "+s.Account.Class.String()+" has no lines of its own", "read the accounts below it")
			e.Field = "account " + s.Account.Code
			return e
		}
		opening, err := l.balanceOf(ctx, tx, h, &s.Account, At{Date: r.From.AddDays(-1), Seq: s.Range.Seq})
		s.Opening = opening.Net()
		return err
	})
	if err != nil {
		return nil, err
	}
	s.lines = func(yield func(StatementLine, error) bool) { l.statementLines(ctx, s, yield) }
	return s, nil
}

// linesPerPage bounds what one short read transaction of a statement fetches.
const linesPerPage = 1000

func (l *Ledger) statementLines(ctx context.Context, s *AccountStatement, yield func(StatementLine, error) bool) {
	balance := s.Opening
	for _, segment := range segments(0, s.Book.Lines) {
		for after := int64(-1); ; {
			var page []StatementLine
			err := l.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
				page, err = readStatementPage(ctx, tx, s, segment, after)
				return err
			})
			if err != nil {
				yield(StatementLine{}, err)
				return
			}
			for i := range page {
				balance += page[i].Amount * money.Amount(page[i].Side)
				page[i].Balance = balance
				if !yield(page[i], nil) {
					return
				}
				after = page[i].Ordinal
			}
			if len(page) < linesPerPage {
				break
			}
		}
	}
}

func readStatementPage(ctx context.Context, tx *store.Tx, s *AccountStatement, segment, after int64) ([]StatementLine, error) {
	id := s.Book.ID
	rows, err := tx.Query(ctx, `SELECT l.seq, l.ordinal, l.effective_day, e.period, e.voucher_type, e.voucher_no, e.kind, e.key, e.source_kind, e.source_id,
		e.transfer_id, e.description, l.side, l.amount, l.month, l.tag
		FROM ledger_line l JOIN ledger_entry e ON e.realm_id = l.realm_id AND e.book_no = l.book_no AND e.seq = l.seq
		WHERE l.realm_id = ? AND l.book_no = ? AND l.segment = ? AND l.account_no = ? AND l.ordinal > ? AND l.seq <= ? AND l.effective_day BETWEEN ? AND ?
		ORDER BY l.ordinal LIMIT ?`, id.Realm, id.Number, segment, int32(s.Account.No), after, int64(s.Range.Seq), int32(s.Range.From), int32(s.Range.To), linesPerPage)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var page []StatementLine
	for rows.Next() {
		var line StatementLine
		if err := rows.Scan(&line.Seq, &line.Ordinal, &line.Effective, &line.Period, &line.Voucher.Type, &line.Voucher.Number, &line.Kind, &line.Key, &line.SourceKind,
			&line.SourceID, &line.Transfer, &line.Description, &line.Side, &line.Amount, &line.Month, &line.Tag); err != nil {
			return nil, err
		}
		page = append(page, line)
	}
	return page, rows.Err()
}
