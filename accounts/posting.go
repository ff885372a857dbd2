package accounts

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// Line is a line of an entry: an amount on one side of an account. A negative amount is a red-letter line (红字): it lowers its own side, so that turnovers and
// the statement rows that read one side stay right.
type Line struct {
	AccountID string
	Side      Side
	Amount    money.Amount // minor units, signed within the side
	Meaning   string       // what the amount is, where the template says: "own part", "difference"
}

// Part is one amount of an event, bound to an account by its id or by its role.
type Part struct {
	AccountID string
	Role      Role // used when AccountID is empty
	Amount    money.Amount
}

// Lines makes the entry of an event from its amounts: one line for every part, in the order of the template's lines. If exactly one line of the template has no
// part, it gets what balances the entry, on its only account or on its usual detail. Lines whose accounts the book does not have, such as the lower levels'
// part where there is no lower level, drop out, and so do amounts of zero.
//
// A negative amount turns the side round where the template allows a loss or either direction; where the balancing line is a difference and comes out
// negative, it stays on its side in red. Any other negative amount is refused: use Red for corrections.
//
// The error is an *Error: an unknown event or account, an account that no line takes, several lines without amounts, an entry that does not balance.
func (b *BookChart) Lines(event string, parts ...Part) ([]Line, error) {
	t, err := b.Template(event)
	if err != nil {
		return nil, err
	}
	groups := make([][]Line, len(t.Lines))
	for _, part := range parts {
		id, at, err := b.placePart(t, part)
		if err != nil {
			return nil, err
		}
		line, err := b.signed(t, &t.Lines[at], id, part.Amount)
		if err != nil {
			return nil, err
		}
		groups[at] = append(groups[at], line)
	}
	if err := b.balanceWith(t, groups); err != nil {
		return nil, err
	}
	lines := slices.DeleteFunc(slices.Concat(groups...), func(x Line) bool { return x.Amount == 0 })
	difference, err := Difference(lines)
	if err != nil {
		return nil, b.overflow(event, err)
	}
	if difference != 0 || len(lines) == 0 {
		return nil, b.unbalanced(event, lines, difference)
	}
	return lines, nil
}

// placePart finds the account of a part and the template line that takes it.
func (b *BookChart) placePart(t *Template, part Part) (id string, at int, err error) {
	if id = part.AccountID; id == "" {
		id, err = b.Role(part.Role)
	} else if usual := b.usualFor(t, id); usual != "" {
		id = usual
	} else {
		id, err = b.Postable(id)
	}
	if err != nil {
		return "", 0, err
	}
	for _, accept := range []func(*TemplateLine, string) bool{b.listed, b.openFor} {
		for i := range t.Lines {
			if accept(&t.Lines[i], id) {
				return id, i, nil
			}
		}
	}
	return "", 0, b.fail(CodeNoLine, id, "is taken by no line of "+t.Event+" ("+t.Source+")", "its lines take "+describeLines(t))
}

// usualFor returns the usual detail for a heading that the caller named only by its first level.
func (b *BookChart) usualFor(t *Template, id string) string {
	for i := range t.Lines {
		if slices.Contains(t.Lines[i].Accounts, id) {
			return b.usual(&t.Lines[i])
		}
	}
	return ""
}

func (b *BookChart) usual(line *TemplateLine) string {
	for _, id := range line.Usual {
		if b.Has(id) {
			if postable, err := b.Postable(id); err == nil {
				return postable
			}
		}
	}
	return ""
}

// listed reports whether the line names the account or one above it.
func (b *BookChart) listed(line *TemplateLine, id string) bool {
	return slices.ContainsFunc(line.Accounts, func(above string) bool { return b.chart.Below(id, above) })
}

// openFor reports whether the line's open list can stand for the account: another account of money among accounts of money, or another one of the same type.
func (b *BookChart) openFor(line *TemplateLine, id string) bool {
	return line.Open() && slices.ContainsFunc(line.Accounts, func(named string) bool {
		if b.chart.flows.isMoney(named) || b.chart.flows.isMoney(id) {
			return b.chart.flows.isMoney(named) && b.chart.flows.isMoney(id)
		}
		return b.chart.account(named).Type == b.chart.account(id).Type
	})
}

func (b *BookChart) signed(t *Template, line *TemplateLine, id string, amount money.Amount) (Line, error) {
	side, turns := line.side()
	if amount < 0 {
		if !turns && !t.EitherWay {
			return Line{}, b.fail(CodeNegative, id, fmt.Sprintf("has the negative amount %d in %s", amount, t.Event), "give the amount without a sign, or correct an entry with Red")
		}
		side, amount = side.Other(), -amount
	}
	return Line{AccountID: id, Side: side, Amount: amount, Meaning: line.Amount}, nil
}

// balanceWith fills the one template line that has no part.
func (b *BookChart) balanceWith(t *Template, groups [][]Line) error {
	var empty []int
	for i := range t.Lines {
		if len(groups[i]) == 0 && slices.ContainsFunc(t.Lines[i].Accounts, b.Has) {
			empty = append(empty, i)
		}
	}
	if len(empty) == 0 {
		return nil
	}
	if len(empty) > 1 || len(empty) == len(t.Lines) {
		names := make([]string, len(empty))
		for i, at := range empty {
			names[i] = strings.TrimSpace(t.Lines[at].Amount + " " + strings.Join(t.Lines[at].Accounts, " or "))
		}
		return b.fail(CodeMissingAmount, t.Event, "has no amounts for "+strings.Join(names, "; "), "give all amounts but one; zero is an amount")
	}
	line := &t.Lines[empty[0]]
	id, err := b.onlyAccount(line)
	if err != nil {
		return err
	}
	difference, err := Difference(slices.Concat(groups...))
	if err != nil {
		return b.overflow(t.Event, err)
	}
	side, turns := line.side()
	amount := difference // what credit must be added
	if side == Debit {
		amount = -difference
	}
	if amount < 0 {
		switch {
		case turns || t.EitherWay:
			side, amount = side.Other(), -amount
		case line.Amount != "difference":
			return b.unbalanced(t.Event, slices.Concat(groups...), difference)
		}
	}
	groups[empty[0]] = []Line{{AccountID: id, Side: side, Amount: amount, Meaning: line.Amount}}
	return nil
}

// onlyAccount returns the account of a line that the caller named no account for.
func (b *BookChart) onlyAccount(line *TemplateLine) (string, error) {
	if usual := b.usual(line); usual != "" {
		return usual, nil
	}
	var here []string
	for _, id := range line.Accounts {
		if b.Has(id) {
			here = append(here, id)
		}
	}
	if len(here) == 1 {
		return b.Postable(here[0])
	}
	return "", b.fail(CodeMissingAmount, strings.Join(here, ", "), "are several accounts to choose from", "name one of them in a part")
}

// Difference returns debits less credits of lines, red-letter lines with their sign, or an *money.OverflowError.
func Difference(lines []Line) (money.Amount, error) {
	var total money.Amount
	var err error
	for _, x := range lines {
		if x.Side == Debit {
			total, err = total.Add(x.Amount)
		} else {
			total, err = total.Sub(x.Amount)
		}
		if err != nil {
			return 0, err
		}
	}
	return total, nil
}

func (b *BookChart) overflow(subject string, cause error) error {
	e := b.fail(CodeOverflow, subject, "has amounts that leave the range", "split the entry")
	e.Cause = cause
	return e
}

func (b *BookChart) unbalanced(event string, lines []Line, difference money.Amount) error {
	terms := make([]string, len(lines))
	for i, x := range lines {
		terms[i] = fmt.Sprintf("%s %s %d", x.Side, x.AccountID, x.Amount)
	}
	return b.fail(CodeUnbalanced, event, fmt.Sprintf("has debits less credits of %d minor units (%s)", difference, strings.Join(terms, ", ")),
		"give amounts that balance, and at least one above zero")
}

func describeLines(t *Template) string {
	out := make([]string, len(t.Lines))
	for i := range t.Lines {
		out[i] = string(t.Lines[i].Side) + " " + strings.Join(t.Lines[i].Accounts, " or ")
		if t.Lines[i].Open() {
			out[i] += " (open list)"
		}
	}
	return strings.Join(out, "; ")
}

// On returns the chart of the same book on another day, or an *Error when the fund does not exist then.
func (b *BookChart) On(at calendar.Date) (*BookChart, error) {
	return b.chart.For(b.Fund, b.Conditions, at)
}
