package statement

import (
	"slices"
	"strings"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/ledger/money"
)

// Link gives the address of an account's detail ledger, such as the name of its file, or nothing where there is none. LedgerAnchor is one for a page that holds the
// ledgers itself.
type Link func(accountID string) string

// of returns the address of an account's detail ledger.
func (l Link) of(accountID string) string {
	if l == nil {
		return ""
	}
	return l(accountID)
}

// Traced is Table with every figure linked to its composition (数据构成) below: the terms of its formula, the accounts behind each with their amounts, and from there, by
// link, their detail ledgers; the total of a composition leads back. link may be nil. The book is the one that the statement was made from.
func (s *Statement) Traced(book *accounts.BookChart, h Heading, link Link) *Table {
	t := s.table(h, true)
	c := composer{statement: s, chart: book.Chart(), language: h.Language, link: link}
	for i := range s.Rows {
		if row := &s.Rows[i]; !row.Heading {
			t.Blocks = append(t.Blocks, c.block(row))
		}
	}
	return t
}

// blockID names the composition of a row, figureID a figure in the table above.
func blockID(row string) string          { return "c-" + row }
func figureID(row, column string) string { return "f-" + row + "-" + column }

// composer makes the compositions of the rows of one statement.
type composer struct {
	statement *Statement
	chart     *accounts.Chart
	language  Language
	link      Link
}

func (c *composer) block(row *Row) Block {
	s, l := c.statement, c.language
	b := Block{ID: blockID(row.ID), Title: l.label(row.ZH, row.EN), Columns: s.columns(nil, l.label("取数", "taken from"), l)}
	if row.Source != "" {
		b.Title += "（" + row.Source + "）"
	}
	terms := 0
	for _, cell := range row.Cells {
		terms = max(terms, len(cell.Terms))
	}
	for i := range terms {
		b.Rows = append(b.Rows, c.term(row, i)...)
	}
	total := s.tableRow(row, l, false)
	total.Style, total.Cells[0], total.Indent = "total", "＝ "+total.Cells[0], nil
	for i, column := range s.Columns {
		total.Links = append(total.Links, "#"+figureID(row.ID, column.ID))
		if row.Cells[i].Blank {
			total.Links[i] = ""
		}
	}
	total.Links = append([]string{""}, total.Links...)
	b.Rows = append(b.Rows, total)
	return b
}

// term makes the lines of one term of a row's formula: the term itself, and the accounts below it that have figures, signed as they count.
func (c *composer) term(row *Row, i int) []TableRow {
	var of accounts.Term
	var ids []string // accounts with figures in any column, in tree order
	amounts := make([]*money.Amount, len(row.Cells))
	parts := map[string][]*money.Amount{}
	for column, cell := range row.Cells {
		if i >= len(cell.Terms) {
			continue // a blank cell
		}
		term := cell.Terms[i]
		of, amounts[column] = term.Term, &term.Amount
		for _, x := range term.Accounts {
			if !slices.Contains(ids, x.AccountID) {
				ids = append(ids, x.AccountID)
				parts[x.AccountID] = make([]*money.Amount, len(row.Cells))
			}
			if term.Minus {
				x.Amount = -x.Amount
			}
			parts[x.AccountID][column] = &x.Amount
		}
	}
	sign := "＋ "
	if of.Minus {
		sign = "－ "
	}
	if of.Function == accounts.RowValue {
		other := c.statement.Row(of.Of)
		if other == nil {
			return nil // a row that this statement does not show counts nothing
		}
		return []TableRow{c.line(sign+c.language.label(other.ZH, other.EN), 0, amounts, "#"+blockID(of.Of))}
	}
	label := sign + c.language.label(functionNames[of.Function][0], functionNames[of.Function][1]) + " " + c.name(of.Of)
	if len(ids) == 1 && ids[0] == of.Of {
		return []TableRow{c.line(label, 0, amounts, c.link.of(of.Of))}
	}
	lines := []TableRow{c.line(label, 0, amounts, "")}
	order := c.chart.Subtree(c.statement.Fund, "")
	slices.SortFunc(ids, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) })
	for _, id := range ids {
		lines = append(lines, c.line(c.name(id), 1, parts[id], c.link.of(id)))
	}
	return lines
}

// functionNames say what a formula takes of an account, in Chinese and English.
var functionNames = map[accounts.Function][2]string{
	accounts.BalanceDebit: {"借方余额", "debit balance of"}, accounts.BalanceCredit: {"贷方余额", "credit balance of"},
	accounts.NetDebit: {"借方净发生额", "net debits of"}, accounts.NetCredit: {"贷方净发生额", "net credits of"},
	accounts.TurnoverDebit: {"借方发生额", "debits of"}, accounts.TurnoverCredit: {"贷方发生额", "credits of"},
}

// line lays out a label and one amount a column; a column without one stays empty. Amounts lead to link.
func (c *composer) line(label string, indent int, amounts []*money.Amount, link string) TableRow {
	row := TableRow{Cells: []string{label}, Indent: []int{indent}, Links: []string{""}}
	for _, amount := range amounts {
		text, to := "", ""
		if amount != nil {
			text, to = c.statement.Money.Format(*amount), link
		}
		row.Cells, row.Links = append(row.Cells, text), append(row.Links, to)
	}
	return row
}

// name writes an account by number and name, of whatever day its record is.
func (c *composer) name(id string) string {
	record := recordOf(c.chart, id, c.statement.Day)
	return strings.TrimSpace(c.chart.Code(c.statement.Fund, id) + " " + c.language.label(record.ZH, record.EN))
}

// Contributors returns the accounts that a figure of any of the statements was taken from, each once, in the order in which they are met: those whose detail ledgers
// a reader can be led to.
func Contributors(statements ...*Statement) []string {
	var ids []string
	seen := map[string]bool{}
	for _, s := range statements {
		for _, row := range s.Rows {
			for _, cell := range row.Cells {
				for _, term := range cell.Terms {
					for _, x := range term.Accounts {
						if !seen[x.AccountID] {
							seen[x.AccountID], ids = true, append(ids, x.AccountID)
						}
					}
				}
			}
		}
	}
	return ids
}

// Traced is Table with every figure of a heading linked to the details that add up to it, and every figure of an account that takes lines linked to its detail ledger,
// by link, which may be nil.
func (t *TrialBalance) Traced(h Heading, link Link) *Table {
	out := t.Table(h)
	below, listed := map[string][]TableRow{}, map[string]bool{"": true}
	for i := range t.Rows {
		listed[t.Rows[i].ID] = true
	}
	for i := range t.Rows {
		r, row := &t.Rows[i], &out.Rows[i]
		to := "#" + blockID(r.ID)
		if !r.Heading {
			to = link.of(r.ID)
		}
		linkFigures(row, to)
		row.Anchors = []string{"f-" + r.ID}
		detail := *row
		detail.Anchors, detail.Indent = nil, nil
		parent := r.ParentID
		if !listed[parent] { // the book has the account no longer, nor the one above it
			parent = ""
		}
		below[parent] = append(below[parent], detail)
	}
	for i := range t.Rows {
		r := &t.Rows[i]
		if !r.Heading {
			continue
		}
		if r.Own != (TrialFigures{}) {
			own := t.tableRow(out.Rows[i].Cells[0]+h.Language.label("（未设明细时）", " (before it had details)"), r.Own)
			linkFigures(&own, link.of(r.ID))
			own.Indent = nil
			below[r.ID] = append(below[r.ID], own)
		}
		total := TableRow{Style: "total", Cells: slices.Clone(out.Rows[i].Cells)}
		total.Cells[0] = "＝ " + total.Cells[0]
		linkFigures(&total, "#f-"+r.ID)
		out.Blocks = append(out.Blocks, Block{ID: blockID(r.ID), Title: out.Rows[i].Cells[0], Columns: out.Columns, Rows: append(below[r.ID], total)})
	}
	total := &out.Rows[len(out.Rows)-1]
	linkFigures(total, "#"+blockID(""))
	sum := TableRow{Style: "total", Cells: slices.Clone(total.Cells)}
	out.Blocks = append(out.Blocks, Block{ID: blockID(""), Title: total.Cells[0], Columns: out.Columns, Rows: append(below[""], sum)})
	return out
}

// linkFigures leads every cell but the label to an address.
func linkFigures(row *TableRow, to string) {
	row.Links = make([]string, len(row.Cells))
	for i := 1; i < len(row.Links); i++ {
		row.Links[i] = to
	}
}
