// Package rules is the catalogue of built-in audit rules, one file a rule (审计规则库).
//
// Ids follow the catalogue of 69 rules in which L stands for the ledger, R for registration, C for collection, P for personal accounts and B for benefits. A rule
// is a function that returns an audit.Rule, so that a host can take one, change its parameters or severity, and give it to audit.New. Each file says what is
// compared with what; its test shows a hit and a book without one.
package rules

import "github.com/fundledger/fundledger/audit"

// Default returns every rule of this package, in the order of ids.
func Default() []audit.Rule {
	return []audit.Rule{
		L00Verification(), L01Unbalanced(), L02VoucherNumbers(), L03Periods(), L04Continuity(), L05Equation(), L06RollForward(), L08IncomeAccount(), L10OpenItems(),
		L13TemporaryItems(), L14RedLetters(), L18YearEnd(), L21SamePerson(), L22StatementCells(),
	}
}

// The rules and laws that legal bases cite, by the names under which they were issued.
const (
	sys = "社会保险基金会计制度（财会〔2017〕28号）"
	fin = "社会保险基金财务制度（财社〔2017〕144号）"
	bas = "会计基础工作规范（财政部令第98号）"
	sil = "社会保险法"
	hr  = "社会保险经办条例（国务院令第765号）"
)

// What rules count as looked at.
var (
	vouchers     = audit.Text{ZH: "凭证", EN: "vouchers"}
	lines        = audit.Text{ZH: "分录行", EN: "lines"}
	monthsStated = audit.Text{ZH: "月度余额表", EN: "monthly trial balances"}
)

// Names of what findings are about.
const (
	byAccount = "account"
	byVoucher = "voucher"
	byEntry   = "entry"
)
