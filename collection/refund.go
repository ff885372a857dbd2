package collection

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/fault"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/sheet"
)

// KindRefund is the title of a refund sheet and the kind of source of its entry.
const KindRefund = "collection.refund"

// KindIdentification is the act that says whose an item is when nothing is allocated yet.
const KindIdentification = "collection.identification"

// Identification says whose an item in suspense is (暂收款认领).
type Identification struct {
	Item     int32
	Employer registration.EmployerNo
}

// Identified is what became of an item. Done.First is its number.
type Identified struct {
	Done
	Item Item
}

// Identify finds an item its employer and allocates it to his demands, as on the day that the money came: the principal becomes income (E4c) with the members'
// rights, the surcharge other income. What he does not owe stays in the item, which is his from then on; identify it again when he owes. The error is *Faults, or one
// of the chart, the ledger or the store.
func (o *Office) Identify(ctx context.Context, order Order, i Identification) (Identified, error) {
	done, err := o.run(ctx, order, func() command { return o.identification(order, i) })
	if err != nil {
		return Identified{}, err
	}
	item, err := o.Item(ctx, i.Item)
	return Identified{Done: done, Item: item}, err
}

// IdentifyTx is Identify in the host's transaction.
func (o *Office) IdentifyTx(ctx context.Context, tx store.Handle, order Order, i Identification) (Identified, error) {
	done, err := o.performTx(ctx, tx, order, o.identification(order, i))
	if err != nil {
		return Identified{}, err
	}
	item, err := o.item(ctx, o.db.Join(tx), i.Item)
	return Identified{Done: done, Item: item}, err
}

func (o *Office) identification(order Order, i Identification) command {
	return command{kind: KindIdentification, moves: true, digest: digestOf(order, i), carry: func(ctx context.Context, s *session) (Done, error) {
		item, err := s.item(ctx, s.tx, i.Item)
		if err != nil {
			return Done{}, err
		}
		if item.Employer != 0 && item.Employer != i.Employer {
			return Done{}, fault.One(ErrMismatch, "employer", "identify it as his", "item %d is employer %d's, not employer %d's", item.No, item.Employer, i.Employer)
		}
		if _, err := s.registry.In(s.tx.Handle()).Employer(ctx, s.fund.Book().Realm, i.Employer, 0); err != nil {
			return Done{}, err
		}
		return s.identify(ctx, &item, i.Employer)
	}}
}

func (s *session) identify(ctx context.Context, item *Item, employer registration.EmployerNo) (Done, error) {
	if item.Remaining == 0 {
		return Done{}, fault.One(ErrNothing, "item", "look at the allocations of its receipt", "item %d is used up since %v", item.No, item.Settled)
	}
	from, err := s.receipt(ctx, s.tx, item.Receipt)
	if err != nil {
		return Done{}, err
	}
	advice := ledger.Attachment{Name: "bank advice " + strconv.Itoa(int(item.Receipt)), Hash: from.LineHash[:]}
	p := posting{session: s, receipt: item.Receipt, item: item.No, employer: employer, paid: item.Opened, hash: from.LineHash,
		papers: append([]ledger.Attachment{advice}, s.order.Documents...)}
	owed, rights, err := p.apply(ctx, item.Remaining)
	if err != nil {
		return Done{}, err
	}
	var principal, surcharge, act ledger.Seq
	if p.principal > 0 {
		if principal, err = p.confirm(ctx, "E4c", item.Kind, accounts.RoleContributions, p.principal, rights); err != nil {
			return Done{}, err
		}
	}
	if p.surcharge > 0 {
		if surcharge, err = p.confirm(ctx, "E5c", item.Kind, accounts.RoleSurcharge, p.surcharge, nil); err != nil {
			return Done{}, err
		}
	}
	if len(p.parts) == 0 {
		if item.Employer != 0 {
			return Done{}, fault.One(ErrNothing, "item", "wait until he owes, or refund it", "employer %d owes nothing", employer)
		}
		if act, err = s.act(ctx, KindIdentification, map[string]any{"item": item.No, "employer": employer}, from.LineHash); err != nil {
			return Done{}, err
		}
	}
	if err := owed.write(ctx); err != nil {
		return Done{}, err
	}
	if err := s.insertAllocations(ctx, p.allocations(cmp.Or(principal, surcharge))); err != nil {
		return Done{}, err
	}
	return Done{Seq: cmp.Or(principal, surcharge, act), First: int64(item.No), Count: 1}, s.use(ctx, item, employer, p.principal+p.surcharge, s.order.Effective)
}

// apply shares an amount of an item among the employer's open demands and their members, keeps the allocation sheet and makes the members' rights.
func (p *posting) apply(ctx context.Context, amount money.Amount) (*receivables, []fund.Right, error) {
	owed, err := p.receivables(ctx, []registration.EmployerNo{p.employer})
	if err != nil {
		return nil, nil, err
	}
	if err := owed.spread(p, amount); err != nil {
		return nil, nil, err
	}
	if err := owed.load(ctx); err != nil {
		return nil, nil, err
	}
	if err := owed.distribute(p); err != nil {
		return nil, nil, err
	}
	if err := p.keepAllocation(ctx); err != nil {
		return nil, nil, err
	}
	members := p.credited()
	found, err := p.accountsOf(ctx, members)
	if err != nil {
		return nil, nil, err
	}
	if err := p.openAccounts(ctx, without(found, members), found); err != nil {
		return nil, nil, err
	}
	return owed, p.creditRights(len(members), found), nil
}

// confirm posts what of an item in suspense turns out to be: no money moves.
func (p *posting) confirm(ctx context.Context, event string, from ItemKind, as accounts.Role, amount money.Amount, rights []fund.Right) (ledger.Seq, error) {
	posted, err := p.fund.PostTx(ctx, p.tx.Handle(), p.event(event, []accounts.Part{{Role: from.role(), Amount: amount}, {Role: as, Amount: amount}}, rights))
	return posted.Seq, err
}

// use takes an amount from an item.
func (s *session) use(ctx context.Context, item *Item, employer registration.EmployerNo, amount money.Amount, day calendar.Date) error {
	var settled calendar.Date
	if amount == item.Remaining {
		settled = day
	}
	_, err := s.tx.Exec(ctx, `UPDATE collection_item SET employer_no = ?, remaining = remaining - ?, settled_day = ? WHERE realm_id = ? AND book_no = ? AND item_no = ?`,
		append([]any{int32(employer), int64(amount), int32(settled)}, s.bookArgs(item.No)...)...)
	return err
}

// RefundOrder says what goes back (退费): an item in suspense, or contributions of a demand that is settled.
type RefundOrder struct {
	Item    int32        // or Demand
	Amount  money.Amount // of an item; zero for all of it
	Demand  int32
	Members []registration.MemberNo // of the demand, whose contributions go back; all of them when empty

	Payee  string        // account number that the money goes to; that of the payer if empty
	Reason string        // why it goes to another account than the payer's; required then (audit rule C13)
	From   accounts.Role // account of money that pays; accounts.RoleExpenditureAccount if empty
}

// Refunded is what went back.
type Refunded struct {
	Done
	Refund Refund
}

// Refund pays back an item in suspense (E4b), or the contributions of members (E15a in the year in which they came, E15b afterwards) and takes their rights back by the
// same entry. The order's Effective is the day on which the bank paid. The error is *Faults, or one of the chart, the ledger (ledger.ErrBelowZero where a member
// has spent his account) or the store.
func (o *Office) Refund(ctx context.Context, order Order, refund RefundOrder) (Refunded, error) {
	done, err := o.run(ctx, order, func() command { return o.refunding(order, refund) })
	if err != nil {
		return Refunded{}, err
	}
	var out Refund
	err = o.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		out, err = o.refund(ctx, tx, int32(done.First))
		return err
	})
	return Refunded{Done: done, Refund: out}, err
}

// RefundTx is Refund in the host's transaction.
func (o *Office) RefundTx(ctx context.Context, tx store.Handle, order Order, refund RefundOrder) (Refunded, error) {
	done, err := o.performTx(ctx, tx, order, o.refunding(order, refund))
	if err != nil {
		return Refunded{}, err
	}
	out, err := o.refund(ctx, o.db.Join(tx), int32(done.First))
	return Refunded{Done: done, Refund: out}, err
}

func (o *Office) refunding(order Order, asked RefundOrder) command {
	c := command{kind: KindRefund, moves: true, digest: digestOf(order, asked)}
	if (asked.Item == 0) == (asked.Demand == 0) || asked.Amount < 0 || asked.Demand != 0 && asked.Amount != 0 || asked.Item != 0 && len(asked.Members) > 0 {
		c.already.Addf(ErrInvalid, "refund", "give an item with an amount, or a demand with members", "item %d, demand %d, amount %d", asked.Item, asked.Demand, asked.Amount)
	}
	if len(order.Documents) == 0 {
		c.already.Addf(ErrMissing, "documents", "attach the application and the bank's advice by name and SHA-256", "none")
	}
	if asked.From == "" {
		asked.From = accounts.RoleExpenditureAccount
	}
	c.carry = func(ctx context.Context, s *session) (Done, error) {
		s.head.refunds++
		r := &refunding{session: s, asked: asked, Refund: Refund{No: s.head.refunds, Demand: asked.Demand, Item: asked.Item, Paid: order.Effective, Payee: asked.Payee, Reason: asked.Reason}}
		if asked.Item != 0 {
			return r.item(ctx)
		}
		return r.contributions(ctx)
	}
	return c
}

// refunding is a refund under way.
type refunding struct {
	*session
	Refund
	asked   RefundOrder
	shares  []AllocatedMember
	sheetOf *sheet.Sheet
	hash    [sha256.Size]byte // of the refund sheet; of the bank's line for an item
}

// payee settles where the money goes, and refuses another account than the payer's without a reason.
func (r *refunding) payee(payer string) error {
	r.Payer = payer
	if r.Payee == "" {
		r.Payee = payer
	}
	switch {
	case r.Payee == "":
		return fault.One(ErrMissing, "payee", "name the account that the money goes to", "the bank did not say who had paid")
	case r.Payee != payer && r.Reason == "":
		return fault.One(ErrMismatch, "payee", "say why, or pay it back to where it came from", "the account is not the one that had paid")
	}
	return nil
}

// item refunds an item in suspense.
func (r *refunding) item(ctx context.Context) (Done, error) {
	item, err := r.session.item(ctx, r.tx, r.asked.Item)
	if err != nil {
		return Done{}, err
	}
	if r.Amount = r.asked.Amount; r.Amount == 0 {
		r.Amount = item.Remaining
	}
	if r.Amount > item.Remaining || r.Amount == 0 {
		return Done{}, fault.One(ErrTooMuch, "amount", "refund what remains", "item %d has %s left, %s is asked for", item.No, r.currency.Text(item.Remaining), r.currency.Text(r.Amount))
	}
	from, err := r.receipt(ctx, r.tx, item.Receipt)
	if err == nil {
		err = r.payee(from.Payer)
	}
	if err != nil {
		return Done{}, err
	}
	r.Event, r.hash = "E4b", from.LineHash
	if err := r.post(ctx, item.Kind.role(), nil); err != nil {
		return Done{}, err
	}
	return r.write(ctx, r.use(ctx, &item, item.Employer, r.Amount, r.order.Effective))
}

// contributions refunds what members' contributions came to.
func (r *refunding) contributions(ctx context.Context) (Done, error) {
	demands, err := r.demands(ctx, r.tx, `demand_no = ?`, r.asked.Demand)
	if err != nil {
		return Done{}, err
	}
	if len(demands) == 0 {
		return Done{}, fault.One(ErrUnknown, "demand", "check the number", "there is no demand %d", r.asked.Demand)
	}
	d := &demands[0]
	if d.Outstanding() != 0 || d.ReplacedBy != 0 {
		return Done{}, fault.One(ErrNotSettled, "demand", "correct the declaration and assess the month again", "demand %d is not paid in full: %s is open", d.No, r.currency.Text(d.Outstanding()))
	}
	if err := r.choose(ctx, d); err != nil {
		return Done{}, err
	}
	original, err := r.origin(ctx, d)
	if err != nil {
		return Done{}, err
	}
	if r.Event, err = r.fund.Chart().ReturnEvent(accounts.PremiumRefund, original, r.order.Effective); err != nil {
		return Done{}, err
	}
	rights, err := r.takeBack(ctx, d)
	if err != nil {
		return Done{}, err
	}
	if r.Refund.sheet, r.hash, err = r.keep(ctx, r.sheetOf); err != nil {
		return Done{}, err
	}
	debit := accounts.RoleContributions
	if r.Event == "E15b" {
		debit = accounts.RoleOtherExpenditure
	}
	if err := r.post(ctx, debit, rights); err != nil {
		return Done{}, err
	}
	_, err = r.tx.Exec(ctx, `UPDATE collection_demand SET refunded = refunded + ? WHERE realm_id = ? AND book_no = ? AND demand_no = ?`,
		append([]any{int64(r.Amount)}, r.bookArgs(d.No)...)...)
	return r.write(ctx, err)
}

// choose finds the members whose contributions go back, and refuses those who had theirs back before.
func (r *refunding) choose(ctx context.Context, d *Demand) error {
	before, err := r.refunds(ctx, r.tx, indexed(r.tx, "collection_refund_demand"), `demand_no = ?`, d.No)
	if err != nil {
		return err
	}
	wanted := []int64{d.sheet}
	for i := range before {
		wanted = append(wanted, before[i].sheet)
	}
	sheets, err := r.sheets(ctx, r.tx, wanted)
	if err != nil {
		return err
	}
	gone := map[int64]int32{}
	for i := range before {
		for _, member := range sheets[before[i].sheet].Ints("member") {
			gone[member] = before[i].No
		}
	}
	var faults Faults
	var members, employer, person []int64
	for _, share := range sharesOf(sheets[d.sheet]) {
		no := registration.MemberNo(share.Member)
		switch asked := slices.Contains(r.asked.Members, no); {
		case len(r.asked.Members) > 0 && !asked, len(r.asked.Members) == 0 && gone[share.Member] != 0:
			continue
		case gone[share.Member] != 0:
			faults.Addf(ErrRefunded, "members", "leave him out", "member %d had his contributions of demand %d back by refund %d", no, d.No, gone[share.Member])
		}
		members, employer, person = append(members, share.Member), append(employer, int64(share.Employer)), append(person, int64(share.Person))
		r.EmployerPart, r.PersonPart = r.EmployerPart+share.Employer, r.PersonPart+share.Person
		r.shares = append(r.shares, AllocatedMember{Member: no, Employer: share.Employer, Person: share.Person})
	}
	for _, no := range r.asked.Members {
		if !slices.ContainsFunc(r.shares, func(share AllocatedMember) bool { return share.Member == no }) {
			faults.Addf(ErrUnknown, "members", "check the number", "demand %d is not for member %d", d.No, no)
		}
	}
	if r.Amount = r.EmployerPart + r.PersonPart; r.Amount == 0 && len(faults.List) == 0 {
		faults.Addf(ErrRefunded, "demand", "look at its refunds", "nothing of demand %d is left to refund", d.No)
	}
	if err := faults.Err(); err != nil {
		return err
	}
	r.sheetOf, err = sheet.New(KindRefund, sheet.Ints("member", members), sheet.Ints("employer_part", employer), sheet.Ints("person_part", person))
	return err
}

// origin says when the money that goes back became income, and finds its payer. Of a demand that was paid in several years, the latest year goes back first, as long as
// it covers the refund.
func (r *refunding) origin(ctx context.Context, d *Demand) (calendar.Date, error) {
	list, err := r.allocations(ctx, r.tx, "collection_allocation_demand", `demand_no = ?`, d.No)
	if err != nil {
		return 0, err
	}
	var last Allocation
	for _, a := range list {
		if a.Principal > 0 && a.Effective >= last.Effective {
			last = a
		}
	}
	covered := -d.Refunded
	for _, a := range list {
		if a.Effective.Year() == last.Effective.Year() {
			covered += a.Principal
		}
	}
	if covered < r.Amount {
		return 0, fault.One(ErrTooMuch, "members", "refund fewer members at once, and correct the rest by vouchers of each year",
			"of demand %d, %s became income in %d and is not refunded; %s is asked for", d.No, r.currency.Text(max(0, covered)), last.Effective.Year(), r.currency.Text(r.Amount))
	}
	from, err := r.receipt(ctx, r.tx, last.Receipt)
	if err != nil {
		return 0, err
	}
	return last.Effective, r.payee(from.Payer)
}

// takeBack makes the rights that are taken from the members' accounts.
func (r *refunding) takeBack(ctx context.Context, d *Demand) ([]fund.Right, error) {
	if r.session.rights == nil {
		return nil, nil
	}
	members := int64s(r.shares, func(share *AllocatedMember) int64 { return int64(share.Member) })
	found, err := r.accountsOf(ctx, members)
	if err != nil {
		return nil, err
	}
	if missing := without(found, members); len(missing) > 0 {
		return nil, fault.One(ErrUnknown, "member", "run Verify", "members %s have no personal account", clip(fmt.Sprint(missing)))
	}
	var rights []fund.Right
	for _, share := range r.shares {
		if share.Person > 0 {
			rights = append(rights, fund.Right{Account: found[int64(share.Member)], Amount: -share.Person, Month: d.Month, Tag: personal.TagRefund})
		}
	}
	return rights, nil
}

// post posts the entry of the refund.
func (r *refunding) post(ctx context.Context, debit accounts.Role, rights []fund.Right) error {
	posted, err := r.fund.PostTx(ctx, r.tx.Handle(), fund.Event{
		Event: r.Event, Key: keyPrefix + r.order.Key, Effective: r.order.Effective, EnteredBy: r.order.EnteredBy, ApprovedBy: r.order.ApprovedBy,
		Source: ledger.Source{Kind: KindRefund, ID: fmt.Sprintf("refund %d", r.No), Hash: r.hash[:]}, Attachments: r.order.Documents,
		Metadata: map[string]string{"refund": strconv.Itoa(int(r.No))}, Parts: []accounts.Part{{Role: debit, Amount: r.Amount}, {Role: r.asked.From, Amount: r.Amount}}, Rights: rights,
	})
	r.Seq = posted.Seq
	return err
}

// write writes the refund, unless an error came before.
func (r *refunding) write(ctx context.Context, err error) (Done, error) {
	if err != nil {
		return Done{}, err
	}
	return Done{Seq: r.Seq, First: int64(r.No), Count: 1}, r.tx.Insert(ctx, "collection_refund", r.keys(store.Fixed("refund_no", r.No), store.Fixed("demand_no", r.Demand),
		store.Fixed("item_no", r.Item), store.Fixed("seq", int64(r.Seq)), store.Fixed("paid_day", int32(r.Paid)), store.Fixed("event", r.Event),
		store.Fixed("amount", int64(r.Amount)), store.Fixed("employer_part", int64(r.EmployerPart)), store.Fixed("person_part", int64(r.PersonPart)),
		store.Fixed("payer_account", r.Payer), store.Fixed("payee_account", r.Payee), store.Fixed("reason", r.Reason), store.Fixed("sheet_no", r.Refund.sheet))...)
}
