package benefits

import (
	"cmp"
	"math/big"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/benefits/pension"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/scheme"
)

// inputs makes the figures of a determination from what is known of the member.
func (d *determining) inputs(law *scheme.Catalogue, claim Claim, row int, stage Stage) (*pension.Inputs, int, error) {
	in := &pension.Inputs{}
	career := d.careers[claim.Member]
	known := d.service(&career)
	years, months, err := d.years(law, claim, known)
	if err != nil {
		return nil, 0, err
	}
	total := known.months + months
	in.Months = &total
	p := d.config.Parameters
	for _, base := range []struct {
		name string
		id   scheme.ID
		to   *decimal.NullDecimal
	}{{"base_province", p.Base, &in.BaseProvince}, {"base_local", p.BaseLocal, &in.BaseLocal}} {
		if base.id == "" {
			continue
		}
		value, err := law.At(base.id, claim.Retire)
		if err != nil {
			return nil, 0, err
		}
		if value.Status == scheme.Provisional && stage == Formal {
			d.faults.Rowf(row, ErrProvisional, base.name, "determine provisionally, and formally once it is published", "%s from %s is provisional", base.id, value.From)
		}
		*base.to = decimal.NewNullDecimal(value.Number)
		in.Sources = append(in.Sources, pension.InputSource{Input: base.name, Provenance: value.Provenance})
	}
	d.index(in, years, known, total)
	age := claim.Retire.Month().Sub(career.Birth.Month())
	divisor, err := law.Divisor(age/12, age%12, claim.Retire)
	if err != nil {
		return nil, 0, err
	}
	in.DivisorMonths = decimal.NewNullDecimal(divisor.Months)
	in.AccountBalance = decimal.NewNullDecimal(d.currency.Decimal(known.balance))
	in.Sources = append(in.Sources, pension.InputSource{Input: "divisor_months", Provenance: divisor.Table})
	if len(known.before) > 0 && p.Transitional != "" {
		k, err := law.Number(p.Transitional, claim.Retire)
		if err != nil {
			return nil, 0, err
		}
		in.Transitional = known.before
		for i := range in.Transitional {
			in.Transitional[i].CoefficientPct = decimal.NewNullDecimal(k.Number)
		}
		in.Sources = append(in.Sources, pension.InputSource{Input: "coefficient_pct", Provenance: k.Provenance})
	}
	return in, total, nil
}

// service is what is known of a member under all his numbers.
type service struct {
	months   int             // before this system kept them
	taken    bool            // they were taken over, with their indices
	indexSum decimal.Decimal // of those
	before   []pension.Stretch
	paid     []registration.ContributionMonth // later ones, by month
	balance  money.Amount                     // of all personal accounts
}

// service adds up what is known under the number that goes on and those merged into it. What was taken over under a number counts to its own last month, and what
// History has of that number from then on. Deemed service stands in registration, and counts where nothing was taken over.
func (d *determining) service(career *registration.Career) service {
	var known service
	for _, no := range numbersOf(map[registration.MemberNo]registration.Career{career.No: *career}, []registration.MemberNo{career.No}) {
		prior := d.prior[no]
		if prior.Member != 0 {
			known.taken, known.months, known.indexSum = true, known.months+prior.Months, known.indexSum.Add(prior.IndexSum)
		}
		if prior.BeforeMonths > 0 {
			known.before = append(known.before, pension.Stretch{Months: new(prior.BeforeMonths), Index: prior.BeforeIndex})
		}
		for _, m := range d.months[no] {
			if m.Month > prior.Until {
				known.paid = append(known.paid, m)
			}
		}
		known.balance += d.balances[no] // no sum of lines leaves the range: the book's turnover is bounded
	}
	if deemed := career.DeemedMonths(d.config.Insurance); !known.taken && deemed > 0 {
		known.months, known.before = deemed, []pension.Stretch{{Months: &deemed}}
	}
	slices.SortStableFunc(known.paid, func(a, b registration.ContributionMonth) int { return cmp.Compare(a.Month, b.Month) })
	return known
}

// years groups a member's paid months, each counted once, by calendar year and the average wage that it is indexed by.
func (d *determining) years(law *scheme.Catalogue, claim Claim, known service) (years []pension.ContributionYear, months int, err error) {
	var last calendar.Month
	for _, m := range known.paid {
		if !m.Paid() || m.Insurance != d.config.Insurance || m.Month > claim.Retire.Month() {
			continue
		}
		wage, _, err := law.Amount(d.config.Parameters.AverageWage, m.Month.First(), d.currency)
		if err != nil {
			return nil, 0, err
		}
		n := len(years)
		if n == 0 || years[n-1].Year != m.Month.Year() || years[n-1].AverageWage != wage {
			years, n = append(years, pension.ContributionYear{Year: m.Month.Year(), AverageWage: wage}), n+1
		}
		years[n-1].BaseSum += m.Base
		if m.Month != last {
			years[n-1].Months++
			months++
		}
		last = m.Month
	}
	return years, months, nil
}

// index gives the history to the formula, or with prior service the average index of both.
func (d *determining) index(in *pension.Inputs, years []pension.ContributionYear, known service, total int) {
	rule := d.config.IndexRule
	if !known.taken || known.months == 0 {
		in.History, in.IndexRule = years, &rule
		return
	}
	if total == 0 {
		return
	}
	sum := known.indexSum.Rat()
	for _, y := range years {
		index := new(big.Rat).SetFrac(big.NewInt(int64(y.BaseSum)), new(big.Int).Mul(big.NewInt(int64(y.AverageWage)), big.NewInt(int64(y.Months))))
		if rule.Each != nil {
			if rounded, err := rule.Each.ApplyRat(index); err == nil { // a bad rule is refused by the mean below
				index = rounded.Rat()
			}
		}
		sum.Add(sum, index.Mul(index, big.NewRat(int64(y.Months), 1)))
	}
	if mean, err := rule.Mean.ApplyRat(sum.Quo(sum, big.NewRat(int64(total), 1))); err == nil {
		in.AverageIndex = decimal.NewNullDecimal(mean)
	}
}
