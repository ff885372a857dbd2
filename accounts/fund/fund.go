package fund

import (
	"context"

	"github.com/fundledger/fundledger/accounts"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/ledger/store"
)

// ClosingMethod says when incomes and expenditures are closed to net assets.
type ClosingMethod string

// The methods (fund-accounting: the standard speaks of 期末, which is month end and year end).
const (
	CloseMonthly ClosingMethod = "monthly" // 账结法: every month by entries; the default
	CloseYearly  ClosingMethod = "yearly"  // 表结法: at the end of the year by entries in period 13; in between by the statement alone
)

// Fund is the book of one fund (基金账套), ready to be posted into. It is immutable and safe for concurrent use.
type Fund struct {
	ledger  *ledger.Ledger
	chart   *accounts.BookChart
	book    ledger.BookID
	closing ClosingMethod
}

// Spec says which book to open.
type Spec struct {
	Book      ledger.BookID
	Code      string              // the agency's own code of the book
	Name      string              // of the fund and its agency
	Chart     *accounts.BookChart // its fund, its conditions and the day of opening
	First     calendar.Period     // the first month that can be posted into
	Closing   ClosingMethod       // CloseMonthly unless it is CloseYearly
	EnteredBy string
	Approved  string // by whom
}

// New returns the book of a fund that is open already. closing is CloseMonthly unless it is CloseYearly.
func New(led *ledger.Ledger, chart *accounts.BookChart, book ledger.BookID, closing ClosingMethod) *Fund {
	if closing != CloseYearly {
		closing = CloseMonthly
	}
	return &Fund{ledger: led, chart: chart, book: book, closing: closing}
}

// Open opens the book of a fund with all accounts of its chart, in the host's transaction. The realm must be open. Opening the same book again changes nothing.
func Open(ctx context.Context, led *ledger.Ledger, tx store.Handle, spec Spec) (*Fund, error) {
	f := New(led, spec.Chart, spec.Book, spec.Closing)
	if err := led.OpenBookTx(ctx, tx, ledger.BookSpec{
		ID: spec.Book, Code: spec.Code, Name: spec.Name, Currency: Currency(), First: spec.First, Opened: spec.Chart.At, EnteredBy: spec.EnteredBy,
	}); err != nil {
		return nil, err
	}
	act := ledger.Act{Key: "chart " + spec.Chart.At.String(), Effective: spec.Chart.At, Description: "开设会计科目 " + spec.Chart.Chart().ID,
		EnteredBy: spec.EnteredBy, ApprovedBy: spec.Approved, Source: ledger.Source{Kind: "chart", ID: spec.Chart.Chart().ID}}
	if _, err := led.OpenAccountsTx(ctx, tx, spec.Book, act, f.accountSpecs(spec.Chart.Accounts())); err != nil {
		return nil, err
	}
	return f, nil
}

// Adopt opens, in the host's transaction, the accounts that the book's chart has on a later day and did not have before, such as those of a supplement of the
// standard, and returns the fund with the chart of that day. Accounts that the standard gave up stay open until they are closed one by one.
func (f *Fund) Adopt(ctx context.Context, tx store.Handle, at calendar.Date, act ledger.Act) (*Fund, error) {
	chart, err := f.chart.On(at)
	if err != nil {
		return nil, err
	}
	var missing []accounts.AccountOpening
	for _, a := range chart.Accounts() {
		if !f.chart.Has(a.ID) {
			missing = append(missing, a)
		}
	}
	adopted := New(f.ledger, chart, f.book, f.closing)
	if len(missing) == 0 {
		return adopted, nil
	}
	specs := adopted.accountSpecs(missing)
	if err := adopted.standBeside(ctx, tx, specs); err != nil {
		return nil, err
	}
	_, err = f.ledger.OpenAccountsTx(ctx, tx, f.book, act, specs)
	return adopted, err
}

// standBeside gives accounts another place in the ledger where the one above them has taken lines so far, as 5101 did before the supplement of 2025 divided it: such an
// account never becomes a heading of the ledger, so that its new details stand beside it. Statements follow the chart, where they stand below it.
func (f *Fund) standBeside(ctx context.Context, tx store.Handle, specs []ledger.AccountSpec) error {
	opening := make(map[string]bool, len(specs))
	for _, spec := range specs {
		opening[spec.Code] = true
	}
	for i := range specs {
		for specs[i].Parent != "" && !opening[specs[i].Parent] {
			above, err := f.ledger.AccountTx(ctx, tx, f.book, specs[i].Parent)
			if err != nil {
				return err
			}
			if above.Class != ledger.Detail {
				break
			}
			specs[i].Parent = ""
			if above.Parent == 0 {
				break
			}
			higher, err := f.ledger.AccountsByNumberTx(ctx, tx, f.book, []ledger.AccountNo{above.Parent})
			if err != nil {
				return err
			}
			specs[i].Parent = higher[above.Parent].Code
		}
	}
	return nil
}

// Currency is the renminbi, in which the standard's books are kept.
func Currency() money.Currency { return money.MustCurrency("CNY") }

// Ledger, Chart and Book return what the fund was made from.
func (f *Fund) Ledger() *ledger.Ledger { return f.ledger }

// Chart returns the chart of the book.
func (f *Fund) Chart() *accounts.BookChart { return f.chart }

// Book returns the book's id.
func (f *Fund) Book() ledger.BookID { return f.book }

// Closing returns the closing method.
func (f *Fund) Closing() ClosingMethod { return f.closing }

// AccountCode returns the code in the ledger of an account of the chart, or an error of package accounts.
func (f *Fund) AccountCode(id string) (string, error) {
	a, err := f.chart.Account(id)
	return a.Code, err
}

// RoleCode returns the code in the ledger of the account that plays a role.
func (f *Fund) RoleCode(role accounts.Role) (string, error) {
	id, err := f.chart.Role(role)
	if err != nil {
		return "", err
	}
	return f.AccountCode(id)
}

// banks are the accounts of money; none of them is ever overdrawn.
var banks = []accounts.Role{accounts.RoleCash, accounts.RoleIncomeAccount, accounts.RoleFiscalAccount, accounts.RoleExpenditureAccount,
	accounts.RoleTreasury, accounts.RoleCollectionAccount}

func (f *Fund) accountSpecs(list []accounts.AccountOpening) []ledger.AccountSpec {
	limited := map[string]bool{}
	for _, role := range banks {
		if id, err := f.chart.Role(role); err == nil {
			limited[id] = true
		}
	}
	rights, _ := f.chart.Role(accounts.RoleMembersRights)
	specs := make([]ledger.AccountSpec, len(list))
	for i, a := range list {
		spec := ledger.AccountSpec{
			Code: a.Code, Name: a.NameZH, Type: accountTypes[a.Type], Section: ledger.General, Class: ledger.Detail, NeverBelowZero: limited[a.ID],
		}
		if a.Section == accounts.Memorandum {
			spec.Section = ledger.Memorandum
		}
		switch {
		case a.ID == rights:
			spec.Class = ledger.Control
		case a.Heading:
			spec.Class = ledger.Heading
		}
		if a.ParentID != "" {
			if parent, err := f.chart.Account(a.ParentID); err == nil {
				spec.Parent = parent.Code
			}
		}
		specs[i] = spec
	}
	return specs
}

var accountTypes = map[accounts.AccountType]ledger.AccountType{
	accounts.Asset: ledger.Asset, accounts.Liability: ledger.Liability, accounts.NetAssets: ledger.NetAssets,
	accounts.Income: ledger.Income, accounts.Expense: ledger.Expense,
}
