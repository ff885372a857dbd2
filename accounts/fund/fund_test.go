package fund_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

var (
	schemas = []store.Schema{ledger.Schema()}
	opened  = calendar.MustDate(2026, 1, 1)
	book    = ledger.BookID{Realm: 1, Number: 1}
	paper   = make([]byte, 32)
)

// readStandard reads the standard once for all tests: a chart never changes.
var readStandard = sync.OnceValues(func() (*accounts.Chart, error) { return accounts.Standard() })

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newFund(t *testing.T, db *store.DB, collector accounts.Collector, closing fund.ClosingMethod) *fund.Fund {
	t.Helper()
	led, err := ledger.New(db, ledger.Config{Seeds: ledger.DerivedSeeds([]byte("fund")), Clock: func() time.Time { return time.Unix(1767225600, 0) }})
	must(t, err)
	must(t, led.OpenRealm(t.Context(), ledger.RealmSpec{ID: 1, Code: "area", Name: "统筹区", Opened: opened, EnteredBy: "setup"}))
	chart, err := readStandard()
	must(t, err)
	bookChart, err := chart.For("enterprise_pension", accounts.Conditions{Level: accounts.BelowProvincial, Collector: collector, HasUpperLevel: true}, opened)
	must(t, err)
	var f *fund.Fund
	for range 2 { // opening it again changes nothing
		must(t, db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
			f, err = fund.Open(ctx, led, tx.Handle(), fund.Spec{Book: book, Code: "EP", Name: "养老", Chart: bookChart, First: 202601, Closing: closing,
				EnteredBy: "setup", Approved: "chief"})
			return err
		}))
	}
	return f
}

func event(name, key string, day calendar.Date, parts ...accounts.Part) fund.Event {
	return fund.Event{
		Event: name, Key: key, Effective: day, EnteredBy: "clerk", ApprovedBy: "chief", Source: ledger.Source{Kind: "bank", ID: key},
		Attachments: []ledger.Attachment{{Name: "advice", Hash: paper}}, Parts: parts,
	}
}

func part(role accounts.Role, amount money.Amount) accounts.Part {
	return accounts.Part{Role: role, Amount: amount}
}

// balance is that of a role's account on its debit side.
func balance(t *testing.T, f *fund.Fund, role accounts.Role) money.Amount {
	t.Helper()
	code, err := f.RoleCode(role)
	must(t, err)
	account, err := f.Ledger().Account(t.Context(), f.Book(), code)
	must(t, err)
	b, err := f.Ledger().Balance(t.Context(), f.Book(), account.No, ledger.At{})
	must(t, err)
	return b.Net()
}

// january is a month of a pension fund: premium, sweep, funding, pensions, bank interest.
func january(t *testing.T, f *fund.Fund) {
	t.Helper()
	for _, e := range []fund.Event{
		event("E1", "premium", 20260110, part(accounts.RoleIncomeAccount, 168000), part(accounts.RoleContributions, 168000)),
		event("E2", "sweep", 20260111, part(accounts.RoleFiscalAccount, 168000), part(accounts.RoleIncomeAccount, 168000)),
		event("E9", "funding", 20260112, part(accounts.RoleExpenditureAccount, 90000), part(accounts.RoleFiscalAccount, 90000)),
		event("E10a", "pensions", 20260115, part(accounts.RoleBasicPension, 60000), part(accounts.RoleAccountPension, 20000), part(accounts.RoleExpenditureAccount, 80000)),
		event("E8a", "interest", 20260121, part(accounts.RoleFiscalAccount, 123), part(accounts.RoleDepositInterest, 123)),
	} {
		must2(t)(f.Post(t.Context(), e))
	}
}

func must2(t *testing.T) func(ledger.Receipt, error) {
	return func(_ ledger.Receipt, err error) { t.Helper(); must(t, err) }
}

func signAll(t *testing.T, f *fund.Fund, period calendar.Period) {
	t.Helper()
	for _, item := range f.Checklist() {
		must2(t)(f.Sign(t.Context(), fund.Signature{Period: period, Item: item, Signed: period.Month().Last(), Prepared: "clerk", Reviewed: "chief",
			Document: ledger.Source{Kind: "paper", ID: string(item), Hash: paper}}))
	}
}

func closePeriod(t *testing.T, f *fund.Fund, db *store.DB, period calendar.Period) (fund.Closed, error) {
	t.Helper()
	var closed fund.Closed
	err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
		closed, err = f.ClosePeriod(ctx, tx.Handle(), fund.CloseOrder{Period: period, Closed: period.Month().Last(), EnteredBy: "clerk", Approved: "chief"})
		return err
	})
	return closed, err
}

func TestAMonthIsPostedSignedAndClosed(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		f := newFund(t, db, accounts.CollectedByAgency, "")
		january(t, f)
		if _, err := closePeriod(t, f, db, 202601); !errors.Is(err, fund.ErrChecklist) {
			t.Fatalf("closed without a checklist: %v", err)
		}
		signAll(t, f, 202601)
		for i := range 2 {
			closed, err := closePeriod(t, f, db, 202601)
			must(t, err)
			if closed.Income.Seq == 0 || closed.Expenditure.Seq == 0 || closed.Period.Replayed != (i == 1) {
				t.Fatalf("closing %d: %+v", i, closed)
			}
		}
		for role, want := range map[accounts.Role]money.Amount{
			accounts.RoleContributions: 0, accounts.RoleBasicPension: 0, accounts.RoleDepositInterest: 0, accounts.RoleIncomeAccount: 0,
			accounts.RoleExpenditureAccount: 10000, accounts.RoleFiscalAccount: 78123, accounts.RoleGeneralBalance: -(168000 + 123 - 80000),
		} {
			if got := balance(t, f, role); got != want {
				t.Errorf("%s stands at %d, want %d", role, got, want)
			}
		}
		report, err := f.Ledger().Verify(t.Context(), f.Book(), ledger.VerifyOptions{Deep: true})
		must(t, err)
		if !report.Sound() {
			t.Error(report.Discrepancies)
		}
	})
}

func TestAReopenedMonthNeedsNewSignaturesAndClosesTheDifference(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		f := newFund(t, db, accounts.CollectedByAgency, fund.CloseMonthly)
		january(t, f)
		signAll(t, f, 202601)
		_, err := closePeriod(t, f, db, 202601)
		must(t, err)
		must2(t)(f.Ledger().ReopenPeriod(t.Context(), f.Book(), ledger.Act{Key: "reopen", Effective: 20260202, Description: "late advice", EnteredBy: "clerk", ApprovedBy: "chief"}, 202601))
		must2(t)(f.Post(t.Context(), event("E8a", "late interest", 20260131, part(accounts.RoleFiscalAccount, 77), part(accounts.RoleDepositInterest, 77))))
		if _, err := closePeriod(t, f, db, 202601); !errors.Is(err, fund.ErrChecklist) {
			t.Fatalf("closed by old signatures: %v", err)
		}
		signAll(t, f, 202601)
		closed, err := closePeriod(t, f, db, 202601)
		must(t, err)
		entry, err := f.Ledger().Entry(t.Context(), f.Book(), closed.Income.Seq)
		must(t, err)
		if len(entry.Lines) != 2 || entry.Lines[0].Amount != 77 {
			t.Errorf("the second closing is not the difference: %+v", entry.Lines)
		}
	})
}

func TestTheYearlyMethodClosesInPeriodThirteenOnly(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		f := newFund(t, db, accounts.CollectedByAgency, fund.CloseYearly)
		january(t, f)
		for period := calendar.Period(202601); period <= 202612; period = period.Next() {
			signAll(t, f, period)
			closed, err := closePeriod(t, f, db, period)
			must(t, err)
			if closed.Income.Seq != 0 {
				t.Fatalf("closing entries in %v", period)
			}
		}
		if got := balance(t, f, accounts.RoleContributions); got != -168000 {
			t.Errorf("contributions before the year's closing: %d", got)
		}
		closed, err := closePeriod(t, f, db, 202613)
		must(t, err)
		if closed.Income.Period != 202613 || balance(t, f, accounts.RoleContributions) != 0 || balance(t, f, accounts.RoleGeneralBalance) != -88123 {
			t.Errorf("year's closing %+v, balance %d", closed, balance(t, f, accounts.RoleGeneralBalance))
		}
		must2(t)(f.Ledger().FinaliseYear(t.Context(), f.Book(), ledger.Act{Key: "final", Effective: 20270310, EnteredBy: "clerk"}, 2026))
	})
}

func TestEveryReasonAgainstAnEventIsReportedTogether(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		f := newFund(t, db, accounts.CollectedByAgency, "")
		e := event("E10a", "bad", 20260115, part(accounts.RoleBasicPension, 60000), part(accounts.RoleIncomeAccount, 60000))
		e.ApprovedBy, e.Source, e.Attachments = e.EnteredBy, ledger.Source{}, nil
		_, err := f.Post(t.Context(), e)
		for _, code := range []fund.Code{fund.ErrOneHand, fund.ErrNoSource, fund.ErrNoAttachment} {
			if !errors.Is(err, code) {
				t.Errorf("%s is not among: %v", code, err)
			}
		}
		b, err := f.Ledger().Book(t.Context(), f.Book())
		must(t, err)
		if b.Lines != 0 {
			t.Errorf("%d lines were written", b.Lines)
		}
	})
}

func TestABenefitIsNeverPaidFromTheIncomeAccount(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		f := newFund(t, db, accounts.CollectedByAgency, "")
		must2(t)(f.Post(t.Context(), event("E1", "premium", 20260110, part(accounts.RoleIncomeAccount, 168000), part(accounts.RoleContributions, 168000))))
		_, err := f.Post(t.Context(), event("E10a", "bad", 20260115, part(accounts.RoleBasicPension, 60000), part(accounts.RoleIncomeAccount, 60000)))
		if err == nil {
			t.Fatal("paid")
		}
		t.Log(err)
	})
}

func TestRightsMoveWithTheirEventAndBesideTheBooks(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		f := newFund(t, db, accounts.CollectedByAgency, "")
		control, err := f.RoleCode(accounts.RoleMembersRights)
		must(t, err)
		numbers, err := f.Ledger().OpenAccounts(t.Context(), f.Book(), ledger.Act{Key: "m", Effective: opened, EnteredBy: "setup"}, []ledger.AccountSpec{
			{Code: control + "/1", Type: ledger.Liability, Section: ledger.Memorandum, Class: ledger.Member, Parent: control, NeverBelowZero: true},
			{Code: control + "/2", Type: ledger.Liability, Section: ledger.Memorandum, Class: ledger.Member, Parent: control, NeverBelowZero: true},
		})
		must(t, err)
		e := event("E1", "premium", 20260110, part(accounts.RoleIncomeAccount, 168000), part(accounts.RoleContributions, 168000))
		e.Rights = []fund.Right{{Account: numbers[0], Amount: 30000, Month: 202601}, {Account: numbers[1], Amount: 26000, Month: 202601}}
		must2(t)(f.Post(t.Context(), e))
		payout := event(fund.RightsOnly, "payout", 20260111)
		payout.Attachments = nil
		payout.Rights = []fund.Right{{Account: numbers[0], Amount: -30000, Tag: "refund"}, {Account: numbers[1], Amount: 1}}
		receipt, err := f.Post(t.Context(), payout)
		must(t, err)
		if receipt.Voucher.Number != 0 {
			t.Error("a memorandum entry got a voucher")
		}
		if got := balance(t, f, accounts.RoleMembersRights); got != -26001 {
			t.Errorf("rights stand at %d", got)
		}
		if got := balance(t, f, accounts.RoleMembersRightsContra); got != 26001 {
			t.Errorf("their contra account stands at %d", got)
		}
		payout.Key = "too much"
		if _, err := f.Post(t.Context(), payout); !errors.Is(err, ledger.ErrBelowZero) {
			t.Errorf("an exhausted account paid: %v", err)
		}
	})
}

func TestAnEntrySaysTheEventThatMadeIt(t *testing.T) {
	f := newFund(t, storetest.Open(t, schemas, storetest.SQLite), accounts.CollectedByAgency, "")
	e := event("E8a", "interest", 20260121, part(accounts.RoleFiscalAccount, 123), part(accounts.RoleDepositInterest, 123))
	e.Metadata = map[string]string{"event": "E49", "batch": "7"}
	draft, err := f.Prepare(e)
	must(t, err)
	if draft.Metadata["event"] != "E8a" || draft.Metadata["batch"] != "7" || e.Metadata["event"] != "E49" {
		t.Errorf("%v of %v", draft.Metadata, e.Metadata)
	}
}

func TestAnEventIsPostedInTheHostsTransactionOrNotAtAll(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		f := newFund(t, db, accounts.CollectedByAgency, "")
		back := errors.New("the host rolls back")
		for _, end := range []error{back, nil} {
			err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				_, err := f.PostTx(ctx, tx.Handle(), event("E8a", "interest", 20260121, part(accounts.RoleFiscalAccount, 123), part(accounts.RoleDepositInterest, 123)))
				return errors.Join(err, end)
			})
			if !errors.Is(err, end) {
				t.Fatal(err)
			}
			want := money.Amount(123)
			if end != nil {
				want = 0
			}
			if got := balance(t, f, accounts.RoleFiscalAccount); got != want {
				t.Errorf("ended with %v: the account stands at %d", end, got)
			}
		}
		one := event("E8a", "alone", 20260121, part(accounts.RoleFiscalAccount, 1), part(accounts.RoleDepositInterest, 1))
		one.ApprovedBy = one.EnteredBy
		must(t, db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			if _, err := f.PostTx(ctx, tx.Handle(), one); !errors.Is(err, fund.ErrOneHand) {
				t.Errorf("posted with one hand: %v", err)
			}
			return nil
		}))
	})
}
