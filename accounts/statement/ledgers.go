package statement

import (
	"fmt"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
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
	Year    int
	Pages   []LedgerPage
}

// DetailLedger writes the detail ledger of an account: the balance brought from last year, every line, 本月合计 and 本年累计 after each month that has lines, and, when
// the year is complete, the balance carried to the next one. A page holds linesAPage lines, its carried and brought lines among them, and turns with the totals
// since the start of the month; 0 is one endless page, 1 and 2 are refused. The lines must lie in the year, in the order of their dates.
func DetailLedger(account accounts.AccountOpening, year int, opening money.Amount, posted []Posted, complete bool, linesAPage int) (*Ledger, error) {
	if linesAPage == 1 || linesAPage == 2 || linesAPage < 0 {
		return nil, &Error{Where: account.ID, Reason: fmt.Sprintf("a page of %d lines holds no line between the carried ones", linesAPage)}
	}
	w := &ledgerWriter{ledger: &Ledger{Account: account, Year: year}, room: linesAPage, balance: opening}
	w.write(LedgerLine{Kind: BroughtFromLastYear, Balance: opening})
	for i, p := range posted {
		if p.Date.Year() != year || (i > 0 && p.Date < posted[i-1].Date) {
			return nil, &Error{Where: account.ID + ", voucher " + p.Voucher, Reason: "lies on " + p.Date.String() + ", outside the year or out of order"}
		}
		w.post(p)
		if i == len(posted)-1 || posted[i+1].Date.Month() != p.Date.Month() {
			w.totals(p.Date.Month())
		}
	}
	if complete {
		w.write(LedgerLine{Kind: ToNextYear, Balance: w.balance})
	}
	if w.err != nil {
		return nil, &Error{Where: account.ID, Reason: "leaves the range", Cause: w.err}
	}
	return w.ledger, nil
}

// GeneralLedger writes the general ledger of an account by months, its details included, through a month: 本月合计 and 本年累计 with the closing entries in them.
func GeneralLedger(book *accounts.BookChart, balances Balances, accountID string, through calendar.Month) (*Ledger, error) {
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
	w := &ledgerWriter{ledger: &Ledger{Account: account, Year: through.Year()}, balance: opening}
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
	if w.err != nil {
		return nil, &Error{Where: account.ID, Reason: "leaves the range", Cause: w.err}
	}
	return w.ledger, nil
}

// ledgerWriter writes lines, turns pages and keeps totals.
type ledgerWriter struct {
	ledger                  *Ledger
	room                    int // lines a page; 0 is no limit
	balance                 money.Amount
	monthDebit, monthCredit money.Amount
	yearDebit, yearCredit   money.Amount
	err                     error
}

func (w *ledgerWriter) write(line LedgerLine) {
	pages := &w.ledger.Pages
	if len(*pages) == 0 {
		*pages = []LedgerPage{{Number: 1}}
	}
	last := &(*pages)[len(*pages)-1]
	if w.room > 0 && len(last.Lines) == w.room-1 {
		before := last.Lines[len(last.Lines)-1].Balance
		turn := Posted{Debit: w.monthDebit, Credit: w.monthCredit}
		if line.Kind == PostedLine { // its own figures are in the totals already
			turn.Debit, turn.Credit = w.less(turn.Debit, line.Debit), w.less(turn.Credit, line.Credit)
		}
		last.Lines = append(last.Lines, LedgerLine{Kind: CarriedOver, Posted: turn, Balance: before})
		*pages = append(*pages, LedgerPage{Number: len(*pages) + 1, Lines: []LedgerLine{{Kind: BroughtOver, Posted: turn, Balance: before}}})
		last = &(*pages)[len(*pages)-1]
	}
	last.Lines = append(last.Lines, line)
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
	l := h.Language
	out := &Table{Language: l, State: h.State, Title: g.Account.Code + " " + l.label(g.Account.NameZH, g.Account.NameEN),
		Caption: []string{l.label("编制单位："+h.Agency, "unit: "+h.Agency), l.label(fmt.Sprintf("%d年", g.Year), fmt.Sprint(g.Year)),
			l.label(fmt.Sprintf("第%d页", page.Number), fmt.Sprintf("page %d", page.Number))},
		Columns: []TableColumn{{Label: l.label("日期", "date")}, {Label: l.label("凭证号", "voucher")}, {Label: l.label("摘要", "summary")},
			{Label: l.label("借方", "debit"), Numeric: true},
			{Label: l.label("贷方", "credit"), Numeric: true}, {Label: l.label("借或贷", "side")}, {Label: l.label("余额", "balance"), Numeric: true}}}
	for _, x := range page.Lines {
		row := TableRow{Cells: []string{"", x.Voucher, x.Summary, currency.Format(x.Debit), currency.Format(x.Credit), Direction(x.Balance), currency.Format(x.Balance.Abs())}}
		if !x.Date.IsZero() {
			row.Cells[0] = x.Date.String()
		}
		if x.Kind != PostedLine {
			row.Style, row.Cells[2] = "total", l.label(string(x.Kind), lineKindsEnglish[x.Kind])
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}
