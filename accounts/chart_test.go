package accounts_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (−) and result (+) differ:\n%s", path, diff)
	}
}

var (
	day2025 = calendar.MustDate(2025, 6, 30)
	day2026 = calendar.MustDate(2026, 6, 30)

	county   = accounts.Conditions{Level: accounts.BelowProvincial, Collector: accounts.CollectedByTax, HasUpperLevel: true, InsuredArea: true, TreatingArea: true}
	province = accounts.Conditions{Level: accounts.Provincial, Collector: accounts.CollectedByBoth, HasUpperLevel: true, HasLowerLevel: true, InsuredArea: true,
		TreatingArea: true, MaternityMerged: true, EmployeeMajorIllness: true, LaterPremiumsFiled: true, CutOver: true}
	city = accounts.Conditions{Level: accounts.BelowProvincial, Collector: accounts.CollectedByAgency, HasUpperLevel: true, HasLowerLevel: true, InsuredArea: true,
		TreatingArea: true, MaternityMerged: true}
)

func book(t testing.TB, c *accounts.Chart, fund accounts.FundID, conditions accounts.Conditions, at calendar.Date) *accounts.BookChart {
	t.Helper()
	b, err := c.For(fund, conditions, at)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func fundsOn(c *accounts.Chart, at calendar.Date) []accounts.FundID {
	var out []accounts.FundID
	for _, f := range c.Funds {
		if f.Holds(at) {
			out = append(out, f.ID)
		}
	}
	return out
}

// The golden files pin the numbers of details too: once a book is open, a number must not move.
func TestEveryFundHasItsAccountsInTreeOrder(t *testing.T) {
	c := standard(t)
	for _, fund := range fundsOn(c, day2026) {
		var out strings.Builder
		for _, kind := range []struct {
			name       string
			conditions accounts.Conditions
		}{{"county, tax collects", county}, {"city, agency collects", city}, {"province, both collect", province}} {
			fmt.Fprintf(&out, "# %s, %s\n", kind.name, day2026)
			for _, a := range book(t, c, fund, kind.conditions, day2026).Accounts() {
				marks := ""
				if a.Heading {
					marks += " heading"
				}
				if a.Section == accounts.Memorandum {
					marks += " memorandum"
				}
				if a.Origin != accounts.OfStandard {
					marks += " " + string(a.Origin)
				}
				fmt.Fprintf(&out, "%-14s %s %s [%s]%s\n", a.Code, a.ID, a.NameZH, a.Type, marks)
			}
		}
		golden(t, filepath.Join("charts", string(fund)+".golden"), out.String())
	}
}

func TestAccountsComeAfterTheOneAboveThem(t *testing.T) {
	c := standard(t)
	for _, fund := range fundsOn(c, day2026) {
		for _, conditions := range []accounts.Conditions{county, city, province} {
			b := book(t, c, fund, conditions, day2026)
			seen := map[string]accounts.AccountOpening{}
			codes := map[string]bool{}
			hasDetails := map[string]bool{}
			for _, a := range b.Accounts() {
				if codes[a.Code] || a.Code == "" {
					t.Errorf("%s: %s has the number %q, which is taken or empty", fund, a.ID, a.Code)
				}
				codes[a.Code] = true
				if a.ParentID != "" {
					above, ok := seen[a.ParentID]
					if !ok || !above.Heading || above.Type != a.Type || above.Section != a.Section || !strings.HasPrefix(a.Code, above.Code) {
						t.Errorf("%s: %+v stands below %+v", fund, a, above)
					}
					hasDetails[a.ParentID] = true
				}
				seen[a.ID] = a
			}
			for id, a := range seen {
				if a.Heading != hasDetails[id] {
					t.Errorf("%s: %s heading %v with details %v", fund, id, a.Heading, hasDetails[id])
				}
			}
		}
	}
}

func TestAccountsFollowLevelCollectorRuleAndDate(t *testing.T) {
	c := standard(t)
	cases := []struct {
		name       string
		fund       accounts.FundID
		conditions accounts.Conditions
		at         calendar.Date
		has, not   []string
	}{
		{"tax collects", accounts.WorkInjury, county, day2026, []string{"treasury", "reserve"}, []string{"income_account", "risk_fund"}},
		{"agency collects", accounts.WorkInjury, city, day2026, []string{"income_account"}, []string{"treasury"}},
		{"below the province", accounts.EnterprisePension, city, day2026, []string{"advances.invested_upward.principal", "temporary_receipts.pooled_from_lower", "entrusted_return"}, []string{"entrusted"}},
		{"no lower level", accounts.EnterprisePension, county, day2026, []string{"advances.invested_upward"}, []string{"temporary_receipts.pooled_from_lower"}},
		{"province", accounts.EnterprisePension, province, day2026, []string{"entrusted.principal"}, []string{"advances.invested_upward"}},
		{"annuity below the province", accounts.OccupationalAnnuity, county, day2026, []string{"collection_account", "contributions.annuity_other"}, []string{"benefits", "entrusted_return", "transfers_out", "fiscal_account", "lower_allotment"}},
		{"annuity of the province", accounts.OccupationalAnnuity, province, day2026, []string{"benefits.annuity_monthly", "entrusted_return", "transfers_out.annuity"}, []string{"bonds"}},
		{"before the supplement", accounts.ResidentMedical, province, day2025, []string{"major_illness"}, []string{"advances.medical_prepaid", "major_illness.own", "temporary_receipts.income_to_confirm"}},
		{"after the supplement", accounts.ResidentMedical, province, day2026, []string{"advances.medical_prepaid", "major_illness.own", "temporary_receipts.income_to_confirm"}, nil},
		{"no filing", accounts.ResidentMedical, county, day2026, nil, []string{"temporary_receipts.income_to_confirm"}},
		{"maternity merged", accounts.EmployeeMedical, city, day2026, []string{"benefits.pooled.maternity_allowance"}, []string{"major_illness"}},
		{"maternity apart", accounts.EmployeeMedical, county, day2026, nil, []string{"benefits.pooled.maternity_allowance"}},
		{"major-illness scheme", accounts.EmployeeMedical, province, day2026, []string{"major_illness"}, nil},
		{"cut-over", accounts.Maternity, province, day2026, []string{"cutover_suspense"}, []string{"members_rights"}},
		{"rights", accounts.ResidentPension, county, day2026, []string{"members_rights", "members_rights_contra"}, []string{"cutover_suspense"}},
	}
	for _, x := range cases {
		b := book(t, c, x.fund, x.conditions, x.at)
		for _, id := range x.has {
			if !b.Has(id) {
				t.Errorf("%s: the book has no %s", x.name, id)
			}
		}
		for _, id := range x.not {
			if b.Has(id) {
				t.Errorf("%s: the book has %s", x.name, id)
			}
		}
	}
	if a, err := book(t, c, accounts.OccupationalAnnuity, province, day2026).Account("contributions"); err != nil || a.NameZH != "职业年金缴费收入" {
		t.Errorf("%+v, %v", a, err)
	}
}

func wantCode(t *testing.T, err error, code accounts.ErrorCode) {
	t.Helper()
	var typed *accounts.Error
	if !errors.As(err, &typed) || typed.Code != code {
		t.Errorf("got %v, want an error with the code %s", err, code)
	}
}

func TestQuestionsWithoutAnswerAreTypedErrors(t *testing.T) {
	c := standard(t)
	_, err := c.For("lottery", county, day2026)
	wantCode(t, err, accounts.CodeUnknownFund)
	_, err = c.For(accounts.LongTermCare, county, day2025)
	wantCode(t, err, accounts.CodeUnknownFund)
	_, err = c.For(accounts.WorkInjury, accounts.Conditions{Collector: accounts.CollectedByTax}, day2026)
	wantCode(t, err, accounts.CodeBadCondition)
	_, err = c.For(accounts.WorkInjury, accounts.Conditions{Level: accounts.Central}, day2026)
	wantCode(t, err, accounts.CodeBadCondition)
	b := book(t, c, accounts.EmployeeMedical, county, day2026)
	_, err = b.Account("no.such")
	wantCode(t, err, accounts.CodeUnknownAccount)
	_, err = b.Account("reserve")
	wantCode(t, err, accounts.CodeNotInBook)
	_, err = b.Postable("benefits")
	wantCode(t, err, accounts.CodeHeading)
	_, err = b.Role("no such role")
	wantCode(t, err, accounts.CodeUnknownRole)
	_, err = b.Role(accounts.RoleReserve)
	wantCode(t, err, accounts.CodeNotInBook)
	_, err = b.Role(accounts.RoleContributions) // pooled or personal must be chosen
	wantCode(t, err, accounts.CodeHeading)
}

func TestRolesResolveInEveryFund(t *testing.T) {
	c := standard(t)
	var out strings.Builder
	played := map[accounts.Role]bool{}
	for _, fund := range fundsOn(c, day2026) {
		for _, conditions := range []accounts.Conditions{city, province} {
			b := book(t, c, fund, conditions, day2026)
			for _, role := range c.Roles() {
				id, err := b.Role(role)
				if err != nil {
					continue
				}
				played[role] = true
				if a, err := b.Account(id); err != nil || a.Heading {
					t.Errorf("%s plays %s with %+v, %v", fund, role, a, err)
				}
				fmt.Fprintf(&out, "%s %s %s: %s\n", fund, conditions.Level, role, id)
			}
		}
	}
	for _, role := range c.Roles() {
		if !played[role] {
			t.Errorf("no fund plays the role %s", role)
		}
	}
	golden(t, "roles.golden", out.String())
}

func TestEveryRoleOfTheDataIsAConstantAndTheOtherWayRound(t *testing.T) {
	source, err := os.ReadFile("role.go")
	if err != nil {
		t.Fatal(err)
	}
	var constants []accounts.Role
	for line := range strings.Lines(string(source)) {
		if _, rest, ok := strings.Cut(line, ` Role = "`); ok {
			name, _, _ := strings.Cut(rest, `"`)
			constants = append(constants, accounts.Role(name))
		}
	}
	roles := standard(t).Roles()
	slices.Sort(constants)
	slices.Sort(roles)
	if diff := cmp.Diff(roles, constants); diff != "" || len(roles) < 100 {
		t.Errorf("%d roles; data (−) and constants (+) differ:\n%s", len(roles), diff)
	}
}
