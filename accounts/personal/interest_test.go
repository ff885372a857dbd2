package personal

import (
	"errors"
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/fundledger/fundledger/ledger/money"
)

var (
	yuan   = money.MustCurrency("CNY")
	halfUp = money.Rounding{Scale: 2, Mode: money.HalfUp}
)

func ruleOf(method InterestMethod, rate string) InterestRule {
	return InterestRule{Method: method, Rate: money.MustDecimal(rate), RateSource: "test", Months: 12, AnnualFactor: Fraction{13, 12}, Rounding: halfUp}
}

func every(amount money.Amount) (postings [12]money.Amount) {
	for i := range postings {
		postings[i] = amount
	}
	return postings
}

func TestInterestOfAYear(t *testing.T) {
	for name, c := range map[string]struct {
		year Year
		rule InterestRule
		want Credit
	}{
		// 560 × (12 + 11 + … + 1) = 43,680 × 3.97 % ÷ 12 = 144.508; 劳办发〔1997〕116号
		"equal months by products": {Year{Postings: every(560_00)}, ruleOf(MonthProduct, "0.0397"), Credit{0, 144_51, 6864_51}},
		// 6,720 × 3.97 % × 13/12 ÷ 2 = 144.508
		"equal months by the year": {Year{Postings: every(560_00)}, ruleOf(Annual, "0.0397"), Credit{0, 144_51, 6864_51}},
		"the balance earns a year": {Year{Opening: 10000_00}, ruleOf(MonthProduct, "0.0831"), Credit{831_00, 0, 10831_00}},
		// a posting of December earns one month by products, none on the month before's balance
		"December by products":           {Year{Postings: [12]money.Amount{11: 1200_00}}, ruleOf(MonthProduct, "0.06"), Credit{0, 6_00, 1206_00}},
		"December on the previous close": {Year{Postings: [12]money.Amount{11: 1200_00}}, ruleOf(PreviousMonthClose, "0.06"), Credit{0, 0, 1200_00}},
		"January on the previous close":  {Year{Postings: [12]money.Amount{1200_00}}, ruleOf(PreviousMonthClose, "0.06"), Credit{0, 66_00, 1266_00}},
		// GPF of saiindia.gov.in: 20 a month from the second month on, 4 %: 20 × 66 × 4 % ÷ 12 = 4.40
		"from the second month on":         {Year{Postings: [12]money.Amount{0, 20_00, 20_00, 20_00, 20_00, 20_00, 20_00, 20_00, 20_00, 20_00, 20_00, 20_00}}, ruleOf(MonthProduct, "0.04"), Credit{0, 4_40, 224_40}},
		"a refund takes its products away": {Year{Opening: 1000_00, Postings: [12]money.Amount{6: -1000_00}}, ruleOf(MonthProduct, "0.12"), Credit{120_00, -60_00, 60_00}},
	} {
		credit, steps, err := ComputeInterest(c.year, c.rule, yuan)
		if err != nil || credit != c.want || len(steps) != 3 {
			t.Errorf("%s: %+v, %v, want %+v", name, credit, err, c.want)
		}
	}
}

func TestOnlyElapsedMonthsEarnInTheYearOfRetirement(t *testing.T) {
	rule := ruleOf(MonthProduct, "0.12")
	rule.Months = 3
	credit, steps, err := ComputeInterest(Year{Opening: 1000_00, Postings: [12]money.Amount{100_00, 100_00, 100_00}}, rule, yuan)
	// 1000 × 12 % × 3/12 = 30; 100 × (3 + 2 + 1) × 1 % = 6
	if err != nil || credit != (Credit{30_00, 6_00, 1336_00}) {
		t.Errorf("%+v, %v", credit, err)
	}
	if steps[0].Formula != "opening × 0.12 × 3/12" || steps[1].Formula != "Σ c_n × (3 − n + 1) × 0.12 ÷ 12" {
		t.Errorf("steps %+v", steps)
	}
	var account *AccountError
	if _, _, err := ComputeInterest(Year{Postings: [12]money.Amount{3: 1}}, rule, yuan); !errors.As(err, &account) {
		t.Errorf("a posting after the last month: %v", err)
	}
}

func TestBothMethodsAgreeForEqualMonths(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		year := Year{Opening: money.Amount(rapid.Int64Range(0, 1e12).Draw(t, "opening")), Postings: every(money.Amount(rapid.Int64Range(0, 1e9).Draw(t, "posting")))}
		rate := decimal.New(rapid.Int64Range(0, 10000).Draw(t, "rate"), -4).String()
		products, _, err := ComputeInterest(year, ruleOf(MonthProduct, rate), yuan)
		if err != nil {
			t.Fatal(err)
		}
		annual, _, err := ComputeInterest(year, ruleOf(Annual, rate), yuan)
		if err != nil || annual != products {
			t.Fatalf("%+v and %+v, %v", products, annual, err)
		}
	})
}

// The misprint C × (1 + r/2) × 1.083 counts the principal into the interest. No method gives anything like it.
func TestTheMisprintedFormulaIsNoMethod(t *testing.T) {
	year := Year{Postings: every(560_00)}
	misprint := new(big.Rat).Mul(big.NewRat(6720, 1), big.NewRat(10000+397/2, 10000))
	misprint.Mul(misprint, big.NewRat(1083, 1000))
	for _, method := range []InterestMethod{MonthProduct, Annual, PreviousMonthClose} {
		credit, _, err := ComputeInterest(year, ruleOf(method, "0.0397"), yuan)
		if err != nil {
			t.Fatal(err)
		}
		if principal := money.Amount(6720_00); credit.Closing >= principal*1083/1000 {
			t.Errorf("%s closes at %d, where the misprint gives %s", method, credit.Closing, misprint.FloatString(2))
		}
	}
}

func TestASetOfAccountsGetsWhatEachGets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule := drawRule(t)
		years := make([]Year, rapid.IntRange(0, 5).Draw(t, "accounts"))
		for i := range years {
			years[i].Opening = money.Amount(rapid.Int64Range(-1e9, 1e14).Draw(t, "opening"))
			for m := range rule.Months {
				years[i].Postings[m] = money.Amount(rapid.Int64Range(-1e6, 1e12).Draw(t, "posting"))
			}
		}
		credits, err := ComputeInterests(nil, years, rule, yuan)
		if err != nil {
			t.Fatal(err)
		}
		for i, y := range years {
			want, steps, err := ComputeInterest(y, rule, yuan)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, credits[i]); diff != "" {
				t.Fatalf("account %d: %s\n%+v", i, diff, steps)
			}
		}
	})
}

func drawRule(t *rapid.T) InterestRule {
	rule := InterestRule{
		Method: rapid.SampledFrom([]InterestMethod{MonthProduct, Annual, PreviousMonthClose}).Draw(t, "method"),
		Rate:   decimal.New(rapid.Int64Range(0, 1e8).Draw(t, "rate"), -8), Months: rapid.IntRange(0, 12).Draw(t, "months"),
		AnnualFactor: Fraction{13, 12},
		Rounding: money.Rounding{
			Scale: rapid.Int32Range(-1, 2).Draw(t, "scale"),
			Mode:  rapid.SampledFrom([]money.Mode{money.HalfUp, money.HalfEven, money.Ceil, money.Floor, money.Truncate}).Draw(t, "mode"),
		},
		RoundSum: rapid.Bool().Draw(t, "round sum"),
	}
	if rapid.Bool().Draw(t, "printed factor") {
		rule.AnnualFactor = Fraction{1083, 1000}
	}
	if rule.Method == Annual {
		rule.Months = 12
	}
	return rule
}

func TestTheSumCanBeRoundedOnce(t *testing.T) {
	rule := ruleOf(MonthProduct, "0.06")
	year := Year{Opening: 8, Postings: [12]money.Amount{11: 104}} // 0.0048 and 0.0052 yuan of interest: together one fen
	apart, _, err := ComputeInterest(year, rule, yuan)
	if err != nil || apart.OnOpening+apart.OnPostings != 1 {
		t.Errorf("rounded apart: %+v, %v", apart, err)
	}
	year.Postings[11] = 84 // 0.0048 and 0.0042: apart nothing, together 0.0090
	apart, _, err = ComputeInterest(year, rule, yuan)
	if err != nil || apart.OnOpening+apart.OnPostings != 0 {
		t.Errorf("rounded apart: %+v, %v", apart, err)
	}
	rule.RoundSum = true
	together, _, err := ComputeInterest(year, rule, yuan)
	if err != nil || together.OnOpening != 0 || together.OnPostings != 1 {
		t.Errorf("rounded together: %+v, %v", together, err)
	}
}

func TestFaultyRulesAreRefusedWithEveryFault(t *testing.T) {
	_, _, err := ComputeInterest(Year{}, InterestRule{Method: "lowest_balance", Rate: money.MustDecimal("3.97"), Months: 13}, yuan)
	var faulty *RuleError
	if !errors.As(err, &faulty) || len(faulty.Faults) != 4 {
		t.Errorf("got %v, want method, rate, months and rounding", err)
	}
	for name, change := range map[string]func(*InterestRule){
		"part of a year by the year": func(r *InterestRule) { r.Method, r.Months = Annual, 6 },
		"no factor":                  func(r *InterestRule) { r.Method, r.AnnualFactor = Annual, Fraction{} },
		"factor above two":           func(r *InterestRule) { r.Method, r.AnnualFactor = Annual, Fraction{3, 1} },
		"too many decimals":          func(r *InterestRule) { r.Rate = decimal.New(1, -9) },
		"negative rate":              func(r *InterestRule) { r.Rate = decimal.New(-1, -2) },
		"finer than a fen":           func(r *InterestRule) { r.Rounding.Scale = 3 },
	} {
		rule := ruleOf(MonthProduct, "0.0397")
		change(&rule)
		if _, _, err := ComputeInterest(Year{}, rule, yuan); !errors.As(err, &faulty) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := ComputeInterests(nil, nil, rule, yuan); !errors.As(err, &faulty) {
			t.Errorf("%s, for a set: %v", name, err)
		}
	}
}

func TestASetIsCreditedWholeOrNotAtAll(t *testing.T) {
	rule := ruleOf(MonthProduct, "0.0397")
	rule.Months = 6
	before := []Credit{{1, 2, 3}}
	years := []Year{{Opening: 1}, {Opening: 1 << 60}, {Opening: 2}, {Postings: [12]money.Amount{8: 5}}}
	after, err := ComputeInterests(before, years, rule, yuan)
	var account *AccountError
	if !errors.As(err, &account) || account.Index != 1 || len(after) != 1 {
		t.Errorf("%d credits, %v", len(after), err)
	}
	if joined, ok := err.(interface{ Unwrap() []error }); !ok || len(joined.Unwrap()) != 2 {
		t.Errorf("not every account is named: %v", err)
	}
}

func TestASetIsComputedWithoutAllocatingForAnAccount(t *testing.T) {
	years := make([]Year, 1000)
	for i := range years {
		years[i] = Year{Opening: money.Amount(i) * 12345, Postings: every(money.Amount(i) * 71)}
	}
	rule := ruleOf(MonthProduct, "0.0397")
	credits := make([]Credit, 0, len(years))
	allocations := testing.AllocsPerRun(10, func() {
		if _, err := ComputeInterests(credits[:0], years, rule, yuan); err != nil {
			t.Fatal(err)
		}
	})
	if allocations > 2 {
		t.Errorf("%v allocations for %d accounts", allocations, len(years))
	}
}

func BenchmarkInterestOfAThousandAccounts(b *testing.B) {
	years := make([]Year, 1000)
	for i := range years {
		years[i] = Year{Opening: money.Amount(i) * 12345, Postings: every(money.Amount(i) * 71)}
	}
	rule := ruleOf(MonthProduct, "0.0397")
	credits := make([]Credit, 0, len(years))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ComputeInterests(credits[:0], years, rule, yuan); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*float64(len(years))/b.Elapsed().Seconds(), "accounts/s")
}
