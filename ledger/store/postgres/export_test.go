package postgres

import (
	"context"

	"github.com/fundledger/fundledger/ledger/store"
)

// InsertArrays is one of the two ways of Insert, for the benchmark that compares them.
var InsertArrays = insertArrays

// Executor is executor, for the benchmark.
type Executor = executor

// InsertValues is the other way.
func InsertValues(ctx context.Context, to Executor, addition store.Addition, n int) error {
	query, args := insertValues(addition, n, nil)
	return to.Exec(ctx, query, args...)
}
