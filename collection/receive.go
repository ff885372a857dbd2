package collection

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
)

// Arrival is one line of a bank statement by which money came in (到账).
type Arrival struct {
	AccountID  string                  // the own account, as bank.Statement names it
	Line       bank.Line               // of money in; a collective booking is split first (bank.Line.Split)
	Occurrence int                     // tells lines apart that the bank did not: the second of two equal lines without a bank reference has 1
	Employer   registration.EmployerNo // whose money it is, where a person decided; zero lets the references and the payer's account decide
}

// day is the day that counts as the day of payment: the bank's booking day, or its value day where it gives no other.
func (a *Arrival) day() calendar.Date {
	if a.Line.BookingDate != 0 {
		return a.Line.BookingDate
	}
	return a.Line.ValueDate
}

// key is the content of the line: where the bank numbers its bookings by account, number, day, amount and reference, else by the line's bytes.
func (a *Arrival) key() string {
	hash := sha256.New()
	writeRow(hash, a.AccountID, a.Line.BankReference, a.day(), a.Line.Amount, a.Line.EndToEnd, a.Occurrence)
	if a.Line.BankReference == "" {
		hash.Write(a.Line.Hash[:])
	}
	return "receipt " + hex.EncodeToString(hash.Sum(nil))
}

// Received is what became of a line of the bank.
type Received struct {
	Done
	Receipt Receipt
}

// Receive takes a line of the bank (收款): finds the employer, allocates the money to his demands by the policy, and posts it in one transaction: the premium (E1, or
// E3a where taxes are collected by treasury) with the members' rights, the surcharge (E5), and what is left or not identified as a temporary receipt (E4a). The
// effective day is the bank's booking day unless the order names one; the order's key is not looked at, the content of the line takes its place. The same line
// received again is answered with its receipt. The error is *Faults, or one of the chart, the ledger or the store.
func (o *Office) Receive(ctx context.Context, order Order, arrival Arrival) (Received, error) {
	return theOne(o.ReceiveAll(ctx, order, []Arrival{arrival}))
}

// ReceiveTx is Receive in the host's transaction.
func (o *Office) ReceiveTx(ctx context.Context, tx store.Handle, order Order, arrival Arrival) (Received, error) {
	return theOne(o.ReceiveAllTx(ctx, tx, order, []Arrival{arrival}))
}

// ReceiveAll takes lines of the bank, such as those of a whole statement, in one transaction, all or none. What becomes of each is what Receive would have made of them one
// after another, in their order: the same receipts, entries, numbers and roots (if the ledger's clock and seeds are the same); only fewer queries and one commit.
// Lines that were received before, and lines that stand among them twice, are answered with their receipt. Received follows the order of arrivals.
//
// The error is *Faults with the faults of all lines, by Row; the chart's and the ledger's refusals stand in it as ErrRefused with their cause, so that
// errors.Is(err, ledger.ErrPeriodClosed) finds them. Of one line alone they are given as they are. An error of the store stops at once.
func (o *Office) ReceiveAll(ctx context.Context, order Order, arrivals []Arrival) (received []Received, err error) {
	var r *reception
	err = o.inOwn(ctx, func(ctx context.Context, tx *store.Tx) error {
		r = o.reception(tx, order, arrivals)
		return r.carry(ctx)
	})
	if err != nil {
		return nil, err
	}
	err = o.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		received, err = r.received(ctx, tx)
		return err
	})
	return received, err
}

// ReceiveAllTx is ReceiveAll in the host's transaction.
func (o *Office) ReceiveAllTx(ctx context.Context, tx store.Handle, order Order, arrivals []Arrival) (received []Received, err error) {
	err = o.inHosts(ctx, tx, func(tx *store.Tx) error {
		r := o.reception(tx, order, arrivals)
		err := r.carry(ctx)
		if err == nil {
			received, err = r.received(ctx, tx)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return received, nil
}

func theOne(list []Received, err error) (Received, error) {
	if err != nil {
		return Received{}, err
	}
	return list[0], nil
}

func (a *Arrival) complete(order Order) Order {
	order.Key = a.key()
	if order.Effective == 0 {
		order.Effective = a.day()
	}
	return order
}

// check finds what is wrong with a line by itself.
func (a *Arrival) check(currency money.Currency) []*Fault {
	var faults Faults
	switch line := a.Line; {
	case line.Amount <= 0:
		faults.Addf(ErrInvalid, "amount", "receive only money that comes in", "%s is not above zero", currency.Text(line.Amount))
	case line.Reversal:
		faults.Addf(ErrInvalid, "line", "reverse the entries of the receipt it takes back", "it is a reversal (冲正) of an earlier booking")
	}
	if a.AccountID == "" || !a.day().Valid() {
		faults.Addf(ErrMissing, "line", "give the own account and the booking day", "account %q, day %v", a.AccountID, a.day())
	}
	return faults.List
}

// The ways in which an employer is found.
const (
	MatchedByOrder     = "order"     // a person said so
	MatchedByReference = "reference" // the payment names one of his demands
	MatchedByPayer     = "payer"     // it comes from his account
	MatchedByNothing   = "none"
)

// match finds the employers of lines, from three queries. References of several employers leave it open.
func (r *reception) match(ctx context.Context) error {
	var named []registration.EmployerNo
	var demands []int64
	var payers []string
	for i := range r.lines {
		a := r.lines[i].arrival
		named, demands, payers = append(named, a.Employer), append(demands, a.references()...), append(payers, a.Line.Counterparty.AccountNumber)
	}
	known, err := r.registered(ctx, named)
	if err != nil {
		return err
	}
	byDemand, byPayer := map[int64]registration.EmployerNo{}, map[string]registration.EmployerNo{}
	if err := r.tx.Each(ctx, `SELECT demand_no, employer_no FROM collection_demand WHERE realm_id = ? AND book_no = ? AND `+r.tx.Dialect().Among("demand_no"),
		r.bookArgs(r.tx.Dialect().Ints(demands)), func(rows *store.Rows) error {
			var no int64
			var employer registration.EmployerNo
			err := rows.Scan(&no, &employer)
			byDemand[no] = employer
			return err
		}); err != nil {
		return err
	}
	if err := r.tx.Each(ctx, `SELECT account, employer_no FROM collection_payer WHERE realm_id = ? AND book_no = ? AND superseded_seq = 0 AND employer_no <> 0 AND `+
		r.tx.Dialect().Among("account"), r.bookArgs(r.tx.Dialect().Texts(payers)), func(rows *store.Rows) error {
		var account string
		var employer registration.EmployerNo
		err := rows.Scan(&account, &employer)
		byPayer[account] = employer
		return err
	}); err != nil {
		return err
	}
	for i := range r.lines {
		l := &r.lines[i]
		l.Employer, l.MatchedBy = l.arrival.match(byDemand, byPayer)
		if l.MatchedBy == MatchedByOrder && !isIn(known, l.Employer) {
			r.refuse(i, unknownEmployer(l.Employer))
		}
	}
	return nil
}

func (a *Arrival) references() []int64 {
	return references(strings.Join([]string{a.Line.EndToEnd, a.Line.CreditorReference, a.Line.Remittance}, "\n"))
}

// match finds the employer of a line among the employers of demands and of payers' accounts.
func (a *Arrival) match(byDemand map[int64]registration.EmployerNo, byPayer map[string]registration.EmployerNo) (registration.EmployerNo, string) {
	if a.Employer != 0 {
		return a.Employer, MatchedByOrder
	}
	named := map[registration.EmployerNo]bool{}
	for _, no := range a.references() {
		if employer, ok := byDemand[no]; ok {
			named[employer] = true
		}
	}
	if len(named) == 1 {
		return slices.Collect(maps.Keys(named))[0], MatchedByReference
	}
	if employer, ok := byPayer[a.Line.Counterparty.AccountNumber]; ok {
		return employer, MatchedByPayer
	}
	return 0, MatchedByNothing
}

// registered finds those of some employers that there are.
func (s *session) registered(ctx context.Context, employers []registration.EmployerNo) (map[registration.EmployerNo]registration.Employer, error) {
	return s.registry.In(s.tx.Handle()).EmployersByNumber(ctx, s.fund.Book().Realm, employers, 0)
}

func isIn[K comparable, V any](found map[K]V, key K) bool {
	_, ok := found[key]
	return ok
}

func unknownEmployer(no registration.EmployerNo) *Fault {
	return &Fault{Code: ErrEmployerUnknown, Field: "employer", Detail: fmt.Sprintf("employer %d is not registered", no), Hint: "register it first, or correct the number",
		Err: registration.ErrEmployerUnknown}
}

// ItemKind says why money stands in suspense (暂收款).
type ItemKind string

// The kinds.
const (
	ItemUnidentified ItemKind = "unidentified" // 待核实款项: nobody knows yet whose it is
	ItemCredit       ItemKind = "credit"       // 多缴: an employer paid more than he owed
)

// role is the account that holds items of the kind.
func (k ItemKind) role() accounts.Role {
	if k == ItemUnidentified {
		return accounts.RoleUnidentifiedReceipt
	}
	return accounts.RoleTemporaryReceipt
}
