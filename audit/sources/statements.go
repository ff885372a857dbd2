package sources

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"strings"

	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/statement"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
)

// Statements gives the figures of issued statements (已报出的会计报表) from the files that were sent out, each with the accounts it is made of. A file is held against the
// hash that the act of issue sealed: one that was altered ends the reading with an error of code fund.ErrAltered, one that lacks a figure of its form with a
// *statement.Error.
type Statements struct {
	Funds []*fund.Fund // the books whose statements are given, each with the chart of the last day that was issued, or of a later one

	// Kept returns the file of an issue as the host kept it: the bytes that fund.Issue was given.
	Kept func(ctx context.Context, issue fund.Issue) ([]byte, error)

	// Adjustments names, by book, the entries that adjust an opening balance, as fund.Adjusted takes them.
	Adjustments map[ledger.BookID][]ledger.Seq
}

// Sources returns the source for audit.New.
func (s Statements) Sources() []audit.Source {
	return []audit.Source{audit.StatementsSource.Given(s)}
}

// Identity names each book with how many issues it has, and a hash over their acts and files.
func (s Statements) Identity(ctx context.Context) (string, error) {
	names := make([]string, len(s.Funds))
	for i, f := range s.Funds {
		issues, err := f.Issues(ctx)
		if err != nil {
			return "", err
		}
		all := sha256.New()
		for _, issue := range issues {
			fmt.Fprintf(all, "entry %d sha256 %x\n", issue.Seq, issue.Hash)
		}
		names[i] = fmt.Sprintf("book %v, %d issues, sha256 %x", f.Book(), len(issues), all.Sum(nil))
	}
	return strings.Join(names, ", "), nil
}

// Cells implements audit.Statements.
func (s Statements) Cells(ctx context.Context, book ledger.BookID) iter.Seq2[audit.Cell, error] {
	return func(yield func(audit.Cell, error) bool) {
		for _, f := range s.Funds {
			if f.Book() != book {
				continue
			}
			issues, err := f.Issues(ctx)
			if err != nil {
				yield(audit.Cell{}, err)
				return
			}
			for _, issue := range issues {
				cells, err := s.cells(ctx, f, issue)
				if err != nil {
					yield(audit.Cell{}, err)
					return
				}
				for _, cell := range cells {
					if !yield(cell, nil) {
						return
					}
				}
			}
		}
	}
}

// cells reads one issue: a few hundred figures.
func (s Statements) cells(ctx context.Context, f *fund.Fund, issue fund.Issue) ([]audit.Cell, error) {
	file, err := s.Kept(ctx, issue)
	if err != nil {
		return nil, err
	}
	if err := issue.Check(file); err != nil {
		return nil, err
	}
	c, err := newCellReader(ctx, f, issue, s.Adjustments[f.Book()])
	if err != nil {
		return nil, err
	}
	var cells []audit.Cell
	for figure, err := range statement.ReadCells(bytes.NewReader(file), fund.Currency()) {
		if err != nil {
			return nil, err
		}
		cell, err := c.cell(&figure)
		if err != nil {
			return nil, err
		}
		if !figure.Blank {
			cells = append(cells, cell)
		}
	}
	return cells, c.complete()
}
