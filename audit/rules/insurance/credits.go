package insurance

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// creditKey is a person's contribution of a wage month in one fund.
type creditKey struct {
	book   ledger.BookID
	person string
	month  calendar.Month
}

func compareCredits(a, b creditKey) int {
	return cmp.Or(compareBooks(a.book, b.book), cmp.Compare(a.person, b.person), cmp.Compare(a.month, b.month))
}

// dated is an amount on a day, with the record that it stands in.
type dated struct {
	day      calendar.Date
	amount   money.Amount
	origin   *audit.Origin
	evidence audit.Evidence
}

// contribution is what was allocated to a person's own part of a wage month, and what his account was credited with for it.
type contribution struct {
	allocated []dated // by the day of allocation
	credited  []dated
}

// contributions brings allocations and credits together. Both are those up to the day of the audit.
func contributions(ctx context.Context, t *audit.Task) (map[creditKey]*contribution, error) {
	received, _ := audit.ReceiptsSource.In(t)
	rights, _ := audit.RightsSource.In(t)
	found := map[creditKey]*contribution{}
	of := func(key creditKey) *contribution {
		if found[key] == nil {
			found[key] = &contribution{}
		}
		return found[key]
	}
	for r, err := range received.Receipts(ctx) {
		if err != nil {
			return nil, err
		}
		t.Examined(receipts, 1)
		for _, a := range r.Allocations {
			if a.Part == audit.PersonPart && a.Day <= t.Scope().AsOf {
				evidence := r.Evidence("receipt", a.Amount)
				evidence.Effective = a.Day
				c := of(creditKey{r.Book, a.Person, a.Month})
				c.allocated = append(c.allocated, dated{day: a.Day, amount: a.Amount, origin: &r.Origin, evidence: evidence})
			}
		}
	}
	for m, err := range rights.Movements(ctx) {
		if err != nil {
			return nil, err
		}
		if m.Tag != personal.TagContribution || m.Day > t.Scope().AsOf {
			continue
		}
		t.Examined(movements, 1)
		c := of(creditKey{m.Book, m.Person, m.Month})
		c.credited = append(c.credited, dated{day: m.Day, amount: m.Amount, origin: &m.Origin, evidence: movementEvidence(&m)})
	}
	return found, nil
}

func (c *contribution) origin() *audit.Origin {
	if len(c.allocated) > 0 {
		return c.allocated[0].origin
	}
	return c.credited[0].origin
}

func (c *contribution) evidence() []audit.Evidence {
	var list []audit.Evidence
	for _, d := range c.allocated {
		list = append(list, d.evidence)
	}
	for _, d := range c.credited {
		list = append(list, d.evidence)
	}
	return all(list)
}

func total(list []dated) *tally {
	sum := &tally{}
	for _, d := range list {
		sum.add(d.amount)
	}
	return sum
}

// byMonthOfDay adds amounts by the month they were posted in, leaving out months that come to nothing.
func byMonthOfDay(list []dated) (map[calendar.Month]money.Amount, error) {
	months := map[calendar.Month]money.Amount{}
	for _, d := range list {
		if !d.day.Valid() {
			return nil, fmt.Errorf("insurance: record %s has no date", d.evidence.Reference)
		}
		sum, err := months[d.day.Month()].Add(d.amount)
		if err != nil {
			return nil, err
		}
		months[d.day.Month()] = sum
	}
	for month, sum := range months {
		if sum == 0 {
			delete(months, month)
		}
	}
	return months, nil
}

// interestYear returns the year of a tag of yearly interest, and false for any other tag.
func interestYear(tag string) (int, bool) {
	digits, _ := strings.CutPrefix(tag, strings.TrimSuffix(personal.InterestTag(0), "0"))
	year, err := strconv.Atoi(digits)
	return year, err == nil && personal.InterestTag(year) == tag
}
