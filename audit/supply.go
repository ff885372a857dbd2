package audit

import (
	"context"
	"iter"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// The sources beside the books, which a host supplies from its chart, its bank reconciliation and its statements.
var (
	RolesSource          = DeclareSource[Roles]("roles", Text{ZH: "科目用途", EN: "roles of accounts"})
	ReconciliationSource = DeclareSource[Reconciliation]("reconciliation", Text{ZH: "银行对账未达账项", EN: "open items of bank reconciliation"})
	StatementsSource     = DeclareSource[Statements]("statements", Text{ZH: "财务报表", EN: "issued statements"})
	AdjustmentsSource    = DeclareSource[Adjustments]("adjustments", Text{ZH: "经说明的结余调整", EN: "explained adjustments of balances"})
)

// Role is what an account is for, whatever a local chart calls it (科目用途).
type Role string

// The roles that rules of this module ask for. A role covers the accounts named and all that stand below them.
const (
	RoleIncomeAccount      Role = "income_account"      // 收入户存款
	RoleExpenditureAccount Role = "expenditure_account" // 支出户存款
	RoleFiscalAccount      Role = "fiscal_account"      // 财政专户存款
	RoleTreasury           Role = "treasury"            // 国库存款
	RoleTemporaryPayments  Role = "temporary_payments"  // 暂付款
	RoleTemporaryReceipts  Role = "temporary_receipts"  // 暂收款
)

// Roles maps roles to the codes of a book's accounts. A host fills it from its chart.
type Roles interface {
	// Accounts returns the codes of the accounts that play the role; none where the book has no such account.
	Accounts(ctx context.Context, book ledger.BookID, role Role) ([]string, error)

	// TaxCollectsFrom returns the day from which the tax authority collects the fund's contributions (税务征收), zero where the agency does.
	TaxCollectsFrom(ctx context.Context, book ledger.BookID) (calendar.Date, error)
}

// RoleTable is a Roles kept in memory.
type RoleTable map[ledger.BookID]BookRoles

// BookRoles are the roles in one book.
type BookRoles struct {
	Codes           map[Role][]string
	TaxCollectsFrom calendar.Date
}

// Accounts implements Roles.
func (t RoleTable) Accounts(_ context.Context, book ledger.BookID, role Role) ([]string, error) {
	return t[book].Codes[role], nil
}

// TaxCollectsFrom implements Roles.
func (t RoleTable) TaxCollectsFrom(_ context.Context, book ledger.BookID) (calendar.Date, error) {
	return t[book].TaxCollectsFrom, nil
}

// OpenItemSide says where an open item stands.
type OpenItemSide string

// The sides.
const (
	InBooksOnly OpenItemSide = "in_books"     // 账有银行无: entered in the books, not on the bank's statement
	AtBankOnly  OpenItemSide = "on_statement" // 银行有账无: on the bank's statement, not in the books
)

// OpenItem is an unmatched item of a bank reconciliation (未达账项).
type OpenItem struct {
	Book        ledger.BookID
	BankAccount string // the host's id of the bank account; not its number
	Side        OpenItemSide
	Date        calendar.Date // booking date on the side where it stands
	Amount      money.Amount  // positive: money in
	Currency    money.Currency
	Seq         ledger.Seq // the entry, where it stands in the books
	Ordinal     int64      // its line
	Statement   string     // the bank statement and its line, where it stands there
	Hash        []byte     // SHA-256 of that line, or empty
	Explanation string     // what the reconciliation says about it, if anything
}

// Reconciliation gives the unmatched items.
type Reconciliation interface {
	// OpenItems streams the items that are open at the end of a day, in any order that stays the same.
	OpenItems(ctx context.Context, asOf calendar.Date) iter.Seq2[OpenItem, error]
}

// Measure is what a statement cell takes of an account.
type Measure string

// The measures. Month-to-date and year-to-date turnovers leave closing entries out.
const (
	OpeningOfYear Measure = "opening_of_year" // 年初余额, on the account's normal side
	Closing       Measure = "closing"         // 期末余额, on the account's normal side
	MonthDebit    Measure = "month_debit"     // 本月借方发生额
	MonthCredit   Measure = "month_credit"    // 本月贷方发生额
	MonthNet      Measure = "month_net"       // 本月发生额, on the account's normal side
	YearDebit     Measure = "year_debit"      // 本年累计借方发生额
	YearCredit    Measure = "year_credit"     // 本年累计贷方发生额
	YearNet       Measure = "year_net"        // 本年累计发生额, on the account's normal side

	LastYearDebit  Measure = "last_year_debit"  // 上年借方发生额, of all twelve months
	LastYearCredit Measure = "last_year_credit" // 上年贷方发生额
	LastYearNet    Measure = "last_year_net"    // 上年发生额, on the account's normal side
)

// Term is one account in the formula of a cell.
type Term struct {
	Account string // code; a heading has the sum of what stands below it
	Measure Measure
	Minus   bool // the term is subtracted
}

// Cell is one figure of an issued statement (报表单元格) with the accounts it is made of.
type Cell struct {
	Book      ledger.BookID
	Month     calendar.Month
	Statement string // 会社保01表
	Row       string
	Column    string
	Amount    money.Amount
	Terms     []Term

	// Adjusted is the part of Amount that entries of the year brought which adjust its opening balance sheet (年初余额调整): no account had it at the opening.
	Adjusted money.Amount
	Seq      ledger.Seq // the act that issued the statement; zero if none did
}

// Statements gives the cells of issued statements.
type Statements interface {
	// Cells streams every cell of the statements of a book, in any order that stays the same.
	Cells(ctx context.Context, book ledger.BookID) iter.Seq2[Cell, error]
}

// Adjustment is a change of net assets that is neither income nor expenditure of the month and has been explained (结余调整).
type Adjustment struct {
	Month     calendar.Month
	Amount    money.Amount // positive: net assets rose
	Reason    string
	Reference string // the approval
}

// Adjustments gives the explained adjustments of a book.
type Adjustments interface {
	Adjustments(ctx context.Context, book ledger.BookID) ([]Adjustment, error)
}
