package rules

import (
	"context"
	"errors"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// L08IncomeAccount finds money that stayed in the income account over a month end, and any money put into it after the tax authority took over collection.
func L08IncomeAccount() audit.Rule {
	return audit.Rule{
		ID: "L08", Version: 1, Kind: audit.Exact, Severity: audit.High,
		Title: audit.Text{ZH: "收入户月末有余额，或税务征收地区仍使用收入户", EN: "Income account not empty at month end, or used where the tax authority collects"},
		Why: audit.Text{
			ZH: "收入户资金应定期全额划入财政专户，月末无余额。滞留的资金脱离财政监管，易被挪用；税务征收地区不设收入户。",
			EN: "The income account is swept into the fiscal special account and stands empty at month end. Money that stays is outside the fiscal department's sight. Where the tax authority collects there is no income account.",
		},
		How: audit.Text{
			ZH: "每月末取收入户科目余额，与零比较；税务征收起始日之后的月份，收入户不得再有借方发生额。",
			EN: "The balance of the income account is read at each month end and compared with zero; in months after the tax authority took over, nothing may be debited to it.",
		},
		Do: audit.Text{
			ZH: "核对银行对账单，立即将余额划入财政专户，并说明滞留原因。",
			EN: "Agree with the bank statement, move the balance to the fiscal special account at once, and ask why it stayed.",
		},
		Basis:      []string{fin + " 第三十九条至第四十二条", sys + " 1002 三", sil + " 第六十五条至第六十九条"},
		Reads:      []audit.Declared{audit.BooksSource, audit.BalancesSource, audit.RolesSource},
		Parameters: []audit.Parameter{tolerance()},
		Check:      checkIncomeAccount,
	}
}

func checkIncomeAccount(_ context.Context, t *audit.Task) error {
	roles, _ := audit.RolesSource.In(t)
	t.EachBook(func(ctx context.Context, book *audit.Book) (audit.Hooks, error) {
		codes, err1 := roles.Accounts(ctx, book.ID, audit.RoleIncomeAccount)
		tax, err2 := roles.TaxCollectsFrom(ctx, book.ID)
		if err := errors.Join(err1, err2); err != nil || len(codes) == 0 {
			return audit.Hooks{}, err
		}
		c := &incomeAccount{task: t, book: book, codes: codes, tax: tax, last: map[calendar.Month]audit.Evidence{}}
		return audit.Hooks{
			Entry: func(_ context.Context, e *audit.Entry) error { c.see(e); return nil },
			Month: func(_ context.Context, m *audit.MonthBalances) error { return c.compare(m) },
		}, nil
	})
	return nil
}

type incomeAccount struct {
	task  *audit.Task
	book  *audit.Book
	codes []string
	tax   calendar.Date
	last  map[calendar.Month]audit.Evidence // the last voucher of a month that moved the account
}

func (c *incomeAccount) see(e *audit.Entry) {
	var places []int
	for i := range e.Lines {
		if c.book.Chart.Below(e.Account(i), c.codes) {
			places = append(places, i)
		}
	}
	if len(places) > 0 && !e.Effective.IsZero() {
		c.last[e.Effective.Month()] = audit.EntryEvidence(e, places...)
	}
}

func (c *incomeAccount) compare(m *audit.MonthBalances) error {
	if !c.task.Scope().HasMonth(m.Month) {
		return nil
	}
	c.task.Examined(audit.Text{ZH: "月末余额", EN: "month-end balances"}, 1)
	var rows []ledger.TrialRow
	for _, row := range m.Trial.Rows {
		if m.Chart.Below(&row.Account, c.codes) {
			rows = append(rows, row)
		}
	}
	for _, row := range tops(rows) {
		if int64(row.Closing.Abs()) > c.task.Parameter("tolerance") {
			c.report(m.Month, row, "balance", row.Closing, both("%v 月末 %s 余额 %s，应为 0.00", "end of %v: %s stands at %s and should be empty",
				m.Month, named(&row.Account), c.book.Sum(row.Closing)))
		}
		turned, err := row.Debit.Add(row.ClosingDebit)
		if err != nil {
			return errRange(c.book, err)
		}
		if !c.tax.IsZero() && m.Month.First() >= c.tax && turned != 0 {
			c.report(m.Month, row, "use", turned, both("税务机关自 %v 起征收，%v 仍有 %s 记入 %s", "the tax authority collects since %v, yet in %v %s was put into %s",
				c.tax, m.Month, c.book.Sum(turned), named(&row.Account)))
		}
	}
	return nil
}

func (c *incomeAccount) report(month calendar.Month, row *ledger.TrialRow, fault string, amount money.Amount, text audit.Text) {
	evidence := []audit.Evidence{balanceEvidence(c.book, month, &row.Account)}
	if last, ok := c.last[month]; ok {
		evidence = append(evidence, last)
	}
	c.task.Report(audit.Finding{
		Book: c.book.Ref(), Period: month.Period(), Subjects: about(byAccount, row.Account.Code, "fault", fault), AtRisk: c.book.Sum(amount.Abs()), Text: text, Evidence: evidence,
	})
}
