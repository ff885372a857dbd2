package insurance_test

import (
	"testing"

	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/audit"
)

func TestP04HitsAMovementWithoutACause(t *testing.T) {
	r := kept()
	r.Movements = append(r.Movements, moved("9002/1", 20250610, 202506, "", 700))
	f := wantHit(t, runRule(t, "P04", r.Sources()), 700, "2025-06: all personal accounts moved by 1,127.00 CNY, of which 1,120.00 CNY is explained, a difference of 7.00 CNY",
		"allocated contributions 1,120.00 CNY, interest 0.00 CNY")
	if f.Evidence[0].Amounts[0].Amount != 700 {
		t.Errorf("%+v", f.Evidence)
	}
}

func TestP04HitsAllocationsAndPaymentsThatDidNotReachTheAccounts(t *testing.T) {
	r := kept()
	r.Movements[0].Amount = 0
	wantHit(t, runRule(t, "P04", r.Sources()), 56_000, "2025-01", "a difference of -560.00 CNY")
	r = kept()
	r.Payments[1].Returned = true // the account was debited and the money came back
	wantHit(t, runRule(t, "P04", r.Sources()), 50_000, "2026-01", "account pensions 0.00 CNY")
	r.Payments[1].ReturnedDay = 20260203 // and was given back to the account in February
	r.Movements = append(r.Movements, moved("9002/2", 20260203, 202601, personal.TagPension, 50_000))
	wantClean(t, runRule(t, "P04", r.Sources()))
}

func TestP04GoesByTagsWhereNoPaymentsAreGiven(t *testing.T) {
	r := kept()
	r.Payments = nil
	r.Movements = append(r.Movements, moved("9002/1", 20250610, 202506, personal.TagTransfer, 700), moved("9002/1", 20250611, 202506, personal.TagRefund, -300),
		moved("9002/1", 20250612, 202506, personal.TagCorrection, 5), moved("9002/2", 20250612, 202506, personal.TagHeirs, -9))
	run := runRule(t, "P04", r.Sources())
	wantClean(t, run)
	if len(run.Outcomes[0].Without) != 1 {
		t.Errorf("%+v", run.Outcomes[0].Without)
	}
}

func TestP04FailsOnAMovementWithoutADate(t *testing.T) {
	r := kept()
	r.Movements[3].Day = 0
	a, err := audit.New(r.Sources(), allOf("P04")...)
	must(t, err)
	run, err := a.Run(t.Context(), engagement())
	must(t, err)
	if o := run.Outcomes[0]; o.Status != audit.Failed || o.Clean() {
		t.Errorf("%+v", o)
	}
}
