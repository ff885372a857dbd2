package ledger

import (
	"context"
	"fmt"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
)

// act carries an act of the ledger's own into the derived book. Acts of the host are sealed and not read.
func (v *verifier) act(r *entryRow) {
	same(v, "ledger_entry", r.name, "an act has no period", 0, r.draft.Period)
	same(v, "ledger_entry", r.name, "an act reverses nothing", 0, r.draft.Reverses)
	var err error
	switch kind := r.draft.Kind; kind {
	case kindRealmOpen, kindBookOpen:
		err = v.bookOpened(r)
	case kindBookOpened:
		err = v.otherBookOpened(r)
	case kindAccountsOpen:
		v.derived.accountsState = nextAccountsState(v.derived.accountsState, v.leaf)
		err = v.accountsOpened(r)
	case kindAccountClose:
		v.derived.accountsState = nextAccountsState(v.derived.accountsState, v.leaf)
		err = v.accountClosed(r)
	case kindAccountName:
		v.derived.accountsState = nextAccountsState(v.derived.accountsState, v.leaf)
		err = v.accountNamed(r)
	default:
		if rule, ok := periodRules[kind]; ok {
			err = v.periodActed(r, rule)
		}
	}
	if err != nil {
		v.find("ledger_entry", r.name, "act", "its canonical content", err.Error())
	}
}

func (v *verifier) bookOpened(r *entryRow) error {
	var act bookAct
	if err := seal.DecodeAct(r.draft.Act, &act); err != nil {
		return err
	}
	same(v, "ledger_entry", r.name, "a book opens once, in its first entry", 1, r.assigned.Seq)
	same(v, "ledger_entry", r.name, "the record is of this book", v.report.Book, BookID{Realm: act.Realm, Number: act.Number})
	d := v.derived
	d.code, d.name, d.first = act.Code, act.Name, calendar.Period(act.First)
	if act.Currency != "" {
		currency, err := money.NewCurrency(act.Currency, int(act.Scale))
		if err != nil {
			return err
		}
		d.currency = currency
	}
	if d.first != 0 {
		d.closedThrough = d.first.Previous()
	}
	v.opened = true
	return nil
}

func (v *verifier) otherBookOpened(r *entryRow) error {
	var act bookOpenedAct
	if err := seal.DecodeAct(r.draft.Act, &act); err != nil {
		return err
	}
	if len(act.Leaf) != len(seal.Hash{}) {
		return &seal.FormatError{Part: "act", Reason: "the leaf has another length than a hash"}
	}
	v.books[act.Number] = seal.Hash(act.Leaf)
	return nil
}

func (v *verifier) accountsOpened(r *entryRow) error {
	var acts []accountAct
	if err := seal.DecodeAct(r.draft.Act, &acts); err != nil {
		return err
	}
	d := v.derived
	same(v, "ledger_entry", r.name, "account numbers follow the one before", d.accounts+1, r.assigned.FirstAccount)
	for _, act := range acts {
		d.accounts++
		no := AccountNo(d.accounts)
		if first, taken := v.codes[act.Code]; taken {
			v.find("ledger_entry", r.name, "one account, one code", fmt.Sprintf("%q is account %d", act.Code, first), fmt.Sprintf("opened again as account %d", no))
		}
		v.codes[act.Code] = no
		v.accounts = append(v.accounts, derivedAccount{Account: Account{
			No: no, Code: act.Code, Name: act.Name, Type: act.Type, Section: act.Section, Class: act.Class, Parent: act.Parent,
			NeverBelowZero: act.NeverBelowZero, Opened: calendar.Date(r.draft.Effective),
		}})
		v.placed(r, &v.accounts[no-1])
	}
	return nil
}

// placed checks an account against the one above it, and that its type, section and class are known, so that the arithmetic on it means something.
func (v *verifier) placed(r *entryRow, a *derivedAccount) {
	if sectionNames[a.Section] == "" || typeNames[a.Type] == "" || classNames[a.Class] == "" {
		v.find("ledger_entry", r.name, "account "+a.Code, "a known type, section and class", fmt.Sprintf("%d, %d, %d", a.Type, a.Section, a.Class))
		a.Section = General
	}
	if a.Parent == 0 {
		if a.Class == Member {
			v.find("ledger_entry", r.name, "account "+a.Code, "a control above a member", "nothing above")
		}
		return
	}
	above := Heading
	if a.Class == Member {
		above = Control
	}
	if a.Parent < 0 || a.Parent >= a.No {
		v.find("ledger_entry", r.name, "account "+a.Code, "a parent opened before it", fmt.Sprintf("account number %d", a.Parent))
		return
	}
	parent := &v.accounts[a.Parent-1]
	if parent.Class != above || parent.Type != a.Type || parent.Section != a.Section || parent.Closed != 0 {
		v.find("ledger_entry", r.name, "account "+a.Code, fmt.Sprintf("an open %s of its type and section above it", above), "account "+parent.Code)
	}
}

func (v *verifier) accountClosed(r *entryRow) error {
	var act accountCloseAct
	if err := seal.DecodeAct(r.draft.Act, &act); err != nil {
		return err
	}
	if act.Account < 1 || int(act.Account) > len(v.accounts) {
		v.find("ledger_entry", r.name, "closes an account of the book", "such an account", fmt.Sprintf("account number %d", act.Account))
		return nil
	}
	account := &v.accounts[act.Account-1]
	if account.Closed != 0 || account.balance != 0 {
		v.find("ledger_entry", r.name, "closes an open account without balance", "account "+account.Code, fmt.Sprintf("balance %d, closed %v", account.balance, account.Closed))
	}
	account.Closed = calendar.Date(r.draft.Effective)
	return nil
}

func (v *verifier) accountNamed(r *entryRow) error {
	var act accountNameAct
	if err := seal.DecodeAct(r.draft.Act, &act); err != nil {
		return err
	}
	if act.Account < 1 || int(act.Account) > len(v.accounts) {
		v.find("ledger_entry", r.name, "names an account of the book", "such an account", fmt.Sprintf("account number %d", act.Account))
		return nil
	}
	v.accounts[act.Account-1].Name = act.Name
	return nil
}

func (v *verifier) periodActed(r *entryRow, rule periodRule) error {
	var act periodAct
	if err := seal.DecodeAct(r.draft.Act, &act); err != nil {
		return err
	}
	period := calendar.Period(act.Period)
	if code, detail, _ := rule.refuse(v.derived, period); code != "" || !period.Valid() {
		v.find("ledger_entry", r.name, rule.kind(), "an act that the rules allow", string(code)+": "+detail)
	}
	rule.apply(v.derived, period)
	v.periods[r.assigned.Seq] = periodRow{act: rule.kind(), period: act.Period}
	return nil
}

// reversals reads each mirror and its original again: invariant 7.
func (v *verifier) reversals(ctx context.Context) error {
	reversed := map[int64]int64{}
	for _, m := range v.mirrors {
		row := fmt.Sprintf("seq %d", m.by)
		if first, twice := reversed[m.of]; twice {
			v.find("ledger_entry", row, "an entry is reversed once", fmt.Sprintf("entry %d by %d", m.of, first), fmt.Sprintf("by %d as well", m.by))
		}
		reversed[m.of] = m.by
		if m.of >= m.by {
			v.find("ledger_entry", row, "reverses an earlier entry", fmt.Sprintf("below %d", m.by), m.of)
			continue
		}
		by, err := readEntry(ctx, v.tx, v.report.Book, Seq(m.by))
		if err == nil {
			var of Entry
			if of, err = readEntry(ctx, v.tx, v.report.Book, Seq(m.of)); err == nil {
				v.mirrored(row, &by, &of)
				continue
			}
		}
		if !isCode(err, ErrEntryUnknown) && !isCode(err, ErrCorrupt) {
			return err
		}
	}
	return nil
}

func (v *verifier) mirrored(row string, by, of *Entry) {
	if of.Reverses != 0 || by.Kind != of.Kind || by.Description == "" || len(by.Lines) != len(of.Lines) {
		v.find("ledger_entry", row, "mirrors an entry that is no reversal, and says why", fmt.Sprintf("the kind and the lines of entry %d", of.Seq), "something else")
		return
	}
	for i := range by.Lines {
		want := of.Lines[i]
		want.Amount = -want.Amount
		if by.Lines[i] != want {
			v.find("ledger_entry", row, fmt.Sprintf("mirrors line %d of entry %d", i+1, of.Seq), fmt.Sprintf("%+v", want), fmt.Sprintf("%+v", by.Lines[i]))
		}
	}
}

// duplicateKeys finds keys that two rows bear, which the index refuses as long as it stands.
func (v *verifier) duplicateKeys(ctx context.Context) error {
	rows, err := v.tx.Query(ctx, `SELECT key, count(*) FROM ledger_entry WHERE realm_id = ? AND book_no = ? GROUP BY key HAVING count(*) > 1 ORDER BY key`,
		v.report.Book.Realm, v.report.Book.Number)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key string
		var n int64
		if err := rows.Scan(&key, &n); err != nil {
			return err
		}
		v.find("ledger_entry", fmt.Sprintf("key %q", clipped(key)), "one key, one entry", 1, n)
	}
	return rows.Err()
}
