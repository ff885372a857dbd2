package ledger

import (
	"context"
	"fmt"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
)

// Reversal says why, when and by whom an entry is reversed.
type Reversal struct {
	Key         string          // idempotency key; required
	Effective   calendar.Date   // required; in an open period, so usually not the day of the entry that is reversed
	Period      calendar.Period // the month of Effective if zero
	Reason      string          // required; becomes the description
	EnteredBy   string          // required
	ApprovedBy  string
	Source      Source
	Attachments []Attachment
	Metadata    map[string]string // the host's own facts about the reversal; those of its original are not carried over
}

// Reverse cancels an entry by its full mirror in red (红字冲销): the same lines with their amounts negated on the same sides, so that turnovers become what
// they would have been without it. The mirror has the kind and the voucher type of its original. An entry is reversed at most once; acts and reversals
// never are: what was reversed wrongly is posted anew.
func (l *Ledger) Reverse(ctx context.Context, book BookID, seq Seq, r Reversal) (Receipt, error) {
	var receipt Receipt
	err := l.update(ctx, book, func(ctx context.Context, tx *store.Tx) (err error) {
		receipt, err = l.reverse(ctx, tx, book, seq, r)
		return err
	})
	if err != nil {
		return Receipt{}, single(err)
	}
	return receipt, nil
}

// ReverseTx is Reverse in the host's transaction.
func (l *Ledger) ReverseTx(ctx context.Context, tx store.Handle, book BookID, seq Seq, r Reversal) (Receipt, error) {
	receipt, err := l.reverse(ctx, l.db.Join(tx), book, seq, r)
	if err != nil {
		return Receipt{}, busy(single(err), book)
	}
	return receipt, nil
}

func (l *Ledger) reverse(ctx context.Context, tx *store.Tx, book BookID, seq Seq, r Reversal) (Receipt, error) {
	if _, err := l.lockBook(ctx, tx, book); err != nil {
		return Receipt{}, err
	}
	original, err := readEntry(ctx, tx, book, seq)
	if err != nil {
		return Receipt{}, err
	}
	refusal := func(code Code, detail, hint string) error {
		return &Error{Code: code, Book: book, Key: clipped(r.Key), Draft: -1, Line: -1, Field: fmt.Sprintf("entry %d", seq), Detail: detail, Hint: hint}
	}
	if len(original.Lines) == 0 {
		return Receipt{}, refusal(ErrNotReversible, "an act has no lines to mirror", "record the opposite act")
	}
	if original.Reverses != 0 {
		return Receipt{}, refusal(ErrNotReversible, fmt.Sprintf("it reverses entry %d itself", original.Reverses), "post what is right anew")
	}
	mirror := proposal{reverses: seq, Draft: Draft{
		Key: r.Key, Kind: original.Kind, Effective: r.Effective, Period: r.Period, Voucher: original.Voucher.Type, Description: r.Reason,
		EnteredBy: r.EnteredBy, ApprovedBy: r.ApprovedBy, Source: r.Source, Attachments: r.Attachments, Transfer: original.Transfer,
		Metadata: r.Metadata, Lines: original.Lines,
	}}
	for i := range mirror.Lines {
		mirror.Lines[i].Amount = -mirror.Lines[i].Amount
	}
	if r.Reason == "" {
		check := draftCheck{draft: &mirror.Draft}
		check.add(ErrFieldMissing, -1, "reason", "empty", "say why; it becomes the description of the voucher")
		faults := check.all()
		for _, f := range faults {
			f.Book = book
		}
		return Receipt{}, faults.err()
	}
	mirror.refuse = func() (Faults, error) {
		by, err := reversalOf(ctx, tx, book, seq)
		if err != nil || by == 0 {
			return nil, err
		}
		return Faults{{Code: ErrAlreadyReversed, Book: book, Key: r.Key, Draft: -1, Line: -1, Field: fmt.Sprintf("entry %d", seq),
			Detail: fmt.Sprintf("entry %d reverses it already", by), Hint: "nothing is left to do"}}, nil
	}
	receipts, err := l.record(ctx, tx, book, []proposal{mirror})
	if err != nil {
		return Receipt{}, err
	}
	return receipts[0], nil
}

// reversalOf returns the number of the entry that reverses seq, or zero.
func reversalOf(ctx context.Context, tx *store.Tx, book BookID, seq Seq) (Seq, error) {
	var by Seq
	err := tx.QueryRow(ctx, `SELECT coalesce(max(seq), 0) FROM ledger_entry WHERE realm_id = ? AND book_no = ? AND reverses_seq = ? AND reverses_seq > 0`,
		book.Realm, book.Number, int64(seq)).Scan(&by)
	return by, err
}
