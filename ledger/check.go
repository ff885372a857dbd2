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
	gross := b.head.gross
	for _, c := range b.fresh {
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
			continue
		}
		if b.head.first == 0 {
			b.add(c, ErrLinesRefused, -1, "lines", "a register book takes acts only", "post the entry into a book of a fund")
			continue // it has neither periods nor accounts, which would be reported besides
		}
		b.checkPeriod(c)
		known := b.checkLines(c)
		b.checkSize(c, &gross)
		if known { // whether a voucher is due, and what is missing in which section, is not known before every account is
			b.checkVoucher(c)
			b.checkBalance(c)
		}
	}
	if len(b.faults) > 0 {
		return b.faults.err()
	}
	if err := b.checkLimits(ctx); err != nil {
		return err
	}
	return b.faults.err()
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

// checkLimits walks the batch entry by entry over the balances of the limited accounts that it lowers.
func (b *batch) checkLimits(ctx context.Context) error {
	lowered := map[AccountNo]bool{}
	for _, c := range b.fresh {
		for i, no := range c.lines.Accounts {
			account := b.accounts[AccountNo(no)]
			if account.NeverBelowZero && onNormalSide(account, c.lines.Sides[i], c.lines.Amounts[i]) < 0 {
				lowered[account.No] = true
			}
		}
	}
	if len(lowered) == 0 {
		return nil
	}
	balances, err := b.ledger.currentBalances(ctx, b.tx, b.head, b.accounts, lowered)
	if err != nil {
		return err
	}
	for _, c := range b.fresh {
		touched := map[AccountNo]int{}
		for i, no := range c.lines.Accounts {
			if lowered[AccountNo(no)] {
				balances[AccountNo(no)] += onNormalSide(b.accounts[AccountNo(no)], c.lines.Sides[i], c.lines.Amounts[i])
				touched[AccountNo(no)] = i
			}
		}
		for no, line := range touched {
			if after := balances[no]; after < 0 {
				b.add(c, ErrBelowZero, line, "account "+b.accounts[no].Code,
					fmt.Sprintf("would stand at %s %s on its %s side", b.head.currency.Format(after), b.head.currency, b.accounts[no].Type.Normal()),
					"lower the amount, or raise the account first")
			}
		}
	}
	return nil
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
