package statement

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// Relation is a logic relation between rows, columns and statements (勾稽关系).
type Relation string

// The relations.
const (
	V1  Relation = "V1"  // 资产总计 = 负债与净资产总计
	V2  Relation = "V2"  // every total = the sum of its rows; rows "of which" never exceed theirs
	V3  Relation = "V3"  // 年初余额 = 期末余额 of last year's yearly sheet, adjustments apart
	V4  Relation = "V4"  // 本期基金结余 = change of 净资产合计
	V5  Relation = "V5"  // 本年累计数 = sum of 本月数
	V6  Relation = "V6"  // 上年数 = 本年数 of last year's statement
	V7  Relation = "V7"  // employee medical: change of 3001–统 and 3001–个 = their surplus and the corrections between them
	V8  Relation = "V8"  // sub-rows add up to their row unless further details were opened
	V9  Relation = "V9"  // employee medical: nothing unsplit in the yearly statements
	V10 Relation = "V10" // between levels: remitted = received
	V11 Relation = "V11" // 收入户 and 国库 are normally empty at the end of a month
)

// Violation is a relation that does not hold. Left, Right and Difference are minor units of Money.
type Violation struct {
	Relation                Relation
	Lead                    bool // not a fault by itself, but something to look into
	Where                   string
	Left, Right, Difference money.Amount
	Money                   money.Currency
	Text                    string
}

func (v Violation) Error() string {
	f := v.Money.Format
	return fmt.Sprintf("statement: [%s] %s: %s − %s = %s %s: %s", v.Relation, v.Where, f(v.Left), f(v.Right), f(v.Difference), v.Money.Code(), v.Text)
}

// Check makes both statements of a month, or the yearly ones, and holds every relation that concerns them against the figures: V1, V2 and V8 within the statements,
// V3 to last year's sheet, V4 and V7 to the change of net assets, V5 to the months of the year (monthly) or V6 and V9 (yearly), V11. It returns all violations.
func Check(book *accounts.BookChart, balances Balances, request Request) ([]Violation, error) {
	c := &checker{book: book, balances: balances, request: request}
	sheet := c.make(accounts.BalanceSheet, request)
	flows := c.make(accounts.IncomeExpenditure, request)
	if c.err != nil {
		return nil, c.err
	}
	c.balanced(sheet)
	for _, s := range []*Statement{sheet, flows} {
		c.totals(s)
		c.subRows(s)
	}
	c.carriedForward(sheet)
	c.surplusIsChange(flows)
	c.subAccounts(flows)
	if request.Annual {
		c.lastYear(flows)
		c.nothingUnsplit(sheet, flows)
	} else {
		c.monthsAddUp(flows)
		c.emptyAccounts()
	}
	return c.found, c.err
}

// checker collects violations and keeps the first error of the balances or of an addition.
type checker struct {
	book     *accounts.BookChart
	balances Balances
	request  Request
	found    []Violation
	err      error

	made map[Request]*Statement                // each is made once
	days map[calendar.Date]*accounts.BookChart // the book's charts of other days
}

func (c *checker) make(kind accounts.FormKind, request Request) *Statement {
	if c.err != nil {
		return nil
	}
	if c.made == nil {
		c.made, c.days = map[Request]*Statement{}, map[calendar.Date]*accounts.BookChart{}
	}
	request.Kind = kind
	s, done := c.made[request]
	if !done {
		book, err := c.on(request.day())
		c.keep(err)
		if err != nil {
			return nil
		}
		s, err = Make(book, c.balances, request)
		c.keep(err)
		c.made[request] = s
	}
	return s
}

// on returns the chart of the book on a day.
func (c *checker) on(day calendar.Date) (*accounts.BookChart, error) {
	if book, ok := c.days[day]; ok {
		return book, nil
	}
	book, err := c.book.On(day)
	if err == nil {
		c.days[day] = book
	}
	return book, err
}

func (c *checker) keep(err error) {
	if c.err == nil {
		c.err = err
	}
}

// sum adds amounts and keeps an overflow as the checker's error.
func (c *checker) sum(amounts ...money.Amount) money.Amount {
	total, err := money.Sum(amounts...)
	if err != nil {
		c.keep(&Error{Where: c.request.last().String(), Reason: "a check leaves the range", Cause: err})
	}
	return total
}

// report keeps a violation.
func (c *checker) report(v Violation) {
	currency, err := money.CurrencyOf(c.book.Chart().Currency)
	c.keep(err)
	v.Money = currency
	c.found = append(c.found, v)
}

// equal reports a violation when left and right differ.
func (c *checker) equal(relation Relation, where string, left, right money.Amount, text string) {
	if difference := c.sum(left, -right); difference != 0 {
		c.report(Violation{Relation: relation, Where: where, Left: left, Right: right, Difference: difference, Text: text})
	}
}

func place(s *Statement, row string, column int) string {
	return fmt.Sprintf("%s %s, row %s, column %s", s.Number, s.Request.last(), row, s.Columns[column].ID)
}

// amounts of a keyed row in a column; zero where it is not shown.
func keyed(s *Statement, key accounts.RowKey, column int) money.Amount {
	if row := s.Keyed(key); row != nil {
		return row.Cells[column].Amount
	}
	return 0
}

func (c *checker) balanced(sheet *Statement) {
	for i := range sheet.Columns {
		left, right := sheet.Keyed(accounts.KeyTotalAssets), sheet.Keyed(accounts.KeyTotalLiabilitiesNetAssets)
		if left == nil || right == nil {
			c.report(Violation{Relation: V1, Where: sheet.Number, Text: "the form shows no totals"})
			return
		}
		c.equal(V1, place(sheet, left.ID, i), left.Cells[i].Amount, right.Cells[i].Amount, left.ZH+" must equal "+right.ZH)
	}
}

// totals holds every total against the rows printed for it, whatever its formula says: on a balance sheet the rows above it since the last total of its side; on a
// statement of income and expenditure the rows below it.
func (c *checker) totals(s *Statement) {
	for i := range s.Columns {
		if s.Kind == accounts.BalanceSheet {
			c.sheetTotals(s, i)
		} else {
			c.flowTotals(s, i)
		}
	}
}

func (c *checker) sheetTotals(s *Statement, column int) {
	var group, totals map[string][]money.Amount = map[string][]money.Amount{}, map[string][]money.Amount{}
	for _, row := range s.Rows {
		if row.Heading || row.Indent > 1 {
			continue
		}
		amount := row.Cells[column].Amount
		if row.Indent == 1 {
			group[row.Side] = append(group[row.Side], amount)
			continue
		}
		parts := group[row.Side]
		if len(parts) == 0 {
			parts = totals[row.Side]
		}
		c.equal(V2, place(s, row.ID, column), amount, c.sum(parts...), row.ZH+" must be the sum of its rows")
		group[row.Side], totals[row.Side] = nil, append(totals[row.Side], amount)
	}
}

func (c *checker) flowTotals(s *Statement, column int) {
	var totals []money.Amount
	for i, row := range s.Rows {
		if row.Indent != 0 || row.Heading || row.Cells[column].Blank {
			continue
		}
		amount := row.Cells[column].Amount
		var parts []money.Amount
		for _, below := range s.Rows[i+1:] {
			if below.Indent == 0 {
				break
			}
			if below.Indent == 1 {
				parts = append(parts, below.Cells[column].Amount)
			}
		}
		text := row.ZH + " must be the sum of its rows"
		if len(parts) == 0 && len(totals) >= 2 {
			parts, text = []money.Amount{totals[0], -totals[1]}, row.ZH+" must be income less expenditure"
		}
		c.equal(V2, place(s, row.ID, column), amount, c.sum(parts...), text)
		totals = append(totals, amount)
	}
	if s.Keyed(accounts.KeyPooledSurplus) != nil && len(totals) >= 4 {
		c.equal(V2, place(s, "pooled surplus", column), keyed(s, accounts.KeyPooledSurplus, column), c.sum(totals[0], -totals[2]), "统筹基金结余 must be 一 less 三")
		c.equal(V2, place(s, "personal surplus", column), keyed(s, accounts.KeyPersonalSurplus, column), c.sum(totals[1], -totals[3]), "个人账户基金结余 must be 二 less 四")
	}
}

// subRows holds rows against the rows directly below them that split them up.
func (c *checker) subRows(s *Statement) {
	for i, row := range s.Rows {
		if row.Heading || row.Indent == 0 || !readsAccounts(&s.Rows[i]) {
			continue
		}
		var below []Row
		for _, r := range s.Rows[i+1:] {
			if r.Indent <= row.Indent {
				break
			}
			if r.Indent == row.Indent+1 {
				below = append(below, r)
			}
		}
		for column := range s.Columns {
			if len(below) > 0 && !row.Cells[column].Blank {
				c.split(s, &row, below, column)
			}
		}
	}
}

func readsAccounts(r *Row) bool {
	return len(r.Cells) > 0 && slices.ContainsFunc(r.Cells[0].Terms, func(t Term) bool { return t.Function != accounts.RowValue })
}

// split checks one row: if its sub-rows show every account that has a figure, they add up to it (V8); accounts of the standard must be shown where the sub-rows
// are a full list; and where all figures are normal, sub-rows do not exceed their row (V2).
func (c *checker) split(s *Statement, row *Row, below []Row, column int) {
	var parts []money.Amount
	shown := map[string]bool{}
	for i := range below {
		parts = append(parts, below[i].Cells[column].Amount)
		for _, t := range below[i].Cells[column].Terms {
			for _, x := range t.Accounts {
				if shown[x.AccountID] {
					c.report(Violation{Relation: V8, Where: place(s, row.ID, column), Left: x.Amount, Difference: x.Amount, Text: "two sub-rows show " + x.AccountID})
				}
				shown[x.AccountID] = true
			}
		}
	}
	complete, normal := true, true
	ofWhich := strings.HasPrefix(below[0].ZH, "其中")
	for _, t := range row.Cells[column].Terms {
		for _, x := range t.Accounts {
			normal = normal && x.Amount >= 0
			if shown[x.AccountID] {
				continue
			}
			complete = false
			if a, ok := c.book.Chart().Record(x.AccountID, s.Day); ok && a.Origin == accounts.OfStandard && !ofWhich && a.ID != t.Of {
				c.report(Violation{Relation: V8, Where: place(s, row.ID, column), Left: x.Amount, Difference: x.Amount, Text: "no sub-row shows " + a.ID})
			}
		}
	}
	total := c.sum(parts...)
	switch {
	case complete:
		c.equal(V8, place(s, row.ID, column), row.Cells[column].Amount, total, row.ZH+" must be the sum of its sub-rows")
	case normal && total > row.Cells[column].Amount:
		c.equal(V2, place(s, row.ID, column), row.Cells[column].Amount, total, row.ZH+" must not be less than its sub-rows")
	}
}

// carriedForward holds the opening column against the closing column of last year's yearly sheet.
func (c *checker) carriedForward(sheet *Statement) {
	last := c.request
	last.Month, last.Annual = calendar.Month((c.request.Month.Year()-1)*100+12), true
	if _, err := c.book.On(last.day()); err != nil {
		return // the fund did not exist
	}
	before := c.make(accounts.BalanceSheet, last)
	if c.err != nil {
		return
	}
	c.vanished(sheet, before)
	for _, row := range sheet.Rows {
		old := before.Row(row.ID)
		if row.Heading || old == nil {
			continue
		}
		adjusted := c.adjustment(sheet, row.ID)
		c.equal(V3, place(sheet, row.ID, 0), row.Cells[0].Amount, c.sum(old.Cells[1].Amount, adjusted), row.ZH+" must be carried forward, opening adjustments apart")
	}
}

// vanished reports rows of last year's sheet that had a balance and that this year's sheet does not show: the balance stands nowhere.
func (c *checker) vanished(sheet, before *Statement) {
	for _, old := range before.Rows {
		if old.Heading || sheet.Row(old.ID) != nil {
			continue
		}
		c.equal(V3, before.Number+" "+sheet.Request.last().String()+", row "+old.ID, 0, old.Cells[1].Amount, old.ZH+" had a balance at the end of last year and is no row any more")
	}
}

// adjustment adds up the opening adjustments of the accounts a row reads. Rows read no row that reads them: the chart's loader refuses such formulas.
func (c *checker) adjustment(s *Statement, rowID string) money.Amount {
	row := s.Row(rowID)
	if row == nil {
		return 0
	}
	var total money.Amount
	for _, t := range row.Cells[0].Terms {
		var amount money.Amount
		if t.Function == accounts.RowValue {
			amount = c.adjustment(s, t.Of)
		} else {
			for _, id := range c.book.Chart().Subtree(s.Fund, t.Of) {
				a, err := c.balances.Adjustment(id, c.request.Month.Year())
				c.keep(err)
				if t.Function == accounts.BalanceCredit {
					a = -a
				}
				amount = c.sum(amount, a)
			}
		}
		if t.Minus {
			amount = -amount
		}
		total = c.sum(total, amount)
	}
	return total
}
