package fund_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
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

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		must(t, os.MkdirAll("testdata", 0o755))
		must(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (−) and result (+) differ:\n%s", path, diff)
	}
}

// aYear is a year of a fund. Two months overlap, as they do while one waits for its closing: entries of March are posted before the last ones of February. April has
// no lines, a correction of May is in red, and the year is closed.
func aYear(t *testing.T, f *fund.Fund, db *store.DB) {
	t.Helper()
	post := func(e fund.Event) { t.Helper(); must2(t)(f.Post(t.Context(), e)) }
	interest := func(key string, day calendar.Date, amount money.Amount) {
		t.Helper()
		post(event("E8a", key, day, part(accounts.RoleFiscalAccount, amount), part(accounts.RoleDepositInterest, amount)))
	}
	end := func(period calendar.Period) { // in one transaction
		t.Helper()
		must(t, db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			for _, item := range f.Checklist() {
				if period.IsClosing() {
					break
				}
				if _, err := f.SignTx(ctx, tx.Handle(), fund.Signature{Period: period, Item: item, Signed: period.Month().Last(), Prepared: "clerk", Reviewed: "chief",
					Document: ledger.Source{Kind: "paper", ID: string(item), Hash: paper}}); err != nil {
					return err
				}
			}
			_, err := f.ClosePeriod(ctx, tx.Handle(), fund.CloseOrder{Period: period, Closed: period.Month().Last(), EnteredBy: "clerk", Approved: "chief"})
			return err
		}))
	}
	january(t, f)
	end(202601)
	interest("february", 20260221, 5000)
	interest("march, early", 20260302, 301)
	interest("february, late", 20260228, 202)
	interest("february, backdated", 20260210, 11)
	interest("march", 20260321, 333)
	end(202602)
	end(202603)
	end(202604)
	wrong := event("E8a", "red", 20260520, part(accounts.RoleFiscalAccount, 900), part(accounts.RoleDepositInterest, 900))
	post(wrong)
	receipt, err := f.Ledger().EntryByKey(t.Context(), f.Book(), "red")
	must(t, err)
	must2(t)(f.Ledger().Reverse(t.Context(), f.Book(), receipt.Seq, ledger.Reversal{Key: "red/out", Effective: 20260521, Reason: "冲销", EnteredBy: "clerk", ApprovedBy: "chief",
		Source: ledger.Source{Kind: "bank", ID: "red/out"}}))
	for period := calendar.Period(202605); period <= 202613; period++ {
		end(period)
	}
}

func TestDetailLedgersOfARealBook(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		f := newFund(t, db, accounts.CollectedByAgency, "")
		aYear(t, f, db)
		state, err := f.ClosingState(t.Context(), 202613)
		must(t, err)
		figures, err := f.FiguresAt(t.Context(), state)
		must(t, err)
		heading := statement.Heading{Language: statement.Chinese, Agency: "某县社会保险基金管理中心", Signers: statement.Signers{Accounting: "乙", Reviewed: "丁", Prepared: "丙"}}
		for _, id := range []string{"fiscal_account", "interest.deposit"} {
			detail, err := f.Detail(t.Context(), figures, fund.DetailOrder{AccountID: id, Year: 2026, LinesAPage: 20, Heading: heading, Leaves: true})
			must(t, err)
			var html, csv bytes.Buffer
			must(t, errors.Join(detail.HTML(&html), detail.CSV(&csv)))
			golden(t, "detail_"+id+".html", html.String())
			golden(t, "detail_"+id+".csv", csv.String())
		}
	})
}

// Every account's detail ledger ends with the turnovers and the balance of the trial balance, whatever the period that was read and the state.
func TestDetailLedgersAgreeWithTheTrialBalance(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		f := newFund(t, db, accounts.CollectedByAgency, fund.CloseYearly)
		aYear(t, f, db)
		for _, through := range []calendar.Period{202601, 202603, 202612, 202613, 202701} {
			figures, err := f.Figures(t.Context(), through)
			must(t, err)
			if lines := agrees(t, f, figures, min(through, 202613)); lines < 100 {
				t.Errorf("only %d lines", lines)
			}
		}
	})
}

// agrees compares every detail ledger of the year of a period with the trial balance of the year to that period. It returns the number of lines.
func agrees(t *testing.T, f *fund.Fund, figures *fund.Figures, last calendar.Period) int {
	t.Helper()
	year := last.Year()
	trial, err := statement.Trial(f.Chart(), figures, accounts.General, calendar.Period(year*100+1), last)
	must(t, err)
	seen := 0
	for _, row := range trial.Rows {
		detail, err := f.Detail(t.Context(), figures, fund.DetailOrder{AccountID: row.ID, Year: year})
		account, e := f.Ledger().Account(t.Context(), f.Book(), row.Code)
		must(t, e)
		if account.Class == ledger.Heading {
			if !errors.Is(err, fund.ErrNoLines) {
				t.Errorf("a heading, %s: %v", row.ID, err)
			}
			continue
		}
		must(t, err)
		whole, err := detail.Ledger()
		must(t, err)
		lines := whole.Pages[0].Lines
		total := lines[len(lines)-1]
		if total.Kind == statement.ToNextYear {
			total = lines[len(lines)-2]
		}
		if total.Kind != statement.YearTotal || total.Debit != row.Own.YearDebit || total.Credit != row.Own.YearCredit || total.Balance != row.Own.ClosingDebit-row.Own.ClosingCredit {
			t.Errorf("through %s, %s ends with %+v, the trial balance has %+v", last, row.ID, total, row.TrialFigures)
		}
		seen += len(lines)
	}
	return seen
}

func TestADetailLedgerIsOfTheStateOfItsFigures(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		f := newFund(t, db, accounts.CollectedByAgency, "")
		january(t, f)
		figures, err := f.Figures(t.Context(), 202601)
		must(t, err)
		order := fund.DetailOrder{AccountID: "fiscal_account", Year: 2026}
		write := func() string {
			t.Helper()
			detail, err := f.Detail(t.Context(), figures, order)
			must(t, err)
			var out bytes.Buffer
			must(t, detail.HTML(&out))
			return out.String()
		}
		before := write()
		must2(t)(f.Post(t.Context(), event("E8a", "later", 20260122, part(accounts.RoleFiscalAccount, 50), part(accounts.RoleDepositInterest, 50))))
		if after := write(); after != before {
			t.Errorf("a line posted afterwards stands in it:\n%s", cmp.Diff(strings.Split(before, "\n"), strings.Split(after, "\n")))
		}
		for _, year := range []int{2025, 2027} {
			order.Year = year
			if _, err := f.Detail(t.Context(), figures, order); !errors.Is(err, fund.ErrNotRead) {
				t.Errorf("%d: %v", year, err)
			}
		}
		if _, err := f.Detail(t.Context(), figures, fund.DetailOrder{AccountID: "nothing", Year: 2026}); err == nil {
			t.Error("an account that is not")
		}
	})
}

// Lines that do not add up to the daily totals end the ledger with an error that says so.
func TestADetailLedgerIsHeldAgainstTheGeneralLedger(t *testing.T) {
	storetest.Each(t, schemas, func(t *testing.T, db *store.DB) {
		f := newFund(t, db, accounts.CollectedByAgency, "")
		january(t, f)
		must(t, db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE ledger_account_day SET debit = debit + 1 WHERE account_no = ? AND day = 20260111`, int32(accountNo(t, f, "1003")))
			return err
		}))
		figures, err := f.Figures(t.Context(), 202601)
		must(t, err)
		detail, err := f.Detail(t.Context(), figures, fund.DetailOrder{AccountID: "fiscal_account", Year: 2026})
		must(t, err)
		var fault *statement.Error
		if _, err := detail.Ledger(); !errors.As(err, &fault) || !strings.Contains(err.Error(), "the general ledger has debit") {
			t.Errorf("%v", err)
		}
	})
}

func accountNo(t *testing.T, f *fund.Fund, code string) ledger.AccountNo {
	t.Helper()
	account, err := f.Ledger().Account(t.Context(), f.Book(), code)
	must(t, err)
	return account.No
}
