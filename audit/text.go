package audit

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/fundledger/fundledger/ledger/money"
)

// Language is a language that findings and reports are written in.
type Language string

// The languages.
const (
	Chinese Language = "zh"
	English Language = "en"
)

// Text is a text in both languages.
type Text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// In returns the text in a language; anything but Chinese gives the English one.
func (t Text) In(l Language) string {
	if l == Chinese {
		return t.ZH
	}
	return t.EN
}

// whole reports whether the text is there in both languages.
func (t Text) whole() bool { return strings.TrimSpace(t.ZH) != "" && strings.TrimSpace(t.EN) != "" }

// Sum is an amount with its currency (金额). Its JSON form is {"amount":"1234.50","currency":"CNY"}: decimal text with all places of the currency.
type Sum struct {
	Amount   money.Amount // minor units
	Currency money.Currency
}

// String writes 1,234.50 CNY.
func (s Sum) String() string {
	if s.Currency.IsZero() {
		return fmt.Sprint(int64(s.Amount))
	}
	return s.Currency.Format(s.Amount) + " " + s.Currency.Code()
}

type sumJSON struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

// MarshalJSON writes the decimal form.
func (s Sum) MarshalJSON() ([]byte, error) {
	return json.Marshal(sumJSON{Amount: s.Currency.Text(s.Amount), Currency: s.Currency.Code()})
}

// UnmarshalJSON reads what MarshalJSON writes; the places of the currency are those of the amount.
func (s *Sum) UnmarshalJSON(encoded []byte) error {
	var read sumJSON
	if err := json.Unmarshal(encoded, &read); err != nil {
		return err
	}
	_, fraction, _ := strings.Cut(read.Amount, ".")
	var currency money.Currency
	if read.Currency != "" {
		var err error
		if currency, err = money.NewCurrency(read.Currency, len(fraction)); err != nil {
			return err
		}
	}
	amount, err := currency.Parse(read.Amount)
	if err != nil {
		return err
	}
	*s = Sum{Amount: amount, Currency: currency}
	return nil
}
