package identity

import (
	"fmt"
	"log/slog"
	"strings"
	"unicode/utf8"

	"github.com/fundledger/fundledger/ledger/calendar"
)

// NumberLength is the length of a resident identity number.
const NumberLength = 18

// MaxUnchecked is the longest text that Unchecked keeps, in bytes.
const MaxUnchecked = 24

// Sex (性别) is coded as in GB/T 2261.1: 1 male, 2 female. Zero is not known.
type Sex int16

// The sexes.
const (
	Male   Sex = 1 // 男
	Female Sex = 2 // 女
)

// String writes male, female, or unknown.
func (s Sex) String() string {
	switch s {
	case Male:
		return "male"
	case Female:
		return "female"
	}
	return "unknown"
}

// Number is a resident identity number (公民身份号码): six digits of the place of first registration, eight of the day of birth, three of a sequence whose
// last digit is odd for men and even for women, and a check character. Residence permits for Hong Kong, Macao and Taiwan residents have the same form.
//
// The zero value is no number. Numbers compare with == and serve as keys of maps. Every way of printing shows String, the masked form.
type Number struct {
	// The bytes of the text, each inverted, then zeros: a printer that looks past the methods, as fmt does with a Number in a field that is not exported,
	// shows no number.
	hidden [MaxUnchecked]byte
}

// weights are those of ISO 7064 MOD 11-2 for 17 digits: 2^(17−i) mod 11.
var weights = [NumberLength - 1]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}

// checkCharacters are the check characters by the weighted sum modulo 11.
const checkCharacters = "10X98765432"

// ParseNumber reads a resident identity number. A small x at the end is taken as X; nothing else is repaired, no blanks are cut. The error is an *Error
// with ErrOldForm, ErrLength, ErrCharacter, ErrBirth or ErrCheck.
func ParseNumber(text string) (Number, error) {
	if e := checkNumber(text); e != nil {
		return Number{}, e
	}
	return fill(strings.ToUpper(text)), nil
}

// MustNumber is ParseNumber for constants of tests and examples; it panics on a bad number.
func MustNumber(text string) Number {
	n, err := ParseNumber(text)
	if err != nil {
		panic(err)
	}
	return n
}

// Unchecked keeps a text as it is in place of an identity number, for the import of old records whose numbers are wrong: Check says what is wrong with it.
// The error is an *Error with ErrUnchecked unless the text is 1 to 24 printable ASCII characters.
func Unchecked(text string) (Number, error) {
	printable := strings.IndexFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
	if text == "" || len(text) > MaxUnchecked || !printable {
		return Number{}, &Error{Code: ErrUnchecked, What: "identity number", Masked: mask(text), Detail: fmt.Sprintf("%d bytes", len(text)),
			Hint: fmt.Sprintf("even an unchecked number has 1 to %d printable ASCII characters and no blanks", MaxUnchecked)}
	}
	return fill(text), nil
}

// MustUnchecked is Unchecked for constants of tests and examples; it panics where Unchecked has an error.
func MustUnchecked(text string) Number {
	n, err := Unchecked(text)
	if err != nil {
		panic(err)
	}
	return n
}

func fill(text string) Number {
	var n Number
	for i := range len(text) {
		n.hidden[i] = ^text[i]
	}
	return n
}

// Check returns what ParseNumber says of the number: nil, or an *Error.
func (n Number) Check() error {
	if e := checkNumber(n.Reveal()); e != nil {
		return e
	}
	return nil
}

// Valid reports whether Check finds nothing.
func (n Number) Valid() bool { return checkNumber(n.Reveal()) == nil }

// IsZero reports whether n is no number.
func (n Number) IsZero() bool { return n == Number{} }

func checkNumber(text string) *Error {
	fault := func(code Code, position int, given, detail, hint string) *Error {
		return &Error{Code: code, What: "identity number", Masked: mask(text), Position: position, Given: given, Detail: detail, Hint: hint}
	}
	count := utf8.RuneCountInString(text)
	if count == 15 && strings.Trim(text, "0123456789") == "" {
		return fault(ErrOldForm, 0, "", "has 15 digits, the form that is not valid any more",
			"ask for the number of 18 characters; it cannot be derived, because the century of birth is not known")
	}
	if count != NumberLength {
		return fault(ErrLength, 0, "", fmt.Sprintf("has %d characters, not %d", count, NumberLength), lengthHint(text))
	}
	for at, place := 0, 1; at < len(text); place++ {
		r, size := utf8.DecodeRuneInString(text[at:])
		last := place == NumberLength && (r == 'X' || r == 'x')
		if (r < '0' || r > '9') && !last {
			return fault(ErrCharacter, place, string(r), fmt.Sprintf("%q cannot stand here", r), "give digits of ASCII; only the last may be X")
		}
		at += size
	}
	if _, err := birthOf(text); err != nil {
		return fault(ErrBirth, 7, "", "positions 7 to 14 are no day of the calendar", "correct the date of birth, written yyyymmdd")
	}
	sum, want := checkCharacter(text)
	if given := strings.ToUpper(text[NumberLength-1:]); given != want {
		e := fault(ErrCheck, NumberLength, given, fmt.Sprintf("the check character is %s, computed %s (weighted sum %d, remainder %d by 11)", given,
			want, sum, sum%11),
			"compare the number with the card; one digit is wrong or two are exchanged")
		e.Computed = want
		return e
	}
	return nil
}

func lengthHint(text string) string {
	if strings.ContainsAny(text, ".eE+") {
		return "a spreadsheet has turned it into a number; format the column as text and enter it again"
	}
	return "give all characters, without blanks"
}

// checkCharacter computes the check character of the first 17 digits.
func checkCharacter(text string) (sum int, character string) {
	for i, weight := range weights {
		sum += int(text[i]-'0') * weight
	}
	return sum, checkCharacters[sum%11 : sum%11+1]
}

func birthOf(text string) (calendar.Date, error) {
	number := func(from, to int) int {
		n := 0
		for _, c := range []byte(text[from:to]) {
			n = n*10 + int(c-'0')
		}
		return n
	}
	return calendar.NewDate(number(6, 10), number(10, 12), number(12, 14))
}

// Birth returns the day of birth in positions 7 to 14, and zero for a number that is not valid.
func (n Number) Birth() calendar.Date {
	if !n.Valid() {
		return 0
	}
	birth, err := birthOf(n.Reveal())
	if err != nil {
		return 0
	}
	return birth
}

// Sex returns what the parity of position 17 says, and zero for a number that is not valid.
func (n Number) Sex() Sex {
	switch {
	case !n.Valid():
		return 0
	case n.Reveal()[16]&1 == 1: // '1' is odd as a byte too
		return Male
	}
	return Female
}

// Area returns the six digits of the place of first registration (行政区划代码, GB/T 2260), and nothing for a number that is not valid. Whether the place
// exists, or existed when the number was given, is not looked up.
func (n Number) Area() string {
	if !n.Valid() {
		return ""
	}
	return n.Reveal()[:6]
}

// Reveal returns the number itself. Whoever calls it answers for where the text goes.
func (n Number) Reveal() string {
	text := make([]byte, 0, MaxUnchecked)
	for _, b := range n.hidden {
		if b == 0 {
			break
		}
		text = append(text, ^b)
	}
	return string(text)
}

// String returns the masked form: the first two and the last two characters of a number of at least eight, stars for the rest.
func (n Number) String() string { return mask(n.Reveal()) }

// GoString returns the masked form, for %#v.
func (n Number) GoString() string { return "identity.Number(" + n.String() + ")" }

// Format prints the masked form under every verb: without it %x and %d would reach the bytes.
func (n Number) Format(f fmt.State, _ rune) {
	_, _ = f.Write([]byte(n.String())) // fmt's own writer does not fail
}

// MarshalText returns the masked form, so that JSON and logs that a Number slips into do not carry it. There is no UnmarshalText: what was masked is gone.
func (n Number) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// LogValue returns the masked form.
func (n Number) LogValue() slog.Value { return slog.StringValue(n.String()) }

// mask hides all but the province and the last two characters.
func mask(text string) string {
	runes := []rune(text)
	if len(runes) > 2*MaxUnchecked {
		runes = runes[:2*MaxUnchecked]
	}
	const shown, least = 2, 8
	for i := range runes {
		if len(runes) < least || i >= shown && i < len(runes)-shown {
			runes[i] = '*'
		}
	}
	return strings.ToValidUTF8(string(runes), "*")
}
