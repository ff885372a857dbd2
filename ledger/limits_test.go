package ledger_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/ledgertest"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/google/go-cmp/cmp"
)

// A limited detail account, normally debit, and a limited member, normally credit. up gives the debit and credit accounts of an entry that raises it.
var limitedAccounts = map[string]struct{ up, down [2]string }{
	"1002": {up: [2]string{"1002", "4001"}, down: [2]string{"4001", "1002"}},
	"R/1":  {up: [2]string{"R0", "R/1"}, down: [2]string{"R/1", "R0"}},
}

func TestALimitedAccountIsAboveZeroAfterEachEntryOfABatch(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		for code, of := range limitedAccounts {
			up := func(key string, amount money.Amount) ledger.Draft {
				return ledgertest.Transfer(code+key, 20260105, of.up[0], of.up[1], amount)
			}
			down := func(key string, amount money.Amount) ledger.Draft {
				return ledgertest.Transfer(code+key, 20260105, of.down[0], of.down[1], amount)
			}
			within := ledgertest.Draft(code+"within", 20260105, append(down("", 70).Lines, up("", 90).Lines...)...)
			for _, c := range []struct { // one after the other
				name   string
				drafts []ledger.Draft
				fault  int // the draft that is refused, or −1
			}{
				{"down from nothing", []ledger.Draft{down("a", 1)}, 0},
				{"up, then down too far", []ledger.Draft{up("a", 100), down("b", 101)}, 1},
				{"down before up, though in sum", []ledger.Draft{down("a", 100), up("b", 200)}, 0},
				{"down in the middle of a batch", []ledger.Draft{up("a", 100), down("b", 60), down("c", 60), up("d", 100)}, 2},
				{"a red raise is a fall", []ledger.Draft{up("a", 100), up("b", -101)}, 1},
				{"a red fall is a raise", []ledger.Draft{down("a", -100), down("b", 100)}, -1},
				{"to nothing exactly", []ledger.Draft{up("c", 100), down("d", 100)}, -1},
				{"within one entry in any order", []ledger.Draft{within}, -1},
				{"what stands from before counts", []ledger.Draft{down("e", 20)}, -1},
				{"and not more than that", []ledger.Draft{down("f", 21)}, 0},
			} {
				for i := range c.drafts {
					c.drafts[i].Key = c.name + c.drafts[i].Key
				}
				before := allRows(t, f.DB, 1)
				_, err := f.Ledger.PostAll(t.Context(), f.Book, c.drafts)
				if e, ok := errors.AsType[*ledger.Error](err); c.fault >= 0 && (!ok || e.Code != ledger.ErrBelowZero || e.Draft != c.fault) || c.fault < 0 && err != nil {
					t.Errorf("%s, %s: %v", code, c.name, err)
				}
				if diff := cmp.Diff(before, allRows(t, f.DB, 1)); c.fault >= 0 && diff != "" {
					t.Errorf("%s, %s: something was written:\n%s", code, c.name, diff)
				}
			}
		}
		f.Verify(t, f.Book)
	})
}

func TestAReversalKeepsToTheLimitToo(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		first := f.Post(t, ledgertest.Transfer("in", 20260105, "1002", "4001", 100))
		f.Post(t, ledgertest.Transfer("out", 20260106, "5001", "1002", 60))
		_, err := f.Ledger.Reverse(t.Context(), f.Book, first.Seq, ledgertest.Reversal("reversal", 20260107))
		if e, ok := errors.AsType[*ledger.Error](err); !ok || e.Code != ledger.ErrBelowZero || e.Line != 0 {
			t.Error(err)
		}
		f.Post(t, ledgertest.Transfer("in again", 20260108, "1002", "4001", 60))
		_, err = f.Ledger.Reverse(t.Context(), f.Book, first.Seq, ledgertest.Reversal("reversal", 20260109))
		must(t, err)
	})
}

// The balance on some earlier effective date may be below zero when an entry is backdated: the limit follows the order of posting.
func TestALimitFollowsTheOrderOfPosting(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		f.Post(t, ledgertest.Transfer("in", 20260210, "1002", "4001", 100))
		f.Post(t, ledgertest.Transfer("out", 20260105, "5001", "1002", 100))
		balance, err := f.Ledger.Balance(t.Context(), f.Book, f.Account(t, "1002").No, ledger.At{Date: 20260131})
		must(t, err)
		if balance.Net() != -100 || f.Balance(t, "1002") != 0 {
			t.Errorf("end of January %d, now %d", balance.Net(), f.Balance(t, "1002"))
		}
		f.Verify(t, f.Book)
	})
}

func TestAmountsUpToTheLimitAreExactAndBeyondItNothingIsWritten(t *testing.T) {
	const half = money.MaxAmount / 2
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		ctx := t.Context()
		for name, lines := range map[string][]ledger.Line{
			"one line beyond":         {ledger.DebitLine("1003", money.MaxAmount), ledger.CreditLine("4001", money.MaxAmount)},
			"wrapping round to equal": {ledger.DebitLine("1003", money.MaxAmount), ledger.DebitLine("1003", money.MaxAmount), ledger.DebitLine("1003", 2)},
			"red and black":           {ledger.DebitLine("1003", money.MinAmount), ledger.DebitLine("1003", money.MaxAmount)},
			"the lowest int64":        {ledger.DebitLine("1003", math.MinInt64), ledger.CreditLine("4001", math.MinInt64)},
		} {
			_, err := f.Ledger.Post(ctx, f.Book, ledgertest.Draft(name, 20260105, lines...))
			refusals, other := ledgertest.Refusals(err)
			if other != nil || len(refusals) == 0 {
				t.Errorf("%s: %v", name, err)
			}
			for _, r := range refusals { // and no word of a sum that has wrapped
				if r.Code != ledger.ErrOverflow {
					t.Errorf("%s: %v", name, r)
				}
			}
		}
		batch := []ledger.Draft{ledgertest.Transfer("half", 20260105, "1003", "4001", half), ledgertest.Transfer("other half", 20260105, "1003", "4001", half)}
		_, err := f.Ledger.PostAll(ctx, f.Book, batch)
		if e, ok := errors.AsType[*ledger.Error](err); !ok || e.Code != ledger.ErrOverflow || e.Draft != 1 {
			t.Errorf("a batch that fills the turnover twice: %v", err)
		}
		f.Post(t, ledgertest.Transfer("largest", 20260105, "1003", "4001", half))
		for _, draft := range []ledger.Draft{
			ledgertest.Transfer("one more", 20260105, "1003", "4001", 1),
			ledgertest.Transfer("one less", 20260105, "1003", "4001", -1),
			ledgertest.Transfer("back", 20260105, "4001", "1003", half),
		} {
			if _, err := f.Ledger.Post(ctx, f.Book, draft); !errors.Is(err, ledger.ErrOverflow) {
				t.Errorf("%s: %v", draft.Key, err)
			}
		}
		trial, err := f.Ledger.TrialBalance(ctx, f.Book, ledger.Range{From: 20260105, To: 20260105})
		must(t, err)
		if row := trial.Rows[2]; row.Debit != half || row.Closing != half || row.Account.Code != "1003" {
			t.Errorf("%+v", row)
		}
		if row := trial.Rows[0]; row.Debit != half || row.Account.Class != ledger.Heading {
			t.Errorf("%+v", row)
		}
		if f.Balance(t, "1003") != half || f.Balance(t, "4001") != -half || f.Balance(t, "10") != half {
			t.Errorf("%d, %d, %d", f.Balance(t, "1003"), f.Balance(t, "4001"), f.Balance(t, "10"))
		}
		f.Verify(t, f.Book)
	})
}

func TestRedLettersOfTheLargestSizeAddUp(t *testing.T) {
	const half = money.MaxAmount / 2
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		f.Post(t, ledgertest.Transfer("red", 20260105, "P/1", "P/2", -half))
		for code, want := range map[string]money.Amount{"P/1": -half, "P/2": half, "P": 0} {
			if f.Balance(t, code) != want {
				t.Errorf("%s stands at %d, want %d", code, f.Balance(t, code), want)
			}
		}
		balance, err := f.Ledger.Balance(t.Context(), f.Book, f.Account(t, "P").No, ledger.At{})
		must(t, err)
		if balance != (ledger.Balance{Debit: -half, Credit: -half}) {
			t.Errorf("%+v", balance)
		}
		f.Verify(t, f.Book)
	})
}

// Many accounts are read in one of two ways, by whether their numbers lie together; both must find each balance and no other.
func TestLimitsOfManyAccountsHoldWhereverTheirNumbersLie(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		specs := make([]ledger.AccountSpec, 400)
		for i := range specs {
			specs[i] = ledger.AccountSpec{Code: fmt.Sprint("R/m", i), Type: ledger.Liability, Section: ledger.Memorandum, Class: ledger.Member, Parent: "R", NeverBelowZero: true}
		}
		numbers, err := f.Ledger.OpenAccounts(t.Context(), f.Book, ledgertest.Act("members", ledgertest.Opened), specs)
		must(t, err)
		move := func(key string, side ledger.Side, step int, amount func(i int) money.Amount) error {
			draft := ledgertest.Draft(key, 20260105)
			var total money.Amount
			for i := 0; i < len(numbers); i += step {
				draft.Lines = append(draft.Lines, ledger.Line{Account: numbers[i], Side: side, Amount: amount(i)})
				total += amount(i)
			}
			draft.Lines = append(draft.Lines, ledger.Line{Code: "R0", Side: -side, Amount: total})
			_, err := f.Ledger.Post(t.Context(), f.Book, draft)
			return err
		}
		own := func(i int) money.Amount { return money.Amount(i + 1) }
		must(t, move("fill", ledger.Credit, 1, own))
		for name, step := range map[string]int{"together": 1, "apart": 7} {
			must(t, move(name+" fill", ledger.Credit, step, own))
			err := move(name+" too much", ledger.Debit, step, func(i int) money.Amount { return 3 * own(i) })
			var below ledger.Faults
			if !errors.As(err, &below) || len(below) != (len(numbers)+step-1)/step || !errors.Is(below[0], ledger.ErrBelowZero) {
				t.Errorf("%s: %d accounts below zero: %v", name, len(below), err)
			}
			must(t, move(name+" all of the second", ledger.Debit, step, own))
		}
		must(t, move("all of the first", ledger.Debit, 1, own))
		if balance := f.Balance(t, "R"); balance != 0 {
			t.Errorf("the control stands at %d", balance)
		}
		f.Verify(t, f.Book)
	})
}
