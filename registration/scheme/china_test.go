package scheme

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

func china(t *testing.T) *Catalogue {
	t.Helper()
	c, err := China()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNothingOfLowConfidenceIsEmbedded(t *testing.T) {
	c := china(t)
	for _, id := range c.IDs() {
		p, _ := c.Parameter(id)
		for _, v := range p.Values {
			if v.Confidence == Low || v.Confidence == "" {
				t.Errorf("%s:%d: %s from %s has the confidence %q", v.File, v.Line, id, v.From, v.Confidence)
			}
		}
	}
	if len(c.IDs()) < 70 {
		t.Errorf("only %d parameters are embedded", len(c.IDs()))
	}
}

func TestTheNotionalRateIsThatOfItsYear(t *testing.T) {
	c := china(t)
	for year, want := range map[int]string{
		2016: "0.0831", 2017: "0.0712", 2018: "0.0829", 2019: "0.0761", 2020: "0.0604", 2021: "0.0669", 2022: "0.0612", 2023: "0.0397", 2024: "0.0262", 2025: "0.0150",
	} {
		for _, day := range []calendar.Date{calendar.MustDate(year, 1, 1), calendar.MustDate(year, 12, 31)} {
			value, err := c.Rate("cn.pension.account.notional_rate", day)
			if err != nil || value.Text != want {
				t.Errorf("%s: %s, %v, want %s", day, value.Text, err, want)
			}
			if confirmed := value.Status == Confirmed; confirmed != (year <= 2023) {
				t.Errorf("%d is %s", year, value.Status)
			}
		}
	}
	for _, day := range []calendar.Date{20151231, 20260101} {
		var none *NoValueError
		if _, err := c.Rate("cn.pension.account.notional_rate", day); !errors.As(err, &none) {
			t.Errorf("%s has a national rate: %v", day, err)
		}
	}
}

// A page that circulates gives the rate of 2020 for 2022; this is the guard against taking it over.
func TestTheRateOf2022IsNotThatOf2020(t *testing.T) {
	c := china(t)
	a, _ := c.Rate("cn.pension.account.notional_rate", 20200601)
	b, _ := c.Rate("cn.pension.account.notional_rate", 20220601)
	if a.Text == b.Text {
		t.Errorf("both years have %s", a.Text)
	}
}

func TestTheSurchargeRateFellWithTheLawOf2011(t *testing.T) {
	c := china(t)
	for day, want := range map[calendar.Date]string{19990122: "0.002", 20110630: "0.002", 20110701: "0.0005", 20260101: "0.0005"} {
		if value, err := c.Rate("cn.surcharge.daily_rate", day); err != nil || value.Text != want {
			t.Errorf("%s: %s, %v", day, value.Text, err)
		}
	}
	if _, err := c.Rate("cn.surcharge.daily_rate", 19990121); err == nil {
		t.Error("there is a rate before the regulation")
	}
}

// printedDivisors is the annex of 国发〔2005〕38号, written down apart from the data file.
var printedDivisors = []int{
	233, 230, 226, 223, 220, 216, 212, 208, 204, 199, 195, 190, 185, 180, 175, 170, 164, 158, 152, 145, 139, 132, 125, 117, 109, 101, 93, 84, 75, 65, 56,
}

func TestDivisorsFollowTheAnnexAndTheMonthlyLine(t *testing.T) {
	c := china(t)
	for i, row := range printedDivisors {
		age := 40 + i
		for month := range 12 {
			if age == 70 && month > 0 {
				continue
			}
			before, err := c.Divisor(age, month, 20241231)
			if err != nil || !before.Months.Equal(money.MustDecimal(strconv.Itoa(row))) {
				t.Errorf("%d years %d months in 2024: %s, %v", age, month, before.Months, err)
			}
			now, err := c.Divisor(age, month, 20250101)
			if err != nil {
				t.Fatal(err)
			}
			// In tenths, half up: floor((12 × row − month × fall) × 10 ÷ 12 + 1/2), all in whole numbers.
			fall := 0
			if age < 70 {
				fall = row - printedDivisors[i+1]
			}
			tenths := ((12*row-month*fall)*20 + 12) / 24
			if want := fmt.Sprintf("%d.%d", tenths/10, tenths%10); !now.Months.Equal(money.MustDecimal(want)) {
				t.Errorf("%d years %d months: %s, want %s", age, month, now.Months, want)
			}
		}
	}
	var outside *DivisorError
	for _, age := range [][2]int{{39, 0}, {70, 1}, {71, 0}, {60, 12}, {60, -1}} {
		if _, err := c.Divisor(age[0], age[1], 20250101); !errors.As(err, &outside) {
			t.Errorf("%v has a divisor: %v", age, err)
		}
	}
}

func TestALocalityMayKeepWholeAges(t *testing.T) {
	overlay := File{Name: "city.yaml", Content: []byte(`jurisdiction: cn.city
version: '1'
parameters:
  - id: cn.pension.divisor.method
    override: extend
    reason: the city reads whole ages until its system is ready
    values:
      - {from: 2025-01-01, to: 2025-03-31, value: {between_rows: 'whole_age'}, source: city notice, status: confirmed}
      - {from: 2025-04-01, value: {between_rows: 'linear_by_month', scale: '1', mode: 'half_up'}, source: city notice, status: confirmed}
`)}
	c, err := China(overlay)
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[calendar.Date]string{20250331: "139", 20250401: "138.4"} {
		if d, err := c.Divisor(60, 1, day); err != nil || d.Months.String() != want {
			t.Errorf("%s: %s, %v", day, d.Months, err)
		}
	}
	broken := File{Name: "city.yaml", Content: []byte(strings.Replace(string(overlay.Content), "whole_age'", "by_feeling'", 1))}
	c, err = China(broken)
	if err != nil {
		t.Fatal(err)
	}
	var table *TableError
	if _, err := c.Divisor(60, 1, 20250201); !errors.As(err, &table) {
		t.Errorf("a method that nobody knows: %v", err)
	}
}

// The table of the decision, made month by month: a counter that rises by one every step months of birth.
func TestRetirementAgesFollowTheTableOfTheDecision(t *testing.T) {
	c := china(t)
	for class, r := range map[RetirementClass]struct {
		age, step, most int
		first, capped   calendar.Month
	}{
		Men60: {60, 4, 36, 196501, 197609}, Women55: {55, 4, 36, 197001, 198109}, Women50: {50, 2, 60, 197501, 198411},
	} {
		rule, err := c.RetirementRule(class, 20250101)
		if err != nil {
			t.Fatal(err)
		}
		delay, since := 0, 0
		for birth := r.first.Add(-24); birth <= r.capped.Add(60); birth = birth.Add(1) {
			if birth >= r.first {
				if since%r.step == 0 && delay < r.most {
					delay++
				}
				since++
			}
			age := rule.Age(birth)
			if age.DelayMonths != delay || age.Statutory != birth.Add(12*r.age+delay) {
				t.Errorf("%s born %s: delay %d, month %s, want %d", class, birth, age.DelayMonths, age.Statutory, delay)
			}
			if age.AgeYears*12+age.AgeMonths != 12*r.age+delay {
				t.Errorf("%s born %s: %d years %d months", class, birth, age.AgeYears, age.AgeMonths)
			}
			if age.Earliest < birth.Add(12*r.age) || age.Statutory.Sub(age.Earliest) > 36 || age.Latest.Sub(age.Statutory) != 36 {
				t.Errorf("%s born %s: may choose %s to %s around %s", class, birth, age.Earliest, age.Latest, age.Statutory)
			}
		}
		if last := rule.Age(r.capped); last.DelayMonths != r.most || rule.Age(r.capped.Add(-1)).DelayMonths != r.most-1 {
			t.Errorf("%s: the cap is not first reached by %s", class, r.capped)
		}
	}
	if _, err := c.RetirementRule("M65", 20250101); err == nil {
		t.Error("an unknown class has a rule")
	}
}

func TestBefore2025TheAgesWereFixedAndLeftNoChoice(t *testing.T) {
	c := china(t)
	for class, years := range map[RetirementClass]int{Men60: 60, Women55: 55, Women50: 50} {
		for _, day := range []calendar.Date{19780602, 20110701, 20241231} {
			rule, err := c.RetirementRule(class, day)
			if err != nil {
				t.Fatal(err)
			}
			for _, birth := range []calendar.Month{193001, 196501, 198411, 200012} {
				month := birth.Add(12 * years)
				if got := rule.Age(birth); got != (RetirementAge{Statutory: month, Earliest: month, Latest: month, AgeYears: years}) {
					t.Errorf("%s on %s, born %s: %+v", class, day, birth, got)
				}
			}
		}
		// whoever reaches the old age before 2025 reaches it in the same month by either rule
		before, err := c.RetirementRule(class, 20241231)
		if err != nil {
			t.Fatal(err)
		}
		after, err := c.RetirementRule(class, 20250101)
		if err != nil {
			t.Fatal(err)
		}
		last := calendar.MustMonth(2024, 12).Add(-12 * years)
		if before.Age(last).Statutory != after.Age(last).Statutory || before.Age(last.Add(1)).Statutory == after.Age(last.Add(1)).Statutory {
			t.Errorf("%s: the rules do not part with those born %s", class, last.Add(1))
		}
		var none *NoValueError
		if _, err := c.RetirementRule(class, 19780601); !errors.As(err, &none) {
			t.Errorf("%s before the ages of 1978: %v", class, err)
		}
	}
}

func TestATableOfRetirementThatLacksARowIsRefused(t *testing.T) {
	text := `jurisdiction: cn.place
version: '1'
parameters:
  - id: cn.retirement.rule.m60
    override: extend
    reason: a test
    title: {zh: 男职工法定退休年龄, en: statutory retirement age of men}
    unit: table
    values:
      - {from: 2030-01-01, value: {original_age: '60', step_months: '4'}, status: confirmed, confidence: seen, source: nowhere}
`
	c, err := China(File{Name: "place.yaml", Content: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	var table *TableError
	if _, err := c.RetirementRule(Men60, 20300101); !errors.As(err, &table) {
		t.Errorf("a rule that delays by steps from no month: %v", err)
	}
}

func TestTheFirstCohortIsDelayedByOneMonth(t *testing.T) {
	rule, err := china(t).RetirementRule(Men60, 20250101)
	if err != nil {
		t.Fatal(err)
	}
	if age := rule.Age(196501); age.DelayMonths != 1 || age.Statutory != 202502 {
		t.Errorf("born 1965-01: delay %d, %s", age.DelayMonths, age.Statutory)
	}
}

func TestMinimumYearsRiseByHalfAYear(t *testing.T) {
	c := china(t)
	for year := 2012; year <= 2050; year++ {
		halves := 30 + max(0, min(10, year-2029))
		want := fmt.Sprintf("%d.%d", halves/2, halves%2*5)
		value, err := c.MinimumYears(calendar.MustDate(year, 7, 1))
		if err != nil || !value.Number.Equal(money.MustDecimal(want)) {
			t.Errorf("%d: %s, %v, want %s", year, value.Text, err, want)
		}
	}
}

func TestYunnanAnswersAsItsNoticesWerePublished(t *testing.T) {
	c := china(t)
	for _, q := range []struct {
		known, day calendar.Date
		base       money.Amount
		status     Status
	}{
		{20240131, 20240131, 802300, Provisional}, {20240729, 20240131, 802300, Provisional}, {20240730, 20240131, 818300, Confirmed},
		{20250101, 20250101, 818300, Provisional}, {20250919, 20250101, 826500, Confirmed},
	} {
		amount, value, err := c.KnownOn(q.known).Amount("cn.yunnan.pension.calculation_base", q.day, money.MustCurrency("CNY"))
		if err != nil || amount != q.base || value.Status != q.status {
			t.Errorf("known on %s for %s: %d %s, %v", q.known, q.day, amount, value.Status, err)
		}
	}
	var unit *UnitError
	if _, _, err := c.Amount("cn.yunnan.pension.calculation_base", 20250101, money.MustCurrency("USD")); !errors.As(err, &unit) {
		t.Errorf("yuan as dollars: %v", err)
	}
}

func TestTheTenYearRuleFindsThePlace(t *testing.T) {
	c := china(t)
	for _, q := range []struct {
		home, current string
		spells        []PlaceSpell
		want          string
	}{
		{"A", "A", []PlaceSpell{{"A", 24}, {"B", 200}}, "A"},
		{"A", "B", []PlaceSpell{{"A", 24}, {"B", 120}}, "B"},
		{"A", "B", []PlaceSpell{{"A", 24}, {"B", 119}}, "A"},
		{"A", "C", []PlaceSpell{{"B", 130}, {"C", 60}}, "B"},
		{"A", "C", []PlaceSpell{{"B", 119}, {"C", 60}}, "A"},
		{"A", "C", []PlaceSpell{{"B", 60}, {"C", 30}, {"B", 60}, {"C", 20}}, "B"},
		{"A", "D", []PlaceSpell{{"B", 130}, {"C", 125}, {"D", 10}}, "C"},
	} {
		place, err := c.EntitlementPlace(q.home, q.current, q.spells, 20250101)
		if err != nil || place != q.want {
			t.Errorf("home %s, last in %s, %v: %s, %v, want %s", q.home, q.current, q.spells, place, err, q.want)
		}
	}
}

func TestEveryEmbeddedPolicyIsSoundAndStaysSoInJSON(t *testing.T) {
	c := china(t)
	seen := 0
	for _, id := range c.IDs() {
		p, _ := c.Parameter(id)
		if p.Unit != UnitPolicy {
			continue
		}
		for _, v := range p.Values {
			seen++
			if err := v.Policy.Check(); err != nil {
				t.Errorf("%s from %s: %v", id, v.From, err)
			}
			sameThroughJSON(t, v.Policy)
		}
	}
	if seen < 20 {
		t.Errorf("only %d policies", seen)
	}
}
