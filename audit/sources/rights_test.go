package sources_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/audit/sources"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

var pensions = ledger.BookID{Realm: 1, Number: 1}

// openRights opens a fund with the personal accounts of two members.
func openRights(t *testing.T, db *store.DB) (*ledger.Ledger, *personal.Rights, []ledger.AccountNo) {
	t.Helper()
	led, err := ledger.New(db, ledger.Config{Seeds: ledger.DerivedSeeds([]byte("rights")), Clock: func() time.Time { return time.Unix(1_700_000_000, 0) }})
	must(t, err)
	must(t, led.OpenRealm(t.Context(), ledger.RealmSpec{ID: 1, Code: "area", Name: "统筹区", Opened: 20230101, EnteredBy: "setup"}))
	chart, err := accounts.Standard()
	must(t, err)
	bookChart, err := chart.For("enterprise_pension", accounts.Conditions{Level: accounts.BelowProvincial, Collector: accounts.CollectedByAgency}, 20230101)
	must(t, err)
	var f *fund.Fund
	must(t, db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
		f, err = fund.Open(ctx, led, tx.Handle(), fund.Spec{Book: pensions, Code: "EP", Name: "养老", Chart: bookChart, First: 202301, EnteredBy: "setup"})
		return err
	}))
	rights, err := personal.NewRights(t.Context(), f)
	must(t, err)
	var numbers []ledger.AccountNo
	must(t, db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
		numbers, err = rights.Open(ctx, tx.Handle(), ledger.Act{Key: "members", Effective: 20230101, EnteredBy: "setup"}, []string{"7", "8"})
		return err
	}))
	return led, rights, numbers
}

func credit(t *testing.T, r *personal.Rights, key string, day calendar.Date, rights ...fund.Right) {
	t.Helper()
	_, err := r.Fund().Post(t.Context(), fund.Event{Event: fund.RightsOnly, Key: key, Effective: day, EnteredBy: "clerk", ApprovedBy: "chief",
		Source: ledger.Source{Kind: "test", ID: key}, Rights: rights})
	must(t, err)
}

func TestTheInterestOfALedgersAccountsIsRecomputed(t *testing.T) {
	storetest.Each(t, []store.Schema{ledger.Schema()}, func(t *testing.T, db *store.DB) {
		led, rights, numbers := openRights(t, db)
		rule := personal.InterestRule{Method: personal.MonthProduct, Rate: money.MustDecimal("0.0397"), RateSource: "2023", Months: 12,
			Rounding: money.Rounding{Scale: 2, Mode: money.HalfUp}}
		receipts := []audit.ContributionReceipt{}
		for month := range 12 {
			day := calendar.MustMonth(2023, month+1).Last()
			credit(t, rights, fmt.Sprint("c", month), day, fund.Right{Account: numbers[0], Amount: 56_000, Month: day.Month(), Tag: personal.TagContribution},
				fund.Right{Account: numbers[1], Amount: 40_000, Month: day.Month(), Tag: personal.TagContribution})
			receipts = append(receipts, audit.ContributionReceipt{
				Origin: audit.Origin{Book: pensions, ID: fmt.Sprint("r", month), Currency: fund.Currency()}, Day: day, Amount: 96_000, Allocations: []audit.Allocation{
					{Person: "7", Month: day.Month(), Part: audit.PersonPart, Amount: 56_000, Day: day}, {Person: "8", Month: day.Month(), Part: audit.PersonPart, Amount: 40_000, Day: day},
				}})
		}
		interest := func(year int) {
			_, err := rights.CreditInterest(t.Context(), personal.InterestRun{Year: year, Rule: rule, EnteredBy: "clerk", Approved: "chief", Source: ledger.Source{Kind: "rate", ID: fmt.Sprint(year)}})
			must(t, err)
		}
		interest(2023)
		credit(t, rights, "p", 20240615, fund.Right{Account: numbers[1], Amount: -100_000, Month: 202406, Tag: personal.TagPension})
		interest(2024)

		law := map[int]personal.InterestRule{2023: rule, 2024: rule}
		records := &audit.Records{Receipts: receipts, Interest: map[ledger.BookID]map[int]personal.InterestRule{pensions: law}}
		given := sources.Rights{Books: audit.ReadLedger(led, pensions)}
		all := append(given.Sources(), records.Sources()...)
		r := run(t, all, "P01", "P03", "P04", "P05", "P06")
		findings(t, r)
		r = run(t, all, "P02")
		findings(t, r)
		if notes := r.Outcomes[0].Notes; len(notes) != 1 {
			t.Errorf("the year without a rate is not told: %v", notes)
		}
		law[2025] = rule // nobody has credited 2025 yet
		findings(t, run(t, all, "P02"), "P02 account "+rights.Code("7")+", interest of 2025: 0.00 CNY is booked", "P02 account "+rights.Code("8")+", interest of 2025: 0.00 CNY")
	})
}
