package accounts_test

import (
	"fmt"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/ledger/calendar"
)

func Example() {
	chart, err := accounts.Standard()
	if err != nil {
		fmt.Println(err)
		return
	}
	city := accounts.Conditions{Level: accounts.BelowProvincial, Collector: accounts.CollectedByAgency, HasUpperLevel: true}
	book, err := chart.For(accounts.EnterprisePension, city, calendar.MustDate(2026, 3, 31))
	if err != nil {
		fmt.Println(err)
		return
	}
	lines, err := book.Lines("E10a",
		accounts.Part{Role: accounts.RoleBasicPension, Amount: 1_850_20},
		accounts.Part{Role: accounts.RoleAccountPension, Amount: 640_80})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, line := range lines {
		account, _ := book.Account(line.AccountID)
		fmt.Println(line.Side, account.Code, account.NameZH, line.Amount)
	}
	// The income account may not pay benefits.
	lines[len(lines)-1].AccountID = "income_account"
	fmt.Println(book.Flows().Check(lines, "E10a")[1].Source)
	// Output:
	// debit 5001.01.01 基础养老金 185020
	// debit 5001.01.02.01 按月支付 64080
	// credit 1004 支出户存款 249100
	// SYS 5001 三(一); SYS 1001 三(二)
}
