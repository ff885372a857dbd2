package sources

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/collection"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme"
)

// Collection gives assessments, demands and receipts of one collection office (征缴), as they stand when a rule reads them. What the bank credited is the host's to
// give from the bank's own statements (audit.BankCreditsSource).
type Collection struct {
	Office *collection.Office
}

// Sources returns the sources for audit.New.
func (c Collection) Sources() []audit.Source {
	return []audit.Source{audit.AssessmentsSource.Given(c), audit.DemandsSource.Given(c), audit.ReceiptsSource.Given(c)}
}

// Identity names the fund's book as it stands.
func (c Collection) Identity(ctx context.Context) (string, error) {
	return identityOf(ctx, c.Office.Fund())
}

func identityOf(ctx context.Context, f *fund.Fund) (string, error) {
	book, err := f.Ledger().Book(ctx, f.Book())
	return fmt.Sprintf("book %v after entry %d, root %x", f.Book(), book.Seq, book.Root), err
}

func (c Collection) origin(id string, seq ledger.Seq) audit.Origin {
	return audit.Origin{Book: c.Office.Fund().Book(), ID: id, Seq: seq, Currency: fund.Currency()}
}

// demandID names a demand; number 0 is none.
func demandID(no int32) string {
	if no == 0 {
		return ""
	}
	return fmt.Sprintf("demand %d", no)
}

// Assessed implements audit.Assessments: the assessments that stand, member by member from their sealed sheets.
func (c Collection) Assessed(ctx context.Context) iter.Seq2[audit.AssessedContribution, error] {
	return func(yield func(audit.AssessedContribution, error) bool) {
		rule := string(c.Office.Config().Scheme)
		for a, err := range c.Office.Assessments(ctx, 0, false) {
			var members []collection.AssessedMember
			if err == nil {
				members, err = c.Office.AssessedMembers(ctx, a)
			}
			if err != nil {
				yield(audit.AssessedContribution{}, err)
				return
			}
			for _, m := range members {
				one := audit.AssessedContribution{
					Origin: c.origin(fmt.Sprintf("assessment %v employer %d member %d", a.Month, a.Employer, m.Member), a.Seq), Person: memberNo(m.Member),
					Employer: employerNo(a.Employer), Scheme: rule, Month: a.Month, Base: m.Base, EmployerDue: m.Employer, PersonDue: m.Person, Demand: demandID(a.Demand),
				}
				if !yield(one, nil) {
					return
				}
			}
		}
	}
}

// Demands implements audit.Demands, with the notices as their steps. Demands whose place others took are left out.
func (c Collection) Demands(ctx context.Context) iter.Seq2[audit.Demand, error] {
	return func(yield func(audit.Demand, error) bool) {
		steps := map[int32][]audit.EnforcementStep{}
		for n, err := range c.Office.Notices(ctx) {
			if err != nil {
				yield(audit.Demand{}, err)
				return
			}
			steps[n.Demand] = append(steps[n.Demand], audit.EnforcementStep{Kind: n.Name, Day: n.Day})
		}
		rule := string(c.Office.Config().Scheme)
		for d, err := range c.Office.Demands(ctx, 0) {
			if err != nil {
				yield(audit.Demand{}, err)
				return
			}
			if d.ReplacedBy != 0 {
				continue
			}
			one := audit.Demand{
				Origin: c.origin(demandID(d.No), d.Assessment), Employer: employerNo(d.Employer), Scheme: rule, Month: d.Month, Issued: d.Issued, Due: d.Due,
				Amount: d.EmployerDue + d.PersonDue, Steps: steps[d.No],
			}
			if !yield(one, nil) {
				return
			}
		}
	}
}

// Receipts implements audit.ContributionReceipts. A receipt's day is the bank's, an allocation's that of its entry, on which accounts were credited.
//
// Where the policy holds money back until a demand is paid in full, that money is allocated to nobody for as long; when the last payment allocates it, the part
// of earlier receipts goes from there, under the demand's name, to the receipt by which the members got it.
func (c Collection) Receipts(ctx context.Context) iter.Seq2[audit.ContributionReceipt, error] {
	return func(yield func(audit.ContributionReceipt, error) bool) {
		months, err := c.months(ctx)
		if err != nil {
			yield(audit.ContributionReceipt{}, err)
			return
		}
		released, err := c.releases(ctx)
		if err != nil {
			yield(audit.ContributionReceipt{}, err)
			return
		}
		for r, err := range c.Office.Receipts(ctx) {
			var one audit.ContributionReceipt
			if err == nil {
				one, err = c.receipt(ctx, &r, months, released)
			}
			if !yield(one, err) || err != nil {
				return
			}
		}
	}
}

// months are the wage months of all demands.
func (c Collection) months(ctx context.Context) (map[int32]calendar.Month, error) {
	months := map[int32]calendar.Month{}
	for d, err := range c.Office.Demands(ctx, 0) {
		if err != nil {
			return nil, err
		}
		months[d.No] = d.Month
	}
	return months, nil
}

// release is money of an allocation that a later allocation of the same demand gave to members.
type release struct {
	amount money.Amount
	day    calendar.Date
}

// releases finds, for each allocation that held money back, what was given to members later.
func (c Collection) releases(ctx context.Context) (map[int64][]release, error) {
	byDemand := map[int32][]collection.Allocation{}
	for r, err := range c.Office.Receipts(ctx) {
		if err != nil {
			return nil, err
		}
		for _, a := range r.Allocations {
			byDemand[a.Demand] = append(byDemand[a.Demand], a)
		}
	}
	released := map[int64][]release{}
	for _, list := range byDemand {
		slices.SortFunc(list, func(a, b collection.Allocation) int { return cmp.Compare(a.No, b.No) })
		left := make([]money.Amount, len(list))
		for i := range list {
			held := held(&list[i])
			left[i] = max(held, 0)
			for j := 0; j < i && held < 0; j++ {
				if part := min(left[j], -held); part > 0 {
					left[j], held = left[j]-part, held+part
					released[list[j].No] = append(released[list[j].No], release{amount: part, day: list[i].Effective})
				}
			}
		}
	}
	return released, nil
}

// held is what an allocation held back; below zero it gave members more than it brought.
func held(a *collection.Allocation) money.Amount { return a.Principal - a.EmployerPart - a.PersonPart }

func (c Collection) receipt(ctx context.Context, r *collection.Receipt, months map[int32]calendar.Month, released map[int64][]release) (audit.ContributionReceipt, error) {
	seq := cmp.Or(r.PrincipalSeq, r.SuspenseSeq, r.SurchargeSeq)
	one := audit.ContributionReceipt{Origin: c.origin(fmt.Sprintf("receipt %d", r.No), seq), Employer: employerNo(r.Employer), Day: r.Paid, Amount: r.Amount}
	one.Hash = r.LineHash[:]
	var fromItem money.Amount
	for i := range r.Allocations {
		a := &r.Allocations[i]
		if a.Item != 0 {
			fromItem += a.Principal + a.SurchargePaid
		}
		list, err := c.allocations(ctx, a, months[a.Demand], released[a.No])
		if err != nil {
			return one, err
		}
		one.Allocations = append(one.Allocations, list...)
	}
	if r.Item == 0 {
		return one, nil
	}
	item, err := c.Office.Item(ctx, r.Item)
	if err != nil {
		return one, err
	}
	if item.Employer != 0 {
		one.Held, one.Employer = item.Remaining, employerNo(item.Employer)
	}
	one.Refunded = item.Amount - item.Remaining - fromItem
	return one, nil
}

func (c Collection) allocations(ctx context.Context, a *collection.Allocation, month calendar.Month, released []release) ([]audit.Allocation, error) {
	members, err := c.Office.AllocatedMembers(ctx, *a)
	if err != nil {
		return nil, err
	}
	var list []audit.Allocation
	add := func(person string, part audit.Part, amount money.Amount, day calendar.Date) {
		if amount != 0 {
			list = append(list, audit.Allocation{
				Person: person, Scheme: string(c.Office.Config().Scheme), Month: month, Part: part, Amount: amount, Day: day, Demand: demandID(a.Demand),
			})
		}
	}
	for _, m := range members {
		add(memberNo(m.Member), audit.PersonPart, m.Person, a.Effective)
		add(memberNo(m.Member), audit.EmployerPart, m.Employer, a.Effective)
	}
	add("", audit.SurchargePart, a.SurchargePaid, a.Effective)
	left := held(a)
	if left < 0 {
		add(demandID(a.Demand), audit.EmployerPart, left, a.Effective)
		return list, nil
	}
	for _, r := range released {
		add(demandID(a.Demand), audit.EmployerPart, r.amount, r.day)
		left -= r.amount
	}
	add("", audit.EmployerPart, left, a.Effective)
	return list, nil
}

// Law gives limits and rates of contributions from the catalogue of dated law (费率与基数上下限), apart from what assessments say that they applied.
type Law struct {
	Catalogue     *scheme.Catalogue
	Parameters    collection.Parameters
	LimitRounding money.Rounding // of floor and cap
	Rounding      money.Rounding // of each member's two parts
	Currency      money.Currency
}

// Sources returns the source for audit.New.
func (l Law) Sources() []audit.Source { return []audit.Source{audit.ContributionLawSource.Given(l)} }

// Terms implements audit.ContributionLaw, as the law stands on the first day of the wage month.
func (l Law) Terms(_ context.Context, of *audit.AssessedContribution) (audit.ContributionTerms, bool, error) {
	if !of.Month.Valid() {
		return audit.ContributionTerms{}, false, nil
	}
	values := make([]scheme.Value, 5)
	for i, id := range []scheme.ID{l.Parameters.AverageWage, l.Parameters.Floor, l.Parameters.Cap, l.Parameters.EmployerRate, l.Parameters.PersonRate} {
		var err error
		if values[i], err = l.Catalogue.At(id, of.Month.First()); err != nil {
			return audit.ContributionTerms{}, false, err
		}
	}
	limits, err := collection.Limits(values[0], values[1], values[2], l.Currency, l.LimitRounding)
	if err != nil {
		return audit.ContributionTerms{}, false, err
	}
	return audit.ContributionTerms{
		Floor: limits.Floor, Cap: limits.Cap, EmployerRate: values[3].Number, PersonRate: values[4].Number, Rounding: l.Rounding,
		Source: fmt.Sprintf("%s; %s; %s", values[0].Provenance.Source, values[3].Provenance.Source, values[4].Provenance.Source),
	}, true, nil
}
