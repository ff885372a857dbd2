package identity_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/registration/identity"
	"github.com/fundledger/fundledger/registration/registrationtest"
	"pgregory.net/rapid"
)

func TestPublishedCreditCodesAreRead(t *testing.T) {
	// Codes of listed companies, as the national enterprise register publishes them, and a common specimen.
	for _, text := range []string{"9144030071526726XG", "91330100799655058B", "91110000802100433B", "914403001922038216", "91350100M000100Y43"} {
		code, err := identity.ParseCreditCode(text)
		if err != nil || string(code) != text || code.Area() != text[2:8] {
			t.Errorf("%s: %q %v", text, code, err)
		}
	}
}

func TestABadCreditCodeIsExplained(t *testing.T) {
	for _, c := range []struct {
		text     string
		code     identity.Code
		position int
		computed string
		says     string
	}{
		{"", identity.ErrLength, 0, "", "0 characters"},
		{"440301103097413", identity.ErrLength, 0, "", "工商注册号"},
		{"9144030071526726XG ", identity.ErrLength, 0, "", "without blanks"},
		{"9144O30071526726XG", identity.ErrCharacter, 5, "", "perhaps 0 is meant"},
		{"914403007152672IXG", identity.ErrCharacter, 16, "", "perhaps 1 is meant"},
		{"91440300715267V6XG", identity.ErrCharacter, 15, "", "no I, O, S, V and Z"},
		{"9144030071526726xG", identity.ErrCharacter, 17, "", "capitals"},
		{"91A403007152672601", identity.ErrCharacter, 3, "", "digits of the place"},
		{"9144030071526726单G", identity.ErrCharacter, 17, "", "cannot stand here"},
		{"9144030071526726XH", identity.ErrCheck, 18, "G", "computed G"},
		{"9144030017526726XG", identity.ErrCheck, 18, "W", "the check character is G"},
	} {
		_, err := identity.ParseCreditCode(c.text)
		var e *identity.Error
		if !errors.As(err, &e) || !errors.Is(err, c.code) || e.Position != c.position || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v, want %s at %d", c.text, err, c.code, c.position)
			continue
		}
		if c.code == identity.ErrCheck && c.computed != "W" && e.Computed != c.computed {
			t.Errorf("%q: computed %q, want %q", c.text, e.Computed, c.computed)
		}
	}
}

func TestEveryChangedCharacterOfACreditCodeIsFound(t *testing.T) {
	source := registrationtest.New(11)
	rapid.Check(t, func(t *rapid.T) {
		text := string(source.CreditCode())
		changed := []byte(text)
		at := rapid.IntRange(0, 17).Draw(t, "place")
		changed[at] = rapid.SampledFrom([]byte("0123456789ABCDEFGHJKLMNPQRTUWXY")).Draw(t, "character")
		if _, err := identity.ParseCreditCode(string(changed)); (err == nil) != (string(changed) == text) {
			t.Fatalf("%s → %s: %v", text, changed, err)
		}
		if at < 17 {
			exchanged := []byte(text)
			exchanged[at], exchanged[at+1] = exchanged[at+1], exchanged[at]
			if _, err := identity.ParseCreditCode(string(exchanged)); (err == nil) != (string(exchanged) == text) {
				t.Fatalf("%s → %s: %v", text, exchanged, err)
			}
		}
	})
}

func FuzzParseCreditCode(f *testing.F) {
	for _, seed := range []string{"9144030071526726XG", "91350100M000100Y43", "", "9144O30071526726XG", "单单单单单单单单单单单单单单单单单单", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		code, err := identity.ParseCreditCode(text)
		var e *identity.Error
		if err == nil && string(code) != text || err != nil && (!errors.As(err, &e) || code != "") {
			t.Fatalf("%q: %q %v", text, code, err)
		}
	})
}
