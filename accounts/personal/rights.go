package personal

import (
	"context"
	"fmt"
	"strings"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/accounts/fund"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
)

// The tags of lines on members' accounts say what changed the rights. The yearly interest has InterestTag.
const (
	TagContribution = "contribution" // 个人缴费 credited when the money is in
	TagPension      = "pension"      // 个人账户养老金 paid from the account
	TagRefund       = "refund"       // 退还缴费 taken back
	TagHeirs        = "heirs"        // 个人账户余额继承 paid to heirs: a line that brings the account to zero settles it
	TagTransfer     = "transfer"     // 转移 in from or out to another area
	TagCorrection   = "correction"   // 更正
)

// InterestTag is the tag of the interest of a year.
func InterestTag(year int) string { return fmt.Sprintf("interest %d", year) }

// Rights keeps the personal accounts of one fund's members: accounts of class Member in the memorandum section of the fund's book, under the control account of
// members' rights (个人账户权益). Each belongs to a member number of the registration; no name and no identity number stands in the book. It is immutable and
// safe for concurrent use.
type Rights struct {
	fund    *fund.Fund
	control ledger.Account
}

// NewRights returns the personal accounts of a fund whose book is open. It returns an *accounts.Error where the fund keeps none.
func NewRights(ctx context.Context, f *fund.Fund) (*Rights, error) {
	code, err := f.RoleCode(accounts.RoleMembersRights)
	if err != nil {
		return nil, err
	}
	control, err := f.Ledger().Account(ctx, f.Book(), code)
	if err != nil {
		return nil, err
	}
	return &Rights{fund: f, control: control}, nil
}

// Fund returns the fund.
func (r *Rights) Fund() *fund.Fund { return r.fund }

// Control returns the control account of all members' rights.
func (r *Rights) Control() ledger.Account { return r.control }

// Code returns the code of a member's account.
func (r *Rights) Code(member string) string { return r.control.Code + "/" + member }

// Member returns the member of an account's code.
func (r *Rights) Member(code string) string { return strings.TrimPrefix(code, r.control.Code+"/") }

// Open opens the accounts of members in the host's transaction, at most ledger.MaxAccountsPerAct of them, and returns their numbers in the order given. A
// member who has an account already is a fault (ledger.ErrAccountExists): there is never a second one (audit rule P06).
func (r *Rights) Open(ctx context.Context, tx store.Handle, act ledger.Act, members []string) ([]ledger.AccountNo, error) {
	specs := make([]ledger.AccountSpec, len(members))
	for i, member := range members {
		specs[i] = ledger.AccountSpec{
			Code: r.Code(member), Type: r.control.Type, Section: r.control.Section, Class: ledger.Member, Parent: r.control.Code, NeverBelowZero: true,
		}
	}
	return r.fund.Ledger().OpenAccountsTx(ctx, tx, r.fund.Book(), act, specs)
}

// Accounts returns the accounts of members in the host's transaction, in one query; members without one are left out.
func (r *Rights) Accounts(ctx context.Context, tx store.Handle, members []string) (map[string]ledger.AccountNo, error) {
	codes := make([]string, len(members))
	for i, member := range members {
		codes[i] = r.Code(member)
	}
	found, err := r.fund.Ledger().AccountsByCodeTx(ctx, tx, r.fund.Book(), codes)
	numbers := make(map[string]ledger.AccountNo, len(found))
	for code, account := range found {
		numbers[r.Member(code)] = account.No
	}
	return numbers, err
}

// Balance returns what a member has on the account, in minor units, in the host's transaction.
func (r *Rights) Balance(ctx context.Context, tx store.Handle, account ledger.AccountNo, at ledger.At) (money.Amount, error) {
	b, err := r.fund.Ledger().BalanceTx(ctx, tx, r.fund.Book(), account, at)
	return b.On(ledger.Credit), err
}

// wholeTime is the range from the first day that can be posted to a day.
func (r *Rights) wholeTime(until calendar.Date) ledger.Range {
	return ledger.Range{From: calendar.MustDate(1, 1, 1), To: until}
}
