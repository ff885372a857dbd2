package collection

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/identity"
)

// Encoding is the encoding of a file's text. It is never guessed.
type Encoding string

// The encodings.
const (
	UTF8    Encoding = "utf-8"   // with or without byte order mark
	GB18030 Encoding = "gb18030" // GBK and GB2312 are parts of it
)

// MaxFileBytes bounds a declaration file.
const MaxFileBytes = 256 << 20

// DeclaredRow is one row of a declaration (缴费申报明细): a member's contribution base for a month, by one employer. Base is in minor units.
type DeclaredRow struct {
	Employer registration.EmployerNo // or Code
	Code     identity.CreditCode
	Month    calendar.Month
	Member   registration.MemberNo // or Number
	Number   identity.Number
	Base     money.Amount

	line    int
	columns [4]int // of employer, month, member and base in the line
}

// The columns of a declaration, by place in DeclaredRow.columns.
const (
	columnEmployer = iota
	columnMonth
	columnMember
	columnBase
)

// Filing is a declaration as an employer filed it (缴费申报): rows of any employers and months, and what was wrong with the file they come from. Declare reports
// the faults of the file together with those of its rows, and takes nothing of a filing that has any.
type Filing struct {
	File string // name for messages; empty where the rows come from no file
	Rows []DeclaredRow

	faults Faults
	read   bool // from a file: rows know their lines
}

// Err returns the faults of the file, as *Faults, or nil.
func (f *Filing) Err() error { return f.faults.Err() }

// fault adds a fault of a row that was read, or of a row of the command.
func (f *Filing) fault(faults *Faults, row int, column int, fault *Fault) {
	if f.read {
		fault.File, fault.Line, fault.Column = f.File, f.Rows[row].line, f.Rows[row].columns[column]
	} else {
		fault.Row = row + 1
	}
	faults.Add(fault)
}

// The headings that a declaration file may use. One of the first two pairs is required each, and the others always.
var headings = map[string]string{
	"employer": "employer", "单位编号": "employer", "credit_code": "credit_code", "统一社会信用代码": "credit_code",
	"month": "month", "费款所属期": "month", "member": "member", "个人编号": "member", "identity_number": "identity_number", "证件号码": "identity_number",
	"base": "base", "缴费基数": "base",
}

// ReadDeclaration reads a declaration file: comma-separated text (RFC 4180) whose first line names the columns employer (单位编号) or credit_code (统一社会信用
// 代码), month (费款所属期, 202607 or 2026-07), member (个人编号) or identity_number (证件号码), and base (缴费基数, digits with at most the currency's
// decimals). Nothing is repaired. The error is that of reading r; what is wrong with the text is kept in the filing, every fault with line and column.
func ReadDeclaration(r io.Reader, name string, encoding Encoding, currency money.Currency) (*Filing, error) {
	f := &Filing{File: name, read: true}
	content, err := io.ReadAll(io.LimitReader(r, MaxFileBytes+1))
	if err != nil {
		return nil, err
	}
	text, ok := f.decode(content, encoding)
	if !ok {
		return f, nil
	}
	reader := &declarationReader{filing: f, currency: currency, lines: bytes.Split(text, []byte("\n")), csv: csv.NewReader(bytes.NewReader(text))}
	reader.csv.FieldsPerRecord = -1
	reader.csv.ReuseRecord = true
	reader.all()
	return f, nil
}

// decode gives the text in UTF-8 without mark, if it is in the encoding.
func (f *Filing) decode(content []byte, encoding Encoding) ([]byte, bool) {
	fault := func(code Code, line, column int, hint, detail string) ([]byte, bool) {
		f.faults.Add(&Fault{Code: code, File: f.File, Line: line, Column: column, Detail: detail, Hint: hint})
		return nil, false
	}
	mark := []byte("\xef\xbb\xbf")
	switch {
	case len(content) > MaxFileBytes:
		return fault(ErrTooLong, 1, 1, "give several files", fmt.Sprintf("the file has more than %d bytes", MaxFileBytes))
	case bytes.HasPrefix(content, []byte("\xff\xfe")) || bytes.HasPrefix(content, []byte("\xfe\xff")):
		return fault(ErrEncoding, 1, 1, "save it as UTF-8", "the file is UTF-16")
	case encoding == GB18030 && bytes.HasPrefix(content, mark):
		return fault(ErrEncoding, 1, 1, "read it as utf-8", "the file begins with the mark of UTF-8 and is said to be gb18030")
	case encoding == GB18030:
		decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(content)
		if err != nil {
			return fault(ErrEncoding, 1, 1, "check the encoding", err.Error())
		}
		content = decoded
	case encoding == UTF8:
		content = bytes.TrimPrefix(content, mark)
	default:
		return fault(ErrEncoding, 1, 1, "name utf-8 or gb18030", fmt.Sprintf("%q is no encoding that is read", encoding))
	}
	for i, line := range bytes.Split(content, []byte("\n")) {
		for at, column := 0, 1; at < len(line); column++ {
			r, size := utf8.DecodeRune(line[at:])
			if r == utf8.RuneError || r == 0 {
				return fault(ErrEncoding, i+1, column, "check the encoding: spreadsheets in China write gb18030 or utf-8", "a byte that is no text in "+string(encoding))
			}
			at += size
		}
	}
	return content, true
}

// declarationReader reads records.
type declarationReader struct {
	filing   *Filing
	currency money.Currency
	lines    [][]byte
	csv      *csv.Reader
	names    []string // of the columns, as in the values of headings
	fields   []string // of the current record
}

func (r *declarationReader) fault(code Code, line, column int, field, hint, format string, args ...any) {
	r.filing.faults.Add(&Fault{Code: code, File: r.filing.File, Line: line, Column: column, Field: field, Detail: fmt.Sprintf(format, args...), Hint: hint})
}

// place gives line and character of a field of the current record.
func (r *declarationReader) place(field int) (line, column int) {
	line, at := r.csv.FieldPos(field)
	text := r.lines[line-1]
	return line, utf8.RuneCount(text[:min(at-1, len(text))]) + 1
}

func (r *declarationReader) all() {
	for {
		fields, err := r.csv.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if syntax, ok := errors.AsType[*csv.ParseError](err); ok {
			line := r.lines[syntax.Line-1]
			r.fault(ErrSyntax, syntax.Line, utf8.RuneCount(line[:min(max(syntax.Column-1, 0), len(line))])+1, "", "put text with quotes in quotes, and double those inside",
				"%v", syntax.Err)
			if r.names == nil {
				return
			}
			continue
		}
		r.fields = fields
		if r.names == nil {
			if !r.header() {
				return
			}
			continue
		}
		r.row()
	}
	if r.names == nil {
		r.fault(ErrHeader, 1, 1, "", "begin with employer,month,member,base", "the file is empty")
	} else if len(r.filing.Rows) == 0 && len(r.filing.faults.List) == 0 {
		r.fault(ErrMissing, 1, 1, "rows", "give one line for each member", "the file has none")
	}
}

// header reads the names of the columns.
func (r *declarationReader) header() bool {
	before := len(r.filing.faults.List)
	names := make([]string, len(r.fields))
	for i, given := range r.fields {
		names[i] = headings[given]
		line, column := r.place(i)
		switch {
		case names[i] == "":
			r.fault(ErrHeader, line, column, "", "use employer or credit_code, month, member or identity_number, base", "%q is no column of a declaration", clip(given))
		case slices.Contains(names[:i], names[i]):
			r.fault(ErrHeader, line, column, "", "keep one", "%q stands twice", clip(given))
		}
	}
	for _, either := range [][]string{{"employer", "credit_code"}, {"month"}, {"member", "identity_number"}, {"base"}} {
		found := 0
		for _, name := range either {
			if slices.Contains(names, name) {
				found++
			}
		}
		if found != 1 {
			r.fault(ErrHeader, 1, 1, "", "name the column once", "%d columns for %s", found, strings.Join(either, " or "))
		}
	}
	r.names = names
	return len(r.filing.faults.List) == before
}

// row reads a record. All of its fields are looked at, whatever is wrong with the first.
func (r *declarationReader) row() {
	line, _ := r.csv.FieldPos(0)
	if len(r.fields) != len(r.names) {
		r.fault(ErrSyntax, line, 1, "", "give one field for each column", "%d fields where the first line names %d", len(r.fields), len(r.names))
		return
	}
	if len(r.filing.Rows) >= registration.MaxRows {
		if len(r.filing.Rows) == registration.MaxRows {
			r.fault(ErrTooLong, line, 1, "rows", "give several files", "more than %d", registration.MaxRows)
		}
		return
	}
	before := len(r.filing.faults.List) + r.filing.faults.Omitted
	row := DeclaredRow{line: line}
	for i, name := range r.names {
		r.field(i, name, r.fields[i], &row)
	}
	if len(r.filing.faults.List)+r.filing.faults.Omitted == before {
		r.filing.Rows = append(r.filing.Rows, row)
	}
}

func (r *declarationReader) field(i int, name, text string, row *DeclaredRow) {
	line, column := r.place(i)
	fault := func(code Code, hint, format string, args ...any) {
		r.fault(code, line, column, name, hint, format, args...)
	}
	number := func(place int) int32 {
		row.columns[place] = column
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil || n <= 0 || strings.Trim(text, "0123456789") != "" {
			fault(ErrNotDigits, "give its number of the realm in digits", "%q is no number", clip(text))
		}
		return int32(n)
	}
	switch name {
	case "employer":
		row.Employer = registration.EmployerNo(number(columnEmployer))
	case "member":
		row.Member = registration.MemberNo(number(columnMember))
	case "credit_code":
		row.columns[columnEmployer] = column
		var err error
		if row.Code, err = identity.ParseCreditCode(text); err != nil {
			r.filing.faults.Add(&Fault{Code: ErrIdentity, File: r.filing.File, Line: line, Column: column, Field: name, Detail: err.Error(), Err: err})
		}
	case "identity_number":
		row.columns[columnMember] = column
		var err error
		if row.Number, err = identity.ParseNumber(text); err != nil {
			r.filing.faults.Add(&Fault{Code: ErrIdentity, File: r.filing.File, Line: line, Column: column, Field: name, Detail: err.Error(), Err: err})
		}
	case "month":
		row.columns[columnMonth] = column
		digits := text
		if len(text) == 7 && text[4] == '-' {
			digits = text[:4] + text[5:]
		}
		n, err := strconv.ParseInt(digits, 10, 32)
		row.Month = calendar.Month(n)
		if err != nil || len(digits) != 6 || strings.Trim(digits, "0123456789") != "" || !row.Month.Valid() {
			fault(ErrInvalid, "write 202607 or 2026-07", "%q is no month", clip(text))
		}
	case "base":
		row.columns[columnBase] = column
		var fault *Fault
		if row.Base, fault = parseBase(text, r.currency); fault != nil {
			fault.File, fault.Line, fault.Column, fault.Field = r.filing.File, line, column, name
			r.filing.faults.Add(fault)
		}
	}
}

// parseBase reads an amount exactly.
func parseBase(text string, currency money.Currency) (money.Amount, *Fault) {
	if text == "" {
		return 0, &Fault{Code: ErrMissing, Detail: "is empty", Hint: "give the base; 0 is a base"}
	}
	if strings.Trim(text, "0123456789.-+") != "" {
		return 0, &Fault{Code: ErrNotDigits, Detail: fmt.Sprintf("%q is not in digits", clip(text)), Hint: "write it in digits 0 to 9 with a point, such as 5200.50, without words and commas"}
	}
	exact, err := money.ParseDecimal(text)
	if err != nil {
		return 0, &Fault{Code: ErrNotDigits, Detail: fmt.Sprintf("%q is no amount", clip(text)), Hint: "write digits with at most one point", Err: err}
	}
	base, err := currency.FromDecimal(exact)
	switch {
	case err != nil:
		return 0, &Fault{Code: ErrPrecision, Detail: fmt.Sprintf("%q has more decimals than %s has, or is too large", clip(text), currency), Hint: "give whole minor units; nothing is rounded here", Err: err}
	case base < 0:
		return 0, &Fault{Code: ErrInvalid, Detail: text + " is negative", Hint: "give zero or more"}
	}
	return base, nil
}
