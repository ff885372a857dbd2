package benefits

import (
	"context"
	"iter"
	"math"
	"slices"

	"github.com/fundledger/fundledger/ledger/store"
)

// DeterminationQuery says which determinations DeterminationsOf returns. What is zero does not narrow them.
type DeterminationQuery struct {
	First, Last int64   // claims from First to Last, both included
	Claims      []int64 // these claims, in any order; those of a payment run are the claims of its Payments
	Status      string  // DeterminationOpen and its sisters
}

// claimsPerPage bounds how many claims one short read transaction reads when they are named.
const claimsPerPage = 1_000

// DeterminationsOf streams the determinations of some claims with their content, by claim and version. Claims without one are left out.
func (o *Office) DeterminationsOf(ctx context.Context, q DeterminationQuery) iter.Seq2[Determination, error] {
	last := q.Last
	if last == 0 {
		last = math.MaxInt64
	}
	where, args := ` AND claim_no BETWEEN ? AND ?`, []any{q.First, last}
	if q.Status != "" {
		where, args = where+` AND status = ?`, append(args, q.Status)
	}
	if q.Claims == nil {
		return stream(ctx, o, func(ctx context.Context, tx *store.Tx, after [3]int64) ([]Determination, error) {
			return o.readDeterminations(ctx, tx, true, where+` AND (claim_no, version) > (?, ?) ORDER BY claim_no, version LIMIT ?`,
				append(slices.Clip(args), after[0], after[1], pageRows)...)
		}, func(d *Determination) [3]int64 { return [3]int64{d.Claim, int64(d.Version)} })
	}
	claims := slices.Compact(slices.Sorted(slices.Values(q.Claims)))
	return func(yield func(Determination, error) bool) {
		for some := range slices.Chunk(claims, claimsPerPage) {
			var page []Determination
			err := o.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
				page, err = o.readDeterminations(ctx, tx, true, where+` AND `+tx.Dialect().Among("claim_no")+` ORDER BY claim_no, version`,
					append(slices.Clip(args), tx.Dialect().Ints(some))...)
				return err
			})
			if err != nil {
				yield(Determination{}, err)
				return
			}
			for i := range page {
				if !yield(page[i], nil) {
					return
				}
			}
		}
	}
}
