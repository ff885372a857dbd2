package ledger

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"

	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
)

// each reads the rows of a query whose arguments are realm and book.
func (v *verifier) each(ctx context.Context, query string, scan func(scanner) error) error {
	rows, err := v.tx.Query(ctx, query, v.report.Book.Realm, v.report.Book.Number)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

type scanner interface{ Scan(...any) error }

func (v *verifier) compareAccounts(ctx context.Context) error {
	const table = "ledger_account"
	next := AccountNo(1)
	missing := func(until AccountNo) {
		for ; next < until; next++ {
			v.find(table, fmt.Sprintf("account %d", next), "row", "account "+v.accounts[next-1].Code, "no row")
		}
	}
	err := v.each(ctx, `SELECT `+accountColumns+` FROM ledger_account WHERE realm_id = ? AND book_no = ? ORDER BY account_no`, func(rows scanner) error {
		got, err := scanAccount(rows)
		if err != nil {
			return err
		}
		row := fmt.Sprintf("account %d", got.No)
		if got.No < 1 || int(got.No) > len(v.accounts) {
			v.find(table, row, "row", "no row: no record opened it", "account "+got.Code)
			return nil
		}
		missing(got.No)
		next = got.No + 1
		want := &v.accounts[got.No-1]
		same(v, table, row, "code", want.Code, got.Code)
		same(v, table, row, "name", want.Name, got.Name)
		same(v, table, row, "type", want.Type, got.Type)
		same(v, table, row, "section", want.Section, got.Section)
		same(v, table, row, "class", want.Class, got.Class)
		same(v, table, row, "parent_no", want.Parent, got.Parent)
		same(v, table, row, "never_below_zero", want.NeverBelowZero, got.NeverBelowZero)
		same(v, table, row, "opened_day", want.Opened, got.Opened)
		same(v, table, row, "closed_day", want.Closed, got.Closed)
		return nil
	})
	if err == nil {
		missing(AccountNo(len(v.accounts)) + 1)
	}
	return err
}

// fingerprint hashes one line with a key of this run. The sum of an account's fingerprints stands for the set of its lines: without the key no other set can
// be made to have the same sum.
func (v *verifier) fingerprint(l *lineRow) uint64 {
	b := v.scratch[:0]
	for _, n := range [...]int64{l.ordinal, l.seq, l.amount, l.account, l.day, l.month, l.side} {
		b = binary.LittleEndian.AppendUint64(b, uint64(n))
	}
	b = append(b, l.tag...)
	v.scratch = b
	return maphash.Bytes(v.key, b)
}

// lineRow is a row of ledger_line as it stands, or as a record says. Its numbers have the one width that a driver hands over as it is, and that holds whatever
// somebody wrote into a column.
type lineRow struct {
	segment, account, ordinal, seq, side, amount, day, month int64

	tag sql.RawBytes // good until the next row is read
}

func (l *lineRow) targets() []any {
	return []any{&l.segment, &l.account, &l.ordinal, &l.seq, &l.side, &l.amount, &l.day, &l.month, &l.tag}
}

const lineColumns = `segment, account_no, ordinal, seq, side, amount, effective_day, month, tag`

// compareLines adds up the rows of each account and compares count, sum and fingerprint with those of the records. Only where they differ are the lines
// themselves compared one by one.
func (v *verifier) compareLines(ctx context.Context) error {
	const table = "ledger_line"
	found := make([]struct {
		count int64
		sum   money.Amount
		print uint64
	}, len(v.accounts))
	read := int64(0)
	var l lineRow
	targets := l.targets()
	err := v.each(ctx, `SELECT `+lineColumns+` FROM ledger_line WHERE realm_id = ? AND book_no = ? ORDER BY segment, account_no, ordinal`, func(rows scanner) error {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		if read++; read%(1<<16) == 0 {
			v.progress(1 << 16)
		}
		row := fmt.Sprintf
		if l.segment != l.ordinal>>segmentBits {
			v.find(table, row("account %d ordinal %d", l.account, l.ordinal), "segment", l.ordinal>>segmentBits, l.segment)
		}
		if l.account < 1 || l.account > int64(len(v.accounts)) {
			v.find(table, row("account %d ordinal %d", l.account, l.ordinal), "row", "no row: no record has it", fmt.Sprintf("amount %d", l.amount))
			return nil
		}
		account := &found[l.account-1]
		account.count++
		account.sum += money.Amount(l.side) * money.Amount(l.amount)
		account.print += v.fingerprint(&l)
		return nil
	})
	if err != nil {
		return err
	}
	suspects := map[int32]bool{}
	for i := range found {
		want := &v.accounts[i]
		if found[i].count != want.count || found[i].sum != want.sum || found[i].print != want.print {
			suspects[int32(i+1)] = true
		}
	}
	if len(suspects) == 0 {
		return nil
	}
	return v.compareSuspects(ctx, suspects)
}

// mostSuspectLines bounds the memory that comparing single lines may take.
const mostSuspectLines = 2_000_000

// compareSuspects reads the records of the suspected accounts once more and names each row that is missing, changed or too many.
func (v *verifier) compareSuspects(ctx context.Context, suspects map[int32]bool) error {
	for _, no := range slices.Sorted(maps.Keys(suspects)) {
		want := make(map[int64]lineRow)
		if v.accounts[no-1].count > mostSuspectLines {
			v.find("ledger_line", fmt.Sprintf("account %d", no), "rows", "those of the records", "others; too many to name")
			continue
		}
		if err := v.linesOf(ctx, no, want); err != nil {
			return err
		}
		if err := v.compareAccountLines(ctx, no, want); err != nil {
			return err
		}
		if len(v.report.Discrepancies) >= v.options.MostDiscrepancies {
			v.report.Count += int64(len(suspects)) // not looked at one by one
			return nil
		}
	}
	return nil
}

func (v *verifier) linesOf(ctx context.Context, account int32, into map[int64]lineRow) error {
	return v.walk(ctx, func(r *entryRow) {
		assigned, draft, _, err := seal.DecodeHeader(r.header)
		if err != nil {
			return
		}
		if _, err := seal.DecodeColumnsInto(&v.lines, r.columns, assigned.LineCount); err != nil {
			return
		}
		for i, no := range v.lines.Accounts {
			if no != account {
				continue
			}
			ordinal := assigned.FirstOrdinal + int64(i)
			into[ordinal] = lineRow{
				segment: ordinal >> segmentBits, account: int64(no), ordinal: ordinal, seq: assigned.Seq, side: int64(v.lines.Sides[i]),
				amount: v.lines.Amounts[i], day: int64(draft.Effective), month: int64(v.lines.Months[i]), tag: []byte(v.lines.Tags[i]),
			}
		}
	})
}

func (v *verifier) compareAccountLines(ctx context.Context, account int32, want map[int64]lineRow) error {
	const table = "ledger_line"
	err := v.each(ctx, fmt.Sprintf(`SELECT %s FROM ledger_line WHERE realm_id = ? AND book_no = ? AND account_no = %d ORDER BY segment, ordinal`, lineColumns, account),
		func(rows scanner) error {
			var got lineRow
			if err := rows.Scan(got.targets()...); err != nil {
				return err
			}
			row := fmt.Sprintf("account %d ordinal %d", account, got.ordinal)
			expected, ok := want[got.ordinal]
			if !ok {
				v.find(table, row, "row", "no row: no record has it", fmt.Sprintf("seq %d amount %d", got.seq, got.amount))
				return nil
			}
			delete(want, got.ordinal)
			same(v, table, row, "seq", expected.seq, got.seq)
			same(v, table, row, "side", expected.side, got.side)
			same(v, table, row, "amount", expected.amount, got.amount)
			same(v, table, row, "effective_day", expected.day, got.day)
			same(v, table, row, "month", expected.month, got.month)
			same(v, table, row, "tag", string(expected.tag), string(got.tag))
			return nil
		})
	if err != nil {
		return err
	}
	for _, ordinal := range slices.Sorted(maps.Keys(want)) {
		v.find(table, fmt.Sprintf("account %d ordinal %d", account, ordinal), "row", fmt.Sprintf("seq %d amount %d", want[ordinal].seq, want[ordinal].amount), "no row")
	}
	return nil
}

func (v *verifier) compareDays(ctx context.Context) error {
	const table = "ledger_account_day"
	err := v.each(ctx, `SELECT account_no, day, period, debit, credit, closing_debit, closing_credit FROM ledger_account_day WHERE realm_id = ? AND book_no = ?
		ORDER BY account_no, day, period`, func(rows scanner) error {
		var key dayKey
		var got dayTotals
		if err := rows.Scan(&key.account, &key.day, &key.period, &got.debit, &got.credit, &got.closingDebit, &got.closingCredit); err != nil {
			return err
		}
		want, ok := v.days[key]
		if !ok {
			v.find(table, dayName(key), "row", "no row: no record has it", fmt.Sprintf("%+v", got))
			return nil
		}
		same(v, table, dayName(key), "debit", want.debit, got.debit)
		same(v, table, dayName(key), "credit", want.credit, got.credit)
		same(v, table, dayName(key), "closing_debit", want.closingDebit, got.closingDebit)
		same(v, table, dayName(key), "closing_credit", want.closingCredit, got.closingCredit)
		delete(v.days, key)
		return nil
	})
	if err != nil {
		return err
	}
	left := slices.SortedFunc(maps.Keys(v.days), compareDays)
	for _, key := range left {
		v.find(table, dayName(key), "row", fmt.Sprintf("%+v", *v.days[key]), "no row")
	}
	return nil
}

func dayName(key dayKey) string {
	return fmt.Sprintf("account %d day %v period %v", key.account, key.day, key.period)
}

func (v *verifier) compareVouchers(ctx context.Context) error {
	const table = "ledger_voucher"
	name := func(key voucherKey) string { return fmt.Sprintf("period %v type %s", key.period, key.kind) }
	err := v.each(ctx, `SELECT period, voucher_type, last FROM ledger_voucher WHERE realm_id = ? AND book_no = ? ORDER BY period, voucher_type`, func(rows scanner) error {
		var key voucherKey
		var last int64
		if err := rows.Scan(&key.period, &key.kind, &last); err != nil {
			return err
		}
		same(v, table, name(key), "last", v.vouchers[key], last)
		delete(v.vouchers, key)
		return nil
	})
	if err != nil {
		return err
	}
	left := slices.SortedFunc(maps.Keys(v.vouchers), func(x, y voucherKey) int { return cmp.Or(cmp.Compare(x.period, y.period), cmp.Compare(x.kind, y.kind)) })
	for _, key := range left {
		v.find(table, name(key), "row", v.vouchers[key], "no row")
	}
	return nil
}

func (v *verifier) comparePeriods(ctx context.Context) error {
	const table = "ledger_period"
	err := v.each(ctx, `SELECT seq, act, period FROM ledger_period WHERE realm_id = ? AND book_no = ? ORDER BY seq`, func(rows scanner) error {
		var seq int64
		var got periodRow
		if err := rows.Scan(&seq, &got.act, &got.period); err != nil {
			return err
		}
		same(v, table, fmt.Sprintf("seq %d", seq), "act and period", v.periods[seq], got)
		delete(v.periods, seq)
		return nil
	})
	if err != nil {
		return err
	}
	for _, seq := range slices.Sorted(maps.Keys(v.periods)) {
		v.find(table, fmt.Sprintf("seq %d", seq), "row", v.periods[seq], "no row")
	}
	return nil
}

func (v *verifier) compareTree(ctx context.Context) error {
	const table = "ledger_tree"
	name := func(key nodeKey) string { return fmt.Sprintf("level %d index %d", key.level, key.index) }
	err := v.each(ctx, `SELECT level, idx, hash FROM ledger_tree WHERE realm_id = ? AND book_no = ? ORDER BY level, idx`, func(rows scanner) error {
		var key nodeKey
		var hash []byte
		if err := rows.Scan(&key.level, &key.index, &hash); err != nil {
			return err
		}
		want, ok := v.nodes[key]
		if !ok {
			v.find(table, name(key), "row", "no row: no record completes it", hash)
		} else if !bytes.Equal(want[:], hash) {
			v.find(table, name(key), "hash", want, hash)
		}
		delete(v.nodes, key)
		return nil
	})
	if err != nil {
		return err
	}
	left := slices.SortedFunc(maps.Keys(v.nodes), func(x, y nodeKey) int { return cmp.Or(cmp.Compare(x.level, y.level), cmp.Compare(x.index, y.index)) })
	for _, key := range left {
		v.find(table, name(key), "row", v.nodes[key], "no row")
	}
	return nil
}

// compareRegister looks, for a register book, whether every book that it sealed is there with the first record it had, and no other.
func (v *verifier) compareRegister(ctx context.Context) error {
	id := v.report.Book
	if id.Number != RegisterBook {
		return v.registered(ctx)
	}
	present := map[int16]bool{}
	rows, err := v.tx.Query(ctx, `SELECT book_no FROM ledger_book WHERE realm_id = ? AND book_no <> ? ORDER BY book_no`, id.Realm, RegisterBook)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var number int16
		if err := rows.Scan(&number); err != nil {
			return err
		}
		present[number] = true
		if _, ok := v.books[number]; !ok {
			v.find("ledger_book", fmt.Sprintf("book %d/%d", id.Realm, number), "row", "no row: the register did not open it", "a book")
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, number := range slices.Sorted(maps.Keys(v.books)) {
		if !present[number] {
			v.find("ledger_book", fmt.Sprintf("book %d/%d", id.Realm, number), "row", "the book that the register opened", "no row")
			continue
		}
		if err := v.firstLeaf(ctx, BookID{Realm: id.Realm, Number: number}, v.books[number]); err != nil {
			return err
		}
	}
	return nil
}

// registered looks, for any other book, whether the register of its realm sealed its first record.
func (v *verifier) registered(ctx context.Context) error {
	entry, err := readEntryByKey(ctx, v.tx, v.report.Book.Register(), fmt.Sprintf("%s %d", kindBookOpened, v.report.Book.Number))
	if isCode(err, ErrEntryUnknown) || isCode(err, ErrCorrupt) {
		v.find("ledger_entry", "register "+v.report.Book.Register().String(), kindBookOpened, "the opening of this book", err.Error())
		return nil
	}
	if err != nil {
		return err
	}
	var act bookOpenedAct
	if err := seal.DecodeAct(entry.Act, &act); err != nil || len(act.Leaf) != len(seal.Hash{}) {
		v.find("ledger_entry", "register "+v.report.Book.Register().String(), kindBookOpened, "its canonical content", entry.Act)
		return nil
	}
	return v.firstLeaf(ctx, v.report.Book, seal.Hash(act.Leaf))
}

func (v *verifier) firstLeaf(ctx context.Context, book BookID, want seal.Hash) error {
	var leaf []byte
	err := v.tx.QueryRow(ctx, `SELECT leaf FROM ledger_entry WHERE realm_id = ? AND book_no = ? AND seq = 1`, book.Realm, book.Number).Scan(&leaf)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if !bytes.Equal(leaf, want[:]) {
		v.find("ledger_entry", "book "+book.String()+" seq 1", "leaf as the register sealed it", want, leaf)
	}
	return nil
}
