package identity_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/registration/identity"
	"github.com/fundledger/fundledger/registration/registrationtest"
	"pgregory.net/rapid"
)

func TestTheExamplesOfTheStandardAreRead(t *testing.T) {
	// GB 11643-1999, annex A.
	for text, want := range map[string]struct {
		birth calendar.Date
		sex   identity.Sex
		area  string
	}{
		"11010519491231002X": {19491231, identity.Female, "110105"},
		"440524188001010014": {18800101, identity.Male, "440524"},
	} {
		n, err := identity.ParseNumber(text)
		if err != nil {
			t.Fatal(err)
		}
		if n.Birth() != want.birth || n.Sex() != want.sex || n.Area() != want.area || n.Reveal() != text {
			t.Errorf("%v: birth %v, sex %v, area %s", n, n.Birth(), n.Sex(), n.Area())
		}
	}
}

func TestASmallXIsTakenAsACapital(t *testing.T) {
	small, err := identity.ParseNumber("11010519491231002x")
	if err != nil {
		t.Fatal(err)
	}
	if small != identity.MustNumber("11010519491231002X") {
		t.Error("the two writings of one number differ")
	}
}

func TestABadNumberIsExplained(t *testing.T) {
	for _, c := range []struct {
		text     string
		code     identity.Code
		position int
		given    string
		computed string
		says     string
	}{
		{"", identity.ErrLength, 0, "", "", "0 characters"},
		{"110105491231002", identity.ErrOldForm, 0, "", "", "15 digits"},
		{"11010549123100X", identity.ErrLength, 0, "", "", "15 characters"},
		{"1101051949123100211", identity.ErrLength, 0, "", "", "19 characters"},
		{"1.10105E+17", identity.ErrLength, 0, "", "", "format the column as text"},
		{" 11010519491231002X", identity.ErrLength, 0, "", "", "without blanks"},
		{"11010519491231 02X", identity.ErrCharacter, 15, " ", "", "cannot stand here"},
		{"１1010519491231002X", identity.ErrCharacter, 1, "１", "", "digits of ASCII"},
		{"110105194912X1002X", identity.ErrCharacter, 13, "X", "", "only the last may be X"},
		{"110105194912310O2X", identity.ErrCharacter, 16, "O", "", "cannot stand here"},
		{"110105194902300029", identity.ErrBirth, 7, "", "", "no day of the calendar"},
		{"110105190002290025", identity.ErrBirth, 7, "", "", "no day of the calendar"},
		{"110105000012310024", identity.ErrBirth, 7, "", "", "no day of the calendar"},
		{"110105194912310021", identity.ErrCheck, 18, "1", "X", "computed X"},
		{"440524188001010015", identity.ErrCheck, 18, "5", "4", "the check character is 5, computed 4"},
	} {
		_, err := identity.ParseNumber(c.text)
		var e *identity.Error
		if !errors.As(err, &e) || !errors.Is(err, c.code) {
			t.Errorf("%q: %v, want %s", c.text, err, c.code)
			continue
		}
		if e.Position != c.position || e.Given != c.given || e.Computed != c.computed || !strings.Contains(err.Error(), c.says) || e.Hint == "" {
			t.Errorf("%q: position %d, given %q, computed %q: %v", c.text, e.Position, e.Given, e.Computed, err)
		}
		if len(c.text) > 8 && strings.Contains(err.Error(), c.text) {
			t.Errorf("the error repeats the number: %v", err)
		}
	}
}

func TestEveryChangedDigitAndEveryExchangeOfNeighboursIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.StringMatching(`59[0-9]{4}19[0-9]{2}0[1-9]1[0-9][0-9]{3}`).Draw(t, "digits")
		text := registrationtest.WithCheck(digits)
		at := rapid.IntRange(0, 16).Draw(t, "place")
		digit := rapid.ByteRange('0', '9').Draw(t, "digit")
		changed := []byte(text)
		changed[at] = digit
		if _, err := identity.ParseNumber(string(changed)); (err == nil) != (string(changed) == text) {
			t.Fatalf("%s → %s: %v", text, changed, err)
		}
		exchanged := []byte(text)
		exchanged[at], exchanged[at+1] = exchanged[at+1], exchanged[at]
		if _, err := identity.ParseNumber(string(exchanged)); (err == nil) != (string(exchanged) == text) {
			t.Fatalf("%s → %s: %v", text, exchanged, err)
		}
	})
}

func TestNoWayOfPrintingShowsANumber(t *testing.T) {
	const text = "11010519491231002X"
	n := identity.MustNumber(text)
	nested := struct {
		Exported identity.Number
		hidden   identity.Number
	}{n, n}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("member", "number", n, "nested", nested)
	coded, err := json.Marshal(map[identity.Number]identity.Number{n: n})
	if err != nil {
		t.Fatal(err)
	}
	printed := []string{n.String(), n.GoString(), fmt.Sprint(n), fmt.Sprint(&n), log.String(), string(coded)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%c", "%o", "% x"} {
		printed = append(printed, fmt.Sprintf(verb, n), fmt.Sprintf(verb, nested), fmt.Sprintf(verb, []identity.Number{n}))
	}
	for _, p := range printed {
		for _, secret := range []string{text, "0519491231", "19491231", fmt.Sprintf("%x", text), fmt.Sprintf("%X", text), fmt.Sprintf("% x", text)} {
			if strings.Contains(p, secret) {
				t.Errorf("printed %q", p)
			}
		}
	}
	if got := n.String(); got != "11**************2X" {
		t.Errorf("masked as %q", got)
	}
}

func TestAnUncheckedNumberIsKeptAndJudged(t *testing.T) {
	n, err := identity.Unchecked("110105491231002")
	if err != nil {
		t.Fatal(err)
	}
	if n.Valid() || !errors.Is(n.Check(), identity.ErrOldForm) || n.Reveal() != "110105491231002" || n.Birth() != 0 || n.Sex() != 0 || n.Area() != "" {
		t.Errorf("%v: %v", n, n.Check())
	}
	for _, bad := range []string{"", "12 34", "身份", "a\x00b", strings.Repeat("1", identity.MaxUnchecked+1)} {
		if _, err := identity.Unchecked(bad); !errors.Is(err, identity.ErrUnchecked) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if !(identity.Number{}).IsZero() || n.IsZero() {
		t.Error("only the zero value is no number")
	}
}

func FuzzParseNumber(f *testing.F) {
	for _, seed := range []string{"11010519491231002X", "440524188001010014", "110105491231002", "", "１２３", "110105194902300029",
		"\xff\xfe1234567890123456"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := identity.ParseNumber(text)
		if err != nil {
			var e *identity.Error
			if !errors.As(err, &e) || e.Hint == "" || e.Detail == "" {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if !strings.EqualFold(n.Reveal(), text) || !n.Birth().Valid() || n.Sex() == 0 || n.Check() != nil {
			t.Fatalf("%q was taken as %v", text, n.Reveal())
		}
	})
}
