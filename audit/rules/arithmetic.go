package rules

import (
	"fmt"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/money"
)

// total adds amounts. An overflow is kept until err is asked for, so that sums of nonsense end a rule as failed and never as clean.
type total struct {
	sum money.Amount
	err error
}

func (t *total) add(a money.Amount) {
	if t.err == nil {
		t.sum, t.err = t.sum.Add(a)
	}
}

func (t *total) subtract(a money.Amount) {
	if t.err == nil {
		t.sum, t.err = t.sum.Sub(a)
	}
}

// sumOf adds amounts with their signs as given.
func sumOf(amounts ...money.Amount) (money.Amount, error) { return money.Sum(amounts...) }

// errRange says that sums of a book leave the range of an amount.
func errRange(book *audit.Book, err error) error {
	return fmt.Errorf("rules: book %s: %w", book.Ref(), err)
}

// debits returns the sum of an entry's debit lines, as the size of the entry.
func debits(e *audit.Entry) (money.Amount, error) {
	var sum total
	for _, line := range e.Lines {
		if line.Side == ledger.Debit {
			sum.add(line.Amount)
		}
	}
	return sum.sum.Abs(), sum.err
}

// leaves returns the stated rows under which no other row is stated.
func leaves(rows []ledger.TrialRow) []*ledger.TrialRow {
	above := map[ledger.AccountNo]bool{}
	for i := range rows {
		above[rows[i].Account.Parent] = true
	}
	var found []*ledger.TrialRow
	for i := range rows {
		if !above[rows[i].Account.No] {
			found = append(found, &rows[i])
		}
	}
	return found
}

// tops returns the stated rows above which no other row is stated: they hold everything once.
func tops(rows []ledger.TrialRow) []*ledger.TrialRow {
	stated := map[ledger.AccountNo]bool{}
	for i := range rows {
		stated[rows[i].Account.No] = true
	}
	var found []*ledger.TrialRow
	for i := range rows {
		if !stated[rows[i].Account.Parent] {
			found = append(found, &rows[i])
		}
	}
	return found
}

// named writes code and name of an account: a voucher or book shows the name, or number and name, never the number alone (社会保险基金会计制度, part 1, 十).
func named(a *ledger.Account) string {
	if a.Name == "" {
		return a.Code
	}
	return a.Code + " " + a.Name
}

// voucherOf names an entry by its voucher, or by its number in the book.
func voucherOf(e *audit.Entry) string {
	if text := audit.VoucherText(&e.Entry); text != "" {
		return text
	}
	return fmt.Sprintf("#%d", e.Seq)
}

// about lists subjects by pairs of name and value.
func about(pairs ...string) []audit.Subject {
	subjects := make([]audit.Subject, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		subjects = append(subjects, audit.Subject{Name: pairs[i], Value: pairs[i+1]})
	}
	return subjects
}

// both formats one text in both languages with the same arguments.
func both(zh, en string, args ...any) audit.Text {
	return audit.Text{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}
}
