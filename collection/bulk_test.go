package collection_test

import (
	"testing"
	"time"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/collection"
	"github.com/fundledger/fundledger/collection/allocation"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/fundledger/fundledger/registration"
)

// A month of 20,000 members, one employer with half of them and many small ones, is declared by one file, assessed by one run and received from one bank statement.
// The log says how long each step took; how many queries were sent is bounded.
func TestAMonthOfTwentyThousandMembersTakesAQueryForManyAndNoneForOne(t *testing.T) {
	const small, heads, big = 50, 200 / scale, 10_000 / scale
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
			var due money.Amount
			step := d.timer(&queries)
			d.enrol(employers...)
			step("register and enrol")
			for month := calendar.Month(202601); month <= 202602; month++ {
				filing, first := &collection.Filing{}, registration.MemberNo(1)
				for employer, n := range employers {
					for range n {
						filing.Rows = append(filing.Rows, collection.DeclaredRow{Employer: registration.EmployerNo(employer + 1), Month: month, Member: first,
							Base: 4_000_00 + money.Amount(first)*7})
						first++
					}
				}
				value(d.Declare(t.Context(), d.order(month.First().AddDays(4)), filing))(t)
				if n := step("declare"); n > 30 {
					t.Errorf("a declaration of 51 employers sent %d queries", n)
				}
				assessed := d.assess(month)
				if assessed.Terms.Sums["members"] != big+small*heads {
					t.Errorf("%v", assessed.Terms.Sums)
				}
				if n := step("assess"); n > 30 {
					t.Errorf("an assessment of 51 employers sent %d queries", n)
				}
				var lines []collection.Arrival
				for i := range assessed.Count {
					demand := value(d.Demand(t.Context(), int32(assessed.First)+int32(i)))(t)
					due += demand.Outstanding()
					lines = append(lines, arrival(month.First().AddDays(19), demand.Outstanding(), demand.Employer, demand.Reference()))
				}
				step("(read the demands)")
				value(d.ReceiveAll(t.Context(), received, lines))(t)
				most := 100 // an update for each demand, and few for all
				if month == 202601 {
					most = 900 // besides, each line opens accounts by an act of its own
				}
				if n := step("receive"); n > most {
					t.Errorf("a statement of %d lines sent %d queries", len(lines), n)
				}
			}
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
