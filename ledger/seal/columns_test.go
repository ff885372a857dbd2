package seal_test

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"github.com/fundledger/fundledger/ledger/seal"
)

// anyLines draws lines that a record can hold, with runs in months and tags.
func anyLines(t *rapid.T, most int) seal.Lines {
	var out seal.Lines
	month, tag := int32(0), ""
	for range rapid.IntRange(0, most).Draw(t, "lines") {
		if rapid.IntRange(0, 3).Draw(t, "change month") == 0 {
			month = rapid.SampledFrom([]int32{0, 101, 202512, 202601, 999912}).Draw(t, "month")
		}
		if rapid.IntRange(0, 3).Draw(t, "change tag") == 0 {
			tag = rapid.OneOf(rapid.SampledFrom([]string{"", "a", "个人", strings.Repeat("t", 64)}), sealable()).Filter(func(tag string) bool {
				return len(tag) <= seal.MaxTagBytes
			}).Draw(t, "tag")
		}
		account := rapid.OneOf(rapid.Int32Range(1, 100), rapid.Int32Range(1, math.MaxInt32)).Draw(t, "account")
		amount := rapid.OneOf(rapid.Int64Range(-1000, 1000), rapid.Int64Range(-math.MaxInt64, math.MaxInt64)).Draw(t, "amount")
		out.Append(account, rapid.SampledFrom([]int16{seal.SideDebit, seal.SideCredit}).Draw(t, "side"), amount, month, tag)
	}
	return out
}

func smallLines(t *rapid.T) seal.Lines {
	var out seal.Lines
	for range rapid.IntRange(0, 3).Draw(t, "lines") {
		out.Append(rapid.Int32Range(1, 2).Draw(t, "account"), rapid.SampledFrom([]int16{1, -1}).Draw(t, "side"), rapid.Int64Range(-1, 1).Draw(t, "amount"),
			rapid.SampledFrom([]int32{0, 202601}).Draw(t, "month"), rapid.SampledFrom([]string{"", "a"}).Draw(t, "tag"))
	}
	return out
}

func equalLines(a, b *seal.Lines) bool {
	return slices.Equal(a.Accounts, b.Accounts) && slices.Equal(a.Sides, b.Sides) && slices.Equal(a.Amounts, b.Amounts) && slices.Equal(a.Months, b.Months) &&
		slices.Equal(a.Tags, b.Tags)
}

func TestLinesReadBackAsTheyWere(t *testing.T) {
	used := &seal.Lines{} // one for all, so that what an earlier entry left behind would show
	rapid.Check(t, func(t *rapid.T) {
		lines := anyLines(t, 40)
		seed := seal.Seed(rapid.SliceOfN(rapid.Byte(), seal.SeedSize, seal.SeedSize).Draw(t, "seed"))
		encoded, err := seal.EncodeColumns(seed, &lines)
		if err != nil {
			t.Fatal(err)
		}
		n := int64(lines.Len())
		gotSeed, got, err := seal.DecodeColumns(encoded, n)
		if err != nil || !equalLines(got, &lines) || n > 0 && gotSeed != seed {
			t.Fatalf("%x: %v %+v %v", encoded, gotSeed, got, err)
		}
		if again, err := seal.DecodeColumnsInto(used, encoded, n); err != nil || again != gotSeed || !equalLines(used, &lines) {
			t.Fatalf("into used lines: %+v %v", used, err)
		}
		if n > 0 && len(encoded) < seal.SeedSize+2*int(n) {
			t.Fatalf("%d lines in %d bytes: the bound of DecodeColumns is wrong", n, len(encoded))
		}
	})
}

func TestLinesThatNoRecordHoldsAreRefused(t *testing.T) {
	fine := line{1, 1, 1, 202601, "t"}
	for name, bad := range map[string]line{
		"account 0": {0, 1, 1, 0, ""}, "account -1": {-1, 1, 1, 0, ""}, "side 0": {1, 0, 1, 0, ""}, "side 2": {1, 2, 1, 0, ""}, "side -2": {1, -2, 1, 0, ""},
		// 32767² is 1 in 16 bits.
		"side 32767": {1, math.MaxInt16, 1, 0, ""}, "side -32767": {1, -math.MaxInt16, 1, 0, ""}, "side -32768": {1, math.MinInt16, 1, 0, ""},
		"amount without negative": {1, 1, math.MinInt64, 0, ""}, "month 13": {1, 1, 1, 202613, ""}, "month 0": {1, 1, 1, 202600, ""}, "year 0": {1, 1, 1, 12, ""},
		"year 10000": {1, 1, 1, 1000001, ""}, "month below zero": {1, 1, 1, -202601, ""}, "tag of 65 bytes": {1, 1, 1, 0, strings.Repeat("t", 65)},
		// 320 is 64 in one byte.
		"tag of 320 bytes": {1, 1, 1, 0, strings.Repeat("t", 320)}, "tag not UTF-8": {1, 1, 1, 0, "\xff"}, "tag with NUL": {1, 1, 1, 0, "\x00"},
		"same month and tag, account 0": {0, 1, 1, 202601, "t"}, "same month and tag, side 0": {1, 0, 1, 202601, "t"},
	} {
		t.Run(name, func(t *testing.T) {
			list := lines(fine, fine, bad)
			wantFormatError(t, "lines", list.Check)
			wantFormatError(t, "lines", func() error { _, err := seal.EncodeColumns(seal.Seed{}, &list); return err })
			wantFormatError(t, "lines", func() error {
				_, err := seal.LineHash(seal.Hash{}, bad.account, bad.side, bad.amount, bad.month, bad.tag)
				return err
			})
			if err := list.Check(); err == nil || !strings.Contains(err.Error(), "line 3") {
				t.Errorf("the error does not name line 3: %v", err)
			}
			defer func() {
				if recover() == nil {
					t.Error("LinesRoot gave a root")
				}
			}()
			seal.LinesRoot(seal.Seed{}, 0, &list)
		})
	}
}

func TestColumnsOfUnequalLengthAreRefused(t *testing.T) {
	for i := range 5 {
		list := lines(line{1, 1, 1, 0, ""}, line{2, -1, 1, 0, ""})
		switch i {
		case 0:
			list.Accounts = list.Accounts[:1]
		case 1:
			list.Sides = list.Sides[:1]
		case 2:
			list.Amounts = append(list.Amounts, 5)
		case 3:
			list.Months = nil
		case 4:
			list.Tags = append(list.Tags, "")
		}
		wantFormatError(t, "lines", list.Check)
		wantFormatError(t, "lines", func() error { _, err := seal.EncodeColumns(seal.Seed{}, &list); return err })
	}
}

func TestLinesRootIsThatOfTlogOverTheLineHashes(t *testing.T) {
	for n := range 70 {
		r := record{lines: manyLines(n + 1), assigned: seal.Assigned{FirstOrdinal: int64(1000 * n)}, seed: seal.Seed{byte(n)}}
		want, err := tlog.TreeHash(int64(n+1), linesTree(t, &r))
		if got := seal.LinesRoot(r.seed, r.assigned.FirstOrdinal, &r.lines); err != nil || tlog.Hash(got) != want {
			t.Errorf("%d lines: %x, want %x, %v", n+1, got, want, err)
		}
	}
	for _, n := range []int{255, 256, 257, 1000, 4097} {
		r := record{lines: manyLines(n), seed: seal.Seed{1}}
		want, err := tlog.TreeHash(int64(n), linesTree(t, &r))
		if got := seal.LinesRoot(r.seed, 0, &r.lines); err != nil || tlog.Hash(got) != want {
			t.Errorf("%d lines: %x, want %x, %v", n, got, want, err)
		}
	}
	if got := seal.LinesRoot(seal.Seed{1}, 7, &seal.Lines{}); got != seal.EmptyRoot() {
		t.Errorf("no lines: %x", got)
	}
}

func TestSaltsDifferByEntryAndByLine(t *testing.T) {
	seen := map[seal.Hash]bool{}
	for seed := range 10 {
		for ordinal := range int64(100) {
			seen[seal.LineSalt(seal.Seed{15: byte(seed)}, ordinal<<20)] = true
		}
	}
	if len(seen) != 1000 {
		t.Errorf("%d salts of 1000", len(seen))
	}
}

func TestGrowKeepsLinesAndMakesRoomOnce(t *testing.T) {
	list := lines(line{1, 1, 5, 202601, "a"})
	list.Grow(1000)
	room := cap(list.Amounts)
	for range 1000 {
		list.Append(2, seal.SideCredit, 1, 0, "")
	}
	list.Grow(0)
	if cap(list.Amounts) != room || list.Len() != 1001 || list.Amounts[0] != 5 || list.Tags[0] != "a" {
		t.Errorf("room for %d became room for %d", room, cap(list.Amounts))
	}
}

func TestRefusedColumnsLeaveNoLinesBehind(t *testing.T) {
	list := lines(line{1, 1, 5, 202601, "a"}, line{1, -1, 5, 202601, "a"})
	encoded, err := seal.EncodeColumns(seal.Seed{1}, &list)
	if err != nil {
		t.Fatal(err)
	}
	used := lines(line{9, 1, 9, 0, ""}, line{9, 1, 9, 0, ""}, line{9, 1, 9, 0, ""})
	if seed, err := seal.DecodeColumnsInto(&used, bytes.TrimSuffix(encoded, []byte{2}), 2); err == nil || used.Len() != 0 || seed != (seal.Seed{}) {
		t.Errorf("%v %+v %v", seed, used, err)
	}
	if seed, got, err := seal.DecodeColumns(encoded[:20], 2); err == nil || got != nil || seed != (seal.Seed{}) {
		t.Errorf("%v %+v %v", seed, got, err)
	}
}
