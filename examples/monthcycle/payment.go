package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/accounts/bank/iso20022"
	"github.com/fundledger/fundledger/benefits"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
)

// orderPensions makes the run of a month on the tenth, has it approved by another person and writes the bank's payment file (pain.001). The bank debits it five
// days later; then it is booked. Payments that came back go out again with the run after the payee's account was put right.
func (a *area) orderPensions(ctx context.Context, month calendar.Month) error {
	for _, r := range a.in("payee_changes", "day", month) {
		if err := a.reissue(ctx, r); err != nil {
			return err
		}
	}
	day := month.First().AddDays(9)
	made, err := a.benefits.PaymentRun(ctx, a.by(accountant, "run "+month.String(), day), month)
	if err != nil {
		return err
	}
	if _, err := a.benefits.ApproveRun(ctx, a.by(head, "approve run "+month.String(), day), made.First); err != nil {
		return err
	}
	run, err := a.run(ctx, month)
	if err != nil || run.Posted != 0 {
		return err // a run that is booked already has its file
	}
	name := "PENSION-" + month.First().String()[:7]
	office := a.Name + "社会保险基金管理中心"
	file, err := a.benefits.PaymentFile(ctx, run.No, benefits.FileSpec{ID: name, Created: a.clock(), Initiator: office, Execution: day.AddDays(5), Remit: month.String() + " 养老金",
		Debit: bank.Account{ID: "expenditure", Kind: bank.ExpenditureAccount, Currency: cny, Holder: bank.Party{Name: office, AccountNumber: a.Accounts["expenditure"],
			BankName: "虚构银行", BankCode: "590100000001"}},
		Payees: func(_ context.Context, members []registration.MemberNo) (map[registration.MemberNo]bank.Party, error) {
			return a.payees(members, day), nil
		}})
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := iso20022.WritePayments(&text, file, iso20022.PaymentOptions{}); err != nil {
		return err
	}
	return a.write(filepath.Join("payments", name+".pain001.xml"), text.Bytes())
}

// run returns the run of a month.
func (a *area) run(ctx context.Context, month calendar.Month) (benefits.Run, error) {
	for run, err := range a.benefits.Runs(ctx) {
		if err != nil || run.Month == month {
			return run, err
		}
	}
	return benefits.Run{}, fmt.Errorf("there is no run of %s", month)
}

// payees are the accounts that members are paid on, as known on a day. They are the host's and stand in no ledger.
func (a *area) payees(members []registration.MemberNo, day calendar.Date) map[registration.MemberNo]bank.Party {
	found := map[registration.MemberNo]bank.Party{}
	for _, r := range a.lists["members"] {
		account := r.text("payee_account")
		for _, change := range a.lists["payee_changes"] {
			if change.text("identity_number") == r.text("identity_number") && change.date("day") <= day {
				account = change.text("account")
			}
		}
		if account != "" {
			found[a.members[r.text("identity_number")]] = bank.Party{Name: r.text("name"), AccountNumber: account, BankName: "虚构银行", BankCode: "590300000003"}
		}
	}
	return found
}

// reissue orders what came back to be paid again, now that the payee's account is known.
func (a *area) reissue(ctx context.Context, r row) error {
	member, err := a.memberNo(r)
	if err != nil {
		return err
	}
	var numbers []int64
	for p, err := range a.benefits.Payments(ctx, benefits.PaymentQuery{Member: member}) {
		if err != nil {
			return err
		}
		if p.Returned != 0 && p.ReturnedDay < r.date("day") {
			numbers = append(numbers, p.No)
		}
	}
	_, err = a.benefits.Reissue(ctx, a.step("reissue "+r.text("day")+" "+strconv.Itoa(int(member)), r.date("day")), numbers...)
	return err
}

// benefit books a line of the expenditure account: the debit of a run, a payment that came back, what heirs return and what they get.
func (a *area) benefit(ctx context.Context, month calendar.Month, v advice) error {
	order := a.step(v.key(), v.line.BookingDate)
	order.Documents = []ledger.Attachment{{Name: "bank advice " + v.line.BankReference, Hash: v.line.Hash[:]}}
	kind, name, _ := strings.Cut(v.line.EndToEnd, "-")
	switch _, payment, ok := benefits.ParseReference(v.line.EndToEnd); {
	case ok && v.line.Amount > 0:
		_, err := a.benefits.Return(ctx, order, benefits.Refusal{Payment: payment, Reason: "AC04"})
		return err
	case kind == "PENSION":
		run, err := a.run(ctx, month)
		if err == nil {
			err = equal("the run of "+month.String(), run.Amount, -v.line.Amount)
		}
		if err == nil {
			_, err = a.benefits.PostRun(ctx, order, run.No)
		}
		return err
	case kind == "OVERPAID":
		return a.recover(ctx, order, name, v.line.Amount)
	case kind == "HEIRS":
		return a.payHeirs(ctx, order, name, -v.line.Amount)
	}
	return errors.New("nobody knows what this line is: add it to the folder's lists")
}

func equal(what string, ours, banks money.Amount) error {
	if ours == banks {
		return nil
	}
	return fmt.Errorf("%s is %s and the bank has %s: %s apart", what, cny.Text(ours), cny.Text(banks), cny.Text(banks-ours))
}

// recover books what came back for the recovery case of a claim's member.
func (a *area) recover(ctx context.Context, order benefits.Order, claim string, amount money.Amount) error {
	for r, err := range a.benefits.Recoveries(ctx) {
		if err != nil {
			return err
		}
		if r.Member == a.claims[claim] {
			_, err := a.benefits.Recover(ctx, order, r.No, amount)
			return err
		}
	}
	return fmt.Errorf("claim %s has no recovery case", claim)
}

// payHeirs books the rest of a personal account paid to heirs: HEIRS-02 is the second row of deaths.csv. What the account held must be what the bank paid.
func (a *area) payHeirs(ctx context.Context, order benefits.Order, name string, amount money.Amount) error {
	n, err := strconv.Atoi(name)
	if err != nil || n < 1 || n > len(a.lists["deaths"]) {
		return fmt.Errorf("%q is no row of deaths.csv", name)
	}
	member, err := a.memberNo(a.lists["deaths"][n-1])
	if err != nil {
		return err
	}
	return a.db.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
		paid, err := a.benefits.PayHeirsTx(ctx, tx.Handle(), order, benefits.HeirsSpec{Member: member})
		if err != nil {
			return err
		}
		return equal(fmt.Sprintf("the account of member %d", member), paid.Amount, amount)
	})
}
