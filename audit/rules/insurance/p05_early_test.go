package insurance_test

import "testing"

func TestP05HitsAnAccountCreditedBeforeTheMoneyWasIn(t *testing.T) {
	r := kept()
	r.Movements[0].Day = 20250130 // the receipt is of the 31st
	wantHit(t, runRule(t, "P05", r.Sources()), 56_000, "member 1, wage month 2025-01: by 2025-01-30 560.00 CNY was credited and 0.00 CNY allocated, 560.00 CNY ahead")
	r = kept()
	r.Receipts[0].Allocations[0].Amount = 50_000 // in part
	wantHit(t, runRule(t, "P05", r.Sources()), 6_000, "560.00 CNY was credited and 500.00 CNY allocated")
}

func TestP05LetsLateCreditsAndThoseOfTheSameDayPass(t *testing.T) {
	r := kept()
	r.Movements[0].Day = 20250301
	wantClean(t, runRule(t, "P05", r.Sources()))
}
