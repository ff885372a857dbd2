package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/statement"
	"github.com/fundledger/fundledger/collection"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// month runs one month from its files to its closing. Every step bears a key of its own, so that a run that was killed and begins again finds done what was
// done and goes on.
func (a *area) month(ctx context.Context, month calendar.Month, soFar [][]*bank.Statement) error {
	before, err := a.led.Book(ctx, a.book())
	if err != nil {
		return err
	}
	closed := before.ClosedThrough >= month.Period()
	for _, step := range []func(context.Context, calendar.Month) error{a.enrolments, a.retire, a.assess, a.deaths, a.orderPensions} {
		if err := step(ctx, month); err != nil {
			return err
		}
	}
	statements := make([]*bank.Statement, len(moneyAccounts))
	for i := range moneyAccounts {
		statements[i] = soFar[i][len(soFar[i])-1]
	}
	if err := a.bookMonth(ctx, month, statements); err != nil {
		return err
	}
	if err := a.identify(ctx, month); err != nil {
		return err
	}
	if !closed {
		if err := a.pursue(ctx, month); err != nil {
			return err
		}
	}
	if month.OfYear() == 12 {
		result, err := a.creditInterest(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(a.print, "interest: %s on %d personal accounts\n", cny.Format(result.Total), result.Members)
	}
	if !closed {
		if err := a.close(ctx, month, soFar); err != nil {
			return err
		}
	}
	if err := a.printVouchers(ctx, month); err != nil {
		return err
	}
	return a.report(ctx, month)
}

// assess takes the declarations of a month and assesses it on the fifth, with the law as it was known on that day.
func (a *area) assess(ctx context.Context, month calendar.Month) error {
	day := month.First().AddDays(4)
	office, err := a.office(day)
	if err != nil {
		return err
	}
	name := filepath.Join("declarations", month.String()+".csv")
	file, err := os.Open(a.File(name))
	if err != nil {
		return err
	}
	defer file.Close()
	filing, err := collection.ReadDeclaration(file, name, collection.UTF8, cny)
	if err != nil {
		return err
	}
	if _, err := office.Declare(ctx, a.command("declaration "+month.String(), day), filing); err != nil {
		return err
	}
	_, err = office.Assess(ctx, a.command("assessment "+month.String(), day), month)
	return err
}

// pursue sends the notices that are due to employers in arrears (催缴), if there are any.
func (a *area) pursue(ctx context.Context, month calendar.Month) error {
	office, err := a.office(month.Last())
	if err != nil {
		return err
	}
	if _, err = office.NoticeArrears(ctx, a.command("notices "+month.String(), month.Last())); errors.Is(err, collection.ErrNothing) {
		return nil
	}
	return err
}

// report writes the month's statements and prints its line.
func (a *area) report(ctx context.Context, month calendar.Month) error {
	figures, err := a.closed(ctx, month.Period())
	if err != nil {
		return err
	}
	if err := a.statements(figures, month, false); err != nil {
		return err
	}
	if err := a.issue(ctx, month.Period()); err != nil {
		return err
	}
	if err := a.trial(figures, month); err != nil {
		return err
	}
	receipts, err := a.turnover(figures, accounts.RoleContributions, month)
	if err != nil {
		return err
	}
	credited, err := a.turnover(figures, accounts.RoleMembersRights, month)
	if err != nil {
		return err
	}
	pensions := money.Amount(0)
	for _, role := range []accounts.Role{accounts.RoleBasicPension, accounts.RoleAccountPension, accounts.RoleTransitionalPension, accounts.RolePensionSupplement,
		accounts.RoleAccountLumpSum} {
		net, err := a.turnover(figures, role, month)
		if err != nil {
			return err
		}
		pensions -= net
	}
	code, err := a.fund.Chart().Role(accounts.RoleGeneralBalance)
	if err != nil {
		return err
	}
	balance, err := figures.Closing(code, month.Period())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.print, "%s  receipts %14s  rights %+14s  pensions %12s  balance %14s  root %x\n", month, cny.Format(receipts), cny.Format(credited), cny.Format(pensions),
		cny.Format(-balance), figures.State.Root[:6])
	return err
}

// turnover is the net credit of a role's account in a month, closing entries left out.
func (a *area) turnover(figures *fund.Figures, role accounts.Role, month calendar.Month) (money.Amount, error) {
	id, err := a.fund.Chart().Role(role)
	if err != nil {
		return 0, err
	}
	debit, credit, err := figures.Turnover(id, month.Period(), month.Period(), statement.WithoutClosing)
	return credit - debit, err
}
