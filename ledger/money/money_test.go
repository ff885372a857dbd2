package money_test

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"github.com/fundledger/fundledger/ledger/money"
	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

var cny = money.MustCurrency("CNY")

func TestParseReadsExactAmountsOnly(t *testing.T) {
	good := map[string]money.Amount{
		"0": 0, "1": 100, "1.5": 150, "-1.05": -105, "+2.00": 200, "1,234.56": 123456, "12,345,678.9": 1234567890, "007": 700,
		"92233720368547758.07": math.MaxInt64, "-92233720368547758.07": -math.MaxInt64, "1.500": 150,
	}
	for text, want := range good {
		if got, err := cny.Parse(text); err != nil || got != want {
			t.Errorf("Parse(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "-", "+", ".", ".5", "5.", "1.005", "1e3", "0x10", "1,23.00", "1,2345", ",123", "1,,234", " 1", "1 ", "１", "١", "1.2.3", "--1", "NaN", "Inf", "1,234.5,6",
	} {
		if got, err := cny.Parse(text); err == nil {
			t.Errorf("Parse(%q) = %d, want an error", text, got)
		}
	}
	if _, err := cny.Parse("92233720368547758.08"); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("one fen above the range: %v", err)
	}
}

func TestTextReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := money.Amount(rapid.Int64Min(-math.MaxInt64).Draw(t, "amount"))
		scale := rapid.IntRange(0, 18).Draw(t, "scale")
		c, err := money.NewCurrency("XXX", scale)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{c.Text(a), c.Format(a)} {
			if got, err := c.Parse(text); err != nil || got != a {
				t.Fatalf("%d at scale %d writes %q, which reads %d, %v", a, scale, text, got, err)
			}
		}
		if !c.Decimal(a).Equal(decimal.RequireFromString(c.Text(a))) {
			t.Fatalf("Decimal and Text of %d differ", a)
		}
	})
}

func TestSumsAreExactOrRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Int64Min(-math.MaxInt64).Draw(t, "a")
		b := rapid.Int64Min(-math.MaxInt64).Draw(t, "b")
		check := func(op string, got money.Amount, err error, want *big.Int) {
			fits := want.CmpAbs(big.NewInt(math.MaxInt64)) <= 0
			if fits != (err == nil) || (fits && want.Cmp(big.NewInt(int64(got))) != 0) {
				t.Fatalf("%d %s %d = %d, %v; want %v", a, op, b, got, err, want)
			}
			if !fits && !errors.Is(err, money.ErrOverflow) {
				t.Fatalf("%d %s %d: %v is no overflow", a, op, b, err)
			}
		}
		got, err := money.Amount(a).Add(money.Amount(b))
		check("+", got, err, new(big.Int).Add(big.NewInt(a), big.NewInt(b)))
		got, err = money.Amount(a).Sub(money.Amount(b))
		check("−", got, err, new(big.Int).Sub(big.NewInt(a), big.NewInt(b)))
		got, err = money.Amount(a).Times(b)
		check("×", got, err, new(big.Int).Mul(big.NewInt(a), big.NewInt(b)))
	})
}

func TestAllocationAddsUpAndIsFair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := money.Amount(rapid.Int64Min(-math.MaxInt64).Draw(t, "total"))
		weights := make([]money.Amount, rapid.IntRange(1, 9).Draw(t, "n"))
		var sum int64
		for i := range weights {
			weights[i] = money.Amount(rapid.Int64Range(0, math.MaxInt64/10).Draw(t, "w"))
			sum += int64(weights[i])
		}
		residual := rapid.SampledFrom([]money.Residual{money.ResidualLargest, money.ResidualFirst, money.ResidualLast}).Draw(t, "residual")
		parts, err := money.Allocate(total, weights, residual)
		if sum == 0 {
			if err == nil {
				t.Fatal("no weight above zero was accepted")
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := money.Sum(parts...)
		if err != nil || got != total {
			t.Fatalf("parts %v add up to %d, %v; want %d", parts, got, err, total)
		}
		for i, p := range parts {
			if weights[i] == 0 && p != 0 {
				t.Fatalf("weight zero got %d", p)
			}
			if residual == money.ResidualLargest && apart(total, weights[i], sum, p).Cmp(big.NewRat(1, 1)) >= 0 {
				t.Fatalf("share %d of %v by %v is %d, a whole unit from its due", i, total, weights, p)
			}
		}
	})
}

func apart(total, weight money.Amount, sum int64, part money.Amount) *big.Rat {
	due := new(big.Rat).Mul(big.NewRat(int64(total), 1), big.NewRat(int64(weight), sum))
	return due.Abs(due.Sub(due, big.NewRat(int64(part), 1)))
}

func TestOneCentForSeven(t *testing.T) {
	parts, err := money.Allocate(1, []money.Amount{1, 1, 1, 1, 1, 1, 1}, money.ResidualLargest)
	if diff := cmp.Diff([]money.Amount{1, 0, 0, 0, 0, 0, 0}, parts); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// Every mode, against its definition in exact fractions.
func TestRoundingIsTheNeighbourItsModeNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := big.NewRat(rapid.Int64Range(-1e12, 1e12).Draw(t, "num"), rapid.Int64Range(1, 1e6).Draw(t, "den"))
		r := money.Rounding{Scale: int32(rapid.IntRange(-3, 8).Draw(t, "scale")),
			Mode: rapid.SampledFrom([]money.Mode{money.HalfUp, money.HalfEven, money.Ceil, money.Floor, money.Truncate}).Draw(t, "mode")}
		got, err := r.ApplyRat(x)
		if err != nil {
			t.Fatal(err)
		}
		unit := decimal.New(1, -r.Scale).Rat()
		difference := new(big.Rat).Sub(got.Rat(), x)
		half := new(big.Rat).Quo(unit, big.NewRat(2, 1))
		abs := new(big.Rat).Abs(difference)
		ok := abs.Cmp(unit) < 0
		switch r.Mode {
		case money.HalfUp, money.HalfEven:
			ok = abs.Cmp(half) <= 0
		case money.Ceil:
			ok = ok && difference.Sign() >= 0
		case money.Floor:
			ok = ok && difference.Sign() <= 0
		case money.Truncate:
			ok = ok && difference.Sign()*x.Sign() <= 0
		}
		if !ok || !new(big.Rat).Quo(got.Rat(), unit).IsInt() {
			t.Fatalf("%v of %v = %v", r, x, got)
		}
	})
}

func TestHalvesAndBothPathsAgree(t *testing.T) {
	for _, c := range []struct {
		mode       money.Mode
		text, want string
	}{
		{money.HalfUp, "0.125", "0.13"}, {money.HalfUp, "-0.125", "-0.13"}, {money.HalfEven, "0.125", "0.12"}, {money.HalfEven, "0.135", "0.14"},
		{money.Ceil, "0.121", "0.13"}, {money.Ceil, "-0.129", "-0.12"}, {money.Floor, "-0.121", "-0.13"}, {money.Truncate, "-0.129", "-0.12"},
	} {
		r := money.Rounding{Scale: 2, Mode: c.mode}
		d := money.MustDecimal(c.text)
		byDecimal, err1 := r.Apply(d)
		byFraction, err2 := r.ApplyRat(d.Rat())
		want := money.MustDecimal(c.want)
		if err1 != nil || err2 != nil || !byDecimal.Equal(want) || !byFraction.Equal(want) {
			t.Errorf("%v of %s: %v and %v, want %s (%v %v)", r, c.text, byDecimal, byFraction, c.want, err1, err2)
		}
	}
	if _, err := (money.Rounding{Scale: 2, Mode: "nearest"}).Apply(decimal.Zero); err == nil {
		t.Error("an unknown mode was accepted")
	}
}

func TestDivideRoundsOnce(t *testing.T) {
	got, err := money.Divide(money.MustDecimal("103198.41"), money.MustDecimal("137.8"), money.Rounding{Scale: 2, Mode: money.HalfUp})
	if err != nil || got.String() != "748.9" {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := money.Divide(decimal.Zero, decimal.Zero, money.Rounding{Scale: 2, Mode: money.HalfUp}); err == nil {
		t.Error("division by zero was accepted")
	}
}

func TestExactConversionRefusesExtraDigits(t *testing.T) {
	var typed *money.Error
	if _, err := cny.FromDecimal(money.MustDecimal("1.005")); !errors.As(err, &typed) {
		t.Errorf("1.005 CNY: %v", err)
	}
	if a, err := cny.Round(money.MustDecimal("1.005"), money.HalfUp); err != nil || a != 101 {
		t.Errorf("rounded: %d %v", a, err)
	}
}
