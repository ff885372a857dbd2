package insurance_test

import (
	"testing"

	"github.com/fundledger/fundledger/accounts/personal"
)

func TestP03HitsAnAccountThatWentBelowZero(t *testing.T) {
	r := kept()
	r.Movements = append(r.Movements, moved("9002/1", 20260120, 202601, personal.TagPension, -700_000), moved("9002/1", 20260131, 202601, personal.TagContribution, 700_000))
	// 12 × 560.00 + 144.51 − 7,000.00
	f := wantHit(t, runRule(t, "P03", r.Sources()), 13_549, "personal account 9002/1 fell to -135.49 CNY on 2026-01-20, below zero")
	if f.Evidence[0].Hash != "ab" || f.Evidence[0].Amounts[0].Amount != -700_000 {
		t.Errorf("%+v", f.Evidence)
	}
}

func TestP03HitsAnAccountThatWasSettledAndStillHasABalance(t *testing.T) {
	r := kept()
	r.Movements = append(r.Movements, moved("9002/1", 20260120, 202601, personal.TagHeirs, -686_450)) // of 686,451
	wantHit(t, runRule(t, "P03", r.Sources()), 1, "9002/1 was settled on 2026-01-20; on 2026-03-10 its balance is 0.01 CNY and should be zero")
	r = kept()
	r.Accounts[0].Settled = 20260201
	wantHit(t, runRule(t, "P03", r.Sources()), 686_451, "settled on 2026-02-01")
}

func TestP03LetsAccountsPassThatWereSettledToZero(t *testing.T) {
	r := kept()
	r.Movements = append(r.Movements, moved("9002/1", 20260120, 202601, personal.TagHeirs, -686_451))
	wantClean(t, runRule(t, "P03", r.Sources()))
}

func TestP03HitsWhatComesToAnAccountAfterItsSettlement(t *testing.T) {
	late := moved("9002/1", 20251130, 202511, personal.TagContribution, 56_000)
	wantClean(t, runRule(t, "P03", settled(67_25).Sources()))
	wantHit(t, runRule(t, "P03", settled(67_25, late).Sources()), 56_000, "9002/1 was settled on 2025-11-10; on 2026-03-10 its balance is 560.00 CNY")
	again := moved("9002/1", 20260105, 202601, personal.TagHeirs, -56_000)
	wantClean(t, runRule(t, "P03", settled(67_25, late, again).Sources()))
}
