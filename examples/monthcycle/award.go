package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/benefits"
	"github.com/fundledger/fundledger/benefits/pension"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/scheme"
)

// openBenefits opens the benefits service. Every figure of a claim is handed over in claims.csv, so that it needs no history of contributions.
func (a *area) openBenefits() (err error) {
	a.benefits, err = benefits.New(a.db, a.fund, a.rights, a.registry, a.law, nil, benefits.Config{Scheme: registration.Scheme(a.Scheme)})
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

// retire takes the claims whose pension begins in a month: the retirement is registered, the claim taken by one person, determined by a second, approved by a
// third. The determination is written with its trace.
func (a *area) retire(ctx context.Context, month calendar.Month) error {
	for _, r := range a.lists["claims"] {
		if r.month("first_month") != month {
			continue
		}
		if err := a.takeClaim(ctx, month, r); err != nil {
			return fmt.Errorf("%s:%d: claim %s: %w", r.file, r.line, r.text("claim"), err)
		}
	}
	return a.err()
}

func (a *area) takeClaim(ctx context.Context, month calendar.Month, r row) error {
	member, err := a.memberNo(r)
	if err != nil {
		return err
	}
	name, day := r.text("claim"), month.First()
	retirement := registration.RetirementSpec{Member: member, Day: r.date("retired"), Ground: r.text("ground"), Reference: "claim " + name}
	if _, err := a.registry.RecordRetirements(ctx, a.order("retirement "+name, day), retirement); err != nil {
		return err
	}
	spec := benefits.ClaimSpec{Member: member, Retire: r.date("retired"), Ground: r.text("ground"), Reference: "claim " + name}
	if earlier := month.Add(-1); earlier > spec.Retire.Month() {
		spec.PaidThrough = earlier // the earlier system paid until then
	}
	claim, err := a.benefits.Claim(ctx, a.by(clerk, "claim "+name, day), spec)
	if err != nil {
		return err
	}
	inputs, err := inputsOf(r)
	if err != nil {
		return err
	}
	// Policies are law seen on published sheets, and so provisional: see registration/scheme.
	determine := benefits.DetermineSpec{Claim: claim.First, Stage: benefits.Provisional, Inputs: inputs, Policy: scheme.ID("cn." + r.text("place") + ".pension.policy")}
	if _, err := a.benefits.Determine(ctx, a.by(chief, "determination "+name, day), determine); err != nil {
		return err
	}
	if _, err := a.benefits.Approve(ctx, a.by(head, "approval "+name, day), benefits.Approval{Claim: claim.First, Version: 1}); err != nil {
		return err
	}
	a.claims[name] = member
	return a.writeDetermination(ctx, name, claim.First)
}

// inputsOf reads the figures that a claim was handed over with.
func inputsOf(r row) (*pension.Inputs, error) {
	number := func(field string) decimal.NullDecimal {
		d, err := money.ParseDecimal(r.text(field))
		if err != nil {
			r.fault(field, err)
		}
		return decimal.NewNullDecimal(d)
	}
	months, before := r.number("months_total"), r.number("months_before")
	in := &pension.Inputs{BaseProvince: number("base"), AverageIndex: number("average_index"), Months: &months, AccountBalance: number("account_balance"),
		DivisorMonths: number("divisor_months")}
	if before > 0 {
		in.Transitional = []pension.Stretch{{CoefficientPct: number("coefficient_pct"), Months: &before}}
	}
	if r.text("extra") != "" {
		in.Extras = []pension.MemberFigure{{Name: r.text("extra"), Amount: number("extra_amount")}}
	}
	return in, errors.Join(*r.faults...)
}

// writeDetermination computes the stored determination again from what it holds and writes it with its trace.
func (a *area) writeDetermination(ctx context.Context, name string, claim int64) error {
	for d, err := range a.benefits.Determinations(ctx) {
		if err != nil {
			return err
		}
		if d.Claim != claim {
			continue
		}
		again, err := pension.Reperform(d.Content)
		if err != nil {
			return err
		}
		var text bytes.Buffer
		if err := again.WriteText(&text); err != nil {
			return err
		}
		return a.write(filepath.Join("determinations", name+".txt"), text.Bytes())
	}
	return fmt.Errorf("claim %d has no determination", claim)
}

// deaths records the deaths reported in a month and stops the pensions of those who died; what was paid after a death becomes a recovery case.
func (a *area) deaths(ctx context.Context, month calendar.Month) error {
	for _, r := range a.in("deaths", "reported", month) {
		member, err := a.memberNo(r)
		if err != nil {
			return err
		}
		spec, day := registration.DeathSpec{Member: member, Day: r.date("day"), Reference: "report of " + r.text("reported")}, r.date("reported")
		if _, err := a.registry.RecordDeaths(ctx, a.order(fmt.Sprintf("death %d", member), day), spec); err != nil {
			return err
		}
		if _, err := a.benefits.StopDead(ctx, a.step(fmt.Sprintf("stop %d", member), day)); err != nil && !errors.Is(err, benefits.ErrNothing) {
			return err
		}
	}
	return nil
}
