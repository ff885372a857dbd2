package benefits

import (
	"errors"
	"testing"

	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme"
)

var fen = money.Rounding{Scale: 2, Mode: money.HalfUp}

func basis(months, days string) scheme.Value {
	return scheme.Value{Table: scheme.Table{{Key: "months", Text: months}, {Key: "days", Text: days}}, Provenance: scheme.Provenance{Parameter: MaternityDaysBasis}}
}

func TestAMaternityAllowanceIsTheWageOfItsDays(t *testing.T) {
	law, err := scheme.China()
	if err != nil {
		t.Fatal(err)
	}
	national, err := law.Table(MaternityDaysBasis, 20250101)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		wage  string
		days  int
		basis scheme.Value
		want  string
	}{
		{"6000", 128, national, "25600"},             // rfc.hbtycy.com/health/knowledge/DxRLBGym
		{"5800", 98, national, "18946.67"},           // that page prints 19331.5
		{"5800", 98, basis("12", "365"), "18687.12"}, // 5800 × 12 ÷ 365 × 98 = 18687.1233
		{"5800", 0, national, "0"},
	} {
		got, err := MaternityAllowance(money.MustDecimal(c.wage), c.days, c.basis, fen)
		if err != nil || got.String() != c.want {
			t.Errorf("%s for %d days: %s, %v, want %s", c.wage, c.days, got, err, c.want)
		}
	}
	var refused *AllowanceError
	for name, call := range map[string]func() error{
		"negative days": func() error { _, err := MaternityAllowance(money.MustDecimal("1"), -1, national, fen); return err },
		"negative wage": func() error { _, err := MaternityAllowance(money.MustDecimal("-1"), 1, national, fen); return err },
		"no days": func() error {
			_, err := MaternityAllowance(money.MustDecimal("1"), 1, basis("1", "0"), fen)
			return err
		},
		"no table": func() error { _, err := MaternityAllowance(money.MustDecimal("1"), 1, scheme.Value{}, fen); return err },
	} {
		if err := call(); !errors.As(err, &refused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestUnemploymentMonthsFollowTheYears(t *testing.T) {
	law, err := scheme.China()
	if err != nil {
		t.Fatal(err)
	}
	table, err := law.Table(UnemploymentMaxMonths, 20250101)
	if err != nil {
		t.Fatal(err)
	}
	for years, want := range map[string]int{"0": 0, "0.99": 0, "1": 12, "4.9999": 12, "5": 18, "9.9": 18, "10": 24, "40": 24} {
		if got, err := UnemploymentMonths(money.MustDecimal(years), table); err != nil || got != want {
			t.Errorf("%s years: %d, %v, want %d", years, got, err, want)
		}
	}
	var refused *AllowanceError
	if _, err := UnemploymentMonths(money.MustDecimal("-1"), table); !errors.As(err, &refused) {
		t.Errorf("negative years: %v", err)
	}
	for _, row := range []scheme.Row{{Key: "x", Text: "1"}, {Key: "1", Text: "x"}} {
		if _, err := UnemploymentMonths(money.MustDecimal("3"), scheme.Value{Table: scheme.Table{row}}); !errors.As(err, &refused) {
			t.Errorf("row %v: %v", row, err)
		}
	}
}
