package accounts

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// LineSide is the side of a template line. The sides "if gain" turn round for a negative amount, a loss.
type LineSide string

// The sides of template lines.
const (
	LineDebit        LineSide = "debit"
	LineCredit       LineSide = "credit"
	LineDebitIfGain  LineSide = "debit_if_gain"
	LineCreditIfGain LineSide = "credit_if_gain"
)

// Sure says how sure an entry is.
type Sure string

// The degrees.
const (
	Stated   Sure = "stated"   // the text says it
	Inferred Sure = "inferred" // it follows from the text
	Practice Sure = "practice" // practice; no rule was found
)

// Template is an entry template (分录模板): what an event such as E1 debits and credits.
type Template struct {
	Position
	Event     string   `yaml:"event,required"`
	ZH        string   `yaml:"zh,required"` // short summary (摘要), our own words
	EN        string   `yaml:"en,required"`
	Funds     []FundID `yaml:"funds,required"`
	Level     Level    `yaml:"level"`
	Validity  `yaml:",inline"`
	EitherWay bool           `yaml:"either_way"` // a negative amount turns all sides round
	Lines     []TemplateLine `yaml:"lines,required"`
	Sure      Sure           `yaml:"sure,required"`
	Source    string         `yaml:"source,required"`
	Note      string         `yaml:"note"`
	Origin    Origin
}

// TemplateLine is a line of a template: one or more of its accounts on its side.
type TemplateLine struct {
	Position
	Side     LineSide `yaml:"side,required"`
	Accounts []string `yaml:"accounts,required"`
	List     string   `yaml:"list"`   // "open": the text adds 等 (and others)
	Amount   string   `yaml:"amount"` // what the line measures, where an entry has several amounts
	Usual    []string `yaml:"usual"`  // details taken when the caller names none: the first one that the book has
}

// Open reports whether the text adds 等 (and others) to the accounts of the line.
func (t *TemplateLine) Open() bool { return t.List == "open" }

// side returns the side of the line for a gain, and whether a loss turns it round.
func (t *TemplateLine) side() (side Side, turns bool) {
	switch t.Side {
	case LineCredit:
		return Credit, false
	case LineDebitIfGain:
		return Debit, true
	case LineCreditIfGain:
		return Credit, true
	}
	return Debit, false
}

// withoutEntry is an event that has no template, and what to do instead.
type withoutEntry struct {
	Position
	Event   string `yaml:"event,required"`
	ZH      string `yaml:"zh,required"`
	EN      string `yaml:"en,required"`
	Instead string `yaml:"instead,required"`
	Source  string `yaml:"source,required"`
	Note    string `yaml:"note"`
}

// Templates returns all templates in the order of the data. They are shared with the chart: do not change them.
func (c *Chart) Templates() []Template { return c.templates }

// Template returns the template of an event in the book, or an *Error: the event is unknown, has no entry of its own, or is none of this book's.
func (b *BookChart) Template(event string) (*Template, error) {
	known := false
	for i := range b.chart.templates {
		t := &b.chart.templates[i]
		if t.Event != event {
			continue
		}
		known = true
		if slices.Contains(t.Funds, b.Fund) && t.Level.Met(b.Conditions) && t.Holds(b.At) {
			return t, nil
		}
	}
	if known {
		return nil, b.fail(CodeNotForBook, event, "is no event of this book", "its fund, level or validity does not fit")
	}
	for _, w := range b.chart.without {
		if w.Event == event {
			return nil, b.fail(CodeNoEntry, event, "has no entry of its own", w.Instead+" ("+w.Source+")")
		}
	}
	return nil, b.fail(CodeUnknownEvent, event, "is no event", "use an event of the data, such as E1")
}

func (l *loading) expandTemplate(t *Template) {
	t.Funds = l.expandFunds(t.Position, "entry "+quote(t.Event), t.Funds)
	t.Level = cmp.Or(t.Level, LevelAny)
	t.ValidFrom = cmp.Or(t.ValidFrom, l.chart.Valid.ValidFrom)
	for i := range t.Lines {
		t.Lines[i].List = cmp.Or(t.Lines[i].List, "closed")
	}
}

func (l *loading) checkTemplates() {
	for i := range l.chart.templates {
		t := &l.chart.templates[i]
		what := "entry " + quote(t.Event)
		oneOf(l, t.Position, what+".level", t.Level, levels)
		oneOf(l, t.Position, what+".sure", t.Sure, []Sure{Stated, Inferred, Practice})
		l.checkValidity(t.Position, what, t.Validity)
		l.checkSource(t.Position, t.Source)
		for j := range i {
			if l.chart.templates[j].Event == t.Event && l.chart.templates[j].overlaps(t.Validity) {
				l.fault(t.Position, FaultOverlap, what+" is also at "+l.chart.templates[j].Position.String()+" for the same days", "keep one, or end the older one")
			}
		}
		l.checkLines(t)
	}
	for _, w := range l.chart.without {
		l.checkSource(w.Position, w.Source)
		if slices.ContainsFunc(l.chart.templates, func(t Template) bool { return t.Event == w.Event }) {
			l.fault(w.Position, FaultDuplicate, "event "+quote(w.Event)+" has a template and is listed without one", "keep one")
		}
	}
	for _, r := range l.chart.returns {
		l.checkSource(r.Position, r.Source)
		l.checkValidity(r.Position, "return "+quote(r.ID), r.Validity)
		for _, event := range []string{r.SameYear, r.EarlierYear} {
			if !slices.ContainsFunc(l.chart.templates, func(t Template) bool { return t.Event == event }) {
				l.fault(r.Position, FaultDangling, "return "+quote(r.ID)+" names the event "+quote(event)+", which has no template", "name an event")
			}
		}
	}
	for _, id := range l.chart.redLetter {
		if l.chart.account(id) == nil {
			l.fault(Position{File: "entries.yaml", Line: 1}, FaultDangling, "red_letter_accounts names "+quote(id)+", which does not exist", "name an account of the chart")
		}
	}
}

// checkLines reports lines that name missing accounts, have no use in any fund, share an account, or leave the entry one-sided.
func (l *loading) checkLines(t *Template) {
	sides := map[Side]bool{}
	sections := map[Section]bool{}
	lineOf := map[string]int{}
	for i := range t.Lines {
		line := &t.Lines[i]
		what := fmt.Sprintf("line %d of entry %q", i+1, t.Event)
		oneOf(l, line.Position, what+".side", line.Side, []LineSide{LineDebit, LineCredit, LineDebitIfGain, LineCreditIfGain})
		oneOf(l, line.Position, what+".list", line.List, []string{"open", "closed"})
		side, _ := line.side()
		sides[side] = true
		for _, id := range line.Accounts {
			a := l.chart.account(id)
			if a == nil {
				l.fault(line.Position, FaultDangling, what+" names "+quote(id)+", which does not exist", "name an account of the chart")
				continue
			}
			sections[a.Section] = true
			if !slices.ContainsFunc(t.Funds, func(f FundID) bool { return slices.Contains(a.Funds, f) }) {
				l.fault(line.Position, FaultDangling, what+" names "+quote(id)+", which no fund of the entry has", "name an account of these funds")
			}
			if other, ok := lineOf[id]; ok {
				l.fault(line.Position, FaultDuplicate, fmt.Sprintf("%s names %q like line %d", what, id, other), "name it in one line")
			}
			lineOf[id] = i + 1
		}
		for _, id := range line.Usual {
			if l.chart.account(id) == nil || !slices.ContainsFunc(line.Accounts, func(above string) bool { return l.chart.Below(id, above) }) {
				l.fault(line.Position, FaultDangling, what+" usually takes "+quote(id)+", which is below none of its accounts "+strings.Join(line.Accounts, ", "),
					"name one of their details")
			}
		}
	}
	if len(sides) < 2 || len(sections) > 1 {
		l.fault(t.Position, FaultIncomplete, "entry "+quote(t.Event)+" cannot balance: it has one side only, or two sections", "give it a debit and a credit in one section")
	}
}
