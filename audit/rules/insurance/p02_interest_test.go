package insurance_test

import (
	"strings"
	"testing"

	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/audit"
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
