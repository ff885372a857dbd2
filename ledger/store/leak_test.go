package store_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

func TestTransactionsCutAtRandomPointsLeakNothing(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for _, kind := range storetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			at := storetest.Fresh(t, shop(), kind)
			storetest.OpenAt(t, kind, at) // what the process keeps once is there before counting
			goroutines, files := settled(0), openFiles(t)
			for range 3 {
				db := storetest.OpenAt(t, kind, at)
				committed := int64(0)
				before := count(t, db)
				for i := range int64(60) {
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(random.Int64N(3_000_000)))
					err := db.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
						for j := range int64(5) {
							if err := add(before+i*5+j)(ctx, tx); err != nil {
								return err
							}
						}
						return nil
					})
					cancel()
					switch {
					case err == nil:
						committed++
					case store.ClassOf(err) != store.Canceled && store.ClassOf(err) != store.CommitUnknown:
						t.Fatal(err)
					case store.ClassOf(err) == store.CommitUnknown && number(t, db, "SELECT count(*) FROM item WHERE id = ?", before+i*5) == 1:
						committed++
					}
				}
				if n := count(t, db); n != before+5*committed {
					t.Errorf("%d rows, want %d: some transaction was half kept", n, before+5*committed)
				}
				run(t, db, "DELETE FROM item")
				write, read := db.Pools()
				if n := write.Stats().InUse + read.Stats().InUse; n != 0 {
					t.Errorf("%d connections are in use after the last transaction", n)
				}
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if n := settled(goroutines); n > goroutines {
				t.Errorf("%d goroutines, before there were %d", n, goroutines)
			}
			if n := openFiles(t); n > files {
				t.Errorf("%d open files, before there were %d", n, files)
			}
		})
	}
}

// settled is the number of goroutines once it is down to the limit, or after two seconds.
func settled(limit int) int {
	for range 100 {
		if runtime.NumGoroutine() <= limit {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	return runtime.NumGoroutine()
}

// openFiles counts this process's open files where the system tells, and is 0 elsewhere.
func openFiles(t *testing.T) int {
	t.Helper()
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		return 0
	}
	names, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}
