//go:build !race

package ledger_test

import (
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/ledgertest"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

// Lines lie in segments of 2²⁰. What is read of an account goes on over their boundary. It takes a million lines of one goroutine, which the race detector
// would only slow down.
func TestReadingGoesOnOverTheBoundaryOfSegments(t *testing.T) {
	f := ledgertest.New(t, storetest.Open(t, []store.Schema{ledger.Schema()}, storetest.SQLite))
	const boundary = 1 << 20
	f.Post(t, ledgertest.Transfer("before", 20260105, "1003", "P/1", 5))
	fill := ledgertest.Draft("fill", 20260105)
	for range ledger.MaxLines / 2 {
		fill.Lines = append(fill.Lines, ledger.DebitLine("2001", 1), ledger.CreditLine("3001", 1))
	}
	f.Post(t, fill)
	fill.Key, fill.Lines = "fill more", fill.Lines[:boundary-ledger.MaxLines-2-10]
	f.Post(t, fill)
	across := ledgertest.Draft("across", 20260106)
	for i := range 20 {
		across.Lines = append(across.Lines, ledger.DebitLine("1003", money.Amount(i+1)), ledger.CreditLine("P/1", money.Amount(i+1)))
	}
	receipt := f.Post(t, across)
	if receipt.FirstOrdinal >= boundary || receipt.FirstOrdinal+40 <= boundary {
		t.Fatalf("lines from ordinal %d do not cross %d", receipt.FirstOrdinal, boundary)
	}
	last := f.Post(t, ledgertest.Transfer("after", 20260107, "1003", "P/1", 3))
	for code, side := range map[string]ledger.Side{"1003": ledger.Debit, "P/1": ledger.Credit} {
		no := f.Account(t, code).No
		statement, err := f.Ledger.Statement(t.Context(), f.Book, no, ledger.Range{From: 20260101, To: 20260131})
		must(t, err)
		var count int
		var balance money.Amount
		for line, err := range statement.Lines() {
			must(t, err)
			count++
			balance += line.Amount * money.Amount(line.Side)
			if line.Balance != balance || line.Side != side {
				t.Fatalf("line %d of %s: %+v, want balance %d", count, code, line, balance)
			}
		}
		if want := money.Amount(5+210+3) * money.Amount(side); count != 22 || balance != want || f.Balance(t, code) != want {
			t.Errorf("%s: %d lines, %d in the statement, %d as balance, want %d", code, count, balance, f.Balance(t, code), want)
		}
		for at, want := range map[ledger.At]money.Amount{{Seq: last.Seq - 1}: 215, {Seq: receipt.Seq - 1}: 5, {Date: 20260106}: 215} {
			got, err := f.Ledger.Balance(t.Context(), f.Book, no, at)
			if err != nil || got.On(side) != want {
				t.Errorf("%s at %+v: %d, %v, want %d", code, at, got.On(side), err, want)
			}
		}
	}
}
