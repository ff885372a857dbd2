package synthetic

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/benefits/pension"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/identity"
	"github.com/fundledger/fundledger/registration/scheme"
)

// pensioner is somebody of the cast who draws a pension. The figures are texts, as claims.csv gives them.
type pensioner struct {
	claim, number, name, class, payee string
	place, ground, extra              string
	retired                           calendar.Date
	base, index, coefficient, divisor string
	balance, extraAmount, published   string
	months, before                    int
	first                             calendar.Month
	monthly, fromAccount              int64
	account                           *account
	payments                          map[calendar.Month]int64 // the numbers that the service gives
	borne                             map[int64]int64          // by the personal account, of each payment
}

// The published determinations come first among the pensioners of the cast, then those who have a pension from the earlier system.
const (
	firstOrdinary   = 5
	nearlyExhausted = firstOrdinary + 2
)

// published are the claims that carry the figures of published determination sheets, by the rules of the province that each comes from.
func published() []pensioner {
	return []pensioner{
		{published: "PUB-P04", place: "yunnan", coefficient: "1.3", retired: 20250110, ground: "early", first: 202502, base: "8183", index: "0.8183", months: 498, before: 148,
			divisor: "139", balance: "102424.73", extra: "only_child_allowance", extraAmount: "171.55"},
		{published: "PUB-P05", place: "yunnan", coefficient: "1.3", retired: 20250905, ground: "early", first: 202510, base: "8265", index: "0.6757", months: 430, before: 120,
			divisor: "139", balance: "83946.23", extra: "only_child_allowance", extraAmount: "177.65"},
		{published: "CN-P13", place: "hainan", coefficient: "1.4", retired: 20250208, ground: "early", first: 202503, base: "8131", index: "1.8444", months: 503, before: 177,
			divisor: "139", balance: "223786.86"},
		{published: "CN-P03", place: "hubei", coefficient: "1.2", retired: 20251014, ground: "statutory", first: 202511, base: "9022", index: "1.7699", months: 482, before: 124,
			divisor: "137.8", balance: "305222.92"},
		{published: "CN-P07", place: "fujian", coefficient: "1.3", retired: 20251003, ground: "early", first: 202511, base: "7932", index: "0.572", months: 498, before: 138,
			divisor: "139", balance: "60269.59"},
	}
}

// birthsOfPublished suit the days of retirement of the published determinations.
var birthsOfPublished = [firstOrdinary]calendar.Date{19650110, 19650905, 19650208, 19650814, 19651003}

// The ages of retirement before 2025 in years, and the divisor months at them (国发〔2005〕38号).
var classes = []struct {
	name    string
	sex     identity.Sex
	age     int
	divisor string
}{{"M60", identity.Male, 60, "139"}, {"F55", identity.Female, 55, "170"}, {"F50", identity.Female, 50, "195"}}

func (a *agency) makePensioners() error {
	d := drawOf(a.year.Seed, matterPensioners, 0)
	const numbersFrom = 300 // of the area, behind those who contribute
	list := published()
	for i := range list {
		list[i].class, list[i].number = "M60", identityNumber(castArea, birthsOfPublished[i], identity.Male, numbersFrom+i)
	}
	for range d.between(4, 7) {
		p, birth, sex, err := a.drawPension(&d)
		if err != nil {
			return err
		}
		p.number = identityNumber(castArea, birth, sex, numbersFrom+len(list))
		list = append(list, p)
	}
	for i := range list {
		p := &list[i]
		p.claim, p.name, p.payee = fmt.Sprintf("C%02d", i+1), personName(&d, 60+i), fmt.Sprintf("59030003%07d", i+1)
		p.payments = map[calendar.Month]int64{}
		if err := a.determine(p); err != nil {
			return fmt.Errorf("claim %s: %w", p.claim, err)
		}
		p.account, p.borne = &account{opening: minor(money.MustDecimal(p.balance))}, map[int64]int64{}
	}
	// One account is nearly used up: it stops at zero within the year, while the pension goes on.
	small := &list[nearlyExhausted]
	small.account.opening = small.fromAccount * int64(d.between(21, 99)) / 10
	a.pensioners = list
	return nil
}

// drawPension invents a pension that the earlier system pays: retired between 2020 and 2024 at the age of that time, with all months since some year.
func (a *agency) drawPension(d *draw) (p pensioner, birth calendar.Date, sex identity.Sex, err error) {
	class := oneOf(d, classes)
	p = pensioner{place: "yunnan", ground: "statutory", class: class.name, coefficient: "1.3", divisor: class.divisor, first: firstMonth}
	p.retired = calendar.MustDate(d.between(firstRetired, lastRetired), d.between(1, 11), d.between(1, 28))
	birth = p.retired.AddMonths(-12 * class.age)
	p.months = d.between(181, 420)
	p.before = max(0, p.months-p.retired.Month().Sub(accountsBegan))
	p.index = decimal.New(int64(d.between(6_000, 14_000)), -4).String()
	p.balance = amountText(int64(d.between(4_000_000, 12_000_000)))
	base, err := a.law.At(calculationBase, p.retired)
	p.base = base.Number.String()
	return p, birth, class.sex, err
}

// inputs are the figures as the formula takes them.
func (p *pensioner) inputs() pension.Inputs {
	number := func(text string) decimal.NullDecimal { return decimal.NewNullDecimal(money.MustDecimal(text)) }
	in := pension.Inputs{BaseProvince: number(p.base), AverageIndex: number(p.index), Months: &p.months, AccountBalance: number(p.balance), DivisorMonths: number(p.divisor)}
	if p.before > 0 {
		in.Transitional = []pension.Stretch{{CoefficientPct: number(p.coefficient), Months: &p.before}}
	}
	if p.extra != "" {
		in.Extras = []pension.MemberFigure{{Name: p.extra, Amount: number(p.extraAmount)}}
	}
	return in
}

func (a *agency) determine(p *pensioner) error {
	policy, err := a.law.Policy(scheme.ID("cn."+p.place+".pension.policy"), p.retired)
	if err != nil {
		return err
	}
	d, err := pension.Determine(*policy.Policy, p.inputs())
	p.monthly, p.fromAccount = minor(d.Total), minor(d.AccountPension)
	return err
}

// row is the claim as claims.csv has it.
func (p *pensioner) row() []string {
	return []string{p.claim, p.number, p.place, p.retired.String(), p.ground, p.first.String(), p.base, p.index, fmt.Sprint(p.months), fmt.Sprint(p.before), p.coefficient, p.divisor,
		p.balance, p.extra, p.extraAmount, p.published}
}

// minor is an amount of yuan in minor units.
func minor(amount decimal.Decimal) int64 { return amount.Shift(2).IntPart() }
