package registration_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/registration"
)

// spelled writes what is known of a member's spells.
func (r *realm) spelled(member registration.MemberNo, known ledger.Seq) (list []string) {
	r.Helper()
	for _, s := range r.spells(member, known) {
		list = append(list, fmt.Sprintf("%s %d %d-%d %s by %s", s.Scheme, s.Employer, int32(s.From), int32(s.To), s.Status, s.Event))
	}
	return list
}

func (r *realm) holds(what string, got []string, want ...string) {
	r.Helper()
	if !slices.Equal(got, want) {
		r.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

// Rule R10: nobody is active after the month of his death.
func TestADeathEndsWhatGoesOnAfterItsMonth(t *testing.T) {
	each(t, func(c *registration.Config) { c.Admit = registration.FlagOverlap }, func(r *realm) {
		ctx := r.Context()
		r.must(r.registry.Enrol(ctx, r.order(), by(1, 1, 202510), by(2, 1, 202510), by(3, 2, 202510), by(4, 2, 202510)))
		r.must(r.registry.Enrol(ctx, r.order(), registration.Change{Member: 1, Scheme: registration.EmployeeMedical, Employer: 1, From: 202510},
			registration.Change{Member: 1, Scheme: registration.UnemploymentScheme, Employer: 1, From: 202603}))
		r.must(r.registry.Suspend(ctx, r.order(), registration.Change{Member: 1, Scheme: registration.EmployeeMedical, Employer: 1, From: 202511}))
		r.must(r.registry.Terminate(ctx, r.order(), by(2, 1, 202601), by(3, 2, 202605)))
		before := r.must(r.registry.Enrol(ctx, r.order(), by(2, 3, 202603)))
		now := r.must(r.registry.RecordDeaths(ctx, r.order(), registration.DeathSpec{Member: 1, Day: 20260105, Reference: "D1"},
			registration.DeathSpec{Member: 2, Day: 20251231}, registration.DeathSpec{Member: 3, Day: 20260228}, registration.DeathSpec{Member: 5, Day: 20260101}))
		r.holds("active, suspended, and begun after it", r.spelled(1, 0),
			"employee_medical 1 202510-202510 active by enrol", "employee_medical 1 202511-202601 suspended by suspend", "employee_medical 1 202602-0 terminated by death",
			"enterprise_pension 1 202510-202601 active by enrol", "enterprise_pension 1 202602-0 terminated by death",
			"unemployment 1 202603-0 void by death")
		r.holds("ended before, and another employer's after", r.spelled(2, 0),
			"enterprise_pension 1 202510-202512 active by enrol", "enterprise_pension 1 202601-0 terminated by terminate", "enterprise_pension 3 202603-0 void by death")
		r.holds("an end that was to come", r.spelled(3, 0), "enterprise_pension 2 202510-202602 active by enrol", "enterprise_pension 2 202603-0 terminated by death")
		r.holds("one who lives", r.spelled(4, 0), "enterprise_pension 2 202510-0 active by enrol")
		for member := range registration.MemberNo(5) {
			for _, s := range r.spells(member+1, 0) {
				if s.Event == registration.EventDeath && (s.Known != now.Seq || s.Began != now.Seq) {
					r.Errorf("not of the act of the death: %+v", s)
				}
			}
		}
		r.holds("as known before", r.spelled(3, before.Seq), "enterprise_pension 2 202510-202604 active by enrol", "enterprise_pension 2 202605-0 terminated by terminate")
		r.refused(r.registry.Enrol(ctx, r.order(), by(1, 2, 202603)))(registration.ErrAfterDeath)
		// A death that was none: what it ended is said anew.
		r.must(r.registry.WithdrawFacts(ctx, r.order(), registration.Withdrawal{Member: 3, Kind: registration.FactDeath, From: 20260228, Reason: "another person"}))
		alive := by(3, 2, 202603)
		alive.Status = registration.Active
		r.must(r.registry.CorrectEnrolments(ctx, r.order(), alive))
		r.holds("alive again", r.spelled(3, 0), "enterprise_pension 2 202510-202602 active by enrol", "enterprise_pension 2 202603-0 active by correct")
		r.sound()
	})
}
