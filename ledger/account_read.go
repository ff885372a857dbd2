package ledger

import (
	"context"
	"iter"
	"slices"

	"github.com/fundledger/fundledger/ledger/store"
)

// accountColumns are what scanAccount reads.
const accountColumns = `account_no, code, name, type, section, class, parent_no, never_below_zero, opened_day, closed_day`

func scanAccount(rows interface{ Scan(...any) error }) (*Account, error) {
	var a Account
	var kind, section, class string
	if err := rows.Scan(&a.No, &a.Code, &a.Name, &kind, &section, &class, &a.Parent, &a.NeverBelowZero, &a.Opened, &a.Closed); err != nil {
		return nil, err
	}
	a.Type, a.Section, a.Class = valueOf(typeNames, kind), valueOf(sectionNames, section), valueOf(classNames, class)
	return &a, nil
}

func accountsByNumber(ctx context.Context, tx *store.Tx, book BookID, wanted []int64) (map[AccountNo]*Account, error) {
	found := make(map[AccountNo]*Account, len(wanted))
	if first, last, ok := dense(wanted); ok {
		chosen := make(map[AccountNo]bool, len(wanted))
		for _, no := range wanted {
			chosen[AccountNo(no)] = true
		}
		err := queryAccounts(ctx, tx, func(a *Account) {
			if chosen[a.No] {
				found[a.No] = a
			}
		}, ` WHERE realm_id = ? AND book_no = ? AND account_no BETWEEN ? AND ?`, book.Realm, book.Number, first, last)
		return found, err
	}
	err := queryAccounts(ctx, tx, func(a *Account) { found[a.No] = a },
		` WHERE realm_id = ? AND book_no = ? AND `+tx.Dialect().Among("account_no"), book.Realm, book.Number, tx.Dialect().Ints(wanted))
	return found, err
}

// dense reports whether many numbers lie so close together that reading everything between them beats looking each up: members that were opened together
// are paid together.
func dense(numbers []int64) (first, last int64, ok bool) {
	const many, gaps = 32, 3
	if len(numbers) < many {
		return 0, 0, false
	}
	first, last = slices.Min(numbers), slices.Max(numbers)
	return first, last, first > 0 && last-first < gaps*int64(len(numbers))
}

func accountsByCode(ctx context.Context, tx *store.Tx, book BookID, wanted []string) (map[string]*Account, error) {
	found := make(map[string]*Account, len(wanted))
	err := queryAccounts(ctx, tx, func(a *Account) { found[a.Code] = a },
		` WHERE realm_id = ? AND book_no = ? AND `+tx.Dialect().Among("code"), book.Realm, book.Number, tx.Dialect().Texts(wanted))
	return found, err
}

func queryAccounts(ctx context.Context, tx *store.Tx, found func(*Account), where string, args ...any) error {
	rows, err := tx.Query(ctx, `SELECT `+accountColumns+` FROM ledger_account`+where, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		account, err := scanAccount(rows)
		if err != nil {
			return err
		}
		found(account)
	}
	return rows.Err()
}

// Account returns an account by its code, or ErrAccountUnknown.
func (l *Ledger) Account(ctx context.Context, book BookID, code string) (Account, error) {
	var account Account
	err := l.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		account, err = readAccount(ctx, tx, book, code)
		return err
	})
	return account, err
}

// AccountTx is Account in the host's transaction.
func (l *Ledger) AccountTx(ctx context.Context, tx store.Handle, book BookID, code string) (Account, error) {
	return readAccount(ctx, l.db.Join(tx), book, code)
}

func readAccount(ctx context.Context, tx *store.Tx, book BookID, code string) (Account, error) {
	found, err := accountsByCode(ctx, tx, book, []string{code})
	if err != nil {
		return Account{}, err
	}
	if found[code] == nil {
		e := fault(ErrAccountUnknown, book, "not in the book", "open it with OpenAccounts, or correct the code")
		e.Field = "account " + clipped(code)
		return Account{}, e
	}
	return *found[code], nil
}

// AccountsByNumber returns accounts by their numbers; numbers that the book does not have are left out.
func (l *Ledger) AccountsByNumber(ctx context.Context, book BookID, numbers []AccountNo) (map[AccountNo]Account, error) {
	var accounts map[AccountNo]Account
	err := l.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		accounts, err = readAccounts(ctx, tx, book, numbers)
		return err
	})
	return accounts, err
}

// AccountsByNumberTx is AccountsByNumber in the host's transaction.
func (l *Ledger) AccountsByNumberTx(ctx context.Context, tx store.Handle, book BookID, numbers []AccountNo) (map[AccountNo]Account, error) {
	return readAccounts(ctx, l.db.Join(tx), book, numbers)
}

func readAccounts(ctx context.Context, tx *store.Tx, book BookID, numbers []AccountNo) (map[AccountNo]Account, error) {
	wanted := make([]int64, len(numbers))
	for i, no := range numbers {
		wanted[i] = int64(no)
	}
	found, err := accountsByNumber(ctx, tx, book, wanted)
	accounts := make(map[AccountNo]Account, len(found))
	for no, account := range found {
		accounts[no] = *account
	}
	return accounts, err
}

// accountsPerPage bounds what one short read transaction of Accounts fetches.
const accountsPerPage = 5000

// Accounts returns every account of a book, members too, by number; of a book that does not exist, ErrBookUnknown. Each page is a short transaction of its
// own. Stop at the first error.
func (l *Ledger) Accounts(ctx context.Context, book BookID) iter.Seq2[Account, error] {
	return func(yield func(Account, error) bool) {
		for after := AccountNo(0); ; {
			var page []Account
			err := l.db.View(ctx, func(ctx context.Context, tx *store.Tx) error {
				if after == 0 {
					if _, err := readHead(ctx, tx, book, ""); err != nil {
						return err
					}
				}
				return queryAccounts(ctx, tx, func(a *Account) { page = append(page, *a) },
					` WHERE realm_id = ? AND book_no = ? AND account_no > ? ORDER BY account_no LIMIT ?`, book.Realm, book.Number, int32(after), accountsPerPage)
			})
			if err != nil {
				yield(Account{}, err)
				return
			}
			for _, account := range page {
				if !yield(account, nil) {
					return
				}
				after = account.No
			}
			if len(page) < accountsPerPage {
				return
			}
		}
	}
}

// AccountsByCode returns accounts by their codes; codes that the book does not have are left out.
func (l *Ledger) AccountsByCode(ctx context.Context, book BookID, codes []string) (map[string]Account, error) {
	var accounts map[string]Account
	err := l.db.View(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		accounts, err = readAccountsByCode(ctx, tx, book, codes)
		return err
	})
	return accounts, err
}

// AccountsByCodeTx is AccountsByCode in the host's transaction.
func (l *Ledger) AccountsByCodeTx(ctx context.Context, tx store.Handle, book BookID, codes []string) (map[string]Account, error) {
	return readAccountsByCode(ctx, l.db.Join(tx), book, codes)
}

func readAccountsByCode(ctx context.Context, tx *store.Tx, book BookID, codes []string) (map[string]Account, error) {
	found, err := accountsByCode(ctx, tx, book, codes)
	accounts := make(map[string]Account, len(found))
	for code, account := range found {
		accounts[code] = *account
	}
	return accounts, err
}
