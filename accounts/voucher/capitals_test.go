package voucher_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fundledger/fundledger/accounts/voucher"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"pgregory.net/rapid"
)

// The first six and the free forms are the examples of the official rules (PAY 四; 整 added to the first under BAS 52).
func TestExamplesOfTheRules(t *testing.T) {
	cny := money.MustCurrency("CNY")
	for _, x := range []struct {
		figure    string
		canonical string
		also      []string
	}{
		{"1409.50", "壹仟肆佰零玖元伍角整", []string{"壹仟肆佰零玖元伍角", "壹仟肆佰零玖元伍角正"}},
		{"6007.14", "陆仟零柒元壹角肆分", []string{"陸仟零柒圓壹角肆分"}},
		{"1680.32", "壹仟陆佰捌拾元叁角贰分", []string{"壹仟陆佰捌拾元零叁角贰分"}},
		{"107000.53", "壹拾万零柒仟元伍角叁分", []string{"壹拾万柒仟元零伍角叁分", "壹拾万柒仟元伍角叁分", "壹拾萬零柒仟元零伍角叁分"}},
		{"16409.02", "壹万陆仟肆佰零玖元零贰分", nil},
		{"325.04", "叁佰贰拾伍元零肆分", nil},
		{"10000000000.01", "壹佰亿元零壹分", nil},
		{"10.00", "壹拾元整", []string{"壹拾元正", "人民币壹拾元整"}},
		{"0.05", "伍分", nil},
		{"0.50", "伍角整", []string{"伍角"}},
		{"0.00", "零元整", []string{"零元正"}},
		{"100500.00", "壹拾万零伍佰元整", nil},
		{"20000300.00", "贰仟万零叁佰元整", nil},
		{"100010000.00", "壹亿零壹万元整", nil},
		{"123456789012.34", "壹仟贰佰叁拾肆亿伍仟陆佰柒拾捌万玖仟零壹拾贰元叁角肆分", nil},
		{"1000000000000.00", "壹万亿元整", nil},
		{"1070000000.00", "壹拾亿零柒仟万元整", []string{"壹拾亿柒仟万元整"}},
		{"10000000000000000.00", "壹亿亿元整", nil},
		{"92233720368547758.07", "玖亿贰仟贰佰叁拾叁万柒仟贰佰零叁亿陆仟捌佰伍拾肆万柒仟柒佰伍拾捌元零柒分", nil},
	} {
		amount, err := cny.Parse(x.figure)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := voucher.Capitals(amount); err != nil || got != x.canonical {
			t.Errorf("%s writes %s, %v; want %s", x.figure, got, err, x.canonical)
		}
		for _, text := range append([]string{x.canonical, "人民币" + x.canonical}, x.also...) {
			if got, err := voucher.ParseCapitals(text); err != nil || got != amount {
				t.Errorf("%s reads %d, %v; want %s", text, got, err, x.figure)
			}
		}
	}
}

func TestFormsThatTheRulesDoNotAllow(t *testing.T) {
	for _, text := range []string{
		"", "人民币", "整", "元", "元整", "拾元整", "十元整", "壹拾元", "壹仟肆佰玖元伍角整", "壹仟肆佰零零玖元整", "陆仟零柒元壹角肆分整", "叁佰贰拾伍元肆分", "零伍分",
		"壹拾万零零柒仟元整", "零壹拾元整", "壹元整整", "壹元零伍角整", "壹壹元整", "壹佰贰仟元整", "壹拾元整 ", " 壹拾元整", "10元整", "壹万万元整", "壹拾壹拾元整", "壹元零角整", "负壹元整", "伍角零分",
		"壹佰零伍拾元整", "人民币人民币壹元整", "壹亿万元整", "壹圆整圆", strings.Repeat("壹", 80),
	} {
		got, err := voucher.ParseCapitals(text)
		var typed *voucher.CapitalsError
		if !errors.As(err, &typed) || typed.Hint == "" {
			t.Errorf("%q reads %d, %v; want a *CapitalsError", text, got, err)
		}
	}
	if _, err := voucher.ParseCapitals("玖亿亿贰仟亿亿元整"); err == nil {
		t.Error("more 亿 than an amount holds were read")
	}
	if _, err := voucher.ParseCapitals("玖仟亿亿元整"); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("玖仟亿亿元整: %v is no overflow", err)
	}
	if text, err := voucher.Capitals(-1); err == nil {
		t.Errorf("a negative amount writes %s", text)
	}
}

func amounts() *rapid.Generator[money.Amount] {
	// Zeros are where the rules are: build amounts of figures that are mostly zero, besides any.
	zeros := rapid.Custom(func(t *rapid.T) money.Amount {
		var a money.Amount
		for range rapid.IntRange(1, 18).Draw(t, "figures") {
			a = a*10 + money.Amount(rapid.SampledFrom([]int{0, 0, 0, 1, 7, 9}).Draw(t, "figure"))
		}
		return a
	})
	return rapid.OneOf(rapid.Custom(func(t *rapid.T) money.Amount { return money.Amount(rapid.Int64Min(0).Draw(t, "amount")) }), zeros)
}

func TestCapitalsReadBackOverTheWholeRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := amounts().Draw(t, "amount")
		text, err := voucher.Capitals(a)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := voucher.ParseCapitals(text); err != nil || got != a {
			t.Fatalf("%d writes %s, which reads %d, %v", a, text, got, err)
		}
		if strings.Contains(text, "零零") || strings.HasSuffix(text, "零") || strings.Contains(text, "零元") && a != 0 || strings.Contains(text, "零万") || strings.Contains(text, "零亿") {
			t.Fatalf("%d writes %s", a, text)
		}
		if strings.HasSuffix(text, "整") != (a%10 == 0) {
			t.Fatalf("%d ends in %s", a, text)
		}
	})
}

func TestDifferentAmountsAreWrittenDifferently(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := amounts().Draw(t, "a"), amounts().Draw(t, "b")
		one, _ := voucher.Capitals(a)
		other, _ := voucher.Capitals(b)
		if (a == b) != (one == other) {
			t.Fatalf("%d and %d write %s and %s", a, b, one, other)
		}
	})
}

// Dates of the rules: 1月15日, 10月20日.
func TestDatesOfCheques(t *testing.T) {
	for text, d := range map[string]calendar.Date{
		"贰零贰陆年零壹月壹拾伍日": calendar.MustDate(2026, 1, 15), "贰零贰陆年零壹拾月零贰拾日": calendar.MustDate(2026, 10, 20), "贰零贰伍年壹拾贰月叁拾壹日": calendar.MustDate(2025, 12, 31),
		"贰零零零年零贰月零玖日": calendar.MustDate(2000, 2, 9), "壹玖玖玖年叁月零叁拾日": calendar.MustDate(1999, 3, 30), "贰零贰陆年壹拾壹月零壹拾日": calendar.MustDate(2026, 11, 10),
		"贰零贰陆年玖月贰拾贰日": calendar.MustDate(2026, 9, 22),
	} {
		if got, err := voucher.DateCapitals(d); err != nil || got != text {
			t.Errorf("%s writes %s, %v; want %s", d, got, err, text)
		}
	}
	for _, text := range []string{"", "贰零贰陆年壹月壹拾伍日", "贰零贰陆年零壹月拾伍日", "贰零贰陆年零贰月零叁拾日", "二〇二六年一月十五日", "贰零贰陆年零壹月壹拾伍", "贰零贰陆年壹拾月零贰拾日", "贰零贰陆年零叁月零壹日"} {
		var typed *voucher.CapitalsError
		if d, err := voucher.ParseDateCapitals(text); !errors.As(err, &typed) {
			t.Errorf("%s reads %s, %v", text, d, err)
		}
	}
	if _, err := voucher.DateCapitals(20260230); err == nil {
		t.Error("30 February was written")
	}
	seen := map[string]bool{}
	for d := calendar.MustDate(2023, 12, 1); d < calendar.MustDate(2025, 2, 1); d = d.AddDays(1) {
		text, err := voucher.DateCapitals(d)
		back, err2 := voucher.ParseDateCapitals(text)
		if err != nil || err2 != nil || back != d || seen[text] {
			t.Errorf("%s writes %s, which reads %s: %v %v", d, text, back, err, err2)
		}
		seen[text] = true
	}
}

func FuzzParseCapitals(f *testing.F) {
	for _, seed := range []string{"人民币壹拾万柒仟元零伍角叁分", "玖亿贰仟贰佰叁拾叁万柒仟贰佰零叁亿陆仟捌佰伍拾肆万柒仟柒佰伍拾捌元零柒分", "零元整", "伍分", "億亿亿亿元", "\xff壹元整"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := voucher.ParseCapitals(text)
		if err != nil {
			return
		}
		canonical, err := voucher.Capitals(a)
		if err != nil || !utf8.ValidString(text) {
			t.Fatalf("%q reads %d: %v", text, a, err)
		}
		back, err := voucher.ParseCapitals(canonical)
		if err != nil || back != a {
			t.Fatalf("%q reads %d, whose form %s reads %d, %v", text, a, canonical, back, err)
		}
		drop := func(r rune) rune {
			if slices.Contains([]rune("零整正"), r) {
				return -1
			}
			return r
		}
		plain := strings.NewReplacer("貳", "贰", "陸", "陆", "億", "亿", "萬", "万", "圓", "元").Replace(strings.TrimPrefix(text, "人民币"))
		if strings.Map(drop, plain) != strings.Map(drop, canonical) {
			t.Fatalf("%q is accepted for %s: more than zeros and the ending differ", text, canonical)
		}
	})
}
