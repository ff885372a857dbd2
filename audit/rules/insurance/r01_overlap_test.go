package insurance_test

import (
	"testing"

	"github.com/fundledger/fundledger/audit"
)

func TestR01HitsOnePersonInsuredInTwoSchemesOrAreasInTheSameMonths(t *testing.T) {
	r := kept()
	r.Spells[2].From = 202505 // resident pension two months before the employees' one ended
	f := wantHit(t, runRule(t, "R01", r.Sources()), 0, "2 is insured in A/enterprise_pension (from 2025-01) and in A/resident_pension", "2025-05 to 2025-06, 2 months", "not marked by the system")
	if len(f.Evidence) != 2 || f.Evidence[0].Seq != 7 || f.Evidence[0].Reference != "s2" {
		t.Errorf("%+v", f.Evidence)
	}
	r = kept()
	r.Spells[1].To, r.Spells[2].Area, r.Spells[2].Person = 0, "B", "77" // another area knows the person by another number, and nobody ended the first
	wantHit(t, runRule(t, "R01", r.Sources()), 0, "A/enterprise_pension", "B/resident_pension", "2025-07 to 2026-03, 9 months")
}

func TestR01LetsEmployersOfOneSchemeAndOtherInsurancesPass(t *testing.T) {
	r := kept()
	r.Spells = append(r.Spells,
		audit.Spell{Origin: registered("s4"), Person: "1", Identity: "p1", Insurance: "pension", Scheme: "enterprise_pension", Area: "A", Employer: "8", From: 202501},
		audit.Spell{Origin: registered("s5"), Person: "1", Identity: "p1", Insurance: "medical", Scheme: "employee_medical", Area: "B", From: 202501},
		audit.Spell{Origin: registered("s6"), Person: "1", Identity: "other", Insurance: "pension", Scheme: "resident_pension", Area: "B", From: 202501})
	wantClean(t, runRule(t, "R01", r.Sources()))
}
