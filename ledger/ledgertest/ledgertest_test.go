package ledgertest_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/ledgertest"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var book = ledger.BookID{Realm: 1, Number: 1}

// model returns a model with a book that has the accounts of Chart, one of them closed, and a stock on the limited ones.
func model(t *rapid.T, stock money.Amount) *ledgertest.Model {
	m := ledgertest.NewModel(ledgertest.NewClock().Now)
	rich := ledgertest.Transfer("rich", 20260105, "1002", "4001", stock)
	rich.Lines = append(rich.Lines, ledgertest.Transfer("", 0, "R0", "R/1", stock).Lines...)
	var refused []ledgertest.Refusal
	refused = append(refused, m.OpenRealm(ledgertest.RealmSpec(1))...)
	refused = append(refused, m.OpenBook(ledgertest.BookSpec(book))...)
	_, r1 := m.OpenAccounts(book, ledgertest.Act("chart", ledgertest.Opened), ledgertest.Chart())
	_, r2 := m.Post(book, rich)
	r3 := m.CloseAccount(book, ledgertest.Act("close", 20260105), 4)
	_, r4 := m.ClosePeriod(book, ledgertest.Act("period", 20260131), 202601)
	if refused = slices.Concat(refused, r1, r2, r3, r4); len(refused) > 0 {
		t.Fatal(refused)
	}
	return m
}

func TestGoodDraftsAreTaken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := model(t, 1_000_000_000)
		d := ledgertest.GoodDraft(ledgertest.Frame{Key: "good", Accounts: m.Accounts(book), From: 20260201, To: 20261231}).Draw(t, "draft")
		if err := d.Check(); err != nil {
			t.Fatal(err)
		}
		if _, refused := m.Post(book, d); len(refused) > 0 {
			t.Fatalf("%v: %+v", refused, d)
		}
	})
}

func TestBrokenDraftsShowEveryFaultADraftCanHave(t *testing.T) {
	seen := map[ledger.Code]bool{}
	checked := 0
	rapid.Check(t, func(t *rapid.T) {
		m := model(t, 100)
		frame := ledgertest.Frame{Accounts: m.Accounts(book), From: 20260101, To: 20260331}
		for range 30 {
			frame.Key = rapid.SampledFrom([]string{"new", "new", "new", "rich"}).Draw(t, "key")
			d := ledgertest.BrokenDraft(frame).Draw(t, "draft")
			_, refused := m.Post(book, d)
			found, err := ledgertest.Refusals(d.Check())
			if err != nil || len(found) > 0 && !cmp.Equal(found, refused) {
				t.Fatalf("Draft.Check finds %v, the model %v, %v", found, refused, err)
			}
			for _, r := range refused {
				seen[r.Code] = true
			}
			checked++
		}
	})
	want := []ledger.Code{
		ledger.ErrFieldMissing, ledger.ErrFieldInvalid, ledger.ErrFieldTooLong, ledger.ErrKeyReused, ledger.ErrLinesRefused, ledger.ErrPeriodMismatch,
		ledger.ErrPeriodBeforeBook, ledger.ErrPeriodClosed, ledger.ErrAccountUnknown, ledger.ErrAccountClass, ledger.ErrAccountClosed, ledger.ErrVoucherRefused,
		ledger.ErrAmountZero, ledger.ErrOverflow, ledger.ErrUnbalanced, ledger.ErrBelowZero,
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(seen))); checked >= 3000 && diff != "" {
		t.Errorf("codes of %d drafts (-want +seen):\n%s", checked, diff)
	}
}

func TestRefusalsKeepOtherErrors(t *testing.T) {
	other := otherError{}
	if refused, err := ledgertest.Refusals(other); refused != nil || err != other {
		t.Error(refused, err)
	}
	if refused, err := ledgertest.Refusals(nil); refused != nil || err != nil {
		t.Error(refused, err)
	}
	text := ledgertest.Refusal{Draft: 2, Code: ledger.ErrUnbalanced, Line: 0}.String()
	if text != "draft 2: unbalanced in line 0" {
		t.Error(text)
	}
}

type otherError struct{}

func (otherError) Error() string { return "no error of the ledger" }
