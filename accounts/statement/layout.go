package statement

import (
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
)

// LedgerAnchor is the address, on a page that holds it, of the detail ledger of an account: a Link for Statement.Traced and TrialBalance.Traced.
func LedgerAnchor(accountID string) string { return "#ledger-" + accountID }

// ledgerLayout lays pages of a ledger out as tables.
type ledgerLayout struct {
	account  accounts.AccountOpening
	fund     accounts.Fund
	year     int
	currency money.Currency
	heading  Heading
	detail   bool // entry, source and hash stand beside each line
	csv      bool // the page's number stands in a column, hashes in full
}

// shortHash is how many digits of a leaf a printed page shows.
const shortHash = 12

func (y ledgerLayout) table(page LedgerPage) *Table {
	l := y.heading.Language
	out := &Table{Language: l, State: y.heading.State.Text(l), Footer: y.heading.bookFooter(), Title: y.account.Code + " " + l.label(y.account.NameZH, y.account.NameEN),
		Caption: []string{l.label("编制单位："+y.heading.Agency, "unit: "+y.heading.Agency), l.label(y.fund.ZH, y.fund.EN), l.label(fmt.Sprintf("%d年", y.year), fmt.Sprint(y.year)),
			l.label("单位：元", "amounts in "+y.currency.Code()), l.label(fmt.Sprintf("第%d页", page.Number), fmt.Sprintf("page %d", page.Number))}}
	if y.detail && page.Number == 1 {
		out.Anchor = LedgerAnchor(y.account.ID)[1:]
	}
	if y.csv {
		out.Columns = append(out.Columns, TableColumn{Label: l.label("页", "page")})
	}
	out.Columns = append(out.Columns, []TableColumn{{Label: l.label("日期", "date"), OneLine: true}, {Label: l.label("凭证号", "voucher"), OneLine: true}, {Label: l.label("摘要", "summary")},
		{Label: l.label("借方", "debit"), Numeric: true}, {Label: l.label("贷方", "credit"), Numeric: true}, {Label: l.label("借或贷", "side")},
		{Label: l.label("余额", "balance"), Numeric: true}}...)
	if y.detail {
		out.Columns = append(out.Columns, TableColumn{Label: l.label("分录", "entry")}, TableColumn{Label: l.label("来源", "source")}, TableColumn{Label: l.label("记录指纹", "record hash")})
	}
	for i := range page.Lines {
		out.Rows = append(out.Rows, y.row(page.Number, &page.Lines[i]))
	}
	return out
}

func (y ledgerLayout) row(page int, x *LedgerLine) TableRow {
	f := y.currency.Format
	cells := []string{"", x.Voucher, x.Summary, f(x.Debit), f(x.Credit), Direction(x.Balance), f(x.Balance.Abs())}
	var row TableRow
	if !x.Date.IsZero() {
		cells[0] = x.Date.String()
	}
	if x.Kind != PostedLine {
		row.Style, cells[2] = "total", y.heading.Language.label(string(x.Kind), lineKindsEnglish[x.Kind])
	}
	switch {
	case x.Kind == BroughtFromLastYear, x.Kind == ToNextYear:
		cells[3], cells[4] = "", "" // a balance is carried, nothing moves
	case x.Kind == PostedLine && x.Debit == 0:
		cells[3] = ""
	case x.Kind == PostedLine && x.Credit == 0:
		cells[4] = ""
	}
	if y.csv {
		cells = append([]string{strconv.Itoa(page)}, cells...)
	}
	if y.detail {
		entry, leaf := "", ""
		if x.Entry != 0 {
			entry = strconv.FormatInt(x.Entry, 10)
		}
		if x.Leaf != (seal.Hash{}) {
			if leaf = hex.EncodeToString(x.Leaf[:]); !y.csv {
				leaf = leaf[:shortHash]
			}
		}
		cells = append(cells, entry, x.Source, leaf)
	}
	row.Cells = cells
	return row
}
