package scheme

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/calendar"
)

// ID names a parameter: lower-case words joined by dots, the jurisdiction first, such as cn.surcharge.daily_rate.
type ID string

// Status says how far a value may be trusted.
type Status string

// The statuses.
const (
	Confirmed   Status = "confirmed"   // published and not in doubt (已确认)
	Provisional Status = "provisional" // stands in until the true value is known, or is disputed between sources (暂定)
	Superseded  Status = "superseded"  // once published, later corrected by another value of the same validity (已被替代)
)

// Confidence is how sure the person who wrote a value down was of it.
type Confidence string

// The confidences. Values of low confidence may come only from a deployer's file; none is embedded here.
const (
	Seen   Confidence = "seen" // read in the stored source named
	High   Confidence = "high"
	Medium Confidence = "medium"
	Low    Confidence = "low"
)

// Unit says what a value measures. Amounts have the unit of their currency, alone or per period: CNY, CNY/month, CNY/year.
type Unit string

// The units that are not amounts.
const (
	UnitRate        Unit = "rate"      // a fraction of one, 0 to 1: 0.16
	UnitRatePerDay  Unit = "rate/day"  // likewise, for each day
	UnitRatePerYear Unit = "rate/year" // likewise, for each year
	UnitPercent     Unit = "percent"   // 1.3 is 1.3 %
	UnitFactor      Unit = "factor"    // a number without a unit, zero or above
	UnitMonths      Unit = "months"
	UnitYears       Unit = "years"
	UnitTable       Unit = "table"  // a small table of texts by key
	UnitPolicy      Unit = "policy" // a PensionPolicy
)

// isRate reports whether values of the unit lie between 0 and 1.
func (u Unit) isRate() bool { return u == UnitRate || u == UnitRatePerDay || u == UnitRatePerYear }

// currency returns the code of an amount's currency, and "" for any other unit.
func (u Unit) currency() string {
	code, period, per := strings.Cut(string(u), "/")
	if len(code) != 3 || strings.ToUpper(code) != code || (per && period != "month" && period != "year") {
		return ""
	}
	return code
}

func (u Unit) known() bool {
	switch u {
	case UnitRate, UnitRatePerDay, UnitRatePerYear, UnitPercent, UnitFactor, UnitMonths, UnitYears, UnitTable, UnitPolicy:
		return true
	default:
		return u.currency() != ""
	}
}

// Title names a parameter in Chinese and English.
type Title struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// Provenance is where one value comes from. It is stored with every amount computed from the value.
type Provenance struct {
	Parameter ID            `json:"parameter"`
	From      calendar.Date `json:"from"`                 // first day of validity
	To        calendar.Date `json:"to,omitempty"`         // last day, inclusive; none when open
	KnownFrom calendar.Date `json:"known_from,omitempty"` // day from which the value could be known; none when since ever
	Status    Status        `json:"status"`
	Source    string        `json:"source"` // the legal or published source
	File      string        `json:"file"`
	Version   string        `json:"version"` // of the file, as it says itself
	SHA256    string        `json:"sha256"`  // of the file's bytes, hexadecimal
}

// Row is one line of a Table.
type Row struct {
	Key  string
	Text string
}

// Table is a small table of texts by key, in file order.
type Table []Row

// Text returns the text of a key and whether there is one.
func (t Table) Text(key string) (string, bool) {
	for _, row := range t {
		if row.Key == key {
			return row.Text, true
		}
	}
	return "", false
}

// Value is what a parameter says for a stretch of time.
type Value struct {
	Provenance
	Text       string          // a number as it stands in the file; empty for a table or policy
	Number     decimal.Decimal // the same, for every unit but table and policy
	Table      Table           // for UnitTable
	Policy     *PensionPolicy  // for UnitPolicy; shared, not to be changed
	Confidence Confidence      // may be empty
	Note       string
	Line       int // in File
}

// holds reports whether the value is valid on a day.
func (v *Value) holds(day calendar.Date) bool { return v.From <= day && (v.To == 0 || day <= v.To) }

// Override records that a later file changed a parameter.
type Override struct {
	Mode    OverrideMode
	Reason  string
	File    string
	Version string
	Line    int
}

// OverrideMode says how a later file changes a parameter.
type OverrideMode string

// The modes.
const (
	Replace OverrideMode = "replace" // the new values stand instead of all earlier ones
	Extend  OverrideMode = "extend"  // earlier values stand until the day before the first new one
)

// Parameter is one figure of the law through time.
type Parameter struct {
	ID        ID
	Title     Title
	Unit      Unit
	Values    []Value // ascending by From, then by KnownFrom; no gap and no overlap between validities
	Overrides []Override
	File      string // that first declared it
	Line      int
}

// At returns the value valid on a day, as known now: of several values with the same validity the one known last. The error is a *NoValueError.
func (p *Parameter) At(day calendar.Date) (Value, error) { return p.AsKnown(day, 0) }

// AsKnown returns the value valid on day as it was known on the day known (zero: now). The error is a *NoValueError.
func (p *Parameter) AsKnown(day, known calendar.Date) (Value, error) {
	hidden := false
	for i := len(p.Values) - 1; i >= 0; i-- {
		v := &p.Values[i]
		switch {
		case !v.holds(day):
		case known != 0 && v.KnownFrom > known:
			hidden = true
		default:
			return *v, nil
		}
	}
	return Value{}, &NoValueError{
		ID: p.ID, Day: day, Known: known, First: p.Values[0].From, Last: p.Values[len(p.Values)-1].To, Unpublished: hidden,
	}
}

// Span is a stretch of days with one value, both ends inclusive.
type Span struct {
	From, To calendar.Date
	Value    Value
}

// Spans cuts the days from first to last, both inclusive, where the value changes, as known on a day (zero: now). The error is a *NoValueError for the
// first day without a value. It is nil and there are no spans when last is before first.
func (p *Parameter) Spans(first, last, known calendar.Date) ([]Span, error) {
	var spans []Span
	for day := first; day <= last; {
		value, err := p.AsKnown(day, known)
		if err != nil {
			return nil, err
		}
		end := last
		if value.To != 0 && value.To < last {
			end = value.To
		}
		spans = append(spans, Span{From: day, To: end, Value: value})
		day = end.AddDays(1)
	}
	return slices.Clip(spans), nil
}
