package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store"
)

// RegisterBook is the number of a realm's register book. It seals acts only: the opening of the realm's other books, and whatever registrations,
// parameters and settings the host posts into it.
const RegisterBook = 0

// BookID names a book: a realm (pooling area, 统筹区, or any tenant) and the book's number in it.
type BookID struct {
	Realm  int32 // above zero
	Number int16 // RegisterBook, or above zero
}

// String writes realm/number.
func (id BookID) String() string { return fmt.Sprintf("%d/%d", id.Realm, id.Number) }

// Register returns the register book of the same realm.
func (id BookID) Register() BookID { return BookID{Realm: id.Realm, Number: RegisterBook} }

// RealmSpec is what OpenRealm needs.
type RealmSpec struct {
	ID        int32  // above zero, chosen by the host
	Code      string // the host's own code of the realm
	Name      string
	Opened    calendar.Date
	EnteredBy string
}

// BookSpec is what OpenBook needs (账套).
type BookSpec struct {
	ID        BookID
	Code      string
	Name      string
	Currency  money.Currency
	First     calendar.Period // the first period into which entries can be posted; a month
	Opened    calendar.Date
	EnteredBy string
}

// Book is a book as it stands.
type Book struct {
	ID            BookID
	Code, Name    string
	Currency      money.Currency // zero in a register book
	First         calendar.Period
	Seq           Seq             // number of its entries
	Lines         int64           // number of its lines
	Accounts      int64           // number of its accounts
	ClosedThrough calendar.Period // the last closed period; the one before First if none is
	IssuedThrough calendar.Period // the last period that can never reopen; zero if there is none
	Root          seal.Hash       // Merkle root over its Seq entries
}

// The ledger's own kinds of acts.
const (
	reservedKind     = "ledger."
	kindRealmOpen    = "ledger.realm.open"
	kindBookOpen     = "ledger.book.open"
	kindBookOpened   = "ledger.book.opened"
	kindAccountsOpen = "ledger.accounts.open"
	kindAccountClose = "ledger.account.close"
	kindAccountName  = "ledger.account.name"
	kindPeriodClose  = "ledger.period.close"
	kindPeriodReopen = "ledger.period.reopen"
	kindPeriodIssue  = "ledger.period.issue"
	kindYearFinalise = "ledger.year.finalise"
)

// ownKeys are the kinds of acts whose keys the ledger chooses. They begin with reservedKind, so that no host can take the key under which the register will
// seal a book.
var ownKeys = map[string]bool{kindRealmOpen: true, kindBookOpen: true, kindBookOpened: true}

// bookAct is the content of ledger.realm.open and ledger.book.open, the first record of a book.
type bookAct struct {
	_        struct{} `cbor:",toarray"`
	Realm    int32
	Number   int16
	Code     string
	Name     string
	Currency string
	Scale    int32
	First    int32
}

// bookOpenedAct is what the register book seals when another book of its realm opens.
type bookOpenedAct struct {
	_      struct{} `cbor:",toarray"`
	Number int16
	Leaf   []byte // leaf of the new book's first record
}

// OpenRealm opens a realm with its register book. Opening the same realm again changes nothing and is no error.
func (l *Ledger) OpenRealm(ctx context.Context, spec RealmSpec) error {
	return l.update(ctx, BookID{Realm: spec.ID}, func(ctx context.Context, tx *store.Tx) error { return l.openRealm(ctx, tx, spec) })
}

// OpenRealmTx is OpenRealm in the host's transaction.
func (l *Ledger) OpenRealmTx(ctx context.Context, tx store.Handle, spec RealmSpec) error {
	return busy(l.openRealm(ctx, l.db.Join(tx), spec), BookID{Realm: spec.ID})
}

func (l *Ledger) openRealm(ctx context.Context, tx *store.Tx, spec RealmSpec) error {
	id := BookID{Realm: spec.ID, Number: RegisterBook}
	act := bookAct{Realm: spec.ID, Number: RegisterBook, Code: spec.Code, Name: spec.Name}
	draft := &Draft{Key: kindRealmOpen, Kind: kindRealmOpen, Effective: spec.Opened, EnteredBy: spec.EnteredBy}
	if err := checkBookAct(id, &act, draft); err != nil {
		return err
	}
	_, err := l.firstRecord(ctx, tx, id, act, draft, ErrRealmExists)
	return err
}

// OpenBook opens a book in an open realm. Opening the same book again changes nothing and is no error.
func (l *Ledger) OpenBook(ctx context.Context, spec BookSpec) error {
	return l.update(ctx, spec.ID, func(ctx context.Context, tx *store.Tx) error { return l.openBook(ctx, tx, spec) })
}

// OpenBookTx is OpenBook in the host's transaction.
func (l *Ledger) OpenBookTx(ctx context.Context, tx store.Handle, spec BookSpec) error {
	return busy(l.openBook(ctx, l.db.Join(tx), spec), spec.ID)
}

func (l *Ledger) openBook(ctx context.Context, tx *store.Tx, spec BookSpec) error {
	act := bookAct{
		Realm: spec.ID.Realm, Number: spec.ID.Number, Code: spec.Code, Name: spec.Name,
		Currency: spec.Currency.Code(), Scale: spec.Currency.Scale(), First: int32(spec.First),
	}
	draft := &Draft{Key: kindBookOpen, Kind: kindBookOpen, Effective: spec.Opened, EnteredBy: spec.EnteredBy}
	if err := checkBookAct(spec.ID, &act, draft); err != nil {
		return err
	}
	// The register is locked first, as everywhere where both books are written.
	if _, err := l.lockBook(ctx, tx, spec.ID.Register()); err != nil {
		if isCode(err, ErrBookUnknown) {
			return fault(ErrRealmUnknown, spec.ID, "the realm was never opened", "open it with OpenRealm")
		}
		return err
	}
	leaf, err := l.firstRecord(ctx, tx, spec.ID, act, draft, ErrBookExists)
	if err != nil {
		return err
	}
	content, err := seal.EncodeAct(&bookOpenedAct{Number: spec.ID.Number, Leaf: leaf[:]})
	if err != nil {
		return err
	}
	_, err = l.record(ctx, tx, spec.ID.Register(), []proposal{{own: true, Draft: Draft{
		Key: fmt.Sprintf("%s %d", kindBookOpened, spec.ID.Number), Kind: kindBookOpened, Effective: spec.Opened, EnteredBy: spec.EnteredBy, Act: content,
	}}})
	return err
}

// checkBookAct finds every fault of the act and of the draft that is to carry it, before the book's row is written.
func checkBookAct(id BookID, act *bookAct, draft *Draft) error {
	check := draftCheck{draft: draft, own: true}
	check.required("code", act.Code)
	check.text("code", act.Code, MaxName)
	check.required("name", act.Name)
	check.text("name", act.Name, MaxName)
	faults := check.all()
	for _, f := range faults {
		f.Book, f.Key = id, "" // the key is the ledger's own
	}
	add := func(code Code, field, detail, hint string) {
		faults = append(faults, &Error{Code: code, Book: id, Draft: -1, Line: -1, Field: field, Detail: detail, Hint: hint})
	}
	realm := draft.Kind == kindRealmOpen
	if id.Realm <= 0 || id.Number <= RegisterBook && !realm {
		add(ErrFieldInvalid, "number", id.String(), "realms begin at 1, books at 1; OpenRealm opens the register book")
	}
	if realm {
		return faults.err()
	}
	if act.Currency == "" {
		add(ErrFieldMissing, "currency", "none", "give one, such as money.MustCurrency(\"CNY\")")
	}
	if first := calendar.Period(act.First); !first.Valid() || first.IsClosing() {
		add(ErrFieldInvalid, "first period", first.String(), "give a month as calendar.Period")
	}
	return faults.err()
}

// firstRecord inserts the row of a book and its first record, or finds that the very same book is there already. Of two transactions that open the same
// book at once, one waits in the insert for the other.
func (l *Ledger) firstRecord(ctx context.Context, tx *store.Tx, id BookID, act bookAct, draft *Draft, taken Code) (seal.Hash, error) {
	content, err := seal.EncodeAct(&act)
	if err != nil {
		return seal.Hash{}, err
	}
	draft.Act = content
	_, err = l.lockBook(ctx, tx, id)
	switch {
	case isCode(err, ErrBookUnknown):
		if err := insertBook(ctx, tx, id, &act); err != nil {
			return seal.Hash{}, err
		}
	case err != nil:
		return seal.Hash{}, err
	}
	receipts, err := l.record(ctx, tx, id, []proposal{{own: true, Draft: *draft}})
	if e, ok := errors.AsType[*Error](err); ok && e.Code == ErrKeyReused {
		field := e.Field
		switch {
		case field == "act" && taken == ErrRealmExists:
			field = "code or name"
		case field == "act":
			field = "code, name, currency or first period"
		}
		return seal.Hash{}, fault(taken, id, "it is open already and differs in "+field,
			"choose another number, or open it as it was opened")
	}
	if err != nil {
		return seal.Hash{}, err
	}
	return receipts[0].Leaf, nil
}

func insertBook(ctx context.Context, tx *store.Tx, id BookID, act *bookAct) error {
	closed := int32(0)
	if act.First != 0 {
		closed = int32(calendar.Period(act.First).Previous())
	}
	var empty seal.Frontier
	frontier, err := empty.MarshalBinary()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO ledger_book (realm_id, book_no, code, name, currency, scale, first_period,
		seq, lines, accounts, gross, accounts_state, recorded_us, closed_through, issued_through, frontier) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, ?, 0, ?, 0, ?)
		ON CONFLICT (realm_id, book_no) DO NOTHING`, id.Realm, id.Number, act.Code, act.Name, act.Currency, act.Scale, act.First, make([]byte, len(seal.Hash{})),
		closed, frontier)
	return err
}

// head is the row of a book.
type head struct {
	id            BookID
	code, name    string
	currency      money.Currency
	first         calendar.Period
	seq           int64
	lines         int64
	accounts      int64
	gross         money.Amount // sum of the sizes of all lines: while it fits, no sum of any lines can overflow
	accountsState seal.Hash    // changes with every act on accounts: see accountCache
	recorded      int64
	closedThrough calendar.Period
	issuedThrough calendar.Period
	frontier      seal.Frontier
}

// lockBook reads the row of a book and holds it until the transaction ends, so that one writer at a time extends the book.
func (l *Ledger) lockBook(ctx context.Context, tx *store.Tx, id BookID) (*head, error) {
	return readHead(ctx, tx, id, tx.Dialect().ForUpdate())
}

// headColumns are what a headScan reads, of ledger_book AS b.
const headColumns = `b.code, b.name, b.currency, b.scale, b.first_period, b.seq, b.lines, b.accounts, b.gross, b.accounts_state, b.recorded_us, b.closed_through,
	b.issued_through, b.frontier`

// headScan receives the row of a book.
type headScan struct {
	head            head
	currency        string
	scale           int
	state, frontier []byte
}

func (s *headScan) targets() []any {
	h := &s.head
	return []any{&h.code, &h.name, &s.currency, &s.scale, &h.first, &h.seq, &h.lines, &h.accounts, &h.gross, &s.state, &h.recorded, &h.closedThrough,
		&h.issuedThrough, &s.frontier}
}

// result is the head that was read, given the error of reading it.
func (s *headScan) result(err error) (*head, error) {
	h := &s.head
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fault(ErrBookUnknown, h.id, "no such book", "open it with OpenBook")
	}
	if err != nil {
		return nil, err
	}
	if s.currency != "" {
		if h.currency, err = money.NewCurrency(s.currency, s.scale); err != nil {
			return nil, fault(ErrCorrupt, h.id, err.Error(), "run Verify")
		}
	}
	if copy(h.accountsState[:], s.state) != len(s.state) || len(s.state) != len(h.accountsState) {
		return nil, fault(ErrCorrupt, h.id, fmt.Sprintf("%d bytes as the state of its accounts", len(s.state)), "run Verify")
	}
	if err := h.frontier.UnmarshalBinary(s.frontier); err != nil || h.frontier.Size() != h.seq {
		return nil, fault(ErrCorrupt, h.id, fmt.Sprintf("the frontier does not fit %d entries", h.seq), "run Verify")
	}
	return h, nil
}

func readHead(ctx context.Context, tx *store.Tx, id BookID, lock string) (*head, error) {
	s := &headScan{head: head{id: id}}
	return s.result(tx.QueryRow(ctx, `SELECT `+headColumns+` FROM ledger_book b WHERE b.realm_id = ? AND b.book_no = ?`+lock, id.Realm, id.Number).Scan(s.targets()...))
}

// Book returns a book as it stands.
func (l *Ledger) Book(ctx context.Context, id BookID) (Book, error) {
	var book Book
	err := l.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		book, err = readBook(ctx, tx, id)
		return err
	})
	return book, err
}

// BookTx is Book in the host's transaction.
func (l *Ledger) BookTx(ctx context.Context, tx store.Handle, id BookID) (Book, error) {
	return readBook(ctx, l.db.Join(tx), id)
}

func readBook(ctx context.Context, tx *store.Tx, id BookID) (Book, error) {
	h, err := readHead(ctx, tx, id, "")
	if err != nil {
		return Book{}, err
	}
	return Book{
		ID: id, Code: h.code, Name: h.name, Currency: h.currency, First: h.first, Seq: Seq(h.seq), Lines: h.lines, Accounts: h.accounts,
		ClosedThrough: h.closedThrough, IssuedThrough: h.issuedThrough, Root: h.frontier.Root(),
	}, nil
}
