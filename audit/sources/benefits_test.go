package sources_test

import (
	"context"
	"iter"
	"strconv"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/audit/sources"
	"github.com/fundledger/fundledger/benefits"
	"github.com/fundledger/fundledger/benefits/pension"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/identity"
	"github.com/fundledger/fundledger/registration/registrationtest"
	"github.com/fundledger/fundledger/registration/scheme"
)

// pensionLaw is the law of a synthetic place.
const pensionLaw = `jurisdiction: cn.test
version: '1'
parameters:
  - id: cn.test.pension.policy
    title: {zh: 计发办法, en: rules}
    unit: policy
    values:
      - from: 2020-01-01
        policy:
          basic_form: same
          years: {scale: 2, mode: half_up}
          transitional_form: indexed
          component: {scale: 2, mode: half_up}
          total: {scale: 2, mode: half_up}
        status: confirmed
        source: test
  - id: cn.test.pension.base
    title: {zh: 计发基数, en: base}
    unit: CNY/month
    values:
      - {from: 2010-01-01, value: '8000', status: confirmed, source: test}
  - id: cn.test.pension.coefficient
    title: {zh: 过渡系数, en: coefficient}
    unit: percent
    values:
      - {from: 2020-01-01, value: '1.3', status: confirmed, source: test}
`

// noMonths is a history of members whose service is all prior.
type noMonths struct{}

func (noMonths) Contributions(context.Context, store.Handle, registration.Scheme, []registration.MemberNo) iter.Seq2[registration.ContributionMonth, error] {
	return func(func(registration.ContributionMonth, error) bool) {}
}

// payingDesk pays pensions to two members with 80,000.00 and 100.00 on their accounts.
type payingDesk struct {
	*benefits.Office
	t        *testing.T
	led      *ledger.Ledger
	registry *registration.Registry
}

func openPaying(t *testing.T, db *store.DB) *payingDesk {
	t.Helper()
	ctx := t.Context()
	registry, led := registrationtest.Open(t, db, nil)
	people := registrationtest.New(3)
	var specs []registration.MemberSpec
	for _, birth := range []calendar.Date{19651110, 19651112} {
		specs = append(specs, registration.MemberSpec{Birth: birth, Sex: identity.Male, Class: scheme.Men60, Number: people.Number(birth, identity.Male), Name: "参保人", FirstWork: birth.AddMonths(240)})
	}
	_, err := registry.RegisterMembers(ctx, registrationtest.Order("members", 20260105), specs...)
	must(t, err)
	chart, err := accounts.Standard()
	must(t, err)
	book, err := chart.For("enterprise_pension", accounts.Conditions{Level: accounts.BelowProvincial, Collector: accounts.CollectedByAgency, HasUpperLevel: true}, 20260101)
	must(t, err)
	var f *fund.Fund
	must(t, db.Update(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		f, err = fund.Open(ctx, led, tx.Handle(), fund.Spec{Book: pensions, Code: "EP", Name: "养老", Chart: book, First: 202601, EnteredBy: "setup", Approved: "chief"})
		return err
	}))
	rights, err := personal.NewRights(ctx, f)
	must(t, err)
	var numbers []ledger.AccountNo
	must(t, db.Update(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		numbers, err = rights.Open(ctx, tx.Handle(), ledger.Act{Key: "accounts", Effective: 20260105, EnteredBy: "setup", ApprovedBy: "chief"}, []string{"1", "2"})
		return err
	}))
	credit(t, rights, "rights", 20260106, fund.Right{Account: numbers[0], Amount: 8_000_000, Tag: personal.TagContribution},
		fund.Right{Account: numbers[1], Amount: 10_000, Tag: personal.TagContribution})
	for i, e := range []struct {
		name     string
		to, from accounts.Role
	}{{"E1", accounts.RoleIncomeAccount, accounts.RoleContributions}, {"E2", accounts.RoleFiscalAccount, accounts.RoleIncomeAccount},
		{"E9", accounts.RoleExpenditureAccount, accounts.RoleFiscalAccount}} {
		_, err := f.Post(ctx, fund.Event{Event: e.name, Key: "open" + strconv.Itoa(i), Effective: 20260106, EnteredBy: "clerk", ApprovedBy: "chief",
			Source: ledger.Source{Kind: "bank", ID: "1"}, Attachments: []ledger.Attachment{{Name: "advice", Hash: make([]byte, 32)}},
			Parts: []accounts.Part{{Role: e.to, Amount: 1_000_000_00}, {Role: e.from, Amount: 1_000_000_00}}})
		must(t, err)
	}
	catalogue, err := scheme.China(scheme.File{Name: "test.yaml", Content: []byte(pensionLaw)})
	must(t, err)
	office, err := benefits.New(db, f, rights, registry, catalogue, noMonths{}, benefits.Config{
		IndexRule: pension.IndexRule{Mean: money.Rounding{Scale: 4, Mode: money.HalfUp}}, Parameters: benefits.Parameters{Policy: "cn.test.pension.policy",
			Base: "cn.test.pension.base", AverageWage: "cn.test.pension.base", Transitional: "cn.test.pension.coefficient"}})
	must(t, err)
	return &payingDesk{Office: office, t: t, led: led, registry: registry}
}

// by is an order of one person, approved by another where two are given.
func by(key string, day calendar.Date, who ...string) benefits.Order {
	o := benefits.Order{Key: key, Effective: day, EnteredBy: who[0]}
	if len(who) > 1 {
		o.ApprovedBy = who[1]
	}
	return o
}

func (d *payingDesk) did(_ benefits.Done, err error) {
	d.t.Helper()
	must(d.t, err)
}

// award takes both members from claim to award.
func (d *payingDesk) award() {
	d.t.Helper()
	ctx := d.t.Context()
	var prior []benefits.PriorService
	var claims []benefits.ClaimSpec
	var specs []benefits.DetermineSpec
	var approvals []benefits.Approval
	for i := range 2 {
		no := registration.MemberNo(i + 1)
		prior = append(prior, benefits.PriorService{Member: no, Months: 420, IndexSum: money.MustDecimal("504"), BeforeMonths: 60, Until: 202512, Reference: "archive"})
		claims = append(claims, benefits.ClaimSpec{Member: no, Retire: 20260228, Ground: registration.GroundStatutory})
		specs = append(specs, benefits.DetermineSpec{Claim: int64(no), Stage: benefits.Formal})
		approvals = append(approvals, benefits.Approval{Claim: int64(no), Version: 1})
	}
	d.did(d.RecordPrior(ctx, by("prior", 20260110, "intake", "chief"), prior...))
	d.did(d.Claim(ctx, by("claims", 20260301, "intake"), claims...))
	d.did(d.Determine(ctx, by("determine", 20260302, "reviewer"), specs...))
	d.did(d.Approve(ctx, by("approve", 20260303, "chief"), approvals...))
}

// pay runs a month to its posting on the 11th.
func (d *payingDesk) pay(month calendar.Month) {
	d.t.Helper()
	ctx, key, day := d.t.Context(), month.String(), month.First().AddDays(9)
	run, err := d.PaymentRun(ctx, by("run "+key, day, "payer"), month)
	must(d.t, err)
	d.did(d.ApproveRun(ctx, by("pass "+key, day, "chief"), run.First))
	d.did(d.PostRun(ctx, by("post "+key, day.AddDays(1), "cashier", "chief"), run.First))
}

func (d *payingDesk) sources() []audit.Source {
	books := audit.ReadLedger(d.led, pensions)
	all := append(sources.Rights{Books: books}.Sources(), sources.Benefits{Office: d.Office}.Sources()...)
	all = append(all, sources.Registration{Reader: d.registry.Reader, Realm: registrationtest.Realm}.Sources()...)
	records := audit.Records{Grounds: []audit.StopGround{}, Receipts: []audit.ContributionReceipt{{
		Origin: audit.Origin{Book: pensions, ID: "opening", Currency: fund.Currency()}, Day: 20260106, Amount: 8_010_000, Allocations: []audit.Allocation{
			{Person: "1", Part: audit.PersonPart, Amount: 8_000_000, Day: 20260106}, {Person: "2", Part: audit.PersonPart, Amount: 10_000, Day: 20260106},
		}}}}
	return append(all, records.Sources()...)
}

func TestBenefitsAreAuditedFromAwardToRecovery(t *testing.T) {
	storetest.Each(t, []store.Schema{ledger.Schema(), registration.Schema(), benefits.Schema()}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		d := openPaying(t, db)
		d.award()
		d.pay(202603)
		d.pay(202604) // payments 3 and 4; the account of the second member is exhausted
		d.did(d.Return(ctx, by("return", 20260502, "cashier", "chief"), benefits.Refusal{Payment: 3, Reason: "AC01"}))
		d.did(d.Reissue(ctx, by("reissue", 20260503, "payer", "chief"), 3))
		d.pay(202605)
		d.pay(202606)
		rules := []string{"B01", "B04", "P01", "P03", "P04", "P05", "P06"}
		findings(t, runAsOf(t, d.sources(), 20260701, rules...))

		// The first member died in April, and nobody knew until July. What was returned and issued again for April was due.
		_, err := d.registry.RecordDeaths(ctx, registrationtest.Order("death", 20260701), registration.DeathSpec{Member: 1, Day: 20260420, Reference: "certificate"})
		must(t, err)
		findings(t, runAsOf(t, d.sources(), 20260715, rules...), "B01 member 1, pension for 2026-05", "B01 member 1, pension for 2026-06")
		findings(t, runAsOf(t, d.sources(), 20260901, "B07"), "B07 member 1, 2026-05", "B07 member 1, 2026-06")

		stop, err := d.StopDead(ctx, by("stop", 20260705, "payer", "chief"))
		must(t, err)
		findings(t, runAsOf(t, d.sources(), 20260901, "B07"), "B07 recovery recovery 1 of member 1: by 2026-07-05")
		findings(t, runAsOf(t, d.sources(), 20260901, "P03", "P04", "P06")) // what the account had borne for these months is back on it
		d.did(d.Recover(ctx, by("cash", 20260801, "cashier", "chief"), 1, stop.Amount))
		findings(t, runAsOf(t, d.sources(), 20260901, "B07", "B04"))
	})
}
