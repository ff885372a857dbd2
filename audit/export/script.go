package export

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
)

// Format is the language of a plain-text accounting program: how it writes what a Script hands it. It writes through the Script, which keeps the first error.
type Format interface {
	Head(s *Script)                                                 // what stands before the first entry
	Root(account *ledger.Account) string                            // the first parts of an account's name: section and type
	Part(code, name string) string                                  // one further part
	Declare(s *Script, name string, account *ledger.Account)        // an account before its first use
	Act(s *Script, e *audit.Entry)                                  // an entry without lines
	Entry(s *Script, e *audit.Entry, names []string)                // names are those of the accounts of its lines
	Balances(s *Script, trial *ledger.TrialBalance, names []string) // every stated balance, at the end
}

// Script is a file of a plain-text accounting program on its way out.
type Script struct {
	Journal  *Journal
	out      *bufio.Writer
	err      error // the first one of out
	format   Format
	names    map[ledger.AccountNo]string // of accounts that have a number
	declared map[string]bool
}

// WriteScript writes a book to w in a format, reading it once. balances may be nil: then no balances are asserted. The error is that of reading, that of w, or
// an *Error.
func WriteScript(ctx context.Context, w io.Writer, books audit.Books, balances audit.Balances, book ledger.BookID, format Format) (Totals, error) {
	journal, err := Open(ctx, books, balances, book)
	if err != nil {
		return Totals{}, err
	}
	s := &Script{Journal: journal, out: bufio.NewWriter(w), format: format, names: map[ledger.AccountNo]string{}, declared: map[string]bool{}}
	format.Head(s)
	for e, err := range journal.Entries(ctx) {
		if err != nil {
			return journal.Totals, err
		}
		if len(e.Lines) == 0 {
			format.Act(s, e)
			continue
		}
		s.Line("")
		names := make([]string, len(e.Lines))
		for i := range e.Lines {
			names[i] = s.account(e.Chart(), e.Account(i))
		}
		format.Entry(s, e, names)
		if s.err != nil {
			return journal.Totals, s.err // nothing is read for a file that cannot be written
		}
	}
	if err := s.closing(ctx); err != nil {
		return journal.Totals, err
	}
	return journal.Totals, s.out.Flush()
}

// Line writes a line.
func (s *Script) Line(format string, args ...any) {
	if s.err == nil {
		_, s.err = fmt.Fprintf(s.out, format+"\n", args...)
	}
}

// account returns the full name of an account and declares it before its first use, with those above it.
func (s *Script) account(chart *audit.Chart, account *ledger.Account) string {
	if name, ok := s.names[account.No]; ok && account.No != 0 {
		return name
	}
	name := s.format.Root(account)
	for _, a := range path(chart, account) {
		name += ":" + s.format.Part(a.Code, s.Journal.Name(a))
		if !s.declared[name] {
			s.declared[name] = true
			s.format.Declare(s, name, a)
		}
	}
	s.names[account.No] = name
	return name
}

// closing hands over the stated balances, where there are any.
func (s *Script) closing(ctx context.Context) error {
	trial, stated, err := s.Journal.Closing(ctx)
	if err != nil || !stated {
		return err
	}
	accounts := make([]ledger.Account, len(trial.Rows))
	for i := range trial.Rows {
		accounts[i] = trial.Rows[i].Account
	}
	s.Line("")
	chart, names := audit.NewChart(accounts), make([]string, len(trial.Rows))
	for i := range trial.Rows {
		names[i] = s.account(chart, &trial.Rows[i].Account)
	}
	s.format.Balances(s, &trial, names)
	return nil
}

// ActText says in one line what an act was; clean makes a text fit for a comment.
func ActText(e *audit.Entry, clean func(text string) string) string {
	text := fmt.Sprintf("act, entry %d: %s on %v by %s", e.Seq, clean(e.Kind), e.Effective, clean(e.EnteredBy))
	if e.ApprovedBy != "" {
		text += ", approved by " + clean(e.ApprovedBy)
	}
	if e.Description != "" {
		text += ": " + clean(e.Description)
	}
	return text
}

// Fact is something that an entry says of itself beside its lines.
type Fact struct{ Name, Value string }

// Facts are what an entry says of itself beside date, summary, voucher and lines, in a fixed order, without those that are empty. Names are in small letters with
// dashes. What an entry reverses and its metadata are not among them.
func Facts(e *audit.Entry) []Fact {
	var facts []Fact
	for _, f := range []Fact{
		{"key", e.Key}, {"kind", e.Kind}, {"period", e.Period.String()}, {"entered-by", e.EnteredBy}, {"approved-by", e.ApprovedBy},
		{"source", strings.TrimSpace(e.Source.Kind + " " + e.Source.ID)}, {"source-sha256", hex.EncodeToString(e.Source.Hash)}, {"transfer", e.Transfer},
	} {
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	return facts
}
