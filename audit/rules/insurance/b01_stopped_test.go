package insurance_test

import (
	"testing"

	"github.com/fundledger/fundledger/audit"
)

func TestB01HitsPaymentsForMonthsAfterDeathInPrisonOrWithoutCertification(t *testing.T) {
	r := kept()
	r.People[1].Died = 20251203 // December is still due
	f := wantHit(t, runRule(t, "B01", r.Sources()), 300_000, "member 2, pension for 2026-01: 3,000.00 CNY paid on 2026-01-15; since 2025-12-03 died (registration)")
	if len(f.Evidence) != 2 || f.Evidence[1].Kind != "died" {
		t.Errorf("%+v", f.Evidence)
	}
	r = kept()
	r.Grounds = []audit.StopGround{{Origin: at("g"), Person: "2", Kind: audit.Imprisoned, From: 20251101, To: 20251220, List: "司法"}}
	wantHit(t, runRule(t, "B01", r.Sources()), 300_000, "pension for 2025-12", "in prison (司法)")
	r.Grounds = []audit.StopGround{{Origin: at("g"), Person: "2", Kind: audit.CertificationOver, From: 20251231, List: "认证"}}
	wantHit(t, runRule(t, "B01", r.Sources()), 300_000, "pension for 2026-01", "certification expired")
}

func TestB01LetsTheMonthOfDeathReturnedPaymentsAndOthersPass(t *testing.T) {
	r := kept()
	r.People[1].Died = 20251203
	r.Payments[1].Returned = true
	r.Grounds = []audit.StopGround{{Origin: at("g"), Person: "1", Kind: audit.Died, From: 20250101}}
	wantClean(t, runRule(t, "B01", r.Sources()))
}
