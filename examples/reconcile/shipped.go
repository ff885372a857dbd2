package main

import (
	"context"
	"crypto/sha256"
	"os"
	"path/filepath"
	"runtime"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
)

// shipped is the folder of the example's data, found beside this file or below the working directory.
func shipped() string {
	if _, file, _, ok := runtime.Caller(0); ok {
		if folder := filepath.Join(filepath.Dir(file), "testdata"); exists(folder) {
			return folder
		}
	}
	return filepath.Join("examples", "reconcile", "testdata")
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// shippedMonth opens a book of a pension fund and posts a month in which the bank and the books do not agree: the receipt of 17 April was never booked, and
// the second sweep, booked on 30 April, left the bank in May.
func shippedMonth(ctx context.Context, db *store.DB, led *ledger.Ledger) (ledger.BookID, error) {
	id := ledger.BookID{Realm: 1, Number: 1}
	if err := db.Migrate(ctx, ledger.Schema()); err != nil {
		return id, err
	}
	opened := calendar.MustDate(2026, 4, 1)
	if err := led.OpenRealm(ctx, ledger.RealmSpec{ID: 1, Code: "example", Name: "示例市", Opened: opened, EnteredBy: "setup"}); err != nil {
		return id, err
	}
	chart, err := accounts.Standard()
	if err != nil {
		return id, err
	}
	book, err := chart.For("enterprise_pension", accounts.Conditions{Level: accounts.BelowProvincial, Collector: accounts.CollectedByAgency}, opened)
	if err != nil {
		return id, err
	}
	var pension *fund.Fund
	if err := db.Update(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		pension, err = fund.Open(ctx, led, tx.Handle(), fund.Spec{Book: id, Code: "EP", Name: "企业职工基本养老保险基金", Chart: book, First: 202604, EnteredBy: "setup"})
		return err
	}); err != nil {
		return id, err
	}
	for _, e := range []struct {
		event, reference string
		day              calendar.Date
		amount           money.Amount
		debit, credit    accounts.Role
		text             string
	}{
		{"E1", "D202604-E001", 20260409, 16800000, accounts.RoleIncomeAccount, accounts.RoleContributions, "4月保险费 E001"},
		{"E1", "D202604-E002", 20260411, 5640000, accounts.RoleIncomeAccount, accounts.RoleContributions, "4月保险费 E002"},
		{"E8a", "INT-202604", 20260421, 15036, accounts.RoleIncomeAccount, accounts.RoleDepositInterest, "收入户结息"},
		{"E2", "SWEEP-202604-1", 20260428, 21300000, accounts.RoleFiscalAccount, accounts.RoleIncomeAccount, "归集至财政专户"},
		{"E2", "SWEEP-202604-2", 20260430, 1155036, accounts.RoleFiscalAccount, accounts.RoleIncomeAccount, "归集至财政专户"},
	} {
		advice := sha256.Sum256([]byte(e.reference))
		if _, err := pension.Post(ctx, fund.Event{
			Event: e.event, Key: e.reference, Effective: e.day, Description: e.text, EnteredBy: "clerk", ApprovedBy: "chief",
			Source: ledger.Source{Kind: "advice", ID: e.reference}, Attachments: []ledger.Attachment{{Name: "advice", Hash: advice[:]}},
			Parts: []accounts.Part{{Role: e.debit, Amount: e.amount}, {Role: e.credit, Amount: e.amount}},
		}); err != nil {
			return id, err
		}
	}
	return id, nil
}
