package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/bank"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/audit/sources"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
)

// evidence is everything the audit reads beside the reconciliations: the sealed books, the records of the services, the bank's own statements and the law.
func (a *area) evidence(ctx context.Context, last calendar.Month, soFar [][]*bank.Statement) ([]audit.Source, error) {
	office, err := a.office(last.Last())
	if err != nil {
		return nil, err
	}
	records := &audit.Records{Grounds: []audit.StopGround{}, BankCredits: a.bankCredits(soFar[0])}
	books := audit.ReadLedger(a.led, a.book())
	given := append(books.Sources(), sources.Rights{Books: books}.Sources()...)
	given = append(given, sources.Registration{Reader: a.registry.Reader, Realm: a.Realm, Numbers: true}.Sources()...)
	given = append(given, sources.Collection{Office: office}.Sources()...)
	given = append(given, sources.Benefits{Office: a.benefits}.Sources()...)
	given = append(given, records.Sources()...)
	roles := audit.BookRoles{Codes: map[audit.Role][]string{}}
	for role, id := range map[audit.Role]string{audit.RoleIncomeAccount: "income_account", audit.RoleExpenditureAccount: "expenditure_account", audit.RoleFiscalAccount: "fiscal_account",
		audit.RoleTemporaryPayments: "advances", audit.RoleTemporaryReceipts: "temporary_receipts", audit.RoleContributionIncome: "contributions"} {
		roles.Codes[role] = []string{a.fund.Chart().Chart().Code(accounts.FundID(a.Scheme), id)}
	}
	law := lawAsKnown{a, map[calendar.Month]audit.ContributionTerms{}}
	// Surcharges came with the contributions: what the bank received is compared with both.
	roles.Codes[audit.RoleContributionIncome] = append(roles.Codes[audit.RoleContributionIncome], a.fund.Chart().Chart().Code(accounts.FundID(a.Scheme), "other_income"))
	issued := sources.Statements{Funds: []*fund.Fund{a.fund}, Kept: func(_ context.Context, issue fund.Issue) ([]byte, error) {
		return os.ReadFile(filepath.Join(a.out, issuedFile(issue.Period)))
	}}
	given = append(given, issued.Sources()...)
	return append(given, audit.ContributionLawSource.Given(law), audit.InterestLawSource.Given(law), audit.RolesSource.Given(audit.RoleTable{a.book(): roles}),
		audit.AdjustmentsSource.Given(takenOver{a})), nil
}

// lawAsKnown judges an assessment by the law as it was known on the day it was made: the average wage of 2025 came in September.
type lawAsKnown struct {
	*area
	terms map[calendar.Month]audit.ContributionTerms // of the one scheme there is
}

// Terms implements audit.ContributionLaw.
func (l lawAsKnown) Terms(ctx context.Context, of *audit.AssessedContribution) (audit.ContributionTerms, bool, error) {
	if terms, ok := l.terms[of.Month]; ok {
		return terms, true, nil
	}
	office, err := l.office(of.Month.First())
	if err != nil {
		return audit.ContributionTerms{}, false, err
	}
	config := office.Config()
	terms, ok, err := sources.Law{Catalogue: l.law.KnownOn(of.Month.First().AddDays(4)), Parameters: config.Parameters, LimitRounding: config.LimitRounding, Rounding: config.Rounding,
		Currency: cny}.Terms(ctx, of)
	if ok && err == nil {
		l.terms[of.Month] = terms
	}
	return terms, ok, err
}

// InterestRule implements audit.InterestLaw.
func (l lawAsKnown) InterestRule(_ context.Context, _ ledger.BookID, year int) (personal.InterestRule, bool, error) {
	if year != l.Year {
		return personal.InterestRule{}, false, nil
	}
	rule, _, err := l.interestRule(calendar.MustDate(year, 12, 31))
	return rule, err == nil, err
}

// SettlementRule implements audit.InterestLaw.
func (l lawAsKnown) SettlementRule(_ context.Context, _ ledger.BookID, day calendar.Date) (personal.InterestRule, bool, error) {
	rule, _, err := l.interestRule(day)
	return rule, err == nil, err
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
