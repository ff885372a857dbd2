package audit

import (
	"context"
	"iter"

	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// The sources of benefits.
var (
	AwardsSource      = DeclareSource[Awards]("awards", Text{ZH: "待遇核定", EN: "awards"})
	PaymentsSource    = DeclareSource[BenefitPayments]("payments", Text{ZH: "待遇发放明细", EN: "benefit payments"})
	StopGroundsSource = DeclareSource[StopGrounds]("stop grounds", Text{ZH: "死亡、服刑、资格认证逾期名单", EN: "deaths, prison terms and lapsed certifications"})
	RecoveriesSource  = DeclareSource[Recoveries]("recoveries", Text{ZH: "待遇追回", EN: "recoveries"})
)

// Award is a benefit awarded to a person (待遇核定).
type Award struct {
	Origin
	Person        string
	Benefit       string // pension
	Start         calendar.Month
	Last          calendar.Month // the last month due, once it was stopped (终止发放); zero while it goes on
	Amount        money.Amount   // a month, as paid from Start on
	Determination []byte         // the stored determination as package benefits/pension writes it; empty if the benefit has none
}

// Awards gives the awards.
type Awards interface {
	Awards(ctx context.Context) iter.Seq2[Award, error]
}

// BenefitPayment is a benefit paid to a person for a month (待遇发放), or one that the bank refused to pay.
type BenefitPayment struct {
	Origin
	Person      string
	Award       string
	Benefit     string
	Month       calendar.Month // benefit month (待遇所属期); zero for what is paid once, as to heirs
	Day         calendar.Date  // of payment
	Amount      money.Amount
	Offset      money.Amount  // kept back for a recovery (抵扣): the payee gets Amount less Offset
	FromAccount money.Amount  // the part that the personal account bears (个人账户养老金)
	Returned    bool          // the bank sent it back (退票), after the debit or before it
	ReturnedDay calendar.Date // when; the account has FromAccount again from then on. Zero: it never bore it
	ReturnedSeq ledger.Seq    // the entry of the return; zero where it has none
	Rejected    bool          // of those returned: the bank refused it before the debit, and nothing was paid or borne
	Replaces    string        // id of the payment that this one issues again (重发), where the system says so
}

// BenefitPayments gives the payments.
type BenefitPayments interface {
	Payments(ctx context.Context) iter.Seq2[BenefitPayment, error]
}

// StopKind is why a benefit stops or rests.
type StopKind string

// The kinds.
const (
	Died              StopKind = "died"                  // 死亡
	Imprisoned        StopKind = "imprisoned"            // 服刑
	CertificationOver StopKind = "certification_expired" // 资格认证逾期
)

// StopGround is a fact from registration or from an outside list for which nothing is payable (停发事由): from the month after From to the month of To. Where To
// is zero it goes on.
type StopGround struct {
	Origin
	Person   string
	Kind     StopKind
	From, To calendar.Date
	List     string // where it comes from: 民政、司法、认证系统
}

// StopGrounds gives the grounds.
type StopGrounds interface {
	StopGrounds(ctx context.Context) iter.Seq2[StopGround, error]
}

// Recovery is a case to get back what was overpaid (追回多发待遇).
type Recovery struct {
	Origin
	Person      string
	Payments    []string // ids of the payments that it is about
	Opened      calendar.Date
	Amount      money.Amount
	Instalments []Instalment // as agreed; none: all of Amount is due at once
	Repaid      []Repayment
}

// Instalment is what is to be repaid by a day.
type Instalment struct {
	Due    calendar.Date
	Amount money.Amount
}

// Repayment is what was repaid on a day, in money or by offsetting it against a benefit.
type Repayment struct {
	Day     calendar.Date
	Amount  money.Amount
	Against money.Amount // the benefit of the month that it was taken off (抵扣); zero for money
}

// Recoveries gives the cases.
type Recoveries interface {
	Recoveries(ctx context.Context) iter.Seq2[Recovery, error]
}
