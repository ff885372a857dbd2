package allocation_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/fundledger/fundledger/collection/allocation"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

var sequences = []allocation.Sequence{allocation.PrincipalThenSurcharge, allocation.SurchargeThenPrincipal, allocation.AllPrincipalFirst}

const due, paid = calendar.Date(20260125), calendar.Date(20260310)

// twoPercent stands for a surcharge of so many days, cut to whole units.
func twoPercent(principal money.Amount, _, _ calendar.Date) (money.Amount, error) {
	return principal / 50, nil
}

func TestMoneyIsSpreadInTheOrderOfThePolicy(t *testing.T) {
	owed := []allocation.Owed{{Due: due, Principal: 1_000}, {Due: due, Principal: 1_000, Surcharge: 7}, {Due: paid, Principal: 1_000}}
	for _, test := range []struct {
		sequence allocation.Sequence
		amount   money.Amount
		want     []allocation.Portion
		left     money.Amount
	}{
		{allocation.PrincipalThenSurcharge, 1_500, []allocation.Portion{{1_000, 20, 20}, {480, 9, 0}, {}}, 0},
		{allocation.PrincipalThenSurcharge, 4_000, []allocation.Portion{{1_000, 20, 20}, {1_000, 20, 27}, {1_000, 0, 0}}, 953},
		{allocation.SurchargeThenPrincipal, 510, []allocation.Portion{{500, 10, 10}, {}, {}}, 0},
		{allocation.SurchargeThenPrincipal, 1_025, []allocation.Portion{{1_000, 20, 20}, {0, 0, 5}, {}}, 0},
		{allocation.AllPrincipalFirst, 3_010, []allocation.Portion{{1_000, 20, 10}, {1_000, 20, 0}, {1_000, 0, 0}}, 0},
		{allocation.AllPrincipalFirst, 100, []allocation.Portion{{100, 2, 0}, {}, {}}, 0},
	} {
		portions, left, err := allocation.Policy{Sequence: test.sequence}.Spread(test.amount, paid, owed, twoPercent)
		if err != nil || left != test.left || !slices.Equal(portions, test.want) {
			t.Errorf("%s of %d: %v, left %d, %v; want %v, left %d", test.sequence, test.amount, portions, left, err, test.want, test.left)
		}
	}
}

func TestNothingIsLostInSpreading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		owed := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) allocation.Owed {
			return allocation.Owed{Due: rapid.SampledFrom([]calendar.Date{due, paid}).Draw(t, "due"), Principal: money.Amount(rapid.Int64Range(0, 5_000).Draw(t, "principal")),
				Surcharge: money.Amount(rapid.Int64Range(0, 50).Draw(t, "surcharge"))}
		}), 0, 5).Draw(t, "owed")
		amount := money.Amount(rapid.Int64Range(0, 20_000).Draw(t, "amount"))
		policy := allocation.Policy{Sequence: rapid.SampledFrom(sequences).Draw(t, "sequence")}
		portions, left, err := policy.Spread(amount, paid, owed, twoPercent)
		if err != nil {
			t.Fatal(err)
		}
		sum := left
		for i, p := range portions {
			sum += p.Principal + p.SurchargePaid
			if p.Principal < 0 || p.Principal > owed[i].Principal || p.SurchargePaid < 0 || p.SurchargePaid > owed[i].Surcharge+p.SurchargeDue {
				t.Fatalf("portion %d: %+v of %+v", i, p, owed[i])
			}
			if late := owed[i].Due < paid; late && p.SurchargeDue != p.Principal/50 || !late && p.SurchargeDue != 0 {
				t.Fatalf("portion %d: surcharge %d on %d", i, p.SurchargeDue, p.Principal)
			}
			if left > 0 && (p.Principal != owed[i].Principal || p.SurchargePaid != owed[i].Surcharge+p.SurchargeDue) {
				t.Fatalf("%d is left and demand %d is not paid: %+v", left, i, p)
			}
		}
		if sum != amount {
			t.Fatalf("%d of %d", sum, amount)
		}
	})
}

func TestPaymentsGiveEveryMemberHisSharesAndNoMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		credit := rapid.SampledFrom([]allocation.Credit{allocation.CreditNone, allocation.CreditPersonShare, allocation.CreditProportional}).Draw(t, "credit")
		var demanded []allocation.MemberShare
		var total money.Amount
		for i := range rapid.IntRange(1, 8).Draw(t, "members") {
			share := allocation.MemberShare{Member: int64(i + 1), Employer: money.Amount(rapid.Int64Range(0, 300).Draw(t, "employer")), Person: money.Amount(rapid.Int64Range(0, 200).Draw(t, "person"))}
			demanded, total = append(demanded, share), total+share.Employer+share.Person
		}
		got := map[int64]allocation.MemberShare{}
		var payments []money.Amount
		var given, left money.Amount = 0, total
		for left > 0 {
			payment := money.Amount(rapid.Int64Range(1, int64(left)).Draw(t, "payment"))
			left -= payment
			payments = append(payments, payment)
			shares, err := credit.Distribute(demanded, payments)
			if err != nil {
				t.Fatal(err)
			}
			for _, share := range shares {
				sum := got[share.Member]
				sum.Member, sum.Employer, sum.Person = share.Member, sum.Employer+share.Employer, sum.Person+share.Person
				got[share.Member] = sum
				given += share.Employer + share.Person
				if d := demanded[share.Member-1]; share.Employer < 0 || share.Person < 0 || sum.Employer > d.Employer || sum.Person > d.Person {
					t.Fatalf("member %d has %+v of %+v", share.Member, sum, d)
				}
			}
			if given > total-left || credit == allocation.CreditProportional && given != total-left || credit == allocation.CreditNone && left > 0 && given != 0 {
				t.Fatalf("%s: %d given of %d paid", credit, given, total-left)
			}
		}
		if given != total {
			t.Fatalf("%s: %d given of %d", credit, given, total)
		}
	})
}

func TestAPolicyIsCheckedAsAWhole(t *testing.T) {
	err := allocation.Policy{Order: "x", Sequence: "y", CreditOnPartial: "z", Tolerance: -1}.Check()
	if e, ok := err.(*allocation.PolicyError); !ok || len(e.Faults) != 4 {
		t.Errorf("%v", err)
	}
	if err := (allocation.Policy{}).Filled().Check(); err != nil {
		t.Error(err)
	}
}
