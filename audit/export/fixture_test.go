package export_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/audit/export"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/ledgertest"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// hostile are texts that mean something to one format or another.
var hostile = []string{
	"plain", "", "社会保险费收入", "a;b", "a  b", "a:b", "a/b", "a-b", "a--b", "a\tb", "a\nb", "a\r\nb", `a"b\c`, "a%3Bb", "(a)", "[a]", "a = 1 CNY", "key: value, other: value",
	"* ! txn", "=SUM(A1)", "+1", "-1", "@x", "'x", "＝x", " a ", "\u3000a\u3000", "\u202eevil", "a|b", "#tag ^link", "1/2", "X1", "x1", "É", "\u00a0", "option \"x\"", "2025-01-01 open",
}

// busyBook is a book of many entries made at random from fixed seeds: both sections, members, red letters, odd texts, in one of several currencies.
func busyBook(t *testing.T, currency money.Currency) (*audit.LedgerBooks, ledger.BookID, *ledgertest.Fixture) {
	t.Helper()
	f := ledgertest.New(t, storetest.Open(t, []store.Schema{ledger.Schema()}, storetest.SQLite))
	id := ledger.BookID{Realm: 1, Number: 2}
	spec := ledgertest.BookSpec(id)
	spec.Currency, spec.Name = currency, `基金 "A"; no: 1`
	must(t, f.Ledger.OpenBook(t.Context(), spec))
	f.Book = id
	accounts := openBusyAccounts(t, f)
	frame := ledgertest.Frame{Accounts: accounts, From: 20260101, To: 20260430, Largest: 1 << 50}
	for i := range 120 {
		frame.Key = fmt.Sprintf("%s #%d", hostile[i%len(hostile)], i)
		draft := ledgertest.GoodDraft(frame).Example(i)
		draft.Key, draft.Voucher, draft.Description = frame.Key, "", hostile[(i*7)%len(hostile)]
		draft.Metadata = map[string]string{hostile[(i*3)%len(hostile)] + "k": hostile[(i*5)%len(hostile)]}
		for l := range draft.Lines {
			draft.Lines[l].Tag = hostile[(i+l)%len(hostile)]
		}
		if _, err := f.Ledger.Post(t.Context(), id, draft); err != nil && !errors.Is(err, ledger.ErrBelowZero) {
			t.Fatal(err)
		}
	}
	act := ledgertest.Act("close", 20260131)
	act.Description = "line one\nline two; (three)"
	_, err := f.Ledger.ClosePeriod(t.Context(), id, act, 202601)
	must(t, err)
	must(t, f.Ledger.NameAccount(t.Context(), id, ledgertest.Act("name", 20260131), accounts[1].No, "another name: now"))
	return audit.ReadLedger(f.Ledger, id), id, f
}

func openBusyAccounts(t *testing.T, f *ledgertest.Fixture) []ledger.Account {
	t.Helper()
	specs := ledgertest.Chart()
	types := []ledger.AccountType{ledger.Asset, ledger.Liability, ledger.NetAssets, ledger.Income, ledger.Expense}
	for i, text := range hostile {
		specs = append(specs, ledger.AccountSpec{Code: fmt.Sprintf("%s%d", text, i%3), Name: text, Type: types[i%5]})
	}
	_, err := f.Ledger.OpenAccounts(t.Context(), f.Book, ledgertest.Act("chart", ledgertest.Opened), specs)
	must(t, err)
	var accounts []ledger.Account
	for a, err := range f.Ledger.Accounts(t.Context(), f.Book) {
		must(t, err)
		accounts = append(accounts, a)
	}
	return accounts
}

// expected are the balances of all accounts with lines, members too, by code: what any reader of the export must come to.
func expected(t *testing.T, f *ledgertest.Fixture, book ledger.BookID) map[string]money.Amount {
	t.Helper()
	balances := map[string]money.Amount{}
	for a, err := range f.Ledger.Accounts(t.Context(), book) {
		must(t, err)
		balance, err := f.Ledger.Balance(t.Context(), book, a.No, ledger.At{})
		must(t, err)
		balances[a.Code] = balance.Net()
	}
	return balances
}

// oracle finds an independent program. Without it the test says so where nobody can miss it and checks nothing, or fails where FUNDLEDGER_REQUIRE_ORACLES is 1.
func oracle(t *testing.T, program string) (path string, found bool) {
	t.Helper()
	path, err := exec.LookPath(program)
	if err == nil {
		return path, true
	}
	if os.Getenv("FUNDLEDGER_REQUIRE_ORACLES") == "1" {
		t.Fatalf("FUNDLEDGER_REQUIRE_ORACLES is 1: %v", err)
	}
	fmt.Fprintf(os.Stderr, "NOT CHECKED: %s needs %s, which is not installed; set FUNDLEDGER_REQUIRE_ORACLES=1 to make this a failure\n", t.Name(), program)
	t.Logf("not checked: %v", err)
	return "", false
}

// ask runs an independent program and returns what it prints.
func ask(t *testing.T, path string, arguments ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), path, arguments...)
	command.Env = append(os.Environ(), "LANG=C.UTF-8", "LC_ALL=C.UTF-8")
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", path, arguments, err, output)
	}
	return string(output)
}

// currencies have two decimal places, none, three, and as many as there are.
func currencies(t *testing.T) []money.Currency {
	t.Helper()
	finest, err := money.NewCurrency("XXX", 18)
	must(t, err)
	return []money.Currency{money.MustCurrency("CNY"), money.MustCurrency("JPY"), money.MustCurrency("KWD"), finest}
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	must(t, err)
	return b
}

// refuses runs an independent program that should not be content.
func refuses(t *testing.T, path string, arguments ...string) (output string, failed bool) {
	t.Helper()
	command := exec.CommandContext(t.Context(), path, arguments...)
	command.Env = append(os.Environ(), "LANG=C.UTF-8", "LC_ALL=C.UTF-8")
	printed, err := command.CombinedOutput()
	return string(printed), err != nil
}

func behindTheBack(t *testing.T, f *ledgertest.Fixture, query string, args ...any) {
	t.Helper()
	must(t, f.DB.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		result, err := tx.Exec(ctx, query, args...)
		must(t, err)
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			t.Fatalf("%d rows changed: %v", n, err)
		}
		return nil
	}))
}

func dropTrigger(t *testing.T, f *ledgertest.Fixture, name string) {
	t.Helper()
	must(t, f.DB.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Exec(ctx, "DROP TRIGGER "+name)
		return err
	}))
}

// written writes what a format writes to a file of the test.
func written(t *testing.T, name string, write func(*bytes.Buffer) error) (file string) {
	t.Helper()
	var out bytes.Buffer
	must(t, write(&out))
	file = filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(file, out.Bytes(), 0o600))
	return file
}

// busy checks the totals of busyBook.
func busy(t *testing.T) func(export.Totals, error) error {
	return func(totals export.Totals, err error) error {
		t.Helper()
		if totals.Entries < 80 || totals.Acts < 3 || totals.Debit != totals.Credit {
			t.Errorf("totals %+v", totals)
		}
		return err
	}
}
