package benefits

import (
	"cmp"
	"context"
	"slices"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/sheet"
)

// PaymentKind is what a payment is for.
type PaymentKind string

// The kinds.
const (
	PayPension    PaymentKind = "pension"    // 按月发放, arrears with it
	PayDifference PaymentKind = "difference" // 核定补发 between a provisional and a formal award
	PayReissue    PaymentKind = "reissue"    // 退回重发
	PayHeirs      PaymentKind = "heirs"      // 个人账户余额继承
)

// PaymentStatus is where a payment stands.
type PaymentStatus string

// The statuses.
const (
	PaymentOrdered   PaymentStatus = "ordered"   // in a run that is under way
	PaymentPaid      PaymentStatus = "paid"      // debited and booked
	PaymentRejected  PaymentStatus = "rejected"  // refused by the bank before the debit
	PaymentReturned  PaymentStatus = "returned"  // bounced after the debit
	PaymentReissue   PaymentStatus = "reissue"   // to be issued again by the next run
	PaymentReissued  PaymentStatus = "reissued"  // issued again by another payment
	PaymentCancelled PaymentStatus = "cancelled" // its run was cancelled
)

// Run statuses.
const (
	RunOrdered   = "ordered"
	RunApproved  = "approved"
	RunPosted    = "posted"
	RunCancelled = "cancelled"
)

// PaymentRun makes the run of a month (支付计划): for every award the months up to it that no run holds yet, arrears too, differences that are due, and returned
// payments to be issued again, less what is kept back for recoveries. Nothing is paid for a month after death, whether or not the award was stopped. All of it
// is one sheet, sealed by one act. There is one run under way at a time: an earlier one is posted or cancelled first (ErrRunOpen). Done.First is the run's
// number, Done.Count its payments, Done.Amount what the bank will pay. The error is *Faults, or one of the ledger or the store.
func (o *Office) PaymentRun(ctx context.Context, order Order, month calendar.Month) (Done, error) {
	return o.run(ctx, order, o.paymentRun(month))
}

// PaymentRunTx is PaymentRun in the host's transaction.
func (o *Office) PaymentRunTx(ctx context.Context, h store.Handle, order Order, month calendar.Month) (Done, error) {
	return o.runTx(ctx, h, order, o.paymentRun(month))
}

func (o *Office) paymentRun(month calendar.Month) command {
	return command{kind: KindRun, asked: month, rows: 1, carry: func(ctx context.Context, s *session) (Done, error) {
		if !month.Valid() {
			s.faults.Rowf(0, ErrInvalid, "month", "give the month, made with calendar.NewMonth", "%d is no month", int32(month))
		}
		if err := s.noRunOpen(ctx); err != nil {
			return Done{}, err
		}
		payments, err := s.due(ctx, month)
		if err != nil {
			return Done{}, err
		}
		if len(payments) == 0 {
			s.faults.Rowf(0, ErrNothing, "month", "", "nothing is due for %s that was not paid", month)
		}
		if err := s.faults.Err(); err != nil {
			return Done{}, err
		}
		return s.writeRun(ctx, month, payments)
	}}
}

// noRunOpen adds a fault when the last run is neither posted nor cancelled.
func (s *session) noRunOpen(ctx context.Context) error {
	return s.tx.Each(ctx, `SELECT run_no, status FROM benefits_run WHERE realm_id = ? AND book_no = ? AND status IN ('ordered', 'approved')`, s.args(),
		func(rows *store.Rows) error {
			var no int64
			var status string
			err := rows.Scan(&no, &status)
			s.faults.Rowf(0, ErrRunOpen, "run", "post or cancel it first", "run %d is %s", no, status)
			return err
		})
}

// due gathers what is to be paid, in the order of members, kinds and months.
func (s *session) due(ctx context.Context, month calendar.Month) ([]Payment, error) {
	awards, err := s.readAwards(ctx, s.tx, ` AND superseded_seq = 0 AND from_month <= ? AND paid_through < ? AND (last_month = 0 OR paid_through < last_month)
		ORDER BY member_no`, int32(month), int32(month))
	if err != nil {
		return nil, err
	}
	payments := make([]Payment, 0, len(awards))
	for _, a := range awards {
		p := Payment{Member: a.Member, Claim: a.Claim, Version: a.Version, Kind: PayPension, From: a.PaidThrough.Add(1), To: month}
		p.Amounts = a.Monthly.times(p.To.Sub(p.From) + 1)
		if p = p.until(a.LastMonth); p.Claim != 0 {
			payments = append(payments, p)
		}
	}
	once, err := s.dueOnce(ctx, month)
	if err != nil {
		return nil, err
	}
	payments = append(payments, once...)
	if payments, err = s.living(ctx, payments); err != nil {
		return nil, err
	}
	slices.SortStableFunc(payments, func(a, b Payment) int {
		return cmp.Or(cmp.Compare(a.Member, b.Member), cmp.Compare(a.Kind, b.Kind)*-1, cmp.Compare(a.Origin, b.Origin))
	})
	return payments, s.keepBack(ctx, payments)
}

// dueOnce gathers differences and payments to be issued again, up to the last month of their awards. Each is few rows by an index of its own.
func (s *session) dueOnce(ctx context.Context, month calendar.Month) ([]Payment, error) {
	var found []Payment
	for _, source := range []struct {
		kind PaymentKind
		text string
	}{
		{PayDifference, `SELECT due_no, member_no, claim_no, version, from_month, to_month, ` + amountColumns + `, 0, 0 FROM benefits_due
			WHERE realm_id = ? AND book_no = ? AND run_no = 0 AND from_month <= ? ORDER BY due_no`},
		{PayReissue, `SELECT payment_no, member_no, claim_no, version, from_month, to_month, ` + amountColumns + `, offset_amount,
			CASE WHEN posted_seq = 0 THEN recovery_no ELSE 0 END FROM benefits_payment
			WHERE realm_id = ? AND book_no = ? AND status = 'reissue' AND from_month <= ? ORDER BY payment_no`},
	} {
		if err := s.tx.Each(ctx, source.text, s.args(int32(month)), func(rows *store.Rows) error {
			p := Payment{Kind: source.kind}
			err := rows.Scan(&p.Origin, &p.Member, &p.Claim, &p.Version, &p.From, &p.To, &p.Amounts.Basic, &p.Amounts.AccountPension, &p.Amounts.Transitional,
				&p.Amounts.Supplement, &p.Offset, &p.Recovery)
			found = append(found, p)
			return err
		}); err != nil {
			return nil, err
		}
	}
	claims := make([]int64, len(found))
	for i := range found {
		claims[i] = found[i].Claim
	}
	last := make(map[int64]calendar.Month, len(claims))
	if err := inChunks(claims, func(some []int64) error {
		awards, err := s.readAwards(ctx, s.tx, ` AND superseded_seq = 0 AND `+s.tx.Dialect().Among("claim_no")+` ORDER BY claim_no`, s.tx.Dialect().Ints(some))
		for _, a := range awards {
			last[a.Claim] = a.LastMonth
		}
		return err
	}); err != nil {
		return nil, err
	}
	kept := found[:0]
	for _, p := range found {
		if p = p.until(last[p.Claim]); p.Claim != 0 {
			kept = append(kept, p)
		}
	}
	return kept, nil
}

// until cuts the months after last off, in proportion, which is exact: amounts are those of a month times the months. A payment without a month left has no Claim.
func (p Payment) until(last calendar.Month) Payment {
	if last == 0 || p.To <= last {
		return p
	}
	whole, left := p.To.Sub(p.From)+1, last.Sub(p.From)+1
	if left < 1 {
		return Payment{}
	}
	p.To, p.Amounts = last, p.Amounts.share(left, whole)
	p.Offset = min(p.Offset, p.Amounts.Total())
	return p
}

// share is n of whole equal months.
func (a Amounts) share(n, whole int) Amounts {
	list := a.list()
	for i := range list {
		list[i] = list[i] / money.Amount(whole) * money.Amount(n)
	}
	return amountsOf(list)
}

// living cuts off what lies after deaths that registration knows of.
func (s *session) living(ctx context.Context, payments []Payment) ([]Payment, error) {
	members := make([]registration.MemberNo, 0, len(payments))
	for i := range payments {
		members = append(members, payments[i].Member)
	}
	slices.Sort(members)
	died, err := s.registry.In(s.tx.Handle()).Deaths(ctx, s.fund.Book().Realm, slices.Compact(members), 0)
	if err != nil || len(died) == 0 {
		return payments, err
	}
	kept := payments[:0]
	for _, p := range payments {
		if day := died[p.Member]; day != 0 {
			p = p.until(day.Month())
		}
		if p.Claim != 0 {
			kept = append(kept, p)
		}
	}
	return kept, nil
}

// keepBack lowers pensions by what was agreed for recoveries (抵扣), the oldest first, one recovery a payment.
func (s *session) keepBack(ctx context.Context, payments []Payment) error {
	owed := map[registration.MemberNo]Recovery{}
	list, err := s.readRecoveries(ctx, s.tx, ` AND monthly_offset > 0 AND recovered < amount ORDER BY recovery_no DESC`)
	if err != nil {
		return err
	}
	for _, r := range list {
		owed[r.Member] = r
	}
	for i := range payments {
		p := &payments[i]
		if r, ok := owed[p.Member]; ok && p.Kind == PayPension {
			months := money.Amount(p.To.Sub(p.From) + 1)
			p.Offset, p.Recovery = min(r.MonthlyOffset*months, r.Amount-r.Recovered, p.Amounts.Total()), r.No
			delete(owed, p.Member)
		}
	}
	return nil
}

// writeRun seals and stores a run.
func (s *session) writeRun(ctx context.Context, month calendar.Month, payments []Payment) (Done, error) {
	s.head.runs++
	run, first := s.head.runs, s.head.payments+1
	var gross Amounts
	var offset money.Amount
	for i := range payments {
		p := &payments[i]
		s.head.payments++
		p.No, p.Run, p.Status = s.head.payments, run, PaymentOrdered
		gross, offset = gross.plus(p.Amounts, 1), offset+p.Offset
	}
	made, err := sheet.New(KindRun, paymentSheet(payments)...)
	if err != nil {
		return Done{}, err
	}
	sheetNo, hash, err := s.keep(ctx, made)
	if err != nil {
		return Done{}, err
	}
	total := gross.Total() - offset
	seq, err := s.act(ctx, KindRun, map[string]int64{"run": run, "month": int64(month), "payments": int64(len(payments)), "total": int64(total)}, hash)
	if err != nil {
		return Done{}, err
	}
	if err := s.insertPayments(ctx, payments); err != nil {
		return Done{}, err
	}
	if err := s.hold(ctx, run, payments); err != nil {
		return Done{}, err
	}
	return Done{Seq: seq, First: run, Count: len(payments), Amount: total}, s.tx.Insert(ctx, "benefits_run", s.keys(store.Fixed("run_no", run),
		store.Fixed("month", int32(month)), store.Fixed("seq", int64(seq)), store.Fixed("sheet_no", sheetNo), store.Fixed("ordered_day", int32(s.order.Effective)),
		store.Fixed("first_payment", first), store.Fixed("payments", int32(len(payments))), store.Fixed("basic", int64(gross.Basic)),
		store.Fixed("account_pension", int64(gross.AccountPension)), store.Fixed("transitional", int64(gross.Transitional)),
		store.Fixed("supplement", int64(gross.Supplement)), store.Fixed("offset_amount", int64(offset)), store.Fixed("amount", int64(total)),
		store.Fixed("clerk", s.order.EnteredBy), store.Fixed("status", RunOrdered), store.Fixed("approver", ""), store.Fixed("approved_seq", int64(0)),
		store.Fixed("posted_seq", int64(0)), store.Fixed("posted_day", int32(0)))...)
}

// paymentColumns are the columns of payments that a sheet and the table have in common.
func paymentColumns(payments []Payment) (names []string, values [][]int64) {
	names = []string{"payment_no", "member_no", "claim_no", "version", "from_month", "to_month", "basic", "account_pension", "transitional", "supplement",
		"offset_amount", "recovery_no", "origin_no"}
	values = make([][]int64, len(names))
	for i := range payments {
		p := &payments[i]
		a := p.Amounts
		for k, v := range []int64{p.No, int64(p.Member), p.Claim, int64(p.Version), int64(p.From), int64(p.To), int64(a.Basic), int64(a.AccountPension),
			int64(a.Transitional), int64(a.Supplement), int64(p.Offset), p.Recovery, p.Origin} {
			values[k] = append(values[k], v)
		}
	}
	return names, values
}

func paymentSheet(payments []Payment) []sheet.Column {
	names, values := paymentColumns(payments)
	kinds := make([]string, len(payments))
	for i := range payments {
		kinds[i] = string(payments[i].Kind)
	}
	columns := []sheet.Column{sheet.Texts("kind", kinds)}
	for i := range names {
		columns = append(columns, sheet.Ints(names[i], values[i]))
	}
	return columns
}

// insertPayments stores payments of one run.
func (s *session) insertPayments(ctx context.Context, payments []Payment) error {
	names, values := paymentColumns(payments)
	kinds := make([]string, len(payments))
	for i := range payments {
		kinds[i] = string(payments[i].Kind)
	}
	p := payments[0]
	columns := s.keys(store.Fixed("run_no", p.Run), store.Texts("kind", kinds), store.Fixed("status", string(p.Status)), store.Fixed("posted_seq", int64(p.Posted)),
		store.Fixed("posted_day", int32(p.PostedDay)), store.Fixed("returned_seq", int64(0)), store.Fixed("returned_day", int32(0)), store.Fixed("reason", ""))
	for i := range names {
		columns = append(columns, store.Int64s(names[i], values[i]))
	}
	return s.tx.Insert(ctx, "benefits_payment", columns...)
}

// hold marks what a run holds: months of awards, dues, payments issued again.
func (s *session) hold(ctx context.Context, run int64, payments []Payment) error {
	through := map[calendar.Month][]int64{}
	var dues, again []int64
	for i := range payments {
		switch p := &payments[i]; p.Kind {
		case PayPension:
			through[p.To] = append(through[p.To], p.Claim)
		case PayDifference:
			dues = append(dues, p.Origin)
		case PayReissue:
			again = append(again, p.Origin)
		}
	}
	if err := s.paidThrough(ctx, through); err != nil {
		return err
	}
	if err := inChunks(dues, func(some []int64) error {
		return s.exec(ctx, `UPDATE benefits_due SET run_no = ?`, ` AND `+s.tx.Dialect().Among("due_no"), run, s.tx.Dialect().Ints(some))
	}); err != nil {
		return err
	}
	return inChunks(again, func(some []int64) error { return s.setStatus(ctx, PaymentReissued, some) })
}

// paidThrough sets the last month that a run holds of awards, by month.
func (s *session) paidThrough(ctx context.Context, claims map[calendar.Month][]int64) error {
	for month, list := range claims {
		if err := inChunks(list, func(some []int64) error {
			return s.exec(ctx, `UPDATE benefits_award SET paid_through = ?`, ` AND superseded_seq = 0 AND `+s.tx.Dialect().Among("claim_no"), int32(month), s.tx.Dialect().Ints(some))
		}); err != nil {
			return err
		}
	}
	return nil
}

// setStatus moves payments to a status.
func (s *session) setStatus(ctx context.Context, status PaymentStatus, payments []int64) error {
	return s.exec(ctx, `UPDATE benefits_payment SET status = ?`, ` AND `+s.tx.Dialect().Among("payment_no"), string(status), s.tx.Dialect().Ints(payments))
}
