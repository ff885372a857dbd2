package insurance

import (
	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// accountYear is what one account moved in a calendar year, its own interest left out.
type accountYear struct {
	postings [12]tally
	interest tally   // tagged as this year's, whenever it was posted
	inYear   tally   // what of it was posted in the year itself
	whole    bool    // of that, something is attributed to December: it is for the whole year
	later    []dated // what of it was posted after the year
}

// stretch is an account from its opening, or from its last settlement, to its next settlement.
type stretch struct {
	years   map[int]*accountYear
	first   int
	last    int
	settled calendar.Date // zero while it goes on
}

func (s *stretch) year(n int) *accountYear {
	if s.years[n] == nil {
		s.years[n] = &accountYear{}
	}
	s.first, s.last = min(s.first, n), max(s.last, n)
	return s.years[n]
}

// accountLife is an account through its settlements, most often none, in the order of posting.
type accountLife struct {
	origin    audit.Origin
	person    string
	balance   money.Amount
	stretches []*stretch
}

// now is the stretch that a movement of a year belongs to.
func (l *accountLife) now(year int) *stretch {
	if n := len(l.stretches); n > 0 && l.stretches[n-1].settled == 0 {
		return l.stretches[n-1]
	}
	l.stretches = append(l.stretches, &stretch{years: map[int]*accountYear{}, first: year, last: year})
	return l.stretches[len(l.stretches)-1]
}

// move puts a movement into its stretch and year. The interest of a year is kept apart there, and is a posting of the month in which it was booked for every other
// year. The payment to heirs that leaves nothing ends the stretch and is no posting of it.
func (l *accountLife) move(m *audit.RightsMovement) (err error) {
	s := l.now(m.Day.Year())
	if l.balance, err = l.balance.Add(m.Amount); err != nil {
		return err
	}
	if m.Tag == personal.TagHeirs && m.Amount < 0 && l.balance == 0 {
		s.year(m.Day.Year())
		s.settled = m.Day
		return nil
	}
	posted := s.year(m.Day.Year())
	if of, ok := interestYear(m.Tag); ok {
		year := s.year(of)
		year.interest.add(m.Amount, movementEvidence(m))
		if of == m.Day.Year() {
			year.inYear.add(m.Amount)
			year.whole = year.whole || m.Month.IsZero() || m.Month.OfYear() == 12
			return nil
		}
		if of < m.Day.Year() {
			year.later = append(year.later, dated{day: m.Day, amount: m.Amount})
		}
	}
	posted.postings[m.Day.MonthOfYear()-1].add(m.Amount)
	return nil
}

// bookedOn returns what of a year's interest was posted on a day after that year.
func (y *accountYear) bookedOn(day calendar.Date) *tally {
	sum := &tally{}
	for _, d := range y.later {
		if d.day == day {
			sum.add(d.amount)
		}
	}
	return sum
}
