package statement_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/statement"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/google/go-cmp/cmp"
)

var february = statement.State{Book: "1/1", Seq: 347, Root: seal.Hash{1, 2, 255}, Period: 202602, Closed: 20260303}

// february's file of cells, with an amount below zero in it.
func cellsFile(t *testing.T) (string, []*statement.Statement) {
	t.Helper()
	var made []*statement.Statement
	for _, kind := range []accounts.FormKind{accounts.BalanceSheet, accounts.IncomeExpenditure} {
		s, err := statement.Make(bookOf(t, accounts.EmployeeMedical, county), employeeMedical(t), statement.Request{Kind: kind, Month: 202602, Reading: statement.ReadLiteral})
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, s)
	}
	var out bytes.Buffer
	if err := statement.WriteCells(&out, february, made...); err != nil {
		t.Fatal(err)
	}
	return out.String(), made
}

func TestTheFileOfCellsIsReadAsItWasWritten(t *testing.T) {
	file, made := cellsFile(t)
	var want, got []statement.Figure
	for _, s := range made {
		for _, row := range s.Rows {
			for i, cell := range row.Cells {
				want = append(want, statement.Figure{State: february, Fund: s.Fund, Number: s.Number, Request: s.Request, Row: row.ID, RowZH: row.ZH, Column: s.Columns[i].ID,
					ColumnZH: s.Columns[i].ZH, Amount: cell.Amount, Blank: cell.Blank, FileLine: len(want) + 2})
			}
		}
	}
	for figure, err := range statement.ReadCells(strings.NewReader(file), money.MustCurrency("CNY")) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, figure)
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got) < 20 {
		t.Errorf("%d figures:\n%s", len(got), diff)
	}
	for range statement.ReadCells(strings.NewReader(file), money.MustCurrency("CNY")) {
		break // a reader may stop
	}
	other := february
	other.Period = 202603
	var typed *statement.Error
	if err := statement.WriteCells(&bytes.Buffer{}, other, made...); !errors.As(err, &typed) {
		t.Errorf("statements of February in the state of March: %v", err)
	}
}

func TestADamagedFileOfCellsIsRefusedAtItsLine(t *testing.T) {
	file, _ := cellsFile(t)
	lines := strings.SplitAfter(file, "\n")
	fields := strings.Split(lines[2], ",")
	for i, bad := range map[int]string{1: "x", 2: "abcd", 3: "20260230", 7: "202614", 8: "odd", 9: "daily", 14: "1.234"} {
		damaged := append([]string(nil), fields...)
		damaged[i] = bad
		if i == 14 {
			damaged[i] += "\n"
		}
		refused(t, fmt.Sprintf("field %d", i), strings.Join([]string{lines[0], lines[1], strings.Join(damaged, ",")}, ""), "line 3", 1)
	}
	refused(t, "nothing", "", "line 1", 0)
	refused(t, "other labels", strings.Replace(file, "record", "number", 1), "line 1", 0)
	refused(t, "a field too few", lines[0]+"1/1,347\n", "line 2", 0)
	refused(t, "a long root", strings.Replace(file, "0102ff", "000102ff", 1), "line 2", 0)
}

// refused wants a file to give so many figures and then an error that names the line.
func refused(t *testing.T, name, file, where string, figures int) {
	t.Helper()
	read, ended := 0, false
	for _, err := range statement.ReadCells(strings.NewReader(file), money.MustCurrency("CNY")) {
		var typed *statement.Error
		switch {
		case ended:
			t.Errorf("%s: something comes after the error", name)
		case err == nil:
			read++
		case !errors.As(err, &typed) || typed.Where != where:
			t.Errorf("%s: %v", name, err)
		}
		ended = err != nil
	}
	if !ended || read != figures {
		t.Errorf("%s: %d figures were read, refused: %t", name, read, ended)
	}
}
