package voucher

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/store"
)

// Post posts a reviewed voucher into its book (记账): entry and state in one transaction. The entry is entered by the preparer and approved by the reviewer; its
// metadata name bookkeeper, cashier and head, and carry the hash of the voucher's history. What the ledger refuses comes back as Faults of code ErrLedger, with
// the ledger's errors in them, and the voucher stays reviewed.
func (o *Office) Post(ctx context.Context, hand Hand, seen Seen) (Voucher, error) {
	return one(o.PostMany(ctx, hand, []Seen{seen}))
}

// PostTx is Post in the host's transaction.
func (o *Office) PostTx(ctx context.Context, h store.Handle, hand Hand, seen Seen) (Voucher, error) {
	return one(o.PostManyTx(ctx, h, hand, []Seen{seen}))
}

// PostMany posts vouchers, all or none. They are numbered in the order of seen.
func (o *Office) PostMany(ctx context.Context, hand Hand, seen []Seen) ([]Voucher, error) {
	return o.own(ctx, ActionPost, hand, seen)
}

// PostManyTx is PostMany in the host's transaction.
func (o *Office) PostManyTx(ctx context.Context, h store.Handle, hand Hand, seen []Seen) ([]Voucher, error) {
	return o.act(ctx, o.db.Join(h), ActionPost, hand, seen, nil)
}

// post gives the drafts of the vouchers to the ledger, and the vouchers the numbers of their entries.
func (a *act) post(ctx context.Context) error {
	if len(a.fresh) == 0 {
		return nil
	}
	contents, err := a.contents(ctx)
	if err != nil {
		return err
	}
	var faults Faults
	drafts := make([]ledger.Draft, len(a.fresh))
	for i, p := range a.fresh {
		draft, _, err := decodeDraft(contents[p.No], p.Content)
		if err != nil {
			faults.add(&Fault{Code: ErrCorrupt, Book: p.Book, Row: p.row, No: p.No, Detail: err.Error(), Hint: "run Verify", Err: err})
			continue
		}
		drafts[i] = p.Voucher.posting(draft)
	}
	if err := faults.err(); err != nil {
		return err
	}
	receipts, err := a.office.ledger.PostAllTx(ctx, a.tx.Handle(), a.hand.Book, drafts)
	if err != nil {
		return fromLedger(err, a.fresh)
	}
	for i, p := range a.fresh {
		p.Entry, p.Number = receipts[i].Seq, receipts[i].Voucher
		p.step.Entry, p.step.Number = p.Entry, p.Number.Number
	}
	return nil
}

// posting completes a content with the signatures: this is what the ledger gets, and what Verify finds there.
func (v Voucher) posting(draft ledger.Draft) ledger.Draft {
	draft.ApprovedBy = v.Reviewer
	metadata := maps.Clone(draft.Metadata)
	if metadata == nil {
		metadata = map[string]string{}
	}
	metadata[MetaPostedBy], metadata[MetaPostedOn], metadata[MetaHistory] = v.Bookkeeper, v.Changed.String(), hex.EncodeToString(v.History[:])
	if v.Cashier != "" {
		metadata[MetaCashier] = v.Cashier
	}
	if v.Head != "" {
		metadata[MetaHead] = v.Head
	}
	draft.Metadata = metadata
	return draft
}

// contents reads the current contents of the vouchers of the command.
func (a *act) contents(ctx context.Context) (map[int64][]byte, error) {
	numbers := make([]int64, len(a.fresh))
	for i, p := range a.fresh {
		numbers[i] = p.No
	}
	found, err := currentContents(ctx, a.tx, a.hand.Book, numbers)
	if err == nil && len(found) != len(numbers) {
		err = Faults{{Code: ErrCorrupt, Book: a.hand.Book, Detail: fmt.Sprintf("%d contents for %d vouchers", len(found), len(numbers)), Hint: "run Verify"}}
	}
	return found, err
}

func currentContents(ctx context.Context, tx *store.Tx, book ledger.BookID, numbers []int64) (map[int64][]byte, error) {
	// Each row looks its own content up, as in act.write. A content that is not there is empty, and has not the hash that was signed.
	rows, err := tx.Query(ctx, `SELECT v.voucher_no, coalesce((SELECT c.content FROM voucher_content c WHERE c.realm_id = v.realm_id AND c.book_no = v.book_no
		AND c.voucher_no = v.voucher_no AND c.step_no = v.content_step), '') FROM voucher_voucher v
		WHERE v.realm_id = ? AND v.book_no = ? AND `+tx.Dialect().Among("v.voucher_no"), book.Realm, book.Number, tx.Dialect().Ints(numbers))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := make(map[int64][]byte, len(numbers))
	for rows.Next() {
		var no int64
		var content []byte
		if err := rows.Scan(&no, &content); err != nil {
			return nil, err
		}
		found[no] = content
	}
	return found, rows.Err()
}
