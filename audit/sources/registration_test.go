package sources_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/audit/rules/insurance"
	"github.com/fundledger/fundledger/audit/sources"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/identity"
	"github.com/fundledger/fundledger/registration/registrationtest"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// run runs rules as of 10 March 2026 and wants each to have run to its end, on something.
func run(t *testing.T, given []audit.Source, ids ...string) *audit.Run {
	t.Helper()
	return runAsOf(t, given, 20260310, ids...)
}

func runAsOf(t *testing.T, given []audit.Source, asOf calendar.Date, ids ...string) *audit.Run {
	t.Helper()
	a, err := audit.New(given, insurance.Rules()...)
	must(t, err)
	a, err = a.Only(ids...)
	must(t, err)
	r, err := a.Run(t.Context(), audit.Engagement{By: "auditor", Scope: audit.Scope{AsOf: asOf}, Clock: func() time.Time { return time.Date(2026, 4, 1, 8, 0, 0, 0, time.UTC) }})
	must(t, err)
	for _, o := range r.Outcomes {
		if o.Status != audit.Ran || len(o.Examined) == 0 || o.Examined[0].N == 0 {
			t.Fatalf("%s: %s %s %v %v", o.Rule, o.Status, o.Failure, o.Missing, o.Examined)
		}
	}
	return r
}

// findings wants findings whose English texts hold these parts, in this order.
func findings(t *testing.T, r *audit.Run, parts ...string) {
	t.Helper()
	if len(r.Findings) != len(parts) {
		t.Errorf("%d findings, want %d", len(r.Findings), len(parts))
	}
	for i, f := range r.Findings {
		if i >= len(parts) || !strings.Contains(f.Rule+" "+f.Text.EN, parts[i]) {
			t.Errorf("%s %s %s", f.Rule, f.AtRisk, f.Text.EN)
		}
	}
}

func TestARegistryIsAuditedForOverlapsAndWrongNumbersThatItWasToldToAdmit(t *testing.T) {
	storetest.Each(t, registrationtest.Schemas(), func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		flags := registration.FlagOverlap | registration.FlagIdentityInvalid | registration.FlagIdentityMismatch
		registry, _ := registrationtest.Open(t, db, func(c *registration.Config) { c.Admit = flags })
		order := func(key string) registration.Order {
			o := registrationtest.Order(key, 20260201)
			o.Admit = flags
			return o
		}
		people := registrationtest.New(1)
		_, err := registry.RegisterEmployers(ctx, registrationtest.Order("e", 20260201), people.Employers(1)...)
		must(t, err)
		members := people.Members(4)
		right := members[1].Number.Reveal()
		wrong := right[:17] + map[bool]string{true: "1", false: "0"}[right[17] == '0']
		members[1].Number = identity.MustUnchecked(wrong)
		members[2].Birth = members[2].Birth.AddDays(30)
		_, err = registry.RegisterMembers(ctx, order("m"), members...)
		must(t, err)

		given := sources.Registration{Reader: registry.Reader, Realm: registrationtest.Realm, Numbers: true}
		before, err := registry.Known(ctx, registrationtest.Realm)
		must(t, err)
		_, err = registry.Enrol(ctx, order("en"),
			registration.Change{Member: 1, Scheme: registration.EnterprisePension, Employer: 1, From: 202511},
			registration.Change{Member: 3, Scheme: registration.ResidentPension, From: 202511},
			registration.Change{Member: 4, Scheme: registration.EnterprisePension, Employer: 1, From: 202511})
		must(t, err)
		_, err = registry.Enrol(ctx, order("again"), registration.Change{Member: 4, Scheme: registration.ResidentPension, From: 202601})
		must(t, err)
		_, err = registry.RecordDeaths(ctx, registrationtest.Order("d", 20260201), registration.DeathSpec{Member: 3, Day: 20260105, Reference: "A-1"})
		must(t, err)

		r := run(t, given.Sources(), "R01", "R03")
		findings(t, r, "R01 4 is insured in 1/enterprise_pension (from 2025-11) and in 1/resident_pension (from 2026-01) for pension at once: 2026-01 to 2026-03, 3 months; marked by the system",
			"R03 member 2: its check character is not the one that the others give", "R03 member 3: the recorded birth differs from that of the number by 30 days")
		if ev := r.Findings[1].Evidence[0]; ev.Seq == 0 || !strings.HasPrefix(ev.Source, "pseudonym ") {
			t.Errorf("%+v", ev)
		}
		encoded, err := json.Marshal(r)
		must(t, err)
		for _, m := range members {
			if text := m.Number.Reveal(); strings.Contains(string(encoded), text) || strings.Contains(string(encoded), text[6:17]) || strings.Contains(string(encoded), m.Name) {
				t.Error("the run shows a name or a number")
			}
		}

		given.Numbers = false
		findings(t, run(t, given.Sources(), "R03"), "member 2: the system marks the number as wrong", "member 3: the system marks birth or sex as other")

		var died []string
		for p, err := range given.People(ctx) {
			must(t, err)
			if !p.Died.IsZero() {
				died = append(died, p.No+" "+p.Died.String())
			}
		}
		if strings.Join(died, ",") != "3 2026-01-05" {
			t.Errorf("died: %v", died)
		}

		given.AsKnown = before // before anybody was enrolled
		for s, err := range given.Spells(ctx) {
			t.Errorf("%+v %v", s, err)
		}
	})
}
