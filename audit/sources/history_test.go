package sources_test

import (
	"context"
	"math/big"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/benefits"
	"github.com/fundledger/fundledger/benefits/pension"
	"github.com/fundledger/fundledger/collection"
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

// twoWages is a place whose average wage rises in the middle of 2025.
const twoWages = `jurisdiction: cn.place
version: '1'
parameters:
  - id: cn.place.contribution.average_wage
    title: {zh: 缴费工资基准, en: average wage of contributions}
    unit: CNY/month
    values:
      - {from: 2024-01-01, to: 2025-06-30, value: '8000', status: confirmed, confidence: seen, source: a synthetic notice}
      - {from: 2025-07-01, value: '8400', status: confirmed, confidence: seen, source: a synthetic notice}
`

// region collects and pays in one fund: members 1, 2 and 3 of one employer, of whom 2 and 3 are one person.
type region struct {
	*desk
	registry *registration.Registry
	rights   *personal.Rights
	pensions *benefits.Office
}

func openRegion(t *testing.T, db *store.DB) *region {
	t.Helper()
	ctx := t.Context()
	registry, led := registrationtest.Open(t, db, nil)
	people := registrationtest.New(4)
	_, err := registry.RegisterEmployers(ctx, registrationtest.Order("e", 20250102), people.Employers(1)...)
	must(t, err)
	var specs []registration.MemberSpec
	var changes []registration.Change
	for i, birth := range []calendar.Date{19651110, 19651112, 19651112} { // 60 years and 3 months in February 2026
		specs = append(specs, registration.MemberSpec{Birth: birth, Sex: identity.Male, Class: scheme.Men60, Number: people.Number(birth, identity.Male), Name: "参保人", FirstWork: 19860101})
		from := []calendar.Month{202501, 202506, 202501}[i]
		changes = append(changes, registration.Change{Member: registration.MemberNo(i + 1), Scheme: registration.EnterprisePension, Employer: 1, From: from})
	}
	_, err = registry.RegisterMembers(ctx, registrationtest.Order("m", 20250102), specs...)
	must(t, err)
	_, err = registry.Enrol(ctx, registrationtest.Order("en", 20250102), changes[0], changes[2])
	must(t, err)
	_, err = registry.Terminate(ctx, registrationtest.Order("out", 20250528), registration.Change{Member: 3, Scheme: registration.EnterprisePension, Employer: 1, From: 202506})
	must(t, err)
	_, err = registry.Enrol(ctx, registrationtest.Order("in", 20250602), changes[1])
	must(t, err)
	chart, err := accounts.Standard()
	must(t, err)
	book, err := chart.For("enterprise_pension", accounts.Conditions{Level: accounts.BelowProvincial, Collector: accounts.CollectedByAgency, HasUpperLevel: true}, 20250101)
	must(t, err)
	var f *fund.Fund
	must(t, db.Update(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		f, err = fund.Open(ctx, led, tx.Handle(), fund.Spec{Book: pensions, Code: "EP", Name: "养老", Chart: book, First: 202501, EnteredBy: "setup", Approved: "chief"})
		return err
	}))
	rights, err := personal.NewRights(ctx, f)
	must(t, err)
	catalogue, err := scheme.China(scheme.File{Name: "place.yaml", Content: []byte(twoWages)}, scheme.File{Name: "test.yaml", Content: []byte(pensionLaw)})
	must(t, err)
	office, err := collection.New(db, f, rights, registry, catalogue, collection.Config{
		Scheme: registration.EnterprisePension, Parameters: collection.ChinaPension("cn.place.contribution.average_wage"), LimitRounding: half, BaseRounding: half, Rounding: half,
		Due: collection.DuePolicy{Day: 25}, Surcharge: collection.SurchargePolicy{Rounding: half},
	})
	must(t, err)
	r := &region{desk: &desk{Office: office, t: t, led: led, catalogue: catalogue}, registry: registry, rights: rights}
	r.pensions, err = benefits.New(db, f, rights, registry, catalogue, office, benefits.Config{
		IndexRule: pension.IndexRule{Mean: money.Rounding{Scale: 4, Mode: money.HalfUp}}, Parameters: benefits.Parameters{Policy: "cn.test.pension.policy",
			Base: "cn.test.pension.base", AverageWage: "cn.place.contribution.average_wage", Transitional: "cn.test.pension.coefficient"}})
	must(t, err)
	return r
}

// base is what a member contributes on in a month of 2025, rising through the year.
func base(member registration.MemberNo, month calendar.Month) money.Amount {
	return 6_000_00 + money.Amount(member)*123_45 + money.Amount(month.OfYear())*10_07
}

// contributes declares, assesses and receives 2025; December is not paid.
func (r *region) contributes() {
	r.t.Helper()
	for month := calendar.Month(202501); month <= 202512; month = month.Add(1) {
		second := registration.MemberNo(3)
		if month >= 202506 {
			second = 2
		}
		filing := &collection.Filing{}
		for _, no := range []registration.MemberNo{1, second} {
			filing.Rows = append(filing.Rows, collection.DeclaredRow{Employer: 1, Month: month, Member: no, Base: base(no, month)})
		}
		_, err := r.Declare(r.t.Context(), r.order(month.First().AddDays(4)), filing)
		must(r.t, err)
		_, err = r.Assess(r.t.Context(), r.order(month.First().AddDays(9)), month)
		must(r.t, err)
		if month < 202512 {
			for demand, err := range r.Demands(r.t.Context(), 1) {
				must(r.t, err)
				if demand.Month == month {
					r.receive(month.First().AddDays(19), demand.EmployerDue+demand.PersonDue, 1)
				}
			}
		}
	}
}

// byHand is a monthly pension computed in exact fractions: 1.3 % of transitional pension, 8,000.00 of base, 137.3 months for 60 years and 3 months.
type byHand struct{ basic, account, transitional money.Amount }

// reckon takes the prior months, those before personal accounts, the sum of their indices, and the months of 2025 with the bases of numbers.
func reckon(priorMonths, before int64, priorIndex string, paid map[calendar.Month]registration.MemberNo) byHand {
	rounded := func(x *big.Rat, decimals int64) *big.Rat {
		scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(decimals), nil)
		x = new(big.Rat).Mul(x, new(big.Rat).SetInt(scale))
		x.Add(x, big.NewRat(1, 2))
		return new(big.Rat).SetFrac(new(big.Int).Quo(x.Num(), x.Denom()), scale)
	}
	cents := func(x *big.Rat) money.Amount {
		x = new(big.Rat).Mul(rounded(x, 2), big.NewRat(100, 1))
		return money.Amount(x.Num().Int64())
	}
	sum, _ := new(big.Rat).SetString(priorIndex)
	balance := new(big.Rat)
	for month, member := range paid {
		wage := int64(8_000_00)
		if month >= 202507 {
			wage = 8_400_00
		}
		sum.Add(sum, big.NewRat(int64(base(member, month)), wage))
		balance.Add(balance, rounded(big.NewRat(int64(base(member, month))*8, 10_000), 2)) // 8 % of the base, in yuan and fen
	}
	months := priorMonths + int64(len(paid))
	index := rounded(new(big.Rat).Quo(sum, big.NewRat(months, 1)), 4)
	years, yearsBefore := rounded(big.NewRat(months, 12), 2), rounded(big.NewRat(before, 12), 2)
	w := big.NewRat(8_000, 1)
	indexed := new(big.Rat).Mul(w, index)
	basic := new(big.Rat).Add(w, indexed)
	basic.Mul(basic, years).Mul(basic, big.NewRat(1, 200))
	transitional := new(big.Rat).Mul(indexed, yearsBefore)
	transitional.Mul(transitional, big.NewRat(13, 1_000))
	return byHand{cents(basic), cents(new(big.Rat).Quo(balance, big.NewRat(1373, 10))), cents(transitional)}
}

func TestAPensionIsDeterminedFromPriorServiceAndWhatWasCollectedUnderEveryNumber(t *testing.T) {
	storetest.Each(t, []store.Schema{ledger.Schema(), registration.Schema(), collection.Schema(), benefits.Schema()}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		r := openRegion(t, db)
		r.contributes()
		_, err := r.registry.CorrectMembers(ctx, registration.Order{Realm: 1, Key: "merge", Effective: 20260110, EnteredBy: "clerk", ApprovedBy: "chief"},
			registration.MemberCorrection{Member: 3, MergedInto: 2})
		must(t, err)
		_, err = r.registry.Terminate(ctx, registrationtest.Order("retire", 20260110), registration.Change{Member: 1, Scheme: registration.EnterprisePension, Employer: 1, From: 202601},
			registration.Change{Member: 2, Scheme: registration.EnterprisePension, Employer: 1, From: 202601})
		must(t, err)
		must2(t)(r.pensions.RecordPrior(ctx, by("prior", 20260110, "intake", "chief"),
			benefits.PriorService{Member: 1, Months: 300, IndexSum: money.MustDecimal("312.345"), BeforeMonths: 50, Until: 202412, Reference: "archive 1"},
			benefits.PriorService{Member: 2, Months: 200, IndexSum: money.MustDecimal("180.5"), BeforeMonths: 40, Until: 202312, Reference: "archive 2"},
			benefits.PriorService{Member: 3, Months: 61, IndexSum: money.MustDecimal("66.75"), Until: 202412, Reference: "archive 3"}))
		must2(t)(r.pensions.Claim(ctx, by("claim", 20260301, "intake"), benefits.ClaimSpec{Member: 1, Retire: 20260228, Ground: registration.GroundStatutory},
			benefits.ClaimSpec{Member: 2, Retire: 20260228, Ground: registration.GroundStatutory}))
		must2(t)(r.pensions.Determine(ctx, by("determine", 20260302, "reviewer"), benefits.DetermineSpec{Claim: 1, Stage: benefits.Formal},
			benefits.DetermineSpec{Claim: 2, Stage: benefits.Formal}))

		first, second := map[calendar.Month]registration.MemberNo{}, map[calendar.Month]registration.MemberNo{}
		for month := calendar.Month(202501); month <= 202511; month++ {
			first[month], second[month] = 1, 2
			if month < 202506 {
				second[month] = 3
			}
		}
		wants := []byHand{reckon(300, 50, "312.345", first), reckon(261, 40, "247.25", second)}
		for made, err := range r.pensions.DeterminationsOf(ctx, benefits.DeterminationQuery{}) {
			must(t, err)
			want := wants[made.Claim-1]
			if got := (byHand{made.Monthly.Basic, made.Monthly.AccountPension, made.Monthly.Transitional}); got != want || made.Monthly.Supplement != 0 {
				t.Errorf("claim %d: %+v, by hand %+v", made.Claim, got, want)
			}
			if want := []int{311, 272}[made.Claim-1]; made.Months != want {
				t.Errorf("claim %d: %d months, want %d", made.Claim, made.Months, want)
			}
		}
		// December is paid in March: it counts from then on.
		r.receive(20260310, r.owed(20260310), 1)
		must2(t)(r.pensions.Determine(ctx, by("again", 20260311, "reviewer"), benefits.DetermineSpec{Claim: 2, Stage: benefits.Formal}))
		second[202512] = 2
		want := reckon(261, 40, "247.25", second)
		for made, err := range r.pensions.DeterminationsOf(ctx, benefits.DeterminationQuery{Claims: []int64{2}, Status: benefits.DeterminationOpen}) {
			must(t, err)
			if made.Version != 2 || made.Months != 273 || made.Monthly.Basic != want.basic || made.Monthly.AccountPension != want.account {
				t.Errorf("%+v, by hand %+v", made.Monthly, want)
			}
		}
	})
}

// owed is what is overdue on a day, principal and surcharge.
func (r *region) owed(day calendar.Date) (sum money.Amount) {
	r.t.Helper()
	for a, err := range r.Arrears(r.t.Context(), day) {
		must(r.t, err)
		sum += a.Principal + a.Surcharge
	}
	return sum
}

// must2 fails on the error of a command.
func must2(t *testing.T) func(benefits.Done, error) {
	return func(_ benefits.Done, err error) {
		t.Helper()
		must(t, err)
	}
}
