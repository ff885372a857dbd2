package seal_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/fundledger/fundledger/ledger/seal"
)

// numberedLeaf is the leaf of that place in the trees of tests and vectors.
func numberedLeaf(i int) seal.Hash {
	return sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(i)))
}

func wantFormatError(t *testing.T, part string, call func() error) {
	t.Helper()
	err := call()
	var typed *seal.FormatError
	if !errors.As(err, &typed) || typed.Part != part || typed.Reason == "" {
		t.Errorf("got %v, want a *FormatError about the %s", err, part)
	}
}

// agreesWithTlog appends leaves and compares each completed node with what package tlog would store, and the root wherever compare says so.
func agreesWithTlog(t *testing.T, n int, compare func(size int) bool) {
	t.Helper()
	var (
		all    []tlog.Hash
		tree   seal.Frontier
		second = (&compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}).NewEmptyRange(0)
	)
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			out[i] = all[index]
		}
		return out, nil
	})
	for i := range n {
		leaf := numberedLeaf(i)
		stored, err := tlog.StoredHashesForRecordHash(int64(i), tlog.Hash(leaf), reader)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, stored...)
		completed := 0
		tree.Append(leaf, func(node seal.Node) {
			completed++
			if node.Level != completed || all[tlog.StoredHashIndex(node.Level, node.Index)] != tlog.Hash(node.Hash) {
				t.Fatalf("leaf %d completes node %d of level %d with another hash than package tlog stores", i, node.Index, node.Level)
			}
		})
		if completed != len(stored)-1 || tree.Size() != int64(i+1) {
			t.Fatalf("leaf %d completed %d nodes, size %d", i, completed, tree.Size())
		}
		if err := second.Append(leaf[:], nil); err != nil {
			t.Fatal(err)
		}
		if compare(i + 1) {
			want, err := tlog.TreeHash(int64(i+1), reader)
			if err != nil {
				t.Fatal(err)
			}
			opinion, err := second.GetRootHash(nil)
			if root := tree.Root(); err != nil || tlog.Hash(root) != want || !bytes.Equal(root[:], opinion) {
				t.Fatalf("root of %d leaves: %x, package tlog %x, compact range %x, %v", i+1, root, want, opinion, err)
			}
			continuesAfterStorage(t, &tree, i+1)
		}
	}
}

// continuesAfterStorage stores a frontier and reads it back; both then give the same root after the same leaf.
func continuesAfterStorage(t *testing.T, tree *seal.Frontier, next int) {
	t.Helper()
	stored, err := tree.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if want := 8 + 32*bits.OnesCount(uint(tree.Size())); len(stored) != want {
		t.Fatalf("a frontier of %d takes %d bytes, not %d", tree.Size(), len(stored), want)
	}
	var again seal.Frontier
	if err := again.UnmarshalBinary(stored); err != nil {
		t.Fatal(err)
	}
	kept := *tree
	kept.Append(numberedLeaf(next), nil)
	again.Append(numberedLeaf(next), nil)
	if again.Size() != kept.Size() || again.Root() != kept.Root() {
		t.Fatalf("a frontier of %d goes on differently after it was stored", tree.Size())
	}
}

func TestFrontierAgreesWithTlogAtEverySmallSize(t *testing.T) {
	agreesWithTlog(t, 600, func(int) bool { return true })
}

func TestFrontierAgreesWithTlogAtRandomLargeSizes(t *testing.T) {
	r := rand.New(rand.NewPCG(6962, 3))
	agreesWithTlog(t, 100_000, func(size int) bool { return size == 100_000 || size&(size-1) == 0 || r.IntN(100) == 0 })
}

func TestEmptyTree(t *testing.T) {
	var tree seal.Frontier
	want, _ := tlog.TreeHash(0, nil)
	if tree.Root() != seal.EmptyRoot() || tlog.Hash(tree.Root()) != want || !bytes.Equal(want[:], rfc6962.DefaultHasher.EmptyRoot()) {
		t.Errorf("root of nothing: %x", tree.Root())
	}
	stored, _ := tree.MarshalBinary()
	if !bytes.Equal(stored, make([]byte, 8)) {
		t.Errorf("frontier of nothing: %x", stored)
	}
	if err := tree.UnmarshalBinary(stored); err != nil || tree.Size() != 0 {
		t.Errorf("frontier of nothing: %v", err)
	}
}

func TestDamagedFrontiersAreRefused(t *testing.T) {
	var tree seal.Frontier
	for i := range 13 {
		tree.Append(numberedLeaf(i), nil)
	}
	good, _ := tree.MarshalBinary()
	sized := func(size uint64, hashes int) []byte {
		return append(binary.BigEndian.AppendUint64(nil, size), make([]byte, 32*hashes)...)
	}
	damaged := [][]byte{nil, {}, {1, 2, 3}, append(bytes.Clone(good), 0), sized(1<<63, 1), sized(1<<64-1, 64), sized(1<<63-1, 63), sized(1<<61, 1), sized(3, 1), sized(0, 1)}
	for n := range good {
		damaged = append(damaged, good[:n])
	}
	for _, encoded := range damaged {
		again := tree
		wantFormatError(t, "frontier", func() error { return again.UnmarshalBinary(encoded) })
		if again.Root() != tree.Root() {
			t.Error("a frontier was changed by bytes that it refused")
		}
	}
	largest := new(seal.Frontier)
	if err := largest.UnmarshalBinary(sized(1<<61-1, 61)); err != nil {
		t.Fatal(err)
	}
	largest.Append(seal.Hash{}, nil)
	if largest.Size() != 1<<61 {
		t.Errorf("size %d", largest.Size())
	}
	largest.Root() // comes to an end
}

func TestEveryMutationOfAFrontierIsRefusedOrAnotherTree(t *testing.T) {
	var tree seal.Frontier
	for i := range 13 {
		tree.Append(numberedLeaf(i), nil)
	}
	good, _ := tree.MarshalBinary()
	for at := range good {
		for flip := 1; flip < 256; flip++ {
			mutated := bytes.Clone(good)
			mutated[at] ^= byte(flip)
			var other seal.Frontier
			if other.UnmarshalBinary(mutated) != nil {
				continue
			}
			if again, _ := other.MarshalBinary(); !bytes.Equal(again, mutated) {
				t.Fatalf("byte %d: reads back differently", at)
			}
			if other.Size() == tree.Size() && other.Root() == tree.Root() {
				t.Fatalf("byte %d: same size and root", at) // a root alone does not say of how many leaves
			}
		}
	}
}
