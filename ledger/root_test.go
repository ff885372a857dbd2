package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/ledgertest"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store"
)

func TestTheRootAtAnEntryIsWhatTheBooksRootWasThen(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		noted := map[ledger.Seq]seal.Hash{0: seal.EmptyRoot()}
		note := func() ledger.Seq {
			book, err := f.Ledger.Book(t.Context(), f.Book)
			must(t, err)
			noted[book.Seq] = book.Root
			return book.Seq
		}
		seq := note()
		// Two complete subtrees of 256 entries and a bit; single steps where they are completed.
		for size := 1; seq < 530; size = size*5%23 + 1 {
			if seq%256 > 252 || seq%256 < 3 {
				size = 1
			} else {
				size = min(size, int(254-seq%256))
			}
			var drafts []ledger.Draft
			for i := range size {
				drafts = append(drafts, ledgertest.Transfer(fmt.Sprint("entry ", int(seq)+i), 20260105, "1003", "4001", 1))
			}
			_, err := f.Ledger.PostAll(t.Context(), f.Book, drafts)
			must(t, err)
			seq = note()
		}
		for at := range noted {
			root, err := f.Ledger.RootAt(t.Context(), f.Book, at)
			if err != nil || root != noted[at] {
				t.Errorf("the root at %d is %x, want %x: %v", at, root, noted[at], err)
			}
		}
		if len(noted) < 50 {
			t.Errorf("only %d roots were noted", len(noted))
		}
		for _, beyond := range []ledger.Seq{-1, seq + 1, 1 << 40} {
			if _, err := f.Ledger.RootAt(t.Context(), f.Book, beyond); !errors.Is(err, ledger.ErrEntryUnknown) {
				t.Errorf("the root at %d of %d: %v", beyond, seq, err)
			}
		}
		if _, err := f.Ledger.RootAt(t.Context(), ledger.BookID{Realm: 1, Number: 9}, 0); !errors.Is(err, ledger.ErrBookUnknown) {
			t.Errorf("the root of a book that is not there: %v", err)
		}
	})
}

func TestTheRootOfDamagedHashesIsRefused(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		var drafts []ledger.Draft
		for i := range 300 {
			drafts = append(drafts, ledgertest.Transfer(fmt.Sprint("entry ", i), 20260105, "1003", "4001", 1))
		}
		_, err := f.Ledger.PostAll(t.Context(), f.Book, drafts)
		must(t, err)
		for name, damage := range map[string]struct {
			sql string
			at  ledger.Seq
		}{
			"a leaf gone":      {"DELETE FROM ledger_entry WHERE realm_id = 1 AND book_no = 1 AND seq = 260", 270},
			"a leaf moved":     {"UPDATE ledger_entry SET seq = 9999 WHERE realm_id = 1 AND book_no = 1 AND seq = 260", 260},
			"a leaf too short": {"UPDATE ledger_entry SET leaf = header WHERE realm_id = 1 AND book_no = 1 AND seq = 20", 21},
			"a subtree gone":   {"DELETE FROM ledger_tree WHERE realm_id = 1 AND book_no = 1", 260},
			"a leaf changed":   {"UPDATE ledger_entry SET leaf = lines_root WHERE realm_id = 1 AND book_no = 1 AND seq = 300", 302},
		} {
			_ = f.DB.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				must(t, dropTriggers(ctx, tx))
				_, err := tx.Exec(ctx, damage.sql)
				must(t, err)
				if root, err := f.Ledger.RootAtTx(ctx, tx.Handle(), f.Book, damage.at); !errors.Is(err, ledger.ErrCorrupt) {
					t.Errorf("%s: root %x, %v", name, root, err)
				}
				return errUndo{}
			})
		}
	})
}
