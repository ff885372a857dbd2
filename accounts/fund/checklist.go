package fund

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
)

// Item is one thing that must be done, and signed by two persons, before a month is closed (结账检查事项).
type Item string

// The items. Which of them a book has follows from its accounts of money and from whether it keeps personal accounts.
const (
	ItemAdvices              Item = "advices"               // 票据入账: every advice of the month is booked
	ItemReconcileIncome      Item = "reconcile_income"      // 银行收入户存款余额调节表
	ItemReconcileExpenditure Item = "reconcile_expenditure" // 银行支出户存款余额调节表
	ItemReconcileFiscal      Item = "reconcile_fiscal"      // 财政专户存款余额调节表
	ItemReconcileTreasury    Item = "reconcile_treasury"    // 国库存款核对
	ItemReconcileCollection  Item = "reconcile_collection"  // 银行归集户存款余额调节表
	ItemSuspense             Item = "suspense"              // 暂收款、暂付款清理: open items looked through by age
	ItemRights               Item = "rights"                // 个人账户权益核对: rights agree with what was allocated
	ItemTrialBalance         Item = "trial_balance"         // 试算平衡
	kindChecklist                 = "fund.checklist"
)

// Checklist returns the items of the book's checklist, in the order in which they are usually done.
func (f *Fund) Checklist() []Item {
	items := []Item{ItemAdvices}
	for _, bank := range []struct {
		role accounts.Role
		item Item
	}{
		{accounts.RoleIncomeAccount, ItemReconcileIncome}, {accounts.RoleExpenditureAccount, ItemReconcileExpenditure},
		{accounts.RoleFiscalAccount, ItemReconcileFiscal}, {accounts.RoleTreasury, ItemReconcileTreasury},
		{accounts.RoleCollectionAccount, ItemReconcileCollection},
	} {
		if _, err := f.chart.Role(bank.role); err == nil {
			items = append(items, bank.item)
		}
	}
	items = append(items, ItemSuspense)
	if _, err := f.chart.Role(accounts.RoleMembersRights); err == nil {
		items = append(items, ItemRights)
	}
	return append(items, ItemTrialBalance)
}

// Signature is the signing of one item for one period. It is sealed in the book as an act.
type Signature struct {
	Period   calendar.Period
	Item     Item
	Signed   calendar.Date
	Prepared string        // who did the work
	Reviewed string        // who looked it through: another person
	Document ledger.Source // the paper, such as the reconciliation statement, by kind, id and SHA-256; required for the items that have one
	Remark   string        // differences explained, open items left
}

// checklistAct is the sealed content of a signature.
type checklistAct struct {
	Period string `json:"period"`
	Item   Item   `json:"item"`
	Remark string `json:"remark"`
}

// Sign signs an item in a transaction of its own. Signing the same again changes nothing.
func (f *Fund) Sign(ctx context.Context, s Signature) (ledger.Receipt, error) {
	acts, err := f.ledger.PeriodActs(ctx, f.book)
	if err != nil {
		return ledger.Receipt{}, err
	}
	draft, err := f.signatureDraft(s, attempt(acts, s.Period))
	if err != nil {
		return ledger.Receipt{}, err
	}
	return f.ledger.Post(ctx, f.book, draft)
}

// SignTx is Sign in the host's transaction.
func (f *Fund) SignTx(ctx context.Context, tx store.Handle, s Signature) (ledger.Receipt, error) {
	acts, err := f.ledger.PeriodActsTx(ctx, tx, f.book)
	if err != nil {
		return ledger.Receipt{}, err
	}
	draft, err := f.signatureDraft(s, attempt(acts, s.Period))
	if err != nil {
		return ledger.Receipt{}, err
	}
	return f.ledger.PostTx(ctx, tx, f.book, draft)
}

func (f *Fund) signatureDraft(s Signature, attempt int) (ledger.Draft, error) {
	var faults []error
	key := checklistKey(s.Period, s.Item, attempt)
	if !slices.Contains(f.Checklist(), s.Item) {
		faults = append(faults, f.refuse(ErrUnknownItem, key, fmt.Sprintf("%q is not on the checklist", s.Item), "sign one of "+listed(f.Checklist()), nil))
	}
	if s.Prepared == "" || s.Reviewed == "" || s.Prepared == s.Reviewed {
		faults = append(faults, f.refuse(ErrOneHand, key, fmt.Sprintf("prepared by %q, reviewed by %q", s.Prepared, s.Reviewed), "have another person review it", nil))
	}
	if strings.HasPrefix(string(s.Item), "reconcile_") && len(s.Document.Hash) == 0 {
		faults = append(faults, f.refuse(ErrNoSource, key, "no reconciliation statement", "give its kind, id and SHA-256", nil))
	}
	content, err := json.Marshal(checklistAct{Period: s.Period.String(), Item: s.Item, Remark: s.Remark})
	if err != nil {
		faults = append(faults, err)
	}
	return ledger.Draft{
		Key: key, Kind: kindChecklist, Effective: s.Signed, Description: "结账检查 " + s.Period.String() + " " + string(s.Item), EnteredBy: s.Prepared,
		ApprovedBy: s.Reviewed, Source: s.Document, Act: content,
	}, errors.Join(faults...)
}

func listed(items []Item) string {
	names := make([]string, len(items))
	for i, item := range items {
		names[i] = string(item)
	}
	return strings.Join(names, ", ")
}

// checklistKey names a signature. A period that was reopened needs new ones, so that the number of its reopenings is part of the key.
func checklistKey(period calendar.Period, item Item, attempt int) string {
	return fmt.Sprintf("checklist/%s/%s/%d", period, item, attempt)
}

// attempt counts how often a period was reopened.
func attempt(acts []ledger.PeriodAct, period calendar.Period) int {
	n := 0
	for _, act := range acts {
		if act.Kind == ledger.PeriodReopened && act.Period == period {
			n++
		}
	}
	return n
}

// missing returns the items of a period that are not signed.
func (f *Fund) missing(ctx context.Context, tx store.Handle, period calendar.Period, attempt int) ([]Item, error) {
	var missing []Item
	for _, item := range f.Checklist() {
		_, err := f.ledger.EntryByKeyTx(ctx, tx, f.book, checklistKey(period, item, attempt))
		switch {
		case isUnknown(err):
			missing = append(missing, item)
		case err != nil:
			return nil, err
		}
	}
	return missing, nil
}
