//go:build !race

// Under the race detector so many members take a minute and show nothing that fewer do not.

package printing_test

import (
	"fmt"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/voucher"
	"github.com/fundledger/fundledger/accounts/voucher/printing"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

// TestABookOfManyMembersIsPrintedWhole prints entries that together touch more members than a tree of accounts keeps. It runs on one engine: what is forgotten is the
// tree's.
func TestABookOfManyMembersIsPrintedWhole(t *testing.T) {
	const members, perEntry = 21_000, 7_000
	office, f := fundWithOffice(t, storetest.Open(t, []store.Schema{ledger.Schema(), voucher.Schema()}, storetest.SQLite))
	control, err := f.RoleCode(accounts.RoleMembersRights)
	must(t, err)
	specs := make([]ledger.AccountSpec, members)
	for i := range specs {
		specs[i] = ledger.AccountSpec{Code: fmt.Sprintf("%s/%05d", control, i), Type: ledger.Liability, Section: ledger.Memorandum, Class: ledger.Member, Parent: control}
	}
	numbers, err := f.Ledger().OpenAccounts(t.Context(), f.Book(), ledger.Act{Key: "members", Effective: 20260101, EnteredBy: "setup"}, specs)
	must(t, err)
	for round := range 5 { // the last two name members of the first two again
		event := fund.Event{Event: fund.RightsOnly, Key: fmt.Sprint("round ", round), Effective: 20260110, Source: ledger.Source{Kind: "sheet", ID: fmt.Sprint(round)},
			EnteredBy: "lin", ApprovedBy: "he", Description: "个人账户记账"}
		for i := range perEntry {
			event.Rights = append(event.Rights, fund.Right{Account: numbers[(round*perEntry+i)%members], Amount: money.Amount(round + 1)})
		}
		_, err := f.Post(t.Context(), event)
		must(t, err)
	}
	n := 0
	for s, err := range printing.Month(t.Context(), f.Ledger(), f.Book(), 202601, office.Policy().MoneyAccounts) {
		must(t, err)
		if n++; len(s.Memorandum) != 2 || s.Memorandum[0].Count != perEntry || s.Memorandum[0].Amount != money.Amount(perEntry*n) || s.Memorandum[0].Path[0].Code != control {
			t.Errorf("sheet %d: %+v", n, s.Memorandum)
		}
	}
	if n != 5 {
		t.Errorf("%d sheets instead of 5", n)
	}
}
