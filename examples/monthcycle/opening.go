package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/benefits"
	"github.com/fundledger/fundledger/collection"
	"github.com/fundledger/fundledger/examples/monthcycle/folder"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/identity"
	"github.com/fundledger/fundledger/registration/scheme"
)

// takeOver registers who is there and books, on the last day of the year before, what the earlier system left: balances of the fund through the cut-over
// account, which must come out at zero, and members' rights. It then closes that month and year, so that the first year here opens with them.
func (a *area) takeOver(ctx context.Context) error {
	first := a.takeOverMonth().Last()
	if err := a.registerEmployers(ctx, first); err != nil {
		return err
	}
	if err := a.registerMembers(ctx, first); err != nil {
		return err
	}
	source, err := a.fileSource("opening_balances.csv")
	if err != nil {
		return err
	}
	if err := a.openBalances(ctx, first, source); err != nil {
		return err
	}
	if err := a.openRights(ctx, first); err != nil {
		return err
	}
	return a.closeTakeOver(ctx, source)
}

// openBalances books the balances taken over, all or none.
func (a *area) openBalances(ctx context.Context, first calendar.Date, source ledger.Source) error {
	return a.db.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
		for r, err := range a.Rows("opening_balances") {
			if err != nil {
				return err
			}
			role, amount, event := accounts.Role(r.Text("role")), r.Amount("amount"), "E28a"
			if role == accounts.RoleGeneralBalance || role == accounts.RoleUnidentifiedReceipt {
				event = "E28b"
			}
			e := a.event(event, "opening "+string(role), first, source, "启用期初余额", part(role, amount), part(accounts.RoleCutoverSuspense, amount))
			if _, err := a.fund.PostTx(ctx, tx.Handle(), e); err != nil {
				return fmt.Errorf("%s: %w", r.At(), err)
			}
		}
		return a.cutOverIsEmpty(ctx, tx)
	})
}

// closeTakeOver closes the month and the year of the take-over; the balances handed over stand for its reconciliations.
func (a *area) closeTakeOver(ctx context.Context, source ledger.Source) error {
	month := a.takeOverMonth()
	book, err := a.led.Book(ctx, a.book())
	if err != nil || book.ClosedThrough >= month.Period().Next() {
		return err
	}
	return a.db.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, item := range a.fund.Checklist() {
			if _, err := a.fund.SignTx(ctx, tx.Handle(), fund.Signature{Period: month.Period(), Item: item, Signed: a.today, Prepared: accountant, Reviewed: head,
				Document: source, Remark: "启用期初"}); err != nil {
				return err
			}
		}
		for _, period := range []calendar.Period{month.Period(), month.Period().Next()} {
			if _, err := a.fund.ClosePeriod(ctx, tx.Handle(), fund.CloseOrder{Period: period, Closed: a.today, EnteredBy: accountant, Approved: head}); err != nil {
				return err
			}
		}
		return nil
	})
}

func (a *area) cutOverIsEmpty(ctx context.Context, tx *store.Tx) error {
	code, err := a.fund.RoleCode(accounts.RoleCutoverSuspense)
	if err != nil {
		return err
	}
	account, err := a.led.AccountTx(ctx, tx.Handle(), a.book(), code)
	if err != nil {
		return err
	}
	left, err := a.led.BalanceTx(ctx, tx.Handle(), a.book(), account.No, ledger.At{})
	if err == nil && left.Net() != 0 {
		return fmt.Errorf("opening_balances.csv: debits less credits are %s: the balances taken over must add up to zero; correct the list", cny.Text(-left.Net()))
	}
	return err
}

func (a *area) registerEmployers(ctx context.Context, first calendar.Date) error {
	var specs []registration.EmployerSpec
	var payers []collection.Payer
	for r, err := range a.Rows("employers") {
		if err != nil {
			return err
		}
		specs = append(specs, registration.EmployerSpec{Code: identity.CreditCode(r.Text("credit_code")), Name: r.Text("name")})
		payers = append(payers, collection.Payer{Account: r.Text("account")})
	}
	receipt, err := a.registry.RegisterEmployers(ctx, a.order("employers", first), specs...)
	if err != nil {
		return err
	}
	for i := range specs {
		payers[i].Employer = receipt.FirstEmployer + registration.EmployerNo(i)
		a.employers[string(specs[i].Code)] = payers[i].Employer
	}
	office, err := a.office(first)
	if err != nil {
		return err
	}
	_, err = office.SetPayers(ctx, a.command("payers", first), payers...)
	return err
}

// registerMembers registers the members, opens their accounts and notes who is paid on which account of his own.
func (a *area) registerMembers(ctx context.Context, first calendar.Date) error {
	return inBatches(a.Rows("members"), rowsAtOnce, func(number int, some []folder.Row) error {
		a.many = a.many || len(some) > 5_000
		a.say("registering %d members", len(some))
		specs, names := make([]registration.MemberSpec, len(some)), make([]string, len(some))
		for i, r := range some {
			specs[i] = registration.MemberSpec{Number: r.Identity("identity_number"), Name: r.Text("name"), Class: scheme.RetirementClass(r.Text("class"))}
		}
		receipt, err := a.registry.RegisterMembers(ctx, a.order(fmt.Sprint("members ", number), first), specs...)
		if err != nil {
			return err
		}
		for i, r := range some {
			no := receipt.FirstMember + registration.MemberNo(i)
			a.members[specs[i].Number], names[i] = no, strconv.Itoa(int(no))
			if account := r.Text("payee_account"); account != "" {
				a.payees[no] = bank.Party{Name: r.Text("name"), AccountNumber: account, BankName: "虚构银行", BankCode: "590300000003"}
			}
		}
		key := fmt.Sprint("personal accounts ", number)
		if done, err := a.posted(ctx, key); done || err != nil {
			return err
		}
		return a.db.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
			_, err := a.rights.Open(ctx, tx.Handle(), ledger.Act{Key: key, Effective: first, Description: "个人账户开户", EnteredBy: clerk, ApprovedBy: chief}, names)
			return err
		})
	})
}

// openRights credits what members had on their accounts when the earlier system ended, and records the service that it counted.
func (a *area) openRights(ctx context.Context, first calendar.Date) error {
	source, err := a.fileSource("opening_rights.csv")
	if err != nil {
		return err
	}
	err = inBatches(a.Rows("opening_rights"), rowsAtOnce, func(number int, some []folder.Row) error {
		a.say("opening balances of %d personal accounts", len(some))
		names := make([]string, len(some))
		for i, r := range some {
			names[i] = strconv.Itoa(int(a.memberNo(r)))
		}
		e := a.event(fund.RightsOnly, fmt.Sprint("opening rights ", number), first, source, "启用期初个人账户")
		return a.db.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
			numbers, err := a.rights.Accounts(ctx, tx.Handle(), names)
			if err != nil {
				return err
			}
			for i, r := range some {
				e.Rights = append(e.Rights, fund.Right{Account: numbers[names[i]], Amount: r.Amount("amount"), Month: a.takeOverMonth(), Tag: personal.TagTransfer})
			}
			_, err = a.fund.PostTx(ctx, tx.Handle(), e)
			return err
		})
	})
	if err != nil {
		return err
	}
	return inBatches(a.Rows("prior_service"), rowsAtOnce, func(number int, some []folder.Row) error {
		list := make([]benefits.PriorService, len(some))
		for i, r := range some {
			list[i] = benefits.PriorService{Member: a.memberNo(r), Months: r.Number("months"), IndexSum: r.Rate("index_sum").Decimal, BeforeMonths: r.Number("months_before"),
				BeforeIndex: r.Rate("before_index"), Until: r.Month("until"), Reference: r.Text("reference")}
		}
		_, err := a.benefits.RecordPrior(ctx, a.step(fmt.Sprint("prior service ", number), first), list...)
		return err
	})
}

// enrolments carries out the enrolments and their ends of a month, one order a day and kind of change.
func (a *area) enrolments(ctx context.Context, month calendar.Month) error {
	type group struct{ day, action, admit string }
	var order []group
	changes := map[group][]registration.Change{}
	for r, err := range a.In("enrolments", "day", month) {
		if err != nil {
			return err
		}
		g := group{r.Text("day"), r.Text("action"), r.Text("admit")}
		if _, ok := changes[g]; !ok {
			order = append(order, g)
		}
		changes[g] = append(changes[g], registration.Change{Member: a.memberNo(r), Employer: a.employerNo(r), Scheme: registration.Scheme(r.Text("scheme")), From: r.Month("month")})
	}
	for _, g := range order {
		day, err := calendar.ParseDate(g.day)
		if err != nil {
			return err
		}
		a.say("%s: %s %d members", month, g.action, len(changes[g]))
		order := a.order(fmt.Sprintf("%s %s %s", g.action, g.day, g.admit), day)
		if g.admit == "overlap" {
			order.Admit = registration.FlagOverlap
		}
		switch g.action {
		case "enrol":
			_, err = a.registry.Enrol(ctx, order, changes[g]...)
		case "terminate":
			_, err = a.registry.Terminate(ctx, order, changes[g]...)
		default:
			err = fmt.Errorf("enrolments.csv: %q is neither enrol nor terminate", g.action)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
