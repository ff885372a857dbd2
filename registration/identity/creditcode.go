package identity

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// CreditCodeLength is the length of a unified social credit code.
const CreditCodeLength = 18

// CreditCode is a unified social credit code (统一社会信用代码) of an organisation: registering department, category, six digits of the place, nine
// characters of the organisation code, and a check character. It is public and prints as it is.
//
// Any text can be converted to the type, as the import of old records needs; Check says whether it is a code.
type CreditCode string

// creditAlphabet are the 31 characters in the order of their values: ten digits and the capitals but I, O, S, V and Z.
const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// creditWeights are 3^(i−1) mod 31 for the 17 positions.
var creditWeights = [CreditCodeLength - 1]int{1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28}

// lookAlikes are the characters that the code leaves out, with those that are meant when they are typed.
var lookAlikes = map[rune]string{'I': "1", 'O': "0", 'S': "5", 'Z': "2"}

// ParseCreditCode reads a code. Nothing is repaired: no blanks cut, no small letters taken. The error is an *Error with ErrLength, ErrCharacter or ErrCheck.
func ParseCreditCode(text string) (CreditCode, error) {
	if e := checkCreditCode(text); e != nil {
		return "", e
	}
	return CreditCode(text), nil
}

// MustCreditCode is ParseCreditCode for constants of tests and examples; it panics on a bad code.
func MustCreditCode(text string) CreditCode {
	code, err := ParseCreditCode(text)
	if err != nil {
		panic(err)
	}
	return code
}

// Check returns what ParseCreditCode says of the code: nil, or an *Error.
func (c CreditCode) Check() error {
	if e := checkCreditCode(string(c)); e != nil {
		return e
	}
	return nil
}

// Area returns the six digits of the place of registration (登记管理机关行政区划码), and nothing for a code that is not valid.
func (c CreditCode) Area() string {
	if c.Check() != nil {
		return ""
	}
	return string(c[2:8])
}

func checkCreditCode(text string) *Error {
	fault := func(code Code, position int, given, detail, hint string) *Error {
		return &Error{Code: code, What: "credit code", Masked: shown(text), Position: position, Given: given, Detail: detail, Hint: hint}
	}
	if count := utf8.RuneCountInString(text); count != CreditCodeLength {
		return fault(ErrLength, 0, "", fmt.Sprintf("has %d characters, not %d", count, CreditCodeLength),
			"give all characters, without blanks; a registration number of another form (工商注册号) is no credit code")
	}
	place := 0
	for _, r := range text {
		place++
		area := place >= 3 && place <= 8
		if r < utf8.RuneSelf && strings.ContainsRune(creditAlphabet, r) && (!area || r <= '9') {
			continue
		}
		return fault(ErrCharacter, place, string(r), fmt.Sprintf("%q cannot stand here", r), characterHint(r, area))
	}
	sum := 0
	for i, weight := range creditWeights {
		sum += strings.IndexByte(creditAlphabet, text[i]) * weight
	}
	at := (31 - sum%31) % 31
	given, want := text[CreditCodeLength-1:], creditAlphabet[at:at+1]
	if given != want {
		e := fault(ErrCheck, CreditCodeLength, given, fmt.Sprintf("the check character is %s, computed %s (weighted sum %d, remainder %d by 31)",
			given, want, sum, sum%31),
			"compare the code with the licence; one character is wrong or two are exchanged")
		e.Computed = want
		return e
	}
	return nil
}

func characterHint(r rune, area bool) string {
	if like, ok := lookAlikes[r]; ok {
		return fmt.Sprintf("the code has no I, O, S, V and Z; perhaps %s is meant", like)
	}
	if r == 'V' {
		return "the code has no I, O, S, V and Z"
	}
	if r >= 'a' && r <= 'z' {
		return "write letters as capitals"
	}
	if area {
		return "positions 3 to 8 are the digits of the place"
	}
	return "give digits and capitals of ASCII only"
}

// shown bounds what a message repeats.
func shown(text string) string {
	const most = 2 * CreditCodeLength
	runes := []rune(text)
	if len(runes) > most {
		runes = append(runes[:most], '…')
	}
	return fmt.Sprintf("%q", string(runes))
}
