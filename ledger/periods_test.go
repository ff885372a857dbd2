package ledger_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/ledgertest"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestAYearIsClosedPeriodByPeriodFinalisedAndNeverOpenedAgain(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		ctx, l := t.Context(), f.Ledger
		expect := func(what string, err error, code ledger.Code) {
			t.Helper()
			if code == "" && err != nil || code != "" && !errors.Is(err, code) {
				t.Fatalf("%s: %v, want %q", what, err, code)
			}
		}
		keys := 0
		act := func() ledger.Act {
			keys++
			return ledgertest.Act(fmt.Sprint("act ", keys), 20270101)
		}
		f.Post(t, ledgertest.Transfer("income", 20260105, "1002", "4001", 100))
		for number := 1; number <= 12; number++ {
			_, err := l.FinaliseYear(ctx, f.Book, act(), 2026)
			expect("finalise before the end", err, ledger.ErrPeriodOrder)
			period := calendar.Period(202600 + number)
			_, err = l.ClosePeriod(ctx, f.Book, act(), period.Next())
			expect("close too far", err, ledger.ErrPeriodOrder)
			_, err = l.ClosePeriod(ctx, f.Book, act(), period)
			expect("close", err, "")
		}
		_, err := l.Post(ctx, f.Book, ledgertest.Transfer("late", 20261231, "1002", "4001", 1))
		expect("post into December", err, ledger.ErrPeriodClosed)
		closing := ledgertest.Transfer("closing", 20261231, "4001", "3001", 100)
		closing.Kind, closing.Period = ledger.KindClosing, 202613
		closed := f.Post(t, closing)
		_, err = l.ClosePeriod(ctx, f.Book, act(), 202613)
		expect("close 13", err, "")
		_, err = l.Reverse(ctx, f.Book, closed.Seq, ledger.Reversal{Key: "r", Effective: 20261231, Period: 202613, Reason: "wrong", EnteredBy: "clerk"})
		expect("reverse in 13", err, ledger.ErrPeriodClosed)
		_, err = l.ReopenPeriod(ctx, f.Book, act(), 202613)
		expect("reopen 13", err, "")
		_, err = l.Reverse(ctx, f.Book, closed.Seq, ledger.Reversal{Key: "r", Effective: 20261231, Period: 202613, Reason: "wrong", EnteredBy: "clerk"})
		expect("reverse in 13", err, "")
		for _, period := range []calendar.Period{202613, 202701} {
			_, err = l.ClosePeriod(ctx, f.Book, act(), period)
			expect("close", err, "")
		}
		_, err = l.IssuePeriod(ctx, f.Book, act(), 202701)
		expect("issue January", err, "")
		_, err = l.FinaliseYear(ctx, f.Book, act(), 2026) // after the next January was issued
		expect("finalise", err, "")
		book, err := l.Book(ctx, f.Book)
		must(t, err)
		if book.ClosedThrough != 202701 || book.IssuedThrough != 202701 {
			t.Errorf("closed through %v, issued through %v", book.ClosedThrough, book.IssuedThrough)
		}
		for _, period := range []calendar.Period{202701, 202613, 202601} {
			_, err = l.ReopenPeriod(ctx, f.Book, act(), period)
			expect("reopen what is final", err, ledger.ErrPeriodFinal)
		}
		f.Verify(t, f.Book)
	})
}

func TestAReversalMirrorsItsEntryInRed(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		draft := fullDraft()
		draft.Kind, draft.Voucher = "contribution", "receipt"
		draft.Lines = append(draft.Lines, ledgertest.Transfer("", 0, "R0", "R/1", 70).Lines...)
		first := f.Post(t, draft)
		f.Post(t, ledgertest.Transfer("between", 20260106, "1002", "4001", 5))
		reversal := ledgertest.Reversal("reversal", 20260210)
		reversal.Source, reversal.Attachments = ledger.Source{Kind: "memo", ID: "1"}, []ledger.Attachment{{Name: "memo"}}
		receipt, err := f.Ledger.Reverse(t.Context(), f.Book, first.Seq, reversal)
		must(t, err)
		original, err := f.Ledger.Entry(t.Context(), f.Book, first.Seq)
		must(t, err)
		mirror, err := f.Ledger.Entry(t.Context(), f.Book, receipt.Seq)
		must(t, err)
		want := ledger.Entry{
			Book: f.Book, Seq: receipt.Seq, Recorded: receipt.Recorded, Kind: "contribution", Key: "reversal", Effective: 20260210, Period: 202602,
			Voucher: ledger.Voucher{Type: "receipt", Number: 1}, Description: reversal.Reason, EnteredBy: "clerk", ApprovedBy: "chief", Source: reversal.Source,
			Attachments: reversal.Attachments, Transfer: original.Transfer, Reverses: first.Seq, FirstOrdinal: 6, Leaf: receipt.Leaf,
		}
		for _, line := range original.Lines {
			line.Amount = -line.Amount
			want.Lines = append(want.Lines, line)
		}
		if diff := cmp.Diff(want, mirror, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("(-want +mirror)\n%s", diff)
		}
		trial, err := f.Ledger.TrialBalance(t.Context(), f.Book, ledger.Range{From: 20260101, To: 20261231})
		must(t, err)
		if row := trial.Rows[1]; row.Debit != 5 || row.Credit != 0 { // turnovers are as if the entry had not been
			t.Errorf("%+v", row)
		}
	})
}
