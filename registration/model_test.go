package registration_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/registrationtest"
	"pgregory.net/rapid"
)

// months is a naive model of the enrolments of a few members: what each month of each relation is.
type months map[registration.Relation]map[calendar.Month]registration.Status

func (m months) clone() months {
	out := months{}
	for relation, line := range m {
		out[relation] = maps.Clone(line)
	}
	return out
}

const (
	modelFirst = calendar.Month(202401)
	modelLast  = calendar.Month(202712)
)

func (m months) set(relation registration.Relation, from, to calendar.Month, status registration.Status) {
	if m[relation] == nil {
		m[relation] = map[calendar.Month]registration.Status{}
	}
	for month := from; month <= to; month = month.Add(1) {
		m[relation][month] = status
	}
}

// twice reports whether a member is insured twice in pension in some month.
func (m months) twice(member registration.MemberNo) bool {
	for month := modelFirst; month <= modelLast; month = month.Add(1) {
		count := 0
		for relation, line := range m {
			if relation.Member == member && line[month] == registration.Active {
				count++
			}
		}
		if count > 1 {
			return true
		}
	}
	return false
}

func (m months) String() string {
	relations := slices.SortedFunc(maps.Keys(m), func(a, b registration.Relation) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	var out strings.Builder
	for _, relation := range relations {
		if len(m[relation]) == 0 {
			continue
		}
		fmt.Fprintf(&out, "%v:", relation)
		for month := modelFirst; month <= modelLast; month = month.Add(1) {
			fmt.Fprintf(&out, "%.1s", string(m[relation][month])+".")
		}
		out.WriteByte('\n')
	}
	return out.String()
}

// step is one row of a command, for the model.
type step struct {
	registration.Change
	event string
}

// apply carries a row out, or returns the codes with which it may be refused. That a relation has a later event than the month given is not for the model to
// know: it has no events.
func (m months) apply(s step) []registration.Code {
	relation := registration.Relation{Member: s.Member, Scheme: s.Scheme, Employer: s.Employer}
	now := m[relation][modelLast]
	follows := map[string][]registration.Status{
		"enrol": {"", registration.Terminated, registration.Void}, "suspend": {registration.Active}, "resume": {registration.Suspended},
		"terminate": {registration.Active, registration.Suspended},
	}[s.event]
	becomes := map[string]registration.Status{"enrol": registration.Active, "suspend": registration.Suspended, "resume": registration.Active,
		"terminate": registration.Terminated}[s.event]
	if s.event == "correct" {
		m.correct(relation, s)
		return nil
	}
	if !slices.Contains(follows, now) {
		if now == "" {
			return []registration.Code{registration.ErrNotEnrolled}
		}
		return []registration.Code{registration.ErrStatus, registration.ErrOrder}
	}
	m.set(relation, s.From, modelLast, becomes)
	return nil
}

func (m months) correct(relation registration.Relation, s step) {
	first := modelLast.Add(1)
	for month := modelFirst; month <= modelLast && first > modelLast; month = month.Add(1) {
		if m[relation][month] != "" {
			first = month
		}
	}
	to := s.To
	if to == 0 {
		to = modelLast
	} else if to < first {
		m.set(relation, to.Add(1), first.Add(-1), registration.Terminated)
	}
	m.set(relation, s.From, to, s.Status)
}

func TestWhatWasKnownAfterEachActIsWhatANaiveModelKnewThen(t *testing.T) {
	storetest.Each(t, registrationtest.Schemas(), func(t *testing.T, db *store.DB) {
		r := open(t, db, nil)
		rapid.Check(t, func(t *rapid.T) {
			registered, err := r.registry.RegisterMembers(r.Context(), r.numbered(), r.source.Members(3)...)
			if err != nil {
				t.Fatal(err)
			}
			model := months{}
			known := map[ledger.Seq]months{registered.Seq: model.clone()}
			for range rapid.IntRange(4, 16).Draw(t, "commands") {
				event := rapid.SampledFrom([]string{"enrol", "enrol", "enrol", "suspend", "resume", "terminate", "correct"}).Draw(t, "event")
				steps := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step { return drawStep(t, event, registered.FirstMember) }), 1, 2).Draw(t, "rows")
				seq, after := r.tryAll(t, event, steps, model)
				if model = after; seq != 0 {
					known[seq] = model.clone()
				}
			}
			for seq, then := range known {
				r.compare(t, registered.FirstMember, seq, then)
			}
			r.compare(t, registered.FirstMember, 0, model)
		})
		book, err := r.led.Book(t.Context(), ledger.BookID{Realm: 1})
		if taken := int(book.Seq) - 3 - 100; err != nil || taken < 150 {
			t.Errorf("only %d of %d commands were taken: the draws prove little (%v)", taken, r.orders-102, err)
		} else {
			t.Logf("%d of %d commands were taken", taken, r.orders-102)
		}
		for month := modelFirst; month <= modelLast; month = month.Add(9) {
			for _, known := range []ledger.Seq{0, book.Seq / 2} {
				r.workforces(month, known, nil)
				r.workforces(month, known, []registration.EmployerNo{99, 2, 2})
			}
		}
		r.sound()
	})
}

// workforces compares the workforces of a month with the spells that they are read from.
func (r *realm) workforces(month calendar.Month, known ledger.Seq, employers []registration.EmployerNo) {
	r.Helper()
	var want, got []string
	for s, err := range r.registry.Enrolments(r.Context(), registration.SpellQuery{Realm: 1, Month: month, Scheme: registration.EnterprisePension,
		Status: registration.Active, AsKnown: known, ByEmployer: true}) {
		if err != nil {
			r.Fatal(err)
		}
		if s.Employer != 0 && (employers == nil || slices.Contains(employers, s.Employer)) {
			want = append(want, fmt.Sprintf("%d of %d", s.Member, s.Employer))
		}
	}
	for w, err := range r.registry.Workforces(r.Context(), registration.WorkforceQuery{Realm: 1, Month: month, Scheme: registration.EnterprisePension, AsKnown: known,
		Employers: employers}) {
		if err != nil {
			r.Fatal(err)
		}
		for _, member := range w.Members {
			got = append(got, fmt.Sprintf("%d of %d", member, w.Employer))
		}
	}
	if !slices.Equal(got, want) {
		r.Errorf("%v as known after %d, employers %v: %d in workforces, %d in spells\n%v\n%v", month, known, employers, len(got), len(want), got, want)
	}
}

// numbered is an order with a key of its own.
func (r *realm) numbered() registration.Order {
	r.orders++
	return registrationtest.Order(fmt.Sprintf("number %d", r.orders), day)
}

func drawStep(t *rapid.T, event string, first registration.MemberNo) step {
	s := step{event: event, Change: registration.Change{
		Member: first + registration.MemberNo(rapid.IntRange(0, 2).Draw(t, "member")), Scheme: registration.EnterprisePension,
		Employer: registration.EmployerNo(rapid.IntRange(0, 2).Draw(t, "employer")), From: modelFirst.Add(rapid.IntRange(0, 30).Draw(t, "from")),
	}}
	if event == "correct" {
		s.Status = rapid.SampledFrom([]registration.Status{registration.Active, registration.Suspended, registration.Terminated,
			registration.Void}).Draw(t, "status")
		if rapid.Bool().Draw(t, "closed") {
			s.To = s.From.Add(rapid.IntRange(0, 6).Draw(t, "length"))
		}
	}
	return s
}

// tryAll gives the command to the registry and to the model, which must agree whether it can be.
func (r *realm) tryAll(t *rapid.T, event string, steps []step, model months) (ledger.Seq, months) {
	after := model.clone()
	var refusals []registration.Code
	changes := make([]registration.Change, len(steps))
	for i, s := range steps {
		refusals = append(refusals, after.apply(s)...)
		changes[i] = s.Change
	}
	for _, s := range steps {
		makesActive := event == "enrol" || event == "resume" || event == "correct" && s.Status == registration.Active
		if makesActive && after.twice(s.Member) {
			refusals = append(refusals, registration.ErrOverlap)
		}
	}
	command := map[string]func(context.Context, registration.Order, ...registration.Change) (registration.Receipt, error){
		"enrol": r.registry.Enrol, "suspend": r.registry.Suspend, "resume": r.registry.Resume, "terminate": r.registry.Terminate,
		"correct": r.registry.CorrectEnrolments,
	}[event]
	receipt, err := command(r.Context(), r.numbered(), changes...)
	switch {
	case err == nil && len(refusals) > 0:
		t.Fatalf("%s %+v was taken, the model refuses it with %v\n%v", event, changes, refusals, model)
	case err == nil:
		return receipt.Seq, after
	case errors.Is(err, registration.ErrOrder) && event != "correct":
		return 0, model
	}
	for _, code := range refusals {
		if errors.Is(err, code) {
			return 0, model
		}
	}
	t.Fatalf("%s %+v: %v, the model would refuse it with %v\n%v", event, changes, err, refusals, model)
	return 0, nil
}

// compare compares what was known after an act with what the model knew.
func (r *realm) compare(t *rapid.T, first registration.MemberNo, seq ledger.Seq, want months) {
	got := months{}
	for s, err := range r.registry.Enrolments(r.Context(), registration.SpellQuery{Realm: 1, First: first, Last: first + 2, AsKnown: seq}) {
		if err != nil {
			t.Fatal(err)
		}
		to := s.To
		if to == 0 {
			to = modelLast
		}
		for month := s.From; month <= to; month = month.Add(1) {
			if got[s.Relation][month] != "" {
				t.Fatalf("%v of %v is known twice", month, s.Relation)
			}
		}
		got.set(s.Relation, s.From, to, s.Status)
	}
	if got.String() != want.String() {
		t.Fatalf("as known after %d:\n%v\nthe model:\n%v", seq, got, want)
	}
}
