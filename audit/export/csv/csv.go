// Package csv writes the entries and the lines of a book as two tables of comma-separated values (RFC 4180), UTF-8, with control totals in front.
//
// A table begins with its header block: records whose first cell is "#", then a name, then a value: format, book, currency, records, debit_total,
// credit_total, bytes and sha256. Then come one record of column names and the records of the table; bytes and sha256 are those of this part, from the column names to
// the end, so that "tail" and "sha256sum" can agree them. The receiver counts and adds up again before anything else.
//
// A cell of text that a spreadsheet could take for a formula, because it begins with = + - @, a tab or a line break, or with their full-width forms, gets an
// apostrophe in front, and so does one that begins with an apostrophe: taking one apostrophe away gives the text back. Numbers and dates stay as they are; amounts
// are decimals with a point and no thousands mark, in red with a minus sign.
package csv

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/audit/export"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
)

// Text returns a text as it stands in a cell, guarded against being taken for a formula.
func Text(text string) string {
	if text == "" {
		return ""
	}
	for _, first := range []string{"=", "+", "-", "@", "\t", "\r", "\n", "'", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(text, first) {
			return "'" + text
		}
	}
	return text
}

// Control are the totals in the header block of a table.
type Control struct {
	Records int64
	export.Totals
	Bytes  int64
	SHA256 [sha256.Size]byte
}

// WriteEntries writes one record for each entry of a book, acts among them, with its debit total. It reads the book twice: once for the totals. The error is
// that of reading, that of w, or an *export.Error.
func WriteEntries(ctx context.Context, w io.Writer, books audit.Books, book ledger.BookID) (Control, error) {
	return write(ctx, w, books, book, table{name: "entries", columns: entryColumns, records: entryRecords})
}

// WriteLines writes one record for each line of a book's entries. It reads the book twice, as WriteEntries does.
func WriteLines(ctx context.Context, w io.Writer, books audit.Books, book ledger.BookID) (Control, error) {
	return write(ctx, w, books, book, table{name: "lines", columns: lineColumns, records: lineRecords})
}

// table is a form of records.
type table struct {
	name    string
	columns []string
	records func(j *export.Journal, e *audit.Entry, record func([]string) error) error
}

func write(ctx context.Context, w io.Writer, books audit.Books, book ledger.BookID, t table) (Control, error) {
	journal, err := export.Open(ctx, books, nil, book)
	if err != nil {
		return Control{}, err
	}
	counted := &counter{hash: sha256.New(), under: io.Discard}
	control, err := t.body(ctx, journal, counted)
	if err != nil {
		return Control{}, err
	}
	buffered := bufio.NewWriter(w)
	if err := t.head(buffered, journal, &control); err != nil {
		return Control{}, err
	}
	journal.Totals = export.Totals{}
	again := &counter{hash: sha256.New(), under: buffered}
	second, err := t.body(ctx, journal, again)
	if err != nil {
		return Control{}, err
	}
	if second != control {
		return Control{}, &export.Error{Book: book, Detail: "the entries changed between the first and the second reading", Hint: "verify the book"}
	}
	return control, buffered.Flush()
}

// counter counts and hashes what passes through it.
type counter struct {
	hash  hash.Hash
	n     int64
	under io.Writer
}

func (c *counter) Write(p []byte) (int, error) {
	c.hash.Write(p)
	c.n += int64(len(p))
	return c.under.Write(p)
}

func (t table) body(ctx context.Context, journal *export.Journal, to *counter) (Control, error) {
	var control Control
	out := csv.NewWriter(to)
	if err := out.Write(t.columns); err != nil {
		return control, err
	}
	record := func(cells []string) error {
		control.Records++
		return out.Write(cells)
	}
	for e, err := range journal.Entries(ctx) {
		if err != nil {
			return control, err
		}
		if err := t.records(journal, e, record); err != nil {
			return control, err
		}
	}
	out.Flush()
	control.Totals, control.Bytes, control.SHA256 = journal.Totals, to.n, [sha256.Size]byte(to.hash.Sum(nil))
	return control, out.Error()
}

func (t table) head(w io.Writer, journal *export.Journal, control *Control) error {
	out := csv.NewWriter(w)
	b := &journal.Book
	for _, row := range [][2]string{
		{"format", "fundledger " + t.name + " 1"}, {"book", b.ID.String()}, {"book_code", Text(b.Code)}, {"book_name", Text(b.Name)}, {"currency", b.Currency.Code()},
		{"entries_through", strconv.FormatInt(int64(b.Seq), 10)}, {"merkle_root", hex.EncodeToString(b.Root[:])}, {"records", strconv.FormatInt(control.Records, 10)},
		{"debit_total", b.Currency.Text(control.Debit)}, {"credit_total", b.Currency.Text(control.Credit)}, {"bytes", strconv.FormatInt(control.Bytes, 10)},
		{"sha256", hex.EncodeToString(control.SHA256[:])},
	} {
		if err := out.Write([]string{"#", row[0], row[1]}); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

var entryColumns = []string{
	"seq", "recorded_utc", "kind", "key", "effective", "period", "voucher_type", "voucher_number", "description", "entered_by", "approved_by", "source_kind", "source_id",
	"source_sha256", "attachments", "transfer", "reverses", "metadata", "first_ordinal", "lines", "debit_total", "leaf",
}

func entryRecords(j *export.Journal, e *audit.Entry, record func([]string) error) error {
	var debit export.Totals
	for _, line := range e.Lines {
		if line.Side == ledger.Debit {
			debit.Debit += line.Amount // Journal.Entries has added up the same without an overflow
		}
	}
	var metadata []string
	for _, key := range slices.Sorted(maps.Keys(e.Metadata)) {
		metadata = append(metadata, key+"="+e.Metadata[key])
	}
	return record([]string{
		integer(e.Seq), e.Recorded.UTC().Format("2006-01-02T15:04:05.000000Z"), Text(e.Kind), Text(e.Key), e.Effective.String(), period(e.Period), Text(e.Voucher.Type),
		number(e.Voucher.Number), Text(e.Description), Text(e.EnteredBy), Text(e.ApprovedBy), Text(e.Source.Kind), Text(e.Source.ID), hex.EncodeToString(e.Source.Hash),
		integer(len(e.Attachments)), Text(e.Transfer), number(int64(e.Reverses)), Text(strings.Join(metadata, "; ")), integer(e.FirstOrdinal), integer(len(e.Lines)),
		j.Book.Currency.Text(debit.Debit), hex.EncodeToString(e.Leaf[:]),
	})
}

var lineColumns = []string{
	"seq", "ordinal", "effective", "period", "voucher_type", "voucher_number", "section", "account", "account_name", "account_type", "side", "debit", "credit", "month", "tag",
	"description",
}

func lineRecords(j *export.Journal, e *audit.Entry, record func([]string) error) error {
	for i, line := range e.Lines {
		account := e.Account(i)
		debit, credit := "", ""
		section, kind := account.Section.String(), account.Type.String()
		if !audit.Known(account) {
			section, kind = "unknown", "unknown"
		}
		if line.Side == ledger.Debit {
			debit = j.Book.Currency.Text(line.Amount)
		} else {
			credit = j.Book.Currency.Text(line.Amount)
		}
		err := record([]string{
			integer(e.Seq), integer(e.FirstOrdinal + int64(i)), e.Effective.String(), period(e.Period), Text(e.Voucher.Type), number(e.Voucher.Number), section,
			Text(account.Code), Text(j.Name(account)), kind, line.Side.String(), debit, credit, month(line.Month), Text(line.Tag), Text(e.Description),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func integer[N ~int | ~int64](n N) string { return strconv.FormatInt(int64(n), 10) }

// number is a number that may be absent.
func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func period(p calendar.Period) string {
	if p.IsZero() {
		return ""
	}
	return p.String()
}

func month(m calendar.Month) string {
	if m.IsZero() {
		return ""
	}
	return fmt.Sprint(m)
}
