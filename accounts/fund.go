package accounts

import (
	"slices"

	"github.com/fundledger/fundledger/ledger/calendar"
)

// FundID names a fund (基金), an accounting entity of its own with its own books.
type FundID string

// The funds of the standard.
const (
	EnterprisePension       FundID = "enterprise_pension"        // 企业职工基本养老保险基金
	ResidentPension         FundID = "resident_pension"          // 城乡居民基本养老保险基金
	CivilServicePension     FundID = "civil_service_pension"     // 机关事业单位基本养老保险基金
	EmployeeMedical         FundID = "employee_medical"          // 职工基本医疗保险基金
	ResidentMedical         FundID = "resident_medical"          // 城乡居民基本医疗保险基金
	RuralCooperativeMedical FundID = "rural_cooperative_medical" // 新型农村合作医疗基金
	WorkInjury              FundID = "work_injury"               // 工伤保险基金
	Unemployment            FundID = "unemployment"              // 失业保险基金
	Maternity               FundID = "maternity"                 // 生育保险基金
	LongTermCare            FundID = "long_term_care"            // 长期护理保险基金
	OccupationalAnnuity     FundID = "occupational_annuity"      // 机关事业单位职业年金基金
)

// Fund (基金) is a fund as the standard names it.
type Fund struct {
	Position
	ID       FundID `yaml:"id,required"`
	ZH       string `yaml:"zh,required"`
	EN       string `yaml:"en,required"`
	Validity `yaml:",inline"`
	Source   string `yaml:"source,required"`
}

// Validity is the time in which a fact holds; both days are inside. A zero ValidTo is open.
type Validity struct {
	ValidFrom calendar.Date `yaml:"valid_from"`
	ValidTo   calendar.Date `yaml:"valid_to"`
}

// Holds reports whether the fact holds on a day.
func (v Validity) Holds(at calendar.Date) bool {
	return v.ValidFrom <= at && (v.ValidTo.IsZero() || at <= v.ValidTo)
}

// overlaps reports whether two facts hold on some day together.
func (v Validity) overlaps(o Validity) bool {
	return (v.ValidTo.IsZero() || o.ValidFrom <= v.ValidTo) && (o.ValidTo.IsZero() || v.ValidFrom <= o.ValidTo)
}

// within reports whether v holds only while o does.
func (v Validity) within(o Validity) bool {
	return v.ValidFrom >= o.ValidFrom && (o.ValidTo.IsZero() || (!v.ValidTo.IsZero() && v.ValidTo <= o.ValidTo))
}

// AgencyLevel is the administrative level of the agency that keeps a book.
type AgencyLevel string

// The levels. The centre keeps the accounts that the standard gives to the province.
const (
	Central         AgencyLevel = "central"          // 中央
	Provincial      AgencyLevel = "provincial"       // 省级
	BelowProvincial AgencyLevel = "below_provincial" // 省级以下
)

// Collector says who collects the premiums (征收主体), and so which bank accounts a book has: the income account (收入户) exists only where the agency
// collects, the treasury deposit (国库存款) only where the tax authority does.
type Collector string

// The collectors.
const (
	CollectedByAgency Collector = "agency"         // 经办机构征收
	CollectedByTax    Collector = "tax"            // 税务机关征收
	CollectedByBoth   Collector = "agency_and_tax" // both, each from some payers
)

// Conditions are the local facts that decide which accounts, rows and events a book has.
type Conditions struct {
	Level         AgencyLevel
	Collector     Collector
	HasUpperLevel bool // another agency pools above
	HasLowerLevel bool // other agencies pool below

	InsuredArea  bool // medical: members are treated in other provinces (参保地)
	TreatingArea bool // medical: members of other areas are treated here (就医地)

	MaternityMerged      bool // the maternity fund is merged into employee medical (两险合并)
	EmployeeMajorIllness bool // employee medical has a major-illness scheme (职工大病保险)
	LaterPremiumsFiled   bool // resident medical: the filing for premiums of later years is accepted (SUP 2.2)
	CutOver              bool // the book takes over balances of another system
}

// Level is the level condition of an account, row or event.
type Level string

// The level conditions of the data files.
const (
	LevelAny                 Level = "any"
	LevelProvincial          Level = "provincial"
	LevelBelowProvincial     Level = "below_provincial"
	LevelHasLower            Level = "has_lower_level"
	LevelHasUpper            Level = "has_upper_level"
	LevelInsuredArea         Level = "insured_area"
	LevelInsuredAreaHasLower Level = "insured_area_has_lower_level"
	LevelTreatingArea        Level = "treating_area"
)

var levels = []Level{LevelAny, LevelProvincial, LevelBelowProvincial, LevelHasLower, LevelHasUpper, LevelInsuredArea, LevelInsuredAreaHasLower,
	LevelTreatingArea}

// Met reports whether the conditions satisfy the level condition; an empty one is LevelAny.
func (l Level) Met(c Conditions) bool {
	switch l {
	case LevelProvincial:
		return c.Level == Provincial || c.Level == Central
	case LevelBelowProvincial:
		return c.Level == BelowProvincial
	case LevelHasLower:
		return c.HasLowerLevel
	case LevelHasUpper:
		return c.HasUpperLevel
	case LevelInsuredArea:
		return c.InsuredArea
	case LevelInsuredAreaHasLower:
		return c.InsuredArea && c.HasLowerLevel
	case LevelTreatingArea:
		return c.TreatingArea
	}
	return true
}

// implies reports whether every book that meets l also meets other.
func (l Level) implies(other Level) bool {
	if other == LevelAny || other == "" || l == other {
		return true
	}
	return l == LevelInsuredAreaHasLower && (other == LevelInsuredArea || other == LevelHasLower)
}

// Rule is the condition under which the standard requires an account or prints a row.
type Rule string

// The rules of the data files.
const (
	RuleRequired                  Rule   = "required"
	RuleWhereMaternityMerged      Rule   = "where_maternity_merged"
	RuleWhereEmployeeMajorIllness Rule   = "where_employee_major_illness"
	RuleWhereLaterPremiumsFiled   Rule   = "where_later_premiums_filed"
	RuleWhereCutOver              Rule   = "where_cut_over"
	closesNowhereUntilSplit              = "none_monthly_split_at_year_end"
	defaultTarget                 FundID = "default"
)

var rules = []Rule{RuleRequired, RuleWhereMaternityMerged, RuleWhereEmployeeMajorIllness, RuleWhereLaterPremiumsFiled, RuleWhereCutOver}

// Met reports whether the conditions satisfy the rule; an empty one is RuleRequired.
func (r Rule) Met(c Conditions) bool {
	switch r {
	case RuleWhereMaternityMerged:
		return c.MaternityMerged
	case RuleWhereEmployeeMajorIllness:
		return c.EmployeeMajorIllness
	case RuleWhereLaterPremiumsFiled:
		return c.LaterPremiumsFiled
	case RuleWhereCutOver:
		return c.CutOver
	}
	return true
}

// check returns an *Error when a field that has no sensible default is missing or unknown.
func (c Conditions) check() error {
	if !slices.Contains([]AgencyLevel{Central, Provincial, BelowProvincial}, c.Level) {
		return &Error{Code: CodeBadCondition, Subject: string(c.Level), Reason: "is no level of an agency", Hint: "give central, provincial or below_provincial"}
	}
	if !slices.Contains([]Collector{CollectedByAgency, CollectedByTax, CollectedByBoth}, c.Collector) {
		return &Error{Code: CodeBadCondition, Subject: string(c.Collector), Reason: "is no collector", Hint: "give agency, tax or agency_and_tax"}
	}
	return nil
}

// expandFunds replaces groups by their funds, in place, and reports names that are neither.
func (l *loading) expandFunds(at Position, what string, names []FundID) []FundID {
	var out []FundID
	for _, name := range names {
		members, isGroup := l.groups[string(name)]
		if !isGroup {
			members = []FundID{name}
		}
		for _, fund := range members {
			switch {
			case !l.knowsFund(fund):
				l.fault(at, FaultDangling, what+" names the fund "+quote(string(fund))+", which does not exist", "name a fund or a fund group")
			case slices.Contains(out, fund):
				l.fault(at, FaultDuplicate, what+" names the fund "+quote(string(fund))+" twice", "name it once")
			default:
				out = append(out, fund)
			}
		}
	}
	return out
}
