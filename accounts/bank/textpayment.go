package bank

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// PaymentTextFormat says how one bank wants its payment file (批量付款文件): a mapping that is data, not code. LoadPaymentTextFormat reads it from YAML.
type PaymentTextFormat struct {
	Name      string `yaml:"name"`      // for people
	Encoding  string `yaml:"encoding"`  // "utf-8", "utf-8-bom", "gb18030" or "gbk"
	Delimiter string `yaml:"delimiter"` // one character, or "tab"
	Quote     string `yaml:"quote"`     // "minimal" (default), "always" or "never"
	LineEnd   string `yaml:"line_end"`  // "crlf" (default) or "lf"
	Amounts   string `yaml:"amounts"`   // "decimal" (default: 1234.50) or "minor" (123450)
	Date      string `yaml:"date"`      // layout in Go's reference form, such as "20060102"
	// Target is "bank" (default: texts are written raw, as import programs need them) or "spreadsheet" (a text that a spreadsheet would take for a formula
	// gets an apostrophe in front; figures stay figures).
	Target  string          `yaml:"target"`
	Titles  bool            `yaml:"titles"`  // whether a row of column titles stands before the orders
	Header  [][]PaymentCell `yaml:"header"`  // rows before the titles
	Columns []PaymentColumn `yaml:"columns"` // of each order
	Footer  [][]PaymentCell `yaml:"footer"`  // rows behind the orders
}

// PaymentCell is a cell of a header or footer row: a fixed text, or a value of the file: file_id, initiator, created_date, count, total, and, where all
// orders share it, batch_id, debit_account, debit_name, debit_bank, execution_date, currency.
type PaymentCell struct {
	Text  string `yaml:"text"`
	Value string `yaml:"value"`
}

// PaymentColumn is a column of the orders: a fixed text or a value: sequence (from 1), amount, end_to_end, instruction, remittance, creditor_name,
// creditor_account, creditor_bank, creditor_bank_code, creditor_bic, or one that PaymentCell names, count and total excepted.
type PaymentColumn struct {
	Title    string `yaml:"title"`
	Text     string `yaml:"text"`
	Value    string `yaml:"value"`
	MaxBytes string `yaml:"max_bytes"` // the most bytes a cell may take in the file's encoding, quoted; no limit when empty
}

var (
	sharedValues = []string{"file_id", "initiator", "created_date", "batch_id", "debit_account", "debit_name", "debit_bank", "execution_date", "currency"}
	fileValues   = append([]string{"count", "total"}, sharedValues...)
	orderValues  = append([]string{"sequence", "amount", "end_to_end", "instruction", "remittance", "creditor_name", "creditor_account", "creditor_bank",
		"creditor_bank_code", "creditor_bic"}, sharedValues...)
)

// LoadPaymentTextFormat reads a payment mapping as strictly as LoadTextFormat reads a statement mapping.
func LoadPaymentTextFormat(file string, content []byte) (*PaymentTextFormat, error) {
	return loadMapping(content, &mappingFile{file: file, bare: func(path string) bool { return path == "titles" }}, &PaymentTextFormat{})
}

func (f *PaymentTextFormat) check(m *mappingFile) {
	m.oneOf("encoding", &f.Encoding, EncodingUTF8, "utf-8-bom", EncodingGB18030, "gbk")
	m.oneOf("quote", &f.Quote, "minimal", "always", "never")
	m.oneOf("line_end", &f.LineEnd, "crlf", "lf")
	m.oneOf("amounts", &f.Amounts, "decimal", "minor")
	m.oneOf("target", &f.Target, "bank", "spreadsheet")
	m.delimiter(&f.Delimiter)
	if f.Date == "" {
		f.Date = "20060102"
	}
	if !wholeDate(f.Date) {
		m.add("date", f.Date, "does not hold year, month and day", `write the layout for 2 January 2006, such as "20060102"`)
	}
	if len(f.Columns) == 0 {
		m.add("columns", "", "are missing", "give the columns of an order")
	}
	for i, c := range f.Columns {
		path := fmt.Sprintf("columns[%d]", i)
		checkValue(m, path, c.Value, c.Text, orderValues)
		if _, err := strconv.ParseUint(c.MaxBytes, 10, 31); err != nil && c.MaxBytes != "" {
			m.add(path+".max_bytes", c.MaxBytes, "is no number of bytes", `give a quoted whole number such as "60"`)
		}
	}
	checkRows(m, "header", f.Header)
	checkRows(m, "footer", f.Footer)
}

func checkRows(m *mappingFile, name string, rows [][]PaymentCell) {
	for i, row := range rows {
		for j, c := range row {
			checkValue(m, fmt.Sprintf("%s[%d][%d]", name, i, j), c.Value, c.Text, fileValues)
		}
	}
}

func checkValue(m *mappingFile, path, value, text string, allowed []string) {
	if value != "" && text != "" {
		m.add(path, value, "has a text beside it", "give either value or text")
	}
	if value != "" && !slices.Contains(allowed, value) {
		m.add(path+".value", value, "is no value here", "use one of "+strings.Join(allowed, ", "))
	}
}

// WriteText writes a payment file as delimited text by a mapping, with counts and totals where the mapping puts them. Everything is checked before the
// first byte: it returns *Faults with all faults and writes nothing when the file is not fit to send, when a text cannot stand in the encoding or in its
// column, or when a shared value or total is asked for that the batches do not share. The same file and mapping give the same bytes.
func WriteText(w io.Writer, file *PaymentFile, format *PaymentTextFormat) error {
	f := *format
	m := &mappingFile{}
	f.check(m)
	if err := m.faults.Err(); err != nil {
		return err
	}
	t := &textWriter{format: &f, file: file}
	var faults *Faults
	if errors.As(file.Check(), &faults) {
		t.faults = *faults
	}
	t.encoder = map[string]encoding.Encoding{EncodingGB18030: simplifiedchinese.GB18030, "gbk": simplifiedchinese.GBK}[f.Encoding]
	t.write()
	if err := t.faults.Err(); err != nil {
		return err
	}
	_, err := w.Write(t.out.Bytes())
	return err
}

type textWriter struct {
	format  *PaymentTextFormat
	file    *PaymentFile
	encoder encoding.Encoding // nil for UTF-8
	out     bytes.Buffer
	faults  Faults
	started bool // the current row has a cell
}

func (t *textWriter) write() {
	f := t.format
	if f.Encoding == "utf-8-bom" {
		t.out.WriteString("\xef\xbb\xbf")
	}
	t.rows("header", f.Header)
	if f.Titles {
		for i, c := range f.Columns {
			t.cell(fmt.Sprintf("columns[%d].title", i), c.Title, false, "")
		}
		t.endRow()
	}
	sequence := 0
	for i := range t.file.Batches {
		b := &t.file.Batches[i]
		for j := range b.Orders {
			sequence++
			for k := range f.Columns {
				c := &f.Columns[k]
				path := fmt.Sprintf("batches[%d].orders[%d].%s", i, j, c.Value)
				text, figure := c.Text, false
				if c.Value != "" {
					text, figure = t.orderValue(c.Value, sequence, b, &b.Orders[j])
				}
				t.cell(path, text, figure, c.MaxBytes)
			}
			t.endRow()
		}
	}
	t.rows("footer", f.Footer)
}

func (t *textWriter) rows(name string, rows [][]PaymentCell) {
	for i, row := range rows {
		for j, c := range row {
			path := fmt.Sprintf("%s[%d][%d]", name, i, j)
			text, figure := c.Text, false
			if c.Value != "" {
				text, figure = t.fileValue(path, c.Value)
			}
			t.cell(path, text, figure, "")
		}
		t.endRow()
	}
}

// orderValue returns the text of a value and whether it is a figure.
func (t *textWriter) orderValue(value string, sequence int, b *PaymentBatch, o *PaymentOrder) (text string, figure bool) {
	switch value {
	case "sequence":
		return strconv.Itoa(sequence), true
	case "amount":
		return t.figure(b.Debit.Currency, o.Amount), true
	case "end_to_end":
		return o.EndToEnd, false
	case "instruction":
		return o.Instruction, false
	case "remittance":
		return o.Remittance, false
	case "creditor_name":
		return o.Creditor.Name, false
	case "creditor_account":
		return o.Creditor.AccountNumber, false
	case "creditor_bank":
		return o.Creditor.BankName, false
	case "creditor_bank_code":
		return o.Creditor.BankCode, false
	case "creditor_bic":
		return o.Creditor.BIC, false
	}
	return t.batchValue(value, b), false
}

func (t *textWriter) batchValue(value string, b *PaymentBatch) string {
	switch value {
	case "file_id":
		return t.file.ID
	case "initiator":
		return t.file.Initiator
	case "created_date":
		return t.file.Created.Format(t.format.Date)
	case "batch_id":
		return b.ID
	case "debit_account":
		return b.Debit.Holder.AccountNumber
	case "debit_name":
		return b.Debit.Holder.Name
	case "debit_bank":
		return b.Debit.Holder.BankName
	case "execution_date":
		return dateText(b.ExecutionDate, t.format.Date)
	}
	return b.Debit.Currency.Code()
}

// fileValue returns a value of the whole file; one that the batches do not share is a fault.
func (t *textWriter) fileValue(path, value string) (text string, figure bool) {
	if value == "count" {
		return strconv.Itoa(t.file.Count()), true
	}
	if value == "total" {
		return t.total(path), true
	}
	for i := range t.file.Batches {
		v := t.batchValue(value, &t.file.Batches[i])
		if i > 0 && v != text {
			t.faults.Add(&Fault{Code: FaultValue, Path: path, Text: value, Reason: "differs between the batches of the file",
				Hint: "write one file for each batch"})
			return "", false
		}
		text = v
	}
	return text, false
}

func (t *textWriter) total(path string) string {
	var total money.Amount
	var c money.Currency
	for i, b := range t.file.Batches {
		if i > 0 && b.Debit.Currency != c {
			t.faults.Add(&Fault{Code: FaultCurrency, Path: path, Text: b.Debit.Currency.Code(), Reason: "cannot be added to " + c.Code(),
				Hint: "write one file for each currency"})
			return ""
		}
		c = b.Debit.Currency
		sum, err := b.Total()
		if err == nil {
			total, err = total.Add(sum)
		}
		if err != nil {
			t.faults.Add(&Fault{Code: FaultAmount, Path: path, Reason: "the total is more than an amount can hold", Hint: "split the file", Err: err})
			return ""
		}
	}
	return t.figure(c, total)
}

func (t *textWriter) figure(c money.Currency, a money.Amount) string {
	if t.format.Amounts == "minor" {
		return strconv.FormatInt(int64(a), 10)
	}
	return c.Text(a)
}

// cell writes one cell, or notes why it cannot.
func (t *textWriter) cell(path, text string, figure bool, maxBytes string) {
	if t.started {
		t.out.WriteString(t.format.Delimiter)
	}
	t.started = true
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && !(r == '\t' && t.format.Delimiter != "\t") }) {
		t.add(path, text, "holds a line break or control character", "take it out")
	}
	if t.format.Target == "spreadsheet" && !figure && formula(text) {
		text = "'" + text
	}
	encoded := text
	if t.encoder != nil {
		var err error
		if encoded, err = t.encoder.NewEncoder().String(text); err != nil {
			t.add(path, text, "has a character that "+t.format.Encoding+" does not have", "use gb18030, which has all, if the bank takes it")
		}
	}
	if limit, err := strconv.Atoi(maxBytes); err == nil && len(encoded) > limit {
		t.add(path, text, fmt.Sprintf("takes %d bytes, more than %d", len(encoded), limit), "shorten it")
	}
	special := strings.Contains(text, t.format.Delimiter) || strings.Contains(text, `"`)
	switch {
	case t.format.Quote == "never":
		if special {
			t.add(path, text, "holds the delimiter or a quote, and the mapping does not quote", "take it out")
		}
	case special || t.format.Quote == "always" || strings.TrimSpace(text) != text:
		// The quote is no part of a two-byte character in GBK or GB18030, so that doubling it after encoding is right.
		encoded = `"` + strings.ReplaceAll(encoded, `"`, `""`) + `"`
	}
	t.out.WriteString(encoded)
}

func (t *textWriter) add(path, text, reason, hint string) {
	t.faults.Add(&Fault{Code: FaultText, Path: path, Text: text, Reason: reason, Hint: hint})
}

func (t *textWriter) endRow() {
	t.started = false
	if t.format.LineEnd == "crlf" {
		t.out.WriteByte('\r')
	}
	t.out.WriteByte('\n')
}

// formula reports whether a spreadsheet could take the text for a formula; East Asian editions take the wide signs too.
func formula(text string) bool {
	r := []rune(text)
	return len(r) > 0 && strings.ContainsRune("=+-@\t\r\n＝＋－＠", r[0])
}

func dateText(d calendar.Date, layout string) string {
	return time.Date(d.Year(), time.Month(d.MonthOfYear()), d.Day(), 0, 0, 0, 0, time.UTC).Format(layout)
}
