package synthetic

import (
	"fmt"
	"math/big"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/identity"
)

// retiree is the member of the cast who contributes until the month of retirement and whose pension is determined from what is on record: the service before the
// year, as the earlier system handed it over, and the contributions of the year. The claim brings no figures.
type retiree struct {
	person      int
	pension     pensioner
	prior       prior
	bases       int64 // contributed this year
	months      int64
	birth       calendar.Date
	documentary string // what proves the prior service
}

// prior is the service until the end of the year before. Indices are in units of 0.0001.
type prior struct {
	months, before int64
	indexSum       int64
	beforeIndex    int64 // 0 for none: then the average index counts
}

// firstCohorts are the birth months from which the retirement age rises, and by how many birth months it rises a month (国务院关于渐进式延迟法定退休年龄的办法, 2024).
var firstCohorts = []struct {
	class      string
	sex        identity.Sex
	age, step  int
	born       calendar.Month
	leastPrior int
}{{"M60", identity.Male, 60, 4, 196501, 300}, {"F55", identity.Female, 55, 4, 197001, 260}, {"F50", identity.Female, 50, 2, 197501, 200}}

// drawRetiree makes somebody of an employer's old enough to retire from March to November.
func (a *agency) drawRetiree(d *draw, employer int) {
	r := &a.retiree
	r.person = a.someone(d, employer)
	p := a.people[r.person]
	cohort := oneOf(d, firstCohorts)
	var retires calendar.Month
	var born calendar.Month
	for retires < 202503 || retires > 202511 {
		k := d.upTo(9)
		born = cohort.born.Add(k)
		retires = born.Add(12*cohort.age + k/cohort.step + 1)
	}
	day := d.between(1, 28)
	r.birth = dayOf(born, day)
	p.class, p.part, p.left = cohort.class, true, retires.Add(1)
	p.number = identityNumber(castArea, r.birth, cohort.sex, r.person+1)
	r.prior.months = int64(cohort.leastPrior + d.upTo(160))
	r.prior.before = max(0, r.prior.months-int64(firstMonth.Sub(accountsBegan)))
	r.prior.indexSum = r.prior.months*int64(d.between(7_000, 13_000)) + int64(d.upTo(10_000))
	if d.upTo(2) == 0 {
		r.prior.beforeIndex = int64(d.between(7_000, 12_000))
	}
	r.pension = pensioner{number: p.number, name: p.name, place: "yunnan", ground: "statutory", retired: dayOf(retires, day), first: retires.Add(1), account: p.account,
		payee: fmt.Sprintf("59030003%07d", 900_001), payments: map[calendar.Month]int64{}, borne: map[int64]int64{}}
	r.documentary = fmt.Sprintf("档案-%04d", d.upTo(10_000))
}

// retire determines the pension on the first day of the month after the retirement, by the figures known on that day:
//
//	basic        = W × (1 + index) ÷ 2 × years × 1 %
//	account      = balance ÷ divisor
//	transitional = W × index before × years before × k %
//
// with the index to four decimals, years (months ÷ 12) to four, and each component to the cent. Source: 国发〔2005〕38号; roundings as on sheets of the province.
func (a *agency) retire(month calendar.Month) error {
	r := &a.retiree
	p := &r.pension
	if month != p.first {
		return nil
	}
	known := a.law.KnownOn(month.First())
	wage, _, err := known.Amount("cn.yunnan.contribution.average_wage", p.retired, money.MustCurrency("CNY"))
	if err != nil {
		return err
	}
	base, _, err := known.Amount(calculationBase, p.retired, money.MustCurrency("CNY"))
	if err != nil {
		return err
	}
	coefficient, err := known.Number("cn.yunnan.pension.transitional_coefficient", p.retired)
	if err != nil {
		return err
	}
	age := p.retired.Month().Sub(r.birth.Month())
	divisor, err := known.Divisor(age/12, age%12, p.retired)
	if err != nil {
		return err
	}
	total := r.prior.months + r.months
	index := new(big.Rat).Add(big.NewRat(r.prior.indexSum, tenThousand), big.NewRat(r.bases, int64(wage)))
	index = fourDecimals(index.Quo(index, big.NewRat(total, 1)))
	before := index
	if r.prior.beforeIndex != 0 {
		before = big.NewRat(r.prior.beforeIndex, tenThousand)
	}
	w := big.NewRat(int64(base), 1)
	basic := product(w, new(big.Rat).Add(index, big.NewRat(1, 1)), fourDecimals(big.NewRat(total, 12)), big.NewRat(1, 200))
	transitional := product(w, before, fourDecimals(big.NewRat(r.prior.before, 12)), coefficient.Number.Rat(), big.NewRat(1, 100))
	p.fromAccount = roundHalfUp(new(big.Rat).Quo(big.NewRat(p.account.balance(), 1), divisor.Months.Rat()))
	p.monthly = roundHalfUp(basic) + p.fromAccount + roundHalfUp(transitional)
	return nil
}

const tenThousand = 10_000

func fourDecimals(x *big.Rat) *big.Rat {
	return big.NewRat(roundHalfUp(new(big.Rat).Mul(x, big.NewRat(tenThousand, 1))), tenThousand)
}

func product(factors ...*big.Rat) *big.Rat {
	out := big.NewRat(1, 1)
	for _, f := range factors {
		out.Mul(out, f)
	}
	return out
}

// contributed notes a month's base of the one who will retire; nothing of it is paid late.
func (r *retiree) contributed(person int, base int64) {
	if person == r.person {
		r.bases, r.months = r.bases+base, r.months+1
	}
}

// claim is the row of claims.csv, without figures.
func (r *retiree) claim() []string {
	p := &r.pension
	return []string{p.claim, p.number, p.place, p.retired.String(), p.ground, p.first.String(), "", "", "", "", "", "", "", "", "", ""}
}

// service is the row of prior_service.csv.
func (r *retiree) service() []string {
	index := func(units int64) string { return fmt.Sprintf("%d.%04d", units/tenThousand, units%tenThousand) }
	before := ""
	if r.prior.beforeIndex != 0 {
		before = index(r.prior.beforeIndex)
	}
	return []string{r.pension.number, fmt.Sprint(r.prior.months), index(r.prior.indexSum), fmt.Sprint(r.prior.before), before, "2024-12", r.documentary}
}
