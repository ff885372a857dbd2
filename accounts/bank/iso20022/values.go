package iso20022

import (
	"strconv"
	"strings"
	"time"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// amount reads an amount element with its Ccy attribute. Amounts of ISO 20022 have no sign; a negative one is a fault.
func (s *scanner) amount(n *node) (money.Amount, money.Currency, bool) {
	n.taken = true
	if n.currency == "" {
		s.fault(n, bank.FaultCurrency, "", "has no Ccy attribute", "ask the bank for a correct message")
		return 0, money.Currency{}, false
	}
	c, err := s.options.currency(n.currency)
	if err != nil {
		s.fault(n, bank.FaultCurrency, n.currency, "is not a known currency", "give it to Options.Currencies")
		return 0, money.Currency{}, false
	}
	a, ok := s.plainAmount(n, c)
	return a, c, ok
}

// plainAmount reads a text without sign as an amount of c.
func (s *scanner) plainAmount(n *node, c money.Currency) (money.Amount, bool) {
	n.taken = true
	d, err := money.ParseDecimal(xsDecimal(n.text))
	if err == nil && d.IsNegative() {
		s.fault(n, bank.FaultAmount, n.text, "is negative", "the direction belongs into CdtDbtInd; ask the bank for a correct message")
		return 0, false
	}
	var a money.Amount
	if err == nil {
		a, err = c.FromDecimal(d)
	}
	if err != nil {
		s.faults.Add(&bank.Fault{Code: bank.FaultAmount, File: s.options.File, Line: n.line, Path: s.pathOf(n, true), Text: n.text,
			Reason: "is no exact amount in " + c.Code() + ", which has " + strconv.Itoa(int(c.Scale())) + " decimals",
			Hint:   "ask the bank for a correct message", Err: err})
		return 0, false
	}
	return a, true
}

// xsDecimal completes the forms .5 and 5. that XML Schema allows.
func xsDecimal(text string) string {
	sign, body := "", text
	if body != "" && (body[0] == '+' || body[0] == '-') {
		sign, body = body[:1], body[1:]
	}
	if strings.HasPrefix(body, ".") && len(body) > 1 {
		body = "0" + body
	}
	if len(body) > 1 {
		body = strings.TrimSuffix(body, ".")
	}
	return sign + body
}

// signed reads the amount in Amt and its direction in CdtDbtInd, both children of n.
func (s *scanner) signed(n *node) (money.Amount, money.Currency, bool) {
	amt, direction := s.single(n, "Amt"), s.single(n, "CdtDbtInd")
	if amt == nil || direction == nil {
		s.fault(n, bank.FaultMissing, "", "has no "+missingOf(amt == nil, "Amt", "CdtDbtInd"), "ask the bank for a correct message")
		return 0, money.Currency{}, false
	}
	a, c, ok := s.amount(amt)
	sign, known := s.direction(direction)
	return sign * a, c, ok && known
}

func missingOf(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

// direction returns +1 for CRDT and −1 for DBIT.
func (s *scanner) direction(n *node) (money.Amount, bool) {
	n.taken = true
	switch n.text {
	case "CRDT":
		return 1, true
	case "DBIT":
		return -1, true
	}
	s.fault(n, bank.FaultValue, n.text, "is neither CRDT nor DBIT", "ask the bank for a correct message")
	return 1, false
}

// date reads a choice of Dt and DtTm as the civil date that is written, whatever the time zone beside it.
func (s *scanner) date(n *node) calendar.Date {
	if n == nil {
		return 0
	}
	for _, name := range []string{"Dt", "DtTm"} {
		if inner := n.find(name); inner != nil {
			return s.plainDate(inner)
		}
	}
	if n.text != "" && len(n.children) == 0 {
		return s.plainDate(n)
	}
	s.fault(n, bank.FaultDate, "", "holds neither Dt nor DtTm", "ask the bank for a correct message")
	return 0
}

func (s *scanner) plainDate(n *node) calendar.Date {
	n.taken = true
	if len(n.text) >= 10 && dateTail(n.text[10:]) {
		if d, err := calendar.ParseDate(n.text[:10]); err == nil {
			return d
		}
	}
	s.fault(n, bank.FaultDate, n.text, "is no date", "ask the bank for yyyy-mm-dd, alone or followed by a time")
	return 0
}

// dateTail reports whether what follows the date is a time, a time zone, both, or nothing.
func dateTail(tail string) bool {
	if tail == "" {
		return true
	}
	for _, layout := range []string{"Z07:00", "T15:04:05.999999999", "T15:04:05.999999999Z07:00"} {
		if _, err := time.Parse(layout, tail); err == nil {
			return true
		}
	}
	return tail == "T24:00:00"
}

// flag reads an xs:boolean; absent means false.
func (s *scanner) flag(n *node) bool {
	if n == nil {
		return false
	}
	n.taken = true
	switch n.text {
	case "true", "1":
		return true
	case "false", "0":
		return false
	}
	s.fault(n, bank.FaultValue, n.text, "is neither true nor false", "ask the bank for a correct message")
	return false
}

// number reads a count of at most 15 digits.
func (s *scanner) number(n *node) (int64, bool) {
	n.taken = true
	v, err := strconv.ParseInt(n.text, 10, 64)
	if err == nil && v >= 0 && len(n.text) <= 18 {
		return v, true
	}
	s.fault(n, bank.FaultValue, n.text, "is no number of at most 18 digits", "ask the bank for a correct message")
	return 0, false
}
