package rules

import (
	"context"
	"errors"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// L05Equation finds months at whose end assets are not liabilities and net assets, open income and expenditure counted in.
func L05Equation() audit.Rule {
	return audit.Rule{
		ID: "L05", Version: 1, Kind: audit.Exact, Severity: audit.Critical,
		Title: audit.Text{ZH: "资产不等于负债与结余之和", EN: "Assets are not liabilities plus net assets"},
		Why: audit.Text{
			ZH: "会计恒等式不成立，说明账簿存在单边记录，资产负债表无法平衡。",
			EN: "Where the accounting equation fails, something was booked on one side only, and no balance sheet can come out even.",
		},
		How: audit.Text{
			ZH: "每月末由余额表加总：资产＋支出＝负债＋净资产＋收入（未结转的收支一并计入）。差额在产生或变动的月份列出一次。",
			EN: "At each month end, from the trial balance: assets + expenditure = liabilities + net assets + income; income and expenditure not yet closed are counted in. A difference is reported once, in the month in which it arises or changes.",
		},
		Do: audit.Text{
			ZH: "结合 L01、L04 的发现，找出单边记录的凭证或被改动的余额。",
			EN: "With the findings of L01 and L04, look for the voucher booked on one side only, or the balance that was changed.",
		},
		Basis:      []string{sys + " 第一部分 六、七", sys + " 第五部分（资产负债表）"},
		Reads:      []audit.Declared{audit.BooksSource, audit.BalancesSource},
		Parameters: []audit.Parameter{tolerance()},
		Check:      checkEquation,
	}
}

// tolerance is the difference that a rule lets pass, in minor units.
func tolerance() audit.Parameter {
	return audit.Parameter{
		Name: "tolerance", Title: audit.Text{ZH: "容许差额", EN: "tolerated difference"}, Unit: audit.Text{ZH: "最小货币单位", EN: "minor units"},
		Default: 0, Least: 0, Most: 1_000_000_000_000, Source: "project's choice: books in minor units tie exactly; published figures in larger units need more",
	}
}

func checkEquation(_ context.Context, t *audit.Task) error {
	t.EachBook(func(_ context.Context, book *audit.Book) (audit.Hooks, error) {
		c := &equation{task: t, book: book, bare: map[string]bool{}}
		return audit.Hooks{Month: func(_ context.Context, m *audit.MonthBalances) error { return c.check(m) }}, nil
	})
	return nil
}

// equation follows the months of one book. A difference stays in all later months; it is reported where it first shows within the scope, and where it changes.
type equation struct {
	task  *audit.Task
	book  *audit.Book
	known money.Amount    // the difference of the last month within the scope
	bare  map[string]bool // accounts without a type that were reported
}

// elements are the sums of the elements of accounting on their normal sides, and the sum of everything as debit less credit.
type elements struct {
	of  map[ledger.AccountType]*total
	net total
}

func (c *equation) check(m *audit.MonthBalances) error {
	if !c.task.Scope().HasPeriod(m.Month.Period()) {
		return nil
	}
	c.task.Examined(monthsStated, 1)
	sums := elements{of: map[ledger.AccountType]*total{ledger.Asset: {}, ledger.Liability: {}, ledger.NetAssets: {}, ledger.Income: {}, ledger.Expense: {}}}
	for _, row := range tops(m.Trial.Rows) {
		if row.Account.Section == ledger.General {
			c.take(m.Month, row, &sums)
		}
	}
	for _, sum := range sums.of {
		if sum.err != nil {
			return errRange(c.book, sum.err)
		}
	}
	change, err := sums.net.sum.Sub(c.known)
	if err = errors.Join(sums.net.err, err); err != nil {
		return errRange(c.book, err)
	}
	c.known = sums.net.sum
	if change != 0 && int64(sums.net.sum.Abs()) > c.task.Parameter("tolerance") {
		c.report(m.Month, &sums, change)
	}
	return nil
}

func (c *equation) take(month calendar.Month, row *ledger.TrialRow, sums *elements) {
	sums.net.add(row.Closing)
	sum := sums.of[row.Account.Type]
	switch {
	case sum == nil && c.bare[row.Account.Code]:
	case sum == nil:
		c.bare[row.Account.Code] = true
		c.task.Report(audit.Finding{
			Book: c.book.Ref(), Period: month.Period(), Subjects: about(byAccount, row.Account.Code, "fault", "no type"), AtRisk: c.book.Sum(row.Closing.Abs()),
			Text: both("%v 科目 %s 没有会计要素类型，余额 %s 无法归类", "%v: account %s has no type; its balance of %s cannot be placed", month, named(&row.Account),
				c.book.Sum(row.Closing)),
			Evidence: []audit.Evidence{balanceEvidence(c.book, month, &row.Account)},
		})
	case row.Account.Type.Normal() == ledger.Debit:
		sum.add(row.Closing)
	default:
		sum.subtract(row.Closing)
	}
}

func (c *equation) report(month calendar.Month, sums *elements, change money.Amount) {
	f := func(of ledger.AccountType) string { return c.book.Currency.Format(sums.of[of].sum) }
	c.task.Report(audit.Finding{
		Book: c.book.Ref(), Period: month.Period(), Subjects: about("month", month.String()), AtRisk: c.book.Sum(change.Abs()),
		Evidence: []audit.Evidence{{Kind: "trial balance", Book: c.book.Ref(), Period: month.Period()}},
		Text: both("%v 月末：资产 %s ＋ 支出 %s −（负债 %s ＋ 净资产 %s ＋ 收入 %s）＝ %s，其中新增 %s",
			"end of %v: assets %s + expenditure %s − (liabilities %s + net assets %s + income %s) = %s, of which %s is new",
			month, f(ledger.Asset), f(ledger.Expense), f(ledger.Liability), f(ledger.NetAssets), f(ledger.Income), c.book.Sum(sums.net.sum), c.book.Sum(change)),
	})
}
