package statement_test

import (
	"bytes"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/statement"
)

func TestTheRollForwardShowsWhatNothingExplains(t *testing.T) {
	book := bookOf(t, accounts.WorkInjury, county)
	income, paid := entry{202602, "treasury", "contributions", 100}, entry{202602, "benefits.wi_medical", "expenditure_account", 30}
	closed := []entry{{202602, "contributions", "general_balance", 100}, {202602, "general_balance", "benefits.wi_medical", 30}}
	for name, x := range map[string]struct {
		entries []entry
		want    statement.RollSpan // of the month
	}{
		"a month that was closed": {append(closed, income, paid), statement.RollSpan{Income: 10000, Expenditure: 3000, Expected: 7000, Closing: 7000, Surplus: 7000}},
		"a month that was not":    {[]entry{income, paid}, statement.RollSpan{Income: 10000, Expenditure: 3000, Expected: 7000, Unexplained: -7000, Surplus: 7000}},
		"a reserve appropriated": {append(closed, income, paid, entry{202602, "general_balance", "reserve", 5}),
			statement.RollSpan{Income: 10000, Expenditure: 3000, Expected: 7000, Closing: 7000, Surplus: 7000}},
		"money put into the balance by a closing entry": {append(closed, income, paid, entry{202602, "fiscal_account", "general_balance", 8}),
			statement.RollSpan{Income: 10000, Expenditure: 3000, Expected: 7000, Closing: 7800, Unexplained: 800, Surplus: 7000}},
	} {
		roll, err := statement.Roll(book, figures(t, x.entries...), statement.Request{Month: 202602})
		if err != nil {
			t.Fatal(err)
		}
		got := roll.Spans[0]
		x.want.ZH, x.want.EN, x.want.From, x.want.To = got.ZH, got.EN, 202602, 202602
		if got != x.want {
			t.Errorf("%s: %+v, want %+v", name, got, x.want)
		}
		if got.Unexplained != roll.Spans[1].Unexplained {
			t.Errorf("%s: since January %+v", name, roll.Spans[1])
		}
	}
	// An entry that puts money into net assets directly, and says that it is no closing entry, has a line of its own.
	f := figures(t, append(closed, income, paid)...)
	if err := f.Add(202602, statement.Ordinary, []accounts.Line{{AccountID: "fiscal_account", Side: accounts.Debit, Amount: 800}, {AccountID: "general_balance", Side: accounts.Credit, Amount: 800}}); err != nil {
		t.Fatal(err)
	}
	roll, err := statement.Roll(book, f, statement.Request{Month: 202602})
	if err != nil || roll.Spans[0].Direct != 800 || roll.Spans[0].Unexplained != 0 {
		t.Errorf("%+v, %v", roll, err)
	}
}

func TestTheRollForwardIsPrinted(t *testing.T) {
	book := bookOf(t, accounts.EmployeeMedical, county)
	roll, err := statement.Roll(book, employeeMedical(t), statement.Request{Month: 202602})
	if err != nil {
		t.Fatal(err)
	}
	var csv bytes.Buffer
	if err := roll.Table(statement.Heading{Language: statement.Both}).CSV(&csv); err != nil {
		t.Fatal(err)
	}
	golden(t, "rollforward.csv", csv.String())
}
