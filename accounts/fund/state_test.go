package fund_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/accounts/statement"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/google/go-cmp/cmp"
)

// papers makes everything that is printed of a period in the state of its closing, as bytes.
func papers(t *testing.T, f *fund.Fund, period calendar.Period) string {
	t.Helper()
	state, err := f.ClosingState(t.Context(), period)
	must(t, err)
	figures, err := f.FiguresAt(t.Context(), state)
	must(t, err)
	heading := statement.Heading{Language: statement.Both, Agency: "某县社会保险基金管理中心", State: state.Printed(), Signers: statement.Signers{Head: "甲", Accounting: "乙", Prepared: "丙"}}
	var out bytes.Buffer
	var made []*statement.Statement
	for _, kind := range []accounts.FormKind{accounts.BalanceSheet, accounts.IncomeExpenditure} {
		s, err := statement.Make(f.Chart(), figures, statement.Request{Kind: kind, Month: period.Month(), Annual: period.IsClosing()})
		must(t, err)
		made = append(made, s)
		table := s.Traced(f.Chart(), heading, statement.LedgerAnchor)
		must(t, errors.Join(table.HTML(&out), table.CSV(&out)))
	}
	trial, err := statement.Trial(f.Chart(), figures, accounts.General, period.Month().Period(), period)
	must(t, err)
	must(t, trial.Traced(heading, statement.LedgerAnchor).HTML(&out))
	for _, id := range statement.Contributors(made...) {
		detail, err := f.Detail(t.Context(), figures, fund.DetailOrder{AccountID: id, Year: period.Year(), LinesAPage: 12, Heading: heading, Leaves: true})
		must(t, err)
		must(t, errors.Join(detail.HTML(&out), detail.CSV(&out)))
	}
	return out.String()
}

func reopen(t *testing.T, f *fund.Fund, period calendar.Period, key string) {
	t.Helper()
	must2(t)(f.Ledger().ReopenPeriod(t.Context(), f.Book(), ledger.Act{Key: key, Effective: period.Month().Last(), Description: "漏记一笔", EnteredBy: "clerk", ApprovedBy: "chief"}, period))
}

func TestAStatementMadeAgainLaterIsTheSameBytes(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		f := newFund(t, db, accounts.CollectedByAgency, "")
		january(t, f)
		signAll(t, f, 202601)
		closed, err := closePeriod(t, f, db, 202601)
		must(t, err)
		then, err := f.Ledger().Book(t.Context(), f.Book())
		must(t, err)
		state, err := f.ClosingState(t.Context(), 202601)
		must(t, err)
		want := fund.State{Book: f.Book(), Seq: closed.Period.Seq, Root: then.Root, Period: 202601, Closed: 20260131, EnteredBy: "clerk", Approved: "chief"}
		if diff := cmp.Diff(want, state); diff != "" {
			t.Fatal(diff)
		}
		first := papers(t, f, 202601)
		if text := state.Printed().Text(statement.Chinese); !strings.Contains(first, text) || !strings.Contains(text, "账簿 1/1 第 ") || !strings.Contains(text, "（2026-01 结账，2026-01-31），根 ") {
			t.Errorf("%q does not stand on the papers", text)
		}

		// Whatever happens afterwards: entries, a closing, a reopening, new accounts.
		must2(t)(f.Post(t.Context(), event("E8a", "february", 20260221, part(accounts.RoleFiscalAccount, 50), part(accounts.RoleDepositInterest, 50))))
		signAll(t, f, 202602)
		_, err = closePeriod(t, f, db, 202602)
		must(t, err)
		february := papers(t, f, 202602)
		reopen(t, f, 202602, "reopen 1")
		must2(t)(f.Post(t.Context(), event("E8a", "forgotten", 20260222, part(accounts.RoleFiscalAccount, 7), part(accounts.RoleDepositInterest, 7))))
		_, err = f.Ledger().OpenAccounts(t.Context(), f.Book(), ledger.Act{Key: "more", Effective: 20260223, EnteredBy: "setup"}, []ledger.AccountSpec{{Code: "9123", Type: ledger.Asset}})
		must(t, err)
		if again := papers(t, f, 202601); again != first {
			t.Errorf("the papers of January differ:\n%s", cmp.Diff(strings.Split(first, "\n"), strings.Split(again, "\n")))
		}

		// February is open again, and then closed in another state.
		var refused *fund.Error
		if _, err := f.ClosingState(t.Context(), 202602); !errors.Is(err, fund.ErrNotClosed) || !errors.As(err, &refused) || !strings.Contains(err.Error(), "reopened by entry") {
			t.Errorf("the state of a month that is open again: %v", err)
		}
		signAll(t, f, 202602)
		_, err = closePeriod(t, f, db, 202602)
		must(t, err)
		if papers(t, f, 202602) == february {
			t.Error("the papers of February do not show what was posted after the reopening")
		}
		if _, err := f.ClosingState(t.Context(), 202603); !errors.Is(err, fund.ErrNotClosed) {
			t.Errorf("the state of an open month: %v", err)
		}
	})
}

func TestFiguresAreReadInNoOtherStateThanAClosing(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		f := newFund(t, db, accounts.CollectedByAgency, "")
		january(t, f)
		signAll(t, f, 202601)
		_, err := closePeriod(t, f, db, 202601)
		must(t, err)
		state, err := f.ClosingState(t.Context(), 202601)
		must(t, err)
		other := state
		other.Root[0]++
		for name, s := range map[string]fund.State{"another root": other, "no state": {}, "another number": {Book: f.Book(), Seq: state.Seq - 1, Root: state.Root, Period: 202601}} {
			if _, err := f.FiguresAt(t.Context(), s); !errors.Is(err, fund.ErrNotClosed) {
				t.Errorf("%s: %v", name, err)
			}
		}
		must(t, db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			inside, err := f.ClosingStateTx(ctx, tx.Handle(), 202601)
			if err != nil || inside != state {
				t.Errorf("%+v, %v", inside, err)
			}
			figures, err := f.FiguresAtTx(ctx, tx.Handle(), state)
			if err == nil && (figures.State != state || figures.Through != 202601) {
				t.Errorf("%+v", figures)
			}
			return err
		}))
		reopen(t, f, 202601, "reopen 1")
		signAll(t, f, 202601)
		_, err = closePeriod(t, f, db, 202601)
		must(t, err)
		if _, err := f.FiguresAt(t.Context(), state); !errors.Is(err, fund.ErrNotClosed) {
			t.Errorf("a state that was overtaken: %v", err)
		}
		now, err := f.ClosingState(t.Context(), 202601)
		must(t, err)
		_, err = f.FiguresAt(t.Context(), now)
		must(t, err)
	})
}

func TestFiguresOfAPeriodThatWasNotReadAreRefused(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		f := newFund(t, db, accounts.CollectedByAgency, "")
		january(t, f)
		figures, err := f.Figures(t.Context(), 202601)
		must(t, err)
		if text := figures.State.Printed().Text(statement.Chinese); !strings.Contains(text, "未结账") {
			t.Errorf("figures of an open month are printed as %q", text)
		}
		for _, request := range []statement.Request{{Month: 202602}, {Month: 202601, Annual: true}} {
			for _, request.Kind = range []accounts.FormKind{accounts.BalanceSheet, accounts.IncomeExpenditure} {
				if _, err := statement.Make(f.Chart(), figures, request); !errors.Is(err, fund.ErrNotRead) {
					t.Errorf("%+v: %v", request, err)
				}
			}
		}
	})
}

// A book that changes from collection by the agency to collection by tax has no income account any more, but had one.
func TestFiguresKeepAccountsThatTheChartOfTodayHasNot(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		f := newFund(t, db, accounts.CollectedByAgency, "")
		must2(t)(f.Post(t.Context(), event("E1", "premium", 20260110, part(accounts.RoleIncomeAccount, 168000), part(accounts.RoleContributions, 168000))))
		tax, err := f.Chart().Chart().For(f.Chart().Fund, accounts.Conditions{Level: accounts.BelowProvincial, Collector: accounts.CollectedByTax, HasUpperLevel: true}, opened)
		must(t, err)
		figures, err := fund.New(f.Ledger(), tax, f.Book(), "").Figures(t.Context(), 202601)
		must(t, err)
		trial, err := statement.Trial(tax, figures, accounts.General, 202601, 202601)
		must(t, err)
		if got := trial.Total.ClosingDebit; got != money.Amount(168000) {
			t.Errorf("the trial balance adds up to %d", got)
		}
		detail, err := fund.New(f.Ledger(), tax, f.Book(), "").Detail(t.Context(), figures, fund.DetailOrder{AccountID: "income_account", Year: 2026})
		must(t, err)
		ledger, err := detail.Ledger()
		must(t, err)
		if ledger.Account.Code != "1002" || ledger.Account.NameZH != "收入户存款" || len(ledger.Pages[0].Lines) != 4 {
			t.Errorf("%+v", ledger)
		}
	})
}

func TestFiguresOfAnAccountThatNoChartHasAreAnError(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		f := newFund(t, db, accounts.CollectedByAgency, "")
		_, err := f.Ledger().OpenAccounts(t.Context(), f.Book(), ledger.Act{Key: "own", Effective: opened, EnteredBy: "setup"}, []ledger.AccountSpec{{Code: "9123", Type: ledger.Asset}})
		must(t, err)
		must2(t)(f.Ledger().Post(t.Context(), f.Book(), ledger.Draft{Key: "aside", Effective: 20260105, EnteredBy: "clerk",
			Lines: []ledger.Line{ledger.DebitLine("9123", 5), ledger.CreditLine("4001", 5)}}))
		if _, err := f.Figures(t.Context(), 202601); !errors.Is(err, fund.ErrNotInChart) || !strings.Contains(err.Error(), "9123") {
			t.Errorf("figures that no statement would show: %v", err)
		}
	})
}
