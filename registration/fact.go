package registration

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration/identity"
	"github.com/fundledger/fundledger/registration/sheet"
)

// FactKind is the kind of a fact of a member's life.
type FactKind string

// The kinds.
const (
	FactDeath      FactKind = "death"      // 死亡
	FactRetirement FactKind = "retirement" // 退休
	FactDeemed     FactKind = "deemed"     // 视同缴费年限
)

// The usual grounds of retirement. A place may use codes of its own.
const (
	GroundStatutory    = "statutory"     // 法定退休年龄
	GroundEarly        = "early"         // 弹性提前退休
	GroundLate         = "late"          // 弹性延迟退休
	GroundSpecialTrade = "special_trade" // 特殊工种提前退休: Months are those of exposure, Reference is the approval
	GroundDisability   = "disability"    // 病退, 因病或非因工致残
)

// Fact is a fact of a member's life as known at some time. What its fields mean hangs on the kind; see DeathSpec, RetirementSpec, DeemedSpec.
type Fact struct {
	Member     MemberNo
	No         int64 // number of the row in the realm
	Kind       FactKind
	Insurance  Insurance     // of retirement and deemed service
	From       calendar.Date // day of death, day of retirement, first day of deemed service
	To         calendar.Date // last day of deemed service; zero otherwise
	Months     int
	Ground     string
	Reference  string
	Flags      Flags
	Known      ledger.Seq // the act that recorded it
	Superseded ledger.Seq // the act that withdrew it; zero if none has
	Row        int32      // its row of the sheet of Known, from 1
}

// DeathSpec records a death (死亡登记). The member is given by Member or by Number, as in Change.
type DeathSpec struct {
	Member    MemberNo
	Number    identity.Number
	Day       calendar.Date
	Reference string // the document in the archive
}

// RetirementSpec records that a member has retired (退休), which ends contributions to schemes that go until then. Whether he may is for benefits to judge.
type RetirementSpec struct {
	Member    MemberNo
	Number    identity.Number
	Insurance Insurance     // Pension if empty
	Day       calendar.Date // 退休时间
	Ground    string        // GroundStatutory and its sisters, or a code of the place; required
	Months    int           // of exposure, for GroundSpecialTrade
	Reference string        // the approval in the archive
}

// DeemedSpec records service that counts as contributed although nothing was paid (视同缴费年限).
type DeemedSpec struct {
	Member    MemberNo
	Number    identity.Number
	Insurance Insurance // Pension if empty
	From, To  calendar.Month
	Months    int    // how many of these months count; all if zero
	Reference string // the personnel file in the archive (人事档案) that proves it
}

// Withdrawal takes a fact back that was recorded in error. It names the fact by member, kind, insurance and first day. Then the right one can be recorded. What a
// death had ended stays ended: whoever withdraws it says by CorrectEnrolments what the months after it were.
type Withdrawal struct {
	Member    MemberNo
	Kind      FactKind
	Insurance Insurance // Pension if empty, of retirement and deemed service
	From      calendar.Date
	Reason    string // in the host's code; required
}

// RecordDeaths records deaths, and ends by the same act what goes on after them: months of the members' enrolments in all insurances that lie after the month of
// death and are active or suspended are terminated, with EventDeath; enrolments that began after it are void (社会保险法 art. 14 and 17 leave the dead benefits, and
// no contributions). A second death of a member is refused with ErrFactExists. The error is *Faults with the faults of all rows, or one of the
// ledger or the store.
func (r *Registry) RecordDeaths(ctx context.Context, order Order, deaths ...DeathSpec) (Receipt, error) {
	return r.run(ctx, order, func() command { return newDeaths(deaths) })
}

// RecordDeathsTx is RecordDeaths in the host's transaction.
func (r *Registry) RecordDeathsTx(ctx context.Context, tx store.Handle, order Order, deaths ...DeathSpec) (Receipt, error) {
	return r.runTx(ctx, tx, order, newDeaths(deaths))
}

// RecordRetirements records retirements, one of a member in an insurance. The errors are as of RecordDeaths.
func (r *Registry) RecordRetirements(ctx context.Context, order Order, retirements ...RetirementSpec) (Receipt, error) {
	return r.run(ctx, order, func() command { return newRetirements(retirements) })
}

// RecordRetirementsTx is RecordRetirements in the host's transaction.
func (r *Registry) RecordRetirementsTx(ctx context.Context, tx store.Handle, order Order, retirements ...RetirementSpec) (Receipt, error) {
	return r.runTx(ctx, tx, order, newRetirements(retirements))
}

// RecordDeemedService records deemed service; stretches of one member and insurance do not share days. The errors are as of RecordDeaths.
func (r *Registry) RecordDeemedService(ctx context.Context, order Order, services ...DeemedSpec) (Receipt, error) {
	return r.run(ctx, order, func() command { return newDeemed(services) })
}

// RecordDeemedServiceTx is RecordDeemedService in the host's transaction.
func (r *Registry) RecordDeemedServiceTx(ctx context.Context, tx store.Handle, order Order, services ...DeemedSpec) (Receipt, error) {
	return r.runTx(ctx, tx, order, newDeemed(services))
}

// WithdrawFacts takes facts back. One that is not there is refused with ErrFactUnknown. The errors are as of RecordDeaths.
func (r *Registry) WithdrawFacts(ctx context.Context, order Order, withdrawals ...Withdrawal) (Receipt, error) {
	return r.run(ctx, order, func() command { return newWithdrawals(withdrawals) })
}

// WithdrawFactsTx is WithdrawFacts in the host's transaction.
func (r *Registry) WithdrawFactsTx(ctx context.Context, tx store.Handle, order Order, withdrawals ...Withdrawal) (Receipt, error) {
	return r.runTx(ctx, tx, order, newWithdrawals(withdrawals))
}

// facts is the command of all of the above.
type facts struct {
	title   string
	list    []Fact // the rows; a withdrawal has its reason in Ground
	numbers []identity.Number
	gone    []goneRow // of withdrawn facts
	added   []Spell   // what deaths make of enrolments, and what they replace
	ended   []goneRow
}

func newFacts(title string, n int, row func(i int) (Fact, identity.Number)) *facts {
	c := &facts{title: title, list: make([]Fact, n), numbers: make([]identity.Number, n)}
	for i := range c.list {
		c.list[i], c.numbers[i] = row(i)
		c.list[i].Row = int32(i + 1)
		if c.list[i].Kind != FactDeath {
			c.list[i].Insurance = cmp.Or(c.list[i].Insurance, Pension)
		}
	}
	return c
}

func newDeaths(specs []DeathSpec) *facts {
	return newFacts(KindDeath, len(specs), func(i int) (Fact, identity.Number) {
		return Fact{Kind: FactDeath, Member: specs[i].Member, From: specs[i].Day, Reference: specs[i].Reference}, specs[i].Number
	})
}

func newRetirements(specs []RetirementSpec) *facts {
	return newFacts(KindRetirement, len(specs), func(i int) (Fact, identity.Number) {
		in := &specs[i]
		return Fact{Kind: FactRetirement, Member: in.Member, Insurance: in.Insurance, From: in.Day, Months: in.Months, Ground: in.Ground,
			Reference: in.Reference}, in.Number
	})
}

func newDeemed(specs []DeemedSpec) *facts {
	return newFacts(KindDeemedService, len(specs), func(i int) (Fact, identity.Number) {
		in := &specs[i]
		f := Fact{Kind: FactDeemed, Member: in.Member, Insurance: in.Insurance, Months: in.Months, Reference: in.Reference}
		if in.From.Valid() && in.To.Valid() { // what is no month stays zero, for check to find
			f.From, f.To = in.From.First(), in.To.Last()
			if f.Months == 0 {
				f.Months = in.To.Sub(in.From) + 1
			}
		}
		return f, in.Number
	})
}

func newWithdrawals(specs []Withdrawal) *facts {
	return newFacts(KindFactWithdraw, len(specs), func(i int) (Fact, identity.Number) {
		in := &specs[i]
		return Fact{Kind: in.Kind, Member: in.Member, Insurance: in.Insurance, From: in.From, Ground: in.Reason}, identity.Number{}
	})
}

func (c *facts) kind() string { return c.title }
func (c *facts) rows() int    { return len(c.list) }

func (c *facts) check(s *session) {
	for i := range c.list {
		f, row := &c.list[i], i+1
		s.checkMemberName(row, f.Member, c.numbers[i])
		if !f.From.Valid() {
			s.fault(row, ErrInvalid, "day", fmt.Sprintf("%v is no day", f.From), "give the day, or the months")
		}
		if f.Kind == FactDeath && f.From > s.order.Effective {
			s.fault(row, ErrInvalid, "day", fmt.Sprintf("%v lies after %v", f.From, s.order.Effective), "correct the day of death")
		}
		if f.Kind == FactDeemed && c.title == KindDeemedService {
			if span := f.To.Month().Sub(f.From.Month()) + 1; f.To < f.From || f.Months < 1 || f.Months > span {
				s.fault(row, ErrInvalid, "months", fmt.Sprintf("%d of %v to %v", f.Months, f.From.Month(), f.To.Month()),
					"give months in order, and no more than lie between them")
			}
		}
		if f.Kind != FactDeath && f.Kind != FactRetirement && f.Kind != FactDeemed {
			s.fault(row, ErrInvalid, "kind", fmt.Sprintf("%q is no kind of fact", clip(string(f.Kind))), "give death, retirement or deemed")
		}
		if f.Months < 0 || f.Months > 1200 {
			s.fault(row, ErrInvalid, "months", fmt.Sprintf("%d", f.Months), "give a number of months")
		}
		if f.Insurance != "" && !isCodeText(string(f.Insurance)) {
			s.fault(row, ErrInvalid, "insurance", fmt.Sprintf("%q is no insurance", clip(string(f.Insurance))), "give one of a configured scheme")
		}
		if c.title == KindRetirement || c.title == KindFactWithdraw {
			s.required(row, "ground", f.Ground, maxReason)
		}
		s.text(row, "reference", f.Reference, maxName)
	}
}

func (c *facts) resolve(ctx context.Context, s *session) error {
	members, err := s.resolveMembers(ctx, len(c.list), func(i int) (MemberNo, identity.Number) { return c.list[i].Member, c.numbers[i] })
	for i := range members {
		c.list[i].Member = members[i]
	}
	return err
}

func (c *facts) sheet(*session) (*sheet.Sheet, error) {
	n := len(c.list)
	number := func(field func(*Fact) int64) []int64 {
		return column(n, func(i int) int64 { return field(&c.list[i]) })
	}
	text := func(field func(*Fact) string) []string {
		return column(n, func(i int) string { return field(&c.list[i]) })
	}
	return sheet.New(c.title, sheet.Ints(fieldMember, number(func(f *Fact) int64 { return int64(f.Member) })),
		sheet.Texts("kind", text(func(f *Fact) string { return string(f.Kind) })), sheet.Texts("insurance",
			text(func(f *Fact) string { return string(f.Insurance) })),
		sheet.Ints(fieldFrom, number(func(f *Fact) int64 { return int64(f.From) })), sheet.Ints("to", number(func(f *Fact) int64 { return int64(f.To) })),
		sheet.Ints("months", number(func(f *Fact) int64 { return int64(f.Months) })), sheet.Texts("ground", text(func(f *Fact) string { return f.Ground })),
		sheet.Texts("reference", text(func(f *Fact) string { return f.Reference })))
}

// settle compares the rows with the facts that are there, and with each other.
func (c *facts) settle(ctx context.Context, s *session) error {
	members := make([]int64, 0, len(c.list))
	for i := range c.list {
		if !s.faulty[i+1] {
			members = append(members, int64(c.list[i].Member))
		}
	}
	slices.Sort(members)
	members = slices.Compact(members)
	standings, err := s.standings(ctx, members)
	if err != nil {
		return err
	}
	known, err := s.factsOf(ctx, members)
	if err != nil {
		return err
	}
	for i := range c.list {
		f := &c.list[i]
		member := standings[f.Member]
		if s.faulty[i+1] {
			continue
		}
		if c.title == KindFactWithdraw {
			c.withdraw(s, f, known)
			continue
		}
		if !s.existing(i+1, f.Member, Member{MergedInto: member.mergedInto}, member.known) {
			continue
		}
		if f.From < member.birth.Month().First() || f.Kind == FactDeath && f.From < member.birth {
			s.fault(i+1, ErrInvalid, "day", fmt.Sprintf("%v lies before the birth on %v", f.From, member.birth), "correct the day")
		}
		for _, other := range known[f.Member] {
			if f.clashes(&other) {
				s.fault(i+1, ErrFactExists, string(f.Kind), fmt.Sprintf("of member %d is known already, from %v", f.Member, other.From),
					"leave the row out, or withdraw that fact first")
			}
		}
		known[f.Member] = append(known[f.Member], *f)
	}
	if c.title == KindDeath {
		return c.endEnrolments(ctx, s, members)
	}
	return nil
}

// endEnrolments finds what deaths end.
func (c *facts) endEnrolments(ctx context.Context, s *session, members []int64) error {
	lines, err := s.lines(ctx, members)
	if err != nil {
		return err
	}
	deaths := make(map[MemberNo]*Fact, len(c.list))
	for i := range c.list {
		deaths[c.list[i].Member] = &c.list[i]
	}
	for relation, l := range lines {
		death := deaths[relation.Member]
		gone, added := l.old.difference(l.old.endedBy(death.From.Month(), death.Row))
		for _, no := range gone {
			c.ended = append(c.ended, goneRow{relation.Member, no})
		}
		c.added = append(c.added, added...)
	}
	slices.SortFunc(c.added, func(a, b Spell) int { return byRelation(&a, &b) })
	return nil
}

// clashes reports whether two facts of a member cannot stand beside each other.
func (f *Fact) clashes(other *Fact) bool {
	if f.Kind != other.Kind || f.Insurance != other.Insurance {
		return false
	}
	return f.Kind != FactDeemed || f.From <= other.To && other.From <= f.To
}

// withdraw finds the fact that a row takes back.
func (c *facts) withdraw(s *session, f *Fact, known map[MemberNo][]Fact) {
	for i, other := range known[f.Member] {
		if other.Kind == f.Kind && other.Insurance == f.Insurance && other.From == f.From && other.No != 0 {
			c.gone = append(c.gone, goneRow{f.Member, other.No})
			known[f.Member][i].No = 0 // a second row finds it gone
			return
		}
	}
	s.fault(int(f.Row), ErrFactUnknown, string(f.Kind), fmt.Sprintf("of member %d from %v is not known", f.Member, f.From),
		"name kind, insurance and first day of a fact that is")
}

// factsOf reads the facts of members as they are now.
func (s *session) factsOf(ctx context.Context, members []int64) (map[MemberNo][]Fact, error) {
	found := make(map[MemberNo][]Fact)
	err := chunks(len(members), func(from, to int) error {
		where, args := among(s.tx, "member_no", members[from:to])
		return s.tx.Each(ctx, `SELECT `+factColumns+` FROM registration_fact WHERE realm_id = ? AND superseded_seq = 0 AND `+where+
			` ORDER BY member_no, fact_no`, append([]any{s.order.Realm}, args...), func(rows *store.Rows) error {
			f, err := scanFact(rows)
			found[f.Member] = append(found[f.Member], f)
			return err
		})
	})
	return found, err
}

func (c *facts) write(ctx context.Context, s *session, seq ledger.Seq) (effects, error) {
	if c.title == KindFactWithdraw {
		return effects{}, s.replace(ctx, "registration_fact", "fact_no", c.gone, seq)
	}
	if err := s.writeSpells(ctx, c.added, c.ended, seq); err != nil {
		return effects{}, err
	}
	return effects{}, chunks(len(c.list), func(from, to int) error {
		part, n := c.list[from:to], to-from
		number := func(name string, field func(*Fact) int32) store.Column {
			return store.Int32s(name, column(n, func(i int) int32 { return field(&part[i]) }))
		}
		text := func(name string, field func(*Fact) string) store.Column {
			return store.Texts(name, column(n, func(i int) string { return field(&part[i]) }))
		}
		first := s.head.facts + 1
		s.head.facts += int64(n)
		return s.tx.Insert(ctx, "registration_fact", store.Fixed("realm_id", s.order.Realm), number("member_no",
			func(f *Fact) int32 { return int32(f.Member) }),
			store.Int64s("fact_no", column(n, func(i int) int64 { return first + int64(i) })), text("kind", func(f *Fact) string { return string(f.Kind) }),
			text("insurance", func(f *Fact) string { return string(f.Insurance) }), number("from_day", func(f *Fact) int32 { return int32(f.From) }),
			number("to_day", func(f *Fact) int32 { return int32(f.To) }), number("months", func(f *Fact) int32 { return int32(f.Months) }),
			text("ground", func(f *Fact) string { return f.Ground }), text("reference", func(f *Fact) string { return f.Reference }),
			store.Fixed("seq", int64(seq)), number("row_no", func(f *Fact) int32 { return f.Row }), number("flags",
				func(f *Fact) int32 { return int32(f.Flags) }),
			store.Fixed("superseded_seq", int64(0)))
	})
}

const factColumns = `member_no, fact_no, kind, insurance, from_day, to_day, months, ground, reference, seq, row_no, flags, superseded_seq`

func scanFact(rows *store.Rows) (Fact, error) {
	var f Fact
	err := rows.Scan(&f.Member, &f.No, &f.Kind, &f.Insurance, &f.From, &f.To, &f.Months, &f.Ground, &f.Reference, &f.Known, &f.Row, &f.Flags, &f.Superseded)
	return f, err
}

// Facts returns the facts of a member's life in the order of recording.
func (r *Reader) Facts(ctx context.Context, realm int32, member MemberNo, asKnown ledger.Seq) (list []Fact, err error) {
	err = r.view(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		list, err = factsWhere(ctx, tx, `realm_id = ? AND member_no = ? AND `+knownThen+` ORDER BY fact_no`, realm, int32(member), then(asKnown),
			then(asKnown))
		return err
	})
	return list, err
}

func factsWhere(ctx context.Context, tx *store.Tx, where string, args ...any) (list []Fact, err error) {
	err = tx.Each(ctx, `SELECT `+factColumns+` FROM registration_fact WHERE `+where, args, func(rows *store.Rows) error {
		f, err := scanFact(rows)
		list = append(list, f)
		return err
	})
	return list, err
}
