package ledger

import (
	"context"
	"fmt"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
)

// periodAct is the content of ledger.period.close, .reopen and .issue, and of ledger.year.finalise.
type periodAct struct {
	_      struct{} `cbor:",toarray"`
	Period int32
}

// ClosePeriod closes a period (结账): nothing is posted into it any more. Periods close in their order, 1 to 12 and then 13 of each year.
func (l *Ledger) ClosePeriod(ctx context.Context, book BookID, act Act, period calendar.Period) (Receipt, error) {
	return l.periodAct(ctx, book, act, period, closing{})
}

// ClosePeriodTx is ClosePeriod in the host's transaction.
func (l *Ledger) ClosePeriodTx(ctx context.Context, tx store.Handle, book BookID, act Act, period calendar.Period) (Receipt, error) {
	return l.periodActTx(ctx, tx, book, act, period, closing{})
}

// ReopenPeriod opens the period that was closed last (反结账). It needs a reason, as the act's description, and an approver. A period whose statements
// were issued, and any period before it, never reopens.
func (l *Ledger) ReopenPeriod(ctx context.Context, book BookID, act Act, period calendar.Period) (Receipt, error) {
	return l.periodAct(ctx, book, act, period, reopening{})
}

// ReopenPeriodTx is ReopenPeriod in the host's transaction.
func (l *Ledger) ReopenPeriodTx(ctx context.Context, tx store.Handle, book BookID, act Act, period calendar.Period) (Receipt, error) {
	return l.periodActTx(ctx, tx, book, act, period, reopening{})
}

// IssuePeriod records that the statements of a closed period have been issued. From then on the period and all before it stay closed for good.
func (l *Ledger) IssuePeriod(ctx context.Context, book BookID, act Act, period calendar.Period) (Receipt, error) {
	return l.periodAct(ctx, book, act, period, issuing{})
}

// IssuePeriodTx is IssuePeriod in the host's transaction.
func (l *Ledger) IssuePeriodTx(ctx context.Context, tx store.Handle, book BookID, act Act, period calendar.Period) (Receipt, error) {
	return l.periodActTx(ctx, tx, book, act, period, issuing{})
}

// FinaliseYear records that the final accounts of a year (决算) stand: all its thirteen periods are closed, for good.
func (l *Ledger) FinaliseYear(ctx context.Context, book BookID, act Act, year int) (Receipt, error) {
	return l.periodAct(ctx, book, act, calendar.Period(year*100+calendar.ClosingPeriod), finalising{})
}

// FinaliseYearTx is FinaliseYear in the host's transaction.
func (l *Ledger) FinaliseYearTx(ctx context.Context, tx store.Handle, book BookID, act Act, year int) (Receipt, error) {
	return l.periodActTx(ctx, tx, book, act, calendar.Period(year*100+calendar.ClosingPeriod), finalising{})
}

// periodRule is one kind of act on a period: what it is called in records, when it is refused, and what it does. The same rules serve posting and Verify.
type periodRule interface {
	kind() string
	refuse(h *head, period calendar.Period) (code Code, detail, hint string)
	apply(h *head, period calendar.Period)
}

// periodRules lists them by the kind of their records.
var periodRules = map[string]periodRule{
	kindPeriodClose: closing{}, kindPeriodReopen: reopening{}, kindPeriodIssue: issuing{}, kindYearFinalise: finalising{},
}

type (
	closing    struct{}
	reopening  struct{}
	issuing    struct{}
	finalising struct{}
)

func (closing) kind() string    { return kindPeriodClose }
func (reopening) kind() string  { return kindPeriodReopen }
func (issuing) kind() string    { return kindPeriodIssue }
func (finalising) kind() string { return kindYearFinalise }

func (closing) refuse(h *head, period calendar.Period) (Code, string, string) {
	if next := h.closedThrough.Next(); period != next {
		return ErrPeriodOrder, fmt.Sprintf("%v, but the next to close is %v", period, next), "close the periods in their order"
	}
	return "", "", ""
}

func (closing) apply(h *head, period calendar.Period) { h.closedThrough = period }

func (reopening) refuse(h *head, period calendar.Period) (Code, string, string) {
	switch {
	case period <= h.issuedThrough:
		return ErrPeriodFinal, fmt.Sprintf("%v, issued through %v", period, h.issuedThrough), "correct it by entries in an open period"
	case period != h.closedThrough || period < h.first:
		return ErrPeriodOrder, fmt.Sprintf("%v, but the last one closed is %v", period, h.closedThrough), "reopen the periods in reverse order"
	}
	return "", "", ""
}

func (reopening) apply(h *head, period calendar.Period) { h.closedThrough = period.Previous() }

func (issuing) refuse(h *head, period calendar.Period) (Code, string, string) {
	switch {
	case period > h.closedThrough || period < h.first:
		return ErrPeriodOrder, fmt.Sprintf("%v is not closed; closed through %v", period, h.closedThrough), "close it first"
	case period <= h.issuedThrough:
		return ErrPeriodFinal, fmt.Sprintf("%v, issued through %v already", period, h.issuedThrough), "nothing is left to do"
	}
	return "", "", ""
}

func (issuing) apply(h *head, period calendar.Period) { h.issuedThrough = period }

func (finalising) refuse(h *head, period calendar.Period) (Code, string, string) {
	if period > h.closedThrough || period < h.first {
		return ErrPeriodOrder, fmt.Sprintf("%v is not closed; closed through %v", period, h.closedThrough), "close all thirteen periods of the year first"
	}
	return "", "", ""
}

func (finalising) apply(h *head, period calendar.Period) {
	h.issuedThrough = max(h.issuedThrough, period)
}

func (l *Ledger) periodAct(ctx context.Context, book BookID, act Act, period calendar.Period, rule periodRule) (Receipt, error) {
	var receipt Receipt
	err := l.update(ctx, book, func(ctx context.Context, tx *store.Tx) (err error) {
		receipt, err = l.recordPeriod(ctx, tx, book, act, period, rule)
		return err
	})
	if err != nil {
		return Receipt{}, single(err)
	}
	return receipt, nil
}

func (l *Ledger) periodActTx(ctx context.Context, tx store.Handle, book BookID, act Act, period calendar.Period, rule periodRule) (Receipt, error) {
	receipt, err := l.recordPeriod(ctx, l.db.Join(tx), book, act, period, rule)
	return receipt, busy(single(err), book)
}

func (l *Ledger) recordPeriod(ctx context.Context, tx *store.Tx, book BookID, act Act, period calendar.Period, rule periodRule) (Receipt, error) {
	h, err := l.lockBook(ctx, tx, book)
	if err != nil {
		return Receipt{}, err
	}
	draft, err := act.draft(rule.kind(), &periodAct{Period: int32(period)})
	if err != nil {
		return Receipt{}, err
	}
	refuse := func() (Faults, error) { return periodFaults(h, act, period, rule), nil }
	receipts, err := l.record(ctx, tx, book, []proposal{{Draft: draft, own: true, refuse: refuse, apply: func(h *head) { rule.apply(h, period) }}})
	if err != nil {
		return Receipt{}, err
	}
	if !receipts[0].Replayed {
		err = tx.Insert(ctx, "ledger_period", store.Int32s("realm_id", []int32{book.Realm}), store.Int16s("book_no", []int16{book.Number}),
			store.Int64s("seq", []int64{int64(receipts[0].Seq)}), store.Texts("act", []string{rule.kind()}), store.Int32s("period", []int32{int32(period)}))
	}
	return receipts[0], err
}

func periodFaults(h *head, act Act, period calendar.Period, rule periodRule) Faults {
	var faults Faults
	add := func(code Code, field, detail, hint string) {
		faults = append(faults, &Error{Code: code, Book: h.id, Key: act.Key, Draft: -1, Line: -1, Field: field, Detail: detail, Hint: hint})
	}
	if h.first == 0 {
		add(ErrLinesRefused, "period", "a register book has no periods", "close the periods of a fund's book")
		return faults
	}
	if !period.Valid() {
		add(ErrFieldInvalid, "period", fmt.Sprintf("%d is no period", int32(period)), "make periods with calendar.NewPeriod")
		return faults
	}
	if rule.kind() == kindPeriodReopen {
		if act.Description == "" {
			add(ErrFieldMissing, "description", "no reason for reopening", "say why")
		}
		if act.ApprovedBy == "" || act.ApprovedBy == act.EnteredBy {
			add(ErrFieldMissing, "approved by", "reopening takes a second person", "have it approved by another person than the one who enters it")
		}
	}
	if code, detail, hint := rule.refuse(h, period); code != "" {
		add(code, "period", detail, hint)
	}
	return faults
}

// PeriodAct is one act on a period, as it stands in the book.
type PeriodAct struct {
	Seq    Seq
	Kind   PeriodActKind
	Period calendar.Period
}

// PeriodActKind says what was done to a period; it is the kind of the act's entry.
type PeriodActKind string

// The kinds.
const (
	PeriodClosed   PeriodActKind = kindPeriodClose
	PeriodReopened PeriodActKind = kindPeriodReopen
	PeriodIssued   PeriodActKind = kindPeriodIssue
	YearFinalised  PeriodActKind = kindYearFinalise
)

// PeriodActs returns every act on the periods of a book, in order: a few a month.
func (l *Ledger) PeriodActs(ctx context.Context, book BookID) ([]PeriodAct, error) {
	var acts []PeriodAct
	err := l.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		acts, err = readPeriodActs(ctx, tx, book)
		return err
	})
	return acts, err
}

// PeriodActsTx is PeriodActs in the host's transaction.
func (l *Ledger) PeriodActsTx(ctx context.Context, tx store.Handle, book BookID) ([]PeriodAct, error) {
	return readPeriodActs(ctx, l.db.Join(tx), book)
}

func readPeriodActs(ctx context.Context, tx *store.Tx, book BookID) ([]PeriodAct, error) {
	rows, err := tx.Query(ctx, `SELECT seq, act, period FROM ledger_period WHERE realm_id = ? AND book_no = ? ORDER BY seq`, book.Realm, book.Number)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var acts []PeriodAct
	for rows.Next() {
		var act PeriodAct
		if err := rows.Scan(&act.Seq, &act.Kind, &act.Period); err != nil {
			return nil, err
		}
		acts = append(acts, act)
	}
	return acts, rows.Err()
}
