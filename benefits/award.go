package benefits

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/fault"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/sheet"
)

// Approval approves one determination, the latest of its claim.
type Approval struct {
	Claim   int64
	Version int
}

// Approve approves determinations (复核审批): the claim becomes an award, due from the month after the retirement on, and the retirement is recorded in
// registration if it was not. Who approves is another person than those who took and determined the claim. A determination that follows an approved one
// replaces its amounts and settles the months that were paid: more is paid once by the next run (核定补发), less becomes a recovery case. The error is *Faults,
// or one of registration, the ledger or the store.
func (o *Office) Approve(ctx context.Context, order Order, approvals ...Approval) (Done, error) {
	return o.run(ctx, order, o.approve(approvals))
}

// ApproveTx is Approve in the host's transaction.
func (o *Office) ApproveTx(ctx context.Context, h store.Handle, order Order, approvals ...Approval) (Done, error) {
	return o.runTx(ctx, h, order, o.approve(approvals))
}

// approved is an award on its way.
type approved struct {
	claim       Claim
	now         Determination
	before      Award // the one it replaces; Claim 0 if none
	from        calendar.Month
	paidThrough calendar.Month
}

func (o *Office) approve(approvals []Approval) command {
	return command{kind: KindApprove, asked: approvals, rows: len(approvals), carry: func(ctx context.Context, s *session) (Done, error) {
		list, err := s.approvable(ctx, approvals)
		if err == nil {
			err = s.faults.Err()
		}
		if err != nil {
			return Done{}, err
		}
		if err := s.recordRetirements(ctx, list); err != nil {
			return Done{}, err
		}
		claims, versions := make([]int64, len(list)), make([]int64, len(list))
		var total money.Amount
		for i := range list {
			claims[i], versions[i] = list[i].claim.No, int64(list[i].now.Version)
			total += list[i].now.Monthly.Total()
		}
		seq, err := s.seal(ctx, KindApprove, map[string]int64{"rows": int64(len(list)), "total": int64(total)}, sheet.Ints("claim", claims), sheet.Ints("version", versions))
		if err != nil {
			return Done{}, err
		}
		if err := s.writeAwards(ctx, seq, list, claims); err != nil {
			return Done{}, err
		}
		return Done{Seq: seq, First: claims[0], Count: len(list), Amount: total}, s.settleDifferences(ctx, seq, list)
	}}
}

// approvable reads what is to be approved and adds the faults of each row.
func (s *session) approvable(ctx context.Context, approvals []Approval) ([]approved, error) {
	numbers := make([]int64, len(approvals))
	for i, a := range approvals {
		numbers[i] = a.Claim
	}
	claims, err := s.claims(ctx, numbers)
	if err != nil {
		return nil, err
	}
	determinations, awards, busy := map[int64]Determination{}, map[int64]Award{}, map[int64]bool{}
	err = inChunks(numbers, func(some []int64) error {
		among, arg := s.tx.Dialect().Among("claim_no"), s.tx.Dialect().Ints(some)
		open, err := s.readDeterminations(ctx, s.tx, false, ` AND status = 'open' AND `+among+` ORDER BY claim_no, version`, arg)
		for _, d := range open {
			determinations[d.Claim] = d
		}
		if err != nil {
			return err
		}
		current, err := s.readAwards(ctx, s.tx, ` AND superseded_seq = 0 AND `+among+` ORDER BY claim_no`, arg)
		for _, a := range current {
			awards[a.Claim] = a
		}
		if err != nil {
			return err
		}
		return s.tx.Each(ctx, `SELECT claim_no FROM benefits_payment WHERE realm_id = ? AND book_no = ? AND status = 'ordered' AND run_no = ? AND `+among,
			s.args(s.head.runs, arg), func(rows *store.Rows) error {
				var no int64
				err := rows.Scan(&no)
				busy[no] = true
				return err
			})
	})
	if err != nil {
		return nil, err
	}
	list := make([]approved, 0, len(approvals))
	for i, a := range approvals {
		claim, known := claims[a.Claim]
		now, open := determinations[a.Claim]
		switch {
		case !known:
			continue
		case !open || now.Version != a.Version:
			s.faults.Rowf(i+1, ErrStatus, "version", "approve the latest determination", "version %d of claim %d is not open", a.Version, a.Claim)
			continue
		case busy[a.Claim]:
			s.faults.Rowf(i+1, ErrRunOpen, "claim", "post or cancel the run first", "claim %d is in run %d, which is under way", a.Claim, s.head.runs)
		}
		for who, name := range map[string]string{"took": claim.Clerk, "determined": now.Clerk} {
			if name == s.order.EnteredBy {
				s.faults.Rowf(i+1, ErrFourEyes, "entered by", "have another person approve it", "%q %s claim %d", name, who, a.Claim)
			}
		}
		one := approved{claim: claim, now: now, before: awards[a.Claim], from: claim.Retire.Month().Add(1)}
		switch {
		case one.before.Claim != 0:
			one.paidThrough = one.before.PaidThrough
		case claim.PaidThrough != 0:
			one.paidThrough = claim.PaidThrough
		default:
			one.paidThrough = one.from.Add(-1)
		}
		list = append(list, one)
	}
	return list, nil
}

// recordRetirements records, in the register book, the retirements that are not known yet.
func (s *session) recordRetirements(ctx context.Context, list []approved) error {
	members := make([]int64, len(list))
	for i := range list {
		members[i] = int64(list[i].claim.Member)
	}
	careers, err := s.members(ctx, members)
	if err != nil {
		return err
	}
	var specs []registration.RetirementSpec
	for i := range list {
		c := list[i].claim
		career := careers[c.Member]
		if _, known := career.Retirement(s.config.Insurance); !known && list[i].before.Claim == 0 {
			specs = append(specs, registration.RetirementSpec{Member: c.Member, Insurance: s.config.Insurance, Day: c.Retire, Ground: c.Ground, Reference: c.Reference})
		}
	}
	if len(specs) == 0 {
		return nil
	}
	_, err = s.registry.RecordRetirementsTx(ctx, s.tx.Handle(), registration.Order{Realm: s.fund.Book().Realm, Key: keyPrefix + s.order.Key, Effective: s.order.Effective,
		EnteredBy: list[0].now.Clerk, ApprovedBy: s.order.EnteredBy}, specs...)
	return err
}

func (s *session) writeAwards(ctx context.Context, seq ledger.Seq, list []approved, claims []int64) error {
	n := len(list)
	versions, members, from, paid, last, stopped := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	stages, reasons := make([]string, n), make([]string, n)
	var amounts [4][]int64
	for i := range list {
		a := &list[i]
		versions[i], members[i], from[i], paid[i] = int64(a.now.Version), int64(a.claim.Member), int64(a.from), int64(a.paidThrough)
		last[i], stopped[i], stages[i], reasons[i] = int64(a.before.LastMonth), int64(a.before.Stopped), string(a.now.Stage), a.before.StopReason
		for k, amount := range a.now.Monthly.list() {
			amounts[k] = append(amounts[k], int64(amount))
		}
	}
	if err := inChunks(claims, func(some []int64) error {
		among, arg := s.tx.Dialect().Among("claim_no"), s.tx.Dialect().Ints(some)
		return errors.Join(
			s.exec(ctx, `UPDATE benefits_award SET superseded_seq = ?`, ` AND superseded_seq = 0 AND `+among, int64(seq), arg),
			s.exec(ctx, `UPDATE benefits_determination SET status = ?`, ` AND status = 'open' AND `+among, DeterminationApproved, arg),
			s.exec(ctx, `UPDATE benefits_claim SET status = ?`, ` AND `+among, ClaimAwarded, arg))
	}); err != nil {
		return err
	}
	return s.tx.Insert(ctx, "benefits_award", s.keys(store.Int64s("claim_no", claims), store.Int64s("version", versions), store.Int64s("member_no", members),
		store.Texts("stage", stages), store.Int64s("from_month", from), store.Int64s("basic", amounts[0]), store.Int64s("account_pension", amounts[1]),
		store.Int64s("transitional", amounts[2]), store.Int64s("supplement", amounts[3]), store.Fixed("seq", int64(seq)), store.Fixed("approver", s.order.EnteredBy),
		store.Int64s("paid_through", paid), store.Int64s("last_month", last), store.Texts("stop_reason", reasons), store.Int64s("stopped_seq", stopped),
		store.Fixed("superseded_seq", int64(0)))...)
}

// settleDifferences makes what was paid by replaced awards good. Where components move both ways, the sum decides; what is lower than before lowers what is
// higher, component by component.
func (s *session) settleDifferences(ctx context.Context, seq ledger.Seq, list []approved) error {
	var dues []Due
	var lower []recoveryCase
	for i := range list {
		a := &list[i]
		months := a.paidThrough.Sub(a.from) + 1
		if a.before.Claim == 0 || months < 1 {
			continue
		}
		up := a.now.Monthly.plus(a.before.Monthly, -1)
		switch total := up.Total(); {
		case total > 0:
			s.head.dues++
			dues = append(dues, Due{No: s.head.dues, Member: a.claim.Member, Claim: a.claim.No, Version: a.now.Version, From: a.from, To: a.paidThrough,
				Amounts: netted(up).times(months)})
		case total < 0:
			down := netted(Amounts{}.plus(up, -1)).times(months)
			lower = append(lower, recoveryCase{member: a.claim.Member, claim: a.claim.No, reason: "formal_lower", over: []Overpayment{{
				Member: a.claim.Member, From: a.from, To: a.paidThrough, Paid: s.order.Effective, Amounts: down}}})
		}
	}
	if err := s.openRecoveries(ctx, seq, lower); err != nil || len(dues) == 0 {
		return err
	}
	var no, member, claim, version, from, to []int64
	var amounts [4][]int64
	for _, d := range dues {
		no, member, claim = append(no, d.No), append(member, int64(d.Member)), append(claim, d.Claim)
		version, from, to = append(version, int64(d.Version)), append(from, int64(d.From)), append(to, int64(d.To))
		for k, amount := range d.Amounts.list() {
			amounts[k] = append(amounts[k], int64(amount))
		}
	}
	return s.tx.Insert(ctx, "benefits_due", s.keys(store.Int64s("due_no", no), store.Int64s("member_no", member), store.Int64s("claim_no", claim),
		store.Int64s("version", version), store.Int64s("from_month", from), store.Int64s("to_month", to), store.Int64s("basic", amounts[0]),
		store.Int64s("account_pension", amounts[1]), store.Int64s("transitional", amounts[2]), store.Int64s("supplement", amounts[3]), store.Fixed("seq", int64(seq)),
		store.Fixed("run_no", int64(0)))...)
}

// netted takes negative components off positive ones; the sum, above zero, stays.
func netted(a Amounts) Amounts {
	list := a.list()
	var owed money.Amount
	for i := range list {
		if list[i] < 0 {
			owed, list[i] = owed-list[i], 0
		}
	}
	for i := range slices.Backward(list[:]) {
		taken := min(owed, list[i])
		list[i], owed = list[i]-taken, owed-taken
	}
	return amountsOf(list)
}

// accounts returns the personal accounts of members, in one query for every 20,000; members without one are left out.
func (s *session) accounts(ctx context.Context, members []registration.MemberNo) (map[registration.MemberNo]ledger.AccountNo, error) {
	found := make(map[registration.MemberNo]ledger.AccountNo, len(members))
	if s.rights == nil {
		return found, nil
	}
	for from := 0; from < len(members); from += chunk {
		var names []string
		for _, no := range members[from:min(from+chunk, len(members))] {
			names = append(names, strconv.Itoa(int(no)))
		}
		some, err := s.rights.Accounts(ctx, s.tx.Handle(), names)
		if err != nil {
			return nil, err
		}
		for name, account := range some {
			no, err := strconv.Atoi(name)
			if err != nil {
				return nil, fault.One(ErrOriginMissing, "account", "open accounts under members' numbers", "account of %q is no member's", name)
			}
			found[registration.MemberNo(no)] = account
		}
	}
	return found, nil
}
