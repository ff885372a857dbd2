package ledger

import (
	"context"
	"time"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store"
)

// Voucher is the number of an accounting voucher (记账凭证号): dense per book, period and type, from 1. Zero Number is no voucher.
type Voucher struct {
	Type   string
	Number int64
}

// Receipt says what became of a draft.
type Receipt struct {
	Seq          Seq
	Recorded     time.Time // UTC, whole microseconds
	Period       calendar.Period
	Voucher      Voucher
	FirstOrdinal int64     // ordinal in the book of the entry's first line
	Leaf         seal.Hash // the entry's leaf in the book's log
	Replayed     bool      // an equal draft with this key was posted before, and this is its receipt

	firstAccount AccountNo
}

// Post posts one draft in a transaction of the ledger's. When it returns without error the entry is durable. Asking again with an equal draft returns the same
// receipt, with Replayed set; another draft with the same key is refused with ErrKeyReused. Every fault of the draft is reported, as *Error or Faults.
//
// Callers that come while another one writes wait, in the order of their coming, and are then written together in one transaction: the commit is paid
// once. Each draft is accepted or refused as if it were alone. A caller whose context ends while it waits leaves, and nothing of it is written; once its draft
// is being written with those of others it waits for the outcome, at most Config.Limit long, whatever becomes of its context.
func (l *Ledger) Post(ctx context.Context, book BookID, draft Draft) (Receipt, error) {
	if l.db.Nested(ctx) {
		return Receipt{}, &store.Error{Op: "begin", Class: store.Other, Err: store.ErrNested}
	}
	faults := (&draftCheck{draft: &draft}).all()
	for _, f := range faults {
		f.Book = book
	}
	if err := faults.err(); err != nil {
		return Receipt{}, err
	}
	return l.postTogether(ctx, book, draft)
}

// PostTx is Post in the host's transaction: entry and whatever else the host writes there commit or vanish together. The book stays locked for other
// writers until the transaction ends. All checks are made before the first row is written. On SQLite the transaction must have been begun IMMEDIATE.
func (l *Ledger) PostTx(ctx context.Context, tx store.Handle, book BookID, draft Draft) (Receipt, error) {
	receipts, err := l.PostAllTx(ctx, tx, book, []Draft{draft})
	if err != nil {
		return Receipt{}, single(err)
	}
	return receipts[0], nil
}

// PostAll posts drafts in their order, all or none. A draft sees the effect of those before it: account limits hold after each. Faults carry the place
// of their draft. Drafts that were posted before are replayed, so that a batch interrupted by an unknown outcome may simply be posted again.
func (l *Ledger) PostAll(ctx context.Context, book BookID, drafts []Draft) ([]Receipt, error) {
	var receipts []Receipt
	err := l.update(ctx, book, func(ctx context.Context, tx *store.Tx) (err error) {
		receipts, err = l.post(ctx, tx, book, drafts)
		return err
	})
	if err != nil {
		return nil, err
	}
	return receipts, nil
}

// PostAllTx is PostAll in the host's transaction.
func (l *Ledger) PostAllTx(ctx context.Context, tx store.Handle, book BookID, drafts []Draft) ([]Receipt, error) {
	receipts, err := l.post(ctx, l.db.Join(tx), book, drafts)
	return receipts, busy(err, book)
}

func (l *Ledger) post(ctx context.Context, tx *store.Tx, book BookID, drafts []Draft) ([]Receipt, error) {
	proposals := make([]proposal, len(drafts))
	for i, d := range drafts {
		proposals[i].Draft = d
	}
	return l.record(ctx, tx, book, proposals)
}

// single takes the place in a batch out of the errors of a batch of one.
func single(err error) error {
	switch e := err.(type) { //nolint:errorlint // exactly what PostAll returned is meant
	case *Error:
		one := *e
		one.Draft = -1
		return &one
	case Faults:
		all := make(Faults, len(e))
		for i, f := range e {
			one := *f
			one.Draft = -1
			all[i] = &one
		}
		return all
	}
	return err
}

// proposal is a draft on its way into a book, with what only the ledger itself may ask for.
type proposal struct {
	Draft
	own      bool                   // an act of the ledger, of a reserved kind
	reverses Seq                    // the entry that this one reverses
	opens    int                    // number of accounts that the act opens
	refuse   func() (Faults, error) // faults that only this act can have, asked for if it is no replay
	apply    func(*head)            // effect of the act on the book's row

	onAccounts bool // the act opens, closes or names accounts
}

// place is where faults say the proposal stands: an act of the ledger's own is in no batch.
func (p *proposal) place(at int) int {
	if p.own {
		return -1
	}
	return at
}

// record is the one way into a book. It locks the book, replays what was posted before, checks everything else, and only then writes.
func (l *Ledger) record(ctx context.Context, tx *store.Tx, id BookID, proposals []proposal) ([]Receipt, error) {
	var faults Faults
	for i := range proposals {
		p := &proposals[i]
		for _, f := range (&draftCheck{draft: &p.Draft, own: p.own}).all() {
			f.Book, f.Draft = id, p.place(i)
			faults = append(faults, f)
		}
	}
	if len(faults) > 0 {
		return nil, faults.err()
	}
	if len(proposals) == 0 {
		return nil, nil
	}
	b := &batch{ledger: l, tx: tx, proposals: proposals, receipts: make([]Receipt, len(proposals))}
	if err := b.lock(ctx, id); err != nil {
		return nil, err
	}
	if err := b.run(ctx); err != nil {
		return nil, err
	}
	return b.receipts, nil
}

// run takes a batch whose book is locked through its four steps.
func (b *batch) run(ctx context.Context) error {
	if err := b.prepare(ctx); err != nil {
		return err
	}
	if err := b.check(ctx); err != nil {
		return err
	}
	if err := b.assign(); err != nil {
		return err
	}
	return b.write(ctx)
}
