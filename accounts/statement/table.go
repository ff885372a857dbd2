package statement

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/accounts"
)

// Language chooses the labels of a table.
type Language string

// The languages.
const (
	Chinese Language = "zh"
	English Language = "en"
	Both    Language = "both" // Chinese, then English
)

func (l Language) label(zh, en string) string {
	switch l {
	case English:
		return en
	case Both:
		return zh + " " + en
	}
	return zh
}

// Table is a printable page: a statement, a trial balance or a page of a ledger.
type Table struct {
	Language Language
	Title    string
	Caption  []string // lines above the table: unit, day, fund
	Columns  []TableColumn
	Rows     []TableRow
	Footer   []string // lines below the table: who signs
	State    string   // the state of the book, below everything
	Anchor   string   // the name under which links find the table; may be empty
	Blocks   []Block  // where the figures come from, printed after the table; CSV leaves them out
}

// TableColumn is a column of a table.
type TableColumn struct {
	Label   string
	Numeric bool // amounts, set to the right
	OneLine bool // dates and numbers of vouchers, never broken
}

// TableRow is a row of a table, with one text for every column. Slices other than Cells may be nil.
type TableRow struct {
	ID      string // row id or account id; may be empty
	Style   string // heading, total, or empty
	Cells   []string
	Indent  []int    // for every column, the depth of its label
	Links   []string // for every column, the address its text leads to, or empty
	Anchors []string // for every column, the name under which links find it, or empty
}

// Block shows what figures of a table are made of (数据构成).
type Block struct {
	ID      string // the name under which links find it
	Title   string
	Columns []TableColumn
	Rows    []TableRow
}

// CSV writes the table in RFC 4180 form with line feeds: one line of labels, then the rows, without title and caption. A text that a spreadsheet would take for
// a formula gets an apostrophe before it; numbers are written plain.
func (t *Table) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	if err := t.csvLabels(out); err != nil {
		return err
	}
	if err := t.csvRows(out); err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

func (t *Table) csvLabels(out *csv.Writer) error {
	labels := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		labels[i] = guarded(c.Label)
	}
	return out.Write(labels)
}

func (t *Table) csvRows(out *csv.Writer) error {
	for _, row := range t.Rows {
		cells := make([]string, len(t.Columns))
		for i, c := range t.Columns {
			if cells[i] = row.Cells[i]; c.Numeric {
				cells[i] = strings.ReplaceAll(cells[i], ",", "")
			} else {
				cells[i] = guarded(cells[i])
			}
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	return nil
}

// guarded keeps a spreadsheet from running a text as a formula.
func guarded(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n|", rune(text[0])) {
		return "'" + text
	}
	return text
}

// Heading is what a printed table says about its origin and who answers for it (会计基础工作规范 69).
type Heading struct {
	Language Language
	Agency   string // 编制单位
	State    State  // the state of the book that was read; the zero State where there is none
	Signers  Signers
}

// Signers are the persons who sign. An empty name leaves room for a signature by hand.
type Signers struct {
	Head       string // 单位负责人
	Accounting string // 会计机构负责人 (会计主管)
	Reviewed   string // 复核
	Prepared   string // 制表
}

// footer returns the lines of signature below a statement or a book.
func (h Heading) footer() []string {
	l := h.Language
	return []string{l.label("单位负责人：", "head of the unit: ") + h.Signers.Head, l.label("会计机构负责人：", "head of accounting: ") + h.Signers.Accounting,
		l.label("复核：", "reviewed by: ") + h.Signers.Reviewed, l.label("制表：", "prepared by: ") + h.Signers.Prepared}
}

// bookFooter returns the lines of signature below a page of a book.
func (h Heading) bookFooter() []string {
	l := h.Language
	return []string{l.label("会计主管：", "head of accounting: ") + h.Signers.Accounting, l.label("复核：", "reviewed by: ") + h.Signers.Reviewed,
		l.label("记账：", "posted by: ") + h.Signers.Prepared}
}

// Table lays the statement out as its form is printed: a balance sheet in two halves side by side, a statement of income and expenditure in one column of rows.
func (s *Statement) Table(h Heading) *Table { return s.table(h, false) }

// table lays the statement out; where linked, its figures lead to their compositions.
func (s *Statement) table(h Heading, linked bool) *Table {
	t := &Table{Language: h.Language, State: h.State.Text(h.Language), Footer: h.footer(), Title: h.Language.label(s.FundZH+s.ZH, s.FundEN+": "+s.EN)}
	day := fmt.Sprintf("%d年%d月%d日", s.Day.Year(), s.Day.MonthOfYear(), s.Day.Day())
	english := s.Day.String()
	if s.Kind == accounts.IncomeExpenditure {
		day, english = fmt.Sprintf("%d年%d月", s.Day.Year(), s.Day.MonthOfYear()), s.Day.Month().String()
		if s.Request.Annual {
			day, english = fmt.Sprintf("%d年度", s.Day.Year()), fmt.Sprintf("year %d", s.Day.Year())
		}
	}
	t.Caption = []string{h.Language.label("编制单位："+h.Agency, "unit: "+h.Agency), h.Language.label(day, english), s.Number,
		h.Language.label("单位："+s.Unit, "amounts in "+s.Money.Code())}
	if s.Kind == accounts.BalanceSheet {
		s.halves(t, linked)
	} else {
		t.Columns = s.columns(t.Columns, h.Language.label("项目", "item"), h.Language)
		for i := range s.Rows {
			t.Rows = append(t.Rows, s.tableRow(&s.Rows[i], h.Language, linked))
		}
	}
	return t
}

func (s *Statement) columns(columns []TableColumn, label string, l Language) []TableColumn {
	columns = append(columns, TableColumn{Label: label})
	for _, c := range s.Columns {
		columns = append(columns, TableColumn{Label: l.label(c.ZH, c.EN), Numeric: true})
	}
	return columns
}

func (s *Statement) tableRow(r *Row, l Language, linked bool) TableRow {
	out := TableRow{ID: r.ID, Cells: []string{l.label(r.ZH, r.EN)}, Indent: []int{r.Indent}}
	switch {
	case r.Heading:
		out.Style = "heading"
	case r.Indent == 0:
		out.Style = "total"
	}
	var links, anchors = []string{""}, []string{""}
	for i, column := range s.Columns {
		text, link, anchor := "", "", ""
		if !r.Heading && !r.Cells[i].Blank {
			text, link, anchor = s.Money.Format(r.Cells[i].Amount), "#"+blockID(r.ID), figureID(r.ID, column.ID)
		}
		out.Cells, out.Indent = append(out.Cells, text), append(out.Indent, 0)
		links, anchors = append(links, link), append(anchors, anchor)
	}
	if linked {
		out.Links, out.Anchors = links, anchors
	}
	return out
}

// halves sets the left rows of a balance sheet beside the right ones; the last rows of both halves, the totals, stand on one line.
func (s *Statement) halves(t *Table, linked bool) {
	l := t.Language
	t.Columns = s.columns(t.Columns, l.label("资产", "assets"), l)
	t.Columns = s.columns(t.Columns, l.label("负债与净资产", "liabilities and net assets"), l)
	var left, right []TableRow
	for i := range s.Rows {
		if s.Rows[i].Side == "left" {
			left = append(left, s.tableRow(&s.Rows[i], l, linked))
		} else {
			right = append(right, s.tableRow(&s.Rows[i], l, linked))
		}
	}
	height := max(len(left), len(right))
	empty := TableRow{Cells: make([]string, 1+len(s.Columns)), Indent: make([]int, 1+len(s.Columns))}
	if linked {
		empty.Links, empty.Anchors = empty.Cells, empty.Cells
	}
	at := func(half []TableRow, i int) TableRow {
		switch {
		case i == height-1:
			return half[len(half)-1]
		case i < len(half)-1:
			return half[i]
		}
		return empty
	}
	for i := range height {
		a, b := at(left, i), at(right, i)
		row := TableRow{ID: strings.TrimSpace(a.ID + " " + b.ID), Cells: slices.Concat(a.Cells, b.Cells), Indent: slices.Concat(a.Indent, b.Indent),
			Links: slices.Concat(a.Links, b.Links), Anchors: slices.Concat(a.Anchors, b.Anchors)}
		if i == height-1 {
			row.Style = "total"
		}
		t.Rows = append(t.Rows, row)
	}
}
