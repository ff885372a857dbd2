package synthetic

import (
	"fmt"

	"github.com/fundledger/fundledger/ledger/calendar"
)

const agencyName = "虚构市社会保险基金管理中心"

// The accounts of money, in the order of agency.accounts.
const (
	income = iota
	fiscal
	expenditure
)

// month makes the declaration, the money and the three statements of a month.
func (a *agency) month(month calendar.Month) error {
	if err := a.ctx.Err(); err != nil {
		return err
	}
	if err := a.retire(month); err != nil {
		return err
	}
	if err := a.assess(month); err != nil {
		return err
	}
	if err := a.receipts(month); err != nil {
		return err
	}
	outlay := a.pensions(month)
	a.returns(month)
	outlay += a.heirs(month) + a.refund(month)
	a.fund(month, outlay)
	a.interest(month)
	a.sweep(month)
	for i := range a.accounts {
		lines, opening := a.accounts[i].close()
		if err := a.statement(&a.accounts[i], month, opening, lines); err != nil {
			return err
		}
		a.note(&a.accounts[i], lines)
	}
	return nil
}

// fund moves what the month needs from the fiscal to the expenditure account, rounded up.
func (a *agency) fund(month calendar.Month, outlay int64) {
	funding, day := outlay/10_000_00*10_000_00+10_000_00, dayOf(month, 8)
	name := fmt.Sprintf("FUND-%06d", month)
	a.accounts[fiscal].post(bankLine{day: day, amount: -funding, endToEnd: name, party: agencyName, partyAccount: a.accounts[expenditure].number, text: "拨付支出户"})
	a.accounts[expenditure].post(bankLine{day: day, amount: funding, endToEnd: name, party: "虚构市财政局", partyAccount: a.accounts[fiscal].number, text: "财政拨款"})
}

const interestText = "结息"

// interest is paid by the bank for each quarter: 0.35 % a year on what stands there.
func (a *agency) interest(month calendar.Month) {
	if month.OfYear()%3 != 0 {
		return
	}
	day := dayOf(month, 21)
	for i := range a.accounts {
		if amount := halfUp(a.accounts[i].balanceBefore(day), 35, 4*100_00); amount > 0 {
			a.accounts[i].post(bankLine{day: day, amount: amount, text: interestText})
		}
	}
}

// sweep empties the income account.
func (a *agency) sweep(month calendar.Month) {
	day, name := dayOf(month, 28), fmt.Sprintf("SWEEP-%06d", month)
	amount := a.accounts[income].balanceBefore(day)
	a.accounts[income].post(bankLine{day: day, amount: -amount, endToEnd: name, party: "虚构市财政局", partyAccount: a.accounts[fiscal].number, text: "归集"})
	a.accounts[fiscal].post(bankLine{day: day, amount: amount, endToEnd: name, party: agencyName, partyAccount: a.accounts[income].number, text: "收入户归集"})
}

// note remembers the lines that lists and findings name by the bank's references.
func (a *agency) note(b *bankAccount, lines []bankLine) {
	s := &a.stories
	for _, line := range lines {
		switch {
		case line.text == onBehalfText:
			a.known.identified = append(a.known.identified, []string{line.reference, s.onBehalf.identified.String(), a.employers[s.onBehalf.employer].code})
		case line.text == interestText && b.name == s.mislaid.account && line.day.Month() == s.mislaid.month && a.has(MislaidBankLine):
			a.known.mislaid = append(a.known.mislaid, []string{line.reference, b.name, "the bank's advice of interest never reached the accountant"})
			a.expect("L10", line.day.Month(), line.amount, "the interest of a quarter never reached the books (mislaid.csv)", "bank account "+b.name, "item "+line.reference)
		}
	}
}
