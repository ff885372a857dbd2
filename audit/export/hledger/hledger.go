// Package hledger writes a book as a journal for hledger (https://hledger.org, journal format of 1.25), an independent program that adds it up again.
//
// Every entry with lines is a transaction, every act a comment. Sections are kept apart by the first part of an account's name: general or memorandum, then the
// type, then the accounts from the top down, each as code and name. Debits are positive and credits negative; a red-letter line has the opposite sign of its side,
// and its tag says side:debit or side:credit, so that the query tag:side=debit gives turnovers. At the end stand assertions of every balance as the ledger
// states it, headings and controls with all below them: "hledger check" then proves that the entries add up to the balances. Amounts have all decimals of the
// currency.
package hledger

import (
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
	return export.WriteScript(ctx, w, books, balances, book, format{})
}

// format is the journal format.
type format struct{}

func (format) Head(s *export.Script) {
	b := &s.Journal.Book
	s.Line("; fundledger book %s %s %s", b.ID, comment(b.Code), comment(b.Name))
	s.Line("; entries 1 to %d, Merkle root %s", b.Seq, hex.EncodeToString(b.Root[:]))
	s.Line("decimal-mark .")
	sample := b.Currency.Text(money.Amount(pow10(b.Currency.Scale() + 3)))
	if b.Currency.Scale() == 0 {
		sample += "." // hledger wants a mark
	}
	s.Line("commodity %s %s", sample, b.Currency)
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

func (format) Root(account *ledger.Account) string {
	if !audit.Known(account) {
		return "general:unknown"
	}
	return account.Section.String() + ":" + account.Type.String()
}

func (format) Part(code, name string) string { return part(code, name) }

func (format) Declare(s *export.Script, name string, account *ledger.Account) {
	s.Line("account %s%s", name, typeTag(account))
}

func typeTag(a *ledger.Account) string {
	mark, ok := typeMarks[a.Type]
	if !ok || a.Section != ledger.General {
		return "" // hledger's own statements are of the fund alone
	}
	return "  ; type:" + mark
}

func (format) Act(s *export.Script, e *audit.Entry) { s.Line("\n; %s", export.ActText(e, comment)) }

// parentheses end the code of a transaction.
var parentheses = strings.NewReplacer("(", "%28", ")", "%29")

func (format) Entry(s *export.Script, e *audit.Entry, names []string) {
	code := ""
	if v := audit.VoucherText(&e.Entry); v != "" {
		code = " (" + parentheses.Replace(comment(v)) + ")"
	}
	s.Line("%s", strings.TrimRight(fmt.Sprintf("%v *%s %s", e.Effective, code, description(e.Description)), " "))
	s.Line("    ; seq:%d", e.Seq)
	for _, fact := range export.Facts(e) {
		s.Line("    ; %s:%s", fact.Name, value(fact.Value))
	}
	if e.Reverses != 0 {
		s.Line("    ; reverses:%d", e.Reverses)
	}
	for _, key := range slices.Sorted(maps.Keys(e.Metadata)) {
		if e.Metadata[key] != "" {
			s.Line("    ; meta-%s:%s", tagName(key), value(e.Metadata[key]))
		}
	}
	c := s.Journal.Book.Currency
	for i, line := range e.Lines {
		s.Line("    %s  %s %s  ; side:%s, ordinal:%d%s", names[i], c.Text(export.Signed(line)), c, line.Side, e.FirstOrdinal+int64(i), lineTags(&line))
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

// Balances writes a transaction of nothing on the last day that asserts every stated balance.
func (format) Balances(s *export.Script, trial *ledger.TrialBalance, names []string) {
	s.Line("%v * balances as stated", s.Journal.Last)
	c := s.Journal.Book.Currency
	for i := range trial.Rows {
		s.Line("    %s  %s %s =* %s %s", names[i], c.Text(0), c, c.Text(trial.Rows[i].Closing), c)
	}
}
