package pension

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme"
)

// The JSON of a determination is written by hand: the same determination gives the same bytes in every version, the fields stand in the order of the
// types, and a run over a pooling area spends its time on pensions and not on reflection. A test compares it with encoding/json.

// MarshalJSON writes the stable form.
func (d Determination) MarshalJSON() ([]byte, error) { return d.AppendJSON(nil) }

// AppendJSON appends the stable form to out.
func (d *Determination) AppendJSON(out []byte) ([]byte, error) {
	policy, err := json.Marshal(d.Policy)
	if err != nil {
		return nil, err
	}
	var source []byte
	if d.PolicySource != nil {
		if source, err = json.Marshal(d.PolicySource); err != nil {
			return nil, err
		}
	}
	return d.append(out, policy, source)
}

// AppendJSON appends the stable form of a determination made by this formula. It is Determination.AppendJSON without encoding the policy anew.
func (f *Formula) AppendJSON(out []byte, d *Determination) ([]byte, error) {
	return d.append(out, f.policyJSON, f.sourceJSON)
}

func (d *Determination) append(out, policy, source []byte) ([]byte, error) {
	out = append(append(out, `{"policy":`...), policy...)
	if source != nil {
		out = append(append(out, `,"policy_source":`...), source...)
	}
	inputs, err := d.Inputs.append(append(out, `,"inputs":`...))
	if err != nil {
		return nil, err
	}
	out = inputs
	if d.Only != nil {
		out = append(out, `,"only":[`...)
		for i, name := range d.Only {
			out = appendText(comma(out, i), name)
		}
		out = append(out, ']')
	}
	out = appendNumber(append(out, `,"basic":`...), d.Basic)
	out = appendNumber(append(out, `,"account_pension":`...), d.AccountPension)
	out = appendNumber(append(out, `,"transitional":`...), d.Transitional)
	out = appendComponents(out, `,"parts":[`, d.Parts)
	out = appendComponents(out, `,"extras":[`, d.Extras)
	out = appendNumber(append(out, `,"subtotal":`...), d.Subtotal)
	out = appendNumber(append(out, `,"rounding_topup":`...), d.RoundingTopUp)
	out = appendNumber(append(out, `,"total":`...), d.Total)
	out = append(out, `,"trace":[`...)
	for i := range d.Trace {
		out = d.Trace[i].append(comma(out, i))
	}
	return append(out, "]}"...), nil
}

func (s *Step) append(out []byte) []byte {
	out = appendText(append(out, `{"name":`...), s.Name)
	out = appendText(append(out, `,"formula":`...), s.Formula)
	out = append(out, `,"inputs":[`...)
	for i := range s.Inputs {
		f := &s.Inputs[i]
		out = appendText(append(comma(out, i), `{"name":`...), f.Name)
		out = appendText(append(out, `,"value":`...), f.Value)
		if f.Parameter != "" {
			out = appendText(append(out, `,"parameter":`...), string(f.Parameter))
		}
		out = append(out, '}')
	}
	out = appendText(append(out, `],"unrounded":`...), s.Unrounded)
	if s.Rounding != nil {
		out = appendRounding(append(out, `,"rounding":`...), *s.Rounding)
	}
	return append(appendText(append(out, `,"result":`...), s.Result), '}')
}

func (in *Inputs) append(out []byte) ([]byte, error) {
	o := object{out: append(out, '{')}
	o.number("base_province", in.BaseProvince)
	o.number("base_local", in.BaseLocal)
	o.number("avg_index", in.AverageIndex)
	o.number("indexed_wage", in.IndexedWage)
	o.number("years_total", in.Years)
	o.count("months_total", in.Months)
	o.number("account_balance", in.AccountBalance)
	o.number("divisor_months", in.DivisorMonths)
	o.list("transitional", len(in.Transitional), func(i int) {
		s := &in.Transitional[i]
		o.number("base", s.Base)
		o.number("index", s.Index)
		o.number("indexed_wage", s.IndexedWage)
		o.number("coefficient_pct", s.CoefficientPct)
		o.number("years", s.Years)
		o.count("months", s.Months)
		if s.Name != "" {
			o.key("name")
			o.out = appendText(o.out, s.Name)
		}
	})
	o.memberFigures("parts", in.Parts)
	o.memberFigures("extras", in.Extras)
	o.list("history", len(in.History), func(i int) {
		y := &in.History[i]
		o.integer("year", int64(y.Year))
		o.integer("base_sum", int64(y.BaseSum))
		o.integer("average_wage", int64(y.AverageWage))
		o.integer("months", int64(y.Months))
	})
	if in.IndexRule != nil {
		o.key("index_rule")
		o.out = append(o.out, '{')
		if in.IndexRule.Each != nil {
			o.out = append(appendRounding(append(o.out, `"each":`...), *in.IndexRule.Each), ',')
		}
		o.out = append(appendRounding(append(o.out, `"mean":`...), in.IndexRule.Mean), '}')
	}
	o.list("sources", len(in.Sources), func(i int) {
		o.key("input")
		o.out = appendText(o.out, in.Sources[i].Input)
		o.key("provenance")
		o.out = appendProvenance(o.out, &in.Sources[i].Provenance)
	})
	return append(o.out, '}'), nil
}

// object writes the fields of JSON objects, one after another and one in another.
type object struct{ out []byte }

func (o *object) key(name string) {
	if o.out[len(o.out)-1] != '{' {
		o.out = append(o.out, ',')
	}
	o.out = append(append(append(o.out, '"'), name...), `":`...)
}

func (o *object) number(name string, value decimal.NullDecimal) {
	if value.Valid {
		o.key(name)
		o.out = appendNumber(o.out, value.Decimal)
	}
}

func (o *object) count(name string, value *int) {
	if value != nil {
		o.integer(name, int64(*value))
	}
}

func (o *object) integer(name string, value int64) {
	o.key(name)
	o.out = strconv.AppendInt(o.out, value, 10)
}

func (o *object) list(name string, length int, item func(i int)) {
	if length == 0 {
		return
	}
	o.key(name)
	o.out = append(o.out, '[')
	for i := range length {
		o.out = append(comma(o.out, i), '{')
		item(i)
		o.out = append(o.out, '}')
	}
	o.out = append(o.out, ']')
}

func (o *object) memberFigures(name string, figures []MemberFigure) {
	o.list(name, len(figures), func(i int) {
		o.key("name")
		o.out = appendText(o.out, figures[i].Name)
		o.number("amount", figures[i].Amount)
		o.count("months", figures[i].Months)
	})
}

func comma(out []byte, i int) []byte {
	if i > 0 {
		return append(out, ',')
	}
	return out
}

func appendNumber(out []byte, d decimal.Decimal) []byte {
	return append(appendDecimal(append(out, '"'), d), '"')
}

func appendRounding(out []byte, r money.Rounding) []byte {
	out = strconv.AppendInt(append(out, `{"scale":`...), int64(r.Scale), 10)
	return append(appendText(append(out, `,"mode":`...), string(r.Mode)), '}')
}

func appendComponents(out []byte, open string, components []Component) []byte {
	if len(components) == 0 {
		return out
	}
	out = append(out, open...)
	for i, c := range components {
		out = appendText(append(comma(out, i), `{"name":`...), c.Name)
		out = append(appendNumber(append(out, `,"amount":`...), c.Amount), '}')
	}
	return append(out, ']')
}

func appendProvenance(out []byte, p *scheme.Provenance) []byte {
	out = appendText(append(out, `{"parameter":`...), string(p.Parameter))
	out = append(append(append(out, `,"from":"`...), p.From.String()...), '"')
	if p.To != 0 {
		out = append(append(append(out, `,"to":"`...), p.To.String()...), '"')
	}
	if p.KnownFrom != 0 {
		out = append(append(append(out, `,"known_from":"`...), p.KnownFrom.String()...), '"')
	}
	out = appendText(append(out, `,"status":`...), string(p.Status))
	out = appendText(append(out, `,"source":`...), p.Source)
	out = appendText(append(out, `,"file":`...), p.File)
	out = appendText(append(out, `,"version":`...), p.Version)
	return append(appendText(append(out, `,"sha256":`...), p.SHA256), '}')
}

// appendText writes a JSON string as encoding/json does; plain texts, which is nearly all, take the short way.
func appendText(out []byte, text string) []byte {
	for i := range len(text) {
		switch b := text[i]; {
		case b < 0x20, b == '"', b == '\\', b == '<', b == '>', b == '&', b == 0xE2: // 0xE2 begins the line separators that are escaped, and × does not
			return appendAnyText(out, text)
		}
	}
	if !utf8.ValidString(text) {
		return appendAnyText(out, text)
	}
	return append(append(append(out, '"'), text...), '"')
}

func appendAnyText(out []byte, text string) []byte {
	encoded, err := json.Marshal(text)
	if err != nil {
		panic("pension: a text that cannot be encoded: " + err.Error()) // encoding a string does not fail
	}
	return append(out, encoded...)
}
