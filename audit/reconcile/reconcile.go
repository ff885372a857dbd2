package reconcile

import (
	"cmp"
	"context"
	"fmt"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
)

// Order says what to compare.
type Order struct {
	Book    ledger.BookID
	Account string           // code of the account of money
	Kind    bank.AccountKind // for the title of the paper
	// BankAccount is the account's number at the bank; a statement of another account is refused. Not compared if empty.
	BankAccount string
	// DateTolerance is how many days the bank's and the book's dates may lie apart when a pair is found by its amount. References match whatever the dates.
	DateTolerance int
	// Seq reads the book as it stood after that entry; zero as it stands.
	Seq ledger.Seq
	// From and To bound the days of the book, both included; those of the statement if zero. A statement with lines of other days is refused: its closing balance
	// would not be that of To.
	From, To calendar.Date
}

// Paper is a finished comparison.
type Paper struct {
	Order     Order
	Book      ledger.Book
	Account   ledger.Account
	Statement *bank.Statement
	From, To  calendar.Date
	Seq       ledger.Seq
	Root      seal.Hash     // of the book as it stood when it was read
	Journal   []JournalLine // the book's side, in the order of posting
	Result    bank.Reconciliation
	// Inconsistent is what is wrong with the bank's statement in itself: it does not foot, or a balance is missing.
	Inconsistent []*bank.Discrepancy
}

// JournalLine is a line of the account of money, as the comparison used it.
type JournalLine struct {
	ledger.StatementLine
	Signed money.Amount // above zero is money in
}

// Compare reads the account's lines in the days of the statement and reconciles. The bank's closing balance is that of the statement; where the statement has
// none, it is its opening balance and lines, and Inconsistent says so. A statement that cannot be this account's is refused with *bank.Faults, all of them
// together; the other errors are those of the ledger and of bank.Reconcile.
func Compare(ctx context.Context, led *ledger.Ledger, statement *bank.Statement, order Order) (*Paper, error) {
	book, err := led.Book(ctx, order.Book)
	if err != nil {
		return nil, err
	}
	p := &Paper{Order: order, Statement: statement, From: cmp.Or(order.From, statement.From), To: cmp.Or(order.To, statement.To), Inconsistent: statement.Check()}
	if err := p.accepts(book.Currency); err != nil {
		return nil, err
	}
	account, err := led.Account(ctx, order.Book, order.Account)
	if err != nil {
		return nil, err
	}
	p.Account = account
	journal, err := led.Statement(ctx, order.Book, account.No, ledger.Range{From: p.From, To: p.To, Seq: order.Seq})
	if err != nil {
		return nil, err
	}
	p.Book, p.Seq, p.Root = journal.Book, journal.Range.Seq, journal.Root
	balance := journal.Opening
	var lines []bank.BookLine
	for line, err := range journal.Lines() {
		if err != nil {
			return nil, err
		}
		signed := line.Amount * money.Amount(line.Side)
		balance = line.Balance
		p.Journal = append(p.Journal, JournalLine{StatementLine: line, Signed: signed})
		lines = append(lines, bank.BookLine{
			ID: fmt.Sprintf("%v/%d", order.Book, line.Ordinal), Date: line.Effective, Amount: signed,
			References: []string{line.Key, line.SourceID, line.Transfer}, Text: line.Description,
		})
	}
	closing, err := bankBalance(statement)
	if err != nil {
		return nil, err
	}
	p.Result, err = bank.Reconcile(statement.Lines, lines, bank.ReconcileOptions{
		Kind: order.Kind, AsOf: p.To, Currency: p.Book.Currency, BankBalance: closing, BookBalance: balance, DateTolerance: order.DateTolerance,
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// accepts returns every reason why a statement cannot be held against the account of the order.
func (p *Paper) accepts(currency money.Currency) error {
	var faults bank.Faults
	statement := p.Statement
	fault := func(code bank.FaultCode, path, text, reason, hint string) {
		faults.Add(&bank.Fault{Code: code, File: statement.Source.File, Line: statement.Source.Line, Path: path, Text: text, Reason: reason, Hint: hint})
	}
	if statement.Form == bank.NotificationForm {
		fault(bank.FaultFormat, "form", string(statement.Form), "has no balances to compare", "give the statement of the days")
	}
	if !statement.Currency.IsZero() && statement.Currency != currency {
		fault(bank.FaultCurrency, "currency", statement.Currency.Code(), "is not the currency of the book, "+currency.Code(), "give the statement of the account that the book keeps")
	}
	for i, b := range statement.Balances {
		if !b.Currency.IsZero() && b.Currency != currency {
			fault(bank.FaultCurrency, fmt.Sprintf("balances[%d]", i), b.Currency.Code(), "is not the currency of the book, "+currency.Code(),
				"ask the bank for one statement a currency")
		}
	}
	if wanted := p.Order.BankAccount; wanted != "" && statement.Account != wanted {
		fault(bank.FaultValue, "account", statement.Account, fmt.Sprintf("is not the account %s at the bank", wanted), "give the statement of that account")
	}
	if p.To == 0 {
		fault(bank.FaultMissing, "to", "", "the statement does not say its days", "give From and To")
		return faults.Err()
	}
	for i := range statement.Lines {
		if day := cmp.Or(statement.Lines[i].BookingDate, statement.Lines[i].ValueDate); day != 0 && (day < p.From || day > p.To) {
			fault(bank.FaultValue, fmt.Sprintf("lines[%d]", i), day.String(), fmt.Sprintf("is not within %v to %v", p.From, p.To), "give the days of the statement, or the statement of the days")
		}
	}
	return faults.Err()
}

func bankBalance(s *bank.Statement) (money.Amount, error) {
	if s.Closing != nil {
		return s.Closing.Amount, nil
	}
	var balance money.Amount
	if s.Opening != nil {
		balance = s.Opening.Amount
	}
	var err error
	for _, line := range s.Lines {
		if balance, err = balance.Add(line.Amount); err != nil {
			return 0, err
		}
	}
	return balance, nil
}

// Clean reports whether the statement is sound in itself, every line has its counterpart, and the balances agree.
func (p *Paper) Clean() bool {
	return len(p.Inconsistent) == 0 && len(p.Result.Open) == 0 && p.Result.Adjusted.Agrees()
}

// Item is one open item with what is known about it.
type Item struct {
	bank.OpenItem
	Reference string // the bank's number, or the book's voucher
	Text      string
}

// Items returns the open items with their texts.
func (p *Paper) Items(language Language) []Item {
	items := make([]Item, len(p.Result.Open))
	for i, open := range p.Result.Open {
		items[i] = Item{OpenItem: open}
		switch open.Class {
		case bank.BankCreditNotInBooks, bank.BankDebitNotInBooks:
			line := p.Statement.Lines[open.Index]
			items[i].Reference, items[i].Text = firstOf(line.BankReference, line.EndToEnd), firstOf(line.Remittance, line.Note, line.Counterparty.Name)
		default:
			line := p.Journal[open.Index]
			items[i].Reference, items[i].Text = fmt.Sprintf(words[language]["voucher"], line.Voucher.Number, line.Seq), line.Description
		}
	}
	return items
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
