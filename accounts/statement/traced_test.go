package statement_test

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/statement"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

var (
	hrefs   = regexp.MustCompile(`href="([^"]*)"`)
	ids     = regexp.MustCompile(` id="([^"]*)"`)
	figured = regexp.MustCompile(`<td[^>]*class="number[^>]*>([^<]*)</td>`)
)

// leadsSomewhere checks that every link of a page finds its place, and that no place is named twice. It returns the links that lead out of the page.
func leadsSomewhere(t *testing.T, page string) (out []string) {
	t.Helper()
	places := map[string]bool{}
	for _, m := range ids.FindAllStringSubmatch(page, -1) {
		if places[m[1]] {
			t.Errorf("two places are called %q", m[1])
		}
		places[m[1]] = true
	}
	for _, m := range hrefs.FindAllStringSubmatch(page, -1) {
		if inside, ok := strings.CutPrefix(m[1], "#"); !ok {
			out = append(out, m[1])
		} else if !places[inside] {
			t.Errorf("a link leads to %q, which is nowhere", inside)
		}
	}
	return out
}

// addsUp checks that the lines of every block add up to its last one, column by column; lines with a further indent explain the one above.
func addsUp(t *testing.T, table *statement.Table, currency money.Currency) {
	t.Helper()
	for _, b := range table.Blocks {
		last := len(b.Rows) - 1
		for column := 1; column < len(b.Columns); column++ {
			var terms, parts money.Amount
			divided := false
			amount := func(row int) money.Amount {
				text := b.Rows[row].Cells[column]
				if text == "" {
					return 0
				}
				a, err := currency.Parse(strings.ReplaceAll(text, ",", ""))
				if err != nil {
					t.Fatal(err)
				}
				return a
			}
			for i := range b.Rows[:last] {
				if b.Rows[i].Indent != nil && b.Rows[i].Indent[0] == 1 {
					parts, divided = parts+amount(i), true
					continue
				}
				if divided && parts != 0 {
					t.Errorf("%s, column %d: parts differ from their term by %d", b.Title, column, parts)
				}
				terms, parts, divided = terms+amount(i), -amount(i), false
			}
			if divided && parts != 0 {
				t.Errorf("%s, column %d: parts differ from their term by %d", b.Title, column, parts)
			}
			if total := amount(last); terms != total {
				t.Errorf("%s, column %d: its lines add up to %d, the figure is %d", b.Title, column, terms, total)
			}
		}
	}
}

func TestEveryFigureLeadsToItsAccounts(t *testing.T) {
	c := standard(t)
	for _, f := range c.Funds {
		for _, practice := range []statement.Practice{statement.CloseMonthly, statement.CloseYearly} {
			b := newRandomBook(t, c, f.ID, province, practice, 3)
			b.year(firstYear(f.ID), 8, func(r statement.Request) {
				if !r.Annual && r.Month.OfYear() != 5 {
					return
				}
				var statements []*statement.Statement
				for _, r.Kind = range []accounts.FormKind{accounts.BalanceSheet, accounts.IncomeExpenditure} {
					s, err := statement.Make(b.today, b.figures, r)
					if err != nil {
						t.Fatal(err)
					}
					statements = append(statements, s)
					table := s.Traced(b.today, statement.Heading{}, func(id string) string { return "ledger/" + id + ".html" })
					addsUp(t, table, s.Money)
					led := checkPage(t, table)
					for _, id := range statement.Contributors(s) {
						if !slices.Contains(led, "ledger/"+id+".html") {
							t.Errorf("%s %s: no figure leads to %s", f.ID, r.Kind, id)
						}
					}
				}
				trial, err := statement.Trial(b.today, b.figures, accounts.General, r.Month.Period(), r.Month.Period())
				if err != nil {
					t.Fatal(err)
				}
				table := trial.Traced(statement.Heading{}, func(id string) string { return "ledger/" + id + ".html" })
				led := checkPage(t, table)
				for _, id := range statement.Contributors(statements...) {
					if !slices.Contains(led, "ledger/"+id+".html") {
						t.Errorf("%s: the trial balance does not lead to %s", f.ID, id)
					}
				}
			})
		}
	}
}

// checkPage checks that every figure of the table proper is a link and that all links find their place. It returns those that lead out of the page.
func checkPage(t *testing.T, table *statement.Table) []string {
	t.Helper()
	var page bytes.Buffer
	if err := table.HTML(&page); err != nil {
		t.Fatal(err)
	}
	sheet, _, _ := strings.Cut(page.String(), "</section>")
	for _, m := range figured.FindAllStringSubmatch(sheet, -1) {
		if m[1] != "" {
			t.Errorf("%s: the figure %s leads nowhere", table.Title, m[1])
		}
	}
	return leadsSomewhere(t, page.String())
}

func TestAPageHoldsStatementCompositionAndLedgers(t *testing.T) {
	f := employeeMedical(t)
	book := bookOf(t, accounts.EmployeeMedical, county)
	s, err := statement.Make(book, f, statement.Request{Kind: accounts.IncomeExpenditure, Month: 202602})
	if err != nil {
		t.Fatal(err)
	}
	h := statement.Heading{Language: statement.Both, Agency: "某市", State: statement.State{Book: "1/1", Seq: 347, Period: 202602, Closed: 20260303},
		Signers: statement.Signers{Head: "甲", Accounting: "乙", Reviewed: "丁", Prepared: "丙"}}
	var details []*statement.Detail
	for _, id := range statement.Contributors(s) {
		account, err := book.Account(id)
		if err != nil {
			t.Fatal(err)
		}
		details = append(details, &statement.Detail{Account: account, Year: 2026, Money: s.Money, Heading: h, Through: 202602, LinesAPage: 10, Lines: streamed([]statement.Posted{
			{Date: 20260105, Voucher: "记-1", Summary: "<b>hostile</b>", Debit: 5, Entry: 12, Source: "bank <1>"}, {Date: 20260107, Voucher: "记-2", Debit: -3, Entry: 13}})})
	}
	var page bytes.Buffer
	if err := s.Traced(book, h, statement.LedgerAnchor).HTMLWith(&page, details...); err != nil {
		t.Fatal(err)
	}
	if out := leadsSomewhere(t, page.String()); len(out) > 0 {
		t.Errorf("links lead out of the page: %q", out)
	}
	if strings.Contains(page.String(), "<b>") || strings.Contains(page.String(), "<script") {
		t.Error("a text of the book became markup")
	}
	golden(t, "traced.html", page.String())

	// What a host gives as an address is an address and nothing else.
	page.Reset()
	if err := s.Traced(book, h, func(string) string { return `javascript:alert(1)` }).HTML(&page); err != nil || strings.Contains(page.String(), "javascript:") {
		t.Error("a link runs a script", err)
	}
}

// A detail ledger asks for no more lines than the page it writes can hold.
func TestADetailLedgerHoldsOnePage(t *testing.T) {
	account, err := bookOf(t, accounts.WorkInjury, county).Account("fiscal_account")
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	endless := func(yield func(statement.Posted, error) bool) {
		for ; ; asked++ {
			if !yield(statement.Posted{Date: 20260105, Debit: 1, Entry: int64(asked + 1)}, nil) {
				return
			}
		}
	}
	number := 0
	for page, err := range (&statement.Detail{Account: account, Year: 2026, LinesAPage: 40, Lines: endless}).Pages() {
		if err != nil {
			t.Fatal(err)
		}
		if number++; page.Number != number || len(page.Lines) != 40 || asked > number*40 {
			t.Fatalf("page %d has %d lines and took %d", page.Number, len(page.Lines), asked)
		}
		if number == 1000 {
			break
		}
	}
	if number != 1000 {
		t.Errorf("only %d pages", number)
	}
}

func TestADetailLedgerTotalsEveryMonthItRunsThrough(t *testing.T) {
	account, err := bookOf(t, accounts.WorkInjury, county).Account("fiscal_account")
	if err != nil {
		t.Fatal(err)
	}
	lines := []statement.Posted{{Date: 20260310, Entry: 1, Debit: 7}, {Date: 20260302, Entry: 2, Debit: 1}, {Date: 20260531, Entry: 9, Credit: 2}}
	detail := func() *statement.Detail {
		return &statement.Detail{Account: account, Year: 2026, First: 202602, Through: 202606, Lines: streamed(lines)}
	}
	g, err := detail().Ledger()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range g.Pages[0].Lines {
		got = append(got, fmt.Sprintf("%s %s %d %d %d", x.Date, x.Kind, x.Debit, x.Credit, x.Balance))
	}
	want := []string{"- 上年结转 0 0 0", "2026-02-28 本月合计 0 0 0", "2026-02-28 本年累计 0 0 0", "2026-03-10  7 0 7", "2026-03-02  1 0 8", "2026-03-31 本月合计 8 0 8",
		"2026-03-31 本年累计 8 0 8", "2026-04-30 本月合计 0 0 8", "2026-04-30 本年累计 8 0 8", "2026-05-31  0 2 6", "2026-05-31 本月合计 0 2 6", "2026-05-31 本年累计 8 2 6",
		"2026-06-30 本月合计 0 0 6", "2026-06-30 本年累计 8 2 6"}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	down := errors.New("the database is down")
	for name, bad := range map[string]struct {
		change func(*statement.Detail)
		says   string
	}{
		"entries out of order":      {func(d *statement.Detail) { d.Lines = streamed([]statement.Posted{lines[1], lines[0]}) }, "is of entry 1, after entry 2"},
		"a month that was totalled": {func(d *statement.Detail) { d.Lines = streamed([]statement.Posted{lines[2], lines[0]}) }, "2026-03 was totalled already"},
		"before the book began":     {func(d *statement.Detail) { d.First = 202604 }, "was totalled already"},
		"a start in another year":   {func(d *statement.Detail) { d.First = 202502 }, "2025-02, outside the year 2026"},
		"an end in another year":    {func(d *statement.Detail) { d.Through, d.Lines = 202706, streamed(nil) }, "2027-06, outside the year 2026"},
		"after the last month":      {func(d *statement.Detail) { d.Through = 202604 }, "after 2026-04"},
		"another sum than expected": {func(d *statement.Detail) { d.Expected = constant(8, 1) }, "2026-02: its lines are debit 0.00, credit 0.00, and the general ledger has debit 0.08, credit 0.01"},
		"an error of the lines":     {func(d *statement.Detail) { d.Lines = failingLines(down) }, down.Error()},
		"an error of the expected": {func(d *statement.Detail) {
			d.Expected = func(calendar.Month) (a, b money.Amount, err error) { return 0, 0, down }
		}, down.Error()},
		"a balance out of the range": {func(d *statement.Detail) { d.Opening = money.MaxAmount }, "leaves the range"},
	} {
		d := detail()
		d.Money = money.MustCurrency("CNY")
		bad.change(d)
		if _, err := d.Ledger(); err == nil || !strings.Contains(err.Error(), bad.says) {
			t.Errorf("%s: %v", name, err)
		}
		var page bytes.Buffer
		if d.HTML(&page) == nil || d.CSV(&page) == nil {
			t.Errorf("%s: written all the same", name)
		}
	}
}

func constant(debit, credit money.Amount) func(calendar.Month) (a, b money.Amount, err error) {
	return func(calendar.Month) (a, b money.Amount, err error) { return debit, credit, nil }
}

func failingLines(err error) iter.Seq2[statement.Posted, error] {
	return func(yield func(statement.Posted, error) bool) { yield(statement.Posted{}, err) }
}

// An account that took lines before it got details shows them on a line of their own.
func TestAHeadingThatTookLinesItselfAddsUp(t *testing.T) {
	f := figures(t, entry{202601, "major_illness", "fiscal_account", 30}, entry{202602, "major_illness.own", "fiscal_account", 5})
	book := bookOf(t, accounts.ResidentMedical, county)
	trial, err := statement.Trial(book, f, accounts.General, 202602, 202602)
	if err != nil {
		t.Fatal(err)
	}
	table := trial.Traced(statement.Heading{}, statement.LedgerAnchor)
	addsUp(t, table, trial.Money)
	for _, b := range table.Blocks {
		if b.Title == "5101 大病保险支出" {
			if own := b.Rows[len(b.Rows)-2]; own.Cells[0] != "5101 大病保险支出（未设明细时）" || own.Cells[5] != "30.00" || own.Links[5] != "#ledger-major_illness" {
				t.Errorf("%+v", own)
			}
			return
		}
	}
	t.Error("no composition of 5101")
}
