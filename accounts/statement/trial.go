package statement

import (
	"slices"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// TrialBalance is the trial balance of a book (科目余额表): every account with its balances and turnovers, closing entries included.
type TrialBalance struct {
	Fund  accounts.Fund
	From  calendar.Period // first period, inside
	To    calendar.Period // last period, inside
	Money money.Currency
	Rows  []TrialRow // in tree order; headings hold the sums of their details
	Total TrialFigures
}

// TrialRow is one account of a trial balance.
type TrialRow struct {
	accounts.AccountOpening
	TrialFigures
	Own TrialFigures // without its details: of a heading, what it has from the time when it took lines itself
}

// TrialFigures are the figures of an account, in minor units. A balance stands on one of its two sides; turnovers are signed within their side.
type TrialFigures struct {
	OpeningDebit, OpeningCredit money.Amount
	Debit, Credit               money.Amount // from From to To
	YearDebit, YearCredit       money.Amount // from the start of the year of To
	ClosingDebit, ClosingCredit money.Amount
}

// Trial makes the trial balance of a section over the periods from and to, which lie in one year. Accounts that the book no longer has in To, but that have
// figures, stand at the end. It returns an *Error when the periods lie in two years, a figure cannot be had or leaves the range, or the section does not balance.
func Trial(book *accounts.BookChart, balances Balances, section accounts.Section, from, to calendar.Period) (*TrialBalance, error) {
	if !from.Valid() || !to.Valid() || from > to || from.Year() != to.Year() {
		return nil, &Error{Where: from.String() + " to " + to.String(), Reason: "is no span of periods in one year"}
	}
	today, err := book.On(to.Month().Last())
	if err != nil {
		return nil, err
	}
	currency, err := money.CurrencyOf(book.Chart().Currency)
	if err != nil {
		return nil, err
	}
	t := &TrialBalance{Fund: fundOf(book), From: from, To: to, Money: currency}
	own := map[string]TrialFigures{}
	chart := book.Chart()
	for _, id := range chart.Subtree(book.Fund, "") {
		if recordOf(chart, id, today.At).Section != section {
			continue
		}
		figures, err := trialFigures(balances, id, from, to)
		if err != nil {
			return nil, &Error{Where: "account " + id, Reason: "has no figures", Cause: err}
		}
		own[id] = figures
		if t.Total, err = t.Total.plus(figures); err != nil {
			return nil, &Error{Where: "total", Reason: "leaves the range", Cause: err}
		}
	}
	if err := t.rows(today, section, own); err != nil {
		return nil, err
	}
	if f := t.Total; f.OpeningDebit != f.OpeningCredit || f.Debit != f.Credit || f.YearDebit != f.YearCredit || f.ClosingDebit != f.ClosingCredit {
		return t, &Error{Where: "total of " + to.String(), Reason: "debits and credits differ"}
	}
	return t, nil
}

// rows fills the rows of the book's accounts in tree order, then those of accounts it no longer has.
func (t *TrialBalance) rows(today *accounts.BookChart, section accounts.Section, own map[string]TrialFigures) error {
	chart := today.Chart()
	add := func(a accounts.AccountOpening) error {
		row := TrialRow{AccountOpening: a, Own: own[a.ID]}
		for _, id := range chart.Subtree(today.Fund, a.ID) {
			var err error
			if row.TrialFigures, err = row.plus(own[id]); err != nil {
				return &Error{Where: "account " + a.ID, Reason: "leaves the range", Cause: err}
			}
		}
		t.Rows = append(t.Rows, row)
		return nil
	}
	for _, a := range today.Accounts() {
		if a.Section == section {
			if err := add(a); err != nil {
				return err
			}
		}
	}
	for _, id := range chart.Subtree(today.Fund, "") {
		if today.Has(id) || own[id] == (TrialFigures{}) {
			continue
		}
		a := recordOf(chart, id, today.At)
		row := accounts.AccountOpening{ID: id, Code: chart.Code(today.Fund, id), NameZH: a.ZH, NameEN: a.EN, Type: a.Type, Section: a.Section, ParentID: a.Parent, Origin: a.Origin}
		t.Rows = append(t.Rows, TrialRow{AccountOpening: row, TrialFigures: own[id], Own: own[id]})
	}
	return nil
}

// recordOf returns the record of an account that holds on a day, or another of its records where none does: a book keeps the figures of accounts that the chart has
// no longer.
func recordOf(chart *accounts.Chart, id string, day calendar.Date) accounts.Account {
	if record, ok := chart.Record(id, day); ok {
		return record
	}
	records := chart.Records()
	if i := slices.IndexFunc(records, func(a accounts.Account) bool { return a.ID == id }); i >= 0 {
		return records[i]
	}
	return accounts.Account{}
}

func trialFigures(balances Balances, id string, from, to calendar.Period) (f TrialFigures, err error) {
	opening, err := balances.Opening(id, from.Year())
	if err != nil {
		return f, err
	}
	if from.Number() > 1 {
		if opening, err = balances.Closing(id, from.Previous()); err != nil {
			return f, err
		}
	}
	if f.Debit, f.Credit, err = balances.Turnover(id, from, to, WithClosing); err != nil {
		return f, err
	}
	if f.YearDebit, f.YearCredit, err = balances.Turnover(id, calendar.Period(from.Year()*100+1), to, WithClosing); err != nil {
		return f, err
	}
	closing, err := balances.Closing(id, to)
	f.OpeningDebit, f.OpeningCredit = onSides(opening)
	f.ClosingDebit, f.ClosingCredit = onSides(closing)
	return f, err
}

// onSides puts a balance, debit less credit, on the side it stands on.
func onSides(balance money.Amount) (debit, credit money.Amount) {
	if balance < 0 {
		return 0, -balance
	}
	return balance, 0
}

func (f TrialFigures) plus(g TrialFigures) (TrialFigures, error) {
	var first error
	add := func(a, b money.Amount) money.Amount {
		sum, err := a.Add(b)
		if first == nil {
			first = err
		}
		return sum
	}
	out := TrialFigures{
		OpeningDebit: add(f.OpeningDebit, g.OpeningDebit), OpeningCredit: add(f.OpeningCredit, g.OpeningCredit),
		Debit: add(f.Debit, g.Debit), Credit: add(f.Credit, g.Credit), YearDebit: add(f.YearDebit, g.YearDebit), YearCredit: add(f.YearCredit, g.YearCredit),
		ClosingDebit: add(f.ClosingDebit, g.ClosingDebit), ClosingCredit: add(f.ClosingCredit, g.ClosingCredit),
	}
	return out, first
}

// Table lays the trial balance out for printing. Accounts stand with number and name, never with the number alone (SYS 1.10).
func (t *TrialBalance) Table(h Heading) *Table {
	l := h.Language
	out := &Table{Language: l, State: h.State.Text(l), Footer: h.footer(), Title: l.label("科目余额表", "trial balance"),
		Caption: []string{l.label("编制单位："+h.Agency, "unit: "+h.Agency), l.label(t.Fund.ZH, t.Fund.EN), t.From.String() + " – " + t.To.String(),
			l.label("单位：元", "amounts in "+t.Money.Code())},
		Columns: []TableColumn{{Label: l.label("科目", "account")}}}
	for _, c := range [][2]string{{"期初借方", "opening debit"}, {"期初贷方", "opening credit"}, {"本期借方", "debit"}, {"本期贷方", "credit"}, {"本年累计借方", "year debit"},
		{"本年累计贷方", "year credit"}, {"期末借方", "closing debit"}, {"期末贷方", "closing credit"}} {
		out.Columns = append(out.Columns, TableColumn{Label: l.label(c[0], c[1]), Numeric: true})
	}
	depth := map[string]int{}
	for _, r := range t.Rows {
		if r.ParentID != "" {
			depth[r.ID] = depth[r.ParentID] + 1
		}
		row := t.tableRow(r.Code+" "+l.label(r.NameZH, r.NameEN), r.TrialFigures)
		row.ID, row.Indent[0] = r.ID, min(depth[r.ID], 4)
		out.Rows = append(out.Rows, row)
	}
	total := t.tableRow(l.label("合计", "total"), t.Total)
	total.Style = "total"
	out.Rows = append(out.Rows, total)
	return out
}

func (t *TrialBalance) tableRow(label string, f TrialFigures) TableRow {
	row := TableRow{Cells: []string{label}, Indent: make([]int, 9)}
	for _, a := range []money.Amount{f.OpeningDebit, f.OpeningCredit, f.Debit, f.Credit, f.YearDebit, f.YearCredit, f.ClosingDebit, f.ClosingCredit} {
		row.Cells = append(row.Cells, t.Money.Format(a))
	}
	return row
}
