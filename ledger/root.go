package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store"
	"golang.org/x/mod/sumdb/tlog"
)

// RootAt returns the Merkle root over the first seq entries of a book: what Book.Root was when the book had just so many. Zero entries have seal.EmptyRoot;
// a number below zero or beyond the book is ErrEntryUnknown. It reads at most 256 hashes for every level that is stored, however long the book is, and
// trusts them: Verify is what holds them to the records. A hash that is missing, or a last root that is not the book's own, is ErrCorrupt.
func (l *Ledger) RootAt(ctx context.Context, book BookID, seq Seq) (seal.Hash, error) {
	var root seal.Hash
	err := l.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		root, err = rootAt(ctx, tx, book, seq)
		return err
	})
	return root, err
}

// RootAtTx is RootAt in the host's transaction.
func (l *Ledger) RootAtTx(ctx context.Context, tx store.Handle, book BookID, seq Seq) (seal.Hash, error) {
	return rootAt(ctx, l.db.Join(tx), book, seq)
}

func rootAt(ctx context.Context, tx *store.Tx, book BookID, seq Seq) (seal.Hash, error) {
	h, err := readHead(ctx, tx, book, "")
	if err != nil {
		return seal.Hash{}, err
	}
	if seq < 0 || seq > Seq(h.seq) {
		return seal.Hash{}, fault(ErrEntryUnknown, book, fmt.Sprintf("no entry %d, the book has %d", seq, h.seq), "ask for the root of entries that exist")
	}
	if seq == 0 {
		return seal.EmptyRoot(), nil
	}
	hash, err := tlog.TreeHash(int64(seq), seal.Reader(ctx, storedTree{tx: tx, book: book}))
	if _, damaged := errors.AsType[*seal.FormatError](err); damaged {
		return seal.Hash{}, errors.Join(fault(ErrCorrupt, book, err.Error(), "run Verify"), err)
	}
	if err != nil {
		return seal.Hash{}, err
	}
	if root := seal.Hash(hash); seq < Seq(h.seq) || root == h.frontier.Root() {
		return root, nil
	}
	return seal.Hash{}, fault(ErrCorrupt, book, fmt.Sprintf("the stored hashes of %d entries do not add up to the book's root", seq), "run Verify")
}

// storedTree is the seal.Store of a book, read in a transaction. An answer that is not complete is left to seal.Reader to refuse.
type storedTree struct {
	tx   *store.Tx
	book BookID
}

func (s storedTree) Leaves(ctx context.Context, from, to int64) ([]seal.Hash, error) {
	return s.hashes(ctx, from+1, `SELECT seq, leaf FROM ledger_entry WHERE realm_id = ? AND book_no = ? AND seq BETWEEN ? AND ? ORDER BY seq`,
		s.book.Realm, s.book.Number, from+1, to)
}

func (s storedTree) Nodes(ctx context.Context, level int, from, to int64) ([]seal.Hash, error) {
	return s.hashes(ctx, from, `SELECT idx, hash FROM ledger_tree WHERE realm_id = ? AND book_no = ? AND level = ? AND idx BETWEEN ? AND ? ORDER BY idx`,
		s.book.Realm, s.book.Number, level, from, to-1)
}

// hashes reads neighbouring hashes of which the first stands at place next.
func (s storedTree) hashes(ctx context.Context, next int64, query string, args ...any) ([]seal.Hash, error) {
	rows, err := s.tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []seal.Hash
	for ; rows.Next(); next++ {
		var place int64
		var hash []byte
		if err := rows.Scan(&place, &hash); err != nil {
			return nil, err
		}
		if place != next || len(hash) != len(seal.Hash{}) {
			return nil, &seal.FormatError{Part: "tree", Reason: fmt.Sprintf("%d bytes at place %d, where the hash of place %d is expected", len(hash), place, next)}
		}
		found = append(found, seal.Hash(hash))
	}
	return found, rows.Err()
}
