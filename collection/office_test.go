package collection_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/collection"
	"github.com/fundledger/fundledger/collection/allocation"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/identity"
	"github.com/fundledger/fundledger/registration/scheme"
)

var schemas = []store.Schema{ledger.Schema(), registration.Schema(), collection.Schema()}

var yuan = money.MustCurrency("CNY")

// place is the synthetic law of a synthetic place: its average wage rises in July.
const place = `jurisdiction: cn.place
version: '1'
parameters:
  - id: cn.place.contribution.average_wage
    title: {zh: 缴费工资基准, en: average wage of contributions}
    unit: CNY/month
    values:
      - {from: 2024-01-01, to: 2026-06-30, value: '8000', status: confirmed, confidence: seen, source: a synthetic notice}
      - {from: 2026-07-01, value: '9000.05', status: confirmed, confidence: seen, source: a synthetic notice}
`

// rateChange halves the surcharge rate in the middle of May 2026.
const rateChange = `jurisdiction: cn.place
version: '2'
parameters:
  - id: cn.surcharge.daily_rate
    override: extend
    reason: a synthetic change of the rate for a test
    title: {zh: 社会保险费滞纳金日加收率, en: daily surcharge rate on contribution arrears}
    unit: rate/day
    values:
      - {from: 2026-05-16, value: '0.00025', status: confirmed, confidence: seen, source: a synthetic law}
`

// desk is a place with an office.
type desk struct {
	*collection.Office
	t        testing.TB
	db       *store.DB
	led      *ledger.Ledger
	registry *registration.Registry
	rights   *personal.Rights
	keys     int
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func value[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		must(t, err)
		return v
	}
}

var half = money.Rounding{Scale: 2, Mode: money.HalfUp}

func config(policy allocation.Policy) collection.Config {
	return collection.Config{
		Scheme: registration.EnterprisePension, Parameters: collection.ChinaPension("cn.place.contribution.average_wage"),
		LimitRounding: half, BaseRounding: half, Rounding: half, Due: collection.DuePolicy{Months: 0, Day: 25},
		Surcharge: collection.SurchargePolicy{Rounding: half}, Allocation: policy,
		Notices: []collection.NoticeStep{{Name: "reminder", AfterDays: 5}, {Name: "order to pay", AfterDays: 30}},
	}
}

// open opens a place where the agency collects: realm, fund, registry, office.
func open(t testing.TB, db *store.DB, policy allocation.Policy) *desk {
	t.Helper()
	return openWith(t, db, accounts.CollectedByAgency, policy)
}

func openWith(t testing.TB, db *store.DB, collector accounts.Collector, policy allocation.Policy) *desk {
	t.Helper()
	start := calendar.MustDate(2026, 1, 1)
	led := value(ledger.New(db, ledger.Config{Seeds: ledger.DerivedSeeds([]byte("collection")), Clock: func() time.Time { return time.Unix(1767225600, 0) }}))(t)
	must(t, led.OpenRealm(t.Context(), ledger.RealmSpec{ID: 1, Code: "area", Name: "统筹区", Opened: start, EnteredBy: "setup"}))
	chart := value(value(accounts.Standard())(t).For("enterprise_pension", accounts.Conditions{Level: accounts.BelowProvincial, Collector: collector, HasUpperLevel: true}, start))(t)
	var f *fund.Fund
	must(t, db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
		f, err = fund.Open(ctx, led, tx.Handle(), fund.Spec{Book: ledger.BookID{Realm: 1, Number: 1}, Code: "EP", Name: "养老", Chart: chart, First: 202601, EnteredBy: "setup", Approved: "chief"})
		return err
	}))
	rights := value(personal.NewRights(t.Context(), f))(t)
	key := value(identity.NewKey([]byte("a secret of thirty-two bytes ....")))(t)
	registry := value(registration.New(db, led, registration.Config{Key: key}))(t)
	catalogue := value(scheme.China(scheme.File{Name: "place.yaml", Content: []byte(place)}, scheme.File{Name: "rates.yaml", Content: []byte(rateChange)}))(t)
	office := value(collection.New(db, f, rights, registry, catalogue, config(policy)))(t)
	return &desk{Office: office, t: t, db: db, led: led, registry: registry, rights: rights}
}

// order gives a fresh key on a day.
func (d *desk) order(day calendar.Date) collection.Order {
	d.keys++
	return collection.Order{Key: fmt.Sprintf("order %d", d.keys), Effective: day, EnteredBy: "clerk", ApprovedBy: "chief"}
}

// code makes a credit code with the right check character.
func code(n int) identity.CreditCode {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	body := fmt.Sprintf("91110000%09d", n)
	for i := range alphabet {
		if c, err := identity.ParseCreditCode(body + alphabet[i:i+1]); err == nil {
			return c
		}
	}
	panic(body)
}

// number makes a synthetic identity number with the right check character.
func number(n int) identity.Number {
	body := fmt.Sprintf("%06d19%02d0101%03d", 110101+n/25_000, 70+n/1000%25, n%1000)
	for _, c := range "0123456789X" {
		if parsed, err := identity.ParseNumber(body + string(c)); err == nil {
			return parsed
		}
	}
	panic(body)
}

// enrol registers employers with so many members each, enrolled from January 2026 on. Members' numbers follow one another.
func (d *desk) enrol(heads ...int) {
	d.t.Helper()
	order := registration.Order{Realm: 1, Effective: 20260105, EnteredBy: "clerk", ApprovedBy: "chief"}
	var employers []registration.EmployerSpec
	var members []registration.MemberSpec
	var changes []registration.Change
	for e, n := range heads {
		employers = append(employers, registration.EmployerSpec{Code: code(e + 1), Name: fmt.Sprintf("employer %d", e+1)})
		for range n {
			members = append(members, registration.MemberSpec{Number: number(len(members)), Name: "synthetic"})
			changes = append(changes, registration.Change{Member: registration.MemberNo(len(members)), Scheme: registration.EnterprisePension, Employer: registration.EmployerNo(e + 1), From: 202601})
		}
	}
	order.Key = "employers"
	value(d.registry.RegisterEmployers(d.t.Context(), order, employers...))(d.t)
	order.Key = "members"
	value(d.registry.RegisterMembers(d.t.Context(), order, members...))(d.t)
	order.Key = "enrol"
	value(d.registry.Enrol(d.t.Context(), order, changes...))(d.t)
}

// declare declares bases of members that follow one another.
func (d *desk) declare(month calendar.Month, employer registration.EmployerNo, first registration.MemberNo, bases ...money.Amount) {
	d.t.Helper()
	filing := &collection.Filing{}
	for i, base := range bases {
		filing.Rows = append(filing.Rows, collection.DeclaredRow{Employer: employer, Month: month, Member: first + registration.MemberNo(i), Base: base})
	}
	value(d.Declare(d.t.Context(), d.order(month.First().AddDays(4)), filing))(d.t)
}

func (d *desk) assess(month calendar.Month, employers ...registration.EmployerNo) collection.Assessed {
	d.t.Helper()
	return value(d.Assess(d.t.Context(), d.order(month.First().AddDays(9)), month, employers...))(d.t)
}

// arrival is a line of the bank.
func arrival(day calendar.Date, amount money.Amount, employer registration.EmployerNo, reference string) collection.Arrival {
	line := bank.Line{BookingDate: day, Amount: amount, BankReference: reference, Hash: sha256.Sum256([]byte(reference))}
	line.Counterparty.AccountNumber = fmt.Sprintf("6222%06d", employer)
	return collection.Arrival{AccountID: "income", Line: line, Employer: employer}
}

func (d *desk) receive(a collection.Arrival) collection.Received {
	d.t.Helper()
	return value(d.Receive(d.t.Context(), collection.Order{EnteredBy: "clerk", ApprovedBy: "chief"}, a))(d.t)
}

// balance is that of a role's account on its debit side.
func (d *desk) balance(role accounts.Role) money.Amount {
	d.t.Helper()
	account := value(d.led.Account(d.t.Context(), d.Fund().Book(), value(d.Fund().RoleCode(role))(d.t)))(d.t)
	return value(d.led.Balance(d.t.Context(), d.Fund().Book(), account.No, ledger.At{}))(d.t).Net()
}

// totals are sums over all receipts, their allocations and refunds.
func (d *desk) totals() (sum collection.Receipt, person money.Amount) {
	d.t.Helper()
	for r, err := range d.Receipts(d.t.Context()) {
		must(d.t, err)
		if r.Principal+r.Surcharge+r.Suspense != r.Amount {
			d.t.Errorf("receipt %d does not add up: %+v", r.No, r)
		}
		sum.Amount += r.Amount
		for _, a := range r.Allocations {
			sum.Principal += a.Principal
			sum.Surcharge += a.SurchargePaid
			person += a.PersonPart
			var employerSum, personSum money.Amount
			members, err := d.AllocatedMembers(d.t.Context(), a)
			must(d.t, err)
			for _, m := range members {
				employerSum, personSum = employerSum+m.Employer, personSum+m.Person
			}
			if employerSum != a.EmployerPart || personSum != a.PersonPart {
				d.t.Errorf("allocation %d: sheet %d + %d, row %d + %d", a.No, employerSum, personSum, a.EmployerPart, a.PersonPart)
			}
		}
	}
	return sum, person
}

// sound checks the books after a scenario: proofs, income = allocations (C10), rights = allocated person parts less refunds (P04), suspense = open items.
func (d *desk) sound(refunded, refundedPerson money.Amount) seal.Hash {
	d.t.Helper()
	sum, person := d.totals()
	for role, want := range map[accounts.Role]money.Amount{
		accounts.RoleContributions: -(sum.Principal - refunded), accounts.RoleSurcharge: -sum.Surcharge, accounts.RoleMembersRights: -(person - refundedPerson),
	} {
		if got := d.balance(role); got != want {
			d.t.Errorf("%s stands at %d, allocations say %d", role, got, want)
		}
	}
	open := map[collection.ItemKind]money.Amount{}
	for item, err := range d.OpenItems(d.t.Context()) {
		must(d.t, err)
		open[item.Kind] += item.Remaining
	}
	for role, want := range map[accounts.Role]money.Amount{accounts.RoleUnidentifiedReceipt: -open[collection.ItemUnidentified], accounts.RoleTemporaryReceipt: -open[collection.ItemCredit]} {
		if got := d.balance(role); got != want {
			d.t.Errorf("%s stands at %d, open items say %d", role, got, want)
		}
	}
	var root seal.Hash
	for _, book := range []ledger.BookID{d.Fund().Book(), {Realm: 1}} {
		report, err := d.led.Verify(d.t.Context(), book, ledger.VerifyOptions{Deep: true})
		must(d.t, err)
		if !report.Sound() {
			d.t.Errorf("book %s: %v", book, report.Discrepancies)
		}
	}
	found := value(d.Verify(d.t.Context()))(d.t)
	if !found.Sound() {
		d.t.Errorf("%+v", found.Discrepancies)
	}
	root = value(d.led.Book(d.t.Context(), d.Fund().Book()))(d.t).Root
	return root
}

func has(t *testing.T, err error, codes ...error) {
	t.Helper()
	for _, code := range codes {
		if !errors.Is(err, code) {
			t.Errorf("%v is not among: %v", code, err)
		}
	}
}

func TestAMonthIsDeclaredAssessedDemandedReceivedAndCredited(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{})
		d.enrol(3, 2)
		d.declare(202601, 1, 1, 6_000_00, 4_000_00, 30_000_00) // floor 4,800.00, cap 24,000.00
		d.declare(202601, 2, 4, 5_000_00, 5_000_01)
		assessed := d.assess(202601)
		if assessed.Count != 2 || assessed.Terms.Limits.Floor != 4_800_00 || assessed.Terms.Limits.Cap != 24_000_00 {
			t.Fatalf("%+v", assessed)
		}
		demand := value(d.Demand(t.Context(), 1))(t)
		if demand.EmployerDue != (6_000_00+4_800_00+24_000_00)*16/100 || demand.PersonDue != (6_000_00+4_800_00+24_000_00)*8/100 || demand.Due != 20260125 {
			t.Fatalf("%+v", demand)
		}
		received := d.receive(arrival(20260120, demand.EmployerDue+demand.PersonDue, 1, "b1"))
		if received.Receipt.Suspense != 0 || received.Receipt.Surcharge != 0 || len(received.Receipt.Allocations) != 1 || received.Receipt.Allocations[0].PersonPart != demand.PersonDue {
			t.Fatalf("%+v", received.Receipt)
		}
		again := d.receive(arrival(20260120, demand.EmployerDue+demand.PersonDue, 1, "b1"))
		if !again.Replayed || again.Receipt.No != received.Receipt.No {
			t.Errorf("the same line twice: %+v", again.Done)
		}
		statement := value(d.rights.Statement(t.Context(), "2", 2026))(t)
		if len(statement.Lines) != 1 || statement.Lines[0].Amount != 4_800_00*8/100 || statement.Lines[0].Month != 202601 || statement.Lines[0].Tag != personal.TagContribution {
			t.Errorf("rights of member 2: %+v", statement.Lines)
		}
		d.sound(0, 0)
	})
}
