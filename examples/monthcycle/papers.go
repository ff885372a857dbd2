package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/statement"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/audit/export/beancount"
	"github.com/fundledger/fundledger/audit/export/hledger"
	"github.com/fundledger/fundledger/ledger/calendar"
)

// write writes a file of the output folder.
func (a *area) write(name string, content []byte) error {
	return a.writeStream(name, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// writeStream writes a file of the output folder piece by piece. It is there whole or not at all.
func (a *area) writeStream(name string, write func(w io.Writer) error) (err error) {
	path := filepath.Join(a.out, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	file, err := os.Create(path + ".part")
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(file, 1<<16)
	err = write(buffered)
	if err == nil {
		err = buffered.Flush()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(path+".part"))
	}
	return os.Rename(path+".part", path)
}

// heading is what every paper says of where it comes from: the agency, who signs, and the state of the book.
func (a *area) heading(state fund.State) statement.Heading {
	return statement.Heading{Language: statement.Language(a.language), Agency: a.Name + "社会保险基金管理中心", State: state.Printed(),
		Signers: statement.Signers{Accounting: head, Reviewed: reviewer, Prepared: accountant}}
}

// closed reads the figures of a period as they were when it was closed, so that its papers come out the same however often they are written.
func (a *area) closed(ctx context.Context, period calendar.Period) (*fund.Figures, error) {
	state, err := a.fund.ClosingState(ctx, period)
	if err != nil {
		return nil, err
	}
	return a.fund.FiguresAt(ctx, state)
}

// detailPage is where the detail ledger of an account lies, seen from the folders beside books.
func (a *area) detailPage(accountID string) string {
	return "../books/" + a.detailName(accountID) + ".html"
}

func (a *area) detailName(accountID string) string {
	return "detail-" + a.fund.Chart().Chart().Code(a.fund.Chart().Fund, accountID)
}

func (a *area) writeTable(name string, table *statement.Table) error {
	if err := a.writeStream(name+".html", table.HTML); err != nil {
		return err
	}
	return a.writeStream(name+".csv", table.CSV)
}

// statements writes both statements of a month, or the yearly ones, after every relation between their rows was checked, and the roll-forward of the balance, on
// which a difference that nothing explains has its own line.
func (a *area) statements(figures *fund.Figures, month calendar.Month, annual bool) error {
	name := month.String()
	if annual {
		name = strconv.Itoa(a.Year)
	}
	chart, err := a.fund.Chart().On(month.Last())
	if err != nil {
		return err
	}
	for _, kind := range []accounts.FormKind{accounts.BalanceSheet, accounts.IncomeExpenditure} {
		request := statement.Request{Kind: kind, Month: month, Annual: annual}
		violations, err := statement.Check(chart, figures, request)
		if err != nil {
			return err
		}
		for _, v := range violations {
			if !v.Lead {
				return fmt.Errorf("statement %s of %s: %w", kind, name, v)
			}
		}
		made, err := statement.Make(chart, figures, request)
		if err != nil {
			return err
		}
		if err := a.writeTable(filepath.Join("statements", name+"-"+string(kind)), made.Traced(chart, a.heading(figures.State), a.detailPage)); err != nil {
			return err
		}
	}
	roll, err := statement.Roll(chart, figures, statement.Request{Kind: accounts.BalanceSheet, Month: month, Annual: annual})
	if err != nil {
		return err
	}
	return a.writeTable(filepath.Join("statements", name+"-roll_forward"), roll.Table(a.heading(figures.State)))
}

// issue sends out the statements of a period that is closed (报表报出): the file of their figures is kept with the papers, its hash in the book, and the period never
// opens again.
func (a *area) issue(ctx context.Context, period calendar.Period) error {
	file, err := a.fund.IssueCSV(ctx, period, fund.IssueTerms{})
	if err != nil {
		return err
	}
	if err := a.write(issuedFile(period), file); err != nil {
		return err
	}
	a.today = period.Month().Last()
	_, err = a.fund.Issue(ctx, fund.IssueOrder{Period: period, Issued: a.today, To: "财政部门", CSV: file, EnteredBy: accountant, Approved: head})
	return err
}

func issuedFile(period calendar.Period) string {
	return filepath.Join("statements", "issued-"+period.String()+".csv")
}

// trial writes the trial balance of a month with its turnovers since January.
func (a *area) trial(figures *fund.Figures, month calendar.Month) error {
	trial, err := statement.Trial(a.fund.Chart(), figures, accounts.General, month.Period(), month.Period())
	if err != nil {
		return err
	}
	return a.writeTable(filepath.Join("books", "trial-balance-"+month.String()), trial.Traced(a.heading(figures.State), a.detailPage))
}

// yearBooks writes the general ledger of every first-level account that moved, the detail ledger of every account that took lines, and the journals for hledger
// and beancount.
func (a *area) yearBooks(ctx context.Context, figures *fund.Figures, last calendar.Month) error {
	a.say("general and detail ledgers")
	for _, account := range a.fund.Chart().Accounts() {
		if err := a.detailLedger(ctx, figures, account.ID); err != nil {
			return err
		}
		if account.ParentID != "" {
			continue
		}
		general, err := statement.GeneralLedger(a.fund.Chart(), figures, account.ID, last)
		if err != nil {
			return err
		}
		for _, page := range general.Pages {
			if empty(page) {
				continue
			}
			if err := a.writeTable(filepath.Join("books", "general-ledger-"+account.Code), general.Table(page, cny, a.heading(figures.State))); err != nil {
				return err
			}
		}
	}
	a.say("journals for hledger and beancount")
	books := audit.ReadLedger(a.led, a.book())
	if err := a.writeStream(filepath.Join("journals", "fund.journal"), func(w io.Writer) error {
		_, err := hledger.Write(ctx, w, books, books, a.book())
		return err
	}); err != nil {
		return err
	}
	return a.writeStream(filepath.Join("journals", "fund.beancount"), func(w io.Writer) error {
		_, err := beancount.Write(ctx, w, books, books, a.book())
		return err
	})
}

// detailLedger writes the lines of an account (明细账), each with its voucher, its source and the hash of its entry. Accounts that others stand below have none.
func (a *area) detailLedger(ctx context.Context, figures *fund.Figures, accountID string) error {
	detail, err := a.fund.Detail(ctx, figures, fund.DetailOrder{AccountID: accountID, Year: a.Year, LinesAPage: 40, Heading: a.heading(figures.State), Leaves: true})
	if errors.Is(err, fund.ErrNoLines) {
		return nil
	}
	if err != nil {
		return err
	}
	name := filepath.Join("books", a.detailName(accountID))
	if err := a.writeStream(name+".html", detail.HTML); err != nil {
		return err
	}
	return a.writeStream(name+".csv", detail.CSV)
}

// empty reports whether nothing ever stood on a page.
func empty(page statement.LedgerPage) bool {
	for _, line := range page.Lines {
		if line.Debit != 0 || line.Credit != 0 || line.Balance != 0 {
			return false
		}
	}
	return true
}
