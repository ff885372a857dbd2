package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/ledgertest"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/google/go-cmp/cmp"
)

// fill makes a row in every table.
func fill(t *testing.T, f *ledgertest.Fixture) {
	t.Helper()
	f.Post(t, fullDraft())
	_, err := f.Ledger.ClosePeriod(t.Context(), f.Book, ledgertest.Act("close", 20260131), 202601)
	must(t, err)
	_, err = f.Ledger.PostAll(t.Context(), f.Book, manyActs())
	must(t, err)
}

// movable lists the columns that go with what is posted; all others are written once.
var movable = map[string][]string{
	"ledger_book":        {"seq", "lines", "accounts", "gross", "accounts_state", "recorded_us", "closed_through", "issued_through", "frontier"},
	"ledger_account":     {"name", "closed_day"},
	"ledger_account_day": {"realm_id", "book_no", "account_no", "day", "period", "debit", "credit", "closing_debit", "closing_credit"},
	"ledger_voucher":     {"realm_id", "book_no", "period", "voucher_type", "last"},
}

func TestWhatIsWrittenOnceIsNotChangedOrDeleted(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		fill(t, f)
		before := allRows(t, f.DB, f.Book.Realm)
		for _, table := range ledgerTables[:8] {
			columns := columnsOf(t, f.DB, table.name)
			if len(columns) < 5 {
				t.Fatalf("%s has columns %v", table.name, columns)
			}
			for _, column := range columns {
				if !slices.Contains(movable[table.name], column) {
					refusedAsAppendOnly(t, f.DB, fmt.Sprintf("UPDATE %s SET %s = %s", table.name, column, column))
				}
			}
			refusedAsAppendOnly(t, f.DB, "DELETE FROM "+table.name)
			if f.DB.Dialect().Name() == storetest.Postgres {
				refusedAsAppendOnly(t, f.DB, "TRUNCATE "+table.name)
				refusedAsAppendOnly(t, f.DB, "TRUNCATE ledger_account, "+table.name+" CASCADE")
			} else {
				refusedAsAppendOnly(t, f.DB, fmt.Sprintf("INSERT OR REPLACE INTO %s SELECT * FROM %s", table.name, table.name))
			}
		}
		if diff := cmp.Diff(before, allRows(t, f.DB, f.Book.Realm)); diff != "" {
			t.Error(diff)
		}
	})
}

func columnsOf(t *testing.T, db *store.DB, table string) []string {
	t.Helper()
	_, read := db.Pools()
	rows, err := read.QueryContext(t.Context(), "SELECT * FROM "+table+" LIMIT 1")
	must(t, err)
	defer rows.Close()
	if !rows.Next() {
		t.Fatalf("%s has no row", table)
	}
	columns, err := rows.Columns()
	must(t, err)
	return columns
}

func refusedAsAppendOnly(t *testing.T, db *store.DB, query string) {
	t.Helper()
	err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, query)
		return err
	})
	if !errors.Is(err, store.ErrAppendOnly) {
		t.Errorf("%s: %v", query, err)
	}
}

func TestTheViewsShowExactDecimals(t *testing.T) {
	const half = money.MaxAmount / 2 // the largest amount of an entry of two lines
	for _, c := range []struct {
		code    string
		scale   int
		zero    string
		amounts map[money.Amount]string
	}{
		{"JPY", 0, "0", map[money.Amount]string{1: "1", -1: "-1", 1234567: "1234567", half: "4611686018427387903", -half: "-4611686018427387903"}},
		{"CNY", 2, "0.00", map[money.Amount]string{1: "0.01", -1: "-0.01", -100: "-1.00", 99: "0.99", 123456: "1234.56", half: "46116860184273879.03"}},
		{"KWD", 3, "0.000", map[money.Amount]string{1: "0.001", -1: "-0.001", -1000: "-1.000", -1001: "-1.001", half: "4611686018427387.903"}},
		{"XTS", 10, "0.0000000000", map[money.Amount]string{1: "0.0000000001", -1: "-0.0000000001", half: "461168601.8427387903"}},
		{"XTS", 18, "0.000000000000000000", map[money.Amount]string{1: "0.000000000000000001", -half: "-4.611686018427387903"}},
	} {
		t.Run(fmt.Sprint(c.code, c.scale), func(t *testing.T) {
			each(t, func(t *testing.T, f *ledgertest.Fixture) {
				number := int16(1)
				for amount, text := range c.amounts { // a book each, because the largest amount leaves no room for another
					number++
					showsDecimals(t, f, ledger.BookID{Realm: 1, Number: number}, mustCurrency(t, c.code, c.scale), amount, text, c.zero)
				}
			})
		})
	}
}

func mustCurrency(t *testing.T, code string, scale int) money.Currency {
	t.Helper()
	currency, err := money.NewCurrency(code, scale)
	must(t, err)
	return currency
}

func showsDecimals(t *testing.T, f *ledgertest.Fixture, id ledger.BookID, currency money.Currency, amount money.Amount, text, zero string) {
	t.Helper()
	spec := ledgertest.BookSpec(id)
	spec.Currency = currency
	must(t, f.Ledger.OpenBook(t.Context(), spec))
	_, err := f.Ledger.OpenAccounts(t.Context(), id, ledgertest.Act("chart", ledgertest.Opened), ledgertest.Chart())
	must(t, err)
	draft := ledgertest.Transfer("entry", 20260105, "1003", "4001", amount)
	if amount == 1 { // turnovers of closing entries are shown with the others
		draft.Kind = ledger.KindClosing
	}
	_, err = f.Ledger.Post(t.Context(), id, draft)
	must(t, err)
	where := fmt.Sprintf(" WHERE realm_id = 1 AND book_no = %d ORDER BY ", id.Number)
	journal := rowsOf(t, f.DB, "SELECT seq, code, debit, credit, currency FROM ledger_journal"+where+"ordinal")
	if diff := cmp.Diff([]string{
		"seq | code | debit | credit | currency", fmt.Sprintf(`3 | "1003" | %q | NULL | %q`, text, currency), fmt.Sprintf(`3 | "4001" | NULL | %q | %q`, text, currency),
	}, journal); diff != "" {
		t.Errorf("ledger_journal:\n%s", diff)
	}
	trial := rowsOf(t, f.DB, "SELECT code, day, debit, credit, currency FROM ledger_trial"+where+"account_no")
	if diff := cmp.Diff([]string{
		"code | day | debit | credit | currency", fmt.Sprintf(`"1003" | 20260105 | %q | %q | %q`, text, zero, currency),
		fmt.Sprintf(`"4001" | 20260105 | %q | %q | %q`, zero, text, currency),
	}, trial); diff != "" {
		t.Errorf("ledger_trial:\n%s", diff)
	}
}
