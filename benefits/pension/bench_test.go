package pension

import (
	"testing"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme"
)

func given(text string) decimal.NullDecimal { return decimal.NewNullDecimal(money.MustDecimal(text)) }

func count(n int) *int { return &n }

// thirtyYears is a history as a member of a pooling area has it at retirement.
func thirtyYears() []ContributionYear {
	history := make([]ContributionYear, 30)
	for i := range history {
		wage := money.Amount(50000 + 21731*i)
		history[i] = ContributionYear{Year: 1996 + i, BaseSum: wage*12*8/10 + money.Amount(i*37), AverageWage: wage, Months: 12}
	}
	return history
}

func BenchmarkDetermination(b *testing.B) {
	catalogue, err := scheme.China()
	if err != nil {
		b.Fatal(err)
	}
	policy, err := catalogue.Policy("cn.hubei.pension.policy", 20251001)
	if err != nil {
		b.Fatal(err)
	}
	formula, err := NewFormula(*policy.Policy, &policy.Provenance)
	if err != nil {
		b.Fatal(err)
	}
	in := Inputs{
		BaseProvince: given("9022"), Months: count(482), AccountBalance: given("305222.92"), DivisorMonths: given("137.8"),
		Transitional: []Stretch{{CoefficientPct: given("1.2"), Months: count(124)}},
		History:      thirtyYears(), IndexRule: &IndexRule{Each: &money.Rounding{Scale: 4, Mode: money.HalfUp}, Mean: money.Rounding{Scale: 4, Mode: money.HalfUp}},
	}
	buffer := make([]byte, 0, 16<<10)
	b.ReportAllocs()
	for b.Loop() {
		d, err := formula.Determine(in)
		if err != nil {
			b.Fatal(err)
		}
		if buffer, err = formula.AppendJSON(buffer[:0], &d); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "determinations/s")
	b.ReportMetric(float64(len(buffer)), "bytes")
}
