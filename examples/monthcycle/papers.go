package main

import (
	"bytes"
	"context"
	"fmt"
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
	path := filepath.Join(a.out, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o666)
}

func (a *area) heading() statement.Heading {
	return statement.Heading{Language: statement.Language(a.language), Agency: a.Name + "社会保险基金管理中心"}
}

func (a *area) writeTable(name string, table *statement.Table) error {
	var html, csv bytes.Buffer
	if err := table.HTML(&html); err != nil {
		return err
	}
	if err := table.CSV(&csv); err != nil {
		return err
	}
	if err := a.write(name+".html", html.Bytes()); err != nil {
		return err
	}
	return a.write(name+".csv", csv.Bytes())
}

// statements writes both statements of a month, or the yearly ones, after every relation between their rows was checked.
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
		if err := a.writeTable(filepath.Join("statements", name+"-"+string(kind)), made.Table(a.heading())); err != nil {
			return err
		}
	}
	return nil
}

// trial writes the trial balance of a month with its turnovers since January.
func (a *area) trial(figures *fund.Figures, month calendar.Month) error {
	trial, err := statement.Trial(a.fund.Chart(), figures, accounts.General, month.Period(), month.Period())
	if err != nil {
		return err
	}
	return a.writeTable(filepath.Join("books", "trial-balance-"+month.String()), trial.Table(a.heading()))
}

// yearBooks writes the general ledger of every first-level account that moved, and the journals for hledger and beancount.
func (a *area) yearBooks(ctx context.Context, figures *fund.Figures, last calendar.Month) error {
	for _, account := range a.fund.Chart().Accounts() {
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
			if err := a.writeTable(filepath.Join("books", "general-ledger-"+account.Code), general.Table(page, cny, a.heading())); err != nil {
				return err
			}
		}
	}
	books := audit.ReadLedger(a.led, a.book())
	var journal, beans bytes.Buffer
	if _, err := hledger.Write(ctx, &journal, books, books, a.book()); err != nil {
		return err
	}
	if err := a.write(filepath.Join("journals", "fund.journal"), journal.Bytes()); err != nil {
		return err
	}
	if _, err := beancount.Write(ctx, &beans, books, books, a.book()); err != nil {
		return err
	}
	return a.write(filepath.Join("journals", "fund.beancount"), beans.Bytes())
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

// rightsStatements writes a statement of rights for every member, by internal number: no name leaves the registration.
func (a *area) rightsStatements(ctx context.Context) error {
	list := statement.Table{Language: statement.Language(a.language), Title: fmt.Sprint("个人账户 Personal accounts ", a.Year), Columns: []statement.TableColumn{{Label: "个人编号 Member"},
		{Label: "年初 Opening", Numeric: true}, {Label: "利息 Interest", Numeric: true}, {Label: "年末 Closing", Numeric: true}}}
	for no := 1; no <= len(a.members); no++ {
		s, err := a.rights.Statement(ctx, strconv.Itoa(no), a.Year)
		if err != nil {
			return err
		}
		table := &statement.Table{Language: statement.Language(a.language), Title: "个人权益记录单 Statement of rights",
			Caption: []string{fmt.Sprintf("个人编号 member %d, %d", no, a.Year), fmt.Sprintf("年初 opening %s, 利息 interest %s, 年末 closing %s", cny.Format(s.Opening), cny.Format(s.Interest), cny.Format(s.Closing))},
			Columns: []statement.TableColumn{{Label: "日期 Date"}, {Label: "所属期 Month"}, {Label: "事项 What"}, {Label: "金额 Amount", Numeric: true}, {Label: "余额 Balance", Numeric: true}}}
		for _, line := range s.Lines {
			month := ""
			if line.Month != 0 {
				month = line.Month.String()
			}
			table.Rows = append(table.Rows, statement.TableRow{Cells: []string{line.Date.String(), month, line.Tag, cny.Text(line.Amount), cny.Text(line.Balance)}})
		}
		var html bytes.Buffer
		if err := table.HTML(&html); err != nil {
			return err
		}
		if err := a.write(filepath.Join("rights", fmt.Sprintf("member-%03d.html", no)), html.Bytes()); err != nil {
			return err
		}
		list.Rows = append(list.Rows, statement.TableRow{Cells: []string{strconv.Itoa(no), cny.Text(s.Opening), cny.Text(s.Interest), cny.Text(s.Closing)}})
	}
	return a.writeTable(filepath.Join("rights", "all"), &list)
}
