package seal_test

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/fundledger/fundledger/ledger/seal"
)

// damaged calls check with every single-byte mutation of encoded, every truncation and every extension by one byte. Of the mutations of long encodings, which
// take their time and show little new, it makes one in five at each byte, and all single bits.
func damaged(encoded []byte, check func(kind string, at int, mutated []byte)) {
	long := len(encoded) > 600
	for at := range encoded {
		mutated := bytes.Clone(encoded)
		for flip := 1; flip < 256; flip++ {
			if long && flip%5 != 0 && flip&(flip-1) != 0 {
				continue
			}
			mutated[at] = encoded[at] ^ byte(flip)
			check("byte", at, mutated)
		}
	}
	for n := range encoded {
		check("first", n, encoded[:n])
		check("from", n+1, encoded[n+1:])
	}
	for b := range 256 {
		check("with one behind", b, append(bytes.Clone(encoded), byte(b)))
		check("with one before", b, append([]byte{byte(b)}, encoded...))
	}
}

func TestEveryDamagedHeaderIsRefusedOrAnotherRecord(t *testing.T) {
	for _, r := range vectorRecords(t) {
		s := r.seal(t)
		accepted := 0
		damaged(s.header, func(kind string, at int, mutated []byte) {
			assigned, draft, draftBytes, err := seal.DecodeHeader(mutated)
			sameAsOracle(t, mutated, &assigned, &draft, draftBytes, err)
			if err == nil {
				accepted++
				readsAsItself(t, mutated, &assigned, &draft, draftBytes)
			}
			if seal.LeafHash(mutated, s.columns, s.linesRoot) == s.leaf {
				t.Fatalf("%s: same leaf, %s %d", r.name, kind, at)
			}
		})
		if accepted == 0 {
			t.Errorf("%s: no change of a letter made another record, so nothing was tried", r.name)
		}
	}
}

// sameAsOracle says that the codec over a general library accepts and refuses the same, and reads and writes the same.
func sameAsOracle(t testing.TB, encoded []byte, assigned *seal.Assigned, draft *seal.Draft, draftBytes []byte, err error) {
	t.Helper()
	wantAssigned, wantDraft, wantBytes, wantErr := seal.OracleDecodeHeader(encoded)
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("%x: %v, by the oracle %v", encoded, err, wantErr)
	}
	if err != nil {
		return
	}
	if *assigned != wantAssigned || !reflect.DeepEqual(*draft, wantDraft) || !bytes.Equal(draftBytes, wantBytes) {
		t.Fatalf("%x is read as %+v %+v, by the oracle as %+v %+v", encoded, *assigned, *draft, wantAssigned, wantDraft)
	}
	again, err := seal.OracleEncodeDraft(draft)
	if err != nil || !bytes.Equal(again, draftBytes) {
		t.Fatalf("%x: the oracle writes the draft as %x, %v", encoded, again, err)
	}
}

// readsAsItself says that accepted bytes are the one encoding of what was read from them.
func readsAsItself(t testing.TB, encoded []byte, assigned *seal.Assigned, draft *seal.Draft, draftBytes []byte) {
	t.Helper()
	againDraft, err := seal.EncodeDraft(draft)
	if err != nil || !bytes.Equal(againDraft, draftBytes) {
		t.Fatalf("%x was accepted, but its draft encodes as %x, %v", encoded, againDraft, err)
	}
	again, err := seal.EncodeHeader(assigned, againDraft)
	if err != nil || !bytes.Equal(again, encoded) {
		t.Fatalf("%x was accepted, but encodes as %x, %v", encoded, again, err)
	}
}

func TestEveryDamagedColumnIsRefusedOrOtherLines(t *testing.T) {
	for _, r := range vectorRecords(t) {
		s := r.seal(t)
		if len(s.columns) == 0 {
			continue
		}
		n := r.assigned.LineCount
		var lines seal.Lines
		damaged(s.columns, func(kind string, at int, mutated []byte) {
			seed, err := seal.DecodeColumnsInto(&lines, mutated, n)
			if err != nil {
				return
			}
			again, err := seal.EncodeColumns(seed, &lines)
			if err != nil || !bytes.Equal(again, mutated) {
				t.Fatalf("%s, %s %d: %x was accepted, but encodes as %x, %v", r.name, kind, at, mutated, again, err)
			}
			if seed == r.seed && equalLines(&lines, &r.lines) {
				t.Fatalf("%s, %s %d: accepted as the same lines", r.name, kind, at)
			}
			if n > 20 && at%64 != 0 {
				return // the root of many lines takes its time
			}
			if root := seal.LinesRoot(seed, r.assigned.FirstOrdinal, &lines); root == s.linesRoot || seal.LeafHash(s.header, mutated, root) == s.leaf {
				t.Fatalf("%s, %s %d: same root of lines or leaf", r.name, kind, at)
			}
		})
		for _, other := range []int64{0, n - 1, n + 1, 2 * n, 1 << 31, -n} {
			if other == n {
				continue
			}
			if _, err := seal.DecodeColumnsInto(&lines, s.columns, other); err == nil {
				t.Errorf("%s: %d lines were read as %d", r.name, n, other)
			}
		}
	}
}
