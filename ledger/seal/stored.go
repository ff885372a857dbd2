package seal

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// NodeLevelStep is the distance of the levels of a book's tree that are stored: the leaves, then the complete subtrees of 2⁸, 2¹⁶, 2²⁴ … leaves. Every
// other node comes from at most 2⁷ nodes of the stored level below it.
const NodeLevelStep = 8

// Stored reports whether the node is one that a Store keeps, beside the leaves.
func (n Node) Stored() bool { return n.Level > 0 && n.Level%NodeLevelStep == 0 }

// Store is where the ledger keeps the hashes of a book. Ranges are by place in the level from 0, from inclusive, to exclusive; a call asks for at most 256
// hashes, all of complete subtrees. It answers with all of them, in order, or with an error.
type Store interface {
	// Leaves returns the hashes of the entries with sequence numbers from+1 to to.
	Leaves(ctx context.Context, from, to int64) ([]Hash, error)
	// Nodes returns the roots of complete subtrees of 2^level leaves each; level is a multiple of NodeLevelStep above 0.
	Nodes(ctx context.Context, level int, from, to int64) ([]Hash, error)
}

// Reader serves every hash of the tree to the proofs of package tlog, from the few that are stored. One ReadHashes makes at most one call to the store for
// each 256 neighbouring hashes of a stored level that it needs something of, so a proof in a book of 2³² entries takes about ten calls. What is read is not
// verified: a store that lies yields proofs that do not hold.
func Reader(ctx context.Context, store Store) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		wanted := make([]subtree, len(indexes))
		for i, index := range indexes {
			if index < 0 || index >= 2*(maxLeaves+1) {
				return nil, &FormatError{Part: "tree", Reason: fmt.Sprintf("no hash has index %d", index)}
			}
			wanted[i] = subtreeAt(index, i)
		}
		// By tile, then by place, so that each tile is one run.
		slices.SortFunc(wanted, func(a, b subtree) int {
			return cmp.Or(cmp.Compare(a.level, b.level), cmp.Compare(a.from, b.from))
		})
		hashes := make([]tlog.Hash, len(indexes))
		for len(wanted) > 0 {
			n := 1
			for n < len(wanted) && wanted[n].tile() == wanted[0].tile() {
				n++
			}
			if err := readTile(ctx, store, wanted[:n], hashes); err != nil {
				return nil, err
			}
			wanted = wanted[n:]
		}
		return hashes, nil
	})
}

// subtree is a hash that was asked for, as the stored hashes that it joins.
type subtree struct {
	answer   int // place among the answers
	level    int // of the stored hashes
	from, to int64
}

func subtreeAt(index int64, answer int) subtree {
	level, n := tlog.SplitStoredHashIndex(index)
	above := level % NodeLevelStep
	return subtree{answer: answer, level: level - above, from: n << above, to: (n + 1) << above}
}

// tile names the 256 neighbours that the subtree's hashes are among. They never are among two: there are at most 2⁷, and they begin at a multiple of their
// number.
func (s subtree) tile() [2]int64 { return [2]int64{int64(s.level), s.from >> NodeLevelStep} }

// readTile answers for subtrees of one tile with one call.
func readTile(ctx context.Context, store Store, wanted []subtree, hashes []tlog.Hash) error {
	level, from, to := wanted[0].level, wanted[0].from, wanted[0].to
	for _, s := range wanted {
		to = max(to, s.to)
	}
	var stored []Hash
	var err error
	if level == 0 {
		stored, err = store.Leaves(ctx, from, to)
	} else {
		stored, err = store.Nodes(ctx, level, from, to)
	}
	if err != nil {
		return fmt.Errorf("seal: read hashes %d to %d of level %d: %w", from, to-1, level, err)
	}
	if int64(len(stored)) != to-from {
		return &FormatError{Part: "tree", Reason: fmt.Sprintf("%d hashes of level %d stored from %d to %d, not %d", len(stored), level, from, to-1, to-from)}
	}
	for _, s := range wanted {
		hashes[s.answer] = tlog.Hash(join(stored[s.from-from : s.to-from]))
	}
	return nil
}

// join returns the root over a power of two of neighbours.
func join(neighbours []Hash) Hash {
	if len(neighbours) == 1 {
		return neighbours[0]
	}
	row := make([]Hash, len(neighbours)/2)
	for i := range row {
		row[i] = NodeHash(neighbours[2*i], neighbours[2*i+1])
	}
	for len(row) > 1 {
		half := row[:len(row)/2]
		for i := range half {
			half[i] = NodeHash(row[2*i], row[2*i+1])
		}
		row = half
	}
	return row[0]
}
