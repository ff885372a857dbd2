package postgres

import (
	"strconv"
	"strings"
)

// Rebind numbers the marks: ? becomes $1, $2, … Quoted texts and names, dollar-quoted texts and comments are copied as they are.
func (Dialect) Rebind(query string) string {
	if strings.IndexByte(query, '?') < 0 {
		return query
	}
	out := make([]byte, 0, len(query)+16)
	next := 1
	for i := 0; i < len(query); {
		if end := skip(query[i:]); end > 0 {
			out = append(out, query[i:i+end]...)
			i += end
			continue
		}
		if query[i] == '?' {
			out = strconv.AppendInt(append(out, '$'), int64(next), 10)
			next++
		} else {
			out = append(out, query[i])
		}
		i++
	}
	return string(out)
}

// skip is the length of the quoted or commented part that text begins with, 0 when it begins with none.
func skip(text string) int {
	closing, from := "", 1
	switch {
	case text[0] == '\'', text[0] == '"':
		closing = text[:1] // a doubled quote is two parts beside each other
	case strings.HasPrefix(text, "--"):
		closing, from = "\n", 2
	case strings.HasPrefix(text, "/*"):
		closing, from = "*/", 2
	case text[0] == '$':
		tag := strings.IndexByte(text[1:], '$')
		if tag < 0 || !isTag(text[1:1+tag]) {
			return 0
		}
		closing, from = text[:tag+2], tag+2
	default:
		return 0
	}
	end := strings.Index(text[from:], closing)
	if end < 0 {
		return len(text)
	}
	return from + end + len(closing)
}

// isTag reports whether the text between two dollar signs is a tag of a quoted text and not, say, the 1 of $1.
func isTag(tag string) bool {
	for i, r := range tag {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 0x7f
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return true
}
