package export_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/audit/export/hledger"
	"github.com/fundledger/fundledger/ledger"
)

func TestHledgerComesToTheSameBalances(t *testing.T) {
	path, found := oracle(t, "hledger")
	for _, currency := range currencies(t) {
		t.Run(currency.Code(), func(t *testing.T) {
			books, id, f := busyBook(t, currency)
			file := written(t, "book.journal", func(out *bytes.Buffer) error {
				return busy(t)(hledger.Write(t.Context(), out, books, books, id))
			})
			if !found {
				return
			}
			ask(t, path, "-f", file, "check", "--strict")
			printed := ask(t, path, "-f", file, "balance", "--flat", "--empty", "--no-elide", "--layout=bare", "-O", "csv", "depth:99")
			records, err := csv.NewReader(strings.NewReader(printed)).ReadAll()
			must(t, err)
			want := expected(t, f, id)
			seen := map[string]bool{}
			for _, record := range records[1:] {
				if record[0] == "total" || !strings.Contains(record[0], ":") {
					continue
				}
				code := codeOf(t, record[0])
				got, err := currency.Parse(strings.TrimSuffix(record[2], "."))
				must(t, err)
				if isSum(t, f.Account(t, code)) {
					continue // hledger prints what was posted to the account itself
				}
				seen[code] = true
				if got != want[code] {
					t.Errorf("account %q: hledger says %s, the ledger %s", code, currency.Text(got), currency.Text(want[code]))
				}
			}
			for code := range want {
				if !seen[code] && want[code] != 0 && !isSum(t, f.Account(t, code)) {
					t.Errorf("account %q of %s is missing", code, currency.Text(want[code]))
				}
			}
		})
	}
}

func isSum(t *testing.T, a ledger.Account) bool {
	t.Helper()
	return a.Class == ledger.Heading || a.Class == ledger.Control
}

// codeOf reads the code out of the last part of an account's name.
func codeOf(t *testing.T, name string) string {
	t.Helper()
	parts := strings.Split(name, ":")
	escaped, _, _ := strings.Cut(parts[len(parts)-1], " ")
	var code []byte
	for i := 0; i < len(escaped); i++ {
		if escaped[i] != '%' {
			code = append(code, escaped[i])
			continue
		}
		code = append(code, unhex(t, escaped[i+1:i+3])...)
		i += 2
	}
	return string(code)
}

func TestHledgerNoticesABalanceThatTheEntriesDoNotReach(t *testing.T) {
	path, found := oracle(t, "hledger")
	books, id, f := busyBook(t, currencies(t)[0])
	account := f.Account(t, "1003")
	behindTheBack(t, f, `UPDATE ledger_account_day SET debit = debit + 1 WHERE realm_id = 1 AND book_no = 2 AND account_no = ?`, int32(account.No))
	file := written(t, "book.journal", func(out *bytes.Buffer) error {
		_, err := hledger.Write(t.Context(), out, books, books, id)
		return err
	})
	if found {
		if output, failed := refuses(t, path, "-f", file, "check"); !failed || !strings.Contains(output, "balance assertion") {
			t.Errorf("hledger accepts it: %s", output)
		}
	}
}

func TestHledgerGivesTurnoversBySide(t *testing.T) {
	path, found := oracle(t, "hledger")
	books, id, _ := busyBook(t, currencies(t)[0])
	var totals struct{ debit, credit string }
	file := written(t, "book.journal", func(out *bytes.Buffer) error {
		written, err := hledger.Write(t.Context(), out, books, nil, id)
		totals.debit, totals.credit = currencies(t)[0].Text(written.Debit), currencies(t)[0].Text(-written.Credit)
		return err
	})
	if !found {
		return
	}
	for query, want := range map[string]string{"tag:side=^debit$": totals.debit, "tag:side=^credit$": totals.credit} {
		printed := ask(t, path, "-f", file, "balance", "--depth=0", "--layout=bare", "-O", "csv", query)
		records, err := csv.NewReader(strings.NewReader(printed)).ReadAll()
		must(t, err)
		if got := records[len(records)-1][2]; got != want {
			t.Errorf("%s: hledger says %s, the export %s", query, got, want)
		}
	}
}
