package insurance_test

import (
	"testing"

	"github.com/fundledger/fundledger/audit"
)

// overpaid are records with one payment after death, of 15 January 2026.
func overpaid() *audit.Records {
	r := kept()
	r.People[1].Died = 20251203
	return r
}

func TestB07HitsAnOverpaymentWithoutACase(t *testing.T) {
	settings := map[string]int64{"days": 53} // 54 days from 15 January to 10 March
	f := wantHit(t, runRule(t, "B07", overpaid().Sources(), settings), 300_000, "member 2, 2026-01: 3,000.00 CNY overpaid (payment pay 2), on 2026-03-10 without a case for 54 days (limit 53); died 2025-12-03")
	if len(f.Evidence) != 2 {
		t.Errorf("%+v", f.Evidence)
	}
	wantClean(t, runRule(t, "B07", overpaid().Sources()))
}

func TestB07HitsMissedInstalmentsAndOffsetsThatTakeTooMuch(t *testing.T) {
	r := overpaid()
	r.Recoveries = []audit.Recovery{{
		Origin: at("rec"), Person: "2", Payments: []string{"pay 2"}, Opened: 20260120, Amount: 300_000,
		Instalments: []audit.Instalment{{Due: 20260131, Amount: 100_000}, {Due: 20260228, Amount: 100_000}, {Due: 20260331, Amount: 100_000}},
		Repaid:      []audit.Repayment{{Day: 20260131, Amount: 60_000, Against: 120_000}},
	}}
	settings := map[string]int64{"days": 10, "grace": 10}
	wantHit(t, runRule(t, "B07", r.Sources(), settings), 40_000, "recovery rec of member 2: by 2026-01-31 1,000.00 CNY was due − 600.00 CNY repaid = 400.00 CNY late")
	r.Recoveries[0].Repaid = []audit.Repayment{{Day: 20260131, Amount: 60_001, Against: 120_000}, {Day: 20260210, Amount: 200_000}}
	wantHit(t, runRule(t, "B07", r.Sources(), settings), 1, "2026-01-31: 600.01 CNY offset, above 50% of that month's 1,200.00 CNY (600.00 CNY)")
}

func TestB07HitsACaseWithoutInstalmentsOfWhichNothingWasRepaid(t *testing.T) {
	r := overpaid()
	r.Recoveries = []audit.Recovery{{Origin: at("rec"), Person: "2", Payments: []string{"pay 2"}, Opened: 20260120, Amount: 300_000}}
	wantHit(t, runRule(t, "B07", r.Sources()), 300_000, "by 2026-01-20 3,000.00 CNY was due − 0.00 CNY repaid")
}

func TestB07LetsACaseThatIsKeptPass(t *testing.T) {
	r := overpaid()
	r.Recoveries = []audit.Recovery{{Origin: at("rec"), Person: "2", Payments: []string{"pay 2"}, Opened: 20260120, Amount: 300_000, Repaid: []audit.Repayment{{Day: 20260125, Amount: 300_000}}}}
	wantClean(t, runRule(t, "B07", r.Sources(), map[string]int64{"days": 0}))
}
