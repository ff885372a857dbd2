package collection_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/fundledger/fundledger/collection"
	"github.com/fundledger/fundledger/collection/allocation"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/fundledger/fundledger/registration"
)

// tamper changes rows behind the library's back: the triggers that refuse it are put out of the way first.
func (d *desk) tamper(statements ...string) {
	d.t.Helper()
	must(d.t, d.db.Update(d.t.Context(), func(ctx context.Context, tx *store.Tx) error {
		for _, table := range []string{"sheet", "assessment", "allocation", "refund", "declaration"} {
			texts := []string{"ALTER TABLE collection_" + table + " DISABLE TRIGGER USER"}
			if tx.Dialect().Name() == "sqlite" {
				texts = []string{"DROP TRIGGER collection_" + table + "_fixed", "DROP TRIGGER collection_" + table + "_kept"}
			}
			statements = append(texts, statements...)
		}
		for _, text := range statements {
			if _, err := tx.Exec(ctx, text); err != nil {
				return fmt.Errorf("%s: %w", text, err)
			}
		}
		return nil
	}))
}

func TestEverythingThatWasTamperedWithIsFound(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, allocation.Policy{})
		d.enrol(1, 1, 1, 1)
		for i := range 4 {
			d.declare(202601, registration.EmployerNo(i+1), registration.MemberNo(i+1), 5_000_00)
		}
		d.assess(202601)
		for i := range 4 {
			d.receive(arrival(20260120, 1_200_00, registration.EmployerNo(i+1), fmt.Sprint("b", i)))
		}
		d.provide(20260121, 4_800_00)
		order := d.order(20260128)
		order.Documents = []ledger.Attachment{{Name: "application", Hash: make([]byte, 32)}}
		value(d.Refund(t.Context(), order, collection.RefundOrder{Demand: 1}))(t)
		clean := value(d.Verify(t.Context()))(t)
		// 4 declarations with an index each, 4 assessments under one index, 4 allocations, a refund; and 4 demands
		if !clean.Sound() || clean.Sheets != 4+4+4+1+4+1 || clean.Rows != 4+4+4+4+1 {
			t.Fatalf("%+v", clean)
		}
		d.tamper(
			`UPDATE collection_refund SET person_part = person_part + 1 WHERE refund_no = 1`,
			`UPDATE collection_demand SET paid = paid + 1 WHERE demand_no = 1`,
			`UPDATE collection_assessment SET person_sum = person_sum + 1 WHERE employer_no = 1`,
			`UPDATE collection_allocation SET person_part = person_part + 1 WHERE allocation_no = 2`,
			`UPDATE collection_declaration SET base_sum = 0 WHERE employer_no = 2`,
			`DELETE FROM collection_sheet WHERE sheet_no = (SELECT sheet_no FROM collection_assessment WHERE employer_no = 3)`,
			// another sheet in the place of employer 4's declaration: whole in itself, and sealed by nothing under this number
			`UPDATE collection_sheet SET content = (SELECT content FROM collection_sheet s WHERE s.part = collection_sheet.part AND s.sheet_no =
				(SELECT sheet_no FROM collection_assessment WHERE employer_no = 4)) WHERE sheet_no = (SELECT sheet_no FROM collection_declaration WHERE employer_no = 4)`,
		)
		found := value(d.Verify(t.Context()))(t)
		var got []string
		for _, f := range found.Discrepancies {
			got = append(got, fmt.Sprintf("%s %d", f.Table, f.Row))
		}
		want := []string{"sheet 7", "declaration 2", "declaration 4", "assessment 1", "assessment 3", "refund 1", "allocation 2", "demand 1", "demand 2", "demand 3"}
		if !slices.Equal(slices.Compact(got), want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	})
}
