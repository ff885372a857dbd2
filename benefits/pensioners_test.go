package benefits_test

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/benefits"
	"github.com/fundledger/fundledger/benefits/pension"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/fundledger/fundledger/registration"
)

// crowd is an office with many pensioners that counts what is sent to the database.
type crowd struct {
	*desk
	n    int
	sent *int
}

func openCrowd(t *testing.T, kind string, n int) *crowd {
	t.Helper()
	c := &crowd{n: n, sent: new(int)}
	db := storetest.Open(t, schemas, kind, storetest.WithFault(func(at storetest.Point) error {
		// Inserts go in bulk, as the engine has it; what must not grow with the rows is what is asked and updated.
		if !at.After && (at.Op == "query" || at.Op == "exec" && strings.HasPrefix(strings.TrimSpace(at.Query), "UPDATE")) {
			*c.sent++
		}
		return nil
	}))
	people := make([]person, n)
	for i := range people {
		people[i] = person{birth: 19651110, account: 50_000_00}
	}
	c.desk = open(t, db, people, func(config *benefits.Config) { config.PerEntry = 3 * n / 4 })
	return c
}

// did carries a command out, says how long it took and what memory is in use, and bounds what it sent: some queries for every 2,000 rows, none for one.
func (c *crowd) did(what string, rows int, command func() (benefits.Done, error)) benefits.Done {
	c.t.Helper()
	*c.sent = 0
	begin := time.Now()
	done, err := command()
	must(c.t, err)
	took := time.Since(begin).Seconds()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	c.t.Logf("%-22s of %6d: %5.2f s, %4d queries and updates, heap %d MiB", what, rows, took, *c.sent, memory.HeapInuse>>20)
	if most := 60 + 14*(rows/2_000+1); *c.sent > most {
		c.t.Errorf("%s of %d sent %d queries and updates, more than %d", what, rows, *c.sent, most)
	}
	return done
}

// award takes all of them from their history to an award: prior service, and a few months of contributions.
func (c *crowd) award() {
	ctx, n := c.t.Context(), c.n
	prior, claims := make([]benefits.PriorService, n), make([]benefits.ClaimSpec, n)
	specs, approvals := make([]benefits.DetermineSpec, n), make([]benefits.Approval, n)
	for i := range claims {
		no := registration.MemberNo(i + 1)
		prior[i] = benefits.PriorService{Member: no, Months: 420, IndexSum: money.MustDecimal("504"), BeforeMonths: 60, Until: 202509, Reference: "archive"}
		claims[i] = benefits.ClaimSpec{Member: no, Retire: 20260228, Ground: registration.GroundStatutory}
		specs[i] = benefits.DetermineSpec{Claim: int64(no), Stage: benefits.Provisional}
		approvals[i] = benefits.Approval{Claim: int64(no), Version: 1}
		for month := calendar.Month(202510); month <= 202512; month++ {
			c.history[no] = append(c.history[no], registration.ContributionMonth{Relation: registration.Relation{Member: no}, Insurance: registration.Pension, Month: month,
				Base: 9_600_00, Settled: month.Last()})
		}
	}
	c.did("prior service", n, func() (benefits.Done, error) {
		return c.RecordPrior(ctx, by("prior", 20260110, "intake", "chief"), prior...)
	})
	c.did("claims", n, func() (benefits.Done, error) { return c.Claim(ctx, by("c", 20260301, "intake"), claims...) })
	c.did("determinations", n, func() (benefits.Done, error) { return c.Determine(ctx, by("d", 20260301, "reviewer"), specs...) })
	c.did("approvals", n, func() (benefits.Done, error) { return c.Approve(ctx, by("a", 20260302, "chief"), approvals...) })
	// index (504 + 3 × 1.2) ÷ 423 = 1.2, years 35.25: (8000 + 9600) ÷ 2 × 35.25 % = 3102.00
	for a, err := range c.Awards(ctx) {
		must(c.t, err)
		if a.Monthly.Basic != 3102_00 || a.Monthly.Transitional != 624_00 {
			c.t.Fatalf("%+v", a)
		}
	}
}

// pay runs a month; the bank refuses the first payments of the run.
func (c *crowd) pay(month calendar.Month, refused int) benefits.Done {
	ctx, key, day, n := c.t.Context(), month.String(), month.First().AddDays(9), c.n
	before := c.role(accounts.RoleExpenditureAccount)
	run := c.did("run", n, func() (benefits.Done, error) { return c.PaymentRun(ctx, by("r"+key, day, "payer"), month) })
	c.did("approval of the run", n, func() (benefits.Done, error) { return c.ApproveRun(ctx, by("p"+key, day, "chief"), run.First) })
	c.file(run)
	var rejected []benefits.Refusal
	first := c.payments(benefits.PaymentQuery{Run: run.First})[0].No
	for i := range refused {
		rejected = append(rejected, benefits.Refusal{Payment: first + int64(i), Reason: fmt.Sprint("AC0", i%3)})
	}
	posted := c.did("posting", n, func() (benefits.Done, error) {
		return c.PostRun(ctx, by("b"+key, day.AddDays(1), "cashier", "chief"), run.First, rejected...)
	})
	if posted.Count != run.Count-refused || before-c.role(accounts.RoleExpenditureAccount) != posted.Amount || refused == 0 && posted.Amount != run.Amount {
		c.t.Errorf("ordered %+v, posted %+v", run, posted)
	}
	return run
}

// file makes the file of a run and compares its sum.
func (c *crowd) file(run benefits.Done) {
	file, err := c.PaymentFile(c.t.Context(), run.First, benefits.FileSpec{ID: "F1", Created: time.Unix(1767225600, 0), Initiator: "agency", Execution: 20260109,
		Debit: bank.Account{ID: "E", Kind: bank.ExpenditureAccount, Currency: fund.Currency(), Holder: bank.Party{Name: "支出户", AccountNumber: "9000"}},
		Payees: func(_ context.Context, members []registration.MemberNo) (map[registration.MemberNo]bank.Party, error) {
			payees := map[registration.MemberNo]bank.Party{}
			for _, no := range members {
				payees[no] = bank.Party{Name: "退休人员", AccountNumber: strconv.Itoa(100000 + int(no))}
			}
			return payees, nil
		}})
	must(c.t, err)
	if total, err := file.Batches[0].Total(); err != nil || total != run.Amount || file.Count() != run.Count {
		c.t.Errorf("file of %d payments, %d, %v", file.Count(), total, err)
	}
}

// pensionersArePaid takes n of them, on each engine, through claims, determinations, runs, refusals and returns; unless in short, through lower awards, offsets and
// deaths too.
func pensionersArePaid(t *testing.T, n int, short bool) {
	for _, kind := range storetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			c := openCrowd(t, kind, n)
			ctx, some := t.Context(), n/20
			c.award()
			run := c.pay(202603, some)
			first := c.payments(benefits.PaymentQuery{Run: run.First})[0].No
			var returned []benefits.Refusal
			var again []int64
			for i := range some {
				returned = append(returned, benefits.Refusal{Payment: first + int64(some+i), Reason: fmt.Sprint("AC1", i%3)})
				again = append(again, first+int64(i), first+int64(some+i))
			}
			c.did("returns", some, func() (benefits.Done, error) {
				return c.Return(ctx, by("return", 20260315, "cashier", "chief"), returned...)
			})
			if got := c.payments(benefits.PaymentQuery{Status: benefits.PaymentReturned}); len(got) != some || got[1].Reason != "AC11" || got[1].ReturnedDay != 20260315 {
				t.Errorf("%d payments are returned", len(got))
			}
			c.did("reissues", 2*some, func() (benefits.Done, error) {
				return c.Reissue(ctx, by("reissue", 20260316, "payer", "chief"), again...)
			})
			run = c.did("run to be cancelled", n, func() (benefits.Done, error) { return c.PaymentRun(ctx, by("cancelled", 20260401, "payer"), 202604) })
			c.did("cancellation", n, func() (benefits.Done, error) {
				return c.CancelRun(ctx, by("cancel", 20260402, "payer", "chief"), run.First)
			})
			if paid := c.pay(202604, 0); paid.Count != n+2*some || paid.Amount != run.Amount {
				t.Errorf("April pays %+v", paid)
			}
			if !short {
				c.formal(some)
				c.deaths(some)
			}
			c.sound()
		})
	}
}

// formal determines the first again with a lower base, so that each has a recovery case, and keeps it back from May's pension.
func (c *crowd) formal(some int) {
	ctx := c.t.Context()
	lower := &pension.Inputs{BaseProvince: figure("7600"), AverageIndex: figure("1.2"), Months: count(423), AccountBalance: figure("50000"), DivisorMonths: figure("137.3")}
	in := make([]benefits.DetermineSpec, some)
	approvals := make([]benefits.Approval, some)
	for i := range in {
		in[i] = benefits.DetermineSpec{Claim: int64(i + 1), Stage: benefits.Provisional, Inputs: lower}
		approvals[i] = benefits.Approval{Claim: int64(i + 1), Version: 2}
	}
	c.did("lower determinations", some, func() (benefits.Done, error) { return c.Determine(ctx, by("d2", 20260420, "reviewer"), in...) })
	c.did("lower approvals", some, func() (benefits.Done, error) { return c.Approve(ctx, by("a2", 20260421, "chief"), approvals...) })
	cases := 0
	for r, err := range c.Recoveries(ctx) {
		must(c.t, err)
		cases++
		if _, err := c.AgreeRecovery(ctx, by(fmt.Sprint("terms", r.No), 20260422, "payer", "chief"), benefits.RecoveryTerms{Recovery: r.No, MonthlyOffset: r.Amount}); err != nil {
			c.t.Fatal(err)
		}
	}
	if cases != some {
		c.t.Errorf("%d recovery cases", cases)
	}
	c.pay(202605, 0)
	for r, err := range c.Recoveries(ctx) {
		must(c.t, err)
		if r.Recovered != r.Amount {
			c.t.Fatalf("%+v", r)
		}
	}
	for r, err := range c.RecoveredAmounts(ctx) {
		must(c.t, err)
		if r.Kind != "offset" || r.Against == 0 || r.Amount >= r.Against || r.Day != 20260511 {
			c.t.Fatalf("%+v", r)
		}
	}
}

// deaths of the last members in March, known in May.
func (c *crowd) deaths(some int) {
	ctx := c.t.Context()
	var dead []registration.MemberNo
	for i := range some {
		dead = append(dead, registration.MemberNo(c.n-i))
	}
	c.dies(20260310, dead...)
	before := c.balance(c.n)
	stop := c.did("stops", some, func() (benefits.Done, error) { return c.StopDead(ctx, by("stop", 20260520, "payer", "chief")) })
	if stop.Count != some || stop.First != int64(some)+1 {
		c.t.Errorf("%+v", stop)
	}
	paid := c.payments(benefits.PaymentQuery{Member: registration.MemberNo(c.n)})
	if over := paid[1].Amounts.Total() + paid[2].Amounts.Total(); stop.Amount != over*money.Amount(some) {
		c.t.Errorf("overpaid %d, want %d for each of %d", stop.Amount, over, some)
	}
	if c.balance(c.n) != before+2*paid[1].Amounts.AccountPension {
		c.t.Error("what the account bore after death is not back on it")
	}
}

// Two pages of everything that is read in pages of 2,000.
func TestThousandsOfPensionersArePaidByAFewQueries(t *testing.T) { pensionersArePaid(t, 2_100, false) }
