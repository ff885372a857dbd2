package benefits_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/benefits"
	"github.com/fundledger/fundledger/benefits/pension"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/fundledger/fundledger/registration"
)

func TestDeterminationsOfAreThoseThatWereAskedFor(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		const n = 7
		people := make([]person, n)
		for i := range people {
			people[i] = person{birth: 19600101, account: 50000_00}
		}
		d := open(t, db, people, nil)
		in := &pension.Inputs{BaseProvince: figure("8000"), AverageIndex: figure("1"), Months: count(400), AccountBalance: figure("50000"), DivisorMonths: figure("139")}
		var claims []benefits.ClaimSpec
		var specs []benefits.DetermineSpec
		for i := range n {
			claims = append(claims, benefits.ClaimSpec{Member: registration.MemberNo(i + 1), Retire: 20200131, Ground: registration.GroundStatutory, PaidThrough: 202512})
			specs = append(specs, benefits.DetermineSpec{Claim: int64(i + 1), Stage: benefits.Provisional, Inputs: in})
		}
		ok(t, func() (benefits.Done, error) { return d.Claim(t.Context(), by("c", 20260107, "intake"), claims...) })
		ok(t, func() (benefits.Done, error) {
			return d.Determine(t.Context(), by("d", 20260107, "reviewer"), specs...)
		})
		ok(t, func() (benefits.Done, error) { // the third and the fifth twice
			return d.Determine(t.Context(), by("d2", 20260108, "reviewer"), specs[2], specs[4])
		})
		for _, x := range []struct {
			q    benefits.DeterminationQuery
			want string
		}{
			{benefits.DeterminationQuery{}, "1/1 2/1 3/1 3/2 4/1 5/1 5/2 6/1 7/1"}, {benefits.DeterminationQuery{First: 3, Last: 5}, "3/1 3/2 4/1 5/1 5/2"},
			{benefits.DeterminationQuery{First: 6}, "6/1 7/1"}, {benefits.DeterminationQuery{Claims: []int64{5, 1, 99, 5}}, "1/1 5/1 5/2"},
			{benefits.DeterminationQuery{Claims: []int64{5, 1}, Status: benefits.DeterminationOpen}, "1/1 5/2"}, {benefits.DeterminationQuery{Claims: []int64{}}, ""},
			{benefits.DeterminationQuery{Status: benefits.DeterminationReplaced}, "3/1 5/1"}, {benefits.DeterminationQuery{Claims: []int64{1, 7}, Last: 6}, "1/1"},
		} {
			var got []string
			for made, err := range d.DeterminationsOf(t.Context(), x.q) {
				must(t, err)
				got = append(got, fmt.Sprintf("%d/%d", made.Claim, made.Version))
				if _, err := pension.Reperform(made.Content); err != nil {
					t.Error(err)
				}
			}
			if strings.Join(got, " ") != x.want {
				t.Errorf("%+v: %v, want %s", x.q, got, x.want)
			}
		}
	})
}
