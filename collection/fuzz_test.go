package collection_test

import (
	"strings"
	"testing"

	"github.com/fundledger/fundledger/collection"
)

// FuzzReadDeclaration holds a reader of anything to this: it ends, it takes a row or says where it is wrong, and what it takes has its numbers.
func FuzzReadDeclaration(f *testing.F) {
	for _, text := range []string{header + "1,202601,1,5000.00\n", "\ufeff单位编号,费款所属期,个人编号,缴费基数\r\n1,2026-01,1,5000.5\r\n", header + "\"1\",202601,1,五千\n", header + "\"1\n2\",202601,1\n",
		"credit_code,month,identity_number,base\n91110000000000001A,202601,110101199001011230,1\n", header + "1,202601,1,\"5,0\"00\n", "\n\n" + header, header + "\"", "a\rb,c\n"} {
		f.Add([]byte(text), true)
		f.Add([]byte(text), false)
	}
	f.Fuzz(func(t *testing.T, text []byte, utf8 bool) {
		encoding := collection.GB18030
		if utf8 {
			encoding = collection.UTF8
		}
		filing, err := collection.ReadDeclaration(strings.NewReader(string(text)), "f.csv", encoding, yuan)
		if err != nil {
			t.Fatal(err)
		}
		if len(filing.Rows) == 0 && filing.Err() == nil {
			t.Fatal("neither rows nor faults")
		}
		for _, row := range filing.Rows {
			if row.Base < 0 || !row.Month.Valid() || row.Employer <= 0 && row.Code == "" || row.Member <= 0 && row.Number.IsZero() {
				t.Fatalf("%+v", row)
			}
		}
		if faults, ok := filing.Err().(*collection.Faults); ok {
			for _, fault := range faults.List {
				if fault.File != "f.csv" || fault.Line < 1 || fault.Column < 1 {
					t.Fatalf("no place: %v", fault)
				}
			}
		}
	})
}
