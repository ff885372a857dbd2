package benefits

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/accounts/bank/iso20022"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/fault"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
)

// ApproveRun approves a run (支付复核). Who approves is another person than the one who made it. The error is *Faults, or one of the ledger or the store.
func (o *Office) ApproveRun(ctx context.Context, order Order, run int64) (Done, error) {
	return o.run(ctx, order, o.approveRun(run))
}

// ApproveRunTx is ApproveRun in the host's transaction.
func (o *Office) ApproveRunTx(ctx context.Context, h store.Handle, order Order, run int64) (Done, error) {
	return o.runTx(ctx, h, order, o.approveRun(run))
}

func (o *Office) approveRun(no int64) command {
	return command{kind: KindRunPass, asked: no, rows: 1, carry: func(ctx context.Context, s *session) (Done, error) {
		run, hash, err := s.runOf(ctx, no, RunOrdered)
		if err != nil {
			return Done{}, err
		}
		if run.Clerk == s.order.EnteredBy {
			s.faults.Rowf(0, ErrFourEyes, "entered by", "have another person approve it", "%q made run %d", run.Clerk, no)
		}
		if err := s.faults.Err(); err != nil {
			return Done{}, err
		}
		seq, err := s.act(ctx, KindRunPass, map[string]int64{"run": no, "total": int64(run.Amount)}, hash)
		if err != nil {
			return Done{}, err
		}
		return Done{Seq: seq, First: no, Count: run.Payments, Amount: run.Amount}, s.exec(ctx, `UPDATE benefits_run SET status = ?, approver = ?, approved_seq = ?`,
			` AND run_no = ?`, RunApproved, s.order.EnteredBy, int64(seq), no)
	}}
}

// runOf reads a run that must be in one of the statuses, and the hash of its sheet as it is stored.
func (s *session) runOf(ctx context.Context, no int64, statuses ...string) (run Run, hash [sha256.Size]byte, err error) {
	list, err := s.readRuns(ctx, s.tx, ` AND run_no = ?`, no)
	if err != nil {
		return run, hash, err
	}
	if len(list) == 0 {
		return run, hash, fault.One(ErrUnknown, "run", "check the number", "there is no run %d", no)
	}
	run = list[0]
	if !strings.Contains(" "+strings.Join(statuses, " ")+" ", " "+run.Status+" ") {
		return run, hash, fault.One(ErrStatus, "run", "it must be "+strings.Join(statuses, " or "), "run %d is %s", no, run.Status)
	}
	sum := sha256.New()
	err = s.tx.Each(ctx, `SELECT content FROM benefits_sheet WHERE realm_id = ? AND book_no = ? AND sheet_no = ? ORDER BY part`, s.args(run.Sheet),
		func(rows *store.Rows) error {
			var part []byte
			err := rows.Scan(&part)
			sum.Write(part)
			return err
		})
	return run, [sha256.Size]byte(sum.Sum(nil)), err
}

// CancelRun takes a run back that the bank has not executed: months, differences and payments to issue again are due as before. The error is *Faults, or one of
// the ledger or the store.
func (o *Office) CancelRun(ctx context.Context, order Order, run int64) (Done, error) {
	return o.run(ctx, order, o.cancelRun(run))
}

// CancelRunTx is CancelRun in the host's transaction.
func (o *Office) CancelRunTx(ctx context.Context, h store.Handle, order Order, run int64) (Done, error) {
	return o.runTx(ctx, h, order, o.cancelRun(run))
}

func (o *Office) cancelRun(no int64) command {
	return command{kind: KindRunCancel, asked: no, rows: 1, moves: true, carry: func(ctx context.Context, s *session) (Done, error) {
		run, hash, err := s.runOf(ctx, no, RunOrdered, RunApproved)
		if err != nil {
			return Done{}, err
		}
		seq, err := s.act(ctx, KindRunCancel, map[string]int64{"run": no}, hash)
		if err != nil {
			return Done{}, err
		}
		payments, err := s.readPayments(ctx, s.tx, ` AND run_no = ? ORDER BY payment_no`, no)
		if err != nil {
			return Done{}, err
		}
		for _, step := range []string{`UPDATE benefits_due SET run_no = 0`, `UPDATE benefits_payment SET status = 'cancelled'`, `UPDATE benefits_run SET status = 'cancelled'`} {
			if err := s.exec(ctx, step, ` AND run_no = ?`, no); err != nil {
				return Done{}, err
			}
		}
		return Done{Seq: seq, First: no, Count: run.Payments, Amount: run.Amount}, s.release(ctx, payments)
	}}
}

// release gives back what a run held: months of awards, and payments to be issued again.
func (s *session) release(ctx context.Context, payments []Payment) error {
	before := map[calendar.Month][]int64{}
	var again []int64
	for i := range payments {
		switch p := &payments[i]; p.Kind {
		case PayPension:
			before[p.From.Add(-1)] = append(before[p.From.Add(-1)], p.Claim)
		case PayReissue:
			again = append(again, p.Origin)
		}
	}
	if err := s.paidThrough(ctx, before); err != nil {
		return err
	}
	return inChunks(again, func(some []int64) error { return s.setStatus(ctx, PaymentReissue, some) })
}

// Reference is how a payment is named to the bank, at most 35 characters.
func Reference(run, payment int64) string { return fmt.Sprintf("R%d-P%d", run, payment) }

// ParseReference reads a Reference back; ok is false for any other text.
func ParseReference(text string) (run, payment int64, ok bool) {
	left, right, found := strings.Cut(text, "-P")
	left, prefixed := strings.CutPrefix(left, "R")
	run, err := strconv.ParseInt(left, 10, 64)
	payment, err2 := strconv.ParseInt(right, 10, 64)
	return run, payment, found && prefixed && err == nil && err2 == nil && text == Reference(run, payment)
}

// FileSpec is what a payment file needs beside the payments. Payees gives the accounts of members, in one call for the whole run: names and account numbers are
// the host's and are kept nowhere here.
type FileSpec struct {
	ID        string // unique over all files ever sent to the bank
	Created   time.Time
	Initiator string
	Debit     bank.Account // the expenditure account
	Execution calendar.Date
	Remit     string // text for the payee
	Payees    func(ctx context.Context, members []registration.MemberNo) (map[registration.MemberNo]bank.Party, error)
}

// PaymentFile makes the file of an approved run for the bank (代发文件): one order for each payment above zero, named by Reference. Every payee without an
// account is a fault. Write it with iso20022.WritePayments or bank.WriteText.
func (o *Office) PaymentFile(ctx context.Context, run int64, spec FileSpec) (*bank.PaymentFile, error) {
	var payments []Payment
	err := o.db.View(ctx, func(ctx context.Context, tx *store.Tx) error {
		s := &session{Office: o, tx: tx}
		if _, _, err := s.runOf(ctx, run, RunApproved, RunPosted); err != nil {
			return err
		}
		var err error
		payments, err = o.readPayments(ctx, tx, ` AND run_no = ? ORDER BY payment_no`, run)
		return err
	})
	if err != nil {
		return nil, err
	}
	members := make([]registration.MemberNo, len(payments))
	for i := range payments {
		members[i] = payments[i].Member
	}
	payees, err := spec.Payees(ctx, members)
	if err != nil {
		return nil, err
	}
	var faults Faults
	batch := bank.PaymentBatch{ID: fmt.Sprintf("R%d", run), Debit: spec.Debit, ExecutionDate: spec.Execution, Purpose: "SSBE", Orders: make([]bank.PaymentOrder, 0, len(payments))}
	for i := range payments {
		p := &payments[i]
		party, ok := payees[p.Member]
		if !ok {
			faults.Rowf(i+1, ErrPayeeUnknown, "payee", "enter the member's account", "member %d of payment %d", p.Member, p.No)
		}
		if p.Net() > 0 {
			batch.Orders = append(batch.Orders, bank.PaymentOrder{EndToEnd: Reference(run, p.No), Amount: p.Net(), Creditor: party, Remittance: spec.Remit})
		}
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	file := &bank.PaymentFile{ID: spec.ID, Created: spec.Created, Initiator: spec.Initiator, Batches: []bank.PaymentBatch{batch}}
	return file, file.Check()
}

// Refusal is a payment that the bank did not make, or that came back.
type Refusal struct {
	Payment int64
	Reason  string // the bank's code, such as AC04
}

// Rejections reads the orders that a bank's answer rejects, with the numbers of their payments. An order that is none of ours is a fault.
func Rejections(report *iso20022.StatusReport) ([]Refusal, error) {
	var list []Refusal
	var faults Faults
	for _, batch := range report.Batches {
		for _, order := range batch.Orders {
			if order.Status.Outcome() != iso20022.Rejected {
				continue
			}
			_, payment, ok := ParseReference(order.EndToEnd)
			if !ok {
				faults.Rowf(0, ErrUnknown, "end to end", "look at the bank's file", "%q names no payment", order.EndToEnd)
				continue
			}
			reason := ""
			if len(order.Reasons) > 0 {
				reason = order.Reasons[0].Code
			}
			list = append(list, Refusal{Payment: payment, Reason: reason})
		}
	}
	return list, faults.Err()
}

// PostRun books a run that the bank has executed on the day of the order (E10a): what was debited, by component, and what the personal accounts bear: those under the
// numbers that draw the pensions, so that what stands under a merged number (audit rule P06) is transferred first. An account
// pays its part of the pension until it is exhausted: it bears what is left on it and stands at zero, and the fund pays on. Payments that the bank rejected
// before the debit are left out and may be issued again. The sheet of the run is attached by its hash; a run of more than Config.PerEntry payments is several
// entries. The error is *Faults, or one of the fund, the ledger or the store.
func (o *Office) PostRun(ctx context.Context, order Order, run int64, rejected ...Refusal) (Done, error) {
	return o.run(ctx, order, o.postRun(run, rejected))
}

// PostRunTx is PostRun in the host's transaction.
func (o *Office) PostRunTx(ctx context.Context, h store.Handle, order Order, run int64, rejected ...Refusal) (Done, error) {
	return o.runTx(ctx, h, order, o.postRun(run, rejected))
}

func (o *Office) postRun(no int64, rejected []Refusal) command {
	return command{kind: KindPost, asked: map[string]any{"run": no, "rejected": rejected}, rows: 1, moves: true, carry: func(ctx context.Context, s *session) (Done, error) {
		run, hash, err := s.runOf(ctx, no, RunApproved)
		if err != nil {
			return Done{}, err
		}
		payments, err := s.readPayments(ctx, s.tx, ` AND run_no = ? ORDER BY payment_no`, no)
		if err != nil {
			return Done{}, err
		}
		refused := make(map[int64]string, len(rejected))
		for i, r := range rejected {
			if r.Payment < run.FirstPayment || r.Payment >= run.FirstPayment+int64(len(payments)) {
				s.faults.Rowf(i+1, ErrUnknown, "payment", "name payments of the run", "payment %d is none of run %d", r.Payment, no)
			}
			refused[r.Payment] = r.Reason
		}
		if err := s.faults.Err(); err != nil {
			return Done{}, err
		}
		made := payments[:0]
		for _, p := range payments {
			if _, bad := refused[p.No]; !bad {
				made = append(made, p)
			}
		}
		if err := s.refuse(ctx, refused, `status = 'rejected'`); err != nil {
			return Done{}, err
		}
		done, err := s.postPayments(ctx, run, hash, made)
		if err != nil {
			return Done{}, err
		}
		return done, s.exec(ctx, `UPDATE benefits_run SET status = ?, posted_seq = ?, posted_day = ?`, ` AND run_no = ?`, RunPosted, int64(done.Seq),
			int32(s.order.Effective), no)
	}}
}

// refuse marks payments with their reasons, those with the same reason at once; set is what else is set, with its arguments.
func (s *session) refuse(ctx context.Context, reasons map[int64]string, set string, args ...any) error {
	payments := map[string][]int64{}
	for payment, reason := range reasons {
		payments[reason] = append(payments[reason], payment)
	}
	for reason, numbers := range payments {
		if err := inChunks(numbers, func(some []int64) error {
			return s.exec(ctx, `UPDATE benefits_payment SET `+set+`, reason = ?`, ` AND `+s.tx.Dialect().Among("payment_no"), append(slices.Clip(args), reason, s.tx.Dialect().Ints(some))...)
		}); err != nil {
			return err
		}
	}
	return nil
}

// postPayments posts the entries of a run, stores what personal accounts bore, and counts what was kept back.
func (s *session) postPayments(ctx context.Context, run Run, hash [sha256.Size]byte, payments []Payment) (Done, error) {
	done := Done{First: run.No, Count: len(payments)}
	if len(payments) == 0 { // the bank rejected all of it
		seq, err := s.act(ctx, KindPost, map[string]int64{"run": run.No, "payments": 0}, hash)
		done.Seq = seq
		return done, err
	}
	members := make([]registration.MemberNo, len(payments))
	for i := range payments {
		members[i] = payments[i].Member
	}
	accountOf, err := s.accounts(ctx, members)
	if err != nil {
		return Done{}, err
	}
	left, err := s.balances(ctx, members)
	if err != nil {
		return Done{}, err
	}
	for from := 0; from < len(payments); from += s.config.PerEntry {
		some := payments[from:min(from+s.config.PerEntry, len(payments))]
		var debits []debit
		var net Amounts
		for i := range some {
			p := &some[i]
			net = net.plus(p.net(), 1)
			if taken := min(left[p.Member], p.Amounts.AccountPension); taken > 0 {
				left[p.Member] -= taken
				debits = append(debits, debit{payment: p.No, member: p.Member, account: accountOf[p.Member], amount: taken, month: p.To})
			}
		}
		receipt, err := s.fund.PostTx(ctx, s.tx.Handle(), s.event(fmt.Sprintf("%s/%d", s.order.Key, from/s.config.PerEntry), "E10a", accounts.RoleExpenditureAccount,
			net, debits, hash, map[string]string{"run": strconv.FormatInt(run.No, 10)}))
		if err != nil {
			return Done{}, err
		}
		if done.Seq == 0 {
			done.Seq = receipt.Seq
		}
		done.Amount += net.Total()
		if err := s.storeDebits(ctx, receipt.Seq, debits); err != nil {
			return Done{}, err
		}
		if err := s.exec(ctx, `UPDATE benefits_payment SET status = 'paid', posted_seq = ?, posted_day = ?`, ` AND run_no = ? AND status = 'ordered' AND payment_no BETWEEN ? AND ?`,
			int64(receipt.Seq), int32(s.order.Effective), run.No, some[0].No, some[len(some)-1].No); err != nil {
			return Done{}, err
		}
		if err := s.countOffsets(ctx, receipt.Seq, some); err != nil {
			return Done{}, err
		}
	}
	return done, nil
}

// debit is what a payment takes from a personal account; below zero gives back.
type debit struct {
	payment int64
	member  registration.MemberNo
	account ledger.AccountNo
	amount  money.Amount
	month   calendar.Month
}

// event makes the fund's event of components against an account of money, with its rights. Without components it concerns rights only.
func (s *session) event(key, name string, bankRole accounts.Role, amounts Amounts, debits []debit, hash [sha256.Size]byte, metadata map[string]string) fund.Event {
	e := fund.Event{
		Event: name, Key: keyPrefix + key, Effective: s.order.Effective, EnteredBy: s.order.EnteredBy, ApprovedBy: s.order.ApprovedBy, Metadata: metadata,
		Source:      ledger.Source{Kind: sourceSheet, ID: s.order.Key, Hash: hash[:]},
		Attachments: append([]ledger.Attachment{{Name: sourceSheet, Hash: hash[:]}}, s.order.Documents...),
	}
	if total := amounts.Total(); total != 0 {
		e.Parts = append(amounts.parts(), accounts.Part{Role: bankRole, Amount: total})
	} else {
		e.Event = fund.RightsOnly
	}
	for _, d := range debits {
		e.Rights = append(e.Rights, fund.Right{Account: d.account, Amount: -d.amount, Month: d.month, Tag: personal.TagPension})
	}
	return e
}

// storeDebits stores what an entry took from personal accounts or gave back.
func (s *session) storeDebits(ctx context.Context, seq ledger.Seq, debits []debit) error {
	var payments, members, numbers, amounts []int64
	for _, d := range debits {
		payments, members, numbers, amounts = append(payments, d.payment), append(members, int64(d.member)), append(numbers, int64(d.account)), append(amounts, int64(d.amount))
	}
	return s.tx.Insert(ctx, "benefits_debit", s.keys(store.Int64s("payment_no", payments), store.Fixed("seq", int64(seq)), store.Int64s("member_no", members),
		store.Int64s("account_no", numbers), store.Int64s("amount", amounts))...)
}
