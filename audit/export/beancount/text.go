package beancount

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// component is one part of an account's name: code, dash, name. Beancount allows letters, digits and dashes, and begins with a capital, a digit, or any letter
// beyond ASCII; a run of anything else in the code is written in hexadecimal of its UTF-8 bytes between two dashes, so that two codes stay two. A code that may not begin a part,
// and one that begins with X, gets an X before it. In the name, which need not be unique, it becomes one dash.
func component(code, name string) string {
	var out strings.Builder
	if first, _ := utf8.DecodeRuneInString(code); first == 'X' || !(first >= 'A' && first <= 'Z' || first >= '0' && first <= '9') {
		out.WriteByte('X')
	}
	for i := 0; i < len(code); {
		start := i
		for r, size := utf8.DecodeRuneInString(code[i:]); size > 0 && !allowed(r); r, size = utf8.DecodeRuneInString(code[i:]) {
			i += size
		}
		if i > start {
			fmt.Fprintf(&out, "-%X-", code[start:i])
		}
		_, size := utf8.DecodeRuneInString(code[i:])
		out.WriteString(code[i : i+size])
		i += size
	}
	words := strings.FieldsFunc(name, func(r rune) bool { return !allowed(r) })
	if len(words) > 0 {
		out.WriteString("--" + strings.Join(words, "-"))
	}
	return out.String()
}

// allowed reports whether Beancount takes a character anywhere in an account's name; the dash is taken too, and kept for what is not.
func allowed(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
	}
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.Is(unicode.Nd, r))
}

var escapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// quoted is a string in Beancount's form, on one line.
func quoted(text string) string {
	return `"` + escapes.Replace(oneLine(text)) + `"`
}

// oneLine shows control characters and separators other than the blank by a blank.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || unicode.IsGraphic(r) && !unicode.IsSpace(r) {
			return r
		}
		return ' '
	}, strings.ToValidUTF8(text, "\uFFFD"))
}
