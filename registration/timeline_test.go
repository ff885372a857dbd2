package registration

import (
	"fmt"
	"slices"
	"testing"

	"github.com/fundledger/fundledger/ledger/calendar"
	"pgregory.net/rapid"
)

// A model of one relation: what each month of a stretch is, and from which event on.
type months map[calendar.Month]Status

const (
	modelFirst = calendar.Month(202001)
	modelLast  = calendar.Month(202212) // the months of rapid's draws lie before; the model goes two years further
)

func (m months) from(first, last calendar.Month, status Status) {
	for month := first; month <= last; month = month.Add(1) {
		m[month] = status
	}
}

func (m months) last() (Status, calendar.Month) {
	end := modelLast.Add(24)
	status := m[end]
	began := end
	for began > modelFirst && m[began.Add(-1)] == status {
		began = began.Add(-1)
	}
	return status, began
}

func TestATimelineIsAlwaysWholeAndSaysWhatAModelOfMonthsSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var line timeline
		model := months{}
		number := int64(0)
		horizon := modelLast.Add(24)
		month := rapid.Custom(func(t *rapid.T) calendar.Month { return modelFirst.Add(rapid.IntRange(0, 35).Draw(t, "month")) })
		for range rapid.IntRange(1, 25).Draw(t, "changes") {
			c := change{event: rapid.SampledFrom([]Event{EventEnrol, EventTransferIn, EventSuspend, EventResume, EventTerminate, EventTransferOut,
				EventCorrect}).Draw(t, "event"),
				from: month.Draw(t, "from"), row: 1}
			if c.event == EventCorrect {
				c.status = rapid.SampledFrom([]Status{Active, Suspended, Terminated, Void}).Draw(t, "status")
				if rapid.Bool().Draw(t, "closed") {
					c.to = c.from.Add(rapid.IntRange(0, 8).Draw(t, "length"))
				}
			}
			before := slices.Clone(line)
			after, fault := line.apply(&c)
			if !slices.Equal(before, line) {
				t.Fatal("apply changed the timeline that it was given")
			}
			checkModel(t, model, line, &c, fault)
			gone, added := line.difference(after)
			line = numbered(after, &number)
			whole(t, line, horizon)
			for m := modelFirst; m <= horizon; m = m.Add(1) {
				if got := statusIn(line, m); got != model[m] {
					t.Fatalf("after %s from %v to %v: %v is %q, the model says %q\n%+v", c.event, c.from, c.to, m, got, model[m], line)
				}
			}
			if fault == nil && len(added) == 0 || fault != nil && len(gone)+len(added) > 0 {
				t.Fatalf("%s: fault %v, %d gone, %d added", c.event, fault, len(gone), len(added))
			}
		}
	})
}

// checkModel carries the change out in the model, or demands the fault that the model calls for.
func checkModel(t *rapid.T, model months, line timeline, c *change, fault *Fault) {
	horizon := modelLast.Add(24)
	if c.event == EventCorrect {
		if fault != nil {
			t.Fatalf("a correction was refused: %v", fault)
		}
		correctModel(model, line, c)
		return
	}
	status, _ := model.last()
	var began calendar.Month
	if len(line) > 0 {
		began = line[len(line)-1].From
	}
	switch {
	case !slices.Contains(makes[c.event].from, status):
		want := ErrStatus
		if status == "" {
			want = ErrNotEnrolled
		}
		if fault == nil || fault.Code != want {
			t.Fatalf("%s of a relation that is %q: %v", c.event, status, fault)
		}
	case c.from < began:
		if fault == nil || fault.Code != ErrOrder {
			t.Fatalf("%s from %v of a relation whose last event is of %v: %v", c.event, c.from, began, fault)
		}
	default:
		if fault != nil {
			t.Fatalf("%s of a relation that is %q was refused: %v", c.event, status, fault)
		}
		model.from(c.from, horizon, makes[c.event].status)
	}
}

func correctModel(model months, line timeline, c *change) {
	horizon := modelLast.Add(24)
	end := c.to
	if end == 0 {
		end = horizon
	}
	if len(line) == 0 || c.to != 0 && c.to < line[0].From {
		next := horizon
		if len(line) > 0 {
			next = line[0].From.Add(-1)
		}
		if c.to != 0 {
			model.from(c.to.Add(1), next, Terminated)
		}
	}
	model.from(c.from, end, c.status)
}

// numbered gives the spells that are new a number, as an act does.
func numbered(line timeline, number *int64) timeline {
	out := slices.Clone(line)
	for i := range out {
		if out[i].No == 0 {
			*number++
			out[i].No, out[i].Began, out[i].Known = *number, 1, 1
		}
	}
	return out
}

func statusIn(line timeline, month calendar.Month) Status {
	for i := range line {
		if line[i].Covers(month) {
			return line[i].Status
		}
	}
	return ""
}

// whole demands that spells follow one another without a gap and that the last is open.
func whole(t *rapid.T, line timeline, horizon calendar.Month) {
	for i := range line {
		last := i == len(line)-1
		if last != (line[i].To == 0) || !last && (line[i].To < line[i].From || line[i+1].From != line[i].To.Add(1)) || line[i].From > horizon {
			t.Fatalf("not whole: %+v", line)
		}
	}
}

func TestClashesAreFoundExactlyWhereFreshActiveMonthsMeet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 7).Draw(t, "spells")
		spells := make([]*Spell, n)
		for i := range spells {
			from := modelFirst.Add(rapid.IntRange(0, 11).Draw(t, "from"))
			s := &Spell{Relation: Relation{Member: 1, Scheme: rapid.SampledFrom([]Scheme{"a", "b", "c"}).Draw(t, "scheme"), Employer: EmployerNo(i)},
				Status: Active, From: from,
				Row: int32(i)}
			if rapid.Bool().Draw(t, "closed") {
				s.To = from.Add(rapid.IntRange(0, 6).Draw(t, "length"))
			}
			if rapid.Bool().Draw(t, "old") {
				s.No, s.Began = int64(i+1), 1
			}
			spells[i] = s
		}
		concurrent := func(scheme Scheme) bool { return scheme == "c" }
		meets := func(a, b *Spell) bool {
			return a != b && a.From <= b.end() && b.From <= a.end() && (a.Scheme != b.Scheme || !concurrent(a.Scheme))
		}
		found := clashes(slices.Clone(spells), concurrent)
		named := map[*Spell]bool{}
		for _, c := range found {
			if !c.made.fresh() || !meets(c.made, c.other) || named[c.made] {
				t.Fatalf("a false clash: %+v %+v", c.made, c.other)
			}
			named[c.made] = true
		}
		for _, a := range spells {
			for _, b := range spells {
				if a.fresh() && meets(a, b) && (!b.fresh() || b.Row < a.Row) && !named[a] {
					t.Fatalf("a clash was missed: %+v %+v", a, b)
				}
			}
		}
	})
}

func TestEveryEventSaysWhyItCannotFollow(t *testing.T) {
	open := func(status Status) timeline {
		return timeline{{Relation: Relation{Member: 7, Scheme: EnterprisePension, Employer: 3}, No: 1, Began: 1, From: 202601, Status: status}}
	}
	for _, c := range []struct {
		line  timeline
		event Event
		from  calendar.Month
		want  string
	}{
		{nil, EventSuspend, 202601, "7 is not enrolled in enterprise_pension by employer 3; enrol him first, or correct scheme and employer [not_enrolled]"},
		{open(Active), EventEnrol, 202602, "7 is active in enterprise_pension by employer 3 since 2026-01; leave the row out, or correct scheme and employer [status]"},
		{open(Suspended), EventEnrol, 202602, "7 is suspended in enterprise_pension by employer 3 since 2026-01; resume the relation (续保): a second one would be a duplicate [status]"},
		{open(Suspended), EventSuspend, 202602, "7 is suspended in enterprise_pension by employer 3 since 2026-01; leave the row out [status]"},
		{open(Terminated), EventResume, 202602, "7 is terminated in enterprise_pension by employer 3 since 2026-01; resume follows [suspended] [status]"},
		{open(Active), EventSuspend, 202512, "2025-12 lies before 2026-01, from when on the relation is active; give a later month, or correct the months with CorrectEnrolments [order]"},
	} {
		change := change{Relation: Relation{Member: 7, Scheme: EnterprisePension, Employer: 3}, event: c.event, from: c.from, row: 4}
		_, fault := c.line.apply(&change)
		if fault == nil || fault.Row != 4 {
			t.Errorf("%s: %v", c.event, fault)
			continue
		}
		fault.Row, fault.Field = 0, ""
		if got := fault.Error(); got != "registration: "+c.want {
			t.Errorf("%s:\n got %s\nwant registration: %s", c.event, got, c.want)
		}
	}
}

func TestFlagsHaveNames(t *testing.T) {
	for flag, want := range map[Flags]string{
		0: "none", FlagOverlap: "overlap", FlagIdentityInvalid | FlagAfterRetirement: "identity_invalid|after_retirement", allFlags + 1: "0x100",
	} {
		if got := fmt.Sprint(flag); got != want {
			t.Errorf("%d is %q, want %q", int32(flag), got, want)
		}
	}
	if 1<<len(flagNames)-1 != int(allFlags) {
		t.Error("a flag has no name")
	}
}
