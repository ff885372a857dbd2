package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/audit/sources"
	"github.com/fundledger/fundledger/benefits"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
)

// evidence is everything the audit reads beside the reconciliations: the sealed books, the records of the services, the bank's own statements and the law.
func (a *area) evidence(ctx context.Context, last calendar.Month, soFar [][]*bank.Statement) ([]audit.Source, error) {
	office, err := a.office(last.Last())
	if err != nil {
		return nil, err
	}
	records, err := a.benefitRecords(ctx)
	if err != nil {
		return nil, err
	}
	records.BankCredits = a.bankCredits(soFar[0])
	books := audit.ReadLedger(a.led, a.book())
	given := append(books.Sources(), sources.Rights{Books: books}.Sources()...)
	given = append(given, sources.Registration{Reader: a.registry.Reader, Realm: a.Realm, Numbers: true}.Sources()...)
	given = append(given, sources.Collection{Office: office}.Sources()...)
	given = append(given, records.Sources()...)
	roles := audit.BookRoles{Codes: map[audit.Role][]string{}}
	for role, id := range map[audit.Role]string{audit.RoleIncomeAccount: "income_account", audit.RoleExpenditureAccount: "expenditure_account", audit.RoleFiscalAccount: "fiscal_account",
		audit.RoleTemporaryPayments: "advances", audit.RoleTemporaryReceipts: "temporary_receipts", audit.RoleContributionIncome: "contributions"} {
		roles.Codes[role] = []string{a.fund.Chart().Chart().Code(accounts.FundID(a.Scheme), id)}
	}
	// Surcharges came with the contributions: what the bank received is compared with both.
	roles.Codes[audit.RoleContributionIncome] = append(roles.Codes[audit.RoleContributionIncome], a.fund.Chart().Chart().Code(accounts.FundID(a.Scheme), "other_income"))
	return append(given, audit.ContributionLawSource.Given(lawAsKnown{a}), audit.InterestLawSource.Given(lawAsKnown{a}), audit.RolesSource.Given(audit.RoleTable{a.book(): roles}),
		audit.AdjustmentsSource.Given(takenOver{a})), nil
}

// lawAsKnown judges an assessment by the law as it was known on the day it was made: the average wage of 2025 came in September.
type lawAsKnown struct{ *area }

// Terms implements audit.ContributionLaw.
func (l lawAsKnown) Terms(ctx context.Context, of *audit.AssessedContribution) (audit.ContributionTerms, bool, error) {
	office, err := l.office(of.Month.First())
	if err != nil {
		return audit.ContributionTerms{}, false, err
	}
	config := office.Config()
	return sources.Law{Catalogue: l.law.KnownOn(of.Month.First().AddDays(4)), Parameters: config.Parameters, LimitRounding: config.LimitRounding, Rounding: config.Rounding,
		Currency: cny}.Terms(ctx, of)
}

// InterestRule implements audit.InterestLaw.
func (l lawAsKnown) InterestRule(_ context.Context, _ ledger.BookID, year int) (personal.InterestRule, bool, error) {
	if year != l.Year {
		return personal.InterestRule{}, false, nil
	}
	rule, _, err := l.interestRule()
	return rule, err == nil, err
}

// SettlementRule implements audit.InterestLaw: this area credits nothing when an account is settled.
func (l lawAsKnown) SettlementRule(context.Context, ledger.BookID, calendar.Date) (personal.InterestRule, bool, error) {
	return personal.InterestRule{}, false, nil
}

// bankCredits are the receipts of contributions as the bank itself shows them.
func (a *area) bankCredits(statements []*bank.Statement) []audit.BankCredit {
	credits := []audit.BankCredit{}
	for _, s := range statements {
		for _, line := range s.Lines {
			if line.Amount > 0 && line.Remittance != interestText {
				credits = append(credits, audit.BankCredit{Origin: audit.Origin{Book: a.book(), ID: line.BankReference, Hash: line.Hash[:], Currency: cny}, BankAccount: "income",
					Day: line.BookingDate, Amount: line.Amount})
			}
		}
	}
	return credits
}

// benefitRecords are awards, payments and recoveries as the benefits service holds them.
func (a *area) benefitRecords(ctx context.Context) (*audit.Records, error) {
	r := &audit.Records{Awards: []audit.Award{}, Payments: []audit.BenefitPayment{}, Grounds: []audit.StopGround{}, Recoveries: []audit.Recovery{}}
	contents := map[int64][]byte{}
	for d, err := range a.benefits.Determinations(ctx) {
		if err != nil {
			return nil, err
		}
		contents[d.Claim] = d.Content
	}
	for w, err := range a.benefits.Awards(ctx) {
		if err != nil {
			return nil, err
		}
		r.Awards = append(r.Awards, audit.Award{Origin: audit.Origin{Book: a.book(), ID: fmt.Sprintf("award %d/%d", w.Claim, w.Version), Seq: w.Seq, Currency: cny},
			Person: strconv.Itoa(int(w.Member)), Benefit: "pension", Start: w.From, Amount: w.Monthly.Total(), Determination: contents[w.Claim]})
	}
	for p, err := range a.benefits.Payments(ctx, benefits.PaymentQuery{}) {
		if err != nil {
			return nil, err
		}
		if p.Kind == benefits.PayHeirs || p.Posted == 0 {
			continue
		}
		r.Payments = append(r.Payments, audit.BenefitPayment{Origin: audit.Origin{Book: a.book(), ID: strconv.FormatInt(p.No, 10), Seq: p.Posted, Currency: cny},
			Person: strconv.Itoa(int(p.Member)), Award: fmt.Sprintf("award %d/%d", p.Claim, p.Version), Benefit: "pension", Month: p.From, Day: p.PostedDay,
			Amount: p.Net(), FromAccount: p.Amounts.AccountPension, Returned: p.Returned != 0})
	}
	return r, a.recoveryRecords(ctx, r)
}

func (a *area) recoveryRecords(ctx context.Context, r *audit.Records) error {
	payments := map[int64][]string{}
	for o, err := range a.benefits.Overpayments(ctx) {
		if err != nil {
			return err
		}
		payments[o.Recovery] = append(payments[o.Recovery], strconv.FormatInt(o.Payment, 10))
	}
	repaid := map[int64][]audit.Repayment{}
	for m, err := range a.benefits.RecoveredAmounts(ctx) {
		if err != nil {
			return err
		}
		repaid[m.Recovery] = append(repaid[m.Recovery], audit.Repayment{Day: m.Day, Amount: m.Amount})
	}
	for c, err := range a.benefits.Recoveries(ctx) {
		if err != nil {
			return err
		}
		r.Recoveries = append(r.Recoveries, audit.Recovery{Origin: audit.Origin{Book: a.book(), ID: fmt.Sprintf("recovery %d", c.No), Seq: c.Seq, Currency: cny},
			Person: strconv.Itoa(int(c.Member)), Payments: payments[c.No], Opened: c.Opened, Amount: c.Amount, Repaid: repaid[c.No]})
	}
	return nil
}
