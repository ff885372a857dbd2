package pension

import (
	"fmt"
	"math/big"
	"math/bits"
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/money"
)

// IndexRule says how the average contribution index (平均缴费工资指数) is made: the index of a year is its contribution bases over the average wage, and the
// average weighs the years by their months.
type IndexRule struct {
	Each *money.Rounding `json:"each,omitempty"` // of the index of a year, at most 9 decimals; absent: not rounded
	Mean money.Rounding  `json:"mean"`
}

// maxAverageWage keeps a year of average wages within an int64.
const maxAverageWage money.Amount = 1_000_000_000_000_000

// maxEachScale keeps the index of a year within an int64.
const maxEachScale = 9

// averageIndex takes the given average index, or makes it of the history.
func (c *calculation) averageIndex() {
	c.index = c.in.AverageIndex
	if c.index.Valid || len(c.in.History) == 0 {
		return
	}
	if c.in.IndexRule == nil {
		c.missing("index_rule", "is missing", "say how the history is averaged")
		return
	}
	mean, ok := c.meanIndex(c.in.History, *c.in.IndexRule)
	if ok {
		c.index = decimal.NewNullDecimal(mean)
	}
}

func (c *calculation) meanIndex(history []ContributionYear, rule IndexRule) (decimal.Decimal, bool) {
	before := len(c.faults)
	if err := rule.Mean.Check(); err != nil {
		c.missing("index_rule.mean", err.Error(), "give {scale: 4, mode: half_up}")
	}
	if rule.Each != nil && (rule.Each.Check() != nil || rule.Each.Scale < 0 || rule.Each.Scale > maxEachScale) {
		c.missing("index_rule.each", "is no rounding to 0 to 9 decimals", "give {scale: 4, mode: half_up}")
	}
	for i, y := range history {
		if y.Months < 1 || y.Months > 12 || y.BaseSum < 0 || y.AverageWage < 1 || y.AverageWage > maxAverageWage {
			c.missing(fmt.Sprintf("history[%d]", i), fmt.Sprintf("has %d months, bases of %d and an average wage of %d minor units", y.Months, y.BaseSum, y.AverageWage),
				"give 1 to 12 months, bases of zero or more and an average wage above zero and below 10^15")
		}
	}
	if len(c.faults) > before {
		return decimal.Decimal{}, false
	}
	if rule.Each == nil {
		return c.meanOfFractions(history, rule.Mean), true
	}
	return c.meanOfRounded(history, *rule.Each, rule.Mean)
}

// meanOfRounded averages indices that are rounded year by year, in whole numbers throughout.
func (c *calculation) meanOfRounded(history []ContributionYear, each, mean money.Rounding) (decimal.Decimal, bool) {
	var weighted, months uint64
	for i, y := range history {
		index, ok := quotient(uint64(y.BaseSum), uint64(y.AverageWage)*uint64(y.Months), int(each.Scale), each.Mode)
		high, term := bits.Mul64(index, uint64(y.Months))
		sum, carry := bits.Add64(weighted, term, 0)
		if !ok || high != 0 || carry != 0 || sum > 1<<62 {
			c.missing(fmt.Sprintf("history[%d]", i), "has an index that is too large", "check the bases and the average wage")
			return decimal.Decimal{}, false
		}
		weighted, months = sum, months+uint64(y.Months)
		c.figures = append(c.figures, Figure{Name: yearName(y), Value: decimalText(decimal.New(int64(index), -each.Scale))})
	}
	value := exact{num: decimal.New(int64(weighted), -each.Scale), den: decimal.NewFromInt(int64(months)), over: true}
	return c.step("avg_index", "Σ index of year × months ÷ Σ months", value, &mean).num, true
}

// meanOfFractions averages unrounded indices.
func (c *calculation) meanOfFractions(history []ContributionYear, mean money.Rounding) decimal.Decimal {
	weighted, months := new(big.Rat), int64(0)
	for _, y := range history {
		weighted.Add(weighted, big.NewRat(int64(y.BaseSum), int64(y.AverageWage))) // index × months: the months cancel
		months += int64(y.Months)
		index := exact{num: decimal.NewFromInt(int64(y.BaseSum)), den: decimal.NewFromInt(int64(y.AverageWage) * int64(y.Months)), over: true}
		c.figures = append(c.figures, Figure{Name: yearName(y), Value: index.text()})
	}
	value := exact{num: decimal.NewFromBigInt(weighted.Num(), 0), den: decimal.NewFromBigInt(weighted.Denom(), 0).Mul(decimal.NewFromInt(months)), over: true}
	return c.step("avg_index", "Σ index of year × months ÷ Σ months", value, &mean).num
}

func yearName(y ContributionYear) string {
	return "index_" + strconv.Itoa(y.Year) + "_x" + strconv.Itoa(y.Months)
}

// IndexSpan is a stretch of months with one index, as published sheets give it for deemed and for actual years.
type IndexSpan struct {
	Index  decimal.Decimal
	Months int
}

// WeightedIndex is the mean of several indices by months, with the step that shows it. It returns an *InputError when there is no month or one is
// negative, and a *money.Error for a rounding that is none.
func WeightedIndex(spans []IndexSpan, r money.Rounding) (decimal.Decimal, Step, error) {
	if err := r.Check(); err != nil {
		return decimal.Decimal{}, Step{}, err
	}
	c := calculation{in: &Inputs{}}
	sum, months := decimal.Decimal{}, int64(0)
	for i, s := range spans {
		if s.Months < 0 || s.Index.IsNegative() {
			c.missing(fmt.Sprintf("spans[%d]", i), fmt.Sprintf("has %d months at the index %s", s.Months, s.Index), "give zero or more")
		}
		c.figure(fmt.Sprintf("index_%d_x%d", i+1, s.Months), whole(s.Index))
		sum, months = sum.Add(s.Index.Mul(decimal.NewFromInt(int64(s.Months)))), months+int64(s.Months)
	}
	if months == 0 && len(c.faults) == 0 {
		c.missing("spans", "have no month", "give at least one")
	}
	if len(c.faults) > 0 {
		return decimal.Decimal{}, Step{}, &InputError{Faults: c.faults}
	}
	mean := c.step("avg_index", "Σ index × months ÷ Σ months", whole(sum).dividedBy(decimal.NewFromInt(months)), &r).num
	return mean, c.steps[0], nil
}
