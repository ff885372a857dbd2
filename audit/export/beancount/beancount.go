// Package beancount writes a book for Beancount 2 (https://beancount.github.io), an independent program that adds it up again.
//
// Every entry with lines is a transaction, every act a comment. Beancount has five fixed roots; below them stand the section, General or Memorandum, and the
// accounts from the top down, each as code and name. Debits are positive and credits negative; a red-letter line has the opposite sign of its side, and its
// metadata says side: "debit" or "credit". At the end stand balance directives of every account as the ledger states it, headings and controls with all below
// them, without tolerance: bean-check then proves that the entries add up to the balances. Amounts have all decimals of the currency.
package beancount

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/audit/export"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
)

// Write writes a book to w, reading it once. balances may be nil: then no balances are asserted. The error is that of reading, that of w, or an *export.Error.
func Write(ctx context.Context, w io.Writer, books audit.Books, balances audit.Balances, book ledger.BookID) (export.Totals, error) {
	journal, err := export.Open(ctx, books, balances, book)
	if err != nil {
		return export.Totals{}, err
	}
	out := &writer{Writer: bufio.NewWriter(w), journal: journal, names: map[ledger.AccountNo]string{}, opened: map[string]bool{}}
	out.head()
	for e, err := range journal.Entries(ctx) {
		if err != nil {
			return journal.Totals, err
		}
		if len(e.Lines) == 0 {
			out.act(e)
		} else {
			out.entry(e)
		}
	}
	if err := out.balances(ctx); err != nil {
		return journal.Totals, err
	}
	return journal.Totals, out.Flush() // keeps the first error of w
}

// writer keeps the first error of what is below it, which Flush returns.
type writer struct {
	*bufio.Writer
	journal *export.Journal
	names   map[ledger.AccountNo]string // of accounts that have a number
	opened  map[string]bool
}

func (w *writer) line(format string, args ...any) {
	fmt.Fprintf(w, format+"\n", args...) //nolint:errcheck // kept by the bufio.Writer
}

func (w *writer) head() {
	b := &w.journal.Book
	w.line(";; fundledger book %s, entries 1 to %d, Merkle root %s", b.ID, b.Seq, hex.EncodeToString(b.Root[:]))
	w.line("option \"title\" %s", quoted(strings.TrimSpace(b.Code+" "+b.Name)))
	w.line("option \"operating_currency\" \"%s\"", b.Currency)
	w.line("%v commodity %s", firstDay, b.Currency)
}

// firstDay is the day on which accounts without a day of their own are opened: that of other systems may not be known.
const firstDay = calendar.Date(19000101)

// roots are Beancount's own.
var roots = map[ledger.AccountType]string{ledger.Asset: "Assets", ledger.Liability: "Liabilities", ledger.NetAssets: "Equity", ledger.Income: "Income", ledger.Expense: "Expenses"}

// account returns the full name of an account and opens it before its first use, with those above it.
func (w *writer) account(chart *audit.Chart, account *ledger.Account) string {
	if name, ok := w.names[account.No]; ok && account.No != 0 {
		return name
	}
	root, section := roots[account.Type], "General"
	if root == "" {
		root, section = "Equity", "Unknown"
	}
	if account.Section == ledger.Memorandum {
		section = "Memorandum"
	}
	name := root + ":" + section
	for _, a := range export.Path(chart, account) {
		name += ":" + component(a.Code, w.journal.Name(a))
		if !w.opened[name] {
			w.opened[name] = true
			w.open(name, a)
		}
	}
	w.names[account.No] = name
	return name
}

func (w *writer) open(name string, a *ledger.Account) {
	day := a.Opened
	if !day.Valid() {
		day = firstDay
	}
	w.line("%v open %s %s", day, name, w.journal.Book.Currency)
	w.line("  code: %s", quoted(a.Code))
	if text := w.journal.Name(a); text != "" {
		w.line("  name: %s", quoted(text))
	}
}

func (w *writer) act(e *audit.Entry) {
	approved := ""
	if e.ApprovedBy != "" {
		approved = ", approved by " + oneLine(e.ApprovedBy)
	}
	reason := ""
	if e.Description != "" {
		reason = ": " + oneLine(e.Description)
	}
	w.line("\n;; act, entry %d: %s on %v by %s%s%s", e.Seq, oneLine(e.Kind), e.Effective, oneLine(e.EnteredBy), approved, reason)
}

func (w *writer) entry(e *audit.Entry) {
	w.line("")
	names := make([]string, len(e.Lines))
	for i := range e.Lines {
		names[i] = w.account(e.Chart(), e.Account(i))
	}
	w.line("%v * %s", e.Effective, quoted(e.Description))
	w.metadata(e)
	c := w.journal.Book.Currency
	for i, line := range e.Lines {
		w.line("  %s  %s %s", names[i], c.Text(export.Signed(line)), c)
		w.line("    side: \"%s\"", line.Side)
		w.line("    ordinal: %d", e.FirstOrdinal+int64(i))
		if !line.Month.IsZero() {
			w.line("    month: \"%v\"", line.Month)
		}
		if line.Tag != "" {
			w.line("    tag: %s", quoted(line.Tag))
		}
	}
}

// metadata writes what else is known of an entry.
func (w *writer) metadata(e *audit.Entry) {
	w.line("  seq: %d", e.Seq)
	text := func(name, value string) {
		if value != "" {
			w.line("  %s: %s", name, quoted(value))
		}
	}
	text("voucher", audit.VoucherText(&e.Entry))
	text("key", e.Key)
	text("kind", e.Kind)
	text("period", e.Period.String())
	text("entered_by", e.EnteredBy)
	text("approved_by", e.ApprovedBy)
	text("source", strings.TrimSpace(e.Source.Kind+" "+e.Source.ID))
	text("source_sha256", hex.EncodeToString(e.Source.Hash))
	text("transfer", e.Transfer)
	if e.Reverses != 0 {
		w.line("  reverses: %d", e.Reverses)
	}
	for i, key := range slices.Sorted(maps.Keys(e.Metadata)) { // its keys are any text; Beancount's are not
		w.line("  meta%d: %s", i+1, quoted(key+"="+e.Metadata[key]))
	}
}

// balances asserts every stated balance at the beginning of the day after the last entry.
func (w *writer) balances(ctx context.Context) error {
	trial, stated, err := w.journal.Closing(ctx)
	if err != nil || !stated {
		return err
	}
	accounts := make([]ledger.Account, len(trial.Rows))
	for i := range trial.Rows {
		accounts[i] = trial.Rows[i].Account
	}
	w.line("")
	chart := audit.NewChart(accounts)
	names := make([]string, len(trial.Rows))
	for i := range trial.Rows {
		names[i] = w.account(chart, &trial.Rows[i].Account)
	}
	c, day := w.journal.Book.Currency, w.journal.Last.AddDays(1)
	for i := range trial.Rows {
		w.line("%v balance %s  %s ~ 0 %s", day, names[i], c.Text(trial.Rows[i].Closing), c)
	}
	return nil
}
