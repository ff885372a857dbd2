//go:build !race

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What the engine refuses to post can only be put into a store by going around it. The run that follows names the book, the entry and what is wrong, and does not
// come to an audit.
func TestAYearWhoseStoreWasTamperedWithIsRefused(t *testing.T) {
	year := t.TempDir()
	mustRun(t, options{out: year})
	for name, tampering := range map[string]struct {
		statements []string
		says       string
	}{
		"an amount on a bank account": {[]string{"DROP TRIGGER ledger_line_no_update", `UPDATE ledger_line SET amount = amount + 100 WHERE book_no = 1 AND ordinal =
			(SELECT max(l.ordinal) FROM ledger_line l JOIN ledger_account a USING (realm_id, book_no, account_no) WHERE a.code = '1003')`}, "fiscal_account"},
		"a member's line taken out": {[]string{"DROP TRIGGER ledger_line_no_delete", "DELETE FROM ledger_line WHERE book_no = 1 AND ordinal = 500"}, "interest/2025/0"},
		"an entry taken out":        {[]string{"DROP TRIGGER ledger_entry_no_delete", "DELETE FROM ledger_entry WHERE book_no = 1 AND seq = 120"}, "entry 120 is missing"},
		"a leaf of the log":         {[]string{"DROP TRIGGER ledger_entry_no_update", "UPDATE ledger_entry SET leaf = zeroblob(32) WHERE book_no = 1 AND seq = 77"}, "issue/2025-"},
		"another approver":          {[]string{"DROP TRIGGER ledger_entry_no_update", "UPDATE ledger_entry SET approved_by = entered_by WHERE book_no = 1 AND seq = 77"}, "seq 77, approved_by"},
		"a total of a day":          {[]string{"UPDATE ledger_account_day SET debit = debit + 1 WHERE book_no = 1 AND day = 20250328"}, "[V1]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := t.TempDir()
			if err := os.CopyFS(out, os.DirFS(year)); err != nil {
				t.Fatal(err)
			}
			db, err := openDatabase(t.Context(), filepath.Join(out, "fund.db"))
			if err != nil {
				t.Fatal(err)
			}
			write, _ := db.Pools()
			changed := int64(0)
			for _, statement := range tampering.statements {
				done, err := write.ExecContext(t.Context(), statement)
				if err != nil {
					t.Fatal(statement, err)
				}
				changed, _ = done.RowsAffected()
			}
			if err := db.Close(); err != nil || changed == 0 {
				t.Fatal(changed, err)
			}
			_, err = runYear(t, options{out: out})
			if err == nil || !strings.Contains(err.Error(), tampering.says) {
				t.Fatalf("the error does not say %q: %v", tampering.says, err)
			}
			t.Log(err)
		})
	}
}
