package insurance

import (
	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// accountYear is what one account moved in a calendar year, its own interest left out. There is one for every account and year of a fund, so that it holds sums
// and no evidence.
type accountYear struct {
	postings [12]money.Amount
	interest money.Amount // tagged as this year's, whenever it was posted
	inYear   money.Amount // what of it was posted in the year itself
	credited bool         // something of it was
	whole    bool         // of that, something is attributed to December: it is for the whole year
	later    []booked     // what of it was posted after the year
}

// booked is an amount on a day.
type booked struct {
	day    calendar.Date
	amount money.Amount
}

// stretch is an account from its opening, or from its last settlement, to its next settlement.
type stretch struct {
	first   int // the year of years[0]
	years   []accountYear
	settled calendar.Date // zero while it goes on
}

func (s *stretch) year(n int) *accountYear {
	for ; n < s.first; s.first-- {
		s.years = append([]accountYear{{}}, s.years...)
	}
	for n >= s.first+len(s.years) {
		s.years = append(s.years, accountYear{})
	}
	return &s.years[n-s.first]
}

// accountLife is an account through its settlements, most often none, in the order of posting.
type accountLife struct {
	currency  money.Currency
	person    string
	balance   money.Amount
	stretches []stretch

	// What a finding shows; nil until one is suspected. Records of interest are kept by its year.
	origin   *audit.Origin
	evidence map[int][]audit.Evidence
}

// now is the stretch that a movement of a year belongs to.
func (l *accountLife) now(year int) *stretch {
	if n := len(l.stretches); n == 0 || l.stretches[n-1].settled != 0 {
		l.stretches = append(l.stretches, stretch{first: year})
	}
	return &l.stretches[len(l.stretches)-1]
}

// move puts a movement into its stretch and year. The interest of a year is kept apart there, and is a posting of the month in which it was booked for every other
// year. The payment to heirs that leaves nothing ends the stretch and is no posting of it.
func (l *accountLife) move(m *audit.RightsMovement) (err error) {
	s, in := l.now(m.Day.Year()), m.Day.Year()
	if l.balance, err = l.balance.Add(m.Amount); err != nil {
		return err
	}
	s.year(in)
	if m.Tag == personal.TagHeirs && m.Amount < 0 && l.balance == 0 {
		s.settled = m.Day
		return nil
	}
	if of, ok := interestYear(m.Tag); ok {
		year := s.year(of)
		if l.evidence != nil {
			l.evidence[of] = append(l.evidence[of], movementEvidence(m))
		}
		if year.interest, err = year.interest.Add(m.Amount); err != nil {
			return err
		}
		if of == in {
			year.credited, year.whole = true, year.whole || m.Month.IsZero() || m.Month.OfYear() == 12
			year.inYear, err = year.inYear.Add(m.Amount)
			return err
		}
		if of < in {
			year.later = append(year.later, booked{m.Day, m.Amount})
		}
	}
	posting := &s.year(in).postings[m.Day.MonthOfYear()-1]
	*posting, err = posting.Add(m.Amount)
	return err
}

// bookedOn returns what of a year's interest was posted on a day after that year.
func (y *accountYear) bookedOn(day calendar.Date) (sum money.Amount, err error) {
	for _, b := range y.later {
		if b.day != day {
			continue
		}
		if sum, err = sum.Add(b.amount); err != nil {
			return 0, err
		}
	}
	return sum, nil
}
