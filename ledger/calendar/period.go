package calendar

import "fmt"

// ClosingPeriod is the thirteenth period of a year, which holds its closing entries.
const ClosingPeriod = 13

// Period is an accounting period, written yyyypp as an integer: 202601 to 202612 are the months, 202613 holds the closing entries of the year.
// Zero is no period. Periods compare with < and ==, and follow one another in that order.
type Period int32

// NewPeriod returns the period; number is 1 to 13.
func NewPeriod(year, number int) (Period, error) {
	if year < 1 || year > 9999 || number < 1 || number > ClosingPeriod {
		return 0, &Error{Kind: "period", Text: fmt.Sprintf("%04d-%02d", year, number)}
	}
	return Period(year*100 + number), nil
}

// ParsePeriod reads exactly yyyy-pp, pp being 01 to 13.
func ParsePeriod(text string) (Period, error) {
	if len(text) == 7 && text[4] == '-' {
		year, ok1 := digits(text[0:4])
		number, ok2 := digits(text[5:7])
		if ok1 && ok2 {
			if p, err := NewPeriod(year, number); err == nil {
				return p, nil
			}
		}
	}
	return 0, &Error{Kind: "period", Text: text}
}

// Valid reports whether p is a real period. Zero is not.
func (p Period) Valid() bool {
	_, err := NewPeriod(p.Year(), p.Number())
	return err == nil
}

// IsZero reports whether p is no period.
func (p Period) IsZero() bool { return p == 0 }

// Year returns the accounting year, which is the calendar year.
func (p Period) Year() int { return int(p) / 100 }

// Number returns 1 to 13.
func (p Period) Number() int { return int(p) % 100 }

// IsClosing reports whether p is a thirteenth period.
func (p Period) IsClosing() bool { return p.Number() == ClosingPeriod }

// Month returns the calendar month of p; a closing period lies in December.
func (p Period) Month() Month { return Month(p.Year()*100 + min(p.Number(), 12)) }

// Next returns the period that follows: 202512 is followed by 202513, and that by 202601.
func (p Period) Next() Period {
	if p.IsClosing() {
		return Period((p.Year()+1)*100 + 1)
	}
	return p + 1
}

// Previous returns the period that p follows.
func (p Period) Previous() Period {
	if p.Number() == 1 {
		return Period((p.Year()-1)*100 + ClosingPeriod)
	}
	return p - 1
}

// Contains reports whether an effective date belongs to the period: a month holds its days, a closing period holds only 31 December.
func (p Period) Contains(d Date) bool {
	if p.IsClosing() {
		return d == p.Month().Last()
	}
	return d.Month().Period() == p
}

// String writes yyyy-pp, and "-" for no period.
func (p Period) String() string {
	if p == 0 {
		return "-"
	}
	return fmt.Sprintf("%04d-%02d", p.Year(), p.Number())
}

// MarshalText writes yyyy-pp, and nothing for no period.
func (p Period) MarshalText() ([]byte, error) {
	if p == 0 {
		return nil, nil
	}
	return []byte(p.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (p *Period) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*p = 0
		return nil
	}
	parsed, err := ParsePeriod(string(text))
	if err != nil {
		return err
	}
	*p = parsed
	return nil
}
