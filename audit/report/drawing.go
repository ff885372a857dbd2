package report

import (
	"fmt"
	"html/template"
	"strings"
)

// drawing writes a small SVG picture: bars and words. Every text goes through the HTML escaper.
type drawing struct{ strings.Builder }

func newDrawing(title string, width, height int) *drawing {
	s := &drawing{}
	safe := template.HTMLEscapeString(title)
	class := ""
	if width > chartWidth {
		class = ` class="wide"`
	}
	fmt.Fprintf(s, `<figure%s><figcaption>%s</figcaption><svg viewBox="0 0 %d %d" role="img" aria-label="%s" xmlns="http://www.w3.org/2000/svg">`, class, safe, width, height, safe)
	return s
}

func (s *drawing) bar(x, y, width, height int, b bar) {
	fmt.Fprintf(s, `<rect class="%s" x="%d" y="%d" width="%d" height="%d"><title>%s</title></rect>`,
		template.HTMLEscapeString(b.class), x, y, width, height, template.HTMLEscapeString(strings.TrimSpace(b.label+" "+b.hover+": "+b.text)))
}

func (s *drawing) text(x, y int, anchor, class, text string) {
	fmt.Fprintf(s, `<text class="%s" x="%d" y="%d" text-anchor="%s">%s</text>`, class, x, y, anchor, template.HTMLEscapeString(text))
}

// line draws a base line to the right.
func (s *drawing) line(x, y, length int) {
	fmt.Fprintf(s, `<path class="base" d="M%d %dh%d"/>`, x, y, length)
}

func (s *drawing) end() template.HTML {
	s.WriteString("</svg></figure>")
	return template.HTML(s.String()) //nolint:gosec // every text above is escaped
}
