package collection

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
)

const kindReceipt = "receipt" // of the commands that lines of the bank are

// The bounds of a page of lines: what is read for them at once, and how many rights wait for their entries to be posted.
const (
	pageLines  = 100
	pageRights = 50_000
)

// reception is the taking of bank lines under way. Everything that goes wrong with a line is kept, and the other lines are tried too; the caller takes back what was
// written when anything did.
type reception struct {
	*session
	lines  []bankLine
	faults Faults
	causes []error // of the faults, as they were found

	drafts []ledger.Draft
	posts  []func(ledger.Seq) // what is to know the number of each draft's entry
	places []int              // the line of each
	rights int                // in the drafts
}

// bankLine is one line, and its receipt.
type bankLine struct {
	arrival *Arrival
	digest  string
	posting
	Receipt
	done   Done
	same   int  // place of the line before that is the same one; its own otherwise
	closed bool // nothing is to be done for it: it was received before, or cannot be
}

func (o *Office) reception(tx *store.Tx, order Order, arrivals []Arrival) *reception {
	r := &reception{session: o.session(tx, order), lines: make([]bankLine, len(arrivals))}
	for i := range arrivals {
		l, a := &r.lines[i], &arrivals[i]
		of := *r.session
		of.order = a.complete(order)
		*l = bankLine{arrival: a, digest: digestOf(of.order, a.Employer), posting: posting{session: &of, paid: a.day(), hash: a.Line.Hash}, same: i,
			Receipt: Receipt{Key: of.order.Key, BankAccount: a.AccountID, BankReference: a.Line.BankReference, LineHash: a.Line.Hash, Paid: a.day(),
				Effective: of.order.Effective, Payer: a.Line.Counterparty.AccountNumber, Amount: a.Line.Amount}}
	}
	return r
}

// carry takes the lines.
func (r *reception) carry(ctx context.Context) error {
	r.check()
	if err := r.lock(ctx); err != nil {
		return err
	}
	if err := r.replays(ctx); err != nil {
		return err
	}
	if err := r.match(ctx); err != nil {
		return err
	}
	var page []int
	for i := range r.lines {
		if !r.lines[i].closed {
			page = append(page, i)
		}
		if len(page) == pageLines || len(page) > 0 && i == len(r.lines)-1 {
			if err := r.take(ctx, page); err != nil {
				return err
			}
			page = page[:0]
		}
	}
	if err := r.err(); err != nil {
		return err
	}
	return r.finish(ctx)
}

// check finds what is wrong with the order and the lines by themselves.
func (r *reception) check() {
	head := r.order
	head.Key = kindReceipt // each line has its own, and where the order names no day its own day
	if head.Effective == 0 && len(r.lines) > 0 {
		head.Effective = r.lines[0].arrival.day()
	}
	head.check(true, &r.faults)
	if len(r.lines) == 0 {
		r.faults.Addf(ErrMissing, "lines", "give at least one", "none")
	}
	for _, fault := range r.faults.List {
		r.causes = append(r.causes, fault)
	}
	for i := range r.lines {
		for _, fault := range r.lines[i].arrival.check(r.currency) {
			r.refuse(i, fault)
		}
	}
}

// refuse keeps what is wrong with a line.
func (r *reception) refuse(i int, cause error) {
	r.lines[i].closed = true
	r.causes = append(r.causes, cause)
	fault, ours := cause.(*Fault) //nolint:errorlint // a fault that is wrapped is the cause of another one
	if !ours {
		fault = &Fault{Code: ErrRefused, Detail: cause.Error(), Err: cause}
	}
	if len(r.lines) > 1 {
		fault.Row = i + 1
	}
	r.faults.Add(fault)
}

// blame keeps what is wrong with a line, unless the error is one that stops everything.
func (r *reception) blame(i int, err error) error {
	var fatal *store.Error
	switch list, many := err.(interface{ Unwrap() []error }); { //nolint:errorlint // several errors joined are taken apart
	case err == nil:
	case errors.As(err, &fatal), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case many:
		for _, one := range list.Unwrap() {
			if err := r.blame(i, one); err != nil {
				return err
			}
		}
	default:
		r.refuse(i, err)
	}
	return nil
}

// err is everything that went wrong. What the chart or the ledger alone has against a single line is given as it is.
func (r *reception) err() error {
	ours := slices.ContainsFunc(r.causes, func(err error) bool { _, ours := err.(*Fault); return ours }) //nolint:errorlint // as above
	if len(r.lines) == 1 && len(r.causes) == 1 && !ours {
		return r.causes[0]
	}
	if len(r.lines) == 1 && !ours {
		return errors.Join(r.causes...)
	}
	return r.faults.Err()
}

// replays answers lines that were received before, or that stand among the lines before them.
func (r *reception) replays(ctx context.Context) error {
	first := make(map[string]int, len(r.lines))
	keys := make([]string, 0, len(r.lines))
	for i := range r.lines {
		l := &r.lines[i]
		if before, twice := first[l.Key]; !twice {
			first[l.Key] = i
			keys = append(keys, l.Key)
		} else if l.same, l.closed = before, true; r.lines[before].digest != l.digest {
			r.refuse(i, reused(l.Key, kindReceipt, "line "+strconv.Itoa(before+1)))
		}
	}
	return r.tx.Each(ctx, `SELECT key, kind, digest, seq, first_no, rows_count FROM collection_command WHERE realm_id = ? AND book_no = ? AND `+r.tx.Dialect().Among("key"),
		r.bookArgs(r.tx.Dialect().Texts(keys)), func(rows *store.Rows) error {
			var key, kind, digest string
			done := Done{Replayed: true}
			if err := rows.Scan(&key, &kind, &digest, &done.Seq, &done.First, &done.Count); err != nil {
				return err
			}
			i := first[key]
			if l := &r.lines[i]; kind == kindReceipt && digest == l.digest {
				l.done, l.closed = done, true
			} else {
				r.refuse(i, reused(key, kind, "entry "+strconv.FormatInt(int64(done.Seq), 10)))
			}
			return nil
		})
}

// take takes a page of lines, from queries for all of them.
func (r *reception) take(ctx context.Context, page []int) error {
	var employers []registration.EmployerNo
	for _, i := range page {
		if no := r.lines[i].Employer; no != 0 {
			employers = append(employers, no)
		}
	}
	owed, err := r.receivables(ctx, employers)
	if err != nil {
		return err
	}
	for _, i := range page {
		l := &r.lines[i]
		r.head.receipts++
		l.No = r.head.receipts
		l.receipt, l.employer, l.left = l.No, l.Employer, l.Amount
		l.papers = append([]ledger.Attachment{{Name: "bank advice " + strconv.Itoa(int(l.No)), Hash: l.LineHash[:]}}, l.order.Documents...)
		if l.Employer != 0 {
			if err := r.blame(i, owed.spread(&l.posting, l.Amount)); err != nil {
				return err
			}
		}
		l.Principal, l.Surcharge, l.Suspense = l.principal, l.surcharge, l.left
	}
	if err := owed.load(ctx); err != nil {
		return err
	}
	var members []int64
	for _, i := range page {
		if err := r.blame(i, owed.distribute(&r.lines[i].posting)); err != nil {
			return err
		}
		members = append(members, r.lines[i].credited()...)
	}
	found, err := r.accountsOf(ctx, members)
	if err != nil {
		return err
	}
	for _, i := range page {
		if r.lines[i].closed {
			continue
		}
		if err := r.propose(ctx, i, found); err != nil {
			return err
		}
	}
	if err := r.post(ctx); err != nil || len(r.causes) > 0 {
		return err
	}
	if err := owed.write(ctx); err != nil {
		return err
	}
	return r.write(ctx, page)
}

// propose makes the drafts of a line: the premium with the members' rights, the surcharge, what is left.
func (r *reception) propose(ctx context.Context, i int, found map[int64]ledger.AccountNo) error {
	l := &r.lines[i]
	if err := l.keepAllocation(ctx); err != nil {
		return r.blame(i, err)
	}
	members := l.credited()
	if missing := without(found, members); len(missing) > 0 {
		if err := r.post(ctx); err != nil { // the entries of the lines before stand before the act that opens these accounts
			return err
		}
		if err := l.openAccounts(ctx, missing, found); err != nil {
			return r.blame(i, err)
		}
	}
	kind := ItemCredit
	if l.Employer == 0 {
		kind = ItemUnidentified
	}
	for _, e := range []struct {
		event  string
		amount money.Amount
		credit accounts.Role
		rights []fund.Right
		seq    *ledger.Seq
	}{
		{r.config.PremiumEvent, l.Principal, accounts.RoleContributions, l.creditRights(len(members), found), &l.PrincipalSeq},
		{"E5", l.Surcharge, accounts.RoleSurcharge, nil, &l.SurchargeSeq},
		{"E4a", l.Suspense, kind.role(), nil, &l.SuspenseSeq},
	} {
		if e.amount == 0 {
			continue
		}
		draft, err := r.fund.Draft(l.event(e.event, []accounts.Part{{Role: r.config.PremiumAccount, Amount: e.amount}, {Role: e.credit, Amount: e.amount}}, e.rights))
		if err := r.blame(i, err); err != nil {
			return err
		}
		r.drafts, r.places, r.rights = append(r.drafts, draft), append(r.places, i), r.rights+len(e.rights)
		r.posts = append(r.posts, func(seq ledger.Seq) { *e.seq = seq })
	}
	if r.rights >= pageRights {
		return r.post(ctx)
	}
	return nil
}

// post posts the drafts that wait.
func (r *reception) post(ctx context.Context) error {
	drafts, posts, places := r.drafts, r.posts, r.places
	r.drafts, r.posts, r.places, r.rights = nil, nil, nil, 0
	for at := len(drafts) - 1; at >= 0; at-- { // a line that is refused already has nothing to post
		if r.lines[places[at]].closed {
			drafts, posts, places = cut(drafts, at), cut(posts, at), cut(places, at)
		}
	}
	if len(drafts) == 0 {
		return nil
	}
	receipts, err := r.fund.Ledger().PostAllTx(ctx, r.tx.Handle(), r.fund.Book(), drafts)
	if err != nil {
		return r.refused(err, places)
	}
	for i := range receipts {
		posts[i](receipts[i].Seq)
	}
	return nil
}

func cut[T any](list []T, at int) []T { return append(list[:at:at], list[at+1:]...) }

// refused blames what the ledger has against drafts on their lines. A fault that names no draft is everybody's: it goes to the first line.
func (r *reception) refused(err error, places []int) error {
	var fatal *store.Error
	if errors.As(err, &fatal) {
		return err
	}
	faults, ok := errors.AsType[ledger.Faults](err)
	if !ok {
		one, ok := errors.AsType[*ledger.Error](err)
		if !ok {
			return err
		}
		faults = ledger.Faults{one}
	}
	for _, fault := range faults {
		i := places[max(0, fault.Draft)]
		one := *fault
		one.Draft = -1 // the row says which
		r.refuse(i, &one)
	}
	return nil
}

// write writes the rows of a page of lines.
func (r *reception) write(ctx context.Context, page []int) error {
	var parts []allocated
	for _, i := range page {
		l := &r.lines[i]
		l.Receipt.sheet = l.posting.sheet
		parts = append(parts, l.allocations(cmp.Or(l.PrincipalSeq, l.SurchargeSeq))...)
		if l.Suspense > 0 {
			r.head.items++
			l.Item = r.head.items
		}
		l.done = Done{Seq: cmp.Or(l.PrincipalSeq, l.SurchargeSeq, l.SuspenseSeq), First: int64(l.No), Count: 1}
	}
	if err := r.insertAllocations(ctx, parts); err != nil {
		return err
	}
	if err := r.insertReceipts(ctx, page); err != nil {
		return err
	}
	if err := r.insertItems(ctx, page); err != nil {
		return err
	}
	lines := r.at(page)
	return r.tx.Insert(ctx, "collection_command", r.keys(store.Texts("key", texts(lines, func(l **bankLine) string { return (*l).Key })), store.Fixed("kind", kindReceipt),
		store.Texts("digest", texts(lines, func(l **bankLine) string { return (*l).digest })),
		store.Int64s("seq", int64s(lines, func(l **bankLine) int64 { return int64((*l).done.Seq) })),
		store.Int64s("first_no", int64s(lines, func(l **bankLine) int64 { return (*l).done.First })), store.Fixed("rows_count", int32(1)))...)
}

func (r *reception) at(page []int) []*bankLine {
	return mapped(page, func(i *int) *bankLine { return &r.lines[*i] })
}

func (r *reception) insertReceipts(ctx context.Context, page []int) error {
	lines := r.at(page)
	number := func(name string, of func(l *Receipt) int32) store.Column {
		return store.Int32s(name, int32s(lines, func(l **bankLine) int32 { return of(&(*l).Receipt) }))
	}
	long := func(name string, of func(l *Receipt) int64) store.Column {
		return store.Int64s(name, int64s(lines, func(l **bankLine) int64 { return of(&(*l).Receipt) }))
	}
	text := func(name string, of func(l *Receipt) string) store.Column {
		return store.Texts(name, texts(lines, func(l **bankLine) string { return of(&(*l).Receipt) }))
	}
	return r.tx.Insert(ctx, "collection_receipt", r.keys(number("receipt_no", func(l *Receipt) int32 { return l.No }), text("line_key", func(l *Receipt) string { return l.Key }),
		text("bank_account", func(l *Receipt) string { return l.BankAccount }), text("bank_reference", func(l *Receipt) string { return l.BankReference }),
		text("line_hash", func(l *Receipt) string { return hex.EncodeToString(l.LineHash[:]) }), number("paid_day", func(l *Receipt) int32 { return int32(l.Paid) }),
		number("effective_day", func(l *Receipt) int32 { return int32(l.Effective) }), text("payer_account", func(l *Receipt) string { return l.Payer }),
		long("amount", func(l *Receipt) int64 { return int64(l.Amount) }), number("employer_no", func(l *Receipt) int32 { return int32(l.Employer) }),
		text("matched_by", func(l *Receipt) string { return l.MatchedBy }), long("principal", func(l *Receipt) int64 { return int64(l.Principal) }),
		long("surcharge", func(l *Receipt) int64 { return int64(l.Surcharge) }), long("suspense", func(l *Receipt) int64 { return int64(l.Suspense) }),
		long("principal_seq", func(l *Receipt) int64 { return int64(l.PrincipalSeq) }), long("surcharge_seq", func(l *Receipt) int64 { return int64(l.SurchargeSeq) }),
		long("suspense_seq", func(l *Receipt) int64 { return int64(l.SuspenseSeq) }), long("sheet_no", func(l *Receipt) int64 { return l.sheet }),
		number("item_no", func(l *Receipt) int32 { return l.Item }))...)
}

// insertItems opens the items of what is left of lines.
func (r *reception) insertItems(ctx context.Context, page []int) error {
	var items []Item
	for _, l := range r.at(page) {
		if l.Item == 0 {
			continue
		}
		kind := ItemCredit
		if l.Employer == 0 {
			kind = ItemUnidentified
		}
		items = append(items, Item{No: l.Item, Receipt: l.No, Kind: kind, Opened: l.Paid, Amount: l.Suspense, Seq: l.SuspenseSeq, Employer: l.Employer})
	}
	if len(items) == 0 {
		return nil
	}
	return r.tx.Insert(ctx, "collection_item", r.keys(store.Int32s("item_no", int32s(items, func(i *Item) int32 { return i.No })),
		store.Int32s("receipt_no", int32s(items, func(i *Item) int32 { return i.Receipt })), store.Texts("kind", texts(items, func(i *Item) string { return string(i.Kind) })),
		store.Int32s("opened_day", int32s(items, func(i *Item) int32 { return int32(i.Opened) })), store.Int64s("amount", int64s(items, func(i *Item) int64 { return int64(i.Amount) })),
		store.Int64s("seq", int64s(items, func(i *Item) int64 { return int64(i.Seq) })), store.Int32s("employer_no", int32s(items, func(i *Item) int32 { return int32(i.Employer) })),
		store.Int64s("remaining", int64s(items, func(i *Item) int64 { return int64(i.Amount) })), store.Fixed("settled_day", int32(0)))...)
}

// received reads the receipts of the lines.
func (r *reception) received(ctx context.Context, tx *store.Tx) ([]Received, error) {
	out := make([]Received, len(r.lines))
	numbers := make([]int64, len(r.lines))
	for i := range r.lines {
		l := &r.lines[r.lines[i].same]
		out[i].Done, numbers[i] = l.done, l.done.First
		out[i].Replayed = out[i].Replayed || l != &r.lines[i]
	}
	found := make(map[int64]Receipt, len(numbers))
	for from := 0; from < len(numbers); from += pageRows {
		list, err := r.receipts(ctx, tx, tx.Dialect().Among("receipt_no")+` ORDER BY receipt_no`, tx.Dialect().Ints(numbers[from:min(from+pageRows, len(numbers))]))
		if err != nil {
			return nil, err
		}
		for _, receipt := range list {
			found[int64(receipt.No)] = receipt
		}
	}
	for i := range out {
		out[i].Receipt = found[numbers[i]]
	}
	return out, nil
}
