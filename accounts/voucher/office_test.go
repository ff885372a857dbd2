package voucher_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/voucher"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var (
	schemas = []store.Schema{ledger.Schema(), voucher.Schema()}
	opened  = calendar.MustDate(2026, 1, 1)
	book    = ledger.BookID{Realm: 1, Number: 1}
	paper   = hash("advice")
)

func hash(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func got[T any](value T, err error) func(t *testing.T) T {
	return func(t *testing.T) T { t.Helper(); must(t, err); return value }
}

// desk is a fund with its accounting office: lin prepares, he reviews, chu is the cashier, zhu the head, ji the bookkeeper.
type desk struct {
	t    *testing.T
	db   *store.DB
	led  *ledger.Ledger
	fund *fund.Fund
	*voucher.Office
}

func open(t *testing.T, db *store.DB, config voucher.Config) *desk {
	t.Helper()
	led, err := ledger.New(db, ledger.Config{Seeds: ledger.DerivedSeeds([]byte("voucher")), Clock: func() time.Time { return time.Unix(1767225600, 0) }})
	must(t, err)
	must(t, led.OpenRealm(t.Context(), ledger.RealmSpec{ID: 1, Code: "area", Name: "统筹区", Opened: opened, EnteredBy: "setup"}))
	chart := got(accounts.Standard())(t)
	bookChart := got(chart.For("enterprise_pension", accounts.Conditions{Level: accounts.BelowProvincial, Collector: accounts.CollectedByAgency, HasUpperLevel: true}, opened))(t)
	d := &desk{t: t, db: db, led: led}
	must(t, db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) (err error) {
		d.fund, err = fund.Open(ctx, led, tx.Handle(), fund.Spec{Book: book, Code: "EP", Name: "企业职工基本养老保险基金", Chart: bookChart, First: 202601, EnteredBy: "setup", Approved: "zhu"})
		return err
	}))
	d.Office = got(voucher.New(db, led, config))(t)
	return d
}

// each opens a desk on every engine.
func each(t *testing.T, config voucher.Config, fn func(t *testing.T, d *desk)) {
	t.Helper()
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) { fn(t, open(t, db, config)) })
}

func part(role accounts.Role, amount money.Amount) accounts.Part {
	return accounts.Part{Role: role, Amount: amount}
}

func (d *desk) draft(event, key string, day calendar.Date, parts ...accounts.Part) ledger.Draft {
	d.t.Helper()
	return got(d.fund.Prepare(fund.Event{Event: event, Key: key, Effective: day, Source: ledger.Source{Kind: "bank", ID: key, Hash: hash(key)},
		Attachments: []ledger.Attachment{{Name: "advice", Hash: paper}}, Parts: parts}))(d.t)
}

func (d *desk) premium(key string, amount money.Amount) ledger.Draft {
	d.t.Helper()
	return d.draft("E1", key, 20260110, part(accounts.RoleIncomeAccount, amount), part(accounts.RoleContributions, amount))
}

func hand(by, key string) voucher.Hand {
	return voucher.Hand{Book: book, By: by, Key: key, On: 20260115}
}

func (d *desk) prepare(draft ledger.Draft) voucher.Voucher {
	d.t.Helper()
	return got(d.Prepare(d.t.Context(), hand("lin", ""), draft))(d.t)
}

func (d *desk) review(v voucher.Voucher) voucher.Voucher {
	d.t.Helper()
	return got(d.Review(d.t.Context(), hand("he", "review"), v.Seen()))(d.t)
}

// sign has cashier and head sign what they must.
func (d *desk) sign(v voucher.Voucher) voucher.Voucher {
	d.t.Helper()
	if v.Kind.MovesMoney() {
		v = got(d.Sign(d.t.Context(), hand("chu", "cashier"), voucher.Cashier, v.Seen()))(d.t)[0]
	}
	return got(d.Sign(d.t.Context(), hand("zhu", "head"), voucher.Head, v.Seen()))(d.t)[0]
}

// ready is a voucher that lacks nothing but posting.
func (d *desk) ready(draft ledger.Draft) voucher.Voucher {
	d.t.Helper()
	return d.sign(d.review(d.prepare(draft)))
}

func (d *desk) post(v voucher.Voucher) voucher.Voucher {
	d.t.Helper()
	return got(d.Post(d.t.Context(), hand("ji", "post"), v.Seen()))(d.t)
}

func (d *desk) now(no int64) voucher.Voucher {
	d.t.Helper()
	return got(d.Document(d.t.Context(), book, no))(d.t).Voucher
}

func (d *desk) entries() int64 {
	d.t.Helper()
	n := int64(0)
	for e, err := range d.led.Entries(d.t.Context(), book, 1, 0) {
		must(d.t, err)
		if len(e.Lines) > 0 {
			n++
		}
	}
	return n
}

// sound proves that book and vouchers hold.
func (d *desk) sound() {
	d.t.Helper()
	books := got(d.led.Verify(d.t.Context(), book, ledger.VerifyOptions{Deep: true}))(d.t)
	if !books.Sound() {
		d.t.Error(books.Discrepancies)
	}
	vouchers := got(d.Verify(d.t.Context(), book))(d.t)
	if !vouchers.Sound() {
		d.t.Error(vouchers.Discrepancies)
	}
}

func refused(t *testing.T, err error, codes ...voucher.Code) {
	t.Helper()
	if err == nil {
		t.Fatalf("allowed; want %v", codes)
	}
	for _, code := range codes {
		if !errors.Is(err, code) {
			t.Errorf("%s is not among: %v", code, err)
		}
	}
}

// january is a month of a pension fund: premium, sweep, funding, pensions, bank interest.
func (d *desk) january() []ledger.Draft {
	d.t.Helper()
	return []ledger.Draft{
		d.premium("premium", 168000),
		d.draft("E2", "sweep", 20260111, part(accounts.RoleFiscalAccount, 168000), part(accounts.RoleIncomeAccount, 168000)),
		d.draft("E9", "funding", 20260112, part(accounts.RoleExpenditureAccount, 90000), part(accounts.RoleFiscalAccount, 90000)),
		d.draft("E10a", "pensions", 20260115, part(accounts.RoleBasicPension, 60000), part(accounts.RoleAccountPension, 20000), part(accounts.RoleExpenditureAccount, 80000)),
		d.draft("E8a", "interest", 20260121, part(accounts.RoleFiscalAccount, 123), part(accounts.RoleDepositInterest, 123)),
	}
}

func TestAMonthGoesFromHandToHandIntoTheBook(t *testing.T) {
	each(t, voucher.Config{}, func(t *testing.T, d *desk) {
		for i, draft := range d.january() {
			v := d.post(d.ready(draft))
			if v.State != voucher.Posted || v.Entry == 0 || v.Number != (ledger.Voucher{Type: "general", Number: int64(i + 1)}) {
				t.Fatalf("%+v", v)
			}
			e := got(d.led.Entry(t.Context(), book, v.Entry))(t)
			if e.EnteredBy != "lin" || e.ApprovedBy != "he" || e.Voucher != v.Number || e.Key != draft.Key || e.Metadata["event"] != draft.Metadata["event"] {
				t.Errorf("entry %+v", e)
			}
			want := map[string]string{"event": draft.Metadata["event"], "posted_by": "ji", "posted_on": "2026-01-15", "cashier": "chu", "head": "zhu",
				"voucher_history": fmt.Sprintf("%x", v.History)}
			if diff := cmp.Diff(want, e.Metadata); diff != "" {
				t.Errorf("metadata (−want +got):\n%s", diff)
			}
			if again := got(d.OfEntry(t.Context(), book, v.Entry))(t); again != v {
				t.Errorf("voucher of entry %d is %+v", v.Entry, again)
			}
		}
		code := got(d.fund.RoleCode(accounts.RoleFiscalAccount))(t)
		account := got(d.led.Account(t.Context(), book, code))(t)
		if b := got(d.led.Balance(t.Context(), book, account.No, ledger.At{}))(t); b.Net() != 78123 {
			t.Errorf("fiscal account at %d", b.Net())
		}
		d.sound()
	})
}

func TestTheHistoryOfAVoucherShowsEveryHandAndEveryContent(t *testing.T) {
	each(t, voucher.Config{}, func(t *testing.T, d *desk) {
		ctx := t.Context()
		v := d.prepare(d.premium("k", 100))
		back := hand("he", "back")
		back.Reason = "amount does not agree with the advice"
		v = got(d.SendBack(ctx, back, v.Seen()))(t)[0]
		right := d.premium("k", 101)
		right.Attachments = append(right.Attachments, ledger.Attachment{Name: "list", Hash: paper})
		v = got(d.Revise(ctx, hand("lin", "revise"), v.Seen(), right))(t)
		if v.Amount != 101 || v.Attachments != 2 || v.State != voucher.Drafted {
			t.Errorf("revised: %+v", v)
		}
		v = d.sign(d.review(v))
		later := hand("ji", "back again")
		later.Reason, later.On = "wrong month", 20260116
		v = got(d.SendBack(ctx, later, v.Seen()))(t)[0]
		if v.Reviewer != "" || v.Cashier != "" || v.Head != "" {
			t.Errorf("signatures survive: %+v", v)
		}
		again := voucher.Hand{Book: book, By: "lin", Key: "revise again", On: 20260116}
		v = got(d.Revise(ctx, again, v.Seen(), right))(t) // the same content once more: the preparer insists
		for _, step := range []struct {
			by  string
			run func(voucher.Hand) (voucher.Voucher, error)
		}{
			{"he", func(h voucher.Hand) (voucher.Voucher, error) { return d.Review(ctx, h, v.Seen()) }},
			{"chu", func(h voucher.Hand) (voucher.Voucher, error) { return first(d.Sign(ctx, h, voucher.Cashier, v.Seen())) }},
			{"zhu", func(h voucher.Hand) (voucher.Voucher, error) { return first(d.Sign(ctx, h, voucher.Head, v.Seen())) }},
			{"ji", func(h voucher.Hand) (voucher.Voucher, error) { return d.Post(ctx, h, v.Seen()) }},
		} {
			v = got(step.run(voucher.Hand{Book: book, By: step.by, Key: step.by + " 2", On: 20260117}))(t)
		}
		steps := got(d.History(ctx, book, v.No))(t)
		var actions []string
		for i, s := range steps {
			actions = append(actions, fmt.Sprintf("%s %s %v %s", s.Action, s.By, s.On, s.State))
			if s.No != i+1 || (s.Draft != nil) != (s.Action == voucher.ActionPrepare || s.Action == voucher.ActionRevise) {
				t.Errorf("step %d: %+v", i+1, s)
			}
		}
		want := []string{
			"prepare lin 2026-01-15 draft", "send_back he 2026-01-15 sent_back", "revise lin 2026-01-15 draft", "review he 2026-01-15 reviewed",
			"sign_cashier chu 2026-01-15 reviewed", "sign_head zhu 2026-01-15 reviewed", "send_back ji 2026-01-16 sent_back", "revise lin 2026-01-16 draft",
			"review he 2026-01-17 reviewed", "sign_cashier chu 2026-01-17 reviewed", "sign_head zhu 2026-01-17 reviewed", "post ji 2026-01-17 posted",
		}
		if diff := cmp.Diff(want, actions); diff != "" {
			t.Errorf("history (−want +got):\n%s", diff)
		}
		if steps[0].Draft.Lines[0].Amount != 100 || steps[2].Draft.Lines[0].Amount != 101 || steps[1].Reason != back.Reason {
			t.Errorf("contents %+v, %+v, reason %q", steps[0].Draft, steps[2].Draft, steps[1].Reason)
		}
		if steps[0].Content == steps[2].Content || steps[2].Content != v.Content || steps[11].Hash != v.History || steps[11].Entry != v.Entry {
			t.Error("the hashes do not follow the contents and steps")
		}
		d.sound()
	})
}

func first(list []voucher.Voucher, err error) (voucher.Voucher, error) {
	if err != nil {
		return voucher.Voucher{}, err
	}
	return list[0], nil
}

func TestTheContentOfAVoucherIsTheDraftThatWasGiven(t *testing.T) {
	each(t, voucher.Config{}, func(t *testing.T, d *desk) {
		draft := d.premium("k", 100)
		draft.Transfer, draft.Lines[0].Tag, draft.Lines[0].Month = "T1", "tag", 202601
		v := d.prepare(draft)
		stored := got(d.Document(t.Context(), book, v.No))(t)
		draft.EnteredBy, draft.Voucher = "lin", "general"
		if diff := cmp.Diff(draft, stored.Draft, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("(−given +stored):\n%s", diff)
		}
		if stored.Voucher != v {
			t.Errorf("read back as %+v, was %+v", stored.Voucher, v)
		}
	})
}

func TestVouchersAreListedByState(t *testing.T) {
	each(t, voucher.Config{}, func(t *testing.T, d *desk) {
		d.prepare(d.premium("a", 1))
		d.review(d.prepare(d.premium("b", 2)))
		d.post(d.ready(d.premium("c", 3)))
		lists := map[string][]voucher.State{"a b c": nil, "a": {voucher.Drafted}, "a b": {voucher.Drafted, voucher.Reviewed}, "c": {voucher.Posted}, "": {voucher.Withdrawn}}
		for want, states := range lists {
			list := ""
			for v, err := range d.Vouchers(t.Context(), book, states...) {
				must(t, err)
				list += " " + v.Key
			}
			if list != "" {
				list = list[1:]
			}
			if list != want {
				t.Errorf("in states %v: %q, want %q", states, list, want)
			}
		}
	})
}

func TestTheKindFollowsTheAccountsOfMoney(t *testing.T) {
	policy := voucher.DefaultPolicy()
	policy.Numbering = voucher.ByKind
	each(t, voucher.Config{Policy: policy}, func(t *testing.T, d *desk) {
		drafts := d.january()
		red := d.premium("red", 5)
		red.Kind, red.Attachments = voucher.KindCorrection, nil
		for i := range red.Lines {
			red.Lines[i].Amount = -red.Lines[i].Amount
		}
		transfer := d.draft("E4c", "identified", 20260122, part(accounts.RoleUnidentifiedReceipt, 10), part(accounts.RoleContributions, 10))
		drafts = append(drafts, transfer, red)
		want := []voucher.Kind{voucher.Receipt, voucher.Payment, voucher.Payment, voucher.Payment, voucher.Receipt, voucher.Transfer, voucher.Receipt}
		var kinds []voucher.Kind
		for _, v := range got(d.PrepareMany(t.Context(), hand("lin", ""), drafts))(t) {
			kinds = append(kinds, v.Kind)
			if v.Number.Type != string(v.Kind) {
				t.Errorf("%s is numbered as %s", v.Key, v.Number.Type)
			}
		}
		if !slices.Equal(kinds, want) {
			t.Errorf("kinds %v, want %v", kinds, want)
		}
		wrong := d.premium("wrong", 5)
		wrong.Voucher = "payment"
		_, err := d.Prepare(t.Context(), hand("lin", ""), wrong)
		refused(t, err, voucher.ErrVoucherType)
		own := d.premium("own", 5)
		own.Voucher = "银收"
		if v := d.prepare(own); v.Kind != voucher.Receipt || v.Number.Type != "银收" {
			t.Errorf("%+v", v)
		}
	})
}
