package registration_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/registrationtest"
)

// drawn writes spells as from–to status event, one after the other.
func drawn(spells []registration.Spell) string {
	texts := make([]string, len(spells))
	for i, s := range spells {
		texts[i] = fmt.Sprintf("%v…%v %s/%s", s.From, s.To, s.Status, s.Event)
	}
	return strings.Join(texts, ", ")
}

func TestARelationGoesThroughItsEventsAndEveryStateStaysReadable(t *testing.T) {
	each(t, nil, func(r *realm) {
		ctx := r.Context()
		enrol := by(1, 1, 202601)
		enrol.Hired = calendar.MustDate(2026, 1, 5)
		transfer := by(1, 1, 202701)
		transfer.Counterpart = "590001"
		back := by(1, 1, 202801)
		back.Counterpart = "590001"
		steps := []struct {
			receipt registration.Receipt
			want    string
		}{
			{r.must(r.registry.Enrol(ctx, r.order(), enrol)), "2026-01…- active/enrol"},
			{r.must(r.registry.Suspend(ctx, r.order(), by(1, 1, 202604))), "2026-01…2026-03 active/enrol, 2026-04…- suspended/suspend"},
			{r.must(r.registry.Resume(ctx, r.order(), by(1, 1, 202606))),
				"2026-01…2026-03 active/enrol, 2026-04…2026-05 suspended/suspend, 2026-06…- active/resume"},
			{r.must(r.registry.Terminate(ctx, r.order(), by(1, 1, 202609))),
				"2026-01…2026-03 active/enrol, 2026-04…2026-05 suspended/suspend, 2026-06…2026-08 active/resume, 2026-09…- terminated/terminate"},
			{r.must(r.registry.Enrol(ctx, r.order(), by(1, 1, 202609))),
				"2026-01…2026-03 active/enrol, 2026-04…2026-05 suspended/suspend, 2026-06…2026-08 active/resume, 2026-09…- active/enrol"},
			{r.must(r.registry.Transfer(ctx, r.order(), transfer)),
				"2026-01…2026-03 active/enrol, 2026-04…2026-05 suspended/suspend, 2026-06…2026-08 active/resume, 2026-09…2026-12 active/enrol, 2027-01…- terminated/transfer_out"},
			{r.must(r.registry.Enrol(ctx, r.order(), back)),
				"2026-01…2026-03 active/enrol, 2026-04…2026-05 suspended/suspend, 2026-06…2026-08 active/resume, 2026-09…2026-12 active/enrol, 2027-01…2027-12 terminated/transfer_out, 2028-01…- active/transfer_in"},
		}
		for i, step := range steps {
			if got := drawn(r.spells(1, step.receipt.Seq)); got != step.want {
				t := fmt.Sprintf("as known after act %d", step.receipt.Seq)
				r.Errorf("%s:\n got %s\nwant %s", t, got, step.want)
			}
			if got := drawn(r.spells(1, step.receipt.Seq-1)); i > 0 && got != steps[i-1].want || i == 0 && got != "" {
				r.Errorf("before act %d: %s", step.receipt.Seq, got)
			}
		}
		if got := drawn(r.spells(1, 0)); got != steps[len(steps)-1].want {
			r.Errorf("now: %s", got)
		}
		history, err := r.registry.SpellHistory(ctx, registrationtest.Realm, 1)
		if err != nil || len(history) <= len(r.spells(1, 0)) {
			r.Errorf("%d versions, %v", len(history), err)
		}
		first := r.spells(1, 0)[0]
		if first.Hired != enrol.Hired || first.Began != steps[0].receipt.Seq || first.Known != steps[1].receipt.Seq || first.Insurance != registration.Pension {
			r.Errorf("%+v", first)
		}
		r.sound()
	})
}

func TestACorrectionOverlaysMonthsAndLeavesTheOthersAlone(t *testing.T) {
	each(t, nil, func(r *realm) {
		ctx := r.Context()
		r.must(r.registry.Enrol(ctx, r.order(), by(1, 1, 202601)))
		suspend := r.must(r.registry.Suspend(ctx, r.order(), by(1, 1, 202607)))
		correct := func(from, to calendar.Month, status registration.Status) registration.Change {
			c := by(1, 1, from)
			c.To, c.Status = to, status
			return c
		}
		for _, step := range []struct {
			change registration.Change
			want   string
		}{
			{correct(202603, 202603, registration.Suspended),
				"2026-01…2026-02 active/enrol, 2026-03…2026-03 suspended/correct, 2026-04…2026-06 active/enrol, 2026-07…- suspended/suspend"},
			{correct(202511, 202512, registration.Active),
				"2025-11…2025-12 active/correct, 2026-01…2026-02 active/enrol, 2026-03…2026-03 suspended/correct, 2026-04…2026-06 active/enrol, 2026-07…- suspended/suspend"},
			{correct(202501, 202503, registration.Active), "2025-01…2025-03 active/correct, 2025-04…2025-10 terminated/correct, 2025-11…2025-12 active/correct, " +
				"2026-01…2026-02 active/enrol, 2026-03…2026-03 suspended/correct, 2026-04…2026-06 active/enrol, 2026-07…- suspended/suspend"},
			{correct(202501, 0, registration.Void), "2025-01…- void/correct"},
		} {
			r.must(r.registry.CorrectEnrolments(ctx, r.order(), step.change))
			if got := drawn(r.spells(1, 0)); got != step.want {
				r.Errorf("after %v…%v %s:\n got %s\nwant %s", step.change.From, step.change.To, step.change.Status, got, step.want)
			}
		}
		if got := drawn(r.spells(1, suspend.Seq)); got != "2026-01…2026-06 active/enrol, 2026-07…- suspended/suspend" {
			r.Errorf("what was known before the corrections has changed: %s", got)
		}
		several := []registration.Change{correct(202601, 202602, registration.Active), correct(202605, 202606, registration.Active), correct(202606,
			202607, registration.Suspended)}
		several[0].Member, several[1].Member, several[2].Member = 2, 2, 2
		r.must(r.registry.CorrectEnrolments(ctx, r.order(), several...))
		if got := drawn(r.spells(2, 0)); got != "2026-01…2026-02 active/correct, 2026-03…2026-04 terminated/correct, 2026-05…2026-05 active/correct, "+
			"2026-06…2026-07 suspended/correct, 2026-08…- terminated/correct" {
			r.Errorf("several corrections of one relation in one order: %s", got)
		}
		r.sound()
	})
}

func TestEverythingWrongWithAnOrderIsReportedTogetherAndNothingIsWritten(t *testing.T) {
	each(t, nil, func(r *realm) {
		ctx := r.Context()
		r.must(r.registry.Enrol(ctx, r.order(), by(1, 1, 202601)))
		r.must(r.registry.CancelEmployers(ctx, r.order(), 3))
		before := r.state()
		stranger := registrationtest.New(99).Member().Number
		change := func(c registration.Change, set func(*registration.Change)) registration.Change {
			set(&c)
			return c
		}
		text := r.refused(r.registry.Enrol(ctx, r.order(),
			by(1, 1, 202602),
			by(9, 1, 202601),
			by(2, 9, 202601),
			change(by(2, 1, 202601), func(c *registration.Change) { c.Scheme = "unknown" }),
			change(by(2, 0, 202601), func(c *registration.Change) { c.Scheme = registration.WorkInjuryScheme }),
			change(by(2, 1, 202601), func(c *registration.Change) { c.Scheme = registration.ResidentPension }),
			change(by(2, 1, 202613), func(*registration.Change) {}),
			change(by(0, 1, 202601), func(c *registration.Change) { c.Number = stranger }),
			by(0, 1, 202601),
			change(by(2, 1, 202601), func(c *registration.Change) { c.Number = stranger }),
			change(by(2, 0, 202601), func(c *registration.Change) { c.Code = registrationtest.New(99).CreditCode() }),
			by(2, 3, 202604),
			by(1, 2, 202606),
			change(by(2, 1, 202601), func(c *registration.Change) { c.Counterpart = "590001"; c.Scheme = registration.WorkInjuryScheme }),
			change(by(3, 1, 202601), func(c *registration.Change) { c.To = 202602; c.Hired = 20260231; c.Reason = strings.Repeat("x", 65) }),
			by(4, 1, 190001),
		))(
			registration.ErrStatus, registration.ErrMemberUnknown, registration.ErrEmployerUnknown, registration.ErrSchemeUnknown,
			registration.ErrSchemeRefuses,
			registration.ErrSchemeRefuses, registration.ErrInvalid, registration.ErrMemberUnknown, registration.ErrMissing, registration.ErrInvalid,
			registration.ErrEmployerUnknown, registration.ErrEmployerCancelled, registration.ErrOverlap, registration.ErrSchemeRefuses,
			registration.ErrInvalid, registration.ErrInvalid, registration.ErrTooLong, registration.ErrInvalid)
		if strings.Contains(text, stranger.Reveal()) {
			r.Errorf("a message repeats an identity number: %s", text)
		}
		for _, want := range []string{
			"row 13, from: member 1 is insured twice in pension from 2026-06 on: in enterprise_pension by employer 2, and in enterprise_pension by employer 1; suspend or terminate one of them first [overlap]",
			"row 8, member: " + stranger.String() + " is not registered; register it first, or correct it [member_unknown]",
			"row 16, from: 1900-01 lies before the birth on",
		} {
			if !strings.Contains(text, want) {
				r.Errorf("%s\nhas no line %s", text, want)
			}
		}
		r.refused(r.registry.Suspend(ctx, r.order(), by(1, 1, 202512), by(2, 1, 202601)))(registration.ErrOrder, registration.ErrNotEnrolled)
		r.refused(r.registry.Transfer(ctx, r.order(), by(1, 1, 202603)))(registration.ErrMissing)
		r.refused(r.registry.CorrectEnrolments(ctx, r.order(), by(1, 1, 202603), registration.Change{Member: 1,
			Scheme: registration.EnterprisePension, Employer: 1,
			From: 202603, To: 202602, Status: registration.Void}))(registration.ErrInvalid, registration.ErrInvalid)
		if after := r.state(); after != before {
			r.Errorf("a refused order wrote something:\n%s\n%s", before, after)
		}
		r.sound()
	})
}

func TestTheHeadOfAnOrderIsCheckedFirst(t *testing.T) {
	each(t, nil, func(r *realm) {
		ctx := r.Context()
		wrong := registration.Order{Realm: 0, Key: strings.Repeat("k", 101), Effective: 20260230, EnteredBy: "a\nb", ApprovedBy: "a\nb",
			Admit: registration.FlagOverlap}
		r.refused(r.registry.Enrol(ctx, wrong, by(1, 1, 202601)))(registration.ErrInvalid, registration.ErrTooLong, registration.ErrInvalid,
			registration.ErrInvalid,
			registration.ErrInvalid, registration.ErrApproval, registration.ErrAdmission)
		r.refused(r.registry.Enrol(ctx, registration.Order{Realm: 1}, by(1, 1, 202601)))(registration.ErrMissing, registration.ErrMissing,
			registration.ErrInvalid)
		r.refused(r.registry.Enrol(ctx, r.order()))(registration.ErrMissing)
		unknown := r.order()
		unknown.Realm = 77
		if _, err := r.registry.Enrol(ctx, unknown, by(1, 1, 202601)); !errors.Is(err, ledger.ErrBookUnknown) {
			r.Errorf("a realm that was never opened: %v", err)
		}
	})
}

func TestWhatTheHostDoesNotAllowIsRefused(t *testing.T) {
	denied := errors.New("no duty for that")
	each(t, nil, func(r *realm) {
		strict, err := registration.New(r.db, r.led, registration.Config{Key: registrationtest.Key(), Allow: func(_ context.Context,
			order registration.Order, kind string, rows int) error {
			if kind == registration.KindEnrol && rows == 2 && order.EnteredBy == "entry clerk" {
				return denied
			}
			return nil
		}})
		if err != nil {
			r.Fatal(err)
		}
		_, err = strict.Enrol(r.Context(), r.order(), by(1, 1, 202601), by(2, 1, 202601))
		if !errors.Is(err, registration.ErrNotAllowed) || !errors.Is(err, denied) {
			r.Errorf("%v", err)
		}
		r.must(strict.Enrol(r.Context(), r.order(), by(1, 1, 202601)))
	})
}

func TestOverlapsAreAdmittedOnlyByOrderPolicyAndSecondPersonAndThenFlagged(t *testing.T) {
	each(t, func(c *registration.Config) { c.Admit = registration.FlagOverlap }, func(r *realm) {
		ctx := r.Context()
		r.must(r.registry.Enrol(ctx, r.order(), by(1, 1, 202601)))
		r.refused(r.registry.Enrol(ctx, r.order(), by(1, 2, 202601)))(registration.ErrOverlap)
		alone := r.order()
		alone.Admit, alone.ApprovedBy = registration.FlagOverlap, ""
		r.refused(r.registry.Enrol(ctx, alone, by(1, 2, 202601)))(registration.ErrApproval)
		admitting := r.order()
		admitting.Admit = registration.FlagOverlap | registration.FlagAfterDeath
		r.refused(r.registry.Enrol(ctx, admitting, by(1, 2, 202601)))(registration.ErrAdmission)
		admitting.Admit = registration.FlagOverlap
		receipt := r.must(r.registry.Enrol(ctx, admitting, by(1, 2, 202601), by(2, 2, 202601)))
		if receipt.Flagged != 1 {
			r.Errorf("%+v", receipt)
		}
		var found []registration.Spell
		for s, err := range r.registry.Enrolments(ctx, registration.SpellQuery{Realm: 1}) {
			if err != nil {
				r.Fatal(err)
			}
			if s.Flags != 0 {
				found = append(found, s)
			}
		}
		if len(found) != 1 || found[0].Relation != (registration.Relation{Member: 1, Scheme: registration.EnterprisePension,
			Employer: 2}) || found[0].Flags != registration.FlagOverlap {
			r.Errorf("%+v", found)
		}
		// What overlaps can be ended without being admitted again.
		r.must(r.registry.Suspend(ctx, r.order(), by(1, 2, 202603)))
		r.refused(r.registry.Resume(ctx, r.order(), by(1, 2, 202604)))(registration.ErrOverlap)
		act, err := r.registry.Act(ctx, 1, receipt.Seq)
		if err != nil || act.Flagged != 1 || act.Admit != registration.FlagOverlap || act.Kind != registration.KindEnrol || act.Rows != 2 {
			r.Errorf("%+v %v", act, err)
		}
		r.sound()
	})
}

func TestConcurrentSchemesAndNeighbouringMonthsDoNotOverlap(t *testing.T) {
	each(t, nil, func(r *realm) {
		ctx := r.Context()
		injury := func(employer registration.EmployerNo) registration.Change {
			return registration.Change{Member: 1, Scheme: registration.WorkInjuryScheme, Employer: employer, From: 202601}
		}
		r.must(r.registry.Enrol(ctx, r.order(), injury(1), injury(2), by(1, 1, 202601)))
		r.must(r.registry.Terminate(ctx, r.order(), by(1, 1, 202603)))
		r.must(r.registry.Enrol(ctx, r.order(), by(1, 2, 202603)))
		resident := registration.Change{Member: 1, Scheme: registration.ResidentPension, From: 202603}
		r.refused(r.registry.Enrol(ctx, r.order(), resident))(registration.ErrOverlap)
		resident.Scheme = registration.ResidentMedical
		r.must(r.registry.Enrol(ctx, r.order(), resident))
		r.refused(r.registry.Enrol(ctx, r.order(), registration.Change{Member: 2, Scheme: registration.ResidentPension, From: 202601},
			registration.Change{Member: 2, Scheme: registration.EnterprisePension, From: 202602}))(registration.ErrOverlap)
		r.sound()
	})
}

func TestMembersAndEmployersAreNamedByIdentityNumberAndCreditCodeToo(t *testing.T) {
	each(t, nil, func(r *realm) {
		ctx := r.Context()
		person, firm := r.source.Member(), r.source.Employer()
		member := r.must(r.registry.RegisterMembers(ctx, r.order(), person)).FirstMember
		employer := r.must(r.registry.RegisterEmployers(ctx, r.order(), firm)).FirstEmployer
		order := r.order()
		named := registration.Change{Number: person.Number, Scheme: registration.EnterprisePension, Code: firm.Code, From: 202601}
		receipt := r.must(r.registry.Enrol(ctx, order, named))
		if s := r.spells(member, 0); len(s) != 1 || s[0].Employer != employer {
			r.Errorf("%+v", s)
		}
		again := r.must(r.registry.Enrol(ctx, order, registration.Change{Member: member, Scheme: registration.EnterprisePension, Employer: employer,
			From: 202601}))
		if !again.Replayed || again.Seq != receipt.Seq {
			r.Errorf("the same order with internal numbers: %+v", again)
		}
		found, err := r.registry.MembersByNumber(ctx, 1, person.Number, registrationtest.New(77).Member().Number)
		if err != nil || len(found) != 1 || !slices.Equal(found[person.Number], []registration.MemberNo{member}) {
			r.Errorf("%v %v", found, err)
		}
		employers, err := r.registry.EmployersByCode(ctx, 1, firm.Code)
		if err != nil || len(employers) != 1 || employers[0].No != employer || employers[0].EmployerSpec != firm || employers[0].Registered != day {
			r.Errorf("%+v %v", employers, err)
		}
	})
}

func TestOneMemberHasABoundedNumberOfRowsInAnOrder(t *testing.T) {
	each(t, nil, func(r *realm) {
		rows := make([]registration.Change, 501)
		for i := range rows {
			rows[i] = registration.Change{Member: 1, Scheme: registration.EnterprisePension, Employer: 1, From: 202601, Status: registration.Void}
		}
		r.refused(r.registry.CorrectEnrolments(r.Context(), r.order(), rows...))(registration.ErrTooLong)
		r.must(r.registry.CorrectEnrolments(r.Context(), r.order(), rows[:500]...))
		if got := drawn(r.spells(1, 0)); got != "2026-01…- void/correct" {
			r.Error(got)
		}
		r.sound()
	})
}

func TestSiblingsOfOneNumberAreOnePersonInOverlaps(t *testing.T) {
	each(t, func(c *registration.Config) { c.Admit = registration.FlagIdentityTaken }, func(r *realm) {
		ctx := r.Context()
		person := r.source.Member()
		first := r.must(r.registry.RegisterMembers(ctx, r.order(), person)).FirstMember
		r.must(r.registry.RegisterMembers(ctx, r.order(), r.source.Member()))
		admitting := r.order()
		admitting.Admit = registration.FlagIdentityTaken
		second := r.must(r.registry.RegisterMembers(ctx, admitting, person, person))
		if second.Flagged != 2 {
			r.Errorf("%+v", second)
		}
		third := second.FirstMember + 1
		r.must(r.registry.Enrol(ctx, r.order(), by(first, 1, 202601)))
		r.refused(r.registry.Enrol(ctx, r.order(), by(third, 2, 202602)))(registration.ErrOverlap)
		r.refused(r.registry.Enrol(ctx, r.order(), registration.Change{Number: person.Number, Scheme: registration.EmployeeMedical, Employer: 1,
			From: 202601}))(registration.ErrIdentityAmbiguous)
		r.must(r.registry.Terminate(ctx, r.order(), by(first, 1, 202602)))
		r.must(r.registry.Enrol(ctx, r.order(), by(third, 2, 202602)))
		r.refused(r.registry.Enrol(ctx, r.order(), by(second.FirstMember, 1, 202605)))(registration.ErrOverlap)
		r.sound()
	})
}

func TestNumbersAreNeverPartOfWhatIsSealed(t *testing.T) {
	each(t, nil, func(r *realm) {
		ctx := r.Context()
		person, firm := r.source.Member(), r.source.Employer()
		person.Name, firm.Name, firm.Address, firm.Contact = "秘密的姓名", "秘密的单位", "秘密的地址", "秘密的电话"
		member := r.must(r.registry.RegisterMembers(ctx, r.order(), person)).FirstMember
		r.must(r.registry.RegisterEmployers(ctx, r.order(), firm))
		r.must(r.registry.CorrectMembers(ctx, r.order(), registration.MemberCorrection{Member: member, MemberSpec: registration.MemberSpec{Name: "另一个姓名"}}))
		r.must(r.registry.RecordDeaths(ctx, r.order(), registration.DeathSpec{Number: person.Number, Day: 20260301}))
		secrets := []string{person.Number.Reveal(), person.Name, "另一个姓名", firm.Name, firm.Address, firm.Contact}
		for _, table := range []string{"ledger_entry", "registration_act", "registration_sheet", "registration_member", "registration_spell",
			"registration_fact"} {
			for _, value := range r.dump(table) {
				for _, secret := range secrets {
					if strings.Contains(value, secret) {
						r.Errorf("%s holds %s", table, secret)
					}
				}
			}
		}
		found := strings.Join(r.dump("registration_identity"), "\n")
		if !strings.Contains(found, person.Number.Reveal()) || !strings.Contains(found, person.Name) {
			r.Error("the number and the name are not where they belong")
		}
		for one, err := range r.registry.Identities(ctx, 1, member, 0, 0) {
			if err != nil || one.Member != member || one.Number != person.Number || one.Name != "另一个姓名" {
				r.Errorf("%+v %v", one, err)
			}
		}
		r.sound()
	})
}

func TestIdentitiesCanBeKeptUnderACipher(t *testing.T) {
	each(t, func(c *registration.Config) { c.Cipher = reversed{} }, func(r *realm) {
		person := r.source.Member()
		member := r.must(r.registry.RegisterMembers(r.Context(), r.order(), person)).FirstMember
		found := strings.Join(r.dump("registration_identity"), "\n")
		if strings.Contains(found, person.Number.Reveal()) || strings.Contains(found, person.Name) {
			r.Error("number or name stand there in clear")
		}
		for one, err := range r.registry.Identities(r.Context(), 1, member, member, 0) {
			if err != nil || one.Number != person.Number || one.Name != person.Name {
				r.Errorf("%+v %v", one, err)
			}
		}
		r.refused(r.registry.RegisterMembers(r.Context(), r.order(), person))(registration.ErrIdentityTaken)
		r.sound()
	})
}

// reversed is no cipher, but shows whether one is used.
type reversed struct{}

func (reversed) Hide(plain string) (string, error) {
	runes := []rune(plain)
	slices.Reverse(runes)
	return "~" + string(runes), nil
}

func (reversed) Show(hidden string) (string, error) {
	if !strings.HasPrefix(hidden, "~") {
		return "", errors.New("not hidden")
	}
	runes := []rune(hidden[1:])
	slices.Reverse(runes)
	return string(runes), nil
}
