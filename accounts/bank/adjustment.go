package bank

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// open lists the unmatched lines.
func (m *matcher) open() []OpenItem {
	var found []OpenItem
	add := func(s side, credit, debit OpenClass) {
		for i := range s {
			it := &s[i]
			if it.matched {
				continue
			}
			class := credit
			if it.amount < 0 {
				class = debit
			}
			found = append(found, OpenItem{Class: class, Index: i, Date: it.date, Amount: it.amount, Age: m.options.AsOf.Sub(it.date), Lead: it.lead})
		}
	}
	add(m.bank, BankCreditNotInBooks, BankDebitNotInBooks)
	add(m.book, BookDebitNotInBank, BookCreditNotInBank)
	classes := []OpenClass{BankCreditNotInBooks, BankDebitNotInBooks, BookDebitNotInBank, BookCreditNotInBank}
	slices.SortStableFunc(found, func(a, b OpenItem) int {
		return cmp.Or(cmp.Compare(slices.Index(classes, a.Class), slices.Index(classes, b.Class)), cmp.Compare(a.Date, b.Date), cmp.Compare(a.Index, b.Index))
	})
	return found
}

// AdjustedStatement is the bank reconciliation statement (银行存款余额调节表): each balance is adjusted by what only the other side has booked. All amounts
// of open items are sizes, not negative.
type AdjustedStatement struct {
	Kind     AccountKind
	AsOf     calendar.Date
	Currency money.Currency

	BankBalance  money.Amount // 银行对账单余额
	BookDebits   money.Amount // 加：单位已收、银行未收
	BookCredits  money.Amount // 减：单位已付、银行未付
	AdjustedBank money.Amount // 调节后余额

	BookBalance  money.Amount // 单位银行存款账面余额
	BankCredits  money.Amount // 加：银行已收、单位未收
	BankDebits   money.Amount // 减：银行已付、单位未付
	AdjustedBook money.Amount // 调节后余额

	Unexplained money.Amount // AdjustedBank − AdjustedBook; zero when the open items explain the whole difference
}

// Agrees reports whether both adjusted balances are equal.
func (a AdjustedStatement) Agrees() bool { return a.Unexplained == 0 }

// Title returns the Chinese title of the statement for the kind of account (社会保险基金会计制度: 银行收入户存款余额调节表 and so on).
func (a AdjustedStatement) Title() string {
	switch a.Kind {
	case FiscalAccount:
		return "财政专户存款余额调节表"
	case IncomeAccount, ExpenditureAccount, AnnuityAccount:
		return "银行" + a.Kind.Chinese() + "存款余额调节表"
	case TreasuryAccount:
		return "国库存款余额调节表"
	}
	return "银行存款余额调节表"
}

// Arithmetic writes the statement as three lines: the bank's side, the books' side, and what is left.
func (a AdjustedStatement) Arithmetic() []string {
	f := a.Currency.Format
	return []string{
		fmt.Sprintf("银行对账单余额 %s + 单位已收银行未收 %s − 单位已付银行未付 %s = 调节后余额 %s", f(a.BankBalance), f(a.BookDebits), f(a.BookCredits), f(a.AdjustedBank)),
		fmt.Sprintf("单位账面余额 %s + 银行已收单位未收 %s − 银行已付单位未付 %s = 调节后余额 %s", f(a.BookBalance), f(a.BankCredits), f(a.BankDebits), f(a.AdjustedBook)),
		fmt.Sprintf("未查明差额 %s − %s = %s", f(a.AdjustedBank), f(a.AdjustedBook), f(a.Unexplained)),
	}
}

// adjust draws up the statement, or returns an *money.OverflowError.
func adjust(open []OpenItem, options ReconcileOptions) (AdjustedStatement, error) {
	a := AdjustedStatement{Kind: options.Kind, AsOf: options.AsOf, Currency: options.Currency, BankBalance: options.BankBalance,
		BookBalance: options.BookBalance}
	var err error
	for _, o := range open {
		into := map[OpenClass]*money.Amount{BankCreditNotInBooks: &a.BankCredits, BankDebitNotInBooks: &a.BankDebits, BookDebitNotInBank: &a.BookDebits,
			BookCreditNotInBank: &a.BookCredits}[o.Class]
		if *into, err = into.Add(o.Amount.Abs()); err != nil {
			return a, err
		}
	}
	if a.AdjustedBank, err = adjusted(a.BankBalance, a.BookDebits, a.BookCredits); err != nil {
		return a, err
	}
	if a.AdjustedBook, err = adjusted(a.BookBalance, a.BankCredits, a.BankDebits); err != nil {
		return a, err
	}
	a.Unexplained, err = a.AdjustedBank.Sub(a.AdjustedBook)
	return a, err
}

func adjusted(balance, plus, minus money.Amount) (money.Amount, error) {
	sum, err := balance.Add(plus)
	if err != nil {
		return 0, err
	}
	return sum.Sub(minus)
}

// OpenLines returns the lines that stayed open, to be given to the next reconciliation before its own lines.
func (r Reconciliation) OpenLines(bankLines []Line, bookLines []BookLine) ([]Line, []BookLine) {
	var bank []Line
	var book []BookLine
	for _, o := range r.Open {
		if o.Class == BankCreditNotInBooks || o.Class == BankDebitNotInBooks {
			bank = append(bank, bankLines[o.Index])
		} else {
			book = append(book, bookLines[o.Index])
		}
	}
	return bank, book
}
