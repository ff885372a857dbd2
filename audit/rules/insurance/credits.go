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
	proof    func() audit.Evidence
	evidence audit.Evidence
}

// contribution is what was allocated to a person's own part of a wage month, and what his account was credited with for it.
type contribution struct {
	allocated []dated // by the day of allocation
	credited  []dated
}

// contributions brings allocations and credits together, for every person and wage month in which they are not the same on each day: all others are in order
// by any rule. Both are those up to the day of the audit. A first reading of the sources finds those few, a second one their records, so that a million members'
// year needs some tens of bytes for each contribution and not its evidence.
func contributions(ctx context.Context, t *audit.Task) (map[creditKey]*contribution, error) {
	days := &creditDays{persons: map[personOf]int32{}, net: map[creditDay]money.Amount{}, undated: map[creditKey]bool{}}
	if err := eachCredit(ctx, t, t.Examined, func(key creditKey, _ bool, d dated) error { return days.add(key, d) }); err != nil {
		return nil, err
	}
	suspects := days.suspects()
	found := make(map[creditKey]*contribution, len(suspects))
	if len(suspects) == 0 {
		return found, nil
	}
	readBefore := func(audit.Text, int64) {}
	return found, eachCredit(ctx, t, readBefore, func(key creditKey, credited bool, d dated) error {
		if !suspects[key] {
			return nil
		}
		c := found[key]
		if c == nil {
			c = &contribution{}
			found[key] = c
		}
		d.evidence = d.proof()
		if credited {
			d.amount = -d.amount
			c.credited = append(c.credited, d)
		} else {
			c.allocated = append(c.allocated, d)
		}
		return nil
	})
}

// eachCredit reads allocations to persons' own parts, and then credits with their sign turned, up to the day of the audit.
func eachCredit(ctx context.Context, t *audit.Task, count func(what audit.Text, n int64), take func(key creditKey, credited bool, d dated) error) error {
	received, _ := audit.ReceiptsSource.In(t)
	rights, _ := audit.RightsSource.In(t)
	for r, err := range received.Receipts(ctx) {
		if err != nil {
			return err
		}
		count(receipts, 1)
		for _, a := range r.Allocations {
			if a.Part != audit.PersonPart || a.Day > t.Scope().AsOf {
				continue
			}
			proof := func() audit.Evidence {
				evidence := r.Evidence("receipt", a.Amount)
				evidence.Effective = a.Day
				return evidence
			}
			if err := take(creditKey{r.Book, a.Person, a.Month}, false, dated{day: a.Day, amount: a.Amount, origin: &r.Origin, proof: proof}); err != nil {
				return err
			}
		}
	}
	for m, err := range rights.Movements(ctx) {
		if err != nil {
			return err
		}
		if m.Tag != personal.TagContribution || m.Day > t.Scope().AsOf {
			continue
		}
		count(movements, 1)
		amount, err := money.Amount(0).Sub(m.Amount)
		if err != nil {
			return err
		}
		proof := func() audit.Evidence { return movementEvidence(&m) }
		if err := take(creditKey{m.Book, m.Person, m.Month}, true, dated{day: m.Day, amount: amount, origin: &m.Origin, proof: proof}); err != nil {
			return err
		}
	}
	return nil
}

// creditDays holds what is allocated less what is credited, by person, wage month and day; nothing where they are equal.
type creditDays struct {
	persons map[personOf]int32
	names   []personOf
	net     map[creditDay]money.Amount
	undated map[creditKey]bool
}

type personOf struct {
	book   ledger.BookID
	person string
}

// creditDay is small, since there is one for each contribution while the allocations are read.
type creditDay struct {
	person int32 // place in names
	month  calendar.Month
	day    calendar.Date
}

func (c *creditDays) add(key creditKey, d dated) error {
	if !d.day.Valid() {
		c.undated[key] = true
		return nil
	}
	who := personOf{key.book, key.person}
	no, ok := c.persons[who]
	if !ok {
		no = int32(len(c.names))
		c.persons[who], c.names = no, append(c.names, who)
	}
	at := creditDay{no, key.month, d.day}
	sum, err := c.net[at].Add(d.amount)
	if err != nil {
		return err
	}
	if sum == 0 {
		delete(c.net, at)
	} else {
		c.net[at] = sum
	}
	return nil
}

func (c *creditDays) suspects() map[creditKey]bool {
	keys := c.undated
	for at := range c.net {
		keys[creditKey{c.names[at.person].book, c.names[at.person].person, at.month}] = true
	}
	return keys
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
