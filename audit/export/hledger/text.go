package hledger

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// escaped writes a text with every character that keep refuses, and the per cent sign itself, as %XX of its UTF-8 bytes, so that two texts stay two.
func escaped(text string, keep func(r rune) bool) string {
	var out strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if r != '%' && (r != utf8.RuneError || size > 1) && keep(r) {
			out.WriteString(text[i : i+size])
		} else {
			for _, b := range []byte(text[i : i+size]) {
				fmt.Fprintf(&out, "%%%02X", b)
			}
		}
		i += size
	}
	return out.String()
}

// plain reports whether a character can stand anywhere in a line: it is printed, and is no separator but the blank.
func plain(r rune) bool { return r == ' ' || unicode.IsGraphic(r) && !unicode.IsSpace(r) }

// part is one part of an account's name: code and name. The code has no blank, so that the first one ends it; the name has single blanks only, because two end
// an account's name.
func part(code, name string) string {
	inName := func(r rune) bool { return plain(r) && r != ':' && r != ';' }
	text := escaped(code, func(r rune) bool { return inName(r) && r != ' ' })
	if words := strings.Fields(escaped(name, inName)); len(words) > 0 {
		text += " " + strings.Join(words, " ")
	}
	return text
}

// comment is a text within a comment or a description: on one line.
func comment(text string) string { return escaped(text, plain) }

// description is a transaction's description; a semicolon would end it.
func description(text string) string {
	return strings.TrimSpace(escaped(text, func(r rune) bool { return plain(r) && r != ';' }))
}

// value is a tag's value; a comma would end it.
func value(text string) string {
	return escaped(text, func(r rune) bool { return plain(r) && r != ',' })
}

// tagName is a tag's name: it holds no blank and no colon.
func tagName(text string) string {
	return escaped(text, func(r rune) bool { return plain(r) && r != ' ' && r != ':' && r != ',' })
}
