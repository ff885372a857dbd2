package synthetic

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/benefits/pension"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/registration/identity"
	"github.com/fundledger/fundledger/registration/scheme"
)

// crowd are the members beyond the cast. Nothing of theirs is kept: each is drawn again from the seed and his number whenever he is needed. What is kept is
// where the members of each employer begin.
type crowd struct {
	seed         uint64
	contributors int
	pensioners   int
	first        []int       // number of each employer's first member, and the number of all
	due          []int64     // of the month, by employer
	bases        []crowdBase // calculation bases of the years of retirement
	formula      *pension.Formula
	monthly      int64 // all their pensions
}

type crowdBase struct {
	year int
	base decimal.Decimal
}

// crowdMember contributes.
type crowdMember struct {
	number, name, class string
	from, left          calendar.Month
	wage, opening       int64
}

// makeCrowd draws the employers: half of them have up to 150 members, a few more than a thousand, some 400 on average.
func (a *agency) makeCrowd() error {
	c := &a.crowd
	c.seed, c.contributors = a.year.Seed, a.year.Members*8/10
	c.pensioners = a.year.Members - c.contributors
	d := drawOf(c.seed, matterCrowdSizes, 0)
	first := d.between(60_000_100, 90_000_000)
	for given := 0; given < c.contributors; {
		c.first = append(c.first, given)
		i := len(c.first)
		a.addEmployer(first+i, fmt.Sprintf("虚构%s第%04d号有限公司", oneOf(&d, trades), i), 10+i%15)
		switch share := d.upTo(100); {
		case share < 50:
			given += d.between(30, 150)
		case share < 80:
			given += d.between(150, 600)
		case share < 94:
			given += d.between(600, 1_200)
		default:
			given += d.between(1_200, 2_000)
		}
	}
	c.first = append(c.first, c.contributors)
	c.due = make([]int64, len(c.first)-1)
	policy, err := a.law.Policy("cn.yunnan.pension.policy", 20241231)
	if err != nil {
		return err
	}
	if c.formula, err = pension.NewFormula(*policy.Policy, &policy.Provenance); err != nil {
		return err
	}
	for year := firstRetired; year <= lastRetired; year++ {
		base, err := a.law.At(calculationBase, calendar.MustDate(year, 12, 31))
		if err != nil {
			return err
		}
		c.bases = append(c.bases, crowdBase{year, base.Number})
	}
	return nil
}

// Pensions that the earlier system pays began in these years.
const (
	firstRetired, lastRetired           = 2020, 2024
	calculationBase           scheme.ID = "cn.yunnan.pension.calculation_base"
)

// member draws the i-th who contributes. In each month about one of two hundred is hired and one leaves.
func (c *crowd) member(i int) crowdMember {
	d := drawOf(c.seed, matterCrowdMember, i)
	sex, class := identity.Male, "M60"
	if d.upTo(2) == 0 {
		sex, class = identity.Female, [2]string{"F50", "F55"}[d.upTo(2)]
	}
	birth := calendar.Date(d.between(1977, 2003)*10000 + d.between(1, 12)*100 + d.between(1, 28))
	m := crowdMember{class: class, from: firstMonth, wage: int64(300_000 + 100*d.upTo(20_000)), opening: int64(d.upTo(9_000_000))}
	switch share := d.upTo(200); {
	case share < 11:
		m.from, m.opening = firstMonth.Add(1+share), 0
	case share < 22:
		m.left = firstMonth.Add(share - 10)
	}
	m.number, m.name = crowdNumber(i, birth, sex), fmt.Sprintf("虚构%c%c%07d", oneOf(&d, stems), oneOf(&d, branches), i+1)
	return m
}

func (m *crowdMember) at(month calendar.Month) bool {
	return month >= m.from && (m.left == 0 || month < m.left)
}

// pensioner draws the i-th who draws a pension, and the row of his claim.
func (c *crowd) pensioner(i int) (p pensioner, paidOut int64) {
	d := drawOf(c.seed, matterCrowdPensioner, i)
	class := classes[d.upTo(len(classes))]
	base := c.bases[d.upTo(len(c.bases))]
	p = pensioner{claim: fmt.Sprintf("E%07d", i+1), place: "yunnan", ground: "statutory", class: class.name, coefficient: "1.3", divisor: class.divisor, first: firstMonth,
		base: base.base.String(), payee: fmt.Sprintf("59030004%07d", i+1)}
	p.retired = calendar.Date(base.year*10000 + d.between(1, 11)*100 + d.between(1, 28))
	p.months = d.between(181, 420)
	p.before = max(0, p.months-p.retired.Month().Sub(accountsBegan))
	p.index = decimal.New(int64(d.between(6_000, 14_000)), -4).String()
	balance := int64(d.between(4_000_000, 12_000_000))
	p.balance = amountText(balance)
	p.number = crowdNumber(c.contributors+i, p.retired.AddMonths(-12*class.age), class.sex)
	p.name = fmt.Sprintf("虚构%c%c%07d", oneOf(&d, stems), oneOf(&d, branches), c.contributors+i+1)
	months := int64(firstMonth.Sub(p.retired.Month()) - 1)
	divisor := map[string]int64{"139": 139, "170": 170, "195": 195}[class.divisor]
	return p, balance * months / divisor
}

// accountsBegan is when personal accounts began in the province: months before it count for the transitional pension.
const accountsBegan = calendar.Month(199510)

// assess adds the crowd's rows to the declarations of a month and sums up what each employer owes.
func (c *crowd) assess(a *agency, t *table, month calendar.Month, least, most int64) error {
	text := month.String()
	for e := range c.due {
		c.due[e] = 0
		code := a.employers[castEmployers+e].code
		for i := c.first[e]; i < c.first[e+1]; i++ {
			m := c.member(i)
			if !m.at(month) {
				continue
			}
			base := declared(m.wage, month)
			t.row(code, text, m.number, amountText(base))
			employer, own := contribution(min(max(base, least), most))
			c.due[e] += employer + own
		}
		if err := a.ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// receipts are one line for each employer, in full.
func (c *crowd) receipts(a *agency, month calendar.Month) {
	text := month.String() + " 养老保险费"
	for e, amount := range c.due {
		if amount > 0 {
			a.receive(castEmployers+e, dayOf(month, a.employers[castEmployers+e].payday), amount, text)
		}
	}
}
