package voucher

import (
	"context"
	"fmt"
	"iter"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/store"
)

// voucherColumns are what Voucher.scan reads, after the columns that its caller put before them.
const voucherColumns = `v.voucher_no, v.key, v.state, v.kind, v.voucher_type, v.effective_day, v.period, v.description, v.amount, v.attachments, v.prepared_by,
	v.reviewed_by, v.cashier, v.head, v.posted_by, v.steps, v.changed_day, v.content_step, v.content_hash, v.history_hash, v.entry_seq, v.voucher_number`

type scanner interface{ Scan(dest ...any) error }

func (v *Voucher) scan(row scanner, before ...any) error {
	var content, history []byte
	err := row.Scan(append(before, &v.No, &v.Key, &v.State, &v.Kind, &v.Number.Type, &v.Effective, &v.Period, &v.Description, &v.Amount, &v.Attachments, &v.Preparer,
		&v.Reviewer, &v.Cashier, &v.Head, &v.Bookkeeper, &v.Steps, &v.Changed, &v.contentStep, &content, &history, &v.Entry, &v.Number.Number)...)
	v.Content, v.History = hashOf(content), hashOf(history)
	return err
}

func queryVouchers(ctx context.Context, tx *store.Tx, book ledger.BookID, where string, args ...any) ([]Voucher, error) {
	rows, err := tx.Query(ctx, `SELECT `+voucherColumns+` FROM voucher_voucher v WHERE v.realm_id = ? AND v.book_no = ?`+where,
		append([]any{book.Realm, book.Number}, args...)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var vouchers []Voucher
	for rows.Next() {
		v := Voucher{Book: book}
		if err := v.scan(rows); err != nil {
			return nil, err
		}
		vouchers = append(vouchers, v)
	}
	return vouchers, rows.Err()
}

// stepColumns are what Step.scan reads, after the columns that its caller put before them.
const stepColumns = `s.step_no, s.action, s.person, s.day, s.reason, s.key, s.state, s.content_hash, s.step_hash, s.entry_seq, s.voucher_number`

func (s *Step) scan(row scanner, before ...any) error {
	var content, hash []byte
	err := row.Scan(append(before, &s.No, &s.Action, &s.By, &s.On, &s.Reason, &s.Key, &s.State, &content, &hash, &s.Entry, &s.Number)...)
	s.Content, s.Hash = hashOf(content), hashOf(hash)
	return err
}

// Document is a voucher with its content.
type Document struct {
	Voucher
	Draft ledger.Draft
}

// Document returns a voucher with its content, or ErrUnknown.
func (o *Office) Document(ctx context.Context, book ledger.BookID, no int64) (Document, error) {
	var d Document
	err := o.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		d, err = document(ctx, tx, book, no)
		return err
	})
	return d, err
}

// DocumentTx is Document in the host's transaction.
func (o *Office) DocumentTx(ctx context.Context, h store.Handle, book ledger.BookID, no int64) (Document, error) {
	return document(ctx, o.db.Join(h), book, no)
}

func document(ctx context.Context, tx *store.Tx, book ledger.BookID, no int64) (Document, error) {
	list, err := documents(ctx, tx, book, []int64{no})
	if err != nil {
		return Document{}, err
	}
	return list[0], nil
}

// documents reads vouchers with their contents in the order of numbers. All that are not there are faults.
func documents(ctx context.Context, tx *store.Tx, book ledger.BookID, numbers []int64) ([]Document, error) {
	vouchers, err := queryVouchers(ctx, tx, book, ` AND `+tx.Dialect().Among("v.voucher_no"), tx.Dialect().Ints(numbers))
	if err != nil {
		return nil, err
	}
	contents, err := currentContents(ctx, tx, book, numbers)
	if err != nil {
		return nil, err
	}
	found := make(map[int64]Voucher, len(vouchers))
	for _, v := range vouchers {
		found[v.No] = v
	}
	var faults Faults
	out := make([]Document, len(numbers))
	for i, no := range numbers {
		v, ok := found[no]
		if !ok {
			faults.add(&Fault{Code: ErrUnknown, Book: book, Row: i + 1, No: no, Detail: "not in the book", Hint: "check book and number"})
			continue
		}
		draft, _, err := decodeDraft(contents[no], v.Content)
		if err != nil {
			faults.add(&Fault{Code: ErrCorrupt, Book: book, Row: i + 1, No: no, Detail: err.Error(), Hint: "run Verify", Err: err})
		}
		out[i] = Document{Voucher: v, Draft: draft}
	}
	return out, faults.err()
}

// documentsPerPage and vouchersPerPage bound what one short read transaction fetches.
const (
	documentsPerPage = 100
	vouchersPerPage  = 1000
)

// Documents returns vouchers with their contents, in the order of numbers. Each page is a short transaction of its own. Stop at the first error.
func (o *Office) Documents(ctx context.Context, book ledger.BookID, numbers []int64) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		for from := 0; from < len(numbers); from += documentsPerPage {
			var page []Document
			err := o.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
				page, err = documents(ctx, tx, book, numbers[from:min(from+documentsPerPage, len(numbers))])
				return err
			})
			if err != nil {
				yield(Document{}, err)
				return
			}
			for _, d := range page {
				if !yield(d, nil) {
					return
				}
			}
		}
	}
}

// Vouchers returns the vouchers of a book that are in one of the states, or all of them if none is named, by number. Each page is a short transaction of its own,
// so a loop may take steps while it reads. Stop at the first error.
func (o *Office) Vouchers(ctx context.Context, book ledger.BookID, states ...State) iter.Seq2[Voucher, error] {
	texts := make([]string, len(states))
	for i, state := range states {
		texts[i] = string(state)
	}
	return func(yield func(Voucher, error) bool) {
		for after := int64(0); ; {
			var page []Voucher
			err := o.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
				where, args := ` AND v.voucher_no > ?`, []any{after}
				if len(texts) > 0 {
					where, args = where+` AND `+tx.Dialect().Among("v.state"), append(args, tx.Dialect().Texts(texts))
				}
				page, err = queryVouchers(ctx, tx, book, where+` ORDER BY v.voucher_no LIMIT ?`, append(args, vouchersPerPage)...)
				return err
			})
			if err != nil {
				yield(Voucher{}, err)
				return
			}
			for _, v := range page {
				if !yield(v, nil) {
					return
				}
				after = v.No
			}
			if len(page) < vouchersPerPage {
				return
			}
		}
	}
}

// OfEntry returns the voucher that was posted as an entry, or ErrUnknown: the entry may have been posted without this package.
func (o *Office) OfEntry(ctx context.Context, book ledger.BookID, entry ledger.Seq) (Voucher, error) {
	var found []Voucher
	err := o.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		found, err = queryVouchers(ctx, tx, book, ` AND v.entry_seq = ? AND v.entry_seq > 0`, int64(entry))
		return err
	})
	if err == nil && len(found) == 0 {
		err = Faults{{Code: ErrUnknown, Book: book, Field: fmt.Sprintf("entry %d", entry), Detail: "no voucher was posted as it", Hint: "look at the entry itself"}}
	}
	return one(found, err)
}

// History returns every step of a voucher in order, with the content that each step gave (凭证流转记录), or ErrUnknown.
func (o *Office) History(ctx context.Context, book ledger.BookID, no int64) ([]Step, error) {
	var steps []Step
	err := o.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		steps, err = history(ctx, tx, book, no)
		return err
	})
	return steps, err
}

// HistoryTx is History in the host's transaction.
func (o *Office) HistoryTx(ctx context.Context, h store.Handle, book ledger.BookID, no int64) ([]Step, error) {
	return history(ctx, o.db.Join(h), book, no)
}

func history(ctx context.Context, tx *store.Tx, book ledger.BookID, no int64) ([]Step, error) {
	page, err := histories(ctx, tx, book, no, no)
	if err != nil {
		return nil, err
	}
	steps := page[no]
	if len(steps) == 0 {
		return nil, Faults{{Code: ErrUnknown, Book: book, No: no, Detail: "not in the book", Hint: "check book and number"}}
	}
	for i := range steps {
		s := &steps[i]
		if s.Action != ActionPrepare && s.Action != ActionRevise {
			continue
		}
		draft, _, err := decodeDraft(s.content, s.Content)
		if err != nil {
			return nil, Faults{{Code: ErrCorrupt, Book: book, No: no, Field: fmt.Sprintf("step %d", s.No), Detail: err.Error(), Hint: "run Verify", Err: err}}
		}
		s.Draft = &draft
	}
	out := make([]Step, len(steps))
	for i := range steps {
		out[i] = steps[i].Step
	}
	return out, nil
}

// stored is a step with the content that stands beside it.
type stored struct {
	Step
	content []byte
}

// histories reads the steps of vouchers from one number to another, both included, in order.
func histories(ctx context.Context, tx *store.Tx, book ledger.BookID, first, last int64) (map[int64][]stored, error) {
	// Each step looks its own content up, as in act.write.
	rows, err := tx.Query(ctx, `SELECT s.voucher_no, coalesce((SELECT c.content FROM voucher_content c
		WHERE c.realm_id = s.realm_id AND c.book_no = s.book_no AND c.voucher_no = s.voucher_no AND c.step_no = s.step_no), ''), `+stepColumns+` FROM voucher_step s
		WHERE s.realm_id = ? AND s.book_no = ? AND s.voucher_no BETWEEN ? AND ? ORDER BY s.voucher_no, s.step_no`, book.Realm, book.Number, first, last)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[int64][]stored{}
	for rows.Next() {
		var no int64
		var s stored
		if err := s.scan(rows, &no, &s.content); err != nil {
			return nil, err
		}
		found[no] = append(found[no], s)
	}
	return found, rows.Err()
}
