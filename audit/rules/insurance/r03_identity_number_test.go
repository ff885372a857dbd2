package insurance_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/audit"
	"github.com/fundledger/fundledger/registration/identity"
	"github.com/fundledger/fundledger/registration/registrationtest"
)

func TestR03HitsWrongNumbersAndShowsNone(t *testing.T) {
	right := registrationtest.WithCheck("59000119800101002")
	last := "0"
	if strings.HasSuffix(right, last) {
		last = "1"
	}
	mistyped := right[:17] + last
	for _, c := range []struct {
		name, number string
		change       func(*audit.Person)
		want         []string
	}{
		{"check", mistyped, nil, []string{"member 1: its check character is not the one that the others give", "the system has not marked it"}},
		{"marked", mistyped, func(p *audit.Person) { p.Invalid = true }, []string{"check character"}},
		{"short", mistyped[:17], nil, []string{"it does not have 18 characters"}},
		{"old", mistyped[:6] + mistyped[8:17], nil, []string{"15 digits"}},
		{"birth", right, func(p *audit.Person) { p.Birth = 19800111; p.Sex = identity.Female }, []string{"the recorded birth differs from that of the number by 10 days", "has not marked it"}},
		{"sex", right, func(p *audit.Person) { p.Sex = identity.Male; p.Mismatched = true }, []string{"the recorded sex (male) is not that of the number (female)"}},
		{"marks alone", "", func(p *audit.Person) { p.Invalid, p.Mismatched = true, true }, []string{"the system marks the number as wrong", "the system marks birth or sex"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := kept()
			r.People[0].Sex, r.People[0].Number = identity.Female, identity.Number{}
			if c.number != "" {
				r.People[0].Number = identity.MustUnchecked(c.number)
			}
			if c.change != nil {
				c.change(&r.People[0])
			}
			run := runRule(t, "R03", r.Sources())
			f := wantHit(t, run, 0)
			for _, part := range c.want {
				if !strings.Contains(f.Text.EN, part) {
					t.Errorf("%q does not say %q", f.Text.EN, part)
				}
			}
			if c.name == "marked" && strings.Contains(f.Text.EN, "has not marked") {
				t.Error(f.Text.EN)
			}
			encoded, err := json.Marshal(run)
			must(t, err)
			if c.number != "" && (strings.Contains(string(encoded), c.number) || strings.Contains(string(encoded), c.number[6:14])) {
				t.Errorf("the run shows the number or its day of birth: %s", encoded)
			}
		})
	}
}

func TestR03LetsRightNumbersPass(t *testing.T) {
	r := kept()
	wantClean(t, runRule(t, "R03", r.Sources()))
}
