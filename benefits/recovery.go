package benefits

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/fault"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/sheet"
)

// stop ends awards; nil stops means those of the dead.
func (o *Office) stop(stops []StopSpec) command {
	return command{kind: KindStop, asked: stops, rows: max(1, len(stops)), moves: true, carry: func(ctx context.Context, s *session) (Done, error) {
		awards, list, err := s.stoppable(ctx, stops)
		if err == nil {
			err = s.faults.Err()
		}
		if err != nil {
			return Done{}, err
		}
		members, last, reasons := make([]int64, len(list)), make([]int64, len(list)), make([]string, len(list))
		for i, st := range list {
			members[i], last[i], reasons[i] = int64(st.Member), int64(st.Last), st.Reason
		}
		made, err := sheet.New(KindStop, sheet.Ints("member", members), sheet.Ints("last_month", last), sheet.Texts("reason", reasons))
		if err != nil {
			return Done{}, err
		}
		_, hash, err := s.keep(ctx, made)
		if err != nil {
			return Done{}, err
		}
		done := Done{Count: len(list)}
		if done.Seq, err = s.act(ctx, KindStop, map[string]int{"awards": len(list)}, hash); err != nil {
			return Done{}, err
		}
		if err := s.endAwards(ctx, done.Seq, awards, list); err != nil {
			return Done{}, err
		}
		cases, back, err := s.overpaid(ctx, awards, list)
		if err != nil {
			return Done{}, err
		}
		if len(cases) > 0 {
			done.First = s.head.recoveries + 1
		}
		for i := range cases {
			done.Amount += cases[i].total()
		}
		if err := s.openRecoveries(ctx, done.Seq, cases); err != nil {
			return Done{}, err
		}
		return done, s.restore(ctx, hash, back)
	}}
}

// stoppable finds the awards to end.
func (s *session) stoppable(ctx context.Context, stops []StopSpec) ([]Award, []StopSpec, error) {
	current, err := s.readAwards(ctx, s.tx, ` AND superseded_seq = 0 AND last_month = 0 ORDER BY member_no`)
	if err != nil {
		return nil, nil, err
	}
	if stops == nil {
		members := make([]registration.MemberNo, len(current))
		for i := range current {
			members[i] = current[i].Member
		}
		died, err := s.registry.In(s.tx.Handle()).Deaths(ctx, s.fund.Book().Realm, members, 0)
		if err != nil {
			return nil, nil, err
		}
		for _, no := range members {
			if day := died[no]; day != 0 {
				stops = append(stops, StopSpec{Member: no, Last: day.Month(), Reason: "death"})
			}
		}
		if len(stops) == 0 {
			s.faults.Rowf(0, ErrNothing, "members", "", "no pensioner has died whose award goes on")
		}
	}
	of := make(map[registration.MemberNo]Award, len(current))
	for _, a := range current {
		of[a.Member] = a
	}
	awards, seen := make([]Award, 0, len(stops)), map[registration.MemberNo]bool{}
	var claims []int64
	for i, st := range stops {
		a, ok := of[st.Member]
		switch {
		case !st.Last.Valid() || st.Reason == "" || len(st.Reason) > 64:
			s.faults.Rowf(i+1, ErrInvalid, "last month", "give a month and a reason of at most 64 bytes", "month %d, reason %q", int32(st.Last), st.Reason)
		case !ok:
			s.faults.Rowf(i+1, ErrUnknown, "member", "check the number", "member %d has no award that goes on", st.Member)
		case seen[st.Member]:
			s.faults.Rowf(i+1, ErrRepeated, "member", "give each once", "member %d stands twice", st.Member)
		}
		seen[st.Member] = true
		awards, claims = append(awards, a), append(claims, a.Claim)
	}
	return awards, stops, s.notOrdered(ctx, claims)
}

// notOrdered adds a fault for each claim that is in a run under way.
func (s *session) notOrdered(ctx context.Context, claims []int64) error {
	return inChunks(claims, func(some []int64) error {
		return s.tx.Each(ctx, `SELECT DISTINCT claim_no FROM benefits_payment WHERE realm_id = ? AND book_no = ? AND run_no = ? AND status = 'ordered' AND `+
			s.tx.Dialect().Among("claim_no")+` ORDER BY claim_no`, s.args(s.head.runs, s.tx.Dialect().Ints(some)), func(rows *store.Rows) error {
			var claim int64
			err := rows.Scan(&claim)
			s.faults.Rowf(0, ErrRunOpen, "claim", "post or cancel the run first", "claim %d is in run %d, which is under way", claim, s.head.runs)
			return err
		})
	})
}

// endAwards marks awards as ended, those with the same month and reason at once.
func (s *session) endAwards(ctx context.Context, seq ledger.Seq, awards []Award, list []StopSpec) error {
	type end struct {
		last   calendar.Month
		reason string
	}
	ends := map[end][]int64{}
	for i, st := range list {
		ends[end{st.Last, st.Reason}] = append(ends[end{st.Last, st.Reason}], awards[i].Claim)
	}
	for e, claims := range ends {
		if err := inChunks(claims, func(some []int64) error {
			return s.exec(ctx, `UPDATE benefits_award SET last_month = ?, stop_reason = ?, stopped_seq = ?`, ` AND superseded_seq = 0 AND `+s.tx.Dialect().Among("claim_no"),
				int32(e.last), e.reason, int64(seq), s.tx.Dialect().Ints(some))
		}); err != nil {
			return err
		}
	}
	return nil
}

// recoveryCase is a recovery case on its way.
type recoveryCase struct {
	member registration.MemberNo
	claim  int64
	reason string
	over   []Overpayment
}

func (c *recoveryCase) total() (sum money.Amount) {
	for i := range c.over {
		sum += c.over[i].Amounts.Total()
	}
	return sum
}

// overpaid finds what was paid of awards beyond their last months, in the order of the stops, and what of it goes back to personal accounts.
func (s *session) overpaid(ctx context.Context, awards []Award, list []StopSpec) (cases []recoveryCase, back []debit, err error) {
	members := make([]int64, len(list))
	for i := range list {
		members[i] = int64(list[i].Member)
	}
	earliest := slices.MinFunc(list, func(a, b StopSpec) int { return cmp.Compare(a.Last, b.Last) }).Last
	paid := map[int64][]Payment{} // by claim
	var numbers []int64
	if err := inChunks(members, func(some []int64) error {
		found, err := s.readPayments(ctx, s.tx, ` AND `+s.tx.Dialect().Among("member_no")+` AND status = 'paid' AND kind <> 'heirs' AND to_month > ? ORDER BY payment_no`,
			s.tx.Dialect().Ints(some), int32(earliest))
		for _, p := range found {
			paid[p.Claim], numbers = append(paid[p.Claim], p), append(numbers, p.No)
		}
		return err
	}); err != nil {
		return nil, nil, err
	}
	borne, err := s.borne(ctx, numbers)
	if err != nil {
		return nil, nil, err
	}
	for i, st := range list {
		found := recoveryCase{member: st.Member, claim: awards[i].Claim, reason: st.Reason}
		for _, p := range paid[awards[i].Claim] {
			if p.To <= st.Last {
				continue
			}
			right := p.until(st.Last) // zero where nothing of it was due
			o := Overpayment{Payment: p.No, Member: p.Member, From: max(p.From, st.Last.Add(1)), To: p.To, Paid: p.PostedDay, Amounts: p.Amounts.plus(right.Amounts, -1)}
			found.over = append(found.over, o)
			if d := borne[p.No]; d.amount > right.Amounts.AccountPension {
				d.amount, d.month = right.Amounts.AccountPension-d.amount, o.From
				back = append(back, d)
			}
		}
		if len(found.over) > 0 {
			cases = append(cases, found)
		}
	}
	return cases, back, nil
}

// restore gives back to personal accounts what they bore of months that were not due.
func (s *session) restore(ctx context.Context, hash [32]byte, back []debit) error {
	if len(back) == 0 {
		return nil
	}
	event := s.event(s.order.Key+"/rights", fund.RightsOnly, "", Amounts{}, back, hash, nil)
	for i := range event.Rights {
		event.Rights[i].Tag = personal.TagCorrection
	}
	receipt, err := s.fund.PostTx(ctx, s.tx.Handle(), event)
	if err != nil {
		return err
	}
	return s.storeDebits(ctx, receipt.Seq, back)
}

// openRecoveries stores recovery cases and their overpayments, under the next numbers.
func (s *session) openRecoveries(ctx context.Context, seq ledger.Seq, cases []recoveryCase) error {
	if len(cases) == 0 {
		return nil
	}
	var numbers, members, claims, totals, recoveries, owners, payments, from, to, paid []int64
	var reasons []string
	var amounts [4][]int64
	for i := range cases {
		c := &cases[i]
		s.head.recoveries++
		numbers, members, claims = append(numbers, s.head.recoveries), append(members, int64(c.member)), append(claims, c.claim)
		reasons, totals = append(reasons, c.reason), append(totals, int64(c.total()))
		for _, o := range c.over {
			recoveries, owners, payments = append(recoveries, s.head.recoveries), append(owners, int64(c.member)), append(payments, o.Payment)
			from, to, paid = append(from, int64(o.From)), append(to, int64(o.To)), append(paid, int64(o.Paid))
			for k, amount := range o.Amounts.list() {
				amounts[k] = append(amounts[k], int64(amount))
			}
		}
	}
	if err := s.tx.Insert(ctx, "benefits_recovery", s.keys(store.Int64s("recovery_no", numbers), store.Int64s("member_no", members), store.Int64s("claim_no", claims),
		store.Texts("reason", reasons), store.Fixed("seq", int64(seq)), store.Fixed("opened_day", int32(s.order.Effective)), store.Int64s("amount", totals),
		store.Fixed("instalment", int64(0)), store.Fixed("first_due", int32(0)), store.Fixed("monthly_offset", int64(0)), store.Fixed("agreed_seq", int64(0)),
		store.Fixed("recovered", int64(0)))...); err != nil {
		return err
	}
	return s.tx.Insert(ctx, "benefits_overpayment", s.keys(store.Int64s("recovery_no", recoveries), store.Int64s("payment_no", payments),
		store.Int64s("member_no", owners), store.Int64s("from_month", from), store.Int64s("to_month", to), store.Int64s("paid_day", paid),
		store.Int64s("basic", amounts[0]), store.Int64s("account_pension", amounts[1]), store.Int64s("transitional", amounts[2]),
		store.Int64s("supplement", amounts[3]))...)
}

// RecoveryTerms are how a recovery is paid back (社会保险经办条例 art. 46): at once, by instalments, or out of later pensions.
type RecoveryTerms struct {
	Recovery      int64
	Instalment    money.Amount   // a month; 0 for none
	FirstDue      calendar.Month // of the first instalment
	MonthlyOffset money.Amount   // kept back from each month's pension; 0 for none
}

// AgreeRecovery sets the terms of a recovery (还款协议), in place of earlier ones. The error is *Faults, or one of the ledger or the store.
func (o *Office) AgreeRecovery(ctx context.Context, order Order, terms RecoveryTerms) (Done, error) {
	return o.run(ctx, order, o.agree(terms))
}

// AgreeRecoveryTx is AgreeRecovery in the host's transaction.
func (o *Office) AgreeRecoveryTx(ctx context.Context, h store.Handle, order Order, terms RecoveryTerms) (Done, error) {
	return o.runTx(ctx, h, order, o.agree(terms))
}

func (o *Office) agree(t RecoveryTerms) command {
	return command{kind: KindTerms, asked: t, rows: 1, moves: true, carry: func(ctx context.Context, s *session) (Done, error) {
		if t.Instalment < 0 || t.MonthlyOffset < 0 || t.Instalment > 0 && !t.FirstDue.Valid() {
			s.faults.Rowf(0, ErrInvalid, "terms", "give amounts of zero or more, and the month of the first instalment", "%+v", t)
		}
		if _, err := s.recovery(ctx, t.Recovery); err != nil {
			return Done{}, err
		}
		if err := s.faults.Err(); err != nil {
			return Done{}, err
		}
		seq, err := s.act(ctx, KindTerms, t, [32]byte{})
		if err != nil {
			return Done{}, err
		}
		return Done{Seq: seq, First: t.Recovery, Count: 1}, s.exec(ctx, `UPDATE benefits_recovery SET instalment = ?, first_due = ?, monthly_offset = ?, agreed_seq = ?`,
			` AND recovery_no = ?`, int64(t.Instalment), int32(t.FirstDue), int64(t.MonthlyOffset), int64(seq), t.Recovery)
	}}
}

func (s *session) recovery(ctx context.Context, no int64) (Recovery, error) {
	list, err := s.readRecoveries(ctx, s.tx, ` AND recovery_no = ?`, no)
	if err == nil && len(list) == 0 {
		err = fault.One(ErrUnknown, "recovery", "check the number", "there is no recovery %d", no)
	}
	if err != nil {
		return Recovery{}, err
	}
	return list[0], nil
}

// Recover books money that came back for a recovery on the day of the order, for the oldest payment first: E12 for payments of the same year, by component, E13,
// as other income, for those of earlier years. Give the bank's advice among the documents. The error is *Faults, or one of the fund, the ledger or the store.
func (o *Office) Recover(ctx context.Context, order Order, recovery int64, amount money.Amount) (Done, error) {
	return o.run(ctx, order, o.recover(recovery, amount))
}

// RecoverTx is Recover in the host's transaction.
func (o *Office) RecoverTx(ctx context.Context, h store.Handle, order Order, recovery int64, amount money.Amount) (Done, error) {
	return o.runTx(ctx, h, order, o.recover(recovery, amount))
}

func (o *Office) recover(no int64, amount money.Amount) command {
	return command{kind: KindRecover, asked: []int64{no, int64(amount)}, rows: 1, moves: true, carry: func(ctx context.Context, s *session) (Done, error) {
		r, err := s.recovery(ctx, no)
		if err != nil {
			return Done{}, err
		}
		if left := r.Amount - r.Recovered; amount < 1 || amount > left {
			return Done{}, fault.One(ErrTooMuch, "amount", "take at most what is owed; keep the rest as a temporary receipt", "%s of %s owed", s.currency.Text(amount), s.currency.Text(left))
		}
		split, err := s.byYear(ctx, r, amount)
		if err != nil {
			return Done{}, err
		}
		hash := sheetOf(no, amount).Hash()
		done := Done{First: no, Amount: amount}
		for _, name := range []string{"E12", "E13"} {
			part := split[name]
			if part.Total() == 0 {
				continue
			}
			event := s.event(s.order.Key+"/"+name, name, accounts.RoleExpenditureAccount, part, nil, hash, map[string]string{"recovery": strconv.FormatInt(no, 10)})
			if name == "E13" {
				event.Parts = s.otherIncome(part)
			}
			receipt, err := s.fund.PostTx(ctx, s.tx.Handle(), event)
			if err != nil {
				return Done{}, err
			}
			if done.Seq == 0 {
				done.Seq = receipt.Seq
			}
			done.Count++
			if err := s.recovered(ctx, receipt.Seq, Recovered{Recovery: no, Kind: "cash", Event: name, Amount: part.Total()}); err != nil {
				return Done{}, err
			}
		}
		return done, nil
	}}
}

// sheetOf is what a receipt is sealed by when it has no file of its own.
func sheetOf(recovery int64, amount money.Amount) *sheet.Sheet {
	made, err := sheet.New(KindRecover, sheet.Ints("recovery", []int64{recovery}), sheet.Ints("amount", []int64{int64(amount)}))
	if err != nil {
		panic(err) // two columns of one number always make a sheet
	}
	return made
}

// byYear splits an amount that comes back over the overpayments, the oldest first and after what came back before, by the event of each.
func (s *session) byYear(ctx context.Context, r Recovery, amount money.Amount) (map[string]Amounts, error) {
	over, err := s.readOverpayments(ctx, s.tx, ` AND recovery_no = ? ORDER BY paid_day, payment_no`, r.No)
	if err != nil {
		return nil, err
	}
	split, skip := map[string]Amounts{}, r.Recovered
	for _, o := range over {
		event, err := s.fund.Chart().ReturnEvent(accounts.BenefitRecovered, o.Paid, s.order.Effective)
		if err != nil {
			return nil, err
		}
		before := o.Amounts.take(skip)
		part := o.Amounts.plus(before, -1).take(amount)
		skip, amount = skip-before.Total(), amount-part.Total()
		split[event] = split[event].plus(part, 1)
	}
	return split, nil
}

// recovered stores what came back by one entry, and adds it to the cases.
func (s *session) recovered(ctx context.Context, seq ledger.Seq, list ...Recovered) error {
	if len(list) == 0 {
		return nil
	}
	var cases, parts, payments, amounts []int64
	var kinds, events []string
	for _, r := range list {
		cases, parts, payments, amounts = append(cases, r.Recovery), append(parts, int64(r.Part)), append(payments, r.Payment), append(amounts, int64(r.Amount))
		kinds, events = append(kinds, r.Kind), append(events, r.Event)
	}
	if err := s.tx.Insert(ctx, "benefits_recovered", s.keys(store.Int64s("recovery_no", cases), store.Fixed("seq", int64(seq)), store.Int64s("part", parts),
		store.Texts("kind", kinds), store.Texts("event", events), store.Int64s("payment_no", payments), store.Fixed("day", int32(s.order.Effective)),
		store.Int64s("amount", amounts))...); err != nil {
		return err
	}
	return inChunks(cases, func(some []int64) error {
		return s.exec(ctx, `UPDATE benefits_recovery SET recovered = (SELECT CAST(sum(r.amount) AS bigint) FROM benefits_recovered r WHERE r.realm_id = benefits_recovery.realm_id
			AND r.book_no = benefits_recovery.book_no AND r.recovery_no = benefits_recovery.recovery_no)`, ` AND `+s.tx.Dialect().Among("recovery_no"), s.tx.Dialect().Ints(some))
	})
}

// countOffsets counts what the payments of an entry kept back. It has no entry of its own: the pension is booked net, which lowers the year's expenditure by
// what was overpaid.
func (s *session) countOffsets(ctx context.Context, seq ledger.Seq, payments []Payment) error {
	var list []Recovered
	for _, p := range payments {
		if p.Offset != 0 && p.Recovery != 0 {
			list = append(list, Recovered{Recovery: p.Recovery, Part: len(list) + 1, Kind: "offset", Payment: p.No, Amount: p.Offset})
		}
	}
	return s.recovered(ctx, seq, list...)
}
