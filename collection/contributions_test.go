package collection_test

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/collection"
	"github.com/fundledger/fundledger/collection/allocation"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/fundledger/fundledger/registration"
)

// history is what benefits asks of collection. The packages are siblings and do not import each other.
type history interface {
	Contributions(ctx context.Context, h store.Handle, scheme registration.Scheme, members []registration.MemberNo) iter.Seq2[registration.ContributionMonth, error]
}

var _ history = (*collection.Office)(nil)

// contributions reads the months of members in a transaction.
func (d *desk) contributions(members ...registration.MemberNo) (list []registration.ContributionMonth) {
	d.t.Helper()
	must(d.t, d.db.View(d.t.Context(), func(ctx context.Context, tx *store.Tx) error {
		list = nil
		for m, err := range d.Contributions(ctx, tx.Handle(), registration.EnterprisePension, members) {
			if err != nil {
				return err
			}
			list = append(list, m)
		}
		return nil
	}))
	if !slices.IsSortedFunc(list, func(a, b registration.ContributionMonth) int {
		return cmp.Or(cmp.Compare(a.Member, b.Member), cmp.Compare(a.Month, b.Month), cmp.Compare(a.Employer, b.Employer))
	}) {
		d.t.Errorf("not in the order of members and months: %+v", list)
	}
	return list
}

// controlled asks for all members from 1 to n and holds what was credited to them against the control account of rights.
func (d *desk) controlled(n int) []registration.ContributionMonth {
	d.t.Helper()
	var members []registration.MemberNo
	for i := range n {
		members = append(members, registration.MemberNo(i+1))
	}
	list := d.contributions(members...)
	var credited money.Amount
	for i := range list {
		credited += list[i].AccountCredited
	}
	if control := -d.balance(accounts.RoleMembersRights); credited != control {
		d.t.Errorf("credited %d, the control of rights stands at %d", credited, control)
	}
	return list
}

// line writes a month for comparing: member, month, employer, base, dues, payments, credit, day, provisional.
func line(m registration.ContributionMonth) string {
	return fmt.Sprintf("%d %d %d base %d due %d+%d paid %d+%d credited %d on %d %t", m.Member, int32(m.Month), m.Employer, m.Base, m.EmployerDue, m.MemberDue,
		m.EmployerPaid, m.MemberPaid, m.AccountCredited, int32(m.Settled), m.Provisional)
}

func lines(t *testing.T, what string, list []registration.ContributionMonth, want ...string) {
	t.Helper()
	var got []string
	for _, m := range list {
		if m.Insurance != registration.Pension || m.Scheme != registration.EnterprisePension || m.Origin != "" {
			t.Errorf("%s: %+v", what, m)
		}
		got = append(got, line(m))
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

func TestAMembersMonthPaidInPartIsWhatThePolicyGaveHim(t *testing.T) {
	// 3,600.00 is due of three members; 1,000.00 comes, then the rest
	const head, whole = "%d 202601 1 base 500000 due 80000+40000 paid ", "%d 202601 1 base 500000 due 80000+40000 paid 80000+40000 credited 40000 on 20260125 false"
	for credit, half := range map[allocation.Credit][3]string{
		allocation.CreditNone:         {"0+0 credited 0", "0+0 credited 0", "0+0 credited 0"},
		allocation.CreditPersonShare:  {"0+40000 credited 40000", "0+40000 credited 40000", "0+0 credited 0"},
		allocation.CreditProportional: {"22223+11111 credited 11111", "22222+11111 credited 11111", "22222+11111 credited 11111"},
	} {
		t.Run(string(credit), func(t *testing.T) {
			storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
				d := open(t, db, allocation.Policy{CreditOnPartial: credit})
				d.enrol(3)
				d.declare(202601, 1, 1, 5_000_00, 5_000_00, 5_000_00)
				d.assess(202601)
				d.receive(arrival(20260120, 1_000_00, 1, "b1"))
				var want, all []string
				for i, text := range half {
					want, all = append(want, fmt.Sprintf(head, i+1)+text+" on 0 false"), append(all, fmt.Sprintf(whole, i+1))
				}
				lines(t, "a part", d.controlled(3), want...)
				d.receive(arrival(20260125, 2_600_00, 1, "b2"))
				lines(t, "the whole", d.controlled(3), all...)
				lines(t, "one of them, asked for twice", d.contributions(2, 2, 99), all[1])
			})
		})
	}
}

func TestAMonthPaidLateIsSettledThoughItsSurchargeIsOpen(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{})
		d.enrol(1)
		d.declare(202604, 1, 1, 10_000_00)
		d.assess(202604)
		lines(t, "nothing paid", d.controlled(1), "1 202604 1 base 1000000 due 160000+80000 paid 0+0 credited 0 on 0 false")
		d.receive(arrival(20260526, 2_400_00, 1, "late")) // 30.00 of surcharge stay open
		want := "1 202604 1 base 1000000 due 160000+80000 paid 160000+80000 credited 80000 on 20260526 false"
		lines(t, "the principal", d.controlled(1), want)
		d.receive(arrival(20260601, 30_00, 1, "surcharge"))
		lines(t, "the surcharge", d.controlled(1), want)
	})
}

func TestAProvisionalMonthIsSaidToBeOneUntilItIsDeclared(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{})
		d.enrol(1, 1)
		d.declare(202601, 1, 1, 5_000_00)
		d.assess(202601) // the second employer declared nothing, and has no month before
		d.assess(202602)
		january := "1 202601 1 base 500000 due 80000+40000 paid 0+0 credited 0 on 0 false"
		lines(t, "provisional", d.controlled(2), january, "1 202602 1 base 550000 due 88000+44000 paid 0+0 credited 0 on 0 true")
		d.declare(202602, 1, 1, 6_000_00)
		d.assess(202602)
		lines(t, "declared after all", d.controlled(2), january, "1 202602 1 base 600000 due 96000+48000 paid 0+0 credited 0 on 0 false")
		// one payment serves both months
		d.receive(arrival(20260125, 2_640_00, 1, "both"))
		lines(t, "paid", d.controlled(2), "1 202601 1 base 500000 due 80000+40000 paid 80000+40000 credited 40000 on 20260125 false",
			"1 202602 1 base 600000 due 96000+48000 paid 96000+48000 credited 48000 on 20260125 false")
	})
}

func TestASupplementaryDemandOpensTheMonthOfThoseWhoOweMore(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{})
		d.enrol(2)
		d.declare(202601, 1, 1, 5_000_00, 5_000_00)
		d.assess(202601)
		d.receive(arrival(20260120, 2_400_00, 1, "b1"))
		d.declare(202601, 1, 1, 5_000_00, 6_000_00)
		value(d.Assess(t.Context(), d.order(20260310), 202601, 1))(t)
		first := "1 202601 1 base 500000 due 80000+40000 paid 80000+40000 credited 40000 on 20260120 false"
		lines(t, "the difference is open", d.controlled(2), first, "2 202601 1 base 600000 due 96000+48000 paid 80000+40000 credited 40000 on 0 false")
		d.receive(arrival(20260320, 240_00, 1, "b2"))
		lines(t, "and paid", d.controlled(2), first, "2 202601 1 base 600000 due 96000+48000 paid 96000+48000 credited 48000 on 20260320 false")
	})
}

func TestWhatWasRefundedIsNeitherDueNorPaid(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{})
		d.enrol(2)
		d.declare(202601, 1, 1, 5_000_00, 5_000_00)
		d.assess(202601)
		d.receive(arrival(20260120, 2_400_00, 1, "b1"))
		d.provide(20260121, 2_400_00)
		order := d.order(20260128)
		order.Documents = []ledger.Attachment{{Name: "application", Hash: make([]byte, 32)}}
		value(d.Refund(t.Context(), order, collection.RefundOrder{Demand: 1, Members: []registration.MemberNo{2}}))(t)
		list := d.controlled(2)
		lines(t, "refunded", list, "1 202601 1 base 500000 due 80000+40000 paid 80000+40000 credited 40000 on 20260120 false",
			"2 202601 1 base 0 due 0+0 paid 0+0 credited 0 on 0 false")
		if !list[0].Paid() || list[1].Paid() {
			t.Error("a refunded month counts, or a paid one does not")
		}
		// a spell is voided, and what was paid under it still stands
		value(d.registry.CorrectEnrolments(t.Context(), registration.Order{Realm: 1, Key: "void", Effective: 20260129, EnteredBy: "clerk", ApprovedBy: "chief"},
			registration.Change{Member: 1, Scheme: registration.EnterprisePension, Employer: 1, From: 202601, Status: registration.Void}))(t)
		if again := d.controlled(2); !slices.Equal(again, list) {
			t.Errorf("after the spell was voided: %+v", again)
		}
	})
}

// What a refund leaves of a month is the base that is still paid for: the index of a pension counts no other.
func TestARefundOfPartOfAMonthLeavesTheBaseThatIsStillPaidFor(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{})
		d.enrol(3)
		d.declare(202601, 1, 1, 5_000_00, 5_000_00)
		d.assess(202601) // demand 1; member 3 at the floor of 4,800.00
		d.receive(arrival(20260120, 3_552_00, 1, "b1"))
		d.declare(202601, 1, 1, 5_000_00, 6_000_00, 7_000_00)
		value(d.Assess(t.Context(), d.order(20260310), 202601, 1))(t) // demand 2: 1,000.00 and 2,200.00 more
		d.receive(arrival(20260320, 768_00, 1, "b2"))
		d.declare(202601, 1, 1, 5_000_00, 6_500_00, 7_000_00)
		value(d.Assess(t.Context(), d.order(20260410), 202601, 1))(t) // demand 3: another 500.00 of member 2
		d.receive(arrival(20260420, 120_00, 1, "b3"))
		d.provide(20260421, 4_440_00)
		refund := func(demand int32, members ...registration.MemberNo) {
			order := d.order(20260428)
			order.Documents = []ledger.Attachment{{Name: "application", Hash: make([]byte, 32)}}
			value(d.Refund(t.Context(), order, collection.RefundOrder{Demand: demand, Members: members}))(t)
		}
		first := "1 202601 1 base 500000 due 80000+40000 paid 80000+40000 credited 40000 on 20260120 false"
		third := "3 202601 1 base 700000 due 112000+56000 paid 112000+56000 credited 56000 on 20260320 false"
		lines(t, "all paid", d.controlled(3), first, "2 202601 1 base 650000 due 104000+52000 paid 104000+52000 credited 52000 on 20260420 false", third)
		refund(2, 2) // the middle one
		lines(t, "one difference back", d.controlled(3), first, "2 202601 1 base 550000 due 88000+44000 paid 88000+44000 credited 44000 on 20260420 false", third)
		refund(3, 2)
		refund(2, 3)
		lines(t, "every difference back", d.controlled(3), first, "2 202601 1 base 500000 due 80000+40000 paid 80000+40000 credited 40000 on 20260420 false",
			"3 202601 1 base 480000 due 76800+38400 paid 76800+38400 credited 38400 on 20260320 false")
		refund(1)
		list := d.controlled(3)
		lines(t, "all back", list, "1 202601 1 base 0 due 0+0 paid 0+0 credited 0 on 0 false", "2 202601 1 base 0 due 0+0 paid 0+0 credited 0 on 0 false",
			"3 202601 1 base 0 due 0+0 paid 0+0 credited 0 on 0 false")
		for i := range list {
			if list[i].Paid() {
				t.Errorf("counts as contributed: %+v", list[i])
			}
		}
	})
}

func TestContributionsEqualTheSheetsOfAllAssessmentsAndAllocations(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{CreditOnPartial: allocation.CreditProportional})
		d.enrol(7, 5, 3)
		for month := calendar.Month(202601); month <= 202603; month++ {
			d.declare(month, 1, 1, 5_000_00, 5_123_45, 6_000_01, 9_999_99, 4_000_00, 30_000_00, 7_777_77)
			if month != 202602 {
				d.declare(month, 2, 8, 5_000_00, 6_543_21, 5_555_55, 8_000_00, 8_000_01)
			}
			d.declare(month, 3, 13, 6_000_00, 6_000_01, 6_000_02)
			d.assess(month)
			d.receive(arrival(month.First().AddDays(20), 5_000_00, 1, "1"+month.String()))
			d.receive(arrival(month.First().AddDays(27), 9_000_00, 2, "2"+month.String()))
		}
		got := d.controlled(15)
		want := d.recounted()
		if len(got) != len(want) || len(got) != 45 {
			t.Fatalf("%d months, sheets have %d", len(got), len(want))
		}
		for i := range got {
			key := monthOf{got[i].Relation, got[i].Month}
			if want := want[key]; want == nil {
				t.Errorf("no sheet has %s", line(got[i]))
			} else if line(got[i]) != line(*want) {
				t.Errorf("got  %s\nwant %s", line(got[i]), line(*want))
			}
		}
	})
}

type monthOf struct {
	registration.Relation
	calendar.Month
}

// recounted makes members' months from the other reads: the members of every assessment that stands and of every allocation. Nothing was refunded.
func (d *desk) recounted() map[monthOf]*registration.ContributionMonth {
	d.t.Helper()
	months, byDemand := map[monthOf]*registration.ContributionMonth{}, map[int32]collection.Assessment{}
	relation := func(member registration.MemberNo, a collection.Assessment) monthOf {
		return monthOf{registration.Relation{Member: member, Scheme: registration.EnterprisePension, Employer: a.Employer}, a.Month}
	}
	for a, err := range d.Assessments(d.t.Context(), 0, false) {
		must(d.t, err)
		byDemand[a.Demand] = a
		for _, m := range value(d.AssessedMembers(d.t.Context(), a))(d.t) {
			key := relation(m.Member, a)
			months[key] = &registration.ContributionMonth{Relation: key.Relation, Month: a.Month, Base: m.Base, EmployerDue: m.Employer, MemberDue: m.Person,
				Provisional: m.Basis == collection.BasisProvisional}
		}
	}
	for r, err := range d.Receipts(d.t.Context()) {
		must(d.t, err)
		for _, a := range r.Allocations {
			for _, share := range value(d.AllocatedMembers(d.t.Context(), a))(d.t) {
				m := months[relation(share.Member, byDemand[a.Demand])]
				m.EmployerPaid, m.MemberPaid, m.AccountCredited = m.EmployerPaid+share.Employer, m.MemberPaid+share.Person, m.AccountCredited+share.Person
				if m.EmployerPaid == m.EmployerDue && m.MemberPaid == m.MemberDue {
					m.Settled = a.Paid
				}
			}
		}
	}
	return months
}

func TestContributionsOfManyMembersAreReadByAFewQueries(t *testing.T) {
	for _, kind := range storetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			queries := 0
			db := storetest.Open(t, schemas, kind, storetest.WithFault(func(at storetest.Point) error {
				if at.Op == "query" && !at.After {
					queries++
				}
				return nil
			}))
			d := open(t, db, allocation.Policy{})
			const heads, employers = 30, 3
			d.enrol(heads, heads, heads)
			bases := slices.Repeat([]money.Amount{5_000_00}, heads)
			for employer := range employers {
				d.declare(202601, registration.EmployerNo(employer+1), registration.MemberNo(employer*heads+1), bases...)
			}
			for month := calendar.Month(202601); month <= 202603; month++ {
				d.assess(month)
				d.receive(arrival(month.First().AddDays(20), heads*1_200_00, 1, month.String()))
			}
			queries = 0
			var members []registration.MemberNo
			for i := range heads * employers {
				members = append(members, registration.MemberNo(i+1))
			}
			if list := d.contributions(members...); len(list) != heads*employers*3 {
				t.Errorf("%d months", len(list))
			}
			if queries > 8 {
				t.Errorf("%d queries", queries)
			}
		})
	}
}

func TestContributionsOfAnotherSchemeAreRefusedAndOfNobodyAreNone(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{})
		d.enrol(2)
		d.declare(202601, 1, 1, 5_000_00, 5_000_00)
		d.assess(202601)
		if list := d.contributions(); len(list) != 0 {
			t.Errorf("of nobody: %+v", list)
		}
		if list := d.contributions(77); len(list) != 0 {
			t.Errorf("of a stranger: %+v", list)
		}
		must(t, db.View(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			seen := 0
			for _, err := range d.Contributions(ctx, tx.Handle(), "another", []registration.MemberNo{1}) {
				has(t, err, collection.ErrInvalid)
				seen++
			}
			if seen != 1 {
				t.Errorf("%d answers for another scheme", seen)
			}
			for range d.Contributions(ctx, tx.Handle(), registration.EnterprisePension, []registration.MemberNo{1, 2}) {
				break // a reader may stop
			}
			return nil
		}))
	})
}
