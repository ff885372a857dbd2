package reconcile

import (
	"fmt"
	"html/template"
	"io"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/ledger/money"
)

// Language is that of a paper.
type Language string

// The languages.
const (
	Chinese Language = "zh"
	English Language = "en"
)

// words holds what a paper says, by language.
var words = map[Language]map[string]string{
	English: {
		"lang": "en", "title": "Bank reconciliation", "book": "Book", "account": "Account", "days": "Days", "as known after entry": "As known after entry",
		"root": "root", "statement": "Statement", "verdict clean": "Every line has its counterpart, and the balances agree.",
		"verdict explained":   "The balances differ, and the open items below explain the whole difference.",
		"verdict unexplained": "The balances differ by more than the open items below explain.",
		"verdict wrong":       "The bank's statement is wrong in itself: nothing can be concluded from it.",
		"bank":                "Balance of the bank's statement", "book debits": "plus: in the books, not yet at the bank (in)", "book credits": "less: in the books, not yet at the bank (out)",
		"adjusted": "Adjusted balance", "books": "Balance of the books", "bank credits": "plus: at the bank, not in the books (in)",
		"bank debits": "less: at the bank, not in the books (out)", "unexplained": "Unexplained difference", "open": "Open items", "none": "none",
		"class": "What it is", "date": "Date", "age": "Age, days", "amount": "Amount", "reference": "Reference", "text": "Text", "do": "What to do",
		"matched": "Matched", "rule": "How", "bank lines": "bank lines", "book lines": "book lines", "inconsistent": "The bank's statement is wrong in itself",
		"prepared": "Prepared by", "reviewed": "Reviewed by", "signed": "Date",
		"voucher": "voucher %d, entry %d",
	},
	Chinese: {
		"lang": "zh-CN", "title": "银行存款余额调节表", "book": "账套", "account": "科目", "days": "期间", "as known after entry": "截至分录",
		"root": "根", "statement": "对账单", "verdict clean": "逐笔相符，余额一致。", "verdict explained": "余额不一致，下列未达账项已说明全部差额。",
		"verdict unexplained": "余额不一致，且下列未达账项不能说明全部差额。", "verdict wrong": "对账单自身不符，不能据以对账。",
		"bank": "银行对账单余额", "book debits": "加：单位已收、银行未收", "book credits": "减：单位已付、银行未付", "adjusted": "调节后余额", "books": "单位银行存款账面余额",
		"bank credits": "加：银行已收、单位未收", "bank debits": "减：银行已付、单位未付", "unexplained": "未查明差额", "open": "未达账项", "none": "无",
		"class": "性质", "date": "日期", "age": "账龄（天）", "amount": "金额", "reference": "凭证或流水号", "text": "摘要", "do": "处理",
		"matched": "已勾对", "rule": "方式", "bank lines": "银行笔数", "book lines": "账面笔数", "inconsistent": "对账单自身不符",
		"prepared": "编制", "reviewed": "复核", "signed": "日期",
		"voucher": "记账凭证 %d 号，分录 %d",
	},
}

// classes says in plain words what an open item is, and what to do about it.
var classes = map[Language]map[bank.OpenClass][2]string{
	English: {
		bank.BankCreditNotInBooks: {"money came in at the bank and is not in the books", "find out whose it is; book it as a premium, or as a receipt to be identified"},
		bank.BankDebitNotInBooks:  {"money left the bank and is not in the books", "ask the bank for the advice; book it, or have it returned if nobody ordered it"},
		bank.BookDebitNotInBank:   {"the books say money came in that the bank does not show", "look for it on the next statement; if it never arrives, reverse the entry"},
		bank.BookCreditNotInBank:  {"the books say money was paid that the bank does not show", "look for it on the next statement; if the order was refused, reverse the entry"},
	},
	Chinese: {
		bank.BankCreditNotInBooks: {bank.BankCreditNotInBooks.Chinese(), "查明来源，作保险费收入或暂收款入账"},
		bank.BankDebitNotInBooks:  {bank.BankDebitNotInBooks.Chinese(), "向银行索取回单入账；无支付指令的，要求退回"},
		bank.BookDebitNotInBank:   {bank.BookDebitNotInBank.Chinese(), "核对下期对账单；确未到账的，冲销该凭证"},
		bank.BookCreditNotInBank:  {bank.BookCreditNotInBank.Chinese(), "核对下期对账单；支付未成功的，冲销该凭证"},
	},
}

// rules says how a pair was found.
var rules = map[Language]map[bank.MatchRule]string{
	English: {bank.ByReference: "same reference", bank.ByGroup: "one reference, same total", bank.ByAmountDate: "same amount, dates near each other",
		bank.ByManyBooks: "several in the books add up to one at the bank", bank.ByManyBanks: "several at the bank add up to one in the books"},
	Chinese: {bank.ByReference: "流水号相同", bank.ByGroup: "同一流水号合计相等", bank.ByAmountDate: "金额相同、日期相近",
		bank.ByManyBooks: "一笔对多笔", bank.ByManyBanks: "多笔对一笔"},
}

// Verdict says in one sentence how it stands.
func (p *Paper) Verdict(language Language) string {
	w := words[language]
	switch {
	case len(p.Inconsistent) > 0:
		return w["verdict wrong"]
	case !p.Result.Adjusted.Agrees():
		return w["verdict unexplained"]
	case len(p.Result.Open) > 0:
		return w["verdict explained"]
	}
	return w["verdict clean"]
}

// Explain says what an open item is and what to do about it.
func Explain(class bank.OpenClass, language Language) (what, do string) {
	text := classes[language][class]
	return text[0], text[1]
}

// page is what the template reads.
type page struct {
	*Paper
	Words    map[string]string
	Language Language
}

func (p page) Format(a money.Amount) string     { return p.Book.Currency.Format(a) }
func (p page) Word(key string) string           { return p.Words[key] }
func (p page) What(class bank.OpenClass) string { return classes[p.Language][class][0] }
func (p page) Do(class bank.OpenClass) string   { return classes[p.Language][class][1] }
func (p page) How(rule bank.MatchRule) string   { return rules[p.Language][rule] }
func (p page) RootText() string                 { return fmt.Sprintf("%x", p.Root[:8]) }
func (p page) Title() string {
	if p.Language == Chinese {
		return p.Result.Adjusted.Title()
	}
	return p.Words["title"]
}

var pageTemplate = template.Must(template.New("paper").Parse(`<!DOCTYPE html>
<html lang="{{.Word "lang"}}"><head><meta charset="utf-8"><title>{{.Title}} {{.Book.Code}} {{.To}}</title>
<style>
body{font:15px/1.5 "Noto Sans SC","Source Han Sans SC","Microsoft YaHei",system-ui,sans-serif;color:#1a1a1a;max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0 0 .3rem}h2{font-size:1.1rem;margin:1.6rem 0 .4rem}
.facts{color:#555;font-size:.9rem}.verdict{font-weight:600;padding:.6rem .8rem;border-left:4px solid #2b7a3d;background:#eef7f0;margin:1rem 0}
.verdict.open{border-color:#b7791f;background:#fdf6e7}.verdict.bad{border-color:#b3261e;background:#fdeeed}
table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #d8d8d8;padding:.35rem .5rem;text-align:left;vertical-align:top}
th{font-weight:600;background:#f6f6f6}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}.d{white-space:nowrap}tr.sum td{font-weight:600;border-top:2px solid #444}
.two{display:grid;grid-template-columns:1fr 1fr;gap:1.5rem}.do{color:#555;font-size:.88rem}.sign{margin-top:2.5rem;display:flex;gap:4rem}
@media print{body{margin:0;max-width:none;font-size:11pt}h2{break-after:avoid}tr{break-inside:avoid}}
@page{size:A4;margin:18mm}
</style></head><body>
<h1>{{.Title}}</h1>
<p class="facts">{{.Word "book"}} {{.Book.ID}} {{.Book.Code}} {{.Book.Name}} · {{.Word "account"}} {{.Account.Code}} {{.Account.Name}} · {{.Word "days"}} {{.From}} – {{.To}} ·
{{.Word "statement"}} {{.Statement.ID}} · {{.Word "as known after entry"}} {{.Seq}}, {{.Word "root"}} {{.RootText}}</p>
{{$a := .Result.Adjusted}}
<p class="verdict{{if or .Inconsistent (not $a.Agrees)}} bad{{else if .Result.Open}} open{{end}}">{{.Verdict .Language}}</p>
{{with .Inconsistent}}<h2>{{$.Word "inconsistent"}}</h2><ul>{{range .}}<li>{{.}}</li>{{end}}</ul>{{end}}
<div class="two">
<table>
<tr><td>{{.Word "bank"}}</td><td class="n">{{.Format $a.BankBalance}}</td></tr>
<tr><td>{{.Word "book debits"}}</td><td class="n">{{.Format $a.BookDebits}}</td></tr>
<tr><td>{{.Word "book credits"}}</td><td class="n">{{.Format $a.BookCredits}}</td></tr>
<tr class="sum"><td>{{.Word "adjusted"}}</td><td class="n">{{.Format $a.AdjustedBank}}</td></tr>
</table>
<table>
<tr><td>{{.Word "books"}}</td><td class="n">{{.Format $a.BookBalance}}</td></tr>
<tr><td>{{.Word "bank credits"}}</td><td class="n">{{.Format $a.BankCredits}}</td></tr>
<tr><td>{{.Word "bank debits"}}</td><td class="n">{{.Format $a.BankDebits}}</td></tr>
<tr class="sum"><td>{{.Word "adjusted"}}</td><td class="n">{{.Format $a.AdjustedBook}}</td></tr>
</table>
</div>
{{if not $a.Agrees}}<p><b>{{.Word "unexplained"}}: {{.Format $a.Unexplained}} {{.Book.Currency}}</b></p>{{end}}
<h2>{{.Word "open"}} ({{len .Result.Open}})</h2>
{{if .Result.Open}}<table>
<tr><th>{{.Word "class"}}</th><th>{{.Word "date"}}</th><th class="n">{{.Word "age"}}</th><th class="n">{{.Word "amount"}}</th><th>{{.Word "reference"}}</th><th>{{.Word "text"}}</th></tr>
{{range .Items .Language}}<tr><td>{{$.What .Class}}<div class="do">{{$.Do .Class}}</div></td><td class="d">{{.Date}}</td><td class="n">{{.Age}}</td><td class="n">{{$.Format .Amount}}</td>
<td>{{.Reference}}</td><td>{{.Text}}{{with .Lead}}<div class="do">{{.}}</div>{{end}}</td></tr>
{{end}}</table>{{else}}<p>{{.Word "none"}}</p>{{end}}
<h2>{{.Word "matched"}} ({{len .Result.Matches}})</h2>
<table><tr><th>{{.Word "rule"}}</th><th class="n">{{.Word "bank lines"}}</th><th class="n">{{.Word "book lines"}}</th><th class="n">{{.Word "amount"}}</th><th>{{.Word "reference"}}</th></tr>
{{range .Result.Matches}}<tr><td>{{$.How .Rule}}</td><td class="n">{{len .Bank}}</td><td class="n">{{len .Book}}</td><td class="n">{{$.Format .Total}}</td><td>{{.Reference}}</td></tr>
{{end}}</table>
<div class="sign"><span>{{.Word "prepared"}}：________</span><span>{{.Word "reviewed"}}：________</span><span>{{.Word "signed"}}：________</span></div>
</body></html>
`))

// WriteHTML writes the paper as one self-contained page with a print style sheet. The same paper gives the same bytes.
func (p *Paper) WriteHTML(w io.Writer, language Language) error {
	return pageTemplate.Execute(w, page{Paper: p, Words: words[language], Language: language})
}

// WriteText writes the paper in plain words for a terminal.
func (p *Paper) WriteText(w io.Writer, language Language) error {
	t := words[language]
	out := &textWriter{w: w}
	v := page{Paper: p, Words: t, Language: language}
	out.printf("%s\n%s %v %s, %s %s %s, %v – %v\n\n", v.Title(), t["book"], p.Book.ID, p.Book.Code, t["account"], p.Account.Code, p.Account.Name, p.From, p.To)
	for _, d := range p.Inconsistent {
		out.printf("! %s: %v\n", t["inconsistent"], d)
	}
	a := p.Result.Adjusted
	for _, row := range []struct {
		word   string
		amount money.Amount
	}{{"bank", a.BankBalance}, {"book debits", a.BookDebits}, {"book credits", a.BookCredits}, {"adjusted", a.AdjustedBank}, {"books", a.BookBalance},
		{"bank credits", a.BankCredits}, {"bank debits", a.BankDebits}, {"adjusted", a.AdjustedBook}} {
		out.printf("%18s  %s\n", v.Format(row.amount), t[row.word])
	}
	out.printf("\n%s\n", p.Verdict(language))
	if !a.Agrees() {
		out.printf("%s: %s %s\n", t["unexplained"], v.Format(a.Unexplained), p.Book.Currency)
	}
	for i, item := range p.Items(language) {
		what, do := Explain(item.Class, language)
		out.printf("\n%d. %v  %s %s  %s\n   %s\n   → %s\n", i+1, item.Date, v.Format(item.Amount), p.Book.Currency, item.Reference, what, do)
		if item.Text != "" {
			out.printf("   %q\n", item.Text)
		}
		if item.Lead != "" {
			out.printf("   %s\n", item.Lead)
		}
	}
	return out.err
}

// textWriter keeps the first error, so that a page of print statements has one check.
type textWriter struct {
	w   io.Writer
	err error
}

func (t *textWriter) printf(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.w, format, args...)
	}
}
