package printing

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/fundledger/fundledger/ledger"
)

// WriteCSV writes vouchers as CSV (RFC 4180, UTF-8), one row for each line, under one row of column names in the layout's language. Amounts are plain decimals
// such as -1234.50. A text that a spreadsheet program would take for a formula gets an apostrophe before it. After an error what was written is of no use.
func WriteCSV(w io.Writer, sheets iter.Seq2[Sheet, error], layout Layout) error {
	layout, err := layout.settled()
	if err != nil {
		return err
	}
	if layout.ByteOrderMark {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return err
		}
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(layout.words().Columns); err != nil {
		return err
	}
	for s, err := range sheets {
		if err != nil {
			return err
		}
		lines := s.Lines
		if len(lines) == 0 {
			lines = s.Memorandum
		}
		for i := range lines {
			if err := out.Write(layout.record(&s, i, &lines[i])); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

func (l *Layout) record(s *Sheet, i int, line *Line) []string {
	general, detail := l.accountNames(line.Path)
	code := ""
	if n := len(line.Path); n > 0 {
		code = line.Path[n-1].Code
		general = strings.TrimSpace(strings.TrimPrefix(general, shown(line.Path[0].Code)))
		detail = strings.TrimSpace(strings.TrimPrefix(detail, shown(code)))
	}
	debit, credit := "", ""
	if line.Side == ledger.Debit {
		debit = s.Currency.Text(line.Amount)
	} else {
		credit = s.Currency.Text(line.Amount)
	}
	word := ""
	if s.Number.Type != "" {
		word = l.word(s.Number.Type)
	}
	return []string{
		cell(word), number(s.Number.Number), number(s.No), s.Effective.String(), s.Period.String(), fmt.Sprint(i + 1), cell(shown(s.Summary)), cell(shown(code)),
		cell(general), cell(detail), debit, credit, s.Currency.Code(), fmt.Sprint(s.Attachments), cell(l.person(s.Preparer)), cell(l.person(s.Reviewer)),
		cell(l.person(s.Cashier)), cell(l.person(s.Head)), cell(l.person(s.Bookkeeper)), l.words().States[s.State], number(int64(s.Entry)),
	}
}

// number writes nothing for zero.
func number(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// cell keeps a text from being taken for a formula.
func cell(text string) string {
	if strings.ContainsAny(firstRune(text), "=+-@\t\r\n＝＋－＠") {
		return "'" + text
	}
	return text
}

func firstRune(text string) string {
	for _, r := range text {
		return string(r)
	}
	return ""
}
