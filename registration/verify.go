package registration

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration/sheet"
)

// verifyMembers is the number of members that Verify derives at a time.
const verifyMembers = 50_000

// Verify derives every row of a realm's registrations from the sheets that its acts commit to, and reports what is missing, what is there without an act, and
// what differs: numbers, pseudonyms, names, dates, spells, what replaced what. Flags and reasons for refusal are not sealed and not compared; whether the
// acts themselves are sound is for ledger.Verify to say. The error is one of reading only.
func (r *Registry) Verify(ctx context.Context, realm int32) (Report, error) {
	v := &verification{Registry: r, realm: realm}
	if err := v.acts(ctx); err != nil {
		return v.report, err
	}
	for from := int64(1); from == 1 || from <= v.members; from += verifyMembers {
		d := newDerivation(v, from, from+verifyMembers-1)
		for i := range v.list {
			if err := d.derive(ctx, &v.list[i]); err != nil {
				return v.report, err
			}
		}
		if err := d.compare(ctx); err != nil {
			return v.report, err
		}
	}
	slices.SortFunc(v.report.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Act, b.Act), strings.Compare(a.Table, b.Table), strings.Compare(a.Row, b.Row), strings.Compare(a.Detail, b.Detail))
	})
	return v.report, nil
}

// verification is one run of Verify.
type verification struct {
	*Registry
	realm   int32
	report  Report
	list    []sealed
	members int64 // number of members that acts registered, or that there are rows for
}

// sealed is an act whose sheet is what the register book commits to.
type sealed struct {
	Act
	effective calendar.Date
	first     int64 // number before the first that it gives, as counted from the acts before it
	low, high int64 // the members that it speaks of lie between these
}

// acts compares acts and sheets with the register book.
func (v *verification) acts(ctx context.Context) error {
	known, employers, members, err := v.bounds(ctx, v.realm, 0)
	if err != nil {
		return err
	}
	v.report.Known = known
	rows := make(map[ledger.Seq]Act)
	for a, err := range v.Acts(ctx, v.realm, 1) {
		if err != nil {
			return err
		}
		if a.Seq <= known {
			rows[a.Seq] = a
		}
	}
	counts := map[string]int64{}
	for entry, err := range v.led.Entries(ctx, ledger.BookID{Realm: v.realm}, 1, known) {
		if err != nil {
			return err
		}
		if !strings.HasPrefix(entry.Kind, kindPrefix) || entry.Source.Kind != sourceSheet {
			continue
		}
		a, ok := rows[entry.Seq]
		delete(rows, entry.Seq)
		if v.report.Acts++; !ok {
			v.report.find(entry.Seq, "registration_act", entry.Kind, "is missing")
			a = Act{Seq: entry.Seq}
		}
		if a.Kind != entry.Kind {
			v.report.find(entry.Seq, "registration_act", entry.Kind, fmt.Sprintf("kind is %q", a.Kind))
			a.Kind = entry.Kind
		}
		one := sealed{Act: a, effective: entry.Effective, first: counts[a.Kind]}
		if err := v.act(ctx, &one, entry.Source.Hash); err != nil {
			return err
		}
		counts[a.Kind] += int64(one.Rows)
	}
	for seq, a := range rows {
		v.report.find(seq, "registration_act", a.Kind, "has no entry in the register book")
	}
	if got := [2]int64{int64(employers), int64(members)}; got != [2]int64{counts[KindEmployerRegister], counts[KindMemberRegister]} {
		v.report.find(known, "registration_realm", "counters", fmt.Sprintf("%d employers and %d members, registered are %d and %d", employers, members,
			counts[KindEmployerRegister], counts[KindMemberRegister]))
	}
	v.members = max(int64(members), counts[KindMemberRegister])
	return nil
}

// act checks the sheet of one act and keeps the act if its sheet is sound.
func (v *verification) act(ctx context.Context, one *sealed, hash []byte) error {
	var parts [][]byte
	err := v.view(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		parts, err = sheetParts(ctx, tx, v.realm, one.Seq)
		return err
	})
	if err != nil && !errors.Is(err, ErrActUnknown) {
		return err
	}
	sum := sheet.HashOf(slices.Values(parts))
	if !bytes.Equal(sum[:], hash) {
		v.report.find(one.Seq, "registration_sheet", one.Kind, fmt.Sprintf("SHA-256 is %x, sealed is %x", sum, hash))
		return nil
	}
	found, err := readSheet(parts)
	if err != nil || !v.shape(one.Kind).Like(found) {
		v.report.find(one.Seq, "registration_sheet", one.Kind, fmt.Sprintf("is sealed, but is no sheet of this kind: %v", err))
		return nil
	}
	if found.Rows() != one.Rows {
		v.report.find(one.Seq, "registration_act", one.Kind, fmt.Sprintf("%d rows, the sheet has %d", one.Rows, found.Rows()))
		one.Rows = found.Rows()
	}
	given := int64(max(int32(one.FirstEmployer), int32(one.FirstMember)))
	if gives := one.Kind == KindEmployerRegister || one.Kind == KindMemberRegister; gives && given != one.first+1 {
		v.report.find(one.Seq, "registration_act", one.Kind, fmt.Sprintf("the first number given is %d, %d follows from the acts before", given, one.first+1))
	}
	if members := found.Ints(fieldMember); one.Kind == KindMemberRegister {
		one.low, one.high = one.first+1, one.first+int64(one.Rows)
	} else if len(members) > 0 {
		one.low, one.high = slices.Min(members), slices.Max(members)
	}
	v.list = append(v.list, *one)
	return nil
}

// shape is an empty sheet of a kind of act.
func (v *verification) shape(kind string) *sheet.Sheet {
	var empty *sheet.Sheet
	switch {
	case kind == KindEmployerCancel:
		empty, _ = (&cancelEmployers{}).sheet(nil)
	case strings.HasPrefix(kind, kindPrefix+"employer."):
		empty, _ = v.employerSheet(kind, nil)
	case strings.HasPrefix(kind, kindPrefix+"member."):
		empty, _ = v.memberSheet(kind, nil)
	case strings.HasPrefix(kind, kindPrefix+"enrolment."):
		empty, _ = (&enrolments{title: kind}).sheet(nil)
	default:
		empty, _ = (&facts{title: kind}).sheet(nil) // of a kind that is none, no sheet has this title
	}
	return empty
}

// match compares a row with what the acts make of it.
func match[K, T comparable](d *derivation, table, row string, act ledger.Seq, want map[K]*T, key K, got T) {
	d.report.Rows++
	switch w, ok := want[key]; {
	case !ok:
		d.report.find(act, table, row, "no act makes it")
	case *w != got:
		d.report.find(act, table, row, fmt.Sprintf("is %+v; the acts make it %+v", got, *w))
	}
	delete(want, key)
}

// compare compares the rows of the stretch with the derivation.
func (d *derivation) compare(ctx context.Context) error {
	known := d.report.Known
	later := func(seq *ledger.Seq) { // what came after the entry at hand is not looked at
		if *seq > known {
			*seq = 0
		}
	}
	if d.first == 1 {
		err := d.each(ctx, `SELECT `+employerColumns+` FROM registration_employer WHERE realm_id = ? AND seq <= ? ORDER BY employer_no, seq`, nil,
			func(rows *store.Rows) error {
				e, err := scanEmployer(rows)
				e.Name, e.Address, e.Contact = text(d.digest("name", e.Name)), text(d.digest("address", e.Address)), text(d.digest("contact", e.Contact))
				later(&e.Superseded)
				e.Flags = 0
				match(d, "registration_employer", fmt.Sprintf("employer %d", e.No), e.Known, d.wantEmployers, rowKey{int32(e.No), e.Known}, e)
				return err
			})
		if err != nil {
			return err
		}
	}
	stretch := []any{int32(d.first), int32(d.last)}
	err := d.each(ctx, `SELECT `+memberColumns+`, i.number, i.name FROM registration_member m LEFT JOIN registration_identity i ON i.realm_id = m.realm_id
		AND i.member_no = m.member_no AND i.seq = m.seq WHERE m.realm_id = ? AND m.seq <= ? AND m.member_no BETWEEN ? AND ?
		ORDER BY m.member_no, m.seq`, stretch,
		func(rows *store.Rows) error {
			var number, name *string
			m, err := scanMember(rows, &number, &name)
			if err != nil {
				return err
			}
			return d.compareMember(m, number, name, later)
		})
	if err != nil {
		return err
	}
	err = d.each(ctx, `SELECT `+spellColumns+` FROM registration_spell WHERE realm_id = ? AND seq <= ? AND member_no BETWEEN ? AND ?
		ORDER BY member_no, spell_no`, stretch,
		func(rows *store.Rows) error {
			s, err := d.scanSpell(rows)
			later(&s.Superseded)
			s.No, s.Flags, s.Insurance = 0, 0, ""
			match(d, "registration_spell", fmt.Sprintf("spell of member %d", s.Member), s.Known, d.wantSpells, spellKey{s.Relation, s.From, s.Known}, s)
			return err
		})
	if err != nil {
		return err
	}
	err = d.each(ctx, `SELECT `+factColumns+` FROM registration_fact WHERE realm_id = ? AND seq <= ? AND member_no BETWEEN ? AND ?
		ORDER BY member_no, fact_no`, stretch,
		func(rows *store.Rows) error {
			f, err := scanFact(rows)
			later(&f.Superseded)
			f.No, f.Flags = 0, 0
			match(d, "registration_fact", fmt.Sprintf("%s of member %d", f.Kind, f.Member), f.Known, d.wantFacts, keyOfFact(&f), f)
			return err
		})
	d.missing()
	return err
}

// compareMember compares a row of registration_member and the one of registration_identity that belongs to it.
func (d *derivation) compareMember(m Member, number, name *string, later func(*ledger.Seq)) error {
	later(&m.Superseded)
	m.Flags = 0
	row := fmt.Sprintf("member %d", m.No)
	got := named{Member: m}
	if number == nil || name == nil {
		d.report.find(m.Known, "registration_identity", row, "is missing")
		if want := d.wantMembers[rowKey{int32(m.No), m.Known}]; want != nil {
			got.name = want.name
		}
	} else {
		plain, plainName, err := d.reveal(*number, *name)
		if err != nil || d.pseudonym(plain) != m.Pseudonym {
			d.report.find(m.Known, "registration_identity", row, "the identity number is not the one of the pseudonym")
		}
		got.name = d.digest("name", plainName)
	}
	match(d, "registration_member", row, m.Known, d.wantMembers, rowKey{int32(m.No), m.Known}, got)
	return nil
}

// missing reports what the acts make and no row is.
func (d *derivation) missing() {
	for key := range d.wantEmployers {
		d.report.find(key.act, "registration_employer", fmt.Sprintf("employer %d", key.no), "is missing")
	}
	for key := range d.wantMembers {
		d.report.find(key.act, "registration_member", fmt.Sprintf("member %d", key.no), "is missing")
	}
	for key := range d.wantSpells {
		d.report.find(key.act, "registration_spell", fmt.Sprintf("spell of member %d", key.Member), fmt.Sprintf("from %v %s is missing", key.from,
			key.where()))
	}
	for key := range d.wantFacts {
		d.report.find(key.act, "registration_fact", fmt.Sprintf("%s of member %d", key.kind, key.member), "is missing")
	}
}

// each reads rows of the realm up to the entry at hand.
func (d *derivation) each(ctx context.Context, text string, args []any, row func(rows *store.Rows) error) error {
	return d.view(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Each(ctx, text, append([]any{d.realm, int64(d.report.Known)}, args...), row)
	})
}
