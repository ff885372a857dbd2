package ledger_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/ledgertest"
	"github.com/fundledger/fundledger/ledger/money"
	"pgregory.net/rapid"
)

// pick draws one of a list by its place, which keeps the log of a failed history short.
func pick[T any](t *rapid.T, list []T, label string) T {
	return list[rapid.IntRange(0, len(list)-1).Draw(t, label)]
}

func (h *history) key() string {
	h.keys++
	return fmt.Sprint("key ", h.keys)
}

// book draws a book of a fund.
func (h *history) book(t *rapid.T) ledger.BookID {
	return pick(t, h.books[1:], "book")
}

// frame bounds drafts for a book: mostly within the period that is open and the two after it, sometimes anywhere near.
func (h *history) frame(t *rapid.T, id ledger.BookID) ledgertest.Frame {
	open := h.model.Book(id).ClosedThrough.Next().Month()
	f := ledgertest.Frame{Key: h.key(), Accounts: h.model.Accounts(id), From: open.First(), To: open.Add(2).Last(), Largest: 1_000_00}
	if open.OfYear() == 12 && rapid.Bool().Draw(t, "at the end of the year") {
		f.From, f.To = open.Last(), open.Last()
	} else if rapid.IntRange(1, 8).Draw(t, "far") == 8 {
		f.From, f.To = 20251215, 20270210
	}
	return f
}

func (h *history) postGood(t *rapid.T) {
	id := h.book(t)
	h.post(t, id, ledgertest.GoodDraft(h.frame(t, id)).Draw(t, "draft"))
}

func (h *history) postBad(t *rapid.T) {
	id := h.book(t)
	h.post(t, id, ledgertest.BrokenDraft(h.frame(t, id)).Draw(t, "draft"))
}

func (h *history) post(t *rapid.T, id ledger.BookID, draft ledger.Draft) {
	h.drafts = append(h.drafts, draft)
	h.run(t, post(id, draft))
}

// postBatch posts good drafts, now and then with a bad one, one that was posted before, or one key twice among them.
func (h *history) postBatch(t *rapid.T) {
	id := h.book(t)
	var drafts []ledger.Draft
	for range rapid.IntRange(0, 6).Draw(t, "size") {
		f := h.frame(t, id)
		switch rapid.IntRange(1, 24).Draw(t, "sort") {
		case 24:
			drafts = append(drafts, ledgertest.BrokenDraft(f).Draw(t, "draft"))
		case 23:
			if len(h.drafts) > 0 {
				drafts = append(drafts, pick(t, h.drafts, "draft"))
			}
		case 22, 21:
			drafts = append(drafts, ledgertest.HostAct(f).Draw(t, "act"))
		default:
			drafts = append(drafts, ledgertest.GoodDraft(f).Draw(t, "draft"))
		}
	}
	h.drafts = append(h.drafts, drafts...)
	h.run(t, postAll(id, drafts))
}

func (h *history) reverse(t *rapid.T) {
	id := h.book(t)
	seq := ledger.Seq(rapid.IntRange(0, int(h.model.Book(id).Seq)+1).Draw(t, "entry"))
	if left := h.reversible(id); len(left) > 0 && rapid.IntRange(1, 4).Draw(t, "any") < 4 {
		seq = pick(t, left, "reversible entry")
	}
	f := h.frame(t, id)
	reversal := ledgertest.Reversal(f.Key, ledgertest.Day(f.From, f.To).Draw(t, "effective"))
	switch rapid.IntRange(1, 8).Draw(t, "sort") {
	case 8:
		reversal.Reason = ""
		reversal.EnteredBy = pick(t, []string{"", "clerk"}, "entered by")
	case 7:
		reversal.EnteredBy = ""
	case 6:
		reversal.Period = 202613
	case 5:
		reversal.Attachments = []ledger.Attachment{{Name: "memo"}}
	case 4:
		reversal.Metadata = map[string]string{"voucher": pick(t, []string{"", "history", "cut \xe5\x85"}, "metadata")}
	}
	h.run(t, operation{
		what:  fmt.Sprintf("reverse entry %d of book %d: %+v", seq, id.Number, reversal),
		model: func(m *ledgertest.Model) (any, []ledgertest.Refusal) { return both(m.Reverse(id, seq, reversal)) },
		real:  func(ctx context.Context, l *ledger.Ledger) (any, error) { return l.Reverse(ctx, id, seq, reversal) },
	})
}

// reversible returns the numbers of the entries that have lines, mirror none and are mirrored by none.
func (h *history) reversible(id ledger.BookID) []ledger.Seq {
	entries := h.model.Entries(id)
	var left []ledger.Seq
	for _, e := range entries {
		if len(e.Lines) > 0 && e.Reverses == 0 && !slices.ContainsFunc(entries, func(by ledger.Entry) bool { return by.Reverses == e.Seq }) {
			left = append(left, e.Seq)
		}
	}
	return left
}

// act draws who orders something and when.
func (h *history) act(t *rapid.T) ledger.Act {
	act := ledgertest.Act(h.key(), ledgertest.Day(20251231, 20270210).Draw(t, "effective"))
	switch rapid.IntRange(1, 12).Draw(t, "act") {
	case 12:
		act.EnteredBy = ""
	case 11:
		act.Effective = 0
	case 10:
		act.ApprovedBy = act.EnteredBy
	case 9:
		act.Description = ""
	}
	return act
}

// openAccounts opens accounts of every class; about every other list has a fault.
func (h *history) openAccounts(t *rapid.T) {
	id := pick(t, h.books, "book")
	accounts := h.model.Accounts(id)
	codes := []string{"", "unknown"}
	for _, a := range accounts {
		codes = append(codes, a.Code)
	}
	var specs []ledger.AccountSpec
	for i := range rapid.IntRange(0, 4).Draw(t, "size") {
		spec := ledger.AccountSpec{Code: fmt.Sprint("N", h.keys, "-", i), Name: "new", Type: ledger.Asset, Class: ledger.Class(rapid.IntRange(0, 5).Draw(t, "class"))}
		spec.Parent = rapid.SampledFrom(codes).Draw(t, "parent")
		if at := slices.IndexFunc(accounts, func(a ledger.Account) bool { return a.Code == spec.Parent }); at >= 0 && rapid.IntRange(1, 4).Draw(t, "fitting") < 4 {
			spec.Type, spec.Section, spec.Class = accounts[at].Type, accounts[at].Section, ledger.Detail
			if accounts[at].Class == ledger.Control {
				spec.Class = ledger.Member
			}
		}
		spec.NeverBelowZero = rapid.IntRange(1, 6).Draw(t, "limited") == 6
		switch rapid.IntRange(1, 16).Draw(t, "fault") {
		case 16:
			spec.Code = rapid.SampledFrom(codes).Draw(t, "code")
		case 15:
			spec.Name = "\xff"
		case 14:
			spec.Type, spec.Section = 9, 9
		}
		specs = append(specs, spec)
		codes = append(codes, spec.Code)
	}
	h.run(t, openAccounts(id, h.act(t), specs))
}

// number draws the number of an account, sometimes of one that there is not.
func (h *history) number(t *rapid.T, id ledger.BookID) ledger.AccountNo {
	return ledger.AccountNo(rapid.IntRange(0, len(h.model.Accounts(id))+1).Draw(t, "account"))
}

func (h *history) closeAccount(t *rapid.T) {
	id := h.book(t)
	no, act := h.number(t, id), h.act(t)
	h.run(t, operation{
		what:  fmt.Sprintf("close account %d of book %d: %+v", no, id.Number, act),
		model: func(m *ledgertest.Model) (any, []ledgertest.Refusal) { return nil, m.CloseAccount(id, act, no) },
		real:  func(ctx context.Context, l *ledger.Ledger) (any, error) { return nil, l.CloseAccount(ctx, id, act, no) },
	})
}

func (h *history) nameAccount(t *rapid.T) {
	id := h.book(t)
	no, act, name := h.number(t, id), h.act(t), rapid.SampledFrom([]string{"", "another name", "新名称", "\x00"}).Draw(t, "name")
	h.run(t, operation{
		what:  fmt.Sprintf("name account %d of book %d: %+v %q", no, id.Number, act, name),
		model: func(m *ledgertest.Model) (any, []ledgertest.Refusal) { return nil, m.NameAccount(id, act, no, name) },
		real: func(ctx context.Context, l *ledger.Ledger) (any, error) {
			return nil, l.NameAccount(ctx, id, act, no, name)
		},
	})
}

// closePeriod closes the next period.
func (h *history) closePeriod(t *rapid.T) {
	id := h.book(t)
	h.onPeriod(t, id, "close", ledgertest.Act(h.key(), ledgertest.Opened), h.model.Book(id).ClosedThrough.Next())
}

func (h *history) actOnPeriod(t *rapid.T) {
	id := pick(t, h.books, "book")
	book := h.model.Book(id)
	period := rapid.SampledFrom([]calendar.Period{
		book.ClosedThrough, book.ClosedThrough, book.ClosedThrough.Next(), book.First.Previous(), book.First, book.IssuedThrough, 202613, 202614, 0,
	}).Draw(t, "period")
	h.onPeriod(t, id, rapid.SampledFrom([]string{"close", "reopen", "reopen", "issue", "finalise"}).Draw(t, "what"), h.act(t), period)
}

func (h *history) onPeriod(t *rapid.T, id ledger.BookID, what string, act ledger.Act, period calendar.Period) {
	h.run(t, operation{
		what: fmt.Sprintf("%s period %v of book %d: %+v", what, period, id.Number, act),
		model: func(m *ledgertest.Model) (any, []ledgertest.Refusal) {
			switch what {
			case "close":
				return both(m.ClosePeriod(id, act, period))
			case "reopen":
				return both(m.ReopenPeriod(id, act, period))
			case "issue":
				return both(m.IssuePeriod(id, act, period))
			}
			return both(m.FinaliseYear(id, act, period.Year()))
		},
		real: func(ctx context.Context, l *ledger.Ledger) (any, error) {
			switch what {
			case "close":
				return l.ClosePeriod(ctx, id, act, period)
			case "reopen":
				return l.ReopenPeriod(ctx, id, act, period)
			case "issue":
				return l.IssuePeriod(ctx, id, act, period)
			}
			return l.FinaliseYear(ctx, id, act, period.Year())
		},
	})
}

// askAgain asks for something that was asked for before: what succeeded is answered as it was then, whatever has happened since.
func (h *history) askAgain(t *rapid.T) {
	h.run(t, pick(t, h.past, "which"))
}

// reuseKey posts something else with a key that was used before.
func (h *history) reuseKey(t *rapid.T) {
	id := h.book(t)
	entries := h.model.Entries(id)
	f := h.frame(t, id)
	f.Key = pick(t, entries, "entry").Key
	if rapid.Bool().Draw(t, "act") {
		h.onPeriod(t, id, "close", ledgertest.Act(f.Key, ledgertest.Opened), h.model.Book(id).ClosedThrough.Next())
		return
	}
	h.post(t, id, ledgertest.GoodDraft(f).Draw(t, "draft"))
}

// openAgain asks for realms and books that are there, or that are not as they were asked for.
func (h *history) openAgain(t *rapid.T) {
	if rapid.Bool().Draw(t, "realm") {
		spec := ledgertest.RealmSpec(h.realm)
		spec.Name = rapid.SampledFrom([]string{spec.Name, "another", "", "\x00"}).Draw(t, "name")
		spec.Opened = rapid.SampledFrom([]calendar.Date{spec.Opened, spec.Opened, 0, 20260102}).Draw(t, "opened")
		h.run(t, openRealm(spec))
		return
	}
	spec := ledgertest.BookSpec(h.book(t))
	spec.ID.Number = rapid.SampledFrom([]int16{1, 1, 2, 0, -1}).Draw(t, "number")
	spec.First = rapid.SampledFrom([]calendar.Period{202611, 202601, 202613, 0}).Draw(t, "first")
	spec.Currency = rapid.SampledFrom([]money.Currency{spec.Currency, {}}).Draw(t, "currency")
	spec.EnteredBy = rapid.SampledFrom([]string{spec.EnteredBy, ""}).Draw(t, "entered by")
	h.run(t, openBook(spec))
}

func (h *history) moveClock(t *rapid.T) {
	h.clock.Move(time.Duration(rapid.Int64Range(-int64(time.Hour), int64(time.Hour)).Draw(t, "by")))
}

func (h *history) registerAct(t *rapid.T) {
	f := ledgertest.Frame{Key: h.key(), From: ledgertest.Opened, To: 20261231}
	if rapid.IntRange(1, 4).Draw(t, "with lines") == 4 {
		f.Accounts = h.model.Accounts(h.books[1])
	}
	h.run(t, post(h.books[0], ledgertest.GoodDraft(f).Draw(t, "draft")))
}
