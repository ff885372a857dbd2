package beancount

import (
	"regexp"
	"testing"

	"pgregory.net/rapid"
)

// takes is Beancount's own rule for a part of an account's name (beancount.core.account).
var takes = regexp.MustCompile(`^[\p{Lu}\p{Lo}\p{Nd}][\p{L}\p{Nd}\-]*$`)

func TestComponentsAreWhatBeancountTakes(t *testing.T) {
	for _, c := range []struct{ code, name, want string }{
		{"1002", "收入户存款", "1002--收入户存款"}, {"R/1", "", "R-2F-1"}, {"R//1", "a", "R-2F2F-1--a"}, {"存款", "", "X存款"}, {"x1", "", "Xx1"}, {"X1", "", "XX1"},
		{"a-b", "c  d: (e)", "Xa-2D-b--c-d-e"}, {"", "name", "X--name"}, {" ", "", "X-20-"}, {"\xff", "", "X-FF-"},
	} {
		got := component(c.code, c.name)
		if got != c.want || !takes.MatchString(got) {
			t.Errorf("component(%q, %q) = %q, want %q", c.code, c.name, got, c.want)
		}
	}
}

func TestDifferentCodesAreDifferentComponents(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.RuneFrom([]rune("X2F-/a存 ")), 0, 6, -1))
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		one, two := component(a, text.Draw(t, "name of a")), component(b, text.Draw(t, "name of b"))
		if a != b && one == two {
			t.Fatalf("%q and %q are both %q", a, b, one)
		}
		if !takes.MatchString(one) {
			t.Fatalf("%q is %q, which Beancount refuses", a, one)
		}
	})
}

func TestStringsStayOnOneLine(t *testing.T) {
	if got, want := quoted("a\"b\\c\n\u202ed\xff"), `"a\"b\\c  d`+"\uFFFD\""; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
