package report_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	stdcsv "encoding/csv"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"flag"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/audit/report"
	"github.com/fundledger/fundledger/audit/rules"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/google/go-cmp/cmp"
)

var (
	update = flag.Bool("update", false, "write the golden files anew")
	cny    = money.MustCurrency("CNY")
	id     = ledger.BookID{Realm: 330100, Number: 1}
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// foreignBook is half a year of a fund in another system, with something wrong in nearly every month.
func foreignBook() audit.ForeignBook {
	b := audit.ForeignBook{
		Book: ledger.Book{ID: id, Code: "330100-EP", Name: "企业职工基本养老保险基金", Currency: cny, First: 202507},
		Accounts: []ledger.Account{
			{Code: "1002", Name: "收入户存款", Type: ledger.Asset}, {Code: "1003", Name: "财政专户存款", Type: ledger.Asset}, {Code: "1101", Name: "暂付款", Type: ledger.Asset},
			{Code: "3001", Name: "一般基金结余", Type: ledger.NetAssets}, {Code: "4001", Name: "社会保险费收入", Type: ledger.Income}, {Code: "5001", Name: "社会保险待遇支出", Type: ledger.Expense},
		},
	}
	for month := calendar.Month(202507); month <= 202512; month = month.Add(1) {
		premium := money.Amount(12_345_678 + 1000*int64(month.OfYear()))
		swept := premium
		if month == 202509 {
			swept -= 500_000 // stays in the income account
		}
		b.Entries = append(b.Entries,
			voucher(month, 5, 1, "clerk", "chief", ledger.DebitLine("1002", premium), ledger.CreditLine("4001", premium)),
			voucher(month, 20, 2, "clerk", "chief", ledger.DebitLine("1003", swept), ledger.CreditLine("1002", swept)),
			voucher(month, 25, 3, "clerk", "chief", ledger.DebitLine("5001", 9_000_000), ledger.CreditLine("1003", 9_000_000)))
	}
	b.Entries[4].Voucher.Number = 4      // August: 2 is missing
	b.Entries[9].ApprovedBy = "clerk"    // October
	b.Entries[14].Lines[1].Amount -= 100 // November: out of balance
	b.Entries = append(b.Entries, voucher(202508, 8, 5, "clerk", "chief", ledger.DebitLine("1101", 2_000_000), ledger.CreditLine("1003", 2_000_000)),
		voucher(202512, 28, 4, "<script>alert(1)</script>", "=cmd", ledger.DebitLine("4001", -70_000), ledger.CreditLine("1003", 70_000)))
	return b
}

func voucher(month calendar.Month, day int, number int64, by, approved string, lines ...ledger.Line) audit.ForeignEntry {
	return audit.ForeignEntry{Entry: ledger.Entry{
		Key: fmt.Sprintf("%v-%d", month, number), Effective: month.First().AddDays(day - 1), Period: month.Period(), Voucher: ledger.Voucher{Type: "记", Number: number},
		EnteredBy: by, ApprovedBy: approved, Source: ledger.Source{Kind: "K3", ID: fmt.Sprint(number)}, Lines: lines,
	}}
}

// items are what a bank reconciliation left open.
type items []audit.OpenItem

func (list items) OpenItems(context.Context, calendar.Date) iter.Seq2[audit.OpenItem, error] {
	return func(yield func(audit.OpenItem, error) bool) {
		for _, item := range list {
			if !yield(item, nil) {
				return
			}
		}
	}
}

// sampleRun audits foreignBook; no balances and no seals are given, so that some rules are not run.
func sampleRun(t *testing.T) *audit.Run {
	t.Helper()
	foreign, err := audit.NewForeign(foreignBook())
	must(t, err)
	sources := append(foreign.Sources(),
		audit.RolesSource.Given(audit.RoleTable{id: {Codes: map[audit.Role][]string{audit.RoleIncomeAccount: {"1002"}, audit.RoleTemporaryPayments: {"1101"}}}}),
		audit.ReconciliationSource.Given(items{
			{Book: id, BankAccount: "EP-收入户", Side: audit.AtBankOnly, Date: 20251103, Amount: -66_600, Currency: cny, Statement: "2025-11 第 3 行", Hash: []byte{1, 2, 3}},
			{Book: id, BankAccount: "EP-收入户", Side: audit.InBooksOnly, Date: 20260102, Amount: 100, Currency: cny, Seq: 4, Ordinal: 6},
		}))
	a, err := audit.New(sources, rules.Default()...)
	must(t, err)
	run, err := a.Run(t.Context(), audit.Engagement{
		By: "审计员 <甲>", Title: "某市社会保险基金审计", Clock: func() time.Time { return time.Date(2026, 1, 15, 1, 2, 3, 0, time.UTC) },
		Settings: map[string]map[string]int64{"L13": {"months": 3}},
	})
	must(t, err)
	for i := range run.Findings {
		if run.Findings[i].Rule == "L21" {
			must(t, run.Respond(run.Findings[i].ID, audit.Explained, audit.Response{By: "财务科", At: time.Date(2026, 1, 20, 2, 0, 0, 0, time.UTC), Text: "+当日人员不足，已由 B 复核"}))
		}
	}
	return run
}

var head = report.Options{Organisation: "某省审计厅", Audited: "某市社会保险经办机构", Reference: "2026-社保-017"}

func renderings(t *testing.T, run *audit.Run) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	render := func(name string, write func(io.Writer) error) {
		var b bytes.Buffer
		must(t, write(&b))
		out[name] = b.Bytes()
	}
	english := head
	english.Language, english.Organisation, english.Audited = audit.English, "Provincial audit office", "City agency"
	render("zh.html", func(w io.Writer) error { return report.HTML(w, run, head) })
	render("en.html", func(w io.Writer) error { return report.HTML(w, run, english) })
	render("zh.csv", func(w io.Writer) error { return report.CSV(w, run, head) })
	render("en.csv", func(w io.Writer) error { return report.CSV(w, run, english) })
	render("run.json", func(w io.Writer) error { return report.JSON(w, run) })
	return out
}

func TestReportsAreTheGoldenFiles(t *testing.T) {
	for name, got := range renderings(t, sampleRun(t)) {
		golden := filepath.Join("testdata", name)
		if *update {
			must(t, os.WriteFile(golden, got, 0o644)) //nolint:gosec // a golden file is no secret
		}
		want, err := os.ReadFile(golden)
		must(t, err)
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s (-golden +now); -update writes it anew:\n%s", name, diff)
		}
	}
}

func TestEveryFindingStandsInEveryReport(t *testing.T) {
	run := sampleRun(t)
	if len(run.Findings) < 7 {
		t.Fatalf("only %d findings", len(run.Findings))
	}
	all := renderings(t, run)
	for _, f := range run.Findings {
		for name, text := range all {
			if !bytes.Contains(text, []byte(f.ID)) {
				t.Errorf("%s does not have %s", name, f.ID)
			}
		}
	}
	for _, o := range run.Outcomes {
		for name, text := range all {
			if !bytes.Contains(text, []byte(o.Rule)) {
				t.Errorf("%s does not have rule %s, which is %s", name, o.Rule, o.Status)
			}
		}
	}
}

func TestLeadsStandApartFromViolations(t *testing.T) {
	text := string(renderings(t, sampleRun(t))["en.html"])
	violations, leads := strings.Index(text, "<h2>Violations</h2>"), strings.Index(text, "<h2>Leads</h2>")
	if violations < 0 || leads < violations {
		t.Fatal("the parts are missing or out of order")
	}
	for rule, lead := range map[string]bool{"L01": false, "L02": false, "L10": false, "L13": true, "L14": false, "L21": false} {
		at := strings.Index(text, `<section class="rule" id="`+rule+`">`)
		if at < violations || (at > leads) != lead {
			t.Errorf("rule %s stands at %d, violations begin at %d and leads at %d", rule, at, violations, leads)
		}
	}
}

func TestNothingInARunIsMarkup(t *testing.T) {
	for name, text := range renderings(t, sampleRun(t)) {
		if !strings.HasSuffix(name, ".html") {
			continue
		}
		for _, part := range []string{"<script", "<甲>", "javascript:", "http://", "https://", "url("} {
			if strings.Contains(strings.ReplaceAll(string(text), `xmlns="http://www.w3.org/2000/svg"`, ""), part) {
				t.Errorf("%s holds %q", name, part)
			}
		}
		decoder := xml.NewDecoder(bytes.NewReader(regexp.MustCompile(`(?s)<!DOCTYPE html>|<meta[^>]*>|<style>.*?</style>|<br>`).ReplaceAll(text, nil)))
		for {
			if _, err := decoder.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s: elements are not closed in order: %v", name, err)
			}
		}
	}
}

func TestTheTableAgreesWithItsHeaderBlock(t *testing.T) {
	run := sampleRun(t)
	table := renderings(t, run)["zh.csv"]
	rest, head := table, map[string]string{}
	rulesSeen := 0
	for bytes.HasPrefix(rest, []byte("#,")) {
		line, after, _ := bytes.Cut(rest, []byte("\n"))
		record, err := stdcsv.NewReader(bytes.NewReader(line)).Read()
		must(t, err)
		head[record[1]], rest = record[2], after
		if record[1] == "rule" {
			rulesSeen++
		}
	}
	hash := sha256.Sum256(rest)
	records, err := stdcsv.NewReader(bytes.NewReader(rest)).ReadAll()
	must(t, err)
	if head["sha256"] != hex.EncodeToString(hash[:]) || head["records"] != strconv.Itoa(len(run.Findings)) || len(records) != len(run.Findings)+1 || rulesSeen != len(run.Outcomes) || head["result"] != run.Result {
		t.Errorf("%v; %d records", head, len(records))
	}
	for _, record := range records[1:] {
		for i, text := range record {
			if column := records[0][i]; column != "amount_at_risk" && strings.ContainsAny(text[:min(1, len(text))], "=+-@\t\r\n") {
				t.Errorf("%s: %q", column, text)
			}
		}
		if _, err := cny.Parse(record[8]); record[8] != "" && err != nil {
			t.Errorf("amount %q: %v", record[8], err)
		}
	}
}

func TestTheJSONReadsBackIntoTheRun(t *testing.T) {
	run := sampleRun(t)
	var back audit.Run
	must(t, json.Unmarshal(renderings(t, run)["run.json"], &back))
	if diff := cmp.Diff(run, &back, cmp.Comparer(func(a, b money.Currency) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}

func TestWhatWentWrongStandsOnTop(t *testing.T) {
	run := sampleRun(t)
	run.Checkpoint[0].Agrees = false
	run.Unreadable = []audit.Unreadable{{Book: audit.BookRef(id), Seq: 12, Count: 3, Reason: "no record"}}
	run.Outcomes[1].Status = audit.Incomplete
	run.Outcomes[2].Status, run.Outcomes[2].Failure = audit.Failed, "disk <gone>"
	run.Outcomes[3].Found += 5
	for language, parts := range map[audit.Language][]string{
		audit.English: {"To be settled first", "book 330100/1: its Merkle root is not", "book 330100/1: 3 entries from 12 on cannot be read: no record", "rule L01 did not see all records",
			"rule L02 failed: disk &lt;gone&gt;", "5 in all; the 5 beyond"},
		audit.Chinese: {"须先处理的事项", "账簿 330100/1 的默克尔根", "第 12 笔起 3 笔记录无法读取", "规则 L01 未能看到全部记录", "规则 L02 执行失败"},
	} {
		var out bytes.Buffer
		must(t, report.HTML(&out, run, report.Options{Language: language}))
		for _, part := range parts {
			if !strings.Contains(out.String(), part) {
				t.Errorf("%s: no %q", language, part)
			}
		}
	}
}

func TestAPageOfManyFindingsSaysHowManyItLeavesOut(t *testing.T) {
	b := foreignBook()
	for i := range b.Entries {
		b.Entries[i].ApprovedBy = b.Entries[i].EnteredBy
	}
	foreign, err := audit.NewForeign(b)
	must(t, err)
	a, err := audit.New(foreign.Sources(), rules.L21SamePerson())
	must(t, err)
	run, err := a.Run(t.Context(), audit.Engagement{By: "x", Clock: func() time.Time { return time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC) }, MostFindings: 15})
	must(t, err)
	var out bytes.Buffer
	must(t, report.HTML(&out, run, report.Options{Language: audit.English, MostFindings: 4}))
	if n := strings.Count(out.String(), "<article"); n != 4 || !strings.Contains(out.String(), "11 more are not shown here") || !strings.Contains(out.String(), "20 in all; the 5 beyond") {
		t.Errorf("%d findings are shown", n)
	}
}

func TestARunWithoutFindingsHasItsPageToo(t *testing.T) {
	a, err := audit.New(nil, rules.Default()...)
	must(t, err)
	run, err := a.Run(t.Context(), audit.Engagement{By: "x", Clock: func() time.Time { return time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC) }, Scope: audit.Scope{From: 202501}})
	must(t, err)
	var out bytes.Buffer
	must(t, report.HTML(&out, run, report.Options{Language: audit.English}))
	for _, part := range []string{"None.", "not run: source entries of the books absent", "2025-01", "<b>14</b>Rules not completed"} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("no %q", part)
		}
	}
	if strings.Contains(out.String(), "<svg") {
		t.Error("an empty chart")
	}
}

// A run that was read from a file may have findings of a rule of which it says nothing.
func TestAFindingOfAnUnknownRuleStandsInTheTable(t *testing.T) {
	run := sampleRun(t)
	run.Findings[0].Rule = "Z99"
	var table bytes.Buffer
	must(t, report.CSV(&table, run, report.Options{}))
	if !strings.Contains(table.String(), "\n"+run.Findings[0].ID+",Z99,") {
		t.Error("it is left out")
	}
	page(t, run, report.Options{}) // and the page is made
}
