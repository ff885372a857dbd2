package insurance_test

import (
	"strings"
	"testing"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/money"
)

func TestC10HitsADayOnWhichOneOfTheThreeDiffers(t *testing.T) {
	receipt := kept()
	receipt.Receipts[0].Amount += 100
	bank := kept()
	bank.BankCredits = bank.BankCredits[1:]
	for _, c := range []struct {
		name    string
		records *audit.Records
		change  func(*audit.ForeignBook)
		risk    money.Amount
		want    string
	}{
		{"receipt", receipt, nil, 100, "2025-01-31: receipts 3,361.00 CNY, bank 3,360.00 CNY, books 3,360.00 CNY, at most 1.00 CNY apart"},
		{"bank", bank, nil, 336_000, "receipts 3,360.00 CNY, bank 0.00 CNY, books 3,360.00 CNY"},
		{"books", kept(), func(b *audit.ForeignBook) { b.Entries = b.Entries[1:]; b.Entries[len(b.Entries)-2].Reverses-- }, 336_000, "bank 3,360.00 CNY, books 0.00 CNY"},
		{"other income", kept(), func(b *audit.ForeignBook) { b.Entries[0].Lines[1] = ledger.CreditLine("4201", 336_000) }, 336_000, "books 0.00 CNY"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := wantHit(t, runRule(t, "C10", append(c.records.Sources(), books(t, c.change)...)), c.risk, c.want)
			if c.name == "books" && len(f.Evidence) != 2 {
				t.Errorf("%+v", f.Evidence)
			}
		})
	}
}

func TestC10CountsUnidentifiedMoneyAsItCame(t *testing.T) {
	change := func(b *audit.ForeignBook) {
		b.Entries[0].Lines[1] = ledger.CreditLine("2001", 336_000)
		b.Entries = append(b.Entries, voucher(20250205, ledger.DebitLine("2001", 336_000), ledger.CreditLine("4001", 336_000)))
	}
	wantClean(t, runRule(t, "C10", append(kept().Sources(), books(t, change)...)))
}

func TestC10SaysWhichBooksItDidNotRead(t *testing.T) {
	r := kept()
	r.Receipts[0].Book.Number = 2
	r.BankCredits = r.BankCredits[1:]
	run := runRule(t, "C10", append(r.Sources(), books(t, func(b *audit.ForeignBook) { b.Entries = b.Entries[1:]; b.Entries[len(b.Entries)-2].Reverses-- })...))
	if notes := run.Outcomes[0].Notes; len(run.Findings) != 0 || len(notes) != 1 || !strings.Contains(notes[0].EN, "590000/2 is not among the books") {
		t.Errorf("%+v %+v", run.Findings, notes)
	}
}
