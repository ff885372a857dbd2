package ledger

import (
	"context"
	"fmt"

	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
)

// MemberBalancesTx returns what members' accounts stand at, over all dates and as the book stands, each on its normal side, in one query, in the host's
// transaction. Accounts without lines are left out. A number that is no account of class Member is ErrAccountUnknown.
func (l *Ledger) MemberBalancesTx(ctx context.Context, tx store.Handle, book BookID, numbers []AccountNo) (map[AccountNo]money.Amount, error) {
	joined := l.db.Join(tx)
	h, err := readHead(ctx, joined, book, "")
	if err != nil {
		return nil, err
	}
	wanted, chosen := make([]int64, len(numbers)), make(map[AccountNo]bool, len(numbers))
	for i, no := range numbers {
		wanted[i], chosen[no] = int64(no), true
	}
	accounts, err := accountsByNumber(ctx, joined, book, wanted)
	if err != nil {
		return nil, err
	}
	for _, no := range numbers {
		if accounts[no] == nil || accounts[no].Class != Member {
			return nil, fault(ErrAccountUnknown, book, fmt.Sprintf("account %d is no member's", no), "give numbers of members' accounts")
		}
	}
	return l.currentBalances(ctx, joined, h, accounts, chosen)
}
