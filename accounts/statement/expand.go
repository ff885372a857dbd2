package statement

import (
	"github.com/fundledger/fundledger/accounts"
)

// Expand returns what a row is made of, by accounts alone, each with its details: the terms of its formula in the reading that the request asks for, other rows replaced by their own terms,
// and, under the practice of closing yearly, the accounts that will close to a net-assets account. A row that the statement does not show is an *Error.
func Expand(book *accounts.BookChart, request Request, row string) ([]accounts.Term, error) {
	e, err := newEvaluation(book, nil, request)
	if err != nil {
		return nil, err
	}
	r := e.rowFor(row)
	if r == nil || r.Heading {
		return nil, &Error{Where: "row " + row + " of " + e.form.Number, Reason: "has no figures in this statement"}
	}
	return e.expand(e.formula(r), false), nil
}

func (e *evaluation) expand(formula accounts.Formula, minus bool) (out []accounts.Term) {
	for _, t := range formula {
		t.Minus = t.Minus != minus
		if t.Function == accounts.RowValue {
			if r := e.rowFor(t.Of); r != nil {
				out = append(out, e.expand(e.formula(r), t.Minus)...)
			}
			continue
		}
		out = append(out, t)
		if e.request.Practice != CloseYearly || t.Function != accounts.BalanceCredit {
			continue
		}
		for _, id := range e.openResults(t.Of) {
			if a, err := e.book.Account(id); a.Heading || (err != nil && len(e.chart.Subtree(e.book.Fund, id)) > 1) {
				continue // its details are in the list, and a term has the details of its account in it
			}
			out = append(out, accounts.Term{Minus: t.Minus, Function: accounts.BalanceCredit, Of: id})
		}
	}
	return out
}

// openResults returns the accounts whose balances close to a net-assets account or to a detail of it.
func (e *evaluation) openResults(target string) (ids []string) {
	for _, id := range e.chart.Subtree(e.book.Fund, "") {
		if to := e.chart.ClosingTarget(e.book.Fund, id); to != "" && e.chart.Below(to, target) {
			ids = append(ids, id)
		}
	}
	return ids
}
