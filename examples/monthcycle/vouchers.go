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
// and posted, each by another person. What a run that was killed has done of it is found by its keys.
func (a *area) postByHand(ctx context.Context, e fund.Event) error {
	e.EnteredBy, e.ApprovedBy = accountant, ""
	draft, err := a.fund.Prepare(e)
	if err != nil {
		return err
	}
	by := func(who string) voucher.Hand {
		return voucher.Hand{Book: a.book(), Key: "signed by " + who, By: who, On: e.Effective} // a key counts for its voucher
	}
	v, err := a.vouchers.Prepare(ctx, by(accountant), draft)
	if err != nil {
		return err
	}
	if v, err = a.vouchers.Review(ctx, by(reviewer), v.Seen()); err != nil {
		return err
	}
	list := []voucher.Voucher{v}
	if v.Kind.MovesMoney() {
		if list, err = a.vouchers.Sign(ctx, by(cashier), voucher.Cashier, list[0].Seen()); err != nil {
			return err
		}
	}
	if list, err = a.vouchers.Sign(ctx, by(head), voucher.Head, list[0].Seen()); err != nil {
		return err
	}
	_, err = a.vouchers.Post(ctx, by(bookkeeper), list[0].Seen())
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
