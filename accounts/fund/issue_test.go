package fund_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/statement"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/google/go-cmp/cmp"
)

func issueOrder(t *testing.T, f *fund.Fund, period calendar.Period) fund.IssueOrder {
	t.Helper()
	csv, err := f.IssueCSV(t.Context(), period, fund.IssueTerms{})
	must(t, err)
	return fund.IssueOrder{Period: period, Issued: period.Month().Last(), To: "市财政局", CSV: csv, EnteredBy: "clerk", Approved: "chief"}
}

func TestStatementsAreIssuedAndStandForGood(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		f := newFund(t, db, accounts.CollectedByAgency, "")
		january(t, f)
		if _, err := f.IssueCSV(t.Context(), 202601, fund.IssueTerms{}); !errors.Is(err, fund.ErrNotClosed) {
			t.Errorf("statements of an open month: %v", err)
		}
		signAll(t, f, 202601)
		_, err := closePeriod(t, f, db, 202601)
		must(t, err)
		order := issueOrder(t, f, 202601)
		golden(t, "issued.csv", string(order.CSV))

		altered := order
		altered.CSV, altered.Approved = bytes.Replace(order.CSV, []byte("1680.00"), []byte("1690.00"), 1), "clerk"
		_, err = f.Issue(t.Context(), altered)
		if !errors.Is(err, fund.ErrDiffers) || !errors.Is(err, fund.ErrOneHand) || !strings.Contains(err.Error(), "1690.00") {
			t.Errorf("a figure that the book does not give, by one hand: %v", err)
		}
		var issue fund.Issue
		for range 2 { // the second changes nothing
			issue, err = f.Issue(t.Context(), order)
			must(t, err)
		}
		hash := sha256.Sum256(order.CSV)
		want := fund.Issue{Book: f.Book(), Period: 202601, Seq: issue.Seq, Issued: 20260131, EnteredBy: "clerk", Approved: "chief", Hash: hash[:]}
		issues, err := f.Issues(t.Context())
		must(t, err)
		if diff := cmp.Diff([]fund.Issue{want}, issues); diff != "" || issue.Seq == 0 {
			t.Error(diff)
		}
		if diff := cmp.Diff(want, issue); diff != "" {
			t.Error(diff)
		}
		must(t, issue.Check(order.CSV))
		if err := issue.Check(altered.CSV); !errors.Is(err, fund.ErrAltered) {
			t.Errorf("another file: %v", err)
		}
		_, err = f.Ledger().ReopenPeriod(t.Context(), f.Book(), ledger.Act{Key: "again", Effective: 20260201, Description: "reason", EnteredBy: "clerk", ApprovedBy: "chief"}, 202601)
		if !errors.Is(err, ledger.ErrPeriodFinal) {
			t.Errorf("a month that was issued is open again: %v", err)
		}
		again, err := f.IssueCSV(t.Context(), 202601, fund.IssueTerms{})
		must(t, err)
		if !bytes.Equal(again, order.CSV) {
			t.Error("the file differs when it is made again")
		}
		order.To = "省财政厅"
		if _, err := f.Issue(t.Context(), order); !errors.Is(err, ledger.ErrKeyReused) {
			t.Errorf("issued a second time to another: %v", err)
		}
	})
}

func TestIssueTxStandsOrFallsWithTheHostsTransaction(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		f := newFund(t, db, accounts.CollectedByAgency, fund.CloseYearly)
		january(t, f)
		signAll(t, f, 202601)
		_, err := closePeriod(t, f, db, 202601)
		must(t, err)
		order := issueOrder(t, f, 202601)
		abandoned := errors.New("the host's own write failed")
		err = db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := f.IssueTx(ctx, tx.Handle(), order)
			must(t, err)
			return abandoned
		})
		if issues, _ := f.Issues(t.Context()); !errors.Is(err, abandoned) || len(issues) != 0 {
			t.Fatalf("%v, %v", err, issues)
		}
		must(t, db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			issue, err := f.IssueTx(ctx, tx.Handle(), order)
			must(t, err)
			inside, err := f.IssuesTx(ctx, tx.Handle())
			if len(inside) != 1 || inside[0].Seq != issue.Seq {
				t.Errorf("%+v", inside)
			}
			return err
		}))
		if issues, err := f.Issues(t.Context()); err != nil || len(issues) != 1 {
			t.Errorf("%v, %v", err, issues)
		}
	})
}

// A month that another program closed without its closing vouchers is not sent out.
func TestStatementsThatContradictThemselvesAreNotIssued(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		f := newFund(t, db, accounts.CollectedByAgency, fund.CloseMonthly)
		january(t, f)
		must2(t)(f.Ledger().ClosePeriod(t.Context(), f.Book(), ledger.Act{Key: "bare", Effective: 20260131, EnteredBy: "clerk", ApprovedBy: "chief"}, 202601))
		_, err := f.Issue(t.Context(), fund.IssueOrder{Period: 202601, Issued: 20260131, EnteredBy: "clerk", Approved: "chief"})
		var violation statement.Violation
		if !errors.Is(err, fund.ErrRelation) || !errors.As(err, &violation) || violation.Relation != statement.V1 {
			t.Errorf("%v", err)
		}
		if b, _ := f.Ledger().Book(t.Context(), f.Book()); b.IssuedThrough != 0 {
			t.Error("issued all the same")
		}
	})
}

func TestAnIssueWithoutAFileIsKnown(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		f := newFund(t, db, accounts.CollectedByAgency, "")
		signAll(t, f, 202601)
		_, err := closePeriod(t, f, db, 202601)
		must(t, err)
		must2(t)(f.Ledger().IssuePeriod(t.Context(), f.Book(), ledger.Act{Key: "bare", Effective: 20260131, EnteredBy: "clerk"}, 202601))
		issues, err := f.Issues(t.Context())
		must(t, err)
		if len(issues) != 1 || len(issues[0].Hash) != 0 || !errors.Is(issues[0].Check(nil), fund.ErrAltered) {
			t.Errorf("%+v", issues)
		}
	})
}

// The filing of 2026 (SUP 4.2): premiums that residents prepaid in 2025 leave the balance by an entry of the first of January, which adjusts the opening balance sheet.
func TestAnOpeningAdjustmentIsNoMovementOfTheYear(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		led, err := ledger.New(db, ledger.Config{Seeds: ledger.DerivedSeeds([]byte("fund")), Clock: func() time.Time { return time.Unix(1767225600, 0) }})
		must(t, err)
		must(t, led.OpenRealm(t.Context(), ledger.RealmSpec{ID: 1, Code: "area", Name: "统筹区", Opened: 20251201, EnteredBy: "setup"}))
		chart, err := readStandard()
		must(t, err)
		bookChart, err := chart.For(accounts.ResidentMedical, accounts.Conditions{Level: accounts.BelowProvincial, Collector: accounts.CollectedByAgency, LaterPremiumsFiled: true}, 20251201)
		must(t, err)
		var f *fund.Fund
		must(t, db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
			f, err = fund.Open(ctx, led, tx.Handle(), fund.Spec{Book: book, Code: "RM", Name: "居民医保", Chart: bookChart, First: 202512, EnteredBy: "setup", Approved: "chief"})
			return err
		}))
		must2(t)(f.Post(t.Context(), event("E3c", "premium", 20251220, part(accounts.RoleFiscalAccount, 90000), part(accounts.RoleContributions, 90000))))
		for _, period := range []calendar.Period{202512, 202513} {
			if !period.IsClosing() {
				signAll(t, f, period)
			}
			_, err := closePeriod(t, f, db, period)
			must(t, err)
		}
		must(t, db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
			f, err = f.Adopt(ctx, tx.Handle(), 20260101, ledger.Act{Key: "chart 2026", Effective: 20260101, EnteredBy: "setup", ApprovedBy: "chief"})
			return err
		}))
		// 5101 took lines itself and has details now: it stays what it is in the ledger, and they stand beside it.
		for code, class := range map[string]ledger.Class{"5101": ledger.Detail, "5101.01": ledger.Heading, "5101.01.01": ledger.Detail, "5101.02": ledger.Detail} {
			if account, err := f.Ledger().Account(t.Context(), f.Book(), code); err != nil || account.Class != class {
				t.Errorf("%s is a %s, %v", code, account.Class, err)
			}
		}
		adjustment, err := f.Post(t.Context(), event("E49", "adjustment", 20260101, part(accounts.RoleLaterPremium, 30000)))
		must(t, err)
		other, err := f.Post(t.Context(), event("E8a", "interest", 20260121, part(accounts.RoleFiscalAccount, 50), part(accounts.RoleDepositInterest, 50)))
		must(t, err)
		signAll(t, f, 202601)
		_, err = closePeriod(t, f, db, 202601)
		must(t, err)

		if _, err := f.IssueCSV(t.Context(), 202601, fund.IssueTerms{}); !errors.Is(err, fund.ErrRelation) {
			t.Errorf("the adjustment counted as movement, and no relation broke: %v", err)
		}
		state, err := f.ClosingState(t.Context(), 202601)
		must(t, err)
		figures, err := f.FiguresAt(t.Context(), state)
		must(t, err)
		adjusted, err := f.Adjusted(t.Context(), figures, adjustment.Seq, adjustment.Seq)
		must(t, err)
		s, err := statement.Make(f.Chart(), adjusted, statement.Request{Kind: accounts.BalanceSheet, Month: 202601})
		must(t, err)
		for row, want := range map[string][2]int64{"bs_temporary_receipts": {30000, 30000}, "bs_total_net_assets": {60000, 60050}, "bs_total_assets": {90000, 90050}} {
			if cells := s.Row(row).Cells; int64(cells[0].Amount) != want[0] || int64(cells[1].Amount) != want[1] {
				t.Errorf("%s is %d, %d, want %v", row, cells[0].Amount, cells[1].Amount, want)
			}
		}
		agrees(t, f, adjusted, 202601)
		for name, from := range map[string]*fund.Figures{"of a closing": figures, "of the book as it stands": nil} {
			must(t, db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
				if from == nil {
					if from, err = f.FiguresTx(ctx, tx.Handle(), 202601); err != nil {
						return err
					}
				}
				inside, err := f.AdjustedTx(ctx, tx.Handle(), from, adjustment.Seq)
				if err != nil {
					return err
				}
				for _, id := range []string{"general_balance", "temporary_receipts.income_to_confirm", "fiscal_account"} {
					want, _ := adjusted.Opening(id, 2026)
					if got, err := inside.Opening(id, 2026); err != nil || got != want {
						t.Errorf("figures %s: %s opens at %d, want %d, %v", name, id, got, want, err)
					}
				}
				return nil
			}))
		}
		_, err = f.IssueCSV(t.Context(), 202601, fund.IssueTerms{Adjustments: []ledger.Seq{adjustment.Seq}})
		must(t, err)
		if before, _ := figures.Opening("general_balance", 2026); before != -90000 {
			t.Errorf("the figures that were given have changed: %d", before)
		}
		for _, seq := range []ledger.Seq{other.Seq, 1} {
			if _, err := f.Adjusted(t.Context(), figures, seq); !errors.Is(err, fund.ErrNoAdjustment) {
				t.Errorf("entry %d: %v", seq, err)
			}
		}
	})
}
