package collection

import (
	"context"

	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/sheet"
)

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
			c.already.Add(&Fault{Code: ErrInvalid, Row: i + 1, Field: "account", Detail: "is empty or stands twice", Hint: "give each account once"})
		}
		seen[payer.Account] = true
	}
	if len(payers) == 0 {
		c.already.Addf(ErrMissing, "payers", "give at least one", "none")
	}
	c.inspect = func(ctx context.Context, s *session, faults *Faults) error {
		known, err := s.registered(ctx, mapped(payers, func(p *Payer) registration.EmployerNo { return p.Employer }))
		if err != nil {
			return err
		}
		for i, payer := range payers {
			if payer.Employer != 0 && !isIn(known, payer.Employer) {
				fault := unknownEmployer(payer.Employer)
				fault.Row = i + 1
				faults.Add(fault)
			}
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
