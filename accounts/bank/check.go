package bank

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"slices"

	"github.com/fundledger/fundledger/ledger/money"
)

// Foot checks that the opening booked balance and the booked lines add up to the closing booked balance. It returns nil when they do, and a
// Discrepancy with the arithmetic when they do not, when a balance is missing, or when the sum leaves the range of an Amount.
func (s *Statement) Foot() *Discrepancy { return s.Tally().Foot(s) }

// Foot is Statement.Foot for a statement whose lines were streamed and tallied instead of kept.
func (t Tally) Foot(s *Statement) *Discrepancy {
	if s.Opening == nil || s.Closing == nil {
		return s.discrepancy(BalanceMissing, s.Source, missingBalance(s))
	}
	sum, ok := t.Sum()
	reached, err := s.Opening.Amount.Add(sum)
	difference, err2 := s.Closing.Amount.Sub(reached)
	if !ok || err != nil || err2 != nil {
		return s.discrepancy(OutOfRange, s.Source, "the sum of opening balance and lines leaves the range of an amount")
	}
	if difference == 0 {
		return nil
	}
	d := s.discrepancy(DoesNotFoot, s.Closing.Source, "opening balance and booked lines do not give the closing balance")
	d.Opening, d.Sum, d.Closing, d.Difference = s.Opening.Amount, sum, s.Closing.Amount, difference
	return d
}

func missingBalance(s *Statement) string {
	which := "opening and closing booked balance are"
	switch {
	case s.Opening != nil:
		which = "closing booked balance is"
	case s.Closing != nil:
		which = "opening booked balance is"
	}
	return fmt.Sprintf("the %s missing in %s, so it cannot be footed (%d balances in all)", which, s.Currency, len(s.Balances))
}

func (s *Statement) discrepancy(code DiscrepancyCode, source Source, text string) *Discrepancy {
	return &Discrepancy{Code: code, Account: s.Account, Statement: s.ID, Source: source, Currency: s.Currency, Text: text}
}

// Check returns every disagreement inside the statement: it does not foot (not asked of a notification), the details of a collective booking do not add
// up to their line, a control total differs, a printed running balance does not follow. An empty result means the statement agrees with itself.
func (s *Statement) Check() []*Discrepancy {
	var found []*Discrepancy
	if s.Form != NotificationForm {
		if d := s.Foot(); d != nil {
			found = append(found, d)
		}
	}
	for i := range s.Lines {
		found = append(found, s.checkDetails(&s.Lines[i])...)
	}
	found = append(found, s.Tally().CheckStated(s)...)
	return append(found, s.checkRunning()...)
}

func (s *Statement) checkDetails(l *Line) []*Discrepancy {
	var found []*Discrepancy
	if l.BatchCount > 0 && len(l.Details) > 1 && l.BatchCount != len(l.Details) {
		d := s.discrepancy(CountsDiffer, l.Source, "the details listed are not as many as the collective booking says")
		d.Sum, d.Closing, d.Difference = money.Amount(len(l.Details)), money.Amount(l.BatchCount), money.Amount(l.BatchCount-len(l.Details))
		found = append(found, d)
	}
	sum, known := l.detailSum()
	if !known || sum == l.Amount {
		return found
	}
	difference, err := l.Amount.Sub(sum)
	if err != nil {
		return append(found, s.discrepancy(OutOfRange, l.Source, "the details of a collective booking leave the range of an amount"))
	}
	d := s.discrepancy(DetailsDiffer, l.Source, "the details of a booking do not add up to it")
	d.Sum, d.Closing, d.Difference = sum, l.Amount, difference
	return append(found, d)
}

// CheckStated compares a tally with the control totals that the statement states. ISO 20022 does not say whether entries that are not booked count; a
// total that agrees either way is taken as agreed.
func (t Tally) CheckStated(s *Statement) []*Discrepancy {
	all := t
	for _, u := range s.Unbooked {
		all.join(u.Tally)
	}
	var found []*Discrepancy
	for _, stated := range s.Stated {
		have, skip := t.control(stated.Kind)
		with, _ := all.control(stated.Kind)
		if skip || have == stated.Value || with == stated.Value {
			continue
		}
		code := TotalsDiffer
		if stated.Kind == TotalCount || stated.Kind == CreditCount || stated.Kind == DebitCount {
			code = CountsDiffer
		}
		d := s.discrepancy(code, stated.Source, "the control total "+string(stated.Kind)+" of the file is not that of its lines")
		d.Sum, d.Closing, d.Difference = have, stated.Value, stated.Value-have
		found = append(found, d)
	}
	return found
}

func (t *Tally) join(other Tally) {
	var err1, err2 error
	t.Count, t.CreditCount, t.DebitCount = t.Count+other.Count, t.CreditCount+other.CreditCount, t.DebitCount+other.DebitCount
	t.CreditSum, err1 = t.CreditSum.Add(other.CreditSum)
	t.DebitSum, err2 = t.DebitSum.Add(other.DebitSum)
	t.leftRange = t.leftRange || other.leftRange || err1 != nil || err2 != nil
	t.withZeros = t.withZeros || other.withZeros
}

// control returns the figure of a kind; skip when it says nothing: lines of zero have no direction, and a sum out of range is reported by Foot.
func (t Tally) control(kind ControlKind) (value money.Amount, skip bool) {
	switch kind {
	case TotalCount:
		return money.Amount(t.Count), false
	case CreditCount:
		return money.Amount(t.CreditCount), t.withZeros
	case DebitCount:
		return money.Amount(t.DebitCount), t.withZeros
	case CreditSum:
		return t.CreditSum, t.leftRange
	case DebitSum:
		return t.DebitSum, t.leftRange
	}
	return 0, true
}

func (s *Statement) checkRunning() []*Discrepancy {
	var found []*Discrepancy
	var before *money.Amount
	if s.Opening != nil {
		before = &s.Opening.Amount
	}
	for i := range s.Lines {
		l := &s.Lines[i]
		if before != nil && l.Running != nil {
			reached, err1 := before.Add(l.Amount)
			difference, err2 := l.Running.Sub(reached)
			if err1 == nil && err2 == nil && difference != 0 {
				d := s.discrepancy(RunningDiffers, l.Source, "the running balance does not follow from the line before")
				d.Opening, d.Sum, d.Closing, d.Difference = *before, l.Amount, *l.Running, difference
				found = append(found, d)
			}
		}
		before = l.Running
	}
	return found
}

// Continuity checks that the statements of each account and currency follow one another: every opening balance is the closing balance of the statement
// before, and the bank's own numbers leave no gap. Statements are ordered by number where both have one, else by period; the argument is not changed.
// Notifications and statements without balances are passed over.
func Continuity(statements []*Statement) []*Discrepancy {
	ordered := slices.DeleteFunc(slices.Clone(statements), func(s *Statement) bool {
		return s.Form == NotificationForm || s.Opening == nil || s.Closing == nil
	})
	slices.SortStableFunc(ordered, func(a, b *Statement) int {
		if c := cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Currency.Code(), b.Currency.Code())); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(a.To, b.To), cmp.Compare(a.Closing.Date, b.Closing.Date), cmp.Compare(a.Sequence, b.Sequence))
	})
	var found []*Discrepancy
	for i := 1; i < len(ordered); i++ {
		earlier, later := ordered[i-1], ordered[i]
		if earlier.Account != later.Account || earlier.Currency != later.Currency {
			continue
		}
		if d := follows(earlier, later); d != nil {
			found = append(found, d)
		}
		if earlier.Sequence > 0 && later.Sequence > 0 && later.Sequence != earlier.Sequence+1 {
			d := later.discrepancy(SequenceGap, later.Source, fmt.Sprintf("its number does not follow that of statement %q", Clip(earlier.ID)))
			d.Opening, d.Closing = money.Amount(earlier.Sequence), money.Amount(later.Sequence)
			found = append(found, d)
		}
	}
	return found
}

func follows(earlier, later *Statement) *Discrepancy {
	difference, err := later.Opening.Amount.Sub(earlier.Closing.Amount)
	if err == nil && difference == 0 {
		return nil
	}
	d := later.discrepancy(NotContinuous, later.Opening.Source, fmt.Sprintf("its opening balance is not the closing balance of statement %q",
		Clip(earlier.ID)))
	d.Opening, d.Closing, d.Difference = earlier.Closing.Amount, later.Opening.Amount, difference
	return d
}

// Key identifies the content of a statement or line: a SHA-256 that does not depend on file, format, spacing or the bank's identification of the file.
type Key [32]byte

// Identity is what the bank calls the statement: account, currency and identification. Two statements of one identity are one statement, or an error.
func (s *Statement) Identity() string { return s.Account + " " + s.Currency.Code() + " " + s.ID }

// ContentKey covers account, currency, period, balances and all lines.
func (s *Statement) ContentKey() Key {
	h := sha256.New()
	writeParts(h, string(s.Form), s.Account, s.Currency.Code(), s.From.String(), s.To.String())
	for _, b := range []*Balance{s.Opening, s.Closing} {
		if b == nil {
			writeParts(h, "none")
			continue
		}
		writeParts(h, b.Date.String(), fmt.Sprint(int64(b.Amount)))
	}
	for _, k := range s.LineKeys() {
		h.Write(k[:])
	}
	return Key(h.Sum(nil))
}

// LineKeys gives every line a key over account, dates, amount, references, counterparty and text, and its place among lines that agree in all of that
// (the second of two equal payments of a day is not the first). The same line in another file, such as an intraday and an end-of-day statement, has the
// same key.
func (s *Statement) LineKeys() []Key {
	keys := make([]Key, len(s.Lines))
	seen := make(map[Key]int, len(s.Lines))
	for i := range s.Lines {
		l := &s.Lines[i]
		h := sha256.New()
		writeParts(h, s.Account, s.Currency.Code(), l.BookingDate.String(), l.ValueDate.String(), fmt.Sprint(int64(l.Amount), l.Reversal),
			l.BankReference, l.EndToEnd, l.Counterparty.Name, l.Counterparty.AccountNumber, l.Remittance)
		plain := Key(h.Sum(nil))
		seen[plain]++
		writeParts(h, fmt.Sprint(seen[plain]))
		keys[i] = Key(h.Sum(nil))
	}
	return keys
}

// writeParts writes length and bytes of each part, so that no two lists of parts write the same.
func writeParts(h hash.Hash, parts ...string) {
	var length [8]byte
	for _, p := range parts {
		binary.BigEndian.PutUint64(length[:], uint64(len(p)))
		h.Write(length[:])
		h.Write([]byte(p))
	}
}

// Repeats finds what came twice among statements: the same content, one identity with two contents, and single lines that stand in two different
// statements. Notifications are compared with notifications only, because their lines are meant to come again in a statement.
func Repeats(statements []*Statement) []*Discrepancy {
	var found []*Discrepancy
	identities, contents := map[string]*Statement{}, map[Key]*Statement{}
	lines := map[Key]*Statement{}
	for _, s := range statements {
		content, identity := s.ContentKey(), string(s.Form)+" "+s.Identity()
		if first := contents[content]; first != nil {
			found = append(found, s.discrepancy(RepeatedStatement, s.Source, "has the content of statement "+first.ID+" at "+first.Source.String()))
			continue
		}
		contents[content] = s
		if first := identities[identity]; first != nil && s.ID != "" {
			found = append(found, s.discrepancy(ReusedIdentity, s.Source,
				"has the identification, but not the content, of the statement at "+first.Source.String()))
		} else {
			identities[identity] = s
		}
		for i, key := range s.LineKeys() {
			key = sha256.Sum256(append([]byte(s.Form), key[:]...))
			first, repeated := lines[key]
			if !repeated {
				lines[key] = s
				continue
			}
			d := s.discrepancy(RepeatedLine, s.Lines[i].Source, "the line stands in statement "+first.ID+" too")
			d.Closing = s.Lines[i].Amount
			found = append(found, d)
		}
	}
	return found
}
