package audit

import (
	"context"
	"iter"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/registration/identity"
)

// The sources of registration.
var (
	PeopleSource = DeclareSource[People]("people", Text{ZH: "参保人员登记", EN: "registered persons"})
	SpellsSource = DeclareSource[Spells]("spells", Text{ZH: "参保缴费时段", EN: "months insured"})
)

// Person is a registered person (参保人) as a rule sees one: no name, and an identity number that prints masked.
type Person struct {
	Origin
	No         string          // internal number (个人编号)
	Identity   string          // pseudonym of the identity number: equal for equal numbers. Empty if the source has none
	Number     identity.Number // the identity number; zero if the source does not give it
	Birth      calendar.Date   // as recorded
	Sex        identity.Sex    // as recorded
	Invalid    bool            // the system itself marks the identity number as wrong
	Mismatched bool            // the system itself marks birth or sex as other than those of the number
	MergedInto string          // internal number under which the record goes on; empty if it does here
	Died       calendar.Date   // day of death; zero if none is recorded
}

// People gives the registered persons.
type People interface {
	// People streams all persons, merged ones too, in any order that stays the same.
	People(ctx context.Context) iter.Seq2[Person, error]
}

// Spell is a stretch of months in which a person is insured and contributes (参保缴费时段).
type Spell struct {
	Origin
	Person    string // internal number
	Identity  string // pseudonym of the identity number, or empty: it joins spells of other areas
	Insurance string // line of insurance: pension
	Scheme    string // enterprise_pension
	Area      string // pooling area (统筹区)
	Employer  string // internal number, or empty
	From      calendar.Month
	To        calendar.Month // the last month; zero while open
	Flagged   bool           // the system itself marks the months as overlapping others
}

// Spells gives the active months of all persons. Suspended, ended and void months are no part of it.
type Spells interface {
	// Spells streams the spells in any order that stays the same.
	Spells(ctx context.Context) iter.Seq2[Spell, error]
}
