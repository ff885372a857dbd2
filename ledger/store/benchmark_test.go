package store_test

import (
	"context"
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

// journal is a table of lines as the ledger has it, and a row that every transaction locks.
func journal() []store.Schema {
	const table = `-- +goose Up
CREATE TABLE book (realm integer, book smallint, head bigint NOT NULL, PRIMARY KEY (realm, book));
INSERT INTO book VALUES (1, 1, 0);
CREATE TABLE line (realm integer, book smallint, segment integer, account integer, ordinal bigint, sequence bigint NOT NULL, side smallint NOT NULL,
	amount bigint NOT NULL, day integer NOT NULL, month integer NOT NULL, PRIMARY KEY (realm, book, segment, account, ordinal))`
	return []store.Schema{{Line: "journal", Files: fstest.MapFS{
		"postgres/00001_line.sql": {Data: []byte(table + ";\n")},
		"sqlite/00001_line.sql":   {Data: []byte(table + " WITHOUT ROWID;\n")},
	}}}
}

// journalLines is n lines of one entry: five columns the same in every row, five that differ.
func journalLines(n int, first int64) []store.Column {
	account, ordinal, amount := make([]int32, n), make([]int64, n), make([]int64, n)
	side, month := make([]int16, n), make([]int32, n)
	for i := range n {
		account[i], ordinal[i], amount[i] = int32(100_000+i), first+int64(i), int64(12_345+i)
		side[i], month[i] = int16(i%2), 202_601
	}
	return []store.Column{
		store.Fixed("realm", int32(1)), store.Fixed("book", int16(1)), store.Fixed("segment", int32(first>>20)), store.Int32s("account", account),
		store.Int64s("ordinal", ordinal), store.Fixed("sequence", int64(7)), store.Int16s("side", side), store.Int64s("amount", amount),
		store.Fixed("day", int32(20260131)), store.Int32s("month", month),
	}
}

// BenchmarkInsert is one transaction of n rows an operation, without waiting for the disk. "joined" is over a host's transaction, where no
// statement is kept prepared and SQLite's rows go through database/sql.
func BenchmarkInsert(b *testing.B) {
	for _, kind := range storetest.Kinds(b) {
		for _, n := range []int{1, 2, 10, 1000, 100_000} {
			for _, joined := range []bool{false, true} {
				b.Run(fmt.Sprintf("%s/rows=%d/joined=%v", kind, n, joined), func(b *testing.B) {
					db := storetest.Open(b, journal(), kind)
					write, _ := db.Pools()
					next := int64(0)
					for b.Loop() {
						b.StopTimer()
						columns := journalLines(n, next)
						b.StartTimer()
						next += int64(n)
						var err error
						if joined {
							tx := write.MustBegin()
							if err = db.Join(tx).Insert(b.Context(), "line", columns...); err == nil {
								err = tx.Commit()
							}
						} else {
							err = db.Update(b.Context(), func(ctx context.Context, tx *store.Tx) error { return tx.Insert(ctx, "line", columns...) })
						}
						if err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(next), "ns/row")
				})
			}
		}
	}
}

// BenchmarkSmallTransaction locks the book's row, adds two lines and writes the row, as posting one entry does.
func BenchmarkSmallTransaction(b *testing.B) {
	for _, kind := range storetest.Kinds(b) {
		for _, durable := range []bool{false, true} {
			for _, prepared := range []bool{true, false} {
				b.Run(fmt.Sprintf("%s/durable=%v/prepared=%v", kind, durable, prepared), func(b *testing.B) {
					var options []storetest.Option
					if durable {
						options = append(options, storetest.Durable())
					}
					if !prepared {
						options = append(options, storetest.WithStore(store.WithoutPreparedStatements()))
					}
					db := storetest.Open(b, journal(), kind, options...)
					for b.Loop() {
						err := db.Update(b.Context(), func(ctx context.Context, tx *store.Tx) error {
							var head int64
							err := tx.QueryRow(ctx, "SELECT head FROM book WHERE realm = ? AND book = ?"+tx.Dialect().ForUpdate(), 1, 1).Scan(&head)
							if err != nil {
								return err
							}
							if err := tx.Insert(ctx, "line", journalLines(2, head)...); err != nil {
								return err
							}
							_, err = tx.Exec(ctx, "UPDATE book SET head = ? WHERE realm = ? AND book = ?", head+2, 1, 1)
							return err
						})
						if err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}

// BenchmarkRead reads one row by its primary key in the three ways there are.
func BenchmarkRead(b *testing.B) {
	for _, kind := range storetest.Kinds(b) {
		db := storetest.Open(b, journal(), kind)
		if err := db.Update(b.Context(), func(ctx context.Context, tx *store.Tx) error { return tx.Insert(ctx, "line", journalLines(1000, 0)...) }); err != nil {
			b.Fatal(err)
		}
		for name, way := range map[string]func(context.Context, func(context.Context, *store.Tx) error) error{"view": db.View, "look": db.Look, "update": db.Update} {
			b.Run(kind+"/"+name, func(b *testing.B) {
				for b.Loop() {
					err := way(b.Context(), func(ctx context.Context, tx *store.Tx) error {
						var amount int64
						return tx.QueryRow(ctx, "SELECT amount FROM line WHERE realm = ? AND book = ? AND segment = ? AND account = ? AND ordinal = ?", 1, 1, 0, 100_500, 500).Scan(&amount)
					})
					if err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
