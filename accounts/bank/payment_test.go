package bank_test

import (
	"errors"
	"testing"
	"time"

	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/ledger/money"
)

func payments() *bank.PaymentFile {
	return &bank.PaymentFile{ID: "PAY-1", Created: time.Date(2026, 4, 9, 16, 30, 0, 0, time.UTC), Initiator: "示例中心", Batches: []bank.PaymentBatch{{
		ID: "B1", ExecutionDate: 20260410,
		Debit: bank.Account{ID: "zc", Kind: bank.ExpenditureAccount, Currency: cny, Holder: bank.Party{Name: "示例中心", AccountNumber: "110101040005678"}},
		Orders: []bank.PaymentOrder{
			{EndToEnd: "PEN-000001", Amount: 1200000, Creditor: bank.Party{Name: "领取人甲", AccountNumber: "622200000000101", BankCode: "999100000001"}, Remittance: "2026年4月养老金"},
			{EndToEnd: "PEN-000002", Amount: 1, Creditor: bank.Party{Name: "=1+1", AccountNumber: "622200000000102"}, Remittance: "@补发"},
		}}}}
}

func TestASoundPaymentFileHasNoFault(t *testing.T) {
	f := payments()
	if err := f.Check(); err != nil {
		t.Error(err)
	}
	if total, err := f.Batches[0].Total(); err != nil || total != 1200001 || f.Count() != 2 {
		t.Error(total, err, f.Count())
	}
}

func TestAnEmptyPaymentFileNamesAllThatIsMissing(t *testing.T) {
	var faults *bank.Faults
	if err := (&bank.PaymentFile{Batches: make([]bank.PaymentBatch, 1)}).Check(); !errors.As(err, &faults) {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, f := range faults.List {
		got[f.Path] = true
	}
	for _, path := range []string{"id", "created", "initiator", "batches[0].id", "batches[0].debit.kind", "batches[0].debit.currency", "batches[0].debit.holder.name",
		"batches[0].debit.holder.account_number", "batches[0].execution_date", "batches[0].orders"} {
		if !got[path] {
			t.Errorf("nothing about %s in %v", path, faults)
		}
	}
}

func TestTotalsThatOverflowAreRefused(t *testing.T) {
	f := payments()
	f.Batches[0].Orders[0].Amount = money.MaxAmount
	if _, err := f.Batches[0].Total(); !errors.Is(err, money.ErrOverflow) {
		t.Error(err)
	}
	if err := f.Check(); !errors.Is(err, money.ErrOverflow) || !errors.Is(err, bank.FaultAmount) {
		t.Error(err)
	}
}

func TestAccountKindsHaveTheirChineseNames(t *testing.T) {
	for kind, want := range map[bank.AccountKind]string{bank.IncomeAccount: "收入户", bank.ExpenditureAccount: "支出户", bank.FiscalAccount: "财政专户",
		bank.TreasuryAccount: "国库", bank.AnnuityAccount: "归集户", "savings": ""} {
		if kind.Chinese() != want || kind.Valid() != (want != "") {
			t.Errorf("%s: %s", kind, kind.Chinese())
		}
	}
}

func TestNumbersAreMaskedButForTheLastFour(t *testing.T) {
	for number, want := range map[string]string{"": "", "1234": "****", "12345": "*2345", "622200000000101": "***********0101", "DE89370400440532013000": "************3000"} {
		if got := bank.Mask(number); got != want {
			t.Errorf("%s: %s", number, got)
		}
	}
}
