package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"path/filepath"

	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/accounts/statement"
)

// rightsStatements writes the year's statements of rights (个人权益记录单): a list of all members, and a page for each of the first thousand. They bear
// internal numbers: no name leaves the registration.
func (a *area) rightsStatements(ctx context.Context) error {
	a.say("statements of rights")
	return a.writeStream(filepath.Join("rights", "all.csv"), func(w io.Writer) error {
		list := csv.NewWriter(w)
		if err := list.Write([]string{"个人编号 Member", "年初 Opening", "利息 Interest", "年末 Closing"}); err != nil {
			return err
		}
		pages := 0
		for s, err := range a.rights.Statements(ctx, a.Year) {
			if err != nil {
				return err
			}
			if err := list.Write([]string{s.Member, cny.Text(s.Opening), cny.Text(s.Interest), cny.Text(s.Closing)}); err != nil {
				return err
			}
			if pages++; pages > pagesOfAKind {
				continue
			}
			name := filepath.Join("rights", fmt.Sprintf("member-%03s.html", s.Member))
			if err := a.writeStream(name, a.rightsPage(s).HTML); err != nil {
				return err
			}
		}
		list.Flush()
		return list.Error()
	})
}

// rightsPage is the page of one member.
func (a *area) rightsPage(s *personal.Statement) *statement.Table {
	table := &statement.Table{Language: statement.Language(a.language), Title: "个人权益记录单 Statement of rights",
		Caption: []string{fmt.Sprintf("个人编号 member %s, %d", s.Member, s.Year),
			fmt.Sprintf("年初 opening %s, 利息 interest %s, 年末 closing %s", cny.Format(s.Opening), cny.Format(s.Interest), cny.Format(s.Closing))},
		Columns: []statement.TableColumn{{Label: "日期 Date"}, {Label: "所属期 Month"}, {Label: "事项 What"}, {Label: "金额 Amount", Numeric: true}, {Label: "余额 Balance", Numeric: true},
			{Label: "记录 Entry", Numeric: true}}}
	for _, line := range s.Lines {
		month := ""
		if line.Month != 0 {
			month = line.Month.String()
		}
		table.Rows = append(table.Rows, statement.TableRow{Cells: []string{line.Date.String(), month, line.Tag, cny.Text(line.Amount), cny.Text(line.Balance), fmt.Sprint(line.Entry)}})
	}
	return table
}
