package registration

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/fault"
	"github.com/fundledger/fundledger/registration/identity"
)

// Code names one reason for which registration refuses something. It is stable: programs may store and compare it, and test for it with
// errors.Is(err, registration.ErrOverlap).
type Code string

// The codes. Those with a Flag beside them can be admitted (Order.Admit): the row is then taken and flagged.
const (
	ErrMissing           Code = "missing"             // a field that must be given is empty
	ErrInvalid           Code = "invalid"             // a field holds what it may not
	ErrTooLong           Code = "too_long"            // a text, or the number of rows, is over its limit
	ErrNotAllowed        Code = "not_allowed"         // the host's policy refuses the order
	ErrApproval          Code = "approval"            // a second person must approve, and be another one than the first
	ErrAdmission         Code = "admission"           // the order admits what Config does not let it
	ErrIdentityInvalid   Code = "identity_invalid"    // the identity number is not right (FlagIdentityInvalid)
	ErrIdentityMismatch  Code = "identity_mismatch"   // birth or sex differ from the identity number (FlagIdentityMismatch)
	ErrIdentityTaken     Code = "identity_taken"      // the identity number belongs to another member (FlagIdentityTaken)
	ErrIdentityAmbiguous Code = "identity_ambiguous"  // several members have the number
	ErrCreditCodeInvalid Code = "credit_code_invalid" // the credit code is not right (FlagCreditCodeInvalid)
	ErrCreditCodeTaken   Code = "credit_code_taken"   // the credit code belongs to another employer (FlagCreditCodeTaken)
	ErrEmployerUnknown   Code = "employer_unknown"    // no such employer in the realm
	ErrEmployerCancelled Code = "employer_cancelled"  // the employer was struck off
	ErrEmployerInUse     Code = "employer_in_use"     // the employer has members, or owes
	ErrMemberUnknown     Code = "member_unknown"      // no such member in the realm
	ErrMemberMerged      Code = "member_merged"       // the member's record goes on under another number
	ErrMemberInUse       Code = "member_in_use"       // the member still has enrolments
	ErrSchemeUnknown     Code = "scheme_unknown"      // the scheme is not configured
	ErrSchemeRefuses     Code = "scheme_refuses"      // the scheme does not allow it: with or without an employer, a transfer
	ErrNotEnrolled       Code = "not_enrolled"        // there is no such relation
	ErrStatus            Code = "status"              // the relation is not in the status that the event needs
	ErrOrder             Code = "order"               // the relation has a later event; correct it instead
	ErrOverlap           Code = "overlap"             // active months overlap those of another relation of the same insurance (FlagOverlap)
	ErrAfterDeath        Code = "after_death"         // active after the month of death (FlagAfterDeath)
	ErrAfterRetirement   Code = "after_retirement"    // active after the month of retirement (FlagAfterRetirement)
	ErrFactExists        Code = "fact_exists"         // the fact was recorded before
	ErrFactUnknown       Code = "fact_unknown"        // no such fact
	ErrRepeated          Code = "repeated"            // two rows of one command speak of the same thing
	ErrActUnknown        Code = "act_unknown"         // no act of registration with that number
	ErrEncoding          Code = "encoding"            // a file is not UTF-8
	ErrSyntax            Code = "syntax"              // a file is no CSV, or a row has too many or too few fields
	ErrHeader            Code = "header"              // the first line of a file does not name the columns
)

// Error makes a Code usable as the target of errors.Is.
func (c Code) Error() string { return "registration: " + string(c) }

// Flags marks what was admitted although it is refused by default. Several are or-ed together.
type Flags int32

// The flags. Their values are stored.
const (
	FlagIdentityInvalid   Flags = 1 << iota // the identity number is not right: length, character, day, check
	FlagIdentityMismatch                    // birth or sex differ from the identity number
	FlagIdentityTaken                       // another member has the same number
	FlagCreditCodeInvalid                   // the credit code is not right
	FlagCreditCodeTaken                     // another employer has the same code
	FlagOverlap                             // active months overlap in one insurance
	FlagAfterDeath                          // active after death
	FlagAfterRetirement                     // active after retirement in a scheme that ends with it

	allFlags = FlagAfterRetirement<<1 - 1
)

var flagNames = []string{"identity_invalid", "identity_mismatch", "identity_taken", "credit_code_invalid", "credit_code_taken", "overlap", "after_death",
	"after_retirement"}

// Has reports whether all of the wanted flags are set.
func (f Flags) Has(wanted Flags) bool { return f&wanted == wanted }

// String names the flags, and "none".
func (f Flags) String() string {
	var names []string
	for i, name := range flagNames {
		if f.Has(1 << i) {
			names = append(names, name)
		}
	}
	if rest := f &^ allFlags; rest != 0 {
		names = append(names, fmt.Sprintf("%#x", int32(rest)))
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, "|")
}

// Fault is one reason why something was refused; Faults is every one of a command or file, and nothing of it was done. See package ledger/fault.
type (
	Fault  = fault.Fault[Code]
	Faults = fault.List[Code]
)

// wrong is the fault of a number or code that package identity finds wrong.
func wrong(code Code, row int, field string, err error) *Fault {
	f := &Fault{Code: code, Row: row, Field: field, Detail: err.Error(), Err: err}
	if e, ok := errors.AsType[*identity.Error](err); ok {
		f.Detail, f.Hint = e.Explain()
	}
	return f
}

// unknown is the error of a read that finds nothing.
func unknown(code Code, what, hint string) error {
	return &Fault{Code: code, Detail: what, Hint: hint}
}

// clip shortens a text for an error message.
func clip(text string) string {
	const most = 64
	runes := []rune(strings.ToValidUTF8(text, "?"))
	if len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return string(runes)
}

// fault adds a fault; row counts from 1.
func (s *session) fault(row int, code Code, field, detail, hint string) {
	s.add(&Fault{Code: code, Row: row, Field: field, Detail: detail, Hint: hint})
}

func (s *session) add(f *Fault) {
	s.faults.Add(f)
	s.faulty[f.Row] = true
}

// admits adds a fault unless the order admits it, and returns the flag when it does.
func (s *session) admits(flag Flags, f *Fault) Flags {
	if (s.order.Admit | s.tolerated).Has(flag) {
		return flag
	}
	s.add(f)
	return 0
}

func (s *session) required(row int, field, text string, most int) {
	if text == "" {
		s.fault(row, ErrMissing, field, "is empty", defaultHint)
		return
	}
	s.text(row, field, text, most)
}

// text finds texts that the database or a record cannot hold.
func (s *session) text(row int, field, text string, most int) {
	switch {
	case len(text) > most:
		s.fault(row, ErrTooLong, field, fmt.Sprintf("has %d bytes, at most %d are kept", len(text), most), "shorten it")
	case !utf8.ValidString(text):
		s.fault(row, ErrInvalid, field, "is not valid UTF-8", "convert the text")
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }):
		s.fault(row, ErrInvalid, field, "holds a control character", "remove it")
	}
}

// Finding is one place where rows are not what the sealed acts say.
type Finding struct {
	Act    ledger.Seq // the act concerned
	Table  string
	Row    string // which row, in words: employer 3, member 7, spell of member 7 …
	Detail string
}

// String writes place and detail.
func (f Finding) String() string {
	return fmt.Sprintf("registration: act %d, %s, %s: %s", f.Act, f.Table, f.Row, f.Detail)
}

// Report is what Verify found.
type Report struct {
	Known    ledger.Seq // the last entry of the register book that was looked at
	Acts     int
	Rows     int64 // rows compared
	Findings []Finding
	Omitted  int // findings beyond the first 1,000
}

const maxFindings = 1_000

func (r *Report) find(act ledger.Seq, table, row, detail string) {
	if len(r.Findings) >= maxFindings {
		r.Omitted++
		return
	}
	r.Findings = append(r.Findings, Finding{Act: act, Table: table, Row: row, Detail: detail})
}
