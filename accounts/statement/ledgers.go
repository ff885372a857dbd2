package statement

import (
	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
)

// LineKind is what a line of a ledger is.
type LineKind string

// The kinds, with the words that the rules prescribe (会计基础工作规范 60–63).
const (
	BroughtFromLastYear LineKind = "上年结转"
	PostedLine          LineKind = ""
	MonthTotal          LineKind = "本月合计"
	YearTotal           LineKind = "本年累计"
	CarriedOver         LineKind = "过次页"
	BroughtOver         LineKind = "承前页"
	ToNextYear          LineKind = "结转下年"
)

var lineKindsEnglish = map[LineKind]string{BroughtFromLastYear: "from last year", MonthTotal: "month total", YearTotal: "year to date", CarriedOver: "carried over",
	BroughtOver: "brought over", ToNextYear: "to next year"}

// Posted is a line of an entry as a ledger shows it.
type Posted struct {
	Date          calendar.Date
	Voucher       string
	Summary       string
	Debit, Credit money.Amount // one of them is zero; red-letter lines are negative
	Entry         int64        // sequence number of the entry in its book, zero where the book has none
	Source        string       // kind and id of the document the entry comes from
	Leaf          seal.Hash    // the entry's leaf in the book's log, zero where it was not read
}

// LedgerLine is a line of a ledger page. Balance is debit less credit; the page marks it 借, 贷 or 平.
type LedgerLine struct {
	Kind LineKind
	Posted
	Balance money.Amount
}

// LedgerPage is a page of a ledger.
type LedgerPage struct {
	Number int
	Lines  []LedgerLine
}

// Ledger is the general ledger (总账) or the detail ledger (明细账) of one account in one year.
type Ledger struct {
	Account accounts.AccountOpening
	Fund    accounts.Fund
	Year    int
	Pages   []LedgerPage
}

// GeneralLedger writes the general ledger of an account by months, its details included, through a month: 本月合计 and 本年累计 with the closing entries in them.
func GeneralLedger(book *accounts.BookChart, balances Balances, accountID string, through calendar.Month) (*Ledger, error) {
	if !through.Valid() {
		return nil, &Error{Where: through.String(), Reason: "is no month"}
	}
	account, err := book.Account(accountID)
	if err != nil {
		return nil, err
	}
	sum := func(read func(id string) (money.Amount, money.Amount, error)) (a, b money.Amount, err error) {
		for _, id := range book.Chart().Subtree(book.Fund, accountID) {
			x, y, err := read(id)
			if err == nil {
				a, err = a.Add(x)
			}
			if err == nil {
				b, err = b.Add(y)
			}
			if err != nil {
				return 0, 0, &Error{Where: "account " + id, Reason: "has no figures", Cause: err}
			}
		}
		return a, b, nil
	}
	opening, _, err := sum(func(id string) (money.Amount, money.Amount, error) {
		a, err := balances.Opening(id, through.Year())
		return a, 0, err
	})
	if err != nil {
		return nil, err
	}
	ledger := &Ledger{Account: account, Fund: fundOf(book), Year: through.Year()}
	w := &ledgerWriter{balance: opening, emit: func(p LedgerPage) bool { ledger.Pages = append(ledger.Pages, p); return true }}
	w.write(LedgerLine{Kind: BroughtFromLastYear, Balance: opening})
	for m := calendar.Month(through.Year()*100 + 1); m <= through; m = m.Add(1) {
		last := m.Period()
		if m.OfYear() == 12 {
			last = m.Period().Next()
		}
		debit, credit, err := sum(func(id string) (money.Amount, money.Amount, error) {
			return balances.Turnover(id, m.Period(), last, WithClosing)
		})
		if err != nil {
			return nil, err
		}
		w.add(debit, credit)
		w.totals(m)
	}
	if through.OfYear() == 12 {
		w.write(LedgerLine{Kind: ToNextYear, Balance: w.balance})
	}
	if err := w.end(); err != nil {
		return nil, &Error{Where: account.ID, Reason: "leaves the range", Cause: err}
	}
	return ledger, nil
}

// fundOf returns the fund of a book with its names.
func fundOf(book *accounts.BookChart) accounts.Fund {
	for _, f := range book.Chart().Funds {
		if f.ID == book.Fund {
			return f
		}
	}
	return accounts.Fund{ID: book.Fund}
}

// ledgerWriter writes lines, turns pages and keeps totals. It holds one page.
type ledgerWriter struct {
	emit                    func(LedgerPage) bool // false ends the writing
	page                    LedgerPage
	stopped                 bool
	room                    int // lines a page; 0 is no limit
	balance                 money.Amount
	monthDebit, monthCredit money.Amount
	yearDebit, yearCredit   money.Amount
	err                     error
}

func (w *ledgerWriter) write(line LedgerLine) {
	if w.stopped {
		return
	}
	w.page.Number = max(w.page.Number, 1)
	if w.room > 0 && len(w.page.Lines) == w.room-1 {
		before := w.page.Lines[len(w.page.Lines)-1].Balance
		turn := Posted{Debit: w.monthDebit, Credit: w.monthCredit}
		if line.Kind == PostedLine { // its own figures are in the totals already
			turn.Debit, turn.Credit = w.less(turn.Debit, line.Debit), w.less(turn.Credit, line.Credit)
		}
		w.page.Lines = append(w.page.Lines, LedgerLine{Kind: CarriedOver, Posted: turn, Balance: before})
		w.stopped = !w.emit(w.page)
		w.page = LedgerPage{Number: w.page.Number + 1, Lines: []LedgerLine{{Kind: BroughtOver, Posted: turn, Balance: before}}}
	}
	w.page.Lines = append(w.page.Lines, line)
}

// end hands over the last page, and returns the first sum that left the range.
func (w *ledgerWriter) end() error {
	if w.err == nil && !w.stopped {
		w.stopped = !w.emit(w.page)
	}
	return w.err
}

func (w *ledgerWriter) less(a, b money.Amount) money.Amount {
	out, err := a.Sub(b)
	if w.err == nil {
		w.err = err
	}
	return out
}

func (w *ledgerWriter) add(debit, credit money.Amount) {
	w.monthDebit, w.yearDebit = w.less(w.monthDebit, -debit), w.less(w.yearDebit, -debit)
	w.monthCredit, w.yearCredit = w.less(w.monthCredit, -credit), w.less(w.yearCredit, -credit)
	w.balance = w.less(w.less(w.balance, -debit), credit)
}

func (w *ledgerWriter) post(p Posted) {
	w.add(p.Debit, p.Credit)
	w.write(LedgerLine{Posted: p, Balance: w.balance})
}

func (w *ledgerWriter) totals(m calendar.Month) {
	w.write(LedgerLine{Kind: MonthTotal, Posted: Posted{Date: m.Last(), Debit: w.monthDebit, Credit: w.monthCredit}, Balance: w.balance})
	w.write(LedgerLine{Kind: YearTotal, Posted: Posted{Date: m.Last(), Debit: w.yearDebit, Credit: w.yearCredit}, Balance: w.balance})
	w.monthDebit, w.monthCredit = 0, 0
}

// Direction marks a balance: 借 for debit, 贷 for credit, 平 for zero.
func Direction(balance money.Amount) string {
	switch {
	case balance > 0:
		return "借"
	case balance < 0:
		return "贷"
	}
	return "平"
}

// Table lays one page out for printing.
func (g *Ledger) Table(page LedgerPage, currency money.Currency, h Heading) *Table {
	return ledgerLayout{account: g.Account, fund: g.Fund, year: g.Year, currency: currency, heading: h}.table(page)
}
