//go:build !race

// Under the race detector a hundred thousand rows take many minutes and show nothing that fewer do not; .ci/run runs this file without it.

package registration_test

import (
	"testing"
	"time"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/registrationtest"
)

const bulk = 100_000

func TestAHundredThousandMembersAreRegisteredEnrolledSuspendedAndReadInSets(t *testing.T) {
	storetest.Each(t, registrationtest.Schemas(), func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		registry, _ := registrationtest.Open(t, db, nil)
		day := calendar.MustDate(2026, 2, 1)
		source := registrationtest.New(7)
		people := source.Members(bulk)
		clock := time.Now()
		lap := func(what string, rows int, err error) {
			t.Helper()
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			took := time.Since(clock)
			t.Logf("%-28s %8d rows %8v %9.0f a second", what, rows, took.Round(time.Millisecond), float64(rows)/took.Seconds())
			clock = time.Now()
		}
		_, err := registry.RegisterEmployers(ctx, registrationtest.Order("employers", day), source.Employers(5_000)...)
		lap("register employers", 5_000, err)
		receipt, err := registry.RegisterMembers(ctx, registrationtest.Order("members", day), people...)
		lap("register members", bulk, err)
		changes := make([]registration.Change, bulk)
		for i := range changes {
			changes[i] = registration.Change{Number: people[i].Number, Scheme: registration.EnterprisePension,
				Employer: registration.EmployerNo(i%5_000 + 1), From: 202601}
		}
		_, err = registry.Enrol(ctx, registrationtest.Order("enrol", day), changes...)
		lap("enrol", len(changes), err)
		again, err := registry.Enrol(ctx, registrationtest.Order("enrol", day), changes...)
		lap("enrol, replayed", len(changes), err)
		if !again.Replayed {
			t.Error("the same order was carried out twice")
		}
		var stops []registration.Change
		for i := 0; i < bulk; i += 4 {
			stops = append(stops, by(receipt.FirstMember+registration.MemberNo(i), registration.EmployerNo(i%5_000+1), 202604))
		}
		_, err = registry.Suspend(ctx, registrationtest.Order("suspend", day), stops...)
		lap("suspend", len(stops), err)
		month := registration.SpellQuery{Realm: registrationtest.Realm, Month: 202604, Status: registration.Active, Scheme: registration.EnterprisePension}
		count(t, registry, lap, "active by member", month, 3*bulk/4)
		month.ByEmployer = true
		count(t, registry, lap, "active by employer", month, 3*bulk/4)
		month.Month = 202603
		count(t, registry, lap, "active the month before", month, bulk)
		n := 0
		for career, err := range registry.Careers(ctx, registrationtest.Realm, 0, 0, 0) {
			if err != nil {
				t.Fatal(err)
			}
			if len(career.Spells) < 1 {
				t.Fatalf("member %d has %d spells", career.No, len(career.Spells))
			}
			n++
		}
		lap("careers", n, nil)
		report, err := registry.Verify(ctx, registrationtest.Realm)
		lap("verify", int(report.Rows), err)
		for _, finding := range report.Findings {
			t.Errorf("%v", finding)
		}
	})
}

// count reads a sequence to its end.
func count(t *testing.T, registry *registration.Registry, lap func(string, int, error), what string, q registration.SpellQuery, want int) {
	t.Helper()
	got := 0
	var failed error
	var last registration.Spell
	for spell, err := range registry.Enrolments(t.Context(), q) {
		if err != nil {
			failed = err
			break
		}
		if got > 0 && !q.ByEmployer && spell.Member < last.Member {
			t.Fatalf("%s: member %d after %d", what, spell.Member, last.Member)
		}
		got++
		last = spell
	}
	lap(what, got, failed)
	if got != want {
		t.Errorf("%s: %d spells, want %d", what, got, want)
	}
}
