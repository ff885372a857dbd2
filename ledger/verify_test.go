package ledger_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

var verifiedBook = ledger.BookID{Realm: 1, Number: 1}

// fillVerifiedBook makes a book that has something in every table: all classes of accounts, a closed account, red entries, closed and issued periods, and more
// than 256 entries, so that a Merkle subtree is complete.
func fillVerifiedBook(t *testing.T, db *store.DB) *ledger.Ledger {
	t.Helper()
	ctx := t.Context()
	l, err := ledger.New(db, ledger.Config{Seeds: ledger.DerivedSeeds([]byte("verify"))})
	must(t, err)
	day := calendar.MustDate(2026, 1, 1)
	must(t, l.OpenRealm(ctx, ledger.RealmSpec{ID: 1, Code: "area", Name: "Area", Opened: day, EnteredBy: "admin"}))
	for _, number := range []int16{1, 2} {
		must(t, l.OpenBook(ctx, ledger.BookSpec{ID: ledger.BookID{Realm: 1, Number: number}, Code: fmt.Sprint("EP", number), Name: "Pension",
			Currency: money.MustCurrency("CNY"), First: 202601, Opened: day, EnteredBy: "admin"}))
	}
	memorandum := ledger.AccountSpec{Type: ledger.Liability, Section: ledger.Memorandum}
	member := func(code string) ledger.AccountSpec {
		m := memorandum
		m.Code, m.Class, m.Parent, m.NeverBelowZero = code, ledger.Member, "R", true
		return m
	}
	_, err = l.OpenAccounts(ctx, verifiedBook, ledger.Act{Key: "chart", Effective: day, EnteredBy: "admin"}, []ledger.AccountSpec{
		{Code: "10", Name: "banks", Type: ledger.Asset, Class: ledger.Heading}, {Code: "1002", Name: "income account", Type: ledger.Asset, Parent: "10", NeverBelowZero: true},
		{Code: "4001", Name: "income", Type: ledger.Income}, {Code: "3001", Name: "balance", Type: ledger.NetAssets},
		{Code: "R0", Name: "contra", Type: ledger.Asset, Section: ledger.Memorandum},
		{Code: "R", Name: "rights", Type: ledger.Liability, Section: ledger.Memorandum, Class: ledger.Control}, member("R/1"), member("R/2"), member("R/3"),
	})
	must(t, err)
	must(t, l.NameAccount(ctx, verifiedBook, ledger.Act{Key: "name", Effective: day, EnteredBy: "admin"}, 3, "contribution income"))
	must(t, l.CloseAccount(ctx, verifiedBook, ledger.Act{Key: "close 9", Effective: day, EnteredBy: "admin"}, 9))
	drafts := make([]ledger.Draft, 300)
	for i := range drafts {
		amount := money.Amount(1000 + i)
		drafts[i] = ledger.Draft{
			Key: fmt.Sprint("c", i), Effective: day.AddDays(i % 28), EnteredBy: "clerk", ApprovedBy: "chief", Description: "contribution",
			Source: ledger.Source{Kind: "bank", ID: fmt.Sprint(i), Hash: make([]byte, 32)}, Attachments: []ledger.Attachment{{Name: "advice"}}, Transfer: fmt.Sprint("t", i),
			Metadata: map[string]string{"run": "1"}, Lines: []ledger.Line{
				ledger.DebitLine("1002", amount), ledger.CreditLine("4001", amount), ledger.DebitLine("R0", amount/2),
				{Code: "R/1", Side: ledger.Credit, Amount: amount / 2, Month: 202601, Tag: "person"},
			},
		}
	}
	receipts, err := l.PostAll(ctx, verifiedBook, drafts)
	must(t, err)
	_, err = l.Reverse(ctx, verifiedBook, receipts[0].Seq, ledger.Reversal{Key: "r", Effective: day, Reason: "twice", EnteredBy: "clerk"})
	must(t, err)
	_, err = l.Post(ctx, verifiedBook, ledger.Draft{Key: "closing", Kind: ledger.KindClosing, Effective: 20260131, EnteredBy: "clerk", Lines: []ledger.Line{
		ledger.DebitLine("4001", 5000), ledger.CreditLine("3001", 5000)}})
	must(t, err)
	_, err = l.ClosePeriod(ctx, verifiedBook, ledger.Act{Key: "p1", Effective: 20260131, EnteredBy: "clerk"}, 202601)
	must(t, err)
	_, err = l.IssuePeriod(ctx, verifiedBook, ledger.Act{Key: "i1", Effective: 20260131, EnteredBy: "clerk"}, 202601)
	must(t, err)
	return l
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestVerifyFindsNothingInABookThatOnlyTheLedgerWrote(t *testing.T) {
	storetest.Each(t, []store.Schema{ledger.Schema()}, func(t *testing.T, db *store.DB) {
		l := fillVerifiedBook(t, db)
		for _, book := range []ledger.BookID{verifiedBook, {Realm: 1, Number: 2}, {Realm: 1}} {
			report, err := l.Verify(t.Context(), book, ledger.VerifyOptions{Deep: true})
			must(t, err)
			if !report.Sound() {
				t.Errorf("book %v: %d discrepancies, first %v", book, report.Count, report.Discrepancies[0])
			}
			stands, err := l.Book(t.Context(), book)
			must(t, err)
			if report.Root != stands.Root || report.Entries != int64(stands.Seq) || report.Lines != stands.Lines || report.Accounts != stands.Accounts {
				t.Errorf("book %v: report %+v, book %+v", book, report, stands)
			}
		}
	})
}

// tampering is what somebody with all rights does to the database behind the ledger's back.
type tampering struct {
	name string
	sql  string
	want string // a table that must be named in the discrepancies
}

// columnChanges lists, for each table, a row and each of its columns with another value of its type.
func columnChanges() []tampering {
	type column struct{ name, value string }
	tables := []struct {
		table, where string
		columns      []column
	}{
		{"ledger_book", "book_no = 1", []column{{"code", "'x'"}, {"name", "'x'"}, {"currency", "'USD'"}, {"scale", "3"}, {"first_period", "202512"}, {"seq", "5"},
			{"lines", "lines + 1"}, {"accounts", "accounts + 1"}, {"gross", "gross + 1"}, {"accounts_state", "BLOB"}, {"accounts_state", "OTHER"}, {"recorded_us", "recorded_us + 1"}, {"closed_through", "202602"},
			{"issued_through", "0"}, {"frontier", "BLOB"}}},
		{"ledger_account", "book_no = 1 AND account_no = 2", []column{{"account_no", "77"}, {"code", "'x'"}, {"name", "'x'"}, {"type", "'expense'"},
			{"section", "'memorandum'"}, {"class", "'heading'"}, {"parent_no", "3"}, {"never_below_zero", "FALSE"}, {"opened_day", "20260102"}, {"closed_day", "20260131"}}},
		{"ledger_entry", "book_no = 1 AND seq = 20", []column{{"seq", "9999"}, {"kind", "'x'"}, {"key", "'x'"}, {"effective_day", "20260115"}, {"period", "202602"},
			{"voucher_type", "'x'"}, {"voucher_no", "9999"}, {"recorded_us", "1"}, {"description", "'x'"}, {"entered_by", "'x'"}, {"approved_by", "'x'"},
			{"source_kind", "'x'"}, {"source_id", "'x'"}, {"source_hash", "BLOB"}, {"attachments", "9"}, {"transfer_id", "'x'"}, {"reverses_seq", "7"},
			{"metadata", "'x'"}, {"first_ordinal", "1"}, {"line_count", "1"}, {"header", "BLOB"}, {"columns", "BLOB"}, {"lines_root", "BLOB"}, {"leaf", "BLOB"}}},
		{"ledger_line", "book_no = 1 AND ordinal = 43", []column{{"segment", "1"}, {"account_no", "8"}, {"ordinal", "99999"}, {"seq", "21"}, {"side", "1"},
			{"amount", "amount + 1"}, {"effective_day", "20260102"}, {"month", "202602"}, {"tag", "'x'"}}},
		{"ledger_account_day", "book_no = 1 AND account_no = 6 AND day = 20260105", []column{{"account_no", "8"}, {"day", "20270101"}, {"period", "202613"}, {"debit", "debit + 1"},
			{"credit", "credit + 1"}, {"closing_debit", "1"}, {"closing_credit", "1"}}},
		{"ledger_voucher", "book_no = 1", []column{{"period", "202607"}, {"voucher_type", "'x'"}, {"last", "last + 1"}}},
		{"ledger_period", "book_no = 1 AND act = 'ledger.period.close'", []column{{"seq", "3"}, {"act", "'x'"}, {"period", "202602"}}},
		{"ledger_tree", "book_no = 1", []column{{"level", "16"}, {"idx", "7"}, {"hash", "BLOB"}}},
	}
	var all []tampering
	for _, t := range tables {
		for _, c := range t.columns {
			all = append(all, tampering{name: "change " + t.table + "." + c.name, want: t.table,
				sql: fmt.Sprintf("UPDATE %s SET %s = %s WHERE realm_id = 1 AND %s", t.table, c.name, c.value, t.where)})
		}
		all = append(all, tampering{name: "delete from " + t.table, want: t.table, sql: fmt.Sprintf("DELETE FROM %s WHERE realm_id = 1 AND %s", t.table, t.where)})
		moved := fmt.Sprintf("UPDATE %s SET book_no = 7 WHERE realm_id = 1 AND %s", t.table, t.where)
		all = append(all, tampering{name: "move to another book: " + t.table, want: t.table, sql: moved})
	}
	return append(all,
		tampering{"add a line", "INSERT INTO ledger_line (realm_id, book_no, segment, account_no, ordinal, seq, side, amount, effective_day, month, tag) VALUES (1, 1, 0, 7, 999999, 20, -1, 5, 20260105, 0, '')", "ledger_line"},
		tampering{"an amount of the same sum in another order", "UPDATE ledger_line SET amount = amount + CASE ordinal % 8 WHEN 3 THEN 4 ELSE -4 END WHERE realm_id = 1 AND book_no = 1 AND account_no = 7", "ledger_line"},
		tampering{"add a day", "INSERT INTO ledger_account_day (realm_id, book_no, account_no, day, period, debit, credit, closing_debit, closing_credit) VALUES (1, 1, 3, 20260630, 202606, 1, 1, 0, 0)", "ledger_account_day"},
		tampering{"cut the tail", "DELETE FROM ledger_entry WHERE realm_id = 1 AND book_no = 1 AND seq > 300", "ledger_book"},
		tampering{"swap two amounts that keep every sum", "UPDATE ledger_line SET amount = CASE ordinal WHEN 43 THEN amount + 10 ELSE amount - 10 END WHERE realm_id = 1 AND book_no = 1 AND ordinal IN (43, 47)", "ledger_line"},
		tampering{"drop every line of an account", "DELETE FROM ledger_line WHERE realm_id = 1 AND book_no = 1 AND account_no = 7", "ledger_line"},
		tampering{"swap two records", "UPDATE ledger_entry SET seq = CASE seq WHEN 20 THEN -21 ELSE -20 END WHERE realm_id = 1 AND book_no = 1 AND seq IN (20, 21)", "ledger_entry"},
	)
}

func TestVerifyNamesEveryChangeBehindTheLedgersBack(t *testing.T) {
	storetest.Each(t, []store.Schema{ledger.Schema()}, func(t *testing.T, db *store.DB) {
		l := fillVerifiedBook(t, db)
		must(t, db.Update(t.Context(), dropTriggers)) // once: what follows is rolled back each time
		for _, change := range columnChanges() {
			t.Run(change.name, func(t *testing.T) { tamperAndVerify(t, l, db, change) })
		}
	})
}

// errUndo takes the tampering back when the report is read.
type errUndo struct{}

func (errUndo) Error() string { return "undo" }

func tamperAndVerify(t *testing.T, l *ledger.Ledger, db *store.DB, change tampering) {
	blob, other := "x'00'", "x'"+strings.Repeat("07", 32)+"'"
	if db.Dialect().Name() == "postgres" {
		blob, other = `'\x00'`, `'\x`+strings.Repeat("07", 32)+`'`
	}
	var report *ledger.VerifyReport
	err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		result, err := tx.Exec(ctx, strings.NewReplacer("BLOB", blob, "OTHER", other).Replace(change.sql))
		must(t, err)
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			t.Fatalf("the tampering changed %d rows: %v", n, err)
		}
		book := verifiedBook
		report, err = l.VerifyTx(ctx, tx.Handle(), book, ledger.VerifyOptions{Deep: true})
		if ledger.ErrBookUnknown == codeOf(err) {
			report, err = l.VerifyTx(ctx, tx.Handle(), book.Register(), ledger.VerifyOptions{Deep: true})
		}
		must(t, err)
		return errUndo{}
	})
	if _, ok := err.(errUndo); !ok && !strings.Contains(fmt.Sprint(err), "undo") {
		t.Fatal(err)
	}
	if report.Sound() {
		t.Fatal("found nothing")
	}
	for _, d := range report.Discrepancies {
		if d.Table == change.want {
			return
		}
	}
	t.Errorf("no discrepancy names %s; the first of %d: %v", change.want, report.Count, report.Discrepancies[0])
}

func codeOf(err error) ledger.Code {
	if e, ok := err.(*ledger.Error); ok {
		return e.Code
	}
	return ""
}

func dropTriggers(ctx context.Context, tx *store.Tx) error {
	tables := []string{"ledger_book", "ledger_account", "ledger_entry", "ledger_line", "ledger_account_day", "ledger_voucher", "ledger_period", "ledger_tree"}
	if tx.Dialect().Name() == "postgres" {
		for _, table := range tables {
			if _, err := tx.Exec(ctx, "ALTER TABLE "+table+" DISABLE TRIGGER USER"); err != nil {
				return err
			}
		}
		return nil
	}
	rows, err := tx.Query(ctx, "SELECT name FROM sqlite_master WHERE type = 'trigger'")
	if err != nil {
		return err
	}
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		names = append(names, name)
	}
	if err := rows.Close(); err != nil {
		return err
	}
	for _, name := range names {
		if _, err := tx.Exec(ctx, "DROP TRIGGER "+name); err != nil {
			return err
		}
	}
	return nil
}

func TestEntriesStopAtAGapInsteadOfReadingOverIt(t *testing.T) {
	storetest.Each(t, []store.Schema{ledger.Schema()}, func(t *testing.T, db *store.DB) {
		l := fillVerifiedBook(t, db)
		must(t, db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			must(t, dropTriggers(ctx, tx))
			_, err := tx.Exec(ctx, "DELETE FROM ledger_entry WHERE realm_id = 1 AND book_no = 1 AND seq = 20")
			return err
		}))
		last, failed := ledger.Seq(0), error(nil)
		for entry, err := range l.Entries(t.Context(), verifiedBook, 1, 0) {
			if failed = err; err == nil {
				last = entry.Seq
			}
		}
		if last != 19 || codeOf(failed) != ledger.ErrCorrupt {
			t.Errorf("read up to %d, then %v", last, failed)
		}
	})
}

// SQLite keeps 64 bits in every column; what was added beyond 32 must not be cut off in reading.
func TestVerifySeesNumbersThatAreTooWideForTheirColumn(t *testing.T) {
	db := storetest.Open(t, []store.Schema{ledger.Schema()}, storetest.SQLite)
	l := fillVerifiedBook(t, db)
	must(t, db.Update(t.Context(), dropTriggers))
	for _, column := range []string{"segment", "account_no", "effective_day", "month", "seq", "ordinal"} {
		t.Run(column, func(t *testing.T) {
			tamperAndVerify(t, l, db, tampering{want: "ledger_line",
				sql: "UPDATE ledger_line SET " + column + " = " + column + " + 4294967296 WHERE realm_id = 1 AND book_no = 1 AND ordinal = 43"})
		})
	}
}
