package collection

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/fault"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/sheet"
)

// DemandKind says what a demand is for.
type DemandKind string

// The kinds.
const (
	Regular       DemandKind = "regular"       // 应缴: the contribution of a wage month
	Supplementary DemandKind = "supplementary" // 差额补缴: what a later assessment of the month demands besides
)

func demandKind(supplementary bool) DemandKind {
	if supplementary {
		return Supplementary
	}
	return Regular
}

// DemandStatus says how a demand stands.
type DemandStatus string

// The statuses.
const (
	Open     DemandStatus = "open"     // nothing is paid
	Partial  DemandStatus = "partial"  // something is paid
	Settled  DemandStatus = "settled"  // principal and surcharge are paid
	Replaced DemandStatus = "replaced" // another demand took its place before anything was paid
)

// Demand is what an employer owes for a wage month (应收). Amounts are minor units; what was paid and allocated is the sum of its allocations.
type Demand struct {
	No                int32
	Employer          registration.EmployerNo
	Month             calendar.Month // wage month
	Kind              DemandKind
	Assessment        ledger.Seq // the act
	Issued, Due       calendar.Date
	EmployerDue       money.Amount
	PersonDue         money.Amount
	Paid              money.Amount // principal
	SurchargeDue      money.Amount // of the principal that was paid late so far; what is not paid yet earns more
	SurchargePaid     money.Amount
	EmployerAllocated money.Amount // to members
	PersonAllocated   money.Amount // to members, and credited
	Refunded          money.Amount
	SettledOn         calendar.Date // zero while open
	ReplacedBy        ledger.Seq
	NoticeStep        int // the last step taken; zero for none
	Noticed           calendar.Date

	sheet int64
}

// Outstanding is the principal not paid.
func (d *Demand) Outstanding() money.Amount { return d.EmployerDue + d.PersonDue - d.Paid }

// Status says how the demand stands.
func (d *Demand) Status() DemandStatus {
	switch {
	case d.ReplacedBy != 0:
		return Replaced
	case d.SettledOn != 0:
		return Settled
	case d.Paid > 0 || d.SurchargePaid > 0:
		return Partial
	}
	return Open
}

const demandColumns = `demand_no, employer_no, month, kind, seq, sheet_no, issued_day, due_day, employer_due, person_due, paid, surcharge_due, surcharge_paid,
	employer_allocated, person_allocated, refunded, settled_day, replaced_seq, notice_step, noticed_day`

func scanDemand(rows *store.Rows) (d Demand, err error) {
	err = rows.Scan(&d.No, &d.Employer, &d.Month, &d.Kind, &d.Assessment, &d.sheet, &d.Issued, &d.Due, &d.EmployerDue, &d.PersonDue, &d.Paid, &d.SurchargeDue,
		&d.SurchargePaid, &d.EmployerAllocated, &d.PersonAllocated, &d.Refunded, &d.SettledOn, &d.ReplacedBy, &d.NoticeStep, &d.Noticed)
	return d, err
}

func (o *Office) demands(ctx context.Context, tx *store.Tx, where string, args ...any) (list []Demand, err error) {
	return o.demandsBy(ctx, tx, "", where, args...)
}

// openDemands reads the demands of employers that are not settled, in no order.
func (o *Office) openDemands(ctx context.Context, tx *store.Tx, employers []int64) ([]Demand, error) {
	return o.demandsBy(ctx, tx, indexed(tx, "collection_demand_employer"), tx.Dialect().Among("employer_no")+` AND settled_day = 0 AND replaced_seq = 0`,
		tx.Dialect().Ints(employers))
}

func (o *Office) demandsBy(ctx context.Context, tx *store.Tx, index, where string, args ...any) (list []Demand, err error) {
	err = tx.Each(ctx, `SELECT `+demandColumns+` FROM collection_demand`+index+` WHERE realm_id = ? AND book_no = ? AND `+where, o.bookArgs(args...), func(rows *store.Rows) error {
		d, err := scanDemand(rows)
		list = append(list, d)
		return err
	})
	return list, err
}

// Reference is what an employer writes on his payment so that it finds the demand (缴款识别号): D, nine digits, and two check digits (ISO 7064 mod 97-10).
func (d *Demand) Reference() string { return reference(int64(d.No)) }

const (
	referenceDigits = 11
	checkModulus    = 97
)

func reference(no int64) string {
	return fmt.Sprintf("D%09d%02d", no, checkModulus+1-no*100%checkModulus)
}

// references finds the demands that a text names with right check digits.
func references(text string) []int64 {
	var found []int64
	for {
		_, rest, ok := strings.Cut(text, "D")
		if !ok {
			return found
		}
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		if digits == referenceDigits {
			if n, err := strconv.ParseInt(rest[:digits], 10, 64); err == nil && n/100 > 0 && "D"+rest[:digits] == reference(n/100) {
				found = append(found, n/100)
			}
		}
		text = rest
	}
}

// write seals the assessment and writes its rows and demands.
func (a *assessor) write(ctx context.Context, s *session) (Done, error) {
	sums := map[string]int64{"employers": int64(len(a.rows))}
	for i := range a.rows {
		sums["members"] += int64(a.rows[i].heads)
		sums["employer"] += int64(a.rows[i].employerSum)
		sums["person"] += int64(a.rows[i].personSum)
	}
	a.terms.Sums = sums
	seq, err := a.index.seal(ctx, s, KindAssessment, a.terms)
	if err != nil {
		return Done{}, err
	}
	if err := s.replaceDemands(ctx, a.replaced, seq); err != nil {
		return Done{}, err
	}
	n, first := len(a.rows), s.head.demands+1
	months, employers := make([]int32, n), int32s(a.rows, func(r *assessmentRow) int32 { return r.employer })
	demands := make([]int32, n)
	for i := range months {
		months[i], demands[i] = int32(a.terms.Month), first+int32(i)
	}
	if err := s.supersede(ctx, "collection_assessment", months, employers, seq); err != nil {
		return Done{}, err
	}
	long := func(name string, of func(r *assessmentRow) int64) store.Column {
		return store.Int64s(name, int64s(a.rows, of))
	}
	if err := s.tx.Insert(ctx, "collection_assessment", s.keys(store.Int32s("month", months), store.Int32s("employer_no", employers), store.Fixed("seq", int64(seq)),
		long("sheet_no", func(r *assessmentRow) int64 { return r.sheet }), long("declared_seq", func(r *assessmentRow) int64 { return r.declared }),
		store.Texts("basis", texts(a.rows, func(r *assessmentRow) string { return string(r.basis) })),
		store.Int32s("heads", int32s(a.rows, func(r *assessmentRow) int32 { return r.heads })),
		store.Int32s("declared_heads", int32s(a.rows, func(r *assessmentRow) int32 { return r.declaredHeads })),
		long("base_sum", func(r *assessmentRow) int64 { return int64(r.base) }), long("employer_sum", func(r *assessmentRow) int64 { return int64(r.employerSum) }),
		long("person_sum", func(r *assessmentRow) int64 { return int64(r.personSum) }), store.Int32s("demand_no", demands),
		store.Fixed("superseded_seq", int64(0)))...); err != nil {
		return Done{}, err
	}
	s.head.demands += int32(n)
	return Done{Seq: seq, First: int64(first), Count: n}, a.raise(ctx, s, seq, months, employers, demands)
}

// raise writes the demands.
func (a *assessor) raise(ctx context.Context, s *session, seq ledger.Seq, months, employers, demands []int32) error {
	zero := func(name string) store.Column { return store.Fixed(name, int64(0)) }
	due := s.config.Due.on(a.terms.Month)
	again := max(due, s.config.Due.on(s.order.Effective.Month()))
	return s.tx.Insert(ctx, "collection_demand", s.keys(store.Int32s("demand_no", demands), store.Int32s("employer_no", employers), store.Int32s("month", months),
		store.Texts("kind", texts(a.rows, func(r *assessmentRow) string { return string(demandKind(r.supplementary)) })), store.Fixed("seq", int64(seq)),
		store.Int64s("sheet_no", int64s(a.rows, func(r *assessmentRow) int64 { return r.demandSheet })), store.Fixed("issued_day", int32(s.order.Effective)),
		store.Int32s("due_day", int32s(a.rows, func(r *assessmentRow) int32 {
			if r.supplementary {
				return int32(again)
			}
			return int32(due)
		})),
		store.Int64s("employer_due", int64s(a.rows, func(r *assessmentRow) int64 { return int64(r.demandEmployer) })),
		store.Int64s("person_due", int64s(a.rows, func(r *assessmentRow) int64 { return int64(r.demandPerson) })),
		zero("paid"), zero("surcharge_due"), zero("surcharge_paid"), zero("employer_allocated"), zero("person_allocated"), zero("refunded"), zero("replaced_seq"),
		store.Fixed("settled_day", int32(0)), store.Fixed("notice_step", int32(0)), store.Fixed("noticed_day", int32(0)))...)
}

func (s *session) replaceDemands(ctx context.Context, demands []int64, seq ledger.Seq) error {
	if len(demands) == 0 {
		return nil
	}
	_, err := s.tx.Exec(ctx, `UPDATE collection_demand SET replaced_seq = ? WHERE realm_id = ? AND book_no = ? AND `+s.tx.Dialect().Among("demand_no"),
		append([]any{int64(seq)}, s.bookArgs(s.tx.Dialect().Ints(demands))...)...)
	return err
}

// Notice is one step taken against an employer in arrears (催缴记录).
type Notice struct {
	No        int32
	Demand    int32
	Step      int // from 1, in the order of Config.Notices
	Name      string
	Day       calendar.Date
	Principal money.Amount // outstanding on the day
	Surcharge money.Amount // likewise, accrued included
	Seq       ledger.Seq   // the act
}

// NoticeArrears takes the steps that are due on the order's Effective day (催缴): each demand that has been overdue for long enough, by more than the tolerance, gets
// the furthest step that it has not had. All notices are sealed by one act. With nothing to notice the error is ErrNothing.
func (o *Office) NoticeArrears(ctx context.Context, order Order) (Done, error) {
	return o.run(ctx, order, func() command { return o.noticing(order) })
}

// NoticeArrearsTx is NoticeArrears in the host's transaction.
func (o *Office) NoticeArrearsTx(ctx context.Context, tx store.Handle, order Order) (Done, error) {
	return o.performTx(ctx, tx, order, o.noticing(order))
}

func (o *Office) noticing(order Order) command {
	return command{kind: KindNotice, digest: digestOf(order, nil), carry: func(ctx context.Context, s *session) (Done, error) {
		var notices []Notice
		for after := (*Arrear)(nil); ; {
			page, err := s.arrears(ctx, s.tx, order.Effective, after)
			if err != nil {
				return Done{}, err
			}
			for i := range page {
				if n, due := s.step(&page[i]); due {
					notices = append(notices, n)
				}
			}
			if len(page) < pageRows {
				break
			}
			after = &page[len(page)-1]
		}
		if len(notices) == 0 {
			return Done{}, fault.One(ErrNothing, "arrears", "ask again on a later day", "no step is due on %v", order.Effective)
		}
		return s.notice(ctx, notices)
	}}
}

// step is the notice that an arrear is due for.
func (s *session) step(a *Arrear) (Notice, bool) {
	reached := 0
	for i, step := range s.config.Notices {
		if a.Days >= step.AfterDays {
			reached = i + 1
		}
	}
	if reached <= a.Demand.NoticeStep || a.Principal+a.Demand.SurchargeDue-a.Demand.SurchargePaid <= s.config.Allocation.Tolerance {
		return Notice{}, false
	}
	return Notice{Demand: a.Demand.No, Step: reached, Name: s.config.Notices[reached-1].Name, Day: s.order.Effective, Principal: a.Principal, Surcharge: a.Surcharge}, true
}

// notice seals and writes notices.
func (s *session) notice(ctx context.Context, notices []Notice) (Done, error) {
	demands := int64s(notices, func(n *Notice) int64 { return int64(n.Demand) })
	steps := int64s(notices, func(n *Notice) int64 { return int64(n.Step) })
	principals, surcharges := int64s(notices, func(n *Notice) int64 { return int64(n.Principal) }), int64s(notices, func(n *Notice) int64 { return int64(n.Surcharge) })
	kept, err := sheet.New(KindNotice, sheet.Ints("demand", demands), sheet.Ints("step", steps), sheet.Ints("principal", principals), sheet.Ints("surcharge", surcharges))
	if err != nil {
		return Done{}, err
	}
	_, hash, err := s.keep(ctx, kept)
	if err != nil {
		return Done{}, err
	}
	seq, err := s.act(ctx, KindNotice, map[string]any{"notices": len(notices)}, hash)
	if err != nil {
		return Done{}, err
	}
	first := s.head.notices + 1
	numbers := make([]int32, len(notices))
	byStep := map[int][]int64{}
	for i := range notices {
		numbers[i] = first + int32(i)
		byStep[notices[i].Step] = append(byStep[notices[i].Step], demands[i])
	}
	s.head.notices += int32(len(notices))
	for step := range s.config.Notices {
		if list := byStep[step+1]; len(list) > 0 {
			if _, err := s.tx.Exec(ctx, `UPDATE collection_demand SET notice_step = ?, noticed_day = ? WHERE realm_id = ? AND book_no = ? AND `+s.tx.Dialect().Among("demand_no"),
				append([]any{int32(step + 1), int32(s.order.Effective)}, s.bookArgs(s.tx.Dialect().Ints(list))...)...); err != nil {
				return Done{}, err
			}
		}
	}
	return Done{Seq: seq, First: int64(first), Count: len(notices)}, s.tx.Insert(ctx, "collection_notice", s.keys(store.Int32s("notice_no", numbers),
		store.Int32s("demand_no", int32s(notices, func(n *Notice) int32 { return n.Demand })), store.Int32s("step", int32s(notices, func(n *Notice) int32 { return int32(n.Step) })),
		store.Texts("name", texts(notices, func(n *Notice) string { return n.Name })), store.Fixed("day", int32(s.order.Effective)), store.Int64s("principal", principals),
		store.Int64s("surcharge", surcharges), store.Fixed("seq", int64(seq)))...)
}
