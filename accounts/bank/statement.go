package bank

import (
	"fmt"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// Source says where something stands in a file, so that an auditor can lay a finger on it.
type Source struct {
	File   string // the name the caller gave the file
	Line   int    // 1-based
	Column int    // 1-based; 0 where a line is exact enough
	Path   string // element path, such as Document/BkToCstmrStmt/Stmt[2]/Ntry[17]; empty for delimited text
}

// String writes file:line or file:line:column.
func (s Source) String() string {
	name := s.File
	if name == "" {
		name = "input"
	}
	switch {
	case s.Line == 0:
		return name
	case s.Column == 0:
		return fmt.Sprintf("%s:%d", name, s.Line)
	}
	return fmt.Sprintf("%s:%d:%d", name, s.Line, s.Column)
}

// Form says what kind of message a Statement came from.
type Form string

// The forms.
const (
	StatementForm    Form = "statement"    // 对账单: the whole movement of a period between two booked balances (camt.053, a bank's detail file)
	NotificationForm Form = "notification" // 到账通知: single movements without balances (camt.054); its lines come again in a statement
)

// Statement is one bank statement of one account and currency (银行对账单), as the bank sent it.
type Statement struct {
	Form      Form
	AccountID string // the host's identification of the account; see Assign
	ID        string // the bank's identification of the statement
	Sequence  int64  // the bank's number of the statement, 0 when it gives none
	Copy      string // COPY, DUPL or CODU where the bank marks a copy or duplicate
	Account   string // account number as the bank writes it
	Owner     string // account holder's name as the bank writes it
	Servicer  string // the bank's BIC, or its name where it gives no BIC
	Currency  money.Currency
	From, To  calendar.Date // the period as stated, inclusive; zero when the bank states none. Delimited text: first and last booking date
	Opening   *Balance      // opening booked balance; nil when there is none in Currency
	Closing   *Balance      // closing booked balance; nil when there is none in Currency
	Balances  []Balance     // all balances of the message, the two above included, in its order
	Lines     []Line        // booked lines in the order of the file, oldest first
	Unbooked  []StatusTally // entries that are not booked (pending, information, future), counted and left out of Lines
	Stated    []ControlTotal
	Source    Source
}

// Balance is a balance that the bank states (余额).
type Balance struct {
	Code     string         // ISO 20022 balance type: OPBD, CLBD, PRCD, ITBD, CLAV …; "derived" when it was computed from a running balance
	Amount   money.Amount   // negative for an overdrawn account
	Currency money.Currency // may differ from the statement's, which then is a discrepancy
	Date     calendar.Date
	Source   Source
}

// Line is one booked line of a statement (对账单明细). A collective booking is one line with several Details.
type Line struct {
	BookingDate     calendar.Date // 记账日; zero when the bank gives only a value date, or none in a notification
	ValueDate       calendar.Date // 起息日; zero when the bank gives none
	Amount          money.Amount  // positive: money in; negative: money out; as booked, reversals included
	Reversal        bool          // 冲正: the booking takes back an earlier one of the other direction
	BankReference   string        // the bank's own number of the booking (流水号)
	EntryReference  string        // the bank's number of the entry within the statement
	TransactionCode string        // ISO 20022 domain/family/sub-family, such as PMNT/RCDT/ESCT
	ProprietaryCode string        // the bank's own transaction code
	BatchCount      int           // number of payments in a collective booking, as stated; 0 when not stated
	Particulars                   // of the one payment behind the line, or what is common to a collective booking
	Details         []Detail      // as many as the bank lists; empty when it lists none
	Running         *money.Amount // balance after the line, where the bank prints one
	Source          Source
	Hash            [32]byte // SHA-256 of the line's bytes as they stand in the file, in UTF-8: one XML element, or one record without its line end
}

// Particulars say for what and with whom money moved.
type Particulars struct {
	EndToEnd           string // the payer's reference carried to the payee (EndToEndId); empty for ISO's NOTPROVIDED
	Instruction        string // the payer's reference to its own bank
	PaymentInformation string // identification of the payment block (PmtInfId) the movement belongs to
	Counterparty       Party  // the other side; a payer for money in, a payee for money out, and the original other side for a reversal
	Remittance         string // free text for the payee (附言); several parts are parted by a line feed
	CreditorReference  string // structured reference
	ReturnReason       string // code and words of a returned payment (退汇原因)
	Note               string // the bank's own remark (摘要)
}

// Detail is one payment inside a collective booking.
type Detail struct {
	Particulars
	BankReference string
	Amount        money.Amount // signed like its line; only meaningful when HasAmount
	HasAmount     bool         // false when the bank gave no amount in the account's currency
	Source        Source
}

// StatusTally counts entries of one status that are not booked.
type StatusTally struct {
	Status string // PDNG, INFO, FUTR, or the bank's own word
	Tally
}

// Tally counts and adds lines.
type Tally struct {
	Count                int          // all lines
	CreditCount          int          // lines of money in
	DebitCount           int          // lines of money out; lines of zero are in Count only
	CreditSum, DebitSum  money.Amount // both not negative
	leftRange, withZeros bool
}

// Add counts one amount.
func (t *Tally) Add(a money.Amount) {
	var err error
	t.Count++
	switch {
	case a > 0:
		t.CreditCount++
		t.CreditSum, err = t.CreditSum.Add(a)
	case a < 0:
		t.DebitCount++
		t.DebitSum, err = t.DebitSum.Sub(a)
	default:
		t.withZeros = true
	}
	t.leftRange = t.leftRange || err != nil
}

// Sum returns credits less debits; ok is false when a sum left the range of an Amount.
func (t Tally) Sum() (sum money.Amount, ok bool) {
	sum, err := t.CreditSum.Sub(t.DebitSum)
	return sum, err == nil && !t.leftRange
}

// Tally counts the booked lines.
func (s *Statement) Tally() Tally {
	var t Tally
	for i := range s.Lines {
		t.Add(s.Lines[i].Amount)
	}
	return t
}

// ControlKind names a control total.
type ControlKind string

// The control totals that statements state.
const (
	TotalCount  ControlKind = "count"
	CreditCount ControlKind = "credit_count"
	DebitCount  ControlKind = "debit_count"
	CreditSum   ControlKind = "credit_sum"
	DebitSum    ControlKind = "debit_sum"
)

// ControlTotal is a number of lines or a sum that the file itself states. Sums are not negative.
type ControlTotal struct {
	Kind   ControlKind
	Value  money.Amount // minor units, or a number of lines
	Source Source
}

// Split returns one line per payment of a collective booking when every detail has an amount and they add up to the line, and the line itself
// otherwise. Each part keeps the dates, codes and hash of the booking and has its own reference, particulars and place.
func (l Line) Split() []Line {
	if sum, known := l.detailSum(); len(l.Details) < 2 || !known || sum != l.Amount {
		return []Line{l}
	}
	parts := make([]Line, len(l.Details))
	for i, d := range l.Details {
		part := l
		part.Amount, part.Particulars, part.Source, part.Details, part.Running, part.BatchCount = d.Amount, d.Particulars, d.Source, nil, nil, 0
		if d.BankReference != "" {
			part.BankReference = d.BankReference
		}
		if part.PaymentInformation == "" {
			part.PaymentInformation = l.PaymentInformation
		}
		parts[i] = part
	}
	return parts
}

func (l Line) detailSum() (sum money.Amount, known bool) {
	for _, d := range l.Details {
		var err error
		if sum, err = sum.Add(d.Amount); err != nil || !d.HasAmount {
			return 0, false
		}
	}
	return sum, len(l.Details) > 0
}

// Assign sets AccountID from the account whose number and currency the statement has. It returns a *Fault when there is none, or more than one.
func (s *Statement) Assign(accounts []Account) error {
	found := 0
	for _, a := range accounts {
		if a.Holder.AccountNumber == s.Account && a.Currency == s.Currency {
			s.AccountID = a.ID
			found++
		}
	}
	if found == 1 {
		return nil
	}
	s.AccountID = ""
	return &Fault{Code: FaultValue, File: s.Source.File, Line: s.Source.Line, Path: s.Source.Path, Text: Mask(s.Account),
		Reason: fmt.Sprintf("is the number of %d known accounts in %s", found, s.Currency),
		Hint:   "register the account once, with the number the bank writes"}
}
