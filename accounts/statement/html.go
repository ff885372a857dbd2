package statement

import (
	"html/template"
	"io"
)

var pages = template.Must(template.New("pages").Funcs(template.FuncMap{
	"indent": func(row TableRow, column int) int { return at(row.Indent, column) },
	"link":   func(row TableRow, column int) string { return at(row.Links, column) },
	"anchor": func(row TableRow, column int) string { return at(row.Anchors, column) },
}).Parse(`
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
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.red, td.red a { color: #b00000; }
tr.heading td, tr.total td { font-weight: bold; }
a { color: inherit; text-decoration: underline dotted #888; text-underline-offset: .2em; }
:target { background: #fff3c4; }
.state { margin-top: 1em; font: .75em monospace; color: #555; overflow-wrap: anywhere; }
.indent1 { padding-left: 1.5em; } .indent2 { padding-left: 3em; } .indent3 { padding-left: 4.5em; } .indent4 { padding-left: 6em; }
.blocks { margin-top: 2.5em; font-size: .9em; } .blocks details { margin: 0 0 1em; } .blocks summary { font-weight: bold; margin-bottom: .2em; }
.blocks table { table-layout: fixed; } .blocks th:first-child { width: 28%; }
.sheet + .sheet { margin-top: 2.5em; }
@media print {
  body { margin: 0; } thead { display: table-header-group; } tr, .blocks details { break-inside: avoid; } a { text-decoration: none; }
  .blocks, .sheet + .sheet { break-before: page; margin-top: 0; } @page { size: A4; margin: 15mm; }
}
</style>
</head>
<body>
{{end}}

{{- define "rows"}}<thead><tr>{{range .Columns}}<th>{{.Label}}</th>{{end}}</tr></thead>
<tbody>
{{range $row := .Rows}}<tr{{with $row.Style}} class="{{.}}"{{end}}{{with $row.ID}} data-id="{{.}}"{{end}}>{{range $i, $cell := $row.Cells}}{{$column := index $.Columns $i}}<td
{{- with anchor $row $i}} id="{{.}}"{{end}}
{{- if $column.Numeric}} class="number{{if and $cell (eq (slice $cell 0 1) "-")}} red{{end}}"{{else}} class="indent{{indent $row $i}}"{{end}}>
{{- with link $row $i}}<a href="{{.}}">{{$cell}}</a>{{else}}{{$cell}}{{end}}</td>{{end}}</tr>
{{end}}</tbody>
{{end}}

{{- define "sheet"}}<section class="sheet"{{with .Anchor}} id="{{.}}"{{end}}>
<h1>{{.Title}}</h1>
<div class="caption">{{range .Caption}}<span>{{.}}</span>{{end}}</div>
<table>
{{template "rows" .}}</table>
<div class="footer">{{range .Footer}}<span>{{.}}</span>{{end}}</div>
{{with .State}}<div class="state">{{.}}</div>
{{end}}</section>
{{with .Blocks}}<section class="blocks">
<h2>{{$.BlocksTitle}}</h2>
{{range .}}<details open id="{{.ID}}">
<summary>{{.Title}}</summary>
<table>
{{template "rows" .}}</table>
</details>
{{end}}</section>
{{end}}{{end}}

{{- define "foot"}}</body>
</html>
{{end}}`))

// at returns the element of a column, or the zero value where the row has none.
func at[T any](list []T, column int) (element T) {
	if column < len(list) {
		element = list[column]
	}
	return element
}

// BlocksTitle heads the blocks.
func (t *Table) BlocksTitle() string {
	return t.Language.label("数据构成", "What the figures are made of")
}

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
