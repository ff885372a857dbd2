package collection

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme"
)

var (
	yuan = money.MustCurrency("CNY")
	fen  = money.Rounding{Scale: 2, Mode: money.HalfUp}
)

func china(t testing.TB) *scheme.Catalogue {
	t.Helper()
	c, err := scheme.China()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheSurchargeCountsDaysByThePolicy(t *testing.T) {
	law := china(t)
	for name, c := range map[string]struct {
		due, paid calendar.Date
		policy    SurchargePolicy
		days      int
		want      money.Amount // of a principal of 1,000.00
	}{
		"the day after due to the day before paid": {20240115, 20240215, SurchargePolicy{Rounding: fen}, 30, 15_00},
		"with the day of payment":                  {20240115, 20240215, SurchargePolicy{Rounding: fen, ToPaidDay: true}, 31, 15_50},
		"with the last day for payment too":        {20240115, 20240215, SurchargePolicy{Rounding: fen, ToPaidDay: true, FromDueDay: true}, 32, 16_00},
		"a leap day counts":                        {20240228, 20240302, SurchargePolicy{Rounding: fen}, 2, 1_00},
		"paid on the last day":                     {20240115, 20240115, SurchargePolicy{Rounding: fen, ToPaidDay: true, FromDueDay: true}, 0, 0},
		"paid the day after":                       {20240115, 20240116, SurchargePolicy{Rounding: fen}, 0, 0},
		"paid before":                              {20240115, 20240101, SurchargePolicy{Rounding: fen, ToPaidDay: true}, 0, 0},
		"ten days at 0.2 % and twenty at 0.05 %":   {20110620, 20110721, SurchargePolicy{Rounding: fen}, 30, 30_00},
		"the ceiling of once the principal":        {20110701, 20240101, SurchargePolicy{Rounding: fen, CeilingPart: decimal.NewNullDecimal(decimal.New(1, 0))}, 4566, 1000_00},
	} {
		s, err := ComputeSurcharge(1000_00, yuan, c.due, c.paid, law, c.policy)
		if err != nil || s.Days != c.days || s.Amount != c.want {
			t.Errorf("%s: %d days, %s, %v, want %d days, %s", name, s.Days, yuan.Text(s.Amount), err, c.days, yuan.Text(c.want))
		}
	}
}

func TestASurchargeIsSplitWhereTheRateChanges(t *testing.T) {
	s, err := ComputeSurcharge(1000_00, yuan, 20110620, 20110721, china(t), SurchargePolicy{Rounding: fen})
	if err != nil || len(s.Stretches) != 2 {
		t.Fatalf("%+v, %v", s, err)
	}
	old, now := s.Stretches[0], s.Stretches[1]
	if old.From != 20110621 || old.To != 20110630 || old.Days != 10 || old.Rate.String() != "0.002" || old.Unrounded.String() != "20" {
		t.Errorf("before the law: %+v", old)
	}
	if now.From != 20110701 || now.To != 20110720 || now.Days != 20 || now.Rate.String() != "0.0005" || now.Source.Source != "社会保险法 art. 86" {
		t.Errorf("under the law: %+v", now)
	}
	var text strings.Builder
	if err := s.WriteTrace(&text, yuan); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"principal × rate × days = 1000.00 × 0.002 × 10 = 20 (2011-06-21 to 2011-06-30)", "社会保险费征缴暂行条例", "sum 30, half_up 0.01: 30.00"} {
		if !strings.Contains(text.String(), line) {
			t.Errorf("the trace lacks %q:\n%s", line, text.String())
		}
	}
}

// The property holds every computed surcharge against a day-by-day sum in fractions.
func TestASurchargeIsTheSumOfItsDays(t *testing.T) {
	law := china(t)
	rapid.Check(t, func(t *rapid.T) {
		principal := money.Amount(rapid.Int64Range(0, 1e12).Draw(t, "principal"))
		due := calendar.MustDate(2011, 6, 1).AddDays(rapid.IntRange(0, 60).Draw(t, "due"))
		paid := due.AddDays(rapid.IntRange(0, 90).Draw(t, "late"))
		policy := SurchargePolicy{Rounding: fen, FromDueDay: rapid.Bool().Draw(t, "from due"), ToPaidDay: rapid.Bool().Draw(t, "to paid")}
		s, err := ComputeSurcharge(principal, yuan, due, paid, law, policy)
		if err != nil {
			t.Fatal(err)
		}
		sum, days := new(big.Rat), 0
		for day := due; day <= paid && paid > due; day = day.AddDays(1) {
			if day == due && !policy.FromDueDay || day == paid && !policy.ToPaidDay {
				continue
			}
			rate := big.NewRat(5, 10000)
			if day < 20110701 {
				rate = big.NewRat(2, 1000)
			}
			sum.Add(sum, rate.Mul(rate, big.NewRat(int64(principal), 100)))
			days++
		}
		want, err := fen.ApplyRat(sum)
		if err != nil {
			t.Fatal(err)
		}
		if s.Days != days || !yuan.Decimal(s.Amount).Equal(want) {
			t.Fatalf("%d days, %s, want %d days, %s", s.Days, yuan.Text(s.Amount), days, want)
		}
	})
}

func TestEveryStretchCanBeRounded(t *testing.T) {
	stretches := []SurchargeStretch{{Days: 1, Rate: money.MustDecimal("0.0005")}, {Days: 1, Rate: money.MustDecimal("0.0005")}}
	once, err := SurchargeForDays(9_00, yuan, stretches, SurchargePolicy{Rounding: fen}) // 0.0045 + 0.0045
	if err != nil || once.Amount != 1 {
		t.Errorf("rounded once: %d, %v", once.Amount, err)
	}
	each, err := SurchargeForDays(9_00, yuan, stretches, SurchargePolicy{Rounding: fen, RoundEach: true})
	if err != nil || each.Amount != 0 {
		t.Errorf("rounded each: %d, %v", each.Amount, err)
	}
}

// A stored page prints 1.50 for these inputs.
func TestThirtyDaysOnAThousandAreFifteenYuan(t *testing.T) {
	s, err := SurchargeForDays(1000_00, yuan, []SurchargeStretch{{Days: 30, Rate: money.MustDecimal("0.0005")}}, SurchargePolicy{Rounding: fen})
	if err != nil || s.Amount != 15_00 {
		t.Errorf("%s, %v", yuan.Text(s.Amount), err)
	}
}

func TestImpossibleSurchargesAreRefused(t *testing.T) {
	law := china(t)
	var refused *ArithmeticError
	_, err := ComputeSurcharge(-1, yuan, 0, 20240101, law, SurchargePolicy{CeilingPart: decimal.NewNullDecimal(decimal.New(-1, 0))})
	if !errors.As(err, &refused) || len(refused.Faults) != 4 {
		t.Errorf("got %v, want days, principal, rounding and ceiling", err)
	}
	if _, err := SurchargeForDays(1, yuan, []SurchargeStretch{{Days: -1}}, SurchargePolicy{Rounding: fen}); !errors.As(err, &refused) {
		t.Errorf("negative days: %v", err)
	}
	if _, err := SurchargeForDays(1, yuan, nil, SurchargePolicy{Rounding: money.Rounding{Scale: 3, Mode: money.HalfUp}}); !errors.As(err, &refused) {
		t.Errorf("finer than a fen: %v", err)
	}
	var none *scheme.NoValueError
	if _, err := ComputeSurcharge(1, yuan, 19980101, 20000101, law, SurchargePolicy{Rounding: fen}); !errors.As(err, &none) {
		t.Errorf("before the regulation: %v", err)
	}
	if _, err := SurchargeForDays(money.MaxAmount, yuan, []SurchargeStretch{{Days: 4000, Rate: money.MustDecimal("0.0005")}}, SurchargePolicy{Rounding: fen}); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("overflow: %v", err)
	}
}

// yunnan2024 are the limits of a month of 2024 as known on a day, floor 60 % and cap 300 % of the average wage in whole yuan.
func yunnan2024(t *testing.T, known calendar.Date) BaseLimits {
	t.Helper()
	law := china(t).KnownOn(known)
	average, err := law.At("cn.yunnan.contribution.average_wage", 20240301)
	if err != nil {
		t.Fatal(err)
	}
	floor, err := law.Number("cn.contribution.base_floor", 20240301)
	if err != nil {
		t.Fatal(err)
	}
	limit, err := law.Number("cn.contribution.base_cap", 20240301)
	if err != nil {
		t.Fatal(err)
	}
	limits, err := Limits(average, floor, limit, yuan, money.Rounding{Scale: 0, Mode: money.HalfUp})
	if err != nil {
		t.Fatal(err)
	}
	return limits
}

// The notice of 2024-07-30 gives 4,306 and 21,531 for Yunnan: github:liubigfatty/pension-engine@f2ca8d2e:docs/provinces/yunnan.json.
func TestBasesStayWithinTheLimitsAsKnown(t *testing.T) {
	if limits := yunnan2024(t, 20240730); limits.Floor != 4306_00 || limits.Cap != 21531_00 || limits.Average.Status != scheme.Confirmed {
		t.Errorf("after the notice: %+v", limits)
	}
	limits := yunnan2024(t, 20240301) // 6,906 × 60 % = 4,143.6, × 300 % = 20,718
	if limits.Floor != 4144_00 || limits.Cap != 20718_00 || limits.Average.Status != scheme.Provisional {
		t.Errorf("before the notice: %+v", limits)
	}
	rate, err := china(t).Rate("cn.pension.employee.person_rate", 20240301)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		wage, base, amount money.Amount
		limit              LimitHit
	}{
		{3000_00, 4144_00, 331_52, AtFloor}, {4144_00, 4144_00, 331_52, NoLimit}, {8123_45, 8123_45, 649_88, NoLimit},
		{20718_00, 20718_00, 1657_44, NoLimit}, {50000_00, 20718_00, 1657_44, AtCap}, {0, 4144_00, 331_52, AtFloor},
	} {
		got, err := Contribute(c.wage, limits, rate, yuan, fen)
		if err != nil || got.Base != c.base || got.Amount != c.amount || got.Limit != c.limit {
			t.Errorf("wage %s: base %s, amount %s, limit %s, %v", yuan.Text(c.wage), yuan.Text(got.Base), yuan.Text(got.Amount), got.Limit, err)
		}
	}
	got, err := Contribute(8123_45, limits, rate, yuan, fen)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := got.WriteTrace(&text, yuan); err != nil || !strings.Contains(text.String(), "8123.45 × 0.08 = 649.876, half_up 0.01: 649.88") || !strings.Contains(text.String(), "国发〔2005〕38号") {
		t.Errorf("%v\n%s", err, text.String())
	}
}

func TestImpossibleContributionsAreRefused(t *testing.T) {
	var refused *ArithmeticError
	_, err := Contribute(-1, BaseLimits{Floor: 2, Cap: 1}, scheme.Value{Number: money.MustDecimal("16")}, yuan, fen)
	if !errors.As(err, &refused) || len(refused.Faults) != 3 {
		t.Errorf("got %v, want wage, limits and rate", err)
	}
	if _, err := Limits(scheme.Value{}, scheme.Value{Number: money.MustDecimal("3")}, scheme.Value{Number: money.MustDecimal("0.6")}, yuan, fen); !errors.As(err, &refused) {
		t.Errorf("exchanged factors: %v", err)
	}
	if _, err := Contribute(100, BaseLimits{Cap: 100}, scheme.Value{Number: money.MustDecimal("0.123")}, yuan, money.Rounding{Scale: 5, Mode: money.HalfUp}); err == nil {
		t.Error("a tenth of a fen is an amount")
	}
}
