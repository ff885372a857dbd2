package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/accounts/bank/iso20022"
	"github.com/fundledger/fundledger/benefits/pension"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration"
	"github.com/fundledger/fundledger/registration/scheme"
)

// award is a pension as it was determined, in minor units a month by component.
type award struct {
	claim                                    string
	identity                                 string
	name                                     string
	member                                   registration.MemberNo
	first                                    calendar.Month
	died, reported                           calendar.Date // zero while alive
	basic, account, transitional, supplement money.Amount
	determination                            pension.Determination
	published                                string
}

func (w *award) total() money.Amount { return w.basic + w.account + w.transitional + w.supplement }

// parts are the components of n months, on the benefit accounts they belong to.
func (w *award) parts(n money.Amount) []accounts.Part {
	var parts []accounts.Part
	for _, p := range []accounts.Part{part(accounts.RoleBasicPension, w.basic), part(accounts.RoleAccountPension, w.account),
		part(accounts.RoleTransitionalPension, w.transitional), part(accounts.RolePensionSupplement, w.supplement)} {
		if p.Amount *= n; p.Amount != 0 {
			parts = append(parts, p)
		}
	}
	return parts
}

// due reports whether a month is paid: as far as the agency knows on the day of the run.
func (w *award) due(month calendar.Month, day calendar.Date) bool {
	return month >= w.first && (w.died == 0 || w.reported > day || month <= w.died.Month())
}

// determine computes all claims by the rules of the place that each was filed in, and writes each determination with its trace.
func (a *area) determine() error {
	for _, r := range a.lists["claims"] {
		w, err := a.determineClaim(r)
		if err != nil {
			return fmt.Errorf("%s:%d: claim %s: %w", r.file, r.line, r.text("claim"), err)
		}
		a.awards = append(a.awards, w)
		var text bytes.Buffer
		if err := w.determination.WriteText(&text); err != nil {
			return err
		}
		if err := a.write(filepath.Join("determinations", w.claim+".txt"), text.Bytes()); err != nil {
			return err
		}
	}
	for _, r := range a.lists["deaths"] {
		for _, w := range a.awards {
			if w.identity == r.text("identity_number") {
				w.died, w.reported = r.date("day"), r.date("reported")
			}
		}
	}
	return a.err()
}

func (a *area) determineClaim(r row) (*award, error) {
	member, err := a.memberNo(r)
	if err != nil {
		return nil, err
	}
	w := &award{claim: r.text("claim"), identity: r.text("identity_number"), member: member, first: r.month("first_month"), published: r.text("published")}
	for _, m := range a.lists["members"] {
		if m.text("identity_number") == w.identity {
			w.name = m.text("name")
		}
	}
	policy, err := a.law.Policy(scheme.ID("cn."+r.text("place")+".pension.policy"), w.first.First())
	if err != nil {
		return nil, err
	}
	formula, err := pension.NewFormula(*policy.Policy, &policy.Provenance)
	if err != nil {
		return nil, err
	}
	number := func(field string) decimal.NullDecimal {
		d, err := money.ParseDecimal(r.text(field))
		if err != nil {
			r.fault(field, err)
		}
		return decimal.NewNullDecimal(d)
	}
	months, before := r.number("months_total"), r.number("months_before")
	in := pension.Inputs{BaseProvince: number("base"), AverageIndex: number("average_index"), Months: &months, AccountBalance: number("account_balance"),
		DivisorMonths: number("divisor_months")}
	if before > 0 {
		in.Transitional = []pension.Stretch{{CoefficientPct: number("coefficient_pct"), Months: &before}}
	}
	if r.text("extra") != "" {
		in.Extras = []pension.MemberFigure{{Name: r.text("extra"), Amount: number("extra_amount")}}
	}
	d, err := formula.Determine(in)
	if err != nil {
		return nil, err
	}
	w.determination = d
	for amount, of := range map[*money.Amount]decimal.Decimal{&w.basic: d.Basic, &w.account: d.AccountPension, &w.transitional: d.Transitional,
		&w.supplement: d.Total.Sub(d.Basic).Sub(d.AccountPension).Sub(d.Transitional)} {
		if *amount, err = cny.FromDecimal(of); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// retire records the retirements of the claims that begin in a month.
func (a *area) retire(ctx context.Context, month calendar.Month) error {
	for _, r := range a.lists["claims"] {
		if r.month("first_month") != month {
			continue
		}
		member, err := a.memberNo(r)
		if err != nil {
			return err
		}
		spec := registration.RetirementSpec{Member: member, Day: r.date("retired"), Ground: r.text("ground"), Reference: "claim " + r.text("claim")}
		if _, err := a.registry.RecordRetirements(ctx, a.order("retirement "+r.text("claim"), month.First()), spec); err != nil {
			return err
		}
	}
	return nil
}

// orderPensions writes the payment file of a month (pain.001) and returns its total and its hash. The bank debits it five days later; then it is booked.
func (a *area) orderPensions(month calendar.Month) (money.Amount, error) {
	day := month.First().AddDays(9)
	a.today = day
	batch := bank.PaymentBatch{ID: fmt.Sprintf("PENSION-%06d", month), ExecutionDate: day.AddDays(5), Purpose: "SSBE", Debit: bank.Account{ID: "expenditure",
		Kind: bank.ExpenditureAccount, Currency: cny, Holder: bank.Party{Name: a.Name + "社会保险基金管理中心", AccountNumber: a.Accounts["expenditure"], BankName: "虚构银行", BankCode: "590100000001"}}}
	for _, w := range a.awards {
		if w.due(month, day) {
			batch.Orders = append(batch.Orders, bank.PaymentOrder{EndToEnd: fmt.Sprintf("P%06d-%s", month, w.claim), Amount: w.total(), Remittance: month.String() + " 养老金",
				Creditor: bank.Party{Name: w.name, AccountNumber: a.payee(w.identity, day), BankName: "虚构银行", BankCode: "590300000003"}})
		}
	}
	total, err := batch.Total()
	if err != nil || len(batch.Orders) == 0 {
		return total, err
	}
	file := &bank.PaymentFile{ID: batch.ID, Created: a.clock(), Initiator: a.Name + "社会保险基金管理中心", Batches: []bank.PaymentBatch{batch}}
	var text bytes.Buffer
	if err := iso20022.WritePayments(&text, file, iso20022.PaymentOptions{}); err != nil {
		return 0, err
	}
	return total, a.write(filepath.Join("payments", batch.ID+".pain001.xml"), text.Bytes())
}

// payee is the account that a pensioner is paid on, as known on a day.
func (a *area) payee(identity string, day calendar.Date) string {
	account := a.payees[identity]
	for _, r := range a.lists["payee_changes"] {
		if r.text("identity_number") == identity && r.date("day") <= day {
			account = r.text("account")
		}
	}
	return account
}

// runSource names a payment file as the source of its entry, by its SHA-256.
func (a *area) runSource(month calendar.Month) (ledger.Source, error) {
	name := fmt.Sprintf("PENSION-%06d.pain001.xml", month)
	text, err := os.ReadFile(filepath.Join(a.out, "payments", name))
	hash := sha256.Sum256(text)
	return ledger.Source{Kind: "payment file", ID: name, Hash: hash[:]}, err
}
