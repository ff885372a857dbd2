package scheme

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme/yamltext"
)

// value reads one entry of values. It reports false when something was at fault.
func (l *loader) value(n *yamltext.Node, p *Parameter, info FileInfo) (Value, bool) {
	if n.Kind != yamltext.Map {
		l.fault(n.Fault("is no value", "write a mapping with from, value, source and status"))
		return Value{}, false
	}
	before := len(l.faults)
	l.faults = append(l.faults, n.UnknownFields("from", "to", "value", "policy", "known_from", "source", "status", "confidence", "note")...)
	v := Value{Line: n.Line, Note: l.optional(n, "note"), Confidence: Confidence(l.optional(n, "confidence"))}
	v.Provenance = Provenance{
		Parameter: p.ID, From: l.date(n, "from", true), To: l.date(n, "to", false), KnownFrom: l.date(n, "known_from", false),
		Source: l.text(n, "source", "the legal or published source"), Status: Status(l.text(n, "status", "confirmed, provisional or superseded")),
		File: info.Name, Version: info.Version, SHA256: info.SHA256,
	}
	if v.To != 0 && v.To < v.From {
		l.fault(n.Field("to").Fault(fmt.Sprintf("the last day %s is before the first, %s", v.To, v.From), "exchange them, or leave to out when it is open"))
	}
	switch v.Status {
	case "", Confirmed, Provisional, Superseded:
	default:
		l.fault(n.Field("status").Fault(fmt.Sprintf("%q is no status", v.Status), "use confirmed, provisional or superseded"))
	}
	switch v.Confidence {
	case "", Seen, High, Medium, Low:
	default:
		l.fault(n.Field("confidence").Fault(fmt.Sprintf("%q is no confidence", v.Confidence), "use seen, high, medium or low"))
	}
	l.content(n, p.Unit, &v)
	return v, len(l.faults) == before
}

func (l *loader) date(n *yamltext.Node, field string, required bool) calendar.Date {
	text := ""
	if required {
		text = l.text(n, field, "a day written yyyy-mm-dd")
	} else {
		text = l.optional(n, field)
	}
	if text == "" {
		return 0
	}
	day, err := calendar.ParseDate(text)
	if err != nil {
		l.fault(n.Field(field).Fault(fmt.Sprintf("%q is no existing day", text), "write yyyy-mm-dd"))
	}
	return day
}

// content reads the value proper, by the parameter's unit.
func (l *loader) content(n *yamltext.Node, unit Unit, v *Value) {
	value, policy := n.Field("value"), n.Field("policy")
	switch {
	case unit == UnitPolicy && value != nil:
		l.fault(value.Fault("stands where a policy belongs", "write policy: with the rules"))
	case unit == UnitPolicy && policy == nil:
		l.fault(n.Fault("has no policy", "write policy: with the rules"))
	case unit == UnitPolicy:
		read, faults := ReadPolicy(policy, Strict)
		l.faults = append(l.faults, faults...)
		v.Policy = read
	case policy != nil:
		l.fault(policy.Fault("stands where a value belongs", "write value: with a quoted text"))
	case value.IsNull():
		l.fault(n.Fault("has no value", "write value: with a quoted text, such as '0.16'"))
	case unit == UnitTable:
		v.Table = l.table(value)
	case value.Kind != yamltext.Scalar:
		l.fault(value.Fault("is no single value", "write a quoted text, or give the parameter the unit table"))
	case !value.Quoted:
		l.fault(value.Fault(fmt.Sprintf("%s is not quoted", value.Text), "quote it, so that no reader turns it into a float"))
	default:
		v.Text = value.Text
		v.Number = l.number(value, unit)
	}
}

func (l *loader) number(n *yamltext.Node, unit Unit) decimal.Decimal {
	number, err := money.ParseDecimal(n.Text)
	switch {
	case err != nil:
		l.fault(n.Fault(fmt.Sprintf("%q is no decimal number", n.Text), "write digits with at most one decimal point"))
	case number.IsNegative():
		l.fault(n.Fault(n.Text+" is negative", "a parameter is zero or above"))
	case unit.isRate() && number.GreaterThan(decimal.New(1, 0)):
		l.fault(n.Fault(n.Text+" is above one and no rate", "write 0.16 for 16 %, or give the parameter the unit percent"))
	}
	return number
}

func (l *loader) table(n *yamltext.Node) Table {
	if n.Kind != yamltext.Map || len(n.Fields) == 0 {
		l.fault(n.Fault("is no table", "write a mapping of quoted texts"))
		return nil
	}
	table := make(Table, 0, len(n.Fields))
	for _, f := range n.Fields {
		if f.Value.Kind != yamltext.Scalar || !f.Value.Quoted {
			l.fault(f.Value.Fault("is no quoted text", "quote it, so that no reader turns it into a float"))
			continue
		}
		table = append(table, Row{Key: f.Name, Text: f.Value.Text})
	}
	return table
}

// checkTimeline refuses values out of order, gaps, overlaps, and two values of one validity that are not told apart by known_from.
func (l *loader) checkTimeline(p *Parameter) {
	for i := 1; i < len(p.Values); i++ {
		before, v := &p.Values[i-1], &p.Values[i]
		at := &Fault{File: p.File, Line: v.Line, Column: 1, Where: string(p.ID)}
		switch {
		case v.From == before.From && v.To != before.To:
			at.Reason = fmt.Sprintf("two values begin on %s and end on different days, %s and %s", v.From, openText(before.To), openText(v.To))
			at.Hint = "give values of one validity the same days"
		case v.From == before.From && v.KnownFrom <= before.KnownFrom:
			at.Reason = fmt.Sprintf("two values hold from %s and the second was not known later than the first", v.From)
			at.Hint = "give the later one a later known_from, or drop one"
		case v.From == before.From:
			continue
		case v.From < before.From:
			at.Reason = fmt.Sprintf("%s stands after %s", v.From, before.From)
			at.Hint = "write values in the order of time"
		case before.To == 0:
			at.Reason = fmt.Sprintf("overlap: the value from %s is open and this one begins on %s", before.From, v.From)
			at.Hint = "close the earlier one with to: " + v.From.AddDays(-1).String()
		case v.From <= before.To:
			at.Reason = fmt.Sprintf("overlap: the value before ends on %s and this one begins on %s", before.To, v.From)
			at.Hint = "let one end the day before the other begins"
		case v.From != before.To.AddDays(1):
			at.Reason = fmt.Sprintf("gap: nothing holds from %s to %s", before.To.AddDays(1), v.From.AddDays(-1))
			at.Hint = "add the missing value"
		default:
			continue
		}
		l.fault(at)
	}
	l.checkStatus(p)
}

// checkStatus refuses a superseded value that nothing supersedes.
func (l *loader) checkStatus(p *Parameter) {
	for i := range p.Values {
		v := &p.Values[i]
		last := i == len(p.Values)-1 || p.Values[i+1].From != v.From
		if v.Status == Superseded && last {
			l.fault(&Fault{File: p.File, Line: v.Line, Column: 1, Where: string(p.ID), Reason: fmt.Sprintf("the value from %s is superseded by nothing", v.From),
				Hint: "add the value that corrected it, with the same days and a later known_from"})
		}
	}
}

func openText(day calendar.Date) string {
	if day == 0 {
		return "open"
	}
	return day.String()
}

// override merges a later file's values into a parameter. The base is replaced by a copy: other catalogues may share it.
func (l *loader) override(n *yamltext.Node, base, p *Parameter, how Override) {
	merged := *base
	merged.Overrides = append(append([]Override(nil), base.Overrides...), how)
	first := p.Values[0].From
	if how.Mode == Replace {
		merged.Values = p.Values
	} else {
		merged.Values = nil
		for _, v := range base.Values {
			if v.From >= first {
				continue
			}
			if v.To == 0 || v.To >= first {
				v.To = first.AddDays(-1)
			}
			merged.Values = append(merged.Values, v)
		}
		if len(merged.Values) == 0 {
			l.fault(n.Fault(fmt.Sprintf("extends %s from %s, but it begins only on %s", p.ID, first, base.Values[0].From), "use override: replace"))
			return
		}
		if last := merged.Values[len(merged.Values)-1]; last.To.AddDays(1) != first {
			l.fault(n.Fault(fmt.Sprintf("gap: %s ends on %s and is extended from %s", p.ID, last.To, first), "add the missing value"))
			return
		}
		merged.Values = append(merged.Values, p.Values...)
	}
	l.parameters[p.ID] = &merged
}
