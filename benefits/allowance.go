package benefits

import (
	"fmt"
	"math/big"
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme"
)

// The parameters of the allowances computed here.
const (
	MaternityDaysBasis    scheme.ID = "cn.maternity.days_basis"
	UnemploymentMaxMonths scheme.ID = "cn.unemployment.max_months"
)

// MaternityAllowance is the allowance of a birth (生育津贴): the employer's average monthly wage of the year before, made a daily wage by the basis table
// (months ÷ days: 1/30, or 12/365), times the days of leave, rounded once. wage is in major units. Source: 社会保险法 art. 56. The errors are *AllowanceError
// and those of package money.
func MaternityAllowance(wage decimal.Decimal, days int, basis scheme.Value, rounding money.Rounding) (decimal.Decimal, error) {
	months, err := tableNumber(basis, "months")
	if err != nil {
		return decimal.Decimal{}, err
	}
	perDays, err := tableNumber(basis, "days")
	if err != nil {
		return decimal.Decimal{}, err
	}
	if days < 0 || wage.IsNegative() || !perDays.IsPositive() {
		return decimal.Decimal{}, &AllowanceError{"maternity", fmt.Sprintf("%d days at a wage of %s over %s days", days, wage, perDays), "give figures above zero"}
	}
	product := wage.Mul(months).Mul(decimal.NewFromInt(int64(days)))
	return rounding.ApplyRat(new(big.Rat).Quo(product.Rat(), perDays.Rat()))
}

// UnemploymentMonths is how many months of unemployment benefit (失业保险金) contribution years give at most: the row of the table with the greatest
// number of years reached. Source: 社会保险法 art. 46. The error is an *AllowanceError.
func UnemploymentMonths(years decimal.Decimal, table scheme.Value) (int, error) {
	found := -1
	for _, row := range table.Table {
		from, err := money.ParseDecimal(row.Key)
		if err != nil {
			return 0, &AllowanceError{"unemployment", fmt.Sprintf("%q is no number of years in %s", row.Key, table.Parameter), "correct the file " + table.File}
		}
		if from.GreaterThan(years) {
			continue
		}
		months, err := strconv.Atoi(row.Text)
		if err != nil {
			return 0, &AllowanceError{"unemployment", fmt.Sprintf("%q is no number of months in %s", row.Text, table.Parameter), "correct the file " + table.File}
		}
		found = max(found, months)
	}
	if found < 0 {
		return 0, &AllowanceError{"unemployment", fmt.Sprintf("%s years are below every row of %s", years, table.Parameter), "give zero or more years"}
	}
	return found, nil
}

// AllowanceError says why an allowance cannot be computed. Get it with errors.As.
type AllowanceError struct {
	Of     string // maternity or unemployment
	Reason string
	Hint   string
}

func (e *AllowanceError) Error() string {
	return fmt.Sprintf("benefits: %s: %s; %s", e.Of, e.Reason, e.Hint)
}

func tableNumber(table scheme.Value, key string) (decimal.Decimal, error) {
	text, _ := table.Table.Text(key)
	number, err := money.ParseDecimal(text)
	if err != nil {
		return decimal.Decimal{}, &AllowanceError{"maternity", fmt.Sprintf("%s is %q in %s", key, text, table.Parameter), "correct the file " + table.File}
	}
	return number, nil
}
