package registration

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
)

// maxRowsOfMember bounds the rows of one member in one command.
const maxRowsOfMember = 500

// settle applies the rows to what is known of their members, a stretch of persons at a time, and keeps what is new and what is replaced.
func (c *enrolments) settle(ctx context.Context, s *session) error {
	c.flags = make(map[int32]Flags)
	if err := c.settleEmployers(ctx, s); err != nil {
		return err
	}
	order := make([]int, 0, len(c.changes))
	for i := range c.changes {
		if !s.faulty[i+1] {
			order = append(order, i)
		}
	}
	byMember := func(a, b int) int { return cmp.Compare(c.members[a], c.members[b]) }
	slices.SortStableFunc(order, byMember)
	for i := range order {
		if first := i - maxRowsOfMember; first >= 0 && c.members[order[first]] == c.members[order[i]] {
			s.fault(order[i]+1, ErrTooLong, fieldMember, fmt.Sprintf("%d has more than %d rows", c.members[order[i]], maxRowsOfMember), "give several orders")
			return nil
		}
	}
	leaders, err := s.leaders(ctx, distinct(order, func(i int) int64 { return int64(c.members[i]) }))
	if err != nil {
		return err
	}
	leader := func(i int) MemberNo { return leaders.of(c.members[i]) }
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(leader(a), leader(b)) })
	for from := 0; from < len(order); {
		to := min(from+chunkRows, len(order))
		for to < len(order) && leader(order[to]) == leader(order[to-1]) {
			to++
		}
		if err := c.settlePersons(ctx, s, order[from:to], leaders); err != nil {
			return err
		}
		from = to
	}
	slices.SortFunc(c.added, func(a, b Spell) int { return byRelation(&a, &b) })
	return nil
}

// distinct returns the different numbers of rows that are sorted by them.
func distinct(rows []int, number func(int) int64) []int64 {
	return slices.Compact(column(len(rows), func(i int) int64 { return number(rows[i]) }))
}

// activates reports whether row i makes months active, and until when.
func (c *enrolments) activates(i int) (to calendar.Month, ok bool) {
	switch c.event {
	case EventEnrol, EventResume:
		return 0, true
	case EventCorrect:
		return c.changes[i].To, c.changes[i].Status == Active
	}
	return 0, false
}

// settleEmployers finds employers that are unknown or struck off.
func (c *enrolments) settleEmployers(ctx context.Context, s *session) error {
	numbers := make(map[EmployerNo]bool)
	for _, no := range c.employers {
		if no > 0 {
			numbers[no] = true
		}
	}
	wanted := make([]int64, 0, len(numbers))
	for no := range numbers {
		wanted = append(wanted, int64(no))
	}
	slices.Sort(wanted)
	current, err := s.currentEmployers(ctx, wanted)
	if err != nil {
		return err
	}
	for i, no := range c.employers {
		if no <= 0 {
			continue
		}
		e, ok := current[no]
		to, active := c.activates(i)
		switch {
		case !ok:
			s.fault(i+1, ErrEmployerUnknown, fieldEmploy, fmt.Sprintf("%d is not registered", no), "check the number")
		case e.Cancelled != 0 && active && (to == 0 || to > e.Cancelled.Month()):
			s.fault(i+1, ErrEmployerCancelled, fieldEmploy, fmt.Sprintf("%d was struck off on %v", no, e.Cancelled),
				"name the employer that goes on, or earlier months")
		}
	}
	return nil
}

// siblings are members of one identity number, which is possible only where that was admitted or where they were merged. Each leads to another one of a
// smaller number, or is the first itself. Members without siblings are not in it.
type siblings map[MemberNo]MemberNo

// of returns the first of a member's siblings, who stands for the person.
func (l siblings) of(no MemberNo) MemberNo {
	for {
		before, ok := l[no]
		if !ok || before == no {
			return no
		}
		no = before
	}
}

// join makes two members siblings.
func (l siblings) join(a, b MemberNo) {
	first, second := l.of(a), l.of(b)
	l[max(first, second)] = min(first, second)
	l[min(first, second)] = min(first, second)
}

// leaders finds the siblings of members.
func (s *session) leaders(ctx context.Context, members []int64) (siblings, error) {
	found := siblings{}
	err := chunks(len(members), func(from, to int) error {
		where, args := among(s.tx, "a.member_no", members[from:to])
		// CROSS JOIN makes SQLite begin with the members at hand; PostgreSQL begins where it likes.
		return s.tx.Each(ctx, `SELECT a.member_no, b.member_no FROM registration_member a CROSS JOIN registration_member b`+
			indexed(s.tx, "registration_member_pseudonym")+`WHERE a.realm_id = ? AND a.superseded_seq = 0 AND b.realm_id = a.realm_id
			AND b.pseudonym = a.pseudonym
			AND b.superseded_seq = 0 AND b.member_no <> a.member_no AND `+where, append([]any{s.order.Realm}, args...),
			func(rows *store.Rows) error {
				var a, b MemberNo
				if err := rows.Scan(&a, &b); err != nil {
					return err
				}
				found.join(a, b)
				return nil
			})
	})
	return found, err
}

// standing is what else counts for a member's enrolments.
type standing struct {
	birth      calendar.Date
	mergedInto MemberNo
	known      bool
	died       calendar.Date
	retired    calendar.Date
}

// line is one relation before and after the command.
type line struct {
	old, now timeline
	changed  bool
}

// settlePersons settles rows that are sorted by person and member.
func (c *enrolments) settlePersons(ctx context.Context, s *session, order []int, leaders siblings) error {
	all := make([]int64, 0, len(order))
	persons := make(map[MemberNo]bool)
	for _, i := range order {
		all = append(all, int64(c.members[i]))
		persons[leaders.of(c.members[i])] = true
	}
	for sibling := range leaders {
		if persons[leaders.of(sibling)] {
			all = append(all, int64(sibling))
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	standings, err := s.standings(ctx, all)
	if err != nil {
		return err
	}
	lines, err := s.lines(ctx, all)
	if err != nil {
		return err
	}
	for _, i := range order {
		if s.existing(i+1, c.members[i], Member{MergedInto: standings[c.members[i]].mergedInto}, standings[c.members[i]].known) {
			c.applyRow(s, i, lines, standings[c.members[i]])
		}
	}
	c.findClashes(s, lines, leaders)
	c.collect(lines)
	return nil
}

// applyRow applies one row to its relation.
func (c *enrolments) applyRow(s *session, i int, lines map[Relation]*line, member standing) {
	change := c.change(i)
	if change.from < member.birth.Month() {
		s.fault(i+1, ErrInvalid, fieldFrom, fmt.Sprintf("%v lies before the birth on %v", change.from, member.birth), "correct the month")
		return
	}
	if to, active := c.activates(i); active {
		c.checkLife(s, &change, to, member)
	}
	if s.faulty[i+1] {
		return
	}
	l := lines[change.Relation]
	if l == nil {
		l = &line{}
		lines[change.Relation] = l
	}
	now, fault := l.now.apply(&change)
	if fault != nil {
		s.add(fault)
		return
	}
	l.now, l.changed = now, true
}

// checkLife finds active months after death, and after retirement where the scheme ends with it.
func (c *enrolments) checkLife(s *session, change *change, to calendar.Month, member standing) {
	beyond := func(day calendar.Date) bool { return day != 0 && (to == 0 || to > day.Month()) }
	flag := func(flag Flags, code Code, what string, day calendar.Date) {
		c.flag(change.row, s.admits(flag, &Fault{Code: code, Row: int(change.row), Field: fieldFrom,
			Detail: fmt.Sprintf("member %d %s on %v, and would be active after that month", change.Member, what, day),
			Hint:   "correct the fact, or give the months until then with CorrectEnrolments"}))
	}
	if beyond(member.died) {
		flag(FlagAfterDeath, ErrAfterDeath, "died", member.died)
	}
	if beyond(member.retired) && s.schemes[change.Scheme].UntilRetirement {
		flag(FlagAfterRetirement, ErrAfterRetirement, "retired", member.retired)
	}
}

func (c *enrolments) flag(row int32, flag Flags) {
	if flag != 0 {
		c.flags[row] |= flag
	}
}

// findClashes finds months that persons are insured twice by what the command makes active.
func (c *enrolments) findClashes(s *session, lines map[Relation]*line, leaders siblings) {
	type placed struct {
		person    MemberNo
		insurance Insurance
		spell     *Spell
	}
	var active []placed
	for relation, l := range lines {
		for i := range l.now {
			if spell := &l.now[i]; spell.Status == Active {
				active = append(active, placed{leaders.of(relation.Member), s.schemes[relation.Scheme].Insurance, spell})
			}
		}
	}
	slices.SortFunc(active, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.person, b.person), cmp.Compare(a.insurance, b.insurance), byRelation(a.spell, b.spell))
	})
	concurrent := func(scheme Scheme) bool { return s.schemes[scheme].Concurrent }
	for from := 0; from < len(active); {
		to := from + 1
		fresh := active[from].spell.fresh()
		for to < len(active) && active[to].person == active[from].person && active[to].insurance == active[from].insurance {
			fresh = fresh || active[to].spell.fresh()
			to++
		}
		if fresh && to > from+1 {
			spells := column(to-from, func(i int) *Spell { return active[from+i].spell })
			for _, found := range clashes(spells, concurrent) {
				c.flag(found.made.Row, s.admits(FlagOverlap, overlap(found, active[from].insurance)))
			}
		}
		from = to
	}
}

// overlap is the fault of a clash.
func overlap(found clash, insurance Insurance) *Fault {
	from, to := max(found.made.From, found.other.From), min(found.made.end(), found.other.end())
	until := "to " + to.String()
	if found.made.To == 0 && found.other.To == 0 {
		until = "on"
	}
	who := fmt.Sprintf("%d", found.made.Member)
	if found.other.Member != found.made.Member {
		who += fmt.Sprintf(" (the same person as %d)", found.other.Member)
	}
	return &Fault{Code: ErrOverlap, Row: int(found.made.Row), Field: fieldFrom,
		Detail: fmt.Sprintf("member %s is insured twice in %s from %v %s: %s, and %s", who, insurance, from, until, found.made.where(), found.other.where()),
		Hint:   "suspend or terminate one of them first"}
}

// collect keeps what the command makes and what it replaces.
func (c *enrolments) collect(lines map[Relation]*line) {
	for relation, l := range lines {
		if !l.changed {
			continue
		}
		gone, added := l.old.difference(l.now)
		for _, no := range gone {
			c.gone = append(c.gone, goneRow{relation.Member, no})
		}
		for i := range added {
			if added[i].fresh() {
				added[i].Flags |= c.flags[added[i].Row]
			}
		}
		c.added = append(c.added, added...)
	}
}

// standings reads what counts beside the enrolments of members.
func (s *session) standings(ctx context.Context, members []int64) (map[MemberNo]standing, error) {
	found := make(map[MemberNo]standing, len(members))
	err := chunks(len(members), func(from, to int) error {
		where, args := among(s.tx, "member_no", members[from:to])
		args = append([]any{s.order.Realm}, args...)
		err := s.tx.Each(ctx, `SELECT member_no, birth_day, merged_into FROM registration_member WHERE realm_id = ? AND superseded_seq = 0 AND `+
			where, args, func(rows *store.Rows) error {
			var no MemberNo
			member := standing{known: true}
			err := rows.Scan(&no, &member.birth, &member.mergedInto)
			found[no] = member
			return err
		})
		if err != nil {
			return err
		}
		return s.tx.Each(ctx, `SELECT member_no, kind, from_day FROM registration_fact WHERE realm_id = ? AND superseded_seq = 0
			AND kind IN ('death', 'retirement') AND `+where, args, func(rows *store.Rows) error {
			var no MemberNo
			var kind FactKind
			var day calendar.Date
			if err := rows.Scan(&no, &kind, &day); err != nil {
				return err
			}
			member := found[no]
			if kind == FactDeath {
				member.died = day
			} else {
				member.retired = day
			}
			found[no] = member
			return nil
		})
	})
	return found, err
}

// lines reads the relations of members as they are now.
func (s *session) lines(ctx context.Context, members []int64) (map[Relation]*line, error) {
	found := make(map[Relation]*line)
	err := chunks(len(members), func(from, to int) error {
		where, args := among(s.tx, "member_no", members[from:to])
		return s.tx.Each(ctx, `SELECT `+spellColumns+` FROM registration_spell WHERE realm_id = ? AND superseded_seq = 0 AND `+where+
			` ORDER BY member_no, scheme, employer_no, from_month`, append([]any{s.order.Realm}, args...), func(rows *store.Rows) error {
			spell, err := s.scanSpell(rows)
			if err != nil {
				return err
			}
			l := found[spell.Relation]
			if l == nil {
				l = &line{}
				found[spell.Relation] = l
			}
			l.old = append(l.old, spell)
			l.now = l.old
			return nil
		})
	})
	return found, err
}
