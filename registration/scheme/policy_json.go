package scheme

import (
	"encoding/json"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/money"
)

// MarshalJSON writes "printed" or a rounding.
func (w WageRule) MarshalJSON() ([]byte, error) {
	if w.Printed {
		return []byte(`"printed"`), nil
	}
	return json.Marshal(w.Rounding)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (w *WageRule) UnmarshalJSON(text []byte) error {
	if string(text) == `"printed"` {
		*w = WageRule{Printed: true}
		return nil
	}
	*w = WageRule{}
	return json.Unmarshal(text, &w.Rounding)
}

type yearsJSON struct {
	Mode     YearsMode           `json:"mode"`
	Scale    *int32              `json:"scale,omitempty"`
	MonthPct decimal.NullDecimal `json:"month_pct,omitzero"`
}

// MarshalJSON writes the mode with the scale or percentage that belongs to it.
func (y YearsRule) MarshalJSON() ([]byte, error) {
	out := yearsJSON{Mode: y.Mode}
	if _, rounds := y.Rounding(); rounds {
		out.Scale = &y.Scale
	}
	if y.Mode == WholePlusMonth {
		out.MonthPct = decimal.NewNullDecimal(y.MonthPct)
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (y *YearsRule) UnmarshalJSON(text []byte) error {
	var in yearsJSON
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	*y = YearsRule{Mode: in.Mode, MonthPct: in.MonthPct.Decimal}
	if in.Scale != nil {
		y.Scale = *in.Scale
	}
	return nil
}

type lowIndexJSON struct {
	Threshold decimal.Decimal `json:"threshold"`
	Scale     int32           `json:"scale"`
	Mode      money.Mode      `json:"mode"`
}

// MarshalJSON writes threshold, scale and mode in one object.
func (r LowIndexRule) MarshalJSON() ([]byte, error) {
	return json.Marshal(lowIndexJSON{Threshold: r.Threshold, Scale: r.Scale, Mode: r.Mode})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (r *LowIndexRule) UnmarshalJSON(text []byte) error {
	var in lowIndexJSON
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	*r = LowIndexRule{Threshold: in.Threshold, Rounding: money.Rounding{Scale: in.Scale, Mode: in.Mode}}
	return nil
}
