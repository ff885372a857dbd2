package ledgertest

import (
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
)

// Opened is the day on which everything of a Fixture is opened.
const Opened calendar.Date = 20260101

// Fixture is a ledger that is ready for posting.
type Fixture struct {
	Ledger *ledger.Ledger
	DB     *store.DB
	Clock  *Clock
	Book   ledger.BookID // 1/1: CNY, from January 2026, with the accounts of Chart
}

// New opens realm 1 with its register book, and book 1/1 with the accounts of Chart, in a migrated database. Clock and seeds are fixed, so that equal
// operations give equal records.
func New(tb testing.TB, db *store.DB) *Fixture {
	tb.Helper()
	f := &Fixture{DB: db, Clock: NewClock(), Book: ledger.BookID{Realm: 1, Number: 1}}
	f.Ledger = Ledger(tb, db, f.Clock)
	f.OpenBook(tb, f.Book)
	return f
}

// Ledger returns a ledger over a migrated database with that clock and with seeds that depend on book and key only.
func Ledger(tb testing.TB, db *store.DB, clock *Clock) *ledger.Ledger {
	tb.Helper()
	l, err := ledger.New(db, ledger.Config{Clock: clock.Now, Seeds: ledger.DerivedSeeds([]byte("ledgertest"))})
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

// OpenBook opens another book, with its realm if need be and with the accounts of Chart.
func (f *Fixture) OpenBook(tb testing.TB, id ledger.BookID) {
	tb.Helper()
	if err := f.Ledger.OpenRealm(tb.Context(), RealmSpec(id.Realm)); err != nil {
		tb.Fatal(err)
	}
	if err := f.Ledger.OpenBook(tb.Context(), BookSpec(id)); err != nil {
		tb.Fatal(err)
	}
	if _, err := f.Ledger.OpenAccounts(tb.Context(), id, Act("chart", Opened), Chart()); err != nil {
		tb.Fatal(err)
	}
}

// Post posts a draft into the fixture's book and ends the test when it is refused.
func (f *Fixture) Post(tb testing.TB, draft ledger.Draft) ledger.Receipt {
	tb.Helper()
	receipt, err := f.Ledger.Post(tb.Context(), f.Book, draft)
	if err != nil {
		tb.Fatal(err)
	}
	return receipt
}

// Account returns an account of the fixture's book by its code.
func (f *Fixture) Account(tb testing.TB, code string) ledger.Account {
	tb.Helper()
	account, err := f.Ledger.Account(tb.Context(), f.Book, code)
	if err != nil {
		tb.Fatal(err)
	}
	return account
}

// Balance returns the balance of an account of the fixture's book as it stands, debit less credit.
func (f *Fixture) Balance(tb testing.TB, code string) money.Amount {
	tb.Helper()
	balance, err := f.Ledger.Balance(tb.Context(), f.Book, f.Account(tb, code).No, ledger.At{})
	if err != nil {
		tb.Fatal(err)
	}
	return balance.Net()
}

// Verify ends the test unless Verify finds each of the books sound, down to the trees over their lines.
func (f *Fixture) Verify(tb testing.TB, books ...ledger.BookID) {
	tb.Helper()
	for _, book := range books {
		report, err := f.Ledger.Verify(tb.Context(), book, ledger.VerifyOptions{Deep: true})
		if err != nil {
			tb.Fatal(err)
		}
		if !report.Sound() {
			tb.Fatalf("book %v: %d discrepancies, the first: %v", book, report.Count, report.Discrepancies[0])
		}
	}
}

// RealmSpec returns what opens a realm.
func RealmSpec(realm int32) ledger.RealmSpec {
	return ledger.RealmSpec{ID: realm, Code: "area", Name: "Pooling area", Opened: Opened, EnteredBy: "administrator"}
}

// BookSpec returns what opens a book in CNY from January 2026.
func BookSpec(id ledger.BookID) ledger.BookSpec {
	return ledger.BookSpec{
		ID: id, Code: "pension", Name: "Pension fund", Currency: money.MustCurrency("CNY"), First: 202601, Opened: Opened, EnteredBy: "administrator",
	}
}

// Chart returns a small chart with every type, section and class of account. R/1 and 1002 must not go below zero.
func Chart() []ledger.AccountSpec {
	return []ledger.AccountSpec{
		{Code: "10", Name: "Deposits", Type: ledger.Asset, Class: ledger.Heading},
		{Code: "1002", Name: "Income account", Type: ledger.Asset, Parent: "10", NeverBelowZero: true},
		{Code: "1003", Name: "Expenditure account", Type: ledger.Asset, Parent: "10"},
		{Code: "2001", Name: "Receipts in transit", Type: ledger.Liability},
		{Code: "3001", Name: "Fund balance", Type: ledger.NetAssets},
		{Code: "4001", Name: "Contribution income", Type: ledger.Income},
		{Code: "5001", Name: "Benefit expense", Type: ledger.Expense},
		{Code: "P", Name: "Personal accounts", Type: ledger.Liability, Class: ledger.Control},
		{Code: "P/1", Type: ledger.Liability, Class: ledger.Member, Parent: "P"},
		{Code: "P/2", Type: ledger.Liability, Class: ledger.Member, Parent: "P"},
		{Code: "R0", Name: "Rights, contra", Type: ledger.Asset, Section: ledger.Memorandum},
		{Code: "RR", Name: "Rights", Type: ledger.Liability, Section: ledger.Memorandum, Class: ledger.Heading},
		{Code: "R", Name: "Members' rights", Type: ledger.Liability, Section: ledger.Memorandum, Class: ledger.Control, Parent: "RR"},
		{Code: "R/1", Type: ledger.Liability, Section: ledger.Memorandum, Class: ledger.Member, Parent: "R", NeverBelowZero: true},
		{Code: "R/2", Type: ledger.Liability, Section: ledger.Memorandum, Class: ledger.Member, Parent: "R"},
	}
}

// Act returns an act ordered by the administrator and approved by the chief.
func Act(key string, effective calendar.Date) ledger.Act {
	return ledger.Act{Key: key, Effective: effective, Description: "as decided", EnteredBy: "administrator", ApprovedBy: "chief"}
}

// Draft returns a draft of an entry with these lines.
func Draft(key string, effective calendar.Date, lines ...ledger.Line) ledger.Draft {
	return ledger.Draft{Key: key, Effective: effective, EnteredBy: "clerk", ApprovedBy: "chief", Lines: lines}
}

// Transfer returns a draft of an entry of two lines.
func Transfer(key string, effective calendar.Date, debit, credit string, amount money.Amount) ledger.Draft {
	return Draft(key, effective, ledger.DebitLine(debit, amount), ledger.CreditLine(credit, amount))
}

// Reversal returns a reversal without anything special about it.
func Reversal(key string, effective calendar.Date) ledger.Reversal {
	return ledger.Reversal{Key: key, Effective: effective, Reason: "entered twice", EnteredBy: "clerk", ApprovedBy: "chief"}
}
