package audit

import (
	"context"
	"iter"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// The sources of collection.
var (
	AssessmentsSource     = DeclareSource[Assessments]("assessments", Text{ZH: "缴费核定明细", EN: "assessed contributions"})
	DemandsSource         = DeclareSource[Demands]("demands", Text{ZH: "应收核定与催缴", EN: "demands and enforcement steps"})
	ReceiptsSource        = DeclareSource[ContributionReceipts]("receipts", Text{ZH: "保费到账与分配", EN: "receipts and their allocation"})
	BankCreditsSource     = DeclareSource[BankCredits]("bank credits", Text{ZH: "银行保费贷记", EN: "contributions credited by the bank"})
	ContributionLawSource = DeclareSource[ContributionLaw]("contribution law", Text{ZH: "费率与缴费基数上下限", EN: "dated rates and limits of bases"})
)

// The roles of accounts on which what employers pay is income.
const (
	RoleContributionIncome Role = "contribution_income" // 社会保险费收入
	RoleSurchargeIncome    Role = "surcharge_income"    // 滞纳金收入
)

// AssessedContribution is what was assessed for one person, month and scheme by one employer (缴费核定).
type AssessedContribution struct {
	Origin
	Person      string // internal number
	Employer    string // internal number; empty for those who insure themselves
	Scheme      string
	Month       calendar.Month // wage month (费款所属期)
	Base        money.Amount   // contribution base (缴费基数)
	EmployerDue money.Amount   // 单位应缴
	PersonDue   money.Amount   // 个人应缴
	Demand      string         // id of the demand that it is part of; empty if none was issued
}

// Assessments gives the assessed contributions.
type Assessments interface {
	Assessed(ctx context.Context) iter.Seq2[AssessedContribution, error]
}

// ContributionTerms are what the law of a month says of one contribution (费率、基数上下限和进位办法).
type ContributionTerms struct {
	Floor, Cap   money.Amount // of the base, both included
	EmployerRate decimal.Decimal
	PersonRate   decimal.Decimal
	Rounding     money.Rounding // of each person's amounts
	Source       string         // the version of the parameters
}

// ContributionLaw gives the terms from the law itself, not from what the assessment says that it applied.
type ContributionLaw interface {
	// Terms returns the terms for a contribution, and false where none are known.
	Terms(ctx context.Context, of *AssessedContribution) (ContributionTerms, bool, error)
}

// DatedTerms are terms of a scheme in one book from a wage month to another, both included; zero To is open.
type DatedTerms struct {
	Origin
	ContributionTerms
	Scheme   string
	From, To calendar.Month
}

// Demand is a sum demanded of an employer for a month (应收核定单), with what was done to get it.
type Demand struct {
	Origin
	Employer string
	Scheme   string
	Month    calendar.Month
	Issued   calendar.Date
	Due      calendar.Date // last day to pay without surcharge
	Amount   money.Amount  // principal
	Steps    []EnforcementStep
}

// EnforcementStep is one step to collect arrears (催缴、划拨、处罚等清欠措施).
type EnforcementStep struct {
	Kind string
	Day  calendar.Date
}

// Demands gives the demands.
type Demands interface {
	Demands(ctx context.Context) iter.Seq2[Demand, error]
}

// Part is the part of a contribution that money was allocated to.
type Part string

// The parts.
const (
	PersonPart    Part = "person"    // 个人缴费, credited to the personal account
	EmployerPart  Part = "employer"  // 单位缴费, and whatever else is pooled
	SurchargePart Part = "surcharge" // 滞纳金; belongs to an employer, not to a person
)

// Allocation is the share of a receipt that went to one person, month and part (分配).
type Allocation struct {
	Person string // internal number; empty for surcharges
	Scheme string
	Month  calendar.Month // wage month
	Part   Part
	Amount money.Amount
	Day    calendar.Date // of the allocation
	Demand string
}

// ContributionReceipt is money received for contributions (到账), with its allocation.
type ContributionReceipt struct {
	Origin
	Employer    string // payer; empty while unidentified
	Day         calendar.Date
	Amount      money.Amount
	Allocations []Allocation
	Held        money.Amount // stands as the payer's credit in temporary receipts (暂收款), by a recorded decision
	Refunded    money.Amount // paid back
}

// ContributionReceipts gives the receipts. A receipt that was reversed is left out.
type ContributionReceipts interface {
	Receipts(ctx context.Context) iter.Seq2[ContributionReceipt, error]
}

// BankCredit is money that the bank shows as contributions paid in (银行贷记).
type BankCredit struct {
	Origin
	BankAccount string // the host's id of the account; not its number
	Day         calendar.Date
	Amount      money.Amount
}

// BankCredits gives the credits from the bank's own statements.
type BankCredits interface {
	BankCredits(ctx context.Context) iter.Seq2[BankCredit, error]
}
