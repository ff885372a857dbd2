package iso20022_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/accounts/bank/iso20022"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// wantFault checks that an error is *bank.Faults, holds a fault of the code, and that every fault says where and what to do.
func wantFault(t testing.TB, err error, code bank.FaultCode) *bank.Faults {
	t.Helper()
	var faults *bank.Faults
	if !errors.As(err, &faults) || !errors.Is(err, code) {
		t.Fatalf("error %v, want a fault of kind %s", err, code)
	}
	for _, f := range faults.List {
		if f.Reason == "" || f.Hint == "" {
			t.Errorf("%+v does not say what is wrong and what to do", f)
		}
	}
	return faults
}

func gb18030(t testing.TB, name string) []byte {
	t.Helper()
	text := strings.Replace(string(fixture(t, name)), `encoding="UTF-8"`, `encoding="GB18030"`, 1)
	out, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return []byte(out)
}

func TestHostileFilesEndInATypedFault(t *testing.T) {
	whole := string(fixture(t, "camt053-v8.xml"))
	cases := []struct {
		name, content string
		code          bank.FaultCode
	}{
		{"nothing", "", bank.FaultTruncated},
		{"blanks", " \n ", bank.FaultFormat},
		{"no XML", "银行对账单", bank.FaultFormat},
		{"another root", "<html></html>", bank.FaultFormat},
		{"DOCTYPE", strings.Replace(whole, "<Document", `<!DOCTYPE Document [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Document`, 1), bank.FaultForbidden},
		{"external entity", strings.Replace(whole, "<Document", `<!DOCTYPE d SYSTEM "file:///etc/passwd"><Document`, 1), bank.FaultForbidden},
		{"undeclared entity", strings.Replace(whole, "示例银行", "&xxe;", 1), bank.FaultSyntax},
		{"cut in a tag", whole[:len(whole)/2], bank.FaultTruncated},
		{"cut before the last tag", strings.TrimSuffix(strings.TrimSpace(whole), "</Document>"), bank.FaultTruncated},
		{"tags crossed", strings.Replace(whole, "</Sts>", "</Cd>", 1), bank.FaultSyntax},
		{"text behind the end is broken", whole + "<a", bank.FaultTruncated},
		{"second document", whole + whole[strings.Index(whole, "<Document"):], bank.FaultFormat},
		{"UTF-16 mark", "\xff\xfe<\x00", bank.FaultEncoding},
		{"UTF-16 without mark", "<\x00?\x00x\x00", bank.FaultEncoding},
		{"declared Big5", strings.Replace(whole, "UTF-8", "Big5", 1), bank.FaultEncoding},
		{"GB18030 that says UTF-8", strings.Replace(string(gb18030(t, "camt053-v8.xml")), "GB18030", "UTF-8", 1), bank.FaultEncoding},
		{"UTF-8 that says GB18030", strings.Replace(whole, "UTF-8", "GB18030", 1), bank.FaultEncoding},
		{"NUL", strings.Replace(whole, "示例银行", "a\x00b", 1), bank.FaultSyntax},
		{"camt.052", strings.Replace(whole, "camt.053", "camt.052", 1), bank.FaultFormat},
		{"version 09", strings.Replace(whole, "camt.053.001.08", "camt.053.001.09", 1), bank.FaultFormat},
		{"version 01", strings.Replace(whole, "camt.053.001.08", "camt.053.001.01", 1), bank.FaultFormat},
		{"no namespace", strings.Replace(whole, ` xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"`, "", 1), bank.FaultFormat},
		{"statement in a notification's namespace", strings.Replace(whole, "camt.053", "camt.054", 1), bank.FaultFormat},
		{"no statement", `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt/></Document>`, bank.FaultMissing},
		{"deep nesting", string(message(strings.Repeat("<a>", 50) + strings.Repeat("</a>", 50))), bank.FaultLimit},
		{"huge attribute", string(message(`<Ntry a="` + strings.Repeat("x", 70000) + `"/>`)), bank.FaultLimit},
		{"huge text", string(message("<Id>" + strings.Repeat("x", 70000) + "</Id>")), bank.FaultLimit},
		{"huge comment", string(message("<!--" + strings.Repeat("x", 70000) + "-->")), bank.FaultLimit},
		{"huge name", string(message("<" + strings.Repeat("x", 70000) + "/>")), bank.FaultLimit},
		{"many attributes", string(message("<Ntry" + attributes(40) + "/>")), bank.FaultLimit},
		{"many elements in one", string(message("<Acct>" + strings.Repeat("<x/>", 12000) + "</Acct>")), bank.FaultLimit},
		{"many elements in an entry", string(message(account + entry("1", "CRDT", strings.Repeat("<x/>", 22000)))), bank.FaultLimit},
		{"many texts in one", string(message("<Id>" + strings.Repeat(strings.Repeat("x", 60000)+"<!---->", 3) + "</Id>")), bank.FaultLimit},
		{"many balances", string(message(strings.Repeat(`<Bal><Tp><CdOrPrtry><Cd>CLAV</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-01-01</Dt></Dt></Bal>`, 1001))), bank.FaultLimit},
	}
	for _, c := range cases {
		for how, r := range map[string]io.Reader{"whole": strings.NewReader(c.content), "chunked": iotest.OneByteReader(strings.NewReader(c.content))} {
			m, err := iso20022.Read(t.Context(), r, iso20022.Options{File: "f.xml"})
			if m != nil || !errors.Is(err, c.code) {
				t.Errorf("%s, %s: %v, %v; want %s", c.name, how, m, err, c.code)
				continue
			}
			wantFault(t, err, c.code)
		}
	}
}

func attributes(n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, ` a%d="1"`, i)
	}
	return out.String()
}

func TestLimitsAreTheCallersToSet(t *testing.T) {
	content := fixture(t, "camt053-v8.xml")
	for name, limits := range map[string]iso20022.Limits{
		"bytes": {Bytes: int64(len(content)) - 1}, "depth": {Depth: 5}, "tokens": {Tokens: 100}, "token bytes": {TokenBytes: 40}, "element": {ElementTokens: 5},
		"entries": {Entries: 6}, "details": {Details: 2},
	} {
		_, err := iso20022.Read(t.Context(), bytes.NewReader(content), iso20022.Options{Limits: limits})
		if !errors.Is(err, bank.FaultLimit) {
			t.Errorf("%s: %v", name, err)
		}
	}
	enough := iso20022.Limits{Bytes: int64(len(content)), Entries: 7, Details: 3}
	if _, err := iso20022.Read(t.Context(), bytes.NewReader(content), iso20022.Options{Limits: enough}); err != nil {
		t.Errorf("limits that are just enough: %v", err)
	}
}

func TestAllFaultsOfAFileComeTogetherWithTheirPlaces(t *testing.T) {
	content := `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">
<BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr>
<Stmt><Id>1</Id><Acct><Id><Othr><Id>1</Id></Othr></Id><Ccy>CNY</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">1.001</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-02-30</Dt></Dt></Bal>
<Ntry><Amt Ccy="CNY">-5.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-04-30</Dt></BookgDt></Ntry>
<Ntry><Amt Ccy="CNY">5,00</Amt><CdtDbtInd>KREDIT</CdtDbtInd><Sts><Cd>MAYBE</Cd></Sts><BookgDt><Dt>30.04.2026</Dt></BookgDt></Ntry>
<Ntry><Amt Ccy="EUR">5.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><RvslInd>ja</RvslInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-04-30</Dt></BookgDt></Ntry>
<Ntry><Amt>5.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-04-30</Dt></BookgDt></Ntry>
<Ntry><Amt Ccy="XYZ">5.00</Amt><Amt Ccy="CNY">6.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></Ntry>
<Ntry><Amt Ccy="CNY">99999999999999999999</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts></Ntry>
</Stmt></BkToCstmrStmt></Document>`
	_, err := iso20022.Read(t.Context(), strings.NewReader(content), iso20022.Options{File: "k.xml"})
	faults := wantFault(t, err, bank.FaultAmount)
	var got []string
	for _, f := range faults.List {
		got = append(got, fmt.Sprintf("%d %s %s", f.Line, strings.TrimPrefix(f.Path, "Document/BkToCstmrStmt/Stmt[1]/"), string(f.Code)))
	}
	want := []string{
		"4 Bal[1]/Amt amount", "4 Bal[1]/Dt/Dt date",
		"5 Ntry[1]/Amt amount",
		"6 Ntry[2]/Amt amount", "6 Ntry[2]/CdtDbtInd value", "6 Ntry[2]/Sts value", "6 Ntry[2]/BookgDt/Dt date",
		"7 Ntry[3]/RvslInd value", "7 Ntry[3]/Amt currency",
		"8 Ntry[4]/Amt currency",
		"9 Ntry[5]/Amt repeated", "9 Ntry[5]/Amt currency", "9 Ntry[5] missing",
		"10 Ntry[6]/Amt amount",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("faults:\n%s\nwant:\n%s\nin full:\n%v", strings.Join(got, "\n"), strings.Join(want, "\n"), err)
	}
	if !strings.Contains(err.Error(), `k.xml:4: Document/BkToCstmrStmt/Stmt[1]/Bal[1]/Amt: "1.001" is no exact amount in CNY, which has 2 decimals`) {
		t.Errorf("the message does not say where and what:\n%v", err)
	}
}

func TestAReadErrorIsNotTakenForTheEndOfTheFile(t *testing.T) {
	broken := errors.New("disk gone")
	for _, at := range []int{0, 10, 2000, 12000} {
		r := io.MultiReader(bytes.NewReader(fixture(t, "camt053-v8.xml")[:at]), iotest.ErrReader(broken))
		_, err := iso20022.Read(t.Context(), r, iso20022.Options{})
		if !errors.Is(err, broken) || !errors.Is(err, bank.FaultRead) {
			t.Errorf("after %d bytes: %v", at, err)
		}
	}
}

func TestManyDistinctElementNamesDoNotFillTheMemory(t *testing.T) {
	var body strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&body, "<e%d/>", i)
	}
	m := read(t, message(account+body.String()+entry("1", "CRDT", "")))
	total := 0
	for _, u := range m.Unread {
		total += u.Count
	}
	if len(m.Unread) > 1001 || total < 3000 {
		t.Errorf("%d paths, %d elements", len(m.Unread), total)
	}
}
