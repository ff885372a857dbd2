package sources_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/audit/sources"
	"github.com/fundledger/fundledger/collection"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/registrationtest"
	"github.com/fundledger/fundledger/registration/scheme"
)

// place is the synthetic law of a synthetic place.
const place = `jurisdiction: cn.place
version: '1'
parameters:
  - id: cn.place.contribution.average_wage
    title: {zh: 缴费工资基准, en: average wage of contributions}
    unit: CNY/month
    values:
      - {from: 2024-01-01, value: '8000', status: confirmed, confidence: seen, source: a synthetic notice}
`

var half = money.Rounding{Scale: 2, Mode: money.HalfUp}

// desk collects for two employers: the first has members 1 and 2, the second member 3.
type desk struct {
	*collection.Office
	t         *testing.T
	led       *ledger.Ledger
	catalogue *scheme.Catalogue
	credits   []audit.BankCredit
	keys      int
}

func openDesk(t *testing.T, db *store.DB) *desk {
	t.Helper()
	ctx := t.Context()
	registry, led := registrationtest.Open(t, db, nil)
	source := registrationtest.New(2)
	_, err := registry.RegisterEmployers(ctx, registrationtest.Order("e", 20260105), source.Employers(2)...)
	must(t, err)
	_, err = registry.RegisterMembers(ctx, registrationtest.Order("m", 20260105), source.Members(3)...)
	must(t, err)
	changes := make([]registration.Change, 3)
	for i := range changes {
		changes[i] = registration.Change{Member: registration.MemberNo(i + 1), Scheme: registration.EnterprisePension, Employer: registration.EmployerNo(1 + i/2), From: 202601}
	}
	_, err = registry.Enrol(ctx, registrationtest.Order("en", 20260105), changes...)
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
	catalogue, err := scheme.China(scheme.File{Name: "place.yaml", Content: []byte(place)})
	must(t, err)
	office, err := collection.New(db, f, rights, registry, catalogue, collection.Config{
		Scheme: registration.EnterprisePension, Parameters: collection.ChinaPension("cn.place.contribution.average_wage"), LimitRounding: half, BaseRounding: half, Rounding: half,
		Due: collection.DuePolicy{Day: 25}, Surcharge: collection.SurchargePolicy{Rounding: half}, Notices: []collection.NoticeStep{{Name: "reminder", AfterDays: 5}},
	})
	must(t, err)
	return &desk{Office: office, t: t, led: led, catalogue: catalogue}
}

func (d *desk) order(day calendar.Date) collection.Order {
	d.keys++
	return collection.Order{Key: fmt.Sprintf("order %d", d.keys), Effective: day, EnteredBy: "clerk", ApprovedBy: "chief"}
}

// assess declares and assesses a month for all: 5,000.00 each, so 1,200.00 a member.
func (d *desk) assess(month calendar.Month) {
	d.t.Helper()
	filing := &collection.Filing{}
	for i := range 3 {
		filing.Rows = append(filing.Rows, collection.DeclaredRow{Employer: registration.EmployerNo(1 + i/2), Month: month, Member: registration.MemberNo(i + 1), Base: 500_000})
	}
	_, err := d.Declare(d.t.Context(), d.order(month.First().AddDays(4)), filing)
	must(d.t, err)
	_, err = d.Assess(d.t.Context(), d.order(month.First().AddDays(9)), month)
	must(d.t, err)
}

func (d *desk) receive(day calendar.Date, amount money.Amount, employer registration.EmployerNo) collection.Receipt {
	d.t.Helper()
	id := fmt.Sprint("line ", len(d.credits))
	line := bank.Line{BookingDate: day, Amount: amount, BankReference: id, Hash: sha256.Sum256([]byte(id))}
	line.Counterparty.AccountNumber = fmt.Sprint("6222", employer)
	got, err := d.Receive(d.t.Context(), collection.Order{EnteredBy: "clerk", ApprovedBy: "chief"}, collection.Arrival{AccountID: "income", Line: line, Employer: employer})
	must(d.t, err)
	d.credits = append(d.credits, audit.BankCredit{Origin: audit.Origin{Book: pensions, ID: id, Currency: fund.Currency()}, BankAccount: "income", Day: day, Amount: amount})
	return got.Receipt
}

// move moves money between the fund's own accounts.
func (d *desk) move(event string, to, from accounts.Role, amount money.Amount) {
	d.t.Helper()
	_, err := d.Fund().Post(d.t.Context(), fund.Event{Event: event, Key: event, Effective: 20260128, EnteredBy: "clerk", ApprovedBy: "chief",
		Source: ledger.Source{Kind: "bank", ID: event}, Attachments: []ledger.Attachment{{Name: "advice", Hash: make([]byte, 32)}},
		Parts: []accounts.Part{{Role: to, Amount: amount}, {Role: from, Amount: amount}}})
	must(d.t, err)
}

func (d *desk) sources() []audit.Source {
	d.t.Helper()
	codes := map[audit.Role][]string{}
	for role, names := range map[audit.Role][]accounts.Role{
		audit.RoleIncomeAccount: {accounts.RoleIncomeAccount}, audit.RoleContributionIncome: {accounts.RoleContributions}, audit.RoleSurchargeIncome: {accounts.RoleSurcharge},
		audit.RoleTemporaryReceipts: {accounts.RoleTemporaryReceipt, accounts.RoleUnidentifiedReceipt},
	} {
		for _, name := range names {
			code, err := d.Fund().RoleCode(name)
			must(d.t, err)
			codes[role] = append(codes[role], code)
		}
	}
	books := audit.ReadLedger(d.led, pensions)
	law := sources.Law{Catalogue: d.catalogue, Parameters: d.Config().Parameters, LimitRounding: half, Rounding: half, Currency: fund.Currency()}
	all := append(books.Sources(), sources.Rights{Books: books}.Sources()...)
	all = append(all, sources.Collection{Office: d.Office}.Sources()...)
	all = append(all, law.Sources()...)
	records := audit.Records{BankCredits: d.credits}
	return append(append(all, records.Sources()...), audit.RolesSource.Given(audit.RoleTable{pensions: {Codes: codes}}))
}

func TestCollectionIsAuditedFromAssessmentToPersonalAccount(t *testing.T) {
	storetest.Each(t, []store.Schema{ledger.Schema(), registration.Schema(), collection.Schema()}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		d := openDesk(t, db)
		d.assess(202601)
		d.receive(20260120, 100_000, 1)            // a part: nobody gets anything before the rest is there
		d.receive(20260122, 150_000, 1)            // the rest of 2,400.00, and 100.00 too much
		unknown := d.receive(20260123, 121_000, 0) // nobody knows whose
		_, err := d.Identify(ctx, d.order(20260128), collection.Identification{Item: unknown.Item, Employer: 2})
		must(t, err)
		d.move("E2", accounts.RoleFiscalAccount, accounts.RoleIncomeAccount, 1_000)
		d.move("E9", accounts.RoleExpenditureAccount, accounts.RoleFiscalAccount, 1_000)
		order := d.order(20260129)
		order.Documents = []ledger.Attachment{{Name: "application", Hash: make([]byte, 32)}, {Name: "advice", Hash: make([]byte, 32)}}
		_, err = d.Refund(ctx, order, collection.RefundOrder{Item: unknown.Item, Amount: 600})
		must(t, err)
		for r, err := range (sources.Collection{Office: d.Office}).Receipts(ctx) {
			must(t, err)
			if r.ID == "receipt 3" && (r.Refunded != 600 || r.Held != 400 || r.Employer != "2" || r.Day != 20260123) {
				t.Errorf("%+v", r)
			}
		}
		rules := []string{"C01", "C03", "C06", "C09", "C10", "P01", "P03", "P04", "P05", "P06"}
		findings(t, run(t, d.sources(), rules...))

		// A month later one employer has paid in part and nothing was done about it, and money came that nobody asked about.
		d.assess(202602)
		d.receive(20260202, 240_000, 1)
		d.receive(20260203, 50_000, 2)
		d.receive(20260204, 777, 0)
		r := runAsOf(t, d.sources(), 20260401, rules...)
		findings(t, r, "C06 employer 2, 2026-02, demand demand 4: 1,200.00 CNY − ", "C09 receipt receipt 5 of 2026-02-03", "C09 receipt receipt 6 of 2026-02-04")
		_, err = d.NoticeArrears(ctx, d.order(20260310))
		must(t, err)
		findings(t, runAsOf(t, d.sources(), 20260401, "C06"))

		// The books are told another story than the bank.
		d.credits[0].Amount += 5
		findings(t, run(t, d.sources(), "C10"), "C10 2026-01-20: receipts 1,000.00 CNY, bank 1,000.05 CNY, books 1,000.00 CNY")
	})
}
