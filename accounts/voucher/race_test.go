package voucher_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/voucher"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/google/go-cmp/cmp"
)

// together runs n functions at once and returns their errors.
func together(n int, run func(i int) error) []error {
	errs := make([]error, n)
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-start
			errs[i] = run(i)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	return errs
}

func TestTwoBookkeepersPostOneVoucherOnce(t *testing.T) {
	each(t, voucher.Config{}, func(t *testing.T, d *desk) {
		for round := range int64(8) {
			v := d.ready(d.premium(fmt.Sprint("k", round), 100))
			errs := together(2, func(i int) error {
				_, err := d.Post(t.Context(), hand(fmt.Sprint("ji", i), fmt.Sprint("p", i)), v.Seen())
				return err
			})
			slices.SortFunc(errs, func(a, b error) int { return strings.Compare(fmt.Sprint(a != nil), fmt.Sprint(b != nil)) })
			if errs[0] != nil || !errors.Is(errs[1], voucher.ErrChanged) {
				t.Fatalf("round %d: %v", round, errs)
			}
			if n := d.entries(); n != round+1 {
				t.Fatalf("%d entries after round %d", n, round)
			}
		}
		d.sound()
	})
}

func TestOneBookkeeperWhoAsksTwicePostsOnce(t *testing.T) {
	each(t, voucher.Config{}, func(t *testing.T, d *desk) {
		v := d.ready(d.premium("k", 100))
		var replayed atomic.Int32
		for _, err := range together(4, func(int) error {
			posted, err := d.Post(t.Context(), hand("ji", "p"), v.Seen())
			if posted.Replayed {
				replayed.Add(1)
			}
			return err
		}) {
			must(t, err)
		}
		if replayed.Load() != 3 || d.entries() != 1 {
			t.Errorf("%d replays, %d entries", replayed.Load(), d.entries())
		}
		d.sound()
	})
}

func TestAReviewNeverMeetsAContentThatWasNotSeen(t *testing.T) {
	each(t, voucher.Config{}, func(t *testing.T, d *desk) {
		for round := range 8 {
			v := d.prepare(d.premium(fmt.Sprint("k", round), 100))
			errs := together(2, func(i int) error {
				if i == 0 {
					_, err := d.Review(t.Context(), hand("he", "r"), v.Seen())
					return err
				}
				_, err := d.Revise(t.Context(), hand("lin", "x"), v.Seen(), d.premium(v.Key, 200))
				return err
			})
			now := d.now(v.No)
			switch {
			case errs[0] == nil && errors.Is(errs[1], voucher.ErrChanged) && now.State == voucher.Reviewed && now.Amount == 100:
			case errs[1] == nil && errors.Is(errs[0], voucher.ErrChanged) && now.State == voucher.Drafted && now.Amount == 200:
			default:
				t.Fatalf("%v, %+v", errs, now)
			}
		}
		d.sound()
	})
}

func TestBatchesThatOverlapNeverWaitForEachOther(t *testing.T) {
	each(t, voucher.Config{}, func(t *testing.T, d *desk) {
		var seen []voucher.Seen
		for i := range 30 {
			seen = append(seen, d.ready(d.premium(fmt.Sprint("k", i), 1)).Seen())
		}
		errs := together(4, func(i int) error {
			mine := slices.Clone(seen[i*2 : 24+i*2])
			if i%2 == 1 {
				slices.Reverse(mine)
			}
			_, err := d.PostMany(t.Context(), hand("ji", fmt.Sprint("p", i)), mine)
			return err
		})
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !errors.Is(err, voucher.ErrChanged) {
				t.Error(err)
			}
		}
		if won != 1 || d.entries() != 24 {
			t.Errorf("%d batches were posted, %d entries", won, d.entries())
		}
		d.sound()
	})
}

func TestTwoPreparersGetNumbersWithoutGaps(t *testing.T) {
	each(t, voucher.Config{}, func(t *testing.T, d *desk) {
		for _, err := range together(8, func(i int) error {
			_, err := d.Prepare(t.Context(), hand("lin", ""), d.premium(fmt.Sprint("k", i/2), 1)) // each of four drafts twice
			return err
		}) {
			must(t, err)
		}
		next := int64(1)
		for v, err := range d.Vouchers(t.Context(), book) {
			must(t, err)
			if v.No != next {
				t.Errorf("number %d, want %d", v.No, next)
			}
			next++
		}
		if next != 5 {
			t.Errorf("%d vouchers of four drafts", next-1)
		}
		d.sound()
	})
}

func TestWithTheHostsTransactionEverythingVanishesTogether(t *testing.T) {
	abandoned := errors.New("the host changed its mind")
	each(t, voucher.Config{}, func(t *testing.T, d *desk) {
		var no int64
		flow := func(end error) error {
			return d.db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				h := tx.Handle()
				v, err := d.PrepareTx(ctx, h, hand("lin", ""), d.premium("k", 100))
				must(t, err)
				back := hand("he", "b")
				back.Reason = "why"
				list, err := d.SendBackTx(ctx, h, back, v.Seen())
				must(t, err)
				v, err = d.ReviseTx(ctx, h, hand("lin", "x"), list[0].Seen(), d.premium("k", 200))
				must(t, err)
				v, err = d.ReviewTx(ctx, h, hand("he", "r"), v.Seen())
				must(t, err)
				list, err = d.SignTx(ctx, h, hand("chu", "c"), voucher.Cashier, v.Seen())
				must(t, err)
				list, err = d.SignTx(ctx, h, hand("zhu", "h"), voucher.Head, list[0].Seen())
				must(t, err)
				v, err = d.PostTx(ctx, h, hand("ji", "p"), list[0].Seen())
				must(t, err)
				document, err := d.DocumentTx(ctx, h, book, v.No)
				must(t, err)
				if document.Voucher != v || v.State != voucher.Posted {
					t.Errorf("inside: %+v, %+v", document.Voucher, v)
				}
				other, err := d.PrepareTx(ctx, h, hand("lin", ""), d.premium("other", 1))
				must(t, err)
				withdraw := hand("lin", "w")
				withdraw.Reason = "twice"
				_, err = d.WithdrawTx(ctx, h, withdraw, other.Seen())
				must(t, err)
				steps, err := d.HistoryTx(ctx, h, book, v.No)
				must(t, err)
				if len(steps) != 7 {
					t.Errorf("%d steps inside", len(steps))
				}
				no = v.No
				return end
			})
		}
		before := got(d.led.Book(t.Context(), book))(t)
		if err := flow(abandoned); !errors.Is(err, abandoned) {
			t.Fatal(err)
		}
		if _, err := d.Document(t.Context(), book, no); !errors.Is(err, voucher.ErrUnknown) || got(d.led.Book(t.Context(), book))(t) != before {
			t.Errorf("left behind: %v", err)
		}
		d.sound()
		must(t, flow(nil))
		if d.now(no).State != voucher.Posted || d.entries() != 1 {
			t.Errorf("%+v", d.now(no))
		}
		d.sound()
	})
}

var errCut = errors.New("cut")

// Every statement and every commit of the whole flow fails once, before and after it reached the database; asking again always ends with one entry.
func TestAFailureAtAnyPointLeavesNothingHalfDone(t *testing.T) {
	for _, kind := range storetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			var armed atomic.Bool
			var passed, target atomic.Int64
			fault := func(at storetest.Point) error {
				if armed.Load() && slices.Contains([]string{"begin", "exec", "query", "commit"}, at.Op) && passed.Add(1) == target.Load() {
					return errCut
				}
				return nil
			}
			db := storetest.Open(t, schemas, kind, storetest.WithFault(fault))
			d := open(t, db, voucher.Config{})
			for round := int64(1); ; round++ {
				draft := d.premium(fmt.Sprint("k", round), 1)
				target.Store(round)
				passed.Store(0)
				retries := 0
				again := func(run func() error) {
					for {
						armed.Store(true)
						err := run()
						armed.Store(false)
						if err == nil {
							return
						}
						if _, ours := errors.AsType[*voucher.Fault](err); ours || retries > 0 {
							t.Fatalf("round %d: %v", round, err)
						}
						retries++
					}
				}
				var v voucher.Voucher
				again(func() (err error) { v, err = d.Prepare(t.Context(), hand("lin", ""), draft); return err })
				seen := v.Seen()
				again(func() (err error) { v, err = d.Review(t.Context(), hand("he", "r"), seen); return err })
				v = d.sign(v)
				seen = v.Seen()
				again(func() (err error) { v, err = d.Post(t.Context(), hand("ji", "p"), seen); return err })
				if n := d.entries(); n != round {
					t.Fatalf("%d entries after round %d", n, round)
				}
				if passed.Load() < round {
					t.Logf("%d points were cut", round-1)
					break
				}
			}
			d.sound()
		})
	}
}

func TestTheSameHandsGiveTheSameRootAndRowsOnBothEngines(t *testing.T) {
	sqlite, postgres := storetest.Pair(t, schemas)
	databases := []*store.DB{sqlite}
	if postgres != nil {
		databases = append(databases, postgres)
	}
	var roots []any
	var rows [][]string
	for _, db := range databases {
		d := open(t, db, voucher.Config{})
		for _, draft := range d.january() {
			d.post(d.ready(draft))
		}
		v := d.prepare(d.premium("kept", 1))
		withdraw := hand("lin", "w")
		withdraw.Reason = "两次填制"
		got(d.Withdraw(t.Context(), withdraw, v.Seen()))(t)
		d.sound()
		roots = append(roots, got(d.led.Book(t.Context(), book))(t).Root)
		rows = append(rows, append(texts(t, db, "SELECT * FROM voucher_voucher ORDER BY voucher_no"),
			append(texts(t, db, "SELECT * FROM voucher_step ORDER BY voucher_no, step_no"), texts(t, db, "SELECT * FROM voucher_content ORDER BY voucher_no, step_no")...)...))
	}
	for i := range databases[1:] {
		if roots[i+1] != roots[0] {
			t.Errorf("roots %x and %x", roots[0], roots[i+1])
		}
		if diff := cmp.Diff(rows[0], rows[i+1]); diff != "" {
			t.Errorf("rows differ:\n%s", diff)
		}
	}
}

// texts reads the rows of a query as text, alike for both engines.
func texts(t *testing.T, db *store.DB, query string) []string {
	t.Helper()
	_, read := db.Pools()
	rows, err := read.QueryContext(t.Context(), query)
	must(t, err)
	defer rows.Close()
	names, err := rows.Columns()
	must(t, err)
	all := []string{strings.Join(names, " | ")}
	for rows.Next() {
		values, targets := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			targets[i] = &values[i]
		}
		must(t, rows.Scan(targets...))
		line := ""
		for _, value := range values {
			if b, ok := value.([]byte); ok {
				value = string(b)
			}
			line += fmt.Sprintf("%q | ", fmt.Sprint(value))
		}
		all = append(all, line)
	}
	must(t, rows.Err())
	return all
}

// The whole way of a thousand vouchers takes as many statements as that of ten; on SQLite, where bulk inserts repeat a prepared statement, as many queries.
func TestAThousandVouchersTakeNoQueryEach(t *testing.T) {
	for _, kind := range storetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			var statements atomic.Int64
			count := func(at storetest.Point) error {
				if !at.After && (at.Op == "query" || at.Op == "exec" && kind == storetest.Postgres) {
					statements.Add(1)
				}
				return nil
			}
			d := open(t, storetest.Open(t, schemas, kind, storetest.WithFault(count)), voucher.Config{})
			run := func(n int, name string) int64 {
				drafts := make([]ledger.Draft, n)
				for i := range drafts {
					drafts[i] = d.draft("E1", fmt.Sprint(name, i), 20260110, part(accounts.RoleIncomeAccount, money.Amount(i+1)), part(accounts.RoleContributions, money.Amount(i+1)))
				}
				statements.Store(0)
				list := got(d.PrepareMany(t.Context(), hand("lin", ""), drafts))(t)
				list = got(d.ReviewMany(t.Context(), hand("he", "r"), voucher.Saw(list)))(t)
				list = got(d.Sign(t.Context(), hand("chu", "c"), voucher.Cashier, voucher.Saw(list)...))(t)
				list = got(d.Sign(t.Context(), hand("zhu", "h"), voucher.Head, voucher.Saw(list)...))(t)
				list = got(d.PostMany(t.Context(), hand("ji", "p"), voucher.Saw(list)))(t)
				taken := statements.Load()
				for i, v := range list {
					if v.Key != drafts[i].Key || v.State != voucher.Posted || v.Number.Number != list[0].Number.Number+int64(i) {
						t.Fatalf("%+v", v)
					}
				}
				return taken
			}
			run(10, "warm")
			ten, thousand := run(10, "ten"), run(1000, "thousand")
			t.Logf("%d statements for ten vouchers, %d for a thousand", ten, thousand)
			if d.entries() != 1020 {
				t.Errorf("%d entries", d.entries())
			}
			if thousand > ten+12 { // a Merkle subtree here and there
				t.Errorf("%d statements for ten vouchers, %d for a thousand", ten, thousand)
			}
			d.sound()
		})
	}
}
