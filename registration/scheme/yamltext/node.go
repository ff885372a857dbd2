package yamltext

import "fmt"

// Kind says what a Node is.
type Kind string

// The kinds.
const (
	Null   Kind = "null"
	Scalar Kind = "scalar"
	Map    Kind = "mapping"
	List   Kind = "list"
)

// Node is one value of a document.
type Node struct {
	Kind   Kind
	Text   string  // of a scalar, exactly as written, quotes and escapes resolved
	Quoted bool    // the scalar stood in quotes or in a block (| or >)
	Fields []Field // of a mapping, in file order
	Items  []*Node // of a list
	File   string  // as it was named to Parse
	Line   int     // from 1
	Column int     // from 1
	Path   string  // from the root: parameters[2].values[0].from; empty at the root
}

// Field is one key of a mapping with its value.
type Field struct {
	Name   string
	Quoted bool
	Line   int
	Column int
	Value  *Node
}

// Field returns the value of a key, or nil when the mapping has no such key or n is no mapping (a nil Node too).
func (n *Node) Field(name string) *Node {
	if n == nil {
		return nil
	}
	for i := range n.Fields {
		if n.Fields[i].Name == name {
			return n.Fields[i].Value
		}
	}
	return nil
}

// IsNull reports whether the node is absent or written as null.
func (n *Node) IsNull() bool { return n == nil || n.Kind == Null }

// Fault returns a fault at the node's place.
func (n *Node) Fault(reason, hint string) *Fault {
	return &Fault{File: n.File, Line: n.Line, Column: n.Column, Where: n.Path, Reason: reason, Hint: hint}
}

// FaultAt returns a fault at the place of a key of a mapping.
func (n *Node) FaultAt(field Field, reason, hint string) *Fault {
	return &Fault{File: n.File, Line: field.Line, Column: field.Column, Where: join(n.Path, field.Name), Reason: reason, Hint: hint}
}

// UnknownFields returns a fault for every key of a mapping that known does not list.
func (n *Node) UnknownFields(known ...string) Faults {
	var faults Faults
	if n == nil {
		return nil
	}
fields:
	for _, f := range n.Fields {
		for _, k := range known {
			if f.Name == k {
				continue fields
			}
		}
		faults = append(faults, n.FaultAt(f, "is no field of this place", fmt.Sprintf("use one of %q", known)))
	}
	return faults
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
