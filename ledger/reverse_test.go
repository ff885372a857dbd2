package ledger_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/ledgertest"
	"github.com/google/go-cmp/cmp"
)

func TestTheMetadataOfAReversalIsSealedAndPartOfItsKey(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		draft := ledgertest.Transfer("wrong", 20260105, "1003", "4001", 100)
		draft.Metadata = map[string]string{"of": "the original"}
		wrong := f.Post(t, draft)
		reversal := ledgertest.Reversal("undo", 20260106)
		reversal.Metadata = map[string]string{"voucher": "9f86d081", "kept": ""}
		receipt, err := f.Ledger.Reverse(t.Context(), f.Book, wrong.Seq, reversal)
		must(t, err)
		entry, err := f.Ledger.Entry(t.Context(), f.Book, receipt.Seq)
		must(t, err)
		if diff := cmp.Diff(reversal.Metadata, entry.Metadata); diff != "" {
			t.Error(diff)
		}
		again, err := f.Ledger.Reverse(t.Context(), f.Book, wrong.Seq, reversal)
		sameReceipt(t, receipt, again, err)
		reversal.Metadata = map[string]string{"voucher": "another", "kept": ""}
		if _, err := f.Ledger.Reverse(t.Context(), f.Book, wrong.Seq, reversal); !errors.Is(err, ledger.ErrKeyReused) || !strings.Contains(err.Error(), "metadata") {
			t.Errorf("other metadata under the same key: %v", err)
		}
		reversal.Key, reversal.Metadata = "bad", map[string]string{"nul": "\x00"}
		if _, err := f.Ledger.Reverse(t.Context(), f.Book, wrong.Seq, reversal); !errors.Is(err, ledger.ErrFieldInvalid) {
			t.Errorf("a NUL in the metadata: %v", err)
		}
		f.Verify(t, f.Book)
	})
}
