package registration

import (
	"cmp"
	"context"
	"fmt"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration/identity"
	"github.com/fundledger/fundledger/registration/sheet"
)

// EmployerSpec is what RegisterEmployers needs of an employer (单位参保登记). Code and Name are required.
type EmployerSpec struct {
	Code     identity.CreditCode
	Name     string
	Agency   string        // the agency or branch that handles it, in the host's code
	Industry string        // in the host's code, such as one of GB/T 4754
	Address  string        // 地址
	Contact  string        // how to reach it: a telephone number, say
	Founded  calendar.Date // 成立日期; registration is due within 30 days of it (社会保险法 art. 57). Zero if not known
}

// Employer is an employer (参保单位) as known at some time.
type Employer struct {
	EmployerSpec
	No         EmployerNo
	Registered calendar.Date // the day of its registration
	Cancelled  calendar.Date // the day on which it was struck off (注销); zero if it was not
	Flags      Flags
	Known      ledger.Seq // the act that said so
	Superseded ledger.Seq // the act that said otherwise; zero if none has
	Row        int32      // its row of the sheet of Known, from 1
}

// EmployerChange is a change of an employer's particulars (单位信息变更). What is empty stays as it is.
type EmployerChange struct {
	Employer EmployerNo
	EmployerSpec
}

// RegisterEmployers registers employers (单位参保登记). They get the numbers from Receipt.FirstEmployer on, in the order given. The error is *Faults with the
// faults of all rows, or one of the ledger or the store.
func (r *Registry) RegisterEmployers(ctx context.Context, order Order, employers ...EmployerSpec) (Receipt, error) {
	return r.run(ctx, order, func() command { return &registerEmployers{specs: employers} })
}

// RegisterEmployersTx is RegisterEmployers in the host's transaction.
func (r *Registry) RegisterEmployersTx(ctx context.Context, tx store.Handle, order Order, employers ...EmployerSpec) (Receipt, error) {
	return r.runTx(ctx, tx, order, &registerEmployers{specs: employers})
}

// ChangeEmployers changes particulars of employers (单位信息变更). The errors are as of RegisterEmployers.
func (r *Registry) ChangeEmployers(ctx context.Context, order Order, changes ...EmployerChange) (Receipt, error) {
	return r.run(ctx, order, func() command { return &changeEmployers{changes: changes} })
}

// ChangeEmployersTx is ChangeEmployers in the host's transaction.
func (r *Registry) ChangeEmployersTx(ctx context.Context, tx store.Handle, order Order, changes ...EmployerChange) (Receipt, error) {
	return r.runTx(ctx, tx, order, &changeEmployers{changes: changes})
}

// CancelEmployers strikes employers off on the order's effective day (单位注销). One that has members active or suspended after that month, or that owes by
// Config.Obligations, is refused with ErrEmployerInUse. The errors are as of RegisterEmployers.
func (r *Registry) CancelEmployers(ctx context.Context, order Order, employers ...EmployerNo) (Receipt, error) {
	return r.run(ctx, order, func() command { return &cancelEmployers{employers: employers} })
}

// CancelEmployersTx is CancelEmployers in the host's transaction.
func (r *Registry) CancelEmployersTx(ctx context.Context, tx store.Handle, order Order, employers ...EmployerNo) (Receipt, error) {
	return r.runTx(ctx, tx, order, &cancelEmployers{employers: employers})
}

// checkEmployer finds what is wrong with the texts of an employer; empty ones are not looked at.
func (s *session) checkEmployer(row int, spec *EmployerSpec) Flags {
	for _, f := range []struct{ field, text string }{
		{"name", spec.Name}, {"agency", spec.Agency}, {"industry", spec.Industry}, {"address", spec.Address}, {"contact", spec.Contact},
	} {
		s.text(row, f.field, f.text, maxName)
	}
	if spec.Founded != 0 && (!spec.Founded.Valid() || spec.Founded > s.order.Effective) {
		s.fault(row, ErrInvalid, "founded", fmt.Sprintf("%v is no day, or lies after %v", spec.Founded, s.order.Effective), "correct the date")
	}
	if spec.Code == "" {
		return 0
	}
	s.text(row, fieldCode, string(spec.Code), 2*identity.CreditCodeLength)
	if err := spec.Code.Check(); err != nil {
		return s.admits(FlagCreditCodeInvalid, wrong(ErrCreditCodeInvalid, row, fieldCode, err))
	}
	return 0
}

// employerSheet seals employers. Texts that may name a person stand in it as digests.
func (r *Registry) employerSheet(title string, employers []Employer) (*sheet.Sheet, error) {
	n := len(employers)
	numbers, founded := make([]int64, n), make([]int64, n)
	codes, agencies, industries := make([]string, n), make([]string, n), make([]string, n)
	names, addresses, contacts := make([]sheet.Digest, n), make([]sheet.Digest, n), make([]sheet.Digest, n)
	for i := range employers {
		e := &employers[i]
		numbers[i], founded[i], codes[i], agencies[i], industries[i] = int64(e.No), int64(e.Founded), string(e.Code), e.Agency, e.Industry
		names[i], addresses[i], contacts[i] = r.digest("name", e.Name), r.digest("address", e.Address), r.digest("contact", e.Contact)
	}
	return sheet.New(title, sheet.Ints("employer", numbers), sheet.Texts("credit_code", codes), sheet.Digests("name", names), sheet.Texts("agency", agencies),
		sheet.Texts("industry", industries), sheet.Digests("address", addresses), sheet.Digests("contact", contacts), sheet.Ints("founded", founded))
}

// insertEmployers writes rows of employers.
func (s *session) insertEmployers(ctx context.Context, employers []Employer, seq ledger.Seq) error {
	n := len(employers)
	text := func(name string, field func(*Employer) string) store.Column {
		return store.Texts(name, column(n, func(i int) string { return field(&employers[i]) }))
	}
	number := func(name string, field func(*Employer) int32) store.Column {
		return store.Int32s(name, column(n, func(i int) int32 { return field(&employers[i]) }))
	}
	return s.tx.Insert(ctx, "registration_employer", store.Fixed("realm_id", s.order.Realm),
		number("employer_no", func(e *Employer) int32 { return int32(e.No) }), store.Fixed("seq", int64(seq)),
		number("row_no", func(e *Employer) int32 { return e.Row }), text("credit_code", func(e *Employer) string { return string(e.Code) }),
		text("name", func(e *Employer) string { return e.Name }), text("agency", func(e *Employer) string { return e.Agency }),
		text("industry", func(e *Employer) string { return e.Industry }), text("address", func(e *Employer) string { return e.Address }),
		text("contact", func(e *Employer) string { return e.Contact }), number("founded_day", func(e *Employer) int32 { return int32(e.Founded) }),
		number("registered_day", func(e *Employer) int32 { return int32(e.Registered) }),
		number("cancelled_day", func(e *Employer) int32 { return int32(e.Cancelled) }), number("flags", func(e *Employer) int32 { return int32(e.Flags) }),
		store.Fixed("superseded_seq", int64(0)))
}

// column makes a slice of n values.
func column[T any](n int, value func(i int) T) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = value(i)
	}
	return out
}

// flagged counts rows with flags.
func flagged[T any](rows []T, flags func(*T) Flags) int {
	count := 0
	for i := range rows {
		if flags(&rows[i]) != 0 {
			count++
		}
	}
	return count
}

func employerFlags(e *Employer) Flags { return e.Flags }

// registerEmployers is the command of RegisterEmployers.
type registerEmployers struct {
	specs     []EmployerSpec
	employers []Employer
}

func (c *registerEmployers) kind() string { return KindEmployerRegister }
func (c *registerEmployers) rows() int    { return len(c.specs) }

func (c *registerEmployers) check(s *session) {
	c.employers = make([]Employer, len(c.specs))
	for i, spec := range c.specs {
		if spec.Code == "" {
			s.fault(i+1, ErrMissing, fieldCode, "is empty", defaultHint)
		}
		if spec.Name == "" {
			s.fault(i+1, ErrMissing, "name", "is empty", defaultHint)
		}
		c.employers[i] = Employer{EmployerSpec: spec, Registered: s.order.Effective, Flags: s.checkEmployer(i+1, &spec), Row: int32(i + 1)}
	}
}

func (c *registerEmployers) resolve(context.Context, *session) error { return nil }

func (c *registerEmployers) sheet(s *session) (*sheet.Sheet, error) {
	return s.employerSheet(c.kind(), c.employers)
}

func (c *registerEmployers) settle(ctx context.Context, s *session) error {
	all := make([]*Employer, len(c.employers))
	for i := range all {
		all[i] = &c.employers[i]
	}
	return s.settleCodes(ctx, all)
}

func (c *registerEmployers) write(ctx context.Context, s *session, seq ledger.Seq) (effects, error) {
	first := s.head.employers + 1
	for i := range c.employers {
		s.head.employers++
		c.employers[i].No = EmployerNo(s.head.employers)
	}
	return effects{firstEmployer: EmployerNo(first), flagged: flagged(c.employers, employerFlags)}, s.insertEmployers(ctx, c.employers, seq)
}

// settleCodes finds credit codes that belong to other employers, registered ones and those of earlier rows.
func (s *session) settleCodes(ctx context.Context, employers []*Employer) error {
	rows := make(map[string][]int, len(employers))
	var codes []string
	for i, e := range employers {
		code := string(e.Code)
		if s.faulty[int(e.Row)] {
			continue
		}
		if rows[code] == nil {
			codes = append(codes, code)
		}
		rows[code] = append(rows[code], i)
	}
	owners, err := s.employersByCode(ctx, codes)
	if err != nil {
		return err
	}
	for _, code := range codes {
		taken := ""
		for _, no := range owners[code] {
			taken = fmt.Sprintf("%s belongs to employer %d", code, no)
		}
		for _, i := range rows[code] {
			e := employers[i]
			if own := len(owners[code]) == 1 && owners[code][0] == e.No; taken != "" && !own {
				e.Flags |= s.admits(FlagCreditCodeTaken, &Fault{Code: ErrCreditCodeTaken, Row: int(e.Row), Field: fieldCode, Detail: taken,
					Hint: "use that employer, or correct the code"})
			}
			taken = fmt.Sprintf("%s stands in row %d too", code, e.Row)
		}
	}
	return nil
}

// employersByCode finds the employers that have the codes now.
func (s *session) employersByCode(ctx context.Context, codes []string) (map[string][]EmployerNo, error) {
	return employersByCode(ctx, s.tx, s.order.Realm, codes)
}

func employersByCode(ctx context.Context, tx *store.Tx, realm int32, codes []string) (map[string][]EmployerNo, error) {
	owners := make(map[string][]EmployerNo)
	err := chunks(len(codes), func(from, to int) error {
		return tx.Each(ctx, `SELECT credit_code, employer_no FROM registration_employer`+indexed(tx, "registration_employer_code")+
			`WHERE realm_id = ? AND superseded_seq = 0 AND `+tx.Dialect().Among("credit_code")+` ORDER BY employer_no`, []any{realm,
			tx.Dialect().Texts(codes[from:to])},
			func(rows *store.Rows) error {
				var code string
				var no EmployerNo
				if err := rows.Scan(&code, &no); err != nil {
					return err
				}
				owners[code] = append(owners[code], no)
				return nil
			})
	})
	return owners, err
}

// currentEmployers finds employers as they are, by number.
func (s *session) currentEmployers(ctx context.Context, numbers []int64) (map[EmployerNo]Employer, error) {
	found := make(map[EmployerNo]Employer, len(numbers))
	err := chunks(len(numbers), func(from, to int) error {
		where, args := among(s.tx, "employer_no", numbers[from:to])
		return s.tx.Each(ctx, `SELECT `+employerColumns+` FROM registration_employer WHERE realm_id = ? AND superseded_seq = 0 AND `+where,
			append([]any{s.order.Realm}, args...), func(rows *store.Rows) error {
				e, err := scanEmployer(rows)
				found[e.No] = e
				return err
			})
	})
	return found, err
}

// changeEmployers is the command of ChangeEmployers.
type changeEmployers struct {
	changes   []EmployerChange
	employers []Employer
}

func (c *changeEmployers) kind() string { return KindEmployerChange }
func (c *changeEmployers) rows() int    { return len(c.changes) }

func (c *changeEmployers) check(s *session) {
	c.employers = make([]Employer, len(c.changes))
	seen := make(map[EmployerNo]int, len(c.changes))
	for i, change := range c.changes {
		c.employers[i] = Employer{EmployerSpec: change.EmployerSpec, No: change.Employer, Flags: s.checkEmployer(i+1, &change.EmployerSpec),
			Row: int32(i + 1)}
		s.once(i+1, fieldEmploy, seen, change.Employer)
		if change.EmployerSpec == (EmployerSpec{}) {
			s.fault(i+1, ErrMissing, "change", "nothing is changed", "give what is new, or leave the row out")
		}
	}
}

// once finds numbers that stand in two rows.
func (s *session) once(row int, field string, seen map[EmployerNo]int, no EmployerNo) {
	if first, ok := seen[no]; ok {
		s.fault(row, ErrRepeated, field, fmt.Sprintf("%d stands in row %d too", no, first), "give one row")
	}
	seen[no] = row
}

func (c *changeEmployers) resolve(context.Context, *session) error { return nil }

func (c *changeEmployers) sheet(s *session) (*sheet.Sheet, error) {
	return s.employerSheet(c.kind(), c.employers)
}

func (c *changeEmployers) settle(ctx context.Context, s *session) error {
	numbers := column(len(c.employers), func(i int) int64 { return int64(c.employers[i].No) })
	current, err := s.currentEmployers(ctx, numbers)
	if err != nil {
		return err
	}
	var recoded []*Employer
	for i := range c.employers {
		e := &c.employers[i]
		old, ok := current[e.No]
		switch {
		case !ok:
			s.fault(i+1, ErrEmployerUnknown, fieldEmploy, fmt.Sprintf("%d is not registered", e.No), "check the number")
			continue
		case old.Cancelled != 0:
			s.fault(i+1, ErrEmployerCancelled, fieldEmploy, fmt.Sprintf("%d was struck off on %v", e.No, old.Cancelled), "leave the row out")
			continue
		}
		newCode := e.Code != "" && e.Code != old.Code
		*e = old.overlaid(e)
		if newCode {
			recoded = append(recoded, e)
		}
	}
	return s.settleCodes(ctx, recoded)
}

// overlaid returns the employer with what a change gives, and the change's row and flags. Verify repeats it.
func (e Employer) overlaid(by *Employer) Employer {
	if by.Code == "" || by.Code == e.Code { // the old code keeps its flags
		by.Flags |= e.Flags & (FlagCreditCodeInvalid | FlagCreditCodeTaken)
	}
	e.Code, e.Name, e.Agency = cmp.Or(by.Code, e.Code), cmp.Or(by.Name, e.Name), cmp.Or(by.Agency, e.Agency)
	e.Industry, e.Address, e.Contact = cmp.Or(by.Industry, e.Industry), cmp.Or(by.Address, e.Address), cmp.Or(by.Contact, e.Contact)
	e.Founded, e.Row, e.Flags = cmp.Or(by.Founded, e.Founded), by.Row, by.Flags
	return e
}

func (c *changeEmployers) write(ctx context.Context, s *session, seq ledger.Seq) (effects, error) {
	numbers := column(len(c.employers), func(i int) int64 { return int64(c.employers[i].No) })
	if err := s.supersede(ctx, "registration_employer", "employer_no", numbers, seq); err != nil {
		return effects{}, err
	}
	return effects{flagged: flagged(c.employers, employerFlags)}, s.insertEmployers(ctx, c.employers, seq)
}

// cancelEmployers is the command of CancelEmployers.
type cancelEmployers struct {
	employers []EmployerNo
	states    []Employer
}

func (c *cancelEmployers) kind() string { return KindEmployerCancel }
func (c *cancelEmployers) rows() int    { return len(c.employers) }

func (c *cancelEmployers) check(s *session) {
	seen := make(map[EmployerNo]int, len(c.employers))
	for i, no := range c.employers {
		s.once(i+1, fieldEmploy, seen, no)
	}
}

func (c *cancelEmployers) resolve(context.Context, *session) error { return nil }

func (c *cancelEmployers) sheet(*session) (*sheet.Sheet, error) {
	return sheet.New(c.kind(), sheet.Ints("employer", column(len(c.employers), func(i int) int64 { return int64(c.employers[i]) })))
}

func (c *cancelEmployers) numbers() []int64 {
	return column(len(c.employers), func(i int) int64 { return int64(c.employers[i]) })
}

func (c *cancelEmployers) settle(ctx context.Context, s *session) error {
	current, err := s.currentEmployers(ctx, c.numbers())
	if err != nil {
		return err
	}
	enrolled, err := s.enrolledAt(ctx, c.numbers())
	if err != nil {
		return err
	}
	owing := map[EmployerNo]string{}
	if s.config.Obligations != nil {
		if owing, err = s.config.Obligations(ctx, s.tx.Handle(), s.order.Realm, c.employers); err != nil {
			return err
		}
	}
	for i, no := range c.employers {
		e, ok := current[no]
		switch {
		case !ok:
			s.fault(i+1, ErrEmployerUnknown, fieldEmploy, fmt.Sprintf("%d is not registered", no), "check the number")
		case e.Cancelled != 0:
			s.fault(i+1, ErrEmployerCancelled, fieldEmploy, fmt.Sprintf("%d was struck off on %v", no, e.Cancelled), "leave the row out")
		case e.Registered > s.order.Effective:
			s.fault(i+1, ErrInvalid, "effective date", fmt.Sprintf("employer %d was registered on %v, later", no, e.Registered), "correct the date")
		}
		if enrolled[no] > 0 {
			s.fault(i+1, ErrEmployerInUse, fieldEmploy, fmt.Sprintf("%d has %d enrolments that go on after %v", no, enrolled[no], s.order.Effective.Month()),
				"terminate or transfer them first")
		}
		if owing[no] != "" {
			s.fault(i+1, ErrEmployerInUse, fieldEmploy, fmt.Sprintf("%d owes: %s", no, owing[no]), "settle it first (社会保险经办条例 art. 10)")
		}
		e.Cancelled, e.Row = s.order.Effective, int32(i+1)
		c.states = append(c.states, e)
	}
	return nil
}

// enrolledAt counts the enrolments by employers that go on after the month of the order's effective day.
func (s *session) enrolledAt(ctx context.Context, numbers []int64) (map[EmployerNo]int, error) {
	counts := make(map[EmployerNo]int)
	err := chunks(len(numbers), func(from, to int) error {
		where, args := among(s.tx, "employer_no", numbers[from:to])
		return s.tx.Each(ctx, `SELECT employer_no, count(*) FROM registration_spell`+indexed(s.tx,
			"registration_spell_employer")+`WHERE realm_id = ? AND superseded_seq = 0
			AND status IN ('active', 'suspended') AND (to_month = 0 OR to_month > ?) AND `+where+` GROUP BY employer_no`,
			append([]any{s.order.Realm, int32(s.order.Effective.Month())}, args...), func(rows *store.Rows) error {
				var no EmployerNo
				var count int
				err := rows.Scan(&no, &count)
				counts[no] = count
				return err
			})
	})
	return counts, err
}

func (c *cancelEmployers) write(ctx context.Context, s *session, seq ledger.Seq) (effects, error) {
	if err := s.supersede(ctx, "registration_employer", "employer_no", c.numbers(), seq); err != nil {
		return effects{}, err
	}
	return effects{}, s.insertEmployers(ctx, c.states, seq)
}
