package accounts

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/ledger/calendar"
)

// FormKind is what a statement form shows.
type FormKind string

// The kinds. The standard has no other statements than these two and the notes.
const (
	BalanceSheet      FormKind = "balance_sheet"      // 资产负债表
	IncomeExpenditure FormKind = "income_expenditure" // 收支表
)

// Form is a statement form (会计报表) of the standard, such as 会社保01表.
type Form struct {
	Position
	ID            string   `yaml:"id,required"`
	Number        string   `yaml:"form,required"` // printed form number
	ZH            string   `yaml:"zh,required"`
	EN            string   `yaml:"en,required"`
	Funds         []FundID `yaml:"funds,required"`
	Validity      `yaml:",inline"`
	Columns       []Column     `yaml:"columns,required"`
	AnnualColumns []Column     `yaml:"columns_in_annual_statement"` // of the yearly statement, where they differ
	NoLastYear    []NoLastYear `yaml:"no_last_year"`
	Rows          []Row        `yaml:"rows,required"`
}

// Column is a column of figures.
type Column struct {
	Position
	ID string `yaml:"id,required"`
	ZH string `yaml:"zh,required"`
	EN string `yaml:"en,required"`
}

// NoLastYear is a yearly statement whose column of the year before the rules do not ask for.
type NoLastYear struct {
	Position
	Fund   FundID `yaml:"fund,required"`
	Rule   Rule   `yaml:"rule"`
	Year   int    `yaml:"year,required"`
	Source string `yaml:"source,required"`
}

// Row is a row of a form. A row with Heading has no figures.
type Row struct {
	Position
	ID        string   `yaml:"id,required"`
	ZH        string   `yaml:"zh,required"`
	EN        string   `yaml:"en,required"`
	Indent    int      `yaml:"indent"`
	Side      string   `yaml:"side"` // left or right half of a balance sheet
	Heading   bool     `yaml:"heading"`
	Formula   string   `yaml:"formula"`
	Literal   string   `yaml:"literal"` // what the official text says where it differs from the formula
	Printed   string   `yaml:"printed"` // "literal": the printed statement shows the text's own number
	Key       RowKey   `yaml:"key"`
	Funds     []FundID `yaml:"funds,required"`
	Level     Level    `yaml:"level"`
	Rule      Rule     `yaml:"rule"`
	Periods   []string `yaml:"periods"`    // month, year; empty is both
	LastMonth int      `yaml:"last_month"` // last month of the year whose statement shows the row; 0 is December
	Validity  `yaml:",inline"`
	Source    string `yaml:"source,required"`
	Note      string `yaml:"note"`

	Fill        Formula // Formula, parsed and checked
	LiteralFill Formula // Literal, parsed and checked; Fill where the text does not differ
}

// RowKey is what a row is to the checks between statements, whatever its name.
type RowKey string

// The keys.
const (
	KeyTotalAssets               RowKey = "total_assets"
	KeyTotalLiabilitiesNetAssets RowKey = "total_liabilities_net_assets"
	KeyTotalNetAssets            RowKey = "total_net_assets"
	KeySurplus                   RowKey = "surplus"
	KeyPooledSurplus             RowKey = "pooled_surplus"
	KeyPersonalSurplus           RowKey = "personal_surplus"
	KeyPooledBalance             RowKey = "pooled_balance"
	KeyPersonalBalance           RowKey = "personal_balance"
	KeyUnsplit                   RowKey = "unsplit"
)

var rowKeys = []RowKey{"", KeyTotalAssets, KeyTotalLiabilitiesNetAssets, KeyTotalNetAssets, KeySurplus, KeyPooledSurplus, KeyPersonalSurplus, KeyPooledBalance,
	KeyPersonalBalance, KeyUnsplit}

// Shown reports whether the statement of a book's period prints the row. Month is 1 to 12 for a monthly statement, 0 for a yearly one; at is the period's last
// day.
func (r *Row) Shown(fund FundID, c Conditions, at calendar.Date, month int) bool {
	period := "month"
	if month == 0 {
		period = "year"
	}
	return slices.Contains(r.Funds, fund) && r.Level.Met(c) && r.Rule.Met(c) && r.Holds(at) &&
		(len(r.Periods) == 0 || slices.Contains(r.Periods, period)) && (r.LastMonth == 0 || month <= r.LastMonth)
}

// Function is a function of a row formula.
type Function string

// The functions. Balances and movements include all details of the account; movements and turnovers leave closing entries out.
const (
	BalanceDebit   Function = "bal_dr"  // closing balance, debit positive
	BalanceCredit  Function = "bal_cr"  // closing balance, credit positive
	NetDebit       Function = "net_dr"  // debit less credit of the period
	NetCredit      Function = "net_cr"  // credit less debit of the period
	TurnoverDebit  Function = "turn_dr" // debit side of the period only
	TurnoverCredit Function = "turn_cr" // credit side of the period only
	RowValue       Function = "row"     // another row of the form, 0 where it is not shown
)

// side returns the normal side of the accounts a function reads.
func (f Function) side() Side {
	if strings.HasSuffix(string(f), "_dr") {
		return Debit
	}
	return Credit
}

// Term is one term of a formula.
type Term struct {
	Minus    bool
	Function Function
	Of       string // account id, or row id of RowValue
}

// Formula is a sum of terms.
type Formula []Term

var termPattern = regexp.MustCompile(`^(bal_dr|bal_cr|net_dr|net_cr|turn_dr|turn_cr|row)\(([a-z0-9_.]+)\)$`)

// ParseFormula reads terms joined by " + " and " - ", each a function of an id in brackets.
func ParseFormula(text string) (Formula, error) {
	var out Formula
	minus := false
	for i, word := range strings.Split(text, " ") {
		if i%2 == 1 {
			if word != "+" && word != "-" {
				return nil, fmt.Errorf("%q stands where + or - is expected", word)
			}
			minus = word == "-"
			continue
		}
		parts := termPattern.FindStringSubmatch(word)
		if parts == nil {
			return nil, fmt.Errorf("%q is no term such as bal_dr(cash)", word)
		}
		out = append(out, Term{Minus: minus, Function: Function(parts[1]), Of: parts[2]})
	}
	if len(strings.Split(text, " "))%2 == 0 {
		return nil, fmt.Errorf("it ends in an operator")
	}
	return out, nil
}

// Kind returns what the form shows.
func (f *Form) Kind() FormKind {
	if f.Columns[0].ID == "opening" {
		return BalanceSheet
	}
	return IncomeExpenditure
}

// ColumnsOf returns the columns of the monthly or the yearly statement.
func (f *Form) ColumnsOf(annual bool) []Column {
	if annual && len(f.AnnualColumns) > 0 {
		return f.AnnualColumns
	}
	return f.Columns
}

// Row returns a row of the form that holds on a day, or nil.
func (f *Form) Row(id string, at calendar.Date) *Row {
	for i := range f.Rows {
		if f.Rows[i].ID == id && f.Rows[i].Holds(at) {
			return &f.Rows[i]
		}
	}
	return nil
}

// Keyed returns the row with a key that holds on a day for a fund, or nil.
func (f *Form) Keyed(key RowKey, fund FundID, at calendar.Date) *Row {
	for i := range f.Rows {
		if r := &f.Rows[i]; r.Key == key && r.Holds(at) && slices.Contains(r.Funds, fund) {
			return r
		}
	}
	return nil
}

// Forms returns all forms in the order of the data. They are shared with the chart: do not change them.
func (c *Chart) Forms() []Form { return c.forms }

// Form returns the form of a kind that a fund fills on a day, or an *Error. It is shared with the chart: do not change it.
func (c *Chart) Form(fund FundID, kind FormKind, at calendar.Date) (*Form, error) {
	for i := range c.forms {
		if f := &c.forms[i]; f.Kind() == kind && slices.Contains(f.Funds, fund) && f.Holds(at) {
			return f, nil
		}
	}
	return nil, &Error{Code: CodeUnknownFund, Subject: string(fund), Reason: fmt.Sprintf("has no form of the kind %s on %s", kind, at), Hint: "ask for a later day"}
}

func (l *loading) expandForm(f *Form) {
	f.Funds = l.expandFunds(f.Position, "form "+quote(f.ID), f.Funds)
	f.ValidFrom = cmp.Or(f.ValidFrom, l.chart.Valid.ValidFrom)
	for i := range f.Rows {
		r := &f.Rows[i]
		r.Funds = l.expandFunds(r.Position, "row "+quote(r.ID), r.Funds)
		r.Level, r.Rule = cmp.Or(r.Level, LevelAny), cmp.Or(r.Rule, RuleRequired)
		r.ValidFrom = cmp.Or(r.ValidFrom, f.ValidFrom)
	}
}

var knownColumns = []string{"opening,closing", "month,year_to_date", "year,last_year"}

func (l *loading) checkForms() {
	unique(l, "form", l.chart.forms, func(f Form) (string, Position) { return f.ID, f.Position })
	for i := range l.chart.forms {
		f := &l.chart.forms[i]
		l.checkValidity(f.Position, "form "+quote(f.ID), f.Validity)
		for _, columns := range [][]Column{f.Columns, f.AnnualColumns} {
			ids := make([]string, len(columns))
			for i, c := range columns {
				ids[i] = c.ID
			}
			if len(columns) > 0 && !slices.Contains(knownColumns, strings.Join(ids, ",")) {
				l.fault(f.Position, FaultValue, fmt.Sprintf("form %q has the columns %q", f.ID, ids), fmt.Sprintf("use one of %q", knownColumns))
			}
		}
		if len(f.Columns) == 0 {
			l.fault(f.Position, FaultMissing, "form "+quote(f.ID)+" has no columns", "give them")
			f.Columns = []Column{{}}
		}
		for _, n := range f.NoLastYear {
			oneOf(l, n.Position, "no_last_year.rule", cmp.Or(n.Rule, RuleRequired), rules)
			oneOf(l, n.Position, "no_last_year.fund", n.Fund, f.Funds)
		}
		for j := range f.Rows {
			l.checkRow(f, j)
		}
		l.checkCycles(f)
	}
}

func (l *loading) checkRow(f *Form, j int) {
	r := &f.Rows[j]
	what := "row " + quote(r.ID)
	oneOf(l, r.Position, what+".level", r.Level, levels)
	oneOf(l, r.Position, what+".rule", r.Rule, rules)
	oneOf(l, r.Position, what+".key", r.Key, rowKeys)
	oneOf(l, r.Position, what+".printed", r.Printed, []string{"", "literal"})
	oneOf(l, r.Position, what+".side", r.Side, map[FormKind][]string{BalanceSheet: {"left", "right"}, IncomeExpenditure: {""}}[f.Kind()])
	l.checkValidity(r.Position, what, r.Validity)
	l.checkSource(r.Position, r.Source)
	for _, period := range r.Periods {
		oneOf(l, r.Position, what+".periods", period, []string{"month", "year"})
	}
	for _, fund := range r.Funds {
		oneOf(l, r.Position, what+".funds", fund, f.Funds)
	}
	for i := range j {
		if r.Key != "" && f.Rows[i].Key == r.Key && share(f.Rows[i].Funds, r.Funds) && f.Rows[i].overlaps(r.Validity) {
			l.fault(r.Position, FaultOverlap, what+" has the key "+quote(string(r.Key))+" of "+f.Rows[i].Position.String(), "keep one")
		}
		if f.Rows[i].ID == r.ID && f.Rows[i].overlaps(r.Validity) {
			l.fault(r.Position, FaultOverlap, what+" is also at "+f.Rows[i].Position.String()+" for the same days", "keep one, or end the older one")
		}
	}
	if r.Heading != (r.Formula == "") || (r.Formula == "" && r.Literal != "") {
		l.fault(r.Position, FaultMissing, what+" must have either a formula or heading \"true\"", "give one of the two")
		return
	}
	r.Fill = l.formula(f, r, "formula", r.Formula)
	r.LiteralFill = r.Fill
	if r.Literal != "" {
		r.LiteralFill = l.formula(f, r, "literal", r.Literal)
	}
}

// formula parses and type-checks a formula of a row.
func (l *loading) formula(f *Form, r *Row, field, text string) Formula {
	if text == "" {
		return nil
	}
	what := fmt.Sprintf("row %q.%s", r.ID, field)
	formula, err := ParseFormula(text)
	if err != nil {
		l.fault(r.Position, FaultFormula, what+": "+err.Error(), "mend the formula")
		return nil
	}
	for i, term := range formula {
		if slices.Contains(formula[:i], term) {
			l.fault(r.Position, FaultFormula, fmt.Sprintf("%s counts %s(%s) twice", what, term.Function, term.Of), "count it once")
		}
		if problem := l.termProblem(f, r, term); problem != "" {
			l.fault(r.Position, FaultFormula, fmt.Sprintf("%s: %s(%s) %s", what, term.Function, term.Of, problem), "mend the formula")
		}
	}
	return formula
}

// termProblem says what is wrong with a term, or "".
func (l *loading) termProblem(f *Form, r *Row, term Term) string {
	if term.Function == RowValue {
		for i := range f.Rows {
			other := &f.Rows[i]
			if other.ID == term.Of && !other.Heading && slices.ContainsFunc(other.Funds, func(x FundID) bool { return slices.Contains(r.Funds, x) }) {
				return ""
			}
		}
		return "names no row with figures that this form shows for the same fund"
	}
	a := l.chart.account(term.Of)
	if a == nil {
		return "names an account that does not exist"
	}
	if a.Section != General || a.Type.NormalSide() != term.Function.side() {
		return "reads the " + string(term.Function.side()) + " side of an account of type " + string(a.Type)
	}
	result := a.Type == Income || a.Type == Expense
	if !result && term.Function != BalanceDebit && term.Function != BalanceCredit {
		return "reads the movement of an account that is carried forward"
	}
	for _, fund := range r.Funds {
		if !slices.Contains(a.Funds, fund) {
			return "names an account that the fund " + string(fund) + " does not have"
		}
	}
	return ""
}

// checkCycles reports rows that need themselves.
func (l *loading) checkCycles(f *Form) {
	state := map[string]int{} // 1 on the way, 2 done
	var walk func(id string) bool
	walk = func(id string) bool {
		if state[id] != 0 {
			return state[id] == 2
		}
		state[id] = 1
		for i := range f.Rows {
			if f.Rows[i].ID != id {
				continue
			}
			for _, term := range append(slices.Clone(f.Rows[i].Fill), f.Rows[i].LiteralFill...) {
				if term.Function == RowValue && !walk(term.Of) {
					l.fault(f.Rows[i].Position, FaultFormula, "row "+quote(id)+" needs its own value through "+quote(term.Of), "break the circle")
				}
			}
		}
		state[id] = 2
		return true
	}
	for i := range f.Rows {
		walk(f.Rows[i].ID)
	}
}
