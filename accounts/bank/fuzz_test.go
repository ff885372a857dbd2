package bank_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/google/go-cmp/cmp"
)

func FuzzCSV(f *testing.F) {
	text := fixture(f, "statement.csv")
	for encoding := range byte(4) {
		f.Add([]byte(text), encoding)
		f.Add([]byte(gb18030(f, text)), encoding)
	}
	for _, seed := range []string{"", "\xef\xbb\xbfdate,amount,note\n2026-04-01,1,a\n", "date,amount,note\r\n2026-04-01,\"1,5\",\"a\"\"b\"\r\n", "a\x00b", "\xff\xfea\x00", "date;amount;note\r\"",
		"date,amount,note\n2026-04-01,-1.00,x\n,,\n合计,1,\n"} {
		f.Add([]byte(seed), byte(2))
	}
	full, small := format(f, fixture(f, "statement.yaml")), format(f, simple)
	f.Fuzz(func(t *testing.T, content []byte, variant byte) {
		mapping := *full
		if variant&2 != 0 {
			mapping = *small
		}
		if variant&1 != 0 {
			mapping.Encoding = bank.EncodingUTF8
		}
		options := bank.TextOptions{File: "f.csv", Limits: bank.TextLimits{Bytes: 1 << 20, FieldBytes: 4096, Records: 10000}}
		whole, err := bank.ReadText(t.Context(), strings.NewReader(string(content)), &mapping, options)
		chunked, err2 := bank.ReadText(t.Context(), iotest.OneByteReader(strings.NewReader(string(content))), &mapping, options)
		if (err == nil) != (err2 == nil) || (err != nil && err.Error() != err2.Error()) {
			t.Fatalf("whole: %v\nchunked: %v", err, err2)
		}
		if err != nil {
			var faults *bank.Faults
			if whole != nil || !errors.As(err, &faults) || len(faults.List) == 0 || errors.Is(err, io.EOF) {
				t.Fatalf("%v with %v", whole, err)
			}
			return
		}
		if diff := cmp.Diff(whole, chunked, cmp.Comparer(func(a, b money.Currency) bool { return a == b })); diff != "" {
			t.Fatal(diff)
		}
		accounted := whole.Blank + len(whole.Ignored)
		for _, s := range whole.Statements {
			accounted += len(s.Lines)
			for _, b := range s.Balances {
				if b.Code != "derived" {
					accounted++
				}
			}
			s.Check()
		}
		totals := map[bank.Source]bool{}
		for _, s := range whole.Statements {
			for _, c := range s.Stated {
				totals[c.Source] = true
			}
		}
		if accounted+len(totals) != whole.Records {
			t.Fatalf("%d of %d records are accounted for", accounted+len(totals), whole.Records)
		}
	})
}
