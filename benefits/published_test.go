package benefits_test

import (
	"errors"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/benefits"
	"github.com/fundledger/fundledger/benefits/eligibility"
	"github.com/fundledger/fundledger/benefits/pension"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/registrationtest"
	"github.com/fundledger/fundledger/registration/scheme"
)

func count(n int) *int { return &n }

// sheets are determination sheets that were published: github:liubigfatty/pension-calculator@dba9b78b (Anhui, Gansu), pension-engine@f2ca8d2e (Beijing).
var sheets = []struct {
	name   string
	person person
	claim  benefits.ClaimSpec
	policy scheme.ID
	inputs pension.Inputs
	want   benefits.Amounts
	months money.Amount // that the run of 2026-03 pays
}{
	{"Anhui 2026-02", person{birth: 19651110, account: 115090_38}, benefits.ClaimSpec{Retire: 20260228, Ground: registration.GroundStatutory}, "cn.anhui.pension.policy",
		pension.Inputs{BaseProvince: figure("7999"), AverageIndex: figure("0.8498"), Months: count(509), AccountBalance: figure("115090.38"), DivisorMonths: figure("137.3"),
			Transitional: []pension.Stretch{{Base: figure("7999"), Index: figure("0.8498"), CoefficientPct: figure("1.3"), Months: count(147)}}},
		benefits.Amounts{Basic: 3144_27, AccountPension: 838_24, Transitional: 1086_93}, 1},
	{"Beijing 2025-10", person{birth: 19700910, class: scheme.Women55, account: 81234_99}, benefits.ClaimSpec{Retire: 20251031, Ground: registration.GroundEarly}, "cn.beijing.pension.policy",
		pension.Inputs{BaseProvince: figure("12049"), AverageIndex: figure("0.4142"), Months: count(373), AccountBalance: figure("81234.99"), DivisorMonths: figure("169.5"),
			Transitional: []pension.Stretch{{Base: figure("12049"), Index: figure("1"), CoefficientPct: figure("1.0"), Months: count(2)},
				{Base: figure("12049"), Index: figure("0.4142"), CoefficientPct: figure("1.0"), Months: count(69)}}},
		benefits.Amounts{Basic: 2647_97, AccountPension: 479_26, Transitional: 307_45}, 5},
	{"Gansu 2024-09", person{birth: 19740905, class: scheme.Women50, account: 190000_00}, benefits.ClaimSpec{Retire: 20240930, Ground: registration.GroundStatutory, PaidThrough: 202602}, "cn.gansu.pension.policy",
		pension.Inputs{BaseProvince: figure("7359"), AverageIndex: figure("1.3015"), Months: count(368), AccountBalance: figure("203206"), DivisorMonths: figure("195"),
			Transitional: []pension.Stretch{{Base: figure("7359"), Index: figure("1.3015"), CoefficientPct: figure("1.2"), Months: count(47)}}},
		benefits.Amounts{Basic: 2596_40, AccountPension: 1042_08, Transitional: 449_39}, 1},
}

func TestPublishedSheetsArePaidToTheCent(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		var people []person
		var claims []benefits.ClaimSpec
		var specs []benefits.DetermineSpec
		var approvals []benefits.Approval
		for i, sheet := range sheets {
			people = append(people, sheet.person)
			sheet.claim.Member = registration.MemberNo(i + 1)
			claims = append(claims, sheet.claim)
			specs = append(specs, benefits.DetermineSpec{Claim: int64(i + 1), Stage: benefits.Formal, Inputs: &sheet.inputs, Policy: sheet.policy})
			approvals = append(approvals, benefits.Approval{Claim: int64(i + 1), Version: 1})
		}
		d := open(t, db, people, nil)
		ctx := t.Context()
		ok(t, func() (benefits.Done, error) { return d.Claim(ctx, by("c", 20260303, "intake"), claims...) })
		ok(t, func() (benefits.Done, error) { return d.Determine(ctx, by("d", 20260303, "reviewer"), specs...) })
		ok(t, func() (benefits.Done, error) { return d.Approve(ctx, by("a", 20260303, "chief"), approvals...) })
		run := d.month(202603)
		var total money.Amount
		for i, p := range d.payments(benefits.PaymentQuery{Run: run.First}) {
			want, n := sheets[i].want, sheets[i].months
			want = benefits.Amounts{Basic: want.Basic * n, AccountPension: want.AccountPension * n, Transitional: want.Transitional * n}
			if p.Amounts != want || p.Status != benefits.PaymentPaid {
				t.Errorf("%s: %+v, want %+v", sheets[i].name, p.Amounts, want)
			}
			if got := sheets[i].person.account - d.balance(i+1); got != want.AccountPension {
				t.Errorf("%s: the account bore %d, want %d", sheets[i].name, got, want.AccountPension)
			}
			total += want.Total()
		}
		if run.Amount != total || d.role(accounts.RoleBasicPension)+d.role(accounts.RoleAccountPension)+d.role(accounts.RoleTransitionalPension) != total {
			t.Errorf("run %d, want %d", run.Amount, total)
		}
		d.sound()
	})
}

func TestAnIneligibleClaimNamesEveryReason(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, []person{{birth: 19700101, account: 1}, {birth: 19651110, account: 1}}, nil)
		ctx := t.Context()
		_, err := d.registry.Enrol(ctx, registrationtest.Order("enrol", 20260201), registration.Change{Member: 1, Scheme: registration.EnterprisePension, From: 202601})
		must(t, err)
		for _, no := range []registration.MemberNo{1, 2} { // fourteen years of the second are one short
			for m := range 168 {
				d.history[no] = append(d.history[no], registration.ContributionMonth{Relation: registration.Relation{Member: no}, Insurance: registration.Pension,
					Month: calendar.MustMonth(2021, 1).Add(m - 108), Base: 8000_00, Settled: 20260101})
			}
		}
		_, err = d.Claim(ctx, by("bad", 20260301, "intake"), benefits.ClaimSpec{Member: 9, Retire: 1}, benefits.ClaimSpec{Member: 1, Retire: 20260228})
		for _, code := range []benefits.Code{benefits.ErrUnknown, benefits.ErrInvalid, benefits.ErrMissing} {
			if !errors.Is(err, code) {
				t.Errorf("%s is not among %v", code, err)
			}
		}
		ok(t, func() (benefits.Done, error) {
			return d.Claim(ctx, by("c", 20260301, "intake"), benefits.ClaimSpec{Member: 1, Retire: 20260228, Ground: registration.GroundStatutory},
				benefits.ClaimSpec{Member: 2, Retire: 20260228, Ground: registration.GroundStatutory})
		})
		if _, err := d.Claim(ctx, by("c", 20260301, "other"), benefits.ClaimSpec{Member: 1, Retire: 20260228}); !errors.Is(err, benefits.ErrKeyReused) {
			t.Errorf("a key was used twice: %v", err)
		}
		if _, err := d.Claim(ctx, by("again", 20260301, "intake"), benefits.ClaimSpec{Member: 1, Retire: 20260228, Ground: "statutory"}); !errors.Is(err, benefits.ErrClaimed) {
			t.Errorf("claimed twice: %v", err)
		}
		one := benefits.DetermineSpec{Claim: 1, Stage: benefits.Provisional}
		if _, err := d.Determine(ctx, by("own", 20260302, "intake"), one); !errors.Is(err, benefits.ErrFourEyes) {
			t.Errorf("determined an own claim: %v", err)
		}
		_, err = d.Determine(ctx, by("d", 20260302, "reviewer"), one, benefits.DetermineSpec{Claim: 2, Stage: benefits.Provisional})
		reasons := map[int64]map[eligibility.Code]bool{1: {}, 2: {}}
		var faults *benefits.Faults
		if !errors.As(err, &faults) {
			t.Fatalf("determined: %v", err)
		}
		for _, f := range faults.List {
			var refused *benefits.NotEligible
			if errors.As(f, &refused) {
				for _, r := range refused.Reasons {
					reasons[refused.Claim][r.Code] = true
				}
			}
		}
		if r := reasons[1]; len(r) != 3 || !r[eligibility.TooEarly] || !r[eligibility.StillEnrolled] || !r[eligibility.TooFewMonths] {
			t.Errorf("first: %v", reasons[1])
		}
		if r := reasons[2]; len(r) != 1 || !r[eligibility.TooFewMonths] {
			t.Errorf("second: %v", reasons[2])
		}
		for m := range 12 {
			d.history[2] = append(d.history[2], registration.ContributionMonth{Relation: registration.Relation{Member: 2}, Insurance: registration.Pension,
				Month: calendar.MustMonth(2011, 1).Add(m), Base: 8000_00, Settled: 20260201})
		}
		done := ok(t, func() (benefits.Done, error) {
			return d.Determine(ctx, by("d2", 20260302, "reviewer"), benefits.DetermineSpec{Claim: 2, Stage: benefits.Provisional})
		})
		if done.Amount != 1200_00 { // 8000 × 15 % at an index of one; an account of one cent gives nothing
			t.Errorf("fifteen years at the average wage give %d", done.Amount)
		}
		ok(t, func() (benefits.Done, error) {
			return d.Reject(ctx, by("reject", 20260302, "chief"), benefits.Rejection{Claim: 1, Reason: string(eligibility.TooEarly)})
		})
		d.sound()
	})
}
