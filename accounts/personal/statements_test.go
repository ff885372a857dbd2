package personal_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

// Reading in sets gives what reading one by one gives, over the boundary of a page, for members without lines too, and of one state of the book.
func TestStatementsOfAllMembersAreThoseOfEach(t *testing.T) {
	storetest.Each(t, []store.Schema{ledger.Schema()}, func(t *testing.T, db *store.DB) {
		members := make([]string, 1_203)
		for i := range members {
			members[i] = fmt.Sprint("m", i)
		}
		r, numbers := openRights(t, db, members...)
		for round, day := range []ledger.Range{{From: 20230115}, {From: 20231231}, {From: 20240101}, {From: 20241231}} {
			var rights []fund.Right
			for i, no := range numbers {
				if i%3 != round {
					rights = append(rights, fund.Right{Account: no, Amount: money.Amount(100_000*(round+1) + i), Month: day.From.Month(), Tag: personal.TagContribution})
				}
			}
			credit(t, r, fmt.Sprint("round ", round), day.From, rights...)
		}
		seen := 0
		for s, err := range r.Statements(t.Context(), 2024) {
			check(t, err)
			if s.Member != members[seen] {
				t.Fatalf("statement %d is of %s", seen, s.Member)
			}
			if seen%50 == 0 || seen > 498 && seen < 502 || seen > 998 {
				alone, err := r.Statement(t.Context(), s.Member, 2024)
				check(t, err)
				if seen == 0 { // what is posted while the loop runs is not on the statements
					credit(t, r, "meanwhile", 20240601, fund.Right{Account: numbers[len(numbers)-1], Amount: 1, Tag: personal.TagContribution})
				} else if seen < len(members)-1 {
					alone.Seq, alone.Root = s.Seq, s.Root
					if diff := cmp.Diff(alone, s, cmp.Comparer(func(a, b money.Currency) bool { return a == b })); diff != "" {
						t.Errorf("%s: %s", s.Member, diff)
					}
				} else if len(alone.Lines) != len(s.Lines)+1 {
					t.Errorf("the last member has %d lines, and %d as the book stood", len(alone.Lines), len(s.Lines))
				}
			}
			seen++
		}
		if seen != len(members) {
			t.Errorf("%d statements of %d members", seen, len(members))
		}
	})
}
