package voucher_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/voucher"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
)

func TestNoTwoDutiesMeetInOneHand(t *testing.T) {
	each(t, voucher.Config{}, func(t *testing.T, d *desk) {
		ctx := t.Context()
		v := d.prepare(d.premium("k", 100))
		_, err := d.Review(ctx, hand("lin", "r"), v.Seen())
		refused(t, err, voucher.ErrOneHand)
		_, err = d.SendBack(ctx, voucher.Hand{Book: book, By: "lin", Key: "b", On: 20260115, Reason: "r"}, v.Seen())
		refused(t, err, voucher.ErrOneHand)
		v = d.review(v)
		for _, by := range []string{"lin", "he"} {
			_, err = d.Sign(ctx, hand(by, "s"), voucher.Cashier, v.Seen())
			refused(t, err, voucher.ErrOneHand)
		}
		v = got(d.Sign(ctx, hand("chu", "cashier"), voucher.Cashier, v.Seen()))(t)[0]
		for _, by := range []string{"lin", "he", "chu"} {
			_, err = d.Sign(ctx, hand(by, "s"), voucher.Head, v.Seen())
			refused(t, err, voucher.ErrOneHand)
		}
		v = got(d.Sign(ctx, hand("zhu", "head"), voucher.Head, v.Seen()))(t)[0]
		for _, by := range []string{"lin", "he", "chu", "zhu"} {
			_, err = d.Post(ctx, hand(by, "p"), v.Seen())
			refused(t, err, voucher.ErrOneHand)
		}
		if d.now(v.No) != v {
			t.Errorf("a refused step changed the voucher: %+v", d.now(v.No))
		}
		d.post(v)
		d.sound()
	})
}

func TestADeployerMayLetReviewerAndBookkeeperBeOne(t *testing.T) {
	policy := voucher.DefaultPolicy()
	policy.MayBeOne = [][2]voucher.Duty{{voucher.Bookkeeper, voucher.Reviewer}}
	policy.Head, policy.Cashier = voucher.AnyTime, voucher.AnyTime
	each(t, voucher.Config{Policy: policy}, func(t *testing.T, d *desk) {
		ctx := t.Context()
		v := d.prepare(d.premium("k", 100))
		v = d.review(v)
		_, err := d.Post(ctx, hand("lin", "p"), v.Seen())
		refused(t, err, voucher.ErrOneHand)
		v = got(d.Post(ctx, hand("he", "p"), v.Seen()))(t)
		_, err = d.Sign(ctx, hand("he", "s"), voucher.Cashier, v.Seen())
		refused(t, err, voucher.ErrOneHand)
		for _, sign := range []struct {
			by   string
			duty voucher.Duty
		}{{"chu", voucher.Cashier}, {"zhu", voucher.Head}} { // late signatures stand in the history only
			v = got(d.Sign(ctx, hand(sign.by, sign.by), sign.duty, v.Seen()))(t)[0]
		}
		e := got(d.led.Entry(ctx, book, v.Entry))(t)
		if v.Cashier != "chu" || v.Head != "zhu" || e.Metadata["head"] != "" || e.Metadata["posted_by"] != "he" {
			t.Errorf("%+v, metadata %v", v, e.Metadata)
		}
		d.sound()
	})
}

func TestOnlyWhomThePolicyNamesTakesAStep(t *testing.T) {
	policy := voucher.DefaultPolicy()
	policy.Staff = map[voucher.Duty][]string{voucher.Preparer: {"lin"}, voucher.Reviewer: {"he"}, voucher.Cashier: {"chu"}, voucher.Head: {"zhu"}, voucher.Bookkeeper: {"ji"}}
	denied := errors.New("not on duty today")
	config := voucher.Config{Policy: policy, Allow: func(_ context.Context, action voucher.Action, h voucher.Hand) error {
		if action == voucher.ActionReview && h.Reason == "night" {
			return denied
		}
		return nil
	}}
	each(t, config, func(t *testing.T, d *desk) {
		ctx := t.Context()
		_, err := d.Prepare(ctx, hand("stranger", ""), d.premium("k", 100))
		refused(t, err, voucher.ErrNotAllowed)
		v := d.prepare(d.premium("k", 100))
		_, err = d.Review(ctx, hand("ji", "r"), v.Seen())
		refused(t, err, voucher.ErrNotAllowed)
		_, err = d.SendBack(ctx, voucher.Hand{Book: book, By: "stranger", Key: "b", On: 20260115, Reason: "r"}, v.Seen())
		refused(t, err, voucher.ErrNotAllowed)
		night := hand("he", "r")
		night.Reason = "night"
		_, err = d.Review(ctx, night, v.Seen())
		refused(t, err, voucher.ErrNotAllowed)
		if !errors.Is(err, denied) {
			t.Errorf("the host's reason is lost: %v", err)
		}
		v = d.ready(d.premium("k", 100))
		_, err = d.Post(ctx, hand("stranger", "p"), v.Seen())
		refused(t, err, voucher.ErrNotAllowed)
		d.post(v)
		other := d.prepare(d.premium("other", 100))
		by := hand("zhu", "w")
		by.Reason = "the preparer has left"
		if w := got(d.Withdraw(ctx, by, other.Seen()))(t)[0]; w.State != voucher.Withdrawn {
			t.Errorf("%+v", w)
		}
		d.sound()
	})
}

func TestAStepIsForItsStateOnly(t *testing.T) {
	each(t, voucher.Config{}, func(t *testing.T, d *desk) {
		ctx := t.Context()
		reason := func(by, key string) voucher.Hand {
			h := hand(by, key)
			h.Reason = "why"
			return h
		}
		states := map[string]voucher.Voucher{
			"draft": d.prepare(d.premium("a", 1)), "reviewed": d.review(d.prepare(d.premium("b", 1))), "posted": d.post(d.ready(d.premium("c", 1))),
			"sent back": got(d.SendBack(ctx, reason("he", "sb"), d.prepare(d.premium("d", 1)).Seen()))(t)[0],
			"withdrawn": got(d.Withdraw(ctx, reason("lin", "w"), d.prepare(d.premium("e", 1)).Seen()))(t)[0],
		}
		steps := map[string]func(v voucher.Voucher) error{
			"revise": func(v voucher.Voucher) error {
				_, err := d.Revise(ctx, hand("lin", "x"), v.Seen(), d.premium(v.Key, 2))
				return err
			},
			"review": func(v voucher.Voucher) error { _, err := d.Review(ctx, hand("he2", "x"), v.Seen()); return err },
			"cashier": func(v voucher.Voucher) error {
				_, err := d.Sign(ctx, hand("chu2", "x"), voucher.Cashier, v.Seen())
				return err
			},
			"post":      func(v voucher.Voucher) error { _, err := d.Post(ctx, hand("ji2", "x"), v.Seen()); return err },
			"send back": func(v voucher.Voucher) error { _, err := d.SendBack(ctx, reason("he2", "x"), v.Seen()); return err },
			"withdraw":  func(v voucher.Voucher) error { _, err := d.Withdraw(ctx, reason("lin", "x"), v.Seen()); return err },
		}
		allowed := map[string]string{"draft": "revise review send back withdraw", "reviewed": "cashier send back post", "posted": "", "sent back": "revise withdraw", "withdrawn": ""}
		for state, v := range states {
			for step, run := range steps {
				if strings.Contains(allowed[state], step) {
					continue
				}
				refused(t, run(v), voucher.ErrState)
				if d.now(v.No) != v {
					t.Fatalf("%s changed a voucher that is %s", step, state)
				}
			}
		}
		transfer := d.review(d.prepare(d.draft("E4c", "f", 20260110, part(accounts.RoleUnidentifiedReceipt, 10), part(accounts.RoleContributions, 10))))
		_, err := d.Sign(ctx, hand("chu", "s"), voucher.Cashier, transfer.Seen())
		refused(t, err, voucher.ErrState) // no money moves
		_, err = d.Post(ctx, hand("ji", "p"), states["reviewed"].Seen())
		refused(t, err, voucher.ErrUnsigned)
		_, err = d.Sign(ctx, hand("he", "s"), voucher.Reviewer, states["reviewed"].Seen())
		refused(t, err, voucher.ErrInvalid)
		_, err = d.Revise(ctx, hand("he", "x"), states["draft"].Seen(), d.premium("a", 2))
		refused(t, err, voucher.ErrNotPreparer)
		_, err = d.Withdraw(ctx, reason("he", "x"), states["draft"].Seen())
		refused(t, err, voucher.ErrNotPreparer)
		_, err = d.Withdraw(ctx, hand("lin", "x"), states["draft"].Seen())
		refused(t, err, voucher.ErrMissing) // a reason
		early := hand("he", "x")
		early.On = 20260114
		_, err = d.Review(ctx, early, states["draft"].Seen())
		refused(t, err, voucher.ErrInvalid)
		d.sound()
	})
}

func TestAllFaultsOfADraftAreReportedTogether(t *testing.T) {
	each(t, voucher.Config{}, func(t *testing.T, d *desk) {
		ctx := t.Context()
		bad := d.premium("bad", 100)
		bad.Source, bad.Attachments, bad.ApprovedBy, bad.EnteredBy = ledger.Source{}, []ledger.Attachment{{Name: "no hash"}}, "he", "another"
		bad.Metadata = map[string]string{"posted_by": "me"}
		bad.Effective, bad.Period = 20251231, 202512
		bad.Lines[0].Amount = 99
		bad.Lines = append(bad.Lines, ledger.CreditLine("9999", 1), ledger.DebitLine(heading(t, d), 1))
		_, err := d.Prepare(ctx, hand("lin", ""), bad)
		refused(t, err, voucher.ErrNoSource, voucher.ErrNoAttachment, voucher.ErrSigned, voucher.ErrReserved, voucher.ErrPeriodClosed, voucher.ErrAccount)
		unbalanced := d.premium("unbalanced", 100)
		unbalanced.Lines[0].Amount = 99
		_, err = d.Prepare(ctx, hand("lin", ""), unbalanced)
		refused(t, err, voucher.ErrUnbalanced)
		if !strings.Contains(err.Error(), "debits 0.99, credits 1.00 CNY") {
			t.Errorf("the arithmetic is missing: %v", err)
		}
		broken := d.premium("broken\x00", 100)
		broken.Source.Hash = []byte("short")
		broken.Attachments = nil
		_, err = d.Prepare(ctx, hand("lin", ""), broken)
		refused(t, err, voucher.ErrDraft, voucher.ErrNoAttachment)
		if !errors.Is(err, ledger.ErrFieldInvalid) {
			t.Errorf("the ledger's reasons are lost: %v", err)
		}
		act := ledger.Draft{Key: "act", Kind: "enrolment", Effective: 20260110, EnteredBy: "lin", Source: ledger.Source{Kind: "k", ID: "i", Hash: paper}}
		_, err = d.Prepare(ctx, hand("lin", ""), act)
		refused(t, err, voucher.ErrNoLines)
		noHash := d.premium("no hash", 100)
		noHash.Source.Hash = nil
		_, err = d.Prepare(ctx, hand("lin", ""), noHash)
		refused(t, err, voucher.ErrNoSource)
		closing := d.premium("closing", 100)
		closing.Kind = ledger.KindClosing
		_, err = d.Prepare(ctx, hand("lin", ""), closing)
		refused(t, err, voucher.ErrVoucherType)
		huge := d.premium("huge", money.MaxAmount)
		huge.Lines = append(huge.Lines, huge.Lines...)
		_, err = d.Prepare(ctx, hand("lin", ""), huge)
		refused(t, err, voucher.ErrInvalid)
		_, err = d.PrepareMany(ctx, hand("lin", ""), []ledger.Draft{d.premium("one", 1), noHash, d.premium("one", 2)})
		refused(t, err, voucher.ErrNoSource, voucher.ErrRepeated)
		for _, want := range []string{"row 2, \"no hash\", source hash", "row 3, \"one\", key: row 1 has it too"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q is not in: %v", want, err)
			}
		}
		for v := range d.Vouchers(ctx, book) {
			t.Errorf("a refused draft became %+v", v)
		}
	})
}

func heading(t *testing.T, d *desk) string {
	t.Helper()
	for a, err := range d.led.Accounts(t.Context(), book) {
		must(t, err)
		if a.Class == ledger.Heading {
			return a.Code
		}
	}
	t.Fatal("no heading")
	return ""
}

func TestClosingAndCorrectingVouchersGoWithoutOriginals(t *testing.T) {
	each(t, voucher.Config{}, func(t *testing.T, d *desk) {
		d.post(d.ready(d.premium("premium", 100)))
		code := func(role accounts.Role) string { return got(d.fund.RoleCode(role))(t) }
		closing := ledger.Draft{Key: "closing", Kind: ledger.KindClosing, Effective: 20260131, Description: "期末结转", Lines: []ledger.Line{
			ledger.DebitLine(code(accounts.RoleContributions), 90), ledger.CreditLine(code(accounts.RoleGeneralBalance), 90)}}
		red := ledger.Draft{Key: "red", Kind: voucher.KindCorrection, Effective: 20260131, Description: "注销", Lines: []ledger.Line{
			ledger.DebitLine(code(accounts.RoleIncomeAccount), -10), ledger.CreditLine(code(accounts.RoleContributions), -10)}}
		if v := d.post(d.ready(closing)); v.Kind != voucher.Transfer || v.Attachments != 0 {
			t.Errorf("%+v", v)
		}
		if v := d.post(d.ready(red)); v.Amount != -10 {
			t.Errorf("%+v", v)
		}
		d.sound()
	})
}

func TestWhatChangedSinceItWasSeenIsRefused(t *testing.T) {
	each(t, voucher.Config{}, func(t *testing.T, d *desk) {
		ctx := t.Context()
		seen := d.prepare(d.premium("k", 100))
		revised := got(d.Revise(ctx, hand("lin", "revise"), seen.Seen(), d.premium("k", 200)))(t)
		_, err := d.Review(ctx, hand("he", "r"), seen.Seen())
		refused(t, err, voucher.ErrChanged)
		d.review(revised)
		_, err = d.Review(ctx, hand("he2", "r2"), revised.Seen())
		refused(t, err, voucher.ErrChanged)
		_, err = d.Review(ctx, hand("he", "x"), voucher.Seen{No: 77, State: voucher.Drafted})
		refused(t, err, voucher.ErrUnknown)
		_, err = d.ReviewMany(ctx, hand("he", "x"), []voucher.Seen{revised.Seen(), revised.Seen()})
		refused(t, err, voucher.ErrRepeated)
		var fault *voucher.Fault
		if !errors.As(err, &fault) || fault.No != revised.No || fault.Row == 0 || fault.Book != book {
			t.Errorf("%+v", fault)
		}
		_, err = d.Document(ctx, book, 77)
		refused(t, err, voucher.ErrUnknown)
		_, err = d.History(ctx, book, 77)
		refused(t, err, voucher.ErrUnknown)
		_, err = d.OfEntry(ctx, book, 1)
		refused(t, err, voucher.ErrUnknown)
	})
}

func TestAskingAgainReplaysAndOtherContentUnderTheKeyIsRefused(t *testing.T) {
	each(t, voucher.Config{}, func(t *testing.T, d *desk) {
		ctx := t.Context()
		draft := d.premium("k", 100)
		v := d.prepare(draft)
		if again := d.prepare(draft); !again.Replayed || again.No != v.No || again.Content != v.Content {
			t.Errorf("%+v", again)
		}
		_, err := d.Prepare(ctx, hand("lin", ""), d.premium("k", 101))
		refused(t, err, voucher.ErrKeyReused)
		_, err = d.Prepare(ctx, hand("lin2", ""), draft)
		refused(t, err, voucher.ErrKeyReused)
		commands := []struct {
			name string
			run  func(key string, seen voucher.Seen, by string) (voucher.Voucher, error)
			by   string
		}{
			{"send back", func(key string, seen voucher.Seen, by string) (voucher.Voucher, error) {
				h := hand(by, key)
				h.Reason = "why"
				return first(d.SendBack(ctx, h, seen))
			}, "he"},
			{"revise", func(key string, seen voucher.Seen, by string) (voucher.Voucher, error) {
				revised := d.premium("k", 300)
				revised.EnteredBy = by
				return d.Revise(ctx, hand(by, key), seen, revised)
			}, "lin"},
			{"review", func(key string, seen voucher.Seen, by string) (voucher.Voucher, error) {
				return d.Review(ctx, hand(by, key), seen)
			}, "he"},
			{"cashier", func(key string, seen voucher.Seen, by string) (voucher.Voucher, error) {
				return first(d.Sign(ctx, hand(by, key), voucher.Cashier, seen))
			}, "chu"},
			{"head", func(key string, seen voucher.Seen, by string) (voucher.Voucher, error) {
				return first(d.Sign(ctx, hand(by, key), voucher.Head, seen))
			}, "zhu"},
			{"post", func(key string, seen voucher.Seen, by string) (voucher.Voucher, error) {
				return d.Post(ctx, hand(by, key), seen)
			}, "ji"},
		}
		for _, c := range commands {
			seen := v.Seen()
			v = got(c.run(c.name, seen, c.by))(t)
			again := got(c.run(c.name, seen, c.by))(t)
			if !again.Replayed {
				t.Errorf("%s is not replayed: %+v", c.name, again)
			}
			again.Replayed = false
			if again != v {
				t.Errorf("%s replays as %+v, was %+v", c.name, again, v)
			}
			_, err := c.run(c.name, seen, c.by+"2")
			refused(t, err, voucher.ErrKeyReused)
			_, err = c.run("k", seen, c.by) // the key of the preparation
			refused(t, err, voucher.ErrKeyReused)
		}
		if again := d.prepare(draft); !again.Replayed || again.State != voucher.Posted {
			t.Errorf("%+v", again)
		}
		if n := d.entries(); n != 1 {
			t.Errorf("%d entries", n)
		}
		d.sound()
	})
}

func TestWhatTheLedgerRefusesStaysReviewed(t *testing.T) {
	each(t, voucher.Config{}, func(t *testing.T, d *desk) {
		ctx := t.Context()
		good := d.ready(d.premium("good", 100))
		over := d.ready(d.draft("E2", "over", 20260111, part(accounts.RoleFiscalAccount, 500), part(accounts.RoleIncomeAccount, 500)))
		_, err := d.PostMany(ctx, hand("ji", "p"), []voucher.Seen{good.Seen(), over.Seen()})
		refused(t, err, voucher.ErrLedger)
		var fault *voucher.Fault
		if !errors.Is(err, ledger.ErrBelowZero) || !errors.As(err, &fault) || fault.No != over.No || fault.Row != 2 {
			t.Errorf("%+v", err)
		}
		if d.now(good.No) != good || d.now(over.No) != over || d.entries() != 0 {
			t.Error("a refused batch left something behind")
		}
		if err := d.db.Update(ctx, func(ctx context.Context, tx *store.Tx) error {
			_, err := d.led.ClosePeriodTx(ctx, tx.Handle(), book, ledger.Act{Key: "close", Effective: 20260131, EnteredBy: "zhu"}, 202601)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		_, err = d.Post(ctx, hand("ji", "p"), good.Seen())
		if refused(t, err, voucher.ErrLedger); !errors.Is(err, ledger.ErrPeriodClosed) {
			t.Error(err)
		}
		_, err = d.Prepare(ctx, hand("lin", ""), d.premium("late", 1))
		refused(t, err, voucher.ErrPeriodClosed)
		d.sound()
	})
}

func TestPoliciesThatTheRulesForbidAreRefusedWithFileAndLine(t *testing.T) {
	good := got(voucher.ParsePolicy("p.yaml", []byte(`id: "county"
may_be_one: [["reviewer", "bookkeeper"]]
staff:
  cashier: ["u21", "u22"]
numbering: "by_kind"
head: "any_time"
source_hash: "optional"
`)))(t)
	if good.ID != "county" || len(good.MayBeOne) != 1 || good.Head != voucher.AnyTime || good.Cashier != voucher.BeforePosting || good.SourceHash || len(good.MoneyAccounts) != 6 {
		t.Errorf("%+v", good)
	}
	for name, x := range map[string]struct{ text, want string }{
		"preparer and reviewer":  {"id: \"x\"\nmay_be_one: [[\"reviewer\", \"preparer\"]]", "p.yaml:2, may_be_one: reviewer and preparer are never one person"},
		"cashier and reviewer":   {"id: \"x\"\nmay_be_one:\n  - [\"cashier\", \"reviewer\"]", "p.yaml:3, may_be_one: cashier and reviewer are never one person"},
		"cashier and bookkeeper": {"id: \"x\"\nmay_be_one: [[\"bookkeeper\", \"cashier\"]]", "p.yaml:2, may_be_one: bookkeeper and cashier are never one person"},
		"one duty":               {"id: \"x\"\nmay_be_one: [[\"head\"]]", "p.yaml:2, may_be_one: 1 duties"},
		"unknown duty":           {"id: \"x\"\nmay_be_one: [[\"head\", \"king\"]]", "p.yaml:2, may_be_one: \"head\" and \"king\" are no two duties"},
		"unknown field":          {"id: \"x\"\nreviewer: \"any\"", "p.yaml:2, reviewer: no field"},
		"twice":                  {"id: \"x\"\nhead: \"any_time\"\nhead: \"any_time\"", "p.yaml:3, head: comes twice"},
		"unquoted":               {"id: x", "p.yaml:1, id: no quoted text"},
		"no id":                  {"head: \"any_time\"", "p.yaml:1, id: not given"},
		"bad moment":             {"id: \"x\"\n\ncashier: \"later\"", "p.yaml:3, cashier: \"later\""},
		"bad numbering":          {"id: \"x\"\nnumbering: \"y\"", "p.yaml:2, numbering: \"y\""},
		"bad source hash":        {"id: \"x\"\nsource_hash: \"y\"", "p.yaml:2, source_hash: \"y\""},
		"staff of nobody":        {"id: \"x\"\nstaff: {head: []}", "p.yaml:2, staff.head: names nobody"},
		"staff of no duty":       {"id: \"x\"\nstaff: {king: [\"u\"]}", "p.yaml:2, staff: \"king\" is no duty"},
		"no accounts of money":   {"id: \"x\"\nmoney_accounts: []", "p.yaml:2, money_accounts: names no account"},
		"no list":                {"id: \"x\"\nmoney_accounts: \"1001\"", "p.yaml:2, money_accounts: no list"},
		"no mapping":             {"[]", "p.yaml:1, the file: no mapping"},
		"two documents":          {"id: \"x\"\n---\nid: \"y\"", "p.yaml:1: not one document"},
		"no YAML":                {"id: \"x\"\n\tb: [", "p.yaml:"},
	} {
		_, err := voucher.ParsePolicy("p.yaml", []byte(x.text))
		if err == nil || !errors.Is(err, voucher.ErrPolicy) || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: %v, want %s", name, err, x.want)
		}
	}
	policy := voucher.DefaultPolicy()
	policy.MayBeOne = [][2]voucher.Duty{{voucher.Cashier, voucher.Head}}
	_, err := voucher.New(nil, nil, voucher.Config{Policy: policy})
	refused(t, err, voucher.ErrPolicy, voucher.ErrMissing)
}

func FuzzPolicy(f *testing.F) {
	f.Add("id: \"county\"\nmay_be_one: [[\"reviewer\", \"bookkeeper\"]]\nstaff: {cashier: [\"u\"]}")
	f.Add("id: &a \"x\"\nhead: *a")
	f.Add("- [")
	f.Fuzz(func(t *testing.T, text string) {
		policy, err := voucher.ParsePolicy("p", []byte(text))
		if err != nil {
			return
		}
		for _, pair := range policy.MayBeOne {
			if fmt.Sprint(pair) == fmt.Sprint([2]voucher.Duty{voucher.Preparer, voucher.Reviewer}) {
				t.Errorf("taken: %q", text)
			}
		}
	})
}

func TestHandsAreChecked(t *testing.T) {
	each(t, voucher.Config{}, func(t *testing.T, d *desk) {
		v := d.prepare(d.premium("k", 1))
		for name, h := range map[string]voucher.Hand{
			"nobody": {Book: book, Key: "k", On: 20260115}, "no key": {Book: book, By: "he", On: 20260115}, "no day": {Book: book, By: "he", Key: "x"},
			"bad day": {Book: book, By: "he", Key: "x", On: 20260230}, "bad text": {Book: book, By: "he\xff", Key: "x", On: 20260115},
			"long": {Book: book, By: strings.Repeat("h", 257), Key: "x", On: 20260115},
		} {
			if _, err := d.Review(t.Context(), h, v.Seen()); !errors.Is(err, voucher.ErrMissing) && !errors.Is(err, voucher.ErrInvalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err := d.ReviewMany(t.Context(), hand("he", "x"), make([]voucher.Seen, voucher.MaxVouchers+1))
		refused(t, err, voucher.ErrTooMany)
		other := hand("he", "x")
		other.Book.Number = 9
		_, err = d.Review(t.Context(), other, v.Seen())
		refused(t, err, voucher.ErrUnknown)
		other.By = "lin"
		if _, err = d.Prepare(t.Context(), other, d.premium("k", 1)); !errors.Is(err, ledger.ErrBookUnknown) {
			t.Error(err)
		}
	})
}
