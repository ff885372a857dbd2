package audit

import "fmt"

// Declared is the name of a kind of source, as a rule declares what it reads. Every SourceKind is one.
type Declared interface {
	Name() string
	Title() Text
}

// SourceKind declares one kind of source (数据来源): its name, and the interface T through which rules read it. Declare it once, as a package variable beside T.
type SourceKind[T any] struct {
	name  string
	title Text
}

// DeclareSource returns a kind of source.
func DeclareSource[T any](name string, title Text) SourceKind[T] {
	return SourceKind[T]{name: name, title: title}
}

// Name returns the name that stands in runs.
func (k SourceKind[T]) Name() string { return k.name }

// Title returns what the source is called in reports.
func (k SourceKind[T]) Title() Text { return k.title }

// Given returns the source for New. Where value also has a method Identity(ctx) (string, error), its answer is kept in the run: a version, or a hash of what was
// read.
func (k SourceKind[T]) Given(value T) Source {
	return Source{name: k.name, title: k.title, value: value}
}

// In returns what the host gave, and whether it gave it. A rule asks only for what it declared in Reads, where the answer is always yes, or in Uses; anything
// else is a mistake in the rule and panics.
func (k SourceKind[T]) In(t *Task) (T, bool) {
	var none T
	if !t.declared(k.name) {
		panic(fmt.Sprintf("audit: rule %s reads source %q, which it does not declare", t.rule.ID, k.name))
	}
	source, ok := t.sources[k.name]
	if !ok {
		return none, false
	}
	value, ok := source.value.(T)
	if !ok {
		panic(fmt.Sprintf("audit: source %q is a %T, and rule %s expects another type: is the kind declared twice?", k.name, source.value, t.rule.ID))
	}
	return value, true
}

// Source is a source that the host gives to New.
type Source struct {
	name  string
	title Text
	value any
}

// Name returns the name of its kind.
func (s Source) Name() string { return s.name }
