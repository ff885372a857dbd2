package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/accounts/bank/iso20022"
	"github.com/fundledger/fundledger/collection"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
)

// moneyAccounts are the bank accounts in the order in which their lines of one day are booked: money goes round from income to fiscal to expenditure.
var moneyAccounts = []struct {
	name string
	role accounts.Role
	kind bank.AccountKind
}{
	{"income", accounts.RoleIncomeAccount, bank.IncomeAccount}, {"fiscal", accounts.RoleFiscalAccount, bank.FiscalAccount},
	{"expenditure", accounts.RoleExpenditureAccount, bank.ExpenditureAccount},
}

// interestText is what the bank writes beside its interest.
const interestText = "结息"

// statement reads the bank's statement of an account for a month, camt.053 or CSV, whichever lies there. A statement that does not foot is refused.
func (a *area) statement(ctx context.Context, account string, month calendar.Month) (*bank.Statement, error) {
	path := "bank/" + account + "-" + month.String()
	statements, err := a.readCamt(ctx, path+".xml")
	if errors.Is(err, os.ErrNotExist) {
		statements, err = a.readCSV(ctx, path+".csv", "bank/mapping.yaml")
	}
	if err != nil {
		return nil, err
	}
	if len(statements) != 1 || statements[0].Account != a.Accounts[account] {
		return nil, fmt.Errorf("%s: a statement of account %s is needed, and nothing else", path, bank.Mask(a.Accounts[account]))
	}
	s := statements[0]
	s.AccountID = account
	for _, d := range s.Check() {
		err = errors.Join(err, d)
	}
	return s, err
}

func (a *area) readCamt(ctx context.Context, path string) ([]*bank.Statement, error) {
	file, err := os.Open(a.File(path))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	message, err := iso20022.Read(ctx, file, iso20022.Options{File: path})
	if err != nil {
		return nil, err
	}
	return message.Statements, nil
}

func (a *area) readCSV(ctx context.Context, path, mapping string) ([]*bank.Statement, error) {
	text, err := os.ReadFile(a.File(mapping))
	if err != nil {
		return nil, err
	}
	format, err := bank.LoadTextFormat(mapping, text)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(a.File(path))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	result, err := bank.ReadText(ctx, file, format, bank.TextOptions{File: path})
	if err != nil {
		return nil, err
	}
	return result.Statements, nil
}

// advice is one line of a statement on its way into the books.
type advice struct {
	account int // in moneyAccounts
	line    bank.Line
}

func (v advice) source() ledger.Source {
	return ledger.Source{Kind: "bank advice", ID: v.line.BankReference, Hash: v.line.Hash[:]}
}

// key is the bank's own number of the line. Two lines may bear one reference of ours, such as instalments of one debt.
func (v advice) key() string { return "bank " + v.line.BankReference }

// bookMonth books every line of the month's statements, day by day, but those that were mislaid.
func (a *area) bookMonth(ctx context.Context, month calendar.Month, statements []*bank.Statement) error {
	var advices []advice
	for i, s := range statements {
		for _, line := range s.Lines {
			if _, lost := a.mislaid[line.BankReference]; !lost {
				advices = append(advices, advice{i, line})
			}
		}
	}
	slices.SortStableFunc(advices, func(a, b advice) int { return int(a.line.BookingDate) - int(b.line.BookingDate) })
	for len(advices) > 0 {
		n, err := a.receiveDay(ctx, advices)
		if err == nil && n == 0 {
			n, err = 1, a.bookLine(ctx, month, advices[0])
		}
		if err != nil {
			v := advices[0]
			return fmt.Errorf("%s, line %s of %s: %w", moneyAccounts[v.account].name, v.line.BankReference, v.line.BookingDate, err)
		}
		advices = advices[n:]
	}
	return nil
}

// contribution reports whether a line is money that came in for collection.
func (a *area) contribution(v advice) bool {
	return moneyAccounts[v.account].name == "income" && v.line.Amount > 0 && v.line.Remittance != interestText && !a.own(v.line)
}

// own reports whether the other side of a line is an account of the fund too.
func (a *area) own(line bank.Line) bool {
	other := line.Counterparty.AccountNumber
	return other != "" && (other == a.Accounts["income"] || other == a.Accounts["fiscal"] || other == a.Accounts["expenditure"])
}

// receiveDay hands the contributions of one day that stand first to collection, which finds their employers and allocates them, in one transaction, and says how
// many lines that were. A receipt may be identified later.
func (a *area) receiveDay(ctx context.Context, advices []advice) (int, error) {
	day := advices[0].line.BookingDate
	var arrivals []collection.Arrival
	for _, v := range advices {
		if !a.contribution(v) || v.line.BookingDate != day {
			break
		}
		arrivals = append(arrivals, collection.Arrival{AccountID: "income", Line: v.line})
	}
	if len(arrivals) == 0 {
		return 0, nil
	}
	office, err := a.office(day)
	if err != nil {
		return 0, err
	}
	_, err = office.ReceiveAll(ctx, a.command("", day), arrivals)
	return len(arrivals), err
}

// bookLine says what a line of the bank is, and books it. Money that only comes from another account of the fund was booked by the line that sent it.
func (a *area) bookLine(ctx context.Context, month calendar.Month, v advice) error {
	account, line := moneyAccounts[v.account], v.line
	own := a.own(line)
	switch {
	case own && line.Amount > 0:
		return nil
	case own && account.name == "income":
		return a.move(ctx, "E2", v, accounts.RoleFiscalAccount)
	case own && account.name == "fiscal":
		return a.move(ctx, "E9", v, accounts.RoleExpenditureAccount)
	case line.Remittance == interestText:
		return a.postByHand(ctx, a.event("E8a", v.key(), line.BookingDate, v.source(), "", part(account.role, line.Amount), part(accounts.RoleDepositInterest, line.Amount)))
	case account.name == "expenditure":
		return a.benefit(ctx, month, v)
	}
	return errors.New("nobody knows what this line is: add it to the folder's lists")
}

func (a *area) move(ctx context.Context, event string, v advice, to accounts.Role) error {
	amount := -v.line.Amount
	return a.postByHand(ctx, a.event(event, v.key(), v.line.BookingDate, v.source(), "", part(to, amount), part(moneyAccounts[v.account].role, amount)))
}

// identify names the employers of receipts that nobody knew when they came.
func (a *area) identify(ctx context.Context, month calendar.Month) error {
	for r, err := range a.In("identified", "day", month) {
		if err != nil {
			return err
		}
		office, err := a.office(r.Date("day"))
		if err != nil {
			return err
		}
		for receipt, err := range office.Receipts(ctx) {
			if err != nil {
				return err
			}
			if receipt.BankReference != r.Text("bank_reference") {
				continue
			}
			identification := collection.Identification{Item: receipt.Item, Employer: a.employerNo(r)}
			if _, err := office.Identify(ctx, a.command("identify "+receipt.BankReference, r.Date("day")), identification); err != nil {
				return err
			}
			break
		}
	}
	return nil
}
