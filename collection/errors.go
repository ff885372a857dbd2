package collection

import (
	"strings"

	"github.com/fundledger/fundledger/ledger/fault"
)

// Code names one reason for which collection refuses something. It is stable: programs may store and compare it, and test for it with
// errors.Is(err, collection.ErrNotEnrolled).
type Code string

// The codes.
const (
	ErrMissing         Code = "missing"          // a field that must be given is empty
	ErrInvalid         Code = "invalid"          // a field holds what it may not
	ErrTooLong         Code = "too_long"         // a text, a file, or the number of rows, is over its limit
	ErrApproval        Code = "approval"         // a second person must approve, and be another one than the first
	ErrKeyReused       Code = "key_reused"       // the idempotency key belongs to a command with other content
	ErrEncoding        Code = "encoding"         // a file is not in the encoding that was named
	ErrSyntax          Code = "syntax"           // a file is no CSV, or a row has too many or too few fields
	ErrHeader          Code = "header"           // the first line of a file does not name the columns
	ErrNotDigits       Code = "not_digits"       // an amount or number in words, full-width or grouped characters
	ErrPrecision       Code = "precision"        // an amount has more decimals than the currency
	ErrIdentity        Code = "identity"         // a credit code or identity number is not right
	ErrEmployerUnknown Code = "employer_unknown" // no such employer in the realm
	ErrMemberUnknown   Code = "member_unknown"   // nobody, or more than one member, has the identity number
	ErrNotEnrolled     Code = "not_enrolled"     // the member is not enrolled by the employer in the scheme for the month
	ErrRepeated        Code = "repeated"         // two rows speak of the same thing
	ErrAssessed        Code = "assessed"         // the month is assessed and partly paid, and the new assessment lowers it
	ErrUnknown         Code = "unknown"          // no such demand, item, receipt
	ErrMismatch        Code = "mismatch"         // an item belongs to another employer; a payee is not the payer
	ErrNotSettled      Code = "not_settled"      // the demand is not paid in full
	ErrRefunded        Code = "refunded"         // the money went back before
	ErrTooMuch         Code = "too_much"         // more than there is
	ErrNothing         Code = "nothing"          // there is nothing to do
	ErrRefused         Code = "refused"          // the fund's chart or book refuses the entry of a row; the cause says why
)

// Error makes a Code usable as the target of errors.Is.
func (c Code) Error() string { return "collection: " + string(c) }

// Fault is one reason why something was refused; Faults is every one of a command or file, and nothing of it was done. See package ledger/fault.
type (
	Fault  = fault.Fault[Code]
	Faults = fault.List[Code]
)

// clip shortens a text for a message.
func clip(text string) string {
	const most = 40
	runes := []rune(strings.ToValidUTF8(text, "?"))
	if len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return string(runes)
}
