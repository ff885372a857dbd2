package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"path/filepath"
	"strings"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/audit/reconcile"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration/scheme"
)

// reconcile holds an account of money against the bank's statements of the year so far, so that an item that stays open stays on the paper.
func (a *area) reconcile(ctx context.Context, account int, soFar []*bank.Statement) (*reconcile.Paper, error) {
	whole := *soFar[0]
	whole.Lines = nil
	for _, s := range soFar {
		whole.Lines = append(whole.Lines, s.Lines...)
		whole.Closing, whole.To = s.Closing, s.To
	}
	whole.Balances = []bank.Balance{*whole.Opening, *whole.Closing}
	code, err := a.fund.RoleCode(moneyAccounts[account].role)
	if err != nil {
		return nil, err
	}
	return reconcile.Compare(ctx, a.led, &whole, reconcile.Order{Book: a.book(), Account: code, Kind: moneyAccounts[account].kind, DateTolerance: 3,
		From: a.firstMonth().First(), To: a.today})
}

// close reconciles the three accounts, signs the checklist of the month and closes it, all signatures and the closing in one transaction: a run that was
// killed finds the month closed or as it was.
func (a *area) close(ctx context.Context, month calendar.Month, soFar [][]*bank.Statement) error {
	a.today = month.Last()
	documents := map[fund.Item]ledger.Source{}
	remarks := map[fund.Item]string{}
	items := []fund.Item{fund.ItemReconcileIncome, fund.ItemReconcileFiscal, fund.ItemReconcileExpenditure}
	for i, m := range moneyAccounts {
		paper, err := a.reconcile(ctx, i, soFar[i])
		if err != nil {
			return err
		}
		var text bytes.Buffer
		if err := paper.WriteHTML(&text, reconcile.Language(a.language)); err != nil {
			return err
		}
		name := filepath.Join("reconciliation", m.name+"-"+month.String()+".html")
		if err := a.write(name, text.Bytes()); err != nil {
			return err
		}
		// What is signed is the comparison, not the page: pages differ by language.
		hash := sha256.Sum256([]byte(strings.Join(paper.Result.Adjusted.Arithmetic(), "\n")))
		documents[items[i]] = ledger.Source{Kind: "reconciliation", ID: m.name + "-" + month.String(), Hash: hash[:]}
		remarks[items[i]] = paper.Verdict(reconcile.Chinese)
	}
	return a.db.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, item := range a.fund.Checklist() {
			if _, err := a.fund.SignTx(ctx, tx.Handle(), fund.Signature{Period: month.Period(), Item: item, Signed: a.today, Prepared: accountant, Reviewed: head,
				Document: documents[item], Remark: remarks[item]}); err != nil {
				return err
			}
		}
		_, err := a.fund.ClosePeriod(ctx, tx.Handle(), fund.CloseOrder{Period: month.Period(), Closed: a.today, EnteredBy: accountant, Approved: head})
		return err
	})
}

// interestRule is how interest on personal accounts is computed on a day: the rate published for its year, by the month-product method.
func (a *area) interestRule(day calendar.Date) (personal.InterestRule, ledger.Source, error) {
	rate, err := a.law.Rate(scheme.ID("cn.pension.account.notional_rate"), day)
	hash := sha256.Sum256([]byte(rate.SHA256 + rate.Text))
	return personal.InterestRule{Method: personal.MonthProduct, Rate: rate.Number, RateSource: rate.Source, Months: 12, Rounding: money.Rounding{Scale: 2, Mode: money.HalfUp}},
		ledger.Source{Kind: "parameter", ID: string(rate.Parameter), Hash: hash[:]}, err
}

// creditInterest credits the year's interest on every personal account that was not settled.
func (a *area) creditInterest(ctx context.Context) (personal.InterestResult, error) {
	a.today = calendar.MustDate(a.Year, 12, 31)
	rule, source, err := a.interestRule(a.today)
	if err != nil {
		return personal.InterestResult{}, err
	}
	return a.rights.CreditInterest(ctx, personal.InterestRun{Year: a.Year, EnteredBy: clerk, Approved: chief, Rule: rule, Source: source})
}

// closeYear closes period 13, sends the year's statements out and makes the year final.
func (a *area) closeYear(ctx context.Context) error {
	december := calendar.MustMonth(a.Year, 12)
	a.today = december.Last()
	if err := a.db.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := a.fund.ClosePeriod(ctx, tx.Handle(), fund.CloseOrder{Period: december.Period().Next(), Closed: a.today, EnteredBy: accountant, Approved: head})
		return err
	}); err != nil {
		return err
	}
	if err := a.issue(ctx, december.Period().Next()); err != nil {
		return err
	}
	a.today = calendar.MustDate(a.Year+1, 3, 10)
	_, err := a.led.FinaliseYear(ctx, a.book(), ledger.Act{Key: fmt.Sprint("final ", a.Year), Effective: a.today, Description: "年度决算", EnteredBy: accountant, ApprovedBy: head}, a.Year)
	return err
}

// openItems are the items that the last reconciliation of each account left open, as the audit reads them.
type openItems []audit.OpenItem

// itemsOf turns the open items of a paper into those of the audit.
func (a *area) itemsOf(account int, paper *reconcile.Paper) openItems {
	var items openItems
	for _, open := range paper.Items(reconcile.English) {
		item := audit.OpenItem{Book: a.book(), BankAccount: moneyAccounts[account].name, Date: open.Date, Amount: open.Amount, Currency: cny, Side: audit.InBooksOnly,
			Explanation: a.mislaid[open.Reference]}
		if open.Class == bank.BankCreditNotInBooks || open.Class == bank.BankDebitNotInBooks {
			line := paper.Statement.Lines[open.Index]
			item.Side, item.Statement, item.Hash, item.Explanation = audit.AtBankOnly, line.BankReference, line.Hash[:], a.mislaid[line.BankReference]
		} else {
			line := paper.Journal[open.Index]
			item.Seq, item.Ordinal = line.Seq, line.Ordinal
		}
		items = append(items, item)
	}
	return items
}

// OpenItems implements audit.Reconciliation. The items are those of one day: the last of the month that is audited.
func (o openItems) OpenItems(context.Context, calendar.Date) iter.Seq2[audit.OpenItem, error] {
	return func(yield func(audit.OpenItem, error) bool) {
		for _, item := range o {
			if !yield(item, nil) {
				return
			}
		}
	}
}
