package voucher

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store"
)

// Tree holds accounts of one book with the accounts above them (科目级次), as far as lines have asked for them. Each account of the chart is read once; members'
// accounts are forgotten when there are too many, so that a book of a million members is printed in the memory of its largest entry.
type Tree struct {
	byCode   func(ctx context.Context, codes []string) (map[string]ledger.Account, error)
	byNumber func(ctx context.Context, numbers []ledger.AccountNo) (map[ledger.AccountNo]ledger.Account, error)
	numbers  map[string]ledger.AccountNo // by code; 0 for a code that the book does not have
	accounts map[ledger.AccountNo]ledger.Account
}

// NewTree returns an empty tree of a book, which reads in short transactions of its own.
func NewTree(led *ledger.Ledger, book ledger.BookID) *Tree {
	return &Tree{
		byCode: func(ctx context.Context, codes []string) (map[string]ledger.Account, error) {
			return led.AccountsByCode(ctx, book, codes)
		},
		byNumber: func(ctx context.Context, numbers []ledger.AccountNo) (map[ledger.AccountNo]ledger.Account, error) {
			return led.AccountsByNumber(ctx, book, numbers)
		},
		numbers: map[string]ledger.AccountNo{}, accounts: map[ledger.AccountNo]ledger.Account{},
	}
}

// NewTreeTx returns an empty tree that reads in the host's transaction.
func NewTreeTx(led *ledger.Ledger, h store.Handle, book ledger.BookID) *Tree {
	t := NewTree(led, book)
	t.byCode = func(ctx context.Context, codes []string) (map[string]ledger.Account, error) {
		return led.AccountsByCodeTx(ctx, h, book, codes)
	}
	t.byNumber = func(ctx context.Context, numbers []ledger.AccountNo) (map[ledger.AccountNo]ledger.Account, error) {
		return led.AccountsByNumberTx(ctx, h, book, numbers)
	}
	return t
}

// treeKeeps is how many accounts a tree holds before it forgets members' accounts.
const treeKeeps = 20_000

// Load reads the accounts of lines, and those above them. Accounts that the book does not have are left out. Lines loaded before may be forgotten.
func (t *Tree) Load(ctx context.Context, lines []ledger.Line) error {
	if len(t.accounts) > treeKeeps {
		maps.DeleteFunc(t.accounts, func(_ ledger.AccountNo, a ledger.Account) bool { return a.Class == ledger.Member })
		maps.DeleteFunc(t.numbers, func(_ string, no ledger.AccountNo) bool { _, kept := t.accounts[no]; return !kept })
	}
	wanted, codes := map[ledger.AccountNo]bool{}, map[string]bool{}
	for _, line := range lines {
		if line.Account != 0 {
			wanted[line.Account] = true
		} else if _, known := t.numbers[line.Code]; !known {
			codes[line.Code] = true
		}
	}
	if len(codes) > 0 {
		found, err := t.byCode(ctx, slices.Sorted(maps.Keys(codes)))
		if err != nil {
			return err
		}
		for code := range codes {
			account := found[code]
			t.numbers[code] = account.No
			if account.No != 0 {
				t.accounts[account.No] = account
				wanted[account.Parent] = true
			}
		}
	}
	for len(wanted) > 0 {
		var missing []ledger.AccountNo
		for no := range wanted {
			if _, known := t.accounts[no]; !known && no != 0 {
				missing = append(missing, no)
			}
		}
		clear(wanted)
		if len(missing) == 0 {
			break
		}
		slices.Sort(missing)
		found, err := t.byNumber(ctx, missing)
		if err != nil {
			return err
		}
		for no, account := range found {
			t.accounts[no] = account
			wanted[account.Parent] = true
		}
	}
	return nil
}

// Of returns the account of a line; ok is false when the book does not have it, or it was not loaded.
func (t *Tree) Of(line ledger.Line) (account ledger.Account, ok bool) {
	no := line.Account
	if no == 0 {
		no = t.numbers[line.Code]
	}
	account, ok = t.accounts[no]
	return account, ok
}

// Path returns the accounts from the first level (总账科目) down to the account.
func (t *Tree) Path(account ledger.Account) []ledger.Account {
	path := []ledger.Account{account}
	for range len(t.accounts) { // parents come from outside, so the walk is bounded
		above, ok := t.accounts[account.Parent]
		if !ok {
			break
		}
		path, account = append(path, above), above
	}
	slices.Reverse(path)
	return path
}

// KindOf returns the kind of a voucher by its lines: a payment if money leaves an account of money, else a receipt if some comes in. A line in red counts as its
// side says. first are the codes of the first-level accounts of money. The accounts of the lines must be loaded.
func (t *Tree) KindOf(lines []ledger.Line, first []string) Kind {
	kind := Memorandum
	for _, line := range lines {
		account, ok := t.Of(line)
		if !ok || account.Section != ledger.General {
			continue
		}
		moves := slices.Contains(first, t.Path(account)[0].Code)
		switch {
		case moves && line.Side == ledger.Credit:
			return Payment
		case moves:
			kind = Receipt
		case kind == Memorandum:
			kind = Transfer
		}
	}
	return kind
}

// checked is a draft after all checks that can be made before it is posted.
type checked struct {
	draft       ledger.Draft
	kind        Kind
	period      calendar.Period
	amount      money.Amount
	encoded     []byte
	content     seal.Hash
	faults      Faults // what is wrong with it
	unencodable bool   // its faults leave it without content
}

// inspect checks drafts: by themselves, for their papers, and against the accounts and the periods of the book. The ledger makes the last two again at posting;
// here they spare the reviewer work. It returns an error only when it cannot read.
func (o *Office) inspect(ctx context.Context, tx *store.Tx, hand Hand, drafts []ledger.Draft) ([]*checked, error) {
	book, err := o.ledger.BookTx(ctx, tx.Handle(), hand.Book)
	if err != nil {
		return nil, err
	}
	tree := NewTreeTx(o.ledger, tx.Handle(), hand.Book)
	out := make([]*checked, len(drafts))
	for i := range drafts {
		c := &checked{draft: drafts[i]}
		out[i] = c
		if c.draft.EnteredBy == "" {
			c.draft.EnteredBy = hand.By
		}
		if err := c.draft.Check(); err != nil {
			c.fault(&Fault{Code: ErrDraft, Detail: err.Error(), Hint: "correct the draft", Err: err})
		}
		if len(c.draft.Lines) == 0 {
			c.fault(&Fault{Code: ErrNoLines, Field: "lines", Detail: "none", Hint: "post an act through the ledger itself"})
		}
		if len(c.faults) > 0 { // its accounts cannot be looked up; what its papers lack is said all the same
			c.unencodable, c.kind = true, Transfer
			c.signatures(hand.By)
			c.papers(&o.policy)
			continue
		}
		if err := tree.Load(ctx, c.draft.Lines); err != nil {
			return nil, err
		}
		c.kind = tree.KindOf(c.draft.Lines, o.policy.MoneyAccounts)
		c.signatures(hand.By)
		c.papers(&o.policy)
		c.accounts(tree)
		c.balance(tree, book.Currency)
		c.times(book)
		c.voucherType(&o.policy)
		if c.encoded, c.content, err = encodeDraft(&c.draft, c.kind); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *checked) fault(f *Fault) {
	f.Key = c.draft.Key
	c.faults.add(f)
}

func (c *checked) signatures(by string) {
	d := &c.draft
	if d.EnteredBy != by {
		c.fault(&Fault{Code: ErrSigned, Field: "entered by", Detail: fmt.Sprintf("%q, prepared by %q", d.EnteredBy, by), Hint: "leave it to the preparer"})
	}
	if d.ApprovedBy != "" {
		c.fault(&Fault{Code: ErrSigned, Field: "approved by", Detail: fmt.Sprintf("%q", d.ApprovedBy), Hint: "leave it empty: the reviewer signs here"})
	}
	for _, name := range reservedMetadata {
		if _, taken := d.Metadata[name]; taken {
			c.fault(&Fault{Code: ErrReserved, Field: "metadata " + name, Detail: "posting fills it", Hint: "use another name"})
		}
	}
	if n := len(d.Metadata) + len(reservedMetadata); n > ledger.MaxMetadata {
		c.fault(&Fault{Code: ErrReserved, Field: "metadata", Detail: fmt.Sprintf("%d pairs with the %d that posting adds, at most %d are kept", n, len(reservedMetadata),
			ledger.MaxMetadata), Hint: "keep some of them in the source"})
	}
}

// papers holds 会计基础工作规范 51(四): originals always, but for closing and correcting vouchers. What moves no money of the books needs its source only.
func (c *checked) papers(p *Policy) {
	d := &c.draft
	for _, a := range d.Attachments {
		if len(a.Hash) == 0 {
			c.fault(&Fault{Code: ErrNoAttachment, Field: fmt.Sprintf("attachment %q", clipped(a.Name)), Detail: "without hash", Hint: "give its SHA-256"})
		}
	}
	if slices.Contains(p.WithoutOriginals, d.Kind) {
		if d.Kind == ledger.KindClosing && c.kind.MovesMoney() {
			c.fault(&Fault{Code: ErrVoucherType, Field: "kind", Detail: "a closing voucher touches an account of money", Hint: "name the kind of event that it is"})
		}
		return
	}
	if d.Source.Kind == "" || d.Source.ID == "" {
		c.fault(&Fault{Code: ErrNoSource, Field: "source", Detail: "none", Hint: "name the document, claim or sheet that it comes from"})
	} else if p.SourceHash && len(d.Source.Hash) == 0 {
		c.fault(&Fault{Code: ErrNoSource, Field: "source hash", Detail: "none", Hint: "give the SHA-256 of the source's content"})
	}
	if len(d.Attachments) == 0 && c.kind != Memorandum {
		c.fault(&Fault{Code: ErrNoAttachment, Field: "attachments", Detail: "no originals", Hint: "attach them by name and SHA-256"})
	}
}

func (c *checked) accounts(tree *Tree) {
	for i, line := range c.draft.Lines {
		account, ok := tree.Of(line)
		name := line.Code
		if name == "" {
			name = fmt.Sprintf("number %d", line.Account)
		}
		field := fmt.Sprintf("line %d, account %s", i+1, clipped(name))
		switch {
		case !ok:
			c.fault(&Fault{Code: ErrAccount, Field: field, Detail: "not in the book", Hint: "open it, or correct it"})
		case account.Class == ledger.Heading || account.Class == ledger.Control:
			c.fault(&Fault{Code: ErrAccount, Field: field, Detail: "a " + account.Class.String() + " takes no lines", Hint: "name an account below it"})
		case account.Closed != 0:
			c.fault(&Fault{Code: ErrAccount, Field: field, Detail: "closed since " + account.Closed.String(), Hint: "name another account"})
		case c.draft.Effective < account.Opened:
			c.fault(&Fault{Code: ErrAccount, Field: field, Detail: fmt.Sprintf("opened on %v, after %v", account.Opened, c.draft.Effective), Hint: "give a later date"})
		}
	}
}

// balance adds up the lines, section by section. Lines whose account is unknown leave it unsaid.
func (c *checked) balance(tree *Tree, currency money.Currency) {
	var debit, credit [ledger.Memorandum + 1]money.Amount
	for i, line := range c.draft.Lines {
		account, ok := tree.Of(line)
		if !ok {
			return
		}
		total := &debit[account.Section]
		if line.Side == ledger.Credit {
			total = &credit[account.Section]
		}
		sum, err := total.Add(line.Amount)
		if err != nil {
			c.fault(&Fault{Code: ErrInvalid, Field: fmt.Sprintf("line %d", i+1), Detail: "the lines add up to more than an amount can hold", Hint: "split the voucher", Err: err})
			return
		}
		*total = sum
	}
	for _, section := range []ledger.Section{ledger.General, ledger.Memorandum} {
		if d, k := debit[section], credit[section]; d != k {
			c.fault(&Fault{Code: ErrUnbalanced, Field: section.String(), Detail: fmt.Sprintf("debits %s, credits %s %s", currency.Format(d), currency.Format(k), currency),
				Hint: "add the missing line or correct an amount"})
		}
	}
	c.amount = debit[ledger.General]
}

func (c *checked) times(book ledger.Book) {
	c.period = c.draft.Period
	if c.period == 0 {
		c.period = c.draft.Effective.Month().Period()
	}
	switch {
	case book.First == 0:
		c.fault(&Fault{Code: ErrPeriodClosed, Field: "book", Detail: "a register book takes no vouchers", Hint: "name the book of a fund"})
	case !c.period.Contains(c.draft.Effective):
		c.fault(&Fault{Code: ErrInvalid, Field: "period", Detail: fmt.Sprintf("%v does not hold %v", c.period, c.draft.Effective), Hint: "correct one of them"})
	case c.period < book.First:
		c.fault(&Fault{Code: ErrPeriodClosed, Field: "period", Detail: fmt.Sprintf("%v, the book begins with %v", c.period, book.First), Hint: "correct the date"})
	case c.period <= book.ClosedThrough:
		c.fault(&Fault{Code: ErrPeriodClosed, Field: "period", Detail: fmt.Sprintf("%v, closed through %v", c.period, book.ClosedThrough),
			Hint: fmt.Sprintf("prepare it for %v or later", book.ClosedThrough.Next())})
	}
}

// voucherType settles the series in which the voucher will be numbered. A type that is one of the three kinds must be the voucher's own.
func (c *checked) voucherType(p *Policy) {
	d := &c.draft
	given := Kind(d.Voucher)
	switch {
	case c.kind == Memorandum:
		if d.Voucher != "" {
			c.fault(&Fault{Code: ErrVoucherType, Field: "voucher", Detail: "every line is in the memorandum section", Hint: "leave the voucher type out"})
		}
	case d.Voucher == "" && p.Numbering == ByKind:
		d.Voucher = string(c.kind)
	case d.Voucher == "":
		d.Voucher = ledger.VoucherGeneral
	case (given == Receipt || given == Payment || given == Transfer) && given != c.kind:
		c.fault(&Fault{Code: ErrVoucherType, Field: "voucher", Detail: fmt.Sprintf("%s, but the accounts of money make it a %s", given, c.kind),
			Hint: "leave the voucher type out"})
	}
}
