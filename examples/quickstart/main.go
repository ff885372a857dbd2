// Quickstart opens a book of a pension fund in an SQLite file, posts a month of it, shows the trial balance, and proves that the file holds what was posted.
//
//	go run ./examples/quickstart            # a file in a temporary folder
//	go run ./examples/quickstart -db my.db  # a file of your own; run it twice: what is there is replayed, not posted again
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store/sqlite/ncruces"
)

func main() {
	path := flag.String("db", "", "SQLite file; a new one in a temporary folder if empty")
	flag.Parse()
	if err := run(context.Background(), *path, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, path string, out io.Writer) error {
	if path == "" {
		folder, err := os.MkdirTemp("", "quickstart")
		if err != nil {
			return err
		}
		path = filepath.Join(folder, "fund.db")
	}
	db, err := ncruces.Open(ctx, path)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Migrate(ctx, ledger.Schema()); err != nil {
		return err
	}
	books, err := ledger.New(db, ledger.Config{})
	if err != nil {
		return err
	}
	pension, err := openBook(ctx, books)
	if err != nil {
		return err
	}
	if err := postMonth(ctx, books, pension, out); err != nil {
		return err
	}
	if err := show(ctx, books, pension, out); err != nil {
		return err
	}
	fmt.Fprintln(out, "The book lies in", path)
	return nil
}

// openBook opens a pooling area with one book and its accounts.
func openBook(ctx context.Context, books *ledger.Ledger) (ledger.BookID, error) {
	pension := ledger.BookID{Realm: 1, Number: 1}
	opened := calendar.MustDate(2026, 1, 1)
	if err := books.OpenRealm(ctx, ledger.RealmSpec{ID: 1, Code: "430100", Name: "示例统筹区", Opened: opened, EnteredBy: "setup"}); err != nil {
		return pension, err
	}
	if err := books.OpenBook(ctx, ledger.BookSpec{
		ID: pension, Code: "EP", Name: "企业职工基本养老保险基金", Currency: money.MustCurrency("CNY"), First: 202601, Opened: opened, EnteredBy: "setup",
	}); err != nil {
		return pension, err
	}
	_, err := books.OpenAccounts(ctx, pension, ledger.Act{Key: "chart", Effective: opened, EnteredBy: "setup"}, []ledger.AccountSpec{
		{Code: "1002", Name: "收入户存款 income account", Type: ledger.Asset, NeverBelowZero: true},
		{Code: "1003", Name: "财政专户存款 fiscal account", Type: ledger.Asset, NeverBelowZero: true},
		{Code: "4001", Name: "社会保险费收入 contributions", Type: ledger.Income},
		{Code: "R1", Name: "个人账户权益 members' rights", Type: ledger.Liability, Section: ledger.Memorandum, Class: ledger.Control},
		{Code: "R1/0001", Type: ledger.Liability, Section: ledger.Memorandum, Class: ledger.Member, Parent: "R1", NeverBelowZero: true},
		{Code: "R0", Name: "权益对应 contra", Type: ledger.Asset, Section: ledger.Memorandum},
	})
	return pension, err
}

// postMonth posts a contribution with the member's credit in one entry, and the sweep to the fiscal account.
func postMonth(ctx context.Context, books *ledger.Ledger, pension ledger.BookID, out io.Writer) error {
	receipt, err := books.Post(ctx, pension, ledger.Draft{
		Key: "2026-01/bank/17", Effective: calendar.MustDate(2026, 1, 15), Description: "1月养老保险费", EnteredBy: "clerk", ApprovedBy: "chief",
		Lines: []ledger.Line{
			ledger.DebitLine("1002", 168000), // 1,680.00 CNY: amounts are minor units
			ledger.CreditLine("4001", 168000),
			ledger.DebitLine("R0", 56000),
			{Code: "R1/0001", Side: ledger.Credit, Amount: 56000, Month: 202601},
		},
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "entry %d, voucher %s %d, replayed %v\n", receipt.Seq, receipt.Voucher.Type, receipt.Voucher.Number, receipt.Replayed)
	_, err = books.Post(ctx, pension, ledger.Draft{
		Key: "2026-01/sweep", Effective: calendar.MustDate(2026, 1, 31), Description: "归集至财政专户", EnteredBy: "clerk", ApprovedBy: "chief",
		Lines: []ledger.Line{ledger.DebitLine("1003", 168000), ledger.CreditLine("1002", 168000)},
	})
	return err
}

// show prints the trial balance and verifies the book.
func show(ctx context.Context, books *ledger.Ledger, pension ledger.BookID, out io.Writer) error {
	trial, err := books.TrialBalance(ctx, pension, ledger.Range{From: calendar.MustDate(2026, 1, 1), To: calendar.MustDate(2026, 1, 31)})
	if err != nil {
		return err
	}
	currency := trial.Book.Currency
	fmt.Fprintf(out, "\n%-8s %14s %14s %14s\n", "account", "debit", "credit", "balance")
	for _, row := range trial.Rows {
		fmt.Fprintf(out, "%-8s %14s %14s %14s  %s\n", row.Account.Code, currency.Format(row.Debit), currency.Format(row.Credit),
			currency.Format(row.Closing*money.Amount(row.Account.Type.Normal())), row.Account.Name)
	}
	report, err := books.Verify(ctx, pension, ledger.VerifyOptions{Deep: true})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nverified %d entries and %d lines: %d discrepancies, root %x\n", report.Entries, report.Lines, report.Count, report.Root[:8])
	return nil
}
