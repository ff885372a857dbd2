package statement

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// Detail is the detail ledger (明细账) of one account in one year, to be written from a stream of lines: the balance brought from last year, every line, 本月合计 and
// 本年累计 after each month, and the balance carried to the next year (会计基础工作规范 60 to 63). Only one page is held at a time. Amounts are minor units of Money.
type Detail struct {
	Account accounts.AccountOpening
	Fund    accounts.Fund
	Year    int
	Money   money.Currency
	Heading Heading

	Opening    money.Amount   // brought from last year, debit less credit
	First      calendar.Month // of the year: the first month that is totalled; January if zero
	Through    calendar.Month // of the year: the last month that is totalled, with lines or without; if zero, only months with lines are
	Complete   bool           // the year is closed: the balance is carried to the next one
	LinesAPage int            // carried and brought lines among them; 0 is one endless page, 1 and 2 are refused

	// Lines are required. They come month by month, and within a month in the order of their entries, which is that of their voucher numbers; lines without entry numbers come in the
	// order of their dates.
	Lines iter.Seq2[Posted, error]

	// Expected gives what the general ledger has for a month, December with the closing period in it. Where it is given, the ledger ends with an *Error at the
	// first month whose lines add up to something else (账账核对).
	Expected func(calendar.Month) (debit, credit money.Amount, err error)
}

// Pages writes the ledger page by page. The error is an *Error, or that of Lines or Expected unchanged; it comes last.
func (d *Detail) Pages() iter.Seq2[LedgerPage, error] {
	return func(yield func(LedgerPage, error) bool) {
		if d.LinesAPage == 1 || d.LinesAPage == 2 || d.LinesAPage < 0 {
			yield(LedgerPage{}, d.fault("", fmt.Sprintf("a page of %d lines holds no line between the carried ones", d.LinesAPage), nil))
			return
		}
		if reason := d.outside(); reason != "" {
			yield(LedgerPage{}, d.fault("", reason, nil))
			return
		}
		w := &ledgerWriter{room: d.LinesAPage, balance: d.Opening, emit: func(p LedgerPage) bool { return yield(p, nil) }}
		if err := d.write(w); err != nil && !w.stopped {
			yield(LedgerPage{}, err)
		}
	}
}

func (d *Detail) write(w *ledgerWriter) error {
	w.write(LedgerLine{Kind: BroughtFromLastYear, Balance: d.Opening})
	open := max(d.First, calendar.Month(d.Year*100+1)) // the month that is being written
	var last Posted
	moved := false
	for p, err := range d.Lines {
		if err != nil {
			return err
		}
		if reason := d.misplaced(&last, &p, open); reason != "" {
			return d.fault(", voucher "+p.Voucher, reason, nil)
		}
		for ; open < p.Date.Month(); open, moved = open.Add(1), false {
			if err := d.endMonth(w, open, moved); err != nil {
				return err
			}
		}
		moved, last = true, p
		if w.post(p); w.err != nil || w.stopped {
			break
		}
	}
	for ; !w.stopped && w.err == nil && (open <= d.Through || moved); open, moved = open.Add(1), false {
		if err := d.endMonth(w, open, moved); err != nil {
			return err
		}
	}
	if d.Complete {
		w.write(LedgerLine{Kind: ToNextYear, Balance: w.balance})
	}
	if err := w.end(); err != nil {
		return d.fault("", "leaves the range", err)
	}
	return nil
}

func (d *Detail) fault(where, reason string, cause error) *Error {
	return &Error{Where: d.Account.ID + where, Reason: reason, Cause: cause}
}

// outside says which of the ledger's months does not lie in its year, or nothing.
func (d *Detail) outside() string {
	for _, m := range []calendar.Month{d.First, d.Through} {
		if !m.IsZero() && (m.Year() != d.Year || !m.Valid()) {
			return fmt.Sprintf("is to run from or through %s, outside the year %d", m, d.Year)
		}
	}
	return ""
}

// misplaced says why a line cannot follow another, or nothing.
func (d *Detail) misplaced(last, p *Posted, open calendar.Month) string {
	switch {
	case p.Date.Year() != d.Year:
		return fmt.Sprintf("lies on %s, outside the year %d", p.Date, d.Year)
	case p.Date.Month() < open:
		return fmt.Sprintf("lies on %s, and %s was totalled already", p.Date, p.Date.Month())
	case !d.Through.IsZero() && p.Date.Month() > d.Through:
		return fmt.Sprintf("lies on %s, after %s", p.Date, d.Through)
	case p.Date.Month() != last.Date.Month():
		return ""
	case p.Entry < last.Entry:
		return fmt.Sprintf("is of entry %d, after entry %d", p.Entry, last.Entry)
	case p.Entry == 0 && p.Date < last.Date:
		return fmt.Sprintf("lies on %s, after %s", p.Date, last.Date)
	}
	return ""
}

// endMonth compares the month with the general ledger and writes its totals, those of a month without lines where the ledger runs through it.
func (d *Detail) endMonth(w *ledgerWriter, m calendar.Month, moved bool) error {
	if d.Expected != nil {
		debit, credit, err := d.Expected(m)
		if err != nil {
			return err
		}
		if w.err == nil && (debit != w.monthDebit || credit != w.monthCredit) {
			f := d.Money.Format
			return d.fault(", "+m.String(), fmt.Sprintf("its lines are debit %s, credit %s, and the general ledger has debit %s, credit %s", f(w.monthDebit), f(w.monthCredit),
				f(debit), f(credit)), nil)
		}
	}
	if moved || m <= d.Through {
		w.totals(m)
	}
	return nil
}

// Ledger reads the whole ledger into memory.
func (d *Detail) Ledger() (*Ledger, error) {
	out := &Ledger{Account: d.Account, Fund: d.Fund, Year: d.Year}
	for page, err := range d.Pages() {
		if err != nil {
			return nil, err
		}
		out.Pages = append(out.Pages, page)
	}
	return out, nil
}

// HTML writes the ledger as a document of its own, a sheet for every page. After an error what was written is no ledger: throw it away.
func (d *Detail) HTML(w io.Writer) error {
	frame := d.layout().table(LedgerPage{})
	if err := pages.ExecuteTemplate(w, "head", frame); err != nil {
		return err
	}
	if err := d.sheets(w); err != nil {
		return err
	}
	return pages.ExecuteTemplate(w, "foot", frame)
}

func (d *Detail) sheets(w io.Writer) error {
	layout := d.layout()
	for page, err := range d.Pages() {
		if err != nil {
			return err
		}
		if err := pages.ExecuteTemplate(w, "sheet", layout.table(page)); err != nil {
			return err
		}
	}
	return nil
}

// CSV writes the ledger in the form of Table.CSV, with the number of the page first and hashes in full. After an error what was written is no ledger.
func (d *Detail) CSV(w io.Writer) error {
	layout := d.layout()
	layout.csv = true
	out := csv.NewWriter(w)
	first := true
	for page, err := range d.Pages() {
		if err != nil {
			return err
		}
		table := layout.table(page)
		if first {
			if err := table.csvLabels(out); err != nil {
				return err
			}
			first = false
		}
		if err := table.csvRows(out); err != nil {
			return err
		}
		if out.Flush(); out.Error() != nil {
			return out.Error()
		}
	}
	return nil
}

func (d *Detail) layout() ledgerLayout {
	return ledgerLayout{account: d.Account, fund: d.Fund, year: d.Year, currency: d.Money, heading: d.Heading, detail: true}
}
