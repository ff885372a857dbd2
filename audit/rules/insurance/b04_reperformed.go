package insurance

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/benefits/pension"
	"github.com/fundledger/fundledger/ledger/money"
)

// B04Reperformed computes stored determinations again.
func B04Reperformed() audit.Rule {
	return audit.Rule{
		ID: "B04", Version: 1, Kind: audit.Exact, Severity: audit.High,
		Title: audit.Text{ZH: "待遇金额与重新计算不符", EN: "Benefit is not as recomputed"},
		Why: audit.Text{
			ZH: "核定金额与其保存的参数和政策不符，说明计算被改动或程序有误；差额按月持续。",
			EN: "An amount that its own stored inputs and policy do not give was changed, or the program was wrong; the difference goes on month after month.",
		},
		How: audit.Text{
			ZH: "以核定时保存的政策版本和输入重新计算，逐项比较；再比较核定金额合计与待遇台账金额。无法读取或重新计算的核定记录一并列出。",
			EN: "The determination is computed again from the policy and inputs stored with it, figure by figure, and its total is compared with the award's amount. Records that cannot be read or computed are hits too.",
		},
		Do:    audit.Text{ZH: "查明改动来源，重新核定，补发或追回差额。", EN: "Find out who changed what, determine again, and pay or recover the difference."},
		Basis: []string{"SIL 第十五条", "国发〔2005〕38号"},
		Reads: []audit.Declared{audit.AwardsSource},
		Check: checkReperformed,
	}
}

func checkReperformed(_ context.Context, t *audit.Task) error {
	source, _ := audit.AwardsSource.In(t)
	t.AtEnd(func(ctx context.Context) error {
		for a, err := range source.Awards(ctx) {
			if err != nil {
				return err
			}
			if !inScope(t, a.Start) {
				continue
			}
			if len(a.Determination) == 0 {
				t.Note(both("%s 没有保存核定过程，未重新计算", "no determination is stored for benefits of kind %s: they were not recomputed", a.Benefit))
				continue
			}
			t.Examined(awards, 1)
			if err := reperform(t, &a); err != nil {
				return err
			}
		}
		return nil
	})
	return nil
}

func reperform(t *audit.Task, a *audit.Award) error {
	computed, err := pension.Reperform(a.Determination)
	different, isDifferent := errors.AsType[*pension.DifferenceError](err)
	f := audit.Finding{
		Book: audit.BookRef(a.Book), Period: period(a.Start), Subjects: about(byMember, a.Person, "award", a.ID), Evidence: []audit.Evidence{a.Evidence("award", a.Amount)},
	}
	if err != nil && !isDifferent {
		f.AtRisk = a.Sum(a.Amount.Abs())
		f.Text = both("核定 %s（个人编号 %s）无法重新计算：%v", "award %s of member %s cannot be recomputed: %v", a.ID, a.Person, err)
		t.Report(f)
		return nil
	}
	total, err := a.Currency.FromDecimal(computed.Total)
	if err != nil {
		return fmt.Errorf("insurance: award %s: %w", a.ID, err)
	}
	gap, err := a.Amount.Sub(total)
	if err != nil || gap == 0 && !isDifferent {
		return err
	}
	f.AtRisk = a.Sum(gap.Abs())
	f.Text = both("核定 %s（个人编号 %s）：每月 %s，重新计算 %s，相差 %s", "award %s of member %s: %s a month, recomputed %s, a difference of %s",
		a.ID, a.Person, a.Sum(a.Amount), a.Sum(total), a.Sum(gap))
	if isDifferent {
		list := differences(different, a)
		f.Text.ZH += "；保存与重算不同：" + list
		f.Text.EN += "; stored and recomputed differ: " + list
	}
	t.Report(f)
	return nil
}

// mostDifferences bounds how many figures of one determination a finding tells.
const mostDifferences = 8

func differences(e *pension.DifferenceError, a *audit.Award) string {
	var parts []string
	for i, d := range e.Differences {
		if i == mostDifferences {
			parts = append(parts, fmt.Sprintf("… (%d)", len(e.Differences)))
			break
		}
		part := fmt.Sprintf("%s %s ≠ %s", d.Name, d.Stored, d.Computed)
		if gap, ok := gapOf(d, a); ok {
			part += fmt.Sprintf(" (%s)", gap)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// gapOf is the difference of two figures that are amounts of the award's currency.
func gapOf(d pension.Difference, a *audit.Award) (audit.Sum, bool) {
	stored, err := money.ParseDecimal(d.Stored)
	if err != nil {
		return audit.Sum{}, false
	}
	computed, err := money.ParseDecimal(d.Computed)
	if err != nil {
		return audit.Sum{}, false
	}
	gap, err := a.Currency.FromDecimal(stored.Sub(computed))
	return a.Sum(gap), err == nil
}
