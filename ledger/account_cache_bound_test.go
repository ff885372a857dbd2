package ledger

import (
	"fmt"
	"testing"

	"github.com/fundledger/fundledger/ledger/seal"
)

func TestTheMemoryOfAccountsIsBoundedAndNeverOfAnotherState(t *testing.T) {
	var c accountCache
	accounts := func(from, n int) map[AccountNo]*Account {
		all := make(map[AccountNo]*Account, n)
		for i := from; i < from+n; i++ {
			all[AccountNo(i)] = &Account{No: AccountNo(i), Code: fmt.Sprint("c", i)}
		}
		return all
	}
	found := func(h *head, no int) bool {
		byNumber, byCode := map[AccountNo]*Account{}, map[string]*Account{}
		numbers, codes := c.find(h, []int64{int64(no)}, []string{fmt.Sprint("c", no)}, byNumber, byCode)
		if len(numbers) != len(codes) || len(numbers)+len(byNumber) != 1 || len(byNumber) != len(byCode) {
			t.Fatalf("account %d: %v %v missing, %v %v found", no, numbers, codes, byNumber, byCode)
		}
		return len(byNumber) == 1
	}
	first, second := &head{id: BookID{Realm: 1, Number: 1}}, &head{id: BookID{Realm: 1, Number: 2}}
	c.keep(first, nil, accounts(1, cachedAccounts/2))
	c.keep(second, nil, accounts(1, cachedAccounts/2))
	c.keep(first, nil, accounts(1, 10)) // twice is once
	if !found(first, 1) || !found(second, cachedAccounts/2) || c.held != cachedAccounts {
		t.Errorf("%d held", c.held)
	}
	next := &head{id: first.id, accountsState: nextAccountsState(first.accountsState, seal.EmptyRoot())}
	if found(next, 1) {
		t.Error("an account of another state was found")
	}
	c.keep(next, nil, accounts(1, 1))
	if !found(next, 1) || found(next, 2) || found(first, 1) || c.held != cachedAccounts/2+1 {
		t.Errorf("after an act on accounts: %d held", c.held)
	}
	c.keep(second, nil, accounts(cachedAccounts/2, cachedAccounts/2+7)) // does not fit beside what is there
	if found(second, 1) || found(next, 1) || !found(second, cachedAccounts/2+1) || c.held != cachedAccounts/2+7 {
		t.Errorf("after it was full: %d held", c.held)
	}
	c.keep(second, nil, accounts(1, cachedAccounts+1))
	if c.held > cachedAccounts {
		t.Errorf("more than fits: %d held", c.held)
	}
}
