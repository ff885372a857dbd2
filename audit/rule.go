package audit

import (
	"context"
	"fmt"
	"regexp"
)

// Kind says what a hit of a rule means.
type Kind string

// The kinds.
const (
	Exact     Kind = "exact"     // a hit is a violation (违规)
	Heuristic Kind = "heuristic" // a hit is a lead to be followed (线索)
)

// Name returns the name of what a hit is.
func (k Kind) Name() Text {
	if k == Exact {
		return Text{ZH: "违规", EN: "violation"}
	}
	return Text{ZH: "线索", EN: "lead"}
}

// Severity says how grave a hit is (严重程度).
type Severity int

// The severities, in their order.
const (
	Low      Severity = 1
	Medium   Severity = 2
	High     Severity = 3
	Critical Severity = 4
)

var severityNames = map[Severity]Text{
	Low: {ZH: "低", EN: "low"}, Medium: {ZH: "中", EN: "medium"}, High: {ZH: "高", EN: "high"}, Critical: {ZH: "严重", EN: "critical"},
}

// Name returns the severity's name.
func (s Severity) Name() Text { return severityNames[s] }

// MarshalText writes low, medium, high or critical.
func (s Severity) MarshalText() ([]byte, error) {
	name, ok := severityNames[s]
	if !ok {
		return nil, fmt.Errorf("audit: %d is no severity", int(s))
	}
	return []byte(name.EN), nil
}

// UnmarshalText reads what MarshalText writes.
func (s *Severity) UnmarshalText(text []byte) error {
	for severity, name := range severityNames {
		if name.EN == string(text) {
			*s = severity
			return nil
		}
	}
	return fmt.Errorf("audit: %q is no severity; use low, medium, high or critical", text)
}

// Parameter is a setting of a rule: a whole number with a default and bounds, both included. Where the law gives no figure the default is the project's own
// choice, and Source says so; a deployment sets its own in Engagement.Settings.
type Parameter struct {
	Name    string // "days"
	Title   Text
	Unit    Text
	Default int64
	Least   int64
	Most    int64
	Source  string // where the default comes from
}

// Rule is one audit rule (审计规则). Two versions of a rule may differ in what they find; whoever changes that raises Version.
type Rule struct {
	ID         string // a capital letter and two or three digits: L02
	Version    int    // from 1
	Title      Text
	Why        Text // what a hit means for the fund
	How        Text // what is compared with what
	Do         Text // what to do about a hit
	Kind       Kind
	Severity   Severity
	Reads      []Declared // sources that it cannot do without
	Uses       []Declared // sources that it reads if they are given
	Basis      []string   // legal or published basis, by article
	Parameters []Parameter

	// Check is called once in a run, before anything is read. It registers with the task what it wants to see, and reports findings as it sees them. An error
	// from it, or from what it registered, ends the rule as failed; the other rules go on.
	Check func(ctx context.Context, t *Task) error
}

// Parameter names must not change meaning, and ids stand in findings that are kept for years: both are held to a form.
var (
	ruleID        = regexp.MustCompile(`^[A-Z][0-9]{2,3}$`)
	parameterName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

func (r *Rule) check(wrong *faults) {
	subject := "rule " + r.ID
	add := func(detail, hint string) { wrong.add(ErrRuleInvalid, subject, detail, hint) }
	if !ruleID.MatchString(r.ID) {
		add(fmt.Sprintf("id %q", r.ID), "give a capital letter and two or three digits")
	}
	if r.Version < 1 {
		add(fmt.Sprintf("version %d", r.Version), "versions begin at 1")
	}
	for _, text := range []struct {
		name string
		Text
	}{{"title", r.Title}, {"why", r.Why}, {"how", r.How}, {"do", r.Do}} {
		if !text.whole() {
			add(text.name+" is missing in a language", "write it in Chinese and in English")
		}
	}
	if r.Kind != Exact && r.Kind != Heuristic {
		add(fmt.Sprintf("kind %q", r.Kind), "use audit.Exact or audit.Heuristic")
	}
	if _, ok := severityNames[r.Severity]; !ok {
		add(fmt.Sprintf("severity %d", r.Severity), "use audit.Low, Medium, High or Critical")
	}
	if len(r.Basis) == 0 {
		add("no basis", "name the article it stands on")
	}
	if len(r.Reads) == 0 {
		add("reads no source", "declare what it reads")
	}
	if r.Check == nil {
		add("no check", "give it one")
	}
	r.checkParameters(add)
}

func (r *Rule) checkParameters(add func(detail, hint string)) {
	seen := map[string]bool{}
	for _, p := range r.Parameters {
		if !parameterName.MatchString(p.Name) || seen[p.Name] {
			add(fmt.Sprintf("parameter %q", p.Name), "give each a name of its own, in lower case")
		}
		seen[p.Name] = true
		if p.Default < p.Least || p.Default > p.Most {
			add(fmt.Sprintf("parameter %s: default %d outside %d to %d", p.Name, p.Default, p.Least, p.Most), "keep it within its bounds")
		}
		if !p.Title.whole() || !p.Unit.whole() || p.Source == "" {
			add("parameter "+p.Name+" lacks title, unit or source", "say what it is and where its default comes from")
		}
	}
}
