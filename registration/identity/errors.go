package identity

import "fmt"

// Code is the stable name of what is wrong with a number. It is an error itself: errors.Is(err, identity.ErrCheck).
type Code string

// The codes, in the order in which they are looked for: of several faults of one number the first is reported.
const (
	ErrOldForm   Code = "old_form"       // the identity number of 15 digits, issued before 1999
	ErrLength    Code = "length"         // not 18 characters
	ErrCharacter Code = "character"      // a character that cannot stand at its place
	ErrBirth     Code = "birth_date"     // positions 7 to 14 are no day
	ErrCheck     Code = "check"          // the last character is not the one that the others give
	ErrKeyLength Code = "key_too_short"  // a pseudonym key of less than 32 bytes
	ErrPseudonym Code = "not_pseudonym"  // no 32 hexadecimal digits
	ErrUnchecked Code = "unchecked_text" // an unchecked number that is too long or not printable
)

// Error returns the code.
func (c Code) Error() string { return "identity: " + string(c) }

// Error says what is wrong with a number and where. It never holds an identity number in full. Get it with errors.As.
type Error struct {
	Code     Code
	What     string // what was read: "identity number", "credit code", …
	Masked   string // the number as it may be shown
	Position int    // place of the fault from 1; 0 when the whole is meant
	Given    string // the character or part at that place, "" when it may not be shown
	Computed string // the right check character, for ErrCheck
	Detail   string // what is wrong, with the arithmetic
	Hint     string // what to do
}

func (e *Error) Error() string {
	detail, hint := e.Explain()
	return "identity: " + e.What + " " + detail + "; " + hint
}

// Explain returns what is wrong and what to do, for messages that name the field themselves.
func (e *Error) Explain() (detail, hint string) {
	place := e.Masked
	if e.Position > 0 {
		place += fmt.Sprintf(", position %d", e.Position)
	}
	if place != "" {
		place += ": "
	}
	return place + e.Detail, e.Hint
}

// Is matches the error's Code.
func (e *Error) Is(target error) bool { return target == error(e.Code) }
