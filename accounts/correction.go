package accounts

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// returnRule says what event a return of money is, by the years of the original and of the return.
type returnRule struct {
	Position
	ID          string   `yaml:"id,required"`
	ZH          string   `yaml:"zh,required"`
	EN          string   `yaml:"en,required"`
	Funds       []FundID `yaml:"funds,required"`
	Level       Level    `yaml:"level"`
	Validity    `yaml:",inline"`
	SameYear    string `yaml:"same_year,required"`
	EarlierYear string `yaml:"earlier_year,required"`
	Source      string `yaml:"source,required"`
	Note        string `yaml:"note"`
}

// ReturnKind is a way in which money goes back (款项退回).
type ReturnKind string

// The kinds.
const (
	PremiumRefund         ReturnKind = "premium_refund"          // 退还社会保险费
	BenefitReturned       ReturnKind = "benefit_returned"        // 待遇被退回
	BenefitRecovered      ReturnKind = "benefit_recovered"       // 收回多付待遇
	TransferInSentBack    ReturnKind = "transfer_in_sent_back"   // 退回转移收入
	TransferOutComesBack  ReturnKind = "transfer_out_comes_back" // 转移支出被退回
	MajorIllnessSurplus   ReturnKind = "major_illness_surplus"   // 大病保险盈余返还
	AnnuityRefundHeld     ReturnKind = "annuity_refund_held"     // 退还职业年金缴费, money still in the own collection account
	AnnuityRefundInvested ReturnKind = "annuity_refund_invested" // 退还职业年金缴费, money already with the trustee
	AnnuityRecovered      ReturnKind = "annuity_recovered"       // 收回职业年金待遇或转移支出
)

// ReturnEvent chooses the event of a return: the calendar year of the original income or expenditure is compared with the year in which the money moves. That a
// month was closed in between does not matter. It returns an *Error when the book has no such return, or moved is before original.
func (b *BookChart) ReturnEvent(kind ReturnKind, original, moved calendar.Date) (event string, err error) {
	if !original.Valid() || !moved.Valid() || moved < original {
		return "", b.fail(CodeNotForBook, string(kind), fmt.Sprintf("moves money on %s for an original of %s", moved, original), "give real dates in their order")
	}
	for _, r := range b.chart.returns {
		if r.ID == string(kind) && slices.Contains(r.Funds, b.Fund) && r.Level.Met(b.Conditions) && r.Holds(moved) {
			if original.Year() == moved.Year() {
				return r.SameYear, nil
			}
			return r.EarlierYear, nil
		}
	}
	return "", b.fail(CodeNotForBook, string(kind), "is no return of this book", "its fund, level or validity does not fit")
}

// Red returns the red-letter copy of lines (红字冲销): the same accounts and sides with the signs turned.
func Red(lines []Line) []Line {
	out := slices.Clone(lines)
	for i := range out {
		out[i].Amount = -out[i].Amount
	}
	return out
}

// Correction is how a wrong voucher without movement of money is put right (错账更正): one or two further vouchers.
type Correction struct {
	Cancel []Line // full red copy "注销某月某日某号凭证"; empty where one voucher is enough
	Right  []Line // the right voucher, or the difference in blue (up) and red (down)
}

// Correct puts a wrong voucher right, as BAS 51(五) has it. Found in the year of the voucher: a full red copy and the right voucher, or, if only amounts are wrong,
// one voucher of the differences. Found in a later year: one blue voucher of the current year; it returns an *Error if that would touch income or expenditure,
// for which the standard gives no prior-year account.
func (b *BookChart) Correct(wrong, right []Line, booked, found calendar.Date) (Correction, error) {
	if found < booked {
		return Correction{}, b.fail(CodeNotRegulated, found.String(), "is before the voucher of "+booked.String(), "give the dates in their order")
	}
	if found.Year() == booked.Year() {
		if difference, ok, err := differenceVoucher(wrong, right); ok || err != nil {
			return Correction{Right: difference}, err
		}
		return Correction{Cancel: Red(wrong), Right: right}, nil
	}
	net, order, err := netOf(right, wrong)
	if err != nil {
		return Correction{}, b.overflow("correction", err)
	}
	var lines []Line
	for _, id := range order {
		a := b.chart.account(id)
		switch {
		case net[id] == 0:
		case a == nil || a.Section != General || a.Type == Income || a.Type == Expense:
			return Correction{}, b.fail(CodeNotRegulated, id, "is income or expenditure of an earlier year", "the standard gives no prior-year account: ask the fiscal department")
		case net[id] > 0:
			lines = append(lines, Line{AccountID: id, Side: Debit, Amount: net[id]})
		default:
			lines = append(lines, Line{AccountID: id, Side: Credit, Amount: -net[id]})
		}
	}
	return Correction{Right: lines}, nil
}

// differenceVoucher returns the differences of two vouchers that have the same accounts and sides in the same order.
func differenceVoucher(wrong, right []Line) (lines []Line, ok bool, err error) {
	if len(wrong) != len(right) {
		return nil, false, nil
	}
	for i := range right {
		if wrong[i].AccountID != right[i].AccountID || wrong[i].Side != right[i].Side {
			return nil, false, nil
		}
		amount, err := right[i].Amount.Sub(wrong[i].Amount)
		if err != nil {
			return nil, false, err
		}
		if amount != 0 {
			lines = append(lines, Line{AccountID: right[i].AccountID, Side: right[i].Side, Amount: amount, Meaning: right[i].Meaning})
		}
	}
	return lines, true, nil
}

// netOf returns debits less credits by account of plus less minus, with the accounts in their order of coming.
func netOf(plus, minus []Line) (net map[string]money.Amount, order []string, err error) {
	net = map[string]money.Amount{}
	for _, x := range slices.Concat(plus, Red(minus)) {
		if !slices.Contains(order, x.AccountID) {
			order = append(order, x.AccountID)
		}
		amount := x.Amount
		if x.Side == Credit {
			amount = -amount
		}
		if net[x.AccountID], err = net[x.AccountID].Add(amount); err != nil {
			return nil, nil, err
		}
	}
	return net, order, nil
}

// MustBeRed reports whether a correction or return within the year must be written in red on the account's original side, because the statement row reads that
// side only.
func (c *Chart) MustBeRed(id string) bool {
	return slices.ContainsFunc(c.redLetter, func(above string) bool { return c.Below(id, above) })
}

// Movement is what an account moved in a period, closing entries left out.
type Movement struct {
	AccountID     string
	Debit, Credit money.Amount // signed within the side
}

// Closing is the entry of event E23 (期末结转), in its two vouchers.
type Closing struct {
	Income      []Line // incomes to net assets (收入结转)
	Expenditure []Line // expenditures to net assets (支出结转)
}

// Close makes the closing entries of a period from the movement of its income and expense accounts; other accounts are passed over. Each target gets one line a
// voucher. A net loss of income or a net return of expenditure closes on the other side. At the end of a year it returns an *Error when money is still unsplit in
// 待转社会保险费收入 or 待转利息收入, whose balance here is the movement of the whole year so far.
func (b *BookChart) Close(movements []Movement, yearEnd bool) (Closing, error) {
	var c Closing
	targets := map[AccountType]map[string]money.Amount{Income: {}, Expense: {}}
	moved := slices.Clone(movements)
	slices.SortStableFunc(moved, func(x, y Movement) int { return cmp.Compare(b.treePlace(x.AccountID), b.treePlace(y.AccountID)) })
	for _, m := range moved {
		a := b.chart.account(m.AccountID)
		if a == nil {
			return Closing{}, b.fail(CodeUnknownAccount, m.AccountID, "is no account of the chart", "name an account by its id")
		}
		net, err := m.Credit.Sub(m.Debit)
		if err != nil {
			return Closing{}, b.overflow(m.AccountID, err)
		}
		if a.Section != General || (a.Type != Income && a.Type != Expense) || net == 0 {
			continue
		}
		target, err := b.target(a, net, yearEnd)
		if err != nil {
			return Closing{}, err
		}
		if target == "" {
			continue
		}
		side, amount := Debit, net // closing an income takes it off by a debit
		if net < 0 {
			side, amount = Credit, -net
		}
		line := Line{AccountID: m.AccountID, Side: side, Amount: amount}
		if a.Type == Income {
			c.Income = append(c.Income, line)
		} else {
			c.Expenditure = append(c.Expenditure, line)
		}
		if targets[a.Type][target], err = targets[a.Type][target].Add(net); err != nil {
			return Closing{}, b.overflow(target, err)
		}
	}
	c.Income = append(c.Income, b.targetLines(targets[Income])...)
	c.Expenditure = append(b.targetLines(targets[Expense]), c.Expenditure...)
	return c, nil
}

// target returns the postable net-assets account that takes the result of an account, or "" for unsplit money during the year.
func (b *BookChart) target(a *Account, net money.Amount, yearEnd bool) (string, error) {
	id := a.closingTarget(b.Fund)
	if id == "" {
		if yearEnd {
			return "", b.fail(CodeUnsplit, a.ID, fmt.Sprintf("still holds %d minor units at the end of the year", net),
				"split it by the ratio of experience first (E29c, E30b)")
		}
		return "", nil
	}
	return b.Postable(id)
}

// targetLines writes one line for every target: credit for a surplus, debit for a deficit.
func (b *BookChart) targetLines(nets map[string]money.Amount) []Line {
	var lines []Line
	for id, net := range nets {
		switch {
		case net > 0:
			lines = append(lines, Line{AccountID: id, Side: Credit, Amount: net})
		case net < 0:
			lines = append(lines, Line{AccountID: id, Side: Debit, Amount: -net})
		}
	}
	slices.SortFunc(lines, func(x, y Line) int {
		return cmp.Or(cmp.Compare(b.treePlace(x.AccountID), b.treePlace(y.AccountID)), strings.Compare(x.AccountID, y.AccountID))
	})
	return lines
}

// treePlace orders accounts as the book's chart does; accounts that the book no longer has come last.
func (b *BookChart) treePlace(id string) int {
	if place, ok := b.place[id]; ok {
		return place
	}
	return len(b.accounts)
}

// ClosingTarget returns the account that takes the movement of an income or expense account at closing, or "" for other accounts and for money not yet split.
func (c *Chart) ClosingTarget(fund FundID, id string) string {
	if a := c.account(id); a != nil {
		return a.closingTarget(fund)
	}
	return ""
}
