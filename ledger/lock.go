package ledger

import (
	"context"

	"github.com/fundledger/fundledger/ledger/calendar"
)

// lockedProposal locks a book and reads, in the same statement, what a single proposal is about to ask for: the entry with its key, and the last number of
// its voucher series. A statement on PostgreSQL that waited for the lock sees the book's row as the other writer left it, but everything else as it was
// before; the sequence number as of then stands beside the locked one to tell. The joins to the left are never locked.
const lockedProposal = `SELECT ` + headColumns + `, s.seq, e.header, e.columns, e.leaf, coalesce(v.last, 0) FROM ledger_book b
	LEFT JOIN ledger_book s ON s.realm_id = b.realm_id AND s.book_no = b.book_no
	LEFT JOIN ledger_entry e ON e.realm_id = b.realm_id AND e.book_no = b.book_no AND e.key = ?
	LEFT JOIN ledger_voucher v ON v.realm_id = b.realm_id AND v.book_no = b.book_no AND v.period = ? AND v.voucher_type = ?
	WHERE b.realm_id = ? AND b.book_no = ?`

// lock locks the book of the batch. With a single proposal it also finds out what the batch would have to ask next.
func (b *batch) lock(ctx context.Context, id BookID) (err error) {
	if len(b.proposals) > 1 {
		b.head, err = b.ledger.lockBook(ctx, b.tx, id)
		return err
	}
	p := &b.proposals[0]
	series := voucherKey{p.Period, p.Voucher}
	if len(p.Lines) > 0 && series.period == 0 {
		series.period = p.Effective.Month().Period()
	}
	if len(p.Lines) > 0 && series.kind == "" {
		series.kind = VoucherGeneral
	}
	s := &headScan{head: head{id: id}}
	var seen, last int64
	var header, columns, leaf []byte
	lock := b.tx.Dialect().ForUpdate()
	if lock != "" {
		lock += " OF b"
	}
	err = b.tx.QueryRow(ctx, lockedProposal+lock, p.Key, int32(series.period), series.kind, id.Realm, id.Number).
		Scan(append(s.targets(), &seen, &header, &columns, &leaf, &last)...)
	if b.head, err = s.result(err); err != nil {
		return err
	}
	if seen != b.head.seq { // another writer held the book until now: what the joins saw is out of date
		return nil
	}
	b.stored, b.lastVouchers = map[string]*storedEntry{}, map[voucherKey]int64{series: last}
	if header != nil {
		b.stored[p.Key], err = decodeStored(id, header, columns, leaf)
	}
	return err
}

// lastVoucher returns the last number given in a series.
func (b *batch) lastVoucher(ctx context.Context, period calendar.Period, kind string) (int64, error) {
	last, ok := b.lastVouchers[voucherKey{period, kind}]
	if ok {
		return last, nil
	}
	err := b.tx.QueryRow(ctx, `SELECT coalesce(max(last), 0) FROM ledger_voucher WHERE realm_id = ? AND book_no = ? AND period = ? AND voucher_type = ?`,
		b.head.id.Realm, b.head.id.Number, int32(period), kind).Scan(&last)
	return last, err
}
