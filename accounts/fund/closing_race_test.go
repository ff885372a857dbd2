package fund_test

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/ledger/store"
	"github.com/fundledger/fundledger/ledger/store/storetest"
)

// beforeLock is a host's transaction in which something happens just before it locks a book for the first time.
type beforeLock struct {
	store.Handle
	happens func()
}

func (h *beforeLock) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if happens := h.happens; happens != nil && strings.Contains(query, "FOR UPDATE") {
		h.happens = nil
		happens()
	}
	return h.Handle.QueryContext(ctx, query, args...)
}

// TestNothingIsPostedUnseenWhileAMonthIsClosed lets another connection post income between the reading of the balances and the lock of the book. Only PostgreSQL has
// that moment: on SQLite nobody else writes during a transaction.
func TestNothingIsPostedUnseenWhileAMonthIsClosed(t *testing.T) {
	if !slices.Contains(storetest.Kinds(t), storetest.Postgres) {
		t.Skip("no PostgreSQL: nothing posts beside a closing on SQLite")
	}
	for name, before := range map[string]func(*testing.T, *fund.Fund){"with closing vouchers": january, "with nothing to close": func(*testing.T, *fund.Fund) {}} {
		t.Run(name, func(t *testing.T) {
			db := storetest.Open(t, schemas, storetest.Postgres)
			f := newFund(t, db, accounts.CollectedByAgency, "")
			before(t, f)
			signAll(t, f, 202601)
			late := func() {
				must2(t)(f.Post(t.Context(), event("E8a", "late", 20260131, part(accounts.RoleFiscalAccount, 77), part(accounts.RoleDepositInterest, 77))))
			}
			err := db.Update(t.Context(), func(ctx context.Context, tx *store.Tx) error {
				_, err := f.ClosePeriod(ctx, &beforeLock{tx.Handle(), late}, fund.CloseOrder{Period: 202601, Closed: 20260131, EnteredBy: "clerk", Approved: "chief"})
				return err
			})
			if !errors.Is(err, fund.ErrUnequal) || !strings.Contains(err.Error(), "0.77") {
				t.Errorf("closed beside a posting: %v", err)
			}
			_, err = closePeriod(t, f, db, 202601) // once more, with what was posted
			must(t, err)
			if open := balance(t, f, accounts.RoleDepositInterest); open != 0 {
				t.Errorf("interest of %d is in a closed month and not in the net assets", -open)
			}
		})
	}
}
