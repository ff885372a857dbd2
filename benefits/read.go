package benefits

import (
	"context"
	"errors"
	"iter"
	"math"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/fault"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/scheme"
	"github.com/fundledger/fundledger/registration/sheet"
)

// Claim is a claim as it stands.
type Claim struct {
	No          int64
	Member      registration.MemberNo
	Seq         ledger.Seq // the act
	Claimed     calendar.Date
	Retire      calendar.Date
	Ground      string
	Reference   string
	PaidThrough calendar.Month // by an earlier system
	Clerk       string
	Status      string // ClaimOpen and its sisters
	Versions    int    // determinations made
}

// Determination is a stored determination. Content is its JSON as package benefits/pension writes it: policy, inputs, versions of parameters, trace.
// pension.Reperform computes it again.
type Determination struct {
	Claim   int64
	Version int
	Member  registration.MemberNo
	Stage   Stage
	Seq     ledger.Seq
	Day     calendar.Date
	Policy  scheme.ID
	Months  int // contribution months counted
	Content []byte
	Monthly Amounts
	Clerk   string
	Status  string // DeterminationOpen and its sisters
}

// Award is an approved determination. The current one of a claim has Superseded 0.
type Award struct {
	Claim       int64
	Version     int
	Member      registration.MemberNo
	Stage       Stage
	From        calendar.Month // first month due
	Monthly     Amounts
	Seq         ledger.Seq // the act of approval
	Approver    string
	PaidThrough calendar.Month // the last month that a run holds
	LastMonth   calendar.Month // the last month due; zero while it goes on
	StopReason  string
	Stopped     ledger.Seq
	Superseded  ledger.Seq
}

// Due is a difference due once. Run is 0 while it is open.
type Due struct {
	No       int64
	Member   registration.MemberNo
	Claim    int64
	Version  int
	From, To calendar.Month
	Amounts  Amounts // in all
	Seq      ledger.Seq
	Run      int64
}

// Run is a payment run.
type Run struct {
	No           int64
	Month        calendar.Month
	Seq          ledger.Seq
	Sheet        int64
	Ordered      calendar.Date
	FirstPayment int64
	Payments     int
	Gross        Amounts
	Offset       money.Amount // kept back for recoveries
	Amount       money.Amount // to be paid
	Clerk        string
	Status       string // RunOrdered and its sisters
	Approver     string
	ApprovedSeq  ledger.Seq
	Posted       ledger.Seq // its first entry
	PostedDay    calendar.Date
}

// Payment is one payment. Amounts are gross, for all its months; a payment to heirs has the account's balance as AccountPension.
type Payment struct {
	No          int64
	Run         int64 // 0 for heirs
	Member      registration.MemberNo
	Claim       int64
	Version     int
	Kind        PaymentKind
	From, To    calendar.Month // months paid for
	Amounts     Amounts
	Offset      money.Amount // kept back
	Recovery    int64        // that Offset counts for when this payment is made
	Origin      int64        // the due, or the payment issued again
	Status      PaymentStatus
	Posted      ledger.Seq
	PostedDay   calendar.Date
	Returned    ledger.Seq
	ReturnedDay calendar.Date
	Reason      string // the bank's code of a rejection or return
}

// Net is what the payee gets.
func (p *Payment) Net() money.Amount { return p.Amounts.Total() - p.Offset }

// net is Net by components: what is kept back comes out of them in their order.
func (p *Payment) net() Amounts { return p.Amounts.plus(p.Amounts.take(p.Offset), -1) }

// Debit is what a payment took from a personal account in an entry; below zero was given back.
type Debit struct {
	Payment int64
	Seq     ledger.Seq
	Member  registration.MemberNo
	Account ledger.AccountNo
	Amount  money.Amount
}

// Recovery is a recovery case.
type Recovery struct {
	No            int64
	Member        registration.MemberNo
	Claim         int64
	Reason        string
	Seq           ledger.Seq
	Opened        calendar.Date
	Amount        money.Amount
	Instalment    money.Amount
	FirstDue      calendar.Month
	MonthlyOffset money.Amount
	Agreed        ledger.Seq
	Recovered     money.Amount
}

// Overpayment is what one payment paid too much. Payment is 0 where a formal award is lower than the provisional one.
type Overpayment struct {
	Recovery int64
	Payment  int64
	Member   registration.MemberNo
	From, To calendar.Month
	Paid     calendar.Date
	Amounts  Amounts
}

// Recovered is what came back of a recovery once.
type Recovered struct {
	Recovery int64
	Seq      ledger.Seq
	Part     int
	Kind     string // cash or offset
	Event    string
	Payment  int64
	Day      calendar.Date
	Amount   money.Amount
	Against  money.Amount // of an offset: the gross pension that it was kept back from; zero for money and for what heirs got
}

// list reads the rows of a table of the book.
func list[T any](ctx context.Context, o *Office, tx *store.Tx, columns, table, rest string, args []any, scan func(rows *store.Rows, t *T) error) (out []T, err error) {
	err = tx.Each(ctx, `SELECT `+columns+` FROM `+table+` WHERE realm_id = ? AND book_no = ?`+rest, o.args(args...), func(rows *store.Rows) error {
		var t T
		err := scan(rows, &t)
		out = append(out, t)
		return err
	})
	return out, err
}

const amountColumns = `basic, account_pension, transitional, supplement`

func (o *Office) readClaims(ctx context.Context, tx *store.Tx, rest string, args ...any) ([]Claim, error) {
	return list(ctx, o, tx, `claim_no, member_no, seq, claimed_day, retire_day, ground, reference, paid_through, clerk, status, versions`, `benefits_claim`, rest, args,
		func(rows *store.Rows, c *Claim) error {
			return rows.Scan(&c.No, &c.Member, &c.Seq, &c.Claimed, &c.Retire, &c.Ground, &c.Reference, &c.PaidThrough, &c.Clerk, &c.Status, &c.Versions)
		})
}

func (o *Office) readDeterminations(ctx context.Context, tx *store.Tx, content bool, rest string, args ...any) ([]Determination, error) {
	what := `''`
	if content {
		what = `content`
	}
	return list(ctx, o, tx, `claim_no, version, member_no, stage, seq, day, policy, months, `+amountColumns+`, clerk, status, `+what, `benefits_determination`, rest, args,
		func(rows *store.Rows, d *Determination) error {
			m := &d.Monthly
			return rows.Scan(&d.Claim, &d.Version, &d.Member, &d.Stage, &d.Seq, &d.Day, &d.Policy, &d.Months, &m.Basic, &m.AccountPension, &m.Transitional, &m.Supplement,
				&d.Clerk, &d.Status, &d.Content)
		})
}

func (o *Office) readAwards(ctx context.Context, tx *store.Tx, rest string, args ...any) ([]Award, error) {
	return list(ctx, o, tx, `claim_no, version, member_no, stage, from_month, `+amountColumns+`, seq, approver, paid_through, last_month, stop_reason, stopped_seq,
		superseded_seq`, `benefits_award`, rest, args, func(rows *store.Rows, a *Award) error {
		m := &a.Monthly
		return rows.Scan(&a.Claim, &a.Version, &a.Member, &a.Stage, &a.From, &m.Basic, &m.AccountPension, &m.Transitional, &m.Supplement, &a.Seq, &a.Approver,
			&a.PaidThrough, &a.LastMonth, &a.StopReason, &a.Stopped, &a.Superseded)
	})
}

func (o *Office) readRuns(ctx context.Context, tx *store.Tx, rest string, args ...any) ([]Run, error) {
	return list(ctx, o, tx, `run_no, month, seq, sheet_no, ordered_day, first_payment, payments, `+amountColumns+`, offset_amount, amount, clerk, status, approver,
		approved_seq, posted_seq, posted_day`, `benefits_run`, rest, args, func(rows *store.Rows, r *Run) error {
		m := &r.Gross
		return rows.Scan(&r.No, &r.Month, &r.Seq, &r.Sheet, &r.Ordered, &r.FirstPayment, &r.Payments, &m.Basic, &m.AccountPension, &m.Transitional, &m.Supplement, &r.Offset,
			&r.Amount, &r.Clerk, &r.Status, &r.Approver, &r.ApprovedSeq, &r.Posted, &r.PostedDay)
	})
}

func (o *Office) readPayments(ctx context.Context, tx *store.Tx, rest string, args ...any) ([]Payment, error) {
	return list(ctx, o, tx, `payment_no, run_no, member_no, claim_no, version, kind, from_month, to_month, `+amountColumns+`, offset_amount, recovery_no, origin_no,
		status, posted_seq, posted_day, returned_seq, returned_day, reason`, `benefits_payment`, rest, args, func(rows *store.Rows, p *Payment) error {
		m := &p.Amounts
		return rows.Scan(&p.No, &p.Run, &p.Member, &p.Claim, &p.Version, &p.Kind, &p.From, &p.To, &m.Basic, &m.AccountPension, &m.Transitional, &m.Supplement, &p.Offset,
			&p.Recovery, &p.Origin, &p.Status, &p.Posted, &p.PostedDay, &p.Returned, &p.ReturnedDay, &p.Reason)
	})
}

func (o *Office) readRecoveries(ctx context.Context, tx *store.Tx, rest string, args ...any) ([]Recovery, error) {
	return list(ctx, o, tx, `recovery_no, member_no, claim_no, reason, seq, opened_day, amount, instalment, first_due, monthly_offset, agreed_seq, recovered`,
		`benefits_recovery`, rest, args, func(rows *store.Rows, r *Recovery) error {
			return rows.Scan(&r.No, &r.Member, &r.Claim, &r.Reason, &r.Seq, &r.Opened, &r.Amount, &r.Instalment, &r.FirstDue, &r.MonthlyOffset, &r.Agreed, &r.Recovered)
		})
}

func (o *Office) readOverpayments(ctx context.Context, tx *store.Tx, rest string, args ...any) ([]Overpayment, error) {
	return list(ctx, o, tx, `recovery_no, payment_no, member_no, from_month, to_month, paid_day, `+amountColumns, `benefits_overpayment`, rest, args,
		func(rows *store.Rows, p *Overpayment) error {
			m := &p.Amounts
			return rows.Scan(&p.Recovery, &p.Payment, &p.Member, &p.From, &p.To, &p.Paid, &m.Basic, &m.AccountPension, &m.Transitional, &m.Supplement)
		})
}

// readPrior reads the current prior service of members.
func (s *session) readPrior(ctx context.Context, members []registration.MemberNo) (map[registration.MemberNo]PriorService, error) {
	found := map[registration.MemberNo]PriorService{}
	numbers := make([]int64, len(members))
	for i, no := range members {
		numbers[i] = int64(no)
	}
	return found, inChunks(numbers, func(some []int64) error {
		return s.tx.Each(ctx, `SELECT member_no, months, index_sum, before_months, before_index, until_month, reference FROM benefits_prior
			WHERE realm_id = ? AND book_no = ? AND superseded_seq = 0 AND `+s.tx.Dialect().Among("member_no"), s.args(s.tx.Dialect().Ints(some)), func(rows *store.Rows) error {
			var p PriorService
			var sum, index string
			if err := rows.Scan(&p.Member, &p.Months, &sum, &p.BeforeMonths, &index, &p.Until, &p.Reference); err != nil {
				return err
			}
			var err error
			if p.IndexSum, err = money.ParseDecimal(sum); err == nil && index != "" {
				var mean decimal.Decimal
				mean, err = money.ParseDecimal(index)
				p.BeforeIndex = decimal.NewNullDecimal(mean)
			}
			found[p.Member] = p
			return err
		})
	})
}

func isUnknownMember(err error) bool { return errors.Is(err, registration.ErrMemberUnknown) }

// pageRows bounds what one short read transaction fetches.
const pageRows = 2_000

// stream yields rows in the order of their key, a short transaction for each page, so that a loop may write.
func stream[T any](ctx context.Context, o *Office, page func(ctx context.Context, tx *store.Tx, after [3]int64) ([]T, error), key func(*T) [3]int64) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		after := [3]int64{math.MinInt32, math.MinInt32, math.MinInt32}
		for {
			var rows []T
			err := o.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
				rows, err = page(ctx, tx, after)
				return err
			})
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for i := range rows {
				if !yield(rows[i], nil) {
					return
				}
			}
			if len(rows) < pageRows {
				return
			}
			after = key(&rows[len(rows)-1])
		}
	}
}

// Claims streams all claims by number.
func (o *Office) Claims(ctx context.Context) iter.Seq2[Claim, error] {
	return stream(ctx, o, func(ctx context.Context, tx *store.Tx, after [3]int64) ([]Claim, error) {
		return o.readClaims(ctx, tx, ` AND claim_no > ? ORDER BY claim_no LIMIT ?`, after[0], pageRows)
	}, func(c *Claim) [3]int64 { return [3]int64{c.No} })
}

// Determinations streams all determinations with their content, by claim and version.
func (o *Office) Determinations(ctx context.Context) iter.Seq2[Determination, error] {
	return stream(ctx, o, func(ctx context.Context, tx *store.Tx, after [3]int64) ([]Determination, error) {
		return o.readDeterminations(ctx, tx, true, ` AND (claim_no, version) > (?, ?) ORDER BY claim_no, version LIMIT ?`, after[0], after[1], pageRows)
	}, func(d *Determination) [3]int64 { return [3]int64{d.Claim, int64(d.Version)} })
}

// Awards streams all awards, replaced ones too, by claim and version.
func (o *Office) Awards(ctx context.Context) iter.Seq2[Award, error] {
	return stream(ctx, o, func(ctx context.Context, tx *store.Tx, after [3]int64) ([]Award, error) {
		return o.readAwards(ctx, tx, ` AND (claim_no, version) > (?, ?) ORDER BY claim_no, version LIMIT ?`, after[0], after[1], pageRows)
	}, func(a *Award) [3]int64 { return [3]int64{a.Claim, int64(a.Version)} })
}

// Runs streams all runs by number.
func (o *Office) Runs(ctx context.Context) iter.Seq2[Run, error] {
	return stream(ctx, o, func(ctx context.Context, tx *store.Tx, after [3]int64) ([]Run, error) {
		return o.readRuns(ctx, tx, ` AND run_no > ? ORDER BY run_no LIMIT ?`, after[0], pageRows)
	}, func(r *Run) [3]int64 { return [3]int64{r.No} })
}

// PaymentQuery says which payments Payments returns. What is zero does not narrow them.
type PaymentQuery struct {
	Run    int64
	Month  calendar.Month // of the run
	Member registration.MemberNo
	Status PaymentStatus
}

// Payments streams payments by number.
func (o *Office) Payments(ctx context.Context, q PaymentQuery) iter.Seq2[Payment, error] {
	where, args := ``, []any{}
	for _, c := range []struct {
		set  bool
		text string
		arg  any
	}{
		{q.Run != 0, ` AND run_no = ?`, q.Run}, {q.Member != 0, ` AND member_no = ?`, int32(q.Member)}, {q.Status != "", ` AND status = ?`, string(q.Status)},
		{q.Month != 0, ` AND run_no IN (SELECT r.run_no FROM benefits_run r WHERE r.realm_id = benefits_payment.realm_id AND r.book_no = benefits_payment.book_no
			AND r.month = ?)`, int32(q.Month)},
	} {
		if c.set {
			where, args = where+c.text, append(args, c.arg)
		}
	}
	return stream(ctx, o, func(ctx context.Context, tx *store.Tx, after [3]int64) ([]Payment, error) {
		return o.readPayments(ctx, tx, where+` AND payment_no > ? ORDER BY payment_no LIMIT ?`, append(args[:len(args):len(args)], after[0], pageRows)...)
	}, func(p *Payment) [3]int64 { return [3]int64{p.No} })
}

// Debits streams what payments took from personal accounts, by payment and entry.
func (o *Office) Debits(ctx context.Context) iter.Seq2[Debit, error] {
	return stream(ctx, o, func(ctx context.Context, tx *store.Tx, after [3]int64) ([]Debit, error) {
		return list(ctx, o, tx, `payment_no, seq, member_no, account_no, amount`, `benefits_debit`, ` AND (payment_no, seq) > (?, ?) ORDER BY payment_no, seq LIMIT ?`,
			[]any{after[0], after[1], pageRows}, func(rows *store.Rows, d *Debit) error {
				return rows.Scan(&d.Payment, &d.Seq, &d.Member, &d.Account, &d.Amount)
			})
	}, func(d *Debit) [3]int64 { return [3]int64{d.Payment, int64(d.Seq)} })
}

// Recoveries streams all recovery cases by number.
func (o *Office) Recoveries(ctx context.Context) iter.Seq2[Recovery, error] {
	return stream(ctx, o, func(ctx context.Context, tx *store.Tx, after [3]int64) ([]Recovery, error) {
		return o.readRecoveries(ctx, tx, ` AND recovery_no > ? ORDER BY recovery_no LIMIT ?`, after[0], pageRows)
	}, func(r *Recovery) [3]int64 { return [3]int64{r.No} })
}

// Overpayments streams what was paid too much, by recovery and payment.
func (o *Office) Overpayments(ctx context.Context) iter.Seq2[Overpayment, error] {
	return stream(ctx, o, func(ctx context.Context, tx *store.Tx, after [3]int64) ([]Overpayment, error) {
		return o.readOverpayments(ctx, tx, ` AND (recovery_no, payment_no) > (?, ?) ORDER BY recovery_no, payment_no LIMIT ?`, after[0], after[1], pageRows)
	}, func(p *Overpayment) [3]int64 { return [3]int64{p.Recovery, p.Payment} })
}

// recoveredColumns reads beside a recovered amount the pension that it was kept back from.
const recoveredColumns = `recovery_no, seq, part, kind, event, payment_no, day, amount,
	coalesce((SELECT p.basic + p.account_pension + p.transitional + p.supplement FROM benefits_payment p WHERE p.realm_id = benefits_recovered.realm_id
		AND p.book_no = benefits_recovered.book_no AND p.payment_no = benefits_recovered.payment_no AND p.kind <> 'heirs'), 0)`

// RecoveredAmounts streams what came back of recoveries, by recovery, entry and part.
func (o *Office) RecoveredAmounts(ctx context.Context) iter.Seq2[Recovered, error] {
	return stream(ctx, o, func(ctx context.Context, tx *store.Tx, after [3]int64) ([]Recovered, error) {
		return list(ctx, o, tx, recoveredColumns, `benefits_recovered`,
			` AND (recovery_no, seq, part) > (?, ?, ?) ORDER BY recovery_no, seq, part LIMIT ?`, []any{after[0], after[1], after[2], pageRows},
			func(rows *store.Rows, r *Recovered) error {
				return rows.Scan(&r.Recovery, &r.Seq, &r.Part, &r.Kind, &r.Event, &r.Payment, &r.Day, &r.Amount, &r.Against)
			})
	}, func(r *Recovered) [3]int64 { return [3]int64{r.Recovery, int64(r.Seq), int64(r.Part)} })
}

// Sheet reads a sheet by its number, such as Run.Sheet. Its Hash is the SHA-256 that the act and the entries name as their source.
func (o *Office) Sheet(ctx context.Context, no int64) (*sheet.Sheet, error) {
	var parts [][]byte
	err := o.db.View(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Each(ctx, `SELECT content FROM benefits_sheet WHERE realm_id = ? AND book_no = ? AND sheet_no = ? ORDER BY part`, o.args(no), func(rows *store.Rows) error {
			var part []byte
			err := rows.Scan(&part)
			parts = append(parts, part)
			return err
		})
	})
	if err == nil && len(parts) == 0 {
		err = fault.One(ErrUnknown, "sheet", "check the number", "there is no sheet %d", no)
	}
	if err != nil {
		return nil, err
	}
	return sheet.Read(func(yield func([]byte, error) bool) {
		for _, part := range parts {
			if !yield(part, nil) {
				return
			}
		}
	})
}
