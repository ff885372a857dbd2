package registration

import (
	"fmt"
	"slices"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
)

// Insurance is a line of social insurance (险种). Within one insurance a person is insured once at a time.
type Insurance string

// The insurances.
const (
	Pension      Insurance = "pension"        // 基本养老保险
	Medical      Insurance = "medical"        // 基本医疗保险
	Unemployment Insurance = "unemployment"   // 失业保险
	WorkInjury   Insurance = "work_injury"    // 工伤保险
	Maternity    Insurance = "maternity"      // 生育保险
	LongTermCare Insurance = "long_term_care" // 长期护理保险
)

// Scheme is a scheme of one insurance (制度), such as employees' and residents' pension. Those of China bear the names of their funds in package accounts.
type Scheme string

// The schemes of China.
const (
	EnterprisePension   Scheme = "enterprise_pension"    // 企业职工基本养老保险
	ResidentPension     Scheme = "resident_pension"      // 城乡居民基本养老保险
	CivilServicePension Scheme = "civil_service_pension" // 机关事业单位基本养老保险
	EmployeeMedical     Scheme = "employee_medical"      // 职工基本医疗保险
	ResidentMedical     Scheme = "resident_medical"      // 城乡居民基本医疗保险
	UnemploymentScheme  Scheme = "unemployment"          // 失业保险
	WorkInjuryScheme    Scheme = "work_injury"           // 工伤保险
	MaternityScheme     Scheme = "maternity"             // 生育保险
	LongTermCareScheme  Scheme = "long_term_care"        // 长期护理保险
)

// SchemeRule says what a scheme allows. It is data of the place.
type SchemeRule struct {
	Scheme          Scheme
	Insurance       Insurance
	ByEmployer      bool   // members are enrolled by an employer
	ByMember        bool   // members may enrol without one (灵活就业人员, 城乡居民)
	Concurrent      bool   // several employers may enrol a member at once
	Transferable    bool   // relations move between pooling areas (关系转移接续)
	UntilRetirement bool   // nobody is active in it after the month of retirement
	Source          string // legal source
}

func (rule *SchemeRule) check(faults *Faults) {
	for field, text := range map[string]string{"scheme": string(rule.Scheme), "insurance of " + string(rule.Scheme): string(rule.Insurance)} {
		if text == "" || len(text) > 64 || !isCodeText(text) {
			faults.Add(&Fault{Code: ErrInvalid, Field: field, Detail: fmt.Sprintf("%q is no code", clip(text)),
				Hint: "use small letters, digits and underscores"})
		}
	}
	if !rule.ByEmployer && !rule.ByMember {
		faults.Add(&Fault{Code: ErrInvalid, Field: "scheme " + string(rule.Scheme), Detail: "nobody can enrol", Hint: "set ByEmployer, ByMember or both"})
	}
}

func isCodeText(text string) bool {
	for _, r := range text {
		if r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return false
		}
	}
	return true
}

// ChinaSchemes returns the nation's schemes as the laws shape them. A place changes what differs, such as a maternity insurance that is merged.
func ChinaSchemes() []SchemeRule {
	const transfers, stays = "社会保险法 art. 19, 32, 52; 社会保险经办条例 art. 12-16", "社会保险经办条例 art. 12-16 name no transfer"
	return []SchemeRule{
		{Scheme: EnterprisePension, Insurance: Pension, ByEmployer: true, ByMember: true, Transferable: true, UntilRetirement: true,
			Source: "社会保险法 art. 10; " + transfers},
		{Scheme: ResidentPension, Insurance: Pension, ByMember: true, Transferable: true, UntilRetirement: true, Source: "社会保险法 art. 20-22; " + transfers},
		{Scheme: CivilServicePension, Insurance: Pension, ByEmployer: true, Transferable: true, UntilRetirement: true, Source: "国发〔2015〕2号; " + transfers},
		{Scheme: EmployeeMedical, Insurance: Medical, ByEmployer: true, ByMember: true, Transferable: true, Source: "社会保险法 art. 23; " + transfers},
		{Scheme: ResidentMedical, Insurance: Medical, ByMember: true, Transferable: true, Source: "社会保险法 art. 24-25; " + transfers},
		{Scheme: UnemploymentScheme, Insurance: Unemployment, ByEmployer: true, Transferable: true, UntilRetirement: true, Source: "社会保险法 art. 44, 52"},
		{Scheme: WorkInjuryScheme, Insurance: WorkInjury, ByEmployer: true, Concurrent: true,
			Source: "社会保险法 art. 33; several employers: 实施〈社会保险法〉若干规定 art. 9; " + stays},
		{Scheme: MaternityScheme, Insurance: Maternity, ByEmployer: true, Source: "社会保险法 art. 53; " + stays},
		{Scheme: LongTermCareScheme, Insurance: LongTermCare, ByEmployer: true, ByMember: true, Source: "pilot rules of the places"},
	}
}

// Status is what a spell says of its months.
type Status string

// The statuses.
const (
	Active     Status = "active"     // insured (参保缴费)
	Suspended  Status = "suspended"  // the relation rests (暂停缴费): nothing is assessed, the personal account goes on
	Terminated Status = "terminated" // the relation has ended (终止)
	Void       Status = "void"       // recorded in error, never in force (作废)
)

// Event is what began a spell (变更类型).
type Event string

// The events.
const (
	EventEnrol       Event = "enrol"        // 新增
	EventSuspend     Event = "suspend"      // 停保
	EventResume      Event = "resume"       // 续保
	EventTerminate   Event = "terminate"    // 终止
	EventTransferIn  Event = "transfer_in"  // 转入
	EventTransferOut Event = "transfer_out" // 转出
	EventCorrect     Event = "correct"      // 更正
	EventDeath       Event = "death"        // 死亡
)

// Relation is an enrolment (参保关系): a member in a scheme, by an employer or, with Employer zero, on his own.
type Relation struct {
	Member   MemberNo
	Scheme   Scheme
	Employer EmployerNo
}

// Spell is a stretch of months of one relation in one status (参保时段), as known at some time. The spells of a relation that are known at one time follow
// one another without a gap, and the last is open.
type Spell struct {
	Relation
	No          int64 // number of the row in the realm: two versions of a spell have two
	Insurance   Insurance
	From        calendar.Month
	To          calendar.Month // the last month; zero while open
	Status      Status
	Event       Event         // what began it
	Hired       calendar.Date // 用工之日, of an enrolment by an employer; enrolment is due within 30 days of it (社会保险法 art. 58). Zero if not given
	Counterpart string        // the other pooling area of a transfer
	Reason      string        // in the host's code
	Flags       Flags
	Began       ledger.Seq // the act with the event: its effective date is when it was applied for
	Known       ledger.Seq // the act that recorded the spell as it stands here
	Superseded  ledger.Seq // the act that replaced it; zero if none has
	Row         int32      // the row of the sheet of Known that made it or cut it, from 1
}

// fresh reports whether the command at hand makes the spell active: it has no number yet, and nothing began it before.
func (s *Spell) fresh() bool { return s.No == 0 && s.Began == 0 && s.Status == Active }

// Covers reports whether the month lies in the spell.
func (s *Spell) Covers(month calendar.Month) bool {
	return s.From <= month && (s.To == 0 || month <= s.To)
}

// end is the last month for comparing; an open spell ends after all others.
func (s *Spell) end() calendar.Month {
	if s.To == 0 {
		return calendar.MustMonth(9999, 12)
	}
	return s.To
}

// change is one row of an enrolment command with all numbers known.
type change struct {
	Relation
	event       Event
	status      Status         // of a correction
	from, to    calendar.Month // to is of a correction only
	hired       calendar.Date
	counterpart string
	reason      string
	row         int32
}

// makes says which status an event leads to and from which ones it may come; "" is a relation that does not exist yet.
var makes = map[Event]struct {
	status Status
	from   []Status
}{
	EventEnrol:       {Active, []Status{"", Terminated, Void}},
	EventTransferIn:  {Active, []Status{"", Terminated, Void}},
	EventSuspend:     {Suspended, []Status{Active}},
	EventResume:      {Active, []Status{Suspended}},
	EventTerminate:   {Terminated, []Status{Active, Suspended}},
	EventTransferOut: {Terminated, []Status{Active, Suspended}},
}

// timeline is what is known of one relation now, in the order of months.
type timeline []Spell

// apply returns the timeline after a change. Spells that the change makes or cuts have number zero; the others are as they were.
func (t timeline) apply(c *change) (timeline, *Fault) {
	if c.event == EventCorrect {
		return t.overlay(c), nil
	}
	status := Status("")
	if len(t) > 0 {
		last := &t[len(t)-1]
		status = last.Status
		if c.from < last.From && slices.Contains(makes[c.event].from, status) {
			return t, &Fault{Code: ErrOrder, Row: int(c.row), Field: fieldFrom,
				Detail: fmt.Sprintf("%v lies before %v, from when on the relation is %s", c.from, last.From, status),
				Hint:   "give a later month, or correct the months with CorrectEnrolments"}
		}
	}
	if !slices.Contains(makes[c.event].from, status) {
		return t, t.misplaced(c, status)
	}
	return append(t.before(c.from, c.row), c.spell(makes[c.event].status)), nil
}

// misplaced says why an event cannot follow a status.
func (t timeline) misplaced(c *change, status Status) *Fault {
	f := &Fault{Code: ErrStatus, Row: int(c.row), Field: fieldMember}
	switch {
	case status == "":
		f.Code, f.Detail, f.Hint = ErrNotEnrolled, fmt.Sprintf("%d is not enrolled %s", c.Member, c.where()),
			"enrol him first, or correct scheme and employer"
		return f
	case c.event == EventEnrol && status == Suspended:
		f.Hint = "resume the relation (续保): a second one would be a duplicate"
	case c.event == EventEnrol || c.event == EventTransferIn:
		f.Hint = "leave the row out, or correct scheme and employer"
	case c.event == EventSuspend && status == Suspended:
		f.Hint = "leave the row out"
	default:
		f.Hint = fmt.Sprintf("%s follows %v", c.event, makes[c.event].from)
	}
	f.Detail = fmt.Sprintf("%d is %s %s since %v", c.Member, status, c.where(), t[len(t)-1].From)
	return f
}

func (r *Relation) where() string {
	if r.Employer == 0 {
		return fmt.Sprintf("in %s without an employer", r.Scheme)
	}
	return fmt.Sprintf("in %s by employer %d", r.Scheme, r.Employer)
}

// spell is the spell that a change makes.
func (c *change) spell(status Status) Spell {
	return Spell{Relation: c.Relation, From: c.from, To: c.to, Status: status, Event: c.event, Hired: c.hired, Counterpart: c.counterpart, Reason: c.reason,
		Row: c.row}
}

// before returns the spells before a month, the last one cut by a row of the command.
func (t timeline) before(month calendar.Month, row int32) timeline {
	var kept timeline
	for _, s := range t {
		if s.From >= month {
			break
		}
		if s.To == 0 || s.To >= month {
			s = s.cut(s.From, month.Add(-1), row)
		}
		kept = append(kept, s)
	}
	return kept
}

// after returns the spells after a month, the first one cut by a row of the command.
func (t timeline) after(month calendar.Month, row int32) timeline {
	var kept timeline
	for _, s := range t {
		if s.To != 0 && s.To <= month {
			continue
		}
		if s.From <= month {
			s = s.cut(month.Add(1), s.To, row)
		}
		kept = append(kept, s)
	}
	return kept
}

// cut is another version of a spell with other months. It keeps what began it, so it is fresh only if the spell is.
func (s Spell) cut(from, to calendar.Month, row int32) Spell {
	s.No, s.From, s.To, s.Row = 0, from, to, row
	return s
}

// overlay puts a correction over the months it speaks of. Months between it and what is known, and those after a corrected relation's only months, are
// terminated.
func (t timeline) overlay(c *change) timeline {
	corrected := c.spell(c.status)
	ended := func(from, to calendar.Month) Spell {
		s := c.spell(Terminated)
		s.From, s.To = from, to
		return s
	}
	out := t.before(c.from, c.row)
	out = append(out, corrected)
	if c.to == 0 {
		return out
	}
	rest := t.after(c.to, c.row)
	switch {
	case len(rest) == 0:
		return append(out, ended(c.to.Add(1), 0))
	case rest[0].From > c.to.Add(1):
		out = append(out, ended(c.to.Add(1), rest[0].From.Add(-1)))
	}
	return append(out, rest...)
}

// endedBy returns the timeline after a death in a month: nothing is active or suspended after that month. A relation that began after it is void: it was never in
// force. One that had ended by then stays as it is.
func (t timeline) endedBy(died calendar.Month, row int32) timeline {
	if !slices.ContainsFunc(t, func(s Spell) bool { return s.end() > died && (s.Status == Active || s.Status == Suspended) }) {
		return t
	}
	first, status := died.Add(1), Terminated
	if t[0].From > died {
		first, status = t[0].From, Void
	}
	return append(t.before(first, row), Spell{Relation: t[0].Relation, From: first, Status: status, Event: EventDeath, Row: row})
}

// difference returns the numbers of the old spells that are gone and the new spells that are not numbered yet.
func (t timeline) difference(after timeline) (gone []int64, added []Spell) {
	kept := make(map[int64]bool, len(after))
	for i := range after {
		if after[i].No != 0 {
			kept[after[i].No] = true
		} else {
			added = append(added, after[i])
		}
	}
	for i := range t {
		if !kept[t[i].No] {
			gone = append(gone, t[i].No)
		}
	}
	return gone, added
}

// clash is a pair of active spells of one person and insurance that share months; made is fresh.
type clash struct{ made, other *Spell }

// clashes finds the fresh spells that share months with a spell that is not fresh, or with a fresh one of an earlier row. spells are all active ones of one
// person in one insurance; of several that a spell meets, the first in time is named. The work grows with the square of their number, which maxRowsOfMember
// bounds.
func clashes(spells []*Spell, concurrent func(Scheme) bool) []clash {
	slices.SortStableFunc(spells, func(a, b *Spell) int { return int(a.From) - int(b.From) })
	var found []clash
	for _, s := range spells {
		if !s.fresh() {
			continue
		}
		for _, other := range spells {
			if other.From > s.end() {
				break
			}
			before := !other.fresh() || other.Row < s.Row
			if before && s.From <= other.end() && (other.Scheme != s.Scheme || !concurrent(s.Scheme)) {
				found = append(found, clash{s, other})
				break
			}
		}
	}
	return found
}
