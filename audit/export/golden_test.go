package export_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"iter"
	"os"
	"path/filepath"
	"testing"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/audit/export"
	"github.com/fundledger/fundledger/audit/export/beancount"
	"github.com/fundledger/fundledger/audit/export/csv"
	"github.com/fundledger/fundledger/audit/export/hledger"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/ledgertest"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// smallBook is a book that fits on a page: a premium with members' rights, a wrong entry and its reversal in red, a closing, a closed month.
func smallBook(t *testing.T) (*audit.LedgerBooks, ledger.BookID) {
	t.Helper()
	f := ledgertest.New(t, storetest.Open(t, []store.Schema{ledger.Schema()}, storetest.SQLite))
	f.Post(t, ledger.Draft{
		Key: "premium 1", Effective: 20260105, Description: "养老保险费；一月", EnteredBy: "clerk", ApprovedBy: "chief", Source: ledger.Source{Kind: "bank", ID: "line 17"},
		Metadata: map[string]string{"batch": "7"}, Transfer: "T1", Lines: []ledger.Line{
			ledger.DebitLine("1002", 123456), ledger.CreditLine("4001", 123456), ledger.DebitLine("R0", 50000),
			{Code: "R/1", Side: ledger.Credit, Amount: 50000, Month: 202512, Tag: "=own part"},
		},
	})
	wrong := f.Post(t, ledgertest.Transfer("wrong", 20260106, "1003", "4001", 777))
	_, err := f.Ledger.Reverse(t.Context(), f.Book, wrong.Seq, ledger.Reversal{Key: "right", Effective: 20260107, Reason: "注销", EnteredBy: "clerk", ApprovedBy: "chief"})
	must(t, err)
	f.Post(t, ledger.Draft{
		Key: "closing", Kind: ledger.KindClosing, Effective: 20260131, EnteredBy: "clerk", Lines: []ledger.Line{ledger.DebitLine("4001", 123456), ledger.CreditLine("3001", 123456)},
	})
	_, err = f.Ledger.ClosePeriod(t.Context(), f.Book, ledgertest.Act("january", 20260131), 202601)
	must(t, err)
	return audit.ReadLedger(f.Ledger, f.Book), f.Book
}

func TestExportsAreTheGoldenFiles(t *testing.T) {
	books, id := smallBook(t)
	for name, write := range map[string]func(context.Context, *bytes.Buffer) error{
		"small.journal": func(ctx context.Context, w *bytes.Buffer) error {
			_, err := hledger.Write(ctx, w, books, books, id)
			return err
		},
		"small.beancount": func(ctx context.Context, w *bytes.Buffer) error {
			_, err := beancount.Write(ctx, w, books, books, id)
			return err
		},
		"entries.csv": func(ctx context.Context, w *bytes.Buffer) error {
			_, err := csv.WriteEntries(ctx, w, books, id)
			return err
		},
		"lines.csv": func(ctx context.Context, w *bytes.Buffer) error {
			_, err := csv.WriteLines(ctx, w, books, id)
			return err
		},
	} {
		var out bytes.Buffer
		must(t, write(t.Context(), &out))
		golden := filepath.Join("testdata", name)
		if *update {
			must(t, os.WriteFile(golden, out.Bytes(), 0o600))
		}
		want, err := os.ReadFile(golden)
		must(t, err)
		if diff := cmp.Diff(string(want), out.String()); diff != "" {
			t.Errorf("%s (-golden +now); -update writes it anew:\n%s", name, diff)
		}
	}
	if path, found := oracle(t, "hledger"); found {
		ask(t, path, "-f", filepath.Join("testdata", "small.journal"), "check", "--strict", "ordereddates")
	}
	if path, found := oracle(t, "bean-check"); found {
		ask(t, path, "--no-cache", filepath.Join("testdata", "small.beancount"))
	}
}

// counted gives entries and counts them.
type counted struct {
	*audit.LedgerBooks
	read int
}

func (c *counted) Entries(ctx context.Context, book ledger.BookID, last ledger.Seq) iter.Seq2[*audit.Entry, error] {
	return func(yield func(*audit.Entry, error) bool) {
		for e, err := range c.LedgerBooks.Entries(ctx, book, last) {
			if c.read++; !yield(e, err) {
				return
			}
		}
	}
}

type fullDisk struct{ err error }

func (d fullDisk) Write([]byte) (int, error) { return 0, d.err }

// TestAJournalThatCannotBeWrittenEndsTheReading fills the disk at the first buffer.
func TestAJournalThatCannotBeWrittenEndsTheReading(t *testing.T) {
	books, id, _ := busyBook(t, currencies(t)[0])
	full := errors.New("no space left")
	for name, write := range map[string]func(context.Context, io.Writer, audit.Books, audit.Balances, ledger.BookID) (export.Totals, error){"hledger": hledger.Write, "beancount": beancount.Write} {
		all, some := &counted{LedgerBooks: books}, &counted{LedgerBooks: books}
		if _, err := write(t.Context(), io.Discard, all, nil, id); err != nil {
			t.Fatal(err)
		}
		if _, err := write(t.Context(), fullDisk{full}, some, nil, id); !errors.Is(err, full) || some.read*2 > all.read {
			t.Errorf("%s: %v after %d of %d records", name, err, some.read, all.read)
		}
	}
}
