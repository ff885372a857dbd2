package ledger_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/ledgertest"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// alike compares as same does, without package cmp: it finds most of a history in order, and package cmp takes more time to say so than both ledgers take to
// answer. What it does not find alike is left to package cmp to judge.
func alike(want, got reflect.Value) bool {
	if !want.IsValid() || !got.IsValid() || want.Type() != got.Type() {
		return want.IsValid() == got.IsValid() && !want.IsValid()
	}
	switch want.Kind() {
	case reflect.Interface, reflect.Pointer:
		if want.IsNil() || got.IsNil() {
			return want.IsNil() && got.IsNil()
		}
		return alike(want.Elem(), got.Elem())
	case reflect.Slice, reflect.Array:
		if want.Len() != got.Len() {
			return false
		}
		for i := range want.Len() {
			if !alike(want.Index(i), got.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Map:
		for _, key := range want.MapKeys() {
			if other := got.MapIndex(key); !other.IsValid() || !alike(want.MapIndex(key), other) {
				return false
			}
		}
		return want.Len() == got.Len()
	case reflect.Struct:
		if !want.CanInterface() {
			return false
		}
		switch x := want.Interface().(type) {
		case ledger.BookID:
			return true
		case time.Time:
			return x.Equal(got.Interface().(time.Time))
		case money.Currency:
			return x == got.Interface().(money.Currency)
		}
		for i := range want.NumField() {
			if !alike(want.Field(i), got.Field(i)) {
				return false
			}
		}
		return true
	}
	return want.Comparable() && want.Equal(got)
}

// Whatever alike finds alike, package cmp must too: each field of an entry with lines is changed in turn.
func TestAlikeSeesEveryField(t *testing.T) {
	entry := func() ledger.Entry {
		return ledger.Entry{
			Recorded: time.UnixMicro(1), Source: ledger.Source{Hash: []byte{1}}, Attachments: []ledger.Attachment{{Name: "a", Hash: []byte{1}}},
			Metadata: map[string]string{"a": "b"}, Act: []byte{1}, Lines: []ledger.Line{{Account: 1, Code: "c", Side: 1, Amount: 1, Month: 1, Tag: "t"}},
		}
	}
	var change func(of reflect.Value, path string, check func(path string))
	change = func(of reflect.Value, path string, check func(path string)) {
		switch of.Kind() {
		case reflect.Struct:
			if _, ok := of.Interface().(time.Time); ok {
				of.Set(reflect.ValueOf(time.UnixMicro(2)))
				check(path)
				return
			}
			for i := range of.NumField() {
				if name := of.Type().Field(i).Name; name != "Book" {
					change(of.Field(i), path+"."+name, check)
				}
			}
		case reflect.Slice, reflect.Array:
			change(of.Index(of.Len()-1), path+"[]", check)
			if of.Kind() == reflect.Slice {
				of.SetLen(of.Len() - 1)
				check(path + " shortened")
			}
		case reflect.Map:
			of.SetMapIndex(reflect.ValueOf("a"), reflect.ValueOf("c"))
			check(path)
			of.SetMapIndex(reflect.ValueOf("a"), reflect.Value{})
			of.SetMapIndex(reflect.ValueOf("b"), reflect.ValueOf("b"))
			check(path + " of another key")
		case reflect.String:
			of.SetString(of.String() + "x")
			check(path)
		case reflect.Uint8:
			of.SetUint(of.Uint() + 1)
			check(path)
		default:
			of.SetInt(of.Int() + 1)
			check(path)
		}
	}
	want, got, checked := entry(), entry(), 0
	if want.Book.Number++; !alike(reflect.ValueOf(want), reflect.ValueOf(got)) {
		t.Error("equal entries of two books are not alike")
	}
	change(reflect.ValueOf(&got).Elem(), "entry", func(path string) {
		if checked++; alike(reflect.ValueOf(want), reflect.ValueOf(got)) {
			t.Errorf("%s changed, and alike", path)
		}
		want = clonedEntry(got)
	})
	if checked < 34 {
		t.Errorf("%d changes", checked)
	}
}

func clonedEntry(e ledger.Entry) ledger.Entry {
	e.Source.Hash, e.Act, e.Lines, e.Metadata = slices.Clone(e.Source.Hash), slices.Clone(e.Act), slices.Clone(e.Lines), maps.Clone(e.Metadata)
	e.Attachments = slices.Clone(e.Attachments)
	for i := range e.Attachments {
		e.Attachments[i].Hash = slices.Clone(e.Attachments[i].Hash)
	}
	return e
}

// same ends the history unless both are equal. Nil and empty are equal, and realms are not looked at: each history has its own.
func (h *history) same(t *rapid.T, what string, want, got any) {
	t.Helper()
	if alike(reflect.ValueOf(want), reflect.ValueOf(got)) {
		return
	}
	options := cmp.Options{
		cmpopts.EquateEmpty(), cmpopts.IgnoreTypes(ledger.BookID{}),
		cmp.Comparer(func(a, b money.Currency) bool { return a == b }),
	}
	if !cmp.Equal(want, got, options) {
		t.Fatalf("%s: (-model +ledger)\n%s", what, strings.ReplaceAll(cmp.Diff(want, got, options), "\u00a0", " "))
	}
}

func (h *history) failOn(t *rapid.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %s", what, h.anonymous(err.Error()))
	}
}

// at draws a point of reading.
func (h *history) at(t *rapid.T, id ledger.BookID) ledger.At {
	return ledger.At{
		Date: rapid.SampledFrom([]calendar.Date{0, 20251231, 20260131, 20261101, 20261130, 20261231, 20270101, 20270228}).Draw(t, "date"),
		Seq:  ledger.Seq(rapid.IntRange(0, int(h.model.Book(id).Seq)).Draw(t, "seq")),
	}
}

func (h *history) stretch(t *rapid.T, id ledger.BookID) ledger.Range {
	from := ledgertest.Day(20251201, 20270201).Draw(t, "from")
	return ledger.Range{From: from, To: ledgertest.Day(from, 20270331).Draw(t, "to"), Seq: h.at(t, id).Seq}
}

// compareSome compares every book, and of one book the trial balance of now and of another day and number, some accounts, and what was posted last.
func (h *history) compareSome(t *rapid.T) {
	h.compareBooks(t)
	id := h.book(t)
	h.compareTrial(t, id, ledger.Range{From: 20000101, To: 99991231})
	h.compareTrial(t, id, h.stretch(t, id))
	accounts := h.model.Accounts(id)
	for range 3 {
		account := pick(t, accounts, "account")
		h.compareBalance(t, id, account.No, ledger.At{})
		h.compareBalance(t, id, account.No, h.at(t, id))
		h.compareStatement(t, id, account, h.stretch(t, id))
	}
	seq := h.model.Book(id).Seq
	h.compareEntries(t, id, max(seq-3, 1), seq)
	entry := pick(t, h.model.Entries(id), "entry")
	h.compareByKey(t, id, entry)
}

// compareAll compares everything that can be read, and has every book verified.
func (h *history) compareAll(t *rapid.T) {
	h.compareBooks(t)
	for _, id := range h.books {
		h.compareEntries(t, id, 1, 0)
		for _, entry := range h.model.Entries(id) {
			h.compareByKey(t, id, entry)
		}
		h.compareAccounts(t, id)
		h.verify(t, id)
	}
	for _, id := range h.books[1:] {
		for range 4 {
			h.compareTrial(t, id, h.stretch(t, id))
		}
		for _, account := range h.model.Accounts(id) {
			h.compareBalance(t, id, account.No, ledger.At{})
			h.compareBalance(t, id, account.No, h.at(t, id))
			h.compareStatement(t, id, account, h.stretch(t, id))
		}
	}
}

func (h *history) compareBooks(t *rapid.T) {
	for _, id := range h.books {
		var roots []seal.Hash
		for i, l := range h.ledgers {
			book, err := l.Book(h.ctx, id)
			h.failOn(t, "book", err)
			roots = append(roots, book.Root)
			book.Root = seal.Hash{}
			h.same(t, fmt.Sprintf("ledger %d: book %d", i, id.Number), h.model.Book(id), book)
		}
		for i := range roots {
			h.same(t, fmt.Sprintf("root of book %d", id.Number), roots[0], roots[i])
		}
	}
}

// compareAccounts compares the accounts read in every way, the movements of members, and the acts on periods.
func (h *history) compareAccounts(t *rapid.T, id ledger.BookID) {
	accounts := h.model.Accounts(id)
	byNumber := map[ledger.AccountNo]ledger.Account{}
	for _, a := range accounts {
		byNumber[a.No] = a
	}
	r := h.stretch(t, id)
	for i, l := range h.ledgers {
		what := fmt.Sprintf("ledger %d: book %d: ", i, id.Number)
		var got []ledger.Account
		for account, err := range l.Accounts(h.ctx, id) {
			h.failOn(t, "accounts", err)
			got = append(got, account)
			same, err := l.Account(h.ctx, id, account.Code)
			h.failOn(t, "account", err)
			h.same(t, what+"account by code", account, same)
			if account.Class != ledger.Control {
				continue
			}
			var moved []ledger.MemberMovement
			for m, err := range l.MemberMovements(h.ctx, id, account.No, r) {
				h.failOn(t, "movements of members", err)
				moved = append(moved, m)
			}
			h.same(t, what+"movements of members", h.model.MemberMovements(id, account.No, r), moved)
			h.compareMembers(t, what, l, id, account.No, r)
		}
		h.same(t, what+"accounts", accounts, got)
		numbered, err := l.AccountsByNumber(h.ctx, id, append(slices.Collect(maps.Keys(byNumber)), 0, 30000))
		h.failOn(t, "accounts by number", err)
		h.same(t, what+"accounts by number", byNumber, numbered)
		through := pick(t, []calendar.Period{202601, 202611, 202612, 202613, 999913}, "through")
		totals, err := l.PeriodTotals(h.ctx, id, through)
		h.failOn(t, "totals of periods", err)
		h.same(t, what+"totals of periods", h.model.PeriodTotals(id, through), totals.Totals)
		h.same(t, what+"accounts of the chart", slices.DeleteFunc(h.model.Accounts(id), func(a ledger.Account) bool { return a.Class == ledger.Member }), totals.Accounts)
		acts, err := l.PeriodActs(h.ctx, id)
		h.failOn(t, "acts on periods", err)
		h.same(t, what+"acts on periods", h.model.PeriodActs(id), acts)
	}
}

func (h *history) compareTrial(t *rapid.T, id ledger.BookID, r ledger.Range) {
	want := h.model.TrialBalance(id, r)
	for i, l := range h.ledgers {
		got, err := l.TrialBalance(h.ctx, id, r)
		h.failOn(t, "trial balance", err)
		h.same(t, fmt.Sprintf("ledger %d: trial balance of book %d, %+v", i, id.Number, r), want, got.Rows)
	}
}

func (h *history) compareBalance(t *rapid.T, id ledger.BookID, no ledger.AccountNo, at ledger.At) {
	want := h.model.Balance(id, no, at)
	for i, l := range h.ledgers {
		got, err := l.Balance(h.ctx, id, no, at)
		h.failOn(t, "balance", err)
		h.same(t, fmt.Sprintf("ledger %d: balance of account %d of book %d at %+v", i, no, id.Number, at), want, got)
	}
}

func (h *history) compareStatement(t *rapid.T, id ledger.BookID, account ledger.Account, r ledger.Range) {
	opening, want := h.model.Statement(id, account.No, r)
	for i, l := range h.ledgers {
		what := fmt.Sprintf("ledger %d: statement of account %d of book %d, %+v", i, account.No, id.Number, r)
		statement, err := l.Statement(h.ctx, id, account.No, r)
		if account.Class == ledger.Heading || account.Class == ledger.Control {
			refusals, err := ledgertest.Refusals(err)
			h.failOn(t, what, err)
			h.same(t, what, []ledgertest.Refusal{{Draft: -1, Code: ledger.ErrAccountClass, Line: -1}}, refusals)
			continue
		}
		h.failOn(t, what, err)
		h.same(t, what+": account", account, statement.Account)
		h.same(t, what+": opening", opening, statement.Opening)
		var got []ledger.StatementLine
		for line, err := range statement.Lines() {
			h.failOn(t, what, err)
			got = append(got, line)
		}
		h.same(t, what, want, got)
	}
}

func (h *history) compareEntries(t *rapid.T, id ledger.BookID, first, last ledger.Seq) {
	want := h.model.Entries(id)[first-1:]
	for i, l := range h.ledgers {
		var got []ledger.Entry
		for entry, err := range l.Entries(h.ctx, id, first, last) {
			h.failOn(t, "entries", err)
			got = append(got, withoutContent(entry))
		}
		h.same(t, fmt.Sprintf("ledger %d: entries of book %d from %d", i, id.Number, first), want, got)
	}
}

func (h *history) compareByKey(t *rapid.T, id ledger.BookID, want ledger.Entry) {
	for i, l := range h.ledgers {
		got, err := l.EntryByKey(h.ctx, id, want.Key)
		h.failOn(t, "entry by key", err)
		h.same(t, fmt.Sprintf("ledger %d: entry by key", i), want, withoutContent(got))
	}
}

// withoutContent takes out of an entry what the model does not know.
func withoutContent(entry ledger.Entry) ledger.Entry {
	entry.Leaf = seal.Hash{}
	if strings.HasPrefix(entry.Kind, "ledger.") {
		entry.Act = nil
	}
	return entry
}

func (h *history) verify(t *rapid.T, id ledger.BookID) {
	for i, l := range h.ledgers {
		report, err := l.Verify(h.ctx, id, ledger.VerifyOptions{Deep: true})
		h.failOn(t, "verify", err)
		if !report.Sound() {
			t.Fatalf("ledger %d: Verify finds in book %d: %s", i, id.Number, h.anonymous(report.Discrepancies[0].String()))
		}
	}
}

// compareMembers holds the accounts of members, read in sets, against the statement of each.
func (h *history) compareMembers(t *rapid.T, what string, l *ledger.Ledger, id ledger.BookID, control ledger.AccountNo, r ledger.Range) {
	seen := 0
	for m, err := range l.MemberAccounts(h.ctx, id, control, r) {
		h.failOn(t, "accounts of members", err)
		seen++
		alone, err := l.Statement(h.ctx, id, m.Account.No, r)
		h.failOn(t, "statement of a member", err)
		var lines []ledger.MemberLine
		for line, err := range alone.Lines() {
			h.failOn(t, "lines of a member", err)
			lines = append(lines, ledger.MemberLine{Seq: line.Seq, Ordinal: line.Ordinal, Effective: line.Effective, Side: line.Side, Amount: line.Amount, Month: line.Month, Tag: line.Tag})
		}
		h.same(t, what+"account of a member", alone.Account, m.Account)
		h.same(t, what+"opening of a member", alone.Opening, m.Opening)
		h.same(t, what+"lines of a member", lines, m.Lines)
	}
	members := 0
	for _, a := range h.model.Accounts(id) {
		if a.Class == ledger.Member && a.Parent == control {
			members++
		}
	}
	h.same(t, what+"number of members", members, seen)
}
