package synthetic

import (
	"context"
	"fmt"
	"math/big"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/registration/identity"
	"github.com/fundledger/fundledger/registration/scheme"
)

// agency is one agency's year being made.
type agency struct {
	ctx        context.Context
	year       Year
	folder     string
	law        *scheme.Catalogue
	rate       *big.Rat // of interest on personal accounts
	stories    stories
	employers  []employer // the cast's first, then those of the members beyond
	people     []*person  // of the cast, who contribute, in the order of members.csv
	pensioners []pensioner
	retiree    retiree
	crowd      crowd
	accounts   [3]bankAccount // in the order income, fiscal, expenditure
	before     map[int]int64  // bases of the month before, by number of the person
	owed       map[int][]demand
	payments   int64 // made so far, in the order of the service's numbers
	suspense   []suspense
	expected   []finding
	known      lists
}

// castEmployers is how many employers the cast has.
const castEmployers = 6

type employer struct {
	code, name, account string
	payday              int
}

// person is somebody of the cast who contributes.
type person struct {
	number, name, class string
	employer            int
	from, left          calendar.Month // first month with the employer, first month without; zero for none
	wage                int64
	account             *account
	part                bool // plays one already
}

func newAgency(ctx context.Context, y Year, folder string) (*agency, error) {
	law, err := scheme.China()
	if err != nil {
		return nil, err
	}
	rate, err := law.Rate("cn.pension.account.notional_rate", lastDay)
	if err != nil {
		return nil, err
	}
	a := &agency{ctx: ctx, year: y, folder: folder, law: law, rate: rate.Number.Rat(), before: map[int]int64{}, owed: map[int][]demand{}}
	d := drawOf(y.Seed, matterFund, 0)
	a.accounts = [3]bankAccount{{name: "income", number: "590100010001001"},
		{name: "fiscal", number: "590100010003003", opening: int64(d.between(500, 900))*10_000_00 + int64(y.Members)*1_500_00},
		{name: "expenditure", number: "590100010004004", opening: 2_000_000}}
	a.makeEmployers()
	a.makePeople()
	if err := a.makePensioners(); err != nil {
		return nil, err
	}
	a.drawStories()
	return a, a.makeCrowd()
}

func (a *agency) makeEmployers() {
	d := drawOf(a.year.Seed, matterEmployers, 0)
	first, names := d.between(1, 60_000_000), d.order(len(trades))
	for i := range castEmployers {
		a.addEmployer(first+i, "虚构"+trades[names[i]]+"有限公司", 13+i)
	}
}

func (a *agency) addEmployer(code int, name string, payday int) {
	a.employers = append(a.employers, employer{code: creditCode(code), name: name, account: fmt.Sprintf("59020002%07d", len(a.employers)+1), payday: payday})
}

func (a *agency) makePeople() {
	d := drawOf(a.year.Seed, matterPeople, 0)
	for e := range castEmployers {
		for range d.between(6, 12) {
			a.people = append(a.people, a.newPerson(&d, e))
		}
	}
}

// newPerson is next in the order of members.csv. Nobody is old enough to retire in the year.
func (a *agency) newPerson(d *draw, employer int) *person {
	n := len(a.people) + 1
	sex, class := identity.Male, "M60"
	if d.upTo(2) == 0 {
		sex, class = identity.Female, oneOf(d, []string{"F50", "F55"})
	}
	birth := calendar.MustDate(d.between(1977, 2002), d.between(1, 12), d.between(1, 28))
	return &person{number: identityNumber(castArea, birth, sex, n), name: personName(d, n), class: class, employer: employer, from: firstMonth,
		wage: int64(300_000 + 5_000*d.upTo(400)), account: &account{opening: int64(d.upTo(9_000_000))}}
}

func (p *person) at(month calendar.Month) bool {
	return month >= p.from && (p.left == 0 || month < p.left)
}
