package voucher

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
)

// Matter is what a discrepancy is about.
type Matter string

// The matters.
const (
	MatterNumber  Matter = "number"  // numbers with a gap, or a counter that is off
	MatterStep    Matter = "step"    // a step that the rules do not allow, or whose hash does not follow
	MatterContent Matter = "content" // a content without the hash that was signed
	MatterRow     Matter = "row"     // the row of the voucher says something else than its steps and content
	MatterEntry   Matter = "entry"   // the entry in the book is not what was signed, or lacks its voucher
)

// Discrepancy is one thing that Verify found.
type Discrepancy struct {
	No     int64      // 制单号; zero where there is no voucher
	Entry  ledger.Seq // zero where no entry is meant
	Matter Matter
	Detail string
}

// String writes place, matter and detail.
func (d Discrepancy) String() string {
	place := fmt.Sprintf("voucher %d", d.No)
	if d.No == 0 {
		place = fmt.Sprintf("entry %d", d.Entry)
	}
	return fmt.Sprintf("%s: %s: %s", place, d.Matter, d.Detail)
}

// Report is what Verify found.
type Report struct {
	Vouchers, Steps int64
	Discrepancies   []Discrepancy
}

// Sound reports whether nothing was found.
func (r Report) Sound() bool { return len(r.Discrepancies) == 0 }

// Verify derives every voucher of a book anew from its steps and contents, by the same rules that the commands apply, holds the rows against them and the posted
// ones against their entries, and looks for entries whose voucher is gone. The entries themselves are the ledger's Verify. The policy's own choices are not held
// against the past, since they may have changed; the hands that no policy puts together are.
func (o *Office) Verify(ctx context.Context, book ledger.BookID) (Report, error) {
	r := &verification{office: o, book: book, tree: NewTree(o.ledger, book)}
	var counter, lowest, highest int64
	err := o.db.View(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT (SELECT coalesce(max(last), 0) FROM voucher_book WHERE realm_id = ? AND book_no = ?), coalesce(min(voucher_no), 1),
			coalesce(max(voucher_no), 0) FROM voucher_voucher WHERE realm_id = ? AND book_no = ?`,
			book.Realm, book.Number, book.Realm, book.Number).Scan(&counter, &lowest, &highest)
	})
	if err != nil {
		return Report{}, err
	}
	if lowest < 1 || highest != counter {
		r.found(highest, 0, MatterNumber, fmt.Sprintf("numbers from %d to %d, the counter stands at %d", lowest, highest, counter))
	}
	for from := min(lowest, 1); from <= highest; from += documentsPerPage {
		if err := r.page(ctx, from, min(from+documentsPerPage-1, highest)); err != nil {
			return Report{}, err
		}
	}
	if err := r.orphans(ctx); err != nil {
		return Report{}, err
	}
	return r.report, nil
}

type verification struct {
	office *Office
	book   ledger.BookID
	tree   *Tree
	report Report
}

func (r *verification) found(no int64, entry ledger.Seq, matter Matter, detail string) {
	r.report.Discrepancies = append(r.report.Discrepancies, Discrepancy{No: no, Entry: entry, Matter: matter, Detail: detail})
}

// page verifies the vouchers from one number to another, both included.
func (r *verification) page(ctx context.Context, first, last int64) error {
	var rows []Voucher
	var steps map[int64][]stored
	err := r.office.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		if rows, err = queryVouchers(ctx, tx, r.book, ` AND v.voucher_no BETWEEN ? AND ? ORDER BY v.voucher_no`, first, last); err != nil {
			return err
		}
		steps, err = histories(ctx, tx, r.book, first, last)
		return err
	})
	if err != nil {
		return err
	}
	next := first
	for _, row := range rows {
		for ; next < row.No; next++ {
			r.found(next, 0, MatterNumber, "missing")
		}
		next++
		r.report.Vouchers++
		r.report.Steps += int64(len(steps[row.No]))
		if err := r.voucher(ctx, row, steps[row.No]); err != nil {
			return err
		}
	}
	for ; next <= last; next++ {
		r.found(next, 0, MatterNumber, "missing")
	}
	return nil
}

// voucher derives one voucher from its steps.
func (r *verification) voucher(ctx context.Context, row Voucher, steps []stored) error {
	v := Voucher{Book: r.book, No: row.No, Key: row.Key}
	var draft, posted ledger.Draft
	for _, s := range steps {
		if s.Action == ActionPrepare || s.Action == ActionRevise {
			var kind Kind
			var err error
			if draft, kind, err = decodeDraft(s.content, s.Content); err != nil {
				r.found(row.No, 0, MatterContent, fmt.Sprintf("step %d: %v", s.No, err))
				return nil
			}
			c := &checked{draft: draft, kind: kind, period: draft.Period}
			if c.period == 0 {
				c.period = draft.Effective.Month().Period()
			}
			if c.amount, err = r.amount(ctx, draft.Lines); err != nil {
				return err
			}
			p := placed{Voucher: v}
			p.set(c)
			v = p.Voucher
		}
		if !r.step(&v, s.Step) {
			return nil
		}
		if s.Action == ActionPost {
			posted = v.posting(draft)
			v.Entry, v.Number.Number = s.Entry, s.Number // held against the entry below
		}
	}
	if column := differingColumn(&row, &v, draft.Key); column != "" {
		r.found(row.No, 0, MatterRow, "its steps and content give another "+column)
	}
	if v.State != Posted {
		return nil
	}
	return r.entry(ctx, row, posted)
}

// step replays one step; false ends the voucher, since nothing after it can be judged.
func (r *verification) step(v *Voucher, s Step) bool {
	fault := v.handsFault(s.Action, s.By, func(a, b Duty) bool { return !neverOne([2]Duty{a, b}) })
	if v.Steps > 0 && fault == nil {
		fault = v.stateFault(s.Action)
	}
	switch {
	case (v.Steps == 0) != (s.Action == ActionPrepare):
		r.found(v.No, 0, MatterStep, fmt.Sprintf("step %d is %s", s.No, s.Action))
		return false
	case fault != nil:
		r.found(v.No, 0, MatterStep, fmt.Sprintf("step %d: %s", s.No, fault.Detail))
		return false
	case s.Action != ActionPost && (s.Entry != 0 || s.Number != 0):
		r.found(v.No, 0, MatterStep, fmt.Sprintf("step %d is %s and names entry %d, number %d", s.No, s.Action, s.Entry, s.Number))
	case s.On < v.Changed:
		r.found(v.No, 0, MatterStep, fmt.Sprintf("step %d on %v, the one before on %v", s.No, s.On, v.Changed))
	}
	again := s
	if err := v.take(&again); err != nil {
		r.found(v.No, 0, MatterStep, fmt.Sprintf("step %d: %v", s.No, err))
		return false
	}
	if again != s {
		r.found(v.No, 0, MatterStep, fmt.Sprintf("step %d is stored as %+v, it follows %+v", s.No, s, again))
		return false
	}
	return true
}

// differingColumn names the first column in which the row of a voucher is not what was derived.
func differingColumn(row, v *Voucher, key string) string {
	for _, c := range []struct {
		name string
		same bool
	}{
		{"key", row.Key == key}, {"state", row.State == v.State}, {"kind", row.Kind == v.Kind}, {"voucher_type", row.Number.Type == v.Number.Type},
		{"effective_day", row.Effective == v.Effective}, {"period", row.Period == v.Period}, {"description", row.Description == v.Description},
		{"amount", row.Amount == v.Amount}, {"attachments", row.Attachments == v.Attachments}, {"prepared_by", row.Preparer == v.Preparer},
		{"reviewed_by", row.Reviewer == v.Reviewer}, {"cashier", row.Cashier == v.Cashier}, {"head", row.Head == v.Head},
		{"posted_by", row.Bookkeeper == v.Bookkeeper}, {"steps", row.Steps == v.Steps}, {"changed_day", row.Changed == v.Changed},
		{"content_step", row.contentStep == v.contentStep}, {"content_hash", row.Content == v.Content}, {"history_hash", row.History == v.History},
		{"entry_seq", row.Entry == v.Entry}, {"voucher_number", row.Number.Number == v.Number.Number},
	} {
		if !c.same {
			return c.name
		}
	}
	return ""
}

// amount adds up the debits of the general section.
func (r *verification) amount(ctx context.Context, lines []ledger.Line) (money.Amount, error) {
	if err := r.tree.Load(ctx, lines); err != nil {
		return 0, err
	}
	var total money.Amount
	for _, line := range lines {
		if account, ok := r.tree.Of(line); ok && account.Section == ledger.General && line.Side == ledger.Debit {
			sum, err := total.Add(line.Amount)
			if err != nil {
				return 0, err
			}
			total = sum
		}
	}
	return total, nil
}

// entry holds a posted voucher against its entry.
func (r *verification) entry(ctx context.Context, row Voucher, posted ledger.Draft) error {
	e, err := r.office.ledger.Entry(ctx, r.book, row.Entry)
	if err != nil {
		r.found(row.No, row.Entry, MatterEntry, err.Error())
		return ctx.Err()
	}
	if field := r.differing(&e, &row, &posted); field != "" {
		r.found(row.No, row.Entry, MatterEntry, fmt.Sprintf("entry %d has another %s than the voucher that was signed", row.Entry, field))
	}
	return nil
}

func (r *verification) differing(e *ledger.Entry, row *Voucher, d *ledger.Draft) string {
	kind := d.Kind
	if kind == "" {
		kind = ledger.KindEntry
	}
	for _, f := range []struct {
		name string
		same bool
	}{
		{"kind", e.Kind == kind}, {"key", e.Key == d.Key}, {"effective date", e.Effective == d.Effective}, {"period", e.Period == row.Period},
		{"voucher number", e.Voucher == row.Number}, {"description", e.Description == d.Description}, {"preparer", e.EnteredBy == d.EnteredBy},
		{"reviewer", e.ApprovedBy == d.ApprovedBy}, {"transfer", e.Transfer == d.Transfer}, {"metadata", maps.Equal(e.Metadata, d.Metadata)},
		{"source", e.Source.Kind == d.Source.Kind && e.Source.ID == d.Source.ID && bytes.Equal(e.Source.Hash, d.Source.Hash)},
		{"attachments", slices.EqualFunc(e.Attachments, d.Attachments, func(a, b ledger.Attachment) bool { return a.Name == b.Name && bytes.Equal(a.Hash, b.Hash) })},
		{"lines", slices.EqualFunc(e.Lines, d.Lines, r.sameLine)},
	} {
		if !f.same {
			return f.name
		}
	}
	return ""
}

// sameLine compares a line of an entry, which names its account by number, with one of a draft.
func (r *verification) sameLine(entry, draft ledger.Line) bool {
	account, ok := r.tree.Of(draft)
	return ok && entry.Account == account.No && entry.Side == draft.Side && entry.Amount == draft.Amount && entry.Month == draft.Month && entry.Tag == draft.Tag
}

// orphans looks for entries that say they were vouchers and whose voucher is not there.
func (r *verification) orphans(ctx context.Context) error {
	var page []int64
	flush := func() error {
		if len(page) == 0 {
			return nil
		}
		known := map[int64]bool{}
		err := r.office.db.View(ctx, func(ctx context.Context, tx *store.Tx) error {
			vouchers, err := queryVouchers(ctx, tx, r.book, ` AND v.entry_seq > 0 AND `+tx.Dialect().Among("v.entry_seq"), tx.Dialect().Ints(page))
			for _, v := range vouchers {
				known[int64(v.Entry)] = true
			}
			return err
		})
		for _, seq := range page {
			if err == nil && !known[seq] {
				r.found(0, ledger.Seq(seq), MatterEntry, "was posted as a voucher that is not there")
			}
		}
		page = page[:0]
		return err
	}
	for e, err := range r.office.ledger.Entries(ctx, r.book, 1, 0) {
		if err != nil {
			return err
		}
		if _, ours := e.Metadata[MetaHistory]; !ours {
			continue
		}
		if page = append(page, int64(e.Seq)); len(page) == vouchersPerPage {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}
