package seal

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

// Frontier is the right edge of a growing Merkle tree: the roots of the complete subtrees that make it up, largest first. It is all that appending and
// the root need. The zero value is an empty tree. It is not safe for concurrent use.
//
// It holds at most 2⁶¹−1 leaves, so that the stored hashes of package tlog have indexes below 2⁶².
type Frontier struct {
	size int64
	edge [64]Hash // by level; edge[k] is in use when bit k of size is set
}

// Node is the root of a complete subtree of 2^Level leaves, the Index-th of its level from the left.
type Node struct {
	Level int
	Index int64
	Hash  Hash
}

// Size returns the number of leaves.
func (f *Frontier) Size() int64 { return f.size }

const maxLeaves = 1<<61 - 1

// Append adds a leaf. completed, if not nil, is called for each subtree that the leaf completes, from the smallest, the leaf itself not among them.
func (f *Frontier) Append(leaf Hash, completed func(Node)) {
	node := leaf
	level := 0
	for ; f.size>>level&1 == 1; level++ {
		node = NodeHash(f.edge[level], node)
		if completed != nil {
			completed(Node{Level: level + 1, Index: f.size >> (level + 1), Hash: node})
		}
	}
	f.edge[level] = node
	f.size++
}

// Root returns the root of the whole tree.
func (f *Frontier) Root() Hash {
	if f.size == 0 {
		return EmptyRoot()
	}
	level := bits.TrailingZeros64(uint64(f.size))
	root := f.edge[level]
	for level++; f.size>>level != 0; level++ {
		if f.size>>level&1 == 1 {
			root = NodeHash(f.edge[level], root)
		}
	}
	return root
}

// MarshalBinary writes the size (8 bytes, big-endian) and the roots, largest subtree first.
func (f *Frontier) MarshalBinary() ([]byte, error) {
	out := binary.BigEndian.AppendUint64(nil, uint64(f.size))
	for level := 63; level >= 0; level-- {
		if f.size>>level&1 == 1 {
			out = append(out, f.edge[level][:]...)
		}
	}
	return out, nil
}

// UnmarshalBinary reads what MarshalBinary writes; anything else is a *FormatError.
func (f *Frontier) UnmarshalBinary(encoded []byte) error {
	if len(encoded) < 8 {
		return &FormatError{Part: "frontier", Reason: "shorter than 8 bytes"}
	}
	size := int64(binary.BigEndian.Uint64(encoded))
	if size < 0 || size > maxLeaves || len(encoded) != 8+bits.OnesCount64(uint64(size))*sha256.Size {
		return &FormatError{Part: "frontier", Reason: "length does not fit the size"}
	}
	*f = Frontier{size: size}
	rest := encoded[8:]
	for level := 62; level >= 0; level-- {
		if size>>level&1 == 1 {
			copy(f.edge[level][:], rest)
			rest = rest[sha256.Size:]
		}
	}
	return nil
}
