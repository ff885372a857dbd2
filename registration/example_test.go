package registration_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store/sqlite/ncruces"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/identity"
	"github.com/fundledger/fundledger/registration/registrationtest"
)

func ExampleRegistry() {
	ctx := context.Background()
	folder, err := os.MkdirTemp("", "registration")
	check(err)
	defer os.RemoveAll(folder) //nolint:errcheck // an example
	db, err := ncruces.Open(ctx, filepath.Join(folder, "agency.sqlite"))
	check(err)
	defer db.Close() //nolint:errcheck // an example
	check(db.Migrate(ctx, ledger.Schema(), registration.Schema()))

	// The ledger keeps the register book in which every act of the realm is sealed.
	led, err := ledger.New(db, ledger.Config{})
	check(err)
	opened := calendar.MustDate(2026, 1, 1)
	check(led.OpenRealm(ctx, ledger.RealmSpec{ID: 1, Code: "590000", Name: "Example area", Opened: opened, EnteredBy: "admin"}))
	key, err := identity.NewKey([]byte("32 random bytes or more, kept outside"))
	check(err)
	registry, err := registration.New(db, led, registration.Config{Key: key})
	check(err)

	source := registrationtest.New(1) // employers and persons that do not exist
	firm, person := source.Employer(), source.Member()
	order := func(key string) registration.Order {
		return registration.Order{Realm: 1, Key: key, Effective: calendar.MustDate(2026, 1, 20), EnteredBy: "li", ApprovedBy: "wang"}
	}
	_, err = registry.RegisterEmployers(ctx, order("employers 2026-01-20"), firm)
	check(err)
	_, err = registry.RegisterMembers(ctx, order("members 2026-01-20"), person)
	check(err)
	enrolment := registration.Change{Number: person.Number, Code: firm.Code, Scheme: registration.EnterprisePension, From: calendar.MustMonth(2026, 1)}
	_, err = registry.Enrol(ctx, order("enrolments 2026-01-20"), enrolment)
	check(err)

	// A second enrolment in the same insurance is refused, and nothing is written.
	second := registration.Change{Member: 1, Scheme: registration.ResidentPension, From: calendar.MustMonth(2026, 3)}
	_, err = registry.Enrol(ctx, order("enrolments 2026-03-02"), second)
	fmt.Println(errors.Is(err, registration.ErrOverlap))
	fmt.Println(err)

	for spell, err := range registry.Enrolments(ctx, registration.SpellQuery{Realm: 1, Month: calendar.MustMonth(2026, 3), Status: registration.Active}) {
		check(err)
		fmt.Println("member", spell.Member, spell.Scheme, "by employer", spell.Employer, "from", spell.From)
	}
	report, err := registry.Verify(ctx, 1)
	check(err)
	fmt.Println(report.Acts, "acts,", report.Rows, "rows,", len(report.Findings), "findings")
	// Output:
	// true
	// registration: row 1, from: member 1 is insured twice in pension from 2026-03 on: in resident_pension without an employer, and in enterprise_pension by employer 1; suspend or terminate one of them first [overlap]
	// member 1 enterprise_pension by employer 1 from 2026-01
	// 3 acts, 3 rows, 0 findings
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
