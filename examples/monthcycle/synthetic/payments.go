package synthetic

import (
	"github.com/fundledger/fundledger/benefits"
	"github.com/fundledger/fundledger/ledger/calendar"
)

// pensions is the run of a month and what the bank debits for it: all who have begun and whose death is not yet known, in the order of members.
func (a *agency) pensions(month calendar.Month) (sum int64) {
	s := &a.stories
	if p := &a.retiree.pension; month >= p.first {
		sum += a.draws(p, month)
	}
	for i := range a.pensioners {
		p := &a.pensioners[i]
		if i == s.returned.pensioner && month == s.returned.righted.Month() { // what came back goes out again, before this month's own
			a.payments++
			p.pay(month, a.payments)
			sum += p.monthly
		}
		stopped := i == s.pensioner.who && month > s.pensioner.day.Month() && month >= s.pensioner.reported.Month()
		if month >= p.first && !stopped {
			sum += a.draws(p, month)
		}
	}
	a.payments += int64(a.crowd.pensioners)
	sum += a.crowd.monthly
	a.accounts[expenditure].post(bankLine{day: dayOf(month, 15), amount: -sum, endToEnd: "PENSION-" + month.String(), party: "养老金批量代发", text: "养老金"})
	return sum
}

// draws is the pension of a month for one of the cast.
func (a *agency) draws(p *pensioner, month calendar.Month) int64 {
	a.payments++
	p.payments[month] = a.payments
	p.pay(month, a.payments)
	return p.monthly
}

// pay takes what the personal account bears of a month's pension: its part, as long as there is something.
func (p *pensioner) pay(month calendar.Month, payment int64) {
	taken := min(p.fromAccount, p.account.balance())
	p.borne[payment] = taken
	p.account.post(month, -taken)
}

// giveBack returns to the personal account what it bore of a payment.
func (p *pensioner) giveBack(month calendar.Month, payment int64) {
	p.account.post(month, p.borne[payment])
}

// returns are the payments that came back, and what heirs return.
func (a *agency) returns(month calendar.Month) {
	s := &a.stories
	if month == s.returned.day.Month() {
		a.comesBack(s.returned.pensioner, s.returned.day, "退汇：账户不存在")
	}
	if month == s.bounced.day.Month() && a.has(BouncedPension) {
		a.comesBack(s.bounced.pensioner, s.bounced.day, "退汇：账户已销户")
	}
	if !a.has(DeathReportedLate) {
		return
	}
	dead := &a.pensioners[s.pensioner.who]
	overpaid := dead.overpaid(s.pensioner.day)
	if month == s.pensioner.reported.Month() { // the pension is stopped, and the account gets back what it bore since the death
		for _, m := range overpaid {
			dead.giveBack(month, dead.payments[m])
			a.expect("B01", m, dead.monthly, "a death was reported late, and pensions went on (deaths.csv)", a.pensionerNo(s.pensioner.who), "month "+m.String())
		}
	}
	first, second := dead.instalments(s.pensioner.day)
	for i, amount := range []int64{first, second} {
		if day := s.repaid[i]; day.Month() == month {
			a.accounts[expenditure].post(bankLine{day: day, amount: amount, endToEnd: "OVERPAID-" + dead.claim, party: "继承人", partyAccount: "590399990009901", text: "退回多发养老金"})
		}
	}
}

// instalments are the two in which the heirs return what was paid after a death, the first not smaller than the second.
func (p *pensioner) instalments(death calendar.Date) (first, second int64) {
	whole := int64(len(p.overpaid(death))) * p.monthly
	return whole - whole/2, whole / 2
}

// overpaid are the months paid for after the month of a death.
func (p *pensioner) overpaid(death calendar.Date) (months []calendar.Month) {
	for m := death.Month().Add(1); m <= lastDay.Month(); m = m.Add(1) {
		if p.payments[m] != 0 {
			months = append(months, m)
		}
	}
	return months
}

func (a *agency) comesBack(who int, day calendar.Date, text string) {
	p := &a.pensioners[who]
	payment := p.payments[day.Month()]
	p.giveBack(day.Month(), payment)
	a.accounts[expenditure].post(bankLine{day: day, amount: p.monthly, endToEnd: benefits.Reference(int64(day.MonthOfYear()), payment), party: p.name, partyAccount: p.payee, text: text})
}

// heirs pays to heirs what is left on personal accounts, with the interest of the year for the months before.
func (a *agency) heirs(month calendar.Month) (sum int64) {
	for i, d := range []*death{&a.stories.worker, &a.stories.pensioner} {
		if d.heirsPaid.Month() != month {
			continue
		}
		held := a.people[a.stories.worker.who].account
		if i == 1 {
			held = a.pensioners[a.stories.pensioner.who].account
		}
		amount := held.balance() + held.interestThrough(month.OfYear()-1, a.rate)
		held.post(month, -held.balance())
		sum += amount
		a.payments++ // it counts with the others
		a.accounts[expenditure].post(bankLine{day: d.heirsPaid, amount: -amount, endToEnd: d.heirs, party: "继承人", partyAccount: "59039999000990" + d.heirs[len(d.heirs)-1:],
			text: "个人账户余额继承"})
	}
	return sum
}
