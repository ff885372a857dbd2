package main

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme"
)

// A case without a policy may still say how it was rounded, in the few set phrases that published.yaml and its like use: clauses parted by semicolons,
// each a subject and a rounding. A clause that is not understood is remarked and changes nothing.

var (
	modePhrases = []struct {
		pattern *regexp.Regexp
		mode    money.Mode
	}{
		{regexp.MustCompile(`half[- ]?even`), money.HalfEven},
		{regexp.MustCompile(`half[- ]?up`), money.HalfUp},
		{regexp.MustCompile(`\bceil|round(ed)? up|, up\b|\bup to\b|见分进角`), money.Ceil},
		{regexp.MustCompile(`cut off|truncat|\bfloor|round(ed)? down`), money.Truncate},
	}
	unitPhrase     = regexp.MustCompile(`(?:^|[^0-9.])(0\.0*1)(?:[^0-9]|$)`)
	decimalsPhrase = regexp.MustCompile(`\b(\d+|one|two|three|four|five) decimals?\b`)
	wholePhrase    = regexp.MustCompile(`whole (yuan|years?)\b|\bto 1\b`)
	monthPctPhrase = regexp.MustCompile(`months?\s*(?:\*|×|at)\s*(0\.\d+)\s*%|months at (0\.\d+) ?%`)
	wordNumbers    = map[string]int32{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
)

// roundingOf reads the rounding of one clause.
func roundingOf(clause string) (money.Rounding, bool) {
	var r money.Rounding
	for _, p := range modePhrases {
		if p.pattern.MatchString(clause) {
			r.Mode = p.mode
			break
		}
	}
	if r.Mode == "" {
		return r, false
	}
	if m := unitPhrase.FindStringSubmatch(clause); m != nil {
		r.Scale = int32(len(m[1]) - 2)
		return r, true
	}
	if m := decimalsPhrase.FindStringSubmatch(clause); m != nil {
		if scale, ok := wordNumbers[m[1]]; ok {
			r.Scale = scale
			return r, true
		}
		scale, err := strconv.ParseInt(m[1], 10, 8)
		r.Scale = int32(scale)
		return r, err == nil
	}
	if strings.Contains(clause, "见分进角") { // the fen go up into the jiao
		r.Scale = 1
		return r, true
	}
	return r, wholePhrase.MatchString(clause)
}

// applyRoundingText changes a policy by the clauses of a text and remarks what it did not understand.
func applyRoundingText(p *scheme.PensionPolicy, text string) []string {
	var notes []string
	for clause := range strings.SplitSeq(text, ";") {
		clause = strings.ToLower(strings.TrimSpace(clause))
		if clause != "" && !applyClause(p, clause) {
			notes = append(notes, "not understood in the text on rounding: "+clause)
		}
	}
	return notes
}

func applyClause(p *scheme.PensionPolicy, clause string) bool {
	r, rounds := roundingOf(clause)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.HasPrefix(clause, w) {
				return true
			}
		}
		return false
	}
	if m := monthPctPhrase.FindStringSubmatch(clause); m != nil {
		pct := money.MustDecimal(m[1] + m[2])
		p.Years = scheme.YearsRule{Mode: scheme.WholePlusMonth, MonthPct: pct}
		if rounds {
			p.Component = r
		}
		return true
	}
	switch {
	case has("total years", "years", "transitional years"):
		return applyYearsClause(p, clause)
	case has("indexed wage", "transitional wage"):
		return applyWageClause(p, clause, r, rounds)
	case has("each component", "component", "all components", "amounts", "each amount"):
		if rounds {
			p.Component = r
		}
		return rounds
	case has("each seniority bracket"):
		each := p.Component
		if rounds {
			each = r
		}
		for i := range p.Extras {
			p.Extras[i].Each = &each
		}
		return true
	case has("total"):
		if rounds {
			p.Total = &r
		}
		return rounds || strings.Contains(clause, "sum")
	case has("transitional from the unrounded"):
		p.TransitionalWage = nil
		return true
	default:
		return false
	}
}

func applyWageClause(p *scheme.PensionPolicy, clause string, r money.Rounding, rounds bool) bool {
	rule := scheme.WageRule{Rounding: r, Printed: strings.Contains(clause, "as printed")}
	if !rounds && !rule.Printed {
		return false
	}
	if strings.HasPrefix(clause, "transitional") {
		p.TransitionalWage = &rule
		return true
	}
	p.IndexedWage = &rule
	if strings.Contains(clause, "transitional") {
		p.TransitionalWage = &rule
	}
	return true
}

// applyYearsClause reads how months become years. Printed years stand: the clause counts only where a case gives months alone.
func applyYearsClause(p *scheme.PensionPolicy, clause string) bool {
	rule, ok := yearsRuleOf(clause)
	if !ok {
		return false
	}
	if strings.HasPrefix(clause, "transitional") {
		p.TransitionalYears = &rule
	} else {
		p.Years = rule
	}
	return true
}

func yearsRuleOf(clause string) (scheme.YearsRule, bool) {
	if strings.Contains(clause, "as printed") {
		return scheme.YearsRule{Mode: scheme.YearsPrinted}, true
	}
	if strings.Contains(clause, "unrounded") || strings.Contains(clause, "exact") {
		return scheme.YearsRule{Mode: scheme.ExactMonths}, true
	}
	if r, ok := roundingOf(clause); ok {
		return scheme.YearsRule{Mode: scheme.YearsMode(r.Mode), Scale: r.Scale}, true
	}
	if m := decimalsPhrase.FindStringSubmatch(clause); m != nil { // "4 decimals", which is half-up where nothing else is said
		scale, err := strconv.ParseInt(m[1], 10, 8)
		return scheme.YearsRule{Mode: scheme.YearsMode(money.HalfUp), Scale: int32(scale)}, err == nil
	}
	return scheme.YearsRule{}, false
}

// applyYearsRule reads the input years_rule, whose first clause speaks of the total where it names no subject.
func applyYearsRule(p *scheme.PensionPolicy, text string) {
	for i, clause := range strings.Split(text, ";") {
		clause = strings.ToLower(strings.TrimSpace(clause))
		if i == 0 && !strings.HasPrefix(clause, "total") && !strings.HasPrefix(clause, "transitional") {
			clause = "years " + clause
		}
		applyYearsClause(p, clause)
	}
}
