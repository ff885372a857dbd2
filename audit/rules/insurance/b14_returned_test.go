package insurance_test

import (
	"testing"

	"github.com/fundledger/fundledger/audit"
)

// bounced are records in which the pension of January came back on 20 January 2026, 49 days before the audit.
func bounced() *audit.Records {
	r := kept()
	p := &r.Payments[1]
	p.Returned, p.ReturnedDay, p.ReturnedSeq, p.Offset = true, 20260120, 41, 20_000
	return r
}

// again is another payment of the same pension.
func again(r *audit.Records, id string) *audit.BenefitPayment {
	p := r.Payments[1]
	p.ID, p.Day, p.Returned, p.ReturnedDay, p.ReturnedSeq = id, 20260219, false, 0, 0
	r.Payments = append(r.Payments, p)
	return &r.Payments[len(r.Payments)-1]
}

func TestB14HitsAReturnedPensionThatWasNotIssuedAgain(t *testing.T) {
	f := wantHit(t, runRule(t, "B14", bounced().Sources()), 280_000,
		"member 2, pension for 2026-01: 2,800.00 CNY (pay 2) came back on 2026-01-20; on 2026-03-10 it was not issued again for 49 days (limit 30)")
	if len(f.Evidence) != 2 || f.Evidence[0].Kind != "payment" || f.Evidence[1].Kind != "return" || f.Evidence[1].Seq != 41 || f.Evidence[1].Effective != 20260120 || len(f.Subjects) != 3 {
		t.Errorf("%+v", f)
	}
	r := bounced()
	r.Payments[1].Rejected, r.Payments[1].ReturnedDay, r.Payments[1].FromAccount = true, 0, 0 // refused on 15 January
	wantHit(t, runRule(t, "B14", r.Sources()), 280_000, "came back on 2026-01-15", "for 54 days")
}

func TestB14CountsTheDaysFromTheReturn(t *testing.T) {
	wantHit(t, runRule(t, "B14", bounced().Sources(), map[string]int64{"days": 48}), 280_000)
	wantClean(t, runRule(t, "B14", bounced().Sources(), map[string]int64{"days": 49}))
	r := bounced()
	again(r, "pay 3").Replaces = "pay 2" // on 19 February, the 30th day
	wantClean(t, runRule(t, "B14", r.Sources()))
	f := wantHit(t, runRule(t, "B14", r.Sources(), map[string]int64{"days": 29}), 280_000, "it was issued again on 2026-02-19 only, after 30 days (limit 29)")
	if len(f.Evidence) != 3 || f.Evidence[2].Reference != "pay 3" {
		t.Errorf("%+v", f.Evidence)
	}
}

func TestB14KnowsAPaymentIssuedAgainOnRecordsThatDoNotSaySo(t *testing.T) {
	r := bounced()
	again(r, "pay 3")
	wantClean(t, runRule(t, "B14", r.Sources()))
	for name, change := range map[string]func(p *audit.BenefitPayment){
		"of another month": func(p *audit.BenefitPayment) { p.Month = 202602 }, "of another amount": func(p *audit.BenefitPayment) { p.Amount++ },
		"to another person": func(p *audit.BenefitPayment) { p.Person = "1" }, "before the return": func(p *audit.BenefitPayment) { p.Day = 20260119 },
		"in another book": func(p *audit.BenefitPayment) { p.Book.Number = 2 }, "for another payment": func(p *audit.BenefitPayment) { p.Replaces = "pay 1" },
		"after the audit": func(p *audit.BenefitPayment) { p.Day = 20260311 },
	} {
		r := bounced()
		change(again(r, "pay 3"))
		if run := runRule(t, "B14", r.Sources()); len(run.Findings) != 1 {
			t.Errorf("a payment %s counts as issued again", name)
		}
	}
	// Two that came back need two.
	r = bounced()
	twice := again(r, "pay 3")
	twice.Day, twice.Returned, twice.ReturnedDay = 20260121, true, 20260125
	wantHit(t, runRule(t, "B14", r.Sources()), 280_000, "(pay 3)", "came back on 2026-01-25")
}

func TestB14LetsWhatWasSettledOtherwisePass(t *testing.T) {
	for name, change := range map[string]func(r *audit.Records){
		"by death":  func(r *audit.Records) { r.People[1].Died = 20260218 },
		"by a stop": func(r *audit.Records) { r.Awards[0].Last = 202602 },
		"by a ground": func(r *audit.Records) {
			r.Grounds = []audit.StopGround{{Origin: at("g"), Person: "2", Kind: audit.Imprisoned, From: 20260201}}
		},
		"by a case": func(r *audit.Records) {
			r.Recoveries = []audit.Recovery{{Origin: at("rec"), Person: "2", Payments: []string{"pay 2"}, Opened: 20260219, Amount: 300_000}}
		},
		"as heirs' money": func(r *audit.Records) { r.Payments[1].Month = 0 },
		"by nothing yet":  func(r *audit.Records) { r.Payments[1].ReturnedDay = 20260208 },
	} {
		r := bounced()
		change(r)
		if run := runRule(t, "B14", r.Sources()); len(run.Findings) != 0 {
			t.Errorf("settled %s: %s", name, run.Findings[0].Text.EN)
		}
	}
	r := bounced()
	r.People[1].Died = 20260220 // on the 31st day
	wantHit(t, runRule(t, "B14", r.Sources()), 280_000)
	r = bounced()
	r.Awards, r.People, r.Grounds, r.Recoveries = nil, nil, nil, nil
	wantHit(t, runRule(t, "B14", r.Sources()), 280_000)
	wantClean(t, runRule(t, "B14", kept().Sources()))
}
