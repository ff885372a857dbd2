package collection_test

import (
	"context"
	"testing"
	"time"

	"github.com/fundledger/fundledger/collection/allocation"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

// A cancelled read may end between any two rows. Whatever it was reading then, it comes back with an error, or with everything.
func TestAReadingOfReceiptsThatIsCutShortEndsWithAnError(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{})
		d.enrol(3)
		d.declare(202601, 1, 1, 6_000_00, 4_000_00, 30_000_00)
		d.assess(202601)
		demand := value(d.Demand(t.Context(), 1))(t)
		d.receive(arrival(20260120, demand.EmployerDue+demand.PersonDue, 1, "b1"))
		cut := 0
		for i := range 200 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*10*time.Microsecond)
			read, failed := 0, error(nil)
			for receipt, err := range d.Receipts(ctx) {
				if failed = err; err == nil {
					read += len(receipt.Allocations)
				}
			}
			cancel()
			if failed == nil && read != 1 {
				t.Fatalf("read %d allocations without an error", read)
			}
			if failed != nil {
				cut++
			}
		}
		if cut == 0 {
			t.Error("no reading was cut short: the times are too long to test anything")
		}
	})
}
