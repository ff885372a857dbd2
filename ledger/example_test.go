package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/ledgertest"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store/sqlite/ncruces"
)

var (
	ctx  = context.Background()
	book = ledger.BookID{Realm: 1, Number: 1} // of the pension fund of a pooling area
	cny  = money.MustCurrency("CNY")
	jan5 = calendar.MustDate(2026, 1, 5)
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// exampleLedger opens a ledger in a file that done removes, with the book 1/1 and four accounts. Its clock stands still and its seeds are derived, so that it
// always writes the same records.
func exampleLedger() (l *ledger.Ledger, done func()) {
	folder, err := os.MkdirTemp("", "ledger-example-")
	check(err)
	db, err := ncruces.Open(ctx, filepath.Join(folder, "ledger.sqlite"))
	check(err)
	check(db.Migrate(ctx, ledger.Schema()))
	l, err = ledger.New(db, ledger.Config{Clock: ledgertest.NewClock().Now, Seeds: ledger.DerivedSeeds([]byte("example"))})
	check(err)
	check(l.OpenRealm(ctx, ledger.RealmSpec{ID: 1, Code: "330100", Name: "Pooling area", Opened: jan5, EnteredBy: "admin"}))
	check(l.OpenBook(ctx, ledger.BookSpec{ID: book, Code: "pension", Name: "Pension fund", Currency: cny, First: 202601, Opened: jan5, EnteredBy: "admin"}))
	_, err = l.OpenAccounts(ctx, book, ledger.Act{Key: "chart", Effective: jan5, EnteredBy: "admin"}, []ledger.AccountSpec{
		{Code: "1002", Name: "Income account", Type: ledger.Asset, NeverBelowZero: true},
		{Code: "3001", Name: "Fund balance", Type: ledger.NetAssets},
		{Code: "4001", Name: "Contribution income", Type: ledger.Income},
		{Code: "5001", Name: "Benefit expense", Type: ledger.Expense},
	})
	check(err)
	return l, func() {
		check(db.Close())
		check(os.RemoveAll(folder))
	}
}

func ExampleNew() {
	folder, err := os.MkdirTemp("", "ledger-example-")
	check(err)
	defer os.RemoveAll(folder)

	db, err := ncruces.Open(ctx, filepath.Join(folder, "ledger.sqlite"))
	check(err)
	defer db.Close()
	check(db.Migrate(ctx, ledger.Schema()))

	l, err := ledger.New(db, ledger.Config{})
	check(err)
	check(l.OpenRealm(ctx, ledger.RealmSpec{ID: 1, Code: "330100", Name: "Pooling area", Opened: jan5, EnteredBy: "admin"}))

	register, err := l.Book(ctx, ledger.BookID{Realm: 1})
	check(err)
	fmt.Println(register.Name, register.Seq)
	// Output: Pooling area 1
}

func ExampleLedger_OpenBook() {
	l, done := exampleLedger()
	defer done()

	spec := ledger.BookSpec{
		ID: ledger.BookID{Realm: 1, Number: 2}, Code: "injury", Name: "Work injury fund", Currency: cny, First: 202601, Opened: jan5, EnteredBy: "admin",
	}
	check(l.OpenBook(ctx, spec))
	check(l.OpenBook(ctx, spec)) // asking again changes nothing

	opened, err := l.Book(ctx, spec.ID)
	check(err)
	fmt.Println(opened.ID, opened.Name, opened.Currency, "closed through", opened.ClosedThrough)
	// Output: 1/2 Work injury fund CNY closed through 2025-13
}

func ExampleLedger_OpenAccounts() {
	l, done := exampleLedger()
	defer done()

	act := ledger.Act{Key: "personal accounts", Effective: jan5, EnteredBy: "admin"}
	numbers, err := l.OpenAccounts(ctx, book, act, []ledger.AccountSpec{
		{Code: "R0", Name: "Rights, contra", Type: ledger.Asset, Section: ledger.Memorandum},
		{Code: "R", Name: "Members' rights", Type: ledger.Liability, Section: ledger.Memorandum, Class: ledger.Control},
		{Code: "R/100001", Type: ledger.Liability, Section: ledger.Memorandum, Class: ledger.Member, Parent: "R", NeverBelowZero: true},
	})
	check(err)
	fmt.Println(numbers)
	// Output: [5 6 7]
}

func ExampleLedger_Post() {
	l, done := exampleLedger()
	defer done()

	draft := ledger.Draft{
		Key: "bank line 4711", Effective: jan5, EnteredBy: "clerk", ApprovedBy: "chief", Description: "contributions of December",
		Lines: []ledger.Line{ledger.DebitLine("1002", 1_200_00), ledger.CreditLine("4001", 1_200_00)},
	}
	receipt, err := l.Post(ctx, book, draft)
	check(err)
	fmt.Println("entry", receipt.Seq, "voucher", receipt.Period, receipt.Voucher.Number)

	receipt, err = l.Post(ctx, book, draft) // the same key posts once
	check(err)
	fmt.Println("entry", receipt.Seq, "replayed", receipt.Replayed)

	draft.Key = "bank line 4712"
	draft.Lines[1].Amount = 1_199_99
	_, err = l.Post(ctx, book, draft)
	fmt.Println(errors.Is(err, ledger.ErrUnbalanced))
	fmt.Println(err)
	// Output:
	// entry 3 voucher 2026-01 1
	// entry 3 replayed true
	// true
	// ledger: unbalanced: book 1/1, "bank line 4712": general debits 1,200.00 − credits 1,199.99 = 0.01 CNY (lines 1, 2); add the missing line or correct an amount
}

// postMonth posts contributions in January and a benefit in February.
func postMonth(l *ledger.Ledger) []ledger.Receipt {
	receipts, err := l.PostAll(ctx, book, []ledger.Draft{
		{Key: "in", Effective: jan5, EnteredBy: "clerk", Description: "contributions", Lines: []ledger.Line{
			ledger.DebitLine("1002", 1_200_00), ledger.CreditLine("4001", 1_200_00)}},
		{Key: "out", Effective: calendar.MustDate(2026, 2, 3), EnteredBy: "clerk", Description: "pensions", Lines: []ledger.Line{
			ledger.DebitLine("5001", 450_50), ledger.CreditLine("1002", 450_50)}},
	})
	check(err)
	return receipts
}

func ExampleLedger_Balance() {
	l, done := exampleLedger()
	defer done()
	postMonth(l)

	account, err := l.Account(ctx, book, "1002")
	check(err)
	now, err := l.Balance(ctx, book, account.No, ledger.At{})
	check(err)
	january, err := l.Balance(ctx, book, account.No, ledger.At{Date: calendar.MustDate(2026, 1, 31)})
	check(err)
	fmt.Println(cny.Format(now.Net()), cny.Format(january.Net()))
	// Output: 749.50 1,200.00
}

func ExampleLedger_TrialBalance() {
	l, done := exampleLedger()
	defer done()
	postMonth(l)

	february := ledger.Range{From: calendar.MustDate(2026, 2, 1), To: calendar.MustDate(2026, 2, 28)}
	trial, err := l.TrialBalance(ctx, book, february)
	check(err)
	for _, row := range trial.Rows {
		fmt.Printf("%s %9s %7s %7s %9s\n", row.Account.Code, cny.Text(row.Opening), cny.Text(row.Debit), cny.Text(row.Credit), cny.Text(row.Closing))
	}
	// Output:
	// 1002   1200.00    0.00  450.50    749.50
	// 3001      0.00    0.00    0.00      0.00
	// 4001  -1200.00    0.00    0.00  -1200.00
	// 5001      0.00  450.50    0.00    450.50
}

func ExampleLedger_Statement() {
	l, done := exampleLedger()
	defer done()
	postMonth(l)

	account, err := l.Account(ctx, book, "1002")
	check(err)
	statement, err := l.Statement(ctx, book, account.No, ledger.Range{From: calendar.MustDate(2026, 1, 1), To: calendar.MustDate(2026, 12, 31)})
	check(err)
	for line, err := range statement.Lines() {
		check(err)
		fmt.Println(line.Effective, line.Description, line.Side, cny.Text(line.Amount), "balance", cny.Text(line.Balance))
	}
	// Output:
	// 2026-01-05 contributions debit 1200.00 balance 1200.00
	// 2026-02-03 pensions credit 450.50 balance 749.50
}

func ExampleLedger_Reverse() {
	l, done := exampleLedger()
	defer done()
	receipts := postMonth(l)

	reversal, err := l.Reverse(ctx, book, receipts[1].Seq, ledger.Reversal{
		Key: "out, reversed", Effective: calendar.MustDate(2026, 2, 4), Reason: "returned by the bank", EnteredBy: "clerk", ApprovedBy: "chief",
	})
	check(err)
	entry, err := l.Entry(ctx, book, reversal.Seq)
	check(err)
	for _, line := range entry.Lines {
		fmt.Println(line.Account, line.Side, cny.Text(line.Amount)) // red letters: turnovers are as if the entry had never been
	}
	fmt.Println("reverses", entry.Reverses)
	// Output:
	// 4 debit -450.50
	// 1 credit -450.50
	// reverses 4
}

func ExampleLedger_ClosePeriod() {
	l, done := exampleLedger()
	defer done()
	postMonth(l)

	_, err := l.ClosePeriod(ctx, book, ledger.Act{Key: "close January", Effective: calendar.MustDate(2026, 1, 31), EnteredBy: "chief"}, 202601)
	check(err)
	_, err = l.Post(ctx, book, ledger.Draft{Key: "late", Effective: jan5, EnteredBy: "clerk", Lines: []ledger.Line{
		ledger.DebitLine("1002", 5_00), ledger.CreditLine("4001", 5_00)}})
	fmt.Println(err)
	// Output:
	// ledger: period_closed: book 1/1, "late", period: 2026-01, closed through 2026-01; post into 2026-02 or later, or have the period reopened
}
