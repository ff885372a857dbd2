package export_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/audit/export/beancount"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/shopspring/decimal"
)

func TestBeancountComesToTheSameBalances(t *testing.T) {
	check, found := oracle(t, "bean-check")
	query, both := oracle(t, "bean-query")
	for _, currency := range currencies(t) {
		t.Run(currency.Code(), func(t *testing.T) {
			books, id, f := busyBook(t, currency)
			file := written(t, "book.beancount", func(out *bytes.Buffer) error {
				return busy(t)(beancount.Write(t.Context(), out, books, books, id))
			})
			if !found || !both {
				return
			}
			ask(t, check, "--no-cache", file)
			printed := ask(t, query, "-f", "csv", file, "SELECT getitem(open_meta(account), 'code') AS code, sum(number) AS total GROUP BY code")
			records, err := csv.NewReader(strings.NewReader(printed)).ReadAll()
			must(t, err)
			got := map[string]money.Amount{}
			for _, record := range records[1:] {
				number, err := decimal.NewFromString(strings.TrimSpace(record[1])) // bean-query writes small numbers with an exponent
				must(t, err)
				amount, err := currency.FromDecimal(number)
				must(t, err)
				got[strings.TrimRight(record[0], " ")] = amount
			}
			for code, amount := range expected(t, f, id) {
				if isSum(t, f.Account(t, code)) || amount == 0 {
					continue
				}
				shown := strings.TrimRight(strings.Map(controlToBlank, code), " ")
				if got[shown] != amount {
					t.Errorf("account %q: bean-query says %s, the ledger %s", code, currency.Text(got[shown]), currency.Text(amount))
				}
			}
		})
	}
}

func controlToBlank(r rune) rune {
	switch r {
	case '\t', '\n', '\r', '\u3000', '\u00a0', '\u202e':
		return ' '
	}
	return r
}

func TestBeancountNoticesABalanceThatTheEntriesDoNotReach(t *testing.T) {
	check, found := oracle(t, "bean-check")
	books, id, f := busyBook(t, currencies(t)[0])
	account := f.Account(t, "1003")
	behindTheBack(t, f, `UPDATE ledger_account_day SET debit = debit + 1 WHERE realm_id = 1 AND book_no = 2 AND account_no = ?`, int32(account.No))
	file := written(t, "book.beancount", func(out *bytes.Buffer) error {
		_, err := beancount.Write(t.Context(), out, books, books, id)
		return err
	})
	if found {
		if output, failed := refuses(t, check, "--no-cache", file); !failed || !strings.Contains(output, "Balance failed for 'Assets:General:10--Deposits:1003--Expenditure-account'") {
			t.Errorf("bean-check accepts it: %s", output)
		}
	}
}
