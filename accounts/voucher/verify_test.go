package voucher_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts/voucher"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

// exec runs a statement as somebody who has the database in hand.
func exec(t *testing.T, d *desk, query string, args ...any) error {
	t.Helper()
	return d.db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	})
}

func TestStepsContentsAndPostedVouchersAreOnlyAdded(t *testing.T) {
	each(t, voucher.Config{}, func(t *testing.T, d *desk) {
		d.post(d.ready(d.premium("posted", 100)))
		open := d.review(d.prepare(d.premium("open", 100)))
		for _, statement := range []string{
			"UPDATE voucher_step SET person = 'x'", "DELETE FROM voucher_step", "UPDATE voucher_content SET step_no = 2", "DELETE FROM voucher_content",
			"DELETE FROM voucher_voucher", "UPDATE voucher_voucher SET prepared_by = 'x'", "UPDATE voucher_voucher SET key = 'x' || key", "DELETE FROM voucher_book",
			"UPDATE voucher_book SET last = 0", "UPDATE voucher_voucher SET reviewed_by = 'x' WHERE voucher_no = 2",
			"UPDATE voucher_voucher SET steps = steps + 1, state = 'draft' WHERE voucher_no = 1", "UPDATE voucher_voucher SET steps = steps + 1, entry_seq = 9 WHERE voucher_no = 1",
		} {
			if err := exec(t, d, statement); !errors.Is(err, store.ErrAppendOnly) {
				t.Errorf("%s: %v", statement, err)
			}
		}
		if d.now(open.No) != open {
			t.Error("something moved")
		}
		d.sound()
	})
}

// disarm takes the triggers away, as whoever owns the database can.
func disarm(t *testing.T, d *desk) {
	t.Helper()
	if d.db.Dialect().Name() == storetest.Postgres {
		for _, table := range []string{"voucher_book", "voucher_voucher", "voucher_step", "voucher_content"} {
			must(t, exec(t, d, "ALTER TABLE "+table+" DISABLE TRIGGER USER"))
		}
		return
	}
	for _, name := range texts(t, d.db, "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name LIKE 'voucher%'")[1:] {
		must(t, exec(t, d, "DROP TRIGGER "+name[:len(name)-len(" | ")]))
	}
}

func TestVerifyFindsEveryColumnThatWasTamperedWith(t *testing.T) {
	each(t, voucher.Config{}, func(t *testing.T, d *desk) {
		back := hand("he", "b")
		back.Reason = "why"
		v := got(d.SendBack(t.Context(), back, d.prepare(d.premium("k", 100)).Seen()))(t)[0]
		d.post(d.sign(d.review(got(d.Revise(t.Context(), hand("lin", "x"), v.Seen(), d.premium("k", 101)))(t))))
		d.prepare(d.premium("open", 7))
		d.sound()
		disarm(t, d)
		tampered := 0
		for _, c := range []struct{ table, where, numbers, texts, hashes string }{
			{"voucher_voucher", "voucher_no = 1", "voucher_no effective_day period amount attachments steps changed_day content_step entry_seq voucher_number",
				"key voucher_type description prepared_by reviewed_by cashier head posted_by", "content_hash history_hash"},
			{"voucher_step", "voucher_no = 1 AND step_no = 4", "voucher_no step_no day entry_seq voucher_number", "person reason key", "content_hash step_hash"},
			{"voucher_step", "voucher_no = 1 AND step_no = 7", "step_no day entry_seq voucher_number", "action person reason key state", "content_hash step_hash"},
			{"voucher_content", "voucher_no = 1 AND step_no = 3", "voucher_no step_no", "", "content"},
			{"voucher_book", "last = 2", "last", "", ""},
		} {
			tamper := func(column, value string, args ...any) {
				tampered++
				old := any(nil)
				must(t, d.db.View(t.Context(), func(ctx context.Context, tx *store.Tx) error {
					return tx.QueryRow(ctx, "SELECT "+column+" FROM "+c.table+" WHERE "+c.where).Scan(&old)
				}))
				must(t, exec(t, d, "UPDATE "+c.table+" SET "+column+" = "+value+" WHERE "+c.where, args...))
				report := got(d.Verify(t.Context(), book))(t)
				if report.Sound() {
					t.Errorf("%s.%s was changed, and Verify finds nothing", c.table, column)
				}
				where, more := c.where, []any{old}
				for _, key := range []string{"voucher_no", "step_no", "last"} { // the row is found again by what it was changed to
					if column == key {
						where = fmt.Sprintf("%s = ?", column)
						more = append(more, 100+toInt(old))
						if c.table == "voucher_step" && key == "step_no" {
							where += " AND voucher_no = 1"
						}
					}
				}
				must(t, exec(t, d, "UPDATE "+c.table+" SET "+column+" = ? WHERE "+where, more...))
			}
			for _, column := range strings.Fields(c.numbers) {
				tamper(column, column+" + 100")
			}
			for _, column := range strings.Fields(c.texts) {
				tamper(column, column+" || 'x'")
			}
			for _, column := range strings.Fields(c.hashes) {
				tamper(column, "?", []byte("0123456789abcdef0123456789abcdef"))
			}
		}
		for column, value := range map[string]string{"state": "'withdrawn'", "kind": "'transfer'"} {
			tampered++
			old := texts(t, d.db, "SELECT "+column+" FROM voucher_voucher WHERE voucher_no = 1")[1]
			must(t, exec(t, d, "UPDATE voucher_voucher SET "+column+" = "+value+" WHERE voucher_no = 1"))
			if got(d.Verify(t.Context(), book))(t).Sound() {
				t.Errorf("%s was changed, and Verify finds nothing", column)
			}
			must(t, exec(t, d, "UPDATE voucher_voucher SET "+column+" = ? WHERE voucher_no = 1", old[1:len(old)-len("\" | ")]))
		}
		d.sound() // everything is back
		t.Logf("%d columns were tampered with", tampered)
		for _, x := range []struct {
			statement string
			matter    voucher.Matter
		}{
			{"DELETE FROM voucher_step WHERE voucher_no = 2", voucher.MatterRow},
			{"DELETE FROM voucher_voucher WHERE voucher_no = 2", voucher.MatterNumber},
			{"DELETE FROM voucher_voucher WHERE voucher_no = 1", voucher.MatterEntry},
		} {
			must(t, exec(t, d, x.statement))
			report := got(d.Verify(t.Context(), book))(t)
			if !slices.ContainsFunc(report.Discrepancies, func(f voucher.Discrepancy) bool { return f.Matter == x.matter }) {
				t.Errorf("%s: no finding about %s in %v", x.statement, x.matter, report.Discrepancies)
			}
		}
	})
}

func toInt(value any) int64 {
	var n int64
	fmt.Sscan(fmt.Sprint(value), &n)
	return n
}

func TestAContentThatWasSwappedIsNotPosted(t *testing.T) {
	each(t, voucher.Config{}, func(t *testing.T, d *desk) {
		v := d.ready(d.premium("k", 100))
		disarm(t, d)
		must(t, exec(t, d, "UPDATE voucher_content SET content = ?", []byte("swapped")))
		_, err := d.Post(t.Context(), hand("ji", "p"), v.Seen())
		refused(t, err, voucher.ErrCorrupt)
		_, err = d.Document(t.Context(), book, v.No)
		refused(t, err, voucher.ErrCorrupt)
		_, err = d.History(t.Context(), book, v.No)
		refused(t, err, voucher.ErrCorrupt)
		if d.entries() != 0 {
			t.Error("posted")
		}
	})
}
