package iso20022

import (
	"crypto/sha256"
	"encoding/xml"
	"strings"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// openEntry is an Ntry while it is read.
type openEntry struct {
	node     *node // the entry with its own elements, details excepted
	line     *bank.Line
	currency money.Currency
	sign     money.Amount // +1 or −1 once the head is read
	status   string
	headRead bool
	sound    bool // amount and direction are known
}

// entry reads an Ntry whose start was just returned: its own elements into a small tree, its details one by one. The standard puts amount, direction and
// dates before the details, so the head is evaluated when the first detail comes.
func (w *camtWalk) entry() error {
	if w.reader.summary.Booked+w.reader.summary.Unbooked >= w.options.Limits.Entries {
		return limitFault(w.options.File, w.line, "the file has more than", int64(w.options.Limits.Entries), "entries")
	}
	e := &openEntry{node: w.openNode(), line: &bank.Line{Source: bank.Source{File: w.options.File, Line: w.line, Path: w.path(true)}}}
	e.node.read = true
	w.hash = sha256.New()
	w.hash.Write(w.in.token[:len(w.in.token)-int(w.in.read-w.decoder.InputOffset())])
	left := w.options.Limits.ElementTokens
	err := w.children(func(start xml.StartElement) error {
		if w.nameOf(start.Name) == "NtryDtls" {
			w.head(e)
			return w.details(e)
		}
		w.budget = left
		child, err := w.tree(start, e.node)
		left = w.budget
		if err == nil {
			e.node.children = append(e.node.children, child)
		}
		return err
	})
	if err != nil {
		return err
	}
	e.line.Hash = [32]byte(w.hash.Sum(nil))
	w.hash = nil
	return w.finish(e)
}

// head evaluates what an entry says before its details.
func (w *camtWalk) head(e *openEntry) {
	if e.headRead {
		return
	}
	e.headRead = true
	n, line := e.node, e.line
	line.Amount, e.currency, e.sound = w.signed(n)
	e.sign = 1
	if direction := n.find("CdtDbtInd"); direction != nil && direction.text == "DBIT" {
		e.sign = -1
	}
	e.status = w.status(n)
	line.Reversal = w.flag(w.single(n, "RvslInd"))
	line.BookingDate, line.ValueDate = w.entryDate(n, "BookgDt"), w.entryDate(n, "ValDt")
	undated := line.BookingDate == 0 && line.ValueDate == 0 && len(w.faults.List) == 0
	if undated && e.status == "BOOK" && w.statement.Form == bank.StatementForm {
		w.fault(n, bank.FaultMissing, "", "a booked entry has neither booking nor value date", "ask the bank for a correct message")
	}
	line.EntryReference, line.BankReference = n.value("NtryRef"), n.value("AcctSvcrRef")
	line.TransactionCode, line.ProprietaryCode = transactionCode(n.find("BkTxCd"))
	if !e.sound {
		return
	}
	w.settleCurrency(e.currency)
	if e.currency != w.statement.Currency {
		w.fault(n.find("Amt"), bank.FaultCurrency, e.currency.Code(), "is not the currency of the statement, "+w.statement.Currency.Code(),
			"ask the bank for one statement a currency")
		e.sound = false
	}
}

func (w *camtWalk) entryDate(n *node, name string) calendar.Date {
	if found := w.single(n, name); found != nil {
		return w.date(found)
	}
	return 0
}

// status reads Sts: a text up to version 07, a choice of Cd and Prtry from 08 on; either is taken in any version.
func (w *camtWalk) status(n *node) string {
	sts := w.single(n, "Sts")
	if sts == nil {
		w.fault(n, bank.FaultMissing, "", "an entry has no status (Sts)", "ask the bank for a correct message")
		return ""
	}
	text := sts.text
	if len(sts.children) > 0 {
		text = sts.code()
	}
	sts.taken = true
	switch text {
	case "BOOK", "PDNG", "INFO", "FUTR":
		return text
	}
	w.fault(sts, bank.FaultValue, text, "is no entry status", "ask the bank for BOOK, PDNG, INFO or FUTR: only BOOK moves the balance")
	return ""
}

// transactionCode joins domain, family and sub-family, and gives the bank's own code beside it.
func transactionCode(n *node) (code, proprietary string) {
	parts := []string{n.value("Domn", "Cd"), n.value("Domn", "Fmly", "Cd"), n.value("Domn", "Fmly", "SubFmlyCd")}
	if parts[0] != "" {
		code = strings.Join(parts, "/")
	}
	return code, n.value("Prtry", "Cd")
}

// finish turns an entry that has been read to its end into a line, or counts it when it is not booked.
func (w *camtWalk) finish(e *openEntry) error {
	w.head(e)
	line := e.line
	if len(line.Details) == 1 {
		soleDetail(line)
	}
	if note := e.node.value("AddtlNtryInf"); note != "" {
		line.Note = note
	}
	w.countUnread(e.node)
	if err := w.reportOrStop(); err != nil {
		return err
	}
	if e.status != "BOOK" {
		w.countUnbooked(e.status, line.Amount)
		return nil
	}
	w.reader.summary.Booked++
	w.tally.Add(line.Amount)
	w.pickBalances()
	if e.sound && !w.yield(Item{Statement: w.statement, Line: line, Tally: w.tally}, nil) {
		return errStopped
	}
	return nil
}

func (w *camtWalk) countUnbooked(status string, a money.Amount) {
	w.reader.summary.Unbooked++
	s := w.statement
	at, known := w.unbooked[status]
	if !known {
		at = len(s.Unbooked)
		w.unbooked[status] = at
		s.Unbooked = append(s.Unbooked, bank.StatusTally{Status: status})
	}
	s.Unbooked[at].Add(a)
}

// soleDetail lifts what the only detail says into its line, where the line itself does not say it.
func soleDetail(line *bank.Line) {
	d := line.Details[0]
	payment := line.PaymentInformation
	line.Particulars = d.Particulars
	if line.PaymentInformation == "" {
		line.PaymentInformation = payment
	}
	if line.BankReference == "" {
		line.BankReference = d.BankReference
	}
}

// details reads an NtryDtls whose start was just returned.
func (w *camtWalk) details(e *openEntry) error {
	return w.children(func(start xml.StartElement) error {
		name := w.nameOf(start.Name)
		if name != "TxDtls" && name != "Btch" {
			return w.skip()
		}
		if len(e.line.Details) == w.options.Limits.Details {
			return limitFault(w.options.File, w.line, "an entry has more than", int64(w.options.Limits.Details), "details")
		}
		w.budget = w.options.Limits.ElementTokens
		n, err := w.tree(start, nil)
		if err != nil {
			return err
		}
		n.read = true
		if name == "Btch" {
			w.batch(e.line, n)
		} else {
			e.line.Details = append(e.line.Details, w.detail(e, n))
		}
		w.countUnread(n)
		return nil
	})
}

// batch reads what the bank says about a collective booking as a whole.
func (w *camtWalk) batch(line *bank.Line, n *node) {
	if id := n.value("PmtInfId"); id != "" {
		line.PaymentInformation = id
	}
	if count := n.find("NbOfTxs"); count != nil {
		if v, ok := w.number(count); ok && v < 1_000_000_000 {
			line.BatchCount += int(v)
		}
	}
}

// detail reads one TxDtls.
func (w *camtWalk) detail(e *openEntry, n *node) bank.Detail {
	d := bank.Detail{Source: w.sourceOf(n), BankReference: n.value("Refs", "AcctSvcrRef")}
	d.Amount, d.HasAmount = w.detailAmount(e, n)
	d.EndToEnd = n.value("Refs", "EndToEndId")
	if d.EndToEnd == "NOTPROVIDED" {
		d.EndToEnd = ""
	}
	d.Instruction, d.PaymentInformation = n.value("Refs", "InstrId"), n.value("Refs", "PmtInfId")
	d.Remittance, d.CreditorReference = remittance(n.find("RmtInf"))
	d.Note = n.value("AddtlTxInf")
	if reason := n.find("RtrInf"); reason != nil {
		d.ReturnReason = reason.code("Rsn")
		for _, more := range reason.all("AddtlInf") {
			more.taken = true
			d.ReturnReason = strings.TrimSpace(d.ReturnReason + " " + more.text)
		}
	}
	d.Counterparty = counterparty(n, (e.sign > 0) != e.line.Reversal)
	if e.line.TransactionCode == "" && e.line.ProprietaryCode == "" {
		e.line.TransactionCode, e.line.ProprietaryCode = transactionCode(n.find("BkTxCd"))
	}
	return d
}

// detailAmount reads the amount of a payment in the entry's currency: TxDtls/Amt, or AmtDtls/TxAmt/Amt where older versions have it. A payment may have
// its own direction; without one it has the entry's. An amount in another currency is left unread and counted.
func (w *camtWalk) detailAmount(e *openEntry, n *node) (money.Amount, bool) {
	amt := n.child("Amt")
	if amt == nil || amt.currency != e.currency.Code() {
		amt = n.child("AmtDtls").child("TxAmt").child("Amt")
	}
	if amt == nil || amt.currency != e.currency.Code() {
		return 0, false
	}
	amt.markPath()
	a, _, ok := w.amount(amt)
	sign := e.sign
	if direction := n.find("CdtDbtInd"); direction != nil {
		sign, _ = w.direction(direction)
	}
	return sign * a, ok
}

// counterparty reads the other side: of money in it is the debtor, of money out the creditor. The parties of a reversal keep the roles of the payment
// that is reversed. The party stands directly in its element up to version 07 and under Pty (or Agt for a bank) from 08 on.
func counterparty(n *node, payer bool) bank.Party {
	role := "Cdtr"
	if payer {
		role = "Dbtr"
	}
	parties := n.find("RltdPties")
	p := bank.Party{Name: partyName(parties, role), AccountNumber: accountNumber(parties.find(role + "Acct"))}
	if p.Name == "" {
		p.Name = partyName(parties, "Ultmt"+role)
	}
	agent := n.find("RltdAgts", role+"Agt", "FinInstnId")
	p.BIC = agent.value("BICFI")
	if p.BIC == "" {
		p.BIC = agent.value("BIC")
	}
	p.BankName = agent.value("Nm")
	p.BankCode = agent.value("ClrSysMmbId", "MmbId")
	return p
}

func partyName(parties *node, role string) string {
	party := parties.find(role)
	for _, path := range [][]string{{"Nm"}, {"Pty", "Nm"}, {"Agt", "FinInstnId", "Nm"}} {
		if name := party.value(path...); name != "" {
			return name
		}
	}
	return ""
}

// remittance joins the unstructured parts with line feeds and takes the first structured creditor reference.
func remittance(n *node) (text, reference string) {
	var parts []string
	for _, u := range n.all("Ustrd") {
		u.taken = true
		if u.text != "" {
			parts = append(parts, u.text)
		}
	}
	return strings.Join(parts, "\n"), n.value("Strd", "CdtrRefInf", "Ref")
}
