// Package printing puts vouchers on paper (打印记账凭证): 记账凭证, 收款凭证, 付款凭证 and 转账凭证 as HTML for A5 landscape, and as CSV, from the entries of a book
// or from vouchers still on their way. What a voucher must show is 会计基础工作规范 51 to 53: date, number, summary, accounts, amounts, the number of originals, and
// the signatures.
//
// Equal vouchers give equal bytes. A file needs nothing beside it: no script, no font, no picture. Whatever stands in a voucher is shown as text, never as markup.
package printing

import (
	"context"
	"iter"
	"slices"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/voucher"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
)

// Sheet is a voucher as it is printed (凭证).
type Sheet struct {
	Book     ledger.BookID
	Fund     string // name of the book
	Currency money.Currency

	Kind     voucher.Kind
	State    voucher.State
	No       int64          // 制单号; zero for an entry that no voucher led to
	Number   ledger.Voucher // number zero until posted
	Entry    ledger.Seq     // zero until posted
	Leaf     seal.Hash      // the entry's leaf in the book's log
	Reverses ledger.Seq     // the entry that this one cancels, or zero

	Effective   calendar.Date
	Period      calendar.Period
	Summary     string
	Lines       []Line // of the general section, in their order
	Memorandum  []Line // of the memorandum section: members' accounts as the account above them, one line for each side and sign
	Attachments int
	Source      ledger.Source
	Key         string

	Preparer, Reviewer, Cashier, Head, Bookkeeper string // empty where nobody has signed
}

// Line is a line of a voucher.
type Line struct {
	Path   []Account // from the first level (总账科目) to the account itself
	Side   ledger.Side
	Amount money.Amount // minor units; negative in red
	Count  int          // how many lines of the entry it stands for
}

// Account is an account as a voucher names it: by number and name, never by the number alone.
type Account struct{ Code, Name string }

// Total returns the sums of both sides, red letters with their sign, or an *money.OverflowError.
func (s *Sheet) Total() (debit, credit money.Amount, err error) {
	for _, line := range s.Lines {
		side := &debit
		if line.Side == ledger.Credit {
			side = &credit
		}
		if *side, err = side.Add(line.Amount); err != nil {
			return 0, 0, err
		}
	}
	return debit, credit, nil
}

// OfEntry makes the sheet of an entry. The accounts of its lines must be loaded in the tree; first are the codes of the first-level accounts of money, as in a
// voucher.Policy.
func OfEntry(e *ledger.Entry, book ledger.Book, tree *voucher.Tree, first []string) Sheet {
	s := Sheet{
		Book: e.Book, Fund: book.Name, Currency: book.Currency, State: voucher.Posted, Number: e.Voucher, Entry: e.Seq, Leaf: e.Leaf, Reverses: e.Reverses,
		Effective: e.Effective, Period: e.Period, Summary: e.Description, Attachments: len(e.Attachments), Source: e.Source, Key: e.Key,
		Preparer: e.EnteredBy, Reviewer: e.ApprovedBy,
		Cashier: e.Metadata[voucher.MetaCashier], Head: e.Metadata[voucher.MetaHead], Bookkeeper: e.Metadata[voucher.MetaPostedBy],
	}
	s.lines(e.Lines, tree, first)
	return s
}

// OfDocument makes the sheet of a voucher that is not posted. The accounts of its lines must be loaded in the tree.
func OfDocument(d *voucher.Document, book ledger.Book, tree *voucher.Tree, first []string) Sheet {
	s := Sheet{
		Book: d.Book, Fund: book.Name, Currency: book.Currency, State: d.State, No: d.No, Number: d.Number, Effective: d.Effective, Period: d.Period,
		Summary: d.Description, Attachments: d.Attachments, Source: d.Draft.Source, Key: d.Key, Preparer: d.Preparer, Reviewer: d.Reviewer, Cashier: d.Cashier,
		Head: d.Head, Bookkeeper: d.Bookkeeper,
	}
	s.lines(d.Draft.Lines, tree, first)
	s.Kind = d.Kind
	return s
}

func (s *Sheet) lines(lines []ledger.Line, tree *voucher.Tree, first []string) {
	s.Kind = tree.KindOf(lines, first)
	for _, line := range lines {
		account, known := tree.Of(line)
		if !known {
			account = ledger.Account{Code: line.Code, Section: ledger.General} // a draft may name it before it is opened
		}
		printed := Line{Side: line.Side, Amount: line.Amount, Count: 1}
		path := tree.Path(account)
		if account.Class == ledger.Member && len(path) > 1 {
			path = path[:len(path)-1]
		}
		for _, a := range path {
			printed.Path = append(printed.Path, Account{Code: a.Code, Name: a.Name})
		}
		if account.Section == ledger.General {
			s.Lines = append(s.Lines, printed)
			continue
		}
		s.addMemorandum(printed)
	}
}

// addMemorandum joins a line with those on the same accounts, side and sign. A sum that leaves the range stays apart; the ledger refuses such an entry anyway.
func (s *Sheet) addMemorandum(line Line) {
	for i := range s.Memorandum {
		m := &s.Memorandum[i]
		if m.Side != line.Side || m.Amount < 0 != (line.Amount < 0) || !slices.Equal(m.Path, line.Path) {
			continue
		}
		if sum, err := m.Amount.Add(line.Amount); err == nil {
			m.Amount, m.Count = sum, m.Count+1
			return
		}
	}
	s.Memorandum = append(s.Memorandum, line)
}

// Vouchers returns the sheets of vouchers in the order of their numbers (制单号) as given. What is posted is printed from its entry, not from what was prepared.
// Stop at the first error.
func Vouchers(ctx context.Context, office *voucher.Office, book ledger.BookID, numbers []int64) iter.Seq2[Sheet, error] {
	return func(yield func(Sheet, error) bool) {
		led, first := office.Ledger(), office.Policy().MoneyAccounts
		head, err := led.Book(ctx, book)
		if err != nil {
			yield(Sheet{}, err)
			return
		}
		tree := voucher.NewTree(led, book)
		for d, err := range office.Documents(ctx, book, numbers) {
			var s Sheet
			if err == nil {
				s, err = sheetOf(ctx, led, &d, head, tree, first)
			}
			if !yield(s, err) || err != nil {
				return
			}
		}
	}
}

func sheetOf(ctx context.Context, led *ledger.Ledger, d *voucher.Document, head ledger.Book, tree *voucher.Tree, first []string) (Sheet, error) {
	if d.State != voucher.Posted {
		if err := tree.Load(ctx, d.Draft.Lines); err != nil {
			return Sheet{}, err
		}
		return OfDocument(d, head, tree, first), nil
	}
	e, err := led.Entry(ctx, d.Book, d.Entry)
	if err == nil {
		err = tree.Load(ctx, e.Lines)
	}
	if err != nil {
		return Sheet{}, err
	}
	s := OfEntry(&e, head, tree, first)
	s.No, s.Cashier, s.Head = d.No, d.Cashier, d.Head // signatures may follow after posting
	return s, nil
}

// Entries returns the sheets of all entries with lines from one number to another, both included, whoever posted them; zero as the last means all. first are
// the codes of the first-level accounts of money. Stop at the first error.
func Entries(ctx context.Context, led *ledger.Ledger, book ledger.BookID, from, to ledger.Seq, first []string) iter.Seq2[Sheet, error] {
	return entries(ctx, led, book, from, to, first, func(*ledger.Entry) bool { return true })
}

// entries are the sheets of those entries that printed chooses.
func entries(ctx context.Context, led *ledger.Ledger, book ledger.BookID, from, to ledger.Seq, first []string, printed func(e *ledger.Entry) bool,
) iter.Seq2[Sheet, error] {
	return func(yield func(Sheet, error) bool) {
		head, err := led.Book(ctx, book)
		if err != nil {
			yield(Sheet{}, err)
			return
		}
		tree := voucher.NewTree(led, book)
		for e, err := range led.Entries(ctx, book, from, to) {
			if err == nil && (len(e.Lines) == 0 || !printed(&e)) {
				continue
			}
			var s Sheet
			if err == nil {
				err = tree.Load(ctx, e.Lines)
			}
			if err == nil {
				s = OfEntry(&e, head, tree, first)
			}
			if !yield(s, err) || err != nil {
				return
			}
		}
	}
}

// Month returns the sheets of one period's entries with lines, whoever posted them, in the order of posting: the vouchers of a month as they are bound (凭证装订).
// What belongs to the period by its own choice is taken, not what was posted while it was open: the next month is usually begun before the last is closed. period
// may be 13. The book is read from its first entry to the act that closed the period, or to its end while the period is open, one entry in memory at a time.
// first are the codes of the first-level accounts of money. Stop at the first error.
func Month(ctx context.Context, led *ledger.Ledger, book ledger.BookID, period calendar.Period, first []string) iter.Seq2[Sheet, error] {
	return func(yield func(Sheet, error) bool) {
		acts, err := led.PeriodActs(ctx, book)
		if err != nil {
			yield(Sheet{}, err)
			return
		}
		var last ledger.Seq // zero: the period is open
		for _, act := range acts {
			switch {
			case act.Period != period:
			case act.Kind == ledger.PeriodClosed:
				last = act.Seq
			case act.Kind == ledger.PeriodReopened:
				last = 0
			}
		}
		for s, err := range entries(ctx, led, book, 1, last, first, func(e *ledger.Entry) bool { return e.Period == period }) {
			if !yield(s, err) || err != nil {
				return
			}
		}
	}
}

// EnglishNames returns the English names of a chart's accounts, for Layout.Account; an account that the chart does not have keeps the name of the book.
func EnglishNames(chart *accounts.BookChart) func(code, name string) string {
	names := map[string]string{}
	for _, a := range chart.Accounts() {
		names[a.Code] = a.NameEN
	}
	return func(code, name string) string {
		if english := names[code]; english != "" {
			return english
		}
		return name
	}
}
