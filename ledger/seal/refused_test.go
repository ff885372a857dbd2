package seal_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/ledger/seal"
)

const (
	smallAssigned = "010000000000"                           // Seq 1, all else 0
	smallDraft    = "8e61786000006060606083606040806000a040" // kind "x", nothing else
)

// headerOf writes a header by hand around the fields assigned and the bytes of a draft.
func headerOf(assigned, draft string) string {
	return "830186" + assigned + byteString(draft)
}

func byteString(content string) string {
	n := len(content) / 2
	switch {
	case n < 24:
		return fmt.Sprintf("%02x%s", 0x40+n, content)
	case n < 256:
		return fmt.Sprintf("58%02x%s", n, content)
	}
	return fmt.Sprintf("59%04x%s", n, content)
}

// changedDraft is the small draft with one of its fields, by place from 0, in other bytes.
func changedDraft(place int, field string) string {
	fields := []string{"6178", "60", "00", "00", "60", "60", "60", "60", "83606040", "80", "60", "00", "a0", "40"}
	fields[place] = field
	return "8e" + strings.Join(fields, "")
}

// refusedVectors are bytes that no reader may accept, each near to ones that it must.
func refusedVectors(t testing.TB) []any {
	t.Helper()
	var out []any
	header := func(why, text string) { out = append(out, jsonRefused{Part: "header", Why: why, Bytes: text}) }
	draft := func(why string, place int, field string) {
		header(why, headerOf(smallAssigned, changedDraft(place, field)))
	}
	refusedHeaders(header)
	refusedDrafts(draft)
	columns := func(why string, count int64, text string) {
		out = append(out, jsonRefused{Part: "columns", Why: why, Count: count, Bytes: text})
	}
	refusedColumns(columns)
	frontier := func(why, text string) { out = append(out, jsonRefused{Part: "frontier", Why: why, Bytes: text}) }
	frontier("no size", "")
	frontier("a hash missing", "0000000000000003"+strings.Repeat("00", 32))
	frontier("a hash too many", "0000000000000001"+strings.Repeat("00", 64))
	frontier("a size below zero", "8000000000000000"+strings.Repeat("00", 32))
	frontier("a size of 2^61", "2000000000000000"+strings.Repeat("00", 32))
	return out
}

func refusedHeaders(header func(why, text string)) {
	small := headerOf(smallAssigned, smallDraft)
	header("nothing", "")
	header("a byte too many", small+"00")
	header("the last byte missing", small[:len(small)-2])
	header("suite 0", "8300"+small[4:])
	header("suite 2", "8302"+small[4:])
	header("suite in two bytes", "831801"+small[4:])
	header("suite as text", "836131"+small[4:])
	header("two items", "820186"+smallAssigned)
	header("four items", "84"+small[2:]+"00")
	header("an array of indefinite length", "9f"+small[2:]+"ff")
	header("the length of the array in two bytes", "9803"+small[2:])
	header("a map instead of an array", "a3"+small[2:])
	header("tagged", "d9d9f7"+small)
	header("sequence number 0", headerOf("000000000000", smallDraft))
	header("sequence number -1", headerOf("200000000000", smallDraft))
	header("sequence number 2^63", headerOf("1b80000000000000000000000000", smallDraft))
	header("sequence number null", headerOf("f60000000000", smallDraft))
	header("sequence number 1.0", headerOf("f93c000000000000", smallDraft))
	header("sequence number in nine bytes", headerOf("1b00000000000000010000000000", smallDraft))
	header("recorded time -1", headerOf("012000000000", smallDraft))
	header("voucher number -1", headerOf("010020000000", smallDraft))
	header("first ordinal -1", headerOf("010000200000", smallDraft))
	header("ordinals beyond 2^63", headerOf("0100001b7fffffff800000010000", smallDraft))
	header("line count -1", headerOf("010000002000", smallDraft))
	header("line count 2^31", headerOf("010000001a8000000000", smallDraft))
	header("first account -1", headerOf("010000000020", smallDraft))
	header("first account 2^31", headerOf("01000000001a80000000", smallDraft))
	header("five fields assigned", "8301850100000000"+byteString(smallDraft))
	header("no draft", "830186"+smallAssigned+"40")
	header("draft null", "830186"+smallAssigned+"f6")
	header("draft as text", "830186"+smallAssigned+"73"+smallDraft)
	header("draft not wrapped in bytes", "830186"+smallAssigned+smallDraft)
	header("the length of the draft in three bytes", "830186"+smallAssigned+"590013"+smallDraft)
	header("draft in chunks", "830186"+smallAssigned+"5f"+byteString(smallDraft)+"ff")
	header("a byte behind the draft", headerOf(smallAssigned, smallDraft+"00"))
	header("a draft of 13 fields", headerOf(smallAssigned, "8d"+smallDraft[2:len(smallDraft)-2]))
	header("a draft of 15 fields", headerOf(smallAssigned, "8f"+smallDraft[2:]+"00"))
}

func refusedDrafts(draft func(why string, place int, field string)) {
	draft("kind null", 0, "f6")
	draft("kind undefined", 0, "f7")
	draft("kind as bytes", 0, "4178")
	draft("kind not UTF-8", 0, "61ff")
	draft("kind with an overlong UTF-8 form", 0, "62c1b8")
	draft("kind with half of a surrogate pair", 0, "63eda080")
	draft("kind with NUL", 0, "6100")
	draft("kind in chunks", 0, "7f6178ff")
	draft("the length of the kind in two bytes", 0, "780178")
	draft("key with NUL", 1, "63610062")
	draft("effective date in two bytes", 2, "1800")
	draft("30 February", 2, "1a01352586")
	draft("effective date 1", 2, "01")
	draft("effective date -1", 2, "20")
	draft("effective date beyond 32 bits", 2, "1b0000000100000000")
	draft("period 2026-14", 3, "1a00031776")
	draft("period 2026-00", 3, "1a00031768")
	draft("source null", 8, "f6")
	draft("source of two fields", 8, "826060")
	draft("source hash of 31 bytes", 8, "836060581f"+strings.Repeat("00", 31))
	draft("source hash of 33 bytes", 8, "8360605821"+strings.Repeat("00", 33))
	draft("source hash as array", 8, "83606080")
	draft("attachments null", 9, "f6")
	draft("attachment of one field", 9, "818160")
	draft("attachment with a hash of one byte", 9, "8182604100")
	draft("attachments of indefinite length", 9, "9fff")
	draft("more attachments than bytes", 9, "9a000fffff")
	draft("entry -1 reversed", 11, "20")
	draft("metadata null", 12, "f6")
	draft("metadata out of order", 12, "a2616260616160")
	draft("metadata with the longer key first", 12, "a262616160616260")
	draft("metadata with a key twice", 12, "a2616160616160")
	draft("metadata with a number as key", 12, "a10160")
	draft("metadata with a number as value", 12, "a1616101")
	draft("metadata with NUL", 12, "a161616100")
	draft("metadata of indefinite length", 12, "bfff")
	draft("act null", 13, "f6")
	draft("act as array", 13, "80")
	draft("act as text", 13, "60")
}

func refusedColumns(columns func(why string, count int64, text string)) {
	seed := strings.Repeat("5e", seal.SeedSize)
	// Two lines: accounts 1 and 2, debit and credit, amounts 5 and 5, no month, no tag.
	good := seed + "0202" + "02" + "0a00" + "0002" + "0002"
	columns("bytes without lines", 0, "00")
	columns("a seed without lines", 0, seed)
	columns("no bytes", 2, "")
	columns("a seed alone", 2, seed)
	columns("fewer lines than counted", 3, good)
	columns("more lines than counted", 1, good)
	columns("the last byte missing", 2, good[:len(good)-2])
	columns("a byte too many", 2, good+"00")
	columns("more lines than bytes", 1<<31-1, good)
	columns("count below zero", -1, good)
	columns("account 0", 2, seed+"0002"+"02"+"0a00"+"0002"+"0002")
	columns("account -1", 2, seed+"0203"+"02"+"0a00"+"0002"+"0002")
	columns("account 2^31", 2, seed+"808080801002"+"02"+"0a00"+"0002"+"0002")
	columns("account beyond 2^31", 2, seed+"02feffffff0f"+"02"+"0a00"+"0002"+"0002")
	columns("account in an overlong form", 2, seed+"820002"+"02"+"0a00"+"0002"+"0002")
	columns("account in an overlong form of five bytes", 2, seed+"828080800002"+"02"+"0a00"+"0002"+"0002")
	columns("account beyond 64 bits", 2, seed+"8280808080808080800202"+"02"+"0a00"+"0002"+"0002")
	columns("a side beyond the lines", 2, seed+"0202"+"06"+"0a00"+"0002"+"0002")
	columns("amount in an overlong form", 2, seed+"0202"+"02"+"8a0000"+"0002"+"0002")
	columns("amount in eleven bytes", 2, seed+"0202"+"02"+"8a80808080808080808000"+"00"+"0002"+"0002")
	columns("amount -2^63", 2, seed+"0202"+"02"+"ffffffffffffffffff01"+"00"+"0002"+"0002")
	columns("amount -2^63 by wrapping around", 2, seed+"0202"+"02"+"feffffffffffffffff01"+"02"+"0002"+"0002")
	columns("month 1", 2, seed+"0202"+"02"+"0a00"+"0202"+"0002")
	columns("month 2026-13", 2, seed+"0202"+"02"+"0a00"+"eadd1802"+"0002")
	columns("month -1", 2, seed+"0202"+"02"+"0a00"+"0102"+"0002")
	columns("months cut in two runs", 2, seed+"0202"+"02"+"0a00"+"00010001"+"0002")
	columns("a run of no months", 2, seed+"0202"+"02"+"0a00"+"00000002"+"0002")
	columns("a run of months beyond the lines", 2, seed+"0202"+"02"+"0a00"+"0003"+"0002")
	columns("a run of months in an overlong form", 2, seed+"0202"+"02"+"0a00"+"008200"+"0002")
	columns("months missing", 2, seed+"0202"+"02"+"0a00"+"0001"+"0002")
	columns("tags cut in two runs", 2, seed+"0202"+"02"+"0a00"+"0002"+"00010001")
	columns("equal tags cut in two runs", 2, seed+"0202"+"02"+"0a00"+"0002"+"017001017001")
	columns("a run of no tags", 2, seed+"0202"+"02"+"0a00"+"0002"+"0000"+"0002")
	columns("a run of tags beyond the lines", 2, seed+"0202"+"02"+"0a00"+"0002"+"0003")
	columns("a tag longer than what follows", 2, seed+"0202"+"02"+"0a00"+"0002"+"0502")
	columns("a tag of 65 bytes", 2, seed+"0202"+"02"+"0a00"+"0002"+"41"+strings.Repeat("74", 65)+"02")
	columns("a tag not UTF-8", 2, seed+"0202"+"02"+"0a00"+"0002"+"01ff02")
	columns("a tag with NUL", 2, seed+"0202"+"02"+"0a00"+"0002"+"010002")
	columns("the length of a tag in an overlong form", 2, seed+"0202"+"02"+"0a00"+"0002"+"800002")
}

func TestWhatIsNotCanonicalIsRefused(t *testing.T) {
	if _, _, _, err := seal.DecodeHeader(unhex(t, headerOf(smallAssigned, smallDraft))); err != nil {
		t.Fatalf("the header that the others are near to: %v", err)
	}
	seed := strings.Repeat("5e", seal.SeedSize)
	if _, _, err := seal.DecodeColumns(unhex(t, seed+"0202"+"02"+"0a00"+"0002"+"0002"), 2); err != nil {
		t.Fatalf("the columns that the others are near to: %v", err)
	}
	for _, item := range refusedVectors(t) {
		v := item.(jsonRefused)
		t.Run(v.Part+": "+v.Why, func(t *testing.T) {
			encoded := unhex(t, v.Bytes)
			switch v.Part {
			case "header":
				_, _, _, err := seal.DecodeHeader(encoded)
				if err == nil {
					t.Error("accepted")
				}
				if !strings.Contains(fmt.Sprint(err), "malformed header") && !strings.Contains(fmt.Sprint(err), "malformed draft") {
					t.Errorf("the error does not say where: %v", err)
				}
			case "columns":
				wantFormatError(t, v.Part, func() error { _, _, err := seal.DecodeColumns(encoded, v.Count); return err })
			default:
				wantFormatError(t, v.Part, func() error { return new(seal.Frontier).UnmarshalBinary(encoded) })
			}
		})
	}
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	out, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
