package sources

import (
	"cmp"
	"context"
	"fmt"
	"iter"

	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/benefits"
	"github.com/fundledger/fundledger/ledger"
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
				Origin: b.origin(awardID(a.Claim, a.Version), a.Seq), Person: memberNo(a.Member), Benefit: "pension", Start: a.From, Last: a.LastMonth, Amount: a.Monthly.Total(),
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

// Payments implements audit.BenefitPayments: what was debited by the bank, gross of what was kept back, and what it refused before. A payment for several months stands
// under the last of them; what heirs got of an account has no benefit month. Orders that were never sent are left out. A refusal is dated by the posting of its run.
func (b Benefits) Payments(ctx context.Context) iter.Seq2[audit.BenefitPayment, error] {
	return func(yield func(audit.BenefitPayment, error) bool) {
		posted, err := b.posted(ctx)
		if err != nil {
			yield(audit.BenefitPayment{}, err)
			return
		}
		borne := pull(b.Office.Debits(ctx), func(d *benefits.Debit) int64 { return d.Payment }) // both go by payment
		defer borne.stop()
		for p, err := range b.Office.Payments(ctx, benefits.PaymentQuery{}) {
			var one audit.BenefitPayment
			sent := false
			if err == nil {
				one, sent, err = b.payment(&p, posted[p.Run], borne)
			}
			if err != nil {
				yield(audit.BenefitPayment{}, err)
				return
			}
			if sent && !yield(one, nil) {
				return
			}
		}
	}
}

// payment is a payment as rules see it; sent is false for one that the bank never had.
func (b Benefits) payment(p *benefits.Payment, run benefits.Run, borne *following[benefits.Debit]) (one audit.BenefitPayment, sent bool, err error) {
	one = audit.BenefitPayment{
		Origin: b.origin(paymentID(p.No), p.Posted), Person: memberNo(p.Member), Award: awardID(p.Claim, p.Version), Benefit: string(p.Kind), Month: p.To, Day: p.PostedDay,
		Amount: p.Amounts.Total(), Offset: p.Offset, Returned: p.Returned != 0, ReturnedDay: p.ReturnedDay, ReturnedSeq: p.Returned,
	}
	for d, err := range borne.of(p.No) {
		if err != nil {
			return one, false, err
		}
		if d.Amount > 0 { // what was given back is no part of what it bore when it was made
			one.FromAccount += d.Amount
		}
	}
	switch p.Kind {
	case benefits.PayHeirs:
		one.Month, one.FromAccount = 0, 0 // the account paid it out as heirs' money, not as pension
	case benefits.PayReissue:
		one.Replaces = paymentID(p.Origin)
	}
	if p.Posted != 0 {
		return one, true, nil
	}
	if run.Posted == 0 || p.Status == benefits.PaymentOrdered || p.Status == benefits.PaymentCancelled {
		return one, false, nil
	}
	one.Seq, one.Day, one.Returned, one.Rejected, one.ReturnedDay, one.ReturnedSeq = run.Posted, run.PostedDay, true, true, run.PostedDay, run.Posted
	return one, true, nil
}

// posted returns the runs that were posted.
func (b Benefits) posted(ctx context.Context) (map[int64]benefits.Run, error) {
	runs := map[int64]benefits.Run{}
	for r, err := range b.Office.Runs(ctx) {
		if err != nil {
			return nil, err
		}
		if r.Posted != 0 {
			runs[r.No] = r
		}
	}
	return runs, nil
}
