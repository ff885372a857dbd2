package ledger

import (
	"context"
	"fmt"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store"
)

// AccountType is the element of accounting an account belongs to (会计要素). It decides the normal side.
type AccountType uint8

// The types. Their numbers stand in records and never change.
const (
	Asset     AccountType = 1 // 资产, normally debit
	Liability AccountType = 2 // 负债, normally credit
	NetAssets AccountType = 3 // 净资产, normally credit
	Income    AccountType = 4 // 收入, normally credit
	Expense   AccountType = 5 // 支出, normally debit
)

// Section parts the accounts of a book in two; each entry balances in each. It never changes.
type Section uint8

// The sections.
const (
	General    Section = 1 // the fund's own books
	Memorandum Section = 2 // rights, appropriations, encumbrances and other notes beside them (表外)
)

// Class says what an account is for.
type Class uint8

// The classes.
const (
	Detail  Class = 1 // takes lines; its daily totals are kept
	Heading Class = 2 // takes none; shows the sum of the accounts below it (总账科目 with details)
	Control Class = 3 // takes none; shows the sum of its members (统驭科目)
	Member  Class = 4 // takes lines; one of very many, stands under a control (personal account)
)

var (
	typeNames    = map[AccountType]string{Asset: "asset", Liability: "liability", NetAssets: "net_assets", Income: "income", Expense: "expense"}
	sectionNames = map[Section]string{General: "general", Memorandum: "memorandum"}
	classNames   = map[Class]string{Detail: "detail", Heading: "heading", Control: "control", Member: "member"}
)

// String writes asset, liability, net_assets, income or expense.
func (t AccountType) String() string { return named(typeNames, t) }

// Normal returns the side on which an account of the type normally has its balance.
func (t AccountType) Normal() Side {
	if t == Asset || t == Expense {
		return Debit
	}
	return Credit
}

// String writes general or memorandum.
func (s Section) String() string { return named(sectionNames, s) }

// String writes detail, heading, control or member.
func (c Class) String() string { return named(classNames, c) }

func named[K ~uint8](names map[K]string, value K) string {
	if name, ok := names[value]; ok {
		return name
	}
	return fmt.Sprint(uint8(value))
}

func valueOf[K ~uint8](names map[K]string, name string) K {
	for value, n := range names {
		if n == name {
			return value
		}
	}
	return 0
}

// AccountSpec is an account to be opened.
type AccountSpec struct {
	Code           string // unique in the book, at most MaxName bytes
	Name           string // at most MaxName bytes; leave a member's empty, names of persons do not belong into records
	Type           AccountType
	Section        Section // General if zero
	Class          Class   // Detail if zero
	Parent         string  // code of the account above, open already or earlier in the same list; required for a Member
	NeverBelowZero bool    // refuse entries that would leave its balance below zero on its normal side; Detail and Member only
}

// Account is an account as it stands.
type Account struct {
	No             AccountNo
	Code, Name     string
	Type           AccountType
	Section        Section
	Class          Class
	Parent         AccountNo // zero at the top
	NeverBelowZero bool
	Opened         calendar.Date
	Closed         calendar.Date // zero while open
}

// Act says who orders an act of the ledger, and when it takes effect. All its texts are bounded as those of a Draft.
type Act struct {
	Key         string // idempotency key; required
	Effective   calendar.Date
	Description string
	EnteredBy   string // required
	ApprovedBy  string
	Source      Source
}

func (a Act) draft(kind string, content any) (Draft, error) {
	encoded, err := seal.EncodeAct(content)
	return Draft{
		Key: a.Key, Kind: kind, Effective: a.Effective, Description: a.Description, EnteredBy: a.EnteredBy, ApprovedBy: a.ApprovedBy, Source: a.Source,
		Act: encoded,
	}, err
}

// MaxAccountsPerAct is the most accounts one act can open.
const MaxAccountsPerAct = 100_000

// accountAct is one account in the content of ledger.accounts.open, which is an array of them.
type accountAct struct {
	_              struct{} `cbor:",toarray"`
	Code, Name     string
	Type           AccountType
	Section        Section
	Class          Class
	Parent         AccountNo
	NeverBelowZero bool
}

// accountCloseAct and accountNameAct are the contents of ledger.account.close and ledger.account.name.
type accountCloseAct struct {
	_       struct{} `cbor:",toarray"`
	Account AccountNo
}

type accountNameAct struct {
	_       struct{} `cbor:",toarray"`
	Account AccountNo
	Name    string
}

// OpenAccounts opens accounts in one act and returns their numbers, in the order of specs. All faults of the list are reported together.
func (l *Ledger) OpenAccounts(ctx context.Context, book BookID, act Act, specs []AccountSpec) ([]AccountNo, error) {
	var numbers []AccountNo
	err := l.update(ctx, book, func(ctx context.Context, tx *store.Tx) (err error) {
		numbers, err = l.openAccounts(ctx, tx, book, act, specs)
		return err
	})
	return numbers, err
}

// OpenAccountsTx is OpenAccounts in the host's transaction.
func (l *Ledger) OpenAccountsTx(ctx context.Context, tx store.Handle, book BookID, act Act, specs []AccountSpec) ([]AccountNo, error) {
	numbers, err := l.openAccounts(ctx, l.db.Join(tx), book, act, specs)
	return numbers, busy(err, book)
}

func (l *Ledger) openAccounts(ctx context.Context, tx *store.Tx, book BookID, act Act, specs []AccountSpec) ([]AccountNo, error) {
	h, err := l.lockBook(ctx, tx, book)
	if err != nil {
		return nil, err
	}
	o := opening{head: h, specs: specs}
	if err := o.checkTexts(); err != nil {
		return nil, err
	}
	if o.present, err = accountsByCode(ctx, tx, book, o.codes()); err != nil {
		return nil, err
	}
	o.resolve()
	draft, err := act.draft(kindAccountsOpen, o.acts)
	if err != nil {
		return nil, err
	}
	receipts, err := l.record(ctx, tx, book, []proposal{{Draft: draft, own: true, onAccounts: true, opens: len(specs), refuse: o.check}})
	if err != nil {
		return nil, err
	}
	first := receipts[0].firstAccount
	if !receipts[0].Replayed {
		if err := insertAccounts(ctx, tx, book, first, act.Effective, o.acts); err != nil {
			return nil, err
		}
	}
	numbers := make([]AccountNo, len(specs))
	for i := range numbers {
		numbers[i] = first + AccountNo(i)
	}
	return numbers, nil
}

func insertAccounts(ctx context.Context, tx *store.Tx, book BookID, first AccountNo, opened calendar.Date, acts []accountAct) error {
	n := len(acts)
	numbers, parents := make([]int32, n), make([]int32, n)
	codes, names, types, sections, classes := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	limits := make([]bool, n)
	for i, a := range acts {
		numbers[i], parents[i], limits[i] = int32(first)+int32(i), int32(a.Parent), a.NeverBelowZero
		codes[i], names[i] = a.Code, a.Name
		types[i], sections[i], classes[i] = a.Type.String(), a.Section.String(), a.Class.String()
	}
	return tx.Insert(ctx, "ledger_account", store.Fixed("realm_id", book.Realm), store.Fixed("book_no", book.Number), store.Int32s("account_no", numbers),
		store.Texts("code", codes), store.Texts("name", names), store.Texts("type", types), store.Texts("section", sections), store.Texts("class", classes),
		store.Int32s("parent_no", parents), store.Bools("never_below_zero", limits), store.Fixed("opened_day", int32(opened)), store.Fixed("closed_day", int32(0)))
}

// CloseAccount closes an account from the act's effective date on. The account must have no balance, no line after that date, and no open account
// below it; afterwards it takes no line of any date.
func (l *Ledger) CloseAccount(ctx context.Context, book BookID, act Act, account AccountNo) error {
	return l.update(ctx, book, func(ctx context.Context, tx *store.Tx) error { return l.closeAccount(ctx, tx, book, act, account) })
}

// CloseAccountTx is CloseAccount in the host's transaction.
func (l *Ledger) CloseAccountTx(ctx context.Context, tx store.Handle, book BookID, act Act, account AccountNo) error {
	return busy(l.closeAccount(ctx, l.db.Join(tx), book, act, account), book)
}

func (l *Ledger) closeAccount(ctx context.Context, tx *store.Tx, book BookID, act Act, account AccountNo) error {
	h, err := l.lockBook(ctx, tx, book)
	if err != nil {
		return err
	}
	draft, err := act.draft(kindAccountClose, &accountCloseAct{Account: account})
	if err != nil {
		return err
	}
	refuse := func() (Faults, error) { return l.closingFaults(ctx, tx, h, act, account) }
	receipts, err := l.record(ctx, tx, book, []proposal{{Draft: draft, own: true, onAccounts: true, refuse: refuse}})
	if err != nil || receipts[0].Replayed {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE ledger_account SET closed_day = ? WHERE realm_id = ? AND book_no = ? AND account_no = ?`,
		int32(act.Effective), book.Realm, book.Number, int32(account))
	return err
}

func (l *Ledger) closingFaults(ctx context.Context, tx *store.Tx, h *head, act Act, no AccountNo) (Faults, error) {
	found, err := accountsByNumber(ctx, tx, h.id, []int64{int64(no)})
	if err != nil {
		return nil, err
	}
	account, ok := found[no]
	if !ok {
		return Faults{unknownAccount(h.id, act.Key, no)}, nil
	}
	refuse := func(code Code, detail, hint string) Faults {
		return Faults{{Code: code, Book: h.id, Key: act.Key, Draft: -1, Line: -1, Field: "account " + account.Code, Detail: detail, Hint: hint}}
	}
	if account.Closed != 0 {
		return refuse(ErrAccountClosed, "closed since "+account.Closed.String(), "nothing is left to do"), nil
	}
	if act.Effective < account.Opened {
		return refuse(ErrAccountClosed, fmt.Sprintf("opened on %v, after %v", account.Opened, act.Effective), "close it at a later date"), nil
	}
	var below int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM ledger_account WHERE realm_id = ? AND book_no = ? AND parent_no = ? AND parent_no > 0 AND closed_day = 0`,
		h.id.Realm, h.id.Number, int32(no)).Scan(&below); err != nil {
		return nil, err
	}
	if below > 0 {
		return refuse(ErrAccountInUse, fmt.Sprintf("open accounts below it: %d", below), "close them first"), nil
	}
	total, err := l.balanceOf(ctx, tx, h, account, At{})
	if err != nil {
		return nil, err
	}
	if total.Net() != 0 {
		return refuse(ErrAccountInUse, "its balance is "+h.currency.Format(total.Net())+" (debit side)", "bring it to zero first"), nil
	}
	last, err := lastDay(ctx, tx, h, account)
	if err != nil {
		return nil, err
	}
	if last > act.Effective {
		return refuse(ErrAccountInUse, "it has lines after "+act.Effective.String(), "close it at a later date"), nil
	}
	return nil, nil
}

// lastDay returns the latest effective date of the lines on an account and on those below it, or zero. Turnovers do not tell: red letters take them back.
func lastDay(ctx context.Context, tx *store.Tx, h *head, account *Account) (calendar.Date, error) {
	var last calendar.Date
	switch account.Class {
	case Member:
		err := tx.QueryRow(ctx, `SELECT coalesce(max(effective_day), 0) FROM ledger_line WHERE realm_id = ? AND book_no = ? AND `+tx.Dialect().Among("segment")+
			` AND account_no = ?`, h.id.Realm, h.id.Number, tx.Dialect().Ints(segments(0, h.lines)), int32(account.No)).Scan(&last)
		return last, err
	case Heading:
		below, err := accountsBelow(ctx, tx, h.id, account.No)
		for _, child := range below {
			day, err := lastDay(ctx, tx, h, child)
			if err != nil {
				return 0, err
			}
			last = max(last, day)
		}
		return last, err
	}
	err := tx.QueryRow(ctx, `SELECT coalesce(max(day), 0) FROM ledger_account_day WHERE realm_id = ? AND book_no = ? AND account_no = ?`,
		h.id.Realm, h.id.Number, int32(account.No)).Scan(&last)
	return last, err
}

func accountsBelow(ctx context.Context, tx *store.Tx, book BookID, no AccountNo) ([]*Account, error) {
	var below []*Account
	err := queryAccounts(ctx, tx, func(a *Account) { below = append(below, a) }, ` WHERE realm_id = ? AND book_no = ? AND parent_no = ? AND parent_no > 0 ORDER BY account_no`,
		book.Realm, book.Number, int32(no))
	return below, err
}

// NameAccount gives an account another name. Its number, code, type, section and class never change.
func (l *Ledger) NameAccount(ctx context.Context, book BookID, act Act, account AccountNo, name string) error {
	return l.update(ctx, book, func(ctx context.Context, tx *store.Tx) error { return l.nameAccount(ctx, tx, book, act, account, name) })
}

// NameAccountTx is NameAccount in the host's transaction.
func (l *Ledger) NameAccountTx(ctx context.Context, tx store.Handle, book BookID, act Act, account AccountNo, name string) error {
	return busy(l.nameAccount(ctx, l.db.Join(tx), book, act, account, name), book)
}

func (l *Ledger) nameAccount(ctx context.Context, tx *store.Tx, book BookID, act Act, account AccountNo, name string) error {
	check := draftCheck{draft: &Draft{Key: act.Key}}
	check.text("name", name, MaxName)
	for _, f := range check.faults {
		f.Book = book
	}
	if err := check.faults.err(); err != nil {
		return err
	}
	if _, err := l.lockBook(ctx, tx, book); err != nil {
		return err
	}
	draft, err := act.draft(kindAccountName, &accountNameAct{Account: account, Name: name})
	if err != nil {
		return err
	}
	refuse := func() (Faults, error) {
		found, err := accountsByNumber(ctx, tx, book, []int64{int64(account)})
		if err == nil && found[account] == nil {
			return Faults{unknownAccount(book, act.Key, account)}, nil
		}
		return nil, err
	}
	receipts, err := l.record(ctx, tx, book, []proposal{{Draft: draft, own: true, onAccounts: true, refuse: refuse}})
	if err != nil || receipts[0].Replayed {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE ledger_account SET name = ? WHERE realm_id = ? AND book_no = ? AND account_no = ?`, name, book.Realm, book.Number, int32(account))
	return err
}

func unknownAccount(book BookID, key string, no AccountNo) *Error {
	return &Error{Code: ErrAccountUnknown, Book: book, Key: key, Draft: -1, Line: -1, Field: fmt.Sprintf("account number %d", no),
		Detail: "not in the book", Hint: "open it with OpenAccounts, or correct the number"}
}
