package statement_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/statement"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// readStandard reads the standard once for all tests: a chart never changes.
var readStandard = sync.OnceValues(func() (*accounts.Chart, error) { return accounts.Standard() })

func standard(t testing.TB) *accounts.Chart {
	t.Helper()
	c, err := readStandard()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var lastDay = calendar.MustDate(2026, 6, 30)

var (
	county   = accounts.Conditions{Level: accounts.BelowProvincial, Collector: accounts.CollectedByTax, HasUpperLevel: true, InsuredArea: true, TreatingArea: true}
	city     = accounts.Conditions{Level: accounts.BelowProvincial, Collector: accounts.CollectedByAgency, HasUpperLevel: true, HasLowerLevel: true, InsuredArea: true, TreatingArea: true, MaternityMerged: true}
	province = accounts.Conditions{Level: accounts.Provincial, Collector: accounts.CollectedByBoth, HasUpperLevel: true, HasLowerLevel: true, InsuredArea: true, TreatingArea: true,
		MaternityMerged: true, EmployeeMajorIllness: true, LaterPremiumsFiled: true}
)

// randomBook is a book of one fund that lives through months of random events, made by the templates, and closes them as agencies do.
type randomBook struct {
	t          testing.TB
	chart      *accounts.Chart
	fund       accounts.FundID
	conditions accounts.Conditions
	practice   statement.Practice
	random     *rand.Rand
	figures    *statement.Figures
	today      *accounts.BookChart
	possible   []*accounts.Template // events of today's book
	below      map[string][]string  // accounts of today's book that take lines, by the account above
	entries    int
}

func newRandomBook(t testing.TB, chart *accounts.Chart, fund accounts.FundID, conditions accounts.Conditions, practice statement.Practice, seed uint64) *randomBook {
	t.Helper()
	return &randomBook{t: t, chart: chart, fund: fund, conditions: conditions, practice: practice, random: rand.New(rand.NewPCG(seed, uint64(len(fund)))), figures: &statement.Figures{}}
}

func (b *randomBook) on(day calendar.Date) *accounts.BookChart {
	b.t.Helper()
	today, err := b.chart.For(b.fund, b.conditions, day)
	if err != nil {
		b.t.Fatal(err)
	}
	return today
}

func (b *randomBook) add(period calendar.Period, kind statement.Kind, lines []accounts.Line) {
	b.t.Helper()
	if err := b.figures.Add(period, kind, lines); err != nil {
		b.t.Fatal(err)
	}
	b.entries++
}

func (b *randomBook) amount() money.Amount { return money.Amount(1 + b.random.Int64N(1_000_000_00)) }

// leaves returns the accounts of the book that take lines at or below an account.
func (b *randomBook) leaves(above string) []string {
	if known, ok := b.below[above]; ok {
		return known
	}
	var out []string
	for _, a := range b.today.Accounts() {
		if !a.Heading && b.chart.Below(a.ID, above) {
			out = append(out, a.ID)
		}
	}
	b.below[above] = out
	return out
}

// goOn turns to another day.
func (b *randomBook) goOn(day calendar.Date) {
	b.today, b.possible, b.below = b.on(day), nil, map[string][]string{}
	for i := range b.chart.Templates() {
		e := &b.chart.Templates()[i]
		if t, err := b.today.Template(e.Event); err == nil && t == e && !slices.Contains([]string{"E28a", "E28b", "E29b", "E29c", "E30b", "E49"}, e.Event) {
			b.possible = append(b.possible, e)
		}
	}
}

// parts draws accounts and amounts for every line of a template, the last of which balances.
func (b *randomBook) parts(e *accounts.Template) []accounts.Part {
	balancing := b.random.IntN(len(e.Lines))
	var parts []accounts.Part
	var credits money.Amount // credits less debits, for a gain
	draw := func(line *accounts.TemplateLine) (id string, ok bool) {
		var options []string
		for _, id := range line.Accounts {
			options = append(options, b.leaves(id)...)
		}
		if len(options) == 0 {
			return "", false
		}
		return options[b.random.IntN(len(options))], true
	}
	for i := range e.Lines {
		line := &e.Lines[i]
		for range 1 + b.random.IntN(3) {
			id, ok := draw(line)
			if i == balancing || !ok {
				continue
			}
			amount := b.amount()
			if (e.EitherWay || strings.HasSuffix(string(line.Side), "_if_gain")) && b.random.IntN(3) == 0 {
				amount = -amount
			}
			if strings.HasPrefix(string(line.Side), "credit") {
				credits += amount
			} else {
				credits -= amount
			}
			parts = append(parts, accounts.Part{AccountID: id, Amount: amount})
		}
	}
	if id, ok := draw(&e.Lines[balancing]); ok {
		if strings.HasPrefix(string(e.Lines[balancing].Side), "credit") {
			credits = -credits
		}
		parts = append(parts, accounts.Part{AccountID: id, Amount: credits})
	}
	return parts
}

// event writes a random event, or nothing where the dice gave one that this book cannot write.
func (b *randomBook) event(period calendar.Period) {
	e := b.possible[b.random.IntN(len(b.possible))]
	if b.fund == accounts.OccupationalAnnuity && b.random.IntN(20) == 0 { // no template of the annuity moves 2001, but its form has the row
		amount := b.amount()
		b.add(period, statement.Ordinary, []accounts.Line{{AccountID: "collection_account", Side: accounts.Debit, Amount: amount},
			{AccountID: "temporary_receipts.unidentified", Side: accounts.Credit, Amount: amount}})
		return
	}
	lines, err := b.today.Lines(e.Event, b.parts(e)...)
	if err != nil {
		return // the balancing amount came out negative
	}
	b.add(period, statement.Ordinary, lines)
	if b.random.IntN(8) == 0 { // a mistake, cancelled in red and written again
		b.add(period, statement.Ordinary, accounts.Red(lines))
		b.add(period, statement.Ordinary, lines)
	}
}

// split divides unsplit money: some of it in a month, all of it in December.
func (b *randomBook) split(period calendar.Period) {
	for event, ids := range map[string][3]string{
		"E29b": {"contributions_unsplit", "contributions.pooled", "contributions.personal"},
		"E30b": {"interest_unsplit", "interest.pooled.deposit", "interest.personal.bond"},
	} {
		if !b.today.Has(ids[0]) {
			continue
		}
		balance, err := b.figures.Closing(ids[0], period)
		if err != nil {
			b.t.Fatal(err)
		}
		whole := -balance
		if whole <= 0 {
			continue
		}
		if period.Number() < 12 {
			whole = money.Amount(b.random.Int64N(int64(whole) + 1))
		}
		if whole == 0 {
			continue
		}
		pooled := money.Amount(b.random.Int64N(int64(whole) + 1))
		lines, err := b.today.Lines(event, accounts.Part{AccountID: ids[0], Amount: whole}, accounts.Part{AccountID: ids[1], Amount: pooled}, accounts.Part{AccountID: ids[2], Amount: whole - pooled})
		if err != nil {
			b.t.Fatal(err)
		}
		b.add(period, statement.Ordinary, lines)
	}
}

// close writes the closing entries for the movement of the periods from and to.
func (b *randomBook) close(from, to, into calendar.Period, yearEnd bool) {
	b.t.Helper()
	var movements []accounts.Movement
	for _, id := range b.chart.Subtree(b.fund, "") {
		debit, credit, err := b.figures.Turnover(id, from, to, statement.WithoutClosing)
		if err != nil {
			b.t.Fatal(err)
		}
		if (id == "contributions_unsplit" || id == "interest_unsplit") && debit == credit {
			continue
		}
		movements = append(movements, accounts.Movement{AccountID: id, Debit: debit, Credit: credit})
	}
	if yearEnd {
		movements = slices.DeleteFunc(movements, func(m accounts.Movement) bool {
			return m.AccountID == "contributions_unsplit" || m.AccountID == "interest_unsplit"
		})
	}
	closing, err := b.today.Close(movements, yearEnd)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, lines := range [][]accounts.Line{closing.Income, closing.Expenditure} {
		if len(lines) > 0 {
			b.add(into, statement.Close, lines)
		}
	}
}

// touchAll gives every account that takes lines a figure, so that no damage hides behind a zero.
func (b *randomBook) touchAll(period calendar.Period) {
	for _, a := range b.today.Accounts() {
		if a.Heading || a.Section == accounts.Memorandum || a.Type == accounts.NetAssets {
			continue
		}
		amount := b.amount()
		b.add(period, statement.Ordinary, []accounts.Line{{AccountID: a.ID, Side: a.Type.NormalSide(), Amount: amount},
			{AccountID: map[bool]string{true: "collection_account", false: "fiscal_account"}[b.fund == accounts.OccupationalAnnuity], Side: a.Type.NormalSide().Other(), Amount: amount}})
	}
}

// months lives through one month of a year that began empty, and returns what the checks find.
func (b *randomBook) months(year, month, events int) []string {
	b.t.Helper()
	m := calendar.Month(year*100 + month)
	b.goOn(m.Last())
	for range events {
		b.event(m.Period())
	}
	b.touchAll(m.Period())
	b.close(m.Period(), m.Period(), m.Period(), false)
	found, err := statement.Check(b.today, b.figures, statement.Request{Month: m})
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, v := range found {
		if !v.Lead {
			out = append(out, v.Error())
		}
	}
	return out
}

// year lives through a year and calls after each month and after the yearly closing.
func (b *randomBook) year(year, eventsAMonth int, after func(statement.Request)) {
	b.t.Helper()
	january := calendar.Period(year*100 + 1)
	for m := calendar.Month(year*100 + 1); m.Year() == year; m = m.Add(1) {
		b.goOn(m.Last())
		if year == 2026 && m.OfYear() == 1 && b.today.Has("temporary_receipts.income_to_confirm") {
			lines, err := b.today.Lines("E49", accounts.Part{Role: accounts.RoleLaterPremium, Amount: b.amount()})
			if err != nil {
				b.t.Fatal(err)
			}
			b.add(january, statement.Adjustment, lines)
		}
		for range eventsAMonth {
			b.event(m.Period())
		}
		b.split(m.Period())
		if b.practice == statement.CloseMonthly {
			b.close(m.Period(), m.Period(), m.Period(), m.OfYear() == 12)
		}
		after(statement.Request{Month: m, Practice: b.practice})
	}
	if b.practice == statement.CloseYearly {
		b.close(january, january+11, january+12, true)
	}
	after(statement.Request{Month: calendar.Month(year*100 + 12), Annual: true, Practice: b.practice})
}

// violations lives through years and returns what the checks find, leads apart.
func (b *randomBook) violations(years []int, eventsAMonth int) []string {
	b.t.Helper()
	var out []string
	for _, year := range years {
		b.year(year, eventsAMonth, func(r statement.Request) {
			found, err := statement.Check(b.today, b.figures, r)
			if err != nil {
				b.t.Fatal(err)
			}
			for _, v := range found {
				if !v.Lead {
					out = append(out, v.Error())
				}
			}
		})
	}
	return out
}

func firstYear(fund accounts.FundID) int {
	if fund == accounts.LongTermCare {
		return 2026
	}
	return 2025
}

func TestRandomBooksOfEveryFundHoldAllRelations(t *testing.T) {
	c := standard(t)
	for _, f := range c.Funds {
		for name, conditions := range map[string]accounts.Conditions{"county": county, "city": city, "province": province} {
			for practice, label := range map[statement.Practice]string{statement.CloseMonthly: "monthly", statement.CloseYearly: "yearly"} {
				t.Run(fmt.Sprintf("%s/%s/%s", f.ID, name, label), func(t *testing.T) {
					b := newRandomBook(t, c, f.ID, conditions, practice, 7)
					first := firstYear(f.ID)
					years := []int{first, first + 1, first + 2}
					if practice == statement.CloseYearly {
						years = years[:2]
					}
					for _, v := range b.violations(years, 30) {
						t.Error(v)
					}
					if b.entries < 400 {
						t.Errorf("only %d entries", b.entries)
					}
				})
			}
		}
	}
}
