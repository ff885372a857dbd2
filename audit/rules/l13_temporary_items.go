package rules

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// L13TemporaryItems finds temporary payments and receipts that were not settled for longer than the months set.
func L13TemporaryItems() audit.Rule {
	return audit.Rule{
		ID: "L13", Version: 1, Kind: audit.Heuristic, Severity: audit.Medium,
		Title: audit.Text{ZH: "暂付款、暂收款长期挂账", EN: "Temporary payments or receipts unsettled for too long"},
		Why: audit.Text{
			ZH: "长期挂账的暂付款可能已无法收回，或以往来科目掩盖支出；长期挂账的暂收款可能是应计未计的收入。",
			EN: "A temporary payment that stays may be lost, or an expenditure under another name; a temporary receipt that stays may be income that was not booked.",
		},
		How: audit.Text{
			ZH: "按科目和分录标签分户，增加额各为一项，红字冲销直接冲减原项，其余减少额先冲最早的项；截止日仍有余额且超过设定月数的列出。先进先出是推定，须人工核实。",
			EN: "Within each account and line tag every increase is an item; a reversal takes off the item it reverses, other decreases the oldest items first. What is left and older than the months set is a lead: first in, first out is an assumption.",
		},
		Do: audit.Text{
			ZH: "逐户核对明细与对方，能收回的催收，应确认收入或支出的按规定转账；确实无法收回或偿付的报批核销。",
			EN: "Go through the details with each counterparty: recover what can be recovered, book what is income or expenditure, and have what cannot be settled written off by approval.",
		},
		Basis: []string{sys + " 1101 三（四）（五）", sys + " 2001 三（五）（六）"},
		Reads: []audit.Declared{audit.BooksSource, audit.RolesSource},
		Parameters: []audit.Parameter{{
			Name: "months", Title: audit.Text{ZH: "挂账月数上限", EN: "months an item may stay open"}, Unit: audit.Text{ZH: "月", EN: "months"},
			Default: 12, Least: 1, Most: 240, Source: "twelve months: the usual line of fund audits, the project's choice",
		}},
		Check: checkTemporaryItems,
	}
}

func checkTemporaryItems(_ context.Context, t *audit.Task) error {
	roles, _ := audit.RolesSource.In(t)
	t.EachBook(func(ctx context.Context, book *audit.Book) (audit.Hooks, error) {
		h := &temporaryItems{task: t, book: book, accounts: map[holdingKey]*holding{}}
		for _, role := range []audit.Role{audit.RoleTemporaryPayments, audit.RoleTemporaryReceipts} {
			codes, err := roles.Accounts(ctx, book.ID, role)
			if err != nil {
				return audit.Hooks{}, err
			}
			h.codes = append(h.codes, codes...)
		}
		if len(h.codes) == 0 {
			return audit.Hooks{}, nil
		}
		return audit.Hooks{Entry: func(_ context.Context, e *audit.Entry) error { h.see(e); return nil }, End: func(context.Context) error { return h.report() }}, nil
	})
	return nil
}

// item is one increase of a temporary account, and what is left of it.
type item struct {
	seq     ledger.Seq
	ordinal int64
	date    calendar.Date
	left    money.Amount
	voucher string
	source  string
}

// holding is what stands on one account for one tag: its items, and the decreases that name none of them.
type holding struct {
	account  *ledger.Account
	items    []item
	decrease total
}

type holdingKey struct {
	account ledger.AccountNo
	tag     string
}

// temporaryItems follows the temporary accounts of one book.
type temporaryItems struct {
	task     *audit.Task
	book     *audit.Book
	codes    []string
	accounts map[holdingKey]*holding
	order    []holdingKey
}

func (h *temporaryItems) see(e *audit.Entry) {
	if e.Effective.IsZero() || e.Effective > h.task.Scope().AsOf {
		return
	}
	for i, line := range e.Lines {
		account := e.Account(i)
		if !h.book.Chart.Below(account, h.codes) {
			continue
		}
		h.task.Examined(lines, 1)
		key := holdingKey{account: account.No, tag: line.Tag}
		held := h.accounts[key]
		if held == nil {
			held = &holding{account: account}
			h.accounts[key] = held
			h.order = append(h.order, key)
		}
		amount := line.Amount * money.Amount(line.Side) * money.Amount(account.Type.Normal())
		switch {
		case e.Reverses != 0:
			held.reverse(e.Reverses, amount)
		case amount > 0 && line.Side == account.Type.Normal():
			evidence := audit.EntryEvidence(e, i)
			held.items = append(held.items, item{
				seq: e.Seq, ordinal: e.FirstOrdinal + int64(i), date: e.Effective, left: amount, voucher: evidence.Voucher, source: evidence.Source,
			})
		default:
			held.decrease.subtract(amount)
		}
	}
}

// reverse takes an amount off the items of the reversed entry; what does not fit there is any other decrease. A reversed decrease takes the decrease back.
func (h *holding) reverse(original ledger.Seq, amount money.Amount) {
	for i := range h.items {
		if h.items[i].seq == original && amount < 0 {
			taken := min(h.items[i].left, -amount)
			h.items[i].left -= taken
			amount += taken
		}
	}
	h.decrease.subtract(amount)
}

func (h *temporaryItems) report() error {
	months := int(h.task.Parameter("months"))
	limit := h.task.Scope().AsOf.AddMonths(-months)
	for _, key := range h.order {
		held := h.accounts[key]
		if held.decrease.err != nil {
			return errRange(h.book, held.decrease.err)
		}
		slices.SortStableFunc(held.items, func(a, b item) int { return cmp.Or(cmp.Compare(a.date, b.date), cmp.Compare(a.ordinal, b.ordinal)) })
		used := held.decrease.sum
		for _, it := range held.items {
			taken := max(min(it.left, used), 0)
			used -= taken
			if it.left -= taken; it.left > 0 && it.date < limit {
				h.reportItem(held.account, key.tag, &it, months)
			}
		}
	}
	return nil
}

func (h *temporaryItems) reportItem(account *ledger.Account, tag string, it *item, months int) {
	asOf := h.task.Scope().AsOf
	age := asOf.Month().Sub(it.date.Month())
	if asOf.Day() < it.date.Day() {
		age--
	}
	h.task.Report(audit.Finding{
		Book: h.book.Ref(), Period: monthOf(it.date), Subjects: about(byAccount, account.Code, "tag", tag, "line", fmt.Sprint(it.ordinal)), AtRisk: h.book.Sum(it.left),
		Evidence: []audit.Evidence{{
			Kind: "entry", Book: h.book.Ref(), Seq: it.seq, Ordinals: []int64{it.ordinal}, Voucher: it.voucher, Effective: it.date, Period: monthOf(it.date), Source: it.source,
			Amounts: []audit.Sum{h.book.Sum(it.left)},
		}},
		Text: both("%s，%v 入账，至 %v 仍余 %s，已挂账 %d 个月（上限 %d 个月）", "%s, booked on %v: on %v %s is left, after %d months (at most %d)",
			named(account), it.date, asOf, h.book.Sum(it.left), age, months),
	})
}
