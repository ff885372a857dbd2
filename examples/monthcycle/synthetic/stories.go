package synthetic

import (
	"slices"

	"github.com/fundledger/fundledger/ledger/calendar"
)

// stories are the parts that the cast plays in a year. All of them are drawn for every year, those of faults too, whether or not they are planted.
type stories struct {
	late struct { // an employer pays a month in the next one, with the surcharge
		employer int
		month    calendar.Month
		paid     calendar.Date
	}
	forgetful struct { // an employer forgets to declare a month and is assessed at 110 % of the one before
		employer int
		month    calendar.Month
	}
	onBehalf struct { // somebody pays a part of what an employer owes, and says only later whose it is
		employer         int
		paid, identified calendar.Date
		percent          int64
	}
	underpaying struct { // an employer pays so many percent of each month from one on
		employer int
		from     calendar.Month
		percent  int64
	}
	unidentified struct {
		day    calendar.Date
		amount int64
	}
	returned struct { // a pension comes back, the payee's account is put right, and it goes out again in the next month
		pensioner    int
		day, righted calendar.Date
	}
	bounced struct { // a pension comes back and nothing is done
		pensioner int
		day       calendar.Date
	}
	twice struct { // a member is in the residents' scheme besides
		person   int
		from, to calendar.Month // to is the first month without
	}
	mislaid struct {
		account string
		month   calendar.Month
	}
	worker    death            // a member who contributes dies
	pensioner death            // and one who draws a pension
	agreed    calendar.Date    // how the heirs of the pensioner return what was paid after the death
	repaid    [2]calendar.Date // and when they do
	refund    refund
}

// death is a death of the cast. The heirs get what is left on the personal account.
type death struct {
	who       int // person or pensioner
	day       calendar.Date
	reported  calendar.Date
	heirsPaid calendar.Date
	heirs     string // the bank's reference, which counts the rows of deaths.csv
}

func dayOf(month calendar.Month, day int) calendar.Date { return month.First().AddDays(day - 1) }

// drawStories gives out the parts. Employers who pay late, in part or through others have one part each, so that every story can be told alone.
func (a *agency) drawStories() {
	d, s := drawOf(a.year.Seed, matterStories, 0), &a.stories
	month := func(from, to int) calendar.Month { return firstMonth.Add(d.between(from, to) - 1) }
	parts := d.order(castEmployers)
	s.late.employer, s.late.month = parts[0], month(1, 11)
	s.late.paid = dayOf(s.late.month.Add(1), d.between(3, 9))
	s.forgetful.employer, s.forgetful.month = parts[1], month(2, 12)
	s.onBehalf.employer, s.onBehalf.percent = parts[2], int64(d.between(10, 60))
	s.onBehalf.paid = dayOf(month(1, 12), d.between(12, 20))
	s.onBehalf.identified = s.onBehalf.paid.AddDays(d.between(1, 7))
	s.underpaying.employer, s.underpaying.from, s.underpaying.percent = parts[3], month(2, 11), int64(d.between(40, 90))
	s.unidentified.day, s.unidentified.amount = dayOf(month(1, 11), d.between(10, 27)), int64(d.between(1_000, 20_000))*1_00
	s.mislaid.account, s.mislaid.month = oneOf(&d, []string{"fiscal", "expenditure"}), firstMonth.Add(3*d.between(1, 3)-1)
	a.drawDeaths(&d, parts[4])
	a.drawRetiree(&d, parts[5])
	a.drawRefund(&d, parts[4])
	a.drawPensionStories(&d)
	a.drawPeopleStories(&d, parts[1])
}

func (a *agency) drawDeaths(d *draw, employer int) {
	s := &a.stories
	w := &s.worker
	w.who = a.someone(d, employer)
	died := firstMonth.Add(d.between(3, 10) - 1)
	w.day = dayOf(died, d.between(1, 28))
	w.reported = dayOf(died.Add(1), d.between(2, 9))
	w.heirsPaid = dayOf(died.Add(1+d.between(0, 1)), d.between(16, 26))
	a.people[w.who].left, a.people[w.who].part = died.Add(1), true

	p := &s.pensioner
	p.who = firstOrdinary
	died = firstMonth.Add(d.between(2, 5) - 1)
	p.day = dayOf(died, d.between(1, 28))
	p.reported = p.day.AddDays(6)
	late := dayOf(died.Add(d.between(2, 4)), d.between(2, 9))
	s.agreed = late.AddDays(d.between(1, 9))
	s.repaid = [2]calendar.Date{dayOf(late.Month().Add(1), d.between(16, 24)), dayOf(late.Month().Add(2), d.between(16, 24))}
	p.heirsPaid = dayOf(late.Month().Add(2+d.between(0, 1)), d.between(25, 27))
	if a.has(DeathReportedLate) {
		p.reported = late
	}
	w.heirs, p.heirs = "HEIRS-01", "HEIRS-02" // in the order of deaths.csv
	if p.reported <= w.reported {
		w.heirs, p.heirs = p.heirs, w.heirs
	}
}

func (a *agency) drawPensionStories(d *draw) {
	s := &a.stories
	s.returned.pensioner = firstOrdinary + 1
	back := firstMonth.Add(d.between(1, 10) - 1)
	s.returned.day, s.returned.righted = dayOf(back, d.between(16, 26)), dayOf(back.Add(1), d.between(2, 9))
	// whoever draws a pension in the month and plays no part of his own
	back = firstMonth.Add(d.between(1, 11) - 1)
	var drawing []int
	for i := range a.pensioners {
		if i != s.pensioner.who && i != s.returned.pensioner && a.pensioners[i].first <= back {
			drawing = append(drawing, i)
		}
	}
	s.bounced.pensioner, s.bounced.day = oneOf(d, drawing), dayOf(back, d.between(16, 27))
}

// drawPeopleStories gives hires and a leaver, and who is enrolled twice.
func (a *agency) drawPeopleStories(d *draw, forgetful int) {
	for range d.between(1, 3) {
		e := d.upTo(castEmployers)
		if e == forgetful { // who is assessed on the bases of the month before
			continue
		}
		p := a.newPerson(d, e)
		p.from, p.account.opening, p.part = firstMonth.Add(d.between(2, 11)-1), 0, true
		a.people = append(a.people, p)
	}
	leaver := a.people[a.someone(d, d.upTo(castEmployers))]
	leaver.left, leaver.part = firstMonth.Add(d.between(3, 11)-1), true
	t := &a.stories.twice
	t.person, t.from = a.someone(d, d.upTo(castEmployers)), firstMonth.Add(d.between(2, 8)-1)
	t.to = t.from.Add(d.between(1, 4))
	a.people[t.person].part = true
}

// someone of an employer's who plays no part yet.
func (a *agency) someone(d *draw, employer int) int {
	var free []int
	for i, p := range a.people {
		if p.employer == employer && !p.part {
			free = append(free, i)
		}
	}
	return oneOf(d, free)
}

func (a *agency) has(fault Fault) bool { return slices.Contains(a.year.Faults, fault) }
