// Package hledger writes a book as a journal for hledger (https://hledger.org, journal format of 1.25), an independent program that adds it up again.
//
// Every entry with lines is a transaction, every act a comment. Sections are kept apart by the first part of an account's name: general or memorandum, then the
// type, then the accounts from the top down, each as code and name. Debits are positive and credits negative; a red-letter line has the opposite sign of its side,
// and its tag says side:debit or side:credit, so that the query tag:side=debit gives turnovers. At the end stand assertions of every balance as the ledger
// states it, headings and controls with all below them: "hledger check" then proves that the entries add up to the balances. Amounts have all decimals of the
// currency.
package hledger

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
	"github.com/fundledger/fundledger/ledger/money"
)

// Write writes a book to w, reading it once. balances may be nil: then no balances are asserted. The error is that of reading, that of w, or an *export.Error.
func Write(ctx context.Context, w io.Writer, books audit.Books, balances audit.Balances, book ledger.BookID) (export.Totals, error) {
	journal, err := export.Open(ctx, books, balances, book)
	if err != nil {
		return export.Totals{}, err
	}
	out := &writer{Writer: bufio.NewWriter(w), journal: journal, names: map[ledger.AccountNo]string{}, declared: map[string]bool{}}
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
	if err := out.assertions(ctx); err != nil {
		return journal.Totals, err
	}
	return journal.Totals, out.Flush() // keeps the first error of w
}

// writer keeps the first error of what is below it, which Flush returns.
type writer struct {
	*bufio.Writer
	journal  *export.Journal
	names    map[ledger.AccountNo]string // of accounts that have a number
	declared map[string]bool
}

func (w *writer) line(format string, args ...any) {
	fmt.Fprintf(w, format+"\n", args...) //nolint:errcheck // kept by the bufio.Writer
}

func (w *writer) head() {
	b := &w.journal.Book
	w.line("; fundledger book %s %s %s", b.ID, comment(b.Code), comment(b.Name))
	w.line("; entries 1 to %d, Merkle root %s", b.Seq, hex.EncodeToString(b.Root[:]))
	w.line("decimal-mark .")
	sample := b.Currency.Text(money.Amount(pow10(b.Currency.Scale() + 3)))
	if b.Currency.Scale() == 0 {
		sample += "." // hledger wants a mark
	}
	w.line("commodity %s %s", sample, b.Currency)
}

func pow10(n int32) int64 {
	p := int64(1)
	for range n {
		if p > int64(money.MaxAmount)/10 {
			return p
		}
		p *= 10
	}
	return p
}

// typeMarks are the types of accounts as hledger's account directive names them.
var typeMarks = map[ledger.AccountType]string{ledger.Asset: "A", ledger.Liability: "L", ledger.NetAssets: "E", ledger.Income: "R", ledger.Expense: "X"}

// account returns the full name of an account and declares it before its first use, with those above it.
func (w *writer) account(chart *audit.Chart, account *ledger.Account) string {
	if name, ok := w.names[account.No]; ok && account.No != 0 {
		return name
	}
	kind, section := account.Type.String(), account.Section.String()
	if !audit.Known(account) {
		kind, section = "unknown", "general"
	}
	name := section + ":" + kind
	for _, a := range export.Path(chart, account) {
		name += ":" + part(a.Code, w.journal.Name(a))
		if !w.declared[name] {
			w.declared[name] = true
			w.line("account %s%s", name, typeTag(a))
		}
	}
	w.names[account.No] = name
	return name
}

func typeTag(a *ledger.Account) string {
	mark, ok := typeMarks[a.Type]
	if !ok || a.Section != ledger.General {
		return "" // hledger's own statements are of the fund alone
	}
	return "  ; type:" + mark
}

func (w *writer) act(e *audit.Entry) {
	approved := ""
	if e.ApprovedBy != "" {
		approved = ", approved by " + comment(e.ApprovedBy)
	}
	reason := ""
	if e.Description != "" {
		reason = ": " + comment(e.Description)
	}
	w.line("\n; act, entry %d: %s on %v by %s%s%s", e.Seq, comment(e.Kind), e.Effective, comment(e.EnteredBy), approved, reason)
}

// parentheses end the code of a transaction.
var parentheses = strings.NewReplacer("(", "%28", ")", "%29")

func (w *writer) entry(e *audit.Entry) {
	w.line("")
	names := make([]string, len(e.Lines))
	for i := range e.Lines {
		names[i] = w.account(e.Chart(), e.Account(i))
	}
	code := ""
	if v := audit.VoucherText(&e.Entry); v != "" {
		code = " (" + parentheses.Replace(comment(v)) + ")"
	}
	w.line("%s", strings.TrimRight(fmt.Sprintf("%v *%s %s", e.Effective, code, description(e.Description)), " "))
	w.tags(e)
	c := w.journal.Book.Currency
	for i, line := range e.Lines {
		w.line("    %s  %s %s  ; side:%s, ordinal:%d%s", names[i], c.Text(export.Signed(line)), c, line.Side, e.FirstOrdinal+int64(i), lineTags(&line))
	}
}

func lineTags(line *ledger.Line) string {
	text := ""
	if !line.Month.IsZero() {
		text += ", month:" + line.Month.String()
	}
	if line.Tag != "" {
		text += ", tag:" + value(line.Tag)
	}
	return text
}

// tags writes what else is known of an entry, one tag a line.
func (w *writer) tags(e *audit.Entry) {
	w.line("    ; seq:%d", e.Seq)
	tag := func(name, text string) {
		if text != "" {
			w.line("    ; %s:%s", name, value(text))
		}
	}
	tag("key", e.Key)
	tag("kind", e.Kind)
	tag("period", e.Period.String())
	tag("entered-by", e.EnteredBy)
	tag("approved-by", e.ApprovedBy)
	tag("source", strings.TrimSpace(e.Source.Kind+" "+e.Source.ID))
	tag("source-sha256", hex.EncodeToString(e.Source.Hash))
	tag("transfer", e.Transfer)
	if e.Reverses != 0 {
		tag("reverses", fmt.Sprint(e.Reverses))
	}
	for _, key := range slices.Sorted(maps.Keys(e.Metadata)) {
		tag("meta-"+tagName(key), e.Metadata[key])
	}
}

// assertions writes a transaction of nothing on the last day that asserts every stated balance.
func (w *writer) assertions(ctx context.Context) error {
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
	w.line("%v * balances as stated", w.journal.Last)
	c := w.journal.Book.Currency
	for i := range trial.Rows {
		w.line("    %s  %s %s =* %s %s", names[i], c.Text(0), c, c.Text(trial.Rows[i].Closing), c)
	}
	return nil
}
