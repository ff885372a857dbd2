package iso20022

import (
	"encoding/xml"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// maxBalances bounds the balances of one statement.
const maxBalances = 1000

// oneStatement reads a Stmt or Ntfctn whose start was just returned.
func (w *camtWalk) oneStatement(k kind) error {
	w.statement = &bank.Statement{Form: k.form, Source: bank.Source{File: w.options.File, Line: w.line, Path: w.path(true)}}
	w.seen, w.unbooked, w.tally = map[string]bool{}, map[string]int{}, bank.Tally{}
	w.reader.summary.Statements++
	err := w.children(func(start xml.StartElement) error {
		if w.nameOf(start.Name) == "Ntry" {
			return w.entry()
		}
		return w.header(start)
	})
	if err != nil {
		return err
	}
	s := w.statement
	if s.Account == "" {
		w.fault(nil, bank.FaultMissing, "", "a statement has no account number (Acct/Id)", "ask the bank for a correct message")
	}
	if s.ID == "" {
		w.fault(nil, bank.FaultMissing, "", "a statement has no identification (Id)", "ask the bank for a correct message")
	}
	if s.Currency.IsZero() && len(s.Balances) > 0 {
		s.Currency = s.Balances[0].Currency
	}
	if s.Currency.IsZero() {
		w.fault(nil, bank.FaultCurrency, "", "a statement has neither an account currency nor a balance nor an entry", "ask the bank for a correct message")
	}
	w.pickBalances()
	if err := w.reportOrStop(); err != nil {
		return err
	}
	if !w.yield(Item{Statement: s, Tally: w.tally}, nil) {
		return errStopped
	}
	return nil
}

// header reads one element of the statement that is not an entry.
func (w *camtWalk) header(start xml.StartElement) error {
	w.budget = w.options.Limits.ElementTokens
	n, err := w.tree(start, nil)
	if err != nil {
		return err
	}
	n.read = true
	switch n.name {
	case "Id", "ElctrncSeqNb", "LglSeqNb", "CpyDplctInd", "FrToDt", "Acct", "TxsSummry":
		if w.seen[n.name] {
			w.fault(n, bank.FaultRepeated, n.text, "is there twice in a statement", "ask the bank for a correct message")
		}
		w.seen[n.name] = true
	}
	s := w.statement
	switch n.name {
	case "Id":
		s.ID, n.taken = n.text, true
	case "ElctrncSeqNb":
		s.Sequence, _ = w.number(n)
	case "LglSeqNb":
		if !w.seen["ElctrncSeqNb"] {
			s.Sequence, _ = w.number(n)
		}
	case "CpyDplctInd":
		s.Copy, n.taken = n.text, true
	case "FrToDt":
		s.From, s.To = w.periodEnd(n, "FrDtTm", "FrDt"), w.periodEnd(n, "ToDtTm", "ToDt")
	case "Acct":
		w.account(n)
	case "Bal":
		if err := w.balance(n); err != nil {
			return err
		}
	case "TxsSummry":
		w.totals(n)
	default:
		n.read = false
	}
	w.countUnread(n)
	return w.reportOrStop()
}

func (w *camtWalk) periodEnd(n *node, names ...string) calendar.Date {
	for _, name := range names {
		if inner := n.find(name); inner != nil {
			return w.plainDate(inner)
		}
	}
	return 0
}

func (w *camtWalk) account(n *node) {
	s := w.statement
	s.Account = accountNumber(n)
	s.Owner = n.value("Ownr", "Nm")
	s.Servicer = institution(n.find("Svcr", "FinInstnId"))
	code := n.value("Ccy")
	if code == "" {
		return
	}
	c, err := w.options.currency(code)
	if err != nil {
		w.fault(n.find("Ccy"), bank.FaultCurrency, code, "is not a known currency", "give it to Options.Currencies")
		return
	}
	if !s.Currency.IsZero() && s.Currency != c {
		w.fault(n.find("Ccy"), bank.FaultCurrency, code, "is not the currency of the balances and entries before it", "ask the bank for a correct message")
	}
	s.Currency = c
}

// accountNumber reads an account's IBAN or other number.
func accountNumber(n *node) string {
	if iban := n.value("Id", "IBAN"); iban != "" {
		return iban
	}
	return n.value("Id", "Othr", "Id")
}

// institution reads a bank's BIC (BICFI since the versions of 2013, BIC before), or its name.
func institution(n *node) string {
	for _, name := range []string{"BICFI", "BIC", "Nm"} {
		if text := n.value(name); text != "" {
			return text
		}
	}
	return ""
}

func (w *camtWalk) balance(n *node) error {
	s := w.statement
	if len(s.Balances) == maxBalances {
		return limitFault(w.options.File, n.line, "a statement has more than", maxBalances, "balances")
	}
	a, c, ok := w.signed(n)
	b := bank.Balance{Code: n.code("Tp", "CdOrPrtry"), Amount: a, Currency: c, Date: w.date(n.find("Dt")), Source: w.sourceOf(n)}
	if !ok {
		return nil
	}
	s.Balances = append(s.Balances, b)
	switch b.Code {
	case "OPBD", "CLBD", "PRCD", "ITBD":
		w.settleCurrency(c)
	}
	return nil
}

// settleCurrency takes the currency of the first booked balance or entry for the statement when its account names none.
func (w *camtWalk) settleCurrency(c money.Currency) {
	if w.statement.Currency.IsZero() {
		w.statement.Currency = c
	}
}

// pickBalances chooses the opening and closing booked balance among those in the statement's currency: OPBD, else the previous closing PRCD, else the
// first interim ITBD opens; CLBD, else the last ITBD that does not open closes. A page of a long statement opens or closes with ITBD.
func (w *camtWalk) pickBalances() {
	s := w.statement
	s.Opening, s.Closing = nil, nil
	first := func(code string) *bank.Balance {
		for i := range s.Balances {
			if s.Balances[i].Code == code && s.Balances[i].Currency == s.Currency {
				return &s.Balances[i]
			}
		}
		return nil
	}
	for _, code := range []string{"OPBD", "PRCD", "ITBD"} {
		if s.Opening = first(code); s.Opening != nil {
			break
		}
	}
	s.Closing = first("CLBD")
	for i := len(s.Balances) - 1; s.Closing == nil && i >= 0; i-- {
		if b := &s.Balances[i]; b.Code == "ITBD" && b.Currency == s.Currency && b != s.Opening {
			s.Closing = b
		}
	}
}

// totals reads TxsSummry, the control totals of the statement.
func (w *camtWalk) totals(n *node) {
	counts := []struct {
		parent string
		kind   bank.ControlKind
	}{{"TtlNtries", bank.TotalCount}, {"TtlCdtNtries", bank.CreditCount}, {"TtlDbtNtries", bank.DebitCount}}
	for _, c := range counts {
		if inner := n.find(c.parent, "NbOfNtries"); inner != nil {
			if v, ok := w.number(inner); ok {
				w.stated(c.kind, money.Amount(v), inner)
			}
		}
	}
	for _, c := range []struct {
		parent string
		kind   bank.ControlKind
	}{{"TtlCdtNtries", bank.CreditSum}, {"TtlDbtNtries", bank.DebitSum}} {
		if inner := n.find(c.parent, "Sum"); inner != nil && !w.statement.Currency.IsZero() {
			if a, ok := w.plainAmount(inner, w.statement.Currency); ok {
				w.stated(c.kind, a, inner)
			}
		}
	}
}

func (w *camtWalk) stated(kind bank.ControlKind, value money.Amount, n *node) {
	w.statement.Stated = append(w.statement.Stated, bank.ControlTotal{Kind: kind, Value: value, Source: w.sourceOf(n)})
}
