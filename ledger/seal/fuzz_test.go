package seal_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/ledger/seal"
)

func FuzzDecodeHeader(f *testing.F) {
	for _, r := range vectorRecords(f) {
		f.Add(r.seal(f).header)
	}
	for _, item := range refusedVectors(f) {
		if v := item.(jsonRefused); v.Part == "header" {
			f.Add(unhex(f, v.Bytes))
		}
	}
	f.Fuzz(func(t *testing.T, encoded []byte) {
		assigned, draft, draftBytes, err := seal.DecodeHeader(encoded)
		sameAsOracle(t, encoded, &assigned, &draft, draftBytes, err)
		if err == nil {
			readsAsItself(t, encoded, &assigned, &draft, draftBytes)
		}
	})
}

func FuzzDecodeColumns(f *testing.F) {
	for _, r := range vectorRecords(f) {
		f.Add(r.seal(f).columns, r.assigned.LineCount)
	}
	for _, item := range refusedVectors(f) {
		if v := item.(jsonRefused); v.Part == "columns" {
			f.Add(unhex(f, v.Bytes), v.Count)
		}
	}
	f.Fuzz(func(t *testing.T, encoded []byte, n int64) {
		seed, lines, err := seal.DecodeColumns(encoded, n)
		if err != nil {
			return
		}
		again, err := seal.EncodeColumns(seed, lines)
		if err != nil || !bytes.Equal(again, encoded) || int64(lines.Len()) != n {
			t.Fatalf("%x of %d lines was accepted, but encodes as %x, %v", encoded, n, again, err)
		}
		seal.LinesRoot(seed, 0, lines) // does not panic
	})
}

func FuzzDecodeAct(f *testing.F) {
	f.Add(encodedAct(f, []act{{Code: "1001", Name: "收入户", Number: -1, Flag: true, Below: []string{"a"}}}))
	f.Add(unhex(f, "818561616162f93c00f480"))
	f.Fuzz(func(t *testing.T, encoded []byte) {
		var acts []act
		if seal.DecodeAct(encoded, &acts) != nil {
			return
		}
		if again, err := seal.EncodeAct(acts); err != nil || !bytes.Equal(again, encoded) {
			t.Fatalf("%x was accepted, but encodes as %x, %v", encoded, again, err)
		}
	})
}

func FuzzFrontier(f *testing.F) {
	f.Add(make([]byte, 8))
	f.Add(unhex(f, "0000000000000005"+strings.Repeat(hex.EncodeToString([]byte{7}), 64)))
	f.Fuzz(func(t *testing.T, encoded []byte) {
		var tree seal.Frontier
		if tree.UnmarshalBinary(encoded) != nil {
			return
		}
		if again, err := tree.MarshalBinary(); err != nil || !bytes.Equal(again, encoded) {
			t.Fatalf("%x was accepted, but is written as %x, %v", encoded, again, err)
		}
		tree.Append(seal.Hash{}, nil)
		tree.Root()
	})
}
