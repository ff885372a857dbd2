package voucher

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store"
)

// MaxVouchers is the most vouchers one command takes.
const MaxVouchers = 10_000

// Prepare makes a voucher (填制凭证) of a draft that nobody has approved yet, as fund.Prepare gives it. The draft's key is the idempotency key: preparing the same
// again gives the voucher as it stands, and anything else under that key is refused. Every fault of the draft is reported, as Faults.
func (o *Office) Prepare(ctx context.Context, hand Hand, draft ledger.Draft) (Voucher, error) {
	return one(o.PrepareMany(ctx, hand, []ledger.Draft{draft}))
}

// PrepareTx is Prepare in the host's transaction.
func (o *Office) PrepareTx(ctx context.Context, h store.Handle, hand Hand, draft ledger.Draft) (Voucher, error) {
	return one(o.PrepareManyTx(ctx, h, hand, []ledger.Draft{draft}))
}

// PrepareMany prepares vouchers in the order of their drafts, all or none.
func (o *Office) PrepareMany(ctx context.Context, hand Hand, drafts []ledger.Draft) ([]Voucher, error) {
	var vouchers []Voucher
	err := o.update(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		vouchers, err = o.prepare(ctx, tx, hand, drafts)
		return err
	})
	return vouchers, err
}

// PrepareManyTx is PrepareMany in the host's transaction.
func (o *Office) PrepareManyTx(ctx context.Context, h store.Handle, hand Hand, drafts []ledger.Draft) ([]Voucher, error) {
	return o.prepare(ctx, o.db.Join(h), hand, drafts)
}

// one takes the only voucher out of a command's answer.
func one(vouchers []Voucher, err error) (Voucher, error) {
	if err != nil {
		return Voucher{}, err
	}
	return vouchers[0], nil
}

func (o *Office) prepare(ctx context.Context, tx *store.Tx, hand Hand, drafts []ledger.Draft) ([]Voucher, error) {
	if err := o.mayAct(ctx, ActionPrepare, hand, len(drafts)); err != nil {
		return nil, err
	}
	if !o.policy.holds(hand.By, Preparer) {
		return nil, Faults{o.policy.allowedFault(&Voucher{}, ActionPrepare, hand.By)}
	}
	items, err := o.inspect(ctx, tx, hand, drafts)
	if err != nil || len(items) == 0 {
		return nil, err
	}
	last, err := lockCounter(ctx, tx, hand.Book)
	if err != nil {
		return nil, err
	}
	known, err := o.prepared(ctx, tx, hand.Book, drafts)
	if err != nil {
		return nil, err
	}
	var faults Faults
	out, fresh := make([]Voucher, len(items)), []*placed(nil)
	seen := map[string]int{}
	for i, item := range items {
		found := item.faults
		if first := known[item.draft.Key]; first != nil {
			out[i] = first.Voucher
			out[i].Replayed = true
			found = replayFaults(first, item, hand)
		}
		if earlier := seen[item.draft.Key]; earlier > 0 {
			found = append(found, &Fault{Code: ErrRepeated, Key: item.draft.Key, Field: "key", Detail: fmt.Sprintf("row %d has it too", earlier), Hint: "give each draft its own"})
		}
		seen[item.draft.Key] = i + 1
		for _, f := range found {
			f.Book, f.Row = hand.Book, i+1
			faults.add(f)
		}
		if !out[i].Replayed {
			p := &placed{Voucher: Voucher{Book: hand.Book, No: last + 1, Key: item.draft.Key}, row: i + 1}
			p.set(item)
			last++
			fresh = append(fresh, p)
		}
	}
	if err := faults.err(); err != nil {
		return nil, err
	}
	for _, p := range fresh {
		p.step = Step{Action: ActionPrepare, By: hand.By, On: hand.On, Reason: hand.Reason, Key: p.Key, Content: p.checked.content}
		if err := p.take(&p.step); err != nil {
			return nil, err
		}
		out[p.row-1] = p.Voucher
	}
	return out, insertVouchers(ctx, tx, hand.Book, last, fresh)
}

// placed is a voucher in a command, with the step that the command takes.
type placed struct {
	Voucher
	row     int // place in the command, from 1
	step    Step
	checked *checked // the new content of Prepare and Revise
}

// set gives the voucher the facts that follow from a content.
func (p *placed) set(c *checked) {
	p.checked = c
	p.Kind, p.Effective, p.Period, p.Description = c.kind, c.draft.Effective, c.period, c.draft.Description
	p.Amount, p.Attachments, p.Number.Type = c.amount, len(c.draft.Attachments), c.draft.Voucher
}

// first is a voucher that exists, with its first step.
type first struct {
	Voucher
	by      string
	on      int64
	reason  string
	content seal.Hash
}

// replayFaults compares what is asked with how the voucher was prepared.
func replayFaults(f *first, item *checked, hand Hand) Faults {
	if !item.unencodable && f.content == item.content && f.by == hand.By && f.on == int64(hand.On) && f.reason == hand.Reason {
		return nil
	}
	return Faults{{Code: ErrKeyReused, No: f.No, Key: item.draft.Key, Field: "key",
		Detail: fmt.Sprintf("voucher %d was prepared under it by %q with another content, day or reason", f.No, f.by), Hint: "use a new key for a new voucher; revise to change one"}}
}

func (o *Office) prepared(ctx context.Context, tx *store.Tx, book ledger.BookID, drafts []ledger.Draft) (map[string]*first, error) {
	keys := make([]string, len(drafts))
	for i := range drafts {
		keys[i] = strings.ReplaceAll(strings.ToValidUTF8(drafts[i].Key, "?"), "\x00", "?") // a bad one has its fault already and matches nothing
	}
	vouchers, err := queryVouchers(ctx, tx, book, ` AND `+tx.Dialect().Among("v.key"), tx.Dialect().Texts(keys))
	if err != nil || len(vouchers) == 0 {
		return nil, err
	}
	numbers, byNumber, known := make([]int64, len(vouchers)), map[int64]*first{}, map[string]*first{}
	for i, v := range vouchers {
		f := &first{Voucher: v}
		numbers[i], byNumber[v.No], known[v.Key] = v.No, f, f
	}
	rows, err := tx.Query(ctx, `SELECT voucher_no, person, day, reason, content_hash FROM voucher_step WHERE realm_id = ? AND book_no = ? AND step_no = 1 AND `+
		tx.Dialect().Among("voucher_no"), book.Realm, book.Number, tx.Dialect().Ints(numbers))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var no int64
		var by, reason string
		var on int64
		var content []byte
		if err := rows.Scan(&no, &by, &on, &reason, &content); err != nil {
			return nil, err
		}
		if f := byNumber[no]; f != nil {
			f.by, f.on, f.reason, f.content = by, on, reason, hashOf(content)
		}
	}
	return known, rows.Err()
}

// lockCounter takes the row under which a book's vouchers are numbered and returns the last number. A row that is not there is made first; it says nothing,
// should the command fail and the host's transaction go on.
func lockCounter(ctx context.Context, tx *store.Tx, book ledger.BookID) (int64, error) {
	var last int64
	read := func() error {
		return tx.QueryRow(ctx, `SELECT last FROM voucher_book WHERE realm_id = ? AND book_no = ?`+tx.Dialect().ForUpdate(), book.Realm, book.Number).Scan(&last)
	}
	err := read()
	if !errors.Is(err, sql.ErrNoRows) {
		return last, err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO voucher_book (realm_id, book_no, last) VALUES (?, ?, 0) ON CONFLICT (realm_id, book_no) DO NOTHING`,
		book.Realm, book.Number); err != nil {
		return 0, err
	}
	return last, read()
}

// mayAct checks what a command says of itself, and asks the host.
func (o *Office) mayAct(ctx context.Context, action Action, hand Hand, n int) error {
	var faults Faults
	text := func(field, value string, limit int, required bool) {
		switch {
		case value == "" && required:
			faults.add(&Fault{Code: ErrMissing, Book: hand.Book, Field: field, Detail: "empty", Hint: "give it"})
		case len(value) > limit:
			faults.add(&Fault{Code: ErrInvalid, Book: hand.Book, Field: field, Detail: fmt.Sprintf("%d bytes, at most %d are kept", len(value), limit), Hint: "shorten it"})
		case !utf8.ValidString(value) || strings.ContainsRune(value, 0):
			faults.add(&Fault{Code: ErrInvalid, Book: hand.Book, Field: field, Detail: "no UTF-8 text without NUL", Hint: "convert it"})
		}
	}
	text("by", hand.By, ledger.MaxName, true)
	text("key", hand.Key, ledger.MaxKey, action != ActionPrepare)
	text("reason", hand.Reason, ledger.MaxText, action == ActionSendBack || action == ActionWithdraw)
	if !hand.On.Valid() {
		faults.add(&Fault{Code: ErrInvalid, Book: hand.Book, Field: "on", Detail: hand.On.String(), Hint: "give the day, made with calendar.NewDate"})
	}
	if n > MaxVouchers {
		faults.add(&Fault{Code: ErrTooMany, Book: hand.Book, Detail: fmt.Sprintf("%d vouchers, at most %d go at once", n, MaxVouchers), Hint: "give several commands"})
	}
	if err := faults.err(); err != nil {
		return err
	}
	if o.allow == nil {
		return nil
	}
	if err := o.allow(ctx, action, hand); err != nil {
		return Faults{{Code: ErrNotAllowed, Book: hand.Book, Field: string(action), Detail: err.Error(), Hint: "ask the host's administrator", Err: err}}
	}
	return nil
}
