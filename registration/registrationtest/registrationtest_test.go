package registrationtest_test

import (
	"testing"

	"github.com/fundledger/fundledger/registration/identity"
	"github.com/fundledger/fundledger/registration/registrationtest"
)

func TestNumbersAndCodesAreValidDistinctAndNobodys(t *testing.T) {
	source := registrationtest.New(1)
	numbers, codes := map[identity.Number]bool{}, map[identity.CreditCode]bool{}
	for range 20_000 {
		spec := source.Member()
		if spec.Number.Check() != nil || spec.Number.Birth() != spec.Birth || spec.Number.Sex() != spec.Sex || spec.Number.Area()[:2] != "59" || numbers[spec.Number] {
			t.Fatalf("%v: %v", spec.Number, spec.Number.Check())
		}
		numbers[spec.Number] = true
		code := source.CreditCode()
		if code.Check() != nil || code.Area()[:2] != "59" || codes[code] {
			t.Fatalf("%v: %v", code, code.Check())
		}
		codes[code] = true
	}
}

func TestEqualSeedsGiveEqualPersons(t *testing.T) {
	a, b, c := registrationtest.New(3), registrationtest.New(3), registrationtest.New(4)
	differ := false
	for range 100 {
		one, two, three := a.Member(), b.Member(), c.Member()
		if one != two || a.Employer() != b.Employer() {
			t.Fatal("one seed gives two sequences")
		}
		differ = differ || one != three
	}
	if !differ {
		t.Error("two seeds give one sequence")
	}
}
