package collection

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
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
// what was credited alike; a month of which nothing is left by that is not settled.
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
		return one(ErrInvalid, "scheme", "ask the office of that scheme", "this office collects for %s, not for %q", r.config.Scheme, scheme)
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

// assessed finds the members' months in the sheets of the assessments that stand, a page at a time.
func (r *recollection) assessed(ctx context.Context, employers []int64, insurance registration.Insurance) error {
	type heading struct {
		monthOf
		basis Basis
	}
	for last := (monthOf{}); ; {
		of, numbers := map[int64]heading{}, []int64(nil)
		err := query(ctx, r.tx, `SELECT month, employer_no, sheet_no, basis FROM collection_assessment WHERE realm_id = ? AND book_no = ? AND superseded_seq = 0
			AND (month, employer_no) > (?, ?) AND `+r.tx.Dialect().Among("employer_no")+` ORDER BY month, employer_no LIMIT ?`,
			r.bookArgs(int32(last.month), int32(last.employer), r.tx.Dialect().Ints(employers), pageRows), func(rows *store.Rows) error {
				var no int64
				var h heading
				err := rows.Scan(&h.month, &h.employer, &no, &h.basis)
				of[no], numbers, last = h, append(numbers, no), h.monthOf
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
		if len(numbers) < pageRows {
			return nil
		}
	}
}

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
	err := query(ctx, r.tx, `SELECT demand_no, employer_no, month FROM collection_demand WHERE realm_id = ? AND book_no = ? AND replaced_seq = 0 AND `+
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

// sheetsOf lists sheets that a query names with a number beside each.
func (r *recollection) sheetsOf(ctx context.Context, text string, demands map[int64]monthOf) (numbers []int64, beside map[int64]int64, err error) {
	list := make([]int64, 0, len(demands))
	for no := range demands {
		list = append(list, no)
	}
	slices.Sort(list)
	beside = map[int64]int64{}
	err = query(ctx, r.tx, text+` WHERE realm_id = ? AND book_no = ? AND (employer_part <> 0 OR person_part <> 0) AND `+r.tx.Dialect().Among("demand_no")+` ORDER BY sheet_no`,
		r.bookArgs(r.tx.Dialect().Ints(list)), func(rows *store.Rows) error {
			var no, value int64
			err := rows.Scan(&no, &value)
			numbers, beside[no] = append(numbers, no), value
			return err
		})
	return numbers, beside, err
}

// allocated adds what allocation sheets gave the members. A sheet may serve demands of several months.
func (r *recollection) allocated(ctx context.Context, demands map[int64]monthOf) error {
	numbers, paid, err := r.sheetsOf(ctx, `SELECT DISTINCT sheet_no, paid_day FROM collection_allocation`, demands)
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
	numbers, of, err := r.sheetsOf(ctx, `SELECT sheet_no, demand_no FROM collection_refund`, demands)
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
			m.EmployerDue, m.MemberDue = m.EmployerDue-money.Amount(employer[i]), m.MemberDue-money.Amount(person[i])
			m.EmployerPaid, m.MemberPaid = m.EmployerPaid-money.Amount(employer[i]), m.MemberPaid-money.Amount(person[i])
		}
		return nil
	})
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

// Discrepancy is one place in which the tables of collection are not what the fund's book commits to.
type Discrepancy struct {
	Table  string     // without the prefix collection_
	Row    int64      // number of the sheet, demand, allocation, refund; of the employer for declarations and assessments
	Seq    ledger.Seq // the entry that the row names; zero for a sheet
	Detail string
}

// Verification is what Verify found (核验结果).
type Verification struct {
	Sheets, Rows  int // compared
	Discrepancies []Discrepancy
}

// Sound reports whether nothing was found.
func (v *Verification) Sound() bool { return len(v.Discrepancies) == 0 }

// Verify reads every stored sheet again and holds it against the hash that an entry of the fund's book commits to, and the rows of declarations, assessments,
// demands, allocations and refunds against their sheets and one another. It reports everything that differs, in the order of sheets, then tables and rows;
// whether the book itself is sound is for ledger.Verify to say. What is written while it reads is left for the next time. The error is one of reading only.
func (o *Office) Verify(ctx context.Context) (Verification, error) {
	v := verification{Office: o, entries: map[ledger.Seq]digest{}, sealed: map[digest]bool{}, sheets: map[int64]*summary{}, listed: map[digest]map[int64]string{}, moved: map[int32][6]money.Amount{}}
	err := o.db.View(ctx, func(ctx context.Context, tx *store.Tx) error {
		return query(ctx, tx, `SELECT sheets FROM collection_book WHERE realm_id = ? AND book_no = ?`, o.bookArgs(), func(rows *store.Rows) error { return rows.Scan(&v.limit) })
	})
	if err != nil {
		return v.Verification, err
	}
	for entry, err := range o.fund.Ledger().Entries(ctx, o.fund.Book(), 1, 0) {
		if err != nil {
			return v.Verification, err
		}
		v.head = entry.Seq
		if kind := entry.Source.Kind; (kind == sourceSheet || kind == KindAllocation || kind == KindRefund) && len(entry.Source.Hash) == sha256.Size {
			v.entries[entry.Seq] = digest(entry.Source.Hash)
			v.sealed[digest(entry.Source.Hash)] = true
		}
	}
	err = o.db.View(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, step := range []func(context.Context, *store.Tx) error{v.readSheets, v.holdRows, v.holdAllocations, v.holdDemands} {
			if err := step(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	return v.Verification, err
}

type digest = [sha256.Size]byte

// verification is one run of Verify.
type verification struct {
	*Office
	Verification
	limit   int64      // the last sheet that is surely sealed by an entry up to head
	head    ledger.Seq // the last entry read
	entries map[ledger.Seq]digest
	sealed  map[digest]bool // by an entry
	sheets  map[int64]*summary
	listed  map[digest]map[int64]string // by the hash of an index sheet: the hashes of the sheets that it lists
	moved   map[int32][6]money.Amount   // by demand: sums of allocations and refunds
}

// summary is what rows are held against: the hash of a sheet and the sums of its columns.
type summary struct {
	hash  digest
	sums  map[string]int64
	parts map[int32][5]int64 // of an allocation sheet, by demand: principal, surcharge due and paid, employer's and persons' parts, from its rows
}

func (v *verification) differ(table string, row int64, seq ledger.Seq, format string, args ...any) {
	v.Discrepancies = append(v.Discrepancies, Discrepancy{Table: table, Row: row, Seq: seq, Detail: fmt.Sprintf(format, args...)})
}

func (v *verification) readSheets(ctx context.Context, tx *store.Tx) error {
	err := v.eachStored(ctx, tx, `sheet_no > ?`, 0, func(no int64, parts [][]byte) error {
		v.Sheets++
		s := &summary{hash: sheet.HashOf(slices.Values(parts)), sums: map[string]int64{}}
		v.sheets[no] = s
		read, err := decode(parts)
		if err != nil {
			v.differ("sheet", no, 0, "%v", err)
			return nil
		}
		s.sums["heads"] = int64(read.Rows())
		for _, name := range read.Columns() {
			for _, value := range read.Ints(name) {
				s.sums[name] += value
			}
		}
		if numbers, hashes := read.Ints("sheet"), read.Texts("sha256"); hashes != nil {
			v.listed[s.hash] = make(map[int64]string, len(numbers))
			for i, number := range numbers {
				v.listed[s.hash][number] = hashes[i]
			}
		}
		if read.Title() == KindAllocation {
			s.parts = shareRows(read)
		}
		return nil
	})
	if err != nil {
		return err
	}
	under := map[int64]bool{} // sheets that a sealed index lists with their hashes
	for hash, list := range v.listed {
		for no, text := range list {
			s := v.sheets[no]
			under[no] = under[no] || v.sealed[hash] && s != nil && hex.EncodeToString(s.hash[:]) == text
		}
	}
	for _, no := range slices.Sorted(maps.Keys(v.sheets)) {
		if no <= v.limit && !under[no] && !v.sealed[v.sheets[no].hash] {
			v.differ("sheet", no, 0, "no entry of book %s commits to its SHA-256 %x", v.fund.Book(), v.sheets[no].hash)
		}
	}
	return nil
}

// shareRows reads, for each demand, what the sheet's row for it says of principal and surcharge, and the sums of its members' parts.
func shareRows(s *sheet.Sheet) map[int32][5]int64 {
	demands, members, employer, person := s.Ints("demand"), s.Ints("member"), s.Ints("employer_part"), s.Ints("person_part")
	principal, due, paid := s.Ints("principal"), s.Ints("surcharge_due"), s.Ints("surcharge_paid")
	out := map[int32][5]int64{}
	for i, demand := range demands {
		row := out[int32(demand)]
		if members[i] == 0 {
			row[0], row[1], row[2] = principal[i], due[i], paid[i]
		} else {
			row[3], row[4] = row[3]+employer[i], row[4]+person[i]
		}
		out[int32(demand)] = row
	}
	return out
}

// committed finds the sheet of a row and holds it against the entry that the row names; it is nil for rows written since.
func (v *verification) committed(table string, row int64, seq ledger.Seq, no int64) *summary {
	if seq > v.head {
		return nil
	}
	v.Rows++
	s := v.sheets[no]
	if s == nil {
		v.differ(table, row, seq, "its sheet %d is missing", no)
		return nil
	}
	if hash, ok := v.entries[seq]; !ok || hash != s.hash && v.listed[hash][no] != hex.EncodeToString(s.hash[:]) {
		v.differ(table, row, seq, "entry %d does not commit to its sheet %d", seq, no)
	}
	return s
}

// holdRows compares declarations, assessments and refunds with the sums of their sheets.
func (v *verification) holdRows(ctx context.Context, tx *store.Tx) error {
	for _, of := range []struct {
		table, key, more string
		columns, sums    [4]string
	}{
		{"declaration", "employer_no", ``, [4]string{"heads", "base_sum", "0", "0"}, [4]string{"heads", "base"}},
		{"assessment", "employer_no", ``, [4]string{"heads", "base_sum", "employer_sum", "person_sum"}, [4]string{"heads", "base", "employer_part", "person_part"}},
		{"refund", "refund_no", ` AND demand_no <> 0`, [4]string{"employer_part", "person_part", "amount - employer_part - person_part", "0"}, [4]string{"employer_part", "person_part"}},
	} {
		err := query(ctx, tx, `SELECT `+of.key+`, seq, sheet_no, `+strings.Join(of.columns[:], ", ")+` FROM collection_`+of.table+
			` WHERE realm_id = ? AND book_no = ?`+of.more+` ORDER BY seq, `+of.key, v.bookArgs(), func(rows *store.Rows) error {
			var key, no int64
			var seq ledger.Seq
			var values [4]int64
			err := rows.Scan(&key, &seq, &no, &values[0], &values[1], &values[2], &values[3])
			if s := v.committed(of.table, key, seq, no); s != nil {
				for i, name := range of.sums {
					if want := s.sums[name]; values[i] != want {
						v.differ(of.table, key, seq, "%s is %d, sheet %d gives %d", of.columns[i], values[i], no, want)
					}
				}
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// holdAllocations compares allocations with their sheets and sums them and the refunds for the demands.
func (v *verification) holdAllocations(ctx context.Context, tx *store.Tx) error {
	err := query(ctx, tx, allocationColumns+`allocation_no > 0 ORDER BY allocation_no`, v.bookArgs(), func(rows *store.Rows) error {
		a, err := scanAllocation(rows)
		values := [5]int64{int64(a.Principal), int64(a.SurchargeDue), int64(a.SurchargePaid), int64(a.EmployerPart), int64(a.PersonPart)}
		sums := v.moved[a.Demand]
		for i := range values {
			sums[i] += money.Amount(values[i])
		}
		v.moved[a.Demand] = sums
		if s := v.committed("allocation", a.No, a.Seq, a.sheet); s != nil && s.parts[a.Demand] != values {
			v.differ("allocation", a.No, a.Seq, "principal, surcharge due and paid, employer's and persons' parts are %d, sheet %d gives %d", values, a.sheet, s.parts[a.Demand])
		}
		return err
	})
	if err != nil {
		return err
	}
	return query(ctx, tx, `SELECT demand_no, amount FROM collection_refund WHERE realm_id = ? AND book_no = ? AND demand_no <> 0`, v.bookArgs(), func(rows *store.Rows) error {
		var no int32
		var amount money.Amount
		err := rows.Scan(&no, &amount)
		sums := v.moved[no]
		sums[5] += amount
		v.moved[no] = sums
		return err
	})
}

// holdDemands compares demands with their sheets, and what they say was paid with the sums of allocations and refunds.
func (v *verification) holdDemands(ctx context.Context, tx *store.Tx) error {
	return query(ctx, tx, `SELECT `+demandColumns+` FROM collection_demand WHERE realm_id = ? AND book_no = ? ORDER BY demand_no`, v.bookArgs(), func(rows *store.Rows) error {
		d, err := scanDemand(rows)
		row, due := int64(d.No), [2]int64{int64(d.EmployerDue), int64(d.PersonDue)}
		if s := v.committed("demand", row, d.Assessment, d.sheet); s != nil && due != [2]int64{s.sums["employer_part"], s.sums["person_part"]} {
			v.differ("demand", row, d.Assessment, "parts of employer and persons are %d, sheet %d gives %d and %d", due, d.sheet, s.sums["employer_part"], s.sums["person_part"])
		}
		if got := [6]money.Amount{d.Paid, d.SurchargeDue, d.SurchargePaid, d.EmployerAllocated, d.PersonAllocated, d.Refunded}; got != v.moved[d.No] {
			v.differ("demand", row, d.Assessment, "paid, surcharge due and paid, allocated to employer's and persons' parts, and refunded are %d, allocations and refunds give %d", got, v.moved[d.No])
		}
		return err
	})
}
