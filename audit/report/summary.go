package report

import (
	"cmp"
	"slices"

	"github.com/fundledger/fundledger/audit"
)

// mostLargest is how many findings the summary names by their amounts.
const mostLargest = 10

// summarise orders what was found by its weight: violations before leads, the gravest first, then the largest amounts.
func (p *paper) summarise() {
	heavier := func(x, y section) int { return weight(x.Outcome, y.Outcome) }
	slices.SortStableFunc(p.Violations, heavier)
	slices.SortStableFunc(p.Leads, heavier)
	for _, s := range slices.Concat(p.Violations, p.Leads) {
		class := "violation"
		if s.Outcome.Kind != audit.Exact {
			class = "lead"
		}
		p.Glance = append(p.Glance, glance{s.Outcome, class})
	}
	for i := range p.Run.Findings {
		if p.Run.Findings[i].AtRisk.Amount != 0 {
			p.Largest = append(p.Largest, &p.Run.Findings[i])
		}
	}
	slices.SortStableFunc(p.Largest, larger)
	p.Largest = slices.Clip(p.Largest[:min(len(p.Largest), mostLargest)])
}

// weight orders rules by severity, then by the amount at risk in their first currency. Equal ones keep the order of the run.
func weight(x, y *audit.Outcome) int {
	amount := func(o *audit.Outcome) int64 {
		if len(o.AtRisk) == 0 {
			return 0
		}
		return int64(o.AtRisk[0].Amount.Abs())
	}
	return cmp.Or(cmp.Compare(y.Severity, x.Severity), cmp.Compare(amount(y), amount(x)))
}

// larger orders findings by their amounts, those of one currency together.
func larger(x, y *audit.Finding) int {
	return cmp.Or(cmp.Compare(x.AtRisk.Currency.Code(), y.AtRisk.Currency.Code()), cmp.Compare(y.AtRisk.Amount.Abs(), x.AtRisk.Amount.Abs()))
}

// graver orders findings of one rule by severity, then by amount.
func graver(x, y *audit.Finding) int {
	return cmp.Or(cmp.Compare(y.Severity, x.Severity), larger(x, y))
}
