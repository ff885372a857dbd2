package rules

import (
	"context"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
)

// L18YearEnd finds income and expenditure accounts that were not closed to zero at the end of a year.
func L18YearEnd() audit.Rule {
	return audit.Rule{
		ID: "L18", Version: 1, Kind: audit.Exact, Severity: audit.High,
		Title: audit.Text{ZH: "年末收支科目未结转为零", EN: "Income or expenditure account not closed at year end"},
		Why: audit.Text{
			ZH: "年末收支应全部转入基金结余；未结转的余额会带入下年，使两年的收支和结余都失真。待转社会保险费收入、待转利息收入年末也应分割完毕。",
			EN: "At year end all income and expenditure goes into the fund's balance. What stays open runs into the next year and falsifies both. Unsplit contributions and interest of employee medical insurance must be split by then too.",
		},
		How: audit.Text{
			ZH: "年度第 13 期已结账，或年末已过设定天数的年度，取 12 月 31 日各收入、支出科目余额（含结转凭证），不为零的列出。",
			EN: "For years whose period 13 is closed, or that ended more than the days set ago, the balances of all income and expenditure accounts on 31 December, closing vouchers included, are read; those that are not zero are hits.",
		},
		Do: audit.Text{
			ZH: "补做结转；年度已决算的，按规定在当年更正并说明对结余的影响。",
			EN: "Close them. Where the year's final accounts stand already, correct in the current year as the rules say and state the effect on the balance.",
		},
		Basis: []string{sys + " 3001 三（一）（二）", sys + " 4601、4602"},
		Reads: []audit.Declared{audit.BooksSource, audit.BalancesSource},
		Parameters: []audit.Parameter{{
			Name: "days", Title: audit.Text{ZH: "未结账年度的宽限天数", EN: "days of grace for a year not yet closed"}, Unit: audit.Text{ZH: "天", EN: "days"},
			Default: 120, Least: 0, Most: 3660, Source: "project's choice: final accounts are drawn up in the months after year end",
		}},
		Check: checkYearEnd,
	}
}

func checkYearEnd(_ context.Context, t *audit.Task) error {
	days := int(t.Parameter("days"))
	t.EachBook(func(_ context.Context, book *audit.Book) (audit.Hooks, error) {
		closed := map[calendar.Period]bool{}
		return audit.Hooks{
			Entry: func(_ context.Context, e *audit.Entry) error {
				if act := e.PeriodAct; act != nil && act.Period.IsClosing() && (act.Kind == ledger.PeriodClosed || act.Kind == ledger.PeriodReopened) {
					closed[act.Period] = act.Kind == ledger.PeriodClosed
				}
				return nil
			},
			Month: func(_ context.Context, m *audit.MonthBalances) error {
				year, err := calendar.NewPeriod(m.Month.Year(), calendar.ClosingPeriod)
				if err != nil || m.Month.OfYear() != 12 || !t.Scope().HasPeriod(year) {
					return err
				}
				if !closed[year] && t.Scope().AsOf.Sub(m.Month.Last()) <= days {
					t.Note(both("账簿 %s 的 %d 年度尚未结账，未作判断", "book %s: the year %d is not closed yet and was not judged", book.Ref(), m.Month.Year()))
					return nil
				}
				t.Examined(audit.Text{ZH: "年度", EN: "years"}, 1)
				checkOpenResults(t, book, m, year)
				return nil
			},
		}, nil
	})
	return nil
}

func checkOpenResults(t *audit.Task, book *audit.Book, m *audit.MonthBalances, year calendar.Period) {
	for _, row := range leaves(m.Trial.Rows) {
		result := row.Account.Type == ledger.Income || row.Account.Type == ledger.Expense
		if !result || row.Account.Section != ledger.General || row.Closing == 0 {
			continue
		}
		t.Report(audit.Finding{
			Book: book.Ref(), Period: year, Subjects: about(byAccount, row.Account.Code), AtRisk: book.Sum(row.Closing.Abs()),
			Evidence: []audit.Evidence{balanceEvidence(book, m.Month, &row.Account)},
			Text: both("%d 年末 %s 余额 %s（借方为正），应结转为 0.00", "end of %d: %s stands at %s (debit positive) and should have been closed to zero",
				m.Month.Year(), named(&row.Account), book.Sum(row.Closing)),
		})
	}
}
