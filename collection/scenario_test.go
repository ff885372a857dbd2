package collection_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/collection"
	"github.com/fundledger/fundledger/collection/allocation"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/scheme"
)

// members sums what demand 1's allocations gave: how many members have all, and the sums.
func (d *desk) rightsOf(members ...string) (out []money.Amount) {
	d.t.Helper()
	for _, member := range members {
		statement, err := d.rights.Statement(d.t.Context(), member, 2026)
		if errors.Is(err, ledger.ErrAccountUnknown) {
			out = append(out, -1)
			continue
		}
		must(d.t, err)
		out = append(out, statement.Closing)
	}
	return out
}

func equal(t *testing.T, what string, got, want []money.Amount) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("%s: %v, want %v", what, got, want)
		}
	}
}

func TestAPartialPaymentCreditsMembersAsThePolicySays(t *testing.T) {
	// three members of base 5,000.00: employer 800.00 and person 400.00 each; 3,600.00 in all
	for _, test := range []struct {
		credit      allocation.Credit
		half, whole []money.Amount // rights after 1,000.00 and after the rest; -1: no account yet
	}{
		{allocation.CreditNone, []money.Amount{-1, -1, -1}, []money.Amount{400_00, 400_00, 400_00}},
		{allocation.CreditPersonShare, []money.Amount{400_00, 400_00, -1}, []money.Amount{400_00, 400_00, 400_00}},
		{allocation.CreditProportional, []money.Amount{111_11, 111_11, 111_11}, []money.Amount{400_00, 400_00, 400_00}},
	} {
		t.Run(string(test.credit), func(t *testing.T) {
			storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
				d := open(t, db, allocation.Policy{CreditOnPartial: test.credit})
				d.enrol(3)
				d.declare(202601, 1, 1, 5_000_00, 5_000_00, 5_000_00)
				d.assess(202601)
				d.receive(arrival(20260120, 1_000_00, 1, "b1"))
				equal(t, "after a part", d.rightsOf("1", "2", "3"), test.half)
				demand := value(d.Demand(t.Context(), 1))(t)
				if demand.Status() != collection.Partial || demand.Outstanding() != 2_600_00 {
					t.Errorf("%+v", demand)
				}
				d.sound(0, 0)
				d.receive(arrival(20260122, 1_300_00, 1, "b2"))
				d.sound(0, 0)
				d.receive(arrival(20260125, 1_300_00, 1, "b3"))
				equal(t, "after the rest", d.rightsOf("1", "2", "3"), test.whole)
				demand = value(d.Demand(t.Context(), 1))(t)
				if demand.Status() != collection.Settled || demand.PersonAllocated != 1_200_00 || demand.EmployerAllocated != 2_400_00 || demand.SettledOn != 20260125 {
					t.Errorf("%+v", demand)
				}
				d.sound(0, 0)
			})
		})
	}
}

func TestALatePaymentBearsASurchargeAcrossAChangeOfTheRate(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{})
		d.enrol(1)
		d.declare(202604, 1, 1, 10_000_00)
		d.assess(202604) // 2,400.00 due on 2026-04-25
		// paid on 2026-05-26: 30 days counted from 04-26 to 05-25, 20 at 0.0005 and 10 at 0.00025: 24.00 + 6.00
		r := d.receive(arrival(20260526, 2_430_00, 1, "late")).Receipt
		if r.Principal != 2_400_00 || r.Surcharge != 30_00 || r.Suspense != 0 || r.SurchargeSeq == 0 || r.Allocations[0].SurchargeDue != 30_00 {
			t.Fatalf("%+v", r)
		}
		if got := d.balance(accounts.RoleSurcharge); got != -30_00 {
			t.Errorf("surcharge income %d", got)
		}
		d.sound(0, 0)
	})
}

func TestTheSequenceDecidesWhatPartOfALatePaymentIsSurcharge(t *testing.T) {
	for _, test := range []struct {
		sequence             allocation.Sequence
		principal, surcharge money.Amount
		status               collection.DemandStatus
	}{
		{allocation.PrincipalThenSurcharge, 2_400_00, 10_00, collection.Partial},
		{allocation.SurchargeThenPrincipal, 2_380_25, 29_75, collection.Partial},
		{allocation.AllPrincipalFirst, 2_400_00, 10_00, collection.Partial},
	} {
		t.Run(string(test.sequence), func(t *testing.T) {
			storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
				d := open(t, db, allocation.Policy{Sequence: test.sequence})
				d.enrol(1)
				d.declare(202604, 1, 1, 10_000_00)
				d.assess(202604)
				r := d.receive(arrival(20260526, 2_410_00, 1, "late")).Receipt
				demand := value(d.Demand(t.Context(), 1))(t)
				if r.Principal != test.principal || r.Surcharge != test.surcharge || demand.Status() != test.status {
					t.Fatalf("principal %d, surcharge %d, %s", r.Principal, r.Surcharge, demand.Status())
				}
				for a, err := range d.Arrears(t.Context(), 20260526) {
					must(t, err)
					d.receive(arrival(20260526, a.Principal+a.Surcharge, 1, "rest"))
				}
				if demand = value(d.Demand(t.Context(), 1))(t); demand.Status() != collection.Settled {
					t.Errorf("%+v", demand)
				}
				d.sound(0, 0)
			})
		})
	}
}

func TestMoneyThatNobodyKnowsIsIdentifiedLater(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{})
		d.enrol(2)
		d.declare(202601, 1, 1, 5_000_00, 5_000_00)
		d.assess(202601) // 2,400.00
		unknown := arrival(20260124, 2_500_00, 0, "who")
		r := d.receive(unknown).Receipt
		if r.Employer != 0 || r.MatchedBy != collection.MatchedByNothing || r.Suspense != 2_500_00 || r.Item != 1 {
			t.Fatalf("%+v", r)
		}
		d.sound(0, 0)
		order := d.order(20260210)
		for i := range 2 {
			identified := value(d.Identify(t.Context(), order, collection.Identification{Item: 1, Employer: 1}))(t)
			if identified.Item.Remaining != 100_00 || identified.Item.Employer != 1 || identified.Replayed != (i == 1) {
				t.Fatalf("%+v", identified)
			}
		}
		demand := value(d.Demand(t.Context(), 1))(t)
		if demand.Status() != collection.Settled || demand.SurchargeDue != 0 || demand.SettledOn != 20260124 { // the money was there in time
			t.Fatalf("%+v", demand)
		}
		equal(t, "rights", d.rightsOf("1", "2"), []money.Amount{400_00, 400_00})
		d.sound(0, 0)
		if _, err := d.Identify(t.Context(), d.order(20260211), collection.Identification{Item: 1, Employer: 2}); err == nil {
			t.Error("another employer took it")
		}
		_, err := d.Identify(t.Context(), d.order(20260211), collection.Identification{Item: 1, Employer: 1})
		has(t, err, collection.ErrNothing)
		// next month he is short by exactly this
		d.declare(202602, 1, 1, 5_000_00, 5_000_00)
		d.assess(202602)
		d.receive(arrival(20260226, 2_300_00, 1, "b2"))
		identified := value(d.Identify(t.Context(), d.order(20260227), collection.Identification{Item: 1, Employer: 1}))(t)
		if identified.Item.Remaining != 0 || identified.Item.Settled != 20260227 {
			t.Fatalf("%+v", identified.Item)
		}
		d.sound(0, 0)
	})
}

func TestASurchargeIsTakenFromAnItemToo(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{})
		d.enrol(1)
		d.declare(202604, 1, 1, 10_000_00)
		d.assess(202604)
		d.receive(arrival(20260526, 2_430_00, 0, "who"))
		identified := value(d.Identify(t.Context(), d.order(20260601), collection.Identification{Item: 1, Employer: 1}))(t)
		if got := d.balance(accounts.RoleSurcharge); got != -30_00 {
			t.Errorf("surcharge income %d", got)
		}
		// both entries are made by templates of the chart, which the flow matrix is held against
		for i, event := range []string{"E4c", "E5c"} {
			entry := value(d.led.Entry(t.Context(), d.Fund().Book(), identified.Seq+ledger.Seq(i)))(t)
			template := value(d.Fund().Chart().Template(event))(t)
			if entry.Metadata["event"] != event || entry.Description != template.ZH || (template.Origin == accounts.OfStandard) != (event == "E4c") {
				t.Errorf("entry %d is %q by %v, want %s %q", entry.Seq, entry.Description, entry.Metadata, event, template.ZH)
			}
		}
		d.sound(0, 0)
	})
}

func TestAnOverpaymentIsKeptAsCreditAndRefunded(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{})
		d.enrol(1)
		d.declare(202601, 1, 1, 5_000_00)
		d.assess(202601)
		r := d.receive(arrival(20260120, 1_500_00, 1, "b1")).Receipt
		if r.Principal != 1_200_00 || r.Suspense != 300_00 {
			t.Fatalf("%+v", r)
		}
		d.provide(20260121, 1_000_00)
		order := d.order(20260128)
		_, err := d.Refund(t.Context(), order, collection.RefundOrder{Item: 1})
		has(t, err, collection.ErrMissing) // no papers
		order.Documents = []ledger.Attachment{{Name: "application", Hash: make([]byte, 32)}}
		_, err = d.Refund(t.Context(), order, collection.RefundOrder{Item: 1, Payee: "another"})
		has(t, err, collection.ErrMismatch)
		_, err = d.Refund(t.Context(), order, collection.RefundOrder{Item: 1, Amount: 300_01})
		has(t, err, collection.ErrTooMuch)
		refunded := value(d.Refund(t.Context(), order, collection.RefundOrder{Item: 1}))(t)
		if refunded.Refund.Event != "E4b" || refunded.Refund.Amount != 300_00 || refunded.Refund.Payee != "6222000001" {
			t.Fatalf("%+v", refunded)
		}
		d.sound(0, 0)
	})
}

// provide gives the expenditure account money to pay from: a sweep and a funding.
func (d *desk) provide(day calendar.Date, amount money.Amount) {
	d.t.Helper()
	for _, e := range []fund.Event{
		{Event: "E2", Parts: []accounts.Part{{Role: accounts.RoleFiscalAccount, Amount: amount}, {Role: accounts.RoleIncomeAccount, Amount: amount}}},
		{Event: "E9", Parts: []accounts.Part{{Role: accounts.RoleExpenditureAccount, Amount: amount}, {Role: accounts.RoleFiscalAccount, Amount: amount}}},
	} {
		e.Key, e.Effective, e.EnteredBy, e.ApprovedBy = e.Event+day.String(), day, "clerk", "chief"
		e.Source, e.Attachments = ledger.Source{Kind: "plan", ID: e.Key}, []ledger.Attachment{{Name: "plan", Hash: make([]byte, 32)}}
		value(d.Fund().Post(d.t.Context(), e))(d.t)
	}
}

func TestContributionsPaidByMistakeGoBackWithTheRights(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{})
		d.enrol(2)
		d.declare(202601, 1, 1, 5_000_00, 5_000_00)
		d.assess(202601)
		order := d.order(20260128)
		order.Documents = []ledger.Attachment{{Name: "application", Hash: make([]byte, 32)}}
		_, err := d.Refund(t.Context(), order, collection.RefundOrder{Demand: 1, Members: []registration.MemberNo{2}})
		has(t, err, collection.ErrNotSettled)
		d.receive(arrival(20260120, 2_400_00, 1, "b1"))
		d.provide(20260121, 2_400_00)
		refunded := value(d.Refund(t.Context(), order, collection.RefundOrder{Demand: 1, Members: []registration.MemberNo{2}}))(t)
		if refunded.Refund.Event != "E15a" || refunded.Refund.Amount != 1_200_00 || refunded.Refund.PersonPart != 400_00 {
			t.Fatalf("%+v", refunded.Refund)
		}
		equal(t, "rights", d.rightsOf("1", "2"), []money.Amount{400_00, 0})
		d.sound(1_200_00, 400_00)
		order.Key = "again"
		_, err = d.Refund(t.Context(), order, collection.RefundOrder{Demand: 1, Members: []registration.MemberNo{2, 9}})
		has(t, err, collection.ErrRefunded, collection.ErrUnknown)
		// next year the rest is an expenditure
		order.Key, order.Effective = "next year", 20270105
		refunded = value(d.Refund(t.Context(), order, collection.RefundOrder{Demand: 1}))(t)
		if refunded.Refund.Event != "E15b" || refunded.Refund.Amount != 1_200_00 {
			t.Fatalf("%+v", refunded.Refund)
		}
		d.sound(1_200_00, 800_00) // the second half lowers no income
	})
}

func TestAMonthWithoutADeclarationIsAssessedAtTheFactor(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{})
		d.enrol(2, 1)
		d.declare(202601, 1, 1, 5_000_00, 24_000_00)
		first := d.assess(202601)
		if len(first.Terms.Left) != 1 || first.Terms.Left[0].Employer != 2 || first.Terms.Left[0].Code != collection.ErrMissing {
			t.Fatalf("an employer without declaration and past: %+v", first.Terms.Left)
		}
		d.assess(202602)
		assessed := d.members(202602, 1)
		if assessed[0].Base != 5_500_00 || assessed[0].Basis != collection.BasisProvisional || assessed[0].Declared != -1 || assessed[1].Base != 24_000_00 {
			t.Fatalf("%+v", assessed)
		}
		if _, err := d.Assess(t.Context(), d.order(20260220), 202602, 2); !errors.Is(err, collection.ErrMissing) {
			t.Errorf("named: %v", err)
		}
		// the declaration comes after all: nothing is paid, so the demand is replaced
		d.declare(202602, 1, 1, 5_000_00, 24_000_00)
		again := d.assess(202602)
		replaced, now := value(d.Demand(t.Context(), 2))(t), value(d.Demand(t.Context(), int32(again.First)))(t)
		if replaced.Status() != collection.Replaced || now.EmployerDue != (5_000_00+24_000_00)*16/100 || now.Due != 20260225 {
			t.Errorf("%+v\n%+v", replaced, now)
		}
		d.sound(0, 0)
	})
}

func (d *desk) members(month calendar.Month, employer registration.EmployerNo) []collection.AssessedMember {
	d.t.Helper()
	for a, err := range d.Assessments(d.t.Context(), month, false) {
		must(d.t, err)
		if a.Employer == employer {
			return value(d.AssessedMembers(d.t.Context(), a))(d.t)
		}
	}
	d.t.Fatalf("employer %d has no assessment of %v", employer, month)
	return nil
}

func TestTheLimitsChangeInJuly(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{})
		d.enrol(2)
		for _, test := range []struct {
			month      calendar.Month
			floor, top money.Amount
		}{{202606, 4_800_00, 24_000_00}, {202607, 5_400_03, 27_000_15}} {
			d.declare(test.month, 1, 1, 1_00, 99_999_99)
			terms := d.assess(test.month).Terms
			members := d.members(test.month, 1)
			if members[0].Base != test.floor || members[1].Base != test.top || terms.Limits.Average.Source != "a synthetic notice" || terms.EmployerRate.Number != "0.16" {
				t.Errorf("%v: %+v", test.month, members)
			}
		}
		if july := d.members(202607, 1); july[0].Employer != 864_00 || july[0].Person != 432_00 { // 864.0048, 432.0024
			t.Errorf("%+v", july[0])
		}
	})
}

func TestAHigherAssessmentOfAPaidMonthDemandsTheDifference(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{})
		d.enrol(2)
		d.declare(202601, 1, 1, 5_000_00, 5_000_00)
		d.assess(202601)
		d.receive(arrival(20260120, 2_400_00, 1, "b1"))
		d.declare(202601, 1, 1, 5_000_00, 6_000_00)
		again := value(d.Assess(t.Context(), d.order(20260310), 202601, 1))(t)
		more := value(d.Demand(t.Context(), int32(again.First)))(t)
		if more.Kind != collection.Supplementary || more.EmployerDue != 160_00 || more.PersonDue != 80_00 || more.Due != 20260325 {
			t.Fatalf("%+v", more)
		}
		d.receive(arrival(20260320, 240_00, 1, "b2"))
		equal(t, "rights", d.rightsOf("1", "2"), []money.Amount{400_00, 480_00})
		d.sound(0, 0)
		d.declare(202601, 1, 1, 5_000_00, 5_500_00)
		_, err := d.Assess(t.Context(), d.order(20260401), 202601, 1)
		has(t, err, collection.ErrAssessed)
	})
}

func TestTheOldestMonthIsPaidFirstAndThePayerIsFound(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{})
		d.enrol(1)
		for _, month := range []calendar.Month{202601, 202602} {
			d.declare(month, 1, 1, 5_000_00)
			d.assess(month)
		}
		february := value(d.Demand(t.Context(), 2))(t)
		a := arrival(20260125, 1_300_00, 0, "b1")
		a.Line.Remittance = "缴费 " + february.Reference() + "."
		r := d.receive(a).Receipt
		if r.MatchedBy != collection.MatchedByReference || len(r.Allocations) != 2 || r.Allocations[0].Demand != 1 || r.Allocations[1].Principal != 100_00 {
			t.Fatalf("%+v", r)
		}
		wrong := arrival(20260126, 50_00, 0, "b2")
		wrong.Line.Remittance = february.Reference()[:11] + "9"
		if r := d.receive(wrong).Receipt; r.MatchedBy != collection.MatchedByNothing {
			t.Errorf("a reference with a wrong check digit: %+v", r)
		}
		value(d.SetPayers(t.Context(), d.order(20260126), collection.Payer{Account: "acct-1", Employer: 1}))(t)
		known := arrival(20260127, 50_00, 0, "b3")
		known.Line.Counterparty.AccountNumber = "acct-1"
		if r := d.receive(known).Receipt; r.MatchedBy != collection.MatchedByPayer || r.Employer != 1 {
			t.Errorf("%+v", r)
		}
		d.sound(0, 0)
	})
}

func TestArrearsAreNoticedStepByStep(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{Tolerance: 1_00})
		d.enrol(1, 1)
		d.declare(202601, 1, 1, 5_000_00)
		d.declare(202601, 2, 2, 5_000_00)
		d.assess(202601)
		d.receive(arrival(20260120, 1_199_50, 2, "b1")) // short by less than the tolerance
		_, err := d.NoticeArrears(t.Context(), d.order(20260129))
		has(t, err, collection.ErrNothing)
		for _, day := range []calendar.Date{20260130, 20260224} {
			if done := value(d.NoticeArrears(t.Context(), d.order(day)))(t); done.Count != 1 {
				t.Fatalf("%+v", done)
			}
			_, err = d.NoticeArrears(t.Context(), d.order(day))
			has(t, err, collection.ErrNothing)
		}
		var steps []string
		for n, err := range d.Notices(t.Context()) {
			must(t, err)
			steps = append(steps, n.Name)
		}
		if strings.Join(steps, ",") != "reminder,order to pay" {
			t.Errorf("%v", steps)
		}
		var arrears []collection.Arrear
		for a, err := range d.Arrears(t.Context(), 20260224) {
			must(t, err)
			arrears = append(arrears, a)
		}
		if len(arrears) != 2 || arrears[0].Days != 30 || arrears[0].Principal != 1_200_00 || arrears[0].Surcharge != 17_40 { // 29 days
			t.Errorf("%+v", arrears)
		}
		owing := map[registration.EmployerNo]string{}
		must(t, db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
			owing, err = d.Obligations(ctx, tx.Handle(), []registration.EmployerNo{1, 2})
			return err
		}))
		if len(owing) != 2 {
			t.Errorf("%v", owing)
		}
	})
}

const header = "employer,month,member,base\n"

func TestAllFaultsOfADeclarationAreReportedTogetherAndNothingIsWritten(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{})
		d.enrol(2)
		text := header + "1,202601,1,5000.00\n1,202601,1,5000.00\n1,202601,2,五千元\n1,202601,2,5000.005\n7,202601,1,5000\n1,202601,99,5000\n1,202513,1,1\n1,2026-01,2,-5\n\"1,202601\n"
		filing := value(collection.ReadDeclaration(strings.NewReader(text), "file.csv", collection.UTF8, yuan))(t)
		_, err := d.Declare(t.Context(), d.order(20260105), filing)
		has(t, err, collection.ErrRepeated, collection.ErrNotDigits, collection.ErrPrecision, collection.ErrEmployerUnknown, collection.ErrNotEnrolled, collection.ErrInvalid, collection.ErrSyntax)
		for _, place := range []string{"file.csv:3:10, member: member 1 stands in line 2 already", "file.csv:4:12, base: \"五千元\"", "file.csv:5:12, base: ", "file.csv:6:1, employer: employer 7",
			"file.csv:7:10, member: member 99", "file.csv:8:3, month: ", "file.csv:9:13, base: -5 is negative"} {
			if !strings.Contains(err.Error(), place) {
				t.Errorf("%q is not in:\n%v", place, err)
			}
		}
		if book := value(d.led.Book(t.Context(), d.Fund().Book()))(t); book.Lines != 0 {
			t.Errorf("%d lines", book.Lines)
		}
		good := value(collection.ReadDeclaration(strings.NewReader("\ufeff单位编号,费款所属期,个人编号,缴费基数\r\n1,2026-01,1,5000.5\r\n"), "good.csv", collection.UTF8, yuan))(t)
		order := d.order(20260105)
		for i := range 2 {
			if done := value(d.Declare(t.Context(), order, good))(t); done.Count != 1 || done.Replayed != (i == 1) {
				t.Errorf("%+v", done)
			}
		}
		good.Rows[0].Base++
		_, err = d.Declare(t.Context(), order, good)
		has(t, err, collection.ErrKeyReused)
	})
}

func TestDeclarationsAreReadInTheEncodingThatIsNamed(t *testing.T) {
	gb := "\xb5\xa5\xce\xbb\xb1\xe0\xba\xc5,month,member,base\n1,202601,1,1\n" // 单位编号
	for name, test := range map[string]struct {
		text     string
		encoding collection.Encoding
		want     error
	}{
		"gb18030":                  {gb, collection.GB18030, nil},
		"gb18030 said to be utf-8": {gb, collection.UTF8, collection.ErrEncoding},
		"a mark in gb18030":        {"\ufeff" + header, collection.GB18030, collection.ErrEncoding},
		"utf-16":                   {"\xff\xfee\x00", collection.UTF8, collection.ErrEncoding},
		"no encoding":              {header, "", collection.ErrEncoding},
		"an unknown column":        {"employer,month,member,base,name\n", collection.UTF8, collection.ErrHeader},
		"a missing column":         {"employer,month,base\n", collection.UTF8, collection.ErrHeader},
		"two names of one thing":   {"employer,credit_code,month,member,base\n", collection.UTF8, collection.ErrHeader},
		"an empty file":            {"", collection.UTF8, collection.ErrHeader},
		"no rows":                  {header, collection.UTF8, collection.ErrMissing},
		"commas in an amount":      {header + "1,202601,1,\"5,000\"\n", collection.UTF8, collection.ErrNotDigits},
		"full-width digits":        {header + "1,202601,1,５０００\n", collection.UTF8, collection.ErrNotDigits},
		"a wrong credit code":      {"credit_code,month,member,base\n91110000000000001A,202601,1,1\n", collection.UTF8, collection.ErrIdentity},
		"a wrong identity number":  {"employer,month,identity_number,base\n1,202601,110101199001011230,1\n", collection.UTF8, collection.ErrIdentity},
		"too many fields":          {header + "1,202601,1,1,1\n", collection.UTF8, collection.ErrSyntax},
	} {
		t.Run(name, func(t *testing.T) {
			filing := value(collection.ReadDeclaration(strings.NewReader(test.text), "f.csv", test.encoding, yuan))(t)
			if err := filing.Err(); !errors.Is(err, test.want) {
				t.Errorf("%v, want %v", err, test.want)
			}
		})
	}
}

func TestARetryAfterAnUnknownCommitFindsWhatWasWritten(t *testing.T) {
	for _, kind := range storetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			lose := 0
			db := storetest.Open(t, schemas, kind, storetest.WithFault(func(at storetest.Point) error {
				if at.Op == "commit" && at.After && lose > 0 {
					lose--
					return errors.New("the answer is lost")
				}
				return nil
			}))
			d := open(t, db, allocation.Policy{})
			d.enrol(2)
			d.declare(202601, 1, 1, 5_000_00, 5_000_00)
			lose = 1
			if assessed := d.assess(202601); !assessed.Replayed {
				t.Error("the assessment was not found again")
			}
			lose = 1
			if received := d.receive(arrival(20260120, 2_400_00, 1, "b1")); !received.Replayed || received.Receipt.Principal != 2_400_00 {
				t.Errorf("%+v", received)
			}
			d.sound(0, 0)
		})
	}
}

func TestARefusedCommandLeavesTheHostsTransactionAsItWas(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{})
		d.enrol(1)
		d.declare(202601, 1, 1, 5_000_00)
		d.assess(202601)
		order := collection.Order{EnteredBy: "clerk", ApprovedBy: "chief"}
		gone := errors.New("the host changed its mind")
		err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			value(d.ReceiveTx(ctx, tx.Handle(), order, arrival(20260120, 1_200_00, 1, "b1")))(t)
			return gone
		})
		has(t, err, gone)
		must(t, db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			early := order
			early.Effective = 20251231 // before the book's first month
			if _, err := d.ReceiveTx(ctx, tx.Handle(), early, arrival(20260120, 1_200_00, 1, "b0")); err == nil {
				t.Error("posted before the first month")
			}
			_, err := d.ReceiveTx(ctx, tx.Handle(), order, arrival(20260120, 1_200_00, 1, "b1"))
			return err
		}))
		if sum, _ := d.totals(); sum.Amount != 1_200_00 {
			t.Errorf("%+v", sum)
		}
		d.sound(0, 0)
	})
}

func TestBothEnginesComeToTheSameRoot(t *testing.T) {
	var roots []seal.Hash
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{CreditOnPartial: allocation.CreditProportional})
		d.enrol(7, 5, 3)
		for month := calendar.Month(202601); month <= 202603; month++ {
			first := registration.MemberNo(1)
			for employer, heads := range []int{7, 5, 3} {
				if month == 202602 && employer == 1 {
					first += registration.MemberNo(heads)
					continue // declares nothing
				}
				bases := make([]money.Amount, heads)
				for i := range bases {
					bases[i] = money.Amount(500_000 + 12_345*int(first) + 7_777*i)
				}
				d.declare(month, registration.EmployerNo(employer+1), first, bases...)
				first += registration.MemberNo(heads)
			}
			d.assess(month)
			d.receive(arrival(month.First().AddDays(20), 5_000_00, 1, "1"+month.String()))
			d.receive(arrival(month.First().AddDays(27), 9_000_00, 2, "2"+month.String()))
			d.receive(arrival(month.First().AddDays(27), 777_77, 0, "3"+month.String()))
			roots = append(roots, d.sound(0, 0))
		}
	})
	for i := 3; i < len(roots); i++ {
		if roots[i] != roots[i-3] {
			t.Errorf("month %d: %x and %x", i-2, roots[i-3], roots[i])
		}
	}
}

func TestRowsAreNeverChangedOrRemoved(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{})
		d.enrol(1)
		d.declare(202601, 1, 1, 5_000_00)
		d.assess(202601)
		d.receive(arrival(20260120, 1_300_00, 1, "b1"))
		for _, statement := range []string{`UPDATE collection_receipt SET amount = 1`, `DELETE FROM collection_allocation`, `UPDATE collection_demand SET person_due = 1`,
			`DELETE FROM collection_demand`, `UPDATE collection_item SET amount = 1`, `UPDATE collection_sheet SET part = 9`, `UPDATE collection_assessment SET superseded_seq = 0`} {
			err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.Exec(ctx, statement)
				return err
			})
			if err == nil || !strings.Contains(err.Error(), store.AppendOnlyMark) {
				t.Errorf("%s: %v", statement, err)
			}
		}
	})
}

func TestWhereTaxCollectsMoneyArrivesInTheTreasury(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := openWith(t, db, accounts.CollectedByTax, allocation.Policy{})
		d.enrol(1)
		d.declare(202601, 1, 1, 5_000_00)
		d.assess(202601)
		d.receive(arrival(20260120, 1_200_00, 1, "b1"))
		if got := d.balance(accounts.RoleTreasury); got != 1_200_00 || d.Config().PremiumEvent != "E3a" {
			t.Errorf("treasury %d, event %s", got, d.Config().PremiumEvent)
		}
	})
}

func TestOneLineOfTheBankReceivedByManyAtOnceIsOneReceipt(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{})
		d.enrol(1)
		d.declare(202601, 1, 1, 5_000_00)
		d.assess(202601)
		const callers = 6
		type answer struct {
			received collection.Received
			err      error
		}
		answers := make(chan answer, callers)
		for range callers {
			go func() {
				received, err := d.Receive(t.Context(), collection.Order{EnteredBy: "clerk", ApprovedBy: "chief"}, arrival(20260120, 1_200_00, 1, "b1"))
				answers <- answer{received, err}
			}()
		}
		fresh := 0
		for range callers {
			a := <-answers
			must(t, a.err)
			if !a.received.Replayed {
				fresh++
			}
			if a.received.Receipt.No != 1 {
				t.Errorf("receipt %d", a.received.Receipt.No)
			}
		}
		if fresh != 1 {
			t.Errorf("%d receipts", fresh)
		}
		d.sound(0, 0)
	})
}

func TestMoneyNeedsTwoPersonsAndComesIn(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{})
		d.enrol(1)
		out := arrival(20260120, -5, 0, "b1")
		out.Line.Reversal, out.AccountID = true, ""
		_, err := d.Receive(t.Context(), collection.Order{EnteredBy: "clerk", ApprovedBy: "clerk"}, out)
		has(t, err, collection.ErrApproval, collection.ErrInvalid, collection.ErrMissing)
		_, err = d.Assess(t.Context(), collection.Order{Key: "k", Effective: 20260110, EnteredBy: "clerk"}, 202601)
		has(t, err, collection.ErrApproval)
		_, err = d.Identify(t.Context(), d.order(20260110), collection.Identification{Item: 5, Employer: 1})
		has(t, err, collection.ErrUnknown)
	})
}

func TestAnOfficeIsRefusedWithAllThatIsWrongWithIt(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{})
		catalogue := value(scheme.China())(t)
		_, err := collection.New(db, d.Fund(), d.rights, d.registry, catalogue, collection.Config{Scheme: "none", Parameters: collection.ChinaPension("cn.surcharge.daily_rate"),
			Allocation: allocation.Policy{Order: "x"}, Notices: []collection.NoticeStep{{Name: "a", AfterDays: 5}, {Name: "b", AfterDays: 5}}})
		for _, part := range []string{"scheme", "average wage", "limit rounding", "surcharge rounding", "due", "allocation", "notices"} {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%s is not in: %v", part, err)
			}
		}
	})
}

func TestTheYearOfARefundIsThatOfTheIncomeNotOfTheBank(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{})
		d.enrol(1)
		d.declare(202612, 1, 1, 10_000_00)
		d.assess(202612)
		d.receive(arrival(20261224, 2_400_00, 0, "who"))
		value(d.Identify(t.Context(), d.order(20270105), collection.Identification{Item: 1, Employer: 1}))(t)
		d.provide(20270106, 2_400_00)
		order := d.order(20270110)
		order.Documents = []ledger.Attachment{{Name: "application", Hash: make([]byte, 32)}}
		if refunded := value(d.Refund(t.Context(), order, collection.RefundOrder{Demand: 1}))(t); refunded.Refund.Event != "E15a" {
			t.Errorf("%+v", refunded.Refund)
		}
		d.sound(2_400_00, 800_00)
	})
}

func TestANamedEmployerWithoutMembersIsAFault(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{})
		d.enrol(1)
		d.declare(202601, 1, 1, 5_000_00)
		_, err := d.Assess(t.Context(), d.order(20260110), 202601, 1, 9)
		has(t, err, collection.ErrNotEnrolled)
		for demand := range d.Demands(t.Context(), 0) {
			t.Errorf("half done: %+v", demand)
		}
	})
}

// A death ends the enrolment after its month: what was declared for later months is not assessed, and nothing more can be declared.
func TestNothingIsDeclaredOrAssessedForMonthsAfterADeath(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{})
		d.enrol(2)
		for _, month := range []calendar.Month{202601, 202602, 202603} {
			d.declare(month, 1, 1, 5_000_00, 6_000_00)
		}
		d.assess(202601)
		d.assess(202602) // the death is reported late
		d.receive(arrival(20260125, 2_640_00*2, 1, "b1"))
		value(d.registry.RecordDeaths(t.Context(), registration.Order{Realm: 1, Key: "death", Effective: 20260305, EnteredBy: "clerk", ApprovedBy: "chief"},
			registration.DeathSpec{Member: 2, Day: 20260115, Reference: "certificate"}))(t)
		if march := d.assess(202603); march.Terms.Sums["members"] != 1 || march.Terms.Sums["person"] != 400_00 {
			t.Errorf("%v", march.Terms.Sums)
		}
		_, err := d.Declare(t.Context(), d.order(20260310), &collection.Filing{Rows: []collection.DeclaredRow{{Employer: 1, Month: 202603, Member: 1, Base: 5_000_00},
			{Employer: 1, Month: 202603, Member: 2, Base: 6_000_00}, {Employer: 1, Month: 202601, Member: 2, Base: 6_000_00}}})
		var faults *collection.Faults
		if !errors.As(err, &faults) || len(faults.List) != 1 || faults.List[0].Row != 2 || faults.List[0].Code != collection.ErrNotEnrolled {
			t.Errorf("%v", err)
		}
		// what was paid for the month after the death goes back
		d.provide(20260306, 2_640_00)
		order := d.order(20260308)
		order.Documents = []ledger.Attachment{{Name: "application", Hash: make([]byte, 32)}}
		refunded := value(d.Refund(t.Context(), order, collection.RefundOrder{Demand: 2, Members: []registration.MemberNo{2}}))(t)
		if refunded.Refund.Amount != 1_440_00 {
			t.Errorf("%+v", refunded.Refund)
		}
		d.sound(1_440_00, 480_00)
	})
}
