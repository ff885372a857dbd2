package ledger_test

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/ledgertest"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"pgregory.net/rapid"
)

// history is one random history of a realm: every operation goes to the model and to one ledger or more, and all must answer alike.
type history struct {
	ctx     context.Context
	ledgers []*ledger.Ledger
	model   *ledgertest.Model
	clock   *ledgertest.Clock
	realm   int32
	books   []ledger.BookID // the register book first
	keys    int
	past    []operation    // what was asked for
	drafts  []ledger.Draft // what was posted
}

// operation is something to ask of the model and of a ledger.
type operation struct {
	what  string
	model func(*ledgertest.Model) (any, []ledgertest.Refusal)
	real  func(context.Context, *ledger.Ledger) (any, error)
}

func (o operation) String() string { return o.what }

func TestRandomHistoriesEqualTheModel(t *testing.T) {
	storetest.Each(t, []store.Schema{ledger.Schema()}, func(t *testing.T, db *store.DB) {
		checks(t, 40)
		realm := int32(0)
		rapid.Check(t, func(rt *rapid.T) {
			realm++
			clock := ledgertest.NewClock()
			h := newHistory(t.Context(), clock, realm, ledgertest.Ledger(t, db, clock))
			h.play(rt)
		})
	})
}

// checks sets how many histories are played, unless -rapid.checks says it.
func checks(t *testing.T, n int) {
	t.Helper()
	told := false
	flag.Visit(func(f *flag.Flag) { told = told || f.Name == "rapid.checks" })
	if told {
		return
	}
	before := flag.Lookup("rapid.checks").Value.String()
	must(t, flag.Lookup("rapid.checks").Value.Set(strconv.Itoa(n)))
	t.Cleanup(func() { must(t, flag.Lookup("rapid.checks").Value.Set(before)) })
}

func newHistory(ctx context.Context, clock *ledgertest.Clock, realm int32, ledgers ...*ledger.Ledger) *history {
	h := &history{ctx: ctx, ledgers: ledgers, model: ledgertest.NewModel(clock.Now), clock: clock, realm: realm}
	for number := range int16(3) {
		h.books = append(h.books, ledger.BookID{Realm: realm, Number: number})
	}
	return h
}

// play opens the realm and its books, does random things, compares all the time, and looks into every corner at the end.
func (h *history) play(t *rapid.T) {
	h.run(t, openRealm(ledgertest.RealmSpec(h.realm)))
	for i, id := range h.books[1:] {
		spec := ledgertest.BookSpec(id)
		spec.First = []calendar.Period{202611, 202601}[i] // the year of the first ends soon
		spec.Currency = []money.Currency{money.MustCurrency("CNY"), money.MustCurrency("KWD")}[i]
		h.run(t, openBook(spec))
		h.run(t, openAccounts(id, ledgertest.Act(h.key(), ledgertest.Opened), ledgertest.Chart()))
	}
	t.Repeat(map[string]func(*rapid.T){
		"":                    h.compareSome,
		"post":                h.postGood,
		"post once more":      h.postGood,
		"post another":        h.postGood,
		"post another batch":  h.postBatch,
		"post something bad":  h.postBad,
		"post a batch":        h.postBatch,
		"reverse":             h.reverse,
		"reverse once more":   h.reverse,
		"open accounts":       h.openAccounts,
		"close an account":    h.closeAccount,
		"name an account":     h.nameAccount,
		"close a period":      h.closePeriod,
		"act on a period":     h.actOnPeriod,
		"ask again":           h.askAgain,
		"use a key again":     h.reuseKey,
		"open a book again":   h.openAgain,
		"move the clock":      h.moveClock,
		"act of the register": h.registerAct,
	})
	h.compareAll(t)
}

// run asks the model and every ledger, and compares results and refusals.
func (h *history) run(t *rapid.T, op operation) {
	t.Helper()
	h.past = append(h.past, op)
	want, refused := op.model(h.model)
	for i, l := range h.ledgers {
		got, err := op.real(h.ctx, l)
		refusals, err := ledgertest.Refusals(err)
		if err != nil {
			t.Fatalf("ledger %d: %s: %s", i, op, h.anonymous(err.Error()))
		}
		h.same(t, fmt.Sprintf("ledger %d: refusals of %s", i, op), refused, refusals)
		if len(refused) == 0 {
			h.same(t, fmt.Sprintf("ledger %d: result of %s", i, op), want, withoutLeaf(got))
		}
	}
}

// anonymous takes the realm out of a message, so that a history that is played again in another realm fails with the same words.
func (h *history) anonymous(text string) string {
	return strings.ReplaceAll(text, fmt.Sprintf("%d/", h.realm), "R/")
}

// withoutLeaf takes out what the model does not know.
func withoutLeaf(result any) any {
	switch r := result.(type) {
	case ledger.Receipt:
		r.Leaf = [32]byte{}
		return plain(r)
	case []ledger.Receipt:
		all := make([]plainReceipt, len(r))
		for i := range r {
			all[i] = plain(r[i])
		}
		return all
	}
	return result
}

// plainReceipt is the part of a receipt that both know.
type plainReceipt struct {
	Seq          ledger.Seq
	Recorded     time.Time
	Period       calendar.Period
	Voucher      ledger.Voucher
	FirstOrdinal int64
	Replayed     bool
}

func plain(r ledger.Receipt) plainReceipt {
	return plainReceipt{Seq: r.Seq, Recorded: r.Recorded, Period: r.Period, Voucher: r.Voucher, FirstOrdinal: r.FirstOrdinal, Replayed: r.Replayed}
}

func openRealm(spec ledger.RealmSpec) operation {
	return operation{
		what:  "open the realm",
		model: func(m *ledgertest.Model) (any, []ledgertest.Refusal) { return nil, m.OpenRealm(spec) },
		real:  func(ctx context.Context, l *ledger.Ledger) (any, error) { return nil, l.OpenRealm(ctx, spec) },
	}
}

func openBook(spec ledger.BookSpec) operation {
	return operation{
		what:  fmt.Sprintf("open book %d", spec.ID.Number),
		model: func(m *ledgertest.Model) (any, []ledgertest.Refusal) { return nil, m.OpenBook(spec) },
		real:  func(ctx context.Context, l *ledger.Ledger) (any, error) { return nil, l.OpenBook(ctx, spec) },
	}
}

func openAccounts(id ledger.BookID, act ledger.Act, specs []ledger.AccountSpec) operation {
	return operation{
		what:  fmt.Sprintf("open accounts in book %d: %+v %+v", id.Number, act, specs),
		model: func(m *ledgertest.Model) (any, []ledgertest.Refusal) { return both(m.OpenAccounts(id, act, specs)) },
		real:  func(ctx context.Context, l *ledger.Ledger) (any, error) { return l.OpenAccounts(ctx, id, act, specs) },
	}
}

func both[T any](result T, refusals []ledgertest.Refusal) (any, []ledgertest.Refusal) {
	return withoutLeaf(result), refusals
}

func post(id ledger.BookID, draft ledger.Draft) operation {
	return operation{
		what:  fmt.Sprintf("post into book %d: %+v", id.Number, draft),
		model: func(m *ledgertest.Model) (any, []ledgertest.Refusal) { return both(m.Post(id, draft)) },
		real:  func(ctx context.Context, l *ledger.Ledger) (any, error) { return l.Post(ctx, id, draft) },
	}
}

func postAll(id ledger.BookID, drafts []ledger.Draft) operation {
	return operation{
		what:  fmt.Sprintf("post all into book %d: %+v", id.Number, drafts),
		model: func(m *ledgertest.Model) (any, []ledgertest.Refusal) { return both(m.PostAll(id, drafts)) },
		real:  func(ctx context.Context, l *ledger.Ledger) (any, error) { return l.PostAll(ctx, id, drafts) },
	}
}
