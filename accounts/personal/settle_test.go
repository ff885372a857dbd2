package personal_test

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

// settlement is one with the rule of this file.
func settlement(account ledger.AccountNo, day calendar.Date, since ledger.Seq) personal.Settlement {
	return personal.Settlement{Account: account, Day: day, Since: since, Rule: rule, Source: ledger.Source{Kind: "rate", ID: "last"},
		Key: fmt.Sprintf("settle/%d/%d", account, day), EnteredBy: "clerk", Approved: "chief"}
}

// payOut settles an account and pays it to heirs, in one transaction; it returns the entry of the payment.
func payOut(t *testing.T, db *store.DB, r *personal.Rights, s personal.Settlement) (paid *personal.Reckoning, seq ledger.Seq) {
	t.Helper()
	check(t, db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
		if paid, err = r.SettleTx(ctx, tx.Handle(), s); err != nil {
			return err
		}
		receipt, err := r.Fund().PostTx(ctx, tx.Handle(), fund.Event{Event: fund.RightsOnly, Key: s.Key + "/heirs", Effective: s.Day, EnteredBy: "clerk", ApprovedBy: "chief",
			Source: ledger.Source{Kind: "test", ID: s.Key}, Rights: []fund.Right{{Account: s.Account, Amount: -paid.Balance, Month: s.Day.Month(), Tag: personal.TagHeirs}}})
		seq = receipt.Seq
		return err
	}))
	return paid, seq
}

func balanceOf(t *testing.T, r *personal.Rights, account ledger.AccountNo) money.Amount {
	t.Helper()
	b, err := r.Fund().Ledger().Balance(t.Context(), r.Fund().Book(), account, ledger.At{})
	check(t, err)
	return b.On(ledger.Credit)
}

func yearRun(year int) personal.InterestRun {
	return personal.InterestRun{Year: year, Rule: rule, EnteredBy: "clerk", Approved: "chief", Source: ledger.Source{Kind: "rate", ID: fmt.Sprint(year)}}
}

func TestASettlementCreditsTheMonthsThatHaveElapsedAndNoRunCreditsThemAgain(t *testing.T) {
	storetest.Each(t, []store.Schema{ledger.Schema()}, func(t *testing.T, db *store.DB) {
		r, numbers := openRights(t, db, "m1", "m2")
		for i, no := range numbers {
			credit(t, r, fmt.Sprint("opening", i), 20230131, fund.Right{Account: no, Amount: 1_000_000, Tag: personal.TagContribution})
			credit(t, r, fmt.Sprint("march", i), 20230310, fund.Right{Account: no, Amount: 60_000, Tag: personal.TagContribution})
			credit(t, r, fmt.Sprint("june", i), 20230601, fund.Right{Account: no, Amount: 60_000, Tag: personal.TagContribution})
		}
		// January to May: 10,000.00 × 5 + 600.00 × 3 = 51,800.00 months; × 3.97 % ÷ 12 = 171.3716…
		s := settlement(numbers[0], 20230615, 0)
		paid, _ := payOut(t, db, r, s)
		if paid.Interest != 17_137 || paid.Balance != 1_120_000+17_137 || balanceOf(t, r, numbers[0]) != 0 {
			t.Errorf("%+v, %d left", paid, balanceOf(t, r, numbers[0]))
		}
		if y := paid.Years; len(y) != 1 || y[0].Year != 2023 || y[0].Months != 5 || len(y[0].Steps) != 3 {
			t.Errorf("%+v", y)
		}
		check(t, db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			again, err := r.SettleTx(ctx, tx.Handle(), s)
			if err == nil && (again.Interest != paid.Interest || again.Balance != paid.Balance) {
				t.Errorf("asked again: %+v", again)
			}
			return err
		}))
		entry, err := r.Fund().Ledger().EntryByKey(t.Context(), r.Fund().Book(), s.Key)
		check(t, err)
		if line := entry.Lines[0]; line.Tag != personal.InterestTag(2023) || line.Month != 202305 || entry.Source.ID != "last" || entry.Metadata["rate"] != "0.0397" ||
			entry.Metadata["method"] != string(personal.MonthProduct) || entry.Effective != 20230615 || entry.ApprovedBy != "chief" {
			t.Errorf("%+v", entry)
		}
		for i := range 2 {
			result, err := r.CreditInterest(t.Context(), yearRun(2023))
			check(t, err)
			// m2: 10,000.00 × 12 + 600.00 × 10 + 600.00 × 7 = 130,200.00 × 3.97 % ÷ 12 = 430.745
			if result.Members != 1 || result.Total != 43_075 || result.Entries[0].Replayed != (i == 1) {
				t.Errorf("%+v", result)
			}
		}
		if balanceOf(t, r, numbers[0]) != 0 {
			t.Errorf("%d on a settled account", balanceOf(t, r, numbers[0]))
		}
	})
}

func TestASettlementBeforeTheYearsRunCreditsTheYearBefore(t *testing.T) {
	storetest.Each(t, []store.Schema{ledger.Schema()}, func(t *testing.T, db *store.DB) {
		r, numbers := openRights(t, db, "m1", "m2", "m3", "m4")
		for i, no := range numbers {
			credit(t, r, fmt.Sprint("opening", i), 20230105, fund.Right{Account: no, Amount: 1_000_000, Tag: personal.TagContribution})
		}
		// 2023: 397.00. Of 2024 January only: 10,397.00 × 3.97 % ÷ 12 = 34.3967…
		first, _ := payOut(t, db, r, settlement(numbers[0], 20240210, 0))
		if first.Interest != 39_700+3_440 || len(first.Years) != 2 || first.Years[0].Months != 12 || first.Years[1].Months != 1 {
			t.Errorf("%+v", first)
		}
		run := yearRun(2023)
		run.PerEntry = 1
		ctx, cancel := context.WithCancel(t.Context())
		run.Progress = func(int, int) { cancel() }
		if _, err := r.CreditInterest(ctx, run); !errors.Is(err, context.Canceled) {
			t.Fatal(err) // the second account is credited, the third not yet
		}
		for i, wants := range map[int][]personal.SettledYear{1: {{Year: 2024, Interest: 3_440}}, 2: {{Year: 2023, Interest: 39_700}, {Year: 2024, Interest: 3_440}}} {
			paid, _ := payOut(t, db, r, settlement(numbers[i], 20240211, 0))
			if paid.Balance != 1_000_000+39_700+3_440 || len(paid.Years) != len(wants) {
				t.Fatalf("account %d: %+v", i, paid)
			}
			for k, want := range wants {
				if y := paid.Years[k]; y.Year != want.Year || y.Interest != want.Interest {
					t.Errorf("account %d: %+v, want %+v", i, y, want)
				}
			}
		}
		run.Progress = nil
		for range 2 {
			result, err := r.CreditInterest(t.Context(), run)
			check(t, err)
			if result.Members != 2 || len(result.Entries) != 2 || !result.Entries[0].Replayed {
				t.Errorf("%+v", result)
			}
		}
		for i, want := range []money.Amount{0, 0, 0, 1_039_700} {
			if got := balanceOf(t, r, numbers[i]); got != want {
				t.Errorf("account %d at %d, want %d", i, got, want)
			}
		}
	})
}

// Balances taken over hold the interest of the years before the book began.
func TestASettlementCreditsNoYearBeforeTheBooks(t *testing.T) {
	storetest.Each(t, []store.Schema{ledger.Schema()}, func(t *testing.T, db *store.DB) {
		r, numbers := openRights(t, db, "m1", "m2")
		for i, no := range numbers {
			credit(t, r, fmt.Sprint("taken over", i), 20231231, fund.Right{Account: no, Amount: 1_000_000, Tag: personal.TagTransfer})
		}
		// Of 2024 January and February: 10,000.00 × 3.97 % ÷ 6 = 66.1666…; without First a month of 2023 besides: 33.08, which earns 0.22.
		s := settlement(numbers[0], 20240310, 0)
		s.First = 2024
		if paid, _ := payOut(t, db, r, s); paid.Interest != 6_617 || len(paid.Years) != 1 {
			t.Errorf("%+v", paid)
		}
		if paid, _ := payOut(t, db, r, settlement(numbers[1], 20240311, 0)); paid.Interest != 3_308+6_639 || len(paid.Years) != 2 {
			t.Errorf("%+v", paid)
		}
	})
}

func TestWhatComesAfterASettlementEarnsFromItsMonthAndIsSettledInItsTurn(t *testing.T) {
	storetest.Each(t, []store.Schema{ledger.Schema()}, func(t *testing.T, db *store.DB) {
		r, numbers := openRights(t, db, "m1", "m2")
		for i, no := range numbers {
			credit(t, r, fmt.Sprint("opening", i), 20230105, fund.Right{Account: no, Amount: 1_000_000, Tag: personal.TagContribution})
		}
		_, since := payOut(t, db, r, settlement(numbers[0], 20230410, 0))
		_, since2 := payOut(t, db, r, settlement(numbers[1], 20230410, 0))
		for i, no := range numbers {
			credit(t, r, fmt.Sprint("same month", i), 20230420, fund.Right{Account: no, Amount: 50_000, Tag: personal.TagContribution})
			credit(t, r, fmt.Sprint("backdated", i), 20230315, fund.Right{Account: no, Amount: 20_000, Tag: personal.TagContribution})
		}
		// Settled again on 1 August: 500.00 for four months and 200.00 for five: 3,000.00 × 3.97 % ÷ 12 = 9.925
		again, _ := payOut(t, db, r, settlement(numbers[0], 20230801, since))
		if again.Interest != 993 || again.Balance != 70_000+993 {
			t.Errorf("%+v", again)
		}
		for i := range 2 {
			result, err := r.CreditInterest(t.Context(), yearRun(2023))
			check(t, err)
			// 500.00 for nine months and 200.00 for ten: 6,500.00 × 3.97 % ÷ 12 = 21.504…
			if result.Members != 1 || result.Total != 2_150 || result.Entries[0].Replayed != (i == 1) {
				t.Errorf("%+v", result)
			}
		}
		if balanceOf(t, r, numbers[0]) != 0 || balanceOf(t, r, numbers[1]) != 72_150 {
			t.Errorf("%d and %d", balanceOf(t, r, numbers[0]), balanceOf(t, r, numbers[1]))
		}
		// A settlement after the year's run finds the year credited.
		if paid, _ := payOut(t, db, r, settlement(numbers[1], 20231231, since2)); paid.Interest != 0 || paid.Balance != 72_150 {
			t.Errorf("%+v", paid)
		}
	})
}

func TestAPartOfAnAccountPaidToHeirsIsNoSettlement(t *testing.T) {
	storetest.Each(t, []store.Schema{ledger.Schema()}, func(t *testing.T, db *store.DB) {
		r, numbers := openRights(t, db, "m1")
		credit(t, r, "opening", 20230105, fund.Right{Account: numbers[0], Amount: 1_000_000, Tag: personal.TagContribution})
		credit(t, r, "part", 20230410, fund.Right{Account: numbers[0], Amount: -400_000, Tag: personal.TagHeirs})
		result, err := r.CreditInterest(t.Context(), yearRun(2023))
		check(t, err)
		if result.Total != 27_790 { // 10,000.00 × 12 − 4,000.00 × 9 = 84,000.00 × 3.97 % ÷ 12 = 277.90
			t.Errorf("%+v", result)
		}
	})
}

func TestASettlementThatCannotBeIsRefusedWithEveryReason(t *testing.T) {
	storetest.Each(t, []store.Schema{ledger.Schema()}, func(t *testing.T, db *store.DB) {
		r, numbers := openRights(t, db, "m1")
		credit(t, r, "opening", 20230105, fund.Right{Account: numbers[0], Amount: 1_000_000, Tag: personal.TagContribution})
		refused := func(change func(*personal.Settlement), targets ...any) {
			t.Helper()
			s := settlement(numbers[0], 20230615, 0)
			change(&s)
			err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				_, err := r.SettleTx(ctx, tx.Handle(), s)
				return err
			})
			for _, target := range targets {
				if !errors.As(err, target) {
					t.Errorf("%v is no %T", err, target)
				}
			}
			if err == nil {
				t.Errorf("%+v was settled", s)
			}
		}
		var law *personal.RuleError
		var settled *personal.SettlementError
		var one *fund.Error
		refused(func(s *personal.Settlement) {
			s.Rule.Method, s.Rule.AnnualFactor = personal.Annual, personal.Fraction{Numerator: 13, Denominator: 12}
		}, &law)
		refused(func(s *personal.Settlement) {
			s.Rule.Rate, s.Account, s.Day = money.MustDecimal("-1"), r.Control().No, 20230231
		}, &law, &settled)
		refused(func(s *personal.Settlement) { s.Account = 99_999 }, &settled)
		refused(func(s *personal.Settlement) { s.Key = "opening" }, &settled)
		book, err := r.Fund().Ledger().Book(t.Context(), r.Fund().Book())
		check(t, err)
		refused(func(s *personal.Settlement) { s.Since = book.Seq }, &settled)
		refused(func(s *personal.Settlement) { s.Approved = s.EnteredBy }, &one)
		refused(func(s *personal.Settlement) { s.Source = ledger.Source{} }, &one)
		if balanceOf(t, r, numbers[0]) != 1_000_000 {
			t.Error("a refused settlement was booked")
		}
	})
}

// naive keeps one account's postings since it was settled last.
type naive struct {
	since    ledger.Seq
	days     []calendar.Date
	amounts  []money.Amount
	credited map[int]bool
}

func (n *naive) post(day calendar.Date, amount money.Amount) {
	n.days, n.amounts = append(n.days, day), append(n.amounts, amount)
}

// interest is that of the first months of a year, each part rounded half up in exact fractions.
func (n *naive) interest(year, months int, extra money.Amount) money.Amount {
	opening, product := new(big.Int).SetInt64(int64(extra)), new(big.Int)
	for i, day := range n.days {
		amount := big.NewInt(int64(n.amounts[i]))
		switch weight := months - day.MonthOfYear() + 1; {
		case day.Year() < year:
			opening.Add(opening, amount)
		case day.Year() == year && weight > 0:
			product.Add(product, amount.Mul(amount, big.NewInt(int64(weight))))
		}
	}
	opening.Mul(opening, big.NewInt(int64(months)))
	return halfUp(opening) + halfUp(product)
}

// halfUp is whole minor units × 3.97 % ÷ 12; what stands on an account is never below zero here, what moves on it may be.
func halfUp(product *big.Int) money.Amount {
	sign, size := int64(product.Sign()), new(big.Int).Abs(product)
	size.Mul(size, big.NewInt(2*397)).Add(size, big.NewInt(120_000)).Quo(size, big.NewInt(240_000))
	return money.Amount(sign * size.Int64())
}

func TestSettlementsAndRunsOfYearsAgreeWithANaiveReckoning(t *testing.T) {
	const accounts, firstYear, lastYear = 12, 2023, 2025
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	roots := map[string]ledger.Book{}
	storetest.Each(t, []store.Schema{ledger.Schema()}, func(t *testing.T, db *store.DB) {
		random := rand.New(rand.NewPCG(seed, 1))
		members := make([]string, accounts)
		for i := range members {
			members[i] = fmt.Sprint("m", i)
		}
		r, numbers := openRights(t, db, members...)
		model := make([]naive, accounts)
		for i := range model {
			model[i].credited = map[int]bool{}
		}
		due := map[calendar.Month]int{} // the year that is credited at the end of a month
		for year := firstYear; year <= lastYear; year++ {
			due[calendar.MustMonth(year, 12).Add(random.IntN(4))] = year
		}
		for month := calendar.MustMonth(firstYear, 1); month <= calendar.MustMonth(lastYear+1, 4); month = month.Add(1) {
			var rights []fund.Right
			day := month.First().AddDays(random.IntN(28))
			for i := range model {
				if balance := balanceOf(t, r, numbers[i]); random.IntN(3) > 0 && (model[i].since == 0 || random.IntN(4) == 0) {
					amount := 1 + money.Amount(random.Int64N(3_000_000))
					if random.IntN(4) == 0 && balance > 1 {
						amount = -1 - money.Amount(random.Int64N(int64(balance)-1))
					}
					rights = append(rights, fund.Right{Account: numbers[i], Amount: amount, Tag: personal.TagCorrection})
					model[i].post(day, amount)
				}
			}
			if len(rights) > 0 {
				credit(t, r, "month "+month.String(), day, rights...)
			}
			for i := range model {
				if random.IntN(12) == 0 && balanceOf(t, r, numbers[i]) > 0 {
					model[i].settle(t, db, r, settlement(numbers[i], month.Last(), model[i].since))
				}
			}
			if year := due[month]; year != 0 {
				var want money.Amount
				for i := range model {
					want += model[i].run(year)
				}
				for range 2 {
					result, err := r.CreditInterest(t.Context(), yearRun(year))
					check(t, err)
					if result.Total != want {
						t.Fatalf("interest of %d: %d, want %d", year, result.Total, want)
					}
				}
			}
			for i := range model {
				if want, err := money.Sum(model[i].amounts...); err != nil || want != balanceOf(t, r, numbers[i]) {
					t.Fatalf("%v: account %d at %d, want %d, %v", month, i, balanceOf(t, r, numbers[i]), want, err)
				}
			}
		}
		book, err := r.Fund().Ledger().Book(t.Context(), r.Fund().Book())
		check(t, err)
		roots[db.Dialect().Name()] = book
	})
	if a, b := roots[storetest.SQLite], roots[storetest.Postgres]; b.Seq != 0 && (a.Root != b.Root || a.Seq != b.Seq) {
		t.Errorf("the engines' books differ after seed %d", seed)
	}
}

// settle settles the account in the book and in the model, and compares.
func (n *naive) settle(t *testing.T, db *store.DB, r *personal.Rights, s personal.Settlement) {
	t.Helper()
	year, months := s.Day.Year(), s.Day.MonthOfYear()-1
	var before, now money.Amount
	if !n.credited[year-1] {
		before = n.interest(year-1, 12, 0)
	}
	if !n.credited[year] {
		now = n.interest(year, months, before)
	}
	paid, seq := payOut(t, db, r, s)
	if paid.Interest != before+now {
		t.Fatalf("account %d settled on %v with interest of %d, want %d + %d", s.Account, s.Day, paid.Interest, before, now)
	}
	*n = naive{since: seq, credited: map[int]bool{}}
}

func (n *naive) run(year int) money.Amount {
	interest := n.interest(year, 12, 0)
	if interest != 0 {
		n.post(calendar.MustDate(year, 12, 31), interest)
		n.credited[year] = true
	}
	return interest
}
