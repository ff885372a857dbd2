package calendar

import "fmt"

// Month is a calendar month, written yyyymm as an integer: 202601. Zero is no month. Months compare with < and ==.
type Month int32

// NewMonth returns the month, or an *Error when there is none such.
func NewMonth(year, month int) (Month, error) {
	if year < 1 || year > 9999 || month < 1 || month > 12 {
		return 0, &Error{Kind: "month", Text: fmt.Sprintf("%04d-%02d", year, month)}
	}
	return Month(year*100 + month), nil
}

// MustMonth is NewMonth for constants; it panics on a month that does not exist.
func MustMonth(year, month int) Month {
	m, err := NewMonth(year, month)
	if err != nil {
		panic(err)
	}
	return m
}

// ParseMonth reads exactly yyyy-mm.
func ParseMonth(text string) (Month, error) {
	if len(text) != 7 || text[4] != '-' {
		return 0, &Error{Kind: "month", Text: text}
	}
	year, ok1 := digits(text[0:4])
	month, ok2 := digits(text[5:7])
	if !ok1 || !ok2 {
		return 0, &Error{Kind: "month", Text: text}
	}
	m, err := NewMonth(year, month)
	if err != nil {
		return 0, &Error{Kind: "month", Text: text}
	}
	return m, nil
}

// MonthAt is the inverse of Index.
func MonthAt(index int) Month { return Month(index/12*100 + index%12 + 1) }

// Index counts months from January of year 0, so that neighbours differ by one.
func (m Month) Index() int { return m.Year()*12 + m.OfYear() - 1 }

// Valid reports whether m is a real month. Zero is not.
func (m Month) Valid() bool {
	_, err := NewMonth(m.Year(), m.OfYear())
	return err == nil
}

// IsZero reports whether m is no month.
func (m Month) IsZero() bool { return m == 0 }

// Year returns the calendar year.
func (m Month) Year() int { return int(m) / 100 }

// OfYear returns 1 to 12.
func (m Month) OfYear() int { return int(m) % 100 }

// Add returns the month n months later, earlier when n is negative.
func (m Month) Add(n int) Month { return MonthAt(m.Index() + n) }

// Sub returns how many months m is after earlier; negative when it is before.
func (m Month) Sub(earlier Month) int { return m.Index() - earlier.Index() }

// First returns the first day of the month.
func (m Month) First() Date { return Date(int(m)*100 + 1) }

// Last returns the last day of the month.
func (m Month) Last() Date { return Date(int(m)*100 + m.Days()) }

// Days returns how many days the month has.
func (m Month) Days() int { return daysIn(m.Year(), m.OfYear()) }

// Period returns the accounting period of the month.
func (m Month) Period() Period { return Period(m) }

// String writes yyyy-mm, and "-" for no month.
func (m Month) String() string {
	if m == 0 {
		return "-"
	}
	return fmt.Sprintf("%04d-%02d", m.Year(), m.OfYear())
}

// MarshalText writes yyyy-mm, and nothing for no month.
func (m Month) MarshalText() ([]byte, error) {
	if m == 0 {
		return nil, nil
	}
	return []byte(m.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (m *Month) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*m = 0
		return nil
	}
	parsed, err := ParseMonth(string(text))
	if err != nil {
		return err
	}
	*m = parsed
	return nil
}
