package benefits

import (
	"context"
	"fmt"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/sheet"
)

// Return books payments that came back after the debit (银行退票), on the day of the order: E11a in the year of the payment, E11c, as other income, in a later year.
// What the personal accounts bore goes back to them. The payments may then be issued again. The error is *Faults, or one of the fund, the ledger or the store.
func (o *Office) Return(ctx context.Context, order Order, returned ...Refusal) (Done, error) {
	return o.run(ctx, order, o.giveBack(returned))
}

// ReturnTx is Return in the host's transaction.
func (o *Office) ReturnTx(ctx context.Context, h store.Handle, order Order, returned ...Refusal) (Done, error) {
	return o.runTx(ctx, h, order, o.giveBack(returned))
}

func (o *Office) giveBack(returned []Refusal) command {
	return command{kind: KindReturn, asked: returned, rows: len(returned), moves: true, carry: func(ctx context.Context, s *session) (Done, error) {
		numbers := make([]int64, len(returned))
		reasons := make([]string, len(returned))
		for i, r := range returned {
			numbers[i], reasons[i] = r.Payment, r.Reason
		}
		payments, err := s.paymentsOf(ctx, numbers, PaymentPaid)
		if err != nil {
			return Done{}, err
		}
		events := map[string][]Payment{}
		for i, p := range payments {
			event, err := s.fund.Chart().ReturnEvent(accounts.BenefitReturned, p.PostedDay, s.order.Effective)
			if err != nil {
				s.faults.Add(&Fault{Code: ErrInvalid, Row: i + 1, Field: "effective date", Detail: err.Error(), Hint: "give the day of the bank's credit", Err: err})
			}
			if p.Kind == PayHeirs {
				s.faults.Rowf(i+1, ErrStatus, "payment", "pay the heirs again by hand", "payment %d went to heirs", p.No)
			}
			events[event] = append(events[event], p)
		}
		if err := s.faults.Err(); err != nil {
			return Done{}, err
		}
		return s.bookReturns(ctx, numbers, reasons, events)
	}}
}

func (s *session) bookReturns(ctx context.Context, numbers []int64, reasons []string, events map[string][]Payment) (Done, error) {
	made, err := sheet.New(KindReturn, sheet.Ints("payment", numbers), sheet.Texts("reason", reasons))
	if err != nil {
		return Done{}, err
	}
	_, hash, err := s.keep(ctx, made)
	if err != nil {
		return Done{}, err
	}
	borne, err := s.borne(ctx, numbers)
	if err != nil {
		return Done{}, err
	}
	given := make(map[int64]string, len(numbers))
	for i, no := range numbers {
		given[no] = reasons[i]
	}
	done := Done{First: numbers[0], Count: len(numbers)}
	for _, name := range []string{"E11a", "E11c"} { // both in their order, so that equal commands give equal books
		payments := events[name]
		if len(payments) == 0 {
			continue
		}
		var net Amounts
		var back []debit
		for _, p := range payments {
			net = net.plus(p.net(), 1)
			if d, ok := borne[p.No]; ok && d.amount > 0 {
				d.amount, d.month = -d.amount, p.To
				back = append(back, d)
			}
		}
		event := s.event(s.order.Key+"/"+name, name, accounts.RoleExpenditureAccount, net, back, hash, nil)
		if name == "E11c" {
			event.Parts = s.otherIncome(net)
		}
		receipt, err := s.fund.PostTx(ctx, s.tx.Handle(), event)
		if err != nil {
			return Done{}, err
		}
		if done.Seq == 0 {
			done.Seq = receipt.Seq
		}
		done.Amount += net.Total()
		if err := s.storeDebits(ctx, receipt.Seq, back); err != nil {
			return Done{}, err
		}
		why := make(map[int64]string, len(payments))
		for _, p := range payments {
			why[p.No] = given[p.No]
		}
		if err := s.refuse(ctx, why, `status = 'returned', returned_seq = ?, returned_day = ?`, int64(receipt.Seq), int32(s.order.Effective)); err != nil {
			return Done{}, err
		}
	}
	return done, nil
}

// otherIncome binds money that comes back in a later year: to the income account where the fund has one, else to the fiscal account.
func (s *session) otherIncome(amounts Amounts) []accounts.Part {
	role := accounts.RoleIncomeAccount
	if _, err := s.fund.RoleCode(role); err != nil {
		role = accounts.RoleFiscalAccount
	}
	return []accounts.Part{{Role: role, Amount: amounts.Total()}, {Role: accounts.RoleOtherIncome, Amount: amounts.Total()}}
}

// paymentsOf reads payments that must be in one of the statuses, in the order of the rows.
func (s *session) paymentsOf(ctx context.Context, numbers []int64, statuses ...PaymentStatus) ([]Payment, error) {
	found := make(map[int64]Payment, len(numbers))
	if err := inChunks(numbers, func(some []int64) error {
		list, err := s.readPayments(ctx, s.tx, ` AND `+s.tx.Dialect().Among("payment_no")+` ORDER BY payment_no`, s.tx.Dialect().Ints(some))
		for _, p := range list {
			found[p.No] = p
		}
		return err
	}); err != nil {
		return nil, err
	}
	list, seen := make([]Payment, 0, len(numbers)), map[int64]bool{}
	for i, no := range numbers {
		p, ok := found[no]
		fits := false
		for _, status := range statuses {
			fits = fits || p.Status == status
		}
		switch {
		case !ok:
			s.faults.Rowf(i+1, ErrUnknown, "payment", "check the number", "there is no payment %d", no)
		case seen[no]:
			s.faults.Rowf(i+1, ErrRepeated, "payment", "name it once", "payment %d stands twice", no)
		case !fits:
			s.faults.Rowf(i+1, ErrStatus, "payment", fmt.Sprintf("it must be %v", statuses), "payment %d is %s", no, p.Status)
		default:
			list = append(list, p)
		}
		seen[no] = true
	}
	return list, nil
}

// borne is what payments took from personal accounts, less what was given back.
func (s *session) borne(ctx context.Context, payments []int64) (map[int64]debit, error) {
	found := map[int64]debit{}
	return found, inChunks(payments, func(some []int64) error {
		return s.tx.Each(ctx, `SELECT payment_no, member_no, account_no, CAST(sum(amount) AS bigint) FROM benefits_debit WHERE realm_id = ? AND book_no = ? AND `+
			s.tx.Dialect().Among("payment_no")+` GROUP BY payment_no, member_no, account_no`, s.args(s.tx.Dialect().Ints(some)), func(rows *store.Rows) error {
			var d debit
			err := rows.Scan(&d.payment, &d.member, &d.account, &d.amount)
			found[d.payment] = d
			return err
		})
	})
}

// Reissue orders payments that were rejected or returned to be issued again by the next run (退回重发), after the payee's account was put right. The error is
// *Faults, or one of the ledger or the store.
func (o *Office) Reissue(ctx context.Context, order Order, payments ...int64) (Done, error) {
	return o.run(ctx, order, o.reissue(payments))
}

// ReissueTx is Reissue in the host's transaction.
func (o *Office) ReissueTx(ctx context.Context, h store.Handle, order Order, payments ...int64) (Done, error) {
	return o.runTx(ctx, h, order, o.reissue(payments))
}

func (o *Office) reissue(numbers []int64) command {
	return command{kind: KindReissue, asked: numbers, rows: len(numbers), moves: true, carry: func(ctx context.Context, s *session) (Done, error) {
		payments, err := s.paymentsOf(ctx, numbers, PaymentRejected, PaymentReturned)
		if err == nil {
			err = s.faults.Err()
		}
		if err != nil {
			return Done{}, err
		}
		done := Done{First: numbers[0], Count: len(numbers)}
		for i := range payments {
			done.Amount += payments[i].Net()
		}
		if done.Seq, err = s.seal(ctx, KindReissue, map[string]int64{"total": int64(done.Amount)}, sheet.Ints("payment", numbers)); err != nil {
			return Done{}, err
		}
		return done, inChunks(numbers, func(some []int64) error { return s.setStatus(ctx, PaymentReissue, some) })
	}}
}

// StopSpec ends an award.
type StopSpec struct {
	Member registration.MemberNo
	Last   calendar.Month // the last month due
	Reason string         // code of the place; required
}

// Stop ends awards (待遇终止) after their last month. What was paid beyond it becomes a recovery case for each member, and what his personal account bore of it goes
// back to the account. The error is *Faults, or one of the fund, the ledger or the store.
func (o *Office) Stop(ctx context.Context, order Order, stops ...StopSpec) (Done, error) {
	return o.run(ctx, order, o.stop(stops))
}

// StopTx is Stop in the host's transaction.
func (o *Office) StopTx(ctx context.Context, h store.Handle, order Order, stops ...StopSpec) (Done, error) {
	return o.runTx(ctx, h, order, o.stop(stops))
}

// StopDead ends the awards of all pensioners whose death registration knows (死亡终止), after the month of death, as Stop does. Done.Count is how many,
// Done.First the first recovery case, Done.Amount what is to be recovered; ErrNothing when nobody died.
func (o *Office) StopDead(ctx context.Context, order Order) (Done, error) {
	return o.run(ctx, order, o.stop(nil))
}

// StopDeadTx is StopDead in the host's transaction.
func (o *Office) StopDeadTx(ctx context.Context, h store.Handle, order Order) (Done, error) {
	return o.runTx(ctx, h, order, o.stop(nil))
}
