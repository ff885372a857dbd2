package voucher_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/fundledger/fundledger/accounts/voucher"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"pgregory.net/rapid"
)

// model is a receipt voucher as a clerk would explain it, written apart from the package's rules.
type model struct {
	state  voucher.State
	signed map[string]string // duty → person, in this round
	amount money.Amount
}

// may says whether a person may take a step: not in two duties, not out of turn.
func (m *model) may(action voucher.Action, by string) bool {
	free := true
	for _, person := range m.signed {
		free = free && person != by
	}
	author := m.signed["preparer"]
	switch action {
	case voucher.ActionRevise:
		return by == author && (m.state == "draft" || m.state == "sent_back")
	case voucher.ActionWithdraw:
		return by == author && (m.state == "draft" || m.state == "sent_back")
	case voucher.ActionSendBack:
		return by != author && (m.state == "draft" || m.state == "reviewed")
	case voucher.ActionReview:
		return free && m.state == "draft"
	case voucher.ActionSignCashier:
		return free && m.state == "reviewed" && m.signed["cashier"] == ""
	case voucher.ActionSignHead:
		return free && m.state == "reviewed" && m.signed["head"] == ""
	case voucher.ActionPost:
		return free && m.state == "reviewed" && m.signed["cashier"] != "" && m.signed["head"] != ""
	}
	return false
}

func (m *model) take(action voucher.Action, by string, amount money.Amount) {
	switch action {
	case voucher.ActionRevise:
		m.state, m.amount = "draft", amount
	case voucher.ActionWithdraw:
		m.state = "withdrawn"
	case voucher.ActionSendBack:
		m.state, m.signed = "sent_back", map[string]string{"preparer": m.signed["preparer"]}
	case voucher.ActionReview:
		m.state, m.signed["reviewer"] = "reviewed", by
	case voucher.ActionSignCashier:
		m.signed["cashier"] = by
	case voucher.ActionSignHead:
		m.signed["head"] = by
	case voucher.ActionPost:
		m.state, m.signed["bookkeeper"] = "posted", by
	}
}

func (d *desk) step(action voucher.Action, h voucher.Hand, v voucher.Voucher, amount money.Amount) error {
	var err error
	ctx, seen := d.t.Context(), v.Seen()
	switch action {
	case voucher.ActionRevise:
		_, err = d.Revise(ctx, h, seen, d.premium(v.Key, amount))
	case voucher.ActionWithdraw:
		_, err = d.Withdraw(ctx, h, seen)
	case voucher.ActionSendBack:
		_, err = d.SendBack(ctx, h, seen)
	case voucher.ActionReview:
		_, err = d.Review(ctx, h, seen)
	case voucher.ActionSignCashier:
		_, err = d.Sign(ctx, h, voucher.Cashier, seen)
	case voucher.ActionSignHead:
		_, err = d.Sign(ctx, h, voucher.Head, seen)
	case voucher.ActionPost:
		_, err = d.Post(ctx, h, seen)
	}
	return err
}

func TestRandomHandsDoWhatAClerkWouldExplain(t *testing.T) {
	actions := []voucher.Action{voucher.ActionRevise, voucher.ActionReview, voucher.ActionSignCashier, voucher.ActionSignHead, voucher.ActionPost, voucher.ActionSendBack,
		voucher.ActionWithdraw}
	usual := map[voucher.State][]voucher.Action{"draft": {voucher.ActionReview}, "sent_back": {voucher.ActionRevise}, "reviewed": actions[2:5], "withdrawn": actions}
	hands := map[voucher.Action]string{voucher.ActionRevise: "lin", voucher.ActionReview: "he", voucher.ActionSignCashier: "chu", voucher.ActionSignHead: "zhu",
		voucher.ActionPost: "ji", voucher.ActionSendBack: "he", voucher.ActionWithdraw: "lin"}
	people := []string{"lin", "he", "chu", "zhu", "ji"}
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		d := open(t, db, voucher.Config{})
		round, posted, taken, refusals := 0, int64(0), 0, 0
		rapid.Check(t, func(rt *rapid.T) {
			round++
			v := d.prepare(d.premium(fmt.Sprint("k", round), 100))
			m := &model{state: "draft", signed: map[string]string{"preparer": "lin"}, amount: 100}
			for i := range rapid.IntRange(1, 15).Draw(rt, "steps") {
				action, by := rapid.SampledFrom(actions).Draw(rt, "action"), rapid.SampledFrom(people).Draw(rt, "by")
				if rapid.IntRange(0, 3).Draw(rt, "usual") > 0 { // mostly the next step by the usual hand, so that many vouchers reach the book
					action = rapid.SampledFrom(usual[m.state]).Draw(rt, "action")
					by = hands[action]
				}
				amount := money.Amount(rapid.IntRange(1, 3).Draw(rt, "amount"))
				want := m.may(action, by)
				h := hand(by, fmt.Sprint(i))
				h.Reason = "why"
				err := d.step(action, h, d.now(v.No), amount)
				if (err == nil) != want {
					rt.Fatalf("%s by %s on %+v: %v, the model says %v", action, by, m, err, want)
				}
				if err != nil {
					refusals++
					if _, ours := errors.AsType[*voucher.Fault](err); !ours {
						rt.Fatal(err)
					}
					continue
				}
				taken++
				m.take(action, by, amount)
				now := d.now(v.No)
				if now.State != m.state || now.Amount != m.amount || now.Reviewer != m.signed["reviewer"] || now.Cashier != m.signed["cashier"] ||
					now.Head != m.signed["head"] || now.Bookkeeper != m.signed["bookkeeper"] {
					rt.Fatalf("%+v, the model says %+v", now, m)
				}
				if m.state == "posted" {
					posted++
					break
				}
			}
		})
		if n := d.entries(); n != posted {
			t.Errorf("%d entries, %d vouchers were posted", n, posted)
		}
		d.sound()
		if posted == 0 || refusals == 0 {
			t.Error("the histories prove nothing")
		}
		t.Logf("%d vouchers, %d steps taken, %d refused, %d posted", round, taken, refusals, posted)
	})
}
