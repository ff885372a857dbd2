package money

import (
	"strings"

	"github.com/shopspring/decimal"
)

// maxScale is the most decimal places a currency may have: 18 fill the int64.
const maxScale = 18

// Currency is an ISO 4217 code with the number of decimal places of its minor unit. Its zero value is no currency.
type Currency struct {
	code  string
	scale uint8
}

// minorDigits lists the ISO 4217 currencies whose minor unit is not a hundredth, as of the list published 2024-06-25, and the few with a hundredth
// that this module's own schemes and examples use. Any other is made with NewCurrency.
var minorDigits = map[string]uint8{
	"CNY": 2, "HKD": 2, "EUR": 2, "USD": 2, "GBP": 2, "SGD": 2, "INR": 2, "KES": 2, "PLN": 2, "SEK": 2, "CHF": 2, "MOP": 2, "TWD": 2,
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0,
	"XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3, "CLF": 4, "UYW": 4,
}

// CurrencyOf returns a currency by its ISO 4217 code, or an *Error when the code is not in this package's list (see NewCurrency).
func CurrencyOf(code string) (Currency, error) {
	scale, ok := minorDigits[code]
	if !ok {
		return Currency{}, &Error{Text: code, Reason: "is not a currency this package knows", Hint: "give code and scale to money.NewCurrency"}
	}
	return Currency{code: code, scale: scale}, nil
}

// MustCurrency is CurrencyOf for constants of a program; it panics on an unknown code.
func MustCurrency(code string) Currency {
	c, err := CurrencyOf(code)
	if err != nil {
		panic(err)
	}
	return c
}

// NewCurrency makes a currency of three capital letters and 0 to 18 decimal places.
func NewCurrency(code string, scale int) (Currency, error) {
	if len(code) != 3 || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return Currency{}, &Error{Text: code, Reason: "is no ISO 4217 code", Hint: "give three capital letters"}
	}
	if scale < 0 || scale > maxScale {
		return Currency{}, &Error{Text: code, Reason: "has a scale outside 0 to 18", Hint: "give the decimal places of its minor unit"}
	}
	return Currency{code: code, scale: uint8(scale)}, nil
}

// Code returns the ISO 4217 code.
func (c Currency) Code() string { return c.code }

// Scale returns the number of decimal places.
func (c Currency) Scale() int32 { return int32(c.scale) }

// IsZero reports whether c is no currency.
func (c Currency) IsZero() bool { return c.code == "" }

// String returns the code.
func (c Currency) String() string { return c.code }

// Decimal returns the amount as an exact decimal of major units.
func (c Currency) Decimal(a Amount) decimal.Decimal { return decimal.New(int64(a), -c.Scale()) }

// FromDecimal converts major units to an Amount exactly. It returns an *Error when d has more digits than the currency, and an *OverflowError when it
// does not fit.
func (c Currency) FromDecimal(d decimal.Decimal) (Amount, error) {
	shifted := d.Shift(c.Scale())
	if !shifted.IsInteger() {
		return 0, &Error{Text: d.String(), Reason: "has more decimal places than " + c.code + ", which has " + placesText(c.Scale()),
			Hint: "round it by a rounding policy first"}
	}
	return fit(shifted)
}

// Round converts major units to an Amount by a rounding mode at the currency's own scale.
func (c Currency) Round(d decimal.Decimal, mode Mode) (Amount, error) {
	rounded, err := Rounding{Scale: c.Scale(), Mode: mode}.Apply(d)
	if err != nil {
		return 0, err
	}
	return fit(rounded.Shift(c.Scale()))
}

func fit(units decimal.Decimal) (Amount, error) {
	if units.Abs().GreaterThan(decimal.New(int64(MaxAmount), 0)) {
		return 0, &OverflowError{Op: "convert", Text: units.String()}
	}
	return Amount(units.IntPart()), nil
}
