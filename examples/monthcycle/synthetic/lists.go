package synthetic

import (
	"fmt"
	"slices"

	"github.com/fundledger/fundledger/ledger/calendar"
)

// lists are rows that are known when the year is over.
type lists struct {
	identified, mislaid [][]string
}

// begin writes who and what there was at the beginning, and the changes of enrolments.
func (a *agency) begin() error {
	if err := a.writeFixed(); err != nil {
		return err
	}
	t, err := a.newTable("employers.csv", "credit_code", "name", "account", "registered")
	if err != nil {
		return err
	}
	for _, e := range a.employers {
		t.row(e.code, e.name, e.account, "2025-01-01")
	}
	if err := t.close(nil); err != nil {
		return err
	}
	if err := a.writeMembers(); err != nil {
		return err
	}
	if err := a.writeEnrolments(); err != nil {
		return err
	}
	total := amountText(a.accounts[fiscal].opening + a.accounts[expenditure].opening)
	return a.writeRows("opening_balances.csv", [][]string{{"role", "amount"}, {"fiscal_account", amountText(a.accounts[fiscal].opening)},
		{"expenditure_account", amountText(a.accounts[expenditure].opening)}, {"general_balance", total}})
}

// writeMembers writes members, what stood on their accounts, and claims: the cast first, so that its numbers do not depend on how many follow.
func (a *agency) writeMembers() error {
	members, err := a.newTable("members.csv", "identity_number", "name", "class", "payee_account")
	if err != nil {
		return err
	}
	opening, err := a.newTable("opening_rights.csv", "identity_number", "amount")
	if err != nil {
		return members.close(err)
	}
	claims, err := a.newTable("claims.csv", "claim", "identity_number", "place", "retired", "ground", "first_month", "base", "average_index", "months_total", "months_before",
		"coefficient_pct", "divisor_months", "account_balance", "extra", "extra_amount", "published")
	if err != nil {
		return opening.close(members.close(err))
	}
	add := func(number, name, class, payee string, amount int64) {
		members.row(number, name, class, payee)
		if amount > 0 {
			opening.row(number, amountText(amount))
		}
	}
	for i, p := range a.people {
		payee := ""
		if i == a.retiree.person {
			payee = a.retiree.pension.payee
		}
		add(p.number, p.name, p.class, payee, p.account.opening)
	}
	for i := range a.pensioners {
		p := &a.pensioners[i]
		add(p.number, p.name, p.class, p.payee, p.account.opening)
		claims.row(p.row()...)
	}
	a.retiree.pension.claim = fmt.Sprintf("C%02d", len(a.pensioners)+1)
	claims.row(a.retiree.claim()...)
	err = a.crowd.write(a, add, claims)
	return claims.close(opening.close(members.close(err)))
}

// write adds the crowd to the lists of members and claims, and sums up the pensions.
func (c *crowd) write(a *agency, add func(number, name, class, payee string, amount int64), claims *table) error {
	for i := range c.contributors {
		if i%100_000 == 0 && a.ctx.Err() != nil {
			return a.ctx.Err()
		}
		m := c.member(i)
		add(m.number, m.name, m.class, "", m.opening)
	}
	for i := range c.pensioners {
		if i%10_000 == 0 && a.ctx.Err() != nil {
			return a.ctx.Err()
		}
		p, paidOut := c.pensioner(i)
		determined, err := c.formula.Determine(p.inputs())
		if err != nil {
			return err
		}
		c.monthly += minor(determined.Total)
		add(p.number, p.name, p.class, p.payee, minor(p.inputs().AccountBalance.Decimal)-paidOut)
		claims.row(p.row()...)
	}
	return nil
}

// writeEnrolments writes enrolments and their ends by days.
func (a *agency) writeEnrolments() error {
	t, err := a.newTable("enrolments.csv", "day", "action", "identity_number", "scheme", "credit_code", "month", "admit")
	if err != nil {
		return err
	}
	row := func(month calendar.Month, action, number, scheme, code, admit string) {
		t.row(month.First().String(), action, number, scheme, code, month.String(), admit)
	}
	const own = "enterprise_pension"
	twice := a.stories.twice
	for i := range 12 {
		month := firstMonth.Add(i)
		for k, p := range a.people {
			code := a.employers[p.employer].code
			if p.from == month {
				row(month, "enrol", p.number, own, code, "")
			}
			if p.left == month {
				row(month, "terminate", p.number, own, code, "")
			}
			if k == twice.person && a.has(DuplicateEnrolment) {
				if twice.from == month {
					row(month, "enrol", p.number, "resident_pension", "", "overlap")
				}
				if twice.to == month {
					row(month, "terminate", p.number, "resident_pension", "", "")
				}
			}
		}
		for e := range a.crowd.due {
			code := a.employers[castEmployers+e].code
			for k := a.crowd.first[e]; k < a.crowd.first[e+1]; k++ {
				m := a.crowd.member(k)
				if m.from == month {
					row(month, "enrol", m.number, own, code, "")
				}
				if m.left == month {
					row(month, "terminate", m.number, own, code, "")
				}
			}
		}
	}
	return t.close(a.ctx.Err())
}

// end writes what became known in the year, and what an audit must find.
func (a *agency) end() error {
	s := &a.stories
	deaths := [][]string{}
	for i, d := range []*death{&s.worker, &s.pensioner} {
		number := a.people[s.worker.who].number
		if i == 1 {
			number = a.pensioners[s.pensioner.who].number
		}
		deaths = append(deaths, []string{number, d.day.String(), d.reported.String(), d.heirsPaid.String()})
	}
	if s.pensioner.heirs < s.worker.heirs {
		slices.Reverse(deaths)
	}
	terms := [][]string{{"day", "claim", "instalment", "first_due", "monthly_offset"}}
	if a.has(DeathReportedLate) {
		p := &a.pensioners[s.pensioner.who]
		first, _ := p.instalments(s.pensioner.day)
		terms = append(terms, []string{s.agreed.String(), p.claim, amountText(first), s.repaid[0].Month().String(), "0.00"})
	}
	righted := &a.pensioners[s.returned.pensioner]
	a.expectAtEnd()
	for name, rows := range map[string][][]string{
		"deaths.csv":         append([][]string{{"identity_number", "day", "reported", "heirs_paid"}}, deaths...),
		"payee_changes.csv":  {{"day", "identity_number", "account"}, {s.returned.righted.String(), righted.number, righted.payee[:8] + "9" + righted.payee[9:]}},
		"refunds.csv":        {{"day", "credit_code", "month", "identity_number", "reason"}, s.refund.row(a)},
		"recovery_terms.csv": terms,
		"prior_service.csv":  {{"identity_number", "months", "index_sum", "months_before", "before_index", "until", "reference"}, a.retiree.service()},
		"identified.csv":     append([][]string{{"bank_reference", "day", "credit_code"}}, a.known.identified...),
		"mislaid.csv":        append([][]string{{"bank_reference", "account", "why"}}, a.known.mislaid...),
	} {
		if err := a.writeRows(name, rows); err != nil {
			return err
		}
	}
	return a.writeExpected()
}
