package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/fundledger/fundledger/registration/scheme"
)

// answer is what the engine makes of one case: figures by the path that `expected` has for them, a trace, and remarks.
type answer struct {
	values map[string]string
	trace  strings.Builder
	notes  []string
}

func newAnswer() *answer { return &answer{values: map[string]string{}} }

func (a *answer) set(path, value string) { a.values[path] = value }

func (a *answer) note(format string, args ...any) {
	a.notes = append(a.notes, fmt.Sprintf(format, args...))
}

// solver computes the cases of one kind. An error means that nothing can be compared.
type solver func(law *scheme.Catalogue, c *publishedCase) (*answer, error)

// errOtherShape is wrapped by solvers of kinds that are published in many shapes, where the inputs are in one that the solver does not know: the case is
// skipped with the reason.
var errOtherShape = errors.New("the inputs are in a shape that the rule of this kind does not read")

// solvers are the kinds this engine has rules for. A kind that is not here is skipped, and counted so.
var solvers = map[string]solver{
	"cn.pension.determination":     solveDetermination,
	"cn.pension.component":         solveComponent,
	"cn.pension.two_stage":         solveTwoStage,
	"cn.pension.phase_in":          solvePhaseIn,
	"cn.divisor_table":             solveDivisorTable,
	"cn.divisor_interpolated":      solveDivisorPoints,
	"cn.statutory_retirement":      solveRetirement,
	"cn.min_contribution_years":    solveMinimumYears,
	"cn.pension_place":             solvePlace,
	"cn.account_interest":          solveInterestIdentity,
	"cn.account_interest_identity": solveInterestIdentity,
	"cn.account_interest_rates":    solveInterestRates,
	"cn.late_fee":                  solveLateFee,
	"cn.dated_rate":                solveDatedRate,
	"cn.maternity_allowance":       solveMaternity,
	"cn.work_injury_table":         solveWorkInjury,
	"cn.unemployment_duration":     solveUnemployment,
	"in.gpf_interest":              solveGPF,
	"sg.cpf_interest":              solveQuarterBalances,
	"sg.cpf_contribution":          solveSharedContribution,
	"sg.cpf_rounding":              solveSharedContribution,
	"ke.nssf_tiers":                solveTiers,
	"fr.unemployment_cap":          solveCappedContribution,
	"marginal_scale_dated":         solveMarginalScale,
	"ndc.annuity":                  solveAnnuity,
}

// takesPolicy are the kinds whose cases may carry a locality's policy. Anywhere else a policy would be ignored, and the case compared with another rule.
var takesPolicy = map[string]bool{
	"cn.pension.determination": true, "cn.pension.component": true, "cn.pension.two_stage": true, "cn.pension.phase_in": true,
}

// row compares one figure.
type row struct {
	path, expected, computed string
	tolerance                string
	same                     bool
}

// outcome is a case that was run.
type outcome struct {
	c       *publishedCase
	skipped string // why
	err     error
	answer  *answer
	rows    []row
}

func (o *outcome) passed() bool {
	if o.skipped != "" || o.err != nil || len(o.rows) == 0 {
		return false
	}
	for _, r := range o.rows {
		if !r.same {
			return false
		}
	}
	return true
}

// run computes a case and compares every figure it expects. A figure that the engine did not compute is a difference.
func run(law *scheme.Catalogue, c *publishedCase) outcome {
	o := outcome{c: c}
	solve, known := solvers[c.Kind]
	switch {
	case c.Kind != "" && !known:
		o.skipped = "the engine has no rule for the kind " + c.Kind
		return o
	case len(c.faults) > 0:
		o.err = errFaults(c.faults)
		return o
	}
	if policy := c.Inputs.Field("policy"); !policy.IsNull() && !takesPolicy[c.Kind] {
		o.err = policy.Fault("is a policy, and the kind "+c.Kind+" takes none", "leave it out, or give the rule as inputs")
		return o
	}
	if o.answer, o.err = solve(law, c); errors.Is(o.err, errOtherShape) {
		o.skipped, o.err = o.err.Error(), nil
		return o
	}
	if !c.refusal.IsNull() {
		o.rows, o.err = []row{c.refused(o.err)}, nil
		return o
	}
	if o.err != nil {
		return o
	}
	for _, leaf := range leaves(c.Expected, "") {
		r := row{path: leaf.path, expected: leaf.text, tolerance: c.toleranceOf(leaf)}
		computed, ok := o.answer.values[leaf.path]
		if !ok {
			computed = "not computed"
		}
		r.computed, r.same = computed, ok && sameFigure(leaf.text, computed, r.tolerance)
		o.rows = append(o.rows, r)
	}
	return o
}
