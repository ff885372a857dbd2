package iso20022_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/accounts/bank/iso20022"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/google/go-cmp/cmp"
)

// small limits keep a fuzz input from costing much time.
var small = iso20022.Options{File: "f.xml", Limits: iso20022.Limits{Bytes: 1 << 20, TokenBytes: 4096, ElementTokens: 2000}}

func addSeeds(f *testing.F) {
	f.Helper()
	files, err := filepath.Glob("testdata/*.xml")
	if err != nil || len(files) < 5 {
		f.Fatal(files, err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	f.Add([]byte(""))
	f.Add([]byte("\xff\xfe<\x00"))
	f.Add([]byte(`<!DOCTYPE a [<!ENTITY a "b">]><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"/>`))
	f.Add(gb18030(f, "camt053-v8.xml"))
	f.Add(message(account + entry("1.005", "CRDT", "") + entry("1", "DBIT", "<NtryDtls><TxDtls/></NtryDtls>")))
}

// sameError says whether two errors of reading one input agree.
func sameError(a, b error) bool {
	if a == nil || b == nil {
		return (a == nil) == (b == nil)
	}
	return a.Error() == b.Error()
}

func FuzzCamt053(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, content []byte) {
		whole, err := iso20022.Read(t.Context(), bytes.NewReader(content), small)
		chunked, err2 := iso20022.Read(t.Context(), iotest.OneByteReader(bytes.NewReader(content)), small)
		if !sameError(err, err2) {
			t.Fatalf("whole: %v\nchunked: %v", err, err2)
		}
		if err != nil {
			var faults *bank.Faults
			if whole != nil || !errors.As(err, &faults) || len(faults.List) == 0 {
				t.Fatalf("%v with %v", whole, err)
			}
			return
		}
		if diff := cmp.Diff(whole, chunked, cmp.Comparer(func(a, b money.Currency) bool { return a == b }), cmp.AllowUnexported(bank.Tally{})); diff != "" {
			t.Fatal(diff)
		}
		booked := 0
		for _, s := range whole.Statements {
			booked += len(s.Lines)
			s.Check()
			for _, l := range s.Lines {
				if parts := l.Split(); len(parts) == 0 {
					t.Fatal("a line vanished when it was split")
				}
			}
		}
		if booked != whole.Booked {
			t.Fatalf("%d booked entries, %d lines", whole.Booked, booked)
		}
		bank.Continuity(whole.Statements)
		bank.Repeats(whole.Statements)
	})
}

func FuzzPain002(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, content []byte) {
		whole, err := iso20022.ReadStatusReport(t.Context(), bytes.NewReader(content), small)
		chunked, err2 := iso20022.ReadStatusReport(t.Context(), iotest.OneByteReader(bytes.NewReader(content)), small)
		if !sameError(err, err2) {
			t.Fatalf("whole: %v\nchunked: %v", err, err2)
		}
		if err != nil {
			if whole != nil {
				t.Fatal("a report came with faults")
			}
			return
		}
		if diff := cmp.Diff(whole, chunked); diff != "" {
			t.Fatal(diff)
		}
		if statuses, found := whole.Apply(payments()); len(statuses) != payments().Count() && len(found) == 0 {
			t.Fatalf("%d statuses and no discrepancy", len(statuses))
		}
	})
}
