package statement

import (
	"fmt"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// Reading says how the rows are filled where the official text contradicts itself or reads one side of an account only.
type Reading string

// The readings.
const (
	// ReadAdvised takes the formula that keeps the statements consistent, and the text's own number where the data say that it is printed all the same. It is the
	// default.
	ReadAdvised Reading = ""
	// ReadConsistent takes the consistent formula everywhere, so that months always add up.
	ReadConsistent Reading = "consistent"
	// ReadLiteral takes the text's number everywhere; a monthly sheet of employee medical then does not balance by its unsplit money.
	ReadLiteral Reading = "literal"
)

// Practice says when an area closes its income and expense accounts.
type Practice string

// The practices.
const (
	// CloseMonthly (账结): every month closes to net assets. The default.
	CloseMonthly Practice = ""
	// CloseYearly (表结): only the year closes. The row of net assets then adds the open results of the accounts that close to it.
	CloseYearly Practice = "yearly"
)

// Request names one statement.
type Request struct {
	Kind     accounts.FormKind
	Month    calendar.Month // of a monthly statement; any month of the year for a yearly one
	Annual   bool           // yearly statement, after the closing of the year
	Reading  Reading
	Practice Practice
}

// last returns the last period that the statement covers.
func (r Request) last() calendar.Period {
	if r.Annual {
		return calendar.Period(r.Month.Year()*100 + calendar.ClosingPeriod)
	}
	return r.Month.Period()
}

// day returns the last day of the statement, at which rows and accounts are in force.
func (r Request) day() calendar.Date { return r.last().Month().Last() }

func (r Request) monthOfYear() int {
	if r.Annual {
		return 0
	}
	return r.Month.OfYear()
}

// Statement is one statement of one book.
type Statement struct {
	FormID  string
	Number  string // printed form number, such as 会社保01表
	ZH, EN  string
	Kind    accounts.FormKind
	Fund    accounts.FundID
	FundZH  string
	FundEN  string
	Request Request
	Day     calendar.Date // last day
	Unit    string        // 元
	Money   money.Currency
	Columns []accounts.Column
	Rows    []Row
}

// Row is a printed row. A heading has no cells.
type Row struct {
	ID      string
	Key     accounts.RowKey
	ZH, EN  string
	Indent  int
	Side    string // left or right half of a balance sheet
	Heading bool
	Cells   []Cell // one for every column
	Source  string // paragraph that fills it
}

// Cell is one figure and where it came from.
type Cell struct {
	Amount money.Amount // minor units
	Blank  bool         // the rules ask for no figure here
	Terms  []Term
}

// Term is one term of the formula that filled a cell.
type Term struct {
	accounts.Term
	Amount   money.Amount   // with the sign of the term
	Accounts []Contribution // accounts with a figure, in tree order; empty for a row
}

// Contribution is what one account gave to a term, on the side that the function reads.
type Contribution struct {
	AccountID string
	Amount    money.Amount
}

// Row returns a row by its id, or nil where the statement does not show it.
func (s *Statement) Row(id string) *Row {
	for i := range s.Rows {
		if s.Rows[i].ID == id {
			return &s.Rows[i]
		}
	}
	return nil
}

// Keyed returns the row with a key, or nil where the statement does not show one.
func (s *Statement) Keyed(key accounts.RowKey) *Row {
	for i := range s.Rows {
		if s.Rows[i].Key == key {
			return &s.Rows[i]
		}
	}
	return nil
}

// Error says why a statement or a figure could not be made. Get it with errors.As; an overflow is in its chain as a *money.OverflowError.
type Error struct {
	Where  string // row and column, account, or period
	Reason string
	Cause  error
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("statement: %s: %s: %v", e.Where, e.Reason, e.Cause)
	}
	return fmt.Sprintf("statement: %s: %s", e.Where, e.Reason)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }
