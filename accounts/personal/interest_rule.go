package personal

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/money"
)

// InterestMethod says how the interest of a year is computed on a personal account (个人账户计息办法).
type InterestMethod string

// The methods. c_n is what was posted in month n of the year, r the rate of the year, m the months that earn.
const (
	// MonthProduct (月积数法): a posting earns from its own month on, Σ c_n × (m − n + 1) × r ÷ 12. Source: 劳办发〔1997〕116号.
	MonthProduct InterestMethod = "cn_month_product"
	// Annual (年度计算法): the year's postings earn half a year, C × r × factor × 1/2, the factor being 13/12, printed as 1.083. It agrees with MonthProduct when all
	// months are equal. Same source. A misprint that multiplies (1 + r/2) by the factor raises the principal by 8.3 % and is not a method.
	Annual InterestMethod = "cn_annual"
	// PreviousMonthClose: every month earns on the balance at the end of the month before, so that a posting earns from the next month on,
	// Σ c_n × (m − n) × r ÷ 12; credited once a year.
	PreviousMonthClose InterestMethod = "prev_month_close"
)

// Fraction is a factor that no decimal holds exactly.
type Fraction struct {
	Numerator, Denominator int64
}

// InterestRule is how a locality credits a year. It is data: the rate and the method come from the scheme's parameters.
type InterestRule struct {
	Method       InterestMethod
	Rate         decimal.Decimal // a year, as a fraction of one: 0.0397
	RateSource   string          // where the rate comes from, for the steps
	Months       int             // months of the year that earn: 12, fewer in the year of retirement or transfer
	AnnualFactor Fraction        // for Annual
	Rounding     money.Rounding  // to at most the decimals of the currency
	RoundSum     bool            // one rounding of the year's whole interest, the postings holding the residual; else opening and postings are rounded apart
}

// RuleError is everything wrong with an InterestRule. Get it with errors.As.
type RuleError struct {
	Faults []string
}

func (e *RuleError) Error() string { return "personal: interest rule: " + strings.Join(e.Faults, "; ") }

// Check returns a *RuleError with all faults, or nil.
func (r InterestRule) Check(currency money.Currency) error {
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	switch r.Method {
	case MonthProduct, PreviousMonthClose:
	case Annual:
		n, d := r.AnnualFactor.Numerator, r.AnnualFactor.Denominator
		if n < 1 || d < 1 || d > maxFactor || n > 2*d {
			fault("the annual factor %d/%d is no fraction above 0 and up to 2 with a denominator up to %d", n, d, int64(maxFactor))
		}
		if r.Months != 12 {
			fault("the annual method knows whole years only and %d months were given: use %s", r.Months, MonthProduct)
		}
	default:
		fault("%q is no method: use %s, %s or %s", r.Method, MonthProduct, Annual, PreviousMonthClose)
	}
	if r.Rate.IsNegative() || r.Rate.GreaterThan(decimal.New(1, 0)) {
		fault("the rate %s is outside 0 to 1: write 0.0397 for 3.97 %%", r.Rate)
	}
	if -r.Rate.Exponent() > maxRateDecimals {
		fault("the rate %s has more than %d decimals", r.Rate, maxRateDecimals)
	}
	if r.Months < 0 || r.Months > 12 {
		fault("%d months are outside 0 to 12", r.Months)
	}
	if err := r.Rounding.Check(); err != nil {
		fault("%v", err)
	} else if r.Rounding.Scale > currency.Scale() || r.Rounding.Scale < currency.Scale()-maxCoarser {
		fault("rounding to %d decimals does not suit %s, which has %d", r.Rounding.Scale, currency, currency.Scale())
	}
	if len(faults) > 0 {
		return &RuleError{Faults: faults}
	}
	return nil
}

// The limits keep products of a posting within 128 bits.
const (
	maxRateDecimals = 8
	maxFactor       = 1_000_000
	maxCoarser      = 3
)
