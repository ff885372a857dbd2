package registration_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/registrationtest"
)

var errLost = errors.New("the connection is lost")

func TestAFaultAtAnyPointLeavesAnOrderWhollyDoneOrNotAtAllAndItCanBeGivenAgain(t *testing.T) {
	for _, kind := range storetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			var calls, failAt int
			armed := false
			db := storetest.Open(t, registrationtest.Schemas(), kind, storetest.WithFault(func(at storetest.Point) error {
				if !armed || at.Op == "prepare" || at.Op == "rollback" {
					return nil
				}
				if calls++; calls == failAt {
					return errLost
				}
				return nil
			}))
			r := open(t, db, nil)
			ctx := t.Context()
			r.must(r.registry.Enrol(ctx, r.order(), by(1, 1, 202401), by(2, 1, 202401)))
			last := false
			done := 0
			for month := by(1, 1, 202402).From; !last; month = month.Add(2) {
				failAt++
				// Two orders by turns, each with rows that are replaced and rows that are new.
				rows := []registration.Change{by(1, 1, month), by(2, 1, month)}
				order := registrationtest.Order(fmt.Sprintf("suspend %d", failAt), day)
				before := r.state()
				calls, armed = 0, true
				receipt, err := r.registry.Suspend(ctx, order, rows...)
				armed = false
				last = calls < failAt // nothing was left to fail
				if err != nil {
					if !errors.Is(err, errLost) {
						t.Fatalf("fault %d: %v", failAt, err)
					}
					if after := r.state(); after != before {
						t.Fatalf("fault %d left something behind:\n%s\n%s", failAt, before, after)
					}
					receipt = r.must(r.registry.Suspend(ctx, order, rows...))
					if receipt.Replayed {
						t.Fatalf("fault %d: an order that was not done is replayed", failAt)
					}
				} else {
					done++
				}
				if again := r.must(r.registry.Suspend(ctx, order, rows...)); !again.Replayed || again.Seq != receipt.Seq {
					t.Fatalf("fault %d: %+v, first %+v", failAt, again, receipt)
				}
				r.must(r.registry.Resume(ctx, registrationtest.Order(fmt.Sprintf("resume %d", failAt), day), by(1, 1, month.Add(1)), by(2, 1, month.Add(1))))
			}
			if failAt < 20 || done < 2 {
				t.Errorf("%d faults, %d orders done in spite of one: too few to prove anything", failAt, done)
			}
			r.sound()
		})
	}
}
