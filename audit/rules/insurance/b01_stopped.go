package insurance

import (
	"context"

	"github.com/fundledger/fundledger/audit"
)

// B01Stopped finds payments for months after death, in prison, or after certification ran out.
func B01Stopped() audit.Rule {
	return audit.Rule{
		ID: "B01", Version: 1, Kind: audit.Exact, Severity: audit.Critical,
		Title: audit.Text{ZH: "死亡、服刑或认证逾期后继续发放待遇", EN: "Benefit paid after death, in prison, or after certification ran out"},
		Why: audit.Text{
			ZH: "丧失或暂停领取资格后继续发放，直接造成基金损失，是审计最常见的问题之一。",
			EN: "A benefit paid on after entitlement ended or rests is a plain loss to the fund, and one of the commonest audit findings.",
		},
		How: audit.Text{
			ZH: "以登记的死亡日期和外部名单（死亡、服刑、认证逾期）比对发放明细：待遇所属月份晚于事由发生当月、且不晚于终止当月的列出；退票不计。",
			EN: "Payments are compared with deaths as registered and with outside lists: those for a month after the month in which the ground arose, up to the month in which it ended, are hits. Payments that the bank sent back are not.",
		},
		Do:    audit.Text{ZH: "立即停发，核实事由日期，追回多发金额；涉嫌欺诈的移送。", EN: "Stop at once, establish the day, recover what was overpaid, and hand over what looks like fraud."},
		Basis: []string{"SIL 第八十八条", "HR 第二十五条、第二十六条"},
		Reads: []audit.Declared{audit.PaymentsSource, audit.StopGroundsSource},
		Uses:  []audit.Declared{audit.PeopleSource},
		Check: checkStopped,
	}
}

func checkStopped(_ context.Context, t *audit.Task) error {
	source, _ := audit.PaymentsSource.In(t)
	t.AtEnd(func(ctx context.Context) error {
		grounds, err := readStops(ctx, t)
		if err != nil {
			return err
		}
		for p, err := range source.Payments(ctx) {
			if err != nil {
				return err
			}
			if !inScope(t, p.Month) || p.Day > t.Scope().AsOf {
				continue
			}
			t.Examined(payments, 1)
			g := grounds.of(&p)
			if g == nil {
				continue
			}
			name := stopName(g.Kind)
			text := both("个人编号 %s，%s %v 发放 %s（%v 付款）；%v 起", "member %s, %s for %v: %s paid on %v; since %v ", p.Person, p.Benefit, p.Month, p.Sum(p.Amount), p.Day, g.From)
			text.ZH += name.ZH + "（" + g.List + "）"
			text.EN += name.EN + " (" + g.List + ")"
			t.Report(audit.Finding{
				Book: audit.BookRef(p.Book), Period: period(p.Month), Subjects: about(byMember, p.Person, "payment", p.ID, byMonth, p.Month.String()),
				AtRisk: p.Sum(p.Amount.Abs()), Text: text, Evidence: []audit.Evidence{paymentEvidence(&p), g.Evidence(string(g.Kind))},
			})
		}
		return nil
	})
	return nil
}

func paymentEvidence(p *audit.BenefitPayment) audit.Evidence {
	ev := p.Evidence("payment", p.Amount)
	ev.Effective = p.Day
	return ev
}
