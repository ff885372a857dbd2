package bank

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// TextOptions of ReadText. The zero value reads with the default limits.
type TextOptions struct {
	File       string                    // the file's name in faults and sources
	Currencies map[string]money.Currency // currencies beside those of money.CurrencyOf, by code
	Limits     TextLimits
}

// TextResult is a detail file read whole.
type TextResult struct {
	Statements    []*Statement // one for each account and currency, in order of first appearance
	Records       int          // records behind the header, of any kind
	Blank         int          // records without any text
	Ignored       []Source     // records that a rule of kind ignored took
	UnreadColumns []string     // headers that the mapping does not use
}

// ReadText reads a bank's delimited detail file by its mapping. Every record is a line, a balance, a total, an ignored remark or blank, and is counted as
// such; anything else is a fault. When the file has any fault it returns *Faults with all of them, each with line and column, and no result. A statement
// that does not foot, or whose totals or running balances differ, is returned; ask Statement.Check. Credit and debit (贷, 借) are the bank's: credit is
// money in.
func ReadText(ctx context.Context, source io.Reader, format *TextFormat, options TextOptions) (*TextResult, error) {
	f := *format
	if err := f.Check(); err != nil {
		return nil, err
	}
	t := &textReader{format: &f, options: options, columns: map[string]int{}, statements: map[string]*Statement{}, totals: map[string]bool{}}
	t.read(ctx, source)
	if err := t.faults.Err(); err != nil {
		return nil, err
	}
	for _, s := range t.result.Statements {
		f.finish(s)
	}
	return &t.result, nil
}

type textReader struct {
	format     *TextFormat
	options    TextOptions
	faults     Faults
	result     TextResult
	columns    map[string]int // field → index of its column
	names      []string       // header row, when there is one
	width      int            // fields of a line; 0 until known
	statements map[string]*Statement
	totals     map[string]bool // statements that have had their row of a kind
}

func (t *textReader) read(ctx context.Context, source io.Reader) {
	d, err := newDelimited(source, t.options.File, t.format.Encoding, []rune(t.format.Delimiter)[0], t.format.Quote == "double", t.options.Limits, &t.faults)
	for range t.format.SkipRows {
		if err == nil {
			_, err = d.skipLine()
		}
	}
	if err != nil {
		return // the fault is noted
	}
	if !t.header(d) {
		return
	}
	for {
		r, err := d.next()
		if err != nil {
			break // a fault is noted; io.EOF is the end
		}
		if t.result.Records++; t.result.Records&255 == 0 && ctx.Err() != nil {
			t.faults.Add(&Fault{Code: FaultRead, File: t.options.File, Line: r.line, Reason: "reading was cancelled",
				Hint: "read the file again", Err: ctx.Err()})
			return
		}
		t.record(r)
	}
	if len(t.result.Statements) == 0 && len(t.faults.List) == 0 {
		t.faults.Add(&Fault{Code: FaultMissing, File: t.options.File, Line: d.line, Reason: "the file holds no line and no balance",
			Hint: "check skip_rows and header in the mapping"})
	}
}

// header reads the row of names and finds the columns; false when reading cannot go on.
func (t *textReader) header(d *delimited) bool {
	if !t.format.Header {
		for field, c := range t.format.Columns {
			t.columns[field] = c.Number - 1
		}
		return true
	}
	r, err := d.next()
	if err != nil {
		if errors.Is(err, io.EOF) && len(t.faults.List) == 0 {
			t.faults.Add(&Fault{Code: FaultMissing, File: t.options.File, Line: d.line, Reason: "the file has no header row",
				Hint: "check skip_rows in the mapping"})
		}
		return false
	}
	places := map[string]int{}
	for i, f := range r.fields {
		name := strings.TrimSpace(f.text)
		t.names = append(t.names, name)
		if _, twice := places[name]; twice && name != "" {
			t.add(f, FaultRepeated, "header", "is the name of two columns",
				"name the columns by number in the mapping, with header: false and one more of skip_rows")
		}
		places[name] = i
	}
	t.width = len(t.names)
	used := map[int]bool{}
	for _, field := range statementFields {
		c, mapped := t.format.Columns[field]
		if !mapped {
			continue
		}
		at := t.place(c, places)
		if at < 0 {
			t.faults.Add(&Fault{Code: FaultMissing, File: t.options.File, Line: r.line, Path: field, Text: c.String(), Reason: "is not in the header",
				Hint: "the header is: " + Clip(strings.Join(t.names, " | "))})
			continue
		}
		t.columns[field], used[at] = at, true
	}
	t.checkRuleColumns(r)
	for i, name := range t.names {
		if !used[i] {
			t.result.UnreadColumns = append(t.result.UnreadColumns, cmp.Or(name, fmt.Sprintf("column %d", i+1)))
		}
	}
	return len(t.faults.List) == 0
}

// checkRuleColumns makes sure that a rule under rows cannot miss its records because the header calls the column otherwise.
func (t *textReader) checkRuleColumns(r *record) {
	for i := range t.format.Rows {
		rule := &t.format.Rows[i]
		for _, c := range []*Column{&rule.Column, rule.Amount, rule.Credit, rule.Debit, rule.Count, rule.CreditCount, rule.DebitCount} {
			if c != nil && t.columnOf(*c) < 0 {
				t.faults.Add(&Fault{Code: FaultMissing, File: t.options.File, Line: r.line, Path: fmt.Sprintf("rows[%d]", i), Text: c.String(),
					Reason: "is not in the header",
					Hint:   "the header is: " + Clip(strings.Join(t.names, " | "))})
			}
		}
	}
}

func (t *textReader) place(c Column, places map[string]int) int {
	if c.Name == "" {
		if c.Number > len(t.names) {
			return -1
		}
		return c.Number - 1
	}
	if at, ok := places[c.Name]; ok {
		return at
	}
	return -1
}

// columnOf finds a column of a row rule, -1 when the header has none of that name.
func (t *textReader) columnOf(c Column) int {
	if c.Name == "" {
		return c.Number - 1
	}
	return slices.Index(t.names, c.Name)
}

func (t *textReader) add(f field, code FaultCode, path, reason, hint string) {
	t.faults.Add(&Fault{Code: code, File: t.options.File, Line: f.line, Column: f.column, Path: path, Text: f.text, Reason: reason, Hint: hint})
}

// record sorts one record.
func (t *textReader) record(r *record) {
	if r.blank() {
		t.result.Blank++
		return
	}
	for i := range t.format.Rows {
		rule := &t.format.Rows[i]
		f := r.at(t.columnOf(rule.Column))
		text := strings.TrimSpace(f.text)
		if (rule.Equals != "" && text == rule.Equals) || (rule.Prefix != "" && strings.HasPrefix(text, rule.Prefix)) {
			t.rule(r, rule)
			return
		}
	}
	if t.width == 0 {
		t.width = len(r.fields)
	}
	if len(r.fields) != t.width {
		t.faults.Add(&Fault{Code: FaultSyntax, File: t.options.File, Line: r.line, Column: 1, Text: string(r.raw),
			Reason: fmt.Sprintf("has %d fields, others have %d", len(r.fields), t.width),
			Hint:   "if it is a balance, total or remark, add a rule under rows; else a delimiter stands in a text that is not quoted"})
		return
	}
	t.line(r)
}

// at returns a field, or an empty one at the start of the record when there is none.
func (r *record) at(index int) field {
	if index < 0 || index >= len(r.fields) {
		return field{line: r.line, column: 1}
	}
	return r.fields[index]
}

// statement finds the statement a record belongs to by account and currency; nil after a fault.
func (t *textReader) statement(r *record) *Statement {
	account := t.value(r, FieldAccount)
	if account.text == "" {
		t.add(account, FaultMissing, FieldAccount, "is missing", "the account number has to stand in every record")
		return nil
	}
	word := t.value(r, FieldCurrency)
	code := cmp.Or(t.format.Currencies[word.text], word.text)
	c, known := t.options.Currencies[code]
	if !known {
		var err error
		if c, err = money.CurrencyOf(code); err != nil {
			t.add(word, FaultCurrency, FieldCurrency, "is not a known currency", "map the bank's word under currencies, or give the currency to the reader")
			return nil
		}
	}
	key := account.text + " " + code
	s := t.statements[key]
	if s == nil {
		s = &Statement{Form: StatementForm, ID: t.options.File, Account: account.text, Owner: t.value(r, FieldOwner).text, Currency: c,
			Source: Source{File: t.options.File, Line: r.line}}
		t.statements[key] = s
		t.result.Statements = append(t.result.Statements, s)
	}
	return s
}

// value returns a field without surrounding blanks, or the constant for it.
func (t *textReader) value(r *record, name string) field {
	at, mapped := t.columns[name]
	if !mapped {
		return field{text: t.format.Constants[name], line: r.line, column: 1}
	}
	f := r.at(at)
	f.text = strings.TrimSpace(f.text)
	return f
}

// line reads a record as a booked line.
func (t *textReader) line(r *record) {
	before := len(t.faults.List) + t.faults.Omitted
	s := t.statement(r)
	if s == nil {
		return
	}
	l := Line{Source: Source{File: t.options.File, Line: r.line}, Hash: sha256.Sum256(r.raw)}
	l.BookingDate = t.date(r, FieldBookingDate, true)
	l.ValueDate = t.date(r, FieldValueDate, false)
	l.Amount, l.Reversal = t.amount(r, s.Currency)
	if f := t.value(r, FieldBalance); f.text != "" {
		running := t.figure(f, FieldBalance, s.Currency)
		l.Running = &running
	}
	l.BankReference, l.EndToEnd = t.value(r, FieldReference).text, t.value(r, FieldEndToEnd).text
	l.Counterparty = Party{Name: t.value(r, FieldCounterpartyName).text, AccountNumber: t.value(r, FieldCounterpartyAccount).text,
		BankName: t.value(r, FieldCounterpartyBank).text}
	l.Remittance, l.Note = t.value(r, FieldRemittance).text, t.value(r, FieldNote).text
	l.ProprietaryCode = t.value(r, FieldTransactionCode).text
	if len(t.faults.List)+t.faults.Omitted == before {
		s.Lines = append(s.Lines, l)
	}
}

func (t *textReader) date(r *record, name string, required bool) calendar.Date {
	f := t.value(r, name)
	if f.text == "" {
		if required {
			t.add(f, FaultMissing, name, "is missing", "if the record is a balance, total or remark, add a rule under rows")
		}
		return 0
	}
	for _, layout := range t.format.Dates {
		if at, err := time.Parse(layout, f.text); err == nil && at.Year() >= 1 {
			return calendar.DateOf(at)
		}
	}
	t.add(f, FaultDate, name, "is no date in any layout of the mapping", "the layouts are "+strings.Join(t.format.Dates, ", "))
	return 0
}

// amount reads the figure and its direction. A negative figure in a column that has a direction is a red entry (红字): a reversal.
func (t *textReader) amount(r *record, c money.Currency) (amount money.Amount, reversal bool) {
	switch t.format.Amounts.Form {
	case "signed":
		return t.required(r, FieldAmount, c), false
	case "direction":
		a := t.required(r, FieldAmount, c)
		f := t.value(r, FieldDirection)
		switch {
		case slices.Contains(t.format.Amounts.Credit, f.text):
			return a, a < 0
		case slices.Contains(t.format.Amounts.Debit, f.text):
			return -a, a < 0
		}
		t.add(f, FaultValue, FieldDirection, "is no direction that the mapping knows", "add it to amounts.credit or amounts.debit")
		return 0, false
	}
	creditField, debitField := t.value(r, FieldCredit), t.value(r, FieldDebit)
	if creditField.text == "" && debitField.text == "" {
		t.add(creditField, FaultMissing, FieldCredit+" and "+FieldDebit, "are both empty",
			"if the record is a balance, total or remark, add a rule under rows")
		return 0, false
	}
	credit, debit := t.figure(creditField, FieldCredit, c), t.figure(debitField, FieldDebit, c)
	if credit != 0 && debit != 0 {
		t.add(debitField, FaultAmount, FieldCredit+" and "+FieldDebit, "are both given", "ask the bank which of them holds")
		return 0, false
	}
	return credit - debit, credit < 0 || debit < 0
}

func (t *textReader) required(r *record, name string, c money.Currency) money.Amount {
	f := t.value(r, name)
	if f.text == "" {
		t.add(f, FaultMissing, name, "is missing", "if the record is a balance, total or remark, add a rule under rows")
	}
	return t.figure(f, name, c)
}

// figure reads an amount; an empty field is zero.
func (t *textReader) figure(f field, name string, c money.Currency) money.Amount {
	if f.text == "" {
		return 0
	}
	plain, ok := t.format.Amounts.plain(f.text)
	a, err := c.Parse(plain)
	if !ok || err != nil {
		t.faults.Add(&Fault{Code: FaultAmount, File: t.options.File, Line: f.line, Column: f.column, Path: name, Text: f.text,
			Reason: "is no exact amount in " + c.Code() + " as the mapping writes them",
			Hint:   "check decimal, thousands and negative under amounts", Err: err})
	}
	return a
}

// plain rewrites a figure with a leading minus, a decimal point and thousands commas; ok is false when it uses another sign than the format's.
func (a AmountFormat) plain(text string) (plain string, ok bool) {
	negative := false
	switch {
	case a.Negative == "parentheses" && strings.HasPrefix(text, "(") && strings.HasSuffix(text, ")"):
		text, negative = text[1:len(text)-1], true
	case a.Negative == "trailing_minus" && strings.HasSuffix(text, "-"):
		text, negative = text[:len(text)-1], true
	case a.Negative == "minus" && strings.HasPrefix(text, "-"):
		text, negative = text[1:], true
	}
	var out strings.Builder
	if negative {
		out.WriteByte('-')
	}
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9':
			out.WriteRune(r)
		case string(r) == a.Decimal:
			out.WriteByte('.')
		case string(r) == a.Thousands:
			out.WriteByte(',')
		default:
			return text, false
		}
	}
	return out.String(), true
}

// rule reads a record that a rule recognised.
func (t *textReader) rule(r *record, rule *RowRule) {
	source := Source{File: t.options.File, Line: r.line}
	if rule.Kind == RowIgnored {
		t.result.Ignored = append(t.result.Ignored, source)
		return
	}
	s := t.statement(r)
	if s == nil {
		return
	}
	if seen := rule.Kind + " " + s.Identity(); rule.Kind == RowTotals || !t.totals[seen] {
		t.totals[seen] = true
	} else {
		t.faults.Add(&Fault{Code: FaultRepeated, File: t.options.File, Line: r.line, Path: rule.Kind,
			Reason: "balance is there twice for one account", Hint: "check the rules under rows"})
		return
	}
	if rule.Kind == RowTotals {
		t.controlTotals(r, rule, s, source)
		return
	}
	f := r.at(t.columnOf(*rule.Amount))
	if f.text = strings.TrimSpace(f.text); f.text == "" {
		t.add(f, FaultMissing, rule.Amount.String(), "holds no "+rule.Kind+" balance", "check the rules under rows")
		return
	}
	b := &Balance{Code: map[string]string{RowOpening: "OPBD", RowClosing: "CLBD"}[rule.Kind], Amount: t.figure(f, rule.Amount.String(),
		s.Currency), Currency: s.Currency, Source: source}
	if rule.Kind == RowOpening {
		s.Opening = b
	} else {
		s.Closing = b
	}
}

func (t *textReader) controlTotals(r *record, rule *RowRule, s *Statement, source Source) {
	for _, c := range []struct {
		column *Column
		kind   ControlKind
		count  bool
	}{
		{rule.Credit, CreditSum, false}, {rule.Debit, DebitSum, false}, {rule.Count, TotalCount, true}, {rule.CreditCount, CreditCount, true},
		{rule.DebitCount, DebitCount, true},
	} {
		if c.column == nil {
			continue
		}
		f := r.at(t.columnOf(*c.column))
		f.text = strings.TrimSpace(f.text)
		if f.text == "" {
			t.add(f, FaultMissing, c.column.String(), "holds no total", "check the rules under rows")
			continue
		}
		total := ControlTotal{Kind: c.kind, Source: source}
		if !c.count {
			total.Value = t.figure(f, c.column.String(), s.Currency)
		} else if d, err := money.ParseDecimal(f.text); err == nil && d.IsInteger() && !d.IsNegative() && d.NumDigits() < 16 {
			total.Value = money.Amount(d.IntPart())
		} else {
			t.add(f, FaultValue, c.column.String(), "is no number of lines", "check the rules under rows")
		}
		s.Stated = append(s.Stated, total)
	}
}

// finish puts the lines in order, derives balances from running ones where no row gives them, and sets the period.
func (f *TextFormat) finish(s *Statement) {
	if f.Order == "newest_first" {
		slices.Reverse(s.Lines)
	}
	if n := len(s.Lines); n > 0 {
		first, last := &s.Lines[0], &s.Lines[n-1]
		if s.Opening == nil && first.Running != nil {
			if a, err := first.Running.Sub(first.Amount); err == nil {
				s.Opening = &Balance{Code: "derived", Amount: a, Currency: s.Currency, Source: first.Source}
			}
		}
		if s.Closing == nil && last.Running != nil {
			s.Closing = &Balance{Code: "derived", Amount: *last.Running, Currency: s.Currency, Source: last.Source}
		}
		s.From, s.To = first.BookingDate, last.BookingDate
		for _, l := range s.Lines {
			s.From, s.To = min(s.From, l.BookingDate), max(s.To, l.BookingDate)
		}
	}
	for _, b := range []*Balance{s.Opening, s.Closing} {
		if b != nil {
			s.Balances = append(s.Balances, *b)
		}
	}
}
