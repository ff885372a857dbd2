package bank

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Encodings of delimited text.
const (
	EncodingUTF8    = "utf-8"   // with or without byte order mark
	EncodingGB18030 = "gb18030" // GBK and GB2312 are parts of it
)

// Fields a column of a statement may hold, the keys of TextFormat.Columns and Constants.
const (
	FieldAccount             = "account"
	FieldOwner               = "owner"
	FieldCurrency            = "currency"
	FieldBookingDate         = "booking_date"
	FieldValueDate           = "value_date"
	FieldAmount              = "amount"
	FieldCredit              = "credit"
	FieldDebit               = "debit"
	FieldDirection           = "direction"
	FieldBalance             = "balance"
	FieldReference           = "reference"
	FieldEndToEnd            = "end_to_end"
	FieldCounterpartyName    = "counterparty_name"
	FieldCounterpartyAccount = "counterparty_account"
	FieldCounterpartyBank    = "counterparty_bank"
	FieldRemittance          = "remittance"
	FieldNote                = "note"
	FieldTransactionCode     = "transaction_code"
)

var statementFields = []string{FieldAccount, FieldOwner, FieldCurrency, FieldBookingDate, FieldValueDate, FieldAmount, FieldCredit, FieldDebit,
	FieldDirection,
	FieldBalance, FieldReference, FieldEndToEnd, FieldCounterpartyName, FieldCounterpartyAccount, FieldCounterpartyBank, FieldRemittance,
	FieldNote, FieldTransactionCode}

// TextFormat says how one bank writes its detail file (对账明细): a mapping that is data, not code. LoadTextFormat reads it from YAML; the keys are given
// with the fields.
type TextFormat struct {
	Name       string            `yaml:"name"`       // for people
	Encoding   string            `yaml:"encoding"`   // utf-8 or gb18030
	Delimiter  string            `yaml:"delimiter"`  // one character, or "tab"
	Quote      string            `yaml:"quote"`      // "double" (a field may stand in double quotes, RFC 4180) or "none"
	SkipRows   int               `yaml:"skip_rows"`  // physical lines before the header or the first record
	Header     bool              `yaml:"header"`     // whether a row of column names comes next
	Order      string            `yaml:"order"`      // "oldest_first" or "newest_first"
	Dates      []string          `yaml:"dates"`      // layouts in Go's reference form, tried in turn: "20060102", "2006-01-02 15:04:05", "2006年01月02日"
	Columns    map[string]Column `yaml:"columns"`    // field → column
	Amounts    AmountFormat      `yaml:"amounts"`    // how figures are written
	Rows       []RowRule         `yaml:"rows"`       // records that are not lines: balances, totals, remarks
	Constants  map[string]string `yaml:"constants"`  // field → value, for account, owner and currency that no column holds
	Currencies map[string]string `yaml:"currencies"` // the bank's names of currencies → ISO 4217 codes, such as 人民币: CNY
}

// Column names a column by its header, or by its 1-based number.
type Column struct {
	Name   string
	Number int
}

// AmountFormat says how figures are written.
type AmountFormat struct {
	// Form is "two_columns" (credit and debit), "signed" (amount, positive for money in) or "direction" (amount without sign and a direction column).
	Form      string   `yaml:"form"`
	Credit    []string `yaml:"credit"`    // words of the direction column for money in, such as 贷
	Debit     []string `yaml:"debit"`     // words of the direction column for money out, such as 借
	Decimal   string   `yaml:"decimal"`   // "." (default) or ","
	Thousands string   `yaml:"thousands"` // "" (default: none), ",", ".", "'" or " "
	Negative  string   `yaml:"negative"`  // "minus" (default), "trailing_minus" or "parentheses"
}

// Kinds of RowRule.
const (
	RowOpening = "opening" // the opening balance, in Amount
	RowClosing = "closing" // the closing balance, in Amount
	RowTotals  = "totals"  // control totals, in Credit, Debit and the counts
	RowIgnored = "ignored" // a remark; counted and listed in the result
)

// RowRule recognises a record that is not a line: Column holds exactly Equals, or starts with Prefix. The first rule that fits decides.
type RowRule struct {
	Kind        string  `yaml:"kind"`
	Column      Column  `yaml:"column"`
	Equals      string  `yaml:"equals"`
	Prefix      string  `yaml:"prefix"`
	Amount      *Column `yaml:"amount"`
	Credit      *Column `yaml:"credit"`
	Debit       *Column `yaml:"debit"`
	Count       *Column `yaml:"count"`
	CreditCount *Column `yaml:"credit_count"`
	DebitCount  *Column `yaml:"debit_count"`
}

// UnmarshalYAML takes a quoted or plain text as a name and a whole number as a number.
func (c *Column) UnmarshalYAML(n ast.Node) error {
	switch v := n.(type) {
	case *ast.StringNode:
		c.Name = v.Value
		return nil
	case *ast.IntegerNode:
		if number, err := strconv.Atoi(v.GetToken().Value); err == nil && number > 0 {
			c.Number = number
			return nil
		}
	}
	return &yaml.SyntaxError{Message: "a column is a header name or a number from 1", Token: n.GetToken()}
}

func (c Column) String() string {
	if c.Name != "" {
		return c.Name
	}
	return fmt.Sprintf("column %d", c.Number)
}

// LoadTextFormat reads a statement mapping. Every text in it is a text (a number or date that is meant as text must be quoted), unknown and repeated
// keys are refused, and all faults come together as *Faults with file, line and column.
func LoadTextFormat(file string, content []byte) (*TextFormat, error) {
	return loadMapping(content, &mappingFile{file: file, bare: bareInStatement}, &TextFormat{})
}

// loadMapping fills a mapping from YAML and checks it, when it could be read at all.
func loadMapping[F interface{ check(m *mappingFile) }](content []byte, m *mappingFile, f F) (loaded F, err error) {
	m.decode(content, f)
	if len(m.faults.List) == 0 {
		f.check(m)
	}
	if err := m.faults.Err(); err != nil {
		return loaded, err
	}
	return f, nil
}

// mappingFile gathers faults of a mapping and knows where each key stands.
type mappingFile struct {
	file   string
	bare   func(path string) bool // keys whose values need no quotes
	places map[string]ast.Node
	faults Faults
}

// decode reads one YAML document strictly into v.
func (m *mappingFile) decode(content []byte, v any) {
	m.places = map[string]ast.Node{}
	tree, err := parser.ParseBytes(content, 0)
	if err == nil && (len(tree.Docs) != 1 || tree.Docs[0].Body == nil) {
		m.faults.Add(&Fault{Code: FaultMapping, File: m.file, Line: 1, Reason: "is not one YAML document", Hint: "write one mapping a file"})
		return
	}
	if err == nil {
		m.walk(tree.Docs[0].Body, "")
		err = yaml.NodeToValue(tree.Docs[0].Body, v, yaml.Strict())
	}
	if err == nil || errors.Is(err, io.EOF) {
		return
	}
	fault := &Fault{Code: FaultMapping, File: m.file, Reason: err.Error(), Hint: "see the field comments of the format for its keys", Err: err}
	var located yaml.Error
	if errors.As(err, &located) {
		fault.Reason = located.GetMessage()
		if token := located.GetToken(); token != nil && token.Position != nil {
			fault.Line, fault.Column = token.Position.Line, token.Position.Column
		}
	}
	m.faults.Add(fault)
}

// walk notes where keys stand and refuses scalars that YAML would turn into something else than what is written.
func (m *mappingFile) walk(n ast.Node, path string) {
	m.places[path] = n
	switch v := n.(type) {
	case *ast.MappingNode:
		for _, pair := range v.Values {
			m.walk(pair.Value, joinPath(path, pair.Key.String()))
			m.places[joinPath(path, pair.Key.String())] = pair.Key
		}
	case *ast.SequenceNode:
		for i, item := range v.Values {
			m.walk(item, fmt.Sprintf("%s[%d]", path, i))
		}
	case *ast.StringNode:
	case *ast.IntegerNode, *ast.BoolNode:
		if !m.bare(path) {
			m.add(path, n.GetToken().Value, "is not quoted", `write it in double quotes, as "`+n.GetToken().Value+`"`)
		}
	default:
		m.add(path, n.GetToken().Value, "is a "+n.Type().String()+", which a mapping does not take", "write a quoted text")
	}
}

// bareInStatement lists the keys of a statement mapping whose values are numbers, truth values or columns.
func bareInStatement(path string) bool {
	last := path[strings.LastIndexByte(path, '.')+1:]
	return path == "skip_rows" || path == "header" || strings.HasPrefix(path, "columns.") ||
		(strings.HasPrefix(path, "rows[") && last != "kind" && last != "equals" && last != "prefix")
}

func joinPath(path, key string) string {
	key = strings.Trim(key, `"'`)
	if path == "" {
		return key
	}
	return path + "." + key
}

// add notes a fault at a key, or at the nearest key above it that the file has.
func (m *mappingFile) add(path, text, reason, hint string) {
	fault := &Fault{Code: FaultMapping, File: m.file, Path: path, Text: text, Reason: reason, Hint: hint}
	for at := path; ; {
		if n, ok := m.places[at]; ok && at != "" {
			fault.Line, fault.Column = n.GetToken().Position.Line, n.GetToken().Position.Column
			break
		}
		cut := strings.LastIndexAny(at, ".[")
		if cut < 0 {
			break
		}
		at = at[:cut]
	}
	m.faults.Add(fault)
}

// oneOf checks a word and gives the default for an empty one.
func (m *mappingFile) oneOf(path string, value *string, words ...string) {
	if *value == "" {
		*value = words[0]
	}
	if !slices.Contains(words, *value) {
		m.add(path, *value, "is none of the words for it", "use one of "+strings.Join(words, ", "))
	}
}

func (m *mappingFile) delimiter(value *string) {
	if *value == "tab" {
		*value = "\t"
	}
	if runes := []rune(*value); len(runes) != 1 || strings.ContainsAny(*value, "\"\r\n\x00 ") {
		m.add("delimiter", *value, "is no delimiter", `give one character such as "," or "|", or the word tab`)
	}
}

// Check makes the checks of LoadTextFormat on a format that was built in Go, fills in its defaults, and returns *Faults or nil.
func (f *TextFormat) Check() error {
	m := &mappingFile{}
	f.check(m)
	return m.faults.Err()
}

func (f *TextFormat) check(m *mappingFile) {
	m.oneOf("encoding", &f.Encoding, EncodingUTF8, EncodingGB18030)
	m.oneOf("quote", &f.Quote, "double", "none")
	m.oneOf("order", &f.Order, "oldest_first", "newest_first")
	m.delimiter(&f.Delimiter)
	if f.SkipRows < 0 || f.SkipRows > 1000 {
		m.add("skip_rows", strconv.Itoa(f.SkipRows), "is not between 0 and 1000", "count the lines before the header")
	}
	for _, field := range slices.Sorted(maps.Keys(f.Columns)) {
		if !slices.Contains(statementFields, field) {
			m.add("columns."+field, "", "is no field of a statement", "use one of "+strings.Join(statementFields, ", "))
		}
		f.checkColumn(m, "columns."+field, f.Columns[field])
	}
	f.checkRequired(m)
	f.checkAmounts(m)
	if len(f.Dates) == 0 {
		m.add("dates", "", "is missing", `give at least one layout, such as "2006-01-02"`)
	}
	for i, layout := range f.Dates {
		if !wholeDate(layout) {
			m.add(fmt.Sprintf("dates[%d]", i), layout, "does not hold year, month and day", `write the layout for 2 January 2006, such as "2006-01-02"`)
		}
	}
	for i := range f.Rows {
		f.Rows[i].check(m, fmt.Sprintf("rows[%d]", i), f)
	}
}

// wholeDate reports whether a layout keeps a whole date.
func wholeDate(layout string) bool {
	want := time.Date(2031, 11, 23, 0, 0, 0, 0, time.UTC)
	got, err := time.Parse(layout, want.Format(layout))
	return err == nil && got.Format("20060102") == want.Format("20060102")
}

func (f *TextFormat) checkColumn(m *mappingFile, path string, c Column) {
	if c.Name != "" && !f.Header {
		m.add(path, c.Name, "is a name, but the file has no header", "give the number of the column, or set header: true")
	}
	if c.Name == "" && c.Number < 1 {
		m.add(path, "", "names no column", "give a header name or a number from 1")
	}
}

func (f *TextFormat) has(field string) bool { _, ok := f.Columns[field]; return ok }

// checkRequired asks for what a statement line cannot be without.
func (f *TextFormat) checkRequired(m *mappingFile) {
	if !f.has(FieldBookingDate) {
		m.add("columns", "", "has no booking_date", "name the column of the booking date (记账日期)")
	}
	for _, field := range slices.Sorted(maps.Keys(f.Constants)) {
		if field != FieldAccount && field != FieldCurrency && field != FieldOwner {
			m.add("constants."+field, "", "cannot be constant", "only account, owner and currency can")
		}
	}
	for _, field := range []string{FieldAccount, FieldCurrency} {
		if f.has(field) == (f.Constants[field] != "") {
			m.add("columns", "", field+" has to come from one place", "give it as a column or as a constant, not both")
		}
	}
}

func (f *TextFormat) checkAmounts(m *mappingFile) {
	a := &f.Amounts
	m.oneOf("amounts.decimal", &a.Decimal, ".", ",")
	m.oneOf("amounts.negative", &a.Negative, "minus", "trailing_minus", "parentheses")
	if len(a.Thousands) > 1 || !strings.Contains(",.' ", a.Thousands) || a.Thousands == a.Decimal {
		m.add("amounts.thousands", a.Thousands, "is no separator of thousands beside the decimal sign "+a.Decimal, `give "", ",", ".", "'" or " "`)
	}
	needs := map[string][]string{"two_columns": {FieldCredit, FieldDebit}, "signed": {FieldAmount}, "direction": {FieldAmount, FieldDirection}}
	need, known := needs[a.Form]
	if !known {
		m.add("amounts.form", a.Form, "is no form of amounts", "use two_columns, signed or direction")
		return
	}
	for _, field := range []string{FieldCredit, FieldDebit, FieldAmount, FieldDirection} {
		if f.has(field) != slices.Contains(need, field) {
			m.add("columns."+field, "", "does not go with the form "+a.Form, "that form takes the columns "+strings.Join(need, " and "))
		}
	}
	both := func(word string) bool { return slices.Contains(a.Debit, word) }
	if a.Form == "direction" && (len(a.Credit) == 0 || len(a.Debit) == 0 || slices.ContainsFunc(a.Credit, both)) {
		m.add("amounts", "", "needs different words for money in and money out", `give credit: ["贷"] and debit: ["借"]`)
	}
}

func (r *RowRule) check(m *mappingFile, path string, f *TextFormat) {
	if (r.Equals == "") == (r.Prefix == "") {
		m.add(path, "", "recognises no record", "give either equals or prefix")
	}
	f.checkColumn(m, path+".column", r.Column)
	columns := map[string]*Column{"amount": r.Amount, "credit": r.Credit, "debit": r.Debit, "count": r.Count, "credit_count": r.CreditCount,
		"debit_count": r.DebitCount}
	given := 0
	for _, key := range slices.Sorted(maps.Keys(columns)) {
		c := columns[key]
		if c == nil {
			continue
		}
		f.checkColumn(m, path+"."+key, *c)
		given++
		balance := r.Kind == RowOpening || r.Kind == RowClosing
		if (key == "amount") != balance || r.Kind == RowIgnored {
			m.add(path+"."+key, "", "does not go with a row of kind "+r.Kind, "opening and closing take amount, totals take the others, ignored takes none")
		}
	}
	switch r.Kind {
	case RowOpening, RowClosing, RowTotals:
		if given == 0 {
			m.add(path, "", "names no column to read", "give amount for a balance; credit, debit or counts for totals")
		}
	case RowIgnored:
	default:
		m.add(path+".kind", r.Kind, "is no kind of row", "use opening, closing, totals or ignored")
	}
}
