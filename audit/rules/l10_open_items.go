package rules

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger/calendar"
)

// L10OpenItems finds items of bank reconciliations that nobody matched for longer than the days set.
func L10OpenItems() audit.Rule {
	return audit.Rule{
		ID: "L10", Version: 1, Kind: audit.Exact, Severity: audit.High,
		Title: audit.Text{ZH: "未达账项长期未清理", EN: "Items unmatched between books and bank for too long"},
		Why: audit.Text{
			ZH: "账户存款至少每月与银行核对并查明差额。长期挂着的未达账项常见于挪用、漏记或重复入账。",
			EN: "Deposits are reconciled with the bank at least monthly and differences are cleared up. Items that stay open are a common mark of diverted money, and of entries left out or made twice.",
		},
		How: audit.Text{
			ZH: "取截止日仍未匹配的账项，自其入账日起计算天数，超过设定天数的列出。",
			EN: "Items still unmatched at the end of the audit's day are aged from the day they were booked; those older than the days set are hits.",
		},
		Do: audit.Text{
			ZH: "逐项取得银行凭证，属于漏记的补记，属于错记的更正；无法说明的查明资金去向。",
			EN: "Get the bank's document for each item; book what was left out, correct what is wrong, and follow the money where nobody can explain it.",
		},
		Basis: []string{sys + " 1002、1003、1004（至少每月核对）", bas + " 第六十二条"},
		Reads: []audit.Declared{audit.ReconciliationSource},
		Parameters: []audit.Parameter{{
			Name: "days", Title: audit.Text{ZH: "未达天数上限", EN: "days an item may stay open"}, Unit: audit.Text{ZH: "天", EN: "days"},
			Default: 31, Least: 1, Most: 3660, Source: "社会保险基金会计制度 1002–1004 ask for a reconciliation at least monthly; the days are the project's choice",
		}},
		Check: checkOpenItems,
	}
}

func checkOpenItems(_ context.Context, t *audit.Task) error {
	reconciliation, _ := audit.ReconciliationSource.In(t)
	days := int(t.Parameter("days"))
	t.AtEnd(func(ctx context.Context) error {
		for item, err := range reconciliation.OpenItems(ctx, t.Scope().AsOf) {
			if err != nil {
				return err
			}
			t.Examined(audit.Text{ZH: "未达账项", EN: "open items"}, 1)
			if !item.Date.Valid() {
				return fmt.Errorf("rules: open item %s%s of bank account %s has no date", item.Statement, seqText(&item), item.BankAccount)
			}
			if age := t.Scope().AsOf.Sub(item.Date); age > days {
				reportOpenItem(t, &item, age, days)
			}
		}
		return nil
	})
	return nil
}

func seqText(item *audit.OpenItem) string {
	if item.Seq == 0 {
		return ""
	}
	return fmt.Sprintf("#%d/%d", item.Seq, item.Ordinal)
}

func reportOpenItem(t *audit.Task, item *audit.OpenItem, age, days int) {
	side := audit.Text{ZH: "账有银行无", EN: "in the books, not at the bank"}
	evidence := audit.Evidence{
		Kind: "bank statement line", Book: audit.BookRef(item.Book), Effective: item.Date, Reference: item.Statement, Hash: hex.EncodeToString(item.Hash),
		Amounts: []audit.Sum{{Amount: item.Amount, Currency: item.Currency}},
	}
	reference := item.Statement
	if item.Side == audit.AtBankOnly {
		side = audit.Text{ZH: "银行有账无", EN: "at the bank, not in the books"}
	} else {
		evidence.Kind, evidence.Seq, evidence.Ordinals = "entry", item.Seq, []int64{item.Ordinal}
		reference = seqText(item)
	}
	explanation := audit.Text{ZH: "无说明", EN: "no explanation"}
	if item.Explanation != "" {
		explanation = audit.Text{ZH: "说明：" + item.Explanation, EN: "explanation: " + item.Explanation}
	}
	sum := audit.Sum{Amount: item.Amount, Currency: item.Currency}
	t.Report(audit.Finding{
		Book: audit.BookRef(item.Book), Period: monthOf(item.Date), Subjects: about("bank account", item.BankAccount, "item", reference),
		AtRisk: audit.Sum{Amount: item.Amount.Abs(), Currency: item.Currency}, Evidence: []audit.Evidence{evidence},
		Text: audit.Text{
			ZH: fmt.Sprintf("银行账户 %s，%v，%s，%s：至 %v 已 %d 天未匹配（上限 %d 天）；%s", item.BankAccount, item.Date, sum, side.ZH, t.Scope().AsOf, age, days, explanation.ZH),
			EN: fmt.Sprintf("bank account %s, %v, %s, %s: unmatched for %d days on %v (at most %d); %s", item.BankAccount, item.Date, sum, side.EN, age, t.Scope().AsOf, days, explanation.EN),
		},
	})
}

func monthOf(d calendar.Date) calendar.Period { return d.Month().Period() }
