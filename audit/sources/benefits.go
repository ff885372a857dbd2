package sources

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/benefits"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// Benefits gives awards, payments and recoveries of one benefits office (待遇), as they stand when a rule reads them.
type Benefits struct {
	Office *benefits.Office
}

// Sources returns the sources for audit.New.
func (b Benefits) Sources() []audit.Source {
	return []audit.Source{audit.AwardsSource.Given(b), audit.PaymentsSource.Given(b), audit.RecoveriesSource.Given(b)}
}

// Identity names the fund's book as it stands.
func (b Benefits) Identity(ctx context.Context) (string, error) {
	return identityOf(ctx, b.Office.Fund())
}

func (b Benefits) origin(id string, seq ledger.Seq) audit.Origin {
	return audit.Origin{Book: b.Office.Fund().Book(), ID: id, Seq: seq, Currency: fund.Currency()}
}

func awardID(claim int64, version int) string {
	return fmt.Sprintf("claim %d version %d", claim, version)
}

func paymentID(no int64) string { return fmt.Sprintf("payment %d", no) }

// Awards implements audit.Awards: every approved determination, replaced ones too, with its stored content.
func (b Benefits) Awards(ctx context.Context) iter.Seq2[audit.Award, error] {
	return func(yield func(audit.Award, error) bool) {
		next, stop := iter.Pull2(b.Office.Determinations(ctx)) // both go by claim and version
		defer stop()
		var d benefits.Determination
		for a, err := range b.Office.Awards(ctx) {
			for err == nil && cmp.Or(cmp.Compare(d.Claim, a.Claim), cmp.Compare(d.Version, a.Version)) < 0 {
				var ok bool
				if d, err, ok = next(); err == nil && !ok {
					err = fmt.Errorf("sources: award of claim %d, version %d has no determination", a.Claim, a.Version)
				}
			}
			if err != nil {
				yield(audit.Award{}, err)
				return
			}
			award := audit.Award{
				Origin: b.origin(awardID(a.Claim, a.Version), a.Seq), Person: memberNo(a.Member), Benefit: "pension", Start: a.From, Amount: a.Monthly.Total(),
			}
			if d.Claim == a.Claim && d.Version == a.Version {
				award.Determination = d.Content
			}
			if !yield(award, nil) {
				return
			}
		}
	}
}

// Payments implements audit.BenefitPayments: what was debited by the bank, gross of what was kept back. A payment for several months stands under the last of them;
// what heirs got of an account has no benefit month. Orders that were never executed are left out.
func (b Benefits) Payments(ctx context.Context) iter.Seq2[audit.BenefitPayment, error] {
	return func(yield func(audit.BenefitPayment, error) bool) {
		borne, err := b.borne(ctx)
		if err != nil {
			yield(audit.BenefitPayment{}, err)
			return
		}
		for p, err := range b.Office.Payments(ctx, benefits.PaymentQuery{}) {
			if err != nil {
				yield(audit.BenefitPayment{}, err)
				return
			}
			if p.Posted == 0 {
				continue
			}
			one := audit.BenefitPayment{
				Origin: b.origin(paymentID(p.No), p.Posted), Person: memberNo(p.Member), Award: awardID(p.Claim, p.Version), Benefit: string(p.Kind), Month: p.To, Day: p.PostedDay,
				Amount: p.Amounts.Total(), FromAccount: borne[p.No], Returned: p.Returned != 0, ReturnedDay: p.ReturnedDay,
			}
			if p.Kind == benefits.PayHeirs {
				one.Month, one.FromAccount = 0, 0 // the account paid it out as heirs' money, not as pension
			}
			if !yield(one, nil) {
				return
			}
		}
	}
}

// borne is what personal accounts bore of each payment when it was made.
func (b Benefits) borne(ctx context.Context) (map[int64]money.Amount, error) {
	borne := map[int64]money.Amount{}
	for d, err := range b.Office.Debits(ctx) {
		if err != nil {
			return nil, err
		}
		if d.Amount > 0 {
			borne[d.Payment] += d.Amount
		}
	}
	return borne, nil
}

// Recoveries implements audit.Recoveries. Instalments fall due on the last days of their months; where only an offset is agreed nothing is due in money. How much of
// a month's benefit an offset took is not given.
func (b Benefits) Recoveries(ctx context.Context) iter.Seq2[audit.Recovery, error] {
	return func(yield func(audit.Recovery, error) bool) {
		payments, repaid := map[int64][]string{}, map[int64][]audit.Repayment{}
		for o, err := range b.Office.Overpayments(ctx) {
			if err != nil {
				yield(audit.Recovery{}, err)
				return
			}
			if o.Payment != 0 {
				payments[o.Recovery] = append(payments[o.Recovery], paymentID(o.Payment))
			}
		}
		for r, err := range b.Office.RecoveredAmounts(ctx) {
			if err != nil {
				yield(audit.Recovery{}, err)
				return
			}
			repaid[r.Recovery] = append(repaid[r.Recovery], audit.Repayment{Day: r.Day, Amount: r.Amount})
		}
		for r, err := range b.Office.Recoveries(ctx) {
			if err != nil {
				yield(audit.Recovery{}, err)
				return
			}
			one := audit.Recovery{
				Origin: b.origin(fmt.Sprintf("recovery %d", r.No), r.Seq), Person: memberNo(r.Member), Payments: slices.Compact(payments[r.No]), Opened: r.Opened, Amount: r.Amount,
				Instalments: instalments(&r), Repaid: repaid[r.No],
			}
			if !yield(one, nil) {
				return
			}
		}
	}
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
