package ledger

import (
	"context"
	"sync"

	"github.com/fundledger/fundledger/ledger/seal"
	"github.com/fundledger/fundledger/ledger/store"
)

// cachedAccounts bounds how many accounts a Ledger remembers, of all books together: some 30 MB.
const cachedAccounts = 100_000

// accountCache remembers accounts as they were read under the lock of their book, so that a book's chart is not read again for every entry. What it holds
// of a book is good for one accounts_state only. That hash names the acts by which the accounts became what they are, so it is never that of other accounts:
// not after a transaction was rolled back, and not when another process changed them. The accounts are shared and must not be changed.
type accountCache struct {
	mutex sync.Mutex
	books map[BookID]*cachedBook
	held  int
}

type cachedBook struct {
	state    seal.Hash
	byNumber map[AccountNo]*Account
	byCode   map[string]*Account
}

// nextAccountsState is the state after an act on accounts with that leaf.
func nextAccountsState(state, leaf seal.Hash) seal.Hash { return seal.NodeHash(state, leaf) }

// accounts returns those of the wanted accounts that the book has, from the cache or from the rows. The book is locked, and h is its row as it stands.
func (l *Ledger) accounts(ctx context.Context, tx *store.Tx, h *head, numbers []int64, codes []string) (map[AccountNo]*Account, map[string]*Account, error) {
	byNumber, byCode := make(map[AccountNo]*Account, len(numbers)), make(map[string]*Account, len(codes))
	numbers, codes = l.cache.find(h, numbers, codes, byNumber, byCode)
	if len(numbers) > 0 {
		read, err := accountsByNumber(ctx, tx, h.id, numbers)
		if err != nil {
			return nil, nil, err
		}
		l.cache.keep(h, byNumber, read)
	}
	if len(codes) > 0 {
		read, err := accountsByCode(ctx, tx, h.id, codes)
		if err != nil {
			return nil, nil, err
		}
		found := make(map[AccountNo]*Account, len(read))
		for code, account := range read {
			byCode[code], found[account.No] = account, account
		}
		l.cache.keep(h, nil, found)
	}
	return byNumber, byCode, nil
}

// find puts what it has into the two maps and returns what is missing.
func (c *accountCache) find(h *head, numbers []int64, codes []string, byNumber map[AccountNo]*Account, byCode map[string]*Account) ([]int64, []string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	book := c.books[h.id]
	if book == nil || book.state != h.accountsState {
		return numbers, codes
	}
	var otherNumbers []int64
	for _, no := range numbers {
		if account, ok := book.byNumber[AccountNo(no)]; ok {
			byNumber[AccountNo(no)] = account
		} else {
			otherNumbers = append(otherNumbers, no)
		}
	}
	var otherCodes []string
	for _, code := range codes {
		if account, ok := book.byCode[code]; ok {
			byCode[code] = account
		} else {
			otherCodes = append(otherCodes, code)
		}
	}
	return otherNumbers, otherCodes
}

// keep remembers accounts that were read, and puts them into a map besides, if there is one. A full cache begins anew.
func (c *accountCache) keep(h *head, into, read map[AccountNo]*Account) {
	for no, account := range read {
		if into != nil {
			into[no] = account
		}
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	book := c.books[h.id]
	if book != nil && book.state != h.accountsState {
		c.held -= len(book.byNumber)
		delete(c.books, h.id)
		book = nil
	}
	fresh := len(read)
	if book != nil {
		for no := range read {
			if book.byNumber[no] != nil {
				fresh--
			}
		}
	}
	if c.held+fresh > cachedAccounts {
		c.books, c.held, book, fresh = nil, 0, nil, len(read)
	}
	if fresh > cachedAccounts {
		return
	}
	if c.books == nil {
		c.books = map[BookID]*cachedBook{}
	}
	if book == nil {
		book = &cachedBook{state: h.accountsState, byNumber: map[AccountNo]*Account{}, byCode: map[string]*Account{}}
		c.books[h.id] = book
	}
	for no, account := range read {
		book.byNumber[no], book.byCode[account.Code] = account, account
	}
	c.held += fresh
}
