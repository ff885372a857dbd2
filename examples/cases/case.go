package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/shopspring/decimal"

	"github.com/fundledger/fundledger/ledger/money"
	"github.com/fundledger/fundledger/registration/scheme"
	"github.com/fundledger/fundledger/registration/scheme/yamltext"
)

// publishedCase is one worked example of a file: published inputs and what the sheet says comes out.
type publishedCase struct {
	ID, Kind, Title, Rounding string
	At                        string // file:line
	Inputs, Expected          *yamltext.Node
}

// readCases reads every file. The error is every fault of every file; cases of sound files are returned beside it.
func readCases(names []string) ([]publishedCase, error) {
	var all []publishedCase
	var faults scheme.Faults
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			faults = append(faults, &scheme.Fault{File: name, Reason: err.Error(), Hint: "name a file that can be read"})
			continue
		}
		cases, caseFaults := casesOf(filepath.ToSlash(name), content)
		all, faults = append(all, cases...), append(faults, caseFaults...)
	}
	return all, faults.Err()
}

func casesOf(name string, content []byte) ([]publishedCase, scheme.Faults) {
	root, err := yamltext.Parse(name, content)
	if err != nil {
		return nil, err.(scheme.Faults)
	}
	list := root.Field("oracles")
	if list == nil || list.Kind != yamltext.List {
		return nil, scheme.Faults{root.Fault("has no list of cases", "write oracles: with one entry a case")}
	}
	var cases []publishedCase
	var faults scheme.Faults
	seen := map[string]string{}
	for _, item := range list.Items {
		c, caseFaults := readCase(item)
		if first, twice := seen[c.ID]; twice && c.ID != "" {
			caseFaults = append(caseFaults, item.Fault(fmt.Sprintf("the id %s stands twice, first at %s", c.ID, first), "give each case an id of its own"))
		}
		seen[c.ID] = c.At
		if faults = append(faults, caseFaults...); len(caseFaults) == 0 {
			cases = append(cases, c)
		}
	}
	return cases, faults
}

func readCase(n *yamltext.Node) (publishedCase, scheme.Faults) {
	var faults scheme.Faults
	text := func(field string, required bool) string {
		v := n.Field(field)
		switch {
		case v.IsNull() && required:
			faults = append(faults, n.Fault("has no "+field, "give it"))
		case v.IsNull():
		case v.Kind != yamltext.Scalar:
			faults = append(faults, v.Fault("is no text", "write a single text"))
		default:
			return v.Text
		}
		return ""
	}
	mapping := func(field string) *yamltext.Node {
		v := n.Field(field)
		switch {
		case v.IsNull() && field == "inputs": // a case may compare parameters alone
			return &yamltext.Node{Kind: yamltext.Map, File: n.File, Line: n.Line, Column: n.Column}
		case v.IsNull() || v.Kind != yamltext.Map:
			faults = append(faults, n.Fault("has no mapping "+field, "write the figures under their names"))
		}
		return v
	}
	c := publishedCase{
		ID: text("id", true), Kind: text("kind", true), Title: text("title", false), Rounding: text("rounding", false),
		At: fmt.Sprintf("%s:%d", n.File, n.Line), Inputs: mapping("inputs"), Expected: mapping("expected"),
	}
	return c, faults
}

// figures reads the fields of one mapping and remembers which it was asked for.
type figures struct {
	node   *yamltext.Node
	where  string
	asked  map[string]bool
	faults *[]string
}

func newFigures(n *yamltext.Node) *figures {
	return &figures{node: n, asked: map[string]bool{}, faults: new([]string)}
}

func (f *figures) fault(format string, args ...any) {
	*f.faults = append(*f.faults, f.where+fmt.Sprintf(format, args...))
}

// field returns the first of several names that the mapping has.
func (f *figures) field(names ...string) (*yamltext.Node, string) {
	for _, name := range names {
		f.asked[name] = true
	}
	for _, name := range names {
		if v := f.node.Field(name); !v.IsNull() {
			return v, name
		}
	}
	return nil, ""
}

func (f *figures) text(names ...string) string {
	v, name := f.field(names...)
	if v == nil {
		return ""
	}
	if v.Kind != yamltext.Scalar {
		f.fault("%s is no single text", name)
	}
	return v.Text
}

func (f *figures) number(names ...string) decimal.NullDecimal {
	v, name := f.field(names...)
	if v == nil {
		return decimal.NullDecimal{}
	}
	d, err := money.ParseDecimal(v.Text)
	if v.Kind != yamltext.Scalar || err != nil {
		f.fault("%s is %q, no exact decimal", name, v.Text)
	}
	return decimal.NewNullDecimal(d)
}

func (f *figures) count(names ...string) *int {
	d := f.number(names...)
	if !d.Valid {
		return nil
	}
	if !d.Decimal.IsInteger() || d.Decimal.Abs().GreaterThan(decimal.New(1, 6)) {
		f.fault("%s is %s, no whole number", names[0], d.Decimal)
	}
	n := int(d.Decimal.IntPart())
	return &n
}

// inner opens a mapping inside, with the same faults.
func (f *figures) inner(n *yamltext.Node, where string) *figures {
	return &figures{node: n, where: f.where + where + ".", asked: map[string]bool{}, faults: f.faults}
}

// unread lists the fields that nothing asked for.
func (f *figures) unread() []string {
	var out []string
	for _, field := range f.node.Fields {
		if !f.asked[field.Name] {
			out = append(out, f.where+field.Name)
		}
	}
	return out
}
