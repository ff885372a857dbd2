package insurance_test

import "testing"

func TestC09HitsReceiptsAllocatedTooMuchOrTooLate(t *testing.T) {
	r := kept()
	r.Receipts[0].Allocations[0].Amount = 56_001
	wantHit(t, runRule(t, "C09", r.Sources()), 1, "3,360.00 CNY − 3,360.01 CNY allocated to persons and surcharges − 0.00 CNY held − 0.00 CNY refunded = -0.01 CNY", "more is allocated than was received")
	r = kept()
	r.Receipts[11].Allocations = nil
	wantHit(t, runRule(t, "C09", r.Sources()), 336_000, "receipt r 2025-12 of 2025-12-31", "not allocated 69 days after the receipt (limit 15)")
	wantClean(t, runRule(t, "C09", r.Sources(), map[string]int64{"days": 69}))
}

func TestC09DoesNotCountWhatWasAllocatedToNobody(t *testing.T) {
	r := kept()
	r.Receipts[0].Allocations[1].Person = ""
	wantHit(t, runRule(t, "C09", r.Sources()), 112_000, "1,120.00 CNY is allocated to nobody")
}

func TestC09LetsHeldRefundedAndSurchargesPass(t *testing.T) {
	r := kept()
	one := &r.Receipts[0]
	one.Amount += 600
	one.Held, one.Refunded = 100, 200
	one.Allocations = append(one.Allocations, allocated("", 202501, "surcharge", 300, one.Day, "d 2025-01"))
	wantClean(t, runRule(t, "C09", r.Sources()))
}
