package registration

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/registration/identity"
	"github.com/fundledger/fundledger/registration/scheme"
	"github.com/fundledger/fundledger/registration/sheet"
)

// derivation is what the acts make of employers and of a stretch of members.
type derivation struct {
	*verification
	first, last MemberNo

	employers map[EmployerNo]*Employer
	members   map[MemberNo]*named
	lines     map[Relation]timeline
	spells    []*Spell // by the number less one that a spell has in the derivation
	facts     map[MemberNo][]*Fact

	wantEmployers map[rowKey]*Employer
	wantMembers   map[rowKey]*named
	wantSpells    map[spellKey]*Spell
	wantFacts     map[factKey]*Fact
}

// named is a member with the digest of his name.
type named struct {
	Member
	name sheet.Digest
}

type rowKey struct {
	no  int32
	act ledger.Seq
}

type spellKey struct {
	Relation
	from calendar.Month
	act  ledger.Seq
}

type factKey struct {
	member    MemberNo
	kind      FactKind
	insurance Insurance
	from      calendar.Date
	act       ledger.Seq
}

func keyOfFact(f *Fact) factKey { return factKey{f.Member, f.Kind, f.Insurance, f.From, f.Known} }

func newDerivation(v *verification, first, last int64) *derivation {
	return &derivation{
		verification: v, first: MemberNo(first), last: MemberNo(last), employers: map[EmployerNo]*Employer{}, members: map[MemberNo]*named{},
		lines: map[Relation]timeline{},
		facts: map[MemberNo][]*Fact{}, wantEmployers: map[rowKey]*Employer{}, wantMembers: map[rowKey]*named{}, wantSpells: map[spellKey]*Spell{},
		wantFacts: map[factKey]*Fact{},
	}
}

func (d *derivation) has(no int64) bool { return no >= int64(d.first) && no <= int64(d.last) }

// derive adds what one act makes.
func (d *derivation) derive(ctx context.Context, a *sealed) error {
	elsewhere := a.high < int64(d.first) || a.low > int64(d.last)
	if strings.HasPrefix(a.Kind, kindPrefix+"employer.") {
		elsewhere = d.first > 1 // the first stretch derives all employers
	}
	if elsewhere {
		return nil
	}
	rows, err := d.Sheet(ctx, d.realm, a.Seq)
	if err != nil {
		return err
	}
	switch {
	case strings.HasPrefix(a.Kind, kindPrefix+"employer."):
		for i := range rows.Rows() {
			d.employer(a, rows, i)
		}
	case strings.HasPrefix(a.Kind, kindPrefix+"member."):
		for i := range rows.Rows() {
			d.member(a, rows, i)
		}
	case strings.HasPrefix(a.Kind, kindPrefix+"enrolment."):
		d.enrolments(a, rows)
	default:
		for i, no := range rows.Ints(fieldMember) {
			if d.has(no) {
				d.fact(a, rows, i)
			}
		}
		if a.Kind == KindDeath {
			d.deaths(a, rows)
		}
	}
	return nil
}

func (d *derivation) employer(a *sealed, rows *sheet.Sheet, i int) {
	given := Employer{No: EmployerNo(rows.Ints("employer")[i]), Row: int32(i + 1)}
	if a.Kind != KindEmployerCancel {
		given.EmployerSpec = EmployerSpec{
			Code: identity.CreditCode(rows.Texts("credit_code")[i]), Name: text(rows.Digests("name")[i]), Agency: rows.Texts("agency")[i],
			Industry: rows.Texts("industry")[i],
			Address:  text(rows.Digests("address")[i]), Contact: text(rows.Digests("contact")[i]), Founded: calendar.Date(rows.Ints("founded")[i]),
		}
	}
	now := given
	if a.Kind == KindEmployerRegister {
		now.No, now.Registered = EmployerNo(a.first+int64(i)+1), a.effective
	} else if old := d.employers[given.No]; old != nil {
		now = old.overlaid(&given)
		old.Superseded = a.Seq
	}
	if a.Kind == KindEmployerCancel {
		now.Cancelled = a.effective
	}
	now.Known, now.Superseded, now.Flags = a.Seq, 0, 0
	d.employers[now.No] = &now
	d.wantEmployers[rowKey{int32(now.No), a.Seq}] = &now
}

// text stands for a text of which the sheet has the digest.
func text(d sheet.Digest) string {
	if d == (sheet.Digest{}) {
		return ""
	}
	return fmt.Sprintf("%x", d)
}

func (d *derivation) member(a *sealed, rows *sheet.Sheet, i int) {
	no := rows.Ints(fieldMember)[i]
	if a.Kind == KindMemberRegister {
		no = a.first + int64(i) + 1
	}
	if !d.has(no) {
		return
	}
	now := named{name: rows.Digests("name")[i], Member: Member{
		No: MemberNo(no), Pseudonym: identity.Pseudonym(rows.Digests("pseudonym")[i]), Birth: calendar.Date(rows.Ints(fieldBirth)[i]),
		Sex:   identity.Sex(rows.Ints("sex")[i]),
		Class: scheme.RetirementClass(rows.Texts("class")[i]), FirstWork: calendar.Date(rows.Ints("first_work")[i]),
		MergedInto: MemberNo(rows.Ints("merged_into")[i]), Row: int32(i + 1),
	}}
	if old := d.members[now.No]; a.Kind != KindMemberRegister && old != nil {
		now.Member = old.overlaid(&now.Member)
		now.name = cmp.Or(now.name, old.name)
		old.Superseded = a.Seq
	}
	now.Known, now.Superseded, now.Flags = a.Seq, 0, 0
	d.members[now.No] = &now
	d.wantMembers[rowKey{int32(no), a.Seq}] = &now
}

// enrolments applies the rows of an act as the command did: all of one relation, and then what differs.
func (d *derivation) enrolments(a *sealed, rows *sheet.Sheet) {
	before := map[Relation]timeline{}
	for i, no := range rows.Ints(fieldMember) {
		if !d.has(no) {
			continue
		}
		c := change{
			Relation: Relation{Member: MemberNo(no), Scheme: Scheme(rows.Texts(fieldScheme)[i]), Employer: EmployerNo(rows.Ints(fieldEmploy)[i])},
			event:    eventOf(a.Kind, rows.Texts("counterpart")[i]), status: Status(rows.Texts("status")[i]), from: calendar.Month(rows.Ints(fieldFrom)[i]),
			to: calendar.Month(rows.Ints("to")[i]), hired: calendar.Date(rows.Ints("hired")[i]), counterpart: rows.Texts("counterpart")[i],
			reason: rows.Texts("reason")[i], row: int32(i + 1),
		}
		if _, ok := before[c.Relation]; !ok {
			before[c.Relation] = d.lines[c.Relation]
		}
		now, fault := d.lines[c.Relation].apply(&c)
		if fault != nil {
			d.report.find(a.Seq, "registration_sheet", fmt.Sprintf("row %d", i+1), "cannot have been carried out: "+fault.Error())
			continue
		}
		d.lines[c.Relation] = now
	}
	d.number(a, before)
}

// deaths ends what goes on after deaths.
func (d *derivation) deaths(a *sealed, rows *sheet.Sheet) {
	row := make(map[MemberNo]int, rows.Rows())
	for i, no := range rows.Ints(fieldMember) {
		row[MemberNo(no)] = i
	}
	before := map[Relation]timeline{}
	for relation, line := range d.lines {
		if i, died := row[relation.Member]; died {
			before[relation] = line
			d.lines[relation] = line.endedBy(calendar.Date(rows.Ints(fieldFrom)[i]).Month(), int32(i+1))
		}
	}
	d.number(a, before)
}

// number gives the spells that an act made their numbers in the derivation, and marks those that it replaced.
func (d *derivation) number(a *sealed, before map[Relation]timeline) {
	for relation, old := range before {
		now := d.lines[relation]
		gone, _ := old.difference(now)
		for _, no := range gone {
			d.spells[no-1].Superseded = a.Seq
		}
		for i := range now {
			if now[i].No != 0 {
				continue
			}
			now[i].Known, now[i].Began = a.Seq, cmp.Or(now[i].Began, a.Seq)
			want := now[i]
			d.spells = append(d.spells, &want)
			now[i].No = int64(len(d.spells))
			d.wantSpells[spellKey{relation, want.From, a.Seq}] = &want
		}
	}
}

func (d *derivation) fact(a *sealed, rows *sheet.Sheet, i int) {
	f := &Fact{
		Member: MemberNo(rows.Ints(fieldMember)[i]), Kind: FactKind(rows.Texts("kind")[i]), Insurance: Insurance(rows.Texts("insurance")[i]),
		From: calendar.Date(rows.Ints(fieldFrom)[i]), To: calendar.Date(rows.Ints("to")[i]), Months: int(rows.Ints("months")[i]),
		Ground:    rows.Texts("ground")[i],
		Reference: rows.Texts("reference")[i], Known: a.Seq, Row: int32(i + 1),
	}
	if a.Kind != KindFactWithdraw {
		d.facts[f.Member] = append(d.facts[f.Member], f)
		d.wantFacts[keyOfFact(f)] = f
		return
	}
	for _, known := range d.facts[f.Member] {
		if known.Superseded == 0 && known.Kind == f.Kind && known.Insurance == f.Insurance && known.From == f.From {
			known.Superseded = a.Seq
			return
		}
	}
}
