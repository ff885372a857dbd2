package statement

import (
	"html/template"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

var pages = template.Must(template.New("pages").Funcs(template.FuncMap{"body": body, "blocks": blocksTitle}).Parse(`
{{- define "head"}}<!DOCTYPE html>
<html lang="{{if eq .Language "en"}}en{{else}}zh{{end}}">
<head>
<meta charset="utf-8">
<title>{{.Title}}</title>
<style>
body { font-family: "Songti SC", "SimSun", serif; margin: 2em; color: #000; }
h1 { font-size: 1.3em; text-align: center; margin: 0 0 .4em; }
h2 { font-size: 1.1em; margin: 0 0 .4em; }
.caption, .footer { display: flex; justify-content: space-between; gap: 2em; margin: .4em 0; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid #000; padding: .2em .5em; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number, td.line { white-space: nowrap; }
td.red, td.red a { color: #b00000; }
tr.heading td, tr.total td { font-weight: bold; }
a { color: inherit; text-decoration: underline dotted #888; text-underline-offset: .2em; }
:target { background: #fff3c4; }
.state { margin-top: 1em; font: .75em monospace; color: #555; overflow-wrap: anywhere; }
.indent1 { padding-left: 1.5em; } .indent2 { padding-left: 3em; } .indent3 { padding-left: 4.5em; } .indent4 { padding-left: 6em; }
.blocks { margin-top: 2.5em; font-size: .9em; } .blocks details { margin: 0 0 1em; } .blocks summary { font-weight: bold; margin-bottom: .2em; }
.blocks table { table-layout: fixed; } .blocks th + th { width: 9em; } .blocks .many th + th { width: 9%; }
.sheet + .sheet { margin-top: 2.5em; }
@media print {
  body { margin: 0; } thead { display: table-header-group; } tr, .blocks details { break-inside: avoid; } a { text-decoration: none; }
  .blocks, .sheet + .sheet { break-before: page; margin-top: 0; } @page { size: A4; margin: 15mm; }
}
</style>
</head>
<body>
{{end}}

{{- define "sheet"}}<section class="sheet"{{with .Anchor}} id="{{.}}"{{end}}>
<h1>{{.Title}}</h1>
<div class="caption">{{range .Caption}}<span>{{.}}</span>{{end}}</div>
<table>
{{body .Columns .Rows}}</table>
<div class="footer">{{range .Footer}}<span>{{.}}</span>{{end}}</div>
{{with .State}}<div class="state">{{.}}</div>
{{end}}</section>
{{with .Blocks}}<section class="blocks">
<h2>{{blocks $.Language}}</h2>
{{range .}}<details open id="{{.ID}}">
<summary>{{.Title}}</summary>
<table{{if gt (len .Columns) 4}} class="many"{{end}}>
{{body .Columns .Rows}}</table>
</details>
{{end}}</section>
{{end}}{{end}}

{{- define "foot"}}</body>
</html>
{{end}}`))

// body writes labels and rows as HTML. The page's template is too slow for the lines of a ledger, so that this is Go: everything that is text goes through escape,
// every address through safeLink.
func body(columns []TableColumn, rows []TableRow) template.HTML {
	var out strings.Builder
	out.WriteString("<thead><tr>")
	for _, c := range columns {
		tag(&out, "<th>", c.Label, "</th>")
	}
	out.WriteString("</tr></thead>\n<tbody>\n")
	for i := range rows {
		row := &rows[i]
		out.WriteString("<tr")
		attribute(&out, "class", row.Style)
		attribute(&out, "data-id", row.ID)
		out.WriteString(">")
		for column, cell := range row.Cells {
			cellHTML(&out, row, column, cell, columns[column])
		}
		out.WriteString("</tr>\n")
	}
	out.WriteString("</tbody>\n")
	return template.HTML(out.String())
}

func cellHTML(out *strings.Builder, row *TableRow, column int, cell string, of TableColumn) {
	out.WriteString("<td")
	attribute(out, "id", at(row.Anchors, column))
	switch {
	case of.Numeric && strings.HasPrefix(cell, "-"):
		out.WriteString(` class="number red"`)
	case of.Numeric:
		out.WriteString(` class="number"`)
	case of.OneLine:
		out.WriteString(` class="line"`)
	default:
		out.WriteString(` class="indent` + strconv.Itoa(at(row.Indent, column)) + `"`)
	}
	out.WriteString(">")
	if link := at(row.Links, column); link != "" {
		out.WriteString("<a")
		attribute(out, "href", safeLink(link))
		tag(out, ">", cell, "</a>")
	} else {
		out.WriteString(escape(cell))
	}
	out.WriteString("</td>")
}

// attribute writes an attribute, or nothing where it is empty.
func attribute(out *strings.Builder, name, value string) {
	if value != "" {
		out.WriteString(" " + name + `="` + escape(value) + `"`)
	}
}

func tag(out *strings.Builder, open, text, end string) {
	out.WriteString(open)
	out.WriteString(escape(text))
	out.WriteString(end)
}

// escape makes text harmless in HTML, in quoted attributes too.
func escape(text string) string { return template.HTMLEscapeString(text) }

// safeLink returns an address that leads to a document: one that could run something, or that is none, leads nowhere.
func safeLink(link string) string {
	address, err := url.Parse(link)
	if err != nil || !slices.Contains([]string{"", "http", "https", "file"}, strings.ToLower(address.Scheme)) {
		return "#"
	}
	return address.String()
}

// at returns the element of a column, or the zero value where the row has none.
func at[T any](list []T, column int) (element T) {
	if column < len(list) {
		element = list[column]
	}
	return element
}

// blocksTitle heads the blocks.
func blocksTitle(l Language) string { return l.label("数据构成", "What the figures are made of") }

// HTML writes the table as a page of its own, with a style sheet for the screen and for paper, where the blocks begin on a new sheet. It needs no script. Equal
// tables give equal bytes.
func (t *Table) HTML(w io.Writer) error { return t.HTMLWith(w) }

// HTMLWith is HTML with detail ledgers after the table on the same page, so that links of the form LedgerAnchor lead to them. Their lines are written as they are
// read. After an error what was written is no page: throw it away.
func (t *Table) HTMLWith(w io.Writer, details ...*Detail) error {
	if err := pages.ExecuteTemplate(w, "head", t); err != nil {
		return err
	}
	if err := pages.ExecuteTemplate(w, "sheet", t); err != nil {
		return err
	}
	for _, d := range details {
		if err := d.sheets(w); err != nil {
			return err
		}
	}
	return pages.ExecuteTemplate(w, "foot", t)
}
