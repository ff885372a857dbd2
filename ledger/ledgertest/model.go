package ledgertest

import (
	"fmt"
	"slices"
	"time"

	"github.com/fundledger/fundledger/ledger"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// Model says what a ledger must do. It keeps every entry in a slice and answers every question by adding up from the first line on. Each operation is named
// as the real one and returns the reasons for which it must be refused, none if it must succeed. It is not safe for concurrent use.
//
// It knows no hashes: leaves and roots are zero, and so is the content of the ledger's own acts.
type Model struct {
	now   func() time.Time
	books map[ledger.BookID]*modelBook
}

// NewModel returns an empty model with the clock of the ledger it is compared with.
func NewModel(now func() time.Time) *Model {
	return &Model{now: now, books: map[ledger.BookID]*modelBook{}}
}

type modelBook struct {
	book     ledger.Book
	accounts []ledger.Account // number n at n−1
	entries  []*modelEntry    // number n at n−1
}

type modelEntry struct {
	ledger.Entry
	request      *request
	firstAccount ledger.AccountNo
}

// request is a draft with everything that makes two of them equal: codes are numbers, and what was left open is settled.
type request struct {
	draft    ledger.Draft
	own      bool // an act of the ledger's own
	reverses ledger.Seq
	content  any // what an act of the ledger's own says

	refuse func() []Refusal  // reasons that only this act can have
	apply  func(*modelEntry) // what it does to the book
}

// OpenRealm opens a realm with its register book.
func (m *Model) OpenRealm(spec ledger.RealmSpec) []Refusal {
	id := ledger.BookID{Realm: spec.ID}
	opening := &request{own: true, content: []any{spec.ID, spec.Code, spec.Name}, draft: ledger.Draft{
		Key: "ledger.realm.open", Kind: "ledger.realm.open", Effective: spec.Opened, EnteredBy: spec.EnteredBy,
	}}
	refusals := draftRefusals(opening, -1)
	if spec.ID <= 0 {
		refusals = append(refusals, one(ledger.ErrFieldInvalid)...)
	}
	refusals = append(refusals, nameRefusals(spec.Code, spec.Name)...)
	if len(refusals) > 0 {
		return ordered(refusals)
	}
	return m.open(id, ledger.Book{ID: id, Code: spec.Code, Name: spec.Name}, opening, ledger.ErrRealmExists)
}

// OpenBook opens a book in an open realm and seals that in the realm's register book.
func (m *Model) OpenBook(spec ledger.BookSpec) []Refusal {
	opening := &request{own: true, content: []any{spec.Code, spec.Name, spec.Currency.Code(), spec.Currency.Scale(), spec.First}, draft: ledger.Draft{
		Key: "ledger.book.open", Kind: "ledger.book.open", Effective: spec.Opened, EnteredBy: spec.EnteredBy,
	}}
	refusals := draftRefusals(opening, -1)
	if spec.ID.Realm <= 0 || spec.ID.Number <= 0 {
		refusals = append(refusals, one(ledger.ErrFieldInvalid)...)
	}
	refusals = append(refusals, nameRefusals(spec.Code, spec.Name)...)
	if spec.Currency.IsZero() {
		refusals = append(refusals, one(ledger.ErrFieldMissing)...)
	}
	if !spec.First.Valid() || spec.First.IsClosing() {
		refusals = append(refusals, one(ledger.ErrFieldInvalid)...)
	}
	if len(refusals) > 0 {
		return ordered(refusals)
	}
	if m.books[spec.ID.Register()] == nil {
		return one(ledger.ErrRealmUnknown)
	}
	book := ledger.Book{
		ID: spec.ID, Code: spec.Code, Name: spec.Name, Currency: spec.Currency, First: spec.First, ClosedThrough: spec.First.Previous(),
	}
	if refusals := m.open(spec.ID, book, opening, ledger.ErrBookExists); len(refusals) > 0 {
		return refusals
	}
	_, refusals = m.record(spec.ID.Register(), &request{own: true, content: spec.ID.Number, draft: ledger.Draft{
		Key: fmt.Sprint("ledger.book.opened ", spec.ID.Number), Kind: "ledger.book.opened", Effective: spec.Opened, EnteredBy: spec.EnteredBy,
	}})
	return refusals
}

func (m *Model) open(id ledger.BookID, book ledger.Book, opening *request, taken ledger.Code) []Refusal {
	if m.books[id] == nil {
		m.books[id] = &modelBook{book: book}
	}
	if _, refusals := m.record(id, opening); len(refusals) > 0 {
		return one(taken) // another book has this number
	}
	return nil
}

// record is the one way into a book. Requests are taken all or none.
func (m *Model) record(id ledger.BookID, requests ...*request) ([]ledger.Receipt, []Refusal) {
	var refusals []Refusal
	for i, r := range requests {
		refusals = append(refusals, draftRefusals(r, i)...)
	}
	if len(refusals) > 0 {
		return nil, ordered(refusals)
	}
	if len(requests) == 0 {
		return nil, nil
	}
	b := m.books[id]
	if b == nil {
		return nil, one(ledger.ErrBookUnknown)
	}
	receipts := make([]ledger.Receipt, len(requests))
	var fresh []int
	for i, r := range requests {
		b.settle(r)
		earlier := slices.ContainsFunc(fresh, func(j int) bool { return requests[j].draft.Key == r.draft.Key })
		stored := b.byKey(r.draft.Key)
		switch {
		case earlier, stored != nil && !equal(stored.request, r):
			refusals = append(refusals, Refusal{Draft: r.place(i), Code: ledger.ErrKeyReused, Line: -1})
		case stored != nil:
			receipts[i] = stored.receipt()
			receipts[i].Replayed = true
		default:
			fresh = append(fresh, i)
		}
	}
	refusals = append(refusals, b.stateRefusals(requests, fresh)...)
	if len(refusals) == 0 {
		refusals = b.limitRefusals(requests, fresh)
	}
	if len(refusals) > 0 {
		return nil, ordered(refusals)
	}
	for _, i := range fresh {
		receipts[i] = m.add(b, requests[i]).receipt()
	}
	return receipts, nil
}

// place is where a request stands in its batch; acts of the ledger's own are never in one.
func (r *request) place(i int) int {
	if r.own {
		return -1
	}
	return i
}

// settle replaces codes by numbers and fills in what was left open. Unknown accounts keep the number zero.
func (b *modelBook) settle(r *request) {
	d := &r.draft
	if d.Kind == "" {
		d.Kind = ledger.KindEntry
	}
	lines := make([]ledger.Line, len(d.Lines))
	for i, line := range d.Lines {
		if account := b.account(line); account != nil {
			line.Account = account.No
		}
		line.Code = ""
		lines[i] = line
	}
	d.Lines = lines
	if len(lines) == 0 {
		return
	}
	if d.Period == 0 {
		d.Period = d.Effective.Month().Period()
	}
	if d.Voucher == "" && b.anyGeneral(lines) {
		d.Voucher = ledger.VoucherGeneral
	}
}

func (b *modelBook) account(line ledger.Line) *ledger.Account {
	for i := range b.accounts {
		if line.Account == b.accounts[i].No || line.Account == 0 && line.Code == b.accounts[i].Code {
			return &b.accounts[i]
		}
	}
	return nil
}

func (b *modelBook) anyGeneral(lines []ledger.Line) bool {
	return slices.ContainsFunc(lines, func(line ledger.Line) bool {
		account := b.account(line)
		return account != nil && account.Section == ledger.General
	})
}

func (b *modelBook) byKey(key string) *modelEntry {
	for _, e := range b.entries {
		if e.Key == key {
			return e
		}
	}
	return nil
}

func equal(a, b *request) bool {
	return a.own == b.own && a.reverses == b.reverses && cmp.Equal(a.draft, b.draft, cmpopts.EquateEmpty()) && cmp.Equal(a.content, b.content, cmpopts.EquateEmpty())
}

// add puts an entry at the end of the book.
func (m *Model) add(b *modelBook, r *request) *modelEntry {
	d := &r.draft
	e := &modelEntry{request: r, Entry: ledger.Entry{
		Book: b.book.ID, Seq: ledger.Seq(len(b.entries) + 1), Recorded: m.now().UTC().Truncate(time.Microsecond), Kind: d.Kind, Key: d.Key, Effective: d.Effective,
		Period: d.Period, Voucher: ledger.Voucher{Type: d.Voucher}, Description: d.Description, EnteredBy: d.EnteredBy, ApprovedBy: d.ApprovedBy,
		Source: d.Source, Attachments: d.Attachments, Transfer: d.Transfer, Reverses: r.reverses, Metadata: d.Metadata, Act: d.Act,
		FirstOrdinal: b.book.Lines, Lines: d.Lines,
	}}
	if d.Voucher != "" {
		e.Voucher.Number = 1
	}
	for _, earlier := range b.entries {
		if earlier.Recorded.After(e.Recorded) {
			e.Recorded = earlier.Recorded
		}
		if d.Voucher != "" && earlier.Period == e.Period && earlier.Voucher.Type == e.Voucher.Type {
			e.Voucher.Number++
		}
	}
	b.entries = append(b.entries, e)
	b.book.Seq++
	b.book.Lines += int64(len(d.Lines))
	if r.apply != nil {
		r.apply(e)
	}
	return e
}

func (e *modelEntry) receipt() ledger.Receipt {
	return ledger.Receipt{Seq: e.Seq, Recorded: e.Recorded, Period: e.Period, Voucher: e.Voucher, FirstOrdinal: e.FirstOrdinal}
}
