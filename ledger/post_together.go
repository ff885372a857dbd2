package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/fundledger/fundledger/ledger/store"
)

// PanicError is what Post returns when the transaction that it shared with other callers ended in a panic of one of them, which goes on there: in a clock, or
// in a source of seeds. Nothing was written.
type PanicError struct{ Value any }

// Error says what the panic was about.
func (e *PanicError) Error() string {
	return fmt.Sprintf("ledger: a transaction shared with others ended in a panic: %v; nothing was written, the same key posts once", e.Value)
}

// postTogether posts a draft that shows no fault by itself, in a transaction that it may share with other callers.
func (l *Ledger) postTogether(ctx context.Context, book BookID, draft Draft) (Receipt, error) {
	key := book
	if l.db.Dialect().ForUpdate() == "" { // one writer for all books
		key = BookID{}
	}
	w := &waiter{book: book, draft: draft, wake: make(chan struct{}, 1)}
	leads := l.queues.enter(key, w)
	if !leads {
		var err error
		if leads, err = l.queues.wait(ctx, key, w); err != nil {
			return Receipt{}, &store.Error{Op: "wait for the writers before", Class: store.Canceled, Err: err}
		}
	}
	if leads {
		l.lead(ctx, key)
	}
	return w.receipt, w.err
}

// lead writes one batch and answers everyone in it, whatever happens.
func (l *Ledger) lead(ctx context.Context, key BookID) {
	// The callers of the batch before have just been answered. Where they post again at once, they are let into this one; without this they would alternate in
	// two halves, each waiting for the other's commit.
	runtime.Gosched()
	batch := l.queues.take(key)
	done := false
	defer func() {
		if !done {
			value := recover()
			for _, w := range batch {
				w.receipt, w.err = Receipt{}, &PanicError{Value: value}
			}
			if value != nil { // nil is a goroutine that ends itself, as a test that fails
				defer panic(value)
			}
		}
		l.queues.answer(key, batch)
	}()
	if len(batch) == 1 { // nobody else is held up by this caller's context, nor it by another limit
		l.postAlone(ctx, batch[0])
	} else {
		l.postBatch(ctx, batch)
	}
	done = true
}

func (l *Ledger) postAlone(ctx context.Context, w *waiter) {
	receipts, err := l.PostAll(ctx, w.book, []Draft{w.draft})
	if w.err = single(err); err == nil {
		w.receipt = receipts[0]
	}
}

// postBatch posts the drafts of several callers in one transaction, in which a draft that is refused fails alone. It runs under a time limit of its own,
// so that no caller's cancellation is another's.
func (l *Ledger) postBatch(ctx context.Context, batch []*waiter) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.limit)
	defer cancel()
	ordered := slices.Clone(batch)
	slices.SortStableFunc(ordered, func(a, b *waiter) int { // several books are locked in this order
		return cmp.Or(cmp.Compare(a.book.Realm, b.book.Realm), cmp.Compare(a.book.Number, b.book.Number))
	})
	err := l.settled(ctx, func(ctx context.Context, tx *store.Tx) error {
		for from := 0; from < len(ordered); {
			to := from + 1
			for to < len(ordered) && ordered[to].book == ordered[from].book {
				to++
			}
			if err := l.recordEach(ctx, tx, ordered[from:to]); err != nil {
				return err
			}
			from = to
		}
		return nil
	})
	switch {
	case err == nil:
	case concernsAll(err):
		for _, w := range batch {
			w.receipt, w.err = Receipt{}, busy(err, w.book)
		}
	default: // one of them brought it about, and only by itself can be told which
		for _, w := range batch {
			l.postAlone(ctx, w)
		}
	}
}

// concernsAll reports whether an error is the database's as a whole: none of the drafts would fare better by itself.
func concernsAll(err error) bool {
	e, ok := errors.AsType[*store.Error](err)
	if !ok {
		return false
	}
	switch e.Class {
	case store.Busy, store.Serialization, store.Deadlock, store.StorageFull, store.Connection, store.Permission, store.Canceled, store.CommitUnknown:
		return true
	}
	return false
}

// recordEach posts drafts of one book, each by itself accepted or refused in the light of those accepted before it.
func (l *Ledger) recordEach(ctx context.Context, tx *store.Tx, waiters []*waiter) error {
	proposals := make([]proposal, len(waiters))
	for i, w := range waiters {
		proposals[i].Draft = w.draft
		w.receipt, w.err = Receipt{}, nil
	}
	b := &batch{ledger: l, tx: tx, proposals: proposals, receipts: make([]Receipt, len(proposals)), each: true}
	err := b.lock(ctx, waiters[0].book)
	if isCode(err, ErrBookUnknown) { // found without an error of the database, so that the transaction goes on
		for _, w := range waiters {
			w.err = err
		}
		return nil
	}
	if err != nil {
		return err
	}
	if err := b.run(ctx); err != nil {
		return err
	}
	faults := make([]Faults, len(waiters))
	for _, f := range b.faults {
		faults[f.Draft] = append(faults[f.Draft], f)
	}
	for i, w := range waiters {
		if err := faults[i].err(); err != nil {
			w.err = single(err)
		} else {
			w.receipt = b.receipts[i]
		}
	}
	return nil
}
