package statement_test

import (
	"errors"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/statement"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// amountOf adds up what terms take of a book in the periods from and to, each term with the details of its account.
func (b *randomBook) amountOf(terms []accounts.Term, from, to calendar.Period) (total money.Amount) {
	b.t.Helper()
	for _, term := range terms {
		for _, id := range b.chart.Subtree(b.fund, term.Of) {
			balance, err := b.figures.Closing(id, to)
			if err != nil {
				b.t.Fatal(err)
			}
			debit, credit, err := b.figures.Turnover(id, from, to, statement.WithoutClosing)
			if err != nil {
				b.t.Fatal(err)
			}
			amount, known := map[accounts.Function]money.Amount{accounts.BalanceDebit: balance, accounts.BalanceCredit: -balance, accounts.NetDebit: debit - credit,
				accounts.NetCredit: credit - debit, accounts.TurnoverDebit: debit, accounts.TurnoverCredit: credit}[term.Function]
			if !known {
				b.t.Fatalf("a term of function %q is of no account", term.Function)
			}
			if term.Minus {
				amount = -amount
			}
			total += amount
		}
	}
	return total
}

// TestEveryRowExpandsToTheAccountsThatMakeIt makes every row of random books a second time from its terms alone.
func TestEveryRowExpandsToTheAccountsThatMakeIt(t *testing.T) {
	rows := 0
	for _, fund := range []accounts.FundID{accounts.EmployeeMedical, accounts.WorkInjury} {
		for _, practice := range []statement.Practice{statement.CloseMonthly, statement.CloseYearly} {
			b := newRandomBook(t, standard(t), fund, province, practice, 3)
			b.year(2026, 15, func(r statement.Request) {
				for _, reading := range []statement.Reading{statement.ReadAdvised, statement.ReadConsistent, statement.ReadLiteral} {
					r.Reading = reading
					rows += b.expands(r)
				}
			})
		}
	}
	if rows < 2000 {
		t.Errorf("only %d rows", rows)
	}
}

// expands compares the rows of both statements with what their terms add up to, and returns how many there were.
func (b *randomBook) expands(r statement.Request) (rows int) {
	b.t.Helper()
	for kind, column := range map[accounts.FormKind]int{accounts.BalanceSheet: 1, accounts.IncomeExpenditure: 0} {
		r.Kind = kind
		s, err := statement.Make(b.today, b.figures, r)
		if err != nil {
			b.t.Fatal(err)
		}
		from, to := r.Month.Period(), r.Month.Period()
		if r.Annual {
			from, to = calendar.Period(r.Month.Year()*100+1), calendar.Period(r.Month.Year()*100+calendar.ClosingPeriod)
		}
		for _, row := range s.Rows {
			if row.Heading || row.Cells[column].Blank {
				continue
			}
			terms, err := statement.Expand(b.today, r, row.ID)
			if err != nil {
				b.t.Fatal(err)
			}
			if got := b.amountOf(terms, from, to); got != row.Cells[column].Amount {
				b.t.Errorf("%s %s %s %q, %s: printed %d, its terms are %d: %v", b.fund, to, r.Practice, r.Reading, row.ID, row.Cells[column].Amount, got, terms)
			}
			rows++
		}
	}
	return rows
}

func TestARowThatIsNotShownExpandsToAnError(t *testing.T) {
	book := bookOf(t, accounts.WorkInjury, county)
	for _, row := range []string{"no such row", ""} {
		var typed *statement.Error
		if _, err := statement.Expand(book, statement.Request{Kind: accounts.BalanceSheet, Month: 202602}, row); !errors.As(err, &typed) {
			t.Errorf("%q: %v", row, err)
		}
	}
	if _, err := statement.Expand(book, statement.Request{Kind: accounts.BalanceSheet}, "bs_fiscal_account"); err == nil {
		t.Error("a row of no month")
	}
}
