package collection_test

import (
	"testing"
	"time"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/collection"
	"github.com/fundledger/fundledger/collection/allocation"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/fundledger/fundledger/registration"
)

// A month of 20,000 members, one employer with half of them and many small ones, is declared by one file, assessed by one run and received by one line each.
// The log says how long each step took; how many queries were sent is bounded.
func TestAMonthOfTwentyThousandMembersTakesAQueryForManyAndNoneForOne(t *testing.T) {
	const small, heads, big = 50, 200, 10_000
	for _, kind := range storetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			queries := 0
			db := storetest.Open(t, schemas, kind, storetest.WithFault(func(at storetest.Point) error {
				if at.Op == "query" && !at.After {
					queries++
				}
				return nil
			}))
			d := open(t, db, allocation.Policy{})
			employers := []int{big}
			for range small {
				employers = append(employers, heads)
			}
			step := d.timer(&queries)
			d.enrol(employers...)
			step("register and enrol")
			filing, first := &collection.Filing{}, registration.MemberNo(1)
			for employer, n := range employers {
				for range n {
					filing.Rows = append(filing.Rows, collection.DeclaredRow{Employer: registration.EmployerNo(employer + 1), Month: 202601, Member: first,
						Base: 4_000_00 + money.Amount(first)*7})
					first++
				}
			}
			value(d.Declare(t.Context(), d.order(20260105), filing))(t)
			if n := step("declare"); n > 400 {
				t.Errorf("a declaration of 51 employers sent %d queries", n)
			}
			if assessed := d.assess(202601); assessed.Terms.Sums["members"] != big+small*heads {
				t.Errorf("%v", assessed.Terms.Sums)
			}
			if n := step("assess"); n > 100 {
				t.Errorf("an assessment of 51 employers sent %d queries", n)
			}
			var demands []collection.Demand
			for demand, err := range d.Demands(t.Context(), 0) {
				must(t, err)
				demands = append(demands, demand)
			}
			var due money.Amount
			for i := range demands {
				due += demands[i].Outstanding()
				d.receive(arrival(20260120, demands[i].Outstanding(), demands[i].Employer, demands[i].Reference()))
				if i == 0 {
					if n := step("receive 10,000 members' contributions"); n > 60 {
						t.Errorf("a receipt sent %d queries", n)
					}
				}
			}
			step("receive 50 times 200 members'")
			if got := d.balance(accounts.RoleContributions); got != -due {
				t.Errorf("income %d, demanded %d", got, due)
			}
			d.sound(0, 0)
			step("verify")
		})
	}
}

// timer logs what each step took, and returns its queries.
func (d *desk) timer(queries *int) func(name string) int {
	at, before := time.Now(), *queries
	return func(name string) int {
		n := *queries - before
		d.t.Logf("%-40s %8.3f s %6d queries", name, time.Since(at).Seconds(), n)
		at, before = time.Now(), *queries
		return n
	}
}
