package statement_test

import (
	"fmt"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/statement"
	"github.com/fundledger/fundledger/ledger/calendar"
)

func Example() {
	chart, err := accounts.Standard()
	if err != nil {
		fmt.Println(err)
		return
	}
	county := accounts.Conditions{Level: accounts.BelowProvincial, Collector: accounts.CollectedByTax}
	book, err := chart.For(accounts.WorkInjury, county, calendar.MustDate(2026, 1, 31))
	if err != nil {
		fmt.Println(err)
		return
	}
	var figures statement.Figures
	for _, event := range []struct {
		id    string
		parts []accounts.Part
	}{
		{"E3a", []accounts.Part{{Role: accounts.RoleContributions, Amount: 100_000_00}}},
		{"E3b", []accounts.Part{{Role: accounts.RoleFiscalAccount, Amount: 100_000_00}}},
		{"E9", []accounts.Part{{Role: accounts.RoleExpenditureAccount, Amount: 30_000_00}}},
		{"E10a", []accounts.Part{{Role: accounts.RoleInjuryDisability, Amount: 12_345_67}}},
	} {
		lines, err := book.Lines(event.id, event.parts...)
		if err != nil {
			fmt.Println(err)
			return
		}
		if err := figures.Add(202601, statement.Ordinary, lines); err != nil {
			fmt.Println(err)
			return
		}
	}
	// The month is not closed yet: the checks say so.
	found, err := statement.Check(book, &figures, statement.Request{Month: 202601})
	fmt.Println(found[0].Relation, found[0].Difference, err)

	s, err := statement.Make(book, &figures, statement.Request{Kind: accounts.IncomeExpenditure, Month: 202601})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range s.Rows {
		if r.Cells[0].Amount != 0 {
			fmt.Println(r.ZH, s.Money.Format(r.Cells[0].Amount))
		}
	}
	// Output:
	// V1 8765433 <nil>
	// 一、基金收入 100,000.00
	// 社会保险费收入 100,000.00
	// 二、基金支出 12,345.67
	// 社会保险待遇支出 12,345.67
	// （二）伤残待遇支出 12,345.67
	// 三、本期基金结余 87,654.33
}
