// Package sources gives the records of this module's own services to audit rules (审计数据接口): registrations, personal accounts, collection and benefits. Every
// source only reads.
//
//	given := sources.Registration{Reader: registry.Reader, Realm: 1, Numbers: true}.Sources()
//	a, err := audit.New(given, insurance.Rules()...)
package sources

import (
	"context"
	"fmt"
	"iter"
	"strconv"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/identity"
)

// Registration gives the registered persons and their enrolments of one realm (参保登记).
type Registration struct {
	Reader *registration.Reader
	Realm  int32

	// AsKnown is the entry of the register book after which the records stand; zero is what is known when a rule begins to read.
	AsKnown ledger.Seq

	// Numbers says that identity numbers are read too, for rule R03 to check them. They are personal; findings show none. Without them R03 goes by flags alone.
	Numbers bool
}

// Sources returns the sources for audit.New.
func (r Registration) Sources() []audit.Source {
	return []audit.Source{audit.PeopleSource.Given(r), audit.SpellsSource.Given(r)}
}

// Identity names the state of the register that is read.
func (r Registration) Identity(ctx context.Context) (string, error) {
	known, err := r.known(ctx)
	return fmt.Sprintf("register %d/0 after entry %d", r.Realm, known), err
}

func (r Registration) known(ctx context.Context) (ledger.Seq, error) {
	if r.AsKnown != 0 {
		return r.AsKnown, nil
	}
	return r.Reader.Known(ctx, r.Realm)
}

func (r Registration) origin(id string, seq ledger.Seq) audit.Origin {
	return audit.Origin{Book: ledger.BookID{Realm: r.Realm}, ID: id, Seq: seq}
}

// membersPerPage is how many deaths are asked for at once.
const membersPerPage = 1000

// People implements audit.People.
func (r Registration) People(ctx context.Context) iter.Seq2[audit.Person, error] {
	return func(yield func(audit.Person, error) bool) {
		known, err := r.known(ctx)
		if err != nil {
			yield(audit.Person{}, err)
			return
		}
		numbers, stop := r.numbers(ctx, known)
		defer stop()
		page := make([]registration.Member, 0, membersPerPage)
		for m, err := range r.Reader.Members(ctx, r.Realm, known) {
			if err != nil {
				yield(audit.Person{}, err)
				return
			}
			if page = append(page, m); len(page) == membersPerPage {
				if !r.give(ctx, page, known, numbers, yield) {
					return
				}
				page = page[:0]
			}
		}
		r.give(ctx, page, known, numbers, yield)
	}
}

// numbers returns the identity number of a member. Members are asked for in the order of their numbers.
func (r Registration) numbers(ctx context.Context, known ledger.Seq) (of func(registration.MemberNo) (identity.Number, error), stop func()) {
	if !r.Numbers {
		return func(registration.MemberNo) (identity.Number, error) { return identity.Number{}, nil }, func() {}
	}
	next, stop := iter.Pull2(r.Reader.Identities(ctx, r.Realm, 1, 0, known))
	return func(no registration.MemberNo) (identity.Number, error) {
		for {
			found, err, ok := next()
			switch {
			case err != nil:
				return identity.Number{}, err
			case !ok || found.Member > no:
				return identity.Number{}, fmt.Errorf("sources: member %d of realm %d has no identity", no, r.Realm)
			case found.Member == no:
				return found.Number, nil
			}
		}
	}, stop
}

func (r Registration) give(ctx context.Context, page []registration.Member, known ledger.Seq, numberOf func(registration.MemberNo) (identity.Number, error),
	yield func(audit.Person, error) bool) bool {
	members := make([]registration.MemberNo, len(page))
	for i := range page {
		members[i] = page[i].No
	}
	deaths := map[registration.MemberNo]calendar.Date{}
	if len(members) > 0 {
		var err error
		if deaths, err = r.Reader.Deaths(ctx, r.Realm, members, known); err != nil {
			yield(audit.Person{}, err)
			return false
		}
	}
	for i := range page {
		m := &page[i]
		number, err := numberOf(m.No)
		if err != nil {
			yield(audit.Person{}, err)
			return false
		}
		p := audit.Person{
			Origin: r.origin(fmt.Sprintf("member %d", m.No), m.Known), No: memberNo(m.No), Identity: m.Pseudonym.String(), Number: number, Birth: m.Birth, Sex: m.Sex,
			Invalid: m.Flags.Has(registration.FlagIdentityInvalid), Mismatched: m.Flags.Has(registration.FlagIdentityMismatch), Died: deaths[m.No],
		}
		if m.MergedInto != 0 {
			p.MergedInto = memberNo(m.MergedInto)
		}
		if !yield(p, nil) {
			return false
		}
	}
	return true
}

func memberNo(no registration.MemberNo) string { return strconv.Itoa(int(no)) }

func employerNo(no registration.EmployerNo) string {
	if no == 0 {
		return ""
	}
	return strconv.Itoa(int(no))
}

// Spells implements audit.Spells: active months, in the order of members.
func (r Registration) Spells(ctx context.Context) iter.Seq2[audit.Spell, error] {
	return func(yield func(audit.Spell, error) bool) {
		known, err := r.known(ctx)
		if err != nil {
			yield(audit.Spell{}, err)
			return
		}
		nextMember, stop := iter.Pull2(r.Reader.Members(ctx, r.Realm, known))
		defer stop()
		var member registration.Member
		for s, err := range r.Reader.Enrolments(ctx, registration.SpellQuery{Realm: r.Realm, Status: registration.Active, AsKnown: known}) {
			for err == nil && member.No < s.Member {
				var ok bool
				if member, err, ok = nextMember(); err == nil && !ok {
					err = fmt.Errorf("sources: member %d of realm %d is enrolled and not registered", s.Member, r.Realm)
				}
			}
			if err != nil {
				yield(audit.Spell{}, err)
				return
			}
			spell := audit.Spell{
				Origin: r.origin(fmt.Sprintf("spell %d", s.No), s.Known), Person: memberNo(s.Member), Identity: member.Pseudonym.String(), Insurance: string(s.Insurance),
				Scheme: string(s.Scheme), Area: strconv.Itoa(int(r.Realm)), Employer: employerNo(s.Employer), From: s.From, To: s.To, Flagged: s.Flags.Has(registration.FlagOverlap),
			}
			if !yield(spell, nil) {
				return
			}
		}
	}
}
