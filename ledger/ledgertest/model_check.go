package ledgertest

import (
	"math"
	"math/big"
	"slices"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/money"
)

// stateRefusals are the reasons why the book as it stands takes one of the fresh requests not.
func (b *modelBook) stateRefusals(requests []*request, fresh []int) []Refusal {
	var all []Refusal
	gross := b.gross()
	for _, i := range fresh {
		r := requests[i]
		add := func(line int, code ledger.Code) {
			all = append(all, Refusal{Draft: r.place(i), Code: code, Line: line})
		}
		if r.refuse != nil {
			for _, refusal := range r.refuse() {
				if !r.own {
					refusal.Draft = i
				}
				all = append(all, refusal)
			}
		}
		if len(r.draft.Lines) == 0 {
			if r.draft.Period != 0 {
				add(-1, ledger.ErrPeriodMismatch)
			}
			if r.draft.Voucher != "" {
				add(-1, ledger.ErrVoucherRefused)
			}
			continue
		}
		if b.book.ID.Number == 0 {
			add(-1, ledger.ErrLinesRefused)
			continue
		}
		for _, code := range b.periodCodes(&r.draft) {
			add(-1, code)
		}
		b.lineRefusals(&r.draft, add)
		known := !slices.ContainsFunc(r.draft.Lines, func(line ledger.Line) bool { return b.account(line) == nil })
		if known && r.draft.Voucher != "" && !b.anyGeneral(r.draft.Lines) {
			add(-1, ledger.ErrVoucherRefused)
		}
		if b.sizeRefusals(&r.draft, gross, add) && known {
			for _, section := range []ledger.Section{ledger.General, ledger.Memorandum} {
				if b.sectionSum(&r.draft, section) != 0 {
					add(-1, ledger.ErrUnbalanced)
				}
			}
		}
	}
	return all
}

func (b *modelBook) periodCodes(d *ledger.Draft) (codes []ledger.Code) {
	if d.Period.IsClosing() {
		if d.Effective.Year() != d.Period.Year() || d.Effective.MonthOfYear() != 12 || d.Effective.Day() != 31 {
			codes = append(codes, ledger.ErrPeriodMismatch)
		}
	} else if d.Effective.Year() != d.Period.Year() || d.Effective.MonthOfYear() != d.Period.Number() {
		codes = append(codes, ledger.ErrPeriodMismatch)
	}
	if d.Period < b.book.First {
		codes = append(codes, ledger.ErrPeriodBeforeBook)
	} else if d.Period <= b.book.ClosedThrough {
		codes = append(codes, ledger.ErrPeriodClosed)
	}
	return codes
}

func (b *modelBook) lineRefusals(d *ledger.Draft, add func(int, ledger.Code)) {
	for i, line := range d.Lines {
		account := b.account(line)
		if account == nil {
			add(i, ledger.ErrAccountUnknown)
			continue
		}
		if account.Class == ledger.Heading || account.Class == ledger.Control {
			add(i, ledger.ErrAccountClass)
		}
		if account.Closed != 0 || d.Effective < account.Opened {
			add(i, ledger.ErrAccountClosed)
		}
	}
}

var maxAmount = big.NewInt(math.MaxInt64)

// gross is the sum of the sizes of all lines.
func (b *modelBook) gross() *big.Int {
	sum := new(big.Int)
	for _, e := range b.entries {
		sum.Add(sum, sizeOf(e.Lines))
	}
	return sum
}

func sizeOf(lines []ledger.Line) *big.Int {
	sum := new(big.Int)
	for _, line := range lines {
		sum.Add(sum, new(big.Int).Abs(big.NewInt(int64(line.Amount))))
	}
	return sum
}

// sizeRefusals adds the draft to gross, or refuses it where one of the sums does not fit an amount. It reports whether the draft's own fits.
func (b *modelBook) sizeRefusals(d *ledger.Draft, gross *big.Int, add func(int, ledger.Code)) bool {
	for i := range d.Lines {
		if sizeOf(d.Lines[:i+1]).Cmp(maxAmount) > 0 {
			add(i, ledger.ErrOverflow)
			return false
		}
	}
	total := new(big.Int).Add(gross, sizeOf(d.Lines))
	if total.Cmp(maxAmount) > 0 {
		add(-1, ledger.ErrOverflow)
		return true
	}
	gross.Set(total)
	return true
}

// sectionSum is debit less credit of a draft's lines in a section.
func (b *modelBook) sectionSum(d *ledger.Draft, section ledger.Section) money.Amount {
	var sum money.Amount
	for _, line := range d.Lines {
		if account := b.account(line); account != nil && account.Section == section {
			sum += line.Amount * money.Amount(line.Side)
		}
	}
	return sum
}

// limitRefusals goes through the fresh requests entry by entry: after each, no limited account that it touches may be below zero.
func (b *modelBook) limitRefusals(requests []*request, fresh []int) []Refusal {
	var all []Refusal
	after := map[ledger.AccountNo]money.Amount{}
	for _, a := range b.accounts {
		balance := b.balance(a, ledger.At{})
		after[a.No] = balance.On(a.Type.Normal())
	}
	for _, i := range fresh {
		lines := requests[i].draft.Lines
		last := map[ledger.AccountNo]int{}
		for at, line := range lines {
			after[line.Account] += line.Amount * money.Amount(line.Side) * money.Amount(b.accounts[line.Account-1].Type.Normal())
			last[line.Account] = at
		}
		for no, at := range last {
			if b.accounts[no-1].NeverBelowZero && after[no] < 0 {
				all = append(all, Refusal{Draft: requests[i].place(i), Code: ledger.ErrBelowZero, Line: at})
			}
		}
	}
	return all
}
