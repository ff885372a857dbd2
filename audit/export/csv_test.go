package export_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	stdcsv "encoding/csv"
	"encoding/hex"
	"errors"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/audit/export"
	"github.com/fundledger/fundledger/audit/export/beancount"
	"github.com/fundledger/fundledger/audit/export/csv"
	"github.com/fundledger/fundledger/audit/export/hledger"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// readTable takes a table apart as its receiver would, and agrees its header block.
func readTable(t *testing.T, table []byte) (head map[string]string, columns []string, records [][]string) {
	t.Helper()
	head = map[string]string{}
	rest := table
	for bytes.HasPrefix(rest, []byte("#,")) {
		line, after, _ := bytes.Cut(rest, []byte("\n"))
		record, err := stdcsv.NewReader(bytes.NewReader(line)).Read()
		must(t, err)
		head[record[1]], rest = record[2], after
	}
	sum := sha256.Sum256(rest)
	if head["sha256"] != hex.EncodeToString(sum[:]) || head["bytes"] != strconv.Itoa(len(rest)) {
		t.Errorf("header block says %s over %s bytes, the table has %x over %d", head["sha256"], head["bytes"], sum, len(rest))
	}
	all, err := stdcsv.NewReader(bytes.NewReader(rest)).ReadAll()
	must(t, err)
	if head["records"] != strconv.Itoa(len(all)-1) {
		t.Errorf("header block says %s records, there are %d", head["records"], len(all)-1)
	}
	return head, all[0], all[1:]
}

func cell(t *testing.T, columns, record []string, name string) string {
	t.Helper()
	for i, column := range columns {
		if column == name {
			return record[i]
		}
	}
	t.Fatalf("no column %q in %q", name, columns)
	return ""
}

func TestLinesAddUpToTheirControlTotalsAndToTheBalances(t *testing.T) {
	for _, currency := range currencies(t) {
		t.Run(currency.Code(), func(t *testing.T) {
			books, id, f := busyBook(t, currency)
			var out bytes.Buffer
			control, err := csv.WriteLines(t.Context(), &out, books, id)
			must(t, err)
			head, columns, records := readTable(t, out.Bytes())
			var debit, credit money.Amount
			got := map[string]money.Amount{}
			for _, record := range records {
				code := unguarded(cell(t, columns, record, "account"))
				if text := cell(t, columns, record, "debit"); text != "" {
					amount, err := currency.Parse(text)
					must(t, err)
					debit, got[code] = debit+amount, got[code]+amount
				}
				if text := cell(t, columns, record, "credit"); text != "" {
					amount, err := currency.Parse(text)
					must(t, err)
					credit, got[code] = credit+amount, got[code]-amount
				}
			}
			if head["debit_total"] != currency.Text(debit) || head["credit_total"] != currency.Text(credit) || control.Debit != debit || control.Records != int64(len(records)) {
				t.Errorf("control totals %v, the lines add up to %s and %s", head, currency.Text(debit), currency.Text(credit))
			}
			for code, amount := range expected(t, f, id) {
				if want := strings.ReplaceAll(code, "\r\n", "\n"); !isSum(t, f.Account(t, code)) && got[want] != amount { // a CSV reader takes \r\n for \n
					t.Errorf("account %q: lines add up to %s, the balance is %s", code, currency.Text(got[want]), currency.Text(amount))
				}
			}
		})
	}
}

func unguarded(text string) string { return strings.TrimPrefix(text, "'") }

func TestEntriesAreAllThereActsIncluded(t *testing.T) {
	books, id, f := busyBook(t, currencies(t)[0])
	var out bytes.Buffer
	_, err := csv.WriteEntries(t.Context(), &out, books, id)
	must(t, err)
	_, columns, records := readTable(t, out.Bytes())
	for i, record := range records {
		entry, err := f.Ledger.Entry(t.Context(), id, ledger.Seq(i+1))
		must(t, err)
		for column, want := range map[string]string{
			"seq": strconv.Itoa(i + 1), "key": entry.Key, "description": strings.ReplaceAll(entry.Description, "\r\n", "\n"), "effective": entry.Effective.String(), "lines": strconv.Itoa(len(entry.Lines)),
			"leaf": hex.EncodeToString(entry.Leaf[:]), "entered_by": entry.EnteredBy,
		} {
			if got := unguarded(cell(t, columns, record, column)); got != strings.ReplaceAll(want, "\r\n", "\n") && !strings.HasPrefix(want, "'") {
				t.Errorf("entry %d, %s: %q, want %q", i+1, column, got, want)
			}
		}
	}
	book, err := f.Ledger.Book(t.Context(), id)
	must(t, err)
	if len(records) != int(book.Seq) {
		t.Errorf("%d records, the book has %d entries", len(records), book.Seq)
	}
}

func TestTheSumOfATableCanBeAgreedWithStandardTools(t *testing.T) {
	books, id, _ := busyBook(t, currencies(t)[0])
	var out bytes.Buffer
	control, err := csv.WriteLines(t.Context(), &out, books, id)
	must(t, err)
	command := exec.CommandContext(t.Context(), "sh", "-c", "tail -n +13 | sha256sum")
	command.Stdin = &out
	printed, err := command.Output()
	must(t, err)
	if want := hex.EncodeToString(control.SHA256[:]); !strings.HasPrefix(string(printed), want) {
		t.Errorf("sha256sum says %s, the header block %s", printed, want)
	}
}

func TestNoCellOfTextIsAFormulaAndNumbersStayNumbers(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "plain": "plain", "=1": "'=1", "+1": "'+1", "-1": "'-1", "@a": "'@a", "\tx": "'\tx", "\rx": "'\rx", "\nx": "'\nx", "'x": "''x", "＝x": "'＝x", "＋x": "'＋x", "－x": "'－x", "＠x": "'＠x",
		"a=1": "a=1", "1-2": "1-2",
	} {
		if got := csv.Text(text); got != want {
			t.Errorf("Text(%q) = %q, want %q", text, got, want)
		}
	}
	books, id, _ := busyBook(t, currencies(t)[0])
	var out bytes.Buffer
	_, err := csv.WriteLines(t.Context(), &out, books, id)
	must(t, err)
	_, columns, records := readTable(t, out.Bytes())
	negative := 0
	for _, record := range records {
		for i, text := range record {
			switch columns[i] {
			case "debit", "credit", "seq", "ordinal":
				if strings.HasPrefix(text, "-") {
					negative++
				}
			default:
				if strings.ContainsAny(text[:min(1, len(text))], "=+-@\t\r\n") {
					t.Errorf("%s: %q", columns[i], text)
				}
			}
		}
	}
	if negative == 0 {
		t.Error("the book has red lines, and no amount is negative")
	}
}

// exports are the writers that must refuse what they cannot write whole.
var exports = map[string]func(context.Context, *bytes.Buffer, audit.Books, ledger.BookID) error{
	"hledger": func(ctx context.Context, w *bytes.Buffer, b audit.Books, id ledger.BookID) error {
		_, err := hledger.Write(ctx, w, b, nil, id)
		return err
	},
	"beancount": func(ctx context.Context, w *bytes.Buffer, b audit.Books, id ledger.BookID) error {
		_, err := beancount.Write(ctx, w, b, nil, id)
		return err
	},
	"entries": func(ctx context.Context, w *bytes.Buffer, b audit.Books, id ledger.BookID) error {
		_, err := csv.WriteEntries(ctx, w, b, id)
		return err
	},
	"lines": func(ctx context.Context, w *bytes.Buffer, b audit.Books, id ledger.BookID) error {
		_, err := csv.WriteLines(ctx, w, b, id)
		return err
	},
}

func TestAnExportIsWholeOrRefused(t *testing.T) {
	books, id, f := busyBook(t, currencies(t)[0])
	for name, write := range exports {
		if err := write(t.Context(), &bytes.Buffer{}, books, ledger.BookID{Realm: 9, Number: 9}); !strings.Contains(err.Error(), "not among the books given") {
			t.Errorf("%s of another book: %v", name, err)
		}
	}
	dropTrigger(t, f, "ledger_entry_no_update")
	behindTheBack(t, f, `UPDATE ledger_entry SET columns = x'00' WHERE realm_id = 1 AND book_no = 2 AND seq = 30`)
	for name, write := range exports {
		err := write(t.Context(), &bytes.Buffer{}, books, id)
		if e, ok := errors.AsType[*export.Error](err); !ok || e.Seq != 30 {
			t.Errorf("%s of a damaged book: %v", name, err)
		}
	}
}

func TestForeignBooksAreExportedAsTheyAre(t *testing.T) {
	book := audit.ForeignBook{
		Book:     ledger.Book{ID: ledger.BookID{Realm: 1, Number: 1}, Code: "K", Currency: money.MustCurrency("CNY"), First: 202601},
		Accounts: []ledger.Account{{Code: "1002", Type: ledger.Asset}},
		Entries: []audit.ForeignEntry{{Entry: ledger.Entry{Effective: 20260105, Period: 202601,
			Lines: []ledger.Line{ledger.DebitLine("1002", 100), ledger.CreditLine("7777", 99)}}}},
	}
	for name, want := range map[string]string{
		"hledger": "unknown:7777  -0.99 CNY", "beancount": "Equity:Unknown:7777  -0.99 CNY", "lines": "1,1,2026-01-05,2026-01,,,unknown,7777,,unknown,credit,,0.99,,,", "entries": ",2,1.00,",
	} {
		foreign, err := audit.NewForeign(book)
		must(t, err)
		var out bytes.Buffer
		must(t, exports[name](t.Context(), &out, foreign, book.Book.ID))
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s does not have %q:\n%s", name, want, &out)
		}
	}
	book.Entries[0].Effective = calendar.Date(20260230)
	foreign, err := audit.NewForeign(book)
	must(t, err)
	for name, write := range exports {
		if err := write(t.Context(), &bytes.Buffer{}, foreign, book.Book.ID); err == nil || !strings.Contains(err.Error(), "its date 20260230 does not exist") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
