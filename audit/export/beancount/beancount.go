// Package beancount writes a book for Beancount 2 (https://beancount.github.io), an independent program that adds it up again.
//
// Every entry with lines is a transaction, every act a comment. Beancount has five fixed roots; below them stand the section, General or Memorandum, and the
// accounts from the top down, each as code and name. Debits are positive and credits negative; a red-letter line has the opposite sign of its side, and its
// metadata says side: "debit" or "credit". At the end stand balance directives of every account as the ledger states it, headings and controls with all below
// them, without tolerance: bean-check then proves that the entries add up to the balances. Amounts have all decimals of the currency.
package beancount

import (
	"context"
	"encoding/hex"
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
	return export.WriteScript(ctx, w, books, balances, book, format{})
}

// format is the language of Beancount.
type format struct{}

func (format) Head(s *export.Script) {
	b := &s.Journal.Book
	s.Line(";; fundledger book %s, entries 1 to %d, Merkle root %s", b.ID, b.Seq, hex.EncodeToString(b.Root[:]))
	s.Line("option \"title\" %s", quoted(strings.TrimSpace(b.Code+" "+b.Name)))
	s.Line("option \"operating_currency\" \"%s\"", b.Currency)
	s.Line("%v commodity %s", firstDay, b.Currency)
}

// firstDay is the day on which accounts without a day of their own are opened: that of other systems may not be known.
const firstDay = calendar.Date(19000101)

// roots are Beancount's own.
var roots = map[ledger.AccountType]string{ledger.Asset: "Assets", ledger.Liability: "Liabilities", ledger.NetAssets: "Equity", ledger.Income: "Income", ledger.Expense: "Expenses"}

func (format) Root(account *ledger.Account) string {
	root, section := roots[account.Type], "General"
	if root == "" {
		root, section = "Equity", "Unknown"
	}
	if account.Section == ledger.Memorandum {
		section = "Memorandum"
	}
	return root + ":" + section
}

func (format) Part(code, name string) string { return component(code, name) }

func (format) Declare(s *export.Script, name string, a *ledger.Account) {
	day := a.Opened
	if !day.Valid() {
		day = firstDay
	}
	s.Line("%v open %s %s", day, name, s.Journal.Book.Currency)
	s.Line("  code: %s", quoted(a.Code))
	if text := s.Journal.Name(a); text != "" {
		s.Line("  name: %s", quoted(text))
	}
}

func (format) Act(s *export.Script, e *audit.Entry) { s.Line("\n;; %s", export.ActText(e, oneLine)) }

func (format) Entry(s *export.Script, e *audit.Entry, names []string) {
	s.Line("%v * %s", e.Effective, quoted(e.Description))
	metadata(s, e)
	c := s.Journal.Book.Currency
	for i, line := range e.Lines {
		s.Line("  %s  %s %s", names[i], c.Text(export.Signed(line)), c)
		s.Line("    side: \"%s\"", line.Side)
		s.Line("    ordinal: %d", e.FirstOrdinal+int64(i))
		if !line.Month.IsZero() {
			s.Line("    month: \"%v\"", line.Month)
		}
		if line.Tag != "" {
			s.Line("    tag: %s", quoted(line.Tag))
		}
	}
}

// metadata writes what else is known of an entry.
func metadata(s *export.Script, e *audit.Entry) {
	s.Line("  seq: %d", e.Seq)
	if v := audit.VoucherText(&e.Entry); v != "" {
		s.Line("  voucher: %s", quoted(v))
	}
	for _, fact := range export.Facts(e) {
		s.Line("  %s: %s", strings.ReplaceAll(fact.Name, "-", "_"), quoted(fact.Value))
	}
	if e.Reverses != 0 {
		s.Line("  reverses: %d", e.Reverses)
	}
	for i, key := range slices.Sorted(maps.Keys(e.Metadata)) { // its keys are any text; Beancount's are not
		s.Line("  meta%d: %s", i+1, quoted(key+"="+e.Metadata[key]))
	}
}

// Balances asserts every stated balance at the beginning of the day after the last entry.
func (format) Balances(s *export.Script, trial *ledger.TrialBalance, names []string) {
	c, day := s.Journal.Book.Currency, s.Journal.Last.AddDays(1)
	for i := range trial.Rows {
		s.Line("%v balance %s  %s ~ 0 %s", day, names[i], c.Text(trial.Rows[i].Closing), c)
	}
}
