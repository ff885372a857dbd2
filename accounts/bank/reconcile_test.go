package bank_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func bankLine(date calendar.Date, amount money.Amount, reference string) bank.Line {
	return bank.Line{BookingDate: date, Amount: amount, Particulars: bank.Particulars{EndToEnd: reference}}
}

func bookLine(date calendar.Date, amount money.Amount, references ...string) bank.BookLine {
	return bank.BookLine{ID: fmt.Sprint(date, amount), Date: date, Amount: amount, References: references}
}

var april = bank.ReconcileOptions{Kind: bank.ExpenditureAccount, AsOf: 20260430, Currency: cny, DateTolerance: 3}

func reconcile(t testing.TB, bankLines []bank.Line, bookLines []bank.BookLine, options bank.ReconcileOptions) bank.Reconciliation {
	t.Helper()
	r, err := bank.Reconcile(bankLines, bookLines, options)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// matches writes "rule bank book" for each match.
func matches(r bank.Reconciliation) []string {
	out := []string{}
	for _, m := range r.Matches {
		out = append(out, fmt.Sprint(string(m.Rule), " ", m.Bank, " ", m.Book))
	}
	return out
}

func TestEachRuleMatchesWhatItShould(t *testing.T) {
	cases := []struct {
		name string
		bank []bank.Line
		book []bank.BookLine
		want []string
	}{
		{"reference, whatever the dates", []bank.Line{bankLine(20260430, -100, "P1")}, []bank.BookLine{bookLine(20260401, -100, "P1")}, []string{"reference [0] [0]"}},
		{"reference with another amount", []bank.Line{bankLine(20260430, -100, "P1")}, []bank.BookLine{bookLine(20260430, -101, "P1")}, []string{}},
		{"reference before amount and date", []bank.Line{bankLine(20260401, -100, "P2"), bankLine(20260402, -100, "P1")},
			[]bank.BookLine{bookLine(20260401, -100, "P1"), bookLine(20260402, -100, "P2")}, []string{"reference [0] [1]", "reference [1] [0]"}},
		{"all lines of a reference", []bank.Line{bankLine(20260410, -300, "RUN")}, []bank.BookLine{bookLine(20260410, -100, "RUN"), bookLine(20260420, -200, "RUN")}, []string{"group [0] [0 1]"}},
		{"amount within the tolerance", []bank.Line{bankLine(20260404, 500, "")}, []bank.BookLine{bookLine(20260401, 500)}, []string{"amount_date [0] [0]"}},
		{"amount beyond the tolerance", []bank.Line{bankLine(20260405, 500, "")}, []bank.BookLine{bookLine(20260401, 500)}, []string{}},
		{"tolerance over the end of a month", []bank.Line{bankLine(20260502, 500, "")}, []bank.BookLine{bookLine(20260430, 500)}, []string{"amount_date [0] [0]"}},
		{"the nearest date first", []bank.Line{bankLine(20260403, 500, ""), bankLine(20260404, 500, "")}, []bank.BookLine{bookLine(20260404, 500), bookLine(20260402, 500)},
			[]string{"amount_date [1] [0]", "amount_date [0] [1]"}},
		{"opposite signs", []bank.Line{bankLine(20260403, 500, "")}, []bank.BookLine{bookLine(20260403, -500)}, []string{}},
		{"one bank line, several book lines", []bank.Line{bankLine(20260410, -600, "")},
			[]bank.BookLine{bookLine(20260409, -100), bookLine(20260410, -200), bookLine(20260410, -300), bookLine(20260410, -77)}, []string{"one_to_many [0] [0 1 2]"}},
		{"several bank lines, one book line", []bank.Line{bankLine(20260410, 100, ""), bankLine(20260411, 250, ""), bankLine(20260411, 70, "")},
			[]bank.BookLine{bookLine(20260410, 350)}, []string{"many_to_one [0 1] [0]"}},
		{"a group that is not the only one", []bank.Line{bankLine(20260410, -200, "")},
			[]bank.BookLine{bookLine(20260410, -100), bookLine(20260410, -100), bookLine(20260410, -100)}, []string{}},
		{"a group of mixed signs", []bank.Line{bankLine(20260410, 100, "")}, []bank.BookLine{bookLine(20260410, 150), bookLine(20260410, -50)}, []string{}},
		{"a payment and its return", []bank.Line{bankLine(20260410, -80, "P3"), bankLine(20260413, 80, "P3")}, []bank.BookLine{bookLine(20260410, -80, "P3")}, []string{"reference [0] [0]"}},
	}
	for _, c := range cases {
		if diff := cmp.Diff(c.want, matches(reconcile(t, c.bank, c.book, april))); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestOpenLinesAreClassedAgedAndGivenALead(t *testing.T) {
	bankLines := []bank.Line{bankLine(20260428, 700, "IN"), bankLine(20260420, -50, ""), bankLine(20260410, -200, "")}
	bookLines := []bank.BookLine{bookLine(20260430, 900), bookLine(20260429, -300, "OUT"), bookLine(20260425, 701, "IN"), bookLine(20260410, -100), bookLine(20260410, -100), bookLine(20260410, -100)}
	var got []string
	for _, o := range reconcile(t, bankLines, bookLines, april).Open {
		got = append(got, fmt.Sprint(o.Class.Chinese(), " ", o.Index, " ", o.Amount, " ", o.Age, " ", o.Lead))
	}
	want := []string{
		`银行已收、单位未收 0 700 2 reference "IN": bank 7.00, books 7.01`,
		`银行已付、单位未付 2 -200 20 more than one group of lines adds up to it`,
		`银行已付、单位未付 1 -50 10 `,
		`单位已收、银行未收 2 701 5 reference "IN": bank 7.00, books 7.01`,
		`单位已收、银行未收 0 900 0 `,
		`单位已付、银行未付 3 -100 20 `,
		`单位已付、银行未付 4 -100 20 `,
		`单位已付、银行未付 5 -100 20 `,
		`单位已付、银行未付 1 -300 1 `,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The textbook case: four open items, one of each class, bring both balances to one figure.
func TestTheAdjustedStatementBringsBothBalancesTogether(t *testing.T) {
	options := april
	options.BankBalance, options.BookBalance = 10000000, 9850000
	bankLines := []bank.Line{bankLine(20260429, 250000, ""), bankLine(20260430, -1200, "")}
	bookLines := []bank.BookLine{bookLine(20260430, 120000), bookLine(20260430, -21200)}
	a := reconcile(t, bankLines, bookLines, options).Adjusted
	want := []string{
		"银行对账单余额 100,000.00 + 单位已收银行未收 1,200.00 − 单位已付银行未付 212.00 = 调节后余额 100,988.00",
		"单位账面余额 98,500.00 + 银行已收单位未收 2,500.00 − 银行已付单位未付 12.00 = 调节后余额 100,988.00",
		"未查明差额 100,988.00 − 100,988.00 = 0.00",
	}
	if diff := cmp.Diff(want, a.Arithmetic()); diff != "" || !a.Agrees() || a.Title() != "银行支出户存款余额调节表" {
		t.Error(diff, a.Agrees(), a.Title())
	}
	options.BookBalance += 5
	if a := reconcile(t, bankLines, bookLines, options).Adjusted; a.Agrees() || a.Unexplained != -5 {
		t.Errorf("a difference nobody can explain: %+v", a)
	}
}

func TestOpenItemsGoIntoTheNextReconciliation(t *testing.T) {
	options := april
	options.BankBalance, options.BookBalance = 1000, 900
	bankApril, bookApril := []bank.Line{bankLine(20260430, 100, "A")}, []bank.BookLine{}
	first := reconcile(t, bankApril, bookApril, options)
	bankOpen, bookOpen := first.OpenLines(bankApril, bookApril)
	options.AsOf, options.BankBalance, options.BookBalance = 20260531, 700, 700
	bankMay := append(bankOpen, bankLine(20260510, -300, "B"))
	bookMay := append(bookOpen, bookLine(20260502, 100, "A"), bookLine(20260510, -300, "B"))
	second := reconcile(t, bankMay, bookMay, options)
	if !first.Adjusted.Agrees() || !second.Adjusted.Agrees() || len(second.Open) != 0 || len(second.Matches) != 2 {
		t.Errorf("%+v\n%+v", first, second)
	}
}

func TestASearchThatIsTooLongLeavesTheLineOpenAndSaysSo(t *testing.T) {
	var books []bank.BookLine
	for i := range 30 {
		books = append(books, bookLine(20260410, -money.Amount(1000+2*i)))
	}
	line := []bank.Line{bankLine(20260410, -8001, "")} // odd, so no set of even amounts adds up to it
	options := april
	options.GroupSteps = 1000
	if lead := reconcile(t, line, books, options).Open[0].Lead; !strings.Contains(lead, "was cut") {
		t.Error(lead)
	}
	options.GroupSteps, options.GroupTotalSteps = 0, 1000
	if lead := reconcile(t, line, books, options).Open[0].Lead; !strings.Contains(lead, "was cut") {
		t.Error(lead)
	}
	options.GroupCandidates = 20
	if lead := reconcile(t, line, books, options).Open[0].Lead; !strings.Contains(lead, "more than 20 lines") {
		t.Error(lead)
	}
	options.GroupSize = 1
	if lead := reconcile(t, line, books, options).Open[0].Lead; lead != "" {
		t.Error(lead)
	}
}

func TestOptionsAndLinesThatCannotBeUsedAreRefusedTogether(t *testing.T) {
	_, err := bank.Reconcile([]bank.Line{{Amount: 1}}, []bank.BookLine{{Amount: 1}}, bank.ReconcileOptions{DateTolerance: -1})
	var faults *bank.Faults
	if !errors.As(err, &faults) || len(faults.List) != 5 {
		t.Error(err)
	}
	options := april
	options.BankBalance = money.MaxAmount
	if _, err := bank.Reconcile(nil, []bank.BookLine{bookLine(20260430, 1)}, options); !errors.Is(err, money.ErrOverflow) {
		t.Error(err)
	}
	if _, err := bank.Reconcile([]bank.Line{{Amount: 1, ValueDate: 20260430}}, nil, april); err != nil {
		t.Errorf("a line with a value date only: %v", err)
	}
}

// world is a month of true events of which bank and books each have booked a part, the one in whole, the other in parts, on another day or not at all.
type world struct {
	bank             []bank.Line
	book             []bank.BookLine
	bankSum, bookSum money.Amount
}

func drawWorld(t *rapid.T) world {
	var w world
	day := rapid.IntRange(1, 28)
	for i := range rapid.IntRange(0, 25).Draw(t, "events") {
		amount := money.Amount(rapid.Int64Range(-20, 20).Draw(t, "amount") * 50)
		date := calendar.MustDate(2026, 4, day.Draw(t, "day"))
		reference := rapid.SampledFrom([]string{"", "", fmt.Sprint("R", i), "SHARED"}).Draw(t, "reference")
		parts := []money.Amount{amount}
		if rapid.Bool().Draw(t, "split") {
			cut := money.Amount(rapid.Int64Range(-10, 10).Draw(t, "cut") * 50)
			parts = []money.Amount{cut, amount - cut}
		}
		side := rapid.SampledFrom([]string{"both", "both", "both", "bank", "book"}).Draw(t, "side")
		bankParts, bookParts := []money.Amount{amount}, parts
		if rapid.Bool().Draw(t, "swap") {
			bankParts, bookParts = bookParts, bankParts
		}
		if side != "book" {
			for _, p := range bankParts {
				w.bank = append(w.bank, bankLine(date, p, reference))
				w.bankSum += p
			}
		}
		if side != "bank" {
			for _, p := range bookParts {
				w.book = append(w.book, bookLine(date.AddDays(rapid.IntRange(0, 4).Draw(t, "late")), p, reference))
				w.bookSum += p
			}
		}
	}
	return w
}

func TestMatchingNeverJoinsDifferentTotalsAndEveryLineIsAccountedForOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		options := april
		options.GroupSize = rapid.IntRange(1, 5).Draw(t, "size")
		r, err := bank.Reconcile(w.bank, w.book, options)
		if err != nil {
			t.Fatal(err)
		}
		bankSeen, bookSeen := make([]int, len(w.bank)), make([]int, len(w.book))
		for _, m := range r.Matches {
			var bankTotal, bookTotal money.Amount
			for _, i := range m.Bank {
				bankTotal += w.bank[i].Amount
				bankSeen[i]++
			}
			for _, j := range m.Book {
				bookTotal += w.book[j].Amount
				bookSeen[j]++
			}
			if bankTotal != bookTotal || bankTotal != m.Total || len(m.Bank) == 0 || len(m.Book) == 0 {
				t.Fatalf("%+v joins %d and %d", m, bankTotal, bookTotal)
			}
			if m.Rule != bank.ByReference && m.Rule != bank.ByGroup && m.Days > options.DateTolerance {
				t.Fatalf("%+v lies %d days apart", m, m.Days)
			}
			if (m.Rule == bank.ByManyBooks || m.Rule == bank.ByManyBanks) && max(len(m.Bank), len(m.Book)) > options.GroupSize {
				t.Fatalf("%+v is larger than %d", m, options.GroupSize)
			}
		}
		for _, o := range r.Open {
			if o.Class == bank.BankCreditNotInBooks || o.Class == bank.BankDebitNotInBooks {
				bankSeen[o.Index]++
			} else {
				bookSeen[o.Index]++
			}
		}
		if slices.ContainsFunc(append(bankSeen, bookSeen...), func(n int) bool { return n != 1 }) {
			t.Fatalf("seen %v and %v times", bankSeen, bookSeen)
		}
		again, _ := bank.Reconcile(w.bank, w.book, options)
		if diff := cmp.Diff(r, again, cmp.Comparer(func(a, b money.Currency) bool { return a == b })); diff != "" {
			t.Fatal("not deterministic: ", diff)
		}
	})
}

func TestAdjustedBalancesAgreeExactlyWhenEverythingIsExplained(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		opening := money.Amount(rapid.Int64Range(0, 1e9).Draw(t, "opening"))
		hidden := money.Amount(rapid.Int64Range(-3, 3).Draw(t, "an error in the bank's balance that no line shows"))
		options := april
		options.BankBalance, options.BookBalance = opening+w.bankSum+hidden, opening+w.bookSum
		r, err := bank.Reconcile(w.bank, w.book, options)
		if err != nil {
			t.Fatal(err)
		}
		a := r.Adjusted
		if a.Unexplained != hidden || a.Agrees() != (hidden == 0) {
			t.Fatalf("hidden %d, unexplained %d", hidden, a.Unexplained)
		}
		if a.BankBalance+a.BookDebits-a.BookCredits != a.AdjustedBank || a.BookBalance+a.BankCredits-a.BankDebits != a.AdjustedBook {
			t.Fatalf("the arithmetic of %+v is wrong", a)
		}
	})
}

func TestAHundredThousandEqualPaymentsAreMatchedInTime(t *testing.T) {
	const n = 100_000
	bankLines, bookLines := make([]bank.Line, n), make([]bank.BookLine, n)
	for i := range n {
		bankLines[i] = bankLine(20260410, -300000, "")
		bookLines[i] = bookLine(calendar.MustDate(2026, 4, 10+i%3), -300000)
	}
	r := reconcile(t, bankLines, bookLines, april)
	if len(r.Matches) != n || len(r.Open) != 0 {
		t.Errorf("%d matches, %d open", len(r.Matches), len(r.Open))
	}
	for i := range n {
		bankLines[i].Amount -= money.Amount(2*i + 1) // odd against even: nothing matches by amount
	}
	if r := reconcile(t, bankLines, bookLines, april); len(r.Open) != 2*n {
		t.Errorf("%d matches, %d open", len(r.Matches), len(r.Open))
	}
}
