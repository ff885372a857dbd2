package reconcile

import (
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
	// DateTolerance is how many days the bank's and the book's dates may lie apart when a pair is found by its amount. References match whatever the dates.
	DateTolerance int
	// Seq reads the book as it stood after that entry; zero as it stands.
	Seq ledger.Seq
	// From and To bound the days, both included; those of the statement if zero.
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
// none, it is its opening balance and lines, and Inconsistent says so. The errors are those of the ledger and of bank.Reconcile.
func Compare(ctx context.Context, led *ledger.Ledger, statement *bank.Statement, order Order) (*Paper, error) {
	p := &Paper{Order: order, Statement: statement, From: order.From, To: order.To, Inconsistent: statement.Check()}
	if p.From == 0 {
		p.From = statement.From
	}
	if p.To == 0 {
		p.To = statement.To
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
	p.Result, err = bank.Reconcile(statement.Lines, lines, bank.ReconcileOptions{
		Kind: order.Kind, AsOf: p.To, Currency: p.Book.Currency, BankBalance: bankBalance(statement), BookBalance: balance, DateTolerance: order.DateTolerance,
	})
	return p, err
}

func bankBalance(s *bank.Statement) money.Amount {
	if s.Closing != nil {
		return s.Closing.Amount
	}
	var balance money.Amount
	if s.Opening != nil {
		balance = s.Opening.Amount
	}
	for _, line := range s.Lines {
		balance += line.Amount
	}
	return balance
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
