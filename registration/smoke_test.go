package registration_test

import (
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/registrationtest"
)

func TestSmoke(t *testing.T) {
	storetest.Each(t, registrationtest.Schemas(), func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		r, led := registrationtest.Open(t, db, nil)
		day := calendar.MustDate(2026, 2, 1)
		source := registrationtest.New(1)
		for range 2 {
			rc, err := r.RegisterEmployers(ctx, registrationtest.Order("e", day), source.Employers(2)...)
			t.Log(rc, err)
			source = registrationtest.New(1)
		}
		people := source.Members(3)
		for range 2 {
			rc, err := r.RegisterMembers(ctx, registrationtest.Order("m", day), people...)
			t.Logf("%+v %v", rc, err)
		}
		_, err := r.RegisterMembers(ctx, registrationtest.Order("m2", day), people...)
		t.Log(err)
		for i := range 2 {
			rc, err := r.Enrol(ctx, registrationtest.Order("en", day), registration.Change{Member: 1, Scheme: registration.EnterprisePension, Employer: 1, From: 202601, Hired: 20260105},
				registration.Change{Number: people[1].Number, Scheme: registration.ResidentPension, From: 202601})
			t.Logf("%d %+v %v", i, rc, err)
		}
		_, err = r.Enrol(ctx, registrationtest.Order("en2", day), registration.Change{Member: 1, Scheme: registration.ResidentPension, From: 202605},
			registration.Change{Number: people[1].Number, Scheme: registration.ResidentPension, From: 202601}, registration.Change{Member: 7, Scheme: "x"})
		t.Log(err)
		rc, err := r.Suspend(ctx, registrationtest.Order("su", day), registration.Change{Member: 1, Scheme: registration.EnterprisePension, Employer: 1, From: 202604})
		t.Log(rc, err)
		rc, err = r.CorrectEnrolments(ctx, registrationtest.Order("co", day), registration.Change{Member: 1, Scheme: registration.EnterprisePension, Employer: 1, From: 202602, To: 202602, Status: registration.Void})
		t.Log(rc, err)
		rc, err = r.RecordDeaths(ctx, registrationtest.Order("d", day), registration.DeathSpec{Member: 1, Day: 20260131, Reference: "A-1"})
		t.Log(rc, err)
		c, err := r.Career(ctx, 1, 1, 0)
		t.Logf("%+v %v", c, err)
		h, err := r.SpellHistory(ctx, 1, 1)
		for _, s := range h {
			t.Logf("%+v", s)
		}
		for s, err := range r.Enrolments(ctx, registration.SpellQuery{Realm: 1, Month: 202603, Status: registration.Active, ByEmployer: true}) {
			t.Logf("%+v %v", s, err)
		}
		report, err := r.Verify(ctx, 1)
		t.Logf("%+v %v", report, err)
		for e, err := range led.Entries(ctx, ledger.BookID{Realm: 1}, 1, 0) {
			t.Logf("%d %s %s %x %v", e.Seq, e.Kind, e.Key, e.Source.Hash[:min(4, len(e.Source.Hash))], err)
		}
	})
}
