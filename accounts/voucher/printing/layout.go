package printing

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/fundledger/fundledger/accounts/voucher"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
)

// Language is the language of what is printed around a voucher's own texts.
type Language string

// The languages.
const (
	Chinese Language = "zh" // the default
	English Language = "en"
)

// Figures says how amounts are written in HTML.
type Figures string

// The ways. Vouchers in another currency than the renminbi have plain figures always.
const (
	Grid  Figures = "grid"  // one cell for each figure, 亿 to 分; the default
	Plain Figures = "plain" // 1,234.50
)

// The lines that fit a sheet of A5.
const (
	DefaultRows = 8
	maxRows     = 9
)

// Layout says how vouchers are printed. Its zero value is usable.
type Layout struct {
	Language Language
	Figures  Figures
	Rows     int    // lines a sheet, 1 to 9; DefaultRows if zero. A voucher with more goes on with 1/3, 2/3, 3/3 (会计基础工作规范 51(二))
	Unit     string // name of the agency that keeps the book (编制单位)

	// Series gives the words of voucher types that are not general, receipt, payment or transfer. A type that is not in it is its own word.
	Series map[string]Series

	// Person turns who signed into what is printed; as it stands if nil. Account does so for the names of accounts.
	Person  func(id string) string
	Account func(code, name string) string

	// ByteOrderMark begins a CSV file with U+FEFF, without which some spreadsheet programs take Chinese text for another encoding.
	ByteOrderMark bool
}

// Series is how a voucher type is called.
type Series struct {
	Word  string // 凭证字, before the number: 记, 收, 付, 转
	Title string // the heading: 记账凭证; the kind's own if empty
}

// LayoutError says that a layout is not right.
type LayoutError struct {
	Field, Detail, Hint string
}

func (e *LayoutError) Error() string {
	return fmt.Sprintf("printing: %s: %s; %s", e.Field, e.Detail, e.Hint)
}

// settled returns the layout with its defaults, or a *LayoutError.
func (l Layout) settled() (Layout, error) {
	if l.Language == "" {
		l.Language = Chinese
	}
	if l.Figures == "" {
		l.Figures = Grid
	}
	if l.Rows == 0 {
		l.Rows = DefaultRows
	}
	switch {
	case l.Language != Chinese && l.Language != English:
		return l, &LayoutError{"language", fmt.Sprintf("%q", l.Language), "use zh or en"}
	case l.Figures != Grid && l.Figures != Plain:
		return l, &LayoutError{"figures", fmt.Sprintf("%q", l.Figures), "use grid or plain"}
	case l.Rows < 1 || l.Rows > maxRows:
		return l, &LayoutError{"rows", fmt.Sprint(l.Rows), fmt.Sprintf("use 1 to %d", maxRows)}
	}
	return l, nil
}

// words are the texts of a language.
type words struct {
	Document                                                       string
	Titles, Words                                                  map[string]string // by voucher type or kind
	Unit, Fund, Period, Attached, Sheets, Summary, General, Detail string
	Debit, Credit, PostedMark, Total, RedTotal, TotalOnLast        string
	Head, Bookkeeper, Cashier, Reviewer, Preparer                  string
	VoucherNo, Book, Entry, Source, Leaf, Memo, MemoLine, Cancels  string
	Number, NumberOpen, Separator, Colon, Semicolon                string
	States                                                         map[voucher.State]string
	Void, NotPosted                                                string
	Columns                                                        []string // of CSV
	DebitShort, CreditShort                                        string
}

var languages = map[Language]*words{
	Chinese: {
		Document: "记账凭证",
		Titles: map[string]string{ledger.VoucherGeneral: "记账凭证", string(voucher.Receipt): "收款凭证", string(voucher.Payment): "付款凭证",
			string(voucher.Transfer): "转账凭证", string(voucher.Memorandum): "备查登记单"},
		Words: map[string]string{ledger.VoucherGeneral: "记", string(voucher.Receipt): "收", string(voucher.Payment): "付", string(voucher.Transfer): "转"},
		Unit:  "编制单位", Fund: "基金", Period: "会计期间", Attached: "附单据", Sheets: "张", Summary: "摘要", General: "总账科目", Detail: "明细科目",
		Debit: "借方金额", Credit: "贷方金额", PostedMark: "记账", Total: "合计", RedTotal: "合计（红字）", TotalOnLast: "合计见末张",
		Head: "会计主管", Bookkeeper: "记账", Cashier: "出纳", Reviewer: "稽核", Preparer: "制单",
		VoucherNo: "制单号", Book: "账套", Entry: "分录", Source: "来源", Leaf: "记录指纹", Memo: "备查", MemoLine: "%s %s %s 元（%d 行）", Cancels: "注销分录",
		Number: "%s字第 %s 号", NumberOpen: "%s字第 ＿＿ 号", Separator: "　", Colon: "：", Semicolon: "；",
		States: map[voucher.State]string{voucher.Drafted: "草稿", voucher.Reviewed: "已复核", voucher.Posted: "已记账", voucher.SentBack: "退回", voucher.Withdrawn: "作废"},
		Void:   "作废", NotPosted: "未记账",
		Columns: []string{"凭证字", "凭证号", "制单号", "日期", "会计期间", "行号", "摘要", "科目编码", "总账科目", "明细科目", "借方金额", "贷方金额", "币种", "附单据数", "制单", "稽核", "出纳",
			"会计主管", "记账", "状态", "分录"},
		DebitShort: "借", CreditShort: "贷",
	},
	English: {
		Document: "Vouchers",
		Titles: map[string]string{ledger.VoucherGeneral: "Accounting voucher", string(voucher.Receipt): "Receipt voucher", string(voucher.Payment): "Payment voucher",
			string(voucher.Transfer): "Transfer voucher", string(voucher.Memorandum): "Memorandum slip"},
		Words: map[string]string{ledger.VoucherGeneral: "G", string(voucher.Receipt): "R", string(voucher.Payment): "P", string(voucher.Transfer): "T"},
		Unit:  "Agency", Fund: "Fund", Period: "Period", Attached: "Originals attached", Sheets: "", Summary: "Summary", General: "Ledger account", Detail: "Detail account",
		Debit: "Debit", Credit: "Credit", PostedMark: "✓", Total: "Total", RedTotal: "Total (red letters)", TotalOnLast: "Total on the last sheet",
		Head: "Head of accounting", Bookkeeper: "Posted by", Cashier: "Cashier", Reviewer: "Reviewed by", Preparer: "Prepared by",
		VoucherNo: "Prepared as", Book: "Book", Entry: "Entry", Source: "Source", Leaf: "Record hash", Memo: "Memorandum", MemoLine: "%s %s %s (lines: %d)",
		Cancels: "Cancels entry",
		Number:  "No. %s %s", NumberOpen: "No. %s ____", Separator: " · ", Colon: ": ", Semicolon: "; ",
		States: map[voucher.State]string{voucher.Drafted: "Draft", voucher.Reviewed: "Reviewed", voucher.Posted: "Posted", voucher.SentBack: "Sent back",
			voucher.Withdrawn: "Withdrawn"},
		Void: "VOID", NotPosted: "not posted",
		Columns: []string{"voucher_type", "voucher_number", "prepared_no", "date", "period", "line", "summary", "account_code", "ledger_account", "detail_account", "debit",
			"credit", "currency", "originals", "prepared_by", "reviewed_by", "cashier", "head", "posted_by", "state", "entry"},
		DebitShort: "Dr", CreditShort: "Cr",
	},
}

func (l *Layout) words() *words { return languages[l.Language] }

// title is the heading: that of the voucher type, or else of the kind by the accounts of money.
func (l *Layout) title(s *Sheet) string {
	w := l.words()
	if title := l.Series[s.Number.Type].Title; title != "" {
		return shown(title)
	}
	if title := w.Titles[s.Number.Type]; title != "" {
		return title
	}
	return w.Titles[string(s.Kind)]
}

// stamp says on a sheet that the voucher is not in the books.
func (l *Layout) stamp(s *Sheet) string {
	w := l.words()
	switch s.State {
	case voucher.Posted:
		return ""
	case voucher.Withdrawn:
		return w.States[s.State]
	}
	return w.States[s.State] + " · " + w.NotPosted
}

// word is the 凭证字.
func (l *Layout) word(kind string) string {
	if word := l.Series[kind].Word; word != "" {
		return shown(word)
	}
	if word := l.words().Words[kind]; word != "" {
		return word
	}
	return shown(kind)
}

// number is the number on a sheet of a voucher: 记字第 5 号, or 记字第 5 2/3 号 on the second of three sheets.
func (l *Layout) number(s *Sheet, sheet, sheets int) string {
	w := l.words()
	part := ""
	if sheets > 1 {
		part = fmt.Sprintf(" %d/%d", sheet, sheets)
	}
	switch {
	case s.Number.Type == "":
		return strings.TrimSpace(part)
	case s.Number.Number == 0:
		return fmt.Sprintf(w.NumberOpen, l.word(s.Number.Type)) + part
	}
	return fmt.Sprintf(w.Number, l.word(s.Number.Type), fmt.Sprint(s.Number.Number)+part)
}

var months = []string{"", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}

func (l *Layout) date(d calendar.Date) string {
	if l.Language == English {
		return fmt.Sprintf("%d %s %d", d.Day(), months[d.MonthOfYear()], d.Year())
	}
	return fmt.Sprintf("%d年%d月%d日", d.Year(), d.MonthOfYear(), d.Day())
}

func (l *Layout) person(id string) string {
	if l.Person != nil && id != "" {
		id = l.Person(id)
	}
	return shown(id)
}

// accountNames are the first level and the rest of a line's path, as number and names.
func (l *Layout) accountNames(path []Account) (general, detail string) {
	names := make([]string, len(path))
	for i, a := range path {
		name := a.Name
		if l.Account != nil {
			name = l.Account(a.Code, a.Name)
		}
		names[i] = shown(name)
	}
	if len(path) == 0 {
		return "", ""
	}
	general = strings.TrimSpace(shown(path[0].Code) + " " + names[0])
	if n := len(path) - 1; n > 0 {
		detail = strings.TrimSpace(shown(path[n].Code) + " " + strings.Join(names[1:], " / "))
	}
	return general, detail
}

// shown replaces what would not be seen as it is: control characters, and those that turn the direction of a text round and so could show another amount or name
// than the record has.
func shown(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(text, string(unicode.ReplacementChar)))
}
