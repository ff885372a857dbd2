package collection

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/personal"
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
	sheet                      int64
}

// keepAllocation keeps the allocation sheet: for each demand a row with member zero that holds principal and surcharge, then its members.
func (p *posting) keepAllocation(ctx context.Context) error {
	n := len(p.parts)
	for i := range p.parts {
		n += len(p.parts[i].members)
	}
	if n == 0 {
		return nil
	}
	var columns [7][]int64
	for i := range columns {
		columns[i] = make([]int64, 0, n)
	}
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

// credited lists the members whose accounts the posting credits, in the order of its parts.
func (p *posting) credited() []int64 {
	var members []int64
	if p.session.rights == nil {
		return nil
	}
	for i := range p.parts {
		for _, share := range p.parts[i].members {
			if share.Person > 0 {
				members = append(members, share.Member)
			}
		}
	}
	return members
}

// creditRights makes the members' rights of the person parts.
func (p *posting) creditRights(n int, accounts map[int64]ledger.AccountNo) []fund.Right {
	if n == 0 {
		return nil
	}
	rights := make([]fund.Right, 0, n)
	for i := range p.parts {
		for _, share := range p.parts[i].members {
			if share.Person > 0 {
				rights = append(rights, fund.Right{Account: accounts[share.Member], Amount: share.Person, Month: p.parts[i].demand.Month, Tag: personal.TagContribution})
			}
		}
	}
	return rights
}

// accountsOf finds the personal accounts of members, in one query. Members without one are left out.
func (s *session) accountsOf(ctx context.Context, members []int64) (map[int64]ledger.AccountNo, error) {
	if len(members) == 0 {
		return map[int64]ledger.AccountNo{}, nil
	}
	names := make([]string, 0, len(members))
	numbers := make(map[string]int64, len(members))
	for _, member := range members {
		name := strconv.FormatInt(member, 10)
		if _, twice := numbers[name]; !twice {
			numbers[name] = member
			names = append(names, name)
		}
	}
	found, err := s.Office.rights.Accounts(ctx, s.tx.Handle(), names)
	accounts := make(map[int64]ledger.AccountNo, len(names))
	for name, no := range found {
		accounts[numbers[name]] = no
	}
	return accounts, err
}

// without lists those of some members, each once, who have no account.
func without(accounts map[int64]ledger.AccountNo, members []int64) []int64 {
	var missing []int64
	seen := map[int64]bool{}
	for _, member := range members {
		if _, ok := accounts[member]; !ok && !seen[member] {
			seen[member] = true
			missing = append(missing, member)
		}
	}
	return missing
}

// openAccounts opens the personal accounts of members, and adds them to accounts. They are open from the first month that takes entries, since the lines of a bank are
// not always received in the order of their days.
func (s *session) openAccounts(ctx context.Context, missing []int64, accounts map[int64]ledger.AccountNo) error {
	if len(missing) == 0 {
		return nil
	}
	book, err := s.fund.Ledger().BookTx(ctx, s.tx.Handle(), s.fund.Book())
	if err != nil {
		return err
	}
	opened := min(s.order.Effective, book.ClosedThrough.Next().Month().First())
	for from := 0; from < len(missing); from += ledger.MaxAccountsPerAct {
		part := missing[from:min(from+ledger.MaxAccountsPerAct, len(missing))]
		names := texts(part, func(no *int64) string { return strconv.FormatInt(*no, 10) })
		numbers, err := s.Office.rights.Open(ctx, s.tx.Handle(), ledger.Act{Key: fmt.Sprintf("%s%s open %d", keyPrefix, s.order.Key, from), Effective: opened,
			EnteredBy: s.order.EnteredBy, ApprovedBy: s.order.ApprovedBy, Description: "开立个人账户", Source: ledger.Source{Kind: "collection", ID: s.order.Key}}, names)
		if err != nil {
			return err
		}
		for i, member := range part {
			accounts[member] = numbers[i]
		}
	}
	return nil
}

// event is one event of the posting.
func (p *posting) event(event string, parts []accounts.Part, rights []fund.Right) fund.Event {
	return fund.Event{
		Event: event, Key: keyPrefix + p.order.Key + " " + event, Effective: p.order.Effective, EnteredBy: p.order.EnteredBy, ApprovedBy: p.order.ApprovedBy,
		Source: p.source(), Attachments: p.papers, Metadata: p.metadata(), Parts: parts, Rights: rights,
	}
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

// allocated is a part of a posting whose entry is known.
type allocated struct {
	*demandPart
	of  *posting
	seq ledger.Seq
	no  int64
}

// allocations gives the parts of a posting their numbers.
func (p *posting) allocations(seq ledger.Seq) []allocated {
	list := make([]allocated, len(p.parts))
	for i := range p.parts {
		p.head.allocations++
		list[i] = allocated{&p.parts[i], p, seq, p.head.allocations}
	}
	return list
}

// insertAllocations writes allocations.
func (s *session) insertAllocations(ctx context.Context, list []allocated) error {
	if len(list) == 0 {
		return nil
	}
	number := func(name string, of func(a *allocated) int32) store.Column {
		return store.Int32s(name, int32s(list, of))
	}
	long := func(name string, of func(a *allocated) int64) store.Column {
		return store.Int64s(name, int64s(list, of))
	}
	return s.tx.Insert(ctx, "collection_allocation", s.keys(long("allocation_no", func(a *allocated) int64 { return a.no }),
		number("demand_no", func(a *allocated) int32 { return a.demand.No }), number("receipt_no", func(a *allocated) int32 { return a.of.receipt }),
		number("item_no", func(a *allocated) int32 { return a.of.item }), long("seq", func(a *allocated) int64 { return int64(a.seq) }),
		number("paid_day", func(a *allocated) int32 { return int32(a.of.paid) }),
		number("effective_day", func(a *allocated) int32 { return int32(a.of.order.Effective) }),
		long("principal", func(a *allocated) int64 { return int64(a.Principal) }), long("surcharge_due", func(a *allocated) int64 { return int64(a.SurchargeDue) }),
		long("surcharge_paid", func(a *allocated) int64 { return int64(a.SurchargePaid) }), long("employer_part", func(a *allocated) int64 { return int64(a.employer) }),
		long("person_part", func(a *allocated) int64 { return int64(a.person) }), long("sheet_no", func(a *allocated) int64 { return a.of.sheet }))...)
}
