package registration_test

import (
	"slices"
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/identity"
)

func TestTheEmployersOfMembersAreThoseThatEverEnrolledThem(t *testing.T) {
	each(t, nil, func(r *realm) {
		ctx := r.Context()
		r.must(r.registry.Enrol(ctx, r.order(), by(1, 2, 202601), by(2, 1, 202601), by(3, 3, 202601)))
		r.must(r.registry.Terminate(ctx, r.order(), by(1, 2, 202603)))
		r.must(r.registry.Enrol(ctx, r.order(), by(1, 3, 202603)))
		void := by(1, 2, 202601)
		void.Status = registration.Void
		r.must(r.registry.CorrectEnrolments(ctx, r.order(), void)) // what was collected under it still stands
		r.must(r.registry.Enrol(ctx, r.order(), registration.Change{Member: 4, Scheme: registration.EnterprisePension, From: 202601}))
		r.must(r.registry.Enrol(ctx, r.order(), registration.Change{Member: 5, Scheme: registration.EmployeeMedical, Employer: 1, From: 202601}))
		for _, test := range []struct {
			members []registration.MemberNo
			want    []registration.EmployerNo
		}{
			{[]registration.MemberNo{1}, []registration.EmployerNo{2, 3}},
			{[]registration.MemberNo{2, 1, 2, 3}, []registration.EmployerNo{1, 2, 3}},
			{[]registration.MemberNo{4, 5, 99}, nil}, // on his own; in another scheme; nobody
			{nil, nil},
		} {
			got, err := r.registry.EmployersOf(ctx, 1, registration.EnterprisePension, test.members)
			if err != nil || !slices.Equal(got, test.want) {
				r.Errorf("%v: %v %v, want %v", test.members, got, err, test.want)
			}
		}
	})
}

func TestEmployersAreFoundInSets(t *testing.T) {
	each(t, func(c *registration.Config) { c.Admit = registration.FlagCreditCodeTaken }, func(r *realm) {
		ctx := r.Context()
		before, err := r.registry.Known(ctx, 1)
		if err != nil {
			r.Fatal(err)
		}
		second, err := r.registry.Employer(ctx, 1, 2, 0)
		if err != nil {
			r.Fatal(err)
		}
		order := r.order()
		order.Admit = registration.FlagCreditCodeTaken
		r.must(r.registry.RegisterEmployers(ctx, order, registration.EmployerSpec{Code: second.Code, Name: "same code"}))
		codes, err := r.registry.EmployersByCodes(ctx, 1, []identity.CreditCode{second.Code, "91350100M000100Y43"})
		if err != nil || len(codes) != 1 || !slices.Equal(codes[second.Code], []registration.EmployerNo{2, 4}) {
			r.Errorf("%v %v", codes, err)
		}
		for known, want := range map[ledger.Seq]int{0: 2, before: 1} {
			found, err := r.registry.EmployersByNumber(ctx, 1, []registration.EmployerNo{4, 0, 2, 2, 99}, known)
			if err != nil || len(found) != want || found[2] != second {
				r.Errorf("as known after %d: %+v %v", known, found, err)
			}
		}
	})
}
