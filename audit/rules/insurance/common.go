package insurance

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// mostEvidence bounds how many records one finding names.
const mostEvidence = 20

// about lists subjects by pairs of name and value.
func about(pairs ...string) []audit.Subject {
	subjects := make([]audit.Subject, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		subjects = append(subjects, audit.Subject{Name: pairs[i], Value: pairs[i+1]})
	}
	return subjects
}

// both formats one text in both languages with the same arguments.
func both(zh, en string, args ...any) audit.Text {
	return audit.Text{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}
}

// period is the period of a month, or none where a foreign record has no real month: such a record is always in scope.
func period(m calendar.Month) calendar.Period {
	if !m.Valid() {
		return 0
	}
	return m.Period()
}

// inScope reports whether a wage or benefit month lies in the scope.
func inScope(t *audit.Task, m calendar.Month) bool { return t.Scope().HasPeriod(period(m)) }

// collect reads a whole source, for rules that must see two records at once. It counts what it reads.
func collect[T any](t *audit.Task, what audit.Text, stream iter.Seq2[T, error]) ([]T, error) {
	var list []T
	for record, err := range stream {
		if err != nil {
			return nil, err
		}
		t.Examined(what, 1)
		list = append(list, record)
	}
	return list, nil
}

// sorted returns the keys of a map in the order of compare, so that findings come in one order.
func sorted[K comparable, V any](m map[K]V, compare func(a, b K) int) []K {
	return slices.SortedFunc(maps.Keys(m), compare)
}

func compareBooks(a, b ledger.BookID) int {
	return cmp.Or(cmp.Compare(a.Realm, b.Realm), cmp.Compare(a.Number, b.Number))
}

// tally is a sum with the records that went into it. Its first overflow is kept, so that nonsense ends a rule as failed and never as clean.
type tally struct {
	sum      money.Amount
	err      error
	evidence []audit.Evidence
}

func (s *tally) add(amount money.Amount, evidence ...audit.Evidence) {
	if s.err == nil {
		s.sum, s.err = s.sum.Add(amount)
	}
	s.evidence = append(s.evidence, evidence[:min(len(evidence), mostEvidence-min(mostEvidence, len(s.evidence)))]...)
}

// difference returns a − b.
func difference(a, b *tally) (money.Amount, error) {
	if a.err != nil {
		return 0, a.err
	}
	if b.err != nil {
		return 0, b.err
	}
	return a.sum.Sub(b.sum)
}

// all joins evidence up to the most that a finding names.
func all(lists ...[]audit.Evidence) []audit.Evidence {
	joined := slices.Concat(lists...)
	return joined[:min(len(joined), mostEvidence)]
}
