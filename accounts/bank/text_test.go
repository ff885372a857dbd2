package bank_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
)

var cny = money.MustCurrency("CNY")

func fixture(t testing.TB, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func gb18030(t testing.TB, text string) string {
	t.Helper()
	out, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func format(t testing.TB, yaml string) *bank.TextFormat {
	t.Helper()
	f, err := bank.LoadTextFormat("m.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func readText(t testing.TB, content string, f *bank.TextFormat) *bank.TextResult {
	t.Helper()
	r, err := bank.ReadText(t.Context(), strings.NewReader(content), f, bank.TextOptions{File: "s.csv"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// simple is a mapping with one signed column and no balances.
const simple = `
delimiter: ","
header: true
dates: ["2006-01-02"]
columns: {booking_date: "date", amount: "amount", note: "note"}
amounts: {form: "signed"}
constants: {account: "1", currency: "CNY"}
`

func TestADetailFileIsReadByItsMapping(t *testing.T) {
	f := format(t, fixture(t, "statement.yaml"))
	r := readText(t, gb18030(t, fixture(t, "statement.csv")), f)
	if len(r.Statements) != 1 || r.Records != 9 || r.Blank != 1 || len(r.Ignored) != 1 || r.Ignored[0].Line != 12 {
		t.Fatalf("%+v", r)
	}
	if diff := cmp.Diff([]string{"柜员"}, r.UnreadColumns); diff != "" {
		t.Error(diff)
	}
	s := r.Statements[0]
	if s.Account != "110101040001234" || s.Owner != "示例市社会保险基金管理中心" || s.Currency != cny || s.From != 20260402 || s.To != 20260421 ||
		s.Opening.Amount != 100000000 || s.Closing.Amount != 103032850 || s.Opening.Code != "OPBD" || s.Opening.Source.Line != 4 {
		t.Errorf("%+v", s)
	}
	var got []string
	for _, l := range s.Lines {
		got = append(got, fmt.Sprintf("%d %s %s %s %v %s|%s|%s|%s", l.Source.Line, l.BookingDate, l.ValueDate, cny.Text(l.Amount), l.Reversal, l.BankReference,
			l.Counterparty.Name, l.Remittance, l.Note))
	}
	want := []string{
		"5 2026-04-02 2026-04-02 52340.50 false 20260402000001|示例纺织有限公司|2026年4月企业职工基本养老保险费|收款",
		"6 2026-04-10 - -30000.00 false 20260410000077||养老金,4月|代发",
		`7 2026-04-13 2026-04-13 8000.00 true 20260413000005|领取人丙|户名"不符"|退汇`,
		"8 2026-04-21 2026-04-21 -12.00 false 20260421000009|||手续费",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if d := s.Foot(); d != nil {
		t.Error(d)
	}
	// The bank nets its red entry within the debit column; ours counts money in and money out, so its totals are a discrepancy for the caller to judge.
	var codes []string
	for _, d := range s.Check() {
		codes = append(codes, fmt.Sprint(string(d.Code), " ", d.Sum, " ", d.Closing))
	}
	if diff := cmp.Diff([]string{"totals_differ 6034050 5234050", "totals_differ 3001200 2201200"}, codes); diff != "" {
		t.Error(diff)
	}
}

func TestEncodingsAndChunksGiveOneResult(t *testing.T) {
	f := format(t, fixture(t, "statement.yaml"))
	want := readText(t, gb18030(t, fixture(t, "statement.csv")), f)
	utf8 := *f
	utf8.Encoding = bank.EncodingUTF8
	compare := cmp.Comparer(func(a, b money.Currency) bool { return a == b })
	for name, c := range map[string]struct {
		content string
		format  *bank.TextFormat
	}{
		"utf-8":           {fixture(t, "statement.csv"), &utf8},
		"utf-8 with mark": {"\xef\xbb\xbf" + fixture(t, "statement.csv"), &utf8},
		"CRLF":            {strings.ReplaceAll(fixture(t, "statement.csv"), "\n", "\r\n"), &utf8},
		"no last newline": {strings.TrimSuffix(fixture(t, "statement.csv"), "\n"), &utf8},
	} {
		if diff := cmp.Diff(want, readText(t, c.content, c.format), compare); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		chunked, err := bank.ReadText(t.Context(), iotest.OneByteReader(strings.NewReader(c.content)), c.format, bank.TextOptions{File: "s.csv"})
		if err != nil {
			t.Fatal(name, err)
		}
		if diff := cmp.Diff(want, chunked, compare); diff != "" {
			t.Errorf("%s, one byte at a time: %s", name, diff)
		}
	}
}

func TestEveryFormOfAmountGivesTheSameLines(t *testing.T) {
	head := "delimiter: \";\"\nheader: false\ndates: [\"2006-01-02\"]\nconstants: {account: \"1\", currency: \"CNY\"}\n"
	cases := map[string]struct{ mapping, content string }{
		"two columns":       {"columns: {booking_date: 1, debit: 2, credit: 3}\namounts: {form: \"two_columns\"}", "2026-04-01;;1234.50\n2026-04-02;99.99;\n2026-04-03;0;0\n"},
		"signed":            {"columns: {booking_date: 1, amount: 2}\namounts: {form: \"signed\", thousands: \",\"}", "2026-04-01;1,234.50\n2026-04-02;-99.99\n2026-04-03;0.00\n"},
		"decimal comma":     {"columns: {booking_date: 1, amount: 2}\namounts: {form: \"signed\", thousands: \".\", decimal: \",\"}", "2026-04-01;1.234,50\n2026-04-02;-99,99\n2026-04-03;0\n"},
		"trailing minus":    {"columns: {booking_date: 1, amount: 2}\namounts: {form: \"signed\", thousands: \"'\", negative: \"trailing_minus\"}", "2026-04-01;1'234.5\n2026-04-02;99.99-\n2026-04-03;0\n"},
		"parentheses":       {"columns: {booking_date: 1, amount: 2}\namounts: {form: \"signed\", thousands: \" \", negative: \"parentheses\"}", "2026-04-01;1 234.50\n2026-04-02;(99.99)\n2026-04-03;0\n"},
		"direction":         {"columns: {booking_date: 1, amount: 2, direction: 3}\namounts: {form: \"direction\", credit: [\"贷\"], debit: [\"借\"]}", "2026-04-01;1234.50;贷\n2026-04-02;99.99;借\n2026-04-03;0;贷\n"},
		"newest first":      {"order: \"newest_first\"\ncolumns: {booking_date: 1, amount: 2}\namounts: {form: \"signed\"}", "2026-04-03;0\n2026-04-02;-99.99\n2026-04-01;1234.50\n"},
		"blanks around":     {"columns: {booking_date: 1, amount: 2}\namounts: {form: \"signed\"}", " 2026-04-01 ; 1234.50\n2026-04-02;\t-99.99\n2026-04-03;0 \n"},
		"tab and no quotes": {"columns: {booking_date: 1, amount: 2}\namounts: {form: \"signed\"}\nquote: \"none\"", "2026-04-01\t1234.50\n2026-04-02\t-99.99\n2026-04-03\t0\n"},
	}
	for name, c := range cases {
		mapping := head + c.mapping
		if strings.Contains(c.content, "\t1234") {
			mapping = strings.Replace(mapping, `delimiter: ";"`, `delimiter: "tab"`, 1)
		}
		var got []money.Amount
		for _, l := range readText(t, c.content, format(t, mapping)).Statements[0].Lines {
			got = append(got, l.Amount)
		}
		if diff := cmp.Diff([]money.Amount{123450, -9999, 0}, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestRunningBalancesGiveOpeningAndClosingAndAreChecked(t *testing.T) {
	mapping := strings.Replace(simple, `note: "note"`, `balance: "note"`, 1)
	s := readText(t, "date,amount,note\n2026-04-01,10,110\n2026-04-02,-20,90\n2026-04-03,5,96\n", format(t, mapping)).Statements[0]
	if s.Opening.Amount != 10000 || s.Closing.Amount != 9600 || s.Opening.Code != "derived" {
		t.Errorf("%+v %+v", s.Opening, s.Closing)
	}
	var got []string
	for _, d := range s.Check() {
		got = append(got, fmt.Sprint(string(d.Code), " ", d.Source.Line, " ", d.Difference))
	}
	if diff := cmp.Diff([]string{"does_not_foot 4 100", "running_differs 4 100"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestSeveralAccountsInOneFileAreSeveralStatements(t *testing.T) {
	mapping := strings.NewReplacer(`note: "note"`, `account: "acct", currency: "ccy"`, `constants: {account: "1", currency: "CNY"}`, `currencies: {美元: "USD"}`).Replace(simple)
	r := readText(t, "date,amount,acct,ccy\n2026-04-01,1,A,CNY\n2026-04-01,2,B,CNY\n2026-04-02,3,A,CNY\n2026-04-02,4,A,美元\n", format(t, mapping))
	var got []string
	for _, s := range r.Statements {
		got = append(got, fmt.Sprint(s.Account, " ", s.Currency, " ", len(s.Lines)))
	}
	if diff := cmp.Diff([]string{"A CNY 2", "B CNY 1", "A USD 1"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestHostileTextIsRefusedWithItsPlace(t *testing.T) {
	head := "date,amount,note\n"
	cases := []struct {
		name, content, place string
		code                 bank.FaultCode
	}{
		{"UTF-16", "\xff\xfed\x00a\x00", "s.csv:1:1", bank.FaultEncoding},
		{"UTF-16 without mark", "d\x00a\x00t\x00e\x00", "s.csv:1:1", bank.FaultEncoding},
		{"GB18030 where UTF-8 is said", head + gb18030(t, "2026-04-01,1,养老金\n"), "s.csv:2:14", bank.FaultEncoding},
		{"Latin-1", head + "2026-04-01,1,Geb\xfchr\n", "s.csv:2:17", bank.FaultEncoding},
		{"NUL", head + "2026-04-01,1,a\x00b\n", "s.csv:2:15", bank.FaultSyntax},
		{"bare CR", head + "2026-04-01,1,a\r2026-04-02,1,b\n", "s.csv:2:15", bank.FaultSyntax},
		{"CR line ends throughout", "date,amount,note\r2026-04-01,1,a\r", "s.csv:1:17", bank.FaultSyntax},
		{"unclosed quote", head + "2026-04-01,1,\"a\n2026-04-02,1,b\n", "s.csv:2:14", bank.FaultSyntax},
		{"text behind a quote", head + "2026-04-01,1,\"a\"b\n", "s.csv:2:17", bank.FaultSyntax},
		{"quote in the middle", head + "2026-04-01,1,a\"b\n", "s.csv:2:15", bank.FaultSyntax},
		{"10 MiB field", head + "2026-04-01,1," + strings.Repeat("x", 10<<20) + "\n", "s.csv:2:1", bank.FaultLimit},
		{"many fields", head + strings.Repeat(",", 600) + "\n", "s.csv:2:501", bank.FaultLimit},
		{"decimal comma", head + "2026-04-01,\"1,5\",a\n", "s.csv:2:12", bank.FaultAmount},
		{"exponent", head + "2026-04-01,1e3,a\n", "s.csv:2:12", bank.FaultAmount},
		{"third decimal", head + "2026-04-01,1.005,a\n", "s.csv:2:12", bank.FaultAmount},
		{"above the range", head + "2026-04-01,99999999999999999999,a\n", "s.csv:2:12", bank.FaultAmount},
		{"full-width digits", head + "2026-04-01,１２,a\n", "s.csv:2:12", bank.FaultAmount},
		{"no amount", head + "2026-04-01,,a\n", "s.csv:2:12", bank.FaultMissing},
		{"no date", head + ",1,a\n", "s.csv:2:1", bank.FaultMissing},
		{"no such day", head + "2026-02-30,1,a\n", "s.csv:2:1", bank.FaultDate},
		{"another layout", head + "01/04/2026,1,a\n", "s.csv:2:1", bank.FaultDate},
		{"a field too few", head + "2026-04-01,1\n", "s.csv:2:1", bank.FaultSyntax},
		{"a field too many", head + "2026-04-01,1,a,b\n", "s.csv:2:1", bank.FaultSyntax},
		{"a total that no rule takes", head + "合计,1,\n", "s.csv:2:1", bank.FaultDate},
		{"duplicate header", "date,amount,amount\n2026-04-01,1,2\n", "s.csv:1:13", bank.FaultRepeated},
		{"missing header", "date,betrag,note\n2026-04-01,1,2\n", "s.csv:1", bank.FaultMissing},
		{"empty file", "", "s.csv:1", bank.FaultMissing},
		{"header only", head, "s.csv:2", bank.FaultMissing},
		{"control character", head + "2026-04-01,1,a\x1bb\n", "s.csv:2:15", bank.FaultSyntax},
	}
	f := format(t, simple)
	for _, c := range cases {
		r, err := bank.ReadText(t.Context(), strings.NewReader(c.content), f, bank.TextOptions{File: "s.csv"})
		var faults *bank.Faults
		if r != nil || !errors.As(err, &faults) {
			t.Errorf("%s: %v, %v", c.name, r, err)
			continue
		}
		first := faults.List[0]
		if place := (bank.Source{File: first.File, Line: first.Line, Column: first.Column}).String(); first.Code != c.code || place != c.place || first.Hint == "" {
			t.Errorf("%s: %v, want %s at %s", c.name, err, string(c.code), c.place)
		}
	}
	marked := *f
	marked.Encoding = bank.EncodingGB18030
	if _, err := bank.ReadText(t.Context(), strings.NewReader("\xef\xbb\xbf"+head+"2026-04-01,1,a\n"), &marked, bank.TextOptions{}); !errors.Is(err, bank.FaultEncoding) {
		t.Errorf("UTF-8 mark where GB18030 is said: %v", err)
	}
	if _, err := bank.ReadText(t.Context(), strings.NewReader(head+"2026-04-01,1,\xff\n"), &marked, bank.TextOptions{}); !errors.Is(err, bank.FaultEncoding) {
		t.Errorf("a byte that is no GB18030: %v", err)
	}
}

func TestAllBadLinesAreReportedAndNothingIsImported(t *testing.T) {
	content := "date,amount,note\n2026-04-01,1,ok\nx,1,a\n2026-04-02,y,b\n2026-04-03,1\n2026-04-04,1,\"c\"d\n2026-04-05,1,e\x00\n2026-04-06,z,f\n"
	r, err := bank.ReadText(t.Context(), strings.NewReader(content), format(t, simple), bank.TextOptions{File: "s.csv"})
	var faults *bank.Faults
	if r != nil || !errors.As(err, &faults) {
		t.Fatal(r, err)
	}
	var got []string
	for _, f := range faults.List {
		got = append(got, fmt.Sprint(f.Line, ":", f.Column, " ", string(f.Code)))
	}
	if diff := cmp.Diff([]string{"3:1 date", "4:12 amount", "5:1 syntax", "6:17 syntax", "7:15 syntax", "8:12 amount"}, got); diff != "" {
		t.Error(diff, err)
	}
}

func TestMoreThanAThousandFaultsAreCounted(t *testing.T) {
	content := "date,amount,note\n" + strings.Repeat("x,1,a\n", 1500)
	_, err := bank.ReadText(t.Context(), strings.NewReader(content), format(t, simple), bank.TextOptions{})
	var faults *bank.Faults
	if !errors.As(err, &faults) || len(faults.List) != 1000 || faults.Omitted != 500 {
		t.Errorf("%d kept, %d omitted", len(faults.List), faults.Omitted)
	}
	if !strings.HasSuffix(err.Error(), "and 500 more faults") {
		t.Error("the message does not say how many are omitted")
	}
}

func TestLimitsOfTextAreTheCallersToSet(t *testing.T) {
	content := "date,amount,note\n2026-04-01,1,abc\n2026-04-02,1,abc\n"
	f := format(t, simple)
	for name, limits := range map[string]bank.TextLimits{"bytes": {Bytes: int64(len(content)) - 1}, "field": {FieldBytes: 9}, "fields": {Fields: 2}, "records": {Records: 2}} {
		if _, err := bank.ReadText(t.Context(), strings.NewReader(content), f, bank.TextOptions{Limits: limits}); !errors.Is(err, bank.FaultLimit) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAReadErrorIsNotTakenForTheEnd(t *testing.T) {
	broken := errors.New("disk gone")
	for _, content := range []string{"", "date,amount,note\n2026-04-01,1,a\n", "date,am"} {
		_, err := bank.ReadText(t.Context(), &failing{strings.NewReader(content), broken}, format(t, simple), bank.TextOptions{})
		if !errors.Is(err, broken) || !errors.Is(err, bank.FaultRead) {
			t.Errorf("%q: %v", content, err)
		}
	}
}

type failing struct {
	r   *strings.Reader
	err error
}

func (f *failing) Read(p []byte) (int, error) {
	if f.r.Len() == 0 {
		return 0, f.err
	}
	return f.r.Read(p)
}

func TestAMappingThatCannotBeUsedSaysWhere(t *testing.T) {
	cases := []struct{ name, yaml, place, path string }{
		{"no YAML", "a: [", "m.yaml:1:4", ""},
		{"empty", "", "m.yaml:1", ""},
		{"two documents", simple + "---\n" + simple, "m.yaml:1", ""},
		{"unknown key", simple + "thousands: \",\"\n", "m.yaml:8:1", ""},
		{"repeated key", simple + "header: false\n", "m.yaml:8:1", ""},
		{"number for a text", strings.Replace(simple, `account: "1"`, "account: 0123", 1), "m.yaml:7:22", "constants.account"},
		{"float", strings.Replace(simple, `account: "1"`, "account: 1.5", 1), "m.yaml:7:22", "constants.account"},
		{"null", strings.Replace(simple, `account: "1"`, "account: ~", 1), "m.yaml:7:22", "constants.account"},
		{"column zero", strings.Replace(simple, `note: "note"`, "note: 0", 1), "m.yaml:5:57", ""},
		{"unknown field", strings.Replace(simple, "note:", "memo:", 1), "m.yaml:5:51", "columns.memo"},
		{"unknown encoding", simple + "encoding: \"big5\"\n", "m.yaml:8:1", "encoding"},
		{"long delimiter", strings.Replace(simple, `delimiter: ","`, `delimiter: "||"`, 1), "m.yaml:2:1", "delimiter"},
		{"layout without day", strings.Replace(simple, `"2006-01-02"`, `"2006-01"`, 1), "m.yaml:4:9", "dates[0]"},
		{"no form", strings.Replace(simple, `"signed"`, `"both"`, 1), "m.yaml:6:11", "amounts.form"},
		{"form without its columns", strings.Replace(simple, `"signed"`, `"two_columns"`, 1), "m.yaml:5:1", "columns.credit"},
		{"no booking date", strings.Replace(simple, `booking_date: "date"`, `value_date: "date"`, 1), "m.yaml:5:1", "columns"},
		{"account twice", strings.Replace(simple, `note: "note"`, `account: "note"`, 1), "m.yaml:5:1", "columns"},
		{"name without header", strings.Replace(simple, "header: true", "header: false", 1), "m.yaml:5:33", "columns.amount"},
		{"rule that fits nothing", simple + "rows: [{kind: \"ignored\", column: \"note\"}]\n", "m.yaml:8:8", "rows[0]"},
		{"rule of no kind", simple + "rows: [{kind: \"sum\", column: \"note\", equals: \"x\"}]\n", "m.yaml:8:9", "rows[0].kind"},
		{"opening without amount", simple + "rows: [{kind: \"opening\", column: \"note\", equals: \"x\"}]\n", "m.yaml:8:8", "rows[0]"},
		{"same thousands and decimal", strings.Replace(simple, `form: "signed"`, `form: "signed", thousands: "."`, 1), "m.yaml:6:27", "amounts.thousands"},
	}
	for _, c := range cases {
		f, err := bank.LoadTextFormat("m.yaml", []byte(c.yaml))
		var faults *bank.Faults
		if f != nil || !errors.As(err, &faults) || !errors.Is(err, bank.FaultMapping) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		first := faults.List[0]
		if place := (bank.Source{File: first.File, Line: first.Line, Column: first.Column}).String(); place != c.place || first.Path != c.path {
			t.Errorf("%s: %v (%s, %q), want %s, %q", c.name, err, place, first.Path, c.place, c.path)
		}
	}
}

func TestPaymentsAreWrittenAsTheBankWantsThem(t *testing.T) {
	f, err := bank.LoadPaymentTextFormat("p.yaml", []byte(fixture(t, "payment.yaml")))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := bank.WriteText(&out, payments(), f); err != nil {
		t.Fatal(err)
	}
	text, err := simplifiedchinese.GB18030.NewDecoder().String(out.String())
	if err != nil {
		t.Fatal(err)
	}
	want := strings.ReplaceAll(`H|PAY-1|110101040005678|20260410|2|12000.01
序号|收款人账号|收款人户名|收款行号|金额|用途|业务编号|业务种类
1|622200000000101|领取人甲|999100000001|12000.00|2026年4月养老金|PEN-000001|养老金
2|622200000000102|=1+1||0.01|@补发|PEN-000002|养老金
T|2|12000.01
`, "\n", "\r\n")
	if diff := cmp.Diff(want, text); diff != "" {
		t.Error(diff)
	}
}

func TestASpreadsheetGetsNoLiveFormula(t *testing.T) {
	f := &bank.PaymentTextFormat{Encoding: "utf-8-bom", Delimiter: ",", Target: "spreadsheet", LineEnd: "lf", Columns: []bank.PaymentColumn{
		{Value: "creditor_name"}, {Value: "amount"}, {Value: "remittance"}, {Text: "-"}, {Value: "sequence"}}}
	file := payments()
	file.Batches[0].Orders[0].Creditor.Name, file.Batches[0].Orders[0].Remittance = `＋"甲",乙`, "\tx"
	var out bytes.Buffer
	if err := bank.WriteText(&out, file, f); err != nil {
		t.Fatal(err)
	}
	want := "\xef\xbb\xbf" + `"'＋""甲"",乙",12000.00,'` + "\tx,'-,1\n'=1+1,0.01,'@补发,'-,2\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestAPaymentFileThatTheFormatCannotCarryIsNotWritten(t *testing.T) {
	base := func() *bank.PaymentTextFormat {
		return &bank.PaymentTextFormat{Encoding: "gbk", Delimiter: ",", Columns: []bank.PaymentColumn{{Value: "creditor_name", MaxBytes: "8"}, {Value: "amount"}},
			Footer: [][]bank.PaymentCell{{{Value: "total"}, {Value: "execution_date"}}}}
	}
	second := payments().Batches[0]
	second.ID, second.Debit.Holder.AccountNumber, second.ExecutionDate, second.Debit.Currency = "B2", "99", 20260411, money.MustCurrency("EUR")
	second.Orders = []bank.PaymentOrder{{EndToEnd: "X", Amount: 1, Creditor: bank.Party{Name: "甲", AccountNumber: "5"}}}
	cases := map[string]struct {
		do   func(f *bank.PaymentFile, m *bank.PaymentTextFormat)
		path string
	}{
		"not in GBK": {func(f *bank.PaymentFile, _ *bank.PaymentTextFormat) { f.Batches[0].Orders[0].Creditor.Name = "𠮷" }, "batches[0].orders[0].creditor_name"},
		"too many bytes": {func(f *bank.PaymentFile, _ *bank.PaymentTextFormat) {
			f.Batches[0].Orders[0].Creditor.Name = "领取人甲乙"
		}, "batches[0].orders[0].creditor_name"},
		"line break": {func(f *bank.PaymentFile, _ *bank.PaymentTextFormat) { f.Batches[0].Orders[0].Creditor.Name = "甲\n" }, "batches[0].orders[0].creditor_name"},
		"delimiter, no quotes": {func(f *bank.PaymentFile, m *bank.PaymentTextFormat) {
			f.Batches[0].Orders[0].Creditor.Name, m.Quote = "甲,", "never"
		}, "batches[0].orders[0].creditor_name"},
		"two currencies":      {func(f *bank.PaymentFile, _ *bank.PaymentTextFormat) { f.Batches = append(f.Batches, second) }, "footer[0][0]"},
		"two days":            {func(f *bank.PaymentFile, _ *bank.PaymentTextFormat) { f.Batches = append(f.Batches, second) }, "footer[0][1]"},
		"nothing to pay":      {func(f *bank.PaymentFile, _ *bank.PaymentTextFormat) { f.Batches[0].Orders[0].Amount = 0 }, "batches[0].orders[0].amount"},
		"unknown value":       {func(_ *bank.PaymentFile, m *bank.PaymentTextFormat) { m.Columns[0].Value = "salary" }, "columns[0].value"},
		"count in a column":   {func(_ *bank.PaymentFile, m *bank.PaymentTextFormat) { m.Columns[0].Value = "total" }, "columns[0].value"},
		"no columns":          {func(_ *bank.PaymentFile, m *bank.PaymentTextFormat) { m.Columns = nil }, "columns"},
		"bytes that are none": {func(_ *bank.PaymentFile, m *bank.PaymentTextFormat) { m.Columns[0].MaxBytes = "-1" }, "columns[0].max_bytes"},
		"text and value":      {func(_ *bank.PaymentFile, m *bank.PaymentTextFormat) { m.Columns[0].Text = "x" }, "columns[0]"},
	}
	for name, c := range cases {
		file, mapping := payments(), base()
		c.do(file, mapping)
		var out bytes.Buffer
		err := bank.WriteText(&out, file, mapping)
		var faults *bank.Faults
		found := false
		if errors.As(err, &faults) {
			for _, f := range faults.List {
				found = found || f.Path == c.path
			}
		}
		if !found || out.Len() > 0 {
			t.Errorf("%s: %v (%d bytes written), want a fault at %s", name, err, out.Len(), c.path)
		}
	}
	if err := bank.WriteText(&bytes.Buffer{}, payments(), base()); err != nil {
		t.Errorf("the plain file: %v", err)
	}
}
