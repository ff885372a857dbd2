package metrics_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/metrics"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

var book = ledger.BookID{Realm: 7, Number: 1}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func openBook(t *testing.T, db *store.DB) *ledger.Ledger {
	t.Helper()
	led, err := ledger.New(db, ledger.Config{})
	must(t, err)
	must(t, led.OpenRealm(t.Context(), ledger.RealmSpec{ID: 7, Code: "area", Name: "Area", Opened: 20260101, EnteredBy: "clerk"}))
	must(t, led.OpenBook(t.Context(), ledger.BookSpec{ID: book, Code: "EP", Name: "Pension", Currency: money.MustCurrency("CNY"), First: 202601, Opened: 20260101, EnteredBy: "clerk"}))
	_, err = led.OpenAccounts(t.Context(), book, ledger.Act{Key: "chart", Effective: 20260101, EnteredBy: "clerk"},
		[]ledger.AccountSpec{{Code: "1002", Type: ledger.Asset}, {Code: "4001", Type: ledger.Income}})
	must(t, err)
	for _, key := range []string{"a", "b"} {
		_, err := led.Post(t.Context(), book, ledger.Draft{Key: key, Effective: 20260115, EnteredBy: "clerk", Lines: []ledger.Line{ledger.DebitLine("1002", 100), ledger.CreditLine("4001", 100)}})
		must(t, err)
	}
	_, err = led.ClosePeriod(t.Context(), book, ledger.Act{Key: "close", Effective: 20260131, EnteredBy: "clerk", ApprovedBy: "chief"}, 202601)
	must(t, err)
	return led
}

// The names and help texts are part of the interface: dashboards and alerts are made of them.
func TestTheBooksAreGivenByNameAndWithTheirMeaning(t *testing.T) {
	storetest.Each(t, []store.Schema{ledger.Schema()}, func(t *testing.T, db *store.DB) {
		led := openBook(t, db)
		failed := 0
		registry := prometheus.NewPedanticRegistry()
		must(t, registry.Register(metrics.New(t.Context(), led, []ledger.BookID{book, {Realm: 7, Number: 9}}, metrics.Options{Failed: func(id ledger.BookID, err error) {
			if failed++; id.Number != 9 || !errors.Is(err, ledger.ErrBookUnknown) {
				t.Errorf("book %v: %v", id, err)
			}
		}})))
		want := `# HELP fundledger_book_accounts Accounts that were opened in the book, members' accounts and closed ones included.
# TYPE fundledger_book_accounts gauge
fundledger_book_accounts{book="1",realm="7"} 2
# HELP fundledger_book_closed_through_period The last closed period as yyyypp, 202613 being the closing period of 2026.
# TYPE fundledger_book_closed_through_period gauge
fundledger_book_closed_through_period{book="1",realm="7"} 202601
# HELP fundledger_book_entries_total Entries of the book, acts included: the size of its log.
# TYPE fundledger_book_entries_total counter
fundledger_book_entries_total{book="1",realm="7"} 5
# HELP fundledger_book_issued_through_period The last period that never opens again as yyyypp; 0 where there is none.
# TYPE fundledger_book_issued_through_period gauge
fundledger_book_issued_through_period{book="1",realm="7"} 0
# HELP fundledger_book_lines_total Lines of the book's entries.
# TYPE fundledger_book_lines_total counter
fundledger_book_lines_total{book="1",realm="7"} 4
# HELP fundledger_book_up Whether the book's row could be read: 1 or 0; the others are missing where it is 0.
# TYPE fundledger_book_up gauge
fundledger_book_up{book="1",realm="7"} 1
fundledger_book_up{book="9",realm="7"} 0
`
		must(t, testutil.GatherAndCompare(registry, strings.NewReader(want)))
		if failed != 1 {
			t.Errorf("told of %d failures", failed)
		}
		if problems, err := testutil.GatherAndLint(registry); err != nil || len(problems) > 0 {
			t.Errorf("%v %v", problems, err)
		}
	})
}

func TestAScrapeEndsWithItsHost(t *testing.T) {
	storetest.Each(t, []store.Schema{ledger.Schema()}, func(t *testing.T, db *store.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		var why error
		collector := metrics.New(ctx, openBook(t, db), []ledger.BookID{book}, metrics.Options{Failed: func(_ ledger.BookID, err error) { why = err }})
		if n := testutil.CollectAndCount(collector); n != 1 || !errors.Is(why, context.Canceled) {
			t.Errorf("%d metrics, %v", n, why)
		}
	})
}
