package bank

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/fundledger/fundledger/ledger/money"
)

// byGroups matches one line with several of the other side: first each open bank line with book lines, then each open book line with bank lines.
func (m *matcher) byGroups() {
	if m.options.GroupSize < 2 {
		return
	}
	books := newDayIndex(m.book)
	for i := range m.bank {
		if found := m.group(&m.bank[i], m.book, books); found != nil {
			m.match(ByManyBooks, "", m.bank[i].amount, []int{i}, found)
		}
	}
	banks := newDayIndex(m.bank)
	for j := range m.book {
		if found := m.group(&m.book[j], m.bank, banks); found != nil {
			m.match(ByManyBanks, "", m.book[j].amount, found, []int{j})
		}
	}
}

// dayIndex holds the free lines of a side by day and direction, the smaller amounts first, so that the possible parts of a line are found without a scan
// of all lines.
type dayIndex map[dayKey][]int

type dayKey struct {
	day    int
	credit bool
}

func newDayIndex(s side) dayIndex {
	d := dayIndex{}
	for i := range s {
		if it := &s[i]; !it.matched && it.amount != 0 {
			key := dayKey{it.day, it.amount > 0}
			d[key] = append(d[key], i)
		}
	}
	for _, list := range d {
		slices.SortStableFunc(list, func(a, b int) int { return cmp.Compare(s[a].amount.Abs(), s[b].amount.Abs()) })
	}
	return d
}

// group finds the only set of free lines of the other side that adds up to the line. Nil when there is none, or when it is not certain that there is only
// one; then the line gets a lead.
func (m *matcher) group(it *item, other side, index dayIndex) []int {
	if it.matched || it.amount == 0 {
		return nil
	}
	candidates := m.candidates(it, other, index)
	if len(candidates) > m.options.GroupCandidates {
		it.note(fmt.Sprintf("more than %d lines could be its parts, so they were not searched", m.options.GroupCandidates))
		return nil
	}
	budget := min(m.options.GroupSteps, m.options.GroupTotalSteps)
	s := &groupSearch{target: it.amount.Abs(), size: m.options.GroupSize, steps: budget}
	for _, j := range candidates {
		s.amounts = append(s.amounts, other[j].amount.Abs())
	}
	s.run()
	m.options.GroupTotalSteps -= budget - max(s.steps, 0)
	switch {
	case s.steps < 0:
		it.note("the search for lines that add up to it was cut")
	case s.found > 1:
		it.note("more than one group of lines adds up to it")
	case s.found == 1:
		var out []int
		for _, k := range s.first {
			out = append(out, candidates[k])
		}
		return out
	}
	return nil
}

// note leaves a lead unless there is one already.
func (it *item) note(lead string) {
	if it.lead == "" {
		it.lead = lead
	}
}

// candidates are the free lines of the same direction, within the tolerance and smaller than the line, the larger amounts first. When there are more than
// may be searched it stops counting at one more.
func (m *matcher) candidates(it *item, other side, index dayIndex) []int {
	var found []int
	for day := it.day - m.options.DateTolerance; day <= it.day+m.options.DateTolerance; day++ {
		for _, j := range index[dayKey{day, it.amount > 0}] {
			if other[j].amount.Abs() >= it.amount.Abs() || len(found) > m.options.GroupCandidates {
				break
			}
			if !other[j].matched {
				found = append(found, j)
			}
		}
	}
	slices.SortFunc(found, func(a, b int) int {
		return cmp.Or(cmp.Compare(other[b].amount.Abs(), other[a].amount.Abs()), cmp.Compare(a, b))
	})
	return found
}

// groupSearch looks for sets of amounts that add up to target: depth first over amounts in falling order, cut where the rest cannot reach the target.
type groupSearch struct {
	target  money.Amount
	amounts []money.Amount // falling, all above zero and below target
	size    int            // most members
	steps   int            // left; below zero when the search was cut
	rest    []money.Amount // rest[k] is the sum of the up to size amounts from k on
	chosen  []int
	first   []int // the first set found
	found   int   // sets found; the search stops at two
}

func (s *groupSearch) run() {
	s.rest = make([]money.Amount, len(s.amounts)+1)
	for k := range s.amounts {
		for _, a := range s.amounts[k:min(len(s.amounts), k+s.size)] {
			if sum, err := s.rest[k].Add(a); err == nil {
				s.rest[k] = sum
			} else {
				s.rest[k] = money.MaxAmount
			}
		}
	}
	s.search(0, s.target)
}

func (s *groupSearch) search(from int, missing money.Amount) {
	if missing == 0 {
		if s.found++; s.found == 1 {
			s.first = slices.Clone(s.chosen)
		}
		return
	}
	if len(s.chosen) == s.size {
		return
	}
	for k := from; k < len(s.amounts); k++ {
		if s.steps--; s.steps < 0 || s.found > 1 || s.rest[k] < missing {
			return // the amounts fall, so no later start reaches further
		}
		if s.amounts[k] > missing {
			continue
		}
		s.chosen = append(s.chosen, k)
		s.search(k+1, missing-s.amounts[k])
		s.chosen = s.chosen[:len(s.chosen)-1]
	}
}
