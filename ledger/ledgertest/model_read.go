package ledgertest

import (
	"cmp"
	"slices"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// Book returns a book as it stands, without root.
func (m *Model) Book(id ledger.BookID) ledger.Book { return m.books[id].book }

// Accounts returns the accounts of a book as they stand, by number.
func (m *Model) Accounts(id ledger.BookID) []ledger.Account {
	return slices.Clone(m.books[id].accounts)
}

// Entries returns the entries of a book, without leaves. The acts of the ledger's own, whose kinds begin with "ledger.", have no content.
func (m *Model) Entries(id ledger.BookID) []ledger.Entry {
	entries := make([]ledger.Entry, len(m.books[id].entries))
	for i, e := range m.books[id].entries {
		entries[i] = e.Entry
	}
	return entries
}

// Balance returns the balance of an account that exists at a point of reading that exists.
func (m *Model) Balance(id ledger.BookID, no ledger.AccountNo, at ledger.At) ledger.Balance {
	b := m.books[id]
	return b.balance(b.accounts[no-1], at)
}

func (b *modelBook) balance(account ledger.Account, at ledger.At) ledger.Balance {
	var sum ledger.Balance
	for _, e := range b.entries {
		if at.Seq != 0 && e.Seq > at.Seq || at.Date != 0 && e.Effective > at.Date {
			continue
		}
		for _, line := range e.Lines {
			if b.under(line.Account, account.No) {
				addTo(line, &sum.Debit, &sum.Credit)
			}
		}
	}
	return sum
}

func addTo(line ledger.Line, debit, credit *money.Amount) {
	if line.Side == ledger.Debit {
		*debit += line.Amount
	} else {
		*credit += line.Amount
	}
}

// TrialBalance returns the rows of a trial balance.
func (m *Model) TrialBalance(id ledger.BookID, r ledger.Range) []ledger.TrialRow {
	b := m.books[id]
	var rows []ledger.TrialRow
	for _, account := range b.accounts {
		if account.Class != ledger.Member {
			rows = append(rows, b.trialRow(account, r))
		}
	}
	return rows
}

func (b *modelBook) trialRow(account ledger.Account, r ledger.Range) ledger.TrialRow {
	row := ledger.TrialRow{Account: account}
	for _, e := range b.entries {
		if r.Seq != 0 && e.Seq > r.Seq || e.Effective > r.To {
			continue
		}
		for _, line := range e.Lines {
			if !b.under(line.Account, account.No) {
				continue
			}
			row.Closing += line.Amount * money.Amount(line.Side)
			switch {
			case e.Effective < r.From:
				row.Opening += line.Amount * money.Amount(line.Side)
			case e.Kind == ledger.KindClosing:
				addTo(line, &row.ClosingDebit, &row.ClosingCredit)
			default:
				addTo(line, &row.Debit, &row.Credit)
			}
		}
	}
	return row
}

// Statement returns the opening balance and the lines of the statement of an account that takes lines.
func (m *Model) Statement(id ledger.BookID, no ledger.AccountNo, r ledger.Range) (opening money.Amount, lines []ledger.StatementLine) {
	b := m.books[id]
	for _, e := range b.entries {
		for _, line := range e.Lines {
			if line.Account == no && e.Effective < r.From && (r.Seq == 0 || e.Seq <= r.Seq) {
				opening += line.Amount * money.Amount(line.Side)
			}
		}
	}
	balance := opening
	for _, e := range b.entries {
		for i, line := range e.Lines {
			if line.Account != no || e.Effective < r.From || e.Effective > r.To || r.Seq != 0 && e.Seq > r.Seq {
				continue
			}
			balance += line.Amount * money.Amount(line.Side)
			lines = append(lines, ledger.StatementLine{
				Seq: e.Seq, Ordinal: e.FirstOrdinal + int64(i), Effective: e.Effective, Period: e.Period, Voucher: e.Voucher, Kind: e.Kind,
				Key: e.Key, SourceKind: e.Source.Kind, SourceID: e.Source.ID, Transfer: e.Transfer,
				Description: e.Description, Side: line.Side, Amount: line.Amount, Month: line.Month, Tag: line.Tag, Balance: balance,
			})
		}
	}
	return opening, lines
}

// PeriodActs returns the acts on the periods of a book.
func (m *Model) PeriodActs(id ledger.BookID) []ledger.PeriodAct {
	var acts []ledger.PeriodAct
	for _, e := range m.books[id].entries {
		if period, ok := e.request.content.(calendar.Period); ok {
			acts = append(acts, ledger.PeriodAct{Seq: e.Seq, Kind: ledger.PeriodActKind(e.Kind), Period: period})
		}
	}
	return acts
}

// MemberMovements returns the turnovers of the members of a control by account, month and tag.
func (m *Model) MemberMovements(id ledger.BookID, control ledger.AccountNo, r ledger.Range) []ledger.MemberMovement {
	b := m.books[id]
	var all []ledger.MemberMovement
	for _, e := range b.entries {
		if e.Effective < r.From || e.Effective > r.To || r.Seq != 0 && e.Seq > r.Seq {
			continue
		}
		for _, line := range e.Lines {
			if b.accounts[line.Account-1].Parent != control {
				continue
			}
			key := ledger.MemberMovement{Account: line.Account, Month: e.Effective.Month(), Tag: line.Tag}
			at := slices.IndexFunc(all, func(m ledger.MemberMovement) bool {
				return m.Account == key.Account && m.Month == key.Month && m.Tag == key.Tag
			})
			if at < 0 {
				at = len(all)
				all = append(all, key)
			}
			addTo(line, &all[at].Debit, &all[at].Credit)
		}
	}
	slices.SortFunc(all, func(a, b ledger.MemberMovement) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Month, b.Month), cmp.Compare(a.Tag, b.Tag))
	})
	return all
}

// PeriodTotals returns the totals of the accounts of the chart that take lines, and of controls, by account and period.
func (m *Model) PeriodTotals(id ledger.BookID, through calendar.Period) []ledger.PeriodTotal {
	b := m.books[id]
	var all []ledger.PeriodTotal
	for _, e := range b.entries {
		if e.Period > through {
			continue
		}
		for _, line := range e.Lines {
			account := b.accounts[line.Account-1]
			if account.Class == ledger.Member {
				account = b.accounts[account.Parent-1]
			}
			at := slices.IndexFunc(all, func(t ledger.PeriodTotal) bool { return t.Account == account.No && t.Period == e.Period })
			if at < 0 {
				at = len(all)
				all = append(all, ledger.PeriodTotal{Account: account.No, Period: e.Period})
			}
			if e.Kind == ledger.KindClosing {
				addTo(line, &all[at].ClosingDebit, &all[at].ClosingCredit)
			} else {
				addTo(line, &all[at].Debit, &all[at].Credit)
			}
		}
	}
	slices.SortFunc(all, func(a, b ledger.PeriodTotal) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Period, b.Period))
	})
	return all
}
