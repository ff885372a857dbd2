package scheme

import (
	"fmt"
	"math/big"
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// The parameters of the divisor (个人账户养老金计发月数).
const (
	DivisorTable  ID = "cn.pension.divisor.table"  // months by whole years of age
	DivisorMethod ID = "cn.pension.divisor.method" // how an age between two rows is read
)

// Divisor is the number of months that a personal account is spread over, for one age.
type Divisor struct {
	AgeYears, AgeMonths int
	Months              decimal.Decimal
	Table, Method       Provenance
}

// Divisor returns the divisor of an age in whole years and further months (0 to 11), by the table and method in force on a day: before 2025 the row of
// the whole years, since then the straight line between two rows, rounded. The error is a *DivisorError outside the table, or one of At.
func (c *Catalogue) Divisor(ageYears, ageMonths int, day calendar.Date) (Divisor, error) {
	table, err := c.Table(DivisorTable, day)
	if err != nil {
		return Divisor{}, err
	}
	method, err := c.Table(DivisorMethod, day)
	if err != nil {
		return Divisor{}, err
	}
	if ageMonths < 0 || ageMonths > 11 {
		return Divisor{}, &DivisorError{ageYears, ageMonths, "further months run from 0 to 11"}
	}
	rule, err := readDivisorMethod(method)
	if err != nil {
		return Divisor{}, err
	}
	out := Divisor{AgeYears: ageYears, AgeMonths: ageMonths, Table: table.Provenance, Method: method.Provenance}
	row, err := divisorRow(table, ageYears, ageMonths)
	if err != nil {
		return Divisor{}, err
	}
	out.Months = row
	if !rule.interpolate || ageMonths == 0 {
		return out, nil
	}
	next, err := divisorRow(table, ageYears+1, ageMonths)
	if err != nil {
		return Divisor{}, err
	}
	// row + (next − row) × months ÷ 12 = (row × (12 − months) + next × months) ÷ 12, rounded once
	weighted := row.Mul(decimal.NewFromInt(int64(12 - ageMonths))).Add(next.Mul(decimal.NewFromInt(int64(ageMonths))))
	out.Months, err = rule.rounding.ApplyRat(new(big.Rat).Quo(weighted.Rat(), big.NewRat(12, 1)))
	return out, err
}

func divisorRow(table Value, years, months int) (decimal.Decimal, error) {
	text, ok := table.Table.Text(strconv.Itoa(years))
	if !ok {
		first, last := table.Table[0].Key, table.Table[len(table.Table)-1].Key
		return decimal.Decimal{}, &DivisorError{years, months, fmt.Sprintf("the table needs a row for %d and runs from %s to %s", years, first, last)}
	}
	return money.ParseDecimal(text)
}

type divisorRule struct {
	interpolate bool
	rounding    money.Rounding
}

func readDivisorMethod(method Value) (divisorRule, error) {
	between, _ := method.Table.Text("between_rows")
	if between == "whole_age" {
		return divisorRule{}, nil
	}
	scaleText, _ := method.Table.Text("scale")
	mode, _ := method.Table.Text("mode")
	scale, err := strconv.ParseInt(scaleText, 10, 32)
	rule := divisorRule{interpolate: true, rounding: money.Rounding{Scale: int32(scale), Mode: money.Mode(mode)}}
	if between != "linear_by_month" || err != nil || rule.rounding.Check() != nil {
		return divisorRule{}, &TableError{ID: method.Parameter, From: method.From, Reason: fmt.Sprintf("between_rows %q, scale %q, mode %q", between, scaleText, mode),
			Hint: "give between_rows: 'whole_age', or 'linear_by_month' with scale and mode"}
	}
	return rule, nil
}
