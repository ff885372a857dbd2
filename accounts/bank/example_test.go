package bank_test

import (
	"fmt"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/ledger/money"
)

// The bank has paid a batch of three pensions in one amount and taken a fee that the books do not know yet.
func ExampleReconcile() {
	statement := []bank.Line{
		{BookingDate: 20260410, Amount: -3000000, Particulars: bank.Particulars{PaymentInformation: "PAY-202604-01"}},
		{BookingDate: 20260421, Amount: -1200, Particulars: bank.Particulars{Note: "手续费"}},
	}
	books := []bank.BookLine{
		{ID: "voucher 17", Date: 20260409, Amount: -1200000, References: []string{"PEN-000001", "PAY-202604-01"}},
		{ID: "voucher 18", Date: 20260409, Amount: -1000000, References: []string{"PEN-000002", "PAY-202604-01"}},
		{ID: "voucher 19", Date: 20260409, Amount: -800000, References: []string{"PEN-000003", "PAY-202604-01"}},
	}
	r, err := bank.Reconcile(statement, books, bank.ReconcileOptions{Kind: bank.ExpenditureAccount, AsOf: 20260430, Currency: money.MustCurrency("CNY"),
		BankBalance: 1998800, BookBalance: 2000000})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range r.Matches {
		fmt.Println(m.Rule, m.Bank, m.Book)
	}
	for _, o := range r.Open {
		fmt.Println(o.Class.Chinese(), o.Amount, o.Age, "days")
	}
	fmt.Println(r.Adjusted.Title(), r.Adjusted.Agrees())
	for _, line := range r.Adjusted.Arithmetic() {
		fmt.Println(line)
	}
	// Output:
	// group [0] [0 1 2]
	// 银行已付、单位未付 -1200 9 days
	// 银行支出户存款余额调节表 true
	// 银行对账单余额 19,988.00 + 单位已收银行未收 0.00 − 单位已付银行未付 0.00 = 调节后余额 19,988.00
	// 单位账面余额 20,000.00 + 银行已收单位未收 0.00 − 银行已付单位未付 12.00 = 调节后余额 19,988.00
	// 未查明差额 19,988.00 − 19,988.00 = 0.00
}
