package scheme

import (
	"slices"
	"strings"

	"github.com/fundledger/fundledger/ledger/calendar"
	"github.com/fundledger/fundledger/ledger/money"
)

// Catalogue is a loaded set of parameters. It never changes; any number of goroutines may read it.
type Catalogue struct {
	parameters map[ID]*Parameter
	ids        []ID
	files      []FileInfo
	known      calendar.Date
}

// FileInfo names a loaded file.
type FileInfo struct {
	Name         string `json:"name"`
	Jurisdiction string `json:"jurisdiction"`
	Version      string `json:"version"`
	SHA256       string `json:"sha256"` // of its bytes, hexadecimal
}

// KnownOn returns the catalogue as it was known on a day: values with a later known_from do not exist in it. The zero date gives all that is known now.
func (c *Catalogue) KnownOn(day calendar.Date) *Catalogue {
	view := *c
	view.known = day
	return &view
}

// Files lists the loaded files in loading order.
func (c *Catalogue) Files() []FileInfo { return slices.Clone(c.files) }

// IDs lists all parameters in the order of their ids.
func (c *Catalogue) IDs() []ID { return slices.Clone(c.ids) }

// Parameter returns a parameter with all its values, whatever the day of knowledge, or an *UnknownParameterError. It is shared and must not be changed.
func (c *Catalogue) Parameter(id ID) (*Parameter, error) {
	if p, ok := c.parameters[id]; ok {
		return p, nil
	}
	return nil, &UnknownParameterError{ID: id, Similar: c.similar(id)}
}

func (c *Catalogue) similar(id ID) []ID {
	last := string(id[strings.LastIndexByte(string(id), '.')+1:])
	var out []ID
	for _, other := range c.ids {
		if strings.HasSuffix(string(other), "."+last) {
			out = append(out, other)
		}
	}
	return out
}

// At returns the value of a parameter on a day. The error is an *UnknownParameterError or a *NoValueError.
func (c *Catalogue) At(id ID, day calendar.Date) (Value, error) {
	p, err := c.Parameter(id)
	if err != nil {
		return Value{}, err
	}
	return p.AsKnown(day, c.known)
}

// Spans cuts the days from first to last, both inclusive, where a parameter changes. The errors are those of At.
func (c *Catalogue) Spans(id ID, first, last calendar.Date) ([]Span, error) {
	p, err := c.Parameter(id)
	if err != nil {
		return nil, err
	}
	return p.Spans(first, last, c.known)
}

// Rate returns a rate: a fraction of one, in Value.Number. It has the errors of At, and a *UnitError for what is no rate.
func (c *Catalogue) Rate(id ID, day calendar.Date) (Value, error) {
	return c.atUnit(id, day, "rate", Unit.isRate)
}

// Number returns a plain number: months, years, a factor or a percentage. It has the errors of At, and a *UnitError for a rate, amount, table or policy.
func (c *Catalogue) Number(id ID, day calendar.Date) (Value, error) {
	return c.atUnit(id, day, "plain number", func(u Unit) bool {
		return u == UnitMonths || u == UnitYears || u == UnitFactor || u == UnitPercent
	})
}

// Amount returns a sum of money in minor units of a currency. It has the errors of At, a *UnitError for what is no amount of that currency, and a
// *money.Error for an amount with more decimals than the currency has.
func (c *Catalogue) Amount(id ID, day calendar.Date, currency money.Currency) (money.Amount, Value, error) {
	value, err := c.atUnit(id, day, "amount of "+currency.Code(), func(u Unit) bool { return u.currency() != "" && u.currency() == currency.Code() })
	if err != nil {
		return 0, Value{}, err
	}
	amount, err := currency.FromDecimal(value.Number)
	return amount, value, err
}

// Table returns a table. It has the errors of At, and a *UnitError for what is no table.
func (c *Catalogue) Table(id ID, day calendar.Date) (Value, error) {
	return c.atUnit(id, day, "table", func(u Unit) bool { return u == UnitTable })
}

// Policy returns the rules of a locality (待遇计发政策), in Value.Policy. It has the errors of At, and a *UnitError for what is no policy.
func (c *Catalogue) Policy(id ID, day calendar.Date) (Value, error) {
	return c.atUnit(id, day, "policy", func(u Unit) bool { return u == UnitPolicy })
}

func (c *Catalogue) atUnit(id ID, day calendar.Date, want string, fits func(Unit) bool) (Value, error) {
	p, err := c.Parameter(id)
	if err != nil {
		return Value{}, err
	}
	if !fits(p.Unit) {
		return Value{}, &UnitError{ID: id, Unit: p.Unit, Want: want}
	}
	return p.AsKnown(day, c.known)
}
