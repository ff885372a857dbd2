package insurance

import (
	"context"
	"errors"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger/money"
)

// C09Allocation finds receipts that were not allocated in time, and receipts whose allocations do not add up.
func C09Allocation() audit.Rule {
	return audit.Rule{
		ID: "C09", Version: 1, Kind: audit.Exact, Severity: audit.High,
		Title: audit.Text{ZH: "到账未及时分配到个人，或分配合计不等于到账", EN: "Receipt not allocated to persons in time, or allocations that do not add up to it"},
		Why: audit.Text{
			ZH: "到账不分配到个人，职工的缴费年限和个人账户落空；分配多于到账则权益没有资金来源。",
			EN: "Money that is not allocated to persons leaves their years and accounts empty; allocations above the receipt are rights without money.",
		},
		How: audit.Text{
			ZH: "到账 − 分配 − 暂收挂账 − 退款：为负的列出；为正且到账已超过设定天数的列出；缴费分配没有对应个人的，视为未分配。",
			EN: "Receipt − allocations − held as credit − refunded: below zero is a hit; above zero is one when the receipt is older than the days set. Contributions allocated to nobody do not count as allocated.",
		},
		Do:    audit.Text{ZH: "核对缴费明细并分配到个人；查不清的转暂收并通知单位；多分配的冲回。", EN: "Allocate by the payer's details, hold what cannot be established and tell the payer, and take back what was allocated too much."},
		Basis: []string{"SIL 第六十条、第七十四条"},
		Reads: []audit.Declared{audit.ReceiptsSource},
		Parameters: []audit.Parameter{{
			Name: "days", Title: audit.Text{ZH: "分配期限", EN: "days to allocate a receipt"}, Unit: audit.Text{ZH: "天", EN: "days"}, Default: 15, Least: 0, Most: 3660, Source: ownChoice,
		}},
		Check: checkAllocation,
	}
}

func checkAllocation(_ context.Context, t *audit.Task) error {
	source, _ := audit.ReceiptsSource.In(t)
	t.AtEnd(func(ctx context.Context) error {
		for r, err := range source.Receipts(ctx) {
			if err != nil {
				return err
			}
			if r.Day > t.Scope().AsOf || r.Day.Valid() && !inScope(t, r.Day.Month()) {
				continue
			}
			t.Examined(receipts, 1)
			if err := reportAllocation(t, &r); err != nil {
				return err
			}
		}
		return nil
	})
	return nil
}

func reportAllocation(t *audit.Task, r *audit.ContributionReceipt) error {
	var allocated, nobody tally
	for _, a := range r.Allocations {
		switch {
		case a.Day > t.Scope().AsOf:
		case a.Person == "" && a.Part != audit.SurchargePart:
			nobody.add(a.Amount)
		default:
			allocated.add(a.Amount)
		}
	}
	if nobody.err != nil || allocated.err != nil {
		return errors.Join(nobody.err, allocated.err)
	}
	rest, err := money.Sum(r.Amount, -allocated.sum, -r.Held, -r.Refunded)
	if err != nil || rest == 0 {
		return err
	}
	days, age := int(t.Parameter("days")), 0
	if r.Day.Valid() {
		age = t.Scope().AsOf.Sub(r.Day)
	}
	if rest > 0 && r.Day.Valid() && age <= days {
		return nil
	}
	what := both("；到账 %d 天仍未分配（期限 %d 天）", "; not allocated %d days after the receipt (limit %d)", age, days)
	if rest < 0 {
		what = audit.Text{ZH: "；分配多于到账", EN: "; more is allocated than was received"}
	}
	text := both("到账 %s，%v：%s − 分配到个人和滞纳金 %s − 暂收 %s − 退款 %s = %s（另有分配到无名个人 %s）",
		"receipt %s of %v: %s − %s allocated to persons and surcharges − %s held − %s refunded = %s (%s is allocated to nobody)",
		r.ID, r.Day, r.Sum(r.Amount), r.Sum(allocated.sum), r.Sum(r.Held), r.Sum(r.Refunded), r.Sum(rest), r.Sum(nobody.sum))
	text.ZH += what.ZH
	text.EN += what.EN
	ev := r.Evidence("receipt", r.Amount)
	ev.Effective = r.Day
	t.Report(audit.Finding{
		Book: audit.BookRef(r.Book), Period: period(r.Day.Month()), Subjects: about(byEmployer, r.Employer, "receipt", r.ID), AtRisk: r.Sum(rest.Abs()), Evidence: []audit.Evidence{ev}, Text: text,
	})
	return nil
}
