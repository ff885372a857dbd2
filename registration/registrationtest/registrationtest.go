// Package registrationtest makes synthetic persons, employers and realms for tests and examples. Only tests and examples may import it.
//
// Everything follows from a seed. Identity numbers and credit codes have right check characters and areas from 590000 on, a range of GB/T 2260 in which no
// place has ever had a code, so that none of them can be anybody's.
package registrationtest

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/identity"
	"github.com/fundledger/fundledger/registration/scheme"
)

// firstArea is the first area code given; areas is how many follow it.
const (
	firstArea = 590_000
	areas     = 10_000
	perArea   = 499 // sequence numbers 002 to 999 in pairs of one even and one odd
)

// Source gives persons and employers that follow from its seed. It is not safe for concurrent use.
type Source struct {
	random            *rand.Rand
	people, employers int // given so far
	person, employer  int // where this source's numbers and codes begin, so that two seeds rarely meet
}

// New returns the source of a seed.
func New(seed uint64) *Source {
	random := rand.New(rand.NewPCG(seed, 0x66756e646c656467))
	return &Source{random: random, person: random.IntN(areas * perArea), employer: random.IntN(50_000_000)}
}

// Number returns a number that this source has not given before, of a person born on a day.
func (s *Source) Number(birth calendar.Date, sex identity.Sex) identity.Number {
	place := s.person + s.people
	area, pair := firstArea+place/perArea%areas, place%perArea+1
	s.people++
	sequence := 2 * pair
	if sex == identity.Male {
		sequence++
	}
	return identity.MustNumber(WithCheck(fmt.Sprintf("%06d%08d%03d", area, int32(birth), sequence)))
}

// WithCheck adds the check character to the first 17 digits of an identity number. It panics on anything else.
func WithCheck(digits string) string {
	for _, last := range "0123456789X" {
		if text := digits + string(last); identity.MustUnchecked(text).Valid() {
			return text
		}
	}
	panic("registrationtest: " + digits + " is not the beginning of an identity number")
}

// CreditCode returns a code that this source has not given before.
func (s *Source) CreditCode() identity.CreditCode {
	s.employers++
	head := fmt.Sprintf("91%06dT%08d", firstArea+s.employers%areas, s.employer+s.employers)
	for _, last := range "0123456789ABCDEFGHJKLMNPQRTUWXY" {
		if code, err := identity.ParseCreditCode(head + string(last)); err == nil {
			return code
		}
	}
	panic("registrationtest: " + head + " is not the beginning of a credit code")
}

// Member returns a person of working age.
func (s *Source) Member() registration.MemberSpec {
	birth := calendar.MustDate(1966+s.random.IntN(40), 1+s.random.IntN(12), 1+s.random.IntN(28))
	spec := registration.MemberSpec{Birth: birth, Sex: identity.Male, Class: scheme.Men60, FirstWork: birth.AddMonths(12*18 + s.random.IntN(60))}
	if s.random.IntN(2) == 0 {
		spec.Sex, spec.Class = identity.Female, []scheme.RetirementClass{scheme.Women50, scheme.Women55}[s.random.IntN(2)]
	}
	spec.Number = s.Number(birth, spec.Sex)
	spec.Name = fmt.Sprintf("参保人%d", s.people)
	return spec
}

// Members returns n persons.
func (s *Source) Members(n int) []registration.MemberSpec {
	list := make([]registration.MemberSpec, n)
	for i := range list {
		list[i] = s.Member()
	}
	return list
}

// Employer returns an employer.
func (s *Source) Employer() registration.EmployerSpec {
	code := s.CreditCode()
	return registration.EmployerSpec{
		Code: code, Name: fmt.Sprintf("参保单位%d", s.employers), Agency: "A1", Industry: fmt.Sprintf("C%02d", 13+s.random.IntN(30)),
		Address: fmt.Sprintf("虚构路%d号", s.employers), Contact: fmt.Sprintf("000-%07d", s.employers),
		Founded: calendar.MustDate(1990+s.random.IntN(30), 1+s.random.IntN(12), 1+s.random.IntN(28)),
	}
}

// Employers returns n employers.
func (s *Source) Employers(n int) []registration.EmployerSpec {
	list := make([]registration.EmployerSpec, n)
	for i := range list {
		list[i] = s.Employer()
	}
	return list
}

// Realm is the realm that Open opens.
const Realm int32 = 1

// opened is the day on which it opens.
var opened = calendar.MustDate(2026, 1, 1)

// Schemas are the schemas that a registry needs, for storetest.
func Schemas() []store.Schema { return []store.Schema{ledger.Schema(), registration.Schema()} }

// Key returns the key that Open uses: a constant, and so no secret.
func Key() identity.Key {
	key, err := identity.NewKey([]byte("a constant that protects nothing at all"))
	if err != nil {
		panic(err)
	}
	return key
}

// Open opens Realm in a fresh database and returns its registry and ledger. Their clock goes on by a second with each entry and their seeds are derived, so
// that equal operations give equal records. change, if not nil, may change the configuration.
func Open(tb testing.TB, db *store.DB, change func(*registration.Config)) (*registration.Registry, *ledger.Ledger) {
	tb.Helper()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	led, err := ledger.New(db, ledger.Config{
		Clock: func() time.Time { now = now.Add(time.Second); return now },
		Seeds: ledger.DerivedSeeds([]byte("another constant")),
	})
	if err != nil {
		tb.Fatalf("registrationtest: %v", err)
	}
	if err := led.OpenRealm(tb.Context(), ledger.RealmSpec{ID: Realm, Code: "590000", Name: "虚构统筹区", Opened: opened, EnteredBy: "admin"}); err != nil {
		tb.Fatalf("registrationtest: open realm: %v", err)
	}
	config := registration.Config{Key: Key()}
	if change != nil {
		change(&config)
	}
	registry, err := registration.New(db, led, config)
	if err != nil {
		tb.Fatalf("registrationtest: %v", err)
	}
	return registry, led
}

// Order returns an order of Realm that is entered by one and approved by another, effective on a day.
func Order(key string, effective calendar.Date) registration.Order {
	return registration.Order{Realm: Realm, Key: key, Effective: effective, EnteredBy: "entry clerk", ApprovedBy: "reviewer"}
}
