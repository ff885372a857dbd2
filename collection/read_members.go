package collection

import (
	"context"
	"iter"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/sheet"
)

// AssessmentSheet is an assessment with its members, in the order of their numbers.
type AssessmentSheet struct {
	Assessment
	Members []AssessedMember
}

// AssessmentSheets returns what Assessments does, each with what AssessedMembers gives of it: for readers of everybody, with a query for many sheets instead of one for
// each. It holds at most a page of sheets, or the one that is larger.
func (o *Office) AssessmentSheets(ctx context.Context, month calendar.Month, superseded bool) iter.Seq2[AssessmentSheet, error] {
	return sheeted(ctx, o, o.Assessments(ctx, month, superseded), func(a *Assessment) (int64, int) { return a.sheet, a.Heads },
		func(a *Assessment, s *sheet.Sheet) AssessmentSheet { return AssessmentSheet{*a, assessedMembers(s)} })
}

// ReceiptSheet is a receipt with what its allocations gave to members.
type ReceiptSheet struct {
	Receipt
	Members map[int64][]AllocatedMember // by Allocation.No; those of an allocation in the order of their numbers
}

// ReceiptSheets returns what Receipts does, each with what AllocatedMembers gives of its allocations. Each allocation sheet is read once, however many demands it
// serves, and many in one query. It holds at most a page of receipts with their sheets.
func (o *Office) ReceiptSheets(ctx context.Context) iter.Seq2[ReceiptSheet, error] {
	return func(yield func(ReceiptSheet, error) bool) {
		var page []Receipt
		rows := 0
		flush := func() bool {
			list, err := o.receiptSheets(ctx, page)
			for i := range list {
				if !yield(list[i], nil) {
					return false
				}
			}
			if err != nil {
				yield(ReceiptSheet{}, err)
			}
			page, rows = page[:0], 0
			return err == nil
		}
		for r, err := range o.Receipts(ctx) {
			if err != nil {
				yield(ReceiptSheet{}, err)
				return
			}
			page = append(page, r)
			if rows += 1 + len(r.Allocations); rows >= pageSheets && !flush() {
				return
			}
		}
		flush()
	}
}

// The bounds of a page of sheets.
const (
	pageSheets = 100
	pageHeads  = 50_000
)

// sheeted reads the sheets of what a sequence gives, page by page.
func sheeted[T, V any](ctx context.Context, o *Office, all iter.Seq2[T, error], sheetOf func(*T) (no int64, rows int), with func(*T, *sheet.Sheet) V) iter.Seq2[V, error] {
	return func(yield func(V, error) bool) {
		var page []T
		var numbers []int64
		rows := 0
		flush := func() bool {
			var found map[int64]*sheet.Sheet
			err := o.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
				found, err = o.sheets(ctx, tx, numbers)
				return err
			})
			for i := 0; err == nil && i < len(page); i++ {
				if !yield(with(&page[i], found[numbers[i]]), nil) {
					return false
				}
			}
			if err != nil {
				var none V
				yield(none, err)
			}
			page, numbers, rows = page[:0], numbers[:0], 0
			return err == nil
		}
		for one, err := range all {
			if err != nil {
				var none V
				yield(none, err)
				return
			}
			no, n := sheetOf(&one)
			if len(page) > 0 && (len(page) == pageSheets || rows+n > pageHeads) && !flush() {
				return
			}
			page, numbers, rows = append(page, one), append(numbers, no), rows+n
		}
		if len(page) > 0 {
			flush()
		}
	}
}

// receiptSheets reads the allocation sheets of receipts.
func (o *Office) receiptSheets(ctx context.Context, page []Receipt) (list []ReceiptSheet, err error) {
	type place struct {
		receipt    int
		allocation int64
		demand     int32
	}
	of := map[int64][]place{} // by sheet
	var numbers []int64
	list = make([]ReceiptSheet, len(page))
	for i := range page {
		list[i] = ReceiptSheet{page[i], map[int64][]AllocatedMember{}}
		for _, a := range page[i].Allocations {
			if of[a.sheet] == nil {
				numbers = append(numbers, a.sheet)
			}
			of[a.sheet] = append(of[a.sheet], place{i, a.No, a.Demand})
		}
	}
	err = o.db.View(ctx, func(ctx context.Context, tx *store.Tx) error {
		return o.eachSheet(ctx, tx, numbers, func(no int64, s *sheet.Sheet) error {
			byDemand := allocatedMembers(s)
			for _, p := range of[no] {
				list[p.receipt].Members[p.allocation] = byDemand[p.demand]
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// assessedMembers reads the members of an assessment's sheet.
func assessedMembers(s *sheet.Sheet) []AssessedMember {
	out := make([]AssessedMember, s.Rows())
	member, declared, base, employer, person, basis := s.Ints("member"), s.Ints("declared"), s.Ints("base"), s.Ints("employer_part"), s.Ints("person_part"), s.Texts("basis")
	for i := range out {
		out[i] = AssessedMember{Member: registration.MemberNo(member[i]), Declared: money.Amount(declared[i]), Base: money.Amount(base[i]), Employer: money.Amount(employer[i]),
			Person: money.Amount(person[i]), Basis: Basis(basis[i])}
	}
	return out
}

// allocatedMembers reads the members of an allocation sheet, by demand.
func allocatedMembers(s *sheet.Sheet) map[int32][]AllocatedMember {
	demands, members, employer, person := s.Ints("demand"), s.Ints("member"), s.Ints("employer_part"), s.Ints("person_part")
	byDemand := map[int32][]AllocatedMember{}
	for i, demand := range demands {
		if members[i] != 0 {
			byDemand[int32(demand)] = append(byDemand[int32(demand)], AllocatedMember{Member: registration.MemberNo(members[i]), Employer: money.Amount(employer[i]),
				Person: money.Amount(person[i])})
		}
	}
	return byDemand
}
