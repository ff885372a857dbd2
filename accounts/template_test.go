package accounts_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// booksOf returns books of every fund, level and day that the tests go through.
func booksOf(t testing.TB, c *accounts.Chart) []*accounts.BookChart {
	t.Helper()
	var out []*accounts.BookChart
	for _, at := range []calendar.Date{calendar.MustDate(2018, 1, 1), day2025, day2026} {
		for _, fund := range fundsOn(c, at) {
			for _, conditions := range []accounts.Conditions{county, city, province} {
				out = append(out, book(t, c, fund, conditions, at))
			}
		}
	}
	return out
}

// postableBelow returns all accounts of the book that take lines, at or below an account.
func postableBelow(b *accounts.BookChart, above string) []string {
	var out []string
	for _, a := range b.Accounts() {
		if !a.Heading && b.Chart().Below(a.ID, above) {
			out = append(out, a.ID)
		}
	}
	return out
}

// choices returns for every line of a template the accounts that the book can put there.
func choices(b *accounts.BookChart, e *accounts.Template) [][]string {
	out := make([][]string, len(e.Lines))
	for i, line := range e.Lines {
		for _, id := range line.Accounts {
			out[i] = append(out[i], postableBelow(b, id)...)
		}
	}
	return out
}

// usable reports whether the book has accounts for both sides of the template, as far as they are chosen from the list.
func usable(e *accounts.Template, options [][]string) bool {
	debit, credit := false, false
	for i, line := range e.Lines {
		if len(options[i]) > 0 {
			debit = debit || strings.HasPrefix(string(line.Side), "debit")
			credit = credit || strings.HasPrefix(string(line.Side), "credit")
		}
	}
	return debit && credit
}

func TestEveryEventMakesBalancedEntriesInEveryBookThatHasIt(t *testing.T) {
	c := standard(t)
	books := booksOf(t, c)
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SampledFrom(books).Draw(t, "book")
		e := rapid.SampledFrom(c.Templates()).Draw(t, "event")
		if _, err := b.Template(e.Event); err != nil {
			return
		}
		options := choices(b, &e)
		if !usable(&e, options) {
			return
		}
		balancing := rapid.IntRange(0, len(e.Lines)-1).Draw(t, "the line that balances")
		var parts []accounts.Part
		for i := range e.Lines {
			if i == balancing || len(options[i]) == 0 {
				continue
			}
			for range rapid.IntRange(1, 3).Draw(t, "parts") {
				parts = append(parts, accounts.Part{AccountID: rapid.SampledFrom(options[i]).Draw(t, "account"), Amount: money.Amount(rapid.Int64Range(0, 1e12).Draw(t, "amount"))})
			}
		}
		lines, err := b.Lines(e.Event, parts...)
		if err != nil {
			var typed *accounts.Error
			if !errors.As(err, &typed) || (typed.Code != accounts.CodeMissingAmount && typed.Code != accounts.CodeUnbalanced && typed.Code != accounts.CodeHeading) {
				t.Fatalf("%s %v: %v", e.Event, parts, err)
			}
			return
		}
		checkEntry(t, b, e.Event, lines)
	})
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

func checkEntry(t fataler, b *accounts.BookChart, event string, lines []accounts.Line) {
	t.Helper()
	difference, err := accounts.Difference(lines)
	if err != nil || difference != 0 || len(lines) < 2 {
		t.Fatalf("%s: %v differs by %d, %v", event, lines, difference, err)
	}
	for _, x := range lines {
		if a, err := b.Account(x.AccountID); err != nil || a.Heading || x.Amount == 0 {
			t.Fatalf("%s: line %+v on %+v, %v", event, x, a, err)
		}
	}
}

// The golden file is the table of fund-accounting entries as this package writes them, one amount each, for the first book that has the event.
func TestEveryEventIsWrittenAsTheTableHasIt(t *testing.T) {
	c := standard(t)
	books := booksOf(t, c)
	slices.Reverse(books) // today's province first
	var out strings.Builder
	for _, e := range c.Templates() {
		written := false
		for _, b := range books {
			if template, err := b.Template(e.Event); err != nil || template.Source != e.Source {
				continue
			}
			options := choices(b, &e)
			if slices.ContainsFunc(options, func(o []string) bool { return len(o) == 0 }) {
				continue
			}
			var parts []accounts.Part
			for i := 1; i < len(e.Lines); i++ {
				parts = append(parts, accounts.Part{AccountID: options[i][0], Amount: money.Amount(100 * i)})
			}
			if len(options[0]) > 1 {
				sum := money.Amount(0)
				for i, line := range e.Lines[1:] {
					if strings.HasPrefix(string(line.Side), "debit") {
						sum -= money.Amount(100 * (i + 1))
					} else {
						sum += money.Amount(100 * (i + 1))
					}
				}
				parts = append(parts, accounts.Part{AccountID: options[0][0], Amount: sum})
			}
			lines, err := b.Lines(e.Event, parts...)
			if err != nil {
				t.Errorf("%s: %v", e.Event, err)
				continue
			}
			checkEntry(t, b, e.Event, lines)
			fmt.Fprintf(&out, "%s %s (%s, %s)\n", e.Event, e.ZH, b.Fund, b.At)
			for _, x := range lines {
				fmt.Fprintf(&out, "  %s %s %d %s\n", x.Side, x.AccountID, x.Amount, x.Meaning)
			}
			written = true
			break
		}
		if !written {
			t.Errorf("no book can write %s", e.Event)
		}
	}
	golden(t, "entries.golden", out.String())
}

func side(s accounts.Side, id string, amount money.Amount, meaning string) accounts.Line {
	return accounts.Line{AccountID: id, Side: s, Amount: amount, Meaning: meaning}
}

func TestEntriesOfTheTable(t *testing.T) {
	c := standard(t)
	dr, cr := accounts.Debit, accounts.Credit
	cases := []struct {
		name       string
		fund       accounts.FundID
		conditions accounts.Conditions
		event      string
		parts      []accounts.Part
		want       []accounts.Line
	}{
		{"E1 names its only bank by itself", accounts.WorkInjury, city, "E1", []accounts.Part{{Role: accounts.RoleContributions, Amount: 500}},
			[]accounts.Line{side(dr, "income_account", 500, ""), side(cr, "contributions", 500, "")}},
		{"E3a", accounts.WorkInjury, county, "E3a", []accounts.Part{{Role: accounts.RolePremiumReceipts, Amount: 500}},
			[]accounts.Line{side(dr, "treasury", 500, ""), side(cr, "contributions", 500, "")}},
		{"E4a goes to the unidentified receipts", accounts.WorkInjury, county, "E4a", []accounts.Part{{Role: accounts.RoleFiscalAccount, Amount: 7}},
			[]accounts.Line{side(dr, "fiscal_account", 7, ""), side(cr, "temporary_receipts.unidentified", 7, "")}},
		{"E4b takes any kind that is named", accounts.WorkInjury, county, "E4b", []accounts.Part{{Role: accounts.RoleTemporaryReceipt, Amount: 7}, {Role: accounts.RoleFiscalAccount, Amount: 7}},
			[]accounts.Line{side(dr, "temporary_receipts.other", 7, ""), side(cr, "fiscal_account", 7, "")}},
		{"E5 of employee medical goes to the pooled fund by practice", accounts.EmployeeMedical, city, "E5", []accounts.Part{{Role: accounts.RoleIncomeAccount, Amount: 9}, {Role: accounts.RoleSurcharge, Amount: 9}},
			[]accounts.Line{side(dr, "income_account", 9, ""), side(cr, "other_income.pooled", 9, "")}},
		{"E8a credits deposit interest", accounts.Maternity, county, "E8a", []accounts.Part{{Role: accounts.RoleFiscalAccount, Amount: 3}},
			[]accounts.Line{side(dr, "fiscal_account", 3, ""), side(cr, "interest.deposit", 3, "")}},
		{"E8c shares the interest of the province", accounts.ResidentPension, province, "E8c", []accounts.Part{{Role: accounts.RoleFiscalAccount, Amount: 10}, {Role: accounts.RolePooledInterest, Amount: 6}},
			[]accounts.Line{side(dr, "fiscal_account", 10, "whole"), side(cr, "temporary_receipts.pooled_from_lower.interest", 6, "part of the lower levels"), side(cr, "interest.deposit", 4, "own part")}},
		{"E10a pays several components at once", accounts.EnterprisePension, city, "E10a", []accounts.Part{{Role: accounts.RoleBasicPension, Amount: 1000}, {Role: accounts.RoleAccountPension, Amount: 300}, {Role: accounts.RoleTransitionalPension, Amount: 50}},
			[]accounts.Line{side(dr, "benefits.ep_pension.basic", 1000, ""), side(dr, "benefits.ep_pension.account.monthly", 300, ""), side(dr, "benefits.ep_pension.transitional", 50, ""), side(cr, "expenditure_account", 1350, "")}},
		{"E20b with a gain", accounts.WorkInjury, county, "E20b", []accounts.Part{{Role: accounts.RoleFiscalAccount, Amount: 110}, {Role: accounts.RoleBonds, Amount: 100}},
			[]accounts.Line{side(dr, "fiscal_account", 110, "received"), side(cr, "bonds", 100, "carrying amount"), side(cr, "interest.bond", 10, "difference")}},
		{"E20b below cost is red on the interest's own side", accounts.WorkInjury, county, "E20b", []accounts.Part{{Role: accounts.RoleFiscalAccount, Amount: 95}, {Role: accounts.RoleBonds, Amount: 100}},
			[]accounts.Line{side(dr, "fiscal_account", 95, "received"), side(cr, "bonds", 100, "carrying amount"), side(cr, "interest.bond", -5, "difference")}},
		{"E21b with a loss turns all sides", accounts.EnterprisePension, province, "E21b", []accounts.Part{{Role: accounts.RoleEntrustedGain, Amount: -90}, {Role: accounts.RoleEntrustedReturn, Amount: -30}},
			[]accounts.Line{side(cr, "entrusted.return", 90, "whole"), side(dr, "entrusted_return", 30, "own part"), side(dr, "temporary_receipts.pooled_from_lower.return", 60, "part of the lower levels")}},
		{"E21c with a loss on return", accounts.EnterprisePension, province, "E21c", []accounts.Part{{Role: accounts.RoleFiscalAccount, Amount: 95}, {Role: accounts.RoleEntrustedPrincipal, Amount: 100}},
			[]accounts.Line{side(dr, "fiscal_account", 95, "received"), side(cr, "entrusted.principal", 100, "principal due"), side(dr, "entrusted.return", 5, "difference")}},
		{"E22b", accounts.Unemployment, city, "E22b", []accounts.Part{{Role: accounts.RoleBorrowings, Amount: 100}, {Role: accounts.RoleOtherExpenditure, Amount: 4}},
			[]accounts.Line{side(dr, "borrowings", 100, "principal"), side(dr, "other_expenditure", 4, "interest"), side(cr, "fiscal_account", 104, "sum")}},
		{"E29d the other way round", accounts.EmployeeMedical, city, "E29d", []accounts.Part{{Role: accounts.RoleGeneralBalancePooled, Amount: -8}},
			[]accounts.Line{side(cr, "general_balance.personal", 8, ""), side(dr, "general_balance.pooled", 8, "")}},
		{"E30b shares interest", accounts.EmployeeMedical, city, "E30b", []accounts.Part{{Role: accounts.RoleInterestUnsplit, Amount: 10}, {Role: accounts.RoleDepositInterestPooled, Amount: 7}},
			[]accounts.Line{side(dr, "interest_unsplit", 10, ""), side(cr, "interest.pooled.deposit", 7, ""), side(cr, "interest.personal.deposit", 3, "")}},
		{"E33c without a lower level has no part for it", accounts.EnterprisePension, county, "E33c", []accounts.Part{{Role: accounts.RoleInvestedUpwardReturn, Amount: 10}},
			[]accounts.Line{side(dr, "advances.invested_upward.return", 10, "whole"), side(cr, "entrusted_return", 10, "own part")}},
		{"E32a books the advance by its kind", accounts.WorkInjury, city, "E32a", []accounts.Part{{Role: accounts.RoleExpenditureAccount, Amount: 10}},
			[]accounts.Line{side(dr, "advances.advance_benefits", 10, ""), side(cr, "expenditure_account", 10, "")}},
		{"E27 stands in the memorandum section", accounts.ResidentPension, city, "E27", []accounts.Part{{Role: accounts.RoleMembersRights, Amount: 12}},
			[]accounts.Line{side(dr, "members_rights_contra", 12, ""), side(cr, "members_rights", 12, "")}},
		{"E27 out of the account", accounts.ResidentPension, city, "E27", []accounts.Part{{Role: accounts.RoleMembersRights, Amount: -12}},
			[]accounts.Line{side(cr, "members_rights_contra", 12, ""), side(dr, "members_rights", 12, "")}},
		{"E46c settles an advance as a benefit", accounts.EmployeeMedical, city, "E46c", []accounts.Part{{Role: accounts.RoleInpatient, Amount: 5}},
			[]accounts.Line{side(dr, "benefits.pooled.inpatient", 5, ""), side(cr, "advances.medical_prepaid", 5, "")}},
		{"E52b", accounts.OccupationalAnnuity, county, "E52b", []accounts.Part{{Role: accounts.RoleTreasury, Amount: 100}, {Role: accounts.RoleTreasuryInterest, Amount: 1}},
			[]accounts.Line{side(dr, "collection_account", 101, "sum"), side(cr, "treasury", 100, "principal"), side(cr, "interest.annuity_treasury", 1, "interest")}},
		{"an open list takes another account of money", accounts.WorkInjury, county, "E15a", []accounts.Part{{Role: accounts.RoleContributions, Amount: 6}, {Role: accounts.RoleTreasury, Amount: 6}},
			[]accounts.Line{side(dr, "contributions", 6, ""), side(cr, "treasury", 6, "")}},
		{"an amount of zero drops out", accounts.EnterprisePension, province, "E21b", []accounts.Part{{Role: accounts.RoleEntrustedGain, Amount: 30}, {Role: accounts.RoleEntrustedReturn, Amount: 30}},
			[]accounts.Line{side(dr, "entrusted.return", 30, "whole"), side(cr, "entrusted_return", 30, "own part")}},
	}
	for _, x := range cases {
		got, err := book(t, c, x.fund, x.conditions, day2026).Lines(x.event, x.parts...)
		if diff := cmp.Diff(x.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", x.name, err, diff)
		}
	}
}

func TestEventsThatCannotBeWrittenSayWhy(t *testing.T) {
	c := standard(t)
	cases := []struct {
		name  string
		fund  accounts.FundID
		event string
		parts []accounts.Part
		code  accounts.ErrorCode
	}{
		{"no such event", accounts.WorkInjury, "E999", nil, accounts.CodeUnknownEvent},
		{"an event of another fund", accounts.WorkInjury, "E24a", nil, accounts.CodeNotForBook},
		{"closing", accounts.WorkInjury, "E23", nil, accounts.CodeNoEntry},
		{"the wrong fund", accounts.WorkInjury, "E25", nil, accounts.CodeNoEntry},
		{"no amount", accounts.WorkInjury, "E1", nil, accounts.CodeMissingAmount},
		{"no amount above zero", accounts.WorkInjury, "E1", []accounts.Part{{Role: accounts.RoleContributions}}, accounts.CodeUnbalanced},
		{"sides that differ", accounts.WorkInjury, "E1", []accounts.Part{{Role: accounts.RoleContributions, Amount: 1}, {Role: accounts.RoleIncomeAccount, Amount: 2}}, accounts.CodeUnbalanced},
		{"an account that no line takes", accounts.WorkInjury, "E1", []accounts.Part{{Role: accounts.RoleReserve, Amount: 1}}, accounts.CodeNoLine},
		{"a closed list and another bank", accounts.WorkInjury, "E10a", []accounts.Part{{Role: accounts.RoleInjuryMedical, Amount: 1}, {Role: accounts.RoleFiscalAccount, Amount: 1}}, accounts.CodeNoLine},
		{"a bank to choose", accounts.WorkInjury, "E8a", []accounts.Part{{Role: accounts.RoleDepositInterest, Amount: 1}}, accounts.CodeMissingAmount},
		{"a benefit to choose", accounts.WorkInjury, "E10a", []accounts.Part{{Role: accounts.RoleExpenditureAccount, Amount: 1}}, accounts.CodeHeading},
		{"a negative amount", accounts.WorkInjury, "E1", []accounts.Part{{Role: accounts.RoleContributions, Amount: -1}}, accounts.CodeNegative},
		{"an account the book does not have", accounts.WorkInjury, "E1", []accounts.Part{{AccountID: "treasury", Amount: 1}}, accounts.CodeNotInBook},
		{"a range that is left", accounts.WorkInjury, "E10a", []accounts.Part{{Role: accounts.RoleInjuryMedical, Amount: money.MaxAmount}, {Role: accounts.RoleInjuryDeath, Amount: 1}}, accounts.CodeOverflow},
	}
	for _, x := range cases {
		lines, err := book(t, c, x.fund, city, day2026).Lines(x.event, x.parts...)
		var typed *accounts.Error
		if !errors.As(err, &typed) || typed.Code != x.code || lines != nil || typed.Hint == "" {
			t.Errorf("%s: %v, %v; want the code %s", x.name, lines, err, x.code)
		}
	}
	_, err := book(t, c, accounts.WorkInjury, city, day2026).Lines("E10a", accounts.Part{Role: accounts.RoleInjuryMedical, Amount: money.MaxAmount}, accounts.Part{Role: accounts.RoleInjuryDeath, Amount: 1})
	if !errors.Is(err, money.ErrOverflow) {
		t.Errorf("%v is no overflow", err)
	}
}
