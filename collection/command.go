package collection

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
)

// Order is the head of a command: who asks for it, who approved it, and when. No names or identity numbers of members belong into it: it is sealed.
type Order struct {
	Key        string        // idempotency key, at most MaxKey bytes; Receive makes its own from the bank's line
	Effective  calendar.Date // the day of the act or entry; Receive takes the bank's booking day if zero
	EnteredBy  string        // 经办人; required
	ApprovedBy string        // 复核人, another person; required where money or rights move
	Documents  []ledger.Attachment
}

// MaxKey bounds an idempotency key, in bytes.
const MaxKey = 90

// Done says what became of a command.
type Done struct {
	Seq      ledger.Seq // its act, or its first entry, in the fund's book
	First    int64      // the first number that it gave: of a demand, receipt, refund, notice
	Count    int        // how many of them, or rows of a declaration
	Replayed bool       // an equal command was carried out before, and this is what became of it
}

// session is one command under way.
type session struct {
	*Office
	tx    *store.Tx
	order Order
	head  *counters
	kept  *sheetRows // made and not yet written
}

func (o *Office) session(tx *store.Tx, order Order) *session {
	return &session{Office: o, tx: tx, order: order, head: &counters{}, kept: &sheetRows{}}
}

// counters is the row of collection_book.
type counters struct {
	sheets                  int64
	demands, receipts       int32
	allocations             int64
	items, refunds, notices int32
}

// command is what perform needs to know: its kind, what was asked (hashed for replay), whether money moves, and what it does.
type command struct {
	kind    string
	digest  string
	moves   bool
	carry   func(ctx context.Context, s *session) (Done, error)
	already Faults // what is wrong with it before the database is asked
	inspect func(ctx context.Context, s *session, faults *Faults) error
}

// digestOf hashes what was asked. The value must marshal the same way each time.
func digestOf(order Order, asked any) string {
	hash := sha256.New()
	encoder := json.NewEncoder(hash)
	_ = encoder.Encode([]any{order, asked}) // plain values of this package always marshal, and a hash takes all bytes
	return hex.EncodeToString(hash.Sum(nil))
}

// maxUnknownCommits bounds how often a command whose commit ended in an unknown outcome is asked for again.
const maxUnknownCommits = 3

// inOwn carries work out in a transaction of its own. When the answer to COMMIT is lost it is carried out again, and finds by its keys what it has written.
func (o *Office) inOwn(ctx context.Context, work func(ctx context.Context, tx *store.Tx) error) error {
	var err error
	for range maxUnknownCommits {
		if err = o.db.Update(ctx, work); !errors.Is(err, store.ErrCommitUnknown) {
			break
		}
	}
	return err
}

// inHosts carries work out in the host's transaction. What it wrote before it failed is taken back, so that the host may go on.
func (o *Office) inHosts(ctx context.Context, tx store.Handle, work func(tx *store.Tx) error) error {
	const begin, end, back = `SAVEPOINT collection_command`, `RELEASE SAVEPOINT collection_command`, `ROLLBACK TO SAVEPOINT collection_command`
	if _, err := tx.ExecContext(ctx, begin); err != nil {
		return err
	}
	if err := work(o.db.Join(tx)); err != nil {
		_, undone := tx.ExecContext(ctx, back)
		return errors.Join(err, undone)
	}
	_, err := tx.ExecContext(ctx, end)
	return err
}

// run carries a command out in a transaction of its own.
func (o *Office) run(ctx context.Context, order Order, make func() command) (done Done, err error) {
	err = o.inOwn(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		done, err = o.perform(ctx, tx, order, make())
		return err
	})
	if err != nil {
		return Done{}, err
	}
	return done, nil
}

// performTx carries a command out in the host's transaction.
func (o *Office) performTx(ctx context.Context, tx store.Handle, order Order, c command) (done Done, err error) {
	err = o.inHosts(ctx, tx, func(tx *store.Tx) (err error) {
		done, err = o.perform(ctx, tx, order, c)
		return err
	})
	if err != nil {
		return Done{}, err
	}
	return done, nil
}

// perform carries a command out: every fault is known before the first row is written.
func (o *Office) perform(ctx context.Context, tx *store.Tx, order Order, c command) (Done, error) {
	order.check(c.moves, &c.already)
	s := o.session(tx, order)
	if err := s.lock(ctx); err != nil {
		return Done{}, err
	}
	if done, found, err := s.replay(ctx, c); found || err != nil {
		return done, err
	}
	if c.inspect != nil {
		if err := c.inspect(ctx, s, &c.already); err != nil {
			return Done{}, err
		}
	}
	if err := c.already.Err(); err != nil {
		return Done{}, err
	}
	done, err := c.carry(ctx, s)
	if err != nil {
		return Done{}, err
	}
	if err := tx.Insert(ctx, "collection_command", s.keys(store.Fixed("key", order.Key), store.Fixed("kind", c.kind), store.Fixed("digest", c.digest),
		store.Fixed("seq", int64(done.Seq)), store.Fixed("first_no", done.First), store.Fixed("rows_count", int32(done.Count)))...); err != nil {
		return Done{}, err
	}
	return done, s.finish(ctx)
}

// finish writes the sheets that are not written yet, and the counters.
func (s *session) finish(ctx context.Context) error {
	if err := s.writeSheets(ctx); err != nil {
		return err
	}
	h := s.head
	_, err := s.tx.Exec(ctx, `UPDATE collection_book SET sheets = ?, demands = ?, receipts = ?, allocations = ?, items = ?, refunds = ?, notices = ?
		WHERE realm_id = ? AND book_no = ?`, append([]any{h.sheets, h.demands, h.receipts, h.allocations, h.items, h.refunds, h.notices}, s.bookArgs()...)...)
	return err
}

func (o *Order) check(moves bool, faults *Faults) {
	for field, text := range map[string]string{"key": o.Key, "entered by": o.EnteredBy} {
		if text == "" {
			faults.Addf(ErrMissing, field, "give it", "is empty")
		}
	}
	if len(o.Key) > MaxKey {
		faults.Addf(ErrTooLong, "key", "shorten it", "%d bytes, at most %d", len(o.Key), MaxKey)
	}
	if !o.Effective.Valid() {
		faults.Addf(ErrInvalid, "effective date", "give the day, made with calendar.NewDate", "%d is no day", int32(o.Effective))
	}
	if moves && o.ApprovedBy == "" || o.ApprovedBy != "" && o.ApprovedBy == o.EnteredBy {
		faults.Addf(ErrApproval, "approved by", "have another person approve it", "%q, entered by %q", o.ApprovedBy, o.EnteredBy)
	}
}

// lock takes the book's row of counters, under which one command at a time collects for the fund. The fund's book is locked after it.
func (s *session) lock(ctx context.Context) error {
	book := s.fund.Book()
	read := func() error {
		return s.tx.QueryRow(ctx, `SELECT sheets, demands, receipts, allocations, items, refunds, notices FROM collection_book WHERE realm_id = ? AND book_no = ?`+
			s.tx.Dialect().ForUpdate(), book.Realm, book.Number).
			Scan(&s.head.sheets, &s.head.demands, &s.head.receipts, &s.head.allocations, &s.head.items, &s.head.refunds, &s.head.notices)
	}
	err := read()
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if _, err := s.tx.Exec(ctx, `INSERT INTO collection_book (realm_id, book_no, sheets, demands, receipts, allocations, items, refunds, notices)
		VALUES (?, ?, 0, 0, 0, 0, 0, 0, 0) ON CONFLICT (realm_id, book_no) DO NOTHING`, book.Realm, book.Number); err != nil {
		return err
	}
	return read()
}

// replay answers a command that was carried out before.
func (s *session) replay(ctx context.Context, c command) (Done, bool, error) {
	book := s.fund.Book()
	var kind, digest string
	done := Done{Replayed: true}
	err := s.tx.QueryRow(ctx, `SELECT kind, digest, seq, first_no, rows_count FROM collection_command WHERE realm_id = ? AND book_no = ? AND key = ?`,
		book.Realm, book.Number, s.order.Key).Scan(&kind, &digest, &done.Seq, &done.First, &done.Count)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Done{}, false, nil
	case err != nil:
		return Done{}, false, err
	case kind != c.kind || digest != c.digest:
		return Done{}, false, &Faults{List: []*Fault{reused(s.order.Key, kind, fmt.Sprintf("entry %d", done.Seq))}}
	}
	return done, true, nil
}

func reused(key, kind, where string) *Fault {
	return &Fault{Code: ErrKeyReused, Field: "key", Detail: fmt.Sprintf("%q belongs to a %s of %s with other content", key, kind, where),
		Hint: "ask with the content of then, or with another key"}
}

const (
	keyPrefix   = "collection " // leads the idempotency keys in the fund's book, which other packages share
	sourceSheet = "collection.sheet"
)

// act seals an act in the fund's book.
func (s *session) act(ctx context.Context, kind string, content any, hash [sha256.Size]byte) (ledger.Seq, error) {
	encoded, err := json.Marshal(content)
	if err != nil {
		return 0, err
	}
	posted, err := s.fund.Ledger().PostTx(ctx, s.tx.Handle(), s.fund.Book(), ledger.Draft{
		Key: keyPrefix + s.order.Key, Kind: kind, Effective: s.order.Effective, EnteredBy: s.order.EnteredBy, ApprovedBy: s.order.ApprovedBy,
		Source: ledger.Source{Kind: sourceSheet, ID: s.order.Key, Hash: hash[:]}, Attachments: s.order.Documents, Act: encoded,
	})
	return posted.Seq, err
}

// keys are the columns that lead every table.
func (s *session) keys(columns ...store.Column) []store.Column {
	book := s.fund.Book()
	return append([]store.Column{store.Fixed("realm_id", book.Realm), store.Fixed("book_no", book.Number)}, columns...)
}

// bookArgs are the arguments that lead every query.
func (o *Office) bookArgs(more ...any) []any {
	book := o.fund.Book()
	return append([]any{book.Realm, book.Number}, more...)
}

// indexed names the index that a query by a list must take. Without statistics SQLite believes that a book, which begins every key, has fewer rows than any list, and
// reads the whole of it; PostgreSQL counts by itself.
func indexed(tx *store.Tx, index string) string {
	if tx.Dialect().Name() == "sqlite" {
		return " INDEXED BY " + index
	}
	return ""
}
