package synthetic

import (
	"context"
	"errors"
	"math/big"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/ledger/money"
)

// made runs a year through and returns what the generator knows of it then.
func made(t *testing.T, y Year) *agency {
	t.Helper()
	a, err := newAgency(t.Context(), y, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := a.begin(); err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		if err := a.month(firstMonth.Add(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.end(); err != nil {
		t.Fatal(err)
	}
	return a
}

// Whatever the seed, every story is told: a year in which one does not happen would prove less than it seems to.
func TestEverySeedTellsEveryStory(t *testing.T) {
	for seed := range uint64(40) {
		a := made(t, Year{Seed: seed, Faults: AllFaults})
		fault := func(what string, args ...any) { t.Errorf("seed %d: "+what, append([]any{seed}, args...)...) }
		small := &a.pensioners[nearlyExhausted]
		if small.account.balance() != 0 && a.stories.bounced.pensioner != nearlyExhausted || small.payments[lastDay.Month()] == 0 {
			fault("the small account holds %s at the end, payment %d", amountText(small.account.balance()), small.payments[lastDay.Month()])
		}
		if r := &a.retiree; r.pension.monthly <= r.pension.fromAccount || r.months < 3 || r.months > 11 || r.pension.payments[lastDay.Month()] == 0 || r.pension.first.Sub(firstMonth) != int(r.months) {
			fault("the retiree: %+v", *r)
		}
		if r := &a.stories.refund; r.own < 1 || r.employer < r.own || r.day.Month() <= r.month || r.day > lastDay {
			fault("the refund: %+v", *r)
		}
		s := &a.stories
		if n := len(a.pensioners[s.pensioner.who].overpaid(s.pensioner.day)); n < 1 || n > 3 || s.repaid[1] >= s.pensioner.heirsPaid || s.agreed.Month() != s.pensioner.reported.Month() {
			fault("%d months overpaid, agreed %v, repaid %v, heirs %v", n, s.agreed, s.repaid, s.pensioner.heirsPaid)
		}
		if s.worker.heirs == s.pensioner.heirs || s.worker.who == a.retiree.person || s.worker.who == s.refund.person || s.refund.person == s.twice.person {
			fault("one plays two parts: %+v", *s)
		}
		if len(a.known.identified) != 1 || len(a.known.mislaid) != 1 || len(a.expected) < 6 {
			fault("%v identified, %v mislaid, %v expected", a.known.identified, a.known.mislaid, a.expected)
		}
		for i := range a.accounts {
			if b := &a.accounts[i]; b.opening < 0 || i == income && b.opening != 0 {
				fault("the %s account ends with %s", b.name, amountText(b.opening))
			}
		}
	}
}

// Two years of one seed differ by their faults alone: nobody else, no other stories.
func TestFaultsDoNotChangeTheCast(t *testing.T) {
	clean, faulty := made(t, Year{Seed: 11}), made(t, Year{Seed: 11, Faults: AllFaults})
	if len(clean.expected) != 0 {
		t.Errorf("a clean year expects %v", clean.expected)
	}
	clean.stories.pensioner.reported, faulty.stories.pensioner.reported = 0, 0
	clean.stories.pensioner.heirs, faulty.stories.pensioner.heirs = "", ""
	clean.stories.worker.heirs, faulty.stories.worker.heirs = "", ""
	if clean.stories != faulty.stories {
		t.Errorf("%+v\n%+v", clean.stories, faulty.stories)
	}
	for i, p := range clean.people {
		if q := faulty.people[i]; p.number != q.number || p.wage != q.wage || p.from != q.from || p.left != q.left || p.account.opening != q.account.opening {
			t.Errorf("person %d: %+v, %+v", i, *p, *q)
		}
	}
}

// The interest up to a month is what package accounts/personal computes, which this one does not use.
func TestInterestIsThatOfTheMonthProductMethod(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 1))
	for range 2_000 {
		var p account
		var y personal.Year
		months := random.IntN(13)
		p.opening = random.Int64N(20_000_000)
		y.Opening = money.Amount(p.opening)
		for n := 1; n <= 12; n++ { // later postings do not count
			p.postings[n] = random.Int64N(400_000) - 200_000
			if n <= months {
				y.Postings[n-1] = money.Amount(p.postings[n])
			}
		}
		rate := decimal.New(random.Int64N(900), -4)
		credit, _, err := personal.ComputeInterest(y, personal.InterestRule{Method: personal.MonthProduct, Rate: rate, RateSource: "drawn", Months: months,
			Rounding: money.Rounding{Scale: 2, Mode: money.HalfUp}}, money.MustCurrency("CNY"))
		if err != nil {
			t.Fatal(err)
		}
		if got := p.interestThrough(months, rate.Rat()); got != int64(credit.OnOpening+credit.OnPostings) {
			t.Fatalf("seed %d: %d and not %d + %d: %+v at %v for %d months", seed, got, credit.OnOpening, credit.OnPostings, p, rate, months)
		}
	}
}

func TestRoundingIsHalfAwayFromZero(t *testing.T) {
	for x, want := range map[[2]int64]int64{{5, 10}: 1, {-5, 10}: -1, {4, 10}: 0, {-4, 10}: 0, {15, 10}: 2, {-15, 10}: -2, {7, 3}: 2, {8, 3}: 3} {
		if got := roundHalfUp(big.NewRat(x[0], x[1])); got != want {
			t.Errorf("%v: %d and not %d", x, got, want)
		}
		if got := halfUp(x[0], 1, x[1]); got != want {
			t.Errorf("%v: halfUp gives %d and not %d", x, got, want)
		}
	}
}

// The members beyond the cast: sizes of employers, shares of those who draw a pension, hires and leavers in every month.
func TestTheCrowdHasItsShape(t *testing.T) {
	a, err := newAgency(t.Context(), Year{Seed: 4, Members: 100_000}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c := &a.crowd
	if c.contributors != 80_000 || c.pensioners != 20_000 {
		t.Errorf("%d contribute and %d draw a pension", c.contributors, c.pensioners)
	}
	employers := len(c.due)
	if average := c.contributors / employers; average < 300 || average > 500 {
		t.Errorf("%d employers have %d members on average", employers, average)
	}
	for e := range employers - 1 {
		if size := c.first[e+1] - c.first[e]; size < 30 || size > 2_000 {
			t.Errorf("employer %d has %d members", e, size)
		}
	}
	var hired, left [13]int
	for i := range c.contributors {
		m := c.member(i)
		hired[m.from.OfYear()]++
		if m.left != 0 {
			left[m.left.OfYear()]++
			if m.left <= m.from {
				t.Errorf("member %d comes in %v and leaves in %v", i, m.from, m.left)
			}
		}
	}
	for n := 2; n <= 12; n++ {
		if hired[n] < 200 || hired[n] > 800 || left[n] < 200 || left[n] > 800 {
			t.Errorf("month %d: %d hired and %d left", n, hired[n], left[n])
		}
	}
}

func TestAYearStopsWhenItsContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	err := (Year{Seed: 1, Members: 1_000}).Write(ctx, t.TempDir(), func(done, _ int) {
		if done == 3 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	file := t.TempDir() + "/file"
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := (Year{}).Write(t.Context(), file, nil); err == nil {
		t.Error("a folder that is a file was written")
	}
}
