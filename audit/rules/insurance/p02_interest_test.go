package insurance_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/ledger"
	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

func TestP02HitsInterestThatIsNotAsRecomputed(t *testing.T) {
	r := kept()
	i := len(r.Movements) - 3
	r.Movements[i].Amount++ // one fen too much
	f := wantHit(t, runRule(t, "P02", r.Sources()), 1, "account 9002/1, interest of 2025: 144.52 CNY is booked, cn_month_product at 0.0397 a year gives 144.51 CNY, a difference of 0.01 CNY")
	if !strings.Contains(f.Text.ZH, "年利率 0.0397") || f.Evidence[0].Amounts[0].Amount != 14_452 {
		t.Errorf("%+v", f)
	}
	wantClean(t, runRule(t, "P02", r.Sources(), map[string]int64{"tolerance": 1}))
}

func TestP02HitsAYearWithoutInterestEvenWhenNothingMovedInIt(t *testing.T) {
	r := kept()
	rule := r.Interest[fundBook][2025]
	r.Interest[fundBook][2024] = rule
	// The account opened with 100.00 in 2023 and was left alone in 2024: 3.97 is missing then, and earns nothing in 2025 either.
	r.Movements = []audit.RightsMovement{moved("9002/1", 20231215, 202312, personal.TagContribution, 10_000), moved("9002/1", 20251231, 202512, personal.InterestTag(2025), 397)}
	run := runRule(t, "P02", r.Sources())
	wantHit(t, run, 397, "interest of 2024: 0.00 CNY is booked", "gives 3.97 CNY")
	if notes := run.Outcomes[0].Notes; len(notes) != 1 || !strings.Contains(notes[0].EN, "no rate was given for book 590000/1 and 2023") {
		t.Errorf("%+v", notes)
	}
}

func TestP02CountsInterestBookedInALaterYearAsAPostingOfThatYear(t *testing.T) {
	r := kept()
	r.Interest[fundBook][2024] = r.Interest[fundBook][2025]
	// 100.00 of 2023; its interest of 2024, 3.97, is booked in July 2025 and earns 6 months of 2025: 3.97 + 3.97 × 3.97 % ÷ 2 = 4.05.
	r.Movements = []audit.RightsMovement{
		moved("9002/1", 20231215, 202312, personal.TagContribution, 10_000), moved("9002/1", 20250701, 202412, personal.InterestTag(2024), 397),
		moved("9002/1", 20251231, 202512, personal.InterestTag(2025), 405),
	}
	if run := runRule(t, "P02", r.Sources()); len(run.Findings) != 0 {
		t.Error(run.Findings[0].Text.EN)
	}
}

func TestP02LetsRightInterestPass(t *testing.T) {
	wantClean(t, runRule(t, "P02", kept().Sources()))
}

// settled are the movements of one account that was settled on 10 November 2025: 560.00 at the end of each month, ten of them before it.
func settled(interest money.Amount, after ...audit.RightsMovement) *audit.Records {
	r := kept()
	r.Movements = nil
	for month := calendar.Month(202501); month <= 202510; month = month.Add(1) {
		r.Movements = append(r.Movements, moved("9002/1", month.Last(), month, personal.TagContribution, 56_000))
	}
	if interest != 0 {
		r.Movements = append(r.Movements, moved("9002/1", 20251110, 202510, personal.InterestTag(2025), interest))
	}
	r.Movements = append(append(r.Movements, moved("9002/1", 20251110, 202511, personal.TagHeirs, -560_000-interest)), after...)
	rule := r.Interest[fundBook][2025]
	rule.Rate = money.MustDecimal("0.0262") // the last one published
	r.Settlements = map[ledger.BookID][]audit.DatedInterest{fundBook: {{From: 20250601, To: 20251231, InterestRule: rule}}}
	return r
}

func TestP02JudgesASettledAccountByTheRuleOfThatDayAndTheMonthsBefore(t *testing.T) {
	// 560.00 × (10 + 9 + … + 1) = 30,800.00 × 2.62 % ÷ 12 = 67.2466…
	wantClean(t, runRule(t, "P02", settled(67_25).Sources()))
	f := wantHit(t, runRule(t, "P02", settled(67_26).Sources()), 1, "account 9002/1, interest of 2025, settled on 2025-11-10: 67.26 CNY is booked, cn_month_product at 0.0262 a year gives 67.25 CNY")
	if f.Period != calendar.Month(202511).Period() || len(f.Subjects) != 3 || !strings.Contains(f.Text.ZH, "2025-11-10 清算") {
		t.Errorf("%+v", f)
	}
	wantHit(t, runRule(t, "P02", settled(0).Sources()), 67_25, "0.00 CNY is booked")
}

func TestP02ExpectsNothingOfAYearInWhichAnAccountIsSettledWithoutALaw(t *testing.T) {
	r := settled(0)
	r.Settlements = nil
	wantClean(t, runRule(t, "P02", r.Sources()))
	r = settled(67_25)
	r.Settlements[fundBook][0].From = 20251111
	wantHit(t, runRule(t, "P02", r.Sources()), 67_25, "settled on 2025-11-10: 67.25 CNY is booked, the place credits none at a settlement")
}

func TestP02ReckonsWhatCameAfterASettlementByItself(t *testing.T) {
	late := func(interest money.Amount) []audit.RightsMovement {
		return []audit.RightsMovement{moved("9002/1", 20251130, 202511, personal.TagContribution, 56_000), moved("9002/1", 20251015, 202510, personal.TagContribution, 10_000),
			moved("9002/1", 20251231, 202512, personal.InterestTag(2025), interest)}
	}
	// By the year's own law: 560.00 for two months and 100.00 for three, 1,420.00 × 3.97 % ÷ 12 = 4.6978…
	wantClean(t, runRule(t, "P02", settled(67_25, late(4_70)...).Sources()))
	wantHit(t, runRule(t, "P02", settled(67_25, late(4_71)...).Sources()), 1, "interest of 2025: 4.71 CNY is booked")
	// A run that credits a settled account all the same is a hit.
	wantHit(t, runRule(t, "P02", settled(67_25, moved("9002/1", 20251231, 202512, personal.InterestTag(2025), 101_90)).Sources()), 101_90, "101.90 CNY is booked", "gives 0.00 CNY")
}

func TestP02WantsTheYearBeforeASettlementCreditedWithIt(t *testing.T) {
	records := func(before, now money.Amount) *audit.Records {
		r := settled(0)
		rule := r.Settlements[fundBook][0].InterestRule
		r.Settlements[fundBook] = append(r.Settlements[fundBook], audit.DatedInterest{From: 20260101, InterestRule: rule})
		r.Movements = []audit.RightsMovement{moved("9002/1", 20250105, 202501, personal.TagContribution, 1_000_000),
			moved("9002/1", 20260210, 202512, personal.InterestTag(2025), before), moved("9002/1", 20260210, 202601, personal.InterestTag(2026), now),
			moved("9002/1", 20260210, 202602, personal.TagHeirs, -1_000_000-before-now)}
		return r
	}
	// 2025 was not credited yet: 262.00 by the rule of the settlement; 10,262.00 × 2.62 % ÷ 12 = 22.405… for January.
	wantClean(t, runRule(t, "P02", records(262_00, 22_41).Sources()))
	wantHit(t, runRule(t, "P02", records(397_00, 22_70).Sources()), 135_00, "interest of 2025, settled on 2026-02-10: 397.00 CNY is booked")
	wantHit(t, runRule(t, "P02", records(262_00, 22_40).Sources()), 1, "interest of 2026, settled on 2026-02-10")
	// That a place credits nothing at settlements takes no whole year away.
	r := records(0, 0)
	r.Settlements = nil
	wantHit(t, runRule(t, "P02", r.Sources()), 397_00, "interest of 2025, settled on 2026-02-10: 0.00 CNY is booked", "gives 397.00 CNY")
	// Credited in its own year, by its own law: 397.00, and 10,397.00 × 2.62 % ÷ 12 = 22.70 for January.
	r = records(0, 22_70)
	r.Movements[1] = moved("9002/1", 20251231, 202512, personal.InterestTag(2025), 397_00)
	r.Movements[3].Amount -= 397_00
	wantClean(t, runRule(t, "P02", r.Sources()))
}

func TestP02KnowsASettlementAfterTheYearWasCredited(t *testing.T) {
	r := kept()
	// The run credited all of 2025 on 31 December, and the account was settled later on that day.
	r.Movements = append(r.Movements, moved("9002/1", 20251231, 202512, personal.TagHeirs, -686_451))
	wantClean(t, runRule(t, "P02", r.Sources()))
}

// Books that begin with balances taken over have no law for the year before: it is noted, and nothing is due for it at a settlement.
func TestP02ExpectsNothingAtASettlementOfAYearBeforeTheBooks(t *testing.T) {
	r := settled(0)
	taken := moved("9002/1", 20241231, 202412, personal.TagTransfer, 1_000_000)
	// 10,000.00 × 2.62 % × 10/12 = 218.33, and 67.25 as above.
	r.Movements = append([]audit.RightsMovement{taken}, r.Movements...)
	r.Movements = slices.Insert(r.Movements, len(r.Movements)-1, moved("9002/1", 20251110, 202510, personal.InterestTag(2025), 285_58))
	r.Movements[len(r.Movements)-1].Amount -= 1_000_000 + 285_58
	run := runRule(t, "P02", r.Sources())
	for _, f := range run.Findings {
		t.Error(f.Text.EN)
	}
	if notes := run.Outcomes[0].Notes; len(notes) != 1 || !strings.Contains(notes[0].EN, "no rate was given for book 590000/1 and 2024") {
		t.Errorf("%+v", notes)
	}
}
