package registration

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration/identity"
	"github.com/fundledger/fundledger/registration/sheet"
)

// Change is one row of a command on enrolments (人员增减变动). The member is given by Member or by Number, the employer by Employer or by Code; without
// either of these the relation has no employer (灵活就业人员, 城乡居民).
type Change struct {
	Member   MemberNo
	Number   identity.Number
	Scheme   Scheme
	Employer EmployerNo
	Code     identity.CreditCode

	// From is the first month of what the command makes: the first month insured of Enrol and Resume, the first month not insured of Suspend, Terminate and
	// Transfer.
	From calendar.Month

	To          calendar.Month // CorrectEnrolments: the last month; zero is open
	Status      Status         // CorrectEnrolments: what the months are
	Hired       calendar.Date  // Enrol: the day on which the work began (用工之日); zero if not known
	Counterpart string         // Enrol: the pooling area that the relation comes from, if any. Transfer: the one it goes to; required
	Reason      string         // in the host's code, at most 64 bytes
}

// Enrol enrols members (参保新增). A relation that ended may begin again; one that rests is resumed instead. With a Counterpart it is a transfer in (转入).
// Active months that overlap those of another relation in the same insurance are refused with ErrOverlap. The error is *Faults with the faults of all
// rows, or one of the ledger or the store.
func (r *Registry) Enrol(ctx context.Context, order Order, changes ...Change) (Receipt, error) {
	return r.run(ctx, order, func() command { return &enrolments{event: EventEnrol, title: KindEnrol, changes: changes} })
}

// EnrolTx is Enrol in the host's transaction.
func (r *Registry) EnrolTx(ctx context.Context, tx store.Handle, order Order, changes ...Change) (Receipt, error) {
	return r.runTx(ctx, tx, order, &enrolments{event: EventEnrol, title: KindEnrol, changes: changes})
}

// Suspend lets relations rest from a month on (停保). The errors are as of Enrol.
func (r *Registry) Suspend(ctx context.Context, order Order, changes ...Change) (Receipt, error) {
	return r.run(ctx, order, func() command { return &enrolments{event: EventSuspend, title: KindSuspend, changes: changes} })
}

// SuspendTx is Suspend in the host's transaction.
func (r *Registry) SuspendTx(ctx context.Context, tx store.Handle, order Order, changes ...Change) (Receipt, error) {
	return r.runTx(ctx, tx, order, &enrolments{event: EventSuspend, title: KindSuspend, changes: changes})
}

// Resume takes suspended relations up again from a month on (续保). The errors are as of Enrol.
func (r *Registry) Resume(ctx context.Context, order Order, changes ...Change) (Receipt, error) {
	return r.run(ctx, order, func() command { return &enrolments{event: EventResume, title: KindResume, changes: changes} })
}

// ResumeTx is Resume in the host's transaction.
func (r *Registry) ResumeTx(ctx context.Context, tx store.Handle, order Order, changes ...Change) (Receipt, error) {
	return r.runTx(ctx, tx, order, &enrolments{event: EventResume, title: KindResume, changes: changes})
}

// Terminate ends relations (终止). From is the first month after them. The errors are as of Enrol.
func (r *Registry) Terminate(ctx context.Context, order Order, changes ...Change) (Receipt, error) {
	return r.run(ctx, order, func() command { return &enrolments{event: EventTerminate, title: KindTerminate, changes: changes} })
}

// TerminateTx is Terminate in the host's transaction.
func (r *Registry) TerminateTx(ctx context.Context, tx store.Handle, order Order, changes ...Change) (Receipt, error) {
	return r.runTx(ctx, tx, order, &enrolments{event: EventTerminate, title: KindTerminate, changes: changes})
}

// Transfer ends relations because they go on in another pooling area (关系转出). From is the first month there. The errors are as of Enrol.
func (r *Registry) Transfer(ctx context.Context, order Order, changes ...Change) (Receipt, error) {
	return r.run(ctx, order, func() command { return &enrolments{event: EventTransferOut, title: KindTransfer, changes: changes} })
}

// TransferTx is Transfer in the host's transaction.
func (r *Registry) TransferTx(ctx context.Context, tx store.Handle, order Order, changes ...Change) (Receipt, error) {
	return r.runTx(ctx, tx, order, &enrolments{event: EventTransferOut, title: KindTransfer, changes: changes})
}

// CorrectEnrolments says anew what the months From to To of relations are (参保信息更正): each row overlays what is known, whatever it was, and leaves the
// months before and after it alone. Months that lie between a correction and what is known are terminated, and so are those after the only months of a
// relation. The errors are as of Enrol.
func (r *Registry) CorrectEnrolments(ctx context.Context, order Order, changes ...Change) (Receipt, error) {
	return r.run(ctx, order, func() command { return &enrolments{event: EventCorrect, title: KindEnrolmentCorrect, changes: changes} })
}

// CorrectEnrolmentsTx is CorrectEnrolments in the host's transaction.
func (r *Registry) CorrectEnrolmentsTx(ctx context.Context, tx store.Handle, order Order, changes ...Change) (Receipt, error) {
	return r.runTx(ctx, tx, order, &enrolments{event: EventCorrect, title: KindEnrolmentCorrect, changes: changes})
}

// enrolments is the command of all of the above.
type enrolments struct {
	event   Event
	title   string
	changes []Change

	members   []MemberNo // of each row, as given or found by number
	employers []EmployerNo
	added     []Spell
	gone      []goneRow
	flags     map[int32]Flags // by row
}

func (c *enrolments) kind() string { return c.title }
func (c *enrolments) rows() int    { return len(c.changes) }

// change is row i with its numbers.
func (c *enrolments) change(i int) change {
	in := &c.changes[i]
	return change{
		Relation: Relation{Member: c.members[i], Scheme: in.Scheme, Employer: c.employers[i]}, event: eventOf(c.title, in.Counterpart),
		status: in.Status, from: in.From, to: in.To,
		hired: in.Hired, counterpart: in.Counterpart, reason: in.Reason, row: int32(i + 1),
	}
}

// eventOf is the event of an act on enrolments.
func eventOf(kind, counterpart string) Event {
	switch kind {
	case KindEnrol:
		if counterpart != "" {
			return EventTransferIn
		}
		return EventEnrol
	case KindSuspend:
		return EventSuspend
	case KindResume:
		return EventResume
	case KindTerminate:
		return EventTerminate
	case KindTransfer:
		return EventTransferOut
	}
	return EventCorrect
}

const maxReason = 64

func (c *enrolments) check(s *session) {
	for i := range c.changes {
		in, row := &c.changes[i], i+1
		c.checkNames(s, in, row)
		c.checkScheme(s, in, row)
		if !in.From.Valid() {
			s.fault(row, ErrInvalid, fieldFrom, fmt.Sprintf("%d is no month", int32(in.From)), "give the month, made with calendar.NewMonth")
		}
		if c.event == EventCorrect {
			c.checkCorrection(s, in, row)
		} else if in.To != 0 || in.Status != "" {
			s.fault(row, ErrInvalid, "to", "only CorrectEnrolments takes a last month and a status", "leave them out")
		}
		if in.Hired != 0 && (c.event != EventEnrol || !in.Hired.Valid() || in.Employer == 0 && in.Code == "") {
			s.fault(row, ErrInvalid, "hired", fmt.Sprintf("%v is no day, or nobody is hired here", in.Hired), "give it with an enrolment by an employer only")
		}
		s.text(row, "counterpart", in.Counterpart, maxReason)
		s.text(row, "reason", in.Reason, maxReason)
	}
}

// checkNames finds members and employers that are named not at all or twice.
func (c *enrolments) checkNames(s *session, in *Change, row int) {
	s.checkMemberName(row, in.Member, in.Number)
	switch {
	case in.Employer != 0 && in.Code != "":
		s.fault(row, ErrInvalid, fieldEmploy, "is given twice", "give its number of the realm or its credit code")
	case in.Employer < 0:
		s.fault(row, ErrInvalid, fieldEmploy, fmt.Sprintf("%d is no number", in.Employer), "employers count from 1")
	}
}

// checkMemberName finds a member that is named not at all or twice.
func (s *session) checkMemberName(row int, no MemberNo, number identity.Number) {
	switch {
	case no == 0 && number.IsZero():
		s.fault(row, ErrMissing, fieldMember, "is not given", "give his number of the realm or his identity number")
	case no != 0 && !number.IsZero():
		s.fault(row, ErrInvalid, fieldMember, "is given twice", "give his number of the realm or his identity number")
	case no < 0:
		s.fault(row, ErrInvalid, fieldMember, fmt.Sprintf("%d is no number", no), "members count from 1")
	}
}

// checkScheme finds what the scheme does not allow.
func (c *enrolments) checkScheme(s *session, in *Change, row int) {
	rule, ok := s.schemes[in.Scheme]
	if !ok {
		s.fault(row, ErrSchemeUnknown, fieldScheme, fmt.Sprintf("%q is not configured", clip(string(in.Scheme))), "correct it, or add it to Config.Schemes")
		return
	}
	byEmployer := in.Employer != 0 || in.Code != ""
	if byEmployer && !rule.ByEmployer {
		s.fault(row, ErrSchemeRefuses, fieldEmploy, fmt.Sprintf("%s has no employers", rule.Scheme), "leave the employer out")
	}
	if !byEmployer && !rule.ByMember {
		s.fault(row, ErrSchemeRefuses, fieldEmploy, fmt.Sprintf("is not given, and nobody enrols himself in %s", rule.Scheme), "name the employer")
	}
	transfer := c.event == EventTransferOut || c.event == EventEnrol && in.Counterpart != ""
	switch {
	case transfer && !rule.Transferable:
		s.fault(row, ErrSchemeRefuses, "counterpart", fmt.Sprintf("relations of %s are not transferred", rule.Scheme),
			"terminate it here and enrol there anew")
	case c.event == EventTransferOut && in.Counterpart == "":
		s.fault(row, ErrMissing, "counterpart", "is empty", "name the pooling area that the relation goes to")
	case !transfer && in.Counterpart != "":
		s.fault(row, ErrInvalid, "counterpart", "only transfers have one", "leave it out")
	}
}

func (c *enrolments) checkCorrection(s *session, in *Change, row int) {
	switch in.Status {
	case Active, Suspended, Terminated, Void:
	default:
		s.fault(row, ErrInvalid, "status", fmt.Sprintf("%q is no status", clip(string(in.Status))), "give active, suspended, terminated or void")
	}
	if in.To != 0 && (!in.To.Valid() || in.To < in.From) {
		s.fault(row, ErrInvalid, "to", fmt.Sprintf("%v is no month, or lies before %v", in.To, in.From), "give the last month, or zero for none")
	}
}

// resolve finds members by identity number and employers by credit code.
func (c *enrolments) resolve(ctx context.Context, s *session) error {
	var err error
	c.members, err = s.resolveMembers(ctx, len(c.changes), func(i int) (MemberNo, identity.Number) { return c.changes[i].Member, c.changes[i].Number })
	if err != nil {
		return err
	}
	c.employers = make([]EmployerNo, len(c.changes))
	codes := make(map[string]bool)
	for i := range c.changes {
		c.employers[i] = c.changes[i].Employer
		if c.changes[i].Code != "" && c.employers[i] == 0 {
			codes[string(c.changes[i].Code)] = true
		}
	}
	found, err := s.employersByCode(ctx, slices.Sorted(maps.Keys(codes)))
	if err != nil {
		return err
	}
	for i := range c.changes {
		if in := &c.changes[i]; in.Code != "" && in.Employer == 0 {
			c.employers[i] = theOnly(s, found[string(in.Code)], i+1, fieldEmploy, ErrEmployerUnknown, clip(string(in.Code)))
		}
	}
	return nil
}

// resolveMembers finds the member of each of n rows, which is given by number of the realm or by identity number.
func (s *session) resolveMembers(ctx context.Context, n int, row func(i int) (MemberNo, identity.Number)) ([]MemberNo, error) {
	members := make([]MemberNo, n)
	pseudonyms := make(map[int]identity.Pseudonym)
	var wanted []identity.Pseudonym
	for i := range members {
		no, number := row(i)
		if members[i] = no; no == 0 && !number.IsZero() {
			pseudonyms[i] = s.pseudonym(number)
			wanted = append(wanted, pseudonyms[i])
		}
	}
	slices.SortFunc(wanted, func(a, b identity.Pseudonym) int { return slices.Compare(a[:], b[:]) })
	found, err := membersByPseudonym(ctx, s.tx, s.order.Realm, slices.Compact(wanted))
	if err != nil {
		return nil, err
	}
	for i := range members {
		if p, ok := pseudonyms[i]; ok {
			_, number := row(i)
			members[i] = theOnly(s, found[p], i+1, fieldMember, ErrMemberUnknown, number.String())
		}
	}
	return members, nil
}

// theOnly returns the one number that was found for a name, or adds a fault.
func theOnly[T ~int32](s *session, found []T, row int, field string, none Code, name string) T {
	switch len(found) {
	case 0:
		s.fault(row, none, field, name+" is not registered", "register it first, or correct it")
		return 0
	case 1:
		return found[0]
	}
	s.fault(row, ErrIdentityAmbiguous, field, fmt.Sprintf("%s is that of %v", name, found), "give the number of the realm")
	return 0
}

// sheet holds the rows with their numbers. Its columns are the same for all events.
func (c *enrolments) sheet(*session) (*sheet.Sheet, error) {
	n := len(c.changes)
	number := func(field func(*Change) int64) []int64 {
		return column(n, func(i int) int64 { return field(&c.changes[i]) })
	}
	text := func(field func(*Change) string) []string {
		return column(n, func(i int) string { return field(&c.changes[i]) })
	}
	return sheet.New(c.title, sheet.Ints(fieldMember, column(n, func(i int) int64 { return int64(c.members[i]) })),
		sheet.Texts(fieldScheme, text(func(in *Change) string { return string(in.Scheme) })),
		sheet.Ints(fieldEmploy, column(n, func(i int) int64 { return int64(c.employers[i]) })),
		sheet.Ints(fieldFrom, number(func(in *Change) int64 { return int64(in.From) })), sheet.Ints("to",
			number(func(in *Change) int64 { return int64(in.To) })),
		sheet.Texts("status", text(func(in *Change) string { return string(in.Status) })),
		sheet.Ints("hired", number(func(in *Change) int64 { return int64(in.Hired) })),
		sheet.Texts("counterpart", text(func(in *Change) string { return in.Counterpart })), sheet.Texts("reason",
			text(func(in *Change) string { return in.Reason })))
}

// write inserts the spells that are new and marks those that are replaced.
func (c *enrolments) write(ctx context.Context, s *session, seq ledger.Seq) (effects, error) {
	return effects{flagged: len(c.flags)}, s.writeSpells(ctx, c.added, c.gone, seq)
}

func (s *session) writeSpells(ctx context.Context, added []Spell, gone []goneRow, seq ledger.Seq) error {
	if err := s.replace(ctx, "registration_spell", "spell_no", gone, seq); err != nil {
		return err
	}
	for i := range added {
		s.head.spells++
		added[i].No, added[i].Known = s.head.spells, seq
		if added[i].Began == 0 {
			added[i].Began = seq
		}
	}
	return s.insertSpells(ctx, added)
}

func (s *session) insertSpells(ctx context.Context, spells []Spell) error {
	return chunks(len(spells), func(from, to int) error {
		part, n := spells[from:to], to-from
		number := func(name string, field func(*Spell) int32) store.Column {
			return store.Int32s(name, column(n, func(i int) int32 { return field(&part[i]) }))
		}
		long := func(name string, field func(*Spell) int64) store.Column {
			return store.Int64s(name, column(n, func(i int) int64 { return field(&part[i]) }))
		}
		text := func(name string, field func(*Spell) string) store.Column {
			return store.Texts(name, column(n, func(i int) string { return field(&part[i]) }))
		}
		return s.tx.Insert(ctx, "registration_spell", store.Fixed("realm_id", s.order.Realm),
			number("member_no", func(s *Spell) int32 { return int32(s.Member) }), long("spell_no", func(s *Spell) int64 { return s.No }),
			text("scheme", func(s *Spell) string { return string(s.Scheme) }), number("employer_no", func(s *Spell) int32 { return int32(s.Employer) }),
			number("from_month", func(s *Spell) int32 { return int32(s.From) }), number("to_month", func(s *Spell) int32 { return int32(s.To) }),
			text("status", func(s *Spell) string { return string(s.Status) }), text("event", func(s *Spell) string { return string(s.Event) }),
			long("began_seq", func(s *Spell) int64 { return int64(s.Began) }), long("seq", func(s *Spell) int64 { return int64(s.Known) }),
			number("row_no", func(s *Spell) int32 { return s.Row }), number("hired_day", func(s *Spell) int32 { return int32(s.Hired) }),
			text("counterpart", func(s *Spell) string { return s.Counterpart }), text("reason", func(s *Spell) string { return s.Reason }),
			number("flags", func(s *Spell) int32 { return int32(s.Flags) }), store.Fixed("superseded_seq", int64(0)))
	})
}

// byRelation orders spells as the acts number them.
func byRelation(a, b *Spell) int {
	return cmp.Or(cmp.Compare(a.Member, b.Member), cmp.Compare(a.Scheme, b.Scheme), cmp.Compare(a.Employer, b.Employer), cmp.Compare(a.From, b.From))
}
