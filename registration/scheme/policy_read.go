package scheme

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme/yamltext"
)

// Reading says how a policy is read from text.
type Reading string

// The readings.
const (
	// Strict is for law: basic_form, years, transitional_form, component and total are required, and a decimal must be quoted.
	Strict Reading = "strict"
	// Lenient is for published cases: what is missing gets a default (form same, years printed, transitional indexed, component half-up to 0.01, no rounding of
	// the total), and a bare decimal is read by its exact characters.
	Lenient Reading = "lenient"
)

// ReadPolicy reads the mapping `policy` of a parameter file or a published case. It returns every fault, with its place; the policy is usable only when
// there is none.
func ReadPolicy(n *yamltext.Node, reading Reading) (*PensionPolicy, Faults) {
	r := &policyReader{strict: reading == Strict}
	if n.Kind != yamltext.Map {
		return nil, Faults{n.Fault("is no policy", "write a mapping with basic_form, years, transitional_form, component and total")}
	}
	p := r.policy(n)
	if len(r.faults) == 0 {
		for _, f := range p.faults() {
			at := locate(n, f.path)
			r.faults = append(r.faults, &Fault{File: at.File, Line: at.Line, Column: at.Column, Where: n.Path + "." + f.path, Reason: f.reason, Hint: f.hint})
		}
	}
	return p, r.faults
}

// ParsePolicy reads a policy from YAML or JSON text. The error is Faults.
func ParsePolicy(name string, text []byte, reading Reading) (*PensionPolicy, error) {
	n, err := yamltext.Parse(name, text)
	if err != nil {
		return nil, err
	}
	p, faults := ReadPolicy(n, reading)
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return p, nil
}

// locate finds the node of a path, or the nearest one above it.
func locate(n *yamltext.Node, path string) *yamltext.Node {
	for _, step := range strings.FieldsFunc(path, func(c rune) bool { return c == '.' || c == '[' || c == ']' }) {
		next := n.Field(step)
		if index, err := strconv.Atoi(step); err == nil && n.Kind == yamltext.List && index < len(n.Items) {
			next = n.Items[index]
		}
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

type policyReader struct {
	strict bool
	faults Faults
}

func (r *policyReader) policy(n *yamltext.Node) *PensionPolicy {
	r.fields(n, "basic_form", "low_index", "indexed_wage", "years", "transitional_years", "transitional_form", "transitional_wage",
		"transitional_parts", "component", "extras", "total", "note", "source")
	if r.strict {
		for _, field := range []string{"basic_form", "years", "transitional_form", "component", "total"} {
			if n.Field(field).IsNull() {
				r.fault(n, "has no "+field, "say it, so that the rule is complete")
			}
		}
	}
	p := &PensionPolicy{
		BasicForm: BasicForm(r.text(n, "basic_form", string(Same))), TransitionalForm: TransitionalForm(r.text(n, "transitional_form", string(Indexed))),
		Years: YearsRule{Mode: YearsPrinted}, Component: money.Rounding{Scale: 2, Mode: money.HalfUp},
		IndexedWage: r.wage(n.Field("indexed_wage")), TransitionalWage: r.wage(n.Field("transitional_wage")),
		Total: r.rounding(n.Field("total")),
	}
	if low := n.Field("low_index"); !low.IsNull() {
		r.fields(low, "threshold", "scale", "mode", "note")
		p.LowIndex = &LowIndexRule{Threshold: r.decimal(low, "threshold").Decimal, Rounding: r.roundingOf(low)}
	}
	if n.Field("transitional_form").IsNull() && !n.Field("transitional_parts").IsNull() {
		p.TransitionalForm = Parts
	}
	if years := r.years(n.Field("years")); years != nil {
		p.Years = *years
	}
	p.TransitionalYears = r.years(n.Field("transitional_years"))
	if component := r.rounding(n.Field("component")); component != nil {
		p.Component = *component
	}
	for _, item := range r.list(n.Field("transitional_parts")) {
		p.TransitionalParts = append(p.TransitionalParts, r.part(item))
	}
	for _, item := range r.list(n.Field("extras")) {
		p.Extras = append(p.Extras, r.extra(item))
	}
	return p
}

func (r *policyReader) part(n *yamltext.Node) TransitionalPart {
	r.fields(n, "name", "kind", "amount", "divisor", "factor", "months", "note")
	return TransitionalPart{
		Name: r.text(n, "name", ""), Kind: PartKind(r.text(n, "kind", "")),
		Amount: r.decimal(n, "amount"), Divisor: r.decimal(n, "divisor"), Factor: r.decimal(n, "factor"), Months: r.whole(n, "months"),
	}
}

func (r *policyReader) extra(n *yamltext.Node) Extra {
	r.fields(n, "name", "kind", "amount", "pct", "of", "factor", "plus", "months", "base", "index_months", "coefficient_pct", "less", "brackets",
		"each", "round", "note")
	x := Extra{
		Name: r.text(n, "name", ""), Kind: ExtraKind(r.text(n, "kind", "")), Amount: r.decimal(n, "amount"), Pct: r.decimal(n, "pct"),
		Of: r.names(n.Field("of")), Factor: r.decimal(n, "factor"), Plus: r.decimal(n, "plus"), Months: r.whole(n, "months"), Base: r.decimal(n, "base"),
		IndexMonths: r.decimal(n, "index_months"), CoefficientPct: r.decimal(n, "coefficient_pct"), Less: r.names(n.Field("less")),
		Each: r.rounding(n.Field("each")), Round: r.rounding(n.Field("round")),
	}
	for _, item := range r.list(n.Field("brackets")) {
		x.Brackets = append(x.Brackets, r.bracket(item))
	}
	return x
}

func (r *policyReader) bracket(n *yamltext.Node) SeniorityBracket {
	r.fields(n, "from_year", "to_year", "pct", "years", "note")
	b := SeniorityBracket{Pct: r.decimal(n, "pct").Decimal, ToYear: r.whole(n, "to_year"), Years: r.decimal(n, "years")}
	if n.Field("pct").IsNull() {
		r.fault(n, "has no pct", "give the percentage a year as a quoted number")
	}
	if from := r.whole(n, "from_year"); from != nil {
		b.FromYear = *from
	} else {
		r.fault(n, "has no from_year", "give the first year of the bracket, counted from 1")
	}
	return b
}

func (r *policyReader) fault(n *yamltext.Node, reason, hint string) {
	r.faults = append(r.faults, n.Fault(reason, hint))
}

func (r *policyReader) fields(n *yamltext.Node, known ...string) {
	if n.Kind != yamltext.Map {
		r.fault(n, "is no mapping", fmt.Sprintf("write a mapping with %q", known))
		return
	}
	r.faults = append(r.faults, n.UnknownFields(known...)...)
}

func (r *policyReader) text(n *yamltext.Node, field, otherwise string) string {
	v := n.Field(field)
	if v.IsNull() {
		return otherwise
	}
	if v.Kind != yamltext.Scalar {
		r.fault(v, "is no text", "write a single word")
	}
	return v.Text
}

func (r *policyReader) decimal(n *yamltext.Node, field string) decimal.NullDecimal {
	v := n.Field(field)
	if v.IsNull() {
		return decimal.NullDecimal{}
	}
	if v.Kind != yamltext.Scalar || (r.strict && !v.Quoted) {
		r.fault(v, "is no quoted number", "quote it, so that no reader turns it into a float")
		return decimal.NullDecimal{}
	}
	d, err := money.ParseDecimal(v.Text)
	if err != nil {
		r.fault(v, fmt.Sprintf("%q is no decimal number", v.Text), "write digits with at most one decimal point")
	}
	return decimal.NewNullDecimal(d)
}

// whole reads a count, quoted or not.
func (r *policyReader) whole(n *yamltext.Node, field string) *int {
	v := n.Field(field)
	if v.IsNull() {
		return nil
	}
	count, err := strconv.Atoi(v.Text)
	if v.Kind != yamltext.Scalar || err != nil || count > 1_000_000 || count < -1_000_000 {
		r.fault(v, fmt.Sprintf("%q is no whole number", v.Text), "write digits only")
		return nil
	}
	return &count
}

func (r *policyReader) list(n *yamltext.Node) []*yamltext.Node {
	if n.IsNull() {
		return nil
	}
	if n.Kind != yamltext.List {
		r.fault(n, "is no list", "write one entry after a dash for each")
		return nil
	}
	return n.Items
}

func (r *policyReader) names(n *yamltext.Node) []string {
	var out []string
	for _, item := range r.list(n) {
		if item.Kind != yamltext.Scalar {
			r.fault(item, "is no name", "name a component, part or extra")
			continue
		}
		out = append(out, item.Text)
	}
	return out
}

func (r *policyReader) rounding(n *yamltext.Node) *money.Rounding {
	if n.IsNull() {
		return nil
	}
	r.fields(n, "scale", "mode", "note")
	rounding := r.roundingOf(n)
	return &rounding
}

func (r *policyReader) roundingOf(n *yamltext.Node) money.Rounding {
	rounding := money.Rounding{Mode: money.Mode(r.text(n, "mode", ""))}
	if scale := r.whole(n, "scale"); scale != nil {
		rounding.Scale = int32(*scale)
	} else if n.Kind == yamltext.Map {
		r.fault(n, "has no scale", "give the number of decimal places")
	}
	return rounding
}

func (r *policyReader) wage(n *yamltext.Node) *WageRule {
	switch {
	case n.IsNull():
		return nil
	case n.Kind == yamltext.Scalar && n.Text == "printed":
		return &WageRule{Printed: true}
	case n.Kind == yamltext.Scalar:
		r.fault(n, fmt.Sprintf("%q is no way to take a wage", n.Text), "write printed, or {scale: N, mode: half_up}")
		return nil
	default:
		return &WageRule{Rounding: *r.rounding(n)}
	}
}

func (r *policyReader) years(n *yamltext.Node) *YearsRule {
	if n.IsNull() {
		return nil
	}
	if n.Kind == yamltext.Scalar {
		switch YearsMode(n.Text) {
		case ExactMonths, YearsPrinted:
			return &YearsRule{Mode: YearsMode(n.Text)}
		}
		r.fault(n, fmt.Sprintf("%q is no way to count years", n.Text), "write exact_months, printed, or {scale: N, mode: half_up}")
		return nil
	}
	r.fields(n, "scale", "mode", "month_pct", "note")
	rule := &YearsRule{Mode: YearsMode(r.text(n, "mode", "")), MonthPct: r.decimal(n, "month_pct").Decimal}
	if _, rounds := rule.Rounding(); rounds {
		rule.Scale = r.roundingOf(n).Scale
	}
	return rule
}
