package audit

import (
	"context"
	"iter"

	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// The sources of personal accounts.
var (
	RightsSource      = DeclareSource[Rights]("rights", Text{ZH: "个人账户", EN: "personal accounts"})
	InterestLawSource = DeclareSource[InterestLaw]("interest law", Text{ZH: "个人账户记账利率与计息办法", EN: "rate and method of interest on personal accounts"})
)

// RightsAccount is a personal account (个人账户).
type RightsAccount struct {
	Origin
	Account string // code, unique in the book
	Person  string // internal number
	Opened  calendar.Date
	Settled calendar.Date // paid out, transferred or merged, and closed (销户); zero while it goes on
}

// RightsMovement is one change of a personal account (个人账户变动).
type RightsMovement struct {
	Origin
	Ordinal int64 // the line in the book, where it is one
	Account string
	Person  string
	Day     calendar.Date
	Month   calendar.Month // contribution or benefit month, if any
	Tag     string         // what it is, by the tags of accounts/personal
	Amount  money.Amount   // above zero is a credit
}

// Rights gives the personal accounts and everything that moved on them.
type Rights interface {
	Accounts(ctx context.Context) iter.Seq2[RightsAccount, error]

	// Movements streams the movements; those of one account come in the order of posting.
	Movements(ctx context.Context) iter.Seq2[RightsMovement, error]
}

// InterestLaw gives rate and method from the law itself, not from what the interest run says that it applied.
type InterestLaw interface {
	// InterestRule returns the rule of a year, and false where none is known.
	InterestRule(ctx context.Context, book ledger.BookID, year int) (personal.InterestRule, bool, error)

	// SettlementRule returns the rule by which an account that is settled on a day (清算) earns up to it, at the last rate published then; false where settled accounts
	// get nothing for that year. How many months earn follows from the day: the rule's Months do not matter.
	SettlementRule(ctx context.Context, book ledger.BookID, day calendar.Date) (personal.InterestRule, bool, error)
}

// DatedInterest is the rule by which accounts earn that are settled from a day to another, both included.
type DatedInterest struct {
	From, To calendar.Date // To is zero while it goes on
	personal.InterestRule
}
