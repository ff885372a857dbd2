package insurance_test

import (
	"slices"
	"testing"

	"github.com/fundledger/fundledger/accounts/personal"
)

func TestP01HitsACreditOfAnotherAmount(t *testing.T) {
	r := kept()
	r.Movements[0].Amount = 55_000
	f := wantHit(t, runRule(t, "P01", r.Sources()), 1_000, "member 1, wage month 2025-01: credited 550.00 CNY, allocated 560.00 CNY, a difference of -10.00 CNY")
	if len(f.Evidence) != 2 || f.Evidence[0].Reference != "r 2025-01" {
		t.Errorf("%+v", f.Evidence)
	}
}

func TestP01HitsACreditWithoutAllocationAndAnAllocationWithoutCredit(t *testing.T) {
	r := kept()
	r.Movements = append(r.Movements, moved("9002/1", 20260131, 202601, personal.TagContribution, 70_000))
	wantHit(t, runRule(t, "P01", r.Sources()), 70_000, "credited 700.00 CNY, allocated 0.00 CNY")
	r = kept()
	r.Movements = slices.Delete(r.Movements, 1, 2)
	wantHit(t, runRule(t, "P01", r.Sources()), 56_000, "member 2, wage month 2025-01: credited 0.00 CNY")
}

func TestP01HitsACreditPostedInAnotherMonthThanTheReceipt(t *testing.T) {
	r := kept()
	r.Movements[0].Day = 20250301
	wantHit(t, runRule(t, "P01", r.Sources()), 56_000, "due in 2025-01 560.00 CNY, posted in 2025-03 560.00 CNY")
}

func TestP01LetsCreditsPassThatFollowTheReceipts(t *testing.T) {
	wantClean(t, runRule(t, "P01", kept().Sources()))
}

// Only what differs is read a second time, with its records, and is counted once; two parts of one credit on one day are the same as one.
func TestP01CountsWhatItReadsTwiceOnce(t *testing.T) {
	r := kept()
	r.Movements[0].Amount -= 100
	r.Movements = append(r.Movements, moved("9002/1", r.Movements[0].Day, r.Movements[0].Month, personal.TagContribution, 100))
	clean := runRule(t, "P01", r.Sources())
	wantClean(t, clean)
	r.Movements[1].Amount -= 100
	hit := runRule(t, "P01", r.Sources())
	wantHit(t, hit, 100, "member 2, wage month 2025-01")
	if !slices.Equal(clean.Outcomes[0].Examined, hit.Outcomes[0].Examined) {
		t.Errorf("counted %v, and %v where something is wrong", clean.Outcomes[0].Examined, hit.Outcomes[0].Examined)
	}
}
