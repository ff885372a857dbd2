package rules_test

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/audit/rules"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

var (
	pension      = ledger.BookID{Realm: 330100, Number: 1}
	unemployment = ledger.BookID{Realm: 330100, Number: 2}
	cny          = money.MustCurrency("CNY")
)

const (
	firstMonth = calendar.Month(202501)
	lastMonth  = calendar.Month(202602)
	asOf       = calendar.Date(20260310)
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// chart is a part of the 2017 chart, with members' rights in the memorandum section.
var chart = []ledger.AccountSpec{
	{Code: "1002", Name: "收入户存款", Type: ledger.Asset}, {Code: "1003", Name: "财政专户存款", Type: ledger.Asset}, {Code: "1004", Name: "支出户存款", Type: ledger.Asset},
	{Code: "1101", Name: "暂付款", Type: ledger.Asset, Class: ledger.Heading}, {Code: "1101-01", Name: "其他暂付款", Type: ledger.Asset, Parent: "1101"},
	{Code: "2001", Name: "暂收款", Type: ledger.Liability, Class: ledger.Heading}, {Code: "2001-01", Name: "待核实款项", Type: ledger.Liability, Parent: "2001"},
	{Code: "3001", Name: "一般基金结余", Type: ledger.NetAssets}, {Code: "3201", Name: "储备金结余", Type: ledger.NetAssets},
	{Code: "4001", Name: "社会保险费收入", Type: ledger.Income}, {Code: "4201", Name: "利息收入", Type: ledger.Income}, {Code: "4501", Name: "其他收入", Type: ledger.Income},
	{Code: "5001", Name: "社会保险待遇支出", Type: ledger.Expense, Class: ledger.Heading}, {Code: "5001-01", Name: "基础养老金", Type: ledger.Expense, Parent: "5001"},
	{Code: "5401", Name: "其他支出", Type: ledger.Expense},
	{Code: "9001", Name: "个人账户权益对应", Type: ledger.Asset, Section: ledger.Memorandum},
	{Code: "9002", Name: "个人账户权益", Type: ledger.Liability, Section: ledger.Memorandum, Class: ledger.Control},
	{Code: "9002/1", Type: ledger.Liability, Section: ledger.Memorandum, Class: ledger.Member, Parent: "9002"},
	{Code: "9002/2", Type: ledger.Liability, Section: ledger.Memorandum, Class: ledger.Member, Parent: "9002"},
}

// fund is a ledger of two books that were kept as they should be, from January 2025 to February 2026, all months closed.
type fund struct {
	db     *store.DB
	ledger *ledger.Ledger
	books  *audit.LedgerBooks
}

func newFund(t *testing.T, kind string) *fund {
	t.Helper()
	if file := filledFile(t); kind == storetest.SQLite && file != nil {
		path := filepath.Join(t.TempDir(), "fund.sqlite")
		must(t, os.WriteFile(path, file, 0o600))
		return fundOver(t, storetest.OpenAt(t, kind, path))
	}
	f := fundOver(t, storetest.Open(t, []store.Schema{ledger.Schema()}, kind))
	f.fill(t)
	return f
}

// filled is the file of a filled fund, which one process fills once.
var filled []byte

func filledFile(t *testing.T) []byte {
	t.Helper()
	if filled != nil {
		return filled
	}
	path := storetest.Fresh(t, []store.Schema{ledger.Schema()}, storetest.SQLite)
	t.Run("fill", func(t *testing.T) { // its end closes the file
		fundOver(t, storetest.OpenAt(t, storetest.SQLite, path)).fill(t)
		filled = []byte{}
	})
	if filled != nil { // -run may have left the subtest out
		file, err := os.ReadFile(path)
		must(t, err)
		filled = file
	}
	return filled
}

func fundOver(t *testing.T, db *store.DB) *fund {
	t.Helper()
	clock := time.Date(2025, 1, 1, 9, 0, 0, 0, time.UTC)
	l, err := ledger.New(db, ledger.Config{Seeds: ledger.DerivedSeeds([]byte("rules")), Clock: func() time.Time { clock = clock.Add(time.Second); return clock }})
	must(t, err)
	return &fund{db: db, ledger: l, books: audit.ReadLedger(l, pension, unemployment)}
}

func (f *fund) fill(t *testing.T) {
	t.Helper()
	f.open(t)
	for month := firstMonth; month <= lastMonth; month = month.Add(1) {
		for _, book := range []ledger.BookID{pension, unemployment} {
			f.keepMonth(t, book, month)
		}
	}
}

func (f *fund) open(t *testing.T) {
	t.Helper()
	ctx, day := t.Context(), firstMonth.First()
	must(t, f.ledger.OpenRealm(ctx, ledger.RealmSpec{ID: pension.Realm, Code: "330100", Name: "某市", Opened: day, EnteredBy: "admin"}))
	for id, name := range map[ledger.BookID]string{pension: "企业职工基本养老保险基金", unemployment: "失业保险基金"} {
		must(t, f.ledger.OpenBook(ctx, ledger.BookSpec{
			ID: id, Code: fmt.Sprint("330100-", id.Number), Name: name, Currency: cny, First: firstMonth.Period(), Opened: day, EnteredBy: "admin",
		}))
		_, err := f.ledger.OpenAccounts(ctx, id, ledger.Act{Key: "chart", Effective: day, EnteredBy: "admin", ApprovedBy: "chief"}, chart)
		must(t, err)
	}
}

func dr(code string, amount money.Amount) ledger.Line { return ledger.DebitLine(code, amount) }
func cr(code string, amount money.Amount) ledger.Line { return ledger.CreditLine(code, amount) }

func (f *fund) post(t *testing.T, book ledger.BookID, key string, day calendar.Date, lines ...ledger.Line) ledger.Receipt {
	t.Helper()
	return f.postDraft(t, book, ledger.Draft{Key: key, Effective: day, Lines: lines})
}

func (f *fund) postDraft(t *testing.T, book ledger.BookID, d ledger.Draft) ledger.Receipt {
	t.Helper()
	if d.EnteredBy == "" {
		d.EnteredBy, d.ApprovedBy = "clerk", "chief"
	}
	d.Source = ledger.Source{Kind: "test", ID: d.Key}
	receipt, err := f.ledger.Post(t.Context(), book, d)
	must(t, err)
	return receipt
}

// keepMonth keeps one book for one month: premiums, interest, an unidentified receipt, sweep, funding, benefits, an error put right, closing.
func (f *fund) keepMonth(t *testing.T, book ledger.BookID, month calendar.Month) {
	t.Helper()
	key := func(what string) string { return fmt.Sprintf("%s %v", what, month) }
	premium := money.Amount(1_000_000 + 1000*int64(month.Index()%7))
	day := func(n int) calendar.Date { return month.First().AddDays(n - 1) }
	f.post(t, book, key("premium"), day(5), dr("1002", premium), cr("4001", premium), dr("9001", premium/4), cr("9002/1", premium/8), cr("9002/2", premium/4-premium/8))
	f.post(t, book, key("interest"), day(21), dr("1002", 1234), cr("4201", 1234))
	f.post(t, book, key("unidentified"), day(22), dr("1002", 5000), cr("2001-01", 5000))
	f.post(t, book, key("identified"), day(25), dr("2001-01", 5000), cr("4001", 5000))
	f.post(t, book, key("advance"), day(12), dr("1101-01", 3000), cr("1002", 3000))
	f.post(t, book, key("advance back"), day(20), dr("1002", 3000), cr("1101-01", 3000))
	wrong := f.post(t, book, key("wrong"), day(23), dr("1002", 777), cr("4501", 777))
	_, err := f.ledger.Reverse(t.Context(), book, wrong.Seq, ledger.Reversal{
		Key: key("right"), Effective: day(24), Reason: "注销错误凭证", EnteredBy: "clerk", ApprovedBy: "chief",
	})
	must(t, err)
	if month.OfYear() == 6 {
		f.transfer(t, book, key("transfer"), day(26))
	}
	swept := f.balance(t, book, "1002", month.Last())
	f.post(t, book, key("sweep"), month.Last(), dr("1003", swept), cr("1002", swept))
	f.post(t, book, key("funding"), day(10), dr("1004", 400_000), cr("1003", 400_000))
	f.post(t, book, key("benefits"), day(15), dr("5001-01", 400_000), cr("1004", 400_000))
	f.closeMonth(t, book, month)
}

// transfer books one half of a movement from the unemployment fund to the pension fund.
func (f *fund) transfer(t *testing.T, book ledger.BookID, key string, day calendar.Date) {
	t.Helper()
	lines := []ledger.Line{dr("1003", 9900), cr("4501", 9900)}
	if book == unemployment {
		lines = []ledger.Line{dr("5401", 9900), cr("1003", 9900)}
	}
	f.postDraft(t, book, ledger.Draft{Key: key, Effective: day, Transfer: "T-" + day.String(), Lines: lines})
}

func (f *fund) balance(t *testing.T, book ledger.BookID, code string, day calendar.Date) money.Amount {
	t.Helper()
	account, err := f.ledger.Account(t.Context(), book, code)
	must(t, err)
	balance, err := f.ledger.Balance(t.Context(), book, account.No, ledger.At{Date: day})
	must(t, err)
	return balance.Net()
}

func (f *fund) closeMonth(t *testing.T, book ledger.BookID, month calendar.Month) {
	t.Helper()
	day := month.Last()
	lines := []ledger.Line{}
	var result money.Amount
	for _, code := range []string{"4001", "4201", "4501", "5001-01", "5401"} {
		if net := f.balance(t, book, code, day); net > 0 {
			lines = append(lines, cr(code, net))
			result += net
		} else if net < 0 {
			lines = append(lines, dr(code, -net))
			result += net
		}
	}
	lines = append(lines, dr("3001", result))
	if result < 0 {
		lines[len(lines)-1] = cr("3001", -result)
	}
	f.postDraft(t, book, ledger.Draft{Key: fmt.Sprint("close ", month), Kind: ledger.KindClosing, Effective: day, Lines: lines})
	f.closePeriod(t, book, month.Period())
	if month.OfYear() == 12 {
		f.closePeriod(t, book, month.Period().Next())
	}
}

func (f *fund) closePeriod(t *testing.T, book ledger.BookID, period calendar.Period) {
	t.Helper()
	_, err := f.ledger.ClosePeriod(t.Context(), book, ledger.Act{
		Key: fmt.Sprint("period ", period), Effective: period.Month().Last(), EnteredBy: "clerk", ApprovedBy: "chief",
	}, period)
	must(t, err)
}

func roles() audit.RoleTable {
	table := audit.RoleTable{}
	for _, book := range []ledger.BookID{pension, unemployment} {
		table[book] = audit.BookRoles{Codes: map[audit.Role][]string{
			audit.RoleIncomeAccount: {"1002"}, audit.RoleTemporaryPayments: {"1101"}, audit.RoleTemporaryReceipts: {"2001"},
		}}
	}
	return table
}

// openItems is a Reconciliation of the items given.
type openItems []audit.OpenItem

func (items openItems) OpenItems(context.Context, calendar.Date) iter.Seq2[audit.OpenItem, error] {
	return func(yield func(audit.OpenItem, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}
}

// issued is a Statements of the cells given.
type issued []audit.Cell

func (cells issued) Cells(_ context.Context, book ledger.BookID) iter.Seq2[audit.Cell, error] {
	return func(yield func(audit.Cell, error) bool) {
		for _, cell := range cells {
			if cell.Book == book && !yield(cell, nil) {
				return
			}
		}
	}
}

// supplied are the sources beside the books, none of which shows a fault.
func supplied() []audit.Source {
	return []audit.Source{
		audit.RolesSource.Given(roles()),
		audit.ReconciliationSource.Given(openItems{{Book: pension, BankAccount: "B1", Side: audit.InBooksOnly, Date: 20260301, Amount: 100, Currency: cny, Seq: 5, Ordinal: 7}}),
		audit.StatementsSource.Given(issued{rightCell()}),
	}
}

// rightCell is the year's contributions up to February 2026: 12 months make 7 different premiums.
func rightCell() audit.Cell {
	var sum money.Amount
	for month := calendar.Month(202601); month <= lastMonth; month = month.Add(1) {
		sum += money.Amount(1_000_000+1000*int64(month.Index()%7)) + 5000
	}
	return audit.Cell{Book: pension, Month: lastMonth, Statement: "会社保02表", Row: "社会保险费收入", Column: "本年累计数", Amount: sum,
		Terms: []audit.Term{{Account: "4001", Measure: audit.YearNet}}}
}

func engagement() audit.Engagement {
	return audit.Engagement{By: "auditor", Clock: func() time.Time { return time.Date(2026, 3, 10, 8, 30, 0, 0, time.UTC) }}
}

func runRules(t *testing.T, sources []audit.Source, ids ...string) *audit.Run {
	t.Helper()
	a, err := audit.New(sources, rules.Default()...)
	must(t, err)
	if len(ids) > 0 {
		a, err = a.Only(ids...)
		must(t, err)
	}
	run, err := a.Run(t.Context(), engagement())
	must(t, err)
	return run
}

// foreignCopy takes the books of a fund in as those of another system.
func (f *fund) foreignCopy(t *testing.T) []audit.ForeignBook {
	t.Helper()
	ctx := t.Context()
	list, err := f.books.Books(ctx)
	must(t, err)
	var copies []audit.ForeignBook
	for _, book := range list {
		foreign := audit.ForeignBook{Book: ledger.Book{ID: book.ID, Code: book.Code, Name: book.Name, Currency: book.Currency, First: book.First}}
		for no := ledger.AccountNo(1); int(no) <= len(chart); no++ {
			account, err := f.ledger.Account(ctx, book.ID, chart[no-1].Code)
			must(t, err)
			foreign.Accounts = append(foreign.Accounts, account)
		}
		for e, err := range f.books.Entries(ctx, book.ID, book.Seq) {
			must(t, err)
			foreign.Entries = append(foreign.Entries, audit.ForeignEntry{Entry: e.Entry, PeriodAct: e.PeriodAct})
		}
		for month := firstMonth; month <= lastMonth; month = month.Add(1) {
			trial, err := f.books.Month(ctx, book.ID, month, book.Seq)
			must(t, err)
			foreign.Stated = append(foreign.Stated, audit.StatedMonth{Month: month, Rows: trial.Rows})
		}
		copies = append(copies, foreign)
	}
	return copies
}

// tamper rewrites the record of one entry as somebody with all rights could, and leaves every other row as it is.
func (f *fund) tamper(t *testing.T, book ledger.BookID, seq ledger.Seq, change func(*seal.Assigned, *seal.Draft, *seal.Lines)) {
	t.Helper()
	must(t, f.db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		must(t, dropTriggers(ctx, tx))
		var header, columns []byte
		must(t, tx.QueryRow(ctx, `SELECT header, columns FROM ledger_entry WHERE realm_id = ? AND book_no = ? AND seq = ?`, book.Realm, book.Number, int64(seq)).Scan(&header, &columns))
		assigned, draft, _, err := seal.DecodeHeader(header)
		must(t, err)
		seed, lines, err := seal.DecodeColumns(columns, assigned.LineCount)
		must(t, err)
		change(&assigned, &draft, lines)
		encoded, err := seal.EncodeDraft(&draft)
		must(t, err)
		header, err = seal.EncodeHeader(&assigned, encoded)
		must(t, err)
		columns, err = seal.EncodeColumns(seed, lines)
		must(t, err)
		_, err = tx.Exec(ctx, `UPDATE ledger_entry SET header = ?, columns = ? WHERE realm_id = ? AND book_no = ? AND seq = ?`, header, columns, book.Realm, book.Number, int64(seq))
		return err
	}))
}

// execute runs a statement behind the ledger's back.
func (f *fund) execute(t *testing.T, query string, args ...any) {
	t.Helper()
	must(t, f.db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		must(t, dropTriggers(ctx, tx))
		result, err := tx.Exec(ctx, query, args...)
		must(t, err)
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			t.Fatalf("the tampering changed %d rows: %v", n, err)
		}
		return nil
	}))
}

func dropTriggers(ctx context.Context, tx *store.Tx) error {
	if tx.Dialect().Name() == storetest.Postgres {
		for _, table := range []string{"ledger_book", "ledger_account", "ledger_entry", "ledger_line", "ledger_account_day", "ledger_voucher", "ledger_period", "ledger_tree"} {
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

// seqOf returns the number of the entry with a key.
func (f *fund) seqOf(t *testing.T, book ledger.BookID, key string) ledger.Seq {
	t.Helper()
	entry, err := f.ledger.EntryByKey(t.Context(), book, key)
	must(t, err)
	return entry.Seq
}

// allRules returns the named rules of the catalogue.
func allRules(t *testing.T, ids ...string) []audit.Rule {
	t.Helper()
	var found []audit.Rule
	for _, r := range rules.Default() {
		for _, id := range ids {
			if r.ID == id {
				found = append(found, r)
			}
		}
	}
	if len(found) != len(ids) {
		t.Fatalf("rules %v are not all there", ids)
	}
	return found
}
