// Package insurance holds the built-in audit rules over registration, collection, personal accounts and benefits, one file a rule (参保、征缴、个人账户和待遇审计
// 规则). Package rules beside it holds those over the books.
//
// Ids follow the same catalogue: R for registration, C for collection, P for personal accounts, B for benefits. The rules read records through the sources that
// package audit declares, so that they run on this module's own services as on records of another system (audit.Records). Findings name internal numbers
// and pseudonyms, never a name or an identity number.
//
// Legal bases are cited by these short names: SIL 社会保险法, HR 社会保险经办条例 (国务院令第765号), FIN 社会保险基金财务制度 (财社〔2017〕144号), GB 11643
// 公民身份号码 (GB 11643-1999).
package insurance

import "github.com/fundledger/fundledger/audit"

// Rules returns every rule of this package, in the order of ids within registration, collection, personal accounts and benefits.
func Rules() []audit.Rule {
	return []audit.Rule{
		R01Overlap(), R03IdentityNumber(),
		C01Base(), C03Amount(), C06Arrears(), C09Allocation(), C10ThreeWay(),
		P01Credit(), P02Interest(), P03Balance(), P04Movement(), P05Early(), P06TwoAccounts(),
		B01Stopped(), B04Reperformed(), B07Recovery(), B14Returned(),
	}
}

// What rules count as looked at.
var (
	persons     = audit.Text{ZH: "参保人", EN: "persons"}
	spells      = audit.Text{ZH: "参保时段", EN: "spells"}
	assessments = audit.Text{ZH: "核定明细", EN: "assessed contributions"}
	demands     = audit.Text{ZH: "应收核定单", EN: "demands"}
	receipts    = audit.Text{ZH: "到账", EN: "receipts"}
	accounts    = audit.Text{ZH: "个人账户", EN: "personal accounts"}
	movements   = audit.Text{ZH: "账户变动", EN: "movements of accounts"}
	awards      = audit.Text{ZH: "待遇核定", EN: "awards"}
	payments    = audit.Text{ZH: "待遇发放", EN: "benefit payments"}
	recoveries  = audit.Text{ZH: "追回案件", EN: "recoveries"}
)

// Names of what findings are about.
const (
	byMember   = "member"
	byEmployer = "employer"
	byMonth    = "month"
	byScheme   = "scheme"
	byAccount  = "account"
	byDay      = "day"
)

// ownChoice is the source of a default that no law gives.
const ownChoice = "the law gives no figure; the project's choice"
