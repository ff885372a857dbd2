package synthetic

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/ledger/calendar"
)

// finding is what an audit must find. Of its subjects only those are named that do not depend on the numbers that the engine gives.
type finding struct {
	rule, why string
	period    calendar.Month // zero for none
	amount    int64
	subjects  []string
}

func (a *agency) expect(rule string, period calendar.Month, amount int64, why string, subjects ...string) {
	a.expected = append(a.expected, finding{rule: rule, why: why, period: period, amount: amount, subjects: subjects})
}

func employerNo(i int) string { return fmt.Sprint("employer ", i+1) }

// memberNo is the subject of the i-th row of members.csv, from 0.
func memberNo(i int) string { return fmt.Sprint("member ", i+1) }

func (a *agency) pensionerNo(i int) string { return memberNo(len(a.people) + i) }

// expectAtEnd predicts the findings that show at the end of the year only.
func (a *agency) expectAtEnd() {
	s := &a.stories
	if a.has(DuplicateEnrolment) {
		a.expect("R01", s.twice.from, 0, "a member is in the residents' scheme besides (enrolments.csv)", memberNo(s.twice.person))
	}
	for e := range castEmployers {
		unallocated := map[calendar.Date]int64{}
		for _, d := range a.owed[e] {
			if d.principal > 0 { // members get nothing of a demand before it is complete
				for _, p := range d.paid {
					unallocated[p.day] += p.amount
				}
			}
			// The agency's first notice goes out more than thirty days after the due day, see area.go of the example.
			if d.principal > 0 && lastDay.Sub(d.due) > noticeDays {
				a.expect("C06", d.month, d.principal, "an employer pays in part, each time the oldest first; notice went out late", employerNo(e), "month "+d.month.String())
			}
		}
		for _, day := range slices.Sorted(maps.Keys(unallocated)) {
			if lastDay.Sub(day) > allocationDays {
				a.expect("C09", day.Month(), unallocated[day], "what an employer paid in part of a month waits for the rest, and is allocated to nobody", employerNo(e))
			}
		}
	}
	if a.has(BouncedPension) && lastDay.Sub(s.bounced.day) > returnDays {
		month := s.bounced.day.Month()
		a.expect("B14", month, a.pensioners[s.bounced.pensioner].monthly, "a pension came back and was not issued again", a.pensionerNo(s.bounced.pensioner), "month "+month.String())
	}
	a.expectSuspense()
}

// The days that rules C06, C09 and B14 grant, and the last day on which money may come that rule L13 asks about after three months.
const (
	noticeDays     = 30
	allocationDays = 15
	returnDays     = 30
	suspenseFrom   = calendar.Date(20250930)
)

// expectSuspense predicts what is said of money that is nobody's. Rule L13 asks after three months and takes what was used off the oldest first.
func (a *agency) expectSuspense() {
	if !a.has(UnidentifiedReceipt) {
		return
	}
	u, used := a.stories.unidentified, int64(0)
	a.expect("C09", u.day.Month(), u.amount, "a receipt that nobody has identified stands in suspense and is allocated to nobody")
	slices.SortFunc(a.suspense, func(a, b suspense) int { return int(a.day) - int(b.day) })
	for _, item := range a.suspense {
		used += item.taken
	}
	for _, item := range a.suspense {
		taken := min(used, item.amount)
		used -= taken
		if left := item.amount - taken; left > 0 && item.day < suspenseFrom {
			a.expect("L13", item.day.Month(), left, "a receipt that nobody has identified stands in suspense for months")
		}
	}
}

func (a *agency) writeExpected() error {
	var b bytes.Buffer
	b.WriteString("# What the audit of the whole year must find, and nothing else: rule, period, amount at risk in yuan, and those of its subjects that can be known beforehand.\n")
	for _, f := range a.expected {
		period := ""
		if !f.period.IsZero() {
			period = f.period.String()
		}
		subjects := ""
		if len(f.subjects) > 0 {
			subjects = `"` + strings.Join(f.subjects, `", "`) + `"`
		}
		fmt.Fprintf(&b, "# %s\n- {rule: %q, period: %q, amount: %q, subjects: [%s]}\n", f.why, f.rule, period, amountText(f.amount), subjects)
	}
	if len(a.expected) == 0 {
		b.WriteString("[]\n")
	}
	return a.write("expected.yaml", b.Bytes())
}
