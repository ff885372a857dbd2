package statement

import (
	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// netAssets returns 净资产合计 in a column of the sheet of a period, with everything unsplit in it whatever the reading.
func (c *checker) netAssets(request Request, column int) money.Amount {
	request.Reading = ReadConsistent
	sheet := c.make(accounts.BalanceSheet, request)
	if c.err != nil {
		return 0
	}
	return keyed(sheet, accounts.KeyTotalNetAssets, column)
}

// surplusIsChange is V4 in both columns. The movement of unsplit money counts, whatever the row of unsplit money prints or whether it is shown.
func (c *checker) surplusIsChange(flows *Statement) {
	request := c.request
	opening, closing := c.netAssets(request, 0), c.netAssets(request, 1)
	if !request.Annual {
		before := opening
		if request.Month.OfYear() > 1 {
			previous := request
			previous.Month = request.Month.Add(-1)
			before = c.netAssets(previous, 1)
		}
		c.equal(V4, place(flows, "surplus", 0), c.surplus(flows, 0), c.sum(closing, -before), "本期基金结余 must be the change of 净资产合计 in the month")
		c.equal(V4, place(flows, "surplus", 1), c.surplus(flows, 1), c.sum(closing, -opening), "本期基金结余 must be the change of 净资产合计 since the start of the year")
		return
	}
	c.equal(V4, place(flows, "surplus", 0), c.surplus(flows, 0), c.sum(closing, -opening), "本期基金结余 must be the change of 净资产合计 in the year")
}

// surplus returns the surplus with the movement of unsplit money in the place of what is printed for it.
func (c *checker) surplus(flows *Statement, column int) money.Amount {
	printed, unsplit := keyed(flows, accounts.KeySurplus, column), keyed(flows, accounts.KeyUnsplit, column)
	e, err := newEvaluation(c.book, c.balances, flows.Request)
	if err != nil {
		c.keep(err)
		return 0
	}
	row := e.form.Keyed(accounts.KeyUnsplit, flows.Fund, flows.Day)
	if row == nil {
		return printed
	}
	moved, err := e.fill(row.Fill, flows.Columns[column].ID)
	c.keep(err)
	return c.sum(printed, -unsplit, moved.Amount)
}

// subAccounts is V7: each of the two net-assets accounts of employee medical changes by its surplus and by the corrections posted to it directly.
func (c *checker) subAccounts(flows *Statement) {
	if c.request.Practice == CloseYearly && !flows.Request.Annual {
		return // the accounts have not taken the surplus yet
	}
	sheetForm, err := c.book.Chart().Form(flows.Fund, accounts.BalanceSheet, flows.Day)
	if err != nil {
		c.keep(err)
		return
	}
	for _, pair := range [][2]accounts.RowKey{{accounts.KeyPooledSurplus, accounts.KeyPooledBalance}, {accounts.KeyPersonalSurplus, accounts.KeyPersonalBalance}} {
		surplus, balance := pair[0], pair[1]
		row := sheetForm.Keyed(balance, flows.Fund, flows.Day)
		if row == nil || flows.Keyed(surplus) == nil {
			continue
		}
		from := calendar.Period(flows.Request.Month.Year()*100 + 1)
		column, last := 0, flows.Request.last()
		if !flows.Request.Annual {
			column = 1
		}
		var change, direct money.Amount
		for _, id := range c.book.Chart().Subtree(flows.Fund, row.Fill[0].Of) {
			opening, err := c.balances.Opening(id, from.Year())
			c.keep(err)
			closing, err := c.balances.Closing(id, last)
			c.keep(err)
			debit, credit, err := c.balances.Turnover(id, from, last, WithoutClosing)
			c.keep(err)
			change, direct = c.sum(change, opening, -closing), c.sum(direct, credit, -debit)
		}
		c.equal(V7, place(flows, string(surplus), column), change, c.sum(flows.Keyed(surplus).Cells[column].Amount, direct),
			row.ZH+" must change by its surplus and the corrections between the two")
	}
}

// lastYear is V6.
func (c *checker) lastYear(flows *Statement) {
	last := c.request
	last.Month = calendar.Month((c.request.Month.Year()-1)*100 + 12)
	if _, err := c.book.On(last.day()); err != nil {
		return
	}
	before := c.make(accounts.IncomeExpenditure, last)
	if c.err != nil {
		return
	}
	for _, row := range flows.Rows {
		if old := before.Row(row.ID); old != nil && !row.Heading && !row.Cells[1].Blank {
			c.equal(V6, place(flows, row.ID, 1), row.Cells[1].Amount, old.Cells[0].Amount, row.ZH+" of last year must be what last year's statement says")
		}
	}
}

// nothingUnsplit is V9.
func (c *checker) nothingUnsplit(sheet, flows *Statement) {
	for _, kind := range []accounts.FormKind{accounts.BalanceSheet, accounts.IncomeExpenditure} {
		form, err := c.book.Chart().Form(flows.Fund, kind, flows.Day)
		if err != nil {
			c.keep(err)
			return
		}
		row := form.Keyed(accounts.KeyUnsplit, flows.Fund, flows.Day)
		if row == nil {
			continue
		}
		for _, t := range row.Fill {
			for _, id := range c.book.Chart().Subtree(flows.Fund, t.Of) {
				left, err := c.balances.Closing(id, c.request.last())
				c.keep(err)
				c.equal(V9, form.Number+" "+c.request.last().String()+", account "+id, -left, 0, "nothing may be unsplit in the yearly statements: split it by the ratio of experience")
			}
		}
	}
	for _, s := range []*Statement{sheet, flows} {
		if s.Keyed(accounts.KeyUnsplit) != nil {
			c.report(Violation{Relation: V9, Where: s.Number + " " + c.request.last().String(), Text: "the yearly statement shows a row of unsplit money"})
		}
	}
}

// monthsAddUp is V5. A printed balance of unsplit money does not add up over months, nor does the surplus it stands in.
func (c *checker) monthsAddUp(flows *Statement) {
	total := map[string]money.Amount{}
	for m := calendar.Month(c.request.Month.Year()*100 + 1); m <= c.request.Month; m = m.Add(1) {
		request := c.request
		request.Month = m
		month := c.make(accounts.IncomeExpenditure, request)
		if c.err != nil {
			return
		}
		for _, row := range month.Rows {
			if !row.Heading {
				total[row.ID] = c.sum(total[row.ID], row.Cells[0].Amount)
			}
		}
	}
	form, err := c.book.Chart().Form(flows.Fund, accounts.IncomeExpenditure, flows.Day)
	c.keep(err)
	hasUnsplit := err == nil && form.Keyed(accounts.KeyUnsplit, flows.Fund, flows.Day) != nil
	for _, row := range flows.Rows {
		if row.Heading || (hasUnsplit && (row.Key == accounts.KeyUnsplit || row.Key == accounts.KeySurplus)) {
			continue
		}
		c.equal(V5, place(flows, row.ID, 1), row.Cells[1].Amount, total[row.ID], row.ZH+" to date must be the sum of the months")
	}
}

// emptyAccounts is V11, a lead: money in the income account or the treasury at the end of a month waits to be moved on.
func (c *checker) emptyAccounts() {
	for _, id := range []string{"income_account", "treasury"} {
		var left money.Amount
		for _, detail := range c.book.Chart().Subtree(c.book.Fund, id) {
			amount, err := c.balances.Closing(detail, c.request.last())
			c.keep(err)
			left = c.sum(left, amount)
		}
		if left != 0 {
			c.report(Violation{Relation: V11, Lead: true, Where: "account " + id + ", " + c.request.last().String(), Left: left, Difference: left,
				Text: "is normally empty at the end of a month"})
		}
	}
}

// LevelBook is the book of one level and its figures.
type LevelBook struct {
	Book     *accounts.BookChart
	Balances Balances
}

// CheckLevels is V10 over the periods from and to, both inside: what lower agencies remit, the upper one receives, and the other way round; what lies with the
// upper level for investment at the end is in both books. Money and notices on their way at the end of the period show as differences, so its violations are
// leads.
func CheckLevels(upper LevelBook, lower []LevelBook, from, to calendar.Period) ([]Violation, error) {
	c := &checker{book: upper.Book, balances: upper.Balances, request: Request{Month: to.Month(), Annual: to.IsClosing()}}
	moved := func(b LevelBook, id string, side accounts.Side) money.Amount {
		var net money.Amount
		for _, detail := range b.Book.Chart().Subtree(b.Book.Fund, id) {
			debit, credit, err := b.Balances.Turnover(detail, from, to, WithoutClosing)
			c.keep(err)
			if side == accounts.Credit {
				debit, credit = credit, debit
			}
			net = c.sum(net, debit, -credit)
		}
		return net
	}
	held := func(b LevelBook, id string, side accounts.Side) money.Amount {
		var total money.Amount
		for _, detail := range b.Book.Chart().Subtree(b.Book.Fund, id) {
			amount, err := b.Balances.Closing(detail, to)
			c.keep(err)
			total = c.sum(total, amount)
		}
		if side == accounts.Credit {
			return -total
		}
		return total
	}
	below := func(read func(LevelBook, string, accounts.Side) money.Amount, id string, side accounts.Side) money.Amount {
		var total money.Amount
		for _, b := range lower {
			total = c.sum(total, read(b, id, side))
		}
		return total
	}
	c.equal(V10, "5301 below, 4402 above", below(moved, "upward_remittance", accounts.Debit), moved(upper, "lower_remittance", accounts.Credit), "上解上级支出 below must be 下级上解收入 above")
	c.equal(V10, "4401 below, 5302 above", below(moved, "upper_allotment", accounts.Credit), moved(upper, "lower_allotment", accounts.Debit), "上级补助收入 below must be 补助下级支出 above")
	for _, detail := range []string{"principal", "interest", "return"} {
		c.equal(V10, "invested upward, "+detail, below(held, "advances.invested_upward."+detail, accounts.Debit), held(upper, "temporary_receipts.pooled_from_lower."+detail, accounts.Credit),
			"委托上级投资 below must be 下级归集委托投资 above")
	}
	for i := range c.found {
		c.found[i].Lead = true
	}
	return c.found, c.err
}
