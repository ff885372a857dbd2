package ledger_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

var benchBook = ledger.BookID{Realm: 1, Number: 1}

// benchMembers is the number of member accounts in the benchmarks' book.
const benchMembers = 10_000

// openBenchBook opens a book with two accounts of the chart, a control, and members with or without a limit.
func openBenchBook(b *testing.B, db *store.DB, limited bool) *ledger.Ledger {
	b.Helper()
	check := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	l, err := ledger.New(db, ledger.Config{})
	check(err)
	opened := calendar.MustDate(2026, 1, 1)
	check(l.OpenRealm(b.Context(), ledger.RealmSpec{ID: 1, Code: "area", Name: "Area", Opened: opened, EnteredBy: "bench"}))
	check(l.OpenBook(b.Context(), ledger.BookSpec{ID: benchBook, Code: "EP", Name: "Pension", Currency: money.MustCurrency("CNY"), First: 202601, Opened: opened,
		EnteredBy: "bench"}))
	specs := []ledger.AccountSpec{
		{Code: "1002", Type: ledger.Asset}, {Code: "4001", Type: ledger.Income},
		{Code: "R0", Type: ledger.Asset, Section: ledger.Memorandum},
		{Code: "R", Type: ledger.Liability, Section: ledger.Memorandum, Class: ledger.Control},
	}
	for i := range benchMembers {
		specs = append(specs, ledger.AccountSpec{Code: fmt.Sprint("R/", i), Type: ledger.Liability, Section: ledger.Memorandum, Class: ledger.Member, Parent: "R",
			NeverBelowZero: limited})
	}
	_, err = l.OpenAccounts(b.Context(), benchBook, ledger.Act{Key: "chart", Effective: opened, EnteredBy: "bench"}, specs)
	check(err)
	return l
}

func eachEngine(b *testing.B, limited bool, fn func(b *testing.B, db *store.DB, l *ledger.Ledger)) {
	for _, kind := range storetest.Kinds(b) {
		b.Run(kind, func(b *testing.B) {
			db := storetest.Open(b, []store.Schema{ledger.Schema()}, kind, storetest.Durable())
			fn(b, db, openBenchBook(b, db, limited))
		})
	}
}

// compared times the ledger's way and the plain way in turn, so that a drift of the machine's speed meets both, and reports both and their ratio.
func compared(b *testing.B, unit string, units int, ours, plain func(i int) error) {
	b.Helper()
	var oursTime, plainTime time.Duration
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		if err := plain(i); err != nil {
			b.Fatal(err)
		}
		middle := time.Now()
		if err := ours(i); err != nil {
			b.Fatal(err)
		}
		plainTime += middle.Sub(start)
		oursTime += time.Since(middle)
	}
	n := float64(units) * float64(b.N)
	b.ReportMetric(n/oursTime.Seconds(), unit+"/s")
	b.ReportMetric(n/plainTime.Seconds(), "plain-"+unit+"/s")
	b.ReportMetric(plainTime.Seconds()/oursTime.Seconds(), "ratio")
}

// plainTables are the ledger's tables of entries and lines, empty and without what the ledger adds.
func plainTables(b *testing.B, db *store.DB) {
	b.Helper()
	err := db.Update(b.Context(), func(ctx context.Context, tx *store.Tx) error {
		for _, statement := range []string{
			"CREATE TABLE plain_line (realm_id int, book_no smallint, segment int, account_no int, ordinal bigint, seq bigint, side smallint, amount bigint, effective_day int, month int, tag text, PRIMARY KEY (realm_id, book_no, segment, account_no, ordinal))",
			"CREATE TABLE plain_entry (realm_id int, book_no smallint, seq bigint, key text, effective_day int, description text, PRIMARY KEY (realm_id, book_no, seq))",
		} {
			if db.Dialect().Name() == "sqlite" && statement[:23] == "CREATE TABLE plain_line" {
				statement += " WITHOUT ROWID"
			}
			if db.Dialect().Name() == "postgres" && statement[:23] == "CREATE TABLE plain_line" {
				statement = statement[:len(statement)-1] + " INCLUDE (seq, side, amount, effective_day, month, tag))"
			}
			if _, err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

func plainLines(b *testing.B, db *store.DB, accounts []int32, ordinal, seq int64) error {
	n := len(accounts)
	ordinals, amounts, sides, months, tags := make([]int64, n), make([]int64, n), make([]int16, n), make([]int32, n), make([]string, n)
	for i := range accounts {
		ordinals[i], amounts[i], sides[i], months[i] = ordinal+int64(i), 56000, -1, 202601
	}
	return db.Update(b.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.Insert(ctx, "plain_line", store.Fixed("realm_id", int32(1)), store.Fixed("book_no", int16(1)), store.Fixed("segment", int32(ordinal>>20)),
			store.Int32s("account_no", accounts), store.Int64s("ordinal", ordinals), store.Fixed("seq", seq), store.Int16s("side", sides),
			store.Int64s("amount", amounts), store.Fixed("effective_day", int32(20260115)), store.Int32s("month", months), store.Texts("tag", tags))
	})
}

func memberDraft(key string, side ledger.Side) ledger.Draft {
	lines := make([]ledger.Line, 0, benchMembers+1)
	for i := range benchMembers {
		lines = append(lines, ledger.Line{Account: ledger.AccountNo(5 + i), Side: side, Amount: 56000, Month: 202601})
	}
	lines = append(lines, ledger.Line{Account: 3, Side: -side, Amount: 56000 * benchMembers})
	return ledger.Draft{Key: key, Effective: 20260115, EnteredBy: "bench", Lines: lines}
}

// BenchmarkLargeEntry posts entries of 10,001 lines against plain bulk inserts of the same line rows. Bar: 0.75.
func BenchmarkLargeEntry(b *testing.B) {
	eachEngine(b, false, func(b *testing.B, db *store.DB, l *ledger.Ledger) {
		plainTables(b, db)
		accounts := make([]int32, benchMembers+1)
		for i := range accounts {
			accounts[i] = int32(3 + i)
		}
		compared(b, "lines", benchMembers+1,
			func(i int) error {
				_, err := l.Post(b.Context(), benchBook, memberDraft(fmt.Sprint("k", i), ledger.Credit))
				return err
			},
			func(i int) error { return plainLines(b, db, accounts, int64(i)*(benchMembers+1), int64(i)) })
	})
}

// BenchmarkLimitedEntry is the same with every line a debit of a limited member account. Bar: 0.3.
func BenchmarkLimitedEntry(b *testing.B) {
	eachEngine(b, true, func(b *testing.B, db *store.DB, l *ledger.Ledger) {
		plainTables(b, db)
		fill := memberDraft("fill", ledger.Credit)
		for i := range fill.Lines {
			fill.Lines[i].Amount *= 100_000
		}
		if _, err := l.Post(b.Context(), benchBook, fill); err != nil {
			b.Fatal(err)
		}
		accounts := make([]int32, benchMembers+1)
		for i := range accounts {
			accounts[i] = int32(3 + i)
		}
		compared(b, "lines", benchMembers+1,
			func(i int) error {
				_, err := l.Post(b.Context(), benchBook, memberDraft(fmt.Sprint("k", i), ledger.Debit))
				return err
			},
			func(i int) error { return plainLines(b, db, accounts, int64(i)*(benchMembers+1), int64(i)) })
	})
}

// BenchmarkManyEntries posts 10,000 entries of two lines in one batch against plain bulk inserts of the same entry and line rows. Bar: 0.6.
func BenchmarkManyEntries(b *testing.B) {
	const entries = 10_000
	eachEngine(b, false, func(b *testing.B, db *store.DB, l *ledger.Ledger) {
		plainTables(b, db)
		compared(b, "entries", entries,
			func(i int) error {
				drafts := make([]ledger.Draft, entries)
				for k := range drafts {
					drafts[k] = ledger.Draft{Key: fmt.Sprint("k", i, "/", k), Effective: 20260115, EnteredBy: "bench", Description: "contribution",
						Lines: []ledger.Line{{Account: 1, Side: ledger.Debit, Amount: 100}, {Account: 2, Side: ledger.Credit, Amount: 100}}}
				}
				_, err := l.PostAll(b.Context(), benchBook, drafts)
				return err
			},
			func(i int) error {
				seqs, texts, keys, accounts := make([]int64, entries), make([]string, entries), make([]string, entries), make([]int32, 2*entries)
				for k := range seqs {
					seqs[k], texts[k], keys[k] = int64(i*entries+k), "contribution", fmt.Sprint("k", i, "/", k)
					accounts[2*k], accounts[2*k+1] = 1, 2
				}
				if err := plainLines(b, db, accounts, int64(i)*2*entries, int64(i)); err != nil {
					return err
				}
				return db.Update(b.Context(), func(ctx context.Context, tx *store.Tx) error {
					return tx.Insert(ctx, "plain_entry", store.Fixed("realm_id", int32(1)), store.Fixed("book_no", int16(1)), store.Int64s("seq", seqs),
						store.Texts("key", keys), store.Fixed("effective_day", int32(20260115)), store.Texts("description", texts))
				})
			})
	})
}

// BenchmarkOneEntry posts entries of two lines one by one against a transaction with the same inserts. Bar: 1.0.
func BenchmarkOneEntry(b *testing.B) {
	eachEngine(b, false, func(b *testing.B, db *store.DB, l *ledger.Ledger) {
		plainTables(b, db)
		compared(b, "entries", 1,
			func(i int) error {
				_, err := l.Post(b.Context(), benchBook, ledger.Draft{Key: fmt.Sprint("k", i), Effective: 20260115, EnteredBy: "bench", Description: "contribution",
					Lines: []ledger.Line{{Account: 1, Side: ledger.Debit, Amount: 100}, {Account: 2, Side: ledger.Credit, Amount: 100}}})
				return err
			},
			func(i int) error {
				return db.Update(b.Context(), func(ctx context.Context, tx *store.Tx) error {
					if _, err := tx.Exec(ctx, "INSERT INTO plain_entry (realm_id, book_no, seq, key, effective_day, description) VALUES (1, 1, ?, ?, 20260115, 'contribution')",
						int64(i), fmt.Sprint("k", i)); err != nil {
						return err
					}
					for k := range 2 {
						if _, err := tx.Exec(ctx, "INSERT INTO plain_line (realm_id, book_no, segment, account_no, ordinal, seq, side, amount, effective_day, month, tag) VALUES (1, 1, ?, ?, ?, ?, 1, 100, 20260115, 0, '')",
							int32(i>>19), int32(k+1), int64(2*i+k), int64(i)); err != nil {
							return err
						}
					}
					return nil
				})
			})
	})
}

// BenchmarkVerify reads and checks a book of a million lines; lines a second with and without the trees of lines.
func BenchmarkVerify(b *testing.B) {
	eachEngine(b, false, func(b *testing.B, db *store.DB, l *ledger.Ledger) {
		for i := range 100 {
			if _, err := l.Post(b.Context(), benchBook, memberDraft(fmt.Sprint("k", i), ledger.Credit)); err != nil {
				b.Fatal(err)
			}
		}
		for _, deep := range []bool{false, true} {
			b.Run(fmt.Sprint("deep=", deep), func(b *testing.B) {
				lines := int64(0)
				for b.Loop() {
					report, err := l.Verify(b.Context(), benchBook, ledger.VerifyOptions{Deep: deep})
					if err != nil || !report.Sound() {
						b.Fatal(err, report)
					}
					lines += report.Lines
				}
				b.ReportMetric(float64(lines)/b.Elapsed().Seconds(), "lines/s")
			})
		}
	})
}
