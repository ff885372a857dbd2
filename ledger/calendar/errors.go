package calendar

import "fmt"

// Error says that a text or a set of numbers is no date, month or period. Get it with errors.As.
type Error struct {
	Kind string // date, month or period
	Text string // what was given
}

func (e *Error) Error() string {
	form := map[string]string{
		"date":   "an existing day, written yyyy-mm-dd",
		"month":  "a month, written yyyy-mm",
		"period": "a period 01 to 13 of a year, written yyyy-pp",
	}[e.Kind]
	return fmt.Sprintf("calendar: %q is no %s: give %s", e.Text, e.Kind, form)
}
