package registration

import (
	"cmp"
	"context"
	"fmt"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration/identity"
	"github.com/fundledger/fundledger/registration/scheme"
	"github.com/fundledger/fundledger/registration/sheet"
)

// MemberSpec is what RegisterMembers needs of a person. Number and Name are required; birth and sex follow from the number where they are not given.
type MemberSpec struct {
	Number    identity.Number // one made with identity.Unchecked is admitted only with FlagIdentityInvalid, and then needs Birth and Sex
	Name      string
	Birth     calendar.Date
	Sex       identity.Sex
	Class     scheme.RetirementClass // original retirement age (原法定退休年龄) of employees; empty for others
	FirstWork calendar.Date          // 参加工作时间; zero if none
}

// Member is a member (参保人) as known at some time, without name and number; see Identities.
type Member struct {
	No         MemberNo
	Pseudonym  identity.Pseudonym // of the identity number
	Birth      calendar.Date
	Sex        identity.Sex
	Class      scheme.RetirementClass
	FirstWork  calendar.Date
	MergedInto MemberNo // the member whose record goes on in place of this one; zero if this one does
	Flags      Flags
	Known      ledger.Seq // the act that said so
	Superseded ledger.Seq // the act that said otherwise; zero if none has
	Row        int32      // its row of the sheet of Known, from 1
}

// person is a member with his identity, inside a command.
type person struct {
	Member
	number identity.Number
	name   string
}

func (p *person) row() int { return int(p.Row) }

// Identity is the name and number of a member: personal, for payment and for papers to the member himself.
type Identity struct {
	Member MemberNo
	Number identity.Number
	Name   string
	Known  ledger.Seq
}

// MemberCorrection corrects a member's particulars (个人信息变更). What is empty stays as it is; a number brings its birth and sex along unless they are
// given too. Number and name changed together, and a merge, need an approval (Order.ApprovedBy).
type MemberCorrection struct {
	Member MemberNo
	MemberSpec

	// MergedInto says that this member was registered twice and his record goes on under that number (个人账户合并). He must have no enrolments left
	// that are active or suspended.
	MergedInto MemberNo
}

// RegisterMembers registers persons (个人参保登记). They get the numbers from Receipt.FirstMember on, in the order given. The error is *Faults with the
// faults of all rows, or one of the ledger or the store.
func (r *Registry) RegisterMembers(ctx context.Context, order Order, members ...MemberSpec) (Receipt, error) {
	return r.run(ctx, order, func() command { return &registerMembers{specs: members} })
}

// RegisterMembersTx is RegisterMembers in the host's transaction.
func (r *Registry) RegisterMembersTx(ctx context.Context, tx store.Handle, order Order, members ...MemberSpec) (Receipt, error) {
	return r.runTx(ctx, tx, order, &registerMembers{specs: members})
}

// CorrectMembers corrects particulars and merges members registered twice. The errors are as of RegisterMembers.
func (r *Registry) CorrectMembers(ctx context.Context, order Order, corrections ...MemberCorrection) (Receipt, error) {
	return r.run(ctx, order, func() command { return &correctMembers{corrections: corrections} })
}

// CorrectMembersTx is CorrectMembers in the host's transaction.
func (r *Registry) CorrectMembersTx(ctx context.Context, tx store.Handle, order Order, corrections ...MemberCorrection) (Receipt, error) {
	return r.runTx(ctx, tx, order, &correctMembers{corrections: corrections})
}

// checkMember finds what is wrong with given particulars by themselves.
func (s *session) checkMember(m *person) {
	s.text(m.row(), "name", m.name, maxName)
	if m.Birth != 0 && (!m.Birth.Valid() || m.Birth > s.order.Effective) {
		s.fault(m.row(), ErrInvalid, fieldBirth, fmt.Sprintf("%v is no day, or lies after %v", m.Birth, s.order.Effective), "correct the date")
	}
	if m.Sex != 0 && m.Sex != identity.Male && m.Sex != identity.Female {
		s.fault(m.row(), ErrInvalid, "sex", fmt.Sprintf("%d", int16(m.Sex)), "give identity.Male or identity.Female")
	}
	switch m.Class {
	case "", scheme.Men60, scheme.Women55, scheme.Women50:
	default:
		s.fault(m.row(), ErrInvalid, "class", fmt.Sprintf("%q is no class", clip(string(m.Class))), "give M60, F55, F50 or nothing")
	}
	if m.FirstWork != 0 && !m.FirstWork.Valid() {
		s.fault(m.row(), ErrInvalid, "first work", fmt.Sprintf("%d is no day", int32(m.FirstWork)), "correct the date")
	}
}

// checkPerson finds what is wrong with a member's particulars as a whole, and fills birth and sex in from the number.
func (s *session) checkPerson(m *person) {
	if err := m.number.Check(); err != nil {
		m.Flags |= s.admits(FlagIdentityInvalid, wrong(ErrIdentityInvalid, m.row(), fieldNumber, err))
	} else {
		s.compareNumber(m)
	}
	if s.faulty[m.row()] {
		return
	}
	if m.Birth == 0 {
		s.fault(m.row(), ErrMissing, fieldBirth, "is not given, and the identity number does not say it", defaultHint)
	}
	if m.Sex == 0 {
		s.fault(m.row(), ErrMissing, "sex", "is not given, and the identity number does not say it", defaultHint)
	}
	if m.Class != "" && (m.Class == scheme.Men60) != (m.Sex == identity.Male) {
		s.fault(m.row(), ErrInvalid, "class", fmt.Sprintf("%s is no class of a %v member", m.Class, m.Sex), "M60 is for men, F55 and F50 are for women")
	}
	if m.FirstWork != 0 && m.FirstWork < m.Birth {
		s.fault(m.row(), ErrInvalid, "first work", fmt.Sprintf("%v lies before the birth on %v", m.FirstWork, m.Birth), "correct the date")
	}
}

// compareNumber compares birth and sex with what the number says.
func (s *session) compareNumber(m *person) {
	birth, sex := m.number.Birth(), m.number.Sex()
	if m.Birth == 0 {
		m.Birth = birth
		if birth > s.order.Effective {
			s.fault(m.row(), ErrInvalid, fieldNumber, fmt.Sprintf("says a birth on %v, after %v", birth, s.order.Effective), "correct the number")
		}
	}
	if m.Sex == 0 {
		m.Sex = sex
	}
	if m.Birth != birth {
		m.Flags |= s.admits(FlagIdentityMismatch, &Fault{Code: ErrIdentityMismatch, Row: m.row(), Field: fieldBirth,
			Detail: fmt.Sprintf("%v, the identity number says %v", m.Birth, birth), Hint: "correct one of them"})
	}
	if m.Sex != sex {
		m.Flags |= s.admits(FlagIdentityMismatch, &Fault{Code: ErrIdentityMismatch, Row: m.row(), Field: "sex",
			Detail: fmt.Sprintf("%v, the identity number says %v", m.Sex, sex), Hint: "correct one of them"})
	}
}

// memberSheet seals members. Numbers stand in it as pseudonyms, names as digests; what is not given is zero.
func (r *Registry) memberSheet(title string, members []person) (*sheet.Sheet, error) {
	n := len(members)
	number := func(field func(*person) int64) []int64 {
		return column(n, func(i int) int64 { return field(&members[i]) })
	}
	return sheet.New(title, sheet.Ints(fieldMember, number(func(m *person) int64 { return int64(m.No) })),
		sheet.Digests("pseudonym", column(n, func(i int) sheet.Digest { return sheet.Digest(members[i].Pseudonym) })),
		sheet.Digests("name", column(n, func(i int) sheet.Digest { return r.digest("name", members[i].name) })),
		sheet.Ints(fieldBirth, number(func(m *person) int64 { return int64(m.Birth) })), sheet.Ints("sex",
			number(func(m *person) int64 { return int64(m.Sex) })),
		sheet.Texts("class", column(n, func(i int) string { return string(members[i].Class) })),
		sheet.Ints("first_work", number(func(m *person) int64 { return int64(m.FirstWork) })),
		sheet.Ints("merged_into", number(func(m *person) int64 { return int64(m.MergedInto) })))
}

// insertMembers writes rows of members and of their identities.
func (s *session) insertMembers(ctx context.Context, members []person, seq ledger.Seq) error {
	return chunks(len(members), func(from, to int) error {
		part, n := members[from:to], to-from
		number := func(name string, field func(*person) int32) store.Column {
			return store.Int32s(name, column(n, func(i int) int32 { return field(&part[i]) }))
		}
		realm, act := store.Fixed("realm_id", s.order.Realm), store.Fixed("seq", int64(seq))
		key := number("member_no", func(m *person) int32 { return int32(m.No) })
		if err := s.tx.Insert(ctx, "registration_member", realm, key, act, number("row_no", func(m *person) int32 { return m.Row }),
			store.Texts("pseudonym", column(n, func(i int) string { return part[i].Pseudonym.String() })),
			number("birth_day", func(m *person) int32 { return int32(m.Birth) }),
			store.Int16s("sex", column(n, func(i int) int16 { return int16(part[i].Sex) })),
			store.Texts("class", column(n, func(i int) string { return string(part[i].Class) })),
			number("first_work_day", func(m *person) int32 { return int32(m.FirstWork) }),
			number("merged_into", func(m *person) int32 { return int32(m.MergedInto) }),
			number("flags", func(m *person) int32 { return int32(m.Flags) }), store.Fixed("superseded_seq", int64(0))); err != nil {
			return err
		}
		numbers, names := make([]string, n), make([]string, n)
		for i := range part {
			var err error
			if numbers[i], err = s.hide(part[i].number.Reveal()); err != nil {
				return err
			}
			if names[i], err = s.hide(part[i].name); err != nil {
				return err
			}
		}
		return s.tx.Insert(ctx, "registration_identity", realm, key, act, store.Texts("number", numbers), store.Texts("name", names))
	})
}

func memberFlags(m *person) Flags { return m.Flags }

// registerMembers is the command of RegisterMembers.
type registerMembers struct {
	specs   []MemberSpec
	members []person
}

func (c *registerMembers) kind() string { return KindMemberRegister }
func (c *registerMembers) rows() int    { return len(c.specs) }

func (c *registerMembers) check(s *session) {
	c.members = make([]person, len(c.specs))
	for i := range c.specs {
		spec, m := &c.specs[i], &c.members[i]
		*m = person{number: spec.Number, name: spec.Name, Member: Member{Birth: spec.Birth, Sex: spec.Sex, Class: spec.Class, FirstWork: spec.FirstWork,
			Pseudonym: s.pseudonym(spec.Number), Row: int32(i + 1)}}
		if spec.Name == "" {
			s.fault(m.row(), ErrMissing, "name", "is empty", defaultHint)
		}
		s.checkMember(m)
		if spec.Number.IsZero() {
			s.fault(m.row(), ErrMissing, fieldNumber, "is empty", defaultHint)
			continue
		}
		s.checkPerson(m)
	}
}

func (c *registerMembers) resolve(context.Context, *session) error { return nil }

// sheet holds birth and sex as they were filled in, which equal orders do equally.
func (c *registerMembers) sheet(s *session) (*sheet.Sheet, error) {
	return s.memberSheet(c.kind(), c.members)
}

func (c *registerMembers) settle(ctx context.Context, s *session) error {
	all := make([]*person, len(c.members))
	for i := range all {
		all[i] = &c.members[i]
	}
	return s.settleNumbers(ctx, all)
}

func (c *registerMembers) write(ctx context.Context, s *session, seq ledger.Seq) (effects, error) {
	first := s.head.members + 1
	for i := range c.members {
		s.head.members++
		c.members[i].No = MemberNo(s.head.members)
	}
	return effects{firstMember: MemberNo(first), flagged: flagged(c.members, memberFlags)}, s.insertMembers(ctx, c.members, seq)
}

// settleNumbers finds identity numbers that belong to other members, registered ones and those of earlier rows.
func (s *session) settleNumbers(ctx context.Context, members []*person) error {
	wanted := make([]identity.Pseudonym, 0, len(members))
	first := make(map[identity.Pseudonym]int, len(members))
	for _, m := range members {
		if s.faulty[m.row()] {
			continue
		}
		if row, twice := first[m.Pseudonym]; twice {
			m.Flags |= s.admits(FlagIdentityTaken, &Fault{Code: ErrIdentityTaken, Row: m.row(), Field: fieldNumber,
				Detail: fmt.Sprintf("%v stands in row %d too", m.number, row), Hint: "leave one out, or correct the number"})
			continue
		}
		first[m.Pseudonym] = m.row()
		wanted = append(wanted, m.Pseudonym)
	}
	owners, err := membersByPseudonym(ctx, s.tx, s.order.Realm, wanted)
	if err != nil {
		return err
	}
	for _, m := range members {
		for _, no := range owners[m.Pseudonym] {
			if no != m.No && !s.faulty[m.row()] {
				m.Flags |= s.admits(FlagIdentityTaken, &Fault{Code: ErrIdentityTaken, Row: m.row(), Field: fieldNumber,
					Detail: fmt.Sprintf("%v belongs to member %d", m.number, no), Hint: "use that member, or correct the number"})
				break
			}
		}
	}
	return nil
}

// membersByPseudonym finds the members that go on and have the numbers now, in the order of their numbers.
func membersByPseudonym(ctx context.Context, tx *store.Tx, realm int32, wanted []identity.Pseudonym) (map[identity.Pseudonym][]MemberNo, error) {
	found := make(map[identity.Pseudonym][]MemberNo)
	err := chunks(len(wanted), func(from, to int) error {
		texts := column(to-from, func(i int) string { return wanted[from+i].String() })
		return tx.Each(ctx, `SELECT pseudonym, member_no FROM registration_member`+indexed(tx, "registration_member_pseudonym")+
			`WHERE realm_id = ? AND superseded_seq = 0 AND merged_into = 0 AND `+tx.Dialect().Among("pseudonym")+` ORDER BY member_no`, []any{realm,
			tx.Dialect().Texts(texts)}, func(rows *store.Rows) error {
			var text string
			var no MemberNo
			if err := rows.Scan(&text, &no); err != nil {
				return err
			}
			var p identity.Pseudonym
			err := p.UnmarshalText([]byte(text))
			found[p] = append(found[p], no)
			return err
		})
	})
	return found, err
}

// correctMembers is the command of CorrectMembers.
type correctMembers struct {
	corrections []MemberCorrection
	members     []person
}

func (c *correctMembers) kind() string { return KindMemberCorrect }
func (c *correctMembers) rows() int    { return len(c.corrections) }

func (c *correctMembers) check(s *session) {
	c.members = make([]person, len(c.corrections))
	seen := make(map[MemberNo]int, len(c.corrections))
	for i := range c.corrections {
		by, m := &c.corrections[i], &c.members[i]
		*m = person{number: by.Number, name: by.Name, Member: Member{No: by.Member, Birth: by.Birth, Sex: by.Sex, Class: by.Class, FirstWork: by.FirstWork,
			MergedInto: by.MergedInto, Pseudonym: s.pseudonym(by.Number), Row: int32(i + 1)}}
		if first, ok := seen[by.Member]; ok {
			s.fault(m.row(), ErrRepeated, fieldMember, fmt.Sprintf("%d stands in row %d too", by.Member, first), "give one row")
		}
		seen[by.Member] = m.row()
		if by.MemberSpec == (MemberSpec{}) && by.MergedInto == 0 {
			s.fault(m.row(), ErrMissing, "correction", "nothing is corrected", "give what is new, or leave the row out")
		}
		if by.Number.Valid() {
			m.Birth, m.Sex = cmp.Or(m.Birth, by.Number.Birth()), cmp.Or(m.Sex, by.Number.Sex())
		}
		if by.MergedInto != 0 && (by.MergedInto == by.Member || by.MemberSpec != (MemberSpec{})) {
			s.fault(m.row(), ErrInvalid, "merged into", "a member is merged into another one, and nothing else is corrected with it", "give separate rows")
		}
		s.checkMember(m)
	}
}

func (c *correctMembers) resolve(context.Context, *session) error { return nil }

func (c *correctMembers) sheet(s *session) (*sheet.Sheet, error) {
	return s.memberSheet(c.kind(), c.members)
}

func (c *correctMembers) settle(ctx context.Context, s *session) error {
	wanted := make([]int64, 0, 2*len(c.members))
	var merged []int64
	for i := range c.members {
		wanted = append(wanted, int64(c.members[i].No))
		if into := c.members[i].MergedInto; into != 0 {
			wanted, merged = append(wanted, int64(into)), append(merged, int64(c.members[i].No))
		}
	}
	current, err := s.currentMembers(ctx, wanted)
	if err != nil {
		return err
	}
	enrolled, err := s.stillEnrolled(ctx, merged)
	if err != nil {
		return err
	}
	var renumbered []*person
	for i := range c.members {
		m := &c.members[i]
		old, ok := current[m.No]
		if !s.existing(m.row(), m.No, old.Member, ok) {
			continue
		}
		if m.MergedInto != 0 {
			s.settleMerge(m, current, enrolled[m.No])
			old.Member = old.overlaid(&m.Member)
			*m = old
			continue
		}
		if s.correct(m, old) {
			renumbered = append(renumbered, m)
		}
	}
	return s.settleNumbers(ctx, renumbered)
}

// existing finds members that are unknown or merged.
func (s *session) existing(row int, no MemberNo, m Member, ok bool) bool {
	switch {
	case !ok:
		s.fault(row, ErrMemberUnknown, fieldMember, fmt.Sprintf("%d is not registered", no), "check the number")
	case m.MergedInto != 0:
		s.fault(row, ErrMemberMerged, fieldMember, fmt.Sprintf("%d goes on as %d", no, m.MergedInto), "use that number")
	default:
		return true
	}
	return false
}

func (s *session) settleMerge(m *person, current map[MemberNo]person, enrolments int) {
	into, ok := current[m.MergedInto]
	if !ok || into.MergedInto != 0 {
		s.fault(m.row(), ErrMemberUnknown, "merged into", fmt.Sprintf("%d is not registered, or is merged itself", m.MergedInto),
			"name the member that goes on")
	}
	if enrolments > 0 {
		s.fault(m.row(), ErrMemberInUse, fieldMember, fmt.Sprintf("%d still has %d enrolments that are active or suspended", m.No, enrolments),
			"void or terminate them, and enrol the member that goes on")
	}
	if s.order.ApprovedBy == "" {
		s.fault(m.row(), ErrApproval, "merged into", "two records become one", approveHint)
	}
}

// correct puts the given particulars over those that are there, and reports whether the number changed.
func (s *session) correct(m *person, old person) (renumbered bool) {
	given := *m
	renumbered = !given.number.IsZero() && given.number != old.number
	if renamed := given.name != "" && given.name != old.name; renumbered && renamed && s.order.ApprovedBy == "" {
		s.fault(m.row(), ErrApproval, fieldNumber, "name and number change together", approveHint)
	}
	*m = person{Member: old.overlaid(&given.Member), number: old.number, name: cmp.Or(given.name, old.name)}
	m.Flags = 0
	if renumbered {
		m.number = given.number
	} else {
		m.Flags = old.Flags & FlagIdentityTaken
		s.tolerated = old.Flags & (FlagIdentityInvalid | FlagIdentityMismatch) // what was admitted once need not be admitted again
	}
	s.checkPerson(m)
	s.tolerated = 0
	return renumbered
}

// overlaid returns the member with what a correction gives. Verify repeats it.
func (m Member) overlaid(by *Member) Member {
	if by.Pseudonym != (identity.Pseudonym{}) {
		m.Pseudonym = by.Pseudonym
	}
	m.Birth, m.Sex, m.Class = cmp.Or(by.Birth, m.Birth), cmp.Or(by.Sex, m.Sex), cmp.Or(by.Class, m.Class)
	m.FirstWork, m.MergedInto = cmp.Or(by.FirstWork, m.FirstWork), cmp.Or(by.MergedInto, m.MergedInto)
	m.Row = by.Row
	return m
}

// currentMembers finds members as they are, with names and numbers.
func (s *session) currentMembers(ctx context.Context, numbers []int64) (map[MemberNo]person, error) {
	found := make(map[MemberNo]person, len(numbers))
	err := chunks(len(numbers), func(from, to int) error {
		where, args := among(s.tx, "m.member_no", numbers[from:to])
		return s.tx.Each(ctx, `SELECT `+memberColumns+`, i.number, i.name FROM registration_member m JOIN registration_identity i
			ON i.realm_id = m.realm_id AND i.member_no = m.member_no AND i.seq = m.seq
			WHERE m.realm_id = ? AND m.superseded_seq = 0 AND `+where, append([]any{s.order.Realm}, args...), func(rows *store.Rows) error {
			var number, name string
			m, err := scanMember(rows, &number, &name)
			if err != nil {
				return err
			}
			p := person{Member: m}
			p.number, p.name, err = s.reveal(number, name)
			found[m.No] = p
			return err
		})
	})
	return found, err
}

// stillEnrolled counts the relations of members that are active or suspended without an end.
func (s *session) stillEnrolled(ctx context.Context, members []int64) (map[MemberNo]int, error) {
	counts := make(map[MemberNo]int)
	err := chunks(len(members), func(from, to int) error {
		where, args := among(s.tx, "member_no", members[from:to])
		return s.tx.Each(ctx, `SELECT member_no, count(*) FROM registration_spell WHERE realm_id = ? AND superseded_seq = 0
			AND status IN ('active', 'suspended') AND to_month = 0 AND `+where+` GROUP BY member_no`,
			append([]any{s.order.Realm}, args...), func(rows *store.Rows) error {
				var no MemberNo
				var count int
				err := rows.Scan(&no, &count)
				counts[no] = count
				return err
			})
	})
	return counts, err
}

func (c *correctMembers) write(ctx context.Context, s *session, seq ledger.Seq) (effects, error) {
	numbers := column(len(c.members), func(i int) int64 { return int64(c.members[i].No) })
	if err := s.supersede(ctx, "registration_member", "member_no", numbers, seq); err != nil {
		return effects{}, err
	}
	return effects{flagged: flagged(c.members, memberFlags)}, s.insertMembers(ctx, c.members, seq)
}
