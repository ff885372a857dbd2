package insurance_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/audit/rules/insurance"
	"github.com/fundledger/fundledger/benefits/pension"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/identity"
	"github.com/fundledger/fundledger/registration/registrationtest"
	"github.com/fundledger/fundledger/registration/scheme"
	"github.com/shopspring/decimal"
)

var (
	fundBook = ledger.BookID{Realm: 590000, Number: 1}
	register = ledger.BookID{Realm: 590000}
	cny      = money.MustCurrency("CNY")
	fen      = money.Rounding{Scale: 2, Mode: money.HalfUp}
)

const asOf = calendar.Date(20260310)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func at(id string) audit.Origin {
	return audit.Origin{Book: fundBook, ID: id, Currency: cny, Hash: []byte{0xab}}
}

func registered(id string) audit.Origin { return audit.Origin{Book: register, ID: id, Seq: 7} }

func allocated(person string, month calendar.Month, part audit.Part, amount money.Amount, day calendar.Date, demand string) audit.Allocation {
	return audit.Allocation{Person: person, Scheme: "enterprise_pension", Month: month, Part: part, Amount: amount, Day: day, Demand: demand}
}

func moved(account string, day calendar.Date, month calendar.Month, tag string, amount money.Amount) audit.RightsMovement {
	return audit.RightsMovement{Origin: at(fmt.Sprint("move ", account, day, tag)), Account: account, Person: strings.TrimPrefix(account, "9002/"), Day: day, Month: month, Tag: tag, Amount: amount}
}

// kept are records as they should be: two persons of one employer, assessed, demanded, paid, allocated, credited, with a year's interest, and one pensioner.
func kept() *audit.Records {
	r := &audit.Records{
		People: []audit.Person{
			{Origin: registered("m1"), No: "1", Identity: "p1", Number: identity.MustNumber(registrationtest.WithCheck("59000119800101001")), Birth: 19800101, Sex: identity.Male},
			{Origin: registered("m2"), No: "2", Identity: "p2", Number: identity.MustNumber(registrationtest.WithCheck("59000119650101002")), Birth: 19650101, Sex: identity.Female},
		},
		Spells: []audit.Spell{
			{Origin: registered("s1"), Person: "1", Identity: "p1", Insurance: "pension", Scheme: "enterprise_pension", Area: "A", Employer: "9", From: 202501},
			{Origin: registered("s2"), Person: "2", Identity: "p2", Insurance: "pension", Scheme: "enterprise_pension", Area: "A", Employer: "9", From: 202501, To: 202506},
			{Origin: registered("s3"), Person: "2", Identity: "p2", Insurance: "pension", Scheme: "resident_pension", Area: "A", From: 202507},
		},
		Terms: []audit.DatedTerms{{Origin: at("law"), Scheme: "enterprise_pension", From: 202401, ContributionTerms: audit.ContributionTerms{
			Floor: 400_000, Cap: 2_000_000, EmployerRate: money.MustDecimal("0.16"), PersonRate: money.MustDecimal("0.08"), Rounding: fen, Source: "2024 年参数",
		}}},
		Interest: map[ledger.BookID]map[int]personal.InterestRule{fundBook: {2025: {
			Method: personal.MonthProduct, Rate: money.MustDecimal("0.0397"), RateSource: "2025", Months: 12, Rounding: fen,
		}}},
		Accounts: []audit.RightsAccount{{Origin: at("a1"), Account: "9002/1", Person: "1", Opened: 20250101}, {Origin: at("a2"), Account: "9002/2", Person: "2", Opened: 20250101}},
		Grounds:  []audit.StopGround{}, Recoveries: []audit.Recovery{},
		Payments: []audit.BenefitPayment{
			{Origin: at("pay 1"), Person: "2", Award: "aw", Benefit: "pension", Month: 202512, Day: 20251215, Amount: 300_000, FromAccount: 50_000},
			{Origin: at("pay 2"), Person: "2", Award: "aw", Benefit: "pension", Month: 202601, Day: 20260115, Amount: 300_000, FromAccount: 50_000},
		},
	}
	for month := calendar.Month(202501); month <= 202512; month = month.Add(1) {
		id, day := month.String(), month.Last()
		r.Assessed = append(r.Assessed,
			audit.AssessedContribution{Origin: at("as1 " + id), Person: "1", Employer: "9", Scheme: "enterprise_pension", Month: month, Base: 700_000, EmployerDue: 112_000, PersonDue: 56_000, Demand: "d " + id},
			audit.AssessedContribution{Origin: at("as2 " + id), Person: "2", Employer: "9", Scheme: "enterprise_pension", Month: month, Base: 700_001, EmployerDue: 112_000, PersonDue: 56_000, Demand: "d " + id})
		r.Demands = append(r.Demands, audit.Demand{Origin: at("d " + id), Employer: "9", Scheme: "enterprise_pension", Month: month, Issued: day, Due: day.AddDays(15), Amount: 336_000})
		r.Receipts = append(r.Receipts, audit.ContributionReceipt{Origin: at("r " + id), Employer: "9", Day: day, Amount: 336_000, Allocations: []audit.Allocation{
			allocated("1", month, audit.PersonPart, 56_000, day, "d "+id), allocated("1", month, audit.EmployerPart, 112_000, day, "d "+id),
			allocated("2", month, audit.PersonPart, 56_000, day, "d "+id), allocated("2", month, audit.EmployerPart, 112_000, day, "d "+id),
		}})
		r.BankCredits = append(r.BankCredits, audit.BankCredit{Origin: at("b " + id), BankAccount: "B1", Day: day, Amount: 336_000})
		r.Movements = append(r.Movements, moved("9002/1", day, month, personal.TagContribution, 56_000), moved("9002/2", day, month, personal.TagContribution, 56_000))
	}
	r.Movements = append(r.Movements,
		moved("9002/2", 20251215, 202512, personal.TagPension, -50_000),
		moved("9002/1", 20251231, 202512, personal.InterestTag(2025), 14_451), // CN-I01: 144.51
		moved("9002/2", 20251231, 202512, personal.InterestTag(2025), 14_285), // 144.508 − 500.00 × 3.97 % ÷ 12 = 142.853…
		moved("9002/2", 20260115, 202601, personal.TagPension, -50_000),
	)
	r.Awards = []audit.Award{award()}
	return r
}

// award is a pension as a determination gives it: a sheet of Hunan of 2026-03, github:liubigfatty/pension-calculator@dba9b78b:cases/hunan/1.json.
func award() audit.Award {
	given := func(text string) decimal.NullDecimal { return decimal.NewNullDecimal(money.MustDecimal(text)) }
	months, before := 376, 98
	policy := scheme.PensionPolicy{BasicForm: scheme.Same, Years: scheme.YearsRule{Mode: "half_up", Scale: 2}, TransitionalForm: scheme.Indexed, Component: fen, Total: &fen}
	d, err := pension.Determine(policy, pension.Inputs{
		BaseProvince: given("7694"), AverageIndex: given("1.0324"), Months: &months, AccountBalance: given("85298.25"), DivisorMonths: given("139"),
		Transitional: []pension.Stretch{{CoefficientPct: given("1.3"), Months: &before}},
	})
	if err != nil {
		panic(err)
	}
	stored, err := d.MarshalJSON()
	if err != nil {
		panic(err)
	}
	return audit.Award{Origin: at("aw"), Person: "2", Benefit: "pension", Start: 202512, Amount: 390_690, Determination: stored}
}

// books are the fund's books in which the receipts of kept were entered, as another system's, with the roles of their accounts.
func books(t *testing.T, change func(*audit.ForeignBook)) []audit.Source {
	t.Helper()
	b := audit.ForeignBook{
		Book: ledger.Book{ID: fundBook, Code: "EP", Name: "养老", Currency: cny, First: 202501},
		Accounts: []ledger.Account{
			{Code: "1002", Name: "收入户存款", Type: ledger.Asset}, {Code: "2001", Name: "暂收款", Type: ledger.Liability}, {Code: "4001", Name: "社会保险费收入", Type: ledger.Income},
			{Code: "4201", Name: "利息收入", Type: ledger.Income},
		},
	}
	for month := calendar.Month(202501); month <= 202512; month = month.Add(1) {
		b.Entries = append(b.Entries,
			voucher(month.Last(), ledger.DebitLine("1002", 336_000), ledger.CreditLine("4001", 336_000)),
			voucher(month.Last(), ledger.DebitLine("1002", 1_234), ledger.CreditLine("4201", 1_234)))
	}
	// A receipt booked by mistake and reversed on the same day, and a refund of what stood in temporary receipts, are no receipts.
	wrong := voucher(20250630, ledger.DebitLine("1002", 999), ledger.CreditLine("4001", 999))
	right := voucher(20250630, ledger.DebitLine("1002", -999), ledger.CreditLine("4001", -999))
	right.Reverses = ledger.Seq(len(b.Entries) + 1)
	b.Entries = append(b.Entries, wrong, right, voucher(20250701, ledger.DebitLine("2001", 50), ledger.CreditLine("1002", 50)))
	if change != nil {
		change(&b)
	}
	foreign, err := audit.NewForeign(b)
	must(t, err)
	roles := audit.RoleTable{fundBook: {Codes: map[audit.Role][]string{
		audit.RoleIncomeAccount: {"1002"}, audit.RoleContributionIncome: {"4001"}, audit.RoleTemporaryReceipts: {"2001"},
	}}}
	return append(foreign.Sources(), audit.RolesSource.Given(roles))
}

func voucher(day calendar.Date, lines ...ledger.Line) audit.ForeignEntry {
	return audit.ForeignEntry{Entry: ledger.Entry{Effective: day, Period: day.Month().Period(), Lines: lines}}
}

func engagement() audit.Engagement {
	return audit.Engagement{By: "auditor", Clock: func() time.Time { return time.Date(2026, 3, 10, 8, 0, 0, 0, time.UTC) }, Scope: audit.Scope{AsOf: asOf}}
}

func allOf(ids ...string) []audit.Rule {
	return slices.DeleteFunc(insurance.Rules(), func(r audit.Rule) bool { return !slices.Contains(ids, r.ID) })
}

// runRule runs one rule, with settings where one is given, and wants it to have run to its end.
func runRule(t *testing.T, id string, sources []audit.Source, settings ...map[string]int64) *audit.Run {
	t.Helper()
	a, err := audit.New(sources, allOf(id)...)
	must(t, err)
	e := engagement()
	for _, s := range settings {
		e.Settings = map[string]map[string]int64{id: s}
	}
	run, err := a.Run(t.Context(), e)
	must(t, err)
	if o := run.Outcomes[0]; o.Status != audit.Ran {
		t.Fatalf("%s: %s %s %v", id, o.Status, o.Failure, o.Missing)
	}
	return run
}

// wantHit wants exactly one finding with an amount at risk whose English text holds all of the parts, and which has evidence and a Chinese text.
func wantHit(t *testing.T, run *audit.Run, risk money.Amount, parts ...string) *audit.Finding {
	t.Helper()
	if len(run.Findings) != 1 {
		for _, f := range run.Findings {
			t.Logf("%s %s", f.AtRisk, f.Text.EN)
		}
		t.Fatalf("%d findings, want 1", len(run.Findings))
	}
	f := &run.Findings[0]
	if f.AtRisk.Amount != risk {
		t.Errorf("at risk %d, want %d: %s", f.AtRisk.Amount, risk, f.Text.EN)
	}
	for _, part := range parts {
		if !strings.Contains(f.Text.EN, part) {
			t.Errorf("%q does not say %q", f.Text.EN, part)
		}
	}
	if len(f.Evidence) == 0 || f.Text.ZH == "" || len(f.Subjects) == 0 || strings.Contains(f.Text.EN+f.Text.ZH, "%!") {
		t.Errorf("%+v", f)
	}
	return f
}

func wantClean(t *testing.T, run *audit.Run) {
	t.Helper()
	o := run.Outcomes[0]
	for _, f := range run.Findings {
		t.Errorf("%s: %s", f.Rule, f.Text.EN)
	}
	if !o.Clean() || len(o.Examined) == 0 || o.Examined[0].N == 0 {
		t.Errorf("%s: %s, examined %v", o.Rule, o.Status, o.Examined)
	}
}
