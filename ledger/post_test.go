package ledger_test

import (
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

func TestSmoke(t *testing.T) {
	storetest.Each(t, []store.Schema{ledger.Schema()}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		l, err := ledger.New(db, ledger.Config{})
		if err != nil {
			t.Fatal(err)
		}
		opened := calendar.MustDate(2026, 1, 1)
		if err := l.OpenRealm(ctx, ledger.RealmSpec{ID: 1, Code: "area", Name: "Area", Opened: opened, EnteredBy: "admin"}); err != nil {
			t.Fatal(err)
		}
		book := ledger.BookID{Realm: 1, Number: 1}
		spec := ledger.BookSpec{ID: book, Code: "EP", Name: "Pension", Currency: money.MustCurrency("CNY"), First: 202601, Opened: opened, EnteredBy: "admin"}
		for range 2 {
			if err := l.OpenBook(ctx, spec); err != nil {
				t.Fatal(err)
			}
		}
		act := ledger.Act{Key: "chart", Effective: opened, EnteredBy: "admin"}
		specs := []ledger.AccountSpec{
			{Code: "1002", Name: "bank", Type: ledger.Asset, NeverBelowZero: true}, {Code: "4001", Name: "income", Type: ledger.Income},
			{Code: "R0", Name: "contra", Type: ledger.Asset, Section: ledger.Memorandum},
			{Code: "R", Name: "rights", Type: ledger.Liability, Section: ledger.Memorandum, Class: ledger.Control},
			{Code: "R/1", Type: ledger.Liability, Section: ledger.Memorandum, Class: ledger.Member, Parent: "R", NeverBelowZero: true},
		}
		for range 2 {
			numbers, err := l.OpenAccounts(ctx, book, act, specs)
			if err != nil || len(numbers) != 5 || numbers[4] != 5 {
				t.Fatal(numbers, err)
			}
		}
		draft := ledger.Draft{Key: "1", Effective: calendar.MustDate(2026, 1, 5), EnteredBy: "a", Description: "first", Lines: []ledger.Line{
			ledger.DebitLine("1002", 10000), ledger.CreditLine("4001", 10000), ledger.DebitLine("R0", 8000), ledger.CreditLine("R/1", 8000),
		}}
		for i := range 2 {
			r, err := l.Post(ctx, book, draft)
			if err != nil || r.Replayed != (i == 1) || r.Voucher.Number != 1 {
				t.Fatalf("%+v %v", r, err)
			}
		}
		draft.Key = "2"
		draft.Lines[0].Amount = 9999
		_, err = l.Post(ctx, book, draft)
		t.Log(err)
		if _, err := l.Reverse(ctx, book, 3, ledger.Reversal{Key: "rev", Effective: calendar.MustDate(2026, 1, 6), Reason: "wrong", EnteredBy: "a"}); err != nil {
			t.Fatal(err)
		}
		trial, err := l.TrialBalance(ctx, book, ledger.Range{From: opened, To: 20261231, Seq: 3})
		t.Logf("%+v %v", trial, err)
		s, err := l.Statement(ctx, book, 5, ledger.Range{From: opened, To: 20261231})
		if err != nil {
			t.Fatal(err)
		}
		for line, err := range s.Lines() {
			t.Logf("%+v %v", line, err)
		}
		if _, err := l.ClosePeriod(ctx, book, ledger.Act{Key: "c", Effective: 20260131, EnteredBy: "a"}, 202601); err != nil {
			t.Fatal(err)
		}
		for e, err := range l.Entries(ctx, book, 1, 0) {
			t.Logf("%+v %v", e, err)
		}
	})
}
