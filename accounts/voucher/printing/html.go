package printing

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"iter"
	"strings"
	"unicode"

	"github.com/fundledger/fundledger/accounts/voucher"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/money"
)

//go:embed voucher.gohtml
var templateText string

var templates = template.Must(template.New("voucher").Parse(templateText))

// WriteHTML writes vouchers as one HTML file with a style sheet for print: A5 landscape, a sheet a page. It writes sheet by sheet, so that a year of vouchers
// needs no more memory than one. After an error, of the sheets or of w, what was written is of no use. It returns a *LayoutError for a bad layout, and a
// *money.OverflowError for a voucher whose total no amount can hold.
func WriteHTML(w io.Writer, sheets iter.Seq2[Sheet, error], layout Layout) error {
	layout, err := layout.settled()
	if err != nil {
		return err
	}
	head := struct {
		Language Language
		Title    string
	}{layout.Language, layout.words().Document}
	if err := templates.ExecuteTemplate(w, "head", head); err != nil {
		return err
	}
	for s, err := range sheets {
		if err != nil {
			return err
		}
		pages, err := layout.pages(&s)
		if err != nil {
			return err
		}
		for i := range pages {
			if err := templates.ExecuteTemplate(w, "page", &pages[i]); err != nil {
				return err
			}
		}
	}
	return templates.ExecuteTemplate(w, "foot", nil)
}

// page is what the template needs for one sheet of paper.
type page struct {
	W                               *words
	Title, Unit, Fund, Date, Period string
	Number, State, Void, Attached   string
	Grid                            bool
	Width                           template.CSS // of a cell of the grid
	Height                          template.CSS // of a row
	Labels                          []string     // of the grid's columns
	Small                           bool         // a grid with many columns
	Columns                         int          // columns of one amount
	Rows                            []row
	Summary                         string // of a summary that is too long for each row
	SummarySize, SummaryRows        int
	Blank                           []int        // empty rows
	Strike                          template.CSS // height of the line through them
	TotalLabel                      string
	Capitals                        string
	Debit, Credit                   figure // the total
	Posted                          bool
	Memorandum                      string
	Signatures                      []signature
	Trace                           []pair
}

type row struct {
	Summary, General, Detail string
	Height                   int // how many rows of the sheet it takes
	SummarySize              int // of the texts: 0 normal, 1 small, 2 very small
	GeneralSize, DetailSize  int
	Debit, Credit            figure
}

type signature struct{ Duty, Name string }

type pair struct{ Name, Value string }

// pages breaks a voucher into sheets of paper.
func (l *Layout) pages(s *Sheet) ([]page, error) {
	debit, credit, err := s.Total()
	if err != nil {
		return nil, err
	}
	lines := s.Lines
	if len(lines) == 0 { // a memorandum slip shows its own
		lines = s.Memorandum
		debit, credit = 0, 0
		for _, m := range lines {
			side := &debit
			if m.Side == ledger.Credit {
				side = &credit
			}
			if *side, err = side.Add(m.Amount); err != nil {
				return nil, err
			}
		}
	}
	g := l.figuring(s, lines, debit, credit)
	var pages []page
	for rest := l.rows(s, lines, g); ; {
		n := l.fitting(rest)
		p := l.page(s, g, rest[:n])
		pages = append(pages, p)
		if rest = rest[n:]; len(rest) == 0 {
			break
		}
	}
	for i := range pages {
		l.finish(s, g, &pages[i], i+1, len(pages), debit, credit)
	}
	return pages, nil
}

// fitting is how many of the rows fit one sheet; at least one, if there is any.
func (l *Layout) fitting(rows []row) int {
	used := 0
	for i := range rows {
		if used += rows[i].Height; used > l.Rows && i > 0 {
			return i
		}
	}
	return len(rows)
}

// The widths of the columns in characters of normal size, in which a Chinese character counts two.
const (
	summaryWidth = 25
	generalWidth = 14
	detailWidth  = 17
)

// widthOf estimates how wide a text is printed.
func widthOf(text string) int {
	width := 0
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r >= 0x1100:
			width += 2
		default:
			width++
		}
	}
	return width
}

// sizeOf is the size at which a text fits a column: 0 on two lines, 1 smaller on three, 2 smaller still on as many as it needs.
func sizeOf(text string, column int) int {
	switch width := widthOf(text); {
	case width <= 2*column:
		return 0
	case width <= 3*column*5/4:
		return 1
	}
	return 2
}

// heightOf is how many rows of a sheet a text of that size takes in a column.
func (l *Layout) heightOf(text string, size, column int) int {
	if size < 2 {
		return 1
	}
	perLine := column * 4 / 3
	lines := (widthOf(text) + perLine - 1) / perLine
	return (lines*smallestLine + l.rowHeight() - 1) / l.rowHeight()
}

func (l *Layout) rows(s *Sheet, lines []Line, g figuring) []row {
	out := make([]row, len(lines))
	summary := shown(s.Summary)
	for i, line := range lines {
		r := row{Summary: summary, SummarySize: min(sizeOf(summary, summaryWidth), 1)}
		r.General, r.Detail = l.accountNames(line.Path)
		r.GeneralSize, r.DetailSize = sizeOf(r.General, generalWidth), sizeOf(r.Detail, detailWidth)
		r.Height = max(1, l.heightOf(r.General, r.GeneralSize, generalWidth), l.heightOf(r.Detail, r.DetailSize, detailWidth))
		if line.Side == ledger.Debit {
			r.Debit = g.figure(line.Amount, false)
		} else {
			r.Credit = g.figure(line.Amount, false)
		}
		if r.Debit.Cells == nil {
			r.Debit.Cells = g.empty()
		}
		if r.Credit.Cells == nil {
			r.Credit.Cells = g.empty()
		}
		out[i] = r
	}
	return out
}

// Sizes in micrometres.
const (
	amountWidth = 40_700 // of the columns of one side
	allRows     = 72_000 // the height of all rows together
	highestRow  = 12_000
	// smallestLine is a line of the smallest text, with what word wrap leaves empty.
	smallestLine = 2_400
)

func (l *Layout) rowHeight() int { return min(allRows/l.Rows, highestRow) }

func millimetres(micrometres int) string {
	return fmt.Sprintf("%d.%03dmm", micrometres/1000, micrometres%1000)
}

// page lays out the rows of one sheet.
func (l *Layout) page(s *Sheet, g figuring, rows []row) page {
	w := l.words()
	p := page{
		W: w, Title: l.title(s), Unit: shown(l.Unit), Fund: shown(s.Fund), Date: l.date(s.Effective), Period: s.Period.String(), State: l.stamp(s),
		Attached: fmt.Sprint(s.Attachments), Grid: g.grid, Rows: rows, Posted: s.State == voucher.Posted,
		Columns: 1, Small: g.cells > widestPlain,
	}
	if s.State == voucher.Withdrawn {
		p.Void = w.Void
	}
	width := amountWidth
	if g.grid {
		p.Labels, p.Columns, p.Small = g.labels(), g.cells, g.cells > widestGrid
		width /= g.cells
	}
	p.Width = template.CSS("width:" + millimetres(width))
	p.Height = template.CSS("--row:" + millimetres(l.rowHeight()))
	used := 0
	for i := range rows {
		used += rows[i].Height
	}
	for range l.Rows - used {
		p.Blank = append(p.Blank, len(p.Blank))
	}
	if n := len(p.Blank); n > 0 {
		p.Strike = template.CSS("height:" + millimetres(n*l.rowHeight()))
	}
	if sizeOf(shown(s.Summary), summaryWidth) == 2 {
		p.Summary, p.SummaryRows = shown(s.Summary), len(rows)+len(p.Blank)
		if widthOf(p.Summary) > summaryWidth*2*l.Rows {
			p.SummarySize = 1
		}
	}
	return p
}

// finish adds what depends on the number of sheets: number, total and signatures.
func (l *Layout) finish(s *Sheet, g figuring, p *page, sheet, sheets int, debit, credit money.Amount) {
	w := l.words()
	p.Number = l.number(s, sheet, sheets)
	p.TotalLabel = w.Total
	p.Debit.Cells, p.Credit.Cells = g.empty(), g.empty()
	switch {
	case sheet < sheets:
		p.TotalLabel = w.TotalOnLast + w.Separator + fmt.Sprintf("%d/%d", sheets, sheets)
	default:
		p.Debit, p.Credit = g.figure(debit, true), g.figure(credit, true)
		if debit < 0 {
			p.TotalLabel = w.RedTotal
		}
		if capitals, err := voucher.Capitals(debit); err == nil && debit > 0 && s.Currency.Code() == renminbi && s.Kind != voucher.Memorandum {
			p.Capitals = "人民币" + capitals
		}
	}
	for _, x := range []signature{{w.Head, s.Head}, {w.Bookkeeper, s.Bookkeeper}, {w.Cashier, s.Cashier}, {w.Reviewer, s.Reviewer}, {w.Preparer, s.Preparer}} {
		if x.Duty == w.Cashier && !s.Kind.MovesMoney() {
			continue
		}
		p.Signatures = append(p.Signatures, signature{x.Duty, l.person(x.Name)})
	}
	p.Trace = l.trace(s)
	if len(s.Lines) > 0 && sheet == sheets {
		p.Memorandum = l.memorandum(s)
	}
}

// memorandum says in one line what the voucher writes beside the books.
func (l *Layout) memorandum(s *Sheet) string {
	w := l.words()
	var parts []string
	for _, m := range s.Memorandum {
		general, detail := l.accountNames(m.Path)
		side := w.DebitShort
		if m.Side == ledger.Credit {
			side = w.CreditShort
		}
		name := strings.TrimSpace(general + " " + detail)
		parts = append(parts, fmt.Sprintf(w.MemoLine, side, name, s.Currency.Format(m.Amount), m.Count))
	}
	return strings.Join(parts, w.Semicolon)
}

// trace is the small print by which a sheet leads back to its record.
func (l *Layout) trace(s *Sheet) []pair {
	w := l.words()
	var out []pair
	add := func(name, value string) { out = append(out, pair{name, shown(value)}) }
	add(w.Book, s.Book.String())
	if s.No > 0 {
		add(w.VoucherNo, fmt.Sprint(s.No))
	}
	if s.Entry > 0 {
		add(w.Entry, fmt.Sprint(int64(s.Entry)))
	}
	if s.Reverses > 0 {
		add(w.Cancels, fmt.Sprint(int64(s.Reverses)))
	}
	if s.Source.Kind != "" || s.Source.ID != "" {
		add(w.Source, strings.TrimSpace(s.Source.Kind+" "+s.Source.ID))
	}
	if s.Entry > 0 {
		add(w.Leaf, fmt.Sprintf("%x", s.Leaf))
	}
	return out
}

// Edge is the class of a cell of the grid by its border: the first of a side, the one right of 千 and 百万, the one of 元.
func (p *page) Edge(i int) string {
	switch place := p.Columns - 1 - i; {
	case i == 0:
		return "first"
	case place == 2:
		return "yuan"
	case place > 2 && (place-2)%3 == 2:
		return "thousand"
	}
	return ""
}

// cells is a figure on its page.
type cells struct {
	Page   *page
	Figure figure
}

// With puts a figure on the page, for the template.
func (p *page) With(f figure) cells { return cells{p, f} }

// blankRow is an empty row of a page.
type blankRow struct {
	Page *page
	at   int
}

// BlankRow is the empty row of that place, for the template.
func (p *page) BlankRow(at int) blankRow { return blankRow{p, at} }

// Sides are debit and credit.
func (b blankRow) Sides() []int { return []int{0, 1} }

// Struck reports whether the line through all empty rows begins in the cell (会计基础工作规范 51(六)).
func (b blankRow) Struck(side, cell int) bool { return b.at == 0 && side == 0 && cell == 0 }
