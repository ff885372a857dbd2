//go:build unix

package ncruces_test

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"syscall"
	"testing"

	"github.com/fundledger/fundledger/ledger/store"
)

// fillUntilFull is the child: with a limit of 256 KiB a file, it writes until the system refuses, and prints the last row that was committed.
func fillUntilFull(t *testing.T, path string) {
	signal.Ignore(syscall.SIGXFSZ)
	limit := syscall.Rlimit{Cur: 256 << 10, Max: 256 << 10}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	db := open(t, path)
	for n := 1; n <= 200; n++ {
		err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO thing VALUES (?, ?)", n, make([]byte, 5000))
			return err
		})
		if err == nil {
			continue
		}
		if !errors.Is(err, store.ErrStorageFull) {
			t.Fatalf("row %d: got %v, want ErrStorageFull", n, err)
		}
		fmt.Printf("acknowledged %d\n", n-1)
		return
	}
	t.Fatal("the limit was never met")
}
