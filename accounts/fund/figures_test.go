package fund_test

import (
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/statement"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

func TestStatementsOfABookHoldTheirRelations(t *testing.T) {
	for _, closing := range []fund.ClosingMethod{fund.CloseMonthly, fund.CloseYearly} {
		t.Run(string(closing), func(t *testing.T) {
			storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
				f := newFund(t, db, accounts.CollectedByAgency, closing)
				january(t, f)
				signAll(t, f, 202601)
				_, err := closePeriod(t, f, db, 202601)
				must(t, err)
				must2(t)(f.Post(t.Context(), event("E8a", "february", 20260221, part(accounts.RoleFiscalAccount, 50), part(accounts.RoleDepositInterest, 50))))
				signAll(t, f, 202602)
				_, err = closePeriod(t, f, db, 202602)
				must(t, err)
				figures, err := f.Figures(t.Context(), 202602)
				must(t, err)
				practice := map[fund.ClosingMethod]statement.Practice{fund.CloseMonthly: statement.CloseMonthly, fund.CloseYearly: statement.CloseYearly}[closing]
				for _, kind := range []accounts.FormKind{accounts.BalanceSheet, accounts.IncomeExpenditure} {
					for month, want := range map[string]struct {
						at              int
						assets, surplus money.Amount
					}{"january": {1, 88123, 88123}, "february": {2, 88173, 50}} {
						request := statement.Request{Kind: kind, Month: calendar.MustMonth(2026, want.at), Practice: practice}
						s, err := statement.Make(f.Chart(), figures, request)
						must(t, err)
						violations, err := statement.Check(f.Chart(), figures, request)
						must(t, err)
						if len(violations) > 0 {
							t.Errorf("%s %s: %v", month, kind, violations)
						}
						row, column, amount := "bs_total_assets", 1, want.assets
						if kind == accounts.IncomeExpenditure {
							row, column, amount = "is_surplus", 0, want.surplus
						}
						if got := s.Row(row).Cells[column].Amount; got != amount {
							t.Errorf("%s %s is %d, want %d", month, row, got, amount)
						}
					}
				}
			})
		})
	}
}
