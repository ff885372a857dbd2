package collection

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/sheet"
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
// effective day is the bank's booking day unless the order names one. The same line received again is answered with its receipt. The error is *Faults, or one
// of the chart, the ledger or the store.
func (o *Office) Receive(ctx context.Context, order Order, arrival Arrival) (Received, error) {
	order = arrival.complete(order)
	done, err := o.run(ctx, order, func() command { return o.receiving(order, arrival) })
	if err != nil {
		return Received{}, err
	}
	receipt, err := o.Receipt(ctx, int32(done.First))
	return Received{Done: done, Receipt: receipt}, err
}

// ReceiveTx is Receive in the host's transaction.
func (o *Office) ReceiveTx(ctx context.Context, tx store.Handle, order Order, arrival Arrival) (Received, error) {
	order = arrival.complete(order)
	done, err := o.performTx(ctx, tx, order, o.receiving(order, arrival))
	if err != nil {
		return Received{}, err
	}
	receipt, err := o.receipt(ctx, o.db.Join(tx), int32(done.First))
	return Received{Done: done, Receipt: receipt}, err
}

func (a *Arrival) complete(order Order) Order {
	order.Key = a.key()
	if order.Effective == 0 {
		order.Effective = a.day()
	}
	return order
}

func (o *Office) receiving(order Order, arrival Arrival) command {
	c := command{kind: "receipt", moves: true, digest: digestOf(order, arrival.Employer)}
	switch line := arrival.Line; {
	case line.Amount <= 0:
		c.already.addf(ErrInvalid, "amount", "receive only money that comes in", "%s is not above zero", o.currency.Text(line.Amount))
	case line.Reversal:
		c.already.addf(ErrInvalid, "line", "reverse the entries of the receipt it takes back", "it is a reversal (冲正) of an earlier booking")
	}
	if arrival.AccountID == "" || !arrival.day().Valid() {
		c.already.addf(ErrMissing, "line", "give the own account and the booking day", "account %q, day %v", arrival.AccountID, arrival.day())
	}
	c.carry = func(ctx context.Context, s *session) (Done, error) {
		r := &Receipt{Key: order.Key, BankAccount: arrival.AccountID, BankReference: arrival.Line.BankReference, LineHash: arrival.Line.Hash, Paid: arrival.day(),
			Effective: order.Effective, Payer: arrival.Line.Counterparty.AccountNumber, Amount: arrival.Line.Amount}
		var err error
		if r.Employer, r.MatchedBy, err = s.match(ctx, &arrival); err != nil {
			return Done{}, err
		}
		return s.receive(ctx, r)
	}
	return c
}

// The ways in which an employer is found.
const (
	MatchedByOrder     = "order"     // a person said so
	MatchedByReference = "reference" // the payment names one of his demands
	MatchedByPayer     = "payer"     // it comes from his account
	MatchedByNothing   = "none"
)

// match finds the employer of a line. References of several employers leave it open.
func (s *session) match(ctx context.Context, a *Arrival) (registration.EmployerNo, string, error) {
	if a.Employer != 0 {
		_, err := s.registry.In(s.tx.Handle()).Employer(ctx, s.fund.Book().Realm, a.Employer, 0)
		return a.Employer, MatchedByOrder, err
	}
	if numbers := references(strings.Join([]string{a.Line.EndToEnd, a.Line.CreditorReference, a.Line.Remittance}, "\n")); len(numbers) > 0 {
		named := map[registration.EmployerNo]bool{}
		var employer registration.EmployerNo
		if err := query(ctx, s.tx, `SELECT employer_no FROM collection_demand WHERE realm_id = ? AND book_no = ? AND `+s.tx.Dialect().Among("demand_no"),
			s.bookArgs(s.tx.Dialect().Ints(numbers)), func(rows *store.Rows) error {
				err := rows.Scan(&employer)
				named[employer] = true
				return err
			}); err != nil {
			return 0, "", err
		}
		if len(named) == 1 {
			return employer, MatchedByReference, nil
		}
	}
	var employer registration.EmployerNo
	err := s.tx.QueryRow(ctx, `SELECT employer_no FROM collection_payer WHERE realm_id = ? AND book_no = ? AND account = ? AND superseded_seq = 0`,
		s.bookArgs(a.Line.Counterparty.AccountNumber)...).Scan(&employer)
	if errors.Is(err, sql.ErrNoRows) || err == nil && employer == 0 {
		return 0, MatchedByNothing, nil
	}
	return employer, MatchedByPayer, err
}

// receive allocates and posts a receipt.
func (s *session) receive(ctx context.Context, r *Receipt) (Done, error) {
	s.head.receipts++
	r.No = s.head.receipts
	advice := ledger.Attachment{Name: "bank advice " + strconv.Itoa(int(r.No)), Hash: r.LineHash[:]}
	p := posting{session: s, receipt: r.No, employer: r.Employer, paid: r.Paid, papers: append([]ledger.Attachment{advice}, s.order.Documents...), hash: r.LineHash}
	left := r.Amount
	if r.Employer != 0 {
		if err := p.apply(ctx, r.Amount); err != nil {
			return Done{}, err
		}
		left = p.left
	}
	var err error
	if r.Principal = p.principal; r.Principal > 0 {
		if r.PrincipalSeq, err = p.post(ctx, s.config.PremiumEvent, s.arrived(r.Principal, accounts.RoleContributions), p.rights); err != nil {
			return Done{}, err
		}
	}
	if r.Surcharge = p.surcharge; r.Surcharge > 0 {
		if r.SurchargeSeq, err = p.post(ctx, "E5", s.arrived(r.Surcharge, accounts.RoleSurcharge), nil); err != nil {
			return Done{}, err
		}
	}
	if r.Suspense = left; left > 0 {
		kind := ItemCredit
		if r.Employer == 0 {
			kind = ItemUnidentified
		}
		if r.SuspenseSeq, err = p.post(ctx, "E4a", s.arrived(left, kind.role()), nil); err != nil {
			return Done{}, err
		}
		if r.Item, err = s.suspend(ctx, r, kind); err != nil {
			return Done{}, err
		}
	}
	if err := p.write(ctx, firstOf(r.PrincipalSeq, r.SurchargeSeq)); err != nil {
		return Done{}, err
	}
	r.sheet = p.sheet
	return Done{Seq: firstOf(r.PrincipalSeq, r.SurchargeSeq, r.SuspenseSeq), First: int64(r.No), Count: 1}, s.insertReceipt(ctx, r)
}

// arrived are the parts of money that came in.
func (s *session) arrived(amount money.Amount, credit accounts.Role) []accounts.Part {
	return []accounts.Part{{Role: s.config.PremiumAccount, Amount: amount}, {Role: credit, Amount: amount}}
}

// firstOf is the first entry that was made.
func firstOf(seqs ...ledger.Seq) ledger.Seq {
	for _, seq := range seqs {
		if seq != 0 {
			return seq
		}
	}
	return 0
}

func (s *session) insertReceipt(ctx context.Context, r *Receipt) error {
	return s.tx.Insert(ctx, "collection_receipt", s.keys(store.Fixed("receipt_no", r.No), store.Fixed("line_key", r.Key), store.Fixed("bank_account", r.BankAccount),
		store.Fixed("bank_reference", r.BankReference), store.Fixed("line_hash", hex.EncodeToString(r.LineHash[:])), store.Fixed("paid_day", int32(r.Paid)),
		store.Fixed("effective_day", int32(r.Effective)), store.Fixed("payer_account", r.Payer), store.Fixed("amount", int64(r.Amount)),
		store.Fixed("employer_no", int32(r.Employer)), store.Fixed("matched_by", r.MatchedBy), store.Fixed("principal", int64(r.Principal)),
		store.Fixed("surcharge", int64(r.Surcharge)), store.Fixed("suspense", int64(r.Suspense)), store.Fixed("principal_seq", int64(r.PrincipalSeq)),
		store.Fixed("surcharge_seq", int64(r.SurchargeSeq)), store.Fixed("suspense_seq", int64(r.SuspenseSeq)), store.Fixed("sheet_no", r.sheet),
		store.Fixed("item_no", r.Item))...)
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

// suspend opens an item for what is left of a receipt.
func (s *session) suspend(ctx context.Context, r *Receipt, kind ItemKind) (int32, error) {
	s.head.items++
	return s.head.items, s.tx.Insert(ctx, "collection_item", s.keys(store.Fixed("item_no", s.head.items), store.Fixed("receipt_no", r.No),
		store.Fixed("kind", string(kind)), store.Fixed("opened_day", int32(r.Paid)), store.Fixed("amount", int64(r.Suspense)), store.Fixed("seq", int64(r.SuspenseSeq)),
		store.Fixed("employer_no", int32(r.Employer)), store.Fixed("remaining", int64(r.Suspense)), store.Fixed("settled_day", int32(0)))...)
}

// Payer is an account that an employer pays from. Employer zero takes the account from whom it belonged to.
type Payer struct {
	Account  string
	Employer registration.EmployerNo
}

// SetPayers records which employers' money comes from which accounts (缴费账户), for Receive to find them by. The account numbers stay out of the ledger; the act seals
// a digest of each under the registry's key.
func (o *Office) SetPayers(ctx context.Context, order Order, payers ...Payer) (Done, error) {
	return o.run(ctx, order, func() command { return o.setPayers(order, payers) })
}

// SetPayersTx is SetPayers in the host's transaction.
func (o *Office) SetPayersTx(ctx context.Context, tx store.Handle, order Order, payers ...Payer) (Done, error) {
	return o.performTx(ctx, tx, order, o.setPayers(order, payers))
}

func (o *Office) setPayers(order Order, payers []Payer) command {
	c := command{kind: KindPayers, moves: true, digest: digestOf(order, payers)}
	seen := map[string]bool{}
	for i, payer := range payers {
		if payer.Account == "" || seen[payer.Account] {
			c.already.add(&Fault{Code: ErrInvalid, Row: i + 1, Field: "account", Detail: "is empty or stands twice", Hint: "give each account once"})
		}
		seen[payer.Account] = true
	}
	if len(payers) == 0 {
		c.already.addf(ErrMissing, "payers", "give at least one", "none")
	}
	c.inspect = func(ctx context.Context, s *session, faults *Faults) error {
		known := map[registration.EmployerNo]bool{0: true}
		for i, payer := range payers {
			if !known[payer.Employer] {
				_, err := s.registry.In(s.tx.Handle()).Employer(ctx, s.fund.Book().Realm, payer.Employer, 0)
				switch {
				case isUnknownEmployer(err):
					faults.add(&Fault{Code: ErrEmployerUnknown, Row: i + 1, Field: "employer", Detail: err.Error(), Err: err})
				case err != nil:
					return err
				}
			}
			known[payer.Employer] = true
		}
		return nil
	}
	c.carry = func(ctx context.Context, s *session) (Done, error) { return s.writePayers(ctx, payers) }
	return c
}

func (s *session) writePayers(ctx context.Context, payers []Payer) (Done, error) {
	digests := make([]sheet.Digest, len(payers))
	for i := range payers {
		digests[i] = s.registry.Key().Digest("payer account", payers[i].Account)
	}
	accounts, employers := texts(payers, func(p *Payer) string { return p.Account }), int32s(payers, func(p *Payer) int32 { return int32(p.Employer) })
	kept, err := sheet.New(KindPayers, sheet.Digests("account", digests), sheet.Ints("employer", int64s(payers, func(p *Payer) int64 { return int64(p.Employer) })))
	if err != nil {
		return Done{}, err
	}
	_, hash, err := s.keep(ctx, kept)
	if err != nil {
		return Done{}, err
	}
	seq, err := s.act(ctx, KindPayers, map[string]any{"payers": len(payers)}, hash)
	if err != nil {
		return Done{}, err
	}
	if _, err := s.tx.Exec(ctx, `UPDATE collection_payer SET superseded_seq = ? WHERE realm_id = ? AND book_no = ? AND superseded_seq = 0 AND `+s.tx.Dialect().Among("account"),
		append([]any{int64(seq)}, s.bookArgs(s.tx.Dialect().Texts(accounts))...)...); err != nil {
		return Done{}, err
	}
	return Done{Seq: seq, First: int64(seq), Count: len(payers)}, s.tx.Insert(ctx, "collection_payer", s.keys(store.Texts("account", accounts), store.Fixed("seq", int64(seq)),
		store.Int32s("employer_no", employers), store.Fixed("superseded_seq", int64(0)))...)
}
