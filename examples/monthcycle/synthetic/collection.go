package synthetic

import (
	"fmt"

	"github.com/fundledger/fundledger/collection"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// demand is what an employer of the cast owes for a month: the members' own parts are credited when the principal is complete.
type demand struct {
	month                calendar.Month
	due                  calendar.Date
	principal, surcharge int64 // not paid
	parts                []part
	paid                 []instalment
}

// instalment is what one receipt gave to the principal of a demand.
type instalment struct {
	day    calendar.Date
	amount int64
}

// part is the own part of a person of the cast.
type part struct {
	person int
	amount int64
}

// suspense is money that came and was nobody's: its day, its amount, and what was taken out of it later.
type suspense struct {
	day           calendar.Date
	amount, taken int64
}

// limits are the least and the greatest base of a month, as the law was known when it was assessed, on the fifth: 60 % and 300 % of the average wage.
func (a *agency) limits(month calendar.Month) (least, most int64, err error) {
	known := a.law.KnownOn(dayOf(month, 5))
	average, _, err := known.Amount("cn.yunnan.contribution.average_wage", month.First(), money.MustCurrency("CNY"))
	return halfUp(int64(average), 60, 100), 3 * int64(average), err
}

// contribution is what is owed for a base: 16 % by the employer and 8 % by the member, each rounded.
func contribution(base int64) (employer, own int64) {
	return halfUp(base, 16, 100), halfUp(base, 8, 100)
}

// declared is the wage that is declared for a month: a little more each month.
func declared(wage int64, month calendar.Month) int64 { return wage + int64(month.OfYear())*1_000 }

// assess writes the declarations of a month and demands what is owed: the declared bases within the limits, 110 % of the month before where an employer forgot.
func (a *agency) assess(month calendar.Month) error {
	least, most, err := a.limits(month)
	if err != nil {
		return err
	}
	t, err := a.newTable("declarations/"+month.String()+".csv", "credit_code", "month", "identity_number", "base")
	if err != nil {
		return err
	}
	demands := make([]demand, castEmployers)
	for i := range a.people {
		p := a.people[i]
		if !p.at(month) {
			continue
		}
		base := declared(p.wage, month)
		if p.employer == a.stories.forgetful.employer && month == a.stories.forgetful.month {
			base = halfUp(a.before[i], 110, 100)
		} else {
			t.row(a.employers[p.employer].code, month.String(), p.number, amountText(base))
		}
		base = min(max(base, least), most)
		a.before[i] = base
		employer, own := contribution(base)
		a.retiree.contributed(i, base)
		a.stories.refund.contributed(i, month, employer, own)
		d := &demands[p.employer]
		d.principal += employer + own
		d.parts = append(d.parts, part{i, own})
	}
	for e, d := range demands {
		if d.month, d.due = month, dayOf(month, 25); len(d.parts) > 0 {
			a.owed[e] = append(a.owed[e], d)
		}
	}
	return t.close(a.crowd.assess(a, t, month, least, most))
}

const onBehalfText = "代缴社保"

// receipts are what employers pay.
func (a *agency) receipts(month calendar.Month) error {
	s := &a.stories
	for e := range castEmployers {
		day := dayOf(month, a.employers[e].payday)
		owed := a.owed[e]
		if len(owed) == 0 {
			continue
		}
		amount := owed[len(owed)-1].principal
		if owed[len(owed)-1].month != month {
			continue // nobody worked there
		}
		switch {
		case e == s.late.employer && month == s.late.month:
			continue
		case e == s.late.employer && month == s.late.month.Add(1):
			late := owed[0].principal
			surcharge, err := a.surcharge(late, owed[0].due, s.late.paid)
			if err != nil {
				return err
			}
			a.receive(e, s.late.paid, late+surcharge, s.late.month.String()+" 养老保险费及滞纳金")
			if err := a.allocate(e, late+surcharge, s.late.paid, s.late.paid); err != nil {
				return err
			}
		case e == s.onBehalf.employer && month == s.onBehalf.paid.Month():
			other := halfUp(amount, s.onBehalf.percent, 100)
			a.accounts[income].post(bankLine{day: s.onBehalf.paid, amount: other, party: "虚构人力资源服务部", partyAccount: "590299990009001", text: onBehalfText})
			a.suspense = append(a.suspense, suspense{s.onBehalf.paid, other, other})
			if err := a.allocate(e, other, s.onBehalf.paid, s.onBehalf.identified); err != nil {
				return err
			}
			amount -= other
		case e == s.underpaying.employer && month >= s.underpaying.from && a.has(UnderpayingEmployer):
			amount = amount * s.underpaying.percent / 100
		}
		a.receive(e, day, amount, month.String()+" 养老保险费")
		if err := a.allocate(e, amount, day, day); err != nil {
			return err
		}
	}
	if a.has(UnidentifiedReceipt) && month == s.unidentified.day.Month() {
		a.accounts[income].post(bankLine{day: s.unidentified.day, amount: s.unidentified.amount, party: "虚构个体户", partyAccount: "590299990009002", text: "往来款"})
		a.suspense = append(a.suspense, suspense{day: s.unidentified.day, amount: s.unidentified.amount})
	}
	a.crowd.receipts(a, month)
	return nil
}

func (a *agency) receive(employer int, day calendar.Date, amount int64, text string) {
	e := &a.employers[employer]
	a.accounts[income].post(bankLine{day: day, amount: amount, party: e.name, partyAccount: e.account, text: text})
}

// allocate gives money to the oldest demands: to the principal, then to the surcharge on what was paid late. What completes a principal credits the members.
func (a *agency) allocate(employer int, amount int64, paid, effective calendar.Date) error {
	open := a.owed[employer][:0]
	for _, d := range a.owed[employer] {
		principal := min(amount, d.principal)
		due, err := a.surcharge(principal, d.due, paid)
		if err != nil {
			return err
		}
		d.principal, d.surcharge, amount = d.principal-principal, d.surcharge+due, amount-principal
		if principal > 0 {
			d.paid = append(d.paid, instalment{paid, principal})
		}
		if principal > 0 && d.principal == 0 {
			for _, p := range d.parts {
				a.people[p.person].account.post(effective.Month(), p.amount)
			}
		}
		surcharge := min(amount, d.surcharge)
		d.surcharge, amount = d.surcharge-surcharge, amount-surcharge
		if d.principal != 0 || d.surcharge != 0 {
			open = append(open, d)
		}
	}
	a.owed[employer] = open
	if amount != 0 {
		return fmt.Errorf("employer %d paid %s too much", employer+1, amountText(amount))
	}
	return nil
}

func (a *agency) surcharge(principal int64, due, paid calendar.Date) (int64, error) {
	if principal == 0 || paid <= due {
		return 0, nil
	}
	computed, err := collection.ComputeSurcharge(money.Amount(principal), money.MustCurrency("CNY"), due, paid, a.law,
		collection.SurchargePolicy{ToPaidDay: true, Rounding: money.Rounding{Scale: 2, Mode: money.HalfUp}})
	return int64(computed.Amount), err
}
