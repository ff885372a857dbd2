package ledger_test

import (
	"context"
	"errors"
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
			func(i int) error {
				return db.Update(b.Context(), func(ctx context.Context, tx *store.Tx) error {
					return plainLines(ctx, tx, accounts, int64(i)*(benchMembers+1), int64(i), 1)
				})
			})
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
			func(i int) error {
				return db.Update(b.Context(), func(ctx context.Context, tx *store.Tx) error {
					return plainLines(ctx, tx, accounts, int64(i)*(benchMembers+1), int64(i), 1)
				})
			})
	})
}

// benchDraft is an entry of two lines.
func benchDraft(key string, debit, credit ledger.AccountNo) ledger.Draft {
	return ledger.Draft{Key: key, Effective: 20260115, EnteredBy: "bench", Description: "contribution",
		Lines: []ledger.Line{{Account: debit, Side: ledger.Debit, Amount: 100}, {Account: credit, Side: ledger.Credit, Amount: 100}}}
}

// BenchmarkManyEntries posts 10,000 entries of two lines in one batch against plain bulk inserts of the same entry and line rows. Bar: 0.6.
func BenchmarkManyEntries(b *testing.B) {
	const entries = 10_000
	eachEngine(b, false, func(b *testing.B, db *store.DB, l *ledger.Ledger) {
		plainTables(b, db)
		accounts := make([]int32, 2*entries)
		for k := range accounts {
			accounts[k] = int32(k%2 + 1)
		}
		compared(b, "entries", entries,
			func(i int) error {
				drafts := make([]ledger.Draft, entries)
				for k := range drafts {
					drafts[k] = benchDraft(fmt.Sprint("k", i, "/", k), 1, 2)
				}
				_, err := l.PostAll(b.Context(), benchBook, drafts)
				return err
			},
			func(i int) error {
				return db.Update(b.Context(), func(ctx context.Context, tx *store.Tx) error {
					if err := plainEntries(ctx, tx, int64(i*entries), entries); err != nil {
						return err
					}
					return plainLines(ctx, tx, accounts, int64(i)*2*entries, int64(i*entries), 2)
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
				_, err := l.Post(b.Context(), benchBook, benchDraft(fmt.Sprint("k", i), 1, 2))
				return err
			},
			func(i int) error {
				return db.Update(b.Context(), func(ctx context.Context, tx *store.Tx) error { return plainEntry(ctx, tx, int64(i), 1, 2) })
			})
	})
}

// BenchmarkCallers has many callers post entries of two lines at once, into one book. Against it stand, on PostgreSQL, as many connections that commit the
// same rows, and add to the running rows of their accounts, one by one; on SQLite one connection, which is the best it does. Bars: 5 and 8 for 16 and 64
// callers with an account in every entry, 1.5 and 2 without one in common.
func BenchmarkCallers(b *testing.B) {
	const rounds = 20
	for _, callers := range []int{16, 64} {
		for _, common := range []bool{true, false} {
			b.Run(fmt.Sprintf("callers=%d/common=%v", callers, common), func(b *testing.B) {
				eachEngine(b, false, func(b *testing.B, db *store.DB, l *ledger.Ledger) {
					plainTables(b, db)
					write, _ := db.Pools()
					connections := 1
					if db.Dialect().Name() == "postgres" {
						connections = callers
					}
					write.SetMaxOpenConns(connections)
					write.SetMaxIdleConns(connections)
					accounts := func(caller int) (debit, credit ledger.AccountNo) {
						if common {
							return 1, 2
						}
						return ledger.AccountNo(5 + 2*caller), ledger.AccountNo(6 + 2*caller)
					}
					compared(b, "entries", callers*rounds,
						func(i int) error {
							return concurrently(callers, func(caller int) error {
								for k := range rounds {
									debit, credit := accounts(caller)
									if _, err := l.Post(b.Context(), benchBook, benchDraft(fmt.Sprint(i, "/", caller, "/", k), debit, credit)); err != nil {
										return err
									}
								}
								return nil
							})
						},
						func(i int) error {
							return concurrently(connections, func(connection int) error {
								share := callers * rounds / connections
								for k := range share {
									debit, credit := accounts(connection)
									err := db.Update(b.Context(), func(ctx context.Context, tx *store.Tx) error {
										if err := plainEntry(ctx, tx, int64((i*connections+connection)*share+k), debit, credit); err != nil {
											return err
										}
										return plainDays(ctx, tx, debit, credit)
									})
									if err != nil {
										return err
									}
								}
								return nil
							})
						})
				})
			})
		}
	}
}

func concurrently(n int, fn func(i int) error) error {
	faults := make([]error, n)
	together(n, func(i int) { faults[i] = fn(i) })
	return errors.Join(faults...)
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
