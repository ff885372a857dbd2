package ledgertest

import (
	"slices"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
)

// PostAll posts drafts, all or none.
func (m *Model) PostAll(id ledger.BookID, drafts []ledger.Draft) ([]ledger.Receipt, []Refusal) {
	requests := make([]*request, len(drafts))
	for i, d := range drafts {
		requests[i] = &request{draft: d}
	}
	return m.record(id, requests...)
}

// Post posts one draft.
func (m *Model) Post(id ledger.BookID, draft ledger.Draft) (ledger.Receipt, []Refusal) {
	return m.single(id, &request{draft: draft})
}

// single records a request that is in no batch.
func (m *Model) single(id ledger.BookID, r *request) (ledger.Receipt, []Refusal) {
	receipts, refusals := m.record(id, r)
	if len(refusals) > 0 {
		for i := range refusals {
			refusals[i].Draft = -1
		}
		return ledger.Receipt{}, refusals
	}
	return receipts[0], nil
}

// Reverse posts the mirror of an entry.
func (m *Model) Reverse(id ledger.BookID, seq ledger.Seq, r ledger.Reversal) (ledger.Receipt, []Refusal) {
	b := m.books[id]
	switch {
	case b == nil:
		return ledger.Receipt{}, one(ledger.ErrBookUnknown)
	case seq < 1 || int(seq) > len(b.entries):
		return ledger.Receipt{}, one(ledger.ErrEntryUnknown)
	}
	original := b.entries[seq-1]
	switch {
	case len(original.Lines) == 0, original.Reverses != 0:
		return ledger.Receipt{}, one(ledger.ErrNotReversible)
	}
	mirror := &request{reverses: seq, draft: ledger.Draft{
		Key: r.Key, Kind: original.Kind, Effective: r.Effective, Period: r.Period, Voucher: original.Voucher.Type, Description: r.Reason, EnteredBy: r.EnteredBy,
		ApprovedBy: r.ApprovedBy, Source: r.Source, Attachments: r.Attachments, Transfer: original.Transfer, Metadata: r.Metadata,
		Lines: slices.Clone(original.Lines),
	}}
	for i := range mirror.draft.Lines {
		mirror.draft.Lines[i].Amount *= -1
	}
	if r.Reason == "" {
		return ledger.Receipt{}, ordered(append(draftRefusals(mirror, -1), one(ledger.ErrFieldMissing)...))
	}
	mirror.refuse = func() []Refusal {
		if slices.ContainsFunc(b.entries, func(e *modelEntry) bool { return e.Reverses == seq }) {
			return one(ledger.ErrAlreadyReversed)
		}
		return nil
	}
	return m.single(id, mirror)
}

// ClosePeriod closes a period.
func (m *Model) ClosePeriod(id ledger.BookID, act ledger.Act, period calendar.Period) (ledger.Receipt, []Refusal) {
	return m.onPeriod(id, act, "ledger.period.close", period, func(b *ledger.Book) (ledger.Code, func()) {
		if period != b.ClosedThrough.Next() {
			return ledger.ErrPeriodOrder, nil
		}
		return "", func() { b.ClosedThrough = period }
	})
}

// ReopenPeriod opens the period that was closed last.
func (m *Model) ReopenPeriod(id ledger.BookID, act ledger.Act, period calendar.Period) (ledger.Receipt, []Refusal) {
	return m.onPeriod(id, act, "ledger.period.reopen", period, func(b *ledger.Book) (ledger.Code, func()) {
		if period <= b.IssuedThrough {
			return ledger.ErrPeriodFinal, nil
		}
		if period != b.ClosedThrough || period < b.First {
			return ledger.ErrPeriodOrder, nil
		}
		return "", func() { b.ClosedThrough = period.Previous() }
	})
}

// IssuePeriod keeps a closed period closed for good.
func (m *Model) IssuePeriod(id ledger.BookID, act ledger.Act, period calendar.Period) (ledger.Receipt, []Refusal) {
	return m.onPeriod(id, act, "ledger.period.issue", period, func(b *ledger.Book) (ledger.Code, func()) {
		if period > b.ClosedThrough || period < b.First {
			return ledger.ErrPeriodOrder, nil
		}
		if period <= b.IssuedThrough {
			return ledger.ErrPeriodFinal, nil
		}
		return "", func() { b.IssuedThrough = period }
	})
}

// FinaliseYear keeps all thirteen periods of a year closed for good.
func (m *Model) FinaliseYear(id ledger.BookID, act ledger.Act, year int) (ledger.Receipt, []Refusal) {
	period := calendar.Period(year*100 + 13)
	return m.onPeriod(id, act, "ledger.year.finalise", period, func(b *ledger.Book) (ledger.Code, func()) {
		if period > b.ClosedThrough || period < b.First {
			return ledger.ErrPeriodOrder, nil
		}
		return "", func() { b.IssuedThrough = max(b.IssuedThrough, period) }
	})
}

// onPeriod records an act on a period, unless the rule gives a code.
func (m *Model) onPeriod(id ledger.BookID, act ledger.Act, kind string, period calendar.Period, rule func(*ledger.Book) (ledger.Code, func()),
) (ledger.Receipt, []Refusal) {
	b := m.books[id]
	if b == nil {
		return ledger.Receipt{}, one(ledger.ErrBookUnknown)
	}
	r := &request{own: true, content: period, draft: actDraft(kind, act)}
	r.refuse = func() []Refusal {
		if id.Number == 0 {
			return one(ledger.ErrLinesRefused)
		}
		if !period.Valid() {
			return one(ledger.ErrFieldInvalid)
		}
		var all []Refusal
		if kind == "ledger.period.reopen" && act.Description == "" {
			all = append(all, one(ledger.ErrFieldMissing)...)
		}
		if kind == "ledger.period.reopen" && (act.ApprovedBy == "" || act.ApprovedBy == act.EnteredBy) {
			all = append(all, one(ledger.ErrFieldMissing)...)
		}
		if code, _ := rule(&b.book); code != "" {
			all = append(all, one(code)...)
		}
		return all
	}
	r.apply = func(*modelEntry) {
		_, do := rule(&b.book)
		do()
	}
	return m.single(id, r)
}

func actDraft(kind string, act ledger.Act) ledger.Draft {
	return ledger.Draft{
		Key: act.Key, Kind: kind, Effective: act.Effective, Description: act.Description, EnteredBy: act.EnteredBy, ApprovedBy: act.ApprovedBy, Source: act.Source,
	}
}
