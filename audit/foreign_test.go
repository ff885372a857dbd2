package audit_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/money"
	"pgregory.net/rapid"
)

func TestForeignBooksHoldWhatTheLedgerWouldRefuse(t *testing.T) {
	b := foreignBook(1, 2)
	b.Entries[0].Lines[1].Amount = 7                        // unbalanced
	b.Entries[1].Voucher = b.Entries[0].Voucher             // numbered twice
	b.Entries[1].Effective, b.Entries[1].Period = 5, 209999 // no date, no period
	b.Entries[1].Lines[0] = ledger.DebitLine("9999", 1)     // no account
	b.Entries[1].Lines[1].Account = 77                      // nor a number
	b.Entries[1].PeriodAct = &ledger.PeriodAct{Kind: ledger.PeriodClosed, Period: 202601}
	f := foreign(t, b)
	list, err := f.Books(t.Context())
	must(t, err)
	if list[0].Seq != 2 || list[0].Lines != 4 || list[0].Accounts != 2 || list[0].ClosedThrough != 202601 {
		t.Errorf("%+v", list[0])
	}
	var entries []*audit.Entry
	for e, err := range f.Entries(t.Context(), b.Book.ID, list[0].Seq) {
		must(t, err)
		entries = append(entries, e)
	}
	if a := entries[0].Account(0); a.Name != "bank" || a.Class != ledger.Detail || a.Section != ledger.General || !audit.Known(a) {
		t.Errorf("%+v", a)
	}
	if a := entries[1].Account(0); a.Code != "9999" || audit.Known(a) {
		t.Errorf("%+v", a)
	}
	if a := entries[1].Account(1); a.Code != "#77" || audit.Known(a) {
		t.Errorf("%+v", a)
	}
	if e := entries[1]; e.Seq != 2 || e.FirstOrdinal != 2 || e.PeriodAct.Seq != 2 || e.Effective != 5 {
		t.Errorf("%+v", e)
	}
	if b.Entries[1].Seq != 0 || b.Entries[1].PeriodAct.Seq != 0 {
		t.Error("taking a book in changed what was given")
	}
}

func TestForeignBooksThatLeaveNothingToReferToAreRefused(t *testing.T) {
	nameless := foreignBook(1, 1)
	nameless.Book.ID.Number = 0
	twice := foreignBook(2, 1)
	twice.Accounts = append(twice.Accounts, ledger.Account{Code: "1002"})
	stated := foreignBook(3, 1)
	stated.Stated = []audit.StatedMonth{{Month: 202601, Rows: []ledger.TrialRow{{Account: ledger.Account{Code: "7777"}}}}, {Month: 202601}, {Month: 202613}}
	poor := foreignBook(4, 1)
	poor.Book.Currency = money.Currency{}
	_, err := audit.NewForeign(nameless, twice, stated, poor, foreignBook(4, 1))
	for _, part := range []string{"book 1/0: it has no id or currency", `account "1002", number 3, is there twice`, `state account "7777"`, "2026-01 are there twice", "2026-13 are there twice, or it is no month", "book 1/4"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not say %q:\n%v", part, err)
		}
	}
	if !errors.Is(err, audit.ErrBookInvalid) {
		t.Errorf("%v", err)
	}
}

func TestForeignAnswersWhatItDoesNotHave(t *testing.T) {
	f := foreign(t, foreignBook(1, 1))
	other, id := ledger.BookID{Realm: 1, Number: 9}, ledger.BookID{Realm: 1, Number: 1}
	if _, err := f.Accounts(t.Context(), other); !errors.Is(err, ledger.ErrBookUnknown) {
		t.Errorf("%v", err)
	}
	if _, err := f.Entry(t.Context(), other, 1); !errors.Is(err, ledger.ErrBookUnknown) {
		t.Errorf("%v", err)
	}
	if _, err := f.Entry(t.Context(), id, 2); !errors.Is(err, ledger.ErrEntryUnknown) {
		t.Errorf("%v", err)
	}
	if _, err := f.Month(t.Context(), id, 202601, 1); !errors.Is(err, audit.ErrNotStated) {
		t.Errorf("%v", err)
	}
	for _, err := range f.Entries(t.Context(), other, 1) {
		if !errors.Is(err, ledger.ErrBookUnknown) {
			t.Errorf("%v", err)
		}
	}
	if len(f.Sources()) != 1 {
		t.Error("balances are given, though none were stated")
	}
}

func TestTheIdentityOfForeignBooksFollowsEveryFigure(t *testing.T) {
	identity := func(change func(*audit.ForeignBook)) string {
		b := foreignBook(1, 3)
		change(&b)
		text, err := foreign(t, b).Identity(context.Background())
		must(t, err)
		return text
	}
	before := identity(func(*audit.ForeignBook) {})
	for name, change := range map[string]func(*audit.ForeignBook){
		"amount": func(b *audit.ForeignBook) { b.Entries[2].Lines[1].Amount++ },
		"tag":    func(b *audit.ForeignBook) { b.Entries[2].Lines[1].Tag = "x" },
		"order":  func(b *audit.ForeignBook) { b.Entries[0], b.Entries[1] = b.Entries[1], b.Entries[0] },
		"person": func(b *audit.ForeignBook) { b.Entries[0].EnteredBy = "x" },
		"closing": func(b *audit.ForeignBook) {
			b.Entries[0].PeriodAct = &ledger.PeriodAct{Kind: ledger.PeriodClosed, Period: 202601}
		},
		"count": func(b *audit.ForeignBook) { b.Entries = b.Entries[:2] },
	} {
		if identity(change) == before {
			t.Errorf("another %s, the same identity", name)
		}
	}
	if identity(func(*audit.ForeignBook) {}) != before {
		t.Error("the same books, another identity")
	}
}

func TestSumsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		currency, err := money.NewCurrency("XYZ", rapid.IntRange(0, 18).Draw(t, "scale"))
		if err != nil {
			t.Fatal(err)
		}
		sum := audit.Sum{Amount: money.Amount(rapid.Int64Min(-1<<63+1).Draw(t, "amount")), Currency: currency}
		encoded, err := json.Marshal(sum)
		if err != nil {
			t.Fatal(err)
		}
		var back audit.Sum
		if err := json.Unmarshal(encoded, &back); err != nil || back != sum {
			t.Fatalf("%s reads back as %v, %v", encoded, back, err)
		}
	})
	for _, bad := range []string{`{"amount":"1e3","currency":"CNY"}`, `{"amount":"1","currency":"cny"}`, `{"amount":1,"currency":"CNY"}`, `"1"`} {
		var sum audit.Sum
		if err := json.Unmarshal([]byte(bad), &sum); err == nil {
			t.Errorf("%s was read as %v", bad, sum)
		}
	}
}

func TestBookReferencesReadBack(t *testing.T) {
	var ref audit.BookRef
	must(t, ref.UnmarshalText([]byte("330100/7")))
	if ref != (audit.BookRef{Realm: 330100, Number: 7}) {
		t.Errorf("%+v", ref)
	}
	for _, bad := range []string{"", "1", "1/", "1/2/3", "01/2", "x/1", "1/99999", " 1/2"} {
		if err := ref.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q was read as %v", bad, ref)
		}
	}
}

func TestABelowThatGoesRoundEnds(t *testing.T) {
	chart := audit.NewChart([]ledger.Account{{No: 1, Code: "1", Parent: 2}, {No: 2, Code: "2", Parent: 1}, {No: 3, Code: "3", Parent: 9}})
	if chart.Below(chart.Account(1), []string{"7"}) || !chart.Below(chart.Account(1), []string{"2"}) || chart.Below(chart.Code("3"), []string{"9"}) {
		t.Error("wrong")
	}
}
