package reconcile_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/audit/reconcile"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/ledgertest"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/google/go-cmp/cmp"
)

var (
	cny    = money.MustCurrency("CNY")
	book   = ledger.BookID{Realm: 1, Number: 1}
	opened = calendar.MustDate(2026, 1, 1)
	april  = reconcile.Order{Book: book, Account: "1002", Kind: bank.IncomeAccount, BankAccount: "6222", DateTolerance: 3}
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ledgerOf opens a book with an account of money and its counterpart.
func ledgerOf(t *testing.T, db *store.DB) *ledger.Ledger {
	t.Helper()
	led, err := ledger.New(db, ledger.Config{Clock: ledgertest.NewClock().Now, Seeds: ledger.DerivedSeeds([]byte("reconcile"))})
	must(t, err)
	must(t, led.OpenRealm(t.Context(), ledger.RealmSpec{ID: 1, Code: "area", Name: "统筹区", Opened: opened, EnteredBy: "setup"}))
	must(t, led.OpenBook(t.Context(), ledger.BookSpec{ID: book, Code: "EP", Name: "养老保险基金", Currency: cny, First: 202601, Opened: opened, EnteredBy: "setup"}))
	_, err = led.OpenAccounts(t.Context(), book, ledger.Act{Key: "chart", Effective: opened, EnteredBy: "setup"}, []ledger.AccountSpec{
		{Code: "1002", Name: "收入户存款", Type: ledger.Asset}, {Code: "4001", Name: "社会保险费收入", Type: ledger.Income}})
	must(t, err)
	return led
}

// enter posts what moved on the account of money by the books; above zero is money in.
func enter(key string, day calendar.Date, amount money.Amount) ledger.Draft {
	side, counter := ledger.DebitLine, ledger.CreditLine
	if amount < 0 {
		side, counter, amount = ledger.CreditLine, ledger.DebitLine, -amount
	}
	return ledger.Draft{Key: key, Effective: day, Description: "凭证 " + key, EnteredBy: "clerk", ApprovedBy: "chief",
		Lines: []ledger.Line{side("1002", amount), counter("4001", amount)}}
}

func line(day calendar.Date, amount money.Amount, reference, note string) bank.Line {
	return bank.Line{BookingDate: day, Amount: amount, BankReference: "B" + reference, Particulars: bank.Particulars{EndToEnd: reference, Note: note}}
}

// statementOf is a sound statement of April 2026.
func statementOf(opening money.Amount, lines ...bank.Line) *bank.Statement {
	closing := opening
	for _, l := range lines {
		closing += l.Amount
	}
	balance := func(code string, amount money.Amount, day calendar.Date) bank.Balance {
		return bank.Balance{Code: code, Amount: amount, Currency: cny, Date: day}
	}
	s := &bank.Statement{Form: bank.StatementForm, ID: "2026-04", Account: "6222", Currency: cny, From: 20260401, To: 20260430, Lines: lines,
		Balances: []bank.Balance{balance("OPBD", opening, 20260401), balance("CLBD", closing, 20260430)}}
	s.Opening, s.Closing = &s.Balances[0], &s.Balances[1]
	return s
}

func text(t *testing.T, p *reconcile.Paper, language reconcile.Language) string {
	t.Helper()
	var plain, page bytes.Buffer
	must(t, p.WriteText(&plain, language))
	must(t, p.WriteHTML(&page, language))
	for _, item := range p.Items(language) {
		what, do := reconcile.Explain(item.Class, language)
		for _, words := range []string{what, do, cny.Format(item.Amount), item.Date.String()} {
			if !strings.Contains(plain.String(), words) || !strings.Contains(page.String(), words) {
				t.Errorf("%s: %q is missing", language, words)
			}
		}
	}
	return plain.String()
}

func TestEveryKindOfOpenItemIsNamedAndExplainsItsPart(t *testing.T) {
	storetest.Each(t, []store.Schema{ledger.Schema()}, func(t *testing.T, db *store.DB) {
		led := ledgerOf(t, db)
		for _, d := range []ledger.Draft{enter("both", 20260402, 1000_00), enter("books in", 20260428, 70_00), enter("books out", 20260429, -30_00),
			enter("before", 20260331, 500_00), enter("after", 20260501, 9_00)} {
			_, err := led.Post(t.Context(), book, d)
			must(t, err)
		}
		statement := statementOf(500_00, line(20260403, 1000_00, "both", ""), line(20260410, 8_00, "bank in", "结息"), line(20260411, -2_00, "bank out", "手续费"))
		p, err := reconcile.Compare(t.Context(), led, statement, april)
		must(t, err)
		// 1,506.00 at the bank + 70.00 − 30.00 = 1,540.00 in the books + 8.00 − 2.00 = 1,546.00
		a := p.Result.Adjusted
		if a.BankBalance != 1506_00 || a.BookBalance != 1540_00 || a.AdjustedBank != 1546_00 || a.AdjustedBook != 1546_00 || !a.Agrees() || p.Clean() || len(p.Result.Matches) != 1 {
			t.Fatalf("%+v", a)
		}
		var classes []bank.OpenClass
		for _, item := range p.Items(reconcile.English) {
			classes = append(classes, item.Class)
		}
		if diff := cmp.Diff([]bank.OpenClass{bank.BankCreditNotInBooks, bank.BankDebitNotInBooks, bank.BookDebitNotInBank, bank.BookCreditNotInBank}, classes); diff != "" {
			t.Error(diff)
		}
		english, chinese := text(t, p, reconcile.English), text(t, p, reconcile.Chinese)
		for _, words := range []string{"and the open items below explain the whole difference", "Bbank in", `"结息"`, "voucher 2, entry"} {
			if !strings.Contains(english, words) {
				t.Errorf("lacks %q:\n%s", words, english)
			}
		}
		for _, words := range []string{"银行收入户存款余额调节表", "下列未达账项已说明全部差额", "银行已收、单位未收", "银行已付、单位未付", "单位已收、银行未收", "单位已付、银行未付", "记账凭证"} {
			if !strings.Contains(chinese, words) {
				t.Errorf("lacks %q:\n%s", words, chinese)
			}
		}

		exact := april
		exact.DateTolerance, exact.From, exact.To = 0, 20260402, 20260403 // of two days the books have one line, and the bank's other lines are not in them
		if p, err = reconcile.Compare(t.Context(), led, statementOf(500_00, line(20260403, 1000_00, "both", "")), exact); err != nil || len(p.Journal) != 1 || !p.Clean() {
			t.Errorf("%+v, %v", p, err)
		}
	})
}

func TestDatesMayLieApartAsFarAsTheOrderSays(t *testing.T) {
	led := ledgerOf(t, storetest.Open(t, []store.Schema{ledger.Schema()}, storetest.SQLite))
	_, err := led.Post(t.Context(), book, enter("by amount", 20260402, 100_00))
	must(t, err)
	for days, clean := range map[int]bool{0: false, 4: false, 5: true, 30: true} {
		order := april
		order.DateTolerance = days
		p, err := reconcile.Compare(t.Context(), led, statementOf(0, line(20260407, 100_00, "no reference of ours", "")), order)
		must(t, err)
		if p.Clean() != clean || clean && p.Verdict(reconcile.English) != "Every line has its counterpart, and the balances agree." {
			t.Errorf("%d days: %+v", days, p.Result)
		}
	}
	order := april
	order.DateTolerance = 0
	if p, err := reconcile.Compare(t.Context(), led, statementOf(0, line(20260429, 100_00, "by amount", "")), order); err != nil || !p.Clean() {
		t.Errorf("a reference matches whatever the dates: %+v, %v", p, err)
	}
}

func TestADifferenceThatNothingExplainsIsShown(t *testing.T) {
	led := ledgerOf(t, storetest.Open(t, []store.Schema{ledger.Schema()}, storetest.SQLite))
	_, err := led.Post(t.Context(), book, enter("both", 20260402, 100_00))
	must(t, err)
	statement := statementOf(1, line(20260402, 100_00, "both", "")) // one fen from before April, which no open item explains
	p, err := reconcile.Compare(t.Context(), led, statement, april)
	must(t, err)
	if p.Clean() || p.Result.Adjusted.Unexplained != 1 || !strings.Contains(text(t, p, reconcile.English), "Unexplained difference: 0.01 CNY") ||
		!strings.Contains(text(t, p, reconcile.Chinese), "未查明差额: 0.01 CNY") {
		t.Errorf("%+v", p.Result)
	}
	statement = statementOf(0, line(20260402, 100_00, "both", ""))
	statement.Balances[1].Amount++ // the bank's own arithmetic is wrong
	if p, err = reconcile.Compare(t.Context(), led, statement, april); err != nil || p.Clean() || len(p.Inconsistent) == 0 ||
		!strings.Contains(text(t, p, reconcile.Chinese), "对账单自身不符，不能据以对账") || p.Verdict(reconcile.English) == "Every line has its counterpart, and the balances agree." {
		t.Errorf("%+v, %v", p, err)
	}
	statement.Closing, statement.Balances = nil, statement.Balances[:1] // without a closing balance it is opening and lines, and the paper says so
	if p, err = reconcile.Compare(t.Context(), led, statement, april); err != nil || p.Result.Adjusted.BankBalance != 100_00 || len(p.Inconsistent) == 0 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestAStatementOfAnotherAccountIsRefusedWithAllReasons(t *testing.T) {
	led := ledgerOf(t, storetest.Open(t, []store.Schema{ledger.Schema()}, storetest.SQLite))
	usd := money.MustCurrency("USD")
	wrong := statementOf(0)
	wrong.Form, wrong.Account, wrong.Currency, wrong.To = bank.NotificationForm, "7333", usd, 0
	wrong.Balances[1].Currency = usd // one balance in another currency than the other
	_, err := reconcile.Compare(t.Context(), led, wrong, april)
	var faults *bank.Faults
	if !errors.As(err, &faults) || len(faults.List) != 5 {
		t.Fatalf("%v", err)
	}
	for _, code := range []bank.FaultCode{bank.FaultFormat, bank.FaultCurrency, bank.FaultValue, bank.FaultMissing} {
		if !errors.Is(err, code) {
			t.Errorf("%v lacks %v", err, code)
		}
	}
	outside, early := statementOf(0, line(20260331, 1, "the day before", ""), line(20260401, 1, "the first day", ""), line(20260430, 1, "the last day", ""),
		bank.Line{ValueDate: 20260501, Amount: 1}), april
	if _, err := reconcile.Compare(t.Context(), led, outside, early); !errors.As(err, &faults) || len(faults.List) != 2 || !strings.Contains(err.Error(), "lines[0]") ||
		!strings.Contains(err.Error(), `"2026-05-01" is not within 2026-04-01 to 2026-04-30`) {
		t.Errorf("lines of other days: %v", err)
	}
	early.From = 20260331
	if _, err := reconcile.Compare(t.Context(), led, outside, early); !errors.As(err, &faults) || len(faults.List) != 1 {
		t.Errorf("a line of a later day: %v", err)
	}
	_, err = reconcile.Compare(t.Context(), led, wrong, april)
	for _, words := range []string{`"USD" is not the currency of the book, CNY`, "balances[1]", `"7333" is not the account 6222 at the bank`, "one statement a currency"} {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("%v lacks %q", err, words)
		}
	}
	other := april
	other.Account = "1009"
	if _, err := reconcile.Compare(t.Context(), led, statementOf(0), other); !errors.Is(err, ledger.ErrAccountUnknown) {
		t.Error(err)
	}
	other = april
	other.Book.Number = 9
	if _, err := reconcile.Compare(t.Context(), led, statementOf(0), other); !errors.Is(err, ledger.ErrBookUnknown) {
		t.Error(err)
	}
	beyond := statementOf(money.MaxAmount)
	beyond.Lines = []bank.Line{line(20260402, 1, "one too many", "")}
	beyond.Closing, beyond.Balances = nil, beyond.Balances[:1]
	var overflow *money.OverflowError
	if _, err := reconcile.Compare(t.Context(), led, beyond, april); !errors.As(err, &overflow) {
		t.Error(err)
	}
}

func TestACancelledComparisonLeavesNoPaper(t *testing.T) {
	led := ledgerOf(t, storetest.Open(t, []store.Schema{ledger.Schema()}, storetest.SQLite))
	_, err := led.Post(t.Context(), book, enter("both", 20260402, 100_00))
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if p, err := reconcile.Compare(ctx, led, statementOf(0, line(20260402, 100_00, "both", "")), april); !errors.Is(err, context.Canceled) || p != nil {
		t.Errorf("%v", err)
	}
}

func TestAPaperThatCannotBeWrittenSaysSo(t *testing.T) {
	led := ledgerOf(t, storetest.Open(t, []store.Schema{ledger.Schema()}, storetest.SQLite))
	p, err := reconcile.Compare(t.Context(), led, statementOf(0), april)
	must(t, err)
	if !p.Clean() {
		t.Errorf("an empty month: %+v", p.Result)
	}
	full := errors.New("disk full")
	for _, write := range []func() error{func() error { return p.WriteText(failing{full}, reconcile.English) }, func() error { return p.WriteHTML(failing{full}, reconcile.English) }} {
		if err := write(); !errors.Is(err, full) {
			t.Errorf("%v", err)
		}
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
