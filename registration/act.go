package registration

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration/sheet"
)

// The kinds of acts in the register book. Each is also the title of its sheet.
const (
	KindEmployerRegister = "registration.employer.register"
	KindEmployerChange   = "registration.employer.change"
	KindEmployerCancel   = "registration.employer.cancel"
	KindMemberRegister   = "registration.member.register"
	KindMemberCorrect    = "registration.member.correct"
	KindEnrol            = "registration.enrolment.enrol"
	KindSuspend          = "registration.enrolment.suspend"
	KindResume           = "registration.enrolment.resume"
	KindTerminate        = "registration.enrolment.terminate"
	KindTransfer         = "registration.enrolment.transfer"
	KindEnrolmentCorrect = "registration.enrolment.correct"
	KindDeath            = "registration.fact.death"
	KindRetirement       = "registration.fact.retirement"
	KindDeemedService    = "registration.fact.deemed"
	KindFactWithdraw     = "registration.fact.withdraw"

	kindPrefix  = "registration."
	keyPrefix   = "registration "      // leads the idempotency keys in the register book, which other packages share
	sourceSheet = "registration.sheet" // kind of the act's source
	actVersion  = 1                    // of actContent
	maxName     = 256                  // bytes of a text in a row
	chunkRows   = 20_000               // rows or members that one query speaks of
	defaultHint = "give it"            // hint of a missing field
	wholeOrder  = 0                    // row of a fault that concerns the order
	fieldMember = "member"             // names of fields in faults
	fieldScheme = "scheme"             //
	fieldFrom   = "from"               //
	fieldNumber = "identity number"    //
	fieldCode   = "credit code"        //
	fieldEmploy = "employer"           //
	fieldBirth  = "birth"              //
	approveHint = "have another person approve it, who is named in Order.ApprovedBy"
)

// actContent is the content of every act of registration.
type actContent struct {
	_       struct{} `cbor:",toarray"`
	Version int64
	Rows    int64
	Admit   int64
	Key     string // identity.Key.ID
}

// session is one command under way: its order, its transaction, what is wrong so far.
type session struct {
	*Registry
	order  Order
	tx     *store.Tx
	head   realmHead
	faults Faults
	faulty map[int]bool // rows, from 1, that have a fault

	tolerated Flags // what the row at hand had admitted before
}

// realmHead is the row of registration_realm.
type realmHead struct {
	employers, members int32
	spells, facts      int64
}

// effects are what a command did besides its rows.
type effects struct {
	firstEmployer EmployerNo
	firstMember   MemberNo
	flagged       int
}

// command is one kind of order with its rows.
type command interface {
	kind() string
	rows() int
	// check finds what is wrong with the rows by themselves.
	check(s *session)
	// resolve finds the internal numbers of what rows name otherwise.
	resolve(ctx context.Context, s *session) error
	// sheet is what is sealed: the rows as they were ordered, with internal numbers, pseudonyms and digests. Equal orders give equal sheets.
	sheet(s *session) (*sheet.Sheet, error)
	// settle finds what is wrong with the rows in the state of the realm. Rows that check found faulty are left out.
	settle(ctx context.Context, s *session) error
	// write writes the rows, takes their numbers from s.head and says what else happened.
	write(ctx context.Context, s *session, seq ledger.Seq) (effects, error)
}

// run carries a command out in a transaction of its own. make gives a fresh command for each attempt.
func (r *Registry) run(ctx context.Context, order Order, make func() command) (Receipt, error) {
	var receipt Receipt
	err := r.update(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		receipt, err = r.perform(ctx, tx, order, make())
		return err
	})
	if err != nil {
		return Receipt{}, err
	}
	return receipt, nil
}

// runTx carries a command out in the host's transaction.
func (r *Registry) runTx(ctx context.Context, tx store.Handle, order Order, c command) (Receipt, error) {
	return r.perform(ctx, r.db.Join(tx), order, c)
}

// perform carries a command out: nothing is written before every fault is known.
func (r *Registry) perform(ctx context.Context, tx *store.Tx, order Order, c command) (Receipt, error) {
	if c.rows() == 0 {
		return Receipt{}, &Faults{List: []*Fault{{Code: ErrMissing, Field: "rows", Detail: "the command has none", Hint: "give at least one"}}}
	}
	s := &session{Registry: r, order: order, tx: tx, faulty: map[int]bool{}}
	s.checkOrder(c)
	if err := s.faults.Err(); err != nil {
		return Receipt{}, err
	}
	if r.config.Allow != nil {
		if err := r.config.Allow(ctx, order, c.kind(), c.rows()); err != nil {
			return Receipt{}, &Faults{List: []*Fault{{Code: ErrNotAllowed, Detail: err.Error(), Hint: "ask who grants duties", Err: err}}}
		}
	}
	c.check(s)
	if err := s.lock(ctx); err != nil {
		return Receipt{}, err
	}
	if err := c.resolve(ctx, s); err != nil {
		return Receipt{}, err
	}
	var draft ledger.Draft
	var parts [][]byte
	if len(s.faults.List) == 0 {
		var err error
		if draft, parts, err = s.draft(c); err != nil {
			return Receipt{}, err
		}
		if receipt, found, err := s.replay(ctx, draft); found || err != nil {
			return receipt, err
		}
	}
	if err := c.settle(ctx, s); err != nil {
		return Receipt{}, err
	}
	if err := s.faults.Err(); err != nil {
		return Receipt{}, err
	}
	return s.record(ctx, c, draft, parts)
}

// record writes the act, the rows and the sheet.
func (s *session) record(ctx context.Context, c command, draft ledger.Draft, parts [][]byte) (Receipt, error) {
	posted, err := s.led.PostTx(ctx, s.tx.Handle(), s.register(), draft)
	if err != nil {
		return Receipt{}, err
	}
	done, err := c.write(ctx, s, posted.Seq)
	if err != nil {
		return Receipt{}, err
	}
	n := len(parts)
	numbers := make([]int32, n)
	for i := range numbers {
		numbers[i] = int32(i)
	}
	realm := store.Fixed("realm_id", s.order.Realm)
	if err := s.tx.Insert(ctx, "registration_act", realm, store.Fixed("seq", int64(posted.Seq)), store.Fixed("kind", c.kind()),
		store.Fixed("rows_count", int32(c.rows())), store.Fixed("first_no", max(int32(done.firstEmployer), int32(done.firstMember))),
		store.Fixed("admit", int32(s.order.Admit)), store.Fixed("flagged", int32(done.flagged))); err != nil {
		return Receipt{}, err
	}
	if err := s.tx.Insert(ctx, "registration_sheet", realm, store.Fixed("seq", int64(posted.Seq)), store.Int32s("part", numbers),
		store.Blobs("content", parts)); err != nil {
		return Receipt{}, err
	}
	_, err = s.tx.Exec(ctx, `UPDATE registration_realm SET employers = ?, members = ?, spells = ?, facts = ? WHERE realm_id = ?`,
		s.head.employers, s.head.members, s.head.spells, s.head.facts, s.order.Realm)
	if err != nil {
		return Receipt{}, err
	}
	return Receipt{
		Seq: posted.Seq, Recorded: posted.Recorded, Rows: c.rows(), Flagged: done.flagged, FirstEmployer: done.firstEmployer, FirstMember: done.firstMember,
	}, nil
}

func (s *session) register() ledger.BookID { return ledger.BookID{Realm: s.order.Realm} }

// draft makes the act and the parts of its sheet.
func (s *session) draft(c command) (ledger.Draft, [][]byte, error) {
	ordered, err := c.sheet(s)
	if err != nil {
		return ledger.Draft{}, nil, err
	}
	var parts [][]byte
	for part := range ordered.Parts() {
		parts = append(parts, part)
	}
	hash := sheet.HashOf(func(yield func([]byte) bool) {
		for _, part := range parts {
			if !yield(part) {
				return
			}
		}
	})
	act, err := seal.EncodeAct(&actContent{Version: actVersion, Rows: int64(c.rows()), Admit: int64(s.order.Admit), Key: s.config.Key.ID()})
	if err != nil {
		return ledger.Draft{}, nil, err
	}
	return ledger.Draft{
		Key: keyPrefix + s.order.Key, Kind: c.kind(), Effective: s.order.Effective, EnteredBy: s.order.EnteredBy, ApprovedBy: s.order.ApprovedBy,
		Source: ledger.Source{Kind: sourceSheet, ID: s.order.Key, Hash: hash[:]}, Attachments: s.order.Documents, Act: act,
	}, parts, nil
}

// replay answers an order that was carried out before. Posting the draft again makes the ledger compare it with the one that is there.
func (s *session) replay(ctx context.Context, draft ledger.Draft) (Receipt, bool, error) {
	_, err := s.led.EntryByKeyTx(ctx, s.tx.Handle(), s.register(), draft.Key)
	if errors.Is(err, ledger.ErrEntryUnknown) {
		return Receipt{}, false, nil
	}
	if err != nil {
		return Receipt{}, false, err
	}
	posted, err := s.led.PostTx(ctx, s.tx.Handle(), s.register(), draft)
	if err != nil {
		return Receipt{}, false, err
	}
	act, err := readAct(ctx, s.tx, s.order.Realm, posted.Seq)
	if err != nil {
		return Receipt{}, false, err
	}
	return Receipt{
		Seq: posted.Seq, Recorded: posted.Recorded, Rows: act.Rows, Flagged: act.Flagged, FirstEmployer: act.FirstEmployer,
		FirstMember: act.FirstMember, Replayed: true,
	}, true, nil
}

// lock takes the realm's row, under which one command at a time changes its registrations. The register book is locked after it, by PostTx. The row of a
// realm that has none yet is made first; it is all zeros and says nothing, should the command fail and the host's transaction go on.
func (s *session) lock(ctx context.Context) error {
	if _, err := s.led.BookTx(ctx, s.tx.Handle(), s.register()); err != nil {
		return err // the realm was never opened
	}
	query := `SELECT employers, members, spells, facts FROM registration_realm WHERE realm_id = ?` + s.tx.Dialect().ForUpdate()
	read := func() error {
		return s.tx.QueryRow(ctx, query, s.order.Realm).Scan(&s.head.employers, &s.head.members, &s.head.spells, &s.head.facts)
	}
	err := read()
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if _, err := s.tx.Exec(ctx, `INSERT INTO registration_realm (realm_id, employers, members, spells, facts) VALUES (?, 0, 0, 0, 0)
		ON CONFLICT (realm_id) DO NOTHING`, s.order.Realm); err != nil {
		return err
	}
	return read()
}

// checkOrder finds what is wrong with the head of a command. Without these the rest cannot be judged.
func (s *session) checkOrder(c command) {
	o := &s.order
	if o.Realm <= 0 {
		s.fault(wholeOrder, ErrInvalid, "realm", fmt.Sprintf("%d", o.Realm), "realms begin at 1")
	}
	s.required(wholeOrder, "key", o.Key, MaxKey)
	s.required(wholeOrder, "entered by", o.EnteredBy, maxName)
	s.text(wholeOrder, "approved by", o.ApprovedBy, maxName)
	if !o.Effective.Valid() {
		s.fault(wholeOrder, ErrInvalid, "effective date", o.Effective.String(), "give the day on which it was handled, made with calendar.NewDate")
	}
	if o.ApprovedBy != "" && o.ApprovedBy == o.EnteredBy {
		s.fault(wholeOrder, ErrApproval, "approved by", "is who entered the order", approveHint)
	}
	if refused := o.Admit &^ (s.config.Admit & allFlags); refused != 0 {
		s.fault(wholeOrder, ErrAdmission, "admit", refused.String()+" may not be admitted here", "correct the rows, or change Config.Admit")
	} else if o.Admit != 0 && o.ApprovedBy == "" {
		s.fault(wholeOrder, ErrApproval, "approved by", "nobody, and the order admits "+o.Admit.String(), approveHint)
	}
	if n := c.rows(); n > MaxRows {
		s.fault(wholeOrder, ErrTooLong, "rows", fmt.Sprintf("%d, at most %d are taken at once", n, MaxRows), "give several orders")
	}
}

// chunks cuts n into stretches of at most chunkRows and calls fn for each.
func chunks(n int, fn func(from, to int) error) error {
	for from := 0; from < n; from += chunkRows {
		if err := fn(from, min(from+chunkRows, n)); err != nil {
			return err
		}
	}
	return nil
}

// among is the condition that a column of numbers is one of some, with its arguments. The range says the same again in a way that leads any planner, with
// statistics or without, to the part of the key where they lie.
func among(tx *store.Tx, column string, numbers []int64) (string, []any) {
	if len(numbers) == 0 {
		return "1 = 0", nil
	}
	return column + " BETWEEN ? AND ? AND " + tx.Dialect().Among(column), []any{slices.Min(numbers), slices.Max(numbers), tx.Dialect().Ints(numbers)}
}

// supersede marks the current rows of a table whose column is one of the numbers as replaced by an act.
func (s *session) supersede(ctx context.Context, table, column string, numbers []int64, seq ledger.Seq) error {
	return chunks(len(numbers), func(from, to int) error {
		where, args := among(s.tx, column, numbers[from:to])
		result, err := s.tx.Exec(ctx, `UPDATE `+table+` SET superseded_seq = ? WHERE realm_id = ? AND superseded_seq = 0 AND `+where,
			append([]any{int64(seq), s.order.Realm}, args...)...)
		if err != nil {
			return err
		}
		return replaced(result, table, to-from)
	})
}

// goneRow names a row of registration_spell or registration_fact that an act replaces.
type goneRow struct {
	member MemberNo
	no     int64
}

// replace marks rows as replaced by an act.
func (s *session) replace(ctx context.Context, table, column string, gone []goneRow, seq ledger.Seq) error {
	slices.SortFunc(gone, func(a, b goneRow) int { return cmp.Or(cmp.Compare(a.member, b.member), cmp.Compare(a.no, b.no)) })
	return chunks(len(gone), func(from, to int) error {
		part := gone[from:to]
		members, numbers := make([]int64, len(part)), make([]int64, len(part))
		for i := range part {
			members[i], numbers[i] = int64(part[i].member), part[i].no
		}
		// The sum keeps the engine from looking for every member with every number; the members lead it to the rows.
		where, args := among(s.tx, "member_no", slices.Compact(members))
		result, err := s.tx.Exec(ctx, `UPDATE `+table+` SET superseded_seq = ? WHERE realm_id = ? AND superseded_seq = 0 AND `+where+` AND `+
			s.tx.Dialect().Among("("+column+" + 0)"), append(append([]any{int64(seq), s.order.Realm}, args...), s.tx.Dialect().Ints(numbers))...)
		if err != nil {
			return err
		}
		return replaced(result, table, len(part))
	})
}

// replaced proves that every row that an act replaces was there and current, as settle had read it under the realm's lock.
func replaced(result sql.Result, table string, wanted int) error {
	if n, err := result.RowsAffected(); err == nil && n != int64(wanted) {
		return fmt.Errorf("registration: %d current rows of %s where %d are to be replaced; run Verify", n, table, wanted)
	}
	return nil
}

// Act is what an order did (业务办理记录). Who gave it, when, and for which day is the entry Seq of the register book.
type Act struct {
	Seq           ledger.Seq
	Kind          string // KindEnrol and its sisters
	Rows          int
	FirstEmployer EmployerNo
	FirstMember   MemberNo
	Admit         Flags
	Flagged       int
}

func readAct(ctx context.Context, tx *store.Tx, realm int32, seq ledger.Seq) (Act, error) {
	acts, err := actsFrom(ctx, tx, realm, seq, seq)
	if err != nil {
		return Act{}, err
	}
	if len(acts) == 0 {
		return Act{}, unknown(ErrActUnknown, fmt.Sprintf("entry %d of the register book of realm %d is no act of registration", seq, realm),
			"check the number")
	}
	return acts[0], nil
}

// Act returns one act of registration, or ErrActUnknown.
func (r *Reader) Act(ctx context.Context, realm int32, seq ledger.Seq) (act Act, err error) {
	err = r.view(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		act, err = readAct(ctx, tx, realm, seq)
		return err
	})
	return act, err
}

func actsFrom(ctx context.Context, tx *store.Tx, realm int32, from, to ledger.Seq) (acts []Act, err error) {
	err = tx.Each(ctx, `SELECT seq, kind, rows_count, first_no, admit, flagged FROM registration_act WHERE realm_id = ?
		AND seq BETWEEN ? AND ? ORDER BY seq LIMIT ?`,
		[]any{realm, int64(from), int64(to), pageMembers}, func(rows *store.Rows) error {
			var a Act
			var first int32
			if err := rows.Scan(&a.Seq, &a.Kind, &a.Rows, &first, &a.Admit, &a.Flagged); err != nil {
				return err
			}
			switch a.Kind {
			case KindEmployerRegister:
				a.FirstEmployer = EmployerNo(first)
			case KindMemberRegister:
				a.FirstMember = MemberNo(first)
			}
			acts = append(acts, a)
			return nil
		})
	return acts, err
}

// Acts returns the acts of registration from an entry on, in their order.
func (r *Reader) Acts(ctx context.Context, realm int32, from ledger.Seq) iter.Seq2[Act, error] {
	return func(yield func(Act, error) bool) {
		for {
			var acts []Act
			err := r.view(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
				acts, err = actsFrom(ctx, tx, realm, from, math.MaxInt64)
				return err
			})
			if err != nil {
				yield(Act{}, err)
				return
			}
			for _, a := range acts {
				if !yield(a, nil) {
					return
				}
				from = a.Seq + 1
			}
			if len(acts) < pageMembers {
				return
			}
		}
	}
}

// Sheet returns the sealed sheet of an act: what was ordered, row by row. The error is ErrActUnknown, or a *sheet.FormatError for a damaged one.
func (r *Reader) Sheet(ctx context.Context, realm int32, seq ledger.Seq) (found *sheet.Sheet, err error) {
	err = r.view(ctx, func(ctx context.Context, tx *store.Tx) error {
		parts, err := sheetParts(ctx, tx, realm, seq)
		if err != nil {
			return err
		}
		found, err = readSheet(parts)
		return err
	})
	return found, err
}

func sheetParts(ctx context.Context, tx *store.Tx, realm int32, seq ledger.Seq) (parts [][]byte, err error) {
	err = tx.Each(ctx, `SELECT content FROM registration_sheet WHERE realm_id = ? AND seq = ? ORDER BY part`, []any{realm, int64(seq)},
		func(rows *store.Rows) error {
			var part []byte
			err := rows.Scan(&part)
			parts = append(parts, part)
			return err
		})
	if err == nil && len(parts) == 0 {
		err = unknown(ErrActUnknown, fmt.Sprintf("entry %d of the register book of realm %d has no sheet", seq, realm), "check the number")
	}
	return parts, err
}

func readSheet(parts [][]byte) (*sheet.Sheet, error) {
	return sheet.Read(func(yield func([]byte, error) bool) {
		for _, part := range parts {
			if !yield(part, nil) {
				return
			}
		}
	})
}
