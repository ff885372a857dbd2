package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/benefits"
	"github.com/fundledger/fundledger/benefits/pension"
	"github.com/fundledger/fundledger/examples/monthcycle/folder"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/scheme"
)

// claimed is a claim as the service knows it.
type claimed struct {
	member registration.MemberNo
	no     int64
}

// parameter is a dated parameter of the place whose average wage the agency uses.
func (a *area) parameter(name string) scheme.ID {
	return scheme.ID(strings.TrimSuffix(a.AverageWage, "contribution.average_wage") + name)
}

// openBenefits opens the benefits service. Claims without figures in claims.csv are determined from prior service and from the contributions that collection received.
func (a *area) openBenefits() error {
	history, err := a.office(a.today)
	if err != nil {
		return err
	}
	a.benefits, err = benefits.New(a.db, a.fund, a.rights, a.registry, a.law, history, benefits.Config{
		Scheme: registration.Scheme(a.Scheme),
		Parameters: benefits.Parameters{Policy: a.parameter("pension.policy"), Base: a.parameter("pension.calculation_base"), AverageWage: scheme.ID(a.AverageWage),
			Transitional: a.parameter("pension.transitional_coefficient")},
		SettlementInterest: a.interestRule, FirstInterestYear: a.Year,
		IndexRule: pension.IndexRule{Mean: money.Rounding{Scale: 4, Mode: money.HalfUp}},
	})
	return err
}

// step heads a command of benefits that one person orders and another approves.
func (a *area) step(key string, day calendar.Date) benefits.Order {
	a.today = day
	return benefits.Order{Key: key, Effective: day, EnteredBy: accountant, ApprovedBy: head}
}

// by heads a step of a claim or run that is one person's alone; the service sees to it that the next step is another's.
func (a *area) by(who, key string, day calendar.Date) benefits.Order {
	a.today = day
	return benefits.Order{Key: key, Effective: day, EnteredBy: who}
}

// claimsAtOnce is how many claims one command takes: a determination with its trace is some kilobytes.
const claimsAtOnce = 2_000

// retire takes the claims whose pension begins in a month: the retirements are registered, the claims taken by one person, determined by a second, approved by a
// third. Determinations are written with their traces.
func (a *area) retire(ctx context.Context, month calendar.Month) error {
	return inBatches(a.In("claims", "first_month", month), claimsAtOnce, func(number int, some []folder.Row) error {
		return a.takeClaims(ctx, month, fmt.Sprint(month, " ", number), some)
	})
}

func (a *area) takeClaims(ctx context.Context, month calendar.Month, key string, rows []folder.Row) error {
	a.say("%s: %d claims", month, len(rows))
	day := month.First()
	retirements, specs := make([]registration.RetirementSpec, len(rows)), make([]benefits.ClaimSpec, len(rows))
	for i, r := range rows {
		reference := "claim " + r.Text("claim")
		retirements[i] = registration.RetirementSpec{Member: a.memberNo(r), Day: r.Date("retired"), Ground: r.Text("ground"), Reference: reference}
		specs[i] = benefits.ClaimSpec{Member: a.memberNo(r), Retire: r.Date("retired"), Ground: r.Text("ground"), Reference: reference}
		if earlier := month.Add(-1); earlier > specs[i].Retire.Month() {
			specs[i].PaidThrough = earlier // the earlier system paid until then
		}
	}
	if _, err := a.registry.RecordRetirements(ctx, a.order("retirements "+key, day), retirements...); err != nil {
		return err
	}
	taken, err := a.benefits.Claim(ctx, a.by(clerk, "claims "+key, day), specs...)
	if err != nil {
		return err
	}
	determine, approve, names := make([]benefits.DetermineSpec, len(rows)), make([]benefits.Approval, len(rows)), make(map[int64]string, len(rows))
	for i, r := range rows {
		no := taken.First + int64(i)
		// Policies are law seen on published sheets, and so provisional: see registration/scheme.
		determine[i] = benefits.DetermineSpec{Claim: no, Stage: benefits.Provisional, Inputs: inputsOf(r), Policy: scheme.ID("cn." + r.Text("place") + ".pension.policy")}
		approve[i] = benefits.Approval{Claim: no, Version: 1}
		a.claims[r.Text("claim")], names[no] = claimed{specs[i].Member, no}, r.Text("claim")
	}
	if _, err := a.benefits.Determine(ctx, a.by(chief, "determinations "+key, day), determine...); err != nil {
		return err
	}
	if _, err := a.benefits.Approve(ctx, a.by(head, "approvals "+key, day), approve...); err != nil {
		return err
	}
	return a.writeDeterminations(ctx, names)
}

// inputsOf reads the figures that a claim was handed over with; none where it is to be determined from what is on record.
func inputsOf(r folder.Row) *pension.Inputs {
	if r.Text("base") == "" {
		return nil
	}
	months, before := r.Number("months_total"), r.Number("months_before")
	in := &pension.Inputs{BaseProvince: r.Rate("base"), AverageIndex: r.Rate("average_index"), Months: &months, AccountBalance: decimal.NewNullDecimal(cny.Decimal(r.Amount("account_balance"))),
		DivisorMonths: r.Rate("divisor_months")}
	if before > 0 {
		in.Transitional = []pension.Stretch{{CoefficientPct: r.Rate("coefficient_pct"), Months: &before}}
	}
	if r.Text("extra") != "" {
		in.Extras = []pension.MemberFigure{{Name: r.Text("extra"), Amount: decimal.NewNullDecimal(cny.Decimal(r.Amount("extra_amount")))}}
	}
	return in
}

// pagesOfAKind is how many pages of one kind are written for single members: those of a million are read in the database.
const pagesOfAKind = 1_000

// writeDeterminations computes the stored determinations of a batch again from what they hold and writes them with their traces.
func (a *area) writeDeterminations(ctx context.Context, names map[int64]string) error {
	var numbers []int64
	for no := range names {
		if no <= pagesOfAKind {
			numbers = append(numbers, no)
		}
	}
	if len(numbers) == 0 {
		return nil
	}
	for d, err := range a.benefits.DeterminationsOf(ctx, benefits.DeterminationQuery{Claims: numbers}) {
		if err != nil {
			return err
		}
		again, err := pension.Reperform(d.Content)
		if err != nil {
			return err
		}
		var text bytes.Buffer
		if err := again.WriteText(&text); err != nil {
			return err
		}
		if err := a.write(filepath.Join("determinations", names[d.Claim]+".txt"), text.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// deaths records the deaths reported in a month and stops the pensions of those who died; what was paid after a death becomes a recovery case, on the terms that
// were agreed.
func (a *area) deaths(ctx context.Context, month calendar.Month) error {
	for r, err := range a.In("deaths", "reported", month) {
		if err != nil {
			return err
		}
		member := a.memberNo(r)
		spec, day := registration.DeathSpec{Member: member, Day: r.Date("day"), Reference: "report of " + r.Text("reported")}, r.Date("reported")
		if _, err := a.registry.RecordDeaths(ctx, a.order(fmt.Sprintf("death %d", member), day), spec); err != nil {
			return err
		}
		if _, err := a.benefits.StopDead(ctx, a.step(fmt.Sprintf("stop %d", member), day)); err != nil && !errors.Is(err, benefits.ErrNothing) {
			return err
		}
	}
	for r, err := range a.In("recovery_terms", "day", month) {
		if err != nil {
			return err
		}
		no, err := a.recovery(ctx, r.Text("claim"))
		if err != nil {
			return fmt.Errorf("%s: %w", r.At(), err)
		}
		terms := benefits.RecoveryTerms{Recovery: no, Instalment: r.Amount("instalment"), FirstDue: r.Month("first_due"), MonthlyOffset: r.Amount("monthly_offset")}
		if _, err := a.benefits.AgreeRecovery(ctx, a.step(fmt.Sprintf("terms %d", no), r.Date("day")), terms); err != nil {
			return err
		}
	}
	return nil
}

// recovery is the number of the recovery case of a claim.
func (a *area) recovery(ctx context.Context, claim string) (int64, error) {
	for r, err := range a.benefits.Recoveries(ctx) {
		if err != nil || r.Claim == a.claims[claim].no {
			return r.No, err
		}
	}
	return 0, fmt.Errorf("claim %s has no recovery case", claim)
}
