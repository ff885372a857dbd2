package statement

import (
	"slices"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// Make fills a statement of a book. The book's fund and conditions decide the form and its rows as of the last day of the statement; the figures come from
// balances. It returns an *accounts.Error when the fund has no such form then, and an *Error when a figure cannot be had or leaves the range.
func Make(book *accounts.BookChart, balances Balances, request Request) (*Statement, error) {
	e, err := newEvaluation(book, balances, request)
	if err != nil {
		return nil, err
	}
	s := e.heading()
	for i := range e.form.Rows {
		r := &e.form.Rows[i]
		if !e.shown(r) {
			continue
		}
		row := Row{ID: r.ID, Key: r.Key, ZH: r.ZH, EN: r.EN, Indent: r.Indent, Side: r.Side, Heading: r.Heading, Source: r.Source}
		for _, column := range s.Columns {
			if r.Heading {
				break
			}
			if column.ID == "last_year" && e.withoutLastYear() {
				row.Cells = append(row.Cells, Cell{Blank: true})
				continue
			}
			cell, err := e.cell(r, column.ID)
			if err != nil {
				return nil, err
			}
			row.Cells = append(row.Cells, cell)
		}
		s.Rows = append(s.Rows, row)
	}
	return s, nil
}

// evaluation fills the cells of one statement and keeps those already filled.
type evaluation struct {
	book     *accounts.BookChart // on the last day of the statement
	chart    *accounts.Chart
	balances Balances
	request  Request
	form     *accounts.Form
	currency money.Currency
	cells    map[[2]string]Cell
	figures  map[figure]money.Amount
}

// figure is a question to the balances, kept so that it is asked once.
type figure struct {
	function accounts.Function
	column   string
	account  string
}

func newEvaluation(book *accounts.BookChart, balances Balances, request Request) (*evaluation, error) {
	if !request.Month.Valid() {
		return nil, &Error{Where: request.Month.String(), Reason: "is no month"}
	}
	today := book
	if book.At != request.day() {
		var err error
		if today, err = book.On(request.day()); err != nil {
			return nil, err
		}
	}
	form, err := book.Chart().Form(book.Fund, request.Kind, request.day())
	if err != nil {
		return nil, err
	}
	currency, err := money.CurrencyOf(book.Chart().Currency)
	if err != nil {
		return nil, err
	}
	return &evaluation{book: today, chart: book.Chart(), balances: balances, request: request, form: form, currency: currency,
		cells: map[[2]string]Cell{}, figures: map[figure]money.Amount{}}, nil
}

func (e *evaluation) heading() *Statement {
	s := &Statement{FormID: e.form.ID, Number: e.form.Number, ZH: e.form.ZH, EN: e.form.EN, Kind: e.request.Kind, Fund: e.book.Fund, Request: e.request,
		Day: e.request.day(), Unit: e.chart.Unit, Money: e.currency, Columns: e.form.ColumnsOf(e.request.Annual)}
	fund := fundOf(e.book)
	s.FundZH, s.FundEN = fund.ZH, fund.EN
	return s
}

func (e *evaluation) shown(r *accounts.Row) bool {
	return r.Shown(e.book.Fund, e.book.Conditions, e.request.day(), e.request.monthOfYear())
}

// withoutLastYear reports whether the rules ask for no column of the year before.
func (e *evaluation) withoutLastYear() bool {
	return slices.ContainsFunc(e.form.NoLastYear, func(n accounts.NoLastYear) bool {
		return n.Fund == e.book.Fund && n.Year == e.request.Month.Year() && n.Rule.Met(e.book.Conditions)
	})
}

// formula returns the reading of a row that the request asks for.
func (e *evaluation) formula(r *accounts.Row) accounts.Formula {
	if e.request.Reading == ReadLiteral || (e.request.Reading == ReadAdvised && r.Printed == "literal") {
		return r.LiteralFill
	}
	return r.Fill
}

func (e *evaluation) cell(r *accounts.Row, column string) (Cell, error) {
	key := [2]string{r.ID, column}
	if cell, done := e.cells[key]; done {
		return cell, nil
	}
	cell, err := e.fill(e.formula(r), column)
	if err != nil {
		return Cell{}, &Error{Where: "row " + r.ID + ", column " + column, Reason: "cannot be filled", Cause: err}
	}
	e.cells[key] = cell
	return cell, nil
}

// fill evaluates a formula in a column.
func (e *evaluation) fill(formula accounts.Formula, column string) (Cell, error) {
	var cell Cell
	for _, t := range formula {
		term, err := e.term(t, column)
		if err != nil {
			return Cell{}, err
		}
		if t.Minus {
			term.Amount = -term.Amount
		}
		if cell.Amount, err = cell.Amount.Add(term.Amount); err != nil {
			return Cell{}, err
		}
		cell.Terms = append(cell.Terms, term)
	}
	return cell, nil
}

func (e *evaluation) term(t accounts.Term, column string) (Term, error) {
	out := Term{Term: t}
	if t.Function == accounts.RowValue {
		r := e.rowFor(t.Of)
		if r == nil {
			return out, nil
		}
		cell, err := e.cell(r, column)
		out.Amount = cell.Amount
		return out, err
	}
	for _, id := range e.chart.Subtree(e.book.Fund, t.Of) {
		amount, err := e.figure(figure{t.Function, column, id})
		if err != nil {
			return out, err
		}
		if err := out.contribute(id, amount); err != nil {
			return out, err
		}
	}
	if e.request.Practice == CloseYearly && t.Function == accounts.BalanceCredit {
		return out, e.addOpenResults(&out, t.Of, column)
	}
	return out, nil
}

// contribute adds what an account gives to the term.
func (t *Term) contribute(id string, amount money.Amount) (err error) {
	if amount == 0 {
		return nil
	}
	t.Accounts = append(t.Accounts, Contribution{id, amount})
	t.Amount, err = t.Amount.Add(amount)
	return err
}

// rowFor returns the shown row of an id, or nil.
func (e *evaluation) rowFor(id string) *accounts.Row {
	for i := range e.form.Rows {
		if r := &e.form.Rows[i]; r.ID == id && e.shown(r) {
			return r
		}
	}
	return nil
}

// addOpenResults adds to a net-assets account the balances of the income and expense accounts that will close to it.
func (e *evaluation) addOpenResults(t *Term, target, column string) error {
	for _, id := range e.openResults(target) {
		amount, err := e.figure(figure{accounts.BalanceCredit, column, id})
		if err != nil {
			return err
		}
		if err := t.contribute(id, amount); err != nil {
			return err
		}
	}
	return nil
}

// span returns the periods of a column of movements.
func (e *evaluation) span(column string) (from, to calendar.Period) {
	year := e.request.Month.Year()
	switch column {
	case "month":
		return e.request.Month.Period(), e.request.Month.Period()
	case "last_year":
		return calendar.Period((year-1)*100 + 1), calendar.Period((year-1)*100 + calendar.ClosingPeriod)
	}
	return calendar.Period(year*100 + 1), e.request.last()
}

// figure asks the balances for one account, signed as the function reads it.
func (e *evaluation) figure(f figure) (money.Amount, error) {
	if amount, known := e.figures[f]; known {
		return amount, nil
	}
	amount, err := e.ask(f)
	if err != nil {
		return 0, &Error{Where: "account " + f.account, Reason: "has no figure", Cause: err}
	}
	e.figures[f] = amount
	return amount, nil
}

func (e *evaluation) ask(f figure) (amount money.Amount, err error) {
	from, to := e.span(f.column)
	switch f.function {
	case accounts.BalanceDebit, accounts.BalanceCredit:
		if f.column == "opening" {
			amount, err = e.balances.Opening(f.account, e.request.Month.Year())
		} else {
			amount, err = e.balances.Closing(f.account, to)
		}
		if f.function == accounts.BalanceCredit {
			amount = -amount
		}
		return amount, err
	}
	debit, credit, err := e.balances.Turnover(f.account, from, to, WithoutClosing)
	if err != nil {
		return 0, err
	}
	switch f.function {
	case accounts.NetDebit:
		return debit.Sub(credit)
	case accounts.NetCredit:
		return credit.Sub(debit)
	case accounts.TurnoverDebit:
		return debit, nil
	}
	return credit, nil
}
