package collection

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/fundledger/fundledger/collection/allocation"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/sheet"
)

// receivables is what employers owe (应收), read for many payments at once and kept in step with what is allocated to it, so that each payment finds what those
// before it left. It is read under the lock of the session, and written once.
type receivables struct {
	*session
	open     map[registration.EmployerNo][]*Demand // not settled, in the order of the policy
	payments map[int32][]money.Amount              // of principal, by demand, in their order
	sheets   map[int64]*sheet.Sheet                // of demands that get principal
	moved    map[int32]*Demand                     // what allocations changed
}

// demandPart is what one demand gets of a payment.
type demandPart struct {
	demand *Demand
	allocation.Portion
	members          []allocation.MemberShare
	employer, person money.Amount // sums of members
}

// receivables reads the open demands of employers in one query.
func (s *session) receivables(ctx context.Context, employers []registration.EmployerNo) (*receivables, error) {
	r := &receivables{session: s, open: map[registration.EmployerNo][]*Demand{}, payments: map[int32][]money.Amount{}, sheets: map[int64]*sheet.Sheet{},
		moved: map[int32]*Demand{}}
	numbers := int64s(employers, func(no *registration.EmployerNo) int64 { return int64(*no) })
	slices.Sort(numbers)
	list, err := s.openDemands(ctx, s.tx, slices.Compact(numbers))
	newest := s.config.Allocation.Order == allocation.NewestMonth
	slices.SortFunc(list, func(a, b Demand) int {
		month := cmp.Compare(a.Month, b.Month)
		if newest {
			month = -month
		}
		return cmp.Or(month, cmp.Compare(a.No, b.No))
	})
	for i := range list {
		d := &list[i]
		r.open[d.Employer] = append(r.open[d.Employer], d)
	}
	return r, err
}

// spread shares a payment among the open demands of its employer.
func (r *receivables) spread(p *posting, amount money.Amount) error {
	open := r.open[p.employer]
	owed := make([]allocation.Owed, len(open))
	for i, d := range open {
		owed[i] = allocation.Owed{Due: d.Due, Principal: d.Outstanding(), Surcharge: d.SurchargeDue - d.SurchargePaid}
	}
	portions, left, err := r.config.Allocation.Spread(amount, p.paid, owed, r.surchargeOn)
	if err != nil {
		return err
	}
	p.left = left
	for i, portion := range portions {
		if portion.Principal == 0 && portion.SurchargePaid == 0 {
			continue
		}
		d := open[i]
		p.parts = append(p.parts, demandPart{demand: d, Portion: portion})
		p.principal, p.surcharge = p.principal+portion.Principal, p.surcharge+portion.SurchargePaid
		d.Paid, d.SurchargeDue, d.SurchargePaid = d.Paid+portion.Principal, d.SurchargeDue+portion.SurchargeDue, d.SurchargePaid+portion.SurchargePaid
		if d.Outstanding() == 0 && d.SurchargeDue == d.SurchargePaid {
			d.SettledOn = p.paid
		}
		r.moved[d.No] = d
	}
	r.open[p.employer] = slices.DeleteFunc(open, func(d *Demand) bool { return d.SettledOn != 0 })
	return nil
}

func (s *session) surchargeOn(principal money.Amount, due, paid calendar.Date) (money.Amount, error) {
	computed, err := ComputeSurcharge(principal, s.currency, due, paid, s.catalogue, s.config.Surcharge)
	return computed.Amount, err
}

// load reads the sheets of the demands that get principal, and what was paid on them before, in a query each.
func (r *receivables) load(ctx context.Context) error {
	var demands, sheets []int64
	for _, no := range slices.Sorted(maps.Keys(r.moved)) {
		demands, sheets = append(demands, int64(no)), append(sheets, r.moved[no].sheet)
	}
	if len(demands) == 0 {
		return nil
	}
	if err := r.tx.Each(ctx, `SELECT demand_no, principal FROM collection_allocation WHERE realm_id = ? AND book_no = ? AND `+r.tx.Dialect().Among("demand_no")+
		` ORDER BY demand_no, allocation_no`, r.bookArgs(r.tx.Dialect().Ints(demands)), func(rows *store.Rows) error {
		var no int32
		var principal money.Amount
		err := rows.Scan(&no, &principal)
		r.payments[no] = append(r.payments[no], principal)
		return err
	}); err != nil {
		return err
	}
	var err error
	r.sheets, err = r.session.sheets(ctx, r.tx, sheets)
	return err
}

// distribute finds what members get of a payment that was spread. Payments are distributed in the order in which they were spread.
func (r *receivables) distribute(p *posting) error {
	for i := range p.parts {
		part := &p.parts[i]
		d := part.demand
		r.payments[d.No] = append(r.payments[d.No], part.Principal)
		if part.Principal == 0 {
			continue
		}
		var err error
		if part.members, err = r.config.Allocation.CreditOnPartial.Distribute(sharesOf(r.sheets[d.sheet]), r.payments[d.No]); err != nil {
			return err
		}
		for _, share := range part.members {
			part.employer, part.person = part.employer+share.Employer, part.person+share.Person
		}
		d.EmployerAllocated, d.PersonAllocated = d.EmployerAllocated+part.employer, d.PersonAllocated+part.person
	}
	return nil
}

// sharesOf reads what members owe from the sheet of a demand.
func sharesOf(s *sheet.Sheet) []allocation.MemberShare {
	members, employer, person := s.Ints("member"), s.Ints("employer_part"), s.Ints("person_part")
	out := make([]allocation.MemberShare, len(members))
	for i := range out {
		out[i] = allocation.MemberShare{Member: members[i], Employer: money.Amount(employer[i]), Person: money.Amount(person[i])}
	}
	return out
}

// write brings the demands up to date with their allocations.
func (r *receivables) write(ctx context.Context) error {
	for _, no := range slices.Sorted(maps.Keys(r.moved)) {
		d := r.moved[no]
		if _, err := r.tx.Exec(ctx, `UPDATE collection_demand SET paid = ?, surcharge_due = ?, surcharge_paid = ?, employer_allocated = ?, person_allocated = ?,
			settled_day = ? WHERE realm_id = ? AND book_no = ? AND demand_no = ?`, append([]any{int64(d.Paid), int64(d.SurchargeDue), int64(d.SurchargePaid),
			int64(d.EmployerAllocated), int64(d.PersonAllocated), int32(d.SettledOn)}, r.bookArgs(no)...)...); err != nil {
			return err
		}
	}
	return nil
}
