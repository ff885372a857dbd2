package rules

import (
	"context"
	"fmt"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// L06RollForward finds months whose net assets did not move by income less expenditure and by explained adjustments. It reports the difference; published
// figures of funds are known not to tie in every year, so that a difference asks for an explanation before anything else.
func L06RollForward() audit.Rule {
	return audit.Rule{
		ID: "L06", Version: 1, Kind: audit.Exact, Severity: audit.High,
		Title: audit.Text{ZH: "基金结余滚存不符", EN: "Fund balance does not roll forward"},
		Why: audit.Text{
			ZH: "结余只应因收支而变动。未经收支直接增减结余，可能是调节利润式的做账或隐瞒收支。",
			EN: "A fund's balance moves by its income and expenditure. What was added or taken off beside them may be figures made to fit, or income and expenditure kept out of sight.",
		},
		How: audit.Text{
			ZH: "逐月比较：期末结余 −（期初结余＋收入−支出＋经说明的调整）＝差额。结余含未结转的收支；结转凭证不计入收支。结余科目之间的划转不影响合计。",
			EN: "Month by month: closing balance − (opening + income − expenditure + explained adjustments) = difference. Income and expenditure not yet closed count into the balance; closing vouchers do not count as income or expenditure; transfers among net-asset accounts cancel out.",
		},
		Do: audit.Text{
			ZH: "逐笔查看直接记入结余科目的凭证，索取批准文件；确有依据的登记为经说明的调整。",
			EN: "Look at each voucher that touched net assets directly and ask for its approval; register what is founded as an explained adjustment.",
		},
		Basis:      []string{sys + " 3001 三", sys + " 第五部分（收支表）", fin},
		Reads:      []audit.Declared{audit.BooksSource, audit.BalancesSource},
		Uses:       []audit.Declared{audit.AdjustmentsSource},
		Parameters: []audit.Parameter{tolerance()},
		Check:      checkRollForward,
	}
}

// directEvidence bounds how many vouchers on net assets one finding shows.
const directEvidence = 20

func checkRollForward(_ context.Context, t *audit.Task) error {
	adjustments, given := audit.AdjustmentsSource.In(t)
	t.EachBook(func(ctx context.Context, book *audit.Book) (audit.Hooks, error) {
		r := &rollForward{task: t, book: book, explained: map[calendar.Month]*total{}, direct: map[calendar.Month][]audit.Evidence{}}
		if given {
			list, err := adjustments.Adjustments(ctx, book.ID)
			if err != nil {
				return audit.Hooks{}, err
			}
			for _, a := range list {
				r.explain(a)
			}
		}
		return audit.Hooks{
			Entry: func(_ context.Context, e *audit.Entry) error { r.see(e); return nil },
			Month: func(_ context.Context, m *audit.MonthBalances) error { return r.compare(m) },
		}, nil
	})
	return nil
}

type rollForward struct {
	task      *audit.Task
	book      *audit.Book
	explained map[calendar.Month]*total
	direct    map[calendar.Month][]audit.Evidence // vouchers that moved net assets beside the closing
}

func (r *rollForward) explain(a audit.Adjustment) {
	if r.explained[a.Month] == nil {
		r.explained[a.Month] = &total{}
	}
	r.explained[a.Month].add(a.Amount)
}

func (r *rollForward) see(e *audit.Entry) {
	if e.Kind == ledger.KindClosing || e.Effective.IsZero() {
		return
	}
	var places []int
	var net total
	for i, line := range e.Lines {
		account := e.Account(i)
		if account.Type == ledger.NetAssets && account.Section == ledger.General {
			places = append(places, i)
			net.add(line.Amount * money.Amount(line.Side))
		}
	}
	month := e.Effective.Month()
	if (net.sum != 0 || net.err != nil) && len(r.direct[month]) < directEvidence {
		r.direct[month] = append(r.direct[month], audit.EntryEvidence(e, places...))
	}
}

// figures are a month's net assets on both ends, open income and expenditure counted in, and its result.
type figures struct{ opening, closing, income, expenditure total }

func (f *figures) take(row *ledger.TrialRow) {
	if row.Account.Section != ledger.General {
		return
	}
	switch row.Account.Type {
	case ledger.Income:
		f.income.add(row.Credit)
		f.income.subtract(row.Debit)
	case ledger.Expense:
		f.expenditure.add(row.Debit)
		f.expenditure.subtract(row.Credit)
	case ledger.NetAssets:
	default:
		return
	}
	f.opening.subtract(row.Opening) // debit less credit: net assets stand in credit
	f.closing.subtract(row.Closing)
}

func (r *rollForward) compare(m *audit.MonthBalances) error {
	if !r.task.Scope().HasPeriod(m.Month.Period()) {
		return nil
	}
	r.task.Examined(monthsStated, 1)
	var f figures
	for _, row := range tops(m.Trial.Rows) {
		f.take(row)
	}
	explained := r.explained[m.Month]
	if explained == nil {
		explained = &total{}
	}
	expected, err := sumOf(f.opening.sum, f.income.sum, -f.expenditure.sum, explained.sum)
	for _, also := range []error{f.opening.err, f.closing.err, f.income.err, f.expenditure.err, explained.err} {
		if err == nil {
			err = also
		}
	}
	if err == nil {
		_, err = f.closing.sum.Sub(expected)
	}
	if err != nil {
		return fmt.Errorf("rules: book %s, %v: %w", r.book.Ref(), m.Month, err)
	}
	if difference := f.closing.sum - expected; int64(difference.Abs()) > r.task.Parameter("tolerance") {
		r.report(m.Month, &f, explained.sum, difference)
	}
	return nil
}

func (r *rollForward) report(month calendar.Month, f *figures, explained, difference money.Amount) {
	text := r.book.Currency.Format
	evidence := append([]audit.Evidence{{Kind: "trial balance", Book: r.book.Ref(), Period: month.Period()}}, r.direct[month]...)
	r.task.Report(audit.Finding{
		Book: r.book.Ref(), Period: month.Period(), Subjects: about("month", month.String()), AtRisk: r.book.Sum(difference.Abs()), Evidence: evidence,
		Text: both("%v：期末结余 %s −（期初 %s ＋ 收入 %s − 支出 %s ＋ 经说明的调整 %s）＝ %s", "%v: closing balance %s − (opening %s + income %s − expenditure %s + explained adjustments %s) = %s",
			month, text(f.closing.sum), text(f.opening.sum), text(f.income.sum), text(f.expenditure.sum), text(explained), r.book.Sum(difference)),
	})
}
