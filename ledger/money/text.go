package money

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// maxTextLength bounds what Parse and ParseDecimal read.
const maxTextLength = 64

// Parse reads an amount of major units: an optional sign, digits with or without correct thousands commas, and at most as many decimals as the currency
// has. "1,234.5" is 1234.50; "1,23.00", "1.234", "1e3", "١" and " 1" are refused with an *Error.
func (c Currency) Parse(text string) (Amount, error) {
	plain := text
	if strings.Contains(text, ",") {
		var ok bool
		if plain, ok = withoutCommas(text); !ok {
			return 0, &Error{Text: text, Reason: "has commas that do not part thousands", Hint: "write 1234.56 or 1,234.56"}
		}
	}
	d, err := ParseDecimal(plain)
	if err != nil {
		return 0, &Error{Text: text, Reason: "is no amount", Hint: "write digits with at most one decimal point, such as 1234.56"}
	}
	return c.FromDecimal(d)
}

// ParseDecimal reads an exact decimal: an optional sign, digits, and optionally a point followed by digits. No exponent, no blank, no other digits than
// 0 to 9, at most 64 bytes.
func ParseDecimal(text string) (decimal.Decimal, error) {
	body := text
	if body != "" && (body[0] == '-' || body[0] == '+') {
		body = body[1:]
	}
	whole, fraction, pointed := strings.Cut(body, ".")
	if len(text) > maxTextLength || !allDigits(whole) || (pointed && !allDigits(fraction)) {
		return decimal.Decimal{}, &Error{Text: clip(text), Reason: "is no decimal number", Hint: "write digits with at most one decimal point, such as 0.0725"}
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		return decimal.Decimal{}, &Error{Text: clip(text), Reason: "is no decimal number", Hint: "write digits with at most one decimal point, such as 0.0725"}
	}
	return d, nil
}

// MustDecimal is ParseDecimal for constants of a program; it panics on anything else.
func MustDecimal(text string) decimal.Decimal {
	d, err := ParseDecimal(text)
	if err != nil {
		panic(err)
	}
	return d
}

// Text writes an amount with all decimals of the currency and no commas: 1234.50.
func (c Currency) Text(a Amount) string {
	sign, whole, fraction := c.parts(a)
	return sign + whole + fraction
}

// Format writes an amount with all decimals and thousands commas: 1,234.50.
func (c Currency) Format(a Amount) string {
	sign, whole, fraction := c.parts(a)
	var out strings.Builder
	out.WriteString(sign)
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			out.WriteByte(',')
		}
		out.WriteByte(whole[i])
	}
	out.WriteString(fraction)
	return out.String()
}

func (c Currency) parts(a Amount) (sign, whole, fraction string) {
	if a < 0 {
		sign = "-"
	}
	text := strconv.FormatUint(magnitude(int64(a)), 10)
	scale := int(c.scale)
	if scale == 0 {
		return sign, text, ""
	}
	if len(text) <= scale {
		text = strings.Repeat("0", scale-len(text)+1) + text
	}
	return sign, text[:len(text)-scale], "." + text[len(text)-scale:]
}

func withoutCommas(text string) (string, bool) {
	sign := ""
	body := text
	if body[0] == '-' || body[0] == '+' {
		sign, body = body[:1], body[1:]
	}
	whole, fraction, pointed := strings.Cut(body, ".")
	groups := strings.Split(whole, ",")
	if len(groups[0]) == 0 || len(groups[0]) > 3 || strings.Contains(fraction, ",") {
		return "", false
	}
	for _, g := range groups[1:] {
		if len(g) != 3 {
			return "", false
		}
	}
	plain := sign + strings.Join(groups, "")
	if pointed {
		plain += "." + fraction
	}
	return plain, true
}

func allDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text != ""
}

func clip(text string) string {
	if len(text) <= maxTextLength {
		return text
	}
	return text[:maxTextLength] + "…"
}

func placesText(n int32) string {
	if n == 0 {
		return "none"
	}
	return fmt.Sprint(n)
}
