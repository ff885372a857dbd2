package voucher

import (
	"context"
	"fmt"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store"
)

// Review signs a voucher as reviewed (稽核).
func (o *Office) Review(ctx context.Context, hand Hand, seen Seen) (Voucher, error) {
	return one(o.ReviewMany(ctx, hand, []Seen{seen}))
}

// ReviewTx is Review in the host's transaction.
func (o *Office) ReviewTx(ctx context.Context, h store.Handle, hand Hand, seen Seen) (Voucher, error) {
	return one(o.ReviewManyTx(ctx, h, hand, []Seen{seen}))
}

// ReviewMany reviews vouchers, all or none.
func (o *Office) ReviewMany(ctx context.Context, hand Hand, seen []Seen) ([]Voucher, error) {
	return o.own(ctx, ActionReview, hand, seen)
}

// ReviewManyTx is ReviewMany in the host's transaction.
func (o *Office) ReviewManyTx(ctx context.Context, h store.Handle, hand Hand, seen []Seen) ([]Voucher, error) {
	return o.act(ctx, o.db.Join(h), ActionReview, hand, seen, nil)
}

// Sign signs reviewed vouchers, all or none, as their cashier (出纳签章, receipts and payments) or head of accounting (会计主管签章). Whether they may also be
// signed after posting is the policy's.
func (o *Office) Sign(ctx context.Context, hand Hand, duty Duty, seen ...Seen) ([]Voucher, error) {
	action, err := signature(duty)
	if err != nil {
		return nil, err
	}
	return o.own(ctx, action, hand, seen)
}

// SignTx is Sign in the host's transaction.
func (o *Office) SignTx(ctx context.Context, h store.Handle, hand Hand, duty Duty, seen ...Seen) ([]Voucher, error) {
	action, err := signature(duty)
	if err != nil {
		return nil, err
	}
	return o.act(ctx, o.db.Join(h), action, hand, seen, nil)
}

func signature(duty Duty) (Action, error) {
	switch duty {
	case Cashier:
		return ActionSignCashier, nil
	case Head:
		return ActionSignHead, nil
	}
	return "", Faults{{Code: ErrInvalid, Field: "duty", Detail: fmt.Sprintf("%q does not sign", duty), Hint: "sign as cashier or head; the others prepare, review and post"}}
}

// SendBack gives vouchers back to their preparers, all or none, with a reason (退回): the reviewer's, before or after review, the cashier's, head's or
// bookkeeper's. Their signatures are void.
func (o *Office) SendBack(ctx context.Context, hand Hand, seen ...Seen) ([]Voucher, error) {
	return o.own(ctx, ActionSendBack, hand, seen)
}

// SendBackTx is SendBack in the host's transaction.
func (o *Office) SendBackTx(ctx context.Context, h store.Handle, hand Hand, seen ...Seen) ([]Voucher, error) {
	return o.act(ctx, o.db.Join(h), ActionSendBack, hand, seen, nil)
}

// Withdraw ends vouchers that are not reviewed, all or none, with a reason (作废). Their preparer does it, or a head whom the policy names.
func (o *Office) Withdraw(ctx context.Context, hand Hand, seen ...Seen) ([]Voucher, error) {
	return o.own(ctx, ActionWithdraw, hand, seen)
}

// WithdrawTx is Withdraw in the host's transaction.
func (o *Office) WithdrawTx(ctx context.Context, h store.Handle, hand Hand, seen ...Seen) ([]Voucher, error) {
	return o.act(ctx, o.db.Join(h), ActionWithdraw, hand, seen, nil)
}

// Revise gives a voucher another content (修改), while it is a draft or sent back. Only its preparer does it, and the draft keeps its key.
func (o *Office) Revise(ctx context.Context, hand Hand, seen Seen, draft ledger.Draft) (Voucher, error) {
	var vouchers []Voucher
	err := o.update(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		vouchers, err = o.revise(ctx, tx, hand, seen, draft)
		return err
	})
	return one(vouchers, err)
}

// ReviseTx is Revise in the host's transaction.
func (o *Office) ReviseTx(ctx context.Context, h store.Handle, hand Hand, seen Seen, draft ledger.Draft) (Voucher, error) {
	return one(o.revise(ctx, o.db.Join(h), hand, seen, draft))
}

func (o *Office) revise(ctx context.Context, tx *store.Tx, hand Hand, seen Seen, draft ledger.Draft) ([]Voucher, error) {
	items, err := o.inspect(ctx, tx, hand, []ledger.Draft{draft})
	if err != nil {
		return nil, err
	}
	return o.act(ctx, tx, ActionRevise, hand, []Seen{seen}, items[0])
}

// own runs a command in a transaction of its own.
func (o *Office) own(ctx context.Context, action Action, hand Hand, seen []Seen) ([]Voucher, error) {
	var vouchers []Voucher
	err := o.update(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		vouchers, err = o.act(ctx, tx, action, hand, seen, nil)
		return err
	})
	return vouchers, err
}

// act is the one way from a voucher's state to the next. It locks the vouchers, replays what was done before under the same key, checks everything else, and only
// then writes. revised is the new content of Revise.
func (o *Office) act(ctx context.Context, tx *store.Tx, action Action, hand Hand, seen []Seen, revised *checked) ([]Voucher, error) {
	if err := o.mayAct(ctx, action, hand, len(seen)); err != nil || len(seen) == 0 {
		return nil, err
	}
	a := &act{office: o, tx: tx, action: action, hand: hand, seen: seen, revised: revised}
	if err := a.lock(ctx); err != nil {
		return nil, err
	}
	if err := a.check(); err != nil {
		return nil, err
	}
	for _, p := range a.fresh {
		p.step = Step{Action: action, By: hand.By, On: hand.On, Reason: hand.Reason, Key: hand.Key}
		if revised != nil {
			p.set(revised)
			p.step.Content = revised.content
		}
		if err := p.take(&p.step); err != nil {
			return nil, err
		}
	}
	if action == ActionPost {
		if err := a.post(ctx); err != nil {
			return nil, err
		}
	}
	if err := a.write(ctx); err != nil {
		return nil, err
	}
	out := make([]Voucher, len(a.rows))
	for i, p := range a.rows {
		out[i] = p.Voucher
	}
	return out, nil
}

// act is a command on vouchers that exist.
type act struct {
	office  *Office
	tx      *store.Tx
	action  Action
	hand    Hand
	seen    []Seen
	revised *checked
	rows    []*placed // in the order asked for; nil where there is no such voucher
	fresh   []*placed // those that the command has not been carried out on before
	taken   map[int64]*Step
}

func (a *act) numbers() []int64 {
	numbers := make([]int64, len(a.seen))
	for i, s := range a.seen {
		numbers[i] = s.No
	}
	return numbers
}

// lock reads the vouchers and holds their rows until the transaction ends, in the order of their numbers, so that two commands never wait for each other. Then it
// reads the steps that bear the command's key.
func (a *act) lock(ctx context.Context) error {
	vouchers, err := queryVouchers(ctx, a.tx, a.hand.Book, ` AND `+a.tx.Dialect().Among("v.voucher_no")+` ORDER BY v.voucher_no`+a.tx.Dialect().ForUpdate(),
		a.tx.Dialect().Ints(a.numbers()))
	if err != nil {
		return err
	}
	found := make(map[int64]Voucher, len(vouchers))
	for _, v := range vouchers {
		found[v.No] = v
	}
	a.rows = make([]*placed, len(a.seen))
	for i, s := range a.seen {
		if v, ok := found[s.No]; ok {
			a.rows[i] = &placed{Voucher: v, row: i + 1}
		}
	}
	rows, err := a.tx.Query(ctx, `SELECT voucher_no, `+stepColumns+` FROM voucher_step s WHERE s.realm_id = ? AND s.book_no = ? AND s.key = ? AND `+
		a.tx.Dialect().Among("s.voucher_no"), a.hand.Book.Realm, a.hand.Book.Number, a.hand.Key, a.tx.Dialect().Ints(a.numbers()))
	if err != nil {
		return err
	}
	defer rows.Close()
	a.taken = map[int64]*Step{}
	for rows.Next() {
		var no int64
		var s Step
		if err := s.scan(rows, &no); err != nil {
			return err
		}
		a.taken[no] = &s
	}
	return rows.Err()
}

// check finds every fault of the command.
func (a *act) check() error {
	var faults Faults
	asked := map[int64]int{}
	for i, p := range a.rows {
		var found Faults
		switch seen := a.seen[i]; {
		case asked[seen.No] > 0:
			found = Faults{{Code: ErrRepeated, Field: "voucher", Detail: fmt.Sprintf("row %d names it too", asked[seen.No]), Hint: "name it once"}}
		case p == nil:
			found = Faults{{Code: ErrUnknown, Detail: "not in the book", Hint: "check book and number"}}
		case a.taken[seen.No] != nil:
			found = a.replay(p, a.taken[seen.No], seen)
		default:
			found = a.refusals(p, seen)
			a.fresh = append(a.fresh, p)
		}
		asked[a.seen[i].No] = i + 1
		for _, f := range found {
			f.Book, f.Row, f.No, f.Key = a.hand.Book, i+1, a.seen[i].No, ""
			faults.add(f)
		}
	}
	return faults.err()
}

// replay answers for a voucher on which a step with the command's key was taken.
func (a *act) replay(p *placed, s *Step, seen Seen) Faults {
	want := seen.Content
	if a.revised != nil {
		want = a.revised.content
	}
	if s.Action != a.action || s.By != a.hand.By || s.On != a.hand.On || s.Reason != a.hand.Reason || s.Content != want {
		return Faults{{Code: ErrKeyReused, Field: "key", Detail: fmt.Sprintf("step %d (%s by %q on %v) has it", s.No, s.Action, s.By, s.On), Hint: "use a new key for a new step"}}
	}
	p.Replayed = true
	return nil
}

// refusals returns what the rules, the policy and the person's view of the voucher have against the step.
func (a *act) refusals(p *placed, seen Seen) Faults {
	var faults Faults
	v, policy := &p.Voucher, &a.office.policy
	add := func(fault *Fault) {
		if fault != nil {
			faults.add(fault)
		}
	}
	if seen.State != v.State || seen.Content != v.Content {
		add(&Fault{Code: ErrChanged, Field: string(a.action), Detail: fmt.Sprintf("seen as %s with content %.8x, it is now %s with %.8x since %v", seen.State, seen.Content,
			v.State, v.Content, v.Changed), Hint: "read it again, then decide"})
		return faults // the rest would speak of what the person has not seen
	}
	add(v.stateFault(a.action))
	add(policy.lateFault(v, a.action))
	add(v.handsFault(a.action, a.hand.By, policy.mayBeOne))
	add(policy.allowedFault(v, a.action, a.hand.By))
	if a.action == ActionPost {
		add(policy.unsignedFault(v))
	}
	if a.hand.On < v.Changed {
		add(&Fault{Code: ErrInvalid, Field: "on", Detail: fmt.Sprintf("%v, before the last step on %v", a.hand.On, v.Changed), Hint: "correct the day"})
	}
	if a.revised != nil {
		faults = append(faults, a.revised.faults...)
		if key := a.revised.draft.Key; key != v.Key && !a.revised.unencodable {
			add(&Fault{Code: ErrInvalid, Field: "key", Detail: fmt.Sprintf("%q, the voucher has %q", clipped(key), clipped(v.Key)), Hint: "keep the draft's key"})
		}
	}
	return faults
}

// insertSteps adds the steps of a command in one statement.
func insertSteps(ctx context.Context, tx *store.Tx, book ledger.BookID, list []*placed) error {
	n := len(list)
	numbers, entries, given := make([]int64, n), make([]int64, n), make([]int64, n)
	steps, days := make([]int32, n), make([]int32, n)
	actions, people, reasons, keys, states := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	contents, hashes := make([][]byte, n), make([][]byte, n)
	for i, p := range list {
		s := &p.step
		numbers[i], entries[i], given[i] = p.No, int64(s.Entry), s.Number
		steps[i], days[i] = int32(s.No), int32(s.On)
		actions[i], people[i], reasons[i], keys[i], states[i] = string(s.Action), s.By, s.Reason, s.Key, string(s.State)
		contents[i], hashes[i] = s.Content[:], s.Hash[:]
	}
	return tx.Insert(ctx, "voucher_step", store.Fixed("realm_id", book.Realm), store.Fixed("book_no", book.Number), store.Int64s("voucher_no", numbers),
		store.Int32s("step_no", steps), store.Texts("action", actions), store.Texts("person", people), store.Int32s("day", days), store.Texts("reason", reasons),
		store.Texts("key", keys), store.Texts("state", states), store.Blobs("content_hash", contents), store.Blobs("step_hash", hashes),
		store.Int64s("entry_seq", entries), store.Int64s("voucher_number", given))
}

func insertContents(ctx context.Context, tx *store.Tx, book ledger.BookID, list []*placed) error {
	n := len(list)
	numbers, steps, contents := make([]int64, n), make([]int32, n), make([][]byte, n)
	for i, p := range list {
		numbers[i], steps[i], contents[i] = p.No, int32(p.step.No), p.checked.encoded
	}
	return tx.Insert(ctx, "voucher_content", store.Fixed("realm_id", book.Realm), store.Fixed("book_no", book.Number), store.Int64s("voucher_no", numbers),
		store.Int32s("step_no", steps), store.Blobs("content", contents))
}

// moves says which further columns of a voucher's row a step sets: from the columns of the step's row s, or to values of the command.
var moves = map[Action]struct{ columns, from, values string }{
	ActionReview:      {columns: `, reviewed_by`, from: `, s.person`},
	ActionSignCashier: {columns: `, cashier`, from: `, s.person`},
	ActionSignHead:    {columns: `, head`, from: `, s.person`},
	ActionSendBack:    {values: `, reviewed_by = '', cashier = '', head = ''`},
	ActionPost:        {columns: `, posted_by, entry_seq, voucher_number`, from: `, s.person, s.entry_seq, s.voucher_number`},
	ActionRevise: {columns: `, content_step, content_hash`, from: `, s.step_no, s.content_hash`,
		values: `, kind = ?, voucher_type = ?, effective_day = ?, period = ?, description = ?, amount = ?, attachments = ?`},
}

// write adds the steps, all in one statement, and moves the rows on by them in another.
func (a *act) write(ctx context.Context) error {
	if len(a.fresh) == 0 {
		return nil
	}
	if err := insertSteps(ctx, a.tx, a.hand.Book, a.fresh); err != nil {
		return err
	}
	var args []any
	if a.revised != nil {
		if err := insertContents(ctx, a.tx, a.hand.Book, a.fresh); err != nil {
			return err
		}
		v := &a.fresh[0].Voucher
		args = []any{string(v.Kind), v.Number.Type, int32(v.Effective), int32(v.Period), v.Description, int64(v.Amount), int32(v.Attachments)}
	}
	numbers := make([]int64, len(a.fresh))
	for i, p := range a.fresh {
		numbers[i] = p.No
	}
	args = append(args, a.hand.Book.Realm, a.hand.Book.Number, a.tx.Dialect().Ints(numbers))
	// Each row looks its own step up. A join of the two tables is read the slow way by PostgreSQL as long as it has no statistics: every row with every step.
	move := moves[a.action]
	result, err := a.tx.Exec(ctx, `UPDATE voucher_voucher AS v SET (state, steps, changed_day, history_hash`+move.columns+`) =
		(SELECT s.state, s.step_no, s.day, s.step_hash`+move.from+` FROM voucher_step AS s
		WHERE s.realm_id = v.realm_id AND s.book_no = v.book_no AND s.voucher_no = v.voucher_no AND s.step_no = v.steps + 1)`+move.values+`
		WHERE v.realm_id = ? AND v.book_no = ? AND `+a.tx.Dialect().Among("v.voucher_no"), args...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err == nil && n != int64(len(numbers)) {
		return Faults{{Code: ErrCorrupt, Book: a.hand.Book, Detail: fmt.Sprintf("%d rows moved for %d steps", n, len(numbers)), Hint: "run Verify"}}
	}
	return nil
}

// insertVouchers writes vouchers that are new, with their first step, and the book's counter.
func insertVouchers(ctx context.Context, tx *store.Tx, book ledger.BookID, last int64, list []*placed) error {
	if len(list) == 0 {
		return nil
	}
	n := len(list)
	numbers, amounts := make([]int64, n), make([]int64, n)
	days, periods, attachments := make([]int32, n), make([]int32, n), make([]int32, n)
	keys, kinds, types, texts := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	contents, hashes := make([][]byte, n), make([][]byte, n)
	for i, p := range list {
		numbers[i], amounts[i] = p.No, int64(p.Amount)
		days[i], periods[i], attachments[i] = int32(p.Effective), int32(p.Period), int32(p.Attachments)
		keys[i], kinds[i], types[i], texts[i] = p.Key, string(p.Kind), p.Number.Type, p.Description
		contents[i], hashes[i] = p.Content[:], p.History[:]
	}
	if err := tx.Insert(ctx, "voucher_voucher", store.Fixed("realm_id", book.Realm), store.Fixed("book_no", book.Number), store.Int64s("voucher_no", numbers),
		store.Texts("key", keys), store.Fixed("state", string(Drafted)), store.Texts("kind", kinds), store.Texts("voucher_type", types),
		store.Int32s("effective_day", days), store.Int32s("period", periods), store.Texts("description", texts), store.Int64s("amount", amounts),
		store.Int32s("attachments", attachments), store.Fixed("prepared_by", list[0].Preparer), store.Fixed("reviewed_by", ""), store.Fixed("cashier", ""),
		store.Fixed("head", ""), store.Fixed("posted_by", ""), store.Fixed("steps", int32(1)), store.Fixed("changed_day", int32(list[0].Changed)),
		store.Fixed("content_step", int32(1)), store.Blobs("content_hash", contents), store.Blobs("history_hash", hashes), store.Fixed("entry_seq", int64(0)),
		store.Fixed("voucher_number", int64(0))); err != nil {
		return err
	}
	if err := insertSteps(ctx, tx, book, list); err != nil {
		return err
	}
	if err := insertContents(ctx, tx, book, list); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE voucher_book SET last = ? WHERE realm_id = ? AND book_no = ?`, last, book.Realm, book.Number)
	return err
}

// hashOf copies a stored hash; one of another length is no hash and matches nothing.
func hashOf(stored []byte) seal.Hash {
	if len(stored) != len(seal.Hash{}) {
		return seal.Hash{}
	}
	return seal.Hash(stored)
}
