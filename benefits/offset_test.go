package benefits_test

import (
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/benefits"
	"github.com/fundledger/fundledger/benefits/pension"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/fundledger/fundledger/registration"
)

func TestALowerFormalPensionIsKeptBackFromLaterOnes(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, []person{{birth: 19651110, account: 50000_00}}, nil)
		ctx := t.Context()
		inputs := func(base string) *pension.Inputs {
			return &pension.Inputs{BaseProvince: figure(base), AverageIndex: figure("1"), Months: count(300), AccountBalance: figure("50000"), DivisorMonths: figure("137.3")}
		}
		decide := func(key string, stage benefits.Stage, version int, base string) {
			ok(t, func() (benefits.Done, error) {
				return d.Determine(ctx, by("d"+key, 20260301, "reviewer"), benefits.DetermineSpec{Claim: 1, Stage: stage, Inputs: inputs(base)})
			})
			ok(t, func() (benefits.Done, error) {
				return d.Approve(ctx, by("a"+key, 20260301, "chief"), benefits.Approval{Claim: 1, Version: version})
			})
		}
		ok(t, func() (benefits.Done, error) {
			return d.Claim(ctx, by("c", 20260301, "intake"), benefits.ClaimSpec{Member: 1, Retire: 20260228, Ground: registration.GroundStatutory})
		})
		decide("1", benefits.Provisional, 1, "8000") // 8000 × 25 % = 2000.00
		d.month(202603)
		d.month(202604)
		decide("2", benefits.Formal, 2, "7600") // 1900.00: 200.00 too much in two months
		ok(t, func() (benefits.Done, error) {
			return d.AgreeRecovery(ctx, by("terms", 20260430, "payer", "chief"), benefits.RecoveryTerms{Recovery: 1, MonthlyOffset: 150_00})
		})
		for i, want := range []money.Amount{150_00, 50_00, 0} {
			before := d.role(accounts.RoleExpenditureAccount)
			run := d.month(calendar.MustMonth(2026, 5+i))
			p := d.payments(benefits.PaymentQuery{Run: run.First})[0]
			if p.Offset != want || p.Amounts.Basic != 1900_00 || before-d.role(accounts.RoleExpenditureAccount) != p.Net() {
				t.Errorf("kept back %d of %+v, want %d", p.Offset, p.Amounts, want)
			}
		}
		for r, err := range d.Recoveries(ctx) {
			must(t, err)
			if r.Amount != 200_00 || r.Recovered != r.Amount || r.Reason != "formal_lower" {
				t.Errorf("%+v", r)
			}
		}
		// 2000 + 2000 + 1750 + 1850 + 1900 of basic pension is five months at 1900
		if got := d.role(accounts.RoleBasicPension); got != 5*1900_00 {
			t.Errorf("basic pension of five months: %d", got)
		}
		d.sound()
	})
}

func TestStoredRowsOfBenefitsCannotBeChanged(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, []person{{birth: 19651110, account: 50000_00}}, nil)
		ok(t, func() (benefits.Done, error) {
			return d.Claim(t.Context(), by("c", 20260301, "intake"), benefits.ClaimSpec{Member: 1, Retire: 20260228, Ground: registration.GroundStatutory})
		})
		write, _ := db.Pools()
		for _, text := range []string{`UPDATE benefits_claim SET retire_day = 20200101`, `DELETE FROM benefits_claim`, `UPDATE benefits_sheet SET part = 7`,
			`DELETE FROM benefits_command`} {
			if _, err := write.ExecContext(t.Context(), text); err == nil || !strings.Contains(err.Error(), store.AppendOnlyMark) {
				t.Errorf("%s was carried out", text)
			}
		}
	})
}
