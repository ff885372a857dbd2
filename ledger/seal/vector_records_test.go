package seal_test

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/ledger/seal"
)

// record is the whole content of a record: what the other tests change and testdata/vectors.json publishes.
type record struct {
	name     string
	assigned seal.Assigned
	draft    seal.Draft
	seed     seal.Seed
	lines    seal.Lines
}

// sealedRecord is what becomes of it.
type sealedRecord struct {
	draft, header, columns []byte
	linesRoot, leaf        seal.Hash
}

func (r *record) seal(t testing.TB) sealedRecord {
	t.Helper()
	var s sealedRecord
	var err error
	if s.draft, err = seal.EncodeDraft(&r.draft); err != nil {
		t.Fatalf("%s: %v", r.name, err)
	}
	if s.header, err = seal.EncodeHeader(&r.assigned, s.draft); err != nil {
		t.Fatalf("%s: %v", r.name, err)
	}
	if s.columns, err = seal.EncodeColumns(r.seed, &r.lines); err != nil {
		t.Fatalf("%s: %v", r.name, err)
	}
	s.linesRoot = seal.LinesRoot(r.seed, r.assigned.FirstOrdinal, &r.lines)
	s.leaf = seal.LeafHash(s.header, s.columns, s.linesRoot)
	return s
}

// act is the content of an act in the vectors; any deterministic CBOR would do.
type act struct {
	_      struct{} `cbor:",toarray"`
	Code   string
	Name   string
	Number int64
	Flag   bool
	Below  []string
}

func encodedAct(t testing.TB, content any) []byte {
	t.Helper()
	out, err := seal.EncodeAct(content)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// vectorRecords are the records of one book, in order.
func vectorRecords(t testing.TB) []record {
	records := []record{
		{name: "an act opens the book", draft: seal.Draft{Kind: "ledger.book.open", Key: "open", Effective: 20260101, EnteredBy: "u1",
			Act: encodedAct(t, &act{Code: "330100-pension", Name: "Pension fund", Number: 1, Below: []string{}})}},
		{name: "nothing but a kind", draft: seal.Draft{Kind: "x"}},
		{name: "an act opens accounts", assigned: seal.Assigned{FirstAccount: 1}, draft: seal.Draft{Kind: "ledger.accounts.open", Key: "accounts",
			Effective: 20260101, EnteredBy: "u1", ApprovedBy: "u2",
			Act: encodedAct(t, []act{{Code: "1001", Name: "收入户", Number: -1, Flag: true}, {Code: "4001", Name: "", Number: math.MinInt64, Below: []string{"a", "b"}}})}},
		{name: "one line", draft: seal.Draft{Kind: "entry", Key: "k1", Effective: 20260105, Period: 202601, EnteredBy: "u1"}, lines: lines(line{3, 1, 1, 0, ""})},
		{name: "two lines", assigned: seal.Assigned{VoucherNumber: 1}, draft: seal.Draft{Kind: "entry", Key: "receipt-7", Effective: 20260131, Period: 202601,
			VoucherType: "general", Description: "January contributions", EnteredBy: "u1", ApprovedBy: "u2",
			Source: seal.Source{Kind: "bank", ID: "B7"}}, lines: lines(line{1, 1, 123456, 0, ""}, line{2, -1, 123456, 202601, "p"})},
		{name: "red letter", assigned: seal.Assigned{VoucherNumber: 1}, draft: seal.Draft{Kind: "entry", Key: "receipt-7-red", Effective: 20260201, Period: 202602,
			VoucherType: "general", Description: "wrong month", EnteredBy: "u1", ApprovedBy: "u2", Reverses: 5},
			lines: lines(line{1, 1, -123456, 0, ""}, line{2, -1, -123456, 202601, "p"})},
		{name: "every field filled", assigned: seal.Assigned{VoucherNumber: 300}, draft: fullDraft(), lines: lines(line{70000, 1, 5, 202512, "employer"},
			line{69999, -1, 3, 202512, "employer"}, line{70001, -1, 2, 202512, "employee"})},
		{name: "Chinese text", assigned: seal.Assigned{VoucherNumber: 2}, draft: chineseDraft(), lines: lines(line{12, 1, 80000, 202601, "单位缴费"},
			line{34, -1, 50000, 202601, "统筹"}, line{35, -1, 30000, 202601, "个人账户"})},
		{name: "lengths about the steps of CBOR heads", draft: stepsDraft(), lines: lines(line{23, 1, 24, 0, ""}, line{256, -1, 24, 0, ""})},
		{name: "300 lines with months and tags", assigned: seal.Assigned{VoucherNumber: 3}, draft: seal.Draft{Kind: "collection.receipts", Key: "run-2026-01",
			Effective: 20260228, Period: 202602, VoucherType: "general", EnteredBy: "u3", ApprovedBy: "u4"}, lines: manyLines(300)},
		{name: "amounts, accounts and months at their ends", draft: seal.Draft{Kind: "entry", Key: "ends", Effective: 99991231, Period: 999913, EnteredBy: "u1"},
			lines: lines(line{math.MaxInt32, 1, math.MaxInt64, 999912, ""}, line{1, -1, -math.MaxInt64, 101, ""}, line{math.MaxInt32, -1, math.MaxInt64, 0, ""},
				line{1, 1, 0, 999912, ""}, line{2, 1, -1, 0, ""}, line{2, -1, math.MaxInt64 - 1, 101, ""})},
		{name: "eight lines fill a byte of sides", draft: seal.Draft{Kind: "entry", Key: "8", Effective: 20260331, EnteredBy: "u1"}, lines: alternating(8)},
		{name: "nine lines begin another", draft: seal.Draft{Kind: "entry", Key: "9", Effective: 20260331, EnteredBy: "u1"}, lines: alternating(9)},
		{name: "longest tags", draft: seal.Draft{Kind: "entry", Key: "tags", Effective: 20260331, EnteredBy: "u1"},
			lines: lines(line{1, 1, 1, 0, strings.Repeat("t", 64)}, line{2, -1, 1, 0, strings.Repeat("险", 21) + "x"}, line{3, 1, 1, 0, ""}, line{3, -1, 1, 0, "\t\n\x7f"})},
		{name: "first and last day and period", draft: seal.Draft{Kind: "k", Key: "d", Effective: 10101, Period: 101}},
	}
	ordinal := int64(0)
	for i := range records {
		r := &records[i]
		r.assigned.Seq, r.assigned.RecordedMicros = int64(i+1), 1767225600000000+int64(i)*1_000_003
		r.assigned.FirstOrdinal, r.assigned.LineCount = ordinal, int64(r.lines.Len())
		ordinal += r.assigned.LineCount
		if r.lines.Len() > 0 {
			digest := sha256.Sum256([]byte("seed of " + r.name))
			copy(r.seed[:], digest[:])
		}
	}
	return append(records, largestNumbers())
}

type line struct {
	account int32
	side    int16
	amount  int64
	month   int32
	tag     string
}

func lines(list ...line) seal.Lines {
	var out seal.Lines
	for _, l := range list {
		out.Append(l.account, l.side, l.amount, l.month, l.tag)
	}
	return out
}

func fullDraft() seal.Draft {
	return seal.Draft{
		Kind: "collection.receipt", Key: "receipt/2026/000123", Effective: 20260131, Period: 202601, VoucherType: "memo-1", Description: "every field",
		EnteredBy: "clerk-17", ApprovedBy: "chief-2", Source: seal.Source{Kind: "tax-advice", ID: "2026-01-000778", Hash: digestOf("advice")},
		Attachments: []seal.Attachment{{Name: "advice.xml", Hash: digestOf("advice.xml")}, {Name: "list.pdf", Hash: nil}},
		Transfer:    "transfer-9", Reverses: math.MaxInt64, Act: []byte{0xf6},
		// Sorted by their encoding: shorter keys first, then by bytes, so that "b" stands before "aa".
		Metadata: map[string]string{"aa": "2", "b": "1", "": "empty key", "é": "U+00E9", "channel": "", "zzzzzzzzzzzzzzzzzzzzzzzz": "24 bytes"},
	}
}

func chineseDraft() seal.Draft {
	return seal.Draft{
		Kind: "collection.receipt", Key: "征缴-2026-01", Effective: 20260131, Period: 202601, VoucherType: "记", Description: "企业职工基本养老保险费收入（一月）",
		EnteredBy: "填制01", ApprovedBy: "稽核02", Source: seal.Source{Kind: "税务划款", ID: "国库〔2026〕7号"},
		Metadata: map[string]string{"渠道": "税务", "𠮷": "four bytes", "e\u0301": "not composed", "\u00e9": "composed"},
	}
}

func stepsDraft() seal.Draft {
	return seal.Draft{
		Kind: strings.Repeat("k", 23), Key: strings.Repeat("k", 24), Effective: 20240229, Period: 202402, VoucherType: strings.Repeat("v", 255),
		Description: strings.Repeat("d", 256), EnteredBy: strings.Repeat("险", 85) + "e", ApprovedBy: "line\nbreak", Reverses: 24,
		Act: make([]byte, 300),
	}
}

func digestOf(text string) []byte {
	digest := sha256.Sum256([]byte(text))
	return digest[:]
}

// manyLines are lines as of a month's receipts: one debit, then members in the order of their accounts, two months and two tags in long runs.
func manyLines(n int) seal.Lines {
	var out seal.Lines
	state := uint64(2026)
	next := func(below uint64) int64 {
		state = state*6364136223846793005 + 1442695040888963407
		return int64(state >> 33 % below)
	}
	total := int64(0)
	account := int32(1000)
	for i := 1; i < n; i++ {
		account += 1 + int32(next(200))
		amount := 30000 + next(200000)
		total += amount
		month, tag := int32(202601), "employee"
		if i > n/3 {
			month = 202512 + 89*int32(i%2) // 202512 and 202601 by turns
		}
		if i > n/2 {
			tag = ""
		}
		out.Append(account, seal.SideCredit, amount, month, tag)
	}
	out.Append(7, seal.SideDebit, total, 0, "")
	return out
}

func alternating(n int) seal.Lines {
	var out seal.Lines
	for i := range n {
		side := seal.SideDebit
		if i%2 == 1 {
			side = seal.SideCredit
		}
		out.Append(int32(i/2+1), side, 100, 0, "")
	}
	return out
}

// largestNumbers stands beside the book, at the ends of the ranges of what is assigned.
func largestNumbers() record {
	r := record{name: "largest assigned numbers", draft: seal.Draft{Kind: "entry", Key: "last", Effective: 20261231, Period: 202613, EnteredBy: "u1"},
		lines: lines(line{1, 1, 10, 0, ""}, line{2, -1, 10, 0, ""}, line{3, -1, 0, 0, ""})}
	r.assigned = seal.Assigned{Seq: math.MaxInt64, RecordedMicros: math.MaxInt64, VoucherNumber: math.MaxInt64, FirstOrdinal: math.MaxInt64 - math.MaxInt32,
		LineCount: 3, FirstAccount: math.MaxInt32}
	binary.BigEndian.PutUint64(r.seed[8:], math.MaxUint64)
	return r
}
