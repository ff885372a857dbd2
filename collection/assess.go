package collection

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/fault"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/scheme"
	"github.com/fundledger/fundledger/registration/sheet"
)

// Basis says what a member's base comes from.
type Basis string

// The bases.
const (
	BasisDeclared    Basis = "declared"    // declared for the month
	BasisCarried     Basis = "carried"     // not on the employer's declaration: the base assessed for the month before goes on
	BasisProvisional Basis = "provisional" // the employer declared nothing: the base of the month before times the factor (社会保险法 art. 62)
	BasisFloor       Basis = "floor"       // neither declared nor assessed for the month before: the floor
)

// Terms are what an assessment was made by; they are sealed as the content of its act.
type Terms struct {
	Month        calendar.Month   `json:"month"`
	Registration ledger.Seq       `json:"registration"` // enrolments as known after this entry of the register book
	Limits       BaseLimits       `json:"limits"`
	EmployerRate TermsValue       `json:"employer_rate"`
	PersonRate   TermsValue       `json:"person_rate"`
	Undeclared   TermsValue       `json:"undeclared,omitzero"` // none where the law had none
	BaseRounding money.Rounding   `json:"base_rounding"`
	Rounding     money.Rounding   `json:"rounding"`
	Left         []Left           `json:"left,omitempty"` // employers that were not assessed
	Sums         map[string]int64 `json:"sums"`           // of the run, for a reader
}

// TermsValue is a parameter as it was used, in digits, with its version.
type TermsValue struct {
	Number string            `json:"number"`
	Source scheme.Provenance `json:"source"`
}

// Left is an employer that an assessment of all employers left out, and why.
type Left struct {
	Employer registration.EmployerNo `json:"employer"`
	Code     Code                    `json:"code"`
	Reason   string                  `json:"reason"`
}

// Assessed is what became of an assessment. Done.First is the first demand, Done.Count how many were raised.
type Assessed struct {
	Done
	Terms Terms
}

// Assess assesses a month (缴费核定) for the named employers, or for all employers with enrolled members where none is named, and raises a demand for each. Bases are
// held within the limits of the month; what a member and his employer owe is rounded for each member.
//
// Employers without a declaration are assessed provisionally at the factor times the bases of the month before, held within the limits too (社会保险法 art. 62);
// one for whom there is no month before needs a declaration. An employer who is assessed is assessed again when he is named, or when he has declared anew: while
// nothing of the month is paid the demand is replaced, afterwards the difference is demanded besides; what would lower a demand that is paid in part is refused
// (refund it instead). In an assessment of all employers such cases are left out and reported in Terms.Left, while the others are assessed.
func (o *Office) Assess(ctx context.Context, order Order, month calendar.Month, employers ...registration.EmployerNo) (Assessed, error) {
	done, err := o.run(ctx, order, func() command { return o.assessment(order, month, employers) })
	if err != nil {
		return Assessed{}, err
	}
	terms, err := o.Terms(ctx, done.Seq)
	return Assessed{Done: done, Terms: terms}, err
}

// AssessTx is Assess in the host's transaction.
func (o *Office) AssessTx(ctx context.Context, tx store.Handle, order Order, month calendar.Month, employers ...registration.EmployerNo) (Assessed, error) {
	done, err := o.performTx(ctx, tx, order, o.assessment(order, month, employers))
	if err != nil {
		return Assessed{}, err
	}
	entry, err := o.fund.Ledger().EntryTx(ctx, tx, o.fund.Book(), done.Seq)
	if err != nil {
		return Assessed{}, err
	}
	terms, err := readTerms(&entry)
	return Assessed{Done: done, Terms: terms}, err
}

func (o *Office) assessment(order Order, month calendar.Month, employers []registration.EmployerNo) command {
	a := &assessor{seen: map[registration.EmployerNo]bool{}, employers: slices.Compact(slices.Sorted(slices.Values(employers)))}
	a.terms.Month = month
	return command{kind: KindAssessment, digest: digestOf(order, []any{month, a.employers}), carry: a.carry,
		inspect: func(_ context.Context, s *session, faults *Faults) error {
			if s.order.ApprovedBy == "" {
				faults.Addf(ErrApproval, "approved by", "have another person approve it", "nobody")
			}
			if !month.Valid() {
				faults.Addf(ErrInvalid, "month", "make it with calendar.NewMonth", "%d is no month", int32(month))
				return nil
			}
			return s.settleTerms(a)
		}}
}

// assessor assesses employers page by page.
type assessor struct {
	employers  []registration.EmployerNo // named; sorted
	seen       map[registration.EmployerNo]bool
	terms      Terms
	rates      [2]scheme.Value // employer, person
	undeclared *scheme.Value

	page     []registration.Workforce
	inPage   int // members in it
	index    indexSheet
	rows     []assessmentRow
	replaced []int64 // demands whose place others take
	faults   Faults
}

// assessmentRow is one row of collection_assessment with its demand.
type assessmentRow struct {
	employer                     int32
	sheet, demandSheet           int64
	declared                     int64
	basis                        Basis
	heads, declaredHeads         int32
	base, employerSum, personSum money.Amount
	demandEmployer, demandPerson money.Amount
	supplementary                bool
}

// settleTerms reads the parameters of the month.
func (s *session) settleTerms(a *assessor) error {
	day, p, t := a.terms.Month.First(), s.config.Parameters, &a.terms
	average, err := s.catalogue.At(p.AverageWage, day)
	floor, errFloor := s.catalogue.Number(p.Floor, day)
	most, errCap := s.catalogue.Number(p.Cap, day)
	employer, errEmployer := s.catalogue.Rate(p.EmployerRate, day)
	person, errPerson := s.catalogue.Rate(p.PersonRate, day)
	if err := errors.Join(err, errFloor, errCap, errEmployer, errPerson); err != nil {
		return err
	}
	if t.Limits, err = Limits(average, floor, most, s.currency, s.config.LimitRounding); err != nil {
		return err
	}
	a.rates = [2]scheme.Value{employer, person}
	t.EmployerRate, t.PersonRate = TermsValue{employer.Text, employer.Provenance}, TermsValue{person.Text, person.Provenance}
	t.BaseRounding, t.Rounding = s.config.BaseRounding, s.config.Rounding
	if factor, err := s.catalogue.Number(p.Undeclared, day); err == nil {
		a.undeclared, t.Undeclared = &factor, TermsValue{factor.Text, factor.Provenance}
	} else if _, none := errors.AsType[*scheme.NoValueError](err); !none {
		return err
	}
	return nil
}

// The bounds of a page of employers.
const (
	pageEmployers = 500
	pageMembers   = 50_000
)

func (a *assessor) carry(ctx context.Context, s *session) (Done, error) {
	var err error
	if a.terms.Registration, err = s.registry.In(s.tx.Handle()).Known(ctx, s.fund.Book().Realm); err != nil {
		return Done{}, err
	}
	for w, failed := range s.workforces(ctx, a.terms.Month, a.employers, a.terms.Registration) {
		if err = failed; err == nil && (len(a.page) >= pageEmployers || a.inPage >= pageMembers) {
			err = a.assessPage(ctx, s)
		}
		if err != nil {
			return Done{}, err
		}
		a.page, a.inPage = append(a.page, w), a.inPage+len(w.Members)
		a.seen[w.Employer] = true
	}
	if err == nil {
		err = a.assessPage(ctx, s)
	}
	for _, employer := range a.employers {
		if !a.seen[employer] {
			a.leave(employer, ErrNotEnrolled, "check the number, or enrol members", "has no member enrolled in %s for %v", s.config.Scheme, a.terms.Month)
		}
	}
	if err == nil {
		err = a.faults.Err()
	}
	if err == nil && len(a.rows) == 0 && len(a.terms.Left) == 0 {
		err = fault.One(ErrNothing, "employers", "enrol members, or name the employers to assess again", "nobody is to be assessed for %v", a.terms.Month)
	}
	if err != nil {
		return Done{}, err
	}
	return a.write(ctx, s)
}

// leave reports an employer that is not assessed: as a fault where he was named.
func (a *assessor) leave(employer registration.EmployerNo, code Code, hint, format string, args ...any) {
	reason := fmt.Sprintf(format, args...)
	if len(a.employers) > 0 {
		a.faults.Addf(code, "employer", hint, "employer %d: %s", employer, reason)
		return
	}
	a.terms.Left = append(a.terms.Left, Left{Employer: employer, Code: code, Reason: reason})
}

// known is what earlier commands left of an employer.
type known struct {
	declaration, declarationSheet int64 // the act and the sheet; 0 for none
	assessed, assessedBy          int64 // the act of the current assessment of the month, and the declaration it was made by
	previous                      int64 // the sheet of the assessment of the month before; 0 for none
	demands                       []demandHead
}

type demandHead struct{ no, sheet, paid int64 }

// assessPage assesses the employers of the page, from five queries.
func (a *assessor) assessPage(ctx context.Context, s *session) error {
	if len(a.page) == 0 {
		return nil
	}
	numbers := make([]int64, len(a.page))
	for i := range a.page {
		numbers[i] = int64(a.page[i].Employer)
	}
	state, err := a.state(ctx, s, numbers)
	if err != nil {
		return err
	}
	var wanted []int64
	for _, k := range state {
		for _, no := range append([]int64{k.declarationSheet, k.previous}, k.demandSheets()...) {
			if no != 0 {
				wanted = append(wanted, no)
			}
		}
	}
	sheets, err := s.sheets(ctx, s.tx, wanted)
	if err != nil {
		return err
	}
	for i := range a.page {
		k := state[int64(a.page[i].Employer)]
		if k.assessed != 0 && len(a.employers) == 0 && k.declaration == k.assessedBy {
			continue // nothing new
		}
		if err := a.assess(ctx, s, &a.page[i], &k, sheets); err != nil {
			return err
		}
	}
	a.page, a.inPage = a.page[:0], 0
	return nil
}

func (k *known) demandSheets() []int64 {
	var out []int64
	for _, d := range k.demands {
		out = append(out, d.sheet)
	}
	return out
}

// state reads what is known of employers.
func (a *assessor) state(ctx context.Context, s *session, numbers []int64) (map[int64]known, error) {
	state := make(map[int64]known, len(numbers))
	read := func(text string, month calendar.Month, set func(k *known, values [3]int64)) error {
		return s.tx.Each(ctx, text+` AND `+s.tx.Dialect().Among("employer_no")+` ORDER BY employer_no`, s.bookArgs(int32(month), s.tx.Dialect().Ints(numbers)),
			func(rows *store.Rows) error {
				var employer int64
				var values [3]int64
				err := rows.Scan(&employer, &values[0], &values[1], &values[2])
				k := state[employer]
				set(&k, values)
				state[employer] = k
				return err
			})
	}
	const current = ` WHERE realm_id = ? AND book_no = ? AND month = ? AND superseded_seq = 0`
	return state, errors.Join(
		read(`SELECT employer_no, seq, sheet_no, 0 FROM collection_declaration`+current, a.terms.Month, func(k *known, v [3]int64) {
			k.declaration, k.declarationSheet = v[0], v[1]
		}),
		read(`SELECT employer_no, seq, declared_seq, 0 FROM collection_assessment`+current, a.terms.Month, func(k *known, v [3]int64) {
			k.assessed, k.assessedBy = v[0], v[1]
		}),
		read(`SELECT employer_no, sheet_no, 0, 0 FROM collection_assessment`+current, a.terms.Month.Add(-1), func(k *known, v [3]int64) {
			k.previous = v[0]
		}),
		read(`SELECT employer_no, demand_no, sheet_no, paid + surcharge_paid FROM collection_demand WHERE realm_id = ? AND book_no = ? AND month = ? AND replaced_seq = 0`,
			a.terms.Month, func(k *known, v [3]int64) { k.demands = append(k.demands, demandHead{v[0], v[1], v[2]}) }))
}

// assess assesses one employer.
func (a *assessor) assess(ctx context.Context, s *session, e *registration.Workforce, k *known, sheets map[int64]*sheet.Sheet) error {
	row := assessmentRow{employer: int32(e.Employer), declared: k.declaration, basis: BasisDeclared, heads: int32(len(e.Members))}
	if k.declaration == 0 {
		row.basis = BasisProvisional
		switch {
		case k.previous == 0:
			a.leave(e.Employer, ErrMissing, "take his declaration", "nothing is declared for %v and nothing was assessed for the month before", a.terms.Month)
			return nil
		case a.undeclared == nil:
			a.leave(e.Employer, ErrMissing, "take his declaration", "nothing is declared for %v, and the law of then has no factor", a.terms.Month)
			return nil
		}
	}
	declared, previous := column(sheets[k.declarationSheet], "base"), column(sheets[k.previous], "base")
	n := len(e.Members)
	lines := assessedColumns{member: int64s(e.Members, func(no *registration.MemberNo) int64 { return int64(*no) }), declared: make([]int64, n), base: make([]int64, n), employer: make([]int64, n), person: make([]int64, n), basis: make([]string, n)}
	for i, member := range lines.member {
		given, basis, err := a.given(s, row.basis, member, declared, previous)
		if err != nil {
			return err
		}
		if lines.declared[i] = -1; basis == BasisDeclared {
			lines.declared[i] = int64(given)
			row.declaredHeads++
		}
		employer, err := Contribute(given, a.terms.Limits, a.rates[0], s.currency, s.config.Rounding)
		if err != nil {
			return err
		}
		person, err := Contribute(given, a.terms.Limits, a.rates[1], s.currency, s.config.Rounding)
		if err != nil {
			return err
		}
		lines.base[i], lines.employer[i], lines.person[i], lines.basis[i] = int64(employer.Base), int64(employer.Amount), int64(person.Amount), string(basis)
		row.base, row.employerSum, row.personSum = row.base+employer.Base, row.employerSum+employer.Amount, row.personSum+person.Amount
	}
	kept, err := lines.sheet()
	if err != nil {
		return err
	}
	return a.keep(ctx, s, row, &lines, kept, k, sheets)
}

// given is the base that a member's assessment begins with.
func (a *assessor) given(s *session, basis Basis, member int64, declared, previous map[int64]int64) (money.Amount, Basis, error) {
	before, had := previous[member]
	if basis == BasisProvisional {
		if !had {
			return a.terms.Limits.Floor, BasisFloor, nil
		}
		raised, err := s.times(money.Amount(before), a.undeclared.Number)
		return raised, BasisProvisional, err
	}
	if base, ok := declared[member]; ok {
		return money.Amount(base), BasisDeclared, nil
	}
	if had {
		return money.Amount(before), BasisCarried, nil
	}
	return a.terms.Limits.Floor, BasisFloor, nil
}

// column maps members to a column of a sheet; a sheet that is not there has none.
func column(s *sheet.Sheet, name string) map[int64]int64 {
	if s == nil {
		return nil
	}
	members, values := s.Ints("member"), s.Ints(name)
	out := make(map[int64]int64, len(members))
	for i, member := range members {
		out[member] += values[i]
	}
	return out
}

// assessedColumns are the columns of an assessment's sheet.
type assessedColumns struct {
	member, declared, base, employer, person []int64
	basis                                    []string
}

func (c *assessedColumns) sheet() (*sheet.Sheet, error) {
	return sheet.New(KindAssessment, sheet.Ints("member", c.member), sheet.Ints("declared", c.declared), sheet.Ints("base", c.base),
		sheet.Ints("employer_part", c.employer), sheet.Ints("person_part", c.person), sheet.Texts("basis", c.basis))
}

// keep stores the sheet of an employer and settles what is demanded of him.
func (a *assessor) keep(ctx context.Context, s *session, row assessmentRow, lines *assessedColumns, kept *sheet.Sheet, k *known, sheets map[int64]*sheet.Sheet) error {
	var paid int64
	for _, d := range k.demands {
		paid += d.paid
	}
	var more *sheet.Sheet
	if paid > 0 {
		var err error
		if more, err = supplement(&row, lines, k, sheets); err != nil {
			return err
		}
		if more == nil {
			a.leave(registration.EmployerNo(row.employer), ErrAssessed, "refund the members who owe less, or correct the declaration",
				"the demand of %v is paid in part and the new assessment is not above it for every member", a.terms.Month)
			return nil
		}
	}
	no, hash, err := s.keep(ctx, kept)
	if err != nil {
		return err
	}
	a.index.add(a.terms.Month, registration.EmployerNo(row.employer), no, hash)
	row.sheet, row.demandSheet = no, no
	if more == nil {
		row.demandEmployer, row.demandPerson = row.employerSum, row.personSum
		for _, d := range k.demands {
			a.replaced = append(a.replaced, d.no)
		}
	} else {
		if row.demandSheet, hash, err = s.keep(ctx, more); err != nil {
			return err
		}
		a.index.add(a.terms.Month, registration.EmployerNo(row.employer), row.demandSheet, hash)
	}
	a.rows = append(a.rows, row)
	return nil
}

// supplement makes the sheet of what is demanded besides the demands there are; it is nil when any part would be lower, or nothing higher.
func supplement(row *assessmentRow, lines *assessedColumns, k *known, sheets map[int64]*sheet.Sheet) (*sheet.Sheet, error) {
	employers, persons := map[int64]int64{}, map[int64]int64{}
	for _, d := range k.demands {
		for member, part := range column(sheets[d.sheet], "employer_part") {
			employers[member] += part
		}
		for member, part := range column(sheets[d.sheet], "person_part") {
			persons[member] += part
		}
	}
	var members, employer, person []int64
	for i, member := range lines.member {
		e, p := lines.employer[i]-employers[member], lines.person[i]-persons[member]
		if e < 0 || p < 0 {
			return nil, nil
		}
		delete(employers, member)
		if e > 0 || p > 0 {
			members, employer, person = append(members, member), append(employer, e), append(person, p)
			row.demandEmployer, row.demandPerson = row.demandEmployer+money.Amount(e), row.demandPerson+money.Amount(p)
		}
	}
	if len(employers) > 0 || len(members) == 0 { // a member was taken off
		return nil, nil
	}
	row.supplementary = true
	return sheet.New(KindAssessment+".more", sheet.Ints("member", members), sheet.Ints("employer_part", employer), sheet.Ints("person_part", person))
}

func readTerms(entry *ledger.Entry) (Terms, error) {
	var terms Terms
	if entry.Kind != KindAssessment {
		return terms, fault.One(ErrUnknown, "assessment", "give the number of its act", "entry %d is a %s", entry.Seq, entry.Kind)
	}
	return terms, json.Unmarshal(entry.Act, &terms)
}
