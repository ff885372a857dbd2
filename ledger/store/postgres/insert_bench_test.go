package postgres_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/postgres"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

func benchSchema() []store.Schema {
	return []store.Schema{{Line: "bench", Files: fstest.MapFS{"postgres/00001_line.sql": {Data: []byte(`-- +goose Up
CREATE TABLE line (realm integer, book smallint, segment integer, account integer, ordinal bigint, sequence bigint NOT NULL, side smallint NOT NULL,
	amount bigint NOT NULL, day integer NOT NULL, month integer NOT NULL, PRIMARY KEY (realm, book, segment, account, ordinal));
`)}}}}
}

// lines is n rows as a posting makes them: five columns the same in every row, five that differ.
func lines(n int, first int64) []store.Column {
	account, ordinal, amount := make([]int32, n), make([]int64, n), make([]int64, n)
	side, month := make([]int16, n), make([]int32, n)
	for i := range n {
		account[i], ordinal[i], amount[i] = int32(100_000+i), first+int64(i), int64(123_45+i)
		side[i], month[i] = int16(i%2), 202_601
	}
	return []store.Column{
		store.Fixed("realm", int32(1)), store.Fixed("book", int16(1)), store.Fixed("segment", int32(0)), store.Int32s("account", account),
		store.Int64s("ordinal", ordinal), store.Fixed("sequence", int64(7)), store.Int16s("side", side), store.Int64s("amount", amount),
		store.Fixed("day", int32(20260131)), store.Int32s("month", month),
	}
}

// plain is a transaction's Exec.
type plain struct{ tx *store.Tx }

func (p plain) Exec(ctx context.Context, query string, args ...any) error {
	_, err := p.tx.Exec(ctx, query, args...)
	return err
}

// BenchmarkInsert compares INSERT … VALUES with INSERT … SELECT FROM unnest: one transaction of n rows an operation. "joined" is over a host's
// transaction, where statements are not kept prepared.
func BenchmarkInsert(b *testing.B) {
	if !slices.Contains(storetest.Kinds(b), storetest.Postgres) {
		return
	}
	ways := []struct {
		name string
		most int
		add  func(context.Context, postgres.Executor, store.Addition, int) error
	}{{"values", 1000, postgres.InsertValues}, {"unnest", 1 << 30, postgres.InsertArrays}}
	for _, n := range []int{1, 2, 3, 5, 10, 100, 1000, 10_000, 100_000} {
		for _, way := range ways {
			for _, joined := range []bool{false, true} {
				if n > way.most {
					continue
				}
				b.Run(fmt.Sprintf("rows=%d/%s/joined=%v", n, way.name, joined), func(b *testing.B) {
					db := storetest.Open(b, benchSchema(), storetest.Postgres)
					write, _ := db.Pools()
					next := int64(0)
					for b.Loop() {
						columns := lines(n, next)
						next += int64(n)
						add := func(ctx context.Context, tx *store.Tx) error {
							return way.add(ctx, plain{tx}, store.Addition{Table: "line", Columns: columns}, n)
						}
						var err error
						if joined {
							tx := write.MustBegin()
							if err = add(b.Context(), db.Join(tx)); err == nil {
								err = tx.Commit()
							}
						} else {
							err = db.Update(b.Context(), add)
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
