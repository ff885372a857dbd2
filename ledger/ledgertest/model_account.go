package ledgertest

import (
	"slices"

	"github.com/fundledger/fundledger/ledger"
)

// OpenAccounts opens accounts in one act.
func (m *Model) OpenAccounts(id ledger.BookID, act ledger.Act, specs []ledger.AccountSpec) ([]ledger.AccountNo, []Refusal) {
	b := m.books[id]
	var refusals []Refusal
	switch {
	case b == nil:
		return nil, one(ledger.ErrBookUnknown)
	case len(specs) == 0, len(specs) > ledger.MaxAccountsPerAct:
		refusals = one(ledger.ErrFieldTooLong)
	default:
		refusals = specTextRefusals(specs)
	}
	if id.Number == 0 {
		refusals = append(refusals, one(ledger.ErrLinesRefused)...)
	}
	if len(refusals) > 0 {
		return nil, ordered(refusals)
	}
	accounts := b.resolved(specs)
	r := &request{own: true, content: accounts, draft: actDraft("ledger.accounts.open", act)}
	r.refuse = func() (all []Refusal) {
		for i := range specs {
			for _, code := range b.specCodes(specs, accounts, i) {
				all = append(all, Refusal{Draft: i, Code: code, Line: -1})
			}
		}
		return all
	}
	r.apply = func(e *modelEntry) {
		e.firstAccount = ledger.AccountNo(len(b.accounts) + 1)
		for _, account := range accounts {
			account.No, account.Opened = ledger.AccountNo(len(b.accounts)+1), act.Effective
			b.accounts = append(b.accounts, account)
		}
		b.book.Accounts = int64(len(b.accounts))
	}
	if _, refusals := m.record(id, r); len(refusals) > 0 {
		return nil, refusals
	}
	numbers := make([]ledger.AccountNo, len(specs))
	for i := range numbers {
		numbers[i] = b.byKey(act.Key).firstAccount + ledger.AccountNo(i)
	}
	return numbers, nil
}

func specTextRefusals(specs []ledger.AccountSpec) (all []Refusal) {
	for i, spec := range specs {
		if spec.Code == "" {
			all = append(all, Refusal{Draft: i, Code: ledger.ErrFieldMissing, Line: -1})
		}
		for _, text := range []string{spec.Code, spec.Name, spec.Parent} {
			if code := textCode(text, boundName); code != "" {
				all = append(all, Refusal{Draft: i, Code: code, Line: -1})
			}
		}
	}
	return ordered(all)
}

// resolved turns specs into accounts without numbers: defaults are filled in and parents have the numbers that they have or will get.
func (b *modelBook) resolved(specs []ledger.AccountSpec) []ledger.Account {
	accounts := make([]ledger.Account, len(specs))
	for i, spec := range specs {
		accounts[i] = ledger.Account{Code: spec.Code, Name: spec.Name, Type: spec.Type, Section: spec.Section, Class: spec.Class, NeverBelowZero: spec.NeverBelowZero}
		if spec.Section == 0 {
			accounts[i].Section = ledger.General
		}
		if spec.Class == 0 {
			accounts[i].Class = ledger.Detail
		}
		if spec.Parent == "" {
			continue
		}
		if parent := b.account(ledger.Line{Code: spec.Parent}); parent != nil {
			accounts[i].Parent = parent.No
		} else if at := slices.IndexFunc(specs[:i], func(s ledger.AccountSpec) bool { return s.Code == spec.Parent }); at >= 0 {
			accounts[i].Parent = ledger.AccountNo(len(b.accounts) + 1 + at)
		}
	}
	return accounts
}

// specCodes are the reasons why account i of a list cannot be opened.
func (b *modelBook) specCodes(specs []ledger.AccountSpec, accounts []ledger.Account, i int) (codes []ledger.Code) {
	spec, account := specs[i], accounts[i]
	inList := func(code string) int {
		return slices.IndexFunc(specs[:i], func(s ledger.AccountSpec) bool { return s.Code == code })
	}
	if inList(spec.Code) >= 0 || b.account(ledger.Line{Code: spec.Code}) != nil {
		codes = append(codes, ledger.ErrAccountExists)
	}
	if account.Type < ledger.Asset || account.Type > ledger.Expense {
		codes = append(codes, ledger.ErrFieldInvalid)
	}
	if account.Section != ledger.General && account.Section != ledger.Memorandum {
		codes = append(codes, ledger.ErrFieldInvalid)
	}
	if account.Class < ledger.Detail || account.Class > ledger.Member {
		codes = append(codes, ledger.ErrFieldInvalid)
	}
	if account.NeverBelowZero && (account.Class == ledger.Heading || account.Class == ledger.Control) {
		codes = append(codes, ledger.ErrAccountClass)
	}
	if spec.Parent == "" {
		if account.Class == ledger.Member {
			codes = append(codes, ledger.ErrFieldMissing)
		}
		return codes
	}
	var parent ledger.Account
	if at := inList(spec.Parent); at >= 0 {
		parent = accounts[at]
	} else if there := b.account(ledger.Line{Code: spec.Parent}); there != nil {
		parent = *there
	} else {
		return append(codes, ledger.ErrAccountUnknown)
	}
	if parent.Closed != 0 {
		codes = append(codes, ledger.ErrAccountClosed)
	}
	if account.Class == ledger.Member && parent.Class != ledger.Control || account.Class != ledger.Member && parent.Class != ledger.Heading {
		codes = append(codes, ledger.ErrAccountClass)
	}
	if parent.Type != account.Type || parent.Section != account.Section {
		codes = append(codes, ledger.ErrAccountClass)
	}
	return codes
}

// CloseAccount closes an account.
func (m *Model) CloseAccount(id ledger.BookID, act ledger.Act, no ledger.AccountNo) []Refusal {
	b := m.books[id]
	if b == nil {
		return one(ledger.ErrBookUnknown)
	}
	r := &request{own: true, content: no, draft: actDraft("ledger.account.close", act)}
	r.refuse = func() []Refusal {
		if !b.has(no) {
			return one(ledger.ErrAccountUnknown)
		}
		if code := b.closeCode(b.accounts[no-1], act); code != "" {
			return one(code)
		}
		return nil
	}
	r.apply = func(*modelEntry) { b.accounts[no-1].Closed = act.Effective }
	_, refusals := m.record(id, r)
	return refusals
}

func (b *modelBook) closeCode(account ledger.Account, act ledger.Act) ledger.Code {
	if account.Closed != 0 || act.Effective < account.Opened {
		return ledger.ErrAccountClosed
	}
	for _, other := range b.accounts {
		if other.Parent == account.No && other.Closed == 0 {
			return ledger.ErrAccountInUse
		}
	}
	balance := b.balance(account, ledger.At{})
	if balance.Net() != 0 {
		return ledger.ErrAccountInUse
	}
	for _, e := range b.entries {
		for _, line := range e.Lines {
			if e.Effective > act.Effective && b.under(line.Account, account.No) {
				return ledger.ErrAccountInUse
			}
		}
	}
	return ""
}

// NameAccount gives an account another name.
func (m *Model) NameAccount(id ledger.BookID, act ledger.Act, no ledger.AccountNo, name string) []Refusal {
	if code := textCode(name, boundName); code != "" {
		return one(code)
	}
	b := m.books[id]
	if b == nil {
		return one(ledger.ErrBookUnknown)
	}
	r := &request{own: true, content: []any{no, name}, draft: actDraft("ledger.account.name", act)}
	r.refuse = func() []Refusal {
		if !b.has(no) {
			return one(ledger.ErrAccountUnknown)
		}
		return nil
	}
	r.apply = func(*modelEntry) { b.accounts[no-1].Name = name }
	_, refusals := m.record(id, r)
	return refusals
}

func (b *modelBook) has(no ledger.AccountNo) bool { return no >= 1 && int(no) <= len(b.accounts) }

// under reports whether an account is another one, or stands below it.
func (b *modelBook) under(no, above ledger.AccountNo) bool {
	for no != 0 {
		if no == above {
			return true
		}
		no = b.accounts[no-1].Parent
	}
	return false
}
