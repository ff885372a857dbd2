package report

import (
	_ "embed" // the page
	"html/template"
)

//go:embed page.html.tmpl
var pageText string

// page is parsed when the program starts; a page that does not parse is found by every test.
var page = template.Must(template.New("page").Parse(pageText))
