package ledger

import (
	"context"
	"fmt"
	"strings"

	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
)

// check finds every fault of the fresh drafts. Invariants 1, 5, 6 and 10 of doc.go are held here; Verify proves the same from the records alone.
func (b *batch) check(ctx context.Context) error {
	if b.each {
		return b.checkEach(ctx)
	}
	gross := b.head.gross
	for _, c := range b.fresh {
		if err := b.checkOne(c, &gross); err != nil {
			return err
		}
	}
	if len(b.faults) > 0 {
		return b.faults.err()
	}
	balances, err := b.loweredBalances(ctx)
	if err != nil {
		return err
	}
	for _, c := range b.fresh {
		b.checkLimits(c, balances)
	}
	return b.faults.err()
}

// checkEach is check where each proposal stands for itself: faults are no error, but what has one is dropped, and those behind it are checked as if it had
// never come.
func (b *batch) checkEach(ctx context.Context) error {
	balances, err := b.loweredBalances(ctx)
	if err != nil {
		return err
	}
	gross := b.head.gross
	accepted := b.fresh[:0]
	for _, c := range b.fresh {
		before, faults := gross, len(b.faults)
		if err := b.checkOne(c, &gross); err != nil {
			return err
		}
		if len(b.faults) == faults {
			b.checkLimits(c, balances)
		}
		if len(b.faults) > faults {
			gross = before
		} else {
			accepted = append(accepted, c)
		}
	}
	b.fresh = accepted
	return nil
}

func (b *batch) checkOne(c *candidate, gross *money.Amount) error {
	if c.refuse != nil {
		found, err := c.refuse()
		if err != nil {
			return err
		}
		for _, f := range found {
			if !c.own { // a list of accounts has places of its own
				f.Draft = c.at
			}
		}
		b.faults = append(b.faults, found...)
	}
	if len(c.Lines) == 0 {
		b.checkAct(c)
		return nil
	}
	if b.head.first == 0 {
		b.add(c, ErrLinesRefused, -1, "lines", "a register book takes acts only", "post the entry into a book of a fund")
		return nil // it has neither periods nor accounts, which would be reported besides
	}
	b.checkPeriod(c)
	known := b.checkLines(c)
	b.checkSize(c, gross)
	if known { // whether a voucher is due, and what is missing in which section, is not known before every account is
		b.checkVoucher(c)
		b.checkBalance(c)
	}
	return nil
}

func (b *batch) checkAct(c *candidate) {
	if c.Period != 0 {
		b.add(c, ErrPeriodMismatch, -1, "period", "an act belongs to no period", "leave it out")
	}
	if c.Voucher != "" {
		b.add(c, ErrVoucherRefused, -1, "voucher", "an act takes no voucher", "leave it out")
	}
}

func (b *batch) checkPeriod(c *candidate) {
	if !c.Period.Contains(c.Effective) {
		b.add(c, ErrPeriodMismatch, -1, "effective date", fmt.Sprintf("%v lies outside period %v", c.Effective, c.Period),
			"correct the date, or the period; period 13 holds 31 December only")
	}
	switch {
	case c.Period < b.head.first:
		b.add(c, ErrPeriodBeforeBook, -1, "period", fmt.Sprintf("%v, the book begins with %v", c.Period, b.head.first), "enter it as an opening balance")
	case c.Period <= b.head.closedThrough:
		b.add(c, ErrPeriodClosed, -1, "period", fmt.Sprintf("%v, closed through %v", c.Period, b.head.closedThrough),
			fmt.Sprintf("post into %v or later, or have the period reopened", b.head.closedThrough.Next()))
	}
}

// checkLines reports whether the book has every account.
func (b *batch) checkLines(c *candidate) bool {
	known := true
	for i, line := range c.Lines {
		account := b.account(line)
		if account == nil {
			name := line.Code
			if line.Account != 0 {
				name = fmt.Sprintf("number %d", line.Account)
			}
			b.add(c, ErrAccountUnknown, i, "account "+clipped(name), "not in the book", "open it with OpenAccounts, or correct it")
			known = false
			continue
		}
		name := "account " + account.Code
		if account.Class == Heading || account.Class == Control {
			b.add(c, ErrAccountClass, i, name, "a "+account.Class.String()+" takes no lines", "post to an account below it")
		}
		if account.Closed != 0 {
			b.add(c, ErrAccountClosed, i, name, "closed since "+account.Closed.String(), "post to another account")
		} else if c.Effective < account.Opened {
			b.add(c, ErrAccountClosed, i, name, fmt.Sprintf("opened on %v, after %v", account.Opened, c.Effective), "post at a later date")
		}
	}
	return known
}

// checkSize keeps the book's gross turnover within the range of an amount. As long as it is, no sum of any of its lines can overflow.
func (b *batch) checkSize(c *candidate, gross *money.Amount) {
	for i, amount := range c.lines.Amounts {
		size, err := c.size.Add(money.Amount(amount).Abs())
		if err != nil {
			b.add(c, ErrOverflow, i, "amount", "the sizes of the lines add up to more than an amount can hold", "split the entry")
			c.size = 0
			return
		}
		c.size = size
	}
	total, err := gross.Add(c.size)
	if err != nil {
		b.add(c, ErrOverflow, -1, "amount", fmt.Sprintf("the book's turnover %s + %s leaves the range of an amount",
			b.head.currency.Format(*gross), b.head.currency.Format(c.size)), "open a successor book")
		return
	}
	*gross = total
}

func (b *batch) checkVoucher(c *candidate) {
	if c.Voucher != "" && !c.general {
		b.add(c, ErrVoucherRefused, -1, "voucher", "every line is in the memorandum section", "leave the voucher type out")
	}
}

func (b *batch) checkBalance(c *candidate) {
	if c.size == 0 {
		return // over-sized, reported above
	}
	for section := General; section <= Memorandum; section++ {
		debit, credit, lines := b.totals(c, section)
		if debit == credit {
			continue
		}
		// The sizes fit one amount, so their difference does.
		b.add(c, ErrUnbalanced, -1, "", fmt.Sprintf("%s debits %s − credits %s = %s %s (%s)", section, b.head.currency.Format(debit),
			b.head.currency.Format(credit), b.head.currency.Format(debit-credit), b.head.currency, listed(lines)), "add the missing line or correct an amount")
	}
}

func (b *batch) totals(c *candidate, section Section) (debit, credit money.Amount, lines []int) {
	for i := range c.Lines {
		account := b.account(c.Lines[i])
		if account == nil || account.Section != section {
			continue
		}
		lines = append(lines, i+1)
		if c.Lines[i].Side == Debit {
			debit += c.Lines[i].Amount
		} else {
			credit += c.Lines[i].Amount
		}
	}
	return debit, credit, lines
}

// listed names lines by their places.
func listed(lines []int) string {
	const most = 8
	if len(lines) == 1 {
		return fmt.Sprintf("line %d", lines[0])
	}
	if len(lines) > most {
		return fmt.Sprintf("lines %d to %d, %d of them", lines[0], lines[len(lines)-1], len(lines))
	}
	text := fmt.Sprint(lines)
	return "lines " + strings.ReplaceAll(text[1:len(text)-1], " ", ", ")
}

// loweredBalances returns the balances of the limited accounts that the batch lowers.
func (b *batch) loweredBalances(ctx context.Context) (map[AccountNo]money.Amount, error) {
	lowered := map[AccountNo]bool{}
	for _, c := range b.fresh {
		for i, no := range c.lines.Accounts {
			account := b.accounts[AccountNo(no)]
			if account != nil && account.NeverBelowZero && onNormalSide(account, c.lines.Sides[i], c.lines.Amounts[i]) < 0 {
				lowered[account.No] = true
			}
		}
	}
	if len(lowered) == 0 {
		return nil, nil
	}
	balances, err := b.ledger.currentBalances(ctx, b.tx, b.head, b.accounts, lowered)
	if err != nil {
		return nil, err
	}
	for no := range lowered { // those without lines too: what is in the map is watched
		balances[no] += 0
	}
	return balances, nil
}

// checkLimits carries an entry's lines into the balances, and takes them back when one of the accounts would be below zero.
func (b *batch) checkLimits(c *candidate, balances map[AccountNo]money.Amount) {
	if len(balances) == 0 {
		return
	}
	touched := map[AccountNo]int{}
	for i, no := range c.lines.Accounts {
		if before, watched := balances[AccountNo(no)]; watched {
			balances[AccountNo(no)] = before + onNormalSide(b.accounts[AccountNo(no)], c.lines.Sides[i], c.lines.Amounts[i])
			touched[AccountNo(no)] = i
		}
	}
	faults := len(b.faults)
	for no, line := range touched {
		if after := balances[no]; after < 0 {
			b.add(c, ErrBelowZero, line, "account "+b.accounts[no].Code,
				fmt.Sprintf("would stand at %s %s on its %s side", b.head.currency.Format(after), b.head.currency, b.accounts[no].Type.Normal()),
				"lower the amount, or raise the account first")
		}
	}
	if b.each && len(b.faults) > faults {
		for i, no := range c.lines.Accounts {
			if before, watched := balances[AccountNo(no)]; watched {
				balances[AccountNo(no)] = before - onNormalSide(b.accounts[AccountNo(no)], c.lines.Sides[i], c.lines.Amounts[i])
			}
		}
	}
}

// onNormalSide returns a line's amount as it counts towards the account's normal balance.
func onNormalSide(account *Account, side int16, amount int64) money.Amount {
	if Side(side) == account.Type.Normal() {
		return money.Amount(amount)
	}
	return -money.Amount(amount)
}

// balanced is the second place of invariant 1: what is about to be written adds up to zero in each section, whatever check believed.
func (b *batch) balanced(lines *seal.Lines) bool {
	var sums [Memorandum + 1]int64
	for i, no := range lines.Accounts {
		sums[b.accounts[AccountNo(no)].Section] += int64(lines.Sides[i]) * lines.Amounts[i]
	}
	return sums[General] == 0 && sums[Memorandum] == 0
}
