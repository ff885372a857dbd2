package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/fundledger/fundledger/benefits/pension"
	"github.com/fundledger/fundledger/ledger/money"
)

// printOutcome writes one case: its verdict, then expected and computed figures side by side.
func printOutcome(out io.Writer, o *outcome, verbose bool) {
	switch {
	case o.skipped != "":
		fmt.Fprintf(out, "SKIP  %-8s %s\n      %s\n\n", o.c.ID, o.c.Title, o.skipped)
		return
	case o.passed():
		fmt.Fprintf(out, "PASS  %-8s %s\n", o.c.ID, o.c.Title)
	default:
		fmt.Fprintf(out, "FAIL  %-8s %s\n      %s, %s\n", o.c.ID, o.c.Title, o.c.At, o.c.Kind)
	}
	if o.err != nil {
		for line := range strings.Lines(o.err.Error()) {
			fmt.Fprintf(out, "      %s\n", strings.TrimRight(line, "\n"))
		}
	}
	printRows(out, o.rows)
	for _, remark := range o.c.remarks {
		fmt.Fprintf(out, "      note: %s\n", remark)
	}
	if o.answer != nil {
		for _, note := range o.answer.notes {
			fmt.Fprintf(out, "      note: %s\n", note)
		}
		if verbose && o.answer.trace.Len() > 0 {
			fmt.Fprintln(out)
			for line := range strings.Lines(o.answer.trace.String()) {
				fmt.Fprintf(out, "      %s\n", strings.TrimRight(line, "\n"))
			}
		}
	}
	fmt.Fprintln(out)
}

func printRows(out io.Writer, rows []row) {
	if len(rows) == 0 {
		return
	}
	figure, expected, computed := len("figure"), len("expected"), len("computed")
	for i, r := range rows {
		rows[i].computed = sameDecimals(r)
		r = rows[i]
		figure, expected, computed = max(figure, width(r.path)), max(expected, width(r.expected)), max(computed, width(r.computed))
	}
	fmt.Fprintf(out, "      %-*s  %*s  %*s\n", figure, "figure", expected, "expected", computed, "computed")
	for _, r := range rows {
		fmt.Fprintf(out, "      %-*s  %*s  %*s", figure, r.path, expected, r.expected, computed, r.computed)
		switch {
		case !r.same:
			fmt.Fprintf(out, "  differs%s", difference(r))
		case r.tolerance != "" && !sameFigure(r.expected, r.computed, ""):
			fmt.Fprintf(out, "  within %s: differs%s", r.tolerance, difference(r))
		}
		fmt.Fprintln(out)
	}
}

// sameDecimals writes an equal number with as many decimals as the sheet has, so that the columns can be compared by eye.
func sameDecimals(r row) string {
	number, err := money.ParseDecimal(r.computed)
	if err != nil || !sameFigure(r.expected, r.computed, "") {
		return r.computed
	}
	_, decimals, _ := strings.Cut(r.expected, ".")
	return number.StringFixed(int32(len(decimals)))
}

func width(text string) int { return utf8.RuneCountInString(text) }

// difference shows computed − expected where both are numbers.
func difference(r row) string {
	e, ok1 := exactNumber(r.expected)
	c, ok2 := exactNumber(r.computed)
	if !ok1 || !ok2 {
		return ""
	}
	return " by " + strings.TrimRight(strings.TrimRight(c.Sub(c, e).FloatString(6), "0"), ".")
}

// trace appends the steps of a determination under a heading.
func (a *answer) traceSteps(heading string, steps []pension.Step) error {
	if heading != "" {
		a.trace.WriteString(heading + "\n")
	}
	return pension.WriteTrace(&a.trace, steps)
}
