package statement

import (
	"encoding/csv"
	"fmt"
	"html/template"
	"io"
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
}

// TableColumn is a column of a table.
type TableColumn struct {
	Label   string
	Numeric bool
}

// TableRow is a row of a table, with one text for every column.
type TableRow struct {
	ID     string // row id or account id, for links; may be empty
	Style  string // heading, total, or empty
	Cells  []string
	Indent []int // for every column, the depth of its label; may be nil
}

// CSV writes the table in RFC 4180 form with line feeds: one line of labels, then the rows, without title and caption. A text that a spreadsheet would take for
// a formula gets an apostrophe before it; numbers are written plain.
func (t *Table) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	labels := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		labels[i] = guarded(c.Label)
	}
	if err := out.Write(labels); err != nil {
		return err
	}
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
	out.Flush()
	return out.Error()
}

// guarded keeps a spreadsheet from running a text as a formula.
func guarded(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n|", rune(text[0])) {
		return "'" + text
	}
	return text
}

var page = template.Must(template.New("page").Funcs(template.FuncMap{"indent": func(row TableRow, column int) int {
	if row.Indent == nil {
		return 0
	}
	return row.Indent[column]
}}).Parse(`<!DOCTYPE html>
<html lang="{{if eq .Language "en"}}en{{else}}zh{{end}}">
<head>
<meta charset="utf-8">
<title>{{.Title}}</title>
<style>
body { font-family: "Songti SC", "SimSun", serif; margin: 2em; color: #000; }
h1 { font-size: 1.3em; text-align: center; margin: 0 0 .4em; }
.caption, .footer { display: flex; justify-content: space-between; gap: 2em; margin: .4em 0; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid #000; padding: .2em .5em; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.red { color: #b00000; }
tr.heading td, tr.total td { font-weight: bold; }
.state { margin-top: 1em; font: .75em monospace; color: #555; overflow-wrap: anywhere; }
.indent1 { padding-left: 1.5em; } .indent2 { padding-left: 3em; } .indent3 { padding-left: 4.5em; } .indent4 { padding-left: 6em; }
@media print { body { margin: 0; } thead { display: table-header-group; } tr { break-inside: avoid; } @page { size: A4; margin: 15mm; } }
</style>
</head>
<body>
<h1>{{.Title}}</h1>
<div class="caption">{{range .Caption}}<span>{{.}}</span>{{end}}</div>
<table>
<thead><tr>{{range .Columns}}<th>{{.Label}}</th>{{end}}</tr></thead>
<tbody>
{{range $row := .Rows}}<tr{{with $row.Style}} class="{{.}}"{{end}}{{with $row.ID}} data-id="{{.}}"{{end}}>{{range $i, $cell := $row.Cells}}{{$column := index $.Columns $i}}<td
{{- if $column.Numeric}} class="number{{if and $cell (eq (slice $cell 0 1) "-")}} red{{end}}"{{else}} class="indent{{indent $row $i}}"{{end}}>{{$cell}}</td>{{end}}</tr>
{{end}}</tbody>
</table>
<div class="footer">{{range .Footer}}<span>{{.}}</span>{{end}}</div>
{{with .State}}<div class="state">{{.}}</div>
{{end}}</body>
</html>
`))

// HTML writes the table as a page of its own, with a style sheet for the screen and for paper. Equal tables give equal bytes.
func (t *Table) HTML(w io.Writer) error { return page.Execute(w, t) }

// Heading is what a printed table says about its origin.
type Heading struct {
	Language Language
	Agency   string // 编制单位
	State    string // the state of the book that was read, such as its entry number and root; empty for none
}

// Table lays the statement out as its form is printed: a balance sheet in two halves side by side, a statement of income and expenditure in one column of rows.
func (s *Statement) Table(h Heading) *Table {
	t := &Table{Language: h.Language, State: h.State, Title: h.Language.label(s.FundZH+s.ZH, s.FundEN+": "+s.EN)}
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
	t.Footer = []string{h.Language.label("单位负责人：", "head of the unit:"), h.Language.label("会计机构负责人：", "head of accounting:"), h.Language.label("制表：", "prepared by:")}
	if s.Kind == accounts.BalanceSheet {
		s.halves(t)
	} else {
		t.Columns = s.columns(t.Columns, h.Language.label("项目", "item"), h.Language)
		for i := range s.Rows {
			t.Rows = append(t.Rows, s.tableRow(&s.Rows[i], h.Language))
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

func (s *Statement) tableRow(r *Row, l Language) TableRow {
	out := TableRow{ID: r.ID, Cells: []string{l.label(r.ZH, r.EN)}, Indent: []int{r.Indent}}
	switch {
	case r.Heading:
		out.Style = "heading"
	case r.Indent == 0:
		out.Style = "total"
	}
	for i := range s.Columns {
		text := ""
		if !r.Heading && !r.Cells[i].Blank {
			text = s.Money.Format(r.Cells[i].Amount)
		}
		out.Cells, out.Indent = append(out.Cells, text), append(out.Indent, 0)
	}
	return out
}

// halves sets the left rows of a balance sheet beside the right ones; the last rows of both halves, the totals, stand on one line.
func (s *Statement) halves(t *Table) {
	l := t.Language
	t.Columns = s.columns(t.Columns, l.label("资产", "assets"), l)
	t.Columns = s.columns(t.Columns, l.label("负债与净资产", "liabilities and net assets"), l)
	var left, right []TableRow
	for i := range s.Rows {
		if s.Rows[i].Side == "left" {
			left = append(left, s.tableRow(&s.Rows[i], l))
		} else {
			right = append(right, s.tableRow(&s.Rows[i], l))
		}
	}
	height := max(len(left), len(right))
	empty := TableRow{Cells: make([]string, 1+len(s.Columns)), Indent: make([]int, 1+len(s.Columns))}
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
		row := TableRow{ID: strings.TrimSpace(a.ID + " " + b.ID), Cells: append(append([]string{}, a.Cells...), b.Cells...), Indent: append(append([]int{}, a.Indent...), b.Indent...)}
		if i == height-1 {
			row.Style = "total"
		}
		t.Rows = append(t.Rows, row)
	}
}
