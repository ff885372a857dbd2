package main

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/audit/report"
	"github.com/fundledger/fundledger/audit/rules"
	"github.com/fundledger/fundledger/audit/rules/insurance"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
)

// examine audits the books as they stand at the end of a month and writes the report. The audit reads; it posts nothing.
func (a *area) examine(ctx context.Context, last calendar.Month, soFar [][]*bank.Statement) error {
	run, err := a.audit(ctx, last, soFar)
	if err != nil {
		return err
	}
	options := report.Options{Language: audit.Language(a.language), Audited: a.Name + "社会保险基金管理中心"}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"report.html":   func(b *bytes.Buffer) error { return report.HTML(b, run, options) },
		"report.json":   func(b *bytes.Buffer) error { return report.JSON(b, run) },
		"findings.csv":  func(b *bytes.Buffer) error { return report.CSV(b, run, options) },
		"findings.yaml": func(b *bytes.Buffer) error { return writeFindings(b, run) },
	} {
		var text bytes.Buffer
		if err := write(&text); err != nil {
			return err
		}
		if err := a.write(filepath.Join("audit", name), text.Bytes()); err != nil {
			return err
		}
	}
	ran, missing := 0, 0
	for _, outcome := range run.Outcomes {
		if outcome.Status == audit.Ran {
			ran++
		} else {
			missing++
		}
	}
	fmt.Fprintf(a.print, "audit: %d findings by %d rules, %d rules could not run for want of their sources\n", len(run.Findings), ran, missing)
	for _, outcome := range run.Outcomes {
		if outcome.Status != audit.Ran {
			fmt.Fprintf(a.print, "  %s did not run: %s%s\n", outcome.Rule, outcome.Failure, wanting(outcome))
		}
	}
	for _, f := range run.Findings {
		fmt.Fprintf(a.print, "  %s %s\n", f.Rule, f.Text.EN)
	}
	return nil
}

// audit runs every rule over the fund's book: what a rule needs and does not get is reported as not run.
func (a *area) audit(ctx context.Context, last calendar.Month, soFar [][]*bank.Statement) (*audit.Run, error) {
	a.today = last.Last()
	var items openItems
	for account := range moneyAccounts {
		paper, err := a.reconcile(ctx, account, soFar[account])
		if err != nil {
			return nil, err
		}
		items = append(items, a.itemsOf(account, paper)...)
	}
	given, err := a.evidence(ctx, last, soFar)
	if err != nil {
		return nil, err
	}
	examination, err := audit.New(append(given, audit.ReconciliationSource.Given(items)), append(rules.Default(), insurance.Rules()...)...)
	if err != nil {
		return nil, err
	}
	// Three months and not twelve: a receipt that nobody has cleared up by the end of the year is asked about.
	return examination.Run(ctx, audit.Engagement{By: "审计员", Clock: a.clock, Title: a.Name + fmt.Sprint(a.Year), Scope: audit.Scope{AsOf: a.today},
		Settings: map[string]map[string]int64{"L13": {"months": 3}}})
}

// writeFindings writes findings as expected.yaml has them: rule, subjects, period, amount at risk.
func writeFindings(b *bytes.Buffer, run *audit.Run) error {
	for _, f := range run.Findings {
		fmt.Fprintf(b, "- {rule: %q, period: %q, amount: %q, subjects: [", f.Rule, periodText(f.Period), cny.Text(f.AtRisk.Amount))
		for i, s := range f.Subjects {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(b, "%q", s.Name+" "+s.Value)
		}
		b.WriteString("]}\n")
	}
	return nil
}

func periodText(p calendar.Period) string {
	if p.IsZero() {
		return ""
	}
	return p.String()
}

// takenOver explains the one change of net assets that is neither income nor expenditure: the balance of the earlier system.
type takenOver struct{ *area }

// Adjustments implements audit.Adjustments.
func (t takenOver) Adjustments(context.Context, ledger.BookID) ([]audit.Adjustment, error) {
	var list []audit.Adjustment
	for r, err := range t.Rows("opening_balances") {
		if err != nil {
			return nil, err
		}
		if accounts.Role(r.Text("role")) == accounts.RoleGeneralBalance {
			list = append(list, audit.Adjustment{Month: t.takeOverMonth(), Amount: r.Amount("amount"), Reason: "balance taken over from the earlier system", Reference: "opening_balances.csv"})
		}
	}
	return list, nil
}

// wanting names the sources that a rule had need of and was not given.
func wanting(o audit.Outcome) (text string) {
	for _, m := range o.Missing {
		text += " " + m.EN
	}
	return text
}
