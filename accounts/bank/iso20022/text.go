package iso20022

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/fundledger/fundledger/accounts/bank"
)

// Charset says which characters the texts of a payment file may hold.
type Charset string

// The character sets.
const (
	// AnyText takes all characters of XML 1.0 but controls, line breaks, byte order marks and direction marks; Chinese names pass. It is the default.
	AnyText Charset = ""
	// LatinText takes only the characters that every bank of the SWIFT and SEPA networks takes: a–z A–Z 0–9 / - ? : ( ) . , ' + and blank.
	LatinText Charset = "latin"
)

// identifierHint goes with every fault of an identifier.
const identifierHint = "use 1 to 35 of a-z A-Z 0-9 / - ? : ( ) . , ' + and blank, not starting or ending with / or blank, without //"

// identifier checks an identification that travels through the payment systems unchanged: the Latin set, at most 35 characters, no slash or blank at
// either end, no double slash (the rules of the SWIFT character set for references).
func identifier(path, text string, faults *bank.Faults) {
	reason := ""
	switch {
	case text == "":
		reason = "is missing"
	case utf8.RuneCountInString(text) > 35:
		reason = "is longer than 35 characters"
	case strings.ContainsFunc(text, func(r rune) bool { return !latin(r) }):
		reason = "has characters that payment systems do not carry"
	case strings.HasPrefix(text, "/") || strings.HasSuffix(text, "/") || strings.Contains(text, "//") || strings.TrimSpace(text) != text:
		reason = "starts or ends with / or blank, or has //"
	}
	if reason != "" {
		faults.Add(&bank.Fault{Code: bank.FaultText, Path: path, Text: text, Reason: reason, Hint: identifierHint})
	}
}

// free checks a name or remittance text. Nothing is cut or replaced: a text the bank cannot carry is a fault.
func (c Charset) free(path, text string, limit int, faults *bank.Faults) {
	if !utf8.ValidString(text) {
		faults.Add(&bank.Fault{Code: bank.FaultText, Path: path, Reason: "is not valid UTF-8", Hint: "convert it first"})
		return
	}
	if n := utf8.RuneCountInString(text); n > limit {
		faults.Add(&bank.Fault{Code: bank.FaultText, Path: path, Text: text, Reason: fmt.Sprintf("has %d characters, more than %d", n, limit),
			Hint: "shorten it"})
	}
	for _, r := range text {
		if !c.takes(r) {
			faults.Add(&bank.Fault{Code: bank.FaultText, Path: path, Text: text,
				Reason: fmt.Sprintf("has the character %U, which the payment file cannot carry", r),
				Hint:   "write it in the characters that the bank takes"})
			return
		}
	}
}

func (c Charset) takes(r rune) bool {
	if c == LatinText {
		return latin(r)
	}
	switch {
	case r < 0x20, r >= 0x7f && r < 0xa0, r == 0x2028, r == 0x2029: // controls and line breaks
		return false
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f: // marks that turn the direction of writing
		return false
	case r == 0xfeff, r == 0xfffd, r&0xfffe == 0xfffe, r >= 0xfdd0 && r <= 0xfdef: // byte order mark, replacement, noncharacters
		return false
	}
	return true
}

func latin(r rune) bool {
	return (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z') || (r >= '0' && r <= '9') || strings.ContainsRune("/-?:().,'+ ", r)
}
