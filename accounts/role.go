package accounts

import (
	"fmt"
	"slices"
	"strings"
)

// Role is what a program means when it posts, whatever the accounts of the fund are called: the account that premiums arrive in, the basic pension.
type Role string

// The roles. data/cn-2017/roles.yaml says which accounts play them.
const (
	// Bank accounts 货币资金
	RoleCash               Role = "cash"                // 库存现金 cash on hand
	RoleIncomeAccount      Role = "income_account"      // 收入户 income account
	RoleFiscalAccount      Role = "fiscal_account"      // 财政专户 fiscal special account
	RoleExpenditureAccount Role = "expenditure_account" // 支出户 expenditure account
	RoleTreasury           Role = "treasury"            // 国库 treasury
	RoleCollectionAccount  Role = "collection_account"  // 归集户 annuity collection account
	RolePremiumReceipts    Role = "premium_receipts"    // 保险费入账账户 account that premiums arrive in
	// Advances and investment 暂付款与投资
	RoleAdvance                 Role = "advance"                   // 其他暂付款 temporary payment without a kind of its own
	RoleAdvanceBenefit          Role = "advance_benefit"           // 先行支付 benefit paid in advance for a third party
	RoleOutOfAreaPrepaid        Role = "out_of_area_prepaid"       // 异地就医预付金 out-of-area prepayment
	RoleMedicalPrepaid          Role = "medical_prepaid"           // 医保预付金 prepayment to a medical institution
	RoleCentralisedPurchase     Role = "centralised_purchase"      // 集采预付金 prepayment for centralised purchasing
	RoleDirectSettlement        Role = "direct_settlement"         // 直接结算资金 money settled directly with drug firms
	RoleInvestedUpwardPrincipal Role = "invested_upward_principal" // 委托上级投资本金 principal invested through the upper level
	RoleInvestedUpwardInterest  Role = "invested_upward_interest"  // 委托上级投资利息 interest on money pooled upward
	RoleInvestedUpwardReturn    Role = "invested_upward_return"    // 委托上级投资收益 return on money pooled upward
	RoleBonds                   Role = "bonds"                     // 债券投资 treasury bonds
	RoleEntrustedPrincipal      Role = "entrusted_principal"       // 委托投资本金 principal with trustees
	RoleEntrustedGain           Role = "entrusted_gain"            // 委托投资收益余额 return with trustees
	// Liabilities and net assets 负债与净资产
	RoleTemporaryReceipt       Role = "temporary_receipt"        // 其他暂收款 temporary receipt without a kind of its own
	RoleUnidentifiedReceipt    Role = "unidentified_receipt"     // 待核实款项 receipt not yet identified
	RoleReturnedPayment        Role = "returned_payment"         // 待发退回待遇 returned payment to be issued again
	RoleLaterPremium           Role = "later_premium"            // 预收保险费 premium of a later year, not yet income
	RolePooledPrincipal        Role = "pooled_principal"         // 下级归集本金 principal pooled from lower levels
	RolePooledInterest         Role = "pooled_interest"          // 下级归集利息 interest due to lower levels
	RolePooledReturn           Role = "pooled_return"            // 下级归集投资收益 return due to lower levels
	RoleBorrowings             Role = "borrowings"               // 借入款项 borrowings
	RoleGeneralBalance         Role = "general_balance"          // 一般基金结余 general fund balance
	RoleGeneralBalancePooled   Role = "general_balance_pooled"   // 统筹基金结余 general balance of the pooled fund
	RoleGeneralBalancePersonal Role = "general_balance_personal" // 个人账户基金结余 general balance of the personal-account fund
	RoleRiskFund               Role = "risk_fund"                // 风险基金 risk fund
	RoleReserve                Role = "reserve"                  // 储备金 reserve
	// Income 收入
	RoleContributions           Role = "contributions"             // 社会保险费收入 contribution income
	RoleContributionsPooled     Role = "contributions_pooled"      // 保险费收入（统筹） contribution income, pooled fund
	RoleContributionsPersonal   Role = "contributions_personal"    // 保险费收入（个人账户） contribution income, personal-account fund
	RoleContributionsUnsplit    Role = "contributions_unsplit"     // 待转保险费 contributions not yet split
	RoleContributionsEmployees  Role = "contributions_employees"   // 保险费收入（职工） contribution income, employees
	RoleContributionsResidents  Role = "contributions_residents"   // 保险费收入（居民） contribution income, residents
	RoleAnnuityPersonal         Role = "annuity_personal"          // 职业年金个人缴费 annuity payments of persons
	RoleAnnuityEmployer         Role = "annuity_employer"          // 职业年金非全额单位缴费 annuity payments of employers not fully financed by the budget
	RoleAnnuityEmployerBudget   Role = "annuity_employer_budget"   // 职业年金全额单位缴费 real annuity payments of employers fully financed by the budget
	RoleFiscalSubsidy           Role = "fiscal_subsidy"            // 财政补贴 fiscal subsidy
	RoleCollectiveSubsidy       Role = "collective_subsidy"        // 集体补助 collective subsidy
	RoleDepositInterest         Role = "deposit_interest"          // 存款利息 deposit interest
	RoleDepositInterestPooled   Role = "deposit_interest_pooled"   // 存款利息（统筹） deposit interest, pooled fund
	RoleDepositInterestPersonal Role = "deposit_interest_personal" // 存款利息（个人账户） deposit interest, personal-account fund
	RoleInterestUnsplit         Role = "interest_unsplit"          // 待转利息 interest not yet split
	RoleTreasuryInterest        Role = "treasury_interest"         // 国库存款利息 interest of the treasury deposit
	RoleBondInterest            Role = "bond_interest"             // 债券利息 bond interest
	RoleBondInterestPooled      Role = "bond_interest_pooled"      // 债券利息（统筹） bond interest, pooled fund
	RoleBondInterestPersonal    Role = "bond_interest_personal"    // 债券利息（个人账户） bond interest, personal-account fund
	RoleEntrustedReturn         Role = "entrusted_return"          // 委托投资收益 entrusted-investment return
	RoleTransferIn              Role = "transfer_in"               // 转移收入 transfer-in income
	RoleUpperAllotment          Role = "upper_allotment"           // 上级补助收入 allotment from the upper level
	RoleUpperAllotmentPooled    Role = "upper_allotment_pooled"    // 上级补助（统筹） allotment from the upper level, pooled fund
	RoleUpperAllotmentPersonal  Role = "upper_allotment_personal"  // 上级补助（个人账户） allotment from the upper level, personal-account fund
	RoleLowerRemittance         Role = "lower_remittance"          // 下级上解收入 remittance from the lower level
	RoleLowerRemittancePooled   Role = "lower_remittance_pooled"   // 下级上解（统筹） remittance from the lower level, pooled fund
	RoleLowerRemittancePersonal Role = "lower_remittance_personal" // 下级上解（个人账户） remittance from the lower level, personal-account fund
	RoleOtherIncome             Role = "other_income"              // 其他收入 other income
	RoleOtherIncomePooled       Role = "other_income_pooled"       // 其他收入（统筹） other income, pooled fund
	RoleOtherIncomePersonal     Role = "other_income_personal"     // 其他收入（个人账户） other income, personal-account fund
	RoleSurcharge               Role = "surcharge"                 // 滞纳金收入 surcharges and penalties; in employee medical by practice to the pooled fund
	// Benefits 待遇
	RoleBasicPension         Role = "basic_pension"         // 基础养老金 basic pension
	RoleAccountPension       Role = "account_pension"       // 个人账户养老金 personal-account pension paid monthly
	RoleAccountLumpSum       Role = "account_lump_sum"      // 个人账户一次性支出 personal account paid once
	RoleTransitionalPension  Role = "transitional_pension"  // 过渡性养老金 transitional pension
	RoleVeteranCadrePension  Role = "veteran_cadre_pension" // 离休金 veteran cadres' pension
	RoleRetirementPay        Role = "retirement_pay"        // 退休金 retirement pay under older rules
	RoleResignationPay       Role = "resignation_pay"       // 退职金 resignation pay
	RolePensionSupplement    Role = "pension_supplement"    // 养老金补贴 pension supplement
	RoleIllnessLiving        Role = "illness_living"        // 病退生活费 living allowance after illness retirement
	RolePensionTopUp         Role = "pension_top_up"        // 补差资金 top-up money
	RolePensionMedical       Role = "pension_medical"       // 医疗补助金 medical subsidy of pensioners
	RoleFuneralSurvivor      Role = "funeral_survivor"      // 丧葬补助金和抚恤金 funeral grant and survivors' benefit
	RoleDisabilityAllowance  Role = "disability_allowance"  // 病残津贴 disability allowance
	RoleInpatient            Role = "inpatient"             // 住院费用 inpatient cost
	RoleOutpatient           Role = "outpatient"            // 门诊费用 outpatient cost
	RoleOutpatientMajor      Role = "outpatient_major"      // 门诊大病费用 outpatient cost of major illness
	RoleMedicalOther         Role = "medical_other"         // 其他医疗费用 other medical cost
	RoleInpatientPersonal    Role = "inpatient_personal"    // 住院费用（个人账户） inpatient cost, personal-account fund
	RoleOutpatientPersonal   Role = "outpatient_personal"   // 门诊费用（个人账户） outpatient cost, personal-account fund
	RolePharmacyPersonal     Role = "pharmacy_personal"     // 药店医药费用 pharmacy cost, personal-account fund
	RoleMaternityMedical     Role = "maternity_medical"     // 生育医疗费用 maternity medical cost
	RoleMaternityAllowance   Role = "maternity_allowance"   // 生育津贴 maternity allowance
	RoleInjuryMedical        Role = "injury_medical"        // 工伤医疗待遇 work-injury medical benefit
	RoleInjuryDisability     Role = "injury_disability"     // 伤残待遇 work-injury disability benefit
	RoleInjuryDeath          Role = "injury_death"          // 工亡待遇 work-related death benefit
	RoleUnemploymentBenefit  Role = "unemployment_benefit"  // 失业保险金 unemployment benefit
	RoleUnemploymentMedical  Role = "unemployment_medical"  // 代缴基本医疗保险费 medical premium paid for a recipient
	RoleUnemploymentTraining Role = "unemployment_training" // 职业培训和职业介绍补贴 training and placement subsidy
	RoleUnemploymentOther    Role = "unemployment_other"    // 失业其他费用 other unemployment cost
	RoleCareEmployees        Role = "care_employees"        // 长期护理待遇（职工） long-term care benefit of employees
	RoleCareResidents        Role = "care_residents"        // 长期护理待遇（居民） long-term care benefit of residents
	RoleAnnuityMonthly       Role = "annuity_monthly"       // 职业年金按月支付 annuity paid monthly
	RoleAnnuityInsurance     Role = "annuity_insurance"     // 一次性购买商保 annuity turned into commercial insurance
	// Other expenditure 其他支出
	RoleMajorIllness             Role = "major_illness"              // 大病保险支出 major-illness premium
	RoleAbilityAssessment        Role = "ability_assessment"         // 劳动能力鉴定 labour-ability assessment
	RoleInjuryPrevention         Role = "injury_prevention"          // 工伤预防 work-injury prevention
	RoleJobStabilisation         Role = "job_stabilisation"          // 稳岗补贴 job-stabilisation subsidy
	RoleSkillUpgrading           Role = "skill_upgrading"            // 技能提升补贴 skill-upgrading subsidy
	RoleDisabilityGrading        Role = "disability_grading"         // 失能等级评估费 disability-grade assessment fee
	RoleEntrustedHandling        Role = "entrusted_handling"         // 委托经办服务费 fee for entrusted handling
	RoleTransferOut              Role = "transfer_out"               // 转移支出 transfer-out expenditure
	RoleUpwardRemittance         Role = "upward_remittance"          // 上解上级支出 remittance to the upper level
	RoleUpwardRemittancePooled   Role = "upward_remittance_pooled"   // 上解上级（统筹） remittance to the upper level, pooled fund
	RoleUpwardRemittancePersonal Role = "upward_remittance_personal" // 上解上级（个人账户） remittance to the upper level, personal-account fund
	RoleLowerAllotment           Role = "lower_allotment"            // 补助下级支出 allotment to the lower level
	RoleLowerAllotmentPooled     Role = "lower_allotment_pooled"     // 补助下级（统筹） allotment to the lower level, pooled fund
	RoleLowerAllotmentPersonal   Role = "lower_allotment_personal"   // 补助下级（个人账户） allotment to the lower level, personal-account fund
	RoleOtherExpenditure         Role = "other_expenditure"          // 其他支出 other expenditure
	RoleOtherExpenditurePooled   Role = "other_expenditure_pooled"   // 其他支出（统筹） other expenditure, pooled fund
	RoleOtherExpenditurePersonal Role = "other_expenditure_personal" // 其他支出（个人账户） other expenditure, personal-account fund
	// Memorandum and cut-over 备查与启用
	RoleMembersRights       Role = "members_rights"        // 个人账户权益 members' rights, control account
	RoleMembersRightsContra Role = "members_rights_contra" // 个人账户权益对应 members' rights, contra account
	RoleCutoverSuspense     Role = "cutover_suspense"      // 启用过渡 cut-over suspense
)

type roleRecord struct {
	Position
	Role     Role     `yaml:"role,required"`
	ZH       string   `yaml:"zh,required"`
	EN       string   `yaml:"en,required"`
	Accounts []string `yaml:"accounts,required"` // the first one that the book has and that takes lines
}

// Role returns the id of the account that plays the role in the book, or an *Error: the role is unknown, the book has none of its accounts, or all it has are
// headings whose details the caller must choose from.
func (b *BookChart) Role(role Role) (string, error) {
	i := slices.IndexFunc(b.chart.roles, func(r roleRecord) bool { return r.Role == role })
	if i < 0 {
		return "", b.fail(CodeUnknownRole, string(role), "is no role", "use a Role constant")
	}
	var heading error
	for _, id := range b.chart.roles[i].Accounts {
		if !b.Has(id) {
			continue
		}
		postable, err := b.Postable(id)
		if err == nil {
			return postable, nil
		}
		heading = err
	}
	if heading != nil {
		return "", heading
	}
	return "", b.fail(CodeNotInBook, string(role), "is played by no account of this book",
		fmt.Sprintf("its accounts are %s", strings.Join(b.chart.roles[i].Accounts, ", ")))
}

// Roles returns all roles in the order of the data.
func (c *Chart) Roles() []Role {
	out := make([]Role, len(c.roles))
	for i, r := range c.roles {
		out[i] = r.Role
	}
	return out
}

func (l *loading) checkRoles() {
	unique(l, "role", l.chart.roles, func(r roleRecord) (string, Position) { return string(r.Role), r.Position })
	for _, r := range l.chart.roles {
		for _, id := range r.Accounts {
			if l.chart.account(id) == nil {
				l.fault(r.Position, FaultDangling, fmt.Sprintf("role %q is played by %q, which does not exist", r.Role, id), "name an account of the chart")
			}
		}
	}
}
