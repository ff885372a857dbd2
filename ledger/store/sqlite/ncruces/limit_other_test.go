//go:build !unix

package ncruces_test

import (
	"fmt"
	"testing"

	"context"

	"github.com/fundledger/fundledger/ledger/store"
)

// fillUntilFull has no limit to meet here; it writes one row.
func fillUntilFull(t *testing.T, path string) {
	db := open(t, path)
	err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO thing VALUES (1, NULL)")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("acknowledged 1")
}
