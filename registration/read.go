package registration

import (
	"context"
	"fmt"
	"iter"
	"math"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration/identity"
)

// Reader reads registrations. Registry holds one whose reads are short transactions of their own, so that a loop over a sequence may write; Registry.In gives
// one whose reads happen in the host's transaction.
//
// asKnown asks for what was known after that entry of the register book; zero asks for what is known now. A sequence that is read for now settles on the
// last entry when it begins, and holds a page in memory at a time. Stop at the first error.
type Reader struct {
	registry *Registry
	view     func(ctx context.Context, fn func(ctx context.Context, tx *store.Tx) error) error
}

// In returns the reads inside the host's transaction, which see what it has written.
func (r *Registry) In(tx store.Handle) *Reader {
	joined := r.db.Join(tx)
	return &Reader{registry: r, view: func(ctx context.Context, fn func(ctx context.Context, tx *store.Tx) error) error {
		return fn(ctx, joined)
	}}
}

// indexed names the index that a query must take. On SQLite it needs saying: without statistics its planner believes that a realm, the first column of every
// key, has ten rows, and reads the whole of it. PostgreSQL counts by itself.
func indexed(tx *store.Tx, index string) string {
	if tx.Dialect().Name() == "sqlite" {
		return " INDEXED BY " + index + " "
	}
	return " "
}

// pageMembers is the number of members, or employers, of a page.
const pageMembers = 2_000

// knownThen is the condition for rows known after an entry, given twice as argument.
const knownThen = `seq <= ? AND (superseded_seq = 0 OR superseded_seq > ?)`

// then is the argument of knownThen.
func then(asKnown ledger.Seq) int64 {
	if asKnown == 0 {
		return math.MaxInt64
	}
	return int64(asKnown)
}

// bounds settles what a sequence reads: as known when, and how many employers and members there are.
func (r *Reader) bounds(ctx context.Context, realm int32, asKnown ledger.Seq) (seq ledger.Seq, employers, members int32, err error) {
	err = r.view(ctx, func(ctx context.Context, tx *store.Tx) error {
		book, err := r.registry.led.BookTx(ctx, tx.Handle(), ledger.BookID{Realm: realm})
		if err != nil {
			return err
		}
		if seq = asKnown; seq == 0 {
			seq = book.Seq
		}
		return tx.Each(ctx, `SELECT employers, members FROM registration_realm WHERE realm_id = ?`, []any{realm}, func(rows *store.Rows) error {
			return rows.Scan(&employers, &members)
		})
	})
	return seq, employers, members, err
}

// paged yields what page gives for stretches of numbers from first to last.
func paged[T any](ctx context.Context, r *Reader, first, last int64, page func(ctx context.Context, tx *store.Tx, from, to int64) ([]T, error),
	yield func(T, error) bool,
) bool {
	for from := first; from <= last; from += pageMembers {
		var list []T
		err := r.view(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
			list, err = page(ctx, tx, from, min(from+pageMembers-1, last))
			return err
		})
		if err != nil {
			var none T
			yield(none, err)
			return false
		}
		for i := range list {
			if !yield(list[i], nil) {
				return false
			}
		}
	}
	return true
}

// Known returns the last entry of the realm's register book: what is known now is what is known after it.
func (r *Reader) Known(ctx context.Context, realm int32) (ledger.Seq, error) {
	seq, _, _, err := r.bounds(ctx, realm, 0)
	return seq, err
}

const employerColumns = `employer_no, seq, row_no, credit_code, name, agency, industry, address, contact, founded_day, registered_day, cancelled_day, flags,
	superseded_seq`

func scanEmployer(rows *store.Rows) (Employer, error) {
	var e Employer
	err := rows.Scan(&e.No, &e.Known, &e.Row, &e.Code, &e.Name, &e.Agency, &e.Industry, &e.Address, &e.Contact, &e.Founded, &e.Registered,
		&e.Cancelled, &e.Flags,
		&e.Superseded)
	return e, err
}

func employersBetween(ctx context.Context, tx *store.Tx, realm int32, asKnown ledger.Seq, from, to int64) (list []Employer, err error) {
	err = tx.Each(ctx, `SELECT `+employerColumns+` FROM registration_employer WHERE realm_id = ? AND employer_no BETWEEN ? AND ? AND `+knownThen+
		` ORDER BY employer_no`, []any{realm, from, to, then(asKnown), then(asKnown)}, func(rows *store.Rows) error {
		e, err := scanEmployer(rows)
		list = append(list, e)
		return err
	})
	return list, err
}

// Employer returns an employer, or ErrEmployerUnknown.
func (r *Reader) Employer(ctx context.Context, realm int32, no EmployerNo, asKnown ledger.Seq) (e Employer, err error) {
	err = r.view(ctx, func(ctx context.Context, tx *store.Tx) error {
		list, err := employersBetween(ctx, tx, realm, asKnown, int64(no), int64(no))
		if err == nil && len(list) == 0 {
			err = unknown(ErrEmployerUnknown, fmt.Sprintf("employer %d of realm %d is not registered, or was not yet", no, realm), "check the number")
		}
		if err == nil {
			e = list[0]
		}
		return err
	})
	return e, err
}

// EmployersByCode returns the employers that have a credit code now: one, none, or several where that was admitted.
func (r *Reader) EmployersByCode(ctx context.Context, realm int32, code identity.CreditCode) (list []Employer, err error) {
	err = r.view(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Each(ctx, `SELECT `+employerColumns+` FROM registration_employer`+indexed(tx, "registration_employer_code")+
			`WHERE realm_id = ? AND superseded_seq = 0 AND credit_code = ? ORDER BY employer_no`,
			[]any{realm, string(code)}, func(rows *store.Rows) error {
				e, err := scanEmployer(rows)
				list = append(list, e)
				return err
			})
	})
	return list, err
}

// EmployersByCodes is EmployersByCode for many codes, by number and read in sets. Codes that nobody has are left out.
func (r *Reader) EmployersByCodes(ctx context.Context, realm int32, codes []identity.CreditCode) (map[identity.CreditCode][]EmployerNo, error) {
	found := make(map[identity.CreditCode][]EmployerNo, len(codes))
	err := r.view(ctx, func(ctx context.Context, tx *store.Tx) error {
		owners, err := employersByCode(ctx, tx, realm, column(len(codes), func(i int) string { return string(codes[i]) }))
		for code, list := range owners {
			found[identity.CreditCode(code)] = list
		}
		return err
	})
	return found, err
}

// EmployersByNumber is Employer for many numbers, read in sets. Those that are not registered, or were not yet, are left out.
func (r *Reader) EmployersByNumber(ctx context.Context, realm int32, numbers []EmployerNo, asKnown ledger.Seq) (map[EmployerNo]Employer, error) {
	found := make(map[EmployerNo]Employer, len(numbers))
	err := r.view(ctx, func(ctx context.Context, tx *store.Tx) error {
		return chunks(len(numbers), func(from, to int) error {
			where, args := among(tx, "employer_no", column(to-from, func(i int) int64 { return int64(numbers[from+i]) }))
			return tx.Each(ctx, `SELECT `+employerColumns+` FROM registration_employer WHERE realm_id = ? AND `+knownThen+` AND `+where,
				append([]any{realm, then(asKnown), then(asKnown)}, args...), func(rows *store.Rows) error {
					e, err := scanEmployer(rows)
					found[e.No] = e
					return err
				})
		})
	})
	return found, err
}

// Employers returns all employers in the order of their numbers.
func (r *Reader) Employers(ctx context.Context, realm int32, asKnown ledger.Seq) iter.Seq2[Employer, error] {
	return func(yield func(Employer, error) bool) {
		seq, employers, _, err := r.bounds(ctx, realm, asKnown)
		if err != nil {
			yield(Employer{}, err)
			return
		}
		paged(ctx, r, 1, int64(employers), func(ctx context.Context, tx *store.Tx, from, to int64) ([]Employer, error) {
			return employersBetween(ctx, tx, realm, seq, from, to)
		}, yield)
	}
}

const memberColumns = `m.member_no, m.seq, m.row_no, m.pseudonym, m.birth_day, m.sex, m.class, m.first_work_day, m.merged_into, m.flags, m.superseded_seq`

func scanMember(rows *store.Rows, more ...any) (Member, error) {
	var m Member
	var pseudonym string
	if err := rows.Scan(append([]any{&m.No, &m.Known, &m.Row, &pseudonym, &m.Birth, &m.Sex, &m.Class, &m.FirstWork, &m.MergedInto, &m.Flags, &m.Superseded},
		more...)...); err != nil {
		return m, err
	}
	return m, m.Pseudonym.UnmarshalText([]byte(pseudonym))
}

func membersBetween(ctx context.Context, tx *store.Tx, realm int32, asKnown ledger.Seq, from, to int64) (list []Member, err error) {
	err = tx.Each(ctx, `SELECT `+memberColumns+` FROM registration_member m WHERE realm_id = ? AND member_no BETWEEN ? AND ? AND `+knownThen+
		` ORDER BY member_no`, []any{realm, from, to, then(asKnown), then(asKnown)}, func(rows *store.Rows) error {
		m, err := scanMember(rows)
		list = append(list, m)
		return err
	})
	return list, err
}

// Member returns a member, or ErrMemberUnknown.
func (r *Reader) Member(ctx context.Context, realm int32, no MemberNo, asKnown ledger.Seq) (m Member, err error) {
	err = r.view(ctx, func(ctx context.Context, tx *store.Tx) error {
		list, err := membersBetween(ctx, tx, realm, asKnown, int64(no), int64(no))
		if err == nil && len(list) == 0 {
			err = unknown(ErrMemberUnknown, fmt.Sprintf("member %d of realm %d is not registered, or was not yet", no, realm), "check the number")
		}
		if err == nil {
			m = list[0]
		}
		return err
	})
	return m, err
}

// Members returns all members in the order of their numbers, merged ones too.
func (r *Reader) Members(ctx context.Context, realm int32, asKnown ledger.Seq) iter.Seq2[Member, error] {
	return func(yield func(Member, error) bool) {
		seq, _, members, err := r.bounds(ctx, realm, asKnown)
		if err != nil {
			yield(Member{}, err)
			return
		}
		paged(ctx, r, 1, int64(members), func(ctx context.Context, tx *store.Tx, from, to int64) ([]Member, error) {
			return membersBetween(ctx, tx, realm, seq, from, to)
		}, yield)
	}
}

// MembersByNumber returns the members that have identity numbers now and whose records go on: for each number one, or several where that was admitted.
// Numbers that nobody has are left out.
func (r *Reader) MembersByNumber(ctx context.Context, realm int32, numbers ...identity.Number) (map[identity.Number][]MemberNo, error) {
	wanted := make([]identity.Pseudonym, len(numbers))
	for i, number := range numbers {
		wanted[i] = r.registry.pseudonym(number)
	}
	found := make(map[identity.Number][]MemberNo, len(numbers))
	err := r.view(ctx, func(ctx context.Context, tx *store.Tx) error {
		owners, err := membersByPseudonym(ctx, tx, realm, wanted)
		for i, number := range numbers {
			if owners[wanted[i]] != nil {
				found[number] = owners[wanted[i]]
			}
		}
		return err
	})
	return found, err
}

// Identities returns all names and identity numbers in the order of the members' numbers. They are personal: whoever reads them answers for where they go.
// Members outside first to last are left out; zero for last is all.
func (r *Reader) Identities(ctx context.Context, realm int32, first, last MemberNo, asKnown ledger.Seq) iter.Seq2[Identity, error] {
	return func(yield func(Identity, error) bool) {
		seq, _, members, err := r.bounds(ctx, realm, asKnown)
		if err != nil {
			yield(Identity{}, err)
			return
		}
		paged(ctx, r, max(1, int64(first)), upTo(last, members), func(ctx context.Context, tx *store.Tx, from, to int64) (list []Identity, err error) {
			err = tx.Each(ctx, `SELECT m.member_no, m.seq, i.number, i.name FROM registration_member m
				JOIN registration_identity i ON i.realm_id = m.realm_id AND i.member_no = m.member_no AND i.seq = m.seq
				WHERE m.realm_id = ? AND m.member_no BETWEEN ? AND ? AND m.seq <= ? AND (m.superseded_seq = 0 OR m.superseded_seq > ?) ORDER BY m.member_no`,
				[]any{realm, from, to, then(seq), then(seq)}, func(rows *store.Rows) error {
					var one Identity
					var number, name string
					if err := rows.Scan(&one.Member, &one.Known, &number, &name); err != nil {
						return err
					}
					var err error
					one.Number, one.Name, err = r.registry.reveal(number, name)
					list = append(list, one)
					return err
				})
			return list, err
		}, yield)
	}
}

func upTo(last MemberNo, members int32) int64 {
	if last == 0 || int32(last) > members {
		return int64(members)
	}
	return int64(last)
}

const spellColumns = `member_no, spell_no, scheme, employer_no, from_month, to_month, status, event, began_seq, seq, row_no, hired_day, counterpart, reason,
	flags, superseded_seq`

func (r *Registry) scanSpell(rows *store.Rows) (Spell, error) {
	var s Spell
	err := rows.Scan(&s.Member, &s.No, &s.Scheme, &s.Employer, &s.From, &s.To, &s.Status, &s.Event, &s.Began, &s.Known, &s.Row, &s.Hired,
		&s.Counterpart, &s.Reason,
		&s.Flags, &s.Superseded)
	s.Insurance = r.schemes[s.Scheme].Insurance
	return s, err
}

// Spells returns a member's spells in all insurances, in the order of scheme, employer and months.
func (r *Reader) Spells(ctx context.Context, realm int32, member MemberNo, asKnown ledger.Seq) ([]Spell, error) {
	return r.spells(ctx, `realm_id = ? AND member_no = ? AND `+knownThen+` ORDER BY scheme, employer_no, from_month`, realm, int32(member),
		then(asKnown), then(asKnown))
}

// SpellHistory returns everything that was ever recorded of a member's spells, in the order of recording.
func (r *Reader) SpellHistory(ctx context.Context, realm int32, member MemberNo) ([]Spell, error) {
	return r.spells(ctx, `realm_id = ? AND member_no = ? ORDER BY spell_no`, realm, int32(member))
}

func (r *Reader) spells(ctx context.Context, where string, args ...any) (list []Spell, err error) {
	err = r.view(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		list, err = r.registry.spellsWhere(ctx, tx, where, args...)
		return err
	})
	return list, err
}

func (r *Registry) spellsWhere(ctx context.Context, tx *store.Tx, where string, args ...any) (list []Spell, err error) {
	err = tx.Each(ctx, `SELECT `+spellColumns+` FROM registration_spell WHERE `+where, args, func(rows *store.Rows) error {
		s, err := r.scanSpell(rows)
		list = append(list, s)
		return err
	})
	return list, err
}

// SpellQuery says which spells Enrolments returns. What is zero does not narrow them.
type SpellQuery struct {
	Realm      int32
	Month      calendar.Month // spells that cover the month
	Status     Status
	Insurance  Insurance
	Scheme     Scheme
	Employer   EmployerNo // members of this employer, in the order of schemes and members
	Own        bool       // only relations without an employer
	ByEmployer bool       // in the order of employers, schemes and members; relations without an employer come first
	First      MemberNo   // members from this number on; not with an order of employers
	Last       MemberNo   // members to this number; likewise
	AsKnown    ledger.Seq
}

// Enrolments returns spells, a page at a time, in the order of members, schemes, employers and months unless the query says otherwise. Who is insured in a
// month:
//
//	registry.Enrolments(ctx, registration.SpellQuery{Realm: 1, Month: month, Scheme: registration.EnterprisePension, Status: registration.Active})
func (r *Reader) Enrolments(ctx context.Context, q SpellQuery) iter.Seq2[Spell, error] {
	return func(yield func(Spell, error) bool) {
		seq, _, members, err := r.bounds(ctx, q.Realm, q.AsKnown)
		if err != nil {
			yield(Spell{}, err)
			return
		}
		q.AsKnown = seq
		if q.ByEmployer || q.Employer != 0 {
			r.byEmployer(ctx, q, yield)
			return
		}
		paged(ctx, r, max(1, int64(q.First)), upTo(q.Last, members), func(ctx context.Context, tx *store.Tx, from, to int64) ([]Spell, error) {
			where, args := r.condition(tx, q)
			return r.registry.spellsWhere(ctx, tx, where+` AND member_no BETWEEN ? AND ? ORDER BY member_no, scheme, employer_no, from_month`,
				append(args, from, to)...)
		}, yield)
	}
}

// condition is the WHERE of a query, but for its order and page.
func (r *Reader) condition(tx *store.Tx, q SpellQuery) (string, []any) {
	where, args := `realm_id = ? AND `+knownThen, []any{q.Realm, then(q.AsKnown), then(q.AsKnown)}
	if q.Month != 0 {
		where += ` AND from_month <= ? AND (to_month = 0 OR to_month >= ?)`
		args = append(args, int32(q.Month), int32(q.Month))
	}
	if q.Status != "" {
		where, args = where+` AND status = ?`, append(args, string(q.Status))
	}
	if q.Scheme != "" {
		where, args = where+` AND scheme = ?`, append(args, string(q.Scheme))
	}
	if q.Insurance != "" {
		var schemes []string
		for _, rule := range r.registry.config.Schemes {
			if rule.Insurance == q.Insurance {
				schemes = append(schemes, string(rule.Scheme))
			}
		}
		where, args = where+` AND `+tx.Dialect().Among("scheme"), append(args, tx.Dialect().Texts(schemes))
	}
	if q.Own {
		where += ` AND employer_no = 0`
	}
	if q.Employer != 0 {
		where, args = where+` AND employer_no = ?`, append(args, int32(q.Employer))
	}
	return where, args
}

// pageSpells is the number of spells of a page in the order of employers, each of which has any number of them.
const pageSpells = 5_000

// byEmployer yields spells in the order of employers. The key of the last one leads to the next page.
func (r *Reader) byEmployer(ctx context.Context, q SpellQuery, yield func(Spell, error) bool) {
	last := Spell{Relation: Relation{Employer: -1}}
	for {
		var list []Spell
		err := r.view(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
			where, args := r.condition(tx, q)
			list, err = r.registry.spellsWhere(ctx, tx, where+` AND (employer_no, scheme, member_no, from_month) > (?, ?, ?, ?)
				ORDER BY employer_no, scheme, member_no, from_month LIMIT ?`,
				append(args, int32(last.Employer), string(last.Scheme), int32(last.Member), int32(last.From), pageSpells)...)
			return err
		})
		if err != nil {
			yield(Spell{}, err)
			return
		}
		for i := range list {
			if !yield(list[i], nil) {
				return
			}
		}
		if len(list) < pageSpells {
			return
		}
		last = list[len(list)-1]
	}
}
