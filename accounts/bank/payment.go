package bank

import (
	"fmt"
	"strings"
	"time"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// PaymentFile is what is sent to a bank at once: the payments of one or more debit accounts (付款文件).
type PaymentFile struct {
	ID        string    // unique over all files ever sent to the bank; 1 to 35 characters
	Created   time.Time // when the file was made, from the host's clock
	Initiator string    // the agency that sends it
	Batches   []PaymentBatch
}

// PaymentBatch is the payments from one debit account on one day (付款批次).
type PaymentBatch struct {
	ID            string        // unique in the file; 1 to 35 characters
	Debit         Account       // the account that pays
	ExecutionDate calendar.Date // the day the bank shall debit it
	Purpose       string        // ISO 20022 category purpose such as SSBE (social security benefit), GOVT, TREA; may be empty
	Orders        []PaymentOrder
}

// PaymentOrder is one payment to one payee (付款指令).
type PaymentOrder struct {
	EndToEnd    string       // unique in the file, comes back in the bank's answer and on the statement; 1 to 35 characters
	Instruction string       // reference for the bank alone; may be empty
	Amount      money.Amount // above zero, in the currency of the debit account
	Creditor    Party        // the payee (收款人)
	Remittance  string       // free text for the payee (附言); may be empty
}

// Total adds the orders of the batch, or returns an *money.OverflowError.
func (b PaymentBatch) Total() (money.Amount, error) {
	var total money.Amount
	var err error
	for _, o := range b.Orders {
		if total, err = total.Add(o.Amount); err != nil {
			return 0, err
		}
	}
	return total, nil
}

// Count returns the number of orders in all batches.
func (f *PaymentFile) Count() int {
	count := 0
	for _, b := range f.Batches {
		count += len(b.Orders)
	}
	return count
}

// Check returns every fault of the file as *Faults, or nil: missing or repeated identifications, a debit account used by two batches, an amount that is
// not above zero, a payee without name or number, a payment from an account to itself. The Path of a fault is batches[i].orders[j].field, counted from 0.
// What a single format or bank cannot carry is checked again by its writer.
func (f *PaymentFile) Check() error {
	var faults Faults
	if f.ID == "" {
		faults.Add(&Fault{Code: FaultMissing, Path: "id", Reason: "is missing", Hint: "give each file an identification that is never used again"})
	}
	if f.Created.IsZero() {
		faults.Add(&Fault{Code: FaultMissing, Path: "created", Reason: "is missing", Hint: "give the time from the host's clock"})
	}
	if strings.TrimSpace(f.Initiator) == "" {
		faults.Add(&Fault{Code: FaultMissing, Path: "initiator", Reason: "is missing", Hint: "give the agency's name"})
	}
	if len(f.Batches) == 0 {
		faults.Add(&Fault{Code: FaultMissing, Path: "batches", Reason: "are missing", Hint: "give at least one batch"})
	}
	batches, debits, ends := map[string]string{}, map[string]string{}, map[string]string{}
	for i := range f.Batches {
		b, path := &f.Batches[i], fmt.Sprintf("batches[%d]", i)
		once(batches, b.ID, path+".id", &faults)
		once(debits, b.Debit.Currency.Code()+" "+b.Debit.Holder.AccountNumber, path+".debit", &faults)
		b.check(path, ends, &faults)
	}
	return faults.Err()
}

func (b *PaymentBatch) check(path string, ends map[string]string, faults *Faults) {
	b.Debit.check(path+".debit", faults)
	if !b.ExecutionDate.Valid() {
		faults.Add(&Fault{Code: FaultDate, Path: path + ".execution_date", Text: b.ExecutionDate.String(), Reason: "is no date",
			Hint: "give the day of payment"})
	}
	if len(b.Orders) == 0 {
		faults.Add(&Fault{Code: FaultMissing, Path: path + ".orders", Reason: "are missing", Hint: "leave an empty batch out"})
	}
	for j := range b.Orders {
		o, at := &b.Orders[j], fmt.Sprintf("%s.orders[%d]", path, j)
		once(ends, o.EndToEnd, at+".end_to_end", faults)
		if o.Amount <= 0 {
			faults.Add(&Fault{Code: FaultAmount, Path: at + ".amount", Text: b.Debit.Currency.Text(o.Amount), Reason: "is not above zero",
				Hint: "leave the order out"})
		}
		o.Creditor.check(at+".creditor", faults)
		if o.Creditor.AccountNumber != "" && o.Creditor.AccountNumber == b.Debit.Holder.AccountNumber {
			faults.Add(&Fault{Code: FaultValue, Path: at + ".creditor.account_number", Text: Mask(o.Creditor.AccountNumber),
				Reason: "is the debit account itself", Hint: "give the payee's account"})
		}
	}
	if _, err := b.Total(); err != nil {
		faults.Add(&Fault{Code: FaultAmount, Path: path + ".orders", Reason: "add up to more than an amount can hold", Hint: "split the batch", Err: err})
	}
}

func once(seen map[string]string, id, path string, faults *Faults) {
	if strings.TrimSpace(id) == "" {
		faults.Add(&Fault{Code: FaultMissing, Path: path, Reason: "is missing", Hint: "give it a value of its own"})
		return
	}
	if first, ok := seen[id]; ok {
		faults.Add(&Fault{Code: FaultRepeated, Path: path, Reason: "has the value of " + first, Hint: "give it a value of its own"})
		return
	}
	seen[id] = path
}
