package rules

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// L22StatementCells finds figures of issued statements that are not the sum of the accounts they are made of.
func L22StatementCells() audit.Rule {
	return audit.Rule{
		ID: "L22", Version: 1, Kind: audit.Exact, Severity: audit.High,
		Title: audit.Text{ZH: "报表项目与对应科目不符", EN: "Statement figure is not the sum of its accounts"},
		Why: audit.Text{
			ZH: "报表应由账簿产生。与科目不符的数字是手工填列或事后改动的。",
			EN: "Statements are made from books. A figure that no accounts add up to was typed in, or changed afterwards.",
		},
		How: audit.Text{
			ZH: "按报表项目的取数公式，由余额表重新计算每个单元格，与已报出的金额比较。发生额不含结转凭证。",
			EN: "Every cell is computed anew from the trial balances by its formula and compared with the amount that was issued. Turnovers leave closing vouchers out.",
		},
		Do: audit.Text{
			ZH: "查明差额来源；报表有误的，更正并通知所有报送单位。",
			EN: "Find where the difference comes from. A wrong statement is corrected, and every receiver of it is told.",
		},
		Basis: []string{sys + " 第五部分", bas + " 第七十一条"},
		Reads: []audit.Declared{audit.BooksSource, audit.BalancesSource, audit.StatementsSource},
		Check: checkStatementCells,
	}
}

func checkStatementCells(_ context.Context, t *audit.Task) error {
	statements, _ := audit.StatementsSource.In(t)
	balances, _ := audit.BalancesSource.In(t)
	t.EachBook(func(_ context.Context, book *audit.Book) (audit.Hooks, error) {
		c := &cells{task: t, book: book, balances: balances, months: map[calendar.Month]map[string]*ledger.TrialRow{}}
		return audit.Hooks{End: func(ctx context.Context) error {
			for cell, err := range statements.Cells(ctx, book.ID) {
				if err != nil {
					return err
				}
				if !t.Scope().HasPeriod(cell.Month.Period()) {
					continue
				}
				t.Examined(audit.Text{ZH: "报表单元格", EN: "statement cells"}, 1)
				if err := c.compare(ctx, &cell); err != nil {
					return err
				}
			}
			return nil
		}}, nil
	})
	return nil
}

// cells computes statement cells of one book from its trial balances.
type cells struct {
	task     *audit.Task
	book     *audit.Book
	balances audit.Balances
	months   map[calendar.Month]map[string]*ledger.TrialRow
}

func (c *cells) compare(ctx context.Context, cell *audit.Cell) error {
	var sum total
	var zh, en strings.Builder
	for _, term := range cell.Terms {
		amount, err := c.term(ctx, cell.Month, term)
		if errors.Is(err, audit.ErrNotStated) {
			c.task.Note(both("账簿 %s：%v 及本年各月的余额表不全，%s 未能核对", "book %s: not all trial balances up to %v were stated; %s could not be checked", c.book.Ref(), cell.Month, cell.Statement))
			return nil
		}
		if err != nil {
			return err
		}
		sign := "+"
		if term.Minus {
			sign = "−"
			sum.subtract(amount)
		} else {
			sum.add(amount)
		}
		name, figure := measureNames[term.Measure], c.book.Currency.Format(amount)
		fmt.Fprintf(&zh, " %s %s%s %s", sign, term.Account, name.ZH, figure)
		fmt.Fprintf(&en, " %s %s %s %s", sign, term.Account, name.EN, figure)
	}
	if cell.Adjusted != 0 {
		sum.add(cell.Adjusted)
		figure := c.book.Currency.Format(cell.Adjusted)
		fmt.Fprintf(&zh, " + 年初余额调整 %s", figure)
		fmt.Fprintf(&en, " + adjustments of the opening %s", figure)
	}
	if sum.err != nil {
		return errRange(c.book, sum.err)
	}
	if sum.sum == cell.Amount {
		return nil
	}
	difference, err := cell.Amount.Sub(sum.sum)
	if err != nil {
		return errRange(c.book, err)
	}
	trimmed := func(b *strings.Builder) string { return strings.TrimPrefix(strings.TrimSpace(b.String()), "+ ") }
	c.report(cell, sum.sum, difference, audit.Text{ZH: trimmed(&zh), EN: trimmed(&en)})
	return nil
}

// measureNames are the measures as findings write them.
var measureNames = map[audit.Measure]audit.Text{
	audit.OpeningOfYear: {ZH: "年初余额", EN: "opening of the year"}, audit.Closing: {ZH: "期末余额", EN: "closing"},
	audit.MonthDebit: {ZH: "本月借方", EN: "debits of the month"}, audit.MonthCredit: {ZH: "本月贷方", EN: "credits of the month"}, audit.MonthNet: {ZH: "本月发生额", EN: "movement of the month"},
	audit.YearDebit: {ZH: "本年借方", EN: "debits of the year"}, audit.YearCredit: {ZH: "本年贷方", EN: "credits of the year"}, audit.YearNet: {ZH: "本年发生额", EN: "movement of the year"},
	audit.LastYearDebit: {ZH: "上年借方", EN: "debits of last year"}, audit.LastYearCredit: {ZH: "上年贷方", EN: "credits of last year"},
	audit.LastYearNet: {ZH: "上年发生额", EN: "movement of last year"},
}

func (c *cells) report(cell *audit.Cell, computed, difference money.Amount, arithmetic audit.Text) {
	f := c.book.Currency.Format
	c.task.Report(audit.Finding{
		Book: c.book.Ref(), Period: cell.Month.Period(), Subjects: about("statement", cell.Statement, "row", cell.Row, "column", cell.Column), AtRisk: c.book.Sum(difference.Abs()),
		Evidence: []audit.Evidence{
			{
				Kind: "statement cell", Book: c.book.Ref(), Seq: cell.Seq, Period: cell.Month.Period(), Reference: cell.Statement + " / " + cell.Row + " / " + cell.Column,
				Amounts: []audit.Sum{c.book.Sum(cell.Amount)},
			},
			{Kind: "trial balance", Book: c.book.Ref(), Period: cell.Month.Period(), Amounts: []audit.Sum{c.book.Sum(computed)}},
		},
		Text: audit.Text{
			ZH: fmt.Sprintf("%v %s「%s」「%s」为 %s，按科目计算 %s ＝ %s，相差 %s", cell.Month, cell.Statement, cell.Row, cell.Column, f(cell.Amount), arithmetic.ZH, f(computed), c.book.Sum(difference)),
			EN: fmt.Sprintf("%v, %s, %s, %s: issued as %s; its accounts give %s = %s; difference %s", cell.Month, cell.Statement, cell.Row, cell.Column, f(cell.Amount), arithmetic.EN, f(computed),
				c.book.Sum(difference)),
		},
	})
}

// month returns the rows of a month by code. A month before the book began has none.
func (c *cells) month(ctx context.Context, month calendar.Month) (map[string]*ledger.TrialRow, error) {
	if rows, ok := c.months[month]; ok {
		return rows, nil
	}
	trial, err := c.balances.Month(ctx, c.book.ID, month, c.book.Seq)
	if err != nil {
		return nil, err
	}
	rows := make(map[string]*ledger.TrialRow, len(trial.Rows))
	for i := range trial.Rows {
		rows[trial.Rows[i].Account.Code] = &trial.Rows[i]
	}
	c.months[month] = rows
	return rows, nil
}

// term computes one term. An account that the book does not have counts as zero: forms are made for all funds.
func (c *cells) term(ctx context.Context, month calendar.Month, term audit.Term) (money.Amount, error) {
	first, last := month, month
	switch term.Measure {
	case audit.OpeningOfYear, audit.YearDebit, audit.YearCredit, audit.YearNet:
		first = max(calendar.MonthAt(month.Year()*12), c.book.First.Month())
	case audit.LastYearDebit, audit.LastYearCredit, audit.LastYearNet:
		first, last = max(calendar.MonthAt((month.Year()-1)*12), c.book.First.Month()), calendar.MonthAt(month.Year()*12-1)
	}
	if term.Measure == audit.OpeningOfYear {
		last = first
	}
	var sum total
	for m := first; m <= last; m = m.Add(1) {
		rows, err := c.month(ctx, m)
		if err != nil {
			return 0, err
		}
		row := rows[term.Account]
		if row == nil {
			continue
		}
		amount, err := measured(row, term.Measure)
		if err != nil {
			return 0, err
		}
		sum.add(amount)
	}
	return sum.sum, sum.err
}

// measured takes a measure of one month's row.
func measured(row *ledger.TrialRow, measure audit.Measure) (money.Amount, error) {
	normal := money.Amount(row.Account.Type.Normal())
	switch measure {
	case audit.OpeningOfYear:
		return row.Opening * normal, nil
	case audit.Closing:
		return row.Closing * normal, nil
	case audit.MonthDebit, audit.YearDebit, audit.LastYearDebit:
		return row.Debit, nil
	case audit.MonthCredit, audit.YearCredit, audit.LastYearCredit:
		return row.Credit, nil
	case audit.MonthNet, audit.YearNet, audit.LastYearNet:
		net, err := row.Debit.Sub(row.Credit)
		return net * normal, err
	}
	return 0, fmt.Errorf("rules: %q is no measure of an account; use one of the audit.Measure constants", measure)
}
