package statement_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/statement"
)

func standardFiles(t testing.TB) map[string]string {
	t.Helper()
	names, err := filepath.Glob("../data/cn-2017/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	files := map[string]string{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(name)] = string(data)
	}
	return files
}

// caught reports whether the loader, or the checks over two months of a random book, find the damage.
func caught(t *testing.T, files map[string]string, fund accounts.FundID) bool {
	t.Helper()
	system := fstest.MapFS{}
	for name, text := range files {
		system[name] = &fstest.MapFile{Data: []byte(text)}
	}
	chart, err := accounts.Load(system)
	var faults accounts.Faults
	if errors.As(err, &faults) {
		return true
	}
	if err != nil {
		t.Fatal(err)
	}
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
	c := standard(t)
	tried := 0
	for _, f := range c.Forms() {
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
				files := standardFiles(t)
				files["forms.yaml"] = replaceFormula(t, files["forms.yaml"], r, damaged)
				tried++
				if !caught(t, files, fund) {
					t.Errorf("%s %s: %s instead of %s was not noticed", f.ID, r.ID, damaged, r.Formula)
				}
			}
		}
	}
	if tried < 100 {
		t.Errorf("only %d damaged formulas were tried", tried)
	}
}

// replaceFormula writes another formula into the record of a row; formulas may be folded over several lines.
func replaceFormula(t *testing.T, text string, r *accounts.Row, damaged string) string {
	t.Helper()
	start := strings.Index(text, `{id: "`+r.ID+`"`)
	at := strings.Index(text[start:], `formula: "`) + start + len(`formula: "`)
	end := strings.Index(text[at:], `"`) + at
	if start < 0 || strings.Join(strings.Fields(text[at:end]), " ") != r.Formula {
		t.Fatalf("row %s: formula not found", r.ID)
	}
	return text[:at] + damaged + text[end:]
}

func TestDamagedClosingTargetsAreCaught(t *testing.T) {
	c := standard(t)
	tried := 0
	for _, a := range c.Records() {
		if a.Origin != accounts.OfStandard || (a.Type != accounts.Income && a.Type != accounts.Expense) || len(a.Details) > 0 {
			continue
		}
		for fund, target := range a.Close {
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
				files := standardFiles(t)
				start := strings.Index(files["accounts.yaml"], `{id: "`+a.ID+`"`)
				record := files["accounts.yaml"][start:]
				key := string(fund) + `: "`
				at := strings.Index(record, key+target)
				if at < 0 {
					t.Fatalf("%s: no %s%s", a.ID, key, target)
				}
				files["accounts.yaml"] = files["accounts.yaml"][:start] + record[:at] + key + damaged + record[at+len(key)+len(target):]
				tried++
				if !caught(t, files, owner) {
					t.Errorf("%s closing to %s instead of %s in %s was not noticed", a.ID, damaged, target, owner)
				}
			}
		}
	}
	if tried < 80 {
		t.Errorf("only %d damaged targets were tried", tried)
	}
}

func TestTheUndamagedBooksOfTheMutationTestsHold(t *testing.T) {
	for _, f := range standard(t).Funds {
		if caught(t, standardFiles(t), f.ID) {
			t.Errorf("%s is found at fault without damage", f.ID)
		}
	}
}
