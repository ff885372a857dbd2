package insurance_test

import (
	"testing"

	"github.com/fundledger/fundledger/accounts/personal"
	"github.com/fundledger/fundledger/audit"
)

func TestP06HitsTwoAccountsOfOneNumberOnePseudonymOrOneMergedPerson(t *testing.T) {
	second := audit.RightsAccount{Origin: at("a3"), Account: "9002/3", Person: "3"}
	for name, change := range map[string]func(*audit.Records){
		"one number": func(r *audit.Records) { r.Accounts[2].Person = "1"; r.People = nil },
		"one pseudonym": func(r *audit.Records) {
			r.People = append(r.People, audit.Person{Origin: registered("m3"), No: "3", Identity: "p1"})
		},
		"merged": func(r *audit.Records) {
			r.People = append(r.People, audit.Person{Origin: registered("m3"), No: "3", Identity: "p3", MergedInto: "1"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := kept()
			r.Accounts = append(r.Accounts, second)
			r.Movements = append(r.Movements, moved("9002/3", 20260105, 202512, personal.TagContribution, 100))
			change(r)
			wantHit(t, runRule(t, "P06", r.Sources()), 100, "one person has 2 accounts that are not closed", "9002/1", "9002/3", "together 6,865.51 CNY")
		})
	}
}

func TestP06LetsClosedAndEmptiedMergedAccountsPass(t *testing.T) {
	r := kept()
	r.People = append(r.People, audit.Person{Origin: registered("m3"), No: "3", Identity: "p3", MergedInto: "1"}, audit.Person{Origin: registered("m4"), No: "4", Identity: "p2"})
	r.Accounts = append(r.Accounts, audit.RightsAccount{Origin: at("a3"), Account: "9002/3", Person: "3"}, audit.RightsAccount{Origin: at("a4"), Account: "9002/4", Person: "4", Settled: 20251231})
	wantClean(t, runRule(t, "P06", r.Sources()))
}
