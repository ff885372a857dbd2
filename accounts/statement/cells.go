package statement

import (
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// Figure is one figure of an issued statement (已报出报表的数字), as a line of the file that WriteCells writes.
type Figure struct {
	State      State // whose Period is the last one that the statement covers
	Fund       accounts.FundID
	Number     string // printed form number, such as 会社保01表
	Request    Request
	Row, RowZH string
	Column     string
	ColumnZH   string
	Amount     money.Amount // minor units
	Blank      bool         // the rules ask for no figure here
	FileLine   int          // where it stands, from 1 for the labels
}

// cellColumns are the columns of the file. Each line says everything about its figure, so that lines can be sorted, filtered and compared with any tool.
var cellColumns = []string{"book", "record", "root", "closed", "fund", "form", "statement", "period", "reading", "practice", "row", "row_label", "column", "column_label", "amount"}

// WriteCells writes the figures of statements as one CSV file (报表数据文件), the form in which their issue is sealed: RFC 4180 with line feeds, UTF-8, the columns
// book, record, root, closed, fund, form, statement, period, reading, practice, row, row_label, column, column_label, amount. Amounts are plain decimals, empty
// where the rules ask for none. Equal statements give equal bytes. All must be of the period that the state closed, or it returns an *Error.
func WriteCells(w io.Writer, state State, statements ...*Statement) error {
	out := csv.NewWriter(w)
	if err := out.Write(cellColumns); err != nil {
		return err
	}
	for _, s := range statements {
		if state.Period != s.Request.last() {
			return &Error{Where: s.Number + " of " + s.Request.last().String(), Reason: fmt.Sprintf("the state is the closing of %s", state.Period)}
		}
		fixed := []string{state.Book, strconv.FormatInt(state.Seq, 10), hex.EncodeToString(state.Root[:]), state.Closed.String(), string(s.Fund), s.Number, string(s.Kind),
			state.Period.String(), orDefault(string(s.Request.Reading), "advised"), orDefault(string(s.Request.Practice), "monthly")}
		for _, row := range s.Rows {
			for i, cell := range row.Cells {
				amount := ""
				if !cell.Blank {
					amount = s.Money.Text(cell.Amount)
				}
				if err := out.Write(append(slices.Clone(fixed), row.ID, row.ZH, s.Columns[i].ID, s.Columns[i].ZH, amount)); err != nil {
					return err
				}
			}
		}
	}
	out.Flush()
	return out.Error()
}

// orDefault names the zero value of a choice in a file.
func orDefault(choice, zero string) string {
	if choice == "" {
		return zero
	}
	return choice
}

func fromDefault(text, zero string) string {
	if text == zero {
		return ""
	}
	return text
}

// ReadCells reads a file of WriteCells figure by figure. A line that is none is an *Error with its number; the reading ends there.
func ReadCells(r io.Reader, currency money.Currency) iter.Seq2[Figure, error] {
	return func(yield func(Figure, error) bool) {
		in := csv.NewReader(r)
		in.FieldsPerRecord, in.ReuseRecord = len(cellColumns), true
		for line := 1; ; line++ {
			fields, err := in.Read()
			if errors.Is(err, io.EOF) && line > 1 {
				return
			}
			var figure Figure
			if err == nil && line == 1 {
				if !slices.Equal(fields, cellColumns) {
					err = fmt.Errorf("the labels are %q, want %q", fields, cellColumns)
				}
			} else if err == nil {
				figure, err = readCell(fields, currency)
			}
			if err != nil {
				yield(Figure{}, &Error{Where: fmt.Sprintf("line %d", line), Reason: "is no figure of an issued statement", Cause: err})
				return
			}
			if figure.FileLine = line; line > 1 && !yield(figure, nil) {
				return
			}
		}
	}
}

func readCell(f []string, currency money.Currency) (out Figure, err error) {
	keep := func(name string, e error) {
		if err == nil && e != nil {
			err = fmt.Errorf("%s: %w", name, e)
		}
	}
	out = Figure{Fund: accounts.FundID(f[4]), Number: f[5], Row: f[10], RowZH: f[11], Column: f[12], ColumnZH: f[13], Blank: f[14] == "",
		Request: Request{Kind: accounts.FormKind(f[6]), Reading: Reading(fromDefault(f[8], "advised")), Practice: Practice(fromDefault(f[9], "monthly"))}}
	out.State.Book = f[0]
	var e error
	out.State.Seq, e = strconv.ParseInt(f[1], 10, 64)
	keep("record", e)
	if !slices.Contains([]Reading{ReadAdvised, ReadConsistent, ReadLiteral}, out.Request.Reading) {
		keep("reading", fmt.Errorf("%q is none", f[8]))
	}
	if !slices.Contains([]Practice{CloseMonthly, CloseYearly}, out.Request.Practice) {
		keep("practice", fmt.Errorf("%q is none", f[9]))
	}
	root, e := hex.DecodeString(f[2])
	if keep("root", e); e == nil && copy(out.State.Root[:], root) != len(out.State.Root) || len(root) > len(out.State.Root) {
		keep("root", fmt.Errorf("%d bytes", len(root)))
	}
	out.State.Closed, e = calendar.ParseDate(f[3])
	keep("closed", e)
	out.State.Period, e = calendar.ParsePeriod(f[7])
	keep("period", e)
	out.Request.Month, out.Request.Annual = out.State.Period.Month(), out.State.Period.IsClosing()
	if !out.Blank {
		out.Amount, e = currency.Parse(f[14])
		keep("amount", e)
	}
	return out, err
}
