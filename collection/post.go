package collection

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/collection/allocation"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/sheet"
)

// KindAllocation is the title of an allocation sheet and the kind of source of the entries it belongs to.
const KindAllocation = "collection.allocation"

// posting is money on its way to demands and into the books.
type posting struct {
	*session
	receipt  int32
	item     int32 // that the money is taken from; zero when it comes straight from the bank
	employer registration.EmployerNo
	paid     calendar.Date
	papers   []ledger.Attachment
	hash     [sha256.Size]byte // of the allocation sheet; before there is one, of the bank's line

	parts                      []demandPart
	principal, surcharge, left money.Amount
	rights                     []fund.Right
	sheet                      int64
}

// demandPart is what one demand gets.
type demandPart struct {
	demand *Demand
	allocation.Portion
	members          []allocation.MemberShare
	employer, person money.Amount // sums of members
}

// apply shares an amount among the employer's open demands and their members, and keeps the allocation sheet.
func (p *posting) apply(ctx context.Context, amount money.Amount) error {
	direction := map[allocation.Order]string{allocation.OldestMonth: `month, demand_no`, allocation.NewestMonth: `month DESC, demand_no`}[p.config.Allocation.Order]
	demands, err := p.demands(ctx, p.tx, `employer_no = ? AND settled_day = 0 AND replaced_seq = 0 ORDER BY `+direction, int32(p.employer))
	if err != nil {
		return err
	}
	owed := make([]allocation.Owed, len(demands))
	for i := range demands {
		d := &demands[i]
		owed[i] = allocation.Owed{Due: d.Due, Principal: d.Outstanding(), Surcharge: d.SurchargeDue - d.SurchargePaid}
	}
	portions, left, err := p.config.Allocation.Spread(amount, p.paid, owed, p.surchargeOn)
	if err != nil {
		return err
	}
	p.left = left
	for i, portion := range portions {
		if portion.Principal != 0 || portion.SurchargePaid != 0 {
			p.parts = append(p.parts, demandPart{demand: &demands[i], Portion: portion})
			p.principal, p.surcharge = p.principal+portion.Principal, p.surcharge+portion.SurchargePaid
		}
	}
	if len(p.parts) == 0 {
		return nil
	}
	if err := p.distribute(ctx); err != nil {
		return err
	}
	if err := p.keepAllocation(ctx); err != nil {
		return err
	}
	return p.creditRights(ctx)
}

func (s *session) surchargeOn(principal money.Amount, due, paid calendar.Date) (money.Amount, error) {
	computed, err := ComputeSurcharge(principal, s.currency, due, paid, s.catalogue, s.config.Surcharge)
	return computed.Amount, err
}

// distribute finds what members get. The sheets of the demands and what was paid on them before are read in a query each.
func (p *posting) distribute(ctx context.Context) error {
	var demands, sheets []int64
	for i := range p.parts {
		if d := p.parts[i].demand; p.parts[i].Principal > 0 {
			demands, sheets = append(demands, int64(d.No)), append(sheets, d.sheet)
		}
	}
	if len(demands) == 0 {
		return nil
	}
	payments := map[int32][]money.Amount{}
	if err := query(ctx, p.tx, `SELECT demand_no, principal FROM collection_allocation WHERE realm_id = ? AND book_no = ? AND `+p.tx.Dialect().Among("demand_no")+
		` ORDER BY demand_no, allocation_no`, p.bookArgs(p.tx.Dialect().Ints(demands)), func(rows *store.Rows) error {
		var no int32
		var principal money.Amount
		err := rows.Scan(&no, &principal)
		payments[no] = append(payments[no], principal)
		return err
	}); err != nil {
		return err
	}
	found, err := p.sheets(ctx, p.tx, sheets)
	if err != nil {
		return err
	}
	for i := range p.parts {
		part := &p.parts[i]
		if part.Principal == 0 {
			continue
		}
		due := sharesOf(found[part.demand.sheet])
		if part.members, err = p.config.Allocation.CreditOnPartial.Distribute(due, append(payments[part.demand.No], part.Principal)); err != nil {
			return err
		}
		for _, share := range part.members {
			part.employer, part.person = part.employer+share.Employer, part.person+share.Person
		}
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

// keepAllocation keeps the allocation sheet: for each demand a row with member zero that holds principal and surcharge, then its members.
func (p *posting) keepAllocation(ctx context.Context) error {
	var columns [7][]int64
	row := func(values ...int64) {
		for i, value := range values {
			columns[i] = append(columns[i], value)
		}
	}
	for i := range p.parts {
		part := &p.parts[i]
		no := int64(part.demand.No)
		row(no, 0, int64(part.Principal), int64(part.SurchargeDue), int64(part.SurchargePaid), int64(part.employer), int64(part.person))
		for _, share := range part.members {
			row(no, share.Member, 0, 0, 0, int64(share.Employer), int64(share.Person))
		}
	}
	kept, err := sheet.New(KindAllocation, sheet.Ints("demand", columns[0]), sheet.Ints("member", columns[1]), sheet.Ints("principal", columns[2]),
		sheet.Ints("surcharge_due", columns[3]), sheet.Ints("surcharge_paid", columns[4]), sheet.Ints("employer_part", columns[5]), sheet.Ints("person_part", columns[6]))
	if err != nil {
		return err
	}
	p.sheet, p.hash, err = p.keep(ctx, kept)
	return err
}

// creditRights makes the members' rights of the person parts.
func (p *posting) creditRights(ctx context.Context) error {
	if p.session.rights == nil {
		return nil
	}
	var members []int64
	for i := range p.parts {
		for _, share := range p.parts[i].members {
			if share.Person > 0 {
				members = append(members, share.Member)
			}
		}
	}
	accounts, err := p.memberAccounts(ctx, members, true)
	if err != nil {
		return err
	}
	p.rights = make([]fund.Right, 0, len(members))
	for i := range p.parts {
		for _, share := range p.parts[i].members {
			if share.Person > 0 {
				p.rights = append(p.rights, fund.Right{Account: accounts[share.Member], Amount: share.Person, Month: p.parts[i].demand.Month, Tag: personal.TagContribution})
			}
		}
	}
	return nil
}

// memberAccounts finds the personal accounts of members, and opens those that are missing.
func (s *session) memberAccounts(ctx context.Context, members []int64, open bool) (map[int64]ledger.AccountNo, error) {
	names := make([]string, 0, len(members))
	seen := make(map[int64]bool, len(members))
	for _, member := range members {
		if !seen[member] {
			seen[member] = true
			names = append(names, strconv.FormatInt(member, 10))
		}
	}
	found, err := s.Office.rights.Accounts(ctx, s.tx.Handle(), names)
	if err != nil {
		return nil, err
	}
	missing := names[:0:0]
	for _, name := range names {
		if _, ok := found[name]; !ok {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 && !open {
		return nil, one(ErrUnknown, "member", "run Verify", "members %s have no personal account", clip(fmt.Sprint(missing)))
	}
	for from := 0; from < len(missing); from += ledger.MaxAccountsPerAct {
		part := missing[from:min(from+ledger.MaxAccountsPerAct, len(missing))]
		numbers, err := s.Office.rights.Open(ctx, s.tx.Handle(), ledger.Act{Key: fmt.Sprintf("%s%s open %d", keyPrefix, s.order.Key, from), Effective: s.order.Effective,
			EnteredBy: s.order.EnteredBy, ApprovedBy: s.order.ApprovedBy, Description: "开立个人账户", Source: ledger.Source{Kind: "collection", ID: s.order.Key}}, part)
		if err != nil {
			return nil, err
		}
		for i, name := range part {
			found[name] = numbers[i]
		}
	}
	accounts := make(map[int64]ledger.AccountNo, len(names))
	for member := range seen {
		accounts[member] = found[strconv.FormatInt(member, 10)]
	}
	return accounts, nil
}

// post posts one event of the posting.
func (p *posting) post(ctx context.Context, event string, parts []accounts.Part, rights []fund.Right) (ledger.Seq, error) {
	posted, err := p.fund.PostTx(ctx, p.tx.Handle(), fund.Event{
		Event: event, Key: keyPrefix + p.order.Key + " " + event, Effective: p.order.Effective, EnteredBy: p.order.EnteredBy, ApprovedBy: p.order.ApprovedBy,
		Source: p.source(), Attachments: p.papers, Metadata: p.metadata(), Parts: parts, Rights: rights,
	})
	return posted.Seq, err
}

func (p *posting) source() ledger.Source {
	return ledger.Source{Kind: KindAllocation, ID: fmt.Sprintf("receipt %d", p.receipt), Hash: p.hash[:]}
}

func (p *posting) metadata() map[string]string {
	metadata := map[string]string{"receipt": strconv.Itoa(int(p.receipt))}
	if p.employer != 0 {
		metadata["employer"] = strconv.Itoa(int(p.employer))
	}
	if p.item != 0 {
		metadata["item"] = strconv.Itoa(int(p.item))
	}
	return metadata
}

// write writes the allocations and moves the demands.
func (p *posting) write(ctx context.Context, seq ledger.Seq) error {
	n := len(p.parts)
	if n == 0 {
		return nil
	}
	numbers := make([]int64, n)
	for i := range p.parts {
		p.head.allocations++
		numbers[i] = p.head.allocations
		if err := p.move(ctx, &p.parts[i]); err != nil {
			return err
		}
	}
	long := func(name string, of func(part *demandPart) money.Amount) store.Column {
		return store.Int64s(name, int64s(p.parts, func(part *demandPart) int64 { return int64(of(part)) }))
	}
	return p.tx.Insert(ctx, "collection_allocation", p.keys(store.Int64s("allocation_no", numbers),
		store.Int32s("demand_no", int32s(p.parts, func(part *demandPart) int32 { return part.demand.No })), store.Fixed("receipt_no", p.receipt),
		store.Fixed("item_no", p.item), store.Fixed("seq", int64(seq)), store.Fixed("paid_day", int32(p.paid)), store.Fixed("effective_day", int32(p.order.Effective)),
		long("principal", func(part *demandPart) money.Amount { return part.Principal }),
		long("surcharge_due", func(part *demandPart) money.Amount { return part.SurchargeDue }),
		long("surcharge_paid", func(part *demandPart) money.Amount { return part.SurchargePaid }),
		long("employer_part", func(part *demandPart) money.Amount { return part.employer }),
		long("person_part", func(part *demandPart) money.Amount { return part.person }), store.Fixed("sheet_no", p.sheet))...)
}

// move brings a demand up to date with an allocation.
func (p *posting) move(ctx context.Context, part *demandPart) error {
	d := part.demand
	var settled calendar.Date
	if d.Outstanding() == part.Principal && d.SurchargeDue+part.SurchargeDue == d.SurchargePaid+part.SurchargePaid {
		settled = p.paid
	}
	_, err := p.tx.Exec(ctx, `UPDATE collection_demand SET paid = paid + ?, surcharge_due = surcharge_due + ?, surcharge_paid = surcharge_paid + ?,
		employer_allocated = employer_allocated + ?, person_allocated = person_allocated + ?, settled_day = ? WHERE realm_id = ? AND book_no = ? AND demand_no = ?`,
		append([]any{int64(part.Principal), int64(part.SurchargeDue), int64(part.SurchargePaid), int64(part.employer), int64(part.person), int32(settled)},
			p.bookArgs(d.No)...)...)
	return err
}
