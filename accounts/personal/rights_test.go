package personal_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

var (
	opened = calendar.MustDate(2023, 1, 1)
	rule   = personal.InterestRule{Method: personal.MonthProduct, Rate: money.MustDecimal("0.0397"), RateSource: "2023", Months: 12,
		Rounding: money.Rounding{Scale: 2, Mode: money.HalfUp}}
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func openRights(t *testing.T, db *store.DB, members ...string) (*personal.Rights, []ledger.AccountNo) {
	t.Helper()
	led, err := ledger.New(db, ledger.Config{Seeds: ledger.DerivedSeeds([]byte("rights")), Clock: func() time.Time { return time.Unix(1700000000, 0) }})
	check(t, err)
	check(t, led.OpenRealm(t.Context(), ledger.RealmSpec{ID: 1, Code: "area", Name: "统筹区", Opened: opened, EnteredBy: "setup"}))
	chart, err := accounts.Standard()
	check(t, err)
	bookChart, err := chart.For("enterprise_pension", accounts.Conditions{Level: accounts.BelowProvincial, Collector: accounts.CollectedByAgency}, opened)
	check(t, err)
	var f *fund.Fund
	check(t, db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
		f, err = fund.Open(ctx, led, tx.Handle(), fund.Spec{Book: ledger.BookID{Realm: 1, Number: 1}, Code: "EP", Name: "养老", Chart: bookChart, First: 202301, EnteredBy: "setup"})
		return err
	}))
	r, err := personal.NewRights(t.Context(), f)
	check(t, err)
	var numbers []ledger.AccountNo
	check(t, db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
		numbers, err = r.Open(ctx, tx.Handle(), ledger.Act{Key: "members", Effective: opened, EnteredBy: "setup"}, members)
		return err
	}))
	return r, numbers
}

func credit(t *testing.T, r *personal.Rights, key string, day calendar.Date, rights ...fund.Right) {
	t.Helper()
	_, err := r.Fund().Post(t.Context(), fund.Event{Event: fund.RightsOnly, Key: key, Effective: day, EnteredBy: "clerk", ApprovedBy: "chief",
		Source: ledger.Source{Kind: "test", ID: key}, Rights: rights})
	check(t, err)
}

func TestAYearOfEqualContributionsEarnsWhatTheRuleOf1997Says(t *testing.T) {
	storetest.Each(t, []store.Schema{ledger.Schema()}, func(t *testing.T, db *store.DB) {
		r, numbers := openRights(t, db, "m1", "m2", "m3")
		for month := range 12 {
			day := calendar.MustMonth(2023, month+1).Last()
			credit(t, r, fmt.Sprint("c", month), day, fund.Right{Account: numbers[0], Amount: 56000, Month: day.Month(), Tag: personal.TagContribution})
		}
		run := personal.InterestRun{Year: 2023, Rule: rule, EnteredBy: "clerk", Approved: "chief", Source: ledger.Source{Kind: "rate", ID: "2023"}}
		for i := range 2 {
			result, err := r.CreditInterest(t.Context(), run)
			check(t, err)
			if result.Members != 1 || result.Total != 14451 || result.Entries[0].Replayed != (i == 1) { // CN-I01: 144.51
				t.Fatalf("%+v", result)
			}
		}
		s, err := r.Statement(t.Context(), "m1", 2023)
		check(t, err)
		if s.Closing != 12*56000+14451 || s.Interest != 14451 || len(s.Lines) != 13 || s.Opening != 0 {
			t.Errorf("%+v", s)
		}
		// The next year earns on all of it, interest of the first year included.
		run.Year = 2024
		result, err := r.CreditInterest(t.Context(), run)
		check(t, err)
		if want := money.Amount(27252); result.Total != want { // 6,864.51 × 3.97 % = 272.52…
			t.Errorf("second year %d, want %d", result.Total, want)
		}
	})
}

func TestAnInterruptedRunGoesOnWhereItStopped(t *testing.T) {
	storetest.Each(t, []store.Schema{ledger.Schema()}, func(t *testing.T, db *store.DB) {
		members := make([]string, 25)
		for i := range members {
			members[i] = fmt.Sprint("m", i)
		}
		r, numbers := openRights(t, db, members...)
		var rights []fund.Right
		for i, no := range numbers {
			rights = append(rights, fund.Right{Account: no, Amount: money.Amount(100000 + i), Tag: personal.TagContribution})
		}
		credit(t, r, "all", 20230115, rights...)
		run := personal.InterestRun{Year: 2023, Rule: rule, EnteredBy: "clerk", Approved: "chief", Source: ledger.Source{Kind: "rate", ID: "2023"}, PerEntry: 10}
		ctx, cancel := context.WithCancel(t.Context())
		run.Progress = func(done, total int) {
			if done >= 10 && total == 25 {
				cancel()
			}
		}
		if _, err := r.CreditInterest(ctx, run); !errors.Is(err, context.Canceled) {
			t.Fatalf("the run was not interrupted: %v", err)
		}
		run.Progress = nil
		result, err := r.CreditInterest(t.Context(), run)
		check(t, err)
		if len(result.Entries) != 3 || !result.Entries[0].Replayed || result.Entries[2].Replayed || result.Members != 25 {
			t.Errorf("%+v", result)
		}
		report, err := r.Fund().Ledger().Verify(t.Context(), r.Fund().Book(), ledger.VerifyOptions{Deep: true})
		check(t, err)
		if !report.Sound() {
			t.Error(report.Discrepancies)
		}
		// A run over accounts that changed meanwhile is refused, not added to.
		credit(t, r, "late", 20231130, fund.Right{Account: numbers[0], Amount: 777, Tag: personal.TagContribution})
		if _, err := r.CreditInterest(t.Context(), run); !errors.Is(err, ledger.ErrKeyReused) {
			t.Errorf("credited twice: %v", err)
		}
	})
}

func TestNobodyGetsASecondAccount(t *testing.T) {
	storetest.Each(t, []store.Schema{ledger.Schema()}, func(t *testing.T, db *store.DB) {
		r, numbers := openRights(t, db, "m1")
		err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			found, err := r.Accounts(ctx, tx.Handle(), []string{"m1", "m2"})
			check(t, err)
			if len(found) != 1 || found["m1"] != numbers[0] {
				t.Errorf("found %v", found)
			}
			_, err = r.Open(ctx, tx.Handle(), ledger.Act{Key: "again", Effective: opened, EnteredBy: "setup"}, []string{"m2", "m1"})
			return err
		})
		if !errors.Is(err, ledger.ErrAccountExists) {
			t.Errorf("opened a second account: %v", err)
		}
		if _, err := r.Statement(t.Context(), "m2", 2023); !errors.Is(err, ledger.ErrAccountUnknown) {
			t.Errorf("half of the list was opened: %v", err)
		}
	})
}
