package insurance

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// P01Credit compares what personal accounts were credited with against what was allocated to the members' own parts.
func P01Credit() audit.Rule {
	return audit.Rule{
		ID: "P01", Version: 1, Kind: audit.Exact, Severity: audit.High,
		Title: audit.Text{ZH: "个人账户记账与到账分配不符", EN: "Personal account not credited as the receipt was allocated"},
		Why: audit.Text{
			ZH: "个人缴费全额计入个人账户。少记侵害个人权益，多记使权益没有资金来源；记账月份错误影响利息。",
			EN: "What a person contributed goes to his account in full. Too little takes from him, too much is rights without money, and a wrong month changes the interest.",
		},
		How: audit.Text{
			ZH: "按人员和费款所属期，比较到账分配中的个人缴费与个人账户的缴费记账：合计应相等，并应记入到账分配的当月。",
			EN: "By person and wage month, the members' own parts in allocated receipts are compared with the contributions credited to accounts: the sums must agree, and so must the months in which they were posted.",
		},
		Do: audit.Text{
			ZH: "核对到账、分配表和记账凭证，补记或冲回差额，并更正受影响的利息。",
			EN: "Check receipt, allocation and voucher, book the difference, and correct the interest that it changed.",
		},
		Basis: []string{"SIL 第十二条、第十四条"},
		Reads: []audit.Declared{audit.RightsSource, audit.ReceiptsSource},
		Check: checkCredit,
	}
}

func checkCredit(_ context.Context, t *audit.Task) error {
	t.AtEnd(func(ctx context.Context) error {
		found, err := contributions(ctx, t)
		if err != nil {
			return err
		}
		for _, key := range sorted(found, compareCredits) {
			if !inScope(t, key.month) {
				continue
			}
			if err := compareCredit(t, key, found[key]); err != nil {
				return err
			}
		}
		return nil
	})
	return nil
}

func compareCredit(t *audit.Task, key creditKey, c *contribution) error {
	allocated, credited := total(c.allocated), total(c.credited)
	gap, err := difference(credited, allocated)
	if err != nil {
		return err
	}
	o := c.origin()
	f := audit.Finding{Book: audit.BookRef(key.book), Period: period(key.month), Subjects: about(byMember, key.person, byMonth, key.month.String()), Evidence: c.evidence()}
	if gap != 0 {
		f.AtRisk = o.Sum(gap.Abs())
		f.Text = both("个人编号 %s，所属期 %v：记账 %s，分配个人缴费 %s，相差 %s", "member %s, wage month %v: credited %s, allocated %s, a difference of %s",
			key.person, key.month, o.Sum(credited.sum), o.Sum(allocated.sum), o.Sum(gap))
		t.Report(f)
		return nil
	}
	should, err := byMonthOfDay(c.allocated)
	if err != nil {
		return err
	}
	is, err := byMonthOfDay(c.credited)
	if err != nil || maps.Equal(should, is) {
		return err
	}
	f.AtRisk = o.Sum(allocated.sum.Abs())
	f.Text = both("个人编号 %s，所属期 %v：应记入 %s，实际记入 %s", "member %s, wage month %v: due in %s, posted in %s", key.person, key.month, inMonths(o, should), inMonths(o, is))
	t.Report(f)
	return nil
}

func inMonths(o *audit.Origin, months map[calendar.Month]money.Amount) string {
	var parts []string
	for _, month := range sorted(months, cmp.Compare[calendar.Month]) {
		parts = append(parts, fmt.Sprintf("%v %s", month, o.Sum(months[month])))
	}
	return strings.Join(parts, " + ")
}
