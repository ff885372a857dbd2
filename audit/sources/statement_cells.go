package sources

import (
	"context"
	"fmt"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/statement"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/money"
)

// cellReader turns the figures of one issued file into cells.
type cellReader struct {
	fund     *fund.Fund
	issue    fund.Issue
	accounts map[string]ledger.Account // of the ledger, by code; those of the chart alone
	byNumber map[ledger.AccountNo]ledger.Account
	adjusted *fund.Figures // nil where nothing adjusts an opening balance
	stated   map[figureOf]bool
}

// figureOf is the place of a figure.
type figureOf struct {
	request     statement.Request
	row, column string
}

// newCellReader reads the accounts of the book, and its adjustments if there are any.
func newCellReader(ctx context.Context, f *fund.Fund, issue fund.Issue, adjustments []ledger.Seq) (*cellReader, error) {
	c := &cellReader{fund: f, issue: issue, byNumber: map[ledger.AccountNo]ledger.Account{}, stated: map[figureOf]bool{}}
	chart, id := f.Chart().Chart(), f.Chart().Fund
	var codes []string
	for _, account := range chart.Subtree(id, "") {
		codes = append(codes, chart.Code(id, account))
	}
	var err error
	if c.accounts, err = f.Ledger().AccountsByCode(ctx, f.Book(), codes); err != nil {
		return nil, err
	}
	for _, account := range c.accounts {
		c.byNumber[account.No] = account
	}
	if len(adjustments) == 0 {
		return c, nil
	}
	state, err := f.ClosingState(ctx, issue.Period)
	if err != nil {
		return nil, err
	}
	figures, err := f.FiguresAt(ctx, state)
	if err != nil {
		return nil, err
	}
	var known []ledger.Seq // an adjustment of a later year is not in the figures of this one
	for _, seq := range adjustments {
		e, err := f.Ledger().Entry(ctx, f.Book(), seq)
		if err != nil {
			return nil, err
		}
		if e.Period <= issue.Period {
			known = append(known, seq)
		}
	}
	c.adjusted, err = f.Adjusted(ctx, figures, known...)
	return c, err
}

func (c *cellReader) fault(where, reason string) error {
	return &statement.Error{Where: fmt.Sprintf("statements of %s issued by entry %d, %s", c.issue.Period, c.issue.Seq, where), Reason: reason}
}

// cell makes the cell of a figure.
func (c *cellReader) cell(figure *statement.Figure) (audit.Cell, error) {
	where := fmt.Sprintf("line %d", figure.FileLine)
	if figure.State.Period != c.issue.Period {
		return audit.Cell{}, c.fault(where, fmt.Sprintf("is of %s", figure.State.Period))
	}
	place := figureOf{figure.Request, figure.Row, figure.Column}
	if c.stated[place] {
		return audit.Cell{}, c.fault(where, "states row "+figure.Row+", column "+figure.Column+" again")
	}
	c.stated[place] = true
	terms, err := statement.Expand(c.fund.Chart(), figure.Request, figure.Row)
	if err != nil {
		return audit.Cell{}, err
	}
	out := audit.Cell{Book: c.issue.Book, Month: figure.Request.Month, Statement: figure.Number, Row: figure.RowZH, Column: figure.ColumnZH, Amount: figure.Amount, Seq: c.issue.Seq}
	for _, term := range terms {
		measured, ok := measures[measureOf{term.Function, figure.Column}]
		if !ok {
			return audit.Cell{}, c.fault(where, fmt.Sprintf("no measure for %s in column %q", term.Function, figure.Column))
		}
		out.Terms = append(out.Terms, c.terms(term, measured)...)
		if measured == audit.OpeningOfYear && figure.Column == "opening" {
			if err := c.adjust(&out, term, figure.Request); err != nil {
				return audit.Cell{}, err
			}
		}
	}
	return out, nil
}

// measureOf is a function of a formula in a column of a statement.
type measureOf struct {
	function accounts.Function
	column   string
}

// measures say what of an account a function takes in a column, whatever its side. A balance in a column of movements is that at the end of the column's span.
var measures = map[measureOf]audit.Measure{
	{accounts.BalanceDebit, "opening"}: audit.OpeningOfYear, {accounts.BalanceCredit, "opening"}: audit.OpeningOfYear,
	{accounts.BalanceDebit, "closing"}: audit.Closing, {accounts.BalanceCredit, "closing"}: audit.Closing,
	{accounts.BalanceDebit, "month"}: audit.Closing, {accounts.BalanceCredit, "month"}: audit.Closing,
	{accounts.BalanceDebit, "year_to_date"}: audit.Closing, {accounts.BalanceCredit, "year_to_date"}: audit.Closing,
	{accounts.BalanceDebit, "year"}: audit.Closing, {accounts.BalanceCredit, "year"}: audit.Closing,
	{accounts.BalanceDebit, "last_year"}: audit.OpeningOfYear, {accounts.BalanceCredit, "last_year"}: audit.OpeningOfYear,
	{accounts.NetDebit, "month"}: audit.MonthNet, {accounts.NetCredit, "month"}: audit.MonthNet,
	{accounts.NetDebit, "year_to_date"}: audit.YearNet, {accounts.NetCredit, "year_to_date"}: audit.YearNet,
	{accounts.NetDebit, "year"}: audit.YearNet, {accounts.NetCredit, "year"}: audit.YearNet,
	{accounts.NetDebit, "last_year"}: audit.LastYearNet, {accounts.NetCredit, "last_year"}: audit.LastYearNet,
	{accounts.TurnoverDebit, "month"}: audit.MonthDebit, {accounts.TurnoverCredit, "month"}: audit.MonthCredit,
	{accounts.TurnoverDebit, "year_to_date"}: audit.YearDebit, {accounts.TurnoverCredit, "year_to_date"}: audit.YearCredit,
	{accounts.TurnoverDebit, "year"}: audit.YearDebit, {accounts.TurnoverCredit, "year"}: audit.YearCredit,
	{accounts.TurnoverDebit, "last_year"}: audit.LastYearDebit, {accounts.TurnoverCredit, "last_year"}: audit.LastYearCredit,
}

// terms gives a term by accounts of the ledger: one where the ledger has all details below the account as the chart has them, one for every account otherwise.
func (c *cellReader) terms(term accounts.Term, measure audit.Measure) (out []audit.Term) {
	chart, id := c.fund.Chart().Chart(), c.fund.Chart().Fund
	subtree := chart.Subtree(id, term.Of)
	whole := true
	top := c.accounts[chart.Code(id, term.Of)]
	for _, detail := range subtree {
		if account, ok := c.accounts[chart.Code(id, detail)]; ok && !c.below(account, top.No) {
			whole = false
		}
	}
	if whole {
		subtree = subtree[:1]
	}
	for _, detail := range subtree {
		code := chart.Code(id, detail)
		account, ok := c.accounts[code]
		if !whole && (!ok || account.Class == ledger.Heading) {
			continue
		}
		out = append(out, audit.Term{Account: code, Measure: measure, Minus: term.Minus != c.otherSide(term, account)})
	}
	return out
}

// below reports whether an account is the one above or stands below it in the ledger.
func (c *cellReader) below(account ledger.Account, above ledger.AccountNo) bool {
	for account.No != above {
		if account.Parent == 0 {
			return false
		}
		account = c.byNumber[account.Parent]
	}
	return true
}

// otherSide reports whether a function reads a balance or a net movement from the other side than the account's normal one, on which the measure gives it.
func (c *cellReader) otherSide(term accounts.Term, account ledger.Account) bool {
	if account.Type == 0 {
		return false // the book has no such account, and it gives nothing
	}
	switch term.Function {
	case accounts.BalanceDebit, accounts.NetDebit:
		return account.Type.Normal() != ledger.Debit
	case accounts.BalanceCredit, accounts.NetCredit:
		return account.Type.Normal() != ledger.Credit
	}
	return false
}

// adjust takes the adjustments of the accounts of a term into the cell.
func (c *cellReader) adjust(cell *audit.Cell, term accounts.Term, request statement.Request) error {
	if c.adjusted == nil {
		return nil
	}
	var sum money.Amount
	for _, id := range c.fund.Chart().Chart().Subtree(c.fund.Chart().Fund, term.Of) {
		amount, err := c.adjusted.Adjustment(id, request.Month.Year())
		if err == nil {
			sum, err = sum.Add(amount)
		}
		if err != nil {
			return err
		}
	}
	if (term.Function == accounts.BalanceCredit) != term.Minus {
		sum = -sum
	}
	total, err := cell.Adjusted.Add(sum)
	cell.Adjusted = total
	return err
}

// complete refuses a file that lacks one of the two statements or a figure of them.
func (c *cellReader) complete() error {
	requests := map[accounts.FormKind]statement.Request{}
	for place := range c.stated {
		requests[place.request.Kind] = place.request
	}
	for _, kind := range []accounts.FormKind{accounts.BalanceSheet, accounts.IncomeExpenditure} {
		request, ok := requests[kind]
		if !ok {
			return c.fault("as a whole", "the "+string(kind)+" is missing")
		}
		form, err := statement.Make(c.fund.Chart(), &statement.Figures{}, request) // for its rows and columns alone
		if err != nil {
			return err
		}
		for _, row := range form.Rows {
			for i := range row.Cells {
				if !c.stated[figureOf{request, row.ID, form.Columns[i].ID}] {
					return c.fault("row "+row.ID+", column "+form.Columns[i].ID, "the figure is missing")
				}
			}
		}
	}
	return nil
}
