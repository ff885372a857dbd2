package rules_test

import (
	"context"
	"fmt"
	"time"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/audit/rules"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/money"
)

// A book of another system is examined by all rules. Those whose sources are not there say so.
func Example() {
	book := audit.ForeignBook{
		Book:     ledger.Book{ID: ledger.BookID{Realm: 1, Number: 1}, Code: "EP", Currency: money.MustCurrency("CNY"), First: 202601},
		Accounts: []ledger.Account{{Code: "1002", Name: "收入户存款", Type: ledger.Asset}, {Code: "4001", Name: "社会保险费收入", Type: ledger.Income}},
		Entries: []audit.ForeignEntry{
			{Entry: ledger.Entry{Effective: 20260105, Period: 202601, Voucher: ledger.Voucher{Type: "general", Number: 1}, EnteredBy: "li", ApprovedBy: "wang",
				Lines: []ledger.Line{ledger.DebitLine("1002", 120_000), ledger.CreditLine("4001", 119_999)}}},
			{Entry: ledger.Entry{Effective: 20260106, Period: 202601, Voucher: ledger.Voucher{Type: "general", Number: 3}, EnteredBy: "li", ApprovedBy: "li",
				Lines: []ledger.Line{ledger.DebitLine("1002", 500), ledger.CreditLine("4001", 500)}}},
		},
	}
	foreign, err := audit.NewForeign(book)
	if err != nil {
		fmt.Println(err)
		return
	}
	a, err := audit.New(foreign.Sources(), rules.Default()...)
	if err != nil {
		fmt.Println(err)
		return
	}
	run, err := a.Run(context.Background(), audit.Engagement{By: "auditor", Clock: func() time.Time { return time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC) }})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range run.Findings {
		fmt.Printf("%s %s: %s\n", f.Rule, f.Kind, f.Text.EN)
	}
	for _, o := range run.Outcomes {
		if o.Status != audit.Ran {
			fmt.Printf("%s %s: %s\n", o.Rule, o.Status, o.Missing[0].EN)
		}
	}
	// Output:
	// L01 exact: voucher 2026-01 general 1, general accounts: debits − credits = 1,200.00 − 1,199.99 = 0.01 CNY
	// L02 exact: period 2026-01, type general: numbers 2 are missing (1 vouchers), while number 3 is there
	// L21 exact: voucher 2026-01 general 3 (5.00 CNY) was prepared and approved by li
	// L00 not_run: verification of the books
	// L04 not_run: stated trial balances
	// L05 not_run: stated trial balances
	// L06 not_run: stated trial balances
	// L08 not_run: stated trial balances
	// L10 not_run: open items of bank reconciliation
	// L13 not_run: roles of accounts
	// L18 not_run: stated trial balances
	// L22 not_run: stated trial balances
}
