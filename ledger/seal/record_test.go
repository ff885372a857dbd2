package seal_test

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/transparency-dev/merkle/rfc6962"
	"pgregory.net/rapid"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/seal"
)

// sealable draws texts that a record can hold.
func sealable() *rapid.Generator[string] {
	return rapid.OneOf(rapid.StringMatching(`[a-z0-9./ -]{0,30}`), rapid.StringN(0, 40, 300)).Filter(func(text string) bool {
		return utf8.ValidString(text) && !strings.Contains(text, "\x00")
	})
}

func digests() *rapid.Generator[[]byte] {
	return rapid.OneOf(rapid.Just([]byte(nil)), rapid.SliceOfN(rapid.Byte(), 32, 32))
}

func days() *rapid.Generator[int32] {
	return rapid.Custom(func(t *rapid.T) int32 {
		year, month := rapid.IntRange(1, 9999).Draw(t, "year"), rapid.IntRange(1, 12).Draw(t, "month")
		return int32(year*10000 + month*100 + rapid.IntRange(1, calendar.MustMonth(year, month).Days()).Draw(t, "day"))
	})
}

func drafts() *rapid.Generator[seal.Draft] {
	return rapid.Custom(func(t *rapid.T) seal.Draft {
		text := func(name string) string { return sealable().Draw(t, name) }
		d := seal.Draft{
			Kind: text("kind"), Key: text("key"), VoucherType: text("voucher type"), Description: text("description"), EnteredBy: text("entered by"),
			ApprovedBy: text("approved by"), Source: seal.Source{Kind: text("source kind"), ID: text("source id"), Hash: digests().Draw(t, "source hash")},
			Transfer: text("transfer"), Reverses: rapid.Int64Range(0, math.MaxInt64).Draw(t, "reverses"),
			Metadata: rapid.MapOfN(sealable(), sealable(), 0, 6).Draw(t, "metadata"), Act: rapid.SliceOf(rapid.Byte()).Draw(t, "act"),
		}
		if rapid.Bool().Draw(t, "dated") {
			d.Effective = days().Draw(t, "effective")
			d.Period = int32(rapid.IntRange(1, 9999).Draw(t, "year")*100 + rapid.IntRange(1, 13).Draw(t, "period"))
		}
		for range rapid.IntRange(0, 3).Draw(t, "attachments") {
			d.Attachments = append(d.Attachments, seal.Attachment{Name: text("name"), Hash: digests().Draw(t, "hash")})
		}
		return d
	})
}

func assigneds() *rapid.Generator[seal.Assigned] {
	return rapid.Custom(func(t *rapid.T) seal.Assigned {
		draw := func(name string, least, most int64) int64 { return rapid.Int64Range(least, most).Draw(t, name) }
		return seal.Assigned{
			Seq: draw("seq", 1, math.MaxInt64), RecordedMicros: draw("recorded", 0, math.MaxInt64), VoucherNumber: draw("voucher", 0, math.MaxInt64),
			FirstOrdinal: draw("ordinal", 0, math.MaxInt64-math.MaxInt32), LineCount: draw("lines", 0, math.MaxInt32), FirstAccount: draw("account", 0, math.MaxInt32),
		}
	})
}

var ignoreEmpty = cmpopts.EquateEmpty()

func TestWhatIsSealedReadsBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		assigned, draft := assigneds().Draw(t, "assigned"), drafts().Draw(t, "draft")
		encodedDraft, err := seal.EncodeDraft(&draft)
		if err != nil {
			t.Fatal(err)
		}
		encoded, err := seal.EncodeHeader(&assigned, encodedDraft)
		if err != nil {
			t.Fatal(err)
		}
		gotAssigned, gotDraft, gotBytes, err := seal.DecodeHeader(encoded)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(assigned, gotAssigned, cmpopts.IgnoreFields(seal.Assigned{}, "_")); diff != "" {
			t.Fatal(diff)
		}
		ignore := cmpopts.IgnoreFields(seal.Draft{}, "_")
		if diff := cmp.Diff(draft, gotDraft, ignoreEmpty, ignore, cmpopts.IgnoreFields(seal.Source{}, "_"), cmpopts.IgnoreFields(seal.Attachment{}, "_")); diff != "" {
			t.Fatal(diff)
		}
		if !bytes.Equal(gotBytes, encodedDraft) {
			t.Fatal("the draft came back in other bytes")
		}
	})
}

// Two records whose fields join to the same characters, or differ in one place only, are the ones that a careless encoding would confuse.
func TestRecordsAreEqualWhereTheirLeavesAre(t *testing.T) {
	short := rapid.SampledFrom([]string{"", "a", "aa", "ab", "b", "`", "險"})
	small := rapid.Custom(func(t *rapid.T) record {
		text := func(name string) string { return short.Draw(t, name) }
		r := record{
			assigned: seal.Assigned{Seq: rapid.Int64Range(1, 2).Draw(t, "seq"), FirstOrdinal: rapid.Int64Range(0, 1).Draw(t, "ordinal")},
			draft: seal.Draft{Kind: text("kind"), Key: text("key"), Transfer: text("transfer"), Act: []byte(text("act")),
				Metadata: map[string]string{text("name"): text("value")}, Attachments: []seal.Attachment{{Name: text("attachment")}}},
			lines: smallLines(t),
		}
		r.assigned.LineCount = int64(r.lines.Len())
		return r
	})
	rapid.Check(t, func(rt *rapid.T) {
		a, b := small.Draw(rt, "a"), small.Draw(rt, "b")
		if rapid.Bool().Draw(rt, "same lines") {
			b.lines, b.assigned = a.lines, a.assigned
		}
		if rapid.Bool().Draw(rt, "same draft") {
			b.draft = a.draft
		}
		same := fmt.Sprintf("%#v", a) == fmt.Sprintf("%#v", b)
		if got := a.seal(t).leaf == b.seal(t).leaf; got != same {
			rt.Fatalf("equal leaves: %v, equal records: %v", got, same)
		}
	})
}

func TestTheLeafIsThatOfRFC6962OverHeaderColumnsAndLines(t *testing.T) {
	for _, r := range vectorRecords(t) {
		s := r.seal(t)
		data := bytes.Clone(s.header)
		for _, part := range [][]byte{digestOf(string(s.columns)), s.linesRoot[:]} {
			data = append(data, part...)
		}
		if want := rfc6962.DefaultHasher.HashLeaf(data); !bytes.Equal(want, s.leaf[:]) {
			t.Errorf("%s: %x, want %x", r.name, s.leaf, want)
		}
	}
}

func TestSealingRefusesWhatReadingWould(t *testing.T) {
	many := map[string]string{}
	for i := range 1<<12 + 1 {
		many[fmt.Sprint(i)] = ""
	}
	for name, d := range map[string]seal.Draft{
		"kind not UTF-8": {Kind: "\xff"}, "key with NUL": {Key: "a\x00b"}, "voucher type": {VoucherType: "\xc3"}, "description": {Description: "\xed\xa0\x80"},
		"entered by": {EnteredBy: "\x00"}, "approved by": {ApprovedBy: "\x80"}, "source kind": {Source: seal.Source{Kind: "\x00"}},
		"source id": {Source: seal.Source{ID: "\xfe"}}, "source hash": {Source: seal.Source{Hash: make([]byte, 31)}}, "transfer": {Transfer: "\x00"},
		"attachment name": {Attachments: []seal.Attachment{{}, {Name: "\x00"}}}, "attachment hash": {Attachments: []seal.Attachment{{Hash: make([]byte, 64)}}},
		"metadata key": {Metadata: map[string]string{"\xff": ""}}, "metadata value": {Metadata: map[string]string{"": "\x00"}}, "much metadata": {Metadata: many},
		"many attachments": {Attachments: make([]seal.Attachment, 1<<20+1)}, "30 February": {Effective: 20260230}, "day below zero": {Effective: -20260101},
		"period 14": {Period: 202614}, "period below zero": {Period: -202601}, "reversal": {Reverses: -1},
	} {
		t.Run(name, func(t *testing.T) {
			wantFormatError(t, "draft", func() error { _, err := seal.EncodeDraft(&d); return err })
		})
	}
	for name, a := range map[string]seal.Assigned{
		"seq 0": {}, "seq": {Seq: -1}, "recorded": {Seq: 1, RecordedMicros: -1}, "voucher": {Seq: 1, VoucherNumber: -1}, "ordinal": {Seq: 1, FirstOrdinal: -1},
		"last ordinal": {Seq: 1, FirstOrdinal: math.MaxInt64 - math.MaxInt32 + 1}, "lines below zero": {Seq: 1, LineCount: -1},
		"lines": {Seq: 1, LineCount: math.MaxInt32 + 1}, "account": {Seq: 1, FirstAccount: -1}, "last account": {Seq: 1, FirstAccount: math.MaxInt32 + 1},
	} {
		t.Run(name, func(t *testing.T) {
			wantFormatError(t, "header", func() error { _, err := seal.EncodeHeader(&a, nil); return err })
		})
	}
}

func TestAFaultyDraftIsToldAllItsFaults(t *testing.T) {
	_, err := seal.EncodeDraft(&seal.Draft{Kind: "\xff", Effective: 20261301, Source: seal.Source{Hash: []byte{1}}, Metadata: map[string]string{"a": "\x00"}})
	for _, part := range []string{"kind is not valid UTF-8", "20261301 is no day", "source hash of 1 bytes", `metadata of "a" holds a NUL`} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q is missing in: %v", part, err)
		}
	}
}

func TestActsReadBackAsTheyWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := sealable()
		acts := rapid.SliceOf(rapid.Custom(func(t *rapid.T) act {
			return act{Code: text.Draw(t, "code"), Name: text.Draw(t, "name"), Number: rapid.Int64().Draw(t, "number"), Flag: rapid.Bool().Draw(t, "flag"),
				Below: rapid.SliceOf(text).Draw(t, "below")}
		})).Draw(t, "acts")
		encoded, err := seal.EncodeAct(acts)
		if err != nil {
			t.Fatal(err)
		}
		var got []act
		if err := seal.DecodeAct(encoded, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(acts, got, ignoreEmpty, cmpopts.IgnoreFields(act{}, "_")); diff != "" {
			t.Fatal(diff)
		}
		if byPointer, err := seal.EncodeAct(&acts); err != nil || !bytes.Equal(byPointer, encoded) {
			t.Fatalf("another form by pointer: %v", err)
		}
	})
}

func TestActsThatWouldNotReadBackAreRefused(t *testing.T) {
	deep := any([]any{})
	for range 12 {
		deep = []any{deep}
	}
	for name, content := range map[string]any{
		"nothing": nil, "not UTF-8": []string{"\xff"}, "too long": make([]bool, 1<<20+1), "too deep": deep,
		"text that is not UTF-8 as key": map[string]int{"\xff": 1},
	} {
		t.Run(name, func(t *testing.T) {
			wantFormatError(t, "act", func() error { _, err := seal.EncodeAct(content); return err })
		})
	}
	if _, err := seal.EncodeAct(make(chan int)); err == nil {
		t.Error("a channel was taken for an act")
	}
}

func TestActsThatAreNotCanonicalAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"nothing": "", "cut": "8561616162", "overlong number": "8561616162180100f480", "null for text": "85f6616201f480", "four fields": "8461616162" + "01f4",
		"a byte too many": "856161616201f48000", "text not UTF-8": "8561ff616201f480", "a float for an integer": "8561616162f93c00f480", "tagged": "c1856161616201f480",
		"indefinite": "9f6161616201f480ff", "null for a list": "856161616201f4f6",
	} {
		t.Run(name, func(t *testing.T) {
			wantFormatError(t, "act", func() error { return seal.DecodeAct(unhex(t, text), new(act)) })
		})
	}
	var fine act
	if err := seal.DecodeAct(unhex(t, "856161616201f480"), &fine); err != nil || fine.Code != "a" || fine.Name != "b" || fine.Number != 1 {
		t.Errorf("the act that the others are near to: %+v %v", fine, err)
	}
}

func TestTimesInActsKeepTheirNanoseconds(t *testing.T) {
	type dated struct {
		_    struct{} `cbor:",toarray"`
		When time.Time
	}
	when := time.Date(2026, 1, 31, 8, 0, 0, 1, time.FixedZone("", 8*3600))
	encoded, err := seal.EncodeAct(dated{When: when})
	if err != nil {
		t.Fatal(err)
	}
	var got dated
	if err := seal.DecodeAct(encoded, &got); err != nil || !got.When.Equal(when) {
		t.Errorf("%v came back as %v, %v", when, got.When, err)
	}
	if utc, err := seal.EncodeAct(dated{When: when.UTC()}); err != nil || !bytes.Equal(utc, encoded) {
		t.Errorf("one moment has two forms: %x and %x, %v", encoded, utc, err)
	}
}
