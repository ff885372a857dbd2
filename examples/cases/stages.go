package main

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/benefits/pension"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme"
	"github.com/fundledger/fundledger/registration/scheme/yamltext"
)

// solveComponent computes what the inputs suffice for, and the sum of that.
func solveComponent(law *scheme.Catalogue, c *publishedCase) (*answer, error) {
	s, err := readSubject(law, c, c.Inputs)
	if err != nil {
		return nil, err
	}
	var some []string
	if (s.in.BaseProvince.Valid || s.in.BaseLocal.Valid || s.in.IndexedWage.Valid) && (s.in.Years.Valid || s.in.Months != nil) {
		some = append(some, scheme.Basic)
	}
	if s.in.AccountBalance.Valid && s.in.DivisorMonths.Valid {
		some = append(some, scheme.AccountPension)
	}
	if len(s.in.Transitional) > 0 || len(s.formula.Policy().TransitionalParts) > 0 {
		some = append(some, scheme.Transitional)
	}
	a := newAnswer()
	a.notes = s.notes
	var d pension.Determination
	if len(s.formula.Policy().Extras) > 0 {
		d, err = s.formula.Determine(s.in)
	} else {
		d, err = s.formula.DetermineOnly(s.in, some...)
	}
	if err != nil {
		return nil, err
	}
	a.setDetermination("", &d)
	for _, name := range []string{scheme.Basic, scheme.AccountPension, scheme.Transitional} {
		if !slices.Contains(some, name) {
			delete(a.values, name) // an absent input is not an amount of zero
		}
	}
	return a, a.traceSteps("", d.Trace)
}

// stageInputs lays the inputs of one stage over those that both share.
func stageInputs(shared *yamltext.Node, stage string) *yamltext.Node {
	own := shared.Field(stage)
	merged := &yamltext.Node{Kind: yamltext.Map, File: shared.File, Line: shared.Line, Column: shared.Column, Path: shared.Path}
	for _, f := range shared.Fields {
		if f.Name != "provisional" && f.Name != "formal" && own.Field(f.Name) == nil && !stageFields[f.Name] {
			merged.Fields = append(merged.Fields, f)
		}
	}
	if own != nil {
		merged.Fields = append(merged.Fields, own.Fields...)
	}
	return merged
}

// stageFields are inputs of the pair, not of one determination.
var stageFields = map[string]bool{"months_paid": true, "provisional_months": true, "retroactive_months": true}

func solveTwoStage(law *scheme.Catalogue, c *publishedCase) (*answer, error) {
	a := newAnswer()
	var stages [2]pension.Determination
	for i, stage := range [...]string{"provisional", "formal"} {
		s, err := readSubject(law, c, stageInputs(c.Inputs, stage))
		if err != nil {
			return nil, err
		}
		if stages[i], err = s.formula.Determine(s.in); err != nil {
			return nil, err
		}
		for _, note := range s.notes {
			a.note("%s: %s", stage, note)
		}
		a.setDetermination(stage+".", &stages[i])
		if err := a.traceSteps(stage, stages[i].Trace); err != nil {
			return nil, err
		}
	}
	pair := newFigures(c.Inputs)
	months := pair.count("months_paid", "provisional_months", "retroactive_months")
	if err := errFaults(*pair.faults); err != nil {
		return nil, err
	}
	paid := 0
	if months != nil {
		paid = *months
	}
	difference, err := pension.Retroact(&stages[0], &stages[1], paid)
	if err != nil {
		return nil, err
	}
	a.set("monthly_difference", difference.Monthly.String())
	if months != nil {
		for _, name := range []string{"retroactive", "retroactive_total", "retroactive_difference", "back_pay"} {
			a.set(name, difference.Total.String())
		}
	}
	for _, part := range difference.Differences {
		a.set("differences."+part.Name, part.Amount.String())
	}
	return a, nil
}

// indexRounding is how sheets print a mean of indices.
var indexRounding = money.Rounding{Scale: 4, Mode: money.HalfUp}

// solvePhaseIn computes a pension by the new way, with an occupational annuity where there is one, and pays the old amount and a share of the excess.
func solvePhaseIn(_ *scheme.Catalogue, c *publishedCase) (*answer, error) {
	a, f := newAnswer(), newFigures(c.Inputs)
	policy := scheme.PensionPolicy{
		BasicForm: scheme.Same, Years: scheme.YearsRule{Mode: scheme.ExactMonths}, TransitionalForm: scheme.Indexed,
		Component: money.Rounding{Scale: 2, Mode: money.HalfUp},
	}
	if n, _ := f.field("policy"); n != nil {
		read, faults := scheme.ReadPolicy(n, scheme.Lenient)
		if err := faults.Err(); err != nil {
			return nil, err
		}
		policy = *read
	}
	oldTotal, pct, newTotal := f.number("old_method_total"), f.number("phase_in_pct"), f.number("new_method_total")
	if !oldTotal.Valid || !pct.Valid {
		f.fault("old_method_total and phase_in_pct are needed")
	}
	if err := errFaults(*f.faults); err != nil {
		return nil, err
	}
	if !newTotal.Valid || f.node.Field("account_balance") != nil {
		total, err := a.newMethod(f, policy)
		if err != nil {
			return nil, err
		}
		newTotal = decimal.NewNullDecimal(total)
	}
	for _, field := range f.unread() {
		a.note("input %s is not used", field)
	}
	phased, err := pension.PhaseIn(oldTotal.Decimal, newTotal.Decimal, pct.Decimal, policy.Component)
	if err != nil {
		return nil, err
	}
	a.set("new_method_total", newTotal.Decimal.String())
	for _, step := range phased.Trace {
		a.set(step.Name, step.Result)
	}
	return a, a.traceSteps("phase-in", phased.Trace)
}

// newMethod computes the total of the new way.
func (a *answer) newMethod(f *figures, policy scheme.PensionPolicy) (decimal.Decimal, error) {
	deemed, actual := f.count("deemed_months"), f.count("actual_months")
	deemedIndex, actualIndex := f.number("deemed_index"), f.number("actual_index")
	in := pension.Inputs{
		BaseProvince: f.number("base_province", "base"), BaseLocal: f.number("base_local"), AverageIndex: f.number("avg_index"),
		Years: f.number("years_total"), Months: f.count("months_total"), AccountBalance: f.number("account_balance"),
		DivisorMonths: f.number("divisor_months"),
	}
	stretch := pension.Stretch{Index: deemedIndex, CoefficientPct: f.number("transitional_coefficient_pct", "coefficient_pct"), Months: deemed,
		Years: f.number("deemed_years")}
	annuity := f.number("occupational_annuity_balance")
	if err := errFaults(*f.faults); err != nil {
		return decimal.Decimal{}, err
	}
	if stretch.Months != nil || stretch.Years.Valid {
		in.Transitional = []pension.Stretch{stretch}
	}
	if in.Months == nil && !in.Years.Valid && deemed != nil && actual != nil {
		all := *deemed + *actual
		in.Months = &all
	}
	if !in.AverageIndex.Valid && deemed != nil && actual != nil && deemedIndex.Valid && actualIndex.Valid {
		spans := []pension.IndexSpan{{Index: deemedIndex.Decimal, Months: *deemed}, {Index: actualIndex.Decimal, Months: *actual}}
		mean, step, err := pension.WeightedIndex(spans, indexRounding)
		if err != nil {
			return decimal.Decimal{}, err
		}
		in.AverageIndex = decimal.NewNullDecimal(mean)
		if err := a.traceSteps("average index", []pension.Step{step}); err != nil {
			return decimal.Decimal{}, err
		}
	}
	a.set("avg_index", in.AverageIndex.Decimal.String())
	if annuity.Valid {
		d, err := pension.DetermineOnly(policy, pension.Inputs{AccountBalance: annuity, DivisorMonths: in.DivisorMonths}, scheme.AccountPension)
		if err != nil {
			return decimal.Decimal{}, err
		}
		in.Extras = []pension.MemberFigure{{Name: "occupational_annuity", Amount: decimal.NewNullDecimal(d.AccountPension)}}
		if err := a.traceSteps("occupational annuity", d.Trace); err != nil {
			return decimal.Decimal{}, err
		}
	}
	d, err := pension.Determine(policy, in)
	if err != nil {
		return decimal.Decimal{}, err
	}
	a.setDetermination("", &d)
	delete(a.values, "total") // the total of the new way is new_method_total; what is paid is payable
	return d.Total, a.traceSteps("new method", d.Trace)
}
