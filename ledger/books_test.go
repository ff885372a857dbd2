package ledger_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/ledgertest"
	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/google/go-cmp/cmp"
)

func TestTheRegisterSealsTheFirstRecordOfEveryBook(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		second := ledger.BookID{Realm: 1, Number: 2}
		f.OpenBook(t, second)
		var sealed [][]byte
		for entry, err := range f.Ledger.Entries(t.Context(), f.Book.Register(), 2, 0) {
			must(t, err)
			if entry.Kind != "ledger.book.opened" || len(entry.Lines) != 0 || entry.Period != 0 || entry.Voucher != (ledger.Voucher{}) {
				t.Errorf("%+v", entry)
			}
			sealed = append(sealed, entry.Act)
		}
		if len(sealed) != 2 {
			t.Fatalf("%d acts in the register", len(sealed))
		}
		for i, id := range []ledger.BookID{f.Book, second} {
			first, err := f.Ledger.Entry(t.Context(), id, 1)
			must(t, err)
			if first.Kind != "ledger.book.open" || !bytes.Contains(sealed[i], first.Leaf[:]) {
				t.Errorf("the register does not hold the leaf of the first record of book %v", id)
			}
		}
	})
}

func TestARealmOrBookOpenedAgainOtherwiseIsRefused(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		before := allRows(t, f.DB, 1)
		for name, change := range map[string]func(*ledger.RealmSpec){
			"code": func(s *ledger.RealmSpec) { s.Code = "x" }, "name": func(s *ledger.RealmSpec) { s.Name = "x" },
			"opened": func(s *ledger.RealmSpec) { s.Opened++ }, "entered by": func(s *ledger.RealmSpec) { s.EnteredBy = "x" },
		} {
			spec := ledgertest.RealmSpec(1)
			change(&spec)
			if err := f.Ledger.OpenRealm(t.Context(), spec); !errors.Is(err, ledger.ErrRealmExists) {
				t.Errorf("realm with another %s: %v", name, err)
			}
		}
		for name, change := range map[string]func(*ledger.BookSpec){
			"code": func(s *ledger.BookSpec) { s.Code = "x" }, "name": func(s *ledger.BookSpec) { s.Name = "x" },
			"opened": func(s *ledger.BookSpec) { s.Opened++ }, "entered by": func(s *ledger.BookSpec) { s.EnteredBy = "x" },
			"currency": func(s *ledger.BookSpec) { s.Currency = mustCurrency(t, "USD", 2) }, "scale": func(s *ledger.BookSpec) { s.Currency = mustCurrency(t, "CNY", 3) },
			"first period": func(s *ledger.BookSpec) { s.First = 202602 },
		} {
			spec := ledgertest.BookSpec(f.Book)
			change(&spec)
			if err := f.Ledger.OpenBook(t.Context(), spec); !errors.Is(err, ledger.ErrBookExists) {
				t.Errorf("book with another %s: %v", name, err)
			}
		}
		must(t, f.Ledger.OpenRealm(t.Context(), ledgertest.RealmSpec(1)))
		must(t, f.Ledger.OpenBook(t.Context(), ledgertest.BookSpec(f.Book)))
		if diff := cmp.Diff(before, allRows(t, f.DB, 1)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAFaultyRealmOrBookLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		for _, id := range []ledger.BookID{{Realm: 2, Number: 1}, {Realm: 1}, {Realm: 1, Number: -1}, {Realm: -1, Number: 1}} {
			if err := f.Ledger.OpenBook(t.Context(), ledgertest.BookSpec(id)); err == nil {
				t.Errorf("book %v was opened", id)
			}
		}
		if err := f.Ledger.OpenRealm(t.Context(), ledger.RealmSpec{ID: -3, Code: "x", Name: "x"}); !errors.Is(err, ledger.ErrFieldInvalid) || !errors.Is(err, ledger.ErrFieldMissing) {
			t.Error(err)
		}
		for _, first := range []calendar.Period{0, 202613, 202600, 99} {
			spec := ledgertest.BookSpec(ledger.BookID{Realm: 1, Number: 2})
			spec.First = first
			if err := f.Ledger.OpenBook(t.Context(), spec); !errors.Is(err, ledger.ErrFieldInvalid) {
				t.Errorf("first period %v: %v", first, err)
			}
		}
		rows := rowsOf(t, f.DB, "SELECT realm_id, book_no, seq FROM ledger_book ORDER BY 1, 2")
		if diff := cmp.Diff([]string{"realm_id | book_no | seq", "1 | 0 | 2", "1 | 1 | 2"}, rows); diff != "" {
			t.Error(diff)
		}
	})
}

// The tree is computed here once more, from the definition in RFC 6962 and without package seal's frontier.
func TestTheRootIsTheMerkleRootOverTheLeavesInOrder(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		f.Post(t, fullDraft())
		_, err := f.Ledger.PostAll(t.Context(), f.Book, manyActs())
		must(t, err)
		for range 3 {
			var leaves []seal.Hash
			for entry, err := range f.Ledger.Entries(t.Context(), f.Book, 1, 0) {
				must(t, err)
				leaves = append(leaves, entry.Leaf)
			}
			book, err := f.Ledger.Book(t.Context(), f.Book)
			must(t, err)
			if root := rootOf(leaves); root != book.Root || len(leaves) != int(book.Seq) {
				t.Fatalf("%d leaves have root %x, the book of %d has %x", len(leaves), root, book.Seq, book.Root)
			}
			f.Post(t, ledgertest.Transfer(string(rune('a'+len(leaves)%26)), 20260105, "1002", "4001", 1))
		}
	})
}

func rootOf(leaves []seal.Hash) seal.Hash {
	if len(leaves) == 1 {
		return leaves[0]
	}
	half := 1
	for half*2 < len(leaves) {
		half *= 2
	}
	return seal.NodeHash(rootOf(leaves[:half]), rootOf(leaves[half:]))
}

func TestNobodyTakesTheKeysOfTheLedgersOwnActs(t *testing.T) {
	each(t, func(t *testing.T, f *ledgertest.Fixture) {
		register, second := f.Book.Register(), ledger.BookID{Realm: 1, Number: 2}
		_, errPost := f.Ledger.Post(t.Context(), register, ledger.Draft{Key: "ledger.book.opened 2", Kind: "note", Effective: ledgertest.Opened, EnteredBy: "clerk"})
		_, errOpen := f.Ledger.OpenAccounts(t.Context(), f.Book, ledgertest.Act("ledger.book.opened 2", ledgertest.Opened), []ledger.AccountSpec{{Code: "9", Type: ledger.Asset}})
		errName := f.Ledger.NameAccount(t.Context(), register, ledgertest.Act("ledger.book.opened 2", ledgertest.Opened), 1, "name")
		for _, err := range []error{errPost, errOpen, errName} {
			refusedField(t, "a key of the ledger's own", "key", err)
		}
		f.OpenBook(t, second) // whose opening the register seals with that key
		f.Verify(t, second, register)
	})
}
