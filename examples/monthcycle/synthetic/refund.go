package synthetic

import "github.com/fundledger/fundledger/ledger/calendar"

// refund is the story of a member whom his employer declared for a month in error: both parts go back to the employer later in the year, and his own part is taken
// off his account.
type refund struct {
	person        int
	month         calendar.Month // declared in error
	day           calendar.Date
	employer, own int64
}

func (a *agency) drawRefund(d *draw, employer int) {
	r := &a.stories.refund
	r.person = a.someone(d, employer)
	a.people[r.person].part = true
	r.month = firstMonth.Add(d.between(1, 10) - 1)
	r.day = dayOf(r.month.Add(d.between(1, lastDay.Month().Sub(r.month))), d.between(11, 26))
}

// contributed notes what was paid for the month.
func (r *refund) contributed(person int, month calendar.Month, employer, own int64) {
	if person == r.person && month == r.month {
		r.employer, r.own = employer, own
	}
}

// refund pays it back in the month in which it is due.
func (a *agency) refund(month calendar.Month) int64 {
	r := &a.stories.refund
	if month != r.day.Month() {
		return 0
	}
	p := a.people[r.person]
	p.account.post(month, -r.own)
	e := &a.employers[p.employer]
	a.accounts[expenditure].post(bankLine{day: r.day, amount: -r.employer - r.own, endToEnd: "REFUND-01", party: e.name, partyAccount: e.account, text: "退还误缴养老保险费"})
	return r.employer + r.own
}

// row is the row of refunds.csv.
func (r *refund) row(a *agency) []string {
	p := a.people[r.person]
	return []string{r.day.String(), a.employers[p.employer].code, r.month.String(), p.number, "停薪留职期间误报"}
}
