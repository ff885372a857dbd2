package voucher_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/voucher"
	"github.com/fundledger/fundledger/accounts/voucher/printing"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/google/go-cmp/cmp"
)

// batch takes drafts from hand to hand as a host's run does: the same steps with the same keys, whatever was done before, and no look at the states. It stops after
// so many commands, as if it had been killed there.
func (d *desk) batch(ctx context.Context, drafts []ledger.Draft, commands int) (vouchers []voucher.Voucher, err error) {
	steps := []func(seen []voucher.Seen) ([]voucher.Voucher, error){
		func([]voucher.Seen) ([]voucher.Voucher, error) { return d.PrepareMany(ctx, hand("lin", ""), drafts) },
		func(seen []voucher.Seen) ([]voucher.Voucher, error) {
			return d.ReviewMany(ctx, hand("he", "review"), seen)
		},
		func(seen []voucher.Seen) ([]voucher.Voucher, error) {
			return d.Sign(ctx, hand("chu", "cashier"), voucher.Cashier, seen...)
		},
		func(seen []voucher.Seen) ([]voucher.Voucher, error) {
			return d.Sign(ctx, hand("zhu", "head"), voucher.Head, seen...)
		},
		func(seen []voucher.Seen) ([]voucher.Voucher, error) { return d.PostMany(ctx, hand("ji", "post"), seen) },
	}
	for _, step := range steps[:min(commands, len(steps))] {
		if vouchers, err = step(voucher.Saw(vouchers)); err != nil {
			return nil, err
		}
	}
	return vouchers, nil
}

// TestARunKilledAnywhereIsGivenAgain kills a run of three vouchers after each command, gives it again with a fourth voucher, and wants what one run makes.
func TestARunKilledAnywhereIsGivenAgain(t *testing.T) {
	each(t, voucher.Config{}, func(t *testing.T, d *desk) {
		for killed := range 6 {
			var drafts []ledger.Draft
			for i := range 4 {
				drafts = append(drafts, d.premium(fmt.Sprintf("run %d line %d", killed, i), money.Amount(100+i)))
			}
			first := got(d.batch(t.Context(), drafts[:3], killed))(t)
			whole := got(d.batch(t.Context(), drafts, 5))(t)
			again := got(d.batch(t.Context(), drafts, 5))(t)
			for i, v := range again {
				if v.State != voucher.Posted || !v.Replayed || v.Entry != whole[i].Entry || whole[i].Replayed != (killed == 5 && i < 3) || v.Number.Number != int64(4*killed+i+1) {
					t.Errorf("killed after %d: voucher %d is %+v, then %+v", killed, i, whole[i], v)
				}
				if i < len(first) && first[i].No != v.No {
					t.Errorf("killed after %d: voucher %d was prepared as %d and as %d", killed, i, first[i].No, v.No)
				}
			}
		}
		if n := d.entries(); n != 24 {
			t.Errorf("%d entries instead of 24", n)
		}
		if report := got(d.Verify(t.Context(), book))(t); !report.Sound() {
			t.Error(report.Discrepancies)
		}
	})
}

// TestAMonthIsPrintedWithWhatBelongsToIt posts into a month before the last one is closed, and again after it was reopened.
func TestAMonthIsPrintedWithWhatBelongsToIt(t *testing.T) {
	each(t, voucher.Config{}, func(t *testing.T, d *desk) {
		enter := func(key string, day calendar.Date) {
			v := d.prepare(d.draft("E1", key, day, part(accounts.RoleIncomeAccount, 100), part(accounts.RoleContributions, 100)))
			d.post(d.sign(d.review(v)))
		}
		act := func(key string) ledger.Act {
			return ledger.Act{Key: key, Effective: 20260301, EnteredBy: "lin", ApprovedBy: "he", Description: "found an error"}
		}
		printed := func(period calendar.Period) (keys []string) {
			for s, err := range printing.Month(t.Context(), d.led, book, period, d.Policy().MoneyAccounts) {
				must(t, err)
				keys = append(keys, s.Key)
			}
			return keys
		}
		enter("january 1", 20260110)
		enter("february 1", 20260203)
		enter("january 2", 20260131)
		got(d.led.ClosePeriod(t.Context(), book, act("close january"), 202601))(t)
		enter("february 2", 20260210)
		check := func(when string, january ...string) {
			t.Helper()
			if diff := cmp.Diff(january, printed(202601)); diff != "" {
				t.Errorf("%s: %s", when, diff)
			}
			if diff := cmp.Diff([]string{"february 1", "february 2"}, printed(202602)); diff != "" {
				t.Errorf("%s: %s", when, diff)
			}
		}
		check("closed", "january 1", "january 2")
		got(d.led.ReopenPeriod(t.Context(), book, act("reopen january"), 202601))(t)
		enter("january 3", 20260115)
		check("reopened", "january 1", "january 2", "january 3")
		got(d.led.ClosePeriod(t.Context(), book, act("close january again"), 202601))(t)
		check("closed again", "january 1", "january 2", "january 3")
		if keys := printed(202603); keys != nil {
			t.Errorf("March has %v", keys)
		}
		for _, err := range printing.Month(t.Context(), d.led, ledger.BookID{Realm: 1, Number: 9}, 202601, nil) {
			if !errors.Is(err, ledger.ErrBookUnknown) {
				t.Error(err)
			}
		}
	})
}

// TestCorrectionsNameWhatTheyPutRight follows 会计基础工作规范 51(五): a red copy and the right voucher where accounts were wrong, differences where amounts were.
func TestCorrectionsNameWhatTheyPutRight(t *testing.T) {
	each(t, voucher.Config{}, func(t *testing.T, d *desk) {
		wrong := d.post(d.ready(d.draft("E1", "wrong", 20260110, part(accounts.RoleIncomeAccount, 1680_00), part(accounts.RoleContributions, 1680_00))))
		e := got(d.led.Entry(t.Context(), book, wrong.Entry))(t)
		chart := d.fund.Chart()
		line := func(role accounts.Role, s accounts.Side, amount money.Amount) accounts.Line {
			return accounts.Line{AccountID: got(chart.Role(role))(t), Side: s, Amount: amount}
		}
		booked := []accounts.Line{line(accounts.RoleIncomeAccount, accounts.Debit, 1680_00), line(accounts.RoleContributions, accounts.Credit, 1680_00)}
		paper := voucher.CorrectionPaper{Key: "right", Effective: 20260115, EnteredBy: "lin", Reason: "串户", Metadata: map[string]string{"case": "7"}}

		other := []accounts.Line{line(accounts.RoleIncomeAccount, accounts.Debit, 1680_00), line(accounts.RoleDepositInterest, accounts.Credit, 1680_00)}
		c := got(chart.Correct(booked, other, e.Effective, 20260115))(t)
		drafts := got(voucher.Corrections(&e, c, d.fund.AccountCode, paper))(t)
		if len(drafts) != 2 || drafts[0].Key != "right/cancel" || drafts[1].Key != "right/right" || drafts[0].Description != "注销2026年1月10日记字第1号凭证：串户" ||
			drafts[1].Description != "订正2026年1月10日记字第1号凭证：串户" {
			t.Fatalf("%+v", drafts)
		}
		seen := got(d.batch(t.Context(), drafts, 5))(t)
		if again := got(voucher.Corrections(&e, c, d.fund.AccountCode, paper))(t); !got(d.batch(t.Context(), again, 5))(t)[1].Replayed {
			t.Error("the same correction was posted twice")
		}
		for i, v := range seen {
			posted := got(d.led.Entry(t.Context(), book, v.Entry))(t)
			if posted.Kind != voucher.KindCorrection || posted.Metadata[voucher.MetaCorrects] != fmt.Sprint(e.Seq) || posted.Metadata["case"] != "7" || len(posted.Lines) != 2 {
				t.Errorf("%d: %+v", i, posted)
			}
			if i == 0 && (posted.Lines[0].Account != e.Lines[0].Account || posted.Lines[0].Amount != -1680_00 || posted.Lines[1].Amount != -1680_00) {
				t.Errorf("the red copy is %+v", posted.Lines)
			}
		}

		less := slices.Clone(booked)
		less[0].Amount, less[1].Amount = 1500_00, 1500_00
		c = got(chart.Correct(booked, less, e.Effective, 20260115))(t)
		paper.Key, paper.Reason, paper.Metadata = "less", "", nil
		drafts = got(voucher.Corrections(&e, c, d.fund.AccountCode, paper))(t)
		if len(drafts) != 1 || drafts[0].Key != "less" || drafts[0].Description != "调整2026年1月10日记字第1号凭证" || drafts[0].Lines[0].Amount != -180_00 || drafts[0].Lines[1].Amount != -180_00 {
			t.Fatalf("%+v", drafts)
		}
		if v := got(d.batch(t.Context(), drafts, 5))(t)[0]; v.Amount != -180_00 {
			t.Errorf("%+v", v)
		}
	})
}

func TestCorrectionsWithoutSenseAreRefusedTogether(t *testing.T) {
	wrong := ledger.Entry{Seq: 9, Effective: 20260110, Lines: make([]ledger.Line, 2)}
	code := func(id string) (string, error) {
		if id == "unknown" {
			return "", errors.New("no account of the chart")
		}
		return "1002", nil
	}
	paper := voucher.CorrectionPaper{Key: "k", Effective: 20260109, Metadata: map[string]string{voucher.MetaCorrects: "8"}}
	c := accounts.Correction{Right: []accounts.Line{{AccountID: "unknown", Side: accounts.Debit, Amount: 1}, {AccountID: "known", Side: accounts.Credit, Amount: 1}}}
	_, err := voucher.Corrections(&wrong, c, code, paper)
	var faults voucher.Faults
	if !errors.As(err, &faults) || len(faults) != 3 || !errors.Is(err, voucher.ErrReserved) || !errors.Is(err, voucher.ErrInvalid) {
		t.Errorf("%v", err)
	}
	for _, word := range []string{"before the wrong voucher", "no account of the chart", voucher.MetaCorrects} {
		if err == nil || !strings.Contains(fmt.Sprint(err, faults), word) {
			t.Errorf("%v lacks %q", err, word)
		}
	}
	paper.Effective, paper.Metadata = 20260110, nil
	if _, err := voucher.Corrections(&wrong, accounts.Correction{}, code, paper); !errors.Is(err, voucher.ErrInvalid) {
		t.Errorf("nothing to correct: %v", err)
	}
	if _, err := voucher.Corrections(&ledger.Entry{}, c, code, paper); !errors.Is(err, voucher.ErrInvalid) {
		t.Errorf("no voucher to correct: %v", err)
	}
	paper.Effective = 20260109
	if _, err := voucher.Corrections(&ledger.Entry{Effective: 20260110}, accounts.Correction{}, code, paper); !errors.As(err, &faults) || len(faults) != 3 {
		t.Errorf("no voucher, nothing that differs, and before its day: %v", err)
	}
}
