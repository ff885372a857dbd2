package ledger

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store"
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
	if err := b.rows.entries.insert(ctx, b.tx, b.head.id); err != nil {
		return err
	}
	for _, c := range b.fresh {
		b.collectLines(c)
	}
	if err := b.rows.lines.insert(ctx, b.tx, b.head.id); err != nil {
		return err
	}
	if err := b.writeDays(ctx); err != nil {
		return err
	}
	if err := b.writeVouchers(ctx); err != nil {
		return err
	}
	if err := b.writeNodes(ctx); err != nil {
		return err
	}
	return b.writeHead(ctx)
}

func (b *batch) numberVouchers(ctx context.Context) error {
	for i, c := range b.fresh {
		if c.Voucher == "" {
			continue
		}
		key := voucherKey{c.Period, c.Voucher}
		last, ok := b.rows.vouchers[key]
		if !ok {
			err := b.tx.QueryRow(ctx, `SELECT coalesce(max(last), 0) FROM ledger_voucher WHERE realm_id = ? AND book_no = ? AND period = ? AND voucher_type = ?`,
				b.head.id.Realm, b.head.id.Number, int32(c.Period), c.Voucher).Scan(&last)
			if err != nil {
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

func (b *batch) writeDays(ctx context.Context) error {
	days := make([]dayKey, 0, len(b.rows.days))
	for key := range b.rows.days {
		days = append(days, key)
	}
	slices.SortFunc(days, compareDays)
	for _, key := range days {
		t := b.rows.days[key]
		_, err := b.tx.Exec(ctx, `INSERT INTO ledger_account_day AS d (realm_id, book_no, account_no, day, period, debit, credit, closing_debit, closing_credit)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (realm_id, book_no, account_no, day, period) DO UPDATE SET debit = d.debit + excluded.debit,
			credit = d.credit + excluded.credit, closing_debit = d.closing_debit + excluded.closing_debit,
			closing_credit = d.closing_credit + excluded.closing_credit`, b.head.id.Realm, b.head.id.Number, int32(key.account), int32(key.day), int32(key.period),
			int64(t.debit), int64(t.credit), int64(t.closingDebit), int64(t.closingCredit))
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) writeVouchers(ctx context.Context) error {
	series := make([]voucherKey, 0, len(b.rows.vouchers))
	for key := range b.rows.vouchers {
		series = append(series, key)
	}
	slices.SortFunc(series, func(x, y voucherKey) int { return cmp.Or(cmp.Compare(x.period, y.period), cmp.Compare(x.kind, y.kind)) })
	for _, key := range series {
		_, err := b.tx.Exec(ctx, `INSERT INTO ledger_voucher (realm_id, book_no, period, voucher_type, last) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (realm_id, book_no, period, voucher_type) DO UPDATE SET last = excluded.last`,
			b.head.id.Realm, b.head.id.Number, int32(key.period), key.kind, b.rows.vouchers[key])
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) writeNodes(ctx context.Context) error {
	n := len(b.rows.nodes)
	levels, indexes, hashes := make([]int16, n), make([]int64, n), make([][]byte, n)
	for i := range b.rows.nodes {
		node := &b.rows.nodes[i]
		levels[i], indexes[i], hashes[i] = int16(node.Level), node.Index, node.Hash[:]
	}
	return b.tx.Insert(ctx, "ledger_tree", store.Fixed("realm_id", b.head.id.Realm), store.Fixed("book_no", b.head.id.Number),
		store.Int16s("level", levels), store.Int64s("idx", indexes), store.Blobs("hash", hashes))
}

func (b *batch) writeHead(ctx context.Context) error {
	h := b.head
	frontier, err := h.frontier.MarshalBinary()
	if err != nil {
		return err
	}
	_, err = b.tx.Exec(ctx, `UPDATE ledger_book SET seq = ?, lines = ?, accounts = ?, gross = ?, accounts_state = ?, recorded_us = ?, closed_through = ?, issued_through = ?, frontier = ?
		WHERE realm_id = ? AND book_no = ?`, h.seq, h.lines, h.accounts, int64(h.gross), h.accountsState[:], h.recorded, int32(h.closedThrough), int32(h.issuedThrough), frontier,
		h.id.Realm, h.id.Number)
	return err
}

// entryRows holds the entries of a batch, column by column.
type entryRows struct {
	candidates []*candidate
	assigned   []seal.Assigned
	seeds      []seal.Seed
	headers    [][]byte
	columns    [][]byte
	roots      [][]byte
	leaves     [][]byte
}

func (e *entryRows) add(c *candidate, assigned *seal.Assigned, seed seal.Seed) {
	e.candidates, e.assigned, e.seeds = append(e.candidates, c), append(e.assigned, *assigned), append(e.seeds, seed)
}

func (e *entryRows) insert(ctx context.Context, tx *store.Tx, id BookID) error {
	n := len(e.candidates)
	text := func(field func(*candidate) string) []string {
		out := make([]string, n)
		for i, c := range e.candidates {
			out[i] = field(c)
		}
		return out
	}
	number := func(field func(int) int64) []int64 {
		out := make([]int64, n)
		for i := range out {
			out[i] = field(i)
		}
		return out
	}
	days, periods, attachments, hashes := make([]int32, n), make([]int32, n), make([]int32, n), make([][]byte, n)
	for i, c := range e.candidates {
		days[i], periods[i], attachments[i] = int32(c.Effective), int32(c.Period), int32(len(c.Attachments))
		hashes[i] = notNil(c.Source.Hash)
		e.columns[i] = notNil(e.columns[i])
	}
	return tx.Insert(ctx, "ledger_entry",
		store.Fixed("realm_id", id.Realm), store.Fixed("book_no", id.Number),
		store.Int64s("seq", number(func(i int) int64 { return e.assigned[i].Seq })),
		store.Texts("kind", text(func(c *candidate) string { return c.Kind })), store.Texts("key", text(func(c *candidate) string { return c.Key })),
		store.Int32s("effective_day", days), store.Int32s("period", periods),
		store.Texts("voucher_type", text(func(c *candidate) string { return c.Voucher })),
		store.Int64s("voucher_no", number(func(i int) int64 { return e.assigned[i].VoucherNumber })),
		store.Int64s("recorded_us", number(func(i int) int64 { return e.assigned[i].RecordedMicros })),
		store.Texts("description", text(func(c *candidate) string { return c.Description })),
		store.Texts("entered_by", text(func(c *candidate) string { return c.EnteredBy })),
		store.Texts("approved_by", text(func(c *candidate) string { return c.ApprovedBy })),
		store.Texts("source_kind", text(func(c *candidate) string { return c.Source.Kind })),
		store.Texts("source_id", text(func(c *candidate) string { return c.Source.ID })), store.Blobs("source_hash", hashes),
		store.Int32s("attachments", attachments), store.Texts("transfer_id", text(func(c *candidate) string { return c.Transfer })),
		store.Int64s("reverses_seq", number(func(i int) int64 { return int64(e.candidates[i].reverses) })),
		store.Texts("metadata", text(func(c *candidate) string { return metadataText(c.Metadata) })),
		store.Int64s("first_ordinal", number(func(i int) int64 { return e.assigned[i].FirstOrdinal })),
		store.Int64s("line_count", number(func(i int) int64 { return e.assigned[i].LineCount })),
		store.Blobs("header", e.headers), store.Blobs("columns", e.columns), store.Blobs("lines_root", e.roots),
		store.Blobs("leaf", e.leaves))
}

// notNil keeps nothing from becoming NULL.
func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// metadataText is the metadata as JSON with sorted names, for readers of the rows; nothing where there is none.
func metadataText(metadata map[string]string) string {
	if len(metadata) == 0 {
		return ""
	}
	text, err := json.Marshal(metadata)
	if err != nil {
		panic(err) // a map of strings always marshals
	}
	return string(text)
}

// lineRows holds the lines of a batch, column by column.
type lineRows struct {
	segments, accounts, days, months []int32
	ordinals, seqs, amounts          []int64
	sides                            []int16
	tags                             []string
}

func (r *lineRows) add(ordinal, seq int64, day int32, lines *seal.Lines, i int) {
	r.segments, r.accounts = append(r.segments, int32(ordinal>>segmentBits)), append(r.accounts, lines.Accounts[i])
	r.ordinals, r.seqs = append(r.ordinals, ordinal), append(r.seqs, seq)
	r.sides, r.amounts = append(r.sides, lines.Sides[i]), append(r.amounts, lines.Amounts[i])
	r.days, r.months, r.tags = append(r.days, day), append(r.months, lines.Months[i]), append(r.tags, lines.Tags[i])
}

// insert writes the lines in key order, which costs the B-tree least.
func (r *lineRows) insert(ctx context.Context, tx *store.Tx, id BookID) error {
	n := len(r.ordinals)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(x, y int) int {
		return cmp.Or(cmp.Compare(r.segments[x], r.segments[y]), cmp.Compare(r.accounts[x], r.accounts[y]), cmp.Compare(r.ordinals[x], r.ordinals[y]))
	})
	return tx.Insert(ctx, "ledger_line",
		store.Fixed("realm_id", id.Realm), store.Fixed("book_no", id.Number), store.Int32s("segment", permuted(r.segments, order)),
		store.Int32s("account_no", permuted(r.accounts, order)), store.Int64s("ordinal", permuted(r.ordinals, order)),
		store.Int64s("seq", permuted(r.seqs, order)), store.Int16s("side", permuted(r.sides, order)), store.Int64s("amount", permuted(r.amounts, order)),
		store.Int32s("effective_day", permuted(r.days, order)), store.Int32s("month", permuted(r.months, order)), store.Texts("tag", permuted(r.tags, order)))
}

func permuted[T any](values []T, order []int) []T {
	out := make([]T, len(values))
	for i, at := range order {
		out[i] = values[at]
	}
	return out
}
