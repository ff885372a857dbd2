package sheet_test

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/registration/sheet"
	"pgregory.net/rapid"
)

func make3(t *testing.T) *sheet.Sheet {
	t.Helper()
	s, err := sheet.New("test.sheet", sheet.Ints("no", []int64{7, 8, 6}), sheet.Texts("code", []string{"a", "a", ""}),
		sheet.Digests("name", []sheet.Digest{{1}, {2}, {}}))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func encode(s *sheet.Sheet) [][]byte { return slices.Collect(s.Parts()) }

func parts(list [][]byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, part := range list {
			if !yield(part, nil) {
				return
			}
		}
	}
}

func TestTheEncodingIsTheOneOfThePackageComment(t *testing.T) {
	s := make3(t)
	header := "fundledger sheet 1\n" + "\x0atest.sheet" + "\x03" + "\x03" + "\x01\x02no" + "\x02\x04code" + "\x03\x04name"
	part := "\x0e\x02\x03" + // +7, +1, −2 in zigzag
		"\x01a\x02" + "\x00\x01" + // a twice, nothing once
		"\x01" + strings.Repeat("\x00", 15) + "\x02" + strings.Repeat("\x00", 15) + strings.Repeat("\x00", 16)
	got := encode(s)
	if len(got) != 2 || string(got[0]) != header || string(got[1]) != part {
		t.Errorf("%q", got)
	}
	if s.Hash() != sha256.Sum256([]byte(header+part)) {
		t.Error("the hash is not that of header and part")
	}
}

func TestASheetIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 50).Draw(t, "rows")
		ints := rapid.SliceOfN(rapid.OneOf(rapid.Int64(), rapid.Int64Range(0, 3)), n, n).Draw(t, "ints")
		texts := rapid.SliceOfN(rapid.SampledFrom([]string{"", "a", "b", "单位"}), n, n).Draw(t, "texts")
		digests := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) sheet.Digest {
			var d sheet.Digest
			binary.LittleEndian.PutUint64(d[:], rapid.Uint64().Draw(t, "digest"))
			return d
		}), n, n).Draw(t, "digests")
		s, err := sheet.New("t", sheet.Ints("i", ints), sheet.Texts("t", texts), sheet.Digests("d", digests))
		if err != nil {
			t.Fatal(err)
		}
		again, err := sheet.Read(parts(encode(s)))
		if err != nil {
			t.Fatal(err)
		}
		if !s.Like(again) || again.Rows() != n || !slices.Equal(again.Ints("i"), ints) || !slices.Equal(again.Texts("t"), texts) ||
			!slices.Equal(again.Digests("d"), digests) || again.Hash() != s.Hash() {
			t.Fatal("read back as something else")
		}
	})
}

func TestExtremeNumbersAreKept(t *testing.T) {
	values := []int64{math.MinInt64, math.MaxInt64, 0, math.MaxInt64, math.MinInt64}
	s, err := sheet.New("t", sheet.Ints("i", values))
	if err != nil {
		t.Fatal(err)
	}
	again, err := sheet.Read(parts(encode(s)))
	if err != nil || !slices.Equal(again.Ints("i"), values) {
		t.Errorf("%v %v", again, err)
	}
}

func TestALongSheetHasPartsOfTheirOwn(t *testing.T) {
	for rows, want := range map[int]int{0: 1, 1: 2, sheet.PartRows: 2, sheet.PartRows + 1: 3} {
		values := make([]int64, rows)
		texts := make([]string, rows)
		for i := range values {
			values[i] = int64(i)
		}
		s, err := sheet.New("t", sheet.Ints("i", values), sheet.Texts("t", texts))
		if err != nil {
			t.Fatal(err)
		}
		list := encode(s)
		again, err := sheet.Read(parts(list))
		if err != nil || len(list) != want || !slices.Equal(again.Ints("i"), values) {
			t.Errorf("%d rows: %d parts, %v", rows, len(list), err)
		}
	}
}

func TestColumnsThatMakeNoSheetAreRefused(t *testing.T) {
	one := []int64{1}
	for name, columns := range map[string][]sheet.Column{
		"none":         nil,
		"unequal":      {sheet.Ints("a", one), sheet.Texts("b", nil)},
		"twice":        {sheet.Ints("a", one), sheet.Ints("a", one)},
		"no name":      {sheet.Ints("", one)},
		"capitals":     {sheet.Ints("A", one)},
		"bad text":     {sheet.Texts("a", []string{"\xff"})},
		"NUL":          {sheet.Texts("a", []string{"x\x00"})},
		"a long text":  {sheet.Texts("a", []string{strings.Repeat("x", sheet.MaxText+1)})},
		"many columns": manyColumns(),
	} {
		var e *sheet.FormatError
		if _, err := sheet.New("t", columns...); !errors.As(err, &e) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := sheet.New("No Title", sheet.Ints("a", one)); err == nil {
		t.Error("a title with capitals was taken")
	}
}

func manyColumns() []sheet.Column {
	columns := make([]sheet.Column, sheet.MaxColumns+1)
	for i := range columns {
		columns[i] = sheet.Ints(fmt.Sprintf("c%d", i), nil)
	}
	return columns
}

func TestEveryChangedByteIsRefusedOrChangesTheHash(t *testing.T) {
	s := make3(t)
	list := encode(s)
	for p := range list {
		for at := range list[p] {
			for _, change := range []byte{1, 0x7f, 0x80, 0xff} {
				damaged := [][]byte{slices.Clone(list[0]), slices.Clone(list[1])}
				damaged[p][at] ^= change
				again, err := sheet.Read(parts(damaged))
				if err == nil && again.Hash() == s.Hash() {
					t.Fatalf("part %d, byte %d: unnoticed", p, at)
				}
			}
		}
	}
}

func TestBytesThatAreNotCanonicalAreRefused(t *testing.T) {
	list := encode(make3(t))
	swap := func(part int, old, new string) [][]byte {
		out := [][]byte{list[0], list[1]}
		out[part] = []byte(strings.Replace(string(list[part]), old, new, 1))
		return out
	}
	for name, damaged := range map[string][][]byte{
		"nothing":             nil,
		"no part":             list[:1],
		"another part":        {list[0], list[1], list[1]},
		"cut":                 {list[0], list[1][:len(list[1])-1]},
		"bytes at the end":    {list[0], append(slices.Clone(list[1]), 0)},
		"an overlong number":  swap(1, "\x0e\x02\x03", "\x8e\x00\x02\x03"),
		"a run cut in two":    swap(1, "\x01a\x02", "\x01a\x01\x01a\x01"),
		"a run too long":      swap(1, "\x01a\x02", "\x01a\x05"),
		"an empty run":        swap(1, "\x01a\x02", "\x01a\x00"),
		"another magic":       swap(0, "sheet 1", "sheet 2"),
		"an unknown kind":     swap(0, "\x01\x02no", "\x04\x02no"),
		"a name too long":     swap(0, "\x02no", "\xff\x7fno"),
		"more rows than bits": swap(0, "\x0atest.sheet\x03", "\x0atest.sheet\xff\xff\x03"),
		"bad text":            swap(1, "\x01a\x02", "\x01\xff\x02"),
	} {
		var e *sheet.FormatError
		if _, err := sheet.Read(parts(damaged)); !errors.As(err, &e) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheErrorOfAReaderIsPassedOn(t *testing.T) {
	broken := errors.New("broken")
	_, err := sheet.Read(func(yield func([]byte, error) bool) { yield(nil, broken) })
	if !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

func FuzzRead(f *testing.F) {
	s, err := sheet.New("t", sheet.Ints("i", []int64{1, 2}), sheet.Texts("t", []string{"a", "b"}), sheet.Digests("d", make([]sheet.Digest, 2)))
	if err != nil {
		f.Fatal(err)
	}
	list := encode(s)
	f.Add(list[0], list[1])
	f.Add([]byte("fundledger sheet 1\n"), []byte{})
	f.Fuzz(func(t *testing.T, header, part []byte) {
		for _, given := range [][][]byte{{header}, {header, part}} {
			s, err := sheet.Read(parts(given))
			if err != nil {
				var e *sheet.FormatError
				if !errors.As(err, &e) {
					t.Fatal(err)
				}
				continue
			}
			if again := encode(s); !slices.EqualFunc(again, given, slices.Equal) {
				t.Fatalf("%q was read and is written %q", given, again)
			}
		}
	})
}
