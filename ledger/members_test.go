package ledger_test

import (
	"errors"
	"iter"
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/ledgertest"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
	"github.com/google/go-cmp/cmp"
)

func TestMemberMovementsAddUpByAccountMonthAndTag(t *testing.T) {
	storetest.Each(t, []store.Schema{ledger.Schema()}, func(t *testing.T, db *store.DB) {
		l := fillVerifiedBook(t, db)
		day := ledger.Range{From: 20260101, To: 20261231}
		_, err := l.Post(t.Context(), verifiedBook, ledger.Draft{Key: "feb", Effective: 20260203, EnteredBy: "clerk", Lines: []ledger.Line{
			{Code: "R/2", Side: ledger.Credit, Amount: 500, Tag: "person"}, {Code: "R/2", Side: ledger.Credit, Amount: 7, Tag: "interest"},
			{Code: "R/1", Side: ledger.Debit, Amount: 100, Tag: "person"}, ledger.DebitLine("R0", 407)}})
		must(t, err)
		var got []ledger.MemberMovement
		for m, err := range l.MemberMovements(t.Context(), verifiedBook, 6, day) {
			must(t, err)
			got = append(got, m)
		}
		january := int64(0)
		for i := range 300 {
			january += int64(1000+i) / 2
		}
		january -= 500 // the first of them was reversed
		want := []ledger.MemberMovement{
			{Account: 7, Month: 202601, Tag: "person", Credit: got[0].Credit}, {Account: 7, Month: 202602, Tag: "person", Debit: 100},
			{Account: 8, Month: 202602, Tag: "interest", Credit: 7}, {Account: 8, Month: 202602, Tag: "person", Credit: 500},
		}
		if diff := cmp.Diff(want, got); diff != "" || int64(got[0].Credit) != january {
			t.Errorf("January %d, want %d\n%s", got[0].Credit, january, diff)
		}
		for range l.MemberMovements(t.Context(), verifiedBook, 6, day) {
			break // stopping early is no error and leaves nothing open
		}
		var codes []string
		for account, err := range l.Accounts(t.Context(), verifiedBook) {
			must(t, err)
			codes = append(codes, account.Code)
		}
		if diff := cmp.Diff([]string{"10", "1002", "4001", "3001", "R0", "R", "R/1", "R/2", "R/3"}, codes); diff != "" {
			t.Error(diff)
		}
	})
}

func TestReadingWhatIsNotThereIsAnErrorAndNotNothing(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		nowhere, all := ledger.BookID{Realm: 1, Number: 9}, ledger.Range{From: 20260101, To: 20261231}
		first := func(reading iter.Seq2[ledger.MemberMovement, error]) (err error) {
			for _, err = range reading {
				return err
			}
			return nil
		}
		for name, c := range map[string]struct {
			got  error
			want ledger.Code
		}{
			"a book":                {first(f.Ledger.MemberMovements(t.Context(), nowhere, 1, all)), ledger.ErrBookUnknown},
			"a control":             {first(f.Ledger.MemberMovements(t.Context(), f.Book, 99, all)), ledger.ErrAccountUnknown},
			"what is no control":    {first(f.Ledger.MemberMovements(t.Context(), f.Book, f.Account(t, "1002").No, all)), ledger.ErrAccountClass},
			"a member as a control": {first(f.Ledger.MemberMovements(t.Context(), f.Book, f.Account(t, "P/1").No, all)), ledger.ErrAccountClass},
		} {
			if !errors.Is(c.got, c.want) {
				t.Errorf("movements of %s: %v, want %s", name, c.got, c.want)
			}
		}
		read := 0
		for account, err := range f.Ledger.Accounts(t.Context(), nowhere) {
			if read++; !errors.Is(err, ledger.ErrBookUnknown) {
				t.Errorf("accounts of a book that is not there: %+v, %v", account, err)
			}
		}
		for range f.Ledger.Accounts(t.Context(), f.Book.Register()) {
			t.Error("a register book has an account")
		}
		if read != 1 {
			t.Errorf("accounts of a book that is not there: %d answers", read)
		}
	})
}
