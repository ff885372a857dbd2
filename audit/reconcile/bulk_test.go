//go:build !race

// Under the race detector twenty thousand entries take a minute and show nothing that fewer do not.

package reconcile_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/audit/reconcile"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

func TestAStatementOfTwentyThousandLines(t *testing.T) {
	const n = 20_000
	led := ledgerOf(t, storetest.Open(t, []store.Schema{ledger.Schema()}, storetest.SQLite))
	var lines []bank.Line
	var drafts []ledger.Draft
	for i := range n {
		key, day, amount := fmt.Sprintf("%05d", i), calendar.Date(20260401+i%30), money.Amount(100+i%997)
		if i%1000 != 7 { // twenty are not in the books
			drafts = append(drafts, enter(key, day, amount))
		}
		if i%1000 != 9 { // and twenty not at the bank
			reference := key
			if i%2 == 0 { // every other one can be found by amount and day only
				reference = "bank " + key
			}
			lines = append(lines, line(day, amount, reference, ""))
		}
	}
	slices.SortStableFunc(lines, func(x, y bank.Line) int { return int(x.BookingDate - y.BookingDate) })
	for part := range slices.Chunk(drafts, 5000) {
		_, err := led.PostAll(t.Context(), book, part)
		must(t, err)
	}
	order := april
	order.DateTolerance = 0
	began := time.Now()
	p, err := reconcile.Compare(t.Context(), led, statementOf(0, lines...), order)
	must(t, err)
	var page bytes.Buffer
	must(t, p.WriteHTML(&page, reconcile.Chinese))
	t.Logf("%d lines in %v, %d open, page of %d kB", n, time.Since(began).Round(time.Millisecond), len(p.Result.Open), page.Len()/1000)
	if !p.Result.Adjusted.Agrees() || len(p.Result.Open) > 40 || len(p.Result.Matches) < n-40 {
		t.Errorf("%d matched, %d open, %+v", len(p.Result.Matches), len(p.Result.Open), p.Result.Adjusted)
	}
}
