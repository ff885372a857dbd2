package insurance

import (
	"cmp"
	"context"
	"slices"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger/money"
)

// P05Early finds personal accounts credited before the money was in.
func P05Early() audit.Rule {
	return audit.Rule{
		ID: "P05", Version: 1, Kind: audit.Exact, Severity: audit.High,
		Title: audit.Text{ZH: "个人账户空记", EN: "Personal account credited before the receipt"},
		Why: audit.Text{
			ZH: "资金未到账即记入个人账户，权益没有资金来源并提前计息；事后不到账的形成基金缺口。",
			EN: "Rights credited before the money is in have nothing behind them and earn too early; where the money never comes, the fund is short.",
		},
		How: audit.Text{
			ZH: "按人员和费款所属期逐日累计缴费记账和到账分配，任何一日累计记账大于累计分配的列出，取超出最多的一日。",
			EN: "By person and wage month, credits and allocations are added up day by day; where credits are ahead of allocations on any day it is a hit, told for the day on which they are furthest ahead.",
		},
		Do: audit.Text{
			ZH: "查明提前记账的依据和操作人；资金仍未到账的冲回记账，已到账的更正记账日期和利息。",
			EN: "Find out who credited on what ground; take back what is still not covered, and correct day and interest of what came later.",
		},
		Basis: []string{"SIL 第十四条"},
		Reads: []audit.Declared{audit.RightsSource, audit.ReceiptsSource},
		Check: checkEarly,
	}
}

func checkEarly(_ context.Context, t *audit.Task) error {
	t.AtEnd(func(ctx context.Context) error {
		found, err := contributions(ctx, t)
		if err != nil {
			return err
		}
		for _, key := range sorted(found, compareCredits) {
			if !inScope(t, key.month) {
				continue
			}
			if err := reportEarly(t, key, found[key]); err != nil {
				return err
			}
		}
		return nil
	})
	return nil
}

// reportEarly takes allocations of a day before credits of the same day.
func reportEarly(t *audit.Task, key creditKey, c *contribution) error {
	var steps []dated
	for _, d := range c.allocated {
		d.amount = -d.amount
		steps = append(steps, d)
	}
	steps = append(steps, c.credited...)
	slices.SortStableFunc(steps, func(a, b dated) int { return cmp.Compare(a.day, b.day) })
	var ahead, most money.Amount
	var at *dated
	var err error
	for i := range steps {
		if ahead, err = ahead.Add(steps[i].amount); err != nil {
			return err
		}
		if endOfDay := i+1 == len(steps) || steps[i+1].day != steps[i].day; endOfDay && ahead > most {
			most, at = ahead, &steps[i]
		}
	}
	if at == nil {
		return nil
	}
	o := c.origin()
	t.Report(audit.Finding{
		Book: audit.BookRef(key.book), Period: period(key.month), Subjects: about(byMember, key.person, byMonth, key.month.String()), AtRisk: o.Sum(most), Evidence: c.evidence(),
		Text: both("个人编号 %s，所属期 %v：至 %v 已记账 %s，到账分配 %s，多记 %s", "member %s, wage month %v: by %v %s was credited and %s allocated, %s ahead",
			key.person, key.month, at.day, o.Sum(through(c.credited, at)), o.Sum(through(c.allocated, at)), o.Sum(most)),
	})
	return nil
}

// through adds what was dated up to a day.
func through(list []dated, last *dated) money.Amount {
	var sum tally
	for _, d := range list {
		if d.day <= last.day {
			sum.add(d.amount)
		}
	}
	return sum.sum
}
