package ledger

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
)

// segmentBits is the size of a segment of lines: an account's lines lie together within every 2^20 lines of the book, so that neither inserting nor
// reading slows down as the book grows.
const segmentBits = 20

// rows collects everything a batch writes.
type rows struct {
	entries  entryRows
	lines    lineRows
	days     map[dayKey]*dayTotals
	vouchers map[voucherKey]int64
	nodes    []seal.Node
}

type dayKey struct {
	account AccountNo
	day     calendar.Date
	period  calendar.Period
}

func compareDays(x, y dayKey) int {
	return cmp.Or(cmp.Compare(x.account, y.account), cmp.Compare(x.day, y.day), cmp.Compare(x.period, y.period))
}

// dayTotals are the turnovers of an account of the chart on one effective day; closing entries are kept apart, since statements leave them out.
type dayTotals struct{ debit, credit, closingDebit, closingCredit money.Amount }

func (t *dayTotals) add(side int16, amount int64, closing bool) {
	switch {
	case side == seal.SideDebit && closing:
		t.closingDebit += money.Amount(amount)
	case side == seal.SideDebit:
		t.debit += money.Amount(amount)
	case closing:
		t.closingCredit += money.Amount(amount)
	default:
		t.credit += money.Amount(amount)
	}
}

type voucherKey struct {
	period calendar.Period
	kind   string
}

// assign gives each fresh entry its numbers, its bytes and its leaf.
func (b *batch) assign() error {
	b.rows = &rows{days: map[dayKey]*dayTotals{}, vouchers: map[voucherKey]int64{}}
	recorded := max(b.ledger.clock().UnixMicro(), b.head.recorded)
	for _, c := range b.fresh {
		if !b.balanced(&c.lines) {
			return fault(ErrUnbalanced, b.head.id, "an entry that passed every check does not add up to zero", "report this as a defect of the ledger")
		}
		seed, err := b.ledger.seeds(b.head.id, c.Key)
		if err != nil {
			return fmt.Errorf("ledger: seed of %q: %w", c.Key, err)
		}
		assigned := seal.Assigned{
			Seq: b.head.seq + 1, RecordedMicros: recorded, FirstOrdinal: b.head.lines, LineCount: int64(c.lines.Len()),
		}
		if c.opens > 0 {
			assigned.FirstAccount = b.head.accounts + 1
		}
		b.rows.entries.add(c, &assigned, seed)
		b.head.seq++
		b.head.lines += assigned.LineCount
		b.head.accounts += int64(c.opens)
		b.head.gross += c.size
		b.head.recorded = recorded
		if c.apply != nil {
			c.apply(b.head)
		}
	}
	return nil
}

// write reads the voucher counters, seals the entries and inserts everything.
func (b *batch) write(ctx context.Context) error {
	if len(b.fresh) == 0 {
		return nil
	}
	if err := b.numberVouchers(ctx); err != nil {
		return err
	}
	if err := b.sealEntries(); err != nil {
		return err
	}
	for _, c := range b.fresh {
		b.collectLines(c)
	}
	return b.insert(ctx)
}

func (b *batch) numberVouchers(ctx context.Context) error {
	for i, c := range b.fresh {
		if c.Voucher == "" {
			continue
		}
		key := voucherKey{c.Period, c.Voucher}
		last, ok := b.rows.vouchers[key]
		if !ok {
			var err error
			if last, err = b.lastVoucher(ctx, c.Period, c.Voucher); err != nil {
				return err
			}
		}
		b.rows.vouchers[key] = last + 1
		b.rows.entries.assigned[i].VoucherNumber = last + 1
	}
	return nil
}

func (b *batch) sealEntries() error {
	keep := func(node seal.Node) {
		if node.Stored() {
			b.rows.nodes = append(b.rows.nodes, node)
		}
	}
	e := &b.rows.entries
	for i, c := range b.fresh {
		assigned := &e.assigned[i]
		header, err := seal.EncodeHeader(assigned, c.bytes)
		if err != nil {
			return err
		}
		columns, err := seal.EncodeColumns(e.seeds[i], &c.lines)
		if err != nil {
			return err
		}
		root := seal.LinesRoot(e.seeds[i], assigned.FirstOrdinal, &c.lines)
		leaf := seal.LeafHash(header, columns, root)
		e.headers, e.columns = append(e.headers, header), append(e.columns, columns)
		e.roots, e.leaves = append(e.roots, root[:]), append(e.leaves, leaf[:])
		b.head.frontier.Append(leaf, keep)
		if c.onAccounts {
			b.head.accountsState = nextAccountsState(b.head.accountsState, leaf)
		}
		b.receipts[c.at] = Receipt{
			Seq: Seq(assigned.Seq), Recorded: fromMicros(assigned.RecordedMicros), Period: c.Period,
			Voucher: Voucher{Type: c.Voucher, Number: assigned.VoucherNumber}, FirstOrdinal: assigned.FirstOrdinal, Leaf: leaf,
			firstAccount: AccountNo(assigned.FirstAccount),
		}
	}
	return nil
}

func fromMicros(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

// collectLines makes the rows of an entry's lines and adds them to the totals of their days.
func (b *batch) collectLines(c *candidate) {
	receipt := &b.receipts[c.at]
	for i, no := range c.lines.Accounts {
		account := b.accounts[AccountNo(no)]
		b.rows.lines.add(receipt.FirstOrdinal+int64(i), int64(receipt.Seq), int32(c.Effective), &c.lines, i)
		key := dayKey{account: account.No, day: c.Effective, period: c.Period}
		if account.Class == Member {
			key.account = account.Parent
		}
		totals, ok := b.rows.days[key]
		if !ok {
			totals = &dayTotals{}
			b.rows.days[key] = totals
		}
		totals.add(c.lines.Sides[i], c.lines.Amounts[i], c.Kind == KindClosing)
	}
}
