// Package audit examines books by rules and records what it found so that the examination can be repeated (审计).
//
// A Rule is a value: what it looks for, why, how, on which legal basis, with which settings, and a Check. Rules read through small interfaces, the sources;
// a host gives those that it has, and a rule whose source is absent is reported as not run, never as clean. A Run keeps who ran which versions of which rules
// with which settings over which checkpoint of the books, and the SHA-256 of its result: the same engagement over the same checkpoint gives the same bytes.
//
//	l := audit.ReadLedger(ledger, book)
//	a, err := audit.New(l.Sources(), rules.Default()...)
//	run, err := a.Run(ctx, audit.Engagement{By: "auditor", Clock: clock})
//
// Nothing here writes to the audited books: ReadLedger holds them through LedgerReader, which has no method that writes. The same rules run on Foreign books,
// which hold whatever another system held.
package audit

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Audit is a list of rules over the sources they read.
type Audit struct {
	sources map[string]Source
	rules   []Rule
}

// Code names one reason for which this package refuses something. Test for it with errors.Is(err, audit.ErrRuleInvalid).
type Code string

// The codes.
const (
	ErrRuleInvalid       Code = "rule_invalid"       // a rule lacks something, or two rules have one id
	ErrRuleUnknown       Code = "rule_unknown"       // no rule of that id
	ErrSourceInvalid     Code = "source_invalid"     // a source is given twice, or as nothing
	ErrEngagementInvalid Code = "engagement_invalid" // the engagement lacks something, or sets what no rule has
	ErrBookInvalid       Code = "book_invalid"       // a foreign book cannot be taken in
	ErrFindingUnknown    Code = "finding_unknown"    // no finding of that id in the run
	ErrResponseInvalid   Code = "response_invalid"   // a response lacks its author, its time or its text
	ErrNotStated         Code = "not_stated"         // a source of balances says nothing about the month
	ErrCheckpoint        Code = "checkpoint"         // a book of an earlier run is gone, or has fewer entries than it had
)

// Error makes a Code usable as the target of errors.Is.
func (c Code) Error() string { return "audit: " + string(c) }

// Error is one reason why something was refused. Several come together through errors.Join.
type Error struct {
	Code    Code
	Subject string // the rule, source, book or field that is meant
	Detail  string // what is wrong
	Hint    string // what to do
}

// Error writes code, subject, reason and remedy.
func (e *Error) Error() string {
	return fmt.Sprintf("audit: %s: %s: %s; %s", string(e.Code), e.Subject, e.Detail, e.Hint)
}

// Is matches the error's Code.
func (e *Error) Is(target error) bool { return target == error(e.Code) }

// faults collects everything that is wrong with one input.
type faults []error

func (f *faults) add(code Code, subject, detail, hint string) {
	*f = append(*f, &Error{Code: code, Subject: subject, Detail: detail, Hint: hint})
}

func (f faults) err() error { return errors.Join(f...) }

// New returns an audit of the rules, in their order, over the sources. Every fault of a rule or source is reported, as *Error joined by errors.Join: a rule
// without title, reason, way, remedy, basis or check; a parameter whose default is out of its bounds; an id or a source that comes twice.
func New(sources []Source, rules ...Rule) (*Audit, error) {
	var wrong faults
	a := &Audit{sources: make(map[string]Source, len(sources)), rules: slices.Clone(rules)}
	for _, s := range sources {
		switch _, twice := a.sources[s.name]; {
		case s.name == "" || s.value == nil:
			wrong.add(ErrSourceInvalid, "source "+s.name, "there is nothing behind it", "make sources with SourceKind.Given")
		case twice:
			wrong.add(ErrSourceInvalid, "source "+s.name, "given twice", "give one that reads both")
		default:
			a.sources[s.name] = s
		}
	}
	seen := map[string]bool{}
	for i := range rules {
		rules[i].check(&wrong)
		if seen[rules[i].ID] {
			wrong.add(ErrRuleInvalid, "rule "+rules[i].ID, "comes twice", "give each rule its own id")
		}
		seen[rules[i].ID] = true
	}
	if err := wrong.err(); err != nil {
		return nil, err
	}
	return a, nil
}

// Rules returns the rules in their order.
func (a *Audit) Rules() []Rule { return slices.Clone(a.rules) }

// Only returns an audit of the named rules alone, in their order in a. It returns ErrRuleUnknown for each id that no rule has.
func (a *Audit) Only(ids ...string) (*Audit, error) {
	var wrong faults
	narrow := &Audit{sources: a.sources}
	for _, id := range ids {
		if !slices.ContainsFunc(a.rules, func(r Rule) bool { return r.ID == id }) {
			wrong.add(ErrRuleUnknown, "rule "+id, "not among "+strings.Join(a.ids(), ", "), "name one of them")
		}
	}
	for _, r := range a.rules {
		if slices.Contains(ids, r.ID) {
			narrow.rules = append(narrow.rules, r)
		}
	}
	return narrow, wrong.err()
}

func (a *Audit) ids() []string {
	ids := make([]string, len(a.rules))
	for i, r := range a.rules {
		ids[i] = r.ID
	}
	return ids
}
