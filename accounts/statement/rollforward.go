package statement

import (
	"fmt"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// RollForward shows how the net assets of a fund went from the start of a span to its end (基金结余滚存表): what was there, what came in and went out by the accounts, and
// what stands in the balance sheet. What these do not explain is a line of its own, also when it is nothing. It is no form of the standard; auditors ask for it.
type RollForward struct {
	Fund    accounts.Fund
	Request Request // Kind is not read
	Money   money.Currency
	Spans   []RollSpan // the month and the year to date, or the year
}

// RollSpan is one column of a roll-forward, in minor units. Spans leave closing entries out: they move a result, and bring none.
type RollSpan struct {
	ZH, EN      string
	From, To    calendar.Period // both inside
	Opening     money.Amount    // 期初净资产: of the balance sheet before the span
	Adjustment  money.Amount    // 年初余额调整: of net-assets accounts, in spans from the start of a year
	Income      money.Amount    // 本期收入: net credits of all income accounts, unsplit money among them
	Expenditure money.Amount    // 本期支出: net debits of all expense accounts
	Direct      money.Amount    // 直接记入净资产: net credits of net-assets accounts; appropriations and corrections between them cancel out
	Expected    money.Amount    // 应有期末净资产
	Closing     money.Amount    // 期末净资产: of the balance sheet
	Unexplained money.Amount    // 不明差额: Closing less Expected
	Surplus     money.Amount    // 收支表本期基金结余, as printed
	NotPrinted  money.Amount    // 收支表与账面差额: Surplus less income and expenditure by the accounts, such as unsplit money printed by its balance
}

// Roll makes the roll-forward of the month, or of the year, that a request names. Errors are those of Make.
func Roll(book *accounts.BookChart, balances Balances, request Request) (*RollForward, error) {
	c := &checker{book: book, balances: balances, request: request}
	flows := c.make(accounts.IncomeExpenditure, request)
	if c.err != nil {
		return nil, c.err
	}
	r := &RollForward{Fund: fundOf(book), Request: request, Money: flows.Money}
	for i, column := range flows.Columns {
		if column.ID == "last_year" {
			continue
		}
		span := RollSpan{ZH: column.ZH, EN: column.EN, From: calendar.Period(request.Month.Year()*100 + 1), To: request.last(), Surplus: keyed(flows, accounts.KeySurplus, i)}
		if column.ID == "month" {
			span.From = span.To
		}
		c.roll(&span)
		r.Spans = append(r.Spans, span)
	}
	return r, c.err
}

// roll fills a span.
func (c *checker) roll(s *RollSpan) {
	year := s.To.Year()
	s.Closing = c.netAssets(c.request, 1)
	if s.From.Number() == 1 {
		s.Opening = c.netAssets(c.request, 0)
	} else {
		previous := c.request
		previous.Month = c.request.Month.Add(-1)
		s.Opening = c.netAssets(previous, 1)
	}
	chart := c.book.Chart()
	for _, id := range chart.Subtree(c.book.Fund, "") {
		record := recordOf(chart, id, c.request.day())
		if record.Section != accounts.General {
			continue
		}
		debit, credit, err := c.balances.Turnover(id, s.From, s.To, WithoutClosing)
		c.keep(err)
		switch record.Type {
		case accounts.Income:
			s.Income = c.sum(s.Income, credit, -debit)
		case accounts.Expense:
			s.Expenditure = c.sum(s.Expenditure, debit, -credit)
		case accounts.NetAssets:
			s.Direct = c.sum(s.Direct, credit, -debit)
			if s.From.Number() == 1 {
				adjustment, err := c.balances.Adjustment(id, year)
				c.keep(err)
				s.Adjustment = c.sum(s.Adjustment, -adjustment)
			}
		}
	}
	s.Opening = c.sum(s.Opening, -s.Adjustment) // the sheet's opening column has it in it
	s.Expected = c.sum(s.Opening, s.Adjustment, s.Income, -s.Expenditure, s.Direct)
	s.Unexplained = c.sum(s.Closing, -s.Expected)
	s.NotPrinted = c.sum(s.Surplus, -s.Income, s.Expenditure)
}

// Table lays the roll-forward out for printing.
func (r *RollForward) Table(h Heading) *Table {
	l := h.Language
	last := r.Request.last()
	t := &Table{Language: l, State: h.State.Text(l), Footer: h.footer(), Title: l.label(r.Fund.ZH+"基金结余滚存表", r.Fund.EN+": roll-forward of net assets"),
		Caption: []string{l.label("编制单位："+h.Agency, "unit: "+h.Agency), last.String(), l.label("单位：元", "amounts in "+r.Money.Code())},
		Columns: []TableColumn{{Label: l.label("项目", "item")}}}
	for _, s := range r.Spans {
		t.Columns = append(t.Columns, TableColumn{Label: l.label(fmt.Sprintf("%s（%s 至 %s）", s.ZH, s.From, s.To), fmt.Sprintf("%s (%s to %s)", s.EN, s.From, s.To)), Numeric: true})
	}
	for _, line := range []struct {
		id, zh, en, style string
		of                func(*RollSpan) money.Amount
	}{
		{"opening", "期初净资产", "net assets at the start", "total", func(s *RollSpan) money.Amount { return s.Opening }},
		{"adjustment", "加：年初余额调整", "adjustments of the opening balance sheet", "", func(s *RollSpan) money.Amount { return s.Adjustment }},
		{"income", "加：本期收入", "income", "", func(s *RollSpan) money.Amount { return s.Income }},
		{"expenditure", "减：本期支出", "less expenditure", "", func(s *RollSpan) money.Amount { return s.Expenditure }},
		{"direct", "加：直接记入净资产", "posted to net assets directly", "", func(s *RollSpan) money.Amount { return s.Direct }},
		{"expected", "应有期末净资产", "net assets expected at the end", "total", func(s *RollSpan) money.Amount { return s.Expected }},
		{"closing", "期末净资产（资产负债表）", "net assets at the end (balance sheet)", "total", func(s *RollSpan) money.Amount { return s.Closing }},
		{"unexplained", "不明差额", "unexplained difference", "total", func(s *RollSpan) money.Amount { return s.Unexplained }},
		{"surplus", "附：收支表本期基金结余", "memo: surplus as printed", "", func(s *RollSpan) money.Amount { return s.Surplus }},
		{"not_printed", "附：收支表与账面收支差额", "memo: surplus as printed less that of the accounts", "", func(s *RollSpan) money.Amount { return s.NotPrinted }},
	} {
		row := TableRow{ID: line.id, Style: line.style, Cells: []string{l.label(line.zh, line.en)}}
		for i := range r.Spans {
			row.Cells = append(row.Cells, r.Money.Format(line.of(&r.Spans[i])))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
