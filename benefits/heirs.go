package benefits

import (
	"context"
	"errors"
	"fmt"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/fault"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/sheet"
)

// SettlementInterest is the law by which an account that is settled on a day earns up to it (清算计息): method, rounding and the last rate published, and where the
// rate comes from. The rule's Months do not matter: personal.Settlement sets them.
type SettlementInterest func(day calendar.Date) (personal.InterestRule, ledger.Source, error)

// HeirsSpec asks to pay what is left on a dead member's personal account to the heirs (个人账户余额继承, 社会保险法 art. 14).
type HeirsSpec struct {
	Member   registration.MemberNo
	Recovery int64        // the recovery that Offset is kept back for; 0 for none
	Offset   money.Amount // at most what it owes (社会保险经办条例 art. 46)
}

// PayHeirs books, on the day of the order, the payment of a dead member's account to the heirs (E16) and sets the account to zero. Before that, the interest that the
// account has earned is credited by Config.SettlementInterest in an entry of its own, and paid with the rest: see personal.Rights.Reckon. A pension must have been
// stopped before. What comes to the account later is credited to it, and paid by another PayHeirs. Done.Seq is the entry of the payment, Done.First the payment,
// Done.Amount what was paid out. The error is *Faults, or one of the fund, the ledger or the store; ErrMoved when another transaction posted to the account meanwhile:
// nothing was done, ask again.
func (o *Office) PayHeirs(ctx context.Context, order Order, spec HeirsSpec) (Done, error) {
	return o.run(ctx, order, o.payHeirs(spec))
}

// PayHeirsTx is PayHeirs in the host's transaction.
func (o *Office) PayHeirsTx(ctx context.Context, h store.Handle, order Order, spec HeirsSpec) (Done, error) {
	return o.runTx(ctx, h, order, o.payHeirs(spec))
}

// inheritance is what is to be paid to heirs.
type inheritance struct {
	held     debit // the whole account, interest included
	claim    int64 // of the pension; 0 for a member who drew none
	reckoned *personal.Reckoning
}

func (o *Office) payHeirs(spec HeirsSpec) command {
	return command{kind: KindHeirs, asked: spec, rows: 1, moves: true, carry: func(ctx context.Context, s *session) (Done, error) {
		left, err := s.inheritable(ctx, spec)
		if err == nil {
			err = s.faults.Err()
		}
		if err != nil {
			return Done{}, err
		}
		s.head.payments++
		month := s.order.Effective.Month()
		p := Payment{No: s.head.payments, Member: spec.Member, Claim: left.claim, Kind: PayHeirs, From: month, To: month, Amounts: Amounts{AccountPension: left.held.amount},
			Offset: spec.Offset, Recovery: spec.Recovery, Status: PaymentPaid, PostedDay: s.order.Effective}
		made, err := sheet.New(KindHeirs, paymentSheet([]Payment{p})...)
		if err != nil {
			return Done{}, err
		}
		_, hash, err := s.keep(ctx, made)
		if err != nil {
			return Done{}, err
		}
		left.held.payment, left.held.month = p.No, month
		if p.Posted, err = s.postHeirs(ctx, &p, left, hash); err != nil {
			return Done{}, err
		}
		if err := s.insertPayments(ctx, []Payment{p}); err != nil {
			return Done{}, err
		}
		if err := s.storeDebits(ctx, p.Posted, []debit{left.held}); err != nil {
			return Done{}, err
		}
		return Done{Seq: p.Posted, First: p.No, Count: 1, Amount: p.Net()}, s.countOffsets(ctx, p.Posted, []Payment{p})
	}}
}

// postHeirs posts the interest and the payment, after which nothing may be left on the account.
func (s *session) postHeirs(ctx context.Context, p *Payment, left inheritance, hash [32]byte) (ledger.Seq, error) {
	if left.reckoned != nil {
		if _, err := left.reckoned.PostTx(ctx, s.tx.Handle(), s.fund); err != nil {
			return 0, err
		}
	}
	event := s.event(s.order.Key, s.lumpSumEvent(), accounts.RoleExpenditureAccount, p.net(), []debit{left.held}, hash, nil)
	event.Rights[0].Tag = personal.TagHeirs
	if p.Net() > 0 {
		event.Parts = []accounts.Part{{Role: accounts.RoleAccountLumpSum, Amount: p.Net()}, {Role: accounts.RoleExpenditureAccount, Amount: p.Net()}}
	}
	receipt, err := s.fund.PostTx(ctx, s.tx.Handle(), event)
	if err != nil {
		return 0, err
	}
	// Posting has locked the book: what another transaction brought since the account was read is seen here, and can no longer change.
	rest, err := s.rights.Balance(ctx, s.tx.Handle(), left.held.account, ledger.At{})
	if err == nil && rest != 0 {
		err = fault.One(ErrMoved, "member", "ask again", "%s came to the account of member %d while it was settled", s.currency.Text(rest), p.Member)
	}
	return receipt.Seq, err
}

// inheritable reads what is left on the account and adds the faults of the request.
func (s *session) inheritable(ctx context.Context, spec HeirsSpec) (left inheritance, err error) {
	members := []registration.MemberNo{spec.Member}
	died, err := s.registry.In(s.tx.Handle()).Deaths(ctx, s.fund.Book().Realm, members, 0)
	if err != nil {
		return left, err
	}
	if died[spec.Member] == 0 {
		s.faults.Rowf(0, ErrNotDead, "member", "register the death first", "no death of member %d is registered", spec.Member)
	}
	awards, err := s.readAwards(ctx, s.tx, ` AND superseded_seq = 0 AND member_no = ?`, int32(spec.Member))
	if err != nil {
		return left, err
	}
	for _, a := range awards {
		left.claim = a.Claim
		if a.LastMonth == 0 {
			s.faults.Rowf(0, ErrStatus, "member", "stop it first with StopDead", "the award of claim %d goes on", a.Claim)
		}
		if err := s.notOrdered(ctx, []int64{a.Claim}); err != nil {
			return left, err
		}
	}
	accountOf, err := s.accounts(ctx, members)
	if err != nil {
		return left, err
	}
	left.held = debit{member: spec.Member, account: accountOf[spec.Member]}
	if left.held.account != 0 {
		if ok, err := s.reckon(ctx, &left); !ok || err != nil {
			return left, err
		}
	}
	if left.held.amount < 1 {
		s.faults.Rowf(0, ErrNothing, "member", "", "nothing is left on the account of member %d", spec.Member)
	}
	return left, s.offsettable(ctx, spec, left.held.amount)
}

// reckon reads what the account holds, and adds the interest that its settlement credits. Where the law gives no answer it adds a fault and is false.
func (s *session) reckon(ctx context.Context, left *inheritance) (ok bool, err error) {
	if s.config.SettlementInterest == nil {
		left.held.amount, err = s.rights.Balance(ctx, s.tx.Handle(), left.held.account, ledger.At{})
		return err == nil, err
	}
	refuse := func(err error) (bool, error) {
		s.faults.Add(&Fault{Code: ErrInputs, Field: "interest", Detail: err.Error(), Hint: "correct the rule of the day of settlement", Err: err})
		return false, nil
	}
	rule, source, err := s.config.SettlementInterest(s.order.Effective)
	if err != nil {
		return refuse(err)
	}
	since, err := s.lastSettled(ctx, left.held.member)
	if err != nil {
		return false, err
	}
	left.reckoned, err = s.rights.Reckon(ctx, s.tx.Handle(), personal.Settlement{
		Account: left.held.account, Day: s.order.Effective, Since: since, First: s.config.FirstInterestYear, Rule: rule, Source: source, Key: keyPrefix + s.order.Key + "/interest",
		EnteredBy: s.order.EnteredBy, Approved: s.order.ApprovedBy,
	})
	switch {
	case refusedByRule(err):
		return refuse(err)
	case err == nil:
		left.held.amount = left.reckoned.Balance
	}
	return err == nil, err
}

// refusedByRule tells a faulty rule or account from a failure of the database.
func refusedByRule(err error) bool {
	var rule *personal.RuleError
	var account *personal.AccountError
	var settlement *personal.SettlementError
	return errors.As(err, &rule) || errors.As(err, &account) || errors.As(err, &settlement)
}

// lastSettled returns the entry by which a member's account was last paid to heirs, or zero.
func (s *session) lastSettled(ctx context.Context, member registration.MemberNo) (seq ledger.Seq, err error) {
	err = s.tx.QueryRow(ctx, `SELECT coalesce(max(posted_seq), 0) FROM benefits_payment WHERE realm_id = ? AND book_no = ? AND member_no = ? AND kind = 'heirs'`,
		s.args(int32(member))...).Scan(&seq)
	return seq, err
}

// offsettable adds the faults of what is to be kept back out of an amount.
func (s *session) offsettable(ctx context.Context, spec HeirsSpec, held money.Amount) error {
	var owed money.Amount
	if spec.Recovery != 0 {
		r, err := s.recovery(ctx, spec.Recovery)
		if err != nil {
			return err
		}
		if owed = r.Amount - r.Recovered; r.Member != spec.Member {
			s.faults.Rowf(0, ErrInvalid, "recovery", "name one of the member", "recovery %d is of member %d", r.No, r.Member)
		}
	}
	if spec.Offset < 0 || spec.Offset > min(owed, held) {
		s.faults.Rowf(0, ErrTooMuch, "offset", fmt.Sprintf("give at most %s", s.currency.Text(min(owed, held))), "%s", s.currency.Text(spec.Offset))
	}
	return nil
}

// lumpSumEvent is the fund's event of paying an account out at once.
func (s *session) lumpSumEvent() string {
	for _, name := range []string{"E16b", "E16c"} {
		if _, err := s.fund.Chart().Template(name); err == nil {
			return name
		}
	}
	return "E16a"
}
