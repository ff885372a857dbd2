package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/accounts/bank/iso20022"
	"github.com/fundledger/fundledger/benefits"
	"github.com/fundledger/fundledger/collection"
	"github.com/fundledger/fundledger/examples/monthcycle/folder"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
)

// orderPensions makes the run of a month on the tenth, has it approved by another person and writes the bank's payment file (pain.001). The bank debits it five
// days later; then it is booked. Payments that came back go out again with the run after the payee's account was put right.
func (a *area) orderPensions(ctx context.Context, month calendar.Month) error {
	for r, err := range a.In("payee_changes", "day", month) {
		if err == nil {
			err = a.reissue(ctx, r)
		}
		if err != nil {
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
		Payees: a.payeesOf})
	if err != nil {
		return err
	}
	return a.writePayments(name, month, file)
}

// writePayments writes the file that the bank pays from: pain.001, or its own CSV in the months in which it wants that.
func (a *area) writePayments(name string, month calendar.Month, file *bank.PaymentFile) error {
	if !a.PaysByText(month) {
		return a.writeStream(filepath.Join("payments", name+".pain001.xml"), func(w io.Writer) error { return iso20022.WritePayments(w, file, iso20022.PaymentOptions{}) })
	}
	const mapping = "bank/payment-mapping.yaml"
	text, err := os.ReadFile(a.File(mapping))
	if err != nil {
		return err
	}
	format, err := bank.LoadPaymentTextFormat(mapping, text)
	if err != nil {
		return err
	}
	return a.writeStream(filepath.Join("payments", name+".csv"), func(w io.Writer) error { return bank.WriteText(w, file, format) })
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

// payeesOf gives the accounts that members are paid on, as known today. They are the host's and stand in no ledger.
func (a *area) payeesOf(_ context.Context, members []registration.MemberNo) (map[registration.MemberNo]bank.Party, error) {
	found := make(map[registration.MemberNo]bank.Party, len(members))
	for _, no := range members {
		if party, ok := a.payees[no]; ok {
			found[no] = party
		}
	}
	return found, nil
}

// reissue takes down a payee's new account and orders what came back to be paid again there.
func (a *area) reissue(ctx context.Context, r folder.Row) error {
	member := a.memberNo(r)
	party := a.payees[member]
	party.AccountNumber = r.Text("account")
	a.payees[member] = party
	var numbers []int64
	for p, err := range a.benefits.Payments(ctx, benefits.PaymentQuery{Member: member}) {
		if err != nil {
			return err
		}
		if p.Returned != 0 && p.ReturnedDay < r.Date("day") {
			numbers = append(numbers, p.No)
		}
	}
	if len(numbers) == 0 {
		return fmt.Errorf("%s: no payment to this person has come back; correct the day or the identity number", r.At())
	}
	_, err := a.benefits.Reissue(ctx, a.step("reissue "+r.Text("day")+" "+strconv.Itoa(int(member)), r.Date("day")), numbers...)
	return err
}

// benefit books a line of the expenditure account: the debit of a run, a payment that came back, what heirs return and what they get.
func (a *area) benefit(ctx context.Context, month calendar.Month, v advice) error {
	order := a.step(v.key(), v.line.BookingDate)
	order.Documents = []ledger.Attachment{{Name: "bank advice " + v.line.BankReference, Hash: v.line.Hash[:]}}
	kind, name, _ := strings.Cut(v.line.EndToEnd, "-")
	switch _, payment, ok := benefits.ParseReference(v.line.EndToEnd); {
	case ok && v.line.Amount > 0:
		return a.bounce(ctx, order, payment, v.line.Amount)
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
		no, err := a.recovery(ctx, name)
		if err == nil {
			_, err = a.benefits.Recover(ctx, order, no, v.line.Amount)
		}
		return err
	case kind == "HEIRS":
		return a.payHeirs(ctx, order, name, -v.line.Amount)
	case kind == "REFUND":
		return a.refund(ctx, v, name)
	}
	return errors.New("nobody knows what this line is: add it to the folder's lists")
}

func equal(what string, ours, banks money.Amount) error {
	if ours == banks {
		return nil
	}
	return fmt.Errorf("%s is %s and the bank has %s: %s apart", what, cny.Text(ours), cny.Text(banks), cny.Text(banks-ours))
}

// bounce books a payment that came back. What came back must be what was paid.
func (a *area) bounce(ctx context.Context, order benefits.Order, payment int64, amount money.Amount) error {
	return a.db.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
		back, err := a.benefits.ReturnTx(ctx, tx.Handle(), order, benefits.Refusal{Payment: payment, Reason: "AC04"})
		if err != nil {
			return err
		}
		return equal(fmt.Sprint("payment ", payment), back.Amount, amount)
	})
}

// row is the row of a list that a reference such as HEIRS-02 names: the second.
func (a *area) row(list, number string) (folder.Row, error) {
	n, err := strconv.Atoi(number)
	for r, fault := range a.Rows(list) {
		if n--; n == 0 || fault != nil {
			return r, fault
		}
	}
	return folder.Row{}, errors.Join(err, fmt.Errorf("%q is no row of %s.csv", number, list))
}

// payHeirs books the rest of a personal account paid to heirs: HEIRS-02 is the second row of deaths.csv. What the account held must be what the bank paid.
func (a *area) payHeirs(ctx context.Context, order benefits.Order, name string, amount money.Amount) error {
	r, err := a.row("deaths", name)
	if err != nil {
		return err
	}
	return a.db.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
		paid, err := a.benefits.PayHeirsTx(ctx, tx.Handle(), order, benefits.HeirsSpec{Member: a.memberNo(r)})
		if err != nil {
			return err
		}
		return equal(fmt.Sprintf("the account of member %d", a.memberNo(r)), paid.Amount, amount)
	})
}

// refund gives back contributions that were declared in error: REFUND-01 is the first row of refunds.csv. What they came to must be what the bank paid.
func (a *area) refund(ctx context.Context, v advice, name string) error {
	r, err := a.row("refunds", name)
	if err != nil {
		return err
	}
	office, err := a.office(v.line.BookingDate)
	if err != nil {
		return err
	}
	order := collection.RefundOrder{Members: []registration.MemberNo{a.memberNo(r)}}
	for d, err := range office.Demands(ctx, a.employerNo(r)) {
		if err != nil {
			return err
		}
		if d.Month == r.Month("month") {
			order.Demand = d.No
		}
	}
	return a.db.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
		command := a.command(v.key(), v.line.BookingDate)
		command.Documents = []ledger.Attachment{{Name: "bank advice " + v.line.BankReference, Hash: v.line.Hash[:]}}
		done, err := office.RefundTx(ctx, tx.Handle(), command, order)
		if err != nil {
			return err
		}
		return equal("the refund of "+r.At(), done.Refund.Amount, -v.line.Amount)
	})
}
