package registration_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/identity"
	"github.com/fundledger/fundledger/registration/registrationtest"
	"github.com/fundledger/fundledger/registration/scheme"
)

func TestAnEmployerIsRegisteredChangedAndStruckOff(t *testing.T) {
	each(t, nil, func(r *realm) {
		ctx := r.Context()
		firm := r.source.Employer()
		registered := r.must(r.registry.RegisterEmployers(ctx, r.order(), firm))
		no := registered.FirstEmployer
		changed := r.must(r.registry.ChangeEmployers(ctx, r.order(), registration.EmployerChange{Employer: no,
			EmployerSpec: registration.EmployerSpec{Name: "新名", Address: "新址"}}))
		cancelled := r.must(r.registry.CancelEmployers(ctx, r.order(), no))
		want := firm
		for _, step := range []struct {
			asKnown   ledger.Seq
			name      string
			address   string
			cancelled calendar.Date
		}{{registered.Seq, firm.Name, firm.Address, 0}, {changed.Seq, "新名", "新址", 0}, {cancelled.Seq, "新名", "新址", day}, {0, "新名", "新址", day}} {
			want.Name, want.Address = step.name, step.address
			e, err := r.registry.Employer(ctx, 1, no, step.asKnown)
			if err != nil || e.EmployerSpec != want || e.Cancelled != step.cancelled || e.Registered != day || e.No != no {
				r.Errorf("as known after %d: %+v %v", step.asKnown, e, err)
			}
		}
		if _, err := r.registry.Employer(ctx, 1, no, registered.Seq-1); !errors.Is(err, registration.ErrEmployerUnknown) {
			r.Errorf("before it was registered: %v", err)
		}
		r.refused(r.registry.ChangeEmployers(ctx, r.order(), registration.EmployerChange{Employer: no,
			EmployerSpec: registration.EmployerSpec{Name: "x"}}))(registration.ErrEmployerCancelled)
		r.refused(r.registry.CancelEmployers(ctx, r.order(), no, 99, 1, 1))(registration.ErrEmployerCancelled, registration.ErrEmployerUnknown,
			registration.ErrRepeated)
		r.sound()
	})
}

func TestBadEmployersAreRefusedWithAllTheirFaults(t *testing.T) {
	each(t, nil, func(r *realm) {
		ctx := r.Context()
		before := r.state()
		firm := r.source.Employer()
		same := firm
		taken, err := r.registry.Employer(ctx, 1, 1, 0)
		if err != nil {
			r.Fatal(err)
		}
		bad := r.source.Employer()
		bad.Code = bad.Code[:17] + "I"
		future := r.source.Employer()
		future.Founded = calendar.MustDate(2027, 1, 1)
		hostile := r.source.Employer()
		hostile.Name, hostile.Contact = "a\x00b", strings.Repeat("x", 257)
		invalid := r.source.Employer()
		invalid.Address = "\xff\xfe"
		r.refused(r.registry.RegisterEmployers(ctx, r.order(), firm, same, taken.EmployerSpec, registration.EmployerSpec{}, bad, future, hostile, invalid))(
			registration.ErrCreditCodeTaken, registration.ErrCreditCodeTaken, registration.ErrMissing, registration.ErrMissing,
			registration.ErrCreditCodeInvalid,
			registration.ErrInvalid, registration.ErrInvalid, registration.ErrTooLong, registration.ErrInvalid)
		other := r.source.Employer()
		r.refused(r.registry.ChangeEmployers(ctx, r.order(), registration.EmployerChange{Employer: 1}, registration.EmployerChange{Employer: 77,
			EmployerSpec: other},
			registration.EmployerChange{Employer: 2, EmployerSpec: registration.EmployerSpec{Code: taken.Code}},
			registration.EmployerChange{Employer: 2, EmployerSpec: registration.EmployerSpec{Name: "x"}}))(
			registration.ErrMissing, registration.ErrEmployerUnknown, registration.ErrCreditCodeTaken, registration.ErrRepeated)
		if r.state() != before {
			r.Error("a refused order wrote something")
		}
		// Its own code is no clash.
		r.must(r.registry.ChangeEmployers(ctx, r.order(), registration.EmployerChange{Employer: 1, EmployerSpec: taken.EmployerSpec}))
		r.sound()
	})
}

func TestAnEmployerWithMembersOrDebtsIsNotStruckOff(t *testing.T) {
	owes := func(c *registration.Config) {
		c.Obligations = func(_ context.Context, _ store.Handle, _ int32, employers []registration.EmployerNo) (map[registration.EmployerNo]string, error) {
			found := map[registration.EmployerNo]string{}
			for _, no := range employers {
				if no == 2 {
					found[no] = "120.00 CNY of contributions and 3.60 CNY of surcharge"
				}
			}
			return found, nil
		}
	}
	each(t, owes, func(r *realm) {
		ctx := r.Context()
		r.must(r.registry.Enrol(ctx, r.order(), by(1, 1, 202601), by(2, 1, 202601), by(3, 3, 202601)))
		text := r.refused(r.registry.CancelEmployers(ctx, r.order(), 1, 2, 3))(registration.ErrEmployerInUse, registration.ErrEmployerInUse,
			registration.ErrEmployerInUse)
		for _, want := range []string{"1 has 2 enrolments that go on after 2026-03", "2 owes: 120.00 CNY"} {
			if !strings.Contains(text, want) {
				r.Errorf("%s lacks %s", text, want)
			}
		}
		r.must(r.registry.Terminate(ctx, r.order(), by(1, 1, 202603), by(2, 1, 202604)))
		r.must(r.registry.CancelEmployers(ctx, r.order(), 1))
		r.refused(r.registry.Enrol(ctx, r.order(), by(4, 1, 202601)))(registration.ErrEmployerCancelled)
		past := by(4, 1, 202601)
		past.To, past.Status = 202603, registration.Active
		r.must(r.registry.CorrectEnrolments(ctx, r.order(), past))
	})
}

func TestAMemberIsRegisteredByHisNumberAlone(t *testing.T) {
	each(t, nil, func(r *realm) {
		person := r.source.Member()
		receipt := r.must(r.registry.RegisterMembers(r.Context(), r.order(), registration.MemberSpec{Number: person.Number, Name: "x"}))
		m, err := r.registry.Member(r.Context(), 1, receipt.FirstMember, 0)
		if err != nil || m.Birth != person.Birth || m.Sex != person.Sex || m.Class != "" || m.Pseudonym != registrationtest.Key().Pseudonym(person.Number) || m.Known != receipt.Seq {
			r.Errorf("%+v %v", m, err)
		}
		if _, err := r.registry.Member(r.Context(), 1, receipt.FirstMember, receipt.Seq-1); !errors.Is(err, registration.ErrMemberUnknown) {
			r.Errorf("before he was registered: %v", err)
		}
	})
}

func TestBadMembersAreRefusedWithAllTheirFaults(t *testing.T) {
	each(t, nil, func(r *realm) {
		ctx := r.Context()
		before := r.state()
		spec := func(set func(*registration.MemberSpec)) registration.MemberSpec {
			s := r.source.Member()
			set(&s)
			return s
		}
		man := r.source.Number(calendar.MustDate(1990, 1, 1), identity.Male)
		first := r.source.Member()
		r.refused(r.registry.RegisterMembers(ctx, r.order(),
			registration.MemberSpec{},
			spec(func(s *registration.MemberSpec) { s.Number = identity.MustUnchecked("110105491231002") }),
			spec(func(s *registration.MemberSpec) { s.Birth = s.Birth.AddDays(1) }),
			registration.MemberSpec{Number: man, Name: "x", Sex: identity.Female, Birth: 19900102},
			spec(func(s *registration.MemberSpec) { s.Birth = 19900230 }),
			registration.MemberSpec{Number: r.source.Number(19900101, identity.Male), Name: "x", Class: scheme.Women50},
			registration.MemberSpec{Number: r.source.Number(19900101, identity.Male), Name: "x", Class: "M55"},
			registration.MemberSpec{Number: r.source.Number(20270101, identity.Male), Name: "x"},
			registration.MemberSpec{Number: r.source.Number(19900101, identity.Male), Name: "x", FirstWork: 19891231},
			first, first,
			spec(func(s *registration.MemberSpec) { s.Name = "x\x00" }),
		))(registration.ErrMissing, registration.ErrMissing, registration.ErrIdentityInvalid, registration.ErrIdentityMismatch,
			registration.ErrIdentityMismatch,
			registration.ErrIdentityMismatch, registration.ErrInvalid, registration.ErrIdentityMismatch, registration.ErrInvalid,
			registration.ErrInvalid, registration.ErrInvalid,
			registration.ErrInvalid, registration.ErrIdentityTaken, registration.ErrInvalid)
		if r.state() != before {
			r.Error("a refused order wrote something")
		}
	})
}

func TestDoubtfulMembersAreAdmittedAndFlaggedForAuditToFind(t *testing.T) {
	admit := registration.FlagIdentityInvalid | registration.FlagIdentityMismatch | registration.FlagIdentityTaken | registration.FlagCreditCodeInvalid | registration.FlagCreditCodeTaken
	each(t, func(c *registration.Config) { c.Admit = admit }, func(r *realm) {
		ctx := r.Context()
		order := r.order()
		order.Admit = admit
		person := r.source.Member()
		mismatch := r.source.Member()
		mismatch.Birth = mismatch.Birth.AddDays(1)
		old := registration.MemberSpec{Number: identity.MustUnchecked("110105491231002"), Name: "x", Birth: 19491231, Sex: identity.Male}
		receipt := r.must(r.registry.RegisterMembers(ctx, order, old, mismatch, person, person))
		if receipt.Flagged != 3 {
			r.Errorf("%+v", receipt)
		}
		want := []registration.Flags{registration.FlagIdentityInvalid, registration.FlagIdentityMismatch, 0, registration.FlagIdentityTaken}
		for i, flags := range want {
			m, err := r.registry.Member(ctx, 1, receipt.FirstMember+registration.MemberNo(i), 0)
			if err != nil || m.Flags != flags {
				r.Errorf("row %d: %v, want %v (%v)", i+1, m.Flags, flags, err)
			}
		}
		if replayed := r.must(r.registry.RegisterMembers(ctx, order, old, mismatch, person, person)); !replayed.Replayed || replayed.Flagged != 3 {
			r.Errorf("%+v", replayed)
		}
		order = r.order()
		order.Admit = admit
		firm := r.source.Employer()
		legacy := registration.EmployerSpec{Code: "440301103097413", Name: "x"}
		if got := r.must(r.registry.RegisterEmployers(ctx, order, legacy, firm, firm)); got.Flagged != 2 {
			r.Errorf("%+v", got)
		}
		// A correction of something else needs no new admission; one that mends the number loses the flag.
		r.must(r.registry.CorrectMembers(ctx, r.order(), registration.MemberCorrection{Member: receipt.FirstMember,
			MemberSpec: registration.MemberSpec{Name: "y"}}))
		mended := r.source.Number(19491231, identity.Male)
		r.must(r.registry.CorrectMembers(ctx, r.order(), registration.MemberCorrection{Member: receipt.FirstMember,
			MemberSpec: registration.MemberSpec{Number: mended}},
			registration.MemberCorrection{Member: receipt.FirstMember + 1, MemberSpec: registration.MemberSpec{Birth: mismatch.Number.Birth()}}))
		for i := range registration.MemberNo(2) {
			if m, err := r.registry.Member(ctx, 1, receipt.FirstMember+i, 0); err != nil || m.Flags != 0 {
				r.Errorf("member %d: %v %v", m.No, m.Flags, err)
			}
		}
		r.must(r.registry.ChangeEmployers(ctx, r.order(), registration.EmployerChange{Employer: 4, EmployerSpec: registration.EmployerSpec{Name: "z"}}))
		if e, err := r.registry.Employer(ctx, 1, 4, 0); err != nil || e.Flags != registration.FlagCreditCodeInvalid {
			r.Errorf("%+v %v", e, err)
		}
		r.sound()
	})
}

func TestAPersonIsCorrectedAndWhatWasKnownStaysReadable(t *testing.T) {
	each(t, nil, func(r *realm) {
		ctx := r.Context()
		person := r.source.Member()
		registered := r.must(r.registry.RegisterMembers(ctx, r.order(), person))
		no := registered.FirstMember
		other := r.source.Number(calendar.MustDate(1980, 5, 6), person.Sex)
		corrected := r.must(r.registry.CorrectMembers(ctx, r.order(), registration.MemberCorrection{Member: no,
			MemberSpec: registration.MemberSpec{Number: other, FirstWork: 20010101}}))
		m, err := r.registry.Member(ctx, 1, no, 0)
		if err != nil || m.Birth != 19800506 || m.FirstWork != 20010101 || m.Class != person.Class || m.Pseudonym != registrationtest.Key().Pseudonym(other) {
			r.Errorf("%+v %v", m, err)
		}
		old, err := r.registry.Member(ctx, 1, no, registered.Seq)
		if err != nil || old.Birth != person.Birth || old.Superseded != corrected.Seq {
			r.Errorf("%+v %v", old, err)
		}
		for one, err := range r.registry.Identities(ctx, 1, no, no, registered.Seq) {
			if err != nil || one.Number != person.Number {
				r.Errorf("%v %v", one, err)
			}
		}
		if found, err := r.registry.MembersByNumber(ctx, 1, person.Number, other); err != nil || len(found) != 1 || found[other] == nil {
			r.Errorf("%v %v", found, err)
		}
		// The freed number can be another's; the new one cannot.
		r.must(r.registry.RegisterMembers(ctx, r.order(), person))
		r.refused(r.registry.RegisterMembers(ctx, r.order(), registration.MemberSpec{Number: other, Name: "x"}))(registration.ErrIdentityTaken)
		r.sound()
	})
}

func TestNameAndNumberTogetherAndMergersNeedASecondPerson(t *testing.T) {
	each(t, nil, func(r *realm) {
		ctx := r.Context()
		alone := func() registration.Order {
			order := r.order()
			order.ApprovedBy = ""
			return order
		}
		both := registration.MemberCorrection{Member: 1, MemberSpec: registration.MemberSpec{Number: r.source.Member().Number, Name: "x"}}
		woman, err := r.registry.Member(ctx, 1, 1, 0)
		if err != nil {
			r.Fatal(err)
		}
		both.Number = r.source.Number(woman.Birth, woman.Sex)
		r.refused(r.registry.CorrectMembers(ctx, alone(), both))(registration.ErrApproval)
		r.must(r.registry.CorrectMembers(ctx, alone(), registration.MemberCorrection{Member: 2, MemberSpec: registration.MemberSpec{Name: "x"}}))
		r.must(r.registry.CorrectMembers(ctx, r.order(), both))
		merge := registration.MemberCorrection{Member: 4, MergedInto: 3}
		r.refused(r.registry.CorrectMembers(ctx, alone(), merge))(registration.ErrApproval)
		r.refused(r.registry.CorrectMembers(ctx, r.order(), registration.MemberCorrection{Member: 9, MemberSpec: registration.MemberSpec{Name: "x"}},
			registration.MemberCorrection{Member: 4, MergedInto: 4},
			registration.MemberCorrection{Member: 4}, registration.MemberCorrection{Member: 5, MergedInto: 99}))(
			registration.ErrMemberUnknown, registration.ErrInvalid, registration.ErrRepeated, registration.ErrMissing, registration.ErrMemberUnknown)
		r.sound()
	})
}

func TestAMergedMembersRecordGoesOnWithTheOther(t *testing.T) {
	each(t, nil, func(r *realm) {
		ctx := r.Context()
		merge := func(from, into registration.MemberNo) registration.MemberCorrection {
			return registration.MemberCorrection{Member: from, MergedInto: into}
		}
		r.must(r.registry.Enrol(ctx, r.order(), by(3, 1, 202401), by(4, 1, 202601)))
		r.must(r.registry.RecordDeemedService(ctx, r.order(), registration.DeemedSpec{Member: 3, From: 199001, To: 199112, Reference: "F1"}))
		r.refused(r.registry.CorrectMembers(ctx, r.order(), merge(3, 4)))(registration.ErrMemberInUse)
		before := r.must(r.registry.Terminate(ctx, r.order(), by(3, 1, 202501)))
		r.must(r.registry.CorrectMembers(ctx, r.order(), merge(3, 4)))
		r.refused(r.registry.Enrol(ctx, r.order(), by(3, 1, 202601)))(registration.ErrMemberMerged)
		r.refused(r.registry.CorrectMembers(ctx, r.order(), merge(3, 5)))(registration.ErrMemberMerged)
		r.refused(r.registry.CorrectMembers(ctx, r.order(), merge(5, 3)))(registration.ErrMemberUnknown)
		r.must(r.registry.Terminate(ctx, r.order(), by(4, 1, 202603)))
		r.must(r.registry.CorrectMembers(ctx, r.order(), merge(4, 5)))
		career, err := r.registry.Career(ctx, 1, 5, 0)
		if err != nil || len(career.Merged) != 2 || len(career.Spells) != 4 || career.DeemedMonths(registration.Pension) != 24 || career.MergedInto != 0 {
			r.Errorf("%+v %v", career, err)
		}
		if len(career.ActiveIn(registration.Pension, 202405)) != 1 || len(career.ActiveIn(registration.Pension,
			202601)) != 1 || career.ActiveIn(registration.Pension, 202512) != nil {
			r.Errorf("%+v", career.Spells)
		}
		gone, err := r.registry.Career(ctx, 1, 3, 0)
		if err != nil || gone.MergedInto != 4 || gone.Spells != nil || gone.Facts != nil {
			r.Errorf("%+v %v", gone, err)
		}
		then, err := r.registry.Career(ctx, 1, 3, before.Seq)
		if err != nil || len(then.Spells) != 2 || len(then.Facts) != 1 {
			r.Errorf("before the merger: %+v %v", then, err)
		}
		r.sound()
	})
}

func TestDeathRetirementAndDeemedServiceAreFactsThatCanBeWithdrawn(t *testing.T) {
	each(t, func(c *registration.Config) { c.Admit = registration.FlagAfterDeath | registration.FlagAfterRetirement }, func(r *realm) {
		ctx := r.Context()
		person := r.source.Member()
		no := r.must(r.registry.RegisterMembers(ctx, r.order(), person)).FirstMember
		r.must(r.registry.RecordRetirements(ctx, r.order(), registration.RetirementSpec{Member: 1, Day: 20260215,
			Ground: registration.GroundStatutory, Reference: "A1"}))
		dead := r.must(r.registry.RecordDeaths(ctx, r.order(), registration.DeathSpec{Number: person.Number, Day: 20260210, Reference: "D1"}))
		r.must(r.registry.RecordDeemedService(ctx, r.order(), registration.DeemedSpec{Member: 1, From: 199001, To: 199106, Reference: "F1"},
			registration.DeemedSpec{Member: 1, From: 199107, To: 199112, Months: 3}))
		r.refused(r.registry.RecordDeaths(ctx, r.order(), registration.DeathSpec{Member: no, Day: 20260211}, registration.DeathSpec{Member: 99,
			Day: 20260211},
			registration.DeathSpec{Member: 2, Day: 20260401}, registration.DeathSpec{Member: 2, Day: 19000101}, registration.DeathSpec{Day: 20260101},
			registration.DeathSpec{Member: 3}))(
			registration.ErrFactExists, registration.ErrMemberUnknown, registration.ErrInvalid, registration.ErrInvalid, registration.ErrMissing,
			registration.ErrInvalid)
		r.refused(r.registry.RecordRetirements(ctx, r.order(), registration.RetirementSpec{Member: 1, Day: 20260301, Ground: registration.GroundEarly},
			registration.RetirementSpec{Member: 2, Day: 20260301}))(registration.ErrFactExists, registration.ErrMissing)
		r.refused(r.registry.RecordDeemedService(ctx, r.order(), registration.DeemedSpec{Member: 1, From: 199112, To: 199201},
			registration.DeemedSpec{Member: 2, From: 199112, To: 199111},
			registration.DeemedSpec{Member: 2, From: 199112, To: 199112, Months: 2}))(registration.ErrFactExists, registration.ErrInvalid,
			registration.ErrInvalid)
		// Nothing is active after them, unless it is admitted.
		resident := func(no registration.MemberNo, s registration.Scheme) registration.Change {
			return registration.Change{Member: no, Scheme: s, From: 202602}
		}
		r.refused(r.registry.Enrol(ctx, r.order(), resident(1, registration.ResidentPension), resident(no,
			registration.ResidentMedical)))(registration.ErrAfterRetirement, registration.ErrAfterDeath)
		r.must(r.registry.Enrol(ctx, r.order(), resident(1, registration.ResidentMedical)))
		until := resident(no, registration.ResidentMedical)
		until.To, until.Status = 202602, registration.Active
		r.must(r.registry.CorrectEnrolments(ctx, r.order(), until))
		order := r.order()
		order.Admit = registration.FlagAfterDeath | registration.FlagAfterRetirement
		if got := r.must(r.registry.Enrol(ctx, order, resident(1, registration.ResidentPension))); got.Flagged != 1 {
			r.Errorf("%+v", got)
		}
		career, err := r.registry.Career(ctx, 1, no, 0)
		if err != nil || career.Died() != 20260210 {
			r.Errorf("%+v %v", career, err)
		}
		r.refused(r.registry.WithdrawFacts(ctx, r.order(), registration.Withdrawal{Member: no, Kind: registration.FactDeath, From: 20260211, Reason: "typo"},
			registration.Withdrawal{Member: no, Kind: "birth", From: 20260211}))(registration.ErrFactUnknown, registration.ErrInvalid,
			registration.ErrMissing)
		withdrawal := registration.Withdrawal{Member: no, Kind: registration.FactDeath, From: 20260210, Reason: "another person"}
		r.refused(r.registry.WithdrawFacts(ctx, r.order(), withdrawal, withdrawal))(registration.ErrFactUnknown)
		r.must(r.registry.WithdrawFacts(ctx, r.order(), withdrawal))
		if died, err := r.registry.Deaths(ctx, 1, []registration.MemberNo{1, no}, 0); err != nil || len(died) != 0 {
			r.Errorf("%v %v", died, err)
		}
		if died, err := r.registry.Deaths(ctx, 1, []registration.MemberNo{1, no}, dead.Seq); err != nil || died[no] != 20260210 || len(died) != 1 {
			r.Errorf("%v %v", died, err)
		}
		r.must(r.registry.RecordDeaths(ctx, r.order(), registration.DeathSpec{Member: no, Day: 20260210}))
		facts, err := r.registry.Facts(ctx, 1, 1, 0)
		if err != nil || len(facts) != 3 {
			r.Errorf("%+v %v", facts, err)
		}
		career, err = r.registry.Career(ctx, 1, 1, 0)
		if f, ok := career.Retirement(registration.Pension); err != nil || !ok || f.From != 20260215 || career.DeemedMonths(registration.Pension) != 21 || f.Ground != registration.GroundStatutory {
			r.Errorf("%+v %v", career, err)
		}
		if _, ok := career.Retirement(registration.Medical); ok {
			r.Error("a retirement in another insurance")
		}
		r.sound()
	})
}

func TestAMonthIsPaidWhenNothingOfItIsOwed(t *testing.T) {
	month := registration.ContributionMonth{Relation: registration.Relation{Member: 1, Scheme: registration.EnterprisePension, Employer: 1},
		Month: 202601, Base: 500_000,
		EmployerDue: 80_000, MemberDue: 40_000, EmployerPaid: 80_000}
	if month.Paid() {
		t.Error("a month that is owed counts as paid")
	}
	month.MemberPaid, month.Settled = 40_000, calendar.MustDate(2026, 2, 10)
	if !month.Paid() {
		t.Error("a settled month does not count as paid")
	}
}

func TestHostileButValidTextIsKeptAsItIs(t *testing.T) {
	each(t, nil, func(r *realm) {
		ctx := r.Context()
		for i, text := range []string{`'; DROP TABLE registration_member; --`, `"quoted" \\ $1 ? ?? :a @b`, "𠮷野家🙂", "\u202eright to left",
			"%s %v {{.}} <script>", "é (e\u0301)", "NULL", "0"} {
			person, firm := r.source.Member(), r.source.Employer()
			person.Name, firm.Name, firm.Address = text, text, text
			order := r.order()
			order.Key = fmt.Sprintf("%d %s", i, text)
			order.EnteredBy = text
			order.Documents = []ledger.Attachment{{Name: text}}
			no := r.must(r.registry.RegisterMembers(ctx, order, person)).FirstMember
			employer := r.must(r.registry.RegisterEmployers(ctx, r.order(), firm)).FirstEmployer
			enrol := by(no, employer, 202601)
			enrol.Reason = text[:min(len(text), 8)]
			if !utf8.ValidString(enrol.Reason) {
				enrol.Reason = ""
			}
			r.must(r.registry.Enrol(ctx, r.order(), enrol))
			for one, err := range r.registry.Identities(ctx, 1, no, no, 0) {
				if err != nil || one.Name != text {
					r.Errorf("%q came back as %q (%v)", text, one.Name, err)
				}
			}
			if e, err := r.registry.Employer(ctx, 1, employer, 0); err != nil || e.Name != text || e.Address != text {
				r.Errorf("%q came back as %q (%v)", text, e.Name, err)
			}
			if s := r.spells(no, 0); len(s) != 1 || s[0].Reason != enrol.Reason {
				r.Errorf("%+v", s)
			}
		}
		order := r.order()
		order.Documents = []ledger.Attachment{{Name: "x", Hash: []byte("short")}}
		before := r.state()
		if _, err := r.registry.RegisterMembers(ctx, order, r.source.Member()); !errors.Is(err, ledger.ErrFieldInvalid) || r.state() != before {
			r.Errorf("a document with a bad hash: %v", err)
		}
		r.sound()
	})
}
