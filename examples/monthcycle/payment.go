package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration"
)

// benefit books a line of the expenditure account: the debit of a run, a payment that came back or goes out again, what heirs return and what they get.
func (a *area) benefit(ctx context.Context, month calendar.Month, reference string, v advice) error {
	if done, err := a.posted(ctx, v.key()); done || err != nil {
		return err
	}
	switch {
	case reference == "PENSION":
		return a.bookRun(ctx, month, v)
	case reference == "OVERPAID":
		return a.recover(ctx, v)
	case reference == "HEIRS":
		return a.payHeirs(ctx, v)
	case reference[0] == 'P' && v.line.Amount > 0:
		return a.bookSingle(ctx, "E11a", v, 1, "退回养老金", personal.TagCorrection)
	case reference[0] == 'R' && v.line.Amount < 0:
		return a.bookSingle(ctx, "E10a", v, -1, "补发退回养老金", personal.TagPension)
	}
	return fmt.Errorf("the reference %s is none of a payment", v.line.EndToEnd)
}

// bookRun books a run when the bank has debited it: the components as benefits, the account pension off each member's account as far as it reaches.
func (a *area) bookRun(ctx context.Context, month calendar.Month, v advice) error {
	source, err := a.runSource(month)
	if err != nil {
		return err
	}
	e := a.event("E10a", v.key(), v.line.BookingDate, source, month.String()+" 养老金发放")
	e.Attachments = append(e.Attachments, ledger.Attachment{Name: "bank advice " + v.line.BankReference, Hash: v.line.Hash[:]})
	sum := award{}
	for _, w := range a.awards {
		if !w.due(month, month.First().AddDays(9)) {
			continue
		}
		sum.basic, sum.account, sum.transitional, sum.supplement = sum.basic+w.basic, sum.account+w.account, sum.transitional+w.transitional, sum.supplement+w.supplement
		account, balance, err := a.balance(ctx, w.member)
		if err != nil {
			return err
		}
		if taken := min(balance, w.account); taken > 0 { // an exhausted account stops at zero; the pension goes on from the fund
			e.Rights = append(e.Rights, fund.Right{Account: account, Amount: -taken, Month: month, Tag: personal.TagPension})
		}
	}
	if sum.total() != -v.line.Amount {
		return fmt.Errorf("the bank debited %s and the run is %s: %s apart", cny.Text(-v.line.Amount), cny.Text(sum.total()), cny.Text(-v.line.Amount-sum.total()))
	}
	e.Parts = append(sum.parts(1), part(accounts.RoleExpenditureAccount, sum.total()))
	_, err = a.fund.Post(ctx, e)
	return err
}

// reference reads P202504-C06: the month paid for and the award.
func (a *area) reference(text string) (calendar.Month, *award, error) {
	if len(text) > 8 {
		n, err := strconv.Atoi(text[1:7])
		if month := calendar.Month(n); err == nil && month.Valid() {
			for _, w := range a.awards {
				if w.claim == text[8:] {
					return month, w, nil
				}
			}
		}
	}
	return 0, nil, fmt.Errorf("%q names no payment of an award", text)
}

// taken is what the run of a month took from a member's account.
func (a *area) taken(ctx context.Context, month calendar.Month, member registration.MemberNo) (ledger.AccountNo, money.Amount, error) {
	account, _, err := a.balance(ctx, member)
	if err != nil {
		return 0, 0, err
	}
	entry, err := a.led.EntryByKey(ctx, a.book(), fmt.Sprintf("PENSION-%06d", month))
	if err != nil {
		return 0, 0, err
	}
	for _, line := range entry.Lines {
		if line.Account == account {
			return account, line.Amount, nil
		}
	}
	return account, 0, nil
}

// bookSingle books one payment that came back (back is 1) or goes out again (−1), in the year it was made in.
func (a *area) bookSingle(ctx context.Context, event string, v advice, back money.Amount, text, tag string) error {
	month, w, err := a.reference(v.line.EndToEnd)
	if err != nil {
		return err
	}
	if w.total() != back*v.line.Amount {
		return fmt.Errorf("%s is not the pension of %s, which is %s", cny.Text(v.line.Amount), w.claim, cny.Text(w.total()))
	}
	account, taken, err := a.taken(ctx, month, w.member)
	if err != nil {
		return err
	}
	e := a.event(event, v.key(), v.line.BookingDate, v.source(), text+" "+month.String(), append(w.parts(1), part(accounts.RoleExpenditureAccount, w.total()))...)
	if taken > 0 {
		e.Rights = []fund.Right{{Account: account, Amount: back * taken, Month: month, Tag: tag}}
	}
	_, err = a.fund.Post(ctx, e)
	return err
}

// recover books what was paid after a death and came back, and restores the account.
func (a *area) recover(ctx context.Context, v advice) error {
	for _, w := range a.awards {
		if "OVERPAID-"+w.claim != v.line.EndToEnd || w.died == 0 {
			continue
		}
		var months, restored money.Amount
		var account ledger.AccountNo
		for month := w.died.Month().Add(1); w.due(month, month.First().AddDays(9)); month = month.Add(1) {
			no, taken, err := a.taken(ctx, month, w.member)
			if err != nil {
				return err
			}
			account, restored, months = no, restored+taken, months+1
		}
		if months*w.total() != v.line.Amount {
			return fmt.Errorf("%d months after the death are %s, and %s came back", months, cny.Text(months*w.total()), cny.Text(v.line.Amount))
		}
		e := a.event("E12", v.key(), v.line.BookingDate, v.source(), "收回死亡后多发养老金", append(w.parts(months), part(accounts.RoleExpenditureAccount, v.line.Amount))...)
		e.Rights = []fund.Right{{Account: account, Amount: restored, Month: w.died.Month(), Tag: personal.TagCorrection}}
		_, err := a.fund.Post(ctx, e)
		return err
	}
	return fmt.Errorf("%s: nobody with such a claim is known to be dead", v.line.EndToEnd)
}

// payHeirs books the rest of a personal account paid to heirs: HEIRS-02 is the second row of deaths.csv. The account ends at zero.
func (a *area) payHeirs(ctx context.Context, v advice) error {
	n, err := strconv.Atoi(v.line.EndToEnd[len("HEIRS-"):])
	if err != nil || n < 1 || n > len(a.lists["deaths"]) {
		return fmt.Errorf("%q is no row of deaths.csv", v.line.EndToEnd)
	}
	member, err := a.memberNo(a.lists["deaths"][n-1])
	if err != nil {
		return err
	}
	account, balance, err := a.balance(ctx, member)
	if err != nil {
		return err
	}
	if balance != -v.line.Amount {
		return fmt.Errorf("member %d has %s on the account and the bank paid %s: %s apart", member, cny.Text(balance), cny.Text(-v.line.Amount), cny.Text(balance+v.line.Amount))
	}
	e := a.event("E16a", v.key(), v.line.BookingDate, v.source(), "个人账户余额继承", part(accounts.RoleAccountLumpSum, balance), part(accounts.RoleExpenditureAccount, balance))
	e.Rights = []fund.Right{{Account: account, Amount: -balance, Month: v.line.BookingDate.Month(), Tag: personal.TagHeirs}}
	_, err = a.fund.Post(ctx, e)
	return err
}

// deaths records the deaths reported in a month.
func (a *area) deaths(ctx context.Context, month calendar.Month) error {
	for _, r := range a.in("deaths", "reported", month) {
		member, err := a.memberNo(r)
		if err != nil {
			return err
		}
		spec := registration.DeathSpec{Member: member, Day: r.date("day"), Reference: "report of " + r.text("reported")}
		if _, err := a.registry.RecordDeaths(ctx, a.order(fmt.Sprintf("death %d", member), r.date("reported")), spec); err != nil {
			return err
		}
	}
	return nil
}
