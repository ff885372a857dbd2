package calendar

import (
	"fmt"
	"time"
)

// Date is a civil date of the Gregorian calendar, written yyyymmdd as an integer: 20260131. Zero is no date. Dates compare with < and ==.
// Only years 1 to 9999 exist.
type Date int32

// NewDate returns the date of year, month and day, or an *Error when there is no such day (a 30 February is not carried into March).
func NewDate(year, month, day int) (Date, error) {
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, &Error{Kind: "date", Text: fmt.Sprintf("%04d-%02d-%02d", year, month, day)}
	}
	return Date(year*10000 + month*100 + day), nil
}

// MustDate is NewDate for dates that are constants of a program; it panics on a day that does not exist.
func MustDate(year, month, day int) Date {
	d, err := NewDate(year, month, day)
	if err != nil {
		panic(err)
	}
	return d
}

// ParseDate reads exactly yyyy-mm-dd.
func ParseDate(text string) (Date, error) {
	if len(text) != 10 || text[4] != '-' || text[7] != '-' {
		return 0, &Error{Kind: "date", Text: text}
	}
	year, ok1 := digits(text[0:4])
	month, ok2 := digits(text[5:7])
	day, ok3 := digits(text[8:10])
	if !ok1 || !ok2 || !ok3 {
		return 0, &Error{Kind: "date", Text: text}
	}
	d, err := NewDate(year, month, day)
	if err != nil {
		return 0, &Error{Kind: "date", Text: text}
	}
	return d, nil
}

// DateOf returns the civil date of t in t's own location.
func DateOf(t time.Time) Date {
	return Date(t.Year()*10000 + int(t.Month())*100 + t.Day())
}

// Valid reports whether d is a real date. Zero is not.
func (d Date) Valid() bool {
	_, err := NewDate(d.Year(), d.MonthOfYear(), d.Day())
	return err == nil
}

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d == 0 }

// Year returns the calendar year.
func (d Date) Year() int { return int(d) / 10000 }

// MonthOfYear returns 1 to 12.
func (d Date) MonthOfYear() int { return int(d) / 100 % 100 }

// Day returns the day of the month, 1 to 31.
func (d Date) Day() int { return int(d) % 100 }

// Month returns the month that holds d.
func (d Date) Month() Month { return Month(int(d) / 100) }

// AddDays returns the date n days after d (before, when n is negative). The result of leaving years 1 to 9999 is not Valid.
func (d Date) AddDays(n int) Date {
	return DateOf(d.utc().AddDate(0, 0, n))
}

// AddMonths returns the same day n months later, or the last day of that month where it has no such day: 31 January plus one month is 28 February.
func (d Date) AddMonths(n int) Date {
	m := d.Month().Add(n)
	day := min(d.Day(), m.Days())
	return Date(int(m)*100 + day)
}

// Sub returns the number of days from earlier to d; negative when d is before it.
func (d Date) Sub(earlier Date) int {
	return int(d.utc().Sub(earlier.utc()).Hours()) / 24
}

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// String writes yyyy-mm-dd, and "-" for no date.
func (d Date) String() string {
	if d == 0 {
		return "-"
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year(), d.MonthOfYear(), d.Day())
}

// MarshalText writes yyyy-mm-dd, and nothing for no date.
func (d Date) MarshalText() ([]byte, error) {
	if d == 0 {
		return nil, nil
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = 0
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

func (d Date) utc() time.Time {
	return time.Date(d.Year(), time.Month(d.MonthOfYear()), d.Day(), 0, 0, 0, 0, time.UTC)
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func digits(text string) (int, bool) {
	n := 0
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return 0, false
		}
		n = n*10 + int(text[i]-'0')
	}
	return n, true
}
