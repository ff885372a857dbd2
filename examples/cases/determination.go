package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/benefits/pension"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme"
	"github.com/fundledger/fundledger/registration/scheme/yamltext"
)

// subject is a case read as a policy and a member's inputs.
type subject struct {
	formula *pension.Formula
	in      pension.Inputs
	notes   []string
}

// readSubject reads the inputs of a pension case. The policy is the case's own; without one it is what the case's text on rounding says, over the plain rule
// of a sheet: years and amounts as printed, components half-up to 0.01, total the plain sum.
func readSubject(law *scheme.Catalogue, c *publishedCase, inputs *yamltext.Node) (*subject, error) {
	s := &subject{}
	f := newFigures(inputs)
	policy, err := s.readPolicy(f, c)
	if err != nil {
		return nil, err
	}
	s.in = pension.Inputs{
		BaseProvince: f.number("base_province", "base"), BaseLocal: f.number("base_local"), AverageIndex: f.number("avg_index", "index"),
		IndexedWage: f.number("indexed_wage"), Years: f.number("years_total"), Months: f.count("months_total"),
		AccountBalance: f.number("account_balance"), DivisorMonths: f.number("divisor_months", "divisor"),
	}
	s.readYearsAndMonths(f)
	s.readTransitional(f)
	s.in.Parts = f.memberFigures("parts")
	s.in.Extras = f.memberFigures("extras")
	if f.node.Field("policy").IsNull() {
		s.keepPrinted(policy)
	}
	if err := errFaults(*f.faults); err != nil {
		return nil, err
	}
	s.fillCoefficients(law, c)
	for _, field := range f.unread() {
		if !informational[field] {
			s.notes = append(s.notes, "input "+field+" is not used")
		}
	}
	s.formula, err = pension.NewFormula(*policy, nil)
	return s, err
}

// informational inputs explain others and carry no figure of their own.
var informational = map[string]bool{"years_rule": true, "policy": true, "seniority_brackets": true, "basic_form": true}

func (s *subject) readPolicy(f *figures, c *publishedCase) (*scheme.PensionPolicy, error) {
	form := scheme.BasicForm(f.text("basic_form"))
	if n, _ := f.field("policy"); n != nil {
		policy, faults := scheme.ReadPolicy(n, scheme.Lenient)
		if err := faults.Err(); err != nil {
			return nil, err
		}
		if n.Field("basic_form").IsNull() && form != "" {
			policy.BasicForm = form
		}
		return policy, nil
	}
	policy := &scheme.PensionPolicy{
		BasicForm: scheme.Same, Years: scheme.YearsRule{Mode: scheme.YearsPrinted}, TransitionalForm: scheme.Indexed,
		Component: money.Rounding{Scale: 2, Mode: money.HalfUp},
	}
	if form != "" {
		policy.BasicForm = form
	}
	if n, _ := f.field("seniority_brackets"); n != nil {
		brackets := &yamltext.Node{Kind: yamltext.Map, File: n.File, Line: n.Line, Column: n.Column, Fields: []yamltext.Field{
			{Name: "extras", Value: &yamltext.Node{Kind: yamltext.List, File: n.File, Line: n.Line, Items: []*yamltext.Node{
				{Kind: yamltext.Map, File: n.File, Line: n.Line, Fields: []yamltext.Field{
					{Name: "name", Value: scalar(n, "addition")}, {Name: "kind", Value: scalar(n, string(scheme.SeniorityBracketsSum))}, {Name: "brackets", Value: n},
				}},
			}}},
		}}
		read, faults := scheme.ReadPolicy(brackets, scheme.Lenient)
		if err := faults.Err(); err != nil {
			return nil, err
		}
		policy.Extras = read.Extras
	}
	s.notes = append(s.notes, applyRoundingText(policy, c.Rounding)...)
	if policy.Years.Mode == scheme.YearsPrinted {
		applyYearsRule(policy, f.text("years_rule"))
	}
	return policy, nil
}

func scalar(at *yamltext.Node, text string) *yamltext.Node {
	return &yamltext.Node{Kind: yamltext.Scalar, Text: text, File: at.File, Line: at.Line, Column: at.Column}
}

// readYearsAndMonths reads `years` and `months`, which give whole years and further months when both stand there, and otherwise totals.
func (s *subject) readYearsAndMonths(f *figures) {
	years, months := f.number("years"), f.count("months")
	switch {
	case s.in.Months != nil || s.in.Years.Valid:
	case years.Valid && months != nil && years.Decimal.IsInteger():
		total := int(years.Decimal.IntPart())*12 + *months
		s.in.Months = &total
	case years.Valid:
		s.in.Years = years
	case months != nil:
		s.in.Months = months
	}
}

// keepPrinted lets printed years and a printed indexed wage stand in a case without a policy; its text on years counts where months alone are given.
func (s *subject) keepPrinted(policy *scheme.PensionPolicy) {
	if s.in.IndexedWage.Valid && policy.IndexedWage == nil {
		policy.IndexedWage = &scheme.WageRule{Printed: true}
	}
	if policy.Years.Mode != scheme.WholePlusMonth && s.in.Years.Valid {
		s.in.Months = nil
	}
	for i := range s.in.Transitional {
		if s.in.Transitional[i].Years.Valid {
			s.in.Transitional[i].Months = nil
		}
	}
}

// readTransitional reads the stretches of the transitional pension: one mapping, a list of parts within it, or deemed and actual years by themselves.
func (s *subject) readTransitional(f *figures) {
	n, _ := f.field("transitional")
	switch {
	case n == nil || (n.Kind == yamltext.Scalar && (n.Text == "0" || n.Text == "none")):
	case n.Kind != yamltext.Map:
		f.fault("transitional is no mapping")
	default:
		outer := f.inner(n, "transitional")
		whole := readStretch(outer)
		parts, _ := outer.field("parts")
		if parts == nil {
			s.in.Transitional = append(s.in.Transitional, whole)
			break
		}
		for i, item := range parts.Items {
			inner := outer.inner(item, fmt.Sprintf("parts[%d]", i))
			part := readStretch(inner)
			inherit(&part, whole)
			s.in.Transitional = append(s.in.Transitional, part)
		}
	}
	coefficient := f.number("transitional_coefficient_pct", "coefficient_pct")
	if years, months := f.number("deemed_years"), f.count("deemed_months"); years.Valid || months != nil {
		s.in.Transitional = append(s.in.Transitional, pension.Stretch{
			Name: "deemed", Years: years, Months: months, Index: f.number("deemed_index"), CoefficientPct: coefficient,
		})
	}
	if years := f.number("actual_years_to_1998_06", "actual_years_before"); years.Valid {
		s.in.Transitional = append(s.in.Transitional, pension.Stretch{Name: "actual", Years: years, CoefficientPct: coefficient})
	}
	for i := range s.in.Transitional {
		if !s.in.Transitional[i].CoefficientPct.Valid {
			s.in.Transitional[i].CoefficientPct = coefficient
		}
	}
}

func readStretch(f *figures) pension.Stretch {
	return pension.Stretch{
		Base: f.number("base"), Index: f.number("index"), IndexedWage: f.number("indexed_wage"),
		CoefficientPct: f.number("coefficient_pct"), Years: f.number("years"), Months: f.count("months"), Name: f.text("name"),
	}
}

// inherit gives a part what is said once for all of them.
func inherit(part *pension.Stretch, whole pension.Stretch) {
	if !part.Base.Valid {
		part.Base = whole.Base
	}
	if !part.Index.Valid && !part.IndexedWage.Valid {
		part.Index = whole.Index
	}
	if !part.CoefficientPct.Valid {
		part.CoefficientPct = whole.CoefficientPct
	}
}

// memberFigures reads a member's own amounts and months under the names of the policy's parts or extras. What the policy computes it computes; a printed
// amount is then only compared.
func (f *figures) memberFigures(field string) []pension.MemberFigure {
	n, _ := f.field(field)
	switch {
	case n == nil:
		return nil
	case n.Kind != yamltext.List:
		f.fault("%s is no list", field)
		return nil
	}
	var out []pension.MemberFigure
	for i, item := range n.Items {
		inner := f.inner(item, fmt.Sprintf("%s[%d]", field, i))
		name := inner.text("name")
		if name == "" {
			name = strings.TrimSuffix(field, "s") + "_" + strconv.Itoa(i+1)
		}
		out = append(out, pension.MemberFigure{Name: name, Amount: inner.number("amount"), Months: inner.count("months")})
	}
	return out
}

var titlePlace = regexp.MustCompile(`^([A-Z][A-Za-z]*(?: [A-Z][a-z]+)?) (\d{4})(?:-(\d{2}))?`)

// placeAndDay reads the province and the month from the beginning of a title, such as "Beijing 2022-08".
func placeAndDay(title string) (string, calendar.Date, bool) {
	m := titlePlace.FindStringSubmatch(title)
	if m == nil {
		return "", 0, false
	}
	year, _ := strconv.Atoi(m[2]) // the pattern has digits only
	month := 1
	if m[3] != "" {
		month, _ = strconv.Atoi(m[3])
	}
	day, err := calendar.NewDate(year, month, 1)
	return strings.ReplaceAll(strings.ToLower(m[1]), " ", "_"), day, err == nil
}

// fillCoefficients takes a coefficient that the inputs leave out from the parameters of the case's province, at its date: the only place where the
// title of a case counts.
func (s *subject) fillCoefficients(law *scheme.Catalogue, c *publishedCase) {
	for i := range s.in.Transitional {
		stretch := &s.in.Transitional[i]
		if stretch.CoefficientPct.Valid {
			continue
		}
		place, day, ok := placeAndDay(c.Title)
		if !ok {
			return
		}
		value, err := law.Number(scheme.ID("cn."+place+".pension.transitional_coefficient"), day)
		if err != nil {
			s.notes = append(s.notes, err.Error())
			return
		}
		stretch.CoefficientPct = decimal.NewNullDecimal(value.Number)
		if i == 0 {
			s.notes = append(s.notes, fmt.Sprintf("coefficient %s %% is not among the inputs: taken from %s at %s", value.Text, value.Parameter, day))
		}
	}
}

// setDetermination puts every figure of a determination where `expected` may ask for it.
func (a *answer) setDetermination(prefix string, d *pension.Determination) {
	for _, step := range d.Trace {
		a.set(prefix+step.Name, step.Result)
		unrounded := strings.TrimSuffix(step.Unrounded, "…")
		a.set(prefix+step.Name+"_unrounded", unrounded)
		if exact, err := money.ParseDecimal(unrounded); err == nil {
			a.set(prefix+step.Name+"_unrounded_2dp", exact.Round(2).String())
		}
	}
	extras := decimal.Decimal{}
	for _, x := range d.Extras {
		extras = extras.Add(x.Amount)
		a.set(prefix+"extras."+x.Name, x.Amount.String())
	}
	a.set(prefix+"extras", extras.String())
	a.set(prefix+"extras_total", extras.String())
	a.set(prefix+"addition", extras.String())
	for _, p := range d.Parts {
		a.set(prefix+"parts."+p.Name, p.Amount.String())
		a.set(prefix+"transitional_parts."+p.Name, p.Amount.String())
		if short, ok := strings.CutPrefix(p.Name, scheme.Transitional+"_"); ok {
			a.set(prefix+"g_"+short, p.Amount.String())
		}
	}
	for _, c := range d.Amounts() {
		a.set(prefix+c.Name, c.Amount.String())
	}
}

// comparePrinted remarks where printed years or a printed addition are not what the policy computes.
func (a *answer) comparePrinted(s *subject, d *pension.Determination) {
	if years, ok := d.Step("years"); ok && s.in.Years.Valid && s.in.Months != nil && !sameFigure(s.in.Years.Decimal.String(), years.Result, "") {
		a.note("the inputs print %s years and their %d months make %s by the policy, which counts months", s.in.Years.Decimal, *s.in.Months, years.Result)
	}
	for _, printed := range s.in.Extras {
		for _, x := range d.Extras {
			if x.Name == printed.Name && printed.Amount.Valid && !x.Amount.Equal(printed.Amount.Decimal) {
				a.note("the inputs print %s for %s and the policy computes %s", printed.Amount.Decimal, x.Name, x.Amount)
			}
		}
	}
}

func solveDetermination(law *scheme.Catalogue, c *publishedCase) (*answer, error) {
	s, err := readSubject(law, c, c.Inputs)
	if err != nil {
		return nil, err
	}
	a := newAnswer()
	a.notes = s.notes
	d, err := s.determine(c.Expected)
	if err != nil {
		return nil, err
	}
	a.setDetermination("", &d)
	a.comparePrinted(s, &d)
	return a, a.traceSteps("", d.Trace)
}

// determine computes everything, or, when inputs of a component are missing that the case does not expect, only what it expects.
func (s *subject) determine(expected *yamltext.Node) (pension.Determination, error) {
	d, err := s.formula.Determine(s.in)
	if err == nil {
		return d, nil
	}
	var some []string
	for _, name := range []string{scheme.Basic, scheme.AccountPension, scheme.Transitional} {
		if expected.Field(name) != nil {
			some = append(some, name)
		}
	}
	if len(some) == 0 || len(some) == 3 || expected.Field("total") != nil {
		return d, err
	}
	return s.formula.DetermineOnly(s.in, some...)
}
