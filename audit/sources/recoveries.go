package sources

import (
	"context"
	"fmt"
	"iter"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/benefits"
	"github.com/fundledger/fundledger/ledger/calendar"
)

// Recoveries implements audit.Recoveries, each with the payments that it is about and what came back, in one pass. Instalments fall due on the last days of their
// months; where only an offset is agreed nothing is due in money.
func (b Benefits) Recoveries(ctx context.Context) iter.Seq2[audit.Recovery, error] {
	return func(yield func(audit.Recovery, error) bool) {
		over := pull(b.Office.Overpayments(ctx), func(o *benefits.Overpayment) int64 { return o.Recovery }) // all go by recovery
		defer over.stop()
		back := pull(b.Office.RecoveredAmounts(ctx), func(r *benefits.Recovered) int64 { return r.Recovery })
		defer back.stop()
		for r, err := range b.Office.Recoveries(ctx) {
			var one audit.Recovery
			if err == nil {
				one, err = b.recovery(&r, over, back)
			}
			if err != nil {
				yield(audit.Recovery{}, err)
				return
			}
			if !yield(one, nil) {
				return
			}
		}
	}
}

func (b Benefits) recovery(r *benefits.Recovery, over *following[benefits.Overpayment], back *following[benefits.Recovered]) (audit.Recovery, error) {
	one := audit.Recovery{
		Origin: b.origin(fmt.Sprintf("recovery %d", r.No), r.Seq), Person: memberNo(r.Member), Opened: r.Opened, Amount: r.Amount, Instalments: instalments(r),
	}
	for o, err := range over.of(r.No) {
		if err != nil {
			return one, err
		}
		if o.Payment != 0 {
			one.Payments = append(one.Payments, paymentID(o.Payment))
		}
	}
	for m, err := range back.of(r.No) {
		if err != nil {
			return one, err
		}
		one.Repaid = append(one.Repaid, audit.Repayment{Day: m.Day, Amount: m.Amount, Against: m.Against})
	}
	return one, nil
}

// never is a day that does not come.
var never = calendar.MustDate(9999, 12, 31)

func instalments(r *benefits.Recovery) []audit.Instalment {
	if r.Instalment <= 0 {
		if r.MonthlyOffset > 0 {
			return []audit.Instalment{{Due: never, Amount: r.Amount}}
		}
		return nil
	}
	var list []audit.Instalment
	left := r.Amount
	for month := r.FirstDue; left > 0 && month.Valid(); month = month.Add(1) {
		part := min(left, r.Instalment)
		list = append(list, audit.Instalment{Due: month.Last(), Amount: part})
		left -= part
	}
	return list
}
