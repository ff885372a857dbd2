package insurance_test

import (
	"strings"
	"testing"
)

func TestC01HitsBasesBelowTheFloorAndAboveTheCap(t *testing.T) {
	r := kept()
	r.Assessed[0].Base = 399_999 // one fen below: 0.01 × 24 % rounds to nothing
	wantHit(t, runRule(t, "C01", r.Sources()), 0, "member 1, 2025-01: base 3,999.99 CNY, the floor is 4,000.00 CNY, a difference of 0.01 CNY")
	r = kept()
	r.Assessed[0].Base = 2_100_000
	f := wantHit(t, runRule(t, "C01", r.Sources()), 24_000, "the cap is 20,000.00 CNY, a difference of 1,000.00 CNY; × 0.24 = 240.00 CNY (2024 年参数)")
	if !strings.Contains(f.Text.ZH, "上限 20,000.00 CNY") {
		t.Error(f.Text.ZH)
	}
}

func TestC01LetsBasesAtTheirLimitsPassAndSaysWhatItCouldNotJudge(t *testing.T) {
	r := kept()
	r.Assessed[0].Base, r.Assessed[1].Base = 400_000, 2_000_000
	wantClean(t, runRule(t, "C01", r.Sources()))
	r.Assessed[0].Scheme = "unknown"
	if run := runRule(t, "C01", r.Sources()); len(run.Outcomes[0].Notes) != 1 {
		t.Errorf("%+v", run.Outcomes[0])
	}
}
