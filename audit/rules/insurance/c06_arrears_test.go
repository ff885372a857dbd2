package insurance_test

import (
	"testing"

	"github.com/fundledger/fundledger/audit"
)

func TestC06HitsArrearsForWhichNothingWasDoneInTime(t *testing.T) {
	r := kept()
	r.Receipts[11].Allocations = r.Receipts[11].Allocations[:2] // 168,000 of 336,000; due on 15 January
	wantHit(t, runRule(t, "C06", r.Sources()), 168_000, "employer 9, 2025-12, demand d 2025-12: 3,360.00 CNY − 1,680.00 CNY allocated = 1,680.00 CNY owed, due on 2026-01-15, 54 days late on 2026-03-10 (limit 30); nothing was done")
	r.Demands[11].Steps = []audit.EnforcementStep{{Kind: "催缴通知", Day: 20260301}, {Kind: "提醒", Day: 20260110}}
	wantHit(t, runRule(t, "C06", r.Sources()), 168_000, "the first step (催缴通知) was on 2026-03-01, 45 days late")
	r.Demands[11].Steps[0].Day = 20260214
	wantClean(t, runRule(t, "C06", r.Sources()))
}

func TestC06HitsAssessedMonthsThatNobodyDemanded(t *testing.T) {
	r := kept()
	r.Assessed[0].Demand = ""
	wantHit(t, runRule(t, "C06", r.Sources()), 168_000, "employer 9, 2025-01: 1,680.00 CNY is assessed, and 403 days after the end of the month there is no demand (limit 30)")
}

func TestC06LetsPaidAndFreshDemandsPass(t *testing.T) {
	r := kept()
	wantClean(t, runRule(t, "C06", r.Sources()))
	r.Receipts[11].Allocations = nil
	wantClean(t, runRule(t, "C06", r.Sources(), map[string]int64{"days": 54}))
}
