package main

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme"
	"github.com/fundledger/fundledger/registration/scheme/yamltext"
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
	"cn.account_interest_identity": solveInterestIdentity,
	"cn.account_interest_rates":    solveInterestRates,
	"cn.late_fee":                  solveLateFee,
	"cn.dated_rate":                solveDatedRate,
	"cn.maternity_allowance":       solveMaternity,
	"cn.work_injury_table":         solveWorkInjury,
	"cn.unemployment_duration":     solveUnemployment,
}

// row compares one figure.
type row struct {
	path, expected, computed string
	same                     bool
}

// outcome is a case that was run.
type outcome struct {
	c       *publishedCase
	skipped bool
	err     error
	answer  *answer
	rows    []row
}

func (o *outcome) passed() bool {
	if o.skipped || o.err != nil || len(o.rows) == 0 {
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
	if !known {
		o.skipped = true
		return o
	}
	if o.answer, o.err = solve(law, c); o.err != nil {
		return o
	}
	for _, leaf := range leaves(c.Expected, "") {
		r := row{path: leaf.path, expected: leaf.text}
		computed, ok := o.answer.values[leaf.path]
		if !ok {
			computed = "not computed"
		}
		r.computed, r.same = computed, ok && sameFigure(leaf.text, computed)
		o.rows = append(o.rows, r)
	}
	return o
}

type leaf struct{ path, text string }

// leaves walks `expected` down to its single figures. An entry of a list that has a name stands under that name.
func leaves(n *yamltext.Node, path string) []leaf {
	var out []leaf
	switch n.Kind {
	case yamltext.Map:
		for _, f := range n.Fields {
			out = append(out, leaves(f.Value, joined(path, f.Name))...)
		}
	case yamltext.List:
		for i, item := range n.Items {
			name, amount := item.Field("name"), item.Field("amount")
			if name != nil && amount != nil && len(item.Fields) == 2 {
				out = append(out, leaf{joined(path, name.Text), amount.Text})
				continue
			}
			out = append(out, leaves(item, fmt.Sprintf("%s[%d]", path, i))...)
		}
	case yamltext.Null:
		out = append(out, leaf{path, "null"})
	default:
		out = append(out, leaf{path, n.Text})
	}
	return out
}

func joined(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// sameFigure compares numbers by value, however many zeros they end in, and anything else as text. No tolerance.
func sameFigure(expected, computed string) bool {
	e, ok1 := exactNumber(expected)
	c, ok2 := exactNumber(computed)
	if ok1 && ok2 {
		return e.Cmp(c) == 0
	}
	return expected == computed
}

// exactNumber reads a decimal, or a fraction of two.
func exactNumber(text string) (*big.Rat, bool) {
	numerator, denominator, isFraction := strings.Cut(text, "/")
	n, err := money.ParseDecimal(numerator)
	if err != nil {
		return nil, false
	}
	if !isFraction {
		return n.Rat(), true
	}
	d, err := money.ParseDecimal(denominator)
	if err != nil || d.IsZero() {
		return nil, false
	}
	return new(big.Rat).Quo(n.Rat(), d.Rat()), true
}
