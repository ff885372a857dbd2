package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/collection"
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
	for _, r := range a.lists["opening_balances"] {
		role, amount, event := accounts.Role(r.text("role")), r.amount("amount"), "E28a"
		if role == accounts.RoleGeneralBalance || role == accounts.RoleUnidentifiedReceipt {
			event = "E28b"
		}
		e := a.event(event, "opening "+string(role), first, source, "启用期初余额", part(role, amount), part(accounts.RoleCutoverSuspense, amount))
		if _, err := a.fund.Post(ctx, e); err != nil {
			return err
		}
	}
	if err := a.cutOverIsEmpty(ctx); err != nil {
		return err
	}
	if err := a.openRights(ctx, first); err != nil {
		return err
	}
	return a.closeTakeOver(ctx, source)
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

func (a *area) cutOverIsEmpty(ctx context.Context) error {
	code, err := a.fund.RoleCode(accounts.RoleCutoverSuspense)
	if err != nil {
		return err
	}
	account, err := a.led.Account(ctx, a.book(), code)
	if err != nil {
		return err
	}
	left, err := a.led.Balance(ctx, a.book(), account.No, ledger.At{})
	if err == nil && left.Net() != 0 {
		return fmt.Errorf("opening_balances.csv: debits less credits are %s: the balances taken over must add up to zero", cny.Text(left.Net()))
	}
	return err
}

func (a *area) registerEmployers(ctx context.Context, first calendar.Date) error {
	var specs []registration.EmployerSpec
	for _, r := range a.lists["employers"] {
		code, err := identity.ParseCreditCode(r.text("credit_code"))
		if err != nil {
			return fmt.Errorf("%s:%d: %w", r.file, r.line, err)
		}
		specs = append(specs, registration.EmployerSpec{Code: code, Name: r.text("name")})
	}
	receipt, err := a.registry.RegisterEmployers(ctx, a.order("employers", first), specs...)
	if err != nil {
		return err
	}
	var payers []collection.Payer
	for i, r := range a.lists["employers"] {
		no := receipt.FirstEmployer + registration.EmployerNo(i)
		a.employers[r.text("credit_code")] = no
		payers = append(payers, collection.Payer{Account: r.text("account"), Employer: no})
	}
	office, err := a.office(first)
	if err != nil {
		return err
	}
	_, err = office.SetPayers(ctx, a.command("payers", first), payers...)
	return err
}

func (a *area) registerMembers(ctx context.Context, first calendar.Date) error {
	var specs []registration.MemberSpec
	for _, r := range a.lists["members"] {
		number, err := identity.ParseNumber(r.text("identity_number"))
		if err != nil {
			return fmt.Errorf("%s:%d: %w", r.file, r.line, err)
		}
		specs = append(specs, registration.MemberSpec{Number: number, Name: r.text("name"), Class: scheme.RetirementClass(r.text("class"))})
	}
	receipt, err := a.registry.RegisterMembers(ctx, a.order("members", first), specs...)
	if err != nil {
		return err
	}
	var names []string
	for i, r := range a.lists["members"] {
		no := receipt.FirstMember + registration.MemberNo(i)
		a.members[r.text("identity_number")] = no
		names = append(names, strconv.Itoa(int(no)))
	}
	if done, err := a.posted(ctx, "personal accounts"); done || err != nil {
		return err
	}
	return a.db.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := a.rights.Open(ctx, tx.Handle(), ledger.Act{Key: "personal accounts", Effective: first, Description: "个人账户开户", EnteredBy: clerk, ApprovedBy: chief}, names)
		return err
	})
}

// openRights credits what members had on their accounts when the earlier system ended.
func (a *area) openRights(ctx context.Context, first calendar.Date) error {
	source, err := a.fileSource("opening_rights.csv")
	if err != nil {
		return err
	}
	e := a.event(fund.RightsOnly, "opening rights", first, source, "启用期初个人账户")
	for _, r := range a.lists["opening_rights"] {
		no, err := a.memberNo(r)
		if err != nil {
			return err
		}
		account, err := a.led.Account(ctx, a.book(), a.rights.Code(strconv.Itoa(int(no))))
		if err != nil {
			return err
		}
		e.Rights = append(e.Rights, fund.Right{Account: account.No, Amount: r.amount("amount"), Month: a.takeOverMonth(), Tag: personal.TagTransfer})
	}
	_, err = a.fund.Post(ctx, e)
	return err
}

// enrolments carries out the enrolments and their ends of a month, one order a day and kind of change.
func (a *area) enrolments(ctx context.Context, month calendar.Month) error {
	type group struct{ day, action, admit string }
	var order []group
	changes := map[group][]registration.Change{}
	for _, r := range a.in("enrolments", "day", month) {
		member, err := a.memberNo(r)
		if err != nil {
			return err
		}
		var employer registration.EmployerNo // none, where somebody insures himself
		if r.text("credit_code") != "" {
			if employer, err = a.employerNo(r); err != nil {
				return err
			}
		}
		g := group{r.text("day"), r.text("action"), r.text("admit")}
		if _, ok := changes[g]; !ok {
			order = append(order, g)
		}
		changes[g] = append(changes[g], registration.Change{Member: member, Employer: employer, Scheme: registration.Scheme(r.text("scheme")), From: r.month("month")})
	}
	for _, g := range order {
		day, err := calendar.ParseDate(g.day)
		if err != nil {
			return err
		}
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
