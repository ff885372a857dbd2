package sources_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

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

// settle settles an account and pays it to heirs; it returns the entry of the payment.
func settle(t *testing.T, db *store.DB, r *personal.Rights, s personal.Settlement) (seq ledger.Seq) {
	t.Helper()
	must(t, db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		paid, err := r.SettleTx(ctx, tx.Handle(), s)
		if err != nil {
			return err
		}
		receipt, err := r.Fund().PostTx(ctx, tx.Handle(), fund.Event{Event: fund.RightsOnly, Key: s.Key + "/heirs", Effective: s.Day, EnteredBy: "clerk", ApprovedBy: "chief",
			Source: ledger.Source{Kind: "test", ID: s.Key}, Rights: []fund.Right{{Account: s.Account, Amount: -paid.Balance, Month: s.Day.Month(), Tag: personal.TagHeirs}}})
		seq = receipt.Seq
		return err
	}))
	return seq
}

// The run of the year and the settlements, written without a thought of rule P02, satisfy it whatever the order in which they come.
func TestP02FindsNothingInWhatSettlementsAndRunsCredit(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	storetest.Each(t, []store.Schema{ledger.Schema()}, func(t *testing.T, db *store.DB) {
		random := rand.New(rand.NewPCG(seed, 2))
		led, rights, numbers := openRights(t, db)
		must(t, db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			more, err := rights.Open(ctx, tx.Handle(), ledger.Act{Key: "more", Effective: 20230101, EnteredBy: "setup"}, []string{"9", "10", "11", "12", "13", "14"})
			numbers = append(numbers[:2:2], more...)
			return err
		}))
		rule := personal.InterestRule{Method: personal.MonthProduct, Rate: money.MustDecimal("0.0397"), RateSource: "2023", Months: 12,
			Rounding: money.Rounding{Scale: 2, Mode: money.HalfUp}}
		last := rule
		last.Rate = money.MustDecimal("0.0262")
		source := ledger.Source{Kind: "rate", ID: "rate"}
		since := make([]ledger.Seq, len(numbers))
		run := map[calendar.Month]int{}
		for _, year := range []int{2023, 2024} {
			run[calendar.MustMonth(year, 12).Add(random.IntN(3))] = year
		}
		for month := calendar.Month(202301); month <= 202503; month = month.Add(1) {
			for i, no := range numbers {
				if since[i] == 0 && random.IntN(3) > 0 || random.IntN(8) == 0 {
					amount := 1 + money.Amount(random.Int64N(2_000_000))
					credit(t, rights, fmt.Sprint("c", month, i), month.First().AddDays(random.IntN(28)), fund.Right{Account: no, Amount: amount, Tag: personal.TagCorrection})
				}
				balance, err := led.Balance(t.Context(), pensions, no, ledger.At{})
				must(t, err)
				if balance.Net() != 0 && random.IntN(10) == 0 {
					since[i] = settle(t, db, rights, personal.Settlement{Account: no, Day: month.Last(), Since: since[i], Rule: last, Source: source, Key: fmt.Sprint("s", month, i),
						EnteredBy: "clerk", Approved: "chief"})
				}
			}
			if year := run[month]; year != 0 {
				_, err := rights.CreditInterest(t.Context(), personal.InterestRun{Year: year, Rule: rule, EnteredBy: "clerk", Approved: "chief", Source: source})
				must(t, err)
			}
		}
		records := &audit.Records{Receipts: []audit.ContributionReceipt{}, Interest: map[ledger.BookID]map[int]personal.InterestRule{pensions: {2022: rule, 2023: rule, 2024: rule}},
			Settlements: map[ledger.BookID][]audit.DatedInterest{pensions: {{From: 20230101, InterestRule: last}}}}
		given := append(sources.Rights{Books: audit.ReadLedger(led, pensions)}.Sources(), records.Sources()...)
		findings(t, runAsOf(t, given, 20250331, "P02", "P04"))
	})
}
