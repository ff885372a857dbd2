package printing_test

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts/voucher"
	"github.com/fundledger/fundledger/accounts/voucher/printing"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (−) and result (+) differ:\n%s", path, diff)
	}
}

func line(side ledger.Side, amount money.Amount, path ...string) printing.Line {
	l := printing.Line{Side: side, Amount: amount, Count: 1}
	for _, name := range path {
		code, rest, _ := strings.Cut(name, " ")
		l.Path = append(l.Path, printing.Account{Code: code, Name: rest})
	}
	return l
}

func sheet(kind voucher.Kind, number int64, summary string, lines ...printing.Line) printing.Sheet {
	return printing.Sheet{
		Book: ledger.BookID{Realm: 1, Number: 1}, Fund: "企业职工基本养老保险基金", Currency: money.MustCurrency("CNY"), Kind: kind, State: voucher.Posted, No: 10 + number,
		Number: ledger.Voucher{Type: "general", Number: number}, Entry: ledger.Seq(20 + number), Leaf: sha256.Sum256([]byte(summary)),
		Effective: calendar.MustDate(2026, 1, 10), Period: 202601, Summary: summary, Lines: lines, Attachments: 2, Source: ledger.Source{Kind: "bank", ID: "20260110-0001"},
		Preparer: "林", Reviewer: "何", Cashier: "楚", Head: "朱", Bookkeeper: "季",
	}
}

// examples are the vouchers of the golden files: one of each kind, in red, on several sheets, not yet posted, withdrawn, very large.
func examples() []printing.Sheet {
	receipt := sheet(voucher.Receipt, 1, "收到企业职工基本养老保险费", line(ledger.Debit, 16800053, "1002 收入户存款"),
		line(ledger.Credit, 16800053, "4001 社会保险费收入", "400101 单位缴费"))
	receipt.Number.Type = "receipt"
	rights := line(ledger.Credit, 5600018, "7001 个人账户权益")
	rights.Count = 128
	receipt.Memorandum = []printing.Line{rights, line(ledger.Debit, 5600018, "7002 个人账户权益对应")}
	payment := sheet(voucher.Payment, 2, "支付基本养老金（2026年1月）", line(ledger.Debit, 6000000, "5001 社会保险待遇支出", "500101 基础养老金"),
		line(ledger.Debit, 2000007, "5001 社会保险待遇支出", "500102 个人账户养老金"), line(ledger.Credit, 8000007, "1004 支出户存款"))
	payment.Number.Type = "payment"
	red := sheet(voucher.Receipt, 3, "注销2026年1月10日收字第1号凭证", line(ledger.Debit, -16800053, "1002 收入户存款"), line(ledger.Credit, -16800053, "4001 社会保险费收入", "400101 单位缴费"))
	red.Attachments, red.Reverses = 0, 21
	transfer := sheet(voucher.Transfer, 4, "待核实款项确认为保险费", line(ledger.Debit, 10000000000001, "2001 暂收款", "200103 待核实款项"),
		line(ledger.Credit, 10000000000001, "4001 社会保险费收入", "400101 单位缴费"))
	transfer.Number.Type = "transfer"
	difference := sheet(voucher.Transfer, 5, "更正科目：补助与缴费互换", line(ledger.Debit, 50, "5001 社会保险待遇支出"), line(ledger.Debit, -50, "5201 转移支出"))
	var many []printing.Line
	for i := range 20 {
		many = append(many, line(ledger.Debit, money.Amount(100+i), "5001 社会保险待遇支出", fmt.Sprintf("5001%02d 明细%d", i, i+1)))
	}
	many = append(many, line(ledger.Credit, 2190, "1004 支出户存款"))
	long := sheet(voucher.Payment, 6, "一式多张", many...)
	open := sheet(voucher.Payment, 0, "拨付待遇资金", line(ledger.Debit, 9000000, "1004 支出户存款"), line(ledger.Credit, 9000000, "1003 财政专户存款"))
	open.State, open.Entry, open.Bookkeeper, open.Head = voucher.Reviewed, 0, "", ""
	withdrawn := sheet(voucher.Receipt, 0, "重复填制", line(ledger.Debit, 1, "1002 收入户存款"), line(ledger.Credit, 1, "4201 利息收入"))
	withdrawn.State, withdrawn.Entry, withdrawn.Bookkeeper, withdrawn.Head, withdrawn.Reviewer, withdrawn.Cashier = voucher.Withdrawn, 0, "", "", "", ""
	huge := sheet(voucher.Transfer, 7, strings.Repeat("摘要很长，写满了整个格子，", 12), line(ledger.Debit, money.MaxAmount, "1201 债券投资", "120101 "+strings.Repeat("名称很长的科目", 6)),
		line(ledger.Credit, money.MaxAmount, "4201 利息收入", "420102 债券利息"))
	memo := sheet(voucher.Memorandum, 0, "个人账户记账利息")
	memo.Number, memo.Memorandum, memo.Attachments = ledger.Voucher{}, []printing.Line{rights, line(ledger.Debit, 5600018, "7002 个人账户权益对应")}, 0
	return []printing.Sheet{receipt, payment, red, transfer, difference, long, open, withdrawn, huge, memo}
}

func all(sheets ...printing.Sheet) iter.Seq2[printing.Sheet, error] {
	return func(yield func(printing.Sheet, error) bool) {
		for _, s := range sheets {
			if !yield(s, nil) {
				return
			}
		}
	}
}

func html(t *testing.T, layout printing.Layout, sheets ...printing.Sheet) string {
	t.Helper()
	var out bytes.Buffer
	if err := printing.WriteHTML(&out, all(sheets...), layout); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func text(t *testing.T, layout printing.Layout, sheets ...printing.Sheet) string {
	t.Helper()
	var out bytes.Buffer
	if err := printing.WriteCSV(&out, all(sheets...), layout); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestVouchersArePrintedAsTheGoldenFilesShow(t *testing.T) {
	english := printing.Layout{Language: printing.English, Figures: printing.Plain, Unit: "Social insurance centre of X", Rows: 7}
	chinese := printing.Layout{Unit: "某市社会保险基金管理中心"}
	golden(t, "vouchers.zh.html", html(t, chinese, examples()...))
	golden(t, "vouchers.en.html", html(t, english, examples()...))
	golden(t, "vouchers.zh.csv", text(t, chinese, examples()...))
	golden(t, "vouchers.en.csv", text(t, english, examples()...))
	for range 3 {
		golden(t, "vouchers.zh.html", html(t, chinese, examples()...)) // the same vouchers, the same bytes
	}
}
