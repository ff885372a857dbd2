package accounts

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Direction is the direction of money seen from an account of money.
type Direction string

// The directions.
const (
	MoneyIn  Direction = "in"  // the account of money is debited
	MoneyOut Direction = "out" // the account of money is credited
)

type moveRule struct {
	Position
	From   string   `yaml:"from,required"`
	To     string   `yaml:"to,required"`
	Events []string `yaml:"events,required"`
	Source string   `yaml:"source,required"`
	Note   string   `yaml:"note"`
}

type limitRule struct {
	Position
	Bank      string    `yaml:"bank,required"`
	Direction Direction `yaml:"direction,required"`
	Counters  []string  `yaml:"counters,required"`
	Source    string    `yaml:"source,required"`
	Note      string    `yaml:"note,required"`
}

type flowRule struct {
	Position
	Counter   string    `yaml:"counter,required"`
	Direction Direction `yaml:"direction,required"`
	Events    []string  `yaml:"events"`
	Funds     []FundID  `yaml:"funds,required"`
	Validity  `yaml:",inline"`
	Banks     []string `yaml:"banks,required"`
	List      string   `yaml:"list"`
	Source    string   `yaml:"source,required"`
	Note      string   `yaml:"note"`
}

// flowRules are the rules of the allowed-flow matrix.
type flowRules struct {
	money  []string
	moves  []moveRule
	limits []limitRule
	flows  []flowRule
}

func (f *flowRules) add(d *document) {
	f.money = append(f.money, d.MoneyItems...)
	f.moves = append(f.moves, d.Moves...)
	f.limits = append(f.limits, d.Limits...)
	f.flows = append(f.flows, d.Flows...)
}

func (f *flowRules) isMoney(id string) bool { return slices.Contains(f.money, id) }

// FlowMatrix is the allowed-flow matrix (允许的资金流向) of a book: which account of money may receive from, or pay to, which other account in which event.
type FlowMatrix struct {
	book *BookChart
}

// Violation is a flow of money that the rules do not allow.
type Violation struct {
	Code      ViolationCode
	Bank      string // the account of money
	Direction Direction
	Counter   string // the other account
	Event     string
	Source    string // the paragraph it violates
	Text      string // what is wrong and what the paragraph allows
}

// ViolationCode is a stable code of a Violation.
type ViolationCode string

// The codes.
const (
	NoSuchBank     ViolationCode = "account_of_money_not_in_book"
	MoveNotAllowed ViolationCode = "move_not_allowed"
	FlowNotAllowed ViolationCode = "flow_not_allowed"
	FlowNotListed  ViolationCode = "flow_not_listed"
	FlowLimited    ViolationCode = "closed_list_of_finance_rules"
	LineNotInEvent ViolationCode = "line_not_in_event"
)

func (v Violation) Error() string {
	return fmt.Sprintf("accounts: [%s] %s: %s", v.Code, v.Source, v.Text)
}

// Flows returns the allowed-flow matrix of the book.
func (b *BookChart) Flows() *FlowMatrix { return &FlowMatrix{book: b} }

// Check returns every violation of an entry, in the order of its lines; none means that the entry is allowed. Each line on an account of money is held against
// every line on the opposite side; a red-letter line counts on its own side. The event may be empty: then only rules that need no event apply, and moves
// between accounts of money are allowed if any event allows them. Lines that the event's template does not have are reported too.
func (m *FlowMatrix) Check(lines []Line, event string) []Violation {
	out := m.strayLines(lines, event)
	money := m.book.chart.flows.isMoney
	for i, x := range lines {
		if !money(m.top(x.AccountID)) {
			continue
		}
		if !m.book.Has(x.AccountID) {
			out = append(out, m.missingBank(x, event))
			continue
		}
		for j, y := range lines {
			switch {
			case x.Side == y.Side:
			case !money(m.top(y.AccountID)):
				out = append(out, m.flow(x, y, event)...)
			case x.Side == Debit && m.book.Has(y.AccountID):
				out = append(out, m.move(lines[j], lines[i], event)...)
			}
		}
	}
	return dedupe(out)
}

// top returns the account of money that an account stands below, or the account itself.
func (m *FlowMatrix) top(id string) string {
	for _, bank := range m.book.chart.flows.money {
		if m.book.chart.Below(id, bank) {
			return bank
		}
	}
	return id
}

func (m *FlowMatrix) missingBank(x Line, event string) Violation {
	source := "SYS part 3"
	if a := m.book.chart.account(m.top(x.AccountID)); a != nil {
		source = a.Source
	}
	text := fmt.Sprintf("this book has no %s: fund %s, collected by %s", m.label(x.AccountID), m.book.Fund, m.book.Conditions.Collector)
	return Violation{Code: NoSuchBank, Bank: x.AccountID, Direction: directionOf(x), Event: event, Source: source, Text: text}
}

func directionOf(x Line) Direction {
	if x.Side == Debit {
		return MoneyIn
	}
	return MoneyOut
}

// strayLines reports lines that no line of the event's template takes.
func (m *FlowMatrix) strayLines(lines []Line, event string) []Violation {
	t, err := m.book.Template(event)
	if err != nil {
		return nil
	}
	var out []Violation
	for _, x := range lines {
		taken := slices.ContainsFunc(t.Lines, func(l TemplateLine) bool {
			side, turns := l.side()
			return (side == x.Side || turns || t.EitherWay) && (m.book.listed(&l, x.AccountID) || (m.book.chart.account(x.AccountID) != nil && m.book.openFor(&l, x.AccountID)))
		})
		if !taken {
			out = append(out, Violation{Code: LineNotInEvent, Bank: "", Counter: x.AccountID, Event: event, Source: t.Source,
				Text: fmt.Sprintf("%s %s is no line of %s, which has %s", x.Side, m.label(x.AccountID), event, describeLines(t))})
		}
	}
	return out
}

// move checks a move from one account of money (credited) to another (debited).
func (m *FlowMatrix) move(from, to Line, event string) []Violation {
	a, b := m.top(from.AccountID), m.top(to.AccountID)
	if a == b {
		return nil // between two details of one account
	}
	source, allowed := "FIN 39–42", []string(nil)
	for _, r := range m.book.chart.flows.moves {
		if r.From == a && r.To == b {
			source = r.Source
			if event == "" || slices.Contains(r.Events, event) {
				return nil
			}
			allowed = append(allowed, r.Events...)
		}
	}
	text := fmt.Sprintf("money moves from %s to %s", m.label(a), m.label(b))
	if len(allowed) > 0 {
		text += " only by " + strings.Join(allowed, ", ")
	} else {
		text += ", which no rule allows"
	}
	return []Violation{{Code: MoveNotAllowed, Bank: from.AccountID, Direction: MoneyOut, Counter: to.AccountID, Event: event, Source: source, Text: text}}
}

// flow checks money between an account of money x and another account y.
func (m *FlowMatrix) flow(x, y Line, event string) []Violation {
	bank, direction := m.top(x.AccountID), directionOf(x)
	v := Violation{Bank: x.AccountID, Direction: direction, Counter: y.AccountID, Event: event}
	rule := m.rule(y.AccountID, direction, event)
	if rule == nil {
		v.Code, v.Source = FlowNotListed, "SYS part 3"
		if a := m.book.chart.account(y.AccountID); a != nil {
			v.Source = a.Source
		}
		v.Text = fmt.Sprintf("no instruction has money go %s %s against %s", direction, m.label(bank), m.label(y.AccountID))
		return []Violation{v}
	}
	if slices.Contains(rule.Banks, bank) {
		return nil
	}
	if rule.List != "open" {
		v.Code, v.Source = FlowNotAllowed, rule.Source
		v.Text = fmt.Sprintf("money against %s goes %s %s only, not %s", m.label(y.AccountID), direction, m.labels(rule.Banks), m.label(bank))
		return []Violation{v}
	}
	for _, limit := range m.book.chart.flows.limits {
		if limit.Bank == bank && limit.Direction == direction &&
			!slices.ContainsFunc(limit.Counters, func(above string) bool { return m.book.chart.Below(y.AccountID, above) }) {
			v.Code, v.Source = FlowLimited, limit.Source
			v.Text = fmt.Sprintf("%s takes money %s for %s only, not against %s", m.label(bank), direction, limit.Note, m.label(y.AccountID))
			return []Violation{v}
		}
	}
	return nil
}

// rule returns the rule of the most exact account; among those, one that names the event goes before one that names none.
func (m *FlowMatrix) rule(counter string, direction Direction, event string) *flowRule {
	var best *flowRule
	weight := -1
	for i := range m.book.chart.flows.flows {
		r := &m.book.chart.flows.flows[i]
		named := len(r.Events) > 0
		if r.Direction != direction || !slices.Contains(r.Funds, m.book.Fund) || !r.Holds(m.book.At) || !m.book.chart.Below(counter, r.Counter) ||
			(named && !slices.Contains(r.Events, event)) {
			continue
		}
		w := 2 * m.book.chart.depth(r.Counter)
		if named {
			w++
		}
		if w > weight {
			best, weight = r, w
		}
	}
	return best
}

func (m *FlowMatrix) label(id string) string {
	if a := m.book.chart.account(id); a != nil {
		return strings.TrimSpace(a.Code + " " + cmp.Or(a.Names[m.book.Fund], a.ZH))
	}
	return id
}

func (m *FlowMatrix) labels(ids []string) string {
	if len(ids) == 0 {
		return "through no account of money"
	}
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = m.label(id)
	}
	return strings.Join(out, ", ")
}

func dedupe(all []Violation) []Violation {
	var out []Violation
	for _, v := range all {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

func (l *loading) expandFlows() {
	for i := range l.chart.flows.flows {
		r := &l.chart.flows.flows[i]
		r.Funds = l.expandFunds(r.Position, "flow of "+quote(r.Counter), r.Funds)
		r.ValidFrom, r.List = cmp.Or(r.ValidFrom, l.chart.Valid.ValidFrom), cmp.Or(r.List, "closed")
	}
}

func (l *loading) checkFlows() {
	f := &l.chart.flows
	known := func(at Position, what string, ids []string, money bool) {
		for _, id := range ids {
			if l.chart.account(id) == nil {
				l.fault(at, FaultDangling, what+" names "+quote(id)+", which does not exist", "name an account of the chart")
			} else if money && !f.isMoney(id) {
				l.fault(at, FaultDangling, what+" names "+quote(id)+", which is no account of money", "name one of money_accounts")
			}
		}
	}
	known(Position{File: "flows.yaml", Line: 1}, "money_accounts", f.money, true)
	for _, r := range f.moves {
		known(r.Position, "the move", []string{r.From, r.To}, true)
		l.checkSource(r.Position, r.Source)
		l.checkEvents(r.Position, r.Events)
	}
	for _, r := range f.limits {
		known(r.Position, "the limit", []string{r.Bank}, true)
		known(r.Position, "the limit", r.Counters, false)
		oneOf(l, r.Position, "direction", r.Direction, []Direction{MoneyIn, MoneyOut})
		l.checkSource(r.Position, r.Source)
	}
	for i, r := range f.flows {
		what := "flow of " + quote(r.Counter)
		known(r.Position, what, []string{r.Counter}, false)
		known(r.Position, what, r.Banks, true)
		oneOf(l, r.Position, what+".direction", r.Direction, []Direction{MoneyIn, MoneyOut})
		oneOf(l, r.Position, what+".list", r.List, []string{"open", "closed"})
		l.checkValidity(r.Position, what, r.Validity)
		l.checkSource(r.Position, r.Source)
		l.checkEvents(r.Position, r.Events)
		for _, other := range f.flows[:i] {
			if other.Counter == r.Counter && other.Direction == r.Direction && other.overlaps(r.Validity) && share(other.Funds, r.Funds) &&
				((len(other.Events) == 0 && len(r.Events) == 0) || share(other.Events, r.Events)) {
				l.fault(r.Position, FaultOverlap, what+" has another rule at "+other.Position.String()+" for the same case", "keep one, or part them by fund, event or date")
			}
		}
	}
}

func (l *loading) checkEvents(at Position, events []string) {
	for _, event := range events {
		if !slices.ContainsFunc(l.chart.templates, func(t Template) bool { return t.Event == event }) {
			l.fault(at, FaultDangling, "the rule names the event "+quote(event)+", which has no template", "name an event")
		}
	}
}

func share[T comparable](a, b []T) bool {
	return slices.ContainsFunc(a, func(x T) bool { return slices.Contains(b, x) })
}
