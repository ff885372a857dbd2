package collection

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/fault"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/sheet"
)

// Contributions returns what was assessed and paid for some members (缴费记录) in the host's transaction, one for each wage month and employer, in the order of
// members, months and employers. Members without an assessed month are left out, and so are assessments whose place others took. The error is *Faults when the
// scheme is not the office's own, or one of the store; stop at it.
//
// Base, dues and Provisional are those of the assessment that stands; a month is provisional for all members of an employer who declared nothing for it. What
// is paid is what the allocation sheets gave the member: by the policy of the place nothing may be allocated to him though his employer paid in part. The
// month is settled on the bank's day of the payment that completed his two parts; surcharges still open do not hinder it. A refund lowers dues, payments and
// what was credited alike, and the base by what the refunded demand had been raised for: all of it, or what a supplementary demand added to the base of the
// assessment before. What went back was never contributed (社会保险法 art. 16 counts what was paid), so a month of which nothing is left has base zero and is
// not settled.
//
// Everything is read before the first month is given. Each sheet of the employers is read once, however many members are asked for: ask for many at once.
func (o *Office) Contributions(ctx context.Context, h store.Handle, scheme registration.Scheme, members []registration.MemberNo) iter.Seq2[registration.ContributionMonth, error] {
	return func(yield func(registration.ContributionMonth, error) bool) {
		r := recollection{Office: o, tx: o.db.Join(h), wanted: make(map[int64]bool, len(members)), months: map[monthOf]bool{}, at: map[shareOf]int{}}
		for _, member := range members {
			r.wanted[int64(member)] = true
		}
		if err := r.read(ctx, scheme); err != nil {
			yield(registration.ContributionMonth{}, err)
			return
		}
		for i := range r.found {
			if !yield(r.found[i], nil) {
				return
			}
		}
	}
}

// recollection is a reading of members' contributions under way.
type recollection struct {
	*Office
	tx     *store.Tx
	wanted map[int64]bool   // members
	months map[monthOf]bool // in which one of them was found
	at     map[shareOf]int  // places in found
	found  []registration.ContributionMonth
}

// monthOf is a month of an employer.
type monthOf struct {
	employer registration.EmployerNo
	month    calendar.Month
}

// shareOf is a member's share of it.
type shareOf struct {
	monthOf
	member int64
}

func (r *recollection) read(ctx context.Context, scheme registration.Scheme) error {
	rule, ok := r.registry.Rule(scheme)
	if !ok || scheme != r.config.Scheme {
		return fault.One(ErrInvalid, "scheme", "ask the office of that scheme", "this office collects for %s, not for %q", r.config.Scheme, scheme)
	}
	if len(r.wanted) == 0 {
		return nil
	}
	employers, err := r.employers(ctx)
	if err != nil {
		return err
	}
	if err := r.assessed(ctx, employers, rule.Insurance); err != nil {
		return err
	}
	demands, err := r.demanded(ctx, employers)
	if err != nil {
		return err
	}
	if err := r.allocated(ctx, demands); err != nil {
		return err
	}
	if err := r.refunded(ctx, demands); err != nil {
		return err
	}
	for i := range r.found {
		m := &r.found[i]
		due := m.EmployerDue + m.MemberDue
		if due == 0 || m.EmployerPaid != m.EmployerDue || m.MemberPaid != m.MemberDue {
			m.Settled = 0
		}
		if r.rights != nil {
			m.AccountCredited = m.MemberPaid // an allocation and a refund move the account by the same entry
		}
	}
	slices.SortFunc(r.found, func(a, b registration.ContributionMonth) int {
		return cmp.Or(cmp.Compare(a.Member, b.Member), cmp.Compare(a.Month, b.Month), cmp.Compare(a.Employer, b.Employer))
	})
	return nil
}

// employers finds whoever may have been assessed for the members: all employers that ever enrolled one of them.
func (r *recollection) employers(ctx context.Context) ([]int64, error) {
	members := slices.Collect(maps.Keys(r.wanted))
	list, err := r.registry.In(r.tx.Handle()).EmployersOf(ctx, r.fund.Book().Realm, r.config.Scheme, mapped(members, func(no *int64) registration.MemberNo { return registration.MemberNo(*no) }))
	return int64s(list, func(no *registration.EmployerNo) int64 { return int64(*no) }), err
}

// assessed finds the members' months in the sheets of the assessments that stand, some employers at a time.
func (r *recollection) assessed(ctx context.Context, employers []int64, insurance registration.Insurance) error {
	type heading struct {
		monthOf
		basis Basis
	}
	for part := range slices.Chunk(employers, pageHistories) {
		of, numbers := map[int64]heading{}, []int64(nil)
		err := r.tx.Each(ctx, `SELECT month, employer_no, sheet_no, basis FROM collection_assessment`+indexed(r.tx, "collection_assessment_employer")+
			` WHERE realm_id = ? AND book_no = ? AND superseded_seq = 0 AND `+r.tx.Dialect().Among("employer_no"), r.bookArgs(r.tx.Dialect().Ints(part)),
			func(rows *store.Rows) error {
				var no int64
				var h heading
				err := rows.Scan(&h.month, &h.employer, &no, &h.basis)
				of[no], numbers = h, append(numbers, no)
				return err
			})
		if err != nil {
			return err
		}
		if err := r.eachSheet(ctx, r.tx, numbers, func(no int64, s *sheet.Sheet) error {
			r.assess(of[no].monthOf, of[no].basis == BasisProvisional, insurance, s)
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// pageHistories is the number of employers whose assessments are read at once.
const pageHistories = 50

// assess takes the members' rows out of an assessment's sheet.
func (r *recollection) assess(of monthOf, provisional bool, insurance registration.Insurance, s *sheet.Sheet) {
	base, employer, person := s.Ints("base"), s.Ints("employer_part"), s.Ints("person_part")
	for i, member := range s.Ints("member") {
		if !r.wanted[member] {
			continue
		}
		r.at[shareOf{of, member}] = len(r.found)
		r.months[of] = true
		r.found = append(r.found, registration.ContributionMonth{
			Relation:  registration.Relation{Member: registration.MemberNo(member), Scheme: r.config.Scheme, Employer: of.employer},
			Insurance: insurance, Month: of.month, Base: money.Amount(base[i]), EmployerDue: money.Amount(employer[i]), MemberDue: money.Amount(person[i]), Provisional: provisional})
	}
}

// demanded finds the demands of the months in which members were found.
func (r *recollection) demanded(ctx context.Context, employers []int64) (map[int64]monthOf, error) {
	demands := map[int64]monthOf{}
	err := r.tx.Each(ctx, `SELECT demand_no, employer_no, month FROM collection_demand`+indexed(r.tx, "collection_demand_employer")+` WHERE realm_id = ? AND book_no = ? AND replaced_seq = 0 AND `+
		r.tx.Dialect().Among("employer_no")+` ORDER BY demand_no`, r.bookArgs(r.tx.Dialect().Ints(employers)), func(rows *store.Rows) error {
		var no int64
		var of monthOf
		err := rows.Scan(&no, &of.employer, &of.month)
		if r.months[of] {
			demands[no] = of
		}
		return err
	})
	return demands, err
}

// sheetsOf lists the sheets of rows of demands in a table, with a column beside each.
func (r *recollection) sheetsOf(ctx context.Context, table, column string, demands map[int64]monthOf) (numbers []int64, beside map[int64]int64, err error) {
	beside = map[int64]int64{}
	err = r.tx.Each(ctx, `SELECT sheet_no, `+column+` FROM `+table+indexed(r.tx, table+"_demand")+` WHERE realm_id = ? AND book_no = ? AND (employer_part <> 0 OR person_part <> 0) AND `+
		r.tx.Dialect().Among("demand_no"), r.bookArgs(r.tx.Dialect().Ints(slices.Sorted(maps.Keys(demands)))), func(rows *store.Rows) error {
		var no, value int64
		err := rows.Scan(&no, &value)
		beside[no] = value
		return err
	})
	return slices.Sorted(maps.Keys(beside)), beside, err
}

// allocated adds what allocation sheets gave the members. A sheet may serve demands of several months.
func (r *recollection) allocated(ctx context.Context, demands map[int64]monthOf) error {
	numbers, paid, err := r.sheetsOf(ctx, "collection_allocation", "paid_day", demands)
	if err != nil {
		return err
	}
	return r.eachSheet(ctx, r.tx, numbers, func(no int64, s *sheet.Sheet) error {
		demand, employer, person := s.Ints("demand"), s.Ints("employer_part"), s.Ints("person_part")
		for i, member := range s.Ints("member") {
			of, asked := demands[demand[i]]
			if !asked || !r.wanted[member] {
				continue
			}
			m, err := r.share(of, member, no)
			if err != nil {
				return err
			}
			m.EmployerPaid, m.MemberPaid = m.EmployerPaid+money.Amount(employer[i]), m.MemberPaid+money.Amount(person[i])
			m.Settled = max(m.Settled, calendar.Date(paid[no]))
		}
		return nil
	})
}

// refunded takes off what went back to the members.
func (r *recollection) refunded(ctx context.Context, demands map[int64]monthOf) error {
	numbers, of, err := r.sheetsOf(ctx, "collection_refund", "demand_no", demands)
	if err != nil {
		return err
	}
	raised, err := r.raisedBases(ctx, slices.Sorted(maps.Values(of)))
	if err != nil {
		return err
	}
	return r.eachSheet(ctx, r.tx, numbers, func(no int64, s *sheet.Sheet) error {
		employer, person := s.Ints("employer_part"), s.Ints("person_part")
		for i, member := range s.Ints("member") {
			if !r.wanted[member] {
				continue
			}
			m, err := r.share(demands[of[no]], member, no)
			if err != nil {
				return err
			}
			m.Base -= money.Amount(raised[of[no]][member])
			m.EmployerDue, m.MemberDue = m.EmployerDue-money.Amount(employer[i]), m.MemberDue-money.Amount(person[i])
			m.EmployerPaid, m.MemberPaid = m.EmployerPaid-money.Amount(employer[i]), m.MemberPaid-money.Amount(person[i])
		}
		return nil
	})
}

// raisedBases finds by how much demands raised the members' bases: those of their assessments, less those of the assessments that supplementary demands add to.
func (r *recollection) raisedBases(ctx context.Context, demands []int64) (map[int64]map[int64]int64, error) {
	if len(demands) == 0 {
		return nil, nil
	}
	type pair struct{ demand, by, before int64 }
	var pairs []pair
	var numbers []int64
	if err := r.tx.Each(ctx, `SELECT d.demand_no, a.sheet_no, coalesce(b.sheet_no, 0) FROM collection_demand d
		JOIN collection_assessment a ON a.realm_id = d.realm_id AND a.book_no = d.book_no AND a.month = d.month AND a.employer_no = d.employer_no AND a.seq = d.seq
		LEFT JOIN collection_assessment b ON d.kind = 'supplementary' AND b.realm_id = d.realm_id AND b.book_no = d.book_no AND b.month = d.month
			AND b.employer_no = d.employer_no AND b.superseded_seq = d.seq
		WHERE d.realm_id = ? AND d.book_no = ? AND `+r.tx.Dialect().Among("d.demand_no")+` ORDER BY d.demand_no`,
		r.bookArgs(r.tx.Dialect().Ints(slices.Compact(demands))), func(rows *store.Rows) error {
			var p pair
			err := rows.Scan(&p.demand, &p.by, &p.before)
			pairs, numbers = append(pairs, p), append(numbers, p.by)
			if p.before != 0 {
				numbers = append(numbers, p.before)
			}
			return err
		}); err != nil {
		return nil, err
	}
	bases := map[int64]map[int64]int64{} // of the members asked for, by sheet
	if err := r.eachSheet(ctx, r.tx, numbers, func(no int64, s *sheet.Sheet) error {
		bases[no] = map[int64]int64{}
		base := s.Ints("base")
		for i, member := range s.Ints("member") {
			if r.wanted[member] {
				bases[no][member] = base[i]
			}
		}
		return nil
	}); err != nil {
		return nil, err
	}
	raised := make(map[int64]map[int64]int64, len(pairs))
	for _, p := range pairs {
		raised[p.demand] = map[int64]int64{}
		for member, base := range bases[p.by] {
			raised[p.demand][member] = base - bases[p.before][member]
		}
	}
	return raised, nil
}

// share finds the month that a sheet speaks of.
func (r *recollection) share(of monthOf, member, no int64) (*registration.ContributionMonth, error) {
	i, ok := r.at[shareOf{of, member}]
	if !ok {
		return nil, fmt.Errorf("collection: sheet %d of book %s names member %d, whom the assessment of %v does not; verify the book",
			no, r.fund.Book(), member, of.month)
	}
	return &r.found[i], nil
}
