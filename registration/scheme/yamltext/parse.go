package yamltext

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// The limits of one file. Law is written by hand; a file beyond them is a mistake or an attack.
const (
	MaxBytes = 8 << 20
	MaxDepth = 40
)

// Parse reads one document. name stands in every fault. An empty document is a Null node. The error is Faults: of a file that is no YAML the first
// fault only, of a file that is YAML but no plain tree all of them.
func Parse(name string, content []byte) (*Node, error) {
	whole := &Node{File: name, Kind: Null}
	if len(content) > MaxBytes {
		return nil, Faults{whole.Fault(fmt.Sprintf("has %d bytes, more than %d", len(content), MaxBytes), "split the file")}
	}
	if !utf8.Valid(content) {
		return nil, Faults{whole.Fault("is not valid UTF-8", "save the file as UTF-8")}
	}
	if depth := nesting(content); depth > MaxDepth {
		return nil, Faults{whole.Fault(fmt.Sprintf("nests %d brackets or dashes in one another", depth), fmt.Sprintf("stay within %d", MaxDepth))}
	}
	file, err := parser.ParseBytes(content, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, Faults{syntaxFault(name, err)}
	}
	r := &reader{file: name}
	var root *Node
	for _, document := range file.Docs {
		if document.Body == nil {
			continue
		}
		if root != nil {
			r.fault(document.Body, "", "is a second document", "keep one document a file")
			break
		}
		root = r.read(document.Body, "", 0)
	}
	if err := r.faults.Err(); err != nil {
		return nil, err
	}
	if root == nil {
		return whole, nil
	}
	return root, nil
}

func syntaxFault(name string, err error) *Fault {
	fault := &Fault{File: name, Reason: "is no YAML: " + firstLine(err.Error()), Hint: "correct the syntax"}
	var syntax *yaml.SyntaxError
	if errors.As(err, &syntax) {
		fault.Reason = "is no YAML: " + syntax.Message
		if syntax.Token != nil && syntax.Token.Position != nil {
			fault.Line, fault.Column = syntax.Token.Position.Line, syntax.Token.Position.Column
		}
	}
	return fault
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// nesting bounds how deep brackets nest, and dashes on one line, before the parser, which recurses, sees them. Those in texts count too: the limit is far
// above any use.
func nesting(content []byte) int {
	brackets, dashes, deepest := 0, 0, 0
	lineStart := true
	for _, b := range content {
		switch b {
		case '[', '{':
			brackets++
		case ']', '}':
			brackets = max(brackets-1, 0)
		}
		switch b {
		case '\n':
			lineStart, dashes = true, 0
		case '-', '?':
			if lineStart {
				dashes++
			}
		case ' ', '\t':
		default:
			lineStart = false
		}
		deepest = max(deepest, brackets, dashes)
	}
	return deepest
}

type reader struct {
	file   string
	faults Faults
}

func (r *reader) read(n ast.Node, path string, depth int) *Node {
	out := r.node(n, path)
	if depth > MaxDepth {
		r.fault(n, path, fmt.Sprintf("stands more than %d levels deep", MaxDepth), "make the document flatter")
		return out
	}
	switch v := n.(type) {
	case *ast.MappingNode:
		r.mapping(out, v.Values, depth)
	case *ast.MappingValueNode:
		r.mapping(out, []*ast.MappingValueNode{v}, depth)
	case *ast.SequenceNode:
		out.Kind = List
		for i, item := range v.Values {
			out.Items = append(out.Items, r.read(item, fmt.Sprintf("%s[%d]", path, i), depth+1))
		}
	case *ast.NullNode:
	case *ast.StringNode:
		out.Kind, out.Text = Scalar, v.Value
		out.Quoted = v.Token.Type == token.SingleQuoteType || v.Token.Type == token.DoubleQuoteType
	case *ast.LiteralNode:
		out.Kind, out.Text, out.Quoted = Scalar, strings.TrimRight(v.Value.Value, "\n"), true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		// The token keeps the characters of the file; the node's own value has passed through a number type.
		out.Kind, out.Text = Scalar, n.GetToken().Value
	default:
		r.fault(n, path, fmt.Sprintf("is a %s", strings.ToLower(n.Type().String())), "write plain values: no anchors, aliases, tags or merge keys")
	}
	return out
}

func (r *reader) mapping(out *Node, values []*ast.MappingValueNode, depth int) {
	out.Kind = Map
	for _, value := range values {
		key := value.Key.GetToken()
		if key == nil || key.Position == nil || isStrangeKey(value.Key) {
			r.fault(value, out.Path, "has a key that is no text", "write plain text keys: no anchors, aliases, tags or merge keys")
			continue
		}
		field := Field{
			Name: keyText(value.Key), Line: key.Position.Line, Column: key.Position.Column,
			Quoted: key.Type == token.SingleQuoteType || key.Type == token.DoubleQuoteType,
		}
		for _, other := range out.Fields {
			if other.Name == field.Name {
				r.faults = append(r.faults, out.FaultAt(field, "stands twice", fmt.Sprintf("the first is on line %d", other.Line)))
			}
		}
		field.Value = r.read(value.Value, join(out.Path, field.Name), depth+1)
		out.Fields = append(out.Fields, field)
	}
}

func isStrangeKey(key ast.MapKeyNode) bool {
	switch key.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
		return false
	default:
		return true
	}
}

func keyText(key ast.MapKeyNode) string {
	if text, ok := key.(*ast.StringNode); ok {
		return text.Value
	}
	return key.GetToken().Value
}

func (r *reader) node(n ast.Node, path string) *Node {
	out := &Node{Kind: Null, File: r.file, Path: path}
	at := n.GetToken()
	if pair, ok := n.(*ast.MappingValueNode); ok {
		at = pair.Key.GetToken()
	}
	if mapping, ok := n.(*ast.MappingNode); ok && !mapping.IsFlowStyle && len(mapping.Values) > 0 {
		at = mapping.Values[0].Key.GetToken()
	}
	if at != nil && at.Position != nil {
		out.Line, out.Column = at.Position.Line, at.Position.Column
	}
	return out
}

func (r *reader) fault(n ast.Node, path, reason, hint string) {
	r.faults = append(r.faults, r.node(n, path).Fault(reason, hint))
}
