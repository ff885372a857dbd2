package ledger_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/store"
)

// plainTables makes copies of the ledger's tables of entries, lines and daily totals, with their indexes and without their triggers: what the benchmarks
// compare posting with goes there, by the fastest way the engine has.
func plainTables(b *testing.B, db *store.DB) {
	b.Helper()
	err := db.Update(b.Context(), func(ctx context.Context, tx *store.Tx) error {
		statements := []string{
			"CREATE TABLE plain_entry (LIKE ledger_entry INCLUDING ALL)", "CREATE TABLE plain_line (LIKE ledger_line INCLUDING ALL)",
			"CREATE TABLE plain_account_day (LIKE ledger_account_day INCLUDING ALL)",
		}
		if db.Dialect().Name() == "sqlite" {
			statements = nil
			rows, err := tx.Query(ctx, `SELECT sql FROM sqlite_schema WHERE type IN ('table', 'index') AND sql IS NOT NULL
				AND tbl_name IN ('ledger_entry', 'ledger_line', 'ledger_account_day') ORDER BY type DESC`)
			if err != nil {
				return err
			}
			for rows.Next() {
				var statement string
				if err := rows.Scan(&statement); err != nil {
					return err
				}
				statements = append(statements, strings.ReplaceAll(statement, "ledger_", "plain_"))
			}
			if err := rows.Close(); err != nil {
				return err
			}
		}
		for _, statement := range statements {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// plainLines inserts line rows from an ordinal on, so many to an entry from seq on; one stands for all.
func plainLines(ctx context.Context, tx *store.Tx, accounts []int32, ordinal, seq int64, each int) error {
	n := len(accounts)
	ordinals, seqs, amounts, sides := make([]int64, n), make([]int64, n), make([]int64, n), make([]int16, n)
	months, tags := make([]int32, n), make([]string, n)
	for i := range accounts {
		ordinals[i], seqs[i], amounts[i], sides[i], months[i] = ordinal+int64(i), seq, 56000, -1, 202601
		if each > 1 {
			seqs[i] += int64(i / each)
		}
	}
	return tx.Insert(ctx, "plain_line", store.Fixed("realm_id", int32(1)), store.Fixed("book_no", int16(1)), store.Fixed("segment", int32(ordinal>>20)),
		store.Int32s("account_no", accounts), store.Int64s("ordinal", ordinals), store.Int64s("seq", seqs), store.Int16s("side", sides),
		store.Int64s("amount", amounts), store.Fixed("effective_day", int32(20260115)), store.Int32s("month", months), store.Texts("tag", tags))
}

// The bytes of a record of two lines.
var (
	plainHeader  = make([]byte, 90)
	plainColumns = make([]byte, 30)
	plainHash    = make([]byte, 32)
)

// plainEntries inserts entry rows from seq on.
func plainEntries(ctx context.Context, tx *store.Tx, seq int64, n int) error {
	seqs, keys, times, ordinals := make([]int64, n), make([]string, n), make([]int64, n), make([]int64, n)
	headers, columns, hashes := make([][]byte, n), make([][]byte, n), make([][]byte, n)
	for i := range seqs {
		seqs[i], keys[i], times[i], ordinals[i] = seq+int64(i), fmt.Sprint("k", seq+int64(i)), 1767600000000000+int64(i), 2*(seq+int64(i))
		headers[i], columns[i], hashes[i] = plainHeader, plainColumns, plainHash
	}
	return tx.Insert(ctx, "plain_entry", store.Fixed("realm_id", int32(1)), store.Fixed("book_no", int16(1)), store.Int64s("seq", seqs),
		store.Fixed("kind", "entry"), store.Texts("key", keys), store.Fixed("effective_day", int32(20260115)), store.Fixed("period", int32(202601)),
		store.Fixed("voucher_type", "general"), store.Int64s("voucher_no", addOne(seqs)), store.Int64s("recorded_us", times),
		store.Fixed("description", "contribution"), store.Fixed("entered_by", "bench"), store.Fixed("approved_by", ""), store.Fixed("source_kind", ""),
		store.Fixed("source_id", ""), store.FixedBlob("source_hash", []byte{}), store.Fixed("attachments", int32(0)), store.Fixed("transfer_id", ""),
		store.Fixed("reverses_seq", int64(0)), store.Fixed("metadata", ""), store.Int64s("first_ordinal", ordinals), store.Fixed("line_count", int64(2)),
		store.Blobs("header", headers), store.Blobs("columns", columns), store.Blobs("lines_root", hashes), store.Blobs("leaf", hashes))
}

func addOne(values []int64) []int64 {
	out := make([]int64, len(values))
	for i, value := range values {
		out[i] = value + 1
	}
	return out
}

// plainEntry inserts an entry and its two lines, one statement each.
func plainEntry(ctx context.Context, tx *store.Tx, seq int64, debit, credit ledger.AccountNo) error {
	if err := plainEntries(ctx, tx, seq, 1); err != nil {
		return err
	}
	for i, account := range []ledger.AccountNo{debit, credit} {
		if err := plainLines(ctx, tx, []int32{int32(account)}, 2*seq+int64(i), seq, 1); err != nil {
			return err
		}
	}
	return nil
}

// plainDays adds to the running rows of two accounts, one statement each.
func plainDays(ctx context.Context, tx *store.Tx, accounts ...ledger.AccountNo) error {
	for _, account := range accounts {
		_, err := tx.Exec(ctx, `INSERT INTO plain_account_day (realm_id, book_no, account_no, day, period, debit, credit, closing_debit, closing_credit)
			VALUES (1, 1, ?, 20260115, 202601, 100, 0, 0, 0) ON CONFLICT (realm_id, book_no, account_no, day, period) DO UPDATE SET
			debit = plain_account_day.debit + excluded.debit`, int32(account))
		if err != nil {
			return err
		}
	}
	return nil
}
