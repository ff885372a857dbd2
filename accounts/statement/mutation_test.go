package statement_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/statement"
)

// ownChart reads a chart that a test may damage in place. Reading the files takes a hundred times as long as the checks of a damaged chart.
func ownChart(t testing.TB) *accounts.Chart {
	t.Helper()
	chart, err := accounts.Standard()
	if err != nil {
		t.Fatal(err)
	}
	return chart
}

// checksFind reports whether the checks over two months of a random book find what is wrong with a chart.
func checksFind(t *testing.T, chart *accounts.Chart, fund accounts.FundID) bool {
	t.Helper()
	b := newRandomBook(t, chart, fund, province, statement.CloseMonthly, 5)
	for m := 1; m <= 2; m++ {
		if len(b.months(2026, m, 30)) > 0 {
			return true
		}
	}
	return false
}

// mutants returns damaged variants of a formula: a term left out, a sign turned, an account replaced by another of the same type.
func mutants(c *accounts.Chart, r *accounts.Row, fund accounts.FundID) []string {
	words := strings.Split(r.Formula, " ")
	var out []string
	for i := 0; i < len(words) && len(words) > 1; i += 2 {
		left := slices.Delete(slices.Clone(words), max(i-1, 0), max(i+1, 2))
		out = append(out, strings.Join(left, " "))
		if i == 2 { // one sign of each formula is enough
			turned := slices.Clone(words)
			turned[i-1] = map[string]string{"+": "-", "-": "+"}[turned[i-1]]
			out = append(out, strings.Join(turned, " "))
		}
	}
	for _, term := range r.Fill {
		if term.Function == accounts.RowValue {
			continue
		}
		a, _ := c.Record(term.Of, lastDay)
		for _, other := range c.Records() {
			if other.Type == a.Type && other.Section == a.Section && other.ID != a.ID && slices.Contains(other.Funds, fund) && other.Parent == a.Parent {
				out = append(out, strings.Replace(r.Formula, "("+term.Of+")", "("+other.ID+")", 1))
				break
			}
		}
	}
	return out
}

// Rows "of which" show a part of their row that the standard lets stand beside parts of other kinds: no sum tells that the wrong part is shown.
var partsWithoutSum = []string{"bs_advances_invested_upward", "bs_advances_out_of_area", "bs_receipts_pooled_from_lower", "bs_receipts_out_of_area"}

// A total of which no row of this fund drops out is the same total.
func changesNothing(f *accounts.Form, r *accounts.Row, fund accounts.FundID, damaged string) bool {
	formula, err := accounts.ParseFormula(damaged)
	if err != nil {
		return false
	}
	shown := func(terms accounts.Formula) (out []accounts.Term) {
		for _, t := range terms {
			row := f.Row(t.Of, lastDay)
			if t.Function != accounts.RowValue || (row != nil && row.Shown(fund, province, lastDay, 6)) {
				out = append(out, t)
			}
		}
		return out
	}
	return slices.Equal(shown(formula), shown(r.Fill))
}

func TestEveryDamagedFormulaIsCaught(t *testing.T) {
	c, own := standard(t), ownChart(t)
	tried := 0
	for k, f := range c.Forms() {
		for i := range f.Rows {
			r := &f.Rows[i]
			fund := f.Funds[0]
			if !slices.Contains(r.Funds, fund) {
				fund = r.Funds[0]
			}
			if r.Heading || !r.Shown(fund, province, lastDay, 6) || slices.Contains(partsWithoutSum, r.ID) {
				continue
			}
			if r.Printed == "literal" {
				continue // the printed number is the text's; its formula is used by the checks themselves
			}
			for _, damaged := range mutants(c, r, fund) {
				if damaged == "" || changesNothing(&f, r, fund, damaged) {
					continue
				}
				tried++
				formula, err := accounts.ParseFormula(damaged)
				if err != nil {
					t.Fatal(err)
				}
				row := &own.Forms()[k].Rows[i]
				row.Fill = formula
				if !checksFind(t, own, fund) {
					t.Errorf("%s %s: %s instead of %s was not noticed", f.ID, r.ID, damaged, r.Formula)
				}
				row.Fill = r.Fill
			}
		}
	}
	if tried < 100 {
		t.Errorf("only %d damaged formulas were tried", tried)
	}
}

func TestDamagedClosingTargetsAreCaught(t *testing.T) {
	own := ownChart(t)
	tried := 0
	for _, a := range own.Records() {
		if a.Origin != accounts.OfStandard || (a.Type != accounts.Income && a.Type != accounts.Expense) || len(a.Details) > 0 {
			continue
		}
		for fund, target := range maps.Clone(a.Close) {
			var damages []string
			owner := fund
			switch {
			case target == "general_balance.pooled":
				damages = []string{"general_balance.personal", "none_monthly_split_at_year_end"}
			case target == "general_balance.personal":
				damages = []string{"general_balance.pooled"}
			case fund == "default" && a.ID != "contributions_unsplit" && a.ID != "interest_unsplit":
				damages, owner = []string{"none_monthly_split_at_year_end"}, a.Funds[0]
			}
			for _, damaged := range damages {
				tried++
				a.Close[fund] = damaged // the map is the chart's own
				if !checksFind(t, own, owner) {
					t.Errorf("%s closing to %s instead of %s in %s was not noticed", a.ID, damaged, target, owner)
				}
				a.Close[fund] = target
			}
		}
	}
	if tried < 80 {
		t.Errorf("only %d damaged targets were tried", tried)
	}
}

func TestTheUndamagedBooksOfTheMutationTestsHold(t *testing.T) {
	c := standard(t)
	for _, f := range c.Funds {
		if checksFind(t, c, f.ID) {
			t.Errorf("%s is found at fault without damage", f.ID)
		}
	}
}
