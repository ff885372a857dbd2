package scheme

import (
	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/money"
)

// PensionPolicy is how a locality computes a pension (基本养老金计发办法): which base is averaged with the indexed wage, how years are counted, which
// form the transitional part has, what is added, and where each figure is rounded. The formula is simple and national; sheets of different provinces
// differ in these points. A policy is data, valid for a time, and is computed by package benefits/pension.
type PensionPolicy struct {
	BasicForm         BasicForm          `json:"basic_form"`
	LowIndex          *LowIndexRule      `json:"low_index,omitempty"`          // for LowIndexFactor
	IndexedWage       *WageRule          `json:"indexed_wage,omitempty"`       // absent: base × index enters the average unrounded
	Years             YearsRule          `json:"years"`                        // of the basic pension
	TransitionalYears *YearsRule         `json:"transitional_years,omitempty"` // absent: as Years
	TransitionalForm  TransitionalForm   `json:"transitional_form"`
	TransitionalWage  *WageRule          `json:"transitional_wage,omitempty"` // absent: unrounded, or printed when IndexedWage is
	TransitionalParts []TransitionalPart `json:"transitional_parts,omitempty"`
	Component         money.Rounding     `json:"component"` // of basic, account pension, transitional and its parts, and of an extra without its own
	Extras            []Extra            `json:"extras,omitempty"`
	Total             *money.Rounding    `json:"total,omitempty"` // absent: the plain sum
}

// BasicForm says which two wages the basic pension averages; the second is always indexed.
type BasicForm string

// The forms. W is the provincial base, L the local one.
const (
	Same                  BasicForm = "same"                    // (W + W × index) ÷ 2
	ProvinceLocalIndexed  BasicForm = "prov_plus_local_indexed" // (W + L × index) ÷ 2
	LocalProvinceIndexed  BasicForm = "local_plus_prov_indexed" // (L + W × index) ÷ 2
	LowIndexFactorOnFirst BasicForm = "low_index_factor"        // (W × min(1, index ÷ threshold) + W × index) ÷ 2
)

// LowIndexRule lowers the first wage of a member whose index is below a threshold.
type LowIndexRule struct {
	Threshold decimal.Decimal `json:"threshold"`
	money.Rounding
}

// WageRule says how base × index (指数化月平均缴费工资) is taken: rounded, or as the sheet prints it.
type WageRule struct {
	Printed  bool
	Rounding money.Rounding // unless Printed
}

// YearsMode says how years are made of months.
type YearsMode string

// The modes beside those of money.Rounding, which round months ÷ 12 to a scale.
const (
	YearsPrinted   YearsMode = "printed"                    // as the sheet prints them
	ExactMonths    YearsMode = "exact_months"               // months ÷ 12, not rounded
	WholePlusMonth YearsMode = "whole_years_plus_month_pct" // 1 % for a whole year, MonthPct % for each further month
)

// YearsRule says how contribution years (缴费年限) are counted.
type YearsRule struct {
	Mode     YearsMode       // a mode above, or one of money.Mode
	Scale    int32           // for a mode of money.Mode
	MonthPct decimal.Decimal // for WholePlusMonth
}

// Rounding returns the rounding of months ÷ 12, and false for the modes that do not round.
func (y YearsRule) Rounding() (money.Rounding, bool) {
	switch y.Mode {
	case YearsPrinted, ExactMonths, WholePlusMonth:
		return money.Rounding{}, false
	default:
		return money.Rounding{Scale: y.Scale, Mode: money.Mode(y.Mode)}, true
	}
}

// TransitionalForm says what the transitional pension (过渡性养老金) is.
type TransitionalForm string

// The forms.
const (
	NoTransitional TransitionalForm = "none"
	Indexed        TransitionalForm = "indexed"       // base × index × years × coefficient
	Averaged       TransitionalForm = "averaged"      // (base + base × index) ÷ 2 × years × coefficient
	IndexedParts   TransitionalForm = "indexed_parts" // several of the first, each rounded, added
	Parts          TransitionalForm = "parts"         // TransitionalParts, each rounded, added
)

// PartKind says how one part of a transitional pension is computed.
type PartKind string

// The kinds.
const (
	FixedPart        PartKind = "fixed"          // amount
	QuotientPart     PartKind = "quotient"       // amount ÷ divisor
	ProductPart      PartKind = "product"        // amount × factor
	PerWholeYearPart PartKind = "per_whole_year" // amount × whole years of months
)

// TransitionalPart is one part of a transitional pension of form Parts. An amount or a number of months that is the member's own and not the rule's is
// left out here and given with the member's inputs under the part's name.
type TransitionalPart struct {
	Name    string              `json:"name"`
	Kind    PartKind            `json:"kind"`
	Amount  decimal.NullDecimal `json:"amount,omitzero"`
	Divisor decimal.NullDecimal `json:"divisor,omitzero"`
	Factor  decimal.NullDecimal `json:"factor,omitzero"`
	Months  *int                `json:"months,omitempty"` // absent: all contribution months
}

// ExtraKind says how an addition to the pension is computed.
type ExtraKind string

// The kinds.
const (
	FixedExtra           ExtraKind = "fixed"                   // amount
	PctOfSum             ExtraKind = "pct_of_sum"              // pct % of the sum of what Of names
	RatePerYearIndexed   ExtraKind = "rate_per_year_indexed"   // indexed wage × pct % × years
	PctOfIndexedWage     ExtraKind = "pct_of_indexed_wage"     // indexed wage × pct %
	AmountPlusIndexYears ExtraKind = "amount_plus_index_years" // amount + index × years × factor
	IndexYearsPlus       ExtraKind = "index_years_plus"        // index × months ÷ 12 × factor + plus
	PhasedDifference     ExtraKind = "phased_difference"       // (base × index months ÷ 12 × coefficient %, rounded, less what Less names) × pct %
	SeniorityBracketsSum ExtraKind = "seniority_brackets"      // averaged wage × years in the bracket × pct %, added over the brackets
)

// Extra is an addition (增发、补贴、调节金) beside the three components.
type Extra struct {
	Name           string              `json:"name"`
	Kind           ExtraKind           `json:"kind"`
	Amount         decimal.NullDecimal `json:"amount,omitzero"` // of FixedExtra it may be left to the member's inputs
	Pct            decimal.NullDecimal `json:"pct,omitzero"`
	Of             []string            `json:"of,omitempty"` // absent: basic, account_pension, transitional
	Factor         decimal.NullDecimal `json:"factor,omitzero"`
	Plus           decimal.NullDecimal `json:"plus,omitzero"`
	Months         *int                `json:"months,omitempty"`
	Base           decimal.NullDecimal `json:"base,omitzero"`
	IndexMonths    decimal.NullDecimal `json:"index_months,omitzero"` // Σ index × months of the stretch
	CoefficientPct decimal.NullDecimal `json:"coefficient_pct,omitzero"`
	Less           []string            `json:"less,omitempty"`
	Brackets       []SeniorityBracket  `json:"brackets,omitempty"`
	Each           *money.Rounding     `json:"each,omitempty"`  // of every bracket; absent: brackets are added unrounded
	Round          *money.Rounding     `json:"round,omitempty"` // of the extra; absent: as a component
}

// SeniorityBracket is a stretch of contribution years with its own percentage: years FromYear to ToYear, both inclusive, counted from 1.
type SeniorityBracket struct {
	FromYear int                 `json:"from_year"`
	ToYear   *int                `json:"to_year,omitempty"` // absent: no end
	Pct      decimal.Decimal     `json:"pct"`
	Years    decimal.NullDecimal `json:"years,omitzero"` // as printed; absent: counted from all contribution years
}

// The names of the three components, as Of and Less use them.
const (
	Basic          = "basic"           // 基础养老金
	AccountPension = "account_pension" // 个人账户养老金
	Transitional   = "transitional"    // 过渡性养老金
)
