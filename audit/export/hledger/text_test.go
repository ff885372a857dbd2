package hledger

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTextsCannotLeaveTheirPlace(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{part("1002", "收入户  存款: x"), "1002 收入户 存款%3A x"}, {part("a b;c", " "), "a%20b%3Bc"}, {part("%41", ""), "%2541"}, {part("x", "\u3000y\u00a0z"), "x %E3%80%80y%C2%A0z"},
		{comment("one\r\ntwo"), "one%0D%0Atwo"}, {comment("\u202e"), "%E2%80%AE"}, {description(" a; b | c "), "a%3B b | c"}, {value("a, b:c"), "a%2C b:c"},
		{tagName("a b:c,d"), "a%20b%3Ac%2Cd"}, {comment("\xff"), "%FF"}, {comment("\uFFFD"), "\uFFFD"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestDifferentCodesAreDifferentParts(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.RuneFrom([]rune("%3A: ;a存\n")), 0, 6, -1))
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		one, two := part(a, text.Draw(t, "name of a")), part(b, text.Draw(t, "name of b"))
		if a != b && one == two {
			t.Fatalf("%q and %q are both %q", a, b, one)
		}
		if strings.ContainsAny(one, ":;\n\t") || strings.Contains(one, "  ") {
			t.Fatalf("%q is %q", a, one)
		}
	})
}
