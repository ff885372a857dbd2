package ledger

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store"
)

// insert writes everything that the batch has collected, and the book's row; on PostgreSQL a small batch is one statement.
func (b *batch) insert(ctx context.Context) error {
	h := b.head
	frontier, err := h.frontier.MarshalBinary()
	if err != nil {
		return err
	}
	additions := []store.Addition{
		b.rows.entries.addition(h.id), b.rows.lines.addition(h.id), b.rows.dayAddition(h.id), b.rows.voucherAddition(h.id), b.rows.nodeAddition(h.id),
	}
	return b.tx.InsertAll(ctx, additions, `UPDATE ledger_book SET seq = ?, lines = ?, accounts = ?, gross = ?, accounts_state = ?, recorded_us = ?,
		closed_through = ?, issued_through = ?, frontier = ? WHERE realm_id = ? AND book_no = ?`, h.seq, h.lines, h.accounts, int64(h.gross), h.accountsState[:],
		h.recorded, int32(h.closedThrough), int32(h.issuedThrough), frontier, h.id.Realm, h.id.Number)
}

// dayAddition adds the turnovers of each day to what stands there.
func (r *rows) dayAddition(id BookID) store.Addition {
	keys := make([]dayKey, 0, len(r.days))
	for key := range r.days {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, compareDays)
	n := len(keys)
	accounts, days, periods := make([]int32, n), make([]int32, n), make([]int32, n)
	debits, credits, closingDebits, closingCredits := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	for i, key := range keys {
		t := r.days[key]
		accounts[i], days[i], periods[i] = int32(key.account), int32(key.day), int32(key.period)
		debits[i], credits[i], closingDebits[i], closingCredits[i] = int64(t.debit), int64(t.credit), int64(t.closingDebit), int64(t.closingCredit)
	}
	return store.Addition{Table: "ledger_account_day", Columns: []store.Column{
		store.Fixed("realm_id", id.Realm), store.Fixed("book_no", id.Number), store.Int32s("account_no", accounts), store.Int32s("day", days),
		store.Int32s("period", periods), store.Int64s("debit", debits), store.Int64s("credit", credits),
		store.Int64s("closing_debit", closingDebits), store.Int64s("closing_credit", closingCredits),
	}, Conflict: `ON CONFLICT (realm_id, book_no, account_no, day, period) DO UPDATE SET debit = ledger_account_day.debit + excluded.debit,
		credit = ledger_account_day.credit + excluded.credit, closing_debit = ledger_account_day.closing_debit + excluded.closing_debit,
		closing_credit = ledger_account_day.closing_credit + excluded.closing_credit`}
}

func (r *rows) voucherAddition(id BookID) store.Addition {
	series := make([]voucherKey, 0, len(r.vouchers))
	for key := range r.vouchers {
		series = append(series, key)
	}
	slices.SortFunc(series, func(x, y voucherKey) int { return cmp.Or(cmp.Compare(x.period, y.period), cmp.Compare(x.kind, y.kind)) })
	periods, kinds, last := make([]int32, len(series)), make([]string, len(series)), make([]int64, len(series))
	for i, key := range series {
		periods[i], kinds[i], last[i] = int32(key.period), key.kind, r.vouchers[key]
	}
	return store.Addition{Table: "ledger_voucher", Columns: []store.Column{
		store.Fixed("realm_id", id.Realm), store.Fixed("book_no", id.Number), store.Int32s("period", periods), store.Texts("voucher_type", kinds),
		store.Int64s("last", last),
	}, Conflict: `ON CONFLICT (realm_id, book_no, period, voucher_type) DO UPDATE SET last = excluded.last`}
}

func (r *rows) nodeAddition(id BookID) store.Addition {
	n := len(r.nodes)
	levels, indexes, hashes := make([]int16, n), make([]int64, n), make([][]byte, n)
	for i := range r.nodes {
		node := &r.nodes[i]
		levels[i], indexes[i], hashes[i] = int16(node.Level), node.Index, node.Hash[:]
	}
	return store.Addition{Table: "ledger_tree", Columns: []store.Column{
		store.Fixed("realm_id", id.Realm), store.Fixed("book_no", id.Number), store.Int16s("level", levels), store.Int64s("idx", indexes),
		store.Blobs("hash", hashes),
	}}
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

func (e *entryRows) addition(id BookID) store.Addition {
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
	return store.Addition{Table: "ledger_entry", Columns: []store.Column{
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
		store.Blobs("leaf", e.leaves),
	}}
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

// addition gives the lines in key order, which costs the B-tree least.
func (r *lineRows) addition(id BookID) store.Addition {
	n := len(r.ordinals)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(x, y int) int {
		return cmp.Or(cmp.Compare(r.segments[x], r.segments[y]), cmp.Compare(r.accounts[x], r.accounts[y]), cmp.Compare(r.ordinals[x], r.ordinals[y]))
	})
	return store.Addition{Table: "ledger_line", Columns: []store.Column{
		store.Fixed("realm_id", id.Realm), store.Fixed("book_no", id.Number), store.Int32s("segment", permuted(r.segments, order)),
		store.Int32s("account_no", permuted(r.accounts, order)), store.Int64s("ordinal", permuted(r.ordinals, order)),
		store.Int64s("seq", permuted(r.seqs, order)), store.Int16s("side", permuted(r.sides, order)), store.Int64s("amount", permuted(r.amounts, order)),
		store.Int32s("effective_day", permuted(r.days, order)), store.Int32s("month", permuted(r.months, order)), store.Texts("tag", permuted(r.tags, order)),
	}}
}

func permuted[T any](values []T, order []int) []T {
	out := make([]T, len(values))
	for i, at := range order {
		out[i] = values[at]
	}
	return out
}
