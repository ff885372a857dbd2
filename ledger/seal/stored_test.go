package seal_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/ledger/seal"
)

// memoryStore keeps what the ledger keeps: leaves, and the completed nodes that say they are stored.
type memoryStore struct {
	t      *testing.T
	leaves []seal.Hash
	nodes  map[int][]seal.Hash
	calls  int
	short  bool  // answer with one hash too few
	err    error // answer with this
}

func newMemoryStore(t *testing.T, n int) *memoryStore {
	s := &memoryStore{t: t, nodes: map[int][]seal.Hash{}}
	var tree seal.Frontier
	for i := range n {
		leaf := numberedLeaf(i)
		s.leaves = append(s.leaves, leaf)
		tree.Append(leaf, func(node seal.Node) {
			if !node.Stored() {
				return
			}
			if int64(len(s.nodes[node.Level])) != node.Index {
				t.Errorf("node %d of level %d completed after %d", node.Index, node.Level, len(s.nodes[node.Level]))
			}
			s.nodes[node.Level] = append(s.nodes[node.Level], node.Hash)
		})
	}
	return s
}

func (s *memoryStore) Leaves(_ context.Context, from, to int64) ([]seal.Hash, error) {
	return s.read(s.leaves, from, to)
}

func (s *memoryStore) Nodes(_ context.Context, level int, from, to int64) ([]seal.Hash, error) {
	if level <= 0 || level%seal.NodeLevelStep != 0 {
		s.t.Errorf("level %d is not stored but was asked for", level)
	}
	return s.read(s.nodes[level], from, to)
}

func (s *memoryStore) read(row []seal.Hash, from, to int64) ([]seal.Hash, error) {
	s.calls++
	if s.err != nil {
		return nil, s.err
	}
	if from < 0 || from >= to || to > int64(len(row)) || to-from > 256 {
		s.t.Errorf("asked for %d to %d of %d", from, to, len(row))
	}
	if s.short {
		to--
	}
	return row[from:to], nil
}

// storedHashes is the tree as package tlog would store all of it.
func storedHashes(t *testing.T, n int) tlog.HashReader {
	t.Helper()
	var all []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			out[i] = all[index]
		}
		return out, nil
	})
	for i := range n {
		hashes, err := tlog.StoredHashesForRecordHash(int64(i), tlog.Hash(numberedLeaf(i)), reader)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, hashes...)
	}
	return reader
}

func TestTheReaderServesEveryProofOfSmallTrees(t *testing.T) {
	const most = 700
	reference, reader := storedHashes(t, most), seal.Reader(t.Context(), newMemoryStore(t, most))
	for index := range tlog.StoredHashCount(most) {
		want, _ := reference.ReadHashes([]int64{index})
		if got, err := reader.ReadHashes([]int64{index}); err != nil || got[0] != want[0] {
			t.Fatalf("stored hash %d: %v %v", index, got, err)
		}
	}
	every := os.Getenv("FUNDLEDGER_TEST_EXHAUSTIVE") != ""
	for size := int64(1); size <= most; size++ {
		// All of them take half a minute; beyond one tile, the sizes about its multiples and one in 25 others are enough for every day.
		if !every && size > 150 && (size+2)%256 > 4 && size%25 != 0 {
			continue
		}
		for n := range size {
			compareProofs(t, reference, reader, size, n)
		}
	}
}

// compareProofs compares the proofs for leaf n, and for the tree of n+1 leaves, in the tree of that size.
func compareProofs(t *testing.T, reference, reader tlog.HashReader, size, n int64) {
	t.Helper()
	want, err := tlog.ProveRecord(size, n, reference)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := tlog.ProveRecord(size, n, reader); err != nil || !slices.Equal(got, want) {
		t.Fatalf("proof of leaf %d in %d: %v", n, size, err)
	}
	wantTree, err := tlog.ProveTree(size, n+1, reference)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := tlog.ProveTree(size, n+1, reader); err != nil || !slices.Equal(got, wantTree) {
		t.Fatalf("proof that %d extends %d: %v", size, n+1, err)
	}
}

func TestProofsOfLargeTreesHold(t *testing.T) {
	const most = 140_000 // three stored levels
	store := newMemoryStore(t, most)
	reference, reader := storedHashes(t, most), seal.Reader(t.Context(), store)
	r := rand.New(rand.NewPCG(6962, 1))
	sizes := []int64{most, 65536, 65537, 131072}
	for range 200 {
		sizes = append(sizes, 1+r.Int64N(most))
	}
	for _, size := range sizes {
		n := r.Int64N(size)
		store.calls = 0
		compareProofs(t, reference, reader, size, n)
		if store.calls > 2*3*3 {
			t.Errorf("two proofs of size %d took %d calls to the store", size, store.calls)
		}
		root, err := tlog.TreeHash(size, reader)
		if err != nil {
			t.Fatal(err)
		}
		record, err := tlog.ProveRecord(size, n, reader)
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckRecord(record, size, root, n, tlog.Hash(numberedLeaf(int(n)))); err != nil {
			t.Errorf("leaf %d of %d: %v", n, size, err)
		}
		leaf := numberedLeaf(int(n))
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(n), uint64(size), leaf[:], bytesOf(record), root[:]); err != nil {
			t.Errorf("second opinion on leaf %d of %d: %v", n, size, err)
		}
		checkConsistency(t, reader, size, n+1, root)
	}
}

func checkConsistency(t *testing.T, reader tlog.HashReader, size, older int64, root tlog.Hash) {
	t.Helper()
	olderRoot, err := tlog.TreeHash(older, reader)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := tlog.ProveTree(size, older, reader)
	if err != nil {
		t.Fatal(err)
	}
	if err := tlog.CheckTree(tree, size, root, older, olderRoot); err != nil {
		t.Errorf("%d extends %d: %v", size, older, err)
	}
	if err := proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(older), uint64(size), bytesOf(tree), olderRoot[:], root[:]); err != nil {
		t.Errorf("second opinion that %d extends %d: %v", size, older, err)
	}
}

func bytesOf[P ~[]tlog.Hash](hashes P) [][]byte {
	out := make([][]byte, len(hashes))
	for i := range hashes {
		out[i] = hashes[i][:]
	}
	return out
}

func TestTheReaderAnswersInTheOrderAsked(t *testing.T) {
	const most = 1000
	reference, reader := storedHashes(t, most), seal.Reader(t.Context(), newMemoryStore(t, most))
	r := rand.New(rand.NewPCG(6962, 2))
	for range 200 {
		indexes := make([]int64, r.IntN(40))
		for i := range indexes {
			indexes[i] = r.Int64N(tlog.StoredHashCount(most)) // in any order, some twice
		}
		want, _ := reference.ReadHashes(indexes)
		if got, err := reader.ReadHashes(indexes); err != nil || !slices.Equal(got, want) {
			t.Fatalf("%v: %v", indexes, err)
		}
	}
}

func TestTheReaderRefusesWhatAStoreDoesNotAnswer(t *testing.T) {
	store := newMemoryStore(t, 300)
	reader := seal.Reader(t.Context(), store)
	for _, index := range []int64{-1, math.MinInt64, math.MaxInt64, 1 << 62} {
		wantFormatError(t, "tree", func() error { _, err := reader.ReadHashes([]int64{index}); return err })
	}
	if store.calls != 0 {
		t.Error("the store was asked for hashes that cannot be")
	}
	store.short = true
	wantFormatError(t, "tree", func() error { _, err := tlog.TreeHash(300, reader); return err })
	store.short, store.err = false, errors.New("the disk is gone")
	if _, err := tlog.TreeHash(300, reader); !errors.Is(err, store.err) {
		t.Errorf("the store's error came back as %v", err)
	}
}

func TestAChangedLeafBreaksItsProofs(t *testing.T) {
	store := newMemoryStore(t, 600)
	root, err := tlog.TreeHash(600, seal.Reader(t.Context(), store))
	if err != nil {
		t.Fatal(err)
	}
	store.leaves[77][5] ^= 1
	record, err := tlog.ProveRecord(600, 78, seal.Reader(t.Context(), store))
	if err != nil {
		t.Fatal(err)
	}
	if tlog.CheckRecord(record, 600, root, 78, tlog.Hash(store.leaves[78])) == nil || tlog.CheckRecord(record, 600, root, 77, tlog.Hash(store.leaves[77])) == nil {
		t.Error("a proof made from a changed leaf holds")
	}
}
