package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/fundledger/fundledger/registration/scheme"
	"github.com/fundledger/fundledger/registration/scheme/yamltext"
)

// publishedCase is one worked example of a file: published inputs and what the sheet says comes out.
type publishedCase struct {
	ID, Kind, Title, Rounding string
	At                        string // file:line
	Inputs, Expected          *yamltext.Node
	tolerance                 *yamltext.Node // scalar for all figures, or a mapping by figure; nil: none
	refusal                   *yamltext.Node // what the engine is to refuse with; nil: it is to compute
	faults                    []string       // why the case cannot be run
	remarks                   []string
}

// readCases reads every file. The error is every fault of every file that has no list of cases; a fault within one case stands in the case.
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
	list := root
	for _, field := range [...]string{"oracles", "cases"} {
		if v := root.Field(field); v != nil {
			list = v
			break
		}
	}
	if list == nil || list.Kind != yamltext.List {
		return nil, scheme.Faults{root.Fault("has no list of cases", "write oracles: with one entry a case")}
	}
	var cases []publishedCase
	seen := map[string]string{}
	for i, item := range list.Items {
		c := readCase(item)
		if first, twice := seen[c.ID]; twice && c.ID != "" {
			c.fault(item.Fault(fmt.Sprintf("the id %s stands twice, first at %s", c.ID, first), "give each case an id of its own"))
		}
		seen[c.ID] = c.At
		if c.ID == "" {
			c.ID = fmt.Sprintf("case %d", i+1)
		}
		cases = append(cases, c)
	}
	return cases, nil
}

func (c *publishedCase) fault(f *scheme.Fault) { c.faults = append(c.faults, f.Error()) }

// caseFields are the fields of a case; those that only say where it comes from are not read.
var caseFields = map[string]bool{
	"id": true, "kind": true, "title": true, "rounding": true, "inputs": true, "expected": true, "policy": true, "tolerance": true, "expected_error": true,
	"source": true, "seen_in_store": true, "confidence": true, "note": true, "notes": true, "recomputed": true, "output_origin": true, "tags": true,
}

// readCase reads one entry. What is wrong with it stands in its faults: the cases beside it are run all the same.
func readCase(n *yamltext.Node) publishedCase {
	c := publishedCase{At: fmt.Sprintf("%s:%d", n.File, n.Line)}
	empty := func() *yamltext.Node {
		return &yamltext.Node{Kind: yamltext.Map, File: n.File, Line: n.Line, Column: n.Column}
	}
	c.Inputs, c.Expected = empty(), empty()
	if n.Kind != yamltext.Map {
		c.fault(n.Fault("is no case", "write a mapping with id, kind, inputs and expected"))
		return c
	}
	text := func(field string) string {
		v := n.Field(field)
		if v.IsNull() {
			return ""
		}
		if v.Kind != yamltext.Scalar {
			c.fault(v.Fault("is no text", "write a single text"))
		}
		return v.Text
	}
	c.ID, c.Kind, c.Title, c.Rounding = text("id"), text("kind"), text("title"), text("rounding")
	if c.Kind == "" {
		c.fault(n.Fault("has no kind", "give it"))
	}
	if v := n.Field("inputs"); !v.IsNull() { // a case may compare parameters alone
		if c.Inputs = v; v.Kind != yamltext.Map {
			c.fault(v.Fault("is no mapping", "write the figures under their names"))
		}
	}
	switch v := n.Field("expected"); {
	case v.IsNull() && !n.Field("expected_error").IsNull():
	case v.IsNull() || v.Kind != yamltext.Map:
		c.fault(n.Fault("has no mapping expected", "write the figures under their names"))
	default:
		c.Expected = v
	}
	c.readExpectation(n)
	c.readCasePolicy(n.Field("policy"))
	for _, f := range n.Fields {
		if !caseFields[f.Name] {
			c.remarks = append(c.remarks, "field "+f.Name+" of the case is not used")
		}
	}
	return c
}

// readCasePolicy lets a policy stand beside the inputs as well as among them; in both places it would be two rules for one case.
func (c *publishedCase) readCasePolicy(policy *yamltext.Node) {
	if policy.IsNull() {
		return
	}
	if !c.Inputs.Field("policy").IsNull() {
		c.fault(policy.Fault("stands beside the inputs and among them", "give one policy"))
		return
	}
	inputs := *c.Inputs // a copy: the file's own node stays as it was read
	inputs.Fields = append(slices.Clone(inputs.Fields), yamltext.Field{Name: "policy", Line: policy.Line, Column: policy.Column, Value: policy})
	c.Inputs = &inputs
}
