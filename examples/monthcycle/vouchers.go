package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/voucher"
	"github.com/fundledger/fundledger/accounts/voucher/printing"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
)

// postByHand takes a voucher that the accountant makes by hand through the office: prepared, reviewed, signed by the cashier where money moves and by the head,
// and posted, each by another person. A run that was killed in between finds the voucher where it lay and goes on.
func (a *area) postByHand(ctx context.Context, e fund.Event) error {
	e.EnteredBy, e.ApprovedBy = accountant, ""
	draft, err := a.fund.Prepare(e)
	if err != nil {
		return err
	}
	by := func(who, step string) voucher.Hand {
		return voucher.Hand{Book: a.book(), Key: step + " " + e.Key, By: who, On: e.Effective}
	}
	v, err := a.vouchers.Prepare(ctx, by(accountant, "prepare"), draft)
	if err != nil || v.State == voucher.Posted {
		return err
	}
	if v.State == voucher.Drafted {
		if v, err = a.vouchers.Review(ctx, by(reviewer, "review"), v.Seen()); err != nil {
			return err
		}
	}
	for _, signature := range []struct {
		duty   voucher.Duty
		who    string
		signed string
		needed bool
	}{{voucher.Cashier, cashier, v.Cashier, v.Kind.MovesMoney()}, {voucher.Head, head, v.Head, true}} {
		if !signature.needed || signature.signed != "" {
			continue
		}
		signed, err := a.vouchers.Sign(ctx, by(signature.who, string(signature.duty)), signature.duty, v.Seen())
		if err != nil {
			return err
		}
		v = signed[0]
	}
	_, err = a.vouchers.Post(ctx, by(bookkeeper, "post"), v.Seen())
	return err
}

// printVouchers prints every voucher of a month that is closed (记账凭证), made by hand or by the services, in the order of posting.
func (a *area) printVouchers(ctx context.Context, month calendar.Month) error {
	acts, err := a.led.PeriodActs(ctx, a.book())
	if err != nil {
		return err
	}
	var after, last ledger.Seq
	for _, act := range acts {
		switch {
		case act.Kind != ledger.PeriodClosed:
		case act.Period < month.Period():
			after = act.Seq
		case act.Period == month.Period():
			last = act.Seq
		}
	}
	if last == 0 {
		return fmt.Errorf("%s is not closed", month)
	}
	var sheets []printing.Sheet // members' lines are added up on them, so that a month of any size is some hundred of them
	for sheet, err := range printing.Entries(ctx, a.led, a.book(), after+1, last, a.vouchers.Policy().MoneyAccounts) {
		if err != nil {
			return err
		}
		sheets = append(sheets, sheet)
	}
	given := func(yield func(printing.Sheet, error) bool) {
		for _, sheet := range sheets {
			if !yield(sheet, nil) {
				return
			}
		}
	}
	layout := printing.Layout{Language: printing.Language(a.language), Unit: a.Name + "社会保险基金管理中心"}
	name := filepath.Join("vouchers", month.String())
	if err := a.writeStream(name+".html", func(w io.Writer) error { return printing.WriteHTML(w, given, layout) }); err != nil {
		return err
	}
	return a.writeStream(name+".csv", func(w io.Writer) error { return printing.WriteCSV(w, given, layout) })
}
