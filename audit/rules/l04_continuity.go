package rules

import (
	"context"
	"fmt"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// L04Continuity finds stated balances that do not follow: closing ≠ opening + debits − credits, an opening that is not the closing of the month before, turnovers
// that are not those of the entries.
func L04Continuity() audit.Rule {
	return audit.Rule{
		ID: "L04", Version: 1, Kind: audit.Exact, Severity: audit.High,
		Title: audit.Text{ZH: "科目余额不衔接，或与凭证不符", EN: "Balances do not follow on, or are not those of the vouchers"},
		Why: audit.Text{
			ZH: "余额表是报表的来源。余额断裂或发生额与凭证不符，说明余额被直接改动，报表不可信。",
			EN: "Statements are made from balances. A balance that breaks off, or turnovers that no vouchers support, were changed directly, and the statements with them.",
		},
		How: audit.Text{
			ZH: "逐科目逐月核对：期初＋借方−贷方＝期末；本月期初＝上月期末；余额表发生额＝凭证分录合计。上级科目按下级汇总核对。",
			EN: "For each account and month: opening + debits − credits = closing; opening = the closing of the month before; stated turnovers = those of the vouchers, headings with all below them.",
		},
		Do: audit.Text{
			ZH: "由凭证重新汇总该科目，查明余额在何时、由何人改动；重新出具受影响的报表。",
			EN: "Add the account up from its vouchers, find out when and by whom the balance was changed, and issue the affected statements anew.",
		},
		Basis: []string{bas + " 第六十条", bas + " 第六十二条", bas + " 第六十三条"},
		Reads: []audit.Declared{audit.BooksSource, audit.BalancesSource},
		Check: checkContinuity,
	}
}

func checkContinuity(_ context.Context, t *audit.Task) error {
	t.EachBook(func(_ context.Context, book *audit.Book) (audit.Hooks, error) {
		c := &continuity{task: t, book: book, moved: map[calendar.Month]map[ledger.AccountNo]*turnover{}}
		return audit.Hooks{
			Entry: func(_ context.Context, e *audit.Entry) error { return c.see(e) },
			Month: func(_ context.Context, m *audit.MonthBalances) error { return c.compare(m) },
		}, nil
	})
	return nil
}

type turnover struct{ debit, credit total }

// continuity adds up entries by account and month, and holds the stated balances against that and against one another.
type continuity struct {
	task   *audit.Task
	book   *audit.Book
	moved  map[calendar.Month]map[ledger.AccountNo]*turnover
	before map[ledger.AccountNo]money.Amount // closings of the month before
	month  calendar.Month                    // that month
}

func (c *continuity) see(e *audit.Entry) error {
	if len(e.Lines) == 0 || e.Effective.IsZero() {
		return nil
	}
	month := e.Effective.Month()
	accounts := c.moved[month]
	if accounts == nil {
		accounts = map[ledger.AccountNo]*turnover{}
		c.moved[month] = accounts
	}
	for i, line := range e.Lines {
		account := e.Account(i)
		for depth := 0; account != nil && depth < 100; depth++ { // a damaged chart may go round
			if account.Class != ledger.Member && audit.Known(account) {
				moved := accounts[account.No]
				if moved == nil {
					moved = &turnover{}
					accounts[account.No] = moved
				}
				moved.add(line)
			}
			account = c.book.Chart.Account(account.Parent)
		}
	}
	return nil
}

func (t *turnover) add(line ledger.Line) {
	if line.Side == ledger.Debit {
		t.debit.add(line.Amount)
	} else {
		t.credit.add(line.Amount)
	}
}

func (c *continuity) compare(m *audit.MonthBalances) error {
	inScope := c.task.Scope().HasPeriod(m.Month.Period())
	if inScope {
		c.task.Examined(monthsStated, 1)
	}
	closings := map[ledger.AccountNo]money.Amount{}
	follows := c.before != nil && c.month.Add(1) == m.Month
	moved := c.moved[m.Month]
	for i := range m.Trial.Rows {
		row := &m.Trial.Rows[i]
		closings[row.Account.No] = row.Closing
		if inScope {
			if err := c.compareRow(m.Month, row, moved[row.Account.No], follows); err != nil {
				return err
			}
		}
	}
	if inScope {
		if err := c.unstated(m, moved, closings); err != nil {
			return err
		}
	}
	c.before, c.month = closings, m.Month
	delete(c.moved, m.Month)
	return nil
}

func (c *continuity) compareRow(month calendar.Month, row *ledger.TrialRow, moved *turnover, follows bool) error {
	if moved == nil {
		moved = &turnover{}
	}
	debit, err1 := sumOf(row.Debit, row.ClosingDebit)
	credit, err2 := sumOf(row.Credit, row.ClosingCredit)
	reached, err3 := sumOf(row.Opening, debit, -credit)
	for _, err := range []error{err1, err2, err3, moved.debit.err, moved.credit.err} {
		if err != nil {
			return fmt.Errorf("rules: account %s of book %s, %v: %w", row.Account.Code, c.book.Ref(), month, err)
		}
	}
	f := c.book.Currency.Format
	if reached != row.Closing {
		c.report(month, row, "closing", row.Closing-reached, both("%v %s：期初 %s ＋ 借方 %s − 贷方 %s ＝ %s，余额表期末为 %s（借方为正）",
			"%v %s: opening %s + debits %s − credits %s = %s, the stated closing is %s (debit positive)", month, named(&row.Account), f(row.Opening), f(debit), f(credit), f(reached), f(row.Closing)))
	}
	if before := c.before[row.Account.No]; follows && before != row.Opening {
		c.report(month, row, "opening", row.Opening-before, both("%v %s：本月期初 %s，上月期末 %s，相差 %s", "%v %s: opening %s, closing of the month before %s, difference %s",
			month, named(&row.Account), f(row.Opening), f(before), f(row.Opening-before)))
	}
	if moved.debit.sum != debit || moved.credit.sum != credit {
		c.report(month, row, "turnover", (debit-moved.debit.sum).Abs()+(credit-moved.credit.sum).Abs(), both(
			"%v %s：余额表借方 %s、贷方 %s，凭证合计借方 %s、贷方 %s", "%v %s: stated debits %s and credits %s, vouchers add up to debits %s and credits %s",
			month, named(&row.Account), f(debit), f(credit), f(moved.debit.sum), f(moved.credit.sum)))
	}
	return nil
}

// unstated finds accounts that vouchers moved and that the table leaves out, together with all accounts above them.
func (c *continuity) unstated(m *audit.MonthBalances, moved map[ledger.AccountNo]*turnover, stated map[ledger.AccountNo]money.Amount) error {
	if c.book.Chart == nil {
		return nil
	}
	for _, account := range c.book.Chart.Accounts() {
		turned := moved[account.No]
		if turned == nil || account.Class == ledger.Heading || c.covered(account, stated) {
			continue
		}
		if turned.debit.err != nil || turned.credit.err != nil {
			return fmt.Errorf("rules: account %s of book %s: its turnover leaves the range of an amount", account.Code, c.book.Ref())
		}
		row := &ledger.TrialRow{Account: *account}
		c.report(m.Month, row, "not stated", turned.debit.sum.Abs()+turned.credit.sum.Abs(), both("%v %s：凭证有借方 %s、贷方 %s，余额表没有该科目",
			"%v %s: vouchers debit %s and credit %s, the trial balance does not list it", m.Month, named(account), c.book.Currency.Format(turned.debit.sum), c.book.Currency.Format(turned.credit.sum)))
	}
	return nil
}

func (c *continuity) covered(account *ledger.Account, stated map[ledger.AccountNo]money.Amount) bool {
	for depth := 0; account != nil && depth < 100; depth++ {
		if _, ok := stated[account.No]; ok {
			return true
		}
		account = c.book.Chart.Account(account.Parent)
	}
	return false
}

func (c *continuity) report(month calendar.Month, row *ledger.TrialRow, fault string, difference money.Amount, text audit.Text) {
	c.task.Report(audit.Finding{
		Book: c.book.Ref(), Period: month.Period(), Subjects: about(byAccount, row.Account.Code, "fault", fault), AtRisk: c.book.Sum(difference.Abs()), Text: text,
		Evidence: []audit.Evidence{balanceEvidence(c.book, month, &row.Account)},
	})
}

// balanceEvidence refers to an account's row in the trial balance of a month.
func balanceEvidence(book *audit.Book, month calendar.Month, account *ledger.Account) audit.Evidence {
	return audit.Evidence{Kind: "trial balance", Book: book.Ref(), Period: month.Period(), Reference: named(account)}
}
