package insurance

import (
	"context"
	"errors"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// B07Recovery finds overpayments that nobody recovers, instalments that were missed, and offsets that took too much.
func B07Recovery() audit.Rule {
	return audit.Rule{
		ID: "B07", Version: 1, Kind: audit.Exact, Severity: audit.High,
		Title: audit.Text{ZH: "多发待遇未追回、分期未履行或抵扣超限", EN: "Overpayment not recovered, instalment missed, or too much offset"},
		Why: audit.Text{
			ZH: "多发待遇应当退回。不立案追回或不按约定分期偿还，损失由基金承担；抵扣过多影响基本生活。",
			EN: "What was overpaid is to be returned. Without a case, or with instalments missed, the fund bears the loss; offsets that are too large take what people live on.",
		},
		How: audit.Text{
			ZH: "一、停发事由之后发放的待遇，自付款日和事由日中较晚者起超过设定天数仍无追回案件的；二、截止日前（宽限后）应还大于已还的；三、单次抵扣超过当月待遇设定比例的。",
			EN: "First, payments made after a ground to stop with no case within the days set from the later of payment and ground. Second, cases where what fell due, the days of grace given, is more than what was repaid. Third, an offset above the share set of that month's benefit.",
		},
		Do:    audit.Text{ZH: "立案追回，督促履行或申请强制执行；超限抵扣的退还并重新约定。", EN: "Open the case, press for payment or enforce it; return what was offset above the limit and agree anew."},
		Basis: []string{"SIL 第八十八条", "HR 第四十六条"},
		Reads: []audit.Declared{audit.PaymentsSource, audit.StopGroundsSource, audit.RecoveriesSource},
		Uses:  []audit.Declared{audit.PeopleSource},
		Parameters: []audit.Parameter{
			{Name: "days", Title: audit.Text{ZH: "立案期限", EN: "days to open a case"}, Unit: audit.Text{ZH: "天", EN: "days"}, Default: 60, Least: 0, Most: 3660, Source: ownChoice},
			{Name: "grace", Title: audit.Text{ZH: "分期宽限", EN: "days of grace for an instalment"}, Unit: audit.Text{ZH: "天", EN: "days"}, Default: 10, Least: 0, Most: 3660, Source: ownChoice},
			{Name: "offset", Title: audit.Text{ZH: "抵扣上限", EN: "greatest share of a benefit that may be offset"}, Unit: audit.Text{ZH: "百分之一", EN: "per cent"},
				Default: 50, Least: 0, Most: 100, Source: ownChoice + "; the agreement or the locality sets it"},
		},
		Check: checkRecovery,
	}
}

type paymentKey struct {
	book ledger.BookID
	id   string
}

func checkRecovery(_ context.Context, t *audit.Task) error {
	paid, _ := audit.PaymentsSource.In(t)
	cases, _ := audit.RecoveriesSource.In(t)
	t.AtEnd(func(ctx context.Context) error {
		grounds, err := readStops(ctx, t)
		if err != nil {
			return err
		}
		covered := map[paymentKey]bool{}
		for r, err := range cases.Recoveries(ctx) {
			if err != nil {
				return err
			}
			if r.Opened > t.Scope().AsOf {
				continue
			}
			t.Examined(recoveries, 1)
			for _, id := range r.Payments {
				covered[paymentKey{r.Book, id}] = true
			}
			if err := errors.Join(reportInstalments(t, &r), reportOffsets(t, &r)); err != nil {
				return err
			}
		}
		for p, err := range paid.Payments(ctx) {
			if err != nil {
				return err
			}
			t.Examined(payments, 1)
			if g := grounds.of(&p); g != nil && !covered[paymentKey{p.Book, p.ID}] && inScope(t, p.Month) {
				reportUnrecovered(t, &p, g)
			}
		}
		return nil
	})
	return nil
}

func reportUnrecovered(t *audit.Task, p *audit.BenefitPayment, g *audit.StopGround) {
	since := max(p.Day, g.From)
	days := int(t.Parameter("days"))
	age := t.Scope().AsOf.Sub(since)
	if p.Day > t.Scope().AsOf || age <= days {
		return
	}
	name := stopName(g.Kind)
	text := both("个人编号 %s，%v 多发 %s（付款 %s），至 %v 已 %d 天没有追回案件（期限 %d 天）；", "member %s, %v: %s overpaid (payment %s), on %v without a case for %d days (limit %d); ",
		p.Person, p.Month, p.Sum(p.Amount), p.ID, t.Scope().AsOf, age, days)
	text.ZH += name.ZH + " " + g.From.String()
	text.EN += name.EN + " " + g.From.String()
	t.Report(audit.Finding{
		Book: audit.BookRef(p.Book), Period: period(p.Month), Subjects: about(byMember, p.Person, "payment", p.ID), AtRisk: p.Sum(p.Amount.Abs()), Text: text,
		Evidence: []audit.Evidence{paymentEvidence(p), g.Evidence(string(g.Kind))},
	})
}

// reportInstalments compares what fell due with what was repaid. Without instalments all of it is due when the case is opened.
func reportInstalments(t *audit.Task, r *audit.Recovery) error {
	instalments := r.Instalments
	if len(instalments) == 0 {
		instalments = []audit.Instalment{{Due: r.Opened, Amount: r.Amount}}
	}
	asOf := t.Scope().AsOf
	var due, repaid tally
	var last calendar.Date
	for _, i := range instalments {
		if asOf.Sub(i.Due) > int(t.Parameter("grace")) {
			due.add(i.Amount)
			last = max(last, i.Due)
		}
	}
	for _, p := range r.Repaid {
		if p.Day <= asOf {
			repaid.add(p.Amount)
		}
	}
	late, err := difference(&due, &repaid)
	if err != nil || late <= 0 {
		return err
	}
	t.Report(audit.Finding{
		Book: audit.BookRef(r.Book), Period: period(last.Month()), Subjects: about(byMember, r.Person, "recovery", r.ID), AtRisk: r.Sum(late),
		Evidence: []audit.Evidence{r.Evidence("recovery", r.Amount)},
		Text: both("追回案件 %s（个人编号 %s）：至 %v 应还 %s − 已还 %s = 逾期 %s", "recovery %s of member %s: by %v %s was due − %s repaid = %s late",
			r.ID, r.Person, last, r.Sum(due.sum), r.Sum(repaid.sum), r.Sum(late)),
	})
	return nil
}

func reportOffsets(t *audit.Task, r *audit.Recovery) error {
	percent := t.Parameter("offset")
	for _, p := range r.Repaid {
		if p.Against == 0 || p.Day > t.Scope().AsOf {
			continue
		}
		hundredfold, err := p.Amount.Times(100)
		if err != nil {
			return err
		}
		allowed, err := p.Against.Times(percent)
		if err != nil {
			return err
		}
		if hundredfold <= allowed {
			continue
		}
		over := p.Amount - allowed/100 // both are above zero here, and the quotient is the smaller one
		t.Report(audit.Finding{
			Book: audit.BookRef(r.Book), Period: period(p.Day.Month()), Subjects: about(byMember, r.Person, "recovery", r.ID, byDay, p.Day.String()), AtRisk: r.Sum(max(over, money.Amount(0))),
			Evidence: []audit.Evidence{r.Evidence("recovery", p.Amount)},
			Text: both("追回案件 %s（个人编号 %s），%v 抵扣 %s，超过当月待遇 %s 的 %d%%（%s）", "recovery %s of member %s, %v: %s offset, above %[6]d%% of that month's %[5]s (%[7]s)",
				r.ID, r.Person, p.Day, r.Sum(p.Amount), r.Sum(p.Against), percent, r.Sum(allowed/100)),
		})
	}
	return nil
}
