package audit

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
)

// The sources over books. LedgerBooks gives all three; Foreign gives Books, and Balances where the other system's balance tables were taken in.
var (
	BooksSource    = DeclareSource[Books]("books", Text{ZH: "账簿记录", EN: "entries of the books"})
	BalancesSource = DeclareSource[Balances]("balances", Text{ZH: "科目余额表", EN: "stated trial balances"})
	SealsSource    = DeclareSource[Seals]("seals", Text{ZH: "账簿校验", EN: "verification of the books"})
)

// Books is what rules read of the audited books (被审账簿).
type Books interface {
	// Books lists the books, each as it stands, in the order of their ids.
	Books(ctx context.Context) ([]ledger.Book, error)

	// Entries streams the entries of a book from the first to last, in the order of the book. An *Unreadable stands for entries that cannot be read, and the
	// stream goes on; any other error ends it. An entry and its lines may be kept after the next one is read.
	Entries(ctx context.Context, book ledger.BookID, last ledger.Seq) iter.Seq2[*Entry, error]

	// Entry returns one entry, or an error that matches ledger.ErrEntryUnknown.
	Entry(ctx context.Context, book ledger.BookID, seq ledger.Seq) (ledger.Entry, error)

	// Accounts lists the accounts of a book's chart as they stand now, by number. Members (personal accounts) are not listed; entries bring them.
	Accounts(ctx context.Context, book ledger.BookID) ([]ledger.Account, error)
}

// Balances gives the trial balances (科目余额表) as the audited system states them, not as its entries add up: rules compare the two.
type Balances interface {
	// Month returns the trial balance of a month as known after entry seq, or an error that matches ErrNotStated when the system gave none.
	Month(ctx context.Context, book ledger.BookID, month calendar.Month, seq ledger.Seq) (ledger.TrialBalance, error)
}

// Seals verifies a book against its own records and hashes.
type Seals interface {
	Verify(ctx context.Context, book ledger.BookID) (*ledger.VerifyReport, error)
}

// Unreadable says that entries of a book exist, or must have existed, and cannot be read. The run notes them, and no rule that read the book counts as clean.
type Unreadable struct {
	Book   BookRef    `json:"book"`
	Seq    ledger.Seq `json:"seq"` // the first of them
	Count  int64      `json:"count"`
	Reason string     `json:"reason"`
}

func (u *Unreadable) Error() string {
	return fmt.Sprintf("audit: book %s: %d entries from %d on cannot be read: %s", u.Book, u.Count, u.Seq, u.Reason)
}

// Entry is an entry (凭证, or an act) as rules see it: as its record says, with the accounts of its lines.
type Entry struct {
	ledger.Entry
	PeriodAct *ledger.PeriodAct // what the entry does to a period, if it does: closing (结账), reopening (反结账), issue of statements, final accounts
	chart     *Chart
}

// Account returns the account of line i, never nil. An account that the book never opened has only number or code, and Known is false for it.
func (e *Entry) Account(i int) *ledger.Account { return e.chart.Of(&e.Lines[i]) }

// VoucherText writes the voucher of an entry as period, type and number, or nothing where it has none.
func VoucherText(e *ledger.Entry) string {
	if e.Voucher == (ledger.Voucher{}) {
		return ""
	}
	return fmt.Sprintf("%v %s %d", e.Period, e.Voucher.Type, e.Voucher.Number)
}

// Chart returns the accounts that the entries up to this one brought.
func (e *Entry) Chart() *Chart { return e.chart }

// Known reports whether an account was opened in its book.
func Known(account *ledger.Account) bool { return account.Class != 0 }

// Chart holds the accounts of a book (科目表).
type Chart struct {
	accounts map[ledger.AccountNo]*ledger.Account
	codes    map[string]*ledger.Account
	unknown  map[string]*ledger.Account
}

// NewChart returns the chart of the accounts.
func NewChart(accounts []ledger.Account) *Chart {
	c := &Chart{accounts: map[ledger.AccountNo]*ledger.Account{}, codes: map[string]*ledger.Account{}, unknown: map[string]*ledger.Account{}}
	for i := range accounts {
		c.add(accounts[i])
	}
	return c
}

func (c *Chart) add(account ledger.Account) {
	a := &account
	c.accounts[a.No], c.codes[a.Code] = a, a
}

// Account returns the account of a number, or nil.
func (c *Chart) Account(no ledger.AccountNo) *ledger.Account { return c.accounts[no] }

// Code returns the account of a code, or nil.
func (c *Chart) Code(code string) *ledger.Account { return c.codes[code] }

// Accounts returns the accounts by number.
func (c *Chart) Accounts() []*ledger.Account {
	all := make([]*ledger.Account, 0, len(c.accounts))
	for _, a := range c.accounts {
		all = append(all, a)
	}
	slices.SortFunc(all, func(a, b *ledger.Account) int { return int(a.No) - int(b.No) })
	return all
}

// Below reports whether an account has one of the codes, or stands under an account that has.
func (c *Chart) Below(account *ledger.Account, codes []string) bool {
	for range len(c.accounts) + 1 { // a damaged chart may go round
		if account == nil {
			return false
		}
		if slices.Contains(codes, account.Code) {
			return true
		}
		account = c.accounts[account.Parent]
	}
	return false
}

// Of returns the account of a line, never nil; see Entry.Account.
func (c *Chart) Of(line *ledger.Line) *ledger.Account {
	a := c.accounts[line.Account]
	if line.Account == 0 {
		a = c.codes[line.Code]
	}
	if a != nil {
		return a
	}
	name := line.Code
	if line.Account != 0 {
		name = fmt.Sprintf("#%d", line.Account)
	}
	if c.unknown[name] == nil {
		c.unknown[name] = &ledger.Account{No: line.Account, Code: name}
	}
	return c.unknown[name]
}

// BookRef is a book's id that writes itself as text, realm/number.
type BookRef ledger.BookID

// String writes realm/number.
func (b BookRef) String() string { return ledger.BookID(b).String() }

// MarshalText writes realm/number.
func (b BookRef) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (b *BookRef) UnmarshalText(text []byte) error {
	var read BookRef
	if _, err := fmt.Sscanf(string(text), "%d/%d", &read.Realm, &read.Number); err != nil || read.String() != string(text) {
		return fmt.Errorf("audit: %q is no book; write realm/number", text)
	}
	*b = read
	return nil
}
