package accounts_test

import (
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestReturnsGoByCalendarYear(t *testing.T) {
	c := standard(t)
	december, january, november := calendar.MustDate(2025, 12, 31), calendar.MustDate(2026, 1, 1), calendar.MustDate(2026, 11, 30)
	cases := []struct {
		fund            accounts.FundID
		conditions      accounts.Conditions
		kind            accounts.ReturnKind
		original, moved calendar.Date
		event           string
	}{
		{accounts.WorkInjury, city, accounts.PremiumRefund, january, november, "E15a"},
		{accounts.WorkInjury, city, accounts.PremiumRefund, december, january, "E15b"},
		{accounts.WorkInjury, city, accounts.BenefitReturned, january, january, "E11a"},
		{accounts.WorkInjury, city, accounts.BenefitReturned, december, january, "E11c"},
		{accounts.WorkInjury, city, accounts.BenefitRecovered, january, november, "E12"},
		{accounts.WorkInjury, city, accounts.BenefitRecovered, calendar.MustDate(2019, 5, 1), november, "E13"},
		{accounts.Unemployment, city, accounts.TransferInSentBack, december, january, "E14c"},
		{accounts.Unemployment, city, accounts.TransferOutComesBack, december, january, "E14d"},
		{accounts.ResidentMedical, city, accounts.MajorIllnessSurplus, december, december, "E38b"},
		{accounts.ResidentMedical, city, accounts.MajorIllnessSurplus, december, january, "E39b"},
		{accounts.RuralCooperativeMedical, city, accounts.MajorIllnessSurplus, december, january, "E38b"},
		{accounts.OccupationalAnnuity, county, accounts.AnnuityRefundHeld, january, november, "E60a"},
		{accounts.OccupationalAnnuity, county, accounts.AnnuityRefundHeld, december, january, "E60c"},
		{accounts.OccupationalAnnuity, province, accounts.AnnuityRefundInvested, december, january, "E60b"},
		{accounts.OccupationalAnnuity, county, accounts.AnnuityRecovered, december, january, "E61"},
	}
	for _, x := range cases {
		if got, err := book(t, c, x.fund, x.conditions, day2026).ReturnEvent(x.kind, x.original, x.moved); err != nil || got != x.event {
			t.Errorf("%+v: %s, %v", x, got, err)
		}
	}
	b := book(t, c, accounts.WorkInjury, city, day2026)
	for _, x := range []struct {
		kind            accounts.ReturnKind
		original, moved calendar.Date
	}{{accounts.PremiumRefund, january, december}, {accounts.PremiumRefund, 0, january}, {accounts.TransferInSentBack, january, january}, {"gift", january, january}} {
		_, err := b.ReturnEvent(x.kind, x.original, x.moved)
		wantCode(t, err, accounts.CodeNotForBook)
	}
}

func TestCorrectionsGoByCalendarYear(t *testing.T) {
	b := book(t, standard(t), accounts.WorkInjury, city, day2026)
	dr, cr := accounts.Debit, accounts.Credit
	wrong := []accounts.Line{side(dr, "fiscal_account", 100, ""), side(cr, "other_income", 100, "")}
	march, april, nextYear := calendar.MustDate(2026, 3, 1), calendar.MustDate(2026, 4, 1), calendar.MustDate(2027, 4, 1)

	amount := []accounts.Line{side(dr, "fiscal_account", 80, ""), side(cr, "other_income", 80, "")}
	got, err := b.Correct(wrong, amount, march, april)
	if diff := cmp.Diff(accounts.Correction{Right: []accounts.Line{side(dr, "fiscal_account", -20, ""), side(cr, "other_income", -20, "")}}, got); diff != "" || err != nil {
		t.Errorf("a wrong amount: %v\n%s", err, diff)
	}
	account := []accounts.Line{side(dr, "fiscal_account", 100, ""), side(cr, "contributions", 100, "")}
	got, err = b.Correct(wrong, account, march, april)
	if diff := cmp.Diff(accounts.Correction{Cancel: accounts.Red(wrong), Right: account}, got); diff != "" || err != nil {
		t.Errorf("a wrong account: %v\n%s", err, diff)
	}
	_, err = b.Correct(wrong, account, march, nextYear)
	wantCode(t, err, accounts.CodeNotRegulated)
	_, err = b.Correct(wrong, account, april, march)
	wantCode(t, err, accounts.CodeNotRegulated)
	got, err = b.Correct([]accounts.Line{side(dr, "advances.other", 5, ""), side(cr, "fiscal_account", 5, "")},
		[]accounts.Line{side(dr, "bonds", 5, ""), side(cr, "fiscal_account", 5, "")}, march, nextYear)
	if diff := cmp.Diff(accounts.Correction{Right: []accounts.Line{side(dr, "bonds", 5, ""), side(cr, "advances.other", 5, "")}}, got); diff != "" || err != nil {
		t.Errorf("a balance of an earlier year: %v\n%s", err, diff)
	}
	same, err := b.Correct(wrong, wrong, march, april)
	if diff := cmp.Diff(accounts.Correction{}, same); diff != "" || err != nil {
		t.Errorf("nothing wrong: %v\n%s", err, diff)
	}
}

func TestRedRowsAreThoseTheStatementReadsOnOneSide(t *testing.T) {
	c := standard(t)
	for id, red := range map[string]bool{"fiscal_subsidy": true, "interest.pooled.deposit": true, "other_income": true, "lower_allotment.personal": true, "contributions": false,
		"benefits.wi_death": false, "transfers_in": false, "major_illness": false, "cash": false} {
		if c.MustBeRed(id) != red {
			t.Errorf("MustBeRed(%s) is %v", id, !red)
		}
	}
	// The list is that of the rows whose text reads one side, apart from 5101, which 3.6 d fills net.
	for _, f := range c.Forms() {
		for _, r := range f.Rows {
			for _, term := range r.LiteralFill {
				oneSided := term.Function == accounts.TurnoverCredit || term.Function == accounts.TurnoverDebit
				if oneSided && !c.MustBeRed(term.Of) && term.Of != "major_illness" {
					t.Errorf("row %s reads one side of %s, which may be corrected on the other", r.ID, term.Of)
				}
			}
		}
	}
}

func TestClosingEntries(t *testing.T) {
	c := standard(t)
	dr, cr := accounts.Debit, accounts.Credit
	cases := []struct {
		name      string
		fund      accounts.FundID
		movements []accounts.Movement
		want      accounts.Closing
	}{
		{"a common fund", accounts.WorkInjury, []accounts.Movement{{"benefits.wi_death", 30, 5}, {"contributions", 10, 110}, {"fiscal_account", 999, 0}, {"other_income", 0, 7}, {"transfers_in", 0, 0}},
			accounts.Closing{Income: []accounts.Line{side(dr, "contributions", 100, ""), side(dr, "other_income", 7, ""), side(cr, "general_balance", 107, "")},
				Expenditure: []accounts.Line{side(dr, "general_balance", 25, ""), side(cr, "benefits.wi_death", 25, "")}}},
		{"an investment loss", accounts.EnterprisePension, []accounts.Movement{{"entrusted_return", 40, 10}},
			accounts.Closing{Income: []accounts.Line{side(cr, "entrusted_return", 30, ""), side(dr, "general_balance", 30, "")}}},
		{"a year in which more came back than was paid", accounts.WorkInjury, []accounts.Movement{{"benefits.wi_death", 5, 30}},
			accounts.Closing{Expenditure: []accounts.Line{side(cr, "general_balance", 25, ""), side(dr, "benefits.wi_death", 25, "")}}},
		{"employee medical by sub-account", accounts.EmployeeMedical, []accounts.Movement{{"contributions.pooled", 0, 60}, {"contributions.personal", 0, 40}, {"fiscal_subsidy", 0, 5},
			{"transfers_in", 0, 3}, {"contributions_unsplit", 0, 77}, {"benefits.pooled.inpatient", 20, 0}, {"benefits.personal.pharmacy", 9, 0}, {"major_illness", 4, 0}, {"transfers_out", 1, 0}},
			accounts.Closing{Income: []accounts.Line{side(dr, "contributions.pooled", 60, ""), side(dr, "contributions.personal", 40, ""), side(dr, "fiscal_subsidy", 5, ""), side(dr, "transfers_in", 3, ""),
				side(cr, "general_balance.pooled", 65, ""), side(cr, "general_balance.personal", 43, "")},
				Expenditure: []accounts.Line{side(dr, "general_balance.pooled", 24, ""), side(dr, "general_balance.personal", 10, ""), side(cr, "benefits.pooled.inpatient", 20, ""),
					side(cr, "benefits.personal.pharmacy", 9, ""), side(cr, "major_illness", 4, ""), side(cr, "transfers_out", 1, "")}}},
		{"long-term care by group, the rest undivided", accounts.LongTermCare, []accounts.Movement{{"contributions.employees", 0, 60}, {"fiscal_subsidy", 0, 5}, {"benefits.residents", 20, 0}},
			accounts.Closing{Income: []accounts.Line{side(dr, "contributions.employees", 60, ""), side(dr, "fiscal_subsidy", 5, ""), side(cr, "general_balance.employees", 60, ""), side(cr, "general_balance.undivided", 5, "")},
				Expenditure: []accounts.Line{side(dr, "general_balance.residents", 20, ""), side(cr, "benefits.residents", 20, "")}}},
	}
	for _, x := range cases {
		got, err := book(t, c, x.fund, province, day2026).Close(x.movements, false)
		if diff := cmp.Diff(x.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", x.name, err, diff)
		}
	}
	b := book(t, c, accounts.EmployeeMedical, province, day2026)
	_, err := b.Close([]accounts.Movement{{"interest_unsplit", 0, 1}}, true)
	wantCode(t, err, accounts.CodeUnsplit)
	_, err = b.Close([]accounts.Movement{{"nothing", 0, 1}}, true)
	wantCode(t, err, accounts.CodeUnknownAccount)
	_, err = b.Close([]accounts.Movement{{"contributions.pooled", 0, money.MaxAmount}, {"fiscal_subsidy", 0, 1}}, true)
	wantCode(t, err, accounts.CodeOverflow)
	_, err = b.Close([]accounts.Movement{{"contributions.pooled", -1, money.MaxAmount}}, true)
	wantCode(t, err, accounts.CodeOverflow)
}

func TestClosingTakesEveryResultToZero(t *testing.T) {
	books := booksOf(t, standard(t))
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SampledFrom(books).Draw(t, "book")
		var movements []accounts.Movement
		open := map[string]money.Amount{}
		for _, a := range b.Accounts() {
			result := a.Type == accounts.Income || a.Type == accounts.Expense
			if !a.Heading && result && a.ID != "contributions_unsplit" && a.ID != "interest_unsplit" && rapid.Bool().Draw(t, "moved") {
				m := accounts.Movement{AccountID: a.ID, Debit: money.Amount(rapid.Int64Range(-1e9, 1e12).Draw(t, "debit")), Credit: money.Amount(rapid.Int64Range(-1e9, 1e12).Draw(t, "credit"))}
				movements = append(movements, m)
				open[a.ID] = m.Debit - m.Credit
			}
		}
		closing, err := b.Close(movements, rapid.Bool().Draw(t, "year end"))
		if err != nil {
			t.Fatal(err)
		}
		for _, lines := range [][]accounts.Line{closing.Income, closing.Expenditure} {
			if d, err := accounts.Difference(lines); d != 0 || err != nil {
				t.Fatalf("closing differs by %d, %v", d, err)
			}
			for _, x := range lines {
				if x.Amount <= 0 {
					t.Fatalf("line %+v", x)
				}
				if x.Side == accounts.Debit {
					open[x.AccountID] += x.Amount
				} else {
					open[x.AccountID] -= x.Amount
				}
			}
		}
		for id, left := range open {
			if a, err := b.Account(id); err != nil || (left != 0 && a.Type != accounts.NetAssets) {
				t.Fatalf("%s is left with %d, %v", id, left, err)
			}
		}
	})
}
