package benefits_test

import (
	"context"
	"errors"
	"iter"
	"strconv"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/personal"
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

var (
	schemas = []store.Schema{ledger.Schema(), registration.Schema(), benefits.Schema()}
	paper   = make([]byte, 32)
)

// law is a place whose base of 2026 is provisional until it is known on 1 September.
const law = `jurisdiction: cn.test
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
      - {from: 2010-01-01, to: 2025-12-31, value: '8000', status: confirmed, source: test}
      - {from: 2026-01-01, value: '8000', status: provisional, source: test}
      - {from: 2026-01-01, value: '8200', status: confirmed, source: test, known_from: 2026-09-01}
  - id: cn.test.pension.coefficient
    title: {zh: 过渡系数, en: coefficient}
    unit: percent
    values:
      - {from: 2020-01-01, value: '1.3', status: confirmed, source: test}
`

// desk is an open office with money in the expenditure account.
type desk struct {
	*benefits.Office
	t        *testing.T
	db       *store.DB
	registry *registration.Registry
	rights   *personal.Rights
	led      *ledger.Ledger
	history  months
}

// months is a History of the test.
type months map[registration.MemberNo][]registration.ContributionMonth

func (m months) Contributions(_ context.Context, _ store.Handle, _ registration.Scheme, members []registration.MemberNo) iter.Seq2[registration.ContributionMonth, error] {
	return func(yield func(registration.ContributionMonth, error) bool) {
		for _, no := range members {
			for _, month := range m[no] {
				if !yield(month, nil) {
					return
				}
			}
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// person has a day of birth and money on the account.
type person struct {
	birth   calendar.Date
	account money.Amount
	class   scheme.RetirementClass // scheme.Men60 if empty
}

func open(t *testing.T, db *store.DB, people []person, change func(*benefits.Config)) *desk {
	t.Helper()
	ctx := t.Context()
	registry, led := registrationtest.Open(t, db, nil)
	source := registrationtest.New(1)
	specs := make([]registration.MemberSpec, len(people))
	for i, p := range people {
		sex, class := identity.Female, p.class
		if class == "" {
			sex, class = identity.Male, scheme.Men60
		}
		specs[i] = registration.MemberSpec{Birth: p.birth, Sex: sex, Class: class, Number: source.Number(p.birth, sex), Name: "参保人", FirstWork: p.birth.AddMonths(240)}
	}
	_, err := registry.RegisterMembers(ctx, registrationtest.Order("members", 20260105), specs...)
	must(t, err)
	chart, err := accounts.Standard()
	must(t, err)
	book, err := chart.For("enterprise_pension", accounts.Conditions{Level: accounts.BelowProvincial, Collector: accounts.CollectedByAgency, HasUpperLevel: true}, 20260101)
	must(t, err)
	var f *fund.Fund
	must(t, db.Update(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		f, err = fund.Open(ctx, led, tx.Handle(), fund.Spec{Book: ledger.BookID{Realm: 1, Number: 1}, Code: "EP", Name: "养老", Chart: book, First: 202601,
			EnteredBy: "setup", Approved: "chief"})
		return err
	}))
	rights, err := personal.NewRights(ctx, f)
	must(t, err)
	d := &desk{t: t, db: db, registry: registry, rights: rights, led: led, history: months{}}
	d.fund(f, people)
	catalogue, err := scheme.China(scheme.File{Name: "test.yaml", Content: []byte(law)})
	must(t, err)
	rounding := money.Rounding{Scale: 4, Mode: money.HalfUp}
	config := benefits.Config{IndexRule: pension.IndexRule{Mean: rounding}, Parameters: benefits.Parameters{Policy: "cn.test.pension.policy",
		Base: "cn.test.pension.base", AverageWage: "cn.test.pension.base", Transitional: "cn.test.pension.coefficient"}}
	if change != nil {
		change(&config)
	}
	d.Office, err = benefits.New(db, f, rights, registry, catalogue, d.history, config)
	must(t, err)
	return d
}

// fund brings money to the expenditure account and rights to the members' accounts.
func (d *desk) fund(f *fund.Fund, people []person) {
	const lot money.Amount = 1_000_000_000_00
	for i, e := range []struct {
		name     string
		to, from accounts.Role
	}{{"E1", accounts.RoleIncomeAccount, accounts.RoleContributions}, {"E2", accounts.RoleFiscalAccount, accounts.RoleIncomeAccount},
		{"E9", accounts.RoleExpenditureAccount, accounts.RoleFiscalAccount}} {
		_, err := f.Post(d.t.Context(), fund.Event{Event: e.name, Key: "open" + strconv.Itoa(i), Effective: 20260106, EnteredBy: "clerk", ApprovedBy: "chief",
			Source: ledger.Source{Kind: "bank", ID: "1"}, Attachments: []ledger.Attachment{{Name: "advice", Hash: paper}},
			Parts: []accounts.Part{{Role: e.to, Amount: lot}, {Role: e.from, Amount: lot}}})
		must(d.t, err)
	}
	names, event := []string{}, fund.Event{Event: fund.RightsOnly, Key: "rights", Effective: 20260106, EnteredBy: "clerk", ApprovedBy: "chief",
		Source: ledger.Source{Kind: "migration", ID: "1"}}
	for i := range people {
		names = append(names, strconv.Itoa(i+1))
	}
	must(d.t, d.db.Update(d.t.Context(), func(ctx context.Context, tx *store.Tx) error {
		numbers, err := d.rights.Open(ctx, tx.Handle(), ledger.Act{Key: "accounts", Effective: 20260105, EnteredBy: "setup", ApprovedBy: "chief"}, names)
		if err != nil {
			return err
		}
		event.Rights = nil
		for i, p := range people {
			if p.account > 0 {
				event.Rights = append(event.Rights, fund.Right{Account: numbers[i], Amount: p.account, Tag: personal.TagContribution})
			}
		}
		_, err = f.PostTx(ctx, tx.Handle(), event)
		return err
	}))
}

func by(key string, day calendar.Date, who ...string) benefits.Order {
	o := benefits.Order{Key: key, Effective: day, EnteredBy: who[0]}
	if len(who) > 1 {
		o.ApprovedBy = who[1]
	}
	return o
}

// ok fails on an error and asks the command again, which must be replayed.
func ok(t *testing.T, command func() (benefits.Done, error)) benefits.Done {
	t.Helper()
	done, err := command()
	must(t, err)
	again, err := command()
	must(t, err)
	if !again.Replayed || again.Seq != done.Seq || again.First != done.First || again.Amount != done.Amount {
		t.Fatalf("asked again: %+v, first %+v", again, done)
	}
	return done
}

func (d *desk) balance(member int) money.Amount {
	d.t.Helper()
	account, err := d.led.Account(d.t.Context(), d.Fund().Book(), d.rights.Code(strconv.Itoa(member)))
	must(d.t, err)
	b, err := d.led.Balance(d.t.Context(), d.Fund().Book(), account.No, ledger.At{})
	must(d.t, err)
	return b.On(ledger.Credit)
}

func (d *desk) role(role accounts.Role) money.Amount {
	d.t.Helper()
	code, err := d.Fund().RoleCode(role)
	must(d.t, err)
	account, err := d.led.Account(d.t.Context(), d.Fund().Book(), code)
	must(d.t, err)
	b, err := d.led.Balance(d.t.Context(), d.Fund().Book(), account.No, ledger.At{})
	must(d.t, err)
	return b.Net()
}

func (d *desk) sound() {
	d.t.Helper()
	for _, no := range []int16{0, 1} {
		report, err := d.led.Verify(d.t.Context(), ledger.BookID{Realm: 1, Number: no}, ledger.VerifyOptions{Deep: true})
		must(d.t, err)
		if !report.Sound() {
			d.t.Error(report.Discrepancies)
		}
	}
	for det, err := range d.Determinations(d.t.Context()) {
		must(d.t, err)
		if _, err := pension.Reperform(det.Content); err != nil {
			d.t.Errorf("claim %d version %d: %v", det.Claim, det.Version, err)
		}
	}
	if a, b := d.role(accounts.RoleMembersRights), d.role(accounts.RoleMembersRightsContra); a+b != 0 {
		d.t.Errorf("rights %d, contra %d", a, b)
	}
}

// month runs a month to its posting and returns the run.
func (d *desk) month(month calendar.Month, rejected ...benefits.Refusal) benefits.Done {
	d.t.Helper()
	ctx, key := d.t.Context(), month.String()
	day := month.First().AddDays(9)
	run := ok(d.t, func() (benefits.Done, error) { return d.PaymentRun(ctx, by("run "+key, day, "payer"), month) })
	ok(d.t, func() (benefits.Done, error) { return d.ApproveRun(ctx, by("pass "+key, day, "chief"), run.First) })
	ok(d.t, func() (benefits.Done, error) {
		return d.PostRun(ctx, by("post "+key, day.AddDays(1), "cashier", "chief"), run.First, rejected...)
	})
	return run
}

func (d *desk) payments(q benefits.PaymentQuery) (list []benefits.Payment) {
	d.t.Helper()
	for p, err := range d.Payments(d.t.Context(), q) {
		must(d.t, err)
		list = append(list, p)
	}
	return list
}

func (d *desk) prior(members ...registration.MemberNo) {
	var list []benefits.PriorService
	for _, no := range members {
		list = append(list, benefits.PriorService{Member: no, Months: 420, IndexSum: money.MustDecimal("504"), BeforeMonths: 60, Until: 202512, Reference: "archive"})
	}
	ok(d.t, func() (benefits.Done, error) {
		return d.RecordPrior(d.t.Context(), by("prior", 20260110, "intake", "chief"), list...)
	})
}

// life is two years of three pensioners; it returns the root of the fund's book.
func life(t *testing.T, db *store.DB) ledger.Book {
	ctx := t.Context()
	// Born 1965-11: 60 years and 3 months, 2026-02. The account of the first is exhausted in its second month.
	d := open(t, db, []person{{birth: 19651110, account: 1000_00}, {birth: 19651112, account: 80000_00}, {birth: 19651115, account: 120000_00}}, nil)
	d.prior(1, 2, 3)
	claim := func(no registration.MemberNo) benefits.ClaimSpec {
		return benefits.ClaimSpec{Member: no, Retire: 20260228, Ground: registration.GroundStatutory}
	}
	ok(t, func() (benefits.Done, error) {
		return d.Claim(ctx, by("claims", 20260301, "intake"), claim(1), claim(2), claim(3))
	})
	specs := func(stage benefits.Stage) (list []benefits.DetermineSpec) {
		for no := range int64(3) {
			list = append(list, benefits.DetermineSpec{Claim: no + 1, Stage: stage})
		}
		return list
	}
	if _, err := d.Determine(ctx, by("early", 20260302, "reviewer"), specs(benefits.Formal)...); !errors.Is(err, benefits.ErrProvisional) {
		t.Fatalf("formal on a provisional base: %v", err)
	}
	ok(t, func() (benefits.Done, error) {
		return d.Determine(ctx, by("provisional", 20260302, "reviewer"), specs(benefits.Provisional)...)
	})
	approvals := func(version int) []benefits.Approval {
		return []benefits.Approval{{Claim: 1, Version: version}, {Claim: 2, Version: version}, {Claim: 3, Version: version}}
	}
	for _, who := range []string{"intake", "reviewer"} {
		if _, err := d.Approve(ctx, by("own", 20260303, who), approvals(1)...); !errors.Is(err, benefits.ErrFourEyes) {
			t.Fatalf("%s approved: %v", who, err)
		}
	}
	ok(t, func() (benefits.Done, error) {
		return d.Approve(ctx, by("approve", 20260303, "chief"), approvals(1)...)
	})
	// index 504/420 = 1.2, years 35: (8000 + 9600)/2 × 35 % = 3080.00; transitional 9600 × 5 × 1.3 % = 624.00
	for a, err := range d.Awards(ctx) {
		must(t, err)
		if a.From != 202603 || a.Monthly.Basic != 3080_00 || a.Monthly.Transitional != 624_00 {
			t.Fatalf("award %+v", a)
		}
	}
	// The first account is corrected down to ten yuan, less than two months take.
	account, err := d.led.Account(ctx, d.Fund().Book(), d.rights.Code("1"))
	must(t, err)
	_, err = d.Fund().Post(ctx, fund.Event{Event: fund.RightsOnly, Key: "correction", Effective: 20260304, EnteredBy: "clerk", ApprovedBy: "chief",
		Source: ledger.Source{Kind: "correction", ID: "1"}, Rights: []fund.Right{{Account: account.No, Amount: -990_00, Tag: personal.TagCorrection}}})
	must(t, err)
	d.month(202603)
	first := d.payments(benefits.PaymentQuery{Member: 1})[0]
	if d.balance(1) != 10_00-first.Amounts.AccountPension {
		t.Fatalf("account 1 at %d after %d", d.balance(1), first.Amounts.AccountPension)
	}
	// April: the second payment is rejected, the third comes back.
	run := ok(t, func() (benefits.Done, error) { return d.PaymentRun(ctx, by("april", 20260410, "payer"), 202604) })
	if _, err := d.ApproveRun(ctx, by("april own", 20260410, "payer"), run.First); !errors.Is(err, benefits.ErrFourEyes) {
		t.Fatalf("approved an own run: %v", err)
	}
	if _, err := d.PaymentRun(ctx, by("second", 20260410, "payer"), 202604); !errors.Is(err, benefits.ErrRunOpen) {
		t.Fatalf("a second run beside: %v", err)
	}
	ok(t, func() (benefits.Done, error) {
		return d.CancelRun(ctx, by("cancel", 20260410, "payer", "chief"), run.First)
	})
	run = d.month(202604, benefits.Refusal{Payment: 8, Reason: "AC04"})
	if run.First != 3 || run.Count != 3 {
		t.Fatalf("april again %+v", run)
	}
	before := d.balance(3)
	ok(t, func() (benefits.Done, error) {
		return d.Return(ctx, by("return", 20260415, "cashier", "chief"), benefits.Refusal{Payment: 9, Reason: "AC01"})
	})
	third := d.payments(benefits.PaymentQuery{Member: 3, Status: benefits.PaymentReturned})[0]
	if d.balance(3) != before+third.Amounts.AccountPension {
		t.Errorf("a return gave %d back", d.balance(3)-before)
	}
	ok(t, func() (benefits.Done, error) { return d.Reissue(ctx, by("reissue", 20260420, "payer", "chief"), 8, 9) })
	if d.month(202605).Count != 5 {
		t.Error("May has not three pensions and two issued again")
	}
	if d.balance(3) != before-third.Amounts.AccountPension {
		t.Errorf("issued again, account 3 stands at %d", d.balance(3))
	}
	d.month(202608) // arrears of June and July with it
	// The base of 2026 is known: formal, and the difference is paid once.
	ok(t, func() (benefits.Done, error) {
		return d.Determine(ctx, by("formal", 20260905, "reviewer"), specs(benefits.Formal)...)
	})
	ok(t, func() (benefits.Done, error) {
		return d.Approve(ctx, by("approve 2", 20260906, "chief"), approvals(2)...)
	})
	d.month(202609)
	for _, p := range d.payments(benefits.PaymentQuery{Month: 202609}) {
		// (8200 + 9840)/2 × 35 % = 3157.00, transitional 9840 × 5 × 1.3 % = 639.60: 77.00 and 15.60 more for six months
		if p.Kind == benefits.PayDifference && p.Member == 2 && (p.Amounts != (benefits.Amounts{Basic: 6 * 77_00, Transitional: 6 * 15_60}) || p.From != 202603 || p.To != 202608) {
			t.Errorf("difference %+v", p)
		}
	}
	d.month(202612)
	d.death()
	d.sound()
	b, err := d.led.Book(ctx, d.Fund().Book())
	must(t, err)
	return b
}

// death of the third pensioner in 2026-10, known in 2027 only.
func (d *desk) death() {
	t, ctx := d.t, d.t.Context()
	d.month(202701)
	_, err := d.registry.RecordDeaths(ctx, registrationtest.Order("death", 20270120), registration.DeathSpec{Member: 3, Day: 20261015, Reference: "certificate"})
	must(t, err)
	if _, err := d.PayHeirs(ctx, by("too early", 20270121, "payer", "chief"), benefits.HeirsSpec{Member: 3}); !errors.Is(err, benefits.ErrStatus) {
		t.Errorf("heirs before the stop: %v", err)
	}
	run := d.month(202702)
	if run.Count != 2 {
		t.Errorf("a run after death has %d payments", run.Count)
	}
	before := d.balance(3)
	stop := ok(t, func() (benefits.Done, error) { return d.StopDead(ctx, by("stop", 20270221, "payer", "chief")) })
	var monthly benefits.Amounts
	for a, err := range d.Awards(ctx) {
		must(t, err)
		if a.Member == 3 && a.Superseded == 0 {
			monthly = a.Monthly
		}
	}
	if stop.Amount != 3*monthly.Total() || stop.First != 1 { // November, December, January
		t.Fatalf("overpaid %d, a month is %d", stop.Amount, monthly.Total())
	}
	if d.balance(3) != before+3*monthly.AccountPension {
		t.Errorf("the account got %d back", d.balance(3)-before)
	}
	ok(t, func() (benefits.Done, error) {
		return d.AgreeRecovery(ctx, by("terms", 20270301, "payer", "chief"), benefits.RecoveryTerms{Recovery: 1, Instalment: 5000_00, FirstDue: 202703})
	})
	if _, err := d.Recover(ctx, by("much", 20270305, "cashier", "chief"), 1, stop.Amount+1); !errors.Is(err, benefits.ErrTooMuch) {
		t.Errorf("recovered too much: %v", err)
	}
	income := d.role(accounts.RoleOtherIncome)
	// Two months were paid in 2026 and one in 2027: 2½ months are E13 for two and E12 for the half.
	cash := 2*monthly.Total() + 1000_00
	ok(t, func() (benefits.Done, error) {
		return d.Recover(ctx, by("cash", 20270305, "cashier", "chief"), 1, cash)
	})
	if got := income - d.role(accounts.RoleOtherIncome); got != 2*monthly.Total() {
		t.Errorf("other income %d, want %d", got, 2*monthly.Total())
	}
	left := stop.Amount - cash
	held := d.balance(3)
	heirs := ok(t, func() (benefits.Done, error) {
		return d.PayHeirs(ctx, by("heirs", 20270401, "payer", "chief"), benefits.HeirsSpec{Member: 3, Recovery: 1, Offset: left})
	})
	if heirs.Amount != held-left || d.balance(3) != 0 || d.role(accounts.RoleAccountLumpSum) != held-left {
		t.Errorf("heirs got %d of %d, account at %d", heirs.Amount, held, d.balance(3))
	}
	for r, err := range d.Recoveries(ctx) {
		must(t, err)
		if r.Recovered != r.Amount {
			t.Errorf("recovery %+v", r)
		}
	}
	if d.balance(1) != 0 {
		t.Errorf("the exhausted account stands at %d", d.balance(1))
	}
	if got := d.payments(benefits.PaymentQuery{Member: 1, Month: 202702}); len(got) != 1 || got[0].Amounts.AccountPension == 0 {
		t.Errorf("the pension of an exhausted account: %+v", got)
	}
	// A return in a later year is other income.
	income = d.role(accounts.RoleOtherIncome)
	december := d.payments(benefits.PaymentQuery{Member: 2, Month: 202612})[0]
	back := ok(t, func() (benefits.Done, error) {
		return d.Return(ctx, by("late return", 20270402, "cashier", "chief"), benefits.Refusal{Payment: december.No, Reason: "AC04"})
	})
	if income-d.role(accounts.RoleOtherIncome) != back.Amount || back.Amount != december.Net() {
		t.Errorf("late return %+v", back)
	}
}

func TestPensionersLiveTwoYearsAndBothEnginesAgree(t *testing.T) {
	roots := map[string]ledger.Book{}
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) { roots[db.Dialect().Name()] = life(t, db) })
	if a, b := roots[storetest.SQLite], roots[storetest.Postgres]; b.Seq != 0 && (a.Root != b.Root || a.Seq != b.Seq) {
		t.Errorf("roots differ: %d %x, %d %x", a.Seq, a.Root, b.Seq, b.Root)
	}
}

func figure(text string) decimal.NullDecimal { return decimal.NewNullDecimal(money.MustDecimal(text)) }
