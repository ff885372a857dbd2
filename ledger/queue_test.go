package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/ledgertest"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/google/go-cmp/cmp"
)

// counted runs fn on both engines with a count of the commits.
func counted(t *testing.T, fn func(t *testing.T, f *ledgertest.Fixture, commits *atomic.Int64)) {
	t.Helper()
	for _, kind := range storetest.Kinds(t) {
		t.Run(kind, func(t *testing.T) {
			var commits atomic.Int64
			db := storetest.Open(t, []store.Schema{ledger.Schema()}, kind, storetest.WithFault(func(at storetest.Point) error {
				if at.Op == "commit" && at.After {
					commits.Add(1)
				}
				return nil
			}))
			fn(t, ledgertest.New(t, db), &commits)
		})
	}
}

// outcome is what became of one call of Post.
type outcome struct {
	receipt ledger.Receipt
	err     error
}

// blocked holds the book in a transaction of the host until release is called.
func blocked(t *testing.T, f *ledgertest.Fixture) (release func()) {
	t.Helper()
	tx := begin(t, f, "sql")
	_, err := f.Ledger.PostTx(t.Context(), tx, f.Book, ledgertest.Transfer("holds the book", 20260105, "1003", "4001", 1))
	must(t, err)
	return sync.OnceFunc(func() { must(t, tx.Rollback()) })
}

// waits ends the test unless so many callers are queued within some seconds.
func waits(t *testing.T, l *ledger.Ledger, n int) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); l.Waiting() != n; time.Sleep(100 * time.Microsecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d callers are queued, want %d", l.Waiting(), n)
		}
	}
}

// callers posts drafts at once, queued in their order behind a first one that waits for the book, and returns what became of each. The book is released
// when all are queued and before has returned.
func callers(t *testing.T, f *ledgertest.Fixture, l *ledger.Ledger, drafts []ledger.Draft, contexts func(i int) context.Context, before func()) []outcome {
	t.Helper()
	release := blocked(t, f)
	defer release()
	var group sync.WaitGroup
	group.Go(func() {
		if _, err := l.Post(t.Context(), f.Book, ledgertest.Transfer(fmt.Sprint("leads before ", drafts[0].Key), 20260105, "1003", "4001", 1)); err != nil {
			t.Error(err)
		}
	})
	for deadline := time.Now().Add(20 * time.Second); l.Queues() == 0 || l.Waiting() > 0; time.Sleep(100 * time.Microsecond) {
		if time.Now().After(deadline) {
			t.Fatal("nobody leads")
		}
	}
	outcomes := make([]outcome, len(drafts))
	for i, draft := range drafts {
		group.Go(func() {
			defer func() {
				if value := recover(); value != nil {
					outcomes[i].err = fmt.Errorf("panic: %v", value)
				}
			}()
			outcomes[i].receipt, outcomes[i].err = l.Post(contexts(i), f.Book, draft)
		})
		waits(t, l, i+1)
	}
	before()
	release()
	group.Wait()
	if l.Queues() != 0 {
		t.Errorf("%d queues are left", l.Queues())
	}
	return outcomes
}

// shuffledDrafts are good and faulty drafts of every sort that a batch has to tell apart, in a random order: some raise and lower limited accounts, some bear keys
// that others or earlier entries bear, equal or not. None has a fault that it shows by itself: such a one would not queue.
func shuffledDrafts(random *rand.Rand) []ledger.Draft {
	var drafts []ledger.Draft
	add := func(draft ledger.Draft) { drafts = append(drafts, draft) }
	for i := range 6 {
		amount := money.Amount(random.IntN(300) + 1)
		add(ledgertest.Transfer(fmt.Sprint("up ", i), 20260105, "1002", "4001", amount))
		add(ledgertest.Transfer(fmt.Sprint("down ", i), 20260106, "5001", "1002", max(1, amount+money.Amount(random.IntN(60))-20)))
		add(ledgertest.Transfer(fmt.Sprint("rights up ", i), 20260105, "R0", "R/1", amount))
		add(ledgertest.Transfer(fmt.Sprint("rights down ", i), 20260106, "R/1", "R0", amount+20))
		add(ledgertest.Transfer(fmt.Sprint("number ", i), 20260205, "1003", "4001", amount))
	}
	add(ledgertest.Draft("unbalanced", 20260105, ledger.DebitLine("1003", 1)))
	add(ledgertest.Transfer("unknown account", 20260105, "1003", "nowhere", 1))
	add(ledgertest.Transfer("closed period", 20251231, "1003", "4001", 1))
	add(ledgertest.Transfer("control", 20260105, "P", "4001", 1))
	add(ledgertest.Transfer("too large", 20260105, "1003", "4001", money.MaxAmount/2-1))
	add(ledgertest.Transfer("too large besides", 20260105, "1003", "nowhere", money.MaxAmount/2-1))
	add(ledger.Draft{Key: "act", Kind: "note", Effective: 20260105, EnteredBy: "clerk", Act: []byte("content")})
	add(ledgertest.Transfer("posted before", 20260105, "1003", "4001", 7))
	add(ledgertest.Transfer("posted before otherwise", 20260105, "1003", "4001", 8))
	for _, i := range []int{0, 1, 4} {
		add(drafts[i]) // an equal one
		other := drafts[i]
		other.Description = "otherwise"
		add(other)
	}
	random.Shuffle(len(drafts), func(i, j int) { drafts[i], drafts[j] = drafts[j], drafts[i] })
	return drafts
}

func TestCallersWhoShareATransactionFareAsIfEachWereAlone(t *testing.T) {
	counted(t, func(t *testing.T, f *ledgertest.Fixture, commits *atomic.Int64) {
		for round := range 4 {
			seed := rand.Uint64()
			drafts := shuffledDrafts(rand.New(rand.NewPCG(seed, 0)))
			together, alone := ledger.BookID{Realm: 1, Number: int16(2 + round)}, ledger.BookID{Realm: int32(2 + round), Number: int16(2 + round)}
			for _, id := range []ledger.BookID{together, alone} {
				f.OpenBook(t, id)
				for _, key := range []string{"posted before", "posted before otherwise"} {
					_, err := f.Ledger.Post(t.Context(), id, ledgertest.Transfer(key, 20260105, "1003", "4001", 7))
					must(t, err)
				}
				_, err := f.Ledger.Post(t.Context(), id, ledgertest.Transfer("large", 20260105, "1003", "4001", money.MaxAmount/4))
				must(t, err)
				_, err = f.Ledger.Post(t.Context(), id, ledgertest.Transfer("leads before "+drafts[0].Key, 20260105, "1003", "4001", 1))
				must(t, err)
			}
			// The same seeds in both books: leaves are then equal where entries are.
			l, err := ledger.New(f.DB, ledger.Config{Clock: f.Clock.Now, Seeds: func(_ ledger.BookID, key string) (seal.Seed, error) {
				return ledger.DerivedSeeds([]byte("queue"))(ledger.BookID{}, key)
			}})
			must(t, err)
			in := *f
			in.Book = together
			committed := commits.Load()
			got := callers(t, &in, l, drafts, func(int) context.Context { return t.Context() }, func() {})
			if n := commits.Load() - committed; n > 6 { // the first alone, the batch, and those whose key was in it once more
				t.Errorf("seed %d: %d commits for %d callers", seed, n, len(drafts))
			}
			var order []int // equal keys wait for the next batch, the third of them for the one after
			for left := slices.Collect(indexes(len(drafts))); len(left) > 0; {
				seen := map[string]bool{}
				left = slices.DeleteFunc(left, func(i int) bool {
					take := !seen[drafts[i].Key]
					if seen[drafts[i].Key] = true; take {
						order = append(order, i)
					}
					return take
				})
			}
			for _, i := range order {
				receipt, err := l.PostAll(t.Context(), alone, drafts[i:i+1])
				compareOutcome(t, seed, drafts[i].Key, got[i], receipt, err)
			}
			if diff := cmp.Diff(entriesOf(t, l, alone), entriesOf(t, l, together)); diff != "" {
				t.Errorf("seed %d: entries differ: (-alone +together)\n%s", seed, diff)
			}
			f.Verify(t, together, alone)
		}
	})
}

func indexes(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// compareOutcome compares one caller's outcome with that of PostAll in another book, whose number and place in the batch are left out of messages.
func compareOutcome(t *testing.T, seed uint64, key string, got outcome, receipts []ledger.Receipt, err error) {
	t.Helper()
	if (got.err == nil) != (err == nil) {
		t.Errorf("seed %d: %s: together %v, alone %v", seed, key, got.err, err)
		return
	}
	if err == nil {
		want := receipts[0]
		want.Leaf = got.receipt.Leaf // compared with the entries; records name no book, but a chart's act does
		if got.receipt != want {
			t.Errorf("seed %d: %s: together %+v, alone %+v", seed, key, got.receipt, want)
		}
		return
	}
	list := func(err error) (all []ledger.Error) {
		faults, ok := err.(ledger.Faults)
		if !ok {
			faults = ledger.Faults{err.(*ledger.Error)}
		}
		for _, fault := range faults {
			one := *fault
			one.Book, one.Draft = ledger.BookID{}, -1
			all = append(all, one)
		}
		return all
	}
	if diff := cmp.Diff(list(err), list(got.err), cmp.AllowUnexported(ledger.Error{})); diff != "" {
		t.Errorf("seed %d: %s: (-alone +together)\n%s", seed, key, diff)
	}
}

// entriesOf are the entries after those that open the book.
func entriesOf(t *testing.T, l *ledger.Ledger, id ledger.BookID) (all []ledger.Entry) {
	t.Helper()
	for entry, err := range l.Entries(t.Context(), id, 3, 0) {
		must(t, err)
		entry.Book = ledger.BookID{}
		if entry.Seq < 7 {
			entry.Leaf = seal.Hash{} // posted with seeds of their book
		}
		all = append(all, entry)
	}
	return all
}

func TestAQueuedCallerMayLeaveAndTheOthersArePosted(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		var drafts []ledger.Draft
		for i := range 5 {
			drafts = append(drafts, ledgertest.Transfer(fmt.Sprint("caller ", i), 20260105, "1003", "4001", 1))
		}
		ctx, cancel := context.WithCancel(t.Context())
		left := func(i int) bool { return i == 0 || i == 3 }
		got := callers(t, f, f.Ledger, drafts, func(i int) context.Context {
			if left(i) {
				return ctx
			}
			return t.Context()
		}, func() {
			cancel()
			waits(t, f.Ledger, 3) // they left although the book is held
		})
		for i, o := range got {
			_, err := f.Ledger.EntryByKey(t.Context(), f.Book, drafts[i].Key)
			if left(i) && (!errors.Is(o.err, context.Canceled) || !errors.Is(o.err, store.ErrCanceled) || !errors.Is(err, ledger.ErrEntryUnknown)) {
				t.Errorf("caller %d left: %v; its entry: %v", i, o.err, err)
			}
			if !left(i) && (o.err != nil || err != nil) {
				t.Errorf("caller %d stayed: %v; its entry: %v", i, o.err, err)
			}
		}
		for i, next := range []int{1, 2, 4} {
			if want := got[1].receipt.Seq + ledger.Seq(i); got[next].receipt.Seq != want {
				t.Errorf("caller %d has entry %d, want %d: in the order of coming", next, got[next].receipt.Seq, want)
			}
		}
		dense(t, f, f.Book)
	})
}

// stalling is a source of seeds that stalls at one key until told to go on, and panics at another.
type stalling struct {
	reached, proceed chan struct{}
}

func (s *stalling) seed(_ ledger.BookID, key string) (seal.Seed, error) {
	switch key {
	case "stalls":
		close(s.reached)
		<-s.proceed
	case "panics":
		panic("no seed for " + key)
	case "fails":
		return seal.Seed{}, errNoSeed
	}
	return seal.Seed{}, nil
}

var errNoSeed = errors.New("no seed")

func TestATakenCallerWaitsForTheOutcomeWhateverBecomesOfItsContext(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		s := &stalling{reached: make(chan struct{}), proceed: make(chan struct{})}
		l, err := ledger.New(f.DB, ledger.Config{Clock: f.Clock.Now, Seeds: s.seed})
		must(t, err)
		var drafts []ledger.Draft
		for _, key := range []string{"a", "stalls", "c"} {
			drafts = append(drafts, ledgertest.Transfer(key, 20260105, "1003", "4001", 1))
		}
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-s.reached // all of them are taken
			cancel()
			time.Sleep(20 * time.Millisecond) // nobody is expected to leave meanwhile
			close(s.proceed)
		}()
		for i, o := range callers(t, f, l, drafts, func(int) context.Context { return ctx }, func() {}) {
			if o.err != nil {
				t.Errorf("caller %d: %v", i, o.err)
			}
		}
		f.Verify(t, f.Book)
	})
}

func TestAPanicAnswersEveryoneAndNothingIsWritten(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		l, err := ledger.New(f.DB, ledger.Config{Clock: f.Clock.Now, Seeds: (&stalling{}).seed})
		must(t, err)
		var drafts []ledger.Draft
		for _, key := range []string{"a", "panics", "c", "d"} {
			drafts = append(drafts, ledgertest.Transfer(key, 20260105, "1003", "4001", 1))
		}
		got := callers(t, f, l, drafts, func(int) context.Context { return t.Context() }, func() {})
		for i, o := range got {
			var panicked *ledger.PanicError
			if i == 0 && (o.err == nil || o.err.Error() != "panic: no seed for panics") {
				t.Errorf("the leader: %v", o.err)
			}
			if i > 0 && (!errors.As(o.err, &panicked) || panicked.Value != "no seed for panics") {
				t.Errorf("caller %d: %v", i, o.err)
			}
			if _, err := l.EntryByKey(t.Context(), f.Book, drafts[i].Key); !errors.Is(err, ledger.ErrEntryUnknown) {
				t.Errorf("caller %d: its entry: %v", i, err)
			}
		}
		for _, key := range []string{"a", "c"} { // the ledger goes on
			_, err := l.Post(t.Context(), f.Book, ledgertest.Transfer(key, 20260105, "1003", "4001", 1))
			must(t, err)
		}
	})
}

func TestAFaultOfTheHostsInOneDraftIsThatDraftsAlone(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		l, err := ledger.New(f.DB, ledger.Config{Clock: f.Clock.Now, Seeds: (&stalling{}).seed})
		must(t, err)
		var drafts []ledger.Draft
		for _, key := range []string{"a", "fails", "c", "d"} {
			drafts = append(drafts, ledgertest.Transfer(key, 20260105, "1003", "4001", 1))
		}
		for i, o := range callers(t, f, l, drafts, func(int) context.Context { return t.Context() }, func() {}) {
			if failed := drafts[i].Key == "fails"; errors.Is(o.err, errNoSeed) != failed || o.err != nil != failed {
				t.Errorf("%s: %v", drafts[i].Key, o.err)
			}
		}
		f.Verify(t, f.Book)
	})
}

func TestASharedTransactionHasATimeLimitOfItsOwn(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		l, err := ledger.New(f.DB, ledger.Config{Clock: f.Clock.Now, Limit: 50 * time.Millisecond})
		must(t, err)
		first, cancel := context.WithCancel(t.Context())
		release := blocked(t, f)
		var group sync.WaitGroup
		group.Go(func() { // leads alone, under its own context
			if _, err := l.Post(first, f.Book, ledgertest.Transfer("first", 20260105, "1003", "4001", 1)); !errors.Is(err, store.ErrCanceled) {
				t.Errorf("the first: %v", err)
			}
		})
		for l.Queues() == 0 || l.Waiting() > 0 {
			time.Sleep(time.Millisecond)
		}
		for i := range 3 {
			group.Go(func() {
				_, err := l.Post(t.Context(), f.Book, ledgertest.Transfer(fmt.Sprint("caller ", i), 20260105, "1003", "4001", 1))
				if !errors.Is(err, store.ErrCanceled) || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("caller %d: %v", i, err)
				}
			})
			waits(t, l, i+1)
		}
		cancel()
		group.Wait() // though the book is still held
		release()
		f.Post(t, ledgertest.Transfer("after all", 20260105, "1003", "4001", 1))
		f.Verify(t, f.Book)
	})
}

func TestManyCallersComeAndGoAndEachIsAnsweredOnce(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		second := ledger.BookID{Realm: 1, Number: 2}
		f.OpenBook(t, second)
		before, err := f.Ledger.Book(t.Context(), f.Book)
		must(t, err)
		var posted atomic.Int64
		together(24, func(caller int) {
			for i := range 12 {
				id := []ledger.BookID{f.Book, second}[(caller+i)%2]
				ctx, cancel := context.WithCancel(t.Context())
				if i%3 == 0 {
					time.AfterFunc(time.Duration(caller*i)*50*time.Microsecond, cancel)
				}
				_, err := f.Ledger.Post(ctx, id, ledgertest.Transfer(fmt.Sprint(caller, " posts ", i), 20260105, "1003", "4001", 1))
				cancel()
				switch {
				case err == nil:
					posted.Add(1)
				case i%3 != 0 || !errors.Is(err, context.Canceled):
					t.Errorf("caller %d, entry %d: %v", caller, i, err)
				default: // it may only be told that it was cancelled, or that nobody knows
					_, found := f.Ledger.EntryByKey(t.Context(), id, fmt.Sprint(caller, " posts ", i))
					if found == nil && !errors.Is(err, store.ErrCommitUnknown) {
						t.Errorf("caller %d, entry %d: posted, and answered with %v", caller, i, err)
					} else if found == nil {
						posted.Add(1)
					}
				}
			}
		})
		entries := int64(0)
		for _, id := range []ledger.BookID{f.Book, second} {
			book, err := f.Ledger.Book(t.Context(), id)
			must(t, err)
			entries += int64(book.Seq - before.Seq)
			dense(t, f, id)
			f.Verify(t, id)
		}
		if entries != posted.Load() || f.Ledger.Queues() != 0 {
			t.Errorf("%d entries, %d callers were told so; %d queues left", entries, posted.Load(), f.Ledger.Queues())
		}
	})
}

func TestPostInsideAnUpdateIsRefusedAtOnce(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		err := f.DB.Update(t.Context(), func(ctx context.Context, _ *store.Tx) error {
			_, err := f.Ledger.Post(ctx, f.Book, ledgertest.Transfer("nested", 20260105, "1003", "4001", 1))
			return err
		})
		if !errors.Is(err, store.ErrNested) || f.Ledger.Queues() != 0 {
			t.Errorf("%v, %d queues", err, f.Ledger.Queues())
		}
	})
}
