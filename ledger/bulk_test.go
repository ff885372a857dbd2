//go:build !race

package ledger_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/ledgertest"
	"github.com/fundledger/fundledger/ledger/money"
)

// One goroutine and a hundred thousand lines: the race detector would only slow it down. CI runs it without.
func TestAnEntryOfAHundredThousandLinesComesBackAsItWas(t *testing.T) {
	const members = 5200 // more than a page of accounts
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		var specs []ledger.AccountSpec
		for i := range members {
			specs = append(specs, ledger.AccountSpec{
				Code: fmt.Sprint("R/m", i), Type: ledger.Liability, Section: ledger.Memorandum, Class: ledger.Member, Parent: "R", NeverBelowZero: true,
			})
		}
		numbers, err := f.Ledger.OpenAccounts(t.Context(), f.Book, ledgertest.Act("members", ledgertest.Opened), specs)
		must(t, err)
		draft := ledgertest.Draft("sheet", 20260105)
		var total money.Amount
		for i := range 99_999 {
			amount := money.Amount(i%700 + 1)
			total += amount
			member := numbers[i*37%members]
			if i%20 == 0 { // one has more lines than a page of a statement
				member = numbers[0]
			}
			draft.Lines = append(draft.Lines, ledger.Line{
				Account: member, Side: ledger.Credit, Amount: amount, Month: calendar.MonthAt(2025*12 + i%12), Tag: []string{"", "person", "employer"}[i%3],
			})
		}
		draft.Lines = append(draft.Lines, ledger.DebitLine("R0", total))
		receipt := f.Post(t, draft)
		entry, err := f.Ledger.Entry(t.Context(), f.Book, receipt.Seq)
		must(t, err)
		for i, line := range entry.Lines {
			want := draft.Lines[i]
			if i == 99_999 {
				want.Account, want.Code = f.Account(t, "R0").No, ""
			}
			if line != want {
				t.Fatalf("line %d is %+v, want %+v", i+1, line, want)
			}
		}
		if len(entry.Lines) != 100_000 || f.Balance(t, "R") != -total || f.Balance(t, "R0") != total {
			t.Errorf("%d lines, control %d, contra %d, want %d", len(entry.Lines), f.Balance(t, "R"), f.Balance(t, "R0"), total)
		}
		readPages(t, f, draft, numbers[0])
		again, err := f.Ledger.Post(t.Context(), f.Book, draft)
		sameReceipt(t, receipt, again, err)
		draft.Lines[50_000].Amount++
		if _, err := f.Ledger.Post(t.Context(), f.Book, draft); !errors.Is(err, ledger.ErrKeyReused) {
			t.Error(err)
		}
		_, err = f.Ledger.Reverse(t.Context(), f.Book, receipt.Seq, ledgertest.Reversal("reversal", 20260105))
		must(t, err)
		if f.Balance(t, "R") != 0 || f.Balance(t, "R/m1") != 0 {
			t.Errorf("after the reversal: control %d, member %d", f.Balance(t, "R"), f.Balance(t, "R/m1"))
		}
		f.Verify(t, f.Book)
	})
}

// readPages reads more accounts, and more lines of one, than fit a page.
func readPages(t *testing.T, f *ledgertest.Fixture, draft ledger.Draft, member ledger.AccountNo) {
	t.Helper()
	var last ledger.AccountNo
	for account, err := range f.Ledger.Accounts(t.Context(), f.Book) {
		must(t, err)
		if last++; account.No != last {
			t.Fatalf("account %d follows %d", account.No, last-1)
		}
	}
	if want := len(ledgertest.Chart()) + 5200; int(last) != want {
		t.Errorf("%d accounts, want %d", last, want)
	}
	statement, err := f.Ledger.Statement(t.Context(), f.Book, member, ledger.Range{From: 20260101, To: 20260131})
	must(t, err)
	var balance money.Amount
	count, at := 0, 0
	for line, err := range statement.Lines() {
		must(t, err)
		for draft.Lines[at].Account != member {
			at++
		}
		want := draft.Lines[at]
		balance -= want.Amount
		count++
		if line.Ordinal != int64(at) || line.Balance != balance || line.Tag != want.Tag || line.Month != want.Month {
			t.Fatalf("line %d of the statement is %+v, want line %d of the entry and balance %d", count, line, at+1, balance)
		}
		at++
	}
	got, err := f.Ledger.Balance(t.Context(), f.Book, member, ledger.At{})
	must(t, err)
	if count < 5000 || balance != got.Net() {
		t.Errorf("%d lines, balance %d and %d", count, balance, got.Net())
	}
}
