package collection_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fundledger/fundledger/collection"
	"github.com/fundledger/fundledger/collection/allocation"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/fundledger/fundledger/registration"
)

var received = collection.Order{EnteredBy: "clerk", ApprovedBy: "chief"}

// statement draws lines of the bank: whole, partial and too much money, in time and late, named by a person, by a reference, by the payer's account, or not at all,
// and some lines twice.
func statement(random *rand.Rand, employers, demands, n int) []collection.Arrival {
	list := make([]collection.Arrival, n)
	for i := range list {
		employer := 1 + random.IntN(employers)
		day := calendar.MustDate(2026, 1+random.IntN(6), 1+random.IntN(28))
		amount := money.Amount(1 + random.IntN(2_000_00))
		if random.IntN(3) == 0 {
			amount = 1_200_00 * money.Amount(1+random.IntN(6))
		}
		a := arrival(day, amount, registration.EmployerNo(employer), fmt.Sprintf("b%d", i))
		switch random.IntN(5) {
		case 0:
			a.Employer = 0
			no := 1 + random.IntN(demands)
			a.Line.Remittance = "D" + fmt.Sprintf("%09d%02d", no, 98-no*100%97)
		case 1:
			a.Employer = 0 // by the payer's account
		case 2:
			a.Employer, a.Line.Counterparty.AccountNumber = 0, "a stranger's"
		}
		if i > 0 && random.IntN(12) == 0 {
			a = list[random.IntN(i)]
		}
		list[i] = a
	}
	return list
}

// prepare opens a place with four employers of three members each, who owe three months, and whose accounts are known.
func prepare(t *testing.T, db *store.DB, policy allocation.Policy) *desk {
	d := open(t, db, policy)
	d.enrol(3, 3, 3, 3)
	var payers []collection.Payer
	for e := range 4 {
		payers = append(payers, collection.Payer{Account: fmt.Sprintf("6222%06d", e+1), Employer: registration.EmployerNo(e + 1)})
		for _, month := range []calendar.Month{202601, 202602, 202603} {
			first := registration.MemberNo(3*e + 1)
			d.declare(month, registration.EmployerNo(e+1), first, 5_000_00, 5_000_00+money.Amount(e), 6_000_01)
		}
	}
	for _, month := range []calendar.Month{202601, 202602, 202603} {
		d.assess(month)
	}
	value(d.SetPayers(t.Context(), d.order(20260105), payers...))(t)
	return d
}

func TestAStatementTakenAtOnceIsWhatItsLinesAreOneByOne(t *testing.T) {
	roots := map[uint64]seal.Hash{}
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		for seed, policy := range map[uint64]allocation.Policy{
			1: {}, 2: {CreditOnPartial: allocation.CreditPersonShare, Sequence: allocation.SurchargeThenPrincipal},
			3: {CreditOnPartial: allocation.CreditProportional, Order: allocation.NewestMonth, Sequence: allocation.AllPrincipalFirst},
		} {
			kind := t.Name()[strings.LastIndex(t.Name(), "/")+1:]
			one, all := prepare(t, storetest.Open(t, schemas, kind), policy), prepare(t, storetest.Open(t, schemas, kind), policy)
			random := rand.New(rand.NewPCG(seed, 7))
			n := 40
			if seed == 1 {
				n = 130 // more than a page
			}
			lines := statement(random, 4, 12, n)
			var single, together []collection.Received
			for _, a := range lines {
				single = append(single, one.receive(a))
			}
			for from := 0; from < n; {
				to := min(n, from+1+random.IntN(n))
				together = append(together, value(all.ReceiveAll(t.Context(), received, lines[from:to]))(t)...)
				from = to
			}
			if diff := cmp.Diff(single, together, cmp.AllowUnexported(collection.Receipt{}, collection.Allocation{}), ignoreLater); diff != "" {
				t.Fatalf("seed %d: one by one (−) and at once (+):\n%s", seed, diff)
			}
			if a, b := one.sound(0, 0), all.sound(0, 0); a != b || roots[seed] != (seal.Hash{}) && roots[seed] != a {
				t.Errorf("seed %d: roots %x one by one, %x at once, %x on the other engine", seed, a, b, roots[seed])
			} else {
				roots[seed] = a
			}
			var demands [2][]collection.Demand
			for i, d := range []*desk{one, all} {
				for demand, err := range d.Demands(t.Context(), 0) {
					must(t, err)
					demands[i] = append(demands[i], demand)
				}
			}
			if diff := cmp.Diff(demands[0], demands[1], cmp.AllowUnexported(collection.Demand{})); diff != "" {
				t.Errorf("seed %d: demands one by one (−) and at once (+):\n%s", seed, diff)
			}
			all.sheetsAgree()
			again := value(all.ReceiveAll(t.Context(), received, lines))(t)
			for i := range again {
				if !again[i].Replayed || again[i].First != together[i].First {
					t.Errorf("seed %d: line %d again: %+v", seed, i+1, again[i].Done)
				}
			}
		}
	})
}

// ignoreLater leaves out allocations: a receipt that is replayed has those that came later too, in either way.
var ignoreLater = cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Allocations" }, cmp.Ignore())

func TestAllFaultsOfAStatementComeTogetherAndNothingIsTaken(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := prepare(t, db, allocation.Policy{})
		before := value(d.led.Book(t.Context(), d.Fund().Book()))(t)
		good := arrival(20260120, 1_000_00, 1, "good")
		taken := arrival(20260120, 500_00, 2, "taken")
		d.receive(taken)
		taken.Employer = 3 // another content of the same line
		early := arrival(20251231, 700_00, 1, "early")
		reversal := arrival(20260121, 800_00, 2, "reversal")
		reversal.Line.Reversal = true
		other := good
		other.Employer = 2
		lines := []collection.Arrival{good, arrival(20260120, -1, 1, "negative"), arrival(20260120, 1, 99, "nobody's"), taken, early, reversal, {}, other, good}
		_, err := d.ReceiveAll(t.Context(), received, lines)
		var faults *collection.Faults
		if !errors.As(err, &faults) {
			t.Fatal(err)
		}
		var got []string
		for _, f := range faults.List {
			got = append(got, fmt.Sprintf("%d %s", f.Row, string(f.Code)))
		}
		want := []string{"2 invalid", "3 employer_unknown", "4 key_reused", "5 refused", "5 refused", "5 refused", "6 invalid", "7 invalid", "7 missing", "8 key_reused"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\n%v", diff, err)
		}
		has(t, err, ledger.ErrPeriodBeforeBook, registration.ErrEmployerUnknown)
		if text := err.Error(); !strings.Contains(text, "row 5: ledger: period_before_book") || !strings.Contains(text, "post into") && !strings.Contains(text, "opening balance") {
			t.Errorf("not what, where and what to do:\n%s", text)
		}
		_, err = d.Receive(t.Context(), received, early)
		var refused *ledger.Error
		if !errors.As(err, &refused) || errors.As(err, &faults) || refused.Draft != -1 {
			t.Errorf("of one line alone: %v", err)
		}
		_, err = d.ReceiveAll(t.Context(), collection.Order{EnteredBy: "clerk", ApprovedBy: "clerk"}, nil)
		has(t, err, collection.ErrApproval, collection.ErrMissing)
		if after := value(d.led.Book(t.Context(), d.Fund().Book()))(t); after.Seq != before.Seq+1 {
			t.Errorf("entries up to %d, before %d and the one that was taken alone", after.Seq, before.Seq)
		}
		d.sound(0, 0)
	})
}

func TestAStatementIsTakenInTheHostsTransaction(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := prepare(t, db, allocation.Policy{})
		lines := []collection.Arrival{arrival(20260120, 3_840_01, 1, "b1"), arrival(20260121, 100_00, 0, "b2"), arrival(20260121, 0, 2, "bad")}
		must(t, db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			if _, err := d.ReceiveAllTx(ctx, tx.Handle(), received, lines); !errors.Is(err, collection.ErrInvalid) {
				t.Errorf("%v", err)
			}
			list, err := d.ReceiveAllTx(ctx, tx.Handle(), received, lines[:2]) // the host goes on
			if err == nil && (len(list) != 2 || list[0].Receipt.Principal != 3_840_01 || list[1].Receipt.Item == 0) {
				t.Errorf("%+v", list)
			}
			return err
		}))
		d.sound(0, 0)
	})
}

// sheetsAgree holds the readers of everybody against those of one.
func (d *desk) sheetsAgree() {
	d.t.Helper()
	var one, many []collection.AssessmentSheet
	for a, err := range d.Assessments(d.t.Context(), 0, true) {
		must(d.t, err)
		one = append(one, collection.AssessmentSheet{Assessment: a, Members: value(d.AssessedMembers(d.t.Context(), a))(d.t)})
	}
	for a, err := range d.AssessmentSheets(d.t.Context(), 0, true) {
		must(d.t, err)
		many = append(many, a)
	}
	if diff := cmp.Diff(one, many, cmp.AllowUnexported(collection.Assessment{})); diff != "" || len(many) == 0 {
		d.t.Errorf("assessments one by one (−) and in pages (+):\n%s", diff)
	}
	var receipts, paged []collection.ReceiptSheet
	for r, err := range d.Receipts(d.t.Context()) {
		must(d.t, err)
		with := collection.ReceiptSheet{Receipt: r, Members: map[int64][]collection.AllocatedMember{}}
		for _, a := range r.Allocations {
			with.Members[a.No] = value(d.AllocatedMembers(d.t.Context(), a))(d.t)
		}
		receipts = append(receipts, with)
	}
	for r, err := range d.ReceiptSheets(d.t.Context()) {
		must(d.t, err)
		paged = append(paged, r)
	}
	if diff := cmp.Diff(receipts, paged, cmp.AllowUnexported(collection.Receipt{}, collection.Allocation{})); diff != "" || len(paged) == 0 {
		d.t.Errorf("receipts one by one (−) and in pages (+):\n%s", diff)
	}
}
