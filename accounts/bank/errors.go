package bank

import (
	"fmt"
	"strings"

	"github.com/fundledger/fundledger/ledger/money"
)

// FaultCode is the stable name of a kind of fault. It is an error itself, so that errors.Is(err, bank.FaultLimit) finds a kind in any error of this package.
type FaultCode string

// The kinds of fault.
const (
	FaultRead      FaultCode = "read"      // the file could not be read to its end: an I/O error or a cancelled context
	FaultEncoding  FaultCode = "encoding"  // bytes that are not text in the declared encoding
	FaultSyntax    FaultCode = "syntax"    // not well-formed XML or delimited text
	FaultTruncated FaultCode = "truncated" // the file ends too early
	FaultForbidden FaultCode = "forbidden" // a construct that is never taken, such as a DOCTYPE
	FaultLimit     FaultCode = "limit"     // larger, deeper or longer than the limits allow
	FaultFormat    FaultCode = "format"    // another kind of file than the reader takes
	FaultMissing   FaultCode = "missing"   // a required element, column or field is absent or empty
	FaultRepeated  FaultCode = "repeated"  // something that must be there once is there twice
	FaultAmount    FaultCode = "amount"    // no amount, or not exact in its currency, or out of range
	FaultCurrency  FaultCode = "currency"  // no currency, or another one than the account's
	FaultDate      FaultCode = "date"      // no date
	FaultValue     FaultCode = "value"     // a code or flag that is none of the allowed ones
	FaultText      FaultCode = "text"      // a text too long, or with characters its place cannot hold
	FaultMapping   FaultCode = "mapping"   // a mapping file that cannot be used
)

// Error returns the code.
func (c FaultCode) Error() string { return "bank: fault " + string(c) }

// Fault is one reason why a file cannot be used, with the place, what stands there, and what to do. Get it with errors.As, test its kind with errors.Is.
type Fault struct {
	Code   FaultCode
	File   string // the name the caller gave the file
	Line   int    // 1-based line, 0 when the fault has none
	Column int    // 1-based column in characters (bytes for XML), 0 when the fault has none
	Path   string // element path, column name, YAML key, or field of a Go value
	Text   string // what stands there, clipped to 64 characters; empty for "nothing"
	Reason string // what is wrong with it
	Hint   string // what to do
	Err    error  // the cause, when another package found it
}

func (f *Fault) Error() string {
	var out strings.Builder
	out.WriteString("bank: ")
	if f.File != "" || f.Line > 0 {
		out.WriteString(Source{File: f.File, Line: f.Line, Column: f.Column}.String() + ": ")
	}
	if f.Path != "" {
		out.WriteString(f.Path + ": ")
	}
	if f.Text != "" {
		fmt.Fprintf(&out, "%q ", Clip(f.Text))
	}
	out.WriteString(f.Reason)
	if f.Hint != "" {
		out.WriteString("; " + f.Hint)
	}
	return out.String() + " [" + string(f.Code) + "]"
}

// Unwrap returns the code and the cause.
func (f *Fault) Unwrap() []error {
	if f.Err == nil {
		return []error{f.Code}
	}
	return []error{f.Code, f.Err}
}

// maxFaults bounds the faults kept of one file; the rest is counted.
const maxFaults = 1000

// Faults is every fault of one file, in the order of the file. At most 1,000 are kept; Omitted counts the rest.
type Faults struct {
	List    []*Fault
	Omitted int
}

// Add appends a fault.
func (f *Faults) Add(fault *Fault) {
	if len(f.List) >= maxFaults {
		f.Omitted++
		return
	}
	f.List = append(f.List, fault)
}

// Err returns f as an error, or nil when there is no fault.
func (f *Faults) Err() error {
	if len(f.List) == 0 {
		return nil
	}
	return f
}

func (f *Faults) Error() string {
	var out strings.Builder
	for i, fault := range f.List {
		if i > 0 {
			out.WriteByte('\n')
		}
		out.WriteString(fault.Error())
	}
	if f.Omitted > 0 {
		fmt.Fprintf(&out, "\nbank: and %d more faults", f.Omitted)
	}
	return out.String()
}

// Unwrap returns the faults.
func (f *Faults) Unwrap() []error {
	all := make([]error, len(f.List))
	for i, fault := range f.List {
		all[i] = fault
	}
	return all
}

// Clip shortens a text for an error message to 64 characters.
func Clip(text string) string {
	count := 0
	for at := range text {
		if count == 64 {
			return text[:at] + "…"
		}
		count++
	}
	return text
}

// DiscrepancyCode is the stable name of a kind of discrepancy.
type DiscrepancyCode string

// The kinds of discrepancy. The comment says what the amounts of the Discrepancy mean; Difference is always Closing − Opening − Sum.
const (
	DoesNotFoot       DiscrepancyCode = "does_not_foot"      // opening + booked lines ≠ closing
	BalanceMissing    DiscrepancyCode = "balance_missing"    // no opening or no closing booked balance in the statement's currency
	OutOfRange        DiscrepancyCode = "out_of_range"       // a sum leaves the range of an Amount; no amounts given
	DetailsDiffer     DiscrepancyCode = "details_differ"     // Sum of the details ≠ Closing, the amount of their line
	TotalsDiffer      DiscrepancyCode = "totals_differ"      // Sum of the lines ≠ Closing, the control total that the file states
	CountsDiffer      DiscrepancyCode = "counts_differ"      // the same with numbers of lines; amounts are counts
	RunningDiffers    DiscrepancyCode = "running_differs"    // Opening (balance before) + Sum (the line) ≠ Closing (balance the bank printed beside it)
	NotContinuous     DiscrepancyCode = "not_continuous"     // Opening is the closing balance of the earlier statement, Closing the opening balance of the later
	SequenceGap       DiscrepancyCode = "sequence_gap"       // the bank's statement numbers do not follow one another; amounts are the numbers
	RepeatedStatement DiscrepancyCode = "repeated_statement" // the same content twice; no amounts
	ReusedIdentity    DiscrepancyCode = "reused_identity"    // one identification, two contents; no amounts
	UnknownOrder      DiscrepancyCode = "unknown_order"      // the bank answers a file, batch or order that was not sent; no amounts
	SentDiffers       DiscrepancyCode = "sent_differs"       // the bank answers with another control sum than was sent; Text has both, in major units
	RepeatedLine      DiscrepancyCode = "repeated_line"      // the same line in two statements; Closing is its amount
)

// Discrepancy is one disagreement inside a readable statement, or between two. It is an error value, but never a reason for a reader to withhold the
// statement. The amounts are in minor units of Currency; what they mean is said at the code.
type Discrepancy struct {
	Code       DiscrepancyCode
	Account    string // account number as the bank writes it
	Statement  string // the bank's identification of the statement
	Source     Source // where it shows
	Currency   money.Currency
	Opening    money.Amount
	Sum        money.Amount
	Closing    money.Amount
	Difference money.Amount
	Text       string // what disagrees, in words
}

// Error shows place, words and arithmetic.
func (d *Discrepancy) Error() string {
	out := fmt.Sprintf("bank: %s: statement %q: %s", d.Source, Clip(d.Statement), d.Text)
	switch d.Code {
	case DoesNotFoot, RunningDiffers:
		out += fmt.Sprintf(": %s + %s = %s, not %s; difference %s", d.text(d.Opening), d.text(d.Sum), d.text(d.Opening+d.Sum), d.text(d.Closing),
			d.text(d.Difference))
	case DetailsDiffer, TotalsDiffer:
		out += fmt.Sprintf(": %s, not %s; difference %s", d.text(d.Sum), d.text(d.Closing), d.text(d.Difference))
	case NotContinuous:
		out += fmt.Sprintf(": %s, then %s; difference %s", d.text(d.Opening), d.text(d.Closing), d.text(d.Difference))
	case CountsDiffer:
		out += fmt.Sprintf(": %d, not %d", d.Sum, d.Closing)
	case SequenceGap:
		out += fmt.Sprintf(": %d, then %d", d.Opening, d.Closing)
	case RepeatedLine:
		out += ": " + d.text(d.Closing)
	}
	return out + " [" + string(d.Code) + "]"
}

func (d *Discrepancy) text(a money.Amount) string { return d.Currency.Format(a) }
