package main

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme/yamltext"
)

// readExpectation takes what a case says about its comparison out of `expected`: a tolerance, which is absolute, and an error that is to come instead of
// figures. Both may also stand beside `expected`.
func (c *publishedCase) readExpectation(n *yamltext.Node) {
	c.tolerance, c.refusal = n.Field("tolerance"), n.Field("expected_error")
	figures := *c.Expected
	figures.Fields = slices.DeleteFunc(slices.Clone(figures.Fields), func(f yamltext.Field) bool {
		switch {
		case f.Name == "tolerance" && c.tolerance.IsNull():
			c.tolerance = f.Value
		case f.Name == "error" && c.refusal.IsNull():
			c.refusal = f.Value
		default:
			return false
		}
		return true
	})
	c.Expected = &figures
	if !c.refusal.IsNull() && (c.refusal.Kind != yamltext.Scalar || len(figures.Fields) > 0) {
		c.fault(c.refusal.Fault("is an error beside figures, or no text", "expect figures, or error: with a word of its text, or error: true"))
	}
	if c.tolerance.IsNull() {
		return
	}
	sizes := []*yamltext.Node{c.tolerance}
	if c.tolerance.Kind == yamltext.Map {
		sizes = sizes[:0]
		for _, f := range c.tolerance.Fields {
			sizes = append(sizes, f.Value)
		}
	}
	for _, size := range sizes {
		if size.Kind != yamltext.Scalar || !isTolerance(size.Text) {
			c.fault(size.Fault(fmt.Sprintf("%q is no tolerance", size.Text), "write an amount of zero or more, such as '0.01', for all figures or by figure"))
		}
	}
}

func isTolerance(text string) bool {
	size, ok := exactNumber(text)
	return ok && size.Sign() >= 0
}

// toleranceOf is the tolerance of one figure: its own, else that of its path, else that of the case.
func (c *publishedCase) toleranceOf(l leaf) string {
	switch {
	case l.tolerance != "":
		return l.tolerance
	case c.tolerance.IsNull():
		return ""
	case c.tolerance.Kind == yamltext.Scalar:
		return c.tolerance.Text
	default:
		if v := c.tolerance.Field(l.path); v != nil {
			return v.Text
		}
		return ""
	}
}

type leaf struct{ path, text, tolerance string }

// leaves walks `expected` down to its single figures. An entry of a list that has a name stands under that name, and a figure with a tolerance of its own
// is written {value, tolerance}.
func leaves(n *yamltext.Node, path string) []leaf {
	var out []leaf
	switch n.Kind {
	case yamltext.Map:
		if value, tolerance := n.Field("value"), n.Field("tolerance"); value != nil && tolerance != nil && len(n.Fields) == 2 {
			return []leaf{{path, value.Text, tolerance.Text}}
		}
		for _, f := range n.Fields {
			out = append(out, leaves(f.Value, joined(path, f.Name))...)
		}
	case yamltext.List:
		for i, item := range n.Items {
			name, amount := item.Field("name"), item.Field("amount")
			if name != nil && amount != nil && len(item.Fields) == 2 {
				out = append(out, leaf{path: joined(path, name.Text), text: amount.Text})
				continue
			}
			out = append(out, leaves(item, fmt.Sprintf("%s[%d]", path, i))...)
		}
	case yamltext.Null:
		out = append(out, leaf{path: path, text: "null"})
	default:
		out = append(out, leaf{path: path, text: n.Text})
	}
	return out
}

func joined(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// sameFigure compares numbers by value, however many zeros they end in, and anything else as text. Without a tolerance numbers are equal or differ.
func sameFigure(expected, computed, tolerance string) bool {
	e, ok1 := exactNumber(expected)
	c, ok2 := exactNumber(computed)
	if !ok1 || !ok2 {
		return expected == computed
	}
	if size, ok := exactNumber(tolerance); ok {
		difference := new(big.Rat).Sub(e, c)
		return difference.Abs(difference).Cmp(size) <= 0
	}
	return e.Cmp(c) == 0
}

// exactNumber reads a decimal, or a fraction of two.
func exactNumber(text string) (*big.Rat, bool) {
	numerator, denominator, isFraction := strings.Cut(text, "/")
	n, err := money.ParseDecimal(numerator)
	if err != nil {
		return nil, false
	}
	if !isFraction {
		return n.Rat(), true
	}
	d, err := money.ParseDecimal(denominator)
	if err != nil || d.IsZero() {
		return nil, false
	}
	return new(big.Rat).Quo(n.Rat(), d.Rat()), true
}

// refused compares an error that a case expects with the one that came: `true` means any, a text has to stand in it.
func (c *publishedCase) refused(err error) row {
	r := row{path: "error", expected: c.refusal.Text, computed: "none"}
	if err != nil {
		text := err.Error()
		r.computed = strings.ReplaceAll(text, "\n", "; ")
		r.same = c.refusal.Text == "true" || strings.Contains(strings.ToLower(text), strings.ToLower(c.refusal.Text))
	}
	return r
}
