package collection

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/fault"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
)

// The reads are short transactions of their own, a page each, so that a loop over a sequence may write. Stop at the first error.

// pageRows is the number of rows of a page.
const pageRows = 1_000

// paged yields what page gives, page by page. page returns rows after the last one it gave, and fewer than pageRows at the end.
func paged[T any](ctx context.Context, o *Office, page func(ctx context.Context, tx *store.Tx, after *T) ([]T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var after *T
		for {
			var list []T
			err := o.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
				list, err = page(ctx, tx, after)
				return err
			})
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for i := range list {
				if !yield(list[i], nil) {
					return
				}
			}
			if len(list) < pageRows {
				return
			}
			after = &list[len(list)-1]
		}
	}
}

// Terms returns what an assessment was made by, from the act that Assessment.Seq names.
func (o *Office) Terms(ctx context.Context, seq ledger.Seq) (Terms, error) {
	entry, err := o.fund.Ledger().Entry(ctx, o.fund.Book(), seq)
	if err != nil {
		return Terms{}, err
	}
	return readTerms(&entry)
}

// Assessment is what was assessed for an employer and month (核定). Amounts are minor units.
type Assessment struct {
	Month         calendar.Month
	Employer      registration.EmployerNo
	Seq           ledger.Seq // the act; Terms says what it was made by
	Declared      ledger.Seq // the declaration's act; zero for none
	Basis         Basis      // BasisDeclared or BasisProvisional
	Heads         int        // members assessed
	DeclaredHeads int        // of them declared
	BaseSum       money.Amount
	EmployerSum   money.Amount
	PersonSum     money.Amount
	Demand        int32
	Superseded    ledger.Seq // the assessment that took its place; zero while it stands

	sheet int64
}

// Assessments returns the assessments of a month, or of all months for zero, in the order of months, employers and acts. superseded asks for those too whose place
// others took.
func (o *Office) Assessments(ctx context.Context, month calendar.Month, superseded bool) iter.Seq2[Assessment, error] {
	return paged(ctx, o, func(ctx context.Context, tx *store.Tx, after *Assessment) (list []Assessment, err error) {
		if after == nil {
			after = &Assessment{Month: month}
		}
		last := month
		if month == 0 {
			last = math.MaxInt32
		}
		most := int64(0)
		if superseded {
			most = math.MaxInt64
		}
		err = tx.Each(ctx, `SELECT month, employer_no, seq, sheet_no, declared_seq, basis, heads, declared_heads, base_sum, employer_sum, person_sum, demand_no, superseded_seq
			FROM collection_assessment WHERE realm_id = ? AND book_no = ? AND (month, employer_no, seq) > (?, ?, ?) AND month <= ? AND superseded_seq <= ?
			ORDER BY month, employer_no, seq LIMIT ?`, o.bookArgs(int32(after.Month), int32(after.Employer), int64(after.Seq), int32(last), most, pageRows),
			func(rows *store.Rows) error {
				var a Assessment
				err := rows.Scan(&a.Month, &a.Employer, &a.Seq, &a.sheet, &a.Declared, &a.Basis, &a.Heads, &a.DeclaredHeads, &a.BaseSum, &a.EmployerSum, &a.PersonSum,
					&a.Demand, &a.Superseded)
				list = append(list, a)
				return err
			})
		return list, err
	})
}

// AssessedMember is the assessment of one member for a month, by one employer.
type AssessedMember struct {
	Member   registration.MemberNo
	Declared money.Amount // the base declared; -1 for none
	Base     money.Amount // within the limits
	Employer money.Amount // 单位缴费
	Person   money.Amount // 个人缴费
	Basis    Basis
}

// AssessedMembers returns the members of an assessment in the order of their numbers, from its sealed sheet. Of many assessments AssessmentSheets gives them sooner.
func (o *Office) AssessedMembers(ctx context.Context, a Assessment) ([]AssessedMember, error) {
	var out []AssessedMember
	err := o.db.View(ctx, func(ctx context.Context, tx *store.Tx) error {
		found, err := o.sheets(ctx, tx, []int64{a.sheet})
		if err != nil {
			return err
		}
		out = assessedMembers(found[a.sheet])
		return nil
	})
	return out, err
}

// Demand returns a demand, or ErrUnknown.
func (o *Office) Demand(ctx context.Context, no int32) (d Demand, err error) {
	err = o.db.View(ctx, func(ctx context.Context, tx *store.Tx) error {
		list, err := o.demands(ctx, tx, `demand_no = ?`, no)
		if err == nil && len(list) == 0 {
			err = fault.One(ErrUnknown, "demand", "check the number", "there is no demand %d", no)
		}
		if err == nil {
			d = list[0]
		}
		return err
	})
	return d, err
}

// Demands returns all demands in the order of their numbers, those of one employer where he is not zero.
func (o *Office) Demands(ctx context.Context, employer registration.EmployerNo) iter.Seq2[Demand, error] {
	return paged(ctx, o, func(ctx context.Context, tx *store.Tx, after *Demand) ([]Demand, error) {
		var from int32
		if after != nil {
			from = after.No
		}
		return o.demands(ctx, tx, `demand_no > ? AND (employer_no = ? OR ? = 0) ORDER BY demand_no LIMIT ?`, from, int32(employer), int32(employer), pageRows)
	})
}

// Receipt is one line of the bank by which money came in (实收). Amount is what the line says: Principal + Surcharge + Suspense.
type Receipt struct {
	No                                      int32
	Key                                     string // content of the line
	BankAccount                             string // the own account, as bank.Statement names it
	BankReference                           string
	LineHash                                [32]byte
	Paid                                    calendar.Date // the bank's day
	Effective                               calendar.Date // of the entries
	Payer                                   string        // account number of the payer
	Amount                                  money.Amount
	Employer                                registration.EmployerNo // zero: not identified when it came
	MatchedBy                               string
	Principal, Surcharge, Suspense          money.Amount
	PrincipalSeq, SurchargeSeq, SuspenseSeq ledger.Seq   // the entries; zero for none
	Item                                    int32        // of what was left; zero for none
	Allocations                             []Allocation // to demands, those of its item that came later too

	sheet int64
}

// Allocation is what one demand got of a receipt (分配), straight or later out of the receipt's item in suspense.
type Allocation struct {
	No                       int64
	Demand                   int32
	Receipt                  int32
	Item                     int32         // zero when it came straight from the receipt
	Seq                      ledger.Seq    // the entry
	Paid                     calendar.Date // the day that the surcharge counts to
	Effective                calendar.Date // of the entry: its year is the year of the income
	Principal                money.Amount
	SurchargeDue             money.Amount // of this principal, by the rates from the due day to Paid
	SurchargePaid            money.Amount
	EmployerPart, PersonPart money.Amount // allocated to members; PersonPart is what was credited to their accounts

	sheet int64
}

const allocationColumns = `SELECT allocation_no, demand_no, receipt_no, item_no, seq, paid_day, effective_day, principal, surcharge_due, surcharge_paid, employer_part, person_part, sheet_no
	FROM collection_allocation`

// allocations reads the allocations to a demand, or of receipts, by the index of either, in their order.
func (o *Office) allocations(ctx context.Context, tx *store.Tx, index, where string, arg any) (list []Allocation, err error) {
	err = tx.Each(ctx, allocationColumns+indexed(tx, index)+` WHERE realm_id = ? AND book_no = ? AND `+where, o.bookArgs(arg), func(rows *store.Rows) error {
		a, err := scanAllocation(rows)
		list = append(list, a)
		return err
	})
	slices.SortFunc(list, func(a, b Allocation) int { return cmp.Compare(a.No, b.No) })
	return list, err
}

func scanAllocation(rows *store.Rows) (a Allocation, err error) {
	err = rows.Scan(&a.No, &a.Demand, &a.Receipt, &a.Item, &a.Seq, &a.Paid, &a.Effective, &a.Principal, &a.SurchargeDue, &a.SurchargePaid, &a.EmployerPart, &a.PersonPart, &a.sheet)
	return a, err
}

func (o *Office) receipts(ctx context.Context, tx *store.Tx, where string, args ...any) (list []Receipt, err error) {
	err = tx.Each(ctx, `SELECT receipt_no, line_key, bank_account, bank_reference, line_hash, paid_day, effective_day, payer_account, amount, employer_no, matched_by,
		principal, surcharge, suspense, principal_seq, surcharge_seq, suspense_seq, sheet_no, item_no FROM collection_receipt WHERE realm_id = ? AND book_no = ? AND `+where,
		o.bookArgs(args...), func(rows *store.Rows) error {
			var r Receipt
			var hash string
			if err := rows.Scan(&r.No, &r.Key, &r.BankAccount, &r.BankReference, &hash, &r.Paid, &r.Effective, &r.Payer, &r.Amount, &r.Employer, &r.MatchedBy, &r.Principal,
				&r.Surcharge, &r.Suspense, &r.PrincipalSeq, &r.SurchargeSeq, &r.SuspenseSeq, &r.sheet, &r.Item); err != nil {
				return err
			}
			decoded, err := hex.DecodeString(hash)
			if err != nil || copy(r.LineHash[:], decoded) != len(r.LineHash) {
				return fmt.Errorf("collection: receipt %d: line hash %q is damaged", r.No, hash)
			}
			list = append(list, r)
			return nil
		})
	if err != nil || len(list) == 0 {
		return list, err
	}
	numbers, at := make([]int64, len(list)), make(map[int32]*Receipt, len(list))
	for i := range list {
		numbers[i], at[list[i].No] = int64(list[i].No), &list[i]
	}
	found, err := o.allocations(ctx, tx, "collection_allocation_receipt", tx.Dialect().Among("receipt_no"), tx.Dialect().Ints(numbers))
	if err != nil {
		return nil, err
	}
	for i := range found {
		r := at[found[i].Receipt]
		r.Allocations = append(r.Allocations, found[i])
	}
	return list, nil
}

func (o *Office) receipt(ctx context.Context, tx *store.Tx, no int32) (Receipt, error) {
	list, err := o.receipts(ctx, tx, `receipt_no = ?`, no)
	if err == nil && len(list) == 0 {
		err = fault.One(ErrUnknown, "receipt", "check the number", "there is no receipt %d", no)
	}
	if err != nil {
		return Receipt{}, err
	}
	return list[0], nil
}

// Receipt returns a receipt with its allocations, or ErrUnknown.
func (o *Office) Receipt(ctx context.Context, no int32) (r Receipt, err error) {
	err = o.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		r, err = o.receipt(ctx, tx, no)
		return err
	})
	return r, err
}

// Receipts returns all receipts with their allocations in the order of their numbers.
func (o *Office) Receipts(ctx context.Context) iter.Seq2[Receipt, error] {
	return paged(ctx, o, func(ctx context.Context, tx *store.Tx, after *Receipt) ([]Receipt, error) {
		var from int32
		if after != nil {
			from = after.No
		}
		return o.receipts(ctx, tx, `receipt_no > ? ORDER BY receipt_no LIMIT ?`, from, pageRows)
	})
}

// AllocatedMember is what an allocation gave to a member, from the sealed allocation sheet. Person was credited to his account by the allocation's entry.
type AllocatedMember struct {
	Member           registration.MemberNo
	Employer, Person money.Amount
}

// AllocatedMembers returns the members of an allocation in the order of their numbers; none where the policy held the money back until the demand is paid. Of many
// allocations ReceiptSheets gives them sooner.
func (o *Office) AllocatedMembers(ctx context.Context, a Allocation) (list []AllocatedMember, err error) {
	err = o.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		list, err = o.allocatedMembers(ctx, tx, a)
		return err
	})
	return list, err
}

func (o *Office) allocatedMembers(ctx context.Context, tx *store.Tx, a Allocation) (list []AllocatedMember, err error) {
	found, err := o.sheets(ctx, tx, []int64{a.sheet})
	if err != nil {
		return nil, err
	}
	return allocatedMembers(found[a.sheet])[a.Demand], nil
}

// Arrear is a demand that is overdue (欠费).
type Arrear struct {
	Demand    Demand
	Days      int          // since the due day
	Principal money.Amount // not paid
	Surcharge money.Amount // not paid: of what was paid late, and of the principal if it were paid on the day asked for
}

// Arrears returns the demands that are overdue on a day, the oldest first.
func (o *Office) Arrears(ctx context.Context, on calendar.Date) iter.Seq2[Arrear, error] {
	return paged(ctx, o, func(ctx context.Context, tx *store.Tx, after *Arrear) ([]Arrear, error) {
		return o.arrears(ctx, tx, on, after)
	})
}

func (o *Office) arrears(ctx context.Context, tx *store.Tx, on calendar.Date, after *Arrear) ([]Arrear, error) {
	if after == nil {
		after = &Arrear{}
	}
	list, err := o.demands(ctx, tx, `settled_day = 0 AND replaced_seq = 0 AND due_day < ? AND (due_day, demand_no) > (?, ?) ORDER BY due_day, demand_no LIMIT ?`,
		int32(on), int32(after.Demand.Due), after.Demand.No, pageRows)
	out := make([]Arrear, len(list))
	for i := range list {
		if err == nil {
			out[i], err = o.arrear(list[i], on)
		}
	}
	return out, err
}

func (o *Office) arrear(d Demand, on calendar.Date) (Arrear, error) {
	computed, err := ComputeSurcharge(d.Outstanding(), o.currency, d.Due, on, o.catalogue, o.config.Surcharge)
	return Arrear{Demand: d, Days: on.Sub(d.Due), Principal: d.Outstanding(), Surcharge: d.SurchargeDue - d.SurchargePaid + computed.Amount}, err
}

// Item is money in suspense (暂收款).
type Item struct {
	No        int32
	Receipt   int32 // it came with
	Kind      ItemKind
	Opened    calendar.Date // the bank's day
	Amount    money.Amount
	Seq       ledger.Seq              // the entry
	Employer  registration.EmployerNo // zero while not identified
	Remaining money.Amount
	Settled   calendar.Date // zero while something remains
}

// Age is the number of days that the item has stood open on a day.
func (i *Item) Age(on calendar.Date) int { return on.Sub(i.Opened) }

func (o *Office) items(ctx context.Context, tx *store.Tx, where string, args ...any) (list []Item, err error) {
	err = tx.Each(ctx, `SELECT item_no, receipt_no, kind, opened_day, amount, seq, employer_no, remaining, settled_day FROM collection_item
		WHERE realm_id = ? AND book_no = ? AND `+where, o.bookArgs(args...), func(rows *store.Rows) error {
		var i Item
		err := rows.Scan(&i.No, &i.Receipt, &i.Kind, &i.Opened, &i.Amount, &i.Seq, &i.Employer, &i.Remaining, &i.Settled)
		list = append(list, i)
		return err
	})
	return list, err
}

// OpenItems returns the items that stand open, the oldest first.
func (o *Office) OpenItems(ctx context.Context) iter.Seq2[Item, error] {
	return paged(ctx, o, func(ctx context.Context, tx *store.Tx, after *Item) ([]Item, error) {
		if after == nil {
			after = &Item{}
		}
		return o.items(ctx, tx, `settled_day = 0 AND (opened_day, item_no) > (?, ?) ORDER BY opened_day, item_no LIMIT ?`, int32(after.Opened), after.No, pageRows)
	})
}

// Obligations says which of some employers owe contributions or surcharges, for registration.Config.Obligations: they are settled before the employer is struck off
// (社会保险经办条例 art. 10).
func (o *Office) Obligations(ctx context.Context, tx store.Handle, employers []registration.EmployerNo) (map[registration.EmployerNo]string, error) {
	numbers := int64s(employers, func(no *registration.EmployerNo) int64 { return int64(*no) })
	list, err := o.openDemands(ctx, o.db.Join(tx), numbers)
	slices.SortFunc(list, func(a, b Demand) int { return cmp.Compare(a.No, b.No) })
	owing := map[registration.EmployerNo]string{}
	for i := range list {
		if d := &list[i]; owing[d.Employer] == "" {
			owing[d.Employer] = fmt.Sprintf("demand %d of %v: principal %s, surcharge %s", d.No, d.Month, o.currency.Text(d.Outstanding()), o.currency.Text(d.SurchargeDue-d.SurchargePaid))
		}
	}
	return owing, err
}

// Refund is money that went back (退费). Amounts are minor units.
type Refund struct {
	No           int32
	Demand       int32 // or Item
	Item         int32
	Seq          ledger.Seq // the entry
	Paid         calendar.Date
	Event        string // E4b, E15a or E15b
	Amount       money.Amount
	EmployerPart money.Amount // of contributions
	PersonPart   money.Amount // likewise; taken back from the members' accounts
	Payer        string       // account that had paid
	Payee        string       // account that the money went to
	Reason       string       // why to another account

	sheet int64
}

func (o *Office) refunds(ctx context.Context, tx *store.Tx, index, where string, args ...any) (list []Refund, err error) {
	err = tx.Each(ctx, `SELECT refund_no, demand_no, item_no, seq, paid_day, event, amount, employer_part, person_part, payer_account, payee_account, reason, sheet_no
		FROM collection_refund`+index+` WHERE realm_id = ? AND book_no = ? AND `+where, o.bookArgs(args...), func(rows *store.Rows) error {
		var r Refund
		err := rows.Scan(&r.No, &r.Demand, &r.Item, &r.Seq, &r.Paid, &r.Event, &r.Amount, &r.EmployerPart, &r.PersonPart, &r.Payer, &r.Payee, &r.Reason, &r.sheet)
		list = append(list, r)
		return err
	})
	return list, err
}

func (o *Office) refund(ctx context.Context, tx *store.Tx, no int32) (Refund, error) {
	list, err := o.refunds(ctx, tx, "", `refund_no = ?`, no)
	if err == nil && len(list) == 0 {
		err = fault.One(ErrUnknown, "refund", "check the number", "there is no refund %d", no)
	}
	if err != nil {
		return Refund{}, err
	}
	return list[0], nil
}

// Refunds returns all refunds in the order of their numbers.
func (o *Office) Refunds(ctx context.Context) iter.Seq2[Refund, error] {
	return paged(ctx, o, func(ctx context.Context, tx *store.Tx, after *Refund) ([]Refund, error) {
		var from int32
		if after != nil {
			from = after.No
		}
		return o.refunds(ctx, tx, "", `refund_no > ? ORDER BY refund_no LIMIT ?`, from, pageRows)
	})
}

// Notices returns all notices in the order of their numbers.
func (o *Office) Notices(ctx context.Context) iter.Seq2[Notice, error] {
	return paged(ctx, o, func(ctx context.Context, tx *store.Tx, after *Notice) (list []Notice, err error) {
		var from int32
		if after != nil {
			from = after.No
		}
		err = tx.Each(ctx, `SELECT notice_no, demand_no, step, name, day, principal, surcharge, seq FROM collection_notice WHERE realm_id = ? AND book_no = ?
			AND notice_no > ? ORDER BY notice_no LIMIT ?`, o.bookArgs(from, pageRows), func(rows *store.Rows) error {
			var n Notice
			err := rows.Scan(&n.No, &n.Demand, &n.Step, &n.Name, &n.Day, &n.Principal, &n.Surcharge, &n.Seq)
			list = append(list, n)
			return err
		})
		return list, err
	})
}

func (o *Office) item(ctx context.Context, tx *store.Tx, no int32) (Item, error) {
	list, err := o.items(ctx, tx, `item_no = ?`, no)
	if err == nil && len(list) == 0 {
		err = fault.One(ErrUnknown, "item", "check the number", "there is no item %d in suspense", no)
	}
	if err != nil {
		return Item{}, err
	}
	return list[0], nil
}

// Item returns an item in suspense, or ErrUnknown.
func (o *Office) Item(ctx context.Context, no int32) (item Item, err error) {
	err = o.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		item, err = o.item(ctx, tx, no)
		return err
	})
	return item, err
}
