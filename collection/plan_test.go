package collection_test

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/collection"
	"github.com/fundledger/fundledger/collection/allocation"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/fundledger/fundledger/registration"
)

// wholeBook is a step of a plan that reads every row of a book, or every spell of a realm.
var wholeBook = regexp.MustCompile(`^SCAN collection|^SEARCH collection_\w+ USING [A-Z ]*(INDEX \w+ )?\(realm_id=\? AND book_no=\?\)$|^SEARCH registration_spell USING .*\(realm_id=\?\)$`)

// What concerns one employer or a few members must not read everybody's rows: on SQLite a list in a condition can lead the planner to.
func TestQueriesForFewDoNotReadTheWholeBook(t *testing.T) {
	queries := map[string]bool{}
	db := storetest.Open(t, schemas, storetest.SQLite, storetest.WithFault(func(at storetest.Point) error {
		if text := strings.ToUpper(strings.TrimSpace(at.Query)); strings.HasPrefix(text, "SELECT") || strings.HasPrefix(text, "UPDATE") {
			queries[at.Query] = true
		}
		return nil
	}))
	d := prepare(t, db, allocation.Policy{})
	clear(queries)
	d.receive(arrival(20260120, 4_000_00, 1, "b1"))
	d.receive(arrival(20260120, 500_00, 0, "b2"))
	d.receive(arrival(20260201, 4_000_00, 2, "b3"))
	value(d.Identify(t.Context(), d.order(20260210), collection.Identification{Item: 1, Employer: 2}))(t)
	d.declare(202603, 2, 4, 7_000_00, 7_000_00, 7_000_00)
	d.assess(202603, 2)
	d.provide(20260211, 4_000_00)
	order := d.order(20260212)
	order.Documents = []ledger.Attachment{{Name: "application", Hash: make([]byte, 32)}}
	value(d.Refund(t.Context(), order, collection.RefundOrder{Demand: 1, Members: []registration.MemberNo{1}}))(t)
	d.contributions(1, 2)
	must(t, db.View(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := d.Obligations(ctx, tx.Handle(), []registration.EmployerNo{1, 2})
		return err
	}))
	explained := 0
	must(t, db.View(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		for _, text := range slices.Sorted(maps.Keys(queries)) {
			if !strings.Contains(text, "collection_") && !strings.Contains(text, "registration_spell") || strings.Contains(text, "collection_book") {
				continue
			}
			explained++
			rows, err := tx.Query(ctx, "EXPLAIN QUERY PLAN "+text, make([]any, strings.Count(text, "?"))...)
			if err != nil {
				return err
			}
			for rows.Next() {
				var id, parent, unused int64
				var step string
				if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
					return err
				}
				if wholeBook.MatchString(step) {
					t.Errorf("%s:\n%s", step, text)
				}
			}
			if err := rows.Err(); err != nil {
				return err
			}
			must(t, rows.Close())
		}
		return nil
	}))
	if explained < 20 {
		t.Errorf("only %d queries were explained", explained)
	}
}
