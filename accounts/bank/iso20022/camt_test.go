package iso20022_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/accounts/bank/iso20022"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var (
	cny       = money.MustCurrency("CNY")
	byContent = cmp.Options{cmp.Comparer(func(a, b money.Currency) bool { return a == b }), cmpopts.IgnoreTypes(bank.Source{}, [32]byte{}), cmpopts.IgnoreUnexported(bank.Tally{})}
)

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func read(t testing.TB, content []byte) *iso20022.Message {
	t.Helper()
	m, err := iso20022.Read(t.Context(), bytes.NewReader(content), iso20022.Options{File: "file.xml"})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestOneStatementInFourVersionsGivesOneResult(t *testing.T) {
	want := read(t, fixture(t, "camt053-v8.xml"))
	for _, v := range []string{"2", "3", "4"} {
		got := read(t, fixture(t, "camt053-v"+v+".xml"))
		if got.Name != "camt.053.001.0"+v || got.Booked != 5 || got.Unbooked != 2 || got.ID != "CAMT053-202605-0001" {
			t.Errorf("version %s: summary %+v", v, got.Summary)
		}
		if diff := cmp.Diff(want.Statements, got.Statements, byContent); diff != "" {
			t.Errorf("version %s differs from 8 (-8 +%s):\n%s", v, v, diff)
		}
	}
}

func TestEveryFigureOfTheStatementIsRead(t *testing.T) {
	m := read(t, fixture(t, "camt053-v8.xml"))
	s := m.Statements[0]
	if s.Form != bank.StatementForm || s.ID != "202604-1234" || s.Sequence != 4 || s.Account != "110101040001234" || s.Currency != cny ||
		s.Owner != "示例市社会保险基金管理中心" || s.Servicer != "EXABCNBJ" || s.From != 20260401 || s.To != 20260430 || len(s.Balances) != 3 {
		t.Errorf("header: %+v", s)
	}
	if s.Opening.Amount != 100000000 || s.Opening.Date != 20260331 || s.Closing.Amount != 103032850 || s.Closing.Date != 20260430 {
		t.Errorf("balances: %+v %+v", s.Opening, s.Closing)
	}
	want := []bank.StatusTally{{Status: "PDNG", Tally: bank.Tally{Count: 1, CreditCount: 1, CreditSum: 50000}}, {Status: "INFO", Tally: bank.Tally{Count: 1, DebitCount: 1, DebitSum: 777}}}
	if diff := cmp.Diff(want, s.Unbooked, byContent); diff != "" {
		t.Errorf("entries that are not booked: %s", diff)
	}
	first := s.Lines[0]
	if first.Amount != 5234050 || first.BookingDate != 20260402 || first.EndToEnd != "E2E-0001" || first.BankReference != "20260402000001" ||
		first.Counterparty != (bank.Party{Name: "示例纺织有限公司", AccountNumber: "622200000000001", BIC: "EXABCNSH"}) ||
		first.Remittance != "2026年4月企业职工基本养老保险费\n职工312人" || first.TransactionCode != "PMNT/RCDT/ESCT" {
		t.Errorf("first line: %+v", first)
	}
	batch := s.Lines[1]
	if batch.Amount != -3000000 || batch.BatchCount != 3 || len(batch.Details) != 3 || batch.PaymentInformation != "PAY-202604-01" || batch.EndToEnd != "" {
		t.Errorf("collective booking: %+v", batch)
	}
	back := s.Lines[2]
	if !back.Reversal || back.Amount != 800000 || back.Counterparty.Name != "领取人丙" || back.ReturnReason != "AC04 账户已销户" {
		t.Errorf("returned payment: %+v", back)
	}
	if fee := s.Lines[3]; fee.ProprietaryCode != "FEE" || fee.Note != "代发手续费" || fee.Details != nil {
		t.Errorf("fee: %+v", fee)
	}
	if back.Source.File != "file.xml" || back.Source.Path != "Document/BkToCstmrStmt/Stmt[1]/Ntry[3]" || back.Source.Line == 0 {
		t.Errorf("place of the third line: %+v", back.Source)
	}
}

func TestStatementsFootAndFollowOneAnother(t *testing.T) {
	m := read(t, fixture(t, "camt053-v4.xml"))
	for _, s := range m.Statements {
		if found := s.Check(); len(found) > 0 {
			t.Errorf("%s: %v", s.ID, found)
		}
	}
	if found := bank.Continuity(m.Statements); len(found) > 0 {
		t.Error(found)
	}
}

func TestACollectiveBookingSplitsIntoItsPayments(t *testing.T) {
	parts := read(t, fixture(t, "camt053-v2.xml")).Statements[0].Lines[1].Split()
	var got []string
	for _, p := range parts {
		got = append(got, p.EndToEnd+" "+cny.Text(p.Amount)+" "+p.PaymentInformation+" "+p.BankReference)
	}
	want := []string{"PEN-000001 -12000.00 PAY-202604-01 20260410000078", "PEN-000002 -10000.00 PAY-202604-01 20260410000079", "PEN-000003 -8000.00 PAY-202604-01 20260410000080"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsNotUsedIsCounted(t *testing.T) {
	m := read(t, fixture(t, "camt053-v8.xml"))
	got := map[string]int{}
	for _, u := range m.Unread {
		got[u.Path] = u.Count
	}
	want := map[string]int{"Document/BkToCstmrStmt/Stmt/CreDtTm": 2, "Document/BkToCstmrStmt/Stmt/Acct/Svcr/FinInstnId/Nm": 2,
		"Document/BkToCstmrStmt/Stmt/Ntry/BkTxCd/Prtry/Issr": 2, "Document/BkToCstmrStmt/Stmt/Ntry/Chrgs": 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnElementNobodyKnowsIsReadPastAndCounted(t *testing.T) {
	content := strings.Replace(string(fixture(t, "camt053-v8.xml")), "<CdtDbtInd>CRDT</CdtDbtInd>\n        <Sts>",
		"<CdtDbtInd>CRDT</CdtDbtInd>\n<Neu><Amt Ccy=\"CNY\">1</Amt></Neu><x:Own xmlns:x=\"urn:bank\">a</x:Own>\n        <Sts>", 1)
	m := read(t, []byte(content))
	counted := map[string]int{}
	for _, u := range m.Unread {
		counted[u.Path] = u.Count
	}
	if counted["Document/BkToCstmrStmt/Stmt/Ntry/Neu"] != 1 || counted["Document/BkToCstmrStmt/Stmt/Ntry/{urn:bank}Own"] != 1 {
		t.Errorf("unread: %v", m.Unread)
	}
	if diff := cmp.Diff(read(t, fixture(t, "camt053-v8.xml")).Statements, m.Statements, byContent); diff != "" {
		t.Error(diff)
	}
}

func TestTheHashIsThatOfTheEntrysBytes(t *testing.T) {
	content := fixture(t, "camt053-v8.xml")
	rest := string(content)
	var got, want [][32]byte
	for _, s := range read(t, content).Statements {
		for _, l := range s.Lines {
			got = append(got, l.Hash)
		}
	}
	for {
		start := strings.Index(rest, "<Ntry>")
		if start < 0 {
			break
		}
		end := strings.Index(rest, "</Ntry>") + len("</Ntry>")
		if raw := rest[start:end]; strings.Contains(raw, "<Cd>BOOK</Cd>\n        </Sts>") {
			want = append(want, sha256.Sum256([]byte(raw)))
		}
		rest = rest[end:]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestChunksDoNotChangeTheResult(t *testing.T) {
	for _, name := range []string{"camt053-v2.xml", "camt053-v8.xml"} {
		content := fixture(t, name)
		want := read(t, content)
		readers := map[string]*iso20022.Reader{
			"one byte":  iso20022.NewReader(iotest.OneByteReader(bytes.NewReader(content)), iso20022.Options{File: "file.xml"}),
			"half":      iso20022.NewReader(iotest.HalfReader(bytes.NewReader(content)), iso20022.Options{File: "file.xml"}),
			"data+EOF":  iso20022.NewReader(iotest.DataErrReader(bytes.NewReader(content)), iso20022.Options{File: "file.xml"}),
			"all lines": iso20022.NewReader(bytes.NewReader(content), iso20022.Options{File: "file.xml"}),
		}
		for how, r := range readers {
			var lines []bank.Line
			var tallied int
			for item, err := range r.Items(t.Context()) {
				if err != nil {
					t.Fatal(how, err)
				}
				if item.Line != nil {
					lines = append(lines, *item.Line)
					continue
				}
				tallied += item.Tally.Count
				if d := item.Tally.Foot(item.Statement); d != nil {
					t.Error(how, d)
				}
			}
			if diff := cmp.Diff(append(want.Statements[0].Lines, want.Statements[1].Lines...), lines, cmp.Comparer(func(a, b money.Currency) bool { return a == b })); diff != "" {
				t.Errorf("%s: %s", how, diff)
			}
			if diff := cmp.Diff(want.Summary, r.Summary()); diff != "" || tallied != 5 {
				t.Errorf("%s: %d tallied, %s", how, tallied, diff)
			}
		}
	}
}

func TestTheCallerMayStopAtAnyItem(t *testing.T) {
	content := fixture(t, "camt053-v8.xml")
	for stop := 1; stop <= 7; stop++ {
		seen := 0
		for range iso20022.NewReader(bytes.NewReader(content), iso20022.Options{}).Items(t.Context()) {
			if seen++; seen == stop {
				break
			}
		}
		if seen != stop {
			t.Errorf("stopped after %d of %d", seen, stop)
		}
	}
}

func TestANotificationIsReadAndNotAskedToFoot(t *testing.T) {
	content := string(fixture(t, "camt053-v8.xml"))
	content = strings.NewReplacer("camt.053.001.08", "camt.054.001.08", "BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn", "<Stmt>", "<Ntfctn>", "</Stmt>", "</Ntfctn>").Replace(content)
	for strings.Contains(content, "<Bal>") {
		start, end := strings.Index(content, "<Bal>"), strings.Index(content, "</Bal>")+len("</Bal>")
		content = content[:start] + content[end:]
	}
	m := read(t, []byte(content))
	s := m.Statements[0]
	if s.Form != bank.NotificationForm || len(s.Lines) != 4 || s.Opening != nil || len(s.Check()) != 0 || s.Foot() == nil {
		t.Errorf("%+v, %v", s, s.Check())
	}
}

func TestGB18030AndLatin1AreConverted(t *testing.T) {
	want := read(t, fixture(t, "camt053-v8.xml"))
	for name, content := range map[string][]byte{"utf-8 with mark": append([]byte("\xef\xbb\xbf"), fixture(t, "camt053-v8.xml")...), "gb18030": gb18030(t, "camt053-v8.xml")} {
		m := read(t, content)
		if diff := cmp.Diff(want.Statements, m.Statements, byContent); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if m.Statements[0].Lines[0].Hash != want.Statements[0].Lines[0].Hash {
			t.Errorf("%s: the hash is over UTF-8 whatever the encoding", name)
		}
	}
	latin := strings.NewReplacer(`encoding="UTF-8"`, `encoding="ISO-8859-1"`, "代发手续费", "Geb\xfchr").Replace(string(fixture(t, "camt053-v8.xml")))
	if note := read(t, []byte(latin)).Statements[0].Lines[3].Note; note != "Gebühr" {
		t.Errorf("latin-1 note: %q", note)
	}
}

func TestBalancesOfPagesAndOfOtherCurrencies(t *testing.T) {
	bal := func(code, amount, currency string) string {
		return `<Bal><Tp><CdOrPrtry><Cd>` + code + `</Cd></CdOrPrtry></Tp><Amt Ccy="` + currency + `">` + amount + `</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-04-30</Dt></Dt></Bal>`
	}
	cases := []struct {
		name, balances   string
		opening, closing money.Amount // −1: none
	}{
		{"opening and interim", bal("OPBD", "1", "CNY") + bal("ITBD", "2", "CNY"), 100, 200},
		{"interim and closing", bal("ITBD", "1", "CNY") + bal("CLBD", "2", "CNY"), 100, 200},
		{"two interim", bal("ITBD", "1", "CNY") + bal("ITBD", "2", "CNY"), 100, 200},
		{"previous closing opens", bal("PRCD", "1", "CNY") + bal("CLBD", "2", "CNY"), 100, 200},
		{"closing in another currency", bal("OPBD", "1", "CNY") + bal("CLBD", "2", "EUR"), 100, -1},
		{"available balances only", bal("CLAV", "1", "CNY"), -1, -1},
	}
	for _, c := range cases {
		s := read(t, message(`<Id>1</Id><Acct><Id><Othr><Id>1</Id></Othr></Id><Ccy>CNY</Ccy></Acct>`+c.balances)).Statements[0]
		for _, b := range []struct {
			which string
			got   *bank.Balance
			want  money.Amount
		}{{"opening", s.Opening, c.opening}, {"closing", s.Closing, c.closing}} {
			if (b.got == nil) != (b.want < 0) || (b.got != nil && b.got.Amount != b.want) {
				t.Errorf("%s: %s is %+v, want %d", c.name, b.which, b.got, b.want)
			}
		}
		if d := s.Foot(); (c.closing < 0) != (d != nil && d.Code == bank.BalanceMissing) {
			t.Errorf("%s: %v", c.name, d)
		}
	}
}

// message wraps the content of one statement in a camt.053.001.08.
func message(statement string) []byte {
	return []byte(`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId><CreDtTm>2026-05-01T00:00:00</CreDtTm></GrpHdr><Stmt>` +
		statement + `</Stmt></BkToCstmrStmt></Document>`)
}

// entry is one Ntry of a camt.053.001.08.
func entry(amount, direction, more string) string {
	return `<Ntry><Amt Ccy="CNY">` + amount + `</Amt><CdtDbtInd>` + direction + `</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-04-30</Dt></BookgDt>` + more + `</Ntry>`
}

const account = `<Id>1</Id><Acct><Id><Othr><Id>1</Id></Othr></Id><Ccy>CNY</Ccy></Acct>`

func TestAmountsAreExactToTheLastFen(t *testing.T) {
	cases := map[string]money.Amount{"0.01": 1, "1": 100, "1.5": 150, "1.50000": 150, "+2.00": 200, ".5": 50, "5.": 500, "12345678901234567.89": 1234567890123456789, "0": 0}
	for text, want := range cases {
		lines := read(t, message(account+entry(text, "DBIT", ""))).Statements[0].Lines
		if lines[0].Amount != -want {
			t.Errorf("%s DBIT is read as %d, want %d", text, lines[0].Amount, -want)
		}
	}
}

func TestDetailsThatDoNotAddUpAreADiscrepancy(t *testing.T) {
	tx := func(a string) string {
		return `<TxDtls><Amt Ccy="CNY">` + a + `</Amt><CdtDbtInd>DBIT</CdtDbtInd></TxDtls>`
	}
	s := read(t, message(account+entry("30.00", "DBIT", `<NtryDtls><Btch><NbOfTxs>3</NbOfTxs></Btch>`+tx("10")+tx("19.99")+`</NtryDtls>`))).Statements[0]
	var codes []bank.DiscrepancyCode
	for _, d := range s.Check() {
		codes = append(codes, d.Code)
	}
	if diff := cmp.Diff([]bank.DiscrepancyCode{bank.BalanceMissing, bank.CountsDiffer, bank.DetailsDiffer}, codes); diff != "" {
		t.Error(diff)
	}
	if d := s.Check()[2]; d.Sum != -2999 || d.Closing != -3000 || d.Difference != -1 {
		t.Errorf("%+v", d)
	}
	if parts := s.Lines[0].Split(); len(parts) != 1 {
		t.Errorf("a booking whose details do not add up was split: %v", parts)
	}
}

func TestACancelledContextStopsReading(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := iso20022.Read(ctx, bytes.NewReader(fixture(t, "camt053-v8.xml")), iso20022.Options{})
	wantFault(t, err, bank.FaultRead)
}

func TestDatesAreThoseWrittenWhateverTheirZone(t *testing.T) {
	for text, want := range map[string]calendar.Date{
		"<Dt>2026-04-30</Dt>": 20260430, "<Dt>2026-04-30Z</Dt>": 20260430, "<Dt>2026-04-30+08:00</Dt>": 20260430, "<DtTm>2026-04-30T23:59:59.999-11:00</DtTm>": 20260430,
		"<DtTm>2026-04-30T24:00:00</DtTm>": 20260430, "<Dt>2026-04-30T00:00:00</Dt>": 20260430, "2026-04-30": 20260430,
	} {
		content := strings.Replace(string(message(account+entry("1", "CRDT", ""))), "<Dt>2026-04-30</Dt>", text, 1)
		if got := read(t, []byte(content)).Statements[0].Lines[0].BookingDate; got != want {
			t.Errorf("%s is read as %v", text, got)
		}
	}
}
