package ledger_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/ledgertest"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// ledgerTables lists every table of the schema with its key, and the two views.
var ledgerTables = []struct{ name, key string }{
	{"ledger_book", "book_no"},
	{"ledger_account", "book_no, account_no"},
	{"ledger_entry", "book_no, seq"},
	{"ledger_line", "book_no, segment, account_no, ordinal"},
	{"ledger_account_day", "book_no, account_no, day, period"},
	{"ledger_voucher", "book_no, period, voucher_type"},
	{"ledger_period", "book_no, seq"},
	{"ledger_tree", "book_no, level, idx"},
	{"ledger_journal", "book_no, ordinal"},
	{"ledger_trial", "book_no, account_no, day"},
}

// The model is compared as well, so that the engines cannot be wrong in the same way. Equal rows of ledger_entry are equal headers, columns and leaves, and
// equal rows of ledger_book are equal roots.
func TestTheSameOperationsGiveTheSameRecordsOnBothEngines(t *testing.T) {
	sqlite, postgres := storetest.Pair(t, []store.Schema{ledger.Schema()})
	databases := []*store.DB{sqlite}
	if postgres != nil {
		databases = append(databases, postgres)
	}
	checks(t, 10)
	realm := int32(0)
	rapid.Check(t, func(rt *rapid.T) {
		realm++
		clock := ledgertest.NewClock()
		var ledgers []*ledger.Ledger
		for _, db := range databases {
			ledgers = append(ledgers, ledgertest.Ledger(t, db, clock))
		}
		h := newHistory(t.Context(), clock, realm, ledgers...)
		h.play(rt)
		h.run(rt, postAll(h.books[0], manyActs())) // completes a subtree of the Merkle tree, so that every table has rows
		want := allRows(t, sqlite, realm)
		for _, db := range databases[1:] {
			if diff := cmp.Diff(want, allRows(t, db, realm)); diff != "" {
				rt.Fatalf("rows differ: (-sqlite +%s)\n%s", db.Dialect().Name(), h.anonymous(diff))
			}
		}
	})
}

func manyActs() []ledger.Draft {
	acts := make([]ledger.Draft, 300)
	for i := range acts {
		acts[i] = ledger.Draft{Key: fmt.Sprint("act ", i), Kind: "enrolment", Effective: ledgertest.Opened, EnteredBy: "clerk"}
	}
	return acts
}

// allRows reads every row of a realm as text, table by table, in the order of its key, after a line with the names of the columns.
func allRows(t *testing.T, db *store.DB, realm int32) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, table := range ledgerTables {
		all[table.name] = rowsOf(t, db, fmt.Sprintf("SELECT * FROM %s WHERE realm_id = %d ORDER BY %s", table.name, realm, table.key))
	}
	return all
}

// rowsOf reads the rows of a query as text, after a line with the names of the columns.
func rowsOf(t *testing.T, db *store.DB, query string) []string {
	t.Helper()
	_, read := db.Pools()
	rows, err := read.QueryContext(t.Context(), query)
	must(t, err)
	defer rows.Close()
	names, err := rows.Columns()
	must(t, err)
	all := []string{strings.Join(names, " | ")}
	for rows.Next() {
		values, targets := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			targets[i] = &values[i]
		}
		must(t, rows.Scan(targets...))
		texts := make([]string, len(values))
		for i, value := range values {
			texts[i] = valueText(value)
		}
		all = append(all, strings.Join(texts, " | "))
	}
	must(t, rows.Err())
	return all
}

// valueText writes a value alike for both engines: truth values are 0 and 1 on SQLite, texts are bytes on PostgreSQL.
func valueText(value any) string {
	switch v := value.(type) {
	case nil:
		return "NULL"
	case bool:
		if v {
			return "1"
		}
		return "0"
	case []byte:
		return fmt.Sprintf("%q", v)
	case string:
		return fmt.Sprintf("%q", v)
	}
	return fmt.Sprint(value)
}
